//! When people work: more in the morning and the afternoon, little at night and on weekends; and
//! somebody is always at work just now, whatever the hour.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::window;

use super::{DAYS, days};
use crate::demo::dice::Dice;
use crate::demo::people::Member;
use crate::demo::tools::Tool;

/// How much is begun in each hour of a day.
const RHYTHM: [u32; 24] =
    [1, 0, 0, 0, 0, 0, 1, 3, 9, 16, 18, 14, 7, 9, 17, 18, 15, 11, 6, 4, 4, 3, 2, 1];
/// Of a working day's conversations so many hundredths take place on a day of a weekend.
const WEEKEND_PERCENT: u64 = 25;
/// A day has so many hundredths of the usual number, at least and at most.
const SWING_PERCENT: (u64, u64) = (60, 140);
/// Requests of one conversation.
const TURNS: (u64, u64) = (1, 17);
/// Conversations of the hours that the dashboard's strip shows, whatever the time of day, and how long
/// ago the first one began.
const RECENT: u32 = 20;
const RECENT_S: u64 = 4 * 3_600;
const RECENT_TURNS: (u64, u64) = (6, 18);

/// One conversation.
#[derive(Clone, Debug)]
pub struct Visit<'a> {
    /// Whose.
    pub member: &'a Member,
    /// With what.
    pub tool: Tool,
    /// When it begins.
    pub at: Micros,
    /// How many requests it has.
    pub turns: u32,
}

/// Plans all conversations, day by day.
#[must_use]
pub fn visits<'a>(
    members: &'a [Member],
    zone: &TimeZone,
    now: Micros,
    dice: &mut Dice,
) -> Vec<Visit<'a>> {
    let mut visits = Vec::new();
    for back in (0..DAYS).rev() {
        let day = window::day(zone, now.minus(days(back)), 0).start;
        for member in members {
            for _ in 0..sessions(member, is_weekend(zone, day), dice) {
                let at = day.plus(time_of_day(member, dice));
                visits.extend(visit(member, at, TURNS, dice));
            }
        }
    }
    for _ in 0..RECENT {
        let at = now.minus(Duration::from_secs(dice.between(60, RECENT_S)));
        let member = dice.pick(members);
        visits.extend(member.and_then(|member| visit(member, at, RECENT_TURNS, dice)));
    }
    visits.retain(|visit| visit.at < now && visit.at >= now.minus(days(DAYS)));
    visits
}

fn visit<'a>(
    member: &'a Member,
    at: Micros,
    turns: (u64, u64),
    dice: &mut Dice,
) -> Option<Visit<'a>> {
    let tool = *dice.weigh(member.persona.tools)?;
    let turns = u32::try_from(dice.skewed(turns.0, turns.1)).unwrap_or(1);
    Some(Visit { member, tool, at, turns })
}

fn sessions(member: &Member, is_weekend: bool, dice: &mut Dice) -> u64 {
    let usual = u64::from(member.persona.sessions) * dice.between(SWING_PERCENT.0, SWING_PERCENT.1);
    let share = if is_weekend && !member.persona.tireless { WEEKEND_PERCENT } else { 100 };
    usual * share / 10_000
}

/// Draws when a conversation begins, after midnight.
fn time_of_day(member: &Member, dice: &mut Dice) -> Duration {
    let hour = if member.persona.tireless {
        dice.between(0, 23)
    } else {
        let hours: Vec<(u64, u32)> = (0..).zip(RHYTHM).collect();
        dice.weigh(&hours).copied().unwrap_or(9)
    };
    Duration::from_secs(hour * 3_600 + dice.between(0, 3_599))
}

fn is_weekend(zone: &TimeZone, day: Micros) -> bool {
    let start = Timestamp::from_microsecond(day.0).unwrap_or_default();
    matches!(zone.to_datetime(start).weekday(), Weekday::Saturday | Weekday::Sunday)
}
