//! `generationConfig` for Google.

use serde::Serialize;

use super::super::hub::{Effort, Format, Json, Reasoning, Request, Show, setting};
use super::super::loss::{Losses, Token};
use super::super::target::{ModelTraits, Target, ThinkingMode};
use super::is_newest;
use super::schema::{Purpose, clean};
use super::tools_out::{Offered, taker};

/// Stop texts that Google takes.
const MOST_STOPS: usize = 5;
/// The least budget of models that always think.
const LEAST_BUDGET: u64 = 128;

/// `generationConfig`.
#[derive(Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GenerationOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_mime_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_schema: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_json_schema: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_config: Option<ThinkingOut>,
}

#[derive(Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ThinkingOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    include_thoughts: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_budget: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_level: Option<&'static str>,
}

/// Writes the settings of the answer; `None` when there are none.
pub(super) fn generation(
    request: &Request,
    format: &Format,
    target: &Target,
    losses: &mut Losses,
) -> Option<GenerationOut> {
    let sampling = request.sampling;
    let seed = sampling.seed.and_then(|seed| i32::try_from(seed).ok());
    losses.push_if(seed.is_none() && sampling.seed.is_some(), Token::DropSeed, setting::SEED);
    let most = target.model.most_output.unwrap_or(u64::MAX);
    let is_long = request.max_output.is_some_and(|tokens| tokens > most);
    losses.push_if(is_long, Token::ApproxMaxTokensDefault, setting::MAX_OUTPUT);
    let mut out = GenerationOut {
        temperature: sampling.temperature,
        top_p: sampling.top_p,
        top_k: sampling.top_k,
        max_output_tokens: request.max_output.map(|tokens| tokens.min(most)),
        stop_sequences: stops(&request.stop, losses),
        seed,
        presence_penalty: sampling.presence,
        frequency_penalty: sampling.frequency,
        thinking_config: request
            .reasoning
            .and_then(|reasoning| thinking(&reasoning, &target.model, losses)),
        ..GenerationOut::default()
    };
    write_format(&mut out, format, target, losses);
    (out != GenerationOut::default()).then_some(out)
}

/// Returns the form of the answer in words: older models answer 400 when functions are offered beside it.
pub(super) fn format_in_words(
    request: &Request,
    target: &Target,
    offered: &Offered,
    losses: &mut Losses,
) -> Option<String> {
    if is_newest(target) || !offered.has_functions() {
        return None;
    }
    let words = match &request.format {
        Format::Text => return None,
        Format::Json => "Answer with one JSON document and nothing else.".to_owned(),
        Format::Schema { schema, .. } => format!(
            "Answer with one JSON document of this JSON Schema and nothing else:\n{}",
            schema.text()
        ),
    };
    losses.push(Token::ApproxFormatAsPrompt, setting::FORMAT);
    Some(words)
}

fn stops(stops: &[String], losses: &mut Losses) -> Vec<String> {
    let said: Vec<&String> = stops.iter().filter(|stop| !stop.is_empty()).collect();
    losses.push_if(said.len() > MOST_STOPS, Token::DropStopExcess, setting::STOP);
    said.into_iter().take(MOST_STOPS).cloned().collect()
}

fn write_format(out: &mut GenerationOut, format: &Format, target: &Target, losses: &mut Losses) {
    let schema = match format {
        Format::Text => return,
        Format::Json => None,
        Format::Schema { schema, .. } => {
            let cleaned = clean(schema, taker(target.options), Purpose::Answer);
            for pointer in cleaned.places {
                losses.push(Token::ApproxSchema, format!("{}{pointer}", setting::SCHEMA));
            }
            Some(cleaned.schema)
        }
    };
    out.response_mime_type = Some("application/json");
    if target.options.json_schema {
        out.response_json_schema = schema;
    } else {
        out.response_schema = schema;
    }
}

/// Says how much the model is to think, by budget or by level as its line knows it.
fn thinking(
    reasoning: &Reasoning,
    model: &ModelTraits,
    losses: &mut Losses,
) -> Option<ThinkingOut> {
    let mut out = ThinkingOut::default();
    match model.thinking {
        ThinkingMode::None | ThinkingMode::Unknown => {
            losses.push_if(!reasoning.is_off(), Token::DropReasoning, setting::REASONING);
            return None;
        }
        ThinkingMode::Budget => out.thinking_budget = Some(budget(reasoning, model, losses)),
        ThinkingMode::Level | ThinkingMode::Adaptive => {
            out.thinking_level = level(reasoning, model, losses);
        }
    }
    let shows = !reasoning.is_off() && reasoning.show != Show::Nothing;
    out.include_thoughts = shows.then_some(true);
    (out != ThinkingOut::default()).then_some(out)
}

/// Below 0 the model decides.
fn budget(reasoning: &Reasoning, model: &ModelTraits, losses: &mut Losses) -> i64 {
    if reasoning.is_off() {
        if model.can_rest {
            return 0;
        }
        losses.push(Token::ApproxEffort, setting::REASONING);
        return i64::try_from(LEAST_BUDGET).unwrap_or_default();
    }
    let (budget, is_made) = reasoning.as_budget();
    losses.push_if(is_made, Token::ApproxBudgetFromEffort, setting::REASONING);
    let Some(budget) = budget else { return -1 };
    let known = if model.can_rest { 0 } else { LEAST_BUDGET };
    let least = model.least_budget.unwrap_or(known);
    let most = model.most_budget.unwrap_or(24_576);
    let bound = budget.clamp(least, most.max(least));
    losses.push_if(!is_made && bound != budget, Token::ApproxEffort, setting::REASONING);
    i64::try_from(bound).unwrap_or(i64::MAX)
}

fn level(reasoning: &Reasoning, model: &ModelTraits, losses: &mut Losses) -> Option<&'static str> {
    let (effort, is_made) = reasoning.as_effort();
    losses.push_if(is_made, Token::ApproxEffortFromBudget, setting::REASONING);
    if effort == Effort::Auto {
        return None;
    }
    let within = effort.within(&model.efforts);
    losses.push_if(within != effort, Token::ApproxEffort, setting::REASONING);
    Some(within.name())
}
