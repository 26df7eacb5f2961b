//! What the project promises to check, row by row, read from `rules/requirements.yaml`. Knows no
//! outcome; which rules and sources exist is for others to compare.

use crate::model::RuleId;
use crate::read::decode::{Decoded, Document};
use crate::read::node::Node;

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Its number, for ever the same.
    pub number: u16,
    /// The letter of its group.
    pub group: String,
    /// What is asked for, in a sentence.
    pub title: String,
    /// How it is checked.
    pub by: CheckedBy,
    /// Ids of sources whose export settles it, where the rules alone do not say which.
    pub needs: Vec<String>,
}

/// How a requirement is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckedBy {
    /// By these rules, all of them.
    Rules(Vec<RuleId>),
    /// By every rule of these families.
    Families(Vec<String>),
    /// By nothing, and why.
    Nothing(String),
}

/// Every requirement, by number.
#[derive(Debug, Default)]
pub struct Requirements {
    /// The groups: letter and title, in the order of the file.
    pub groups: Vec<(String, String)>,
    /// The requirements, in the order of the file.
    pub list: Vec<Requirement>,
}

impl Requirements {
    /// Reads the file.
    ///
    /// # Errors
    /// At the first fault: an unknown key or group, a number out of order, a requirement without
    /// rules or reason, or with both.
    pub fn decode(doc: &Document, node: &Node) -> Decoded<Self> {
        let root = doc.fields(
            node,
            "the requirements",
            &["version", "groups", "requirements"],
        )?;
        let mut all = Self::default();
        for entry in doc.mapping(root.require("groups")?, "`groups`")? {
            let title = doc.filled(&entry.value, "a title")?.to_owned();
            all.groups.push((entry.key.to_string(), title));
        }
        for node in doc.sequence(root.require("requirements")?, "`requirements`")? {
            let requirement = all.requirement(doc, node)?;
            all.list.push(requirement);
        }
        Ok(all)
    }

    fn requirement(&self, doc: &Document, node: &Node) -> Decoded<Requirement> {
        let known = [
            "number", "group", "title", "rules", "families", "reason", "needs",
        ];
        let fields = doc.fields(node, "a requirement", &known)?;
        let number_node = fields.require("number")?;
        let number: u16 = doc.parsed(number_node, "`number`")?;
        if usize::from(number) != self.list.len() + 1 {
            let message = format!("the next number is {}", self.list.len() + 1);
            return Err(doc.error(number_node.span, message));
        }
        let group_node = fields.require("group")?;
        let group = doc.text(group_node, "`group`")?;
        if !self.groups.iter().any(|(letter, _)| letter == group) {
            let known = self.groups.iter().map(|(letter, _)| letter.as_str());
            return Err(doc.unknown(group_node.span, "group", group, known));
        }
        let texts = |key| fields.optional(key, |n| doc.texts(n, key));
        let reason = fields.optional("reason", |n| doc.filled(n, "`reason`"))?;
        let by = match (texts("rules")?, texts("families")?, reason) {
            (Some(rules), None, None) if !rules.is_empty() => {
                CheckedBy::Rules(rules.iter().map(|id| RuleId::new(id)).collect())
            }
            (None, Some(families), None) if !families.is_empty() => CheckedBy::Families(families),
            (None, None, Some(reason)) => CheckedBy::Nothing(reason.to_owned()),
            _ => {
                let message = "needs exactly one of `rules`, `families` and `reason`";
                return Err(doc.error(fields.span(), message));
            }
        };
        Ok(Requirement {
            number,
            group: group.to_owned(),
            title: doc.filled(fields.require("title")?, "`title`")?.to_owned(),
            by,
            needs: texts("needs")?.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Requirements;
    use crate::read::decode::Document;

    fn fault(rows: &str) -> Option<String> {
        let text = format!("version: 1\ngroups: {{A: One}}\nrequirements:\n{rows}\n");
        let doc = Document::new("r.yaml", &text);
        Requirements::decode(&doc, &doc.parse().unwrap())
            .err()
            .map(|e| e.message)
    }

    #[test]
    fn a_row_has_rules_or_a_reason_and_the_next_number() {
        assert_eq!(
            fault("- {number: 1, group: A, title: t, rules: [a.b]}"),
            None
        );
        assert_eq!(
            fault("- {number: 1, group: A, title: t, reason: because}"),
            None
        );
        for (rows, wanted) in [
            ("- {number: 1, group: A, title: t}", "exactly one"),
            (
                "- {number: 1, group: A, title: t, rules: []}",
                "exactly one",
            ),
            (
                "- {number: 1, group: A, title: t, rules: [a.b], reason: r}",
                "exactly one",
            ),
            (
                "- {number: 2, group: A, title: t, rules: [a.b]}",
                "the next number is 1",
            ),
            (
                "- {number: 1, group: B, title: t, rules: [a.b]}",
                "unknown group",
            ),
            ("- {number: 1, group: A, rules: [a.b]}", "needs `title`"),
        ] {
            let message = fault(rows).unwrap_or_default();
            assert!(message.contains(wanted), "{rows}: {message}");
        }
    }
}
