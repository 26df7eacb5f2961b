//! Rules of other tools as rules of ours: reads the TOML of gitleaks and betterleaks and the YAML
//! of kingfisher, and drafts YAML that `rules check` accepts. What has no counterpart here is told
//! for each rule, never dropped in silence.
//!
//! A draft offers texts for its tests; whoever can run a rule keeps those that come out as they
//! should.

mod draft;
mod expression;
mod filter;
mod foreign;
mod gitleaks;
mod kingfisher;
mod literal;
mod paths;
mod sample;
mod write;

use std::collections::BTreeSet;

use crate::read::decode::{Decoded, Document};

pub use draft::{Draft, Offer};
use foreign::Read;

/// What a file of another tool became.
#[derive(Debug, Default)]
pub struct Import {
    /// Its rules, in its order.
    pub drafts: Vec<Draft>,
    /// Rules that cannot be rules of ours: the id there, and why.
    pub left_out: Vec<(String, String)>,
    /// What the file says beside its rules that has no counterpart here.
    pub lost: Vec<String>,
}

/// Whether a file is TOML: by its name, else by how rules begin in it.
fn is_toml(doc: &Document) -> bool {
    let name = doc.file().to_ascii_lowercase();
    let yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    let table = |line: &str| line.trim_start().starts_with("[[rules]]");
    name.ends_with(".toml") || !yaml && doc.text_of_file().lines().any(table)
}

/// Reads a rule file of another tool. `taken` holds the ids that exist already and takes the new
/// ones.
///
/// # Errors
/// When the file is neither TOML nor YAML, or a value is not of its kind: where, and what.
pub fn read(doc: &Document, taken: &mut BTreeSet<String>) -> Decoded<Import> {
    let told = if is_toml(doc) {
        gitleaks::read(doc, &doc.parse_toml()?)?
    } else {
        kingfisher::read(doc, &doc.parse()?)?
    };
    let mut import = Import {
        lost: told.lost,
        ..Import::default()
    };
    for read in told.rules {
        let drafted = match read {
            Read::Not(id, why) => Err((id, why)),
            Read::Rule(rule) => Draft::new(*rule),
        };
        match drafted {
            Ok(draft) if !taken.insert(draft.id.clone()) => {
                let why = "another rule has its id already".to_owned();
                import.left_out.push((draft.from, why));
            }
            Ok(draft) => import.drafts.push(draft),
            Err(left_out) => import.left_out.push(left_out),
        }
    }
    Ok(import)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Import, read};
    use crate::read::decode::Document;

    fn import(name: &str, text: &str) -> Import {
        read(&Document::new(name, text), &mut BTreeSet::new()).unwrap()
    }

    fn fault(name: &str, text: &str) -> (usize, usize, String) {
        let fault = read(&Document::new(name, text), &mut BTreeSet::new()).unwrap_err();
        let (line, column) = fault.line_column();
        (line, column, fault.message)
    }

    #[test]
    fn a_rule_of_gitleaks_becomes_one_of_ours() {
        let import = import(
            "x.toml",
            r"
[[rules]]
id = 'Acme_Token'
description = 'A token of Acme.'
regex = '''\b(acm_[a-z0-9]{32})\b'''
entropy = 3
keywords = ['acm_', 'ac']
path = '''(?i)\.tf$'''
tags = ['acme']
[[rules.allowlists]]
regexes = ['EXAMPLE$']
stopwords = ['sample']
paths = ['(?:^|/)go\.sum$', 'vendor']
[[rules.allowlists]]
regexTarget = 'line'
regexes = ['x']
",
        );
        let draft = &import.drafts[0];
        let head = draft.yaml(&[]);
        for line in [
            "- id: imported.acme-token\n",
            "  title: 'Acme Token'\n",
            "  description: 'A token of Acme.'\n",
            "  tags: [acme]\n",
            "  files: {include: ['*.[Tt][Ff]']}\n",
            "    regex: '\\b(acm_[a-z0-9]{32})\\b'\n",
            "    secret: 1\n",
            "    keywords: [acm_]\n",
            "    entropy: {min: 3}\n",
            "    allow: {regex: ['EXAMPLE$'], stopwords: [sample], paths: [go.sum]}\n",
        ] {
            assert!(head.contains(line), "{line}\n{head}");
        }
        assert_eq!(
            draft.lost,
            [
                "an allowlist over the match or the line",
                "the path expression `vendor`"
            ]
        );
    }

    #[test]
    fn a_rule_of_kingfisher_becomes_one_of_ours() {
        let import = import(
            "x.yml",
            "rules:\n- name: Acme {x}\n  id: kingfisher.acme.1\n  pattern: |\n    (?x)\n    \\b\n    (acm_[a-z0-9]{32})\n  \
             min_entropy: 3.5\n  confidence: high\n  pattern_requirements: {min_digits: 2, ignore_if_contains: [test]}\n  \
             validation: {type: Http}\n  depends_on_rule: [{rule_id: a}]\n  examples: []\n\
             - {name: Id, id: k.2, pattern: x, visible: false}\n",
        );
        let head = import.drafts[0].yaml(&[]);
        for line in [
            "- id: imported.kingfisher.acme.1\n",
            "  title: 'Acme {x}'\n",
            "  confidence: high\n",
            "    regex: |\n      (?x)\n      \\b\n      (acm_[a-z0-9]{32})\n",
            "    allow: {regex: ['^[^0-9]+$|^[^0-9]*(?:[0-9][^0-9]*){1,1}$'], stopwords: [test]}\n",
            "  message: 'Acme x {secret|redact} in {path}'\n",
        ] {
            assert!(head.contains(line), "{line}\n{head}");
        }
        let lost = [
            "live validation (Http)",
            "another rule's match, which it needs for validation",
        ];
        assert_eq!(import.drafts[0].lost, lost);
        assert_eq!(import.left_out[0].0, "k.2");
    }

    #[test]
    fn what_cannot_be_a_rule_of_ours_says_why() {
        let import = import(
            "x.toml",
            r"
[[rules]]
id = 'ahead'
regex = '''key(?=x)'''
[[rules]]
id = 'nothing'
regex = '''[a-f0-9]{32}'''
[[rules]]
id = 'path'
path = '''\.p12$'''
[[rules]]
id = 'group'
regex = '''(secret)'''
secretGroup = 3
[[rules]]
id = 'twice'
regex = '''(secret)'''
[[rules]]
id = 'Twice'
regex = '''(secret)'''
",
        );
        let why: Vec<(&str, bool)> = import
            .left_out
            .iter()
            .map(|(id, why)| {
                let part = match id.as_str() {
                    "ahead" => "look-around",
                    "nothing" => "no literal",
                    "path" => "names of files",
                    "group" => "no group 3",
                    _ => "id already",
                };
                (id.as_str(), why.contains(part))
            })
            .collect();
        let expected = ["ahead", "nothing", "path", "group", "Twice"];
        assert_eq!(why, expected.map(|id| (id, true)), "{:?}", import.left_out);
    }

    #[test]
    fn a_broken_file_says_where() {
        assert_eq!(fault("x.toml", "[[rules]]\nid = \n").0, 2);
        assert_eq!(
            fault(
                "x.toml",
                "[[rules]]\nid = 'a'\nregex = 'b'\nentropy = 'much'\n"
            ),
            (4, 11, "entropy: invalid float literal".to_owned())
        );
        assert_eq!(
            fault("x.toml", "title = 'x'\n").2,
            "no `[[rules]]` in the file"
        );
        assert_eq!(
            fault("x.toml", "[[rules]]\nregex = 'b'\n").2,
            "a rule needs `id`"
        );
        assert_eq!(fault("x.yml", "rules:\n- id: [a]\n").0, 2);
        assert_eq!(fault("x.yml", "rules: {a: b}\n").0, 1);
        assert_eq!(
            fault("x.yml", "rules:\n- {id: a, pattern: b, confidence: hihg}\n").2,
            "unknown confidence `hihg`"
        );
        assert_eq!(
            fault("x.yml", "").2,
            "the file must be a mapping (`key: value`)"
        );
    }

    proptest::proptest! {
        #[test]
        fn no_expression_or_example_panics(expression in ".{0,40}", example in ".{0,40}", filter in ".{0,40}") {
            let quoted = |text: &str| serde_json::to_string(text).unwrap();
            let (expression, example) = (quoted(&format!("key{expression}")), quoted(&example));
            let toml = format!(
                "[[rules]]\nid = 'a'\nregex = {expression}\npath = {expression}\nfilter = {}\nkeywords = [{example}]\n\
                 allowlist = {{ paths = [{expression}], regexes = [{example}] }}\n",
                quoted(&filter)
            );
            let yaml = format!("rules:\n- {{id: a, pattern: {expression}, examples: [{example}, {expression}], negative_examples: [{example}]}}\n");
            for (name, text) in [("a.toml", toml), ("a.yml", yaml)] {
                if let Ok(import) = read(&Document::new(name, &text), &mut BTreeSet::new()) {
                    for draft in &import.drafts {
                        let yaml = format!("version: 1\nrules:\n{}", draft.yaml(&draft.offers));
                        Document::new("draft", &yaml).parse().unwrap();
                    }
                }
            }
        }
    }
}
