//! A whole answer of the hub into the body for a client.

use super::super::functions::args_of;
use super::super::hub::{Answer, Call, Family, Image, Part, ServerTool};
use super::super::loss::{Losses, Token};
use super::super::reply::Reply;
use super::chunk_out::{ChunkOut, EndOut, is_lost};
use super::part_out::{CallOut, PartOut, Piece};
use super::seal::shown;
use super::usage::UsageOut;
use super::{finish, media};

/// Writes a whole answer.
#[must_use]
pub fn encode_answer(answer: &Answer, reply: &Reply, losses: &mut Losses) -> Vec<u8> {
    let parts = answer.parts.iter().filter_map(|part| piece(part, reply, losses)).collect();
    let texts = answer.parts.iter().filter_map(|part| match part {
        Part::Text(text) => Some(&text.citations),
        _ => None,
    });
    let citations: Vec<_> = texts.flatten().cloned().collect();
    losses.push_if(citations.iter().any(is_lost), Token::DropCitations, "");
    let end = EndOut {
        reason: finish::reason(&answer.finish, losses),
        citations,
        usage: answer.usage.map(|usage| UsageOut::of(&usage, losses)),
    };
    let id = answer.id.as_deref().filter(|id| !id.is_empty()).unwrap_or(&reply.id);
    let upstream = answer.model.as_deref().unwrap_or_default();
    let model = if reply.model.is_empty() { upstream } else { &reply.model };
    // It is made of texts and numbers alone, so it has a form.
    serde_json::to_vec(&ChunkOut::new(model, id, parts, Some(end))).unwrap_or_default()
}

fn piece(part: &Part, reply: &Reply, losses: &mut Losses) -> Option<Piece> {
    match part {
        Part::Text(text) => {
            let seal = text.seal.as_ref().and_then(shown);
            let says = !text.text.is_empty() || seal.is_some();
            says.then(|| PartOut::text(text.text.clone(), seal).into())
        }
        Part::Thinking(thinking) if reply.show_thinking => {
            let seal = thinking.seal.as_ref().and_then(shown);
            let says = !thinking.text.is_empty() || seal.is_some();
            says.then(|| PartOut::thought(thinking.text.clone(), seal).into())
        }
        Part::Call(found) => Some(call(found, reply, losses)),
        Part::Refusal(words) => {
            losses.push(Token::ApproxRefusalAsText, "");
            (!words.text.is_empty()).then(|| PartOut::text(words.text.clone(), None).into())
        }
        Part::Image(found) => Some(image(found.clone(), losses)),
        Part::Server(tool) => server(tool, losses),
        Part::Thinking(_) | Part::Document(_) | Part::Result(_) | Part::Opaque(_) => None,
    }
}

/// Writes a call, by the name and id that the client knows.
pub(super) fn call(call: &Call, reply: &Reply, losses: &mut Losses) -> Piece {
    let known = reply.names.tool_of(&call.name);
    let name = known.map_or(&call.name, |tool| &tool.name).clone();
    let args = args_of(call.kind, &call.args, losses, "");
    let id = Some(reply.names.call_of(&call.id).to_owned()).filter(|id| !id.is_empty());
    let seal = call.seal.as_ref().and_then(shown);
    PartOut::call(CallOut { id, name, args }, seal).into()
}

/// Writes a picture.
pub(super) fn image(found: Image, losses: &mut Losses) -> Piece {
    media::image(found, losses, "").unwrap_or_else(|words| PartOut::text(words, None)).into()
}

/// Writes what Google itself ran; what another vendor ran has no form here.
pub(super) fn server(tool: &ServerTool, losses: &mut Losses) -> Option<Piece> {
    if tool.family == Family::Google {
        return Some(Piece::Raw(tool.raw.clone()));
    }
    losses.push(Token::DropHostedTool, "");
    None
}
