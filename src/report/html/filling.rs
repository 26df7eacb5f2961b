//! What one credential puts into the places of its runbooks. A runbook is told once; what differs
//! from one credential to the next is marked in the credential's row, where the page's script finds it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::text::{T, capital};
use crate::inventory::{Item, Language, Place, Runbook, Subject};
use crate::model::Instant;
use crate::report::runbook::quoted;
use crate::report::visible::Visible;

/// The longest value, in bytes, that is offered to be typed: no command is that long, and one cut
/// off would not end its quotes.
const TYPED: usize = 500;

/// What is known of one credential, and what its runbooks ask of it.
pub(super) struct Filling<'r> {
    subject: Subject,
    runbooks: &'r [&'r Runbook],
}

impl<'r> Filling<'r> {
    pub(super) fn new(item: &Item<'_>, runbooks: &'r [&'r Runbook], as_of: Instant) -> Self {
        Self {
            subject: Subject::of(item, as_of),
            runbooks,
        }
    }

    /// Every place that the runbooks ask for.
    fn wanted(&self) -> BTreeSet<Place> {
        let runbooks = self.runbooks.iter();
        runbooks.flat_map(|runbook| runbook.places()).collect()
    }

    /// What is known for a place, as the attributes of the element that shows it: which place it
    /// is, and how it is typed in each language that a runbook's commands need it in.
    pub(super) fn mark(&self, place: Place) -> String {
        let mut mark = String::new();
        if !self.wanted().contains(&place) {
            return mark;
        }
        let _ = write!(mark, " data-fact=\"{}\"", place.word());
        let value = self.subject.told(place).and_then(|t| t.texts.first());
        let Some(value) = value.filter(|value| value.len() <= TYPED) else {
            return mark;
        };
        let value = Visible(value).to_string();
        let commands = self.runbooks.iter().flat_map(|runbook| runbook.commands());
        let languages: BTreeSet<Language> = commands
            .filter(|command| command.text.places().any(|other| other == place))
            .map(|command| command.language)
            .collect();
        for language in languages {
            let typed = quoted(&value, language);
            let _ = write!(mark, " data-{}=\"{}\"", language.fence(), T(&typed));
        }
        mark
    }

    /// What the runbooks ask for and nothing else on the row tells.
    pub(super) fn rest(&self, out: &mut dyn Write, shown: &BTreeSet<Place>) -> io::Result<()> {
        for place in self.wanted().difference(shown) {
            let Some(told) = self.subject.told(*place) else {
                continue;
            };
            let label = place.label();
            let label = capital(label.strip_prefix("the ").unwrap_or(label)).replace('`', "");
            let (mark, value) = (self.mark(*place), told.texts.join(", "));
            write!(out, "<dt>{}</dt><dd{mark}>{}</dd>", T(&label), T(&value))?;
        }
        Ok(())
    }
}
