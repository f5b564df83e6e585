//! The way of a request to its provider: directly, or through the provider's proxy; where that fails
//! and the provider says so, directly in the same try.

use std::rc::Weak;
use std::sync::Arc;
use std::time::Duration;

use switchyard_actors::domain::ids::RequestId;
use switchyard_actors::domain::provider::Provider;
use switchyard_actors::domain::proxy::{Proxy, ProxyUse};
use switchyard_actors::shared::proxies::ProxyResult;
use tokio::time::sleep;

use super::worker::Worker;
use crate::upstream::proxy::ProxyFault;
use crate::upstream::send::{Outbound, SendLimits};
use crate::upstream::{Egress, Reply, SendFailure, send};

/// How often a worker looks for proxies that nobody names any more.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How a request went on its way.
pub struct Passed {
    /// The head of an answer, or why there is none.
    pub reply: Result<Reply, SendFailure>,
    /// Why the proxy could not be used, where the request went directly after that.
    pub proxy_fault: Option<Arc<str>>,
}

impl Passed {
    const fn straight(reply: Result<Reply, SendFailure>) -> Self {
        Self { reply, proxy_fault: None }
    }
}

/// What a request is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A client's own request: how the proxy did with it is known from then on.
    Relay,
    /// A question of ours with little patience: it says nothing about the proxy.
    Question,
}

/// A request to a provider.
#[derive(Clone)]
pub struct Errand<'a> {
    /// The provider.
    pub provider: &'a Provider,
    /// What it is for.
    pub purpose: Purpose,
    /// The id of the request that it is for.
    pub request: RequestId,
    /// What to send.
    pub out: Outbound<'a>,
    /// The time limits of a sending.
    pub limits: SendLimits,
}

impl Errand<'_> {
    async fn go(self, worker: &Worker, proxy: Option<Arc<Proxy>>) -> Result<Reply, SendFailure> {
        let allow_private = worker.shared.config.allow_private || self.provider.allow_private;
        let egress = Egress { allow_private, proxy };
        send(&worker.upstreams, &egress, self.out, self.limits).await
    }
}

/// Sends a request to a provider. A proxy that cannot be used is gone around only where the provider
/// allows it, and only when nothing of the request can have reached the provider.
pub async fn send_to(worker: &Worker, errand: Errand<'_>) -> Passed {
    let provider = errand.provider;
    match &provider.proxy {
        ProxyUse::None => Passed::straight(errand.go(worker, None).await),
        ProxyUse::Through { proxy, or_direct } => {
            // Boxed: who is asked directly should not pay for the room of this.
            Box::pin(through(worker, errand, proxy, *or_direct)).await
        }
        ProxyUse::Unusable(why) => {
            let text = format!("the address of its proxy cannot be used: {why}");
            Passed::straight(Err(SendFailure::Refused(text)))
        }
    }
}

async fn through(
    worker: &Worker,
    errand: Errand<'_>,
    proxy: &Arc<Proxy>,
    or_direct: bool,
) -> Passed {
    let (provider, purpose) = (errand.provider, errand.purpose);
    let again = or_direct.then(|| errand.clone());
    let reply = errand.go(worker, Some(Arc::clone(proxy))).await;
    if purpose == Purpose::Relay {
        note(worker, provider, proxy, &reply);
    }
    match (reply, again) {
        (Err(SendFailure::Proxy(fault)), Some(again)) => around(worker, again, &fault).await,
        (reply, _) => Passed::straight(reply),
    }
}

/// Goes around a proxy, and says so.
async fn around(worker: &Worker, errand: Errand<'_>, fault: &ProxyFault) -> Passed {
    worker.shared.metrics.proxy_fallbacks.inc();
    tracing::warn!(
        event = "proxy.fallback_to_direct",
        request.id = %errand.request,
        provider.id = errand.provider.id.0,
        error = %fault,
        "a request goes around the proxy of its provider, as the provider's settings allow"
    );
    let reply = errand.go(worker, None).await;
    Passed { reply, proxy_fault: Some(Arc::from(fault.to_string())) }
}

/// Notes how a proxy did: it is asked about by people, and a change is one line in the log.
fn note(
    worker: &Worker,
    provider: &Provider,
    proxy: &Arc<Proxy>,
    reply: &Result<Reply, SendFailure>,
) {
    let fault = match reply {
        Ok(_) => None,
        Err(SendFailure::Proxy(fault)) => Some(fault),
        // The proxy let it through, or was not asked at all.
        Err(_) => return,
    };
    if let Some(fault) = fault {
        worker.shared.metrics.proxy_failed(fault.cause.label());
    }
    let at = worker.shared.clock.now();
    let result = ProxyResult { at, fault: fault.map(|fault| Arc::from(fault.to_string())) };
    if worker.shared.proxies.note(provider.id, proxy, result) {
        tell(provider, fault);
    }
}

fn tell(provider: &Provider, fault: Option<&ProxyFault>) {
    let provider = provider.id.0;
    if let Some(error) = fault {
        let event = "proxy.failed";
        tracing::warn!(event, provider.id = provider, %error, "the proxy of a provider fails");
    } else {
        let event = "proxy.recovered";
        tracing::info!(event, provider.id = provider, "the proxy of a provider works again");
    }
}

/// Lets go of connections to proxies that the catalogue no longer names, as long as the worker is
/// there.
pub async fn forget_unnamed(worker: Weak<Worker>) {
    let mut seen = None;
    loop {
        sleep(LOOK_EVERY).await;
        let Some(worker) = worker.upgrade() else { return };
        let catalogue = worker.shared.catalogue.load();
        if seen.replace(catalogue.version) == Some(catalogue.version) {
            continue;
        }
        let has =
            |one: &Provider, proxy: &Proxy| one.proxy.proxy().is_some_and(|own| **own == *proxy);
        let providers = &catalogue.providers;
        worker.upstreams.keep(|proxy| providers.iter().any(|one| has(one, proxy)));
        let is_of = |id, proxy: &Proxy| providers.iter().any(|one| one.id == id && has(one, proxy));
        worker.shared.proxies.keep(is_of);
        worker.shared.remaining.keep(|id| providers.iter().any(|one| one.id == id));
        worker.models.keep(|known| providers.iter().any(|one| **one == *known));
        worker.shared.lacking.keep(|known| providers.iter().any(|one| **one == *known));
        let has = |one: &Provider, id| one.endpoints.iter().any(|endpoint| endpoint.id == id);
        worker.shared.probes.keep(|id| providers.iter().any(|one| has(one, id)));
    }
}
