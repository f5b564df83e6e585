//! How a provider's model is told to think, and how luck is used, which depends on it.

use serde::Serialize;

use super::block::Block;
use super::request_out::Message;
use crate::wire::convert::effort::{BETWEEN_TOOLS, DISABLED, LEAST_BUDGET};
use crate::wire::convert::hub::{Effort, Reasoning, Request, Show, setting};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::target::{ModelTraits, ThinkingMode};

/// Thinking as it is written.
#[derive(Debug, Serialize)]
pub(super) struct ThinkingOut {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    budget_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display: Option<&'static str>,
}

/// All that a request says of thinking.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub thinking: Option<ThinkingOut>,
    pub effort: Option<&'static str>,
}

impl Plan {
    /// Tells whether the model thinks by a budget: much else is refused then.
    pub fn is_manual(&self) -> bool {
        self.thinks("enabled")
    }

    fn thinks(&self, kind: &str) -> bool {
        self.thinking.as_ref().is_some_and(|thinking| thinking.kind == kind)
    }
}

/// Decides how the model is told to think.
pub(super) fn plan(
    request: &Request,
    model: &ModelTraits,
    max_tokens: u64,
    messages: &[Message],
    losses: &mut Losses,
) -> Plan {
    let Some(reasoning) = &request.reasoning else { return Plan::default() };
    if reasoning.is_off() {
        return off(model, losses);
    }
    let plan = match model.thinking {
        ThinkingMode::None | ThinkingMode::Unknown => {
            losses.push(Token::DropReasoning, setting::REASONING);
            return Plan::default();
        }
        ThinkingMode::Level => Plan { thinking: None, effort: effort(reasoning, model, losses) },
        ThinkingMode::Adaptive => Plan {
            thinking: Some(adaptive(reasoning.show)),
            effort: effort(reasoning, model, losses),
        },
        ThinkingMode::Budget => manual(reasoning, model, max_tokens, losses),
    };
    if plan.thinking.is_none() {
        return plan;
    }
    // The beginning of an answer cannot be given together with thinking.
    if messages.last().is_some_and(|last| last.role == "assistant") {
        losses.push(Token::DropReasoning, setting::REASONING);
        return Plan::default();
    }
    // With a budget, a turn whose calls are being answered must show its thinking.
    if plan.is_manual() && lacks_thinking(messages) {
        losses.push(Token::DropThinkingForeign, setting::REASONING);
        return Plan::default();
    }
    plan
}

fn adaptive(show: Show) -> ThinkingOut {
    let display = match show {
        Show::Unsaid => None,
        Show::Nothing => Some("omitted"),
        Show::Summary | Show::Full => Some("summarized"),
    };
    ThinkingOut { kind: "adaptive", budget_tokens: None, display }
}

fn off(model: &ModelTraits, losses: &mut Losses) -> Plan {
    match model.thinking {
        ThinkingMode::None | ThinkingMode::Unknown => Plan::default(),
        _ if model.can_rest && model.thinking != ThinkingMode::Level => {
            let kind = if model.rests_between_tools { BETWEEN_TOOLS } else { DISABLED };
            let thinking = ThinkingOut { kind, budget_tokens: None, display: None };
            Plan { thinking: Some(thinking), effort: None }
        }
        _ => {
            losses.push(Token::ApproxEffort, setting::REASONING);
            let least = Effort::None.within(&model.efforts);
            Plan { thinking: None, effort: (least != Effort::None).then(|| least.name()) }
        }
    }
}

/// Returns the effort in words; `None` where the model decides.
fn effort(reasoning: &Reasoning, model: &ModelTraits, losses: &mut Losses) -> Option<&'static str> {
    let (wanted, made) = reasoning.as_effort();
    losses.push_if(made, Token::ApproxEffortFromBudget, setting::REASONING);
    let effort = wanted.within(&model.efforts);
    losses.push_if(effort != wanted, Token::ApproxEffort, setting::REASONING);
    (effort != Effort::Auto).then(|| effort.name())
}

/// The budget lies between the least there is and the length of the answer, of which it is a part.
fn manual(
    reasoning: &Reasoning,
    model: &ModelTraits,
    max_tokens: u64,
    losses: &mut Losses,
) -> Plan {
    if max_tokens <= LEAST_BUDGET {
        losses.push(Token::DropReasoning, setting::REASONING);
        return Plan::default();
    }
    let (wanted, made) = reasoning.as_budget();
    // These models cannot decide by themselves.
    let budget = wanted.or(Effort::Medium.budget()).unwrap_or(LEAST_BUDGET);
    losses.push_if(made || wanted.is_none(), Token::ApproxBudgetFromEffort, setting::REASONING);
    let most = model.most_budget.unwrap_or(u64::MAX).min(max_tokens - 1);
    let bound = budget.min(most).max(LEAST_BUDGET);
    losses.push_if(!made && bound != budget, Token::ApproxEffort, setting::REASONING);
    let display = (reasoning.show == Show::Nothing).then_some("omitted");
    let thinking = ThinkingOut { kind: "enabled", budget_tokens: Some(bound), display };
    Plan { thinking: Some(thinking), effort: None }
}

/// Tells whether the last turn of the model calls tools and does not begin with its thinking.
fn lacks_thinking(messages: &[Message]) -> bool {
    let Some(last) = messages.iter().rfind(|message| message.role == "assistant") else {
        return false;
    };
    let calls = last.content.iter().any(|block| matches!(block, Block::ToolUse { .. }));
    let thinks = matches!(
        last.content.first(),
        Some(Block::Thinking { .. } | Block::RedactedThinking { .. })
    );
    calls && !thinks
}

/// Luck as it is written.
#[derive(Debug, Default)]
pub(super) struct SamplingOut {
    pub temperature: Option<f64>,
    pub top_p: Option<f64>,
    pub top_k: Option<u64>,
}

/// Decides how luck is used: not at all where the model refuses that, and by one of temperature and
/// nucleus, for newer models refuse both at once.
pub(super) fn sampling(
    request: &Request,
    model: &ModelTraits,
    plan: &Plan,
    losses: &mut Losses,
) -> SamplingOut {
    let asked = request.sampling;
    losses.push_if(asked.seed.is_some(), Token::DropSeed, setting::SEED);
    for (is, at) in [
        (asked.presence.is_some(), setting::PRESENCE),
        (asked.frequency.is_some(), setting::FREQUENCY),
    ] {
        losses.push_if(is, Token::DropPenalties, at);
    }
    if model.fixed_sampling || plan.is_manual() || plan.thinks("adaptive") {
        for (is, at) in [
            (asked.temperature.is_some(), setting::TEMPERATURE),
            (asked.top_p.is_some(), setting::TOP_P),
            (asked.top_k.is_some(), setting::TOP_K),
        ] {
            losses.push_if(is, Token::DropSampling, at);
        }
        return SamplingOut::default();
    }
    let temperature = asked.temperature.map(|asked| asked.clamp(0.0, 1.0));
    losses.push_if(
        temperature != asked.temperature,
        Token::ApproxTemperature,
        setting::TEMPERATURE,
    );
    let both = temperature.is_some() && asked.top_p.is_some();
    losses.push_if(both, Token::DropSampling, setting::TOP_P);
    SamplingOut { temperature, top_p: asked.top_p.filter(|_| !both), top_k: asked.top_k }
}
