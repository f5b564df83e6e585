//! A message as it is read: of a request, of an answer, or a delta of one. All three have one shape.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::lax::lax;
use crate::wire::convert::hub::{CallKind, Family, Json, Seal, Ttl};

/// A message or a delta of it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(deserialize_with = "lax")]
    pub role: Option<String>,
    #[serde(borrow)]
    pub content: Option<&'a RawValue>,
    #[serde(deserialize_with = "lax")]
    pub name: Option<String>,
    #[serde(deserialize_with = "lax")]
    pub refusal: Option<String>,
    #[serde(deserialize_with = "lax")]
    pub reasoning_content: Option<String>,
    #[serde(deserialize_with = "lax")]
    pub reasoning: Option<String>,
    #[serde(deserialize_with = "lax", borrow)]
    pub reasoning_details: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub tool_calls: Option<&'a RawValue>,
    /// The old form: one call without an id.
    #[serde(borrow)]
    pub function_call: Option<&'a RawValue>,
    #[serde(deserialize_with = "lax")]
    pub tool_call_id: Option<String>,
    #[serde(borrow)]
    pub images: Option<&'a RawValue>,
    #[serde(deserialize_with = "lax", borrow)]
    pub annotations: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub audio: Option<&'a RawValue>,
    #[serde(deserialize_with = "lax")]
    pub cache_control: Option<Mark>,
}

impl Message<'_> {
    /// Returns what may be read of its thinking; vendors who send it under both names send it twice.
    pub(super) fn thought(&self) -> &str {
        let texts = [self.reasoning_content.as_deref(), self.reasoning.as_deref()];
        texts.into_iter().flatten().find(|text| !text.is_empty()).unwrap_or_default()
    }
}

/// A cache mark: `cache_control`, as clients of relays write it on messages, parts and tools, or
/// `prompt_cache_breakpoint`, as `OpenAI` has it on parts.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Mark {
    #[serde(deserialize_with = "lax")]
    ttl: Option<String>,
}

impl Mark {
    /// Returns how long it is wanted.
    pub(super) fn ttl(&self) -> Ttl {
        match self.ttl.as_deref() {
            Some("1h" | "12h") => Ttl::Hour,
            _ => Ttl::FiveMinutes,
        }
    }
}

/// A call or a piece of one, as it was read. What was not there is empty.
pub(super) struct Piece {
    pub index: Option<usize>,
    pub id: String,
    pub name: String,
    pub args: String,
    pub kind: CallKind,
    pub seal: Option<Seal>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CallIn<'a> {
    #[serde(deserialize_with = "lax")]
    index: Option<usize>,
    #[serde(deserialize_with = "lax")]
    id: Option<String>,
    #[serde(borrow)]
    function: Option<FunctionIn<'a>>,
    custom: Option<CustomIn>,
    #[serde(deserialize_with = "lax")]
    extra_content: Option<Extra>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FunctionIn<'a> {
    #[serde(deserialize_with = "lax")]
    name: Option<String>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CustomIn {
    #[serde(deserialize_with = "lax")]
    name: Option<String>,
    #[serde(deserialize_with = "lax")]
    input: Option<String>,
}

/// Where Google's interface of this format keeps the signature of a call.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Extra {
    google: Google,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Google {
    #[serde(deserialize_with = "lax")]
    thought_signature: Option<String>,
}

/// Reads `tool_calls`.
pub(super) fn calls(raw: &RawValue) -> serde_json::Result<Vec<Piece>> {
    let calls: Vec<CallIn<'_>> = serde_json::from_str(raw.get())?;
    Ok(calls.into_iter().map(CallIn::read).collect())
}

/// Reads the old `function_call`.
pub(super) fn old_call(raw: &RawValue) -> serde_json::Result<Piece> {
    let function = serde_json::from_str(raw.get())?;
    Ok(CallIn { function: Some(function), ..CallIn::default() }.read())
}

impl CallIn<'_> {
    fn read(self) -> Piece {
        let Self { index, id, function, custom, extra_content } = self;
        let (kind, name, args) = match (function, custom) {
            (None, Some(custom)) => (CallKind::Custom, custom.name, custom.input),
            (function, _) => {
                let FunctionIn { name, arguments } = function.unwrap_or_default();
                (CallKind::Function, name, arguments.map(written))
            }
        };
        let blob = extra_content.and_then(|extra| extra.google.thought_signature);
        Piece {
            index,
            id: id.unwrap_or_default(),
            name: name.unwrap_or_default(),
            args: args.unwrap_or_default(),
            kind,
            seal: blob.map(|blob| Seal { family: Family::Google, blob }),
        }
    }
}

/// Returns arguments as text: some vendors write the object itself in place of the string.
fn written(raw: &RawValue) -> String {
    serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned())
}

/// Prints pieces of JSON as one list.
pub(super) fn list_of(pieces: &[Json]) -> String {
    let texts: Vec<&str> = pieces.iter().map(Json::text).collect();
    format!("[{}]", texts.join(","))
}
