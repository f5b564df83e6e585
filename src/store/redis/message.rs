//! What the scripts are given, as JSON, and how plain data becomes it.

use std::collections::BTreeMap;

use serde::Serialize;
use switchyard_actors::domain::check::{Check, Dimension, Span};
use switchyard_actors::domain::flying::{Flying, Weighing};
use switchyard_actors::domain::limits::LimitKind;
use switchyard_actors::domain::sharing::{Horizon, Progress, SharedAsk, WindowSums, is_kept};

use super::keys;

/// A node that was silent for so long is gone, and what it held with it.
pub const LIFE_MS: u64 = 15_000;
/// A meter that nobody asked for is forgotten after so long; it is told anew when it is needed.
pub const KEEP_MS: u64 = 40 * 24 * 3_600_000;

#[derive(Debug, Serialize)]
pub(super) struct Ask<'a> {
    number: u64,
    hold: i64,
    tokens: u64,
    strict: bool,
    session: &'a str,
    /// How many of the keys are its.
    meters: usize,
    checks: Vec<Limit>,
}

#[derive(Debug, Serialize)]
struct Limit {
    /// The place of the meter among its keys, from 1.
    m: usize,
    /// The kind.
    k: &'static str,
    /// The field of a calendar window.
    #[serde(skip_serializing_if = "String::is_empty")]
    f: String,
    /// The minutes of a rolling window.
    #[serde(skip_serializing_if = "is_zero")]
    i: u64,
    /// The limit.
    n: i64,
}

/// A question with the keys it touches and which check each of its limits was.
pub(super) struct Question<'a> {
    /// The meters, in the order of their places.
    pub meters: Vec<&'a Dimension>,
    /// The places of the limits among the checks.
    pub places: Vec<usize>,
    /// The JSON.
    pub ask: Ask<'a>,
}

/// Puts a question.
pub(super) fn question(ask: &SharedAsk) -> Question<'_> {
    let mut meters: Vec<&Dimension> = Vec::new();
    let (mut limits, mut places) = (Vec::new(), Vec::new());
    for (place, check) in ask.checks.iter().enumerate().filter(|(_, check)| is_kept(check)) {
        let known = meters.iter().position(|meter| **meter == check.dimension);
        let at = known.unwrap_or_else(|| {
            meters.push(&check.dimension);
            meters.len() - 1
        });
        // Places count from 1.
        limits.push(limit(check, at + 1));
        places.push(place);
    }
    let ask = Ask {
        number: ask.number,
        hold: ask.load.money.0,
        tokens: ask.load.tokens,
        strict: ask.strict,
        session: ask.session.as_ref().map_or("", |session| &session.0),
        meters: meters.len(),
        checks: limits,
    };
    Question { meters, places, ask }
}

fn limit(check: &Check, meter: usize) -> Limit {
    let (k, f, i) = match (check.kind, check.span) {
        (LimitKind::Rpm, _) => ("rpm", String::new(), 0),
        (LimitKind::Tpm, _) => ("tpm", String::new(), 0),
        (LimitKind::ConcurrentRequests, _) => ("open", String::new(), 0),
        (LimitKind::ConcurrentSessions, _) => ("seat", String::new(), 0),
        (_, Span::Rolling(length)) => ("roll", String::new(), length.as_secs() / 60),
        (_, Span::FromFirst(_)) => ("five", String::new(), 0),
        (kind, Span::Calendar(window)) => {
            ("sum", window_field(letter(kind), window.start.seconds()), 0)
        }
        (_, Span::Ever | Span::Now) => ("sum", TOTAL.to_owned(), 0),
    };
    Limit { m: meter, k, f, i, n: check.limit.raw() }
}

/// The field of all money ever.
pub(super) const TOTAL: &str = "all";

const fn letter(kind: LimitKind) -> char {
    match kind {
        LimitKind::UsdWeekly => 'w',
        LimitKind::UsdMonthly => 'c',
        _ => 'd',
    }
}

pub(super) fn window_field(letter: char, start: i64) -> String {
    format!("{letter}:{start}")
}

#[derive(Debug, Serialize)]
pub(super) struct Seed<'a> {
    sure: Option<Sure<'a>>,
    /// The cut that the sums begin with, in microseconds.
    from: String,
    keep: u64,
    windows: BTreeMap<String, String>,
    five: Five,
    span: u64,
    buckets: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
struct Five {
    start: String,
    sum: String,
}

#[derive(Debug, Serialize)]
struct Sure<'a> {
    node: &'a str,
    batch: u64,
    place: &'a str,
}

/// The minutes that rolling windows reach back.
const ROLLING_MINUTES: u64 = 1_440;

/// Tells the windows of a meter.
pub(super) fn seed<'a>(node: &'a str, sums: &WindowSums, horizon: Option<&'a Horizon>) -> Seed<'a> {
    let calendar = [('d', sums.day), ('w', sums.week), ('c', sums.month)];
    let mut windows: BTreeMap<_, _> = calendar
        .into_iter()
        .map(|(letter, (start, sum))| (window_field(letter, start.seconds()), sum.0.to_string()))
        .collect();
    windows.insert(TOTAL.to_owned(), sums.total.0.to_string());
    let (start, sum) = sums.five_hours;
    let minutes = sums.minutes.iter();
    let sure = horizon.map(|horizon| Sure {
        node,
        batch: horizon.batch,
        place: horizon.place.as_ref().map_or("", |place| &place.0),
    });
    Seed {
        sure,
        from: sums.counts_from.0.to_string(),
        keep: KEEP_MS,
        windows,
        five: Five { start: start.millis().to_string(), sum: sum.0.to_string() },
        span: ROLLING_MINUTES,
        buckets: minutes.map(|(minute, sum)| (minute.to_string(), sum.0.to_string())).collect(),
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Beat<'a> {
    node: &'a str,
    asked: u64,
    told: bool,
    /// In milliseconds.
    since: u64,
    now: i64,
    life: u64,
    keep: u64,
    meters: Vec<Held<'a>>,
    flying: Vec<Flight>,
}

#[derive(Debug, Serialize)]
struct Held<'a> {
    k: String,
    h: String,
    o: String,
    t: String,
    s: Vec<&'a str>,
}

/// A question that flies.
#[derive(Debug, Serialize)]
struct Flight {
    n: u64,
    h: i64,
    o: i64,
    t: i64,
    /// The places of its meters, from 1.
    m: Vec<usize>,
}

/// Tells what a node holds, and how far it is with telling.
pub(super) fn beat<'a>(
    (node, now): (&'a str, i64),
    weighing: &'a Weighing,
    progress: Progress,
) -> Beat<'a> {
    let since = u64::try_from(progress.since.as_millis()).unwrap_or(u64::MAX);
    let meters = weighing.standings.iter().map(|standing| Held {
        k: keys::meter(&standing.dimension),
        h: standing.money.to_string(),
        o: standing.running.to_string(),
        t: standing.tokens.to_string(),
        s: standing.sessions.iter().map(|session| session.0.as_ref()).collect(),
    });
    let place = |owner: &Dimension| {
        weighing.standings.iter().position(|standing| standing.dimension == *owner)
    };
    let flight = |one: &Flying| Flight {
        n: one.number,
        h: one.money,
        o: one.running,
        t: one.tokens,
        m: one.owners.iter().filter_map(place).map(|at| at + 1).collect(),
    };
    Beat {
        node,
        asked: weighing.asked,
        told: progress.told,
        since,
        now,
        life: LIFE_MS,
        keep: KEEP_MS,
        meters: meters.collect(),
        flying: weighing.flying.iter().map(flight).collect(),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_zero(minutes: &u64) -> bool {
    *minutes == 0
}
