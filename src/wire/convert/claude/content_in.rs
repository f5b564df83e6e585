//! What a message, the instructions, or a tool's result hold.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::media_in;
use crate::wire::convert::fields;
use crate::wire::convert::hub::{
    Call, CallKind, Citation, Family, Json, Opaque, Part, Place, Role, ServerTool, Text, Thinking,
    ToolResult, Ttl,
};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::{Refused, seal};
use crate::wire::tree::Node;

/// What blocks of each kind have.
const TEXT: [&str; 4] = ["type", "text", "citations", "cache_control"];
const CALL: [&str; 6] = ["type", "id", "name", "input", "cache_control", "caller"];
const RESULT: [&str; 5] = ["type", "tool_use_id", "content", "is_error", "cache_control"];
const THINKING: [&str; 4] = ["type", "thinking", "signature", "data"];

/// A cache mark.
#[derive(Clone, Deserialize)]
pub(super) struct CacheControl {
    ttl: Option<String>,
}

impl CacheControl {
    /// Returns how long it asks for; five minutes when it does not say.
    pub fn ttl(self) -> Ttl {
        if self.ttl.as_deref() == Some("1h") { Ttl::Hour } else { Ttl::FiveMinutes }
    }
}

/// A block's type; the rest differs with it. What reads the rest names the type once more: so a block with two of
/// them is refused, whichever was read.
#[derive(Deserialize)]
pub(super) struct Kind<'a> {
    #[serde(rename = "type", borrow)]
    pub kind: Cow<'a, str>,
}

#[derive(Deserialize)]
struct TextIn<'a> {
    #[serde(default, rename = "type")]
    _kind: IgnoredAny,
    text: String,
    #[serde(borrow)]
    citations: Option<Vec<&'a RawValue>>,
    cache_control: Option<CacheControl>,
}

#[derive(Deserialize)]
struct ThinkingIn {
    #[serde(default, rename = "type")]
    _kind: IgnoredAny,
    #[serde(default)]
    thinking: String,
    signature: Option<String>,
}

#[derive(Deserialize)]
struct RedactedIn {
    #[serde(default, rename = "type")]
    _kind: IgnoredAny,
    data: String,
}

#[derive(Deserialize)]
struct ToolUseIn<'a> {
    #[serde(default, rename = "type")]
    _kind: IgnoredAny,
    id: String,
    name: String,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    cache_control: Option<CacheControl>,
}

#[derive(Deserialize)]
struct ToolResultIn<'a> {
    #[serde(default, rename = "type")]
    _kind: IgnoredAny,
    tool_use_id: String,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    is_error: Option<bool>,
    cache_control: Option<CacheControl>,
}

#[derive(Default, Deserialize)]
struct CitationIn {
    title: Option<String>,
    document_title: Option<String>,
    url: Option<String>,
}

/// Reads a piece of the body. `at` is its place, as this format's errors name it.
pub(super) fn read<'a, T: Deserialize<'a>>(raw: &'a RawValue, at: &str) -> Result<T, Refused> {
    serde_json::from_str(raw.get()).map_err(|error| Refused::new(format!("{at}: {error}")))
}

/// As [`read`], for an object: says what of it nobody knows.
pub(super) fn read_saying<'a, T: Deserialize<'a>>(
    raw: &'a RawValue,
    at: &str,
    known: &[&str],
    losses: &mut Losses,
) -> Result<T, Refused> {
    fields::read_saying(raw.get(), known, &pointer(at), losses)
        .map_err(|error| Refused::new(format!("{at}: {error}")))
}

/// Reads the type of a block. It nearly always stands first, so that the rest of the block need not be read.
pub(super) fn kind<'a>(raw: &'a RawValue, at: &str) -> Result<Cow<'a, str>, Refused> {
    let first = Node::whole(raw.get().as_bytes()).members().next();
    match first.filter(|first| first.key.is("type")).and_then(|first| first.value.text()) {
        Some(kind) => Ok(kind),
        None => read::<Kind<'_>>(raw, at).map(|read| read.kind),
    }
}

/// Returns a place as a JSON pointer, from how this format's errors name it.
pub(super) fn pointer(at: &str) -> String {
    format!("/{}", at.replace('.', "/"))
}

/// Reads content: a text, or blocks. `at` is its place.
pub(super) fn parts(
    content: &RawValue,
    role: Role,
    at: &str,
    losses: &mut Losses,
) -> Result<Vec<Part>, Refused> {
    let mut parts = Vec::new();
    for (number, raw) in blocks(content, at, &mut parts)?.into_iter().enumerate() {
        let at = format!("{at}.{number}");
        let kind = kind(raw, &at)?;
        let place = || Place::new(pointer(&at));
        match (kind.as_ref(), role) {
            ("text", _) => parts.push(Part::Text(text(raw, &at, losses)?)),
            // Instructions are text alone.
            (_, Role::System) => losses.push(Token::DropContent, pointer(&at)),
            ("tool_use", Role::Assistant) => parts.push(Part::Call(call(raw, &at, losses)?)),
            ("tool_result", Role::User) => parts.push(Part::Result(result(raw, &at, losses)?)),
            (kind @ ("tool_use" | "tool_result"), _) => {
                let message = format!("{at}: a {kind} does not stand in a turn of this role");
                return Err(Refused::new(message));
            }
            ("thinking" | "redacted_thinking", _) => {
                parts.push(Part::Thinking(thinking(raw, &kind, &at, losses)?));
            }
            ("container_upload" | "compaction", _) => {
                let (family, kind) = (Family::Anthropic, kind.into_owned());
                parts.push(Part::Opaque(Opaque { family, kind, raw: json(raw), at: place() }));
            }
            (kind, _) if is_server(kind) => {
                let (family, kind) = (Family::Anthropic, kind.to_owned());
                parts.push(Part::Server(ServerTool { family, kind, raw: json(raw), at: place() }));
            }
            (kind, _) => media_in::push(kind, raw, &at, &mut parts, losses)?,
        }
    }
    Ok(with_seals(parts))
}

/// Returns the blocks of content; what is a mere text is a part at once.
fn blocks<'a>(
    content: &'a RawValue,
    at: &str,
    parts: &mut Vec<Part>,
) -> Result<Vec<&'a RawValue>, Refused> {
    match content.get().as_bytes().first() {
        Some(b'"') => {
            let text = Text::plain(read::<String>(content, at)?);
            parts.push(Part::Text(Text { at: Place::new(pointer(at)), ..text }));
            Ok(Vec::new())
        }
        Some(b'n') => Ok(Vec::new()),
        Some(b'[') => read(content, at),
        _ => Err(Refused::new(format!("{at}: content is neither a text nor a list of blocks"))),
    }
}

/// Tells whether a block is of a tool that the vendor ran.
pub(super) fn is_server(kind: &str) -> bool {
    matches!(kind, "server_tool_use" | "mcp_tool_use") || kind.ends_with("_tool_result")
}

/// Returns a raw value on its own.
pub(super) fn json(raw: &RawValue) -> Json {
    Json::parse(raw.get()).unwrap_or_else(Json::empty_object)
}

pub(super) fn text(raw: &RawValue, at: &str, losses: &mut Losses) -> Result<Text, Refused> {
    let block: TextIn<'_> = read_saying(raw, at, &TEXT, losses)?;
    let citations = block.citations.unwrap_or_default();
    Ok(Text {
        text: block.text,
        cache: block.cache_control.map(CacheControl::ttl),
        citations: citations.into_iter().map(citation).collect(),
        seal: None,
        at: Place::new(pointer(at)),
    })
}

/// Reads where a text was found.
pub(super) fn citation(raw: &RawValue) -> Citation {
    let CitationIn { title, document_title, url } =
        serde_json::from_str(raw.get()).unwrap_or_default();
    Citation { family: Family::Anthropic, title: title.or(document_title), url, raw: json(raw) }
}

fn thinking(
    raw: &RawValue,
    kind: &str,
    at: &str,
    losses: &mut Losses,
) -> Result<Thinking, Refused> {
    let at_place = Place::new(pointer(at));
    if kind == "redacted_thinking" {
        let block: RedactedIn = read_saying(raw, at, &THINKING, losses)?;
        let seal = seal::of_blob(&block.data);
        return Ok(Thinking { text: String::new(), redacted: true, seal, at: at_place });
    }
    let block: ThinkingIn = read_saying(raw, at, &THINKING, losses)?;
    let seal = seal::of_blob(&block.signature.unwrap_or_default());
    Ok(Thinking { text: block.thinking, redacted: false, seal, at: at_place })
}

fn call(raw: &RawValue, at: &str, losses: &mut Losses) -> Result<Call, Refused> {
    let block: ToolUseIn<'_> = read_saying(raw, at, &CALL, losses)?;
    let input = block.input.map(RawValue::get).filter(|input| *input != "null");
    Ok(Call {
        id: block.id,
        name: block.name,
        args: input.unwrap_or("{}").to_owned(),
        kind: CallKind::Function,
        namespace: None,
        seal: None,
        cache: block.cache_control.map(CacheControl::ttl),
        at: Place::new(pointer(at)),
    })
}

fn result(raw: &RawValue, at: &str, losses: &mut Losses) -> Result<ToolResult, Refused> {
    let block: ToolResultIn<'_> = read_saying(raw, at, &RESULT, losses)?;
    let mut content = Vec::new();
    if let Some(raw) = block.content {
        let inner = format!("{at}.content");
        for (number, raw) in blocks(raw, &inner, &mut content)?.into_iter().enumerate() {
            let at = format!("{inner}.{number}");
            match kind(raw, &at)?.as_ref() {
                "text" => content.push(Part::Text(text(raw, &at, losses)?)),
                kind => media_in::push(kind, raw, &at, &mut content, losses)?,
            }
        }
    }
    Ok(ToolResult {
        call: block.tool_use_id,
        kind: CallKind::Function,
        content,
        error: block.is_error.unwrap_or(false),
        cache: block.cache_control.map(CacheControl::ttl),
        at: Place::new(pointer(at)),
    })
}

/// Gives a call of Gemini its signature back, which stood in an empty block of thinking before it.
fn with_seals(parts: Vec<Part>) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::with_capacity(parts.len());
    for mut part in parts {
        if let Part::Call(call) = &mut part
            && let Some(Part::Thinking(thinking)) = out.last()
            && thinking.text.is_empty()
            && !thinking.redacted
            && thinking.seal.as_ref().is_some_and(|seal| seal.family == Family::Google)
            && let Some(Part::Thinking(thinking)) = out.pop()
        {
            call.seal = thinking.seal;
        }
        out.push(part);
    }
    out
}
