//! Whole answers, their ends and their tokens.

use super::super::super::hub::{Answer, Citation, Finish, HubUsage, Thinking};
use super::super::super::reply::Reply;
use super::super::{decode_answer, encode_answer};
use super::*;

fn reply() -> Reply {
    Reply { id: "r1".to_owned(), show_thinking: true, ..Reply::default() }
}

fn written(answer: &Answer) -> (String, Vec<Token>) {
    let mut losses = Losses::default();
    let body = encode_answer(answer, &reply(), &mut losses);
    let tokens = losses.iter().map(|loss| loss.token).collect();
    (String::from_utf8(body).unwrap(), tokens)
}

#[test]
fn a_whole_answer_there_and_back() {
    let body = r#"{"candidates":[{"content":{"role":"model","parts":[{"thought":true,"text":"hm"},{"text":"Hi","thoughtSignature":"c2ln"},{"functionCall":{"id":"c1","name":"f","args":{"a": 1.50}},"thoughtSignature":"c2lnMg=="}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":4,"thoughtsTokenCount":2,"totalTokenCount":15},"modelVersion":"m","responseId":"g1"}"#;
    let answer = decode_answer(body.as_bytes()).unwrap();
    let mut signed = call("c1", "f", "{\"a\": 1.50}");
    signed.seal = Some(google("c2lnMg=="));
    let wanted = Answer {
        id: Some("g1".to_owned()),
        model: Some("m".to_owned()),
        parts: vec![
            Part::Thinking(Thinking { text: "hm".to_owned(), ..Thinking::default() }),
            Part::Text(Text { seal: Some(google("c2ln")), ..Text::plain("Hi") }),
            Part::Call(signed),
        ],
        usage: Some(HubUsage { fresh: 9, output: 6, reasoning: Some(2), ..HubUsage::default() }),
        lacks_call: false,
        finish: Finish::ToolCalls,
    };
    assert_eq!(answer, wanted);
    assert_eq!(written(&answer), (body.to_owned(), vec![]));
}

#[test]
fn sources_of_others_are_told_as_of_the_web() {
    let citation = Citation {
        family: Family::Anthropic,
        title: Some("A".to_owned()),
        url: Some("https://a.org".to_owned()),
        raw: json("{}"),
    };
    let words = Text { citations: vec![citation], ..Text::plain("a") };
    let answer = Answer { parts: vec![Part::Text(words)], ..Answer::default() };
    let (body, _) = written(&answer);
    assert!(
        body.contains(r#""groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a.org","title":"A"}}]}"#),
        "{body}"
    );
}

#[test]
fn finish_matrix() {
    let filter = |name: &str| Finish::Filtered(Some(name.to_owned()));
    let other = |name: &str| Finish::Other(name.to_owned());
    for (raw, wanted) in [
        ("STOP", Finish::End),
        ("MAX_TOKENS", Finish::MaxOutput),
        ("SAFETY", filter("SAFETY")),
        ("RECITATION", filter("RECITATION")),
        ("LANGUAGE", filter("LANGUAGE")),
        ("BLOCKLIST", filter("BLOCKLIST")),
        ("PROHIBITED_CONTENT", filter("PROHIBITED_CONTENT")),
        ("SPII", filter("SPII")),
        ("IMAGE_SAFETY", filter("IMAGE_SAFETY")),
        ("MALFORMED_FUNCTION_CALL", Finish::BadToolCall),
        ("UNEXPECTED_TOOL_CALL", other("UNEXPECTED_TOOL_CALL")),
        ("TOO_MANY_TOOL_CALLS", other("TOO_MANY_TOOL_CALLS")),
        ("OTHER", other("OTHER")),
        ("SOMETHING_NEW", other("SOMETHING_NEW")),
    ] {
        let body = format!(r#"{{"candidates":[{{"finishReason":"{raw}"}}]}}"#);
        let answer = decode_answer(body.as_bytes()).unwrap();
        assert_eq!(answer.finish, wanted, "{raw}");
        if raw != "SOMETHING_NEW" {
            let (back, tokens) = written(&answer);
            assert!(back.contains(&format!(r#""finishReason":"{raw}""#)), "{back}");
            assert_eq!(tokens, []);
        }
    }
    let near = Some(Token::ApproxFinish);
    for (finish, raw, lost) in [
        (Finish::ToolCalls, "STOP", None),
        (Finish::Stop(None), "STOP", None),
        (Finish::Stop(Some("END".to_owned())), "STOP", Some(Token::DropStopText)),
        (Finish::ContextFull, "MAX_TOKENS", near),
        (Finish::Refusal, "SAFETY", near),
        (Finish::Filtered(None), "SAFETY", None),
        (filter("content_filter"), "SAFETY", None),
        (Finish::Pause, "STOP", near),
        (other("compaction"), "OTHER", near),
    ] {
        let (body, tokens) = written(&Answer { finish: finish.clone(), ..Answer::default() });
        assert!(body.contains(&format!(r#""finishReason":"{raw}""#)), "{finish:?}: {body}");
        assert_eq!(tokens, lost.into_iter().collect::<Vec<_>>(), "{finish:?}");
    }
}

#[test]
fn usage_cache_matrix() {
    let usage = HubUsage {
        fresh: 1,
        cache_read: 2,
        cache_write_5m: 4,
        cache_write_1h: 8,
        cache_write_other: 16,
        tool_input: 32,
        output: 64,
        reasoning: None,
    };
    let (body, tokens) = written(&Answer { usage: Some(usage), ..Answer::default() });
    assert!(body.contains(
        r#""usageMetadata":{"promptTokenCount":31,"cachedContentTokenCount":2,"candidatesTokenCount":64,"toolUsePromptTokenCount":32,"totalTokenCount":127}"#
    ), "{body}");
    assert_eq!(tokens, [Token::ApproxCacheWriteInPrompt]);
}

#[test]
fn a_count_that_is_none_costs_no_answer() {
    let body = r#"{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":-1,"candidatesTokenCount":"7"}}"#;
    let usage = HubUsage { output: 7, ..HubUsage::default() };
    assert_eq!(decode_answer(body.as_bytes()).unwrap().usage, Some(usage));
}

#[test]
fn what_is_no_answer_is_broken() {
    for body in [
        "",
        "<html>",
        "[]",
        "{}",
        r#"{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}"#,
        r#"{"error":{"code":500,"message":"m","status":"INTERNAL"}}"#,
        r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":""}}]},"finishReason":"STOP"}]}"#,
    ] {
        assert!(decode_answer(body.as_bytes()).is_err(), "{body}");
    }
}
