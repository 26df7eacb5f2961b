//! What can stand in a place of a runbook: a closed list, each with what it is and what is said
//! where nothing is known.

use crate::inventory::fact::{Fact, FactType, IdentifierKind};

/// What fills a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The item's id.
    Id,
    /// What people call it.
    Name,
    /// What its kind is, for people.
    Kind,
    /// Where it lives.
    Platform,
    /// How old its present value is.
    Age,
    /// The name of its twin, where two take turns: `app_a` and `app_b`.
    Alternate,
    /// The account that it belongs to.
    User,
    /// The application that it belongs to.
    App,
    /// A fact.
    Fact(Fact),
    /// An identifier.
    Identifier(IdentifierKind),
}

/// What the values of a place are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Words of ours: a date, a number, a kind. They need no quotes.
    Words,
    /// One text from an input.
    Text,
    /// Several texts from inputs.
    Texts,
}

/// Those that are no facts and no identifiers.
const OWN: &[(&str, Place)] = &[
    ("id", Place::Id),
    ("name", Place::Name),
    ("kind", Place::Kind),
    ("platform", Place::Platform),
    ("age", Place::Age),
    ("alternate", Place::Alternate),
    ("user", Place::User),
    ("app", Place::App),
];

impl Place {
    /// Every place with its word: facts by theirs, identifiers as `identifier.username`.
    pub fn all() -> impl Iterator<Item = (String, Self)> {
        let own = OWN.iter().map(|(_, place)| *place);
        let facts = Fact::ALL.iter().filter(|fact| **fact != Fact::Name);
        let identifiers = IdentifierKind::ALL.iter().copied().map(Self::Identifier);
        own.chain(facts.copied().map(Self::Fact))
            .chain(identifiers)
            .map(|place| (place.word(), place))
    }

    /// Its word.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Fact(fact) => fact.word().to_owned(),
            Self::Identifier(kind) => format!("identifier.{}", kind.word()),
            own => {
                let found = OWN.iter().find(|(_, place)| *place == own);
                found.map_or_else(String::new, |(word, _)| (*word).to_owned())
            }
        }
    }

    /// The place of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        if let Some(kind) = word.strip_prefix("identifier.") {
            return kind.parse().ok().map(Self::Identifier);
        }
        let own = OWN.iter().find(|(known, _)| *known == word);
        own.map(|(_, place)| *place)
            .or_else(|| word.parse().ok().map(Self::Fact))
    }

    /// What its values are.
    #[must_use]
    pub const fn shape(self) -> Shape {
        match self {
            Self::Kind | Self::Age => Shape::Words,
            Self::Fact(fact) => match fact.ty() {
                FactType::Text => Shape::Text,
                FactType::Texts => Shape::Texts,
                FactType::Time | FactType::Int => Shape::Words,
            },
            _ => Shape::Text,
        }
    }

    /// What it is, in words that fit into a sentence.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Id => "the id",
            Self::Name => "the credential",
            Self::Kind => "credential",
            Self::Platform => "the platform",
            Self::Age => "the age",
            Self::Alternate => "the second role",
            Self::User => "the account",
            Self::App => "the application",
            Self::Fact(fact) => of_fact(fact),
            Self::Identifier(kind) => of_identifier(kind),
        }
    }
}

const fn of_fact(fact: Fact) -> &'static str {
    match fact {
        Fact::Name => "the credential",
        Fact::Class => "the class",
        Fact::State => "the state",
        Fact::Owner => "the owner",
        Fact::Purpose => "the purpose",
        Fact::Endpoint => "the endpoint",
        Fact::Storage => "the place where it is kept",
        Fact::AuthMethod => "the way it signs in",
        Fact::Consumers => "the consumers",
        Fact::Privileges => "the privileges",
        Fact::Created => "the day it was made",
        Fact::Rotated => "the day of the last rotation",
        Fact::LastUsed => "the last use",
        Fact::LastFallback => "the last use of the other slot",
        Fact::FallbackCounted => "the day until which that was counted",
        Fact::Expires => "the end",
        Fact::NextRotation => "the day of the next rotation",
        Fact::CadenceDays => "the cadence",
        Fact::Reviewed => "the last review",
        Fact::Runbook => "the team's own runbook",
        Fact::Slots => "the number of slots",
        Fact::Overlap => "whether two work at a time",
        Fact::CutoverWindow => "the agreed window",
        Fact::Verification => "the check that it works",
        Fact::Revert => "the way back",
    }
}

const fn of_identifier(kind: IdentifierKind) -> &'static str {
    match kind {
        IdentifierKind::Id => "the platform's id",
        IdentifierKind::DeveloperName => "the developer name",
        IdentifierKind::Name => "the name",
        IdentifierKind::Username => "the user name",
        IdentifierKind::Email => "the mail address",
        IdentifierKind::Arn => "the resource name",
        IdentifierKind::KeyId => "the key id",
        IdentifierKind::ClientId => "the client id",
        IdentifierKind::Serial => "the serial number",
        IdentifierKind::Thumbprint => "the thumbprint",
        IdentifierKind::Kid => "the key id (`kid`)",
        IdentifierKind::Issuer => "the issuer",
        IdentifierKind::LoginUrl => "the login address",
        IdentifierKind::TokenPrefix => "the beginning of the token",
        IdentifierKind::TokenHash => "the hash of the token",
        IdentifierKind::Profile => "the profile",
    }
}
