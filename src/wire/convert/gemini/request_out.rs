//! The hub into the body for a provider.

use serde::Serialize;

use super::super::Refused;
use super::super::hub::{Format, Json, Request};
use super::super::loss::{Losses, Token};
use super::super::names::Names;
use super::super::target::Target;
use super::part_out::{ContentOut, PartOut};
use super::settings_out::{self, GenerationOut};
use super::tools_out::{self, ToolConfigOut};
use super::turns_out;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_content: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<ContentOut>,
    contents: Vec<ContentOut>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_config: Option<ToolConfigOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    generation_config: Option<GenerationOut>,
}

/// Writes a body. The model and whether the answer streams go into the path.
///
/// # Errors
/// The request cannot be put so that Google would answer what was asked.
pub fn encode_request(
    request: &Request,
    target: &Target,
    names: &mut Names,
    losses: &mut Losses,
) -> Result<Vec<u8>, Refused> {
    losses.push_if(request.cache.key.is_some(), Token::DropCacheKey, "");
    losses.push_if(request.cache.whole.is_some(), Token::DropCacheControl, "");
    losses.push_if(request.parallel == Some(false), Token::DropParallelOff, "");
    let offered = tools_out::tools(request, target, names, losses);
    let tool_config = tools_out::config(request, target, &offered)?;
    let turns = turns_out::turns(request, target, names, losses)?;
    let told = settings_out::format_in_words(request, target, &offered, losses);
    let format = if told.is_some() { &Format::Text } else { &request.format };
    let body = Body {
        cached_content: turns.cached,
        system_instruction: system(request, told, losses),
        contents: turns.contents,
        tools: offered.written,
        tool_config,
        generation_config: settings_out::generation(request, format, target, losses),
    };
    serde_json::to_vec(&body)
        .map_err(|error| Refused::new(format!("the request has no form for Gemini: {error}")))
}

fn system(request: &Request, told: Option<String>, losses: &mut Losses) -> Option<ContentOut> {
    let cached = request.system.iter().any(|text| text.cache.is_some());
    losses.push_if(cached, Token::DropCacheControl, "/system");
    let texts = request.system.iter().map(|text| text.text.clone()).chain(told);
    let texts = texts.filter(|text| !text.is_empty());
    let parts: Vec<_> = texts.map(|text| PartOut::text(text, None).into()).collect();
    (!parts.is_empty()).then_some(ContentOut { role: None, parts })
}
