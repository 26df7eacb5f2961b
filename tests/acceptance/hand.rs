//! Exports that went through somebody's hands: saved again by a spreadsheet, with a title above, put
//! together with other tools. Each is read as what it is, or told.

use std::fs;

use crate::program::{AS_OF, Report, credlint, file, folder, scan};

const HEAD: &str =
    "Id,Username,IsActive,CreatedDate,LastLoginDate,LastPasswordChangeDate,PasswordNeverExpires";
const ROW: &str = "005000000000001AAA,svc.a@acme.example,true,2020-01-01T00:00:00.000+0000,\
                   2026-11-19T08:00:00.000+0000,2021-01-01T00:00:00.000+0000,true";

fn of_text(test: &str, name: &str, text: &str) -> (i32, Report) {
    let here = folder(&format!("hand-{test}"));
    scan(&[&file(&here, name, text)])
}

#[test]
fn booleans_in_the_language_of_the_spreadsheet_are_booleans() {
    for (test, yes) in [
        ("de", "WAHR"),
        ("fr", "VRAI"),
        ("es", "VERDADERO"),
        ("nbsp", "true\u{a0}"),
    ] {
        let text = format!("{HEAD}\n{}\n", ROW.replace("true", yes));
        let (code, report) = of_text(test, "users.csv", &text);
        assert_eq!(code, 1, "{yes}");
        report.finding("pw.never-expires");
        report.finding("pw.age");
    }
}

#[test]
fn a_credential_report_in_german_keeps_its_keys_and_passwords() {
    let report = fs::read_to_string("fixtures/exports/aws/iam-credential-report.csv").unwrap();
    let german = report
        .replace(",true", ",WAHR")
        .replace(",false", ",FALSCH");
    assert_ne!(report, german);
    let pairs = |name, text: &str| {
        let (_, report) = of_text(name, "report.csv", text);
        format!("{:?}", report.pairs())
    };
    assert_eq!(pairs("aws-en", &report), pairs("aws-de", &german));
}

#[test]
fn a_title_above_the_header_does_not_hide_the_table() {
    for (test, title) in [
        ("line", "Users export\n\n"),
        ("cells", "Users export,,,,,,\n19.11.2026,,,,,,\n"),
    ] {
        let (_, report) = of_text(test, "users.csv", &format!("{title}{HEAD}\n{ROW}\n"));
        let finding = report.finding("pw.never-expires");
        assert_eq!(
            finding["location"]["start_line"].as_u64(),
            Some(4),
            "{finding:#}"
        );
    }
}

#[test]
fn what_another_tool_made_of_an_export_is_told() {
    let workbook = "<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n\
        <Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"><Worksheet><Table><Row>\
        <Cell><Data>Id</Data></Cell></Row></Table></Worksheet></Workbook>\n";
    for (test, name, text, told) in [
        ("sheet", "users.xml", workbook.to_owned(), "a workbook"),
        (
            "html",
            "users.csv",
            "<!DOCTYPE html>\n<p>Sign in, please</p>\n".to_owned(),
            "not what its name says",
        ),
        (
            "rows",
            "users.csv",
            format!("\"{HEAD}\"\n\"{ROW}\"\n"),
            "not what its name says",
        ),
        (
            "comma",
            "users.csv",
            format!("{HEAD}\n{ROW},\n"),
            "has 8 fields",
        ),
        (
            "cr-quoted",
            "users.csv",
            format!("\"{}\"\r{ROW}\r", HEAD.replace(',', "\",\"")),
            "carriage return",
        ),
        (
            "cr",
            "users.csv",
            format!("{HEAD}\n{ROW}\r{ROW}\n"),
            "has 13 fields",
        ),
    ] {
        let (code, report) = of_text(test, name, &text);
        assert_eq!(code, 3, "{test}");
        let problems = report.0["problems"].to_string();
        assert!(problems.contains(told), "{test}: {problems}");
    }
}

#[test]
fn what_people_leave_in_a_table_costs_no_row_of_it() {
    for (test, text, wanted) in [
        ("totals", format!("{HEAD}\n{ROW}\nTotal,1,,,,,\n"), 0),
        (
            "footer",
            format!("{HEAD}\n{ROW}\n\n\"Grand Totals (1 records)\"\n"),
            0,
        ),
        (
            "padded-footer",
            format!(
                "{HEAD}\n{ROW}\nGrand Totals (1 records),,,,,,\n\"Copyright (c) 2000-2026 salesforce.com, inc.\",,,,,,\nConfidential Information - Do Not Distribute,,,,,,\n"
            ),
            0,
        ),
        (
            "another-line",
            format!("{HEAD}\n{ROW}\n\nUsers of Acme\n"),
            3,
        ),
        ("mixed", format!("{HEAD}\r\n{ROW}\n"), 0),
        (
            "spaces",
            format!("{}\n{}\n", HEAD.replace(',', ", "), ROW.replace(',', ", ")),
            0,
        ),
        ("twice", format!("{HEAD}\n{ROW}\n{HEAD}\n"), 0),
        (
            "apostrophe",
            format!("{HEAD}\n{}\n", ROW.replace("2021", "'2021")),
            0,
        ),
    ] {
        let (_, report) = of_text(test, "users.csv", &text);
        report.finding("pw.never-expires");
        report.finding("pw.age");
        assert_eq!(report.problems().is_empty(), wanted == 0, "{test}");
        assert_eq!(report.0["coverage"]["records"], 1, "{test}");
    }
}

#[test]
fn words_for_nothing_are_empty_cells() {
    let clean = |row: &str| of_text("nothing", "users.csv", &format!("{HEAD}\n{row}\n")).1;
    let pairs = |report: &Report| format!("{:?}", report.pairs());
    let empty = ROW.replace("2026-11-19T08:00:00.000+0000", "");
    let plain = pairs(&clean(&empty));
    for word in ["\\N", "NULL", "N/A", "-", "None", "undefined", "(null)"] {
        let report = clean(&ROW.replace("2026-11-19T08:00:00.000+0000", word));
        assert_eq!(pairs(&report), plain, "{word}");
        assert_eq!(report.problems(), [], "{word}");
    }
    // A text as well: whoever is called NULL did nothing.
    let events = fs::read_to_string("fixtures/exports/servicenow/u_credential_audit_event.raw.csv");
    let events = events.unwrap();
    let (head, rows) = events.split_once('\n').unwrap();
    let nulls = rows
        .replace(",\"\"", ",")
        .replace(",,", ",NULL,")
        .replace(",,", ",NULL,");
    let pairs = |name, rows: &str| {
        let (_, report) = of_text(name, "events.csv", &format!("{head}\n{rows}"));
        format!("{:?}", report.pairs())
    };
    assert_ne!(rows, nulls);
    assert_eq!(pairs("events", rows), pairs("nulls", &nulls));
    assert!(pairs("nulls", &nulls).contains("aud.actor-missing"));
}

#[test]
fn a_credential_report_whose_booleans_are_digits_keeps_its_passwords() {
    let report = fs::read_to_string("fixtures/exports/aws/iam-credential-report.csv").unwrap();
    let digits = report.replace(",true", ",1").replace(",false", ",0");
    let pairs = |name, text: &str| {
        let (_, report) = of_text(name, "report.csv", text);
        format!("{:?}", report.pairs())
    };
    assert_eq!(pairs("aws-words", &report), pairs("aws-digits", &digits));
}

#[test]
fn lists_of_values_under_a_list_of_names_are_told() {
    let names = r#"["Id", "Username", "IsActive"]"#;
    let row = r#"["005000000000001AAA", "svc.a@acme.example", true]"#;
    for (test, text) in [
        ("matrix", format!("[{names}, {row}]")),
        (
            "split",
            format!(r#"{{"columns": {names}, "index": [0], "data": [{row}]}}"#),
        ),
        ("rows", format!(r#"{{"rows": [{row}], "fields": {names}}}"#)),
    ] {
        let (code, report) = of_text(test, "users.json", &text);
        assert_eq!(code, 3, "{test}: {}", report.0["notes"]);
        let problems = report.0["problems"].to_string();
        assert!(
            problems.contains("an object for each record"),
            "{test}: {problems}"
        );
    }
    // Of something else it is nobody's failure.
    let (code, _) = of_text("points", "points.json", r#"[["x", "y"], [1, 2]]"#);
    assert_eq!(code, 0);
}

#[test]
fn columns_under_names_that_somebody_spelt_anew_are_told() {
    let snake = r#"[{"attributes": {"type": "User"}, "id": "005000000000001AAA", "username": "svc.a@acme.example", "is_active": true, "created_date": "2020-01-01T00:00:00.000+0000"}]"#;
    let spaced = HEAD.replace("LastLoginDate", "Last_Login_Date");
    for (test, name, text, wanted) in [
        ("snake", "users.json", snake.to_owned(), "created_date"),
        (
            "spaced",
            "users.csv",
            format!("{spaced}\n{ROW}\n"),
            "`Last_Login_Date`",
        ),
    ] {
        let (_, report) = of_text(test, name, &text);
        assert_eq!(report.0["complete"], false, "{test}");
        let problems = report.0["problems"].to_string();
        assert!(
            problems.contains("where the platform writes") && problems.contains(wanted),
            "{test}: {problems}"
        );
    }
}

#[test]
fn json_that_is_cut_before_anything_is_known_is_told() {
    let whole = fs::read_to_string("fixtures/exports/vault/kv-metadata.json").unwrap();
    let (code, report) = of_text("cut", "kv.json", whole.get(..whole.len() / 2).unwrap());
    assert_eq!(code, 3, "{}", report.0["notes"]);
    assert_eq!(report.problems()[0].0, "truncated");
    // Settings that are whole are nobody's failure.
    let (code, _) = of_text("whole", "settings.json", r#"{"theme": "dark", "size": 12}"#);
    assert_eq!(code, 0);
}

#[test]
fn a_header_alone_is_said_to_hold_no_record() {
    let (code, report) = of_text("header", "users.csv", &format!("{HEAD}\n"));
    assert_eq!(code, 0);
    assert!(report.0["notes"].to_string().contains("no record"));
}

#[test]
fn users_without_ids_are_not_taken_for_one_another() {
    let other = ROW
        .replace("001AAA", "002AAA")
        .replace("svc.a@", "svc.b@")
        .replace("2021-01-01", "2026-11-01");
    let third = ROW.replace("001AAA", "003AAA").replace("svc.a@", "svc.c@");
    let rows = [ROW.to_owned(), other, third];
    let behind = |line: &str| line.split_once(',').unwrap().1.to_owned();
    let table = |head: &str, row: &dyn Fn(&str) -> String| {
        let rows: Vec<String> = rows.iter().map(|line| row(line)).collect();
        format!("{head}\n{}\n", rows.join("\n"))
    };
    let mut told = Vec::new();
    for (test, text) in [
        ("with", table(HEAD, &str::to_owned)),
        ("without", table(&behind(HEAD), &behind)),
        ("empty", table(HEAD, &|line| format!(",{}", behind(line)))),
        (
            "rounded",
            table(HEAD, &|line| format!("5.3E+12,{}", behind(line))),
        ),
    ] {
        let (_, report) = of_text(&format!("ids-{test}"), "users.csv", &text);
        let names = |rule| {
            let found = report.findings(rule).into_iter();
            let names = found.map(|f| f["subject"]["name"].as_str().unwrap().to_owned());
            names.collect::<Vec<_>>()
        };
        told.push((names("pw.age"), names("pw.never-expires")));
    }
    assert_eq!((told[0].0.len(), told[0].1.len()), (2, 3));
    assert!(told.iter().all(|each| *each == told[0]), "{told:#?}");
}

#[test]
fn an_id_that_lost_its_zeros_to_a_spreadsheet_is_still_the_same() {
    let here = folder("hand-zeros");
    let users = format!(
        "{HEAD}\n{}\n",
        ROW.replace("005000000000001AAA", "5000000000001")
    )
    .replace(",true\n", ",\n");
    let users = file(&here, "users.csv", &users);
    let grants = r#"[{"attributes":{"type":"PermissionSetAssignment"},"Id":"0Paxx0000000001AAA",
        "AssigneeId":"005000000000001AAA","IsActive":true,"PermissionSet":{"Name":"Legacy",
        "PermissionsPasswordNeverExpires":true}}]"#;
    let (_, report) = scan(&[&users, &file(&here, "grants.json", grants)]);
    let causes = report.finding("pw.never-expires")["causes"].to_string();
    assert!(causes.contains("Legacy"), "{causes}");
}

#[test]
fn a_list_for_each_column_is_no_record_of_its_first_values() {
    for (test, text) in [
        (
            "lists",
            r#"{"Id":["005000000000001AAA","005000000000002AAA"],"Username":["svc.a","svc.b"],
                "IsActive":[false,true],"PasswordNeverExpires":[false,true]}"#,
        ),
        (
            "numbered",
            r#"{"Id":{"0":"005000000000001AAA"},"Username":{"0":"svc.a"},"IsActive":{"0":true}}"#,
        ),
    ] {
        let (code, report) = of_text(&format!("columns-{test}"), "users.json", text);
        let problems = report.0["problems"].to_string();
        assert_eq!(code, 3, "{test}");
        assert!(
            problems.contains("a list of values for each column"),
            "{problems}"
        );
        assert!(report.findings("pw.never-expires").is_empty(), "{test}");
    }
}

#[test]
fn what_somebody_renamed_or_took_out_of_an_answer_is_told_among_exports() {
    const KEYS: &str = "fixtures/exports/aws/iam-list-access-keys.json";
    let renamed = r#"{"User":"svc","Key":"AKIA","Created":"2023-01-01T00:00:00Z"}"#;
    let settings = r#"{"database":{"password":"none","user":"app"},"retries":3}"#;
    let by_name = r#"{"svc-a":{"Key":"1","Created":"2023-01-01","Token":"t"},
        "svc-b":{"Key":"2","Created":"2023-01-01","Token":"u"}}"#;
    let other = r#"<?xml version="1.0"?><unload xmlns="urn:x"><sys_user><user_name>a</user_name>
        <user_password/><last_login_time>2026-01-01 00:00:00</last_login_time></sys_user></unload>"#;
    for (test, name, text, alone, beside) in [
        ("list", "a.json", format!("[{renamed}]"), true, true),
        ("by-name", "a.json", by_name.to_owned(), true, true),
        ("one", "a.json", renamed.to_owned(), false, true),
        ("xml", "a.xml", other.to_owned(), false, true),
        ("settings", "a.json", settings.to_owned(), false, false),
    ] {
        let here = folder(&format!("renamed-{test}"));
        let odd = file(&here, name, &text);
        let told = |targets: &[&str]| {
            let problems = scan(targets).1.0["problems"].to_string();
            problems.contains("no source recognises")
        };
        assert_eq!(told(&[&odd]), alone, "{test} alone");
        fs::copy(KEYS, here.join("keys.json")).unwrap();
        assert_eq!(
            told(&[here.to_str().unwrap()]),
            beside,
            "{test} beside an export"
        );
    }
}

#[test]
fn records_one_a_line_with_windows_line_ends_and_nulls_in_a_list_are_records() {
    let record = |n: u8| {
        format!(
            r#"{{"attributes":{{"type":"User"}},"Id":"00500000000000{n}AAA","Username":"svc.{n}","IsActive":true,"CreatedDate":"2020-01-01T00:00:00.000+0000","PasswordNeverExpires":true}}"#
        )
    };
    let (one, two) = (record(1), record(2));
    for (test, text) in [
        ("crlf", format!("{one}\r\n{two}\r\n")),
        (
            "null",
            format!(r#"{{"totalSize":3,"done":true,"records":[{one},null,{two}]}}"#),
        ),
    ] {
        let (_, report) = of_text(test, "users.json", &text);
        assert_eq!(report.findings("pw.never-expires").len(), 2, "{test}");
    }
    let cut = format!("{one}\n{}", &two[..60]);
    let (_, report) = of_text("cut", "users.json", &cut);
    assert_eq!(report.problems()[0].0, "truncated");
}

#[test]
fn what_this_program_wrote_is_no_export_and_no_failed_one() {
    let users = fs::read_to_string("fixtures/exports/salesforce/users.sf-query.csv").unwrap();
    let here = folder("hand-own");
    let export = file(&here, "users.csv", &users);
    let arguments = ["--no-config", "--as-of", AS_OF];
    for (command, format) in [
        ("scan", "csv"),
        ("scan", "json"),
        ("scan", "jsonl"),
        ("scan", "sarif"),
        ("scan", "ocsf"),
        ("scan", "oscal"),
        ("scan", "gitlab"),
        ("inventory", "csv"),
        ("inventory", "json"),
        ("doctor", "json"),
    ] {
        let all = [&[command, &export, "--format", format], &arguments[..]].concat();
        let written = credlint(&all).stdout;
        assert!(written.len() > 200, "{command} {format}");
        let ending = if format == "csv" { "csv" } else { "json" };
        let name = format!("{command}-{format}.{ending}");
        fs::write(here.join(&name), &written).unwrap();
        let (code, report) = scan(&[here.to_str().unwrap()]);
        assert_eq!(
            (code, report.problems()),
            (1, Vec::new()),
            "{command} {format}"
        );
        assert_eq!(report.findings("pw.never-expires").len(), 1);
        fs::remove_file(here.join(&name)).unwrap();
    }
}

#[test]
fn of_many_files_of_which_the_same_is_said_ten_are_named() {
    let users = fs::read_to_string("fixtures/exports/salesforce/users.sf-query.csv").unwrap();
    let here = folder("hand-many");
    file(&here, "users.csv", &users);
    for number in 0..30 {
        file(&here, &format!("{number:02}.json"), r#"{"a":1}"#);
    }
    let (_, report) = scan(&[here.to_str().unwrap()]);
    let notes = report.0["notes"].as_array().unwrap();
    let notes: Vec<&str> = notes.iter().map(|note| note.as_str().unwrap()).collect();
    let about: Vec<&&str> = notes
        .iter()
        .filter(|n| n.contains("no export that"))
        .collect();
    assert_eq!(about.len(), 11, "{about:#?}");
    assert!(about[0].contains("00.json"), "{about:#?}");
    assert!(about[10].starts_with("20 more files"), "{about:#?}");
}

#[test]
fn a_header_that_is_too_long_is_told() {
    let head = format!("{HEAD},{}\n{ROW},\n", "x".repeat(300 << 10));
    let (code, report) = of_text("long-header", "users.csv", &head);
    let problems = report.0["problems"].to_string();
    assert_eq!(code, 3);
    assert!(
        problems.contains("first line of more than 256 KiB"),
        "{problems}"
    );
}

#[cfg(unix)]
#[test]
fn an_export_behind_a_link_that_is_not_followed_is_told() {
    let here = folder("hand-links");
    let there = folder("hand-links-elsewhere");
    file(&here, "users.csv", &format!("{HEAD}\n{ROW}\n"));
    let other = file(&there, "more.csv", &format!("{HEAD}\n{ROW}\n"));
    std::os::unix::fs::symlink(&other, here.join("more.csv")).unwrap();
    std::os::unix::fs::symlink(&there, here.join("more")).unwrap();
    std::os::unix::fs::symlink("users.csv", here.join("again.csv")).unwrap();
    let both = [here.to_str().unwrap(), there.to_str().unwrap()];
    let (_, report) = scan(&both[..1]);
    let linked = "is a symbolic link to what lies outside of this scan";
    let problems = report.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].0, "unreadable");
    assert!(problems[0].1.ends_with("/more.csv"), "{problems:?}");
    let notes = report.0["notes"].to_string();
    assert_eq!(notes.matches(linked).count(), 1, "{notes}");
    let (_, report) = scan(&both);
    assert!(report.problems().is_empty());
    assert!(!report.0["notes"].to_string().contains(linked));
}
