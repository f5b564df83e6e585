//! What a message says, as it is read: plain text, or a list of parts.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::lax::lax;
use super::message::Mark;
use crate::wire::convert::hub::{Document, Family, Image, Source, Text, Ttl};

/// A part of a message.
pub(super) enum Block {
    Text(Text),
    Thinking(String),
    Refusal(String),
    Image(Image),
    Document(Document),
    Audio,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct BlockIn<'a> {
    #[serde(rename = "type", deserialize_with = "lax")]
    kind: Option<String>,
    #[serde(deserialize_with = "lax")]
    text: Option<String>,
    #[serde(deserialize_with = "lax")]
    refusal: Option<String>,
    /// Text, or a list of parts with text.
    #[serde(borrow)]
    thinking: Option<&'a RawValue>,
    /// An address, or an object with one.
    #[serde(borrow)]
    image_url: Option<&'a RawValue>,
    #[serde(deserialize_with = "lax")]
    file: Option<FileIn>,
    #[serde(deserialize_with = "lax")]
    cache_control: Option<Mark>,
    #[serde(deserialize_with = "lax")]
    prompt_cache_breakpoint: Option<Mark>,
}

#[derive(Deserialize)]
struct ImageIn {
    url: String,
    #[serde(default, deserialize_with = "lax")]
    detail: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FileIn {
    #[serde(deserialize_with = "lax")]
    file_data: Option<String>,
    #[serde(deserialize_with = "lax")]
    file_id: Option<String>,
    #[serde(deserialize_with = "lax")]
    filename: Option<String>,
}

/// Reads what a message says. Parts of unknown kinds are skipped.
///
/// # Errors
/// It is neither text nor a list of parts; the words go behind the place.
pub(super) fn blocks(raw: &RawValue) -> Result<Vec<Block>, &'static str> {
    let text = raw.get();
    if text.starts_with('"') {
        let text: String = serde_json::from_str(text).map_err(|_| "is text that is no Unicode")?;
        return Ok(vec![Block::Text(Text::plain(text))]);
    }
    if text == "null" {
        return Ok(Vec::new());
    }
    let neither = "is neither text nor a list of parts";
    let list: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| neither)?;
    let mut blocks = Vec::with_capacity(list.len());
    for raw in list {
        if let Ok(text) = serde_json::from_str::<String>(raw.get()) {
            blocks.push(Block::Text(Text::plain(text)));
            continue;
        }
        let block: BlockIn<'_> =
            serde_json::from_str(raw.get()).map_err(|_| "has a part that is no object")?;
        blocks.extend(block.read());
    }
    Ok(blocks)
}

impl BlockIn<'_> {
    fn read(mut self) -> Option<Block> {
        let cache = self
            .cache_control
            .take()
            .or(self.prompt_cache_breakpoint.take())
            .map(|mark| mark.ttl());
        match self.kind.as_deref().unwrap_or("text") {
            "text" | "input_text" | "output_text" => {
                let text = Text::plain(self.text?);
                Some(Block::Text(Text { cache, ..text }))
            }
            "thinking" => Some(Block::Thinking(thought(self.thinking?))),
            "refusal" => Some(Block::Refusal(self.refusal?)),
            "image_url" => image(self.image_url?, cache).map(Block::Image),
            "file" => self.file?.read(cache).map(Block::Document),
            "input_audio" => Some(Block::Audio),
            _ => None,
        }
    }
}

fn thought(raw: &RawValue) -> String {
    if let Ok(text) = serde_json::from_str(raw.get()) {
        return text;
    }
    let blocks: Vec<BlockIn<'_>> = serde_json::from_str(raw.get()).unwrap_or_default();
    blocks.into_iter().filter_map(|block| block.text).collect()
}

fn image(raw: &RawValue, cache: Option<Ttl>) -> Option<Image> {
    let ImageIn { url, detail } = match serde_json::from_str::<String>(raw.get()) {
        Ok(url) => ImageIn { url, detail: None },
        Err(_) => serde_json::from_str(raw.get()).ok()?,
    };
    let source = in_address(&url).unwrap_or(Source::Url { url, mime: None });
    Some(Image { source, detail, cache })
}

impl FileIn {
    fn read(self, cache: Option<Ttl>) -> Option<Document> {
        let Self { file_data, file_id, filename } = self;
        let source = match (file_data, file_id) {
            (Some(data), _) => in_address(&data).unwrap_or_else(|| {
                let mime = mime_of(filename.as_deref().unwrap_or_default()).to_owned();
                Source::Base64 { mime, data }
            }),
            (None, Some(id)) => Source::File { family: Family::OpenAi, id },
            (None, None) => return None,
        };
        Some(Document { source, title: None, filename, cache })
    }
}

/// Guesses what a file without a MIME type is: nearly always PDF.
fn mime_of(filename: &str) -> &'static str {
    match filename.rsplit('.').next().unwrap_or_default() {
        "txt" | "md" => "text/plain",
        "json" => "application/json",
        "csv" => "text/csv",
        _ => "application/pdf",
    }
}

/// Reads an address that has the bytes in it: `data:image/png;base64,…`.
fn in_address(url: &str) -> Option<Source> {
    let (head, data) = url.strip_prefix("data:")?.split_once(',')?;
    let head = head.strip_suffix(";base64")?;
    let mime = head.split(';').next().unwrap_or_default().to_owned();
    Some(Source::Base64 { mime, data: data.to_owned() })
}

/// Reads pictures that an answer has beside its text.
pub(super) fn pictures(raw: &RawValue) -> Vec<Image> {
    let blocks: Vec<BlockIn<'_>> = serde_json::from_str(raw.get()).unwrap_or_default();
    blocks.into_iter().filter_map(|block| image(block.image_url?, None)).collect()
}
