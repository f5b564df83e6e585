//! Blocks of an answer as events: of a stream, whose blocks grow, and of a whole answer, whose blocks are
//! there at once.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::content_in::{Kind, citation, is_server, json};
use super::input::with_input;
use crate::wire::convert::Broken;
use crate::wire::convert::hub::{CallKind, Delta, Event, Family, Json, PartKind, Seal};

/// Arguments of one call, at most; and whatever else waits for a block's end.
const MOST_ARGS: usize = 16 << 20;
/// Blocks that are open at once, at most.
const MOST_OPEN: usize = 256;

/// What is there of an answer's blocks.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    open: BTreeMap<u64, Open>,
    /// Parts that have begun.
    parts: usize,
    /// A call is whole.
    has_calls: bool,
    /// What ids of calls are made of when the upstream gives none.
    id: String,
}

/// An open block.
#[derive(Debug)]
enum Open {
    /// Text begins with its first letter or source.
    Text(Option<usize>),
    Thinking {
        part: usize,
        signature: String,
    },
    Redacted {
        part: usize,
        data: String,
    },
    Call {
        part: usize,
        /// Arguments that came with the beginning: they count when none follow.
        given: String,
        length: usize,
    },
    /// A tool that the vendor ran: told when it is whole.
    Server {
        kind: String,
        raw: Json,
        input: String,
    },
}

#[derive(Deserialize)]
struct BlockIn<'a> {
    #[serde(default)]
    text: String,
    #[serde(borrow)]
    citations: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    thinking: String,
    signature: Option<String>,
    #[serde(default)]
    data: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct DeltaIn<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    partial_json: String,
    #[serde(default)]
    thinking: String,
    #[serde(default)]
    signature: String,
    #[serde(borrow)]
    citation: Option<&'a RawValue>,
}

impl Blocks {
    /// Remembers the answer's id, to make ids of calls of it.
    pub fn answer(&mut self, id: Option<&str>) {
        id.unwrap_or_default().clone_into(&mut self.id);
    }

    /// Tells whether there is a whole call among them.
    pub fn has_calls(&self) -> bool {
        self.has_calls
    }

    /// Begins a block; what nobody knows is skipped.
    pub fn begin(
        &mut self,
        index: u64,
        raw: &RawValue,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        if self.open.len() >= MOST_OPEN {
            return Err(Broken(format!("more than {MOST_OPEN} content blocks are open")));
        }
        self.end(index, out);
        let kind: Kind<'_> = read(raw, "content block")?;
        let kind = kind.kind.as_ref();
        let open = if is_server(kind) {
            Open::Server { kind: kind.to_owned(), raw: json(raw), input: String::new() }
        } else if matches!(kind, "text" | "thinking" | "redacted_thinking" | "tool_use") {
            self.open_block(kind, read(raw, kind)?, out)?
        } else {
            return Ok(());
        };
        self.open.insert(index, open);
        Ok(())
    }

    fn open_block(
        &mut self,
        kind: &str,
        block: BlockIn<'_>,
        out: &mut Vec<Event>,
    ) -> Result<Open, Broken> {
        Ok(match kind {
            "text" => {
                let mut open = Open::Text(None);
                self.text(&mut open, block.text, out);
                for raw in block.citations.unwrap_or_default() {
                    self.citation(&mut open, raw, out);
                }
                open
            }
            "thinking" => {
                let part = self.start(PartKind::Thinking { redacted: false }, out);
                push_text(part, block.thinking, out);
                Open::Thinking { part, signature: block.signature.unwrap_or_default() }
            }
            "redacted_thinking" => {
                let part = self.start(PartKind::Thinking { redacted: true }, out);
                Open::Redacted { part, data: block.data }
            }
            _ => {
                let BlockIn { mut id, name, input, .. } = block;
                if name.is_empty() {
                    return Err(Broken("a tool_use block has no name".to_owned()));
                }
                if id.is_empty() {
                    id = format!("toolu_{}_{}", self.id, self.parts);
                }
                let given = input.map(RawValue::get).filter(|input| *input != "null");
                let given = given.unwrap_or("{}").to_owned();
                let kind = PartKind::Call { id, name, kind: CallKind::Function, namespace: None };
                Open::Call { part: self.start(kind, out), given, length: 0 }
            }
        })
    }

    /// Adds to a block; what nobody knows is skipped.
    pub fn delta(
        &mut self,
        index: u64,
        raw: &RawValue,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        let Some(mut open) = self.open.remove(&index) else { return Ok(()) };
        match serde_json::from_str::<DeltaIn<'_>>(raw.get()) {
            Ok(delta) => self.add(&mut open, delta, out)?,
            // What is newer may have fields of other types.
            Err(error) => {
                let Kind { kind } = read(raw, "delta of a content block")?;
                if is_known(&kind) {
                    return Err(Broken(format!("{kind}: {error}")));
                }
            }
        }
        self.open.insert(index, open);
        Ok(())
    }

    /// Adds text to a block of text that has begun; tells whether it is one.
    pub fn more_text(&mut self, index: u64, text: String, out: &mut Vec<Event>) -> bool {
        let Some(Open::Text(Some(part))) = self.open.get(&index) else { return false };
        push_text(*part, text, out);
        true
    }

    fn add(
        &mut self,
        open: &mut Open,
        delta: DeltaIn<'_>,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        match (&mut *open, delta.kind.as_ref()) {
            (Open::Text(_), "text_delta") => self.text(open, delta.text, out),
            (Open::Text(_), "citations_delta") => {
                if let Some(raw) = delta.citation {
                    self.citation(open, raw, out);
                }
            }
            (Open::Thinking { part, .. }, "thinking_delta") => {
                push_text(*part, delta.thinking, out);
            }
            (Open::Thinking { signature, .. }, "signature_delta") => {
                bounded(signature.len(), delta.signature.len())?;
                signature.push_str(&delta.signature);
            }
            (Open::Call { part, length, .. }, "input_json_delta") => {
                *length = bounded(*length, delta.partial_json.len())?;
                if !delta.partial_json.is_empty() {
                    let delta = Delta::Args(delta.partial_json);
                    out.push(Event::PartDelta { index: *part, delta });
                }
            }
            (Open::Server { input, .. }, "input_json_delta") => {
                bounded(input.len(), delta.partial_json.len())?;
                input.push_str(&delta.partial_json);
            }
            _ => {}
        }
        Ok(())
    }

    /// Ends a block.
    pub fn end(&mut self, index: u64, out: &mut Vec<Event>) {
        let Some(open) = self.open.remove(&index) else { return };
        let part = match open {
            Open::Text(None) => return,
            Open::Text(Some(part)) => part,
            Open::Thinking { part, signature: blob } | Open::Redacted { part, data: blob } => {
                if !blob.is_empty() {
                    let delta = Delta::Seal(Seal { family: Family::Anthropic, blob });
                    out.push(Event::PartDelta { index: part, delta });
                }
                part
            }
            Open::Call { part, given, length } => {
                // Of nothing at all nobody knows yet whether it was cut off.
                if length == 0 && !is_nothing(&given) {
                    out.push(Event::PartDelta { index: part, delta: Delta::Args(given) });
                }
                self.has_calls = true;
                part
            }
            Open::Server { kind, raw, input } => {
                let raw = if input.is_empty() { raw } else { with_input(&raw, &input) };
                self.start(PartKind::Server { family: Family::Anthropic, kind, raw }, out)
            }
        };
        out.push(Event::PartEnd { index: part });
    }

    /// Ends all blocks that are open, for the answer has ended in order.
    pub fn end_all(&mut self, out: &mut Vec<Event>) {
        while let Some(index) = self.open.keys().next().copied() {
            self.end(index, out);
        }
    }

    fn start(&mut self, kind: PartKind, out: &mut Vec<Event>) -> usize {
        let index = self.parts;
        self.parts = self.parts.saturating_add(1);
        out.push(Event::PartStart { index, kind });
        index
    }

    fn text(&mut self, open: &mut Open, text: String, out: &mut Vec<Event>) {
        if let Open::Text(part) = open
            && !text.is_empty()
        {
            let part = *part.get_or_insert_with(|| self.start(PartKind::Text, out));
            push_text(part, text, out);
        }
    }

    fn citation(&mut self, open: &mut Open, raw: &RawValue, out: &mut Vec<Event>) {
        if let Open::Text(part) = open {
            let index = *part.get_or_insert_with(|| self.start(PartKind::Text, out));
            out.push(Event::PartDelta { index, delta: Delta::Citation(citation(raw)) });
        }
    }
}

fn is_known(kind: &str) -> bool {
    let known = ["text", "input_json", "thinking", "signature", "citations"];
    kind.strip_suffix("_delta").is_some_and(|kind| known.contains(&kind))
}

/// Tells whether arguments are an object of nothing.
fn is_nothing(args: &str) -> bool {
    args.bytes().filter(|byte| !byte.is_ascii_whitespace()).eq(*b"{}")
}

fn push_text(index: usize, text: String, out: &mut Vec<Event>) {
    if !text.is_empty() {
        out.push(Event::PartDelta { index, delta: Delta::Text(text) });
    }
}

fn bounded(has: usize, more: usize) -> Result<usize, Broken> {
    let length = has.saturating_add(more);
    if length > MOST_ARGS {
        return Err(Broken(format!("a content block is longer than {MOST_ARGS} bytes")));
    }
    Ok(length)
}

pub(super) fn read<'a, T: Deserialize<'a>>(raw: &'a RawValue, what: &str) -> Result<T, Broken> {
    serde_json::from_str(raw.get()).map_err(|error| Broken(format!("{what}: {error}")))
}
