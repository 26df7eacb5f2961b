//! Clouds, directories, forges, stores of secrets, databases and key sets: for each what its exports
//! must give, and what must stay silent.

use crate::program::{Report, credlint, file, folder, scan};

/// Rule and subject of every finding of a folder of `fixtures/exports/`.
fn told(folder: &str) -> (Report, Vec<(String, String)>) {
    let (_, report) = scan(&[&format!("fixtures/exports/{folder}")]);
    let pairs = report.pairs().into_iter();
    let pairs = pairs.map(|(rule, name)| (rule.to_owned(), name.to_owned()));
    let pairs = pairs.collect();
    (report, pairs)
}

/// A rule, and a part of the name of what it must tell.
type Expected = (&'static str, &'static str);

/// Every expected finding is there, and of each of these subjects nothing at all.
fn check(folder: &str, expected: &[Expected], silent: &[&str]) -> Report {
    let (report, told) = told(folder);
    for (rule, name) in expected {
        let found = told.iter().any(|(r, n)| r == rule && n.contains(name));
        assert!(found, "{folder}: {rule} of {name} in {told:#?}");
    }
    for name in silent {
        let heard: Vec<_> = told.iter().filter(|(_, n)| n.contains(name)).collect();
        assert!(heard.is_empty(), "{folder}: {heard:?}");
    }
    report
}

/// The names that a rule tells.
fn names<'r>(report: &'r Report, rule: &str) -> Vec<&'r str> {
    let found = report.findings(rule);
    let mut names: Vec<&str> = found
        .iter()
        .map(|f| f["subject"]["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn aws() {
    let report = check(
        "aws",
        &[
            ("sec.api-key-max-age", "svc-deploy key 1"),
            ("dual.old-key-not-removed", "svc-deploy key 1"),
            ("sec.api-key-max-age", "svc-etl key 1"),
            ("tok.unused-key", "svc-etl key 1"),
            ("hyg.unused-cloud-account", "svc-etl"),
            ("pw.never-expires", "dana"),
            ("pw.age", "dana"),
            ("aws.rotation-failing", "database-password"),
            ("aws.rotation-stuck", "database-password"),
            ("pw.db-age", "database-password"),
            ("aws.rotation-disabled", "legacy/partner-key"),
            ("sec.stored-secret-max-age", "legacy/partner-key"),
            ("hyg.stored-secret-owner-missing", "legacy/partner-key"),
            ("tls.expiring", "www.acme.example"),
            ("tls.renewal-manual", "www.acme.example"),
            ("tls.renewal-manual", "legacy-elb"),
            ("enc.kek-rotation-off", "app envelope key"),
            ("sec.long-lived-key", "svc-deploy key 2"),
            ("pw.policy-never-expires", "account password policy"),
        ],
        &["app/weekly", "root", "svc-etl key 2", "old.acme.example"],
    );
    assert_eq!(names(&report, "aws.rotation-disabled").len(), 1);
    assert_eq!(
        names(&report, "hyg.unused-cloud-account"),
        ["dana", "svc-etl"]
    );
    // The list and the description of one certificate are one finding.
    let found = report.finding("tls.expiring");
    assert_eq!(
        found["places"].as_array().map(Vec::len),
        Some(1),
        "{found:#}"
    );
    assert_eq!(report.problems(), []);
}

#[test]
fn both_versions_of_the_aws_tool_give_the_same_findings() {
    let of = |version: &str| {
        let file = format!("fixtures/exports/aws/secretsmanager-list-secrets.cli-{version}.json");
        let (_, report) = scan(&[&file]);
        let found = report.pairs().into_iter();
        let mut found: Vec<_> = found.map(|(r, n)| format!("{r} {n}")).collect();
        found.sort();
        found
    };
    assert_eq!(of("v1"), of("v2"));
    assert_eq!(of("v1").len(), 6, "{:?}", of("v1"));
}

#[test]
fn entra() {
    let report = check(
        "azure",
        &[
            ("sec.client-secret-never-expires", "d1"),
            ("sec.client-secret-max-age", "d1"),
            ("dual.old-not-removed", "d1"),
            ("sec.client-secret-expiring", "d2"),
            ("sec.client-secret-target-age", "d2"),
            ("cert.expiring", "CN=erp-connector"),
            ("pw.never-expires", "svc.sync@acme.example"),
            ("pw.age", "svc.sync@acme.example"),
            ("pw.policy-never-expires", "acme.example"),
        ],
        &["old.acme.example"],
    );
    let secret = report.finding("sec.client-secret-max-age");
    assert!(secret["message"].as_str().unwrap().contains("2021-03-05"));
    let expiring = report.finding("sec.client-secret-expiring");
    assert!(expiring["message"].as_str().unwrap().contains("11 days"));
    // It signed in two days ago, though not interactively.
    assert!(report.findings("hyg.unused-cloud-account").is_empty());
    assert_eq!(
        report.problems(),
        [(
            "truncated",
            "fixtures/exports/azure/graph-applications.json"
        )]
    );
}

#[test]
fn google() {
    let report = check(
        "gcp",
        &[
            ("sec.api-key-max-age", "0001"),
            ("tok.never-expires", "0001"),
            ("sec.long-lived-key", "0001"),
            ("rot.compromised-key-disabled", "0003"),
            ("sec.api-key-max-age", "Maps"),
            ("rot.stored-secret-overdue", "erp-db"),
            ("enc.kek-rotation-off", "tokens"),
        ],
        // Google's own key, a key that is rotated, one that cannot be.
        &["0002", "envelope", "sign"],
    );
    assert!(report.findings("rot.compromised-key-active").is_empty());
    assert_eq!(
        report.finding("rot.compromised-key-disabled")["severity"],
        "info"
    );
    // The two shapes of one list are one finding.
    assert_eq!(names(&report, "sec.api-key-max-age").len(), 2);
}

#[test]
fn okta() {
    let report = check(
        "okta",
        &[
            ("sec.client-secret-max-age", "ocsFAKE0001"),
            ("sec.api-key-max-age", "terraform"),
            ("jwt.key-age", "FAKEKID1"),
            ("pw.age", "svc.okta@acme.example"),
            ("data.export-has-secrets", "app-client-secrets.json"),
        ],
        &[],
    );
    // Its API token was used within the month, and it grants no refresh tokens.
    for rule in [
        "hyg.unused-cloud-account",
        "tok.refresh-static",
        "tok.expiring",
    ] {
        assert!(report.findings(rule).is_empty(), "{rule}");
    }
    assert!(!report.0.to_string().contains("FAKE-NOT-A-SECRET"));
}

#[test]
fn github_and_gitlab() {
    let report = check(
        "github",
        &[
            ("sec.api-key-max-age", "SF_CONSUMER_SECRET"),
            ("tok.never-expires", "svc-bot/deploy"),
            ("tok.never-expires", "lee/laptop"),
            ("perm.broad-key", "lee/laptop"),
            ("tok.unused-key", "ci"),
        ],
        &["NPM_TOKEN"],
    );
    // Nothing in the exports says who has left.
    assert!(report.findings("tok.inactive-owner").is_empty());
    let report = check(
        "gitlab",
        &[
            ("tok.never-expires", "registry"),
            ("tok.expiring", "renovate"),
            ("tok.unused-key", "renovate"),
            ("tok.unused-key", "ci"),
        ],
        &[],
    );
    let told = report.not_evaluated("sec.api-key-max-age");
    assert!(
        told.contains("deploy_tokens.json has no column created_at"),
        "{told}"
    );
}

#[test]
fn kubernetes_secrets_and_cert_manager() {
    let report = check(
        "kubernetes",
        &[
            ("tls.expiring", "prod/web-tls"),
            ("tls.expiring", "prod/web"),
            ("tls.renewal-failing", "prod/web"),
            ("tok.unused-key", "ci/deployer-token"),
            ("tok.never-expires", "ci/deployer-token"),
            ("data.export-has-secrets", "kubernetes/secrets.json"),
        ],
        &[],
    );
    let failing = report.finding("tls.renewal-failing");
    let causes = failing["causes"].to_string();
    for why in ["7 attempts", "2026-11-08"] {
        assert!(causes.contains(why), "{causes}");
    }
}

#[test]
fn a_certificate_in_use_counts_whatever_became_of_it() {
    let here = folder("acm");
    let listed = |name: &str, status: &str, in_use: bool| {
        format!(
            "{{\"CertificateArn\": \"arn:{name}\", \"DomainName\": \"{name}\", \"Status\": \"{status}\", \
             \"InUse\": {in_use}, \"NotAfter\": \"2026-06-30T23:59:59+00:00\"}}"
        )
    };
    let list = [
        listed("revoked", "REVOKED", true),
        listed("failed", "FAILED", true),
        listed("late", "VALIDATION_TIMED_OUT", true),
        listed("expired", "EXPIRED", true),
        listed("waiting", "PENDING_VALIDATION", true),
        listed("unused", "REVOKED", false),
    ];
    let list = format!("{{\"CertificateSummaryList\": [{}]}}", list.join(","));
    file(&here, "list.json", &list);
    let one = "{\"Certificate\": {\"CertificateArn\": \"arn:one\", \"DomainName\": \"one\", \
               \"Status\": \"REVOKED\", \"InUseBy\": [\"arn:lb\"], \
               \"NotAfter\": \"2026-06-30T23:59:59+00:00\"}}";
    file(&here, "one.json", one);
    let idle = one.replace("one", "idle").replace("\"arn:lb\"", "");
    file(&here, "idle.json", &idle);
    let (_, report) = scan(&[here.to_str().unwrap()]);
    assert_eq!(
        names(&report, "cert.expired"),
        ["expired", "failed", "late", "one", "revoked"]
    );
    let output = credlint(&[
        "inventory",
        here.to_str().unwrap(),
        "--no-config",
        "--format",
        "json",
    ]);
    let inventory: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let items = inventory["items"].as_array().unwrap();
    let state = |name: &str| {
        let item = items.iter().find(|item| item["name"] == name);
        item.map(|item| item["state"].clone())
    };
    assert_eq!(state("unused"), Some("revoked".into()));
    assert_eq!(state("waiting"), Some("pending".into()));
}

#[test]
fn bare_rows_of_secrets_are_known_by_either_name_of_their_versions() {
    let here = folder("bare-secrets");
    for (file_name, versions) in [("a", "SecretVersionsToStages"), ("b", "VersionIdsToStages")] {
        let rows = format!(
            "[{{\"ARN\": \"arn:{file_name}\", \"Name\": \"{file_name}\", \"CreatedDate\": \
             \"2023-01-01T00:00:00+00:00\", \"{versions}\": {{\"1\": [\"AWSCURRENT\"]}}}}]"
        );
        file(&here, &format!("{file_name}.json"), &rows);
    }
    let (_, report) = scan(&[here.to_str().unwrap()]);
    assert_eq!(names(&report, "aws.rotation-disabled"), ["a", "b"]);
}

#[test]
fn full_pages_are_told_as_cut_off() {
    let here = folder("pages");
    let rows = |count: u32| {
        let row = |n| {
            format!(
                "{{\"id\": {n}, \"title\": \"k\", \"read_only\": true, \
                 \"created_at\": \"2026-01-01T00:00:00Z\"}}"
            )
        };
        let rows: Vec<String> = (0..count).map(row).collect();
        format!("[{}]", rows.join(","))
    };
    file(&here, "keys.json", &rows(31));
    let (_, report) = scan(&[here.to_str().unwrap()]);
    assert!(report.findings("data.export-truncated").is_empty());
    file(&here, "keys.json", &rows(30));
    let (_, report) = scan(&[here.to_str().unwrap()]);
    let message = report.finding("data.export-truncated")["message"].to_string();
    let words = "keys.json is not whole: it has exactly 30 rows, which is where";
    assert!(message.contains(words), "{message}");
}

#[test]
fn secrets_of_vault_in_files_of_one_name_are_two() {
    let here = folder("vault-folders");
    let old = std::fs::read_to_string("fixtures/exports/vault/kv-metadata.json").unwrap();
    let new = old.replace("\"2025-01-15T", "\"2026-11-01T");
    assert_ne!(old, new);
    for (folder, text) in [("a", &old), ("b", &new)] {
        std::fs::create_dir_all(here.join(folder)).unwrap();
        file(&here.join(folder), "meta.json", text);
    }
    let (_, report) = scan(&[here.to_str().unwrap()]);
    let found = report.finding("rot.stored-secret-overdue");
    let path = found["location"]["path"].as_str().unwrap();
    assert!(path.ends_with("a/meta.json"), "{path}");
}

#[test]
fn vault_doppler_and_1password() {
    check(
        "vault",
        &[
            ("rot.stored-secret-overdue", "kv-metadata"),
            ("perm.broad-key", "root"),
            ("tok.never-expires", "root"),
        ],
        &[],
    );
    check(
        "doppler",
        &[
            ("tok.never-expires", "api/prd/prod-read"),
            ("sec.api-key-max-age", "api/prd/prod-read"),
        ],
        &[],
    );
    check(
        "onepassword",
        &[("sec.stored-secret-max-age", "Partner X API key")],
        &[],
    );
}

#[test]
fn postgresql_roles_as_csv_and_as_json() {
    let report = check("postgres", &[("pg.expiring", "api_app")], &["nologin_grp"]);
    assert_eq!(
        names(&report, "pg.no-valid-until"),
        ["admin", "reporting", "svc_legacy"]
    );
    // Exactly seven days before the end is told, a day earlier is not.
    assert_eq!(report.findings("pg.expiring").len(), 1);
    let (_, earlier) = scan(&["fixtures/exports/postgres", "--as-of", "2026-11-19"]);
    assert!(earlier.findings("pg.expiring").is_empty());
}

#[test]
fn key_sets() {
    let report = check(
        "jwks",
        &[
            ("jwt.kid-missing", "jwks"),
            ("jwt.expired-in-set", "k1"),
            ("jwt.no-overlap", "k2"),
            ("jwt.key-age", "k2"),
            ("data.export-has-secrets", "jwt_keys"),
        ],
        &[],
    );
    for rule in ["jwt.kid-duplicate", "jwt.dates-missing", "jwt.no-valid-key"] {
        assert!(report.findings(rule).is_empty(), "{rule}");
    }
    assert!(!report.0.to_string().contains("FAKE-HMAC"));
    // Once every key has ended, the set is told as one.
    let (_, later) = scan(&["fixtures/exports/jwks", "--as-of", "2027-01-01"]);
    assert_eq!(names(&later, "jwt.no-valid-key"), ["jwt_keys.seed-shape"]);
}

#[test]
fn key_stores() {
    let report = check(
        "x509",
        &[("tls.expiring", "web"), ("data.unreadable", "truststore")],
        &[],
    );
    assert_eq!(report.finding("data.unreadable")["severity"], "low");
}

/// The Base64 of a text.
fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in text.as_bytes().chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for at in 0..4 {
            let letter = LETTERS[((bits >> (18 - 6 * at)) & 63) as usize];
            out.push(if at > three.len() { '=' } else { letter.into() });
        }
    }
    out
}

#[test]
fn what_stands_behind_a_certificate_in_a_secret_is_judged_as_well() {
    let here = folder("chain");
    let soon = std::fs::read_to_string("fixtures/exports/x509/expiring.pem").unwrap();
    let bundle = std::fs::read_to_string("fixtures/exports/x509/bundle.pem").unwrap();
    let second = bundle.rfind("-----BEGIN CERTIFICATE-----").unwrap();
    let later = &bundle[second..];
    let secret = |text: &str| {
        let crt = base64(text);
        let text = format!(
            r#"{{"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": {{"name": "web", "namespace": "prod", "creationTimestamp": "2026-01-01T00:00:00Z"}},
            "data": {{"tls.crt": "{crt}"}}}}"#
        );
        scan(&[&file(&here, "secret.json", &text)]).1
    };
    assert!(secret(later).findings("cert.expiring").is_empty());
    // Whatever the place in a group of the second one's first byte.
    for gap in ["", "\n", "\n\n"] {
        let report = secret(&format!("{later}{gap}{soon}"));
        let finding = report.finding("cert.expiring");
        let message = finding["message"].as_str().unwrap();
        assert!(message.contains("CN=web.acme.example"), "{message}");
    }
}

#[test]
fn signing_certificates_of_a_credential_report_age() {
    let head = "user,arn,user_creation_time,password_enabled,access_key_1_active,\
        cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated\n";
    let rows = "old,arn:aws:iam::111111111111:user/old,2020-01-01T00:00:00+00:00,false,false,true,2023-01-01T00:00:00+00:00,false,N/A\n\
        off,arn:aws:iam::111111111111:user/off,2020-01-01T00:00:00+00:00,false,false,false,2023-01-01T00:00:00+00:00,false,N/A\n\
        new,arn:aws:iam::111111111111:user/new,2020-01-01T00:00:00+00:00,false,false,false,N/A,true,2026-06-01T00:00:00+00:00\n";
    let report = file(
        &folder("aws-signing"),
        "report.csv",
        &format!("{head}{rows}"),
    );
    let (_, found) = scan(&[&report]);
    let finding = found.finding("cert.age");
    assert_eq!(
        finding["subject"]["name"],
        "arn:aws:iam::111111111111:user/old signing certificate 1"
    );
    let listed = credlint(&[
        "inventory",
        &report,
        "--format",
        "csv",
        "--as-of",
        "2026-11-20",
    ]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    let row = |name| listed.lines().find(|line| line.contains(name)).unwrap();
    assert!(
        row("user/off signing certificate 1").contains("inactive"),
        "{listed}"
    );
    assert!(
        row("user/new signing certificate 2").contains("2026-06-01"),
        "{listed}"
    );
}
