//! What a provider's key lets a request in with: the key as it is, or a Google credential with which
//! tokens are got that last an hour.

mod read;
mod renewed;
mod typed;

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::dialect::ProviderKind;
use super::instant::Micros;
use super::secret::Secret;

pub use read::read;
pub use renewed::renewed;
pub use typed::{can_be_sent, cleaned};

/// Tells one credential from another without telling anything of it. Tokens that are got with a
/// credential do not change it; another account, secret or refresh token does.
pub type Mark = [u8; 16];

/// How a provider's key is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// It is sent as it is.
    #[default]
    Key,
    /// It is a Google credential; what is sent is a token.
    Google(Arc<GoogleCredential>),
    /// It is written like a credential and is none that can be used, or it is a key that no header takes.
    Unusable(CredentialFault),
}

impl Access {
    /// Reads a provider's key. Only kinds that speak to Google take credentials.
    #[must_use]
    pub fn of(kind: ProviderKind, key: &str) -> Self {
        if !kind.is_google() || !is_document(key) {
            return Self::of_key(key);
        }
        match read(key) {
            Ok(credential) => Self::Google(Arc::new(credential)),
            Err(fault) => Self::Unusable(fault),
        }
    }

    fn of_key(key: &str) -> Self {
        if can_be_sent(key) { Self::Key } else { Self::Unusable(CredentialFault::Sign) }
    }

    /// Returns the credential, if it is one.
    #[must_use]
    pub const fn google(&self) -> Option<&Arc<GoogleCredential>> {
        match self {
            Self::Google(credential) => Some(credential),
            Self::Key | Self::Unusable(_) => None,
        }
    }
}

/// Tells whether a key is written like a credential: as a JSON object.
#[must_use]
pub fn is_document(key: &str) -> bool {
    key.trim_start().starts_with('{')
}

/// A token: what is sent, and until when the vendor takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What is sent as a bearer token.
    pub secret: Secret,
    /// When it is over.
    pub expires_at: Micros,
}

/// Who a credential is for, and how tokens are got with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// A person that has let a program in.
    User {
        /// The program.
        client_id: Arc<str>,
        /// The program's secret.
        client_secret: Secret,
        /// What tokens are got with. Some issuers give a new one each time.
        refresh_token: Secret,
    },
    /// An account of a service, which signs for itself.
    Service {
        /// Its name.
        client_email: Arc<str>,
        /// Its private key, as PEM.
        private_key: Secret,
        /// The name of that key.
        private_key_id: Option<Arc<str>>,
    },
}

/// A Google credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoogleCredential {
    /// Who it is for.
    pub account: Account,
    /// Where tokens are got, when it says so.
    pub token_uri: Option<Arc<str>>,
    /// The project that requests are for, where it names one.
    pub project: Option<Arc<str>>,
    /// The project that pays for requests, where it names one.
    pub quota_project: Option<Arc<str>>,
    /// The token that was got last.
    pub token: Option<Token>,
    mark: Mark,
}

impl GoogleCredential {
    /// Returns what kind of credential it is, as Google's files have it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.account {
            Account::User { .. } => "authorized_user",
            Account::Service { .. } => "service_account",
        }
    }

    /// Returns who it is for: no secret.
    #[must_use]
    pub fn who(&self) -> &str {
        match &self.account {
            Account::User { client_id, .. } => client_id,
            Account::Service { client_email, .. } => client_email,
        }
    }

    /// Returns what tells it from another one.
    #[must_use]
    pub const fn mark(&self) -> Mark {
        self.mark
    }

    fn marked(mut self) -> Self {
        let mut hash = Sha256::new();
        let mut part = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        };
        part(self.kind());
        match &self.account {
            Account::User { client_id, client_secret, refresh_token } => {
                part(client_id);
                part(client_secret.reveal());
                part(refresh_token.reveal());
            }
            Account::Service { client_email, private_key, private_key_id } => {
                part(client_email);
                part(private_key.reveal());
                part(private_key_id.as_deref().unwrap_or_default());
            }
        }
        part(self.token_uri.as_deref().unwrap_or_default());
        for (to, from) in self.mark.iter_mut().zip(hash.finalize()) {
            *to = from;
        }
        self
    }
}

/// What is wrong with a credential. It repeats nothing of it but names of fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialFault {
    /// It is no JSON object.
    Malformed {
        /// Where it ceases to be one, from 1.
        line: usize,
        /// The place in that line.
        column: usize,
    },
    /// Its `type` is none that can be used.
    Kind,
    /// It lacks these fields.
    Lacks(Vec<&'static str>),
    /// What this field holds cannot be used.
    Wrong(&'static str),
    /// What this field holds is to be sent in a header, and none takes it.
    Unsendable(&'static str),
    /// It is a key that is empty, or that no header takes.
    Sign,
}

impl fmt::Display for CredentialFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { line, column } => {
                write!(f, "it is no JSON object (line {line}, column {column})")
            }
            Self::Kind => f.write_str("its type must be authorized_user or service_account"),
            Self::Lacks(fields) => write!(f, "it lacks {}", fields.join(", ")),
            Self::Wrong(field) => write!(f, "its {field} cannot be used"),
            Self::Unsendable(field) => write!(
                f,
                "no header takes its {field}, since there is a line break, another control character \
                 or a sign that is not ASCII in it"
            ),
            Self::Sign => f.write_str(
                "no header takes it, since it is empty or holds a line break or another sign that is \
                 not printable ASCII; enter the key again",
            ),
        }
    }
}

#[cfg(test)]
mod tests;
