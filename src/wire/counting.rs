//! Counting tokens, in the words of each format: what a counter is asked, and what it says. A client's
//! question is that for an answer without what steers the answer, so both ways go through the hub.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::convert::Refused;
use super::convert::codec::{Asked, decode_request, encode_request};
use super::convert::gemini_cli::Account;
use super::convert::hub::Request;
use super::convert::loss::Losses;
use super::convert::names::Names;
use super::convert::target::{ModelTraits, Options, Target};
use super::model_list::{MODELS, bare_model, gemini_path, is_vertex};

/// What a counter of Anthropic's takes.
const ANTHROPIC: [&str; 7] =
    ["model", "messages", "system", "tools", "tool_choice", "thinking", "output_config"];
/// What a counter of `OpenAI`'s takes.
const RESPONSES: [&str; 8] = [
    "model",
    "instructions",
    "input",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "reasoning",
    "text",
];
/// What the counter of Google's cloud takes.
const VERTEX: [&str; 3] = ["contents", "systemInstruction", "tools"];

/// A question for another format's counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Where it goes.
    pub path: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Puts a client's question for the counter of another format. `sent` is the model as it goes out, `base`
/// the provider's address.
///
/// # Errors
/// It cannot be read, or asks about what only another vendor has.
pub fn convert(
    from: Dialect,
    body: &[u8],
    asked: &str,
    (to, sent, base): (Dialect, &str, &str),
) -> Result<Question, Refused> {
    // What a count loses is no loss of the conversation.
    let mut losses = Losses::default();
    let inner = inner(from, body);
    let reading = if from == Dialect::GeminiCli { Dialect::Gemini } else { from };
    let asked = Asked { body: inner.as_deref().unwrap_or(body), model: asked, stream: false };
    let mut request = decode_request(reading, asked, &mut losses)?;
    sent.clone_into(&mut request.model);
    request.stream = false;
    write((to, base), &request, &mut losses)
}

/// Takes a question of Google's out of what it is wrapped in.
fn inner(from: Dialect, body: &[u8]) -> Option<Vec<u8>> {
    let key = match from {
        Dialect::Gemini => "generateContentRequest",
        Dialect::GeminiCli => "request",
        _ => return None,
    };
    let members: BTreeMap<&str, &RawValue> = serde_json::from_slice(body).ok()?;
    members.get(key).map(|inner| inner.get().as_bytes().to_vec())
}

fn write(
    (to, base): (Dialect, &str),
    request: &Request,
    losses: &mut Losses,
) -> Result<Question, Refused> {
    let options = Options { internal: to == Dialect::GeminiCli, ..Options::default() };
    let target = Target { model: ModelTraits::of(&request.model), options };
    let mut names = Names::default();
    let form = if to == Dialect::GeminiCli { Dialect::Gemini } else { to };
    let account = Account::default();
    let body = encode_request(form, request, (&target, account), &mut names, losses)?;
    let name = &request.model;
    let (path, body) = match to {
        Dialect::Anthropic => ("/v1/messages/count_tokens".to_owned(), only(&body, &ANTHROPIC)?),
        Dialect::Responses => ("/v1/responses/input_tokens".to_owned(), only(&body, &RESPONSES)?),
        Dialect::Gemini => {
            let path = gemini_path(base, name, "countTokens");
            let in_cloud = is_vertex(base);
            (path, if in_cloud { only(&body, &VERTEX)? } else { wrapped(&body, name)? })
        }
        Dialect::GeminiCli => ("/v1internal:countTokens".to_owned(), contents(&body, name)?),
        Dialect::OpenaiChat => return Err(Refused::new("chat completions have no counter")),
    };
    Ok(Question { path, body })
}

/// Leaves out what a counter refuses.
fn only(body: &[u8], keys: &[&str]) -> Result<Vec<u8>, Refused> {
    let mut members = members(body)?;
    members.retain(|key, _| keys.contains(key));
    print(&members)
}

/// Google's public counter takes instructions and tools in a whole request alone.
fn wrapped(body: &[u8], model: &str) -> Result<Vec<u8>, Refused> {
    let mut members: BTreeMap<&str, Box<RawValue>> =
        members(body)?.into_iter().map(|(key, value)| (key, value.to_owned())).collect();
    members.insert("model", raw(&format!("{MODELS}{}", bare_model(model)))?);
    print(&BTreeMap::from([("generateContentRequest", members)]))
}

/// The counter behind the Gemini CLI takes contents and nothing else: what it does not take is said
/// as content, and counts as such.
fn contents(body: &[u8], model: &str) -> Result<Vec<u8>, Refused> {
    let members = members(body)?;
    let said = |text: &str| json!({ "role": "user", "parts": [{ "text": text }] });
    let mut all: Vec<Value> = Vec::new();
    if let Some(system) = members.get("systemInstruction") {
        let system: Value = serde_json::from_str(system.get()).unwrap_or_default();
        all.push(json!({ "role": "user", "parts": system.get("parts") }));
    }
    all.extend(members.get("tools").map(|tools| said(tools.get())));
    if let Some(contents) = members.get("contents") {
        all.extend(serde_json::from_str::<Vec<Value>>(contents.get()).unwrap_or_default());
    }
    print(
        &json!({ "request": { "model": format!("{MODELS}{}", bare_model(model)), "contents": all } }),
    )
}

fn members(body: &[u8]) -> Result<BTreeMap<&str, &RawValue>, Refused> {
    serde_json::from_slice(body).map_err(|error| unwritten(&error))
}

fn print<T: serde::Serialize>(body: &T) -> Result<Vec<u8>, Refused> {
    serde_json::to_vec(body).map_err(|error| unwritten(&error))
}

fn raw(text: &str) -> Result<Box<RawValue>, Refused> {
    serde_json::value::to_raw_value(text).map_err(|error| unwritten(&error))
}

fn unwritten(error: &serde_json::Error) -> Refused {
    Refused::new(format!("the question for a count cannot be written: {error}"))
}

/// Reads what a counter says; `None` when it says no number.
#[must_use]
pub fn count_of(answer: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Said {
        input_tokens: Option<u64>,
        #[serde(rename = "totalTokens")]
        total_tokens: Option<u64>,
    }
    let said: Said = serde_json::from_slice(answer).ok()?;
    said.input_tokens.or(said.total_tokens)
}

/// Says a number of tokens as the client's own counter does.
#[must_use]
pub fn answer(dialect: Dialect, tokens: u64) -> Vec<u8> {
    let body = match dialect {
        Dialect::Gemini | Dialect::GeminiCli => json!({ "totalTokens": tokens }),
        Dialect::Responses => json!({ "object": "response.input_tokens", "input_tokens": tokens }),
        Dialect::Anthropic | Dialect::OpenaiChat => json!({ "input_tokens": tokens }),
    };
    body.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A question of each format that has a counter, with instructions, a tool and a turn.
    fn question(dialect: Dialect) -> Value {
        let schema = json!({"type": "object", "properties": {"path": {"type": "string"}}});
        let gemini = json!({
            "systemInstruction": {"parts": [{"text": "Be brief."}]},
            "contents": [{"role": "user", "parts": [{"text": "What is in it?"}]}],
            "tools": [{"functionDeclarations": [{"name": "look", "parametersJsonSchema": schema}]}],
        });
        match dialect {
            Dialect::Anthropic => json!({"model": "m", "system": "Be brief.",
                "messages": [{"role": "user", "content": "What is in it?"}],
                "tools": [{"name": "look", "input_schema": schema}]}),
            Dialect::Responses => json!({"model": "m", "instructions": "Be brief.",
                "input": "What is in it?",
                "tools": [{"type": "function", "name": "look", "parameters": schema}]}),
            Dialect::Gemini => json!({"generateContentRequest": gemini}),
            _ => json!({"request": gemini}),
        }
    }

    const BASE: &str = "https://one.example";

    const COUNTERS: [Dialect; 4] =
        [Dialect::Anthropic, Dialect::Responses, Dialect::Gemini, Dialect::GeminiCli];

    #[test]
    fn each_counter_is_asked_in_its_own_words_about_all_of_it() {
        for from in COUNTERS {
            for to in COUNTERS.into_iter().filter(|to| *to != from) {
                let body = question(from).to_string();
                let asked = convert(from, body.as_bytes(), "m", (to, "sent", BASE)).unwrap();
                let text = String::from_utf8(asked.body).unwrap();
                for part in ["Be brief.", "What is in it?", "look", "path"] {
                    assert!(text.contains(part), "{from} to {to}: {part} is in {text}");
                }
                for never in ["max_tokens", "stream", "store", "include", "temperature"] {
                    assert!(!text.contains(&format!("\"{never}\"")), "{to}: {text}");
                }
                let path = match to {
                    Dialect::Anthropic => "/v1/messages/count_tokens",
                    Dialect::Responses => "/v1/responses/input_tokens",
                    Dialect::Gemini => "/v1beta/models/sent:countTokens",
                    _ => "/v1internal:countTokens",
                };
                assert_eq!(asked.path, path);
                let names_model =
                    text.contains(r#""model":"sent""#) || text.contains(r#""model":"models/sent""#);
                assert!(names_model, "{to}: {text}");
            }
        }
    }

    #[test]
    fn a_model_of_google_s_is_named_once_and_its_cloud_is_asked_without_a_shell() {
        let body = question(Dialect::Anthropic).to_string();
        let asked = |to, base| {
            let asked = convert(Dialect::Anthropic, body.as_bytes(), "m", (to, "models/x", base));
            let Question { path, body } = asked.unwrap();
            (path, String::from_utf8(body).unwrap())
        };
        let (path, said) = asked(Dialect::Gemini, BASE);
        assert_eq!(path, "/v1beta/models/x:countTokens");
        assert!(said.contains(r#""model":"models/x""#), "{said}");
        let (_, said) = asked(Dialect::GeminiCli, BASE);
        assert!(said.contains(r#""model":"models/x""#), "{said}");
        let (path, said) = asked(Dialect::Gemini, "https://eu-aiplatform.googleapis.com");
        assert_eq!(path, "/v1/publishers/google/models/x:countTokens");
        let keys: BTreeMap<String, Value> = serde_json::from_str(&said).unwrap();
        assert_eq!(keys.into_keys().collect::<Vec<_>>(), VERTEX, "{said}");
    }

    #[test]
    fn what_is_no_question_is_refused() {
        let to = (Dialect::Anthropic, "m", BASE);
        assert!(convert(Dialect::Gemini, b"{}", "m", to).is_err());
        assert!(convert(Dialect::Responses, b"[]", "m", to).is_err());
        let chat = (Dialect::OpenaiChat, "m", BASE);
        let body = question(Dialect::Anthropic).to_string();
        assert!(convert(Dialect::Anthropic, body.as_bytes(), "m", chat).is_err());
    }

    proptest! {
        /// What one counter says is what a client of another hears.
        #[test]
        fn a_number_comes_through(tokens in any::<u64>()) {
            for dialect in COUNTERS {
                prop_assert_eq!(count_of(&answer(dialect, tokens)), Some(tokens));
            }
        }
    }
}
