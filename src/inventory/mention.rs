//! By which words a source tree would speak of an item, and where it does.

use std::collections::BTreeMap;

use crate::model::{IdentifierKind, Location};

use super::leak::APP;
use super::{Inventory, Item, Referred};

/// A word with fewer characters says too little to tell an item by,
const SHORTEST: usize = 6;
/// and so does what a machine made with fewer.
const SHORTEST_MADE: usize = 10;

/// Words of the items of an inventory that would not stand in a text by chance.
#[derive(Debug)]
pub struct Names {
    words: Vec<String>,
    /// For each item, in the order of the inventory: the numbers of its words.
    of: Vec<Vec<u32>>,
}

/// Where texts speak of the items of an inventory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentions(Vec<Mentioned>);

/// Whether texts speak of an item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Mentioned {
    /// They do: how often, and where first.
    At(u64, Location),
    /// None does.
    Nowhere,
    /// The item has no name that one could tell it by.
    #[default]
    Unknown,
}

/// What the search for one word came to: how often, and where first.
pub type Places = BTreeMap<usize, (u64, Location)>;

impl Names {
    /// Takes the names and identifiers of an inventory. Words longer than so many bytes are left
    /// out.
    #[must_use]
    pub fn of(inventory: &Inventory, longest: usize) -> Self {
        let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
        let mut of: Vec<Vec<String>> = Vec::with_capacity(inventory.len());
        for item in inventory.items() {
            // Source speaks of a secret by the application that it belongs to.
            let app = item
                .links()
                .filter_map(|(relation, referred)| match referred {
                    Referred::Item(app) if relation == APP => Some(app),
                    _ => None,
                });
            let words = app
                .chain([item])
                .flat_map(names_of)
                .filter(|word| word.len() <= longest);
            let mut words: Vec<String> = words.map(str::to_lowercase).collect();
            words.sort_unstable();
            words.dedup();
            for word in &words {
                numbers.entry(word.clone()).or_insert(0);
            }
            of.push(words);
        }
        for (number, slot) in (0..).zip(numbers.values_mut()) {
            *slot = number;
        }
        let number = |word: &String| numbers.get(word).copied();
        let of = of
            .iter()
            .map(|words| words.iter().filter_map(number).collect())
            .collect();
        Self {
            words: numbers.into_keys().collect(),
            of,
        }
    }

    /// The words, each once.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// What it means for the items that words were found.
    #[must_use]
    pub fn settle(&self, places: &Places) -> Mentions {
        let of = |words: &Vec<u32>| {
            let found = words
                .iter()
                .filter_map(|word| places.get(&(*word as usize)));
            let found = found.fold(None, |all: Option<(u64, &Location)>, (count, first)| {
                Some(match all {
                    None => (*count, first),
                    Some((sum, earliest)) => (sum.saturating_add(*count), earliest.min(first)),
                })
            });
            match found {
                Some((count, first)) => Mentioned::At(count, first.clone()),
                None if words.is_empty() => Mentioned::Unknown,
                None => Mentioned::Nowhere,
            }
        };
        Mentions(self.of.iter().map(of).collect())
    }
}

impl Mentions {
    /// Whether texts speak of an item.
    #[must_use]
    pub fn of(&self, item: &Item<'_>) -> &Mentioned {
        self.0.get(item.index()).unwrap_or(&Mentioned::Unknown)
    }
}

fn names_of(item: Item<'_>) -> impl Iterator<Item = &str> {
    let identifiers = item.identifiers().filter(|identifier| speaks(*identifier));
    let name = Some(item.name()).filter(|name| is_distinct(name));
    identifiers.map(|(_, value)| value).chain(name)
}

/// Whether an identifier would stand in source for its item alone. People, and services that issue
/// or receive, stand for many items.
fn speaks((kind, value): (IdentifierKind, &str)) -> bool {
    match kind {
        // Made by a machine, if in letters only.
        IdentifierKind::Id
        | IdentifierKind::Arn
        | IdentifierKind::KeyId
        | IdentifierKind::ClientId
        | IdentifierKind::Serial
        | IdentifierKind::Thumbprint => value.len() >= SHORTEST_MADE,
        IdentifierKind::DeveloperName
        | IdentifierKind::Name
        | IdentifierKind::Username
        | IdentifierKind::Kid
        | IdentifierKind::TokenPrefix => is_distinct(value),
        IdentifierKind::Email
        | IdentifierKind::Issuer
        | IdentifierKind::LoginUrl
        | IdentifierKind::TokenHash
        | IdentifierKind::Profile => false,
    }
}

/// Whether a word would hardly stand in a text by chance: it is long enough, and no word of a
/// language.
fn is_distinct(word: &str) -> bool {
    let mut letters = word.chars().filter(|c| c.is_alphabetic());
    let capitals =
        letters.clone().skip(1).any(char::is_uppercase) && letters.any(char::is_lowercase);
    let signs = word.chars().any(|c| !c.is_alphabetic());
    word.chars().count() >= SHORTEST && (capitals || signs)
}

#[cfg(test)]
mod tests {
    use super::is_distinct;

    #[test]
    fn a_word_of_a_language_tells_no_item() {
        for (word, expected) in [
            ("Production", false),
            ("ADMIN", false),
            ("key-1", false),
            ("ERP_Sync", true),
            ("ERP Sync", true),
            ("ErpSync", true),
            ("svc-deploy", true),
            ("0123456789abcdef", true),
            ("", false),
        ] {
            assert_eq!(is_distinct(word), expected, "{word}");
        }
    }
}
