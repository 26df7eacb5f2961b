//! How records become items: read from the `kinds` and `items` of source files, checked against
//! the record types. Knows no vendor.

use crate::model::{FieldId, FieldType, Grade, RecordType, RecordTypeId, Schema};
use crate::read::decode::{Decoded, Document, Fields};
use crate::read::node::{Kind as NodeKind, Node};

use super::fact::{Fact, FactType, IdentifierKind};

/// A kind of item, as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(pub u16);

/// A kind of item: what it is, and by what two records are known to tell of the same one.
#[derive(Debug)]
pub struct Kind {
    /// Its name, such as `client_secret`.
    pub name: String,
    /// What it is, for people.
    pub title: String,
    /// The identifiers that tell its items apart, the surest first.
    pub keys: Vec<IdentifierKind>,
    /// The words by which a team's register may call it; the first is the one that we write.
    pub register: Vec<String>,
    /// Whether it is something that is rotated: a credential, not what it belongs to.
    pub rotates: bool,
    /// Whether no one export lists all of a platform's.
    pub scattered: bool,
    /// Platforms of which an id is unique within one instance only, and whose exports name none.
    pub local: Vec<String>,
    /// How often it is rotated where nothing says so of the very item: days between rotations.
    pub cadence_days: Option<i64>,
    /// Whether it stops working at its end. An account whose password has ended is still there.
    pub ends: bool,
}

/// What a record does for the inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It is an item.
    Is,
    /// It tells about one that another record is.
    About,
    /// It is the team's own word about an item; one that no export knows it makes.
    Declares,
    /// It is the team's own word about an item that something else makes.
    Notes,
    /// It is the team's own word about everything that was declared of a kind.
    Every,
}

impl Role {
    /// Whether it is the team's own word, of which a field says which kind it is about.
    const fn is_declared(self) -> bool {
        matches!(self, Self::Declares | Self::Notes | Self::Every)
    }

    /// Whether it makes an item by itself.
    pub(super) const fn makes(self) -> bool {
        matches!(self, Self::Is | Self::Declares)
    }
}

/// How records of one type become items, or tell about some.
#[derive(Debug)]
pub(super) struct Recipe {
    pub(super) record: RecordTypeId,
    pub(super) role: Role,
    /// None for the team's own word, whose records name the kind.
    pub(super) kind: Option<KindId>,
    pub(super) platform: Option<FieldId>,
    /// The field of the team's own word that says which kind it is.
    pub(super) kind_word: Option<FieldId>,
    pub(super) only: Vec<Guard>,
    /// A record that one of these lets through does not count.
    pub(super) except: Vec<Guard>,
    pub(super) identifiers: Vec<(IdentifierKind, Origin)>,
    pub(super) facts: Vec<FactRecipe>,
    pub(super) links: Vec<LinkRecipe>,
}

/// Lets a record through if a field has one of these values.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) field: FieldId,
    pub(super) values: Vec<String>,
    /// Whether an empty field will do too.
    pub(super) or_empty: bool,
}

/// Where a text comes from.
#[derive(Debug)]
pub(super) enum Origin {
    /// The first of these fields that holds something.
    First(Vec<FieldId>),
    /// All of these fields, which must all be there.
    Joined(Vec<FieldId>),
}

/// What to take for a fact.
#[derive(Debug)]
pub(super) enum Take {
    /// The first of these fields that holds something.
    First(Vec<FieldId>),
    /// The first of these fields that holds something, in other words; one without is left out.
    Mapped(Vec<FieldId>, Vec<(String, String)>),
    /// The labels of the fields that are true.
    Flags(Vec<(FieldId, String)>),
    /// Never, if the field is true.
    NeverIf(FieldId),
}

/// A fact and how well the record proves it.
#[derive(Debug)]
pub(super) struct FactRecipe {
    pub(super) fact: Fact,
    pub(super) take: Take,
    pub(super) grade: Grade,
}

/// A reference to another item.
#[derive(Debug)]
pub(super) struct LinkRecipe {
    /// What the other is to this one.
    pub(super) relation: Relation,
    pub(super) kind: KindId,
    pub(super) by: Vec<(IdentifierKind, Origin)>,
    /// Facts that this one takes from the other where no record of its own gives them.
    pub(super) inherit: Vec<Fact>,
}

/// What another item is to this one, as a number within [`Recipes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Relation(pub(super) u16);

/// The kinds of items, and how records become them.
#[derive(Debug, Default)]
pub struct Recipes {
    kinds: Vec<Kind>,
    relations: Vec<String>,
    recipes: Vec<Recipe>,
    /// Record types that make no item, with why.
    without: Vec<(RecordTypeId, String)>,
}

const ROOT: &[&str] = &[
    "version", "records", "sources", "kinds", "items", "no_items",
];

impl Recipes {
    /// Reads the `kinds` and `items` of source files, in any order of files.
    ///
    /// # Errors
    /// At the first fault: an unknown kind, record type, field or fact, or a field of a type that
    /// does not fit.
    pub fn decode<'a>(
        files: impl IntoIterator<Item = (&'a Document, &'a Node)>,
        schema: &Schema,
    ) -> Decoded<Self> {
        let files: Vec<_> = files.into_iter().collect();
        let mut recipes = Self::default();
        for (doc, tree) in &files {
            let root = doc.fields(tree, "a source file", ROOT)?;
            if let Some(list) = root.get("kinds") {
                for node in doc.sequence(list, "`kinds`")? {
                    recipes.kind(doc, node)?;
                }
            }
        }
        for (doc, tree) in &files {
            let root = doc.fields(tree, "a source file", ROOT)?;
            if let Some(list) = root.get("items") {
                for node in doc.sequence(list, "`items`")? {
                    let recipe = Reader {
                        doc,
                        schema,
                        recipes: &mut recipes,
                    }
                    .recipe(node)?;
                    recipes.recipes.push(recipe);
                }
            }
            if let Some(list) = root.get("no_items") {
                for entry in doc.mapping(list, "`no_items`")? {
                    let Some((record, _)) = schema.find(&entry.key) else {
                        let known = schema.types.iter().map(|t| t.name.as_str());
                        return Err(doc.unknown(entry.span, "record type", &entry.key, known));
                    };
                    let why = doc.filled(&entry.value, "the reason")?.to_owned();
                    recipes.without.push((record, why));
                }
            }
        }
        Ok(recipes)
    }

    fn kind(&mut self, doc: &Document, node: &Node) -> Decoded<()> {
        let known = [
            "name",
            "title",
            "keys",
            "register",
            "cadence_days",
            "rotates",
            "scattered",
            "local",
            "ends",
        ];
        let fields = doc.fields(node, "a kind", &known)?;
        let yes = |key| Ok(fields.optional(key, |n| doc.bool(n, key))?.unwrap_or(true));
        let name_node = fields.require("name")?;
        let name = doc.filled(name_node, "`name`")?;
        if self.find_kind(name).is_some() {
            return Err(doc.error(name_node.span, format!("there are two kinds `{name}`")));
        }
        let keys_node = fields.require("keys")?;
        let mut keys = Vec::new();
        for key in doc.sequence(keys_node, "`keys`")? {
            keys.push(doc.word(key, "identifier", IdentifierKind::WORDS)?);
        }
        if keys.is_empty() {
            return Err(doc.error(keys_node.span, "without a key, items cannot be told apart"));
        }
        self.kinds.push(Kind {
            name: name.to_owned(),
            title: doc.filled(fields.require("title")?, "`title`")?.to_owned(),
            keys,
            register: fields
                .optional("register", |n| doc.texts(n, "`register`"))?
                .unwrap_or_default(),
            rotates: yes("rotates")?,
            scattered: fields
                .optional("scattered", |n| doc.bool(n, "`scattered`"))?
                .unwrap_or(false),
            local: fields
                .optional("local", |n| doc.texts(n, "`local`"))?
                .unwrap_or_default(),
            cadence_days: fields.optional("cadence_days", |n| doc.parsed(n, "`cadence_days`"))?,
            ends: yes("ends")?,
        });
        Ok(())
    }

    fn find_kind(&self, name: &str) -> Option<KindId> {
        let index = self.kinds.iter().position(|kind| kind.name == name)?;
        u16::try_from(index).ok().map(KindId)
    }

    fn relation(&mut self, word: &str) -> Relation {
        let known = self.relations.iter().position(|other| other == word);
        let index = known.unwrap_or_else(|| {
            self.relations.push(word.to_owned());
            self.relations.len() - 1
        });
        Relation(u16::try_from(index).unwrap_or(u16::MAX))
    }

    /// Every kind.
    #[must_use]
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    pub(super) fn of_kind(&self, id: KindId) -> Option<&Kind> {
        self.kinds.get(usize::from(id.0))
    }

    pub(super) fn word_of(&self, relation: Relation) -> &str {
        self.relations
            .get(usize::from(relation.0))
            .map_or("", String::as_str)
    }

    /// The kinds that the team's register may mean by a word.
    pub(super) fn meant(&self, word: &str) -> impl Iterator<Item = KindId> {
        let means = move |kind: &Kind| {
            kind.name.eq_ignore_ascii_case(word)
                || kind.register.iter().any(|w| w.eq_ignore_ascii_case(word))
        };
        (0..)
            .map(KindId)
            .zip(&self.kinds)
            .filter_map(move |(id, kind)| means(kind).then_some(id))
    }

    /// The kinds of items that records of a type are.
    pub fn kinds_of(&self, ty: RecordTypeId) -> impl Iterator<Item = &Kind> {
        self.of_record(ty)
            .filter(|(_, recipe)| recipe.role == Role::Is)
            .filter_map(|(_, recipe)| self.of_kind(recipe.kind?))
    }

    pub(super) fn of_record(&self, ty: RecordTypeId) -> impl Iterator<Item = (u16, &Recipe)> {
        (0..)
            .zip(&self.recipes)
            .filter(move |(_, recipe)| recipe.record == ty)
    }

    pub(super) fn get(&self, number: u16) -> Option<&Recipe> {
        self.recipes.get(usize::from(number))
    }

    /// Every field that an inventory reads.
    pub fn wanted(&self, take: &mut dyn FnMut(RecordTypeId, FieldId)) {
        for recipe in &self.recipes {
            recipe.fields(&mut |field| take(recipe.record, field));
        }
    }

    /// Record types of which nothing says whether they make items.
    #[must_use]
    pub fn forgotten<'s>(&self, schema: &'s Schema) -> Vec<&'s str> {
        let told = |id: RecordTypeId| {
            self.recipes.iter().any(|r| r.record == id)
                || self.without.iter().any(|(other, _)| *other == id)
        };
        let all = (0..).map(RecordTypeId).zip(&schema.types);
        all.filter(|(id, _)| !told(*id))
            .map(|(_, ty)| ty.name.as_str())
            .collect()
    }
}

impl Recipe {
    fn fields(&self, take: &mut dyn FnMut(FieldId)) {
        let mut origin = |origin: &Origin| match origin {
            Origin::First(fields) | Origin::Joined(fields) => {
                fields.iter().for_each(|field| take(*field));
            }
        };
        self.identifiers.iter().for_each(|(_, from)| origin(from));
        let by = self.links.iter().flat_map(|link| &link.by);
        by.for_each(|(_, from)| origin(from));
        let guards = self.only.iter().chain(&self.except);
        guards.for_each(|guard| take(guard.field));
        self.platform
            .iter()
            .chain(&self.kind_word)
            .for_each(|field| take(*field));
        for fact in &self.facts {
            match &fact.take {
                Take::First(fields) | Take::Mapped(fields, _) => {
                    fields.iter().for_each(|field| take(*field));
                }
                Take::Flags(flags) => flags.iter().for_each(|(field, _)| take(*field)),
                Take::NeverIf(field) => take(*field),
            }
        }
    }
}

struct Reader<'a> {
    doc: &'a Document,
    schema: &'a Schema,
    recipes: &'a mut Recipes,
}

impl Reader<'_> {
    fn recipe(&mut self, node: &Node) -> Decoded<Recipe> {
        let doc = self.doc;
        let known = [
            "record", "is", "about", "declares", "notes", "every", "only", "except", "by", "facts",
            "links", "grade",
        ];
        let fields = doc.fields(node, "an item", &known)?;
        let record_node = fields.require("record")?;
        let word = doc.text(record_node, "`record`")?;
        let Some((record, decl)) = self.schema.find(word) else {
            let known = self.schema.types.iter().map(|t| t.name.as_str());
            return Err(doc.unknown(record_node.span, "record type", word, known));
        };
        let (role, kind, kind_word) = self.role(&fields, decl)?;
        let keys: Option<&[IdentifierKind]> = kind
            .and_then(|k| self.recipes.of_kind(k))
            .map(|k| k.keys.as_slice());
        let identifiers = identifiers(doc, decl, fields.require("by")?)?;
        if let (Some(keys), Role::Is | Role::About) = (keys, role)
            && !identifiers.iter().any(|(kind, _)| keys.contains(kind))
        {
            let span = fields.require("by")?.span;
            let words: Vec<&str> = keys.iter().map(|k| k.word()).collect();
            let message = format!("needs one of the kind's keys: {}", words.join(", "));
            return Err(doc.error(span, message));
        }
        let grade = fields
            .optional("grade", |n| doc.word(n, "grade", Grade::WORDS))?
            .unwrap_or(if role.is_declared() {
                Grade::Declared
            } else {
                Grade::Direct
            });
        Ok(Recipe {
            record,
            role,
            kind,
            platform: decl.field("platform").map(|(id, _)| id),
            kind_word,
            only: fields
                .optional("only", |n| guards(doc, decl, n))?
                .unwrap_or_default(),
            except: fields
                .optional("except", |n| guards(doc, decl, n))?
                .unwrap_or_default(),
            identifiers,
            facts: fields
                .optional("facts", |n| facts(doc, decl, n, grade))?
                .unwrap_or_default(),
            links: fields
                .optional("links", |n| self.links(decl, n))?
                .unwrap_or_default(),
        })
    }

    fn role(
        &self,
        fields: &Fields<'_, '_>,
        decl: &RecordType,
    ) -> Decoded<(Role, Option<KindId>, Option<FieldId>)> {
        let given = [
            ("is", Role::Is),
            ("about", Role::About),
            ("declares", Role::Declares),
            ("notes", Role::Notes),
            ("every", Role::Every),
        ];
        let mut given = given
            .iter()
            .filter_map(|(key, role)| Some((fields.get(key)?, *role)));
        let (Some((node, role)), None) = (given.next(), given.next()) else {
            let message =
                "an item needs exactly one of `is`, `about`, `declares`, `notes`, `every`";
            return Err(self.doc.error(fields.span(), message));
        };
        if role.is_declared() {
            let field = field(self.doc, decl, node, FieldType::Text)?;
            return Ok((role, None, Some(field)));
        }
        Ok((role, Some(self.kind(node)?), None))
    }

    fn kind(&self, node: &Node) -> Decoded<KindId> {
        let word = self.doc.text(node, "a kind")?;
        self.recipes.find_kind(word).ok_or_else(|| {
            let known = self.recipes.kinds.iter().map(|k| k.name.as_str());
            self.doc.unknown(node.span, "kind of item", word, known)
        })
    }

    fn links(&mut self, decl: &RecordType, node: &Node) -> Decoded<Vec<LinkRecipe>> {
        let doc = self.doc;
        let mut links = Vec::new();
        for node in doc.sequence(node, "`links`")? {
            let fields = doc.fields(node, "a link", &["as", "to", "by", "inherit"])?;
            let relation = doc.filled(fields.require("as")?, "`as`")?;
            let inherit = fields.optional("inherit", |n| {
                let list = doc.sequence(n, "`inherit`")?.iter();
                list.map(|n| doc.word(n, "fact", Fact::WORDS)).collect()
            })?;
            links.push(LinkRecipe {
                kind: self.kind(fields.require("to")?)?,
                by: identifiers(doc, decl, fields.require("by")?)?,
                inherit: inherit.unwrap_or_default(),
                relation: self.recipes.relation(relation),
            });
        }
        Ok(links)
    }
}

fn field(doc: &Document, decl: &RecordType, node: &Node, ty: FieldType) -> Decoded<FieldId> {
    let word = doc.text(node, "a field")?;
    let Some((id, found)) = decl.field(word) else {
        let known = decl.fields.iter().map(|f| f.name.as_str());
        return Err(doc.unknown(node.span, &format!("field of `{}`", decl.name), word, known));
    };
    if found.ty == ty {
        Ok(id)
    } else {
        Err(doc.error(node.span, format!("`{word}` is {}, not {ty}", found.ty)))
    }
}

/// Any field, and its type.
fn any_field(doc: &Document, decl: &RecordType, node: &Node) -> Decoded<(FieldId, FieldType)> {
    let word = doc.text(node, "a field")?;
    match decl.field(word) {
        Some((id, found)) => Ok((id, found.ty)),
        None => {
            let known = decl.fields.iter().map(|f| f.name.as_str());
            Err(doc.unknown(node.span, &format!("field of `{}`", decl.name), word, known))
        }
    }
}

/// One field or a list of them.
fn one_or_more(node: &Node) -> &[Node] {
    match &node.kind {
        NodeKind::Sequence(list) => list,
        _ => std::slice::from_ref(node),
    }
}

fn identifiers(
    doc: &Document,
    decl: &RecordType,
    node: &Node,
) -> Decoded<Vec<(IdentifierKind, Origin)>> {
    let mut out = Vec::new();
    for entry in doc.mapping(node, "`by`")? {
        let kind = entry.key.parse().map_err(|_| {
            let known = IdentifierKind::WORDS.iter().copied();
            doc.unknown(entry.span, "identifier", &entry.key, known)
        })?;
        let fields = |list: &[Node]| {
            list.iter()
                .map(|n| field(doc, decl, n, FieldType::Text))
                .collect::<Decoded<Vec<_>>>()
        };
        let origin = match &entry.value.kind {
            NodeKind::Mapping(_) => {
                let joined = doc.fields(&entry.value, "an identifier", &["join"])?;
                let list = doc.sequence(joined.require("join")?, "`join`")?;
                let parts = list
                    .iter()
                    .map(|n| any_field(doc, decl, n).map(|(id, _)| id));
                Origin::Joined(parts.collect::<Decoded<_>>()?)
            }
            _ => Origin::First(fields(one_or_more(&entry.value))?),
        };
        out.push((kind, origin));
    }
    Ok(out)
}

fn guards(doc: &Document, decl: &RecordType, node: &Node) -> Decoded<Vec<Guard>> {
    let mut out = Vec::new();
    for entry in doc.mapping(node, "a guard")? {
        let Some((field, _)) = decl.field(&entry.key) else {
            let known = decl.fields.iter().map(|f| f.name.as_str());
            return Err(doc.unknown(entry.span, "field", &entry.key, known));
        };
        let mut values = doc.texts(&entry.value, "the values")?;
        let before = values.len();
        values.retain(|value| !value.is_empty());
        let or_empty = values.len() < before;
        out.push(Guard {
            field,
            values,
            or_empty,
        });
    }
    Ok(out)
}

fn facts(doc: &Document, decl: &RecordType, node: &Node, grade: Grade) -> Decoded<Vec<FactRecipe>> {
    let mut out = Vec::new();
    for entry in doc.mapping(node, "`facts`")? {
        let fact: Fact = entry.key.parse().map_err(|_| {
            doc.unknown(entry.span, "fact", &entry.key, Fact::WORDS.iter().copied())
        })?;
        let recipe = match &entry.value.kind {
            NodeKind::Mapping(_) => in_words(doc, decl, &entry.value, fact, grade)?,
            _ => FactRecipe {
                fact,
                take: Take::First(fitting(doc, decl, &entry.value, fact)?),
                grade,
            },
        };
        out.push(recipe);
    }
    Ok(out)
}

/// A fact that takes more than the name of a field.
fn in_words(
    doc: &Document,
    decl: &RecordType,
    node: &Node,
    fact: Fact,
    grade: Grade,
) -> Decoded<FactRecipe> {
    let known = ["field", "map", "flags", "never_if", "grade"];
    let fields = doc.fields(node, "a fact", &known)?;
    let take = match (
        fields.get("field"),
        fields.get("flags"),
        fields.get("never_if"),
    ) {
        (Some(from), None, None) => match fields.get("map") {
            None => Take::First(fitting(doc, decl, from, fact)?),
            Some(map) => {
                let from = one_or_more(from)
                    .iter()
                    .map(|n| any_field(doc, decl, n).map(|(id, _)| id))
                    .collect::<Decoded<_>>()?;
                let pairs = doc.mapping(map, "`map`")?.iter();
                let pairs =
                    pairs.map(|e| Ok((e.key.to_string(), doc.text(&e.value, "`map`")?.to_owned())));
                Take::Mapped(from, pairs.collect::<Decoded<_>>()?)
            }
        },
        (None, Some(flags), None) if fact.ty() == FactType::Texts => {
            let list = doc.mapping(flags, "`flags`")?.iter();
            let list = list.map(|e| match decl.field(&e.key) {
                Some((id, _)) => Ok((id, doc.text(&e.value, "`flags`")?.to_owned())),
                None => {
                    let known = decl.fields.iter().map(|f| f.name.as_str());
                    Err(doc.unknown(e.span, "field", &e.key, known))
                }
            });
            Take::Flags(list.collect::<Decoded<_>>()?)
        }
        (None, None, Some(from)) if fact.ty() == FactType::Time => {
            Take::NeverIf(field(doc, decl, from, FieldType::Bool)?)
        }
        _ => {
            let message = "a fact is a field, or has one of `field`, `flags` (for lists), `never_if` (for times)";
            return Err(doc.error(node.span, message));
        }
    };
    let grade = fields
        .optional("grade", |n| doc.word(n, "grade", Grade::WORDS))?
        .unwrap_or(grade);
    Ok(FactRecipe { fact, take, grade })
}

/// Fields whose type suits a fact.
fn fitting(doc: &Document, decl: &RecordType, node: &Node, fact: Fact) -> Decoded<Vec<FieldId>> {
    let suits = |ty: FieldType| match fact.ty() {
        FactType::Text => ty == FieldType::Text,
        FactType::Texts => matches!(ty, FieldType::Text | FieldType::List),
        FactType::Time => ty == FieldType::Time,
        FactType::Int => ty == FieldType::Int,
    };
    let mut out = Vec::new();
    for node in one_or_more(node) {
        let (id, ty) = any_field(doc, decl, node)?;
        if !suits(ty) {
            let word = doc.text(node, "a field")?;
            let message = format!("`{word}` is {ty}, which does not fit `{}`", fact.word());
            return Err(doc.error(node.span, message));
        }
        out.push(id);
    }
    Ok(out)
}
