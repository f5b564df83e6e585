//! Whose fault an upstream's error is.

use super::*;

fn class(status: u16, body: &str) -> ErrorClass {
    error_of(status, body.as_bytes()).class
}

#[test]
fn the_real_status_wins_over_the_words_of_the_body() {
    let body = r#"{"error":{"message":"所有供应商暂时不可用，请稍后重试","code":"service_unavailable_error"}}"#;
    let error = error_of(503, body.as_bytes());
    assert_eq!((error.class, error.status), (ErrorClass::Provider, 503));
    assert_eq!(error.code, "service_unavailable_error");
    assert_eq!(error.message, "所有供应商暂时不可用，请稍后重试");
    let client_words = r#"{"error":{"type":"invalid_request_error","message":"x"}}"#;
    assert_eq!(class(500, client_words), ErrorClass::Provider);
    assert_eq!(class(499, r#"{"error":"canceled"}"#), ErrorClass::Provider);
}

#[test]
fn each_dialect_s_shape_is_read() {
    let anthropic = error_of(
        400,
        br#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 213462 tokens > 200000 maximum"},"request_id":"r"}"#,
    );
    assert_eq!(anthropic.class, ErrorClass::Client);
    assert_eq!(anthropic.message, "prompt is too long: 213462 tokens > 200000 maximum");
    let chat = error_of(
        400,
        br#"{"error":{"message":"m","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#,
    );
    assert_eq!((chat.class, chat.code.as_str()), (ErrorClass::NotFound, "model_not_found"));
    let gemini = error_of(
        429,
        br#"[{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.5s"}]}}]"#,
    );
    assert_eq!(gemini.class, ErrorClass::RateLimit);
    assert_eq!(gemini.retry_after, Some(Duration::from_millis(1_500)));
    assert_eq!(gemini.code, "RESOURCE_EXHAUSTED");
}

#[test]
fn an_account_s_trouble_is_not_the_client_s_fault() {
    let key = r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#;
    assert_eq!(class(400, key), ErrorClass::Auth);
    let credit = r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}"#;
    assert_eq!(class(400, credit), ErrorClass::Auth);
}

#[test]
fn a_code_says_more_than_the_type_beside_it_and_a_sentence_more_than_a_type_that_blames_the_request()
 {
    let hard = r#"{"error":{"code":"billing_hard_limit_reached","type":"invalid_request_error","message":"m"}}"#;
    let arrearage = r#"{"error":{"code":"Arrearage","type":"Arrearage","message":"m"}}"#;
    let balance = r#"{"error":{"code":"invalid_request_error","type":"unknown_error","message":"Insufficient Balance"}}"#;
    let inactive =
        r#"{"error":{"code":"invalid_request_error","type":"billing_not_active","message":"m"}}"#;
    let place = r#"{"error":{"code":400,"status":"FAILED_PRECONDITION","message":"User location is not supported for the API use."}}"#;
    for body in [hard, arrearage, balance, inactive, place] {
        assert_eq!(class(400, body), ErrorClass::Auth, "{body}");
        assert_eq!(class(404, body), ErrorClass::Auth, "no model is missing: {body}");
        assert_eq!(class(429, body), ErrorClass::RateLimit, "{body}");
        assert_eq!(class(500, body), ErrorClass::Provider, "{body}");
    }
    let busy = r#"{"error":{"status":"RESOURCE_EXHAUSTED","message":"Quota exceeded for quota metric 'Requests'"}}"#;
    assert_eq!(class(400, busy), ErrorClass::RateLimit, "a name that says more is kept");
    let model = r#"{"error":{"type":"not_found_error","message":"model: insufficient balance"}}"#;
    assert_eq!(class(404, model), ErrorClass::NotFound);
}

#[test]
fn a_full_disk_of_the_vendor_is_not_the_client_s_fault() {
    let full = r#"{"error":{"type":"invalid_request_error","message":"write /tmp/x: No space left on device"}}"#;
    assert_eq!(class(400, full), ErrorClass::Provider);
    assert_eq!(class(422, full), ErrorClass::Provider);
}

#[test]
fn a_program_that_is_refused_leaves_it_open_whose_fault_it_is_however_it_is_wrapped() {
    let sentence = "This credential is only authorized for use with Claude Code.";
    let inner = serde_json::json!({ "type": "error", "error": { "message": sentence } });
    for body in [
        serde_json::json!({ "error": { "type": "invalid_request_error", "message": sentence } }),
        serde_json::json!({ "error": { "type": "upstream_error", "message": inner.to_string() } }),
        serde_json::json!(format!("Error code: 400 - {inner}")),
    ] {
        let error = error_of(400, body.to_string().as_bytes());
        assert_eq!(
            (error.class, error.doubt),
            (ErrorClass::Client, Some(Doubt::Program)),
            "{body}"
        );
    }
    let facts = |kind: &str| {
        let message = inner.to_string();
        ErrorFacts { present: true, kind: kind.to_owned(), message, ..ErrorFacts::default() }
    };
    for kind in ["", "invalid_request_error", "upstream_error"] {
        let error = facts(kind).inferred();
        let told = (error.class, error.status, error.doubt);
        assert_eq!(told, (ErrorClass::Client, 400, Some(Doubt::Program)), "{kind}");
    }
}

#[test]
fn text_and_web_pages_are_shown_and_known_for_what_they_are() {
    let page = error_of(400, b"<html><head><title>400 Bad Request</title></head></html>");
    assert_eq!((page.class, page.message.as_str()), (ErrorClass::Client, "400 Bad Request"));
    let bare = Some(Doubt::Bare);
    assert_eq!([page.doubt, error_of(422, b"{}").doubt, error_of(400, b"").doubt], [bare; 3]);
    assert_eq!(error_of(502, b" upstream gone \n").message, "upstream gone");
    assert_eq!(error_of(404, b"").class, ErrorClass::NotFound);
    for said in ["Insufficient Balance", "upstream error: API key expired."] {
        let classes = [400, 404, 422, 429].map(|status| class(status, said));
        let account = ErrorClass::Auth;
        assert_eq!(classes, [account, account, account, ErrorClass::RateLimit], "{said}");
    }
    assert_eq!(class(400, "messages: Insufficient Balance"), ErrorClass::Client, "a quotation");
    for wordless in ["{}", r#"{"success":false,"error":{}}"#, "null", r#"[{"code":400},""]"#] {
        assert_eq!(error_of(400, wordless.as_bytes()).message, "", "{wordless}");
    }
    assert_eq!(error_of(400, br#""no \"such\" thing""#).message, "no \"such\" thing");
    let odd = r#"{"result":"refused"}"#;
    assert_eq!(error_of(400, odd.as_bytes()).message, odd);
    let other = error_of(422, br#"{"detail":"field required"}"#);
    assert_eq!((other.class, other.message.as_str()), (ErrorClass::Client, "field required"));
    for lists in [
        r#"{"detail":[{"type":"missing","loc":["body","x"],"msg":"Field required"},{"msg":"another"}]}"#,
        r#"{"errors":[{"message":"Field required"}]}"#,
    ] {
        let error = error_of(422, lists.as_bytes());
        let told = (error.class, error.message.as_str(), error.doubt);
        assert_eq!(told, (ErrorClass::Client, "Field required", None), "{lists}");
    }
}

#[test]
fn a_body_cut_short_is_read_as_far_as_it_goes_and_long_texts_are_cut() {
    let cut = error_of(502, br#"{"error":{"message":"half a story","type":"api_"#);
    assert_eq!(cut.message, "half a story");
    let long = format!(r#"{{"error":{{"message":"{}"}}}}"#, "é".repeat(4_000));
    let error = error_of(500, long.as_bytes());
    assert_eq!(error.message.len(), 2_048);
}

#[test]
fn a_503_that_says_overloaded_is_overload_and_a_529_always_is() {
    let gemini =
        r#"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#;
    assert_eq!(class(503, gemini), ErrorClass::Overloaded);
    assert_eq!(class(529, ""), ErrorClass::Overloaded);
    assert_eq!(class(503, "busy"), ErrorClass::Provider);
}
