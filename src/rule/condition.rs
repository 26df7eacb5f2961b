//! The condition tree of `when:` and `where:`: closed, and typed against the record when the rule
//! is loaded, so that a rule cannot silently do nothing.

use crate::model::{FieldType, Instant, Span};
use crate::read::decode::{Decoded, Document};
use crate::read::node::{Entry, Kind, Node};

use super::message::Message;
use super::param::{Expression, Literal, ParamType};
use super::relation::Length;
use super::scope::{Declared, FieldRef, Scope};
use super::tri::Tri;

/// A condition.
#[derive(Debug, Clone)]
pub enum Condition {
    /// All hold.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Alternative>),
    /// It does not hold.
    Not(Box<Condition>),
    /// A test of one field.
    Leaf(Leaf),
}

/// One way in which an `any:` may hold.
#[derive(Debug, Clone)]
pub struct Alternative {
    /// What a finding says when it is this one.
    pub because: Option<Message>,
    /// The condition.
    pub condition: Condition,
}

/// Tests of one field; all must hold.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// The field.
    pub field: FieldRef,
    /// The tests.
    pub tests: Vec<Test>,
    /// The truth when the field is empty.
    pub if_missing: Tri,
    /// The truth when the export does not have the column at all.
    pub if_absent: Tri,
    /// Whether text compares without regard to ASCII case.
    pub case: Case,
}

/// How text compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// As written.
    Exact,
    /// Without regard to ASCII case.
    Ignored,
}

/// One test.
#[derive(Debug, Clone)]
pub enum Test {
    /// The same value.
    Equal(Operand),
    /// One of these.
    In(Operand),
    /// None of these.
    NotIn(Operand),
    /// In one of these states.
    Is(Vec<State>),
    /// Text holds this.
    Contains(Operand),
    /// Text begins with this.
    StartsWith(Operand),
    /// Text ends with this.
    EndsWith(Operand),
    /// Text matches this expression.
    Matches(Operand),
    /// A number compares like this.
    Compare(Order, Operand),
    /// A time is further back than this.
    OlderThan(Operand),
    /// A time is not further back than this.
    NewerThan(Operand),
    /// A time is past, or comes within this.
    ExpiresWithin(Operand),
    /// A time is before this.
    Before(Operand),
    /// A time is after this.
    After(Operand),
    /// A list holds this.
    Has(Operand),
    /// A list holds one of these.
    HasAny(Operand),
    /// A list holds all of these.
    HasAll(Operand),
    /// A list has this many items.
    Size(Order, Operand),
}

/// How numbers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Less.
    Less,
    /// Less or equal.
    LessOrEqual,
    /// Equal.
    Equal,
    /// Greater or equal.
    GreaterOrEqual,
    /// Greater.
    Greater,
}

/// What `is:` asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The field is empty.
    Missing,
    /// The field says something.
    Present,
    /// A time that the vendor says will not, or did not, come.
    Never,
    /// A time with a date.
    Known,
}

/// What a field is compared with.
#[derive(Debug, Clone)]
pub enum Operand {
    /// A value.
    Literal(Literal),
    /// A parameter of the rule.
    Param(usize),
    /// Another field: a time so much later, a number so many times.
    Field(FieldRef, Adjust),
    /// The audit date.
    Now,
}

/// What is done to another field before it is compared with.
#[derive(Debug, Clone, Copy)]
pub enum Adjust {
    /// Nothing.
    Plain,
    /// It is so much later.
    Later(Length),
    /// It is so many times as much.
    Times(Factor),
}

/// A factor, fixed or a parameter.
#[derive(Debug, Clone, Copy)]
pub enum Factor {
    /// Fixed.
    Fixed(f64),
    /// A parameter of the rule.
    Param(usize),
}

pub(super) const STATES: &[(&str, State)] = &[
    ("missing", State::Missing),
    ("present", State::Present),
    ("never", State::Never),
    ("known", State::Known),
];
const ORDERS: &[(&str, Order)] = &[
    ("lt", Order::Less),
    ("lte", Order::LessOrEqual),
    ("eq", Order::Equal),
    ("gte", Order::GreaterOrEqual),
    ("gt", Order::Greater),
];

/// The operators that a type of field has.
pub(super) fn operators(ty: FieldType) -> &'static [&'static str] {
    match ty {
        FieldType::Bool => &["eq", "is"],
        FieldType::Text => &[
            "eq",
            "in",
            "not_in",
            "is",
            "contains",
            "starts_with",
            "ends_with",
            "matches",
        ],
        FieldType::Int | FieldType::Number => {
            &["eq", "in", "not_in", "is", "gt", "gte", "lt", "lte"]
        }
        FieldType::Time => &[
            "is",
            "older_than",
            "newer_than",
            "expires_within",
            "before",
            "after",
        ],
        FieldType::List => &["is", "has", "has_any", "has_all", "size"],
    }
}

/// Keys beside the operators.
const OPTIONS: &[&str] = &["if_missing", "if_absent", "ignore_case"];

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// On an unknown field, operator or parameter, an operand of the wrong type, an empty list,
    /// and a comparison of a field that may be empty without `if_missing`.
    pub fn decode(doc: &Document, node: &Node, scope: &Scope<'_>) -> Decoded<Self> {
        let entries = doc.mapping(node, "a condition")?;
        Self::conjunction(doc, node.span, entries, scope)
    }

    fn conjunction(
        doc: &Document,
        span: Span,
        entries: &[Entry],
        scope: &Scope<'_>,
    ) -> Decoded<Self> {
        let mut parts = Vec::new();
        for entry in entries {
            parts.push(Self::entry(doc, entry, scope)?);
        }
        match parts.len() {
            0 => Err(doc.error(span, "a condition must not be empty")),
            1 => Ok(parts.swap_remove(0)),
            _ => Ok(Self::All(parts)),
        }
    }

    fn entry(doc: &Document, entry: &Entry, scope: &Scope<'_>) -> Decoded<Self> {
        let list = || match doc.sequence(&entry.value, &entry.key)? {
            [] => Err(doc.error(
                entry.value.span,
                format!("`{}` must not be empty", entry.key),
            )),
            items => Ok(items),
        };
        match &*entry.key {
            "all" => {
                let items = list()?.iter().map(|n| Self::decode(doc, n, scope));
                Ok(Self::All(items.collect::<Decoded<_>>()?))
            }
            "any" => {
                let items = list()?.iter().map(|n| Alternative::decode(doc, n, scope));
                Ok(Self::Any(items.collect::<Decoded<_>>()?))
            }
            "none" => {
                let items = list()?.iter().map(|n| {
                    let condition = Self::decode(doc, n, scope)?;
                    Ok(Alternative {
                        because: None,
                        condition,
                    })
                });
                Ok(Self::Not(Box::new(Self::Any(
                    items.collect::<Decoded<_>>()?,
                ))))
            }
            "not" => Ok(Self::Not(Box::new(Self::decode(doc, &entry.value, scope)?))),
            "because" => Err(doc.error(
                entry.span,
                "`because` belongs beside the condition of an item of `any`",
            )),
            name => Ok(Self::Leaf(Leaf::decode(doc, name, entry, scope)?)),
        }
    }

    /// Calls `visit` for every field that the condition reads.
    pub fn fields(&self, visit: &mut dyn FnMut(FieldRef)) {
        match self {
            Self::All(parts) => parts.iter().for_each(|p| p.fields(visit)),
            Self::Any(parts) => {
                for part in parts {
                    part.condition.fields(visit);
                    part.because
                        .iter()
                        .flat_map(Message::fields)
                        .for_each(&mut *visit);
                }
            }
            Self::Not(inner) => inner.fields(visit),
            Self::Leaf(leaf) => {
                visit(leaf.field);
                leaf.tests
                    .iter()
                    .filter_map(Test::other_field)
                    .for_each(visit);
            }
        }
    }
}

impl Alternative {
    fn decode(doc: &Document, node: &Node, scope: &Scope<'_>) -> Decoded<Self> {
        let entries = doc.mapping(node, "a condition")?;
        let because = entries.iter().find(|e| &*e.key == "because");
        let rest: Vec<Entry> = entries
            .iter()
            .filter(|e| &*e.key != "because")
            .cloned()
            .collect();
        Ok(Self {
            because: because
                .map(|e| Message::decode(doc, &e.value, scope))
                .transpose()?,
            condition: Condition::conjunction(doc, node.span, &rest, scope)?,
        })
    }
}

impl Leaf {
    fn decode(doc: &Document, name: &str, entry: &Entry, scope: &Scope<'_>) -> Decoded<Self> {
        let (field, decl) = scope.resolve(doc, entry.span, name)?;
        let reader = Reader {
            doc,
            scope,
            name,
            decl,
        };
        let node = &entry.value;
        let mut leaf = Self {
            field,
            tests: Vec::new(),
            if_missing: Tri::Unknown,
            if_absent: Tri::Unknown,
            case: Case::Exact,
        };
        let mut told = false;
        match &node.kind {
            Kind::Mapping(entries) => {
                for entry in entries {
                    match &*entry.key {
                        "if_missing" => {
                            told = true;
                            leaf.if_missing = truth(doc, &entry.value)?;
                        }
                        "if_absent" => leaf.if_absent = truth(doc, &entry.value)?,
                        "ignore_case" => {
                            if !matches!(decl.ty, FieldType::Text | FieldType::List) {
                                let message = format!(
                                    "`ignore_case` is for texts; `{name}` is a {}",
                                    decl.ty
                                );
                                return Err(doc.error(entry.span, message));
                            }
                            if doc.bool(&entry.value, "ignore_case")? {
                                leaf.case = Case::Ignored;
                            }
                        }
                        _ => leaf.tests.push(reader.operator(entry)?),
                    }
                }
                if leaf.tests.is_empty() {
                    return Err(doc.error(node.span, format!("`{name}` needs an operator")));
                }
            }
            Kind::Sequence(_) => leaf.tests.push(Test::In(reader.many(node)?)),
            Kind::Null => return Err(doc.error(entry.span, format!("`{name}` needs a value"))),
            Kind::Scalar(..) => leaf.tests.push(Test::Equal(reader.equal(node)?)),
        }
        let only_states = leaf.tests.iter().all(|t| matches!(t, Test::Is(_)));
        if decl.nullable && !told && !only_states {
            return Err(doc.error_with_help(
                entry.span,
                format!("`{name}` may be empty, so the rule must say what empty means"),
                format!("add `if_missing: match`, `no_match` or `unknown` to the test of `{name}`"),
            ));
        }
        Ok(leaf)
    }
}

fn truth(doc: &Document, node: &Node) -> Decoded<Tri> {
    match doc.text(node, "if_missing")? {
        "match" => Ok(Tri::True),
        "no_match" => Ok(Tri::False),
        "unknown" => Ok(Tri::Unknown),
        other => Err(doc.unknown(node.span, "truth", other, ["match", "no_match", "unknown"])),
    }
}

impl Test {
    fn other_field(&self) -> Option<FieldRef> {
        match self {
            Self::Equal(Operand::Field(field, _))
            | Self::Compare(_, Operand::Field(field, _))
            | Self::Before(Operand::Field(field, _))
            | Self::After(Operand::Field(field, _)) => Some(*field),
            _ => None,
        }
    }
}

/// Reads the operators of one field.
struct Reader<'a> {
    doc: &'a Document,
    scope: &'a Scope<'a>,
    name: &'a str,
    decl: Declared,
}

impl Reader<'_> {
    fn operator(&self, entry: &Entry) -> Decoded<Test> {
        let known = operators(self.decl.ty);
        let word = &*entry.key;
        if !known.contains(&word) {
            let what = format!("operator for `{}`, which is a {},", self.name, self.decl.ty);
            let candidates = known.iter().chain(OPTIONS).copied();
            return Err(self.doc.unknown(entry.span, &what, word, candidates));
        }
        let node = &entry.value;
        Ok(match word {
            "eq" => Test::Equal(self.equal(node)?),
            "in" => Test::In(self.many(node)?),
            "not_in" => Test::NotIn(self.many(node)?),
            "is" => Test::Is(self.states(node)?),
            "contains" => Test::Contains(self.text(node)?),
            "starts_with" => Test::StartsWith(self.text(node)?),
            "ends_with" => Test::EndsWith(self.text(node)?),
            "matches" => Test::Matches(self.expression(node)?),
            "older_than" => Test::OlderThan(self.duration(node)?),
            "newer_than" => Test::NewerThan(self.duration(node)?),
            "expires_within" => Test::ExpiresWithin(self.duration(node)?),
            "before" => Test::Before(self.moment(node)?),
            "after" => Test::After(self.moment(node)?),
            "has" => Test::Has(self.text(node)?),
            "has_any" => Test::HasAny(self.many(node)?),
            "has_all" => Test::HasAll(self.many(node)?),
            "size" => self.size(node)?,
            order => Test::Compare(order_of(order), self.number(node)?),
        })
    }

    fn wrong(&self, node: &Node, needs: &str) -> crate::model::Diagnostic {
        self.doc.error(
            node.span,
            format!(
                "`{}` is a {} here and needs {needs}",
                self.name, self.decl.ty
            ),
        )
    }

    /// `"${name}"`, whose parameter must be of one of these types; or a literal.
    fn param(&self, node: &Node, types: &[ParamType]) -> Decoded<Option<Operand>> {
        let Kind::Scalar(text, _) = &node.kind else {
            return Ok(None);
        };
        let Some(name) = text.strip_prefix("${").and_then(|t| t.strip_suffix('}')) else {
            return Ok(None);
        };
        let Some((index, param)) = self.scope.param(name) else {
            let known = self.scope.params.iter().map(|p| p.name.as_str());
            return Err(self.doc.unknown(node.span, "parameter", name, known));
        };
        if !types.contains(&param.ty) {
            let expected: Vec<&str> = types.iter().map(|t| t.word()).collect();
            let message = format!(
                "parameter `{name}` is a {}, this place needs a {}",
                param.ty.word(),
                expected.join(" or ")
            );
            return Err(self.doc.error(node.span, message));
        }
        Ok(Some(Operand::Param(index)))
    }

    /// `{field: other, plus: 398d}` or `{field: other, times: 0.5}`, whose type must be this field's.
    fn field(&self, node: &Node) -> Decoded<Option<Operand>> {
        let Kind::Mapping(_) = &node.kind else {
            return Ok(None);
        };
        let fields = self
            .doc
            .fields(node, "a field operand", &["field", "plus", "times"])?;
        let name_node = fields.require("field")?;
        let name = self.doc.text(name_node, "field")?;
        let (other, decl) = self.scope.resolve(self.doc, name_node.span, name)?;
        if decl.ty != self.decl.ty {
            let message = format!(
                "`{name}` is a {}, `{}` a {}",
                decl.ty, self.name, self.decl.ty
            );
            return Err(self.doc.error(name_node.span, message));
        }
        let adjust = match (fields.get("plus"), fields.get("times")) {
            (None, None) => Adjust::Plain,
            (Some(plus), None) if decl.ty == FieldType::Time => {
                Adjust::Later(Length::decode(self.doc, plus, self.scope.params)?)
            }
            (None, Some(times)) if matches!(decl.ty, FieldType::Int | FieldType::Number) => {
                Adjust::Times(self.factor(times)?)
            }
            (Some(plus), _) => return Err(self.doc.error(plus.span, "`plus` needs a time")),
            (_, Some(times)) => return Err(self.doc.error(times.span, "`times` needs a number")),
        };
        Ok(Some(Operand::Field(other, adjust)))
    }

    fn factor(&self, node: &Node) -> Decoded<Factor> {
        match self.number(node)? {
            Operand::Param(index) => Ok(Factor::Param(index)),
            #[expect(
                clippy::cast_precision_loss,
                reason = "factors in rules are far below 2^53"
            )]
            Operand::Literal(Literal::Int(n)) => Ok(Factor::Fixed(n as f64)),
            Operand::Literal(Literal::Number(n)) => Ok(Factor::Fixed(n)),
            _ => Err(self
                .doc
                .error(node.span, "`times` is a number or a parameter")),
        }
    }

    fn equal(&self, node: &Node) -> Decoded<Operand> {
        match self.field(node)? {
            Some(Operand::Field(_, Adjust::Later(_) | Adjust::Times(_))) => {
                return Err(self
                    .doc
                    .error(node.span, "`eq` compares with the field as it is"));
            }
            Some(operand) => return Ok(operand),
            None => {}
        }
        let literal = match self.decl.ty {
            FieldType::Bool => Literal::Bool(self.doc.bool(node, &format!("`{}`", self.name))?),
            FieldType::Int => {
                return match self.number(node)? {
                    Operand::Literal(Literal::Number(_)) => Err(self.wrong(node, "a whole number")),
                    operand => Ok(operand),
                };
            }
            FieldType::Number => return self.number(node),
            FieldType::Text => return self.text(node),
            FieldType::Time => {
                return Err(
                    self.wrong(node, "an operator such as `older_than` or `expires_within`")
                );
            }
            FieldType::List => return Err(self.wrong(node, "an operator such as `has`")),
        };
        Ok(Operand::Literal(literal))
    }

    fn text(&self, node: &Node) -> Decoded<Operand> {
        if let Some(operand) = self.param(node, &[ParamType::String])? {
            return Ok(operand);
        }
        match &node.kind {
            Kind::Scalar(text, _) => Ok(Operand::Literal(Literal::Text(text.to_string()))),
            _ => Err(self.wrong(node, "a text")),
        }
    }

    fn expression(&self, node: &Node) -> Decoded<Operand> {
        match self.param(node, &[ParamType::Regex])? {
            Some(operand) => Ok(operand),
            None => {
                let expression = Expression::decode(self.doc, node, "`matches`")?;
                Ok(Operand::Literal(Literal::Regex(expression)))
            }
        }
    }

    fn number(&self, node: &Node) -> Decoded<Operand> {
        if let Some(operand) = self.field(node)? {
            return Ok(operand);
        }
        if let Some(operand) = self.param(node, &[ParamType::Int, ParamType::Number])? {
            return Ok(operand);
        }
        let text = self.doc.text(node, self.name)?;
        match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(n), _) => Ok(Operand::Literal(Literal::Int(n))),
            (_, Ok(n)) if n.is_finite() => Ok(Operand::Literal(Literal::Number(n))),
            _ => Err(self.wrong(node, "a number")),
        }
    }

    fn duration(&self, node: &Node) -> Decoded<Operand> {
        match self.param(node, &[ParamType::Duration])? {
            Some(operand) => Ok(operand),
            None => Ok(Operand::Literal(Literal::Period(
                self.doc.parsed(node, self.name)?,
            ))),
        }
    }

    fn moment(&self, node: &Node) -> Decoded<Operand> {
        if let Some(operand) = self.field(node)? {
            return Ok(operand);
        }
        if self.doc.text(node, self.name)? == "now" {
            return Ok(Operand::Now);
        }
        Ok(Operand::Literal(Literal::Instant(
            self.doc.parsed::<Instant>(node, self.name)?,
        )))
    }

    fn many(&self, node: &Node) -> Decoded<Operand> {
        if let Some(operand) = self.param(node, &[ParamType::List])? {
            return Ok(operand);
        }
        if !matches!(
            self.decl.ty,
            FieldType::Text | FieldType::List | FieldType::Int
        ) {
            return Err(self.wrong(node, "another test than membership in a list"));
        }
        let items = self.doc.sequence(node, &format!("`{}`", self.name))?;
        if self.decl.ty == FieldType::Int {
            for item in items {
                let text = self.doc.text(item, self.name)?;
                if text.parse::<i64>().is_err() {
                    return Err(self.wrong(item, "a number"));
                }
            }
        }
        match items {
            [] => Err(self.doc.error(node.span, "the list must not be empty")),
            _ => Ok(Operand::Literal(Literal::List(
                self.doc.texts(node, self.name)?,
            ))),
        }
    }

    fn states(&self, node: &Node) -> Decoded<Vec<State>> {
        let one = |node: &Node| {
            let word = self.doc.text(node, "is")?;
            let usable = |s: &State| {
                matches!(s, State::Missing | State::Present) || self.decl.ty == FieldType::Time
            };
            let known = STATES.iter().filter(|(_, s)| usable(s));
            known
                .clone()
                .find(|(w, _)| *w == word)
                .map(|(_, s)| *s)
                .ok_or_else(|| {
                    self.doc.unknown(
                        node.span,
                        "state",
                        word,
                        known.map(|(w, _)| *w).collect::<Vec<_>>(),
                    )
                })
        };
        match &node.kind {
            Kind::Sequence(items) if items.is_empty() => {
                Err(self.doc.error(node.span, "the list must not be empty"))
            }
            Kind::Sequence(items) => items.iter().map(one).collect(),
            _ => Ok(vec![one(node)?]),
        }
    }

    fn size(&self, node: &Node) -> Decoded<Test> {
        if let Kind::Mapping(entries) = &node.kind {
            let [entry] = entries.as_slice() else {
                return Err(self
                    .doc
                    .error(node.span, "`size` needs one comparison, such as `{gt: 1}`"));
            };
            let known = ORDERS.iter().map(|(w, _)| *w);
            if !known.clone().any(|w| w == &*entry.key) {
                return Err(self
                    .doc
                    .unknown(entry.span, "comparison", &entry.key, known));
            }
            return Ok(Test::Size(order_of(&entry.key), self.count(&entry.value)?));
        }
        Ok(Test::Size(Order::Equal, self.count(node)?))
    }

    fn count(&self, node: &Node) -> Decoded<Operand> {
        match self.param(node, &[ParamType::Int])? {
            Some(operand) => Ok(operand),
            None => Ok(Operand::Literal(Literal::Int(
                self.doc.parsed(node, "size")?,
            ))),
        }
    }
}

fn order_of(word: &str) -> Order {
    ORDERS
        .iter()
        .find(|(known, _)| *known == word)
        .map_or(Order::Equal, |(_, order)| *order)
}
