//! What the gate must see in each frame (T4 and T5).

use super::super::sse::FrameReader;
use super::*;

const CHAT: Dialect = Dialect::OpenaiChat;
const CLAUDE: Dialect = Dialect::Anthropic;
const RESPONSES: Dialect = Dialect::Responses;
const GEMINI: Dialect = Dialect::Gemini;

fn frames(text: &str) -> Vec<RawFrame> {
    let mut reader = FrameReader::new(1 << 20);
    reader.push(text.as_bytes());
    let mut found: Vec<RawFrame> = std::iter::from_fn(|| reader.next_frame().unwrap()).collect();
    found.extend(reader.finish());
    found
}

fn data(dialect: Dialect, json: &str) -> FrameClass {
    classify(dialect, &frames(&format!("data: {json}\n\n"))[0])
}

fn error(dialect: Dialect, json: &str) -> (ErrorClass, u16, String) {
    match data(dialect, json) {
        FrameClass::Error(error) => (error.class, error.status, error.code),
        other => panic!("{other:?} is no error"),
    }
}

/// One frame of everything an answer can consist of.
const CONTENT: &[(Dialect, &[&str])] = &[
    (
        CLAUDE,
        &[
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#,
            r#"{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"hm"}}"#,
            r#"{"type":"content_block_delta","delta":{"type":"signature_delta","signature":"c2ln"}}"#,
            r#"{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":"{\"a"}}"#,
            r#"{"type":"content_block_delta","delta":{"type":"citations_delta","citation":{"cited_text":"x"}}}"#,
            r#"{"type":"content_block_start","content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}"#,
            r#"{"type":"content_block_start","content_block":{"type":"redacted_thinking","data":"abc"}}"#,
            r#"{"delta":{"text":"key order is free","type":"text_delta"},"type":"content_block_delta"}"#,
        ],
    ),
    (
        CHAT,
        &[
            r#"{"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}"#,
            r#"{"choices":[{"delta":{"reasoning_content":"hm"}}]}"#,
            r#"{"choices":[{"delta":{"content":null,"reasoning":"hm"}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":""}}]}}]}"#,
            r#"{"choices":[{"delta":{"refusal":"no"}}]}"#,
            r#"{"choices":[{"delta":{"audio":{"data":"AAAA"}}}]}"#,
        ],
    ),
    (
        RESPONSES,
        &[
            r#"{"type":"response.output_text.delta","delta":"Hi"}"#,
            r#"{"type":"response.reasoning_summary_text.delta","delta":"hm"}"#,
            r#"{"type":"response.refusal.delta","delta":"no"}"#,
            r#"{"type":"response.function_call_arguments.delta","delta":"{}"}"#,
            r#"{"type":"response.custom_tool_call_input.delta","delta":"*** Begin"}"#,
            r#"{"type":"response.output_item.added","item":{"type":"function_call","name":"f"}}"#,
            r#"{"type":"response.output_item.done","item":{"type":"compaction","encrypted_content":"gAAAA"}}"#,
            r#"{"type":"response.output_item.done","item":{"type":"reasoning","summary":[],"encrypted_content":"gAAAA"}}"#,
            r#"{"type":"response.output_item.added","item":{"type":"mcp_call","id":"m"}}"#,
            r#"{"type":"response.image_generation_call.partial_image","partial_image_b64":"iVBOR"}"#,
        ],
    ),
    (
        GEMINI,
        &[
            r#"{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"thought":true,"text":"hm"}]}}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{}}}]}}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"iVBOR"}}]}}]}"#,
        ],
    ),
    (
        Dialect::GeminiCli,
        &[r#"{"response":{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}]},"traceId":"t"}"#],
    ),
];

#[test]
fn everything_an_answer_can_consist_of_is_content() {
    for (dialect, frames) in CONTENT {
        for json in *frames {
            assert_eq!(data(*dialect, json), FrameClass::Content, "{json}");
        }
    }
}

#[test]
fn shells_pings_roles_and_unknown_kinds_are_neutral() {
    let cases = [
        (CLAUDE, r#"{"type":"message_start","message":{"content":[],"usage":{"input_tokens":9}}}"#),
        (CLAUDE, r#"{"type":"content_block_start","content_block":{"type":"text","text":""}}"#),
        (
            CLAUDE,
            r#"{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":""}}"#,
        ),
        (CLAUDE, r#"{"type":"ping"}"#),
        (
            CLAUDE,
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":4}}"#,
        ),
        (CLAUDE, r#"{"type":"something_new","delta":{"text":"?"}}"#),
        (CHAT, r#"{"choices":[{"delta":{"role":"assistant","content":""}}]}"#),
        (CHAT, r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#),
        (CHAT, r#"{"choices":[],"usage":{"prompt_tokens":9}}"#),
        (
            RESPONSES,
            r#"{"type":"response.output_item.added","item":{"type":"message","content":[]}}"#,
        ),
        (
            RESPONSES,
            r#"{"type":"response.content_part.added","part":{"type":"output_text","text":""}}"#,
        ),
        (RESPONSES, r#"{"object":"chat.completion.chunk","choices":[]}"#),
        (GEMINI, r#"{"candidates":[{"content":{"role":"model","parts":[{"text":""}]}}]}"#),
        (GEMINI, r#"{"usageMetadata":{"promptTokenCount":9}}"#),
    ];
    for (dialect, json) in cases {
        assert_eq!(data(dialect, json), FrameClass::Neutral, "{json}");
    }
    for text in [": keep-alive\n\n", "event: ping\n\n", "\n", "data:\n\n"] {
        assert_eq!(classify(CLAUDE, &frames(text)[0]), FrameClass::Neutral, "{text:?}");
    }
}

#[test]
fn the_request_s_echo_is_told_apart() {
    for kind in ["response.created", "response.in_progress", "response.queued"] {
        let json = format!(
            r#"{{"type":"{kind}","response":{{"output":[],"error":null,"instructions":"an error"}}}}"#
        );
        assert_eq!(data(RESPONSES, &json), FrameClass::Echo);
    }
}

#[test]
fn an_echo_is_known_before_it_is_whole_by_its_event_or_its_type() {
    let begins = |dialect, text: &str| {
        let mut reader = FrameReader::new(1 << 20);
        reader.push(text.as_bytes());
        assert_eq!(reader.next_frame(), Ok(None));
        FrameJudge::new(dialect).begins_echo(&reader.beginning(64).unwrap())
    };
    let named = "event: response.created\ndata: {\"response\":{\"instructions\":\"be kind and";
    let typed = "data: {\"type\":\"response.in_progress\",\"response\":{\"instructions\":\"be kind";
    let delta = "data: {\"type\":\"response.output_text.delta\",\"delta\":\"response.created";
    assert!(begins(RESPONSES, named) && begins(RESPONSES, typed));
    assert!(!begins(RESPONSES, delta) && !begins(RESPONSES, "data: {\"response\":{\"inst"));
    assert!(!begins(CHAT, named));
}

#[test]
fn errors_of_the_client_keep_their_nature() {
    let client = |code: &str| (ErrorClass::Client, 400, code.to_owned());
    for code in ["cyber_policy", "context_length_exceeded", "invalid_request_error"] {
        let bare = format!(r#"{{"type":"error","code":"{code}","message":"m","param":null}}"#);
        assert_eq!(error(RESPONSES, &bare), client(code));
        let failed = format!(
            r#"{{"type":"response.failed","response":{{"status":"failed","error":{{"code":"{code}","message":"m"}}}}}}"#
        );
        assert_eq!(error(RESPONSES, &failed), client(code));
    }
    let claude = r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long"}}"#;
    assert_eq!(error(CLAUDE, claude), client("invalid_request_error"));
    let gemini = r#"{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}"#;
    assert_eq!(error(GEMINI, gemini).0, ErrorClass::Client);
    assert_eq!(
        error(Dialect::GeminiCli, &format!(r#"{{"response":{gemini}}}"#)).0,
        ErrorClass::Client
    );
}

#[test]
fn errors_of_the_provider_send_the_request_elsewhere() {
    let claude = |kind: &str| {
        let json = format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"m"}}}}"#);
        let (class, status, _) = error(CLAUDE, &json);
        (class, status)
    };
    assert_eq!(claude("overloaded_error"), (ErrorClass::Overloaded, 529));
    assert_eq!(claude("rate_limit_error"), (ErrorClass::RateLimit, 429));
    assert_eq!(claude("api_error"), (ErrorClass::Provider, 500));
    assert_eq!(claude("authentication_error"), (ErrorClass::Auth, 401));
    assert_eq!(claude("never_heard_of"), (ErrorClass::Provider, 502));
    let failed =
        r#"{"type":"response.failed","response":{"error":{"code":"server_error","message":"m"}}}"#;
    assert_eq!(error(RESPONSES, failed).0, ErrorClass::Provider);
    let detailless = r#"{"type":"response.failed","response":{"status":"failed","error":null}}"#;
    assert_eq!(error(RESPONSES, detailless), (ErrorClass::Provider, 502, String::new()));
    let late = r#"{"type":"response.completed","response":{"status":"failed","error":{"code":"server_is_overloaded"}}}"#;
    assert_eq!(error(RESPONSES, late).0, ErrorClass::Overloaded);
    assert_eq!(error(CHAT, r#"{"error":{"message":"Invalid API key"}}"#).1, 401);
    assert_eq!(error(CHAT, r#"{"error":"upstream said no, id req_4290503"}"#).1, 502);
    let vllm = r#"{"object":"error","message":"m","type":"BadRequestError","code":400}"#;
    assert_eq!(error(CHAT, vllm).0, ErrorClass::Client);
}

#[test]
fn the_end_knows_whether_anything_came_before_it() {
    let end = |dialect, text: &str| {
        let mut judge = FrameJudge::new(dialect);
        frames(text).iter().map(|frame| judge.judge(frame)).last().unwrap()
    };
    let chat = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: [DONE]\n\n";
    assert_eq!(end(CHAT, chat), FrameClass::Terminal { empty: false });
    let role = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\ndata: [DONE]\n\n";
    assert_eq!(end(CHAT, role), FrameClass::Terminal { empty: true });
    let stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    assert_eq!(end(CLAUDE, stop), FrameClass::Terminal { empty: true });
    let compaction = r#"data: {"type":"response.completed","response":{"output":[{"type":"compaction","encrypted_content":"g"}]}}"#;
    assert_eq!(end(RESPONSES, compaction), FrameClass::Terminal { empty: false });
    let nothing = r#"data: {"type":"response.completed","response":{"text":{"format":{"type":"text"}},"output":[{"type":"message","content":[{"type":"output_text","text":""}]}]}}"#;
    assert_eq!(end(RESPONSES, nothing), FrameClass::Terminal { empty: true });
    let gemini =
        r#"data: {"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}"#;
    assert_eq!(end(GEMINI, gemini), FrameClass::Terminal { empty: false });
    let safety = r#"data: {"candidates":[{"finishReason":"SAFETY"}]}"#;
    assert_eq!(end(GEMINI, safety), FrameClass::Terminal { empty: true });
    let blocked = r#"data: {"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":3}}"#;
    assert_eq!(end(GEMINI, blocked), FrameClass::Terminal { empty: true });
}

#[test]
fn what_no_dialect_sends_is_malformed() {
    for text in [
        "data: [DONE]\n\n",
        "data: <html></html>\n\n",
        "data: {\"choices\":[\n\n",
        "data: \"text\"\n\n",
        "data: [1]\n\n",
        "<!DOCTYPE html>\n<html></html>\n\n",
        "\u{feff}{\"error\":{\"message\":\"Invalid API key\"}}",
    ] {
        assert_eq!(classify(CHAT, &frames(text)[0]), FrameClass::Malformed, "{text:?}");
    }
}

#[test]
fn a_relay_s_done_mark_behind_another_dialect_s_end_is_ignored() {
    let mut judge = FrameJudge::new(CLAUDE);
    let text = "data: {\"type\":\"message_stop\"}\n\ndata: [DONE]\n\n";
    let classes: Vec<FrameClass> = frames(text).iter().map(|frame| judge.judge(frame)).collect();
    assert_eq!(classes, [FrameClass::Terminal { empty: true }, FrameClass::Neutral]);
}
