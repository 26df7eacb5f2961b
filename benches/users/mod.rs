//! A made-up Salesforce org of any size: the same users in the same order in every run, in the
//! shapes in which exports of the `User` object come. Knows no rule.

use std::io::{self, Write};

use credlint::model::Instant;

/// The audit date of every benchmark: 2026-11-20.
pub(crate) const AS_OF: Instant = Instant::from_seconds(1_795_132_800);

/// The shape of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `sf data query -r csv`.
    Csv,
    /// Data Loader: every field in quotes, a header in capitals, CRLF.
    CsvQuoted,
    /// `sf data query --json`: an envelope, one member on each line.
    Sf,
    /// The same without white space.
    SfCompact,
    /// A bare array, one record on each line.
    Array,
    /// One record on each line, nothing around them.
    Lines,
}

impl Shape {
    /// The words on the command line of the generator.
    pub(crate) const ALL: [(&'static str, Self); 6] = [
        ("csv", Self::Csv),
        ("csv-quoted", Self::CsvQuoted),
        ("sf", Self::Sf),
        ("sf-compact", Self::SfCompact),
        ("array", Self::Array),
        ("lines", Self::Lines),
    ];
}

/// The columns in the order of the CSV header.
const COLUMNS: [&str; 15] = [
    "Id",
    "Username",
    "Name",
    "Email",
    "Title",
    "IsActive",
    "UserType",
    "Profile.Name",
    "Profile.UserLicense.Name",
    "LastLoginDate",
    "LastPasswordChangeDate",
    "PasswordExpirationDate",
    "CreatedDate",
    "FederationIdentifier",
    "ManagerId",
];

/// Splitmix64: a fixed stream of numbers for a fixed seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    fn permille(&mut self, chance: u64) -> bool {
        self.below(1_000) < chance
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        let index = usize::try_from(self.below(from.len() as u64)).unwrap_or(0);
        from.get(index).copied().unwrap_or("")
    }

    /// A time between so many days before the audit date, as Salesforce writes it.
    fn days_back(&mut self, from: u64, to: u64) -> String {
        let back = from * 86_400 + self.below((to - from) * 86_400);
        let at = AS_OF.seconds() - i64::try_from(back).unwrap_or(0);
        salesforce(at)
    }
}

fn salesforce(seconds: i64) -> String {
    let text = Instant::from_seconds(seconds).to_string();
    format!("{}.000+0000", text.trim_end_matches('Z'))
}

const FIRST: [&str; 12] = [
    "Anna",
    "Bruno",
    "Chloé",
    "Dmitri",
    "Elena",
    "Farid",
    "Grace",
    "Hiro",
    "Ines",
    "Jürgen",
    "Katarzyna",
    "Liam",
];
const LAST: [&str; 12] = [
    "Müller", "Okafor", "Smith", "García", "Novák", "Tanaka", "Rossi", "Dubois", "Haddad", "Berg",
    "Silva", "Kowalski",
];
const TITLES: [&str; 6] = [
    "Account Executive",
    "Sales Operations Analyst, EMEA",
    "Engineer",
    "Support Agent \"Tier 2\"",
    "VP, Finance",
    "Administrator",
];
const PROFILES: [&str; 6] = [
    "Standard User",
    "System Administrator",
    "Sales, Field",
    "Support Agent",
    "Integration API Only",
    "Marketing User",
];

/// One user: a cell for each of [`COLUMNS`].
struct User {
    cells: [String; COLUMNS.len()],
}

impl User {
    /// Most users are in order: each question of the benchmark is answered by about one in a
    /// hundred.
    fn new(number: u64, random: &mut Random) -> Self {
        let (first, last) = (random.pick(&FIRST), random.pick(&LAST));
        let name = match random.below(20) {
            0 => format!("{last}, {first}"),
            1 => format!("{first} \"{}.\" {last}", first.get(..1).unwrap_or("X")),
            _ => format!("{first} {last}"),
        };
        let ascii: String = format!("{first}.{last}")
            .chars()
            .map(|c| {
                if c.is_ascii() {
                    c.to_ascii_lowercase()
                } else {
                    '_'
                }
            })
            .collect();
        let username = format!("{ascii}.{number}@acme.example");
        let active = random.percent(85);
        let profile = random.pick(&PROFILES);
        let user_type = if random.permille(5) {
            random.pick(&["AutomatedProcess", "Guest", "CloudIntegrationUser"])
        } else {
            random.pick(&[
                "Standard",
                "Standard",
                "Standard",
                "PowerPartner",
                "CSPLitePortal",
            ])
        };
        let license = if profile == "Integration API Only" {
            "Salesforce Integration"
        } else {
            "Salesforce"
        };
        let login = match random.below(1_000) {
            0..10 => String::new(),
            10..22 => random.days_back(181, 900),
            _ => random.days_back(0, 89),
        };
        let password_age = match random.below(1_000) {
            0..5 => None,
            5..17 => Some(random.below(700) + 181),
            _ => Some(random.below(89)),
        };
        let changed = password_age.map_or(String::new(), |days| random.days_back(days, days + 1));
        let expires = if password_age.is_none() || random.permille(12) {
            String::new()
        } else {
            let ahead = i64::try_from(random.below(90 * 86_400)).unwrap_or(0);
            salesforce(AS_OF.seconds() + 86_400 * 3 + ahead)
        };
        let created = random.days_back(900, 3_000);
        let federation = if random.percent(60) {
            format!("{ascii}.{number}@sso.acme.example")
        } else {
            String::new()
        };
        let manager = if random.percent(90) {
            format!("005xx{:010}AAA", random.below(number + 1))
        } else {
            String::new()
        };
        Self {
            cells: [
                format!("005xx{number:010}AAA"),
                username,
                name,
                format!("{ascii}@acme.example"),
                random.pick(&TITLES).to_owned(),
                active.to_string(),
                user_type.to_owned(),
                profile.to_owned(),
                license.to_owned(),
                login,
                changed,
                expires,
                created,
                federation,
                manager,
            ],
        }
    }

    fn cell(&self, name: &str) -> &str {
        let at = COLUMNS.iter().position(|column| *column == name);
        at.and_then(|at| self.cells.get(at))
            .map_or("", String::as_str)
    }
}

/// Writes so many users.
///
/// # Errors
/// When the output cannot be written.
pub(crate) fn write(shape: Shape, rows: u64, out: &mut dyn Write) -> io::Result<()> {
    let mut random = Random(42);
    let mut users = (0..rows).map(|number| User::new(number, &mut random));
    match shape {
        Shape::Csv => {
            writeln!(out, "{}", COLUMNS.join(","))?;
            users.try_for_each(|user| csv(&user, Quotes::Needed, out))
        }
        Shape::CsvQuoted => {
            let names = COLUMNS.map(|name| format!("\"{}\"", name.to_ascii_uppercase()));
            write!(out, "{}\r\n", names.join(","))?;
            users.try_for_each(|user| csv(&user, Quotes::Always, out))
        }
        Shape::Lines => users.try_for_each(|user| {
            json(&user, Layout::Compact, out)?;
            out.write_all(b"\n")
        }),
        Shape::Array => {
            out.write_all(b"[")?;
            list(users, ",\n", Layout::Compact, out)?;
            out.write_all(b"]\n")
        }
        Shape::SfCompact => {
            out.write_all(b"{\"status\":0,\"result\":{\"records\":[")?;
            list(users, ",", Layout::Compact, out)?;
            writeln!(
                out,
                "],\"totalSize\":{rows},\"done\":true}},\"warnings\":[]}}"
            )
        }
        Shape::Sf => {
            out.write_all(b"{\n  \"status\": 0,\n  \"result\": {\n    \"records\": [\n      ")?;
            list(users, ",\n      ", Layout::Pretty, out)?;
            let tail = format!(
                "\n    ],\n    \"totalSize\": {rows},\n    \"done\": true\n  }},\n  \"warnings\": []\n}}\n"
            );
            out.write_all(tail.as_bytes())
        }
    }
}

/// When a CSV field stands in quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    Needed,
    Always,
}

fn csv(user: &User, quotes: Quotes, out: &mut dyn Write) -> io::Result<()> {
    for (index, cell) in user.cells.iter().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        if quotes == Quotes::Always || cell.contains([',', '"']) {
            write!(out, "\"{}\"", cell.replace('"', "\"\""))?;
        } else {
            out.write_all(cell.as_bytes())?;
        }
    }
    out.write_all(if quotes == Quotes::Always {
        b"\r\n"
    } else {
        b"\n"
    })
}

/// Whether JSON is written for people.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Compact,
    Pretty,
}

fn list(
    users: impl Iterator<Item = User>,
    between: &str,
    layout: Layout,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (index, user) in users.enumerate() {
        if index > 0 {
            out.write_all(between.as_bytes())?;
        }
        json(&user, layout, out)?;
    }
    Ok(())
}

/// The plain fields of a JSON record; what is behind a relation follows them.
const PLAIN: [&str; 13] = [
    "Id",
    "Username",
    "Name",
    "Email",
    "Title",
    "IsActive",
    "UserType",
    "LastLoginDate",
    "LastPasswordChangeDate",
    "PasswordExpirationDate",
    "CreatedDate",
    "FederationIdentifier",
    "ManagerId",
];

fn json(user: &User, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let mut text = String::with_capacity(1_200);
    let id = user.cell("Id");
    let mut object = Object::new(&mut text, layout, 3);
    object.attributes("User", id);
    for name in PLAIN {
        let value = match (name, user.cell(name)) {
            (_, "") => "null".to_owned(),
            ("IsActive", word) => word.to_owned(),
            (_, cell) => quoted(cell),
        };
        object.member(name, &value);
    }
    object.open("Profile");
    object.attributes("Profile", "00exx0000000001AAA");
    object.member("Name", &quoted(user.cell("Profile.Name")));
    object.open("UserLicense");
    object.attributes("UserLicense", "100xx0000000001AAA");
    object.member("Name", &quoted(user.cell("Profile.UserLicense.Name")));
    object.close();
    object.close();
    object.close();
    out.write_all(text.as_bytes())
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\\\""))
}

/// Writes one JSON object, and objects in it.
struct Object<'t> {
    text: &'t mut String,
    layout: Layout,
    level: usize,
    fresh: bool,
}

impl<'t> Object<'t> {
    fn new(text: &'t mut String, layout: Layout, level: usize) -> Self {
        text.push('{');
        Self {
            text,
            layout,
            level: level + 1,
            fresh: true,
        }
    }

    fn line(&mut self) {
        if self.layout == Layout::Pretty {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n("  ", self.level));
        }
    }

    fn member(&mut self, name: &str, value: &str) {
        if !self.fresh {
            self.text.push(',');
        }
        self.fresh = false;
        self.line();
        let colon = if self.layout == Layout::Pretty {
            "\": "
        } else {
            "\":"
        };
        for part in ["\"", name, colon, value] {
            self.text.push_str(part);
        }
    }

    fn open(&mut self, name: &str) {
        self.member(name, "{");
        self.level += 1;
        self.fresh = true;
    }

    fn close(&mut self) {
        self.level -= 1;
        self.line();
        self.text.push('}');
        self.fresh = false;
    }

    fn attributes(&mut self, kind: &str, id: &str) {
        self.open("attributes");
        self.member("type", &quoted(kind));
        let url = format!("/services/data/v65.0/sobjects/{kind}/{id}");
        self.member("url", &quoted(&url));
        self.close();
    }
}
