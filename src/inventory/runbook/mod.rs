//! Runbooks: the steps by which one kind of credential is rotated, as text with places that an
//! item fills. Which one is an item's is decided here; how a page looks is not.

mod decode;
mod place;
mod subject;
mod text;

pub use decode::RunWords;
pub use place::{Place, Shape};
pub use subject::{Slots, Subject, Told};
pub use text::{Command, Language, Piece, Text};

use std::sync::Arc;

use crate::model::RuleId;
use crate::rule::late::{Late, later, ready};

/// The steps of one rotation.
#[derive(Debug, Clone)]
pub struct Runbook {
    /// Its id, such as `salesforce-client-secret`.
    pub id: String,
    /// What is done, as a short sentence without the item.
    pub title: String,
    /// Whether anything stands still meanwhile, and for how long.
    pub interruption: Text,
    /// How this kind of rotation works.
    pub about: Text,
    /// What must hold before the first step.
    pub before: Vec<Text>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// How somebody sees that it worked.
    pub verify: Vec<Text>,
    /// How it is taken back.
    pub rollback: Vec<Text>,
    /// What an auditor will ask for.
    pub evidence: Vec<Text>,
    /// Where to read on.
    pub references: Vec<String>,
    /// Items that are tried with it. Empty where only the steps were read.
    pub tests: Vec<Test>,
    items: Vec<Choice>,
    rules: Vec<Wanted>,
}

/// One step.
#[derive(Debug, Clone)]
pub struct Step {
    /// A few words.
    pub title: String,
    /// What to do.
    pub act: Text,
    /// What to type, if it is typed.
    pub run: Option<Command>,
    /// How somebody sees that the step is done.
    pub check: Option<Text>,
    /// What must be known of an item, and what not, for the step to be one of its steps.
    only: Only,
}

impl Runbook {
    /// Its texts that are sentences, in the order of a page.
    fn sentences(&self) -> impl Iterator<Item = &Text> {
        let steps = self.steps.iter();
        let steps = steps.flat_map(|step| [Some(&step.act), step.check.as_ref()]);
        [&self.about, &self.interruption]
            .into_iter()
            .chain(&self.before)
            .chain(steps.flatten())
            .chain(&self.verify)
            .chain(&self.rollback)
            .chain(&self.evidence)
    }

    /// Every place that its page fills or asks for; some more than once.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        let steps = self.steps.iter();
        let asked = steps.flat_map(|step| step.known().iter().chain(step.unknown()));
        let typed = self.commands().map(|command| &command.text);
        self.sentences()
            .chain(typed)
            .flat_map(Text::places)
            .chain(asked.copied())
    }

    /// What is typed, in the order of the steps.
    pub fn commands(&self) -> impl Iterator<Item = &Command> {
        self.steps.iter().filter_map(|step| step.run.as_ref())
    }
}

/// A condition over what is known of an item.
#[derive(Debug, Clone, Default)]
struct Only {
    known: Vec<Place>,
    unknown: Vec<Place>,
}

/// An item that is tried with a runbook.
#[derive(Debug, Clone)]
pub struct Test {
    /// What it shows.
    pub name: String,
    /// The item.
    pub subject: Subject,
    /// The runbook that is the item's: this one, unless another id is given.
    pub chosen: Option<String>,
    /// What the page must say.
    pub says: Vec<String>,
    /// What it must not say.
    pub omits: Vec<String>,
}

/// Which items a runbook is for. An empty list accepts all.
#[derive(Debug, Clone, Default)]
struct Choice {
    kinds: Vec<String>,
    platforms: Vec<String>,
    classes: Vec<String>,
    slots: Option<Slots>,
}

/// Which findings a runbook is for: those of a rule, or of all rules whose id begins so.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    Rule(String),
    Family(String),
}

/// Every runbook of a run, sorted by id.
#[derive(Debug, Clone)]
pub struct Runbooks {
    all: Arc<Late<Vec<Runbook>>>,
}

impl Step {
    /// Whether it is a step for this item.
    #[must_use]
    pub fn concerns(&self, subject: &Subject) -> bool {
        self.only.known.iter().all(|place| subject.knows(*place))
            && !self.only.unknown.iter().any(|place| subject.knows(*place))
    }

    /// What must be known of an item for the step to be one of its steps.
    #[must_use]
    pub fn known(&self) -> &[Place] {
        &self.only.known
    }

    /// What must not be known of an item for the step to be one of its steps.
    #[must_use]
    pub fn unknown(&self) -> &[Place] {
        &self.only.unknown
    }
}

impl Choice {
    /// How closely the choice fits, if it does. What a partner can hold decides before what the
    /// credential is, and that before where it lives.
    fn fit(&self, (kind, platform, class): (&str, &str, &str), slots: Slots) -> Option<u8> {
        let mut fit = 0;
        for (allowed, word, weight) in [
            (&self.kinds, kind, 1),
            (&self.platforms, platform, 2),
            (&self.classes, class, 4),
        ] {
            if allowed.is_empty() {
                continue;
            }
            if !allowed.iter().any(|a| a.eq_ignore_ascii_case(word)) {
                return None;
            }
            fit += weight;
        }
        match self.slots {
            None => Some(fit),
            Some(wanted) => (wanted == slots).then_some(fit + 8),
        }
    }
}

impl Wanted {
    fn is(&self, rule: &str) -> bool {
        match self {
            Self::Rule(id) => id == rule,
            Self::Family(start) => rule.starts_with(start.as_str()),
        }
    }
}

/// As [`Runbooks::new`] puts them.
fn sorted(runbooks: impl IntoIterator<Item = Runbook>) -> Vec<Runbook> {
    let mut all: Vec<Runbook> = Vec::new();
    for runbook in runbooks {
        match all.binary_search_by(|other| other.id.cmp(&runbook.id)) {
            Ok(at) => {
                if let Some(old) = all.get_mut(at) {
                    *old = runbook;
                }
            }
            Err(at) => all.insert(at, runbook),
        }
    }
    all
}

impl Default for Runbooks {
    fn default() -> Self {
        Self::new([])
    }
}

impl Runbooks {
    /// Puts runbooks together. One that comes later takes the place of one with its id, so that a
    /// team's own word goes before the built-in one.
    #[must_use]
    pub fn new(runbooks: impl IntoIterator<Item = Runbook>) -> Self {
        Self {
            all: Arc::new(ready(sorted(runbooks))),
        }
    }

    /// Those that are read when somebody asks for one: most reports show none.
    #[must_use]
    pub fn later(read: impl FnOnce() -> Vec<Runbook> + Send + Sync + 'static) -> Self {
        Self {
            all: Arc::new(later(|| sorted(read()))),
        }
    }

    /// All of them, sorted by id.
    #[must_use]
    pub fn all(&self) -> &[Runbook] {
        &self.all
    }

    /// The runbook of an id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Runbook> {
        let at = self.all.binary_search_by(|r| r.id.as_str().cmp(id)).ok()?;
        self.all.get(at)
    }

    /// The runbook of an item: the one whose choice fits most closely, of equals the first by id.
    #[must_use]
    pub fn of_item(&self, subject: &Subject) -> Option<&Runbook> {
        let class = subject.class();
        self.closest(
            (&subject.kind, &subject.platform, class.unwrap_or_default()),
            subject.slots,
        )
    }

    fn closest(&self, words: (&str, &str, &str), slots: Slots) -> Option<&Runbook> {
        let fits = self.all.iter().filter_map(|runbook| {
            let choices = runbook.items.iter();
            let fit = choices
                .filter_map(|choice| choice.fit(words, slots))
                .max()?;
            Some((fit, runbook))
        });
        // Of equals `max_by_key` takes the last.
        fits.rev()
            .max_by_key(|(fit, _)| *fit)
            .map(|(_, runbook)| runbook)
    }

    /// The runbook that a rule names, whatever it judges.
    #[must_use]
    pub fn of_rule(&self, rule: &RuleId) -> Option<&Runbook> {
        let rule = rule.as_str();
        self.all
            .iter()
            .find(|runbook| runbook.rules.iter().any(|wanted| wanted.is(rule)))
    }

    /// The runbook of a finding: that of its rule, or else that of what it is about, if a runbook
    /// names its kind.
    #[must_use]
    pub fn of_finding(&self, rule: &RuleId, (kind, platform): (&str, &str)) -> Option<&Runbook> {
        self.of_rule(rule).or_else(|| {
            let named = |runbook: &Runbook| {
                let mut choices = runbook.items.iter();
                choices.any(|choice| choice.kinds.iter().any(|k| k == kind))
            };
            self.closest((kind, platform, ""), Slots::Unknown)
                .filter(|runbook| named(runbook))
        })
    }
}

#[cfg(test)]
mod tests;
