use super::*;

/// What sniffing a file of this name and content gives, without a file.
fn sniffed(name: &str, text: &str) -> Option<Shape> {
    let name = Name::of(Path::new(name));
    let container = container(&name, text.as_bytes())?;
    shape(container, &name, text.as_bytes(), true)
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
        ("a.csv", "a,b\n\0\0"),
        ("a.bin", "\u{7f}ELF"),
    ] {
        assert_eq!(sniffed(name, text), None, "{name} {text:?}");
    }
}
