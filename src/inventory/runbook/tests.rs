//! The form of runbooks, and which one is whose.

use super::{RunWords, Runbook, Runbooks, Slots, Subject};
use crate::model::RuleId;
use crate::read::decode::{Decoded, Document};

const REST: &str = "interruption: none\n  about: x\n  before: [x]\n  verify: [x]\n  rollback: [x]\n  evidence: [x]";

fn decode(runbooks: &str) -> Decoded<Vec<Runbook>> {
    let text = format!("version: 1\nrunbooks:\n{runbooks}");
    let doc = Document::new("r.yaml", &text);
    Runbook::decode_file(&doc, &doc.parse()?, None)
}

fn one(id: &str, head: &str, step: &str) -> String {
    format!("- id: {id}\n  title: t\n  {REST}\n  {head}\n  steps:\n  - {{title: s, {step}}}\n")
}

fn subject(kind: &str, platform: &str, slots: Slots) -> Subject {
    let mut subject = Subject::default();
    subject.kind = kind.to_owned();
    subject.platform = platform.to_owned();
    subject.slots = slots;
    subject
}

#[test]
fn what_is_wrong_is_said_where_it_stands() {
    for (head, step, message, help) in [
        (
            "items: [{kinds: [a]}]",
            "do: 'x {ownr}'",
            "unknown place `ownr`",
            "did you mean `owner`?",
        ),
        (
            "items: [{kinds: [a]}]",
            "do: x, shell: 'a \"{name}\"'",
            "a place of a command stands in quotes",
            "leave the quotes out: a value brings its own",
        ),
        (
            "items: [{kinds: [a]}]",
            "do: x, sql: 'ALTER ROLE x{name}'",
            "a place of SQL is a whole identifier",
            "",
        ),
        (
            "items: [{kinds: [a]}]",
            "do: x, shell: 'a {consumers}'",
            "a list does not fit into a command",
            "",
        ),
        (
            "items: [{kinds: [a]}]",
            "do: x, shell: a, sql: b",
            "a step has one command",
            "",
        ),
        (
            "items: [{kinds: [a]}]",
            "act: x",
            "unknown key in a step `act`",
            "known: check, do, http, only, shell, sql, title",
        ),
        (
            "items: [{kind: [a]}]",
            "do: x",
            "unknown key in a choice of items `kind`",
            "did you mean `kinds`?",
        ),
        (
            "items: [{slots: tow}]",
            "do: x",
            "unknown number of slots `tow`",
            "did you mean `two`?",
        ),
        (
            "rules: ['*']",
            "do: x",
            "a rule is an id, or the beginning of ids and `*`",
            "",
        ),
        (
            "references: [http://x]\n  items: [{}]",
            "do: x",
            "a reference begins with https:// and holds no blank",
            "",
        ),
        (
            "tests: []",
            "do: x",
            "a runbook is for `items` or for the findings of `rules`",
            "",
        ),
    ] {
        let error = decode(&one("a", head, step)).unwrap_err();
        assert_eq!(error.message, message);
        assert_eq!(error.help.as_deref().unwrap_or_default(), help, "{message}");
    }
    let twice = one("a", "items: [{}]", "do: x").repeat(2);
    assert_eq!(
        decode(&twice).unwrap_err().message,
        "the runbook `a` is here twice"
    );
}

#[test]
fn a_word_that_a_run_does_not_have_is_refused_with_what_was_meant() {
    let words = RunWords {
        kinds: vec!["user"],
        platforms: vec!["aws"],
        rules: vec!["pw.age", "secret.x"],
    };
    let test = "tests: [{name: n, item: {}, says: [t]}]";
    for (head, expected) in [
        (
            format!("{test}\n  items: [{{kinds: [usr]}}]"),
            "unknown kind of item `usr`",
        ),
        (
            format!("{test}\n  items: [{{platforms: [asw]}}]"),
            "unknown platform `asw`",
        ),
        (
            format!("{test}\n  rules: [pw.agee]"),
            "unknown rule `pw.agee`",
        ),
        (format!("{test}\n  rules: [src.*]"), "unknown rule `src.*`"),
        (
            "items: [{kinds: [user]}]".to_owned(),
            "the runbook `a` needs `tests`",
        ),
    ] {
        let text = format!("version: 1\nrunbooks:\n{}", one("a", &head, "do: x"));
        let doc = Document::new("r.yaml", &text);
        let error = Runbook::decode_file(&doc, &doc.parse().unwrap(), Some(&words)).unwrap_err();
        assert_eq!(error.message, expected);
    }
}

#[test]
fn the_closest_runbook_is_an_items_and_a_later_one_replaces_an_earlier_one() {
    let text = [
        one("all", "items: [{}]", "do: x"),
        one("kind", "items: [{kinds: [user]}]", "do: x"),
        one(
            "place",
            "items: [{kinds: [user], platforms: [aws]}]\n  rules: [pw.age]",
            "do: x",
        ),
        one("slot", "items: [{slots: one}]\n  rules: [dual.*]", "do: x"),
    ]
    .concat();
    let all = Runbooks::new(decode(&text).unwrap());
    for (kind, platform, slots, expected) in [
        ("key", "aws", Slots::Unknown, "all"),
        ("user", "okta", Slots::Two, "kind"),
        ("user", "aws", Slots::Unknown, "place"),
        ("user", "aws", Slots::One, "slot"),
    ] {
        let found = all.of_item(&subject(kind, platform, slots)).unwrap();
        assert_eq!(found.id, expected);
    }
    let of = |rule: &str, kind| {
        let found = all.of_finding(&RuleId::new(rule), (kind, "okta"));
        found.map(|runbook| runbook.id.as_str())
    };
    assert_eq!(of("pw.age", "user"), Some("place"));
    assert_eq!(of("dual.past-expiry", "user"), Some("slot"));
    assert_eq!(of("x.y", "user"), Some("kind"));
    assert_eq!(
        of("x.y", "export"),
        None,
        "what is no credential has no steps"
    );
    let own = decode(&one("kind", "items: [{kinds: [user]}]", "do: mine")).unwrap();
    let all = Runbooks::new(all.all().iter().cloned().chain(own));
    assert_eq!(all.all().len(), 4);
    let text = &all.get("kind").unwrap().steps.first().unwrap().act;
    assert_eq!(format!("{text:?}"), "Text { pieces: [Words(\"mine\")] }");
}
