//! A client's body into the hub.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::Refused;
use super::super::fields::say_unknown_spellings;
use super::super::hub::{Family, Json, Opaque, Part, Place, Places, Request, SystemText, setting};
use super::super::loss::{Losses, Token};
use super::pairs::many;
use super::part_in::{self, ContentIn, PartIn};
use super::settings_in::{self, GenerationIn, ToolConfigIn};
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
const CONTENT: [&str; 2] = ["role", "parts"];
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
    let body: Body<'_> = read(whole, "the body")?;
    if body.contents.is_empty() {
        return Err(Refused::new("contents has nothing in it: a request needs at least one turn"));
    }
    say_unknown_spellings(whole.get(), &KNOWN, "", losses);
    losses.push_if(!body.safety_settings.is_empty(), Token::DropSafetySettings, "/safetySettings");
    losses.push_if(body.labels.is_some(), Token::DropLabels, "/labels");

    let places = Places::of(&PLACES);
    let mut request = Request { model: model.to_owned(), stream, places, ..Request::default() };
    if let Some(raw) = body.system_instruction {
        request.system = system(raw, losses)?;
    }
    request.turns = turns_in::turns(&body.contents, losses)?;
    request.tools = tools_in::tools(&body.tools, losses)?;
    if let Some(raw) = body.tool_config {
        let config: ToolConfigIn<'_> = read(raw, "toolConfig")?;
        settings_in::say_unknown_of_tools(raw, &config, losses);
        request.choice = settings_in::choice(&config, losses)?;
    }
    if let Some(raw) = body.generation_config {
        let config: GenerationIn<'_> = read(raw, "generationConfig")?;
        settings_in::say_unknown_of_answer(raw, &config, losses);
        settings_in::generation(config, &mut request, losses)?;
    }
    if let Some(name) = body.cached_content {
        remember_cache(&mut request, &name);
    }
    Ok(request)
}

/// Reads an object of the body, and says which it was when that fails.
pub(super) fn read<'a, T: Deserialize<'a>>(raw: &'a RawValue, what: &str) -> Result<T, Refused> {
    // Serde would read a list as an object's values in order.
    if !raw.get().starts_with('{') {
        return Err(Refused::new(format!("{what} is no object")));
    }
    serde_json::from_str(raw.get())
        .map_err(|error| Refused::new(format!("{what} is not of Gemini's form: {error}")))
}

fn system(raw: &RawValue, losses: &mut Losses) -> Result<Vec<SystemText>, Refused> {
    const AT: &str = "/systemInstruction";
    if let Ok(text) = serde_json::from_str::<String>(raw.get()) {
        return Ok(vec![SystemText { text, cache: None, at: Place::new(AT) }]);
    }
    let content: ContentIn<'_> = read(raw, "systemInstruction")?;
    say_unknown_spellings(raw.get(), &CONTENT, AT, losses);
    let mut texts = Vec::with_capacity(content.parts.len());
    for (number, raw) in content.parts.into_iter().enumerate() {
        let at = format!("{AT}/parts/{number}");
        let part: PartIn<'_> = read(raw, "a part of systemInstruction")?;
        part_in::say_unknown(raw, &part, &at, losses);
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
fn remember_cache(request: &mut Request, name: &str) {
    let opaque = Json::of(name).map(|raw| {
        let kind = CACHED_CONTENT.to_owned();
        let at = Place::new("/cachedContent");
        Part::Opaque(Opaque { family: Family::Google, kind, raw, at })
    });
    if let (Some(turn), Some(opaque)) = (request.turns.first_mut(), opaque) {
        turn.parts.insert(0, opaque);
    }
}
