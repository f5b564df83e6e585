//! The hub into the body for a provider.

use serde::Serialize;

use super::super::Refused;
use super::super::hub::{Format, Json, Request, setting};
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
    losses.push_if(request.cache.key.is_some(), Token::DropCacheKey, setting::CACHE_KEY);
    losses.push_if(request.cache.whole.is_some(), Token::DropCacheControl, setting::CACHE_WHOLE);
    losses.push_if(request.parallel == Some(false), Token::DropParallelOff, setting::PARALLEL);
    say_lost(request, losses);
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

/// Says what Google is told in no request.
fn say_lost(request: &Request, losses: &mut Losses) {
    let identity = &request.identity;
    losses.push_if(identity.end_user.is_some(), Token::DropEndUser, setting::END_USER);
    // What is chosen automatically need not be said.
    let tier = identity.tier.as_deref().is_some_and(|tier| tier != "auto");
    losses.push_if(tier, Token::DropTier, setting::TIER);
    let verbosity = request.has_unusual_verbosity();
    losses.push_if(verbosity, Token::DropVerbosity, setting::VERBOSITY);
}

fn system(request: &Request, told: Option<String>, losses: &mut Losses) -> Option<ContentOut> {
    for text in &request.system {
        losses.push_if(text.cache.is_some(), Token::DropCacheControl, text.at.or(""));
    }
    let texts = request.system.iter().map(|text| text.text.clone()).chain(told);
    let texts = texts.filter(|text| !text.is_empty());
    let parts: Vec<_> = texts.map(|text| PartOut::text(text, None).into()).collect();
    (!parts.is_empty()).then_some(ContentOut { role: None, parts })
}
