//! What holds of every request.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::wire::convert::pairing;
use switchyard_actors::domain::preferences::ReplayThinking;

/// A provider who takes all that this format has.
fn generous() -> Target {
    let mut target = Target::default();
    target.options.replay = ReplayThinking::Always;
    target.options.custom_tools = true;
    target.options.end_user = true;
    target
}

fn words() -> impl Strategy<Value = String> {
    "[a-zäß€😀\"\\\\{}\n: ]{1,20}"
}

fn user_block() -> impl Strategy<Value = Value> {
    prop_oneof![
        words().prop_map(|text| json!({"type": "text", "text": text})),
        "[A-Za-z0-9]{4}".prop_map(|data| json!({"type": "image_url",
            "image_url": {"url": format!("data:image/png;base64,{data}"), "detail": "high"}})),
        Just(json!({"type": "image_url", "image_url": {"url": "https://x.example/a.png"}})),
        "[A-Za-z0-9]{4}".prop_map(|data| json!({"type": "file", "file": {"filename": "a.pdf",
            "file_data": format!("data:application/pdf;base64,{data}")}})),
    ]
}

/// One call: its name, its arguments, whether it is of a tool of text, its signature.
type Said = (String, String, bool, Option<String>);

fn said_call() -> impl Strategy<Value = Said> {
    let args = prop::collection::btree_map("[a-z]{1,5}", words(), 0..3);
    let args = args.prop_map(|object| json!(object).to_string());
    ("[a-zA-Z0-9_-]{1,64}", args, any::<bool>(), prop::option::of("[A-Za-z0-9]{4,8}"))
}

/// A question, the answer to it, and the results of its calls, turned around when so wished.
fn round() -> impl Strategy<Value = (Vec<Value>, Value, Vec<Said>, bool)> {
    let answer = (prop::option::of(words()), prop::option::of(words()), words());
    let answer = answer.prop_map(|(thought, detail, said)| {
        let mut message = json!({"role": "assistant", "content": said});
        if let Some(thought) = thought {
            message["reasoning_content"] = json!(thought);
        }
        if let Some(detail) = detail {
            message["reasoning_details"] = json!([{"data": detail}]);
        }
        message
    });
    let blocks = prop::collection::vec(user_block(), 1..4);
    (blocks, answer, prop::collection::vec(said_call(), 0..4), any::<bool>())
}

fn conversation(rounds: Vec<(Vec<Value>, Value, Vec<Said>, bool)>) -> Vec<Value> {
    let mut messages = vec![json!({"role": "system", "content": "Be brief."})];
    for (place, (blocks, mut answer, calls, turned)) in rounds.into_iter().enumerate() {
        messages.push(json!({"role": "user", "content": blocks}));
        let mut results = Vec::new();
        let mut list = Vec::new();
        for (number, (name, args, custom, signature)) in calls.into_iter().enumerate() {
            let id = format!("call_{place}_{number}");
            results.push(json!({"role": "tool", "tool_call_id": id, "content": args}));
            let mut call = if custom {
                json!({"id": id, "type": "custom", "custom": {"name": name, "input": args}})
            } else {
                json!({"id": id, "type": "function", "function": {"name": name, "arguments": args}})
            };
            if let Some(signature) = signature {
                call["extra_content"] = json!({"google": {"thought_signature": signature}});
            }
            list.push(call);
        }
        if !list.is_empty() {
            answer["tool_calls"] = json!(list);
        }
        messages.push(answer);
        if turned {
            results.reverse();
        }
        messages.extend(results);
    }
    messages.push(json!({"role": "user", "content": "Go on."}));
    messages
}

/// Returns the request with each result in its place, and without the places of turns.
fn plain(mut request: Request) -> Request {
    request.turns = pairing::paired(&request.turns, &mut Losses::default());
    request.turns.iter_mut().for_each(|turn| turn.at = String::new());
    request
}

/// A message of a client who does as it likes.
fn any_message() -> impl Strategy<Value = Value> {
    let role = prop::sample::select(vec!["system", "user", "assistant", "tool", "function"]);
    let id = prop::sample::select(vec!["a", "b", "", "ä ö"]);
    let content = prop_oneof![
        Just(Value::Null),
        Just(json!("")),
        words().prop_map(Value::from),
        prop::collection::vec(user_block(), 0..3).prop_map(Value::from),
        Just(json!([{"type": "refusal", "refusal": "no"}, {"type": "input_audio"}, "bare"])),
        Just(json!({"no": "content"})),
    ];
    let calls = prop::collection::vec((id.clone(), words()), 0..3);
    (role, id, content, calls, any::<bool>()).prop_map(|(role, id, content, calls, old)| {
        let calls: Vec<Value> = calls
            .into_iter()
            .map(|(id, args)| json!({"id": id, "function": {"name": "f", "arguments": args}}))
            .collect();
        let mut message = json!({"role": role, "content": content, "tool_call_id": id});
        if role == "assistant" && !calls.is_empty() {
            message["tool_calls"] = Value::from(calls);
        }
        if role == "assistant" && old {
            message["function_call"] = json!({"name": "f", "arguments": "{}"});
        }
        message
    })
}

/// Checks what vendors demand of calls and results; returns the first trouble.
fn trouble(body: &Value) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    for message in body["messages"].as_array().unwrap() {
        if message["role"] == "tool" {
            let id = message["tool_call_id"].as_str().unwrap();
            let Some(place) = open.iter().position(|call| *call == id) else {
                return Some(format!("no call for the result {message}"));
            };
            open.remove(place);
            continue;
        }
        if !open.is_empty() {
            return Some(format!("no results for {open:?}"));
        }
        let calls = message["tool_calls"].as_array().into_iter().flatten();
        open = calls.map(|call| call["id"].as_str().unwrap()).collect();
    }
    (!open.is_empty()).then(|| format!("no results for {open:?}"))
}

/// A part as any client of any format may have it.
fn any_part() -> impl Strategy<Value = Part> {
    let family = prop::sample::select(vec![
        Family::Anthropic,
        Family::OpenAi,
        Family::Google,
        Family::Other,
    ]);
    let kind = prop::sample::select(vec![
        CallKind::Function,
        CallKind::Custom,
        CallKind::LocalShell,
        CallKind::Shell,
        CallKind::ApplyPatch,
    ]);
    let source = prop_oneof![
        words().prop_map(Source::Inline),
        words().prop_map(|url| Source::Url { url, mime: None }),
        ("(image/png|application/pdf|text/plain|)", words())
            .prop_map(|(mime, data)| Source::Base64 { mime, data }),
        (family.clone(), words()).prop_map(|(family, id)| Source::File { family, id }),
    ]
    .boxed();
    let seal = (family.clone(), words()).prop_map(|(family, blob)| Seal { family, blob });
    let seal = prop::option::of(seal).boxed();
    let id = "[ab ü]{0,3}";
    prop_oneof![
        words().prop_map(|words| text(&words)),
        source.clone().prop_map(|source| Part::Image(Image {
            at: Place::default(),
            source,
            detail: None,
            cache: None
        })),
        source.prop_map(|source| {
            Part::Document(Document {
                at: Place::default(),
                source,
                title: None,
                filename: None,
                cache: None,
            })
        }),
        (words(), any::<bool>(), seal.clone()).prop_map(|(text, redacted, seal)| {
            Part::Thinking(Thinking { at: Place::default(), text, redacted, seal })
        }),
        (id, words(), words(), kind, prop::option::of(words()), seal).prop_map(
            |(id, name, args, kind, namespace, seal)| {
                Part::Call(Call { kind, namespace, seal, ..call(&id, &name, &args) })
            }
        ),
        (id, words()).prop_map(|(id, words)| Part::Result(result(&id, vec![text(&words)]))),
        words().prop_map(|words| Part::Refusal(words.into())),
        family.prop_map(|family| {
            let raw = Json::empty_object();
            Part::Server(ServerTool { at: Place::default(), family, kind: "k".into(), raw })
        }),
    ]
}

proptest! {
    #[test]
    fn each_call_of_any_conversation_has_one_result(
        turns in prop::collection::vec((0..3_u8, prop::collection::vec(any_part(), 0..5)), 0..7),
        custom_tools in any::<bool>(),
    ) {
        let turns = turns.into_iter().map(|(role, parts)| {
            turn([Role::User, Role::Assistant, Role::System][usize::from(role)], parts)
        });
        let request = request(turns.collect());
        let mut target = generous();
        target.options.custom_tools = custom_tools;
        let (names, losses) = (&mut Names::default(), &mut Losses::default());
        if let Ok(body) = encode_request(&request, &target, names, losses) {
            let body: Value = serde_json::from_slice(&body).unwrap();
            prop_assert_eq!(trouble(&body), None, "{}", body);
            for call in body["messages"].as_array().unwrap().iter().flat_map(|message| {
                message["tool_calls"].as_array().cloned().unwrap_or_default()
            }) {
                prop_assert!(CALL_ID.fits(call["id"].as_str().unwrap()));
                let kind = call["type"].as_str().unwrap();
                prop_assert!(Bounds::OPENAI_NAME.fits(call[kind]["name"].as_str().unwrap()));
                if kind == "function" {
                    let args = call[kind]["arguments"].as_str().unwrap();
                    prop_assert!(Json::parse(args).is_some_and(|json| json.is_object()));
                }
            }
        }
    }

    #[test]
    fn a_request_comes_back(rounds in prop::collection::vec(round(), 0..4), stream in any::<bool>()) {
        let body = json!({
            "model": "gemini-3-pro", "messages": conversation(rounds), "max_tokens": 9, "seed": 3,
            "tools": [{"type": "function", "function": {"name": "f", "description": "d",
                "strict": true, "parameters": {"type": "object"}}}],
            "tool_choice": "required", "parallel_tool_calls": false, "stop": ["END"],
            "temperature": 0.7, "user": "u", "prompt_cache_key": "k", "stream": stream,
            "stream_options": {"include_usage": stream},
            "response_format": {"type": "json_schema",
                "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": true}},
        });
        let (request, losses) = decoded(&body);
        prop_assert!(losses.is_empty());
        let (again, losses) = encoded_for(&request, &generous());
        prop_assert!(losses.is_empty(), "{:?}", losses);
        prop_assert_eq!(plain(decoded(&again).0), plain(request));
    }

    #[test]
    fn each_call_of_any_request_has_one_result(
        messages in prop::collection::vec(any_message(), 1..10),
    ) {
        let body = json!({"model": "m", "messages": messages}).to_string();
        let mut losses = Losses::default();
        if let Ok(request) = decode_request(body.as_bytes(), &mut losses) {
            let mut names = Names::default();
            if let Ok(body) = encode_request(&request, &Target::default(), &mut names, &mut losses) {
                let body: Value = serde_json::from_slice(&body).unwrap();
                prop_assert_eq!(trouble(&body), None, "{}", body);
            }
        }
    }

    #[test]
    fn no_bytes_are_too_strange(
        bytes in prop::collection::vec(any::<u8>(), 0..60),
        text in "[\\[\\]{}\",:a-c0-9 ]{0,60}",
    ) {
        for body in [bytes.as_slice(), text.as_bytes()] {
            let _ = decode_request(body, &mut Losses::default());
            let _ = decode_answer(body);
        }
        let _ = StreamIn::new().frame("", &text, &mut Vec::new());
    }

    #[test]
    fn no_value_of_a_field_is_too_strange(
        field in prop::sample::select(vec![
            "model", "messages", "tools", "functions", "tool_choice", "function_call", "stop", "n",
            "response_format", "stream_options", "reasoning_effort", "web_search_options", "max_tokens",
        ]),
        value in prop::sample::select(vec![
            "null", "1", "-1", "1e400", "\"x\"", "[]", "[null]", "[[]]", "{}", "{\"type\":\"x\"}",
            "[{\"type\":\"function\",\"function\":{\"name\":1}}]", "{\"type\":\"function\"}",
            "{\"type\":\"json_schema\"}", "{\"allowed_tools\":{\"tools\":[]}}", "\"\\ud800\"",
        ]),
    ) {
        let body = json!({"model": "m", "messages": [{"role": "user", "content": "x"}]}).to_string();
        let body = body.replacen('{', &format!("{{\"{field}\":{value},"), 1);
        if let Ok(request) = decode_request(body.as_bytes(), &mut Losses::default()) {
            let (names, losses) = (&mut Names::default(), &mut Losses::default());
            let _ = encode_request(&request, &Target::default(), names, losses);
        }
    }
}
