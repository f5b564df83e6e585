//! What the failed tries of a request add up to, for its client. Pure.
//!
//! | those who could have served it | the client gets |
//! |---|---|
//! | all asked to wait (429) | 429 with the shortest wait |
//! | all were overloaded, some perhaps asked to wait | 529 (Anthropic) or 503 |
//! | all were silent | 504 |
//! | anything else | 503 |
//! | nobody: none of them has the model | 404 |
//! | who was not asked: none of the others has the model | 503 |

use std::time::Duration;

use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::outcome::TryOutcome;
use switchyard_actors::provider_pool::Waiting;

use super::failure::{AttemptFailure, overloaded_status};

/// What the tries came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody who was asked has the model.
    NotFound,
    /// Nor has anybody here, but there are others who were not asked.
    NotAsked,
    /// All asked to wait.
    Cooling,
    /// All were overloaded.
    Overloaded,
    /// All were silent.
    TimedOut,
    /// They failed, in whichever ways.
    Failed,
}

/// Everybody who was asked failed.
#[derive(Clone, Debug)]
pub struct Exhausted {
    /// What it came to.
    pub verdict: Verdict,
    /// The last failure that says so: its words are told.
    pub telling: AttemptFailure,
    /// After how long another request makes sense.
    pub retry_after: Option<Duration>,
}

/// Adds up the last failures of the providers that were asked, in their order. `others` says what those
/// do who could serve as well and were not asked: they may be back before the shortest wait is over.
/// Without any failure there is nothing to add up.
#[must_use]
pub fn add_up(failures: &[AttemptFailure], others: Waiting) -> Option<Exhausted> {
    let verdict = verdict(failures);
    let tells = |failure: &&AttemptFailure| sort(failure) == verdict;
    let telling = failures.iter().rfind(tells).or(failures.last())?.clone();
    let named = failures.iter().filter_map(|failure| failure.retry_after).min();
    let helps = matches!(verdict, Verdict::Cooling | Verdict::Overloaded);
    Some(Exhausted { verdict, telling, retry_after: others.shortest(named).filter(|_| helps) })
}

fn verdict(failures: &[AttemptFailure]) -> Verdict {
    // Who lacks the model could not have served it, whatever its state.
    let mut sorts = failures.iter().map(sort).filter(|sort| *sort != Verdict::NotFound);
    let Some(first) = sorts.next() else { return Verdict::NotFound };
    sorts.fold(first, together)
}

fn together(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (one, other) if one == other => one,
        (Verdict::Cooling, Verdict::Overloaded) | (Verdict::Overloaded, Verdict::Cooling) => {
            Verdict::Overloaded
        }
        _ => Verdict::Failed,
    }
}

fn sort(failure: &AttemptFailure) -> Verdict {
    match (failure.outcome, failure.status) {
        (TryOutcome::NotFound, _) => Verdict::NotFound,
        (_, Some(429)) => Verdict::Cooling,
        (_, Some(529)) | (TryOutcome::Overloaded, _) => Verdict::Overloaded,
        (_, Some(504 | 524)) | (TryOutcome::CutShort, _) => Verdict::TimedOut,
        _ => Verdict::Failed,
    }
}

impl Exhausted {
    /// Says that others were not asked who may have the model: then it is not missing.
    #[must_use]
    pub fn beside_others(self) -> Self {
        match self.verdict {
            Verdict::NotFound => Self { verdict: Verdict::NotAsked, ..self },
            _ => self,
        }
    }

    /// Returns the status the client gets: "overloaded" makes clients try again gently, where a 500
    /// makes them storm.
    #[must_use]
    pub const fn status(&self, dialect: Dialect) -> u16 {
        match self.verdict {
            Verdict::NotFound => 404,
            Verdict::Cooling => 429,
            Verdict::Overloaded => overloaded_status(dialect),
            Verdict::TimedOut => 504,
            Verdict::Failed | Verdict::NotAsked => 503,
        }
    }

    /// Returns the upstream's own code where it is about the request. That of a provider's account
    /// (`invalid_api_key`, `insufficient_quota`) would be taken for the client's own.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        let of_model = self.verdict == Verdict::NotFound && self.telling.rule.is_none();
        self.telling.own_code().filter(|_| of_model)
    }

    /// Returns the sentence for the client: no provider names, no keys.
    #[must_use]
    pub fn message(&self) -> String {
        let telling = &self.telling;
        let what = match (self.verdict, telling.outcome) {
            (Verdict::NotFound, _) => {
                // What an operator's rule takes for that may be anything, also of the account.
                let said = telling.message.as_deref().filter(|_| telling.rule.is_none());
                return said.unwrap_or("the model was not found").to_owned();
            }
            (Verdict::NotAsked, _) => {
                return "none of the upstreams that were asked has the model, try again later"
                    .to_owned();
            }
            (Verdict::Cooling, _) => "the upstream asks to wait",
            (Verdict::Overloaded, _) => "the upstream is overloaded",
            (Verdict::TimedOut, _) => "no upstream answered in time",
            (Verdict::Failed, TryOutcome::TransportFault) => "the upstream could not be reached",
            (Verdict::Failed, _) => "the upstream failed",
        };
        match telling.status {
            Some(status) if !telling.inferred => {
                format!("{what} (status {status}), try again later")
            }
            _ => format!("{what}, try again later"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(outcome: TryOutcome, status: u16, wait: Option<u64>) -> AttemptFailure {
        let retry_after = wait.map(Duration::from_secs);
        AttemptFailure { retry_after, status: Some(status), ..AttemptFailure::of(outcome, "no") }
    }

    fn busy(wait: u64) -> AttemptFailure {
        failure(TryOutcome::Overloaded, 429, Some(wait))
    }

    fn overloaded(wait: Option<u64>) -> AttemptFailure {
        failure(TryOutcome::ProviderFault, 529, wait)
    }

    fn missing() -> AttemptFailure {
        failure(TryOutcome::NotFound, 404, None)
    }

    fn broken() -> AttemptFailure {
        failure(TryOutcome::ProviderFault, 500, None)
    }

    fn silent() -> AttemptFailure {
        failure(TryOutcome::ProviderFault, 524, None).inferred(524)
    }

    fn told(failures: &[AttemptFailure]) -> (u16, Option<u64>) {
        let sum = add_up(failures, Waiting::default()).unwrap();
        (sum.status(Dialect::Anthropic), sum.retry_after.map(|wait| wait.as_secs()))
    }

    #[test]
    fn all_who_ask_to_wait_are_a_429_with_the_shortest_wait() {
        assert_eq!(told(&[busy(9), busy(30)]), (429, Some(9)));
        assert_eq!(told(&[busy(30), busy(9)]), (429, Some(9)));
    }

    #[test]
    fn who_was_not_asked_shortens_the_wait_or_ends_it() {
        let first = Some(Duration::from_secs(4));
        let told = |failure, others| add_up(&[failure], others).unwrap().retry_after;
        let cools = Waiting { somebody: true, cools: true, first, any_moment: false };
        assert_eq!(told(busy(30), cools), first, "somebody cools since before");
        assert_eq!(told(overloaded(None), cools), first);
        let open = Waiting { cools: false, ..cools };
        assert_eq!(told(busy(30), open), first);
        assert_eq!(told(overloaded(None), open), None, "no vendor named a wait");
        assert_eq!(told(busy(30), open.beside_free()), None, "somebody may be free");
    }

    #[test]
    fn all_overloaded_is_said_in_the_dialects_own_status() {
        assert_eq!(told(&[overloaded(None), overloaded(Some(7))]), (529, Some(7)));
        assert_eq!(told(&[busy(30), overloaded(None)]), (529, Some(30)));
        let sum = add_up(&[overloaded(None)], Waiting::default()).unwrap();
        for dialect in [Dialect::OpenaiChat, Dialect::Responses, Dialect::Gemini] {
            assert_eq!(sum.status(dialect), 503, "{dialect}");
        }
    }

    #[test]
    fn who_lacks_the_model_is_counted_only_when_all_do() {
        assert_eq!(told(&[missing(), missing()]), (404, None));
        assert_eq!(told(&[missing(), busy(5)]), (429, Some(5)));
        assert_eq!(told(&[broken(), missing()]), (503, None));
    }

    #[test]
    fn a_model_that_others_may_have_is_not_missing() {
        let sum = add_up(&[missing(), missing()], Waiting::default()).unwrap().beside_others();
        assert_eq!((sum.status(Dialect::Anthropic), sum.code()), (503, None));
        assert!(!sum.message().contains("404"), "{}", sum.message());
        let sum = add_up(&[missing(), busy(5)], Waiting::default()).unwrap().beside_others();
        assert_eq!(sum.verdict, Verdict::Cooling, "who was asked and has it says what there is");
    }

    #[test]
    fn one_who_broke_hides_nobody_and_promises_nothing() {
        assert_eq!(told(&[busy(5), broken()]), (503, None));
        assert_eq!(told(&[broken(), busy(5)]), (503, None));
        assert_eq!(told(&[silent(), silent()]), (504, None));
        assert_eq!(told(&[silent(), broken()]), (503, None));
        assert!(add_up(&[], Waiting::default()).is_none());
    }
}
