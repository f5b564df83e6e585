//! Golden cases of which this format is the target: the model into a body for a provider.

use serde_json::json;

use super::*;
use crate::wire::convert::hub::{
    CacheHints, Choice, CustomFormat, Document, Format, Identity, Image, Opaque, Sampling, Source,
    SystemText, Thinking, Ttl,
};

#[test]
fn basic_text_to_the_byte() {
    let request = Request { stream: true, ..request(vec![user("Hi")]) };
    let (mut names, mut losses) = (Names::default(), Losses::default());
    let body = encode_request(&request, &Target::default(), &mut names, &mut losses).unwrap();
    let wanted = concat!(
        r#"{"model":"m","max_tokens":4096,"#,
        r#""messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}],"stream":true}"#,
    );
    assert_eq!(String::from_utf8(body).unwrap(), wanted);
    assert!(losses.is_empty());
}

#[test]
fn the_length_is_always_said() {
    let open = Request { max_output: None, ..request(vec![user("Hi")]) };
    let (body, losses, _) = encode_to(&open, &target("claude-3-5-haiku-20241022"));
    assert_eq!(body["max_tokens"], 8_192);
    assert_eq!(tokens(&losses), [Token::ApproxMaxTokensDefault]);
    assert_eq!(encode_to(&open, &Target::default()).0["max_tokens"], 32_000);
}

#[test]
fn system_blocks_cached() {
    let mut all = request(vec![
        user("Hi"),
        turn(Role::System, vec![say("Be short.")]),
        turn(Role::Assistant, vec![say("Ho")]),
        user("On"),
    ]);
    all.system = vec![
        SystemText { text: "One".into(), cache: Some(Ttl::Hour) },
        SystemText { text: " ".into(), cache: None },
    ];
    all.cache = CacheHints { key: Some("k".into()), whole: None };
    let (body, losses, _) = encode(&all);
    let system = json!([
        {"type": "text", "text": "One", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        {"type": "text", "text": "Be short."},
    ]);
    assert_eq!(body["system"], system);
    assert_eq!(body["messages"].as_array().unwrap().len(), 3);
    assert_eq!(tokens(&losses), [Token::DropCacheKey, Token::ApproxSystemMoved]);
}

#[test]
fn instructions_between_a_call_and_its_result_do_not_part_them() {
    let all = request(vec![
        user("Hi"),
        turn(Role::Assistant, vec![Part::Call(call("a", "f", "{}"))]),
        turn(Role::System, vec![say("Careful.")]),
        turn(Role::User, vec![Part::Result(result("a", "r"))]),
    ]);
    let (body, losses, _) = encode(&all);
    assert_eq!(body["messages"][2]["content"][0]["tool_use_id"], "a");
    assert_eq!(tokens(&losses), [Token::ApproxSystemMoved]);
}

#[test]
fn multi_turn_merge() {
    let all = request(vec![turn(Role::Assistant, vec![say("Hello")]), user("a"), user("b")]);
    let (body, losses, _) = encode(&all);
    let messages = json!([
        {"role": "user", "content": [{"type": "text", "text": "."}]},
        {"role": "assistant", "content": [{"type": "text", "text": "Hello"}]},
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
    ]);
    assert_eq!(body["messages"], messages);
    assert_eq!(tokens(&losses), [Token::ApproxTurnAdded]);
    assert_eq!(encode(&request(Vec::new())).0["messages"][0]["content"][0]["text"], ".");
}

#[test]
fn tool_parallel_with_results_out_of_order_and_then_text() {
    let mut all = request(vec![
        user("Hi"),
        turn(
            Role::Assistant,
            vec![
                say("I look."),
                Part::Call(call("a", "f", "{\"x\":1.50}")),
                Part::Call(call("b", "f", "")),
            ],
        ),
        turn(Role::User, vec![Part::Result(result("b", "rb")), say("and")]),
        turn(Role::User, vec![Part::Result(ToolResult { error: true, ..result("a", "ra") })]),
    ]);
    all.tools = vec![function("f")];
    let (mut names, mut losses) = (Names::default(), Losses::default());
    let body = encode_request(&all, &Target::default(), &mut names, &mut losses).unwrap();
    let body = String::from_utf8(body).unwrap();
    assert!(body.contains(r#"{"type":"tool_use","id":"a","name":"f","input":{"x":1.50}}"#));
    let body: Value = serde_json::from_str(&body).unwrap();
    let results = json!([
        {"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": "ra"}],
         "is_error": true},
        {"type": "tool_result", "tool_use_id": "b", "content": [{"type": "text", "text": "rb"}]},
        {"type": "text", "text": "and"},
    ]);
    assert_eq!(body["messages"][2]["content"], results);
    let tools = json!([{"name": "f", "input_schema": {"type": "object", "properties": {}}}]);
    assert_eq!(body["tools"], tools);
    assert!(body.get("tool_choice").is_none() && losses.is_empty());
}

#[test]
fn tool_bad_args() {
    let all = request(vec![
        user("Hi"),
        turn(Role::Assistant, vec![Part::Call(call("a", "f", "[1]"))]),
        turn(Role::User, vec![Part::Result(result("a", "r"))]),
    ]);
    let (body, losses, _) = encode(&all);
    assert_eq!(body["messages"][1]["content"][0]["input"], json!({"input": [1]}));
    assert_eq!(tokens(&losses), [Token::ApproxArgsWrapped]);
}

#[test]
fn orphan_result() {
    let all = request(vec![
        turn(Role::User, vec![Part::Result(result("z", "lost"))]),
        turn(Role::Assistant, vec![Part::Call(call("a", "f", "{}"))]),
    ]);
    let (body, losses, _) = encode(&all);
    assert_eq!(body["messages"][0]["content"][1]["text"], "lost");
    assert_eq!(body["messages"][2]["content"][0]["is_error"], true);
    assert_eq!(tokens(&losses), [Token::ApproxResultAsText, Token::ApproxResultSynthesized]);
}

#[test]
fn choice_matrix() {
    let choice = |choice: Option<Choice>, parallel| {
        let tools = vec![function("f"), function("g")];
        let all = Request { tools, choice, parallel, ..request(vec![user("Hi")]) };
        let body = encode(&all).0;
        (body["tool_choice"].clone(), body["tools"].as_array().unwrap().len())
    };
    let named = Choice::Named { namespace: None, name: "g".into() };
    let only = Choice::Allowed { names: vec!["g".into()], required: true };
    for (asked, parallel, wanted, tools) in [
        (None, None, Value::Null, 2),
        (None, Some(true), Value::Null, 2),
        (None, Some(false), json!({"type": "auto", "disable_parallel_tool_use": true}), 2),
        (Some(Choice::Auto), None, json!({"type": "auto"}), 2),
        (Some(Choice::None), Some(false), json!({"type": "none"}), 2),
        (Some(Choice::Required), None, json!({"type": "any"}), 2),
        (Some(named), None, json!({"type": "tool", "name": "g"}), 2),
        (Some(only), None, json!({"type": "any"}), 1),
    ] {
        assert_eq!(choice(asked.clone(), parallel), (wanted, tools), "{asked:?}");
    }
}

#[test]
fn a_forced_choice_of_what_cannot_be_offered_is_refused() {
    let raw = Json::parse("{}").unwrap();
    let kind = ToolKind::Hosted { family: Family::OpenAi, kind: "file_search".into(), raw };
    let tools = vec![Tool { kind, ..function("file_search") }];
    let named = Choice::Named { namespace: None, name: "file_search".into() };
    for choice in [named, Choice::Required] {
        let all =
            Request { tools: tools.clone(), choice: Some(choice), ..request(vec![user("Hi")]) };
        assert!(refusal_of(&all).contains("must be called"));
    }
}

#[test]
fn long_names_and_call_ids_come_back() {
    let long = "mcp__server__".repeat(10);
    let id = "call:".repeat(70);
    let mut all = request(vec![
        user("Hi"),
        turn(Role::Assistant, vec![Part::Call(call(&id, &long, "{}"))]),
        turn(Role::User, vec![Part::Result(result(&id, "r"))]),
    ]);
    all.tools = vec![function(&long)];
    let (body, losses, names) = encode(&all);
    let name = body["tools"][0]["name"].as_str().unwrap();
    assert!(name.len() <= 64 && name != long);
    let made = &body["messages"][1]["content"][0];
    assert_eq!(made["name"], name);
    assert_eq!(made["id"], body["messages"][2]["content"][0]["tool_use_id"]);
    assert_eq!(names.tool_of(name).unwrap().name, long);
    assert_eq!(names.call_of(made["id"].as_str().unwrap()), id);
    assert!(losses.is_empty());
}

#[test]
fn an_id_that_is_used_again_is_made_another() {
    let exchange = |text: &str| {
        [
            turn(Role::Assistant, vec![Part::Call(call("call_0", "f", "{}"))]),
            turn(Role::User, vec![Part::Result(result("call_0", text))]),
        ]
    };
    let turns = [vec![user("Hi")], exchange("one").to_vec(), exchange("two").to_vec()].concat();
    let (body, _, _) = encode(&request(turns));
    let id = |turn: usize, field: &str| body["messages"][turn]["content"][0][field].clone();
    assert_eq!((id(1, "id"), id(2, "tool_use_id")), (json!("call_0"), json!("call_0")));
    assert_ne!(id(3, "id"), "call_0");
    assert_eq!(id(3, "id"), id(4, "tool_use_id"));
}

#[test]
fn image_base64_url() {
    let image = |source, detail: Option<&str>| {
        Part::Image(Image { source, detail: detail.map(str::to_owned), cache: None })
    };
    let url = |url: &str| Source::Url { url: url.into(), mime: None };
    let file = |family| Source::File { family, id: "f".into() };
    let all = request(vec![turn(
        Role::User,
        vec![
            image(Source::Base64 { mime: "image/jpg".into(), data: "aGk=".into() }, Some("low")),
            image(url("data:image/png;base64,aGk="), None),
            image(url("https://a/b.png"), None),
            image(url("gs://a/b.png"), None),
            image(file(Family::Anthropic), None),
            image(file(Family::OpenAi), None),
        ],
    )]);
    let (body, losses, _) = encode(&all);
    let stub = json!({"type": "text", "text": "[A picture was left out here.]"});
    let base64 = |mime: &str| json!({"type": "base64", "media_type": mime, "data": "aGk="});
    let wanted = json!([
        {"type": "image", "source": base64("image/jpeg")},
        {"type": "image", "source": base64("image/png")},
        {"type": "image", "source": {"type": "url", "url": "https://a/b.png"}},
        stub,
        {"type": "image", "source": {"type": "file", "file_id": "f"}},
        stub,
    ]);
    assert_eq!(body["messages"][0]["content"], wanted);
    assert_eq!(tokens(&losses), [Token::DropFileRef, Token::DropImageDetail, Token::DropImageUrl]);
}

#[test]
fn document_pdf_text() {
    let document = |source| {
        let filename = Some("a.x".to_owned());
        Part::Document(Document { source, title: None, filename, cache: None })
    };
    let base64 = |mime: &str, data: &str| Source::Base64 { mime: mime.into(), data: data.into() };
    let all = request(vec![turn(
        Role::User,
        vec![
            document(base64("application/pdf", "JVBE")),
            document(Source::Inline("in".into())),
            document(base64("text/csv", "YSxi")),
            document(base64("application/zip", "UEsD")),
            document(Source::Url { url: "https://a".into(), mime: None }),
        ],
    )]);
    let (body, losses, _) = encode(&all);
    let text = |data: &str| json!({"type": "text", "media_type": "text/plain", "data": data});
    let pdf = json!({"type": "base64", "media_type": "application/pdf", "data": "JVBE"});
    let wanted = json!([
        {"type": "document", "source": pdf, "title": "a.x"},
        {"type": "document", "source": text("in"), "title": "a.x"},
        {"type": "document", "source": text("a,b"), "title": "a.x"},
        {"type": "text", "text": "[A file was left out here.]"},
        {"type": "document", "source": {"type": "url", "url": "https://a"}, "title": "a.x"},
    ]);
    assert_eq!(body["messages"][0]["content"], wanted);
    assert_eq!(tokens(&losses), [Token::DropDocument, Token::ApproxDocumentAsText]);
}

#[test]
fn a_last_turn_of_what_nobody_can_read_is_refused() {
    let source = Source::Url { url: "gs://a".into(), mime: None };
    let image = Part::Image(Image { source, detail: None, cache: None });
    let all = request(vec![turn(Role::User, vec![image.clone()])]);
    assert!(refusal_of(&all).contains("cannot be read"));
    encode(&request(vec![turn(Role::User, vec![image, say("What is it?")])]));
}

#[test]
fn thinking_replay() {
    let thinking =
        |text: &str, redacted, seal| Part::Thinking(Thinking { text: text.into(), redacted, seal });
    let all = request(vec![
        user("Hi"),
        turn(
            Role::Assistant,
            vec![
                thinking("so", false, seal(Family::Anthropic, "own")),
                thinking("", true, seal(Family::Anthropic, "hid")),
                thinking("foreign", false, seal(Family::OpenAi, "gAAAA")),
                thinking("bare", false, None),
                say("Ho"),
                Part::Refusal("No.".into()),
            ],
        ),
        user("On"),
    ]);
    let (body, losses, _) = encode(&all);
    let wanted = json!([
        {"type": "thinking", "thinking": "so", "signature": "own"},
        {"type": "redacted_thinking", "data": "hid"},
        {"type": "text", "text": "Ho"},
        {"type": "text", "text": "No."},
    ]);
    assert_eq!(body["messages"][1]["content"], wanted);
    assert_eq!(tokens(&losses), [Token::DropThinkingForeign, Token::ApproxRefusalAsText]);
}

#[test]
fn json_schema_output() {
    let closed = r#"{"type":"object","properties":{},"additionalProperties":false}"#;
    let schema = |schema: &str| {
        let schema = Json::parse(schema).unwrap();
        let format = Format::Schema { name: Some("n".into()), schema, strict: Some(true) };
        Request { format, ..request(vec![user("Hi")]) }
    };
    let (body, losses, _) = encode(&schema(closed));
    assert_eq!(body["output_config"]["format"]["type"], "json_schema");
    assert!(body.get("system").is_none() && losses.is_empty());
    // An open object is refused by the vendor, and older models take no schema at all.
    let (open, _, _) = encode(&schema(r#"{"type":"object"}"#));
    let (old, losses, _) = encode_to(&schema(closed), &target("claude-3-5-haiku-20241022"));
    for body in [open, old] {
        assert!(body.get("output_config").is_none());
        let said = body["system"][0]["text"].as_str().unwrap();
        assert!(said.contains("JSON Schema:\n{\"type\":\"object\""), "{said}");
    }
    assert_eq!(tokens(&losses), [Token::ApproxFormatAsPrompt]);
    let json = Request { format: Format::Json, ..request(vec![user("Hi")]) };
    let (body, losses, _) = encode(&json);
    assert!(body["system"][0]["text"].as_str().unwrap().contains("JSON object"));
    assert_eq!(tokens(&losses), [Token::ApproxJsonMode]);
}

#[test]
fn stop_sequences_and_sampling_limits() {
    let sampling = Sampling {
        temperature: Some(1.7),
        top_p: Some(0.9),
        top_k: Some(5),
        seed: Some(1),
        presence: Some(0.1),
        frequency: None,
    };
    let stop = vec!["\n".to_owned(), "END".to_owned()];
    let all = Request { stop, sampling, ..request(vec![user("Hi")]) };
    let (body, losses, _) = encode(&all);
    assert_eq!(body["stop_sequences"], json!(["END"]));
    assert_eq!((&body["temperature"], &body["top_k"]), (&json!(1.0), &json!(5)));
    assert!(body.get("top_p").is_none(), "both at once are refused");
    let lost = [
        Token::DropPenalties,
        Token::DropSampling,
        Token::DropSeed,
        Token::DropStop,
        Token::ApproxTemperature,
    ];
    assert_eq!(tokens(&losses), lost);
    let (body, losses, _) = encode_to(&all, &target("claude-opus-4-8"));
    assert!(body.get("temperature").is_none() && body.get("top_k").is_none());
    assert!(losses.has(Token::DropSampling));
}

#[test]
fn custom_grammar_tool_and_namespace() {
    let grammar = CustomFormat::Grammar { syntax: "lark".into(), definition: "start: X".into() };
    let patch = Tool { kind: ToolKind::Custom(grammar), ..function("apply_patch") };
    let read = Tool { namespace: Some("mcp__fs".into()), ..function("read") };
    let custom = Call { kind: CallKind::Custom, ..call("a", "apply_patch", "*** \"x\"") };
    let call_of_read = Call { namespace: Some("mcp__fs".into()), ..call("b", "read", "{}") };
    let mut all = request(vec![
        user("Hi"),
        turn(Role::Assistant, vec![Part::Call(custom), Part::Call(call_of_read)]),
        turn(Role::User, vec![Part::Result(result("a", "r")), Part::Result(result("b", "r"))]),
    ]);
    all.tools = vec![patch, read];
    let named = Choice::Named { namespace: Some("mcp__fs".into()), name: "read".into() };
    all.choice = Some(named);
    let (body, losses, renamed) = encode(&all);
    assert_eq!(body["tools"][0]["input_schema"]["required"], json!(["input"]));
    assert!(body["tools"][0]["description"].as_str().unwrap().ends_with("start: X"));
    assert_eq!(body["tools"][1]["name"], "mcp__fs__read");
    assert_eq!(body["tool_choice"]["name"], "mcp__fs__read");
    let calls = &body["messages"][1]["content"];
    assert_eq!(calls[0]["input"], json!({"input": "*** \"x\""}));
    assert_eq!(calls[1]["name"], "mcp__fs__read");
    assert_eq!(renamed.tool_of("apply_patch").unwrap().kind, CallKind::Custom);
    assert_eq!(tokens(&losses), [Token::ApproxCustomAsFunction, Token::ApproxGrammarAsPrompt]);
}

#[test]
fn hosted_tools() {
    let hosted = |family, kind: &str, raw: Value| {
        let (kind, raw) = (kind.to_owned(), Json::of(&raw).unwrap());
        Tool { kind: ToolKind::Hosted { family, kind: kind.clone(), raw }, ..function(&kind) }
    };
    let own = json!({"type": "web_fetch_20250910", "name": "web_fetch"});
    let search = json!({"type": "web_search", "filters": {"allowed_domains": ["a.org"]},
        "user_location": {"type": "approximate", "country": "DE", "city": null}});
    let offline = json!({"type": "web_search", "external_web_access": false});
    let tools = vec![
        hosted(Family::Anthropic, "web_fetch_20250910", own.clone()),
        hosted(Family::OpenAi, "web_search", search),
        hosted(Family::OpenAi, "web_search_preview", offline),
        hosted(Family::OpenAi, "image_generation", json!({})),
        hosted(Family::Google, "googleSearch", json!({"googleSearch": {}})),
    ];
    let all = Request { tools, ..request(vec![user("Hi")]) };
    let (body, losses, _) = encode(&all);
    let wanted = json!([
        own,
        {"type": "web_search_20250305", "name": "web_search", "allowed_domains": ["a.org"],
         "user_location": {"type": "approximate", "country": "DE"}},
    ]);
    assert_eq!(body["tools"], wanted);
    assert_eq!(losses.counts(), [(Token::DropHostedTool, 2)]);
    let chat = json!({"user_location": {"type": "approximate", "approximate": {"city": "Bonn"}}});
    let tools = vec![hosted(Family::OpenAi, "web_search_options", chat)];
    let (body, _, _) = encode(&Request { tools, ..request(vec![user("Hi")]) });
    let place = json!({"type": "approximate", "city": "Bonn"});
    assert_eq!(body["tools"][0]["user_location"], place);
    let mut off = target("claude-sonnet-4-5");
    off.options.web_search = false;
    assert_eq!(encode_to(&all, &off).0["tools"].as_array().unwrap().len(), 1);
}

#[test]
fn schemas_say_that_they_are_objects_and_strict_ones_are_closed() {
    let tool = |schema: Option<&str>, strict| {
        let schema = schema.map(|schema| Json::parse(schema).unwrap());
        Tool { kind: ToolKind::Function { schema, strict }, ..function("f") }
    };
    let closed = r#"{"type":"object","additionalProperties":false}"#;
    let tools = vec![
        tool(None, None),
        tool(Some(r#"{ "properties":{"type":{"type":"string"}}}"#), None),
        tool(Some("{}"), None),
        tool(Some("true"), None),
        tool(Some(closed), Some(true)),
        tool(Some(r#"{"type":"object"}"#), Some(true)),
    ];
    let all = Request { tools, ..request(vec![user("Hi")]) };
    let (body, losses, _) = encode(&all);
    let schema = |number: usize| body["tools"][number]["input_schema"].to_string();
    assert_eq!(schema(0), r#"{"properties":{},"type":"object"}"#);
    assert_eq!(schema(1), r#"{"properties":{"type":{"type":"string"}},"type":"object"}"#);
    assert_eq!(schema(2), r#"{"type":"object"}"#);
    assert_eq!(schema(3), r#"{"properties":{},"type":"object"}"#);
    assert_eq!(body["tools"][4]["strict"], true);
    assert!(body["tools"][5].get("strict").is_none());
    assert_eq!(losses.counts(), [(Token::DropToolStrict, 1), (Token::ApproxSchema, 3)]);
}

#[test]
fn compaction_and_references_are_refused_and_own_state_is_kept() {
    let opaque = |family, kind: &str| {
        let raw = Json::parse(&format!("{{\"type\":\"{kind}\"}}")).unwrap();
        let opaque = Part::Opaque(Opaque { family, kind: kind.into(), raw });
        request(vec![turn(Role::User, vec![say("Hi"), opaque])])
    };
    for kind in ["compaction", "item_reference"] {
        assert!(refusal_of(&opaque(Family::OpenAi, kind)).contains(kind));
    }
    let (body, _, _) = encode(&opaque(Family::Anthropic, "container_upload"));
    assert_eq!(body["messages"][0]["content"][1]["type"], "container_upload");
    let (_, losses, _) = encode(&opaque(Family::Google, "executableCode"));
    assert_eq!(tokens(&losses), [Token::DropHostedTool]);
}

#[test]
fn of_more_than_four_marks_the_first_are_lost() {
    let mark = Some(Ttl::FiveMinutes);
    let marked = |text: &str| Part::Text(Text { cache: mark, ..Text::plain(text) });
    let mut all = request(vec![
        turn(Role::User, vec![marked("a")]),
        turn(Role::Assistant, vec![marked("b")]),
        turn(Role::User, vec![marked("c"), marked(" ")]),
    ]);
    all.tools = vec![Tool { cache: mark, ..function("f") }];
    all.system = vec![SystemText { text: "s".into(), cache: mark }];
    all.cache.whole = Some(Ttl::Hour);
    let (body, losses, _) = encode(&all);
    assert_eq!(body.to_string().matches("cache_control").count(), 4);
    assert!(body["tools"][0].get("cache_control").is_none());
    assert!(body["system"][0].get("cache_control").is_none());
    assert_eq!(body["cache_control"], json!({"type": "ephemeral", "ttl": "1h"}));
    let counts = [(Token::DropCacheControl, 1), (Token::DropCacheMarkExcess, 2)];
    assert_eq!(losses.counts(), counts);
}

#[test]
fn the_user_is_named_only_when_the_operator_wants_that() {
    let identity = Identity { end_user: Some("u".into()), tier: Some("flex".into()) };
    let all = Request { identity, ..request(vec![user("Hi")]) };
    assert!(encode(&all).0.get("metadata").is_none());
    let mut open = Target::default();
    open.options.end_user = true;
    let body = encode_to(&all, &open).0;
    assert_eq!(body["metadata"], json!({"user_id": "u"}));
    assert!(body.get("service_tier").is_none(), "another vendor's tier");
}
