//! Items from records, without any export format.

use super::testing::inventory;
use super::{Calendar, Fact, IdentifierKind, Inventory, Item, Known, State};
use crate::model::{Grade, Instant, When};

fn ids(inventory: &Inventory) -> Vec<String> {
    inventory.items().map(|item| item.id()).collect()
}

fn as_of() -> Instant {
    "2026-11-20".parse().unwrap()
}

#[test]
fn records_with_one_key_are_one_item_and_a_weaker_key_joins_the_only_one_that_shares_it() {
    let files = [
        (
            "a",
            "account: platform=p, id=1, login=Ann\naccount: platform=p, id=2, login=bob",
        ),
        ("b", "account: platform=p, login=ANN, made=2026-01-01"),
        ("c", "account: platform=q, login=ann"),
    ];
    let all = inventory(&files);
    assert_eq!(ids(&all), ["p:account:1", "p:account:2", "q:account:ann"]);
    let ann = all.items().next().unwrap();
    assert_eq!(ann.name(), "Ann");
    assert!(ann.time(Fact::Created).is_some());
    // The order of the files does not matter.
    let turned = inventory(&[files[2], files[1], files[0]]);
    assert_eq!(ids(&all), ids(&turned));
    let shown = |i: &Inventory| -> Vec<String> {
        let each = i
            .items()
            .flat_map(|item| item.evidence().collect::<Vec<_>>());
        each.map(|e| format!("{e:?}")).collect()
    };
    assert_eq!(shown(&all), shown(&turned));
}

#[test]
fn one_id_and_two_times_are_two_items_where_ids_are_of_one_instance() {
    let of = |platform: &str, times: [&str; 2]| {
        let [one, other] = times.map(|at| format!("account: platform={platform}, id=1, made={at}"));
        let all = inventory(&[("a", &one), ("b", &other)]);
        let turned = inventory(&[("b", &other), ("a", &one)]);
        assert_eq!(ids(&all), ids(&turned));
        ids(&all)
    };
    assert_eq!(of("l", ["2026-01-01", "2026-01-01"]), ["l:account:1"]);
    assert_eq!(of("p", ["2020-01-01", "2026-01-01"]), ["p:account:1"]);
    let both = of("l", ["2020-01-01", "2026-01-01"]);
    let made = |year| format!("l:account:1 of {year}-01-01T00:00:00Z");
    assert_eq!(both, [made(2020), made(2026)]);
}

#[test]
fn of_two_that_share_a_weak_key_neither_takes_a_third() {
    let all = inventory(&[(
        "a",
        "account: platform=p, id=1, label=Twin\naccount: platform=p, id=2, label=Twin\naccount: platform=p, label=Twin",
    )]);
    assert_eq!(ids(&all), ["p:account:1", "p:account:2", "p:account:Twin"]);
}

#[test]
fn a_shared_name_joins_nothing_that_a_surer_key_holds_apart() {
    let all = inventory(&[(
        "a",
        "account: platform=p, id=1, login=ann, label=Ann\naccount: platform=p, login=other, label=Ann",
    )]);
    assert_eq!(ids(&all), ["p:account:1", "p:account:other"]);
}

#[test]
fn the_newest_event_counts_and_none_after_the_audit_date() {
    let all = inventory(&[
        ("a", "account: platform=p, id=1, login=ann"),
        (
            "log",
            "use: platform=p, login=ann, at=2026-10-01\nuse: platform=p, login=ann, at=2026-11-02\nuse: platform=p, login=ann, at=2026-12-24\nuse: platform=p, login=nobody, at=2026-11-01",
        ),
    ]);
    assert_eq!(all.len(), 1);
    let ann = all.items().next().unwrap();
    let known = ann.time(Fact::LastUsed).unwrap();
    assert_eq!(known.value, When::Known("2026-11-02".parse().unwrap()));
    let log = ann.evidence().find(|e| e.fact == Fact::LastUsed).unwrap();
    assert_eq!((log.path.as_str(), log.line), ("log", 2));
}

#[test]
fn a_platforms_record_outweighs_the_register_and_the_conflict_is_told() {
    let all = inventory(&[
        (
            "a",
            "account: platform=p, id=1, login=ann, changed=2025-01-01",
        ),
        (
            "register",
            "word: id=p:robot:ann, name=ann, kind=robot, owner=team, rotated=2026-10-01, days=90",
        ),
    ]);
    let ann = all.items().next().unwrap();
    assert_eq!(all.len(), 1);
    let since = ann.since().unwrap();
    assert_eq!(
        (since.value.date().as_str(), since.grade),
        ("2025-01-01", Grade::Direct)
    );
    let conflicts: Vec<Fact> = ann.conflicts().iter().map(|(fact, _)| *fact).collect();
    assert_eq!(conflicts, [Fact::Rotated]);
    let owner = ann.owner().unwrap();
    assert_eq!((owner.value, owner.grade), ("team", Grade::Declared));
    // Planned by its cadence: declared days after a proven date prove no more than the days do.
    let next = ann.next_rotation().unwrap();
    assert_eq!(
        (next.value, next.grade),
        (When::Known("2025-04-01".parse().unwrap()), Grade::Declared)
    );
}

#[test]
fn two_exports_that_disagree_are_both_kept() {
    let all = inventory(&[
        ("a", "account: platform=p, id=1, ends=2027-01-01"),
        ("b", "account: platform=p, id=1, ends=2028-01-01"),
        ("c", "account: platform=p, id=1, ends=2027-01-01T23:59:59Z"),
    ]);
    let one = all.items().next().unwrap();
    let conflicts = one.conflicts();
    assert_eq!(conflicts.len(), 1);
    let said: Vec<String> = conflicts[0]
        .1
        .iter()
        .map(|e| format!("{} {}", e.path, e.value.show()))
        .collect();
    assert_eq!(
        said,
        [
            "a 2027-01-01T00:00:00Z",
            "b 2028-01-01T00:00:00Z",
            "c 2027-01-01T23:59:59Z"
        ]
    );
    let close = inventory(&[
        ("a", "account: platform=p, id=1, ends=2027-01-01"),
        ("c", "account: platform=p, id=1, ends=2027-01-01T23:59:59Z"),
    ]);
    assert!(close.items().all(|item| item.conflicts().is_empty()));
}

#[test]
fn of_two_days_by_which_something_is_due_the_earlier_counts() {
    let all = inventory(&[
        ("a", "account: platform=p, id=1, ends=2028-01-01"),
        ("b", "account: platform=p, id=1, ends=2027-01-01"),
        ("c", "account: platform=p, id=1, ends=never"),
    ]);
    let one = all.items().next().unwrap();
    let date = |known: Option<Known<When>>| known.map(|known| known.value);
    let day = |text: &str| Some(When::Known(text.parse().unwrap()));
    assert_eq!(date(one.deadline(Fact::Expires)), day("2027-01-01"));
    assert_eq!(date(one.time(Fact::Expires)), day("2028-01-01"));
    let words = inventory(&[
        (
            "a",
            "account: platform=p, id=1, login=ann, changed=2026-01-01",
        ),
        ("r", "word: id=p:robot:ann, name=ann, kind=robot, days=365"),
        ("s", "word: id=p:robot:ann, name=ann, kind=robot, days=90"),
    ]);
    let ann = words.items().next().unwrap();
    assert_eq!(date(ann.next_rotation()), day("2026-04-01"));
    let conflicts: Vec<Fact> = ann.conflicts().iter().map(|(fact, _)| *fact).collect();
    assert_eq!(conflicts, [Fact::CadenceDays]);
}

#[test]
fn never_rotated_is_as_old_as_it_is_and_only_inferred() {
    let all = inventory(&[(
        "a",
        "account: platform=p, id=1, made=2026-01-01\naccount: platform=p, id=2",
    )]);
    let since: Vec<_> = all
        .items()
        .map(|item| item.since().map(|s| s.grade))
        .collect();
    assert_eq!(since, [Some(Grade::Inferred), None]);
}

#[test]
fn its_end_makes_an_active_item_expired_and_an_inactive_one_stays_so() {
    let all = inventory(&[(
        "a",
        "account: platform=p, id=1, on=true, ends=2026-11-20\naccount: platform=p, id=2, on=true, ends=2026-11-21\naccount: platform=p, id=3, on=false, ends=2026-01-01\naccount: platform=p, id=4, ends=never",
    )]);
    let states: Vec<State> = all.items().map(|item| item.state(as_of())).collect();
    assert_eq!(
        states,
        [
            State::Expired,
            State::Active,
            State::Inactive,
            State::Unknown
        ]
    );
}

#[test]
fn what_it_belongs_to_lends_its_owner_and_knows_who_refers_to_it() {
    let all = inventory(&[
        (
            "a",
            "account: platform=p, id=1, login=ann, boss=bob\naccount: platform=p, id=2, login=bob, boss=gone",
        ),
        ("register", "word: id=bob, name=bob, kind=robot, owner=team"),
    ]);
    let [ann, bob] = all.items().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(ann.owner().unwrap().value, "team");
    assert_eq!(ann.owner().unwrap().grade, Grade::Declared);
    let back: Vec<_> = bob
        .referrers()
        .map(|(how, item)| (how, item.id()))
        .collect();
    assert_eq!(back, [("boss", ann.id())]);
    assert!(matches!(
        bob.links().next(),
        Some(("boss", super::Referred::Name("account", "gone")))
    ));
}

#[test]
fn the_registers_word_about_what_no_export_knows_is_an_item_of_its_own() {
    let all = inventory(&[(
        "register",
        "word: id=p:robot:ghost, name=ghost, kind=robot, owner=team\nword: id=key-7, name=key-7, kind=thing, owner=team",
    )]);
    assert_eq!(ids(&all), ["ghost", "key-7"]);
    let kinds: Vec<&str> = all.items().map(|item| item.kind()).collect();
    assert_eq!(kinds, ["account", "credential"]);
}

#[test]
fn an_item_is_found_by_any_identifier_in_any_spelling_of_a_name() {
    let all = inventory(&[("a", "account: platform=p, id=1, login=Ann, label=The Ann")]);
    assert_eq!(all.find(IdentifierKind::Username, "ANN").len(), 1);
    assert_eq!(all.find(IdentifierKind::Id, "2").len(), 0);
    for text in ["p:account:1", "ann", "the ann", "1"] {
        assert_eq!(all.named(text).len(), 1, "{text}");
    }
    assert_eq!(all.named("bob").len(), 0);
}

/// Credentials that are due on a day each, in a calendar that takes fewer than five a week.
fn planned(days: &[&str]) -> Vec<(String, String)> {
    let lines: Vec<String> = (0..)
        .zip(days)
        .map(|(n, day)| format!("account: platform=p, id={n:02}, ends={day}"))
        .collect();
    let all = inventory(&[("a", &lines.join("\n"))]);
    let calendar = Calendar::new(&all, "2026-11-01".parse().unwrap(), 5);
    let each = calendar.due.iter().map(|due| {
        assert!(due.proposed <= due.by.max("2026-11-01".parse().unwrap()));
        (due.by.date(), due.proposed.date())
    });
    each.collect()
}

#[test]
fn a_full_week_is_spread_over_earlier_weeks_and_every_deadline_holds() {
    let ten = planned(&["2026-12-10"; 10]);
    let mut weeks = std::collections::BTreeMap::new();
    for (by, proposed) in &ten {
        assert_eq!(by, "2026-12-10");
        *weeks.entry(proposed.as_str()).or_insert(0) += 1;
    }
    let weeks: Vec<_> = weeks.into_iter().collect();
    assert_eq!(
        weeks,
        [("2026-11-26", 2), ("2026-12-03", 4), ("2026-12-10", 4)]
    );
    // Four are no crowd.
    assert!(
        planned(&["2026-12-10"; 4])
            .iter()
            .all(|(by, proposed)| by == proposed)
    );
}

#[test]
fn what_has_the_earlier_deadline_is_not_pushed_out_of_its_week_by_later_ones() {
    let mut days = vec!["2026-12-03"; 4];
    days.extend(["2026-12-10"; 5]);
    let all = planned(&days);
    let moved: Vec<_> = all.iter().filter(|(by, proposed)| by != proposed).collect();
    // The fifth of the later week finds the week before full only once, and something moves on.
    assert_eq!(moved.len(), 2, "{all:?}");
    let in_week = |day: &str| all.iter().filter(|(_, proposed)| proposed == day).count();
    assert_eq!(
        (
            in_week("2026-12-10"),
            in_week("2026-12-03"),
            in_week("2026-11-26")
        ),
        (4, 4, 1)
    );
}

#[test]
fn without_an_earlier_week_a_rotation_stays_and_what_is_overdue_is_for_today() {
    let all = inventory(&[(
        "a",
        &(0..7)
            .map(|n| format!("account: platform=p, id={n}, ends=2026-11-20T12:00:00Z\n"))
            .collect::<String>(),
    )]);
    let calendar = Calendar::new(&all, "2026-11-20".parse().unwrap(), 5);
    assert!(calendar.due.iter().all(|due| due.proposed == due.by));
    assert_eq!(calendar.full_weeks().len(), 1);
    let late = inventory(&[
        ("a", "account: platform=p, id=1, changed=2025-01-01"),
        ("r", "word: id=p:robot:1, name=1, kind=robot, days=30"),
    ]);
    let calendar = Calendar::new(&late, "2026-11-20".parse().unwrap(), 5);
    let [due] = calendar.due.as_slice() else {
        panic!("{calendar:?}")
    };
    assert_eq!(
        (due.by.date().as_str(), due.proposed.date().as_str()),
        ("2025-01-31", "2026-11-20")
    );
}

#[test]
fn items_stand_in_the_order_of_their_ids_however_those_are_made() {
    let all = inventory(&[
        (
            "a",
            "account: platform=p, id=1, login=a\naccount: platform=p, id=10, login=b\n\
             account: platform=p, id=2, login=c\naccount: platform=p-q, id=1, login=d",
        ),
        ("b", "word: id=zz\nword: id=a"),
    ]);
    let (by_text, mut by_parts) = (ids(&all), all.items().collect::<Vec<_>>());
    assert!(by_text.len() > 4, "{by_text:?}");
    let mut sorted = by_text.clone();
    sorted.sort();
    assert_ne!(by_text, sorted, "the items do not stand so already");
    by_parts.sort_by(Item::cmp_by_id);
    let by_parts: Vec<String> = by_parts.iter().map(Item::id).collect();
    assert_eq!(by_parts, sorted);
}
