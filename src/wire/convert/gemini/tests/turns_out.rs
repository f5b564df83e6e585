//! Turns of the hub for providers.

use super::super::super::hub::{
    CacheHints, Document, Image, Opaque, Place, ServerTool, Source, SystemText, Thinking, Ttl,
};
use super::*;

/// Returns what stands behind `"contents":`, up to the end.
fn contents(request: &Request, model: &str) -> (String, Vec<Token>) {
    let (body, _, tokens) = encoded(request, &target(model));
    let (_, rest) = body.split_once("\"contents\":").unwrap();
    (rest.strip_suffix('}').unwrap().to_owned(), tokens)
}

fn url(url: &str) -> Source {
    Source::Url { url: url.to_owned(), mime: None }
}

fn image(source: Source) -> Part {
    Part::Image(Image { at: Place::default(), source, detail: None, cache: None })
}

fn png() -> Part {
    image(Source::Base64 { mime: "image/png".to_owned(), data: "aQ==".to_owned() })
}

#[test]
fn basic_text() {
    let request = Request {
        system: vec![SystemText { at: Place::default(), text: "s".to_owned(), cache: None }],
        max_output: Some(99),
        ..asking(vec![user("Hi"), turn(Role::Assistant, vec![text("Hello")]), user("Bye")])
    };
    let (body, _, tokens) = encoded(&request, &target(FLASH));
    assert_eq!(
        body,
        r#"{"systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"text":"Hello"}]},{"role":"user","parts":[{"text":"Bye"}]}],"generationConfig":{"maxOutputTokens":99}}"#
    );
    assert_eq!(tokens, []);
}

#[test]
fn system_blocks_cached() {
    let cache = Some(Ttl::Hour);
    let system = |text: &str| SystemText { at: Place::default(), text: text.to_owned(), cache };
    let words = Part::Text(Text { cache, ..Text::plain("Hi") });
    let request = Request {
        system: vec![system("a"), system("b")],
        cache: CacheHints { key: Some("k".to_owned()), whole: None },
        ..asking(vec![turn(Role::User, vec![words])])
    };
    let (body, _, tokens) = encoded(&request, &target(FLASH));
    assert!(body.starts_with(r#"{"systemInstruction":{"parts":[{"text":"a"},{"text":"b"}]}"#));
    assert_eq!(tokens, [Token::DropCacheControl, Token::DropCacheKey]);
}

#[test]
fn multi_turn_merge() {
    let middle = turn(Role::System, vec![text("now")]);
    let request = asking(vec![user("a"), user("b"), middle, user("c")]);
    let (contents, tokens) = contents(&request, FLASH);
    let parts = r#"{"text":"a"},{"text":"b"},{"text":"now"},{"text":"c"}"#;
    assert_eq!(contents, format!(r#"[{{"role":"user","parts":[{parts}]}}]"#));
    assert_eq!(tokens, [Token::ApproxSystemAsUser]);
}

#[test]
fn tool_single() {
    let request = Request {
        tools: vec![function(
            "f",
            r#"{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}"#,
        )],
        ..asking(vec![
            user("go"),
            turn(Role::Assistant, vec![Part::Call(call("c1", "f", "{\"a\": 1.50}"))]),
            turn(Role::User, vec![Part::Result(result("c1", vec![text("ok")]))]),
        ])
    };
    let (body, _, tokens) = encoded(&request, &target(FLASH));
    assert_eq!(
        body,
        r#"{"contents":[{"role":"user","parts":[{"text":"go"}]},{"role":"model","parts":[{"functionCall":{"id":"c1","name":"f","args":{"a": 1.50}}}]},{"role":"user","parts":[{"functionResponse":{"id":"c1","name":"f","response":{"output":"ok"}}}]}],"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}}]}]}"#
    );
    assert_eq!(tokens, []);
    let mut vertex = target(FLASH);
    vertex.options.call_ids = false;
    let (body, ..) = encoded(&request, &vertex);
    assert!(!body.contains("\"id\""), "{body}");
}

#[test]
fn tool_parallel_and_results_then_text() {
    let mut failed = result("c2", vec![text("no")]);
    failed.error = true;
    let request = asking(vec![
        user("go"),
        turn(
            Role::Assistant,
            vec![Part::Call(call("c1", "f", "")), Part::Call(call("c2", "g", "[1]"))],
        ),
        turn(
            Role::User,
            vec![
                Part::Result(failed),
                text("and"),
                Part::Result(result("c1", vec![text("a"), text("b")])),
            ],
        ),
    ]);
    let (contents, tokens) = contents(&request, FLASH);
    assert_eq!(
        contents,
        r#"[{"role":"user","parts":[{"text":"go"}]},{"role":"model","parts":[{"functionCall":{"id":"c1","name":"f","args":{}}},{"functionCall":{"id":"c2","name":"g","args":{"input":[1]}}}]},{"role":"user","parts":[{"functionResponse":{"id":"c1","name":"f","response":{"output":"a\nb"}}},{"functionResponse":{"id":"c2","name":"g","response":{"error":"no"}}}]},{"role":"user","parts":[{"text":"and"}]}]"#
    );
    assert_eq!(tokens, [Token::ApproxArgsWrapped]);
}

#[test]
fn orphan_result() {
    let request = asking(vec![
        turn(Role::User, vec![Part::Result(result("c9", vec![text("x")]))]),
        turn(Role::Assistant, vec![Part::Call(call("c1", "f", "{}"))]),
    ]);
    let (contents, tokens) = contents(&request, FLASH);
    assert_eq!(
        contents,
        r#"[{"role":"user","parts":[{"text":"Result of the tool call c9:"},{"text":"x"}]},{"role":"model","parts":[{"functionCall":{"id":"c1","name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"id":"c1","name":"f","response":{"error":"No result was given for this call."}}}]}]"#
    );
    assert_eq!(tokens, [Token::ApproxResultAsText, Token::ApproxResultSynthesized]);
}

#[test]
fn tool_result_image() {
    let request = asking(vec![
        user("go"),
        turn(Role::Assistant, vec![Part::Call(call("c", "f", "{}"))]),
        turn(Role::User, vec![Part::Result(result("c", vec![text("see"), png()])), text("so")]),
    ]);
    let (three, tokens) = contents(&request, THREE);
    assert!(three.ends_with(
        r#"{"role":"user","parts":[{"functionResponse":{"id":"c","name":"f","response":{"output":"see"},"parts":[{"inlineData":{"mimeType":"image/png","data":"aQ=="}}]}}]},{"role":"user","parts":[{"text":"so"}]}]"#
    ), "{three}");
    assert_eq!(tokens, []);
    let (older, tokens) = contents(&request, FLASH);
    assert!(older.ends_with(
        r#"{"functionResponse":{"id":"c","name":"f","response":{"output":"see\n[What it shows is in the next message.]"}}}]},{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"aQ=="}},{"text":"so"}]}]"#
    ), "{older}");
    assert_eq!(tokens, [Token::ApproxResultImageMoved]);
}

#[test]
fn image_base64_url() {
    let detailed = Part::Image(Image {
        at: Place::default(),
        source: url("data:image/gif;base64,aQ=="),
        detail: Some("high".to_owned()),
        cache: None,
    });
    let request = asking(vec![turn(
        Role::User,
        vec![
            png(),
            detailed,
            image(url("gs://b/o.png")),
            image(url("https://generativelanguage.googleapis.com/v1beta/files/x")),
            image(url("https://example.org/x.png")),
            image(Source::File { family: Family::OpenAi, id: "file-1".to_owned() }),
        ],
    )]);
    let (contents, tokens) = contents(&request, FLASH);
    assert_eq!(
        contents,
        r#"[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"aQ=="}},{"inlineData":{"mimeType":"image/gif","data":"aQ=="}},{"fileData":{"mimeType":"image/png","fileUri":"gs://b/o.png"}},{"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/x"}},{"text":"[A picture could not be passed on: https://example.org/x.png]"},{"text":"[A picture that was uploaded elsewhere could not be passed on.]"}]}]"#
    );
    assert_eq!(tokens, [Token::DropFileRef, Token::DropImageDetail, Token::DropImageUrl]);
    let alone = asking(vec![turn(Role::User, vec![image(url("https://example.org/x.png"))])]);
    assert!(refused(&alone, FLASH).contains("nothing but pictures"));
}

#[test]
fn document_pdf_text() {
    let file = |source, title: Option<&str>| {
        let title = title.map(str::to_owned);
        Part::Document(Document {
            at: Place::default(),
            source,
            title,
            filename: None,
            cache: None,
        })
    };
    let pdf = Source::Base64 { mime: "application/pdf".to_owned(), data: "aQ==".to_owned() };
    let request = asking(vec![turn(
        Role::User,
        vec![file(pdf, Some("T")), file(Source::Inline("Hi".to_owned()), None)],
    )]);
    let (contents, tokens) = contents(&request, FLASH);
    assert_eq!(
        contents,
        r#"[{"role":"user","parts":[{"inlineData":{"mimeType":"application/pdf","data":"aQ=="}},{"inlineData":{"mimeType":"text/plain","data":"SGk="}}]}]"#
    );
    assert_eq!(tokens, [Token::DropDocumentTitle]);
}

#[test]
fn thinking_replay_own_and_foreign() {
    let thinking = |text: &str, seal| {
        Part::Thinking(Thinking {
            at: Place::default(),
            text: text.to_owned(),
            redacted: false,
            seal,
        })
    };
    let foreign = Some(Seal { family: Family::Anthropic, blob: "EgoK".to_owned() });
    let mut sealed = call("b", "f", "{}");
    sealed.seal.clone_from(&foreign);
    let request = asking(vec![
        user("go"),
        turn(
            Role::Assistant,
            vec![
                thinking("mine", Some(google("c2lnMQ=="))),
                text("a"),
                thinking("theirs", foreign),
                thinking("nobody's", None),
                // A format without a place for a call's seal keeps it before the call.
                thinking("", Some(google("c2lnMg=="))),
                Part::Call(call("a", "f", "{}")),
                Part::Call(sealed),
                thinking("", Some(google("c2lnMw=="))),
            ],
        ),
    ]);
    let (contents, tokens) = contents(&request, THREE);
    assert!(contents.contains(
        r#"{"role":"model","parts":[{"thought":true,"text":"mine","thoughtSignature":"c2lnMQ=="},{"text":"a"},{"functionCall":{"id":"a","name":"f","args":{}},"thoughtSignature":"c2lnMg=="},{"functionCall":{"id":"b","name":"f","args":{}}},{"text":"","thoughtSignature":"c2lnMw=="}]}"#
    ), "{contents}");
    let lost = [Token::DropThinking, Token::DropThinkingForeign, Token::ApproxResultSynthesized];
    assert_eq!(tokens, lost);
}

#[test]
fn gemini_signature_missing() {
    let calls = |ids: [&str; 2]| {
        turn(Role::Assistant, ids.map(|id| Part::Call(call(id, "f", "{}"))).to_vec())
    };
    let results = |ids: [&str; 2]| {
        turn(Role::User, ids.map(|id| Part::Result(result(id, vec![text("r")]))).to_vec())
    };
    let (one, two) = (["a", "b"], ["c", "d"]);
    let request = asking(vec![user("go"), calls(one), results(one), calls(two), results(two)]);
    let (three, _) = contents(&request, THREE);
    let placed = |id: &str, sign: &str| {
        format!(r#"{{"functionCall":{{"id":"{id}","name":"f","args":{{}}}}{sign}}}"#)
    };
    let sign = r#","thoughtSignature":"skip_thought_signature_validator""#;
    for (id, sign) in [("a", sign), ("b", ""), ("c", sign), ("d", "")] {
        assert!(three.contains(&placed(id, sign)), "{id}: {three}");
    }
    let (older, _) = contents(&request, FLASH);
    assert!(!older.contains("thoughtSignature"));
}

#[test]
fn what_only_another_vendor_can_read_is_refused_or_left_out() {
    let raw = json("{}");
    let family = Family::OpenAi;
    let kind = || "compaction".to_owned();
    let opaque =
        Part::Opaque(Opaque { at: Place::default(), family, kind: kind(), raw: raw.clone() });
    let request = asking(vec![turn(Role::User, vec![opaque, text("a")])]);
    assert!(refused(&request, FLASH).contains("compaction"));
    let summed = json(r#"{"type":"compaction","content":"so far"}"#);
    let readable = Part::Opaque(Opaque { at: Place::default(), family, kind: kind(), raw: summed });
    let (body, _) = contents(&asking(vec![turn(Role::User, vec![readable])]), FLASH);
    assert_eq!(body, r#"[{"role":"user","parts":[{"text":"so far"}]}]"#);
    let item = Part::Opaque(Opaque {
        at: Place::default(),
        family,
        kind: "new_item".to_owned(),
        raw: raw.clone(),
    });
    let (_, tokens) = contents(&asking(vec![turn(Role::User, vec![item, text("a")])]), FLASH);
    assert_eq!(tokens, [Token::DropHostedTool]);
    let server = Part::Server(ServerTool { at: Place::default(), family, kind: kind(), raw });
    let (_, tokens) = contents(&asking(vec![turn(Role::User, vec![server, text("a")])]), FLASH);
    assert_eq!(tokens, [Token::DropHostedTool]);
}

#[test]
fn a_prefill_stays_and_nothing_is_a_space() {
    let prefill = asking(vec![user("a"), turn(Role::Assistant, vec![text("{")])]);
    let (body, tokens) = contents(&prefill, FLASH);
    assert!(body.ends_with(r#"{"role":"model","parts":[{"text":"{"}]}]"#));
    assert_eq!(tokens, [Token::ApproxPrefill]);
    let (body, _) = contents(&Request::default(), FLASH);
    assert_eq!(body, r#"[{"role":"user","parts":[{"text":" "}]}]"#);
    let calls = asking(vec![turn(Role::Assistant, vec![Part::Call(call("c", "f", "{}"))])]);
    let (body, tokens) = contents(&calls, FLASH);
    assert!(body.starts_with(r#"[{"role":"user","parts":[{"text":" "}]},{"role":"model""#));
    assert!(tokens.contains(&Token::ApproxTurnAdded));
}

#[test]
fn a_seal_of_another_family_is_left_out_and_said() {
    let foreign = || Some(Seal { family: Family::Anthropic, blob: "EgYKBAgLGAI=".to_owned() });
    let sealed = Part::Text(Text { seal: foreign(), ..Text::plain("so") });
    let called = Part::Call(Call { seal: foreign(), ..call("c", "f", "{}") });
    for part in [sealed, called] {
        let request = asking(vec![user("a"), turn(Role::Assistant, vec![part]), user("b")]);
        let (body, _, tokens) = encoded(&request, &target(FLASH));
        assert!(!body.contains("EgYKBAgLGAI="), "{body}");
        assert!(tokens.contains(&Token::DropThinkingForeign), "{tokens:?}");
    }
}
