//! From what a finding is about to the item that it is. A rule names its subject by the fields of
//! its identity, an inventory its items by identifiers; where both meet in exactly one item, that is
//! the one. Where they do not, nothing is said: a guess would put a finding on a stranger.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::model::Subject;

use super::item::{Inventory, Item};

/// The items of an inventory by everything that identifies them.
pub struct Subjects<'i> {
    /// By identifier in lower case.
    items: HashMap<String, Vec<Item<'i>>, RandomState>,
}

impl<'i> Subjects<'i> {
    /// Looks through an inventory once.
    #[must_use]
    pub fn new(inventory: &'i Inventory) -> Self {
        let mut items: HashMap<String, Vec<Item<'i>>, RandomState> = HashMap::default();
        for item in inventory.items() {
            let mut values: Vec<String> = item
                .identifiers()
                .map(|(_, value)| value.to_lowercase())
                .collect();
            values.sort_unstable();
            values.dedup();
            for value in values {
                items.entry(value).or_default().push(item);
            }
        }
        Self { items }
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
        let known = self.items.get(&value.to_lowercase())?;
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
