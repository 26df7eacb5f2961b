//! Which rules run: those that neither the command line nor the policy leaves out.

use std::collections::HashSet;

use crate::check::secret::surest;
use crate::model::{Confidence, RuleId};
use crate::rule::{Body, Policy, Rule, RuleKind, SecretRule};

use super::content::Content;
use super::error::AppError;
use super::options::ScanOptions;

/// The rules of this run, sorted by id.
pub(super) fn select<'c>(
    options: &ScanOptions,
    content: &'c Content,
    policy: &Policy,
) -> Result<Vec<&'c Rule>, AppError> {
    for id in options.only.iter().chain(&options.skip) {
        if !content.rules.iter().any(|r| r.meta.id == *id) {
            return Err(AppError::unknown_rule(
                id.as_str(),
                content.rules.iter().map(|r| r.meta.id.as_str()),
            ));
        }
    }
    let selected: Vec<&Rule> = content
        .rules
        .iter()
        .filter(|rule| {
            let id = &rule.meta.id;
            (options.only.is_empty() || options.only.contains(id))
                && !options.skip.contains(id)
                && policy.disabled(id).is_none()
                && (rule.meta.kind != RuleKind::Secret
                    || surest(rule.meta.confidence) >= options.min_confidence)
        })
        .collect();
    if selected.is_empty() {
        return Err(AppError::usage(
            "no rule is left to run: a scan without rules would prove nothing",
        ));
    }
    Ok(selected)
}

/// The rules about secrets that do not run, though they are as sure as those of any scan. What they
/// would find is no finding, and is shown on the line of no other.
pub(super) fn unselected<'c>(content: &'c Content, selected: &[&Rule]) -> Vec<&'c SecretRule> {
    let runs: HashSet<&RuleId> = selected.iter().map(|rule| &rule.meta.id).collect();
    let others = content.rules.iter().filter(|rule| {
        !runs.contains(&rule.meta.id) && surest(rule.meta.confidence) >= Confidence::Medium
    });
    let secret = others.filter_map(|rule| match &rule.body {
        Body::Secret(body) => Some(&**body),
        Body::Record(_) => None,
    });
    secret.collect()
}

/// Rules over text, and rules over records.
pub(super) fn split<'c>(selected: &[&'c Rule]) -> (Vec<&'c SecretRule>, Vec<&'c Rule>) {
    let mut secret = Vec::new();
    let mut org = Vec::new();
    for rule in selected {
        match &rule.body {
            Body::Secret(body) => secret.push(&**body),
            Body::Record(_) => org.push(*rule),
        }
    }
    (secret, org)
}
