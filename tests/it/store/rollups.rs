//! Roll-ups: always the sum of the rows, however batches and recounts fall together.

use std::collections::BTreeMap;

use proptest::prelude::*;
use switchyard::store::{LedgerFilter, SLOT, Store, first_id, slot_of};
use switchyard_actors::clock::RequestIds;
use switchyard_actors::domain::ids::{KeyId, RequestId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::money::Nano;

use super::database::{ALWAYS, NOW, both, sqlite};
use super::sample::row;

const MINUTE: i64 = 60_000_000;
const START: Micros = Micros(0);

fn cost(row: &LedgerRow) -> i64 {
    row.cost.as_ref().map_or(0, |cost| cost.cost.0)
}

/// What the rows add up to, by slot and key: requests and cost.
fn sums(rows: &[LedgerRow]) -> BTreeMap<(Micros, KeyId), (i64, i64)> {
    let mut sums = BTreeMap::new();
    for row in rows {
        let sum: &mut (i64, i64) =
            sums.entry((slot_of(&row.opened.id), row.opened.key)).or_default();
        sum.0 += 1;
        sum.1 += cost(row);
    }
    sums
}

async fn stored(store: &Store) -> BTreeMap<(Micros, KeyId), (i64, i64)> {
    let spend = store.snapshot().await.unwrap().spend_by_slot(START).await.unwrap();
    let mut sums = BTreeMap::new();
    for part in spend {
        let sum: &mut (i64, i64) = sums.entry((part.slot, part.key)).or_default();
        sum.0 += part.requests;
        sum.1 += part.costs.charged.0;
    }
    sums
}

#[tokio::test]
async fn sums_are_right_before_and_after_a_recount() {
    for fresh in both().await {
        let store = &fresh.store;
        let ids = RequestIds::default();
        let mut rows: Vec<_> =
            (0..40).map(|n| row(&ids, Micros(NOW.0 + n * MINUTE), n.unsigned_abs())).collect();
        rows[4].status = 500;
        rows[4].cost = None;
        rows[4].unbilled = Some("unmetered".into());
        store.write_ledger(&rows[..30]).await.unwrap();
        assert_eq!(stored(store).await, sums(&rows[..30]));
        assert_eq!(store.recompute_dirty_slots("me", NOW, ALWAYS).await.unwrap().counted, 2);
        assert_eq!(store.recompute_dirty_slots("me", NOW, ALWAYS).await.unwrap().counted, 0);
        assert_eq!(stored(store).await, sums(&rows[..30]));
        store.write_ledger(&rows[30..]).await.unwrap();
        assert_eq!(stored(store).await, sums(&rows));

        let total: i64 = store
            .snapshot()
            .await
            .unwrap()
            .spend_total()
            .await
            .unwrap()
            .iter()
            .map(|key| key.costs.charged.0)
            .sum();
        assert_eq!(total, rows.iter().map(cost).sum::<i64>());
        let by_minute = store.snapshot().await.unwrap().spend_by_minute(START).await.unwrap();
        assert_eq!(by_minute.len(), 39, "one minute has no cost");
        assert_eq!(by_minute.iter().map(|minute| minute.costs.charged.0).sum::<i64>(), total);
        let providers = store.provider_spend_by_slot(START).await.unwrap();
        assert_eq!(providers.iter().map(|slot| slot.cost.0).sum::<i64>(), total);
        let overview = store.overview(NOW).await.unwrap();
        assert_eq!((overview.requests, overview.errors, overview.unmetered), (40, 1, 1));
        assert_eq!(overview.cost, Nano(total));
        assert_eq!(overview.duration_ms, 40 * 1_500);
        let models = store.key_models(NOW).await.unwrap();
        assert_eq!(models.iter().map(|used| used.requests).sum::<i64>(), 40);
    }
}

#[tokio::test]
async fn latency_histograms_count_every_served_request() {
    for fresh in both().await {
        let store = &fresh.store;
        let ids = RequestIds::default();
        let rows: Vec<_> = (0..30).map(|n| row(&ids, NOW, n)).collect();
        store.write_ledger(&rows).await.unwrap();
        let until = Micros(NOW.0 + 15 * MINUTE);
        let counted = async |first_content| {
            let buckets = store.latencies(NOW, until, first_content).await.unwrap();
            assert_eq!(buckets.iter().map(|bucket| bucket.requests).sum::<i64>(), 30);
            buckets
        };
        let early = [counted(false).await, counted(true).await];
        store.recompute_dirty_slots("me", NOW, ALWAYS).await.unwrap();
        assert_eq!([counted(false).await, counted(true).await], early, "at any moment the same");
    }
}

#[tokio::test]
async fn only_the_holder_of_the_lease_recounts() {
    for fresh in both().await {
        let rows = [row(&RequestIds::default(), NOW, 1)];
        assert!(fresh.store.take_lease("rollups", "a", NOW, SPAN).await.unwrap());
        fresh.store.write_ledger(&rows).await.unwrap();
        assert_eq!(fresh.store.recompute_dirty_slots("b", NOW, ALWAYS).await.unwrap().counted, 0);
        assert_eq!(fresh.store.recompute_dirty_slots("a", NOW, ALWAYS).await.unwrap().counted, 1);
    }
}

const SPAN: std::time::Duration = std::time::Duration::from_mins(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rows_written_while_slots_are_counted_are_not_lost() {
    for fresh in both().await {
        let store = fresh.store.clone();
        let ids = RequestIds::default();
        let rows: Vec<_> = (0..200).map(|n| row(&ids, NOW, n)).collect();
        let writer = store.clone();
        let batches: Vec<Vec<LedgerRow>> = rows.chunks(5).map(<[_]>::to_vec).collect();
        let writing = tokio::spawn(async move {
            for batch in batches {
                writer.write_ledger(&batch).await.unwrap();
            }
        });
        while !writing.is_finished() {
            // Two at once, as when a lease runs out under a slow node.
            let (one, two) = tokio::join!(
                store.recompute_dirty_slots("me", NOW, ALWAYS),
                store.recompute_dirty_slots("me", NOW, ALWAYS)
            );
            one.unwrap();
            two.unwrap();
        }
        writing.await.unwrap();
        store.recompute_dirty_slots("me", NOW, ALWAYS).await.unwrap();
        assert_eq!(stored(&store).await, sums(&rows));
        let rolled = store.ledger_summary(&LedgerFilter::default()).await.unwrap();
        assert_eq!(rolled.requests, 200);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn roll_ups_are_the_sum_of_rows_for_any_history(
        history in prop::collection::vec((0..200_i64, 0..1_000_u64, any::<bool>()), 1..40)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fresh = sqlite().await;
            let ids = RequestIds::default();
            let mut rows: Vec<LedgerRow> = Vec::new();
            for (minute, seed, recount) in history {
                let next = row(&ids, Micros(NOW.0 + minute * MINUTE), seed);
                fresh.store.write_ledger(std::slice::from_ref(&next)).await.unwrap();
                rows.push(next);
                if recount {
                    fresh.store.recompute_dirty_slots("me", NOW, ALWAYS).await.unwrap();
                }
                assert_eq!(stored(&fresh.store).await, sums(&rows));
            }
            let known: Vec<RequestId> = rows.iter().map(|row| row.opened.id).collect();
            assert_eq!(fresh.store.known_requests(&known).await.unwrap().len(), rows.len());
        });
    }
}

#[tokio::test]
async fn a_slot_that_still_fills_is_left_alone_and_summed_from_its_rows() {
    for fresh in both().await {
        let store = &fresh.store;
        let ids = RequestIds::default();
        store.write_ledger(&[row(&ids, NOW, 1)]).await.unwrap();
        let slot = slot_of(&first_id(NOW));
        assert_eq!(
            store.recompute_dirty_slots("me", NOW, Micros(0)..slot).await.unwrap().counted,
            0
        );
        let requests: i64 = store
            .snapshot()
            .await
            .unwrap()
            .spend_by_slot(NOW)
            .await
            .unwrap()
            .iter()
            .map(|spend| spend.requests)
            .sum();
        assert_eq!(requests, 1);
        assert_eq!(
            store
                .recompute_dirty_slots("me", NOW, Micros(0)..slot.plus(SLOT))
                .await
                .unwrap()
                .counted,
            1
        );
    }
}
