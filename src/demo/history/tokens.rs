//! How many tokens a request of a conversation uses: its context grows from turn to turn, and most
//! of it is read from the prompt cache.

use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::usage::Usage;

use crate::demo::dice::Dice;

/// What every conversation begins with: instructions and tools.
const BEGINNING: (u64, u64) = (9_000, 22_000);
/// What a turn adds.
const ADDED: (u64, u64) = (400, 8_000);
/// What a model answers.
const OUTPUT: (u64, u64) = (60, 2_400);
/// No conversation grows beyond what a model takes.
const MOST_CONTEXT: u64 = 150_000;
/// Hundredths of the earlier context that caches of vendors find again.
const FOUND_PERCENT: (u64, u64) = (70, 97);
/// Hundredths of the output that are reasoning, where it is told apart.
const REASONING_PERCENT: (u64, u64) = (0, 70);
/// What stays outside of the cache where the client says what goes into it.
const OUTSIDE: (u64, u64) = (3, 400);

/// Draws what a request used; `turn` counts from 0.
#[must_use]
pub fn of(dialect: Dialect, turn: u32, dice: &mut Dice) -> Usage {
    let output = dice.skewed(OUTPUT.0, OUTPUT.1);
    let added = dice.skewed(ADDED.0, ADDED.1);
    let earlier = match turn {
        0 => 0,
        _ => dice.between(BEGINNING.0, BEGINNING.1) + u64::from(turn) * (ADDED.0 + ADDED.1) / 3,
    };
    let earlier = earlier.min(MOST_CONTEXT);
    let beginning = if turn == 0 { dice.between(BEGINNING.0, BEGINNING.1) } else { 0 };
    let fresh = beginning + added;
    if dialect == Dialect::Anthropic {
        let outside = dice.between(OUTSIDE.0, OUTSIDE.1).min(fresh);
        let usage = Usage { input: outside, output, cache_read: earlier, ..Usage::default() };
        return Usage { cache_write_5m: fresh - outside, ..usage };
    }
    let found = earlier * dice.between(FOUND_PERCENT.0, FOUND_PERCENT.1) / 100;
    let reasoning = match dialect {
        Dialect::OpenaiChat => 0,
        _ => output * dice.between(REASONING_PERCENT.0, REASONING_PERCENT.1) / 100,
    };
    let input = fresh + earlier - found;
    Usage { input, output, reasoning, cache_read: found, ..Usage::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_grows_and_stays_within_what_a_model_takes() {
        let mut dice = Dice::new(3);
        for dialect in [Dialect::Anthropic, Dialect::Responses, Dialect::OpenaiChat] {
            let first = of(dialect, 0, &mut dice);
            let last = of(dialect, 60, &mut dice);
            assert_eq!(first.cache_read, 0, "nothing was there before");
            assert!(first.context() < last.context(), "{dialect}");
            assert!(last.context() <= MOST_CONTEXT + BEGINNING.1 + ADDED.1);
            assert!(last.reasoning <= last.output);
        }
    }

    #[test]
    fn only_where_a_client_says_so_is_the_cache_written() {
        let mut dice = Dice::new(3);
        assert!(of(Dialect::Anthropic, 0, &mut dice).cache_write_5m > 0);
        assert_eq!(of(Dialect::Responses, 0, &mut dice).cache_write_5m, 0);
    }
}
