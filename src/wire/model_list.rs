//! The lists of models that vendors give: where each kind has its own, and the names in it.

use serde_json::Value;
use switchyard_actors::domain::dialect::ProviderKind;

use super::percent;
use super::url::{host, is_at};

/// What Google's interfaces put in front of a model's name.
pub const MODELS: &str = "models/";
/// Where Google's interfaces are.
pub const GOOGLE: &str = "googleapis.com";
/// The one of its cloud, in whose hosts a region may stand before it and behind it.
const VERTEX: &str = "aiplatform";

/// Returns the path of the list.
#[must_use]
pub const fn path(kind: ProviderKind) -> &'static str {
    match kind {
        ProviderKind::Gemini | ProviderKind::GeminiCli => "/v1beta/models",
        _ => "/v1/models",
    }
}

/// Returns a model's name without what Google puts in front of it.
#[must_use]
pub fn bare_model(model: &str) -> &str {
    model.strip_prefix(MODELS).unwrap_or(model)
}

/// Tells whether a provider's address is in Google's cloud, which names its models otherwise than the
/// developer interface, and takes no ids of calls.
#[must_use]
pub fn is_vertex(base: &str) -> bool {
    let is_its = |label: &str| {
        label.rsplit('-').next().is_some_and(|service| service.eq_ignore_ascii_case(VERTEX))
    };
    is_at(base, GOOGLE) && host(base).split('.').any(is_its)
}

/// Returns the path of something that a Gemini model is asked to do. `base` is the provider's address.
#[must_use]
pub fn gemini_path(base: &str, model: &str, action: &str) -> String {
    let models = if is_vertex(base) { "/v1/publishers/google/models" } else { "/v1beta/models" };
    format!("{models}/{}:{action}", percent::encode_segment(bare_model(model)))
}

/// Reads `data[].id` (Anthropic, `OpenAI`) or `models[].name` (Gemini), in the vendor's order.
#[must_use]
pub fn names(list: &Value) -> Vec<String> {
    let items = list.get("data").or_else(|| list.get("models")).and_then(Value::as_array);
    let name = |item: &Value| {
        let name = item.get("id").or_else(|| item.get("name"))?.as_str()?;
        Some(bare_model(name).to_owned())
    };
    items.into_iter().flatten().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_model_is_asked_where_its_provider_has_it() {
        let cloud = "/v1/publishers/google/models/m:countTokens";
        for (base, path) in [
            ("https://a.example", "/v1beta/models/m:countTokens"),
            ("https://aiplatform.googleapis.com.a.example", "/v1beta/models/m:countTokens"),
            ("https://aiplatform.googleapis.com", cloud),
            ("https://eu-AIplatform.GoogleAPIs.com:443/v1", cloud),
            ("https://u:p@us-central1-aiplatform.googleapis.com.", cloud),
            ("https://aiplatform.eu.rep.googleapis.com", cloud),
            ("https://noaiplatform.googleapis.com", "/v1beta/models/m:countTokens"),
            ("https://aiplatform.nogoogleapis.com", "/v1beta/models/m:countTokens"),
        ] {
            for model in ["m", "models/m"] {
                assert_eq!(gemini_path(base, model, "countTokens"), path, "{base}");
            }
        }
    }

    #[test]
    fn lists_of_all_vendors_are_read() {
        assert_eq!(names(&json!({"data": [{"id": "gpt-5"}, {"no": 1}]})), ["gpt-5"]);
        assert_eq!(names(&json!({"models": [{"name": "models/gemini-3"}]})), ["gemini-3"]);
        assert!(names(&json!("nothing")).is_empty());
    }
}
