//! Exports as people hand them over: packed, saved from a spreadsheet, or not made at all.

use std::fs;
use std::path::Path;

use crate::pack::{archive, gzip, tar_entry, zipped};
use crate::program::{Report, credlint, file, folder, scan};

const USERS: &str = "fixtures/exports/salesforce/users.sf-query.csv";
const GRANTS: &str = "fixtures/exports/salesforce/permission_set_assignments.sf-query.json";

/// A file of bytes, alone in a folder; the folder.
fn alone(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let place = folder.join(name.replace('.', "-"));
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join(name), bytes).unwrap();
    place.to_str().unwrap().to_owned()
}

/// Rule and subject of every finding over records.
fn told(report: &Report) -> Vec<(&str, &str)> {
    let mut pairs = report.pairs();
    pairs.sort_unstable();
    pairs
}

#[test]
fn exports_in_archives_are_read_as_they_are_outside() {
    let here = folder("packed");
    let (users, grants) = (fs::read(USERS).unwrap(), fs::read(GRANTS).unwrap());
    let (code, plain) = scan(&[USERS, GRANTS]);
    assert!(plain.pairs().len() > 5);

    let zip = archive(&[
        zipped("out/users.csv", &users),
        zipped("out/grants.json", &grants),
        zipped("out/logo.png", b"\x89PNG\0\0"),
    ]);
    let mut tar = tar_entry("users.csv", b'0', &users);
    tar.extend(tar_entry("grants.json.gz", b'0', &gzip(&grants)));
    tar.resize(tar.len() + 1024, 0);
    for (name, bytes) in [
        ("exports.zip", zip.clone()),
        ("exports.tar", tar.clone()),
        ("exports.tgz", gzip(&tar)),
        ("outer.zip", archive(&[zipped("exports.tar", &tar)])),
        ("inner.tar", tar_entry("exports.zip", b'0', &zip)),
    ] {
        let place = alone(&here, name, &bytes);
        let (packed_code, packed) = scan(&[&place]);
        assert_eq!(told(&packed), told(&plain), "{name}");
        assert_eq!((packed_code, packed.problems()), (code, vec![]), "{name}");
        let finding = &packed.findings("pw.never-expires")[0]["location"]["path"];
        let path = finding.as_str().unwrap();
        assert!(path.contains(&format!("{name}!")), "{path}");
        let list = credlint(&["inventory", &place, "--format", "csv"]);
        let list = String::from_utf8(list.stdout).unwrap();
        assert!(list.contains("svc.erp@acme.example"), "{name}: {list}");
        // Who wants them shut is told that exports are in them.
        let (_, shut) = scan(&["--no-archives", &place]);
        assert_eq!(told(&shut), [], "{name}");
        assert!(
            shut.0["notes"].to_string().contains("left closed"),
            "{name}"
        );
    }
    // One export behind gzip, beside one that is not.
    fs::write(here.join("users.csv.gz"), gzip(&users)).unwrap();
    fs::copy(GRANTS, here.join("grants.json")).unwrap();
    let beside = [here.join("users.csv.gz"), here.join("grants.json")];
    let (_, both) = scan(&beside.each_ref().map(|path| path.to_str().unwrap()));
    assert_eq!(told(&both), told(&plain));
}

#[test]
fn an_archive_that_is_cut_off_is_never_a_pass() {
    let here = folder("packed-cut");
    let users = fs::read(USERS).unwrap();
    let gz = gzip(&users);
    let place = alone(&here, "users.csv.gz", &gz[..gz.len() - 12]);
    let (code, report) = scan(&[&place]);
    assert_eq!(code, 1);
    assert_eq!(report.findings("data.export-truncated").len(), 1);
    let zip = archive(&[zipped("users.csv", &users)]);
    let place = alone(&here, "users.zip", &zip[..zip.len() / 2]);
    assert_eq!(scan(&[&place]).0, 3);
    let twice = archive(&[zipped("users.csv", &users), zipped("users.csv", &users)]);
    let place = alone(&here, "twice.zip", &twice);
    let (_, report) = scan(&[&place]);
    let problems = report.0["problems"].to_string();
    assert!(problems.contains("in its archive twice"), "{problems}");
    // The one within another is cut off.
    let within = archive(&[
        zipped("inner.zip", &zip[..zip.len() / 2]),
        zipped("users.csv", &users),
    ]);
    let place = alone(&here, "within.zip", &within);
    let (_, report) = scan(&[&place]);
    assert_eq!(report.findings("pw.never-expires").len(), 1);
    assert!(report.problems()[0].1.ends_with("within.zip!inner.zip"));
}

#[test]
fn what_is_no_export_is_told_among_exports() {
    let here = folder("no-exports");
    let users = fs::read_to_string(USERS).unwrap();
    file(&here, "users.csv", &users);
    file(&here, "grants.xlsx", "PK");
    fs::write(here.join("chain.p7c"), b"\x30\x82\x01\x02\x06\x09\x2a").unwrap();
    file(
        &here,
        "chain.p7b",
        "-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----\n",
    );
    file(
        &here,
        "apps.json",
        "{\"status\": 1, \"name\": \"INVALID_TYPE\", \"message\": \"sObject type is not \
         supported\", \"exitCode\": 1, \"commandName\": \"DataQuery\"}",
    );
    file(&here, "sessions.csv", &users.replace('\n', "\r"));
    file(&here, "tokens.json", "[");
    let (_, report) = scan(&[here.to_str().unwrap()]);
    let problems = report.0["problems"].to_string();
    for words in [
        "is a workbook",
        "is no PKCS#7 bundle of certificates that can be read",
        "is an error that was answered, no export",
        "end with a carriage return alone",
    ] {
        assert!(problems.contains(words), "{words}: {problems}");
    }
    assert_eq!(
        problems.matches("is no PKCS#7 bundle").count(),
        2,
        "{problems}"
    );
    // A query that finds nothing is nobody's failure.
    assert!(!problems.contains("tokens.json"), "{problems}");
    let notes = report.0["notes"].to_string();
    assert!(notes.contains("tokens.json has no record in it"), "{notes}");
    assert_eq!(report.0["complete"], false);
}

#[test]
fn a_spreadsheet_may_name_its_delimiter_in_a_line_before_the_header() {
    let here = folder("sep-line");
    let users = fs::read_to_string(USERS).unwrap();
    let plain = users.replace("\"Dana O'Neil, \"\"DBA\"\"\"", "Dana O'Neil");
    let (_, expected) = scan(&[USERS]);
    for (name, first) in [("a.csv", "sep=;\r\n"), ("b.csv", "\"SEP=;\"\n")] {
        let text = format!("{first}{}", plain.replace(',', ";"));
        let (_, report) = scan(&[&file(&here, name, &text)]);
        assert_eq!(told(&report), told(&expected), "{name}");
        assert_eq!(report.problems(), []);
        // The line that is told is that of the file.
        let line = &report.finding("pw.never-expires")["location"]["start_line"];
        assert_eq!(line, 3, "{name}");
    }
}
