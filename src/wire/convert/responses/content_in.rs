//! Contents of messages and of tools' results, read.

use serde::Deserialize;

use super::super::fields::{read_saying, say_unknown};
use super::super::hub::{Citation, Document, Family, Image, Json, Part, Place, Source, Text};
use super::super::loss::{Losses, Token};
use super::media;

/// What is read of pieces of content; what is measured beside a text is the vendor's own.
const KNOWN: [&str; 11] = [
    "type",
    "text",
    "refusal",
    "annotations",
    "image_url",
    "detail",
    "file_id",
    "file_data",
    "file_url",
    "filename",
    "input_audio",
];

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

/// Reads a text, or a list of pieces, which stands at a place; what nobody knows is left out, and said.
pub(super) fn parts(content: &Json, at: &str, losses: &mut Losses) -> Vec<Part> {
    if let Ok(text) = content.read::<String>() {
        return text_part(text, Vec::new(), at).into_iter().collect();
    }
    let Ok(pieces) = content.read::<Vec<Json>>() else {
        losses.push_if(content.text() != "null", Token::DropContent, at);
        return Vec::new();
    };
    let mut parts = Vec::with_capacity(pieces.len());
    for (number, raw) in pieces.iter().enumerate() {
        let at = format!("{at}/{number}");
        let piece = read_saying::<Piece>(raw.text(), &KNOWN, &at, losses);
        if piece.is_err() {
            say_unknown(raw.text(), &KNOWN, &at, losses);
        }
        match piece.ok().and_then(|piece| part(piece, &at, losses)) {
            Some(Read::Part(part)) => parts.push(part),
            Some(Read::Nothing) => {}
            None => losses.push(Token::DropContent, at),
        }
    }
    parts
}

/// What a piece has been read as.
enum Read {
    Part(Part),
    /// It says nothing, or what it lost is said.
    Nothing,
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

/// Reads a piece; `None` of what nobody knows, and of what lacks what its kind has.
fn part(piece: Piece, at: &str, losses: &mut Losses) -> Option<Read> {
    match piece.kind.as_deref().unwrap_or("input_text") {
        "input_text" | "output_text" | "text" | "summary_text" => {
            let part = text_part(piece.text?, piece.annotations.unwrap_or_default(), at);
            Some(part.map_or(Read::Nothing, Read::Part))
        }
        "refusal" => {
            let text = Text::plain(piece.refusal.or(piece.text)?);
            Some(Read::Part(Part::Refusal(Text { at: Place::new(at), ..text })))
        }
        "input_image" | "computer_screenshot" => image(piece, at).map(Read::Part),
        "input_file" => document(piece, at).map(Read::Part),
        "input_audio" => {
            losses.push(Token::DropAudio, at);
            Some(Read::Nothing)
        }
        _ => None,
    }
}

fn text_part(text: String, annotations: Vec<Json>, at: &str) -> Option<Part> {
    let citations = annotations.into_iter().map(citation).collect::<Vec<_>>();
    let is_nothing = text.is_empty() && citations.is_empty();
    let at = Place::new(at);
    (!is_nothing).then_some(Part::Text(Text { text, cache: None, citations, seal: None, at }))
}

fn image(piece: Piece, at: &str) -> Option<Part> {
    let Piece { image_url, detail, file_id, .. } = piece;
    let source = match (image_url.as_ref().and_then(address), file_id) {
        (Some(url), _) => media::of_url(&url),
        (None, Some(id)) => Source::File { family: Family::OpenAi, id },
        (None, None) => return None,
    };
    Some(Part::Image(Image { source, detail, cache: None, at: Place::new(at) }))
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

fn document(piece: Piece, at: &str) -> Option<Part> {
    let Piece { file_id, file_data, file_url, filename, .. } = piece;
    let source = match (file_data, file_url, file_id) {
        (Some(data), _, _) => media::of_file_data(&data, filename.as_deref()),
        (None, Some(url), _) => media::of_url(&url),
        (None, None, Some(id)) => Source::File { family: Family::OpenAi, id },
        (None, None, None) => return None,
    };
    let at = Place::new(at);
    Some(Part::Document(Document { source, title: None, filename, cache: None, at }))
}
