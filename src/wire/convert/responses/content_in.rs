//! Contents of messages and of tools' results, read.

use serde::Deserialize;

use super::super::hub::{Citation, Document, Family, Image, Json, Part, Source, Text};
use super::super::loss::{Losses, Token};
use super::media;

/// A piece of content, of any kind.
#[derive(Deserialize)]
struct Piece {
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
    refusal: Option<String>,
    annotations: Option<Vec<Json>>,
    image_url: Option<Json>,
    detail: Option<String>,
    file_id: Option<String>,
    file_data: Option<String>,
    file_url: Option<String>,
    filename: Option<String>,
}

/// Reads a text, or a list of pieces; what nobody knows is skipped.
pub(super) fn parts(content: &Json, at: &str, losses: &mut Losses) -> Vec<Part> {
    if let Ok(text) = content.read::<String>() {
        return text_part(text, Vec::new()).into_iter().collect();
    }
    let pieces = content.read::<Vec<Json>>().unwrap_or_default();
    let read = pieces.iter().filter_map(|piece| piece.read::<Piece>().ok());
    read.filter_map(|piece| part(piece, at, losses)).collect()
}

/// Returns a text as it is, and anything else as its JSON.
pub(super) fn string(json: &Json) -> String {
    json.read::<String>().unwrap_or_else(|_| json.text().to_owned())
}

/// Reads a source of a text.
pub(super) fn citation(raw: Json) -> Citation {
    #[derive(Default, Deserialize)]
    struct Annotation {
        title: Option<String>,
        url: Option<String>,
    }
    let Annotation { title, url } = raw.read().unwrap_or_default();
    Citation { family: Family::OpenAi, title, url, raw }
}

fn part(piece: Piece, at: &str, losses: &mut Losses) -> Option<Part> {
    match piece.kind.as_deref().unwrap_or("input_text") {
        "input_text" | "output_text" | "text" | "summary_text" => {
            text_part(piece.text?, piece.annotations.unwrap_or_default())
        }
        "refusal" => Some(Part::Refusal(piece.refusal.or(piece.text)?)),
        "input_image" | "computer_screenshot" => image(piece),
        "input_file" => document(piece),
        "input_audio" => {
            losses.push(Token::DropAudio, at);
            None
        }
        _ => None,
    }
}

fn text_part(text: String, annotations: Vec<Json>) -> Option<Part> {
    let citations = annotations.into_iter().map(citation).collect::<Vec<_>>();
    let is_nothing = text.is_empty() && citations.is_empty();
    (!is_nothing).then_some(Part::Text(Text { text, cache: None, citations, seal: None }))
}

fn image(piece: Piece) -> Option<Part> {
    let Piece { image_url, detail, file_id, .. } = piece;
    let source = match (image_url.as_ref().and_then(address), file_id) {
        (Some(url), _) => media::of_url(&url),
        (None, Some(id)) => Source::File { family: Family::OpenAi, id },
        (None, None) => return None,
    };
    Some(Part::Image(Image { source, detail, cache: None }))
}

/// Reads an address; some write it as chat does, `{"url": ..}`.
fn address(image_url: &Json) -> Option<String> {
    #[derive(Deserialize)]
    struct Wrapped {
        url: String,
    }
    let wrapped = || image_url.read::<Wrapped>().ok().map(|wrapped| wrapped.url);
    image_url.read::<String>().ok().or_else(wrapped)
}

fn document(piece: Piece) -> Option<Part> {
    let Piece { file_id, file_data, file_url, filename, .. } = piece;
    let source = match (file_data, file_url, file_id) {
        (Some(data), _, _) => media::of_file_data(&data, filename.as_deref()),
        (None, Some(url), _) => media::of_url(&url),
        (None, None, Some(id)) => Source::File { family: Family::OpenAi, id },
        (None, None, None) => return None,
    };
    Some(Part::Document(Document { source, title: None, filename, cache: None }))
}
