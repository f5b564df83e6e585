//! Pieces of turns and answers, as they are written.

use serde::Serialize;

use super::super::hub::Json;

/// A turn.
#[derive(Debug, Serialize)]
pub(super) struct ContentOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<&'static str>,
    pub(super) parts: Vec<Piece>,
}

/// A piece of ours, or one of Google's own as it came.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Piece {
    /// One of ours.
    Ours(Box<PartOut>),
    /// As it came.
    Raw(Json),
}

impl From<PartOut> for Piece {
    fn from(part: PartOut) -> Self {
        Self::Ours(Box::new(part))
    }
}

/// A piece.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PartOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thought: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) inline_data: Option<Blob>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_data: Option<FileRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) function_call: Option<CallOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) function_response: Option<ResponseOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thought_signature: Option<String>,
}

impl PartOut {
    /// Makes text, with its signature when it has one.
    pub(super) fn text(text: impl Into<String>, thought_signature: Option<String>) -> Self {
        Self { text: Some(text.into()), thought_signature, ..Self::default() }
    }

    /// Makes a thought.
    pub(super) fn thought(text: impl Into<String>, thought_signature: Option<String>) -> Self {
        Self { thought: Some(true), ..Self::text(text, thought_signature) }
    }

    /// Makes a call.
    pub(super) fn call(call: CallOut, thought_signature: Option<String>) -> Self {
        Self { function_call: Some(call), thought_signature, ..Self::default() }
    }
}

/// Bytes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Blob {
    pub(super) mime_type: String,
    pub(super) data: String,
}

/// An address of bytes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileRef {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mime_type: Option<String>,
    pub(super) file_uri: String,
}

/// A call of a function.
#[derive(Debug, Serialize)]
pub(super) struct CallOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) args: Json,
}

/// What a function gave back.
#[derive(Debug, Serialize)]
pub(super) struct ResponseOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) response: Outcome,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) parts: Vec<PartOut>,
}

/// How a call went: Google knows both names.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Outcome {
    /// It went well.
    Output(String),
    /// It failed.
    Error(String),
}
