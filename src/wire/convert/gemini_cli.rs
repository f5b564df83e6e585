//! The envelope that the Gemini CLI puts around Gemini's format when its user has logged in: model and
//! project stand beside the request, the answer is inside `response`. What is inside stays as it was
//! written: between this and bare Gemini nothing else is done (`rewrap.rs`), other formats are converted
//! from and to what is inside. Errors have no envelope, and are taken with one.

use serde::Serialize;
use serde_json::value::RawValue;

use super::fields::say_unknown;
use super::gemini::pairs::Pairs;
use super::loss::{Losses, Token};
use super::{Broken, Refused};
use crate::wire::model_list::bare_model;

/// A request without its envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwrapped {
    /// The model; empty when the envelope has none.
    pub model: String,
    /// The body inside.
    pub body: Vec<u8>,
}

/// Where the request stands in the envelope.
pub const REQUEST: &str = "/request";

/// Keys of the envelope that are of use to its own backend alone.
const ENVELOPE_IDS: [&str; 5] =
    ["project", "user_prompt_id", "userPromptId", "requestId", "enabled_credit_types"];
/// Keys inside that are of use to its own backend alone.
const REQUEST_IDS: [&str; 2] = ["session_id", "sessionId"];

/// Takes a request out of its envelope.
///
/// # Errors
/// There is no request inside.
pub fn unwrap_request(body: &[u8], losses: &mut Losses) -> Result<Unwrapped, Refused> {
    let no_envelope =
        || Refused::new("the body is no request of the Gemini CLI: it has no request");
    let envelope: Pairs<'_> = serde_json::from_slice(body).map_err(|error| {
        Refused::new(format!("the body is no request of the Gemini CLI: {error}"))
    })?;
    let inner = envelope.get("request").ok_or_else(no_envelope)?;
    let mut request = Pairs::read(inner.get()).ok_or_else(no_envelope)?;
    let known: Vec<&str> = ENVELOPE_IDS.into_iter().chain(["model", "request"]).collect();
    if let Ok(text) = std::str::from_utf8(body) {
        say_unknown(text, &known, "", losses);
    }
    for key in ENVELOPE_IDS {
        losses.push_if(envelope.get(key).is_some(), Token::DropEnvelopeIds, &format!("/{key}"));
    }
    for key in REQUEST_IDS {
        let path = format!("/request/{key}");
        losses.push_if(request.get(key).is_some(), Token::DropEnvelopeIds, &path);
    }
    request.0.retain(|(key, _)| !REQUEST_IDS.contains(&key.as_str()));
    let model = envelope.text("model").unwrap_or_default();
    Ok(Unwrapped { model: bare_model(&model).to_owned(), body: request.json().text().into() })
}

/// Takes a question for the number of tokens out of its envelope: there the model is inside.
///
/// # Errors
/// There is no request inside.
pub fn unwrap_count(body: &[u8]) -> Result<Unwrapped, Refused> {
    let Unwrapped { model, body } = unwrap_request(body, &mut Losses::default())?;
    let mut request: Pairs<'_> = serde_json::from_slice(&body)
        .map_err(|error| Refused::new(format!("the request inside is none: {error}")))?;
    let inside = request.text("model").map(|model| bare_model(&model).to_owned());
    request.0.retain(|(key, _)| key != "model");
    Ok(Unwrapped { model: inside.unwrap_or(model), body: request.json().text().into() })
}

/// The account that a request is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account<'a> {
    /// The provider's project; never the client's.
    pub project: Option<&'a str>,
    /// What tells one prompt from another.
    pub prompt_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_prompt_id: Option<&'a str>,
    request: &'a RawValue,
}

/// Puts a request into the envelope.
///
/// # Errors
/// The body is no object.
pub fn wrap_request(body: &[u8], model: &str, account: Account<'_>) -> Result<Vec<u8>, Refused> {
    let request = object(body).ok_or_else(|| Refused::new("the body is no Gemini request"))?;
    let Account { project, prompt_id: user_prompt_id } = account;
    print(&Envelope { model: bare_model(model), project, user_prompt_id, request })
}

#[derive(Serialize)]
struct CountEnvelope<'a> {
    request: Count<'a>,
}

#[derive(Serialize)]
struct Count<'a> {
    model: String,
    contents: &'a RawValue,
}

/// Puts a question for the number of tokens into the envelope, which takes contents alone.
///
/// # Errors
/// The body has no contents.
pub fn wrap_count(body: &[u8], model: &str) -> Result<Vec<u8>, Refused> {
    let no_contents = || Refused::new("the body has no contents to count");
    let whole: Pairs<'_> = serde_json::from_slice(body).map_err(|_| no_contents())?;
    // A client may ask for the tokens of a whole request.
    let inside = whole.get("generateContentRequest").and_then(|inner| Pairs::read(inner.get()));
    let contents = whole.get("contents").or_else(|| inside?.get("contents"));
    let contents = contents.ok_or_else(no_contents)?;
    let model = format!("models/{}", bare_model(model));
    print(&CountEnvelope { request: Count { model, contents } })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wrapped<'a> {
    response: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
}

/// Puts an answer, or the data of a frame, into the envelope. An error stays as it is, and so does what
/// is no object.
#[must_use]
pub fn wrap_answer(body: &[u8]) -> Vec<u8> {
    let wrapped = object(body).and_then(|response| {
        let pairs = Pairs::read(response.get())?;
        if pairs.get("error").is_some() {
            return None;
        }
        // The CLI takes it for the answer's id.
        let trace_id = pairs.text("responseId");
        serde_json::to_vec(&Wrapped { response, trace_id }).ok()
    });
    wrapped.unwrap_or_else(|| body.to_vec())
}

/// Takes an answer, or the data of a frame, out of the envelope. What has none stays as it is.
///
/// # Errors
/// It is no object.
pub fn unwrap_answer(body: &[u8]) -> Result<Vec<u8>, Broken> {
    let envelope: Pairs<'_> = serde_json::from_slice(body)
        .map_err(|error| Broken(format!("no answer in the Gemini CLI's envelope: {error}")))?;
    let Some(inner) = envelope.get("response") else { return Ok(body.to_vec()) };
    let Some(mut response) = Pairs::read(inner.get()) else {
        return Err(Broken("the response inside the envelope is no object".to_owned()));
    };
    let trace = envelope.get("traceId").filter(|_| response.get("responseId").is_none());
    let is_error = response.get("error").is_some();
    if let Some(trace) = trace.filter(|_| !is_error) {
        response.0.push(("responseId".to_owned(), trace));
        return Ok(response.json().text().into());
    }
    Ok(inner.get().as_bytes().to_vec())
}

fn object(body: &[u8]) -> Option<&RawValue> {
    let raw: &RawValue = serde_json::from_slice(body).ok()?;
    raw.get().starts_with('{').then_some(raw)
}

fn print<T: Serialize>(envelope: &T) -> Result<Vec<u8>, Refused> {
    serde_json::to_vec(envelope)
        .map_err(|error| Refused::new(format!("the request has no form: {error}")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_put_in_comes_out(id in "[a-z0-9]{0,4}", words in ".{0,9}", has_id: bool) {
            let part = serde_json::json!({"candidates": [{"content": {"parts": [{"text": words}]}}]});
            let mut chunk = part.clone();
            if has_id {
                chunk["responseId"] = serde_json::json!(id);
            }
            let bare = chunk.to_string();
            let wrapped = wrap_answer(bare.as_bytes());
            prop_assert_eq!(text(unwrap_answer(&wrapped).unwrap()), bare);
            let request = part.to_string();
            let wrapped = wrap_request(request.as_bytes(), &id, Account::default()).unwrap();
            let unwrapped = unwrap_request(&wrapped, &mut Losses::default()).unwrap();
            prop_assert_eq!(unwrapped, Unwrapped { model: id, body: request.into_bytes() });
        }

        #[test]
        fn nothing_breaks_it(text in "[\\[\\]{}:,\"a-z0-9]{0,30}") {
            let _ = unwrap_request(text.as_bytes(), &mut Losses::default());
            let _ = unwrap_count(text.as_bytes());
            let _ = wrap_count(text.as_bytes(), "m");
            let _ = unwrap_answer(&wrap_answer(text.as_bytes()));
        }
    }

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn gemini_cli_envelope_of_a_request() {
        let body = br#"{"model":"gemini-3-pro","project":"p","user_prompt_id":"u","request":{"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"session_id":"s","generationConfig":{"temperature":1.0}}}"#;
        let mut losses = Losses::default();
        let Unwrapped { model, body } = unwrap_request(body, &mut losses).unwrap();
        assert_eq!(model, "gemini-3-pro");
        let inside = r#"{"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"generationConfig":{"temperature":1.0}}"#;
        assert_eq!(text(body.clone()), inside);
        let paths: Vec<&str> = losses.iter().map(|loss| loss.path.as_str()).collect();
        assert_eq!(paths, ["/project", "/request/session_id", "/user_prompt_id"]);

        let account = Account { project: Some("ours"), prompt_id: None };
        let wrapped = text(wrap_request(&body, "models/gemini-3-pro", account).unwrap());
        let wanted = format!(r#"{{"model":"gemini-3-pro","project":"ours","request":{inside}}}"#);
        assert_eq!(wrapped, wanted);
    }

    #[test]
    fn what_is_no_envelope_is_refused() {
        for body in ["{}", "[]", "{\"request\":1}", "x"] {
            assert!(unwrap_request(body.as_bytes(), &mut Losses::default()).is_err(), "{body}");
        }
        assert!(wrap_request(b"[]", "m", Account::default()).is_err());
    }

    #[test]
    fn gemini_cli_envelope_of_answers_and_frames() {
        let bare = r#"{"candidates":[{"finishReason":"STOP"}],"responseId":"g1"}"#;
        let wrapped = text(wrap_answer(bare.as_bytes()));
        assert_eq!(wrapped, format!(r#"{{"response":{bare},"traceId":"g1"}}"#));
        assert_eq!(text(unwrap_answer(wrapped.as_bytes()).unwrap()), bare);
        let traced = r#"{"response":{"candidates":[]},"traceId":"t"}"#;
        let wanted = r#"{"candidates":[],"responseId":"t"}"#;
        assert_eq!(text(unwrap_answer(traced.as_bytes()).unwrap()), wanted);
        assert!(unwrap_answer(b"<html>").is_err());
    }

    #[test]
    fn an_error_is_bare_both_ways() {
        let error = r#"{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}"#;
        assert_eq!(text(wrap_answer(error.as_bytes())), error);
        assert_eq!(text(unwrap_answer(error.as_bytes()).unwrap()), error);
        let wrapped = format!(r#"{{"response":{error},"traceId":"t"}}"#);
        assert_eq!(text(unwrap_answer(wrapped.as_bytes()).unwrap()), error);
    }

    #[test]
    fn gemini_cli_envelope_of_counting() {
        let wrapped = r#"{"request":{"model":"models/m","contents":[{"parts":[]}]}}"#;
        let Unwrapped { model, body } = unwrap_count(wrapped.as_bytes()).unwrap();
        assert_eq!(
            (model.as_str(), text(body.clone()).as_str()),
            ("m", r#"{"contents":[{"parts":[]}]}"#)
        );
        assert_eq!(text(wrap_count(&body, "m").unwrap()), wrapped);
        let whole = br#"{"generateContentRequest":{"model":"models/x","contents":[{"parts":[]}]}}"#;
        assert_eq!(text(wrap_count(whole, "m").unwrap()), wrapped);
        assert!(wrap_count(b"{}", "m").is_err());
    }
}
