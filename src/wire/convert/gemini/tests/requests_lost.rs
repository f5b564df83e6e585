//! What a client says that no other format has.

use super::*;

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
