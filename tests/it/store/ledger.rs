//! The ledger: one row a request, whatever happens twice, read back as it was written.

use std::sync::Arc;

use switchyard::store::{LedgerFilter, Page, Store};
use switchyard_actors::clock::RequestIds;
use switchyard_actors::domain::ids::{KeyId, ProviderId, RequestId, SessionId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::outcome::RowOutcome;
use switchyard_actors::ports::LedgerSink;

use super::database::{ALWAYS, NOW, both};
use super::sample::{full_row, row};

const MINUTE: i64 = 60_000_000;

async fn read(store: &Store, filter: &LedgerFilter, page: Page) -> Vec<RequestId> {
    let entries = store.ledger_page(filter, page).await.unwrap();
    entries.into_iter().map(|entry| entry.row.opened.id).collect()
}

const ALL: Page = Page { before: None, offset: 0, limit: 100 };

#[tokio::test]
async fn a_row_is_read_back_as_it_was_written() {
    for fresh in both().await {
        let ids = RequestIds::default();
        let full = full_row(&ids, NOW);
        let bare = {
            let opened = row(&ids, NOW, 1).opened;
            switchyard_actors::domain::ledger::LedgerRow::interrupted(opened, NOW)
        };
        fresh.store.write(&[full.clone(), bare.clone()]).await.unwrap();
        let entry = fresh.store.ledger_entry(full.opened.id).await.unwrap().unwrap();
        assert_eq!(entry.row, full);
        let entry = fresh.store.ledger_entry(bare.opened.id).await.unwrap().unwrap();
        assert_eq!(entry.row, bare);
        assert_eq!(entry.user_name, None, "nobody has this id");
    }
}

#[tokio::test]
async fn writing_twice_leaves_one_row_and_the_first_one() {
    for fresh in both().await {
        let ids = RequestIds::default();
        let mut rows: Vec<_> = (0..20).map(|seed| row(&ids, NOW, seed)).collect();
        fresh.store.write(&rows).await.unwrap();
        rows[3].cost = None;
        fresh.store.write(&rows).await.unwrap();
        let summary = fresh.store.ledger_summary(&LedgerFilter::default()).await.unwrap();
        assert_eq!(summary.requests, 20);
        let first = fresh.store.ledger_entry(rows[3].opened.id).await.unwrap().unwrap();
        assert!(first.row.cost.is_some());
        let unknown = ids.mint(NOW, 99);
        let known = fresh.store.known(&[rows[3].opened.id, unknown]).await.unwrap();
        assert_eq!(known, [rows[3].opened.id]);
    }
}

#[tokio::test]
async fn a_batch_with_one_bad_row_is_not_written_at_all() {
    for fresh in both().await {
        let ids = RequestIds::default();
        let good = row(&ids, NOW, 1);
        let mut bad = row(&ids, NOW, 2);
        fresh
            .run_outside(
                "DROP TABLE dirty_slots CASCADE".trim_end_matches(if fresh.store.is_shared() {
                    ""
                } else {
                    " CASCADE"
                }),
            )
            .await;
        bad.status = 201;
        assert!(fresh.store.write(&[good.clone(), bad]).await.is_err());
        assert!(fresh.store.known(&[good.opened.id]).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    for fresh in both().await {
        let store = &fresh.store;
        let ids = RequestIds::default();
        let rows: Vec<_> =
            (0..25).map(|n| row(&ids, Micros(NOW.0 + n * MINUTE), n.unsigned_abs())).collect();
        store.write(&rows).await.unwrap();
        let mut wanted: Vec<RequestId> = rows.iter().map(|row| row.opened.id).collect();
        wanted.reverse();
        let mut seen = Vec::new();
        loop {
            let page = Page { before: seen.last().copied(), offset: 0, limit: 10 };
            let next = read(store, &LedgerFilter::default(), page).await;
            if next.is_empty() {
                break;
            }
            seen.extend(next);
        }
        assert_eq!(seen, wanted);
        let third = Page { before: None, offset: 20, limit: 10 };
        assert_eq!(read(store, &LedgerFilter::default(), third).await, wanted[20..]);
    }
}

/// The page, the sums and the judgement over rows that have just ended agree on a filter.
async fn judged_alike(store: &Store, rows: &[LedgerRow], filter: &LedgerFilter, count: usize) {
    let entries = store.ledger_page(filter, ALL).await.unwrap();
    assert_eq!(entries.len(), count, "{filter:?}");
    let taken = rows.iter().filter(|row| filter.takes(row)).map(|row| row.opened.id);
    let mut taken: Vec<RequestId> = taken.collect();
    taken.sort_unstable_by(|one, other| other.cmp(one));
    let found: Vec<RequestId> = entries.iter().map(|entry| entry.row.opened.id).collect();
    assert_eq!(taken, found, "{filter:?}");
    let cost: Nano = entries.iter().filter_map(|e| e.row.cost.as_ref()).map(|c| c.cost).sum();
    let summary = store.ledger_summary(filter).await.unwrap();
    assert_eq!((summary.requests, summary.cost), (count as u64, cost), "{filter:?}");
}

#[tokio::test]
async fn filters_choose_and_the_summary_adds_up_the_same_rows() {
    for fresh in both().await {
        let store = &fresh.store;
        let ids = RequestIds::default();
        let mut rows: Vec<_> =
            (0..12).map(|n| row(&ids, Micros(NOW.0 + n * MINUTE), n.unsigned_abs())).collect();
        rows[2].status = 429;
        rows[4].opened.model = Some(Arc::from("long".repeat(65)));
        rows[5] = full_row(&ids, Micros(NOW.0 + 20 * MINUTE));
        rows[5].status = 502;
        store.write(&rows).await.unwrap();
        let text = |text: &str| Some(text.to_owned());
        let at = |minutes: i64| Some(Micros(NOW.0 + minutes * MINUTE));
        let filters = [
            (LedgerFilter { key: Some(KeyId(2)), ..Default::default() }, 5),
            (LedgerFilter { model: text("haiku"), ..Default::default() }, 6),
            (LedgerFilter { status: Some(429), exclude_200: true, ..Default::default() }, 1),
            (LedgerFilter { exclude_200: true, ..Default::default() }, 2),
            (LedgerFilter { statuses: Some((400, 599)), ..Default::default() }, 2),
            (LedgerFilter { statuses: Some((500, 599)), ..Default::default() }, 1),
            (LedgerFilter { statuses: Some((200, 499)), ..Default::default() }, 11),
            (
                LedgerFilter {
                    statuses: Some((400, 599)),
                    status: Some(200),
                    ..Default::default()
                },
                10,
            ),
            (
                LedgerFilter {
                    statuses: Some((400, 599)),
                    session: text("s-1"),
                    ..Default::default()
                },
                1,
            ),
            (LedgerFilter { min_retries: 1, ..Default::default() }, 1),
            (LedgerFilter { session: text("s-1"), ..Default::default() }, 1),
            (LedgerFilter { path: text("/v1/other"), ..Default::default() }, 0),
            (LedgerFilter { user: Some(UserId(1)), ..Default::default() }, 12),
            (LedgerFilter { user: Some(UserId(2)), ..Default::default() }, 0),
            (LedgerFilter { provider: Some(ProviderId(1)), ..Default::default() }, 12),
            (LedgerFilter { provider: Some(ProviderId(3)), ..Default::default() }, 0),
            (LedgerFilter { model: text(&"long".repeat(64)), ..Default::default() }, 1),
            (LedgerFilter { model: text(&"long".repeat(65)), ..Default::default() }, 0),
            (LedgerFilter { from: at(3), to: at(9), ..Default::default() }, 5),
        ];
        for (filter, count) in filters {
            judged_alike(store, &rows, &filter, count).await;
        }
        let models = ["haiku", &"long".repeat(64), "sonnet"];
        assert_eq!(store.ledger_models().await.unwrap(), models);
        assert_eq!(store.ledger_statuses().await.unwrap(), [200, 429, 502]);
    }
}

/// Three hours of rows of two users, three keys, two providers and every end there is.
fn of_every_kind() -> Vec<LedgerRow> {
    let ids = RequestIds::default();
    let mut rows: Vec<_> =
        (0..90).map(|n| row(&ids, Micros(NOW.0 + 2 * n * MINUTE), n.unsigned_abs())).collect();
    for (n, row) in rows.iter_mut().enumerate() {
        row.opened.user = UserId(if row.opened.key == KeyId(3) { 2 } else { 1 });
        row.provider = (n % 5 > 0).then_some(ProviderId(if n % 2 == 0 { 1 } else { 3 }));
        row.outcome = RowOutcome::ALL[n % RowOutcome::ALL.len()];
        row.status = match row.outcome {
            RowOutcome::Success => 200,
            RowOutcome::ClientError => 400,
            RowOutcome::Refused => 429,
            RowOutcome::ClientGone => 499,
            RowOutcome::UpstreamError => [404, 529][n % 2],
            _ => 502,
        };
        row.opened.session = (n % 4 == 0).then(|| SessionId(Arc::from("s-1")));
    }
    rows
}

/// All filters that can be made of these parts.
fn combined() -> Vec<LedgerFilter> {
    let mut filters = vec![LedgerFilter::default()];
    let mut with = |make: &dyn Fn(&LedgerFilter) -> Vec<LedgerFilter>| {
        filters = filters.iter().flat_map(make).collect();
    };
    let users = [None, Some(UserId(1)), Some(UserId(2))];
    with(&|f| users.map(|user| LedgerFilter { user, ..f.clone() }).to_vec());
    let keys = [None, Some(KeyId(2))];
    with(&|f| keys.map(|key| LedgerFilter { key, ..f.clone() }).to_vec());
    let providers = [None, Some(ProviderId(3))];
    with(&|f| providers.map(|provider| LedgerFilter { provider, ..f.clone() }).to_vec());
    let sessions = [None, Some("s-1".to_owned())];
    with(&|f| sessions.clone().map(|session| LedgerFilter { session, ..f.clone() }).to_vec());
    let begins = [None, Some(Micros(NOW.0 + 50 * MINUTE + 1))];
    with(&|f| begins.map(|from| LedgerFilter { from, ..f.clone() }).to_vec());
    let ends = [None, Some(Micros(NOW.0 + 131 * MINUTE))];
    with(&|f| ends.map(|to| LedgerFilter { to, ..f.clone() }).to_vec());
    with(&|f| {
        let failed = LedgerFilter { statuses: Some((400, 599)), ..f.clone() };
        let faults = LedgerFilter { faults: true, ..failed.clone() };
        let ours = LedgerFilter { statuses: Some((500, 599)), ..f.clone() };
        let good = LedgerFilter { status: Some(200), ..f.clone() };
        let refused = LedgerFilter { status: Some(429), ..f.clone() };
        let others = LedgerFilter { exclude_200: true, ..f.clone() };
        vec![f.clone(), failed, faults, ours, good, refused, others]
    });
    filters
}

#[tokio::test]
async fn every_combination_of_filters_finds_what_a_look_at_each_row_finds() {
    let rows = of_every_kind();
    for fresh in both().await {
        let store = &fresh.store;
        store.write(&rows[..40]).await.unwrap();
        // Some slots are rolled up, others are summed from their rows.
        assert!(store.recompute_dirty_slots("me", NOW, ALWAYS).await.unwrap().counted > 0);
        store.write(&rows[40..]).await.unwrap();
        for filter in combined() {
            let count = rows.iter().filter(|row| filter.takes(row)).count();
            judged_alike(store, &rows, &filter, count).await;
        }
    }
}

#[tokio::test]
async fn pages_of_failures_follow_each_other_whatever_their_statuses() {
    for fresh in both().await {
        let store = &fresh.store;
        let ids = RequestIds::default();
        let mut rows: Vec<_> =
            (0..40).map(|n| row(&ids, Micros(NOW.0 + n * MINUTE), n.unsigned_abs())).collect();
        for (number, row) in rows.iter_mut().enumerate() {
            row.status = [200, 429, 503, 499][number % 4];
        }
        store.write(&rows).await.unwrap();
        let failed = |row: &&switchyard_actors::domain::ledger::LedgerRow| row.status >= 400;
        let mut wanted: Vec<_> = rows.iter().filter(failed).map(|row| row.opened.id).collect();
        wanted.reverse();
        let filter = LedgerFilter { statuses: Some((400, 599)), ..Default::default() };
        let mut seen: Vec<RequestId> = Vec::new();
        let mut late = rows.clone().into_iter().map(|mut row| {
            row.opened.id = ids.mint(Micros(row.opened.started_at.0 + 60 * MINUTE), 1);
            row
        });
        loop {
            let page = Page { before: seen.last().copied(), offset: 0, limit: 7 };
            let next = read(store, &filter, page).await;
            if next.is_empty() {
                break;
            }
            seen.extend(next);
            // New ones arrive while somebody turns the pages.
            store.write(&[late.nth(1).unwrap()]).await.unwrap();
        }
        assert_eq!(seen, wanted);
        let first = read(store, &filter, ALL).await;
        assert!(first.len() > wanted.len() && first.ends_with(&wanted), "new ones come before");
        let second = Page { before: Some(wanted[0]), offset: 6, limit: 7 };
        assert_eq!(read(store, &filter, second).await, wanted[7..14]);
    }
}

#[tokio::test]
async fn rows_find_their_month_even_when_it_is_made_after_them() {
    for fresh in both().await {
        let store = &fresh.store;
        let ids = RequestIds::default();
        let row = row(&ids, NOW, 1);
        store.write(std::slice::from_ref(&row)).await.unwrap();
        let made = store.ensure_partitions(NOW).await.unwrap();
        assert_eq!(made, if store.is_shared() { 4 } else { 0 });
        assert_eq!(store.ensure_partitions(NOW).await.unwrap(), 0);
        assert_eq!(store.ledger_entry(row.opened.id).await.unwrap().unwrap().row, row);
        let (one, two) = tokio::join!(
            store.ensure_partitions(Micros(NOW.0 + 300 * 86_400_000_000)),
            store.ensure_partitions(Micros(NOW.0 + 300 * 86_400_000_000)),
        );
        assert_eq!(one.unwrap() + two.unwrap(), if store.is_shared() { 4 } else { 0 });
    }
}

#[tokio::test]
async fn nul_in_a_client_s_words_does_not_stop_the_ledger() {
    for fresh in both().await {
        let mut row = full_row(&RequestIds::default(), NOW);
        row.opened.model = Some("a\0b".into());
        row.notes = vec!["n\0".into()];
        fresh.store.write(std::slice::from_ref(&row)).await.unwrap();
        let read = fresh.store.ledger_entry(row.opened.id).await.unwrap().unwrap().row;
        assert_eq!(read.opened.model.as_deref(), Some("a\u{FFFD}b"));
        assert_eq!(read.notes[0].as_ref(), "n\u{FFFD}");
    }
}

#[tokio::test]
async fn names_as_long_as_a_client_likes_do_not_stop_the_ledger() {
    for fresh in both().await {
        let store = &fresh.store;
        let mut row = row(&RequestIds::default(), NOW, 1);
        // Not the same characters over and over: PostgreSQL would compress them.
        let long: String =
            (0..40_000_u32).filter_map(|n| char::from_u32(0x4E00 + n * 31 % 20_000)).collect();
        row.opened.model = Some(long.as_str().into());
        row.opened.session = Some(switchyard_actors::domain::ids::SessionId(long.as_str().into()));
        store.write(std::slice::from_ref(&row)).await.unwrap();
        store.recompute_dirty_slots("me", NOW, ALWAYS).await.unwrap();
        let read = store.ledger_entry(row.opened.id).await.unwrap().unwrap().row;
        let model = read.opened.model.unwrap();
        assert!(long.starts_with(model.as_ref()) && model.len() > 250 && model.len() <= 256);
    }
}
