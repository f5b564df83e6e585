//! Whether Redis is asked at all. One silence or refusal stops the asking, so that an outage costs a
//! request its patience once; a probe beside the requests finds out when Redis is back.

use std::sync::atomic::{AtomicBool, Ordering};

/// What has changed, for the one who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Redis was there and is gone.
    Gone,
    /// It was gone and is back.
    Back,
}

/// The guard. Nobody is asked before the first [`Guard::answered`].
#[derive(Debug, Default)]
pub struct Guard {
    there: AtomicBool,
    said_gone: AtomicBool,
}

impl Guard {
    /// Tells whether Redis may be asked. One atomic load.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.there.load(Ordering::Acquire)
    }

    /// Notes that Redis did not answer; news the first time.
    pub fn failed(&self) -> Option<News> {
        self.there.store(false, Ordering::Release);
        let news = !self.said_gone.swap(true, Ordering::AcqRel);
        news.then_some(News::Gone)
    }

    /// Notes that Redis answers; news when it had been gone.
    pub fn answered(&self) -> Option<News> {
        self.there.store(true, Ordering::Release);
        let news = self.said_gone.swap(false, Ordering::AcqRel);
        news.then_some(News::Back)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_news_once_and_so_is_its_end() {
        let guard = Guard::default();
        assert!(!guard.is_open());
        assert_eq!(guard.answered(), None);
        assert!(guard.is_open());
        assert_eq!((guard.failed(), guard.failed()), (Some(News::Gone), None));
        assert!(!guard.is_open());
        assert_eq!((guard.answered(), guard.answered()), (Some(News::Back), None));
    }

    #[test]
    fn a_redis_that_is_away_from_the_start_is_said_to_be_gone() {
        let guard = Guard::default();
        assert_eq!(guard.failed(), Some(News::Gone));
        assert_eq!(guard.answered(), Some(News::Back));
    }
}
