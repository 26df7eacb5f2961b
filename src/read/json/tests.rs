use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::read::row::{Format, ReadError};
use crate::read::testing::{Seen, read};

fn format(envelope: &[&str]) -> Format {
    Format::Json {
        envelope: envelope.iter().map(|&s| s.to_owned()).collect(),
    }
}

fn json(text: &str, envelope: &[&str], columns: &[&str]) -> (Seen, Summary) {
    let (seen, result) = read(text.as_bytes(), &format(envelope), columns, None);
    (seen, result.unwrap())
}

#[test]
fn every_container_gives_its_records() {
    let cases: [(&str, &[&str], &[&str]); 9] = [
        (r#"[{"Id":"a"}, {"Id":"b"}]"#, &[], &["1:2 a", "1:14 b"]),
        ("{\"Id\":\"a\"}\n{\"Id\":\"b\"}\n", &[], &["1:1 a", "2:1 b"]),
        (r#"{"Id":"a"}{"Id":"b"}"#, &[], &["1:1 a", "1:11 b"]),
        (
            "[{\"Id\":\"a\"}]\n[{\"Id\":\"b\"}]",
            &[],
            &["1:2 a", "2:2 b"],
        ),
        (
            "{\"status\":0,\n \"result\":{\"records\":[\n  {\"Id\":\"é\"}, {\"Id\":2}],\"done\":true},\"warnings\":[]}",
            &["result", "records"],
            &["3:3 é", "3:15 2"],
        ),
        (r#"{"result":{"Id":"a"}}"#, &["result"], &["1:11 a"]),
        (
            r#"{"x":[],"value":[{"Id":null}]}"#,
            &["value"],
            &["1:18 null"],
        ),
        (r#"{"value":null}"#, &["value"], &[]),
        (" \n", &[], &[]),
    ];
    for (text, envelope, rows) in cases {
        let (seen, summary) = json(text, envelope, &["Id"]);
        assert_eq!(seen.rows, rows, "{text}");
        assert_eq!(summary.truncated, None, "{text}");
        assert_eq!(seen.problems, [""; 0], "{text}");
    }
}

#[test]
fn a_bulk_export_without_rows_is_a_lone_bracket() {
    for text in ["[", "[\n", "[]"] {
        assert_eq!(json(text, &[], &["Id"]).1, Summary::default(), "{text:?}");
    }
}

#[test]
fn a_path_finds_what_a_person_would_point_at() {
    let record = r#"{"id":7,"Profile":{"attributes":{"type":"Profile"},"Name":"P"},"flat.Name":"F",
        "a":{"b.c":{"d":true}},"snow":{"display_value":"Dana","value":"d1"},"none":null,
        "perms":[{"name":"A","on":"x"},{"name":"B","on":"y","l":[1,"\"2\""]}],"s":["p","q"],
        "esc":"tab\tq\"\u00e9\ud83d\ude00","o":{"k":1}, "lone":"\ud800", "empty":"",
        "stages":{"v1":["P"],"v 2":["C","N"],"v3":"x","v4":null}}"#;
    let columns = [
        ("ID", "7"),
        ("profile.name", "P"),
        ("flat.name", "F"),
        ("a.b.c.d", "true"),
        ("snow", "d1"),
        ("snow.value", "d1"),
        ("snow.display_value", "Dana"),
        ("none", "null"),
        ("none.x", "null"),
        ("perms[name=B].on", "y"),
        ("perms[name=C].on", "∅"),
        ("perms[*].on", "[x,y]"),
        ("perms[*].l[*]", "[1,\"2\"]"),
        ("perms[*].absent", "[]"),
        ("nolist[*].absent", "∅"),
        ("none[*]", "null"),
        ("s", "[p,q]"),
        ("s[*]", "[p,q]"),
        ("esc", "tab\tq\"é😀"),
        ("o", "{\"k\":1}"),
        ("lone", "\\ud800"),
        ("empty", ""),
        ("absent", "∅"),
        // The members' names are data; a list among their values is one text.
        ("stages[.*]", "[P,C,N,x]"),
        ("none[.*]", "null"),
        ("nolist[.*]", "∅"),
    ];
    let names: Vec<&str> = columns.iter().map(|(n, _)| *n).collect();
    let want: Vec<&str> = columns.iter().map(|(_, v)| *v).collect();
    let record = record.replace('\t', " ");
    for text in [
        record.clone(),
        format!("[{record}]"),
        format!("{record}\n{record}"),
    ] {
        let (seen, _) = json(&text, &[], &names);
        for row in &seen.rows {
            let (_, cells) = row.split_once(' ').unwrap();
            assert_eq!(cells.split('|').collect::<Vec<_>>(), want);
        }
    }
}

#[test]
fn keys_may_come_in_another_order_in_each_record() {
    let text = r#"[{"a":1,"b":2,"c":3},{"c":3,"b":2,"a":1},{"b":2},{"x":0,"a":1,"c":3},{}]"#;
    let (seen, _) = json(text, &[], &["a", "b", "c"]);
    let cells: Vec<&str> = seen
        .rows
        .iter()
        .map(|r| r.split_once(' ').unwrap().1)
        .collect();
    assert_eq!(cells, ["1|2|3", "1|2|3", "∅|2|∅", "1|∅|3", "∅|∅|∅"]);
}

#[test]
fn a_list_inside_a_record_can_be_expanded() {
    let text = "[{\"id\":\"app1\",\"creds\":[{\"k\":1},\n{\"k\":2}]},{\"creds\":[],\"id\":\"x\"},\
                {\"id\":\"one\",\"creds\":{\"k\":3}},{\"id\":\"none\",\"creds\":null},{\"id\":\"y\"}]";
    let (seen, result) = read(text.as_bytes(), &format(&[]), &["k", "^.id"], Some("creds"));
    assert_eq!(seen.rows, ["1:24 1|app1", "2:1 2|app1", "2:53 3|one"]);
    assert_eq!(seen.raw[1], br#"{"k":2}"#);
    assert_eq!(result.unwrap().rows, 3);
    let nested = r#"{"users":[{"keys":["a","b"]},{"keys":["c"]}]}"#;
    let (seen, _) = read(
        nested.as_bytes(),
        &format(&[]),
        &["$text"],
        Some("users[*].keys"),
    );
    assert_eq!(seen.rows.len(), 3);
    assert!(seen.rows[2].ends_with(" c"), "{:?}", seen.rows);
}

#[test]
fn the_envelope_says_when_rows_are_missing() {
    let cases: [(&str, &str); 8] = [
        (
            r#"{"done":false,"records":[{}]}"#,
            "`done` is false: more rows exist",
        ),
        (
            r#"{"records":[{}],"nextRecordsUrl":"/q/01-2000"}"#,
            "`nextRecordsUrl` names a further page",
        ),
        (
            r#"{"records":[{}],"@odata.nextLink":"u"}"#,
            "`@odata.nextLink` names a further page",
        ),
        (
            r#"{"NextToken":"t","records":[]}"#,
            "`NextToken` names a further page",
        ),
        (
            r#"{"totalSize":3,"done":true,"records":[{},{}]}"#,
            "`totalSize` is 3, but only 2 rows are here",
        ),
        (
            r#"{"records":[{}],"total_count":2}"#,
            "`total_count` is 2, but only 1 rows are here",
        ),
        (
            r#"{"IsTruncated":true,"records":[{}]}"#,
            "`IsTruncated` is true: more rows exist",
        ),
        (
            r#"{"metadata":{"continue":"x"},"records":[{}]}"#,
            "`continue` names a further page",
        ),
    ];
    for (text, why) in cases {
        let (_, summary) = json(text, &["records"], &[]);
        assert_eq!(summary.truncated.as_deref(), Some(why), "{text}");
    }
    for whole in [
        r#"{"done":true,"nextRecordsUrl":null,"totalSize":1,"NextToken":"","records":[{}]}"#,
        r#"{"total_count":2,"records":[{}]}{"total_count":2,"records":[{}]}"#,
        r#"{"done":false,"nextRecordsUrl":"u","records":[{}]} {"done":true,"records":[{}]}"#,
    ] {
        assert_eq!(json(whole, &["records"], &[]).1.truncated, None, "{whole}");
    }
}

#[test]
fn a_document_without_the_list_is_a_problem() {
    let (seen, summary) = json(
        "{\"records\":[{}]}\n{\"message\":\"rate limit\"}",
        &["records"],
        &[],
    );
    assert_eq!(seen.problems, ["2 malformed has no list `records`"]);
    assert_eq!(summary.rows, 1);
}

#[test]
fn what_is_no_json_is_refused_with_its_line() {
    for (text, line) in [
        ("[{\"a\":1}\n{\"a\":2}]", 2),
        ("[{\"a\":1,\n\"b\":tru}]", 2),
        ("{\"a\":1}\n\nhello", 3),
        ("[{\"a\":\"\\x\"}]", 1),
        ("[{\"a\":1},\n]", 2),
        // Like the record before it, but for a comma.
        ("[{\"a\":1,\"b\":2},\n{\"a\":1\"b\":2}]", 2),
        ("[{\"a\":1,\"b\":2},\n{\"x\":1\"a\":1}]", 2),
        ("[{\"a\":1,\"b\":2},\n{,\"b\":2}]", 2),
        ("[{\"a\":1,\"b\":2},\n{\"a\":1,}]", 2),
    ] {
        let (_, result) = read(text.as_bytes(), &format(&[]), &["a"], None);
        match result {
            Err(ReadError::Malformed { line: at, .. }) => assert_eq!(at, line, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_cut_file_gives_its_rows_and_says_so() {
    let samples: [(&str, &[&str]); 3] = [
        (r#"[{"a":1},{"a":"x\"y"}]"#, &[]),
        (
            r#"{"s":0,"result":{"records":[{"a":1},{"a":2}],"done":true},"w":[1,{"z":[]}]}"#,
            &["result", "records"],
        ),
        (r#"{"a":{"b":[1,2,{"c":null}]}}"#, &[]),
    ];
    for (text, envelope) in samples {
        for cut in 0..text.len() {
            let part = &text[..cut];
            let (_, summary) = json(part, envelope, &["a"]);
            let nothing_was_cut = part.is_empty() || part == "[";
            assert_eq!(summary.truncated.is_none(), nothing_was_cut, "{part}");
        }
    }
}

#[test]
fn limits_hold() {
    for open in ["[", "{\"a\":", "[{\"a\":["] {
        let text = open.repeat(100_000);
        for envelope in [&[][..], &["b"]] {
            let (_, result) = read(text.as_bytes(), &format(envelope), &["a.a", "x"], None);
            assert!(result.is_err(), "{open} {envelope:?} {result:?}");
        }
    }
    let long = format!("[{{\"a\":\"{}\"}}]", "x".repeat(40 << 20));
    let (_, result) = read(long.as_bytes(), &format(&[]), &["a"], None);
    assert!(
        matches!(result, Err(ReadError::TooLarge { line: 1, .. })),
        "{result:?}"
    );
    // What is around the records may be as long as it likes.
    let text = format!(
        "{{\"w\":[{}1],\"r\":[{{\"a\":1}}]}}",
        "\"filler\",".repeat(2 << 20)
    );
    let (seen, summary) = json(&text, &["r"], &["a"]);
    assert_eq!((seen.rows.len(), summary.truncated), (1, None));
}

#[test]
fn records_across_blocks_are_whole() {
    let mut text = String::from("{\"value\":[");
    for n in 0..60_000 {
        let comma = if n > 0 { "," } else { "" };
        let _ = write!(
            text,
            "{comma}{{\"id\":{n},\"text\":\"some \\\"longer\\\" text\",\"o\":{{}}}}"
        );
    }
    text.push_str("]}");
    assert!(text.len() > 2 << 20);
    let (seen, summary) = json(&text, &["value"], &["id", "text"]);
    assert_eq!(summary.rows, 60_000);
    for (n, row) in seen.rows.iter().enumerate() {
        if n % 10_000 == 0 {
            let at = text.find(&format!("{{\"id\":{n},")).unwrap();
            assert!(row.starts_with(&format!("1:{} ", at + 1)), "{row}");
        }
        assert!(
            row.ends_with(&format!(" {n}|some \"longer\" text")),
            "{row}"
        );
    }
}

#[test]
fn a_csv_inside_json_is_read_as_csv() {
    // user,arn / a,b / c,d
    let text = "{\n  \"Content\": \"dXNlcixhcm4KYSxiCmMsZAo=\",\n  \"ReportFormat\": \"text/csv\"}";
    let shape = shape(text.as_bytes()).unwrap();
    assert_eq!(shape.columns, ["user", "arn"]);
    let (seen, result) = read(text.as_bytes(), &shape.format, &["arn"], None);
    assert_eq!(seen.rows, ["2:14 b", "2:14 d"]);
    assert_eq!(result.unwrap().rows, 2);
    let broken = text.replace("dXNl", "d!!l");
    let (_, result) = read(broken.as_bytes(), &shape.format, &["arn"], None);
    assert!(matches!(result, Err(ReadError::Malformed { line: 2, .. })));
    for cut in 0..text.len() - 1 {
        let (_, result) = read(&text.as_bytes()[..cut], &shape.format, &["arn"], None);
        assert!(
            result.is_err() || result.unwrap().truncated.is_some(),
            "{cut}"
        );
    }
}

#[test]
fn the_shape_says_where_the_records_are() {
    /// Text, envelope, columns, kind.
    type Case<'a> = (&'a str, &'a [&'a str], &'a [&'a str], Option<&'a str>);
    let cases: [Case<'_>; 14] = [
        (
            r#"[{"a":1,"b":{"c":2}},{"d":1}]"#,
            &[],
            &["a", "b", "b.c", "d"],
            None,
        ),
        (
            r#"{"status":0,"result":{"records":[{"attributes":{"type":"User"},"Id":1}],"done":true}}"#,
            &["result", "records"],
            &["attributes", "attributes.type", "Id"],
            Some("User"),
        ),
        (
            r#"{"totalSize":0,"done":true,"records":[]}"#,
            &["records"],
            &[],
            None,
        ),
        (
            r#"{"result":[{"sys_id":{"value":"x"}}]}"#,
            &["result"],
            &["sys_id", "sys_id.value"],
            None,
        ),
        (
            r#"{"result":{"sys_id":"x"}}"#,
            &["result"],
            &["sys_id"],
            None,
        ),
        (
            r#"{"CertificateSummaryList":[{"A":1}]}"#,
            &["CertificateSummaryList"],
            &["A"],
            None,
        ),
        (
            r#"{"Certificate":{"A":[{"b":1}]}}"#,
            &[],
            &["Certificate", "Certificate.A"],
            None,
        ),
        (
            r#"{"total_count":1,"secrets":[{"name":"x"}]}"#,
            &["secrets"],
            &["name"],
            None,
        ),
        (
            r#"{"id":1,"passwordCredentials":[{"k":1}]}"#,
            &[],
            &["id", "passwordCredentials"],
            None,
        ),
        (
            r#"{"apiVersion":"v1","kind":"List","items":[{"kind":"Secret"}]}"#,
            &["items"],
            &["kind"],
            Some("Secret"),
        ),
        (
            r#"{"data":{"accessor":"x","policies":["root"]}}"#,
            &[],
            &["data", "data.accessor", "data.policies"],
            None,
        ),
        ("{\"a\":1}\n{\"b\":[{\"c\":1}]}", &[], &["a", "b"], None),
        ("[", &[], &[], None),
        (
            r#"{"records":[{"a":1,"b":"cut"#,
            &["records"],
            &["a", "b"],
            None,
        ),
    ];
    for (text, envelope, columns, kind) in cases {
        let shape = shape(text.as_bytes()).unwrap();
        assert_eq!(shape.format, format(envelope), "{text}");
        assert_eq!(shape.columns, columns, "{text}");
        assert_eq!(shape.kind.as_deref(), kind, "{text}");
    }
    for text in ["", "x", "{x}", "\"a\""] {
        assert_eq!(shape(text.as_bytes()), None, "{text}");
    }
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[ -~\n\té\u{1F600}]{0,12}".prop_map(Value::from),
    ]
}

proptest! {
    #[test]
    fn what_serde_json_wrote_is_read_back(
        rows in prop::collection::vec((leaf(), leaf(), leaf()), 0..20),
        shape in 0..4,
    ) {
        let values: Vec<Value> = rows.iter()
            .map(|(a, b, c)| json!({"x": {"a": a, "l": [1, {"z": b}]}, "b": b, "c": {"d": {"e": c}}}))
            .collect();
        let text = match shape {
            0 => serde_json::to_string(&values).unwrap(),
            1 => serde_json::to_string_pretty(&values).unwrap(),
            2 => values.iter().map(|v| format!("{v}\n")).collect(),
            _ => json!({"o": [[], {}], "records": values}).to_string(),
        };
        let envelope: &[&str] = if shape == 3 { &["records"] } else { &[] };
        let (seen, summary) = json(&text, envelope, &["x.a", "b", "c.d.e", "x.l[*].z"]);
        prop_assert_eq!(summary.truncated, None);
        let text_of = |v: &Value| match v {
            Value::String(s) => s.clone(),
            other => other.to_string(),
        };
        let listed = |v: &Value| if v.is_null() { "[]".to_owned() } else { format!("[{}]", text_of(v)) };
        let want: Vec<String> = rows.iter()
            .map(|(a, b, c)| [text_of(a), text_of(b), text_of(c), listed(b)].join("|"))
            .collect();
        let got: Vec<&str> = seen.rows.iter().map(|r| r.split_once(' ').unwrap().1).collect();
        prop_assert_eq!(got, want);
        for (raw, value) in seen.raw.iter().zip(&values) {
            let again: Value = serde_json::from_slice(raw).unwrap();
            prop_assert_eq!(&again, value);
        }
    }

    #[test]
    fn random_bytes_never_panic(
        text in r#"([\[\]{}:,"\\ \n]|[a-c0-2]|"a":|null|\{"a":\[){0,60}"#,
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        for input in [text.as_bytes(), &bytes] {
            for envelope in [&[][..], &["a"], &["a", "b"]] {
                let _ = read(input, &format(envelope), &["a", "a.b", "a[*].c"], None);
                let _ = read(input, &format(envelope), &["a", "^.b"], Some("a"));
            }
            let _ = shape(input);
        }
    }
}

#[test]
fn pages_that_were_put_into_one_list_are_read_as_one() {
    let text = "[\n[{\"id\": 1}, {\"id\": 2}],\n[],\n[[{\"id\": 3}]]\n]\n[{\"id\": 4}]";
    let format = format(&[]);
    let (seen, result) = read(text.as_bytes(), &format, &["id"], None);
    assert_eq!(seen.rows, ["2:2 1", "2:13 2", "4:3 3", "6:2 4"]);
    assert_eq!(result.unwrap().truncated, None);
    let shape = shape(text.as_bytes()).unwrap();
    assert_eq!(shape.columns, ["id"]);
    let cut = "[[{\"id\": 1}]";
    let (_, result) = read(cut.as_bytes(), &format, &["id"], None);
    assert!(result.unwrap().truncated.is_some());
}

#[test]
fn pages_one_behind_another_keep_their_envelope() {
    let page = "{\"SecretList\": [{\"ARN\": \"a\", \"Name\": \"n\"}]}\n";
    let shape = shape(page.repeat(2).as_bytes()).unwrap();
    assert_eq!(shape.columns, ["ARN", "Name"]);
    let (seen, _) = read(page.repeat(2).as_bytes(), &shape.format, &["Name"], None);
    assert_eq!(seen.rows.len(), 2);
}

/// Names compare without case, so `Id` and `id` are one name.
#[test]
fn a_name_that_stands_twice_with_another_value_is_told_with_its_line() {
    let message = |line: u32, name: &str| {
        format!(
            "{line} malformed has a second value for `{name}`, under the same name or one that differs in \
             case only; the first is judged"
        )
    };
    let cases: [(&str, &str, Vec<String>); 6] = [
        (
            "[{\"Id\":\"a\",\n\"id\":\"b\"}]",
            "1:2 a|∅",
            vec![message(2, "Id")],
        ),
        (
            "[{\"Id\":\"a\",\"Id\":null}]",
            "1:2 a|∅",
            vec![message(1, "Id")],
        ),
        ("[{\"Id\":\"a\",\"id\":\"a\"}]", "1:2 a|∅", vec![]),
        ("[{\"Id\":\"a\",\"x\":1,\"X\":2}]", "1:2 a|∅", vec![]),
        (
            "[{\"P\":{\"Name\":\"a\"},\"p\":{\"Name\":\"b\"}}]",
            "1:2 ∅|a",
            vec![message(1, "P.Name")],
        ),
        (
            "[{\"P\":{\"Name\":\"a\"},\"q\":{\"Name\":\"b\"}}]",
            "1:2 ∅|a",
            vec![],
        ),
    ];
    for (text, row, told) in cases {
        let (seen, _) = json(text, &[], &["Id", "P.Name"]);
        assert_eq!(
            (seen.rows, seen.problems),
            (vec![row.to_owned()], told),
            "{text}"
        );
    }
    // The second record has what the first had: that is no name twice.
    let (seen, _) = json("[{\"Id\":\"a\"},{\"Id\":\"b\"}]", &[], &["Id"]);
    assert_eq!(seen.problems, [""; 0]);
}
