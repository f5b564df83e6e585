//! Whole answers, both ways.

use serde_json::json;

use super::*;

#[test]
fn an_answer_is_read() {
    let body = json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "logprobs": null, "finish_reason": "tool_calls", "message": {
            "role": "assistant", "content": "Hi", "refusal": null, "annotations": [],
            "reasoning_content": "hm",
            "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{\"x\":1.0}"}},
                {"id": "b", "type": "function", "function": {"name": "g", "arguments": ""}}]}}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
        "service_tier": "default",
    });
    let thinking = Thinking { text: "hm".into(), ..Thinking::default() };
    let wanted = Answer {
        id: Some("chatcmpl-1".into()),
        model: Some("m".into()),
        parts: vec![
            Part::Thinking(thinking),
            text("Hi"),
            Part::Call(call("a", "f", "{\"x\":1.0}")),
            Part::Call(call("b", "g", "{}")),
        ],
        usage: Some(HubUsage { fresh: 3, output: 2, ..HubUsage::default() }),
        lacks_call: false,
        finish: Finish::ToolCalls,
    };
    assert_eq!(decode_answer(body.to_string().as_bytes()), Ok(wanted));
}

#[test]
fn what_is_no_answer_is_broken() {
    for (body, wanted) in [
        ("<html>", "the answer is no chat completion: expected value at line 1 column 1"),
        ("{}", "the answer has no choices"),
        (r#"{"choices":[]}"#, "the answer has no choices"),
        (r#"{"error":{"message":"over"}}"#, "over"),
    ] {
        assert_eq!(decode_answer(body.as_bytes()), Err(Broken(wanted.into())));
    }
    let failed = r#"{"choices":[{"message":{"content":""},"finish_reason":"error"}]}"#;
    assert!(decode_answer(failed.as_bytes()).is_err());
}

#[test]
fn an_answer_is_written() {
    let seal = Seal { family: Family::Google, blob: "c2ln".into() };
    let image = Source::Base64 { mime: "image/png".into(), data: "QUJD".into() };
    let answer = Answer {
        id: Some("msg_1".into()),
        model: Some("up".into()),
        parts: vec![
            Part::Thinking(Thinking { text: "hm".into(), ..Thinking::default() }),
            text("Hi"),
            Part::Call(Call { seal: Some(seal), ..call("a", "f", "{}") }),
            text(" there"),
            Part::Image(Image { at: Place::default(), source: image, detail: None, cache: None }),
        ],
        usage: None,
        lacks_call: false,
        finish: Finish::ToolCalls,
    };
    let mut losses = Losses::default();
    let body = encode_answer(&answer, &reply(), &mut losses);
    assert_eq!(
        String::from_utf8(body).unwrap(),
        concat!(
            r#"{"id":"msg_1","object":"chat.completion","created":7,"model":"asked","choices":["#,
            r#"{"index":0,"message":{"role":"assistant","content":"Hi there","#,
            r#""reasoning_content":"hm","#,
            r#""images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}}],"#,
            r#""tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"},"#,
            r#""extra_content":{"google":{"thought_signature":"c2ln"}}}]},"#,
            r#""finish_reason":"tool_calls"}]}"#
        )
    );
    assert_eq!(tokens(&losses), [Token::ApproxOrderInTurn]);
}

#[test]
fn an_answer_with_calls_alone_has_null_for_its_text() {
    let mut reply = Reply { show_thinking: false, ..reply() };
    let name = ToolName { namespace: None, name: "patch".into(), kind: CallKind::Custom };
    reply.names.tool(name, Bounds::OPENAI_NAME);
    let thinking = Part::Thinking(Thinking { text: "hm".into(), ..Thinking::default() });
    let patch = Part::Call(call("a", "patch", r#"{"input":"*** Begin"}"#));
    let parts = vec![thinking, patch];
    let answer = Answer { parts, finish: Finish::ToolCalls, ..Answer::default() };
    let body = encode_answer(&answer, &reply, &mut Losses::default());
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["id"], "chatcmpl-r1");
    assert_eq!(
        body["choices"][0]["message"],
        json!({"role": "assistant", "content": null, "tool_calls": [
            {"id": "a", "type": "custom", "custom": {"name": "patch", "input": "*** Begin"}}]})
    );
}

#[test]
fn sources_of_other_vendors_are_for_the_text_they_stand_at() {
    let citation = |url: Option<&str>| Citation {
        family: Family::Anthropic,
        title: Some("W".into()),
        url: url.map(str::to_owned),
        raw: Json::empty_object(),
    };
    let citations = vec![citation(Some("https://w.example")), citation(None)];
    let cited = Part::Text(Text { citations, ..Text::plain("wärmer") });
    let parts = vec![text("Es wird "), cited];
    let answer = Answer { parts, ..Answer::default() };
    let wanted = json!([{"type": "url_citation", "url_citation": {"start_index": 8, "end_index": 14,
        "url": "https://w.example", "title": "W"}}]);
    let body = encode_answer(&answer, &reply(), &mut Losses::default());
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["choices"][0]["message"]["annotations"], wanted);
    let events = crate::wire::convert::fold::unfold(&answer);
    let (out, _) = written(&events, reply());
    assert!(out.contains(r#""start_index":8,"end_index":14"#), "{out}");
}
