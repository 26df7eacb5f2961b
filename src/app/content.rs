//! The rules and sources of a run: the built-in ones, and the user's own beside them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::model::{Diagnostic, Schema, Span};
use crate::read::decode::Document;
use crate::read::node::{Kind, Node};
use crate::rule::file::Depth;
use crate::rule::{Controls, Policy, Rule};
use crate::source::Sources;

use super::builtin::BUILTIN;
use super::error::AppError;
use super::options::{Config, ContentOptions, POLICY_FILE};

/// Rules and sources, checked.
#[derive(Debug)]
pub struct Content {
    /// The record types.
    pub schema: Schema,
    /// The sources.
    pub sources: Sources,
    /// The framework catalogue.
    pub controls: Controls,
    /// The rules, sorted by id.
    pub rules: Vec<Rule>,
}

/// A file and its tree.
struct File {
    document: Document,
    node: Node,
    depth: Depth,
}

impl Content {
    /// Loads and checks everything.
    ///
    /// # Errors
    /// With every file that is wrong, each at its first fault; and when a folder cannot be read or
    /// holds no YAML.
    pub fn load(options: &ContentOptions, depth: Depth) -> Result<Self, AppError> {
        let mut faults = Vec::new();
        let builtin = |prefix: &str| {
            let files = BUILTIN.iter().filter(|f| f.name.starts_with(prefix));
            files
                .filter_map(|f| {
                    Some(File {
                        document: Document::new(f.name, f.text),
                        node: f.node()?,
                        depth,
                    })
                })
                .collect::<Vec<_>>()
        };
        let mut sources = builtin("sources/");
        sources.extend(folders(&options.sources, &mut faults)?);
        let mut rules = builtin("rules/org/");
        rules.extend(builtin("rules/secrets/"));
        rules.extend(folders(&options.rules, &mut faults)?);
        let (schema, sources) =
            Sources::decode_trees(sources.iter().map(|f| (&f.document, &f.node)))
                .map_err(AppError::from)?;
        let controls = match BUILTIN.iter().find(|f| f.name == "rules/controls.yaml") {
            Some(file) => Controls::decode(&Document::new(file.name, file.text))?,
            None => {
                return Err(AppError::usage(
                    "the program was built without its catalogue of controls",
                ));
            }
        };
        let mut decoded: Vec<Rule> = Vec::new();
        for file in &rules {
            match Rule::decode_file(&file.document, &file.node, (&schema, &controls), file.depth) {
                Ok(rules) => decoded.extend(rules),
                Err(fault) => faults.push(fault),
            }
        }
        // A stable sort: of two rules with one id, the one loaded later is the intruder.
        decoded.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
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
                controls,
                rules: decoded,
            })
        } else {
            Err(AppError::Refused(faults))
        }
    }

    /// Loads the policy file that is in force, and gives rules its severities.
    ///
    /// # Errors
    /// When the file cannot be read or is wrong.
    pub fn policy(&mut self, config: &Config) -> Result<(Policy, String), AppError> {
        let path = match config {
            Config::None => None,
            Config::File(path) => Some(path.clone()),
            Config::WorkingDirectory => Some(PathBuf::from(POLICY_FILE)).filter(|p| p.is_file()),
        };
        let base = Policy::empty();
        let mut policy = match BUILTIN.iter().find(|f| f.name == "rules/policy.yaml") {
            Some(file) => {
                let document = Document::new(file.name, file.text);
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
        let text = fs::read_to_string(&path).map_err(|e| AppError::read(&path, e))?;
        let document = Document::new(&path.to_string_lossy(), &text);
        let node = document.parse()?;
        let policy = policy.decode((&document, &node), &self.rules, &self.schema)?;
        policy.apply(&mut self.rules);
        Ok((policy, text))
    }
}

/// The YAML files of the user's folders, or single files.
fn folders(paths: &[PathBuf], faults: &mut Vec<Diagnostic>) -> Result<Vec<File>, AppError> {
    let mut files = Vec::new();
    for path in paths {
        let before = files.len() + faults.len();
        for file in yaml_files(path)? {
            let text = fs::read_to_string(&file).map_err(|e| AppError::read(&file, e))?;
            let document = Document::new(&file.to_string_lossy(), &text);
            match document.parse() {
                Ok(node) => files.push(File {
                    document,
                    node,
                    depth: Depth::Full,
                }),
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

fn yaml_files(path: &Path) -> Result<Vec<PathBuf>, AppError> {
    let failed = |e| AppError::read(path, e);
    if fs::metadata(path).map_err(failed)?.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        let path = entry.path();
        if kind.is_dir() {
            found.extend(yaml_files(&path)?);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
