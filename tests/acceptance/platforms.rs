//! The other platforms' exports, and the demo, which has all of them.

use crate::program::{Report, scan};

fn told<'r>(report: &'r Report, rules: &[&str]) -> Vec<(&'r str, &'r str)> {
    let mut pairs = report.pairs();
    pairs.retain(|(rule, _)| rules.iter().any(|prefix| rule.starts_with(prefix)));
    pairs
}

#[test]
fn the_aws_credential_report_judges_each_key_by_itself_and_nothing_of_the_root() {
    let (code, report) = scan(&["fixtures/exports/aws/iam-credential-report.csv"]);
    assert_eq!(code, 1);
    assert_eq!(
        told(&report, &["pw.never", "sec.api"]),
        [
            ("pw.never-expires", "dana"),
            (
                "sec.api-key-max-age",
                "arn:aws:iam::123456789012:user/ci/svc-deploy key 1"
            ),
            (
                "sec.api-key-max-age",
                "arn:aws:iam::123456789012:user/svc-etl key 1"
            ),
        ]
    );
    assert!(!report.0["findings"].to_string().contains("root"));
}

#[test]
fn the_vault_table_tells_every_state_that_is_wrong_and_leaves_the_right_one_alone() {
    let (_, report) =
        scan(&["fixtures/exports/servicenow/u_integration_credential.table-api-all.json"]);
    let told = told(&report, &["dual."]);
    for pair in [
        ("dual.past-expiry", "partner-b"),
        ("dual.rollback-unresolved", "partner-c"),
        ("dual.pending-in-stable", "partner-d"),
        ("dual.forward-incomplete", "partner-e"),
        ("dual.rollover-dates", "partner-e"),
        ("dual.invalid-state", "partner-f"),
        ("dual.no-active-secret", "partner-f"),
    ] {
        assert!(told.contains(&pair), "{pair:?} in {told:#?}");
    }
    assert!(!told.iter().any(|(_, name)| *name == "partner-a"));
}

#[test]
fn the_same_vault_table_as_json_csv_and_xml_gives_the_same_findings() {
    let folder = "fixtures/exports/servicenow/u_integration_credential";
    let [first, others @ ..] = [
        "table-api-all.json",
        "table-api.json",
        "unload.xml",
        "raw.csv",
    ]
    .map(|shape| (shape, scan(&[&format!("{folder}.{shape}")]).1));
    for (shape, report) in &others {
        let names = |report: &Report| {
            let mut pairs: Vec<String> = report
                .pairs()
                .iter()
                .map(|(rule, name)| format!("{rule} {name}"))
                .collect();
            pairs.sort();
            pairs
        };
        assert_eq!(names(report), names(&first.1), "{shape}");
    }
}

#[test]
fn the_demo_tells_of_every_platform_and_of_source_in_one_report() {
    let (code, report) = scan(&["fixtures/demo"]);
    assert_eq!(code, 1);
    assert_eq!(report.0["complete"], true, "{:#?}", report.problems());
    for (rule, severity, subject) in [
        ("pw.never-expires", "critical", "svc.erp@acme.example"),
        ("sec.client-secret-max-age", "high", "ERP Sync"),
        ("nc.unused", "medium", "Tax_Service"),
        ("dual.past-expiry", "high", "payroll-partner"),
    ] {
        let finding = report.finding(rule);
        assert_eq!(finding["severity"], severity, "{rule}");
        assert_eq!(finding["subject"]["name"], subject, "{rule}");
    }
    // That a long-lived key is there at all is told of every one.
    let findings = report.0["findings"].as_array().unwrap();
    let judged = findings
        .iter()
        .filter(|f| f["rule"] != "sec.long-lived-key");
    let text: String = judged.map(ToString::to_string).collect();
    for told in ["svc-deploy", "JWT_Signing", "freight-client", "shop"] {
        assert!(text.contains(told), "{told}");
    }
    for innocent in [
        "svc.web",
        "noa.levi",
        "sam.left",
        "svc-backup",
        "freight-partner",
        "<root",
    ] {
        assert!(!text.contains(innocent), "{innocent}");
    }
    let expiring = report.findings("cert.expiring");
    assert!(expiring.iter().all(|f| f["severity"] == "high") && expiring.len() == 2);
}

#[test]
fn every_kind_of_secret_in_the_demo_source_is_critical_and_found_at_its_line() {
    let (_, report) = scan(&["fixtures/demo/repo"]);
    let mut places: Vec<String> = report.0["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["rule"].as_str().unwrap().starts_with("secret."))
        .map(|f| {
            assert_eq!(f["severity"], "critical", "{f}");
            let path = f["location"]["path"].as_str().unwrap();
            format!(
                "{}:{}",
                path.rsplit('/').next().unwrap(),
                f["location"]["start_line"]
            )
        })
        .collect();
    places.sort();
    assert_eq!(
        places,
        [
            "FreightClient.java:9",
            "Order_Hub.connectedApp-meta.xml:7",
            "application.properties:3",
            "application.properties:6",
            "deploy-credentials.yaml:7",
            "nightly_export.py:6",
            "values.yaml:5",
            "values.yaml:8",
        ]
    );
}
