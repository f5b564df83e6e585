//! One renewal: what is kept is looked at first, since another node may have got a token meanwhile;
//! then one is asked for, and kept with whatever the next one is got with.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::clock::Clock;
use crate::domain::credential::{self, GoogleCredential, Mark, Token};
use crate::domain::ids::ProviderId;
use crate::domain::provider::Provider;
use crate::domain::secret::Secret;
use crate::ports::{CredentialStore, Grant, GrantFault, KeptCredential, TokenSource};

/// So long a node may take to get and keep a token before another one may try.
const CLAIM: Duration = Duration::from_secs(25);
/// How often it is looked whether another node is done, and how many times.
const LOOK_EVERY: Duration = Duration::from_millis(250);
const LOOKS: u32 = 100;
/// A kept token that is over sooner is none.
const SHORTEST: Duration = Duration::from_secs(30);

/// Where tokens come from, and where credentials are kept.
#[derive(Clone)]
pub struct CredentialPorts {
    /// Gets tokens.
    pub source: Arc<dyn TokenSource>,
    /// Keeps credentials.
    pub store: Arc<dyn CredentialStore>,
}

/// What is wanted.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) provider: Arc<Provider>,
    /// The provider's credential as this node knows it.
    pub(super) credential: Arc<GoogleCredential>,
    /// Another token than this one.
    pub(super) instead_of: Option<Secret>,
    /// What could not be kept before.
    pub(super) unsaved: Option<Unsaved>,
}

/// A credential that could not be kept, because the store was away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unsaved {
    /// The credentials that it takes the place of: what was kept, and what followed it unkept.
    of: Vec<Mark>,
    text: Secret,
}

/// How a renewal went.
#[derive(Debug)]
pub(super) struct Renewed {
    pub(super) token: Token,
    /// The credential before and after.
    pub(super) of: [Mark; 2],
    /// It was got now; else it was taken over as it was kept.
    pub(super) was_got: bool,
    pub(super) unsaved: Option<Unsaved>,
}

/// Gets a token.
///
/// # Errors
/// The credential is refused, or somebody who is needed is away.
pub(super) async fn renew(
    ports: &CredentialPorts,
    wanted: &Wanted,
    clock: &dyn Clock,
) -> Result<Renewed, GrantFault> {
    let provider = wanted.provider.id;
    for _ in 0..LOOKS {
        // A store that is away keeps nobody from getting a token.
        if let Ok(false) = ports.store.claim(provider, CLAIM).await {
            sleep(LOOK_EVERY).await;
            continue;
        }
        let renewed = claimed(ports, wanted, clock).await;
        ports.store.release(provider).await;
        return renewed;
    }
    Err(GrantFault::Away(Arc::from("another node gets the token and does not end")))
}

async fn claimed(
    ports: &CredentialPorts,
    wanted: &Wanted,
    clock: &dyn Clock,
) -> Result<Renewed, GrantFault> {
    let mut refused: Option<(Mark, GrantFault)> = None;
    loop {
        let found = find(ports.store.as_ref(), wanted).await;
        let mark = found.credential.mark();
        if let Some(token) = found.good_token(wanted, clock) {
            let of = [wanted.credential.mark(), mark];
            return Ok(Renewed { token, of, was_got: false, unsaved: found.unsaved });
        }
        // What was refused is tried once more only where somebody has changed it meanwhile.
        if let Some((of, fault)) = refused.take()
            && (of == mark || found.version.is_none())
        {
            return Err(fault);
        }
        match ports.source.grant(&found.credential, &wanted.provider).await {
            Ok(grant) => {
                return Ok(keep(ports.store.as_ref(), wanted, found, grant, clock).await);
            }
            Err(fault @ GrantFault::Refused(_)) => refused = Some((mark, fault)),
            Err(away) => return Err(away),
        }
    }
}

/// The credential as it is now.
struct Found {
    text: Secret,
    credential: Arc<GoogleCredential>,
    /// Its place in the store; `None` when the store is away.
    version: Option<Arc<str>>,
    unsaved: Option<Unsaved>,
}

impl Found {
    fn good_token(&self, wanted: &Wanted, clock: &dyn Clock) -> Option<Token> {
        let token = self.credential.token.as_ref()?;
        let is_other = wanted.instead_of.as_ref().is_none_or(|stale| token.secret != *stale);
        let lasts = token.expires_at.since(clock.now()) > SHORTEST;
        (is_other && lasts).then(|| token.clone())
    }
}

async fn find(store: &dyn CredentialStore, wanted: &Wanted) -> Found {
    let known = || Found {
        text: wanted.provider.key.clone(),
        credential: Arc::clone(&wanted.credential),
        version: None,
        unsaved: None,
    };
    let kept = match store.load(wanted.provider.id).await {
        Ok(Some(kept)) => kept,
        Ok(None) => return known(),
        Err(error) => {
            tracing::debug!(provider.id = wanted.provider.id.0, %error, "a credential cannot be read");
            return wanted.unsaved.clone().and_then(|own| own.found(None)).unwrap_or_else(known);
        }
    };
    let Ok(credential) = credential::read(kept.text.reveal()) else { return known() };
    let KeptCredential { text, version } = kept;
    if let Some(own) = wanted.unsaved.clone().filter(|own| own.of.contains(&credential.mark())) {
        if let Ok(true) = store.save(wanted.provider.id, &version, &own.text).await {
            // Its version is known to the store alone: it is read again.
            if let Ok(Some(now)) = store.load(wanted.provider.id).await
                && let Ok(credential) = credential::read(now.text.reveal())
            {
                let credential = Arc::new(credential);
                let version = Some(now.version);
                return Found { text: now.text, credential, version, unsaved: None };
            }
        }
        if let Some(found) = own.found(Some(Arc::clone(&version))) {
            return found;
        }
    }
    Found { text, credential: Arc::new(credential), version: Some(version), unsaved: None }
}

impl Unsaved {
    fn found(self, version: Option<Arc<str>>) -> Option<Found> {
        let credential = Arc::new(credential::read(self.text.reveal()).ok()?);
        Some(Found { text: self.text.clone(), credential, version, unsaved: Some(self) })
    }
}

/// Keeps a token and what the next one is got with.
async fn keep(
    store: &dyn CredentialStore,
    wanted: &Wanted,
    found: Found,
    grant: Grant,
    clock: &dyn Clock,
) -> Renewed {
    let provider = wanted.provider.id;
    let token = Token { secret: grant.secret, expires_at: clock.now().plus(grant.lasts) };
    let text = credential::renewed(found.text.reveal(), &token, grant.refresh_token.as_ref());
    let text = text.unwrap_or_else(|| found.text.clone());
    let after =
        credential::read(text.reveal()).map_or_else(|_| found.credential.mark(), |c| c.mark());
    let mut of = found.unsaved.map(|own| own.of).unwrap_or_default();
    of.push(found.credential.mark());
    of.dedup();
    let unsaved = Unsaved { of, text };
    let unsaved = match &found.version {
        None => Some(unsaved),
        Some(version) => match store.save(provider, version, &unsaved.text).await {
            Ok(true) => None,
            // Another text is there: whether it is another credential, which stays, shows next time.
            Ok(false) => Some(unsaved),
            Err(error) => {
                tracing::warn!(
                    provider.id = provider.0,
                    %error,
                    "a renewed credential could not be kept; it is tried again"
                );
                Some(unsaved)
            }
        },
    };
    let of = [wanted.credential.mark(), after];
    Renewed { token, of, was_got: true, unsaved }
}

/// Tries once more to keep a credential; tells whether there is nothing left to keep.
pub(super) async fn save_again(
    store: &dyn CredentialStore,
    provider: ProviderId,
    unsaved: &Unsaved,
) -> bool {
    let Ok(kept) = store.load(provider).await else { return false };
    let is_before = |kept: &KeptCredential| {
        credential::read(kept.text.reveal()).is_ok_and(|now| unsaved.of.contains(&now.mark()))
    };
    // Somebody has given another credential meanwhile: that one stays.
    let Some(kept) = kept.filter(is_before) else { return true };
    matches!(store.save(provider, &kept.version, &unsaved.text).await, Ok(true))
}
