//! What vendors' own tools did and made, as items for a client.

use super::super::hub::{Family, Json};
use super::super::loss::{Losses, Token};
use super::frames_out::{Frames, on_one_line};
use super::item_out::{ItemOut, Search, whole};

/// Writes a picture, as what a tool for pictures made.
pub(super) fn picture(mime: &str, data: &str, frames: &mut Frames, out: &mut Vec<u8>) {
    let output_format = mime.strip_prefix("image/").unwrap_or("png");
    whole("ig", frames, out, |id, status| {
        ItemOut::ImageGenerationCall { id, status, output_format, result: data }.json()
    });
}

/// Writes what a tool did: this family's as it is, a search of the web as one of here. What it found is
/// told by the sources of the text.
pub(super) fn server(
    family: Family,
    raw: &Json,
    frames: &mut Frames,
    losses: &mut Losses,
    out: &mut Vec<u8>,
) {
    if family == Family::OpenAi {
        let raw = on_one_line(raw);
        let spot = frames.begin("item");
        frames.added(&spot, &raw, out);
        frames.done(&spot, raw, out);
        return;
    }
    match searched(raw) {
        Some(query) => whole("ws", frames, out, |id, status| {
            let action = Search::Search { query: query.clone() };
            ItemOut::WebSearchCall { id, status, action }.json()
        }),
        None => losses.push(Token::DropHostedTool, ""),
    }
}

/// Returns what Anthropic's search of the web was for.
fn searched(raw: &Json) -> Option<String> {
    let tree = raw.tree();
    let text = |value: Option<&serde_json::Value>| value?.as_str().map(str::to_owned);
    let is_search = text(tree.get("name")).as_deref() == Some("web_search");
    text(tree.get("input").and_then(|input| input.get("query"))).filter(|_| is_search)
}
