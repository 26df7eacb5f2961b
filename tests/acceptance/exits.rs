//! What the exit code says.

use std::fs;

use crate::program::{AS_OF, credlint, file, folder, scan};

#[test]
fn a_clean_tree_ends_with_0_and_without_a_finding() {
    let (code, report) = scan(&["fixtures/clean"]);
    assert_eq!(report.pairs(), []);
    assert_eq!(report.problems(), []);
    assert!(report.0["coverage"]["records"].as_u64().unwrap() > 10);
    assert_eq!(code, 0);
}

#[test]
fn findings_end_with_1_and_exit_zero_forgives_them() {
    assert_eq!(scan(&["fixtures/demo"]).0, 1);
    assert_eq!(scan(&["fixtures/demo", "--exit-zero"]).0, 0);
    assert_eq!(scan(&["fixtures/demo", "--fail-on", "never"]).0, 0);
    let medium = ["fixtures/demo", "--only", "nc.unused"];
    assert_eq!(scan(&medium).0, 0);
    assert_eq!(scan(&[&medium[..], &["--fail-on", "medium"]].concat()).0, 1);
}

#[test]
fn a_missing_path_ends_with_3_and_is_named() {
    let (code, report) = scan(&["does-not-exist"]);
    assert_eq!(code, 3);
    let told = report.0["problems"].to_string();
    assert!(told.contains("does-not-exist"), "{told}");
    // Findings elsewhere win over it, and the report is incomplete all the same.
    let (code, report) = scan(&["fixtures/demo", "does-not-exist"]);
    assert_eq!((code, &report.0["complete"]), (1, &false.into()));
    // A clean rest does not.
    assert_eq!(
        scan(&["fixtures/clean", "does-not-exist", "--exit-zero"]).0,
        3
    );
}

#[test]
fn an_empty_folder_is_no_all_clear() {
    let here = folder("empty");
    let (code, report) = scan(&[here.to_str().unwrap()]);
    assert_eq!(code, 3);
    assert!(
        report
            .problems()
            .iter()
            .any(|(kind, _)| *kind == "no-input"),
        "{:?}",
        report.problems()
    );
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_ends_with_3_and_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let here = folder("unreadable");
    let path = file(&here, "users.csv", "Id,Username,IsActive\n1,a,true\n");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&path).is_ok() {
        return; // root reads everything
    }
    let (code, report) = scan(&[here.to_str().unwrap()]);
    assert_eq!(code, 3);
    assert!(
        report
            .problems()
            .iter()
            .any(|(_, path)| path.ends_with("users.csv"))
    );
}

#[test]
fn a_misspelt_operator_ends_with_2_a_caret_and_what_was_meant() {
    let here = folder("misspelt");
    file(
        &here,
        "own.yaml",
        "version: 1\nrules:\n- id: own.old-password\n  title: Old password\n  severity: high\n  \
         record: user\n  when: {password_changed: {oldr_than: 90d, if_missing: unknown}}\n  \
         message: old\n  identity: [platform, id]\n  remediation: Change it.\n",
    );
    let output = credlint(&[
        "scan",
        "fixtures/clean",
        "--as-of",
        AS_OF,
        "--rules",
        here.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8_lossy(&output.stderr);
    for part in ["own.yaml:7:29", "^^^^^^^^^", "did you mean `older_than`?"] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[test]
fn a_scan_without_rules_or_with_an_unknown_one_is_refused() {
    let output = credlint(&["scan", "fixtures/clean", "--only", "pw.nver-expires"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("pw.never-expires"), "{said}");
}
