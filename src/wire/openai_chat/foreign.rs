//! Google's signatures on calls in a chat request: clients of this format were given them to send back, and
//! they go to Google alone. The calls that bore them stay.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::super::convert::openai_chat::is_googles;
use super::super::edit::{Changes, Edit};
use super::super::foreign::{STRIP_FOREIGN_THINKING, is_any};
use super::super::model_list::GOOGLE as HOSTS;
use super::super::tree::Node;
use super::super::url::is_at;

/// Where clients keep what is Google's, and within it the signature.
const EXTRA: &str = "extra_content";
const GOOGLE: &str = "google";
const SIGNATURE: &str = "thought_signature";
/// The same as it is written, made ready to be looked for.
static WRITTEN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"thought_signature\""));

/// Returns what leaves out Google's signatures; nothing for a body without any, and nothing for Google
/// itself, of whose hosts several speak this format. `model` is the one that is asked, at a provider of the address `base`.
#[must_use]
pub fn strip(body: &[u8], model: &str, base: &str) -> Vec<Edit> {
    if !may_be_there(body) || is_googles(model) || is_at(base, HOSTS) {
        return Vec::new();
    }
    let mut changes = Changes::named(STRIP_FOREIGN_THINKING);
    let messages = Node::root(body).and_then(|root| root.get("messages"));
    for message in messages.iter().flat_map(Node::elements) {
        for call in message.get("tool_calls").iter().flat_map(Node::elements) {
            strip_call(call, &mut changes);
        }
    }
    changes.into_edits()
}

/// A look that is cheap where there is nothing.
#[must_use]
pub fn may_be_there(body: &[u8]) -> bool {
    is_any(body, &WRITTEN, |_| true)
}

/// Takes the signature off a call, and with it what held nothing else.
fn strip_call(call: Node<'_>, changes: &mut Changes) {
    let Some(extra) = call.get(EXTRA) else { return };
    let Some(google) = extra.get(GOOGLE).filter(|google| google.get(SIGNATURE).is_some()) else {
        return;
    };
    let holds_only =
        |object: &Node<'_>, key: &str| object.members().all(|member| member.key.is(key));
    let (object, key) = match (holds_only(&google, SIGNATURE), holds_only(&extra, GOOGLE)) {
        (true, true) => (call, EXTRA),
        (true, false) => (extra, GOOGLE),
        (false, _) => (google, SIGNATURE),
    };
    changes.remove_members(object, &[key]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::super::foreign::trial;
    use super::*;

    const OTHERS: &str = "https://api.example/v1";

    fn stripped(body: &str, model: &str, base: &str) -> String {
        trial::stripped(body, |body| strip(body, model, base))
    }

    fn call(extra: Option<Value>) -> Value {
        let mut call = json!({ "id": "c", "type": "function",
            "function": { "name": "f", "arguments": "{\"thought_signature\":\"a\"}" } });
        if let Some(extra) = extra {
            call["extra_content"] = extra;
        }
        call
    }

    fn body(calls: &[Value]) -> String {
        json!({ "model": "m", "messages": [
            { "role": "user", "content": "\"thought_signature\":\"a\"" },
            { "role": "assistant", "content": null, "tool_calls": calls },
        ] })
        .to_string()
    }

    #[test]
    fn the_signature_goes_and_what_stands_beside_it_stays() {
        let signed = |mut google: Value| {
            google["thought_signature"] = json!("EgUKAwHR7Q==");
            google
        };
        for (given, left) in [
            (json!({ "google": signed(json!({})) }), None),
            (json!({ "google": signed(json!({})), "b": 1 }), Some(json!({ "b": 1 }))),
            (json!({ "google": signed(json!({ "a": 1 })) }), Some(json!({ "google": { "a": 1 } }))),
            (json!({ "other": { "thought_signature": "x" } }), None),
        ] {
            let left = if given.get("google").is_some() { left } else { Some(given.clone()) };
            let (given, left) =
                (body(&[call(Some(given)), call(None)]), body(&[call(left), call(None)]));
            assert_eq!(stripped(&given, "gpt-5", OTHERS), left);
        }
    }

    #[test]
    fn google_itself_gets_it() {
        let signed = json!({ "google": { "thought_signature": "EgUKAwHR7Q==" } });
        let whole = body(&[call(Some(signed))]);
        for (model, base) in [
            ("gemini-3-pro", OTHERS),
            ("google/gemini-3-pro", OTHERS),
            ("Gemini-3-pro", OTHERS),
            ("tuned", "https://generativelanguage.googleapis.com/v1beta/openai"),
            ("tuned", "https://eu-aiplatform.googleapis.com:443/v1/projects/p/endpoints/openapi"),
            ("tuned", "https://u:p@AIplatform.GoogleAPIs.com."),
        ] {
            assert_eq!(stripped(&whole, model, base), whole, "{model} at {base}");
        }
        for base in [
            "https://generativelanguage.googleapis.com.example",
            "https://a.example/.googleapis.com",
            "https://nogoogleapis.com",
            "https://generativelanguage.googleapis.com@a.example",
        ] {
            assert_ne!(stripped(&whole, "gpt-5", base), whole, "{base}");
        }
        trial::odd_bodies_stay(&[r#"{"thought_signature":"x"}"#, r#"{"messages":"x"}"#], |body| {
            strip(body, "gpt-5", OTHERS)
        });
    }

    proptest! {
        /// However calls are mixed, no signature is left, and no other byte changes.
        #[test]
        fn only_signatures_go(calls in prop::collection::vec(any::<bool>(), 0..6)) {
            let signed = || json!({ "google": { "thought_signature": "EgUKAwHR7Q==" } });
            let given: Vec<Value> = calls.iter().map(|is| call(is.then(signed))).collect();
            let left: Vec<Value> = calls.iter().map(|_| call(None)).collect();
            prop_assert_eq!(stripped(&body(&given), "gpt-5", OTHERS), body(&left));
        }
    }
}
