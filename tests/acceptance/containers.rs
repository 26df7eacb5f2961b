//! The same users in every container that a tool writes them in give the same findings.

use std::collections::BTreeSet;
use std::fs;

use crate::program::{file, folder, scan};

const USERS: &str = "fixtures/exports/salesforce/users";

/// Rule and subject of every finding over a file of users, beside the other exports of their org.
fn findings(users: &str) -> BTreeSet<(String, String)> {
    let (_, report) = scan(&[
        users,
        "fixtures/exports/salesforce/permission_set_assignments.sf-query.json",
        "fixtures/exports/salesforce/metadata",
        "fixtures/exports/salesforce/oauth_tokens.sf-query.json",
        "fixtures/exports/salesforce/auth_sessions.sf-query.json",
        "fixtures/exports/salesforce/login_history.sf-query.csv",
        "fixtures/exports/register",
    ]);
    assert_eq!(report.problems(), [], "{users}");
    let pairs = report.pairs();
    let owned = |(rule, name): &(&str, &str)| ((*rule).to_owned(), (*name).to_owned());
    pairs.iter().map(owned).collect()
}

#[test]
fn encodings_delimiters_quotes_newlines_and_the_case_of_headers_change_nothing() {
    let here = folder("containers");
    let csv = fs::read_to_string(format!("{USERS}.sf-query.csv")).unwrap();
    let expected = findings(&format!("{USERS}.sf-query.csv"));
    assert!(expected.len() > 20, "{expected:#?}");
    let (header, rows) = csv.split_once('\n').unwrap();
    // No cell but one holds a comma or a quote; that one is quoted already.
    let plain = rows.replace("\"Dana O'Neil, \"\"DBA\"\"\"", "Dana O'Neil");
    let quoted: String = format!("{header}\n{plain}")
        .lines()
        .map(|line| format!("\"{}\"\r\n", line.replace(',', "\",\"")))
        .collect();
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(csv.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let capitals = format!("{}\n{rows}", header.to_uppercase());
    for (name, text) in [
        ("bom.csv", format!("\u{feff}{csv}")),
        ("crlf.csv", csv.replace('\n', "\r\n")),
        ("quoted.csv", quoted),
        ("capitals.csv", capitals),
        ("no-final-newline.csv", csv.trim_end().to_owned()),
    ] {
        assert_eq!(findings(&file(&here, name, &text)), expected, "{name}");
    }
    for (name, delimiter) in [
        ("semicolon", ";"),
        ("tab", "\t"),
        ("pipe", "|"),
        ("caret", "^"),
        ("backquote", "`"),
    ] {
        let text = format!("{header}\n{plain}").replace(',', delimiter);
        let path = file(&here, &format!("{name}.csv"), &text);
        assert_eq!(findings(&path), expected, "{name}");
    }
    let path = here.join("utf-16.csv");
    fs::write(&path, utf16).unwrap();
    assert_eq!(findings(path.to_str().unwrap()), expected, "UTF-16");
}

#[test]
fn containers_of_fewer_columns_or_rows_tell_nothing_that_the_whole_does_not() {
    let whole = findings(&format!("{USERS}.sf-query.csv"));
    let bulk = findings(&format!("{USERS}.bulk-api2.csv"));
    for shape in ["bulk-api2.caret-crlf.csv", "sf-export-bulk.json"] {
        assert_eq!(findings(&format!("{USERS}.{shape}")), bulk, "{shape}");
    }
    let output_file = findings(&format!("{USERS}.sf-output-file.json"));
    for (shape, part) in [("bulk", &bulk), ("output file", &output_file)] {
        let more: Vec<_> = part.difference(&whole).collect();
        assert!(more.is_empty(), "{shape}: {more:#?}");
        assert!(part.len() > 10, "{shape}: {part:#?}");
    }
}
