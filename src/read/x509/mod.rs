//! X.509 certificates, in PEM and DER (any number, other kinds of PEM blocks between them), and in the
//! bundles of PKCS#7 in either.
//!
//! Columns: `subject`, `issuer`, `serial` (lower-case hexadecimal), `not_before`, `not_after` (RFC
//! 3339, UTC), `lifetime_days`, `is_ca`, `self_signed`, `key_size` (bits), `sha256` (of the DER
//! form), `key_usage`, `extended_key_usage` (lists), `index` (from 0, of the certificates in the
//! file). An extension that is not there is null: it does not say "none".

mod bundle;
mod store;

use std::borrow::Cow;
use std::io::Read;

use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{ExtendedKeyUsage, KeyUsage};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;

use super::base64;
use super::buffer::MAX_RECORD;
use super::columns::ColumnNames;
use super::place::Place;
use super::row::{Cell, ColumnPath, Format, ReadError, Row, RowSink, Shape, Summary};
use crate::model::{DAY, Instant, ProblemKind, hex};

pub(super) use store::{jks, jks_shape, pkcs12, pkcs12_shape};

const COLUMNS: [&str; 13] = [
    "subject",
    "issuer",
    "serial",
    "not_before",
    "not_after",
    "lifetime_days",
    "is_ca",
    "self_signed",
    "key_size",
    "sha256",
    "key_usage",
    "extended_key_usage",
    "index",
];

/// PEM labels of certificates; the last two are old spellings.
const LABELS: [&[u8]; 3] = [b"CERTIFICATE", b"TRUSTED CERTIFICATE", b"X509 CERTIFICATE"];

/// No line of a PEM block is looked at further than this for its label, in bytes.
const MAX_LABEL: usize = 128;

/// The shape of a PEM file, if there is a certificate in its beginning, or a key or a request, which
/// has no columns: next to a certificate lies its key.
pub(super) fn pem_shape(head: &[u8]) -> Option<Shape> {
    let here = |label: &[u8]| {
        let mark = [&b"-----BEGIN "[..], label, b"-----"].concat();
        memchr::memmem::find(head, &mark).is_some()
    };
    if LABELS.iter().any(|label| here(label)) || holds_bundle(head) {
        return Some(shape(Format::Pem));
    }
    let other = next_block(head, 0).filter(|block| block.body.is_some_and(is_base64))?;
    let label = String::from_utf8_lossy(other.label).into_owned();
    Some(Shape {
        columns: ColumnNames::default(),
        kind: Some(label.clone()),
        kinds: vec![label],
        ..shape(Format::Pem)
    })
}

/// Whether a bundle of certificates begins in a text.
fn holds_bundle(head: &[u8]) -> bool {
    let begins = |label: &[u8]| {
        let mark = [&b"-----BEGIN "[..], label, b"-----"].concat();
        let starts = memchr::memmem::find_iter(head, &mark);
        let mut bodies = starts.filter_map(|at| head.get(at + mark.len()..));
        bodies.any(bundle::is_bundle_text)
    };
    bundle::LABELS.into_iter().any(begins)
}

/// Whether the body of a block is what it must be, behind headers (`Proc-Type: 4,ENCRYPTED`) or not.
fn is_base64(body: &[u8]) -> bool {
    let mut lines = body.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
    lines.all(|line| line.contains(&b':') || line.is_empty() || is_base64_line(line))
}

fn is_base64_line(line: &[u8]) -> bool {
    line.iter()
        .all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b))
}

/// The shape of a DER file, if its beginning is that of one value that holds another, as a
/// certificate's is, or that of a bundle.
pub(super) fn der_shape(head: &[u8]) -> Option<Shape> {
    let holds = matches!(
        head,
        [0x30, 0x82, _, _, 0x30, ..] | [0x30, 0x81, _, 0x30, ..]
    );
    (holds || bundle::is_bundle(head)).then(|| shape(Format::Der))
}

fn shape(format: Format) -> Shape {
    Shape {
        columns: COLUMNS.iter().collect(),
        kind: Some("CERTIFICATE".to_owned()),
        kinds: vec!["CERTIFICATE".to_owned()],
        ..Shape::of(format)
    }
}

fn whole(input: &mut dyn Read) -> Result<Vec<u8>, ReadError> {
    let mut data = Vec::new();
    let limit = u64::try_from(MAX_RECORD).unwrap_or(u64::MAX);
    input.take(limit + 1).read_to_end(&mut data)?;
    if data.len() > MAX_RECORD {
        return Err(ReadError::TooLarge {
            line: 1,
            message: "is longer than 16 MiB".to_owned(),
        });
    }
    Ok(data)
}

/// Reads the certificates of a DER file: one, some one behind another, or a bundle.
pub(super) fn der(
    input: &mut dyn Read,
    columns: &[ColumnPath],
    sink: &mut dyn RowSink,
) -> Result<Summary, ReadError> {
    let data = whole(input)?;
    let malformed = |message| ReadError::Malformed { line: 1, message };
    let mut rows = 0;
    let mut give = |der: &[u8]| {
        let cells = cells(der, rows, columns)?;
        rows += 1;
        sink.row(&Row {
            cells: &cells,
            raw: &[],
            line: 1,
            column: 1,
        });
        Ok(())
    };
    let mut rest = &data[..];
    loop {
        let (value, behind) = match bundle::Value::read(rest) {
            Some((value, behind)) => (value.whole, behind),
            // Whoever reads it says what is wrong with it.
            None => (rest, &[][..]),
        };
        match bundle::is_bundle(value) {
            true => bundled(value)
                .and_then(|all| all.into_iter().try_for_each(&mut give))
                .map_err(malformed)?,
            false => give(value).map_err(malformed)?,
        }
        rest = behind;
        let blank = |b: &u8| b.is_ascii_whitespace() || *b == 0;
        if rest.iter().all(blank) {
            return Ok(Summary {
                rows: u64::from(rows),
                ..Summary::default()
            });
        }
    }
}

/// The certificates of a bundle.
fn bundled(der: &[u8]) -> Result<Vec<&[u8]>, String> {
    bundle::certificates(der).ok_or_else(|| {
        "the PKCS#7 bundle cannot be read: write its certificates with `openssl pkcs7 -print_certs`"
            .to_owned()
    })
}

/// Reads every certificate of a PEM file. One that cannot be read is a problem of its own.
pub(super) fn pem(
    input: &mut dyn Read,
    columns: &[ColumnPath],
    sink: &mut dyn RowSink,
) -> Result<Summary, ReadError> {
    let data = whole(input)?;
    let mut summary = Summary::default();
    let (mut place, mut mark, mut index) = (Place::START, 0, 0);
    let mut from = 0;
    while let Some(block) = next_block(&data, from) {
        from = block.end;
        let rest = data.get(block.content..).unwrap_or_default();
        let several = bundle::LABELS.contains(&block.label) && bundle::is_bundle_text(rest);
        if !several && !LABELS.contains(&block.label) {
            continue;
        }
        place.advance(data.get(mark..block.start).unwrap_or_default());
        mark = block.start;
        let what = if several { "bundle" } else { "certificate" };
        let Some(body) = block.body else {
            summary.truncated = Some(format!("the {what} on line {} has no end", place.line));
            break;
        };
        let decoded = base64::decode(body).ok_or_else(|| format!("the {what} is not valid base64"));
        let mut problem = |message| sink.problem(place.line, ProblemKind::BadRow, message);
        let decoded = match decoded {
            Ok(decoded) => decoded,
            Err(message) => {
                index += 1;
                problem(message);
                continue;
            }
        };
        let certificates = match several {
            false => Ok(vec![&decoded[..]]),
            true => bundled(&decoded),
        };
        let certificates = certificates.unwrap_or_else(|message| {
            problem(message);
            Vec::new()
        });
        for der in certificates {
            let read = cells(der, index, columns);
            index += 1;
            match read {
                Ok(cells) => {
                    summary.rows += 1;
                    sink.row(&Row {
                        cells: &cells,
                        raw: data.get(block.start..block.end).unwrap_or_default(),
                        line: place.line,
                        column: place.column,
                    });
                }
                Err(message) => sink.problem(place.line, ProblemKind::BadRow, message),
            }
        }
    }
    Ok(summary)
}

/// A PEM block: from its first to its last dash.
struct Block<'a> {
    label: &'a [u8],
    start: usize,
    /// Behind the dashes of its first line.
    content: usize,
    end: usize,
    /// What is between the lines; none if the last line is missing.
    body: Option<&'a [u8]>,
}

fn next_block(data: &[u8], from: usize) -> Option<Block<'_>> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    let start = from + memchr::memmem::find(data.get(from..)?, BEGIN)?;
    let named = start + BEGIN.len();
    let rest = data.get(named..)?;
    let line = label_line(rest);
    let Some(length) = memchr::memmem::find(line, b"-----") else {
        return next_block_after(data, named);
    };
    let label = rest.get(..length)?;
    let content = named + length + 5;
    let rest = data.get(content..)?;
    let close = [&b"-----END "[..], label, b"-----"].concat();
    let other = memchr::memmem::find(rest, BEGIN).unwrap_or(rest.len());
    // Not looked for beyond the next block, so that no byte is looked at more than twice.
    Some(match memchr::memmem::find(rest.get(..other)?, &close) {
        Some(at) => Block {
            label,
            start,
            content,
            end: content + at + close.len(),
            body: rest.get(..at),
        },
        _ if other < rest.len() => Block {
            label,
            start,
            content,
            end: content + other,
            // Another block begins before this one ends: not base64, so a problem of its own.
            body: Some(&b"?"[..]),
        },
        _ => Block {
            label,
            start,
            content,
            end: data.len(),
            body: None,
        },
    })
}

/// The line at the start of some text, as far as a label can reach.
fn label_line(text: &[u8]) -> &[u8] {
    let head = text.get(..MAX_LABEL).unwrap_or(text);
    let end = memchr::memchr(b'\n', head).unwrap_or(head.len());
    head.get(..end).unwrap_or_default()
}

/// Skips something that only begins like a block.
fn next_block_after(data: &[u8], from: usize) -> Option<Block<'_>> {
    let mut at = from;
    loop {
        let rest = data.get(at..)?;
        let start = at + memchr::memmem::find(rest, b"-----BEGIN ")?;
        let line = data.get(start..)?;
        let line = label_line(line);
        if memchr::memmem::find(line.get(5..)?, b"-----").is_some() {
            return next_block(data, start);
        }
        at = start + 5;
    }
}

/// A column of the first certificate of a text: PEM, or the Base64 of PEM or of DER, as secrets of
/// Kubernetes and key sets hold it. None if there is no certificate in it. A column that begins with
/// `chain_` is one of the certificate that ends first of those behind the first.
#[must_use]
pub fn embedded(text: &[u8], column: &str) -> Option<Cell<'static>> {
    let decoded;
    let mut body = text;
    if !is_pem(body) {
        decoded = base64::decode(body)?;
        body = &decoded;
    }
    if let Some(column) = column.strip_prefix(CHAIN) {
        return behind(body, column);
    }
    let der = if is_pem(body) {
        Cow::Owned(base64::decode(certificates(body).next()??)?)
    } else {
        Cow::Borrowed(body)
    };
    let (_, certificate) = X509Certificate::from_der(&der).ok()?;
    Some(value(&certificate, &der, 0, column))
}

/// How the columns of a chain begin.
const CHAIN: &str = "chain_";

/// A column of the certificate that ends first of those behind the first of a PEM text; null where it
/// holds only one. None if one of them cannot be read.
fn behind(body: &[u8], column: &str) -> Option<Cell<'static>> {
    let mut first: Option<(i64, Cell<'static>)> = None;
    for (index, block) in (0..).zip(certificates(body)).skip(1) {
        let der = base64::decode(block?)?;
        let (_, certificate) = X509Certificate::from_der(&der).ok()?;
        let end = certificate.validity().not_after.timestamp();
        if first.as_ref().is_none_or(|(first, _)| end < *first) {
            first = Some((end, value(&certificate, &der, index, column)));
        }
    }
    Some(first.map_or(Cell::Null, |(_, cell)| cell))
}

fn is_pem(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(b"-----BEGIN ")
}

/// What is in the blocks of certificates of a PEM text; none for one without an end.
fn certificates(text: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    let mut from = 0;
    let blocks = std::iter::from_fn(move || {
        let block = next_block(text, from)?;
        from = block.end;
        Some(block)
    });
    let certificates = blocks.filter(|block| LABELS.contains(&block.label));
    certificates.map(|block| block.body)
}

/// The wanted columns of one certificate.
fn cells(der: &[u8], index: u32, columns: &[ColumnPath]) -> Result<Vec<Cell<'static>>, String> {
    let (_, certificate) = X509Certificate::from_der(der)
        .map_err(|error| format!("the certificate cannot be read: {error}"))?;
    let cell = |column: &ColumnPath| value(&certificate, der, index, &named(column));
    Ok(columns.iter().map(cell).collect())
}

/// The name of a column, in lower case.
fn named(column: &ColumnPath) -> String {
    let mut name = column.header().to_ascii_lowercase();
    name.truncate(name.strip_suffix("[*]").unwrap_or(&name).len());
    name
}

fn value(certificate: &X509Certificate<'_>, der: &[u8], index: u32, name: &str) -> Cell<'static> {
    let validity = certificate.validity();
    let (start, end) = (
        validity.not_before.timestamp(),
        validity.not_after.timestamp(),
    );
    let time = |seconds: i64| Some(Instant::from_seconds(seconds).to_string());
    let flag = |set: bool| Some(set.to_string());
    let text = match name {
        "subject" => Some(certificate.subject().to_string()),
        "issuer" => Some(certificate.issuer().to_string()),
        "serial" => Some(serial(certificate.raw_serial())),
        "not_before" => time(start),
        "not_after" => time(end),
        "lifetime_days" => Some(end.saturating_sub(start).div_euclid(DAY).to_string()),
        "is_ca" => flag(certificate.is_ca()),
        // By name only; whether the signature fits is not checked.
        "self_signed" => flag(certificate.subject().as_raw() == certificate.issuer().as_raw()),
        "key_size" => key_size(certificate),
        "sha256" => Some(hex(&Sha256::digest(der))),
        "index" => Some(index.to_string()),
        "key_usage" => {
            let usage = certificate.key_usage().ok().flatten();
            return list(usage.map(|u| key_usage(u.value)));
        }
        "extended_key_usage" => {
            let usage = certificate.extended_key_usage().ok().flatten();
            return list(usage.map(|u| extended_key_usage(u.value)));
        }
        _ => return Cell::Absent,
    };
    text.map_or(Cell::Null, |t| Cell::Text(Cow::Owned(t.into_bytes())))
}

fn list(items: Option<Vec<String>>) -> Cell<'static> {
    items.map_or(Cell::Null, |items| {
        let items = items.into_iter().map(|i| Cow::Owned(i.into_bytes()));
        Cell::List(items.collect())
    })
}

/// A serial number without the zero byte that only keeps its sign.
fn serial(raw: &[u8]) -> String {
    match raw {
        [0, rest @ ..] if !rest.is_empty() => hex(rest),
        _ => hex(raw),
    }
}

fn key_size(certificate: &X509Certificate<'_>) -> Option<String> {
    let bits = match certificate.public_key().parsed().ok()? {
        PublicKey::RSA(key) => key.key_size(),
        PublicKey::EC(point) => point.key_size(),
        _ => return None,
    };
    Some(bits.to_string())
}

/// The set bits, in the words of RFC 5280.
fn key_usage(usage: &KeyUsage) -> Vec<String> {
    let bits = [
        (usage.digital_signature(), "digitalSignature"),
        (usage.non_repudiation(), "nonRepudiation"),
        (usage.key_encipherment(), "keyEncipherment"),
        (usage.data_encipherment(), "dataEncipherment"),
        (usage.key_agreement(), "keyAgreement"),
        (usage.key_cert_sign(), "keyCertSign"),
        (usage.crl_sign(), "cRLSign"),
        (usage.encipher_only(), "encipherOnly"),
        (usage.decipher_only(), "decipherOnly"),
    ];
    set(&bits)
}

fn extended_key_usage(usage: &ExtendedKeyUsage<'_>) -> Vec<String> {
    let bits = [
        (usage.any, "anyExtendedKeyUsage"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
    ];
    let mut words = set(&bits);
    words.extend(usage.other.iter().map(ToString::to_string));
    words
}

fn set(bits: &[(bool, &str)]) -> Vec<String> {
    let set = bits.iter().filter(|(set, _)| *set);
    set.map(|(_, word)| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests;
