//! What holds for every request.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::super::hub::{
    Effort, Format, Image, Place, Reasoning, ServerTool, Show, Source, SystemText, Thinking,
};
use super::super::super::pairing::merged;
use super::properties::{answer_part, words};
use super::{
    Json, Losses, Names, Part, Request, Role, Text, decode_request, encode_request, target,
};

const MODELS: [&str; 4] =
    ["gemini-2.5-flash", "gemini-2.5-pro", "gemini-3-pro-preview", "gemini-2.0-flash"];

/// A turn of the model and the user's answer to it, as the newest of Google's clients write them.
fn exchange() -> impl Strategy<Value = (Vec<Value>, Vec<Value>)> {
    let result = prop_oneof![
        words().prop_map(|text| json!({"output": text})),
        words().prop_map(|text| json!({"error": text})),
        words().prop_map(|text| json!({"a": text, "b": 1.5})),
    ];
    let part = answer_part().prop_filter("known", |part| part.get("somethingNew").is_none());
    (prop::collection::vec((part, result), 0..5), words()).prop_map(|(parts, text)| {
        let mut answers = Vec::new();
        for (part, result) in &parts {
            if let Some(call) = part.get("functionCall") {
                let mut response = json!({"name": call["name"], "response": result});
                if !call["id"].is_null() {
                    response["id"] = call["id"].clone();
                }
                answers.push(json!({"functionResponse": response}));
            }
        }
        answers.push(json!({"text": text}));
        (parts.into_iter().map(|(part, _)| part).collect(), answers)
    })
}

fn requests() -> impl Strategy<Value = Value> {
    let tools = prop::collection::vec("[a-z_]{1,9}", 0..3);
    let config = prop_oneof![
        Just(json!({})),
        Just(
            json!({"temperature": 0.5, "topP": 0.25, "topK": 5, "seed": 3, "maxOutputTokens": 9, "stopSequences": ["a"]})
        ),
        Just(
            json!({"responseMimeType": "application/json", "responseJsonSchema": {"type": "object", "properties": {"a": {"type": "string"}}}})
        ),
        Just(json!({"thinkingConfig": {"thinkingBudget": 512, "includeThoughts": true}})),
    ];
    (words(), prop::collection::vec(exchange(), 0..4), tools, config, any::<bool>()).prop_map(
        |(first, exchanges, tools, config, system)| {
            let mut contents = vec![json!({"role": "user", "parts": [{"text": first}]})];
            for (model, user) in exchanges {
                contents.push(json!({"role": "model", "parts": model}));
                contents.push(json!({"role": "user", "parts": user}));
            }
            let schema = json!({"type": "OBJECT", "properties": {"a": {"type": "STRING", "nullable": true}}});
            let declared: Vec<Value> = tools.iter().enumerate()
                .map(|(place, name)| json!({"name": format!("{name}{place}"), "description": "d", "parameters": schema}))
                .collect();
            let mut body = json!({"contents": contents, "generationConfig": config});
            if !declared.is_empty() {
                // Older models take no form of the answer beside functions.
                body["generationConfig"] = json!({"temperature": 0.5});
                body["tools"] = json!([{"functionDeclarations": declared}]);
                body["toolConfig"] = json!({"functionCallingConfig": {"mode": "ANY"}});
            }
            if system {
                body["systemInstruction"] = json!({"parts": [{"text": "s"}]});
            }
            body
        },
    )
}

/// Leaves out what stands nowhere in a request: places, thoughts without a seal, the order of a schema.
fn plain(mut request: Request) -> Request {
    let sorted = |schema: &Json| Json::of(&schema.tree()).unwrap();
    for tool in &mut request.tools {
        if let super::ToolKind::Function { schema: Some(schema), .. } = &mut tool.kind {
            *schema = sorted(schema);
        }
    }
    if let Format::Schema { schema, .. } = &mut request.format {
        *schema = sorted(schema);
    }
    for turn in &mut request.turns {
        turn.at.clear();
        turn.parts
            .retain(|part| !matches!(part, Part::Thinking(thinking) if thinking.seal.is_none()));
    }
    request.turns.retain(|turn| !turn.parts.is_empty());
    request.turns = merged(request.turns);
    request
}

/// Which parts of the hub a request of any format may have.
fn hub_part() -> impl Strategy<Value = Part> {
    let seal = || {
        prop::option::of((0..3_u8, "[A-D][a-z0-9]{3}").prop_map(|(family, blob)| {
            let families = [super::Family::Google, super::Family::Anthropic, super::Family::OpenAi];
            super::Seal { family: families[usize::from(family)], blob }
        }))
    };
    let id = || "c[0-3]";
    let kinds = [
        super::CallKind::Function,
        super::CallKind::Custom,
        super::CallKind::LocalShell,
        super::CallKind::Shell,
        super::CallKind::ApplyPatch,
    ];
    prop_oneof![
        3 => (".{0,8}", seal()).prop_map(|(text, seal)| Part::Text(Text { text, seal, ..Text::default() })),
        1 => (".{0,8}", seal()).prop_map(|(text, seal)| Part::Thinking(Thinking { at: Place::default(), text, redacted: false, seal })),
        3 => (id(), ".{0,80}", ".{0,12}", 0..5_usize, prop::option::of(".{0,9}"), seal()).prop_map(
            move |(id, name, args, kind, namespace, seal)| {
                let mut call = super::call(&id, &name, &args);
                (call.kind, call.namespace, call.seal) = (kinds[kind], namespace, seal);
                Part::Call(call)
            }),
        3 => (id(), ".{0,8}").prop_map(|(id, text)| Part::Result(super::result(&id, vec![super::text(&text)]))),
        1 => ".{0,9}".prop_map(|url| Part::Image(Image { at: Place::default(),
            source: Source::Url { url, mime: None }, detail: None, cache: None })),
        1 => Just(Part::Refusal("no".into())),
        1 => Just(Part::Server(ServerTool { at: Place::default(),
            family: super::Family::Anthropic, kind: "k".to_owned(), raw: Json::empty_object() })),
    ]
}

proptest! {
    #[test]
    fn a_request_comes_back(body in requests()) {
        let mut losses = Losses::default();
        let request = decode_request(body.to_string().as_bytes(), "m", false, &mut losses).unwrap();
        let target = target("gemini-2.5-flash");
        let bytes = encode_request(&request, &target, &mut Names::default(), &mut losses).unwrap();
        let back = decode_request(&bytes, "m", false, &mut losses).unwrap();
        prop_assert_eq!(plain(back), plain(request));
        let bytes_again = encode_request(
            &decode_request(&bytes, "m", false, &mut losses).unwrap(),
            &target, &mut Names::default(), &mut losses,
        ).unwrap();
        prop_assert_eq!(String::from_utf8(bytes_again), String::from_utf8(bytes), "once is enough");
    }

    #[test]
    fn whatever_is_encoded_is_paired_and_keeps_seals_at_home(
        turns in prop::collection::vec((0..3_u8, prop::collection::vec(hub_part(), 0..6)), 0..6),
        model in 0..4_usize, call_ids in any::<bool>(), effort in 0..8_usize,
    ) {
        let roles = [Role::User, Role::Assistant, Role::System];
        let mut number = 0;
        let turns: Vec<_> = turns.into_iter().map(|(role, parts)| {
            let role = roles[usize::from(role)];
            let parts = parts.into_iter().filter(|part| match part {
                Part::Call(_) | Part::Thinking(_) => role == Role::Assistant,
                Part::Result(_) => role == Role::User,
                _ => true,
            }).map(|part| match part {
                Part::Call(mut call) => {
                    number += 1;
                    // Some vendors give one id to several calls.
                    if number % 2 == 0 {
                        call.id = format!("{}-{number}", call.id);
                    }
                    Part::Call(call)
                }
                part => part,
            }).collect();
            super::turn(role, parts)
        }).collect();
        let reasoning = Some(Reasoning { effort: Effort::ALL.get(effort).copied(), budget: None, show: Show::Unsaid });
        let system = vec![SystemText { at: Place::default(), text: "s".to_owned(), cache: None }];
        let request = Request {
            turns, reasoning, system, format: Format::Json, ..Request::default()
        };
        let mut target = target(MODELS[model]);
        target.options.call_ids = call_ids;
        let mut losses = Losses::default();
        let Ok(bytes) = encode_request(&request, &target, &mut Names::default(), &mut losses) else { return Ok(()) };
        let body: Value = serde_json::from_slice(&bytes).unwrap();
        paired(&body).map_err(TestCaseError::fail)?;
        sealed(&request, &body).map_err(TestCaseError::fail)?;
    }
}

/// Each turn of calls is followed by one of exactly their results, which has nothing else.
fn paired(body: &Value) -> Result<(), String> {
    let contents = body["contents"].as_array().ok_or("no contents")?;
    let of = |content: Option<&Value>, key: &str, field: &str| -> Vec<Value> {
        let parts = content.and_then(|content| content["parts"].as_array()).into_iter().flatten();
        parts.filter_map(|part| part.get(key)).map(|found| found[field].clone()).collect()
    };
    for (place, content) in contents.iter().enumerate() {
        for field in ["name", "id"] {
            let calls = of(Some(content), "functionCall", field);
            let results = of(contents.get(place + 1), "functionResponse", field);
            if calls != results {
                return Err(format!("{calls:?} have {results:?}"));
            }
        }
        let results = of(Some(content), "functionResponse", "name").len();
        let parts = content["parts"].as_array().map_or(0, Vec::len);
        if results > 0 && (results != parts || content["role"] != "user") || parts == 0 {
            return Err(format!("results are not alone: {content}"));
        }
    }
    if contents.first().is_none_or(|first| {
        first["role"] == "model" && !of(Some(first), "functionCall", "name").is_empty()
    }) {
        return Err("it begins with calls".to_owned());
    }
    Ok(())
}

/// Only Google's own seals are sent.
fn sealed(request: &Request, body: &Value) -> Result<(), String> {
    let own: Vec<&str> = request
        .turns
        .iter()
        .flat_map(|turn| &turn.parts)
        .filter_map(|part| match part {
            Part::Text(text) => text.seal.as_ref(),
            Part::Thinking(thinking) => thinking.seal.as_ref(),
            Part::Call(call) => call.seal.as_ref(),
            _ => None,
        })
        .filter(|seal| seal.family == super::Family::Google)
        .map(|seal| seal.blob.as_str())
        .collect();
    let parts = body["contents"].as_array().into_iter().flatten();
    for part in parts.flat_map(|content| content["parts"].as_array().into_iter().flatten()) {
        let sign = part["thoughtSignature"].as_str();
        if sign.is_some_and(|sign| sign != super::super::seal::PLACEHOLDER && !own.contains(&sign))
        {
            return Err(format!("{sign:?} is not Google's"));
        }
    }
    Ok(())
}
