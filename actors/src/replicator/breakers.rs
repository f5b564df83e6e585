//! The breakers of all nodes: this node's changes go out as they happen; twice a second it looks at
//! what the others have told, tells again what is missing there, and takes the right to probe.

use std::time::Duration;

use tokio::time::sleep;

use super::actor::ReplicatorPorts;
use crate::domain::breaker::Standing;
use crate::ports::PortError;

/// Between two looks.
const EVERY: Duration = Duration::from_millis(500);

/// Runs until the actor ends.
pub async fn run(ports: ReplicatorPorts) {
    loop {
        let there = ports.shared.is_there() && round(&ports).await.is_ok();
        // Alone, a node may probe what it likes.
        ports.breakers.require_leases(there);
        sleep(EVERY).await;
    }
}

async fn round(ports: &ReplicatorPorts) -> Result<(), PortError> {
    let poll = ports.breakers.poll();
    let mut theirs = ports.shared_breakers.all().await?;
    // What is there of providers and addresses that are gone is nobody's.
    let catalogue = ports.catalogue.load();
    theirs.retain(|one| catalogue.providers.iter().any(|provider| provider.has(one.key)));
    let changes = ports.breakers.adopt(poll, &theirs, ports.clock.now());
    (ports.announce)(changes);
    let is_there = |one: &Standing| {
        theirs.iter().any(|known| known.key == one.key && known.version >= one.version)
    };
    for standing in ports.breakers.snapshot().iter().filter(|one| !is_there(one)) {
        put(ports, standing).await?;
    }
    for key in ports.breakers.needs_probe_lease(ports.clock.now()) {
        if let Some(span) = ports.shared_breakers.lease(key).await? {
            let now = ports.clock.now();
            ports.breakers.hold_probe_lease(key, now, now.plus(span));
        }
    }
    Ok(())
}

/// Tells how a breaker of this node stands.
pub async fn put(ports: &ReplicatorPorts, standing: &Standing) -> Result<(), PortError> {
    if ports.shared_breakers.put(standing).await? {
        ports.breakers.shared(standing.key, standing.version);
    }
    Ok(())
}
