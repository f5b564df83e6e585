//! Whatever is wished of whatever body: what comes out is one, and what was granted is not granted again.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::preferences::{Adaptive, CacheTtl, Preferences};

use super::{Wishes, grant, wishes, word};

fn any_preferences() -> impl Strategy<Value = Preferences> {
    let flag = any::<Option<bool>>;
    let efforts = || prop_oneof![Just(None), Just(Some(word("high")))];
    let ttl =
        prop_oneof![Just(None), Just(Some(CacheTtl::OneHour)), Just(Some(CacheTtl::FiveMinutes))];
    let tokens = || prop_oneof![Just(None), (1_u32..50_000).prop_map(Some)];
    let marks = any::<bool>();
    (ttl, marks, tokens(), tokens(), efforts(), efforts(), flag(), flag(), flag()).prop_map(
        |(
            cache_ttl,
            auto_cache,
            max_tokens,
            thinking_budget,
            effort,
            summary,
            parallel,
            image,
            search,
        )| {
            Preferences {
                cache_ttl,
                auto_cache,
                max_tokens,
                thinking_budget,
                adaptive: effort.clone().map(|effort| Adaptive { effort, models: Arc::default() }),
                reasoning_effort: effort,
                reasoning_summary: summary,
                parallel_tools: parallel,
                image_generation: image,
                google_search: search,
                ..Preferences::default()
            }
        },
    )
}

fn any_body() -> impl Strategy<Value = Json> {
    let mark = prop_oneof![
        Just(json!(null)),
        Just(json!({ "type": "ephemeral" })),
        Just(json!({ "type": "ephemeral", "ttl": "1h" })),
        Just(json!({ "type": "ephemeral", "ttl": "5m" })),
    ];
    let block = (mark, "[a-z]{0,4}")
        .prop_map(|(mark, text)| json!({ "type": "text", "text": text, "cache_control": mark }));
    let tools = prop_oneof![
        Just(json!({ "type": "image_generation" })),
        Just(json!({ "googleSearch": {} })),
        Just(json!({ "type": "function", "name": "f" })),
    ];
    let blocks = prop::collection::vec(block.clone(), 0..4);
    let billing = json!({ "type": "text", "text": "x-anthropic-billing-header: a=b;" });
    let system = prop_oneof![
        Just(json!("x-anthropic-billing-header: a=b;")),
        prop::collection::vec(prop_oneof![Just(billing), block], 0..4).prop_map(Json::from),
    ];
    let thinking = prop_oneof![
        Just(json!(null)),
        Just(json!({ "type": "enabled" })),
        Just(json!({ "type": "enabled", "budget_tokens": 31_999 })),
        Just(json!({}))
    ];
    let managed = prop_oneof![
        Just(json!(null)),
        Just(json!({ "edits": [{ "type": "clear_thinking_20251015" }] })),
        Just(json!({ "edits": [{ "type": "clear_thinking_20251015" }, { "type": "other" }] })),
    ];
    let tools = prop_oneof![tools.clone(), prop::collection::vec(tools, 0..4).prop_map(Json::from)];
    let room = 1..60_000_u32;
    // Which members there are, and what comes of that for the commas between them.
    let has = any::<[bool; 8]>();
    (system, blocks, tools, (thinking, managed), room, has).prop_map(
        |(system, content, tools, (thinking, managed), room, has)| {
            let all = [
                ("context_management", managed),
                ("input", json!([])),
                ("max_tokens", json!(room)),
                ("messages", json!([{ "role": "user", "content": content }])),
                ("reasoning", json!({})),
                ("system", system),
                ("thinking", thinking),
                ("tools", tools),
            ];
            let there = all.into_iter().zip(has).filter(|(_, has)| *has);
            there.map(|((key, value), _)| (key.to_owned(), value)).collect::<Map<_, _>>().into()
        },
    )
}

/// Returns the words of all marks in the order in which they are read.
fn lasts(body: &Json) -> Vec<String> {
    let of = |blocks: &Json| -> Vec<String> {
        let blocks = blocks.as_array().cloned().unwrap_or_default();
        let marks =
            blocks.iter().map(|block| &block["cache_control"]).filter(|mark| mark.is_object());
        marks.map(|mark| mark["ttl"].as_str().unwrap_or("5m").to_owned()).collect()
    };
    [of(&body["tools"]), of(&body["system"]), of(&body["messages"][0]["content"])].concat()
}

proptest! {
    #[test]
    fn what_was_granted_is_a_body_and_grants_nothing_more(
        wants in any_preferences(), body in any_body(), pretty in any::<bool>(), bills in any::<bool>(),
    ) {
        let wishes = Wishes { without_billing: !bills, ..wishes(&wants) };
        let text = if pretty { serde_json::to_string_pretty(&body) } else { serde_json::to_string(&body) };
        let text = text.unwrap();
        for dialect in Dialect::ALL {
            let (edited, told) = grant(&wishes, dialect, &text);
            let read: Json = serde_json::from_str(&edited).unwrap();
            prop_assert_eq!(told.notes.is_empty(), edited == text);
            prop_assert_eq!(grant(&wishes, dialect, &edited).0, edited.clone());
            if dialect == Dialect::Anthropic {
                let (before, after) = (lasts(&body), lasts(&read));
                // Marks are put where there are none and where that is wished, and nowhere else.
                let is_added = before.is_empty() && wants.auto_cache;
                prop_assert!(before.len() == after.len() || (is_added && after.len() <= 4));
                let before = if is_added { vec!["5m".to_owned(); after.len()] } else { before };
                let wished = wants.cache_ttl.map_or(before, |ttl| vec![ttl.name().to_owned(); after.len()]);
                prop_assert_eq!(after, wished);
            }
        }
    }

    #[test]
    fn what_is_no_json_is_never_edited_beyond_its_end(
        wants in any_preferences(), body in "[\"\\\\\\[\\]{}:,toolssystem ]{0,60}",
    ) {
        let wishes = Wishes { without_billing: true, input_as_list: true, ..wishes(&wants) };
        for dialect in Dialect::ALL {
            let edits = wishes.grant(dialect, "m", false, body.as_bytes()).changes.into_edits();
            prop_assert!(edits.iter().all(|edit| edit.span.end <= body.len()));
        }
    }
}
