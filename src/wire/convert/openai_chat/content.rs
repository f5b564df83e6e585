//! What a message says, as it is read: plain text, or a list of parts.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::lax::lax;
use super::message::Mark;
use crate::wire::convert::fields::{read_saying, say_unknown};
use crate::wire::convert::hub::{Document, Family, Image, Place, Source, Text, Ttl};
use crate::wire::convert::loss::{Losses, Token};

/// What is read of parts, and of what stands in them.
const KNOWN: [&str; 9] = [
    "type",
    "text",
    "refusal",
    "thinking",
    "image_url",
    "file",
    "input_audio",
    "cache_control",
    "prompt_cache_breakpoint",
];
const FILE: [&str; 3] = ["file_data", "file_id", "filename"];
const URL: [&str; 2] = ["url", "detail"];

/// A part of a message.
pub(super) enum Block {
    Text(Text),
    Thinking(Text),
    Refusal(Text),
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
    #[serde(borrow)]
    file: Option<&'a RawValue>,
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

/// Reads what a message says, with the place of each part; `at` is that of the whole. Parts of unknown
/// kinds are left out, and said.
///
/// # Errors
/// It is neither text nor a list of parts; the words go behind the place.
pub(super) fn blocks(
    raw: &RawValue,
    at: &str,
    losses: &mut Losses,
) -> Result<Vec<Block>, &'static str> {
    let text = raw.get();
    if text.starts_with('"') {
        let text: String = serde_json::from_str(text).map_err(|_| "is text that is no Unicode")?;
        return Ok(vec![Block::Text(placed(text, at))]);
    }
    if text == "null" {
        return Ok(Vec::new());
    }
    let neither = "is neither text nor a list of parts";
    let list: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| neither)?;
    let mut blocks = Vec::with_capacity(list.len());
    for (number, raw) in list.into_iter().enumerate() {
        let at = format!("{at}/{number}");
        if let Ok(text) = serde_json::from_str::<String>(raw.get()) {
            blocks.push(Block::Text(placed(text, &at)));
            continue;
        }
        let block: BlockIn<'_> = read_saying(raw.get(), &KNOWN, &at, losses)
            .map_err(|_| "has a part that is no object")?;
        let block = block.read(&at, losses);
        if block.is_none() {
            losses.push(Token::DropContent, at);
        }
        blocks.extend(block);
    }
    Ok(blocks)
}

fn placed(text: String, at: &str) -> Text {
    Text { at: Place::new(at), ..Text::plain(text) }
}

impl BlockIn<'_> {
    fn read(mut self, at: &str, losses: &mut Losses) -> Option<Block> {
        let cache = self
            .cache_control
            .take()
            .or(self.prompt_cache_breakpoint.take())
            .map(|mark| mark.ttl());
        match self.kind.as_deref().unwrap_or("text") {
            "text" | "input_text" | "output_text" => {
                Some(Block::Text(Text { cache, ..placed(self.text?, at) }))
            }
            "thinking" => Some(Block::Thinking(placed(thought(self.thinking?), at))),
            "refusal" => Some(Block::Refusal(placed(self.refusal?, at))),
            "image_url" => {
                let image = image(self.image_url?, cache, at)?;
                let inner = format!("{at}/image_url");
                say_unknown(self.image_url?.get(), &URL, &inner, losses);
                Some(Block::Image(image))
            }
            "file" => {
                let inner = format!("{at}/file");
                let file: FileIn = read_saying(self.file?.get(), &FILE, &inner, losses).ok()?;
                file.read(cache, at).map(Block::Document)
            }
            "input_audio" => {
                losses.push(Token::DropAudio, at);
                Some(Block::Audio)
            }
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

fn image(raw: &RawValue, cache: Option<Ttl>, at: &str) -> Option<Image> {
    let ImageIn { url, detail } = match serde_json::from_str::<String>(raw.get()) {
        Ok(url) => ImageIn { url, detail: None },
        Err(_) => serde_json::from_str(raw.get()).ok()?,
    };
    let source = in_address(&url).unwrap_or(Source::Url { url, mime: None });
    Some(Image { source, detail, cache, at: Place::new(at) })
}

impl FileIn {
    fn read(self, cache: Option<Ttl>, at: &str) -> Option<Document> {
        let Self { file_data, file_id, filename } = self;
        let source = match (file_data, file_id) {
            (Some(data), _) => in_address(&data).unwrap_or_else(|| {
                let mime = mime_of(filename.as_deref().unwrap_or_default()).to_owned();
                Source::Base64 { mime, data }
            }),
            (None, Some(id)) => Source::File { family: Family::OpenAi, id },
            (None, None) => return None,
        };
        Some(Document { source, title: None, filename, cache, at: Place::new(at) })
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
    blocks.into_iter().filter_map(|block| image(block.image_url?, None, "")).collect()
}
