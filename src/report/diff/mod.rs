//! What changed between two results, or between two sets of exports. Decides nothing; the order of
//! [`What`] is that of reports: first what got worse.

mod json;
mod text;

use std::io::{self, Write};

use crate::model::{Fingerprint, Grade, Instant, Problem, RuleId, ScanPath, Severity};

/// Everything that a comparison may tell. Made once by `app`.
#[derive(Debug)]
pub struct Drift {
    /// What was compared with.
    pub old: Side,
    /// What was compared.
    pub new: Side,
    /// What changed, in the order of reports.
    pub changes: Vec<Change>,
    /// Inputs of either side that could not be checked, sorted.
    pub problems: Vec<Problem>,
    /// Things worth knowing.
    pub notes: Vec<String>,
    /// The exit code follows changes for the worse of this severity and above.
    pub fail_on: Severity,
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The file or folder, as the user named it.
    pub name: String,
    /// The date that it is told as of.
    pub as_of: Instant,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub what: What,
    /// How bad that is.
    pub severity: Severity,
    /// The rule, of a finding.
    pub rule: Option<RuleId>,
    /// The finding.
    pub fingerprint: Option<Fingerprint>,
    /// The stable id of the item, of two sets of exports.
    pub item: Option<String>,
    /// Whom it is about, for people.
    pub subject: String,
    /// What happened, in one sentence.
    pub message: String,
    /// What the old side says.
    pub before: Option<String>,
    /// What the new side says.
    pub after: Option<String>,
    /// How well it is proven, of items.
    pub grade: Option<Grade>,
    /// Where it is read: on the new side, unless only the old one has it.
    pub place: Option<(ScanPath, u32)>,
}

macro_rules! whats {
    ($($(#[$meta:meta])* $variant:ident = ($word:literal, $title:literal)),+ $(,)?) => {
        /// What happened to a finding or an item.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum What { $($(#[$meta])* $variant),+ }

        impl What {
            /// Everything that can happen.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in machine-readable reports.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The words for people.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }
        }
    };
}

whats! {
    /// A finding that was not there.
    New = ("new", "New"),
    /// A finding that was accepted and counts again.
    CountsAgain = ("counts_again", "Accepted before, counts again"),
    /// A finding that is more severe than it was.
    MoreSevere = ("more_severe", "More severe than before"),
    /// A credential that was out of use is used.
    UsedAfterEnd = ("used_after_end", "Used although retired"),
    /// A live credential is gone, and nothing says who took it out.
    Vanished = ("vanished", "Gone without a record of its end"),
    /// The last rotation is earlier than it was told before.
    SetBack = ("set_back", "Last rotation told earlier than before"),
    /// An item may do more.
    PermissionGained = ("permission_gained", "Permission gained"),
    /// What was out of use works again.
    Reactivated = ("reactivated", "Works again"),
    /// Whether it changed cannot be told.
    NotCompared = ("not_compared", "Could not be compared"),
    /// A finding that is there on both sides.
    StillOpen = ("still_open", "Still open"),
    /// A finding that counted and is accepted now, or is new and accepted.
    Accepted = ("accepted", "Accepted now"),
    /// A finding that is gone, proven by the rule's evaluation.
    Fixed = ("fixed", "Fixed"),
    /// A new item.
    Appeared = ("appeared", "Appeared"),
    /// The value of an item changed.
    Rotated = ("rotated", "Rotated"),
    /// A live item is out of use now.
    Retired = ("retired", "Out of use now"),
    /// An item is gone as it should: with a record, or after it was out of use.
    Decommissioned = ("decommissioned", "Decommissioned"),
    /// An item may do less.
    PermissionLost = ("permission_lost", "Permission lost"),
    /// Somebody else answers for an item.
    OwnerChanged = ("owner_changed", "Owner changed"),
}

impl What {
    /// Whether it is for the worse, so that it can set the exit code.
    #[must_use]
    pub const fn worsens(self) -> bool {
        matches!(
            self,
            Self::New
                | Self::CountsAgain
                | Self::MoreSevere
                | Self::UsedAfterEnd
                | Self::Vanished
                | Self::SetBack
                | Self::PermissionGained
                | Self::Reactivated
        )
    }
}

impl Drift {
    /// The changes that set the exit code.
    pub fn failing(&self) -> impl Iterator<Item = &Change> {
        self.changes
            .iter()
            .filter(|change| change.what.worsens() && change.severity >= self.fail_on)
    }

    /// Whether everything on both sides could be read and compared.
    #[must_use]
    pub fn complete(&self) -> bool {
        let compared = |change: &Change| change.what != What::NotCompared;
        self.problems.is_empty() && self.changes.iter().all(compared)
    }

    /// How often each thing happened, in the order of reports.
    fn counts(&self) -> impl Iterator<Item = (What, usize)> {
        What::ALL.iter().filter_map(|what| {
            let of = self.changes.iter().filter(|change| change.what == *what);
            Some((*what, of.count())).filter(|(_, count)| *count > 0)
        })
    }

    /// Sorts changes into the order of reports.
    pub fn sort(changes: &mut [Change]) {
        changes.sort_by(|a, b| {
            let place = |change: &Change| (change.place.clone(), change.fingerprint);
            let severity = b.severity.cmp(&a.severity);
            a.what.cmp(&b.what).then(severity).then_with(|| {
                let key = (&a.rule, &a.item, place(a), &a.subject, &a.message);
                key.cmp(&(&b.rule, &b.item, place(b), &b.subject, &b.message))
            })
        });
    }
}

/// One output format of comparisons.
#[derive(Debug)]
pub struct DiffFormat {
    /// The word after `--format`.
    pub name: &'static str,
    /// Writes the whole comparison. The bytes depend on nothing but the argument.
    pub write: fn(&Drift, &mut dyn Write) -> io::Result<()>,
}

/// Every output format of comparisons; the first is the default.
pub static DIFF_FORMATS: &[DiffFormat] = &[
    DiffFormat {
        name: "text",
        write: text::write,
    },
    DiffFormat {
        name: "json",
        write: json::write,
    },
];
