//! What a client is shown of an answer: names as it knows them, and what this format has a place for.

use super::block::Block;
use crate::wire::convert::functions::args_of;
use crate::wire::convert::hub::{Call, Citation, Family, Part, Seal, ServerTool, Text, Thinking};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::names::Bounds;
use crate::wire::convert::reply::Reply;
use crate::wire::convert::seal::carried;

/// What stands for a picture.
pub(super) const PICTURE: &str = "[The model made a picture, which cannot be shown here.]";

/// Returns the id of the answer: the upstream's, which may have another format's look, or our own.
pub(super) fn message_id(given: Option<&str>, reply: &Reply) -> String {
    match given.filter(|id| !id.is_empty()) {
        Some(id) if id.starts_with("msg_") => id.to_owned(),
        Some(id) => format!("msg_{id}"),
        None => format!("msg_{}", reply.id),
    }
}

/// Returns the model by the name that the client asked for.
pub(super) fn model<'a>(given: Option<&'a str>, reply: &'a Reply) -> &'a str {
    if reply.model.is_empty() { given.unwrap_or_default() } else { &reply.model }
}

/// Returns the name of a tool as the client knows it.
pub(super) fn tool_name(namespace: Option<&str>, name: &str, reply: &Reply) -> String {
    let whole = namespace.map_or_else(|| name.to_owned(), |space| format!("{space}__{name}"));
    let Some(known) = reply.names.tool_of(&whole) else { return whole };
    match &known.namespace {
        Some(namespace) => format!("{namespace}__{}", known.name),
        None => known.name.clone(),
    }
}

/// Returns the id of a call as the client knows it. The client sends it back, perhaps right to a provider
/// of this format, so it keeps to this format's letters.
pub(super) fn call_id(id: &str, reply: &Reply) -> String {
    Bounds::CALL_ID.fit(reply.names.call_of(id))
}

/// Makes the block that carries the seal of what has no place for one.
pub(super) fn carrier(seal: &Seal) -> Block {
    Block::Thinking { thinking: String::new(), signature: carried(seal).into_owned() }
}

/// Returns the blocks of a whole part.
pub(super) fn blocks(part: &Part, reply: &Reply, losses: &mut Losses) -> Vec<Block> {
    match part {
        Part::Text(text) => {
            losses.push_if(text.seal.is_some(), Token::DropThinkingSealed, "");
            let foreign = |citation: &Citation| citation.family != Family::Anthropic;
            losses.push_if(text.citations.iter().any(foreign), Token::DropCitations, "");
            self::text(text).into_iter().collect()
        }
        Part::Refusal(words) => {
            losses.push(Token::ApproxRefusalAsText, "");
            self::text(words).into_iter().collect()
        }
        Part::Thinking(thinking) => self::thinking(thinking, reply).into_iter().collect(),
        Part::Call(call) => self::call(call, reply, losses),
        Part::Server(server) => self::server(server, losses).into_iter().collect(),
        Part::Image(_) => {
            losses.push(Token::DropModalities, "");
            vec![Block::text(PICTURE)]
        }
        // No answer has these.
        Part::Document(_) | Part::Result(_) | Part::Opaque(_) => Vec::new(),
    }
}

fn text(text: &Text) -> Option<Block> {
    let own = text.citations.iter().filter(|citation| citation.family == Family::Anthropic);
    let citations: Vec<_> = own.map(|citation| citation.raw.clone()).collect();
    let is_something = !text.text.is_empty() || !citations.is_empty();
    let block = Block::Text { text: text.text.clone(), citations, cache_control: None };
    is_something.then_some(block)
}

/// Of thinking that is not to be shown, the seal is left: the client gives it back.
fn thinking(thinking: &Thinking, reply: &Reply) -> Option<Block> {
    let blob = thinking.seal.as_ref().map(|seal| carried(seal).into_owned());
    if thinking.redacted {
        return blob.map(|data| Block::RedactedThinking { data });
    }
    if reply.show_thinking {
        let (thinking, signature) = (thinking.text.clone(), blob.unwrap_or_default());
        return Some(Block::Thinking { thinking, signature });
    }
    blob.map(|signature| Block::Thinking { thinking: String::new(), signature })
}

fn call(call: &Call, reply: &Reply, losses: &mut Losses) -> Vec<Block> {
    let mut blocks: Vec<Block> = call.seal.iter().map(carrier).collect();
    blocks.push(Block::ToolUse {
        id: call_id(&call.id, reply),
        name: tool_name(call.namespace.as_deref(), &call.name, reply),
        input: args_of(call.kind, &call.args, losses, ""),
        cache_control: None,
    });
    blocks
}

/// Returns what a tool of the vendor did, when it is this family's.
pub(super) fn server(server: &ServerTool, losses: &mut Losses) -> Option<Block> {
    let own = server.family == Family::Anthropic;
    losses.push_if(!own, Token::DropHostedTool, "");
    own.then(|| Block::Raw(server.raw.clone()))
}
