//! What a runbook is filled with: an item, a made-up one of a test, or nothing.

use std::collections::BTreeMap;

use crate::inventory::fact::{Fact, FactType};
use crate::inventory::item::{Item, Known, Referred};
use crate::model::{Grade, Instant, When};

use super::place::Place;

/// What fills the places of a runbook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// The kind of item, such as `client_secret`.
    pub kind: String,
    /// Where it lives.
    pub platform: String,
    /// How many of it can work at a time.
    pub slots: Slots,
    values: BTreeMap<Place, Told>,
}

/// How many values of a credential can work at a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Slots {
    /// One: the old one ends where the new one begins.
    One,
    /// Two: there is a time in which both work.
    Two,
    /// Nobody said.
    #[default]
    Unknown,
}

/// What is known for a place. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The values, in the order of reports.
    pub texts: Vec<String>,
    /// How well it is proven; None for what needs no proof.
    pub grade: Option<Grade>,
}

impl Slots {
    /// The words for them.
    pub const WORDS: &'static [&'static str] = &["one", "two", "unknown"];
}

impl std::str::FromStr for Slots {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "one" => Ok(Self::One),
            "two" => Ok(Self::Two),
            "unknown" => Ok(Self::Unknown),
            other => Err(format!(
                "`{other}` is not one of {}",
                Self::WORDS.join(", ")
            )),
        }
    }
}

impl Subject {
    /// What an item says as of a day.
    #[must_use]
    pub fn of(item: &Item<'_>, as_of: Instant) -> Self {
        let mut subject = Self {
            kind: item.kind().to_owned(),
            platform: item.platform().to_owned(),
            slots: slots(item),
            values: BTreeMap::new(),
        };
        subject.tell(Place::Id, [item.id()], None);
        subject.tell(Place::Name, [item.name().to_owned()], None);
        subject.tell(Place::Kind, [item.kind_title().to_owned()], None);
        subject.tell(Place::Platform, [item.platform().to_owned()], None);
        subject.tell(Place::Alternate, [alternate(item.name())], None);
        subject.tell(
            Place::Fact(Fact::State),
            [item.state(as_of).word().to_owned()],
            None,
        );
        if let Some(since) = item.since() {
            let days = as_of.days_since(since.value);
            let days = format!("{days} {}", if days == 1 { "day" } else { "days" });
            subject.tell(Place::Age, [days], Some(since.grade));
        }
        for fact in Fact::ALL {
            subject.fact(*fact, item);
        }
        for (kind, value) in item.identifiers() {
            subject.tell(Place::Identifier(kind), [value.to_owned()], None);
        }
        for (relation, referred) in item.links() {
            let place = match relation {
                "user" => Place::User,
                "app" => Place::App,
                _ => continue,
            };
            let name = match referred {
                Referred::Item(item) => item.name(),
                Referred::Name(_, name) => name,
            };
            subject.tell(place, [name.to_owned()], None);
        }
        subject
    }

    fn fact(&mut self, fact: Fact, item: &Item<'_>) {
        let place = Place::Fact(fact);
        match fact.ty() {
            _ if matches!(fact, Fact::Name | Fact::State) => {}
            FactType::Texts => {
                let texts = match fact {
                    Fact::Consumers => item.consumers(),
                    _ => item.texts(fact),
                };
                self.tell(place, texts.into_iter().map(str::to_owned), None);
            }
            FactType::Text => {
                if let Some(Known { value, grade }) = item.text(fact) {
                    self.tell(place, [value.to_owned()], Some(grade));
                }
            }
            FactType::Int => {
                if let Some(Known { value, grade }) = item.int(fact) {
                    self.tell(place, [value.to_string()], Some(grade));
                }
            }
            FactType::Time => {
                let known = match fact {
                    Fact::NextRotation => item.next_rotation(),
                    _ => item.time(fact),
                };
                if let Some(Known { value, grade }) = known {
                    let text = match value {
                        When::Known(at) => at.date(),
                        When::Never => "never".to_owned(),
                    };
                    self.tell(place, [text], Some(grade));
                }
            }
        }
    }

    /// Says what is known for a place. The first word counts; of nothing nothing is known.
    pub(super) fn tell(
        &mut self,
        place: Place,
        texts: impl IntoIterator<Item = String>,
        grade: Option<Grade>,
    ) {
        let texts: Vec<String> = texts.into_iter().filter(|t| !t.trim().is_empty()).collect();
        if !texts.is_empty() {
            self.values.entry(place).or_insert(Told { texts, grade });
        }
    }

    /// What is known for a place.
    #[must_use]
    pub fn told(&self, place: Place) -> Option<&Told> {
        self.values.get(&place)
    }

    /// Whether anything is known for a place.
    #[must_use]
    pub fn knows(&self, place: Place) -> bool {
        self.values.contains_key(&place)
    }

    /// Its class, if it has one.
    #[must_use]
    pub fn class(&self) -> Option<&str> {
        self.told(Place::Fact(Fact::Class))?
            .texts
            .first()
            .map(String::as_str)
    }
}

/// What the team's register says of it.
fn slots(item: &Item<'_>) -> Slots {
    let count = item.int(Fact::Slots).map(|known| known.value);
    let overlap = item.text(Fact::Overlap).map(|known| known.value);
    match (count, overlap) {
        (Some(..=1), _) | (None, Some("no")) => Slots::One,
        (Some(_), _) | (None, Some(_)) => Slots::Two,
        (None, None) => Slots::Unknown,
    }
}

/// The name of the twin of a name.
pub(super) fn alternate(name: &str) -> String {
    match name.strip_suffix("_a").map(|stem| (stem, 'b')) {
        Some((stem, letter)) => format!("{stem}_{letter}"),
        None => format!("{}_a", name.strip_suffix("_b").unwrap_or(name)),
    }
}
