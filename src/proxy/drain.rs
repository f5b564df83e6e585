//! Reads on for clients that left, within bounds, so that the usage of what the vendor bills is
//! known (D6); and waits a moment for the polite end of answers that are through.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use prometheus::IntGauge;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::config::DrainConfig;
use super::inbound::Inbound;
use super::live::{Live, TAIL};
use crate::metrics::in_use::InUse;
use crate::process::{Activity, Running};

/// Polite ends that are waited for at once on a worker.
const TAILS: usize = 64;

/// A worker's drainer: a queue, and one task that empties it.
#[derive(Clone)]
pub struct Drainer(Rc<Queue>);

struct Queue {
    config: DrainConfig,
    activity: Activity,
    waiting: RefCell<Vec<Job>>,
    draining: Places,
    tails: Places,
    closed: Cell<bool>,
    wake: Notify,
}

/// Places that are taken on this worker, shown together with those of the others.
struct Places {
    taken: Cell<usize>,
    shown: IntGauge,
}

impl Places {
    fn new(shown: &IntGauge) -> Self {
        Self { taken: Cell::new(0), shown: shown.clone() }
    }

    fn take(&self) {
        self.taken.set(self.taken.get() + 1);
        self.shown.inc();
    }

    fn give_back(&self) {
        self.taken.set(self.taken.get() - 1);
        self.shown.dec();
    }
}

/// Closes the queue when its worker ends.
struct Closing(Drainer);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

enum Job {
    /// It counts as a running answer, so that a stop waits for its row.
    Drain(Box<Live>, Running),
    Tail(Box<Live>),
    /// An answer that was read to the end of its protocol, for a client that wants it whole.
    Goodbye(Box<Inbound>),
}

impl Drainer {
    /// Makes a drainer; [`Drainer::run`] must be spawned once on the same worker.
    #[must_use]
    pub fn new(config: DrainConfig, activity: Activity, gauges: &InUse) -> Self {
        Self(Rc::new(Queue {
            config,
            activity,
            waiting: RefCell::default(),
            draining: Places::new(&gauges.draining),
            tails: Places::new(&gauges.tails),
            closed: Cell::new(false),
            wake: Notify::new(),
        }))
    }

    /// Takes over an answer whose client's connection is gone or has all it needs. Never waits.
    pub fn take_over(&self, mut live: Box<Live>) {
        let queue = &self.0;
        if live.is_settled() {
            if live.has_tail() && queue.tails.taken.get() < TAILS {
                queue.tails.take();
                self.push(Job::Tail(live));
            }
            return;
        }
        live.note_who_ended();
        if let Some(reservation) = &mut live.flight.reservation {
            reservation.release_seat();
        }
        if !queue.config.enabled || queue.closed.get() || !live.drains() {
            live.client_left(None);
        } else if queue.draining.taken.get() >= queue.config.places {
            live.client_left(Some("drain: no place"));
        } else {
            queue.draining.take();
            self.push(Job::Drain(live, queue.activity.begin()));
        }
    }

    /// Takes an answer of which nothing more is wanted, and reads it to its polite end for a moment, so
    /// that its connection can be used again. Never waits.
    pub fn say_goodbye(&self, inbound: Box<Inbound>) {
        let queue = &self.0;
        if !inbound.has_ended() && !queue.closed.get() && queue.tails.taken.get() < TAILS {
            queue.tails.take();
            self.push(Job::Goodbye(inbound));
        }
    }

    /// Returns how many answers are being drained.
    #[must_use]
    pub fn draining(&self) -> usize {
        self.0.draining.taken.get()
    }

    /// Stops taking over: what waits ends with what is known, and from now on a client that leaves
    /// ends its request at once.
    fn close(&self) {
        self.0.closed.set(true);
        // Dropped outside the borrow: an answer's end may look at the queue.
        let waiting = self.0.waiting.take();
        drop(waiting);
    }

    fn push(&self, job: Job) {
        self.0.waiting.borrow_mut().push(job);
        self.0.wake.notify_one();
    }

    /// Works until the worker ends; then nothing is left waiting.
    pub async fn run(self) {
        let _closing = Closing(self.clone());
        let mut jobs = FuturesUnordered::new();
        loop {
            for job in self.0.waiting.take() {
                jobs.push(self.work(job));
            }
            tokio::select! {
                () = self.0.wake.notified() => {}
                Some(()) = jobs.next(), if !jobs.is_empty() => {}
            }
        }
    }

    async fn work(&self, job: Job) {
        match job {
            Job::Tail(mut live) => {
                // A second without an end: the connection is closed instead of used again.
                let _in_time = timeout(TAIL, poll_fn(|cx| live.poll_tail(cx))).await;
                self.0.tails.give_back();
            }
            Job::Goodbye(mut inbound) => {
                let _in_time = timeout(TAIL, poll_fn(|cx| inbound.poll_end(cx))).await;
                self.0.tails.give_back();
            }
            Job::Drain(mut live, _running) => {
                let note = self.drain(&mut live).await;
                live.client_left(note);
                self.0.draining.give_back();
            }
        }
    }

    async fn drain(&self, live: &mut Live) -> Option<&'static str> {
        let mut left = self.0.config.bytes;
        let read = async {
            while let Some(bytes) = poll_fn(|cx| live.poll_drain(cx)).await {
                left = left.saturating_sub(bytes);
                if left == 0 {
                    return Some("drain: byte limit");
                }
            }
            None
        };
        timeout(self.0.config.time, read).await.unwrap_or(Some("drain: time limit"))
    }
}
