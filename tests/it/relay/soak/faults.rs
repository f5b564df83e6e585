//! What the vendors of a soak answer: well and at their own pace, or in one of the ways to fail.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use switchyard_actors::domain::dialect::Dialect;

use super::dice::Dice;
use crate::support::upstream::answers::{
    PLAIN, Tokens, answer, dialect_of, error_body, error_event, frames, good, truncated,
};
use crate::support::upstream::{Match, Rule, Script, Seen, Upstream};

/// How often a vendor fails, in a hundred, in its good and in its bad times.
#[derive(Clone, Copy, Debug)]
pub struct Temper {
    pub usual: u64,
    pub bad: u64,
}

/// Good and bad times take turns of so many requests, so that breakers open and close again.
const TURN: u64 = 150;
/// Of so many turns one is bad.
const TURNS: u64 = 4;

/// Makes a vendor answer by luck.
pub fn moody(upstream: &Upstream, seed: u64, part: u64, temper: Temper) {
    let counted = AtomicU64::new(0);
    upstream.script(Rule::made(Match::any(), move |seen| {
        let number = counted.fetch_add(1, Ordering::Relaxed);
        let mut dice = Dice::of(seed, part, number);
        let is_bad = (number / TURN) % TURNS == TURNS - 1;
        match dialect_of(&seen.path) {
            Some(dialect) if dice.in_hundred(if is_bad { temper.bad } else { temper.usual }) => {
                fault(dialect, seen, &mut dice)
            }
            Some(dialect) => well(dialect, seen, &mut dice),
            None => good(seen),
        }
    }));
}

/// A good answer: what it costs differs, and a stream takes its time.
fn well(dialect: Dialect, seen: &Seen, dice: &mut Dice) -> Script {
    let model = seen.model().unwrap_or_default();
    let tokens = Tokens { input: dice.below(2_000), output: 1 + dice.below(500), ..PLAIN };
    if !seen.wants_stream() {
        let text = answer(dialect, &model, "Hello.", &tokens);
        let begin = Script::status(200).header("content-type", "application/json");
        return begin.sleep(Duration::from_millis(dice.below(20))).body(text);
    }
    let pieces = 1 + usize::try_from(dice.below(12)).expect("a small number");
    let all = frames(dialect, &model, pieces, &tokens).into_iter();
    let paced = all.fold(Script::stream(), |script, frame| {
        let script = script.chunk(frame);
        if dice.in_hundred(30) {
            script.sleep(Duration::from_millis(1 + dice.below(5)))
        } else {
            script
        }
    });
    paced.end()
}

/// One of the ways to fail. The slow ones are rare: they only cost time.
fn fault(dialect: Dialect, seen: &Seen, dice: &mut Dice) -> Script {
    let model = seen.model().unwrap_or_default();
    let refusal = |status| Script::json(status, error_body(dialect, status, "not today"));
    let begun = || truncated(dialect, &model, 2);
    match dice.below(28) {
        0 | 1 => Script::hang_up(),
        2 | 3 => Script::default().reset(),
        4 => Script::default().stall(),
        5 => begun().stall(),
        6 | 7 => {
            let body = error_body(dialect, 429, "slow down");
            Script::status(429).header("retry-after", "1").body(body)
        }
        8 => refusal(429),
        9..=12 => refusal(500),
        13 | 14 => refusal(529),
        15 => refusal(400),
        16 => Script::status(200).header("content-type", "text/html").body("<html>busy</html>"),
        17 => Script::json(200, ""),
        18 => Script::frames([error_event(dialect, 529, "overloaded")]),
        19 | 20 => begun().fin(),
        21 | 22 => begun().reset(),
        23 => begun().end(),
        24 => begun().chunk("data: {\"broken\n\n").end(),
        25 => begun().cut_chunk("data: {\"half\": 1}\n\n", 9),
        26 => Script::json(200, error_body(dialect, 500, "an error that says 200")),
        _ => Script::status(200)
            .header("content-type", "application/json")
            .body_claiming("{\"half\":", 400),
    }
}
