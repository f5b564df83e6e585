//! Each dialect's client must find its error where it looks.

use serde_json::{Value, json};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::{Amount, LimitKind, LimitOwner};
use switchyard_actors::domain::money::Nano;

use super::*;

const ID: &str = "019a0000-0000-7000-8000-000000000001";

fn id() -> RequestId {
    RequestId::parse(ID).unwrap()
}

fn parsed(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

fn overloaded() -> ClientError {
    ClientError::new(ErrorKind::Overloaded, "no provider is free", id())
}

fn refused() -> ClientError {
    let refusal = Refusal {
        kind: LimitKind::DailyQuota,
        owner: LimitOwner::Key,
        name: None,
        current: Amount::Money(Nano(1_500_000_000)),
        limit: Amount::Money(Nano(1_000_000_000)),
        resets_at: Some(Micros::from_millis(1_767_225_600_000)),
        retry_after_s: Some(60),
        only_held: false,
    };
    ClientError::refused(refusal, "daily quota used up", id())
}

#[test]
fn each_dialect_has_its_own_envelope_with_the_request_id() {
    assert_eq!(
        parsed(&overloaded().body(Dialect::Anthropic)),
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "no provider is free"}, "request_id": ID})
    );
    for dialect in [Dialect::OpenaiChat, Dialect::Responses] {
        assert_eq!(
            parsed(&overloaded().body(dialect)),
            json!({"error": {"type": "service_unavailable_error", "code": "server_is_overloaded", "param": null, "message": "no provider is free"}, "request_id": ID})
        );
    }
    for dialect in [Dialect::Gemini, Dialect::GeminiCli] {
        assert_eq!(
            parsed(&overloaded().body(dialect)),
            json!({"error": {"code": 503, "status": "UNAVAILABLE", "message": "no provider is free",
                "details": [{"@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": ID}]}})
        );
    }
}

#[test]
fn a_refusal_keeps_the_fields_of_the_original_in_every_envelope() {
    assert_eq!(refused().status, 402);
    for dialect in Dialect::ALL {
        let error = parsed(&refused().body(dialect))["error"].clone();
        assert_eq!(error["limit_type"], "daily_quota", "{dialect}");
        assert_eq!(error["current"], json!(1.5));
        assert_eq!(error["limit"], json!(1));
        assert_eq!(error["reset_time"], "2026-01-01T00:00:00.000Z");
    }
    let chat = parsed(&refused().body(Dialect::OpenaiChat));
    assert_eq!(chat["error"]["type"], "rate_limit_error");
    assert_eq!(chat["error"]["code"], "rate_limit_exceeded");
    assert_eq!(parsed(&refused().body(Dialect::Anthropic))["error"]["code"], "rate_limit_exceeded");
    let gemini = parsed(&refused().body(Dialect::Gemini));
    assert_eq!(gemini["error"]["code"], 402);
    assert_eq!(gemini["error"]["details"][0]["reason"], "rate_limit_exceeded");
    assert_eq!(gemini["error"]["details"][1]["retryDelay"], "60s");
}

#[test]
fn a_rolling_window_has_no_reset_time_and_counts_are_whole() {
    let mut error = refused();
    error.limit = error.limit.map(|limit| Refusal {
        kind: LimitKind::Rpm,
        current: Amount::Count(7),
        limit: Amount::Count(5),
        resets_at: None,
        ..limit
    });
    let error = parsed(&error.body(Dialect::OpenaiChat))["error"].clone();
    assert_eq!((error["current"].clone(), error["limit"].clone()), (json!(7), json!(5)));
    assert!(error["reset_time"].is_null());
}

#[test]
fn types_and_codes_of_the_openai_family_follow_the_status() {
    let at = |status: u16| {
        let error =
            ClientError { status, ..ClientError::new(ErrorKind::of_status(status), "x", id()) };
        let error = parsed(&error.body(Dialect::OpenaiChat))["error"].clone();
        format!("{} {}", error["type"].as_str().unwrap(), error["code"].as_str().unwrap())
    };
    assert_eq!(at(400), "invalid_request_error invalid_request_error");
    assert_eq!(at(401), "authentication_error invalid_api_key");
    assert_eq!(at(500), "internal_server_error internal_server_error");
    assert_eq!(at(502), "bad_gateway_error bad_gateway_error");
    assert_eq!(at(504), "gateway_timeout_error timeout");
    assert_eq!(at(418), "api_error http_418");
}

#[test]
fn an_upstream_s_own_code_goes_before_the_kind_s() {
    let mut error = ClientError::new(ErrorKind::BadRequest, "no", id());
    error.code = Some("cyber_policy".to_owned());
    assert_eq!(parsed(&error.body(Dialect::Responses))["error"]["code"], "cyber_policy");
    assert_eq!(parsed(&error.body(Dialect::Gemini))["error"]["code"], 400);
}

#[test]
fn a_broken_stream_ends_with_the_dialect_s_own_event_and_nothing_else() {
    let position = StreamPosition {
        response_id: Some("resp_1".to_owned()),
        model: Some("m".to_owned()),
        sequence_number: Some(41),
        created_at: Some(7),
    };
    let text = |dialect| {
        String::from_utf8(overloaded().stream_event(dialect, &position).to_vec()).unwrap()
    };
    assert!(text(Dialect::Anthropic).starts_with("event: error\ndata: {\"type\":\"error\""));
    for dialect in [Dialect::OpenaiChat, Dialect::Gemini, Dialect::GeminiCli] {
        assert!(text(dialect).starts_with("data: {\"error\":{"));
        assert!(!text(dialect).contains("[DONE]"));
        assert_eq!(text(dialect).matches('\n').count(), 2);
    }
    let failed = text(Dialect::Responses);
    let data = failed.strip_prefix("event: response.failed\ndata: ").unwrap();
    let failed = parsed(data.as_bytes());
    assert_eq!(failed["sequence_number"], 42);
    assert_eq!(failed["response"]["status"], "failed");
    assert_eq!(failed["response"]["id"], "resp_1");
    assert_eq!(failed["response"]["created_at"], 7);
    let asked = ["parallel_tool_calls", "tool_choice", "tools"].map(|key| &failed["response"][key]);
    assert_eq!(asked, [&json!(true), &json!("auto"), &json!([])], "as an answer begins");
    assert_eq!(failed["response"]["error"]["code"], "server_is_overloaded");
    assert_eq!(failed["request_id"], ID);
}

#[test]
fn an_answer_with_no_shell_yet_still_gets_a_whole_failed_response() {
    let event = overloaded().stream_event(Dialect::Responses, &StreamPosition::default());
    let text = String::from_utf8(event.to_vec()).unwrap();
    let failed = parsed(text.split_once("data: ").unwrap().1.as_bytes());
    assert_eq!(failed["sequence_number"], 0);
    assert_eq!(failed["response"]["id"], format!("resp_{ID}"));
    assert_eq!(failed["response"]["created_at"], id().millis() / 1_000);
}

#[test]
fn a_broken_list_is_closed_as_a_list() {
    let end = |place| overloaded().array_end(Dialect::Gemini, place);
    let whole = [b"[{}".as_slice(), &end(ListPlace::Element).unwrap()].concat();
    assert_eq!(parsed(&whole)[1]["error"]["code"], 503);
    assert_eq!(parsed(&end(ListPlace::Start).unwrap())[0]["error"]["code"], 503);
    assert_eq!(end(ListPlace::Inside), None);
}

#[test]
fn our_own_stream_errors_are_errors_to_our_own_tap() {
    for dialect in Dialect::ALL {
        let mut tap = super::super::usage::UsageTap::new(dialect, super::super::usage::Form::Sse);
        let event = overloaded().stream_event(dialect, &StreamPosition::default());
        let progress = tap.push(&event);
        assert_eq!(progress.error.unwrap().message, "no provider is free", "{dialect}");
        assert_eq!(progress.terminal_at, Some(0));
    }
}
