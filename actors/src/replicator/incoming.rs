//! What comes in: money, tokens and bindings of other nodes, from the common log into the counters.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::actor::ReplicatorPorts;
use super::counted::{Counted, Stand};
use super::windows::Windows;
use crate::domain::ids::RequestId;
use crate::domain::sharing::{Charge, LogPlace, OVERLAP, Told};
use crate::ports::PortError;

/// Between two tries while the common counter is away.
const AGAIN: Duration = Duration::from_millis(500);

/// Runs until the actor ends.
pub async fn run(
    ports: ReplicatorPorts,
    located: watch::Sender<bool>,
    mut seeded: watch::Receiver<Option<Arc<Counted>>>,
    heard: Arc<AtomicU64>,
) {
    let mut place = locate(&ports, &seeded).await;
    located.send_replace(true);
    let Ok(counted) = seeded.wait_for(Option::is_some).await.map(|counted| counted.clone()) else {
        return;
    };
    let Some(counted) = counted else { return };
    ports.outbox.heard(place.clone());
    let mut windows = Windows::default();
    loop {
        let Ok(news) = ports.shared.follow(&place).await else {
            sleep(AGAIN).await;
            continue;
        };
        let Ok(known) = known(&ports, &news.told, &counted).await else {
            sleep(AGAIN).await;
            continue;
        };
        if news.lacks {
            tracing::warn!(
                "what other nodes have spent was in the common log for too short a time to be read here: \
                 this node's figures lack it until its next start; limits that Redis keeps do not"
            );
        }
        heard.fetch_add(news.told.len() as u64, Ordering::Relaxed);
        for told in news.told {
            if !is_counted(&told, &counted, &known) {
                count(&ports, &mut windows, told);
            }
        }
        place = news.place.unwrap_or(place);
        ports.outbox.heard(place.clone());
    }
}

/// Finds where the log has to be read from: as long as rows take before the start reads the ledger. When
/// it has read that already, since the common counter was away, so much further back.
async fn locate(
    ports: &ReplicatorPorts,
    seeded: &watch::Receiver<Option<Arc<Counted>>>,
) -> LogPlace {
    loop {
        let read_at = seeded.borrow().as_ref().map(|counted| counted.at());
        let passed = read_at.map_or(Duration::ZERO, |at| ports.clock.now().since(at));
        if let Ok(place) = ports.shared.locate(OVERLAP.saturating_add(passed)).await {
            return place;
        }
        sleep(AGAIN).await;
    }
}

/// Returns which of the requests that are too old for what the start has read are in the ledger.
async fn known(
    ports: &ReplicatorPorts,
    told: &[Told],
    counted: &Counted,
) -> Result<Vec<RequestId>, PortError> {
    let charges = told.iter().filter_map(charge);
    let old = charges.filter(|charge| counted.stand(charge) == Stand::Old);
    let ids: Vec<RequestId> = old.filter_map(|charge| charge.request).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    ports.ledger.known(&ids).await
}

/// Tells whether the start has counted what was told.
fn is_counted(told: &Told, counted: &Counted, known: &[RequestId]) -> bool {
    let Some(charge) = charge(told) else { return false };
    match counted.stand(charge) {
        Stand::Counted => true,
        Stand::New => false,
        Stand::Old => charge.request.is_some_and(|id| known.contains(&id)),
    }
}

const fn charge(told: &Told) -> Option<&Charge> {
    match told {
        Told::Charged(charge) => Some(charge),
        Told::Bound(_) | Told::Reset(_) => None,
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
