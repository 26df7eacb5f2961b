// Opens the HTML report in a real Chromium: the demo, a hostile inventory, and 10,000 credentials.
// Checks that nothing is reported to the console, that a page opens in under a second, that all of
// it can be used by keyboard, that axe and the tree for screen readers show no fault, that nothing is
// wider than a phone, and that print and a browser without script show everything. Takes screenshots
// into target/page, which are there to be looked at.
//
//   npm install && node page.mjs          (needs Chromium; CHROMIUM names it if it is elsewhere)
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const OUT = join(ROOT, "target/page");
const PROGRAM = process.env.CREDLINT
  ?? ["release", "debug"].map((kind) => join(ROOT, "target", kind, "credlint")).find(existsSync);
const AS_OF = "2026-11-20";
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
/** Milliseconds from the start of the navigation until the script is ready and the page painted. */
const LIMIT = 1000;

/** Writes the report of some inputs, and gives its address. */
function report(name, inputs, ...more) {
  const file = join(OUT, `${name}.html`);
  const args = ["scan", ...inputs, "--as-of", AS_OF, "--quiet", "--exit-zero", "--format", "html", "--output", file, ...more];
  execFileSync(PROGRAM, args, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  return pathToFileURL(file).href;
}

/** An export of users, with names as given. */
function users(name, count, username) {
  const folder = join(OUT, name);
  mkdirSync(folder, { recursive: true });
  const day = (n) => new Date(Date.UTC(2026, 10, 20) - n * 86_400_000).toISOString().slice(0, 19) + "Z";
  const rows = ["Id,Username,Name,IsActive,UserType,LastLoginDate,LastPasswordChangeDate,CreatedDate,Manager.Username"];
  for (let n = 0; n < count; n += 1) {
    const id = "005xx" + String(n).padStart(10, "0");
    const cell = `"${username(n).replaceAll('"', '""')}"`;
    const active = n % 11 !== 0;
    rows.push([id, cell, cell, active, "Standard", day(n % 200), day((n * 37) % 1500), day(1600), `owner${n % 40}@acme.example`].join(","));
  }
  writeFileSync(join(folder, "users.csv"), rows.join("\n") + "\n");
  return folder;
}

const HOSTILE = [
  "<script>document.title='broken'</script>@acme.example",
  "\"><img src=x onerror=\"document.title='broken'\">@acme.example",
  "'--></style></script><svg onload=document.title='broken'>@acme.example",
  "javascript:document.title='broken'//@acme.example",
  "\u202Eelpmaxe.emca@txt.exe\u202C\u2066@acme.example",
  "\u05E9\u05DC\u05D5\u05DD\u0645\u0631\u062D\u0628\u0627@acme.example",
  "{{7*7}}${7*7}<%= 7*7 %>@acme.example",
  "w".repeat(900) + "@acme.example",
  "a b\tc&amp;&lt;d&#39;e@acme.example",
];

mkdirSync(OUT, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});

/** Opens a page, watches its console, and hands it to a check. */
async function open(address, options, check) {
  const context = await browser.newContext({ viewport: DESKTOP, ...options });
  const page = await context.newPage();
  const told = [];
  page.on("console", (message) => told.push(message.text()));
  page.on("pageerror", (error) => told.push(String(error)));
  page.on("request", (request) => {
    if (request.url() !== address.split("#")[0]) told.push(`asked for ${request.url()}`);
  });
  await page.goto(address);
  await check(page);
  assert.deepEqual(told, [], address);
  await context.close();
}

/** A picture of what a reader sees: what is scrolled to is drawn a frame later. */
async function shot(page, name, fullPage = true) {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.screenshot({ path: join(OUT, `${name}.png`), fullPage });
}
const status = (page, id) => page.locator(`#${id} [role=status]`).textContent();
const wide = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

const demo = report("demo", ["fixtures/demo", "fixtures/exports/servicenow"], "--config", join(ROOT, "tests/browser/policy.yaml"));
const hostile = report("hostile", [users("hostile-users", HOSTILE.length, (n) => HOSTILE[n])]);

/** What the demo came to in the months before: whole, without its repository, and with a cut export. */
function results() {
  const [folder, copy] = [join(OUT, "results"), join(OUT, "cut")];
  for (const one of [folder, copy]) rmSync(one, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(ROOT, "fixtures/demo"), join(copy, "fixtures/demo"), { recursive: true });
  const users = join(copy, "fixtures/demo/exports/salesforce/users.json");
  writeFileSync(users, readFileSync(users, "utf8").slice(0, 900));
  for (const [day, cwd, target] of [
    ["2026-03-20", ROOT, "fixtures/demo"],
    ["2026-05-20", ROOT, "fixtures/demo/exports"],
    ["2026-08-20", ROOT, "fixtures/demo"],
    ["2026-09-20", copy, "fixtures/demo"],
    ["2026-10-20", ROOT, "fixtures/demo"],
  ]) {
    const args = ["scan", target, "--as-of", day, "--no-config", "--quiet", "--exit-zero", "--format", "json", "--output", join(folder, `${day}.json`)];
    try { execFileSync(PROGRAM, args, { cwd }); } catch (error) { assert.equal(error.status, 3); }
  }
  return folder;
}
const trend = report("trend", ["fixtures/demo"], "--no-config", "--earlier", results());
const many = report("many", [users("many-users", 10_000, (n) => `svc.integration-${n}@acme.example`)]);

for (const [name, viewport] of [["desktop", DESKTOP], ["phone", PHONE]]) {
  for (const colorScheme of ["light", "dark"]) {
    await open(demo, { viewport, colorScheme }, async (page) => {
      await shot(page, `demo-${name}-${colorScheme}`, false);
      for (const id of ["rotation", "findings", "controls", "accepted", "rules", "inputs", "runbooks"]) {
        await page.evaluate((id) => document.getElementById(id).scrollIntoView(), id);
        await shot(page, `demo-${name}-${colorScheme}-${id}`, false);
      }
      assert.equal(await wide(page), 0, `the demo is wider than a ${name}`);
    });
  }
}

for (const [name, viewport] of [["desktop", DESKTOP], ["phone", PHONE]]) {
  for (const colorScheme of ["light", "dark"]) {
    await open(trend, { viewport, colorScheme }, async (page) => {
      await page.evaluate(() => document.getElementById("trend").scrollIntoView());
      await shot(page, `trend-${name}-${colorScheme}`, false);
      assert.equal(await wide(page), 0, `the trend is wider than a ${name}`);
    });
  }
}

// From what is new to the findings, by keyboard, and from there to what came after an older result.
await open(trend, {}, async (page) => {
  const link = page.locator("#trend a[data-n]");
  const count = await link.textContent();
  await link.focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "h-findings");
  assert.match(await status(page, "findings"), new RegExp(`^${count} of \\d+ findings$`));
  assert.equal(await page.locator(".findings > li").count(), Number(count));
  for (const seen of await page.locator(".findings > li").evaluateAll((all) => all.map((one) => one.textContent))) {
    assert.match(seen, /First seen2026-11-20: new since 2026-10-20/);
  }
  const choice = page.getByLabel("New since");
  assert.deepEqual(
    (await choice.locator("option").allTextContents()).map((text) => text.replace(/ \(.*/, "")),
    ["All", "2026-10-20", "2026-09-20", "2026-08-20", "2026-05-20", "2026-03-20"],
  );
  await choice.selectOption({ index: 5 });
  const [more, all] = (await status(page, "findings")).match(/\d+/g).map(Number);
  assert.ok(more > Number(count) && more < all);
  await shot(page, "trend-new", false);
  await choice.selectOption({ index: 0 });
  assert.equal(await page.locator(".findings > li").count(), all);
});

// By keyboard alone: past the contents, through a filter, a sort, a page of a table, the theme.
await open(demo, {}, async (page) => {
  const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "Skip to the report");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await page.locator("#theme").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Space");
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");

  const search = page.getByLabel("Search credentials");
  await search.focus();
  await page.keyboard.type("payroll");
  await page.waitForFunction(() => / of /.test(document.querySelector("#rotation [role=status]").textContent));
  assert.match(await status(page, "rotation"), /^1 of \d+ credentials$/);
  await search.fill("");
  await page.waitForFunction(() => !/ of /.test(document.querySelector("#rotation [role=status]").textContent));

  const names = () => page.$$eval("#rotation tbody:first-of-type summary", (all) => all.map((one) => one.textContent));
  const head = page.locator("#rotation th", { hasText: "Credential" });
  await head.locator("button").focus();
  await page.keyboard.press("Enter");
  assert.equal(await head.getAttribute("aria-sort"), "ascending");
  await page.keyboard.press("Enter");
  assert.equal(await head.getAttribute("aria-sort"), "descending");
  const down = await names();
  await page.keyboard.press("Enter");
  assert.deepEqual(await names(), down.toReversed());

  await page.getByLabel("Severity").first().selectOption({ index: 1 });
  assert.match(await status(page, "findings"), /^\d+ of \d+ findings$/);
  const [kept, all] = (await status(page, "findings")).match(/\d+/g).map(Number);
  assert.ok(kept < all);
  assert.equal(await page.locator(".findings > li").count(), kept);

  // A link to what is filtered out brings it back, and the focus goes there.
  const link = page.locator("#rotation td a.low").first();
  const target = (await link.getAttribute("href")).slice(1);
  assert.equal(await page.locator(`[id="${target}"]`).count(), 0);
  await link.focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction((id) => document.activeElement.id === id, target);
  assert.equal(await page.locator(".findings > li").count(), all);
});

// A runbook is filled by the link that opens it: from a row, then from another one, then by none.
await open(demo, {}, async (page) => {
  await page.keyboard.press("Tab");
  const rows = page.locator("#rotation tr", { has: page.locator("a[href='#b-service-account-password']") });
  const place = page.locator("#b-service-account-password var[data-place='identifier.username']").first();
  const book = page.locator("details", { has: page.locator("[id='b-service-account-password']") });
  assert.equal(await place.textContent(), "the user name");
  for (const row of [rows.nth(0), rows.nth(1)]) {
    await row.locator("summary").focus();
    await page.keyboard.press("Enter");
    const name = await row.locator("[data-fact='identifier.username']").textContent();
    await row.locator("a[href='#b-service-account-password']").focus();
    await page.keyboard.press("Enter");
    assert.equal(await book.evaluate((node) => node.open), true);
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "SUMMARY");
    assert.equal(await place.textContent(), name);
    assert.match(await book.locator(".for").textContent(), /^Filled for ./);
    assert.equal(await book.locator("ol small:visible").count(), 0);
  }
  await shot(page, "runbook-filled", false);
  await page.evaluate(() => document.querySelector("a[href='#b-service-account-password']:not([data-i])")?.click());
  await book.locator(".for a").focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.tagName === "TR");
});

// What a screen reader is told: axe finds nothing, and headings and names are as they should be.
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
for (const [address, colorScheme] of [[demo, "light"], [demo, "dark"], [trend, "light"], [trend, "dark"]]) {
  await open(address, { colorScheme, bypassCSP: true }, async (page) => {
    await page.evaluate(() => document.querySelectorAll("details").forEach((node) => { node.open = true; }));
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    assert.deepEqual(violations.map((one) => [one.id, one.help, one.nodes.slice(0, 3).map((node) => node.html.slice(0, 200))]), []);
    assert.equal(await page.locator("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").count(), 0);
    const levels = await page.$$eval("h1, h2, h3, h4, h5, h6", (all) => all.map((one) => Number(one.tagName[1])));
    levels.forEach((level, index) => assert.ok(level <= (levels[index - 1] ?? 0) + 1, `heading ${index} leaps to ${level}`));
    const client = await page.context().newCDPSession(page);
    const { nodes } = await client.send("Accessibility.getFullAXTree");
    const named = new Set(["table", "button", "link", "heading", "searchbox", "combobox", "region", "navigation"]);
    const nameless = nodes.filter((node) => !node.ignored && named.has(node.role?.value) && !node.name?.value);
    assert.deepEqual(nameless.map((node) => node.role.value), []);
  });
}

// Nothing that a name holds is markup, a script or a change of direction.
await open(hostile, {}, async (page) => {
  assert.equal(await page.title(), `Credential report, audit date ${AS_OF}`);
  assert.equal(await page.locator("img, svg, iframe, object, form, link, main script, main style").count(), 0);
  const text = await page.locator("main").textContent();
  assert.ok(text.includes("<script>document.title='broken'</script>"), "the name is shown as it is");
  assert.ok(!/[\u202A-\u202E\u2066-\u2069]/.test(text));
  assert.equal(await wide(page), 0);
  await shot(page, "hostile", false);
});
await open(hostile, { viewport: PHONE }, async (page) => assert.equal(await wide(page), 0));

// The policy is in force: an injected script and style do nothing, and an attribute neither.
await (async () => {
  const page = await browser.newPage();
  await page.goto(hostile);
  const color = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "document.title = 'broken'";
    const style = document.createElement("style");
    style.textContent = "body { color: rgb(1, 2, 3) }";
    document.body.append(script, style);
    document.body.setAttribute("onclick", "document.title = 'broken'");
    document.body.click();
    return getComputedStyle(document.body).color;
  });
  assert.notEqual(await page.title(), "broken");
  assert.notEqual(color, "rgb(1, 2, 3)");
  await page.close();
})();

// Ten thousand credentials: quick to open, to search and to sort.
const times = [];
for (let round = 0; round < 3; round += 1) {
  await open(many, {}, async (page) => {
    const ready = await page.evaluate(() => new Promise((done) => {
      requestAnimationFrame(() => setTimeout(() => done(performance.now())));
    }));
    const parsed = await page.evaluate(() => performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd);
    times.push([Math.round(parsed), Math.round(ready)]);
  });
}
await open(many, {}, async (page) => {
  assert.match(await status(page, "rotation"), /^1 to 100 of 10,000 credentials$/);
  const took = async (act) => {
    const start = Date.now();
    await act();
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
    return Date.now() - start;
  };
  await page.getByLabel("Status").first().waitFor({ state: "attached" });
  const sort = await took(() => page.locator("#rotation th", { hasText: "Owner" }).locator("button").click());
  const filter = await took(async () => {
    await page.getByLabel("Search credentials").fill("integration-77");
    await page.waitForFunction(() => /^1 to 100 of 111 of|^111 of/.test(document.querySelector("#rotation [role=status]").textContent));
  });
  await page.getByLabel("Search credentials").fill("");
  await page.waitForFunction(() => /^1 to 100 of 10,000/.test(document.querySelector("#rotation [role=status]").textContent));
  const turn = await took(() => page.locator("#rotation .pages button").nth(1).click());
  assert.match(await status(page, "rotation"), /^101 to 200 of 10,000 credentials$/);
  console.log(`10,000 credentials: sort ${sort} ms, search ${filter} ms, next page ${turn} ms`);
  await shot(page, "many", false);
});
console.log("10,000 credentials: parsed, ready after (ms):", JSON.stringify(times));
assert.ok(times.some(([, ready]) => ready < LIMIT), `slower than ${LIMIT} ms`);

// Without script, and on paper, everything is there.
await open(many, { javaScriptEnabled: false }, async (page) => {
  assert.equal(await page.locator("#rotation tr[id]").count(), 10_000);
  assert.equal(await page.locator("#i-9999").isVisible(), true);
  assert.equal(await page.locator(".needs").first().isVisible(), false);
});
await open(many, {}, async (page) => {
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator("#rotation tr[id]").count(), 10_000);
  assert.equal(await page.locator("#i-9999").isVisible(), true);
});
await open(demo, {}, async (page) => {
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator(".tools").first().isVisible(), false);
  // Paper cannot be opened: what a row folds away is there.
  assert.equal(await page.locator("#rotation details[open]").count(), 0);
  for (const details of await page.locator("#rotation details dl").all()) assert.equal(await details.isVisible(), true);
  await page.setViewportSize({ width: 794, height: 1123 });
  await shot(page, "demo-print", false);
  await page.pdf({ path: join(OUT, "demo.pdf"), preferCSSPageSize: true });
});
await open(trend, { viewport: { width: 794, height: 1123 } }, async (page) => {
  await page.pdf({ path: join(OUT, "trend.pdf"), preferCSSPageSize: true });
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => document.getElementById("trend").scrollIntoView());
  await shot(page, "trend-print", false);
});
await browser.close();
console.log(`All as it should be; the screenshots are in ${OUT}`);
