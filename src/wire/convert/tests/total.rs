//! Any JSON: it is refused, or becomes a body of a bounded length.

use proptest::prelude::*;
use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::dialects;
use super::streams::reply;
use crate::wire::convert::codec::{
    Asked, decode_answer, decode_request, encode_answer, encode_request,
};
use crate::wire::convert::gemini_cli::Account;
use crate::wire::convert::hub::CallKind;
use crate::wire::convert::loss::Losses;
use crate::wire::convert::names::{Bounds, Distinct, Names, ToolName};
use crate::wire::convert::target::{ModelTraits, Target};

/// Words of all formats, so that any tree of them comes far.
const KEYS: &[&str] = &[
    "model",
    "messages",
    "input",
    "contents",
    "request",
    "role",
    "content",
    "parts",
    "text",
    "type",
    "tools",
    "functionDeclarations",
    "function",
    "name",
    "parameters",
    "input_schema",
    "tool_choice",
    "tool_calls",
    "arguments",
    "args",
    "functionCall",
    "functionResponse",
    "response",
    "call_id",
    "id",
    "system",
    "instructions",
    "systemInstruction",
    "thinking",
    "reasoning",
    "reasoning_effort",
    "generationConfig",
    "thinkingConfig",
    "image_url",
    "source",
    "data",
    "inlineData",
    "summary",
    "encrypted_content",
    "signature",
    "output",
    "choices",
    "message",
    "candidates",
    "finishReason",
    "finish_reason",
    "stop_reason",
    "usage",
    "usageMetadata",
    "cache_control",
    "$ref",
    "$defs",
    "allOf",
];
const WORDS: &[&str] = &[
    "user",
    "assistant",
    "model",
    "tool",
    "system",
    "text",
    "tool_use",
    "tool_result",
    "function",
    "function_call",
    "function_call_output",
    "message",
    "reasoning",
    "image",
    "document",
    "custom",
    "web_search",
    "compaction",
    "stop",
    "STOP",
    "object",
    "#/$defs/a",
    "",
    "gpt-5",
    "claude-opus-4-8",
];

fn trees() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        prop::sample::select(WORDS).prop_map(|word| json!(word)),
        any::<i64>().prop_map(|number| json!(number)),
        any::<bool>().prop_map(|is| json!(is)),
        Just(Value::Null),
        "\\PC{0,8}".prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        let key = prop::sample::select(KEYS).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map(key, inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Puts what every body must have into one, so that the rest of it is looked at.
fn likely(dialect: Dialect, tree: Value) -> Value {
    let mut body = if tree.is_object() { tree } else { json!({ "messages": tree }) };
    let spoken = match dialect {
        Dialect::Anthropic | Dialect::OpenaiChat => "messages",
        Dialect::Responses => "input",
        Dialect::Gemini => "contents",
        Dialect::GeminiCli => "request",
    };
    let said = json!([{ "role": "user", "content": "x", "parts": [{ "text": "x" }] }]);
    let said = if dialect == Dialect::GeminiCli { json!({ "contents": said }) } else { said };
    if body[spoken].is_null() {
        body[spoken] = said;
    }
    if !body["model"].is_string() {
        body["model"] = json!("m");
    }
    body
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// P12.
    #[test]
    fn any_tree_is_refused_or_a_body_of_bounded_length(
        tree in trees(), from in dialects(), to in dialects(),
    ) {
        let body = likely(from, tree).to_string();
        let asked = Asked { body: body.as_bytes(), model: "m", stream: true };
        let mut losses = Losses::default();
        if let Ok(request) = decode_request(from, asked, &mut losses) {
            let target = Target { model: ModelTraits::of(&request.model), ..Target::default() };
            let account = Account::default();
            let mut names = Names::default();
            if let Ok(written) =
                encode_request(to, &request, (&target, account), &mut names, &mut losses)
            {
                prop_assert!(written.len() <= 64 * body.len() + 4_096);
                prop_assert!(serde_json::from_slice::<Value>(&written).is_ok());
            }
        }
        if let Ok(answer) = decode_answer(from, body.as_bytes()) {
            let written = encode_answer(to, &answer, &reply(), &mut losses);
            prop_assert!(written.len() <= 64 * body.len() + 4_096);
            prop_assert!(serde_json::from_slice::<Value>(&written).is_ok());
        }
    }

    /// P10, for a whole request: names come back to the tool they were, ids to the call.
    #[test]
    fn names_and_ids_fit_stay_apart_and_come_back(
        tools in prop::collection::btree_set((prop::option::of("[a-z_.☃]{1,40}"), "[a-zA-Z_.:-]{0,80}"), 1..6),
        ids in prop::collection::btree_set("[a-z:_-]{0,300}", 1..6),
    ) {
        for bounds in [Bounds::OPENAI_NAME, Bounds::ANTHROPIC_NAME, Bounds::GEMINI_NAME] {
            let mut names = Names::default();
            for _ in 0..2 {
                let mut shorts = std::collections::BTreeSet::new();
                for (namespace, name) in &tools {
                    let (namespace, name) = (namespace.clone(), name.clone());
                    let tool = ToolName { namespace, name, kind: CallKind::Function };
                    let short = names.tool(tool.clone(), bounds);
                    prop_assert!(bounds.fits(&short), "{short}");
                    prop_assert_eq!(names.tool_of(&short), Some(&tool));
                    prop_assert!(shorts.insert(short), "two tools of one name");
                }
            }
        }
        let (mut names, mut distinct) = (Names::default(), Distinct::default());
        for id in &ids {
            let mut short = names.call(id, Bounds::SHORT_CALL_ID);
            prop_assert!(Bounds::SHORT_CALL_ID.fits(&short));
            prop_assert_eq!(names.call_of(&short), id.as_str());
            let before = short.clone();
            distinct.take(&mut short);
            prop_assert_eq!(short, before, "two calls of one id");
        }
    }
}

/// P12: definitions that name each other twice grow with each step, but not without bound.
#[test]
fn a_schema_that_unfolds_without_end_is_cut() {
    let mut defs = serde_json::Map::new();
    for step in 0..24 {
        let next = format!("#/$defs/d{}", step + 1);
        let twice = json!({ "a": { "$ref": next }, "b": { "$ref": next } });
        defs.insert(format!("d{step}"), json!({ "type": "object", "properties": twice }));
    }
    defs.insert("d24".to_owned(), json!({ "type": "string" }));
    let twice =
        json!({ "type": "object", "properties": { "x": { "$ref": "#/$defs/d0" } }, "$defs": defs });
    // One that is small itself, and holds much that each reference would write once more.
    let names = (0..10_000).map(|n| (format!("p{n}"), json!({ "$ref": "#/$defs/a" })));
    let held = json!({ "a": { "type": "string", "enum": vec!["x"; 10_000] } });
    let again = json!({
        "type": "object", "properties": names.collect::<serde_json::Map<_, _>>(), "$defs": held,
    });
    for schema in [twice, again] {
        stays_small(&schema);
    }
}

fn stays_small(schema: &Value) {
    let body = json!({
        "model": "m", "max_tokens": 9, "messages": [{ "role": "user", "content": "x" }],
        "tools": [{ "name": "f", "input_schema": schema }],
    })
    .to_string();
    let asked = Asked { body: body.as_bytes(), model: "", stream: false };
    let mut losses = Losses::default();
    let request = decode_request(Dialect::Anthropic, asked, &mut losses).unwrap();
    for to in Dialect::ALL {
        let (target, account) = (Target::default(), Account::default());
        let mut names = Names::default();
        let written = encode_request(to, &request, (&target, account), &mut names, &mut losses);
        let length = written.map(|body| body.len()).unwrap_or_default();
        assert!(length <= 64 * body.len(), "{to}: {length} bytes of {}", body.len());
    }
}
