//! How bad, how sure, and how well proven: three axes that are never mixed.

use super::words::words;

words! {
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

words! {
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

words! {
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
