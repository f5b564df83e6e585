//! The management API's state: use cases on the store, told of what runs beside it.

use std::sync::Arc;

use actix_rt::Arbiter;
use actix_web::web::Data;
use rustls::ClientConfig;
use switchyard_actors::domain::ids::{KeyId, UserId};
use switchyard_actors::domain::provider::Provider;
use switchyard_actors::shared::breakers::Look;
use switchyard_actors::shared::leases::Need;
use switchyard_actors::system::Core;

use super::Basics;
use super::seed;
use crate::app::usage_logs::Underway;
use crate::app::{AppContext, Live, Reload, SpendHook};
use crate::proxy::worker::Shared;
use crate::settings::Settings;
use crate::store::{Cipher, Store};
use crate::upstream::issuer::place::Places;
use crate::upstream::vendors::HttpVendors;
use crate::web::api::{Api, Uploads};
use crate::web::client_ip;
use crate::web::console::Seal;

/// Makes what marks forms and cookies: from `CSRF_SECRET` where it is set, else from the data key,
/// so that nodes on one database know each other's marks.
pub fn seal(settings: &Settings, cipher: &Cipher) -> Seal {
    let derived = cipher.mark(b"the console's forms and cookies.");
    let said = settings.access.csrf_secret.as_ref();
    said.map_or_else(|| Seal::new(&derived), |secret| Seal::new(secret.reveal().as_bytes()))
}

/// Makes the one state of all workers.
pub fn api(
    basics: &Basics,
    core: &Arc<Core>,
    relay: &Shared,
    tls: &Arc<ClientConfig>,
    store: Store,
    cipher: Cipher,
) -> Data<Api> {
    let settings = Arc::clone(&basics.settings);
    let catalogue = core.catalogue();
    let mut context = app(basics, core, store, cipher.clone());
    // It waits, it does not compute: the arbiter of the process has room for it.
    let vendors =
        HttpVendors::start(&Arbiter::current(), Arc::clone(tls), settings.timeouts.connect);
    context.live.vendors = Some(Arc::new(vendors));
    context.live.proxies = Some(Arc::clone(&relay.proxies));
    context.live.probes = Some(Arc::clone(&relay.probes));
    context.live.remaining = Some(Arc::clone(&relay.remaining));
    let mut api = Api::new(context);
    let (token, marked) = (Arc::clone(&basics.admin_token), Arc::clone(&basics.admin_token));
    api.is_admin = Arc::new(move |text| token.matches(text));
    api.admin_mark = Arc::new(move || cipher.mark(&marked.hash()));
    api.catalogue = Some(catalogue);
    api.uploads = Uploads::new(settings.server.upload_idle);
    api.secure_cookies = settings.access.secure_cookies;
    api.public_url.clone_from(&settings.server.public_url);
    api.client_ip = Arc::new(move |request| {
        let peer = request.peer_addr()?.ip();
        Some(client_ip::of_headers(peer, request.headers(), &settings.server.trusted_proxies))
    });
    Data::new(api)
}

fn app(basics: &Basics, core: &Arc<Core>, store: Store, cipher: Cipher) -> AppContext {
    let settings = &basics.settings;
    let clock = Arc::clone(&basics.clock);
    let catalogue = core.catalogue();
    let zone = catalogue.load().settings.zone();
    let mut app = AppContext::alone(store, cipher, Arc::clone(&clock), zone);
    app.key_reveal = settings.access.key_reveal;
    app.zone = Arc::new(move || catalogue.load().settings.zone());
    app.reload = reload(core);
    let counters = Arc::clone(core.counters());
    app.open_sessions = {
        let (counters, clock) = (Arc::clone(&counters), Arc::clone(&clock));
        Arc::new(move |user: UserId, key: KeyId| {
            let seats = counters.sessions(Some(user), clock.now());
            seats.iter().filter(|(_, seat)| seat.key == key).count() as u64
        })
    };
    let on_late_spend: SpendHook = {
        let (counters, catalogue) = (Arc::clone(&counters), core.catalogue());
        Arc::new(move |spent| seed::book(&counters, &catalogue.load(), spent, clock.now()))
    };
    app.live = Live {
        breakers: Some(core.circuit_breakers().clone()),
        proxies: None,
        probes: None,
        remaining: None,
        lacking: Some(Arc::clone(core.lacking())),
        look: Some({
            let outlook = core.outlook();
            Arc::new(move |provider: &Provider, need: &Need<'_>, model: Option<&str>| {
                outlook.condition(provider, need, model, Look::ToShow)
            })
        }),
        counters: Some(counters),
        feed: Some(Arc::clone(core.live())),
        prices: settings.prices.feed_url.as_ref().map(|_| core.prices().clone()),
        on_provider_changed: None,
        on_late_spend: Some(on_late_spend),
        converts: settings.relay.convert,
        allow_private_urls: settings.upstream.allow_private_urls,
        vendors: None,
        credentials: Some(core.credentials().clone()),
        provider: Some({
            let catalogue = core.catalogue();
            Arc::new(move |id| {
                catalogue.load().providers.iter().find(|one| one.id == id).map(Arc::clone)
            })
        }),
        token_places: Places::with(settings.upstream.google_token_url.as_deref()),
        underway: Some({
            let journal = Arc::clone(core.journal());
            Arc::new(Underway::new(move |id| journal.waits(id)))
        }),
        test_timeout: settings.upstream.test_timeout,
    };
    app
}

/// Publishes the catalogue at once.
fn reload(core: &Arc<Core>) -> Reload {
    let keeper = core.keeper().clone();
    Arc::new(move || {
        let keeper = keeper.clone();
        Box::pin(async move {
            if let Err(error) = keeper.reload().await {
                // The keeper looks again in half a second, and health says so if it cannot.
                tracing::warn!(%error, "the catalogue could not be published at once");
            }
        })
    })
}
