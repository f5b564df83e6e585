//! A client's body into the hub.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::Refused;
use super::super::hub::{Family, Json, Opaque, Part, Request, SystemText};
use super::super::loss::{Losses, Token};
use super::pairs::many;
use super::part_in::{ContentIn, PartIn};
use super::settings_in::{self, GenerationIn, ToolConfigIn};
use super::{tools_in, turns_in};

/// What a cached prompt is called in the hub.
pub(super) const CACHED_CONTENT: &str = "cachedContent";

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
    let body: &RawValue = serde_json::from_slice(body)
        .map_err(|error| Refused::new(format!("the body is no JSON: {error}")))?;
    let body: Body<'_> = read(body, "the body")?;
    if body.contents.is_empty() {
        return Err(Refused::new("contents has nothing in it: a request needs at least one turn"));
    }
    losses.push_if(!body.safety_settings.is_empty(), Token::DropSafetySettings, "/safetySettings");
    losses.push_if(body.labels.is_some(), Token::DropLabels, "/labels");

    let mut request = Request { model: model.to_owned(), stream, ..Request::default() };
    if let Some(raw) = body.system_instruction {
        request.system = system(raw)?;
    }
    request.turns = turns_in::turns(&body.contents)?;
    request.tools = tools_in::tools(&body.tools)?;
    if let Some(raw) = body.tool_config {
        let config: ToolConfigIn = read(raw, "toolConfig")?;
        request.choice = settings_in::choice(config, losses);
    }
    if let Some(raw) = body.generation_config {
        let config: GenerationIn = read(raw, "generationConfig")?;
        settings_in::generation(config, &mut request, losses);
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

fn system(raw: &RawValue) -> Result<Vec<SystemText>, Refused> {
    if let Ok(text) = serde_json::from_str::<String>(raw.get()) {
        return Ok(vec![SystemText { text, cache: None }]);
    }
    let content: ContentIn<'_> = read(raw, "systemInstruction")?;
    let mut texts = Vec::with_capacity(content.parts.len());
    for part in content.parts {
        let part: PartIn<'_> = read(part, "a part of systemInstruction")?;
        let text = part.text.filter(|text| !text.is_empty());
        texts.extend(text.map(|text| SystemText { text, cache: None }));
    }
    Ok(texts)
}

/// A cached prompt stands before everything else.
fn remember_cache(request: &mut Request, name: &str) {
    let opaque = Json::of(name).map(|raw| {
        let kind = CACHED_CONTENT.to_owned();
        Part::Opaque(Opaque { family: Family::Google, kind, raw })
    });
    if let (Some(turn), Some(opaque)) = (request.turns.first_mut(), opaque) {
        turn.parts.insert(0, opaque);
    }
}
