//! What a client says that no other format has.

use switchyard_actors::domain::dialect::Dialect;

use super::*;
use crate::wire::convert::codec::{self, Asked};
use crate::wire::convert::gemini_cli::Account;

fn lost(body: &str) -> Vec<(Token, String)> {
    let mut losses = Losses::default();
    decode_request(body.as_bytes(), "m", false, &mut losses).unwrap();
    losses.iter().map(|loss| (loss.token, loss.path.clone())).collect()
}

#[test]
fn what_no_other_format_has_is_said() {
    let wanted = [
        (Token::DropCandidates, "/generationConfig/candidateCount"),
        (Token::DropEnumMode, "/generationConfig/responseMimeType"),
        (Token::DropField, "/generationConfig/unknown"),
        (Token::DropImageDetail, "/generationConfig/mediaResolution"),
        (Token::DropLabels, "/labels"),
        (Token::DropLogprobs, "/generationConfig/responseLogprobs"),
        (Token::DropModalities, "/generationConfig/responseModalities"),
        (Token::DropSafetySettings, "/safetySettings"),
        (Token::DropSpeech, "/generationConfig/speechConfig"),
    ];
    let lost = lost(
        r#"{"contents":[{"parts":[{"text":"a"}]}],"labels":{"a":"b"},"safetySettings":[{}],
        "generationConfig":{"candidateCount":2,"responseMimeType":"text/x.enum",
        "mediaResolution":"MEDIA_RESOLUTION_LOW","responseLogprobs":true,
        "responseModalities":["TEXT","IMAGE"],"speechConfig":{},"unknown":1},"unknown":[]}"#,
    );
    assert_eq!(lost, wanted.map(|(token, path)| (token, path.to_owned())));
}

#[test]
fn what_is_written_with_underscores_is_told_so() {
    let lost = lost(
        r#"{"contents":[{"parts":[{"text":"a","media_resolution":{"level":"LOW"}},
        {"function_response":{"name":"f","response":{},"parts":[{"text":"b"}],"will_continue":true}}]}],
        "safety_settings":[{}],"system_instruction":{"parts":[{"text":"s","new":1}]},
        "tool_config":{"function_calling_config":{"mode":"VALIDATED","new":1},"newToo":1},
        "generation_config":{"candidate_count":2,"thinking_config":{"new":1},"responseLogprobs":true}}"#,
    );
    let paths: Vec<&str> = lost.iter().map(|(_, path)| path.as_str()).collect();
    let wanted = [
        "/generation_config/candidate_count",
        "/contents/0/parts/1/function_response/parts/0",
        "/contents/0/parts/1/function_response/will_continue",
        "/generation_config/thinking_config/new",
        "/system_instruction/parts/0/new",
        "/tool_config/function_calling_config/new",
        "/tool_config/newToo",
        "/contents/0/parts/0/media_resolution",
        "/generation_config/responseLogprobs",
        "/safety_settings",
        "/tool_config/function_calling_config/mode",
    ];
    assert_eq!(paths, wanted);
}

#[test]
fn a_bound_in_the_schema_of_the_answer_is_told_at_the_schema() {
    let schema = r#"{"type":"object","additionalProperties":false,
        "properties":{"a":{"type":"integer","minimum":1}}}"#;
    for (config, name) in [
        ("generationConfig", "responseSchema"),
        ("generationConfig", "responseJsonSchema"),
        ("generation_config", "response_json_schema"),
        ("generation_config", "_responseJsonSchema"),
    ] {
        let body = format!(
            r#"{{"contents":[{{"parts":[{{"text":"a"}}]}}],"{config}":{{
            "responseMimeType":"application/json","{name}":{schema},"maxOutputTokens":9}}}}"#
        );
        let (mut losses, mut names) = (Losses::default(), Names::default());
        let asked = Asked { body: body.as_bytes(), model: "m", stream: false };
        let request = codec::decode_request(Dialect::Gemini, asked, &mut losses).unwrap();
        let to = (&target("claude-sonnet-4-5"), Account::default());
        codec::encode_request(Dialect::Anthropic, &request, to, &mut names, &mut losses).unwrap();
        let said: Vec<_> = losses.iter().map(|loss| (loss.token, loss.path.clone())).collect();
        assert_eq!(said, [(Token::ApproxSchema, format!("/{config}/{name}"))]);
    }
}

#[test]
fn a_setting_that_another_format_has_not_is_told_as_it_is_written() {
    let body = br#"{"contents":[{"parts":[{"text":"a"}]}],"generation_config":{"topK":3,"seed":1,
        "presence_penalty":0.5,"thinking_config":{"thinking_level":"low"}},"cached_content":"c"}"#;
    let (mut losses, mut names) = (Losses::default(), Names::default());
    let asked = Asked { body, model: "m", stream: false };
    let mut request = codec::decode_request(Dialect::Gemini, asked, &mut losses).unwrap();
    // What Google keeps is nothing for others.
    request.turns[0].parts.remove(0);
    let to = (&target("gpt-4o"), Account::default());
    codec::encode_request(Dialect::OpenaiChat, &request, to, &mut names, &mut losses).unwrap();
    let paths: Vec<&str> = losses.iter().map(|loss| loss.path.as_str()).collect();
    let wanted = ["/generation_config/thinking_config", "/generation_config/topK"];
    assert_eq!(paths, wanted);
}
