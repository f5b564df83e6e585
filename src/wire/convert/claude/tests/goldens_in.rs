//! Golden cases of which this format is the source: a client's body into the model.

use serde_json::json;

use super::*;
use crate::wire::convert::hub::{
    Choice, Document, Effort, Format, Image, Place, Reasoning, Show, Source, SystemText, Thinking,
    Ttl,
};

#[test]
fn basic_text() {
    let (request, losses) = decode(&json!({
        "model": "claude-sonnet-4-5", "max_tokens": 100, "stream": true, "temperature": 0.5,
        "top_k": 40, "metadata": {"user_id": "u1"}, "service_tier": "auto", "invented": {"a": 1},
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": [{"type": "text", "text": "Hello"}]},
            {"role": "user", "content": [{"type": "text", "text": "Go"}, {"type": "newer", "x": []}]},
            {"role": "user", "content": "on"},
        ],
    }));
    assert_eq!((request.model.as_str(), request.max_output), ("claude-sonnet-4-5", Some(100)));
    let lost: Vec<(Token, &str)> =
        losses.iter().map(|loss| (loss.token, loss.path.as_str())).collect();
    let wanted = [(Token::DropContent, "/messages/2/content/1"), (Token::DropField, "/invented")];
    assert!(request.stream);
    assert_eq!(lost, wanted);
    assert_eq!((request.sampling.temperature, request.sampling.top_k), (Some(0.5), Some(40)));
    assert_eq!(request.identity.end_user.as_deref(), Some("u1"));
    assert_eq!(request.identity.tier.as_deref(), Some("auto"));
    let turns = [
        Turn { role: Role::User, parts: vec![say("Hi")], at: "/messages/0".into() },
        Turn { role: Role::Assistant, parts: vec![say("Hello")], at: "/messages/1".into() },
        Turn { role: Role::User, parts: vec![say("Go"), say("on")], at: "/messages/2".into() },
    ];
    assert_eq!(request.turns, turns);
}

#[test]
fn system_blocks_cached() {
    let (request, _) = decode(&json!({
        "model": "m", "max_tokens": 1, "cache_control": {"type": "ephemeral"},
        "system": [
            {"type": "text", "text": "One"},
            {"type": "text", "text": "Two", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        ],
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}},
            ]},
            {"role": "system", "content": "Be short."},
        ],
    }));
    let one = SystemText { at: Place::default(), text: "One".into(), cache: None };
    let two = SystemText { at: Place::default(), text: "Two".into(), cache: Some(Ttl::Hour) };
    assert_eq!(request.system, [one, two]);
    assert_eq!(request.cache.whole, Some(Ttl::FiveMinutes));
    let marked = Text { cache: Some(Ttl::FiveMinutes), ..Text::plain("Hi") };
    assert_eq!(request.turns[0].parts, [Part::Text(marked)]);
    assert_eq!(request.turns[1].role, Role::System);
    let (request, _) = decode(&json!({"model": "m", "system": "All", "messages": []}));
    assert_eq!(
        request.system,
        [SystemText { at: Place::default(), text: "All".into(), cache: None }]
    );
}

#[test]
fn tool_single() {
    let body = r#"{"model":"m","max_tokens":1,
        "tools":[{"name":"read","description":"Reads.","input_schema":{"type":"object","n":1.50},
                  "strict":true,"input_examples":[{}],"eager_input_streaming":true}],
        "messages":[
          {"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"read","input":{"n": 1.50}}]},
          {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"done"}]}]}"#;
    let mut losses = Losses::default();
    let request = decode_request(body.as_bytes(), &mut losses).unwrap();
    let schema = Json::parse(r#"{"type":"object","n":1.50}"#);
    let kind = ToolKind::Function { schema, strict: Some(true) };
    assert_eq!(request.tools[0].kind, kind);
    assert_eq!(request.tools[0].description.as_deref(), Some("Reads."));
    let made = call("toolu_1", "read", r#"{"n": 1.50}"#);
    assert_eq!(request.turns[0].parts, [Part::Call(made)]);
    assert_eq!(request.turns[1].parts, [Part::Result(result("toolu_1", "done"))]);
    assert_eq!(tokens(&losses), [Token::DropHint, Token::DropToolExamples]);
}

#[test]
fn tool_results_then_text() {
    let (request, _) = decode(&json!({
        "model": "m", "max_tokens": 1,
        "messages": [{"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": "r"}]},
            {"type": "text", "text": "and now"},
        ]}],
    }));
    assert_eq!(request.turns[0].parts, [Part::Result(result("a", "r")), say("and now")]);
}

#[test]
fn text_after_tool_use() {
    let (request, _) = decode(&json!({
        "model": "m", "max_tokens": 1,
        "messages": [{"role": "assistant", "content": [
            {"type": "tool_use", "id": "a", "name": "f", "input": {}},
            {"type": "text", "text": "then"},
        ]}],
    }));
    assert_eq!(request.turns[0].parts, [Part::Call(call("a", "f", "{}")), say("then")]);
}

#[test]
fn tool_error_flag_and_result_image() {
    let (request, _) = decode(&json!({
        "model": "m", "max_tokens": 1,
        "messages": [{"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "a", "is_error": true, "content": [
                {"type": "text", "text": "bad"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
                {"type": "tool_reference", "tool_name": "x"},
            ]},
            {"type": "tool_result", "tool_use_id": "b"},
        ]}],
    }));
    let source = Source::Base64 { mime: "image/png".into(), data: "aGk=".into() };
    let image = Part::Image(Image { at: Place::default(), source, detail: None, cache: None });
    let bad = ToolResult { content: vec![say("bad"), image], error: true, ..result("a", "") };
    let empty = ToolResult { content: Vec::new(), ..result("b", "") };
    assert_eq!(request.turns[0].parts, [Part::Result(bad), Part::Result(empty)]);
}

#[test]
fn choice_matrix() {
    let choice = |choice: Value| {
        let body = json!({"model": "m", "messages": [], "tool_choice": choice});
        let (request, losses) = decode(&body);
        (request.choice, request.parallel, losses.has(Token::ApproxChoice))
    };
    assert_eq!(choice(json!({"type": "auto"})), (Some(Choice::Auto), None, false));
    let off = json!({"type": "any", "disable_parallel_tool_use": true});
    assert_eq!(choice(off), (Some(Choice::Required), Some(false), false));
    let named = Choice::Named { namespace: None, name: "f".into() };
    let one = json!({"type": "tool", "name": "f", "disable_parallel_tool_use": false});
    assert_eq!(choice(one), (Some(named), Some(true), false));
    assert_eq!(choice(json!({"type": "none"})), (Some(Choice::None), None, false));
    assert_eq!(choice(json!({"type": "newer"})), (None, None, true));
    assert_eq!(choice(Value::Null), (None, None, false));
}

#[test]
fn document_pdf_text() {
    let (request, _) = decode(&json!({
        "model": "m", "max_tokens": 1,
        "messages": [{"role": "user", "content": [
            {"type": "document", "title": "A", "context": "Old.",
             "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBE"}},
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}},
            {"type": "document", "source": {"type": "url", "url": "https://a/b.pdf"}},
            {"type": "document", "source": {"type": "file", "file_id": "file_1"}},
            {"type": "document", "source": {"type": "content", "content": [
                {"type": "text", "text": "p"}, {"type": "text", "text": "q"}]}},
            {"type": "search_result", "source": "https://a", "title": "T",
             "content": [{"type": "text", "text": "found"}]},
        ]}],
    }));
    let document = |source, title: Option<&str>| {
        let title = title.map(str::to_owned);
        Part::Document(Document {
            at: Place::default(),
            source,
            title,
            filename: None,
            cache: None,
        })
    };
    let pdf = Source::Base64 { mime: "application/pdf".into(), data: "JVBE".into() };
    let file = Source::File { family: Family::Anthropic, id: "file_1".into() };
    let wanted = [
        say("Old."),
        document(pdf, Some("A")),
        document(Source::Inline("x".into()), None),
        document(Source::Url { url: "https://a/b.pdf".into(), mime: None }, None),
        document(file, None),
        document(Source::Inline("p\n\nq".into()), None),
        document(Source::Inline("Source: https://a\n\nfound".into()), Some("T")),
    ];
    assert_eq!(request.turns[0].parts, wanted);
}

#[test]
fn thinking_budget_and_adaptive_effort() {
    let reasoning = |thinking: Value, effort: Value| {
        let config = json!({"effort": effort});
        let body =
            json!({"model": "m", "messages": [], "thinking": thinking, "output_config": config});
        decode(&body).0.reasoning
    };
    let said = |effort, budget, show| Some(Reasoning { effort, budget, show });
    let budget = json!({"type": "enabled", "budget_tokens": 31_999});
    assert_eq!(reasoning(budget, Value::Null), said(None, Some(31_999), Show::Unsaid));
    let adaptive = json!({"type": "adaptive", "display": "summarized"});
    assert_eq!(
        reasoning(adaptive.clone(), json!("xhigh")),
        said(Some(Effort::XHigh), None, Show::Summary)
    );
    assert_eq!(reasoning(adaptive, Value::Null), said(Some(Effort::Auto), None, Show::Summary));
    let hidden = json!({"type": "adaptive", "display": "omitted"});
    assert_eq!(reasoning(hidden, json!("newest")), said(Some(Effort::Auto), None, Show::Nothing));
    let disabled = json!({"type": "disabled"});
    assert_eq!(reasoning(disabled, json!("high")), said(Some(Effort::None), None, Show::Unsaid));
    assert_eq!(reasoning(Value::Null, json!("low")), said(Some(Effort::Low), None, Show::Unsaid));
    assert_eq!(reasoning(Value::Null, Value::Null), None);
}

#[test]
fn a_block_of_two_types_is_refused_in_either_order() {
    for block in [
        r#"{"type":"text","text":"a","type":"image"}"#,
        r#"{"text":"a","type":"text","type":"image"}"#,
        r#"{"type":"image","source":{"type":"url","url":"https://a.b/c","type":"text"}}"#,
        r#"{"type":"tool_result","tool_use_id":"t","type":"text"}"#,
    ] {
        let body = format!(
            r#"{{"model":"m","max_tokens":1,"messages":[{{"role":"user","content":[{block}]}}]}}"#
        );
        let refused = decode_request(body.as_bytes(), &mut Losses::default()).unwrap_err();
        assert!(refused.message.contains("duplicate field `type`"), "{}", refused.message);
    }
}

#[test]
fn thinking_replay_own_and_foreign() {
    let (request, _) = decode(&json!({
        "model": "m", "max_tokens": 1,
        "messages": [{"role": "assistant", "content": [
            {"type": "thinking", "thinking": "so", "signature": signature(1)},
            {"type": "redacted_thinking", "data": signature(2)},
            {"type": "thinking", "thinking": "", "signature": "gAAAAABo"},
            {"type": "thinking", "thinking": "told", "signature": ""},
            {"type": "thinking", "thinking": "", "signature": google_signature()},
            {"type": "tool_use", "id": "a", "name": "f", "input": {}},
        ]}],
    }));
    let thinking = |text: &str, redacted, seal| {
        Part::Thinking(Thinking { at: Place::default(), text: text.into(), redacted, seal })
    };
    let signed = Call { seal: seal(Family::Google, &google_signature()), ..call("a", "f", "{}") };
    let wanted = [
        thinking("so", false, seal(Family::Anthropic, &signature(1))),
        thinking("", true, seal(Family::Anthropic, &signature(2))),
        thinking("", false, seal(Family::OpenAi, "gAAAAABo")),
        thinking("told", false, None),
        Part::Call(signed),
    ];
    assert_eq!(request.turns[0].parts, wanted);
}

#[test]
fn only_an_empty_block_of_google_belongs_to_the_call_behind_it() {
    for (text, blob) in [("so", google_signature()), ("", signature(1)), ("", String::new())] {
        let (request, _) = decode(&json!({
            "model": "m", "max_tokens": 1,
            "messages": [{"role": "assistant", "content": [
                {"type": "thinking", "thinking": text, "signature": blob},
                {"type": "tool_use", "id": "a", "name": "f", "input": {}},
            ]}],
        }));
        assert_eq!(request.turns[0].parts.len(), 2, "{text} {blob}");
    }
}

#[test]
fn pictures_in_a_document_come_behind_it_and_a_custom_tool_is_a_function() {
    let (request, _) = decode(&json!({
        "model": "m", "max_tokens": 1,
        "tools": [{"type": "custom", "name": "f", "input_schema": {"type": "object"}}],
        "messages": [{"role": "user", "content": [
            {"type": "document", "source": {"type": "content", "content": [
                {"type": "text", "text": "p"},
                {"type": "image", "source": {"type": "url", "url": "https://a"}}]}},
        ]}],
    }));
    let [Part::Document(document), Part::Image(image)] = request.turns[0].parts.as_slice() else {
        panic!("{:?}", request.turns);
    };
    assert_eq!(document.source, Source::Inline("p".into()));
    assert_eq!(image.source, Source::Url { url: "https://a".into(), mime: None });
    assert!(matches!(request.tools[0].kind, ToolKind::Function { .. }));
}

#[test]
fn json_schema_output_and_stop_sequences() {
    let schema = r#"{"type":"object","additionalProperties":false}"#;
    for field in ["output_config\":{\"format", "output_format"] {
        let close = if field.contains('{') { "}" } else { "" };
        let body = format!(
            r#"{{"model":"m","messages":[],"stop_sequences":["a","b","c","d","e"],
                "{field}":{{"type":"json_schema","schema":{schema}}}{close}}}"#
        );
        let request = decode_request(body.as_bytes(), &mut Losses::default()).unwrap();
        let schema = Json::parse(schema).unwrap();
        assert_eq!(request.format, Format::Schema { name: None, schema, strict: None });
        assert_eq!(request.stop.len(), 5);
    }
}

#[test]
fn hosted_tools_and_what_the_vendor_ran() {
    let (request, losses) = decode(&json!({
        "model": "m", "max_tokens": 1, "context_management": {"edits": []},
        "mcp_servers": [{"url": "https://a"}],
        "tools": [{"type": "web_search_20250305", "name": "web_search", "max_uses": 3}],
        "messages": [{"role": "assistant", "content": [
            {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "q"}},
            {"type": "web_search_tool_result", "tool_use_id": "s", "content": []},
            {"type": "compaction", "content": "all of it"},
        ]}],
    }));
    let ToolKind::Hosted { family: Family::Anthropic, kind, raw } = &request.tools[0].kind else {
        panic!("{:?}", request.tools);
    };
    assert_eq!(kind, "web_search_20250305");
    assert_eq!(raw.tree()["max_uses"], 3);
    assert_eq!(tokens(&losses), [Token::DropContextManagement, Token::DropHostedTool]);
    let kinds = request.turns[0].parts.iter().map(|part| match part {
        Part::Server(server) => server.kind.as_str(),
        Part::Opaque(opaque) => opaque.kind.as_str(),
        other => panic!("{other:?}"),
    });
    assert_eq!(
        kinds.collect::<Vec<_>>(),
        ["server_tool_use", "web_search_tool_result", "compaction"]
    );
}

#[test]
fn what_is_not_of_this_format_is_refused_with_its_place() {
    let block = |role: &str, block: Value| json!({"model": "m", "messages": [{"role": role, "content": [block]}]});
    let use_of = json!({"type": "tool_use", "name": "f"});
    let stray = json!({"type": "tool_use", "id": "a", "name": "f"});
    let no_url = json!({"type": "image", "source": {"type": "url"}});
    for (body, place) in [
        (json!([]), "no Messages request"),
        (json!({"model": "m"}), "messages"),
        (json!({"messages": []}), "model"),
        (json!({"model": "m", "messages": [{"role": "tool", "content": ""}]}), "messages.0.role"),
        (
            json!({"model": "m", "messages": [{"role": "user", "content": 1}]}),
            "messages.0.content:",
        ),
        (block("assistant", use_of), "messages.0.content.0: missing field `id`"),
        (block("user", stray), "messages.0.content.0: a tool_use"),
        (block("user", no_url), "messages.0.content.0.source: a url source has no url"),
        (json!({"model": "m", "messages": [], "tools": [{"input_schema": {}}]}), "tools.0"),
        (json!({"model": "m", "messages": [], "thinking": {"type": "enabled"}}), "thinking"),
    ] {
        let refused =
            decode_request(body.to_string().as_bytes(), &mut Losses::default()).unwrap_err();
        assert!(refused.message.contains(place), "{refused} lacks {place}");
    }
    assert!(decode_request(b"{", &mut Losses::default()).is_err());
}
