"use strict";
// Search, filters, sorting and pages. Nothing is made of text that the page does not hold as markup
// already; without this script everything is shown at once.
(() => {
  const SIZE = 100;
  const root = document.documentElement;
  root.classList.add("js");

  const make = (name, parent, properties) => {
    const node = Object.assign(document.createElement(name), properties);
    if (parent) parent.append(node);
    return node;
  };
  const grouped = (n) => n.toLocaleString("en");
  const counted = (n, what) => grouped(n) + " " + what + (n === 1 ? "" : "s");

  // The theme: as the system has it, unless the reader chose. A page opened from a file may not be
  // allowed to remember.
  const remember = (value) => {
    try {
      if (value === undefined) return localStorage.getItem("theme");
      localStorage.setItem("theme", value);
    } catch { /* then not */ }
    return null;
  };
  const themes = ["system", "light", "dark"];
  const paint = (theme) => {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
  };
  let theme = themes.includes(remember()) ? remember() : "system";
  paint(theme);
  const switcher = () => {
    const button = document.getElementById("theme");
    const name = () => { button.textContent = "Theme: " + theme; };
    button.hidden = false;
    name();
    button.addEventListener("click", () => {
      theme = themes[(themes.indexOf(theme) + 1) % themes.length];
      paint(theme);
      remember(theme);
      name();
    });
  };

  // Most of a long list stands in the page as text that the browser has not read; without script it
  // is read as it is. This reads it piece by piece: when nothing else is to be done, or at once when
  // something needs all of it.
  const pieces = (scope, take) => {
    const waiting = [...scope.querySelectorAll("noscript")];
    const next = () => {
      const piece = waiting.shift();
      take(new DOMParser().parseFromString(piece.textContent, "text/html").body.firstElementChild, piece);
      piece.remove();
    };
    const finish = () => { while (waiting.length > 0) next(); };
    const idle = (done) => {
      if (waiting.length === 0) return done();
      const step = () => {
        if (waiting.length > 0) next();
        idle(done);
      };
      if (window.requestIdleCallback) requestIdleCallback(step, { timeout: 1000 });
      else setTimeout(step, 20);
    };
    return { finish, idle };
  };

  // Ways to filter: what is alike, and what came after one of several results.
  const same = {
    least: 2,
    counts(all, key) {
      const counts = new Map();
      for (const row of all) counts.set(row.dataset[key], (counts.get(row.dataset[key]) || 0) + 1);
      return counts;
    },
    called: (value) => value,
    keeps: (row, key, value) => row.dataset[key] === value,
  };
  const newer = {
    least: 1,
    counts(all, key) {
      const results = [...document.querySelectorAll("#trend tr[data-n]")].slice(0, -1).reverse();
      return new Map(results.map((result) => {
        const value = result.dataset.n;
        return [value, all.filter((row) => newer.keeps(row, key, value)).length];
      }));
    },
    called: (value) => document.querySelector(`#trend tr[data-n="${Number(value)}"] time`).textContent,
    keeps: (row, key, value) => Number(row.dataset[key]) > Number(value),
  };

  // A search field, a choice for each way to filter, and how much is shown.
  const tools = (before, what, by, change) => {
    const box = make("div", null, { className: "tools" });
    box.setAttribute("role", "search");
    box.setAttribute("aria-label", "Filter " + what + "s");
    const field = make("label", box, { textContent: "Search " + what + "s" });
    const input = make("input", field, { type: "search", autocomplete: "off", spellcheck: false });
    let waiting = 0;
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(change, 150);
    });
    const choices = [];
    const status = make("p", box);
    status.setAttribute("role", "status");
    before.before(box);
    let offered = false;
    const words = () => input.value.toLowerCase().split(/\s+/).filter(Boolean);
    return {
      status,
      offer(all) {
        if (offered) return;
        offered = true;
        for (const [key, title, way = same] of by) {
          const counts = way.counts(all, key);
          if (counts.size < way.least) continue;
          const label = make("label", null, { textContent: title });
          const select = make("select", label);
          make("option", select, { value: "", textContent: "All" });
          for (const [value, count] of counts) {
            make("option", select, { value, textContent: way.called(value) + " (" + grouped(count) + ")" });
          }
          select.addEventListener("change", change);
          choices.push([key, select, way.keeps]);
          status.before(label);
        }
      },
      clear() {
        input.value = "";
        for (const [, select] of choices) select.value = "";
      },
      choose(key, value) {
        this.clear();
        for (const [other, select] of choices) if (other === key) select.value = value;
        change();
      },
      active: () => words().length > 0 || choices.some(([, select]) => select.value !== ""),
      matcher() {
        const wanted = words();
        const chosen = choices.filter(([, select]) => select.value !== "");
        return (row) => chosen.every(([key, select, keeps]) => keeps(row, key, select.value))
          && (wanted.length === 0 || wanted.every((word) => textOf(row).includes(word)));
      },
    };
  };
  const texts = new WeakMap();
  const textOf = (row) => {
    let text = texts.get(row);
    if (text === undefined) texts.set(row, text = row.textContent.toLowerCase());
    return text;
  };
  const pairs = (text) => (text || "").split(";").filter(Boolean).map((pair) => pair.split(":"));

  const parts = [];
  const focus = (node, block = "center") => {
    if (node.tabIndex < 0) node.tabIndex = -1;
    node.focus({ preventScroll: true });
    node.scrollIntoView({ block });
  };
  const called = (rows, id) => rows.find((row) => row.id === id);

  // A table: the rows of one page are in the document, all others are kept beside it.
  const table = (node) => {
    const body = node.tBodies[0];
    const all = [...body.rows];
    const total = Number(node.dataset.total);
    const what = node.dataset.what;
    const lazy = pieces(node.parentNode, (piece) => all.push(...piece.rows));
    let view = all;
    let page = 0;
    let order = null;

    const keys = (index, numeric) => {
      const key = (row) => {
        const cell = row.cells[index];
        const text = cell.dataset.v ?? cell.textContent;
        return numeric ? Number(text.replace(/,/g, "")) : text.toLowerCase();
      };
      return new Map(all.map((row) => [row, key(row)]));
    };
    const filter = () => {
      lazy.finish();
      view = all.filter(bar.matcher());
      if (order) {
        const key = keys(order.index, order.numeric);
        const sign = order.up ? 1 : -1;
        view.sort((a, b) => (key.get(a) < key.get(b) ? -sign : key.get(a) > key.get(b) ? sign : 0));
      }
      turn(0);
    };
    const turn = (to) => {
      lazy.finish();
      page = to;
      body.replaceChildren(...view.slice(page * SIZE, (page + 1) * SIZE));
      tell();
    };
    const tell = () => {
      const count = bar.active() ? view.length : total;
      const from = Math.min(page * SIZE + 1, count);
      const to = Math.min((page + 1) * SIZE, count);
      const of = count === total
        ? counted(total, what)
        : grouped(count) + " of " + counted(total, what);
      bar.status.textContent = count > SIZE ? grouped(from) + " to " + grouped(to) + " of " + of : of;
      pager.hidden = count <= SIZE;
      before.disabled = page === 0;
      after.disabled = to >= count;
    };

    const bar = tools(node, what, pairs(node.dataset.by), filter);
    const pager = make("div", null, { className: "pages" });
    const before = make("button", pager, { type: "button", textContent: "Previous " + SIZE });
    const after = make("button", pager, { type: "button", textContent: "Next " + SIZE });
    const move = (step) => () => {
      turn(page + step);
      bar.status.parentNode.scrollIntoView();
    };
    before.addEventListener("click", move(-1));
    after.addEventListener("click", move(1));
    node.after(pager);

    const titles = [...node.tHead.rows[0].cells];
    titles.forEach((cell, index) => {
      const kind = cell.dataset.sort;
      if (!kind) return;
      const button = make("button", null, { type: "button", textContent: cell.textContent });
      cell.replaceChildren(button);
      button.addEventListener("click", () => {
        const up = cell.getAttribute("aria-sort") !== "ascending";
        for (const other of titles) other.removeAttribute("aria-sort");
        cell.setAttribute("aria-sort", up ? "ascending" : "descending");
        order = { index, numeric: kind === "number", up };
        filter();
      });
    });
    tell();
    lazy.idle(() => bar.offer(all));
    parts.push({
      print: () => {
        lazy.finish();
        body.replaceChildren();
        for (const row of view) body.append(row);
      },
      printed: () => turn(page),
      row: (id) => {
        lazy.finish();
        return called(all, id);
      },
      reveal: (id) => {
        lazy.finish();
        const row = called(all, id);
        if (!row) return false;
        if (!view.includes(row)) {
          bar.clear();
          filter();
        }
        turn(Math.floor(view.indexOf(row) / SIZE));
        focus(row);
        return true;
      },
    });
  };

  // Findings stand in lists by rule; of a long list the first part is shown until more is asked for.
  const list = (node, filter) => {
    const body = node.querySelector(".findings");
    const all = [...body.children];
    const total = Number(node.dataset.total);
    const lazy = pieces(node, (piece) => all.push(...piece.children));
    const more = make("button", node, { type: "button", className: "more" });
    let view = all;
    let open = total <= SIZE;
    const draw = (whole) => {
      body.replaceChildren();
      for (const item of whole ? view : view.slice(0, SIZE)) body.append(item);
      tell();
    };
    const tell = () => {
      const count = view === all ? total : view.length;
      node.hidden = count === 0;
      more.hidden = open || count <= SIZE;
      more.textContent = "Show " + grouped(count - SIZE) + " more";
    };
    const show = () => {
      lazy.finish();
      open = true;
      draw(true);
    };
    more.addEventListener("click", () => {
      show();
      focus(view[SIZE]);
    });
    tell();
    return {
      all,
      total,
      idle: lazy.idle,
      finish: lazy.finish,
      match: (matches) => {
        lazy.finish();
        view = all.filter(matches);
        draw(open);
        return view.length;
      },
      print: () => {
        lazy.finish();
        draw(true);
      },
      printed: () => draw(open),
      reveal: (id) => {
        if (node.id === id) {
          if (node.hidden) filter.clear();
          focus(node);
          return true;
        }
        lazy.finish();
        const item = called(all, id);
        if (!item) return false;
        if (!view.includes(item)) filter.clear();
        if (!item.isConnected) show();
        focus(item);
        return true;
      },
    };
  };
  const findings = (section) => {
    const groups = [...section.querySelectorAll(".rule")];
    if (groups.length === 0) return;
    const filter = {
      apply: () => {
        const matches = bar.matcher();
        tell(lists.reduce((sum, one) => sum + one.match(matches), 0));
      },
      clear: () => {
        bar.clear();
        filter.apply();
      },
    };
    const lists = groups.map((group) => list(group, filter));
    const total = lists.reduce((sum, one) => sum + one.total, 0);
    const tell = (count) => {
      bar.status.textContent = (count === total ? "" : grouped(count) + " of ") + counted(total, "finding");
    };
    const bar = tools(groups[0], "finding", [["s", "Severity"], ["p", "Platform"], ["n", "New since", newer]], () => filter.apply());
    tell(total);
    const offer = () => bar.offer(lists.flatMap((one) => one.all));
    const idle = (index) => {
      if (index === lists.length) offer();
      else lists[index].idle(() => idle(index + 1));
    };
    idle(0);
    for (const link of document.querySelectorAll("#trend a[data-n]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        lists.forEach((one) => one.finish());
        offer();
        bar.choose("n", link.dataset.n);
        focus(section.querySelector("h2"), "start");
      });
    }
    parts.push(...lists);
  };

  // A runbook stands in the page once. What differs by credential is marked in the credential's row,
  // already typed as each command needs it, and put into the places by a link that names the row.
  const runbooks = (section) => {
    const books = [...section.querySelectorAll(".runbook")];
    const named = (id) => books.find((book) => book.lastElementChild.id === id);
    const told = new Map(books.map((book) => [book, make("p", null, { className: "for" })]));
    for (const place of section.querySelectorAll("var[data-place]")) place.dataset.label = place.textContent;
    const value = (place, fact) => {
      const { in: language, label } = place.dataset;
      if (!language) return fact ? fact.textContent : label + " (not recorded)";
      return fact?.dataset[language] ?? label.slice(0, -1) + ": not recorded>";
    };
    const fill = (book, row) => {
      const facts = new Map();
      for (const fact of row ? row.querySelectorAll("[data-fact]") : []) facts.set(fact.dataset.fact, fact);
      for (const place of book.querySelectorAll("var[data-place]")) {
        const fact = facts.get(place.dataset.place);
        place.textContent = row ? value(place, fact) : place.dataset.label;
        place.classList.toggle("told", facts.has(place.dataset.place));
      }
      const known = (word) => facts.has(word);
      for (const step of book.querySelectorAll("[data-known], [data-unknown]")) {
        const list = (text) => (text || "").split(" ").filter(Boolean);
        const { known: needs, unknown: lacks } = step.dataset;
        step.hidden = Boolean(row) && !(list(needs).every(known) && !list(lacks).some(known));
        step.querySelector("small").hidden = Boolean(row);
      }
      const line = told.get(book);
      line.remove();
      if (!row) return;
      line.replaceChildren("Filled for ");
      make("a", line, { href: "#" + row.id, textContent: row.querySelector("summary").textContent });
      book.lastElementChild.prepend(line);
    };
    const reveal = (id) => {
      const book = named(id);
      if (!book) return false;
      book.open = true;
      focus(book.querySelector("summary"), "start");
      return true;
    };
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#b-']");
      if (!link) return;
      event.preventDefault();
      const id = link.getAttribute("href").slice(1);
      const row = link.dataset.i;
      fill(named(id), row ? parts.map((part) => part.row?.(row)).find(Boolean) : null);
      // The same runbook may be open for another credential: then the address stays, and no event comes.
      location.hash = id;
      reveal(id);
    });
    parts.push({ print() {}, printed() {}, reveal });
  };

  // What a link leads to may stand on another page of a table, or be filtered out.
  const reveal = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    if (id) parts.some((part) => part.reveal(id));
  };

  document.addEventListener("DOMContentLoaded", () => {
    switcher();
    document.querySelectorAll("table.rows").forEach(table);
    findings(document.getElementById("findings"));
    runbooks(document.getElementById("runbooks"));
    addEventListener("hashchange", reveal);
    addEventListener("beforeprint", () => parts.forEach((part) => part.print()));
    addEventListener("afterprint", () => parts.forEach((part) => part.printed()));
    if (location.hash) reveal();
    root.dataset.ready = "";
  });
})();
