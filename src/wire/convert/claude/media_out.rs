//! Pictures and documents for a provider. What it cannot be given is a line of text that says so.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::block::{Block, Mark, Source as Wire};
use crate::wire::convert::hub::{Document, Family, Image, Source};
use crate::wire::convert::loss::{Losses, Token};

const PDF: &str = "application/pdf";

/// A block that stands for a picture or document.
pub(super) struct Media {
    pub block: Block,
    /// It only says that something was left out.
    pub is_stub: bool,
}

impl Media {
    const fn whole(block: Block) -> Self {
        Self { block, is_stub: false }
    }

    fn stub(what: &str) -> Self {
        Self { block: Block::text(format!("[{what} was left out here.]")), is_stub: true }
    }
}

/// Writes a picture.
pub(super) fn image(image: &Image, at: &str, losses: &mut Losses) -> Media {
    losses.push_if(image.detail.is_some(), Token::DropImageDetail, at);
    let cache_control = Mark::of(image.cache, at);
    let source = match opened(&image.source) {
        Source::Base64 { mime, data } => {
            let media_type = match mime.as_str() {
                "" => "image/png".to_owned(),
                "image/jpg" => "image/jpeg".to_owned(),
                _ => mime,
            };
            Wire::Base64 { media_type, data }
        }
        Source::Url { url, .. } if is_web(&url) => Wire::Url { url },
        Source::Url { .. } => {
            losses.push(Token::DropImageUrl, at);
            return Media::stub("A picture");
        }
        Source::File { family: Family::Anthropic, id } => Wire::File { file_id: id },
        Source::File { .. } => {
            losses.push(Token::DropFileRef, at);
            return Media::stub("A picture");
        }
        Source::Inline(text) => return Media::whole(Block::text(text)),
    };
    Media::whole(Block::Image { source, cache_control })
}

/// Writes a document.
pub(super) fn document(document: &Document, at: &str, losses: &mut Losses) -> Media {
    let source = match opened(&document.source) {
        Source::Inline(text) => Wire::Text { media_type: "text/plain", data: text },
        Source::Base64 { mime, data } if mime == PDF => Wire::Base64 { media_type: mime, data },
        Source::Base64 { mime, data } => {
            let Some(text) = as_text(&mime, &data) else {
                losses.push(Token::DropDocument, at);
                return Media::stub("A file");
            };
            losses.push_if(mime != "text/plain", Token::ApproxDocumentAsText, at);
            Wire::Text { media_type: "text/plain", data: text }
        }
        Source::Url { url, mime } if is_web(&url) && mime.as_deref().is_none_or(is_pdf) => {
            Wire::Url { url }
        }
        Source::File { family: Family::Anthropic, id } => Wire::File { file_id: id },
        Source::Url { .. } => {
            losses.push(Token::DropDocument, at);
            return Media::stub("A file");
        }
        Source::File { .. } => {
            losses.push(Token::DropFileRef, at);
            return Media::stub("A file");
        }
    };
    let title = document.title.clone().or_else(|| document.filename.clone());
    let cache_control = Mark::of(document.cache, at);
    Media::whole(Block::Document { source, title, cache_control })
}

fn is_pdf(mime: &str) -> bool {
    mime == PDF
}

fn is_web(url: &str) -> bool {
    let starts = |scheme: &str| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    starts("https://") || starts("http://")
}

/// Returns what stands in a `data:` address, else the source as it is.
fn opened(source: &Source) -> Source {
    let Source::Url { url, mime } = source else { return source.clone() };
    let Some(rest) = url.strip_prefix("data:") else { return source.clone() };
    let Some((head, data)) = rest.split_once(',') else { return source.clone() };
    let Some(head) = head.strip_suffix(";base64") else { return source.clone() };
    let said = head.split(';').next().filter(|said| !said.is_empty()).map(str::to_owned);
    let mime = said.or_else(|| mime.clone()).unwrap_or_else(|| "image/png".to_owned());
    Source::Base64 { mime, data: data.to_owned() }
}

/// Reads a file of text; `None` of any other.
fn as_text(mime: &str, data: &str) -> Option<String> {
    let kind = mime.split(';').next().unwrap_or(mime).trim();
    let is_text = kind.starts_with("text/")
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
        || matches!(
            kind,
            "application/json"
                | "application/xml"
                | "application/javascript"
                | "application/yaml"
                | "application/x-yaml"
                | "application/toml"
                | "application/sql"
        );
    if !is_text {
        return None;
    }
    String::from_utf8(STANDARD.decode(data).ok()?).ok()
}
