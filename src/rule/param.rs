//! Parameters of rules: every threshold is one, so that a policy file can set it within its range.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use std::fmt;

use regex::Regex;

use crate::model::{Instant, Period, Span};
use crate::read::decode::{Decoded, Document};
use crate::read::node::{Kind, Node};

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamType {
    /// A length of time with a unit, such as `90d`.
    Duration,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Number,
    /// Text.
    String,
    /// Several texts.
    List,
    /// A regular expression.
    Regex,
}

impl ParamType {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("duration", Self::Duration),
        ("int", Self::Int),
        ("number", Self::Number),
        ("string", Self::String),
        ("list", Self::List),
        ("regex", Self::Regex),
    ];

    /// Every word in rule files.
    pub fn words() -> impl Iterator<Item = &'static str> {
        Self::WORDS.iter().map(|(word, _)| *word)
    }

    /// The word in rule files.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(_, ty)| *ty == self)
            .map_or("", |(word, _)| word)
    }
}

/// A value of a parameter, or a literal in a condition.
#[derive(Debug, Clone)]
pub enum Literal {
    /// Yes or no.
    Bool(bool),
    /// A length of time.
    Period(Period),
    /// A point in time.
    Instant(Instant),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Number(f64),
    /// Text.
    Text(String),
    /// Several texts.
    List(Vec<String>),
    /// A regular expression.
    Regex(Expression),
}

impl Literal {
    /// What it is by its order: the seconds of a period, or the number itself.
    fn number(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "bounds are far below 2^53")]
            Self::Period(p) => Some(p.seconds() as f64),
            #[expect(clippy::cast_precision_loss, reason = "bounds are far below 2^53")]
            Self::Int(n) => Some(*n as f64),
            Self::Number(n) => Some(*n),
            _ => None,
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(v) => write!(f, "{v}"),
            Self::Period(v) => write!(f, "{v}"),
            Self::Instant(v) => write!(f, "{v}"),
            Self::Int(v) => write!(f, "{v}"),
            Self::Number(v) => write!(f, "{v}"),
            Self::Text(v) => f.write_str(v),
            Self::List(v) => write!(f, "[{}]", v.join(", ")),
            Self::Regex(v) => f.write_str(v.as_str()),
        }
    }
}

/// A declared parameter.
#[derive(Debug, Clone)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: ParamType,
    /// The value without a policy file.
    pub default: Literal,
    /// The least value allowed.
    pub min: Option<Literal>,
    /// The greatest value allowed.
    pub max: Option<Literal>,
    /// The only values allowed; empty for any.
    pub one_of: Vec<String>,
    /// What it sets, with its unit.
    pub description: String,
    /// Where its name stands.
    pub span: Span,
}

impl Param {
    /// Reads a rule's `params:`.
    ///
    /// # Errors
    /// On an unknown type, a missing or ill-typed default, or one outside its own range.
    pub fn decode_all(doc: &Document, node: Option<&Node>) -> Decoded<Vec<Self>> {
        let Some(node) = node else {
            return Ok(Vec::new());
        };
        doc.mapping(node, "params")?
            .iter()
            .map(|entry| Self::decode(doc, &entry.key, entry.span, &entry.value))
            .collect()
    }

    fn decode(doc: &Document, name: &str, span: Span, node: &Node) -> Decoded<Self> {
        let keys = ["type", "default", "min", "max", "one_of", "description"];
        let what = format!("parameter `{name}`");
        let fields = doc.fields(node, &what, &keys)?;
        let ty_node = fields.require("type")?;
        let word = doc.text(ty_node, "type")?;
        let Some((_, ty)) = ParamType::WORDS.iter().find(|(known, _)| *known == word) else {
            let known = ParamType::WORDS.iter().map(|(w, _)| *w);
            return Err(doc.unknown(ty_node.span, "parameter type", word, known));
        };
        let bound = |key| {
            fields.optional(key, |n| {
                if matches!(ty, ParamType::String | ParamType::List | ParamType::Regex) {
                    let message = format!("`{key}` is for durations and numbers");
                    return Err(doc.error(n.span, message));
                }
                Self::literal(doc, *ty, n, key)
            })
        };
        let default = fields.require("default")?;
        let param = Self {
            name: name.to_owned(),
            ty: *ty,
            default: Self::literal(doc, *ty, default, "default")?,
            min: bound("min")?,
            max: bound("max")?,
            one_of: fields
                .optional("one_of", |n| doc.texts(n, "one_of"))?
                .unwrap_or_default(),
            description: fields
                .optional("description", |n| {
                    doc.text(n, "description").map(str::to_owned)
                })?
                .unwrap_or_default(),
            span,
        };
        let (min, max) = (&param.min, &param.max);
        if let (Some(low), Some(high), Some(node)) = (min, max, fields.get("min"))
            && low.number() > high.number()
        {
            let message =
                format!("parameter `{name}`: the minimum {low} is above the maximum {high}");
            return Err(doc.error(node.span, message));
        }
        if let Err(why) = param.accepts(&param.default) {
            let message = format!("parameter `{name}`: the default {why}");
            return Err(doc.error(default.span, message));
        }
        Ok(param)
    }

    /// Reads a value for this parameter, as the policy file gives it.
    ///
    /// # Errors
    /// When it is of another type or out of range.
    pub fn value(&self, doc: &Document, node: &Node) -> Decoded<Literal> {
        let value = Self::literal(doc, self.ty, node, &self.name)?;
        self.accepts(&value)
            .map_err(|why| doc.error(node.span, format!("parameter `{}`: {why}", self.name)))?;
        Ok(value)
    }

    fn literal(doc: &Document, ty: ParamType, node: &Node, what: &str) -> Decoded<Literal> {
        Ok(match ty {
            ParamType::Duration => Literal::Period(doc.parsed(node, what)?),
            ParamType::Int => Literal::Int(doc.parsed(node, what)?),
            ParamType::Number => {
                // One that is not finite would pass every range and every comparison fail.
                let number: f64 = doc.parsed(node, what)?;
                if !number.is_finite() {
                    return Err(doc.error(node.span, format!("{what} must be a finite number")));
                }
                Literal::Number(number)
            }
            ParamType::String => Literal::Text(doc.text(node, what)?.to_owned()),
            ParamType::Regex => Literal::Regex(Expression::decode(doc, node, what)?),
            ParamType::List => match &node.kind {
                Kind::Sequence(_) => Literal::List(doc.texts(node, what)?),
                _ => return Err(doc.error(node.span, format!("{what} must be a list"))),
            },
        })
    }

    fn accepts(&self, value: &Literal) -> Result<(), String> {
        if let (Some(v), Some(min)) = (value.number(), &self.min)
            && min.number().is_some_and(|m| v < m)
        {
            return Err(format!("{value} is below the minimum {min}"));
        }
        if let (Some(v), Some(max)) = (value.number(), &self.max)
            && max.number().is_some_and(|m| v > m)
        {
            return Err(format!("{value} is above the maximum {max}"));
        }
        if !self.one_of.is_empty() && !self.one_of.contains(&value.to_string()) {
            return Err(format!("{value} is not one of {}", self.one_of.join(", ")));
        }
        Ok(())
    }
}

/// A regular expression of a rule over records.
#[derive(Debug, Clone)]
pub struct Expression {
    text: String,
    compiled: Arc<OnceLock<Result<Regex, regex::Error>>>,
}

impl Expression {
    /// Reads one, and compiles it to see that it can be; one of a file that lies in the program is
    /// compiled by the tests, and in a run only when a record is asked about.
    ///
    /// # Errors
    /// When it does not compile.
    pub fn decode(doc: &Document, node: &Node, what: &str) -> Decoded<Self> {
        let expression = Self {
            text: doc.text(node, what)?.to_owned(),
            compiled: Arc::default(),
        };
        if doc.is_built_in() {
            return Ok(expression);
        }
        match expression.compiled() {
            Ok(_) => Ok(expression),
            Err(error) => {
                let why = error.to_string();
                let message = format!("{what} is no valid regular expression: {}", last_line(&why));
                Err(doc.error(node.span, message))
            }
        }
    }

    /// Whether it matches somewhere in a text. One that does not compile, which none does that was
    /// read, matches nothing.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.compiled().is_ok_and(|regex| regex.is_match(text))
    }

    /// The expression, compiled within a size limit, and once for all rules that have it.
    fn compiled(&self) -> Result<&Regex, &regex::Error> {
        static KNOWN: Mutex<BTreeMap<String, Regex>> = Mutex::new(BTreeMap::new());
        let compile = || {
            let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(regex) = known.get(&self.text) {
                return Ok(regex.clone());
            }
            let regex = regex::RegexBuilder::new(&self.text)
                .size_limit(1 << 20)
                .build()?;
            known.insert(self.text.clone(), regex.clone());
            Ok(regex)
        };
        self.compiled.get_or_init(compile).as_ref()
    }

    /// The expression as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The last line of a many-line error is the sentence that says what is wrong.
fn last_line(text: &str) -> &str {
    text.lines()
        .last()
        .unwrap_or(text)
        .trim_start_matches("error: ")
}
