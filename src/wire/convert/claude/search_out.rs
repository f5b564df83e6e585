//! Searching the web, which other families have too, as this vendor's own tool.

use serde::{Deserialize, Serialize};

use super::block::Mark;
use super::tools_out::ToolOut;
use crate::wire::convert::hub::{Json, Tool};
use crate::wire::convert::loss::Losses;
use crate::wire::convert::search::SearchBounds;

/// The type that every model with search takes.
const TYPE: &str = "web_search_20250305";
/// The name it goes by.
pub(super) const NAME: &str = "web_search";

/// What other families say of a search.
#[derive(Default, Deserialize)]
pub(super) struct Search {
    #[serde(skip)]
    bounds: SearchBounds,
    user_location: Option<LocationIn>,
    external_web_access: Option<bool>,
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
    pub fn marked(self, tool: &Tool, losses: &mut Losses, at: &str) -> ToolOut {
        let Self { bounds, user_location: location, .. } = self;
        bounds.say_others(losses, at);
        ToolOut::WebSearch {
            kind: TYPE,
            name: NAME,
            allowed_domains: bounds.allowed,
            blocked_domains: bounds.blocked,
            user_location: location.map(|location| location.approximate.unwrap_or(location.place)),
            cache_control: Mark::of(tool.cache, at),
        }
    }
}

/// Reads another family's search; `None` of its other tools, of a search that may not look outside, and of
/// one with domains both to search and not to: this vendor takes one of these lists alone.
pub(super) fn read(kind: &str, raw: &Json) -> Option<Search> {
    let is_googles = kind.starts_with("googleSearch") || kind.starts_with("google_search");
    if !is_googles && !kind.starts_with("web_search") {
        return None;
    }
    let bounds = SearchBounds::of(raw);
    let search: Search = raw.read().unwrap_or_default();
    let takes = bounds.allowed.is_none() || bounds.blocked.is_none();
    (takes && search.external_web_access != Some(false)).then_some(Search { bounds, ..search })
}
