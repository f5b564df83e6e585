//! Golden cases of which this format is the target: the model into a body for a provider.

use serde_json::json;

use super::*;
use crate::wire::convert::hub::{
    CacheHints, Citation, Document, Format, Identity, Image, Opaque, Place, Sampling, ServerTool,
    Source, SystemText, Thinking, Ttl,
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
    let long = Request { max_output: Some(65_536), ..request(vec![user("Hi")]) };
    let (body, losses, _) = encode_to(&long, &target("claude-3-5-haiku-20241022"));
    assert_eq!(body["max_tokens"], 8_192, "more than the model has is refused");
    assert_eq!(tokens(&losses), [Token::ApproxMaxTokensDefault]);
    assert_eq!(encode_to(&long, &Target::default()).0["max_tokens"], 65_536);
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
        SystemText { at: Place::default(), text: "One".into(), cache: Some(Ttl::Hour) },
        SystemText { at: Place::default(), text: " ".into(), cache: None },
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
fn image_base64_url() {
    let image = |source, detail: Option<&str>| {
        Part::Image(Image {
            at: Place::default(),
            source,
            detail: detail.map(str::to_owned),
            cache: None,
        })
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
        Part::Document(Document {
            at: Place::default(),
            source,
            title: None,
            filename,
            cache: None,
        })
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
    let image = Part::Image(Image { at: Place::default(), source, detail: None, cache: None });
    let all = request(vec![turn(Role::User, vec![image.clone()])]);
    assert!(refusal_of(&all).contains("cannot be read"));
    encode(&request(vec![turn(Role::User, vec![image, say("What is it?")])]));
}

#[test]
fn thinking_replay() {
    let thinking = |text: &str, redacted, seal| {
        Part::Thinking(Thinking { at: Place::default(), text: text.into(), redacted, seal })
    };
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
fn compaction_and_references_are_refused_and_own_state_is_kept() {
    let opaque = |family, kind: &str| {
        let raw = Json::parse(&format!("{{\"type\":\"{kind}\"}}")).unwrap();
        let opaque = Part::Opaque(Opaque { at: Place::default(), family, kind: kind.into(), raw });
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
    all.system = vec![SystemText { at: Place::default(), text: "s".into(), cache: mark }];
    all.cache.whole = Some(Ttl::Hour);
    let (body, losses, _) = encode(&all.numbered());
    assert_eq!(body.to_string().matches("cache_control").count(), 4);
    assert!(body["tools"][0].get("cache_control").is_none());
    assert!(body["system"][0].get("cache_control").is_none());
    assert_eq!(body["cache_control"], json!({"type": "ephemeral", "ttl": "1h"}));
    let counts = [(Token::DropCacheControl, 1), (Token::DropCacheMarkExcess, 2)];
    assert_eq!(losses.counts(), counts);
}

#[test]
fn marks_in_what_goes_as_it_came_count_too() {
    let mark = Some(Ttl::FiveMinutes);
    let marked = |text: &str| Part::Text(Text { cache: mark, ..Text::plain(text) });
    let raw = Json::parse(r#"{"type":"x_tool_result","cache_control":{"type":"ephemeral"}}"#);
    let server = Part::Server(ServerTool {
        at: Place::default(),
        family: Family::Anthropic,
        kind: "x_tool_result".into(),
        raw: raw.unwrap(),
    });
    let all = request(vec![
        turn(Role::User, vec![marked("a"), marked("b")]),
        turn(Role::Assistant, vec![server]),
        turn(Role::User, vec![marked("c"), marked("d")]),
    ]);
    let (body, losses, _) = encode(&all);
    assert!(body["messages"][0]["content"][0].get("cache_control").is_none());
    assert_eq!(losses.counts(), [(Token::DropCacheMarkExcess, 1)]);
}

#[test]
fn what_a_model_said_goes_back_without_pictures_and_foreign_sources() {
    let citation = |family, kind: &str| {
        let raw = Json::parse(&format!("{{\"type\":\"{kind}\"}}")).unwrap();
        Citation { family, title: None, url: None, raw }
    };
    let citations = vec![citation(Family::OpenAi, "theirs"), citation(Family::Anthropic, "own")];
    let source = Source::Base64 { mime: "image/png".into(), data: "aGk=".into() };
    let thinking =
        Thinking { at: Place::default(), text: "so".into(), redacted: false, seal: None };
    let all = request(vec![
        user("Hi"),
        turn(Role::Assistant, vec![Part::Thinking(thinking)]),
        user("On"),
        turn(
            Role::Assistant,
            vec![
                Part::Text(Text { citations, ..Text::plain("Ho") }),
                Part::Image(Image { at: Place::default(), source, detail: None, cache: None }),
            ],
        ),
        user("On"),
    ]);
    let (body, losses, _) = encode(&all);
    let said = json!([
        {"type": "text", "text": "Ho", "citations": [{"type": "own"}]},
        {"type": "text", "text": "[A picture or file stood here.]"},
    ]);
    assert_eq!(body["messages"][1]["content"], said, "an emptied turn is left out");
    assert_eq!(body["messages"][0]["content"].as_array().unwrap().len(), 2);
    let lost = [Token::DropCitations, Token::DropModalities, Token::DropThinkingForeign];
    assert_eq!(tokens(&losses), lost);
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
