//! Tools for a provider.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::block::Mark;
use super::search_out::{self, Location};
use super::system_out::unbounded;
use crate::wire::convert::hub::{Choice, Family, Json, Tool, ToolKind};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::names::{Bounds, Names};
use crate::wire::convert::target::Target;

/// A tool as it is written.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum ToolOut {
    Function {
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        input_schema: Json,
        #[serde(skip_serializing_if = "Option::is_none")]
        strict: Option<bool>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<Mark>,
    },
    WebSearch {
        #[serde(rename = "type")]
        kind: &'static str,
        name: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        allowed_domains: Option<Json>,
        #[serde(skip_serializing_if = "Option::is_none")]
        blocked_domains: Option<Json>,
        #[serde(skip_serializing_if = "Option::is_none")]
        user_location: Option<Location>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<Mark>,
    },
    /// As it came.
    Hosted(Json),
}

/// A tool that is offered, with the name by which it is written.
pub(super) struct Offered<'a> {
    pub tool: &'a Tool,
    pub name: String,
    pub out: ToolOut,
}

/// Writes the tools that this vendor takes, or those that the choice leaves.
pub(super) fn tools<'a>(
    tools: &'a [Tool],
    choice: Option<&Choice>,
    target: &Target,
    names: &mut Names,
    losses: &mut Losses,
) -> Vec<Offered<'a>> {
    let allowed: Option<HashSet<&String>> = match choice {
        Some(Choice::Allowed { names, .. }) => Some(names.iter().collect()),
        _ => None,
    };
    let is_allowed =
        |tool: &Tool| allowed.as_ref().is_none_or(|allowed| allowed.contains(&tool.name));
    let takes_search = target.options.web_search && !has_own_search(tools);
    let mut has_search = false;
    let mut offered: Vec<Offered<'_>> = Vec::with_capacity(tools.len());
    let mut seen = HashSet::new();
    for tool in tools.iter().filter(|tool| is_allowed(tool)) {
        let at = tool.at.or("");
        let written = match &tool.kind {
            ToolKind::Hosted { family: Family::Anthropic, raw, .. } => {
                Some((tool.name.clone(), ToolOut::Hosted(raw.clone())))
            }
            ToolKind::Hosted { kind, raw, .. } => {
                let search = search_out::read(kind, raw).filter(|_| takes_search);
                // One search is enough.
                if search.is_some() && std::mem::replace(&mut has_search, true) {
                    continue;
                }
                search.map(|search| {
                    let out = search.marked(tool, losses, at);
                    (search_out::NAME.to_owned(), out)
                })
            }
            _ => function(tool, target, names, losses, at),
        };
        match written {
            // Two of one name are refused; the first is the one that comes back by it.
            Some((name, _)) if !seen.insert(name.clone()) => {}
            Some((name, out)) => offered.push(Offered { tool, name, out }),
            None => losses.push(Token::DropHostedTool, at),
        }
    }
    offered
}

/// Tells whether the client has a search of its own: names must differ.
fn has_own_search(tools: &[Tool]) -> bool {
    let is_own = |tool: &Tool| {
        tool.name == search_out::NAME && !matches!(tool.kind, ToolKind::Hosted { .. })
    };
    tools.iter().any(is_own)
}

fn function(
    tool: &Tool,
    target: &Target,
    names: &mut Names,
    losses: &mut Losses,
    at: &str,
) -> Option<(String, ToolOut)> {
    let function = tool.as_function(losses, at)?;
    let name = names.tool(tool.name_of(), Bounds::ANTHROPIC_NAME);
    let schema_at = tool.at.of_schema(at);
    let input_schema = object(function.schema, losses, &schema_at);
    let asks = function.strict == Some(true);
    // The vendor refuses strictness of schemas that leave an object open.
    let strict = asks && target.model.structured && is_closed(&input_schema.tree());
    losses.push_if(asks && !strict, Token::DropToolStrict, at);
    let input_schema =
        if strict { unbounded(&input_schema, &schema_at, losses) } else { input_schema };
    let out = ToolOut::Function {
        name: name.clone(),
        description: function.description,
        input_schema,
        strict: strict.then_some(true),
        cache_control: Mark::of(tool.cache, at),
    };
    Some((name, out))
}

/// Makes sure that a schema says it is an object's; the vendor asks for that.
fn object(schema: Json, losses: &mut Losses, at: &str) -> Json {
    #[derive(Deserialize)]
    struct Typed {
        #[serde(rename = "type")]
        kind: Option<Value>,
    }
    let typed = schema.read::<Typed>().ok().filter(|_| schema.is_object());
    match typed.map(|typed| typed.kind) {
        Some(Some(_)) => return schema,
        Some(None) => {
            losses.push(Token::ApproxSchema, at);
            let rest = schema.text().trim_start().trim_start_matches('{').trim_start();
            let comma = if rest.starts_with('}') { "" } else { "," };
            let text = format!("{{\"type\":\"object\"{comma}{rest}");
            if let Some(schema) = Json::parse(&text) {
                return schema;
            }
        }
        None => losses.push(Token::ApproxSchema, at),
    }
    let empty = r#"{"type":"object","properties":{}}"#;
    Json::parse(empty).unwrap_or_else(Json::empty_object)
}

/// Tells whether every object of a schema says that it has no other properties.
pub(super) fn is_closed(schema: &Value) -> bool {
    match schema {
        Value::Object(node) => {
            let is_object = node.get("type").is_some_and(names_object);
            let closed = node.get("additionalProperties") == Some(&Value::Bool(false));
            (!is_object || closed) && node.values().all(is_closed)
        }
        Value::Array(nodes) => nodes.iter().all(is_closed),
        _ => true,
    }
}

fn names_object(kind: &Value) -> bool {
    match kind {
        Value::String(kind) => kind == "object",
        Value::Array(kinds) => kinds.iter().any(names_object),
        _ => false,
    }
}
