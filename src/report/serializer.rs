//! Writes what serde describes as JSON, quickly: a report tells of a thousand rules in a megabyte of
//! text in which next to nothing is to be escaped, so texts are looked at many bytes at once, and no
//! byte takes a way of its own to the writer.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};

use serde::ser::{self, Serialize};

use super::visible::hazardous;

/// So many bytes are held before they are handed on, about.
const HELD: usize = 1 << 16;

/// JSON on its way to a writer. Lines are broken between the members of the outer levels, and
/// everything deeper stands on one line.
pub(super) struct Serializer<'w> {
    out: &'w mut dyn Write,
    held: Vec<u8>,
    /// How many arrays and objects are open.
    depth: usize,
    /// So many of them have their members on lines of their own.
    broken: usize,
    /// Whether the innermost that is open has a member.
    filled: bool,
}

/// Why a document was not written.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct Fault(#[from] io::Error);

impl From<Fault> for io::Error {
    fn from(Fault(error): Fault) -> Self {
        error
    }
}

impl ser::Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        Self(io::Error::other(message.to_string()))
    }
}

type Written = Result<(), Fault>;

impl<'w> Serializer<'w> {
    /// Breaks lines between the members of so many levels.
    pub(super) fn new(out: &'w mut dyn Write, broken: usize) -> Self {
        Self {
            out,
            held: Vec::with_capacity(HELD + HELD / 4),
            depth: 0,
            broken,
            filled: false,
        }
    }

    /// Ends a document with its line.
    ///
    /// # Errors
    /// What the writer says.
    pub(super) fn end_line(&mut self) -> io::Result<()> {
        self.held.push(b'\n');
        self.hand_on(HELD)
    }

    /// Hands everything on.
    ///
    /// # Errors
    /// What the writer says.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.hand_on(0)?;
        self.out.flush()
    }

    /// Hands on what is held, if it is so much.
    fn hand_on(&mut self, least: usize) -> io::Result<()> {
        if self.held.len() >= least {
            self.out.write_all(&self.held)?;
            self.held.clear();
        }
        Ok(())
    }

    fn plain(&mut self, text: &str) {
        self.held.extend_from_slice(text.as_bytes());
    }

    fn shown(&mut self, value: impl Display) -> Written {
        write!(self.held, "{value}")?;
        Ok(())
    }

    fn open(&mut self, bracket: u8) {
        self.depth += 1;
        self.filled = false;
        self.held.push(bracket);
    }

    fn close(&mut self, bracket: u8) {
        if self.filled && self.depth <= self.broken {
            self.held.push(b'\n');
        }
        self.depth -= 1;
        self.filled = true;
        self.held.push(bracket);
    }

    /// Before every member.
    fn member(&mut self) -> Written {
        if self.filled {
            self.held.push(b',');
        }
        self.filled = true;
        if self.depth <= self.broken {
            self.held.push(b'\n');
            self.hand_on(HELD)?;
        }
        Ok(())
    }

    /// The name of a member, which this program gave it: there is nothing in it to escape.
    fn name(&mut self, name: &'static str) -> Written {
        self.member()?;
        self.held.push(b'"');
        self.plain(name);
        self.plain("\":");
        Ok(())
    }

    fn text(&mut self, text: &str) {
        self.held.push(b'"');
        if is_plain(text.as_bytes()) {
            self.plain(text);
        } else {
            self.escaped(text);
        }
        self.held.push(b'"');
    }

    /// JSON lets most hazardous characters stand as they are; writing them as escapes keeps the data
    /// and takes the harm.
    fn escaped(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|byte| !is_plain(&[byte])) {
            let (before, after) = rest.split_at(at);
            self.plain(before);
            let Some(c) = after.chars().next() else {
                return;
            };
            let (own, after) = after.split_at(c.len_utf8());
            match c {
                '"' | '\\' => self.held.extend([b'\\', c as u8]),
                '\n' => self.plain("\\n"),
                '\r' => self.plain("\\r"),
                '\t' => self.plain("\\t"),
                '\u{8}' => self.plain("\\b"),
                '\u{c}' => self.plain("\\f"),
                _ if c < ' ' || hazardous(c) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        // Writing to memory does not fail.
                        let _ = write!(self.held, "\\u{unit:04x}");
                    }
                }
                _ => self.plain(own),
            }
            rest = after;
        }
        self.plain(rest);
    }
}

/// Whether a text stands in JSON as it is, and has no character beyond ASCII. Without a branch in it,
/// it looks at many bytes at once.
fn is_plain(text: &[u8]) -> bool {
    let plain = |b: u8| matches!(b, b' '..=b'~') & (b != b'"') & (b != b'\\');
    text.iter().fold(true, |all, byte| all & plain(*byte))
}

/// An array or object on its way.
pub(super) struct Members<'s, 'w> {
    to: &'s mut Serializer<'w>,
    bracket: u8,
    /// Whether it is the only member of an object, under the name of its variant.
    of_variant: bool,
}

impl Members<'_, '_> {
    fn finish(self) -> Written {
        self.to.close(self.bracket);
        if self.of_variant {
            self.to.close(b'}');
        }
        Ok(())
    }

    fn element(&mut self, value: &(impl Serialize + ?Sized)) -> Written {
        self.to.member()?;
        value.serialize(&mut *self.to)
    }

    fn named(&mut self, name: &'static str, value: &(impl Serialize + ?Sized)) -> Written {
        self.to.name(name)?;
        value.serialize(&mut *self.to)
    }
}

impl<'s, 'w> Serializer<'w> {
    fn array(&'s mut self) -> Members<'s, 'w> {
        self.open(b'[');
        Members {
            to: self,
            bracket: b']',
            of_variant: false,
        }
    }

    fn object(&'s mut self) -> Members<'s, 'w> {
        self.open(b'{');
        Members {
            to: self,
            bracket: b'}',
            of_variant: false,
        }
    }
}

macro_rules! as_shown {
    ($($method:ident $type:ty),*) => {
        $(fn $method(self, value: $type) -> Written {
            self.shown(value)
        })*
    };
}

impl<'s, 'w> ser::Serializer for &'s mut Serializer<'w> {
    type Ok = ();
    type Error = Fault;
    type SerializeSeq = Members<'s, 'w>;
    type SerializeTuple = Members<'s, 'w>;
    type SerializeTupleStruct = Members<'s, 'w>;
    type SerializeTupleVariant = Members<'s, 'w>;
    type SerializeMap = Members<'s, 'w>;
    type SerializeStruct = Members<'s, 'w>;
    type SerializeStructVariant = Members<'s, 'w>;

    as_shown!(
        serialize_bool bool, serialize_i8 i8, serialize_i16 i16, serialize_i32 i32,
        serialize_i64 i64, serialize_i128 i128, serialize_u8 u8, serialize_u16 u16,
        serialize_u32 u32, serialize_u64 u64, serialize_u128 u128
    );

    /// As the shortest number that is read as this one; null for what is none.
    fn serialize_f32(self, value: f32) -> Written {
        serde_json::to_writer(&mut self.held, &value).map_err(ser::Error::custom)
    }

    fn serialize_f64(self, value: f64) -> Written {
        serde_json::to_writer(&mut self.held, &value).map_err(ser::Error::custom)
    }

    fn serialize_char(self, value: char) -> Written {
        self.text(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Written {
        self.text(value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Written {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Written {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        self.plain("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        let mut object = self.object();
        object.named(variant, value)?;
        object.finish()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Members<'s, 'w>, Fault> {
        Ok(self.array())
    }

    fn serialize_tuple(self, _: usize) -> Result<Members<'s, 'w>, Fault> {
        Ok(self.array())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Members<'s, 'w>, Fault> {
        Ok(self.array())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'s, 'w>, Fault> {
        self.open(b'{');
        self.name(variant)?;
        Ok(Members {
            of_variant: true,
            ..self.array()
        })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'s, 'w>, Fault> {
        Ok(self.object())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'s, 'w>, Fault> {
        Ok(self.object())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'s, 'w>, Fault> {
        self.open(b'{');
        self.name(variant)?;
        Ok(Members {
            of_variant: true,
            ..self.object()
        })
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Written {
        struct Texts<'t, 'w>(&'t mut Serializer<'w>);
        impl fmt::Write for Texts<'_, '_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                if is_plain(text.as_bytes()) {
                    self.0.plain(text);
                } else {
                    self.0.escaped(text);
                }
                Ok(())
            }
        }
        self.held.push(b'"');
        write!(Texts(&mut *self), "{value}")
            .map_err(|_| Fault(io::Error::other("a value cannot be shown")))?;
        self.held.push(b'"');
        Ok(())
    }
}

macro_rules! elements {
    ($($kind:ident $method:ident),*) => {
        $(impl ser::$kind for Members<'_, '_> {
            type Ok = ();
            type Error = Fault;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
                self.element(value)
            }

            fn end(self) -> Written {
                self.finish()
            }
        })*
    };
}

elements!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

macro_rules! fields {
    ($($kind:ident),*) => {
        $(impl ser::$kind for Members<'_, '_> {
            type Ok = ();
            type Error = Fault;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Written {
                self.named(name, value)
            }

            fn end(self) -> Written {
                self.finish()
            }
        })*
    };
}

fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Members<'_, '_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        self.to.member()?;
        let start = self.to.held.len();
        key.serialize(&mut *self.to)?;
        match self.to.held.get(start) {
            Some(b'"') => {}
            Some(b'[' | b'{') | None => return Err(ser::Error::custom("a key must be a text")),
            // A number is a key as the text that it is written as.
            Some(_) => {
                self.to.held.insert(start, b'"');
                self.to.held.push(b'"');
            }
        }
        self.to.held.push(b':');
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut *self.to)
    }

    fn end(self) -> Written {
        self.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::{prop_assert_eq, proptest};
    use serde::Serialize;

    use super::Serializer;

    fn written(document: &impl Serialize) -> String {
        let mut out = Vec::new();
        let mut serializer = Serializer::new(&mut out, 0);
        document.serialize(&mut serializer).unwrap();
        serializer.end().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[derive(Serialize)]
    enum Shape {
        Unit,
        One(u8),
        Pair(i64, &'static str),
        Named { a: Option<bool>, b: () },
    }

    #[derive(Serialize)]
    struct All {
        shapes: Vec<Shape>,
        numbers: (f64, f32, f64, u128, i8, char),
        by_number: BTreeMap<u16, [u8; 2]>,
        #[serde(flatten)]
        more: BTreeMap<String, Shape>,
    }

    #[test]
    fn every_shape_is_written_as_by_the_common_library() {
        let all = All {
            shapes: vec![
                Shape::Unit,
                Shape::One(3),
                Shape::Pair(-4, "q\"\\\n\r\t\u{8}\u{c}\u{1}/é"),
                Shape::Named { a: None, b: () },
            ],
            numbers: (0.1, 1.5, f64::NAN, u128::MAX, -1, '"'),
            by_number: [(7, [1, 2]), (8, [0, 255])].into(),
            more: [(
                "a \"b\"".to_owned(),
                Shape::Named {
                    a: Some(true),
                    b: (),
                },
            )]
            .into(),
        };
        assert_eq!(written(&all), serde_json::to_string(&all).unwrap());
        assert_eq!(written(&[[(); 0]; 2]), "[[],[]]");
    }

    #[test]
    fn a_key_that_is_no_text_is_a_fault() {
        let map: BTreeMap<Vec<u8>, u8> = [(vec![1], 1)].into();
        let mut out = Vec::new();
        assert!(map.serialize(&mut Serializer::new(&mut out, 0)).is_err());
    }

    proptest! {
        /// But for what a terminal would obey, of which [`super::super::lines`] has a test.
        #[test]
        fn text_is_written_as_by_the_common_library(text in "[ -~\\t\\n\u{0}-\u{1f}äß日]*") {
            prop_assert_eq!(written(&text), serde_json::to_string(&text).unwrap());
        }
    }
}
