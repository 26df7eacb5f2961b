//! Every quirk of export formats, by `quirks.tsv`: what is odd, a fixture that has it, and what must come
//! out. The table says what its lines mean.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use crate::program::{AS_OF, Report, credlint, file, folder, scan};

const TABLE: &str = include_str!("quirks.tsv");

/// The folders of which every file must stand in the table.
const FOLDERS: [&str; 2] = ["containers", "times"];

/// What the fixtures of `exports` give, record by record; another test holds it.
const RECORDS: &str = include_str!("../../src/source/tests/expected.txt");

/// One line: the quirk that it is about, its fixtures, the check and what must come out.
struct Line {
    quirk: &'static str,
    fixtures: &'static str,
    check: &'static str,
    expected: &'static str,
}

fn lines() -> Vec<Line> {
    let mut quirk = "";
    let mut all = Vec::new();
    for line in TABLE
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
    {
        if let Some(heading) = line.strip_prefix("= ") {
            quirk = heading.split_once('\t').unwrap().0;
            continue;
        }
        let mut cells = line.splitn(3, '\t');
        let mut cell = || cells.next().unwrap_or_default();
        all.push(Line {
            quirk,
            fixtures: cell(),
            check: cell(),
            expected: cell(),
        });
    }
    all
}

fn paths(fixtures: &str) -> Vec<String> {
    let names = fixtures.split(" + ").filter(|name| *name != "-");
    names.map(|name| format!("fixtures/{name}")).collect()
}

fn items(paths: &[&str]) -> Vec<Value> {
    let arguments = ["inventory", "--format", "json", "--as-of", AS_OF];
    let output = credlint(&[&arguments[..], paths].concat());
    let inventory: Value = serde_json::from_slice(&output.stdout).unwrap();
    inventory["items"].as_array().unwrap().clone()
}

/// The last part of each item's id, and its times.
fn times(paths: &[&str]) -> BTreeSet<String> {
    let known = |item: &Value| {
        let facts = ["rotated", "last_used", "expires"].into_iter();
        let filled = facts.filter_map(|fact| Some((fact, item[fact]["value"].as_str()?)));
        let each = filled.map(|(fact, value)| format!("{fact}={value}"));
        each.collect::<Vec<_>>().join(" ")
    };
    let all = items(paths);
    let told = all.iter().map(|item| {
        let id = item["id"].as_str().unwrap();
        (id.splitn(3, ':').last().unwrap(), known(item))
    });
    let told = told.filter(|(_, known)| !known.is_empty());
    told.map(|(key, known)| format!("{key} => {known}"))
        .collect()
}

/// Rule and, where it is given, subject of a line.
fn found(report: &Report, expected: &str) -> usize {
    let (rule, subject) = expected.split_once(' ').unwrap_or((expected, ""));
    let pairs = report.pairs().into_iter();
    pairs
        .filter(|(of, name)| *of == rule && (subject.is_empty() || *name == subject))
        .count()
}

/// Bytes as the table writes them.
fn bytes(text: &str) -> Vec<u8> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c != '\\' {
            all.extend(c.to_string().bytes());
            continue;
        }
        let (kind, more) = rest.split_at(1);
        rest = more;
        match kind {
            "n" => all.push(b'\n'),
            "r" => all.push(b'\r'),
            "t" => all.push(b'\t'),
            "x" => {
                all.push(u8::from_str_radix(&rest[..2], 16).unwrap());
                rest = &rest[2..];
            }
            "u" => {
                let (code, more) = rest[1..].split_once('}').unwrap();
                let c = char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap();
                all.extend(c.to_string().bytes());
                rest = more;
            }
            other => panic!("no escape: {other}"),
        }
    }
    all
}

/// Whether the bytes of a fixture are as a check says; none for a check of another kind.
fn shows(check: &str, path: Option<&String>, expected: &str) -> Option<bool> {
    let of = || fs::read(path.unwrap()).unwrap();
    let holds = |whole: &[u8], part: &[u8]| whole.windows(part.len()).any(|here| here == part);
    Some(match check {
        "starts" => of().starts_with(&bytes(expected)),
        "ends" => of().ends_with(&bytes(expected)),
        "holds" => holds(&of(), &bytes(expected)),
        "lacks" => !holds(&of(), &bytes(expected)),
        "held" => {
            let (path, name) = expected.split_once(' ').unwrap();
            fs::read_to_string(path)
                .unwrap()
                .contains(&format!("fn {name}("))
        }
        "record" => {
            let path = path.unwrap();
            let section = format!("=== {}\n", path.trim_start_matches("fixtures/exports/"));
            let (_, behind) = RECORDS.split_once(&section).unwrap();
            behind.split("===").next().unwrap().contains(expected)
        }
        _ => return None,
    })
}

/// Whether a scan of the fixtures comes to what a line says.
fn comes_out(line: &Line, report: &Report) -> bool {
    let kinds: Vec<&str> = report.problems().iter().map(|(kind, _)| *kind).collect();
    let input = |at: usize| report.0["inputs"].get(at);
    match line.check {
        "reads" => {
            let mut words = line.expected.split(' ');
            let (source, rows) = (words.next(), words.next());
            let input = input(0).unwrap_or(&Value::Null);
            let sources = input["sources"].as_array().into_iter().flatten();
            let known = sources.filter_map(Value::as_str).any(|s| Some(s) == source);
            known
                && rows.map(str::to_owned) == Some(input["rows"].to_string())
                && kinds == words.collect::<Vec<_>>()
        }
        "told" => input(0).is_none() && kinds == [line.expected],
        "empty" => input(0).is_none() && kinds.is_empty(),
        "tells" => found(report, line.expected) == 1,
        "silent" => found(report, line.expected) == 0,
        "open" => {
            let (rule, words) = line.expected.split_once(' ').unwrap();
            found(report, rule) == 0 && report.not_evaluated(rule).contains(words)
        }
        other => panic!("no check: {other}"),
    }
}

#[test]
fn every_quirk_has_a_fixture_and_comes_out_as_the_table_says() {
    let mut scans: BTreeMap<&str, Report> = BTreeMap::new();
    let mut faults = Vec::new();
    for line in lines().iter().filter(|line| line.check != "knows") {
        let paths = paths(line.fixtures);
        let holds = shows(line.check, paths.first(), line.expected).unwrap_or_else(|| {
            let report = scans
                .entry(line.fixtures)
                .or_insert_with(|| scan(&paths.iter().map(String::as_str).collect::<Vec<_>>()).1);
            comes_out(line, report)
        });
        if !holds {
            let Line {
                quirk,
                fixtures,
                check,
                expected,
            } = line;
            faults.push(format!("{quirk}: {fixtures} {check} {expected}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_form_of_a_time_means_what_its_vendor_means() {
    let mut meant: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let lines = lines();
    for line in lines.iter().filter(|line| line.check == "knows") {
        let of_fixtures = meant.entry(line.fixtures).or_default();
        assert!(
            of_fixtures.insert(line.expected.to_owned()),
            "{}",
            line.expected
        );
    }
    assert!(meant.len() > 25);
    for (fixtures, meant) in meant {
        let paths = paths(fixtures);
        let told = times(&paths.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(told, meant, "{fixtures}");
    }
}

#[test]
fn the_table_has_every_fixture_and_no_quirk_twice_or_without_a_line() {
    let headings = TABLE.lines().filter_map(|line| line.strip_prefix("= "));
    let ids: Vec<&str> = headings.map(|h| h.split('\t').next().unwrap()).collect();
    let lines = lines();
    let held: BTreeSet<&str> = lines.iter().map(|line| line.quirk).collect();
    assert_eq!(ids.len(), held.len(), "{ids:?}");
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), held);
    let used: BTreeSet<String> = lines.iter().flat_map(|line| paths(line.fixtures)).collect();
    for folder in FOLDERS {
        for entry in fs::read_dir(format!("fixtures/{folder}")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let path = format!("fixtures/{folder}/{name}");
            assert!(used.contains(&path), "{path} stands in no line");
        }
    }
}

#[test]
fn the_same_account_in_every_container_of_a_platform_is_judged_the_same() {
    for source in ["salesforce.user", "servicenow.sys_user"] {
        let of_source = |line: &Line| {
            line.check == "reads"
                && line.fixtures.starts_with("containers/")
                && line.expected.starts_with(&format!("{source} "))
                && !line.fixtures.ends_with("unload.xml")
        };
        let lines = lines();
        let judged: BTreeSet<String> = lines
            .iter()
            .filter(|line| of_source(line))
            .map(|line| {
                let (_, report) = scan(&[paths(line.fixtures)[0].as_str()]);
                let of_account = report.pairs().into_iter().filter(|(rule, _)| {
                    // That a page is only a part is about the page.
                    !rule.starts_with("data.")
                });
                format!("{:?}", of_account.collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(judged.len(), 1, "{source}: {judged:#?}");
        assert!(judged.iter().all(|pairs| pairs.len() > 2), "{source}");
    }
}

#[test]
fn a_name_in_three_quotes_is_the_name() {
    let here = folder("three-quotes");
    let apps = "Id,Name,CreatedDate,OptionsAllowAdminApprovedUsersOnly\n\
                0H4xx0000000009AAA,\"ERP, Sync\",2022-01-01T00:00:00.000+0000,true\n";
    let apps = file(&here, "apps.csv", apps);
    let log = "fixtures/containers/event-log-three-quotes.csv";
    let arguments = ["--format", "csv", "--as-of", "2026-11-20"];
    let output = credlint(&[&["inventory", &apps, log][..], &arguments].concat());
    let list = String::from_utf8(output.stdout).unwrap();
    let mut lines = list.lines();
    let app = lines.find(|line| line.starts_with("salesforce:oauth_app:"));
    assert!(app.unwrap().contains(",2026-11-19T22:01:12Z,"), "{list}");
}
