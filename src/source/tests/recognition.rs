//! Which source claims a file, and what is then asked of the reader.

use std::path::Path;

use super::built_in;
use crate::model::ScanPath;
use crate::read::{Format, Shape};
use crate::source::{Found, Plan};

fn csv() -> Format {
    Format::Csv { delimiter: b',' }
}

fn json(envelope: &str) -> Format {
    Format::Json {
        envelope: envelope.split_terminator('.').map(str::to_owned).collect(),
    }
}

const METADATA: &str = "http://soap.sforce.com/2006/04/metadata";

/// The sources that claim a file, most often one.
fn claims(path: &str, format: Format, kinds: &[&str], columns: &[&str]) -> Vec<(String, Format)> {
    let (_, sources) = built_in();
    let own = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
    let metadata = matches!(format, Format::Xml { row: None });
    let shape = Shape {
        columns: columns.iter().collect(),
        kind: kinds.first().map(|k| (*k).to_owned()),
        kinds: own(kinds),
        namespace: metadata.then(|| METADATA.to_owned()),
        ..Shape::of(format)
    };
    let path = ScanPath::new(Path::new(path));
    let found = sources.recognise(&path, &shape);
    let name = |Found { source, format }: Found| (sources.get(source).id().to_owned(), format);
    found.into_iter().map(name).collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_file_belongs_to_the_source_with_the_most_marks() {
    let xml = || Format::Xml { row: None };
    for (path, format, kind, columns, expected) in [
        (
            "u.csv",
            csv(),
            None,
            &["ID", "USERNAME", "ISACTIVE"][..],
            Some("salesforce.user"),
        ),
        (
            "u.json",
            json("result.records"),
            Some("User"),
            &["Id", "Name"],
            Some("salesforce.user"),
        ),
        (
            "k.json",
            json("items"),
            Some("Certificate"),
            &["apiVersion", "kind"],
            None,
        ),
        ("x.csv", csv(), None, &["Id", "Name"], None),
        (
            "Admin.profile-meta.xml",
            xml(),
            Some("Profile"),
            &["custom"],
            Some("salesforce.profile_metadata"),
        ),
        ("a.pem", Format::Pem, Some("CERTIFICATE"), &[], Some("x509")),
        ("b.pem", Format::Pem, Some("PUBLIC KEY"), &[], None),
        (
            "src/certs/a.crt",
            Format::Pem,
            Some("CERTIFICATE"),
            &[],
            Some("salesforce.certificate_file"),
        ),
        (
            "certs/a.CRT",
            Format::Der,
            None,
            &[],
            Some("salesforce.certificate_file"),
        ),
        (
            "certs/sub/a.crt",
            Format::Pem,
            Some("CERTIFICATE"),
            &[],
            Some("x509"),
        ),
        (
            "keys.json",
            json("AccessKeyMetadata"),
            None,
            &[],
            Some("aws.access_keys"),
        ),
        (
            "a.csv",
            csv(),
            None,
            &["Action", "Section", "Display", "CreatedDate"],
            Some("salesforce.setup_audit_trail"),
        ),
        (
            "register.yaml",
            Format::Yaml,
            None,
            &["version", "credentials"],
            Some("register"),
        ),
        (
            "k.json",
            json("items"),
            Some("Certificate"),
            &[
                "apiVersion",
                "spec.secretName",
                "metadata.creationTimestamp",
            ],
            Some("kubernetes.certificates"),
        ),
        // A manifest that a person wrote is no export.
        (
            "secret.yaml",
            Format::Yaml,
            Some("Secret"),
            &[
                "apiVersion",
                "kind",
                "metadata",
                "metadata.name",
                "type",
                "data",
            ],
            None,
        ),
        (
            "a.jks",
            Format::Jks,
            None,
            &["alias"],
            Some("x509.java_key_store"),
        ),
        (
            "a.p12",
            Format::Pkcs12,
            None,
            &["store"],
            Some("x509.pkcs12"),
        ),
        (
            "jwks.json",
            json("keys"),
            None,
            &["kty", "kid", "use", "n"],
            Some("jwt.key_set"),
        ),
        (
            "keys.json",
            json("keys"),
            None,
            &["name", "keyType", "validAfterTime", "validBeforeTime"],
            Some("google.service_account_keys"),
        ),
        (
            "other.yaml",
            Format::Yaml,
            None,
            &["version", "services"],
            None,
        ),
    ] {
        let kinds: Vec<&str> = kind.into_iter().collect();
        let mut got = claims(path, format.clone(), &kinds, columns);
        // Behind the first stand those that it asks to be read as well.
        got.truncate(1);
        let expected = expected.map(|id| (id.to_owned(), format));
        assert_eq!(got, Vec::from_iter(expected), "{path} {columns:?}");
    }
}

#[test]
fn an_unload_of_several_tables_is_read_for_each() {
    let row = |name: &str| Format::Xml {
        row: Some(name.to_owned()),
    };
    let kinds = ["sys_user", "u_integration_credential", "cmdb_ci"];
    let got = claims(
        "unload.xml",
        row("sys_user"),
        &kinds,
        &["sys_id", "user_name"],
    );
    let expected = ["sys_user", "u_integration_credential"]
        .map(|table| (format!("servicenow.{table}"), row(table)));
    assert_eq!(got, expected);
}

#[test]
fn a_list_of_mixed_objects_is_read_for_each_kind() {
    let columns = [
        "apiVersion",
        "kind",
        "type",
        "metadata.name",
        "metadata.creationTimestamp",
        "spec.secretName",
    ];
    let got = claims(
        "all.yaml",
        Format::Yaml,
        &["Secret", "Service", "Certificate"],
        &columns,
    );
    let ids: Vec<&str> = got.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["kubernetes.secrets", "kubernetes.certificates"]);
}

#[test]
fn a_source_can_ask_for_others_to_be_read_too() {
    let columns = [
        "appId",
        "displayName",
        "passwordCredentials",
        "keyCredentials",
    ];
    let got = claims("apps.json", json(""), &[], &columns);
    let ids: Vec<&str> = got.iter().map(|(id, _)| id.as_str()).collect();
    let expected = [
        "entra.applications",
        "entra.application_secrets",
        "entra.application_keys",
    ];
    assert_eq!(ids, expected);
}

#[test]
fn only_wanted_columns_are_asked_for() {
    let (schema, sources) = built_in();
    let source = sources.get(sources.find("aws.credential_report").unwrap());
    let (key, decl) = schema.find("access_key").unwrap();
    let (active, _) = decl.field("active").unwrap();
    let (created, _) = decl.field("created").unwrap();
    let path = ScanPath::new(Path::new("report.csv"));
    let plan = Plan::new(source, schema, &path, &|ty, field| {
        ty == key && field == active
    });
    let columns: Vec<&str> = plan.columns().iter().map(|c| c.text.as_str()).collect();
    assert_eq!(
        columns,
        [
            "access_key_1_active",
            "access_key_1_last_rotated",
            "access_key_2_active",
            "access_key_2_last_rotated"
        ]
    );
    assert_eq!(plan.record_types(), [key]);
    assert_eq!(
        plan.column_name(key, created),
        Some("access_key_1_last_rotated")
    );
}
