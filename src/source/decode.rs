//! Reads source files: from YAML to checked [`Source`]s. Knows the keys of the language; what a
//! field may say is in `decode_field`, what a test may say in `decode_test`.

use std::sync::Arc;

use globset::GlobBuilder;

use super::cells::{ColumnIx, Origin, Pick};
use super::mapping::{Mapping, Read};
use super::recognise::{Entry, FormatWord, PathPattern};
use super::{RecordMap, Source, decode_field, decode_test, schema};
use crate::model::{RecordType, Schema};
use crate::read::ColumnPath;
use crate::read::decode::{Decoded, Document, Fields};
use crate::read::node::Node;

/// What may stand in a source file. Kinds and items are for the inventory, which reads them when
/// one is asked for.
const ROOT: &[&str] = &[
    "version", "records", "sources", "kinds", "items", "no_items",
];

fn root<'d, 'n>((doc, tree): (&'d Document, &'n Node)) -> Decoded<Fields<'d, 'n>> {
    let root = doc.fields(tree, "a source file", ROOT)?;
    let version = root.require("version")?;
    if doc.text(version, "`version`")? != "1" {
        return Err(doc.error(version.span, "the only version so far is 1"));
    }
    Ok(root)
}

/// Reads the record types of some files.
pub(super) fn schema(trees: &[(&Document, &Node)]) -> Decoded<Schema> {
    let mut schema = Schema::default();
    for (doc, tree) in trees {
        if let Some(records) = root((doc, tree))?.get("records") {
            schema::decode_into(&mut schema, doc, records)?;
        }
    }
    Ok(schema)
}

/// Reads the sources of some files.
pub(super) fn sources(schema: &Schema, trees: &[(&Document, &Node)]) -> Decoded<Vec<Arc<Source>>> {
    let mut lists = Vec::new();
    for (doc, tree) in trees {
        lists.extend(root((doc, tree))?.get("sources").map(|list| (*doc, list)));
    }
    let mut sources: Vec<Arc<Source>> = Vec::new();
    let mut nodes = Vec::new();
    for (doc, list) in lists {
        for node in doc.sequence(list, "`sources`")? {
            let (source, id) = source(schema, doc, node)?;
            if sources.iter().any(|other| other.id == source.id) {
                let message = format!("there are two sources `{}`", source.id);
                return Err(doc.error(id.span, message));
            }
            sources.push(Arc::new(source));
            nodes.push((doc, id));
        }
    }
    for (source, (doc, node)) in sources.iter().zip(&nodes) {
        also(source, &sources, doc, node)?;
    }
    Ok(sources)
}

/// What a source asks to be read as well exists, and one that has no marks of its own is asked for.
fn also(source: &Source, all: &[Arc<Source>], doc: &Document, node: &Node) -> Decoded<()> {
    let known = all.iter().map(|other| &*other.id);
    for id in &source.also {
        if !known.clone().any(|other| *other == **id) {
            return Err(doc.unknown(node.span, "source", id, known));
        }
    }
    let asked = |other: &Arc<Source>| other.also.contains(&source.id);
    if source.entries.is_empty() && !all.iter().any(asked) {
        let message = "a source needs an entry in `recognise`, or another that names it in `also`";
        return Err(doc.error(node.span, message));
    }
    Ok(())
}

/// A source under construction: its file and the columns that it has named so far.
pub(super) struct Draft<'d> {
    pub(super) doc: &'d Document,
    columns: Vec<ColumnPath>,
}

impl Draft<'_> {
    pub(super) fn path(&self, node: &Node, what: &str) -> Decoded<ColumnPath> {
        let text = self.doc.text(node, what)?;
        ColumnPath::parse(text).map_err(|why| {
            let message = format!("`{text}` is not a column: {why}");
            self.doc.error(node.span, message)
        })
    }

    /// The number of a column; the same column has the same number each time.
    pub(super) fn column(&mut self, node: &Node) -> Decoded<ColumnIx> {
        let path = self.path(node, "a column")?;
        let known = self.columns.iter().position(|other| *other == path);
        let index = known.unwrap_or_else(|| {
            self.columns.push(path);
            self.columns.len() - 1
        });
        // The last number stands for a column that is not wanted.
        let number = u16::try_from(index).ok().filter(|n| *n < u16::MAX);
        let full = || self.doc.error(node.span, "too many columns");
        number.map(ColumnIx).ok_or_else(full)
    }

    /// Reads `column`, or `columns` and `pick`.
    pub(super) fn from(&mut self, fields: &Fields<'_, '_>) -> Decoded<Origin> {
        let pick = match fields.get("pick") {
            None => Pick::default(),
            Some(node) => match self.doc.text(node, "`pick`")? {
                "filled" => Pick::Filled,
                "there" => Pick::There,
                "latest" => Pick::Latest,
                other => {
                    let known = ["filled", "there", "latest"];
                    return Err(self.doc.unknown(node.span, "`pick`", other, known));
                }
            },
        };
        match (fields.get("column"), fields.get("columns")) {
            (Some(_), Some(both)) => Err(self
                .doc
                .error(both.span, "write either `column` or `columns`")),
            (Some(one), None) => self.column(one).map(Origin::One),
            (None, Some(list)) => {
                let columns = self
                    .doc
                    .sequence(list, "`columns`")?
                    .iter()
                    .map(|node| self.column(node))
                    .collect::<Decoded<Vec<_>>>()?;
                if columns.is_empty() {
                    return Err(self.doc.error(list.span, "`columns` must name a column"));
                }
                Ok(Origin::Several(columns.into(), pick))
            }
            (None, None) => Ok(Origin::Nothing),
        }
    }

    /// What to call a column in messages. Of several the shortest: the others are its variants
    /// in other shapes of the same export.
    pub(super) fn name(&self, columns: &[ColumnIx]) -> Box<str> {
        columns
            .iter()
            .filter_map(|column| self.columns.get(usize::from(column.0)))
            .map(|path| path.text.as_str())
            .min_by_key(|text| text.len())
            .unwrap_or_default()
            .into()
    }
}

fn source<'n>(schema: &Schema, doc: &Document, node: &'n Node) -> Decoded<(Source, &'n Node)> {
    let known = [
        "id",
        "title",
        "platform",
        "export",
        "recognise",
        "each",
        "also",
        "row_limits",
        "records",
    ];
    let fields = doc.fields(node, "a source", &known)?;
    let id = fields.require("id")?;
    let text = |key| Ok(doc.text(fields.require(key)?, key)?.into());
    let platform = fields.optional("platform", |n| doc.text(n, "`platform`"))?;
    let mut draft = Draft {
        doc,
        columns: Vec::new(),
    };
    let records = doc
        .sequence(fields.require("records")?, "`records`")?
        .iter()
        .map(|node| record(schema, &mut draft, platform, node))
        .collect::<Decoded<Vec<_>>>()?;
    let entries = fields.optional("recognise", |n| {
        let items = doc.sequence(n, "`recognise`")?.iter();
        items.map(|node| entry(doc, node)).collect()
    })?;
    if records.is_empty() || entries.as_ref().is_some_and(Vec::is_empty) {
        let message = "a source needs at least one entry in `records` and in `recognise`";
        return Err(doc.error(id.span, message));
    }
    let also = fields.optional("also", |n| doc.texts(n, "`also`"))?;
    let limits = fields.optional("row_limits", |n| {
        let items = doc.sequence(n, "`row_limits`")?.iter();
        items.map(|n| doc.parsed(n, "`row_limits`")).collect()
    })?;
    let source = Source {
        id: text("id")?,
        title: text("title")?,
        platform: platform.unwrap_or_default().into(),
        export: text("export")?,
        each: fields.optional("each", |n| draft.path(n, "`each`"))?,
        also: also
            .unwrap_or_default()
            .into_iter()
            .map(Box::from)
            .collect(),
        row_limits: limits.unwrap_or_default(),
        entries: entries.unwrap_or_default(),
        columns: draft.columns,
        records,
    };
    Ok((source, id))
}

fn entry(doc: &Document, node: &Node) -> Decoded<Entry> {
    let known = ["format", "columns", "kind", "namespace", "envelope", "path"];
    let fields = doc.fields(node, "an entry of `recognise`", &known)?;
    let format_node = fields.require("format")?;
    let word = doc.text(format_node, "`format`")?;
    let format = FormatWord::ALL.iter().find(|(name, _)| *name == word);
    let Some((_, format)) = format else {
        let known = FormatWord::ALL.iter().map(|(name, _)| *name);
        return Err(doc.unknown(format_node.span, "format", word, known));
    };
    let text = |key| fields.optional(key, |n| doc.text(n, key).map(str::to_owned));
    let path = fields.optional("path", |n| {
        GlobBuilder::new(doc.text(n, "`path`")?)
            .literal_separator(true)
            .case_insensitive(true)
            .build()
            .map(PathPattern::new)
            .map_err(|why| doc.error(n.span, format!("not a path pattern: {}", why.kind())))
    })?;
    Ok(Entry {
        format: *format,
        columns: fields
            .optional("columns", |n| doc.texts(n, "`columns`"))?
            .unwrap_or_default(),
        kind: text("kind")?,
        namespace: text("namespace")?,
        envelope: text("envelope")?,
        path,
    })
}

fn record(
    schema: &Schema,
    draft: &mut Draft<'_>,
    platform: Option<&str>,
    node: &Node,
) -> Decoded<RecordMap> {
    let doc = draft.doc;
    let fields = doc.fields(node, "a record", &["type", "keep", "fields"])?;
    let type_node = fields.require("type")?;
    let word = doc.text(type_node, "`type`")?;
    let Some((ty, decl)) = schema.find(word) else {
        let known = schema.types.iter().map(|t| t.name.as_str());
        return Err(doc.unknown(type_node.span, "record type", word, known));
    };
    let keep = fields
        .optional("keep", |n| decode_test::list(draft, n, "`keep`"))?
        .unwrap_or_default();
    let mut maps: Vec<Option<Mapping>> = decl.fields.iter().map(|_| None).collect();
    let fields_node = fields.require("fields")?;
    for field in doc.mapping(fields_node, "`fields`")? {
        let Some((id, field_decl)) = decl.field(&field.key) else {
            let known = decl.fields.iter().map(|f| f.name.as_str());
            let what = format!("field of `{word}`");
            return Err(doc.unknown(field.span, &what, &field.key, known));
        };
        let mapping = decode_field::mapping(draft, field_decl, &field.value)?;
        if let Some(place) = maps.get_mut(usize::from(id.0)) {
            *place = Some(mapping);
        }
    }
    if let (Some((id, _)), Some(platform)) = (decl.field("platform"), platform)
        && let Some(place @ None) = maps.get_mut(usize::from(id.0))
    {
        *place = Some(Mapping {
            from: Origin::Nothing,
            read: Read::Constant(platform.into()),
            absent: None,
            name: Box::default(),
        });
    }
    complete(doc, decl, &maps, type_node)?;
    Ok(RecordMap {
        ty,
        keep,
        fields: maps,
    })
}

/// Every field that a record must have is mapped.
fn complete(
    doc: &Document,
    decl: &RecordType,
    maps: &[Option<Mapping>],
    type_node: &Node,
) -> Decoded<()> {
    let missing = decl
        .fields
        .iter()
        .zip(maps)
        .find(|(field, mapping)| mapping.is_none() && !field.nullable);
    match missing {
        None => Ok(()),
        Some((field, _)) => Err(doc.error_with_help(
            type_node.span,
            format!(
                "the field `{}` of `{}` is not mapped",
                field.name, decl.name
            ),
            format!("every `{}` has it: {}", decl.name, field.doc),
        )),
    }
}
