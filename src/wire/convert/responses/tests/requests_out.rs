//! Conversations, written for a provider.

use serde_json::{Value, json};

use super::super::super::hub::{
    Choice, Document, Family, Image, Opaque, Place, Seal, Source, SystemText, Thinking, Tool,
    ToolKind, Ttl,
};
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

fn input(turns: Vec<Turn>) -> (Value, Losses) {
    let (body, _, losses) = encoded(&ask(turns), &thinker());
    (body["input"].clone(), losses)
}

#[test]
fn basic_text() {
    let system = vec![SystemText { at: Place::default(), text: "Be brief.".into(), cache: None }];
    let turns = vec![user(vec![text("Hi")]), assistant(vec![text("Yes?")]), user(vec![text("So")])];
    let request = Request {
        system,
        max_output: Some(100),
        stream: true,
        cache: super::super::super::hub::CacheHints { key: Some("k".into()), whole: None },
        ..ask(turns)
    };
    let (mut names, mut losses) = (Names::default(), Losses::default());
    let body = encode_request(&request, &talker(), &mut names, &mut losses).unwrap();
    let wanted = concat!(
        r#"{"model":"gpt-5","instructions":"Be brief.","input":["#,
        r#"{"type":"message","role":"user","content":[{"type":"input_text","text":"Hi"}]},"#,
        r#"{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Yes?"}]},"#,
        r#"{"type":"message","role":"user","content":[{"type":"input_text","text":"So"}]}],"#,
        r#""store":false,"stream":true,"max_output_tokens":100,"prompt_cache_key":"k"}"#,
    );
    assert_eq!(String::from_utf8(body).unwrap(), wanted);
    assert!(losses.is_empty());
}

#[test]
fn system_blocks_cached() {
    let system =
        |text: &str, cache| SystemText { at: Place::default(), text: text.to_owned(), cache };
    let turns = vec![
        user(vec![Part::Text(Text { cache: Some(Ttl::Hour), ..Text::plain("Hi") })]),
        Turn { role: Role::System, parts: vec![text("Mind.")], at: "/messages/1".into() },
    ];
    let request = Request {
        system: vec![system("One.", Some(Ttl::Hour)), system("Two.", None)],
        ..ask(turns)
    };
    let (body, _, losses) = encoded(&request, &thinker());
    assert_eq!(body["instructions"], "One.");
    let roles: Vec<&Value> =
        body["input"].as_array().unwrap().iter().map(|item| &item["role"]).collect();
    assert_eq!(roles, ["developer", "user", "developer"]);
    assert_eq!(tokens(&losses), ["drop.cache_control", "drop.cache_control"]);
}

#[test]
fn tool_single() {
    let schema = json!({"type": "object", "properties": {"path": {"type": "string"}}});
    let tool = Tool { description: Some("Reads.".into()), ..function("read", Some(&schema)) };
    let turns = vec![
        user(vec![text("Hi")]),
        assistant(vec![text("I read."), Part::Call(call("toolu_1", "read", "{\"path\": \"a\"}"))]),
        user(vec![Part::Result(result("toolu_1", "A")), text("And?")]),
    ];
    let request = Request { tools: vec![tool], choice: Some(Choice::Auto), ..ask(turns) };
    let (body, _, losses) = encoded(&request, &talker());
    assert!(losses.is_empty(), "{losses:?}");
    assert_eq!(
        body["tools"],
        json!([{"type": "function", "name": "read", "description": "Reads.",
            "parameters": schema, "strict": false}])
    );
    assert_eq!(
        (&body["tool_choice"], &body["parallel_tool_calls"]),
        (&json!("auto"), &json!(true))
    );
    // The golden case `tool_results_then_text`: what the user says behind a result is not lost.
    assert_eq!(
        body["input"].as_array().unwrap()[1..],
        [
            json!({"type": "message", "role": "assistant",
                "content": [{"type": "output_text", "text": "I read."}]}),
            json!({"type": "function_call", "call_id": "toolu_1", "name": "read",
                "arguments": "{\"path\": \"a\"}"}),
            json!({"type": "function_call_output", "call_id": "toolu_1", "output": "A"}),
            json!({"type": "message", "role": "user",
                "content": [{"type": "input_text", "text": "And?"}]}),
        ]
    );
}

#[test]
fn tool_parallel() {
    let calls = [call("a", "f", "{}"), call("b", "g", "")].map(Part::Call);
    let results = [result("b", "B"), result("a", "A")].map(Part::Result);
    let (input, _) = input(vec![assistant(calls.to_vec()), user(results.to_vec())]);
    let ids: Vec<&Value> = input.as_array().unwrap().iter().map(|item| &item["call_id"]).collect();
    assert_eq!(ids, ["a", "b", "a", "b"]);
    assert_eq!(input[1]["arguments"], "{}");
    assert_eq!(input[2]["output"], "A");
}

#[test]
fn text_after_tool_use() {
    let (input, losses) = input(vec![
        assistant(vec![text("a"), Part::Call(call("c", "f", "{}")), text("b")]),
        user(vec![Part::Result(result("c", "C"))]),
    ]);
    let kinds: Vec<&Value> = input.as_array().unwrap().iter().map(|item| &item["type"]).collect();
    assert_eq!(kinds, ["message", "function_call", "message", "function_call_output"]);
    assert!(losses.is_empty(), "order is kept: {losses:?}");
}

#[test]
fn tool_error_flag() {
    let failed = ToolResult { error: true, ..result("c", "no such file") };
    let (input, losses) = input(vec![
        assistant(vec![Part::Call(call("c", "f", "{}"))]),
        user(vec![Part::Result(failed)]),
    ]);
    assert_eq!(input[1]["output"], "Error: no such file");
    assert_eq!(tokens(&losses), ["approx.tool_error_as_text"]);
}

#[test]
fn tool_result_image() {
    let source = Source::Base64 { mime: "image/png".into(), data: "aGk=".into() };
    let picture = Part::Image(Image { at: Place::default(), source, detail: None, cache: None });
    let shown = ToolResult { content: vec![text("see"), picture], ..result("c", "") };
    let (input, losses) = input(vec![
        assistant(vec![Part::Call(call("c", "f", "{}"))]),
        user(vec![Part::Result(shown)]),
    ]);
    assert_eq!(
        input[1]["output"],
        json!([{"type": "input_text", "text": "see"},
            {"type": "input_image", "image_url": "data:image/png;base64,aGk="}])
    );
    assert!(losses.is_empty());
}

#[test]
fn orphan_result() {
    let (input, losses) = input(vec![
        user(vec![Part::Result(result("x", "X"))]),
        assistant(vec![Part::Call(Call { kind: CallKind::Custom, ..call("c", "f", "t") })]),
    ]);
    assert!(input[0]["content"][0]["text"].as_str().unwrap().contains('x'));
    // Its result is made up in the form that its call asks for.
    assert_eq!(input[2]["type"], "custom_tool_call_output");
    let wanted =
        ["approx.result_as_text", "approx.result_synthesized", "approx.tool_error_as_text"];
    assert_eq!(tokens(&losses), wanted);
}

#[test]
fn long_names() {
    let long = format!("mcp__server__{}", "tool_".repeat(20));
    let turns = vec![
        assistant(vec![Part::Call(call("c", &long, "{}"))]),
        user(vec![Part::Result(result("c", ""))]),
    ];
    let request = Request { tools: vec![function(&long, None)], ..ask(turns) };
    let (body, names, _) = encoded(&request, &talker());
    let short = body["tools"][0]["name"].as_str().unwrap();
    assert!(short.len() <= 64 && short.starts_with("mcp__server__tool_"));
    assert_eq!(body["input"][0]["name"], short);
    assert_eq!(names.tool_of(short).unwrap().name, long);
}

#[test]
fn long_call_ids() {
    let long = "toolu.".repeat(30);
    let turns = vec![
        assistant(vec![Part::Call(call(&long, "f", "{}"))]),
        user(vec![Part::Result(result(&long, "R"))]),
    ];
    let (body, names, _) = encoded(&ask(turns), &talker());
    let short = body["input"][0]["call_id"].as_str().unwrap();
    assert!(short.len() <= 64);
    assert_eq!(body["input"][1]["call_id"], short);
    assert_eq!(names.call_of(short), long);
}

#[test]
fn image_base64_url() {
    let picture = |source, detail: Option<&str>| {
        Part::Image(Image {
            at: Place::default(),
            source,
            detail: detail.map(str::to_owned),
            cache: None,
        })
    };
    let url = || Source::Url { url: "https://example.org/a.png".into(), mime: None };
    let foreign = Source::File { family: Family::Anthropic, id: "file_1".into() };
    let own = Source::File { family: Family::OpenAi, id: "file_2".into() };
    let (input, losses) = input(vec![user(vec![
        picture(Source::Base64 { mime: "image/png".into(), data: "aGk=".into() }, Some("high")),
        picture(url(), None),
        picture(foreign, None),
        picture(own, None),
    ])]);
    assert_eq!(
        input[0]["content"],
        json!([
            {"type": "input_image", "image_url": "data:image/png;base64,aGk=", "detail": "high"},
            {"type": "input_image", "image_url": "https://example.org/a.png"},
            {"type": "input_text", "text": "[an image that another vendor keeps]"},
            {"type": "input_image", "file_id": "file_2"},
        ])
    );
    assert_eq!(tokens(&losses), ["drop.file_ref"]);
}

#[test]
fn document_pdf_text() {
    let file = |source, filename: Option<&str>| {
        let filename = filename.map(str::to_owned);
        Part::Document(Document {
            at: Place::default(),
            source,
            title: None,
            filename,
            cache: None,
        })
    };
    let base64 = |mime: &str, data: &str| Source::Base64 { mime: mime.into(), data: data.into() };
    let (input, losses) = input(vec![user(vec![
        file(base64("application/pdf", "aGk="), None),
        file(base64("application/pdf", "aGk="), Some("b.pdf")),
        file(base64("text/plain", "aGk="), Some("c.txt")),
        file(Source::Inline("plain".into()), None),
        file(base64("application/zip", "//8="), None),
        file(Source::Url { url: "https://example.org/d.pdf".into(), mime: None }, None),
    ])]);
    let pdf = "data:application/pdf;base64,aGk=";
    assert_eq!(
        input[0]["content"],
        json!([
            {"type": "input_file", "filename": "document.pdf", "file_data": pdf},
            {"type": "input_file", "filename": "b.pdf", "file_data": pdf},
            {"type": "input_text", "text": "c.txt:\nhi"},
            {"type": "input_text", "text": "plain"},
            {"type": "input_text", "text": "[a document of type application/zip]"},
            {"type": "input_file", "file_url": "https://example.org/d.pdf"},
        ])
    );
    assert_eq!(tokens(&losses), ["drop.document", "approx.document_as_text", "approx.filename"]);
}

#[test]
fn what_nobody_here_can_read_is_refused_when_it_is_all() {
    let source = Source::File { family: Family::Anthropic, id: "file_1".into() };
    let picture = Part::Image(Image { at: Place::default(), source, detail: None, cache: None });
    let opaque = |raw: &Value| {
        Part::Opaque(Opaque {
            at: Place::default(),
            family: Family::Anthropic,
            kind: "compaction".into(),
            raw: json(raw),
        })
    };
    for turn in [user(vec![picture]), assistant(vec![opaque(&json!({"type": "compaction"}))])] {
        let (mut names, mut losses) = (Names::default(), Losses::default());
        let asked = encode_request(&ask(vec![turn]), &thinker(), &mut names, &mut losses);
        assert!(asked.is_err());
    }
    let readable = opaque(&json!({"type": "compaction", "content": "So far: nothing."}));
    let (input, _) = input(vec![assistant(vec![readable])]);
    assert_eq!(input[0]["content"][0]["text"], "So far: nothing.");
}

#[test]
fn thinking_replay() {
    let thought = |family: Option<Family>, blob: &str| {
        let seal = family.map(|family| Seal { family, blob: blob.to_owned() });
        Part::Thinking(Thinking { at: Place::default(), text: "so".into(), redacted: false, seal })
    };
    let foreign = || Some(Seal { family: Family::Google, blob: "sig".to_owned() });
    let (input, losses) = input(vec![assistant(vec![
        thought(Some(Family::OpenAi), "gAAAAx"),
        Part::Call(call("c", "f", "{}")),
        thought(Some(Family::Anthropic), "sig"),
        thought(None, ""),
        Part::Text(Text { seal: foreign(), ..Text::plain("Hi") }),
        Part::Call(Call { seal: foreign(), ..call("d", "f", "{}") }),
    ])]);
    // The golden case `reasoning_encrypted_roundtrip`: it stands before what it led to.
    assert_eq!(
        input[0],
        json!({"type": "reasoning", "summary": [{"type": "summary_text", "text": "so"}],
            "encrypted_content": "gAAAAx"})
    );
    assert_eq!(input[1]["type"], "function_call");
    assert!(!input.to_string().contains("sig"), "{input}");
    has(&losses, &[Token::DropThinkingForeign, Token::DropThinking]);
}
