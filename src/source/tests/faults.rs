//! What is wrong in a source file is said with its place and what was meant.

use crate::read::decode::Document;
use crate::source::Sources;

const SCHEMA: &str = "\
version: 1
records:
- name: thing
  doc: A thing.
  fields:
  - {name: platform, type: text, doc: Where.}
  - {name: id, type: text, doc: Its id.}
  - {name: active, type: bool, nullable: true, doc: Whether it works.}
  - {name: expires, type: time, nullable: true, doc: Its end.}
  - {name: count, type: int, nullable: true, doc: How many.}
  - {name: scopes, type: list, nullable: true, doc: What for.}
";

/// The fault as `file:line:column message (help)`.
fn fault(files: &[&str]) -> String {
    let documents: Vec<Document> = files
        .iter()
        .enumerate()
        .map(|(n, text)| Document::new(&format!("{n}.yaml"), text))
        .collect();
    match Sources::decode(&documents) {
        Ok(_) => "no fault".to_owned(),
        Err(fault) => {
            let (line, column) = fault.line_column();
            let help = fault.help.as_deref().unwrap_or("");
            format!("{}:{line}:{column} {fault} ({help})", fault.file)
        }
    }
}

/// A source whose `fields` are as given, one per line, from line 8 and column 7.
fn with_fields(fields: &str) -> String {
    format!(
        "version: 1\nsources:\n- {{id: s, title: S, platform: p, export: e, recognise: [{{format: csv}}],\n   \
         records: [{{type: thing,\n   fields: {{\n      {fields}\n   }} }}] }}\n"
    )
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_field_that_does_not_fit_is_refused_with_its_place() {
    for (fields, expected) in [
        ("id: Id", "no fault"),
        (
            "idd: Id",
            "1.yaml:6:7 unknown field of `thing` `idd` (did you mean `id`?)",
        ),
        (
            "active: A",
            "1.yaml:4:21 the field `id` of `thing` is not mapped (every `thing` has it: Its id.)",
        ),
        (
            "id: {colum: Id}",
            "1.yaml:6:12 unknown key in a field `colum` (did you mean `column`?)",
        ),
        (
            "id: {column: Id, date: iso}",
            "1.yaml:6:24 `date` does not fit `id`, which is of type text (it is for time and int)",
        ),
        (
            "id: Id, active: {column: A, map: {a: b}}",
            "1.yaml:6:35 `map` does not fit `active`, which is of type bool (it is for text)",
        ),
        (
            "id: Id, expires: {column: E, date: day_end}",
            "1.yaml:6:42 unknown date form `day_end` (did you mean `day-end`?)",
        ),
        (
            "id: Id, expires: {column: E, far: nevr}",
            "1.yaml:6:41 unknown `far` `nevr` (did you mean `never`?)",
        ),
        (
            "id: Id, active: {any: []}",
            "1.yaml:6:29 `any` must ask something ()",
        ),
        (
            "id: Id, active: {column: A, any: [{column: B, present: true}]}",
            "1.yaml:6:24 `column` does not go together with `any` ()",
        ),
        (
            "id: Id, active: {column: A, equals: [a], true: [b]}",
            "1.yaml:6:48 `true` does not go together with `equals` ()",
        ),
        (
            "id: Id, active: {any: [{column: B}]}",
            "1.yaml:6:30 the test asks nothing (write `column` and one of equals, not_equals, only, present, matches, not_matches; or `any` or `all` with a list of tests)",
        ),
        (
            "id: Id, active: {present: true}",
            "1.yaml:6:33 `present` needs `column` ()",
        ),
        (
            "id: Id, active: {column: A, matches: '('}",
            "1.yaml:6:44 not a usable pattern: unclosed group ()",
        ),
        (
            "id: {column: Id, pattern: '[a-z]+'}",
            "1.yaml:6:33 not a usable pattern: it needs exactly one group `(…)`: what it takes ()",
        ),
        (
            "id: {column: 'a[', lower: true}",
            "1.yaml:6:20 `a[` is not a column: `[` is not closed ()",
        ),
        (
            "id: {column: A, columns: [B]}",
            "1.yaml:6:32 write either `column` or `columns` ()",
        ),
        (
            "id: {columns: [B], pick: full}",
            "1.yaml:6:32 unknown `pick` `full` (known: filled, latest, there)",
        ),
        ("id: {lower: true}", "1.yaml:6:11 `id` names no column ()"),
        (
            "id: {value: x, column: A}",
            "1.yaml:6:22 `column` does not go together with `value` ()",
        ),
        (
            "id: Id, count: {days_from: A}",
            "1.yaml:6:23 a field needs `days_to` ()",
        ),
        (
            "id: {columns: [A, B], pick: latest}",
            "1.yaml:6:35 `latest` is for times ()",
        ),
        (
            "id: {column: A, join: /}",
            "1.yaml:6:12 `column` does not go together with `join` ()",
        ),
        (
            "id: {file_path: true, lower: true}",
            "1.yaml:6:29 `lower` does not go together with `file_path` ()",
        ),
        (
            "id: Id, expires: {column: A, plus: B}",
            "1.yaml:6:42 `plus` and `duration` belong together ()",
        ),
        (
            "id: Id, expires: {column: A, plus: B, duration: day}",
            "1.yaml:6:55 unknown form of a duration `day` (did you mean `days`?)",
        ),
        (
            "id: Id, expires: {value: soon}",
            "1.yaml:6:32 unknown time `soon` (known: never)",
        ),
        (
            "id: Id, expires: {column: A, certificate: not_aftr}",
            "1.yaml:6:49 unknown column of a certificate `not_aftr` (did you mean `not_after`?)",
        ),
        (
            "id: Id, scopes: {column: A, split: ab}",
            "1.yaml:6:42 `split` must be one ASCII character ()",
        ),
    ] {
        assert_eq!(fault(&[SCHEMA, &with_fields(fields)]), expected, "{fields}");
    }
}

#[test]
fn a_source_that_is_wrong_as_a_whole_is_refused_with_its_place() {
    let good = with_fields("id: Id");
    let with = |from: &str, to: &str| good.replace(from, to);
    for (files, expected) in [
        (
            vec![SCHEMA, &good, &good],
            "2.yaml:3:8 there are two sources `s` ()",
        ),
        (
            vec![SCHEMA, SCHEMA],
            "1.yaml:3:9 the record type `thing` is declared twice ()",
        ),
        (
            vec![SCHEMA, &with("type: thing", "type: thng")],
            "1.yaml:4:21 unknown record type `thng` (did you mean `thing`?)",
        ),
        (
            vec![SCHEMA, &with("format: csv", "format: cvs")],
            "1.yaml:3:66 unknown format `cvs` (did you mean `csv`?)",
        ),
        (
            vec![SCHEMA, &with("title:", "titel:")],
            "1.yaml:3:11 unknown key in a source `titel` (did you mean `title`?)",
        ),
        (
            vec![SCHEMA, &with("{format: csv}", "{format: csv, path: 'a[' }")],
            "1.yaml:3:77 not a path pattern: unclosed character class; missing ']' ()",
        ),
        (
            vec![SCHEMA, &with("title:", "also: [t], title:")],
            "1.yaml:3:8 unknown source `t` (did you mean `s`?)",
        ),
        (
            vec![SCHEMA, &with(", recognise: [{format: csv}]", "")],
            "1.yaml:3:8 a source needs an entry in `recognise`, or another that names it in `also` ()",
        ),
        (
            vec![SCHEMA, &with(", platform: p", "")],
            "1.yaml:4:21 the field `platform` of `thing` is not mapped (every `thing` has it: Where.)",
        ),
        (
            vec![SCHEMA, &with("version: 1", "version: 2")],
            "1.yaml:1:10 the only version so far is 1 ()",
        ),
        (
            vec![&SCHEMA.replace("type: bool", "type: boole")],
            "0.yaml:8:26 unknown type `boole` (did you mean `bool`?)",
        ),
        (
            vec![SCHEMA, "sources: []"],
            "1.yaml:1:1 a source file needs `version` ()",
        ),
    ] {
        assert_eq!(fault(&files), expected);
    }
}

#[test]
fn order_of_files_does_not_matter() {
    assert_eq!(fault(&[&with_fields("id: Id"), SCHEMA]), "no fault");
}
