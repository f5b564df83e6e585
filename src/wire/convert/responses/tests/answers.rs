//! Whole answers, and the tables of ends, tokens and errors.

use serde_json::{Value, json};

use super::super::super::hub::{Finish, HubUsage};
use super::super::{decode_answer, encode_answer};
use super::*;

fn read(answer: &Value) -> Answer {
    decode_answer(answer.to_string().as_bytes()).unwrap()
}

fn ended(finish: Finish, parts: Vec<Part>) -> (Value, Vec<&'static str>) {
    let answer = Answer { parts, finish, ..Answer::default() };
    let mut losses = Losses::default();
    let body = encode_answer(&answer, &reply(), &mut losses);
    (serde_json::from_slice(&body).unwrap(), tokens(&losses))
}

#[test]
fn a_whole_answer_is_read() {
    let answer = read(&json!({"id": "resp_1", "object": "response", "status": "completed",
        "model": "gpt-5", "error": null, "incomplete_details": null, "output": [
            {"type": "message", "role": "assistant", "content": [
                {"type": "output_text", "text": "Hi", "annotations": []}]}],
        "usage": {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}}));
    assert_eq!((answer.id.as_deref(), answer.model.as_deref()), (Some("resp_1"), Some("gpt-5")));
    assert_eq!(answer.parts, [text("Hi")]);
    assert_eq!(answer.finish, Finish::End);
    assert_eq!(answer.usage, Some(HubUsage { fresh: 3, output: 2, ..HubUsage::default() }));
}

#[test]
fn what_is_no_answer_is_told() {
    let failed = json!({"status": "failed", "error": {"code": "server_error", "message": "Oh."}});
    for (answer, words) in [
        (failed, "Oh."),
        (json!({"status": "queued"}), "not finished"),
        (json!({"status": "cancelled", "output": []}), "cancelled"),
        (json!({"message": "hello"}), "neither"),
        (json!([1]), "cannot be read"),
    ] {
        let broken = decode_answer(answer.to_string().as_bytes()).unwrap_err();
        assert!(broken.0.contains(words), "{answer} said {broken}");
    }
    assert!(decode_answer(b"<html>").unwrap_err().0.contains("not JSON"));
}

#[test]
fn finish_matrix_read() {
    let call = json!({"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"});
    let refusal = json!({"type": "message", "content": [{"type": "refusal", "refusal": "No."}]});
    let of = |status: &str, reason: Option<&str>, output: &[Value]| {
        let details = reason.map(|reason| json!({ "reason": reason }));
        read(&json!({"status": status, "incomplete_details": details, "output": output})).finish
    };
    assert_eq!(of("completed", None, &[]), Finish::End);
    assert_eq!(of("completed", None, &[refusal.clone(), call.clone()]), Finish::ToolCalls);
    assert_eq!(of("completed", None, &[refusal]), Finish::Refusal);
    let mut cut = call.clone();
    cut["status"] = json!("incomplete");
    assert_eq!(of("completed", None, &[cut]), Finish::End, "no call is whole");
    assert_eq!(of("incomplete", Some("max_output_tokens"), &[call]), Finish::MaxOutput);
    assert_eq!(of("incomplete", Some("content_filter"), &[]), Finish::Filtered(None));
    assert_eq!(of("incomplete", Some("new"), &[]), Finish::Cut("new".into()));
    assert_eq!(of("incomplete", None, &[]), Finish::Cut("incomplete".into()));
}

#[test]
fn finish_matrix_written() {
    let completed = |finish, parts| {
        let (body, losses) = ended(finish, parts);
        assert_eq!((&body["status"], &body["error"]), (&json!("completed"), &Value::Null));
        losses
    };
    let incomplete = |finish| {
        let (body, losses) = ended(finish, Vec::new());
        assert_eq!(body["status"], "incomplete");
        (body["incomplete_details"]["reason"].as_str().unwrap().to_owned(), losses)
    };
    assert!(completed(Finish::End, Vec::new()).is_empty());
    assert!(completed(Finish::Stop(None), Vec::new()).is_empty());
    assert_eq!(completed(Finish::Stop(Some("x".into())), Vec::new()), ["drop.stop_text"]);
    assert!(completed(Finish::ToolCalls, Vec::new()).is_empty());
    assert!(completed(Finish::Refusal, vec![Part::Refusal("No.".into())]).is_empty());
    assert_eq!(completed(Finish::Other("x".into()), Vec::new()), ["approx.finish"]);
    let cut = || "max_output_tokens".to_owned();
    assert_eq!(incomplete(Finish::MaxOutput), (cut(), vec![]));
    assert_eq!(incomplete(Finish::ContextFull), (cut(), vec!["approx.finish"]));
    let filtered = || "content_filter".to_owned();
    assert_eq!(incomplete(Finish::Refusal), (filtered(), vec![]));
    assert_eq!(incomplete(Finish::Filtered(Some("SPII".into()))), (filtered(), vec![]));
    assert_eq!(incomplete(Finish::Pause), ("pause".to_owned(), vec!["approx.finish"]));
    let (failed, _) = ended(Finish::BadToolCall, Vec::new());
    assert_eq!(
        (&failed["status"], &failed["error"]["code"]),
        (&json!("failed"), &json!("server_error"))
    );
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
    let answer = Answer { usage: Some(usage), ..Answer::default() };
    let mut losses = Losses::default();
    let body: Value =
        serde_json::from_slice(&encode_answer(&answer, &reply(), &mut losses)).unwrap();
    assert_eq!(
        body["usage"],
        json!({"input_tokens": 63, "input_tokens_details":
            {"cached_tokens": 2, "cache_write_tokens": 28},
            "output_tokens": 64, "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 127})
    );
    assert_eq!(tokens(&losses), ["approx.cache_write_in_prompt"]);
    let read = read(&json!({"status": "completed", "output": [], "usage": {
        "input_tokens": 10, "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 3},
        "output_tokens": 7, "output_tokens_details": {"reasoning_tokens": 5}}}));
    let wanted = HubUsage {
        fresh: 3,
        cache_read: 4,
        cache_write_other: 3,
        output: 7,
        reasoning: Some(5),
        ..HubUsage::default()
    };
    assert_eq!(read.usage, Some(wanted));
}

#[test]
fn a_whole_answer_is_written() {
    let parts = vec![text("Hi"), Part::Call(call("c", "f", "{\"a\":1}"))];
    let answer = Answer {
        id: Some("msg_a1".into()),
        model: Some("upstream".into()),
        parts,
        usage: None,
        lacks_call: false,
        finish: Finish::ToolCalls,
    };
    let body = encode_answer(&answer, &reply(), &mut Losses::default());
    let wanted = concat!(
        r#"{"id":"resp_msg_a1","object":"response","created_at":7,"status":"completed","#,
        r#""background":false,"error":null,"incomplete_details":null,"instructions":null,"#,
        r#""max_output_tokens":null,"model":"m","output":[{"type":"message","#,
        r#""id":"msg_msg_a1_0","status":"completed","role":"assistant","content":"#,
        r#"[{"type":"output_text","text":"Hi","annotations":[],"logprobs":[]}]},"#,
        r#"{"type":"function_call","id":"fc_msg_a1_1","status":"completed","call_id":"c","#,
        r#""name":"f","arguments":"{\"a\":1}"}],"parallel_tool_calls":true,"#,
        r#""previous_response_id":null,"store":false,"temperature":null,"tool_choice":"auto","#,
        r#""tools":[],"top_p":null,"usage":{"input_tokens":0,"input_tokens_details":"#,
        r#"{"cached_tokens":0},"output_tokens":0,"output_tokens_details":{"reasoning_tokens":0},"#,
        r#""total_tokens":0},"metadata":{}}"#,
    );
    assert_eq!(String::from_utf8(body).unwrap(), wanted);
}
