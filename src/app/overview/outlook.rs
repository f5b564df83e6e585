//! Whether requests can be served and are, as a whole: what everybody wants to know first. Pure; the
//! frame of every page and the first page ask the same.

use switchyard_actors::domain::breaker_view::{BreakerState, BreakerView};
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::live::Lately;

use super::Trouble;
use crate::app::AppContext;

/// Fewer failures than these are single ones, whatever their share is.
const FEW: u64 = 5;

/// Tells what keeps requests in general from being served; nothing where most of them are.
#[must_use]
pub fn outlook(
    app: &AppContext,
    providers: impl Iterator<Item = (ProviderId, bool)>,
    now: Micros,
) -> Option<Trouble> {
    let lately = app.live.feed.as_ref().map(|feed| feed.lately(now)).unwrap_or_default();
    judge(providers, &app.live.breaker_views(), lately, now)
}

/// Providers are told with whether they are switched on.
fn judge(
    providers: impl Iterator<Item = (ProviderId, bool)>,
    breakers: &[BreakerView],
    lately: Lately,
    now: Micros,
) -> Option<Trouble> {
    let (mut known, mut enabled, mut resting) = (0_usize, 0_usize, 0_usize);
    for (provider, is_on) in providers {
        known += 1;
        if is_on {
            enabled += 1;
            let of = |view: &&BreakerView| view.provider == provider;
            let rests = breakers.iter().find(of).is_some_and(|view| is_resting(view, now));
            resting += usize::from(rests);
        }
    }
    if known == 0 {
        return Some(Trouble::NoProvider);
    }
    if enabled == 0 {
        return Some(Trouble::AllOff);
    }
    if resting == enabled {
        return Some(Trouble::AllResting);
    }
    let Lately { served, faults } = lately;
    (faults >= FEW && faults >= served).then_some(Trouble::Failing(lately))
}

/// Tells whether nothing but failures is left: not even one of ten requests is served.
#[must_use]
pub const fn is_outage(lately: Lately) -> bool {
    lately.served.saturating_mul(9) <= lately.faults
}

fn is_resting(view: &BreakerView, now: Micros) -> bool {
    view.state != BreakerState::Closed && view.open_until.is_some_and(|until| until > now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros(1_777_982_400_000_000);

    fn view(provider: i64, until: Option<i64>) -> BreakerView {
        let state = if until.is_some() { BreakerState::Open } else { BreakerState::Closed };
        BreakerView {
            state,
            open_until: until.map(|seconds| Micros(NOW.0 + seconds * 1_000_000)),
            provider: ProviderId(provider),
            failures: 0,
            last_failure_at: None,
        }
    }

    fn said(
        providers: &[(i64, bool)],
        breakers: &[BreakerView],
        served: u64,
        faults: u64,
    ) -> Option<Trouble> {
        let providers = providers.iter().map(|(id, enabled)| (ProviderId(*id), *enabled));
        judge(providers, breakers, Lately { served, faults }, NOW)
    }

    #[test]
    fn where_nobody_can_serve_that_is_said_before_anything_else() {
        assert_eq!(said(&[], &[], 0, 40), Some(Trouble::NoProvider));
        assert_eq!(said(&[(1, false)], &[], 0, 40), Some(Trouble::AllOff));
        let resting = [view(1, Some(5))];
        assert_eq!(said(&[(1, true), (2, false)], &resting, 9, 9), Some(Trouble::AllResting));
        assert_eq!(said(&[(1, true), (2, true)], &resting, 9, 0), None, "the other one serves");
        assert_eq!(said(&[(1, true)], &[view(1, Some(-1))], 9, 0), None, "it may be tried again");
    }

    #[test]
    fn failures_are_said_when_they_are_many_and_half_of_all() {
        let of = |served, faults| said(&[(1, true)], &[], served, faults);
        assert_eq!(of(0, 4), None);
        assert_eq!(of(6, 5), None);
        assert_eq!(of(5, 5), Some(Trouble::Failing(Lately { served: 5, faults: 5 })));
        assert!(!is_outage(Lately { served: 5, faults: 5 }));
        assert!(is_outage(Lately { served: 1, faults: 9 }));
        assert!(!is_outage(Lately { served: 2, faults: 17 }));
    }
}
