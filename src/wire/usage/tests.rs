//! When the tap speaks up, chunk by chunk; what it adds up is in the golden fixtures.

use proptest::prelude::*;
use switchyard_actors::domain::dialect::Dialect;

use super::*;

const CHAT: &str = concat!(
    "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"content\":\"Grüße\"}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}\n\n",
    "data: [DONE]\n\n",
);

fn end_of(text: &str, mark: &str) -> usize {
    text.find(mark).unwrap()
}

#[test]
fn bytes_before_the_terminal_frame_may_go_out_at_once() {
    let mut tap = UsageTap::new(Dialect::OpenaiChat, Form::Sse);
    let progress = tap.push(CHAT.as_bytes());
    assert!(progress.first_content && progress.ended);
    assert_eq!(progress.terminal_at, Some(end_of(CHAT, "data: [DONE]")));
    assert_eq!(progress.error, None);
}

#[test]
fn a_terminal_frame_in_two_chunks_is_told_in_both() {
    let (head, tail) = CHAT.split_at(CHAT.len() - 1);
    let mut tap = UsageTap::new(Dialect::OpenaiChat, Form::Sse);
    let first = tap.push(head.as_bytes());
    assert_eq!((first.terminal_at, first.ended), (Some(end_of(CHAT, "data: [DONE]")), false));
    let second = tap.push(tail.as_bytes());
    assert_eq!((second.terminal_at, second.ended), (Some(0), true));
}

#[test]
fn an_event_s_name_alone_tells_that_it_is_the_last() {
    let mut tap = UsageTap::new(Dialect::Responses, Form::Sse);
    let progress =
        tap.push(b": hi\n\nevent: response.completed\ndata: {\"response\":{\"output\":[");
    assert_eq!((progress.terminal_at, progress.ended), (Some(6), false));
    let progress = tap.push(b"]},\"type\":\"response.completed\"}\n\n");
    assert_eq!((progress.terminal_at, progress.ended), (Some(0), true));
}

#[test]
fn first_content_is_told_once() {
    let mut tap = UsageTap::new(Dialect::OpenaiChat, Form::Sse);
    let told: Vec<bool> = CHAT
        .split_inclusive("\n\n")
        .chain(["data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n"])
        .map(|frame| tap.push(frame.as_bytes()).first_content)
        .collect();
    assert_eq!(told, [false, true, false, false, false]);
}

#[test]
fn an_error_in_the_stream_is_told_with_where_it_begins() {
    let before = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n";
    let error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"busy\"}}\n\n";
    let mut tap = UsageTap::new(Dialect::Anthropic, Form::Sse);
    let progress = tap.push([before, error].concat().as_bytes());
    assert_eq!(progress.terminal_at, Some(before.len()));
    assert_eq!(progress.error.unwrap().code, "overloaded_error");
    let report = tap.finish();
    assert!(!report.terminal && !report.complete);
    assert_eq!(report.usage.unwrap().input, 9);
}

#[test]
fn an_open_tool_call_is_known_when_the_stream_breaks() {
    let open = |dialect, text: &str| {
        let mut tap = UsageTap::new(dialect, Form::Sse);
        tap.push(text.as_bytes());
        tap.finish().open_tool_call
    };
    let start = "data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"name\":\"f\"}}\n\n";
    let stop = "data: {\"type\":\"content_block_stop\",\"index\":1}\n\n";
    assert!(open(Dialect::Anthropic, start));
    assert!(!open(Dialect::Anthropic, &[start, stop].concat()));
    let call = "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0}]}}]}\n\n";
    let finish = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n";
    assert!(open(Dialect::OpenaiChat, call));
    assert!(!open(Dialect::OpenaiChat, &[call, finish].concat()));
    let added = "data: {\"type\":\"response.output_item.added\",\"item\":{\"type\":\"custom_tool_call\"}}\n\n";
    let done = "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\"custom_tool_call\"}}\n\n";
    assert!(open(Dialect::Responses, added));
    assert!(!open(Dialect::Responses, &[added, done].concat()));
}

#[test]
fn one_broken_frame_does_not_hide_the_next() {
    let mut tap = UsageTap::new(Dialect::OpenaiChat, Form::Sse);
    tap.push(b"data: {\"choices\":[}\n\n");
    tap.push(CHAT.as_bytes());
    let report = tap.finish();
    assert!(report.malformed && report.complete);
    assert_eq!(report.usage.unwrap().input, 9);
}

#[test]
fn data_lines_are_joined_by_a_line_feed_and_not_glued() {
    let mut tap = UsageTap::new(Dialect::OpenaiChat, Form::Sse);
    tap.push(b"data: {\"usage\":{\"prompt_tokens\":1\ndata: 2}}\n\n");
    let report = tap.finish();
    assert!(report.malformed);
    assert_eq!(report.usage, None);
}

#[test]
fn a_body_s_last_bracket_is_its_terminal() {
    let body = b"{\"choices\":[{\"message\":{\"content\":\"Hi\"}}]} \n";
    let mut tap = UsageTap::new(Dialect::OpenaiChat, Form::Json);
    let progress = tap.push(body);
    assert_eq!((progress.terminal_at, progress.ended), (Some(body.len() - 3), true));
}

#[test]
fn a_growing_list_ends_with_its_bracket_and_may_turn_out_to_be_one_error() {
    let mut tap = UsageTap::new(Dialect::Gemini, Form::GeminiArray);
    let element = b"[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hi\"}]},\"finishReason\":\"STOP\"}]}\n";
    let progress = tap.push(element);
    assert_eq!((progress.first_content, progress.terminal_at), (true, None));
    let progress = tap.push(b"]");
    assert_eq!((progress.terminal_at, progress.ended), (Some(0), true));
    assert!(tap.finish().terminal);
    let mut tap = UsageTap::new(Dialect::Gemini, Form::GeminiArray);
    let progress =
        tap.push(b"{\"error\":{\"code\":429,\"message\":\"m\",\"status\":\"RESOURCE_EXHAUSTED\"}}");
    assert_eq!(progress.error.unwrap().status, 429);
    let mut tap = UsageTap::new(Dialect::Gemini, Form::GeminiArray);
    let progress = tap.push(b"[{\"error\":{\"code\":503,\"status\":\"UNAVAILABLE\"}},{}");
    assert_eq!(progress.error.unwrap().status, 503);
}

#[test]
fn content_behind_a_finish_reason_is_told() {
    let chunk = |text: &str| {
        format!(
            "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"{text}\"}}]}},\"finishReason\":\"STOP\"}}],\"usageMetadata\":{{\"promptTokenCount\":3,\"candidatesTokenCount\":1}}}}\n\n"
        )
    };
    let mut tap = UsageTap::new(Dialect::Gemini, Form::Sse);
    tap.push(chunk("a").as_bytes());
    let report = tap.finish();
    assert!(report.terminal && report.complete && !report.went_on);
    tap.push(b"data: {\"usageMetadata\":{\"promptTokenCount\":4}}\n\n");
    assert!(!tap.finish().went_on, "usage is no content");
    tap.push(chunk("b").as_bytes());
    assert!(tap.finish().went_on);
}

#[test]
fn what_only_a_relay_s_last_frame_lacks_is_its_blank_line() {
    let mut tap = UsageTap::new(Dialect::OpenaiChat, Form::Sse);
    tap.push(CHAT.trim_end().as_bytes());
    let report = tap.finish();
    assert!(report.done_seen && report.terminal && report.complete);
}

#[test]
fn what_follows_a_whole_body_breaks_it_wherever_the_bytes_are_split() {
    let body = b"{\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}\n x";
    for cut in 0..body.len() {
        let mut tap = UsageTap::new(Dialect::Anthropic, Form::Json);
        let (head, tail) = body.split_at(cut);
        tap.push(head);
        tap.push(tail);
        let report = tap.finish();
        assert!(report.malformed && !report.terminal, "split at {cut}: {report:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_at_all_confuse_the_tap(
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            // Short documents with something behind them, which any bytes hardly ever are.
            proptest::collection::vec(proptest::sample::select(b"{}[]\":,0-1.etrunl \t\n\x0e\xef\xbb\xbfd".to_vec()), 0..12),
        ],
        cut in any::<prop::sample::Index>(),
    ) {
        for dialect in Dialect::ALL {
            for form in [Form::Sse, Form::Json, Form::GeminiArray] {
                let mut whole = UsageTap::new(dialect, form);
                whole.push(&bytes);
                let mut split = UsageTap::new(dialect, form);
                let (head, tail) = bytes.split_at(cut.index(bytes.len() + 1));
                split.push(head);
                split.push(tail);
                prop_assert_eq!(whole.finish(), split.finish());
            }
        }
    }
}

#[test]
fn a_chat_is_finished_when_each_of_its_choices_is() {
    let said = |choices: &str| format!("data: {{\"choices\":[{choices}]}}\n\n");
    let (text, end) = (
        |index| {
            said(&format!(r#"{{"index":{index},"delta":{{"content":"a"}},"finish_reason":null}}"#))
        },
        |index| said(&format!(r#"{{"index":{index},"delta":{{}},"finish_reason":"stop"}}"#)),
    );
    let filtered = said(r#"{"index":0,"finish_reason":null,"content_filter_offsets":{}}"#);
    let bare =
        said(r#"{"delta":{"content":"a"}}"#) + &said(r#"{"delta":{},"finish_reason":"stop"}"#);
    let both = said(r#"{"index":0,"finish_reason":"stop"},{"index":1,"delta":{"content":"b"}}"#);
    let begun = said(r#"{"index":1,"delta":{"role":"assistant"}}"#);
    for (what, stream, finished) in [
        ("nothing", String::new(), false),
        ("no end", text(0), false),
        ("an end", text(0) + &end(0), true),
        (
            "usage behind it",
            text(0) + &end(0) + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n",
            true,
        ),
        ("an empty delta behind it", text(0) + &end(0) + &filtered, true),
        ("content behind it", text(0) + &end(0) + &text(0), false),
        ("no numbers", bare, true),
        ("half an end", text(0) + end(0).trim_end(), false),
        ("one of two", text(0) + &text(1) + &end(0), false),
        ("one has only begun", begun + &text(0) + &end(0), false),
        ("two of two", text(1) + &text(0) + &end(0) + &end(1), true),
        ("two in one", both, false),
    ] {
        let mut tap = UsageTap::new(Dialect::OpenaiChat, Form::Sse);
        tap.push(stream.as_bytes());
        assert_eq!(tap.is_finished_chat(), finished, "{what}");
    }
}

/// A whole answer, and the end of a stream, of which `usage` is told with this count of output.
fn answers_with(output: &str) -> [(Dialect, Form, String); 8] {
    let chat = format!(r#""usage":{{"prompt_tokens":100,"completion_tokens":{output}}}"#);
    let responses = format!(
        r#"{{"status":"completed","output":[{{"type":"message","content":[{{"text":"Hi"}}]}}],"usage":{{"input_tokens":100,"output_tokens":{output}}}}}"#
    );
    let gemini = format!(
        r#"{{"candidates":[{{"content":{{"parts":[{{"text":"Hi"}}]}},"finishReason":"STOP"}}],"usageMetadata":{{"promptTokenCount":100,"candidatesTokenCount":{output}}}}}"#
    );
    let claude = format!(r#""usage":{{"input_tokens":100,"output_tokens":{output}}}"#);
    let text = r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Hi"}}"#;
    [
        (
            Dialect::OpenaiChat,
            Form::Json,
            format!(r#"{{"choices":[{{"message":{{"content":"Hi"}}}}],{chat}}}"#),
        ),
        (
            Dialect::OpenaiChat,
            Form::Sse,
            format!(
                "data: {{\"choices\":[{{\"delta\":{{\"content\":\"Hi\"}},\"finish_reason\":\"stop\"}}],{chat}}}\n\ndata: [DONE]\n\n"
            ),
        ),
        (Dialect::Responses, Form::Json, responses.clone()),
        (
            Dialect::Responses,
            Form::Sse,
            format!("data: {{\"type\":\"response.completed\",\"response\":{responses}}}\n\n"),
        ),
        (Dialect::Gemini, Form::Json, gemini.clone()),
        (Dialect::Gemini, Form::Sse, format!("data: {gemini}\n\n")),
        (
            Dialect::Anthropic,
            Form::Json,
            format!(r#"{{"type":"message","content":[{{"type":"text","text":"Hi"}}],{claude}}}"#),
        ),
        (
            Dialect::Anthropic,
            Form::Sse,
            format!(
                "data: {{\"type\":\"message_start\",\"message\":{{\"usage\":{{\"input_tokens\":100,\"output_tokens\":1}}}}}}\n\n{text}\n\ndata: {{\"type\":\"message_delta\",\"delta\":{{\"stop_reason\":\"end_turn\"}},{claude}}}\n\ndata: {{\"type\":\"message_stop\"}}\n\n"
            ),
        ),
    ]
}

/// Returns the output that was told, and whether that is all.
fn output_of((dialect, form, text): &(Dialect, Form, String)) -> (u64, bool) {
    let mut tap = UsageTap::new(*dialect, *form);
    tap.push(text.as_bytes());
    let report = tap.finish();
    assert!(report.terminal && !report.malformed, "{dialect} {text}");
    let usage = report.usage.unwrap();
    assert_eq!(usage.input, 100, "{dialect} {text}");
    (usage.output, report.complete)
}

#[test]
fn whole_numbers_are_read_however_they_are_written() {
    for written in ["1000", "1000.0", "\"1000\"", "1e3", "1E+3", "1.000e3", "\"1e3\"", "10000e-1"] {
        for answer in answers_with(written) {
            assert_eq!(output_of(&answer), (1_000, true), "{written}: {answer:?}");
        }
    }
}

#[test]
fn an_output_that_nobody_told_is_not_known_to_be_nothing() {
    for written in ["12.5", "-5", "\"many\"", "\"\"", "null", "1e99", "true"] {
        for answer in answers_with(written) {
            let (_, complete) = output_of(&answer);
            assert!(!complete, "{written}: {answer:?}");
        }
    }
    for mut answer in answers_with("0") {
        answer.2 = answer.2.replace(r#","completion_tokens":0"#, "");
        answer.2 = answer.2.replace(r#","output_tokens":0"#, "");
        answer.2 = answer.2.replace(r#","candidatesTokenCount":0"#, "");
        assert_eq!(output_of(&answer).0, u64::from(answer.2.contains("message_start")));
        assert!(!output_of(&answer).1, "{answer:?}");
    }
}

#[test]
fn what_has_no_output_by_nature_lacks_none() {
    let embeddings = r#"{"object":"list","data":[{"embedding":[0.5]}],"usage":{"prompt_tokens":100,"total_tokens":100}}"#;
    let blocked =
        r#"{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":100}}"#;
    let thought = r#"{"candidates":[{"content":{"parts":[{"text":"Hm","thought":true}]},"finishReason":"MAX_TOKENS"}],"usageMetadata":{"promptTokenCount":100,"thoughtsTokenCount":64}}"#;
    for (dialect, text, output) in [
        (Dialect::OpenaiChat, embeddings, 0),
        (Dialect::Gemini, blocked, 0),
        (Dialect::Gemini, thought, 64),
    ] {
        let answer = (dialect, Form::Json, text.to_owned());
        assert_eq!(output_of(&answer), (output, true), "{answer:?}");
    }
}
