//! What must stay where it is: hidden state with its family, and what is private with its owner.

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::streams::{answers, frames, reply};
use super::{dialects, requests};
use crate::wire::convert::codec::{
    Asked, StreamOut, decode_answer, decode_request, encode_answer, encode_request,
};
use crate::wire::convert::fold::unfold;
use crate::wire::convert::gemini_cli::Account;
use crate::wire::convert::hub::{Family, Part, Place, Request, Role, Seal, Thinking};
use crate::wire::convert::loss::Losses;
use crate::wire::convert::names::Names;
use crate::wire::convert::stream::Converter;
use crate::wire::convert::target::{Options, Target};
use crate::wire::edit::{apply, join};
use crate::wire::foreign;
use switchyard_actors::domain::preferences::ReplayThinking;

/// A blob that a client of any format gives back as of its family: `EgYK…` and its like by their shapes.
const BLOBS: [(Family, &str); 4] = [
    (Family::Anthropic, "EgYKBAgLGAI="),
    (Family::OpenAi, "gAAAABoHidden"),
    (Family::Google, "EgUKAwHR7Q=="),
    (Family::Other, "[{\"type\":\"reasoning.encrypted\",\"data\":\"q9q9\"}]"),
];
const SECRET: &str = "s3cr3t-0f-the-provider";

/// Puts a seal of each family where seals are: on thinking, on calls and on texts.
fn sealed(mut request: Request, places: &[u8]) -> Request {
    let seal = |place: u8| {
        let (family, blob) = BLOBS[usize::from(place) % BLOBS.len()];
        Seal { family, blob: blob.to_owned() }
    };
    let mut places = places.iter().copied().cycle();
    for turn in request.turns.iter_mut().filter(|turn| turn.role == Role::Assistant) {
        for part in &mut turn.parts {
            let Some(place) = places.next() else { continue };
            match part {
                Part::Call(call) => call.seal = Some(seal(place)),
                Part::Text(text) => text.seal = Some(seal(place)),
                _ => {}
            }
        }
        let place = places.next().unwrap_or_default();
        let redacted = place > 128;
        let text = if redacted { String::new() } else { "hm".to_owned() };
        turn.parts.insert(
            0,
            Part::Thinking(Thinking {
                at: Place::default(),
                text,
                redacted,
                seal: Some(seal(place)),
            }),
        );
    }
    request
}

fn family_of(dialect: Dialect) -> Family {
    match dialect {
        Dialect::Anthropic => Family::Anthropic,
        Dialect::Responses => Family::OpenAi,
        Dialect::Gemini | Dialect::GeminiCli => Family::Google,
        // Vendors of chat have their own, if any.
        Dialect::OpenaiChat => Family::Other,
    }
}

/// Puts a private field into every object of an answer, but for what tools are called with.
fn with_private(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (key, value) in object.iter_mut() {
                if !matches!(key.as_str(), "input" | "args" | "arguments") {
                    with_private(value);
                }
            }
            object.insert("_private".to_owned(), json!(SECRET));
            object.insert("provider".to_owned(), json!({ "name": SECRET }));
            object.insert("system_fingerprint".to_owned(), json!(SECRET));
        }
        Value::Array(list) => list.iter_mut().for_each(with_private),
        _ => {}
    }
}

fn poisoned(data: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(data) else { return data.to_owned() };
    with_private(&mut value);
    value.to_string()
}

proptest! {
    /// P11, the way there: also when a client of another format has carried it meanwhile.
    #[test]
    fn hidden_state_reaches_its_own_family_alone(
        request in requests(), places in prop::collection::vec(any::<u8>(), 1..9),
        carrier in dialects(), to in dialects(),
    ) {
        let request = sealed(request, &places);
        let options = Options { replay: ReplayThinking::Always, ..Options::default() };
        let target = Target { options, ..Target::default() };
        let write = |dialect, request: &Request| {
            let account = Account::default();
            let (mut names, mut losses) = (Names::default(), Losses::default());
            encode_request(dialect, request, (&target, account), &mut names, &mut losses).unwrap()
        };
        let body = write(carrier, &request);
        let asked = Asked { body: &body, model: "m", stream: false };
        let carried = decode_request(carrier, asked, &mut Losses::default()).unwrap();
        for request in [&request, &carried] {
            let body = String::from_utf8(write(to, request)).unwrap();
            for (family, blob) in BLOBS {
                let inner = blob.rsplit("data").next().unwrap_or(blob).trim_matches(['"', ':', '}', ']']);
                let own = family == family_of(to);
                prop_assert!(own || !body.contains(inner), "{family:?} in a body for {to}: {body}");
            }
        }
    }

    /// P11, without conversion: what clients of chat were given of Google's goes to Google alone.
    #[test]
    fn google_s_hidden_state_in_chat_reaches_no_other_vendor(
        request in requests(), places in prop::collection::vec(any::<u8>(), 1..9),
    ) {
        let mut request = sealed(request, &places);
        "gemini-3-pro".clone_into(&mut request.model);
        let (mut names, mut losses) = (Names::default(), Losses::default());
        let target = (&Target::default(), Account::default());
        let chat = Dialect::OpenaiChat;
        let body = encode_request(chat, &request, target, &mut names, &mut losses).unwrap();
        let body = Bytes::from(body);
        let strip = |model: &str| foreign::strip(chat, &body, model, "https://api.example");
        prop_assert!(strip("gemini-3-pro").is_empty());
        let left = join(apply(&body, strip("gpt-5")).unwrap());
        let left = std::str::from_utf8(&left).unwrap();
        prop_assert!(!left.contains(BLOBS[2].1), "{left}");
        prop_assert!(serde_json::from_str::<Value>(left).is_ok(), "{left}");
    }

    /// P11, the way back.
    #[test]
    fn what_a_provider_says_beside_its_answer_reaches_no_client(
        answer in answers(), from in dialects(), to in dialects(),
    ) {
        prop_assume!(from != to);
        let mut losses = Losses::default();
        let whole = encode_answer(from, &answer, &reply(), &mut losses);
        let whole = poisoned(std::str::from_utf8(&whole).unwrap());
        let whole = decode_answer(from, whole.as_bytes()).unwrap();
        let whole = encode_answer(to, &whole, &reply(), &mut losses);
        prop_assert!(!String::from_utf8_lossy(&whole).contains(SECRET), "{} to {}", from, to);

        let (mut upstream, mut bytes) = (StreamOut::new(from, reply()), Vec::new());
        for event in unfold(&answer) {
            upstream.event(&event, &mut losses, &mut bytes);
        }
        let (mut converter, mut out) =
            (Converter::new(from, StreamOut::new(to, reply())), Vec::new());
        for (event, data) in frames(&bytes) {
            converter.frame(&event, &poisoned(&data), &mut out);
        }
        converter.end(&mut out);
        prop_assert!(!String::from_utf8_lossy(&out).contains(SECRET), "{} to {}", from, to);
    }

    /// P11: fields of the client's that no format has go to no provider.
    #[test]
    fn what_a_client_says_beside_its_request_reaches_no_provider(
        request in requests(), from in dialects(), to in dialects(),
    ) {
        prop_assume!(from != to);
        let account = Account::default();
        let (mut names, mut losses) = (Names::default(), Losses::default());
        let target = Target::default();
        let body = encode_request(from, &request, (&target, account), &mut names, &mut losses);
        let mut body: Value = serde_json::from_slice(&body.unwrap()).unwrap();
        body["_private"] = json!(SECRET);
        body["provider"] = json!({ "_name": SECRET });
        let body = body.to_string();
        let asked = Asked { body: body.as_bytes(), model: "m", stream: false };
        let read = decode_request(from, asked, &mut losses).unwrap();
        let body = encode_request(to, &read, (&target, account), &mut names, &mut losses);
        prop_assert!(!String::from_utf8_lossy(&body.unwrap()).contains(SECRET), "{} to {}", from, to);
    }
}
