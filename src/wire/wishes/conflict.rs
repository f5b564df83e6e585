//! What thinking may not stand beside in a request of Anthropic's: the vendor would refuse it.

use crate::wire::tree::Node;

/// The least `top_p` beside thinking.
const LEAST_TOP_P: f64 = 0.95;

/// Returns what a request has beside which thinking cannot be switched on. `within_budget` says that it
/// would be thinking of a budget, which has to begin each answer that calls tools.
pub(super) fn conflict(root: Node<'_>, within_budget: bool) -> Option<&'static str> {
    let number = |key: &str| {
        let node = root.get(key).filter(|node| node.raw() != b"null")?;
        Some(std::str::from_utf8(node.raw()).ok().and_then(|raw| raw.parse::<f64>().ok()))
    };
    let forced =
        root.find(&["tool_choice", "type"]).is_some_and(|it| it.is("any") || it.is("tool"));
    if forced {
        return Some("a tool that has to be called");
    }
    // A value that is no number is refused whatever stands beside it.
    if number("temperature").is_some_and(|it| it.is_none_or(|it| (it - 1.0).abs() > f64::EPSILON)) {
        return Some("a temperature");
    }
    if number("top_k").is_some() {
        return Some("top_k");
    }
    if number("top_p").is_some_and(|it| it.is_none_or(|it| it < LEAST_TOP_P)) {
        return Some("a small top_p");
    }
    let messages = || root.get("messages").into_iter().flat_map(|list| list.elements());
    if messages().last().is_some_and(is_models) {
        return Some("an answer that is begun");
    }
    let last = messages().filter(|message| is_models(*message)).last();
    let blocks = || last.and_then(|it| it.get("content")).into_iter().flat_map(|it| it.elements());
    let is = |block: Node<'_>, kind: &str| block.get("type").is_some_and(|it| it.is(kind));
    let begins =
        || blocks().next().is_some_and(|it| is(it, "thinking") || is(it, "redacted_thinking"));
    let calls = || blocks().any(|block| is(block, "tool_use"));
    (within_budget && calls() && !begins()).then_some("a call without its thinking")
}

fn is_models(message: Node<'_>) -> bool {
    message.get("role").is_some_and(|role| role.is("assistant"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use switchyard_actors::domain::dialect::Dialect;
    use switchyard_actors::domain::preferences::{Adaptive, Preferences};

    use crate::wire::wishes::Wishes;

    #[test]
    fn thinking_is_left_out_where_it_would_be_refused() {
        let budget = Preferences { thinking_budget: Some(10_000), ..Preferences::default() };
        let adaptive = Adaptive { effort: Arc::from("high"), models: Arc::from([]) };
        let adaptive = Preferences { adaptive: Some(adaptive), ..Preferences::default() };
        let left = |wants: &Preferences, body: &str| {
            let wishes = Wishes { preferences: Arc::new(wants.clone()), ..Wishes::default() };
            let told = wishes.grant(Dialect::Anthropic, "m", false, body.as_bytes());
            told.changes.is_empty()
                && told.notes.iter().any(|note| note.contains("left out beside"))
        };
        let calls = r#"{"max_tokens":20000,"messages":[{"role":"assistant","content":[{"type":"tool_use"}]},{"role":"user","content":"x"}]}"#;
        for body in [
            r#"{"max_tokens":20000,"temperature":0.5}"#,
            r#"{"max_tokens":20000,"temperature":0}"#,
            r#"{"max_tokens":20000,"top_k":5}"#,
            r#"{"max_tokens":20000,"top_p":0.9}"#,
            r#"{"max_tokens":20000,"tool_choice":{"type":"any"}}"#,
            r#"{"max_tokens":20000,"messages":[{"role":"assistant","content":"So"}]}"#,
        ] {
            assert!(left(&budget, body) && left(&adaptive, body), "{body}");
        }
        assert!(left(&budget, calls) && !left(&adaptive, calls));
        let thinks =
            calls.replace(r#"[{"type":"tool_use"}"#, r#"[{"type":"thinking"},{"type":"tool_use"}"#);
        for body in [
            thinks.as_str(),
            r#"{"max_tokens":20000,"temperature":1.0,"top_k":null,"top_p":0.95}"#,
            r#"{"max_tokens":20000,"messages":[{"role":"assistant","content":"So"},{"role":"user","content":"x"}]}"#,
        ] {
            assert!(!left(&budget, body) && !left(&adaptive, body), "{body}");
        }
    }
}
