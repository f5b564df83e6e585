//! What goes out: batches of what has happened, and beats that say absolutely what is held. One
//! after the other, so that a beat never says less than what a batch behind it gives back. A node that
//! goes says so behind its last batch.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, sleep_until};

use super::actor::ReplicatorPorts;
use super::breakers;
use super::windows::Windows;
use crate::domain::breaker;
use crate::domain::check::Dimension;
use crate::domain::flying::Weighing;
use crate::domain::sharing::{Batch, Charge, Happened, Progress, Pulse, Windowed};

/// Between two beats.
const BEAT_EVERY: Duration = Duration::from_secs(2);
/// Between two looks whether the common counter is back.
const PROBE_EVERY: Duration = Duration::from_millis(500);
/// Between two batches: what happens meanwhile goes into one.
const GATHER: Duration = Duration::from_millis(2);
/// How long a node that is back waits for the others to tell what they have spent meanwhile.
const OTHERS_TELL: Duration = Duration::from_secs(5);
/// As much is told at once.
const MOST: usize = 256;

/// What was taken out of the outbox and is not told yet.
#[derive(Default)]
struct Sender {
    number: u64,
    /// Told, and perhaps booked: it is told again, with its number, until an answer comes.
    pending: Option<Batch>,
    broke: Vec<breaker::Standing>,
    /// Of whom nothing was held at the last beat.
    idle: Vec<Dimension>,
    /// A beat was answered before.
    was_there: bool,
    /// When the common counter was found again, while it is not asked yet.
    back: Option<Instant>,
    /// So many things had happened then; at the last beat when it is asked.
    due: u64,
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
                next = Instant::now() + if answers(&ports) { BEAT_EVERY } else { PROBE_EVERY };
            }
            () = bell.notified() => {}
            _ = stages.changed() => {}
        }
        // However much there is to tell, the beat is in time: without it others take this node for gone.
        // A node that goes tells all of it: nobody waits for its beats any more.
        let goes = *stages.borrow() == Stage::Leaving;
        while (goes || Instant::now() < next)
            && ports.shared.is_there()
            && sender.publish(&ports).await
        {
            sleep(GATHER).await;
        }
        sender.publish_breakers(&ports).await;
        if *stages.borrow() == Stage::Leaving {
            leave(&ports).await;
            stage.send_replace(Stage::Left);
            return;
        }
        if !answers(&ports) {
            next = next.min(Instant::now() + PROBE_EVERY);
        }
    }
}

/// Tells whether the common counter is there and asked.
fn answers(ports: &ReplicatorPorts) -> bool {
    ports.shared.is_there() && ports.outbox.answers()
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
        let (moved, happened) = ports.outbox.take(MOST);
        let (mut charged, mut bound, mut reset) = (Vec::new(), Vec::new(), Vec::new());
        for one in happened {
            match one {
                Happened::Charged(charge) => charged.push(self.windowed(ports, charge)),
                Happened::Bound(binding) => bound.push(binding),
                Happened::Broke(standing) => self.broke.push(standing),
                Happened::Reset(one) => reset.push(one),
            }
        }
        if moved.is_empty() && charged.is_empty() && bound.is_empty() && reset.is_empty() {
            return None;
        }
        self.number += 1;
        Some(Batch { number: self.number, moved, charged, bound, reset })
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

    /// Says that this node lives and what it holds. That has what has moved until now in it: telling it
    /// again would count it twice, but where the beat has skipped somebody. A beat without an answer
    /// may have been heard: the next one says everything again.
    async fn beat(&mut self, ports: &ReplicatorPorts) {
        let progress = self.progress(ports);
        let weighing = ports.counters.weigh();
        let mut skipped = Vec::new();
        match ports.shared.beat(&weighing, progress).await {
            Ok(pulse) => {
                self.is_there(ports, progress, &pulse);
                self.forget_idle(ports, &weighing);
                skipped = pulse.skipped;
            }
            Err(_) => self.is_away(ports),
        }
        ports.outbox.said(&skipped);
        // A batch that may have been booked keeps its number: what it moves counts once.
        if let Some(pending) = &mut self.pending {
            let moved = std::mem::take(&mut pending.moved).into_iter();
            pending.moved = moved.flat_map(|one| one.beside_beat(&skipped)).collect();
        }
    }

    /// Returns how far this node is. What had happened before the common counter was found is to be told
    /// before it is asked; while it is away, everything.
    fn progress(&mut self, ports: &ReplicatorPorts) -> Progress {
        if self.was_there && !ports.shared.is_there() {
            self.is_away(ports);
        }
        if self.back.is_none() && !ports.outbox.answers() {
            self.due = ports.outbox.added();
        }
        let since = self.back.map_or(Duration::ZERO, |back| back.elapsed());
        Progress { told: ports.outbox.has_told(self.due), since }
    }

    /// The common counter is there. When it was away, limits stay divided until it has what was spent
    /// meanwhile: here, however long that takes; elsewhere, for some seconds, since others may be gone.
    fn is_there(&mut self, ports: &ReplicatorPorts, progress: Progress, pulse: &Pulse) {
        self.was_there = true;
        let happened = ports.outbox.added();
        if !ports.outbox.answers() {
            ports.outbox.is_back(pulse.nodes);
            let late = progress.since >= OTHERS_TELL;
            if !progress.told || (pulse.told < ports.outbox.nodes() && !late) {
                if self.back.is_none() {
                    (self.back, self.due) = (Some(Instant::now()), happened);
                }
                return;
            }
        }
        (self.back, self.due) = (None, happened);
        ports.outbox.is_common(pulse.nodes);
    }

    fn is_away(&mut self, ports: &ReplicatorPorts) {
        self.back = None;
        ports.outbox.is_away();
    }

    /// Forgets of whom nothing was held at two beats.
    fn forget_idle(&mut self, ports: &ReplicatorPorts, weighing: &Weighing) {
        let idle = weighing.idle();
        let gone: Vec<Dimension> =
            idle.iter().filter(|owner| self.idle.contains(owner)).cloned().collect();
        ports.outbox.forget_held(&gone);
        self.idle = idle;
    }
}
