//! Limits as people read them: in words, and as bars with what is used.

use serde::Serialize;
use switchyard_actors::domain::counters::Spent;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::{Limits, ResetMode};
use switchyard_actors::domain::money::{NANO_PER_USD, Nano};

use crate::app::meters::Metered;
use crate::web::console::frame::{Text, money, number};

/// From this part of a limit on, in percent, it is worth a look.
const CLOSE: i64 = 80;

/// How much of one limit is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BarView {
    /// What is limited.
    pub label: Text,
    /// What is used.
    pub used: String,
    /// The limit; `None` where there is none.
    pub limit: Option<String>,
    /// The part that is used, in percent, from 0 to 100.
    pub share: i64,
    /// `good`, `warn` or `bad`.
    pub state: &'static str,
    /// When it starts anew.
    pub resets_at: Option<Micros>,
    /// How it moves, where it does not start anew at an instant.
    pub moves: Option<Text>,
}

/// Says how much of each limit is used; those that forms have are there without a limit as well.
#[must_use]
pub fn bars(metered: &Metered) -> Vec<BarView> {
    let (limits, used) = (&metered.limits, &metered.used);
    let rolling = |text: &'static str| Some(Text::of(text));
    let daily_moves = match limits.daily_mode {
        ResetMode::Rolling => rolling("users-moves-day"),
        ResetMode::Fixed => None,
    };
    let total = Spent { amount: used.total, resets_at: None };
    let mut bars = vec![
        spend("users-limit-5h", used.five_hours, limits.spend_5h, rolling("users-moves-5h")),
        spend("users-limit-daily", used.daily, limits.daily, daily_moves),
        spend("users-limit-weekly", used.weekly, limits.weekly, None),
        spend("users-limit-monthly", used.monthly, limits.monthly, None),
        spend("users-limit-total", total, limits.total, rolling("users-moves-never")),
        count("users-limit-rpm", used.rpm, limits.rpm, rolling("users-moves-minute")),
        count(
            "users-limit-sessions",
            u64::from(used.concurrent_sessions),
            limits.concurrent_sessions,
            rolling("users-moves-sessions"),
        ),
    ];
    bars.extend(
        limits.tpm.map(|most| {
            count("users-limit-tpm", used.tpm, Some(most), rolling("users-moves-minute"))
        }),
    );
    bars.extend(limits.concurrent_requests.map(|most| {
        let running = u64::from(used.in_flight);
        count("users-limit-requests", running, Some(most), rolling("users-moves-requests"))
    }));
    bars
}

/// Says which limits there are, each in a few words.
#[must_use]
pub fn limit_words(limits: &Limits) -> Vec<Text> {
    let amounts = [
        ("users-words-5h", limits.spend_5h),
        ("users-words-daily", limits.daily),
        ("users-words-weekly", limits.weekly),
        ("users-words-monthly", limits.monthly),
        ("users-words-total", limits.total),
    ];
    let counts = [
        ("users-words-rpm", limits.rpm),
        ("users-words-sessions", limits.concurrent_sessions),
        ("users-words-tpm", limits.tpm),
        ("users-words-requests", limits.concurrent_requests),
    ];
    let amounts = amounts
        .into_iter()
        .filter_map(|(id, limit)| limit.map(|limit| Text::of(id).with("amount", amount(limit))));
    let counts = counts
        .into_iter()
        .filter_map(|(id, limit)| limit.map(|limit| Text::of(id).with("count", i64::from(limit))));
    amounts.chain(counts).collect()
}

/// Writes an amount that people chose: whole dollars stand alone.
#[must_use]
pub fn amount(amount: Nano) -> String {
    let is_whole = amount.0 % NANO_PER_USD == 0;
    if is_whole { money::exact(amount.0) } else { money::usd(amount.0) }
}

fn spend(label: &'static str, used: Spent, limit: Option<Nano>, moves: Option<Text>) -> BarView {
    let share = part(used.amount.0, limit.map(|limit| limit.0));
    BarView {
        label: Text::of(label),
        used: money::usd(used.amount.0),
        limit: limit.map(amount),
        share,
        state: state(share),
        resets_at: used.resets_at,
        moves: moves.filter(|_| used.resets_at.is_none()),
    }
}

fn count(label: &'static str, used: u64, limit: Option<u32>, moves: Option<Text>) -> BarView {
    let used = i64::try_from(used).unwrap_or(i64::MAX);
    let share = part(used, limit.map(i64::from));
    BarView {
        label: Text::of(label),
        used: number::grouped(used),
        limit: limit.map(|limit| number::grouped(i64::from(limit))),
        share,
        state: state(share),
        resets_at: None,
        moves,
    }
}

/// Returns the part in percent; what is used at all is never nothing.
fn part(used: i64, limit: Option<i64>) -> i64 {
    let Some(limit) = limit.filter(|limit| *limit > 0) else { return 0 };
    let share = i128::from(used.max(0)) * 100 / i128::from(limit);
    let share = i64::try_from(share.min(100)).unwrap_or(100);
    if used > 0 { share.max(1) } else { share }
}

const fn state(share: i64) -> &'static str {
    match share {
        100.. => "bad",
        CLOSE.. => "warn",
        _ => "good",
    }
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::counters::MeterView;

    use super::*;

    #[test]
    fn a_part_is_between_nothing_and_all_and_never_vanishes() {
        let table = [
            (0, Some(5), 0),
            (1, Some(1_000_000), 1),
            (79, Some(100), 79),
            (i64::MAX, Some(1), 100),
            (-5, Some(10), 0),
            (7, None, 0),
            (7, Some(0), 0),
        ];
        for (used, limit, share) in table {
            assert_eq!(part(used, limit), share, "{used} of {limit:?}");
        }
        assert_eq!([state(79), state(80), state(100)], ["good", "warn", "bad"]);
    }

    #[test]
    fn kinds_that_forms_do_not_have_are_shown_where_they_are_set() {
        let metered = Metered::default();
        let usual = bars(&metered).len();
        let limits = Limits { tpm: Some(9), concurrent_requests: Some(2), ..Limits::default() };
        let used = MeterView { tpm: 9, in_flight: 1, ..MeterView::default() };
        let shown = bars(&Metered { limits, used });
        let shares: Vec<i64> = shown.iter().skip(usual).map(|bar| bar.share).collect();
        assert_eq!(shares, [100, 50]);
    }

    #[test]
    fn limits_that_are_set_are_said_and_others_are_not() {
        let limits = Limits {
            rpm: Some(60),
            tpm: Some(9_000),
            weekly: Some(Nano::from_usd(5)),
            ..Limits::default()
        };
        let expected = [
            Text::of("users-words-weekly").with("amount", "$5"),
            Text::of("users-words-rpm").with("count", 60_i64),
            Text::of("users-words-tpm").with("count", 9_000_i64),
        ];
        assert_eq!(limit_words(&limits), expected);
        assert!(limit_words(&Limits::default()).is_empty());
    }
}
