//! Requests that wait for a price: found in order, booked once, counted anew.

use switchyard::store::{LateBill, Store, UnpricedPage, UnpricedRow};
use switchyard_actors::clock::RequestIds;
use switchyard_actors::domain::ids::{PriceId, RequestId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::{LedgerRow, RowCost};
use switchyard_actors::domain::money::Nano;

use super::database::{ALWAYS, NOW, both};
use super::sample::row;

const MINUTE: i64 = 60_000_000;
const LATER: Micros = Micros(NOW.0 + 1_000 * MINUTE);
const ALL: UnpricedPage<'_> = UnpricedPage { after: None, before: LATER, model: None, limit: 100 };

/// A row without a price, so many minutes after the start.
fn unpriced(ids: &RequestIds, minutes: i64) -> LedgerRow {
    let at = Micros(NOW.0 + minutes * MINUTE);
    let unbilled = Some("unpriced".into());
    LedgerRow { cost: None, unbilled, ..row(ids, at, minutes.unsigned_abs()) }
}

fn bill(row: &LedgerRow, cost: i64) -> LateBill {
    let cost = RowCost { cost: Nano(cost), list: Nano(cost * 2), price: PriceId(9) };
    LateBill { id: row.opened.id, cost }
}

fn ids_of(rows: &[UnpricedRow]) -> Vec<RequestId> {
    rows.iter().map(|row| row.id).collect()
}

async fn spent(store: &Store) -> i64 {
    store
        .snapshot()
        .await
        .unwrap()
        .spend_total()
        .await
        .unwrap()
        .iter()
        .map(|key| key.costs.charged.0)
        .sum()
}

#[tokio::test]
async fn rows_that_wait_are_listed_in_order_with_all_that_a_bill_needs() {
    for fresh in both().await {
        let ids = RequestIds::default();
        let mut rows: Vec<LedgerRow> = (0..7).map(|minutes| unpriced(&ids, minutes)).collect();
        rows[1].usage = None;
        rows[2].unbilled = Some("unmetered".into());
        rows[3] = row(&ids, rows[3].opened.started_at, 3);
        rows[5].upstream_model = Some("sent-up".into());
        fresh.store.write_ledger(&rows).await.unwrap();
        let wanted = [0, 4, 5, 6].map(|index: usize| rows[index].opened.id);
        assert_eq!(ids_of(&fresh.store.unpriced_rows(ALL).await.unwrap()), wanted);
        let page = UnpricedPage { after: Some(wanted[0]), limit: 2, ..ALL };
        assert_eq!(ids_of(&fresh.store.unpriced_rows(page).await.unwrap()), wanted[1..3]);
        let page = UnpricedPage { before: rows[4].opened.started_at, ..ALL };
        assert_eq!(ids_of(&fresh.store.unpriced_rows(page).await.unwrap()), wanted[..1]);
        for (model, found) in [("sent-up", &wanted[2..3]), ("haiku", &wanted[2..3])] {
            let page = UnpricedPage { model: Some(model), ..ALL };
            assert_eq!(ids_of(&fresh.store.unpriced_rows(page).await.unwrap()), found, "{model}");
        }
        let page = UnpricedPage { model: Some("sent-up"), ..ALL };
        let found = fresh.store.unpriced_rows(page).await.unwrap().remove(0);
        assert_eq!((found.asked.as_str(), found.sent.as_str()), ("haiku", "sent-up"));
        assert_eq!((found.started_at, found.user), (rows[5].opened.started_at, UserId(1)));
        assert_eq!((Some(found.usage), found.terms), (rows[5].usage, rows[5].terms.clone()));
    }
}

#[tokio::test]
async fn a_cost_is_booked_once_and_the_roll_ups_follow() {
    for fresh in both().await {
        let store = &fresh.store;
        let ids = RequestIds::default();
        let rows: Vec<LedgerRow> = (0..40).map(|minutes| unpriced(&ids, minutes)).collect();
        let priced = row(&ids, NOW, 1);
        store.write_ledger(&rows).await.unwrap();
        store.write_ledger(std::slice::from_ref(&priced)).await.unwrap();
        store.recompute_dirty_slots("me", NOW, ALWAYS).await.unwrap();
        let own = spent(store).await;
        let mut bills: Vec<LateBill> = rows.iter().map(|row| bill(row, 1_000)).collect();
        bills.push(bill(&priced, 5));
        let booked = store.fill_costs(&bills).await.unwrap();
        assert_eq!(booked, rows.iter().map(|row| row.opened.id).collect::<Vec<_>>());
        assert_eq!(spent(store).await, own + 40_000, "before the slots are counted anew");
        assert_eq!(store.recompute_dirty_slots("me", NOW, ALWAYS).await.unwrap().counted, 3);
        assert_eq!(spent(store).await, own + 40_000);
        assert_eq!(store.overview(NOW).await.unwrap().unpriced, 0);
        assert!(store.unpriced_rows(ALL).await.unwrap().is_empty());

        let again: Vec<LateBill> = rows.iter().map(|row| bill(row, 7)).collect();
        assert!(store.fill_costs(&again).await.unwrap().is_empty());
        // A journal that is replayed brings the row as it was.
        store.write_ledger(&rows).await.unwrap();
        let entry = store.ledger_entry(rows[0].opened.id).await.unwrap().unwrap();
        let cost = Some(bill(&rows[0], 1_000).cost);
        assert_eq!(entry.row, LedgerRow { cost, unbilled: None, ..rows[0].clone() });
        assert_eq!(spent(store).await, own + 40_000);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_nodes_that_book_at_once_each_books_what_the_other_does_not() {
    for fresh in both().await {
        let (one, two) = (fresh.store.clone(), Store::connect(&fresh.config).await.unwrap());
        let ids = RequestIds::default();
        let rows: Vec<LedgerRow> = (0..200).map(|minutes| unpriced(&ids, minutes)).collect();
        one.write_ledger(&rows).await.unwrap();
        let fill = |store: Store, rows: Vec<LedgerRow>| async move {
            let mut booked = Vec::new();
            for rows in rows.chunks(20) {
                let bills: Vec<LateBill> = rows.iter().map(|row| bill(row, 10)).collect();
                booked.extend(store.fill_costs(&bills).await.unwrap());
            }
            booked
        };
        let backwards: Vec<LedgerRow> = rows.iter().rev().cloned().collect();
        let first = tokio::spawn(fill(one.clone(), rows.clone()));
        let second = tokio::spawn(fill(two, backwards));
        let mut booked = [first.await.unwrap(), second.await.unwrap()].concat();
        booked.sort_unstable();
        assert_eq!(booked, rows.iter().map(|row| row.opened.id).collect::<Vec<_>>());
        assert_eq!(spent(&one).await, 2_000);
    }
}
