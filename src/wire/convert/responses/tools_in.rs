//! Tools and the choice among them, read.

use std::collections::HashSet;

use serde::Deserialize;

use super::super::Refused;
use super::super::fields::{read_noticing, read_saying, say_unknown};
use super::super::hub::{CallKind, Choice, CustomFormat, Family, Json, Place, Tool, ToolKind};
use super::super::lax::lax;
use super::super::loss::{Losses, Token};
use super::items_in::name_of;

/// What is read of tools that the client runs.
const KNOWN: [&str; 8] =
    ["type", "name", "description", "parameters", "strict", "format", "tools", "defer_loading"];

/// What is read of the format of a text.
const FORMAT: [&str; 3] = ["type", "syntax", "definition"];

/// A tool, of any kind.
#[derive(Deserialize)]
struct Offered {
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
    description: Option<String>,
    parameters: Option<Json>,
    strict: Option<bool>,
    format: Option<Json>,
    tools: Option<Vec<Json>>,
    defer_loading: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct GrammarFormat {
    #[serde(deserialize_with = "lax")]
    syntax: Option<String>,
    #[serde(deserialize_with = "lax")]
    definition: Option<String>,
}

/// Reads tools with their places. Of several that share a name and a namespace the first counts.
pub(super) fn tools(offered: &[(Json, String)], losses: &mut Losses) -> Result<Vec<Tool>, Refused> {
    let mut read = Vec::with_capacity(offered.len());
    for (raw, at) in offered {
        tool(raw, None, at, losses, &mut read)?;
    }
    let mut seen = HashSet::new();
    read.retain(|tool: &Tool| seen.insert((tool.namespace.clone(), tool.name.clone())));
    Ok(read)
}

fn tool(
    raw: &Json,
    namespace: Option<&str>,
    at: &str,
    losses: &mut Losses,
    out: &mut Vec<Tool>,
) -> Result<(), Refused> {
    let (offered, has_unknown) = read_noticing::<Offered>(raw.text(), &KNOWN)
        .map_err(|error| Refused::new(format!("the tool at {at} cannot be read: {error}")))?;
    let say = |losses: &mut Losses| {
        if has_unknown {
            say_unknown(raw.text(), &KNOWN, at, losses);
        }
    };
    let kind = offered.kind.as_deref().unwrap_or("function");
    if kind == "namespace" && namespace.is_none() {
        say(losses);
        let is_told = offered.description.as_deref().is_some_and(|told| !told.is_empty());
        losses.push_if(is_told, Token::DropHint, &format!("{at}/description"));
        for (number, child) in offered.tools.iter().flatten().enumerate() {
            let at = format!("{at}/tools/{number}");
            tool(child, offered.name.as_deref(), &at, losses, out)?;
        }
        return Ok(());
    }
    if kind == "tool_search" {
        losses.push(Token::DropToolSearch, at);
        return Ok(());
    }
    let (standard, what) = match kind {
        "function" => {
            let (schema, strict) = (offered.parameters, offered.strict);
            ("", ToolKind::Function { schema, strict })
        }
        "custom" => ("", ToolKind::Custom(format(offered.format.as_ref(), at, losses))),
        "local_shell" => (name_of(CallKind::LocalShell), ToolKind::LocalShell),
        "shell" => (name_of(CallKind::Shell), ToolKind::Shell),
        "apply_patch" => (name_of(CallKind::ApplyPatch), ToolKind::ApplyPatch),
        hosted => {
            let (family, raw) = (Family::OpenAi, raw.clone());
            (hosted, ToolKind::Hosted { family, kind: hosted.to_owned(), raw })
        }
    };
    if !matches!(what, ToolKind::Hosted { .. }) {
        say(losses);
        let defers = offered.defer_loading == Some(true);
        losses.push_if(defers, Token::DropToolSearch, &format!("{at}/defer_loading"));
    }
    let name = if standard.is_empty() { offered.name } else { Some(standard.to_owned()) };
    let name = name
        .filter(|name| !name.is_empty())
        .ok_or_else(|| Refused::new(format!("the tool at {at} has no name")))?;
    let mut at = Place::new(at);
    if matches!(what, ToolKind::Function { schema: Some(_), .. }) {
        at.holds_schema("/parameters");
    }
    out.push(Tool {
        name,
        description: offered.description,
        kind: what,
        namespace: namespace.filter(|namespace| !namespace.is_empty()).map(str::to_owned),
        cache: None,
        at,
    });
    Ok(())
}

fn format(format: Option<&Json>, at: &str, losses: &mut Losses) -> CustomFormat {
    let (text, at) = (format.map_or("", Json::text), format!("{at}/format"));
    let grammar: GrammarFormat = read_saying(text, &FORMAT, &at, losses).unwrap_or_default();
    match grammar {
        GrammarFormat { syntax: Some(syntax), definition: Some(definition) } => {
            CustomFormat::Grammar { syntax, definition }
        }
        _ => CustomFormat::Text,
    }
}

/// A choice that is no word.
#[derive(Deserialize)]
struct Chosen {
    #[serde(rename = "type")]
    kind: String,
    name: Option<String>,
    namespace: Option<String>,
    mode: Option<String>,
    tools: Option<Vec<Chosen>>,
}

/// Reads the choice among the tools; what nobody knows is refused, as it may have been meant to forbid.
pub(super) fn choice(choice: &Json) -> Result<Choice, Refused> {
    let unknown = || Refused::new(format!("`tool_choice` cannot be read: {}", choice.text()));
    if let Ok(word) = choice.read::<String>() {
        return match word.as_str() {
            "auto" => Ok(Choice::Auto),
            "none" => Ok(Choice::None),
            "required" => Ok(Choice::Required),
            _ => Err(unknown()),
        };
    }
    let chosen = choice.read::<Chosen>().map_err(|_| unknown())?;
    if chosen.kind == "allowed_tools" {
        let names = chosen.tools.unwrap_or_default().into_iter().map(name).collect();
        return Ok(Choice::Allowed { names, required: chosen.mode.as_deref() == Some("required") });
    }
    Ok(Choice::Named { namespace: chosen.namespace.clone(), name: name(chosen) })
}

fn name(chosen: Chosen) -> String {
    // A tool that the vendor runs, and a shell, are named by their types.
    chosen.name.filter(|name| !name.is_empty()).unwrap_or(chosen.kind)
}
