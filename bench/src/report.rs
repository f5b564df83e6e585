//! What the bench says: a table for people, JSON for whoever compares later.

use std::fmt::Write as _;

use serde::Serialize;

use crate::compare::{Comparison, Half, Pair, Shared};
use crate::open_streams::OpenStreams;
use crate::statistics::median;
use crate::waves::Waves;

/// CPU of a call may be this many times the bare relay's.
const CALL_CPU: f64 = 2.0;
/// CPU of anything with PostgreSQL and Redis.
const SHARED_CPU: f64 = 2.2;
/// CPU of a stream, likewise.
const STREAM_CPU: f64 = 1.3;
/// CPU of a stream that is converted, to that of one which passes as it comes.
const CONVERTED_CPU: f64 = 2.5;
/// A client of Anthropic Messages, and a provider of chat completions.
pub const CHAT_TO_ANTHROPIC: &str = "stream, chat -> anthropic";
/// A client of Responses, and a provider of Anthropic Messages.
pub const ANTHROPIC_TO_RESPONSES: &str = "stream, anthropic -> responses";
/// Added p99, likewise.
const ADDED_P99: f64 = 1.5;
/// KiB an open stream may cost.
const STREAM_KIB: f64 = 80.0;

/// Everything measured.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// What was judged.
    pub subject: String,
    /// Paired comparisons.
    pub comparisons: Vec<Comparison>,
    /// Open streams, one entry a relay.
    pub open_streams: Vec<OpenStreams>,
    /// Waves of the subject.
    pub waves: Option<Waves>,
}

impl Report {
    /// Tells whether every target is met by a valid run.
    #[must_use]
    pub fn passes(&self) -> bool {
        let compared = |one: &Comparison| {
            one.valid
                && one.cpu_ratio <= cpu_target(one)
                && (is_converted(one) || latency_is_good(one))
                && one.lost == 0
                && one.shared.as_ref().is_none_or(shared_is_good)
        };
        self.comparisons.iter().all(compared)
            && self.open_streams.iter().filter(|one| one.name == self.subject).all(open_is_good)
            && self.waves.as_ref().is_none_or(|waves| waves.flat && waves.failed == 0)
    }

    /// Writes the table.
    #[must_use]
    pub fn table(&self) -> String {
        let mut out = String::new();
        for one in &self.comparisons {
            comparison(&mut out, one, &self.subject);
        }
        for one in &self.open_streams {
            let verdict = mark(open_is_good(one));
            let _ = writeln!(
                out,
                "{} open streams, {}: {} of {} frames, {:.1} KiB each (target {STREAM_KIB})  {verdict}",
                one.streams, one.name, one.frames, one.expected, one.kib_each
            );
        }
        if let Some(waves) = &self.waves {
            let _ = writeln!(
                out,
                "waves of {}: rest {:?} KiB, {} failed  {}",
                waves.requests,
                waves.rest_kib,
                waves.failed,
                mark(waves.flat && waves.failed == 0)
            );
        }
        out
    }
}

fn comparison(out: &mut String, one: &Comparison, subject: &str) {
    let (yardstick, subject) =
        if is_converted(one) { ("passed", "converted") } else { ("bare", subject) };
    let _ = writeln!(
        out,
        "{}: {yardstick} capacity {:.0}/s, driven at {:.0}/s, {} pairs of which {} void",
        one.case,
        one.capacity,
        one.rate,
        one.pairs.len(),
        one.pairs.iter().filter(|pair| pair.void).count()
    );
    row(out, "direct", one, |pair| vec![pair.direct]);
    row(out, yardstick, one, |pair| pair.bare.to_vec());
    row(out, subject, one, |pair| pair.subject.to_vec());
    if one.shared.is_some() {
        row(out, "with services", one, |pair| pair.shared.into_iter().flatten().collect());
    }
    if one.pairs.iter().any(|pair| pair.nginx.is_some()) {
        row(out, "nginx", one, |pair| pair.nginx.into_iter().collect());
    }
    if !one.valid {
        let _ = writeln!(out, "  VOID: the bare halves of too many pairs differ by over 15 %");
        return;
    }
    let target = cpu_target(one);
    if is_converted(one) {
        let (cpu, lost) = (mark(one.cpu_ratio <= target), mark(one.lost == 0));
        let ratio = one.cpu_ratio;
        let _ = writeln!(
            out,
            "  CPU ratio {ratio:.2} (target {target})  {cpu}\n  lost {}  {lost}",
            one.lost
        );
        return;
    }
    let _ = writeln!(
        out,
        "  CPU ratio {:.2} (target {target})  {}\n  added p99 ratio {} (target {ADDED_P99})  {}\n  lost {}  {}",
        one.cpu_ratio,
        mark(one.cpu_ratio <= target),
        one.p99_ratio.map_or("lost in noise".to_owned(), |ratio| format!("{ratio:.2}")),
        mark(latency_is_good(one)),
        one.lost,
        mark(one.lost == 0)
    );
    if let Some(shared) = &one.shared {
        let _ = writeln!(
            out,
            "  with PostgreSQL and Redis: CPU ratio {:.2} (target {SHARED_CPU}), added p99 ratio {}, lost {}  {}",
            shared.cpu_ratio,
            shared.p99_ratio.map_or("lost in noise".to_owned(), |ratio| format!("{ratio:.2}")),
            shared.lost,
            mark(shared_is_good(shared))
        );
    }
}

fn row(out: &mut String, name: &str, one: &Comparison, halves: impl Fn(&Pair) -> Vec<Half>) {
    let valid = one.pairs.iter().filter(|pair| !pair.void);
    let all: Vec<Half> = valid.flat_map(halves).collect();
    let of = |value: fn(&Half) -> f64| median(&all.iter().map(value).collect::<Vec<_>>());
    let _ = writeln!(
        out,
        "  {name:<12} {:>9.1} us CPU  {:>9.0} us p50  {:>9.0} us p99",
        of(|half| half.cpu_us),
        of(|half| half.p50_us),
        of(|half| half.p99_us)
    );
}

/// Tells whether both sides are Switchyard, and the stream is in another format on one.
fn is_converted(one: &Comparison) -> bool {
    [CHAT_TO_ANTHROPIC, ANTHROPIC_TO_RESPONSES].contains(&one.case.as_str())
}

fn cpu_target(one: &Comparison) -> f64 {
    match one.case.as_str() {
        "call" => CALL_CPU,
        _ if is_converted(one) => CONVERTED_CPU,
        _ => STREAM_CPU,
    }
}

fn shared_is_good(shared: &Shared) -> bool {
    shared.cpu_ratio <= SHARED_CPU && shared.lost == 0
}

fn latency_is_good(one: &Comparison) -> bool {
    one.p99_ratio.is_some_and(|ratio| ratio <= ADDED_P99)
}

fn open_is_good(one: &OpenStreams) -> bool {
    one.whole == u64::from(one.streams) && one.kib_each < STREAM_KIB
}

const fn mark(good: bool) -> &'static str {
    if good { "ok" } else { "MISSED" }
}
