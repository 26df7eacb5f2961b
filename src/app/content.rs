//! The rules and sources of a run: the built-in ones, and the user's own beside them.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use crate::inventory::Recipes;
use crate::model::{Diagnostic, Schema, Span};
use crate::read::decode::{Decoded, Document};
use crate::read::node::{Kind, Node};
use crate::rule::file::Depth;
use crate::rule::{Controls, Late, Policy, Rule, late};
use crate::source::Sources;

use super::builtin::{BUILTIN, BY_ID, Builtin, RULES};
use super::error::AppError;
use super::options::{Config, ContentOptions, POLICY_FILE};

/// Rules, sources and policies larger than this, in bytes, are refused.
const MAX_FILE: u64 = 8 << 20;

/// The built-in catalogue of controls. Read when somebody asks: most reports do not.
///
/// # Panics
/// If the program was built from another catalogue than its tests read.
#[must_use]
pub fn controls() -> &'static Controls {
    static CONTROLS: LazyLock<Controls> = LazyLock::new(|| {
        let file = Builtin::find("rules/controls.yaml");
        let read = file.and_then(|file| {
            let document = Document::built_in(file.name, file.text);
            Controls::decode_tree(&document, &file.node()?).ok()
        });
        read.unwrap_or_else(|| unreachable!("the catalogue was packed by the build"))
    });
    &CONTROLS
}

/// Rules and sources, checked.
#[derive(Debug)]
pub struct Content {
    /// The record types.
    pub schema: Arc<Late<Schema>>,
    /// The sources.
    pub sources: Sources,
    /// The rules, sorted by id.
    pub rules: Vec<Rule>,
    /// The user's own files of sources.
    own: Vec<File>,
}

/// A file and its tree.
#[derive(Debug)]
pub(super) struct File {
    pub(super) document: Document,
    pub(super) node: Node,
}

impl File {
    /// Whether a file of sources says anything that only an inventory needs.
    fn tells_of_items(&self) -> bool {
        let told = |key: &str| matches!(key, "kinds" | "items" | "no_items");
        matches!(&self.node.kind, Kind::Mapping(entries) if entries.iter().any(|e| told(&e.key)))
    }
}

/// The built-in files of sources with this beginning of their path.
fn built_in(path: &str) -> Vec<File> {
    let files = BUILTIN.iter().filter(|file| file.name.starts_with(path));
    let files = files.filter_map(|file| {
        Some(File {
            document: Document::built_in(file.name, file.text),
            node: file.node()?,
        })
    });
    files.collect()
}

/// The built-in rules, sorted by id.
fn built_in_rules(schema: &Arc<Late<Schema>>) -> Vec<Rule> {
    let documents = RULES
        .iter()
        .map(|file| Document::built_in(file.name, file.text));
    let documents: Vec<Document> = documents.collect();
    let rules = BY_ID.iter().filter_map(|(file, rule)| {
        let file = usize::from(*file);
        let head = RULES.get(file)?.rules.get(usize::from(*rule))?;
        Some(head.rule(documents.get(file)?, schema))
    });
    rules.collect()
}

const SOURCES: &str = "sources/";
/// The one built-in file that declares types of records.
const RECORDS: &str = "sources/records.yaml";

/// The record types, and the sources. The built-in ones are read when a file is to be recognised or a
/// rule over records runs, if there are no others.
fn sources(own: &[File]) -> Decoded<(Arc<Late<Schema>>, Sources)> {
    fn trees(files: &[File]) -> impl Iterator<Item = (&Document, &Node)> {
        files.iter().map(|file| (&file.document, &file.node))
    }
    if !own.is_empty() {
        let all = built_in(SOURCES);
        let (schema, sources) = Sources::decode_trees(trees(&all).chain(trees(own)))?;
        return Ok((Arc::new(late::ready(schema)), sources));
    }
    let schema = Arc::new(late::later(|| {
        match Sources::decode_schema(trees(&built_in(RECORDS))) {
            Ok(schema) => schema,
            Err(fault) => unreachable!("{}: {}", fault.file, fault.message),
        }
    }));
    let known = Arc::clone(&schema);
    let sources = Sources::later(move || {
        let files = built_in(SOURCES);
        Sources::decode_sources(&known, trees(&files))
    });
    Ok((schema, sources))
}

impl Content {
    /// Loads everything, and checks it: the built-in files only if that is asked for, since their
    /// tests do so, too.
    ///
    /// # Errors
    /// With every file that is wrong, each at its first fault; and when a folder cannot be read or
    /// holds no YAML.
    pub fn load(options: &ContentOptions, depth: Depth) -> Result<Self, AppError> {
        let mut faults = Vec::new();
        let own = folders(&options.sources, &mut faults)?;
        let (schema, sources) = sources(&own).map_err(AppError::from)?;
        let decode = |document: &Document, node: &Node| {
            Rule::decode_file(document, node, (&schema, controls()), Depth::Full)
        };
        let mut decoded = Vec::new();
        let mut files: Vec<Decoded<Vec<Rule>>> = Vec::new();
        match depth {
            Depth::Trusted => decoded = built_in_rules(&schema),
            Depth::Full => {
                for file in RULES {
                    let document = Document::new(file.name, file.text);
                    files.push(document.parse().and_then(|node| decode(&document, &node)));
                }
            }
        }
        let theirs = folders(&options.rules, &mut faults)?;
        files.extend(theirs.iter().map(|f| decode(&f.document, &f.node)));
        let sorted = files.is_empty();
        for file in files {
            match file {
                Ok(rules) => decoded.extend(rules),
                Err(fault) => faults.push(fault),
            }
        }
        // A stable sort: of two rules with one id, the one loaded later is the intruder.
        if !sorted {
            decoded.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
        }
        for pair in decoded.windows(2) {
            if let [first, second] = pair
                && first.meta.id == second.meta.id
            {
                let message = format!(
                    "a rule `{}` exists already, in {}",
                    second.meta.id,
                    first.file.file()
                );
                faults.push(second.file.error(second.span, message));
            }
        }
        if faults.is_empty() {
            Ok(Self {
                schema,
                sources,
                rules: decoded,
                own,
            })
        } else {
            Err(AppError::Refused(faults))
        }
    }

    /// How records become items.
    ///
    /// # Errors
    /// At the first fault of a file of sources that speaks of items.
    pub fn recipes(&self) -> Result<Recipes, AppError> {
        let built_in = built_in(SOURCES);
        let files = built_in.iter().chain(&self.own);
        let files = files.filter(|file| file.tells_of_items());
        let files = files.map(|file| (&file.document, &file.node));
        Ok(Recipes::decode(files, &self.schema)?)
    }

    /// Loads the policy file that is in force, and gives rules its severities.
    ///
    /// # Errors
    /// When the file cannot be read or is wrong.
    pub fn policy(&mut self, config: &Config) -> Result<(Policy, String), AppError> {
        let path = policy_file(config);
        let base = Policy::empty();
        let mut policy = match Builtin::find("rules/policy.yaml") {
            Some(file) => {
                let document = Document::built_in(file.name, file.text);
                let node = file.node().unwrap_or(Node {
                    span: Span::default(),
                    kind: Kind::Null,
                });
                base.decode((&document, &node), &self.rules, &self.schema)?
            }
            None => base,
        };
        policy.file = None;
        let Some(path) = path else {
            return Ok((policy, String::new()));
        };
        let document = document(&path)??;
        let node = document.parse()?;
        let policy = policy.decode((&document, &node), &self.rules, &self.schema)?;
        policy.apply(&mut self.rules);
        Ok((policy, document.text_of_file().to_owned()))
    }
}

/// The policy file that is in force.
fn policy_file(config: &Config) -> Option<PathBuf> {
    match config {
        Config::None => None,
        Config::File(path) => Some(path.clone()),
        Config::WorkingDirectory => Some(PathBuf::from(POLICY_FILE)).filter(|p| p.is_file()),
    }
}

/// The YAML files of the user's folders, or single files.
pub(super) fn folders(
    paths: &[PathBuf],
    faults: &mut Vec<Diagnostic>,
) -> Result<Vec<File>, AppError> {
    let mut files = Vec::new();
    for path in paths {
        let before = files.len() + faults.len();
        for file in files_named(path, &["yaml", "yml"])? {
            let parsed = document(&file)?.and_then(|document| {
                let node = document.parse()?;
                Ok(File { document, node })
            });
            match parsed {
                Ok(file) => files.push(file),
                Err(fault) => faults.push(fault),
            }
        }
        if files.len() + faults.len() == before {
            return Err(AppError::usage(format!(
                "no YAML file in {}",
                path.display()
            )));
        }
    }
    Ok(files)
}

/// Reads a file that the user named: UTF-8, and no larger than a person writes.
pub(super) fn document(path: &Path) -> Result<Decoded<Document>, AppError> {
    let failed = |e| AppError::read(path, e);
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_FILE {
        let message = format!("larger than {} MiB", MAX_FILE >> 20);
        return Err(failed(io::Error::new(io::ErrorKind::FileTooLarge, message)));
    }
    let name = path.to_string_lossy();
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Ok(Document::new(&name, &text)),
        Err(error) => {
            // What comes before the fault is text, so the place is right in what is shown too.
            let at = u32::try_from(error.utf8_error().valid_up_to()).unwrap_or(u32::MAX);
            let document = Document::new(&name, &String::from_utf8_lossy(error.as_bytes()));
            let span = Span {
                start: at,
                end: at.saturating_add(1),
            };
            Err(document.error_with_help(span, "not UTF-8", "save the file as UTF-8"))
        }
    })
}

/// The files of a folder and the folders in it with one of these extensions, sorted; or the path
/// itself if it is a file. Links are followed, and what several names lead to is there once, so
/// that circles end.
pub(super) fn files_named(path: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>, AppError> {
    if !fs::metadata(path)
        .map_err(|e| AppError::read(path, e))?
        .is_dir()
    {
        return Ok(vec![path.to_owned()]);
    }
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |e| AppError::read(&folder, e);
        if !seen.insert(fs::canonicalize(&folder).map_err(failed)?) {
            continue;
        }
        let entries = fs::read_dir(&folder).map_err(failed)?;
        let entries = entries.map(|entry| entry.map(|e| e.path()));
        let mut entries = entries.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        entries.sort();
        for path in entries {
            let extension = path.extension();
            let wanted = extension.is_some_and(|e| extensions.iter().any(|wanted| e == *wanted));
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() => folders.push(path),
                Ok(metadata) if wanted && !metadata.is_file() => {
                    let cause = io::Error::new(io::ErrorKind::InvalidInput, "not a regular file");
                    return Err(AppError::read(&path, cause));
                }
                Ok(_) if wanted => {
                    let whole = fs::canonicalize(&path).map_err(|e| AppError::read(&path, e))?;
                    if seen.insert(whole) {
                        found.push(path);
                    }
                }
                Err(cause) if wanted => return Err(AppError::read(&path, cause)),
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}
