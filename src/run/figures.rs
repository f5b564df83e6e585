//! Brings the gauges of `/metrics` up to date when somebody looks.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use switchyard_actors::domain::breaker_view::BreakerState as Seen;
use switchyard_actors::shared::counters::CounterGauges;
use switchyard_actors::system::Core;

use super::Basics;
use crate::metrics::BreakerState;
use crate::metrics::in_use::Taken;
use crate::proxy::worker::Shared;
use crate::web::Refresh;

/// Makes what `/metrics` calls before it prints.
pub fn refresh(basics: &Basics, core: &Arc<Core>, relay: &Arc<Shared>) -> Refresh {
    let (basics, core, relay) = (basics.clone(), Arc::clone(core), Arc::clone(relay));
    let overshoot_seen = Arc::new(AtomicI64::new(0));
    Arc::new(move || {
        let (basics, core, relay) = (basics.clone(), Arc::clone(&core), Arc::clone(&relay));
        let overshoot_seen = Arc::clone(&overshoot_seen);
        Box::pin(async move {
            let metrics = &basics.metrics;
            metrics.sockets.set(signed(relay.door.sockets()));
            metrics.body_bytes.set(signed(relay.door.held_bytes()));
            metrics.journal_bytes.set(signed(core.journal().view().bytes));
            if let Ok(recorder) = core.recorder().observe().await {
                metrics.recorder_queue.set(signed(recorder.queued as u64));
                metrics.refused_rows.set(signed(recorder.refused as u64));
            }
            metrics.live_followers.set(signed(core.live().view().followers as u64));
            let counters = core.counters().gauges(basics.clock.now());
            metrics.in_use.set(&taken(&core, &counters));
            metrics.held_nanodollars.set(counters.held.0);
            let before = overshoot_seen.swap(counters.overshoot.0, Ordering::Relaxed);
            let more = counters.overshoot.0.saturating_sub(before);
            metrics.overshoot_nanodollars.inc_by(u64::try_from(more).unwrap_or(0));
            if let Some(outbox) = core.counters().outbox() {
                metrics.redis_nodes.set(i64::from(outbox.nodes()));
            }
            breakers(&basics, &core);
            proxies(&core, &relay);
        })
    })
}

/// What running requests have taken of what they give back.
fn taken(core: &Core, counters: &CounterGauges) -> Taken {
    let leases = core.leases().view().into_iter().map(|(_, count)| u64::from(count)).sum();
    let outbox = core.counters().outbox();
    Taken {
        waiting: core.waiting().map_or(0, |waiting| waiting.len() as u64),
        seats: counters.seats,
        running: counters.in_flight,
        reservations: counters.reservations,
        tokens: counters.held_tokens,
        common_running: counters.shared_in_flight,
        common_seats: counters.shared_seats,
        common_held: counters.shared_held.0,
        leases,
        probe_permits: u64::from(core.breakers().probes_out()),
        untold: outbox.map_or(0, |outbox| outbox.untold() as u64),
    }
}

/// A provider that never had trouble has no breaker to look at: it counts as closed.
fn breakers(basics: &Basics, core: &Core) {
    let known = core.catalogue().load().providers.len();
    let views = core.breakers().views();
    let count = |state: Seen| views.iter().filter(|view| view.state == state).count();
    let (open, half_open) = (count(Seen::Open), count(Seen::HalfOpen));
    let metrics = &basics.metrics;
    metrics.set_breakers(BreakerState::Open, open);
    metrics.set_breakers(BreakerState::HalfOpen, half_open);
    metrics.set_breakers(BreakerState::Closed, known.saturating_sub(open + half_open));
}

/// A proxy that was not used yet did neither well nor badly.
fn proxies(core: &Core, relay: &Shared) {
    let catalogue = core.catalogue().load();
    let did = catalogue.providers.iter().filter_map(|provider| {
        let result = relay.proxies.of(provider.id, provider.proxy.proxy()?)?;
        Some((provider.id, result.fault.is_none()))
    });
    relay.metrics.set_proxies(did);
}

fn signed(figure: u64) -> i64 {
    i64::try_from(figure).unwrap_or(i64::MAX)
}
