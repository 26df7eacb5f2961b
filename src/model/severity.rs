//! How bad, how sure, and how well proven: three axes that are never mixed.

use std::fmt;
use std::str::FromStr;

macro_rules! ordered_words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every value, lowest first.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The words a user may write, lowest first.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The one spelling used in every file and report.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.pad(self.word()) }
        }

        impl FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    other => Err(format!("`{other}` is not one of {}", Self::WORDS.join(", "))),
                }
            }
        }
    };
}

ordered_words! {
    /// The harm that a finding can do. A rule has one.
    Severity {
        /// Worth knowing; nothing to do.
        Info = "info",
        /// Mend when convenient.
        Low = "low",
        /// Mend within the quarter.
        Medium = "medium",
        /// Mend soon.
        High = "high",
        /// Mend now.
        Critical = "critical",
    }
}

ordered_words! {
    /// How likely it is that a source finding is what its rule says.
    Confidence {
        /// A shape that is often something else.
        Low = "low",
        /// A name and a value that agree.
        Medium = "medium",
        /// A distinctive format, a checksum or a parsed structure.
        High = "high",
    }
}

ordered_words! {
    /// How well a claim about an item is proven.
    Grade {
        /// Nothing supports it.
        Absent = "absent",
        /// Somebody wrote it down.
        Declared = "declared",
        /// It follows from other facts.
        Inferred = "inferred",
        /// A vendor's record says it.
        Direct = "direct",
    }
}
