//! The JSON Schema of rule files, made from the same tables that the decoder reads, so that an
//! editor completes what the program accepts.

use serde_json::{Map, Value, json};

use crate::model::{Confidence, FieldType, Grade, Schema, Severity};

use super::aggregate::Aggregate;
use super::checksum::Checksum;
use super::condition::{STATES, operators};
use super::controls::Controls;
use super::detect::Structure;
use super::param::ParamType;

/// The schema of rule files, for these record types and controls.
#[must_use]
pub fn rule_files(schema: &Schema, controls: &Controls) -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "credlint rule file",
        "description": "Rules over records of exports, and rules over the text of source trees.",
        "type": "object",
        "additionalProperties": false,
        "required": ["version", "rules"],
        "properties": {
            "version": {"const": 1},
            "rules": {"type": "array", "items": {"$ref": "#/$defs/rule"}},
        },
        "$defs": {
            "rule": rule(schema, controls),
            "params": params(),
            "param": {"type": "string", "pattern": r"^\$\{[^}]+\}$"},
            "duration": {"type": "string", "pattern": "^[0-9]+[hdw]$", "description": "A whole number and h (hours), d (days) or w (weeks)."},
            "length": {"anyOf": [{"$ref": "#/$defs/duration"}, {"$ref": "#/$defs/param"}]},
            "truth": {"enum": ["match", "no_match", "unknown"]},
            "condition": condition(),
            "test_of_a_field": field_test(),
            "relations": relations(schema),
            "detect": detect(),
        },
    })
}

fn texts() -> Value {
    json!({"type": "array", "items": {"type": "string"}})
}

fn rule(schema: &Schema, controls: &Controls) -> Value {
    let records: Vec<&str> = schema.types.iter().map(|t| t.name.as_str()).collect();
    let mut frameworks = Map::new();
    for framework in controls.frameworks() {
        let ids: Vec<&str> = framework.controls.iter().map(|c| c.id.as_str()).collect();
        let items =
            json!({"type": "array", "items": {"enum": ids}, "description": framework.title});
        frameworks.insert(framework.id.clone(), items);
    }
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["id", "title", "severity", "description", "message", "identity", "remediation", "tests"],
        "oneOf": [{"required": ["record", "when", "subject"]}, {"required": ["detect"]}],
        "properties": {
            "id": {"type": "string", "pattern": r"^[a-z0-9-]+(\.[a-z0-9-]+)+$"},
            "title": {"type": "string"},
            "severity": {"enum": Severity::WORDS},
            "confidence": {"enum": Confidence::WORDS},
            "status": {"enum": ["stable", "experimental"]},
            "description": {"type": "string"},
            "family": {"type": "string"},
            "tags": texts(),
            "controls": {"type": "object", "additionalProperties": false, "properties": frameworks},
            "message": {"type": "string", "description": "Text with {field}, {field|age}, {field|until}, {field|date}, {field|else:FIELD}, {field|empty:TEXT} and {field|or:TEXT}; rules over text have {secret|redact} and {path}."},
            "subject": {"type": "string", "description": "What people call the subject; a template like message."},
            "identity": texts(),
            "evidence": texts(),
            "remediation": {"type": "string"},
            "references": texts(),
            "record": {"enum": records},
            "params": {"$ref": "#/$defs/params"},
            "group": group(),
            "related": {"$ref": "#/$defs/relations"},
            "coverage": {"type": "object", "additionalProperties": {
                "type": "object",
                "additionalProperties": false,
                "required": ["field", "spans", "until"],
                "properties": {"field": {"type": "string"}, "spans": {"$ref": "#/$defs/length"}, "until": {"$ref": "#/$defs/length"}},
            }},
            "derive": derive(),
            "when": {"$ref": "#/$defs/condition"},
            "files": {"type": "object", "additionalProperties": false, "properties": {"include": texts(), "exclude": texts(), "extensions": texts()}},
            "detect": {"$ref": "#/$defs/detect"},
            "tests": {"type": "array", "minItems": 2, "items": test()},
        },
    })
}

fn test() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["name", "expect"],
        "properties": {
            "name": {"type": "string"},
            "expect": {"enum": ["finding", "pass", "unknown"]},
            "now": {"type": "string", "description": "The audit date of the test."},
            "record": {"type": "object"},
            "related": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "object"}}},
            "absent": texts(),
            "short_log": texts(),
            "because": texts(),
            "text": {"type": "string", "description": "Text with templates such as {{base62:30}} for secrets."},
            "path": {"type": "string"},
        },
    })
}

fn params() -> Value {
    json!({"type": "object", "additionalProperties": {
        "type": "object",
        "additionalProperties": false,
        "required": ["type", "default"],
        "properties": {
            "type": {"enum": ParamType::words().collect::<Vec<_>>()},
            "default": {},
            "min": {},
            "max": {},
            "one_of": texts(),
            "description": {"type": "string"},
        },
    }})
}

fn derive() -> Value {
    json!({"type": "object", "additionalProperties": {
        "type": "object",
        "additionalProperties": false,
        "required": ["strongest"],
        "properties": {"strongest": {"type": "array", "minItems": 1, "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["field", "grade"],
            "properties": {"field": {"type": "string"}, "grade": {"enum": Grade::WORDS}, "covered_by": {"type": "string"}},
        }}},
    }})
}

fn condition() -> Value {
    let list = json!({"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/condition"}});
    json!({
        "type": "object",
        "minProperties": 1,
        "properties": {
            "all": list,
            "any": list,
            "none": list,
            "not": {"$ref": "#/$defs/condition"},
            "because": {"type": "string", "description": "In an item of any: what a finding says when it is this one."},
        },
        "additionalProperties": {"$ref": "#/$defs/test_of_a_field"},
    })
}

fn field_test() -> Value {
    let mut properties = Map::new();
    for operator in FieldType::ALL.iter().flat_map(|ty| operators(*ty)) {
        properties.insert((*operator).to_owned(), json!({}));
    }
    let states: Vec<&str> = STATES.iter().map(|(word, _)| *word).collect();
    let state = json!({"enum": states});
    properties.insert(
        "is".to_owned(),
        json!({"anyOf": [state, {"type": "array", "items": state}]}),
    );
    for operator in ["older_than", "newer_than", "expires_within"] {
        properties.insert(operator.to_owned(), json!({"$ref": "#/$defs/length"}));
    }
    properties.insert("if_missing".to_owned(), json!({"$ref": "#/$defs/truth"}));
    properties.insert("if_absent".to_owned(), json!({"$ref": "#/$defs/truth"}));
    properties.insert("ignore_case".to_owned(), json!({"type": "boolean"}));
    json!({"anyOf": [
        {"type": ["string", "number", "boolean"]},
        {"type": "array", "minItems": 1},
        {"type": "object", "additionalProperties": false, "properties": properties},
    ]})
}

fn relations(schema: &Schema) -> Value {
    let records: Vec<&str> = schema.types.iter().map(|t| t.name.as_str()).collect();
    let key = json!({"anyOf": [{"type": "string"}, texts()]});
    let times = json!({
        "type": "object", "minProperties": 1, "maxProperties": 1,
        "additionalProperties": {"type": "string"},
        "description": "Their time and ours: {their_time: my_time}. The nearest record on that side.",
    });
    json!({"type": "object", "additionalProperties": {
        "type": "object",
        "additionalProperties": false,
        "required": ["from"],
        "oneOf": [{"required": ["one"]}, {"required": ["keep"]}, {"required": ["previous"]}, {"required": ["next"]}],
        "properties": {
            "from": {"enum": records},
            "on": {"type": "object", "minProperties": 1, "additionalProperties": key},
            "ignore_case": {"type": "boolean"},
            "where": {"$ref": "#/$defs/condition"},
            "related": {"$ref": "#/$defs/relations"},
            "one": {"const": true},
            "keep": keep(),
            "previous": times,
            "next": times,
        },
    }})
}

fn group() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["by", "keep"],
        "description": "Judges all records that are the same in these fields as one.",
        "properties": {
            "by": {"type": "array", "minItems": 1, "items": {"type": "string"}},
            "where": {"$ref": "#/$defs/condition"},
            "related": {"$ref": "#/$defs/relations"},
            "keep": keep(),
        },
    })
}

fn keep() -> Value {
    let words: Vec<&str> = Aggregate::words()
        .iter()
        .copied()
        .filter(|w| *w != "count")
        .collect();
    let pattern = format!(
        r"^(count|({})\([a-z_]+(( ?\\+ ?[a-z_]+)*| by [a-z_]+)\))$",
        words.join("|")
    );
    json!({
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"type": "string", "pattern": pattern},
        "description": "count, min(f), max(f), list(f), distinct(f + g), first(f by t), last(f by t), first_third(f by t), last_third(f by t).",
    })
}

fn detect() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "oneOf": [{"required": ["regex"]}, {"required": ["assigned"]}],
        "properties": {
            "regex": {"type": "string"},
            "assigned": {"type": "object", "additionalProperties": false, "required": ["to", "value"], "properties": {
                "to": {"type": "array", "minItems": 1, "items": {"type": "string"}, "description": "Words of the name that the value is given to."},
                "value": {"type": "string", "description": "The expression of the value."},
                "alone": {"type": "boolean", "description": "Whether the word is name enough, without `key`, `token` or the like behind it."},
                "whole": {"type": "boolean", "description": "Whether the word counts only where a word begins."},
                "last": {"type": "boolean", "description": "Whether the name ends with the word."},
            }},
            "secret": {"type": "integer", "minimum": 0},
            "keywords": texts(),
            "near": {"type": "object", "additionalProperties": false, "properties": {
                "words": texts(),
                "before": {"type": "integer"},
                "after": {"type": "integer"},
            }},
            "entropy": {"type": "object", "additionalProperties": false, "properties": {"min": {"type": "number"}}},
            "checksum": {"enum": Checksum::words().collect::<Vec<_>>()},
            "structure": {"enum": Structure::words().collect::<Vec<_>>()},
            "allow": {"type": "object", "additionalProperties": false, "properties": {
                "regex": texts(),
                "stopwords": texts(),
                "paths": texts(),
            }},
        },
    })
}
