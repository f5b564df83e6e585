//! What comes in: money, tokens and bindings of other nodes, from the common log into the counters.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::actor::ReplicatorPorts;
use super::windows::Windows;
use crate::domain::ids::RequestId;
use crate::domain::sharing::{LogPlace, Told};

/// Between two tries while the common counter is away.
const AGAIN: Duration = Duration::from_millis(500);

/// Runs until the actor ends.
pub async fn run(
    ports: ReplicatorPorts,
    located: watch::Sender<bool>,
    mut seeded: watch::Receiver<bool>,
    heard: Arc<AtomicU64>,
) {
    let mut place = locate(&ports).await;
    located.send_replace(true);
    if seeded.wait_for(|done| *done).await.is_err() {
        return;
    }
    ports.outbox.heard(place.clone());
    let mut windows = Windows::default();
    // The log was entered some seconds before its end, and the ledger was read in between: what it
    // knows is counted already.
    let mut overlaps = true;
    loop {
        let Ok(news) = ports.shared.follow(Some(&place)).await else {
            sleep(AGAIN).await;
            continue;
        };
        let nothing = news.told.is_empty();
        let known = if overlaps { known(&ports, &news.told).await } else { Vec::new() };
        heard.fetch_add(news.told.len() as u64, Ordering::Relaxed);
        for told in news.told {
            if !told.request().is_some_and(|id| known.contains(&id)) {
                count(&ports, &mut windows, told);
            }
        }
        place = news.place.unwrap_or(place);
        if nothing {
            overlaps = false;
        }
        ports.outbox.heard(place.clone());
    }
}

async fn locate(ports: &ReplicatorPorts) -> LogPlace {
    loop {
        let news = ports.shared.follow(None).await;
        if let Some(place) = news.ok().and_then(|news| news.place) {
            return place;
        }
        sleep(AGAIN).await;
    }
}

/// Returns which of the requests are in the ledger.
async fn known(ports: &ReplicatorPorts, told: &[Told]) -> Vec<RequestId> {
    let ids: Vec<RequestId> = told.iter().filter_map(Told::request).collect();
    if ids.is_empty() {
        return Vec::new();
    }
    ports.ledger.known(&ids).await.unwrap_or_default()
}

fn count(ports: &ReplicatorPorts, windows: &mut Windows, told: Told) {
    match told {
        Told::Charged(charge) => {
            let (catalogue, now) = (ports.catalogue.load(), ports.clock.now());
            ports.counters.hear(&charge, |owner| windows.around(&catalogue, owner, now));
        }
        Told::Bound(binding) => ports.counters.hear_bound(&binding),
        Told::Reset(reset) => ports.counters.hear_reset(&reset),
    }
}
