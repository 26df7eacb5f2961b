use std::path::Path;

use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof, proptest};
use proptest::{collection, prop_assert_eq, sample};

use super::super::evaluate::{doubts, truth};
use super::super::facts::Facts;
use super::{Denial, Sieve, Stands};
use crate::model::{FieldId, Instant, ScanPath, Schema};
use crate::read::decode::Document;
use crate::read::{Cell, Row};
use crate::rule::compile::{Check, Predicate, Probe, Wanted};
use crate::rule::condition::{Case, Order, State};
use crate::rule::{FieldRef, Tri};
use crate::source::{Plan, Record, Sources};

const FILES: [(&str, &str); 2] = [
    (
        "records",
        "\
version: 1
records:
- name: thing
  doc: A thing.
  fields:
  - {name: flag, type: bool, nullable: true, doc: F.}
  - {name: word, type: text, nullable: true, doc: W.}
  - {name: shaped, type: text, nullable: true, doc: S.}
  - {name: at, type: time, nullable: true, doc: A.}
  - {name: end, type: time, nullable: true, doc: E.}
  - {name: number, type: int, nullable: true, doc: N.}
  - {name: several, type: text, nullable: true, doc: V.}
",
    ),
    (
        "source",
        "\
version: 1
sources:
- id: s
  title: S
  export: e
  recognise: [{format: csv}]
  records:
  - type: thing
    fields:
      flag: a
      word: b
      shaped: {column: b, map: {one: two}}
      at: c
      end: {column: c, never: [Never, '2026-01-01'], unknown: [N/A], empty: never, far: never}
      number: b
      several: {columns: [d, a]}
",
    ),
];

/// Texts of which a test may be about one, and a cell hold another.
const WORDS: [&str; 6] = [
    "one",
    "two",
    "ONE",
    "12",
    "3",
    "a word that is longer than what is remembered of one",
];
const TIMES: [&str; 14] = [
    "2026-01-01",
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:01.000+0000",
    "2025-12-31T23:59:59.999Z",
    "2025-12-31 23:59:59",
    "2026-01-01T02:00:00+02:00",
    "9999-12-31T23:59:59Z",
    "2026-02-30T00:00:00Z",
    "Never",
    "N/A",
    "soon",
    "0001-01-01",
    "1.1.2026",
    "2299-12-31",
];

fn instant() -> impl Strategy<Value = Instant> {
    // Around the first of January 2026.
    prop_oneof![
        (1_767_225_598_i64..1_767_225_603).prop_map(Instant::from_seconds),
        Just(Instant::from_seconds(i64::MAX)),
        Just(Instant::from_seconds(i64::MIN)),
    ]
}

/// A test of a field, of the sorts that rules may have for it.
fn check() -> impl Strategy<Value = Check> {
    let text = || sample::select(&WORDS[..]).prop_map(str::to_owned);
    let case = || prop_oneof![Just(Case::Exact), Just(Case::Ignored)];
    let wanted = || prop_oneof![Just(Wanted::Yes), Just(Wanted::No)];
    let state = prop_oneof![
        Just(State::Missing),
        Just(State::Present),
        Just(State::Never),
        Just(State::Known)
    ];
    let is = collection::vec(state, 1..3).prop_map(Probe::Is);
    let flag = any::<bool>().prop_map(Probe::Bool);
    let words = prop_oneof![
        (collection::vec(text(), 1..3), case(), wanted()).prop_map(|(mut list, case, wanted)| {
            list.sort();
            Probe::Text(list, case, wanted)
        }),
        (text(), case()).prop_map(|(text, case)| Probe::Contains(text, case)),
        (text(), case()).prop_map(|(text, case)| Probe::StartsWith(text, case)),
    ]
    .boxed();
    let time = prop_oneof![
        instant().prop_map(Probe::Earlier),
        instant().prop_map(Probe::NotAfter),
        instant().prop_map(Probe::NotBefore),
        instant().prop_map(Probe::Later),
    ];
    let number = (0..20_i32).prop_map(|n| Probe::Number(Order::Less, n.into()));
    let is = is.boxed();
    let some = |probe: BoxedStrategy<Probe>| collection::vec(probe, 1..3);
    let one = prop_oneof![
        (0..1_u16, some(prop_oneof![flag, is.clone()].boxed())),
        (1..3_u16, some(words.clone())),
        (3..5_u16, some(prop_oneof![time, is.clone()].boxed())),
        (5..6_u16, some(prop_oneof![number, is].boxed())),
        (6..7_u16, some(words)),
    ];
    let tri = || prop_oneof![Just(Tri::True), Just(Tri::False), Just(Tri::Unknown)];
    (one, tri(), tri()).prop_map(|((field, probes), if_missing, if_absent)| Check {
        field: FieldRef::Own(FieldId(field)),
        probes,
        if_missing,
        if_absent,
    })
}

fn condition() -> impl Strategy<Value = Predicate> {
    let tri = prop_oneof![Just(Tri::True), Just(Tri::False), Just(Tri::Unknown)];
    // The numbers are given below.
    let leaf = prop_oneof![
        12 => check().prop_map(|check| Predicate::Shared(0, check)),
        1 => tri.prop_map(Predicate::Fixed),
    ];
    leaf.prop_recursive(4, 60, 5, |inner| {
        let some = || collection::vec(inner.clone(), 0..5);
        prop_oneof![
            some().prop_map(Predicate::All),
            some().prop_map(|p| Predicate::Any(p.into_iter().map(|p| (None, p)).collect())),
            inner.clone().prop_map(|p| Predicate::Not(Box::new(p))),
        ]
    })
}

/// Gives each test its number; says whether every one of them is of a single cell.
fn number(condition: &mut Predicate, next: &mut u16) -> bool {
    let mut each = |part: &mut Predicate| number(part, next);
    match condition {
        Predicate::All(parts) => {
            let all: Vec<bool> = parts.iter_mut().map(each).collect();
            !all.contains(&false)
        }
        Predicate::Any(parts) => {
            let all: Vec<bool> = parts.iter_mut().map(|(_, part)| each(part)).collect();
            !all.contains(&false)
        }
        Predicate::Not(inner) => each(inner),
        Predicate::Shared(number, check) => {
            *number = *next;
            *next += 1;
            check.field != FieldRef::Own(FieldId(6))
        }
        Predicate::Leaf(_) | Predicate::Fixed(_) => true,
    }
}

fn cell() -> impl Strategy<Value = Option<String>> {
    let text = prop_oneof![
        3 => sample::select(&TIMES[..]).prop_map(str::to_owned),
        3 => sample::select(&WORDS[..]).prop_map(str::to_owned),
        2 => sample::select(&["true", "FALSE", "Yes", "0", "", " ", " true "][..]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    proptest::option::weighted(0.9, text)
}

fn plan() -> (Schema, Plan) {
    let documents = FILES.map(|(name, text)| Document::new(name, text));
    let (schema, sources) = Sources::decode(&documents).unwrap();
    let source = sources.get(sources.find("s").unwrap());
    let plan = Plan::new(
        source,
        &schema,
        &ScanPath::new(Path::new("x.csv")),
        &|_, _| true,
    );
    (schema, plan)
}

/// What all tests of a sieve come to.
fn bits_of(sieve: &mut Sieve, record: &Record<'_>) -> Vec<u64> {
    sieve.read(record);
    sieve.read_on(record);
    sieve.bits().to_vec()
}

/// Gives the record of a row whose columns are named `a` to `d`.
fn with_record(plan: &Plan, row: &[Option<String>], take: &mut dyn FnMut(&Record<'_>)) {
    let at = |name: &str| ["a", "b", "c", "d"].iter().position(|known| *known == name);
    let cells = plan.columns().iter().map(|column| {
        let text = at(&column.text).and_then(|at| row[at].as_deref());
        text.map_or(Cell::Absent, |text| Cell::Text(text.as_bytes().into()))
    });
    let cells: Vec<Cell<'_>> = cells.collect();
    let row = Row {
        cells: &cells,
        raw: b"",
        line: 1,
        column: 1,
    };
    plan.records(&row, take);
}

proptest! {
    /// Of records whose tests stand alike a condition says the same, for the same reasons.
    #[test]
    fn what_stands_alike_is_judged_alike(
        mut conditions in collection::vec(condition(), 1..4),
        rows in collection::vec(collection::vec(cell(), 4), 1..24),
    ) {
        let (_, plan) = plan();
        let mut next = 0;
        conditions.iter_mut().for_each(|c| { number(c, &mut next); });
        let mut sieve = Sieve::new(conditions.iter());
        let stands: Vec<Option<Stands>> = conditions.iter().map(|c| Stands::of(c, c, &sieve)).collect();
        let mut seen = Vec::new();
        for row in &rows {
            with_record(&plan, row, &mut |record| {
                let facts = Facts::alone(record);
                let bits = bits_of(&mut sieve, record);
                for (number, (condition, stands)) in conditions.iter().zip(&stands).enumerate() {
                    let Some((stands, stand)) = stands.as_ref().and_then(|s| Some((s, s.read(record, &bits)?))) else {
                        continue;
                    };
                    assert!(stands.are(&stand, record, &bits));
                    let mut reasons = Vec::new();
                    doubts(condition, &facts, &mut reasons);
                    seen.push((number, stand, truth(condition, &facts), reasons));
                }
            });
        }
        for (number, stand, verdict, reasons) in &seen {
            let alike = seen.iter().filter(|(n, s, ..)| n == number && s == stand);
            for (.., other, others) in alike {
                prop_assert_eq!(verdict, other);
                prop_assert_eq!(reasons, others);
            }
        }
    }

    /// Nothing is let pass that the full way does not let pass, and nothing that single cells decide
    /// is left to it, however often the same cells come.
    #[test]
    fn what_is_denied_is_false_and_what_is_false_is_denied(
        mut conditions in collection::vec(condition(), 1..6),
        rows in collection::vec(collection::vec(cell(), 4), 1..24),
    ) {
        let (_, plan) = plan();
        let mut next = 0;
        let single: Vec<bool> = conditions.iter_mut().map(|c| number(c, &mut next)).collect();
        let mut sieve = Sieve::new(conditions.iter());
        let denials: Vec<Denial> = conditions.iter().map(|c| Denial::of(c, &sieve)).collect();
        for row in &rows {
            let mut outcomes = Vec::new();
            with_record(&plan, row, &mut |record| {
                let facts = Facts::alone(record);
                let bits = bits_of(&mut sieve, record);
                for ((condition, denial), single) in conditions.iter().zip(&denials).zip(&single) {
                    let pass = truth(condition, &facts) == Tri::False;
                    outcomes.push((denial.holds(&bits), pass, *single));
                }
            });
            prop_assert_eq!(outcomes.len(), conditions.len());
            for (denied, pass, single) in outcomes {
                if denied || single {
                    prop_assert_eq!(denied, pass);
                }
            }
        }
    }
}
