//! Gets tokens with Google credentials: asks the issuer on the way on which the provider is reached.

pub mod answer;
pub mod assertion;
pub mod place;

use std::sync::Arc;
use std::time::Duration;

use switchyard_actors::clock::Clock;
use switchyard_actors::domain::credential::{Account, GoogleCredential};
use switchyard_actors::domain::provider::Provider;
use switchyard_actors::domain::proxy::{Proxy, ProxyUse};
use switchyard_actors::domain::secret::Secret;
use switchyard_actors::ports::{
    BoxFuture, Grant, GrantFault, TokenSource, VendorAsk, VendorFault, VendorReply, Vendors,
};
use url::form_urlencoded::Serializer;

use place::Places;

/// How long one question may take. Two are asked at most: through a proxy, and around it.
const WITHIN: Duration = Duration::from_secs(5);
/// An answer is some kilobytes.
const MOST_BYTES: usize = 64 << 10;
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Google's issuer, and one more where the operator names it.
pub struct GoogleIssuer {
    vendors: Arc<dyn Vendors>,
    clock: Arc<dyn Clock>,
    places: Places,
    allow_private: bool,
}

impl GoogleIssuer {
    /// Makes the issuer's client. Private addresses are allowed to all providers, or to each that
    /// says so.
    #[must_use]
    pub fn new(
        vendors: Arc<dyn Vendors>,
        clock: Arc<dyn Clock>,
        places: Places,
        allow_private: bool,
    ) -> Self {
        Self { vendors, clock, places, allow_private }
    }

    async fn ask(
        &self,
        provider: &Provider,
        url: &str,
        body: &Secret,
        proxy: Option<Arc<Proxy>>,
    ) -> VendorReply {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", "application/json"),
            ("accept-encoding", "identity"),
            ("user-agent", concat!("switchyard/", env!("CARGO_PKG_VERSION"))),
        ];
        let ask = VendorAsk {
            url: url.to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), Secret::new(value))).into(),
            body: Some(body.reveal().to_owned()),
            allow_private: self.allow_private || provider.allow_private,
            proxy,
            most_bytes: MOST_BYTES,
            within: WITHIN,
        };
        self.vendors.ask(ask).await
    }

    async fn granted(
        &self,
        credential: &GoogleCredential,
        provider: &Provider,
    ) -> Result<Grant, GrantFault> {
        let refused = |why: &str| GrantFault::Refused(Arc::from(why));
        let url = self.places.of(credential).ok_or_else(|| refused(place::NOT_ALLOWED))?;
        let body = self.body(credential, url).ok_or_else(|| refused(assertion::UNREADABLE))?;
        let (proxy, or_direct) = match &provider.proxy {
            ProxyUse::None => (None, false),
            ProxyUse::Through { proxy, or_direct } => (Some(Arc::clone(proxy)), *or_direct),
            ProxyUse::Unusable(_) => {
                return Err(GrantFault::Away(Arc::from("the provider's proxy cannot be used")));
            }
        };
        let mut reply = self.ask(provider, url, &body, proxy).await;
        if or_direct && matches!(reply.answer, Err(VendorFault::Proxy(_))) {
            reply = self.ask(provider, url, &body, None).await;
        }
        match reply.answer {
            Ok(said) => answer::read(said.status, &said.body),
            Err(fault) => Err(GrantFault::Away(Arc::from(format!("the issuer: {fault}")))),
        }
    }

    /// Returns the form that asks for a token.
    fn body(&self, credential: &GoogleCredential, url: &str) -> Option<Secret> {
        let mut form = Serializer::new(String::new());
        match &credential.account {
            Account::User { client_id, client_secret, refresh_token } => form
                .append_pair("grant_type", "refresh_token")
                .append_pair("client_id", client_id)
                .append_pair("client_secret", client_secret.reveal())
                .append_pair("refresh_token", refresh_token.reveal()),
            Account::Service { client_email, private_key, private_key_id } => {
                let key = private_key_id.as_deref();
                let now = self.clock.now();
                let assertion = assertion::signed(client_email, private_key, key, url, now)?;
                form.append_pair("grant_type", JWT_BEARER)
                    .append_pair("assertion", assertion.reveal())
            }
        };
        Some(Secret::new(&form.finish()))
    }
}

impl TokenSource for GoogleIssuer {
    fn grant<'a>(
        &'a self,
        credential: &'a GoogleCredential,
        provider: &'a Provider,
    ) -> BoxFuture<'a, Result<Grant, GrantFault>> {
        Box::pin(self.granted(credential, provider))
    }
}

#[cfg(test)]
mod tests;
