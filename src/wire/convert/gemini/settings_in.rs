//! `generationConfig` and `toolConfig` of a client into the hub.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::Refused;
use super::super::hub::{Choice, Effort, Format, Json, Reasoning, Request, Sampling, Show};
use super::super::loss::{Losses, Token};
use super::pairs::whole;
use super::schema;
use super::spelling::{Spelled, read_saying};

/// What is read of `toolConfig`, and of `generationConfig`.
const TOOLS: [&str; 1] = ["functionCallingConfig"];
const CALLING: [&str; 2] = ["mode", "allowedFunctionNames"];
const ANSWER: [&str; 19] = [
    "temperature",
    "topP",
    "topK",
    "seed",
    "presencePenalty",
    "frequencyPenalty",
    "candidateCount",
    "maxOutputTokens",
    "stopSequences",
    "responseMimeType",
    "responseSchema",
    "responseJsonSchema",
    "_responseJsonSchema",
    "thinkingConfig",
    "responseModalities",
    "speechConfig",
    "mediaResolution",
    "responseLogprobs",
    "logprobs",
];
const THINKING: [&str; 3] = ["includeThoughts", "thinkingBudget", "thinkingLevel"];

/// `toolConfig`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ToolConfigIn<'a> {
    #[serde(borrow, alias = "function_calling_config")]
    function_calling_config: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CallingIn {
    mode: Option<String>,
    #[serde(alias = "allowed_function_names")]
    allowed_function_names: Option<Vec<String>>,
}

/// `generationConfig`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct GenerationIn<'a> {
    temperature: Option<f64>,
    #[serde(alias = "top_p")]
    top_p: Option<f64>,
    #[serde(alias = "top_k", deserialize_with = "whole")]
    top_k: Option<u64>,
    seed: Option<i64>,
    #[serde(alias = "presence_penalty")]
    presence_penalty: Option<f64>,
    #[serde(alias = "frequency_penalty")]
    frequency_penalty: Option<f64>,
    #[serde(alias = "candidate_count", deserialize_with = "whole")]
    candidate_count: Option<u64>,
    #[serde(alias = "max_output_tokens", deserialize_with = "whole")]
    max_output_tokens: Option<u64>,
    #[serde(alias = "stop_sequences")]
    stop_sequences: Option<Vec<String>>,
    #[serde(alias = "response_mime_type")]
    response_mime_type: Option<String>,
    #[serde(alias = "response_schema")]
    response_schema: Option<Json>,
    #[serde(alias = "response_json_schema")]
    response_json_schema: Option<Json>,
    /// As some of Google's own libraries write it.
    #[serde(rename = "_responseJsonSchema", alias = "_response_json_schema")]
    own_json_schema: Option<Json>,
    #[serde(borrow, alias = "thinking_config")]
    thinking_config: Option<&'a RawValue>,
    #[serde(alias = "response_modalities")]
    response_modalities: Option<Vec<String>>,
    #[serde(alias = "speech_config")]
    speech_config: Option<Json>,
    #[serde(alias = "media_resolution")]
    media_resolution: Option<Json>,
    #[serde(alias = "response_logprobs")]
    response_logprobs: Option<bool>,
    #[serde(deserialize_with = "whole")]
    logprobs: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ThinkingIn {
    #[serde(alias = "include_thoughts")]
    include_thoughts: Option<bool>,
    #[serde(alias = "thinking_budget")]
    thinking_budget: Option<i64>,
    #[serde(alias = "thinking_level")]
    thinking_level: Option<String>,
}

/// Reads whether and which function must be called, and adds to the names that are `spelled` otherwise.
///
/// # Errors
/// It is not of the form of a choice.
pub(super) fn choice(
    raw: &RawValue,
    spelled: &mut Spelled,
    losses: &mut Losses,
) -> Result<Option<Choice>, Refused> {
    let at = spelled.pointer("/toolConfig");
    let (config, own) = read_saying::<ToolConfigIn<'_>>(raw, "toolConfig", &TOOLS, &at, losses)?;
    spelled.extend(own);
    let said = config.function_calling_config.filter(|raw| raw.get() != "null");
    let Some(raw) = said else { return Ok(None) };
    let at = spelled.pointer("/toolConfig/functionCallingConfig");
    let what = "toolConfig.functionCallingConfig";
    let (calling, _) = read_saying::<CallingIn>(raw, what, &CALLING, &at, losses)?;
    Ok(called(calling, &at, losses))
}

fn called(calling: CallingIn, at: &str, losses: &mut Losses) -> Option<Choice> {
    let mut names = calling.allowed_function_names.unwrap_or_default();
    let mode = calling.mode.unwrap_or_default().to_ascii_uppercase();
    match mode.as_str() {
        "AUTO" => Some(Choice::Auto),
        "NONE" => Some(Choice::None),
        "ANY" if names.is_empty() => Some(Choice::Required),
        "ANY" if names.len() == 1 => {
            names.pop().map(|name| Choice::Named { namespace: None, name })
        }
        "ANY" => Some(Choice::Allowed { names, required: true }),
        "VALIDATED" if names.is_empty() => {
            losses.push(Token::ApproxChoice, format!("{at}/mode"));
            Some(Choice::Auto)
        }
        "VALIDATED" => Some(Choice::Allowed { names, required: false }),
        _ => None,
    }
}

/// Reads the settings of the answer, and adds to the names that are `spelled` otherwise. Returns where the schema
/// of the answer stands, when there is one.
///
/// # Errors
/// They are not of their form, or how much to think is not.
pub(super) fn generation(
    raw: &RawValue,
    spelled: &mut Spelled,
    request: &mut Request,
    losses: &mut Losses,
) -> Result<Option<Cow<'static, str>>, Refused> {
    let (what, at) = ("generationConfig", spelled.pointer("/generationConfig"));
    let (config, own) = read_saying::<GenerationIn<'_>>(raw, what, &ANSWER, &at, losses)?;
    spelled.extend(own);
    say_lost(&config, spelled, losses);
    request.sampling = Sampling {
        temperature: config.temperature,
        top_p: config.top_p,
        top_k: config.top_k,
        seed: config.seed,
        presence: config.presence_penalty,
        frequency: config.frequency_penalty,
    };
    request.max_output = config.max_output_tokens;
    request.stop = config.stop_sequences.unwrap_or_default();
    let place = match (&config.response_json_schema, &config.response_schema) {
        (Some(_), _) => Some("responseJsonSchema"),
        (None, _) if config.own_json_schema.is_some() => Some("_responseJsonSchema"),
        (None, Some(_)) => Some("responseSchema"),
        (None, None) => None,
    };
    let place = place.map(|name| Cow::Owned(format!("{at}/{}", spelled.name(name))));
    let subset = config.response_schema.map(|schema| schema::of_subset(&schema));
    let schema = config.response_json_schema.or(config.own_json_schema).or(subset);
    request.format = match (config.response_mime_type.as_deref(), schema) {
        (Some("application/json"), Some(schema)) => {
            Format::Schema { name: None, schema, strict: None }
        }
        (Some("application/json"), None) => Format::Json,
        _ => Format::Text,
    };
    if let Some(raw) = config.thinking_config.filter(|raw| raw.get() != "null") {
        let at = spelled.pointer("/generationConfig/thinkingConfig");
        let what = "generationConfig.thinkingConfig";
        let (thinking, _) = read_saying::<ThinkingIn>(raw, what, &THINKING, &at, losses)?;
        request.reasoning = Some(reasoning(&thinking));
    }
    Ok(place)
}

fn say_lost(config: &GenerationIn<'_>, spelled: &Spelled, losses: &mut Losses) {
    let mut say = |is: bool, token: Token, pointer: &'static str| {
        if is {
            losses.push(token, spelled.pointer(pointer));
        }
    };
    let several = config.candidate_count.is_some_and(|count| count > 1);
    say(several, Token::DropCandidates, "/generationConfig/candidateCount");
    let speaks = |kinds: &Vec<String>| kinds.iter().any(|kind| !kind.eq_ignore_ascii_case("text"));
    let speaks = config.response_modalities.as_ref().is_some_and(speaks);
    say(speaks, Token::DropModalities, "/generationConfig/responseModalities");
    say(config.speech_config.is_some(), Token::DropSpeech, "/generationConfig/speechConfig");
    let detailed = config.media_resolution.is_some();
    say(detailed, Token::DropImageDetail, "/generationConfig/mediaResolution");
    let logs = config.response_logprobs == Some(true);
    say(logs, Token::DropLogprobs, "/generationConfig/responseLogprobs");
    let counted = config.logprobs.is_some_and(|most| most > 0);
    say(counted, Token::DropLogprobs, "/generationConfig/logprobs");
    let is_enum = config.response_mime_type.as_deref() == Some("text/x.enum");
    say(is_enum, Token::DropEnumMode, "/generationConfig/responseMimeType");
}

fn reasoning(thinking: &ThinkingIn) -> Reasoning {
    let shown = thinking.include_thoughts == Some(true);
    let show = if shown { Show::Summary } else { Show::Nothing };
    let level = thinking.thinking_level.as_deref().and_then(Effort::parse);
    let (effort, budget) = match thinking.thinking_budget {
        // Below 0 the model decides.
        Some(budget) => match u64::try_from(budget) {
            Ok(budget) => (level, Some(budget)),
            Err(_) => (level.or(Some(Effort::Auto)), None),
        },
        None => (level, None),
    };
    Reasoning { effort, budget, show }
}
