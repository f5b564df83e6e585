//! What conversion costs by itself: CPU of a stream that is read and written in another format beside that of
//! one which is only read, and of a long request. Nothing is sent anywhere, so that the whole cost of a stream,
//! of which this is a small part, is not in it: that is measured by the case `converted`.

use std::fmt::Write as _;
use std::hint::black_box;

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use switchyard::wire::convert::codec::{
    Asked, StreamIn, StreamOut, decode_request, encode_request,
};
use switchyard::wire::convert::gemini_cli::Account;
use switchyard::wire::convert::hub::{Delta, Event, Finish, HubUsage, PartKind};
use switchyard::wire::convert::loss::Losses;
use switchyard::wire::convert::names::Names;
use switchyard::wire::convert::reply::Reply;
use switchyard::wire::convert::stream::Converter;
use switchyard::wire::convert::target::{ModelTraits, Target};
use switchyard::wire::sse::EventReader;
use switchyard::wire::usage::{Form, UsageTap};
use switchyard_actors::domain::dialect::Dialect;

/// Frames of text in a stream.
const FRAMES: usize = 50;
/// A long request may cost so many milliseconds.
pub const MOST_MILLIS: f64 = 5.0;
/// Bytes of a long request, about.
const LONG: usize = 1 << 20;
/// The least CPU that a measurement takes, in nanoseconds.
const LEAST: u64 = 60_000_000;
const ROUNDS: usize = 7;
const FRAME_MAX: usize = 1 << 20;

/// What is converted into what.
const PAIRS: [(Dialect, Dialect); 7] = [
    (Dialect::Anthropic, Dialect::OpenaiChat),
    (Dialect::OpenaiChat, Dialect::Anthropic),
    (Dialect::Responses, Dialect::Anthropic),
    (Dialect::Anthropic, Dialect::Responses),
    (Dialect::OpenaiChat, Dialect::Gemini),
    (Dialect::Gemini, Dialect::Anthropic),
    (Dialect::OpenaiChat, Dialect::Responses),
];

/// What was measured.
#[derive(Debug)]
pub struct Costs {
    /// A line for each pair and one for the request.
    pub table: String,
    /// A long request costs no more than it may.
    pub passes: bool,
}

/// Measures all.
#[must_use]
pub fn measure() -> Costs {
    let mut table =
        String::from("conversion alone, CPU a stream of 50 frames      read   converted   times\n");
    let mut passes = true;
    for (from, to) in PAIRS {
        let chunks = stream_of(from);
        let as_it_came = nanos(|| pass(from, &chunks));
        let converted = nanos(|| convert(from, to, &chunks));
        let times = converted / as_it_came;
        let pair = format!("{from} -> {to}");
        let (as_it_came, converted) = (as_it_came / 1e3, converted / 1e3);
        let _ = writeln!(table, "{pair:<42} {as_it_came:>7.1} us {converted:>8.1} us {times:>7.2}");
    }
    let body = long_request();
    let read = nanos(|| drop(black_box(serde_json::from_slice::<serde::de::IgnoredAny>(&body))));
    for to in [Dialect::OpenaiChat, Dialect::Responses, Dialect::Gemini] {
        let converted = nanos(|| drop(black_box(converted_request(to, &body))));
        passes &= converted / 1e6 < MOST_MILLIS;
        let what = format!("a request of {} KiB, anthropic -> {to}", body.len() >> 10);
        let _ = writeln!(
            table,
            "{what:<56} {:>7.2} ms, read once {:.2} ms",
            converted / 1e6,
            read / 1e6
        );
    }
    Costs { table, passes }
}

/// Returns the CPU of one run in nanoseconds: the least of some rounds, for all else is disturbance.
fn nanos(mut run: impl FnMut()) -> f64 {
    run();
    let mut least = f64::MAX;
    for _ in 0..ROUNDS {
        let before = thread_nanos();
        let mut runs = 0_u32;
        let used = loop {
            for _ in 0..16 {
                run();
            }
            runs += 16;
            let used = thread_nanos().saturating_sub(before);
            if used > LEAST {
                break used;
            }
        };
        #[expect(clippy::cast_precision_loss, reason = "a second has a thousand million")]
        let one = used as f64 / f64::from(runs);
        least = least.min(one);
    }
    least
}

/// The CPU time of this thread in nanoseconds, to the clock's grain: what the kernel keeps of other processes is
/// up to a tick old.
fn thread_nanos() -> u64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    let part = |part: i64| u64::try_from(part).unwrap_or_default();
    part(now.tv_sec) * 1_000_000_000 + part(now.tv_nsec)
}

fn reply() -> Reply {
    Reply {
        id: "0123456789".to_owned(),
        model: "asked".to_owned(),
        created: 1_700_000_000,
        want_usage: true,
        show_thinking: true,
        ..Reply::default()
    }
}

/// A provider's stream of fifty pieces of text, a chunk a frame.
fn stream_of(dialect: Dialect) -> Vec<Vec<u8>> {
    let (mut to, mut chunks) = (StreamOut::new(dialect, reply()), Vec::new());
    let usage = HubUsage { fresh: 1_200, output: 500, ..HubUsage::default() };
    let mut events = vec![
        Event::Start { id: Some("up_1".into()), model: Some("m".into()), usage: Some(usage) },
        Event::PartStart { index: 0, kind: PartKind::Text },
    ];
    events.extend((0..FRAMES).map(|number| Event::PartDelta {
        index: 0,
        delta: Delta::Text(format!("Piece {number} of what the model says, \"quoted\".\n")),
    }));
    events.push(Event::PartEnd { index: 0 });
    events.push(Event::Usage(usage));
    events.push(Event::Finish(Finish::End));
    for event in events {
        let mut out = Vec::new();
        to.event(&event, &mut Losses::default(), &mut out);
        chunks.push(out);
    }
    chunks
}

/// As the relay passes a stream through: the tap reads beside it.
fn pass(dialect: Dialect, chunks: &[Vec<u8>]) {
    let mut tap = UsageTap::new(dialect, Form::Sse);
    for chunk in chunks {
        black_box(tap.push(chunk));
    }
    black_box(tap.finish());
}

/// As the relay converts a stream: the tap reads beside it as ever.
fn convert(from: Dialect, to: Dialect, chunks: &[Vec<u8>]) {
    let mut tap = UsageTap::new(from, Form::Sse);
    let mut reader = EventReader::new(FRAME_MAX);
    let out = StreamOut::new(to, reply());
    let mut converter = Converter::reading(StreamIn::lenient(from), out);
    for chunk in chunks {
        black_box(tap.push(chunk));
        let mut out = Vec::with_capacity(chunk.len().saturating_mul(2));
        let read = reader.read(chunk, |event, data| converter.frame(event, data, &mut out));
        black_box((&read, &out));
    }
    let mut out = Vec::new();
    converter.end(&mut out);
    black_box((&out, tap.finish()));
}

/// A long conversation of an agent: texts, calls and results, and the tools it has.
fn long_request() -> Vec<u8> {
    let text =
        "All work and no play makes a long conversation, with \"quotes\" and\nlines. ".repeat(24);
    let tool = |number: usize| {
        json!({ "name": format!("tool_{number}"), "description": text, "input_schema": {
            "type": "object", "required": ["path"], "additionalProperties": false,
            "properties": { "path": { "type": "string", "description": "Where." } } } })
    };
    let tools: Vec<Value> = (0..20).map(tool).collect();
    let mut messages = vec![json!({ "role": "user", "content": text })];
    let mut length = text.len() * 20;
    for number in 0.. {
        if length > LONG {
            break;
        }
        let id = format!("toolu_{number}");
        messages.push(json!({ "role": "assistant", "content": [
            { "type": "text", "text": "I look." },
            { "type": "tool_use", "id": id, "name": "tool_1", "input": { "path": text } } ] }));
        messages.push(json!({ "role": "user", "content": [
            { "type": "tool_result", "tool_use_id": id, "content": [{ "type": "text", "text": text }] } ] }));
        length += text.len() * 2;
    }
    json!({ "model": "claude-opus-4-8", "max_tokens": 8_000, "system": text, "tools": tools,
        "messages": messages, "stream": true })
    .to_string()
    .into_bytes()
}

fn converted_request(to: Dialect, body: &[u8]) -> Option<Vec<u8>> {
    let mut losses = Losses::default();
    let asked = Asked { body, model: "", stream: true };
    let request = decode_request(Dialect::Anthropic, asked, &mut losses).ok()?;
    let target = Target { model: ModelTraits::of("gpt-5"), ..Target::default() };
    let (mut names, account) = (Names::default(), Account::default());
    encode_request(to, &request, (&target, account), &mut names, &mut losses).ok()
}
