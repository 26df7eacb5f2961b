//! Runs the tests that stand beside a rule.

use std::path::Path;

use crate::inventory::{Table, Window};
use crate::model::{Location, Org, Period, Region, ScanPath, Schema};
use crate::rule::param::Literal;
use crate::rule::test::{Expect, RecordCase};
use crate::rule::{RecordRule, RuleMeta};

use super::facts::{Plan, RelationPlan};
use super::judge::{Judge, Outcome, counts};

/// What came out instead of what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TestFailure {
    /// Another outcome.
    #[error("expected {expected}, got {got}")]
    Outcome {
        /// The expected outcome.
        expected: &'static str,
        /// What came out, with its reasons.
        got: String,
    },
    /// A reason that the finding does not give.
    #[error("the finding gives no reason like `{wanted}`; it gives: {given}")]
    Because {
        /// The text looked for.
        wanted: String,
        /// The finding's reasons.
        given: String,
    },
}

/// Runs one test of a rule with the default values of its parameters.
///
/// # Errors
/// When something else comes out than the test expects.
pub fn run_test(
    (meta, rule): (&RuleMeta, &RecordRule),
    schema: &Schema,
    case: &RecordCase,
    expect: Expect,
) -> Result<(), TestFailure> {
    let params: Vec<Literal> = rule.params.iter().map(|p| p.default.clone()).collect();
    let mut count = 0;
    let plan = Plan::new(rule, &params, case.now, &mut count);
    let mut tables: Vec<Table> = (0..count).map(|_| Table::default()).collect();
    fill(&plan.relations, "", case, &mut tables);
    let judge = Judge::new(meta, plan, schema.record(rule.record), Vec::new());
    match (judge.judge(&case.record, &tables, &nowhere), expect) {
        (Outcome::Pass, Expect::Pass) | (Outcome::NotEvaluated(_), Expect::Unknown) => Ok(()),
        (Outcome::Fail(finding), Expect::Finding) => {
            let given: Vec<&str> = finding.causes.iter().map(|c| c.text.as_str()).collect();
            match case
                .because
                .iter()
                .find(|b| !given.iter().any(|g| g.contains(b.as_str())))
            {
                None => Ok(()),
                Some(wanted) => Err(TestFailure::Because {
                    wanted: wanted.clone(),
                    given: given.join("; "),
                }),
            }
        }
        (outcome, _) => Err(TestFailure::Outcome {
            expected: expect.word(),
            got: match outcome {
                Outcome::Pass => "a pass".to_owned(),
                Outcome::Fail(finding) => format!("a finding: {}", finding.message),
                Outcome::NotEvaluated(doubts) => format!("unknown: {doubts:?}"),
            },
        }),
    }
}

fn nowhere() -> Location {
    Location {
        path: ScanPath::new(Path::new("test")),
        region: Region::WHOLE_FILE,
    }
}

/// Fills the tables of relations, the nested ones first. In a test, rows that are not given are an
/// export without rows, and a log covers everything unless the test says otherwise.
fn fill(relations: &[RelationPlan<'_>], prefix: &str, case: &RecordCase, tables: &mut [Table]) {
    for plan in relations {
        let name = format!("{prefix}{}", plan.relation.name);
        fill(&plan.nested, &format!("{name}."), case, tables);
        if case.absent.contains(&name) {
            continue;
        }
        let mut builder = plan.builder("", [Org::Sole]);
        let rows = case
            .related
            .iter()
            .filter(|(n, _)| *n == name)
            .flat_map(|(_, rows)| rows);
        for row in rows {
            let truth = counts(plan, case.now, tables, row);
            builder.row(row, truth, &nowhere);
        }
        let mut table = builder.finish();
        if !case.short_log.contains(&name) {
            let long = Period::from_days(36_525);
            table.declared = Some(Window {
                from: case.now - long,
                to: case.now,
            });
        }
        if let Some(slot) = tables.get_mut(plan.table) {
            *slot = table;
        }
    }
}
