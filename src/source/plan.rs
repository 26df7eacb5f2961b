//! What to ask the reader for in one file, and the records that its rows then give.

use std::fmt;
use std::sync::Arc;

use super::cells::{Cells, ColumnIx, NOT_WANTED};
use super::{RecordMap, Source};
use crate::model::{
    FieldId, Fields, Instant, Missing, Org, RecordTypeId, Region, ScanPath, Schema, Value, When,
};
use crate::read::{ColumnPath, Row};

/// For one file: its source, the columns that are wanted of it, and where each field finds them.
#[derive(Debug)]
pub struct Plan {
    source: Arc<Source>,
    path: ScanPath,
    columns: Vec<ColumnPath>,
    /// By column of the source: its place in the row.
    slots: Vec<u16>,
    /// Which of the source's record maps are wanted.
    wanted: Vec<u16>,
    /// Of which org its records are.
    whose: Whose,
}

/// Of which org the records of a file are.
#[derive(Debug, Clone)]
pub enum Whose {
    /// All of the same.
    All(Org),
    /// Of the one that their row names.
    Rows(OrgColumn),
}

/// Where a row names the org that it is of.
#[derive(Debug, Clone)]
pub struct OrgColumn {
    /// The type of record that names it.
    pub ty: RecordTypeId,
    /// The field that holds its name.
    pub field: FieldId,
    /// The names of all orgs of the platform, sorted.
    pub names: Arc<[Box<str>]>,
}

impl Plan {
    /// Plans the reading of a file. Record types of which no field is wanted are left out; other
    /// fields than the wanted ones read as [`Missing::Absent`].
    #[must_use]
    pub fn new(
        source: &Arc<Source>,
        schema: &Schema,
        path: &ScanPath,
        wanted: &dyn Fn(RecordTypeId, FieldId) -> bool,
    ) -> Self {
        let mut plan = Self {
            source: Arc::clone(source),
            path: path.clone(),
            columns: Vec::new(),
            slots: vec![NOT_WANTED; source.columns.len()],
            wanted: Vec::new(),
            whose: Whose::All(Org::Sole),
        };
        for (number, record) in (0_u16..).zip(&source.records) {
            let fields = (0..schema.record(record.ty).fields.len())
                .filter_map(|index| u16::try_from(index).ok().map(FieldId));
            let mut any = false;
            for field in fields.filter(|field| wanted(record.ty, *field)) {
                any = true;
                if let Some(mapping) = record.mapping(field) {
                    mapping.visit(&mut |column| plan.want(column));
                }
            }
            if any {
                plan.wanted.push(number);
                for test in &record.keep {
                    test.visit(&mut |column| plan.want(column));
                }
            }
        }
        plan
    }

    /// The same, with records that are of some org.
    #[must_use]
    pub fn of(mut self, whose: Whose) -> Self {
        if let Whose::Rows(column) = &whose {
            let source = Arc::clone(&self.source);
            for record in source.records.iter().filter(|map| map.ty == column.ty) {
                if let Some(mapping) = record.mapping(column.field) {
                    mapping.visit(&mut |column| self.want(column));
                }
                for test in &record.keep {
                    test.visit(&mut |column| self.want(column));
                }
            }
        }
        self.whose = whose;
        self
    }

    fn want(&mut self, column: ColumnIx) {
        let index = usize::from(column.0);
        let (Some(slot), Some(path)) = (self.slots.get_mut(index), self.source.columns.get(index))
        else {
            return;
        };
        if *slot == NOT_WANTED {
            *slot = u16::try_from(self.columns.len()).unwrap_or(NOT_WANTED);
            self.columns.push(path.clone());
        }
    }

    /// The file's source.
    #[must_use]
    pub const fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The file.
    #[must_use]
    pub const fn path(&self) -> &ScanPath {
        &self.path
    }

    /// What to ask the reader for: rows must hold these cells in this order.
    #[must_use]
    pub fn columns(&self) -> &[ColumnPath] {
        &self.columns
    }

    /// The list within each row whose elements are the rows that count.
    #[must_use]
    pub fn each(&self) -> Option<&ColumnPath> {
        self.source.each()
    }

    /// The types of the records that this file can give and that are wanted.
    #[must_use]
    pub fn record_types(&self) -> Vec<RecordTypeId> {
        let mut types: Vec<_> = self.maps().map(|map| map.ty).collect();
        types.sort_unstable();
        types.dedup();
        types
    }

    /// The vendor's name of the column behind a field of a record type.
    #[must_use]
    pub fn column_name(&self, ty: RecordTypeId, field: FieldId) -> Option<&str> {
        self.maps()
            .filter(|map| map.ty == ty)
            .find_map(|map| map.mapping(field))
            .map(|mapping| &*mapping.name)
    }

    /// The value of a field that every record of a type has in this file; none if rows differ, or
    /// if it takes a look at a column to know.
    #[must_use]
    pub fn common(&self, ty: RecordTypeId, field: FieldId) -> Option<Value<'_>> {
        let mut values =
            self.maps()
                .filter(|map| map.ty == ty)
                .map(|map| match map.mapping(field) {
                    None => Some(Value::Missing(Missing::Absent)),
                    Some(mapping) => mapping.constant(),
                });
        let first = values.next()??;
        values
            .all(|other| other.as_ref() == Some(&first))
            .then_some(first)
    }

    /// Gives the records of a row to a taker.
    pub fn records<'r>(&'r self, row: &'r Row<'r>, sink: &mut dyn FnMut(&Record<'r>)) {
        let cells = Cells {
            row,
            slots: &self.slots,
            path: &self.path,
        };
        let org = match &self.whose {
            Whose::All(org) => *org,
            Whose::Rows(column) => column.org(&self.source, &cells),
        };
        for (number, map) in self.numbered() {
            if map.keep.iter().all(|test| test.holds(&cells)) {
                sink(&Record {
                    map,
                    number,
                    org,
                    cells,
                    names: None,
                });
            }
        }
    }

    fn maps(&self) -> impl Iterator<Item = &RecordMap> {
        self.numbered().map(|(_, map)| map)
    }

    fn numbered(&self) -> impl Iterator<Item = (u16, &RecordMap)> {
        let map = |number: u16| self.source.records.get(usize::from(number));
        let numbers = self.wanted.iter();
        numbers.filter_map(move |number| Some((*number, map(*number)?)))
    }
}

impl OrgColumn {
    /// The org that a row names.
    fn org(&self, source: &Source, cells: &Cells<'_>) -> Org {
        let maps = source.records.iter().filter(|map| map.ty == self.ty);
        let mut named = maps
            .filter(|map| map.keep.iter().all(|test| test.holds(cells)))
            .filter_map(|map| map.mapping(self.field));
        let place = named.find_map(|mapping| match mapping.value(cells) {
            Value::Text(name) => self.names.binary_search_by(|of| (**of).cmp(&*name)).ok(),
            _ => None,
        });
        let number = place.and_then(|place| u16::try_from(place).ok());
        number.map_or(Org::Open, Org::Of)
    }
}

/// One typed record: a view of a row. Fields are typed when they are asked for.
#[derive(Clone, Copy)]
pub struct Record<'r> {
    map: &'r RecordMap,
    number: u16,
    org: Org,
    cells: Cells<'r>,
    /// Names that another export has for what this one is about.
    names: Option<&'r Names>,
}

/// Texts that stand in the place of a record's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names(pub Vec<(FieldId, String)>);

impl Names {
    fn get(&self, field: FieldId) -> Option<&str> {
        let of_field = self.0.iter().find(|(id, _)| *id == field);
        of_field.map(|(_, text)| text.as_str())
    }
}

impl<'r> Record<'r> {
    /// The same record under other names.
    #[must_use]
    pub const fn named<'n>(&self, names: &'n Names) -> Record<'n>
    where
        'r: 'n,
    {
        Record {
            names: Some(names),
            ..*self
        }
    }

    /// Its type.
    #[must_use]
    pub const fn ty(&self) -> RecordTypeId {
        self.map.ty
    }

    /// Which of its source's mappings it comes from. Equal cells mean the same only under one.
    #[must_use]
    pub const fn mapping_number(&self) -> u16 {
        self.number
    }

    /// The value of a field that is a point in time, as [`Record::get`] gives it; none if the source
    /// does not fill it, or not from one column that holds a time.
    #[inline]
    #[must_use]
    pub fn time(&self, field: FieldId) -> Option<Result<When, Missing>> {
        self.map.mapping(field)?.time(&self.cells)
    }

    /// The point in time that a field holds, if it holds one.
    #[inline]
    #[must_use]
    pub fn instant(&self, field: FieldId) -> Option<Instant> {
        match self.time(field) {
            Some(Ok(When::Known(at))) => Some(at),
            Some(_) => None,
            None => self.get(field).instant(),
        }
    }

    /// The one cell that a field's value comes from: within one export and one mapping, equal cells
    /// mean equal values. None if the source does not fill the field, or from several cells or texts.
    #[inline]
    #[must_use]
    pub fn sole(&self, field: FieldId) -> Option<Result<&'r [u8], Missing>> {
        if self.names.is_some_and(|names| names.get(field).is_some()) {
            return None;
        }
        self.map.mapping(field)?.sole(&self.cells)
    }

    /// The value of a field. One that the source does not fill, or that the plan does not want,
    /// is [`Missing::Absent`].
    #[must_use]
    pub fn get(&self, field: FieldId) -> Value<'r> {
        if let Some(text) = self.names.and_then(|names| names.get(field)) {
            return Value::Text(text.into());
        }
        match self.map.mapping(field) {
            Some(mapping) => mapping.value(&self.cells),
            None => Value::Missing(Missing::Absent),
        }
    }

    /// The vendor's name of the column behind a field; none where the source does not fill it.
    #[must_use]
    pub fn column_name(&self, field: FieldId) -> Option<&'r str> {
        self.map.mapping(field).map(|mapping| &*mapping.name)
    }

    /// Whether a time that could not be read is written for a person's eye: in the zone and in the
    /// order of day and month of whoever made the export.
    #[must_use]
    pub fn is_local_time(&self, field: FieldId) -> bool {
        let mapping = self.map.mapping(field);
        mapping.is_some_and(|mapping| mapping.is_local_time(&self.cells))
    }

    /// Whether a field should be a time, and its cell is of no form that is one.
    #[must_use]
    pub fn is_unread_time(&self, field: FieldId) -> bool {
        let mapping = self.map.mapping(field);
        mapping.is_some_and(|mapping| mapping.is_unread_time(&self.cells))
    }

    /// The stretch of the file that its row covers. Not free: for hits.
    #[must_use]
    pub fn region(&self) -> Region {
        self.cells.row.region()
    }

    /// The line on which its row starts, counted from 1.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.cells.row.line
    }
}

impl fmt::Debug for Record<'_> {
    /// Shows no cell: exports hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("ty", &self.map.ty)
            .field("line", &self.cells.row.line)
            .finish_non_exhaustive()
    }
}

impl RecordMap {
    #[inline]
    fn mapping(&self, field: FieldId) -> Option<&super::Mapping> {
        self.fields.get(usize::from(field.0))?.as_ref()
    }
}

impl Fields for Record<'_> {
    fn get(&self, field: FieldId) -> Value<'_> {
        Record::get(self, field)
    }

    fn org(&self) -> Org {
        self.org
    }
}
