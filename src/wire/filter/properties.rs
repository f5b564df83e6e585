//! Changes of bytes against the same changes of values.

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::tests::filter;
use super::{Json, change_body};

const MOST: usize = 1 << 20;

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..9_i64).prop_map(Value::from),
        "[ab\"\\\\\n😀é]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[ab\"é]", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn object() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[ab\"é]", document(), 0..4)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// Prints with blanks everywhere and with escapes that nobody needs.
fn spelled(value: &Value) -> String {
    let text = |text: &str| json!(text).to_string().replace('a', "\\u0061");
    match value {
        Value::Object(members) => {
            let inner =
                members.iter().map(|(key, value)| format!(" {} : {} ", text(key), spelled(value)));
            format!("{{{}}}", inner.collect::<Vec<_>>().join(","))
        }
        Value::Array(elements) => {
            format!("[ {} ]", elements.iter().map(spelled).collect::<Vec<_>>().join(" ,\n"))
        }
        Value::String(string) => text(string),
        other => other.to_string(),
    }
}

fn after(operation: &Value, body: &Value) -> Option<Value> {
    let json = Json::read(Bytes::from(spelled(body))).unwrap();
    match change_body(&filter(&json!([operation])), &json, MOST) {
        Err(_) => None,
        Ok(None) => Some(body.clone()),
        Ok(Some(changed)) => {
            let again = change_body(&filter(&json!([operation])), &changed, MOST).unwrap();
            let is_text =
                operation["op"] == "remove" && operation["path"].as_str().unwrap().ends_with(']');
            assert!(again.is_none() || is_text, "{operation} changes twice");
            Some(serde_json::from_slice(changed.bytes()).unwrap())
        }
    }
}

fn merged(old: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let empty = Map::new();
    let mut members = old.as_object().unwrap_or(&empty).clone();
    for (name, new) in patch {
        if new.is_null() {
            members.remove(name);
        } else {
            let old = members.get(name).cloned().unwrap_or(Value::Null);
            members.insert(name.clone(), merged(&old, new));
        }
    }
    Value::Object(members)
}

proptest! {
    #[test]
    fn merging_bytes_is_merging_values(body in object(), patch in object()) {
        let operation = json!({ "op": "merge", "path": "", "value": patch });
        prop_assert_eq!(after(&operation, &body), Some(merged(&body, &patch)));
    }

    #[test]
    fn setting_bytes_is_setting_values(body in object(), value in document()) {
        let mut wanted = body.clone();
        wanted["a"] = value.clone();
        let operation = json!({ "op": "set", "path": "a", "value": value });
        prop_assert_eq!(after(&operation, &body), Some(wanted));
    }

    #[test]
    fn removing_bytes_is_removing_values(body in object(), list in prop::collection::vec(document(), 0..5), at in 0..6_usize) {
        let mut wanted = body.clone();
        wanted.as_object_mut().unwrap().remove("a");
        prop_assert_eq!(after(&json!({ "op": "remove", "path": "a" }), &body), Some(wanted));
        let body = json!({ "l": list });
        let kept: Vec<&Value> = list.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, one)| one).collect();
        let operation = json!({ "op": "remove", "path": format!("l[{at}]") });
        prop_assert_eq!(after(&operation, &body), Some(json!({ "l": kept })));
    }

    #[test]
    fn removing_what_fits_leaves_the_rest(list in prop::collection::vec(document(), 0..6), value in document()) {
        let operation = json!({ "op": "remove", "path": "l", "matcher": { "value": value } });
        let kept: Vec<&Value> = list.iter().filter(|one| **one != value).collect();
        prop_assert_eq!(after(&operation, &json!({ "l": list })), Some(json!({ "l": kept })));
    }

    #[test]
    fn an_element_is_in_the_list_once(list in prop::collection::vec(document(), 0..6), value in document()) {
        let operation = json!({ "op": "insert", "path": "l", "value": value, "position": "start" });
        let mut wanted = list.clone();
        if !list.contains(&value) {
            wanted.insert(0, value);
        }
        prop_assert_eq!(after(&operation, &json!({ "l": list })), Some(json!({ "l": wanted })));
    }

    #[test]
    fn no_body_and_no_path_makes_it_stumble(body in document(), path in "[ab\\[\\]0-9.]{0,8}", value in document()) {
        for operation in [
            json!({ "op": "set", "path": path, "value": value }),
            json!({ "op": "remove", "path": path }),
            json!({ "op": "insert", "path": path, "value": value }),
        ] {
            let read = switchyard_actors::domain::filters::read_operations(&json!([operation]));
            if read.is_ok() {
                let json = Json::read(Bytes::from(spelled(&body))).unwrap();
                if let Ok(Some(changed)) = change_body(&filter(&json!([operation])), &json, MOST) {
                    prop_assert!(Json::read(changed.into_bytes()).is_ok());
                }
            }
        }
    }
}
