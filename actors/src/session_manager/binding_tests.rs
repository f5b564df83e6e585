//! Tests of the rules of binding.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::decision::{Decision, Method};
use crate::testing;

const MODEL: Option<&str> = Some("opus");
const P1: ProviderId = ProviderId(1);
const P2: ProviderId = ProviderId(2);
const P3: ProviderId = ProviderId(3);

const fn sticky(provider: ProviderId) -> Server {
    Server { provider, sticky: true }
}

/// A turn that another provider served, because the session's own one was absent.
fn elsewhere(absence: Absence) -> Turn {
    Turn { found: Some(P2), absence: Some(absence), server: Some(sticky(P1)), ..Turn::default() }
}

/// Runs turns on a session that is bound to `P2`; returns where it is bound afterwards.
fn after(turns: &[Turn]) -> Option<ProviderId> {
    let mut bindings = Bindings::default();
    bindings.set(Binding::new(MODEL.map(Into::into), P2));
    for turn in turns {
        let turn = Turn { found: bindings.of(MODEL).map(|one| one.provider), ..*turn };
        let verdict = decide(&turn, bindings.of(MODEL));
        apply(&mut bindings, MODEL, &turn, verdict);
    }
    bindings.of(MODEL).map(|one| one.provider)
}

#[test]
fn a_session_is_bound_by_success_alone() {
    let served = Turn { server: Some(sticky(P1)), ..Turn::default() };
    assert_eq!(decide(&served, None).change, Change::Bind(P1));
    let failed = Turn::default();
    assert_eq!(decide(&failed, None).change, Change::Nothing);
    let beside = Turn { beside: true, ..served };
    assert_eq!(decide(&beside, None).change, Change::Nothing);
    let fickle = Turn { server: Some(Server { provider: P1, sticky: false }), ..served };
    assert_eq!(decide(&fickle, None).change, Change::Free);
}

#[test]
fn who_may_not_serve_loses_the_session_with_the_next_success() {
    assert_eq!(after(&[elsewhere(Absence::Barred)]), Some(P1));
    assert_eq!(after(&[Turn { server: None, ..elsewhere(Absence::Barred) }]), Some(P2));
}

#[test]
fn a_passing_failure_keeps_the_session_once_and_not_twice_in_a_row() {
    let own = Turn { server: Some(sticky(P2)), ..Turn::default() };
    for absence in [Absence::Faltered, Absence::Full] {
        let missed = elsewhere(absence);
        assert_eq!(after(&[missed]), Some(P2), "{absence:?}");
        assert_eq!(after(&[missed, own, missed]), Some(P2), "{absence:?}");
        assert_eq!(after(&[missed, missed]), Some(P1), "{absence:?}");
    }
}

#[test]
fn a_rest_of_some_seconds_is_waited_for() {
    let (rest, missed) = (elsewhere(Absence::Resting), elsewhere(Absence::Faltered));
    assert_eq!(after(&[rest; 5]), Some(P2));
    assert_eq!(after(&[missed, rest, rest]), Some(P2));
    assert_eq!(after(&[missed, rest, rest, missed]), Some(P1), "it failed twice in a row");
}

#[test]
fn a_provider_that_refuses_the_account_loses_all_models_whoever_serves() {
    let turn = Turn { server: None, ..elsewhere(Absence::Refuses) };
    let verdict = decide(&turn, Some(&Binding::new(None, P2)));
    assert_eq!(verdict, Verdict { dropped: Some(P2), change: Change::Nothing });
    assert_eq!(after(&[turn]), None);
    assert_eq!(after(&[elsewhere(Absence::Refuses)]), Some(P1));
}

#[test]
fn a_model_that_is_not_there_is_freed_alone() {
    let turn = Turn { server: None, ..elsewhere(Absence::Lacks) };
    let verdict = decide(&turn, Some(&Binding::new(None, P2)));
    assert_eq!(verdict, Verdict { dropped: None, change: Change::Free });
    assert_eq!(after(&[elsewhere(Absence::Lacks)]), Some(P1));
}

#[test]
fn an_answer_that_broke_off_frees_the_session_from_its_provider() {
    let turn = Turn { broken: Some(P2), ..Turn::default() };
    assert_eq!(after(&[turn]), None);
}

fn link(provider: ProviderId, status: Option<u16>, reason: &str) -> ChainLink {
    ChainLink { provider, status, ..testing::link(reason) }
}

#[test]
fn the_tries_tell_why_a_provider_was_absent() {
    let asked =
        |status, reason| absence(P2, &[link(P2, status, reason), link(P1, None, "")], false);
    for status in [401, 402, 403] {
        assert_eq!(asked(Some(status), "retry_failed"), Absence::Refuses, "{status}");
    }
    assert_eq!(asked(Some(404), "resource_not_found"), Absence::Lacks);
    for status in [Some(429), Some(503), Some(529), Some(200), Some(502), None] {
        assert_eq!(asked(status, "retry_failed"), Absence::Faltered, "{status:?}");
    }
    assert_eq!(asked(Some(403), "client_error_non_retryable"), Absence::Faltered);
}

#[test]
fn the_first_choice_tells_why_a_provider_was_not_asked() {
    let left_out = |reason: Option<Exclusion>, rests| {
        let excluded: BTreeMap<_, _> = reason.into_iter().map(|one| (one, vec![P2])).collect();
        let decision = Decision {
            seed: 0,
            catalogue: 0,
            pick: Some(P1),
            method: Method::Draw,
            priority: None,
            tier: Vec::new(),
            converted: false,
            excluded,
            room_at: Vec::new(),
        };
        let link = ChainLink { decision: Some(decision), ..link(P1, Some(200), "") };
        absence(P2, &[link], rests)
    };
    for reason in Exclusion::ALL {
        let expected = match reason {
            Exclusion::ConcurrencyLimit | Exclusion::RateLimit | Exclusion::ProbesOut => {
                Absence::Full
            }
            _ => Absence::Barred,
        };
        assert_eq!(left_out(Some(reason), false), expected, "{reason:?}");
    }
    assert_eq!(left_out(Some(Exclusion::Cooling), true), Absence::Resting);
    assert_eq!(left_out(None, false), Absence::Barred, "never sticky, or gone");
}

fn any_absence() -> impl Strategy<Value = Absence> {
    prop_oneof![
        Just(Absence::Resting),
        Just(Absence::Full),
        Just(Absence::Faltered),
        Just(Absence::Barred),
        Just(Absence::Lacks),
        Just(Absence::Refuses),
    ]
}

fn any_provider() -> impl Strategy<Value = Option<ProviderId>> {
    prop::option::of(prop_oneof![Just(P1), Just(P2), Just(P3)])
}

fn any_turn() -> impl Strategy<Value = Turn> {
    let server = (any_provider(), any::<bool>())
        .prop_map(|(provider, sticky)| provider.map(|provider| Server { provider, sticky }));
    let absence = prop::option::of(any_absence());
    (any::<bool>(), any_provider(), absence, server, any_provider()).prop_map(
        |(beside, found, absence, server, broken)| {
            let broken = broken.filter(|_| server.is_none());
            Turn { beside, found, absence, server, broken }
        },
    )
}

proptest! {
    /// Whatever happens, in whatever order of many requests at once: a provider is bound only by a
    /// request that it served to the end and that may stick to it; what is beside changes nothing;
    /// a first passing absence moves nothing; and whoever looked at a binding that is not there any
    /// more moves nothing.
    #[test]
    fn only_those_who_served_are_bound_and_only_for_a_reason(
        turns in prop::collection::vec(any_turn(), 1..60),
    ) {
        let mut bindings = Bindings::default();
        for turn in turns {
            let before = bindings.of(MODEL).cloned();
            let bound = before.as_ref().map(|one| one.provider);
            let verdict = decide(&turn, before.as_ref());
            apply(&mut bindings, MODEL, &turn, verdict);
            let after = bindings.of(MODEL).cloned();
            if turn.beside {
                prop_assert_eq!(&before, &after);
                continue;
            }
            let Some(now) = after.as_ref().map(|one| one.provider) else { continue };
            if Some(now) == bound {
                continue;
            }
            prop_assert_eq!(turn.server, Some(sticky(now)));
            prop_assert_eq!(turn.found, bound, "it looked at the binding that it changed");
            if let Some(before) = before {
                let passing = [Absence::Full, Absence::Faltered].map(Some);
                prop_assert_ne!(turn.absence, Some(Absence::Resting));
                prop_assert!(!passing.contains(&turn.absence) || before.misses > 0);
            }
        }
    }
}
