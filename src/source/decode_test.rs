//! Reads tests: `{column: X, equals: [a]}`, `{any: […]}`, `{all: […]}`.

use super::cells::Origin;
use super::decode::Draft;
use super::pattern::Pattern;
use super::test::{Op, Test};
use super::words::Words;
use crate::read::decode::{Decoded, Document, Fields};
use crate::read::node::Node;

/// The keys that ask something of a cell.
pub(super) const OPS: [&str; 6] = [
    "equals",
    "not_equals",
    "only",
    "present",
    "matches",
    "not_matches",
];

/// Reads a list of tests.
pub(super) fn list(draft: &mut Draft<'_>, node: &Node, what: &str) -> Decoded<Vec<Test>> {
    let items = draft.doc.sequence(node, what)?;
    if items.is_empty() {
        return Err(draft
            .doc
            .error(node.span, format!("{what} must ask something")));
    }
    items.iter().map(|item| test(draft, item)).collect()
}

fn test(draft: &mut Draft<'_>, node: &Node) -> Decoded<Test> {
    let mut known = vec!["column", "columns", "pick", "any", "all"];
    known.extend(OPS);
    let fields = draft.doc.fields(node, "a test", &known)?;
    match of(draft, &fields)? {
        Some(test) => Ok(test),
        None => Err(draft.doc.error_with_help(
            node.span,
            "the test asks nothing",
            "write `column` and one of equals, not_equals, only, present, matches, not_matches; \
             or `any` or `all` with a list of tests",
        )),
    }
}

/// Reads the test that a mapping's keys make, if they make one.
pub(super) fn of(draft: &mut Draft<'_>, fields: &Fields<'_, '_>) -> Decoded<Option<Test>> {
    let mut asked = OPS
        .iter()
        .chain(&["any", "all"])
        .filter_map(|key| Some((*key, fields.get(key)?)));
    let Some((key, node)) = asked.next() else {
        return Ok(None);
    };
    if let Some((other, at)) = asked.next() {
        let message =
            format!("`{key}` and `{other}` are two tests; put them in a list under `all`");
        return Err(draft.doc.error(at.span, message));
    }
    let from = draft.from(fields)?;
    let group = matches!(key, "any" | "all");
    if group != matches!(from, Origin::Nothing) {
        let message = if group {
            format!("`{key}` holds tests; the columns stand in those")
        } else {
            format!("`{key}` needs `column`")
        };
        return Err(draft.doc.error(node.span, message));
    }
    let doc = draft.doc;
    let words = || doc.texts(node, key).map(Words::new);
    let op = match key {
        "any" => return list(draft, node, "`any`").map(|tests| Some(Test::Any(tests))),
        "all" => return list(draft, node, "`all`").map(|tests| Some(Test::All(tests))),
        "equals" => Op::Equals(words()?),
        "not_equals" => Op::NotEquals(words()?),
        "only" => Op::Only(words()?),
        "present" => Op::Present(doc.bool(node, "`present`")?),
        "matches" => Op::Matches(pattern(doc, node, 0)?),
        _ => Op::NotMatches(pattern(doc, node, 0)?),
    };
    Ok(Some(Test::Cell(from, op)))
}

/// Reads a pattern with so many groups, or with any number if none is asked for.
pub(super) fn pattern(doc: &Document, node: &Node, groups: usize) -> Decoded<Pattern> {
    let text = doc.text(node, "a pattern")?;
    Pattern::new(text, groups)
        .map_err(|why| doc.error(node.span, format!("not a usable pattern: {why}")))
}
