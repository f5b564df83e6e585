//! Tests of what counts after a reset.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::*;
use crate::domain::counters::{Borders, Load, MeterView};
use crate::domain::ids::{KeyId, ProviderId, RequestId};
use crate::domain::instant::Micros;
use crate::domain::limits::{Costs, Limits, ResetMode};
use crate::domain::money::Nano;
use crate::domain::sharing::Charge;
use crate::shared::counters::{FormerSpend, Lifetimes, Paying, Seed, SinceReset, Spender};
use crate::shared::outbox::Outbox;

/// 2026-05-05T12:00:00Z, a Tuesday.
const NOON: Micros = Micros(1_777_982_400_000_000);
const ANNA: UserId = UserId(3);
const KEY: KeyId = KeyId(7);
const OF_ANNA: Dimension = Dimension::User(ANNA);
const OF_KEY: Dimension = Dimension::Key(KEY);
const BY: Spender = Spender { user: ANNA, key: KEY, provider: Some(ProviderId(5)) };

fn minutes(count: u64) -> Duration {
    Duration::from_mins(count)
}

fn limits() -> Limits {
    Limits { five_hour_mode: ResetMode::Fixed, ..Limits::default() }
}

fn borders() -> Borders {
    Borders::around(&TimeZone::UTC, &limits(), NOON)
}

fn paying(by: Spender) -> Paying {
    let provider = by.provider.map(Dimension::Provider);
    let all = [Dimension::Key(by.key), Dimension::User(by.user)].into_iter().chain(provider);
    all.map(|owner| (owner, borders())).collect()
}

fn costs(nanos: i64) -> Costs {
    Costs { charged: Nano(nanos), list: Nano(nanos) }
}

fn reset_at(owner: Dimension, at: Micros) -> Reset {
    Reset { owner, user: ANNA, at }
}

fn charge(counters: &Counters, at: Micros, nanos: i64) {
    counters.books(ANNA, |books| {
        books.charge(&[OF_ANNA, OF_KEY], at, Some(Nano(nanos)), 0);
    });
}

fn of_anna(counters: &Counters) -> MeterView {
    counters.view_user(ANNA, &limits(), &TimeZone::UTC, NOON)
}

fn of_key(counters: &Counters) -> MeterView {
    counters.view_key((ANNA, KEY), &limits(), &TimeZone::UTC, NOON)
}

fn windows(view: &MeterView) -> [i64; 5] {
    let calendar = [view.daily, view.weekly, view.monthly].map(|spent| spent.amount.0);
    let [day, week, month] = calendar;
    [view.five_hours.amount.0, day, week, month, view.total.0]
}

#[test]
fn what_was_spent_is_gone_what_runs_is_charged_and_the_five_hours_keep_their_end() {
    let counters = Counters::new(Lifetimes::default());
    let first = NOON.minus(minutes(100));
    counters.books(ANNA, |books| {
        books.meter_mut(&OF_ANNA).roll(&borders());
        books.meter_mut(&OF_KEY).roll(&borders());
    });
    charge(&counters, first, 40);
    counters.books(ANNA, |books| books.raise(&[OF_ANNA], Load::of_money(Nano(9))));
    let ends = of_anna(&counters).five_hours.resets_at;
    assert!(counters.reset(&reset_at(OF_ANNA, NOON.minus(minutes(5)))));
    assert_eq!(windows(&of_anna(&counters)), [0; 5]);
    assert_eq!(of_anna(&counters).held, Nano(9), "what runs holds on");
    assert_eq!(windows(&of_key(&counters)), [40; 5], "nobody else's is reset");
    charge(&counters, NOON.minus(minutes(20)), 3);
    assert_eq!(windows(&of_anna(&counters)), [3; 5], "it ran when the cut was made");
    assert_eq!(of_anna(&counters).five_hours.resets_at, ends);
}

#[test]
fn a_reset_that_is_told_again_changes_nothing() {
    let counters = Counters::new(Lifetimes::default());
    let reset = reset_at(OF_ANNA, NOON.minus(minutes(5)));
    assert!(counters.reset(&reset));
    charge(&counters, NOON, 3);
    assert!(!counters.reset(&reset));
    counters.hear_reset(&reset);
    assert!(!counters.reset(&reset_at(OF_ANNA, NOON.minus(minutes(6)))), "an older one");
    assert_eq!(of_anna(&counters).total, Nano(3));
    assert!(counters.reset(&reset_at(OF_ANNA, NOON)));
    assert_eq!(of_anna(&counters).total, Nano(0));
}

#[test]
fn a_start_counts_what_the_running_process_counted() {
    let spent = |ago: u64, nanos| {
        let at = NOON.minus(minutes(ago));
        FormerSpend { by: BY, at, ended: at, costs: costs(nanos) }
    };
    let running = Counters::new(Lifetimes::default());
    running.seed(Seed::default(), paying);
    running.book(vec![spent(100, 40)], NOON, paying);
    let reset = reset_at(OF_ANNA, NOON.minus(minutes(35)));
    running.reset(&reset);
    running.hear(
        &Charge {
            request: Some(RequestId([1; 16])),
            user: Some(ANNA),
            owners: paying(BY).into_iter().map(|(owner, _)| owner).collect(),
            at: NOON.minus(minutes(40)),
            ended: NOON,
            booked: None,
            cost: Nano(3),
            tokens: 0,
        },
        |_| borders(),
    );
    running.book(vec![spent(10, 5)], NOON, paying);
    let seed = Seed {
        spent: vec![spent(100, 40), spent(40, 3), spent(10, 5)],
        totals: vec![(BY, costs(48))],
        resets: vec![SinceReset {
            reset,
            from: NOON.minus(minutes(30)),
            spent: vec![spent(40, 3)],
            total: costs(8),
        }],
    };
    let started = Counters::new(Lifetimes::default());
    started.seed(seed, paying);
    assert_eq!(windows(&of_anna(&started)), [8; 5]);
    assert_eq!(windows(&of_key(&started)), [48; 5]);
    assert_eq!(of_anna(&started), of_anna(&running));
    assert_eq!(of_key(&started), of_key(&running));
}

#[test]
fn a_bill_of_a_request_that_ended_before_the_cut_counts_for_others_alone() {
    let counters = Counters::new(Lifetimes::default());
    counters.reset(&reset_at(OF_ANNA, NOON.minus(minutes(5))));
    let at = NOON.minus(minutes(20));
    let book = |ended, nanos| {
        counters.book(vec![FormerSpend { by: BY, at, ended, costs: costs(nanos) }], NOON, paying);
    };
    book(NOON.minus(minutes(6)), 7);
    assert_eq!((of_anna(&counters).total, of_key(&counters).total), (Nano(0), Nano(7)));
    book(NOON.minus(minutes(5)), 2);
    assert_eq!((of_anna(&counters).total, of_key(&counters).total), (Nano(2), Nano(9)));
}

#[test]
fn other_nodes_hear_of_it_behind_what_was_charged_and_nothing_is_taken_off_twice() {
    let outbox = Arc::new(Outbox::default());
    let counters = Counters::new(Lifetimes::default()).telling_to(Arc::clone(&outbox));
    let spent = |nanos| vec![FormerSpend { by: BY, at: NOON, ended: NOON, costs: costs(nanos) }];
    counters.book(spent(40), NOON, paying);
    let _flies = outbox.take(9);
    counters.book(spent(2), NOON, paying);
    let reset = reset_at(OF_ANNA, NOON.minus(minutes(5)));
    counters.reset(&reset);
    let (sums, _) = counters.sums(Some(ANNA), &OF_ANNA, &borders());
    assert_eq!(sums.total, Nano(0), "what flies and waits was forgotten, too");
    let (sums, _) = counters.sums(Some(ANNA), &OF_KEY, &borders());
    assert_eq!(sums.total, Nano(0), "what flies and waits comes by itself");
    let (_, told) = outbox.take(9);
    assert_eq!(told.last(), Some(&Happened::Reset(reset)));
    assert_eq!(told.len(), 2);
}

/// Anna's charge of seven, with nine tokens, that ended so many seconds before noon.
fn ended(seconds: u64) -> Charge {
    Charge {
        request: Some(RequestId([1; 16])),
        user: Some(ANNA),
        owners: vec![OF_ANNA, OF_KEY],
        at: NOON.minus(Duration::from_secs(seconds + 10)),
        ended: NOON.minus(Duration::from_secs(seconds)),
        booked: None,
        cost: Nano(7),
        tokens: 9,
    }
}

#[test]
fn what_another_node_charged_before_the_cut_counts_in_tokens_alone() {
    let counters = Counters::new(Lifetimes::default());
    counters.reset(&reset_at(OF_ANNA, NOON.minus(Duration::from_secs(5))));
    counters.hear(&ended(6), |_| borders());
    assert_eq!((of_anna(&counters).total, of_anna(&counters).tpm), (Nano(0), 9));
    assert_eq!(of_key(&counters).total, Nano(7), "nobody else's is reset");
    counters.hear(&ended(5), |_| borders());
    assert_eq!((of_anna(&counters).total, of_anna(&counters).tpm), (Nano(7), 18));
    let late = |seconds| {
        let (request, booked) = (None, Some(NOON));
        Charge { request, booked, tokens: 0, ..ended(seconds) }
    };
    counters.hear(&late(6), |_| borders());
    assert_eq!(of_anna(&counters).total, Nano(7), "it had ended before the cut");
    counters.hear(&late(5), |_| borders());
    assert_eq!(of_anna(&counters).total, Nano(14));
}

#[test]
fn what_ended_behind_a_cut_and_waits_still_counts_and_all_of_it_is_told() {
    let outbox = Arc::new(Outbox::default());
    let counters = Counters::new(Lifetimes::default()).telling_to(Arc::clone(&outbox));
    let spend = |charge: Charge| {
        let book = || {
            counters.books(ANNA, |books| {
                for owner in &charge.owners {
                    books.meter_mut(owner).roll(&borders());
                }
                books.charge(&charge.owners, charge.at, Some(charge.cost), charge.tokens)
            })
        };
        counters.telling(book, |_| [Happened::Charged(charge.clone())]);
    };
    spend(ended(8));
    spend(ended(4));
    let _flies = outbox.take(9);
    spend(ended(7));
    spend(ended(3));
    let reset = reset_at(OF_ANNA, NOON.minus(Duration::from_secs(5)));
    counters.hear_reset(&reset);
    assert_eq!(windows(&of_anna(&counters)), [14; 5], "two have ended behind the cut");
    assert_eq!((of_key(&counters).total, of_anna(&counters).tpm), (Nano(28), 36));
    for owner in [&OF_ANNA, &OF_KEY] {
        let (sums, _) = counters.sums(Some(ANNA), owner, &borders());
        assert_eq!((sums.total, sums.day.1), (Nano(0), Nano(0)), "all of it is still to be told");
    }
    let unheard = |owner: &Dimension| outbox.change(|telling| telling.unheard(owner));
    assert_eq!((unheard(&OF_ANNA), unheard(&OF_KEY)), (Nano(14), Nano(28)));
    outbox.arrived(1, 2);
    assert_eq!((unheard(&OF_ANNA), unheard(&OF_KEY)), (Nano(7), Nano(14)));
    assert_eq!(outbox.take(9).1, [ended(7), ended(3)].map(Happened::Charged));
    outbox.arrived(2, 2);
    assert_eq!((unheard(&OF_ANNA), unheard(&OF_KEY)), (Nano(0), Nano(0)));
    assert_eq!(counters.sums(Some(ANNA), &OF_ANNA, &borders()).0.total, Nano(14));
}
