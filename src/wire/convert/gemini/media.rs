//! Pictures and files: inline, or at an address that Google reads itself.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::hub::{Document, Family, Image, Part, Place, Source};
use super::super::loss::{Losses, Token};
use super::part_in::{BlobIn, FileIn};
use super::part_out::{Blob, FileRef, PartOut};

/// Hosts whose addresses Google reads, besides its buckets.
const HOSTS: [&str; 5] = [
    "generativelanguage.googleapis.com",
    "www.youtube.com",
    "youtube.com",
    "m.youtube.com",
    "youtu.be",
];

/// Returns inline bytes as a picture or a file.
pub(super) fn of_blob(blob: BlobIn, at: Place, losses: &mut Losses) -> Part {
    let BlobIn { mime_type: mime, data, display_name } = blob;
    of_source(mime.starts_with("image/"), Source::Base64 { mime, data }, display_name, at, losses)
}

/// Returns an address as a picture or a file.
pub(super) fn of_file(file: FileIn, at: Place, losses: &mut Losses) -> Part {
    let FileIn { mime_type: mime, file_uri: url, display_name } = file;
    let is_image = mime.as_deref().is_some_and(|mime| mime.starts_with("image/"));
    of_source(is_image, Source::Url { url, mime }, display_name, at, losses)
}

fn of_source(
    is_image: bool,
    source: Source,
    title: Option<String>,
    at: Place,
    losses: &mut Losses,
) -> Part {
    if is_image {
        // Pictures have no names elsewhere.
        losses.push_if(title.is_some(), Token::DropDocumentTitle, at.or(""));
        Part::Image(Image { source, detail: None, cache: None, at })
    } else {
        Part::Document(Document { source, title, filename: None, cache: None, at })
    }
}

/// Returns a picture as Google takes it, else words that stand for it.
pub(super) fn image(image: Image, losses: &mut Losses, at: &str) -> Result<PartOut, String> {
    let detailed = image.detail.as_deref().is_some_and(|detail| detail != "auto");
    losses.push_if(detailed, Token::DropImageDetail, at);
    losses.push_if(image.cache.is_some(), Token::DropCacheControl, at);
    piece(image.source, Token::DropImageUrl, "picture", losses, at)
}

/// Returns a file as Google takes it, else words that stand for it.
pub(super) fn document(file: Document, losses: &mut Losses, at: &str) -> Result<PartOut, String> {
    let named = file.title.is_some() || file.filename.is_some();
    losses.push_if(named, Token::DropDocumentTitle, at);
    losses.push_if(file.cache.is_some(), Token::DropCacheControl, at);
    piece(file.source, Token::DropDocument, "file", losses, at)
}

fn piece(
    source: Source,
    lost: Token,
    what: &str,
    losses: &mut Losses,
    at: &str,
) -> Result<PartOut, String> {
    match source {
        Source::Base64 { mime, data } => Ok(PartOut::blob(Blob { mime_type: mime, data })),
        Source::Inline(text) => Ok(PartOut::blob(Blob {
            mime_type: "text/plain".to_owned(),
            data: STANDARD.encode(text),
        })),
        Source::File { family: Family::Google, id } => Ok(PartOut::file(id, None)),
        Source::File { .. } => {
            losses.push(Token::DropFileRef, at);
            Err(format!("[A {what} that was uploaded elsewhere could not be passed on.]"))
        }
        Source::Url { url, mime } => {
            if let Some(blob) = data_url(&url) {
                return Ok(PartOut::blob(blob));
            }
            if is_read(&url) {
                let mime = mime.or_else(|| mime_of(&url));
                return Ok(PartOut::file(url, mime));
            }
            losses.push(lost, at);
            Err(format!("[A {what} could not be passed on: {url}]"))
        }
    }
}

/// Tells whether Google reads an address by itself.
fn is_read(url: &str) -> bool {
    let host = url.strip_prefix("https://").and_then(|rest| rest.split(['/', '?']).next());
    url.starts_with("gs://") || host.is_some_and(|host| HOSTS.contains(&host))
}

/// Reads `data:image/png;base64,...`.
fn data_url(url: &str) -> Option<Blob> {
    let (head, data) = url.strip_prefix("data:")?.split_once(',')?;
    let mime = head.strip_suffix(";base64")?.split(';').next()?;
    Some(Blob { mime_type: mime.to_owned(), data: data.to_owned() })
}

/// Returns the type that an address' ending tells: buckets demand one.
fn mime_of(url: &str) -> Option<String> {
    let ending = url.rsplit_once('.')?.1.to_ascii_lowercase();
    let mime = match ending.as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "pdf" => "application/pdf",
        "txt" | "md" => "text/plain",
        "mp4" => "video/mp4",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        _ => return None,
    };
    Some(mime.to_owned())
}

impl PartOut {
    fn blob(blob: Blob) -> Self {
        Self { inline_data: Some(blob), ..Self::default() }
    }

    fn file(file_uri: String, mime_type: Option<String>) -> Self {
        Self { file_data: Some(FileRef { mime_type, file_uri }), ..Self::default() }
    }
}
