//! What becomes of a request: nearly always an answer, sometimes from the second provider, and all
//! the ways in which there is none.

use switchyard_actors::domain::outcome::RowOutcome;

use crate::demo::dice::Dice;

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The first provider answers.
    Smooth,
    /// The first provider fails with a status, another one answers.
    FailedOver(u16),
    /// Everybody who is asked fails with a status.
    Failed(u16),
    /// The client leaves.
    Left,
    /// The request is at fault.
    Faulty,
    /// The upstream breaks off.
    BrokenOff,
    /// Too many requests in this minute.
    Refused,
}

/// How often, in a thousand.
const FATES: &[(Fate, u32)] = &[
    (Fate::Smooth, 929),
    (Fate::FailedOver(529), 18),
    (Fate::FailedOver(429), 12),
    (Fate::FailedOver(500), 10),
    (Fate::Failed(429), 6),
    (Fate::Failed(500), 7),
    (Fate::Left, 9),
    (Fate::Faulty, 3),
    (Fate::BrokenOff, 2),
    (Fate::Refused, 4),
];

impl Fate {
    /// Draws one.
    #[must_use]
    pub fn draw(dice: &mut Dice) -> Self {
        dice.weigh(FATES).copied().unwrap_or(Self::Smooth)
    }

    /// Returns how the row says it.
    #[must_use]
    pub const fn outcome(self) -> RowOutcome {
        match self {
            Self::Smooth | Self::FailedOver(_) => RowOutcome::Success,
            Self::Failed(_) => RowOutcome::UpstreamError,
            Self::Left => RowOutcome::ClientGone,
            Self::Faulty => RowOutcome::ClientError,
            Self::BrokenOff => RowOutcome::Truncated,
            Self::Refused => RowOutcome::Refused,
        }
    }

    /// Returns the status of the row.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Smooth | Self::FailedOver(_) => 200,
            Self::Failed(status) => status,
            Self::Left => 499,
            Self::Faulty => 400,
            Self::BrokenOff => 502,
            Self::Refused => 429,
        }
    }

    /// Returns what went wrong at last.
    #[must_use]
    pub const fn error(self) -> Option<&'static str> {
        match self {
            Self::Smooth | Self::FailedOver(_) | Self::Left => None,
            Self::Failed(status) => Some(words(status)),
            Self::Faulty => Some("messages.4: tool_use ids were found without tool_result blocks"),
            Self::BrokenOff => Some("the stream ended before its last event"),
            Self::Refused => Some("the limit of requests a minute is reached"),
        }
    }

    /// Returns why the last link of a chain exists, in the contract's words.
    #[must_use]
    pub const fn reason(self, is_first: bool) -> &'static str {
        match self {
            Self::Smooth | Self::FailedOver(_) if is_first => "request_success",
            Self::Smooth | Self::FailedOver(_) => "retry_success",
            Self::Left => "client_abort",
            Self::Faulty => "client_error_non_retryable",
            Self::BrokenOff => "system_error",
            Self::Failed(_) | Self::Refused => "retry_failed",
        }
    }
}

/// Returns a vendor's words for a status.
#[must_use]
pub const fn words(status: u16) -> &'static str {
    match status {
        429 => "rate limit reached, please try again later",
        529 => "Overloaded",
        _ => "internal server error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_add_up_to_a_thousand() {
        assert_eq!(FATES.iter().map(|(_, weight)| weight).sum::<u32>(), 1_000);
    }
}
