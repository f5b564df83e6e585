//! What a chart shows: lines over the buckets of a range. A bucket of which nothing can be known,
//! since it is still to come or lies before the first request ever, has no value at all.

use std::cmp::Reverse;

use switchyard_actors::domain::ids::UserId;
use switchyard_actors::domain::instant::Micros;

use super::percentile::Histogram;
use super::range::{Grid, Range};
use crate::app::{AppContext, AppError};
use crate::store::{Measure, PARTS, Part, Span, SplitBy, Sums};

/// What is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Metric {
    /// Requests: served and failed.
    #[default]
    Requests,
    /// Money in nano-dollars.
    Spend,
    /// Tokens by kind.
    Tokens,
    /// Milliseconds to the first content.
    Latency,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Requests, Self::Spend, Self::Tokens, Self::Latency];

    /// Returns the name in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Spend => "spend",
            Self::Tokens => "tokens",
            Self::Latency => "latency",
        }
    }

    /// Finds a metric by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }
}

/// What a line stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Requests that were answered.
    Served,
    /// Requests that were refused, or at fault themselves.
    Refused,
    /// Requests that failed by a fault of a provider or of ours.
    Failed,
    /// All money.
    Spend,
    /// Tokens read.
    Input,
    /// Tokens written.
    Output,
    /// Tokens written to the cache.
    CacheWrite,
    /// Tokens read from the cache.
    CacheRead,
    /// What half of the requests took at most.
    P50,
    /// What nineteen of twenty requests took at most.
    P95,
    /// A provider, user or model: its id or model, and its name if it has one.
    Part(String, Option<String>),
    /// All that are not told apart.
    Others,
}

/// What a chart is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The span.
    pub range: Range,
    /// What is shown.
    pub metric: Metric,
    /// By whom it is split; tokens and latency are not.
    pub by: Option<SplitBy>,
}

/// What a chart shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The buckets.
    pub grid: Grid,
    /// The lines.
    pub lines: Vec<Line>,
    /// Each bucket's values, one a line; `None` where nothing is known.
    pub values: Vec<Vec<Option<i64>>>,
}

/// Reads what a chart shows, of one user or of everybody; `first` is the slot of the first request
/// ever.
pub(super) async fn series(
    app: &AppContext,
    user: Option<UserId>,
    asked: Asked,
    first: Option<Micros>,
) -> Result<Series, AppError> {
    let now = app.clock.now();
    let grid = asked.range.grid(&(app.zone)(), now);
    let span = Span { from: grid.start(), to: grid.end(), user };
    let mut series = match (asked.metric, asked.by) {
        (Metric::Latency, _) => latency(app, span, grid).await?,
        (Metric::Requests | Metric::Spend, Some(by)) => {
            parts(app, span, grid, asked.metric, by).await?
        }
        _ => plain(app, span, grid, asked.metric).await?,
    };
    series.forget_unknown(now, first);
    Ok(series)
}

impl Series {
    fn new(grid: Grid, lines: Vec<Line>, start: Option<i64>) -> Self {
        let values = vec![vec![start; lines.len()]; grid.len()];
        Self { grid, lines, values }
    }

    /// Makes gaps where a bucket has not begun, or ended before the first request ever.
    fn forget_unknown(&mut self, now: Micros, first: Option<Micros>) {
        for ((start, end), values) in self.grid.buckets().zip(&mut self.values) {
            if start > now || first.is_none_or(|first| end <= first) {
                values.fill(None);
            }
        }
    }

    fn add(&mut self, step: i64, line: usize, amount: i64) {
        let bucket = self.grid.bucket_of(step).and_then(|bucket| self.values.get_mut(bucket));
        if let Some(value) = bucket.and_then(|values| values.get_mut(line)) {
            *value = Some(value.unwrap_or(0).saturating_add(amount));
        }
    }
}

async fn plain(
    app: &AppContext,
    span: Span,
    grid: Grid,
    metric: Metric,
) -> Result<Series, AppError> {
    let lines = match metric {
        Metric::Spend => vec![Line::Spend],
        Metric::Tokens => vec![Line::Input, Line::Output, Line::CacheWrite, Line::CacheRead],
        Metric::Requests | Metric::Latency => vec![Line::Served, Line::Refused, Line::Failed],
    };
    let step = grid.step();
    let mut series = Series::new(grid, lines.clone(), Some(0));
    for (step, sums) in app.store.series(span, step).await? {
        for (place, line) in lines.iter().enumerate() {
            series.add(step, place, amount(&sums, line));
        }
    }
    Ok(series)
}

const fn amount(sums: &Sums, line: &Line) -> i64 {
    match line {
        Line::Served => sums.requests.saturating_sub(sums.errors),
        Line::Refused => sums.errors.saturating_sub(sums.faults),
        Line::Failed => sums.faults,
        Line::Spend => sums.cost.0,
        Line::Input => sums.input,
        Line::Output => sums.output,
        Line::CacheWrite => sums.cache_write,
        Line::CacheRead => sums.cache_read,
        _ => 0,
    }
}

async fn parts(
    app: &AppContext,
    span: Span,
    grid: Grid,
    metric: Metric,
    by: SplitBy,
) -> Result<Series, AppError> {
    let weight = |requests: i64, cost: i64| if metric == Metric::Spend { cost } else { requests };
    let mut all = app.store.parts(span, by).await?;
    all.retain(|part| weight(part.requests, part.cost.0) > 0);
    all.sort_by_key(|part| Reverse(weight(part.requests, part.cost.0)));
    let more = all.len() > PARTS;
    all.truncate(PARTS);
    let mut lines: Vec<Line> = all.iter().map(line_of).collect();
    lines.extend(more.then_some(Line::Others));
    let step = grid.step();
    let mut series = Series::new(grid, lines, Some(0));
    let apart: Vec<&str> = all.iter().map(|part| part.part.as_str()).collect();
    for found in app.store.series_of_parts(span, step, by, &apart).await? {
        let place = apart.iter().position(|part| found.part.as_deref() == Some(part));
        series.add(found.step, place.unwrap_or(PARTS), weight(found.requests, found.cost.0));
    }
    Ok(series)
}

fn line_of(part: &Part) -> Line {
    Line::Part(part.part.clone(), part.name.clone())
}

async fn latency(app: &AppContext, span: Span, grid: Grid) -> Result<Series, AppError> {
    let mut histograms = vec![Histogram::default(); grid.len()];
    for found in app.store.latency_series(span, grid.step(), Measure::FirstContent).await? {
        let bucket = grid.bucket_of(found.step).and_then(|bucket| histograms.get_mut(bucket));
        if let Some(histogram) = bucket {
            histogram.add(&found);
        }
    }
    let mut series = Series::new(grid, vec![Line::P50, Line::P95], None);
    for (values, histogram) in series.values.iter_mut().zip(&histograms) {
        if let Some(found) = histogram.percentiles() {
            *values = vec![Some(found.p50), Some(found.p95)];
        }
    }
    Ok(series)
}
