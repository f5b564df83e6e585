//! Tests of the shared counters.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::domain::ids::ProviderId;
use crate::domain::limits::{Costs, ResetMode};

const MAY_5: Micros = Micros(1_777_982_400_000_000);
const ANNA: UserId = UserId(1);
const HER_KEY: KeyId = KeyId(10);
const HER: Spender = Spender { user: ANNA, key: HER_KEY, provider: Some(ProviderId(5)) };

/// Anna's key counts in a group, and she bears a tag.
fn paying(by: Spender, borders: Borders) -> Paying {
    let provider = by.provider.map(Dimension::Provider);
    [
        Dimension::Key(by.key),
        Dimension::User(by.user),
        Dimension::Group(Arc::from("team")),
        Dimension::Tag(Arc::from("blue")),
    ]
    .into_iter()
    .chain(provider)
    .map(|dimension| (dimension, borders))
    .collect()
}

fn costs(charged: i64) -> Costs {
    Costs { charged: Nano(charged), list: Nano(10 * charged) }
}

fn former(hours_ago: u64, cost: i64) -> FormerSpend {
    let at = MAY_5.minus(Duration::from_hours(hours_ago));
    FormerSpend { by: HER, at, ended: at, costs: costs(cost) }
}

#[test]
fn windows_and_totals_come_back_after_a_restart() {
    let counters = Counters::new(Lifetimes::default());
    let limits = Limits { daily_mode: ResetMode::Rolling, ..Limits::default() };
    let zone = TimeZone::UTC;
    let seed = Seed {
        spent: vec![former(1, 5), former(30, 7), former(90, 11), former(23, 3)],
        totals: vec![(HER, costs(900)), (Spender { key: KeyId(11), ..HER }, costs(100))],
        ..Seed::default()
    };
    counters.seed(seed, |by| paying(by, Borders::around(&zone, &limits, MAY_5)));
    let user = counters.view_user(ANNA, &limits, &zone, MAY_5);
    let key = counters.view_key((ANNA, HER_KEY), &limits, &zone, MAY_5);
    assert_eq!((user.total, key.total), (Nano(1_000), Nano(900)));
    let of = |dimension| counters.view_common(&dimension, &limits, &zone, MAY_5);
    let group = of(Dimension::Group(Arc::from("team")));
    let tag = of(Dimension::Tag(Arc::from("blue")));
    let provider = of(Dimension::Provider(ProviderId(5)));
    assert_eq!((group.total, tag.total, provider.total), (user.total, user.total, user.total));
    for view in [user, key, group, tag, provider] {
        assert_eq!(view.daily.amount, Nano(8));
        assert_eq!(view.weekly.amount, Nano(15));
        assert_eq!(view.monthly.amount, Nano(26));
        assert_eq!(view.five_hours.amount, Nano(5));
    }
}

#[test]
fn what_is_booked_late_shows_as_it_will_after_a_restart() {
    let zone = TimeZone::UTC;
    let limits = Limits { daily_mode: ResetMode::Rolling, ..Limits::default() };
    let borders = |by| paying(by, Borders::around(&zone, &limits, MAY_5));
    let late = vec![former(23, 3), former(1, 5), former(30, 7), former(90, 11)];
    let total = Nano(26);
    let running = Counters::new(Lifetimes::default());
    running.book(late.clone(), MAY_5, borders);
    let restarted = Counters::new(Lifetimes::default());
    let totals = vec![(HER, costs(total.0))];
    let seed = Seed { spent: late, totals, ..Seed::default() };
    restarted.seed(seed, borders);
    let views = |counters: &Counters| {
        let key = counters.view_key((ANNA, HER_KEY), &limits, &zone, MAY_5);
        (counters.view_user(ANNA, &limits, &zone, MAY_5), key)
    };
    assert_eq!(views(&running), views(&restarted));
    let (user, key) = views(&running);
    assert_eq!((user.total, key.total, user.monthly.amount), (total, total, Nano(26)));
    assert_eq!((user.weekly.amount, user.daily.amount), (Nano(15), Nano(8)));
}

#[test]
fn a_late_bill_of_last_month_counts_in_the_total_alone() {
    let (counters, limits) = (Counters::new(Lifetimes::default()), Limits::default());
    let borders = |by| paying(by, Borders::around(&TimeZone::UTC, &limits, MAY_5));
    counters.book(vec![former(24 * 20, 9)], MAY_5, borders);
    counters.book(vec![former(1, 2)], MAY_5, borders);
    let user = counters.view_user(ANNA, &limits, &TimeZone::UTC, MAY_5);
    assert_eq!((user.total, user.monthly.amount), (Nano(11), Nano(2)));
    assert_eq!((user.daily.amount, user.five_hours.amount), (Nano(2), Nano(2)));
}

#[test]
fn users_of_one_shard_are_apart() {
    let counters = Counters::new(Lifetimes::default());
    counters.tenant(UserId(3), |tenant| tenant.user.add_total(Nano(1)));
    counters.tenant(UserId(67), |tenant| tenant.user.add_total(Nano(2)));
    counters.tenant(UserId(-61), |tenant| tenant.user.add_total(Nano(4)));
    let limits = Limits::default();
    let total = |user| counters.view_user(user, &limits, &TimeZone::UTC, MAY_5).total.0;
    assert_eq!((total(UserId(3)), total(UserId(67)), total(UserId(-61))), (1, 2, 4));
}

#[test]
fn limits_may_count_the_list_price() {
    let counters = Counters::new(Lifetimes::default()).counting(CountedPrice::List);
    let (limits, zone) = (Limits::default(), TimeZone::UTC);
    let borders = |by| paying(by, Borders::around(&zone, &limits, MAY_5));
    let (spent, totals) = (vec![former(1, 5)], vec![(HER, costs(7))]);
    let seed = Seed { spent, totals, ..Seed::default() };
    counters.seed(seed, borders);
    counters.book(vec![former(1, 2)], MAY_5, borders);
    let user = counters.view_user(ANNA, &limits, &zone, MAY_5);
    assert_eq!((user.monthly.amount, user.total), (Nano(70), Nano(90)));
}
