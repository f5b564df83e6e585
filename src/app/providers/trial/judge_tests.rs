//! Each thing that can go wrong, as vendors really say it.

use super::*;

fn answer(status: u16, kind: &str, body: &str) -> VendorAnswer {
    VendorAnswer {
        status,
        content_type: Some(kind.to_owned()),
        location: None,
        body: body.as_bytes().to_vec(),
    }
}

fn json(status: u16, body: &str) -> VendorAnswer {
    answer(status, "application/json", body)
}

fn verdict(dialect: Dialect, answer: &VendorAnswer) -> Verdict {
    match of_status(answer) {
        Some(judged) => judged.verdict,
        None => of_answer(dialect, answer).0.verdict,
    }
}

#[test]
fn refusals_are_told_apart_by_what_can_be_done_about_them() {
    let anthropic = |kind: &str, message: &str| {
        format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"{message}"}}}}"#)
    };
    for (status, body, wanted) in [
        (401, anthropic("authentication_error", "invalid x-api-key"), Verdict::WrongKey),
        (403, anthropic("permission_error", "not allowed"), Verdict::Forbidden),
        (402, "{}".to_owned(), Verdict::NoCredit),
        (404, anthropic("not_found_error", "model: claude-9"), Verdict::UnknownModel),
        (404, "404 page not found".to_owned(), Verdict::WrongPath),
        (405, String::new(), Verdict::WrongPath),
        (
            400,
            r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.",
                "status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#
                .to_owned(),
            Verdict::WrongKey,
        ),
        (
            400,
            r#"{"error":{"message":"The model `x` does not exist","code":null}}"#.to_owned(),
            Verdict::UnknownModel,
        ),
        (400, anthropic("invalid_request_error", "max_tokens: too large"), Verdict::BadRequest),
        (429, anthropic("rate_limit_error", "slow down"), Verdict::RateLimited),
        (529, anthropic("overloaded_error", "Overloaded"), Verdict::Overloaded),
        (500, String::new(), Verdict::ServerError),
    ] {
        assert_eq!(verdict(Dialect::Anthropic, &json(status, &body)), wanted, "{status} {body}");
    }
}

#[test]
fn a_web_page_is_seen_under_every_status() {
    let page = "<!DOCTYPE html><html><title>Just a moment...</title></html>";
    for (status, wanted) in [
        (200, Verdict::Html),
        (403, Verdict::Html),
        (404, Verdict::WrongPath),
        (502, Verdict::ServerError),
    ] {
        assert_eq!(verdict(Dialect::OpenaiChat, &answer(status, "text/html", page)), wanted);
    }
}

#[test]
fn a_good_answer_tells_its_model_and_tokens() {
    let body = r#"{"type":"message","model":"claude-x","content":[{"type":"text","text":"pong"}],
        "stop_reason":"end_turn","usage":{"input_tokens":12,"output_tokens":3}}"#;
    let (judged, report) = of_answer(Dialect::Anthropic, &json(200, body));
    assert_eq!(judged, Verdict::Works.into());
    assert_eq!(report.model.as_deref(), Some("claude-x"));
    assert_eq!(report.usage.map(|usage| (usage.input, usage.output)), Some((12, 3)));
}

#[test]
fn a_stream_is_an_answer_too() {
    let body = "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"model\":\"gpt-x\"}}\n\n\
        event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"pong\"}\n\n\
        event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"model\":\"gpt-x\",\
        \"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n";
    let (judged, report) = of_answer(Dialect::Responses, &answer(200, "text/event-stream", body));
    assert_eq!(judged.verdict, Verdict::Works);
    assert_eq!(report.model.as_deref(), Some("gpt-x"));
}

#[test]
fn a_200_that_is_no_answer_does_not_pass_for_one() {
    let dialect = Dialect::Anthropic;
    for (body, wanted) in [
        ("", Verdict::Empty),
        ("pong", Verdict::WrongShape),
        (r#"{"object":"list","data":[]}"#, Verdict::WrongShape),
        (r#"{"error":{"type":"authentication_error","message":"bad key"}}"#, Verdict::WrongKey),
        (
            "data: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n",
            Verdict::Overloaded,
        ),
    ] {
        assert_eq!(verdict(dialect, &json(200, body)), wanted, "{body}");
    }
}

#[test]
fn a_redirect_is_told_with_where_it_leads() {
    let moved = VendorAnswer {
        status: 301,
        location: Some("https://b.example/".to_owned()),
        ..VendorAnswer::default()
    };
    let judged = of_status(&moved).unwrap();
    assert_eq!(judged.verdict, Verdict::Redirected);
    assert_eq!(judged.said.as_deref(), Some("https://b.example/"));
}
