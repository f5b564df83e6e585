//! What would become of an upstream's answer, said without asking anybody: the same way a request goes,
//! from the answer to the rule, to what is decided, to what clients of each dialect are told.

use std::sync::Arc;

use awc::http::header::HeaderMap;
use bytes::Bytes;
use switchyard_actors::domain::dialect::{Dialect, Operation};
use switchyard_actors::domain::error_rules::{ErrorRule, ErrorRules, Standing};
use switchyard_actors::domain::ids::RequestId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::outcome::TryOutcome;
use switchyard_actors::provider_pool::Waiting;

use super::Said;
use crate::proxy::config::RelayConfig;
use crate::proxy::examine::{check_whole, frame_failure, refusal};
use crate::proxy::exhausted::add_up;
use crate::proxy::failure::{AttemptFailure, Failure, UpstreamAnswer};
use crate::proxy::gate::{Gate, Verdict};
use crate::wire::usage::Form;

/// An answer that nobody gave.
#[derive(Clone, Debug)]
pub struct Rehearsed {
    /// What its provider speaks.
    pub dialect: Dialect,
    /// Its status.
    pub status: u16,
    /// Its content type; an event stream is read as one.
    pub content_type: String,
    /// Its body.
    pub body: Bytes,
}

/// What would become of it.
#[derive(Clone, Debug)]
pub struct Fate {
    /// The rule that decides; `None` when its status and words alone do.
    pub rule: Option<Arc<ErrorRule>>,
    /// What it would be taken for.
    pub outcome: TryOutcome,
    /// Its status, or the one it would stand for.
    pub status: u16,
    /// The status is inferred.
    pub inferred: bool,
    /// The same provider would be asked again.
    pub repeats: bool,
    /// Another provider would be asked.
    pub switches: bool,
    /// The provider's breaker would count it.
    pub charges: bool,
    /// What is told to clients of each dialect when nobody else could serve them; empty for an answer
    /// that is passed on.
    pub told: Vec<Told>,
}

/// What clients of a dialect are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Which dialect.
    pub dialect: Dialect,
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Bytes,
    /// It is the upstream's own, byte for byte.
    pub unchanged: bool,
}

/// Says what would become of an answer.
#[must_use]
pub fn rehearse(rules: &ErrorRules, answer: &Rehearsed, now: Micros, id: RequestId) -> Fate {
    let failed = taken_for(rules, answer, now).map(|failure| super::judged(rules, failure));
    let Some(failure) = failed else { return passed(answer.status) };
    let outcome = failure.outcome;
    let (status, inferred) = (failure.status.unwrap_or(answer.status), failure.inferred);
    let (rule, repeatable) = (failure.rule.clone(), failure.repeatable);
    let is_clients = outcome == TryOutcome::ClientFault;
    let told = Dialect::ALL.map(|dialect| told(&failure, answer, dialect, id));
    Fate {
        rule,
        outcome,
        status,
        inferred,
        repeats: outcome == TryOutcome::ProviderFault && repeatable,
        switches: !is_clients,
        charges: outcome == TryOutcome::ProviderFault,
        told: told.into(),
    }
}

const fn passed(status: u16) -> Fate {
    Fate {
        rule: None,
        outcome: TryOutcome::Success,
        status,
        inferred: false,
        repeats: false,
        switches: false,
        charges: false,
        told: Vec::new(),
    }
}

/// Says how the answer fails, `None` when it is passed on.
fn taken_for(rules: &ErrorRules, answer: &Rehearsed, now: Micros) -> Option<AttemptFailure> {
    let Rehearsed { dialect, status, ref content_type, ref body } = *answer;
    if !(200..300).contains(&status) {
        let headers = HeaderMap::new();
        let refused = UpstreamAnswer { status, headers, body: body.clone() };
        return Some(refusal(refused, true, now));
    }
    let kind = content_type.to_ascii_lowercase();
    let examined = if kind.starts_with("text/event-stream") {
        stream(dialect, status, body)
    } else {
        check_whole(dialect, Operation::Generate, &kind, status, body).map(drop)
    };
    let asked = |()| {
        if !rules.look_at_good(status) {
            return Ok(());
        }
        super::good(rules, status, &super::beginning(std::slice::from_ref(body)))
    };
    examined.and_then(asked).err()
}

fn stream(dialect: Dialect, status: u16, body: &Bytes) -> Result<(), AttemptFailure> {
    let config = RelayConfig::default().gate;
    let mut gate = Gate::new(dialect, Form::Sse, config, config.hold_for(dialect));
    let said = |standing| Said { status, standing, body: body.clone() };
    let failed = |text| AttemptFailure::of(TryOutcome::ProviderFault, text).inferred(502);
    match gate.push(body.clone()) {
        Verdict::Commit(_) => Ok(()),
        Verdict::Error(error) => {
            let standing = Standing::Error { stands_for: error.status };
            Err(frame_failure(&error).saying(said(standing)))
        }
        Verdict::Malformed(text) => Err(failed(text).saying(said(Standing::Good))),
        Verdict::Hold => Err(failed("the stream ended before any content")),
    }
}

fn told(failure: &AttemptFailure, answer: &Rehearsed, dialect: Dialect, id: RequestId) -> Told {
    let is_own = dialect == answer.dialect;
    let failure = if is_own { failure.clone() } else { failure.clone().foreign() };
    let own = failure.answer.clone().filter(|own| own.is_error_object());
    let own = own.filter(|_| failure.rewording().is_none());
    let failed = match failure.outcome {
        TryOutcome::ClientFault => Failure::ClientFault(failure),
        _ => add_up(std::slice::from_ref(&failure), Waiting::default())
            .map_or(Failure::Internal, |sum| Failure::Exhausted(Box::new(sum))),
    };
    if let (Failure::ClientFault(_), Some(own)) = (&failed, own) {
        return Told { dialect, status: own.status, body: own.body.clone(), unchanged: true };
    }
    let (status, body) = (failed.status(dialect), failed.body(dialect, id));
    Told { dialect, status, body, unchanged: false }
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::error_rules::{MatchType, RuleAction, Statuses};
    use switchyard_actors::domain::ids::ErrorRuleId;

    use super::*;

    const NOW: Micros = Micros(0);
    const ID: RequestId = RequestId([1; 16]);

    fn rules(action: RuleAction, statuses: &str) -> ErrorRules {
        let rule = ErrorRule {
            id: ErrorRuleId(7),
            pattern: "无可用渠道".into(),
            match_type: MatchType::Contains,
            statuses: Statuses::parse(statuses).unwrap(),
            action,
            category: "test".into(),
            priority: 0,
            told: None,
            told_status: Some(418),
        };
        ErrorRules::compile(vec![rule]).0
    }

    fn fate(rules: &ErrorRules, status: u16, content_type: &str, body: &'static str) -> Fate {
        let body = Bytes::from_static(body.as_bytes());
        let content_type = content_type.to_owned();
        let answer = Rehearsed { dialect: Dialect::OpenaiChat, status, content_type, body };
        rehearse(rules, &answer, NOW, ID)
    }

    #[test]
    fn an_answer_is_judged_as_a_request_would_judge_it() {
        let none = ErrorRules::default();
        let json = "application/json";
        let chat = r#"{"choices":[{"message":{"role":"assistant","content":"无可用渠道"}}]}"#;
        assert_eq!(fate(&none, 200, json, chat).outcome, TryOutcome::Success);
        let switched = fate(&rules(RuleAction::SwitchAndCharge, "200"), 200, json, chat);
        assert!(switched.switches && switched.charges && !switched.repeats, "{switched:?}");
        assert_eq!(switched.rule.unwrap().id, ErrorRuleId(7));
        let statuses: Vec<u16> = switched.told.iter().map(|told| told.status).collect();
        assert_eq!(statuses, [418; 5]);

        let plain = fate(&none, 400, json, r#"{"error":{"message":"no","type":"bad_request"}}"#);
        assert_eq!((plain.outcome, plain.switches), (TryOutcome::ClientFault, false));
        let own: Vec<Dialect> =
            plain.told.iter().filter(|told| told.unchanged).map(|told| told.dialect).collect();
        assert_eq!(own, [Dialect::OpenaiChat]);
    }

    #[test]
    fn a_stream_is_read_up_to_its_first_content() {
        let events = "text/event-stream; charset=utf-8";
        let content = "data: {\"choices\":[{\"delta\":{\"content\":\"无可用渠道\"}}]}\n\n";
        let good = fate(&ErrorRules::default(), 200, events, content);
        assert_eq!(good.outcome, TryOutcome::Success);
        let ruled = fate(&rules(RuleAction::Provider, "200"), 200, events, content);
        assert!(ruled.repeats && ruled.charges, "{ruled:?}");
        let error = "data: {\"error\":{\"message\":\"无可用渠道\"}}\n\n";
        let ruled = fate(&rules(RuleAction::Client, ""), 200, events, error);
        assert_eq!((ruled.outcome, ruled.status), (TryOutcome::ClientFault, 400));
    }
}
