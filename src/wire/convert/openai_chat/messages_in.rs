//! The messages of a request into turns.

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::content::{Block, blocks};
use super::details::Details;
use super::lax::{field, object};
use super::message::{Mark, Message, Piece, calls, old_call};
use crate::wire::convert::Refused;
use crate::wire::convert::hub::{
    Call, CallKind, Part, Place, Role, SystemText, Text, Thinking, ToolResult, Ttl, Turn,
};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::unread;

/// What is read of a message.
const KNOWN: [&str; 14] = [
    "role",
    "content",
    "name",
    "refusal",
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "tool_calls",
    "function_call",
    "tool_call_id",
    "images",
    "annotations",
    "audio",
    "cache_control",
];

/// What the messages of a request say.
#[derive(Default)]
pub(super) struct Conversation {
    /// Instructions before the first turn.
    pub system: Vec<SystemText>,
    /// The turns; neighbours of one role are one.
    pub turns: Vec<Turn>,
    /// What kind of tool each call calls, for the results.
    kinds: HashMap<String, CallKind>,
    /// The last call of the old form, which has no id.
    old_call: Option<String>,
}

impl Conversation {
    /// Reads the messages.
    ///
    /// # Errors
    /// They are no messages, or one of them is of no known role or form.
    pub(super) fn read(raw: Option<&RawValue>, losses: &mut Losses) -> Result<Self, Refused> {
        let list: Vec<&RawValue> = field(raw, "/messages", "a list of messages")?
            .ok_or_else(|| Refused::new("/messages is missing"))?;
        if list.is_empty() {
            return Err(Refused::new("/messages is empty"));
        }
        let mut conversation = Self::default();
        for (place, raw) in list.into_iter().enumerate() {
            let at = format!("/messages/{place}");
            let what = (at.as_str(), "a message");
            let message: Option<Message<'_>> = object(Some(raw), what, &KNOWN, losses)?;
            let message = message.unwrap_or_default();
            conversation.add(&message, place, &at, losses)?;
        }
        Ok(conversation)
    }

    fn add(
        &mut self,
        message: &Message<'_>,
        place: usize,
        at: &str,
        losses: &mut Losses,
    ) -> Result<(), Refused> {
        let role = message.role.clone().unwrap_or_default();
        let old_result = role == "function";
        let named = !old_result && message.name.is_some();
        losses.push_if(named, Token::DropMessageName, &format!("{at}/name"));
        for (raw, token, field) in [
            (message.audio, Token::DropAudio, "audio"),
            (message.images, Token::DropContent, "images"),
        ] {
            losses.push_if(says(raw), token, &format!("{at}/{field}"));
        }
        let cited = message.annotations.as_ref().is_some_and(|sources| !sources.is_empty());
        losses.push_if(cited, Token::DropCitations, &format!("{at}/annotations"));
        let cache = message.cache_control.as_ref().map(Mark::ttl);
        let (role, mut parts) = match role.as_str() {
            "system" | "developer" => (Role::System, content(message, at, losses)?),
            "user" => {
                let mut parts = content(message, at, losses)?;
                if let (true, Some(raw)) = (parts.is_empty(), message.content) {
                    parts.extend(unread::stub_of(raw.get(), at));
                }
                (Role::User, parts)
            }
            "assistant" => (Role::Assistant, self.said(message, place, at, losses)?),
            "tool" | "function" => {
                let call =
                    if old_result { self.old_call.clone() } else { message.tool_call_id.clone() };
                let content = content(message, at, losses)?;
                (Role::User, vec![self.result(call.unwrap_or_default(), content, at)])
            }
            "" => return Err(Refused::new(format!("{at}/role is missing"))),
            other => {
                return Err(Refused::new(format!("{at}/role is {other:?}, which chat has not")));
            }
        };
        mark_last(&mut parts, cache);
        self.push(role, parts, at, losses);
        Ok(())
    }

    /// Adds a turn, or goes on with the last one.
    fn push(&mut self, role: Role, parts: Vec<Part>, at: &str, losses: &mut Losses) {
        if role == Role::System && self.turns.is_empty() {
            for part in parts {
                match part {
                    Part::Text(text) => self.system.push(SystemText::from(text)),
                    // Instructions are text alone.
                    part => losses.push(Token::DropContent, part.place(at)),
                }
            }
            return;
        }
        if parts.is_empty() {
            return;
        }
        match self.turns.last_mut() {
            Some(last) if last.role == role => last.parts.extend(parts),
            _ => self.turns.push(Turn::new(role, parts, at.to_owned())),
        }
    }

    /// Reads what the model said: its thinking, its words, its calls.
    fn said(
        &mut self,
        message: &Message<'_>,
        message_number: usize,
        at: &str,
        losses: &mut Losses,
    ) -> Result<Vec<Part>, Refused> {
        let mut parts: Vec<Part> = thought(message, at).into_iter().collect();
        parts.extend(content(message, at, losses)?);
        let refusal = message.refusal.clone().filter(|text| !text.is_empty()).map(Text::plain);
        let place = || Place::new(format!("{at}/refusal"));
        parts.extend(refusal.map(|text| Part::Refusal(Text { at: place(), ..text })));
        let broken =
            |field: &str| Refused::new(format!("{at}/{field} is not of the form of calls"));
        if let Some(raw) = message.tool_calls.filter(|raw| raw.get() != "null") {
            let pieces = calls(raw).map_err(|_| broken("tool_calls"))?;
            for (number, piece) in pieces.into_iter().enumerate() {
                let place = format!("{at}/tool_calls/{number}");
                let call = call(piece, format!("call_{message_number}_{number}"), &place)?;
                self.kinds.insert(call.id.clone(), call.kind);
                parts.push(Part::Call(call));
            }
        }
        if let Some(raw) = message.function_call.filter(|raw| raw.get() != "null") {
            let piece = old_call(raw).map_err(|_| broken("function_call"))?;
            let call =
                call(piece, format!("call_{message_number}"), &format!("{at}/function_call"))?;
            self.old_call = Some(call.id.clone());
            parts.push(Part::Call(call));
        }
        Ok(parts)
    }

    fn result(&self, call: String, content: Vec<Part>, at: &str) -> Part {
        let kind = self.kinds.get(&call).copied().unwrap_or_default();
        let at = Place::new(at);
        Part::Result(ToolResult { call, kind, content, error: false, cache: None, at })
    }
}

/// Reads what a message says but its calls.
fn content(message: &Message<'_>, at: &str, losses: &mut Losses) -> Result<Vec<Part>, Refused> {
    let Some(raw) = message.content else { return Ok(Vec::new()) };
    let at = format!("{at}/content");
    let blocks =
        blocks(raw, &at, losses).map_err(|trouble| Refused::new(format!("{at} {trouble}")))?;
    let parts = blocks.into_iter().filter_map(|block| match block {
        Block::Text(text) => (!text.text.is_empty()).then_some(Part::Text(text)),
        Block::Thinking(text) => Some(thinking(text)),
        Block::Refusal(text) => Some(Part::Refusal(text)),
        Block::Image(image) => Some(Part::Image(image)),
        Block::Document(document) => Some(Part::Document(document)),
        Block::Audio => None,
    });
    Ok(parts.collect())
}

fn thinking(text: Text) -> Part {
    let Text { text, at, .. } = text;
    Part::Thinking(Thinking { text, at, ..Thinking::default() })
}

/// Tells whether a field has something in it.
fn says(raw: Option<&RawValue>) -> bool {
    raw.is_some_and(|raw| !matches!(raw.get(), "null" | "[]" | "{}"))
}

/// Returns the thinking that stands beside the words.
fn thought(message: &Message<'_>, at: &str) -> Option<Part> {
    let mut details = Details::default();
    let pieces = message.reasoning_details.as_deref().unwrap_or_default();
    // More details than an answer can have are no reason to refuse a request: they are left out.
    let told = details.add(pieces).unwrap_or_default();
    let text = match message.thought() {
        "" => told,
        text => text.to_owned(),
    };
    let seal = details.take();
    let is_empty = text.is_empty() && seal.is_none();
    let redacted = text.is_empty();
    let at = Place::new(at);
    (!is_empty).then_some(Part::Thinking(Thinking { text, redacted, seal, at }))
}

fn call(piece: Piece, minted: String, at: &str) -> Result<Call, Refused> {
    let Piece { id, name, args, kind, seal, .. } = piece;
    if name.is_empty() {
        return Err(Refused::new(format!("{at} has no name")));
    }
    let id = if id.is_empty() { minted } else { id };
    let none = kind == CallKind::Function && args.trim().is_empty();
    let args = if none { "{}".to_owned() } else { args };
    let at = Place::new(at);
    Ok(Call { id, name, args, kind, namespace: None, seal, cache: None, at })
}

/// Puts a message's cache mark on its last part.
fn mark_last(parts: &mut [Part], mark: Option<Ttl>) {
    let (Some(mark), Some(last)) = (mark, parts.last_mut()) else { return };
    match last {
        Part::Text(text) => text.cache = Some(mark),
        Part::Image(image) => image.cache = Some(mark),
        Part::Document(document) => document.cache = Some(mark),
        Part::Call(call) => call.cache = Some(mark),
        Part::Result(result) => result.cache = Some(mark),
        Part::Thinking(_) | Part::Refusal(_) | Part::Server(_) | Part::Opaque(_) => {}
    }
}
