//! What one may say to the credential keeper, and what it answers.

use std::sync::Arc;

use actix::prelude::Message;
use serde::Serialize;

use crate::ask::AskError;
use crate::domain::credential::Token;
use crate::domain::provider::Provider;
use crate::domain::secret::Secret;

use super::policy::TokenFault;

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

/// Asks the keeper to come to its end: what is under way is finished and kept, nothing is begun.
/// Answers how many credentials could not be kept.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "usize")]
pub struct Finish;

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
