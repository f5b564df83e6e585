//! Tools and the choice among them, written.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::super::Refused;
use super::super::hub::{Choice, CustomFormat, Family, Json, Request, Tool, ToolKind};
use super::super::loss::{Losses, Token};
use super::super::names::{Bounds, Names};
use super::super::search::SearchBounds;
use super::super::target::Target;

/// A tool of `tools`.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Offered {
    Function {
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        parameters: Json,
        strict: bool,
    },
    Custom {
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        format: Form,
    },
    LocalShell,
    Shell,
    ApplyPatch,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Form {
    Text,
    Grammar { syntax: String, definition: String },
}

/// A tool that the vendor runs, made of another vendor's.
#[derive(Serialize)]
struct WebSearch {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    filters: Option<Filters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_location: Option<Json>,
}

#[derive(Serialize)]
struct Filters {
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_domains: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked_domains: Option<Json>,
}

/// The tools as they are written, and how each is named in a choice.
#[derive(Default)]
pub(super) struct Tools {
    pub(super) written: Vec<Json>,
    /// For each tool of the request that was written, by its name: its namespace, and the choice of it.
    choices: HashMap<String, Vec<(Option<String>, Json)>>,
}

impl Tools {
    /// Writes the tools of a request; what this vendor does not have is left out.
    pub(super) fn of(
        request: &Request,
        target: &Target,
        names: &mut Names,
        losses: &mut Losses,
    ) -> Self {
        let (mut tools, mut seen) = (Self::default(), HashSet::new());
        for tool in &request.tools {
            let at = tool.at.or("");
            losses.push_if(tool.cache.is_some(), Token::DropCacheControl, at);
            let is_hosted = matches!(tool.kind, ToolKind::Hosted { .. });
            // Two of one name are refused; the first is the one that comes back by it.
            if !is_hosted && !seen.insert(names.tool(tool.name_of(), Bounds::OPENAI_NAME)) {
                continue;
            }
            let Some((offered, choice)) = offer(tool, target, names) else {
                losses.push(Token::DropHostedTool, at);
                continue;
            };
            if let ToolKind::Hosted { family: Family::Anthropic | Family::Google, raw, .. } =
                &tool.kind
            {
                SearchBounds::of(raw).say_others(losses, at);
            }
            tools.written.push(offered);
            let alike = tools.choices.entry(tool.name.clone()).or_default();
            alike.push((tool.namespace.clone(), choice));
        }
        tools
    }

    /// Writes the choice among them.
    pub(super) fn choice(&self, request: &Request) -> Result<Option<Json>, Refused> {
        let none_left =
            || Refused::new("A tool must be called, but none of them can be offered there.");
        let word = |word: &str| Ok(Json::of(word));
        match &request.choice {
            None => Ok(None),
            Some(Choice::Auto | Choice::None | Choice::Allowed { required: false, .. })
                if self.written.is_empty() =>
            {
                Ok(None)
            }
            Some(Choice::Required) if self.written.is_empty() => Err(none_left()),
            Some(Choice::Auto) => word("auto"),
            Some(Choice::None) => word("none"),
            Some(Choice::Required) => word("required"),
            Some(Choice::Named { namespace, name }) => {
                let chosen = self.choices.get(name).and_then(|named| {
                    let exact = named.iter().find(|(of, _)| of == namespace);
                    // A tool in a namespace may be named without it.
                    exact.or_else(|| named.first().filter(|_| namespace.is_none()))
                });
                let refused = || {
                    Refused::new(format!("The tool {name} must be called, but cannot be offered."))
                };
                chosen.map(|(_, choice)| Some(choice.clone())).ok_or_else(refused)
            }
            Some(Choice::Allowed { names, required }) => {
                let allowed: Vec<&Json> = names
                    .iter()
                    .filter_map(|name| Some(&self.choices.get(name)?.first()?.1))
                    .collect();
                if allowed.is_empty() {
                    return if *required { Err(none_left()) } else { word("none") };
                }
                let mode = if *required { "required" } else { "auto" };
                Ok(Json::of(&AllowedTools { kind: "allowed_tools", mode, tools: allowed }))
            }
        }
    }
}

#[derive(Serialize)]
struct AllowedTools<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    mode: &'static str,
    tools: Vec<&'a Json>,
}

/// Writes a tool, and the choice of it; `None` when this vendor does not have it.
fn offer(tool: &Tool, target: &Target, names: &mut Names) -> Option<(Json, Json)> {
    let description = tool.description.clone();
    if let ToolKind::Hosted { family, kind, raw } = &tool.kind {
        let (offered, kind) = match family {
            Family::OpenAi => (raw.clone(), kind.as_str()),
            _ if target.options.web_search => (web_search(*family, kind, raw)?, "web_search"),
            _ => return None,
        };
        return Some((offered, chosen(kind, None)?));
    }
    let name = names.tool(tool.name_of(), Bounds::OPENAI_NAME);
    let (offered, choice) = match &tool.kind {
        ToolKind::Function { schema, strict } => {
            let parameters = object(schema.as_ref());
            let strict = strict.unwrap_or(false);
            let choice = chosen("function", Some(&name));
            (Offered::Function { name, description, parameters, strict }, choice)
        }
        ToolKind::Custom(format) => {
            let format = match format {
                CustomFormat::Text => Form::Text,
                CustomFormat::Grammar { syntax, definition } => {
                    Form::Grammar { syntax: syntax.clone(), definition: definition.clone() }
                }
            };
            let choice = chosen("custom", Some(&name));
            (Offered::Custom { name, description, format }, choice)
        }
        ToolKind::LocalShell => (Offered::LocalShell, chosen("local_shell", None)),
        ToolKind::Shell => (Offered::Shell, chosen("shell", None)),
        ToolKind::ApplyPatch => (Offered::ApplyPatch, chosen("apply_patch", None)),
        ToolKind::Hosted { .. } => return None,
    };
    Some((Json::of(&offered)?, choice?))
}

fn chosen(kind: &str, name: Option<&str>) -> Option<Json> {
    #[derive(Serialize)]
    struct Chosen<'a> {
        #[serde(rename = "type")]
        kind: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<&'a str>,
    }
    Json::of(&Chosen { kind, name })
}

/// Returns a schema as `OpenAI` takes it: of an object, with properties, even if there are none.
fn object(schema: Option<&Json>) -> Json {
    #[derive(Deserialize)]
    struct Shape<'a> {
        #[serde(rename = "type")]
        kind: Option<Value>,
        #[serde(borrow)]
        properties: Option<&'a RawValue>,
    }
    let bare = || Json::parse(r#"{"type":"object","properties":{}}"#);
    let made = match schema {
        None => bare(),
        Some(schema) => match schema.read::<Shape<'_>>() {
            Ok(Shape { kind: Some(kind), properties: None }) if kind == "object" => {
                let rest = schema.text().trim_start().strip_prefix('{').unwrap_or("}");
                Json::parse(&format!("{{\"properties\":{{}},{}", rest.trim_start()))
            }
            Ok(Shape { kind: None, properties: None }) if schema.text().trim() == "{}" => bare(),
            _ => Some(schema.clone()),
        },
    };
    made.or_else(|| schema.cloned()).unwrap_or_else(Json::empty_object)
}

/// Where another vendor's search of the web takes the user to be.
#[derive(Default, Deserialize)]
struct Located {
    user_location: Option<Json>,
}

/// Returns this vendor's search of the web for another's.
fn web_search(family: Family, kind: &str, raw: &Json) -> Option<Json> {
    let is_search = match family {
        Family::Anthropic => kind.starts_with("web_search_"),
        Family::Google => matches!(kind, "googleSearch" | "google_search"),
        Family::OpenAi | Family::Other => false,
    };
    if !is_search {
        return None;
    }
    let Located { user_location } = raw.read().unwrap_or_default();
    let bounds = SearchBounds::of(raw);
    let filters = bounds
        .has_domains()
        .then_some(Filters { allowed_domains: bounds.allowed, blocked_domains: bounds.blocked });
    Json::of(&WebSearch { kind: "web_search", filters, user_location })
}
