//! The `rules` commands, `explain` and `schema`: the rules themselves, for people.

use std::path::PathBuf;

use crate::check::{org, secret};
use crate::model::RuleId;
use crate::rule::file::Depth;
use crate::rule::relation::Length;
use crate::rule::schema::rule_files;
use crate::rule::{Body, Policy, Rule, RuleKind};

use super::Io;
use super::content::{Content, controls};
use super::error::AppError;
use super::exit::Exit;
use super::explain::{self, Explanation, Parameter, Related};
use super::import;
use super::options::{Config, ContentOptions, RulesAction, RulesOptions, SchemaKind, Verbosity};

/// Does what `rules` was asked for.
///
/// # Errors
/// When rules or policy are wrong, or a rule is not known.
pub fn run(options: &RulesOptions, io: &mut Io<'_>) -> Result<Exit, AppError> {
    match &options.action {
        RulesAction::List => {
            let (content, policy) = load(&options.content, &options.config, Depth::Trusted)?;
            list(&content, &policy, io)?;
        }
        RulesAction::Show(id) => {
            let (content, _) = load(&options.content, &options.config, Depth::Trusted)?;
            let rule = find(&content, id)?;
            writeln!(io.out, "# {}", rule.file.file())?;
            writeln!(io.out, "- {}", rule.yaml().trim_end())?;
        }
        RulesAction::Check(folder) => {
            let content = with_folder(&options.content, folder.as_ref());
            let (content, _) = load(&content, &options.config, Depth::Full)?;
            writeln!(io.out, "{} rules are well-formed", content.rules.len())?;
        }
        RulesAction::Test(folder) => return test(options, folder.as_ref(), io),
        RulesAction::Import { from, out } => return import::run(from, out.as_deref(), io),
    }
    Ok(Exit::Clean)
}

fn load(
    options: &ContentOptions,
    config: &Config,
    depth: Depth,
) -> Result<(Content, Policy), AppError> {
    let mut content = Content::load(options, depth)?;
    let (policy, _) = content.policy(config)?;
    Ok((content, policy))
}

/// `check` and `test` take a folder of rules beside those of `--rules`.
fn with_folder(options: &ContentOptions, folder: Option<&PathBuf>) -> ContentOptions {
    let mut options = options.clone();
    options.rules.extend(folder.cloned());
    options
}

fn find<'c>(content: &'c Content, id: &RuleId) -> Result<&'c Rule, AppError> {
    let known = content.rules.iter().map(|r| r.meta.id.as_str());
    content
        .rules
        .iter()
        .find(|r| r.meta.id == *id)
        .ok_or_else(|| AppError::unknown_rule(id.as_str(), known))
}

fn list(content: &Content, policy: &Policy, io: &mut Io<'_>) -> Result<(), AppError> {
    let widest = content
        .rules
        .iter()
        .map(|r| r.meta.id.as_str().len())
        .max()
        .unwrap_or(0);
    for rule in &content.rules {
        let meta = &rule.meta;
        let what = match &meta.kind {
            RuleKind::Record(record) => &**record,
            RuleKind::Secret => "text",
        };
        let off = if policy.disabled(&meta.id).is_some() {
            " (switched off)"
        } else {
            ""
        };
        writeln!(
            io.out,
            "{:widest$}  {:8}  {what:22}  {}{off}",
            meta.id, meta.severity, meta.title
        )?;
    }
    Ok(())
}

fn test(
    options: &RulesOptions,
    folder: Option<&PathBuf>,
    io: &mut Io<'_>,
) -> Result<Exit, AppError> {
    let content = Content::load(&with_folder(&options.content, folder), Depth::Full)?;
    let asked =
        |rule: &&Rule| folder.is_none_or(|f| rule.file.file().starts_with(&*f.to_string_lossy()));
    let (mut passed, mut failed) = (0_usize, 0_usize);
    for rule in content.rules.iter().filter(asked) {
        let results: Vec<(&str, Result<(), String>)> = match &rule.body {
            Body::Record(body) => body
                .tests
                .iter()
                .map(|t| {
                    let result =
                        org::run_test((&rule.meta, body), &content.schema, &t.case, t.expect);
                    (t.name.as_str(), result.map_err(|e| e.to_string()))
                })
                .collect(),
            Body::Secret(body) => body
                .tests
                .iter()
                .map(|t| (t.name.as_str(), secret::run_test(body, t)))
                .collect(),
        };
        for (name, result) in results {
            match result {
                Ok(()) => {
                    passed += 1;
                    if io.verbosity == Verbosity::Verbose {
                        writeln!(io.out, "ok    {}: {name}", rule.meta.id)?;
                    }
                }
                Err(why) => {
                    failed += 1;
                    writeln!(io.out, "FAIL  {}: {name}: {why}", rule.meta.id)?;
                }
            }
        }
    }
    writeln!(io.out, "{passed} passed, {failed} failed")?;
    Ok(if failed == 0 {
        Exit::Clean
    } else {
        Exit::Findings
    })
}

/// Prints what a rule means and how it is set.
///
/// # Errors
/// When rules or policy are wrong, or the rule is not known.
pub fn explain(
    id: &RuleId,
    options: &ContentOptions,
    config: &Config,
    io: &mut Io<'_>,
) -> Result<Exit, AppError> {
    let (content, policy) = load(options, config, Depth::Trusted)?;
    let rule = find(&content, id)?;
    let values = policy.params(rule);
    let (params, related) = match &rule.body {
        Body::Record(body) => {
            let params = body
                .params
                .iter()
                .zip(&values)
                .map(|(param, value)| Parameter {
                    name: param.name.clone(),
                    value: value.to_string(),
                    default: param.default.to_string(),
                    allowed: range(param),
                    description: param.description.clone(),
                });
            let related = body.relations.iter().map(|relation| Related {
                record: relation.record.name.clone(),
                on: keys(&content, body, relation),
                must_cover: relation.coverage.as_ref().map_or_else(String::new, |c| {
                    match c.spans {
                        Length::Fixed(period) => period.to_string(),
                        Length::Param(index) => values
                            .get(index)
                            .map(ToString::to_string)
                            .unwrap_or_default(),
                    }
                }),
            });
            (params.collect::<Vec<_>>(), related.collect::<Vec<_>>())
        }
        Body::Secret(_) => (Vec::new(), Vec::new()),
    };
    let explanation = Explanation {
        meta: &rule.meta,
        params: &params,
        related: &related,
        condition: condition(rule),
        controls: controls(),
    };
    explain::write(io.out, &explanation, io.out_paint, io.width)?;
    Ok(Exit::Clean)
}

/// The part of the rule's text that decides: from `when` to the next key, or the expression.
fn condition(rule: &Rule) -> &str {
    match &rule.body {
        Body::Secret(body) => body.detect().pattern.source(),
        Body::Record(_) => {
            let yaml = rule.yaml();
            let Some(at) = yaml.find("\n  when:") else {
                return "";
            };
            let rest = &yaml[at + 1..];
            let end = rest
                .match_indices("\n  ")
                .find(|(i, _)| rest[i + 3..].starts_with(|c: char| c.is_ascii_lowercase()));
            end.map_or(rest, |(i, _)| &rest[..i])
        }
    }
}

fn range(param: &crate::rule::param::Param) -> String {
    match (&param.min, &param.max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("{min} or more"),
        (None, Some(max)) => format!("up to {max}"),
        (None, None) => param.one_of.join(", "),
    }
}

fn keys(
    content: &Content,
    rule: &crate::rule::RecordRule,
    relation: &crate::rule::relation::Relation,
) -> String {
    use crate::rule::scope::Scope;
    let scope = Scope {
        record: content.schema.record(rule.record),
        relations: &rule.relations,
        derived: &rule.derived,
        params: &rule.params,
        only: None,
    };
    let pairs = relation.on.iter().map(|(theirs, mine)| {
        let mine: Vec<String> = mine.iter().map(|field| scope.name(*field)).collect();
        format!(
            "{} = {}",
            relation.record.decl(*theirs).name,
            mine.join(" or ")
        )
    });
    pairs.collect::<Vec<_>>().join(", ")
}

/// Prints a JSON Schema.
///
/// # Errors
/// When standard output cannot be written.
pub fn schema(kind: SchemaKind, io: &mut Io<'_>) -> Result<Exit, AppError> {
    match kind {
        SchemaKind::Report => {
            write!(
                io.out,
                "{}",
                include_str!("../../schema/credlint-report-v1.schema.json")
            )?;
        }
        SchemaKind::Lines => {
            write!(
                io.out,
                "{}",
                include_str!("../../schema/credlint-lines-v1.schema.json")
            )?;
        }
        SchemaKind::Diff => {
            write!(
                io.out,
                "{}",
                include_str!("../../schema/credlint-diff-v1.schema.json")
            )?;
        }
        SchemaKind::Inventory => {
            write!(
                io.out,
                "{}",
                include_str!("../../schema/credlint-inventory-v1.schema.json")
            )?;
        }
        SchemaKind::Rules => {
            let content = Content::load(&ContentOptions::default(), Depth::Trusted)?;
            writeln!(io.out, "{}", rules_schema(&content))?;
        }
    }
    Ok(Exit::Clean)
}

/// The JSON Schema of rule files, as text.
#[must_use]
pub fn rules_schema(content: &Content) -> String {
    format!("{:#}", rule_files(&content.schema, controls()))
}
