//! Facts of the bodies real clients send, and of the bodies an attacker would.

use super::*;

fn read(dialect: Dialect, body: &str) -> RequestFacts {
    facts(dialect, Operation::Generate, body.as_bytes()).unwrap()
}

fn refused(dialect: Dialect, body: &[u8]) -> BodyError {
    facts(dialect, Operation::Generate, body).unwrap_err()
}

#[test]
fn an_anthropic_body_gives_all_its_facts() {
    let body = r#"{"model":"claude-opus-4-8","messages":[{"role":"user","content":"hi"},
        {"role":"assistant","content":[{"type":"text","text":"yo"}]}],"system":[{"type":"text","text":"s"}],
        "metadata":{"user_id":"{\"device_id\":\"d\",\"session_id\":\"abc\"}"},"max_tokens":64000,
        "service_tier":"auto","stream":true}"#;
    let facts = read(Dialect::Anthropic, body);
    let model = facts.model.unwrap();
    assert_eq!(model.text, "claude-opus-4-8");
    assert_eq!(&body[model.span], "\"claude-opus-4-8\"");
    assert_eq!(
        (facts.stream, facts.max_output_tokens, facts.messages),
        (true, Some(64000), Some(2))
    );
    assert_eq!(facts.user_session.as_deref(), Some("abc"));
    assert_eq!(facts.service_tier.as_deref(), Some("auto"));
    assert_eq!(facts.body, Some(0..body.len()));
    assert!(facts.content.is_some());
}

#[test]
fn a_chat_body_gives_its_limits_and_stream_options() {
    let body = r#"{"model":"m","max_tokens":5,"max_completion_tokens":9,"stream":true,
        "stream_options":{"x":1,"include_usage":false},"messages":[]}"#;
    let facts = read(Dialect::OpenaiChat, body);
    assert_eq!((facts.max_output_tokens, facts.messages, facts.content), (Some(9), Some(0), None));
    let StreamOptions::Object { span, has_members: true, include_usage: Some(flag) } =
        facts.stream_options
    else {
        panic!("not an object with members");
    };
    assert_eq!(&body[span], r#"{"x":1,"include_usage":false}"#);
    assert_eq!(&body[flag], "false");
    assert!(!facts.include_usage);
}

#[test]
fn a_responses_body_gives_its_session_facts() {
    let body = r#"{"model":"m","input":"hi","prompt_cache_key":"k","previous_response_id":"r",
        "metadata":{"session_id":"s"},"max_output_tokens":7,"stream_options":{"include_obfuscation":false}}"#;
    let facts = read(Dialect::Responses, body);
    assert_eq!(facts.prompt_cache_key.as_deref(), Some("k"));
    assert_eq!(facts.previous_response_id.as_deref(), Some("r"));
    assert_eq!(facts.metadata_session.as_deref(), Some("s"));
    assert_eq!((facts.max_output_tokens, facts.messages), (Some(7), Some(1)));
    assert_eq!(facts.stream_options, StreamOptions::Absent);
}

#[test]
fn gemini_bodies_are_read_bare_and_in_the_cli_envelope() {
    let inner = r#"{"contents":[{"parts":[{"text":"hi"}]}],"systemInstruction":{"parts":[{"text":"s"}]},
        "generationConfig":{"maxOutputTokens":12}}"#;
    let bare = read(Dialect::Gemini, inner);
    assert_eq!((bare.max_output_tokens, bare.messages, &bare.model), (Some(12), Some(1), &None));
    let body = format!(r#"{{"model":"g","project":"p","request":{inner}}}"#);
    let wrapped = read(Dialect::GeminiCli, &body);
    assert_eq!((wrapped.max_output_tokens, wrapped.messages), (Some(12), Some(1)));
    assert_eq!(wrapped.model.unwrap().text, "g");
    assert!(bare.content.is_some());
    assert_eq!(bare.content, wrapped.content);
    let counting = r#"{"request":{"model":"models/g","contents":[]}}"#;
    assert_eq!(read(Dialect::GeminiCli, counting).model.unwrap().text, "models/g");
}

#[test]
fn a_conversation_keeps_its_identity_as_it_grows() {
    let start = r#"{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}"#;
    let first = read(Dialect::OpenaiChat, &format!("{start}]}}")).content.unwrap();
    let grown = format!(r#"{start},{{"role":"user","content":"more"}}],"x":1}}"#);
    assert_eq!(read(Dialect::OpenaiChat, &grown).content, Some(first));
    let blocks = start.replace(r#""hi""#, r#"[{"type":"text","text":"hi"}]"#);
    assert_eq!(read(Dialect::OpenaiChat, &format!("{blocks}]}}")).content, Some(first));
    let late_role =
        start.replace(r#""role":"user","content":"hi""#, r#""content":"hi","role":"user""#);
    assert_eq!(read(Dialect::OpenaiChat, &format!("{late_role}]}}")).content, Some(first));
    for (from, to) in [("\"hi\"", "\"ho\""), ("\"s\"", "\"t\""), ("system", "assistant")] {
        let other = format!("{}]}}", start.replace(from, to));
        assert_ne!(read(Dialect::OpenaiChat, &other).content, Some(first), "{to}");
    }
}

#[test]
fn codex_developer_items_are_system_text_and_other_items_are_none() {
    let body = r#"{"model":"m","input":[{"type":"reasoning"},{"type":"message","role":"developer",
        "content":[{"type":"input_text","text":"s"}]},{"role":"user","content":[{"type":"input_text","text":"hi"}]}]}"#;
    let same = r#"{"model":"m","instructions":"s","input":"hi"}"#;
    let facts = read(Dialect::Responses, body);
    assert_eq!(facts.messages, Some(3));
    assert_eq!(facts.content, read(Dialect::Responses, same).content);
}

#[test]
fn the_older_user_form_names_its_session_too() {
    let body = r#"{"model":"m","metadata":{"user_id":"user_ab_account__session_1-2"}}"#;
    assert_eq!(read(Dialect::Anthropic, body).user_session.as_deref(), Some("1-2"));
    for user in ["user_ab", "x_session_1", "", r#"{\"session_id\":\"\"}"#, "null"] {
        let body = format!(r#"{{"model":"m","metadata":{{"user_id":"{user}"}}}}"#);
        assert_eq!(read(Dialect::Anthropic, &body).user_session, None, "{user}");
    }
}

#[test]
fn bodies_that_could_be_read_in_two_ways_are_refused() {
    for twice in [r#"{"model":"a","model":"b"}"#, r#"{"model":"a","mod\u0065l":"b"}"#] {
        let error = refused(Dialect::Anthropic, twice.as_bytes());
        assert_eq!(error, BodyError::DuplicateKey("model".to_owned()));
    }
    let error = refused(Dialect::GeminiCli, br#"{"request":{"contents":[],"contents":[]}}"#);
    assert_eq!(error, BodyError::DuplicateKey("contents".to_owned()));
    let nested = r#"{"model":"a","metadata":{"x":1,"x":2}}"#;
    assert_eq!(read(Dialect::Anthropic, nested).model.unwrap().text, "a");
    let keys: Vec<String> = (0..=KEYS_LIMIT).map(|key| format!("\"{key}\":0")).collect();
    let many = format!("{{{}}}", keys.join(","));
    assert_eq!(refused(Dialect::Gemini, many.as_bytes()), BodyError::TooManyKeys);
}

#[test]
fn every_refusal_is_one_clear_sentence() {
    let long = format!(r#"{{"model":"{}"}}"#, "m".repeat(TEXT_LIMIT + 1));
    let cases: [(&[u8], &str); 9] = [
        (b"{\"model\":", "the request body is not valid JSON: the JSON ends too early"),
        (b"{'a'}", "the request body is not valid JSON: malformed JSON at byte 1"),
        (b"{\"a\":\"\xff\"}", "the request body is not valid JSON: invalid UTF-8 at byte 6"),
        (b"[]", "the request body must be a JSON object"),
        (b"{}", "the request names no model"),
        (b"{\"model\":null}", "the request names no model"),
        (b"{\"model\":\"\"}", "the request names no model"),
        (b"{\"model\":{}}", "the model must be a string"),
        (long.as_bytes(), "the name of the model is longer than 1024 bytes"),
    ];
    for (body, sentence) in cases {
        assert_eq!(refused(Dialect::Anthropic, body).to_string(), sentence);
    }
}

#[test]
fn other_families_may_carry_anything_but_a_doubtful_object() {
    let other = |body: &[u8]| facts(Dialect::OpenaiChat, Operation::Other, body);
    for body in [&b""[..], b"--boundary\r\n", b"[1]", b"{}", b"{\"model\":\"m\"}"] {
        assert!(other(body).is_ok());
    }
    assert_eq!(other(b"--boundary").unwrap().body, None);
    assert_eq!(other(b"{\"model\":\"m\"}").unwrap().model.unwrap().text, "m");
    assert!(other(b"{\"model\":\"m\",\"model\":\"n\"}").is_err());
}

#[test]
fn the_path_names_the_model_before_the_body() {
    let in_path =
        crate::wire::detect::route("POST", "/v1internal/models/p:generateContent", None).unwrap();
    let in_body =
        crate::wire::detect::route("POST", "/v1internal:streamGenerateContent", None).unwrap();
    let facts = read(Dialect::GeminiCli, r#"{"model":"b","request":{}}"#);
    assert_eq!(facts.requested_model(&in_path), Ok("p"));
    assert_eq!(facts.requested_model(&in_body), Ok("b"));
    assert!(facts.is_stream(&in_body) && !facts.is_stream(&in_path));
    let nameless = read(Dialect::GeminiCli, "{}");
    assert_eq!(nameless.requested_model(&in_body), Err(BodyError::MissingModel));
}

#[test]
fn the_number_of_answers_is_read_in_every_dialect_that_has_one() {
    for (dialect, body, wanted) in [
        (Dialect::OpenaiChat, r#"{"model":"m","messages":[],"n":8}"#, Some(8)),
        (Dialect::OpenaiChat, r#"{"model":"m","prompt":"p","best_of":5.0,"n":2}"#, Some(5)),
        (Dialect::OpenaiChat, r#"{"model":"m","messages":[],"n":null}"#, None),
        (Dialect::Gemini, r#"{"generationConfig":{"candidateCount":"8"}}"#, Some(8)),
        (Dialect::Gemini, r#"{"generation_config":{"candidate_count":3}}"#, Some(3)),
        (
            Dialect::GeminiCli,
            r#"{"model":"m","request":{"generationConfig":{"candidateCount":4}}}"#,
            Some(4),
        ),
        (Dialect::Anthropic, r#"{"model":"m","messages":[],"n":8}"#, None),
    ] {
        assert_eq!(read(dialect, body).choices, wanted, "{dialect} {body}");
    }
}

#[test]
fn each_prompt_of_an_old_completion_has_its_own_answers() {
    for (body, wanted) in [
        (r#"{"model":"m","prompt":["a","b","c"],"n":2}"#, Some(6)),
        (r#"{"model":"m","prompt":[[1,2],[3]]}"#, Some(2)),
        (r#"{"model":"m","prompt":[1,2,3]}"#, None),
        (r#"{"model":"m","prompt":"a"}"#, None),
    ] {
        let facts = facts(Dialect::OpenaiChat, Operation::Complete, body.as_bytes()).unwrap();
        assert_eq!(facts.choices, wanted, "{body}");
    }
}

#[test]
fn an_object_behind_much_room_is_still_one() {
    for blank in [" ".repeat(9_000).into_bytes(), [32, 0].repeat(9_000)] {
        let body = [&blank[..], b"{\"model\":\"m\",}"].concat();
        assert!(facts(Dialect::OpenaiChat, Operation::Other, &body).is_err());
    }
}
