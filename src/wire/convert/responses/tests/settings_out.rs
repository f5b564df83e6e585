//! What a request asks for besides its conversation, written for a provider.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::super::hub::{Choice, Effort, Format, Place, Reasoning, Show, Tool, ToolKind};
use super::*;

fn ask(turns: Vec<Turn>) -> Request {
    Request { model: "gpt-5".to_owned(), turns, ..Request::default() }
}

fn function(name: &str, schema: Option<&Value>) -> Tool {
    let kind = ToolKind::Function { schema: schema.map(json), strict: None };
    Tool {
        at: Place::default(),
        name: name.to_owned(),
        description: None,
        kind,
        namespace: None,
        cache: None,
    }
}

#[test]
fn choice_matrix() {
    let tools =
        vec![function("f", None), Tool { namespace: Some("ns".into()), ..function("g", None) }];
    let of = |choice: Option<Choice>, parallel| {
        let request = Request { tools: tools.clone(), choice, parallel, ..ask(Vec::new()) };
        let body = encoded(&request, &talker()).0;
        (body["tool_choice"].clone(), body["parallel_tool_calls"].clone())
    };
    let named = |namespace: Option<&str>, name: &str| {
        Some(Choice::Named { namespace: namespace.map(str::to_owned), name: name.to_owned() })
    };
    assert_eq!(of(None, None), (Value::Null, json!(true)));
    assert_eq!(of(Some(Choice::Auto), Some(false)), (json!("auto"), json!(false)));
    assert_eq!(of(Some(Choice::Required), None).0, json!("required"));
    assert_eq!(of(Some(Choice::None), None).0, json!("none"));
    assert_eq!(of(named(None, "f"), None).0, json!({"type": "function", "name": "f"}));
    let in_group = json!({"type": "function", "name": "ns__g"});
    assert_eq!(of(named(Some("ns"), "g"), None).0, in_group);
    assert_eq!(of(named(None, "g"), None).0, in_group);
    let allowed = Choice::Allowed { names: vec!["f".into(), "x".into()], required: false };
    assert_eq!(
        of(Some(allowed), None).0,
        json!({"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]})
    );
}

#[test]
fn thinking_budget_and_effort() {
    let of = |effort, budget, show, target: &Target| {
        let reasoning = Some(Reasoning { effort, budget, show });
        let request = Request { reasoning, ..ask(Vec::new()) };
        let (body, _, losses) = encoded(&request, target);
        (body.get("reasoning").cloned(), body.get("include").cloned(), tokens(&losses))
    };
    let include = Some(json!(["reasoning.encrypted_content"]));
    // The golden case `thinking_budget`.
    let budget = of(None, Some(10_000), Show::Unsaid, &thinker());
    let high = Some(json!({"effort": "high", "summary": "auto"}));
    assert_eq!(budget, (high, include.clone(), vec!["approx.effort_from_budget"]));
    // The golden case `thinking_adaptive_effort`.
    let adaptive = of(Some(Effort::Max), None, Show::Nothing, &thinker());
    assert_eq!(adaptive, (Some(json!({"effort": "high"})), include.clone(), vec!["approx.effort"]));
    let auto = of(Some(Effort::Auto), None, Show::Summary, &thinker());
    assert_eq!(auto, (Some(json!({"summary": "auto"})), include.clone(), vec![]));
    let off = of(Some(Effort::None), None, Show::Unsaid, &thinker());
    assert_eq!(off, (Some(json!({"effort": "minimal"})), include, vec!["approx.effort"]));
    let dull = of(Some(Effort::High), None, Show::Unsaid, &talker());
    assert_eq!(dull, (None, None, vec!["drop.reasoning"]));
}

#[test]
fn json_schema_output() {
    let of = |format| encoded(&Request { format, ..ask(Vec::new()) }, &talker()).0["text"].clone();
    assert_eq!(of(Format::Text), Value::Null);
    assert_eq!(of(Format::Json), json!({"format": {"type": "json_object"}}));
    let schema = json!({"type": "object"});
    let said = |name: Option<&str>| Format::Schema {
        name: name.map(str::to_owned),
        schema: json(&schema),
        strict: Some(true),
    };
    assert_eq!(
        of(said(Some("n"))),
        json!({"format": {"type": "json_schema", "name": "n", "schema": schema, "strict": true}})
    );
    assert_eq!(of(said(None))["format"]["name"], "answer");
}

#[test]
fn stop_sequences_and_sampling_limits() {
    let mut request = ask(Vec::new());
    request.stop = vec!["END".into()];
    request.sampling.temperature = Some(1.5);
    request.sampling.top_k = Some(4);
    request.sampling.seed = Some(1);
    request.sampling.presence = Some(0.5);
    let (body, _, losses) = encoded(&request, &talker());
    assert_eq!(body["temperature"], 1.5);
    assert_eq!(tokens(&losses), ["drop.penalties", "drop.seed", "drop.stop", "drop.top_k"]);
    let (body, _, losses) = encoded(&request, &thinker());
    assert_eq!(body.get("temperature"), None);
    has(&losses, &[Token::DropSampling]);
}

#[test]
fn a_backend_of_codex_is_sent_what_codex_sends() {
    let mut request = ask(vec![user(vec![text("Hi")])]);
    request.max_output = Some(5);
    request.sampling.temperature = Some(0.5);
    request.identity.end_user = Some("u".into());
    request.identity.tier = Some("flex".into());
    let (body, _, losses) = encoded(&request, &backend());
    let keys: BTreeSet<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
    let wanted = ["include", "input", "instructions", "model", "store", "stream"];
    assert_eq!(keys, BTreeSet::from(wanted));
    assert_eq!((&body["instructions"], &body["stream"]), (&json!(""), &json!(true)));
    assert_eq!(tokens(&losses), ["drop.end_user", "drop.max_output", "drop.sampling", "drop.tier"]);
}

#[test]
fn the_user_goes_out_only_when_the_operator_says_so() {
    let mut request = ask(Vec::new());
    request.identity.end_user = Some("u".repeat(100));
    assert_eq!(encoded(&request, &talker()).0.get("user"), None);
    let mut open = talker();
    open.options.end_user = true;
    assert_eq!(encoded(&request, &open).0["user"].as_str().unwrap().len(), 64);
    request.identity.end_user = Some("a@example.org".into());
    assert_eq!(encoded(&request, &open).0["user"], "a@example.org");
}

#[test]
fn a_schema_has_properties_even_if_there_are_none() {
    let of = |schema: Option<&str>| {
        let kind = ToolKind::Function { schema: schema.and_then(Json::parse), strict: None };
        let tool = Tool { kind, ..function("f", None) };
        let request = Request { tools: vec![tool], ..ask(Vec::new()) };
        let (mut names, mut losses) = (Names::default(), Losses::default());
        let body = encode_request(&request, &talker(), &mut names, &mut losses).unwrap();
        let body = String::from_utf8(body).unwrap();
        body.split_once("\"parameters\":")
            .unwrap()
            .1
            .split_once(",\"strict\"")
            .unwrap()
            .0
            .to_owned()
    };
    let bare = r#"{"type":"object","properties":{}}"#;
    assert_eq!(of(None), bare);
    assert_eq!(of(Some("{}")), bare);
    let put_in = r#"{"properties":{},"type":"object","title":"t"}"#;
    assert_eq!(of(Some(r#"{"type":"object","title":"t"}"#)), put_in);
    let kept = r#"{"type":"object","properties":{"a":{"maximum":1.50}}}"#;
    assert_eq!(of(Some(kept)), kept);
}
