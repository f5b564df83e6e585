//! A request, written for a provider.

use serde::Serialize;

use super::super::Refused;
use super::super::hub::{Effort, Format, Json, Request, Role, Show, setting};
use super::super::loss::{Losses, Token};
use super::super::names::{Bounds, Names};
use super::super::pairing::paired;
use super::super::target::{Target, ThinkingMode};
use super::content_out::is_unreadable;
use super::items_out::Items;
use super::tools_out::Tools;

/// The shortest answer that may be asked for, in tokens.
const LEAST_OUTPUT: u64 = 16;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<&'a str>,
    input: Vec<Json>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Thinking>,
    store: bool,
    stream: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    include: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<TextForm<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'a str>,
}

#[derive(Serialize)]
struct Thinking {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'static str>,
}

#[derive(Serialize)]
struct TextForm<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<AnswerForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verbosity: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum AnswerForm {
    JsonObject,
    JsonSchema {
        name: String,
        schema: Json,
        #[serde(skip_serializing_if = "Option::is_none")]
        strict: Option<bool>,
    },
}

/// Writes a request for a provider. `store` is always off, as the client is told all that it needs to go
/// on; a backend of Codex' own is always asked for a stream, for it knows nothing else.
///
/// # Errors
/// What the request cannot do without cannot be said here: a tool that must be called, a picture that is
/// all that was sent, a conversation that only another vendor can read.
pub fn encode_request(
    request: &Request,
    target: &Target,
    names: &mut Names,
    losses: &mut Losses,
) -> Result<Vec<u8>, Refused> {
    let of_codex = target.options.codex_backend;
    // Tools come first: a name in the history is theirs.
    let tools = Tools::of(request, target, names, losses);
    let tool_choice = tools.choice(request)?;
    let input = input(request, names, losses)?;
    let first = request.system.first().map(|system| system.text.as_str());
    let is_silent = matches!(target.model.thinking, ThinkingMode::None | ThinkingMode::Unknown);
    let thinks = !is_silent || of_codex;
    push_losses(request, target, losses);
    let samples = !target.model.fixed_sampling && !of_codex;
    let sampling = &request.sampling;
    for (asked, at) in
        [(sampling.temperature, setting::TEMPERATURE), (sampling.top_p, setting::TOP_P)]
    {
        losses.push_if(asked.is_some() && !samples, Token::DropSampling, at);
    }
    let body = Body {
        model: &request.model,
        // Codex' own backend asks for the field.
        instructions: first.or_else(|| of_codex.then_some("")),
        input,
        tool_choice,
        parallel_tool_calls: (!tools.written.is_empty()).then(|| request.parallel.unwrap_or(true)),
        tools: tools.written,
        reasoning: reasoning(request, target, thinks, losses),
        store: false,
        stream: request.stream || of_codex,
        include: if thinks { vec!["reasoning.encrypted_content"] } else { Vec::new() },
        max_output_tokens: most_output(request, of_codex, losses),
        temperature: sampling.temperature.filter(|_| samples),
        top_p: sampling.top_p.filter(|_| samples),
        text: text(request, target, losses),
        prompt_cache_key: request.cache.key.as_deref(),
        user: end_user(request, target),
        service_tier: tier(request, of_codex),
    };
    serde_json::to_vec(&body)
        .map_err(|error| Refused::new(format!("the request cannot be written: {error}")))
}

/// Writes the conversation, behind the instructions that have no place of their own.
fn input(request: &Request, names: &mut Names, losses: &mut Losses) -> Result<Vec<Json>, Refused> {
    let last = request.turns.last().filter(|turn| turn.role == Role::User);
    if last.is_some_and(|turn| !turn.parts.is_empty() && turn.parts.iter().all(is_unreadable)) {
        return Err(Refused::new("What was sent is kept by another vendor and cannot be read."));
    }
    for system in &request.system {
        losses.push_if(system.cache.is_some(), Token::DropCacheControl, system.at.or(""));
    }
    let turns = paired(&request.turns, losses);
    let mut items = Items::new(names, losses);
    for system in request.system.iter().skip(1) {
        items.developer(&system.text);
    }
    // Instructions of their own place do not count there.
    if request.lacks_json_word(1) {
        items.json_mode();
    }
    for turn in &turns {
        items.turn(turn)?;
    }
    Ok(items.finish())
}

fn most_output(request: &Request, of_codex: bool, losses: &mut Losses) -> Option<u64> {
    let asked = request.max_output.filter(|_| !of_codex)?;
    losses.push_if(asked < LEAST_OUTPUT, Token::ApproxMaxTokensDefault, setting::MAX_OUTPUT);
    Some(asked.max(LEAST_OUTPUT))
}

/// Says what no request here can carry.
fn push_losses(request: &Request, target: &Target, losses: &mut Losses) {
    let of_codex = target.options.codex_backend;
    let identity = &request.identity;
    let kept = identity.end_user.is_some() && end_user(request, target).is_none();
    losses.push_if(kept, Token::DropEndUser, setting::END_USER);
    // What is chosen automatically need not be said.
    let asks = identity.tier.as_deref().is_some_and(|tier| tier != "auto");
    losses.push_if(asks && tier(request, of_codex).is_none(), Token::DropTier, setting::TIER);
    let sampling = &request.sampling;
    losses.push_if(!request.stop.is_empty(), Token::DropStop, setting::STOP);
    losses.push_if(sampling.top_k.is_some(), Token::DropTopK, setting::TOP_K);
    losses.push_if(sampling.seed.is_some(), Token::DropSeed, setting::SEED);
    for (asked, at) in
        [(sampling.presence, setting::PRESENCE), (sampling.frequency, setting::FREQUENCY)]
    {
        losses.push_if(asked.is_some(), Token::DropPenalties, at);
    }
    losses.push_if(request.cache.whole.is_some(), Token::DropCacheControl, setting::CACHE_WHOLE);
    losses.push_if(
        of_codex && request.max_output.is_some(),
        Token::DropMaxOutput,
        setting::MAX_OUTPUT,
    );
}

fn reasoning(
    request: &Request,
    target: &Target,
    thinks: bool,
    losses: &mut Losses,
) -> Option<Thinking> {
    let asked = request.reasoning?;
    if !thinks {
        losses.push_if(!asked.is_off(), Token::DropReasoning, setting::REASONING);
        return None;
    }
    if asked.is_off() {
        let rests = target.model.can_rest || target.model.efforts.is_empty();
        let effort = if rests { Effort::None } else { Effort::Minimal };
        let effort = effort.within(&target.model.efforts);
        losses.push_if(effort != Effort::None, Token::ApproxEffort, setting::REASONING);
        return Some(Thinking { effort: Some(effort.name()), summary: None });
    }
    let (wanted, made) = asked.as_effort();
    losses.push_if(made, Token::ApproxEffortFromBudget, setting::REASONING);
    let effort = wanted.within(&target.model.efforts);
    losses.push_if(effort != wanted, Token::ApproxEffort, setting::REASONING);
    let effort = (effort != Effort::Auto).then(|| effort.name());
    let summary = (asked.show != Show::Nothing).then_some("auto");
    (effort.is_some() || summary.is_some()).then_some(Thinking { effort, summary })
}

fn text<'a>(request: &'a Request, target: &Target, losses: &mut Losses) -> Option<TextForm<'a>> {
    let format = match &request.format {
        Format::Text => None,
        Format::Json => Some(AnswerForm::JsonObject),
        Format::Schema { name, schema, strict } => Some(AnswerForm::JsonSchema {
            name: Bounds::OPENAI_NAME.fit(name.as_deref().unwrap_or("answer")),
            schema: schema.clone(),
            strict: *strict,
        }),
    };
    let verbosity = target.verbosity(request, losses);
    (format.is_some() || verbosity.is_some()).then_some(TextForm { format, verbosity })
}

/// Returns the user's name, when the operator lets it go out: a long one by a hash of it.
fn end_user(request: &Request, target: &Target) -> Option<String> {
    let goes = target.options.end_user && !target.options.codex_backend;
    let user = request.identity.end_user.as_deref().filter(|_| goes)?;
    let is_short = user.chars().count() <= Bounds::SHORT_CALL_ID.longest;
    Some(if is_short { user.to_owned() } else { Bounds::SHORT_CALL_ID.fit(user) })
}

fn tier(request: &Request, of_codex: bool) -> Option<&str> {
    let known: &[&str] =
        if of_codex { &["priority"] } else { &["auto", "default", "flex", "priority", "scale"] };
    request.identity.tier.as_deref().filter(|tier| known.contains(tier))
}
