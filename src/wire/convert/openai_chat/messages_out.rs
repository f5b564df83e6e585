//! The turns of a conversation as messages.

use serde::Serialize;

use super::content_out::{Content, ContentOut};
use super::said_out::CallOut;
use super::{CALL_ID, details, is_googles};
use crate::wire::convert::Refused;
use crate::wire::convert::functions;
use crate::wire::convert::hub::{
    Call, CallKind, Family, Json, Part, Request, Role, Seal, Thinking, ToolResult, Ttl, Turn,
};
use crate::wire::convert::json_mode::JSON_MODE;
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::names::{Bounds, Names, ToolName};
use crate::wire::convert::pairing;
use crate::wire::convert::target::Target;
use switchyard_actors::domain::preferences::ReplayThinking;

/// A message for a provider.
#[derive(Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub(super) enum MessageOut {
    System { content: ContentOut },
    User { content: ContentOut },
    Assistant(AssistantOut),
    Tool { tool_call_id: String, content: String },
}

impl MessageOut {
    /// Returns the instruction that an answer of JSON needs.
    pub(super) fn json_mode() -> Self {
        Self::System { content: ContentOut::Text(JSON_MODE.to_owned()) }
    }
}

/// What the model said. Its content is `null` when there are calls alone.
#[derive(Default, Serialize)]
pub(super) struct AssistantOut {
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_details: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<OwnCall>,
}

/// A call with all that it is made of.
struct OwnCall {
    id: String,
    name: String,
    args: String,
    custom: bool,
    seal: Option<Seal>,
}

impl Serialize for OwnCall {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let call = CallOut::of(self.custom, Some(&self.name), &self.args).typed();
        CallOut { id: Some(&self.id), ..call }.sealed(self.seal.as_ref()).serialize(serializer)
    }
}

/// Writes the messages of a request.
pub(super) struct Writer<'a> {
    pub target: &'a Target,
    pub names: &'a mut Names,
    pub losses: &'a mut Losses,
    /// Google signs calls and wants its signatures back, also from this format.
    pub google: bool,
    out: Vec<MessageOut>,
}

/// Writes the instructions and the turns.
///
/// # Errors
/// The conversation has what only another vendor can read, and nothing in its place.
pub(super) fn messages(
    request: &Request,
    target: &Target,
    names: &mut Names,
    losses: &mut Losses,
) -> Result<Vec<MessageOut>, Refused> {
    let google = is_googles(&request.model);
    let mut writer = Writer { target, names, losses, google, out: Vec::new() };
    writer.system(request);
    let turns = pairing::paired(&request.turns, writer.losses);
    let last = turns.len().saturating_sub(1);
    for (place, turn) in turns.iter().enumerate() {
        writer.turn(turn, place == last)?;
    }
    if writer.out.is_empty() {
        // Vendors refuse a conversation in which nobody has spoken.
        writer.losses.push(Token::ApproxTurnAdded, "");
        writer.out.push(MessageOut::User { content: ContentOut::Text(".".to_owned()) });
    }
    Ok(writer.out)
}

impl Writer<'_> {
    /// Writes all instructions as one message: not every vendor takes several.
    fn system(&mut self, request: &Request) {
        for text in &request.system {
            self.losses.push_if(text.cache.is_some(), Token::DropCacheControl, text.at.or(""));
        }
        let texts: Vec<&str> = request.system.iter().map(|system| system.text.as_str()).collect();
        let text = texts.join("\n\n");
        if !text.is_empty() {
            self.out.push(MessageOut::System { content: ContentOut::Text(text) });
        }
    }

    fn turn(&mut self, turn: &Turn, last: bool) -> Result<(), Refused> {
        for part in &turn.parts {
            self.say_lost(part, part.place(&turn.at))?;
        }
        match turn.role {
            Role::User => self.user(turn, last)?,
            Role::Assistant => self.assistant(turn, last),
            Role::System => {
                let mut content = Content::default();
                for part in &turn.parts {
                    content.part(part, self.losses, part.place(&turn.at));
                }
                self.out.extend(content.finish().map(|content| MessageOut::System { content }));
            }
        }
        Ok(())
    }

    /// Says what a part loses here in any message, and refuses what nobody else can read.
    fn say_lost(&mut self, part: &Part, at: &str) -> Result<(), Refused> {
        let cache: Option<Ttl> = match part {
            Part::Text(text) => {
                self.losses.push_if(text.seal.is_some(), Token::DropThinkingSealed, at);
                self.losses.push_if(!text.citations.is_empty(), Token::DropCitations, at);
                text.cache
            }
            Part::Image(image) => image.cache,
            Part::Document(document) => document.cache,
            Part::Call(call) => call.cache,
            Part::Result(result) => {
                for part in &result.content {
                    self.say_lost(part, part.place(at))?;
                }
                result.cache
            }
            Part::Opaque(opaque) => {
                let (what, at) = (&opaque.kind, if at.is_empty() { "the request" } else { at });
                return Err(Refused::new(format!(
                    "{at} has a part ({what}) that only the vendor it came from can read"
                )));
            }
            Part::Thinking(_) | Part::Refusal(_) | Part::Server(_) => None,
        };
        self.losses.push_if(cache.is_some(), Token::DropCacheControl, at);
        Ok(())
    }

    /// Writes results as messages of their own, and what else the user says behind them.
    fn user(&mut self, turn: &Turn, last: bool) -> Result<(), Refused> {
        let mut content = Content::default();
        for part in &turn.parts {
            if let Part::Result(result) = part {
                content.append(self.result(result, part.place(&turn.at)));
            }
        }
        let moved = !content.is_empty();
        for part in &turn.parts {
            content.part(part, self.losses, part.place(&turn.at));
        }
        if last && !moved && content.is_unreadable() {
            return Err(Refused::new(format!(
                "{} has nothing but media that the provider cannot read",
                turn.at
            )));
        }
        self.out.extend(content.finish().map(|content| MessageOut::User { content }));
        Ok(())
    }

    /// Writes a result; returns its pictures and files, which its message cannot have.
    fn result(&mut self, result: &ToolResult, at: &str) -> Content {
        let mut content = Content::default();
        for part in &result.content {
            content.part(part, self.losses, part.place(at));
        }
        let mut text = content.split_text();
        if !content.is_empty() {
            self.losses.push(Token::ApproxResultImageMoved, at);
            let told = "[The media of this result are in the next message of the user.]";
            text = if text.is_empty() { told.to_owned() } else { format!("{text}\n{told}") };
        }
        if result.error {
            self.losses.push(Token::ApproxToolErrorAsText, at);
            text = format!("Error: {text}");
        }
        let tool_call_id = self.names.call(&result.call, CALL_ID);
        self.out.push(MessageOut::Tool { tool_call_id, content: text });
        content
    }

    /// Writes what the model said as one message: its words, then its calls.
    fn assistant(&mut self, turn: &Turn, last: bool) {
        let has_calls = turn.parts.iter().any(|part| matches!(part, Part::Call(_)));
        let replays = match self.target.options.replay {
            ReplayThinking::Never => false,
            ReplayThinking::ToolTurns => has_calls,
            ReplayThinking::Always => true,
        };
        let (mut said, mut words) = (AssistantOut::default(), String::new());
        let mut cited = false;
        for part in &turn.parts {
            let at = part.place(&turn.at);
            match part {
                Part::Text(text) if text.text.is_empty() => {}
                Part::Text(text) => {
                    let late = !said.tool_calls.is_empty();
                    self.losses.push_if(late, Token::ApproxOrderInTurn, at);
                    // Texts with sources are pieces of one sentence.
                    let whole = !cited && text.citations.is_empty();
                    words.push_str(if whole && !words.is_empty() { "\n\n" } else { "" });
                    words.push_str(&text.text);
                    cited = !text.citations.is_empty();
                }
                Part::Thinking(thinking) => self.thinking(thinking, replays, &mut said, at),
                Part::Call(call) => said.tool_calls.push(self.call(call, at)),
                Part::Refusal(text) => said.refusal.get_or_insert_default().push_str(&text.text),
                Part::Server(_) => self.losses.push(Token::DropHostedTool, at),
                Part::Image(_) | Part::Document(_) => {
                    self.losses.push(Token::DropDocument, at);
                }
                Part::Result(_) | Part::Opaque(_) => {}
            }
        }
        said.content = (!words.is_empty()).then_some(words);
        if said.content.is_none() && said.refusal.is_none() && !has_calls {
            return;
        }
        self.losses.push_if(last, Token::ApproxPrefill, &turn.at);
        self.out.push(MessageOut::Assistant(said));
    }

    fn thinking(&mut self, thinking: &Thinking, replays: bool, said: &mut AssistantOut, at: &str) {
        if replays && !thinking.text.is_empty() {
            said.reasoning_content.get_or_insert_default().push_str(&thinking.text);
        } else if !thinking.text.is_empty() {
            self.losses.push(Token::DropThinking, at);
        }
        let Some(seal) = &thinking.seal else { return };
        match details::of_seal(seal) {
            Some(details) if replays && said.reasoning_details.is_none() => {
                said.reasoning_details = Some(details);
            }
            _ if thinking.text.is_empty() => self.losses.push(Token::DropThinkingSealed, at),
            _ => self.losses.push(Token::DropThinkingForeign, at),
        }
    }

    fn call(&mut self, call: &Call, at: &str) -> OwnCall {
        let custom = call.kind == CallKind::Custom && self.target.options.custom_tools;
        let (namespace, name) = (call.namespace.clone(), call.name.clone());
        let tool = ToolName { namespace, name, kind: call.kind };
        let args = if custom {
            call.args.clone()
        } else {
            functions::args_of(call.kind, &call.args, self.losses, at).text().to_owned()
        };
        let own = |seal: &&Seal| self.google && seal.family == Family::Google;
        let seal = call.seal.as_ref().filter(own).cloned();
        let lost = call.seal.is_some() && seal.is_none();
        self.losses.push_if(lost, Token::DropThinkingForeign, at);
        let id = self.names.call(&call.id, CALL_ID);
        OwnCall { id, name: self.names.tool(tool, Bounds::OPENAI_NAME), args, custom, seal }
    }
}
