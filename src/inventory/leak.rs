//! Whose a leaked secret is: from the identifiers beside it to the items that have them.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::FixedState;

use crate::model::{Identifier, IdentifierKind};

use super::{Inventory, Item, Referred};

/// The item that a leaked secret opens.
#[derive(Debug, Clone, Copy)]
pub struct Owned<'i> {
    /// The item.
    pub item: Item<'i>,
    /// By which of the secret's identifiers it was found.
    pub by: usize,
    /// Whether the identifier is that of one credential, and not only a sign-in name that stands
    /// near by.
    pub certain: bool,
}

/// The items of an inventory by what identifies them.
#[derive(Debug)]
pub struct Owners<'i> {
    by_value: HashMap<String, Vec<(IdentifierKind, Item<'i>)>, FixedState>,
}

/// A client secret belongs to an application, whose public id stands in source.
const SECRET_OF: (&str, &str) = (APP, "client_secret");

/// The relation of a secret to its application.
pub(super) const APP: &str = "app";

impl<'i> Owners<'i> {
    /// Takes every identifier of an inventory.
    #[must_use]
    pub fn of(inventory: &'i Inventory) -> Self {
        let mut by_value: HashMap<String, Vec<(IdentifierKind, Item<'i>)>, FixedState> =
            HashMap::default();
        for item in inventory.items() {
            for (kind, value) in item.identifiers() {
                by_value
                    .entry(kind.spelt(value))
                    .or_default()
                    .push((kind, item));
            }
        }
        Self { by_value }
    }

    /// The item of the surest of some identifiers, if there is just one.
    #[must_use]
    pub fn find(&self, identifiers: &[Identifier]) -> Option<Owned<'i>> {
        let certain = |kind| kind != IdentifierKind::Username && kind != IdentifierKind::Issuer;
        let mut order: Vec<usize> = (0..identifiers.len()).collect();
        order.sort_by_key(|at| !identifiers.get(*at).is_some_and(|i| certain(i.kind)));
        order.into_iter().find_map(|by| {
            let identifier = identifiers.get(by)?;
            let item = self.only(identifier)?;
            Some(Owned {
                item: secret_of(item),
                by,
                certain: certain(identifier.kind),
            })
        })
    }

    /// The platforms of which the inventory lists identifiers that no other platform has.
    #[must_use]
    pub fn of_one_platform(
        &self,
        platform: impl Fn(&Identifier) -> Option<&'static str>,
    ) -> BTreeSet<&'static str> {
        // An id may be the key id: what counts is its form.
        let kinds = [IdentifierKind::KeyId, IdentifierKind::ClientId];
        let of = |value: &String| {
            kinds.map(|kind| {
                let value = value.clone();
                platform(&Identifier { kind, value })
            })
        };
        self.by_value.keys().flat_map(of).flatten().collect()
    }

    fn only(&self, identifier: &Identifier) -> Option<Item<'i>> {
        let named = self
            .by_value
            .get(&identifier.kind.spelt(&identifier.value))?;
        // Platforms use the public id of a key as its id.
        let same = |kind: IdentifierKind| kind == identifier.kind || kind == IdentifierKind::Id;
        let mut found = named.iter().filter(|(kind, _)| same(*kind));
        let (_, first) = found.next()?;
        found
            .all(|(_, other)| other.id() == first.id())
            .then_some(*first)
    }
}

/// The one secret of an application; the item itself where there is none, or several.
fn secret_of(item: Item<'_>) -> Item<'_> {
    let (relation, kind) = SECRET_OF;
    let mut secrets = item
        .referrers()
        .filter(|(name, from)| *name == relation && from.kind() == kind)
        .map(|(_, from)| from);
    match (secrets.next(), secrets.next()) {
        (Some(only), None) => only,
        _ => item,
    }
}

/// The account that a key or token belongs to.
#[must_use]
pub fn account_of(item: Item<'_>) -> Option<&str> {
    item.links().find_map(|(name, to)| match (name, to) {
        ("user", Referred::Item(user)) => Some(user.name()),
        ("user", Referred::Name(_, name)) => Some(name),
        _ => None,
    })
}
