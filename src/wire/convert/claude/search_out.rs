//! Searching the web, which other families have too, as this vendor's own tool.

use serde::{Deserialize, Serialize};

use super::block::Mark;
use super::tools_out::ToolOut;
use crate::wire::convert::hub::{Json, Tool};

/// The type that every model with search takes.
const TYPE: &str = "web_search_20250305";
/// The name it goes by.
pub(super) const NAME: &str = "web_search";

/// What other families say of a search.
#[derive(Default, Deserialize)]
pub(super) struct Search {
    filters: Option<Filters>,
    user_location: Option<LocationIn>,
    external_web_access: Option<bool>,
}

#[derive(Deserialize)]
struct Filters {
    allowed_domains: Option<Vec<String>>,
}

/// Responses has the place itself, chat has it one level deeper.
#[derive(Deserialize)]
struct LocationIn {
    approximate: Option<Location>,
    #[serde(flatten)]
    place: Location,
}

/// Where the user is, about.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(tag = "type", rename = "approximate")]
pub(super) struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
}

impl Search {
    /// Writes it.
    pub fn marked(self, tool: &Tool, at: &str) -> ToolOut {
        let location = self.user_location;
        ToolOut::WebSearch {
            kind: TYPE,
            name: NAME,
            allowed_domains: self.filters.and_then(|filters| filters.allowed_domains),
            user_location: location.map(|location| location.approximate.unwrap_or(location.place)),
            cache_control: Mark::of(tool.cache, at),
        }
    }
}

/// Reads another family's search; `None` of its other tools, and of a search that may not look outside.
pub(super) fn read(kind: &str, raw: &Json) -> Option<Search> {
    if kind.starts_with("googleSearch") || kind.starts_with("google_search") {
        return Some(Search::default());
    }
    if !kind.starts_with("web_search") {
        return None;
    }
    let search: Search = raw.read().unwrap_or_default();
    (search.external_web_access != Some(false)).then_some(search)
}
