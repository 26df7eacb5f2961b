//! What can be known of an item, and one piece of evidence for it.

pub use crate::model::IdentifierKind;
use crate::model::words::words;
use crate::model::{Grade, Instant, When};

use super::strings::Str;

words! {
    /// What can be known of an item. The order is that of reports.
    Fact {
        /// What people call it.
        Name = "name",
        /// A narrower word for what it is than its kind.
        Class = "class",
        /// The platform's word for whether it works, in the words of [`State`].
        State = "state",
        /// Who answers for it.
        Owner = "owner",
        /// What it is for.
        Purpose = "purpose",
        /// Whom it opens: a URL or a host.
        Endpoint = "endpoint",
        /// Where its value is kept.
        Storage = "storage",
        /// How it signs in.
        AuthMethod = "auth_method",
        /// Who breaks when it changes. Several.
        Consumers = "consumers",
        /// What it may do, in the platform's words. Several.
        Privileges = "privileges",
        /// When it was made.
        Created = "created",
        /// When its value last changed.
        Rotated = "rotated",
        /// When it was last used.
        LastUsed = "last_used",
        /// The last day on which something needed its other slot.
        LastFallback = "last_fallback",
        /// Until which day somebody counted that.
        FallbackCounted = "fallback_counted",
        /// When it stops working.
        Expires = "expires",
        /// When it is to be rotated next.
        NextRotation = "next_rotation",
        /// Days between rotations.
        CadenceDays = "cadence_days",
        /// When somebody last looked at whether it is needed.
        Reviewed = "reviewed",
        /// Where the steps of its rotation are written down.
        Runbook = "runbook",
        /// How many of it its partner can hold at a time.
        Slots = "slots",
        /// Whether two of it can work at a time: `yes` or `no`.
        Overlap = "overlap",
        /// When its cutover may be, where two cannot work at a time.
        CutoverWindow = "cutover_window",
        /// How somebody sees that a rotation of it worked.
        Verification = "verification",
        /// How a rotation of it is taken back.
        Revert = "revert",
    }
}

words! {
    /// Whether an item works. The order is from the least to the most alarming for an operator.
    State {
        /// It works.
        Active = "active",
        /// It works, and no rotation is under way.
        Stable = "stable",
        /// A rotation is under way: the old one and the new one work.
        RollingForward = "rolling_forward",
        /// A rotation was taken back, and is not settled.
        RollingBack = "rolling_back",
        /// It is made and not yet in force.
        Pending = "pending",
        /// It cannot be used.
        Inactive = "inactive",
        /// Its end has passed.
        Expired = "expired",
        /// It was replaced, and may still decrypt or be accepted.
        Archived = "archived",
        /// It was taken back.
        Revoked = "revoked",
        /// It is gone.
        Destroyed = "destroyed",
        /// No export says.
        Unknown = "unknown",
    }
}

impl State {
    /// Whether somebody who has it can use it, as far as is known.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(
            self,
            Self::Active | Self::Stable | Self::RollingForward | Self::RollingBack | Self::Unknown
        )
    }
}

/// What a fact's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactType {
    /// One text.
    Text,
    /// Several texts: every export adds its own.
    Texts,
    /// A time, or never.
    Time,
    /// A whole number.
    Int,
}

impl Fact {
    /// What its values are.
    #[must_use]
    pub const fn ty(self) -> FactType {
        match self {
            Self::Consumers | Self::Privileges => FactType::Texts,
            Self::Created
            | Self::Rotated
            | Self::LastUsed
            | Self::LastFallback
            | Self::FallbackCounted
            | Self::Expires
            | Self::NextRotation
            | Self::Reviewed => FactType::Time,
            Self::CadenceDays | Self::Slots => FactType::Int,
            _ => FactType::Text,
        }
    }

    /// Whether the fact tells of something that happens again and again, so that of two exports
    /// the later word is right and the earlier one no contradiction.
    #[must_use]
    pub const fn recurs(self) -> bool {
        matches!(
            self,
            Self::Rotated
                | Self::LastUsed
                | Self::LastFallback
                | Self::FallbackCounted
                | Self::Reviewed
        )
    }
}

/// The value of one piece of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    Text(Str),
    Time(When),
    Int(i64),
}

/// One piece of evidence: what one record says. Most of an inventory is these, so that what it is
/// about and where it stands share one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Claim {
    value: i64,
    /// From the lowest bit: line, file, fact, grade, form.
    spot: u64,
}

const LINE_BITS: u32 = 32;
const FILE_BITS: u32 = 23;
const FACT_BITS: u32 = 5;
const GRADE_BITS: u32 = 2;

/// Beyond eight million files the last ones fall together.
const LAST_FILE: u32 = (1 << FILE_BITS) - 1;

const TEXT: u64 = 0;
const KNOWN: u64 = 1;
const NEVER: u64 = 2;
const INT: u64 = 3;

/// The grades, in the order of the numbers under which they are kept.
const GRADES: [Grade; 4] = [
    Grade::Absent,
    Grade::Declared,
    Grade::Inferred,
    Grade::Direct,
];

impl Claim {
    pub(super) const fn new(
        fact: Fact,
        grade: Grade,
        held: Held,
        (file, line): (u32, u32),
    ) -> Self {
        let (form, value) = match held {
            Held::Text(text) => (TEXT, text.number() as i64),
            Held::Time(When::Known(at)) => (KNOWN, at.seconds()),
            Held::Time(When::Never) => (NEVER, 0),
            Held::Int(n) => (INT, n),
        };
        let grade = match grade {
            Grade::Absent => 0,
            Grade::Declared => 1,
            Grade::Inferred => 2,
            Grade::Direct => 3,
        };
        let file = if file > LAST_FILE { LAST_FILE } else { file };
        let mut spot = form;
        spot = (spot << GRADE_BITS) | grade;
        spot = (spot << FACT_BITS) | fact as u64;
        spot = (spot << FILE_BITS) | file as u64;
        spot = (spot << LINE_BITS) | line as u64;
        Self { value, spot }
    }

    /// So many bits of the word, from this one on.
    const fn bits(self, from: u32, count: u32) -> u64 {
        (self.spot >> from) & ((1 << count) - 1)
    }

    /// The line, counted from 1.
    #[expect(clippy::cast_possible_truncation, reason = "it is 32 bits")]
    pub(super) const fn line(self) -> u32 {
        self.bits(0, LINE_BITS) as u32
    }

    /// Which of the inventory's files.
    pub(super) const fn file(self) -> usize {
        self.bits(LINE_BITS, FILE_BITS) as usize
    }

    /// What it is about.
    pub(super) fn fact(self) -> Fact {
        let number = self.bits(LINE_BITS + FILE_BITS, FACT_BITS) as usize;
        Fact::ALL.get(number).copied().unwrap_or(Fact::Name)
    }

    /// How well it is proven.
    pub(super) fn grade(self) -> Grade {
        let number = self.bits(LINE_BITS + FILE_BITS + FACT_BITS, GRADE_BITS) as usize;
        GRADES.get(number).copied().unwrap_or(Grade::Absent)
    }

    pub(super) fn held(self) -> Held {
        match self.spot >> (LINE_BITS + FILE_BITS + FACT_BITS + GRADE_BITS) {
            TEXT => Held::Text(Str::of_number(u32::try_from(self.value).unwrap_or(0))),
            KNOWN => Held::Time(When::Known(Instant::from_seconds(self.value))),
            NEVER => Held::Time(When::Never),
            _ => Held::Int(self.value),
        }
    }
}

/// One identifier, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Named {
    pub(super) kind: IdentifierKind,
    pub(super) value: Str,
}

#[cfg(test)]
mod tests {
    use super::{Claim, Fact, GRADES, Held, Instant, LAST_FILE, Str, When};

    /// Most of an inventory is claims.
    #[test]
    fn a_claim_is_small() {
        assert!(size_of::<Claim>() <= 16, "{}", size_of::<Claim>());
    }

    #[test]
    fn a_claim_gives_back_what_was_put_into_it() {
        let held = [
            Held::Text(Str::of_number(u32::MAX)),
            Held::Time(When::Known(Instant::from_seconds(-7))),
            Held::Time(When::Never),
            Held::Int(i64::MIN),
        ];
        for fact in Fact::ALL {
            for grade in GRADES {
                for held in held {
                    for (file, line) in [(0, 0), (LAST_FILE, u32::MAX), (7, 9)] {
                        let claim = Claim::new(*fact, grade, held, (file, line));
                        assert_eq!((claim.fact(), claim.grade()), (*fact, grade));
                        assert_eq!((claim.file(), claim.line()), (file as usize, line));
                        assert_eq!(claim.held(), held);
                    }
                }
            }
        }
    }
}
