//! A condition with its parameters filled in and its durations folded to dates: what runs on every
//! record.

use crate::model::{Instant, Period};

use super::condition::{Adjust, Case, Condition, Factor, Leaf, Operand, Order, State, Test};
use super::message::Message;
use super::param::{Expression, Literal};
use super::relation::Length;
use super::scope::FieldRef;
use super::tri::Tri;

/// What a rule is compiled for: the values of its parameters, and the audit date.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    /// One value for each declared parameter.
    pub params: &'a [Literal],
    /// The audit date.
    pub as_of: Instant,
}

impl Settings<'_> {
    /// The length in force.
    #[must_use]
    pub fn length(&self, length: Length) -> Period {
        match length {
            Length::Fixed(period) => period,
            Length::Param(index) => match self.params.get(index) {
                Some(Literal::Period(period)) => *period,
                _ => Period::from_seconds(0),
            },
        }
    }

    /// How much later a field is taken for.
    fn later(&self, adjust: Adjust) -> Period {
        match adjust {
            Adjust::Later(length) => self.length(length),
            Adjust::Plain | Adjust::Times(_) => Period::from_seconds(0),
        }
    }

    /// How many times a field is taken.
    fn times(&self, adjust: Adjust) -> f64 {
        match adjust {
            Adjust::Times(Factor::Fixed(n)) => n,
            Adjust::Times(Factor::Param(index)) => {
                self.params.get(index).and_then(number).unwrap_or(1.0)
            }
            Adjust::Plain | Adjust::Later(_) => 1.0,
        }
    }
}

/// A compiled condition.
#[derive(Debug, Clone)]
pub enum Predicate {
    /// All hold.
    All(Vec<Predicate>),
    /// At least one holds; each may have a reason to give.
    Any(Vec<(Option<Message>, Predicate)>),
    /// It does not hold.
    Not(Box<Predicate>),
    /// Tests of one field.
    Leaf(Check),
    /// The same, where its truth of the record at hand is kept under this number for other rules.
    Shared(u16, Check),
    /// Decided already.
    Fixed(Tri),
}

/// Compiled tests of one field.
#[derive(Debug, Clone)]
pub struct Check {
    /// The field.
    pub field: FieldRef,
    /// The tests; all must hold.
    pub probes: Vec<Probe>,
    /// The truth when the field is empty.
    pub if_missing: Tri,
    /// The truth when the export does not have the column.
    pub if_absent: Tri,
}

impl Check {
    fn cost(&self) -> usize {
        let FieldRef::Own(_) = self.field else {
            return 64;
        };
        let cost = |probe: &Probe| match probe {
            Probe::Bool(_) => 1,
            Probe::Matches(_) => 16,
            _ => 4,
        };
        self.probes.iter().map(cost).sum()
    }

    /// Calls `visit` for every field that it reads.
    pub fn fields(&self, visit: &mut dyn FnMut(FieldRef)) {
        visit(self.field);
        for probe in &self.probes {
            match probe {
                Probe::EarlierThan(field, _)
                | Probe::LaterThan(field, _)
                | Probe::Same(field, _)
                | Probe::NumberField(_, field, _) => visit(*field),
                _ => {}
            }
        }
    }
}

/// One compiled test. Texts of a case-blind test are already in lower case.
#[derive(Debug, Clone)]
pub enum Probe {
    /// A truth value is this.
    Bool(bool),
    /// A text (or a whole number, as text) is one of these, sorted; the flag says whether it must
    /// be.
    Text(Vec<String>, Case, Wanted),
    /// A number compares like this.
    Number(Order, f64),
    /// In one of these states.
    Is(Vec<State>),
    /// Text holds this.
    Contains(String, Case),
    /// Text begins with this.
    StartsWith(String, Case),
    /// Text ends with this.
    EndsWith(String, Case),
    /// Text matches this.
    Matches(Expression),
    /// A time is earlier than this.
    Earlier(Instant),
    /// A time is this or earlier.
    NotAfter(Instant),
    /// A time is this or later.
    NotBefore(Instant),
    /// A time is later than this.
    Later(Instant),
    /// A time is earlier than another field and so much.
    EarlierThan(FieldRef, Period),
    /// A time is later than another field and so much.
    LaterThan(FieldRef, Period),
    /// The same as another field.
    Same(FieldRef, Case),
    /// A number compares like this with another field, so many times.
    NumberField(Order, FieldRef, f64),
    /// A list has one of these.
    HasAny(Vec<String>, Case),
    /// A list has all of these.
    HasAll(Vec<String>, Case),
    /// A list is this long.
    Size(Order, i64),
}

/// Whether membership is wanted or unwanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// It must be one of them.
    Yes,
    /// It must be none of them.
    No,
}

impl Predicate {
    /// Compiles a condition.
    #[must_use]
    pub fn compile(condition: &Condition, settings: Settings<'_>) -> Self {
        match condition {
            Condition::All(parts) => {
                // Tests of the record itself first: they cost least, and what fails them need not
                // be looked up anywhere.
                let mut parts: Vec<Self> =
                    parts.iter().map(|p| Self::compile(p, settings)).collect();
                parts.sort_by_key(Self::cost);
                Self::All(parts)
            }
            Condition::Any(parts) => Self::Any(
                parts
                    .iter()
                    .map(|p| (p.because.clone(), Self::compile(&p.condition, settings)))
                    .collect(),
            ),
            Condition::Not(inner) => Self::Not(Box::new(Self::compile(inner, settings))),
            Condition::Leaf(leaf) => Self::Leaf(Check {
                field: leaf.field,
                probes: leaf
                    .tests
                    .iter()
                    .filter_map(|t| probe(t, leaf, settings))
                    .collect(),
                if_missing: leaf.if_missing,
                if_absent: leaf.if_absent,
            }),
        }
    }
}

impl Predicate {
    /// Roughly how dear a condition is: yes or no costs least, then other tests of the record
    /// itself, then regular expressions; related records have to be looked up.
    #[must_use]
    pub fn cost(&self) -> usize {
        match self {
            Self::All(parts) => parts.iter().map(Self::cost).sum(),
            Self::Any(parts) => parts.iter().map(|(_, part)| part.cost()).sum(),
            Self::Not(inner) => inner.cost(),
            Self::Leaf(check) | Self::Shared(_, check) => check.cost(),
            Self::Fixed(_) => 0,
        }
    }

    /// Calls `visit` for every test of the condition, with its number if it is shared.
    pub fn tests<'p>(&'p self, visit: &mut dyn FnMut(Option<u16>, &'p Check)) {
        match self {
            Self::All(parts) => parts.iter().for_each(|p| p.tests(visit)),
            Self::Any(parts) => parts.iter().for_each(|(_, p)| p.tests(visit)),
            Self::Not(inner) => inner.tests(visit),
            Self::Leaf(check) => visit(None, check),
            Self::Shared(number, check) => visit(Some(*number), check),
            Self::Fixed(_) => {}
        }
    }

    /// Calls `visit` for every field that the condition tests.
    pub fn fields(&self, visit: &mut dyn FnMut(FieldRef)) {
        self.tests(&mut |_, check| check.fields(visit));
    }
}

/// The value of an operand that is no field.
fn value(operand: &Operand, settings: Settings<'_>) -> Option<Literal> {
    match operand {
        Operand::Literal(literal) => Some(literal.clone()),
        Operand::Param(index) => settings.params.get(*index).cloned(),
        Operand::Now => Some(Literal::Instant(settings.as_of)),
        Operand::Field(..) => None,
    }
}

/// The decoder has checked every type; a test whose operand is of another type cannot come here.
fn probe(test: &Test, leaf: &Leaf, settings: Settings<'_>) -> Option<Probe> {
    let fold = |text: String| match leaf.case {
        Case::Exact => text,
        Case::Ignored => text.to_ascii_lowercase(),
    };
    let text = |operand: &Operand| match value(operand, settings)? {
        Literal::Text(text) => Some(fold(text)),
        _ => None,
    };
    let texts = |operand: &Operand| match value(operand, settings)? {
        Literal::List(list) => {
            let mut list: Vec<String> = list.into_iter().map(fold).collect();
            list.sort();
            Some(list)
        }
        _ => None,
    };
    let back = |operand: &Operand| match value(operand, settings)? {
        Literal::Period(period) => Some(settings.as_of - period),
        _ => None,
    };
    let at = |operand: &Operand| match value(operand, settings)? {
        Literal::Instant(at) => Some(at),
        _ => None,
    };
    Some(match test {
        Test::Equal(Operand::Field(field, _)) => Probe::Same(*field, leaf.case),
        Test::Equal(operand) => match value(operand, settings)? {
            Literal::Bool(b) => Probe::Bool(b),
            Literal::Text(text) => Probe::Text(vec![fold(text)], leaf.case, Wanted::Yes),
            other => Probe::Number(Order::Equal, number(&other)?),
        },
        Test::In(operand) => Probe::Text(texts(operand)?, leaf.case, Wanted::Yes),
        Test::NotIn(operand) => Probe::Text(texts(operand)?, leaf.case, Wanted::No),
        Test::Is(states) => Probe::Is(states.clone()),
        Test::Contains(operand) => Probe::Contains(text(operand)?, leaf.case),
        Test::StartsWith(operand) => Probe::StartsWith(text(operand)?, leaf.case),
        Test::EndsWith(operand) => Probe::EndsWith(text(operand)?, leaf.case),
        Test::Matches(operand) => match value(operand, settings)? {
            Literal::Regex(expression) => Probe::Matches(expression),
            _ => return None,
        },
        Test::Compare(order, Operand::Field(field, adjust)) => {
            Probe::NumberField(*order, *field, settings.times(*adjust))
        }
        Test::Compare(order, operand) => Probe::Number(*order, number(&value(operand, settings)?)?),
        Test::OlderThan(operand) => Probe::Earlier(back(operand)?),
        Test::NewerThan(operand) => Probe::NotBefore(back(operand)?),
        Test::ExpiresWithin(operand) => match value(operand, settings)? {
            Literal::Period(period) => Probe::NotAfter(settings.as_of + period),
            _ => return None,
        },
        Test::Before(Operand::Field(field, adjust)) => {
            Probe::EarlierThan(*field, settings.later(*adjust))
        }
        Test::Before(operand) => Probe::Earlier(at(operand)?),
        Test::After(Operand::Field(field, adjust)) => {
            Probe::LaterThan(*field, settings.later(*adjust))
        }
        Test::After(operand) => Probe::Later(at(operand)?),
        Test::Has(operand) => Probe::HasAny(vec![text(operand)?], leaf.case),
        Test::HasAny(operand) => Probe::HasAny(texts(operand)?, leaf.case),
        Test::HasAll(operand) => Probe::HasAll(texts(operand)?, leaf.case),
        Test::Size(order, operand) => match value(operand, settings)? {
            Literal::Int(n) => Probe::Size(*order, n),
            _ => return None,
        },
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "numbers in exports are far below 2^53"
)]
fn number(literal: &Literal) -> Option<f64> {
    match literal {
        Literal::Int(n) => Some(*n as f64),
        Literal::Number(n) => Some(*n),
        _ => None,
    }
}
