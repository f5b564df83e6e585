//! The envelope that the Gemini CLI puts around Gemini's format when its user has logged in: model and
//! project stand beside the request, the answer is inside `response`. What is inside stays as it was
//! written: between this and bare Gemini nothing else is done (`rewrap.rs`), other formats are converted
//! from and to what is inside. Errors have no envelope, and are taken with one.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::fields::say_unknown;
use super::gemini::pairs::Pairs;
use super::loss::{Losses, Token};
use super::{Broken, Refused};
use crate::wire::model_list::bare_model;
use crate::wire::tree::{Member, Node};

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

/// Puts an answer, or the data of a frame, into the envelope. It was read before as JSON: nothing of it is checked.
/// An error stays as it is, and so does what is no object.
pub fn wrap_answer(body: &[u8], out: &mut Vec<u8>) {
    let whole = Node::whole(body);
    let (mut is_bare, mut id) = (!whole.is_object(), None);
    for member in whole.members().filter(|member| member.value.raw() != b"null") {
        is_bare |= member.key.is("error");
        // The CLI takes it for the answer's id.
        let is_text = member.value.raw().starts_with(b"\"");
        if is_text && member.key.is("responseId") {
            id = Some(member.value.raw());
        }
    }
    if is_bare {
        out.extend_from_slice(body);
        return;
    }
    out.extend_from_slice(b"{\"response\":");
    out.extend_from_slice(whole.raw());
    if let Some(id) = id {
        out.extend_from_slice(b",\"traceId\":");
        out.extend_from_slice(id);
    }
    out.push(b'}');
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wrapped<'a> {
    #[serde(borrow, default)]
    response: Option<&'a RawValue>,
    #[serde(borrow, default)]
    trace_id: Option<&'a RawValue>,
}

/// Takes an answer, or the data of a frame, out of the envelope, with its id where it has none inside. What has no
/// envelope stays as it is.
///
/// # Errors
/// It is no object.
pub fn unwrap_answer(body: &str) -> Result<Cow<'_, str>, Broken> {
    let broken = |why: String| Broken(format!("no answer in the Gemini CLI's envelope: {why}"));
    // Serde would read a list as an object's values in order.
    if !body.trim_ascii_start().starts_with('{') {
        return Err(broken("it is no object".to_owned()));
    }
    let Wrapped { response, trace_id } =
        serde_json::from_str(body).map_err(|error| broken(error.to_string()))?;
    let Some(inner) = response.map(RawValue::get) else { return Ok(Cow::Borrowed(body)) };
    let Some(open) = inner.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) else {
        return Err(Broken("the response inside the envelope is no object".to_owned()));
    };
    let is_its = |member: Member<'_>| {
        member.key.is("responseId") || (member.key.is("error") && member.value.raw() != b"null")
    };
    let has_id = || Node::whole(inner.as_bytes()).members().any(is_its);
    let Some(trace) = trace_id.filter(|_| !has_id()) else { return Ok(Cow::Borrowed(inner)) };
    let comma = if open.trim_ascii().is_empty() { "" } else { "," };
    Ok(Cow::Owned(format!("{{{open}{comma}\"responseId\":{trace}}}")))
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
            let enveloped = wrapped(&bare);
            prop_assert_eq!(unwrap_answer(&enveloped).unwrap(), bare);
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
            let _ = unwrap_answer(&wrapped(&text));
            let _ = unwrap_answer(&text);
        }
    }

    fn wrapped(bare: &str) -> String {
        let mut out = Vec::new();
        wrap_answer(bare.as_bytes(), &mut out);
        text(out)
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
        let wrapped = wrapped(bare);
        assert_eq!(wrapped, format!(r#"{{"response":{bare},"traceId":"g1"}}"#));
        assert_eq!(unwrap_answer(&wrapped).unwrap(), bare);
        let traced = r#"{"response":{"candidates":[]},"traceId":"t"}"#;
        let wanted = r#"{"candidates":[],"responseId":"t"}"#;
        assert_eq!(unwrap_answer(traced).unwrap(), wanted);
        for (wrapped, bare) in [
            (r#"{ "traceId": "t", "response": { } }"#, r#"{ "responseId":"t"}"#),
            (r#"{"response":{"responseId":null},"traceId":"t"}"#, r#"{"responseId":null}"#),
            (r#"{"response":{"error":null},"traceId":"t"}"#, r#"{"error":null,"responseId":"t"}"#),
            (r#"{"response":null,"traceId":"t"}"#, r#"{"response":null,"traceId":"t"}"#),
            (r#"{"response":{"a":1},"traceId":null}"#, r#"{"a":1}"#),
        ] {
            assert_eq!(unwrap_answer(wrapped).unwrap(), bare);
        }
        for odd in ["[1]", r#"{"response":[]}"#, r#"{"response":{}"#, "{}x", "", "null"] {
            assert!(unwrap_answer(odd).is_err(), "{odd}");
        }
        for as_it_is in ["[{}]", "", "1", r#"{"error":{"code":1}}"#] {
            let mut out = Vec::new();
            wrap_answer(as_it_is.as_bytes(), &mut out);
            assert_eq!(text(out), as_it_is);
        }
        assert!(unwrap_answer("<html>").is_err());
    }

    #[test]
    fn an_error_is_bare_both_ways() {
        let error = r#"{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}"#;
        assert_eq!(wrapped(error), error);
        assert_eq!(unwrap_answer(error).unwrap(), error);
        let wrapped = format!(r#"{{"response":{error},"traceId":"t"}}"#);
        assert_eq!(unwrap_answer(&wrapped).unwrap(), error);
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
