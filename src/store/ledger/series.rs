//! Figures over time for charts: sums by step of a span, split by who took part, and latencies.
//!
//! Sums come from roll-ups where those are up to date and from rows where they are not, so a chart
//! adds up to the rows behind it at any moment. A step is a whole number of roll-up slots.

use std::time::Duration;

use switchyard_actors::domain::ids::{ProviderId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::money::Nano;

use super::slots::{SLOT, first_id, slot_at};
use crate::params;
use crate::store::error::StoreError;
use crate::store::sql::Store;
use crate::store::value::{Row, Value};

/// How many participants are told apart; all others are one.
pub const PARTS: usize = 5;

/// A span of time and whose requests of it are meant. Its borders are taken down to slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first instant.
    pub from: Micros,
    /// The first instant behind it.
    pub to: Micros,
    /// One user's; everybody's when `None`.
    pub user: Option<UserId>,
}

/// What requests add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// How many there are.
    pub requests: i64,
    /// Those with a status of 400 or more.
    pub errors: i64,
    /// Those of them that failed by a fault of a provider or of ours.
    pub faults: i64,
    /// Those whose usage is unknown.
    pub unmetered: i64,
    /// Those whose price is unknown.
    pub unpriced: i64,
    /// Their cost.
    pub cost: Nano,
    /// Tokens read, without those of the cache.
    pub input: i64,
    /// Tokens written.
    pub output: i64,
    /// Tokens written to the cache.
    pub cache_write: i64,
    /// Tokens read from the cache.
    pub cache_read: i64,
}

impl Sums {
    /// Adds other sums to these.
    pub const fn add(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.errors = self.errors.saturating_add(other.errors);
        self.faults = self.faults.saturating_add(other.faults);
        self.unmetered = self.unmetered.saturating_add(other.unmetered);
        self.unpriced = self.unpriced.saturating_add(other.unpriced);
        self.cost = self.cost.plus(other.cost);
        self.input = self.input.saturating_add(other.input);
        self.output = self.output.saturating_add(other.output);
        self.cache_write = self.cache_write.saturating_add(other.cache_write);
        self.cache_read = self.cache_read.saturating_add(other.cache_read);
    }

    /// Returns all tokens.
    #[must_use]
    pub const fn tokens(&self) -> i64 {
        let cached = self.cache_write.saturating_add(self.cache_read);
        self.input.saturating_add(self.output).saturating_add(cached)
    }

    fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            requests: row.int("requests")?,
            errors: row.int("errors")?,
            faults: row.int("faults")?,
            unmetered: row.int("unmetered")?,
            unpriced: row.int("unpriced")?,
            cost: row.money("cost")?,
            input: row.int("input_tokens")?,
            output: row.int("output_tokens")?,
            cache_write: row.int("cache_write_tokens")?,
            cache_read: row.int("cache_read_tokens")?,
        })
    }
}

/// By whom or what sums are split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SplitBy {
    /// By who served, or failed last.
    Provider,
    /// By who asked.
    User,
    /// By what was asked for.
    Model,
}

impl SplitBy {
    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::User => "user",
            Self::Model => "model",
        }
    }
}

/// What one participant's requests add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The id as text, or the model; `0` and an empty model mean none.
    pub part: String,
    /// The name of a provider or user, also of one that was deleted.
    pub name: Option<String>,
    /// How many requests there are.
    pub requests: i64,
    /// Those with a status of 400 or more.
    pub errors: i64,
    /// Their cost.
    pub cost: Nano,
    /// Their tokens.
    pub tokens: i64,
}

/// What one participant's requests of one step add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartStep {
    /// The step, from 0.
    pub step: i64,
    /// The participant; `None` for all that were not told apart.
    pub part: Option<String>,
    /// How many requests there are.
    pub requests: i64,
    /// Their cost.
    pub cost: Nano,
    /// Their tokens.
    pub tokens: i64,
}

/// What is measured of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// From its arrival to the first content.
    FirstContent,
    /// From its arrival to its end.
    Duration,
}

impl Measure {
    const fn name(self) -> &'static str {
        match self {
            Self::FirstContent => "first_content",
            Self::Duration => "duration",
        }
    }
}

/// One bucket of the latency histogram of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepLatency {
    /// The step, from 0.
    pub step: i64,
    /// The bucket; see [`super::bucket_ceiling`].
    pub bucket: i64,
    /// Requests in it.
    pub requests: i64,
}

/// What a provider answered in one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotHealth {
    /// The provider.
    pub provider: ProviderId,
    /// The slot's start.
    pub slot: Micros,
    /// Requests that it answered, or failed last.
    pub requests: i64,
    /// Those that failed by no fault of their clients.
    pub faults: i64,
}

impl Store {
    /// Adds up a span by step; steps without requests are left out.
    pub async fn series(&self, span: Span, step: Duration) -> Result<Vec<(i64, Sums)>, StoreError> {
        let (from, to) = (slot_at(span.from), slot_at(span.to));
        let params = params![from, to, micros(step), span.user];
        let rows = self.query("stats/series", params).await?;
        rows.iter().map(|row| Ok((row.int("step")?, Sums::of(row)?))).collect()
    }

    /// Adds up a span whose end need not be a slot's border.
    pub async fn sums(&self, span: Span) -> Result<Sums, StoreError> {
        let full = slot_at(span.to);
        let mut sums = Sums::default();
        for (_, step) in self.series(span, Duration::from_hours(24 * 365)).await? {
            sums.add(&step);
        }
        if full < span.to {
            let params = params![first_id(full.max(span.from)), first_id(span.to), span.user];
            sums.add(&Sums::of(&self.query_one("stats/series_of_rows", params).await?)?);
        }
        Ok(sums)
    }

    /// Adds up a span by participant.
    pub async fn parts(&self, span: Span, by: SplitBy) -> Result<Vec<Part>, StoreError> {
        let params = params![slot_at(span.from), slot_at(span.to), span.user, by.name()];
        let rows = self.query("stats/parts", params).await?;
        rows.iter()
            .map(|row| {
                Ok(Part {
                    part: row.text("part")?.to_owned(),
                    name: row.opt_text("name")?.map(str::to_owned),
                    requests: row.int("requests")?,
                    errors: row.int("errors")?,
                    cost: row.money("cost")?,
                    tokens: row.int("tokens")?,
                })
            })
            .collect()
    }

    /// Adds up a span by step and by the first [`PARTS`] of the participants that are named.
    pub async fn series_of_parts(
        &self,
        span: Span,
        step: Duration,
        by: SplitBy,
        apart: &[&str],
    ) -> Result<Vec<PartStep>, StoreError> {
        let (from, to) = (slot_at(span.from), slot_at(span.to));
        let mut params = params![from, to, micros(step), span.user, by.name()];
        params.extend((0..PARTS).map(|place| Value::from(apart.get(place).copied())));
        let rows = self.query("stats/series_of_parts", params).await?;
        rows.iter()
            .map(|row| {
                Ok(PartStep {
                    step: row.int("step")?,
                    part: row.opt_text("part")?.map(str::to_owned),
                    requests: row.int("requests")?,
                    cost: row.money("cost")?,
                    tokens: row.int("tokens")?,
                })
            })
            .collect()
    }

    /// Returns the latency histograms of a span by step. Of one user they come from rows alone:
    /// meant for a day, not for months.
    pub async fn latency_series(
        &self,
        span: Span,
        step: Duration,
        measure: Measure,
    ) -> Result<Vec<StepLatency>, StoreError> {
        let (from, to, step) = (slot_at(span.from), slot_at(span.to), micros(step));
        let rows = if let Some(user) = span.user {
            let params = params![from, first_id(from), first_id(to), step, measure.name(), user];
            self.query("stats/latencies_of_user", params).await?
        } else {
            self.query("stats/latencies", params![from, to, step, measure.name()]).await?
        };
        let read = |row: &Row| {
            let (bucket, requests) = (row.int("bucket")?, row.int("requests")?);
            Ok(StepLatency { step: row.int("step")?, bucket, requests })
        };
        rows.iter().map(read).collect()
    }

    /// Returns what providers answered in each slot between two instants.
    pub async fn health_by_slot(
        &self,
        from: Micros,
        to: Micros,
    ) -> Result<Vec<SlotHealth>, StoreError> {
        let rows = self.query("stats/strip", params![slot_at(from), slot_at(to)]).await?;
        rows.iter()
            .map(|row| {
                Ok(SlotHealth {
                    provider: ProviderId(row.int("provider_id")?),
                    slot: row.instant("slot")?,
                    requests: row.int("requests")?,
                    faults: row.int("faults")?,
                })
            })
            .collect()
    }
}

/// A step is a whole number of slots, one at least.
fn micros(step: Duration) -> i64 {
    let slots = (step.as_secs() / SLOT.as_secs()).max(1);
    i64::try_from(slots.saturating_mul(SLOT.as_secs())).unwrap_or(i64::MAX / 1_000_000) * 1_000_000
}
