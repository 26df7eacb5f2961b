//! From what a finding is about to the item that it is. A rule names its subject by the fields of
//! its identity, an inventory its items by identifiers; where both meet in exactly one item, that is
//! the one. Where they do not, nothing is said: a guess would put a finding on a stranger.

use std::hash::{BuildHasher as _, Hasher as _};

use foldhash::fast::RandomState;

use crate::model::Subject;

use super::item::{Inventory, Item};

/// The items of an inventory by everything that identifies them, in any case.
pub struct Subjects<'i> {
    inventory: &'i Inventory,
    /// The hash of an identifier and the place of its item, sorted: an inventory may have millions, and
    /// holds their texts already.
    places: Vec<(u64, u32)>,
    hasher: RandomState,
}

impl<'i> Subjects<'i> {
    /// Looks through an inventory once.
    #[must_use]
    pub fn new(inventory: &'i Inventory) -> Self {
        let hasher = RandomState::default();
        let mut places = Vec::new();
        for (place, item) in (0..).zip(inventory.items()) {
            let values = item.identifiers();
            places.extend(values.map(|(_, value)| (hash(&hasher, value), place)));
        }
        places.sort_unstable();
        places.dedup();
        Self {
            inventory,
            places,
            hasher,
        }
    }

    /// The items that a text identifies, in their order.
    fn known(&self, text: &str) -> impl Iterator<Item = Item<'i>> {
        let wanted = hash(&self.hasher, text);
        let start = self.places.partition_point(|(hash, _)| *hash < wanted);
        let rest = self.places.get(start..).unwrap_or_default().iter();
        let alike = rest.take_while(move |(hash, _)| *hash == wanted);
        let items = alike.filter_map(|(_, place)| self.inventory.item(*place as usize));
        items.filter(|item| {
            let mut values = item.identifiers();
            values.any(|(_, value)| lower(value).eq(lower(text)))
        })
    }

    /// The item that a subject is, if exactly one can be meant.
    #[must_use]
    pub fn find(&self, subject: &Subject) -> Option<Item<'i>> {
        let own = subject
            .id
            .strip_prefix(&*subject.platform)
            .and_then(|rest| rest.strip_prefix(':'))
            .unwrap_or(&subject.id);
        let bare = own.trim_matches(':');
        let last = bare.split_once(':').map_or(bare, |(_, rest)| rest);
        [own, bare, last, &subject.name]
            .into_iter()
            .find_map(|value| self.only(subject, value))
    }

    /// The one item of the subject's platform that a text identifies: of the kind that is called
    /// as the record is, or else of any.
    fn only(&self, subject: &Subject, value: &str) -> Option<Item<'i>> {
        let known: Vec<Item<'i>> = self.known(value).collect();
        let here =
            |item: &&Item<'i>| subject.platform.is_empty() || item.platform() == &*subject.platform;
        let single = |kind: Option<&str>| {
            let mut found = known
                .iter()
                .filter(here)
                .filter(|item| kind.is_none_or(|kind| item.kind() == kind));
            let first = found.next()?;
            found.next().is_none().then_some(*first)
        };
        single(Some(&subject.kind)).or_else(|| single(None))
    }
}

fn lower(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

fn hash(hasher: &RandomState, text: &str) -> u64 {
    let mut hasher = hasher.build_hasher();
    lower(text).for_each(|c| hasher.write_u32(c.into()));
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::Subjects;
    use crate::inventory::testing::inventory;
    use crate::model::Subject;

    #[test]
    fn a_subject_is_an_item_where_exactly_one_can_be_meant() {
        let inventory = inventory(&[(
            "a.csv",
            "account: platform=p, id=1, login=Svc.A, label=two\n\
             account: platform=p, id=2, login=svc.b, label=two\n\
             account: platform=q, id=1, login=other",
        )]);
        let subjects = Subjects::new(&inventory);
        for (platform, id, name, found) in [
            ("p", "p:1", "", Some("p:account:1")),
            ("p", "p:main:svc.a", "", Some("p:account:1")),
            ("p", "p:9", "SVC.B", Some("p:account:2")),
            ("p", "p:svc.b:", "x", Some("p:account:2")),
            ("q", "q:1", "", Some("q:account:1")),
            // Two of platform p bear the label; any platform has an item 1.
            ("p", "p:9", "two", None),
            ("", "1", "", None),
            ("r", "r:1", "svc.a", None),
        ] {
            let subject = Subject {
                platform: platform.into(),
                kind: "account".into(),
                id: id.to_owned(),
                name: name.to_owned(),
            };
            let item = subjects.find(&subject).map(|item| item.id());
            assert_eq!(item.as_deref(), found, "{id} {name}");
        }
    }
}
