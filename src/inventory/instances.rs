//! Things of several instances of a platform that no export tells apart: a token of one server of GitLab
//! and one of another are both number 4, and a secret of two clusters has one name. What has one id and was
//! made at two times is two things.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Instant, When};

use super::fact::{Fact, Held};
use super::gather::{Gathered, Home};
use super::recipe::{KindId, Recipes, Role};
use super::strings::Str;

/// By the key of a thing: when things that go by it were made.
type Made = BTreeMap<(KindId, Home, Str), BTreeSet<Instant>>;

/// Gives each of several things with one key a key of its own: with the time at which it was made.
pub(super) fn tell_apart(gathered: &mut Gathered, recipes: &Recipes) {
    let mut things = Vec::new();
    let mut made = Made::new();
    for index in 0..gathered.said.len() {
        if let Some((thing, place, at)) = thing(gathered, recipes, index) {
            made.entry(thing).or_default().insert(at);
            things.push((thing, place, at));
        }
    }
    for (thing, place, at) in things {
        if made.get(&thing).is_none_or(|times| times.len() < 2) {
            continue;
        }
        let key = format!("{} of {at}", gathered.strings.text(thing.2));
        let key = gathered.strings.put(&key);
        if let Some(named) = gathered.named.get_mut(place) {
            named.value = key;
        }
    }
}

/// The key of what a record is, where an id is unique within an instance only, the place of that
/// identifier, and when it was made.
fn thing(
    gathered: &Gathered,
    recipes: &Recipes,
    index: usize,
) -> Option<((KindId, Home, Str), usize, Instant)> {
    let said = gathered.said.get(index)?;
    let recipe = recipes.get(said.recipe)?;
    let (Role::Is, Some(kind)) = (recipe.role, recipe.kind) else {
        return None;
    };
    let declared = recipes.of_kind(kind)?;
    let platform = gathered.strings.text(said.home.platform?);
    if !declared.local.iter().any(|local| local == platform) {
        return None;
    }
    let parts = gathered.parts(index)?;
    let surest = declared.keys.first()?;
    let at = parts.named.iter().position(|named| named.kind == *surest)?;
    let value = parts.named.get(at)?.value;
    let place = said.named_end as usize - parts.named.len() + at;
    let mut claims = parts.claims.iter();
    let made = claims.find_map(|claim| match (claim.fact(), claim.held()) {
        (Fact::Created, Held::Time(When::Known(at))) => Some(at),
        _ => None,
    })?;
    Some(((kind, said.home, value), place, made))
}
