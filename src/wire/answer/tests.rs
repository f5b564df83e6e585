//! Which 200s are answers and which only say so (T3).

use super::super::frame::ErrorClass;
use super::*;

const CHAT: Dialect = Dialect::OpenaiChat;

fn class(dialect: Dialect, body: &str) -> BodyClass {
    let json = Some("application/json");
    check_body(dialect, Operation::Generate, json, body.as_bytes()).0
}

fn error(dialect: Dialect, body: &str) -> FrameError {
    match class(dialect, body) {
        BodyClass::ErrorObject(error) => error,
        other => panic!("{other:?} is no error"),
    }
}

#[test]
fn the_word_error_in_an_answer_s_text_is_an_answer() {
    let text = r#"{"message": "an error", "error": {"code": 500}}"#;
    let text = serde_json::Value::from(text).to_string();
    let bodies = [
        (
            Dialect::Anthropic,
            format!(
                r#"{{"type":"message","content":[{{"type":"text","text":{text}}}],"usage":{{"input_tokens":1}}}}"#
            ),
        ),
        (CHAT, format!(r#"{{"choices":[{{"message":{{"content":{text}}}}}],"error":null}}"#)),
        (
            Dialect::Responses,
            format!(
                r#"{{"status":"completed","error":null,"output":[{{"type":"message","content":[{{"text":{text}}}]}}]}}"#
            ),
        ),
        (
            Dialect::Gemini,
            format!(r#"{{"candidates":[{{"content":{{"parts":[{{"text":{text}}}]}}}}]}}"#),
        ),
        (
            Dialect::GeminiCli,
            format!(
                r#"{{"response":{{"candidates":[{{"content":{{"parts":[{{"text":{text}}}]}}}}]}}}}"#
            ),
        ),
    ];
    for (dialect, body) in bodies {
        assert_eq!(class(dialect, &body), BodyClass::Good, "{dialect}");
        assert_eq!(class(dialect, &format!("\u{feff}{body}\n")), BodyClass::Good, "{dialect}");
    }
}

#[test]
fn errors_with_status_200_are_seen_in_every_dialect() {
    assert_eq!(error(CHAT, r#"{"error":{"message":"Invalid API key"}}"#).status, 401);
    assert_eq!(
        error(CHAT, "\u{feff}{\"error\":\"model overloaded\"}").class,
        ErrorClass::Overloaded
    );
    let claude = r#"{"type":"error","error":{"type":"rate_limit_error","message":"m"}}"#;
    assert_eq!(error(Dialect::Anthropic, claude).class, ErrorClass::RateLimit);
    let responses = r#"{"status":"failed","output":[],"error":{"code":"context_length_exceeded","message":"m"}}"#;
    assert_eq!(error(Dialect::Responses, responses).class, ErrorClass::Client);
    let gemini = r#"{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}"#;
    assert_eq!(error(Dialect::Gemini, gemini).class, ErrorClass::Overloaded);
}

#[test]
fn web_pages_nothing_text_and_foreign_json_are_told_apart() {
    let page = "<!DOCTYPE html><html><title>Attention</title></html>";
    assert_eq!(class(CHAT, page), BodyClass::Html);
    let by_type =
        check_body(CHAT, Operation::Generate, Some("text/html; charset=utf-8"), b"Blocked");
    assert_eq!(by_type.0, BodyClass::Html);
    assert_eq!(class(CHAT, ""), BodyClass::Empty);
    assert_eq!(class(CHAT, "\u{feff} \n"), BodyClass::Empty);
    assert_eq!(class(CHAT, r#"{"choices":[]}"#), BodyClass::Empty);
    assert_eq!(class(CHAT, "busy, come back"), BodyClass::NotJson);
    assert_eq!(class(CHAT, r#"{"choices":[{"message":{"content":"cut"#), BodyClass::NotJson);
    assert_eq!(class(CHAT, r#"{"status":"ok"}"#), BodyClass::WrongShape);
    assert_eq!(class(Dialect::Responses, "[]"), BodyClass::WrongShape);
}

#[test]
fn an_answer_may_be_empty_where_its_dialect_allows_it() {
    let claude = r#"{"type":"message","content":[],"stop_reason":"end_turn"}"#;
    assert_eq!(class(Dialect::Anthropic, claude), BodyClass::Good);
    assert_eq!(class(Dialect::Responses, r#"{"status":"completed","output":[]}"#), BodyClass::Good);
    let blocked =
        r#"{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":3}}"#;
    assert_eq!(class(Dialect::Gemini, blocked), BodyClass::Good);
    assert_eq!(class(Dialect::GeminiCli, &format!(r#"{{"response":{blocked}}}"#)), BodyClass::Good);
}

#[test]
fn each_operation_has_its_own_shape() {
    let of =
        |dialect, operation, body: &str| check_body(dialect, operation, None, body.as_bytes()).0;
    let count = r#"{"input_tokens":14}"#;
    assert_eq!(of(Dialect::Anthropic, Operation::CountTokens, count), BodyClass::Good);
    assert_eq!(of(Dialect::Anthropic, Operation::Generate, count), BodyClass::WrongShape);
    assert_eq!(
        of(Dialect::Gemini, Operation::CountTokens, r#"{"totalTokens":3}"#),
        BodyClass::Good
    );
    let vectors = r#"{"object":"list","data":[{"embedding":[0.1]}],"usage":{"prompt_tokens":4}}"#;
    assert_eq!(of(CHAT, Operation::Embed, vectors), BodyClass::Good);
    assert_eq!(of(CHAT, Operation::Other, "ID3 binary audio"), BodyClass::Good);
    assert_eq!(
        of(CHAT, Operation::Other, r#"{"error":{"message":"m"}}"#).clone(),
        of(CHAT, Operation::Generate, r#"{"error":{"message":"m"}}"#)
    );
}

#[test]
fn a_long_body_is_judged_as_it_passes() {
    let body = format!(
        r#"{{"choices":[{{"message":{{"content":"{}"}}}}],"usage":{{"prompt_tokens":3,"completion_tokens":1}}}}"#,
        "é".repeat(200_000)
    );
    let mut check = BodyCheck::new(CHAT, Operation::Generate, None);
    let chunks: Vec<&[u8]> = body.as_bytes().chunks(1_001).collect();
    let (last, before) = chunks.split_last().unwrap();
    for chunk in before {
        assert_eq!(check.push(chunk).terminal_at, None);
    }
    assert_eq!(check.push(last).terminal_at, Some(last.len() - 1));
    let (class, report) = check.finish();
    assert_eq!(class, BodyClass::Good);
    assert_eq!(report.usage.unwrap().input, 3);
}
