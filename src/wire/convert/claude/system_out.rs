//! Instructions for a provider: those before the conversation, those from its middle, and the form of
//! the answer where the model takes no schema.

use serde::Serialize;

use super::block::{Block, Mark};
use super::tools_out::is_closed;
use crate::wire::convert::bounded::tell_bounds;
use crate::wire::convert::hub::{Format, Json, Part, Request, Role, Turn, setting};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::target::ModelTraits;

/// The form of the answer as it is written.
#[derive(Debug, Serialize)]
pub(super) struct FormatOut {
    #[serde(rename = "type")]
    kind: &'static str,
    schema: Json,
}

/// Writes the instructions before the conversation, and behind them those of its middle, which have no
/// place there. Returns the conversation without them.
pub(super) fn system(request: &Request, losses: &mut Losses) -> (Vec<Block>, Vec<Turn>) {
    let mut blocks = Vec::new();
    for text in &request.system {
        let at = text.at.or("");
        if text.text.trim().is_empty() {
            losses.push_if(text.cache.is_some(), Token::DropCacheControl, at);
            continue;
        }
        let (text, mark) = (text.text.clone(), Mark::of(text.cache, at));
        blocks.push(Block::Text { text, citations: Vec::new(), cache_control: mark });
    }
    let mut turns = Vec::with_capacity(request.turns.len());
    for turn in &request.turns {
        if turn.role != Role::System {
            turns.push(turn.clone());
            continue;
        }
        losses.push(Token::ApproxSystemMoved, turn.at.clone());
        for part in &turn.parts {
            let at = part.place(&turn.at);
            let Part::Text(text) = part else {
                // Instructions are text alone.
                losses.push(Token::DropContent, at);
                continue;
            };
            if !text.text.trim().is_empty() {
                let (text, mark) = (text.text.clone(), Mark::of(text.cache, at));
                blocks.push(Block::Text { text, citations: Vec::new(), cache_control: mark });
            }
        }
    }
    (blocks, turns)
}

/// Returns a schema that something must keep to without the bounds that the vendor refuses in such.
pub(super) fn unbounded(schema: &Json, at: &str, losses: &mut Losses) -> Json {
    let mut tree = schema.tree();
    if !tell_bounds(&mut tree) {
        return schema.clone();
    }
    losses.push(Token::ApproxSchema, at);
    Json::of(&tree).unwrap_or_else(|| schema.clone())
}

/// Writes the form of the answer, or says it in words. The vendor refuses a schema that leaves an object
/// open, and so "any object" too.
pub(super) fn format(
    request: &Request,
    model: &ModelTraits,
    system: &mut Vec<Block>,
    losses: &mut Losses,
) -> Option<FormatOut> {
    match &request.format {
        Format::Text => None,
        Format::Json => {
            losses.push(Token::ApproxJsonMode, setting::FORMAT);
            system.push(Block::text("Answer with one JSON object alone, without any other text."));
            None
        }
        Format::Schema { schema, .. } if model.structured && is_closed(&schema.tree()) => {
            let schema = unbounded(schema, setting::SCHEMA, losses);
            Some(FormatOut { kind: "json_schema", schema })
        }
        Format::Schema { schema, .. } => {
            losses.push(Token::ApproxFormatAsPrompt, setting::FORMAT);
            system.push(Block::text(format!(
                "Answer with JSON alone, without any other text. It must keep to this JSON Schema:\n{}",
                schema.text()
            )));
            None
        }
    }
}
