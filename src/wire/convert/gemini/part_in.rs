//! Pieces of turns and answers, as they are read.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::hub::{Family, Json, ServerTool};
use super::pairs::{Pairs, many};

/// A turn.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ContentIn<'a> {
    pub(super) role: Option<String>,
    #[serde(borrow, deserialize_with = "many")]
    pub(super) parts: Vec<&'a RawValue>,
}

/// A piece. Google takes both spellings of each name.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PartIn<'a> {
    pub(super) text: Option<String>,
    pub(super) thought: Option<bool>,
    #[serde(alias = "thought_signature")]
    pub(super) thought_signature: Option<String>,
    #[serde(alias = "inline_data")]
    pub(super) inline_data: Option<BlobIn>,
    #[serde(alias = "file_data")]
    pub(super) file_data: Option<FileIn>,
    #[serde(alias = "function_call")]
    pub(super) function_call: Option<CallIn>,
    #[serde(borrow, alias = "function_response")]
    pub(super) function_response: Option<ResponseIn<'a>>,
}

/// Bytes.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct BlobIn {
    #[serde(alias = "mime_type")]
    pub(super) mime_type: String,
    pub(super) data: String,
}

/// An address of bytes.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct FileIn {
    #[serde(alias = "mime_type")]
    pub(super) mime_type: Option<String>,
    #[serde(alias = "file_uri")]
    pub(super) file_uri: String,
}

/// A call of a function.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CallIn {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) args: Option<Json>,
}

/// What a function gave back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ResponseIn<'a> {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) response: Option<Json>,
    #[serde(borrow, deserialize_with = "many")]
    pub(super) parts: Vec<&'a RawValue>,
}

impl CallIn {
    /// Returns the arguments as the text of an object.
    pub(super) fn args_text(&self) -> String {
        self.args.as_ref().map_or("{}", Json::text).to_owned()
    }

    /// Returns the arguments as they were said; empty when none were.
    pub(super) fn said_args(&self) -> &str {
        self.args.as_ref().map_or("", Json::text)
    }
}

/// Keys that say something about a piece, not what it is.
const BESIDE: [&str; 8] = [
    "text",
    "thought",
    "thoughtSignature",
    "thought_signature",
    "videoMetadata",
    "video_metadata",
    "mediaResolution",
    "media_resolution",
];

/// Returns a piece of a kind that only Google knows, such as code that it ran; `None` when it says nothing.
pub(super) fn googles_own(raw: &RawValue) -> Option<ServerTool> {
    let pairs = Pairs::read(raw.get())?;
    let told = |key: &&String| !BESIDE.contains(&key.as_str());
    let kind = pairs.0.iter().map(|(key, _)| key).find(told)?;
    let (kind, raw) = (kind.clone(), Json::parse(raw.get())?);
    Some(ServerTool { family: Family::Google, kind, raw })
}
