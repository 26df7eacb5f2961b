//! The HTML page: what no name may do to it, and that it holds together.

use std::collections::BTreeSet;

use regex::Regex;
use sha2::{Digest, Sha256};
use snapbox::{assert_data_eq, file};

use super::{plain, written};
use crate::inventory::testing::{inventory, runbooks};
use crate::model::Severity;
use crate::read::base64;
use crate::report::samples::{HOSTILE, day, empty, hostile, many, open, org_finding, typical};
use crate::report::visible::number;
use crate::report::{First, Point, Report, Since, Trend, VERSION, html};
use crate::rule::{Control, Framework, Frameworks};

/// Items of every colour; the first two are what `typical` has findings about.
const ITEMS: &str = "\
    account: platform=salesforce, id=0050042, login=svc.erp, made=2024-01-01, changed=2024-02-01, ends=never, on=true, boss=Ann\n\
    account: platform=salesforce, id=0050007, login=etl, made=2025-11-20, ends=2026-12-01, on=true\n\
    account: platform=aws, id=AK1, login=ci, made=2026-11-01, on=true\n\
    account: platform=aws, id=AK2, login=old, made=2020-01-01, on=false\n\
    account: platform=aws, id=AK3, login=ageless, on=true\n\
    word: id=ghost, name=ghost, kind=robot, owner=team, rotated=2026-01-01, days=30";

/// One for every account, with a place of each form, and one for a rule.
const RUNBOOKS: &str = r#"
version: 1
runbooks:
- id: account-password
  title: Rotate a password
  interruption: none for {consumers}
  about: It *takes* turns, `a * b`.
  items: [{kinds: [account]}]
  before: ['{owner} agrees. {owner} knows.']
  steps:
  - {title: Find it, do: Ask., only: {unknown: [owner]}}
  - {title: Set it, do: 'For {name}.', shell: 'set {name} --at {endpoint}', check: 'it works {name}'}
  - {title: Change it, do: In two lines., sql: "ALTER ROLE {name}\n  NOLOGIN"}
  verify: [The old one is refused.]
  rollback: [Set the old one.]
  evidence: [The log.]
  references: ['https://example.com/a']
- id: leaked
  title: End a leak
  interruption: none
  about: x
  rules: [secret.*]
  before: [x]
  steps: [{title: End it, do: Now.}]
  verify: [x]
  rollback: [x]
  evidence: [x]
"#;

fn framework(id: &str, controls: &[(&str, &str)]) -> Framework {
    let control = |(id, title): &(&str, &str)| Control {
        id: (*id).to_owned(),
        title: (*title).to_owned(),
    };
    Framework {
        id: id.to_owned(),
        title: format!("Standard {id}"),
        version: "2024".to_owned(),
        url: None,
        controls: controls.iter().map(control).collect(),
    }
}

/// A report with everything that a page can show.
fn whole(mut report: Report, items: &str) -> Report {
    report.frameworks = Frameworks::Given(vec![
        framework("pci-dss-4.0", &[("8.3.9", "Passwords change")]),
        framework("cwe", &[("CWE-79", "Markup"), ("CWE-80", "More of it")]),
        framework("soc2", &[("CC6.1", "Nothing speaks to it")]),
    ]);
    report.inventory = Some(inventory(&[("exports/users.csv", items)]));
    report.runbooks = runbooks(RUNBOOKS);
    report
}

/// How a report stands to three results of before, of which one saw less.
fn with_trend(mut report: Report, doubt: &str) -> Report {
    let of = |as_of: &str, open: [u64; 5], since: Option<[u64; 5]>, doubts: &[&str]| Point {
        as_of: day(as_of),
        open,
        accepted: 2,
        since: since.map(|[new, fixed, unproven, still, accepted]| Since {
            new,
            fixed,
            unproven,
            still,
            accepted,
        }),
        files: 41,
        records: 1_202,
        problems: number(doubts.len()),
        doubts: doubts.iter().map(|text| (*text).to_owned()).collect(),
    };
    let first = report.findings.iter().enumerate().map(|(n, judged)| {
        let first = First {
            point: n % 4,
            again: n == 2,
        };
        (judged.finding.fingerprint, first)
    });
    let first = first.collect();
    report.trend = Some(Trend {
        points: vec![
            of("2026-08-20", [0, 0, 1, 1_200, 8], None, &[]),
            of("2026-09-20", [0; 5], Some([0, 2, 1_207, 0, 0]), &[doubt]),
            of(
                "2026-10-20",
                [0, 0, 1, 900, 3],
                Some([1, 4, 0, 903, 2]),
                &[],
            ),
            of(
                "2026-11-20",
                [0, 0, 1, 0, 10],
                Some([8, 900, 0, 3, 1]),
                &[doubt, "b"],
            ),
        ],
        first,
    });
    report
}

fn page(report: &Report) -> String {
    written("html", report, &plain())
}

/// What stands between two marks, once.
fn between<'p>(page: &'p str, start: &str, end: &str) -> &'p str {
    let (_, rest) = page.split_once(start).unwrap();
    assert!(!rest.contains(start), "{start} is there twice");
    rest.split_once(end).unwrap().0
}

/// The page without its style and script, whose words are not those of a report.
fn bare(page: &str) -> String {
    let page = page.replace(between(page, "<style>", "</style>"), "STYLE");
    let page = page.replace(between(&page, "<script>", "</script>"), "SCRIPT");
    let policy = Regex::new("sha256-[^']+").unwrap();
    policy
        .replace_all(&page, "HASH")
        .replace(VERSION, "VERSION")
}

/// The snapshots are rewritten by running this with `SNAPSHOTS=overwrite`.
#[test]
fn a_page_reads_like_this() {
    let page_of_typical = bare(&page(&whole(typical(), ITEMS)));
    assert_data_eq!(page_of_typical, file!["../snapshots/typical.html"].raw());
    let trend = page(&with_trend(typical(), "the <disk> was full"));
    let trend = between(&trend, "<section id=\"trend\"", "</section>").to_owned();
    assert_data_eq!(trend, file!["../snapshots/trend.html"].raw());
    let empty = bare(&page(&empty()));
    assert_data_eq!(empty, file!["../snapshots/empty.html"].raw());
}

#[test]
fn a_browser_runs_the_pages_own_style_and_script_and_nothing_else() {
    let page = page(&whole(hostile(), ITEMS));
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    let source = |text: &str| {
        let hash = base64::encode(&Sha256::digest(text.as_bytes()));
        format!("'sha256-{hash}'")
    };
    let style = source(between(&page, "<style>", "</style>"));
    let script = source(between(&page, "<script>", "</script>"));
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; \
             form-action 'none'"
        )
    );
}

/// Whatever stands in an export, the page has no elements and attributes but its own.
#[test]
fn no_name_becomes_markup() {
    let names = [
        "</td><script>alert(1)</script>",
        "\" onclick=\"alert(1)",
        "' autofocus onfocus='alert(1)",
        "</noscript><img src=x onerror=alert(1)>",
        "javascript:alert(1)",
        HOSTILE.trim(),
    ];
    let items: Vec<String> = names
        .iter()
        .enumerate()
        .map(|(n, name)| {
            let name = name.replace([',', '\n', '\r'], "");
            format!("account: platform={name}, id={n}, login={name}, label={name}, boss={name}")
        })
        .collect();
    let mut report = hostile();
    let mut wide = open(org_finding("pw.never-expires", Severity::High, names[1], 1));
    wide.finding.subject.platform = names[0].into();
    wide.finding.evidence[0].field = names[3].into();
    report.findings.edit(|findings| findings.push(wide));
    let report = with_trend(whole(report, &items.join("\n")), names[0]);
    let page = bare(&page(&report));
    let known: BTreeSet<&str> = "!DOCTYPE html head meta title style script body a header h1 h2 h3 p \
         time button nav ol li span main section ul div table caption thead tbody tfoot tr th td dl \
         dt dd small details summary b i code pre mark br noscript footer h4 var svg desc defs \
         pattern rect line text figure figcaption"
        .split_whitespace()
        .collect();
    let attributes: BTreeSet<&str> =
        "lang charset http-equiv content name id class href hidden type \
         aria-label aria-labelledby role tabindex scope rel start data-total data-what data-by \
         data-sort data-l data-p data-k data-v data-s data-a data-r data-i data-fact data-sh \
         data-sql data-place data-in data-known data-unknown html data-n width height viewBox x y x1 \
         x2 y1 y2 dy fill patternUnits patternTransform"
            .split_whitespace()
            .collect();
    let tag = Regex::new("<[^>]*>?").unwrap();
    let form =
        Regex::new(r#"^<(?:/([a-z0-9]+)|(!?[A-Za-z0-9]+)((?: [a-zA-Z0-9-]+(?:="[^"<>]*")?)*))>$"#)
            .unwrap();
    let attribute = Regex::new(r#" ([a-zA-Z0-9-]+)(?:="[^"]*")?"#).unwrap();
    for found in tag.find_iter(&page) {
        let parts = form.captures(found.as_str());
        let parts = parts.unwrap_or_else(|| panic!("{} is no tag of ours", found.as_str()));
        let name = parts.get(1).or(parts.get(2)).unwrap().as_str();
        assert!(known.contains(name), "{name}");
        for part in attribute.captures_iter(parts.get(3).map_or("", |m| m.as_str())) {
            assert!(attributes.contains(&part[1]), "{}", found.as_str());
        }
    }
    assert!(!page.contains("href=\"javascript"));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

#[test]
fn every_link_within_the_page_leads_somewhere_and_no_place_is_there_twice() {
    for report in [
        empty(),
        typical(),
        whole(typical(), ITEMS),
        whole(hostile(), ITEMS),
        whole(many(300), ITEMS),
        with_trend(typical(), "x"),
    ] {
        let page = page(&report);
        let all = |pattern: &str| -> Vec<String> {
            let pattern = Regex::new(pattern).unwrap();
            let found = pattern.captures_iter(&page);
            found.map(|found| found[1].to_owned()).collect()
        };
        let ids = all(" id=\"([^\"]*)\"");
        let known: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(known.len(), ids.len());
        let links = all(" href=\"#([^\"]*)\"");
        assert!(links.len() >= 8);
        for link in links {
            assert!(known.contains(&link), "#{link}");
        }
        for labels in all(" aria-labelledby=\"([^\"]*)\"") {
            for label in labels.split(' ') {
                assert!(known.contains(&label.to_owned()), "{label}");
            }
        }
    }
}

#[test]
fn a_finding_says_since_when_it_is_known() {
    let page = page(&with_trend(typical(), "x"));
    for (point, text) in [
        (0, "2026-08-20 or before"),
        (1, "2026-09-20, 2 results ago"),
        (2, "2026-10-20, after it had been fixed, 1 result ago"),
        (3, "2026-11-20: new since 2026-10-20"),
    ] {
        let item = page.split(&format!(" data-n=\"{point}\"><p class")).nth(1);
        let item = item.and_then(|rest| rest.split("</li>").next());
        let seen = format!("<dt>First seen</dt><dd>{text}</dd>");
        assert!(item.is_none_or(|item| item.contains(&seen)), "{item:?}");
    }
    assert!(page.matches("<dt>First seen</dt>").count() > 2);
    assert!(!self::page(&typical()).contains("First seen"));
}

/// A runbook is there once; each row says what fills it, typed as its commands need it.
#[test]
fn a_row_holds_what_fills_its_runbook() {
    let items = "account: platform=aws, id=1, login=o'neil \"x\", on=true, boss=<b>Ann</b>\n\
                 account: platform=aws, id=2, login=plain, on=true";
    let long = format!(
        "account: platform=aws, id=3, login={}, on=true",
        "w'".repeat(600)
    );
    let page = page(&whole(empty(), &format!("{items}\n{long}")));
    let typed = "<summary data-fact=\"name\" data-sh=\"&#39;o&#39;\\&#39;&#39;neil &quot;x&quot;&#39;\" \
                 data-sql=\"&quot;o&#39;neil &quot;&quot;x&quot;&quot;&quot;\">o&#39;neil &quot;x&quot;<";
    assert!(page.contains(typed));
    assert!(page.contains(
        "<summary data-fact=\"name\" data-sh=\"plain\" data-sql=\"&quot;plain&quot;\">plain<"
    ));
    // One that is cut off would leave its quotes open.
    assert!(page.contains("<summary data-fact=\"name\">w&#39;w"));
    assert_eq!(page.matches("<h3>Rotate a password</h3>").count(), 1);
    assert_eq!(
        page.matches("href=\"#b-account-password\" data-i=").count(),
        3
    );
    assert!(
        !page.contains("<h3>End a leak</h3>"),
        "nothing here needs it"
    );
}

#[test]
fn a_runbook_says_in_words_what_nobody_filled() {
    let page = page(&whole(typical(), ITEMS));
    for text in [
        "<p>It <i>takes</i> turns, <code>a * b</code>.</p>",
        "none for <var data-place=\"consumers\">the consumers</var>",
        "<li><var data-place=\"owner\">The owner</var> agrees. <var data-place=\"owner\">The owner</var> knows.",
        "<li data-unknown=\"owner\"><b>Find it.</b> Ask.<small>Only where this is not recorded: the owner</small>",
        "<pre>set <var data-place=\"name\" data-in=\"sh\">&lt;the credential&gt;</var> --at ",
        "</var>\n  NOLOGIN</pre>",
        "<dt>Runbook</dt><dd><a href=\"#b-leaked\">End a leak</a>",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn the_operator_sees_the_oldest_first_and_what_is_out_of_use_last() {
    let page = page(&whole(typical(), ITEMS));
    let row = Regex::new(r#"data-l="([^"]+)".*?<summary[^>]*>([^<]+)</summary>"#).unwrap();
    let rows: Vec<(String, String)> = row
        .captures_iter(&page)
        .map(|row| (row[2].to_owned(), row[1].to_owned()))
        .collect();
    let expected = [
        ("svc.erp", "Act now"),
        ("etl", "Watch"),
        ("ghost", "Act now"),
        ("ci", "In order"),
        ("ageless", "Watch"),
        ("old", "Not in use"),
    ];
    let expected = expected.map(|(name, light)| (name.to_owned(), light.to_owned()));
    assert_eq!(rows, expected);
    assert!(page.contains("6 credentials: 2 act now, 2 watch, 1 in order, 1 not in use"));
}

#[test]
fn a_rollback_that_nobody_resolves_stands_before_all() {
    let mut report = typical();
    let mut rollback = org_finding("dual.rollback-unresolved", Severity::High, "ci", 9);
    rollback.subject.platform = "aws".into();
    report
        .findings
        .edit(|findings| findings.push(open(rollback)));
    let page = page(&whole(report, ITEMS));
    let row = Regex::new("<tr id=\"i-.*?<summary[^>]*>([^<]+)<").unwrap();
    assert_eq!(&row.captures(&page).unwrap()[1], "ci");
    assert!(page.contains("<small>rollback not resolved, 1 high</small>"));
}

/// What a rule could not look at is not a pass of the controls that it speaks to.
#[test]
fn a_control_passes_only_if_every_rule_was_evaluated() {
    let result = |report: &Report| {
        let page = page(report);
        let row = page.split_once("<tr id=\"c-cwe-CWE-79\">").unwrap().1;
        let cell = row.split_once("<td class=\"l ").unwrap().1;
        let cell = cell.split_once('>').unwrap().1;
        cell.split_once('<').unwrap().0.to_owned()
    };
    let mut report = whole(empty(), ITEMS);
    assert_eq!(result(&report), "Pass");
    report.outcomes[0].not_evaluated = typical().outcomes[0].not_evaluated.clone();
    assert_eq!(result(&report), "Pass in part");
    report.outcomes[0].passes = 0;
    assert_eq!(result(&report), "Not evaluated");
    assert_eq!(result(&whole(typical(), ITEMS)), "Fail");
}

#[test]
fn what_a_page_has_no_room_for_is_told() {
    let count = u32::try_from(html::MOST).unwrap() + 3;
    let report = many(count);
    assert_eq!(html::dropped(&report), 3);
    let page = page(&report);
    assert!(page.contains("3 findings of these are not on this page"));
    assert_eq!(page.matches("<li id=\"f-").count(), html::MOST);
    assert_eq!(html::dropped(&typical()), 0);
}

#[test]
fn days_are_counted_from_the_audit_date() {
    let page = page(&whole(typical(), ITEMS));
    // The waiver of the sample ends on 2027-01-01.
    assert!(page.contains("<td data-v=\"42\">42<small>until <time>2027-01-01</time></small></td>"));
    assert!(page.contains("<time>2026-01-31</time><small>293 days ago, declared</small>"));
    assert!(page.contains("<small>293 days late</small>"));
    assert!(page.contains("<time>2026-12-01</time><small>ends in 11 days, direct</small>"));
}
