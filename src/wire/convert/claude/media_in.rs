//! Pictures, documents and search results of a client.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::content_in::{self, CacheControl, kind, pointer, read, read_saying};
use crate::wire::convert::Refused;
use crate::wire::convert::hub::{Document, Family, Image, Part, Place, Source, Text};
use crate::wire::convert::loss::{Losses, Token};

/// What blocks of each kind have; whose sources are wanted says so.
const IMAGE: [&str; 3] = ["type", "source", "cache_control"];
const DOCUMENT: [&str; 6] = ["type", "source", "title", "context", "citations", "cache_control"];
const SEARCH_RESULT: [&str; 6] =
    ["type", "source", "title", "content", "citations", "cache_control"];
const SOURCE: [&str; 6] = ["type", "media_type", "data", "url", "file_id", "content"];

#[derive(Deserialize)]
struct ImageIn<'a> {
    #[serde(default, rename = "type")]
    _kind: IgnoredAny,
    #[serde(borrow)]
    source: &'a RawValue,
    cache_control: Option<CacheControl>,
}

#[derive(Deserialize)]
struct DocumentIn<'a> {
    #[serde(default, rename = "type")]
    _kind: IgnoredAny,
    #[serde(borrow)]
    source: &'a RawValue,
    title: Option<String>,
    context: Option<String>,
    citations: Option<Wanted>,
    cache_control: Option<CacheControl>,
}

/// Whether the answer is to name its sources.
#[derive(Deserialize)]
struct Wanted {
    enabled: Option<bool>,
}

impl Wanted {
    /// Says that nobody else names sources so.
    fn say(wanted: Option<Self>, at: &str, losses: &mut Losses) {
        let is = wanted.is_some_and(|wanted| wanted.enabled == Some(true));
        losses.push_if(is, Token::DropField, &format!("{at}/citations"));
    }
}

#[derive(Deserialize)]
struct SearchResultIn<'a> {
    #[serde(default, rename = "type")]
    _kind: IgnoredAny,
    source: Option<String>,
    title: Option<String>,
    #[serde(borrow, default)]
    content: Vec<&'a RawValue>,
    citations: Option<Wanted>,
    cache_control: Option<CacheControl>,
}

#[derive(Deserialize)]
struct SourceIn<'a> {
    #[serde(default, rename = "type")]
    _kind: IgnoredAny,
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

/// Adds a picture, a document or a search result; what is newer is left out, and said.
pub(super) fn push(
    kind: &str,
    raw: &RawValue,
    at: &str,
    parts: &mut Vec<Part>,
    losses: &mut Losses,
) -> Result<(), Refused> {
    match kind {
        "image" => parts.extend(image(raw, at, losses)?.map(Part::Image)),
        "document" => document(raw, at, parts, losses)?,
        "search_result" => parts.push(Part::Document(search_result(raw, at, losses)?)),
        _ => losses.push(Token::DropContent, pointer(at)),
    }
    Ok(())
}

fn image(raw: &RawValue, at: &str, losses: &mut Losses) -> Result<Option<Image>, Refused> {
    let block: ImageIn<'_> = read_saying(raw, at, &IMAGE, losses)?;
    let source = source(block.source, at, &mut Vec::new(), losses)?;
    let (cache, at) = (block.cache_control.map(CacheControl::ttl), Place::new(pointer(at)));
    Ok(source.map(|source| Image { source, detail: None, cache, at }))
}

/// What a document says of itself comes before it, pictures in it come behind it.
fn document(
    raw: &RawValue,
    at: &str,
    parts: &mut Vec<Part>,
    losses: &mut Losses,
) -> Result<(), Refused> {
    let block: DocumentIn<'_> = read_saying(raw, at, &DOCUMENT, losses)?;
    let place = pointer(at);
    Wanted::say(block.citations, &place, losses);
    let mut pictures = Vec::new();
    let Some(source) = source(block.source, at, &mut pictures, losses)? else { return Ok(()) };
    let said = block.context.map(Text::plain);
    parts.extend(said.map(|text| Part::Text(Text { at: Place::new(place.as_str()), ..text })));
    let cache = block.cache_control.map(CacheControl::ttl);
    let (title, at) = (block.title, Place::new(place));
    parts.push(Part::Document(Document { source, title, filename: None, cache, at }));
    parts.append(&mut pictures);
    Ok(())
}

/// A text that was found, with its source: a document for all families.
fn search_result(raw: &RawValue, at: &str, losses: &mut Losses) -> Result<Document, Refused> {
    let block: SearchResultIn<'_> = read_saying(raw, at, &SEARCH_RESULT, losses)?;
    let place = pointer(at);
    Wanted::say(block.citations, &place, losses);
    let mut texts: Vec<String> = Vec::new();
    texts.extend(block.source.map(|source| format!("Source: {source}")));
    for (number, raw) in block.content.into_iter().enumerate() {
        texts.push(content_in::text(raw, &format!("{at}.content.{number}"), losses)?.text);
    }
    let cache = block.cache_control.map(CacheControl::ttl);
    let (source, at) = (Source::Inline(texts.join("\n\n")), Place::new(place));
    Ok(Document { source, title: block.title, filename: None, cache, at })
}

/// Reads where the bytes are; `None` of what is newer, which is said.
fn source(
    raw: &RawValue,
    at: &str,
    pictures: &mut Vec<Part>,
    losses: &mut Losses,
) -> Result<Option<Source>, Refused> {
    let at = format!("{at}.source");
    let kind = kind(raw, &at)?;
    let source: SourceIn<'_> = read_saying(raw, &at, &SOURCE, losses)?;
    let lacks = |what: &str| Refused::new(format!("{at}: a {kind} source has no {what}"));
    Ok(Some(match kind.as_ref() {
        "base64" if source.media_type.is_empty() => return Err(lacks("media_type")),
        "base64" => Source::Base64 { mime: source.media_type, data: source.data },
        "url" if source.url.is_empty() => return Err(lacks("url")),
        "url" => Source::Url { url: source.url, mime: None },
        "file" if source.file_id.is_empty() => return Err(lacks("file_id")),
        "file" => Source::File { family: Family::Anthropic, id: source.file_id },
        "text" => Source::Inline(source.data),
        "content" => {
            let Some(content) = source.content else { return Err(lacks("content")) };
            Source::Inline(inner(content, &format!("{at}.content"), pictures, losses)?)
        }
        _ => {
            losses.push(Token::DropContent, pointer(&at));
            return Ok(None);
        }
    }))
}

/// Reads the content of a document of blocks: text, and pictures by themselves.
fn inner(
    content: &RawValue,
    at: &str,
    pictures: &mut Vec<Part>,
    losses: &mut Losses,
) -> Result<String, Refused> {
    if content.get().starts_with('"') {
        return read(content, at);
    }
    let mut texts: Vec<String> = Vec::new();
    for (number, raw) in read::<Vec<&RawValue>>(content, at)?.into_iter().enumerate() {
        let at = format!("{at}.{number}");
        match kind(raw, &at)?.as_ref() {
            "text" => texts.push(content_in::text(raw, &at, losses)?.text),
            "image" => pictures.extend(image(raw, &at, losses)?.map(Part::Image)),
            _ => losses.push(Token::DropContent, pointer(&at)),
        }
    }
    Ok(texts.join("\n\n"))
}
