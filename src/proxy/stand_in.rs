//! Which models may stand in for the asked one in a request that nobody could serve.

use std::sync::Arc;

use switchyard_actors::domain::caller::ALL_GROUPS;
use switchyard_actors::domain::routing::fallback;

use super::cost;
use super::failure::Failure;
use super::flight::Flight;

/// Tells whether another model may follow such an end: not when the request itself is at fault, nor
/// when we refuse it. Whether it is at fault is open where all refused it without naming an error.
pub const fn may_follow(failure: &Failure) -> bool {
    match failure {
        Failure::NoProvider { .. } | Failure::ClientNotServed(_) | Failure::Exhausted(_) => true,
        Failure::ClientFault(last) => last.doubt.is_some(),
        _ => false,
    }
}

/// Tells whether the next model may follow one that stood in and ended so: that the request cannot be
/// converted for those who have this one says nothing of the others.
pub const fn may_go_on(failure: &Failure) -> bool {
    may_follow(failure) || matches!(failure, Failure::Unfit(_))
}

/// Returns the models to try after such an end, in their order.
pub fn models(flight: &Flight, failure: &Failure) -> Vec<Arc<str>> {
    let asked = flight.asked_model();
    if asked.is_empty() || !may_follow(failure) {
        return Vec::new();
    }
    let (caller, catalogue) = (&flight.caller, &flight.catalogue);
    let named = caller.groups.iter().filter_map(|group| catalogue.groups.get(group));
    // A caller of all groups has what any of them names, in the order of their names.
    let sees_all = caller.groups.iter().any(|group| group.as_ref() == ALL_GROUPS);
    let mut all: Vec<_> = catalogue.groups.iter().filter(|_| sees_all).collect();
    all.sort_unstable_by_key(|(name, _)| *name);
    let groups = named.chain(all.into_iter().map(|(_, group)| group));
    let groups = groups.map(|group| &group.fallbacks);
    let refuses_unpriced = flight.worker.shared.config.refuse_unpriced;
    let may = |model: &str| {
        let priced = || cost::possible_price(catalogue, caller, model).is_some();
        caller.may_ask(model) && (!refuses_unpriced || priced())
    };
    fallback::stand_ins(asked, &caller.fallbacks, groups, may)
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::outcome::TryOutcome;

    use super::*;
    use crate::proxy::failure::AttemptFailure;
    use crate::wire::convert::Refused;
    use crate::wire::upstream_error::Doubt;

    #[test]
    fn a_stand_in_that_cannot_be_asked_is_no_answer_to_what_was_asked_for() {
        let unfit = Failure::Unfit(Refused::new("it cannot be converted"));
        assert!(may_go_on(&unfit) && !may_follow(&unfit));
        let nobody = Failure::NoProvider { cooling: None };
        assert!(may_go_on(&nobody) && may_follow(&nobody));
        assert!(!may_go_on(&Failure::Internal), "our own failure ends it");
        let refused = AttemptFailure::of(TryOutcome::ClientFault, "no");
        let doubtful = AttemptFailure { doubt: Some(Doubt::Bare), ..refused.clone() };
        assert!(may_follow(&Failure::ClientFault(doubtful)));
        assert!(!may_go_on(&Failure::ClientFault(refused)), "it is the request's own fault");
    }
}
