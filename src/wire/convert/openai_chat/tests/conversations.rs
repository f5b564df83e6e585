//! Conversations of any client, written for a chat provider.

use serde_json::json;

use super::*;
use switchyard_actors::domain::preferences::ReplayThinking;

#[test]
fn basic_text() {
    let request = Request {
        system: vec![SystemText { at: Place::default(), text: "Be brief.".into(), cache: None }],
        max_output: Some(100),
        stream: true,
        ..request(vec![turn(Role::User, vec![text("Hi")])])
    };
    let mut losses = Losses::default();
    let body =
        encode_request(&request, &Target::default(), &mut Names::default(), &mut losses).unwrap();
    assert_eq!(
        String::from_utf8(body).unwrap(),
        concat!(
            r#"{"model":"m","messages":[{"role":"system","content":"Be brief."},"#,
            r#"{"role":"user","content":"Hi"}],"max_tokens":100,"stream":true,"#,
            r#""stream_options":{"include_usage":true}}"#
        )
    );
    assert!(losses.is_empty());
}

#[test]
fn where_nobody_speaks_the_user_says_a_dot() {
    let (mut names, mut losses) = (Names::default(), Losses::default());
    let body = encode_request(&request(Vec::new()), &Target::default(), &mut names, &mut losses);
    let body = String::from_utf8(body.unwrap()).unwrap();
    assert!(body.contains(r#""messages":[{"role":"user","content":"."}]"#), "{body}");
    assert!(losses.has(Token::ApproxTurnAdded));
}

#[test]
fn system_blocks_cached() {
    let block = |text: &str, cache| SystemText { at: Place::default(), text: text.into(), cache };
    let marked = Text { cache: Some(Ttl::FiveMinutes), ..Text::plain("Hi") };
    let request = Request {
        system: vec![block("One.", None), block("Two.", Some(Ttl::Hour))],
        ..request(vec![
            turn(Role::User, vec![Part::Text(marked)]),
            turn(Role::System, vec![text("Three.")]),
        ])
    };
    let (body, losses) = encoded(&request);
    assert_eq!(
        body["messages"],
        json!([
            {"role": "system", "content": "One.\n\nTwo."},
            {"role": "user", "content": "Hi"},
            {"role": "system", "content": "Three."},
        ])
    );
    assert_eq!(losses.counts(), [(Token::DropCacheControl, 2)]);
}

#[test]
fn tool_results_then_text() {
    let request = request(vec![
        turn(Role::User, vec![text("Go")]),
        turn(
            Role::Assistant,
            vec![
                text("First."),
                Part::Call(call("toolu_1", "read", "{\"a\":1}")),
                Part::Call(call("toolu_2", "read", "{}")),
            ],
        ),
        turn(
            Role::User,
            vec![
                text("And more."),
                Part::Result(result("toolu_2", vec![text("two")])),
                Part::Result(result("toolu_1", vec![text("one"), text("1")])),
            ],
        ),
    ]);
    let (body, losses) = encoded(&request);
    assert_eq!(
        body["messages"],
        json!([
            {"role": "user", "content": "Go"},
            {"role": "assistant", "content": "First.", "tool_calls": [
                {"id": "toolu_1", "type": "function",
                 "function": {"name": "read", "arguments": "{\"a\":1}"}},
                {"id": "toolu_2", "type": "function", "function": {"name": "read", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "toolu_1", "content": "one\n1"},
            {"role": "tool", "tool_call_id": "toolu_2", "content": "two"},
            {"role": "user", "content": "And more."},
        ])
    );
    assert!(losses.is_empty());
}

#[test]
fn text_after_tool_use() {
    let request = request(vec![
        turn(Role::Assistant, vec![text("A."), Part::Call(call("c", "f", "{}")), text("B.")]),
        turn(Role::User, vec![Part::Result(result("c", vec![]))]),
    ]);
    let (body, losses) = encoded(&request);
    assert_eq!(body["messages"][0]["content"], "A.\n\nB.");
    assert_eq!(body["messages"][1], json!({"role": "tool", "tool_call_id": "c", "content": ""}));
    assert_eq!(tokens(&losses), [Token::ApproxOrderInTurn]);
}

#[test]
fn tool_error_flag_and_result_image() {
    let source = Source::Base64 { mime: "image/png".into(), data: "QUJD".into() };
    let image = Part::Image(Image { at: Place::default(), source, detail: None, cache: None });
    let failed = ToolResult { error: true, ..result("a", vec![text("no such file")]) };
    let request = request(vec![
        turn(
            Role::Assistant,
            vec![Part::Call(call("a", "f", "{}")), Part::Call(call("b", "f", "{}"))],
        ),
        turn(
            Role::User,
            vec![Part::Result(failed), Part::Result(result("b", vec![image])), text("See?")],
        ),
    ]);
    let (body, losses) = encoded(&request);
    let messages = body["messages"].as_array().unwrap();
    assert_eq!(messages[1]["content"], "Error: no such file");
    assert_eq!(
        messages[2]["content"],
        "[The media of this result are in the next message of the user.]"
    );
    assert_eq!(
        messages[3],
        json!({"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}},
            {"type": "text", "text": "See?"}]})
    );
    assert_eq!(tokens(&losses), [Token::ApproxResultImageMoved, Token::ApproxToolErrorAsText]);
}

#[test]
fn long_call_ids() {
    let long = "call_".repeat(20);
    let request = request(vec![
        turn(Role::Assistant, vec![Part::Call(call(&long, "f", "{}"))]),
        turn(Role::User, vec![Part::Result(result(&long, vec![text("x")]))]),
    ]);
    let (mut names, mut losses) = (Names::default(), Losses::default());
    let body = encode_request(&request, &Target::default(), &mut names, &mut losses).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let short = body["messages"][0]["tool_calls"][0]["id"].as_str().unwrap();
    assert!(short.len() <= 40, "{short}");
    assert_eq!(body["messages"][1]["tool_call_id"], short);
    assert_eq!(names.call_of(short), long);
}

#[test]
fn document_pdf_text() {
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
    let base64 = |mime: &str, data: &str| Source::Base64 { mime: mime.into(), data: data.into() };
    let request = request(vec![turn(
        Role::User,
        vec![
            document(base64("application/pdf", "QUJD"), None),
            document(base64("text/plain", "aGVsbG8="), Some("greeting")),
            document(Source::Inline("plain".into()), None),
            document(base64("application/zip", "QUJD"), Some("a.zip")),
            document(Source::File { family: Family::Anthropic, id: "file_1".into() }, None),
        ],
    )]);
    let (body, losses) = encoded(&request);
    assert_eq!(
        body["messages"][0]["content"],
        json!([
            {"type": "file", "file": {"filename": "document.pdf",
                "file_data": "data:application/pdf;base64,QUJD"}},
            {"type": "text", "text": "greeting:\nhello"},
            {"type": "text", "text": "plain"},
            {"type": "text", "text": "[A document was here that cannot be passed on: a.zip]"},
            {"type": "text", "text": "[A document was here that cannot be passed on.]"},
        ])
    );
    let wanted = [
        Token::DropDocument,
        Token::DropFileRef,
        Token::ApproxDocumentAsText,
        Token::ApproxFilename,
    ];
    assert_eq!(tokens(&losses), wanted);
}

#[test]
fn media_that_nobody_can_read_are_no_question() {
    let source = Source::File { family: Family::Anthropic, id: "file_1".into() };
    let image = Part::Image(Image { at: Place::default(), source, detail: None, cache: None });
    let encode = |parts| {
        let request = request(vec![turn(Role::User, parts)]);
        let (names, losses) = (&mut Names::default(), &mut Losses::default());
        encode_request(&request, &Target::default(), names, losses)
    };
    let refused = encode(vec![image.clone()]).unwrap_err();
    assert_eq!(refused.message, "/messages/0 has nothing but media that the provider cannot read");
    assert!(encode(vec![image.clone(), text("What is this?")]).is_ok());
    let turns = vec![
        turn(Role::User, vec![image]),
        turn(Role::Assistant, vec![text("Nice.")]),
        turn(Role::User, vec![text("Is it?")]),
    ];
    assert_eq!(tokens(&encoded(&request(turns)).1), [Token::DropFileRef], "it was answered before");
}

#[test]
fn what_only_its_vendor_can_read_is_refused() {
    let raw = Json::empty_object();
    let opaque =
        Opaque { at: Place::default(), family: Family::OpenAi, kind: "compaction".into(), raw };
    let request = request(vec![turn(Role::User, vec![Part::Opaque(opaque), text("x")])]);
    let (names, losses) = (&mut Names::default(), &mut Losses::default());
    let Refused { message, .. } =
        encode_request(&request, &Target::default(), names, losses).unwrap_err();
    assert_eq!(
        message,
        "/messages/0 has a part (compaction) that only the vendor it came from can read"
    );
}

/// A turn with thinking that calls a tool, its result, and a turn with thinking alone.
fn thought(seal: Option<&Seal>) -> Request {
    let thinking = |text: &str| {
        Part::Thinking(Thinking {
            at: Place::default(),
            text: text.into(),
            redacted: false,
            seal: seal.cloned(),
        })
    };
    request(vec![
        turn(Role::User, vec![text("Go")]),
        turn(Role::Assistant, vec![thinking("a"), Part::Call(call("c", "f", "{}"))]),
        turn(Role::User, vec![Part::Result(result("c", vec![text("r")]))]),
        turn(Role::Assistant, vec![thinking("b"), text("Done.")]),
        turn(Role::User, vec![text("Thanks")]),
    ])
}

#[test]
fn reasoning_content_replay() {
    for (replay, wanted) in [
        (ReplayThinking::Never, [None, None]),
        (ReplayThinking::ToolTurns, [Some("a"), None]),
        (ReplayThinking::Always, [Some("a"), Some("b")]),
    ] {
        let mut target = Target::default();
        target.options.replay = replay;
        let (body, losses) = encoded_for(&thought(None), &target);
        let replayed = |place: usize| body["messages"][place]["reasoning_content"].as_str();
        assert_eq!([replayed(1), replayed(3)], wanted);
        assert_eq!(losses.has(Token::DropThinking), replay != ReplayThinking::Always);
    }
}

#[test]
fn thinking_replay_foreign() {
    let seal = Seal { family: Family::OpenAi, blob: "gAAAAsecret".into() };
    let mut target = Target::default();
    target.options.replay = ReplayThinking::Always;
    let (body, losses) = encoded_for(&thought(Some(&seal)), &target);
    assert!(!body.to_string().contains("secret"));
    assert_eq!(tokens(&losses), [Token::DropThinkingForeign]);
    let hidden =
        Thinking { at: Place::default(), text: String::new(), redacted: true, seal: Some(seal) };
    let turns = vec![
        turn(Role::User, vec![text("x")]),
        turn(Role::Assistant, vec![Part::Thinking(hidden)]),
        turn(Role::User, vec![text("y")]),
    ];
    let (body, losses) = encoded_for(&request(turns), &target);
    assert_eq!(body["messages"].as_array().unwrap().len(), 2, "an empty message says nothing");
    assert_eq!(tokens(&losses), [Token::DropThinkingSealed]);
    let list = Seal { family: Family::Anthropic, blob: "[1]".into() };
    let (body, _) = encoded_for(&thought(Some(&list)), &target);
    assert!(!body.to_string().contains("reasoning_details"), "it only looks like some");
}

#[test]
fn a_prefill_and_tools_of_the_vendor_are_said() {
    let raw = Json::empty_object();
    let server = ServerTool {
        at: Place::default(),
        family: Family::Anthropic,
        kind: "server_tool_use".into(),
        raw,
    };
    let (body, losses) = encoded(&request(vec![
        turn(Role::User, vec![text("x")]),
        turn(Role::Assistant, vec![Part::Server(server), text("{")]),
    ]));
    assert_eq!(body["messages"][1], json!({"role": "assistant", "content": "{"}));
    assert_eq!(tokens(&losses), [Token::DropHostedTool, Token::ApproxPrefill]);
}
