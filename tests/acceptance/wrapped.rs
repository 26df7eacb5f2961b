//! The same records however somebody wrapped them in JSON: pages that were put together, members of
//! other names, lists within objects. They give the same findings; what no source knows is told.

use crate::pack::{archive, gzip, zipped};
use crate::program::{Report, file, folder, scan};

const A: &str = r#"{"UserName":"svc-a","AccessKeyId":"AKIA0000000000000001","Status":"Active","CreateDate":"2020-01-01T00:00:00+00:00"}"#;
const B: &str = r#"{"UserName":"svc-b","AccessKeyId":"AKIA0000000000000002","Status":"Active","CreateDate":"2020-01-01T00:00:00+00:00"}"#;

/// What a file of this text gives, alone in a folder.
fn of_text(test: &str, name: &str, text: &str) -> (i32, Report) {
    let path = file(&folder(&format!("wrapped-{test}")), name, text);
    scan(&[&path])
}

/// The keys that are told for their age.
fn aged(report: &Report) -> Vec<&str> {
    let old = report.findings("sec.api-key-max-age").into_iter();
    let mut names: Vec<&str> = old
        .map(|f| f["subject"]["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn records_are_read_however_they_are_wrapped() {
    for (test, text) in [
        ("rows", format!("[{A},{B}]")),
        ("renamed", format!(r#"{{"Keys":[{A},{B}]}}"#)),
        ("nested", format!(r#"{{"account":{{"keys":[{A},{B}]}}}}"#)),
        ("deep", format!(r#"{{"a":{{"b":{{"c":[{A},{B}]}}}}}}"#)),
        (
            "pages",
            format!(r#"[{{"AccessKeyMetadata":[{A}]}},{{"AccessKeyMetadata":[{B}]}}]"#),
        ),
        (
            "pages of pages",
            format!(r#"[[{{"AccessKeyMetadata":[{A}]}}],[{{"AccessKeyMetadata":[{B}]}}]]"#),
        ),
        (
            "numbered pages",
            format!(r#"[{{"page":1,"Users":[{A}]}},{{"page":2,"Users":[{B}]}}]"#),
        ),
        (
            "first page empty",
            format!(r#"[{{"Keys":[]}},{{"Keys":[{A},{B}]}}]"#),
        ),
        (
            "pages behind pages",
            format!("[{{\"Keys\":[{A}]}}]\n[{{\"Keys\":[{B}]}}]"),
        ),
        (
            "one page behind another",
            format!("{{\n  \"Keys\": [{A}]\n}}\n{{\n  \"Keys\": [{B}]\n}}\n"),
        ),
        (
            "command line",
            format!(
                r#"[{{"status":0,"result":{{"records":[{A}]}}}},{{"status":0,"result":{{"records":[{B}]}}}}]"#
            ),
        ),
        ("by user", format!(r#"{{"svc-a":[{A}],"svc-b":[{B}]}}"#)),
        (
            "by user, in envelopes",
            format!(
                r#"{{"svc-a":{{"AccessKeyMetadata":[{A}]}},"svc-b":{{"AccessKeyMetadata":[{B}]}}}}"#
            ),
        ),
        (
            "beside others",
            format!(
                r#"{{"id":"1","name":"acme","groups":[{{"GroupName":"g"}}],"keys":[{A},{B}]}}"#
            ),
        ),
    ] {
        let (code, report) = of_text("read", "x.json", &text);
        let keys = ["AKIA0000000000000001", "AKIA0000000000000002"];
        assert_eq!(aged(&report), keys, "{test}");
        assert_eq!((code, report.problems()), (1, Vec::new()), "{test}");
    }
}

#[test]
fn lists_of_several_kinds_in_one_object_are_all_read() {
    let text = format!(
        r#"{{"keys":[{A}],"users":[{{"Id":"005000000000001AAA","Username":"svc@acme.example","IsActive":true,"LastPasswordChangeDate":"2020-01-01T00:00:00.000+0000"}}]}}"#
    );
    let (_, report) = of_text("several", "x.json", &text);
    assert_eq!(aged(&report), ["AKIA0000000000000001"]);
    assert_eq!(report.findings("pw.age").len(), 1);
    let input = &report.0["inputs"][0];
    let sources = input["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 2, "{input}");
}

#[test]
fn what_a_page_says_of_others_is_told_of_the_last() {
    let page = |more: bool| format!(r#"{{"totalSize":2,"done":{},"records":[{A}]}}"#, !more);
    let (code, report) = of_text(
        "whole",
        "x.json",
        &format!("[{},{}]", page(true), page(false)),
    );
    assert_eq!((code, report.problems()), (1, Vec::new()));
    let (_, report) = of_text(
        "part",
        "x.json",
        &format!("[{},{}]", page(true), page(true)),
    );
    assert_eq!(report.findings("data.export-truncated").len(), 1);
    let cut = format!("[{},{}", page(true), page(false));
    let (_, report) = of_text("cut", "x.json", &cut);
    assert_eq!(report.findings("data.export-truncated").len(), 1);
}

#[test]
fn a_page_without_the_list_of_the_others_is_told() {
    let text = format!(r#"[{{"Keys":[{A}]}},{{"message":"Bad credentials"}}]"#);
    let (_, report) = of_text("fault", "x.json", &text);
    let problems = report.0["problems"].to_string();
    assert!(problems.contains("has no list `Keys`"), "{problems}");
}

#[test]
fn more_lists_than_are_read_are_told() {
    let lists: Vec<String> = (0..40).map(|n| format!(r#""user{n}":[{A}]"#)).collect();
    let (_, report) = of_text("many", "x.json", &format!("{{{}}}", lists.join(",")));
    let problems = report.0["problems"].to_string();
    assert!(problems.contains("more lists"), "{problems}");
}

#[test]
fn a_list_that_speaks_of_credentials_and_that_no_source_knows_is_told() {
    for (test, text) in [
        (
            "rows",
            r#"[{"login":"svc-a","lastPasswordChange":"2020-01-01"}]"#,
        ),
        (
            "envelope",
            r#"{"accounts":[{"login":"svc-a","password_changed":"2020-01-01"}]}"#,
        ),
        (
            "pages",
            r#"[{"next":2,"accounts":[{"secret_id":"a","expires":"2020-01-01"}]},{"accounts":[]}]"#,
        ),
        ("stream", "{\"access_key\":\"a\"}\n{\"access_key\":\"b\"}\n"),
    ] {
        let (code, report) = of_text("odd", "x.json", text);
        let problems = report.0["problems"].to_string();
        assert!(
            problems.contains("names of credentials"),
            "{test}: {problems}"
        );
        assert_eq!(code, 3, "{test}");
    }
}

#[test]
fn settings_that_speak_of_credentials_are_no_export() {
    for text in [
        r#"{"token":"","login":{"url":"https://acme.example"}}"#,
        r#"{"tokenColors":[{"scope":"a","settings":{}}]}"#,
        r#"[{"name":"a","user":{"login":"b"}}]"#,
    ] {
        let (code, report) = of_text("settings", "x.json", text);
        assert_eq!((code, report.problems()), (0, Vec::new()), "{text}");
    }
}

#[test]
fn what_no_source_knows_is_told_in_an_archive_too() {
    let here = folder("wrapped-packed");
    for (test, name, text) in [
        (
            "list",
            "x.json",
            r#"[{"login":"a","password_changed":"b"}]"#,
        ),
        ("table", "x.csv", "Benutzername,Kennwort\na,b\n"),
        (
            "refusal",
            "x.json",
            r#"{"message":"Bad credentials","status":"401"}"#,
        ),
    ] {
        let both = here.join(format!("{test}.zip"));
        let keys = format!("[{A}]");
        let members = [
            zipped(name, text.as_bytes()),
            zipped("keys.json", keys.as_bytes()),
        ];
        std::fs::write(&both, archive(&members)).unwrap();
        let (_, report) = scan(&[both.to_str().unwrap()]);
        let path = format!("{test}.zip!{name}");
        // It is shown from the folder of the test on, wherever that builds to.
        let [(kind, shown)] = report.problems()[..] else {
            panic!("{test}: {:?}", report.problems());
        };
        assert_eq!(kind, "malformed", "{test}");
        assert!(shown.ends_with(&path), "{shown}");
    }
}

/// A list of Kubernetes as its command line writes it, the first of two secrets of this length.
fn secrets(length: usize, yaml: bool) -> String {
    let item = |name: &str, length: usize| {
        let token = "A".repeat(length);
        match yaml {
            true => format!(
                "- apiVersion: v1\n  data:\n    token: {token}\n  kind: Secret\n  metadata:\n    \
                 creationTimestamp: \"2020-01-01T00:00:00Z\"\n    name: {name}\n    namespace: n\n  \
                 type: kubernetes.io/service-account-token\n"
            ),
            false => format!(
                r#"{{"apiVersion":"v1","data":{{"token":"{token}"}},"kind":"Secret","metadata":{{"creationTimestamp":"2020-01-01T00:00:00Z","name":"{name}","namespace":"n"}},"type":"kubernetes.io/service-account-token"}}"#
            ),
        }
    };
    let (first, second) = (item("a", length), item("b", 8));
    match yaml {
        true => format!("apiVersion: v1\nitems:\n{first}{second}kind: List\n"),
        false => format!(r#"{{"apiVersion":"v1","items":[{first},{second}],"kind":"List"}}"#),
    }
}

#[test]
fn a_long_list_is_known_by_its_first_record_however_long_that_is() {
    let here = folder("wrapped-long");
    // The kind of a list stands behind its items.
    for length in [8, 300 << 10, 1 << 20] {
        for yaml in [true, false] {
            let text = secrets(length, yaml);
            let name = if yaml { "x.yaml" } else { "x.json" };
            let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            for (packed, bytes) in [
                (name.to_owned(), text.clone().into_bytes()),
                (format!("{name}.gz"), gzip(text.as_bytes())),
                (
                    "x.zip".to_owned(),
                    archive(&[zipped(name, text.as_bytes())]),
                ),
                ("wide.zip".to_owned(), archive(&[zipped(name, &wide)])),
            ] {
                let path = here.join(&packed);
                std::fs::write(&path, bytes).unwrap();
                let (_, report) = scan(&[path.to_str().unwrap()]);
                assert_eq!(aged(&report), ["n/a", "n/b"], "{packed} of {length}");
            }
        }
    }
}

#[test]
fn a_long_list_in_yaml_is_known_though_its_kind_stands_at_its_end() {
    let item = secrets(8, true);
    let (head, rest) = item.split_once("items:\n").unwrap();
    let (items, end) = rest.split_once("kind: List").unwrap();
    let text = format!("{head}items:\n{}kind: List{end}", items.repeat(1_000));
    assert!(text.len() > 256 << 10);
    let (_, report) = of_text("long-yaml", "x.yaml", &text);
    assert_eq!(report.0["inputs"][0]["rows"].as_u64(), Some(2_000));
}

#[test]
fn an_object_alone_is_seen_to_its_end() {
    let long = "x".repeat(300 << 10);
    let text = format!(
        r#"{{"appId":"a","notes":"{long}","displayName":"n","passwordCredentials":[{{"keyId":"k",
           "startDateTime":"2020-01-01T00:00:00Z","endDateTime":"2299-12-31T00:00:00Z"}}],"keyCredentials":[]}}"#
    );
    let here = folder("wrapped-alone");
    let (_, report) = scan(&[&file(&here, "app.json", &text)]);
    report.finding("sec.client-secret-never-expires");
}

#[test]
fn a_text_in_place_of_a_list_of_credentials_is_told() {
    let text = r#"[{"appId":"a","displayName":"ERP","createdDateTime":"2020-01-01T00:00:00Z",
        "passwordCredentials":"@{keyId=d1; endDateTime=2299-12-31}","keyCredentials":""}]"#;
    let (code, report) = of_text("depth", "apps.json", text);
    let problems = report.0["problems"].as_array().unwrap();
    assert_eq!((code, problems.len()), (3, 1), "{problems:#?}");
    let message = problems[0]["message"].as_str().unwrap();
    assert!(
        message.contains("a text in place of the list `passwordCredentials`"),
        "{message}"
    );
    // An object is a list of one.
    let one = text
        .replace("\"@{", "{\"")
        .replace(
            "keyId=d1; endDateTime=",
            "keyId\":\"d1\",\"startDateTime\":\"2020-01-01\",\"endDateTime\":\"",
        )
        .replace("31}\"", "31\"}");
    let (code, report) = of_text("depth-one", "apps.json", &one);
    assert_eq!(code, 1);
    report.finding("sec.client-secret-never-expires");
}
