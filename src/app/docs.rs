//! The reference pages about rules and sources, made from the rules and sources themselves.

use std::fmt::Write as _;

use crate::rule::{Body, CheckedBy, Requirements, Rule};

use crate::inventory::{Place, Runbooks};

use super::content::Content;
use super::doctor::rules_of;

/// The page of all rules, in Markdown.
#[must_use]
pub fn rules(content: &Content) -> String {
    let mut page = String::from(
        "# Rules\n\nMade from `rules/`; do not edit. `credlint explain RULE` shows a rule with the policy in force.\n",
    );
    let (org, text): (Vec<&Rule>, Vec<&Rule>) = content
        .rules
        .iter()
        .partition(|r| matches!(r.body, Body::Record(_)));
    for (title, rules) in [("Rules over records", org), ("Rules over text", text)] {
        let _ = write!(
            page,
            "\n## {title}\n\n| rule | severity | confidence | what |\n|---|---|---|---|\n"
        );
        for rule in &rules {
            let meta = &rule.meta;
            let anchor = meta.id.as_str().replace('.', "");
            let _ = writeln!(
                page,
                "| [`{}`](#{anchor}) | {} | {} | {} |",
                meta.id, meta.severity, meta.confidence, meta.title
            );
        }
        for rule in &rules {
            section(&mut page, content, rule);
        }
    }
    page
}

fn section(page: &mut String, content: &Content, rule: &Rule) {
    let meta = &rule.meta;
    let _ = write!(
        page,
        "\n### {}\n\n{}. {}\n",
        meta.id, meta.title, meta.description
    );
    if let Body::Record(body) = &rule.body {
        let _ = write!(
            page,
            "\nJudges `{}` records",
            content.schema.record(body.record).name
        );
        let mut related: Vec<&str> = body
            .relations
            .iter()
            .map(|r| r.record.name.as_str())
            .collect();
        related.sort_unstable();
        related.dedup();
        if !related.is_empty() {
            let _ = write!(page, ", with `{}`", related.join("`, `"));
        }
        page.push_str(".\n");
        if !body.params.is_empty() {
            page.push_str("\n| parameter | default | range | what |\n|---|---|---|---|\n");
        }
        for param in &body.params {
            let range = match (&param.min, &param.max) {
                (Some(min), Some(max)) => format!("{min} to {max}"),
                (Some(min), None) => format!("from {min}"),
                (None, Some(max)) => format!("up to {max}"),
                (None, None) => String::new(),
            };
            let _ = writeln!(
                page,
                "| `{}` | `{}` | {range} | {} |",
                param.name, param.default, param.description
            );
        }
    }
    let _ = write!(page, "\nWhat to do: {}\n", meta.remediation);
    if !meta.controls.is_empty() {
        let controls: Vec<String> = meta
            .controls
            .iter()
            .map(|c| format!("{} {}", c.framework, c.control))
            .collect();
        let _ = write!(page, "\nControls: {}.\n", controls.join(", "));
    }
    for reference in &meta.references {
        let _ = write!(page, "\n<{reference}>\n");
    }
}

/// The page of all requirements, in Markdown.
#[must_use]
pub fn requirements(content: &Content, requirements: &Requirements) -> String {
    let mut page = String::from(
        "# Requirements\n\nMade from `rules/requirements.yaml`; do not edit. Every requirement, and the rules that check it or the reason why none can. `credlint doctor PATHS` tells of each whether a folder of exports proves it.\n",
    );
    for (letter, title) in &requirements.groups {
        let _ = write!(
            page,
            "\n## {letter}. {title}\n\n| # | requirement | checked by | exports beside those of the rule |\n|---|---|---|---|\n"
        );
        for row in requirements.list.iter().filter(|row| row.group == *letter) {
            let by = match &row.by {
                CheckedBy::Rules(_) => {
                    let ids = rules_of(content, row);
                    let ids = ids.iter().map(|rule| link(rule.meta.id.as_str()));
                    ids.collect::<Vec<_>>().join(", ")
                }
                CheckedBy::Families(families) => {
                    let count = rules_of(content, row).len();
                    format!("the {count} rules of `{}`", families.join("`, `"))
                }
                CheckedBy::Nothing(reason) => format!("not checkable: {reason}"),
            };
            let needs: Vec<String> = row.needs.iter().map(|id| format!("`{id}`")).collect();
            let _ = writeln!(
                page,
                "| {} | {} | {by} | {} |",
                row.number,
                row.title,
                needs.join(", ")
            );
        }
    }
    page
}

fn link(id: &str) -> String {
    format!("[`{id}`](rules.md#{})", id.replace('.', ""))
}

/// The page of all exports that are recognised, in Markdown.
#[must_use]
pub fn sources(content: &Content) -> String {
    let mut page = String::from(
        "# Exports\n\nMade from `sources/`; do not edit. What credlint recognises, how to make it, and the records it gives.\n\n| source | what | made by | records |\n|---|---|---|---|\n",
    );
    for (_, source) in content.sources.iter() {
        let records: Vec<String> = source
            .record_types()
            .into_iter()
            .map(|ty| format!("`{}`", content.schema.record(ty).name))
            .collect();
        let command = source.export().trim().replace('|', "\\|");
        let _ = writeln!(
            page,
            "| `{}` | {} | {command} | {} |",
            source.id(),
            source.title(),
            records.join(", ")
        );
    }
    page.push_str("\n## Records\n");
    for record in &content.schema.types {
        let _ = write!(
            page,
            "\n### {}\n\n{}\n\n| field | type | may be empty | what |\n|---|---|---|---|\n",
            record.name, record.doc
        );
        for field in &record.fields {
            let empty = if field.nullable { "yes" } else { "" };
            let _ = writeln!(
                page,
                "| `{}` | {} | {empty} | {} |",
                field.name, field.ty, field.doc
            );
        }
    }
    page
}

/// The page of all runbooks, in Markdown.
#[must_use]
pub fn runbooks(runbooks: &Runbooks) -> String {
    let mut page = String::from(
        "# Runbooks\n\nMade from `rules/runbooks/`; do not edit. `credlint runbook NAME PATHS` prints the steps for one credential, filled with what its exports say; `credlint runbook --use RUNBOOK` prints them as they are.\n\n| runbook | what |\n|---|---|\n",
    );
    for runbook in runbooks.all() {
        let _ = writeln!(page, "| `{}` | {} |", runbook.id, runbook.title);
    }
    page.push_str("\n## Your own\n\n`--runbooks DIR` of `credlint runbook`, `scan`, `merge` and `evidence` reads yours too; one with the id of a built-in one takes its place. `runbook --test` checks every word and runs the tests that stand in them. A text may hold these places; what is not known is said to be not recorded. In a command a value brings the quotes of its language.\n\n| place | what |\n|---|---|\n");
    for (word, place) in Place::all() {
        let _ = writeln!(page, "| `{{{word}}}` | {} |", place.label());
    }
    page
}
