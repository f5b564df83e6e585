//! Signatures in a Gemini request that are another family's. The parts that bore them stay; a call of which
//! the newest models demand a signature gets what Google documents for calls that it did not see, also where
//! another family's model has made it without any.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::super::convert::gemini::is_newest_model;
use super::super::convert::gemini::seal::{PLACEHOLDER, is_not_googles};
use super::super::edit::{Changes, Edit};
use super::super::foreign::{STRIP_FOREIGN_THINKING, is_any, plain};
use super::super::tree::{Member, Node};

/// Both ways to write the key.
const KEYS: [&str; 2] = ["thoughtSignature", "thought_signature"];
/// The same as they are written, made ready to be looked for.
static WRITTEN: LazyLock<[Finder<'static>; 2]> =
    LazyLock::new(|| [Finder::new(b"\"thoughtSignature\""), Finder::new(b"\"thought_signature\"")]);
/// Both ways to write a call, and a result.
const CALLS: [&str; 2] = ["functionCall", "function_call"];
static CALLS_WRITTEN: LazyLock<[Finder<'static>; 2]> =
    LazyLock::new(|| [Finder::new(b"\"functionCall\""), Finder::new(b"\"function_call\"")]);
const RESULTS: [&str; 2] = ["functionResponse", "function_response"];
/// What a whole request may be wrapped in.
const SHELLS: [&str; 2] = ["request", "generateContentRequest"];

/// What a model wants of the calls of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// It looks at no signatures.
    Nothing,
    /// The first call keeps one, if it had any.
    Kept,
    /// The first call has one.
    Signed,
}

/// Returns what leaves out other families' signatures, and signs the calls that need it; nothing for a body
/// without any such. `model` is the one that is asked.
#[must_use]
pub fn strip(body: &[u8], model: &str) -> Vec<Edit> {
    if !may_be_there(body, model) {
        return Vec::new();
    }
    let Some(root) = Node::root(body) else { return Vec::new() };
    let shell = SHELLS.into_iter().find_map(|key| root.get(key)).unwrap_or(root);
    let contents: Vec<Node<'_>> = shell.get("contents").iter().flat_map(Node::items).collect();
    let demands = is_newest_model(model);
    // Google looks at the calls of the present turn alone.
    let present = contents.iter().rposition(asks).map_or(0, |asked| asked + 1);
    let mut changes = Changes::named(STRIP_FOREIGN_THINKING);
    for (at, content) in contents.into_iter().enumerate() {
        let wish = match (demands, at >= present) {
            (false, _) => Wish::Nothing,
            (true, false) => Wish::Kept,
            (true, true) => Wish::Signed,
        };
        turn(content, wish, &mut changes);
    }
    changes.into_edits()
}

/// A look that is cheap where there is nothing: it reads no more than the signatures, and of models that
/// demand them whether there are calls.
#[must_use]
pub fn may_be_there(body: &[u8], model: &str) -> bool {
    let is_foreign = |blob: &[u8]| plain(blob).is_some_and(|blob| is_not_googles(&blob));
    let has_calls = || CALLS_WRITTEN.iter().any(|key| key.find(body).is_some());
    WRITTEN.iter().any(|key| is_any(body, key, is_foreign)) || is_newest_model(model) && has_calls()
}

/// Signs the first call of each turn that has no signature at all, whatever the model is.
pub(in crate::wire) fn sign(contents: Node<'_>, changes: &mut Changes) {
    for content in contents.items() {
        let parts = content.get("parts").iter().flat_map(Node::items).collect::<Vec<_>>();
        if let Some(call) = parts.into_iter().find(is_call) {
            sign_call(call, changes);
        }
    }
}

/// Gives a call what stands for a signature, unless it has one.
fn sign_call(call: Node<'_>, changes: &mut Changes) {
    let sign = KEYS.into_iter().find_map(|key| call.member(key));
    match sign {
        Some(sign) if sign.value.text().is_some_and(|blob| !blob.is_empty()) => {}
        Some(sign) => changes.replace(sign.value.span(), format!("\"{PLACEHOLDER}\"")),
        None => {
            changes.set(call, "thoughtSignature", &format!("\"{PLACEHOLDER}\""));
        }
    }
}

/// Tells whether a content begins a turn: the user says something, and does not only answer calls.
fn asks(content: &Node<'_>) -> bool {
    let is_users = content.get("role").is_none_or(|role| role.is("user"));
    let has =
        |part: &Node<'_>, keys: [&str; 2]| keys.into_iter().any(|key| part.get(key).is_some());
    let mut parts =
        content.get("parts").iter().flat_map(Node::items).collect::<Vec<_>>().into_iter();
    is_users && !parts.any(|part| has(&part, RESULTS) || has(&part, CALLS))
}

fn is_call(part: &Node<'_>) -> bool {
    CALLS.into_iter().any(|key| part.get(key).is_some())
}

/// Strips one turn. A part in which nothing but its signature was goes whole, unless no other would stay.
fn turn(content: Node<'_>, wish: Wish, changes: &mut Changes) {
    let parts: Vec<Node<'_>> = content.get("parts").iter().flat_map(Node::items).collect();
    let signs: Vec<Option<Member<'_>>> = parts.iter().map(signature).collect();
    let empty: Vec<bool> =
        parts.iter().zip(&signs).map(|(part, sign)| sign.is_some() && is_empty(part)).collect();
    let some_stay = empty.iter().any(|empty| !empty);
    if some_stay {
        let spans: Vec<Range<usize>> = parts.iter().map(Node::span).collect();
        changes.remove(&spans, |at| empty.get(at) == Some(&true));
    }
    let mut is_first_call = true;
    for ((part, sign), empty) in parts.iter().zip(signs).zip(empty) {
        let calls = is_call(part);
        let is_first = calls && std::mem::take(&mut is_first_call);
        is_first_call &= !calls;
        let Some(sign) = sign.filter(|_| !(empty && some_stay)) else {
            if is_first && wish == Wish::Signed {
                sign_call(*part, changes);
            }
            continue;
        };
        if is_first && wish != Wish::Nothing {
            changes.replace(sign.value.span(), format!("\"{PLACEHOLDER}\""));
        } else {
            let spans: Vec<Range<usize>> = part.members().map(|member| member.span()).collect();
            changes.remove(&spans, |at| spans.get(at) == Some(&sign.span()));
        }
    }
}

/// Finds a part's signature that is another family's.
fn signature<'a>(part: &Node<'a>) -> Option<Member<'a>> {
    let sign = KEYS.into_iter().find_map(|key| part.member(key))?;
    sign.value.text().is_some_and(|blob| is_not_googles(&blob)).then_some(sign)
}

/// Tells whether a part says nothing besides its signature.
fn is_empty(part: &Node<'_>) -> bool {
    part.members().all(|member| {
        let is_sign = KEYS.into_iter().any(|key| member.key.is(key));
        is_sign || member.key.is("thought") || member.key.is("text") && member.value.is("")
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::super::foreign::trial;
    use super::*;

    const THREE: &str = "gemini-3-flash";
    /// Anthropic's, in either alphabet, and `OpenAI`'s.
    const FOREIGN: [&str; 4] = ["EgYKBAgLGAI=", "EgsKCQgLGAIiA_8IAg", "gAAAAABo-x_1==", "sy1.a.x"];
    const OWN: [&str; 3] = ["EgcKBQHR7f_-", "CsYBAXLI2nw", PLACEHOLDER];

    fn stripped(body: &str, model: &str) -> String {
        trial::stripped(body, |body| strip(body, model))
    }

    fn body(parts: &[Value]) -> Value {
        json!({ "contents": [
            { "role": "user", "parts": [{ "text": "hello" }] },
            { "role": "model", "parts": parts },
        ] })
    }

    #[test]
    fn a_foreign_signature_goes_and_its_part_stays() {
        for blob in FOREIGN {
            let given = [
                json!({ "text": "so", "thought": true, "thoughtSignature": blob }),
                json!({ "text": "", "thought_signature": blob }),
                json!({ "functionCall": { "name": "f" }, "thoughtSignature": blob }),
                json!({ "functionCall": { "name": "g" }, "thoughtSignature": blob }),
            ];
            let left = |first: Value| {
                [
                    json!({ "text": "so", "thought": true }),
                    first,
                    json!({ "functionCall": { "name": "g" } }),
                ]
            };
            let plain = left(json!({ "functionCall": { "name": "f" } }));
            let signed =
                left(json!({ "functionCall": { "name": "f" }, "thoughtSignature": PLACEHOLDER }));
            for (model, left) in [("gemini-2.5-pro", plain), (THREE, signed)] {
                assert_eq!(stripped(&body(&given).to_string(), model), body(&left).to_string());
                for shell in SHELLS {
                    let wrapped =
                        |inner: Value| json!({ "project": "p", shell: inner }).to_string();
                    assert_eq!(stripped(&wrapped(body(&given)), model), wrapped(body(&left)));
                }
            }
        }
    }

    #[test]
    fn a_turn_is_not_left_without_a_part() {
        let given = body(&[json!({ "text": "", "thoughtSignature": "gAAAAABo" })]).to_string();
        assert_eq!(stripped(&given, THREE), body(&[json!({ "text": "" })]).to_string());
    }

    #[test]
    fn what_is_google_s_or_no_signature_stays() {
        let quoted = json!({ "text": "{\"thoughtSignature\":\"gAAAAABo\"}" });
        let args = json!({ "functionCall": { "name": "f",
            "args": { "thoughtSignature": "gAAAAABo" } }, "thoughtSignature": PLACEHOLDER });
        let own = OWN.map(|blob| json!({ "text": "a", "thoughtSignature": blob }));
        for part in own.into_iter().chain([quoted, args]) {
            let whole = body(&[part, json!({ "text": "b" })]).to_string();
            assert_eq!(stripped(&whole, THREE), whole);
        }
        let own = [r#"{"thoughtSignature":"sy1.a.x"}"#, r#"{"contents":"x"}"#];
        trial::odd_bodies_stay(&own, |body| strip(body, THREE));
    }

    /// A question, a call that is answered, and more of the same turn.
    fn calling(first: &Value, second: &Value) -> Value {
        let answer = json!({ "role": "user", "parts": [
            { "functionResponse": { "name": "f", "response": {} } }] });
        json!({ "contents": [
            { "role": "user", "parts": [{ "text": "before" }] },
            { "role": "model", "parts": [{ "functionCall": { "name": "old" } }] },
            answer,
            { "role": "user", "parts": [{ "text": "now" }] },
            { "role": "model", "parts": [{ "text": "so", "thought": true }, first,
                { "functionCall": { "name": "g" } }] },
            answer,
            { "role": "model", "parts": [second] },
            { "role": "function", "parts": [{ "function_response": { "name": "f" } }] },
        ] })
    }

    #[test]
    fn a_call_of_the_present_turn_without_a_signature_gets_one_where_the_model_demands_it() {
        let bare = json!({ "functionCall": { "name": "f", "args": { "n": 1.50 } } });
        let snake = json!({ "function_call": { "name": "f" }, "thought_signature": "" });
        let given = calling(&bare, &snake);
        let signed = json!({ "thoughtSignature": PLACEHOLDER,
            "functionCall": { "name": "f", "args": { "n": 1.50 } } });
        let snake = json!({ "function_call": { "name": "f" }, "thought_signature": PLACEHOLDER });
        let left = calling(&signed, &snake).to_string();
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let made = stripped(&given.to_string(), THREE);
        assert_eq!(read(&made), read(&left));
        assert_eq!(made.len(), left.len(), "and nothing else");
        assert_eq!(stripped(&given.to_string(), "gemini-2.5-pro"), given.to_string());
        for own in OWN {
            let own = json!({ "functionCall": { "name": "f" }, "thoughtSignature": own });
            let whole = calling(&own, &own).to_string();
            assert_eq!(stripped(&whole, THREE), whole);
        }
    }

    proptest! {
        /// However parts are mixed, Google's signatures stay, others go, and no other byte changes.
        #[test]
        fn only_foreign_signatures_go(parts in prop::collection::vec((0..9_usize, any::<bool>()), 1..8)) {
            let part = |(at, (sign, before)): (usize, &(usize, bool)), all: bool| {
                let blob = FOREIGN.get(*sign).filter(|_| all).or_else(|| OWN.get(sign.wrapping_sub(4)));
                let member = blob.map(|blob| format!("\"thoughtSignature\" : \"{blob}\""));
                let text = format!("\"text\":\"{at}\"");
                let members = if *before { [member, Some(text)] } else { [Some(text), member] };
                let members: Vec<String> = members.into_iter().flatten().collect();
                format!("{{{}}}", members.join(", "))
            };
            let whole = |all| {
                let parts: Vec<String> =
                    parts.iter().enumerate().map(|one| part(one, all)).collect();
                format!("{{\"contents\":[{{\"parts\":[{}]}}]}}", parts.join(" , "))
            };
            prop_assert_eq!(stripped(&whole(true), THREE), whole(false));
        }
    }
}
