//! Odd exports: what they say of themselves is told, what can be read is judged as if nothing were odd,
//! and of what cannot be read nothing is called proven.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::pack::{archive, gzip, zipped};
use crate::program::{AS_OF, credlint, file, folder, scan};

const USERS: &str = "fixtures/exports/salesforce/users.sf-query.csv";

/// The exit code of `doctor`, and number and verdict of each row.
fn doctor(path: &Path) -> (i32, Vec<(u64, String)>) {
    let path = path.to_str().unwrap();
    let output = credlint(&[
        "doctor",
        "--no-config",
        "--format",
        "json",
        "--as-of",
        AS_OF,
        path,
    ]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = document["requirements"].as_array().unwrap().iter();
    let rows = rows.map(|row| {
        let verdict = row["verdict"].as_str().unwrap().to_owned();
        (row["number"].as_u64().unwrap(), verdict)
    });
    (output.status.code().unwrap(), rows.collect())
}

fn proven(rows: &[(u64, String)]) -> Vec<u64> {
    let rows = rows.iter().filter(|(_, verdict)| verdict == "proven");
    rows.map(|(number, _)| *number).collect()
}

/// A file in a folder of its own; the folder.
fn alone(test: &str, name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let here = folder(test);
    fs::write(here.join(name), bytes).unwrap();
    here
}

fn utf16(text: &str, mark: bool, big: bool) -> Vec<u8> {
    let mark = mark.then_some(0xfeff);
    let units = mark.into_iter().chain(text.encode_utf16());
    let bytes = |unit: u16| match big {
        true => unit.to_be_bytes(),
        false => unit.to_le_bytes(),
    };
    units.flat_map(bytes).collect()
}

#[test]
fn what_is_odd_and_can_be_read_is_judged_as_if_it_were_not() {
    let users = fs::read_to_string(USERS).unwrap();
    let (head, rows) = users.split_once('\n').unwrap();
    let (_, plain) = doctor(&alone("odd-plain", "users.csv", users.as_bytes()));
    assert!(plain.iter().any(|(_, verdict)| verdict == "failing"));
    let width = head.matches(',').count();
    let cases: &[(&str, Vec<u8>)] = &[
        ("utf-16-le", utf16(&users, true, false)),
        ("utf-16-be", utf16(&users, true, true)),
        ("utf-16-no-mark", utf16(&users, false, false)),
        ("bom", format!("\u{feff}{users}").into()),
        ("crlf", users.replace('\n', "\r\n").into()),
        ("mixed-line-ends", users.replacen('\n', "\r\n", 3).into()),
        ("no-last-line-end", users.trim_end().into()),
        ("blank-lines", users.replace('\n', "\n\n").into()),
        ("title", format!("Users of Acme\n\n{users}").into()),
        (
            "title-with-comma",
            format!("Users of Acme, November\n\n{users}").into(),
        ),
        (
            "title-with-commas",
            format!("Users of Acme{}\n{users}", ",".repeat(width)).into(),
        ),
        (
            "rows-of-commas",
            format!("{users}{0}\n{0}\n", ",".repeat(width)).into(),
        ),
        ("sep-line", format!("sep=,\n{users}").into()),
        (
            "capitals",
            format!("{}\n{rows}", head.to_uppercase()).into(),
        ),
        (
            "german",
            users
                .replace("true", "wahr")
                .replace("false", "falsch")
                .into(),
        ),
        (
            "french",
            users
                .replace("true", "VRAI")
                .replace("false", "FAUX")
                .into(),
        ),
        (
            "spanish",
            users
                .replace("true", "verdadero")
                .replace("false", "falso")
                .into(),
        ),
        (
            "yes-no",
            users.replace("true", "Yes").replace("false", "No").into(),
        ),
        (
            "one-zero",
            users.replace("true", "1").replace("false", "0").into(),
        ),
    ];
    for (name, bytes) in cases {
        let (code, rows) = doctor(&alone("odd-same", "users.csv", bytes));
        assert_eq!(code, 0, "{name}");
        assert_eq!(rows, plain, "{name}");
    }
}

/// Texts of which nothing can be judged, by the names of their files, and how `doctor` ends.
const NOTHING: &[(&str, &str, i32)] = &[
    ("users.csv", "", 3),
    ("users.csv", "\n", 0),
    ("users.csv", "\u{feff}", 0),
    (
        "users.csv",
        "<!DOCTYPE html><html><body>Login</body></html>",
        3,
    ),
    ("users.json", "[", 0),
    ("users.json", "[]", 0),
    (
        "users.json",
        r#"{"records":[],"totalSize":0,"done":true}"#,
        0,
    ),
    (
        "users.json",
        r#"{"records":[],"totalSize":9,"done":false}"#,
        3,
    ),
    (
        "users.json",
        r#"{"status":1,"name":"INVALID_FIELD","message":"No such column"}"#,
        3,
    ),
    ("secrets.json", r#"{"total_count":3,"secrets":[]}"#, 3),
    ("sn.json", r#"{"result":[]}"#, 0),
    (
        "sn.xml",
        r#"<?xml version="1.0"?><unload unload_date="2026-11-20 08:00:00"></unload>"#,
        0,
    ),
    ("keys.json", r#"{"AccessKeyMetadata": []}"#, 0),
    ("keys.json", r#"{"keys":[]}"#, 0),
    ("roles.csv", "rolname,rolcanlogin,rolvaliduntil\n", 0),
    (
        "audit.csv",
        "Date,User,Source Namespace Prefix,Action,Section,Delegate User\n",
        0,
    ),
    ("secrets.yaml", "apiVersion: v1\nkind: List\nitems: []\n", 0),
    ("a.pem", "", 3),
    ("a.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n", 3),
    (
        "package.xml",
        r#"<?xml version="1.0"?><Package xmlns="http://soap.sforce.com/2006/04/metadata"/>"#,
        0,
    ),
    ("users.xlsx", "PK\u{3}\u{4} nothing", 3),
];

#[test]
fn of_what_cannot_be_read_and_of_what_is_not_there_nothing_is_proven() {
    let users = fs::read_to_string(USERS).unwrap();
    let (head, rows) = users.split_once('\n').unwrap();
    let tokens = "fixtures/exports/salesforce/oauth_tokens.sf-query.json";
    let tokens = fs::read(tokens).unwrap();
    let report = fs::read_to_string("fixtures/exports/aws/iam-credential-report.csv").unwrap();
    let blank = ",".repeat(head.matches(',').count());
    let other = |delimiter: &str| (head.replace(',', delimiter), rows.replace(',', delimiter));
    let half = |bytes: &[u8]| bytes.get(..bytes.len() / 2).unwrap().to_vec();
    let mut cases: Vec<(&str, Vec<u8>, i32)> = vec![
        ("users.csv", format!("{head}\n").into(), 0),
        ("users.csv", format!("{head}\n{blank}\n").into(), 0),
        ("users.csv", format!("{head}\n{}", other(";").1).into(), 3),
        ("users.csv", format!("{}\n{rows}", other(";").0).into(), 3),
        ("users.csv", users.replace('\n', "\r").into(), 3),
        (
            "users.csv",
            format!("{}\n{}", other("、").0, other("、").1).into(),
            3,
        ),
        ("report.csv", report.lines().next().unwrap().into(), 0),
        (
            "users.zip",
            half(&archive(&[zipped("users.csv", users.as_bytes())])),
            3,
        ),
        ("users.csv.gz", half(&gzip(users.as_bytes())), 3),
        ("tokens.json", half(&tokens), 3),
    ];
    let texts = NOTHING.iter();
    cases.extend(texts.map(|(name, text, code)| (*name, text.as_bytes().to_vec(), *code)));
    for (name, bytes, expected) in &cases {
        let (code, rows) = doctor(&alone("odd-nothing", name, bytes));
        let shown = String::from_utf8_lossy(bytes.get(..bytes.len().min(60)).unwrap());
        assert_eq!(proven(&rows), [0_u64; 0], "{name} {shown}");
        assert_eq!(code, *expected, "{name} {shown}");
    }
}

#[test]
fn beside_what_cannot_be_read_nothing_is_wholly_proven() {
    let here = folder("odd-beside");
    let users = fs::read_to_string(USERS).unwrap();
    let inactive = users.replace("true", "false");
    file(&here, "users.csv", &inactive);
    let (code, rows) = doctor(&here);
    let before = proven(&rows);
    assert!(code == 0 && before.contains(&14), "{before:?}");
    // A row that cannot be used may be of any user, a page of an error may have been any export.
    for (name, text) in [
        ("more.csv", format!("{inactive}too,few\n")),
        ("tokens.csv", "<html>Login</html>".to_owned()),
    ] {
        file(&here, name, &text);
        let (code, rows) = doctor(&here);
        assert_eq!(code, 3, "{name}");
        assert_eq!(proven(&rows), [0_u64; 0], "{name}");
        fs::remove_file(here.join(name)).unwrap();
    }
}

#[test]
fn what_nobody_wrote_down_and_no_export_tells_is_not_proven() {
    let verdict = |paths: &[&str], number: u64| {
        let base = [
            "doctor",
            "--no-config",
            "--format",
            "json",
            "--as-of",
            AS_OF,
        ];
        let output = credlint(&[&base, paths].concat());
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let rows = document["requirements"].as_array().unwrap().iter();
        let mut rows = rows.filter(|row| row["number"] == number);
        rows.next().unwrap()["verdict"].as_str().unwrap().to_owned()
    };
    let secrets = "fixtures/exports/salesforce/tenant_secrets.sf-query.json";
    let register = "fixtures/exports/register";
    // Which version is expected stands in a register alone.
    assert_eq!(verdict(&[secrets], 130), "partly proven");
    assert_eq!(verdict(&[secrets, register], 130), "proven");
    // Salesforce does not tell which of its tokens are refresh tokens, nor when they end.
    let tokens = "fixtures/exports/salesforce/oauth_tokens.sf-query.json";
    for row in [46, 47] {
        assert_eq!(verdict(&[tokens], row), "not provable here");
    }
}

#[test]
fn an_answer_that_counts_more_than_it_holds_is_told() {
    let here = folder("odd-count");
    for (name, text, kinds) in [
        (
            "a.json",
            r#"{"total_count":3,"secrets":[]}"#,
            vec!["truncated"],
        ),
        (
            "b.json",
            r#"{"totalSize":2500,"done":false,"records":[]}"#,
            vec!["truncated"],
        ),
        (
            "c.json",
            r#"{"status":0,"result":{"records":[],"totalSize":7,"done":true}}"#,
            vec!["truncated"],
        ),
        (
            "d.json",
            r#"{"@odata.nextLink":"https://x","value":[]}"#,
            vec!["truncated"],
        ),
        ("e.json", r#"{"total_count":0,"secrets":[]}"#, vec![]),
        (
            "f.json",
            r#"{"totalSize":0,"done":true,"records":[]}"#,
            vec![],
        ),
    ] {
        let path = file(&here, name, text);
        let (code, report) = scan(&[&path]);
        let told: Vec<&str> = report.problems().iter().map(|(kind, _)| *kind).collect();
        assert_eq!(told, kinds, "{text}");
        assert_eq!(code, if kinds.is_empty() { 0 } else { 3 }, "{text}");
    }
    let zip = archive(&[zipped("a.json", br#"{"total_count":3,"secrets":[]}"#)]);
    let here = alone("odd-count-packed", "all.zip", &zip);
    assert_eq!(scan(&[here.to_str().unwrap()]).0, 3);
}

#[test]
fn two_columns_of_one_name_are_told_where_they_are_read() {
    let here = folder("odd-columns");
    let users = |more: &str| {
        format!(
            "Id,Username,IsActive,CreatedDate,LastPasswordChangeDate,{more}\n\
             1,svc.a@acme.example,true,2020-01-01T00:00:00Z,2026-11-01T00:00:00Z,2020-01-01T00:00:00Z\n"
        )
    };
    let (code, report) = scan(&[&file(&here, "a.csv", &users("LASTPASSWORDCHANGEDATE"))]);
    assert_eq!(code, 3);
    let told = report.0["problems"].to_string();
    let message = "has two columns `LastPasswordChangeDate`, of which only the first was read";
    assert!(told.contains(message), "{told}");
    assert!(report.findings("pw.age").is_empty());
    // What nobody reads may stand there as often as it likes.
    let twice = users("Note")
        .replace("Id,", "Id,Note,")
        .replace("\n1,", "\n1,x,");
    assert_eq!(scan(&[&file(&here, "c.csv", &twice)]).0, 0);
}

#[test]
fn one_application_of_entra_is_read_like_a_list_of_one() {
    let here = folder("odd-one");
    let secret = r#""passwordCredentials":[{"keyId":"k","displayName":"d","startDateTime":"2021-03-05T17:05:55Z","endDateTime":"2026-12-01T00:00:00Z"}]"#;
    for (name, object) in [
        (
            "a",
            format!(r#"{{"appId":"a","displayName":"ERP","keyCredentials":[],{secret}}}"#),
        ),
        (
            "b",
            format!(r#"{{{secret},"keyCredentials":[],"displayName":"ERP","appId":"a"}}"#),
        ),
    ] {
        let one = scan(&[&file(&here, &format!("{name}.json"), &object)]).1;
        let list = scan(&[&file(
            &here,
            &format!("{name}-list.json"),
            &format!("[{object}]"),
        )])
        .1;
        assert_eq!(one.pairs(), list.pairs(), "{name}");
        assert!(
            !one.findings("sec.client-secret-max-age").is_empty(),
            "{name}"
        );
    }
}

/// Tables as programs draw them, and what is said of each.
const DRAWN: &[(&str, &str)] = &[
    (
        " ID                 USERNAME           ISACTIVE \n ────────────────── ────────────────── ──────── \n 005000000000001AAA svc.a@acme.example true     \nTotal number of records retrieved: 1.\n",
        "sf data query",
    ),
    (
        "┌────┬──────────┬──────────┐\n│ ID │ USERNAME │ ISACTIVE │\n├────┼──────────┼──────────┤\n│ 1  │ svc.a    │ true     │\n└────┴──────────┴──────────┘\nTotal number of records retrieved: 1.\n",
        "sf data query",
    ),
    (
        "Name     ExpiresOn   SecretName\n-------  ----------  ----------\nerp      2026-12-01  key\n",
        "CSV or JSON",
    ),
];

#[test]
fn a_table_as_a_screen_shows_it_is_told_with_the_command_that_exports_it() {
    for (text, command) in DRAWN {
        let here = folder("odd-drawn");
        let path = file(&here, "users.txt", text);
        let beside = file(
            &here,
            "exports/users.csv",
            &fs::read_to_string(USERS).unwrap(),
        );
        for paths in [&[path.as_str()][..], &[&path, &beside]] {
            let (_, report) = scan(paths);
            let told = report.0["problems"].to_string();
            assert!(told.contains("as a screen shows it"), "{text}: {told}");
            assert!(told.contains(command), "{text}: {told}");
            assert_eq!(report.0["complete"], false);
        }
    }
    // One whose columns have lines between them is read, and the rest of it told.
    let roles = " rolname | rolcanlogin | rolvaliduntil \n---------+-------------+---------------\n svc     | t           | \n(1 row)\n";
    let here = folder("odd-drawn-psql");
    let (_, report) = scan(&[&file(&here, "roles.txt", roles)]);
    assert_eq!(report.findings("pg.no-valid-until").len(), 1);
    assert_eq!(report.0["complete"], false);
    // Where it is not known to be an export, nothing is said of other tables.
    let here = folder("odd-drawn-prose");
    let plan = "Task     Day\n-------  ----------\nrotate   2026-12-01\n";
    let (code, _) = scan(&[&file(&here, "plan.txt", plan)]);
    assert_eq!(code, 0);
    file(&here, "docs/secrets.txt", DRAWN[2].0);
    file(&here, "src/main.rs", "fn main() {}\n");
    assert_eq!(scan(&[here.to_str().unwrap()]).0, 0);
}

/// Exports under a name, or in a form, that nothing reads: file, text, what is said.
fn unread() -> Vec<(&'static str, String, &'static str)> {
    let users = fs::read_to_string(USERS).unwrap();
    let json = "fixtures/exports/salesforce/users.sf-output-file.json";
    let json = fs::read_to_string(json).unwrap();
    let report = fs::read_to_string("fixtures/exports/aws/iam-get-credential-report.json").unwrap();
    let content: Value = serde_json::from_str(&report).unwrap();
    let report = content["Content"].as_str().unwrap().to_owned();
    let wrapped = format!("{}\n{}\n", &report[..76], &report[76..]);
    vec![
        ("users", users.clone(), "name it `.csv`"),
        ("users.dat", users.clone(), "name it `.csv`"),
        ("users.csv.bak", users.clone(), "name it `.csv`"),
        ("users.json", users, "name it `.csv`"),
        ("users.txt", json.clone(), "name it `.json`"),
        ("users.csv", json, "name it `.json`"),
        ("report.txt", report, "base64 -d"),
        ("report.csv", wrapped, "base64 -d"),
        (
            "keys.txt",
            "KEY_ID  CREATED_AT            EXPIRES_AT            DISABLED\n\
             1a2b    2022-05-26T17:35:07Z  9999-12-31T23:59:59Z\n"
                .to_owned(),
            "as a screen shows it",
        ),
        (
            "register.yaml",
            "version: 1\ncredentials:\n\t- id: a\n\t  owner: b\n".to_owned(),
            "is a register that cannot be read",
        ),
    ]
}

#[test]
fn an_export_under_another_name_or_in_another_form_is_told_and_how_it_can_be_read() {
    for (name, text, said) in unread() {
        let here = alone("odd-unread", name, text.as_bytes());
        let (code, report) = scan(&[here.to_str().unwrap()]);
        let told = report.0["problems"].to_string();
        assert!(told.contains(said), "{name}: {told}");
        assert_eq!(code, 3, "{name}");
    }
}

#[test]
fn a_source_tree_has_none_of_that() {
    let here = folder("odd-tree");
    file(&here, "Makefile", "all:\n\tcargo build\n");
    file(
        &here,
        "notes.txt",
        "Passwords  and  tokens\n----------\nare rotated.\n",
    );
    file(&here, "k8s/values.yaml", "version: 1\nsecret:\n\t- a\n");
    file(&here, "data.dat", "a,b,c\n1,2,3\n");
    file(&here, "LICENSE", "Permission is hereby granted\n");
    let (code, report) = scan(&[here.to_str().unwrap()]);
    assert_eq!((code, report.problems()), (0, vec![]));
}

#[test]
fn a_record_that_an_unload_deletes_is_no_live_one_and_is_counted() {
    let user = |action: &str, name: &str| {
        format!(
            "<sys_user action=\"{action}\"><active>true</active><user_name>{name}</user_name>\
             <sys_id>{name}</sys_id><sys_created_on>2020-01-02 10:00:00</sys_created_on>\
             <last_login_time>2021-05-01 01:02:03</last_login_time>\
             <web_service_access_only>true</web_service_access_only></sys_user>"
        )
    };
    let unload = |rows: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><unload unload_date=\"2026-11-20 08:00:00\">{rows}</unload>"
        )
    };
    let here = folder("deleted-rows");
    let rows = user("DELETE", "gone") + &user("INSERT_OR_UPDATE", "lives");
    let (_, report) = scan(&[&file(&here, "sys_user.xml", &unload(&rows))]);
    let unused = report.finding("hyg.unused-account");
    assert_eq!(unused["subject"]["name"], "lives");
    assert!(report.0["notes"].to_string().contains("1 deleted record"));
    // Nobody is left of whom anything could be proven.
    let (_, report) = scan(&[&file(&here, "gone.xml", &unload(&user("DELETE", "gone")))]);
    assert_eq!(report.0["coverage"]["records"], 0);
    assert!(report.0["notes"].to_string().contains("1 deleted record"));
}
