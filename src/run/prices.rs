//! Whether the synchronisation of prices is in trouble: asked at a slow pace, told in a sentence.

use std::sync::Arc;
use std::time::Duration;

use switchyard_actors::domain::instant::Micros;
use switchyard_actors::price_sync::PriceSyncView;
use switchyard_actors::system::Core;

use super::Basics;
use super::jobs::said;
use crate::app::time::iso;
use crate::process::Severity;

/// How often the synchronisation is asked. It tries again after half a minute at the soonest.
pub const EVERY: Duration = Duration::from_secs(10);
/// Failures in a row before it is said; a network that is late at the start is no alarm.
const FAILURES_SAID: u32 = 4;

const SENTENCE: &str = "model prices are not up to date: their table cannot be fetched; the log says why, look at \
     PRICE_FEED_URL";

/// Turns what the synchronisation says into health.
pub async fn watch(basics: Basics, core: Arc<Core>, started: Micros) {
    if let Ok(view) = core.prices().observe().await {
        let trouble = trouble(&view, started);
        let sentence = trouble.is_some().then_some(SENTENCE);
        said(&basics, "prices", Severity::Degraded, sentence, trouble.as_deref());
    }
}

fn trouble(view: &PriceSyncView, started: Micros) -> Option<String> {
    let error = view.last_error.as_deref().filter(|_| view.failures >= FAILURES_SAID)?;
    let since = match view.last_success {
        Some(at) => iso(at),
        None => format!("before {}, the start of this process", iso(started)),
    };
    Some(format!(
        "unchanged since {since}: the table failed {} times in a row, last with: {error}",
        view.failures
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Micros = Micros(1_777_982_400_000_000);

    fn view(failures: u32, last_success: Option<Micros>) -> PriceSyncView {
        let last_error = Some("the price feed did not answer".to_owned());
        PriceSyncView { failures, last_success, last_error, ..PriceSyncView::default() }
    }

    #[test]
    fn a_table_that_is_late_is_no_alarm() {
        assert_eq!(trouble(&PriceSyncView::default(), NOON), None);
        assert_eq!(trouble(&view(3, None), NOON), None);
    }

    #[test]
    fn a_table_that_stays_away_is_told_with_the_age_of_the_prices() {
        let told = trouble(&view(4, Some(NOON)), Micros(0)).unwrap();
        assert!(told.contains("unchanged since 2026-05-05T12:00:00.000Z"), "{told}");
        assert!(told.contains("did not answer"), "{told}");
        let told = trouble(&view(9, None), NOON).unwrap();
        assert!(told.contains("since before 2026-05-05T12:00:00.000Z"), "{told}");
    }
}
