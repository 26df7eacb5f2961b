//! The judgement as tables: what stands beside a name, and what it is.
//!
//! Values that count as secrets are made up and match no vendor's format.

use super::Doubt::{
    Code, Digest, Length, Name, Path, Placeholder, Printed, Protected, Reference, Regular, Words,
};
use super::{Doubt, Kind, doubt, is_literal, is_name, is_random, is_real_password, is_sample_host};

/// The name with a `|` before the word that made the rule look.
fn judge(kind: Kind, name: &str, value: &str) -> Option<Doubt> {
    let before = name.find('|').unwrap_or(0);
    doubt(kind, &name.replace('|', ""), before, value)
}

#[test]
fn the_value_of_a_password() {
    for (value, expected) in [
        ("hunter2", None),
        ("tR7!plume-09", None),
        ("Winter2026!", None),
        ("correct-horse-b@ttery", None),
        ("p}w{3Q9;z", None),
        ("Welcome2024", None),
        ("admin123", None),
        ("qweRTY99", None),
        ("abc1", Some(Placeholder)),
        ("password", Some(Placeholder)),
        ("Password1!", Some(Placeholder)),
        ("changeme123", Some(Placeholder)),
        ("your_password_1", Some(Placeholder)),
        ("<password-1>", Some(Reference)),
        ("${DB_PASSWORD}", Some(Reference)),
        ("$DB_PASSWORD_2", Some(Reference)),
        ("{{ vault.db1 }}", Some(Reference)),
        ("{password1}", Some(Reference)),
        ("%(password)s1", Some(Reference)),
        ("ACME-1:%hhd:%*s:", Some(Reference)),
        ("process.env.DB_PASS1", Some(Reference)),
        ("os.environ['P1']", Some(Reference)),
        ("secret/data/app#1", Some(Reference)),
        ("get_password(1)", Some(Code)),
        ("row['password1']", Some(Code)),
        ("user.password,", Some(Code)),
        ("At least 8 characters", Some(Words)),
        ("NewUserForm", Some(Words)),
        ("kqzvtrwm", None),
        ("ZqKvtRxb", None),
        ("kqzvt-rw", None),
        ("Kqzvtrwm", None),
        ("passthrough", Some(Words)),
        ("Contraseña", Some(Words)),
        ("新しいパスワード", Some(Words)),
        ("app-user-2", Some(Words)),
        ("ENC(0sA9x7)", Some(Protected)),
        ("*1A01CF8FBE6425398935FB90359AD8B817399102", Some(Protected)),
        ("********", Some(Protected)),
        ("xxxxxxxx1", Some(Protected)),
        ("xxx-xx-xxx", Some(Protected)),
        ("abcd-efgh-ijkl-mnop", Some(Regular)),
        ("https://a.corp/1", Some(Path)),
        ("keys/prod1.pem", Some(Path)),
        ("2020-01-01T00:00:00Z", Some(Digest)),
        ("0b6e7c1a-52f1-4f9e-9d53-1a2b3c4d5e6f", None),
        ("line1\\nmysecret", Some(Placeholder)),
        ("fäképass2", None),
        ("Xa\\b9?kQ", None),
        ("密码至少$1个字符", Some(Words)),
        ("anonymous@", Some(Words)),
        ("dmFsdWUtMg0K", Some(Words)),
        ("DOT11EXT_SET_MODE", Some(Words)),
        ("PASS\\n", Some(Placeholder)),
        ("PASSWORD\\n", Some(Placeholder)),
        ("(snip)", Some(Placeholder)),
        ("{$HOST.TOKEN1}", Some(Reference)),
        (".$row['db1']", Some(Code)),
        ("+rs.getString(", Some(Code)),
        ("App\\Entity\\User7", Some(Code)),
        ("root@30aa0cfaf1b5:/#", Some(Code)),
        ("\u{1b}[0;32m1", Some(Code)),
        ("0x5632724fb8ac3699296af26281e1d0f1", Some(Protected)),
        ("U2FsdGVkX1/4sRsZ624wbAJfDmag", Some(Protected)),
        ("HMACSHA1:AAAD6A:Xw1P133xrwk=", Some(Protected)),
        ("urn:oasis:names:tc:SAML:2.0", Some(Reference)),
        ("A3ddj3w", Some(Printed)),
        ("0123456789abcde", Some(Regular)),
        ("md55a231fcdb710d73268c4f44283487ba2", Some(Protected)),
        ("md5q7!plume", None),
        ("--name=bob1", Some(Reference)),
        ("'\\$NEWPASS1", Some(Reference)),
        ("{SHA512-CRYPT.B64}", Some(Reference)),
        ("#snmp_priv_passphrase", Some(Code)),
        ("#snmpv3_authpassphrase", Some(Code)),
        ("#kq7!plume-09", None),
        ("edit.php?table=admin1", Some(Path)),
        ("invalid1.&quot;", Some(Code)),
        ("1a1a1a1a", Some(Regular)),
    ] {
        assert_eq!(
            judge(Kind::Password, "db_|password", value),
            expected,
            "{value}"
        );
    }
}

#[test]
fn passwords_of_numbers_names_and_signs() {
    for (value, expected) in [
        ("8675309", None),
        ("123456", Some(Regular)),
        ("7654321", Some(Regular)),
        ("221122", Some(Regular)),
        ("80-443-8080", Some(Regular)),
        ("!kq7plume", None),
        ("!vault", Some(Reference)),
        ("!Ref Password1", Some(Reference)),
        ("%kq7!plume", None),
        ("%DB_PASSWORD1%", Some(Reference)),
        ("Maria_120587", None),
        ("ACME_WS2031", None),
        ("127.0.0.1:8080", Some(Words)),
        ("required|min:6|confirmed", Some(Words)),
        ("kqzv_twrmbx", None),
        ("kqzv tbwn xrgj mwpd", None),
        ("this that then when", Some(Words)),
        ("kqzv tbwn xrgj", Some(Words)),
    ] {
        assert_eq!(
            judge(Kind::Password, "db_|password", value),
            expected,
            "{value}"
        );
    }
}

#[test]
fn two_words_with_digits_are_a_password_of_a_person() {
    for (value, expected) in [
        ("Sunset_Harbor47", None),
        ("sun-Harbor471", None),
        ("turb0_222", None),
        ("Sunset_Harbor4", Some(Words)),
        ("sunset_harbor47", Some(Words)),
        ("Sunset_Harbor", Some(Words)),
        ("Sunset_Harbor_Dock47", Some(Words)),
        ("SUNSET_HARBOR47", Some(Words)),
        ("Sunset_V47", Some(Words)),
        ("Sunset:Harbor47", Some(Words)),
    ] {
        let told = doubt(Kind::Password, "password", 0, value);
        assert_eq!(told, expected, "{value}");
    }
}

#[test]
fn letters_of_no_word() {
    for (value, expected) in [
        ("qzvt", None),
        ("qzvtk", None),
        ("qzvt7", None),
        ("abcd", Some(Length)),
        ("asdf", Some(Length)),
        ("text", Some(Length)),
        ("utf8", Some(Length)),
        ("QZVT", Some(Length)),
        ("8264", None),
        ("1234", Some(Length)),
        ("8443", Some(Length)),
        ("nunyabiz", None),
        ("zanzibar!", None),
        ("xmwxtw", None),
        ("settings", Some(Words)),
        ("itemHoverBg", Some(Words)),
        ("Lozinke", Some(Words)),
        ("always", Some(Placeholder)),
        ("geheim", Some(Placeholder)),
        ("matkhau1", None),
        ("bazqux", Some(Placeholder)),
        ("oidc", Some(Placeholder)),
        ("ntlm", Some(Placeholder)),
        ("cram-md5", Some(Placeholder)),
        ("azkeyvault", Some(Placeholder)),
        ("pgpass", Some(Placeholder)),
        ("kafkqz", None),
        ("wsman_pwd", Some(Placeholder)),
        ("@ACME_PASSWORD", Some(Placeholder)),
        ("kqz_tw", Some(Words)),
    ] {
        assert_eq!(
            judge(Kind::Password, "db_|password", value),
            expected,
            "{value}"
        );
    }
    for (value, expected) in [
        ("kqzvmx", None),
        ("kqz7vm", None),
        ("4Qknc4jS_wA2r9i", None),
        ("ghijkl", Some(Length)),
        ("dotGap", Some(Length)),
        ("abc123", Some(Placeholder)),
        ("mqvrxguwkqvtbhnk", None),
        ("mqvrx-guwkq_vtbhzw", None),
        ("snowflake", Some(Regular)),
        ("T3kvVOpo", None),
        ("Render2Tree", Some(Regular)),
        ("qkzvw@381", None),
        ("other@3812", Some(Words)),
        ("KqZvSXZ8YFY+VxBz", None),
        ("CreateAccountOf2", Some(Regular)),
    ] {
        assert_eq!(judge(Kind::Token, "auth|token", value), expected, "{value}");
    }
}

#[test]
fn the_value_of_a_token() {
    for (value, expected) in [
        ("q8Zr2LmX0vTn5WbKc7Yd", None),
        ("9f3b7c1e5d8a2460b1c9", None),
        ("JtUvMQPNlXVNwrjq", None),
        ("getUserAccountInformation", Some(Regular)),
        ("XMLHttpRequestEventTarget", Some(Regular)),
        ("q8Zr2LmX0vTn5WbKc7YdHookp3", None),
        ("q8Zr2LmX0vTn/5WbKc7Yd+w==", None),
        ("short12", Some(Length)),
        ("zk83mqxw92", None),
        ("Kw93mQzv", None),
        ("zk83-mq-Lw92", None),
        ("k8#vq2!m&z)x7w^p5t@r3y(b1n$h9j_d4f+g6s", None),
        ("tooshort1", Some(Regular)),
        ("kqzv-twrmbx-gjd", None),
        ("test-client-key", Some(Placeholder)),
        ("shared12x", Some(Words)),
        ("version2beta3", Some(Words)),
        ("item_10_of_20", Some(Words)),
        ("theLongNameOfSomething2And3", Some(Words)),
        ("RSA_PSS_2048_8192_SHA384_LEGACY_KEY", Some(Words)),
        ("zmxqkwvtrb", None),
        ("1a1a1a1a1a", Some(Regular)),
        ("new Set(q8Zr2)", Some(Words)),
        ("f(q8Zr2,w3Kx9)", Some(Code)),
        ("your_api_key_here_1234", Some(Placeholder)),
        ("q8Zr2LmX0vTn5WbEXAMPLEKEY", Some(Placeholder)),
        ("vault:v1:q8Zr2LmX0vTn5WbKc7Yd", Some(Protected)),
        ("oauth2_access_token_endpoint_v2", Some(Words)),
        ("0b6e7c1a-52f1-4f9e-9d53-1a2b3c4d5e6f", None),
        ("abcdefghijklmnopqrst12", Some(Regular)),
        ("aaaaaaaaaaaaaaaaaa12", Some(Regular)),
        ("config.auth.session.token", Some(Reference)),
        ("window.auth.session.token", Some(Code)),
        ("a=b&c=q8Zr2LmX0vTn5W", Some(Code)),
        ("c3VwZXItc2VjcmV0LWtleQ==", Some(Words)),
        ("LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLQ...", Some(Protected)),
        ("A128CBC-HS256", Some(Words)),
        ("item-set-v1", Some(Words)),
        ("P-256-MissingPublic", Some(Words)),
        ("DOT11EXT_SET_MODE_V2", Some(Words)),
        ("usmHMAC128SHA224AuthProtocol", Some(Words)),
        ("AcmeLeadsTriggerV1NodeBase2", Some(Words)),
        ("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", Some(Code)),
        ("2YotnFZFEjr1zCsicMWpAA", Some(Printed)),
        ("(?P<secret>[a-zA-Z0-9-_]{1,255})", Some(Code)),
        ("UUID=6a38ee5-7235-44e7-8b22-816a403bad5d", Some(Code)),
        ("q8Zr2LmX0vTn5WbKc7Yd==", None),
        ("abcde12345", Some(Regular)),
        ("abcd1234", Some(Regular)),
        ("dXNlcm5hbWU6", Some(Words)),
        ("MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=", Some(Words)),
    ] {
        assert_eq!(judge(Kind::Token, "auth|token", value), expected, "{value}");
    }
    for (name, value, expected) in [
        ("|hexKey", "hexPKCS8TestPKCS1Key", Some(Placeholder)),
        ("|hexKey", "hexq8Zr2LmX0vTn5WbKc7Yd", None),
        ("safe|Token2", "Nx64kToken", Some(Placeholder)),
        (
            "WssV5|ReqToken11Name2x",
            "WssV5ReqToken11",
            Some(Placeholder),
        ),
        (
            "IX509Private|Key",
            "IX509PrivateKey_Vtbl",
            Some(Placeholder),
        ),
        ("term|Token", "term-token-gPFEGk7CF4wS901w7ppYclt7", None),
        ("GPG_|KEY", "C99B11DEB97541F0", Some(Digest)),
        ("DEVICE_|KEY", "C99B11DEB97541F0", None),
        ("GPG_|KEY", "C99B11DEB97541F0q8Zr2LmX", None),
    ] {
        assert_eq!(judge(Kind::Token, name, value), expected, "{name} {value}");
    }
    // Hexadecimal of a digest's length is a key only when the name insists.
    let digest = "d41d8cd98f00b204e9800998ecf8427e";
    assert_eq!(judge(Kind::Token, "|credential", digest), Some(Digest));
    assert_eq!(judge(Kind::Token, "|token", digest), None);
    assert_eq!(judge(Kind::Token, "|token2", digest), None);
    assert_eq!(judge(Kind::Token, "|api_key", digest), None);
    assert_eq!(judge(Kind::Token, "SOLR_|KEY", digest), None);
    assert_eq!(judge(Kind::Token, "CACHE_|KEY", digest), Some(Name));
    assert_eq!(judge(Kind::Token, "object|Key", digest), Some(Digest));
    assert_eq!(judge(Kind::Token, "|accessKey", digest), None);
    assert_eq!(judge(Kind::Token, "acme.access.|key", digest), None);
}

#[test]
fn a_key_in_base64_may_begin_with_a_slash() {
    for (value, expected) in [
        ("/7Qm2ZpXv0TnKc5WbYd8LrGxFjHs3uPa9RtZqNwEkXo=", None),
        ("/7Qm2ZpXv0TnKc5/WbYd8LrGxFjHs3u+Pa9RtZqNwEkXo=", None),
        ("/run/secrets/api_key_1", Some(Reference)),
        ("/Users/Ann/Keys2026/ApiKey7/Production", Some(Reference)),
        ("/acme/prod/payments/api-key-2", Some(Reference)),
        ("/7qm2zpxv0tnkc5wbyd8lrgxfjhs3upa9rtz", Some(Reference)),
        ("/Q8ZrLmXvTn", Some(Reference)),
    ] {
        assert_eq!(judge(Kind::Token, "|api_key", value), expected, "{value}");
    }
}

#[test]
fn a_uuid_is_a_secret_where_a_service_issues_one() {
    let uuid = "0b6e7c1a-52f1-4f9e-9d53-1a2b3c4d5e6f";
    assert_eq!(judge(Kind::Token, "session_|secret", uuid), Some(Digest));
    let said = format!("token-{uuid}");
    assert_eq!(judge(Kind::Token, "session_|secret", &said), Some(Digest));
    assert_eq!(judge(Kind::Token, "|clientSecret", &said), None);
    assert_eq!(judge(Kind::Token, "|clientSecret", uuid), None);
    assert_eq!(judge(Kind::Token, "client_|token", uuid), None);
    assert_eq!(judge(Kind::Token, "stripe_webhook_|secret", uuid), None);
    assert_eq!(judge(Kind::Token, "|accessKey", uuid), None);
    assert_eq!(judge(Kind::Token, "ACME_|TOKEN", uuid), None);
    assert_eq!(judge(Kind::Token, "SESSION_|TOKEN", uuid), Some(Digest));
    let typed = "1234abcd-1234-abcd-1234-abcd1234abcd";
    assert_eq!(judge(Kind::Token, "ACME_|TOKEN", typed), Some(Digest));
    assert_eq!(judge(Kind::Token, "acme_|token", uuid), Some(Digest));
    assert_eq!(judge(Kind::Token, "|secret", uuid), None);
    assert_eq!(judge(Kind::Token, "lock|Token", uuid), Some(Digest));
    assert_eq!(judge(Kind::Token, "hec|Token", uuid), None);
    assert_eq!(judge(Kind::Password, "db_|password", uuid), None);
    assert_eq!(judge(Kind::Password, "db_|password", typed), Some(Digest));
    assert_eq!(
        judge(Kind::Password, "SET_|PASSWORD_GUID", uuid),
        Some(Digest)
    );
    assert_eq!(judge(Kind::Token, "|auth_key", uuid), None);
    assert_eq!(judge(Kind::Token, "|TOKEN", uuid), Some(Digest));
    assert_eq!(judge(Kind::Token, "X-Auth-|Token", uuid), None);
    assert_eq!(judge(Kind::Token, "X-|Token", uuid), Some(Digest));
    assert_eq!(judge(Kind::Token, "X-Auth-|Token-Kept", uuid), Some(Digest));
    assert_eq!(judge(Kind::Token, "|clientToken", uuid), Some(Name));
    let said = format!("__ACME2_BLANK_{uuid}");
    assert_eq!(judge(Kind::Token, "session_|secret", &said), Some(Digest));
}

#[test]
fn a_secret_that_a_person_thought_up() {
    for (name, value, expected) in [
        ("JWT_|SECRET", "falcon85", None),
        ("cookie|Secret", "velvet81n", None),
        ("JWT_|SECRET", "client12", Some(Placeholder)),
        ("JWT_|SECRET", "falcon8", Some(Length)),
        ("access_|token", "falcon85", Some(Words)),
        ("JWT_|SECRET", "Sunset_Harbor47", None),
        ("access_|token", "Sunset_Harbor47", Some(Words)),
        ("jwt|Key", "marbleHunter404", None),
        ("map|Key", "marbleHunter404", Some(Words)),
        ("client_|secret", "7254207755598838236", None),
        ("client_|secret", "1234567890123456", Some(Regular)),
        ("access_|token", "7254207755598838236", Some(Regular)),
    ] {
        assert_eq!(judge(Kind::Token, name, value), expected, "{name} {value}");
    }
}

#[test]
fn the_name_of_a_secret() {
    for (name, secret) in [
        ("|password", true),
        ("DB_|PASSWORD", true),
        ("DB_|PASSWORD_2", true),
        ("SIGN_UP_|PASSWORD_REQUIRED_V2", false),
        ("|password_hash_2", false),
        ("smtpUser|Password", true),
        ("db|password", true),
        ("$config.|password", true),
        ("spring.datasource.|password", true),
        ("|password2", true),
        ("|password_field", false),
        ("|password_ldap_search_filter", false),
        ("client|Token", false),
        ("client_|token", true),
        ("Sec-WebSocket-|Key", false),
        ("|passwordHash", false),
        ("|password.min.length", false),
        ("lastPasswordChange|PasswordDateTime", false),
        ("public_|token", false),
        ("csrf-|token", false),
        ("com|pass", false),
        ("by|pass", false),
        ("hashed_|password", false),
        ("nextPage|Token", false),
        ("private_|key_info.rs", false),
        ("SERVERPUBLIC|KEY", false),
        (".|key", false),
        ("master_|key.primary", true),
        ("PBKDF2-|Password", false),
        ("KeyFingerprintWith|Passphrase", false),
        ("Super|TokensError.magic", false),
        ("app.|tokens.magic", true),
        ("|tokenData", false),
        ("REQUEST_QUERY_|KEY", false),
        ("query.|token", true),
        ("PWD_|PASSWORD_MD5", false),
        ("update_|password", false),
        ("ac_cv_header_|pwd_h", false),
        ("|password_strength_driver", false),
        ("|PASSWORD_HASHERS", false),
    ] {
        let told = judge(Kind::Password, name, "tR7!plume-09") != Some(Name);
        assert_eq!(told, secret, "{name}");
    }
    assert_eq!(
        judge(Kind::Password, "db_|password", "db_password1"),
        Some(Placeholder)
    );
}

#[test]
fn the_text_of_a_reserved_element() {
    for (text, literal) in [
        ("FAKE-NOT-A-SECRET", true),
        ("FAKENOTASECRET00000000", true),
        ("hunter2", true),
        ("${SECRET}", false),
        ("@SECRET@", false),
        ("{!$Credential.Erp.Key}", false),
        ("'Bearer ' & $Credential.Erp.Key", false),
        ("********", false),
        ("CHANGEME", false),
        ("&lt;secret&gt;", false),
    ] {
        assert_eq!(is_literal(text), literal, "{text}");
    }
}

#[test]
fn a_password_beside_a_user_name() {
    for (user, password, real) in [
        ("app", "q8Zr2LmX", true),
        ("app", "p%40ss-9x", true),
        ("app", "p%40ssword", false),
        ("app", "app", false),
        ("scott", "tiger", false),
        ("user", "pass", false),
        ("x", "$PASS", false),
        ("x", "%s", false),
        ("x", "%(pw)s", false),
        ("x", "%24to%40L8%3DMC", true),
        ("x", "%3A%40c", false),
        ("x", "%PASSWORD%", false),
        ("x", "<token>", false),
        ("x", "8080", false),
        ("postgres", "postgres", false),
        ("oplog_reader", "oplog_reader_password", false),
        ("oplog_reader", "oplog_reader_q8Zr", true),
        ("aladdin", "opensesame", false),
        ("s6BhdRkqt3", "gX1fBat3bV", false),
        ("nova", "NOVA_DBPASS", false),
        ("x", "random_password", false),
        ("x", "q8zr2_pass", true),
        ("token", "x-oauth-basic", false),
        ("scope", "prefix", false),
        ("ACCESS_TOKEN", "USER_ID", false),
        ("x", "QK_ZVW", true),
        ("user", "?collection=a", false),
        ("user", "pa%24%24word", false),
    ] {
        assert_eq!(is_real_password(user, password), real, "{user} {password}");
    }
}

#[test]
fn hosts_of_documentation() {
    for (host, sample) in [
        ("example.com", true),
        ("db.example.org:5432", true),
        ("host", true),
        ("a.test", true),
        ("db.acme.corp", false),
        ("host1", true),
        ("localhost", false),
    ] {
        assert_eq!(is_sample_host(host), sample, "{host}");
    }
}

#[test]
fn a_row_is_random_unless_it_is_a_name() {
    for (value, random) in [
        ("m9X1UaVJ3d1Xn9j5E3bDy0K12EVWxJZw", true),
        ("kq7vt-rw2xb-ft9pd-zz4qh", true),
        ("AcmeLeadsTriggerV1NodeBase", false),
        ("1-protect-and-limit-highly-privileged-users", false),
        ("/etc/acme2/ssh/ssh-user-2", false),
        ("/q8Zr2/LmX0vTn5WbKc7Yd", true),
        ("tGzv3JOkF0XG5Qx2TlKWIA", false),
    ] {
        assert_eq!(is_random(value), random, "{value}");
    }
}

#[test]
fn a_literal_beside_a_name_in_a_list_is_another_name() {
    for (name, value, expected) in [
        ("mysql_native_password", "latin1", true),
        ("password", "_callee3$", true),
        ("HTTPPasswordMgr", "urllib2", true),
        ("v3password", "v3totp", true),
        ("v3password", "q7totp", false),
        ("DB_PASSWORD", "latin1", false),
        ("KEYPASSWD", "KRB4LEVEL", false),
        ("san_password", "Admin@storage1", false),
        ("password", "q8Zr2LmX0", false),
        ("password", "otpkinit", true),
        ("api_keys", "webhooks", true),
        ("secrets", "ec2-imdsv1", true),
        ("db_pass", "xqkzvjwq", false),
        ("password", "xqkzvjwq", false),
    ] {
        assert_eq!(is_name(name, value, false), expected, "{name} {value}");
    }
    // A list of constants goes on.
    for (name, value, expected) in [
        ("KEYPASSWD", "KRB4LEVEL", true),
        ("EXPASS", "*EXPORT", true),
        ("USERPWD", "HTTP200ALIASES", true),
        ("DB_PASSWORD", "q8zr2lmx0", false),
        ("DB_PASSWORD", "Q8Z2L10X9", false),
        ("password", "ftc-ftm", true),
        ("password", "ptk_rekey_intv", true),
    ] {
        assert_eq!(is_name(name, value, true), expected, "{name} {value}");
    }
}
