//! The steps for items of the made-up exports, as an operator reads them.

use std::fs;

use crate::program::{AS_OF, credlint, folder, scan};

fn page(item: &str, exports: &str) -> String {
    let output = credlint(&["runbook", "--no-config", "--as-of", AS_OF, item, exports]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(0), "{item}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_tests_in_the_runbooks_pass() {
    let output = credlint(&["runbook", "--test"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.ends_with(" passed, 0 failed\n"), "{said}");
}

#[test]
fn each_kind_of_credential_has_the_steps_of_its_kind_and_its_own_names() {
    for (item, exports, says) in [
        (
            "salesforce:client_secret:ERP Sync",
            "fixtures/demo/exports",
            [
                "# Rotate a Salesforce consumer secret with two pairs valid: `ERP Sync`",
                "- Owner: `integrations-team` (declared)",
                "`integrations-team` agrees to the day",
            ],
        ),
        (
            "salesforce:certificate:JWT_Signing",
            "fixtures/demo/exports",
            [
                "# Replace a Salesforce signing certificate with two certificates accepted: `JWT_Signing`",
                "- Consumers: `ERP Sync`",
                " agrees to the day. The certificate ends: 2027-01-15;",
            ],
        ),
        (
            "freight-partner",
            "fixtures/exports/register-full",
            [
                "# Rotate a credential of which the partner holds one: `freight-partner`",
                "Done when: it is answered, within 30 seconds of the change and two minutes",
                "the partner puts the old one back",
            ],
        ),
        (
            "salesforce:tenant_secret:02Gxx0000000003AAA",
            "fixtures/exports/salesforce/tenant_secrets.sf-query.json",
            [
                "# Rotate a Shield tenant secret, and encrypt anew before anything is destroyed",
                "Anything less is not done.",
                "After destruction there is no rollback.",
            ],
        ),
        (
            "api_app",
            "fixtures/exports/postgres",
            [
                "   CREATE ROLE \"api_app_a\" LOGIN;",
                "   ALTER ROLE \"api_app\" NOLOGIN PASSWORD NULL;",
                "- [ ] A connection as `api_app` is refused.",
            ],
        ),
        (
            "k2",
            "fixtures/exports/jwks",
            [
                "Put it into the set beside `k2`.",
                "Wait until the old tokens have ended",
                "A token of the old key is refused.",
            ],
        ),
    ] {
        let page = page(item, exports);
        for says in says {
            assert!(page.contains(says), "{item} does not say {says}\n{page}");
        }
        for part in [
            "## Steps",
            "## Verify",
            "## Roll back",
            "## Evidence to keep",
        ] {
            assert!(page.contains(part), "{item} has no {part}");
        }
    }
}

#[test]
fn a_name_of_an_export_is_neither_markup_nor_a_command() {
    let folder = folder("runbook-hostile");
    let csv = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated\n\
        x' `;$(id)<b>,arn:aws:iam::1:user/x,2021-03-01T10:00:00+00:00,false,N/A,N/A,N/A,false,true,2021-03-01T10:00:00+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n";
    fs::write(folder.join("credential-report.csv"), csv).unwrap();
    let page = page(
        "aws:access_key:arn:aws:iam::1:user/x key 1",
        folder.to_str().unwrap(),
    );
    assert!(page.contains(r"--user-name 'x'\'' `;$(id)<b>'"), "{page}");
    assert!(page.contains("The user ``x' `;$(id)<b>`` has"), "{page}");
}

#[test]
fn who_is_not_known_or_is_several_is_told() {
    for (arguments, message) in [
        (
            &["jwt_signin", "fixtures/demo/exports"][..],
            "did you mean `JWT_Signing`?",
        ),
        (
            &["ERP Sync", "fixtures/exports/salesforce"],
            "name one by its id: salesforce:client_secret:ERP Sync, ",
        ),
        (
            &["ERP_Sync", "fixtures/demo/exports"],
            "is not rotated itself",
        ),
        (&["--use", "api-kye"], "did you mean `api-key`?"),
        (
            &["--rule", "shield.rotation-overdu"],
            "did you mean `shield.rotation-overdue`?",
        ),
        (
            &["--rule", "rot.overdue"],
            "depends on what a finding is about",
        ),
        (&[], "name a credential, or a runbook with --use"),
    ] {
        let output = credlint(&[&["runbook", "--no-config"], arguments].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(message), "{arguments:?}: {said}");
    }
}

#[test]
fn a_runbook_of_the_users_takes_the_place_of_a_built_in_one_and_is_checked() {
    let folder = folder("runbook-own");
    let text = "version: 1\nrunbooks:\n- id: jwt-key-set\n  title: Our way\n  interruption: none\n  about: ours\n  items: [{kinds: [signing_key]}]\n  before: [x]\n  steps: [{title: One, do: 'for {name}'}]\n  verify: [x]\n  rollback: [x]\n  evidence: [x]\n  tests: [{name: n, item: {kind: signing_key}, says: [Our way]}]\n";
    let file = folder.join("own.yaml");
    fs::write(&file, text).unwrap();
    let own = folder.to_str().unwrap();
    let output = credlint(&[
        "runbook",
        "--no-config",
        "--runbooks",
        own,
        "k2",
        "fixtures/exports/jwks",
    ]);
    let page = String::from_utf8_lossy(&output.stdout);
    assert!(page.starts_with("# Our way: `k2`\n"), "{page}");
    // Where a report tells of runbooks, it tells of the user's.
    let jwks = "fixtures/exports/jwks";
    let (_, report) = scan(&[jwks]);
    let result = folder.join("result.json");
    fs::write(&result, report.0.to_string()).unwrap();
    let pack = folder.join("pack");
    let [result, pack] = [&result, &pack].map(|path| path.to_str().unwrap());
    let html = ["--exit-zero", "--format", "html", "--runbooks", own];
    let scanned = credlint(&[&["scan", jwks, "--no-config", "--as-of", AS_OF], &html[..]].concat());
    let merged = credlint(&[&["merge", result], &html[..]].concat());
    let arguments = [
        "evidence",
        jwks,
        "--no-config",
        "--as-of",
        AS_OF,
        "--out",
        pack,
    ];
    credlint(&[&arguments[..], &["--runbooks", own]].concat());
    let packed = fs::read(folder.join("pack/report.html")).unwrap();
    for page in [scanned.stdout, merged.stdout, packed] {
        let page = String::from_utf8(page).unwrap();
        assert!(page.contains("<h3>Our way</h3> <code>jwt-key-set</code>"));
    }
    fs::write(&file, text.replace("signing_key]", "signing_kee]")).unwrap();
    let output = credlint(&["scan", jwks, "--no-config", "--runbooks", own]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    let output = credlint(&["runbook", "--test", "--runbooks", own]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("did you mean `signing_key`?"), "{said}");
    assert!(said.contains("own.yaml:7:20"), "{said}");
}

#[test]
fn a_finding_names_the_steps_for_it() {
    let (_, report) = scan(&["fixtures/demo"]);
    let of = |rule: &str| report.findings(rule)[0]["runbook"].clone();
    assert_eq!(of("sec.client-secret-max-age"), "salesforce-client-secret");
    assert_eq!(of("pw.never-expires"), "service-account-password");
    let all = report.0["findings"].as_array().unwrap().iter();
    let mut secrets = all.filter(|f| f["rule"].as_str().unwrap().starts_with("secret."));
    assert!(secrets.all(|f| f["runbook"] == "leaked-secret"));
}
