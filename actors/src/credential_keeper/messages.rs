//! What one may say to the credential keeper, and what it answers.

use std::sync::Arc;

use actix::prelude::Message;
use serde::Serialize;

use crate::ask::AskError;
use crate::domain::credential::Token;
use crate::domain::provider::Provider;
use crate::domain::secret::Secret;

/// Asks for a provider's token; answers when there is one, or when there will be none.
#[derive(Message, Clone, Debug)]
#[rtype(result = "Result<Arc<Token>, TokenFault>")]
pub struct Renew {
    /// The provider.
    pub provider: Arc<Provider>,
    /// The token that the vendor did not take: another one is wanted.
    pub instead_of: Option<Secret>,
}

/// Asks for the figures.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "CredentialKeeperView")]
pub struct Observe;

/// Why there is no token. The words hold no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// The issuer refuses the credential.
    #[error("the provider's credential is refused: {0}")]
    Refused(Arc<str>),
    /// The vendor does not take tokens that were just got.
    #[error("the vendor refuses a token that was just got")]
    NotTaken,
    /// The issuer, or what keeps credentials, is away.
    #[error("{0}")]
    Away(Arc<str>),
    /// No token came in time.
    #[error("no token came in time")]
    Late,
    /// The provider has no credential.
    #[error("the provider has no credential")]
    None,
}

impl From<AskError> for TokenFault {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Silent => Self::Late,
            AskError::Gone => Self::Away(Arc::from("nobody gets tokens any more")),
        }
    }
}

/// The figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CredentialKeeperView {
    /// Tokens that were got from issuers.
    pub got: u64,
    /// Tokens that were taken over as they were kept.
    pub taken_over: u64,
    /// Times that no token was got.
    pub failures: u64,
    /// Credentials that could not be kept yet.
    pub unsaved: usize,
}
