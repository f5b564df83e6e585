//! What to do after a failed try: pure, so that every case can be argued about in a test.

use std::time::Duration;

use switchyard_actors::domain::outcome::TryOutcome;

/// Limits of the attempts of one request.
#[derive(Clone, Copy, Debug)]
pub struct AttemptLimits {
    /// Tries at one provider.
    pub per_provider: u32,
    /// Other providers that may be asked.
    pub switches: u32,
}

/// Where the attempts of a request stand.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Tries made at the present provider, this one included.
    pub tries_here: u32,
    /// Addresses of the present provider that were not tried yet.
    pub endpoints_left: usize,
    /// Providers asked so far, this one included.
    pub providers: u32,
    /// Time left before the request must be answered.
    pub time_left: Duration,
    /// The address gave no sign of life: another one of the same provider may.
    pub address_is_silent: bool,
    /// The provider has refused a body that was mended for it, or without a word of why.
    pub may_suit_others: bool,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The same provider at the same address.
    Again,
    /// The same provider at its next address.
    NextEndpoint,
    /// Another provider.
    Switch,
    /// Nobody else: the client is told.
    Stop,
}

/// A try shorter than this is no real try.
pub const SHORTEST_TRY: Duration = Duration::from_secs(1);

/// Decides what comes after a failed try.
///
/// Transport faults and silence move to the next address, answers do not: another address of the same
/// vendor would say the same. A vendor that asks to wait, and a model it does not have, are not asked twice.
/// A request that is refused even mended, or without a word of why, may suit another provider.
#[must_use]
pub fn next(outcome: TryOutcome, standing: Standing, limits: AttemptLimits) -> Next {
    let may_go_on = standing.time_left > SHORTEST_TRY;
    let may_repeat = standing.tries_here < limits.per_provider;
    let switch = if standing.providers <= limits.switches { Next::Switch } else { Next::Stop };
    match outcome {
        TryOutcome::ClientFault if standing.may_suit_others && may_go_on => switch,
        TryOutcome::Success | TryOutcome::ClientFault | TryOutcome::ClientGone => Next::Stop,
        _ if !may_go_on => Next::Stop,
        TryOutcome::TransportFault if standing.endpoints_left > 0 => Next::NextEndpoint,
        TryOutcome::ProviderFault if standing.address_is_silent && standing.endpoints_left > 0 => {
            Next::NextEndpoint
        }
        TryOutcome::TransportFault | TryOutcome::ProviderFault if may_repeat => Next::Again,
        TryOutcome::TransportFault
        | TryOutcome::ProviderFault
        | TryOutcome::Overloaded
        | TryOutcome::NotFound
        | TryOutcome::CutShort
        | TryOutcome::NotSent => switch,
    }
}

/// Divides the time that is left, so that a further provider or address still gets a real try.
#[must_use]
pub fn share(time_left: Duration, others_may_follow: bool) -> Duration {
    let fair = if others_may_follow { time_left * 3 / 5 } else { time_left };
    fair.max(SHORTEST_TRY.min(time_left))
}

/// Tells whether a silence is the provider's: it had the time it may expect. A try that others
/// before it, or a slow upload, left too little time for says nothing about the provider.
#[must_use]
pub fn is_charged(silent_for: Duration, expected: Duration) -> bool {
    // What was spent on the way to the provider is no matter.
    silent_for >= expected * 19 / 20
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: AttemptLimits = AttemptLimits { per_provider: 2, switches: 3 };

    fn standing(tries_here: u32, endpoints_left: usize, providers: u32) -> Standing {
        let time_left = Duration::from_secs(100);
        Standing {
            tries_here,
            endpoints_left,
            providers,
            time_left,
            address_is_silent: false,
            may_suit_others: false,
        }
    }

    #[test]
    fn a_dead_address_is_left_for_the_next_one() {
        let next = next(TryOutcome::TransportFault, standing(1, 1, 1), LIMITS);
        assert_eq!(next, Next::NextEndpoint);
    }

    #[test]
    fn so_is_one_that_gives_no_sign_of_life() {
        let once = AttemptLimits { per_provider: 1, ..LIMITS };
        let silent = |left| Standing { address_is_silent: true, ..standing(1, left, 1) };
        assert_eq!(next(TryOutcome::ProviderFault, silent(1), once), Next::NextEndpoint);
        assert_eq!(next(TryOutcome::ProviderFault, silent(0), once), Next::Switch);
        assert_eq!(next(TryOutcome::CutShort, silent(1), once), Next::Switch, "our time was short");
    }

    #[test]
    fn an_error_is_tried_twice_and_then_elsewhere_at_most_three_times() {
        let fault = TryOutcome::ProviderFault;
        assert_eq!(next(fault, standing(1, 1, 1), LIMITS), Next::Again);
        assert_eq!(next(fault, standing(2, 1, 1), LIMITS), Next::Switch);
        assert_eq!(next(fault, standing(2, 0, 3), LIMITS), Next::Switch);
        assert_eq!(next(fault, standing(2, 0, 4), LIMITS), Next::Stop);
    }

    #[test]
    fn a_vendor_that_asks_to_wait_is_not_asked_twice() {
        assert_eq!(next(TryOutcome::Overloaded, standing(1, 1, 1), LIMITS), Next::Switch);
        assert_eq!(next(TryOutcome::NotFound, standing(1, 1, 1), LIMITS), Next::Switch);
    }

    #[test]
    fn the_clients_own_fault_and_the_end_of_time_stop_everything() {
        assert_eq!(next(TryOutcome::ClientFault, standing(1, 1, 1), LIMITS), Next::Stop);
        let late = Standing { time_left: Duration::from_millis(500), ..standing(1, 1, 1) };
        assert_eq!(next(TryOutcome::ProviderFault, late, LIMITS), Next::Stop);
    }

    #[test]
    fn what_is_refused_even_mended_goes_to_another() {
        let mended = |providers| Standing { may_suit_others: true, ..standing(2, 1, providers) };
        assert_eq!(next(TryOutcome::ClientFault, mended(1), LIMITS), Next::Switch);
        assert_eq!(next(TryOutcome::ClientFault, mended(4), LIMITS), Next::Stop);
    }

    #[test]
    fn who_had_too_little_time_is_left_for_another() {
        assert_eq!(next(TryOutcome::CutShort, standing(1, 1, 1), LIMITS), Next::Switch);
    }

    #[test]
    fn the_last_provider_gets_all_the_time_that_is_left() {
        let left = Duration::from_secs(50);
        assert_eq!(share(left, false), left);
        assert_eq!(share(left, true), Duration::from_secs(30));
        let little = Duration::from_millis(900);
        assert_eq!(share(little, true), little, "less than a second is not divided");
    }

    #[test]
    fn a_silence_is_charged_only_when_the_provider_had_its_time() {
        let expected = Duration::from_mins(1);
        assert!(is_charged(Duration::from_millis(59_990), expected));
        assert!(!is_charged(Duration::from_secs(40), expected));
    }

    proptest! {
        /// Every provider is silent for as long as it may be, whatever it may.
        #[test]
        fn all_waiting_together_never_exceeds_the_budget(
            budget in 2_u64..170,
            own in prop::collection::vec(1_u64..1_000, 1..25),
            addresses in 1_usize..4,
        ) {
            let budget = Duration::from_secs(budget);
            let limits = AttemptLimits { per_provider: 10, switches: 20 };
            let (mut waited, mut providers, mut tries) = (Duration::ZERO, 1, 1);
            for own in own {
                let time_left = budget.saturating_sub(waited);
                waited += Duration::from_secs(own).min(share(time_left, true));
                prop_assert!(waited <= budget, "{waited:?} of {budget:?}");
                let standing = Standing {
                    tries_here: tries,
                    endpoints_left: addresses - 1,
                    providers,
                    time_left: budget.saturating_sub(waited),
                    address_is_silent: true,
                    may_suit_others: false,
                };
                match next(TryOutcome::ProviderFault, standing, limits) {
                    Next::Switch => (providers, tries) = (providers + 1, 1),
                    Next::Again | Next::NextEndpoint => tries += 1,
                    Next::Stop => break,
                }
            }
        }
    }
}
