//! The messages of a request into turns.

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::content::{Block, blocks};
use super::details::Details;
use super::lax::field;
use super::message::{Mark, Message, Piece, calls, old_call};
use crate::wire::convert::Refused;
use crate::wire::convert::hub::{
    Call, CallKind, Part, Role, SystemText, Text, Thinking, ToolResult, Ttl, Turn,
};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::unread;

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
            let message: Message<'_> = field(Some(raw), &at, "a message")?.unwrap_or_default();
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
        losses.push_if(!old_result && message.name.is_some(), Token::DropMessageName, at);
        losses.push_if(message.audio.is_some(), Token::DropAudio, at);
        let cache = message.cache_control.as_ref().map(Mark::ttl);
        let (role, mut parts) = match role.as_str() {
            "system" | "developer" => (Role::System, content(message, at, losses)?),
            "user" => {
                let mut parts = content(message, at, losses)?;
                if let (true, Some(raw)) = (parts.is_empty(), message.content) {
                    parts.extend(unread::stub_of(raw.get()));
                }
                (Role::User, parts)
            }
            "assistant" => (Role::Assistant, self.said(message, place, at, losses)?),
            "tool" | "function" => {
                let call =
                    if old_result { self.old_call.clone() } else { message.tool_call_id.clone() };
                let content = content(message, at, losses)?;
                (Role::User, vec![self.result(call.unwrap_or_default(), content)])
            }
            "" => return Err(Refused::new(format!("{at}/role is missing"))),
            other => {
                return Err(Refused::new(format!("{at}/role is {other:?}, which chat has not")));
            }
        };
        mark_last(&mut parts, cache);
        self.push(role, parts, at);
        Ok(())
    }

    /// Adds a turn, or goes on with the last one.
    fn push(&mut self, role: Role, parts: Vec<Part>, at: &str) {
        if role == Role::System && self.turns.is_empty() {
            let texts = parts.into_iter().filter_map(|part| match part {
                Part::Text(Text { text, cache, .. }) => Some(SystemText { text, cache }),
                _ => None,
            });
            self.system.extend(texts);
            return;
        }
        if parts.is_empty() {
            return;
        }
        match self.turns.last_mut() {
            Some(last) if last.role == role => last.parts.extend(parts),
            _ => self.turns.push(Turn { role, parts, at: at.to_owned() }),
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
        let mut parts: Vec<Part> = thought(message).into_iter().collect();
        parts.extend(content(message, at, losses)?);
        parts.extend(message.refusal.clone().filter(|text| !text.is_empty()).map(Part::Refusal));
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

    fn result(&self, call: String, content: Vec<Part>) -> Part {
        let kind = self.kinds.get(&call).copied().unwrap_or_default();
        Part::Result(ToolResult { call, kind, content, error: false, cache: None })
    }
}

/// Reads what a message says but its calls.
fn content(message: &Message<'_>, at: &str, losses: &mut Losses) -> Result<Vec<Part>, Refused> {
    let Some(raw) = message.content else { return Ok(Vec::new()) };
    let blocks = blocks(raw).map_err(|trouble| Refused::new(format!("{at}/content {trouble}")))?;
    let parts = blocks.into_iter().filter_map(|block| match block {
        Block::Text(text) => (!text.text.is_empty()).then_some(Part::Text(text)),
        Block::Thinking(text) => Some(thinking(text)),
        Block::Refusal(text) => Some(Part::Refusal(text)),
        Block::Image(image) => Some(Part::Image(image)),
        Block::Document(document) => Some(Part::Document(document)),
        Block::Audio => {
            losses.push(Token::DropAudio, at);
            None
        }
    });
    Ok(parts.collect())
}

fn thinking(text: String) -> Part {
    Part::Thinking(Thinking { text, ..Thinking::default() })
}

/// Returns the thinking that stands beside the words.
fn thought(message: &Message<'_>) -> Option<Part> {
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
    (!is_empty).then_some(Part::Thinking(Thinking { text, redacted, seal }))
}

fn call(piece: Piece, minted: String, at: &str) -> Result<Call, Refused> {
    let Piece { id, name, args, kind, seal, .. } = piece;
    if name.is_empty() {
        return Err(Refused::new(format!("{at} has no name")));
    }
    let id = if id.is_empty() { minted } else { id };
    let none = kind == CallKind::Function && args.trim().is_empty();
    let args = if none { "{}".to_owned() } else { args };
    Ok(Call { id, name, args, kind, namespace: None, seal, cache: None })
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
