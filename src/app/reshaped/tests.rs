use super::reshaped;
use crate::app::content::Content;
use crate::app::options::ContentOptions;
use crate::model::ScanPath;
use crate::rule::file::Depth;

/// What is said of a text.
fn said(text: &str) -> String {
    let content =
        Content::load(&ContentOptions::default(), Depth::Trusted).expect("built-in content");
    let shown = ScanPath::from_shown("export", None);
    reshaped(&content.sources, &shown, text.as_bytes()).unwrap_or_default()
}

const KEYS: &str = r#"[{"id": 1, "key": "ssh-ed25519 AAAA", "title": "ci", "read_only": true,
    "created_at": "2023-01-01T00:00:00Z"}]"#;

#[test]
fn an_export_in_another_form_is_known_by_its_names() {
    let yaml = "- id: 1\n  title: ci\n  read_only: true\n  created_at: 2023-01-01T00:00:00Z\n";
    let csv = "id,title,read_only,created_at\n1,ci,true,2023-01-01T00:00:00Z\n";
    let respelt = r#"[{"Id": 1, "Title": "ci", "ReadOnly": true, "CreatedAt": "2023-01-01"}]"#;
    for text in [yaml, csv, respelt] {
        assert!(said(text).contains("GitHub deploy keys"), "{text}");
        assert!(said(text).contains("in a form in which"), "{text}");
    }
}

#[test]
fn records_without_the_list_by_which_they_are_known_are_told_by_their_names() {
    let token = r#"{"slug": "a", "name": "ci", "created_at": "2023-01-01", "expires_at": null}"#;
    assert!(said(token).contains("Doppler"), "{}", said(token));
    let secret = r#"{"name": "ci", "created_at": "2023-01-01", "updated_at": "2023-01-01"}"#;
    assert_eq!(said(secret), "");
}

#[test]
fn an_export_within_something_else_is_known() {
    let all = [
        format!(r#"{{"a": {{"b": {{"c": {{"d": {KEYS}}}}}}}}}"#),
        format!(r#"[{{"json": {}}}]"#, KEYS.trim_matches(['[', ']'])),
        format!(
            r#"{{"rc": 0, "stdout": {}}}"#,
            serde_json::Value::from(KEYS)
        ),
        format!("<pre>{}</pre>", KEYS.replace('"', "&quot;")),
    ];
    for text in all {
        assert!(said(&text).contains("GitHub deploy keys"), "{text}");
        assert!(said(&text).contains("within something else"), "{text}");
    }
}

#[test]
fn an_export_behind_other_lines_is_known_with_its_line() {
    let csv = "rolname,rolcanlogin,rolvaliduntil\nada,t,\n";
    let logged = format!("WARNING: slow, 3 s\n{csv}");
    assert!(
        said(&logged).contains("from line 2 on"),
        "{}",
        said(&logged)
    );
    let fenced = format!("# Keys\n\n```json\n{KEYS}\n```\n");
    assert!(
        said(&fenced).contains("from line 4 on"),
        "{}",
        said(&fenced)
    );
}

#[test]
fn a_list_in_yaml_is_known_within_what_stands_around_it() {
    for indent in ["", "  "] {
        let item = "- id: 1\n  userPrincipalName: a@b\n  accountEnabled: true\n";
        let items: String = item
            .lines()
            .map(|line| format!("{indent}{line}\n"))
            .collect();
        let text = format!("context: users\nvalue:\n{items}");
        assert!(
            said(&text).contains("Entra users) from line 3 on"),
            "{}",
            said(&text)
        );
    }
}

#[test]
fn settings_and_other_tables_are_no_export() {
    let all = [
        r#"{"name": "app", "version": "1.0.0", "scripts": {"test": "jest"}, "keys": {"id": 1}}"#,
        "name,version,status\nleft-pad,1.0.0,ok\n",
        "name: ci\non: [push]\njobs:\n  test: {runs-on: linux}\n",
        "",
    ];
    for text in all {
        assert_eq!(said(text), "", "{text}");
    }
}
