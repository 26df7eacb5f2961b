//! The page's own style and script, and the policy that lets a browser run these and nothing else:
//! no other script, no other style, no connection, no form, no frame.

use sha2::{Digest, Sha256};

use crate::read::base64;

/// The style.
pub(super) const STYLE: &str = include_str!("page.css");

/// The script. Without it the page holds the same, in one piece.
pub(super) const SCRIPT: &str = include_str!("page.js");

/// The content security policy: what is not the very text above does not run, whatever a name in
/// an export may hold.
pub(super) fn policy() -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        source(STYLE),
        source(SCRIPT)
    )
}

/// A text as the source lists of the policy name it.
fn source(text: &str) -> String {
    format!(
        "sha256-{}",
        base64::encode(&Sha256::digest(text.as_bytes()))
    )
}

#[cfg(test)]
mod tests {
    use super::{SCRIPT, STYLE, source};

    #[test]
    fn a_text_is_named_as_browsers_name_it() {
        // The example of the CSP specification, section 8.3.
        assert_eq!(
            source("alert('Hello, world.');"),
            "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="
        );
    }

    #[test]
    fn neither_text_ends_its_own_element_or_reaches_out() {
        for text in [SCRIPT, STYLE] {
            let lower = text.to_lowercase();
            for word in [
                "</",
                "<!--",
                "http:",
                "https:",
                "url(",
                "@import",
                "innerhtml",
                "outerhtml",
                "insertadjacenthtml",
                "document.write",
                "eval(",
                "fetch(",
                "xmlhttprequest",
            ] {
                assert!(!lower.contains(word), "{word}");
            }
        }
    }
}
