//! The JSON report against its schema.

use regex::Regex;
use serde_json::Value;

use super::{parsed, plain, samples};
use crate::report::samples::typical;
use crate::report::{ShowSecrets, Style};

#[test]
fn json_keeps_to_its_schema() {
    let schema: Value = serde_json::from_str(include_str!(
        "../../../schema/credlint-report-v1.schema.json"
    ))
    .unwrap();
    let shown = Style {
        show_secrets: ShowSecrets::Show,
        ..plain()
    };
    for style in [plain(), shown] {
        for (name, report) in samples() {
            let faults = faults(&schema, &schema, &parsed("json", &report, &style), "$");
            assert_eq!(faults, Vec::<String>::new(), "{name}");
        }
    }
}

#[test]
fn the_schema_check_finds_faults() {
    let schema: Value = serde_json::from_str(include_str!(
        "../../../schema/credlint-report-v1.schema.json"
    ))
    .unwrap();
    let good = parsed("json", &typical(), &plain());
    for (pointer, value) in [
        ("/schema", Value::from("credlint-report/2")),
        ("/as_of", Value::from("yesterday")),
        ("/conclusion/exit_code", Value::from(2)),
        ("/findings/0/severity", Value::from("severe")),
        ("/findings/0/location/start_line", Value::from("one")),
        (
            "/findings/0/verdict",
            serde_json::json!({"state": "waived"}),
        ),
        ("/rules/0", serde_json::json!({})),
        ("/notes", serde_json::json!([1])),
        (
            "/tool",
            serde_json::json!({"name": "credlint", "version": "1", "extra": 1}),
        ),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert!(!faults(&schema, &schema, &bad, "$").is_empty(), "{pointer}");
    }
}

/// Checks the part of JSON Schema that the report's schema uses; any other keyword is a fault.
pub(super) fn faults(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (keyword, rule) in schema.as_object().unwrap() {
        let fine = match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" | "examples" | "format" => true,
            "$ref" => {
                let target = root.pointer(&rule.as_str().unwrap()[1..]).unwrap();
                all.extend(faults(root, target, value, at));
                true
            }
            "type" => match rule {
                Value::Array(types) => types.iter().any(|ty| is_of_type(value, ty)),
                ty => is_of_type(value, ty),
            },
            "const" => value == rule,
            "enum" => rule.as_array().unwrap().contains(value),
            "minimum" => value.as_u64().is_none_or(|n| n >= rule.as_u64().unwrap()),
            "pattern" => value
                .as_str()
                .is_none_or(|s| Regex::new(rule.as_str().unwrap()).unwrap().is_match(s)),
            "required" => value.as_object().is_none_or(|members| {
                rule.as_array()
                    .unwrap()
                    .iter()
                    .all(|key| members.contains_key(key.as_str().unwrap()))
            }),
            "properties" => {
                for (key, schema) in rule.as_object().unwrap() {
                    if let Some(member) = value.get(key) {
                        all.extend(faults(root, schema, member, &format!("{at}.{key}")));
                    }
                }
                true
            }
            "additionalProperties" => {
                assert_eq!(rule, &Value::Bool(false));
                let known = schema["properties"].as_object().unwrap();
                value
                    .as_object()
                    .is_none_or(|members| members.keys().all(|k| known.contains_key(k)))
            }
            "items" => {
                for (n, item) in value.as_array().into_iter().flatten().enumerate() {
                    all.extend(faults(root, rule, item, &format!("{at}[{n}]")));
                }
                true
            }
            "oneOf" => {
                let fitting = rule.as_array().unwrap().iter();
                fitting
                    .filter(|schema| faults(root, schema, value, at).is_empty())
                    .count()
                    == 1
            }
            other => panic!("the check does not know the keyword {other}"),
        };
        if !fine {
            all.push(format!("{at}: {keyword}: {value}"));
        }
    }
    all
}

fn is_of_type(value: &Value, ty: &Value) -> bool {
    match ty.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("unknown type {other}"),
    }
}
