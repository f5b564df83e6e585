//! How the price sync is, in a word and a sentence.

use serde::Serialize;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::price_sync::PriceSyncView;

use crate::app::model_prices::Feed;

/// How the price sync is: the messages `prices-feed-<word>` and `prices-feed-<word>-then` say it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeedView {
    /// `good`, `fresh`, `stale`, `never`, `off` or `silent`.
    pub word: &'static str,
    /// `good`, `warn`, `bad` or `unknown`.
    pub state: &'static str,
    /// The last sync that went well.
    pub succeeded: Option<Micros>,
    /// The last try.
    pub tried: Option<Micros>,
    /// Failures in a row.
    pub failures: u32,
    /// Why the last one failed, in words of the program.
    pub reason: Option<String>,
    /// Models of the table in use.
    pub models: usize,
    /// It can be asked to sync now.
    pub can_sync: bool,
}

impl FeedView {
    /// Says how the sync is.
    #[must_use]
    pub fn new(feed: Feed) -> Self {
        match feed {
            Feed::Off => Self::of("off", "unknown", PriceSyncView::default(), false),
            Feed::Silent => Self::of("silent", "bad", PriceSyncView::default(), true),
            Feed::Known(view) => {
                let (word, state) = match (view.last_success, &view.last_error) {
                    (Some(_), None) => ("good", "good"),
                    (Some(_), Some(_)) => ("stale", "warn"),
                    (None, None) => ("fresh", "unknown"),
                    (None, Some(_)) => ("never", "warn"),
                };
                Self::of(word, state, view, true)
            }
        }
    }

    fn of(word: &'static str, state: &'static str, view: PriceSyncView, can_sync: bool) -> Self {
        Self {
            word,
            state,
            succeeded: view.last_success,
            tried: view.last_attempt,
            failures: view.failures,
            reason: view.last_error,
            models: view.entries,
            can_sync,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_apart_by_what_there_was_before() {
        let word = |last_success, last_error: Option<&str>| {
            let last_error = last_error.map(str::to_owned);
            let view = PriceSyncView { last_success, last_error, ..PriceSyncView::default() };
            FeedView::new(Feed::Known(view)).word
        };
        assert_eq!(word(Some(Micros(1)), None), "good");
        assert_eq!(word(Some(Micros(1)), Some("away")), "stale");
        assert_eq!(word(None, Some("away")), "never");
        assert_eq!(word(None, None), "fresh");
        assert!(!FeedView::new(Feed::Off).can_sync, "there is nothing to press");
    }
}
