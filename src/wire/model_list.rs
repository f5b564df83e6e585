//! The lists of models that vendors give: where each kind has its own, and the names in it.

use serde_json::Value;
use switchyard_actors::domain::dialect::ProviderKind;

use super::percent;

/// Returns the path of the list.
#[must_use]
pub const fn path(kind: ProviderKind) -> &'static str {
    match kind {
        ProviderKind::Gemini | ProviderKind::GeminiCli => "/v1beta/models",
        _ => "/v1/models",
    }
}

/// Returns the path of something that a Gemini model is asked to do.
#[must_use]
pub fn gemini_path(model: &str, action: &str) -> String {
    format!("/v1beta/models/{}:{action}", percent::encode_segment(model))
}

/// Reads `data[].id` (Anthropic, `OpenAI`) or `models[].name` (Gemini), in the vendor's order.
#[must_use]
pub fn names(list: &Value) -> Vec<String> {
    let items = list.get("data").or_else(|| list.get("models")).and_then(Value::as_array);
    let name = |item: &Value| {
        let name = item.get("id").or_else(|| item.get("name"))?.as_str()?;
        Some(name.strip_prefix("models/").unwrap_or(name).to_owned())
    };
    items.into_iter().flatten().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_of_all_vendors_are_read() {
        assert_eq!(names(&json!({"data": [{"id": "gpt-5"}, {"no": 1}]})), ["gpt-5"]);
        assert_eq!(names(&json!({"models": [{"name": "models/gemini-3"}]})), ["gemini-3"]);
        assert!(names(&json!("nothing")).is_empty());
    }
}
