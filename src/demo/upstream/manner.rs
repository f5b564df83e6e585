//! How a vendor behaves: how long it takes, and when it fails. Pure: the number of the request and a
//! seed decide.

use std::time::Duration;

use crate::demo::dice::Dice;

/// Milliseconds before an answer begins.
const WAIT_MS: (u64, u64) = (100, 900);
/// A vendor with outages is down for some requests of each round.
const ROUND: u64 = 70;
const DOWN: std::ops::Range<u64> = 40..46;
/// Seconds that a busy vendor asks to wait.
const COOL_S: (u64, u64) = (2, 8);

/// How a vendor behaves, as the first part of its path says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Nearly always well.
    Steady,
    /// Fails now and then, breaks streams off, and has outages.
    Flaky,
    /// Often asks to wait.
    Busy,
}

/// What it does with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Answers.
    Answer,
    /// Answers a part of a stream, then the connection ends.
    BreakOff,
    /// Fails with a status; where it asks to wait, so many seconds.
    Fail(u16, Option<u64>),
}

impl Manner {
    /// Reads the first part of a path.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "steady" => Some(Self::Steady),
            "flaky" => Some(Self::Flaky),
            "busy" => Some(Self::Busy),
            _ => None,
        }
    }

    /// Decides what becomes of the vendor's request of a number.
    #[must_use]
    pub fn act(self, number: u64, dice: &mut Dice) -> Act {
        let wait = dice.between(COOL_S.0, COOL_S.1);
        match self {
            Self::Steady if dice.happens(6) => Act::Fail(529, None),
            Self::Flaky if DOWN.contains(&(number % ROUND)) => Act::Fail(500, None),
            Self::Flaky if dice.happens(40) => Act::Fail(500, None),
            Self::Flaky if dice.happens(40) => Act::Fail(529, None),
            Self::Flaky if dice.happens(25) => Act::BreakOff,
            Self::Busy if dice.happens(45) => Act::Fail(429, Some(wait)),
            Self::Busy if dice.happens(10) => Act::Fail(500, None),
            _ => Act::Answer,
        }
    }
}

/// Draws how long an answer takes to begin.
#[must_use]
pub fn wait(dice: &mut Dice) -> Duration {
    Duration::from_millis(dice.skewed(WAIT_MS.0, WAIT_MS.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good(manner: Manner) -> usize {
        let act = |number| manner.act(number, &mut Dice::new(number));
        (0..1_000).filter(|number| act(*number) == Act::Answer).count()
    }

    #[test]
    fn vendors_mostly_answer_each_in_its_manner() {
        assert!((985..1_000).contains(&good(Manner::Steady)), "{}", good(Manner::Steady));
        assert!((750..870).contains(&good(Manner::Flaky)), "{}", good(Manner::Flaky));
        assert!((910..970).contains(&good(Manner::Busy)), "{}", good(Manner::Busy));
    }

    #[test]
    fn an_outage_lasts_long_enough_to_open_a_breaker() {
        for number in DOWN {
            assert_eq!(Manner::Flaky.act(number, &mut Dice::new(number)), Act::Fail(500, None));
        }
        assert!(DOWN.count() > 3);
    }

    #[test]
    fn an_answer_begins_within_its_time() {
        let mut dice = Dice::new(1);
        for _ in 0..500 {
            let millis = u64::try_from(wait(&mut dice).as_millis()).unwrap();
            assert!((WAIT_MS.0..=WAIT_MS.1).contains(&millis));
        }
    }
}
