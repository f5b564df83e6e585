//! Searching the web: a field of its own here, a tool everywhere else. In the model it has the form that
//! Responses give it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::lax::lax;
use crate::wire::convert::hub::{self, Family, Json, Tool, ToolKind};

/// What the tool is called within the model.
const KIND: &str = "web_search";

/// The field of a chat request.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct SearchOptions {
    #[serde(deserialize_with = "lax", skip_serializing_if = "Option::is_none")]
    search_context_size: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_location: Option<Location>,
}

#[derive(Serialize, Deserialize)]
struct Location {
    #[serde(rename = "type", default = "approximate")]
    kind: String,
    #[serde(default)]
    approximate: Place,
}

fn approximate() -> String {
    "approximate".to_owned()
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Place {
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
}

/// The tool of Responses, and Anthropic's as far as it is alike.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct SearchTool {
    #[serde(rename = "type")]
    kind: String,
    #[serde(deserialize_with = "lax", skip_serializing_if = "Option::is_none")]
    search_context_size: Option<String>,
    #[serde(deserialize_with = "lax", skip_serializing_if = "Option::is_none")]
    user_location: Option<FlatLocation>,
    #[serde(deserialize_with = "lax", skip_serializing)]
    external_web_access: Option<bool>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct FlatLocation {
    #[serde(rename = "type")]
    kind: String,
    #[serde(flatten)]
    place: Place,
}

/// Reads the field as a tool.
pub(super) fn tool(raw: &RawValue) -> Option<Tool> {
    let options: SearchOptions = serde_json::from_str(raw.get()).ok()?;
    let user_location = options
        .user_location
        .map(|location| FlatLocation { kind: location.kind, place: location.approximate });
    let raw = Json::of(&SearchTool {
        kind: KIND.to_owned(),
        search_context_size: options.search_context_size,
        user_location,
        external_web_access: None,
    })?;
    Some(Tool {
        name: KIND.to_owned(),
        description: None,
        kind: ToolKind::Hosted { family: Family::OpenAi, kind: KIND.to_owned(), raw },
        namespace: None,
        cache: None,
        at: hub::Place::new("/web_search_options"),
    })
}

/// Returns a tool that searches the web as the field; `None` when it is none, or may not search.
pub(super) fn options(tool: &Tool) -> Option<SearchOptions> {
    let ToolKind::Hosted { kind, raw, .. } = &tool.kind else { return None };
    if !kind.starts_with(KIND) {
        return None;
    }
    let SearchTool { search_context_size, user_location, external_web_access, .. } =
        raw.read().unwrap_or_default();
    if external_web_access == Some(false) {
        return None;
    }
    let user_location =
        user_location.map(|location| Location { kind: approximate(), approximate: location.place });
    Some(SearchOptions { search_context_size, user_location })
}
