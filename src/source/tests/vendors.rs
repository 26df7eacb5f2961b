//! The built-in sources, on files as the vendors write them.

use super::{built_in, field, line, plan_of, records_in, records_of, shown};
use std::path::Path;

use crate::model::ScanPath;
use crate::read::{Format, Shape};
use crate::source::Found;

fn csv() -> Format {
    Format::Csv { delimiter: b',' }
}

fn json(envelope: &str) -> Format {
    Format::Json {
        envelope: envelope.split_terminator('.').map(str::to_owned).collect(),
    }
}

/// Source, file and format.
fn files() -> Vec<(&'static str, &'static str, Format)> {
    vec![
        ("salesforce.user", "salesforce/users.sf-query.csv", csv()),
        (
            "salesforce.user",
            "salesforce/users.sf-query-json-flag.json",
            json("result.records"),
        ),
        ("salesforce.user", "salesforce/users.dataloader.csv", csv()),
        (
            "salesforce.user",
            "salesforce/users.bulk-api2.caret-crlf.csv",
            Format::Csv { delimiter: b'^' },
        ),
        (
            "salesforce.user",
            "salesforce/users.sf-export-bulk.json",
            json(""),
        ),
        (
            "salesforce.permission_set_assignment",
            "salesforce/permission_set_assignments.sf-query.json",
            json("result.records"),
        ),
        (
            "salesforce.connected_application",
            "salesforce/connected_applications.sf-query.csv",
            csv(),
        ),
        (
            "salesforce.certificate",
            "salesforce/certificates.tooling-query.json",
            json("result.records"),
        ),
        (
            "salesforce.named_credential",
            "salesforce/named_credentials.sf-query.csv",
            csv(),
        ),
        (
            "salesforce.event_log.named_credential",
            "salesforce/eventlog.NamedCredential.csv",
            csv(),
        ),
        (
            "salesforce.oauth_token",
            "salesforce/oauth_tokens.sf-query.json",
            json("result.records"),
        ),
        (
            "salesforce.setup_audit_trail",
            "salesforce/setup_audit_trail.sf-query.json",
            json("result.records"),
        ),
        (
            "salesforce.setup_audit_trail_page",
            "salesforce/setup_audit_trail.setup-page.csv",
            csv(),
        ),
        (
            "salesforce.usage_token",
            "salesforce/eca_oauth_usage_tokens.connect-rest.json",
            json("tokens"),
        ),
        (
            "salesforce.staged_credential",
            "salesforce/eca_staged_credentials.connect-rest.json",
            json(""),
        ),
        (
            "aws.credential_report",
            "aws/iam-credential-report.csv",
            csv(),
        ),
        (
            "aws.credential_report",
            "aws/iam-credential-report-with-additional.csv",
            csv(),
        ),
        (
            "aws.credential_report",
            "aws/iam-get-credential-report.json",
            Format::CsvInJson {
                content: "Content".into(),
                delimiter: b',',
            },
        ),
        (
            "aws.access_keys",
            "aws/iam-list-access-keys.json",
            json("AccessKeyMetadata"),
        ),
        (
            "servicenow.u_integration_credential",
            "servicenow/u_integration_credential.table-api-default.json",
            json("result"),
        ),
        (
            "servicenow.u_integration_credential",
            "servicenow/u_integration_credential.table-api.json",
            json("result"),
        ),
        (
            "servicenow.u_integration_credential",
            "servicenow/u_integration_credential.table-api-all.json",
            json("result"),
        ),
        (
            "servicenow.u_integration_credential",
            "servicenow/u_integration_credential.table-api-display.json",
            json("result"),
        ),
        (
            "servicenow.u_integration_credential",
            "servicenow/u_integration_credential.raw.csv",
            csv(),
        ),
    ]
}

/// The table of what each file gives; written down from the exports by a person's eye.
const EXPECTED: &str = include_str!("expected.txt");

#[test]
fn every_export_gives_the_records_that_it_tells_of() {
    let all = built_in();
    let mut sections = EXPECTED.split("=== ").skip(1);
    for (id, file, format) in files() {
        let got: String = records_in(&all, id, file, &format)
            .iter()
            .map(|record| line(record) + "\n")
            .collect();
        assert_eq!(format!("{file}\n{got}"), sections.next().unwrap(), "{file}");
    }
    assert_eq!(sections.next(), None);
}

#[test]
fn the_same_users_in_every_container_are_the_same_records() {
    let all = built_in();
    let users = |file, format: Format| records_in(&all, "salesforce.user", file, &format);
    let csv_users = users("salesforce/users.sf-query.csv", csv());
    assert_eq!(csv_users.len(), 5);
    assert_eq!(
        csv_users,
        users(
            "salesforce/users.sf-query-json-flag.json",
            json("result.records")
        )
    );
    assert_eq!(csv_users, users("salesforce/users.dataloader.csv", csv()));
    assert_eq!(
        users("salesforce/users.bulk-api2.csv", csv()),
        users("salesforce/users.sf-export-bulk.json", json(""))
    );
    assert_eq!(
        csv_users[..2],
        users("salesforce/users.sf-output-file.json", json("records"))
    );
}

const METADATA: &str = "http://soap.sforce.com/2006/04/metadata";

/// The sources that claim a file, most often one.
fn claims(path: &str, format: Format, kinds: &[&str], columns: &[&str]) -> Vec<(String, Format)> {
    let (_, sources) = built_in();
    let own = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
    let metadata = matches!(format, Format::Xml { row: None });
    let shape = Shape {
        format,
        columns: own(columns),
        kind: kinds.first().map(|k| (*k).to_owned()),
        kinds: own(kinds),
        namespace: metadata.then(|| METADATA.to_owned()),
    };
    let path = ScanPath::new(Path::new(path));
    let found = sources.recognise(&path, &shape);
    let name = |Found { source, format }: Found| (sources.get(source).id().to_owned(), format);
    found.into_iter().map(name).collect()
}

#[test]
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
        ("a.pem", Format::Pem, None, &[], Some("x509")),
        (
            "src/certs/a.crt",
            Format::Pem,
            None,
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
        ("certs/sub/a.crt", Format::Pem, None, &[], Some("x509")),
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
            "other.yaml",
            Format::Yaml,
            None,
            &["version", "services"],
            None,
        ),
    ] {
        let kinds: Vec<&str> = kind.into_iter().collect();
        let got = claims(path, format.clone(), &kinds, columns);
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
    let id = "servicenow.u_integration_credential".to_owned();
    assert_eq!(got, [(id, row("u_integration_credential"))]);
}

#[test]
fn metadata_and_certificates_give_what_they_say() {
    let (schema, sources) = built_in();
    for (id, path, cells, expected) in [
        (
            "salesforce.profile_metadata",
            "profiles/Admin.profile-meta.xml",
            &[
                ("userLicense", "Salesforce"),
                ("userPermissions[name=ApiUserOnly].enabled", "true"),
            ][..],
            "profile name=System Administrator license=Salesforce password_never_expires=false api_user_only=true",
        ),
        (
            "salesforce.profile_metadata",
            "profiles/Custom%3A Sales.profile",
            &[("userPermissions[name=PasswordNeverExpires].enabled", "true")],
            "profile name=Custom: Sales password_never_expires=true api_user_only=false",
        ),
        (
            "salesforce.permission_set_metadata",
            "Legacy.permissionset-meta.xml",
            &[
                ("label", "Legacy"),
                ("userPermissions[name=PasswordNeverExpires].enabled", "true"),
            ],
            "permission_set name=Legacy label=Legacy password_never_expires=true",
        ),
        (
            "salesforce.profile_password_policy",
            "PT1.profilePasswordPolicy-meta.xml",
            &[("profile", "admin"), ("passwordExpiration", "0")],
            "password_policy scope=profile name=PT1 profile_name=admin never_expires=true expires_after=0",
        ),
        (
            "salesforce.security_settings",
            "settings/Security.settings-meta.xml",
            &[("passwordPolicies.expiration", "NinetyDays")],
            "password_policy scope=org name=Security never_expires=false expires_after=NinetyDays",
        ),
        (
            "salesforce.external_client_app_oauth_policy",
            "Order_Hub_plcy.ecaOauthPlcy-meta.xml",
            &[
                ("externalClientApplication", "Order_Hub"),
                ("refreshTokenPolicyType", "Infinite"),
            ],
            "oauth_app name=Order_Hub developer_name=Order_Hub refresh_never_expires=true refresh_policy=Infinite",
        ),
        (
            "salesforce.named_credential_metadata",
            "ERP_API.namedCredential-meta.xml",
            &[
                ("label", "ERP API"),
                (
                    "namedCredentialParameters[parameterType=Url].parameterValue",
                    "https://e.example",
                ),
            ],
            "named_credential name=ERP_API label=ERP API endpoint=https://e.example",
        ),
        (
            "salesforce.certificate_metadata",
            "certs/JWT.crt-meta.xml",
            &[("expirationDate", "2027-01-15"), ("caSigned", "false")],
            "certificate name=JWT not_after=2027-01-15T23:59:59Z self_signed=true",
        ),
        (
            "x509",
            "a.pem",
            &[
                ("common_name", "web"),
                ("extended_key_usage[*]", "serverAuth|clientAuth"),
                ("not_before", "2026-01-01T00:00:00Z"),
                ("not_after", "9999-12-31T23:59:59Z"),
            ],
            "certificate name=web class=tls not_before=2026-01-01T00:00:00Z not_after=never lifetime_days=2912442",
        ),
        (
            "x509",
            "dir/a.pem",
            &[("extended_key_usage[*]", "clientAuth")],
            "certificate name=a class=mtls",
        ),
        (
            "salesforce.certificate_file",
            "certs/JWT.crt",
            &[
                ("common_name", "x"),
                ("self_signed", "true"),
                ("key_usage[*]", "digitalSignature|keyCertSign"),
            ],
            "certificate name=JWT class=ca self_signed=true",
        ),
        (
            "register",
            "register.yaml",
            &[
                ("id", "salesforce:user:svc@x"),
                ("owner", ""),
                ("cadence_days", "90"),
                ("last_rotated", "2025-06-01"),
            ],
            "register_entry id=salesforce:user:svc@x name=svc@x owner=?empty last_rotated=2025-06-01T00:00:00Z cadence_days=90",
        ),
    ] {
        let plan = plan_of(&schema, &sources, id, path);
        let got = records_of(&schema, &plan, cells);
        assert_eq!(
            got.iter().map(line).collect::<Vec<_>>(),
            [expected],
            "{path}"
        );
    }
}

#[test]
fn an_app_that_only_signs_people_in_has_no_secret() {
    let (schema, sources) = built_in();
    let plan = plan_of(
        &schema,
        &sources,
        "salesforce.connected_app_metadata",
        "Sso.connectedApp",
    );
    let types = |cells: &[(&str, &str)]| -> Vec<String> {
        let records = records_of(&schema, &plan, cells);
        records.into_iter().map(|record| record.0).collect()
    };
    assert_eq!(types(&[("label", "Sso")]), ["oauth_app"]);
    let both = types(&[
        ("label", "Erp"),
        ("oauthConfig.callbackUrl", "https://e.example"),
    ]);
    assert_eq!(both, ["oauth_app", "client_secret"]);
}

#[test]
fn a_slot_is_in_clear_unless_it_is_empty_a_mask_or_ciphertext() {
    let (schema, sources) = built_in();
    let id = "servicenow.u_integration_credential";
    let plan = plan_of(&schema, &sources, id, "x.csv");
    let clear = |secret: &str| {
        let cells = [("u_active_secret", secret), ("u_pending_secret", "")];
        let records = records_of(&schema, &plan, &cells);
        shown(field(&records[0], "in_clear"))
    };
    let blocks = |text: &str| text.repeat(8);
    for (secret, expected) in [
        ("", "false"),
        ("********", "false"),
        ("••••", "false"),
        (&(blocks("Ab+/9") + "=="), "false"),
        (&blocks("AbCdEfGz"), "false"),
        (&blocks("0123abcd"), "true"),
        ("correct horse", "true"),
        ("****x", "true"),
    ] {
        assert_eq!(clear(secret), expected, "{secret}");
    }
    // A column that an access rule dropped leaves the answer open.
    let records = records_of(&schema, &plan, &[("u_active_secret", "***")]);
    assert_eq!(shown(field(&records[0], "in_clear")), "?absent");
}

#[test]
fn only_wanted_columns_are_asked_for() {
    let (schema, sources) = built_in();
    let source = sources.get(sources.find("aws.credential_report").unwrap());
    let (key, decl) = schema.find("access_key").unwrap();
    let (active, _) = decl.field("active").unwrap();
    let (created, _) = decl.field("created").unwrap();
    let path = ScanPath::new(Path::new("report.csv"));
    let plan = crate::source::Plan::new(source, &schema, &path, &|ty, field| {
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
