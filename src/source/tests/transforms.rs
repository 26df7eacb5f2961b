//! Each transform of the language, on cells given by hand.

use super::{decoded, field, plan_of, records_of, shown};
use crate::read::base64;
use crate::read::decode::Document;

const SCHEMA: &str = "\
version: 1
records:
- name: thing
  doc: A thing.
  fields:
  - {name: text, type: text, nullable: true, doc: T.}
  - {name: bool, type: bool, nullable: true, doc: B.}
  - {name: time, type: time, nullable: true, doc: W.}
  - {name: int, type: int, nullable: true, doc: I.}
  - {name: number, type: number, nullable: true, doc: N.}
  - {name: list, type: list, nullable: true, doc: L.}
";

/// The value that a mapping gives for cells, in a file called `certs/My%20Own.crt`.
fn value(name: &str, mapping: &str, cells: &[(&str, &str)]) -> String {
    let source = format!(
        "version: 1\nsources:\n- id: s\n  title: S\n  export: e\n  recognise: [{{format: csv}}]\n  \
         records: [{{type: thing, fields: {{{name}: {mapping}}}}}]\n"
    );
    let documents = [
        Document::new("schema", SCHEMA),
        Document::new("source", &source),
    ];
    let (schema, sources) = decoded(&documents);
    let plan = plan_of(&schema, &sources, "s", "certs/My%20Own.crt");
    let records = records_of(&schema, &plan, cells);
    shown(field(&records[0], name))
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_transform_gives_its_value() {
    const EXPIRY: &str = "{column: a, never: [Never], unknown: [N/A], empty: never, far: never}";
    const OWN: &str = "{column: a, true: [Active], false: [Off], unknown: ['-']}";
    const CASES: &str = "{cases: [{when: [{column: 'a[*]', equals: [x]}], value: one}, {when: [{column: 'a[*]', only: [y]}], value: two}], else: empty}";
    for (name, mapping, cells, expected) in [
        ("text", "a", [("a", " x ")], "x"),
        ("text", "a", [("A", "x")], "x"),
        ("text", "a", [("a", "  ")], "?empty"),
        ("text", "a", [("a", "~")], "?empty"),
        ("text", "a", [("b", "x")], "?absent"),
        ("text", "{columns: [b, a]}", [("a", "x")], "x"),
        ("text", "{column: a, map: {X: one}}", [("a", "x")], "one"),
        ("text", "{column: a, map: {X: one}}", [("a", "z")], "z"),
        (
            "text",
            "{column: a, map: {X: one}, else: empty}",
            [("a", "z")],
            "?empty",
        ),
        (
            "text",
            "{column: a, map: {X: one}, else: other}",
            [("a", "z")],
            "other",
        ),
        (
            "text",
            "{column: a, pattern: ['q(.)', 'z(.*)$']}",
            [("a", "az b ")],
            "b",
        ),
        (
            "text",
            "{column: a, pattern: 'q(.)'}",
            [("a", "az b")],
            "?empty",
        ),
        (
            "text",
            "{column: a, pattern: 'q(.*)'}",
            [("a", "q")],
            "?empty",
        ),
        (
            "text",
            "{column: a, lower: true}",
            [("a", "ROTated")],
            "rotated",
        ),
        (
            "text",
            "{column: a, unknown: [n/a]}",
            [("a", "N/A")],
            "?empty",
        ),
        (
            "text",
            "{column: a, suffix: ' key 1'}",
            [("a", "u")],
            "u key 1",
        ),
        (
            "text",
            "{column: a, suffix: ' key 1'}",
            [("a", "")],
            "?empty",
        ),
        ("text", "{value: v}", [("a", "")], "v"),
        ("text", "{file_stem: [.pem]}", [("a", "")], "My Own"),
        ("text", "{file_stem: [Own.CRT]}", [("a", "")], "My "),
        (
            "text",
            "{file_stem: [.crt], folder: true}",
            [("a", "")],
            "certs/My Own",
        ),
        (
            "text",
            "{columns: [a], file_stem: [.crt]}",
            [("a", "x")],
            "x",
        ),
        (
            "text",
            "{columns: [a], file_stem: [.crt]}",
            [("a", "~")],
            "My Own",
        ),
        ("text", CASES, [("a[*]", "y|x")], "one"),
        ("text", CASES, [("a[*]", "y|y")], "two"),
        ("text", CASES, [("a[*]", "y|z")], "?empty"),
        ("text", CASES, [("b", "")], "?empty"),
        ("bool", "a", [("a", "TRUE")], "true"),
        ("bool", "a", [("a", "No")], "false"),
        ("bool", "a", [("a", "t")], "true"),
        ("bool", "a", [("a", "0")], "false"),
        ("bool", "a", [("a", "on")], "?unparsed"),
        ("bool", OWN, [("a", "active")], "true"),
        ("bool", OWN, [("a", "OFF")], "false"),
        ("bool", OWN, [("a", "-")], "?empty"),
        ("bool", OWN, [("a", "true")], "?unparsed"),
        ("bool", "{column: a, absent: false}", [("b", "")], "false"),
        ("bool", "{column: a, absent: false}", [("a", "")], "?empty"),
        ("bool", "{column: a, equals: ['0']}", [("a", "0")], "true"),
        ("bool", "{column: a, equals: ['0']}", [("a", "90")], "false"),
        ("bool", "{column: a, equals: ['0']}", [("a", "")], "?empty"),
        (
            "bool",
            "{column: a, equals: ['0'], absent: true}",
            [("b", "")],
            "true",
        ),
        ("bool", "{column: a, present: true}", [("a", "x")], "true"),
        ("bool", "{column: a, present: true}", [("a", "~")], "false"),
        (
            "bool",
            "{column: a, present: true}",
            [("b", "x")],
            "?absent",
        ),
        (
            "bool",
            "{column: a, not_matches: '^x'}",
            [("a", "yx")],
            "true",
        ),
        ("bool", "{value: true}", [("b", "x")], "true"),
        (
            "time",
            "a",
            [("a", "2026-11-20T08:00:00.000+0000")],
            "2026-11-20T08:00:00Z",
        ),
        ("time", "a", [("a", "")], "?empty"),
        (
            "time",
            "a",
            [("a", "9999-12-31T23:59:59Z")],
            "9999-12-31T23:59:59Z",
        ),
        ("time", "a", [("a", "20.11.2026")], "?unparsed"),
        (
            "time",
            "{column: a, date: day-end}",
            [("a", "2027-01-15")],
            "2027-01-15T23:59:59Z",
        ),
        (
            "time",
            "{column: a, date: [compact, epoch]}",
            [("a", "1673477781.26")],
            "2023-01-11T22:56:21Z",
        ),
        ("time", EXPIRY, [("a", "never")], "never"),
        ("time", EXPIRY, [("a", "n/a")], "?empty"),
        ("time", EXPIRY, [("a", "~")], "never"),
        ("time", EXPIRY, [("b", "")], "?absent"),
        ("time", EXPIRY, [("a", "2299-12-31T00:00:00Z")], "never"),
        ("int", "a", [("a", "-12")], "-12"),
        ("int", "a", [("a", "1.5")], "?unparsed"),
        ("int", "a", [("a", "99999999999999999999")], "?unparsed"),
        ("number", "a", [("a", "1.5")], "1.5"),
        ("number", "a", [("a", "nan")], "?unparsed"),
        ("number", "a", [("a", "inf")], "?unparsed"),
        ("number", "a", [("a", "98,5")], "?unparsed"),
        (
            "number",
            "{column: a, percent: true}",
            [("a", "98,5 %")],
            "98.5",
        ),
        (
            "number",
            "{column: a, percent: true}",
            [("a", "62 of 100")],
            "?unparsed",
        ),
        ("list", "'a[*]'", [("a[*]", "x| |y")], "x, y"),
        ("list", "a", [("a", "x y")], "x y"),
        ("list", "{column: a, split: ' '}", [("a", "x  y")], "x, y"),
        ("list", "'a[*]'", [("a[*]", "")], "?empty"),
        (
            "text",
            "{file_path: true}",
            [("a", "x")],
            "certs/My%20Own.crt",
        ),
        ("text", "{columns: [a, b], join: /}", [("b", "x")], "x"),
        ("text", "{columns: [a, b], join: /}", [("a", " ")], "?empty"),
        (
            "text",
            "{columns: [a], join: /, file_path: true}",
            [("a", "x")],
            "certs/My%20Own.crt/x",
        ),
        (
            "text",
            "{columns: [a], join: /, file_path: true}",
            [("a", "")],
            "?empty",
        ),
        (
            "text",
            "{columns: [a, b], join: /}",
            [("c", "x")],
            "?absent",
        ),
        ("time", "{value: never}", [("a", "x")], "never"),
        ("int", "{column: a, duration: iso}", [("a", "P30D")], "30"),
        (
            "int",
            "{column: a, duration: [days, rate]}",
            [("a", "rate(12 hours)")],
            "1",
        ),
        (
            "int",
            "{column: a, duration: [days, rate]}",
            [("a", "cron(0 8 1 * ? *)")],
            "?unparsed",
        ),
        (
            "int",
            "{column: a, duration: seconds}",
            [("a", "")],
            "?empty",
        ),
    ] {
        assert_eq!(
            value(name, mapping, &cells),
            expected,
            "{name}: {mapping} {cells:?}"
        );
    }
}

#[test]
fn of_several_columns_the_first_filled_or_the_first_there_counts() {
    for (pick, a, b, expected) in [
        ("filled", "", "x", "x"),
        ("filled", "", "~", "?empty"),
        ("there", "", "x", "?empty"),
        ("there", "y", "x", "y"),
    ] {
        let mapping = format!("{{columns: [none, a, b], pick: {pick}}}");
        let got = value("text", &mapping, &[("a", a), ("b", b)]);
        assert_eq!(got, expected, "{pick} {a:?} {b:?}");
    }
}

#[test]
fn texts_of_several_columns_are_joined() {
    let mapping = "{columns: [a, b, c], join: ' / '}";
    let got = value("text", mapping, &[("a", "x"), ("b", ""), ("c", "y")]);
    assert_eq!(got, "x / y");
}

#[test]
fn the_latest_of_several_times_counts() {
    let mapping = "{columns: [a, b], pick: latest, never: [Never]}";
    for (a, b, expected) in [
        ("2026-01-01", "2025-01-01", "2026-01-01T00:00:00Z"),
        ("2025-01-01", "2026-01-01", "2026-01-01T00:00:00Z"),
        ("Never", "2025-01-01", "2025-01-01T00:00:00Z"),
        ("", "2025-01-01", "2025-01-01T00:00:00Z"),
        ("Never", "", "never"),
        ("", "", "?empty"),
        // What cannot be read might have been later.
        ("2026-01-01", "soon", "?unparsed"),
        ("soon", "2026-01-01", "?unparsed"),
    ] {
        let got = value("time", mapping, &[("a", a), ("b", b)]);
        assert_eq!(got, expected, "{a:?} {b:?}");
    }
}

#[test]
fn a_time_can_be_so_much_later_than_a_column_says() {
    let mapping = "{column: a, plus: [none, b], duration: [days, rate], never: [Never]}";
    for (a, b, expected) in [
        ("2026-08-01", "30", "2026-08-31T00:00:00Z"),
        ("2026-11-17", "rate(7 days)", "2026-11-24T00:00:00Z"),
        ("2026-08-01", "", "?empty"),
        ("2026-08-01", "cron(0 8 1 * ? *)", "?unparsed"),
        ("", "30", "?empty"),
        ("Never", "30", "never"),
    ] {
        let got = value("time", mapping, &[("a", a), ("b", b)]);
        assert_eq!(got, expected, "{a:?} {b:?}");
    }
}

#[test]
fn a_field_can_come_from_the_certificate_in_a_cell() {
    let pem = include_str!("../../../fixtures/exports/x509/expiring.pem");
    let coded = base64::encode(pem.as_bytes());
    let der: String = pem.lines().filter(|l| !l.starts_with('-')).collect();
    for cell in [pem, &coded, &der] {
        for (name, column, expected) in [
            ("text", "subject", "CN=web.acme.example, O=Acme Fake"),
            ("time", "not_after", "2026-11-30T17:28:05Z"),
            ("int", "lifetime_days", "10"),
            ("bool", "self_signed", "true"),
        ] {
            let mapping = format!("{{column: a, certificate: {column}}}");
            assert_eq!(value(name, &mapping, &[("a", cell)]), expected, "{column}");
        }
    }
    for (cell, expected) in [("FAKE", "?unparsed"), ("%", "?unparsed"), ("", "?empty")] {
        let mapping = "{column: a, certificate: not_after}";
        assert_eq!(value("time", mapping, &[("a", cell)]), expected, "{cell:?}");
    }
}

#[test]
fn groups_of_tests_are_three_valued() {
    for (group, a, b, expected) in [
        ("any", "1", "", "true"),
        ("any", "0", "1", "true"),
        ("any", "0", "0", "false"),
        ("any", "0", "", "?empty"),
        ("all", "0", "", "false"),
        ("all", "", "0", "false"),
        ("all", "1", "", "?empty"),
        ("all", "1", "1", "true"),
    ] {
        let mapping =
            format!("{{{group}: [{{column: a, equals: ['1']}}, {{column: b, equals: ['1']}}]}}");
        let got = value("bool", &mapping, &[("a", a), ("b", b)]);
        assert_eq!(got, expected, "{group} {a:?} {b:?}");
    }
}

#[test]
fn days_are_whole_and_need_both_ends() {
    let days = "{days_from: a, days_to: b}";
    let between = |a, b| value("int", days, &[("a", a), ("b", b)]);
    assert_eq!(between("2026-01-01", "2026-04-01T23:00:00Z"), "90");
    assert_eq!(between("2026-01-01", ""), "?empty");
}

#[test]
fn bytes_that_are_not_utf8_become_text_all_the_same() {
    use crate::read::{Cell, Row};
    let source = "version: 1\nsources:\n- {id: s, title: S, export: e, recognise: [{format: csv}], records: [{type: thing, fields: {text: a}}]}\n";
    let documents = [
        Document::new("schema", SCHEMA),
        Document::new("source", source),
    ];
    let (schema, sources) = decoded(&documents);
    let plan = plan_of(&schema, &sources, "s", "x.csv");
    let cells = [Cell::Text(b"M\xfcller"[..].into())];
    let row = Row {
        cells: &cells,
        raw: b"",
        line: 1,
        column: 1,
    };
    let records = super::flat(&schema, &plan, &row);
    assert_eq!(shown(field(&records[0], "text")), "M\u{fffd}ller");
}
