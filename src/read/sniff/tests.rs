use super::*;

/// What sniffing a file of this name and content gives, without a file.
fn sniffed(name: &str, text: &str) -> Option<Shape> {
    sniff_head(Path::new(name), text.as_bytes(), Extent::Whole)
}

#[test]
fn delimited_text_is_known_by_name_or_quotes() {
    let cases: [(&str, &str, u8, &[&str]); 9] = [
        ("a.csv", "Id,Profile.Name\n", b',', &["Id", "Profile.Name"]),
        ("a.CSV", "Id^Name\r\n1^2", b'^', &["Id", "Name"]),
        ("a.csv", "Id`Name", b'`', &["Id", "Name"]),
        ("a.tsv", "Id\tName, first\n", b'\t', &["Id", "Name, first"]),
        ("a.csv", "\"A;B\"|\"C\"\n", b'|', &["A;B", "C"]),
        ("a.txt", "a;b\n1;2\n", b';', &["a", "b"]),
        (
            "export.log",
            "\"EVENT_TYPE\",\"TIMESTAMP\"\n\"x\",\"y\"\n",
            b',',
            &["EVENT_TYPE", "TIMESTAMP"],
        ),
        ("a.csv", "\n", b',', &[]),
        ("a.csv", "", b',', &[]),
    ];
    for (name, text, delimiter, columns) in cases {
        let shape = sniffed(name, text).unwrap_or_else(|| panic!("{name} {text:?}"));
        assert_eq!(shape.format, Format::Csv { delimiter }, "{text:?}");
        assert_eq!(shape.columns, columns, "{text:?}");
    }
}

#[test]
fn what_is_no_container_has_no_shape() {
    for (name, text) in [
        ("a.csv", "just one column\n1\n"),
        ("a.txt", "Dear all, this is prose.\nMore of it.\n"),
        ("a.txt", "one, two\nthree\n"),
        ("a.txt", ""),
        ("a.py", "import os, sys\n"),
        ("a.py", "\"a\", \"b\"\n"),
        ("a.js", "{\"a\":1}"),
        ("a.json", "hello"),
        ("a.csv", "a,\0b\n1,2"),
        ("a.bin", "\u{7f}ELF"),
    ] {
        assert_eq!(sniffed(name, text), None, "{name} {text:?}");
    }
}

#[test]
fn each_container_is_known() {
    let cases = [
        ("a.json", "{\"a\":1}", "Json { envelope: [] }"),
        ("noext", " [{\"a\":1}]", "Json { envelope: [] }"),
        ("a.ndjson", "{\"a\":1}\n{\"a\":2}", "Json { envelope: [] }"),
        (
            "a.profile",
            "<?xml version=\"1.0\"?><Profile/>",
            "Xml { row: None }",
        ),
        ("a.xml", "<unload><t/></unload>", "Xml { row: Some(\"t\") }"),
        ("a.yml", "kind: x", "Yaml"),
        ("a.pem", "note\n-----BEGIN CERTIFICATE-----\n", "Pem"),
        ("a.go", "-----BEGIN CERTIFICATE-----\n", "Pem"),
    ];
    for (name, text, format) in cases {
        let shape = sniffed(name, text).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(format!("{:?}", shape.format), format, "{name}");
    }
    for (text, kind) in [
        (
            "-----BEGIN PUBLIC KEY-----\nMIIB+/A=\n-----END PUBLIC KEY-----\n",
            Some("PUBLIC KEY"),
        ),
        (
            "Bag\n-----BEGIN X-----\nProc-Type: 4\n\nMIIB\n-----END X-----",
            Some("X"),
        ),
        ("-----BEGIN X-----\n!\n-----END X-----\n", None),
        ("-----BEGIN X-----\nMIIB\n", None),
    ] {
        let shape = sniffed("a.pem", text);
        assert!(shape.iter().all(|shape| shape.columns.is_empty()), "{text}");
        let found = shape.and_then(|shape| shape.kind);
        assert_eq!(found.as_deref(), kind, "{text}");
    }
    let der = b"\x30\x82\x01\x02\x30";
    let shape = sniff_head(Path::new("a.cer"), der, Extent::Beginning);
    assert_eq!(shape.map(|s| s.format), Some(Format::Der));
    assert_eq!(sniff_head(Path::new("a.pem"), der, Extent::Beginning), None);
    let store = |name: &str, head: &[u8]| {
        let shape = sniff_head(Path::new(name), head, Extent::Beginning);
        shape.map(|s| s.format)
    };
    let jks = b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\0";
    let pkcs12 = b"\x30\x82\x03\x42\x02\x01\x03\x30";
    assert_eq!(store("cacerts", jks), Some(Format::Jks));
    assert_eq!(store("a.jks", pkcs12), Some(Format::Pkcs12));
    assert_eq!(store("a.p12", b"0\x03abc\0"), None);
    assert_eq!(store("a.bin", pkcs12), None);
}

#[test]
fn a_file_is_sniffed_from_disk() {
    let shape = sniff(Path::new("Cargo.toml")).unwrap();
    assert_eq!(shape, None);
    assert!(matches!(sniff(Path::new("src")), Err(ReadError::Io(_))));
    assert!(matches!(
        sniff(Path::new("missing.csv")),
        Err(ReadError::Io(_))
    ));
}

#[test]
fn a_long_first_record_is_seen_to_its_end() {
    let blob = "x".repeat(BEGINNING);
    for (before, after) in [
        ("[", "]"),
        ("{\"items\":[", "]}"),
        ("{\"result\":{\"records\":[", "]}}"),
    ] {
        let text =
            format!("{before}{{\"data\":\"{blob}\",\"kind\":\"Secret\"}},{{\"id\":1}}{after}");
        let shape = sniff_bytes(Path::new("a.json"), text.as_bytes())
            .unwrap()
            .unwrap();
        assert_eq!(shape.columns, ["data", "kind", "id"], "{before}");
        let read = sniff_input(Path::new("a.json"), Input::new(text.as_bytes()).unwrap());
        assert_eq!(read.unwrap(), Some(shape), "{before}");
    }
}
