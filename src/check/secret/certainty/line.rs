//! What the line of a secret says of how likely it is in force: a comment, a comment that documents,
//! a line longer than anybody writes.

use super::{Doubt, MADE, Place};

const COMMENT: Doubt = Doubt {
    why: "it stands in a comment",
    steps: 1,
};

/// People comment out what they used; what documents was made up for it.
const DOCUMENTS: Doubt = Doubt {
    why: "it stands in a comment that documents code",
    steps: 2,
};

/// Bytes of the line that are looked at on either side of a secret: who writes more in one line is a
/// program.
const LONG: usize = 4 << 10;

/// Endings of the languages that write comments as C does, with a star before each line of a long one.
const LIKE_C: &[&str] = &[
    "c", "cc", "cpp", "cs", "css", "cxx", "dart", "go", "groovy", "gradle", "h", "hpp", "java",
    "js", "jsx", "kt", "kts", "less", "m", "mjs", "cjs", "php", "proto", "rs", "sass", "scala",
    "scss", "swift", "ts", "tsx", "mts", "vue",
];

/// Endings of the languages in which `;` begins a comment.
const LIKE_INI: &[&str] = &[
    "ini", "cfg", "conf", "inf", "reg", "lisp", "el", "clj", "asm",
];

/// What the line of a place says against what is found there.
pub(super) fn doubts(place: Place<'_>) -> impl Iterator<Item = Doubt> + use<> {
    let Place { text, at, .. } = place;
    let low = at.saturating_sub(LONG);
    let before = text.get(low..at).unwrap_or(&[]);
    let high = at.saturating_add(LONG).min(text.len());
    let after = text.get(at..high).unwrap_or(&[]);
    let start = memchr::memrchr2(b'\n', b'\r', before);
    let end = memchr::memchr2(b'\n', b'\r', after);
    let length = before.len() - start.map_or(0, |at| at + 1) + end.unwrap_or(after.len());
    let long = (length > LONG).then_some(MADE);
    let begun = start.map_or(before, |at| before.get(at + 1..).unwrap_or(&[]));
    let whole = start.is_some() || low == 0;
    let said = if place.documents {
        Some(DOCUMENTS)
    } else if whole {
        let file = place.path.as_folders().to_ascii_lowercase();
        comment(begun, file.rsplit_once('.').map_or("", |(_, end)| end))
    } else {
        None
    };
    long.into_iter().chain(said)
}

/// What kind of comment a line begins, in a file of an ending.
fn comment(line: &[u8], ending: &str) -> Option<Doubt> {
    let line = line.trim_ascii_start();
    let begins = |marks: &[&str]| marks.iter().any(|mark| line.starts_with(mark.as_bytes()));
    if LIKE_C.contains(&ending) {
        return if begins(&["///", "//!", "/**", "* ", "*\t"]) {
            Some(DOCUMENTS)
        } else {
            begins(&["//", "/*"]).then_some(COMMENT)
        };
    }
    // A line of a command may begin with two dashes, so a blank stands behind them.
    let plain = begins(&["#", "//", "-- ", "<!--", "REM ", "rem "])
        || (LIKE_INI.contains(&ending) && begins(&[";"]));
    plain.then_some(COMMENT)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{COMMENT, DOCUMENTS, Doubt, LONG, MADE, Place, doubts};
    use crate::model::ScanPath;

    fn told(path: &str, text: &str) -> Vec<Doubt> {
        let place = Place {
            path: &ScanPath::new(Path::new(path)),
            text: text.as_bytes(),
            at: text.find("KEY").unwrap(),
            documents: false,
        };
        doubts(place).collect()
    }

    #[test]
    fn a_line_tells_that_it_is_a_comment() {
        for (path, text, expected) in [
            ("a.yml", "a: 1\n  # password: KEY", Some(COMMENT)),
            ("a.yml", "# a\npassword: KEY # b", None),
            ("a.yml", "- KEY", None),
            ("a.sh", "--password KEY", None),
            ("a.sql", "-- password KEY", Some(COMMENT)),
            ("a.xml", "\t<!-- KEY", Some(COMMENT)),
            ("a.ini", ";password=KEY", Some(COMMENT)),
            ("a.c", "#define PASSWORD \"KEY\"", None),
            ("a.c", "\r// KEY\r", Some(COMMENT)),
            ("a.c", "char *a =\n  *b + KEY", None),
            ("a.rs", "/// KEY", Some(DOCUMENTS)),
            ("a.rs", "#[a(KEY)]", None),
            ("a.java", "/**\n * KEY\n */", Some(DOCUMENTS)),
            ("a.md", "* KEY", None),
        ] {
            let expected: Vec<Doubt> = expected.into_iter().collect();
            assert_eq!(told(path, text), expected, "{path} {text}");
        }
    }

    #[test]
    fn nobody_writes_so_long_a_line() {
        let half = "a".repeat(LONG / 2 + 2);
        assert_eq!(told("a.js", &format!("{half}KEY{half}")), [MADE]);
        assert_eq!(told("a.js", &format!("{half}\nKEY{half}")), []);
        let behind = "// ".to_owned() + &"a".repeat(LONG) + "KEY";
        assert_eq!(told("a.js", &behind), [MADE]);
    }
}
