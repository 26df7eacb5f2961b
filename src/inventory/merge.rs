//! From what records say to items: which records tell of the same one, and what refers to what.
//! The outcome does not depend on the order of the exports.

use std::collections::HashMap;

use crate::model::Org;

use super::fact::{Claim, Named};
use super::gather::{Gathered, Home, Reference, Said, number_of};
use super::instances;
use super::item::{Inventory, Link, Stored, Target};
use super::recipe::{Kind, KindId, Recipes, Role};
use super::strings::Str;

/// An item while records are being put together.
#[derive(Debug)]
struct Draft {
    kind: KindId,
    home: Home,
    /// How sure its key is: its place among the kind's keys.
    rank: usize,
    key: Str,
    /// The drafts that turned out to be the same one point at it.
    same_as: Option<u32>,
}

/// One thing that was said, and its parts.
#[derive(Clone, Copy)]
pub(super) struct Parts<'g> {
    said: Said,
    pub(super) named: &'g [Named],
    pub(super) claims: &'g [Claim],
    links: &'g [Reference],
}

/// By which identifier which draft is found.
type Found = (KindId, Home, Named, u32);

/// Where to look for something.
#[derive(Debug, Clone, Copy)]
enum Reach {
    /// In one home.
    Home(Home),
    /// In every org of a platform; without one, on every platform.
    Platform(Option<Str>),
}

struct Merge<'a> {
    recipes: &'a Recipes,
    gathered: &'a Gathered,
    drafts: Vec<Draft>,
    /// By thing said: the draft that it is about.
    of: Vec<Option<u32>>,
    /// What is about several drafts: each with the thing said.
    more: Vec<(u32, u32)>,
    found: Vec<Found>,
    /// Whether exports of one platform are of several orgs.
    parted: bool,
}

/// Makes the inventory.
pub(super) fn merge(mut gathered: Gathered, recipes: Recipes) -> Inventory {
    let spare = gathered.strings.put("credential");
    gathered.unknown_org = Some(gathered.strings.put("?"));
    instances::tell_apart(&mut gathered, &recipes);
    let (stored, claims, named, links) = {
        let mut merge = Merge {
            recipes: &recipes,
            gathered: &gathered,
            drafts: Vec::new(),
            of: Vec::new(),
            more: Vec::new(),
            found: Vec::new(),
            parted: gathered.said.iter().any(|said| said.home.org != Org::Sole),
        };
        merge.of = vec![None; gathered.said.len()];
        merge.group();
        merge.index();
        merge.fold();
        merge.attach(spare);
        merge.items()
    };
    let Gathered {
        mut strings,
        files,
        ages,
        ..
    } = gathered;
    strings.shrink();
    let said = (claims, named, links);
    Inventory::new(recipes, (strings, files, ages), stored, said)
}

impl Gathered {
    /// What was said at this place of the list.
    pub(super) fn parts(&self, index: usize) -> Option<Parts<'_>> {
        let said = *self.said.get(index)?;
        let before = index
            .checked_sub(1)
            .and_then(|before| self.said.get(before));
        let part = |end: fn(&Said) -> u32| before.map_or(0, end) as usize..end(&said) as usize;
        Some(Parts {
            said,
            named: self.named.get(part(|s| s.named_end)).unwrap_or_default(),
            claims: self.claims.get(part(|s| s.claims_end)).unwrap_or_default(),
            links: self.links.get(part(|s| s.links_end)).unwrap_or_default(),
        })
    }

    /// What is about the item at a place, which comes first of what was said, by the place of the item
    /// that it is about; the rest is about those behind it.
    fn at<'s>(
        &'s self,
        place: u32,
        rest: &mut &'s [(u32, u32)],
    ) -> impl Iterator<Item = Parts<'s>> + use<'s> {
        let mine = rest.iter().take_while(|(other, _)| *other == place);
        let (mine, behind) = rest.split_at(mine.count());
        *rest = behind;
        mine.iter()
            .filter_map(|(_, index)| self.parts(*index as usize))
    }

    fn all_parts(&self) -> impl Iterator<Item = Parts<'_>> {
        (0..self.said.len()).filter_map(|index| self.parts(index))
    }
}

impl<'a> Merge<'a> {
    fn kind(&self, id: KindId) -> Option<&Kind> {
        self.recipes.of_kind(id)
    }

    fn role(&self, parts: &Parts<'_>) -> Option<(Role, Option<KindId>)> {
        let recipe = self.recipes.get(parts.said.recipe)?;
        Some((recipe.role, recipe.kind))
    }

    /// Where what a record speaks of may live. The team's own word knows of no org.
    const fn reach(&self, home: Home) -> Reach {
        match home.platform {
            Some(_) if !self.parted || !matches!(home.org, Org::Sole) => Reach::Home(home),
            platform => Reach::Platform(platform),
        }
    }

    /// Records that are items and have the same surest key are the same item.
    fn group(&mut self) {
        let mut keyed: Vec<(KindId, Home, usize, Str, u32)> = Vec::new();
        for (index, parts) in (0..).zip(self.gathered.all_parts()) {
            let Some((Role::Is, Some(kind))) = self.role(&parts) else {
                continue;
            };
            let keys = self.kind(kind).map_or(&[][..], |kind| &kind.keys);
            let named = parts.named;
            let surest = (0..).zip(keys).find_map(|(rank, key)| {
                let same = named.iter().find(|n| n.kind == *key)?;
                Some((rank, same.value))
            });
            if let Some((rank, key)) = surest {
                keyed.push((kind, parts.said.home, rank, key, index));
            }
        }
        keyed.sort_unstable();
        for (kind, home, rank, key, index) in keyed {
            let same = self.drafts.last().is_some_and(|last| {
                (last.kind, last.home, last.rank, last.key) == (kind, home, rank, key)
            });
            if !same {
                self.drafts.push(Draft {
                    kind,
                    home,
                    rank,
                    key,
                    same_as: None,
                });
            }
            if let Some(of) = self.of.get_mut(index as usize) {
                *of = Some(number_of(self.drafts.len() - 1));
            }
        }
    }

    /// Every identifier of every draft.
    fn index(&mut self) {
        let mut found = Vec::with_capacity(self.gathered.named.len());
        for (parts, of) in self.gathered.all_parts().zip(&self.of) {
            let Some(draft) = of.and_then(|of| Some((of, self.drafts.get(of as usize)?))) else {
                continue;
            };
            let (of, draft) = draft;
            let each = parts.named.iter();
            found.extend(each.map(|named| (draft.kind, draft.home, *named, of)));
        }
        found.sort_unstable();
        found.dedup();
        self.found = found;
    }

    /// The drafts of a kind that have an identifier, after folding, perhaps more than once.
    fn each(&self, kind: KindId, reach: Reach, named: Named) -> impl Iterator<Item = u32> {
        let (home, homes) = match reach {
            Reach::Home(home) => (Some(home), Vec::new()),
            Reach::Platform(platform) => (None, self.homes(kind, platform)),
        };
        home.into_iter().chain(homes).flat_map(move |home| {
            let wanted = (kind, home, named);
            let start = self
                .found
                .partition_point(|(k, h, n, _)| (*k, *h, *n) < wanted);
            let rest = self.found.get(start..).unwrap_or_default().iter();
            let mine = rest.take_while(move |(k, h, n, _)| (*k, *h, *n) == wanted);
            mine.map(|(.., draft)| self.root(*draft))
        })
    }

    /// The only one of them.
    fn single(&self, kind: KindId, reach: Reach, named: Named) -> Option<u32> {
        let mut each = self.each(kind, reach, named);
        let first = each.next()?;
        each.all(|other| other == first).then_some(first)
    }

    /// The homes on a platform, or on any, that have items of a kind.
    fn homes(&self, kind: KindId, platform: Option<Str>) -> Vec<Home> {
        let mut homes = Vec::new();
        let mut at = self.found.partition_point(|(k, ..)| *k < kind);
        while let Some((k, home, ..)) = self.found.get(at)
            && *k == kind
        {
            if home.platform.is_some() && (platform.is_none() || home.platform == platform) {
                homes.push(*home);
            }
            at = self
                .found
                .partition_point(|(k, h, ..)| (*k, *h) <= (kind, *home));
        }
        homes
    }

    fn root(&self, mut draft: u32) -> u32 {
        while let Some(next) = self.drafts.get(draft as usize).and_then(|d| d.same_as) {
            draft = next;
        }
        draft
    }

    /// A draft known by a weaker key is the one with a surer key that shares one of its
    /// identifiers, if there is exactly one and nothing speaks against it.
    fn fold(&mut self) {
        let ranks = (0..).zip(self.drafts.iter().map(|draft| draft.rank));
        let mut order: Vec<(usize, u32)> = ranks
            .filter(|(_, rank)| *rank > 0)
            .map(|(index, rank)| (rank, index))
            .collect();
        if order.is_empty() {
            return;
        }
        order.sort_unstable();
        let mut names: Vec<(u32, Named)> = self
            .found
            .iter()
            .map(|(_, _, named, draft)| (*draft, *named))
            .collect();
        names.sort_unstable();
        for (_, index) in order {
            let Some(draft) = self.drafts.get(index as usize) else {
                continue;
            };
            let keys = self.kind(draft.kind).map_or(&[][..], |kind| &kind.keys);
            let own = names_of(&names, index);
            let shared = keys
                .iter()
                .filter_map(|key| own.iter().find(|(_, n)| n.kind == *key));
            let same = shared.map(|(_, named)| {
                let others = self.each(draft.kind, Reach::Home(draft.home), *named);
                let mut others: Vec<u32> = others
                    .filter(|other| {
                        let other = self.drafts.get(*other as usize);
                        other.is_some_and(|other| other.rank < draft.rank)
                    })
                    .filter(|other| agree(keys, own, names_of(&names, *other)))
                    .collect();
                others.sort_unstable();
                others.dedup();
                others
            });
            let mut candidates = same.filter(|others| !others.is_empty());
            if let Some(others) = candidates.next()
                && let [only] = others.as_slice()
            {
                let only = *only;
                if let Some(draft) = self.drafts.get_mut(index as usize) {
                    draft.same_as = Some(only);
                }
            }
        }
    }

    /// What is about an item goes to it; the team's own word makes one where no export knows it.
    fn attach(&mut self, spare: Str) {
        // What the register's entries are about, by their ids and names; none for two of one name.
        let mut entries: HashMap<Str, Option<u32>> = HashMap::new();
        let mut of_kind: HashMap<Str, Vec<u32>> = HashMap::new();
        for index in 0..self.of.len() {
            let Some(parts) = self.gathered.parts(index) else {
                continue;
            };
            let target = match self.role(&parts) {
                Some((Role::About, Some(kind))) => self.only(kind, &parts),
                Some((Role::Declares, _)) => match self.declared(&parts) {
                    Some(found) => Some(found),
                    None => Some(self.declare(index, spare)),
                },
                _ => continue,
            };
            if let Some(of) = self.of.get_mut(index) {
                *of = target;
            }
            let Some(target) = target else {
                continue;
            };
            if let Some((Role::Declares, _)) = self.role(&parts) {
                for named in parts.named {
                    let entry = entries.entry(named.value).or_insert(Some(target));
                    *entry = entry.filter(|same| *same == target);
                }
                if let Some(word) = parts.said.kind_word {
                    of_kind.entry(word).or_default().push(target);
                }
            }
        }
        for index in 0..self.of.len() {
            let Some(parts) = self.gathered.parts(index) else {
                continue;
            };
            match self.role(&parts) {
                Some((Role::Notes, _)) => {
                    let mut named = parts.named.iter();
                    let entry = named.find_map(|named| entries.get(&named.value).copied());
                    let target = entry.unwrap_or_else(|| self.declared(&parts));
                    if let Some(of) = self.of.get_mut(index) {
                        *of = target;
                    }
                }
                Some((Role::Every, _)) => {
                    let all = parts.said.kind_word.and_then(|word| of_kind.get(&word));
                    let all = all.into_iter().flatten();
                    self.more
                        .extend(all.map(|target| (*target, number_of(index))));
                }
                _ => {}
            }
        }
        self.more.sort_unstable();
        self.more.dedup();
    }

    fn only(&self, kind: KindId, parts: &Parts<'_>) -> Option<u32> {
        let mut named = parts.named.iter();
        named.find_map(|named| self.single(kind, self.reach(parts.said.home), *named))
    }

    /// The item that the register means: of the kind it says, by any of the kind's keys.
    fn declared(&self, parts: &Parts<'_>) -> Option<u32> {
        let text = &self.gathered.strings;
        let word = parts
            .said
            .kind_word
            .map(|word| text.text(word))
            .unwrap_or_default();
        let ids = parts.named.iter();
        // `platform:kind:name` names a kind as well, perhaps a wider one.
        let within = ids.filter_map(|named| text.text(named.value).split(':').nth(1));
        let words: Vec<&str> = std::iter::once(word)
            .chain(within)
            .filter(|w| !w.is_empty())
            .collect();
        let mut kinds = words.into_iter().flat_map(|word| self.recipes.meant(word));
        kinds.find_map(|kind| {
            let keys = self.kind(kind).map_or(&[][..], |k| &k.keys);
            parts.named.iter().find_map(|named| {
                let value = text.text(named.value);
                keys.iter().find_map(|key| {
                    let spelt = text.find(&key.spelt(value))?;
                    let named = Named {
                        kind: *key,
                        value: spelt,
                    };
                    self.single(kind, self.reach(parts.said.home), named)
                })
            })
        })
    }

    fn declare(&mut self, index: usize, spare: Str) -> u32 {
        let parts = self.gathered.parts(index);
        let text = &self.gathered.strings;
        let word = parts
            .and_then(|p| p.said.kind_word)
            .map_or(text.text(spare), |word| text.text(word));
        let kind = self
            .recipes
            .meant(word)
            .chain(self.recipes.meant(text.text(spare)))
            .next();
        let named = parts.map_or(&[][..], |parts| parts.named);
        let draft = Draft {
            kind: kind.unwrap_or(KindId(0)),
            home: Home {
                platform: parts.and_then(|p| p.said.home.platform),
                org: Org::Sole,
            },
            rank: 0,
            key: named.first().map_or(spare, |n| n.value),
            same_as: None,
        };
        self.drafts.push(draft);
        number_of(self.drafts.len() - 1)
    }

    /// Writes the items down, sorted by kind, platform and key.
    fn items(self) -> (Vec<Stored>, Vec<Claim>, Vec<Named>, Vec<Link>) {
        let text = |of: Option<Str>| of.map_or("", |of| self.gathered.strings.text(of));
        let mut order: Vec<u32> = (0..number_of(self.drafts.len()))
            .filter(|index| {
                self.drafts
                    .get(*index as usize)
                    .is_some_and(|d| d.same_as.is_none())
            })
            .collect();
        let by_name = |index: &u32| {
            self.drafts.get(*index as usize).map(|d| {
                let kind = self.kind(d.kind).map_or("", |k| k.name.as_str());
                (
                    (text(d.home.platform), kind, text(Some(d.key)), d.rank),
                    d.home.org,
                )
            })
        };
        order.sort_by(|a, b| by_name(a).cmp(&by_name(b)));
        // By draft: its place among the items.
        let mut place: Vec<u32> = vec![0; self.drafts.len()];
        for (at, draft) in (0..).zip(&order) {
            if let Some(place) = place.get_mut(*draft as usize) {
                *place = at;
            }
        }
        let place_of = |draft: u32| place.get(self.root(draft) as usize).copied().unwrap_or(0);
        let mut said: Vec<(u32, u32)> = (0..)
            .zip(&self.of)
            .filter_map(|(index, of)| Some((place_of((*of)?), index)))
            .collect();
        let more = self.more.iter();
        said.extend(more.map(|(draft, index)| (place_of(*draft), *index)));
        said.sort_unstable();
        let (mut named, mut links) = (Vec::new(), Vec::new());
        let (mut own_named, mut own_links) = (Vec::new(), Vec::new());
        let mut stored = Vec::with_capacity(order.len());
        let mut rest = said.as_slice();
        for (at, draft) in (0..).zip(&order) {
            for parts in self.gathered.at(at, &mut rest) {
                if self.role(&parts).is_some_and(|(role, _)| role.makes()) {
                    own_named.extend_from_slice(parts.named);
                }
                self.links(&parts, &place_of, &mut own_links);
            }
            own_named.sort_by_key(|n: &Named| (n.kind, text(Some(n.value))));
            own_named.dedup();
            own_links.sort_unstable();
            own_links.dedup();
            named.append(&mut own_named);
            links.append(&mut own_links);
            if let Some(draft) = self.drafts.get(*draft as usize) {
                stored.push(Stored {
                    kind: draft.kind,
                    platform: draft.home.platform,
                    org: None,
                    key: draft.key,
                    claims_end: 0,
                    named_end: number_of(named.len()),
                    links_end: number_of(links.len()),
                });
            }
        }
        if self.parted {
            let homes = order.iter().map(|draft| self.drafts.get(*draft as usize));
            let orgs: Vec<Org> = homes
                .map(|draft| draft.map_or(Org::Sole, |draft| draft.home.org))
                .collect();
            tell_apart(&mut stored, &orgs, self.gathered);
        }
        named.shrink_to_fit();
        // Nobody looks for an item any more, and evidence takes most of the memory.
        let gathered = self.gathered;
        drop(place);
        drop(self);
        let mut claims = Vec::with_capacity(gathered.claims.len());
        let mut own_claims = Vec::new();
        let mut rest = said.as_slice();
        for (at, item) in (0..).zip(&mut stored) {
            for parts in gathered.at(at, &mut rest) {
                own_claims.extend_from_slice(parts.claims);
            }
            tidy(&mut own_claims, gathered);
            claims.append(&mut own_claims);
            item.claims_end = number_of(claims.len());
        }
        claims.shrink_to_fit();
        (stored, claims, named, links)
    }

    /// What a record refers to: of each link the first identifier that finds exactly one item, or
    /// else the first identifier as it is.
    fn links(&self, parts: &Parts<'_>, place_of: &dyn Fn(u32) -> u32, out: &mut Vec<Link>) {
        let Some(recipe) = self.recipes.get(parts.said.recipe) else {
            return;
        };
        let each = (0..).zip(&recipe.links).filter_map(|(index, link)| {
            let mine = parts.links.iter().filter(|r| r.link == index);
            let mut mine = mine.map(|reference| reference.named);
            let first = mine.clone().next()?;
            let only =
                mine.find_map(|named| self.single(link.kind, self.reach(parts.said.home), named));
            Some(Link {
                relation: link.relation,
                kind: link.kind,
                target: only.map_or(Target::Name(first.value), |only| {
                    Target::Item(place_of(only))
                }),
                recipe: parts.said.recipe,
                link: index,
            })
        });
        out.extend(each);
    }
}

/// Of items of several orgs that would have one id, each id has the org as well.
fn tell_apart(stored: &mut [Stored], orgs: &[Org], gathered: &Gathered) {
    let id = |item: &Stored| (item.platform, item.kind, item.key);
    let mut rest = (stored, orgs);
    while let Some(first) = rest.0.first().map(id) {
        let alike = rest.0.iter().take_while(|item| id(item) == first).count();
        let (items, behind) = rest.0.split_at_mut(alike);
        let (orgs, orgs_behind) = rest.1.split_at(alike.min(rest.1.len()));
        if orgs.windows(2).any(|pair| pair[0] != pair[1]) {
            for (item, org) in items.iter_mut().zip(orgs) {
                item.org = gathered.org_name(item.platform, *org);
            }
        }
        rest = (behind, orgs_behind);
    }
}

fn names_of(names: &[(u32, Named)], draft: u32) -> &[(u32, Named)] {
    let start = names.partition_point(|(d, _)| *d < draft);
    let end = names.partition_point(|(d, _)| *d <= draft);
    names.get(start..end).unwrap_or_default()
}

/// Whether two drafts have no key of the same kind with different values.
fn agree(
    keys: &[super::fact::IdentifierKind],
    mine: &[(u32, Named)],
    theirs: &[(u32, Named)],
) -> bool {
    // A name for people may differ from export to export and prove nothing.
    let strict = keys.split_last().map_or(&[][..], |(_, surer)| surer);
    strict.iter().all(|key| {
        let of = |names: &[(u32, Named)]| -> Vec<Str> {
            names
                .iter()
                .filter(|(_, n)| n.kind == *key)
                .map(|(_, n)| n.value)
                .collect()
        };
        let (mine, theirs) = (of(mine), of(theirs));
        mine.is_empty() || theirs.is_empty() || mine.iter().any(|value| theirs.contains(value))
    })
}

/// Sorts claims: by fact, the best proven first, then those of the newest exports, then by place.
/// What one export says twice is there once.
fn tidy(claims: &mut Vec<Claim>, gathered: &Gathered) {
    use super::fact::Held;
    let Gathered {
        files,
        ages,
        strings,
        ..
    } = gathered;
    let path = |claim: &Claim| files.get(claim.file());
    let rank = |claim: &Claim| ages.get(claim.file()).map(|age| age.rank);
    let text = |claim: &Claim| match claim.held() {
        Held::Text(text) => strings.text(text),
        _ => "",
    };
    claims.sort_by(|a, b| {
        let by_fact = a.fact().cmp(&b.fact()).then(b.grade().cmp(&a.grade()));
        by_fact
            .then_with(|| rank(b).cmp(&rank(a)))
            .then_with(|| path(a).cmp(&path(b)))
            .then_with(|| a.line().cmp(&b.line()))
            .then_with(|| text(a).cmp(text(b)))
    });
    claims.dedup_by(|later, earlier| {
        (later.fact(), later.grade(), later.file())
            == (earlier.fact(), earlier.grade(), earlier.file())
            && later.held() == earlier.held()
    });
}
