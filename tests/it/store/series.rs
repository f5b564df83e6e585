//! Figures over time: a chart adds up to the rows, before a recount, after it and in between.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use switchyard::store::{Measure, Span, SplitBy, Store, Sums, latency_bucket};
use switchyard_actors::clock::RequestIds;
use switchyard_actors::domain::ids::{ProviderId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::outcome::RowOutcome;
use switchyard_actors::domain::usage::Usage;

use super::database::{Fresh, NOW, both};
use super::sample::{accounts, row};

const HOUR: Duration = Duration::from_hours(1);
const QUARTER: Duration = Duration::from_mins(15);
const MINUTE: i64 = 60_000_000;

/// Requests that did not go well: faults, and what is the client's own or a limit's.
const ENDS: [(usize, RowOutcome, u16); 9] = [
    (3, RowOutcome::UpstreamError, 529),
    (4, RowOutcome::ClientError, 400),
    (5, RowOutcome::Refused, 429),
    (6, RowOutcome::UpstreamError, 404),
    (7, RowOutcome::ClientGone, 499),
    (8, RowOutcome::Truncated, 502),
    (20, RowOutcome::NoProvider, 503),
    (21, RowOutcome::Interrupted, 500),
    (22, RowOutcome::Internal, 500),
];

/// Six hours of rows, every seven minutes, of two users, three providers and two models.
fn history(ids: &RequestIds) -> Vec<LedgerRow> {
    let mut rows: Vec<LedgerRow> =
        (0..51).map(|n| row(ids, Micros(NOW.0 + n * 7 * MINUTE), n.unsigned_abs())).collect();
    for (n, row) in rows.iter_mut().enumerate() {
        row.opened.user = UserId(1 + i64::try_from(n % 2).unwrap());
        row.provider = Some(ProviderId(1 + i64::try_from(n % 3).unwrap()));
        row.usage = Some(Usage {
            input: 1,
            image_input: 2,
            output: 3,
            image_output: 4,
            cache_write_5m: 5,
            cache_write_1h: 6,
            cache_read: 7,
            ..Usage::default()
        });
        row.duration_ms = 100 * (1 + u64::try_from(n).unwrap());
    }
    (rows[3].cost, rows[3].usage) = (None, None);
    for (n, outcome, status) in ENDS {
        (rows[n].outcome, rows[n].status) = (outcome, status);
    }
    rows[3].unbilled = Some(Arc::from("unmetered"));
    (rows[10].cost, rows[10].unbilled) = (None, Some(Arc::from("unpriced")));
    rows[20].provider = None;
    rows
}

/// Fills a store so that some slots are counted, some are dirty and one is both.
async fn filled(fresh: &Fresh) -> Vec<LedgerRow> {
    let rows = history(&RequestIds::default());
    fresh.store.write_ledger(&rows[..30]).await.unwrap();
    let before = Micros(NOW.0 + 120 * MINUTE);
    assert!(
        fresh.store.recompute_dirty_slots("me", NOW, Micros(0)..before).await.unwrap().counted > 0
    );
    fresh.store.write_ledger(&rows[30..]).await.unwrap();
    let late = row(&RequestIds::default(), Micros(NOW.0 + 20 * MINUTE), 999);
    fresh.store.write_ledger(std::slice::from_ref(&late)).await.unwrap();
    [rows, vec![late]].concat()
}

fn of(rows: &[&LedgerRow]) -> Sums {
    let mut sums = Sums::default();
    for row in rows {
        let usage = row.usage.unwrap_or_default();
        let count = |tokens: u64| i64::try_from(tokens).unwrap();
        sums.add(&Sums {
            requests: 1,
            errors: i64::from(row.status >= 400),
            faults: i64::from(row.outcome.is_fault(row.status)),
            unmetered: i64::from(row.unbilled.as_deref() == Some("unmetered")),
            unpriced: i64::from(row.unbilled.as_deref() == Some("unpriced")),
            cost: row.cost.as_ref().map_or(Nano::ZERO, |cost| cost.cost),
            input: count(usage.input + usage.image_input),
            output: count(usage.output + usage.image_output),
            cache_write: count(usage.cache_write_5m + usage.cache_write_1h),
            cache_read: count(usage.cache_read),
        });
    }
    sums
}

fn within(rows: &[LedgerRow], span: Span) -> Vec<&LedgerRow> {
    let inside = |row: &&LedgerRow| {
        let at = row.opened.started_at;
        span.from <= at && at < span.to && span.user.is_none_or(|user| user == row.opened.user)
    };
    rows.iter().filter(inside).collect()
}

fn spans() -> [Span; 3] {
    let whole = Span { from: NOW, to: NOW.plus(HOUR * 7), user: None };
    let part = Span { from: NOW.plus(QUARTER), to: NOW.plus(HOUR * 3), ..whole };
    [whole, part, Span { user: Some(UserId(2)), ..whole }]
}

async fn by_step(store: &Store, span: Span, step: Duration) -> BTreeMap<i64, Sums> {
    store.series(span, step).await.unwrap().into_iter().collect()
}

#[tokio::test]
async fn every_step_adds_up_to_its_rows_and_an_empty_one_is_left_out() {
    for fresh in both().await {
        let rows = filled(&fresh).await;
        for span in spans() {
            for step in [QUARTER, HOUR] {
                let mut wanted: BTreeMap<i64, Vec<&LedgerRow>> = BTreeMap::new();
                for row in within(&rows, span) {
                    let after = row.opened.started_at.since(span.from).as_secs() / step.as_secs();
                    wanted.entry(i64::try_from(after).unwrap()).or_default().push(row);
                }
                let wanted: BTreeMap<i64, Sums> =
                    wanted.into_iter().map(|(step, rows)| (step, of(&rows))).collect();
                assert_eq!(by_step(&fresh.store, span, step).await, wanted);
            }
        }
    }
}

#[tokio::test]
async fn a_span_may_end_inside_a_slot() {
    for fresh in both().await {
        let rows = filled(&fresh).await;
        for minutes in [0, 1, 15, 22, 99, 400] {
            for user in [None, Some(UserId(1))] {
                let span = Span { from: NOW, to: Micros(NOW.0 + minutes * MINUTE), user };
                let wanted = of(&within(&rows, span));
                assert_eq!(fresh.store.sums(span).await.unwrap(), wanted, "{minutes} {user:?}");
            }
        }
    }
}

#[tokio::test]
async fn parts_bear_names_and_add_up_to_the_whole() {
    for fresh in both().await {
        accounts(&fresh, "sealed", "sk-test").await;
        let rows = filled(&fresh).await;
        let [whole, ..] = spans();
        for by in [SplitBy::Provider, SplitBy::User, SplitBy::Model] {
            let parts = fresh.store.parts(whole, by).await.unwrap();
            let requests: i64 = parts.iter().map(|part| part.requests).sum();
            let cost: Nano = parts.iter().map(|part| part.cost).sum();
            let tokens: i64 = parts.iter().map(|part| part.tokens).sum();
            let errors: i64 = parts.iter().map(|part| part.errors).sum();
            let wanted = of(&within(&rows, whole));
            assert_eq!((requests, errors), (wanted.requests, wanted.errors), "{by:?}");
            assert_eq!((cost, tokens), (wanted.cost, wanted.tokens()), "{by:?}");
        }
        let providers = fresh.store.parts(whole, SplitBy::Provider).await.unwrap();
        let named: Vec<_> =
            providers.iter().map(|part| (part.part.as_str(), part.name.as_deref())).collect();
        assert_eq!(named, [("0", None), ("1", Some("One")), ("2", None), ("3", None)]);
        let models = fresh.store.parts(whole, SplitBy::Model).await.unwrap();
        let asked: Vec<_> = models.iter().map(|part| part.part.as_str()).collect();
        assert_eq!(asked, ["haiku", "sonnet"]);
    }
}

#[tokio::test]
async fn those_who_are_not_told_apart_are_one() {
    for fresh in both().await {
        let rows = filled(&fresh).await;
        let [whole, ..] = spans();
        let steps =
            fresh.store.series_of_parts(whole, HOUR, SplitBy::Provider, &["3"]).await.unwrap();
        let of_part = |part: Option<&str>| -> i64 {
            let own = steps.iter().filter(|step| step.part.as_deref() == part);
            own.map(|step| step.requests).sum()
        };
        let third = rows.iter().filter(|row| row.provider == Some(ProviderId(3))).count();
        assert_eq!(of_part(Some("3")), i64::try_from(third).unwrap());
        assert_eq!(of_part(None), i64::try_from(rows.len() - third).unwrap());
        let first: i64 = steps.iter().filter(|step| step.step == 0).map(|step| step.requests).sum();
        assert_eq!(first, by_step(&fresh.store, whole, HOUR).await[&0].requests);
    }
}

#[tokio::test]
async fn latencies_are_of_served_requests_also_where_slots_are_dirty() {
    for fresh in both().await {
        let rows = filled(&fresh).await;
        for span in spans() {
            for measure in [Measure::Duration, Measure::FirstContent] {
                let mut wanted: BTreeMap<(i64, i64), i64> = BTreeMap::new();
                for row in within(&rows, span).iter().filter(|row| row.provider.is_some()) {
                    let took = match measure {
                        Measure::Duration => Some(row.duration_ms),
                        Measure::FirstContent => row.first_content_ms,
                    };
                    let step = row.opened.started_at.since(span.from).as_secs() / 3_600;
                    let Some(took) = took else { continue };
                    let place = (i64::try_from(step).unwrap(), latency_bucket(took));
                    *wanted.entry(place).or_default() += 1;
                }
                let found = fresh.store.latency_series(span, HOUR, measure).await.unwrap();
                let found: BTreeMap<_, _> =
                    found.iter().map(|one| ((one.step, one.bucket), one.requests)).collect();
                assert_eq!(found, wanted, "{measure:?} of {span:?}");
            }
        }
    }
}

#[tokio::test]
async fn the_strip_counts_what_each_provider_answered_and_failed() {
    for fresh in both().await {
        let rows = filled(&fresh).await;
        let found = fresh.store.health_by_slot(NOW, NOW.plus(HOUR * 7)).await.unwrap();
        let served = rows.iter().filter(|row| row.provider.is_some()).count();
        let requests: i64 = found.iter().map(|cell| cell.requests).sum();
        assert_eq!(requests, i64::try_from(served).unwrap(), "who was not asked has no health");
        let failed = found.iter().filter(|cell| cell.faults > 0);
        let mut failed: Vec<_> =
            failed.map(|cell| (cell.provider.0, cell.slot, cell.faults)).collect();
        failed.sort_unstable();
        // Of the nine that did not go well: one had no provider, four were not its fault.
        let at = |quarter: u32| NOW.plus(QUARTER * quarter);
        assert_eq!(failed, [(1, at(1), 1), (1, at(9), 1), (2, at(10), 1), (3, at(3), 1)]);
    }
}

#[tokio::test]
async fn an_installation_tells_how_far_it_has_come() {
    for fresh in both().await {
        let before = fresh.store.installed().await.unwrap();
        assert_eq!((before.providers, before.enabled, before.first_slot), (0, 0, None));
        accounts(&fresh, "sealed", "sk-test").await;
        fresh.run_outside("UPDATE providers SET is_enabled = 0").await;
        filled(&fresh).await;
        let after = fresh.store.installed().await.unwrap();
        assert_eq!((after.providers, after.enabled), (1, 0));
        assert_eq!((after.users, after.first_slot), (before.users + 1, Some(NOW)));
        let unpriced = fresh.store.unpriced_models(NOW).await.unwrap();
        assert_eq!(unpriced, [("sonnet".to_owned(), 1)]);
    }
}
