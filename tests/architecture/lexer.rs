//! Rust source to the few tokens that matter for paths. Comments, texts and test code are dropped.

/// A token and the line it stands on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) line: usize,
    pub(crate) kind: Kind,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// A name or keyword.
    Name(String),
    /// `::`
    Path,
    /// Any other sign.
    Sign(char),
}

/// The tokens of a file, without those of items under `#[cfg(test)]`.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    without_tests(&lex(source))
}

fn lex(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut tokens = Vec::new();
    let (mut i, mut line) = (0, 1);
    while i < chars.len() {
        let start = i;
        let c = at(i);
        if c == '/' && at(i + 1) == '/' {
            while i < chars.len() && at(i) != '\n' {
                i += 1;
            }
        } else if c == '/' && at(i + 1) == '*' {
            i = after_block_comment(&chars, i);
        } else if let Some(end) = after_text(&chars, i) {
            i = end;
        } else if c.is_alphabetic() || c == '_' {
            while at(i).is_alphanumeric() || at(i) == '_' {
                i += 1;
            }
            let name: String = chars.iter().take(i).skip(start).collect();
            // `r#type` is the name `type`.
            if !(name == "r" && at(i) == '#') {
                let kind = Kind::Name(name);
                tokens.push(Token { line, kind });
            }
        } else if c == ':' && at(i + 1) == ':' {
            let kind = Kind::Path;
            tokens.push(Token { line, kind });
            i += 2;
        } else {
            if !c.is_whitespace() {
                let kind = Kind::Sign(c);
                tokens.push(Token { line, kind });
            }
            i += 1;
        }
        line += chars
            .iter()
            .take(i)
            .skip(start)
            .filter(|c| **c == '\n')
            .count();
    }
    tokens
}

fn after_block_comment(chars: &[char], start: usize) -> usize {
    let (mut i, mut depth) = (start + 2, 1);
    while i < chars.len() && depth > 0 {
        match (chars.get(i), chars.get(i + 1)) {
            (Some('/'), Some('*')) => (i, depth) = (i + 2, depth + 1),
            (Some('*'), Some('/')) => (i, depth) = (i + 2, depth - 1),
            _ => i += 1,
        }
    }
    i
}

/// The end of the text or character that begins here, if one does. A lifetime is none.
fn after_text(chars: &[char], start: usize) -> Option<usize> {
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut i = start;
    if matches!(at(i), 'b' | 'c') {
        i += 1;
    }
    let raw = at(i) == 'r';
    if raw {
        i += 1;
    }
    let hashes = if raw {
        (i..).take_while(|&j| at(j) == '#').count()
    } else {
        0
    };
    i += hashes;
    match at(i) {
        '"' => {
            i += 1;
            while i < chars.len() {
                if at(i) == '\\' && !raw {
                    i += 2;
                } else if at(i) == '"' && (0..hashes).all(|h| at(i + 1 + h) == '#') {
                    return Some(i + 1 + hashes);
                } else {
                    i += 1;
                }
            }
            Some(chars.len())
        }
        '\'' if !raw && at(i + 1) == '\\' => {
            let end = (i + 3..chars.len()).find(|&j| at(j) == '\'');
            Some(end.map_or(chars.len(), |end| end + 1))
        }
        '\'' if !raw && at(i + 2) == '\'' => Some(i + 3),
        _ => None,
    }
}

fn without_tests(tokens: &[Token]) -> Vec<Token> {
    const MARK: &str = "#[cfg(test)]";
    let text = |from: usize, count: usize| -> String {
        let window = tokens.iter().skip(from).take(count);
        window
            .map(|token| match &token.kind {
                Kind::Name(name) => name.clone(),
                Kind::Path => "::".to_owned(),
                Kind::Sign(c) => c.to_string(),
            })
            .collect()
    };
    let mut kept = Vec::new();
    let mut i = 0;
    while let Some(token) = tokens.get(i) {
        if token.kind == Kind::Sign('#') && text(i, 7) == MARK {
            i = after_item(tokens, i + 7);
        } else {
            kept.push(token.clone());
            i += 1;
        }
    }
    kept
}

/// Behind the item that begins here: its `;`, or its braces.
fn after_item(tokens: &[Token], start: usize) -> usize {
    let (mut i, mut depth) = (start, 0_usize);
    while let Some(token) = tokens.get(i) {
        i += 1;
        match token.kind {
            Kind::Sign('{' | '(' | '[') => depth += 1,
            Kind::Sign(close @ ('}' | ')' | ']')) => {
                depth = depth.saturating_sub(1);
                if depth == 0 && close == '}' {
                    // `use a::{b};` goes on to its semicolon.
                    let next = tokens.get(i).map(|t| &t.kind);
                    return i + usize::from(next == Some(&Kind::Sign(';')));
                }
            }
            Kind::Sign(';') if depth == 0 => return i,
            _ => {}
        }
    }
    i
}
