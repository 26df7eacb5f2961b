//! Speed of the parts of the source half, each alone: the first pass over texts of several kinds,
//! what it costs to judge, to decode and to find, how it grows with the number of rules, and what
//! making the rules ready takes.
//!
//! `cargo bench --bench secrets` prints them. Under `cargo test` every part runs once over a little.

#![expect(clippy::print_stdout, reason = "its output is its purpose")]

mod clock;

use std::error::Error;
use std::fmt::Write;
use std::hint::black_box;
use std::path::Path;

use clock::{Rounds, per_second};
use credlint::app::content::Content;
use credlint::app::options::ContentOptions;
use credlint::check::secret::{Scanned, Scratch, SecretScanner};
use credlint::model::ScanPath;
use credlint::rule::file::Depth;
use credlint::rule::{Body, SecretRule};

/// Of every text, in bytes.
const FULL: usize = 8 << 20;
const LITTLE: usize = 16 << 10;

/// A kind of text: its name, the parts that it takes, and how to write one line of it.
type Kind = (&'static str, fn(&mut Random, &mut String));

const KINDS: [Kind; 7] = [
    ("code without names of secrets", code),
    ("code full of such names", names),
    ("assignments of no secret", references),
    ("digests of a lock file", digests),
    ("base64 of text", packed),
    ("one long line", minified),
    ("a key in every line", keys),
];

fn main() -> Result<(), Box<dyn Error>> {
    let rounds = Rounds::asked(15);
    let bytes = if rounds.tell() { FULL } else { LITTLE };
    let load = || {
        Content::load(&ContentOptions::default(), Depth::Trusted)
            .map_err(|_| "the built-in rules do not load")
    };
    ready("rules read and checked", rounds, || load().is_ok());
    let content = load()?;
    let rules: Vec<&SecretRule> = content
        .rules
        .iter()
        .filter_map(|rule| match &rule.body {
            Body::Secret(secret) => Some(&**secret),
            Body::Record(_) => None,
        })
        .collect();
    ready("made ready", rounds, || {
        black_box(SecretScanner::new(rules.iter().copied()));
        true
    });
    let scanner = SecretScanner::new(rules.iter().copied());
    for (name, line) in KINDS {
        scan(name, &scanner, &text(bytes, line), rounds);
    }
    let plain = text(bytes, code);
    // Every how-manieth rule, so that all vendors and shapes take part.
    for count in [50, 200, rules.len()] {
        let some = rules.iter().step_by(rules.len() / count).take(count);
        let scanner = SecretScanner::new(some.copied());
        scan(&format!("code, {count} rules"), &scanner, &plain, rounds);
    }
    Ok(())
}

fn ready(name: &str, rounds: Rounds, mut work: impl FnMut() -> bool) {
    let best = rounds.best(|| assert!(work(), "{name} fails"));
    if rounds.tell() {
        println!("{name:32} {:9.2} ms", best * 1e3);
    }
}

fn scan(name: &str, scanner: &SecretScanner<'_>, text: &str, rounds: Rounds) {
    let path = ScanPath::new(Path::new("src/text.txt"));
    let mut scratch = Scratch::default();
    let mut found = 0;
    let best = rounds.best(
        || match scanner.scan(&path, text.as_bytes(), &mut scratch) {
            Scanned::Searched(findings) => found = black_box(findings).len(),
            Scanned::Binary => found = usize::MAX,
        },
    );
    assert_ne!(found, usize::MAX, "{name} is no text");
    if rounds.tell() {
        let megabytes = per_second(text.len() as u64, best) / 1e6;
        println!("{name:32} {megabytes:9.0} MB/s {found:8} findings");
    }
}

fn text(bytes: usize, line: fn(&mut Random, &mut String)) -> String {
    let mut random = Random(7);
    let mut text = String::with_capacity(bytes + 1024);
    while text.len() < bytes {
        line(&mut random, &mut text);
    }
    text
}

/// The same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % limit
    }

    fn of<'t>(&mut self, all: &[&'t str]) -> &'t str {
        all.get(self.below(all.len())).copied().unwrap_or_default()
    }

    fn letters(&mut self, alphabet: &str, count: usize, out: &mut String) {
        for _ in 0..count {
            let at = self.below(alphabet.len());
            out.extend(alphabet.as_bytes().get(at).map(|byte| char::from(*byte)));
        }
    }
}

const WORDS: &[&str] = &[
    "buffer",
    "index",
    "parse_header",
    "node",
    "SocketAddress",
    "i",
    "value2",
    "is_ready",
    "next",
    "list_for_each_entry_safe",
    "len",
    "0x1f",
    "u32",
    "render",
    "HttpResponse",
    "state",
];
const SECRETS: &[&str] = &[
    "password",
    "access_token",
    "secretKey",
    "API_KEY",
    "credentials",
    "authorization",
    "passwd",
];
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn code(random: &mut Random, out: &mut String) {
    let [a, b, c, d] = std::array::from_fn(|_| random.of(WORDS));
    let _ = writeln!(
        out,
        "    if ({a}->{b} == {c}[{d}]) return {b}({a}, \"{c} of {d}\");"
    );
}

fn names(random: &mut Random, out: &mut String) {
    let (a, b) = (random.of(SECRETS), random.of(WORDS));
    let _ = writeln!(out, "    let {a} = self.{b}.{a}()?; // the {a} of {b}");
}

fn references(random: &mut Random, out: &mut String) {
    let (a, b) = (random.of(SECRETS), random.of(WORDS));
    let _ = writeln!(out, "{a}: ${{{{ vault.{b} }}}}\n{a} = \"<your {a}>\"");
}

fn digests(random: &mut Random, out: &mut String) {
    let name = random.of(WORDS);
    let _ = write!(out, "    \"{name}\": {{\"integrity\": \"sha512-");
    random.letters(BASE64, 86, out);
    out.push_str("==\", \"shasum\": \"");
    random.letters("0123456789abcdef", 40, out);
    out.push_str("\"},\n");
}

fn packed(random: &mut Random, out: &mut String) {
    use base64::Engine;
    let mut inner = String::new();
    for _ in 0..4 {
        code(random, &mut inner);
    }
    out.push_str("data: ");
    base64::engine::general_purpose::STANDARD.encode_string(&inner, out);
    out.push('\n');
}

fn minified(random: &mut Random, out: &mut String) {
    let [a, b, c] = std::array::from_fn(|_| random.of(WORDS));
    let _ = write!(
        out,
        "function {a}(t,e){{return t.{b}?e:{c}(t)}}var n={{{b}:{}}};",
        random.below(99)
    );
}

fn keys(random: &mut Random, out: &mut String) {
    // In two parts: no text of this project may hold what looks like a key.
    out.push_str(concat!("key = \"AK", "IA"));
    random.letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16, out);
    out.push_str("\"\nsecret = \"");
    random.letters(BASE64, 40, out);
    out.push_str("\"\n");
}
