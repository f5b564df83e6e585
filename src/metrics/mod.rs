//! The figures of `/metrics`. Counters a request touches are found by index, without hashing a
//! label; gauges that others own are set by them or read when somebody looks.

use std::time::Duration;

use prometheus::{
    Encoder as _, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::outcome::{RowOutcome, TryOutcome};

use crate::upstream::proxy::ProxyCause;

pub mod in_use;
mod process;
pub mod side;
#[cfg(test)]
mod tests;

/// The figures cannot be set up; a name is used twice.
#[derive(Debug, thiserror::Error)]
#[error("the metrics cannot be set up: {0}")]
pub struct MetricsError(#[from] prometheus::Error);

/// Why a request was turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shed {
    /// Too many requests run.
    InFlight,
    /// Bodies take all the memory they may.
    Bytes,
    /// The journal cannot take records.
    Journal,
    /// As much of one user's waits to be looked through for patterns as may.
    Patterns,
}

/// What a circuit breaker is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Requests pass.
    Closed,
    /// No request passes.
    Open,
    /// A probe may pass.
    HalfOpen,
}

const OUTCOMES: [RowOutcome; 9] = [
    RowOutcome::Success,
    RowOutcome::ClientError,
    RowOutcome::Refused,
    RowOutcome::NoProvider,
    RowOutcome::UpstreamError,
    RowOutcome::Truncated,
    RowOutcome::ClientGone,
    RowOutcome::Interrupted,
    RowOutcome::Internal,
];

const TRIES: [(TryOutcome, &str); 9] = [
    (TryOutcome::Success, "success"),
    (TryOutcome::ProviderFault, "provider_fault"),
    (TryOutcome::TransportFault, "transport_fault"),
    (TryOutcome::Overloaded, "overloaded"),
    (TryOutcome::NotFound, "not_found"),
    (TryOutcome::ClientFault, "client_fault"),
    (TryOutcome::ClientGone, "client_gone"),
    (TryOutcome::CutShort, "cut_short"),
    (TryOutcome::NotSent, "not_sent"),
];

const SHED: [(Shed, &str); 4] = [
    (Shed::InFlight, "in_flight"),
    (Shed::Bytes, "bytes"),
    (Shed::Journal, "journal"),
    (Shed::Patterns, "patterns"),
];

const BREAKERS: [(BreakerState, &str); 3] = [
    (BreakerState::Closed, "closed"),
    (BreakerState::Open, "open"),
    (BreakerState::HalfOpen, "half_open"),
];

const FIRST_BYTE_SECONDS: [f64; 12] =
    [0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0];
const DURATION_SECONDS: [f64; 10] = [0.1, 0.5, 1.0, 2.5, 5.0, 15.0, 30.0, 60.0, 180.0, 600.0];
const JOURNAL_SECONDS: [f64; 9] =
    [0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_5, 0.001, 0.01, 0.1, 1.0];

/// One counter an outcome, for each dialect.
type ByDialect = Vec<(Dialect, Vec<(RowOutcome, IntCounter)>)>;

/// Every figure. Share it as an `Arc`.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: ByDialect,
    attempts: Vec<(TryOutcome, IntCounter)>,
    shed: Vec<(Shed, IntCounter)>,
    breakers: Vec<(BreakerState, IntGauge)>,
    first_byte: Histogram,
    duration: Histogram,
    journal_append: Histogram,
    proxy_failures: Vec<(&'static str, IntCounter)>,
    proxies: IntGaugeVec,
    process: process::Process,
    /// Side requests that were answered here.
    pub sides: side::Sides,
    /// What running requests have taken.
    pub in_use: in_use::InUse,
    /// Requests whose answer has not ended; set when somebody looks.
    pub in_flight: IntGauge,
    /// Sockets of clients that are open.
    pub sockets: IntGauge,
    /// Bytes of request bodies in memory.
    pub body_bytes: IntGauge,
    /// Records the recorder has not written to the database.
    pub recorder_queue: IntGauge,
    /// Rows that the database refuses, each alone.
    pub refused_rows: IntGauge,
    /// Bytes of the journal on the disk.
    pub journal_bytes: IntGauge,
    /// Money held for running requests.
    pub held_nanodollars: IntGauge,
    /// What requests cost beyond their estimates, summed.
    pub overshoot_nanodollars: IntCounter,
    /// Answered requests whose usage is unknown.
    pub unmetered_rows: IntCounter,
    /// Metered requests whose model has no price.
    pub unpriced_rows: IntCounter,
    /// Requests that went around a proxy that failed, as their provider's settings allow.
    pub proxy_fallbacks: IntCounter,
    /// Streams of the console that are open.
    pub live_followers: IntGauge,
    /// Panics since the start; set when somebody looks.
    pub panics: IntGauge,
    /// Nodes that share the database without sharing Redis, when more than one.
    pub unshared_nodes: IntGauge,
    /// 1 when the Redis that nodes share answers; 0 without one.
    pub redis_up: IntGauge,
    /// Nodes that share it, this one among them, as last known; set when somebody looks.
    pub redis_nodes: IntGauge,
    /// 1 when the process is ready for requests.
    pub ready: IntGauge,
}

impl Metrics {
    /// Sets the figures up.
    ///
    /// # Errors
    /// A name is used twice.
    pub fn new() -> Result<Self, MetricsError> {
        let own = Making(Registry::new());
        Ok(Self {
            requests: own.requests()?,
            attempts: own.counters("attempts_total", "Tries at providers by outcome.", &TRIES)?,
            shed: own.shed()?,
            breakers: own.gauges("breakers", "Circuit breakers by state.", &BREAKERS)?,
            first_byte: own.histogram(
                "first_byte_seconds",
                "From a request's arrival to its answer's first byte.",
                &FIRST_BYTE_SECONDS,
            )?,
            duration: own.histogram(
                "request_seconds",
                "From a request's arrival to its end.",
                &DURATION_SECONDS,
            )?,
            journal_append: own.histogram(
                "journal_append_seconds",
                "One append to the journal.",
                &JOURNAL_SECONDS,
            )?,
            proxy_failures: own.counters(
                "proxy_failures_total",
                "Requests that a provider's proxy did not let through, by cause.",
                &ProxyCause::LABELS.map(|label| (label, label)),
            )?,
            proxy_fallbacks: own.counter(
                "proxy_fallbacks_total",
                "Requests that went around a failed proxy, as their provider allows.",
            )?,
            proxies: own.proxies()?,
            process: process::Process::new(&own.0)?,
            sides: side::Sides::new(&own.0)?,
            in_use: in_use::InUse::new(&own.0)?,
            in_flight: own.gauge("requests_in_flight", "Other requests that have not ended.")?,
            sockets: own.gauge("sockets", "WebSockets of clients that are open.")?,
            body_bytes: own.gauge("body_bytes", "Bytes of request bodies in memory.")?,
            recorder_queue: own.gauge("recorder_queue", "Records not yet in the database.")?,
            refused_rows: own.gauge(
                "ledger_refused_rows",
                "Records that the database refuses; they are tried again.",
            )?,
            journal_bytes: own.gauge("journal_bytes", "Bytes of the journal on the disk.")?,
            held_nanodollars: own.gauge("held_nanodollars", "Money held for running requests.")?,
            overshoot_nanodollars: own.counter(
                "estimate_overshoot_nanodollars_total",
                "What requests cost beyond their estimates.",
            )?,
            unmetered_rows: own.counter("unmetered_rows_total", "Answers of unknown usage.")?,
            unpriced_rows: own.counter("unpriced_rows_total", "Answers without a price.")?,
            live_followers: own.gauge("live_followers", "Open live streams of the console.")?,
            panics: own.gauge("panics", "Panics since the start.")?,
            unshared_nodes: own
                .gauge("unshared_nodes", "Nodes on one database without a common Redis.")?,
            redis_up: own.gauge("redis_up", "1 when the Redis that nodes share answers.")?,
            redis_nodes: own.gauge("redis_nodes", "Nodes that share Redis, as last known.")?,
            ready: own.gauge("ready", "1 when the process is ready for requests.")?,
            registry: own.0,
        })
    }

    /// Counts a request that ended. `first_byte` is `None` when nothing was sent.
    pub fn request_ended(
        &self,
        dialect: Dialect,
        outcome: RowOutcome,
        whole: Duration,
        first_byte: Option<Duration>,
    ) {
        let row = self.requests.iter().find(|(known, _)| *known == dialect);
        if let Some(counter) = row.and_then(|(_, row)| found(row, outcome)) {
            counter.inc();
        }
        self.duration.observe(whole.as_secs_f64());
        if let Some(first_byte) = first_byte {
            self.first_byte.observe(first_byte.as_secs_f64());
        }
    }

    /// Counts a try at a provider.
    pub fn attempt_ended(&self, outcome: TryOutcome) {
        if let Some(counter) = found(&self.attempts, outcome) {
            counter.inc();
        }
    }

    /// Counts a request turned away at the door.
    pub fn shed(&self, why: Shed) {
        if let Some(counter) = found(&self.shed, why) {
            counter.inc();
        }
    }

    /// Counts a request that a proxy did not let through, by a label of [`ProxyCause`].
    pub fn proxy_failed(&self, label: &'static str) {
        if let Some(counter) = found(&self.proxy_failures, label) {
            counter.inc();
        }
    }

    /// Sets whether the proxies of providers did well when they were last used.
    pub fn set_proxies(&self, did: impl Iterator<Item = (ProviderId, bool)>) {
        self.proxies.reset();
        for (provider, well) in did {
            let gauge = self.proxies.with_label_values(&[provider.to_string().as_str()]);
            gauge.set(i64::from(well));
        }
    }

    /// Notes one append to the journal.
    pub fn journal_appended(&self, took: Duration) {
        self.journal_append.observe(took.as_secs_f64());
    }

    /// Sets how many breakers are in a state.
    pub fn set_breakers(&self, state: BreakerState, count: usize) {
        if let Some(gauge) = found(&self.breakers, state) {
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }

    /// Writes every figure in the text format of Prometheus.
    ///
    /// # Errors
    /// A figure cannot be written.
    pub fn render(&self) -> Result<String, MetricsError> {
        self.process.refresh();
        let mut text = Vec::with_capacity(16 * 1024);
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

/// Finds by comparing: the lists are shorter than a hash is quick.
fn found<K: Copy + PartialEq, V>(list: &[(K, V)], key: K) -> Option<&V> {
    list.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
}

/// Makes figures, each under our prefix and registered at once.
struct Making(Registry);

fn named(name: &str) -> String {
    format!("switchyard_{name}")
}

impl Making {
    fn counter(&self, name: &str, help: &str) -> prometheus::Result<IntCounter> {
        let counter = IntCounter::new(named(name), help)?;
        self.0.register(Box::new(counter.clone()))?;
        Ok(counter)
    }

    fn gauge(&self, name: &str, help: &str) -> prometheus::Result<IntGauge> {
        let gauge = IntGauge::new(named(name), help)?;
        self.0.register(Box::new(gauge.clone()))?;
        Ok(gauge)
    }

    fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> prometheus::Result<Histogram> {
        let options = HistogramOpts::new(named(name), help).buckets(buckets.to_vec());
        let histogram = Histogram::with_opts(options)?;
        self.0.register(Box::new(histogram.clone()))?;
        Ok(histogram)
    }

    fn counters<K: Copy>(
        &self,
        name: &str,
        help: &str,
        labels: &[(K, &str)],
    ) -> prometheus::Result<Vec<(K, IntCounter)>> {
        let family = IntCounterVec::new(Opts::new(named(name), help), &["outcome"])?;
        self.0.register(Box::new(family.clone()))?;
        Ok(labels.iter().map(|(key, label)| (*key, family.with_label_values(&[label]))).collect())
    }

    fn gauges<K: Copy>(
        &self,
        name: &str,
        help: &str,
        labels: &[(K, &str)],
    ) -> prometheus::Result<Vec<(K, IntGauge)>> {
        let family = IntGaugeVec::new(Opts::new(named(name), help), &["state"])?;
        self.0.register(Box::new(family.clone()))?;
        Ok(labels.iter().map(|(key, label)| (*key, family.with_label_values(&[label]))).collect())
    }

    fn proxies(&self) -> prometheus::Result<IntGaugeVec> {
        let help = "1 when a provider's proxy did well when it was last used, else 0.";
        let family = IntGaugeVec::new(Opts::new(named("proxy_up"), help), &["provider"])?;
        self.0.register(Box::new(family.clone()))?;
        Ok(family)
    }

    fn shed(&self) -> prometheus::Result<Vec<(Shed, IntCounter)>> {
        self.counters(
            "shed_total",
            "Requests turned away, and tries and looks left undone, for want of room, by what is full.",
            &SHED,
        )
    }

    fn requests(&self) -> prometheus::Result<ByDialect> {
        let options = Opts::new(named("requests_total"), "Requests by dialect and outcome.");
        let family = IntCounterVec::new(options, &["dialect", "outcome"])?;
        self.0.register(Box::new(family.clone()))?;
        let row = |dialect: Dialect| {
            let counter =
                |outcome: RowOutcome| family.with_label_values(&[dialect.name(), outcome.name()]);
            OUTCOMES.map(|outcome| (outcome, counter(outcome))).to_vec()
        };
        Ok(Dialect::ALL.map(|dialect| (dialect, row(dialect))).to_vec())
    }
}
