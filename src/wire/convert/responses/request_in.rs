//! A client's request, read.

use std::fmt::Display;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::Refused;
use super::super::fields;
use super::super::hub::{
    CacheHints, Effort, Format, Identity, Json, Place, Places, Reasoning, Request, Sampling, Show,
    SystemText, setting,
};
use super::super::loss::{Losses, Token};
use super::items_in::Input;
use super::tools_in;

/// What is read of a body. Whether the vendor keeps the answer is the client's wish only where it says so.
const KNOWN: [&str; 29] = [
    "model",
    "instructions",
    "input",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "reasoning",
    "max_output_tokens",
    "temperature",
    "top_p",
    "text",
    "stream",
    "stream_options",
    "include",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
    "user",
    "service_tier",
    "previous_response_id",
    "conversation",
    "prompt",
    "background",
    "truncation",
    "top_logprobs",
    "metadata",
    "client_metadata",
    "context_management",
    "type",
];
/// What is read of the objects in it.
const THINKING: [&str; 3] = ["effort", "summary", "generate_summary"];
const TEXT: [&str; 2] = ["format", "verbosity"];
const FORMAT: [&str; 4] = ["type", "name", "schema", "strict"];
/// What an answer has in it anyway.
const ENCRYPTED: &str = "reasoning.encrypted_content";
/// Where settings stand in a body.
const PLACES: [(&str, &str); 11] = [
    (setting::TEMPERATURE, "/temperature"),
    (setting::TOP_P, "/top_p"),
    (setting::MAX_OUTPUT, "/max_output_tokens"),
    (setting::REASONING, "/reasoning"),
    (setting::FORMAT, "/text/format"),
    (setting::PARALLEL, "/parallel_tool_calls"),
    (setting::CHOICE, "/tool_choice"),
    (setting::CACHE_KEY, "/prompt_cache_key"),
    (setting::END_USER, "/safety_identifier"),
    (setting::TIER, "/service_tier"),
    (setting::VERBOSITY, "/text/verbosity"),
];

#[derive(Deserialize)]
struct Body {
    model: Option<String>,
    instructions: Option<String>,
    input: Option<Json>,
    tools: Option<Vec<Json>>,
    tool_choice: Option<Json>,
    parallel_tool_calls: Option<bool>,
    reasoning: Option<Json>,
    max_output_tokens: Option<u64>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    text: Option<Json>,
    include: Option<Vec<String>>,
    prompt_cache_retention: Option<Json>,
    stream: Option<bool>,
    prompt_cache_key: Option<String>,
    safety_identifier: Option<String>,
    user: Option<String>,
    service_tier: Option<String>,
    previous_response_id: Option<String>,
    conversation: Option<Json>,
    prompt: Option<Json>,
    background: Option<bool>,
    truncation: Option<String>,
    top_logprobs: Option<u64>,
    metadata: Option<Json>,
    client_metadata: Option<Json>,
    context_management: Option<Json>,
}

#[derive(Deserialize)]
struct Thinking {
    effort: Option<String>,
    summary: Option<String>,
    generate_summary: Option<String>,
}

#[derive(Deserialize)]
struct TextForm {
    format: Option<Json>,
    verbosity: Option<String>,
}

#[derive(Deserialize)]
struct AnswerForm {
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
    schema: Option<Json>,
    strict: Option<bool>,
}

/// Reads a request.
///
/// # Errors
/// It is not of the format, or leans on state that only the vendor has.
pub fn decode_request(body: &[u8], losses: &mut Losses) -> Result<Request, Refused> {
    let no_request =
        |error: &dyn Display| Refused::new(format!("the body is no Responses request: {error}"));
    let whole = std::str::from_utf8(body).map_err(|error| no_request(&error))?;
    let body: Body =
        fields::read_saying(whole, &KNOWN, "", losses).map_err(|error| no_request(&error))?;
    refuse_state(&body)?;
    push_losses(&body, losses);
    let thinking: Option<Thinking> = part(body.reasoning.as_ref(), "reasoning", &THINKING, losses)?;
    let text: Option<TextForm> = part(body.text.as_ref(), "text", &TEXT, losses)?;
    let (form, verbosity) = text.map_or((None, None), |text| (text.format, text.verbosity));
    let form: Option<AnswerForm> = part(form.as_ref(), "text/format", &FORMAT, losses)?;
    let mut input = Input::default();
    let said = body.instructions.filter(|text| !text.is_empty());
    let place = || Place::new("/instructions");
    input.system.extend(said.map(|text| SystemText { text, cache: None, at: place() }));
    let items = body.input.as_ref().ok_or_else(|| Refused::new("`input` is missing"))?;
    input.read(items, losses)?;
    let numbered = body.tools.unwrap_or_default().into_iter().enumerate();
    let mut offered: Vec<(Json, String)> =
        numbered.map(|(number, tool)| (tool, format!("/tools/{number}"))).collect();
    offered.append(&mut input.tools);
    Ok(Request {
        model: body.model.unwrap_or_default(),
        system: input.system,
        turns: input.turns.finish(),
        tools: tools_in::tools(&offered, losses)?,
        choice: body.tool_choice.as_ref().map(tools_in::choice).transpose()?,
        parallel: body.parallel_tool_calls,
        reasoning: thinking.as_ref().map(reasoning),
        max_output: body.max_output_tokens,
        stop: Vec::new(),
        sampling: Sampling {
            temperature: body.temperature,
            top_p: body.top_p,
            ..Sampling::default()
        },
        format: form.map_or(Ok(Format::Text), format)?,
        cache: CacheHints { key: body.prompt_cache_key, whole: None },
        stream: body.stream.unwrap_or(false),
        want_usage: false,
        places: places(body.safety_identifier.is_some()),
        identity: Identity {
            end_user: body.safety_identifier.or(body.user),
            tier: body.service_tier,
        },
        verbosity,
    })
}

fn places(has_identifier: bool) -> Places {
    let mut places = Places::of(&PLACES);
    if !has_identifier {
        places.correct(setting::END_USER, "/user");
    }
    places
}

/// Reads an object of the body, and says what of it nobody knows.
fn part<T: DeserializeOwned>(
    raw: Option<&Json>,
    at: &str,
    known: &[&str],
    losses: &mut Losses,
) -> Result<Option<T>, Refused> {
    let Some(raw) = raw else { return Ok(None) };
    let read = fields::read_saying(raw.text(), known, &format!("/{at}"), losses);
    read.map_err(|error| Refused::new(format!("`{at}` cannot be read: {error}")))
}

/// Refuses what only the vendor that keeps it could put in its place.
fn refuse_state(body: &Body) -> Result<(), Refused> {
    if let Some(id) = body.previous_response_id.as_deref().filter(|id| !id.is_empty()) {
        let message = format!(
            "The answer {id} of `previous_response_id` is not kept here: send the whole \
             conversation in `input`."
        );
        return Err(Refused::coded("previous_response_not_found", message));
    }
    if body.conversation.is_some() {
        return Err(Refused::new(
            "A `conversation` is kept by its vendor alone: send the whole of it in `input`.",
        ));
    }
    if body.prompt.is_some() {
        return Err(Refused::new("A stored `prompt` is known to its vendor alone."));
    }
    Ok(())
}

fn push_losses(body: &Body, losses: &mut Losses) {
    let says = |json: &Option<Json>| {
        json.as_ref().is_some_and(|json| !matches!(json.text().trim(), "{}" | "[]"))
    };
    let truncates = body.truncation.as_deref().is_some_and(|word| word != "disabled");
    losses.push_if(truncates, Token::DropTruncation, "/truncation");
    losses.push_if(body.background == Some(true), Token::DropBackground, "/background");
    let logprobs = body.top_logprobs.is_some_and(|number| number > 0);
    losses.push_if(logprobs, Token::DropLogprobs, "/top_logprobs");
    losses.push_if(says(&body.metadata), Token::DropMetadata, "/metadata");
    let client = says(&body.client_metadata);
    losses.push_if(client, Token::DropClientMetadata, "/client_metadata");
    let asks = |word: &String| word != ENCRYPTED;
    losses.push_if(body.include.iter().flatten().any(asks), Token::DropField, "/include");
    let retains = body.prompt_cache_retention.is_some();
    losses.push_if(retains, Token::DropCacheControl, "/prompt_cache_retention");
    // One name of the user is enough.
    let twice = body.safety_identifier.is_some() && body.user.is_some();
    losses.push_if(twice, Token::DropEndUser, "/user");
    let managed = says(&body.context_management);
    losses.push_if(managed, Token::DropContextManagement, "/context_management");
}

fn reasoning(thinking: &Thinking) -> Reasoning {
    let summary = thinking.summary.as_deref().or(thinking.generate_summary.as_deref());
    Reasoning {
        effort: thinking.effort.as_deref().and_then(Effort::parse),
        budget: None,
        // Nothing is shown unless it is asked for.
        show: match summary {
            None | Some("none") => Show::Nothing,
            Some(_) => Show::Summary,
        },
    }
}

fn format(form: AnswerForm) -> Result<Format, Refused> {
    match form.kind.as_deref() {
        Some("json_object") => Ok(Format::Json),
        Some("json_schema") => {
            let missing = || Refused::new("`text.format` is a JSON schema without `schema`");
            let schema = form.schema.ok_or_else(missing)?;
            Ok(Format::Schema { name: form.name, schema, strict: form.strict })
        }
        _ => Ok(Format::Text),
    }
}
