//! Which findings a baseline and a base commit accept.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::{
    Acceptance, Acceptor, Baseline, Entry, ForeignAllows, Judged, Usage, Verdict, Waivers,
    accept_known, known_to,
};
use crate::model::{
    Allow, Confidence, Finding, Fingerprint, FingerprintBuilder, Instant, Location, Region, RuleId,
    ScanPath, Severity, Subject, When,
};
use crate::rule::Policy;

const RULE: &str = "secret.example";

fn day(text: &str) -> Instant {
    text.parse().unwrap()
}

fn fingerprint(secret: &str) -> Fingerprint {
    let mut builder = FingerprintBuilder::new(RULE);
    builder.part(secret.as_bytes());
    builder.finish()
}

fn finding(secret: &str, path: &str, platform: &str) -> Judged {
    let bare = Finding::bare(RULE);
    let finding = Finding {
        severity: Severity::High,
        confidence: Confidence::High,
        subject: Subject {
            platform: platform.into(),
            kind: "secret".into(),
            ..bare.subject
        },
        location: Location {
            path: ScanPath::new(Path::new(path)),
            region: Region::WHOLE_FILE,
        },
        fingerprint: fingerprint(secret),
        ..bare
    };
    Judged {
        finding: Box::new(finding),
        verdict: Arc::new(Verdict::Open),
    }
}

fn entry(secret: &str, owner: &str, expires: When) -> Entry {
    Entry {
        rule: RuleId::new(RULE),
        fingerprint: fingerprint(secret),
        path: "a.py".to_owned(),
        reason: "old".to_owned(),
        owner: owner.to_owned(),
        expires,
    }
}

/// Judges findings by a baseline.
fn apply(baseline: &Baseline, judged: &mut [Judged], as_of: Instant) -> Usage {
    let mut usage = Usage::default();
    for judged in judged {
        baseline.judge(judged, as_of, &mut usage);
    }
    usage
}

#[test]
fn a_line_in_force_accepts_and_an_ended_one_counts_again() {
    let as_of = day("2026-11-20");
    for (expires, accepted) in [
        (When::Never, true),
        (When::Known(day("2026-11-21")), true),
        (When::Known(as_of), false),
        (When::Known(day("2026-01-01")), false),
    ] {
        let baseline = Baseline::new(vec![entry("one", "ann", expires)]);
        let mut judged = [
            finding("one", "a.py", "source"),
            finding("two", "a.py", "source"),
        ];
        let usage = apply(&baseline, &mut judged, as_of);
        assert_eq!(usage.matched, BTreeSet::from([0]));
        assert_eq!(judged[0].counts(), !accepted, "{expires:?}");
        let verdict = &judged[0].verdict;
        let acceptance = verdict.accepted().or(verdict.lapsed()).unwrap();
        assert_eq!(acceptance.owner.as_deref(), Some("ann"));
        assert_eq!(acceptance.by, Acceptor::Baseline);
        // Another secret in the same place is another finding.
        assert_eq!(*judged[1].verdict, Verdict::Open);
    }
}

#[test]
fn of_several_lines_for_one_finding_the_longest_stays() {
    let early = entry("one", "ann", When::Known(day("2026-12-01")));
    let late = entry("one", "bob", When::Known(day("2027-12-01")));
    let forever = entry("one", "cy", When::Never);
    for (lines, owner, duplicates) in [
        (vec![early.clone(), late.clone()], "bob", 1),
        (vec![late.clone(), early.clone()], "bob", 1),
        (vec![late, forever, early.clone()], "cy", 2),
        (vec![early], "ann", 0),
    ] {
        let baseline = Baseline::new(lines);
        assert_eq!(baseline.entries().len(), 1);
        assert_eq!(baseline.entries()[0].owner, owner);
        assert_eq!(baseline.duplicates(), duplicates);
    }
}

#[test]
fn a_file_that_moved_is_told_and_one_that_was_exported_anew_is_not() {
    let baseline = Baseline::new(vec![entry("one", "ann", When::Never)]);
    for (path, platform, moved) in [
        ("a.py", "source", None),
        ("b.py", "source", Some("b.py")),
        ("users-2026-12.csv", "salesforce", None),
    ] {
        let mut judged = [finding("one", path, platform)];
        let usage = apply(&baseline, &mut judged, day("2026-11-20"));
        let told: Vec<&str> = usage.moved.iter().map(|(_, path)| path.as_str()).collect();
        assert_eq!(told, Vec::from_iter(moved), "{path}");
        assert!(!judged[0].counts());
        let refreshed = baseline.entries()[0].refreshed(&judged[0].finding);
        assert_eq!(refreshed.path, moved.unwrap_or("a.py"));
    }
    // One place of several is enough.
    let mut judged = finding("one", "b.py", "source");
    let old = finding("one", "a.py", "source").finding.location;
    judged.finding.places.push(old);
    let usage = apply(&baseline, &mut [judged], day("2026-11-20"));
    assert!(usage.moved.is_empty());
}

#[test]
fn a_waivers_word_is_final_and_an_ended_line_outlives_a_base_commit() {
    let waiver = |expires| Acceptance {
        by: Acceptor::Waiver("w".to_owned()),
        owner: None,
        reason: String::new(),
        expires: When::Known(expires),
    };
    let as_of = day("2026-11-20");
    let known = BTreeSet::from([fingerprint("one"), fingerprint("two")]);
    for end in ["2026-12-01", "2026-01-01"] {
        let verdict = Arc::new(Verdict::of(waiver(day(end)), as_of));
        let mut judged = [finding("one", "a.py", "source")];
        judged[0].verdict = Arc::clone(&verdict);
        let baseline = Baseline::new(vec![entry("one", "ann", When::Never)]);
        apply(&baseline, &mut judged, as_of);
        accept_known(&mut judged[0], &known, &known_to("c0ffee", "old"));
        assert_eq!(judged[0].verdict, verdict);
    }
    let mut judged = ["one", "two", "three"].map(|secret| finding(secret, "a.py", "source"));
    let ended = entry("one", "ann", When::Known(day("2026-01-01")));
    apply(&Baseline::new(vec![ended]), &mut judged, as_of);
    for judged in &mut judged {
        accept_known(judged, &known, &known_to("c0ffee", "old"));
    }
    let counts: Vec<bool> = judged.iter().map(Judged::counts).collect();
    assert_eq!(counts, [true, false, true]);
    let by = &judged[1].verdict.accepted().unwrap().by;
    assert_eq!(*by, Acceptor::Commit("c0ffee".to_owned()));
}

#[test]
fn a_comment_beside_a_secret_accepts_until_its_day_and_only_its_rule() {
    let policy = Policy::empty();
    let ours = |rule: &str, until: &str| Allow::Ours {
        rule: rule.to_owned(),
        reason: "made up".to_owned(),
        owner: "kim@acme.example".to_owned(),
        until: day(until),
    };
    let foreign = Allow::Foreign("gitleaks:allow".into());
    for (allow, honoured, accepted, lapsed, noted) in [
        (ours(RULE, "2026-11-21"), false, true, false, false),
        (
            ours("src.hardcoded-secret", "2026-11-21"),
            false,
            true,
            false,
            false,
        ),
        (ours(RULE, "2026-11-20"), false, false, true, true),
        (
            ours("secret.other", "2026-11-21"),
            false,
            false,
            false,
            true,
        ),
        (
            Allow::Wrong("it is not complete".to_owned()),
            true,
            false,
            false,
            true,
        ),
        (foreign.clone(), false, false, false, false),
        (foreign, true, true, false, false),
    ] {
        let mut found = finding("s", "a.py", "source").finding;
        found.allow = Some(Box::new(allow.clone()));
        let foreign = if honoured {
            ForeignAllows::Honoured
        } else {
            ForeignAllows::Disregarded
        };
        let waivers = Waivers::new(&policy, day("2026-11-20")).with_foreign(foreign);
        let mut triage = waivers.triage();
        let verdict = triage.judge(found).verdict;
        let notes = triage.notes();
        assert_eq!(verdict.accepted().is_some(), accepted, "{allow:?}");
        assert_eq!(verdict.lapsed().is_some(), lapsed, "{allow:?}");
        assert_eq!(!notes.is_empty(), noted, "{allow:?} {notes:?}");
    }
}

#[test]
fn a_secret_that_also_stands_where_nothing_allows_it_is_not_allowed() {
    let allowed = || {
        let mut found = finding("s", "a.py", "source").finding;
        found.allow = Some(Box::new(Allow::Foreign("gitleaks:allow".into())));
        *found
    };
    let bare = || *finding("s", "b.py", "source").finding;
    assert!(allowed().merge(allowed()).allow.is_some());
    assert!(allowed().merge(bare()).allow.is_none());
    assert!(bare().merge(allowed()).allow.is_none());
}
