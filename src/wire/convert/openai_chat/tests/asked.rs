//! Requests of chat clients, read.

use serde_json::json;

use super::*;

#[test]
fn multi_turn_merge() {
    let (request, losses) = decoded(&json!({"model": "m", "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": [{"type": "text", "text": "And kind."}]},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": "One"},
        {"role": "user", "content": [{"type": "text", "text": "Two"}], "name": "eve"},
        {"role": "system", "content": "Later."},
    ]}));
    let system: Vec<&str> = request.system.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(system, ["Be brief.", "And kind."]);
    let at = |place: usize| format!("/messages/{place}");
    let wanted = vec![
        Turn { role: Role::Assistant, parts: vec![text("Hello.")], at: at(2) },
        Turn { role: Role::User, parts: vec![text("One"), text("Two")], at: at(3) },
        Turn { role: Role::System, parts: vec![text("Later.")], at: at(5) },
    ];
    assert_eq!(request.turns, wanted);
    assert_eq!(losses.counts(), [(Token::DropMessageName, 1)]);
}

#[test]
fn tool_parallel() {
    let (request, losses) = decoded(&json!({"model": "m", "messages": [
        {"role": "user", "content": "Go"},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{\"n\":1.50}"}},
            {"id": "b", "type": "custom", "custom": {"name": "patch", "input": "*** Begin"}},
        ]},
        {"role": "tool", "tool_call_id": "b", "content": "second"},
        {"role": "tool", "tool_call_id": "a", "content": [{"type": "text", "text": "first"}]},
    ]}));
    let mut patch = call("b", "patch", "*** Begin");
    patch.kind = CallKind::Custom;
    assert_eq!(
        request.turns[1].parts,
        [Part::Call(call("a", "f", "{\"n\":1.50}")), Part::Call(patch)]
    );
    let second = ToolResult { kind: CallKind::Custom, ..result("b", vec![text("second")]) };
    let first = result("a", vec![text("first")]);
    assert_eq!(request.turns[2].parts, [Part::Result(second), Part::Result(first)]);
    assert_eq!(request.turns[2].role, Role::User);
    assert!(losses.is_empty());
}

#[test]
fn orphan_result() {
    let (request, _) = decoded(&json!({"model": "m", "messages": [
        {"role": "user", "content": "Go"},
        {"role": "assistant", "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "f", "arguments": ""}}]},
        {"role": "tool", "tool_call_id": "zzz", "content": "lost"},
    ]}));
    assert_eq!(request.turns[1].parts, [Part::Call(call("a", "f", "{}"))]);
    let (body, losses) = encoded(&request);
    assert_eq!(
        body["messages"],
        json!([
            {"role": "user", "content": "Go"},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "a", "content": "Error: No result was given for this call."},
            {"role": "user", "content": [
                {"type": "text", "text": "Result of the tool call zzz:"},
                {"type": "text", "text": "lost"}]},
        ])
    );
    assert_eq!(
        tokens(&losses),
        [Token::ApproxResultAsText, Token::ApproxResultSynthesized, Token::ApproxToolErrorAsText]
    );
}

#[test]
fn image_base64_url() {
    let (request, losses) = decoded(
        &json!({"model": "m", "messages": [{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD", "detail": "low"}},
            {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}},
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,QUJD"}},
            {"type": "file", "file": {"file_id": "file-1"}},
            {"type": "input_audio", "input_audio": {"data": "QUJD", "format": "wav"}},
            {"type": "of_tomorrow", "text": "skipped"},
        ]}]}),
    );
    let base64 = |mime: &str| Source::Base64 { mime: mime.into(), data: "QUJD".into() };
    let url = Source::Url { url: "https://x.example/a.png".into(), mime: None };
    let image =
        |source, detail| Part::Image(Image { at: Place::default(), source, detail, cache: None });
    let document = |source, filename| {
        Part::Document(Document {
            at: Place::default(),
            source,
            title: None,
            filename,
            cache: None,
        })
    };
    let file = Source::File { family: Family::OpenAi, id: "file-1".into() };
    assert_eq!(
        request.turns[0].parts,
        [
            image(base64("image/png"), Some("low".into())),
            image(url, None),
            document(base64("application/pdf"), Some("a.pdf".into())),
            document(file, None),
        ]
    );
    assert_eq!(losses.counts(), [(Token::DropAudio, 1), (Token::DropContent, 1)]);
}

#[test]
fn json_schema_output() {
    let format = |format: Value| {
        let messages = json!([{"role": "user", "content": "x"}]);
        decoded(&json!({"model": "m", "messages": messages, "response_format": format})).0.format
    };
    let schema = Json::parse(r#"{"type":"object"}"#).unwrap();
    let wanted = Format::Schema { name: Some("out".into()), schema, strict: Some(true) };
    let given = json!({"name": "out", "strict": true, "schema": {"type": "object"}});
    assert_eq!(format(json!({"type": "json_schema", "json_schema": given})), wanted);
    assert_eq!(format(json!({"type": "json_object"})), Format::Json);
    assert_eq!(format(json!({"type": "text"})), Format::Text);
}

#[test]
fn sampling_limits() {
    let (request, losses) = decoded(&json!({
        "model": "m", "messages": [{"role": "user", "content": "x"}],
        "temperature": 1.5, "top_p": 0.5, "seed": -3, "presence_penalty": 1, "frequency_penalty": 2,
        "max_tokens": 10, "max_completion_tokens": 20, "stop": "END", "stream": true,
        "stream_options": {"include_usage": true}, "reasoning_effort": "xhigh",
        "parallel_tool_calls": false, "prompt_cache_key": "k", "user": "u", "service_tier": "flex",
        "n": 2, "logprobs": true, "top_logprobs": 3, "logit_bias": {"1": 2}, "metadata": {"a": "b"},
        "modalities": ["text", "audio"], "audio": {"voice": "v"}, "prediction": {"type": "content"},
    }));
    assert_eq!(
        request.sampling,
        Sampling {
            temperature: Some(1.5),
            top_p: Some(0.5),
            top_k: None,
            seed: Some(-3),
            presence: Some(1.0),
            frequency: Some(2.0),
        }
    );
    assert_eq!((request.max_output, request.stop), (Some(20), vec!["END".to_owned()]));
    assert!(request.stream && request.want_usage);
    assert_eq!(request.reasoning.unwrap().effort, Some(Effort::XHigh));
    assert_eq!((request.parallel, request.cache.key.as_deref()), (Some(false), Some("k")));
    assert_eq!(request.identity.end_user.as_deref(), Some("u"));
    assert_eq!(request.identity.tier.as_deref(), Some("flex"));
    assert_eq!(
        losses.counts(),
        [
            (Token::DropAudio, 1),
            (Token::DropLogitBias, 1),
            (Token::DropLogprobs, 2),
            (Token::DropMetadata, 1),
            (Token::DropModalities, 1),
            (Token::DropN, 1),
            (Token::DropPrediction, 1),
        ]
    );
}

#[test]
fn what_is_null_or_at_its_default_is_as_if_unsaid() {
    let (request, losses) = decoded(&json!({
        "model": "m", "messages": [{"role": "user", "content": "x"}], "temperature": null,
        "n": 1, "logprobs": false, "tools": null, "tool_choice": null, "stop": null, "max_tokens": -1,
        "modalities": ["text"], "metadata": {}, "stream": null, "response_format": null,
    }));
    assert_eq!(
        request,
        Request {
            model: "m".into(),
            turns: vec![turn(Role::User, vec![text("x")])],
            ..Request::default()
        }
    );
    assert!(losses.is_empty());
}

#[test]
fn what_is_no_chat_request_is_refused_with_its_place() {
    let user = json!([{"role": "user", "content": "x"}]);
    for (body, wanted) in [
        (json!({"messages": user}), "/model is missing"),
        (json!({"model": "m"}), "/messages is missing"),
        (json!({"model": "m", "messages": []}), "/messages is empty"),
        (json!({"model": "m", "messages": {"a": 1}}), "/messages is not a list of messages"),
        (json!({"model": "m", "messages": ["x"]}), "/messages/0 is not a message"),
        (json!({"model": "m", "messages": [{"content": "x"}]}), "/messages/0/role is missing"),
        (
            json!({"model": "m", "messages": [{"role": "judge"}]}),
            "/messages/0/role is \"judge\", which chat has not",
        ),
        (
            json!({"model": "m", "messages": [{"role": "user", "content": 3}]}),
            "/messages/0/content is neither text nor a list of parts",
        ),
        (
            json!({"model": "m", "messages": [{"role": "assistant", "tool_calls": [{"id": "a"}]}]}),
            "/messages/0/tool_calls/0 has no name",
        ),
        (
            json!({"model": "m", "messages": user, "temperature": "hot"}),
            "/temperature is not a number",
        ),
        (
            json!({"model": "m", "messages": user, "tools": [{"type": "function"}]}),
            "/tools/0 says nothing of its function",
        ),
        (
            json!({"model": "m", "messages": user, "tool_choice": "maybe"}),
            "/tool_choice is \"maybe\", which is no choice of tools",
        ),
    ] {
        assert_eq!(refused(&body), wanted);
    }
    for (body, wanted) in [
        ("<html>", "the body is not a JSON object"),
        (r#"["m",[{"role":"user","content":"x"}]]"#, "the body is not a JSON object"),
        (
            r#"{"model":"m""#,
            "the body is not a request of chat: EOF while parsing an object at line 1 column 12",
        ),
    ] {
        let refused = decode_request(body.as_bytes(), &mut Losses::default()).unwrap_err();
        assert_eq!(refused.message, wanted);
    }
}

#[test]
fn functions_and_calls_of_old_are_tools() {
    let (request, _) = decoded(&json!({
        "model": "m",
        "messages": [
            {"role": "user", "content": "x"},
            {"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{}"}},
            {"role": "function", "name": "f", "content": "done"},
        ],
        "functions": [{"name": "f", "parameters": {"type": "object"}}],
        "function_call": {"name": "f"},
    }));
    assert_eq!(request.turns[1].parts, [Part::Call(call("call_1", "f", "{}"))]);
    assert_eq!(request.turns[2].parts, [Part::Result(result("call_1", vec![text("done")]))]);
    let schema = Json::parse(r#"{"type":"object"}"#);
    assert_eq!(request.tools[0].kind, ToolKind::Function { schema, strict: None });
    assert_eq!(request.choice, Some(Choice::Named { namespace: None, name: "f".into() }));
}

#[test]
fn thinking_and_refusals_of_history_are_kept() {
    let (request, _) = decoded(&json!({"model": "m", "messages": [
        {"role": "user", "content": "x"},
        {"role": "assistant", "reasoning_content": "so", "reasoning": "so", "refusal": "No.",
         "content": "Well."},
        {"role": "user", "content": "y"},
        {"role": "assistant", "reasoning_details": [{"type": "reasoning.encrypted", "data": "zz"}],
         "content": "Hm."},
    ]}));
    let thinking = Thinking { text: "so".into(), ..Thinking::default() };
    assert_eq!(
        request.turns[1].parts,
        [Part::Thinking(thinking), text("Well."), Part::Refusal("No.".into())]
    );
    let blob = r#"[{"data":"zz","type":"reasoning.encrypted"}]"#.to_owned();
    let seal = Some(Seal { family: Family::Other, blob });
    let hidden = Thinking { at: Place::default(), text: String::new(), redacted: true, seal };
    assert_eq!(request.turns[3].parts, [Part::Thinking(hidden), text("Hm.")]);
}

#[test]
fn cache_marks_of_clients_are_kept() {
    let (request, _) = decoded(&json!({
        "model": "m",
        "messages": [
            {"role": "system", "content": [
                {"type": "text", "text": "s", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]},
            {"role": "user", "content": "x", "cache_control": {"type": "ephemeral"}},
            {"role": "user", "content": [
                {"type": "text", "text": "y", "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}}]},
        ],
        "tools": [{"type": "function", "function": {"name": "f"},
            "cache_control": {"type": "ephemeral"}}],
    }));
    assert_eq!(request.system[0].cache, Some(Ttl::Hour));
    let marked = Text { cache: Some(Ttl::FiveMinutes), ..Text::plain("x") };
    let longer = Text { cache: Some(Ttl::Hour), ..Text::plain("y") };
    assert_eq!(request.turns[0].parts, [Part::Text(marked), Part::Text(longer)]);
    assert_eq!(request.tools[0].cache, Some(Ttl::FiveMinutes));
}

#[test]
fn a_signature_of_google_stays_with_its_call() {
    let body = json!({"model": "gemini-3-pro", "messages": [
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"},
             "extra_content": {"google": {"thought_signature": "c2ln"}}},
            {"id": "b", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "tool", "tool_call_id": "b", "content": "2"},
    ]});
    let (request, _) = decoded(&body);
    let seal = Seal { family: Family::Google, blob: "c2ln".into() };
    let signed = Call { seal: Some(seal), ..call("a", "f", "{}") };
    assert_eq!(request.turns[1].parts, [Part::Call(signed), Part::Call(call("b", "f", "{}"))]);
    assert_eq!(encoded(&request).0["messages"], body["messages"]);
    // Nobody but Google is given it.
    let (body, losses) = encoded(&Request { model: "gpt-4o".into(), ..request });
    assert!(!body.to_string().contains("c2ln"));
    assert!(losses.has(Token::DropThinkingForeign));
}
