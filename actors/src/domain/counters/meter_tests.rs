//! Tests of the meter.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::domain::check::DAY;
use crate::domain::limits::ResetMode;
use crate::domain::window::zone;

fn at(text: &str) -> Micros {
    Micros(text.parse::<Timestamp>().unwrap().as_microsecond())
}

fn rolled(zone: &TimeZone, limits: &Limits, now: Micros) -> (Meter, Borders) {
    let borders = Borders::around(zone, limits, now);
    let mut meter = Meter::default();
    meter.roll(&borders);
    (meter, borders)
}

fn amount(meter: &Meter, kind: LimitKind, limits: &Limits, zone: &TimeZone, now: Micros) -> i64 {
    meter.spent(kind, limits, &Borders::around(zone, limits, now), now).amount.0
}

#[test]
fn money_just_before_and_after_midnight_falls_into_two_days() {
    let shanghai = zone("Asia/Shanghai").unwrap();
    let limits = Limits::default();
    let evening = at("2026-03-01T15:59:00Z");
    let night = at("2026-03-01T16:01:00Z");
    let (mut meter, _) = rolled(&shanghai, &limits, evening);
    meter.charge(evening, Nano(7));
    assert_eq!(amount(&meter, LimitKind::DailyQuota, &limits, &shanghai, evening), 7);
    assert_eq!(amount(&meter, LimitKind::DailyQuota, &limits, &shanghai, night), 0);
    meter.roll(&Borders::around(&shanghai, &limits, night));
    meter.charge(night, Nano(5));
    assert_eq!(amount(&meter, LimitKind::DailyQuota, &limits, &shanghai, night), 5);
}

#[test]
fn a_late_bill_counts_in_the_windows_of_its_arrival_alone() {
    let utc = TimeZone::UTC;
    let limits = Limits::default();
    let before = at("2026-05-31T23:59:00Z");
    let after = at("2026-06-01T00:05:00Z");
    let (mut meter, _) = rolled(&utc, &limits, before);
    meter.roll(&Borders::around(&utc, &limits, after));
    meter.charge(before, Nano(9));
    for kind in [LimitKind::DailyQuota, LimitKind::UsdMonthly, LimitKind::UsdWeekly] {
        assert_eq!(amount(&meter, kind, &limits, &utc, after), 0, "{}", kind.name());
    }
    assert_eq!(amount(&meter, LimitKind::UsdTotal, &limits, &utc, after), 9);
}

#[test]
fn a_reset_time_that_moves_sums_the_day_anew() {
    let utc = TimeZone::UTC;
    let midnight = Limits::default();
    let four = Limits { daily_reset_minute: 4 * 60, ..Limits::default() };
    let (mut meter, _) = rolled(&utc, &midnight, at("2026-05-05T03:00:00Z"));
    meter.charge(at("2026-05-05T03:00:00Z"), Nano(1));
    meter.charge(at("2026-05-05T05:00:00Z"), Nano(2));
    let now = at("2026-05-05T06:00:00Z");
    assert_eq!(amount(&meter, LimitKind::DailyQuota, &midnight, &utc, now), 3);
    assert_eq!(amount(&meter, LimitKind::DailyQuota, &four, &utc, now), 2);
}

#[test]
fn a_day_of_twenty_five_hours_is_summed_to_its_end() {
    let york = zone("America/New_York").unwrap();
    let limits = Limits::default();
    let first = at("2026-11-01T04:00:00Z");
    let last = at("2026-11-02T04:59:00Z");
    let (mut meter, _) = rolled(&york, &limits, first);
    meter.charge(first, Nano(1));
    meter.charge(last, Nano(2));
    assert_eq!(amount(&meter, LimitKind::DailyQuota, &limits, &york, last), 3);
}

#[test]
fn a_rolling_day_forgets_after_twenty_four_hours() {
    let utc = TimeZone::UTC;
    let limits = Limits { daily_mode: ResetMode::Rolling, ..Limits::default() };
    let noon = at("2026-05-05T12:00:30Z");
    let (mut meter, _) = rolled(&utc, &limits, noon);
    meter.charge(noon, Nano(4));
    let day_later = noon.plus(DAY);
    assert_eq!(amount(&meter, LimitKind::DailyQuota, &limits, &utc, day_later), 4);
    let minute_more = day_later.plus(MINUTE);
    assert_eq!(amount(&meter, LimitKind::DailyQuota, &limits, &utc, minute_more), 0);
}

#[test]
fn fixed_five_hours_start_at_the_first_charge() {
    let utc = TimeZone::UTC;
    let limits = Limits::default();
    let first = at("2026-05-05T12:00:00Z");
    let (mut meter, borders) = rolled(&utc, &limits, first);
    meter.charge(first, Nano(4));
    meter.charge(at("2026-05-05T16:59:00Z"), Nano(1));
    let spent = meter.spent(LimitKind::Usd5h, &limits, &borders, at("2026-05-05T16:59:59Z"));
    let end = at("2026-05-05T17:00:00Z");
    assert_eq!(spent, Spent { amount: Nano(5), resets_at: Some(end) });
    assert_eq!(meter.spent(LimitKind::Usd5h, &limits, &borders, end).amount, Nano::ZERO);
    meter.charge(end, Nano(3));
    assert_eq!(meter.spent(LimitKind::Usd5h, &limits, &borders, end).amount, Nano(3));
}

#[test]
fn what_costs_nothing_begins_no_five_hours() {
    let utc = TimeZone::UTC;
    let limits = Limits::default();
    let (free, paid) = (at("2026-05-05T12:00:00Z"), at("2026-05-05T13:00:00Z"));
    let (mut meter, borders) = rolled(&utc, &limits, free);
    meter.charge(free, Nano::ZERO);
    meter.charge(paid, Nano(4));
    let spent = meter.spent(LimitKind::Usd5h, &limits, &borders, paid);
    let end = at("2026-05-05T18:00:00Z");
    assert_eq!(spent, Spent { amount: Nano(4), resets_at: Some(end) });
}

#[test]
fn weeks_survive_another_zone_and_end_on_monday() {
    let limits = Limits::default();
    let shanghai = zone("Asia/Shanghai").unwrap();
    let thursday = at("2026-05-07T12:00:00Z");
    let (mut meter, _) = rolled(&shanghai, &limits, at("2026-05-04T12:00:00Z"));
    meter.charge(at("2026-05-04T12:00:00Z"), Nano(6));
    assert_eq!(amount(&meter, LimitKind::UsdWeekly, &limits, &TimeZone::UTC, thursday), 6);
    let monday = at("2026-05-11T00:00:00Z");
    assert_eq!(amount(&meter, LimitKind::UsdWeekly, &limits, &TimeZone::UTC, monday), 0);
}

#[test]
fn the_request_log_is_exact_and_slides() {
    let start = at("2026-05-05T12:00:00Z");
    let mut meter = Meter::default();
    for second in 0..3 {
        meter.log_start(start.plus(Duration::from_secs(second * 10)), 100);
    }
    assert_eq!(meter.rpm(start.plus(Duration::from_secs(59))).0, 3);
    assert_eq!(meter.rpm(start.plus(MINUTE)).0, 2);
    assert_eq!(meter.rpm_frees_at(2), Some(start.plus(Duration::from_secs(70))));
    assert_eq!(meter.rpm_frees_at(4), None);
}

#[test]
fn a_clock_that_steps_back_does_not_lock_the_log() {
    let start = at("2026-05-05T12:00:00Z");
    let mut meter = Meter::default();
    meter.log_start(start, 100);
    let earlier = start.minus(Duration::from_hours(1));
    meter.log_start(earlier, 100);
    assert_eq!(meter.rpm(earlier.plus(MINUTE)).0, 0);
}

proptest! {
    /// Whatever the order of bills, the windows agree with a plain list of them.
    #[test]
    fn windows_agree_with_a_plain_list(
        bills in prop::collection::vec((0_i64..3 * 24 * 60, 1_i64..1_000), 1..60),
    ) {
        let utc = TimeZone::UTC;
        let limits = Limits { daily_mode: ResetMode::Rolling, ..Limits::default() };
        let fixed = Limits::default();
        let origin = at("2026-05-05T00:00:00Z");
        let mut bills: Vec<(Micros, Nano)> = bills
            .into_iter()
            .map(|(minute, cost)| (Micros(origin.0 + minute * 60_000_000), Nano(cost)))
            .collect();
        bills.sort_unstable();
        let mut meter = Meter::default();
        for (arrival, cost) in &bills {
            meter.roll(&Borders::around(&utc, &fixed, *arrival));
            meter.charge(*arrival, *cost);
        }
        let now = bills.last().map_or(origin, |last| last.0);
        let since = |start: Micros| bills.iter()
            .filter(|bill| bill.0 >= start).map(|bill| bill.1.0).sum::<i64>();
        let day = Borders::around(&utc, &fixed, now).day.start;
        prop_assert_eq!(amount(&meter, LimitKind::DailyQuota, &limits, &utc, now), since(now.minus(DAY)));
        prop_assert_eq!(amount(&meter, LimitKind::DailyQuota, &fixed, &utc, now), since(day));
        prop_assert_eq!(amount(&meter, LimitKind::UsdMonthly, &fixed, &utc, now), since(origin));
        prop_assert_eq!(meter.spent(LimitKind::UsdTotal, &fixed, &Borders::around(&utc, &fixed, now), now).amount.0, since(origin));
    }
}
