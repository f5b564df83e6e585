//! Turns as the messages of a provider.

use std::collections::{HashMap, VecDeque};

use super::block::{Block, Mark};
use super::media_out::{self, Media};
use crate::wire::convert::Refused;
use crate::wire::convert::functions::args_of;
use crate::wire::convert::hub::{
    Call, Citation, Family, Opaque, Part, Role, Text, Thinking, ToolResult, Turn,
};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::names::{Bounds, Names, ToolName};

/// What a turn has become.
#[derive(Default)]
pub(super) struct Written {
    pub blocks: Vec<Block>,
    /// So many of the blocks only say that something was left out.
    pub stubs: usize,
}

/// Writes turns, one after the other.
pub(super) struct Writer<'a> {
    names: &'a mut Names,
    pub losses: &'a mut Losses,
    /// How often each id of a call was there.
    times: HashMap<String, usize>,
    /// Ids of the calls whose results come next, in their order.
    open: VecDeque<String>,
}

impl<'a> Writer<'a> {
    pub fn new(names: &'a mut Names, losses: &'a mut Losses) -> Self {
        Self { names, losses, times: HashMap::new(), open: VecDeque::new() }
    }

    /// Writes the parts of a turn.
    pub fn turn(&mut self, turn: &Turn) -> Result<Written, Refused> {
        let mut written = Written::default();
        for part in &turn.parts {
            self.part(part, turn, &mut written)?;
        }
        Ok(written)
    }

    fn part(&mut self, part: &Part, turn: &Turn, out: &mut Written) -> Result<(), Refused> {
        let at = part.place(&turn.at);
        match part {
            Part::Text(text) => out.blocks.extend(self.text(text, at)),
            Part::Refusal(words) => {
                self.losses.push(Token::ApproxRefusalAsText, at);
                out.blocks.extend(self.text(words, at));
            }
            Part::Image(_) | Part::Document(_) => {
                if let Some(media) = self.media(part, turn.role, at) {
                    out.stubs += usize::from(media.is_stub);
                    out.blocks.push(media.block);
                }
            }
            Part::Thinking(thinking) => out.blocks.extend(self.thinking(thinking, at)),
            Part::Call(call) => out.blocks.push(self.call(call, at)),
            Part::Result(result) => out.blocks.push(self.result(result, at)),
            Part::Server(server) if server.family == Family::Anthropic => {
                out.blocks.push(Block::Raw(server.raw.clone()));
            }
            Part::Server(_) => self.losses.push(Token::DropHostedTool, at),
            Part::Opaque(opaque) => out.blocks.extend(self.opaque(opaque, at)?),
        }
        Ok(())
    }

    /// Writes a text; blank ones are refused by the vendor, and left out.
    fn text(&mut self, text: &Text, at: &str) -> Option<Block> {
        self.losses.push_if(text.seal.is_some(), Token::DropThinkingForeign, at);
        if text.text.trim().is_empty() {
            self.losses.push_if(text.cache.is_some(), Token::DropCacheControl, at);
            return None;
        }
        let is_own = |one: &&Citation| one.family == Family::Anthropic;
        let own = text.citations.iter().filter(is_own);
        let lost = text.citations.iter().any(|one| !is_own(&one));
        self.losses.push_if(lost, Token::DropCitations, at);
        Some(Block::Text {
            text: text.text.clone(),
            citations: own.map(|citation| citation.raw.clone()).collect(),
            cache_control: Mark::of(text.cache, at),
        })
    }

    fn media(&mut self, part: &Part, role: Role, at: &str) -> Option<Media> {
        // What the model drew is not shown to it again: its turns take no pictures.
        if role == Role::Assistant {
            self.losses.push(Token::DropModalities, at);
            let block = Block::text("[A picture or file stood here.]");
            return Some(Media { block, is_stub: true });
        }
        match part {
            Part::Image(image) => Some(media_out::image(image, at, self.losses)),
            Part::Document(document) => Some(media_out::document(document, at, self.losses)),
            _ => None,
        }
    }

    /// Writes thinking with its signature; without an own one it would be refused.
    fn thinking(&mut self, thinking: &Thinking, at: &str) -> Option<Block> {
        let own = thinking.seal.as_ref().filter(|seal| seal.family == Family::Anthropic);
        let Some(seal) = own else {
            self.losses.push(Token::DropThinkingForeign, at);
            return None;
        };
        let (thinking, blob) = (thinking, seal.blob.clone());
        Some(if thinking.redacted {
            Block::RedactedThinking { data: blob }
        } else {
            Block::Thinking { thinking: thinking.text.clone(), signature: blob }
        })
    }

    fn call(&mut self, call: &Call, at: &str) -> Block {
        self.losses.push_if(call.seal.is_some(), Token::DropThinkingForeign, at);
        let (namespace, name) = (call.namespace.clone(), call.name.clone());
        let tool = ToolName { namespace, name, kind: call.kind };
        Block::ToolUse {
            id: self.call_id(&call.id),
            name: self.names.tool(tool, Bounds::ANTHROPIC_NAME),
            input: args_of(call.kind, &call.args, self.losses, at),
            cache_control: Mark::of(call.cache, at),
        }
    }

    /// Returns the id of a call. Some vendors count calls anew in each answer; this one wants no id twice.
    fn call_id(&mut self, id: &str) -> String {
        let mut own = self.names.call(id, Bounds::CALL_ID);
        let times = self.times.entry(own.clone()).or_default();
        *times += 1;
        if *times > 1 {
            own = Bounds::CALL_ID.fit(&format!("{id} {times}"));
        }
        self.open.push_back(own.clone());
        own
    }

    fn result(&mut self, result: &ToolResult, at: &str) -> Block {
        // Results stand in the order of their calls.
        let own = self.open.pop_front();
        let call = own.unwrap_or_else(|| self.names.call(&result.call, Bounds::CALL_ID));
        let mut content = Vec::with_capacity(result.content.len());
        for part in &result.content {
            let at = part.place(at);
            match part {
                Part::Text(text) | Part::Refusal(text) => content.extend(self.text(text, at)),
                part => {
                    content.extend(self.media(part, Role::User, at).map(|media| media.block));
                }
            }
        }
        Block::ToolResult {
            tool_use_id: call,
            content,
            is_error: result.error,
            cache_control: Mark::of(result.cache, at),
        }
    }

    /// Writes what only its own vendor can read. What stands for a part of the conversation cannot be
    /// left out in silence.
    fn opaque(&mut self, opaque: &Opaque, at: &str) -> Result<Option<Block>, Refused> {
        if opaque.family == Family::Anthropic {
            return Ok(Some(Block::Raw(opaque.raw.clone())));
        }
        let kind = opaque.kind.as_str();
        if kind.contains("compaction") || matches!(kind, "item_reference" | "cachedContent") {
            return Err(Refused::new(format!(
                "{at}: this {kind} can only be read by the vendor that made it"
            )));
        }
        self.losses.push(Token::DropHostedTool, at);
        Ok(None)
    }
}
