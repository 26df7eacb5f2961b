//! The inventory in the words of each output format. Decides nothing but the order: the oldest
//! value first, then what nobody can say the age of.

mod csv;
mod json;
mod table;

use std::cmp::Reverse;
use std::io::{self, Write};

use crate::inventory::{Inventory, Item, Mentioned, Mentions};
use crate::model::{Grade, Instant, Problem};

pub use json::SCHEMA as INVENTORY_SCHEMA;

/// An inventory, for a report.
#[derive(Debug)]
pub struct Items<'i> {
    /// The items.
    pub inventory: &'i Inventory,
    /// Where source speaks of the items, if that was asked.
    pub mentions: Option<&'i Mentions>,
    /// The audit date.
    pub as_of: Instant,
    /// What could not be read, sorted.
    pub problems: &'i [Problem],
    /// Columns of text.
    pub width: usize,
}

/// One output format of the inventory.
#[derive(Debug)]
pub struct InventoryFormat {
    /// The word after `--format`.
    pub name: &'static str,
    /// Writes the whole inventory. The bytes depend on nothing but the argument.
    pub write: fn(&Items<'_>, &mut dyn Write) -> io::Result<()>,
}

/// Every output format of the inventory; the first is the default.
pub static INVENTORY_FORMATS: &[InventoryFormat] = &[
    InventoryFormat {
        name: "table",
        write: table::write,
    },
    InventoryFormat {
        name: "csv",
        write: csv::write,
    },
    InventoryFormat {
        name: "json",
        write: json::write,
    },
];

impl<'i> Items<'i> {
    /// The items of the audit date: the oldest value first, then those of unknown age, then by id.
    #[must_use]
    pub fn sorted(&self) -> Vec<Item<'i>> {
        let items = self
            .inventory
            .items()
            .filter(|item| !item.is_later(self.as_of));
        let mut keyed: Vec<_> = items
            .map(|item| {
                let age = self.age(&item).map(|(days, _)| days);
                let key = (Reverse(item.rotates()), age.is_none(), Reverse(age));
                (key, item)
            })
            .collect();
        keyed.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.cmp_by_id(other)));
        keyed.into_iter().map(|(_, item)| item).collect()
    }

    /// The age of an item's present value in whole days, and how well it is proven.
    fn age(&self, item: &Item<'_>) -> Option<(i64, Grade)> {
        let since = item.since()?;
        Some((self.as_of.days_since(since.value), since.grade))
    }

    /// Where source speaks of an item; None if nobody asked.
    fn mentioned(&self, item: &Item<'_>) -> Option<&'i Mentioned> {
        self.mentions.map(|mentions| mentions.of(item))
    }

    /// How well the age of an item is proven.
    fn grade(&self, item: &Item<'_>) -> Grade {
        self.age(item).map_or(Grade::Absent, |(_, grade)| grade)
    }
}
