//! Answers, written as streams for clients.

use serde_json::{Value, json};

use super::super::super::fold::unfold;
use super::super::super::hub::{
    Citation, Delta, Family, Finish, HubUsage, Image, PartKind, Place, Seal, Source, Thinking,
    TroubleKind,
};
use super::super::super::names::{Bounds, ToolName};
use super::super::Position;
use super::*;

fn begin(index: usize, kind: PartKind) -> Event {
    Event::PartStart { index, kind }
}

fn more(index: usize, text: &str) -> Event {
    Event::PartDelta { index, delta: Delta::Text(text.to_owned()) }
}

fn start() -> Event {
    Event::Start { id: Some("resp_1".into()), model: None, usage: None }
}

fn kinds(bytes: &str) -> Vec<String> {
    let kinds = frames(bytes).into_iter().map(|(event, _)| event);
    kinds.map(|event| event.trim_start_matches("response.").to_owned()).collect()
}

fn answered(parts: Vec<Part>) -> (String, Losses) {
    let answer = Answer { parts, ..Answer::default() };
    written(&unfold(&answer), reply())
}

#[test]
fn a_text_is_written_to_the_byte() {
    let usage = HubUsage { fresh: 9, output: 4, ..HubUsage::default() };
    let events = [
        start(),
        begin(0, PartKind::Text),
        more(0, "Hi"),
        Event::PartEnd { index: 0 },
        Event::Usage(usage),
        Event::Finish(Finish::End),
    ];
    let shell = |status: &str, output: &str, usage: &str| {
        format!(
            concat!(
                r#"{{"id":"resp_1","object":"response","created_at":7,"status":"{}","#,
                r#""background":false,"error":null,"incomplete_details":null,"instructions":null,"#,
                r#""max_output_tokens":null,"model":"m","output":[{}],"parallel_tool_calls":true,"#,
                r#""previous_response_id":null,"store":false,"temperature":null,"#,
                r#""tool_choice":"auto","tools":[],"top_p":null,"usage":{},"metadata":{{}}}}"#,
            ),
            status, output, usage
        )
    };
    let begun = shell("in_progress", "", "null");
    let item = |status: &str, content: &str| {
        format!(
            r#"{{"type":"message","id":"msg_1_0","status":"{status}","role":"assistant","content":[{content}]}}"#
        )
    };
    let content = |text: &str| {
        format!(r#"{{"type":"output_text","text":"{text}","annotations":[],"logprobs":[]}}"#)
    };
    let place = r#""item_id":"msg_1_0","output_index":0,"content_index":0"#;
    let whole = item("completed", &content("Hi"));
    let spent = concat!(
        r#"{"input_tokens":9,"input_tokens_details":{"cached_tokens":0},"output_tokens":4,"#,
        r#""output_tokens_details":{"reasoning_tokens":0},"total_tokens":13}"#
    );
    let ended = shell("completed", &whole, spent);
    let empty = item("in_progress", "");
    let wanted = [
        ("created", format!(r#""response":{begun}"#)),
        ("in_progress", format!(r#""response":{begun}"#)),
        ("output_item.added", format!(r#""output_index":0,"item":{empty}"#)),
        ("content_part.added", format!(r#"{place},"part":{}"#, content(""))),
        ("output_text.delta", format!(r#"{place},"delta":"Hi","logprobs":[]"#)),
        ("output_text.done", format!(r#"{place},"text":"Hi","logprobs":[]"#)),
        ("content_part.done", format!(r#"{place},"part":{}"#, content("Hi"))),
        ("output_item.done", format!(r#""output_index":0,"item":{whole}"#)),
        ("completed", format!(r#""response":{ended}"#)),
    ]
    .into_iter()
    .enumerate()
    .map(|(number, (kind, fields))| {
        format!(
            "event: response.{kind}\ndata: {{\"type\":\"response.{kind}\",\"sequence_number\":{number},{fields}}}\n\n"
        )
    })
    .collect::<Vec<_>>()
    .concat();
    assert_eq!(written(&events, reply()).0, wanted);
}

#[test]
fn thinking_is_a_summary_and_its_seal_comes_along() {
    let thought = |family, redacted| {
        let seal = Some(Seal { family, blob: "blob".into() });
        let text = if redacted { String::new() } else { "so".to_owned() };
        Part::Thinking(Thinking { at: Place::default(), text, redacted, seal })
    };
    let (bytes, _) = answered(vec![thought(Family::Anthropic, false)]);
    assert_eq!(
        kinds(&bytes)[2..8],
        [
            "output_item.added",
            "reasoning_summary_part.added",
            "reasoning_summary_text.delta",
            "reasoning_summary_text.done",
            "reasoning_summary_part.done",
            "output_item.done",
        ]
    );
    let summary = json!([{"type": "summary_text", "text": "so"}]);
    let wanted = json!({"type": "reasoning", "id": "rs_r1_0", "summary": summary,
        "encrypted_content": "sy1.a.t..blob"});
    assert_eq!(kept(&bytes), [wanted]);
    let (bytes, _) =
        answered(vec![thought(Family::Anthropic, true), thought(Family::OpenAi, false)]);
    let blobs: Vec<Value> =
        kept(&bytes).into_iter().map(|item| item["encrypted_content"].clone()).collect();
    assert_eq!(blobs, ["sy1.a.r..blob", "blob"]);
}

#[test]
fn thinking_that_is_not_wanted_is_hidden_but_not_lost() {
    let seal = Some(Seal { family: Family::Anthropic, blob: "blob".into() });
    let sealed =
        Part::Thinking(Thinking { at: Place::default(), text: "so".into(), redacted: false, seal });
    let open = Part::Thinking(Thinking { text: "so".into(), ..Thinking::default() });
    let answer = Answer { parts: vec![sealed, open, text("Hi")], ..Answer::default() };
    let hides = Reply { show_thinking: false, ..reply() };
    let (bytes, _) = written(&unfold(&answer), hides);
    let items = kept(&bytes);
    assert_eq!((&items[0]["summary"], items.len()), (&json!([]), 2));
    assert!(!bytes.contains("\"so\""));
    let back = decoded(&json!({"model": "m", "input": items})).0;
    assert_eq!(back.turns[0].parts[0], answer.parts[0]);
}

#[test]
fn seals_on_calls_and_texts_come_back_to_them() {
    let seal = || Some(Seal { family: Family::Google, blob: "sig".into() });
    let said = Part::Text(Text { seal: seal(), ..Text::plain("Hi") });
    let signed = Part::Call(Call { seal: seal(), ..call("c", "f", "{}") });
    let parts = vec![said, signed, Part::Call(call("d", "f", "{}"))];
    let (bytes, _) = answered(parts.clone());
    let items = kept(&bytes);
    let of_kinds: Vec<&Value> = items.iter().map(|item| &item["type"]).collect();
    let wanted = ["message", "reasoning", "function_call", "reasoning", "function_call"];
    assert_eq!(of_kinds, wanted);
    assert_eq!(decoded(&json!({"model": "m", "input": items})).0.turns[0].parts, parts);
}

#[test]
fn texts_that_follow_each_other_are_one_message() {
    let (bytes, _) =
        answered(vec![text("One"), text(""), text("Two"), Part::Refusal("No.".into())]);
    let items = kept(&bytes);
    assert_eq!(items.len(), 1);
    let contents = items[0]["content"].as_array().unwrap();
    assert_eq!(contents.len(), 3);
    assert_eq!(contents[2], json!({"type": "refusal", "refusal": "No."}));
    let last = frames(&bytes).pop().unwrap().1;
    assert_eq!(last["response"]["output"], json!(items));
}

#[test]
fn sources_of_other_vendors_are_annotations() {
    let cited = |family, raw: &Value, url: Option<&str>| Citation {
        family,
        title: Some("T".into()),
        url: url.map(str::to_owned),
        raw: json(raw),
    };
    let citations = vec![
        cited(Family::Anthropic, &json!({"cited_text": "x"}), Some("https://example.org")),
        cited(Family::Anthropic, &json!({"page": 1}), None),
        cited(Family::OpenAi, &json!({"type": "file_citation"}), None),
    ];
    let (bytes, _) = answered(vec![Part::Text(Text { citations, ..Text::plain("Höhe") })]);
    let annotations = json!([
        {"type": "url_citation", "start_index": 0, "end_index": 4, "title": "T",
         "url": "https://example.org"},
        {"type": "file_citation"},
    ]);
    assert_eq!(kept(&bytes)[0]["content"][0]["annotations"], annotations);
    let told = frames(&bytes);
    let told = told.iter().filter(|(event, _)| event.ends_with("annotation.added"));
    assert_eq!(told.map(|(_, data)| &data["annotation_index"]).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn long_names_and_ids_are_the_clients_again() {
    let mut reply = reply();
    let long = "a".repeat(90);
    let name = ToolName { namespace: None, name: long.clone(), kind: CallKind::Function };
    let short = reply.names.tool(name, Bounds::ANTHROPIC_NAME);
    let id = reply.names.call(&"i".repeat(300), Bounds::CALL_ID);
    let answer = Answer { parts: vec![Part::Call(call(&id, &short, "{}"))], ..Answer::default() };
    let item = kept(&written(&unfold(&answer), reply).0).remove(0);
    assert_eq!(item["name"], long);
    assert_eq!(item["call_id"], "i".repeat(300));
}

#[test]
fn a_function_without_arguments_has_those_of_none() {
    let (bytes, _) = answered(vec![Part::Call(call("c", "f", ""))]);
    assert_eq!(kept(&bytes)[0]["arguments"], "{}");
    let told = frames(&bytes).into_iter().find(|(event, _)| event.ends_with("arguments.delta"));
    assert_eq!(told.unwrap().1["delta"], "{}");
}

#[test]
fn pictures_and_searches_are_items() {
    let picture =
        |source| Part::Image(Image { at: Place::default(), source, detail: None, cache: None });
    let searched = Json::parse(
        "{\"type\":\"server_tool_use\",\n\"name\":\"web_search\",\"input\":{\"query\":\"q\"}}",
    );
    let server = |family, raw| {
        let kind = "x".to_owned();
        Part::Server(super::super::super::hub::ServerTool {
            at: Place::default(),
            family,
            kind,
            raw,
        })
    };
    let own = Json::parse("{\"type\":\"mcp_call\",\n\"id\":\"mcp_1\"}").unwrap();
    let (bytes, losses) = answered(vec![
        picture(Source::Base64 { mime: "image/webp".into(), data: "aGk=".into() }),
        picture(Source::Url { url: "https://example.org/a.png".into(), mime: None }),
        server(Family::Anthropic, searched.unwrap()),
        server(Family::Anthropic, json(&json!({"type": "web_search_tool_result"}))),
        server(Family::OpenAi, own),
    ]);
    let items = kept(&bytes);
    assert_eq!(items[0]["result"], "aGk=");
    assert_eq!(items[1]["content"][0]["text"], "![image](https://example.org/a.png)");
    assert_eq!(items[2]["action"], json!({"type": "search", "query": "q"}));
    assert_eq!(items[3], json!({"type": "mcp_call", "id": "mcp_1"}));
    assert_eq!(tokens(&losses), ["drop.hosted_tool"]);
}

#[test]
fn an_error_writes_and_closes_nothing() {
    let error =
        StreamError { kind: TroubleKind::Upstream, message: "gone".into(), retry_after_s: None };
    let kind = PartKind::Call {
        id: "c".into(),
        name: "f".into(),
        kind: CallKind::Function,
        namespace: None,
    };
    let events = [start(), begin(0, kind), Event::Error(error), Event::PartEnd { index: 0 }];
    let (bytes, _) = written(&events, reply());
    assert_eq!(kinds(&bytes), ["created", "in_progress", "output_item.added"]);
}

#[test]
fn it_is_kept_alive_only_while_it_lasts() {
    let (mut stream, mut losses, mut out) =
        (StreamOut::new(reply()), Losses::default(), Vec::new());
    stream.keep_alive(&mut out);
    assert!(out.is_empty());
    let before =
        Position { id: "resp_r1".into(), model: "m".into(), sequence_number: None, created_at: 7 };
    assert_eq!(stream.position(), before);
    stream.event(&start(), &mut losses, &mut out);
    stream.keep_alive(&mut out);
    let wanted = Position { id: "resp_1".into(), sequence_number: Some(2), ..before };
    assert_eq!(stream.position(), wanted);
    stream.event(&Event::Finish(Finish::End), &mut losses, &mut out);
    stream.keep_alive(&mut out);
    stream.event(&Event::Finish(Finish::End), &mut losses, &mut out);
    let bytes = String::from_utf8(out).unwrap();
    assert_eq!(kinds(&bytes), ["created", "in_progress", "in_progress", "completed"]);
}

#[test]
fn an_upstream_without_a_beginning_is_given_one() {
    let events = [begin(0, PartKind::Text), more(0, "Hi"), Event::Finish(Finish::End)];
    let nameless = Reply { model: String::new(), ..reply() };
    let (bytes, _) = written(&events, nameless.clone());
    assert_eq!(frames(&bytes)[0].1["response"]["id"], "resp_r1");
    assert_eq!(kept(&bytes).len(), 1, "what is open is closed");
    let named = Event::Start { id: None, model: Some("up".into()), usage: None };
    assert_eq!(frames(&written(&[named], nameless).0)[0].1["response"]["model"], "up");
}
