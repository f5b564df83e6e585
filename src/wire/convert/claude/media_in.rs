//! Pictures, documents and search results of a client.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::content_in::{self, CacheControl, Kind, read};
use crate::wire::convert::Refused;
use crate::wire::convert::hub::{Document, Family, Image, Part, Source, Text};

#[derive(Deserialize)]
struct ImageIn<'a> {
    #[serde(borrow)]
    source: &'a RawValue,
    cache_control: Option<CacheControl>,
}

#[derive(Deserialize)]
struct DocumentIn<'a> {
    #[serde(borrow)]
    source: &'a RawValue,
    title: Option<String>,
    context: Option<String>,
    cache_control: Option<CacheControl>,
}

#[derive(Deserialize)]
struct SearchResultIn<'a> {
    source: Option<String>,
    title: Option<String>,
    #[serde(borrow, default)]
    content: Vec<&'a RawValue>,
    cache_control: Option<CacheControl>,
}

#[derive(Deserialize)]
struct SourceIn<'a> {
    #[serde(default)]
    media_type: String,
    #[serde(default)]
    data: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    file_id: String,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

/// Adds a picture, a document or a search result; what is newer is skipped.
pub(super) fn push(
    kind: &str,
    raw: &RawValue,
    at: &str,
    parts: &mut Vec<Part>,
) -> Result<(), Refused> {
    match kind {
        "image" => parts.extend(image(raw, at)?.map(Part::Image)),
        "document" => document(raw, at, parts)?,
        "search_result" => parts.push(Part::Document(search_result(raw, at)?)),
        _ => {}
    }
    Ok(())
}

fn image(raw: &RawValue, at: &str) -> Result<Option<Image>, Refused> {
    let block: ImageIn<'_> = read(raw, at)?;
    let source = source(block.source, at, &mut Vec::new())?;
    let cache = block.cache_control.map(CacheControl::ttl);
    Ok(source.map(|source| Image { source, detail: None, cache }))
}

/// What a document says of itself comes before it, pictures in it come behind it.
fn document(raw: &RawValue, at: &str, parts: &mut Vec<Part>) -> Result<(), Refused> {
    let block: DocumentIn<'_> = read(raw, at)?;
    let mut pictures = Vec::new();
    let Some(source) = source(block.source, at, &mut pictures)? else { return Ok(()) };
    parts.extend(block.context.map(|context| Part::Text(Text::plain(context))));
    let cache = block.cache_control.map(CacheControl::ttl);
    parts.push(Part::Document(Document { source, title: block.title, filename: None, cache }));
    parts.append(&mut pictures);
    Ok(())
}

/// A text that was found, with its source: a document for all families.
fn search_result(raw: &RawValue, at: &str) -> Result<Document, Refused> {
    let block: SearchResultIn<'_> = read(raw, at)?;
    let mut texts: Vec<String> = Vec::new();
    texts.extend(block.source.map(|source| format!("Source: {source}")));
    for raw in block.content {
        texts.push(content_in::text(raw, at)?.text);
    }
    let cache = block.cache_control.map(CacheControl::ttl);
    let source = Source::Inline(texts.join("\n\n"));
    Ok(Document { source, title: block.title, filename: None, cache })
}

/// Reads where the bytes are; `None` of what is newer.
fn source(raw: &RawValue, at: &str, pictures: &mut Vec<Part>) -> Result<Option<Source>, Refused> {
    let at = format!("{at}.source");
    let kind: Kind<'_> = read(raw, &at)?;
    let source: SourceIn<'_> = read(raw, &at)?;
    let lacks = |what: &str| Refused::new(format!("{at}: a {} source has no {what}", kind.kind));
    Ok(Some(match kind.kind.as_ref() {
        "base64" if source.media_type.is_empty() => return Err(lacks("media_type")),
        "base64" => Source::Base64 { mime: source.media_type, data: source.data },
        "url" if source.url.is_empty() => return Err(lacks("url")),
        "url" => Source::Url { url: source.url, mime: None },
        "file" if source.file_id.is_empty() => return Err(lacks("file_id")),
        "file" => Source::File { family: Family::Anthropic, id: source.file_id },
        "text" => Source::Inline(source.data),
        "content" => {
            let Some(content) = source.content else { return Err(lacks("content")) };
            Source::Inline(inner(content, &at, pictures)?)
        }
        _ => return Ok(None),
    }))
}

/// Reads the content of a document of blocks: text, and pictures by themselves.
fn inner(content: &RawValue, at: &str, pictures: &mut Vec<Part>) -> Result<String, Refused> {
    if content.get().starts_with('"') {
        return read(content, at);
    }
    let mut texts: Vec<String> = Vec::new();
    for raw in read::<Vec<&RawValue>>(content, at)? {
        match read::<Kind<'_>>(raw, at)?.kind.as_ref() {
            "text" => texts.push(content_in::text(raw, at)?.text),
            "image" => pictures.extend(image(raw, at)?.map(Part::Image)),
            _ => {}
        }
    }
    Ok(texts.join("\n\n"))
}
