//! One finished request as its row: who, what, how it went, how long it took, what it cost.

use std::sync::Arc;
use std::time::Duration;

use switchyard_actors::domain::billing::{Factors, Tier};
use switchyard_actors::domain::dialect::Operation;
use switchyard_actors::domain::ids::RequestId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::{LedgerRow, Opened};
use switchyard_actors::domain::limits::{Amount, LimitKind, LimitOwner, Refusal};
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::outcome::RowOutcome;
use switchyard_actors::domain::provider::Provider;
use switchyard_actors::domain::usage::Usage;

use super::chain::{Selector, Tries};
use super::fate::Fate;
use super::tokens;
use crate::demo::dice::Dice;
use crate::proxy::cost::{self, Bill, BillInput};

/// Milliseconds until the first content.
const FIRST_CONTENT_MS: (u64, u64) = (350, 3_200);
/// Milliseconds a token of output takes.
const TOKEN_MS: (u64, u64) = (6, 18);
/// Milliseconds of an answer that is an error.
const ERROR_MS: (u64, u64) = (80, 900);
/// Of a thousand requests so many are streams.
const STREAMS: u64 = 880;
/// Addresses for documentation (RFC 5737): nobody has them.
const NETWORK: &str = "192.0.2";

/// Makes the row of a request that came at an instant, as the given turn of its conversation. Its id
/// is given later, in the order of all rows. `None` when nobody speaks the tool's dialect.
pub fn of(
    selector: &mut Selector<'_>,
    at: Micros,
    turn: u32,
    dice: &mut Dice,
) -> Option<LedgerRow> {
    let fate = Fate::draw(dice);
    let opened = opened(selector, at, dice);
    if fate == Fate::Refused {
        return Some(refused(selector, opened, dice));
    }
    let tries = selector.tries(fate, dice)?;
    let usage = used(selector, fate, turn, dice);
    Some(answered(selector, opened, fate, tries, usage, dice))
}

fn opened(selector: &Selector<'_>, at: Micros, dice: &mut Dice) -> Opened {
    let (caller, tool) = (selector.caller, selector.tool);
    let stream = dice.happens(STREAMS);
    Opened {
        id: RequestId([0; 16]),
        started_at: at,
        user: caller.user,
        key: caller.key,
        session: None,
        dialect: tool.dialect,
        operation: Operation::Generate,
        path: Arc::from(tool.path(stream)),
        model: Some(Arc::from(tool.model)),
        stream,
        estimate: Nano::ZERO,
        client_ip: Some(Arc::from(format!("{NETWORK}.{}", 10 + caller.user.0))),
        user_agent: Some(Arc::from(tool.agent)),
    }
}

/// Tokens are known where something was answered.
fn used(selector: &Selector<'_>, fate: Fate, turn: u32, dice: &mut Dice) -> Option<Usage> {
    let usage = tokens::of(selector.tool.dialect, turn, dice);
    match fate {
        Fate::Smooth | Fate::FailedOver(_) => Some(usage),
        // The rest of the answer was not waited for.
        Fate::Left | Fate::BrokenOff => {
            Some(Usage { output: usage.output / 3, reasoning: usage.reasoning / 3, ..usage })
        }
        Fate::Failed(_) | Fate::Faulty | Fate::Refused => None,
    }
}

fn answered(
    selector: &Selector<'_>,
    opened: Opened,
    fate: Fate,
    tries: Tries<'_>,
    usage: Option<Usage>,
    dice: &mut Dice,
) -> LedgerRow {
    let Tries { mut chain, last } = tries;
    let is_answered = usage.is_some();
    let bill = bill(selector, last, fate, usage.as_ref());
    let begun = chain.last().map_or(0, |link| link.started_ms);
    let first = begun + dice.skewed(FIRST_CONTENT_MS.0, FIRST_CONTENT_MS.1);
    let duration = match &usage {
        Some(usage) => first + usage.output * dice.between(TOKEN_MS.0, TOKEN_MS.1),
        None => begun + dice.between(ERROR_MS.0, ERROR_MS.1),
    };
    if let Some(link) = chain.last_mut() {
        link.took_ms = duration - begun;
    }
    let group = cost::group_of(selector.catalogue, selector.caller, last).0;
    LedgerRow {
        ended_at: opened.started_at.plus(Duration::from_millis(duration)),
        outcome: fate.outcome(),
        status: fate.status(),
        sent_status: is_answered.then_some(200),
        provider: Some(last.id),
        group,
        response_model: is_answered.then(|| opened.model.clone()).flatten(),
        usage_complete: fate.outcome() == RowOutcome::Success,
        usage,
        cost: bill.cost,
        terms: bill.terms,
        unbilled: bill.unbilled.map(Arc::from),
        first_byte_ms: is_answered.then_some(first.saturating_sub(20)),
        first_content_ms: is_answered.then_some(first),
        duration_ms: duration,
        chain,
        error: fate.error().map(Arc::from),
        ..bare(selector, opened)
    }
}

/// Bills as the relay does when a request ends.
fn bill(selector: &Selector<'_>, provider: &Provider, fate: Fate, usage: Option<&Usage>) -> Bill {
    let (catalogue, model) = (selector.catalogue, selector.tool.model);
    let (_, group) = cost::group_of(catalogue, selector.caller, provider);
    cost::bill(&BillInput {
        operation: Operation::Generate,
        usage,
        price: cost::price_of(catalogue, model, provider.redirect(model)).as_deref(),
        tier: Tier::Standard,
        factors: Factors { provider: provider.multiplier, group },
        billed_model: cost::billed_model(catalogue),
        answered: fate.outcome() == RowOutcome::Success,
    })
}

fn refused(selector: &Selector<'_>, opened: Opened, dice: &mut Dice) -> LedgerRow {
    let limit = u64::from(selector.caller.user_limits.rpm.unwrap_or(60));
    LedgerRow {
        ended_at: opened.started_at.plus(Duration::from_millis(1)),
        outcome: Fate::Refused.outcome(),
        status: Fate::Refused.status(),
        sent_status: Some(Fate::Refused.status()),
        unbilled: Some(Arc::from("not_billable")),
        duration_ms: 1,
        error: Fate::Refused.error().map(Arc::from),
        refusal: Some(Refusal {
            kind: LimitKind::Rpm,
            owner: LimitOwner::User,
            name: None,
            current: Amount::Count(limit),
            limit: Amount::Count(limit),
            resets_at: None,
            retry_after_s: Some(dice.between(1, 40)),
            only_held: false,
        }),
        ..bare(selector, opened)
    }
}

/// A row of which nothing is known but that a request came.
fn bare(selector: &Selector<'_>, opened: Opened) -> LedgerRow {
    let at = opened.started_at;
    LedgerRow {
        catalogue: selector.catalogue.version,
        unbilled: None,
        error: None,
        ..LedgerRow::interrupted(opened, at)
    }
}
