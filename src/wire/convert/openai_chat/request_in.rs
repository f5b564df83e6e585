//! A client's request into the model.

use std::fmt::Display;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::lax::{field, lax, object, tokens};
use super::messages_in::Conversation;
use super::{search, tools_in};
use crate::wire::convert::Refused;
use crate::wire::convert::fields::read_saying;
use crate::wire::convert::hub::{
    CacheHints, Effort, Format, Identity, Json, Places, Reasoning, Request, Sampling, Tool, setting,
};
use crate::wire::convert::loss::{Losses, Token};

/// What is read of a body.
const KNOWN: [&str; 35] = [
    "model",
    "messages",
    "tools",
    "functions",
    "tool_choice",
    "function_call",
    "parallel_tool_calls",
    "web_search_options",
    "reasoning_effort",
    "max_completion_tokens",
    "max_tokens",
    "stop",
    "temperature",
    "top_p",
    "top_k",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "response_format",
    "prompt_cache_key",
    "prompt_cache_retention",
    "user",
    "safety_identifier",
    "service_tier",
    "verbosity",
    "stream",
    "stream_options",
    "n",
    "logprobs",
    "top_logprobs",
    "logit_bias",
    "prediction",
    "modalities",
    "audio",
    "metadata",
];
/// What is read of the objects in it.
const STREAM_OPTIONS: [&str; 2] = ["include_usage", "include_obfuscation"];
const FORMAT: [&str; 2] = ["type", "json_schema"];
const SCHEMA: [&str; 3] = ["name", "schema", "strict"];
/// Where settings stand in a body.
const PLACES: [(&str, &str); 17] = [
    (setting::TEMPERATURE, "/temperature"),
    (setting::TOP_P, "/top_p"),
    (setting::TOP_K, "/top_k"),
    (setting::SEED, "/seed"),
    (setting::PRESENCE, "/presence_penalty"),
    (setting::FREQUENCY, "/frequency_penalty"),
    (setting::STOP, "/stop"),
    (setting::MAX_OUTPUT, "/max_completion_tokens"),
    (setting::REASONING, "/reasoning_effort"),
    (setting::FORMAT, "/response_format"),
    (setting::SCHEMA, "/response_format/json_schema/schema"),
    (setting::PARALLEL, "/parallel_tool_calls"),
    (setting::CHOICE, "/tool_choice"),
    (setting::CACHE_KEY, "/prompt_cache_key"),
    (setting::END_USER, "/user"),
    (setting::TIER, "/service_tier"),
    (setting::VERBOSITY, "/verbosity"),
];

/// The body, each field as it was written, so that what is wrong is told by its name.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body<'a> {
    #[serde(borrow)]
    model: Option<&'a RawValue>,
    messages: Option<&'a RawValue>,
    tools: Option<&'a RawValue>,
    functions: Option<&'a RawValue>,
    tool_choice: Option<&'a RawValue>,
    function_call: Option<&'a RawValue>,
    parallel_tool_calls: Option<&'a RawValue>,
    web_search_options: Option<&'a RawValue>,
    reasoning_effort: Option<&'a RawValue>,
    max_completion_tokens: Option<&'a RawValue>,
    max_tokens: Option<&'a RawValue>,
    stop: Option<&'a RawValue>,
    temperature: Option<&'a RawValue>,
    top_p: Option<&'a RawValue>,
    top_k: Option<&'a RawValue>,
    seed: Option<&'a RawValue>,
    presence_penalty: Option<&'a RawValue>,
    frequency_penalty: Option<&'a RawValue>,
    response_format: Option<&'a RawValue>,
    prompt_cache_key: Option<&'a RawValue>,
    prompt_cache_retention: Option<&'a RawValue>,
    verbosity: Option<&'a RawValue>,
    user: Option<&'a RawValue>,
    safety_identifier: Option<&'a RawValue>,
    service_tier: Option<&'a RawValue>,
    stream: Option<&'a RawValue>,
    stream_options: Option<&'a RawValue>,
    n: Option<&'a RawValue>,
    logprobs: Option<&'a RawValue>,
    top_logprobs: Option<&'a RawValue>,
    logit_bias: Option<&'a RawValue>,
    prediction: Option<&'a RawValue>,
    modalities: Option<&'a RawValue>,
    audio: Option<&'a RawValue>,
    metadata: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StreamOptions {
    #[serde(deserialize_with = "lax")]
    include_usage: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FormatIn<'a> {
    #[serde(rename = "type", deserialize_with = "lax")]
    kind: Option<String>,
    #[serde(borrow)]
    json_schema: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SchemaIn<'a> {
    #[serde(deserialize_with = "lax")]
    name: Option<String>,
    #[serde(borrow)]
    schema: Option<&'a RawValue>,
    #[serde(deserialize_with = "lax")]
    strict: Option<bool>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Stop {
    One(String),
    Some(Vec<String>),
}

/// Reads a client's request.
///
/// # Errors
/// It is no chat request; the message says what is wrong, and where.
pub fn decode_request(body: &[u8], losses: &mut Losses) -> Result<Request, Refused> {
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Refused::new("the body is not a JSON object"));
    }
    let no_request =
        |error: &dyn Display| Refused::new(format!("the body is not a request of chat: {error}"));
    let whole = std::str::from_utf8(body).map_err(|error| no_request(&error))?;
    let body: Body<'_> =
        read_saying(whole, &KNOWN, "", losses).map_err(|error| no_request(&error))?;
    body.say_lost(losses);
    let model: Option<String> = field(body.model, "/model", "a text")?;
    let model = model.filter(|model| !model.is_empty());
    let model = model.ok_or_else(|| Refused::new("/model is missing"))?;
    let Conversation { system, turns, .. } = Conversation::read(body.messages, losses)?;
    let choice = match tools_in::choice(body.tool_choice, "/tool_choice")? {
        Some(choice) => Some(choice),
        None => tools_in::choice(body.function_call, "/function_call")?,
    };
    let max_output = match tokens(body.max_completion_tokens, "/max_completion_tokens")? {
        Some(most) => Some(most),
        None => tokens(body.max_tokens, "/max_tokens")?,
    };
    let stream_options: Option<StreamOptions> =
        object(body.stream_options, ("/stream_options", "an object"), &STREAM_OPTIONS, losses)?;
    Ok(Request {
        model,
        system,
        turns,
        tools: body.tools(losses)?,
        choice,
        parallel: yes_or_no(body.parallel_tool_calls, "/parallel_tool_calls")?,
        reasoning: body.reasoning()?,
        max_output,
        stop: body.stop()?,
        sampling: body.sampling()?,
        format: body.format(losses)?,
        cache: CacheHints { key: text(body.prompt_cache_key, "/prompt_cache_key")?, whole: None },
        stream: yes_or_no(body.stream, "/stream")?.unwrap_or(false),
        want_usage: stream_options.and_then(|options| options.include_usage).unwrap_or(false),
        identity: body.identity()?,
        verbosity: text(body.verbosity, "/verbosity")?,
        places: body.places(),
    })
}

impl Body<'_> {
    /// Says what no other format has.
    fn say_lost(&self, losses: &mut Losses) {
        let given = |raw: Option<&RawValue>, but: &[&str]| {
            raw.is_some_and(|raw| !but.contains(&raw.get()) && raw.get() != "null")
        };
        // One name of the user is enough.
        let twice = given(self.user, &[]) && given(self.safety_identifier, &[]);
        for (is, token, at) in [
            (given(self.n, &["1"]), Token::DropN, "/n"),
            (given(self.logprobs, &["false"]), Token::DropLogprobs, "/logprobs"),
            (given(self.top_logprobs, &["0"]), Token::DropLogprobs, "/top_logprobs"),
            (given(self.logit_bias, &["{}"]), Token::DropLogitBias, "/logit_bias"),
            (given(self.prediction, &[]), Token::DropPrediction, "/prediction"),
            (given(self.modalities, &["[\"text\"]", "[]"]), Token::DropModalities, "/modalities"),
            (given(self.audio, &[]), Token::DropAudio, "/audio"),
            (twice, Token::DropEndUser, "/safety_identifier"),
            (given(self.metadata, &["{}"]), Token::DropMetadata, "/metadata"),
            (
                given(self.prompt_cache_retention, &[]),
                Token::DropCacheControl,
                "/prompt_cache_retention",
            ),
        ] {
            losses.push_if(is, token, at);
        }
    }

    /// Returns where the settings stand of which there are two names.
    fn places(&self) -> Places {
        let mut places = Places::of(&PLACES);
        for (first, setting, other) in [
            (self.max_completion_tokens, setting::MAX_OUTPUT, "/max_tokens"),
            (self.tool_choice, setting::CHOICE, "/function_call"),
            (self.user, setting::END_USER, "/safety_identifier"),
        ] {
            if first.is_none() {
                places.correct(setting, other);
            }
        }
        places
    }

    fn tools(&self, losses: &mut Losses) -> Result<Vec<Tool>, Refused> {
        let mut tools = tools_in::tools(self.tools, losses)?;
        tools.extend(tools_in::functions(self.functions, losses)?);
        tools.extend(self.web_search_options.and_then(search::tool));
        Ok(tools)
    }

    fn reasoning(&self) -> Result<Option<Reasoning>, Refused> {
        let Some(word) = text(self.reasoning_effort, "/reasoning_effort")? else {
            return Ok(None);
        };
        let effort = Effort::parse(&word).ok_or_else(|| {
            Refused::new(format!("/reasoning_effort is {word:?}, which is no known effort"))
        })?;
        Ok(Some(Reasoning { effort: Some(effort), ..Reasoning::default() }))
    }

    fn stop(&self) -> Result<Vec<String>, Refused> {
        let stop = match field(self.stop, "/stop", "a text or a list of texts")? {
            None => Vec::new(),
            Some(Stop::One(text)) => vec![text],
            Some(Stop::Some(texts)) => texts,
        };
        Ok(stop.into_iter().filter(|text| !text.is_empty()).collect())
    }

    fn sampling(&self) -> Result<Sampling, Refused> {
        Ok(Sampling {
            temperature: field(self.temperature, "/temperature", "a number")?,
            top_p: field(self.top_p, "/top_p", "a number")?,
            top_k: tokens(self.top_k, "/top_k")?,
            seed: field(self.seed, "/seed", "a whole number")?,
            presence: field(self.presence_penalty, "/presence_penalty", "a number")?,
            frequency: field(self.frequency_penalty, "/frequency_penalty", "a number")?,
        })
    }

    fn format(&self, losses: &mut Losses) -> Result<Format, Refused> {
        const AT: &str = "/response_format";
        let format: Option<FormatIn<'_>> =
            object(self.response_format, (AT, "an object"), &FORMAT, losses)?;
        let format = format.unwrap_or_default();
        let schema = format.json_schema.map_or("", RawValue::get);
        let at = "/response_format/json_schema";
        let schema = read_saying::<SchemaIn<'_>>(schema, &SCHEMA, at, losses).ok();
        Ok(match (format.kind.as_deref(), schema) {
            (Some("json_schema"), Some(SchemaIn { name, schema: Some(schema), strict })) => {
                match Json::parse(schema.get()) {
                    Some(schema) => Format::Schema { name, schema, strict },
                    None => Format::Json,
                }
            }
            (Some("json_schema" | "json_object"), _) => Format::Json,
            _ => Format::Text,
        })
    }

    fn identity(&self) -> Result<Identity, Refused> {
        let user = text(self.user, "/user")?;
        let end_user = match user {
            Some(user) => Some(user),
            None => text(self.safety_identifier, "/safety_identifier")?,
        };
        Ok(Identity { end_user, tier: text(self.service_tier, "/service_tier")? })
    }
}

fn text(raw: Option<&RawValue>, at: &str) -> Result<Option<String>, Refused> {
    field(raw, at, "a text")
}

fn yes_or_no(raw: Option<&RawValue>, at: &str) -> Result<Option<bool>, Refused> {
    field(raw, at, "true or false")
}
