//! Between Gemini and Gemini in the CLI's envelope nothing is converted: the envelope is put on or taken
//! off, and what is inside stays as it was written, also what no table of the model names.

use std::borrow::Cow;

use switchyard_actors::domain::dialect::Dialect;

use super::codec::{StreamIn, text_of};
use super::gemini::pairs::Pairs;
use super::gemini_cli::{Account, unwrap_answer, unwrap_request, wrap_answer, wrap_request};
use super::hub::{Event, StreamError, TroubleKind};
use super::loss::Losses;
use super::stream::Ended;
use super::{Broken, Refused};

/// Tells whether two formats differ by the envelope alone.
#[must_use]
pub const fn is_rewrap(one: Dialect, other: Dialect) -> bool {
    matches!(
        (one, other),
        (Dialect::Gemini, Dialect::GeminiCli) | (Dialect::GeminiCli, Dialect::Gemini)
    )
}

/// Writes a client's request for a provider of the other kind. The envelope says the model and the
/// account; of a bare request the path says the model.
///
/// # Errors
/// It is no request.
pub fn request(
    to: Dialect,
    body: &[u8],
    model: &str,
    account: Account<'_>,
    losses: &mut Losses,
) -> Result<Vec<u8>, Refused> {
    if to != Dialect::GeminiCli {
        return Ok(unwrap_request(body, losses)?.body);
    }
    let mut inside: Pairs<'_> = serde_json::from_slice(body)
        .map_err(|error| Refused::new(format!("the body is no Gemini request: {error}")))?;
    if !inside.0.iter().any(|(key, _)| key == MODEL) {
        return wrap_request(body, model, account);
    }
    inside.0.retain(|(key, _)| key != MODEL);
    wrap_request(inside.json().text().as_bytes(), model, account)
}

/// What some libraries write inside, too; the envelope's own backend knows it outside alone.
const MODEL: &str = "model";

/// Writes a provider's whole answer, which was read before, for a client of the other kind.
///
/// # Errors
/// It is none.
pub fn answer(client: Dialect, body: &[u8]) -> Result<Vec<u8>, Broken> {
    if client != Dialect::GeminiCli {
        return Ok(unwrap_answer(text_of(body)?)?.into_owned().into_bytes());
    }
    let mut out = Vec::new();
    wrap_answer(body, &mut out);
    Ok(out)
}

/// How a stream's chunks are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Events,
    /// One list that grows; something was written to it or not.
    List {
        begun: bool,
    },
}

/// Writes a provider's stream for a client of the other kind. It is read beside that, for its end.
#[derive(Debug)]
pub struct Rewrapper {
    client: Dialect,
    framing: Framing,
    reader: StreamIn,
    events: Vec<Event>,
    ended: Option<Ended>,
}

/// What is lost on the way back: nothing.
static NOTHING: Losses = Losses::none();

impl Rewrapper {
    /// Begins a stream for a client; as one list for clients that did not ask for events.
    #[must_use]
    pub fn new(client: Dialect, is_list: bool) -> Self {
        let framing = if is_list { Framing::List { begun: false } } else { Framing::Events };
        // Whatever the envelope was, the chunk is read without it.
        let reader = StreamIn::new(Dialect::Gemini);
        Self { client, framing, reader, events: Vec::new(), ended: None }
    }

    /// Reads a frame's data, and writes it for the client.
    pub fn frame(&mut self, data: &str, out: &mut Vec<u8>) {
        let data = data.trim();
        if self.ended.is_some() || matches!(data, "" | "[DONE]") {
            return;
        }
        let bare = match bare(self.client, data) {
            Ok(bare) => bare,
            Err(broken) => return self.broke(broken),
        };
        let read = self.reader.frame("", &bare, &mut self.events);
        self.take();
        if let Err(broken) = read {
            return self.broke(broken);
        }
        if self.ended.is_none() {
            self.write(bare.as_bytes(), out);
        }
    }

    /// Writes a whole answer as the stream that the client asked for.
    pub fn whole(&mut self, body: &str, out: &mut Vec<u8>) {
        self.frame(body, out);
        self.end(out);
    }

    /// Says that the provider sends nothing more.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        if self.ended.is_some() {
            return;
        }
        self.reader.end(&mut self.events);
        self.take();
        let is_list = matches!(self.framing, Framing::List { begun: true });
        if is_list && matches!(self.ended, Some(Ended::Well(_))) {
            out.extend_from_slice(b"\n]\n");
        }
    }

    /// Ends the stream by an error of ours.
    pub fn fail(&mut self, message: impl Into<String>) {
        self.broke(Broken(message.into()));
    }

    /// Returns how it ended, once it has.
    #[must_use]
    pub const fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    /// Tells whether the client was handed a chunk that may be the last: this format has no other end.
    #[must_use]
    pub const fn may_end(&self) -> bool {
        matches!(self.ended, Some(Ended::Well(_)))
            || (self.ended.is_none() && self.reader.may_end())
    }

    /// Returns what was lost: nothing.
    #[must_use]
    pub fn losses(&self) -> &Losses {
        &NOTHING
    }

    fn take(&mut self) {
        for event in self.events.drain(..) {
            match event {
                Event::Finish(finish) => self.ended = Some(Ended::Well(finish)),
                Event::Error(error) => self.ended = Some(Ended::Badly(error)),
                _ => {}
            }
        }
    }

    fn broke(&mut self, Broken(message): Broken) {
        let error = StreamError { kind: TroubleKind::Upstream, message, retry_after_s: None };
        self.ended.get_or_insert(Ended::Badly(error));
    }

    /// Writes a chunk, on one line: breaks between the tokens of JSON are blanks as well.
    fn write(&mut self, bare: &[u8], out: &mut Vec<u8>) {
        let before: &[u8] = match self.framing {
            Framing::Events => b"data: ",
            Framing::List { begun: false } => b"[",
            Framing::List { begun: true } => b"\n,\n",
        };
        out.extend_from_slice(before);
        let begin = out.len();
        if self.client == Dialect::GeminiCli {
            wrap_answer(bare, out);
        } else {
            out.extend_from_slice(bare);
        }
        for byte in out.iter_mut().skip(begin).filter(|byte| matches!(byte, b'\n' | b'\r')) {
            *byte = b' ';
        }
        match &mut self.framing {
            Framing::Events => out.extend_from_slice(b"\n\n"),
            Framing::List { begun } => *begun = true,
        }
    }
}

/// Returns a chunk of the provider's without an envelope.
fn bare(client: Dialect, data: &str) -> Result<Cow<'_, str>, Broken> {
    if client == Dialect::GeminiCli {
        return Ok(Cow::Borrowed(data));
    }
    unwrap_answer(data)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::wire::convert::hub::Finish;

    /// All that the model has no place for, and a number as nobody else writes it.
    const INSIDE: &str = r#"{"contents":[{"role":"user","parts":[{"text":"a","x":1.50}]}],"safetySettings":[{"category":"C","threshold":"T"}],"labels":{"a":"b"},"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object","not":{}}}]}],"generationConfig":{"candidateCount":2,"responseModalities":["AUDIO"],"speechConfig":{"a":1},"mediaResolution":"M","unknown":1},"unknown":[1e400]}"#;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn what_is_inside_of_a_request_stays_as_it_was_written() {
        let mut losses = Losses::default();
        let account = Account { project: Some("ours"), prompt_id: Some("id1") };
        let wrapped =
            request(Dialect::GeminiCli, INSIDE.as_bytes(), "models/m", account, &mut losses);
        let wrapped = text(wrapped.unwrap());
        let wanted = format!(
            r#"{{"model":"m","project":"ours","user_prompt_id":"id1","request":{INSIDE}}}"#
        );
        assert_eq!(wrapped, wanted);
        assert!(losses.is_empty());
        let bare =
            request(Dialect::Gemini, wrapped.as_bytes(), "m", Account::default(), &mut losses);
        assert_eq!(text(bare.unwrap()), INSIDE);
        let paths: Vec<&str> = losses.iter().map(|loss| loss.path.as_str()).collect();
        assert_eq!(paths, ["/project", "/user_prompt_id"], "of no use to another's account");
        let named = INSIDE.replacen('{', r#"{"model":"models/x","#, 1);
        let wrapped =
            request(Dialect::GeminiCli, named.as_bytes(), "m", Account::default(), &mut losses);
        assert_eq!(text(wrapped.unwrap()), format!(r#"{{"model":"m","request":{INSIDE}}}"#));
        for odd in ["", "[]", "x"] {
            for to in [Dialect::Gemini, Dialect::GeminiCli] {
                let made = request(to, odd.as_bytes(), "m", Account::default(), &mut losses);
                assert!(made.is_err(), "{odd}");
            }
        }
    }

    fn chunks() -> Vec<Value> {
        let chunk = |parts: Value, finish: Value| {
            json!({ "candidates": [
                { "content": { "role": "model", "parts": parts }, "finishReason": finish, "x": 1 },
                { "index": 1, "content": { "parts": [{ "text": "other" }] } },
            ], "responseId": "g1", "unknown": { "a": 1.5 } })
        };
        vec![
            chunk(
                json!([{ "text": "so", "thought": true, "thoughtSignature": "c2ln" }]),
                Value::Null,
            ),
            chunk(json!([{ "functionCall": { "name": "f", "args": { "a": 1 } } }]), json!("STOP")),
        ]
    }

    fn data(client: Dialect, chunk: &Value) -> String {
        if client == Dialect::GeminiCli {
            return chunk.to_string();
        }
        json!({ "response": chunk, "traceId": "g1" }).to_string()
    }

    #[test]
    fn each_chunk_of_a_stream_passes_as_it_was_written() {
        for client in [Dialect::Gemini, Dialect::GeminiCli] {
            let (mut one, mut out) = (Rewrapper::new(client, false), Vec::new());
            for chunk in chunks() {
                assert!(!one.may_end());
                one.frame(&data(client, &chunk), &mut out);
            }
            assert!(one.may_end() && one.ended().is_none());
            one.end(&mut out);
            assert_eq!(one.ended(), Some(&Ended::Well(Finish::ToolCalls)));
            let wanted: String = chunks()
                .iter()
                .map(|chunk| match client {
                    Dialect::Gemini => format!("data: {chunk}\n\n"),
                    _ => format!("data: {{\"response\":{chunk},\"traceId\":\"g1\"}}\n\n"),
                })
                .collect();
            assert_eq!(text(out), wanted);
        }
    }

    #[test]
    fn a_list_is_one_and_a_stream_without_its_end_is_cut() {
        let (mut one, mut out) = (Rewrapper::new(Dialect::Gemini, true), Vec::new());
        for chunk in chunks() {
            one.frame(&data(Dialect::Gemini, &chunk), &mut out);
        }
        one.end(&mut out);
        assert_eq!(serde_json::from_slice::<Vec<Value>>(&out).unwrap(), chunks());
        for cut in [&chunks()[..1], &[]] {
            let (mut one, mut out) = (Rewrapper::new(Dialect::Gemini, true), Vec::new());
            for chunk in cut {
                one.frame(&data(Dialect::Gemini, chunk), &mut out);
            }
            one.end(&mut out);
            assert!(matches!(one.ended(), Some(Ended::Badly(_))) && !one.may_end());
            assert!(!text(out).contains(']') || !cut.is_empty());
        }
    }

    #[test]
    fn an_error_ends_it_and_is_left_to_who_knows_the_client() {
        let error = r#"{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}"#;
        for odd in [error, "<html>", "[1]"] {
            for client in [Dialect::Gemini, Dialect::GeminiCli] {
                let (mut one, mut out) = (Rewrapper::new(client, false), Vec::new());
                one.frame(odd, &mut out);
                one.frame(&data(client, &chunks()[1]), &mut out);
                assert!(matches!(one.ended(), Some(Ended::Badly(_))), "{odd}");
                assert!(out.is_empty(), "{odd}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_pretty_chunk_is_one_line(words in "[a-z\n\"]{0,9}") {
            let chunk = json!({ "candidates": [
                { "content": { "parts": [{ "text": words }] }, "finishReason": "STOP" }] });
            let pretty = serde_json::to_string_pretty(&chunk).unwrap();
            let (mut one, mut out) = (Rewrapper::new(Dialect::GeminiCli, false), Vec::new());
            one.whole(&pretty, &mut out);
            let out = text(out);
            let line = out.strip_prefix("data: ").and_then(|out| out.strip_suffix("\n\n")).unwrap();
            prop_assert!(!line.contains('\n'));
            let back: Value = serde_json::from_str(line).unwrap();
            prop_assert_eq!(&back["response"], &chunk);
        }
    }
}
