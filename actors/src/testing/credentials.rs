//! An issuer that answers from a list, and credentials that are kept in memory.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::Switches;
use crate::domain::credential::{Account, GoogleCredential};
use crate::domain::ids::ProviderId;
use crate::domain::provider::Provider;
use crate::domain::secret::Secret;
use crate::ports::{
    BoxFuture, CredentialStore, Grant, GrantFault, KeptCredential, PortError, TokenSource,
};

/// An issuer that answers from a list, then that it is away.
#[derive(Debug, Default)]
pub struct ScriptedIssuer {
    answers: Mutex<VecDeque<Result<Grant, GrantFault>>>,
    asked: Mutex<Vec<String>>,
    delay: Mutex<Duration>,
}

impl ScriptedIssuer {
    /// Adds an answer.
    pub fn push(&self, answer: Result<Grant, GrantFault>) {
        self.answers.lock().push_back(answer);
    }

    /// Adds a token that lasts so long.
    pub fn grants(&self, token: &str, lasts: Duration, refresh_token: Option<&str>) {
        let refresh_token = refresh_token.map(Secret::new);
        self.push(Ok(Grant { secret: Secret::new(token), lasts, refresh_token }));
    }

    /// Makes every answer take this long.
    pub fn delay(&self, span: Duration) {
        *self.delay.lock() = span;
    }

    /// Returns the refresh tokens (of a service its name) that it was asked with.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().clone()
    }
}

impl TokenSource for ScriptedIssuer {
    fn grant<'a>(
        &'a self,
        credential: &'a GoogleCredential,
        _: &'a Provider,
    ) -> BoxFuture<'a, Result<Grant, GrantFault>> {
        let asked = match &credential.account {
            Account::User { refresh_token, .. } => refresh_token.reveal().to_owned(),
            Account::Service { client_email, .. } => client_email.to_string(),
        };
        self.asked.lock().push(asked);
        let delay = *self.delay.lock();
        Box::pin(async move {
            tokio::time::sleep(delay).await;
            let next = self.answers.lock().pop_front();
            next.unwrap_or_else(|| Err(GrantFault::Away(Arc::from("nothing is scripted"))))
        })
    }
}

/// Credentials in memory.
#[derive(Debug, Default)]
pub struct MemoryCredentials {
    /// Its switches.
    pub switches: Switches,
    kept: Mutex<HashMap<ProviderId, (String, u32)>>,
    claims: Mutex<Vec<ProviderId>>,
}

impl MemoryCredentials {
    /// Keeps a credential, as an administrator does.
    pub fn give(&self, provider: ProviderId, text: &str) {
        let mut kept = self.kept.lock();
        let entry = kept.entry(provider).or_default();
        *entry = (text.to_owned(), entry.1 + 1);
    }

    /// Returns a credential as it is kept.
    #[must_use]
    pub fn kept(&self, provider: ProviderId) -> String {
        self.kept.lock().get(&provider).map(|(text, _)| text.clone()).unwrap_or_default()
    }

    /// Lets another node hold the right to get a token, or give it back.
    pub fn claim_elsewhere(&self, provider: ProviderId, held: bool) {
        let mut claims = self.claims.lock();
        claims.retain(|other| *other != provider);
        claims.extend(held.then_some(provider));
    }
}

impl CredentialStore for MemoryCredentials {
    fn load(
        &self,
        provider: ProviderId,
    ) -> BoxFuture<'_, Result<Option<KeptCredential>, PortError>> {
        Box::pin(async move {
            self.switches.pass("store").await?;
            let kept = self.kept.lock();
            Ok(kept.get(&provider).map(|(text, version)| KeptCredential {
                text: Secret::new(text),
                version: Arc::from(version.to_string()),
            }))
        })
    }

    fn save<'a>(
        &'a self,
        provider: ProviderId,
        version: &'a str,
        text: &'a Secret,
    ) -> BoxFuture<'a, Result<bool, PortError>> {
        Box::pin(async move {
            self.switches.pass("store").await?;
            let mut kept = self.kept.lock();
            let Some(entry) = kept.get_mut(&provider) else { return Ok(false) };
            if entry.1.to_string() != version {
                return Ok(false);
            }
            *entry = (text.reveal().to_owned(), entry.1 + 1);
            Ok(true)
        })
    }

    fn claim(&self, provider: ProviderId, _: Duration) -> BoxFuture<'_, Result<bool, PortError>> {
        Box::pin(async move {
            self.switches.pass("store").await?;
            Ok(!self.claims.lock().contains(&provider))
        })
    }

    fn release(&self, _: ProviderId) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}
