//! What identifies a credential or an account without opening anything.

use super::words::words;

words! {
    /// What identifies an item of the inventory beside its name. None is ever a secret.
    IdentifierKind {
        /// The platform's own id of it.
        Id = "id",
        /// The name that code and configuration use.
        DeveloperName = "developer_name",
        /// What people call it.
        Name = "name",
        /// A sign-in name.
        Username = "username",
        /// A mail address.
        Email = "email",
        /// An Amazon resource name, or another name that is the same everywhere.
        Arn = "arn",
        /// The public id of a key of two parts.
        KeyId = "key_id",
        /// The public id of an application (consumer key, client id).
        ClientId = "client_id",
        /// The serial number of a certificate, in lower-case hexadecimal.
        Serial = "serial",
        /// The SHA-256 of a certificate, in lower-case hexadecimal.
        Thumbprint = "thumbprint",
        /// The key id in the header of a token.
        Kid = "kid",
        /// Who issues tokens.
        Issuer = "issuer",
        /// Where it signs in.
        LoginUrl = "login_url",
        /// The first characters of a token, which a platform shows.
        TokenPrefix = "token_prefix",
        /// A hash of a token, which a platform shows.
        TokenHash = "token_hash",
        /// The profile that a policy is for.
        Profile = "profile",
    }
}

impl IdentifierKind {
    /// The spelling in which two of them are compared: sign-in names and hexadecimal numbers know
    /// no capitals.
    #[must_use]
    pub fn spelt(self, text: &str) -> String {
        match self {
            Self::Username | Self::Email | Self::Serial | Self::Thumbprint => text.to_lowercase(),
            _ => text.to_owned(),
        }
    }
}

/// An identifier that stands beside a secret, or within it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier {
    /// What it identifies by.
    pub kind: IdentifierKind,
    /// As it stands there.
    pub value: String,
}
