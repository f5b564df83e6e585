//! Credentials of providers that are renewed: sealed as every provider's key is, and changed only
//! while they are what they were read as.

use std::sync::Arc;
use std::time::Duration;

use switchyard_actors::clock::Clock;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::secret::Secret;
use switchyard_actors::ports::{BoxFuture, CredentialStore, KeptCredential, PortError};

use super::crypto::Cipher;
use super::error::StoreError;
use super::rows::PROVIDER_KEY;
use super::sql::Store;
use crate::params;

/// Who holds the right to renew on a store that has one node alone: a process that died does not
/// keep the next one waiting.
const ALONE: &str = "credentials";

/// The credentials in the database.
pub struct StoredCredentials {
    store: Store,
    cipher: Cipher,
    clock: Arc<dyn Clock>,
    holder: String,
}

impl StoredCredentials {
    /// Makes the port for a node.
    #[must_use]
    pub fn new(store: Store, cipher: Cipher, clock: Arc<dyn Clock>, node: &str) -> Self {
        let holder = if store.is_shared() { node.to_owned() } else { ALONE.to_owned() };
        Self { store, cipher, clock, holder }
    }

    async fn kept(&self, provider: ProviderId) -> Result<Option<KeptCredential>, StoreError> {
        let Some(row) = self.store.query_opt("providers/sealed_key", params![provider]).await?
        else {
            return Ok(None);
        };
        let sealed = row.text("sealed_key")?;
        let text = self.cipher.open_sealed(PROVIDER_KEY, sealed);
        Ok(text.map(|text| KeptCredential { text, version: Arc::from(sealed) }))
    }

    async fn keep(
        &self,
        provider: ProviderId,
        version: &str,
        text: &Secret,
    ) -> Result<bool, StoreError> {
        let sealed = self.cipher.seal(PROVIDER_KEY, text.reveal())?;
        let params = params![provider, sealed, version];
        Ok(self.store.execute("providers/reseal_key", params).await? == 1)
    }
}

fn lease(provider: ProviderId) -> String {
    format!("credential:{}", provider.0)
}

impl CredentialStore for StoredCredentials {
    fn load(
        &self,
        provider: ProviderId,
    ) -> BoxFuture<'_, Result<Option<KeptCredential>, PortError>> {
        Box::pin(async move { Ok(self.kept(provider).await?) })
    }

    fn save<'a>(
        &'a self,
        provider: ProviderId,
        version: &'a str,
        text: &'a Secret,
    ) -> BoxFuture<'a, Result<bool, PortError>> {
        Box::pin(async move { Ok(self.keep(provider, version, text).await?) })
    }

    fn claim(
        &self,
        provider: ProviderId,
        span: Duration,
    ) -> BoxFuture<'_, Result<bool, PortError>> {
        Box::pin(async move {
            let now = self.clock.now();
            Ok(self.store.take_lease(&lease(provider), &self.holder, now, span).await?)
        })
    }

    fn release(&self, provider: ProviderId) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let given = self.store.give_back_lease(&lease(provider), &self.holder).await;
            if let Err(error) = given {
                // It ends by itself.
                tracing::debug!(provider.id = provider.0, %error, "a lease is not given back");
            }
        })
    }
}
