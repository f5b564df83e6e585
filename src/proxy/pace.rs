//! How slow an upload may be: it begins with some time, each byte brings a little more, and waiting for
//! bytes uses it up. What is in hand never grows above what it began with, so that a fast beginning
//! buys no slow end.

use std::num::NonZeroU64;
use std::time::Duration;

/// The speed asked of uploads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadPace {
    /// The most time that is in hand, and with what an upload begins.
    pub slack: Duration,
    /// What a second costs, in bytes.
    pub bytes_a_second: NonZeroU64,
}

/// The time that an upload has in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InHand {
    pace: UploadPace,
    left: Duration,
}

impl UploadPace {
    /// Begins an upload.
    #[must_use]
    pub const fn begin(self) -> InHand {
        InHand { pace: self, left: self.slack }
    }
}

impl InHand {
    /// Returns how long the next byte may be waited for.
    #[must_use]
    pub const fn left(&self) -> Duration {
        self.left
    }

    /// Notes that bytes were waited for.
    pub const fn spend(&mut self, waited: Duration) {
        self.left = self.left.saturating_sub(waited);
    }

    /// Notes that so many bytes came.
    pub fn earn(&mut self, bytes: usize) {
        let nanos = u128::from(bytes as u64) * 1_000_000_000;
        let earned = nanos / u128::from(self.pace.bytes_a_second.get());
        let earned = Duration::from_nanos(u64::try_from(earned).unwrap_or(u64::MAX));
        self.left = self.left.saturating_add(earned).min(self.pace.slack);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pace(slack_s: u64, bytes_a_second: u64) -> UploadPace {
        let bytes_a_second = NonZeroU64::new(bytes_a_second).unwrap();
        UploadPace { slack: Duration::from_secs(slack_s), bytes_a_second }
    }

    impl InHand {
        fn note(&mut self, waited: Duration, bytes: usize) {
            self.spend(waited);
            self.earn(bytes);
        }
    }

    #[test]
    fn a_hundred_megabytes_over_a_slow_line_pass_and_a_drip_does_not() {
        let mut slow = pace(60, 8_192).begin();
        for _ in 0..(100 << 20) / 16_384 {
            slow.note(Duration::from_millis(1_999), 16_384);
        }
        assert!(slow.left() > Duration::from_secs(59));
        let mut drip = slow;
        let second = Duration::from_secs(1);
        let seconds = (0..100).take_while(|_| {
            let is_in_time = drip.left() >= second;
            drip.note(second, 1);
            is_in_time
        });
        assert_eq!(seconds.count(), 60, "what came fast before buys nothing");
    }

    proptest! {
        #[test]
        fn who_keeps_the_pace_is_never_late(
            pieces in prop::collection::vec((1_u64..20_000, 0_u64..=1_000), 0..200),
        ) {
            let mut upload = pace(60, 1_000).begin();
            for (bytes, faster_by) in pieces {
                let waited = Duration::from_millis(bytes.saturating_sub(faster_by));
                prop_assert!(waited <= upload.left());
                upload.note(waited, usize::try_from(bytes).unwrap());
                prop_assert!(upload.left() <= Duration::from_mins(1));
            }
        }

        #[test]
        fn an_upload_lasts_no_longer_than_its_slack_and_what_its_bytes_bring(
            pieces in prop::collection::vec((0_usize..5_000, 0_u64..30_000), 0..200),
        ) {
            let mut upload = pace(60, 1_000).begin();
            let (mut waited_ms, mut bytes) = (0, 0);
            for (piece, wait) in pieces {
                let wait = Duration::from_millis(wait).min(upload.left());
                upload.note(wait, piece);
                waited_ms += wait.as_millis();
                bytes += piece as u128;
                prop_assert!(waited_ms <= 60_000 + bytes);
            }
        }
    }
}
