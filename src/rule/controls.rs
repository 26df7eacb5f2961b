//! The framework catalogue: which controls of which standards exist, so that a rule cannot claim
//! evidence for one that does not. Knows nothing of rules.

use std::collections::HashMap;
use std::ops::Deref;

use crate::model::Span;
use crate::read::decode::{Decoded, Document};
use crate::read::node::Node;

use super::ControlRef;

/// Every framework that rules may refer to, in the order of reports.
#[derive(Debug, Clone, Default)]
pub struct Controls {
    frameworks: Vec<Framework>,
    /// Framework id to its index, and within it control id to its index.
    index: HashMap<String, (usize, HashMap<String, usize>)>,
}

/// A standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framework {
    /// Its id in rules, such as `pci-dss-4.0`.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// The edition that the ids are of.
    pub version: String,
    /// Where it is published.
    pub url: Option<String>,
    /// Its controls, in the standard's order.
    pub controls: Vec<Control>,
}

/// One control of a standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// The standard's own number, such as `8.3.9`.
    pub id: String,
    /// A short title; in our words where the standard's are under copyright.
    pub title: String,
}

/// The frameworks of a report, in its order. Most reports tell nothing of them, and the catalogue is
/// read when one does.
#[derive(Debug, Clone)]
pub enum Frameworks {
    /// These.
    Given(Vec<Framework>),
    /// Those of a catalogue.
    Catalogue(fn() -> &'static [Framework]),
}

impl Default for Frameworks {
    fn default() -> Self {
        Self::Given(Vec::new())
    }
}

impl Deref for Frameworks {
    type Target = [Framework];

    fn deref(&self) -> &[Framework] {
        match self {
            Self::Given(frameworks) => frameworks,
            Self::Catalogue(frameworks) => frameworks(),
        }
    }
}

impl Controls {
    /// Reads a catalogue.
    ///
    /// # Errors
    /// When the file is not of its form, a framework or control is there twice, or a framework is
    /// empty.
    pub fn decode(document: &Document) -> Decoded<Self> {
        Self::decode_tree(document, &document.parse()?)
    }

    /// Does the same with a tree that is parsed already.
    ///
    /// # Errors
    /// As [`Controls::decode`].
    pub fn decode_tree(document: &Document, root: &Node) -> Decoded<Self> {
        let fields = document.fields(root, "the control catalogue", &["version", "frameworks"])?;
        let version = fields.require("version")?;
        if document.text(version, "version")? != "1" {
            return Err(document.error(version.span, "only version 1 is known"));
        }
        let mut catalogue = Self::default();
        for node in document.sequence(fields.require("frameworks")?, "frameworks")? {
            catalogue.framework(document, node)?;
        }
        Ok(catalogue)
    }

    fn framework(&mut self, document: &Document, node: &Node) -> Decoded<()> {
        let known = ["id", "title", "version", "url", "controls"];
        let fields = document.fields(node, "a framework", &known)?;
        let id = word(document, fields.require("id")?, "a framework's id")?;
        if self.index.contains_key(id) {
            let message = format!("the framework `{id}` is here twice");
            return Err(document.error(fields.require("id")?.span, message));
        }
        let list = fields.require("controls")?;
        let mut controls = Vec::new();
        let mut index = HashMap::new();
        for item in document.sequence(list, "controls")? {
            let control = document.fields(item, "a control", &["id", "title"])?;
            let at = control.require("id")?;
            let name = word(document, at, "a control's id")?;
            if index.insert(name.to_owned(), controls.len()).is_some() {
                let message = format!("the control `{name}` is here twice");
                return Err(document.error(at.span, message));
            }
            let title = control.require("title")?;
            controls.push(Control {
                id: name.to_owned(),
                title: document.text(title, "a control's title")?.to_owned(),
            });
        }
        if controls.is_empty() {
            return Err(document.error(list.span, format!("the framework `{id}` has no controls")));
        }
        let text = |key: &str| Ok(document.text(fields.require(key)?, key)?.to_owned());
        let framework = Framework {
            id: id.to_owned(),
            title: text("title")?,
            version: text("version")?,
            url: fields
                .optional("url", |n| document.text(n, "url"))?
                .map(str::to_owned),
            controls,
        };
        self.index
            .insert(framework.id.clone(), (self.frameworks.len(), index));
        self.frameworks.push(framework);
        Ok(())
    }

    /// The frameworks, in the order of reports.
    #[must_use]
    pub fn frameworks(&self) -> &[Framework] {
        &self.frameworks
    }

    /// The framework of this id.
    #[must_use]
    pub fn framework_by_id(&self, id: &str) -> Option<&Framework> {
        let (at, _) = self.index.get(id)?;
        self.frameworks.get(*at)
    }

    /// Whether the catalogue has this control of this framework.
    #[must_use]
    pub fn contains(&self, framework: &str, control: &str) -> bool {
        self.find(framework, control).is_some()
    }

    /// A control and its framework.
    #[must_use]
    pub fn find(&self, framework: &str, control: &str) -> Option<(&Framework, &Control)> {
        let (at, controls) = self.index.get(framework)?;
        let framework = self.frameworks.get(*at)?;
        Some((framework, framework.controls.get(*controls.get(control)?)?))
    }

    /// Where a reference stands in reports: by framework, then by control, both in the order of
    /// the catalogue. Unknown ones come last.
    #[must_use]
    pub fn order(&self, reference: &ControlRef) -> (usize, usize) {
        match self.index.get(&*reference.framework) {
            Some((at, controls)) => {
                let control = controls.get(&*reference.control);
                (*at, control.copied().unwrap_or(usize::MAX))
            }
            None => (usize::MAX, usize::MAX),
        }
    }

    /// Reads the `controls:` of a rule, such as `{pci-dss-4.0: [8.3.9], cwe: [CWE-262]}`, in the
    /// order of reports.
    ///
    /// # Errors
    /// On a framework or control that the catalogue does not have, and on one given twice.
    pub fn decode_refs(&self, document: &Document, node: &Node) -> Decoded<Vec<ControlRef>> {
        let mut refs: Vec<ControlRef> = Vec::new();
        for entry in document.mapping(node, "controls")? {
            let Some(framework) = self.framework_by_id(&entry.key) else {
                let known = self.frameworks.iter().map(|f| f.id.as_str());
                return Err(document.unknown(entry.span, "framework", &entry.key, known));
            };
            for item in document.sequence(&entry.value, &framework.id)? {
                let control = document.text(item, "a control")?;
                if !self.contains(&framework.id, control) {
                    return Err(unknown_control(document, item.span, framework, control));
                }
                let reference = ControlRef {
                    framework: framework.id.clone().into(),
                    control: control.to_owned().into(),
                };
                if refs.contains(&reference) {
                    let message = format!("the control `{control}` is here twice");
                    return Err(document.error(item.span, message));
                }
                refs.push(reference);
            }
        }
        refs.sort_by_cached_key(|r| self.order(r));
        Ok(refs)
    }
}

fn unknown_control(
    document: &Document,
    span: Span,
    framework: &Framework,
    control: &str,
) -> crate::model::Diagnostic {
    let known = framework.controls.iter().map(|c| c.id.as_str());
    document.unknown(
        span,
        &format!("control of {}", framework.id),
        control,
        known,
    )
}

/// A text without blanks, as ids are.
fn word<'n>(document: &Document, node: &'n Node, what: &str) -> Decoded<&'n str> {
    let text = document.text(node, what)?;
    if text.contains(char::is_whitespace) {
        return Err(document.error(node.span, format!("{what} must not hold a blank")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::Controls;
    use crate::read::decode::{Decoded, Document};
    use crate::rule::ControlRef;

    fn catalogue() -> Controls {
        let text = include_str!("../../rules/controls.yaml");
        Controls::decode(&Document::new("controls.yaml", text)).unwrap()
    }

    fn refs(text: &str) -> Decoded<Vec<ControlRef>> {
        let document = Document::new("rule.yaml", text);
        catalogue().decode_refs(&document, &document.parse().unwrap())
    }

    #[test]
    fn the_catalogue_reads_and_has_the_frameworks_of_the_design() {
        let catalogue = catalogue();
        let ids: Vec<&str> = catalogue.frameworks().iter().map(|f| &*f.id).collect();
        assert_eq!(
            ids,
            [
                "soc2",
                "pci-dss-4.0",
                "iso-27001-2022",
                "nist-800-53r5",
                "hipaa",
                "cis-v8",
                "cwe"
            ]
        );
        for (framework, control) in [
            ("soc2", "CC6.1"),
            ("pci-dss-4.0", "8.3.9"),
            ("iso-27001-2022", "A.5.17"),
            ("nist-800-53r5", "IA-5(7)"),
            ("hipaa", "164.308(a)(5)(ii)(D)"),
            ("cis-v8", "8.10"),
            ("cwe", "CWE-798"),
        ] {
            assert!(
                catalogue.contains(framework, control),
                "{framework} {control}"
            );
        }
        assert!(!catalogue.contains("pci-dss-4.0", "CC6.1"));
        assert!(!catalogue.contains("pci-dss", "8.3.9"));
    }

    /// Each standard numbers its controls in its own form; a slip of the pen is caught here.
    #[test]
    fn every_id_has_the_form_of_its_standard() {
        let forms = [
            ("soc2", r"^(CC[1-9]\.[1-9]|C1\.[12])$"),
            ("pci-dss-4.0", r"^([1-9]|1[0-2])(\.[0-9]{1,2}){2,3}$"),
            ("iso-27001-2022", r"^A\.[5-8]\.[1-9][0-9]?$"),
            ("nist-800-53r5", r"^[A-Z]{2}-[1-9][0-9]?(\([1-9][0-9]?\))?$"),
            (
                "hipaa",
                r"^164\.3(08|1[0-6])(\([a-z]+\)|\([0-9]\)|\([A-D]\))+$",
            ),
            ("cis-v8", r"^([1-9]|1[0-8])\.[1-9][0-9]?$"),
            ("cwe", r"^CWE-[1-9][0-9]{1,3}$"),
        ];
        let catalogue = catalogue();
        for (id, form) in forms {
            let form = regex::Regex::new(form).unwrap();
            let framework = catalogue.framework_by_id(id).unwrap();
            assert!(framework.controls.len() >= 15, "{id}");
            for control in &framework.controls {
                assert!(form.is_match(&control.id), "{id} {}", control.id);
                assert!(!control.title.is_empty(), "{id} {}", control.id);
                assert!(!control.title.ends_with('.'), "{id} {}", control.id);
            }
        }
    }

    #[test]
    fn references_come_out_in_the_order_of_the_catalogue() {
        let refs = refs("{cwe: [CWE-262], pci-dss-4.0: [10.2.1, 8.3.9, 8.3.10.1]}").unwrap();
        let ids: Vec<&str> = refs.iter().map(|r| &*r.control).collect();
        assert_eq!(ids, ["8.3.9", "8.3.10.1", "10.2.1", "CWE-262"]);
    }

    #[test]
    fn a_wrong_reference_says_what_was_meant() {
        for (text, message, help) in [
            (
                "{pci-dss-4.0: [8.3.99]}",
                "unknown control of pci-dss-4.0 `8.3.99`",
                "did you mean `8.3.9`?",
            ),
            (
                "{cwe: [CWE-789]}",
                "unknown control of cwe `CWE-789`",
                "did you mean `CWE-798`?",
            ),
            (
                "{nist-800-53: [IA-5]}",
                "unknown framework `nist-800-53`",
                "did you mean `nist-800-53r5`?",
            ),
        ] {
            let error = refs(text).unwrap_err();
            assert_eq!(error.message, message);
            assert_eq!(error.help.as_deref(), Some(help), "{text}");
        }
        let twice = refs("{cwe: [CWE-798, CWE-798]}").unwrap_err();
        assert_eq!(twice.message, "the control `CWE-798` is here twice");
        assert_eq!(twice.line_column(), (1, 17));
    }

    #[test]
    fn a_wrong_catalogue_is_refused() {
        let one = "{id: 1, title: t}";
        for (text, message) in [
            (
                "version: 2\nframeworks: []",
                "only version 1 is known".to_owned(),
            ),
            (
                "frameworks: []",
                "the control catalogue needs `version`".to_owned(),
            ),
            (
                "version: 1\nframeworks: [{id: a, title: t, version: 1, controls: []}]",
                "the framework `a` has no controls".to_owned(),
            ),
            (
                &format!(
                    "version: 1\nframeworks: [{{id: a, title: t, version: 1, controls: [{one}, {one}]}}]"
                ),
                "the control `1` is here twice".to_owned(),
            ),
            (
                &format!(
                    "version: 1\nframeworks: [{{id: a b, title: t, version: 1, controls: [{one}]}}]"
                ),
                "a framework's id must not hold a blank".to_owned(),
            ),
            (
                &format!(
                    "version: 1\nframeworks: [{{id: a, titel: t, version: 1, controls: [{one}]}}]"
                ),
                "unknown key in a framework `titel`".to_owned(),
            ),
        ] {
            let error = Controls::decode(&Document::new("c.yaml", text)).unwrap_err();
            assert_eq!(error.message, message);
        }
    }
}
