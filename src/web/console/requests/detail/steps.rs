//! The decision chain as steps in words: how each provider was chosen, what it answered, what was
//! decided then.

use serde::Serialize;
use switchyard_actors::domain::breaker_view::{BreakerState, BreakerView};
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::decision::{
    CUT_BY_STOP, ChainLink, Decision, Exclusion, Method, NOT_CONVERTED, OVER_HTTP, REFUSED_HERE,
};
use switchyard_actors::domain::error_rules::{LinkRule, RuleAction};
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::outcome::RowOutcome;

use crate::web::console::frame::Text;
use crate::web::console::requests::names::Names;
use crate::web::console::requests::row::whole;
use crate::web::console::requests::words;

/// What is known beside the row, and for whom the page is.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// What there is today.
    pub catalogue: &'a Catalogue,
    /// Breakers that ever had trouble.
    pub breakers: &'a [BreakerView],
    /// Others see whom their request went to, not who else there is.
    pub is_admin: bool,
}

/// One try.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// Which one, from 1.
    pub number: usize,
    /// The provider's name at that time.
    pub name: String,
    /// The provider's id, while there is such a provider and for who may see it.
    pub provider: Option<i64>,
    /// It was deleted since.
    pub gone: bool,
    /// `good`, `warn`, `bad`.
    pub tone: &'static str,
    /// How it was chosen.
    pub chosen: Text,
    /// Who could have been drawn.
    pub candidates: Vec<Candidate>,
    /// Who was left out and why.
    pub left_out: Vec<LeftOut>,
    /// The seed of the draw and the version of the catalogue, to replay it.
    pub replay: Option<Text>,
    /// The address that was tried, where there are several and for who may see it.
    pub address: Option<String>,
    /// It went around the provider's proxy.
    pub around_proxy: Option<Text>,
    /// Why the proxy could not be used, for who may see it.
    pub proxy_fault: Option<String>,
    /// What the provider answered.
    pub answered: Text,
    /// In its own words.
    pub error: Option<String>,
    /// The error rule that decided what that means, for who may see it.
    pub ruled: Option<Text>,
    /// From the request's arrival to the start of the try.
    pub started_ms: i64,
    /// How long the try took.
    pub took_ms: i64,
    /// What was decided then.
    pub then: Text,
    /// The provider rests now.
    pub resting: Option<Resting>,
}

/// Somebody who could have been drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The name.
    pub name: String,
    /// The weight.
    pub weight: u32,
    /// The share of the draw in hundredths of a percent.
    pub share: u64,
    /// It was drawn.
    pub picked: bool,
}

/// Providers that were left out for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Why.
    pub why: Text,
    /// Who; empty for those who may not see it.
    pub names: Vec<String>,
}

/// A provider that rests at present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resting {
    /// What that means.
    pub what: Text,
    /// Until when, at least.
    pub until: Option<i64>,
}

/// Returns the tries of a request.
#[must_use]
pub fn steps(row: &LedgerRow, around: &Around<'_>) -> Vec<Step> {
    let all = row.chain.iter().enumerate();
    all.map(|(index, link)| step(row, index, link, around)).collect()
}

/// Returns who was left out when nobody was left.
#[must_use]
pub fn nobody_left(row: &LedgerRow, around: &Around<'_>) -> Vec<LeftOut> {
    let read = row.notes.iter().filter_map(|note| Exclusion::read_note(note));
    read.map(|(reason, who)| left_out(row, reason, &who, around)).collect()
}

fn step(row: &LedgerRow, index: usize, link: &ChainLink, around: &Around<'_>) -> Step {
    let names = Names { catalogue: around.catalogue, chain: &row.chain };
    let gone = names.of(link.provider).gone;
    let decision = link.decision.as_ref();
    let shown = decision.filter(|_| around.is_admin);
    Step {
        number: index + 1,
        name: link.name.to_string(),
        provider: Some(link.provider.0).filter(|_| around.is_admin && !gone),
        gone,
        tone: tone(&link.reason),
        chosen: chosen(link, decision),
        candidates: shown.map(|decision| candidates(decision, &names)).unwrap_or_default(),
        left_out: decision
            .map(|decision| {
                let excluded = decision.excluded.iter();
                excluded.map(|(reason, who)| left_out(row, *reason, who, around)).collect()
            })
            .unwrap_or_default(),
        replay: shown.map(|decision| {
            Text::of("request-replay")
                // A seed is a name, not an amount: its digits are not grouped.
                .with("seed", decision.seed.to_string())
                .with("catalogue", decision.catalogue.to_string())
        }),
        address: link.endpoint.as_ref().filter(|_| around.is_admin).map(|one| one.url.to_string()),
        around_proxy: link.proxy_fault.as_ref().map(|_| Text::of("request-way-direct")),
        proxy_fault: link.proxy_fault.as_deref().filter(|_| around.is_admin).map(str::to_owned),
        answered: answered(row, index, link),
        // What a vendor said of a try that nobody saw may be about the account with it.
        error: link
            .error
            .as_deref()
            .filter(|_| around.is_admin || index + 1 == row.chain.len())
            .map(str::to_owned),
        ruled: link.rule.as_deref().filter(|_| around.is_admin).map(ruled),
        started_ms: whole(link.started_ms),
        took_ms: whole(link.took_ms),
        then: then(row, index, link),
        resting: resting(link.provider, around),
    }
}

fn left_out(
    row: &LedgerRow,
    reason: Exclusion,
    who: &[ProviderId],
    around: &Around<'_>,
) -> LeftOut {
    let names = Names { catalogue: around.catalogue, chain: &row.chain };
    let shown = who.iter().filter(|_| around.is_admin).map(|id| names.of(*id).name);
    LeftOut { why: words::left_out(reason, who.len()), names: shown.collect() }
}

fn tone(reason: &str) -> &'static str {
    match reason {
        "request_success" | "retry_success" => "good",
        "client_error_non_retryable"
        | "resource_not_found"
        | "client_abort"
        | NOT_CONVERTED
        | CUT_BY_STOP
        | REFUSED_HERE => "warn",
        _ => "bad",
    }
}

fn chosen(link: &ChainLink, decision: Option<&Decision>) -> Text {
    let Some(decision) = decision else {
        return Text::of("request-chosen-again").with("attempt", u64::from(link.attempt));
    };
    if decision.method == Method::Sticky {
        return Text::of("request-chosen-sticky");
    }
    let priority = decision.priority.unwrap_or(0);
    let id = match decision.tier.len() {
        _ if decision.converted => "request-chosen-converted",
        0 | 1 => "request-chosen-only",
        _ => "request-chosen-draw",
    };
    Text::of(id).with("count", decision.tier.len()).with("priority", priority.to_string())
}

fn candidates(decision: &Decision, names: &Names<'_>) -> Vec<Candidate> {
    if decision.method == Method::Sticky {
        return Vec::new();
    }
    let total: u64 = decision.tier.iter().map(|(_, weight)| u64::from(*weight)).sum();
    let one = |(id, weight): &(ProviderId, u32)| Candidate {
        name: names.of(*id).name,
        weight: *weight,
        share: u64::from(*weight) * 10_000 / total.max(1),
        picked: decision.pick == Some(*id),
    };
    decision.tier.iter().map(one).collect()
}

/// Says what came back.
fn answered(row: &LedgerRow, index: usize, link: &ChainLink) -> Text {
    let is_last = index + 1 == row.chain.len();
    let status = link.status.map_or_else(String::new, |status| status.to_string());
    let id = match (&*link.reason, link.status) {
        ("request_success" | "retry_success", _) => "request-answered-well",
        ("resource_not_found", _) => "request-answered-not-found",
        ("client_error_non_retryable", _) => "request-answered-client",
        ("client_abort", _) => "request-answered-abort",
        ("retry_with_official_instructions", _) => "request-answered-instructions",
        (OVER_HTTP, _) => "request-answered-no-socket",
        ("concurrent_limit_failed", _) => "request-answered-full",
        (NOT_CONVERTED, _) => "request-answered-unfit",
        (REFUSED_HERE, _) => "request-answered-unsent",
        (CUT_BY_STOP, _) => "request-answered-cut",
        ("system_error", _) if is_last && row.outcome == RowOutcome::Truncated => {
            "request-answered-broke"
        }
        ("system_error", _) => "request-answered-unreached",
        (_, Some(524)) if link.inferred => "request-answered-silent",
        (_, Some(429 | 529)) if !link.inferred => "request-answered-overloaded",
        (_, Some(_)) if link.inferred => "request-answered-unusable",
        (_, Some(_)) => "request-answered-error",
        (_, None) => "request-answered-failed",
    };
    Text::of(id).with("status", status)
}

/// Says which rule decided what an answer means.
fn ruled(rule: &LinkRule) -> Text {
    let id = match rule.action {
        RuleAction::Client => "request-ruled-client",
        RuleAction::Provider => "request-ruled-provider",
        RuleAction::NotFound => "request-ruled-not-found",
        RuleAction::SwitchAndCharge => "request-ruled-switch",
    };
    Text::of(id).with("rule", rule.id.to_string()).with("pattern", &*rule.pattern)
}

/// Says what was decided then.
fn then(row: &LedgerRow, index: usize, link: &ChainLink) -> Text {
    if let Some(next) = row.chain.get(index + 1) {
        if next.provider == link.provider {
            let is_made = next.is_try();
            return Text::of(if is_made { "request-then-again" } else { "request-then-not-again" });
        }
        return Text::of("request-then-other").with("name", &*next.name);
    }
    if &*link.reason == REFUSED_HERE {
        return Text::of("request-then-refused");
    }
    let is_nobody_left = row.notes.iter().any(|note| Exclusion::read_note(note).is_some());
    Text::of(match row.outcome {
        RowOutcome::Success => "request-then-passed",
        RowOutcome::ClientError if &*link.reason == NOT_CONVERTED => "request-then-nobody",
        RowOutcome::ClientError => "request-then-client",
        RowOutcome::Truncated => "request-then-truncated",
        RowOutcome::ClientGone => "request-then-gone",
        RowOutcome::Interrupted => "request-then-cut",
        _ if is_nobody_left => "request-then-nobody",
        _ => "request-then-stopped",
    })
}

fn resting(provider: ProviderId, around: &Around<'_>) -> Option<Resting> {
    let view = around.breakers.iter().find(|view| view.provider == provider)?;
    let what = match view.state {
        BreakerState::Closed => return None,
        BreakerState::Open => "request-resting-open",
        BreakerState::HalfOpen => "request-resting-half-open",
    };
    let until = view.open_until.filter(|_| view.state == BreakerState::Open);
    Some(Resting { what: Text::of(what), until: until.map(|until| until.0) })
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::instant::Micros;

    use super::*;
    use crate::web::console::requests::samples;

    fn around<'a>(
        catalogue: &'a Catalogue,
        breakers: &'a [BreakerView],
        is_admin: bool,
    ) -> Around<'a> {
        Around { catalogue, breakers, is_admin }
    }

    #[test]
    fn each_try_says_how_it_was_chosen_what_came_back_and_what_followed() {
        let entry = samples::retried(1);
        let catalogue = Catalogue::default();
        let steps = steps(&entry.row, &around(&catalogue, &[], true));
        let told = |step: &Step| {
            [&step.chosen, &step.answered, &step.then].map(|text| text.id.clone().into_owned())
        };
        let first = ["request-chosen-sticky", "request-answered-overloaded", "request-then-other"];
        assert_eq!(told(&steps[0]), first);
        let second = ["request-chosen-draw", "request-answered-well", "request-then-passed"];
        assert_eq!(told(&steps[1]), second);
        let shares: Vec<_> =
            steps[1].candidates.iter().map(|one| (one.share, one.picked)).collect();
        assert_eq!(shares, [(7_500, true), (2_500, false)]);
        let open = &steps[1].left_out[0];
        assert_eq!(open.why, words::left_out(Exclusion::CircuitOpen, 2));
        assert_eq!(open.names, ["#4", "#5"], "nobody knows them any more");
    }

    #[test]
    fn others_than_admins_see_whom_they_went_to_and_not_who_else_there_is() {
        let entry = samples::retried(1);
        let catalogue = Catalogue::default();
        let steps = steps(&entry.row, &around(&catalogue, &[], false));
        assert_eq!(steps[1].name, "claude-2");
        assert!(steps.iter().all(|step| step.candidates.is_empty() && step.replay.is_none()));
        assert!(steps.iter().flat_map(|step| &step.left_out).all(|out| out.names.is_empty()));
    }

    #[test]
    fn a_provider_that_rests_now_says_until_when() {
        let open = BreakerView {
            provider: ProviderId(1),
            state: BreakerState::Open,
            failures: 5,
            last_failure_at: None,
            open_until: Some(Micros(9)),
        };
        let entry = samples::retried(1);
        let catalogue = Catalogue::default();
        let steps = steps(&entry.row, &around(&catalogue, &[open], true));
        let resting = steps[0].resting.as_ref().unwrap();
        assert_eq!((resting.what.id.as_ref(), resting.until), ("request-resting-open", Some(9)));
        assert_eq!(steps[1].resting, None);
    }

    #[test]
    fn a_request_that_nobody_was_there_for_names_who_was_left_out() {
        let entry = samples::nobody(1);
        let catalogue = Catalogue::default();
        let left = nobody_left(&entry.row, &around(&catalogue, &[], true));
        assert_eq!(left[0].names, ["#1", "#4"]);
        assert_eq!(left[1].why, words::left_out(Exclusion::Model, 1));
    }
}
