//! Comments beside a secret that ask for it to be accepted: ours, and the markers of other tools.

use std::ops::Range;

use crate::model::Allow;

/// What ours begins with.
const OURS: &[u8] = b"credlint:allow";

/// Markers that speak of their own line.
const FOREIGN: &[&str] = &[
    "gitleaks:allow",
    "betterleaks:allow",
    "trufflehog:ignore",
    "kingfisher:ignore",
    "pragma: allowlist secret",
];

/// The marker that speaks of the line after it.
const NEXT_LINE: &str = "pragma: allowlist nextline secret";

/// Bytes of a line that are looked at on either side of the secret.
const REACH: usize = 1_000;

/// What the secret's own line says of it, or a line before it that is nothing but a comment.
pub(super) fn beside(text: &[u8], secret: &Range<usize>) -> Option<Allow> {
    let low = secret.start.saturating_sub(REACH);
    let start = memchr::memrchr(b'\n', text.get(low..secret.start)?).map_or(low, |at| low + at + 1);
    let high = secret.end.saturating_add(REACH).min(text.len());
    let end = memchr::memchr(b'\n', text.get(secret.end..high)?).map_or(high, |at| secret.end + at);
    // A secret of several lines: the marker stands on its first or its last.
    let own = [text.get(start..secret.start)?, text.get(secret.end..end)?];
    let above = |start: usize| {
        let stop = start.checked_sub(1)?;
        let low = stop.saturating_sub(REACH);
        let start = memchr::memrchr(b'\n', text.get(low..stop)?).map_or(low, |at| low + at + 1);
        Some((start, text.get(start..stop)?))
    };
    let comment = |(_, line): &(usize, &[u8])| is_comment(line);
    let before = above(start).filter(comment).map(|(_, line)| line);
    // Or the value has its lines to itself, and the marker stands beside what opens or closes it.
    let alone = own[0]
        .iter()
        .all(|b| b.is_ascii_whitespace() || b"\"'`".contains(b));
    let opening = above(start).filter(|(_, line)| alone && opens(line));
    let over = opening
        .and_then(|(start, _)| above(start))
        .filter(comment)
        .map(|(_, line)| line);
    let closing = text.get(end + 1..).and_then(|rest| {
        let rest = rest.get(..REACH).unwrap_or(rest);
        let line = rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len()))?;
        closes(line).then_some(line)
    });
    let around = opening.map(|(_, line)| line).into_iter().chain(over);
    let lines = own.into_iter().chain(before).chain(around).chain(closing);
    if let Some(ours) = lines.clone().find_map(ours) {
        return Some(ours);
    }
    let holds = |line: &[u8], mark: &str| memchr::memmem::find(line, mark.as_bytes()).is_some();
    let mark = |mark: &&&str| own.iter().any(|line| holds(line, mark));
    if let Some(mark) = FOREIGN.iter().find(mark) {
        return Some(Allow::Foreign((*mark).into()));
    }
    let next = before.is_some_and(|line| holds(line, NEXT_LINE));
    next.then_some(Allow::Foreign(NEXT_LINE.into()))
}

/// Whether a line holds nothing but a comment, in the ways that languages write one.
fn is_comment(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    [
        &b"#"[..],
        b"//",
        b"--",
        b"/*",
        b"*",
        b"<!--",
        b";",
        b"%",
        b"'",
        b"REM ",
        b"{{/*",
        b"{#",
    ]
    .iter()
    .any(|start| line.starts_with(start))
}

/// Whether a line ends by opening a value that stands on the lines below it, but for a comment.
fn opens(line: &[u8]) -> bool {
    const SIGNS: &[u8] = b"|>-+([{\"'`=\\";
    let code = memchr::memmem::find(line, OURS).map_or(line, |at| {
        let mut before = line.get(..at).unwrap_or(line).trim_ascii_end();
        while let Some((b'#' | b'/' | b'*' | b'-' | b'<' | b'!' | b';' | b'%', rest)) =
            before.split_last()
        {
            before = rest;
        }
        before
    });
    let last = code.trim_ascii_end().last();
    last.is_some_and(|b| SIGNS.contains(b)) && !is_comment(line)
}

/// Whether a line does nothing but close a value, but for a comment.
fn closes(line: &[u8]) -> bool {
    const SIGNS: &[u8] = b"\"'`)]},; ";
    let line = line.trim_ascii_start();
    let rest = line.iter().position(|b| !SIGNS.contains(b));
    let rest = line.get(rest.unwrap_or(line.len())..).unwrap_or(&[]);
    rest.len() < line.len() && is_comment(rest)
}

/// `credlint:allow RULE reason owner until DATE`: the reason is as many words as there are.
fn ours(line: &[u8]) -> Option<Allow> {
    let at = memchr::memmem::find(line, OURS)?;
    let rest = String::from_utf8_lossy(line.get(at + OURS.len()..)?);
    let rest = rest
        .trim_end()
        .trim_end_matches("*/")
        .trim_end_matches("-->");
    let words: Vec<&str> = rest.split_whitespace().collect();
    let wrong = |what: &str| {
        Some(Allow::Wrong(format!(
            "{what}; it is written `credlint:allow RULE reason owner until YYYY-MM-DD`"
        )))
    };
    let [rule, reason @ .., owner, until, date] = words.as_slice() else {
        return wrong("it is not complete");
    };
    if *until != "until" {
        return wrong("it does not end with `until` and a date");
    }
    if reason.is_empty() {
        return wrong("it gives no reason or no owner");
    }
    let Ok(until) = date.parse() else {
        return wrong(&format!("`{date}` is no date"));
    };
    Some(Allow::Ours {
        rule: (*rule).to_owned(),
        reason: reason.join(" "),
        owner: (*owner).to_owned(),
        until,
    })
}

#[cfg(test)]
mod tests {
    use super::beside;
    use crate::model::Allow;

    /// The secret is the word SECRET.
    fn of(text: &str) -> Option<Allow> {
        let at = text.find("SECRET").unwrap();
        beside(text.as_bytes(), &(at..at + 6))
    }

    fn ours(rule: &str, reason: &str, owner: &str, until: &str) -> Option<Allow> {
        Some(Allow::Ours {
            rule: rule.to_owned(),
            reason: reason.to_owned(),
            owner: owner.to_owned(),
            until: until.parse().unwrap(),
        })
    }

    #[test]
    fn the_own_line_and_a_comment_before_it_speak_of_a_secret() {
        let mark = "credlint:allow a.b made up for a test kim@acme.example until 2027-01-31";
        let expected = ours(
            "a.b",
            "made up for a test",
            "kim@acme.example",
            "2027-01-31",
        );
        for text in [
            format!("k = SECRET # {mark}\n"),
            format!("k = SECRET /* {mark} */\n"),
            format!("x\n  // {mark}\n  k = SECRET;\n"),
            format!("<!-- {mark} -->\n<k>SECRET</k>\n"),
            format!("k = (\n  \"SECRET\"\n)  # {mark}\n"),
            format!("k = \"\"\"SECRET\n\"\"\"  # {mark}\n"),
            format!("k: |  # {mark}\n  SECRET\n"),
            format!("k = (  // {mark}\n  'SECRET',\n"),
            format!("# {mark}\nk: |-\n  SECRET\n"),
        ] {
            assert_eq!(of(&text), expected, "{text}");
        }
        for text in [
            format!("k = SECRET\n# {mark}\n"),
            format!("# {mark}\n\nk = SECRET\n"),
            format!("other = 1 # {mark}\nk = SECRET\n"),
            format!("k = {{ # {mark}\n  k: SECRET\n"),
            format!("k = SECRET\nother() # {mark}\n"),
            format!("# {mark}\nother = 1\n  SECRET\n"),
        ] {
            assert_eq!(of(&text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_complete_says_what_is_missing() {
        for (text, missing) in [
            ("k = SECRET # credlint:allow", "not complete"),
            ("k = SECRET # credlint:allow a.b", "not complete"),
            (
                "k = SECRET # credlint:allow a.b kim until 2027-01-31",
                "no reason or no owner",
            ),
            ("k = SECRET # credlint:allow a.b why so kim", "`until`"),
            (
                "k = SECRET # credlint:allow a.b why kim until soon",
                "`soon` is no date",
            ),
        ] {
            match of(text) {
                Some(Allow::Wrong(why)) => assert!(why.contains(missing), "{text}: {why}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn markers_of_other_tools_are_told_apart() {
        for (text, mark) in [
            ("k = SECRET # gitleaks:allow", "gitleaks:allow"),
            (
                "k = SECRET  # pragma: allowlist secret",
                "pragma: allowlist secret",
            ),
            (
                "# pragma: allowlist nextline secret\nk = SECRET",
                "pragma: allowlist nextline secret",
            ),
        ] {
            assert_eq!(of(text), Some(Allow::Foreign(mark.into())), "{text}");
        }
        assert_eq!(of("# gitleaks:allow\nk = SECRET"), None);
    }
}
