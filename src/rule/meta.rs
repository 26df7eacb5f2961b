//! What every rule has, whatever it looks at.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

use super::head::Head;
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

/// What every rule has. What is told of it can be asked for as if it stood here, too.
#[derive(Debug, Clone)]
pub struct RuleMeta {
    /// Its id.
    pub id: RuleId,
    /// Severity of its findings after the policy file.
    pub severity: Severity,
    /// Severity that the rule's author gave it.
    pub default_severity: Severity,
    /// How sure its findings are.
    pub confidence: Confidence,
    /// What it looks at.
    pub kind: RuleKind,
    /// What reports and documents tell of it.
    pub told: Telling,
}

/// What reports and documents tell of a rule.
#[derive(Debug, Clone)]
pub struct Told {
    /// What is wrong, as a short noun phrase.
    pub title: Text,
    /// Why it matters and how it is decided, in a few sentences.
    pub description: Text,
    /// How settled it is.
    pub status: Status,
    /// Controls it gives evidence for, sorted.
    pub controls: Vec<ControlRef>,
    /// Free words for finding it again.
    pub tags: Vec<Text>,
    /// What to do about a finding.
    pub remediation: Text,
    /// Where to read on.
    pub references: Vec<Text>,
}

/// What is told of a rule: of a built-in one it is put together when somebody tells it, and most scans
/// tell of few.
#[derive(Clone)]
pub struct Telling {
    told: OnceLock<Box<Told>>,
    head: Option<&'static Head>,
}

impl Telling {
    /// What is told of a built-in rule.
    pub(super) const fn of(head: &'static Head) -> Self {
        Self {
            told: OnceLock::new(),
            head: Some(head),
        }
    }

    fn get(&self) -> &Told {
        self.told
            .get_or_init(|| Box::new(self.head.map_or_else(Told::nothing, Head::told)))
    }
}

impl From<Told> for Telling {
    fn from(told: Told) -> Self {
        Self {
            told: Box::new(told).into(),
            head: None,
        }
    }
}

impl fmt::Debug for Telling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

impl Deref for RuleMeta {
    type Target = Told;

    fn deref(&self) -> &Told {
        self.told.get()
    }
}

impl Told {
    const fn nothing() -> Self {
        Self {
            title: Text::Borrowed(""),
            description: Text::Borrowed(""),
            status: Status::Stable,
            controls: Vec::new(),
            tags: Vec::new(),
            remediation: Text::Borrowed(""),
            references: Vec::new(),
        }
    }
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
