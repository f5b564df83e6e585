//! What goes out: batches of what has happened, and beats that say absolutely what is held. One
//! after the other, so that a beat never says less than what a batch behind it gives back. A node that
//! goes says so behind its last batch.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};

use super::actor::ReplicatorPorts;
use super::breakers;
use super::windows::Windows;
use crate::domain::breaker;
use crate::domain::check::Dimension;
use crate::domain::sharing::{
    Batch, Charge, Happened, Movement, Reset, SharedBinding, Standing, Windowed,
};

/// Between two beats.
const BEAT_EVERY: Duration = Duration::from_secs(2);
/// Between two looks whether the common counter is back.
const PROBE_EVERY: Duration = Duration::from_millis(500);
/// As much is told at once.
const MOST: usize = 256;

/// What was taken out of the outbox and is not told yet.
#[derive(Default)]
struct Sender {
    number: u64,
    /// Told, and perhaps booked: it is told again, with its number, until an answer comes.
    pending: Option<Batch>,
    charged: VecDeque<Charge>,
    /// Each with how many of the charges above go before it.
    resets: VecDeque<(usize, Reset)>,
    bound: VecDeque<SharedBinding>,
    broke: VecDeque<breaker::Standing>,
    /// Of whom nothing was held at the last beat.
    idle: Vec<Dimension>,
    windows: Windows,
}

/// How far this node is with going.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// It is there.
    #[default]
    Here,
    /// It goes: what is still to be told is told.
    Leaving,
    /// It has said so, and tells nothing more.
    Left,
}

/// Runs until the actor ends, or the node goes.
pub async fn run(ports: ReplicatorPorts, stage: Arc<watch::Sender<Stage>>) {
    let mut sender = Sender::default();
    let bell = Arc::new(Notify::new());
    let rings = Arc::clone(&bell);
    ports.outbox.on_news(move || rings.notify_one());
    let mut stages = stage.subscribe();
    // The first beat opens the way.
    let mut next = Instant::now();
    loop {
        tokio::select! {
            () = sleep_until(next) => {
                sender.beat(&ports).await;
                let there = ports.shared.is_there();
                next = Instant::now() + if there { BEAT_EVERY } else { PROBE_EVERY };
            }
            () = bell.notified() => {}
            _ = stages.changed() => {}
        }
        while ports.shared.is_there() && sender.publish(&ports).await {}
        sender.publish_breakers(&ports).await;
        if *stages.borrow() == Stage::Leaving {
            leave(&ports).await;
            stage.send_replace(Stage::Left);
            return;
        }
        if !ports.shared.is_there() {
            next = next.min(Instant::now() + PROBE_EVERY);
        }
    }
}

/// Says that this node goes. When nobody hears it, it is gone once it was silent for long enough.
async fn leave(ports: &ReplicatorPorts) {
    if ports.shared.is_there()
        && let Err(error) = ports.shared.leave().await
    {
        tracing::warn!(%error, "other nodes were not told that this one goes");
    }
}

impl Sender {
    /// Tells the next batch; returns whether there was one and it was taken.
    async fn publish(&mut self, ports: &ReplicatorPorts) -> bool {
        let Some(batch) = self.pending.take().or_else(|| self.next(ports)) else { return false };
        let told = ports.shared.publish(&batch).await.is_ok();
        if told {
            ports.outbox.arrived(batch.number, batch.charged.len());
        } else {
            self.pending = Some(batch);
        }
        told
    }

    /// Tells which breakers have changed. What does not get through is told by the next look at all.
    async fn publish_breakers(&mut self, ports: &ReplicatorPorts) {
        for standing in self.broke.drain(..) {
            if breakers::put(ports, &standing).await.is_err() {
                return;
            }
        }
    }

    /// Makes a batch of what waits.
    fn next(&mut self, ports: &ReplicatorPorts) -> Option<Batch> {
        let happened = ports.outbox.take(MOST).into_iter();
        let moved: Vec<Movement> = happened.filter_map(|one| self.sort(one)).collect();
        let (charged, reset) = self.spent();
        let bound = take(&mut self.bound, MOST);
        let is_empty = moved.is_empty() && charged.is_empty() && bound.is_empty();
        if is_empty && reset.is_empty() {
            return None;
        }
        let charged = charged.into_iter().map(|charge| self.windowed(ports, charge)).collect();
        self.number += 1;
        Some(Batch { number: self.number, moved, charged, bound, reset })
    }

    /// Takes charges, up to the first reset and with it: a batch books what it charges first.
    fn spent(&mut self) -> (Vec<Charge>, Vec<Reset>) {
        let most = self.resets.front().map_or(MOST, |(before, _)| MOST.min(*before));
        let charged: Vec<Charge> = take(&mut self.charged, most);
        for (before, _) in &mut self.resets {
            *before = before.saturating_sub(charged.len());
        }
        let due = self.resets.iter().take_while(|(before, _)| *before == 0).count();
        let reset = self.resets.drain(..due).map(|(_, reset)| reset).collect();
        (charged, reset)
    }

    /// Keeps what must not be lost until it was told; returns a movement, which the next beat says too.
    fn sort(&mut self, happened: Happened) -> Option<Movement> {
        match happened {
            Happened::Moved(movement) => return Some(movement),
            Happened::Charged(charge) => self.charged.push_back(charge),
            Happened::Bound(binding) => self.bound.push_back(binding),
            Happened::Broke(standing) => self.broke.push_back(standing),
            Happened::Reset(reset) => self.resets.push_back((self.charged.len(), reset)),
        }
        None
    }

    fn windowed(&mut self, ports: &ReplicatorPorts, charge: Charge) -> Windowed {
        let catalogue = ports.catalogue.load();
        let windows = charge.owners.iter().map(|owner| {
            let borders = self.windows.around(&catalogue, owner, charge.at);
            [borders.day.start, borders.week.start, borders.month.start]
        });
        let windows = windows.collect();
        Windowed { charge, windows }
    }

    /// Says that this node lives and what it holds.
    async fn beat(&mut self, ports: &ReplicatorPorts) {
        // What has moved until now is in what is held now: telling it as well would count it twice.
        let (happened, standings) =
            ports.outbox.weigh(|owner, user| ports.counters.standing(user, owner));
        for happened in happened {
            let _said_by_the_beat = self.sort(happened);
        }
        if let Some(pending) = &mut self.pending {
            pending.moved.clear();
        }
        match ports.shared.beat(&standings).await {
            Ok(pulse) => {
                ports.outbox.is_common(pulse.nodes);
                self.forget_idle(ports, &standings);
            }
            Err(_) => ports.outbox.is_away(),
        }
    }

    /// Forgets of whom nothing was held at two beats.
    fn forget_idle(&mut self, ports: &ReplicatorPorts, standings: &[Standing]) {
        let idle = standings.iter().filter(|standing| standing.is_idle());
        let idle: Vec<Dimension> = idle.map(|standing| standing.dimension.clone()).collect();
        let gone: Vec<Dimension> =
            idle.iter().filter(|owner| self.idle.contains(owner)).cloned().collect();
        ports.outbox.forget_held(&gone);
        self.idle = idle;
    }
}

fn take<T>(waiting: &mut VecDeque<T>, most: usize) -> Vec<T> {
    let count = waiting.len().min(most);
    waiting.drain(..count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::UserId;
    use crate::domain::instant::Micros;
    use crate::domain::money::Nano;

    const ANNA: UserId = UserId(1);

    fn charge(nanos: i64) -> Charge {
        let owners = vec![Dimension::User(ANNA)];
        let (at, cost) = (Micros(0), Nano(nanos));
        Charge { request: None, user: Some(ANNA), owners, at, cost, tokens: 0 }
    }

    fn reset(at: i64) -> Reset {
        Reset { owner: Dimension::User(ANNA), user: ANNA, at: Micros(at) }
    }

    #[test]
    fn a_batch_ends_with_the_reset_behind_its_charges() {
        let mut sender = Sender::default();
        let happened = [
            Happened::Charged(charge(1)),
            Happened::Reset(reset(1)),
            Happened::Reset(reset(2)),
            Happened::Charged(charge(2)),
            Happened::Charged(charge(3)),
            Happened::Reset(reset(3)),
            Happened::Charged(charge(4)),
        ];
        for one in happened {
            assert_eq!(sender.sort(one), None);
        }
        assert_eq!(sender.spent(), (vec![charge(1)], vec![reset(1), reset(2)]));
        assert_eq!(sender.spent(), (vec![charge(2), charge(3)], vec![reset(3)]));
        assert_eq!(sender.spent(), (vec![charge(4)], vec![]));
        assert_eq!(sender.spent(), (vec![], vec![]));
    }

    #[test]
    fn a_reset_waits_for_charges_that_fill_more_than_a_batch() {
        let mut sender = Sender::default();
        for _ in 0..=MOST {
            sender.sort(Happened::Charged(charge(1)));
        }
        sender.sort(Happened::Reset(reset(1)));
        let (first, none) = sender.spent();
        assert_eq!((first.len(), none), (MOST, vec![]));
        assert_eq!(sender.spent(), (vec![charge(1)], vec![reset(1)]));
    }
}
