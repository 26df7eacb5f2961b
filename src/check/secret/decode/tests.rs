//! What is found in text that must be decoded, where, and what is shown of it.

use std::path::Path;

use crate::check::secret::{Scanned, Scratch, SecretScanner};
use crate::model::{Finding, ScanPath};
use crate::read::base64;
use crate::rule::template::expand;

/// Scans a text under rules like those for tokens, long passwords and words that need a name.
fn scan(text: &[u8]) -> Vec<Finding> {
    scan_file("a.txt", text)
}

fn scan_file(name: &str, text: &[u8]) -> Vec<Finding> {
    let rules = super::super::tests::load("test.yaml", RULES);
    let scanner = SecretScanner::new(&rules);
    let path = ScanPath::new(Path::new(name));
    match scanner.scan(&path, text, &mut Scratch::default()) {
        Scanned::Searched(findings) => findings,
        Scanned::Binary => panic!("binary"),
    }
}

const RULES: &str = r#"
version: 1
rules:
- id: secret.tok
  title: Token
  severity: critical
  confidence: high
  description: A token.
  detect:
    regex: '\btok_[a-z]{8}[/+]?[a-z]{8}\b'
    keywords: [tok_]
  message: "{secret|redact} in {path}"
  identity: [secret]
  remediation: Revoke it.
  tests:
  - {name: a token, text: 'a tok_{{lower:16}}', expect: finding}
  - {name: too short, text: 'a tok_{{lower:9}}', expect: pass}
- id: secret.generic-password-assignment
  title: Password
  severity: critical
  confidence: medium
  description: A password.
  detect:
    regex: 'password"?\s*[:=]\s*"?([A-Za-z0-9+/=_-]{8,})"?'
    keywords: [password]
    secret: 1
  message: "{secret|redact} in {path}"
  identity: [secret]
  remediation: Change it.
  tests:
  - {name: a password, text: 'password={{lower:16}}', expect: finding}
  - {name: too short, text: 'password=abc', expect: pass}
"#;

/// A token in clear.
fn token() -> String {
    expand("tok_{{lower:16}}", "decode").unwrap()
}

fn hex(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The one finding of a text: where it is in the text, and how it was written.
fn one(text: &str) -> (String, Option<String>) {
    let findings = scan(text.as_bytes());
    assert_eq!(findings.len(), 1, "{text}: {findings:?}");
    let finding = &findings[0];
    let region = finding.location.region;
    assert_eq!(region.start_line, region.end_line, "{text}");
    let line = text.lines().nth(region.start_line as usize - 1).unwrap();
    let columns = region.start_column as usize - 1..region.end_column as usize - 1;
    let evidence = finding.evidence.first().map(|e| e.value.to_string());
    (line[columns].to_owned(), evidence)
}

#[test]
fn every_notation_is_read_and_leads_back_to_its_place() {
    let t = token();
    let json = format!("{{\"a\": \"{t}\"}}");
    let escaped: String = t.chars().map(|c| format!("\\u{:04x}", c as u32)).collect();
    let entities: String = t.chars().map(|c| format!("&#{};", c as u32)).collect();
    let percent: String = t.chars().map(|c| format!("%{:02X}", c as u32)).collect();
    for (text, place, notation) in [
        (base64::encode(t.as_bytes()), None, "base64"),
        (
            format!("k: {}\n", base64::encode(t.as_bytes())),
            None,
            "base64",
        ),
        (base64::encode(json.as_bytes()), None, "base64"),
        (hex(&t), None, "hexadecimal"),
        (format!("0x{}", hex(&t)), None, "hexadecimal"),
        (base64::encode(&wide(&json)), None, "base64, then UTF-16"),
        (
            base64::encode(base64::encode(t.as_bytes()).as_bytes()),
            None,
            "base64, then base64",
        ),
        (
            hex(&base64::encode(t.as_bytes())),
            None,
            "hexadecimal, then base64",
        ),
        (
            format!("x = '{escaped}'"),
            Some(escaped.as_str()),
            "escapes",
        ),
        (
            format!("<a>{entities}</a>"),
            Some(entities.as_str()),
            "character entities",
        ),
        (
            format!("?k={percent}&b"),
            Some(percent.as_str()),
            "percent-encoding",
        ),
        (format!("x = \"a\\n{t}\""), Some(t.as_str()), "escapes"),
        (format!("?k%3D{t}"), Some(t.as_str()), "percent-encoding"),
        (
            format!(
                "?k={}",
                base64::encode(format!(">>{t}<").as_bytes()).replace('=', "%3D")
            ),
            None,
            "percent-encoding, then base64",
        ),
    ] {
        let (found, evidence) = one(&text);
        assert_eq!(evidence.as_deref(), Some(notation), "{text}");
        if let Some(place) = place {
            assert_eq!(found, place, "{text}");
        }
        let finding = scan(text.as_bytes()).remove(0);
        assert_eq!(finding.secret.unwrap().expose(), t.as_bytes(), "{text}");
    }
}

#[test]
fn the_region_of_packed_text_is_the_group_of_characters_that_holds_the_secret() {
    let t = token();
    let text = format!("{{\"note\": \"long enough\", \"key\": \"{t}\", \"more\": 1}}");
    let packed = base64::encode(text.as_bytes());
    let (found, _) = one(&format!("data: {packed}\n"));
    let clear = String::from_utf8(base64::decode(found.as_bytes()).unwrap()).unwrap();
    assert!(clear.contains(&t) && clear.len() <= t.len() + 4, "{clear}");
}

#[test]
fn wrapped_base64_is_one_text() {
    let t = token();
    let text = format!("{:<50}key = {t} tail", "words of a text");
    let packed = base64::encode(text.as_bytes());
    for at in (packed.len() / 2..packed.len()).filter(|at| at % 4 == 0) {
        let (head, tail) = packed.split_at(at);
        for text in [
            format!("data: |\n  {head}\n  {tail}\n\nnext: 1\n"),
            format!("\r\n{head}\r\n{tail}"),
        ] {
            let findings = scan(text.as_bytes());
            let secrets: Vec<_> = findings.iter().filter_map(|f| f.secret.as_ref()).collect();
            assert_eq!(secrets.len(), 1, "{text}");
            assert_eq!(secrets[0].expose(), t.as_bytes(), "{text}");
        }
    }
}

#[test]
fn nothing_that_is_written_down_shows_the_secret_in_any_notation() {
    let t = token();
    for encoded in [
        base64::encode(format!("key={t}").as_bytes()),
        hex(&t),
        base64::encode(base64::encode(t.as_bytes()).as_bytes()),
        t.chars().map(|c| format!("\\x{:02x}", c as u32)).collect(),
    ] {
        let text = format!("a = \"{encoded}\" # note");
        let finding = scan(text.as_bytes()).remove(0);
        let frame = finding.frame.unwrap();
        assert!(frame.text.contains(" # note"), "{}", frame.text);
        for part in encoded.as_bytes().windows(12) {
            let part = std::str::from_utf8(part).unwrap();
            assert!(!frame.text.contains(part), "{}", frame.text);
            assert!(!finding.message.contains(part), "{}", finding.message);
        }
    }
}

#[test]
fn a_token_that_an_editor_cut_into_runs_is_one() {
    let t = token();
    let (a, b) = t.split_at(9);
    let run = |text: &str| {
        format!("<w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">{text}</w:t></w:r>")
    };
    let text = format!(
        "<?xml version=\"1.0\"?>\n<w:document><w:p>{}{}</w:p><w:p>{}</w:p></w:document>",
        run(&format!("the key is {a}")),
        run(b),
        run("end"),
    );
    let (found, evidence) = one(&text);
    assert_eq!(evidence.as_deref(), Some("text runs"));
    assert!(found.starts_with(a) && found.ends_with(b), "{found}");
    let frame = scan(text.as_bytes()).remove(0).frame.unwrap();
    assert!(!frame.text.contains(b), "{}", frame.text);
}

#[test]
fn what_is_found_in_clear_is_not_found_again() {
    let t = token();
    assert_eq!(one(&format!("a = \"x\\\"{t}\\\"\"")), (t.clone(), None));
    assert_eq!(one(&format!("a %20 {t} %20")), (t.clone(), None));
}

#[test]
fn a_token_wins_over_the_password_that_it_is_encoded_as() {
    let packed = base64::encode(token().as_bytes());
    let finding = scan(format!("password: {packed}").as_bytes()).remove(0);
    assert_eq!(finding.rule.as_str(), "secret.tok");
}

#[test]
fn a_name_in_front_counts_for_what_is_encoded() {
    let text = format!(
        "{{\"data\": \"{}\"}}",
        base64::encode(b"user=ann\npassword=correctHorse9")
    );
    let finding = scan(text.as_bytes()).remove(0);
    assert_eq!(finding.secret.unwrap().expose(), b"correctHorse9");
}

#[test]
fn nesting_ends_at_the_limit() {
    let mut text = token();
    for depth in 1..=5 {
        text = base64::encode(text.as_bytes());
        assert_eq!(
            scan(text.as_bytes()).len(),
            usize::from(depth <= super::DEPTH),
            "{depth}"
        );
    }
}

#[test]
fn no_bytes_hurt() {
    for bytes in [
        &b"\\"[..],
        b"%",
        b"&",
        b"\\u",
        b"\\u{",
        b"\\u{110000}aaaa",
        b"\\ud800\\u0041",
        b"%4",
        b"&#;&#x;&#99999999999;",
        b"\\x4",
        &[b'A'; 100],
        &[b'-'; 100],
        &[0xFF; 100],
        b"0x00000000000000000000000000000000",
        b"YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh=",
    ] {
        assert!(scan(bytes).is_empty());
    }
}

#[test]
fn a_token_that_a_mail_cut_at_the_end_of_a_line_is_found() {
    let token = token();
    let (head, tail) = token.split_at(9);
    let text = format!("Subject: keys\r\n\r\nthe token=3D{head}=\r\n{tail} is it\r\n");
    let found = scan_file("inbox/1.eml", text.as_bytes());
    let places: Vec<(u32, u32)> = found
        .iter()
        .map(|f| (f.location.region.start_line, f.location.region.end_line))
        .collect();
    assert_eq!(places, [(3, 4)]);
    assert_eq!(found[0].secret.as_ref().unwrap().expose(), token.as_bytes());
    assert_eq!(&*found[0].evidence[0].value, "quoted-printable");
    assert!(scan_file("inbox/1.txt", text.as_bytes()).is_empty());
}

/// Base64 without padding may fill its line, and what stands in the next line is none of it.
#[test]
fn the_line_behind_a_packed_secret_is_no_part_of_it() {
    let packed = base64::encode(format!("{}\n", token()).as_bytes());
    assert!(
        packed.len().is_multiple_of(4) && !packed.ends_with('='),
        "{packed}"
    );
    for next in [
        "username: svc",
        "and so on",
        "AKEY=1",
        "end",
        "}",
        "EOF",
        "\u{1F600}",
    ] {
        let findings = scan(format!("data:\n  a: {packed}\n{next}\n").as_bytes());
        assert_eq!(findings.len(), 1, "{next}: {findings:?}");
        assert_eq!(findings[0].location.region.start_line, 2);
    }
}
