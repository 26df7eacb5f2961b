//! Copies of an org. A sandbox of Salesforce has the ids of the org that it was made of, and each name
//! by which its users sign in ends in one more word: that tells the exports of both apart where neither
//! names its org.

use std::collections::BTreeMap;
use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;
use rayon::prelude::*;

use crate::model::{FieldId, RecordTypeId, Value};

use super::content::Content;
use super::org::{Export, peek};

/// The record type whose sign-in names a copy changes, its id, and the name.
const USER: (&str, &str, &str) = ("user", "id", "username");

/// So many users of an export are held against those of others: of every export those whose ids have
/// the least hashes, so that two exports of the same users keep the same ones.
const KEPT: usize = 4_096;

/// Sign-in names by the hash of the id.
type Users = BTreeMap<u64, Box<str>>;

/// That an export is of a copy of the org of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Copied {
    /// The export of the copy.
    pub(super) copy: usize,
    /// That of the org.
    pub(super) of: usize,
    /// What the names of the copy end in, with a dot before it.
    pub(super) ending: Box<str>,
}

/// The exports among these, all of one platform, that are of a copy, each with the first one that it
/// is a copy of.
pub(super) fn copies(content: &Content, exports: &[(usize, &Export)]) -> Vec<Copied> {
    let Some(fields) = fields(content) else {
        return Vec::new();
    };
    let tells = |export: &Export| {
        let source = content.sources.get(export.found.source);
        source.record_types().contains(&fields.0)
    };
    let of_users: Vec<_> = exports.iter().filter(|(_, e)| tells(e)).collect();
    if of_users.len() < 2 {
        return Vec::new();
    }
    let seen: Vec<(usize, Users)> = of_users
        .par_iter()
        .map(|(at, export)| (*at, users(content, export, fields)))
        .collect();
    let found = seen.iter().filter_map(|(copy, theirs)| {
        seen.iter().find_map(|(of, own)| {
            let ending = ending(own, theirs)?.into();
            Some(Copied {
                copy: *copy,
                of: *of,
                ending,
            })
        })
    });
    found.collect()
}

fn fields(content: &Content) -> Option<(RecordTypeId, FieldId, FieldId)> {
    let (ty, record) = content.schema.find(USER.0)?;
    Some((ty, record.field(USER.1)?.0, record.field(USER.2)?.0))
}

fn users(
    content: &Content,
    export: &Export,
    (ty, id, name): (RecordTypeId, FieldId, FieldId),
) -> Users {
    let mut users = Users::new();
    peek(content, export, (ty, &[id, name]), &mut |record| {
        if let (Value::Text(id), Value::Text(name)) = (record.get(id), record.get(name)) {
            let hash = FixedState::default().hash_one(&id);
            let full = users.len() >= KEPT;
            if !full || users.last_key_value().is_some_and(|(last, _)| hash < *last) {
                users.insert(hash, name.to_lowercase().into());
                if users.len() > KEPT {
                    users.pop_last();
                }
            }
        }
    });
    users
}

/// What most users that both have are called by in the copy beyond their own names, if that is one
/// ending.
fn ending<'c>(own: &Users, copy: &'c Users) -> Option<&'c str> {
    let mut endings: BTreeMap<&str, usize> = BTreeMap::new();
    let mut shared = 0;
    for (id, name) in own {
        let Some(theirs) = copy.get(id) else {
            continue;
        };
        shared += 1;
        let more = theirs.strip_prefix(&**name).filter(|_| name.contains('@'));
        if let Some(more) = more.filter(|more| more.starts_with('.')) {
            *endings.entry(more).or_default() += 1;
        }
    }
    let (ending, count) = endings.into_iter().max_by_key(|(_, count)| *count)?;
    (count * 2 > shared).then_some(ending)
}

#[cfg(test)]
mod tests {
    use super::{Users, ending};

    fn users(names: &[&str]) -> Users {
        let names = names.iter().map(|name| Box::from(*name));
        (0..).zip(names).collect()
    }

    #[test]
    fn names_that_mostly_end_in_one_more_word_are_those_of_a_copy() {
        let own = users(&["a@acme.example", "b@acme.example", "c@acme.example"]);
        let copy = [
            "a@acme.example.dev",
            "b@acme.example.dev",
            "new@acme.example",
        ];
        assert_eq!(ending(&own, &users(&copy)), Some(".dev"));
        assert_eq!(ending(&users(&copy), &own), None);
        // One who was renamed makes no copy.
        let renamed = ["a@acme.example.old", "b@acme.example", "c@acme.example"];
        assert_eq!(ending(&own, &users(&renamed)), None);
        assert_eq!(ending(&own, &own), None);
        assert_eq!(ending(&own, &Users::new()), None);
    }
}
