//! What every rule has, whatever it looks at.

use std::borrow::Cow;

use crate::model::{Confidence, RuleId, Severity};

/// A text of a rule. That of a built-in one lies in the program and is not copied.
pub type Text = Cow<'static, str>;

/// How settled a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// May change or go.
    Experimental,
    /// Meant to stay as it is.
    Stable,
}

/// Which half of the input a rule looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleKind {
    /// Records of this type.
    Record(Text),
    /// The text of source trees.
    Secret,
}

/// A control of a framework that a rule gives evidence for. Checked against `rules/controls.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ControlRef {
    /// The framework's id, such as `pci-dss-4.0`.
    pub framework: Text,
    /// The control's id, such as `8.3.9`.
    pub control: Text,
}

/// What every rule has: the part that reports and documents show.
#[derive(Debug, Clone)]
pub struct RuleMeta {
    /// Its id.
    pub id: RuleId,
    /// What is wrong, as a short noun phrase.
    pub title: Text,
    /// Why it matters and how it is decided, in a few sentences.
    pub description: Text,
    /// Severity of its findings after the policy file.
    pub severity: Severity,
    /// Severity that the rule's author gave it.
    pub default_severity: Severity,
    /// How sure its findings are.
    pub confidence: Confidence,
    /// How settled it is.
    pub status: Status,
    /// What it looks at.
    pub kind: RuleKind,
    /// Controls it gives evidence for, sorted.
    pub controls: Vec<ControlRef>,
    /// Free words for finding it again.
    pub tags: Vec<Text>,
    /// What to do about a finding.
    pub remediation: Text,
    /// Where to read on.
    pub references: Vec<Text>,
}

impl RuleMeta {
    /// The CWE numbers among its controls, such as `CWE-798`.
    pub fn cwes(&self) -> impl Iterator<Item = &str> {
        self.controls
            .iter()
            .filter(|c| c.framework == "cwe")
            .map(|c| &*c.control)
    }
}
