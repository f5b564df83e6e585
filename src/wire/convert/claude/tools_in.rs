//! Tools that a client offers, and which it wants called.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::content_in::{CacheControl, json, read, read_saying};
use crate::wire::convert::Refused;
use crate::wire::convert::fields::say_unknown;
use crate::wire::convert::hub::{Choice, Family, Place, Tool, ToolKind};
use crate::wire::convert::loss::{Losses, Token};

/// What is read of a function, and what only says when its arguments come.
const KNOWN: [&str; 9] = [
    "type",
    "name",
    "description",
    "input_schema",
    "strict",
    "input_examples",
    "cache_control",
    "defer_loading",
    "eager_input_streaming",
];
/// What is read of a choice.
const CHOICE: [&str; 3] = ["type", "name", "disable_parallel_tool_use"];

#[derive(Deserialize)]
struct ToolIn<'a> {
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
    description: Option<String>,
    #[serde(borrow)]
    input_schema: Option<&'a RawValue>,
    strict: Option<bool>,
    #[serde(borrow)]
    input_examples: Option<&'a RawValue>,
    defer_loading: Option<bool>,
    eager_input_streaming: Option<bool>,
    cache_control: Option<CacheControl>,
}

#[derive(Deserialize)]
struct ChoiceIn {
    #[serde(rename = "type")]
    kind: String,
    name: Option<String>,
    disable_parallel_tool_use: Option<bool>,
}

/// Reads the tools. Those with a versioned type are the vendor's own.
pub(super) fn tools(raws: &[&RawValue], losses: &mut Losses) -> Result<Vec<Tool>, Refused> {
    let mut tools = Vec::with_capacity(raws.len());
    for (number, raw) in raws.iter().enumerate() {
        let tool: ToolIn<'_> = read(raw, &format!("tools.{number}"))?;
        let cache = tool.cache_control.map(CacheControl::ttl);
        let place = format!("/tools/{number}");
        let at = Place::new(place.as_str());
        if let Some(kind) = tool.kind.filter(|kind| kind != "custom") {
            let name = tool.name.unwrap_or_else(|| kind.clone());
            let kind = ToolKind::Hosted { family: Family::Anthropic, kind, raw: json(raw) };
            let description = tool.description;
            tools.push(Tool { name, description, kind, namespace: None, cache, at });
            continue;
        }
        let Some(name) = tool.name else {
            return Err(Refused::new(format!("tools.{number}: a tool has no name")));
        };
        say_unknown(raw.get(), &KNOWN, &place, losses);
        for (is, token, field) in [
            (tool.input_examples.is_some(), Token::DropToolExamples, "input_examples"),
            (tool.defer_loading == Some(true), Token::DropToolSearch, "defer_loading"),
            (tool.eager_input_streaming == Some(true), Token::DropHint, "eager_input_streaming"),
        ] {
            losses.push_if(is, token, &format!("{place}/{field}"));
        }
        let schema = tool.input_schema.map(json);
        let kind = ToolKind::Function { schema, strict: tool.strict };
        let description = tool.description;
        tools.push(Tool { name, description, kind, namespace: None, cache, at });
    }
    Ok(tools)
}

/// Reads which tool must be called, and whether several may be at once.
pub(super) fn choice(
    raw: Option<&RawValue>,
    losses: &mut Losses,
) -> Result<(Option<Choice>, Option<bool>), Refused> {
    let Some(raw) = raw else { return Ok((None, None)) };
    let choice: ChoiceIn = read_saying(raw, "tool_choice", &CHOICE, losses)?;
    let parallel = choice.disable_parallel_tool_use.map(|disabled| !disabled);
    let choice = match (choice.kind.as_str(), choice.name) {
        ("auto", _) => Some(Choice::Auto),
        ("any", _) => Some(Choice::Required),
        ("none", _) => Some(Choice::None),
        ("tool", Some(name)) => Some(Choice::Named { namespace: None, name }),
        ("tool", None) => return Err(Refused::new("tool_choice: a tool has no name")),
        _ => {
            losses.push(Token::ApproxChoice, "/tool_choice");
            None
        }
    };
    Ok((choice, parallel))
}
