//! Clients' requests, read.

use serde_json::{Value, json};

use super::super::super::hub::{
    Citation, Document, Effort, Family, Format, Image, Opaque, Part, Place, Reasoning, Role, Seal,
    Show, Source, SystemText, Text, Thinking, Turn,
};
use super::super::super::loss::Token;
use super::*;

fn request(input: &Value) -> Value {
    json!({"model": "m", "input": input})
}

fn turns(input: &Value) -> Vec<Turn> {
    decoded(&request(input)).0.turns
}

#[test]
fn a_text_is_what_the_user_says() {
    let (request, losses) = decoded(&json!({
        "model": "gpt-5", "instructions": "Be brief.", "input": "Hi", "stream": true,
        "max_output_tokens": 100, "temperature": 0.5, "top_p": 0.9,
        "prompt_cache_key": "k", "safety_identifier": "u", "service_tier": "priority",
        "parallel_tool_calls": false, "reasoning": {"effort": "high", "summary": "auto"},
        "something_new": {"a": 1},
    }));
    assert_eq!(losses.counts(), [(Token::DropField, 1)], "what nobody knows is said");
    assert_eq!(request.model, "gpt-5");
    assert_eq!(
        request.system,
        [SystemText { at: Place::default(), text: "Be brief.".into(), cache: None }]
    );
    assert_eq!(request.turns[0].parts, [text("Hi")]);
    assert_eq!(request.turns[0].role, Role::User);
    assert!(request.stream && !request.want_usage);
    assert_eq!(request.max_output, Some(100));
    assert_eq!(request.sampling.temperature, Some(0.5));
    assert_eq!(request.sampling.top_p, Some(0.9));
    assert_eq!(request.cache.key.as_deref(), Some("k"));
    assert_eq!(request.identity.end_user.as_deref(), Some("u"));
    assert_eq!(request.identity.tier.as_deref(), Some("priority"));
    assert_eq!(request.parallel, Some(false));
    let wanted = Reasoning { effort: Some(Effort::High), budget: None, show: Show::Summary };
    assert_eq!(request.reasoning, Some(wanted));
}

#[test]
fn leading_developer_messages_are_instructions_and_later_ones_turns() {
    let body = json!({"model": "m", "instructions": "One.", "input": [
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "Two."}]},
        {"role": "system", "content": "Three."},
        {"role": "user", "content": "Hi"},
        {"role": "developer", "content": "Four."},
        {"role": "user", "content": "So?"},
    ]});
    let (request, _) = decoded(&body);
    let system: Vec<&str> = request.system.iter().map(|system| system.text.as_str()).collect();
    assert_eq!(system, ["One.", "Two.", "Three."]);
    let roles: Vec<Role> = request.turns.iter().map(|turn| turn.role).collect();
    assert_eq!(roles, [Role::User, Role::System, Role::User]);
    assert_eq!(request.turns[1].at, "/input/3");
}

#[test]
fn contents_of_all_kinds_are_read() {
    let turns = turns(&json!([
        {"role": "user", "content": [
            {"type": "input_text", "text": "See"},
            {"type": "input_image", "image_url": "data:image/png;base64,aGk=", "detail": "low"},
            {"type": "input_image", "image_url": "https://example.org/a.png"},
            {"type": "input_image", "file_id": "file_1"},
            {"type": "input_file", "filename": "a.pdf",
             "file_data": "data:application/pdf;base64,aGk="},
            {"type": "input_file", "file_url": "https://example.org/a.pdf"},
            {"type": "something_new", "text": 1},
        ]},
        {"role": "assistant", "content": [
            {"type": "output_text", "text": "Seen", "annotations": [
                {"type": "url_citation", "url": "https://example.org", "title": "T",
                 "start_index": 0, "end_index": 4}]},
            {"type": "refusal", "refusal": "No."},
        ]},
    ]));
    let picture = |source, detail: Option<&str>| {
        Part::Image(Image {
            at: Place::default(),
            source,
            detail: detail.map(str::to_owned),
            cache: None,
        })
    };
    let file = |source, filename: Option<&str>| {
        let filename = filename.map(str::to_owned);
        Part::Document(Document {
            at: Place::default(),
            source,
            title: None,
            filename,
            cache: None,
        })
    };
    let base64 = |mime: &str| Source::Base64 { mime: mime.to_owned(), data: "aGk=".to_owned() };
    let url = |url: &str| Source::Url { url: url.to_owned(), mime: None };
    assert_eq!(
        turns[0].parts,
        [
            text("See"),
            picture(base64("image/png"), Some("low")),
            picture(url("https://example.org/a.png"), None),
            picture(Source::File { family: Family::OpenAi, id: "file_1".into() }, None),
            file(base64("application/pdf"), Some("a.pdf")),
            file(url("https://example.org/a.pdf"), None),
        ]
    );
    let Part::Text(Text { text, citations, .. }) = &turns[1].parts[0] else { panic!("no text") };
    assert_eq!(text, "Seen");
    let Citation { family, title, url, .. } = &citations[0];
    assert_eq!(*family, Family::OpenAi);
    assert_eq!((title.as_deref(), url.as_deref()), (Some("T"), Some("https://example.org")));
    assert_eq!(turns[1].parts[1], Part::Refusal("No.".into()));
}

#[test]
fn thinking_comes_with_its_seal_and_the_family_it_is_of() {
    let thought = |blob: &str| {
        json!({"type": "reasoning", "id": "rs_1", "encrypted_content": blob, "summary": [
            {"type": "summary_text", "text": "First."}, {"type": "summary_text", "text": "Then."}]})
    };
    for (blob, family, bare) in [
        ("gAAAAx", Family::OpenAi, "gAAAAx"),
        ("sy1.a.t..c2ln", Family::Anthropic, "c2ln"),
        ("c2ln", Family::Other, "c2ln"),
    ] {
        let turns = turns(&json!([thought(blob), {"role": "assistant", "content": "Hi"}]));
        let seal = Some(Seal { family, blob: bare.to_owned() });
        let wanted = Thinking {
            at: Place::default(),
            text: "First.\n\nThen.".into(),
            redacted: false,
            seal,
        };
        assert_eq!(turns[0].parts, [Part::Thinking(wanted), text("Hi")], "{blob}");
        assert_eq!(turns[0].role, Role::Assistant);
    }
}

#[test]
fn seals_that_were_on_a_call_or_hidden_go_back_to_their_places() {
    let sealed =
        |blob: &str| json!({"type": "reasoning", "summary": [], "encrypted_content": blob});
    let turns = turns(&json!([
        sealed("sy1.a.h.c28=.sig1"),
        sealed("sy1.a.r..data"),
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
        sealed("sy1.g.c..sig2"),
        {"type": "function_call", "call_id": "c2", "name": "f", "arguments": "{}"},
    ]));
    let seal = |family, blob: &str| Some(Seal { family, blob: blob.to_owned() });
    let signed = Call { seal: seal(Family::Google, "sig2"), ..call("c1", "f", "{}") };
    let hidden = Thinking {
        at: Place::default(),
        text: "so".into(),
        redacted: false,
        seal: seal(Family::Anthropic, "sig1"),
    };
    let redacted = Thinking {
        at: Place::default(),
        text: String::new(),
        redacted: true,
        seal: seal(Family::Anthropic, "data"),
    };
    assert_eq!(
        turns[0].parts,
        [
            Part::Thinking(hidden),
            Part::Thinking(redacted),
            Part::Call(signed),
            Part::Call(call("c2", "f", "{}")),
        ]
    );
}

#[test]
fn results_of_all_forms_are_read() {
    let of = |output: &Value| {
        let turns = turns(&json!([
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c", "output": output},
        ]));
        let Part::Result(result) = turns[1].parts[0].clone() else { panic!("no result") };
        result
    };
    assert_eq!(of(&json!("done")), result("c", "done"));
    assert_eq!(of(&json!({"content": "done", "success": true})), result("c", "done"));
    let failed = of(&json!({"content": "no", "success": false}));
    assert!(failed.error && failed.content == [text("no")]);
    assert_eq!(of(&json!({"other": 1})), result("c", "{\"other\":1}"));
    let pieces = of(&json!([
        {"type": "input_text", "text": "a"},
        {"type": "input_image", "image_url": "https://example.org/a.png"},
    ]));
    assert_eq!(pieces.content.len(), 2);
    assert!(matches!(pieces.content[1], Part::Image(_)));
}

#[test]
fn a_result_stands_behind_its_call_whatever_came_between() {
    let turns = turns(&json!([
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
        {"type": "function_call", "call_id": "b", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "b", "output": "B"},
        {"role": "developer", "content": "Mind."},
        {"type": "function_call_output", "call_id": "a", "output": "A"},
    ]));
    assert_eq!(turns.len(), 3);
    assert_eq!(turns[1].parts, [Part::Result(result("b", "B")), Part::Result(result("a", "A"))]);
    assert_eq!(turns[2].role, Role::System);
}

#[test]
fn previous_response_and_compaction() {
    let with = |key: &str, value: Value| {
        let mut body = request(&json!("Hi"));
        body[key] = value;
        body
    };
    let refusal = refused(&with("previous_response_id", json!("resp_1")));
    assert_eq!(refusal.code, "previous_response_not_found");
    assert!(refusal.message.contains("resp_1"), "{refusal}");
    assert!(refused(&with("conversation", json!("conv_1"))).message.contains("conversation"));
    assert!(refused(&with("prompt", json!({"id": "pmpt_1"}))).message.contains("prompt"));
    for nothing in ["previous_response_id", "conversation", "prompt"] {
        assert_eq!(decoded(&with(nothing, json!(null))).0.turns.len(), 1);
    }
    let compacted = json!({"type": "compaction", "encrypted_content": "gAAAAx"});
    let kind = "compaction".to_owned();
    let opaque =
        Opaque { at: Place::default(), family: Family::OpenAi, kind, raw: json(&compacted) };
    let input = json!([compacted, {"role": "user", "content": "Hi"}]);
    assert_eq!(turns(&input)[0].parts, [Part::Opaque(opaque)]);
    let reference = turns(&json!([{"id": "msg_1"}, {"type": "item_reference", "id": "msg_2"}]));
    assert!(reference[0].parts.iter().all(|part| matches!(part, Part::Opaque(_))));
    assert_eq!(reference[0].parts.len(), 2);
}

#[test]
fn what_the_model_in_the_middle_does_not_have_is_said() {
    let (_, losses) = decoded(&json!({
        "model": "m", "input": "Hi", "truncation": "auto", "background": true, "top_logprobs": 3,
        "metadata": {"a": "b"}, "client_metadata": {"a": "b"},
        "context_management": [{"type": "compaction"}],
    }));
    assert_eq!(
        tokens(&losses),
        [
            "drop.background",
            "drop.client_metadata",
            "drop.context_management",
            "drop.logprobs",
            "drop.metadata",
            "drop.truncation",
        ]
    );
    let (_, none) = decoded(&json!({
        "model": "m", "input": "Hi", "truncation": "disabled", "background": false,
        "metadata": {}, "client_metadata": null, "store": false, "user": null,
        "include": ["reasoning.encrypted_content"],
    }));
    assert!(none.is_empty(), "{none:?}");
}

#[test]
fn forms_of_the_answer_are_read() {
    let of = |format: &Value| {
        decoded(&json!({"model": "m", "input": "Hi", "text": {"format": format}})).0.format
    };
    assert_eq!(of(&json!({"type": "text"})), Format::Text);
    assert_eq!(of(&json!({"type": "json_object"})), Format::Json);
    let schema = json!({"type": "object"});
    let wanted =
        Format::Schema { name: Some("n".into()), schema: json(&schema), strict: Some(true) };
    let said = json!({"type": "json_schema", "name": "n", "schema": schema, "strict": true});
    assert_eq!(of(&said), wanted);
}

#[test]
fn reasoning_is_shown_only_when_it_is_asked_for() {
    let of = |reasoning: &Value| {
        decoded(&json!({"model": "m", "input": "Hi", "reasoning": reasoning})).0.reasoning
    };
    assert_eq!(of(&json!(null)), None);
    assert_eq!(of(&json!({"effort": "low"})).unwrap().show, Show::Nothing);
    assert_eq!(of(&json!({"summary": "detailed"})).unwrap().show, Show::Summary);
    assert_eq!(of(&json!({"effort": "newest"})).unwrap().effort, None);
}

#[test]
fn what_is_not_of_the_format_is_refused_with_its_place() {
    for (body, words) in [
        (json!([]), "no Responses request"),
        (json!({"model": "m"}), "`input` is missing"),
        (json!({"input": 1}), "`input` must be"),
        (json!({"input": ["a"]}), "`input[0]`"),
        (json!({"input": "a", "tools": [{"type": "function"}]}), "/tools/0 has no name"),
        (json!({"input": "a", "tool_choice": "perhaps"}), "`tool_choice`"),
        (json!({"input": "a", "text": {"format": {"type": "json_schema"}}}), "`schema`"),
        (json!({"input": "a", "max_output_tokens": "many"}), "no Responses request"),
    ] {
        let refusal = refused(&body);
        assert!(refusal.message.contains(words), "{body} said {refusal}");
    }
    let broken = decode_request(b"{\"input\":", &mut Losses::default()).unwrap_err();
    assert!(broken.message.contains("EOF"), "{broken}");
    let audio = json!([{"role": "user", "content": [{"type": "input_audio"}]}]);
    has(&decoded(&request(&audio)).1, &[Token::DropAudio]);
}
