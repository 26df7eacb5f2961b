//! The built-in sources, on files as the vendors write them.

use super::{Flat, built_in, field, flat, line, plan_of, records_in, records_of, shown};
use std::path::Path;

use crate::read::{Cell, Row};
use proptest::prelude::proptest;

/// The table of what each file gives; written down from the exports by a person's eye.
const EXPECTED: &str = include_str!("expected.txt");

/// Every file under a folder, as paths below it.
fn files(folder: &Path, below: &str, all: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            files(&entry.path(), &(name + "/"), all);
        } else {
            all.push(name);
        }
    }
    all.sort();
}

#[test]
fn every_export_gives_the_records_that_it_tells_of() {
    let all = built_in();
    let mut names = Vec::new();
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/exports"));
    files(folder, "", &mut names);
    let mut got = String::new();
    for file in names {
        got.push_str(&format!("=== {file}\n"));
        for (id, records) in records_in(all, &file) {
            got.push_str(&format!("--- {id}\n"));
            for record in records {
                got.push_str(&line(&record));
                got.push('\n');
            }
        }
    }
    let sections = |text: &str| -> Vec<String> { text.split("=== ").map(str::to_owned).collect() };
    for (got, expected) in sections(&got).into_iter().zip(sections(EXPECTED)) {
        assert_eq!(got, expected);
    }
    assert_eq!(got.len(), EXPECTED.len());
}

#[test]
fn the_same_users_in_every_container_are_the_same_records() {
    let all = built_in();
    let users = |file: &str| -> Vec<Flat> {
        let mut found = records_in(all, &format!("salesforce/users.{file}"));
        assert_eq!(found.len(), 1, "{file}");
        found.remove(0).1
    };
    let csv = users("sf-query.csv");
    assert_eq!(csv.len(), 5);
    assert_eq!(csv, users("sf-query-json-flag.json"));
    assert_eq!(csv, users("dataloader.csv"));
    assert_eq!(csv[..2], users("sf-output-file.json"));
    let bulk = users("bulk-api2.csv");
    assert_eq!(bulk.len(), 3);
    assert_eq!(bulk, users("bulk-api2.caret-crlf.csv"));
    assert_eq!(bulk, users("sf-export-bulk.json"));
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
            "oauth_app developer_name=Order_Hub refresh_never_expires=true refresh_policy=Infinite",
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
            "named_credential name=ERP_API label=ERP API endpoint=https://e.example host=e.example",
        ),
        (
            "salesforce.certificate_metadata",
            "certs/JWT.crt-meta.xml",
            &[("expirationDate", "2027-01-15"), ("caSigned", "false")],
            "certificate name=JWT stem=JWT not_after=2027-01-15T23:59:59Z self_signed=true",
        ),
        (
            "x509",
            "a.pem",
            &[
                ("subject", "O=Acme, CN=web"),
                ("extended_key_usage", "serverAuth"),
                ("not_before", "2026-01-01T00:00:00Z"),
                ("not_after", "9999-12-31T23:59:59Z"),
            ],
            "certificate name=web subject=O=Acme, CN=web class=tls not_before=2026-01-01T00:00:00Z not_after=never",
        ),
        (
            "x509",
            "dir/a.pem",
            &[("extended_key_usage", "clientAuth")],
            "certificate name=a class=mtls",
        ),
        (
            "salesforce.certificate_file",
            "certs/JWT.crt",
            &[
                ("subject", "CN=x"),
                ("index", "0"),
                ("self_signed", "true"),
                ("key_usage", "keyCertSign"),
            ],
            "certificate name=JWT stem=JWT subject=CN=x class=ca self_signed=true",
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
            "register_entry id=salesforce:user:svc@x name=svc@x owner=?empty last_rotated=2025-06-01T00:00:00Z cadence_days=90 due=2025-08-30T00:00:00Z",
        ),
    ] {
        let plan = plan_of(schema, sources, id, path);
        let got = records_of(schema, &plan, cells);
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
        schema,
        sources,
        "salesforce.connected_app_metadata",
        "Sso.connectedApp",
    );
    let types = |cells: &[(&str, &str)]| -> Vec<String> {
        let records = records_of(schema, &plan, cells);
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
    let plan = plan_of(schema, sources, id, "x.csv");
    let clear = |secret: &str| {
        let cells = [("u_active_secret", secret), ("u_pending_secret", "")];
        let records = records_of(schema, &plan, &cells);
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
    let records = records_of(schema, &plan, &[("u_active_secret", "***")]);
    assert_eq!(shown(field(&records[0], "in_clear")), "?absent");
}

proptest! {
    #[test]
    fn no_cells_make_a_source_panic(seed: Vec<Vec<u8>>, name in "\\PC{0,20}") {
        let (schema, sources) = built_in();
        for (_, source) in sources.iter() {
            let plan = plan_of(schema, sources, source.id(), &name);
            let texts = seed.iter().cycle();
            let cells: Vec<Cell<'_>> = plan
                .columns()
                .iter()
                .zip(texts)
                .map(|(_, text)| match text.first() {
                    None => Cell::Null,
                    Some(b) if b % 3 == 0 => Cell::List(vec![text.into()]),
                    Some(_) => Cell::Text(text.into()),
                })
                .collect();
            let row = Row { cells: &cells, raw: b"", line: 1, column: 1 };
            flat(schema, &plan, &row);
        }
    }
}
