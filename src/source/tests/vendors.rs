//! The built-in sources, on files as the vendors write them.

use super::{built_in, field, line, plan_of, records_in, records_of, shown};
use crate::read::Format;

pub(super) fn csv() -> Format {
    Format::Csv { delimiter: b',' }
}

pub(super) fn json(envelope: &str) -> Format {
    Format::Json {
        envelope: envelope.split_terminator('.').map(str::to_owned).collect(),
    }
}

/// The table of what each file gives; written down from the exports by a person's eye.
const EXPECTED: &str = include_str!("expected.txt");

/// A format as the table of expectations names it.
fn format_of(word: &str) -> Format {
    match word.split_once(':') {
        Some(("json", envelope)) => json(envelope),
        _ if word == "embedded" => Format::CsvInJson {
            content: "Content".to_owned(),
            delimiter: b',',
        },
        _ => Format::Csv {
            delimiter: word.as_bytes()[3],
        },
    }
}

#[test]
fn every_export_gives_the_records_that_it_tells_of() {
    let all = built_in();
    for section in EXPECTED.split("=== ").skip(1) {
        let (head, expected) = section.split_once('\n').unwrap();
        let [file, id, format] = *head.split(' ').collect::<Vec<_>>() else {
            panic!("{head}");
        };
        let got: String = records_in(&all, id, file, &format_of(format))
            .iter()
            .map(|record| line(record) + "\n")
            .collect();
        assert_eq!(got, expected, "{file}");
    }
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

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
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
