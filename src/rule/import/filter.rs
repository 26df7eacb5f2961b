//! betterleaks' `filter` expressions: what discards a match. Alternatives that our rules can say
//! too are carried over, the others are told.

use super::expression::from_re2;
use super::foreign::Foreign;

/// Adds the alternatives of a filter to a rule.
pub(super) fn apply(expression: &str, rule: &mut Foreign) {
    for alternative in alternatives(expression) {
        if !carry(alternative, rule) {
            rule.lose(told(alternative));
        }
    }
}

/// What a lost alternative is called: the function it begins with.
fn told(alternative: &str) -> String {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
    let name: String = alternative.chars().take_while(|c| part(*c)).collect();
    match name.as_str() {
        "" | "let" => "a filter expression".to_owned(),
        name => format!("the filter `{name}(…)`"),
    }
}

/// Carries one alternative over; false when ours has no word for it.
fn carry(alternative: &str, rule: &mut Foreign) -> bool {
    let Some((name, arguments)) = alternative.split_once('(') else {
        return false;
    };
    let name = name.trim();
    let name = name.strip_prefix("filter.").unwrap_or(name);
    if name == "entropy" {
        let Some((of, rest)) = arguments.split_once(')') else {
            return false;
        };
        let rest = rest.trim();
        let least = rest.strip_prefix("<=").or_else(|| rest.strip_prefix('<'));
        let least = least.and_then(|number| number.trim().parse::<f64>().ok());
        let Some(least) = least.filter(|_| is_secret(of)) else {
            return false;
        };
        rule.entropy = Some(rule.entropy.map_or(least, |own| own.max(least)));
        return true;
    }
    let Some((of, list)) = arguments.strip_suffix(')').and_then(|a| a.split_once(',')) else {
        return false;
    };
    let Some(mut items) = strings(list) else {
        return false;
    };
    match name {
        "matchesAny" if is_secret(of) => {
            rule.allow.extend(items.iter().map(|item| from_re2(item)));
        }
        "matchesAny" if is_path(of) => {
            rule.not_paths
                .extend(items.iter().map(|item| from_re2(item)));
        }
        "containsAny" if is_secret(of) => rule.stopwords.append(&mut items),
        _ => return false,
    }
    true
}

fn is_secret(text: &str) -> bool {
    matches!(text.trim(), r#"finding["secret"]"# | "finding.secret")
}

fn is_path(text: &str) -> bool {
    text.trim().starts_with(r#"attributes["path"]"#)
        || text.trim().starts_with(r#"attributes[?"path"]"#)
}

/// The parts between `||` that stand outside brackets and quotes. A single pair of brackets around
/// everything is taken off.
fn alternatives(expression: &str) -> Vec<&str> {
    let text = expression.trim();
    if let Some(inner) = text.strip_prefix('(')
        && let Some(last) = inner.len().checked_sub(1)
        && closing(inner) == Some(last)
    {
        return alternatives(&inner[..last]);
    }
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    let mut scan = Scan(text, 0);
    while let Some((at, byte)) = scan.next() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b'|' if depth == 0 && text[at..].starts_with("||") => {
                parts.push(text[start..at].trim());
                start = at + 2;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts.retain(|part| !part.is_empty() && *part != "|");
    parts
}

/// Where the bracket closes that was open before this text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1_usize;
    let mut scan = Scan(text, 0);
    while let Some((at, byte)) = scan.next() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The bytes of an expression outside its strings.
struct Scan<'t>(&'t str, usize);

impl Scan<'_> {
    fn next(&mut self) -> Option<(usize, u8)> {
        let at = self.1;
        let byte = *self.0.as_bytes().get(at)?;
        self.1 = match byte {
            b'"' | b'\'' | b'`' => at + quoted(&self.0[at..]).map_or(1, |(_, length)| length),
            _ => at + 1,
        };
        Some((at, byte))
    }
}

/// The content of the string that a text begins with, and its length with the quotes.
fn quoted(text: &str) -> Option<(String, usize)> {
    const LONG: &str = r#"""""#;
    if let Some(inner) = text.strip_prefix(LONG) {
        let (content, _) = inner.split_once(LONG)?;
        return Some((content.to_owned(), content.len() + 2 * LONG.len()));
    }
    let quote = text
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let mut content = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        match c {
            c if c == quote => return Some((content, at + 1)),
            '\\' if quote != '`' => match characters.next()?.1 {
                'n' => content.push('\n'),
                't' => content.push('\t'),
                other => content.push(other),
            },
            other => content.push(other),
        }
    }
    None
}

/// The strings of a list `["a", `b`]`. None when it is no such list.
fn strings(list: &str) -> Option<Vec<String>> {
    let mut rest = list.trim().strip_prefix('[')?.strip_suffix(']')?.trim();
    let mut all = Vec::new();
    while !rest.is_empty() {
        // What is raw in CEL has no escapes in its quotes.
        let (text, length) = match rest.strip_prefix("r\"") {
            Some(raw) if !raw.starts_with("\"\"") => {
                let (text, _) = raw.split_once('"')?;
                (text.to_owned(), text.len() + 3)
            }
            raw => {
                let skip = usize::from(raw.is_some());
                let (text, length) = quoted(rest.get(skip..)?)?;
                (text, length + skip)
            }
        };
        all.push(text);
        rest = rest.get(length..)?.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::apply;
    use crate::rule::import::foreign::Foreign;

    #[test]
    fn what_a_rule_of_ours_can_say_is_carried_over_and_the_rest_is_told() {
        let mut rule = Foreign::new("x".to_owned(), "x".to_owned());
        apply(
            "(entropy(finding[\"secret\"]) <= 3.5\n|| matchesAny(finding[\"secret\"], [`a|{b`, \"c\\\"||\"])) ",
            &mut rule,
        );
        apply(
            "filter.containsAny(finding[\"secret\"], [\"EXAMPLE\", r\"d\"]) || tokenRatio(finding[\"secret\"]) >= 2.5 \
             || matchesAny(attributes[\"path\"], [r\"\"\"a\"b$\"\"\"]) || let x = 1; x < 2 || entropy(finding[\"line\"]) < 1",
            &mut rule,
        );
        assert_eq!(rule.entropy, Some(3.5));
        assert_eq!(rule.allow, [r"a|\{b", "c\"||"]);
        assert_eq!(rule.stopwords, ["EXAMPLE", "d"]);
        assert_eq!(rule.not_paths, ["a\"b$"]);
        let lost = [
            "the filter `tokenRatio(…)`",
            "a filter expression",
            "the filter `entropy(…)`",
        ];
        assert_eq!(rule.lost, lost);
    }

    #[test]
    fn no_expression_panics() {
        for text in [
            "",
            "(",
            ")",
            "((",
            "\"",
            "`é",
            "a||",
            "||",
            "matchesAny(é",
            "entropy(",
            "(é)",
            "matchesAny(finding[\"secret\"], [r\"\"\"])",
        ] {
            let mut rule = Foreign::new("x".to_owned(), "x".to_owned());
            apply(text, &mut rule);
        }
    }
}
