//! A frame of a stream, or a whole answer, as it is read.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::lax::lax;
use super::message::Message;
use super::usage::UsageIn;

/// A frame, or a whole answer.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Chunk<'a> {
    #[serde(borrow)]
    pub id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub model: Option<&'a RawValue>,
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
    pub choices: Option<Vec<Choice<'a>>>,
    #[serde(deserialize_with = "lax")]
    pub usage: Option<UsageIn>,
}

/// One of the answers; the first alone counts.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice<'a> {
    #[serde(deserialize_with = "lax")]
    pub index: Option<u64>,
    #[serde(borrow)]
    pub delta: Option<Message<'a>>,
    pub message: Option<Message<'a>>,
    #[serde(deserialize_with = "lax")]
    pub finish_reason: Option<String>,
    /// Where some vendors put it.
    #[serde(deserialize_with = "lax")]
    pub usage: Option<UsageIn>,
}
