//! Tokens to the paths that a file names, each resolved as far as the file itself tells.

use std::collections::HashMap;

use crate::lexer::{Kind, Token, tokens};

/// A path such as `crate::model::Span`, and the line it stands on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Named {
    pub(crate) line: usize,
    pub(crate) path: Vec<String>,
}

/// Every path of two parts or more in a file whose module is `module` (`["read", "node"]` for
/// `src/read/node.rs`). Paths that begin with `self` or `super` are given from `crate`, names
/// brought in by `use` are given in full.
pub(crate) fn paths(source: &str, module: &[String]) -> Vec<Named> {
    let tokens = tokens(source);
    let mut finder = Finder {
        tokens: &tokens,
        found: Vec::new(),
        brought: HashMap::new(),
    };
    let mut inner: Vec<(usize, String)> = Vec::new();
    let (mut depth, mut i) = (0_usize, 0);
    while let Some(token) = tokens.get(i) {
        match &token.kind {
            Kind::Sign('{') => depth += 1,
            Kind::Sign('}') => {
                depth = depth.saturating_sub(1);
                inner.retain(|(at, _)| *at <= depth);
            }
            Kind::Name(word) if word == "mod" && finder.sign(i + 2) == Some('{') => {
                if let Some(name) = finder.name(i + 1) {
                    inner.push((depth + 1, name.to_owned()));
                }
            }
            Kind::Name(word) if word == "use" => {
                let here = here(module, &inner);
                i = finder.tree(i + 1, &[], &here, Place::Use);
                continue;
            }
            Kind::Name(_) if !finder.follows_dot_or_path(i) => {
                let here = here(module, &inner);
                i = finder.tree(i, &[], &here, Place::Code);
                continue;
            }
            _ => {}
        }
        i += 1;
    }
    finder.finish()
}

fn here(module: &[String], inner: &[(usize, String)]) -> Vec<String> {
    let inner = inner.iter().map(|(_, name)| name);
    module.iter().chain(inner).cloned().collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Use,
    Code,
}

struct Finder<'a> {
    tokens: &'a [Token],
    found: Vec<Named>,
    /// Names that `use` brought in, and the paths that they stand for.
    brought: HashMap<String, Vec<String>>,
}

impl Finder<'_> {
    fn name(&self, i: usize) -> Option<&str> {
        match &self.tokens.get(i)?.kind {
            Kind::Name(name) => Some(name),
            _ => None,
        }
    }

    fn sign(&self, i: usize) -> Option<char> {
        match self.tokens.get(i)?.kind {
            Kind::Sign(c) => Some(c),
            _ => None,
        }
    }

    fn is_path(&self, i: usize) -> bool {
        self.tokens.get(i).is_some_and(|t| t.kind == Kind::Path)
    }

    fn follows_dot_or_path(&self, i: usize) -> bool {
        i.checked_sub(1)
            .is_some_and(|before| self.is_path(before) || self.sign(before) == Some('.'))
    }

    /// Takes one path, or a tree of them, that begins at token `i` behind `prefix`; gives the
    /// first token behind it.
    fn tree(&mut self, mut i: usize, prefix: &[String], here: &[String], place: Place) -> usize {
        let line = self.tokens.get(i).map_or(0, |t| t.line);
        let mut path = prefix.to_vec();
        if self.is_path(i) {
            i += 1;
        }
        loop {
            if self.sign(i) == Some('{') {
                return self.group(i + 1, &path, here, place);
            }
            if self.sign(i) == Some('*') {
                path.push("*".to_owned());
                i += 1;
                break;
            }
            let Some(name) = self.name(i) else { break };
            step(&mut path, name, here);
            i += 1;
            if !self.is_path(i) {
                break;
            }
            i += 1;
            // `Vec::<u8>::new`: what is behind the brackets tells nothing of modules.
            if self.sign(i) == Some('<') {
                break;
            }
        }
        let alias = (self.name(i) == Some("as")).then(|| self.name(i + 1).map(str::to_owned));
        if place == Place::Use {
            if alias.is_some() {
                i += 2;
            }
            let known = alias.flatten().or_else(|| path.last().cloned());
            if let Some(known) = known.filter(|_| path.len() > 1) {
                self.brought.insert(known, path.clone());
            }
        }
        if path.len() > 1 {
            self.found.push(Named { line, path });
        }
        i
    }

    fn group(&mut self, mut i: usize, prefix: &[String], here: &[String], place: Place) -> usize {
        while i < self.tokens.len() {
            match self.sign(i) {
                Some('}') => return i + 1,
                Some(',') => i += 1,
                _ => i = self.tree(i, prefix, here, place).max(i + 1),
            }
        }
        i
    }

    fn finish(self) -> Vec<Named> {
        let Self { found, brought, .. } = self;
        let whole = |named: Named| {
            let full = named.path.first().and_then(|first| brought.get(first));
            match full {
                Some(full) if *full != named.path => Named {
                    path: full
                        .iter()
                        .chain(named.path.iter().skip(1))
                        .cloned()
                        .collect(),
                    ..named
                },
                _ => named,
            }
        };
        found.into_iter().map(whole).collect()
    }
}

/// Adds a name to a path. `self` and `super` at its beginning are put in terms of `crate`.
fn step(path: &mut Vec<String>, name: &str, here: &[String]) {
    let root = || vec!["crate".to_owned()];
    match name {
        "self" if path.is_empty() => *path = [root(), here.to_vec()].concat(),
        "self" => {}
        "super" if path.is_empty() => {
            *path = [root(), here.to_vec()].concat();
            if path.len() > 1 {
                path.pop();
            }
        }
        "super" => {
            if path.len() > 1 {
                path.pop();
            }
        }
        name => path.push(name.to_owned()),
    }
}
