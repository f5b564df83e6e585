//! The faults, as scripts of an upstream.

use std::time::Duration;

use bytes::Bytes;
use switchyard_actors::domain::dialect::Dialect;

use crate::support::upstream::Script;
use crate::support::upstream::answers::{self, PLAIN, error_body, error_event, truncated};

const PAGE: &str = "<!DOCTYPE html><html><head><title>Attention Required!</title></head></html>";
const MALFORMED: &str = "data: {\"type\":\"mess\n\n";

/// What an upstream does.
pub enum Upstream {
    /// Nobody listens there.
    Dead,
    /// It follows a script.
    Scripted(Script),
    /// It follows a script, and no other fault has a connection to it.
    Apart(Script),
}

/// A fault and its name in the table.
pub type Fault = (&'static str, Upstream);

/// Returns all faults of answers that are streams, or of those that are wanted whole.
pub fn faults(dialect: Dialect, model: &str, stream: bool) -> Vec<Fault> {
    let mut faults = before_an_answer(dialect, stream);
    if stream {
        faults.extend(within_a_stream(dialect, model));
    } else {
        faults.extend(within_a_whole_answer(dialect, model));
    }
    faults
}

fn before_an_answer(dialect: Dialect, stream: bool) -> Vec<Fault> {
    let refusal = |status| error_body(dialect, status, "the vendor is unwell");
    let kind = if stream { "text/event-stream" } else { "application/json" };
    let scripts = [
        ("hang before the head", Script::default().stall()),
        ("429 with Retry-After", Script::status(429).header("retry-after", "7").body(refusal(429))),
        ("500", Script::json(500, refusal(500))),
        ("529", Script::json(529, refusal(529))),
        ("empty 200", Script::status(200).header("content-type", kind).body("")),
        ("HTML 200", Script::status(200).header("content-type", "text/html").body(PAGE)),
        ("JSON error 200", Script::json(200, error_body(dialect, 401, "Invalid API key"))),
    ];
    let scripted = |(name, script)| (name, Upstream::Scripted(script));
    // Connections that had waited in the pool are replaced: here there are none.
    let reset = ("reset before the head", Upstream::Apart(Script::default().reset()));
    [("refused", Upstream::Dead), reset].into_iter().chain(scripts.map(scripted)).collect()
}

fn within_a_stream(dialect: Dialect, model: &str) -> Vec<Fault> {
    let begun = || truncated(dialect, model, 3);
    let error = |status, words: &str| error_event(dialect, status, words);
    let busy = if dialect.is_gemini() { 503 } else { 529 };
    let all = answers::frames(dialect, model, 3, &PLAIN);
    let middle = answers::middle_frame(dialect, model);
    let (before, behind): (Vec<_>, Vec<_>) = {
        let at = all.iter().position(|frame| *frame == middle).expect("a middle frame") + 1;
        (all[..at].to_vec(), all[at..].to_vec())
    };
    let scripts = [
        ("error frame first", Script::stream().chunk(error(500, "the vendor is unwell")).end()),
        (
            "error frame first, the client's",
            Script::stream().chunk(error(400, "not like this")).end(),
        ),
        ("overload frame first", Script::stream().chunk(error(busy, "no room")).end()),
        ("malformed frame first", Script::stream().chunk(MALFORMED).stall()),
        (
            "malformed frame mid",
            Script::stream().chunks(before).chunk(MALFORMED).chunks(behind).end(),
        ),
        ("error frame mid", begun().chunk(error(500, "the vendor is unwell")).end()),
        ("reset mid", begun().reset()),
        ("close mid", begun().fin()),
        ("close inside a frame", begun().cut_chunk(middle, 40)),
        ("clean cut mid", begun().end()),
        ("hang mid", begun().stall()),
        ("slow trickle", trickle(Script::stream(), &all.concat())),
    ];
    scripts.map(|(name, script)| (name, Upstream::Scripted(script))).into()
}

fn within_a_whole_answer(dialect: Dialect, model: &str) -> Vec<Fault> {
    let whole = answers::answer(dialect, model, "Hello.", &PLAIN);
    let half = || whole[..whole.len() / 2].to_owned();
    let head = || Script::status(200).header("content-type", "application/json");
    let scripts = [
        ("malformed body", Script::json(200, "{\"id\": nothing}")),
        ("reset mid", head().body_claiming(half(), whole.len()).reset()),
        ("close mid", head().body_claiming(half(), whole.len()).fin()),
        ("clean cut mid", head().chunked().chunk(half()).end()),
        ("hang mid", head().body_claiming(half(), whole.len()).stall()),
        ("slow trickle", trickle(head().chunked(), &whole)),
    ];
    scripts.map(|(name, script)| (name, Upstream::Scripted(script))).into()
}

/// Sends a good answer a few bytes at a time.
fn trickle(begun: Script, answer: &str) -> Script {
    let pieces = answer.as_bytes().chunks(16).map(Bytes::copy_from_slice);
    let trickled =
        pieces.fold(begun, |script, piece| script.chunk(piece).sleep(Duration::from_millis(5)));
    trickled.end()
}
