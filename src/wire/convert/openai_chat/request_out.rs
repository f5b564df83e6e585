//! A request into the body for a provider.

use serde::Serialize;

use super::messages_out::{MessageOut, messages};
use super::search::SearchOptions;
use super::tools_out::{ChoiceOut, ToolOut, Tools};
use crate::wire::convert::Refused;
use crate::wire::convert::hub::{Effort, Format, Json, Request, Sampling, setting};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::names::{Bounds, Names};
use crate::wire::convert::target::{Target, ThinkingMode};

/// Texts at which the answer ends, at most.
const MOST_STOPS: usize = 4;
/// Tiers that this format has; others are another vendor's.
const TIERS: [&str; 5] = ["default", "flex", "priority", "scale", "fast"];

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<MessageOut>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<ToolOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<ChoiceOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    web_search_options: Option<SearchOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop: Vec<&'a str>,
    #[serde(flatten)]
    sampling: SamplingOut,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<FormatOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verbosity: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Default, Serialize)]
struct SamplingOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f64>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum FormatOut<'a> {
    JsonObject,
    JsonSchema { json_schema: SchemaOut<'a> },
}

#[derive(Serialize)]
struct SchemaOut<'a> {
    name: String,
    schema: &'a Json,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

/// Writes a request. Of a stream usage is always asked for; whoever answers the client keeps it back from
/// those who did not ask.
///
/// # Errors
/// The request has what cannot go to a provider of this format, and must.
pub fn encode_request(
    request: &Request,
    target: &Target,
    names: &mut Names,
    losses: &mut Losses,
) -> Result<Vec<u8>, Refused> {
    let tools = Tools::of(request, target, names, losses);
    let tool_choice = tools.choice(request.choice.as_ref())?;
    let mut messages = messages(request, target, names, losses)?;
    if request.lacks_json_word(0) {
        losses.push(Token::ApproxJsonMode, setting::FORMAT);
        messages.insert(0, MessageOut::json_mode());
    }
    let (max_completion_tokens, max_tokens) = limits(request, target, losses);
    losses.push_if(request.cache.whole.is_some(), Token::DropCacheControl, setting::CACHE_WHOLE);
    let identity = &request.identity;
    let tier = identity.tier.as_deref().filter(|tier| TIERS.contains(tier));
    // What is chosen automatically need not be said.
    let lost = tier.is_none() && identity.tier.as_deref().is_some_and(|tier| tier != "auto");
    losses.push_if(lost, Token::DropTier, setting::TIER);
    let kept = identity.end_user.is_some() && !target.options.end_user;
    losses.push_if(kept, Token::DropEndUser, setting::END_USER);
    let body = Body {
        model: &request.model,
        messages,
        tool_choice,
        parallel_tool_calls: request.parallel.filter(|_| !tools.list.is_empty()),
        tools: tools.list,
        web_search_options: tools.search,
        reasoning_effort: effort(request, target, losses),
        max_completion_tokens,
        max_tokens,
        stop: stops(request, target, losses),
        sampling: sampling(&request.sampling, target, losses),
        response_format: format(&request.format),
        prompt_cache_key: request.cache.key.as_deref(),
        user: identity.end_user.as_deref().filter(|_| target.options.end_user),
        service_tier: tier,
        verbosity: target.verbosity(request, losses),
        stream: request.stream.then_some(true),
        stream_options: request.stream.then_some(StreamOptions { include_usage: true }),
    };
    serde_json::to_vec(&body)
        .map_err(|error| Refused::new(format!("the request cannot be written: {error}")))
}

/// Tells whether the model is one of `OpenAI`'s that reason: they have rules of their own.
fn is_reasoning(target: &Target) -> bool {
    target.model.thinking == ThinkingMode::Level && target.model.fixed_sampling
}

/// Returns the bound of the answer under its new name or its old one.
fn limits(request: &Request, target: &Target, losses: &mut Losses) -> (Option<u64>, Option<u64>) {
    let bound = target.model.most_output.unwrap_or(u64::MAX);
    let is_long = request.max_output.is_some_and(|most| most > bound);
    losses.push_if(is_long, Token::ApproxMaxTokensDefault, setting::MAX_OUTPUT);
    let most = request.max_output.map(|most| most.min(bound));
    if is_reasoning(target) { (most, None) } else { (None, most) }
}

fn effort(request: &Request, target: &Target, losses: &mut Losses) -> Option<&'static str> {
    let reasoning = request.reasoning.as_ref()?;
    let (asked, of_budget) = reasoning.as_effort();
    if asked == Effort::Auto {
        return None;
    }
    let model = &target.model;
    if matches!(model.thinking, ThinkingMode::None | ThinkingMode::Unknown) {
        losses.push_if(asked != Effort::None, Token::DropReasoning, setting::REASONING);
        return None;
    }
    if asked == Effort::None && model.can_rest && !model.efforts.contains(&Effort::None) {
        // It rests unless it is told how hard to think.
        return None;
    }
    let effort = asked.within(&model.efforts);
    losses.push_if(of_budget, Token::ApproxEffortFromBudget, setting::REASONING);
    losses.push_if(effort != asked, Token::ApproxEffort, setting::REASONING);
    Some(effort.name())
}

fn stops<'a>(request: &'a Request, target: &Target, losses: &mut Losses) -> Vec<&'a str> {
    let stops = request.stop.iter().map(String::as_str).filter(|stop| !stop.is_empty());
    let mut stops: Vec<&str> = stops.collect();
    if is_reasoning(target) {
        losses.push_if(!stops.is_empty(), Token::DropStop, setting::STOP);
        return Vec::new();
    }
    losses.push_if(stops.len() > MOST_STOPS, Token::DropStopExcess, setting::STOP);
    stops.truncate(MOST_STOPS);
    stops
}

fn sampling(sampling: &Sampling, target: &Target, losses: &mut Losses) -> SamplingOut {
    let Sampling { temperature, top_p, top_k, seed, presence, frequency } = *sampling;
    losses.push_if(top_k.is_some(), Token::DropTopK, setting::TOP_K);
    if target.model.fixed_sampling {
        for (is, at) in [
            (temperature, setting::TEMPERATURE),
            (top_p, setting::TOP_P),
            (presence, setting::PRESENCE),
            (frequency, setting::FREQUENCY),
        ] {
            losses.push_if(is.is_some(), Token::DropSampling, at);
        }
        return SamplingOut { seed, ..SamplingOut::default() };
    }
    SamplingOut {
        temperature,
        top_p,
        seed,
        presence_penalty: presence,
        frequency_penalty: frequency,
    }
}

fn format(format: &Format) -> Option<FormatOut<'_>> {
    match format {
        Format::Text => None,
        Format::Json => Some(FormatOut::JsonObject),
        Format::Schema { name, schema, strict } => {
            let name = Bounds::OPENAI_NAME.fit(name.as_deref().unwrap_or("answer"));
            let json_schema = SchemaOut { name, schema, strict: *strict };
            Some(FormatOut::JsonSchema { json_schema })
        }
    }
}
