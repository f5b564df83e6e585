//! What comes in: money, tokens and bindings of other nodes, from the common log into the counters.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::actor::ReplicatorPorts;
use super::windows::Windows;
use crate::domain::ids::RequestId;
use crate::domain::instant::Micros;
use crate::domain::sharing::{Charge, LogPlace, Told};
use crate::ports::PortError;

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
    // What had ended before the ledger was read may be in what was read; what ended later is not.
    let read_at = ports.clock.now();
    let mut windows = Windows::default();
    loop {
        let Ok(news) = ports.shared.follow(Some(&place)).await else {
            sleep(AGAIN).await;
            continue;
        };
        let Ok(known) = known(&ports, &news.told, read_at).await else {
            sleep(AGAIN).await;
            continue;
        };
        heard.fetch_add(news.told.len() as u64, Ordering::Relaxed);
        for told in news.told {
            if !is_known(&told, &known, read_at) {
                count(&ports, &mut windows, told);
            }
        }
        place = news.place.unwrap_or(place);
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

/// Returns which of the requests that had ended before the ledger was read are in it.
async fn known(
    ports: &ReplicatorPorts,
    told: &[Told],
    read_at: Micros,
) -> Result<Vec<RequestId>, PortError> {
    let ids: Vec<RequestId> =
        told.iter().filter_map(|told| former(told, read_at)?.request).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    ports.ledger.known(&ids).await
}

/// Tells whether what was told is counted already. A late bill changes the ledger before it is told.
fn is_known(told: &Told, known: &[RequestId], read_at: Micros) -> bool {
    former(told, read_at).is_some_and(|charge| charge.request.is_none_or(|id| known.contains(&id)))
}

/// Returns a charge of before the ledger was read.
fn former(told: &Told, read_at: Micros) -> Option<&Charge> {
    match told {
        Told::Charged(charge) if charge.ended <= read_at => Some(charge),
        Told::Charged(_) | Told::Bound(_) | Told::Reset(_) => None,
    }
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
