//! What else a chat provider is told: effort, limits, stops, sampling, form.

use serde_json::json;

use super::*;

fn ask() -> Request {
    request(vec![turn(Role::User, vec![text("x")])])
}

fn reasoning(effort: Option<Effort>, budget: Option<u64>) -> Request {
    Request { reasoning: Some(Reasoning { effort, budget, show: Show::Unsaid }), ..ask() }
}

#[test]
fn thinking_budget_and_effort() {
    use Token::{ApproxEffort, ApproxEffortFromBudget, DropReasoning};
    for (model, effort, budget, wanted, lost) in [
        ("gpt-5", None, Some(8_192), Some("medium"), vec![ApproxEffortFromBudget]),
        ("gpt-5", Some(Effort::High), Some(1), Some("high"), vec![]),
        ("gpt-5", Some(Effort::Max), None, Some("high"), vec![ApproxEffort]),
        ("gpt-5", Some(Effort::None), None, Some("minimal"), vec![ApproxEffort]),
        ("gpt-5.1", Some(Effort::None), None, Some("none"), vec![]),
        ("gpt-5.2", Some(Effort::Max), None, Some("xhigh"), vec![ApproxEffort]),
        ("gpt-5", Some(Effort::Auto), None, None, vec![]),
        ("gemini-3-pro", Some(Effort::XHigh), None, Some("high"), vec![ApproxEffort]),
        ("gemini-3-pro", Some(Effort::None), None, Some("low"), vec![ApproxEffort]),
        ("claude-opus-4-8", Some(Effort::None), None, None, vec![]),
        ("gpt-4o", Some(Effort::High), None, None, vec![DropReasoning]),
        ("gpt-4o", Some(Effort::None), None, None, vec![]),
    ] {
        let (body, losses) = encoded_for(&reasoning(effort, budget), &target_of(model));
        assert_eq!(body.get("reasoning_effort").and_then(Value::as_str), wanted, "{model}");
        assert_eq!(tokens(&losses), lost, "{model} {effort:?}");
    }
}

#[test]
fn a_model_that_reasons_takes_the_new_limit_and_neither_stops_nor_luck() {
    let request = Request {
        max_output: Some(9),
        stop: vec!["END".into()],
        sampling: Sampling { temperature: Some(0.5), seed: Some(1), ..Sampling::default() },
        ..ask()
    };
    let (body, losses) = encoded_for(&request, &target_of("gpt-5"));
    let messages = json!([{"role": "user", "content": "x"}]);
    let wanted = json!({"model": "m", "messages": messages, "max_completion_tokens": 9, "seed": 1});
    assert_eq!(body, wanted);
    assert_eq!(tokens(&losses), [Token::DropSampling, Token::DropStop]);
}

#[test]
fn stop_sequences() {
    let stop = ["1", "", "2", "3", "4", "5"].map(str::to_owned).to_vec();
    let sampling = Sampling { top_k: Some(3), top_p: Some(0.25), ..Sampling::default() };
    let (body, losses) = encoded(&Request { stop, sampling, ..ask() });
    assert_eq!(body["stop"], json!(["1", "2", "3", "4"]));
    assert_eq!(body["top_p"], 0.25);
    assert_eq!(tokens(&losses), [Token::DropStopExcess, Token::DropTopK]);
}

#[test]
fn a_limit_above_the_models_is_lowered() {
    let mut target = Target::default();
    target.model.most_output = Some(16);
    let (body, _) = encoded_for(&Request { max_output: Some(64_000), ..ask() }, &target);
    assert_eq!(body["max_tokens"], 16);
}

#[test]
fn forms_keys_and_users() {
    let schema = Json::parse(r#"{"type":"object"}"#).unwrap();
    let request = Request {
        format: Format::Schema { name: None, schema, strict: Some(true) },
        cache: CacheHints { key: Some("k".into()), whole: Some(Ttl::Hour) },
        identity: Identity { end_user: Some("u".into()), tier: Some("standard_only".into()) },
        ..ask()
    };
    let (body, losses) = encoded(&request);
    assert_eq!(
        body["response_format"],
        json!({"type": "json_schema",
            "json_schema": {"name": "answer", "schema": {"type": "object"}, "strict": true}})
    );
    assert_eq!(body["prompt_cache_key"], "k");
    assert!(body.get("user").is_none() && body.get("service_tier").is_none());
    let lost = [Token::DropCacheControl, Token::DropEndUser, Token::DropTier];
    assert_eq!(tokens(&losses), lost);
    let mut target = Target::default();
    target.options.end_user = true;
    assert_eq!(encoded_for(&request, &target).0["user"], "u");
    let (body, _) = encoded(&Request { format: Format::Json, ..ask() });
    assert_eq!(body["response_format"], json!({"type": "json_object"}));
}
