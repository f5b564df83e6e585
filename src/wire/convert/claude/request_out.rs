//! A body for a provider.

use serde::Serialize;

use super::block::{Block, Mark, is_false};
use super::choice_out::{self, ChoiceOut};
use super::content_out::Writer;
use super::marks;
use super::system_out::{self, FormatOut};
use super::thinking_out::{self, ThinkingOut};
use super::tools_out::{self, ToolOut};
use crate::wire::convert::Refused;
use crate::wire::convert::hub::{Request, Role, Turn, setting};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::names::Names;
use crate::wire::convert::pairing::paired;
use crate::wire::convert::target::{ModelTraits, Options, Target};

/// The length of an answer when neither client nor model says one: this format asks for it.
const MAX_TOKENS: u64 = 32_000;
/// What a user says where there must be something.
const NOTHING: &str = ".";
/// What a user says behind the beginning of an answer where that may not stand last.
const GO_ON: &str = "Continue.";

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    max_tokens: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<Block>,
    messages: Vec<Message>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<ToolOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<ChoiceOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<ThinkingOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<Mark>,
    #[serde(skip_serializing_if = "is_false")]
    stream: bool,
}

/// A message.
#[derive(Debug, Serialize)]
pub(super) struct Message {
    pub role: &'static str,
    pub content: Vec<Block>,
}

#[derive(Serialize)]
struct OutputConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<FormatOut>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    user_id: &'a str,
}

/// Writes the body for a provider.
///
/// # Errors
/// Something that the client insists on cannot be said in this format.
pub fn encode_request(
    request: &Request,
    target: &Target,
    names: &mut Names,
    losses: &mut Losses,
) -> Result<Vec<u8>, Refused> {
    let model = &target.model;
    let max_tokens = max_tokens(request, model, losses);
    let offered = tools_out::tools(&request.tools, request.choice.as_ref(), target, names, losses);
    let (mut system, turns) = system_out::system(request, losses);
    let format = system_out::format(request, model, &mut system, losses);
    let turns = paired(&turns, losses);
    let mut messages = messages(&turns, model, &mut Writer::new(names, losses))?;
    let plan = thinking_out::plan(request, model, max_tokens, &messages, losses);
    let is_free = plan.is_manual() || model.calls_of_its_own;
    let tool_choice = choice_out::choice(request, &offered, is_free, losses)?;
    let sampling = thinking_out::sampling(request, model, &plan, losses);
    let mut tools: Vec<ToolOut> = offered.into_iter().map(|offered| offered.out).collect();
    let whole = request.cache.whole;
    marks::bound(&mut tools, &mut system, &mut messages, whole.is_some(), losses);
    losses.push_if(request.cache.key.is_some(), Token::DropCacheKey, setting::CACHE_KEY);
    say_lost(request, target.options, losses);
    let has_config = plan.effort.is_some() || format.is_some();
    let body = Body {
        model: &request.model,
        max_tokens,
        system,
        messages,
        tools,
        tool_choice,
        thinking: plan.thinking,
        output_config: has_config.then_some(OutputConfig { effort: plan.effort, format }),
        stop_sequences: stops(request, losses),
        temperature: sampling.temperature,
        top_p: sampling.top_p,
        top_k: sampling.top_k,
        metadata: metadata(request, target.options),
        service_tier: tier(request),
        cache_control: Mark::of(whole, setting::CACHE_WHOLE),
        stream: request.stream,
    };
    serde_json::to_vec(&body).map_err(|error| Refused::new(format!("cannot be written: {error}")))
}

fn max_tokens(request: &Request, model: &ModelTraits, losses: &mut Losses) -> u64 {
    let Some(asked) = request.max_output else {
        losses.push(Token::ApproxMaxTokensDefault, "");
        return model.most_output.unwrap_or(MAX_TOKENS);
    };
    let most = model.most_output.unwrap_or(u64::MAX);
    losses.push_if(asked > most, Token::ApproxMaxTokensDefault, setting::MAX_OUTPUT);
    asked.min(most)
}

/// Writes the turns: a user's comes first, none is empty, and no neighbours are of one role.
fn messages(
    turns: &[Turn],
    model: &ModelTraits,
    writer: &mut Writer<'_>,
) -> Result<Vec<Message>, Refused> {
    let mut messages: Vec<Message> = Vec::with_capacity(turns.len().saturating_add(1));
    for (number, turn) in turns.iter().enumerate() {
        let written = writer.turn(turn)?;
        let (mut content, stubs) = (written.blocks, written.stubs);
        let role = if turn.role == Role::Assistant { "assistant" } else { "user" };
        let is_last = number.saturating_add(1) == turns.len();
        if is_last && role == "user" && stubs > 0 && stubs == content.len() {
            let message = format!("{}: what it is about cannot be read by this model", turn.at);
            return Err(Refused::new(message));
        }
        if content.is_empty() {
            // What the model said is only left out; a user's turn holds its place.
            if role == "assistant" {
                continue;
            }
            writer.losses.push(Token::ApproxTurnAdded, turn.at.clone());
            content.push(Block::text(NOTHING));
        }
        match messages.last_mut() {
            Some(last) if last.role == role => last.content.append(&mut content),
            _ => messages.push(Message { role, content }),
        }
    }
    if messages.first().is_none_or(|first| first.role != "user") {
        writer.losses.push(Token::ApproxTurnAdded, "");
        let content = vec![Block::text(NOTHING)];
        messages.insert(0, Message { role: "user", content });
    }
    if model.refuses_prefill && messages.last().is_some_and(|last| last.role == "assistant") {
        writer.losses.push(Token::ApproxTurnAdded, "");
        messages.push(Message { role: "user", content: vec![Block::text(GO_ON)] });
    }
    trim_beginning(&mut messages, writer.losses);
    Ok(messages)
}

/// The beginning of an answer may not end with white space.
fn trim_beginning(messages: &mut [Message], losses: &mut Losses) {
    let Some(last) = messages.last_mut().filter(|last| last.role == "assistant") else { return };
    let Some(Block::Text { text, .. }) = last.content.last_mut() else { return };
    let end = text.trim_end().len();
    if end < text.len() {
        losses.push(Token::ApproxPrefill, "");
        text.truncate(end);
    }
}

fn stops<'a>(request: &'a Request, losses: &mut Losses) -> Vec<&'a str> {
    let is_blank = |stop: &&String| stop.trim().is_empty();
    losses.push_if(request.stop.iter().any(|stop| is_blank(&stop)), Token::DropStop, setting::STOP);
    request.stop.iter().filter(|stop| !is_blank(stop)).map(String::as_str).collect()
}

fn metadata(request: &Request, options: Options) -> Option<Metadata<'_>> {
    let user = request.identity.end_user.as_deref().filter(|_| options.end_user);
    user.map(|user_id| Metadata { user_id })
}

/// Says of the settings that this format has what of them does not go along.
fn say_lost(request: &Request, options: Options, losses: &mut Losses) {
    let kept = request.identity.end_user.is_some() && !options.end_user;
    losses.push_if(kept, Token::DropEndUser, setting::END_USER);
    let tier = request.identity.tier.is_some() && tier(request).is_none();
    losses.push_if(tier, Token::DropTier, setting::TIER);
    let verbosity = request.has_unusual_verbosity();
    losses.push_if(verbosity, Token::DropVerbosity, setting::VERBOSITY);
}

/// Other vendors' tiers mean other things.
fn tier(request: &Request) -> Option<&str> {
    request.identity.tier.as_deref().filter(|tier| matches!(*tier, "auto" | "standard_only"))
}
