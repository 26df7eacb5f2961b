use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::read::Format;
use crate::read::testing::{Seen, read};

const COMMA: Format = Format::Csv { delimiter: b',' };

fn csv(text: &str, columns: &[&str]) -> (Seen, Summary) {
    let (seen, result) = read(text.as_bytes(), &COMMA, columns, None);
    (seen, result.unwrap())
}

#[test]
fn wanted_columns_come_in_the_order_asked_for() {
    let (seen, summary) = csv("a,b,c\n1,2,3\n4,5,6\n", &["c", "x", "A"]);
    assert_eq!(seen.rows, ["2:1 3|∅|1", "3:1 6|∅|4"]);
    assert_eq!(
        summary,
        Summary {
            rows: 2,
            ..Summary::default()
        }
    );
}

#[test]
fn the_quirks_of_vendors_do_not_show() {
    let cases: [(&str, u8, &str); 8] = [
        ("sf", b',', "Id,Profile.Name\n7,\"A, \"\"B\"\"\"\n"),
        (
            "data loader",
            b',',
            "\u{feff}\"ID\",\"PROFILE.NAME\"\r\n\"7\",\"A, \"\"B\"\"\"\r\n",
        ),
        (
            "bulk caret",
            b'^',
            "\"Id\"^\"Profile.Name\"\r\n\"7\"^\"A, \"\"B\"\"\"\r\n",
        ),
        (
            "bulk backtick",
            b'`',
            "Id`Profile.Name\n7`\"A, \"\"B\"\"\"\n",
        ),
        (
            "no end of line",
            b',',
            "Id,Profile.Name\n7,\"A, \"\"B\"\"\"",
        ),
        (
            "blank lines",
            b',',
            "\r\nId,Profile.Name\n\n7,\"A, \"\"B\"\"\"\r\n\r\n\n",
        ),
        (
            "quotes that quote nothing",
            b';',
            "Id;Profile.Name\n7;A, \"B\"\n",
        ),
        (
            "space in the header",
            b'\t',
            "Id\t Profile.Name \n7\t\"A, \"\"B\"\"\"\n",
        ),
    ];
    for (what, delimiter, text) in cases {
        let format = Format::Csv { delimiter };
        let (seen, result) = read(text.as_bytes(), &format, &["id", "profile.name"], None);
        assert_eq!(seen.problems, [""; 0], "{what}");
        assert!(
            seen.rows[0].ends_with(" 7|A, \"B\""),
            "{what}: {:?}",
            seen.rows
        );
        assert_eq!(result.unwrap().rows, 1, "{what}");
    }
}

#[test]
fn a_blank_file_is_an_empty_table() {
    for text in ["", "\n", "\r\n", "a,b\n", "a,b"] {
        let (seen, summary) = csv(text, &["a"]);
        assert!(seen.rows.is_empty() && seen.problems.is_empty(), "{text:?}");
        assert_eq!(summary, Summary::default(), "{text:?}");
    }
}

#[test]
fn lines_are_physical_lines() {
    let text = "a,b\n\"1\n1\",x\n2,\"y\n\ny\"\n\n3,z\n";
    let (seen, _) = csv(text, &["b"]);
    assert_eq!(seen.rows, ["2:1 x", "4:1 y\n\ny", "8:1 z"]);
    assert_eq!(seen.regions[1].end_line, 6);
    let after_long_header = "\"a\nb\",c\n1,2\n";
    assert_eq!(csv(after_long_header, &["c"]).0.rows, ["3:1 2"]);
}

#[test]
fn a_row_of_the_wrong_width_is_a_problem_and_reading_goes_on() {
    let (seen, summary) = csv("a,b\n1\n1,2\n1,2,3\n\"x\"y,2\n3,4\n", &["a"]);
    assert_eq!(seen.rows, ["3:1 1", "6:1 3"]);
    assert_eq!(
        seen.problems,
        [
            "2 bad-row has 1 fields, the header has 2",
            "4 bad-row has 3 fields, the header has 2",
            "5 bad-row text follows the closing quote of a field",
        ]
    );
    assert_eq!(summary.rows, 2);
}

#[test]
fn a_stray_quote_takes_no_other_row_with_it() {
    let filler = "x".repeat(70);
    let text = format!("a,b\n5\" disk,{filler}\n2,\"q\"\n a\"b,3\n4,5\"\n6,7\n");
    let (seen, summary) = csv(&text, &["a"]);
    assert_eq!(
        seen.rows,
        ["2:1 5\" disk", "3:1 2", "4:1  a\"b", "5:1 4", "6:1 6"]
    );
    assert_eq!((summary.rows, seen.problems.len()), (5, 0));
}

#[test]
fn a_file_that_ends_too_early_says_so() {
    for (text, rows) in [
        ("a,b\n1,2\n3", 1),
        ("a,b\n1,2\n\"3,4\n5,6\n", 1),
        ("a,b\n1,\"2", 0),
    ] {
        let (_, summary) = csv(text, &["a"]);
        assert!(summary.truncated.is_some(), "{text:?}");
        assert_eq!(summary.rows, rows, "{text:?}");
    }
}

#[test]
fn a_row_without_end_is_refused() {
    let text = format!("a,b\n1,\"{}\"\n", "x".repeat(40 << 20));
    let (_, result) = read(text.as_bytes(), &COMMA, &["a"], None);
    assert!(
        matches!(result, Err(ReadError::TooLarge { line: 2, .. })),
        "{result:?}"
    );
}

#[test]
fn rows_across_blocks_are_whole() {
    let mut text = String::from("id,text\n");
    for n in 0..60_000 {
        let _ = write!(text, "{n},\"some \"\"longer\"\" text\r\nof row {n}\"\n");
    }
    assert!(text.len() > 2 << 20);
    let (seen, summary) = csv(&text, &["id", "text"]);
    assert_eq!(summary.rows, 60_000);
    for (n, row) in seen.rows.iter().enumerate() {
        let line = 2 + 2 * n;
        assert_eq!(
            *row,
            format!("{line}:1 {n}|some \"longer\" text\r\nof row {n}")
        );
    }
}

/// The dialect in the plainest words: what the masks must agree with.
fn plain(text: &[u8], width: usize) -> Vec<Vec<u8>> {
    let mut rows = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut ends = Vec::new();
        let record = careful(rest, b',', true, &mut ends).unwrap();
        let blank = matches!(&rest[..record.end], b"" | b"\r");
        let cut = record.next == rest.len() && record.end == rest.len() && ends.len() < width;
        if record.unterminated || (cut && !blank) {
            break;
        }
        if ends.len() == width && !blank && !record.text_behind_quote {
            rows.push(rest[..ends[width - 1]].to_vec());
        }
        rest = &rest[record.next..];
    }
    rows
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic_and_as_the_careful_reader_reads_them(
        body in "([ab,\r]|\"|\"\"|\"\"\"|,\"|\",|\n|\"\n\"|\r\n|x{40}){0,60}",
    ) {
        let text = format!("h1,h2\n{body}");
        let (seen, _) = read(text.as_bytes(), &COMMA, &["h1"], None);
        prop_assert_eq!(seen.raw, plain(body.as_bytes(), 2));
    }

    #[test]
    fn what_a_writer_wrote_is_read_back(
        table in prop::collection::vec(prop::collection::vec("[ -~\n\ré]{0,30}", 3), 0..40),
        quote_all: bool,
        crlf: bool,
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let mut text = format!("a,b,c{end}");
        for row in &table {
            let fields: Vec<String> = row.iter().map(|field| {
                if quote_all || field.contains([',', '"', '\n', '\r']) {
                    format!("\"{}\"", field.replace('"', "\"\""))
                } else {
                    field.clone()
                }
            }).collect();
            text.push_str(&fields.join(","));
            text.push_str(end);
        }
        let (seen, summary) = csv(&text, &["a", "b", "c"]);
        prop_assert_eq!(summary.truncated, None);
        let want: Vec<String> = table.iter().map(|row| row.join("|")).collect();
        let got: Vec<&str> = seen.rows.iter().map(|r| r.split_once(' ').unwrap().1).collect();
        prop_assert_eq!(got, want);
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, &COMMA, &["a"], None);
    }
}

#[test]
fn a_title_before_the_header_is_no_header() {
    for text in [
        "Users of today\n\nId,Name\n1,a\n",
        "Users of Acme, today\n\nId,Name,Active\n1,a,true\n",
        "Users,\nId,Name\n1,a\n",
        "\u{feff}Users,,\r\n19.11.2026,,\r\nId,Name,\r\n1,a,\r\n",
    ] {
        let data = text.as_bytes();
        let delimiter = sniff_delimiter(data).or_else(|| sniff_behind_titles(data));
        assert_eq!(delimiter, Some(b','), "{text:?}");
        let Header::Found { names, line, .. } = header(data, b',', true) else {
            panic!("{text:?}");
        };
        assert_eq!(names[..2], ["Id", "Name"], "{text:?}");
        assert_eq!(
            line,
            u32::try_from(text.lines().count()).unwrap(),
            "{text:?}"
        );
    }
    // Nor is a header a title, if there is a blank line or a row that is too long below it.
    for text in [
        "User id,Name\n\n1,a\n",
        "User id,Name\n1,a,b\n",
        "Id,Name\n\n1,a,b\n",
    ] {
        let Header::Found { line, .. } = header(text.as_bytes(), b',', true) else {
            panic!("{text:?}");
        };
        assert_eq!(line, 2, "{text:?}");
    }
    // A table of one column has a header all the same.
    let Header::Found { names, .. } = header(b"Id\n1\n2\n", b',', true) else {
        panic!();
    };
    assert_eq!(names, ["Id"]);
    assert_eq!(sniff_behind_titles(b"<html>\n<p>a, b</p>\n"), None);
}

#[test]
fn a_header_that_stands_again_is_no_row() {
    let text = "Id,Name\n1,a\n\u{feff}Id,Name\n2,b\n\"Id\",\"Name\"\r\n3,c\nId,Name";
    let (seen, summary) = csv(text, &["Id", "Name"]);
    assert_eq!(seen.rows, ["2:1 1|a", "4:1 2|b", "6:1 3|c"]);
    assert_eq!((seen.problems.len(), summary.rows), (0, 3));
    // Values may be names of columns.
    let (seen, _) = csv("Id,Name,Title\nId,x,y\n1,Name,Title of\n", &["Name"]);
    assert_eq!(seen.rows, ["2:1 x", "3:1 Name"]);
}

#[test]
fn another_header_within_a_table_is_told() {
    for second in [
        "Name,Id",
        "Id,Name,Age",
        "Id,Title,Name",
        "\u{feff}\"Id\",\"Name\",\"Age\"",
    ] {
        let text = format!("Id,Name\n1,a\n{second}\n2,b\n");
        let (seen, _) = csv(&text, &["Id"]);
        assert_eq!(seen.rows, ["2:1 1", "4:1 2"], "{second}");
        assert_eq!(seen.problems.len(), 1, "{second}");
        assert!(seen.problems[0].contains("another header"), "{second}");
    }
}
