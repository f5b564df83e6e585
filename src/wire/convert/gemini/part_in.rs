//! Pieces of turns and answers, as they are read.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::Refused;
use super::super::hub::{Family, Json, Place, ServerTool};
use super::super::loss::{Losses, Token};
use super::pairs::{Pairs, many};
use super::spelling::{self, Spelled, say_unknown};
use crate::wire::tree::Node;

/// What is read of a turn.
pub(super) const CONTENT: [&str; 2] = ["role", "parts"];
/// What is read of a piece, and of what stands in it.
const PART: [&str; 8] = [
    "text",
    "thought",
    "thoughtSignature",
    "inlineData",
    "fileData",
    "functionCall",
    "functionResponse",
    "mediaResolution",
];
const INLINE: [&str; 3] = ["mimeType", "data", "displayName"];
const FILE: [&str; 3] = ["mimeType", "fileUri", "displayName"];
const CALL: [&str; 3] = ["id", "name", "args"];
const RESPONSE: [&str; 4] = ["id", "name", "response", "parts"];

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
    #[serde(borrow, alias = "media_resolution")]
    pub(super) media_resolution: Option<&'a RawValue>,
    #[serde(borrow, alias = "function_response")]
    pub(super) function_response: Option<ResponseIn<'a>>,
}

impl PartIn<'_> {
    /// Returns the name of what stands in it, and what is read of that.
    const fn inner(&self) -> Option<(&'static str, &'static [&'static str])> {
        if self.inline_data.is_some() {
            Some(("inlineData", &INLINE))
        } else if self.file_data.is_some() {
            Some(("fileData", &FILE))
        } else if self.function_call.is_some() {
            Some(("functionCall", &CALL))
        } else if self.function_response.is_some() {
            Some(("functionResponse", &RESPONSE))
        } else {
            None
        }
    }
}

/// Bytes.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct BlobIn {
    #[serde(alias = "mime_type")]
    pub(super) mime_type: String,
    pub(super) data: String,
    #[serde(alias = "display_name")]
    pub(super) display_name: Option<String>,
}

/// An address of bytes.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct FileIn {
    #[serde(alias = "mime_type")]
    pub(super) mime_type: Option<String>,
    #[serde(alias = "file_uri")]
    pub(super) file_uri: String,
    #[serde(alias = "display_name")]
    pub(super) display_name: Option<String>,
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

/// Reads a piece, and says what of it nobody knows. A piece of a kind that only Google knows is kept whole.
///
/// # Errors
/// It is no object, or not of Gemini's form.
pub(super) fn read_saying<'a>(
    raw: &'a RawValue,
    what: &str,
    at: &str,
    losses: &mut Losses,
) -> Result<(PartIn<'a>, Spelled), Refused> {
    let (part, is_plain) = spelling::read::<PartIn<'a>>(raw, what, &PART)?;
    let inner = part.inner();
    let mut unsaid = Losses::default();
    let spelled = match (is_plain, inner.is_some() || part.text.is_some()) {
        (true, _) => Spelled::default(),
        (false, true) => say_unknown(raw.get(), &PART, at, losses),
        (false, false) => say_unknown(raw.get(), &PART, at, &mut unsaid),
    };
    if part.media_resolution.is_some_and(|raw| raw.get() != "null") {
        let name = spelled.name("mediaResolution");
        losses.push(Token::DropImageDetail, format!("{at}/{name}"));
    }
    if let Some((name, known)) = inner {
        let name = spelled.name(name);
        let value = Node::whole(raw.get().as_bytes()).get(&name);
        let text = value.and_then(|value| raw.get().get(value.span())).unwrap_or_default();
        say_unknown(text, known, &format!("{at}/{name}"), losses);
    }
    Ok((part, spelled))
}

/// Tells whether a piece says anything at all.
pub(super) fn says(raw: &RawValue) -> bool {
    let pairs = Pairs::read(raw.get()).unwrap_or_default();
    pairs.0.iter().any(|(key, value)| !BESIDE.contains(&key.as_str()) && value.get() != "null")
}

/// Returns a piece of a kind that only Google knows, such as code that it ran; `None` when it says nothing.
pub(super) fn googles_own(raw: &RawValue, at: Place) -> Option<ServerTool> {
    let pairs = Pairs::read(raw.get())?;
    let told = |key: &&String| !BESIDE.contains(&key.as_str());
    let kind = pairs.0.iter().map(|(key, _)| key).find(told)?;
    let (kind, raw) = (kind.clone(), Json::parse(raw.get())?);
    Some(ServerTool { family: Family::Google, kind, raw, at })
}
