//! Figures beyond what a sum can hold: they stay at the largest number, and nothing that adds up fails.

use std::time::Duration;

use switchyard::store::{LedgerFilter, PARTS, SLOT, Span, SplitBy, Store, first_id, slot_of};
use switchyard_actors::clock::RequestIds;
use switchyard_actors::domain::ids::{KeyId, PriceId, ProviderId, SessionId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::{LedgerRow, RowCost};
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::usage::Usage;

use super::database::{ALWAYS, NOW, both};
use super::sample::row;

const START: Micros = Micros(0);
const MOST: i64 = i64::MAX;

/// A row as versions stored it that believed what they were told.
fn absurd(ids: &RequestIds, seed: u64) -> LedgerRow {
    let all = u64::MAX;
    let usage = Usage {
        input: all,
        output: all,
        reasoning: all,
        cache_write_5m: all,
        cache_write_1h: all,
        cache_read: all,
        image_input: all,
        image_output: all,
    };
    let mut row = row(ids, NOW, seed);
    row.opened.session = Some(SessionId("s".into()));
    row.opened.key = KeyId(1);
    row.usage = Some(usage);
    row.cost = Some(RowCost { cost: Nano(MOST), list: Nano(MOST), price: PriceId(1) });
    row
}

async fn spend(store: &Store) {
    let mut tx = store.snapshot().await.unwrap();
    let slots = tx.spend_by_slot(START).await.unwrap();
    assert_eq!((slots.len(), slots[0].costs.charged, slots[0].requests), (1, Nano(MOST), 3));
    assert_eq!(tx.spend_total().await.unwrap()[0].costs.list, Nano(MOST));
    assert_eq!(tx.spend_by_minute(START).await.unwrap()[0].costs.charged, Nano(MOST));
    drop(tx);
    assert_eq!(store.provider_spend_by_slot(START).await.unwrap()[0].cost, Nano(MOST));
    assert_eq!(store.overview(START).await.unwrap().cost, Nano(MOST));
    assert_eq!(store.provider_sums(START).await.unwrap()[0].cost, Nano(MOST));
    assert!(store.key_models(START).await.unwrap().iter().all(|used| used.cost == Nano(MOST)));
    let models = store.models_of_keys(&[KeyId(1)], START).await.unwrap();
    assert!(models.iter().all(|used| used.cost == Nano(MOST)));
}

async fn charts(store: &Store) {
    let hour = Duration::from_hours(1);
    // The last slot of the second is added up from its rows.
    for to in [NOW.plus(hour), NOW.plus(SLOT / 2)] {
        let span = Span { from: NOW, to, user: None };
        let sums = store.sums(span).await.unwrap();
        assert_eq!((sums.requests, sums.cost, sums.tokens()), (3, Nano(MOST), MOST));
        assert_eq!((sums.input, sums.output, sums.cache_write), (MOST, MOST, MOST));
    }
    let span = Span { from: NOW, to: NOW.plus(hour), user: None };
    for by in [SplitBy::Provider, SplitBy::User, SplitBy::Model] {
        let parts = store.parts(span, by).await.unwrap();
        assert!(parts.iter().all(|part| (part.tokens, part.cost) == (MOST, Nano(MOST))));
        assert!(!parts.is_empty() && parts.len() <= PARTS);
        let steps = store.series_of_parts(span, hour, by, &[&parts[0].part]).await.unwrap();
        assert!(steps.iter().all(|step| step.tokens == MOST));
    }
}

async fn summaries(store: &Store) {
    let all = LedgerFilter::default;
    let session = Some("s".to_owned());
    for filter in [
        all(),
        LedgerFilter { user: Some(UserId(1)), ..all() },
        LedgerFilter { key: Some(KeyId(1)), path: Some("/v1/messages".into()), ..all() },
        LedgerFilter { user: Some(UserId(1)), path: Some("/v1/messages".into()), ..all() },
        LedgerFilter { provider: Some(ProviderId(1)), status: Some(200), ..all() },
        LedgerFilter { session, ..all() },
        LedgerFilter { status: Some(200), ..all() },
        LedgerFilter { min_retries: 0, path: Some("/v1/messages".into()), ..all() },
    ] {
        let sums = store.ledger_summary(&filter).await.unwrap();
        let most = MOST.unsigned_abs();
        assert_eq!(
            (sums.requests, sums.cost, sums.list),
            (3, Nano(MOST), Nano(MOST)),
            "{filter:?}"
        );
        assert_eq!((sums.usage.input, sums.usage.image_output), (most, most), "{filter:?}");
    }
    let session = SessionId("s".into());
    let parts = store.session_parts(&[&session], START).await.unwrap();
    assert_eq!(parts.iter().map(|part| part.totals.requests).sum::<u64>(), 3);
}

#[tokio::test]
async fn what_is_too_large_to_add_up_stays_at_the_largest_number() {
    for fresh in both().await {
        let ids = RequestIds::default();
        // Of one model: roll-ups of a slot are apart by it.
        let rows: Vec<_> = (0..3).map(|n| absurd(&ids, 2 * n)).collect();
        fresh.store.write_ledger(&rows).await.unwrap();
        for _ in ["from rows", "from roll-ups"] {
            spend(&fresh.store).await;
            charts(&fresh.store).await;
            summaries(&fresh.store).await;
            let recount = fresh.store.recompute_dirty_slots("me", NOW, ALWAYS).await.unwrap();
            assert!(recount.failed.is_empty(), "{:?}", recount.failed);
        }
    }
}

#[tokio::test]
async fn figures_that_can_be_added_up_are_exact_to_the_last_one() {
    for fresh in both().await {
        let ids = RequestIds::default();
        let costs = [MOST - 7_000_000_003, 7_000_000_001, 2];
        let rows: Vec<_> = (0..3_usize)
            .map(|n| {
                let mut row = absurd(&ids, 2 * n as u64);
                let cost = Nano(costs[n]);
                row.cost = Some(RowCost { cost, list: cost, price: PriceId(1) });
                row
            })
            .collect();
        fresh.store.write_ledger(&rows).await.unwrap();
        for _ in ["from rows", "from roll-ups"] {
            assert_eq!(fresh.store.overview(START).await.unwrap().cost, Nano(MOST));
            fresh.store.recompute_dirty_slots("me", NOW, ALWAYS).await.unwrap();
        }
        let mut less = absurd(&ids, 8);
        less.cost = Some(RowCost { cost: Nano(-5), list: Nano(-5), price: PriceId(1) });
        fresh.store.write_ledger(&[less]).await.unwrap();
        assert_eq!(fresh.store.overview(START).await.unwrap().cost, Nano(MOST - 5));
    }
}

#[tokio::test]
async fn a_slot_that_cannot_be_counted_keeps_no_other_from_it() {
    for fresh in both().await {
        let ids = RequestIds::default();
        let rows: Vec<_> = (0..3).map(|n| row(&ids, NOW.plus(SLOT * n), n.into())).collect();
        fresh.store.write_ledger(&rows).await.unwrap();
        let bad = slot_of(&first_id(NOW));
        let is_postgres = fresh.config.dsn.is_some();
        let sql = if is_postgres {
            format!("ALTER TABLE rollups ADD CONSTRAINT bad CHECK (slot <> {})", bad.0)
        } else {
            format!(
                "CREATE TRIGGER bad BEFORE INSERT ON rollups WHEN NEW.slot = {} \
                 BEGIN SELECT RAISE(ABORT, 'bad'); END",
                bad.0
            )
        };
        fresh.run_outside(&sql).await;
        for counted in [2, 0] {
            let recount = fresh.store.recompute_dirty_slots("me", NOW, ALWAYS).await.unwrap();
            assert_eq!(recount.counted, counted);
            let failed: Vec<_> = recount.failed.iter().map(|(slot, _)| *slot).collect();
            assert_eq!(failed, [bad]);
            assert_eq!(fresh.store.overview(START).await.unwrap().requests, 3, "as rows have it");
        }
        let mend = if is_postgres {
            "ALTER TABLE rollups DROP CONSTRAINT bad"
        } else {
            "DROP TRIGGER bad"
        };
        fresh.run_outside(mend).await;
        let recount = fresh.store.recompute_dirty_slots("me", NOW, ALWAYS).await.unwrap();
        assert_eq!((recount.counted, recount.failed.len()), (1, 0));
    }
}
