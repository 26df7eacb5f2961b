//! A rule of ours that another tool's rule became, with texts for its tests.

use std::fmt::Write as _;
use std::ops::Range;

use regex_automata::util::captures::Captures;
use regex_syntax::hir::{Hir, HirKind};

use super::foreign::{Foreign, Group};
use super::literal;
use super::paths;
use super::sample::{Gaps, Sample};
use super::write::{block, list, scalar};
use crate::rule::Expect;
use crate::rule::checksum::Checksum;
use crate::rule::detect::MIN_KEYWORD;
use crate::rule::pattern::{self, Pattern};

/// More tests of one kind are not taken from examples.
const MAX_EXAMPLES: usize = 3;
/// How far a word may stand from a match whose expression holds no literal: the farthest a rule of
/// ours can say.
const FAR: usize = 4096;
/// A checksum is not longer than this, nor shorter.
const CHECKSUM_LENGTHS: Range<usize> = 4..9;

/// A rule, ready but for its tests.
#[derive(Debug)]
pub struct Draft {
    /// Its id.
    pub id: String,
    /// Its id in the other tool.
    pub from: String,
    /// What could not be carried over.
    pub lost: Vec<String>,
    /// The name of a file that it looks at, where it does not look at all.
    pub path: Option<String>,
    /// Texts for its tests. Of those with the same name the first that comes out as it should.
    pub offers: Vec<Offer>,
    head: String,
}

/// A text for a test, with what should come out.
#[derive(Debug, Clone)]
pub struct Offer {
    /// What the test shows.
    pub name: String,
    /// The text, with placeholders.
    pub template: String,
    /// What should come out.
    pub expect: Expect,
    /// Whether the text was made from the expression, rather than from an example.
    pub made: bool,
}

/// What of a rule goes into `detect`.
struct Parts {
    hir: Hir,
    group: usize,
    keywords: Vec<String>,
    near: bool,
    checksum: Option<&'static str>,
    secrets: Vec<(usize, Range<usize>)>,
}

impl Draft {
    /// Makes a draft of a rule; the other tool's id and the reason where that cannot be.
    pub(super) fn new(mut rule: Foreign) -> Result<Self, (String, String)> {
        match Self::try_new(&mut rule) {
            Ok(draft) => Ok(draft),
            Err(why) => Err((rule.id, why)),
        }
    }

    fn try_new(rule: &mut Foreign) -> Result<Self, String> {
        let expression = Pattern::new(&rule.expression);
        let regex = expression.checked(&[]).map_err(|e| e.to_string())?;
        let hir = pattern::parse(&rule.expression).map_err(|e| e.to_string())?;
        let names = regex.group_info();
        let groups = names.group_len(Default::default());
        let group = group(rule, &hir, groups)?;
        let (keywords, near) = keywords(rule, &hir)?;
        let secrets: Vec<(usize, Range<usize>)> = rule
            .examples
            .iter()
            .enumerate()
            .filter_map(|(at, example)| {
                let mut captures = Captures::all(names.clone());
                regex.captures(example, &mut captures);
                Some((at, captures.get_group(group)?.range()))
            })
            .collect();
        let checksum = checksum(rule, &secrets);
        let named = names.all_names().any(|(_, _, name)| name.is_some());
        if (named || groups > 2) && group != 0 && !is_whole(&hir, group) {
            // There it counts over the whole match, which may well have what the secret lacks.
            if !rule.counts.is_empty() {
                rule.lose("fewest digits or letters of the whole match");
            }
            rule.counts.clear();
        }
        let counted = std::mem::take(&mut rule.counts);
        rule.allow.extend(
            counted
                .iter()
                .map(|count| too_few(&count.class, count.least)),
        );
        keep_what_compiles(rule);
        let parts = Parts {
            hir,
            group,
            keywords,
            near,
            checksum,
            secrets,
        };
        let id = format!("imported.{}", slug(&rule.id));
        let path = rule.only_paths.as_deref().and_then(paths::globs);
        let path = path.and_then(|globs| globs.first().map(|glob| paths::name(glob)));
        let head = head(&id, rule, &parts);
        Ok(Self {
            head,
            path,
            offers: offers(rule, &parts),
            id,
            from: rule.id.clone(),
            lost: std::mem::take(&mut rule.lost),
        })
    }

    /// The rule with these tests, as an item of a list of rules.
    #[must_use]
    pub fn yaml(&self, tests: &[Offer]) -> String {
        let mut text = self.head.clone();
        if !tests.is_empty() {
            text.push_str("  tests:\n");
        }
        for test in tests {
            let expect = match test.expect {
                Expect::Finding => "finding",
                Expect::Pass => "pass",
            };
            let (name, template) = (scalar(&test.name), scalar(&test.template));
            // Writing to a text does not fail.
            let path = self.path.as_deref();
            let path = path.map_or_else(String::new, |p| format!("path: {}, ", scalar(p)));
            let _ = writeln!(
                text,
                "  - {{name: {name}, {path}text: {template}, expect: {expect}}}"
            );
        }
        text
    }
}

/// Lower-case words with dashes and dots, as ids are here.
fn slug(id: &str) -> String {
    let parts = id.split('.').map(|part| {
        let words = part
            .to_ascii_lowercase()
            .replace(|c: char| !c.is_ascii_alphanumeric(), " ");
        words.split_whitespace().collect::<Vec<_>>().join("-")
    });
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        "rule".to_owned()
    } else {
        parts.join(".")
    }
}

/// The number of the capture group that is the secret.
fn group(rule: &mut Foreign, hir: &Hir, groups: usize) -> Result<usize, String> {
    match rule.group {
        Group::Number(number) if number < groups => Ok(number),
        Group::Number(number) => Err(format!("the expression has no group {number}")),
        Group::First if groups < 2 => Ok(0),
        Group::First => {
            if let Some(index) = named(hir, &["secret", "token"]) {
                return Ok(index);
            }
            if always(hir, 1) {
                return Ok(1);
            }
            rule.lose("which of several groups is the secret: it is the whole match here");
            Ok(0)
        }
    }
}

/// The first group with one of these names, in their order.
fn named(hir: &Hir, names: &[&str]) -> Option<usize> {
    let captures = captures(hir);
    names.iter().find_map(|name| {
        captures
            .iter()
            .find(|(_, own)| {
                own.as_deref()
                    .is_some_and(|own| own.eq_ignore_ascii_case(name))
            })
            .map(|(index, _)| *index)
    })
}

fn captures(hir: &Hir) -> Vec<(usize, Option<String>)> {
    match hir.kind() {
        HirKind::Capture(capture) => {
            let own = (
                capture.index as usize,
                capture.name.as_deref().map(str::to_owned),
            );
            std::iter::once(own).chain(captures(&capture.sub)).collect()
        }
        HirKind::Repetition(repetition) => captures(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().flat_map(captures).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a group takes part in every match.
fn always(hir: &Hir, group: usize) -> bool {
    match hir.kind() {
        HirKind::Capture(capture) => capture.index as usize == group || always(&capture.sub, group),
        HirKind::Repetition(repetition) => repetition.min > 0 && always(&repetition.sub, group),
        HirKind::Concat(parts) => parts.iter().any(|part| always(part, group)),
        HirKind::Alternation(choices) => choices.iter().all(|choice| always(choice, group)),
        _ => false,
    }
}

/// Whether a group is the whole match.
fn is_whole(hir: &Hir, group: usize) -> bool {
    match hir.kind() {
        HirKind::Capture(capture) => {
            capture.index as usize == group || is_whole(&capture.sub, group)
        }
        HirKind::Concat(parts) => {
            let mut wide = parts
                .iter()
                .filter(|part| part.properties().maximum_len() != Some(0));
            matches!((wide.next(), wide.next()), (Some(only), None) if is_whole(only, group))
        }
        _ => false,
    }
}

/// The keywords, and whether they are words near the match rather than in it.
fn keywords(rule: &mut Foreign, hir: &Hir) -> Result<(Vec<String>, bool), String> {
    let mut own: Vec<String> = rule
        .keywords
        .iter()
        .map(|word| word.to_ascii_lowercase())
        .collect();
    own.sort_unstable();
    own.dedup();
    let (long, short): (Vec<String>, Vec<String>) =
        own.into_iter().partition(|word| word.len() >= MIN_KEYWORD);
    if !long.is_empty() && literal::suffices(hir, &long) {
        return Ok((long, false));
    }
    if let Some(found) = literal::keywords(hir) {
        return Ok((found, false));
    }
    if long.is_empty() || !short.is_empty() {
        return Err("no literal of 3 characters or more is in every match".to_owned());
    }
    rule.lose(format!(
        "keywords anywhere in the file: they stand within {FAR} bytes here"
    ));
    Ok((long, true))
}

/// An expression that a secret with too few characters of a class matches.
fn too_few(class: &str, least: usize) -> String {
    match least {
        0 | 1 => format!("^[^{class}]+$"),
        more => format!(
            "^[^{class}]+$|^[^{class}]*(?:[{class}][^{class}]*){{1,{}}}$",
            more - 1
        ),
    }
}

/// The checksum of ours that all the secrets in the examples have. A wrong one that holds for a
/// secret by chance is one in billions.
fn checksum(rule: &mut Foreign, secrets: &[(usize, Range<usize>)]) -> Option<&'static str> {
    if !rule.has_checksum {
        return None;
    }
    let bytes = |(at, range): &(usize, Range<usize>)| {
        Some(
            rule.examples
                .get(*at)?
                .as_bytes()
                .get(range.clone())?
                .to_vec(),
        )
    };
    let tokens: Vec<Vec<u8>> = secrets.iter().filter_map(bytes).collect();
    let held = Checksum::words().find(|word| {
        let kind = word.parse::<Checksum>().ok();
        !tokens.is_empty() && kind.is_some_and(|kind| tokens.iter().all(|t| kind.holds(t)))
    });
    if held.is_none() {
        rule.lose("its checksum");
    }
    held
}

/// Leaves out what our engine would refuse.
fn keep_what_compiles(rule: &mut Foreign) {
    let mut refused = false;
    rule.allow.retain(|source| {
        let fits = Pattern::new(source).checked(&[]).is_ok();
        refused |= !fits;
        fits
    });
    if refused {
        rule.lose("an expression of an allowlist");
    }
    rule.stopwords.retain(|word| !word.is_empty());
}

/// What every imported rule says first, up to its tests.
fn head(id: &str, rule: &mut Foreign, parts: &Parts) -> String {
    let title = match rule.title.split_whitespace().collect::<Vec<_>>().join(" ") {
        title if title.is_empty() => id.to_owned(),
        title => title,
    };
    let description = match rule.description.trim() {
        "" => format!("{title}. Imported; the other tool says no more."),
        text => text.to_owned(),
    };
    let plain = title.replace(['{', '}'], "");
    let mut text = format!(
        "- id: {id}\n  title: {}\n  severity: critical\n  confidence: {}\n  family: src.hardcoded-secret\n  \
         description: {}\n",
        scalar(&title),
        rule.confidence,
        scalar(&description),
    );
    if !rule.tags.is_empty() {
        text += &format!("  tags: {}\n", list(&rule.tags));
    }
    if let Some(path) = rule.only_paths.take() {
        match paths::globs(&path) {
            Some(globs) => text += &format!("  files: {{include: {}}}\n", list(&globs)),
            None => rule.lose(format!("the path expression `{path}`")),
        }
    }
    text += "  detect:\n";
    text += &detect(rule, parts);
    text += "  controls: {cwe: [CWE-798]}\n";
    text += &format!(
        "  message: {}\n",
        scalar(&format!("{plain} {{secret|redact}} in {{path}}"))
    );
    text += "  identity: [secret]\n  remediation: >-\n    Revoke it at its issuer, make a new one, and keep that in a secret store; then take it out of\n    the file and out of the history.\n";
    if !rule.references.is_empty() {
        text += &format!("  references: {}\n", list(&rule.references));
    }
    text
}

fn detect(rule: &mut Foreign, parts: &Parts) -> String {
    let mut text = format!("    regex: {}\n", block(&rule.expression, 4));
    if parts.group > 0 {
        text += &format!("    secret: {}\n", parts.group);
    }
    let words = list(&parts.keywords);
    text += &if parts.near {
        format!("    near: {{words: {words}, before: {FAR}, after: {FAR}}}\n")
    } else {
        format!("    keywords: {words}\n")
    };
    if let Some(bits) = rule.entropy {
        text += &format!("    entropy: {{min: {}}}\n", bits.clamp(0.0, 8.0));
    }
    if let Some(word) = parts.checksum {
        text += &format!("    checksum: {word}\n");
    }
    let mut not_paths = Vec::new();
    for path in std::mem::take(&mut rule.not_paths) {
        match paths::globs(&path) {
            Some(globs) => not_paths.extend(globs),
            None => rule.lose(format!("the path expression `{path}`")),
        }
    }
    let allow = [
        ("regex", &rule.allow),
        ("stopwords", &rule.stopwords),
        ("paths", &not_paths),
    ];
    let allow: Vec<String> = allow
        .iter()
        .filter(|(_, items)| !items.is_empty())
        .map(|(key, items)| format!("{key}: {}", list(items)))
        .collect();
    if !allow.is_empty() {
        text += &format!("    allow: {{{}}}\n", allow.join(", "));
    }
    text
}

/// Texts for tests: first what the other tool's examples say, then what the expression says.
fn offers(rule: &Foreign, parts: &Parts) -> Vec<Offer> {
    let mut offers = Vec::new();
    let mut offer = |name: &str, template: String, expect| {
        offers.push(Offer {
            name: name.to_owned(),
            template,
            expect,
            made: name.starts_with("made"),
        });
    };
    let mut first = None;
    for (number, (at, range)) in parts.secrets.iter().take(MAX_EXAMPLES).enumerate() {
        let Some(example) = rule.examples.get(*at) else {
            continue;
        };
        let name = format!("example {}", number + 1);
        let whole = Sample::of_example(example, range, &parts.keywords);
        for sample in [whole.clone(), Sample::barely(example, range)]
            .into_iter()
            .flatten()
        {
            match parts.checksum {
                None => offer(&name, sample.template(), Expect::Finding),
                Some(word) => {
                    let ends = CHECKSUM_LENGTHS.filter_map(|n| sample.with_checksum(word, n));
                    ends.for_each(|end| offer(&name, end, Expect::Finding));
                }
            }
        }
        first = first.or(whole);
    }
    let made = |gaps| Sample::of_expression(&parts.hir, parts.group, gaps);
    let word = parts.keywords.first().filter(|_| parts.near);
    let before = word.map_or_else(String::new, |word| format!("{word} "));
    // The name is the seed: what an unlucky one spoils, another may not.
    for name in ["made from the expression", "made anew", "made once more"] {
        for made in [Gaps::Closed, Gaps::Open].into_iter().filter_map(made) {
            if let Some(word) = parts.checksum {
                let ends = CHECKSUM_LENGTHS.filter_map(|n| made.with_checksum(word, n));
                ends.for_each(|end| offer(name, end, Expect::Finding));
                continue;
            }
            for (left, right) in [("", ""), ("\"", "\""), ("k = \"", "\"\n"), (" ", " ")] {
                let text = format!("{before}{left}{}{right}", made.template());
                offer(name, text, Expect::Finding);
            }
        }
    }
    for (number, text) in rule.counterexamples.iter().take(MAX_EXAMPLES).enumerate() {
        let name = format!("counterexample {}", number + 1);
        let whole = Sample::of_example(text, &(0..text.len()), &parts.keywords);
        whole
            .into_iter()
            .for_each(|s| offer(&name, s.template(), Expect::Pass));
    }
    for sample in [first, made(Gaps::Closed)].into_iter().flatten() {
        if parts.checksum.is_some() {
            offer("wrong checksum", sample.template(), Expect::Pass);
        }
        if let Some(text) = sample.cut_short() {
            offer("cut short", text, Expect::Pass);
        }
        offer("a placeholder", sample.placeholder(), Expect::Pass);
    }
    if let Some(word) = parts.keywords.first() {
        offer("a keyword alone", word.clone(), Expect::Pass);
    }
    offers
}
