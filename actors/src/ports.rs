//! The outside world as the core sees it. `src/store` and `src/upstream` implement these.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::breaker::{self, Transition};
use crate::domain::breaker_key::BreakerKey;
use crate::domain::catalogue::Catalogue;
use crate::domain::credential::GoogleCredential;
use crate::domain::flying::Weighing;
use crate::domain::ids::{ProviderId, RequestId};
use crate::domain::ledger::LedgerRow;
use crate::domain::provider::Provider;
use crate::domain::proxy::Proxy;
use crate::domain::secret::Secret;
use crate::domain::sharing::{
    Batch, Heard, Horizon, LogPlace, Progress, Pulse, SharedAnswer, SharedAsk, WindowSums,
};

/// A future that may cross threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why a port could not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PortError {
    /// The other side is not there now; trying again later makes sense.
    #[error("{0} is not reachable: {1}")]
    Unavailable(&'static str, String),
    /// The other side refused; trying the same again does not help.
    #[error("{0} refused: {1}")]
    Refused(&'static str, String),
}

/// Where this node's changes of breakers are told to other nodes.
pub trait BreakerNews: Send + Sync {
    /// Takes a change that arose on this node. It is called on the registry's thread and does not
    /// wait: what it cannot pass on is in the next snapshot of the breakers.
    fn tell(&self, change: &Transition);
}

/// Where ledger rows go.
pub trait LedgerSink: Send + Sync {
    /// Writes rows in one transaction. Rows that are already there stay as they are: writing is
    /// idempotent by request id. Also marks the roll-up slots of the rows as dirty.
    fn write<'a>(&'a self, rows: &'a [LedgerRow]) -> BoxFuture<'a, Result<(), PortError>>;

    /// Returns which of the ids have a row.
    fn known<'a>(
        &'a self,
        ids: &'a [RequestId],
    ) -> BoxFuture<'a, Result<Vec<RequestId>, PortError>>;
}

/// What the price feed answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedAnswer {
    /// The table is the one of the given entity tag.
    Unchanged,
    /// A table: its text and entity tag.
    Table {
        /// The JSON text.
        text: String,
        /// The entity tag for the next time.
        etag: Option<String>,
    },
}

/// Where the `LiteLLM` price table comes from.
pub trait PriceFeed: Send + Sync {
    /// Fetches the table unless it still has the entity tag. At most 20 MB in 30 s.
    fn fetch<'a>(&'a self, etag: Option<&'a str>) -> BoxFuture<'a, Result<FeedAnswer, PortError>>;
}

/// One synced price to store: the model and its price object as the sheet has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetEntry {
    /// The model.
    pub model: String,
    /// The price object's JSON text, numbers untouched.
    pub json: String,
}

/// Where price versions are kept.
pub trait PriceStore: Send + Sync {
    /// Returns the newest synced (or seed) entry of each model, as stored.
    fn synced(&self) -> BoxFuture<'_, Result<Vec<SheetEntry>, PortError>>;

    /// Stores new versions for changed entries, one transaction, and bumps the catalogue.
    /// `seed` marks them as bundled rather than synced. Manual prices are not touched.
    fn store<'a>(
        &'a self,
        changed: &'a [SheetEntry],
        seed: bool,
    ) -> BoxFuture<'a, Result<(), PortError>>;
}

/// Where the catalogue is loaded from.
pub trait CatalogueSource: Send + Sync {
    /// Returns the catalogue as it is now: `have` itself (the same `Arc`) when nothing has changed,
    /// and its sections where they have not. Called twice a second, so "unchanged" must be cheap.
    fn load(
        &self,
        have: Option<Arc<Catalogue>>,
    ) -> BoxFuture<'_, Result<Arc<Catalogue>, PortError>>;
}

/// A token that was got with a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The token.
    pub secret: Secret,
    /// How long it lasts from now on.
    pub lasts: Duration,
    /// What the next one is got with, where the issuer changes that.
    pub refresh_token: Option<Secret>,
}

/// Why no token was got. The words hold nothing of a credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantFault {
    /// The issuer refuses the credential: another one is needed.
    #[error("the credential is refused: {0}")]
    Refused(Arc<str>),
    /// The issuer could not be asked, or does not answer as it should.
    #[error("no token was got: {0}")]
    Away(Arc<str>),
}

/// Where tokens are got.
pub trait TokenSource: Send + Sync {
    /// Gets a token with a credential, on the way on which its provider is reached. It takes ten
    /// seconds at most.
    fn grant<'a>(
        &'a self,
        credential: &'a GoogleCredential,
        provider: &'a Provider,
    ) -> BoxFuture<'a, Result<Grant, GrantFault>>;
}

/// A credential as it is kept.
#[derive(Debug, Clone)]
pub struct KeptCredential {
    /// Its text.
    pub text: Secret,
    /// What tells this text from a later one.
    pub version: Arc<str>,
}

/// Where credentials are kept, sealed.
pub trait CredentialStore: Send + Sync {
    /// Returns a provider's credential as it is kept now; `None` when it has none that can be read.
    fn load(
        &self,
        provider: ProviderId,
    ) -> BoxFuture<'_, Result<Option<KeptCredential>, PortError>>;

    /// Keeps a new text in the place of a version; answers whether that version was still there.
    fn save<'a>(
        &'a self,
        provider: ProviderId,
        version: &'a str,
        text: &'a Secret,
    ) -> BoxFuture<'a, Result<bool, PortError>>;

    /// Takes the right to get a token, so that no two nodes spend one refresh token; answers whether
    /// it is this node's for so long.
    fn claim(&self, provider: ProviderId, span: Duration)
    -> BoxFuture<'_, Result<bool, PortError>>;

    /// Gives that right back.
    fn release(&self, provider: ProviderId) -> BoxFuture<'_, ()>;
}

/// One request to a vendor beside the relay: a test, a list of models. It is in no ledger and no
/// breaker hears of it.
pub struct VendorAsk {
    /// The full address.
    pub url: String,
    /// All headers, host and length excepted; any of them may hold a key.
    pub headers: Vec<(String, Secret)>,
    /// JSON that is posted; without it the address is got.
    pub body: Option<String>,
    /// Private and loopback addresses are allowed.
    pub allow_private: bool,
    /// The proxy it goes through, and never around.
    pub proxy: Option<Arc<Proxy>>,
    /// So much of the answer is read, the rest left.
    pub most_bytes: usize,
    /// The time for all of it.
    pub within: Duration,
}

/// What a vendor answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VendorAnswer {
    /// The status.
    pub status: u16,
    /// The content type.
    pub content_type: Option<String>,
    /// Where a redirect leads; it is not followed.
    pub location: Option<String>,
    /// The body, as far as it was read.
    pub body: Vec<u8>,
}

/// Why a vendor did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VendorFault {
    /// The address cannot be used for a request.
    #[error("the address cannot be used: {0}")]
    Address(String),
    /// Its host name has no address.
    #[error("the name cannot be resolved: {0}")]
    Name(String),
    /// It resolves to a private or loopback address, which is not allowed.
    #[error("the address is private")]
    Private,
    /// Nobody listens there.
    #[error("the connection was refused")]
    Refused,
    /// No connection for another reason.
    #[error("connecting failed: {0}")]
    Unreachable(String),
    /// No connection in time.
    #[error("no connection in time")]
    ConnectTimeout,
    /// The encrypted connection could not be agreed on.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// Connected, but no whole answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The connection ended before the answer did.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The answer is not HTTP.
    #[error("the answer is not HTTP: {0}")]
    NotHttp(String),
    /// The proxy did not let it through.
    #[error("{0}")]
    Proxy(String),
    /// We have nobody who could ask.
    #[error("requests cannot be sent now")]
    Unable,
}

/// How a request to a vendor went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorReply {
    /// How long it took.
    pub took: Duration,
    /// The answer.
    pub answer: Result<VendorAnswer, VendorFault>,
}

/// Asks vendors something beside the relay, under the relay's rules: private addresses are refused
/// when they are connected to, redirects are not followed.
pub trait Vendors: Send + Sync {
    /// Sends one request.
    fn ask(&self, ask: VendorAsk) -> BoxFuture<'_, VendorReply>;
}

/// The counters that several nodes share. While they are away each node counts alone.
pub trait SharedCounters: Send + Sync {
    /// Makes the present thread's way to them. It must be called inside a runtime.
    fn door(&self) -> Result<Arc<dyn SharedDoor>, PortError>;

    /// Tells whether they are there, as far as is known; costs nothing.
    fn is_there(&self) -> bool;

    /// Books what has happened here. Booking the same batch again changes nothing.
    fn publish<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, Result<(), PortError>>;

    /// Says that this node lives and what it holds, absolutely, as it was at one moment, and how far it is
    /// with telling; of questions that flew then, those that were granted count as held. Finds out
    /// whether they are there.
    fn beat<'a>(
        &'a self,
        weighing: &'a Weighing,
        progress: Progress,
    ) -> BoxFuture<'a, Result<Pulse, PortError>>;

    /// Returns the place in the common log of so long ago.
    fn locate(&self, ago: Duration) -> BoxFuture<'_, Result<LogPlace, PortError>>;

    /// Waits a second at most for what other nodes tell behind a place.
    fn follow<'a>(&'a self, after: &'a LogPlace) -> BoxFuture<'a, Result<Heard, PortError>>;

    /// Says that this node goes: what it holds counts no longer.
    fn leave(&self) -> BoxFuture<'_, Result<(), PortError>>;
}

/// What nodes share.
#[derive(Clone)]
pub struct SharedPorts {
    /// Counters.
    pub counters: Arc<dyn SharedCounters>,
    /// Breakers.
    pub breakers: Arc<dyn SharedBreakers>,
}

/// The breakers that several nodes share.
pub trait SharedBreakers: Send + Sync {
    /// Keeps how a breaker stands, unless a state of it is there that is as new; returns whether.
    fn put<'a>(&'a self, standing: &'a breaker::Standing)
    -> BoxFuture<'a, Result<bool, PortError>>;

    /// Returns how the breakers stand that any node has told of.
    fn all(&self) -> BoxFuture<'_, Result<Vec<breaker::Standing>, PortError>>;

    /// Takes or renews the right to probe; returns how long it is this node's, or `None` when it is
    /// another's.
    fn lease(&self, key: BreakerKey) -> BoxFuture<'_, Result<Option<Duration>, PortError>>;
}

/// One worker's way to the shared counters.
pub trait SharedDoor: Send + Sync {
    /// Returns how long a request may wait for all of it together: for a call that is under way, and for
    /// its own.
    fn patience(&self) -> Duration;

    /// Notes that a request got no answer it could use though no call failed: that counts as one, and
    /// nobody is asked until a beat is answered.
    fn gives_up(&self, why: &PortError);

    /// Asks whether a request may go on, over all nodes.
    fn admit<'a>(&'a self, ask: &'a SharedAsk) -> BoxFuture<'a, Result<SharedAnswer, PortError>>;

    /// Tells the windows of an owner that they do not know. With a horizon, only when both know the
    /// same up to there; returns whether.
    fn seed<'a>(
        &'a self,
        sums: &'a WindowSums,
        horizon: Option<&'a Horizon>,
    ) -> BoxFuture<'a, Result<bool, PortError>>;
}
