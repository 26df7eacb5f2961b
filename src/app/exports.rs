//! The exports among the files: recognised, counted, and hashed when a report shows it.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use foldhash::fast::FixedState;
use rayon::prelude::*;

use crate::input::{InputFile, Listed};
use crate::model::{Problem, ProblemKind, ScanPath};
use crate::read;
use crate::read::archive;
use crate::report::ExportInput;
use crate::source::{Found, Sources};

use super::beginning::{Beginning, Beginnings, sniffed};
use super::content::Content;
use super::hashing::Hashes;
use super::misspelt;
use super::options::{Archives, ScanOptions};
use super::org::{Export, OrgOutcome};
use super::packed::{self, Packed};
use super::unwritten::{self, OtherForms, Unread};

/// Names that exports have; a file with such a name that holds nothing, or something else, is what
/// a failed export leaves behind.
const EXPORT_NAMES: &[&str] = &[
    "csv", "tsv", "json", "jsonl", "ndjson", "xml", "pem", "crt", "cer", "der", "yaml", "yml",
];

/// Looks at the beginning of every file.
pub(super) fn sniff_all(sources: &Sources, files: &[Listed]) -> Beginnings {
    files
        .par_iter()
        .map(|file| sniffed(sources, &file.shown(), || read::sniff(&file.path())))
        .enumerate()
        .filter(|(_, beginning)| !matches!(beginning, Ok(None)))
        .collect()
}

/// Where exports are looked for.
#[derive(Clone, Copy)]
pub(super) struct Ground<'g> {
    pub(super) sources: &'g Sources,
    /// Whether archives are opened.
    pub(super) archives: Archives,
    /// The files.
    pub(super) files: &'g [Listed],
    /// What the user named.
    pub(super) targets: &'g [PathBuf],
    pub(super) faults: Faults,
}

impl Ground<'_> {
    /// Whether the user named this very file, or there is no other.
    fn is_singled_out(self, file: &Listed) -> bool {
        self.files.len() == 1 || self.targets.iter().any(|target| file.is_at(target))
    }

    /// The same of a user who named few. It is asked of every file of a source tree, of each by name.
    fn is_of_few(self, file: &Listed) -> bool {
        self.targets.len() <= FEW && self.is_singled_out(file)
    }
}

/// A user who names more files than this had a program name them.
const FEW: usize = 64;

/// Whether a file is an archive, whatever its name says; a workbook is one too, and no such.
fn is_packed(file: &Listed) -> bool {
    if has_ending(file.name(), WORKBOOK_NAMES) {
        return false;
    }
    let mut front = Vec::new();
    let opened = File::open(file.path());
    let read = opened.and_then(|file| file.take(archive::HEAD as u64).read_to_end(&mut front));
    read.is_ok() && archive::kind(&front).is_some()
}

/// Whether anybody else tells what is wrong with an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Faults {
    /// Nobody does.
    Told,
    /// Whoever searches its members for secrets does, unless exports are in it.
    ToldElsewhere,
}

/// Finds the exports among files that nobody has looked at.
pub(super) fn find(
    ground: Ground<'_>,
    problems: &mut Vec<Problem>,
    notes: &mut Vec<String>,
) -> Vec<Export> {
    let beginnings = sniff_all(ground.sources, ground.files);
    recognise(ground, beginnings, problems, notes)
}

/// What is neither an export nor nothing.
#[derive(Default)]
struct Rest<'f> {
    /// Files without a record in them.
    recordless: Vec<&'f Listed>,
    /// Files that are told of and no failure, each with what is said of it.
    strays: Vec<(&'f Listed, &'static str)>,
    /// Files in which nothing is known.
    odd: Vec<&'f Listed>,
    /// What this program wrote.
    own: Vec<&'f Listed>,
    /// Files whose content is something else.
    unknown: Vec<&'f Listed>,
    /// Tables that no source knows.
    tables: Vec<&'f Listed>,
    /// Tables and lists that look like exports.
    likely: Vec<(&'f Listed, Beginning)>,
    /// Answers that are no exports, and what else is known to be none: each with what it is.
    refusals: Vec<(&'f Listed, &'static str)>,
    archives: Vec<&'f Listed>,
}

/// Finds the exports among the files, whose beginnings have been looked at.
pub(super) fn recognise(
    ground: Ground<'_>,
    beginnings: Beginnings,
    problems: &mut Vec<Problem>,
    notes: &mut Vec<String>,
) -> Vec<Export> {
    let mut exports: Vec<Export> = Vec::new();
    let mut rest = Rest::default();
    let mut beginnings = beginnings.into_iter().peekable();
    for (number, file) in ground.files.iter().enumerate() {
        let beginning = beginnings.next_if(|(of, _)| *of == number);
        match beginning.map_or(Ok(None), |(_, beginning)| beginning) {
            Ok(Some(Beginning::Known(found))) => {
                let (size, file) = (file.size(), file.file());
                problems.extend(misspelt::keys(ground.sources, &file, &found));
                exports.extend(known(&file, size, found));
            }
            Ok(Some(Beginning::InPart(part))) => {
                let (found, what) = *part;
                problems.push(in_part(file.shown(), what));
                exports.extend(known(&file.file(), file.size(), found));
            }
            Ok(Some(Beginning::NoRecord)) => rest.recordless.push(file),
            Ok(Some(Beginning::Other)) => rest.unknown.push(file),
            Ok(Some(Beginning::Own)) => rest.own.push(file),
            Ok(Some(Beginning::OtherTable)) => rest.tables.push(file),
            Ok(Some(Beginning::Refusal)) => rest.refusals.push((file, REFUSAL)),
            Ok(Some(Beginning::Workbook)) => rest.refusals.push((file, WORKBOOK)),
            Ok(Some(
                likely @ (Beginning::CredentialTable
                | Beginning::CredentialList
                | Beginning::CredentialRows
                | Beginning::CredentialRecord),
            )) => {
                rest.likely.push((file, likely));
            }
            Ok(Some(Beginning::EmptyTable)) if file.size() == 0 => rest.odd.push(file),
            Ok(Some(beginning)) => rest
                .strays
                .extend(said(&beginning).map(|what| (file, what))),
            Ok(None) if has_ending(file.name(), ARCHIVE_NAMES) => rest.archives.push(file),
            Ok(None) if ground.is_of_few(file) && is_packed(file) => {
                rest.archives.push(file);
            }
            Ok(None) => rest.odd.push(file),
            Err(problem) => problems.push(*problem),
        }
    }
    rest.told(ground, &mut exports, problems, notes);
    exports
}

/// A file that sources know.
fn known(file: &InputFile, bytes: u64, found: Box<[Found]>) -> impl Iterator<Item = Export> {
    found.into_iter().map(move |found| Export {
        file: file.clone(),
        bytes,
        found,
    })
}

/// That not all of an export is read.
const fn in_part(file: ScanPath, message: String) -> Problem {
    Problem {
        path: Some(file),
        line: None,
        kind: ProblemKind::Malformed,
        message,
    }
}

/// That a file was meant as an export and is none.
pub(super) fn failed(file: ScanPath, message: &str) -> Problem {
    Problem {
        path: Some(file),
        line: None,
        kind: ProblemKind::Malformed,
        message: format!("{message}; no rule over records could look at it"),
    }
}

/// What is said of an answer that is no export.
const REFUSAL: &str = "is an error that was answered, no export";
/// What is said of a workbook.
const WORKBOOK: &str = "is a workbook: save its sheets as CSV";
/// What is said of a file that by its name holds certificates in the form of PKCS#7, and by its content none.
const PKCS7: &str = "is no PKCS#7 bundle of certificates that can be read: write its certificates with \
                     `openssl pkcs7 -print_certs`";

/// What people should know of a file that is no export.
fn said(beginning: &Beginning) -> Option<&'static str> {
    Some(match beginning {
        Beginning::Known(_) | Beginning::InPart(_) | Beginning::Refusal => return None,
        Beginning::Workbook => WORKBOOK,
        Beginning::EmptyTable => "is an empty table, without even a header",
        Beginning::NoRecord => "has no record in it, as a query that finds nothing leaves it",
        Beginning::OtherTable | Beginning::CredentialTable => {
            "is a table that no source recognises; no rule over records looked at it"
        }
        Beginning::Other
        | Beginning::Own
        | Beginning::CredentialList
        | Beginning::CredentialRows
        | Beginning::CredentialRecord => {
            "is no export that a source recognises; no rule over records looked at it"
        }
    })
}

/// What is said of something that looks like an export and is none that is known.
const fn looks_like(beginning: &Beginning) -> &'static str {
    match beginning {
        Beginning::CredentialList => {
            "is a list of records with names of credentials that no source recognises (was it taken \
             out of an answer, or were its names changed?)"
        }
        Beginning::CredentialRows => {
            "has a list of values for each record, under a list of names, of which no record can be made; \
             write an object for each record"
        }
        Beginning::CredentialRecord => {
            "has names of a credential that no source recognises (was it taken out of an answer, or were \
             its names changed?)"
        }
        _ => {
            "is a table with headers of credentials that no source recognises (are they in another \
             language, or were they changed?)"
        }
    }
}

/// A file and what is said of it.
pub(super) type Said = (String, &'static str);

fn shown((file, what): (&Listed, &'static str)) -> Said {
    (file.shown().to_string(), what)
}

/// So many files of which the same is said are named; the others are counted. In a source tree there
/// may be thousands of tables.
const NAMED: usize = 10;

/// Notes on files of one place, each with what is said of it.
pub(super) fn notes_on(mut files: Vec<Said>) -> Vec<String> {
    files.sort_by_key(|(_, what)| *what);
    let mut notes = Vec::new();
    for same in files.chunk_by(|one, other| one.1 == other.1) {
        let (named, more) = same.split_at_checked(NAMED).unwrap_or((same, &[]));
        notes.extend(named.iter().map(|(file, what)| format!("{file} {what}")));
        notes.extend(more.first().map(|(_, what)| match more.len() {
            1 => format!("1 more file {what}"),
            count => format!("{count} more files: each {what}"),
        }));
    }
    notes
}

impl Rest<'_> {
    /// Tells what of it was meant as an export; what archives hold is added to the exports.
    ///
    /// In a folder of exports, or named by the user, a file was meant as one; in a source tree an
    /// empty JSON file is nobody's failure.
    fn told(
        self,
        ground: Ground<'_>,
        exports: &mut Vec<Export>,
        problems: &mut Vec<Problem>,
        notes: &mut Vec<String>,
    ) {
        let folders: HashSet<PathBuf, FixedState> = exports
            .iter()
            .filter_map(|e| e.file.path.parent().map(Path::to_owned))
            .collect();
        let among_exports =
            |file: &Listed| folders.contains(file.folder()) || ground.is_singled_out(file);
        let handed_over = is_handed_over(ground.files, exports);
        let due = |file: &Listed| handed_over || among_exports(file);
        let named = |file: &Listed, names| has_ending(file.name(), names) && due(file);
        let meant = |file: &&Listed| named(file, EXPORT_NAMES);
        let workbook = |file: &&Listed| named(file, WORKBOOK_NAMES);
        let failed = |file: &Listed, message: &str| failed(file.shown(), message);
        let could = |file: &&Listed| meant(file) || (due(file) && !has_any_ending(file.name()));
        // Asked of the disk, and so of those alone that were meant as exports.
        let forms = OtherForms::in_so_many(ground.sources, FORMS);
        let reshaped = |file: &&Listed| could(file).then(|| forms.of(&file.file())).flatten();
        let unknown = self.unknown.iter().filter(|file| could(file));
        let (empty, unknown): (Vec<_>, Vec<_>) = unknown.partition(|file| file.size() == 0);
        let mut strays = self.strays;
        for file in self.recordless {
            match unwritten::rest_of(&file.file()) {
                Some(problem) if due(file) => problems.push(problem),
                _ => strays.extend(said(&Beginning::NoRecord).map(|what| (file, what))),
            }
        }
        let own = self.own.into_iter().filter(meant);
        strays.extend(own.filter_map(|file| Some((file, said(&Beginning::Own)?))));
        for file in self.tables {
            match reshaped(&file) {
                Some(what) => problems.push(failed(file, &what)),
                None => strays.extend(said(&Beginning::OtherTable).map(|what| (file, what))),
            }
        }
        let (unread, odd) = unread((ground, &forms), &self.odd, &due, exports.is_empty());
        problems.extend(unread.iter().map(|(file, what)| failed(file, what)));
        let odd = odd.iter().filter(|f| meant(f)).copied().chain(empty);
        problems.extend(odd.map(|file| match file.size() {
            0 => failed(file, "is empty, as a failed export leaves it"),
            _ => failed(file, "is not what its name says"),
        }));
        let refusals = self.refusals.iter().filter(|(file, _)| meant(file));
        problems.extend(refusals.map(|(file, what)| failed(file, what)));
        let workbooks = self.odd.iter().filter(|f| workbook(f));
        problems.extend(workbooks.map(|f| failed(f, WORKBOOK)));
        let stores = self.odd.iter().chain(&self.unknown);
        let stores = stores.filter(|f| named(f, PKCS7_NAMES));
        problems.extend(stores.map(|f| failed(f, PKCS7)));
        for (file, likely) in self.likely {
            // Settings in a file that is named, or alone, are no failed export.
            let record = matches!(likely, Beginning::CredentialRecord);
            let beside = !exports.is_empty() && (handed_over || folders.contains(file.folder()));
            if meant(&file) && (beside || !record) {
                problems.push(failed(file, looks_like(&likely)));
            } else if let Some(what) = reshaped(&file) {
                problems.push(failed(file, &what));
            } else if matches!(likely, Beginning::CredentialTable) || (record && meant(&file)) {
                // Lists in JSON are in every source tree.
                strays.extend(said(&likely).map(|what| (file, what)));
            }
        }
        for file in unknown {
            let yaml = has_ending(file.name(), &["yaml", "yml"]);
            match yaml
                .then(|| unwritten::broken_register(&file.file()))
                .flatten()
            {
                Some(problem) => problems.push(problem),
                None if let Some(what) = reshaped(&file) => problems.push(failed(file, &what)),
                None if has_ending(file.name(), &["json"])
                    && let Some(problem) = unwritten::cut_json(&file.file()) =>
                {
                    problems.push(problem);
                }
                None => strays.extend(said(&Beginning::Other).map(|what| (file, what))),
            }
        }
        let (among, strays): (Vec<_>, Vec<_>) = strays
            .into_iter()
            .partition(|(file, _)| among_exports(file));
        for files in [among, strays] {
            notes.extend(notes_on(files.into_iter().map(shown).collect()));
        }
        let folders = folders_of_archives(ground.files, &self.archives);
        let mut archives = self.archives;
        archives.retain(|file| among_exports(file) || folders.contains(file.folder()));
        opened(ground, archives, exports, problems, notes);
    }
}

/// Adds the exports in archives; of those that are left closed, that they were not read.
fn opened(
    ground: Ground<'_>,
    archives: Vec<&Listed>,
    exports: &mut Vec<Export>,
    problems: &mut Vec<Problem>,
    notes: &mut Vec<String>,
) {
    if ground.archives == Archives::Closed {
        let closed = "is an archive, and archives are left closed";
        let note =
            |archive: &Listed| format!("{} {closed}: exports in it are not read", archive.shown());
        notes.extend(archives.into_iter().map(note));
        return;
    }
    // There may be thousands, and each is unpacked to be looked at.
    let members = archives.into_par_iter();
    let members = members.map(|file| packed::members(ground.sources, &file.file()));
    let forms = OtherForms::in_so_many(ground.sources, FORMS_IN_ARCHIVES);
    for members in members.collect::<Vec<_>>() {
        unpacked((ground, &forms), members, exports, problems, notes);
    }
}

/// Files that nothing reads as they are and that were meant as exports, with what is said of each, and
/// the other files. Where no export is at hand, a text counts that a source would know.
fn unread<'f>(
    (ground, forms): (Ground<'_>, &OtherForms<'_>),
    odd: &[&'f Listed],
    among_exports: &dyn Fn(&Listed) -> bool,
    nothing_else: bool,
) -> (Vec<(&'f Listed, String)>, Vec<&'f Listed>) {
    let (mut meant, mut others) = (Vec::new(), Vec::new());
    let mut looked = 0;
    for file in odd.iter().copied() {
        let text = has_ending(file.name(), TEXT_NAMES) || !has_any_ending(file.name());
        let named = text || has_ending(file.name(), EXPORT_NAMES);
        let pasted = || is_pasted(file.name()) && ground.is_singled_out(file);
        let among = (named && among_exports(file)) || pasted();
        let wanted = among || (text && nothing_else && looked < TEXTS);
        // Asked of the disk, and so of the few files that are left: in a source tree all are odd.
        let told = match wanted && file.size() > 0 {
            true => {
                looked += 1;
                unwritten::unread(ground.sources, &file.file(), among.then_some(forms))
            }
            false => None,
        };
        match told {
            Some(Unread::Known(what)) => meant.push((file, what)),
            Some(Unread::Credentials(what)) if among => meant.push((file, what)),
            _ => others.push(file),
        }
    }
    (meant, others)
}

/// Adds the exports in an archive, whose members were looked at.
fn unpacked(
    (ground, forms): (Ground<'_>, &OtherForms<'_>),
    (members, mut troubles): (Vec<Packed>, Vec<Problem>),
    exports: &mut Vec<Export>,
    problems: &mut Vec<Problem>,
    notes: &mut Vec<String>,
) {
    if !members.is_empty() || ground.faults == Faults::Told {
        problems.append(&mut troubles);
    }
    // Beside an export, or alone behind gzip, it was meant as one.
    let is_export = |member: &Packed| {
        matches!(
            member.beginning,
            Ok(Some(Beginning::Known(_) | Beginning::InPart(_)))
        )
    };
    let beside = members.iter().any(is_export);
    let meant = members.len() == 1 || beside;
    let mut strays: Vec<Said> = Vec::new();
    let mut stray = |beginning: &Beginning, shown: &ScanPath| {
        strays.extend(said(beginning).map(|what| (shown.to_string(), what)));
    };
    for Packed {
        file,
        bytes,
        beginning,
    } in members
    {
        match beginning {
            Ok(Some(Beginning::Known(found))) => exports.extend(known(&file, bytes, found)),
            Ok(Some(Beginning::InPart(part))) => {
                let (found, what) = *part;
                problems.push(in_part(file.shown.clone(), what));
                exports.extend(known(&file, bytes, found));
            }
            Ok(Some(Beginning::NoRecord)) => match unwritten::rest_of(&file) {
                Some(problem) => problems.push(problem),
                None => stray(&Beginning::NoRecord, &file.shown),
            },
            Ok(Some(beginning)) => match unread_member(&beginning, beside).filter(|_| meant) {
                Some(what) => problems.push(failed(file.shown, what)),
                None if matches!(beginning, Beginning::Own) => stray(&beginning, &file.shown),
                None => match meant.then(|| forms.of(&file)).flatten() {
                    Some(what) => problems.push(failed(file.shown, &what)),
                    None => stray(&beginning, &file.shown),
                },
            },
            Ok(None) => {}
            Err(problem) => problems.push(*problem),
        }
    }
    notes.extend(notes_on(strays));
}

/// So many files are looked through for an export in another form.
const FORMS: usize = 64;

/// So many members of archives are: each time it is a walk through the archive.
const FORMS_IN_ARCHIVES: usize = 16;

/// What is said of a member of an archive that could have been an export and cannot be read.
fn unread_member(beginning: &Beginning, beside: bool) -> Option<&'static str> {
    match beginning {
        Beginning::Refusal => Some(REFUSAL),
        Beginning::Workbook => Some(WORKBOOK),
        Beginning::CredentialTable | Beginning::CredentialList => Some(looks_like(beginning)),
        Beginning::CredentialRecord if beside => Some(looks_like(beginning)),
        _ => None,
    }
}

/// Whether nothing lies there but what could be exports, and what people put beside them: then all of
/// it was meant as one. Of YAML, only what is known; source trees are made of it.
fn is_handed_over(files: &[Listed], exports: &[Export]) -> bool {
    const BESIDE: &[&str] = &["txt", "md", "log", "sh", "html", "htm", "pdf", "docx"];
    let known: BTreeSet<&Path> = exports.iter().map(|e| e.file.path.as_path()).collect();
    let yaml = |file: &Listed| has_ending(file.name(), &["yaml", "yml"]);
    let hidden = |file: &Listed| file.name().as_encoded_bytes().starts_with(b".");
    files.iter().all(|file| match yaml(file) {
        true => known.contains(file.path().as_path()),
        false => is_export_name(file.name()) || hidden(file) || has_ending(file.name(), BESIDE),
    })
}

/// Whether a file's name is one that exports have, as they are or packed.
pub(super) fn is_export_name(name: &OsStr) -> bool {
    [EXPORT_NAMES, WORKBOOK_NAMES, ARCHIVE_NAMES, PKCS7_NAMES]
        .iter()
        .any(|names| has_ending(name, names))
}

/// Folders that hold nothing but archives and what could be exports.
fn folders_of_archives<'f>(
    files: &'f [Listed],
    archives: &[&'f Listed],
) -> HashSet<&'f Path, FixedState> {
    let mut folders: HashSet<&Path, _> = archives.iter().map(|file| file.folder()).collect();
    if folders.is_empty() {
        return folders;
    }
    for file in files {
        let name = file.name();
        if !has_ending(name, ARCHIVE_NAMES) && !has_ending(name, EXPORT_NAMES) {
            folders.remove(file.folder());
        }
    }
    folders
}

/// Whether a file's name ends in one of some extensions, in any case.
pub(super) fn has_ending(file: &OsStr, names: &[&str]) -> bool {
    // It is asked of every file, several times: without taking the path apart.
    let path = file.as_encoded_bytes();
    names.iter().any(|name| {
        let front = path.len().checked_sub(name.len());
        let parts = front.and_then(|front| path.split_at_checked(front));
        parts.is_some_and(|(front, ending)| {
            // What is all ending, as `.gz`, is a name and has none.
            matches!(front, [.., before, b'.'] if !std::path::is_separator(char::from(*before)))
                && ending.eq_ignore_ascii_case(name.as_bytes())
        })
    })
}

/// Whether a file's name ends in any extension.
fn has_any_ending(file: &OsStr) -> bool {
    Path::new(file).extension().is_some()
}

/// Names of archives in which a folder of exports is handed over.
const ARCHIVE_NAMES: &[&str] = &["zip", "tar", "tgz", "gz", "zst", "bz2", "xz", "7z"];

/// Names of files into which the output of a program goes.
pub(super) const TEXT_NAMES: &[&str] = &[
    "txt", "out", "log", "text", "dat", "bak", "old", "tmp", "download",
];

/// Whether a name is of a page or a note into which an export was pasted, of an export in base64, or of
/// one with a day or a number behind its name.
fn is_pasted(name: &OsStr) -> bool {
    let digits = |ending: &OsStr| {
        let bytes = ending.as_encoded_bytes();
        bytes.iter().any(u8::is_ascii_digit)
            && bytes
                .iter()
                .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'T' | b'Z'))
    };
    has_ending(name, PASTED_NAMES) || Path::new(name).extension().is_some_and(digits)
}

/// Names of files into which people paste, and of what is in base64.
const PASTED_NAMES: &[&str] = &[
    "md", "html", "htm", "eml", "b64", "base64", "bin", "orig", "save",
];

/// So many texts are looked at where nothing says that they were meant as exports.
const TEXTS: usize = 256;

/// Names of workbooks, which hold tables and are none.
const WORKBOOK_NAMES: &[&str] = &["xlsx", "xls", "xlsm", "xlsb", "ods", "numbers"];

/// Names of certificates in the form of PKCS#7.
const PKCS7_NAMES: &[&str] = &["p7b", "p7c", "spc"];

/// What this run's reports need.
pub(super) fn wants_hashes(options: &ScanOptions) -> Hashes {
    if options
        .reports
        .iter()
        .any(|report| ["json", "jsonl", "html", "oscal"].contains(&report.format))
    {
        Hashes::Made
    } else {
        Hashes::None
    }
}

/// Whether one of this run's reports shows the inventory.
pub(super) fn wants_inventory(options: &ScanOptions) -> bool {
    options.reports.iter().any(|r| r.format == "html")
}

/// The exports as reports show them, sorted by path.
pub(super) fn export_inputs(
    content: &Content,
    exports: &[Export],
    org: &OrgOutcome,
) -> Vec<ExportInput> {
    let mut inputs: Vec<ExportInput> = exports
        .iter()
        .zip(&org.rows)
        .zip(&org.hashes)
        .zip(&org.newest)
        .map(|(((export, rows), hash), newest)| ExportInput {
            path: export.file.shown.to_string(),
            sources: vec![content.sources.get(export.found.source).id().to_owned()],
            bytes: export.bytes,
            rows: *rows,
            sha256: hash.clone(),
            newest: *newest,
        })
        .collect();
    inputs.sort();
    // A file that mixes tables or has several lists stands here once, with all its sources.
    inputs.dedup_by(|later, earlier| {
        let same = later.path == earlier.path;
        if same {
            let sources = &mut earlier.sources;
            let more = later.sources.drain(..);
            sources.extend(
                more.filter(|source| !sources.contains(source))
                    .collect::<Vec<_>>(),
            );
            earlier.rows += later.rows;
            earlier.newest = earlier.newest.max(later.newest);
        }
        same
    });
    inputs
}
