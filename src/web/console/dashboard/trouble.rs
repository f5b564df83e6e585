//! What is wrong, in sentences: what, since when, whom it hits, what to do.

use jiff::tz::TimeZone;
use serde::Serialize;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::window;

use super::super::frame::health::{self, General};
use super::super::frame::visible::shortened;
use super::super::frame::{Text, time};
use crate::app::overview::{OpenBreaker, Trouble};
use crate::process::{Reason, Severity};

/// Models that a sentence names, at most.
const NAMED: usize = 3;
/// Characters of a model's name in a sentence, at most: clients choose them.
const NAME_LENGTH: usize = 64;

/// A sentence with what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TroubleView {
    /// `bad` or `warn`.
    pub(super) state: &'static str,
    pub(super) text: Text,
    pub(super) href: Option<String>,
    pub(super) label: Option<Text>,
}

/// Says what is wrong, the worst first.
#[must_use]
pub fn sentences(
    reasons: &[Reason],
    troubles: &[Trouble],
    zone: &TimeZone,
    now: Micros,
) -> Vec<TroubleView> {
    let mut said: Vec<TroubleView> = reasons.iter().map(unready).collect();
    said.extend(troubles.iter().filter_map(|trouble| sentence(trouble, zone, now)));
    said.sort_by_key(|trouble| trouble.state != "bad");
    said
}

fn unready(reason: &Reason) -> TroubleView {
    let state = match reason.severity {
        Severity::Down => "bad",
        Severity::Degraded => "warn",
    };
    TroubleView { state, text: health::reason(reason), href: None, label: None }
}

fn sentence(trouble: &Trouble, zone: &TimeZone, now: Micros) -> Option<TroubleView> {
    Some(match trouble {
        Trouble::Open(breaker) => TroubleView::new(
            if breaker.until.is_some() { "bad" } else { "warn" },
            open(breaker, zone, now),
            format!("/providers/{}", breaker.provider),
            "dashboard-to-provider",
        ),
        Trouble::Unpriced { requests, models } => TroubleView::new(
            "warn",
            unpriced(*requests, models),
            "/prices".to_owned(),
            "dashboard-to-prices",
        ),
        general => {
            let General { state, text, next, .. } = General::of(general)?;
            TroubleView { state, text, href: Some(next.href), label: Some(next.label) }
        }
    })
}

impl TroubleView {
    pub(super) fn new(state: &'static str, text: Text, href: String, label: &'static str) -> Self {
        Self { state, text, href: Some(href), label: Some(Text::of(label)) }
    }
}

fn open(breaker: &OpenBreaker, zone: &TimeZone, now: Micros) -> Text {
    let id = match (breaker.until, breaker.since) {
        (None, _) => "dashboard-probed",
        (Some(_), None) => "dashboard-open-short",
        (Some(_), Some(_)) => "dashboard-open",
    };
    let clock = |at: Option<Micros>| at.map_or_else(String::new, |at| clock(at, zone, now));
    Text::of(id)
        .with("name", breaker.name.as_str())
        .with("failures", i64::from(breaker.failures))
        .with("cause", breaker.cause.as_deref().unwrap_or("–"))
        .with("since", clock(breaker.since))
        .with("until", clock(breaker.until))
}

/// Writes a time of day, with its date when it is not today's.
fn clock(at: Micros, zone: &TimeZone, now: Micros) -> String {
    let today = window::day(zone, now, 0);
    let is_today = today.start <= at && at < today.end;
    time::local(at.0, if is_today { "%H:%M" } else { "%m-%d %H:%M" }, zone)
}

fn unpriced(requests: i64, models: &[String]) -> Text {
    let named: Vec<_> =
        models.iter().take(NAMED).map(|model| shortened(model, NAME_LENGTH)).collect();
    let more = models.len().saturating_sub(NAMED);
    Text::of("dashboard-unpriced")
        .with("requests", requests)
        .with("models", named.join(", "))
        .with("more", more)
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::ids::ProviderId;

    use super::*;

    const NOW: Micros = Micros(1_777_982_400_000_000);

    #[test]
    fn a_time_of_another_day_has_its_date() {
        let zone = window::zone("Asia/Shanghai").unwrap();
        assert_eq!(clock(NOW, &zone, NOW), "20:00");
        let before = NOW.minus(std::time::Duration::from_hours(21));
        assert_eq!(clock(before, &zone, NOW), "05-04 23:00");
    }

    #[test]
    fn what_stops_everything_comes_first() {
        let breaker = OpenBreaker {
            provider: ProviderId(7),
            name: "one".to_owned(),
            since: Some(NOW),
            until: Some(NOW),
            failures: 5,
            cause: None,
        };
        let reason =
            Reason { part: "redis", severity: Severity::Degraded, text: "redis is slow".into() };
        let said = sentences(&[reason], &[Trouble::Open(breaker)], &TimeZone::UTC, NOW);
        assert_eq!((said[0].state, said[0].href.as_deref()), ("bad", Some("/providers/7")));
        assert_eq!(said[1].state, "warn");
    }

    #[test]
    fn many_models_are_not_all_named() {
        let models: Vec<String> = (1..=5).map(|n| format!("m{n}")).collect();
        let wanted = Text::of("dashboard-unpriced")
            .with("requests", 9_i64)
            .with("models", "m1, m2, m3")
            .with("more", 2_usize);
        assert_eq!(unpriced(9, &models), wanted);
    }

    #[test]
    fn a_name_that_a_client_made_endless_is_cut() {
        let said = unpriced(1, &["m".repeat(300)]);
        let expected = Text::of("dashboard-unpriced")
            .with("requests", 1_i64)
            .with("models", format!("{}…", "m".repeat(64)))
            .with("more", 0_usize);
        assert_eq!(said, expected);
    }
}
