//! Where error rules refine what a failed try is taken for, and answers that seem good.
//!
//! What a try is taken for by its transport and its real status comes first; a rule is asked only where
//! the upstream has said something, and never about silence, a lost connection or a body that broke off.

mod asking;
pub mod rehearsal;
mod said;
mod told;

pub use asking::{NOT_ASKED, ask_of_good, judge};
pub use said::Said;

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use switchyard_actors::domain::error_rules::{
    ErrorRule, ErrorRules, LOOKED_AT, RuleAction, Seen, Standing,
};
use switchyard_actors::domain::outcome::TryOutcome;

use super::failure::AttemptFailure;

/// Statuses that tell a client that its request is at fault, whatever they were inferred from.
const CLIENT_STATUSES: [u16; 4] = [400, 404, 413, 422];

/// Judges a failed try by the rules; where none fits it stays as it is.
#[must_use]
fn judged(rules: &ErrorRules, mut failure: AttemptFailure) -> AttemptFailure {
    let Some(Said { status, standing, body }) = failure.said.take() else { return failure };
    let message = failure.message.clone();
    let message = message.as_deref().filter(|_| standing != Standing::Good).unwrap_or_default();
    match rules.find(&Seen { status, standing, body: &body, message }) {
        Some(rule) => by_rule(rule, failure),
        None => failure,
    }
}

/// Asks the rules about the beginning of an answer that seems good.
///
/// # Errors
/// A rule takes it for an error.
fn good(rules: &ErrorRules, status: u16, body: &[u8]) -> Result<(), AttemptFailure> {
    let seen = Seen { status, standing: Standing::Good, body, message: "" };
    let Some(rule) = rules.find(&seen) else { return Ok(()) };
    let failure = AttemptFailure::of(
        TryOutcome::ProviderFault,
        "an error rule takes the answer for an error",
    );
    Err(by_rule(rule, failure.inferred(502)))
}

/// Returns as much of an answer's beginning as rules look at.
#[must_use]
pub fn beginning(held: &[Bytes]) -> Bytes {
    if let [whole] = held {
        return whole.slice(..whole.len().min(LOOKED_AT));
    }
    let mut body = BytesMut::new();
    for piece in held {
        let room = LOOKED_AT - body.len();
        body.extend_from_slice(piece.get(..room).unwrap_or(piece));
    }
    body.freeze()
}

/// Takes a try for what a rule says.
fn by_rule(rule: &Arc<ErrorRule>, failure: AttemptFailure) -> AttemptFailure {
    let (outcome, repeatable) = match rule.action {
        RuleAction::Client => (TryOutcome::ClientFault, false),
        RuleAction::Provider => (TryOutcome::ProviderFault, failure.repeatable),
        RuleAction::NotFound => (TryOutcome::NotFound, false),
        RuleAction::SwitchAndCharge => (TryOutcome::ProviderFault, false),
    };
    let refuses_account = failure.refuses_account && rule.action == RuleAction::Provider;
    let rule = Some(Arc::clone(rule));
    let ruled =
        AttemptFailure { outcome, repeatable, refuses_account, rule, doubt: None, ..failure };
    match outcome {
        TryOutcome::ClientFault => told_as(ruled, 400),
        TryOutcome::NotFound => told_as(ruled, 404),
        _ => ruled,
    }
}

/// A status that was only inferred follows the rule; a real one stays, unless it is no error at all.
fn told_as(failure: AttemptFailure, status: u16) -> AttemptFailure {
    let real = failure.status.unwrap_or_default();
    let is_error = (400..600).contains(&real);
    let fits = !failure.inferred || CLIENT_STATUSES.contains(&real);
    if is_error && fits {
        return failure;
    }
    AttemptFailure { answer: None, ..failure.inferred(status) }
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::error_rules::{MatchType, Statuses};
    use switchyard_actors::domain::ids::ErrorRuleId;

    use super::*;

    fn rules(action: RuleAction, statuses: &str) -> ErrorRules {
        let rule = ErrorRule {
            id: ErrorRuleId(7),
            pattern: "words".into(),
            match_type: MatchType::Contains,
            statuses: Statuses::parse(statuses).unwrap(),
            action,
            category: "test".into(),
            priority: 0,
            told: None,
            told_status: None,
        };
        ErrorRules::compile(vec![rule]).0
    }

    fn failure(outcome: TryOutcome, status: u16, inferred: bool) -> AttemptFailure {
        let body = Bytes::from_static(b"some words");
        let (real, standing) = if inferred {
            (200, Standing::Error { stands_for: status })
        } else {
            (status, Standing::Refused)
        };
        let failed = AttemptFailure::of(outcome, "some words");
        let failed = AttemptFailure { status: Some(status), inferred, ..failed };
        failed.saying(Said { status: real, standing, body })
    }

    #[test]
    fn each_action_has_its_outcome_and_a_real_status_stays() {
        let cases = [
            (RuleAction::Client, TryOutcome::ClientFault, false),
            (RuleAction::Provider, TryOutcome::ProviderFault, true),
            (RuleAction::NotFound, TryOutcome::NotFound, false),
            (RuleAction::SwitchAndCharge, TryOutcome::ProviderFault, false),
        ];
        for (action, outcome, repeatable) in cases {
            let before = failure(TryOutcome::Overloaded, 429, false);
            let ruled = judged(&rules(action, ""), before);
            assert_eq!((ruled.outcome, ruled.repeatable), (outcome, repeatable), "{action:?}");
            assert_eq!((ruled.status, ruled.inferred), (Some(429), false), "{action:?}");
            assert_eq!(ruled.rule.unwrap().id, ErrorRuleId(7));
        }
    }

    #[test]
    fn no_rule_has_a_provider_asked_again_that_may_not_be() {
        for action in RuleAction::ALL {
            let failed = failure(TryOutcome::ProviderFault, 500, false).final_here();
            assert!(!judged(&rules(action, ""), failed).repeatable, "{action:?}");
        }
    }

    #[test]
    fn an_inferred_status_follows_the_rule() {
        let told = |action, status| {
            let ruled =
                judged(&rules(action, ""), failure(TryOutcome::ProviderFault, status, true));
            (ruled.status, ruled.inferred)
        };
        assert_eq!(told(RuleAction::Client, 529), (Some(400), true));
        assert_eq!(told(RuleAction::Client, 413), (Some(413), true));
        assert_eq!(told(RuleAction::NotFound, 500), (Some(404), true));
        assert_eq!(told(RuleAction::SwitchAndCharge, 500), (Some(500), true));
    }

    #[test]
    fn nothing_that_has_no_words_is_asked_about() {
        let lost = AttemptFailure::of(TryOutcome::TransportFault, "some words: connection reset");
        for action in RuleAction::ALL {
            let ruled = judged(&rules(action, "200-599"), lost.clone());
            assert_eq!((ruled.outcome, ruled.rule), (TryOutcome::TransportFault, None));
        }
    }

    #[test]
    fn answers_that_seem_good_are_looked_at_only_by_rules_that_name_their_status() {
        let held = [Bytes::from_static(b"data: some wo"), Bytes::from_static(b"rds\n\n")];
        let body = beginning(&held);
        assert!(good(&rules(RuleAction::SwitchAndCharge, ""), 200, &body).is_ok());
        assert!(good(&rules(RuleAction::SwitchAndCharge, "500"), 200, &body).is_ok());
        let told = |action| good(&rules(action, "200"), 200, &body).unwrap_err();
        let switched = told(RuleAction::SwitchAndCharge);
        assert_eq!((switched.outcome, switched.status), (TryOutcome::ProviderFault, Some(502)));
        assert_eq!(told(RuleAction::Client).status, Some(400));
        assert_eq!(beginning(&[vec![0; LOOKED_AT].into(), held[0].clone()]).len(), LOOKED_AT);
    }
}
