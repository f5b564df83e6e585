//! Contents of messages and of tools' results, written.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::super::hub::{Citation, Document, Family, Image, Json, Part, Source, Text, Ttl};
use super::super::loss::{Losses, Token};
use super::media::{PDF, data_url};

/// What a file is called that has no name.
const NAMELESS: &str = "document.pdf";

/// A piece of content.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Piece {
    /// What a user, the system or a tool says.
    InputText { text: String },
    /// What the model says.
    OutputText {
        text: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        annotations: Vec<Json>,
    },
    /// Why the model does not answer.
    Refusal { refusal: String },
    /// A picture.
    InputImage {
        #[serde(skip_serializing_if = "Option::is_none")]
        image_url: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        file_id: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    /// A file.
    InputFile(Attached),
}

/// A file: one of its sources is there.
#[derive(Default, Serialize)]
pub(super) struct Attached {
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_id: Option<String>,
}

/// Writes what goes in: text, pictures and files of users, tools and the system. `None` for what is
/// nothing here.
pub(super) fn input(part: &Part, at: &str, losses: &mut Losses) -> Option<Piece> {
    match part {
        Part::Text(text) => input_text(text, at, losses),
        Part::Image(picture) => Some(image(picture, at, losses)),
        Part::Document(file) => Some(document(file, at, losses)),
        Part::Refusal(words) => Some(Piece::InputText { text: words.text.clone() }),
        Part::Thinking(_) | Part::Call(_) | Part::Result(_) | Part::Server(_) | Part::Opaque(_) => {
            None
        }
    }
}

/// Writes what came out: the model's own text and refusals. It cannot have said pictures and files here.
pub(super) fn output(part: &Part, at: &str, losses: &mut Losses) -> Option<Piece> {
    match part {
        Part::Text(text) => {
            no_cache(text.cache, at, losses);
            if text.seal.is_some() {
                losses.push(Token::DropThinkingForeign, at);
            }
            let is_own = |one: &&Citation| one.family == Family::OpenAi;
            let lost = text.citations.iter().any(|one| !is_own(&one));
            losses.push_if(lost, Token::DropCitations, at);
            let own = text.citations.iter().filter(is_own);
            let annotations = own.map(|citation| citation.raw.clone()).collect();
            let text = text.text.clone();
            (!text.is_empty()).then_some(Piece::OutputText { text, annotations })
        }
        Part::Refusal(words) => Some(Piece::Refusal { refusal: words.text.clone() }),
        Part::Image(_) => {
            losses.push(Token::DropImageUrl, at);
            Some(said("[image]"))
        }
        Part::Document(_) => {
            losses.push(Token::DropDocument, at);
            Some(said("[document]"))
        }
        Part::Thinking(_) | Part::Call(_) | Part::Result(_) | Part::Server(_) | Part::Opaque(_) => {
            None
        }
    }
}

/// Tells whether nothing of a part can be read here: a picture or file that another vendor keeps, or a
/// file that is neither PDF nor text.
pub(super) fn is_unreadable(part: &Part) -> bool {
    let (Part::Image(Image { source, .. }) | Part::Document(Document { source, .. })) = part else {
        return false;
    };
    match source {
        Source::File { family, .. } => !matches!(family, Family::OpenAi),
        Source::Url { url, .. } => !is_reachable(url),
        Source::Base64 { mime, data } => {
            matches!(part, Part::Document(_)) && mime != PDF && text_in(data).is_none()
        }
        Source::Inline(_) => false,
    }
}

/// Tells whether this vendor can fetch what an address names, or has it in the address: not from the
/// stores of other clouds.
fn is_reachable(url: &str) -> bool {
    let begins = |scheme: &str| {
        url.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    };
    ["https://", "http://", "data:"].into_iter().any(begins)
}

/// Says what a text loses that goes in.
pub(super) fn say_lost(text: &Text, at: &str, losses: &mut Losses) {
    no_cache(text.cache, at, losses);
    losses.push_if(!text.citations.is_empty(), Token::DropCitations, at);
}

fn input_text(text: &Text, at: &str, losses: &mut Losses) -> Option<Piece> {
    say_lost(text, at, losses);
    (!text.text.is_empty()).then(|| Piece::InputText { text: text.text.clone() })
}

fn said(text: &str) -> Piece {
    Piece::OutputText { text: text.to_owned(), annotations: Vec::new() }
}

fn no_cache(cache: Option<Ttl>, at: &str, losses: &mut Losses) {
    losses.push_if(cache.is_some(), Token::DropCacheControl, at);
}

fn image(picture: &Image, at: &str, losses: &mut Losses) -> Piece {
    no_cache(picture.cache, at, losses);
    let (image_url, file_id) = match &picture.source {
        Source::Base64 { mime, data } => (Some(data_url(mime, data)), None),
        Source::Url { url, .. } if is_reachable(url) => (Some(url.clone()), None),
        Source::Url { .. } => {
            losses.push(Token::DropImageUrl, at);
            return stub("[an image that cannot be fetched]");
        }
        Source::File { family: Family::OpenAi, id } => (None, Some(id.clone())),
        Source::File { .. } => {
            losses.push(Token::DropFileRef, at);
            return stub("[an image that another vendor keeps]");
        }
        Source::Inline(text) => return stub(text),
    };
    Piece::InputImage { image_url, file_id, detail: picture.detail.clone() }
}

fn document(file: &Document, at: &str, losses: &mut Losses) -> Piece {
    no_cache(file.cache, at, losses);
    let name = file.filename.clone().or_else(|| file.title.clone());
    match &file.source {
        Source::Base64 { mime, data } => bytes(mime, data, name, at, losses),
        Source::Url { url, .. } if !is_reachable(url) => {
            losses.push(Token::DropDocument, at);
            stub("[a document that cannot be fetched]")
        }
        Source::Url { url, .. } => {
            Piece::InputFile(Attached { file_url: Some(url.clone()), ..Attached::default() })
        }
        Source::File { family: Family::OpenAi, id } => {
            Piece::InputFile(Attached { file_id: Some(id.clone()), ..Attached::default() })
        }
        Source::File { .. } => {
            losses.push(Token::DropFileRef, at);
            stub("[a document that another vendor keeps]")
        }
        Source::Inline(text) => as_text(name.as_deref(), text, at, losses),
    }
}

/// Writes a file that is here: PDF as it is, what is text as text.
fn bytes(mime: &str, data: &str, name: Option<String>, at: &str, losses: &mut Losses) -> Piece {
    if mime == PDF {
        losses.push_if(name.is_none(), Token::ApproxFilename, at);
        let filename = Some(name.unwrap_or_else(|| NAMELESS.to_owned()));
        let file_data = Some(data_url(mime, data));
        return Piece::InputFile(Attached { filename, file_data, ..Attached::default() });
    }
    if let Some(text) = text_in(data) {
        return as_text(name.as_deref(), &text, at, losses);
    }
    losses.push(Token::DropDocument, at);
    stub(&format!("[a document of type {mime}]"))
}

/// Returns the text that a file's bytes are.
fn text_in(data: &str) -> Option<String> {
    STANDARD.decode(data).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}

fn as_text(name: Option<&str>, text: &str, at: &str, losses: &mut Losses) -> Piece {
    losses.push(Token::ApproxDocumentAsText, at);
    stub(&name.map_or_else(|| text.to_owned(), |name| format!("{name}:\n{text}")))
}

fn stub(text: &str) -> Piece {
    Piece::InputText { text: text.to_owned() }
}
