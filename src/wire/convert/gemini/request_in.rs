//! A client's body into the hub.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::Refused;
use super::super::hub::{Family, Json, Opaque, Part, Place, Places, Request, SystemText, setting};
use super::super::loss::{Losses, Token};
use super::pairs::many;
use super::part_in::{self, CONTENT, ContentIn};
use super::settings_in;
use super::spelling::{Spelled, read_saying};
use super::{tools_in, turns_in};

/// What a cached prompt is called in the hub.
pub(super) const CACHED_CONTENT: &str = "cachedContent";

/// What is read of a body. Some clients repeat the model of the path.
const KNOWN: [&str; 9] = [
    "model",
    "contents",
    "systemInstruction",
    "tools",
    "toolConfig",
    "generationConfig",
    "safetySettings",
    "labels",
    "cachedContent",
];
/// Where settings stand in a body.
const PLACES: [(&str, &str); 11] = [
    (setting::TEMPERATURE, "/generationConfig/temperature"),
    (setting::TOP_P, "/generationConfig/topP"),
    (setting::TOP_K, "/generationConfig/topK"),
    (setting::SEED, "/generationConfig/seed"),
    (setting::PRESENCE, "/generationConfig/presencePenalty"),
    (setting::FREQUENCY, "/generationConfig/frequencyPenalty"),
    (setting::STOP, "/generationConfig/stopSequences"),
    (setting::MAX_OUTPUT, "/generationConfig/maxOutputTokens"),
    (setting::REASONING, "/generationConfig/thinkingConfig"),
    (setting::FORMAT, "/generationConfig/responseMimeType"),
    (setting::CHOICE, "/toolConfig/functionCallingConfig"),
];

/// A body. Google takes both spellings of each name.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Body<'a> {
    #[serde(borrow, deserialize_with = "many")]
    contents: Vec<&'a RawValue>,
    #[serde(borrow, alias = "system_instruction")]
    system_instruction: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "many")]
    tools: Vec<&'a RawValue>,
    #[serde(borrow, alias = "tool_config")]
    tool_config: Option<&'a RawValue>,
    #[serde(borrow, alias = "generation_config")]
    generation_config: Option<&'a RawValue>,
    #[serde(borrow, alias = "safety_settings", deserialize_with = "many")]
    safety_settings: Vec<&'a RawValue>,
    labels: Option<Json>,
    #[serde(alias = "cached_content")]
    cached_content: Option<String>,
}

/// Reads a body. The model and whether the answer streams are in the path.
///
/// # Errors
/// It is no such request.
pub fn decode_request(
    body: &[u8],
    model: &str,
    stream: bool,
    losses: &mut Losses,
) -> Result<Request, Refused> {
    let whole: &RawValue = serde_json::from_slice(body)
        .map_err(|error| Refused::new(format!("the body is no JSON: {error}")))?;
    let (body, mut spelled) = read_saying::<Body<'_>>(whole, "the body", &KNOWN, "", losses)?;
    if body.contents.is_empty() {
        return Err(Refused::new("contents has nothing in it: a request needs at least one turn"));
    }
    let guarded = !body.safety_settings.is_empty();
    losses.push_if(guarded, Token::DropSafetySettings, &spelled.pointer("/safetySettings"));
    losses.push_if(body.labels.is_some(), Token::DropLabels, "/labels");

    let mut request = Request { model: model.to_owned(), stream, ..Request::default() };
    if let Some(raw) = body.system_instruction {
        request.system = system(raw, &spelled.pointer("/systemInstruction"), losses)?;
    }
    request.turns = turns_in::turns(&body.contents, losses)?;
    request.tools = tools_in::tools(&body.tools, losses)?;
    if let Some(raw) = body.tool_config {
        request.choice = settings_in::choice(raw, &mut spelled, losses)?;
    }
    let schema = match body.generation_config {
        Some(raw) => settings_in::generation(raw, &mut spelled, &mut request, losses)?,
        None => None,
    };
    request.places = places(&spelled);
    if let Some(pointer) = schema {
        request.places.correct(setting::SCHEMA, pointer);
    }
    if let Some(name) = body.cached_content {
        let at = Place::new(spelled.pointer("/cachedContent"));
        remember_cache(&mut request, &name, at);
    }
    Ok(request)
}

/// Returns where settings stand, as the client wrote their names.
fn places(spelled: &Spelled) -> Places {
    let mut places = Places::of(&PLACES);
    for (setting, pointer) in PLACES {
        let pointer = spelled.pointer(pointer);
        if matches!(pointer, Cow::Owned(_)) {
            places.correct(setting, pointer);
        }
    }
    places
}

fn system(raw: &RawValue, at: &str, losses: &mut Losses) -> Result<Vec<SystemText>, Refused> {
    if let Ok(text) = serde_json::from_str::<String>(raw.get()) {
        return Ok(vec![SystemText { text, cache: None, at: Place::new(at) }]);
    }
    let (content, _) =
        read_saying::<ContentIn<'_>>(raw, "systemInstruction", &CONTENT, at, losses)?;
    let mut texts = Vec::with_capacity(content.parts.len());
    for (number, raw) in content.parts.into_iter().enumerate() {
        let at = format!("{at}/parts/{number}");
        let (part, _) = part_in::read_saying(raw, "a part of systemInstruction", &at, losses)?;
        match part.text {
            Some(text) if text.is_empty() => {}
            Some(text) => texts.push(SystemText { text, cache: None, at: Place::new(at) }),
            // Instructions are text alone.
            None => losses.push_if(part_in::says(raw), Token::DropContent, &at),
        }
    }
    Ok(texts)
}

/// A cached prompt stands before everything else.
fn remember_cache(request: &mut Request, name: &str, at: Place) {
    let opaque = Json::of(name).map(|raw| {
        let kind = CACHED_CONTENT.to_owned();
        Part::Opaque(Opaque { family: Family::Google, kind, raw, at })
    });
    if let (Some(turn), Some(opaque)) = (request.turns.first_mut(), opaque) {
        turn.parts.insert(0, opaque);
    }
}
