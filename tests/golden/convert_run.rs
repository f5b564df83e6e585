//! Runs a golden conversion, and takes off what every frame and answer has, once it is checked.

use serde_json::{Value, json};
use switchyard::proxy::convert::error_kind;
use switchyard::wire::convert::codec::{
    Asked, StreamIn, StreamOut, decode_answer, decode_request, encode_answer, encode_request,
};
use switchyard::wire::convert::gather::gather;
use switchyard::wire::convert::gemini_cli::Account;
use switchyard::wire::convert::hub::{CallKind, StreamError};
use switchyard::wire::convert::loss::Losses;
use switchyard::wire::convert::names::{Bounds, Names, ToolName};
use switchyard::wire::convert::reply::Reply;
use switchyard::wire::convert::rewrap::{self, Rewrapper, is_rewrap};
use switchyard::wire::convert::stream::{Converter, Ended};
use switchyard::wire::convert::target::{ModelTraits, Options, Target};
use switchyard::wire::error_body::{ClientError, StreamPosition};
use switchyard::wire::sse::FrameReader;
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::ids::RequestId;
use switchyard_actors::domain::preferences::{ReplayThinking, UnknownEffort};

use crate::convert::{AnswerCase, OptionsCase, RequestCase, RequestTo};

/// What goes to a provider.
pub struct Sent {
    pub text: String,
    pub losses: Vec<String>,
}

/// What a stream has become.
pub struct Answered {
    pub frames: Vec<Value>,
    pub losses: Vec<String>,
    /// The trouble that it ended with.
    pub error: Option<String>,
    /// What the client is told of it.
    pub told: Option<Value>,
}

fn dialect(name: &str) -> Dialect {
    let known = Dialect::ALL.into_iter().find(|dialect| dialect.name() == name);
    known.unwrap_or_else(|| panic!("there is no format {name}"))
}

fn said(losses: &Losses) -> Vec<String> {
    losses
        .iter()
        .map(|loss| format!("{} {}", loss.token, loss.path).trim_end().to_owned())
        .collect()
}

/// Converts a request; the error is what the client is told.
pub fn request(asked: &RequestCase, to: &RequestTo) -> Result<Sent, String> {
    let body = serde_json::to_vec(&asked.body).unwrap();
    let mut losses = Losses::default();
    if is_rewrap(dialect(&asked.from), dialect(&to.format)) {
        let model = to.model.as_deref().unwrap_or(&asked.model);
        let account = Account { project: to.options.project.as_deref(), prompt_id: None };
        let body = rewrap::request(dialect(&to.format), &body, model, account, &mut losses)
            .map_err(|refused| refused.to_string())?;
        return Ok(Sent { text: String::from_utf8(body).unwrap(), losses: said(&losses) });
    }
    let read = Asked { body: &body, model: &asked.model, stream: asked.stream };
    let mut request = decode_request(dialect(&asked.from), read, &mut losses)
        .map_err(|refused| refused.to_string())?;
    if let Some(model) = &to.model {
        request.model.clone_from(model);
    }
    let target = Target { model: ModelTraits::of(&request.model), options: options(&to.options) };
    let project = to.options.project.as_deref();
    let account = Account { project, ..Account::default() };
    let (format, mut names) = (dialect(&to.format), Names::default());
    let body = encode_request(format, &request, (&target, account), &mut names, &mut losses)
        .map_err(|refused| refused.to_string())?;
    Ok(Sent { text: String::from_utf8(body).unwrap(), losses: said(&losses) })
}

fn options(case: &OptionsCase) -> Options {
    let nobody = Options::default();
    Options {
        replay: match case.replay.as_deref() {
            None => nobody.replay,
            Some("always") => ReplayThinking::Always,
            Some("tool_turns") => ReplayThinking::ToolTurns,
            Some(other) => panic!("there is no replay {other}"),
        },
        custom_tools: case.custom_tools.unwrap_or(nobody.custom_tools),
        json_schema: case.json_schema.unwrap_or(nobody.json_schema),
        internal: case.internal.unwrap_or(nobody.internal),
        call_ids: case.call_ids.unwrap_or(nobody.call_ids),
        codex_backend: case.codex_backend.unwrap_or(nobody.codex_backend),
        end_user: case.end_user.unwrap_or(nobody.end_user),
        web_search: case.web_search.unwrap_or(nobody.web_search),
        unknown_effort: case
            .unknown_effort
            .as_deref()
            .map_or(nobody.unknown_effort, UnknownEffort::parse),
    }
}

fn reply(case: &AnswerCase) -> Reply {
    let (mut names, bounds) = (Names::default(), Bounds::OPENAI_NAME);
    for (namespace, name, kind) in &case.tools {
        let kind = match kind.as_str() {
            "function" => CallKind::Function,
            "custom" => CallKind::Custom,
            "local_shell" => CallKind::LocalShell,
            other => panic!("there is no kind {other}"),
        };
        names.tool(ToolName { namespace: namespace.clone(), name: name.clone(), kind }, bounds);
    }
    for id in &case.calls {
        names.call(id, Bounds::SHORT_CALL_ID);
    }
    Reply {
        id: "r1".to_owned(),
        model: "asked".to_owned(),
        created: 1_700_000_000,
        names,
        want_usage: true,
        show_thinking: true,
    }
}

/// Returns a frame as its event and data.
fn frame(data: &Value) -> (String, String) {
    match data {
        Value::String(text) => (String::new(), text.clone()),
        data => (data["type"].as_str().unwrap_or_default().to_owned(), data.to_string()),
    }
}

/// Converts a stream.
pub fn stream(case: &AnswerCase, frames: &[Value], to: &str) -> Answered {
    let (from, to) = (dialect(&case.from), dialect(to));
    if is_rewrap(from, to) {
        return rewrapped(frames, to);
    }
    let (mut converter, mut out) =
        (Converter::new(from, StreamOut::new(to, reply(case))), Vec::new());
    for data in frames {
        let (event, data) = frame(data);
        converter.frame(&event, &data, &mut out);
    }
    converter.end(&mut out);
    let trouble = match converter.ended() {
        Some(Ended::Badly(error)) => Some(error),
        _ => None,
    };
    let frames = bare(to, &out);
    let losses = said(converter.losses());
    Answered { frames, losses, error: trouble.map(words), told: trouble.map(|it| told(it, to)) }
}

/// Says what went wrong in one line.
fn words(trouble: &StreamError) -> String {
    let StreamError { kind, message, retry_after_s } = trouble;
    let wait = retry_after_s.map_or_else(String::new, |wait| format!(" (after {wait} s)"));
    format!("{kind:?}: {message}{wait}")
}

/// Returns the data of the frame by which a client is told what went wrong.
fn told(trouble: &StreamError, to: Dialect) -> Value {
    let id = RequestId([0; 16]);
    let error = ClientError {
        retry_after_s: trouble.retry_after_s,
        ..ClientError::new(error_kind(trouble), trouble.message.as_str(), id)
    };
    let (mut reader, bytes) =
        (FrameReader::new(usize::MAX), error.stream_event(to, &StreamPosition::default()));
    reader.push(&bytes);
    let frame = reader.next_frame().unwrap().expect("a frame");
    let mut data: Value = serde_json::from_slice(&frame.data).unwrap();
    without_id(&mut data, &id.to_string());
    data
}

/// Takes the request's id out, wherever a format has it.
fn without_id(value: &mut Value, id: &str) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.as_str().is_some_and(|text| text.contains(id)));
            fields.values_mut().for_each(|value| without_id(value, id));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| without_id(value, id)),
        _ => {}
    }
}

/// Puts a stream into an envelope, or takes it out: its frames have nothing of ours that could be taken off.
fn rewrapped(frames: &[Value], to: Dialect) -> Answered {
    let (mut rewrapper, mut out) = (Rewrapper::new(to, false), Vec::new());
    for data in frames {
        rewrapper.frame(&frame(data).1, &mut out);
    }
    rewrapper.end(&mut out);
    let error = match rewrapper.ended() {
        Some(Ended::Badly(error)) => Some(words(error)),
        _ => None,
    };
    let out = String::from_utf8(out).unwrap();
    let frames = out.split("\n\n").filter_map(|frame| frame.strip_prefix("data: "));
    let frames = frames.map(|data| serde_json::from_str(data).unwrap()).collect();
    Answered { frames, losses: said(rewrapper.losses()), error, told: None }
}

/// Converts an answer to a whole one, be it a stream or whole.
pub fn answer(case: &AnswerCase, to: &str) -> (Value, Vec<String>) {
    let from = dialect(&case.from);
    let answer = match (&case.whole, &case.stream) {
        (Some(whole), _) => decode_answer(from, whole.to_string().as_bytes()).unwrap(),
        (None, frames) => {
            let (mut stream, mut events) = (StreamIn::new(from), Vec::new());
            for data in frames.iter().flatten() {
                let (event, data) = frame(data);
                stream.frame(&event, &data, &mut events).unwrap();
            }
            stream.end(&mut events);
            gather(events).unwrap()
        }
    };
    let mut losses = Losses::default();
    let body = encode_answer(dialect(to), &answer, &reply(case), &mut losses);
    (body_alone(dialect(to), serde_json::from_slice(&body).unwrap()), said(&losses))
}

/// Takes `value` for what it must be, out of an object.
fn take(object: &mut Value, key: &str, wanted: &Value) {
    let taken = object.as_object_mut().and_then(|object| object.remove(key));
    assert_eq!(taken.as_ref(), Some(wanted), "{key} of {object}");
}

/// Takes off what every answer has.
fn body_alone(to: Dialect, mut body: Value) -> Value {
    match to {
        Dialect::Anthropic => {
            for (key, wanted) in [("type", "message"), ("role", "assistant"), ("model", "asked")] {
                take(&mut body, key, &json!(wanted));
            }
        }
        Dialect::OpenaiChat => {
            take(&mut body, "object", &json!("chat.completion"));
            take(&mut body, "created", &json!(1_700_000_000));
            take(&mut body, "model", &json!("asked"));
        }
        Dialect::Responses => responses_alone(&mut body),
        Dialect::Gemini => take(&mut body, "modelVersion", &json!("asked")),
        Dialect::GeminiCli => {
            let inner = body["response"].take();
            let trace = body.as_object_mut().unwrap().remove("traceId");
            assert!(trace.is_none_or(|trace| trace.is_string()));
            return body_alone(Dialect::Gemini, inner);
        }
    }
    body
}

/// Leaves what a Responses answer says; what else it has only repeats the request.
fn responses_alone(body: &mut Value) {
    take(body, "object", &json!("response"));
    take(body, "model", &json!("asked"));
    let says = ["id", "status", "output", "usage", "error", "incomplete_details"];
    let object = body.as_object_mut().unwrap();
    object.retain(|key, value| says.contains(&key.as_str()) && !value.is_null());
}

/// Returns the data of frames, without what each has.
fn bare(to: Dialect, out: &[u8]) -> Vec<Value> {
    let (mut reader, mut frames) = (FrameReader::new(usize::MAX), Vec::new());
    reader.push(out);
    while let Some(frame) = reader.next_frame().unwrap() {
        let data = std::str::from_utf8(&frame.data).unwrap();
        if data == "[DONE]" {
            frames.push(json!("[DONE]"));
            continue;
        }
        let mut data: Value = serde_json::from_str(data).unwrap();
        match to {
            Dialect::Anthropic => assert_eq!(data["type"], frame.event.as_str()),
            Dialect::OpenaiChat => {
                assert_eq!(frame.event, "");
                if data.get("error").is_none() {
                    take(&mut data, "object", &json!("chat.completion.chunk"));
                    take(&mut data, "created", &json!(1_700_000_000));
                    take(&mut data, "model", &json!("asked"));
                    assert!(data.as_object_mut().unwrap().remove("id").is_some());
                }
            }
            Dialect::Responses => {
                assert_eq!(data["type"], frame.event.as_str());
                take(&mut data, "sequence_number", &json!(frames.len()));
                if data["response"].is_object() {
                    responses_alone(&mut data["response"]);
                }
            }
            Dialect::Gemini | Dialect::GeminiCli => {
                assert_eq!(frame.event, "");
                data = body_alone(to, data);
                assert!(data.as_object_mut().unwrap().remove("responseId").is_some());
            }
        }
        frames.push(data);
    }
    assert_eq!(reader.held(), 0, "half a frame");
    frames
}
