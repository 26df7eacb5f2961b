//! What the beginning of a file says: an export, an answer that is none, or nothing that is known.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use crate::input::InputFile;
use crate::model::{Problem, ProblemKind, ScanPath};
use crate::read::{self, ColumnNames, Format as Container, ReadError, Shape};
use crate::report::is_own;
use crate::source::{Found, Sources};

use super::exports::has_ending;

/// What the beginning of a file says.
#[derive(Debug)]
pub(super) enum Beginning {
    /// Sources know it.
    Known(Box<[Found]>),
    /// Sources know it, and not all of it is read: what is said of that.
    InPart(Box<(Box<[Found]>, String)>),
    /// A table without a header.
    EmptyTable,
    /// A list without a record, or an envelope around one.
    NoRecord,
    /// What a platform answers instead of an export.
    Refusal,
    /// A workbook as XML.
    Workbook,
    /// A table that no source knows.
    OtherTable,
    /// A table that no source knows, and whose header speaks of credentials.
    CredentialTable,
    /// A list of records that no source knows, whose names speak of credentials.
    CredentialList,
    /// Lists of values under a list of names that speak of credentials.
    CredentialRows,
    /// Something alone that no source knows, whose names speak of a credential and of what becomes of it.
    CredentialRecord,
    /// Something else that could be an export, and that no source knows.
    Other,
    /// What this program wrote.
    Own,
}

/// What the beginning of a file says; nothing, or that it cannot be read. Held for many files of a
/// tree until all are looked at, so it is small.
pub(super) type Sniffed = Result<Option<Beginning>, Box<Problem>>;

/// What the beginnings say that say something, by the number of the file, in order.
pub(super) type Beginnings = Vec<(usize, Sniffed)>;

impl Beginning {
    /// A shape is large, and held for every file until all are looked at; this is not.
    fn of(sources: &Sources, shown: &ScanPath, shape: &Shape) -> Self {
        if shape.by_rows {
            let credentials = shape.columns.iter().any(speaks_of_credentials);
            return match credentials || is_credential(&shape.columns) {
                true => Self::CredentialRows,
                false => Self::Other,
            };
        }
        let found = sources.recognise(shown, shape);
        if !found.is_empty() {
            return match left_out(sources, &found, shape) {
                Some(what) => Self::InPart(Box::new((found.into(), what))),
                None => Self::Known(found.into()),
            };
        }
        let empty = shape.columns.is_empty();
        match shape.format {
            Container::Csv { .. } if empty => Self::EmptyTable,
            Container::Csv { .. } | Container::Json { .. }
                if is_own(|name| shape.columns.contains(name)) =>
            {
                Self::Own
            }
            Container::Csv { .. } if shape.columns.iter().any(speaks_of_credentials) => {
                Self::CredentialTable
            }
            Container::Csv { .. } => Self::OtherTable,
            Container::Json { .. } if empty => Self::NoRecord,
            Container::Xml { .. } if shape.namespace.as_deref() == Some(SPREADSHEET) => {
                Self::Workbook
            }
            Container::Json { .. } if is_refusal(&shape.columns) => Self::Refusal,
            Container::Json { .. } if lists(shape).any(holds_credentials) => Self::CredentialList,
            // Most settings of a source tree end here.
            _ if !tells_of_a_life(shape.columns.joined()) => Self::Other,
            Container::Json { .. } if holds_named_credentials(&shape.columns) => {
                Self::CredentialList
            }
            Container::Json { .. } | Container::Xml { .. } | Container::Yaml
                if is_credential(&shape.columns) =>
            {
                Self::CredentialRecord
            }
            _ => Self::Other,
        }
    }
}

/// What of a known file is not read.
fn left_out(all: &Sources, found: &[Found], shape: &Shape) -> Option<String> {
    if let Some(column) = doubled(all, found, shape) {
        return Some(format!(
            "has two columns `{column}`, of which only the first was read"
        ));
    }
    if shape.by_columns {
        return Some(
            "has a list of values for each column, of which no record can be made; write an object for \
             each record"
                .to_owned(),
        );
    }
    let mut sources = found.iter().map(|f| all.get(f.source));
    if let Some((ours, theirs)) =
        sources.find_map(|source| source.respelt(&shape.columns).first().copied())
    {
        return Some(format!(
            "has `{theirs}` where the platform writes `{ours}`, which is not there; nothing of it is read \
             (were names changed?)"
        ));
    }
    let within =
        |f: &Found| matches!(&f.format, Container::Json { envelope } if envelope.is_empty());
    if !found.iter().any(|f| f.format == shape.format)
        && let Some((name, title)) = packed_in(all, shape)
    {
        return Some(format!(
            "has its records ({title}) in `{name}`, of which only lists in them are read; write the records \
             alone into a file"
        ));
    }
    let more = shape.lists.more && !found.iter().any(within);
    more.then(|| {
        "has more lists of records than are told apart, of which only the first were read; write \
         each into a file of its own, or all of them into one list"
            .to_owned()
    })
}

/// So many members of an object are asked whether they are records.
const PACKED: usize = 16;

/// The member of each row, or of the object, in which a record that a source would know stands, and what
/// that is.
fn packed_in<'s>(sources: &'s Sources, shape: &'s Shape) -> Option<(&'s str, &'s str)> {
    let mut packs: Vec<&str> = Vec::new();
    let names = shape.columns.iter().filter_map(|name| name.split_once('.'));
    for (pack, _) in names.clone() {
        if packs.last() != Some(&pack) && packs.len() < PACKED {
            packs.push(pack);
        }
    }
    packs.into_iter().find_map(|pack| {
        let inner = names.clone().filter(|(first, _)| *first == pack);
        let source = sources.by_names(None, inner.map(|(_, name)| name))?;
        Some((pack, source.title()))
    })
}

/// The lists of records in a JSON file.
fn lists(shape: &Shape) -> impl Iterator<Item = &Shape> {
    let own = shape.many.then_some(shape);
    own.into_iter().chain(&shape.lists.shapes)
}

/// Whether records have a name of their own that speaks of credentials. Who made or changed a record has
/// names as well, such as `user.login`, and they say nothing of it.
fn holds_credentials(list: &Shape) -> bool {
    let own = || list.columns.iter().filter(|column| !column.contains('.'));
    own().any(speaks_of_credentials) || (own().any(is_key) && own().any(tells_of_a_life))
}

/// Whether an object holds records by their names, and these have names that speak of credentials.
fn holds_named_credentials(columns: &ColumnNames) -> bool {
    let mut records: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for column in columns.iter() {
        // A member that is no object is none of them.
        let Some((record, name)) = column.split_once('.') else {
            // The object itself has a name, and so have those in it.
            match records.entry(column) {
                Entry::Vacant(vacant) => vacant.insert(Vec::new()),
                Entry::Occupied(_) => return false,
            };
            continue;
        };
        records.entry(record).or_default().push(name);
    }
    let mut records = records.into_values();
    match (records.next(), records.next()) {
        (Some(first), Some(second)) => {
            let alike = |names: &Vec<&str>| !names.is_empty() && names.first() == first.first();
            alike(&second)
                && records.all(|names| alike(&names))
                && first.iter().any(|name| speaks_of_credentials(name))
                && first.iter().any(|name| tells_of_a_life(name))
        }
        _ => false,
    }
}

/// Whether names speak of a credential, and of what becomes of one. Settings do the former as well.
fn is_credential(columns: &ColumnNames) -> bool {
    let mut names = columns
        .iter()
        .map(|column| column.rsplit('.').next().unwrap_or(column));
    let credential = |name: &str| speaks_of_credentials(name) || is_key(name);
    names.clone().any(credential) && names.any(tells_of_a_life)
}

/// Whether a name is that of a key where somebody chose it: `--query '[].{Key: AccessKeyId}'`.
fn is_key(column: &str) -> bool {
    ["key", "keyid", "key_id", "key id", "kid"]
        .iter()
        .any(|name| column.eq_ignore_ascii_case(name))
}

/// Whether a name is of a time in the life of a credential.
fn tells_of_a_life(column: &str) -> bool {
    static PARTS: Parts = Parts::new(LIFE);
    PARTS.stand_in(column)
}

/// Parts of such names.
const LIFE: &[&str] = &[
    "created",
    "lastused",
    "last_used",
    "last used",
    "lastlogin",
    "last_login",
    "last login",
    "lastpassword",
    "expirationdate",
    "expires_at",
    "expires_on",
    "rotated",
    "notafter",
    "enddate",
];

/// A column of a table that some source reads, and whose name another has as well.
fn doubled<'s>(sources: &Sources, found: &[Found], shape: &'s Shape) -> Option<&'s str> {
    if !matches!(
        shape.format,
        Container::Csv { .. } | Container::CsvInJson { .. }
    ) {
        return None;
    }
    let mut names: Vec<(String, &str)> = shape
        .columns
        .iter()
        .map(|name| (name.to_ascii_lowercase(), name))
        .collect();
    names.sort_by(|a, b| a.0.cmp(&b.0));
    let read = |column: &str| found.iter().any(|f| sources.get(f.source).reads(column));
    let pairs = names.iter().zip(names.iter().skip(1));
    let twice = pairs.filter(|(one, other)| one.0 == other.0 && !one.0.is_empty());
    twice.map(|(one, _)| one.1).find(|name| read(name))
}

/// Looks at one file, whose bytes are in memory.
pub(super) fn sniffed_bytes(sources: &Sources, file: &InputFile, bytes: &[u8]) -> Sniffed {
    let yaml = has_ending(file.path.as_os_str(), &["yaml", "yml"]);
    // Source trees have thousands of YAML files. With a NUL in it, it may be UTF-16.
    if yaml && memchr::memchr(0, bytes).is_none() && !sources.may_know_yaml(bytes) {
        return Ok(Some(Beginning::Other));
    }
    sniffed(sources, &file.shown, || {
        read::sniff_bytes(&file.path, bytes)
    })
}

/// Looks at one file. A fault of a reader costs that file, not the scan.
pub(super) fn sniffed(
    sources: &Sources,
    shown: &ScanPath,
    look: impl FnOnce() -> Result<Option<Shape>, ReadError>,
) -> Sniffed {
    let (line, kind, message) = match catch_unwind(AssertUnwindSafe(look)) {
        Ok(Ok(shape)) => return Ok(shape.map(|shape| Beginning::of(sources, shown, &shape))),
        Ok(Err(error)) => {
            let (line, kind) = match &error {
                ReadError::Io(_) => (None, ProblemKind::Unreadable),
                ReadError::Malformed { line, .. } => (Some(*line), ProblemKind::Malformed),
                ReadError::TooLarge { line, .. } => (Some(*line), ProblemKind::TooLarge),
            };
            (line, kind, error.to_string())
        }
        Err(_) => {
            let message = "reading it failed inside this program; please report it".to_owned();
            (None, ProblemKind::Internal, message)
        }
    };
    Err(Box::new(Problem {
        path: Some(shown.clone()),
        line,
        kind,
        message,
    }))
}

/// Whether a header's name is one that exports of credentials and accounts have, in the language of
/// whoever made them.
pub(super) fn speaks_of_credentials(column: &str) -> bool {
    static PARTS: Parts = Parts::new(HEADINGS);
    PARTS.stand_in(column)
}

/// Parts of names, in small letters. Every name in the JSON files of a tree is asked for them.
struct Parts {
    parts: &'static [&'static str],
    /// None if they are too many to be looked for at once.
    all: OnceLock<Option<AhoCorasick>>,
}

impl Parts {
    const fn new(parts: &'static [&'static str]) -> Self {
        Self {
            parts,
            all: OnceLock::new(),
        }
    }

    /// Whether a name has one, in letters of any case.
    fn stand_in(&self, name: &str) -> bool {
        let build = || {
            let mut builder = AhoCorasick::builder();
            builder.ascii_case_insensitive(true).build(self.parts).ok()
        };
        let all = self.all.get_or_init(build).as_ref();
        let has = |name: &str| match all {
            Some(all) => all.is_match(name),
            None => self.parts.iter().any(|part| name.contains(part)),
        };
        match name.is_ascii() {
            true => has(name),
            false => has(&name.to_lowercase()),
        }
    }
}

/// Parts of headers: English, German, French, Spanish, Italian, Portuguese, Dutch, Japanese.
const HEADINGS: &[&str] = &[
    "username",
    "user name",
    "login",
    "password",
    "passwd",
    "secret",
    "token",
    "credential",
    "certificate",
    "access key",
    "access_key",
    "accesskey",
    "userprincipalname",
    "accountenabled",
    "api key",
    "apikey",
    "api_key",
    "expiration",
    "expires",
    "valid_before",
    "validbefore",
    "benutzername",
    "anmeld",
    "kennwort",
    "passwort",
    "geheim",
    "zertifikat",
    "zugangsschl",
    "nom d'utilisateur",
    "nom d\u{2019}utilisateur",
    "connexion",
    "mot de passe",
    "jeton",
    "certificat",
    "nombre de usuario",
    "inicio de sesi",
    "contrase\u{f1}a",
    "secreto",
    "certificado",
    "nome utente",
    "accesso",
    "segreto",
    "certificato",
    "nome de usu",
    "senha",
    "segredo",
    "gebruikersnaam",
    "aanmeld",
    "wachtwoord",
    "certificaat",
    "\u{30e6}\u{30fc}\u{30b6}\u{30fc}\u{540d}",
    "\u{30ed}\u{30b0}\u{30a4}\u{30f3}",
    "\u{30d1}\u{30b9}\u{30ef}\u{30fc}\u{30c9}",
];

/// The namespace of a workbook that a spreadsheet program wrote as XML.
const SPREADSHEET: &str = "urn:schemas-microsoft-com:office:spreadsheet";

/// How a platform says no.
struct Refusal {
    /// The members that its answer has.
    needs: &'static [&'static str],
    /// Those that it may have beside them. With any other it is something else.
    may: &'static [&'static str],
}

/// Whether a platform says no.
fn is_refusal(columns: &ColumnNames) -> bool {
    REFUSALS.iter().any(|refusal| refusal.is(columns))
}

impl Refusal {
    fn is(&self, columns: &ColumnNames) -> bool {
        let mut members = columns.iter().filter(|column| !column.contains('.'));
        let known = |member| self.needs.contains(&member) || self.may.contains(&member);
        members.all(known) && self.needs.iter().all(|name| columns.contains(name))
    }
}

/// The answers of the platforms whose exports are read.
const REFUSALS: &[Refusal] = &[
    // The Salesforce command line, with --json.
    Refusal {
        needs: &["status", "name", "message"],
        may: &[
            "exitCode",
            "commandName",
            "stack",
            "context",
            "code",
            "cause",
            "actions",
            "data",
            "result",
            "warnings",
        ],
    },
    // Salesforce over REST, in a list.
    Refusal {
        needs: &["errorCode", "message"],
        may: &["fields"],
    },
    // Okta.
    Refusal {
        needs: &["errorCode", "errorSummary"],
        may: &["errorLink", "errorId", "errorCauses"],
    },
    // Graph, Google and ServiceNow; token endpoints.
    Refusal {
        needs: &["error"],
        may: &["error_description", "status", "message"],
    },
    // GitHub, GitLab, AWS, Doppler.
    Refusal {
        needs: &["message"],
        may: &["documentation_url", "status", "errors"],
    },
    Refusal {
        needs: &["messages", "success"],
        may: &["data"],
    },
    // Vault.
    Refusal {
        needs: &["errors"],
        may: &["warnings", "request_id"],
    },
    // The API of Kubernetes, behind kubectl get --raw.
    Refusal {
        needs: &["kind", "apiVersion", "status", "reason", "code"],
        may: &["metadata", "message", "details"],
    },
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::is_refusal;
    use crate::read::sniff_bytes;

    fn refused(text: &str) -> bool {
        let shape = sniff_bytes(Path::new("a.json"), text.as_bytes())
            .unwrap()
            .unwrap();
        is_refusal(&shape.columns)
    }

    #[test]
    fn what_a_platform_answers_instead_of_an_export_is_known() {
        for text in [
            r#"{"status":1,"name":"INVALID_FIELD","message":"No such column","exitCode":1,"stack":"s"}"#,
            r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#,
            r#"{"error":{"message":"User Not Authenticated","detail":"d"},"status":"failure"}"#,
            r#"{"error":{"code":"Authorization_RequestDenied","message":"m","innerError":{"date":"d"}}}"#,
            r#"{"errorCode":"E0000011","errorSummary":"Invalid token","errorLink":"l","errorId":"i","errorCauses":[]}"#,
            r#"{"message":"Bad credentials","documentation_url":"u","status":"401"}"#,
            r#"{"errors":["permission denied"]}"#,
            r#"{"messages":["Invalid token"],"success":false}"#,
        ] {
            assert!(refused(text), "{text}");
        }
    }

    #[test]
    fn a_record_with_the_same_words_in_it_is_none() {
        for text in [
            r#"{"name":"app","status":"active","message":"m","owner":"o"}"#,
            r#"{"id":1,"message":"m"}"#,
            r#"[{"errorCode":"x"}]"#,
        ] {
            assert!(!refused(text), "{text}");
        }
    }
}
