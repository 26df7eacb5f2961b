//! Every rule for a vendor's tokens, held against the layout of those tokens: ten made-up tokens of
//! each layout are found by the rule, and the same characters in another order are not.

use std::collections::BTreeMap;

use credlint::app::content::Content;
use credlint::app::options::ContentOptions;
use credlint::check::secret::{Scanned, Scratch, SecretScanner};
use credlint::model::ScanPath;
use credlint::rule::file::Depth;
use credlint::rule::{Body, SecretRule, template};

const LAYOUTS: &str = include_str!("layouts.tsv");

/// Of ten tokens at most one may be lost: to chance that made it look like words or too regular.
const TOKENS: usize = 10;
const MAY_BE_LOST: usize = 1;

/// The layouts of each rule.
fn layouts() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in LAYOUTS.lines().filter(|line| !line.starts_with('#')) {
        if let Some((rule, layout)) = line.split_once('\t') {
            all.entry(rule).or_default().push(layout);
        }
    }
    all
}

fn found(scanner: &SecretScanner<'_>, text: &str, scratch: &mut Scratch) -> bool {
    let path = ScanPath::new("settings.txt".as_ref());
    match scanner.scan(&path, text.as_bytes(), scratch) {
        Scanned::Searched(findings) => !findings.is_empty(),
        Scanned::Binary => false,
    }
}

/// The same letters and digits, reversed: prefix, place of the separators and checksum are lost.
fn scrambled(text: &str) -> String {
    text.chars().rev().collect()
}

#[test]
fn made_up_tokens_of_every_layout_are_found_and_scrambled_ones_are_not() {
    let content = Content::load(&ContentOptions::default(), Depth::Full).expect("rules load");
    let rules: BTreeMap<&str, &SecretRule> = content
        .rules
        .iter()
        .filter_map(|rule| match &rule.body {
            Body::Secret(body) => Some((rule.meta.id.as_str(), &**body)),
            Body::Record(_) => None,
        })
        .collect();
    let mut faults = Vec::new();
    let mut scratch = Scratch::default();
    for (id, layouts) in layouts() {
        let Some(rule) = rules.get(id) else {
            faults.push(format!("{id}: there is no such rule"));
            continue;
        };
        let scanner = SecretScanner::new([*rule]);
        for layout in layouts {
            let text = |at: usize| {
                let token = template::expand(layout, &format!("{id} {at}"));
                token.map(|token| format!("{token}\n"))
            };
            let texts: Result<Vec<String>, String> = (0..TOKENS).map(text).collect();
            let texts = texts.expect("the layout is a template");
            let lost = texts
                .iter()
                .filter(|text| !found(&scanner, text, &mut scratch))
                .count();
            if lost > MAY_BE_LOST {
                faults.push(format!("{id}: {lost} of {TOKENS} lost: {layout}"));
            }
            let wrong = texts
                .iter()
                .filter(|text| found(&scanner, &scrambled(text), &mut scratch))
                .count();
            if wrong > 0 {
                faults.push(format!("{id}: {wrong} scrambled ones found: {layout}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A table that shrinks in silence would prove nothing.
#[test]
fn the_table_covers_the_formats_that_are_known_well() {
    assert!(layouts().len() >= 700, "{} rules", layouts().len());
}
