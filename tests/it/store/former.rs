//! What a start reads: one moment of the ledger, and for those whose spend was reset what ended
//! since.

use std::time::Duration;

use switchyard::store::{ResetSpend, SLOT, Store, Value};
use switchyard_actors::clock::RequestIds;
use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::ids::{KeyId, ProviderId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::LedgerRow;

use super::database::{ALWAYS, NOW, both};
use super::sample::{accounts, row};

const MINUTE: i64 = 60_000_000;
/// No request takes longer.
const LONGEST: Duration = Duration::from_hours(1);

#[tokio::test]
async fn sums_and_rows_of_one_start_are_those_of_one_moment() {
    for fresh in both().await {
        let (store, ids) = (&fresh.store, RequestIds::default());
        let [old, first, second] = [(-5 * MINUTE, 3), (0, 1), (0, 2)]
            .map(|(at, seed)| row(&ids, Micros(NOW.0 + at), seed));
        store.write_ledger(&[first.clone(), old]).await.unwrap();
        let mut moment = store.snapshot().await.unwrap();
        let total = moment.spend_total().await.unwrap();
        store.write_ledger(std::slice::from_ref(&second)).await.unwrap();
        store.recompute_dirty_slots("me", NOW, ALWAYS).await.unwrap();
        assert_eq!(moment.spend_total().await.unwrap(), total);
        assert_eq!(moment.spend_by_minute(NOW).await.unwrap().len(), 1);
        let since = NOW.minus(Duration::from_mins(1));
        let read = moment.ended_since(NOW.minus(LONGEST), since).await.unwrap();
        assert_eq!(read, [first.opened.id], "what came later is in neither");
        moment.commit().await.unwrap();
        let mut later = store.snapshot().await.unwrap();
        assert_ne!(later.spend_total().await.unwrap(), total);
        let mut read = later.ended_since(NOW.minus(LONGEST), since).await.unwrap();
        read.sort_unstable();
        let mut both = [first.opened.id, second.opened.id];
        both.sort_unstable();
        assert_eq!(read, both);
    }
}

#[tokio::test]
async fn a_look_at_one_moment_changes_nothing() {
    for fresh in both().await {
        let mut moment = fresh.store.snapshot().await.unwrap();
        let pair = vec![Value::from("k"), Value::from("v")];
        assert!(moment.execute("meta/put", pair).await.is_err());
    }
}

/// Requests every seven minutes of five hours; every fourth one takes fifty minutes.
fn history(ids: &RequestIds) -> Vec<LedgerRow> {
    let one = |number: i64| {
        let at = Micros(NOW.0 + number * 7 * MINUTE);
        let mut row = row(ids, at, number.unsigned_abs());
        if number % 4 == 0 {
            row.ended_at = at.plus(Duration::from_mins(50));
        }
        row
    };
    (0..43).map(one).collect()
}

/// What ended since a cut, of the rows that an owner pays for.
fn expected(rows: &[LedgerRow], cut: Micros, pays: impl Fn(&LedgerRow) -> bool) -> i64 {
    let counts = rows.iter().filter(|row| pays(row) && row.ended_at >= cut);
    counts.map(|row| row.cost.as_ref().map_or(0, |cost| cost.cost.0)).sum()
}

async fn since_resets(store: &Store) -> Vec<(Dimension, Micros, i64)> {
    let mut moment = store.snapshot().await.unwrap();
    let payers = moment.payers().await.unwrap();
    let found = moment.spend_since_resets(&payers, LONGEST).await.unwrap();
    let sum = |spend: ResetSpend| {
        let before: i64 = spend.before.iter().map(|minute| minute.costs.charged.0).sum();
        assert!(spend.before.iter().all(|minute| minute.minute < spend.from));
        (spend.reset.owner, spend.reset.at, before + spend.since.charged.0)
    };
    found.into_iter().map(sum).collect()
}

#[tokio::test]
async fn all_resets_count_what_ended_since_each_of_them() {
    let slot = i64::try_from(SLOT.as_micros()).unwrap();
    for fresh in both().await {
        accounts(&fresh, "v1.sealed", "sk-ann").await;
        let (store, rows) = (&fresh.store, history(&RequestIds::default()));
        store.write_ledger(&rows).await.unwrap();
        assert_eq!(since_resets(store).await, []);
        // Within a slot, on a border, and for ever ago.
        for (key, user, provider) in [
            (NOW.0 + 100 * MINUTE + 5, NOW.0 + 8 * slot, 1),
            (NOW.0 + 8 * slot - 1, NOW.0 + 8 * slot + 1, NOW.0 + 290 * MINUTE),
        ] {
            fresh
                .run_outside(&format!(
                    "UPDATE user_keys SET costs_count_from = {key}; \
                     UPDATE users SET costs_count_from = {user}; \
                     UPDATE providers SET costs_count_from = {provider};"
                ))
                .await;
            let of_key = |row: &LedgerRow| row.opened.key == KeyId(1);
            let (key, user, provider) = (Micros(key), Micros(user), Micros(provider));
            let mut wanted = vec![
                (Dimension::Key(KeyId(1)), key, expected(&rows, key, of_key)),
                (Dimension::User(UserId(1)), user, expected(&rows, user, |_| true)),
                (Dimension::Provider(ProviderId(1)), provider, expected(&rows, provider, |_| true)),
            ];
            wanted.sort_by_key(|(_, at, _)| *at);
            assert_eq!(since_resets(store).await, wanted);
            store.recompute_dirty_slots("me", NOW, ALWAYS).await.unwrap();
            assert_eq!(since_resets(store).await, wanted, "roll-ups say the same");
        }
        assert_eq!(store.resets(Micros(NOW.0 + 200 * MINUTE)).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_group_and_a_tag_count_what_ended_since_of_the_keys_that_are_in_them() {
    for fresh in both().await {
        accounts(&fresh, "v1.sealed", "sk-ann").await;
        let (store, rows) = (&fresh.store, history(&RequestIds::default()));
        store.write_ledger(&rows).await.unwrap();
        // Key 1 is in the group a first, and in b as well: it counts in a. The tags are its user's.
        let (cut, late) = (NOW.0 + 100 * MINUTE + 5, NOW.0 + 200 * MINUTE);
        fresh
            .run_outside(&format!(
                "UPDATE users SET tags = '[\"blue\", \"green\"]'; \
                 INSERT INTO provider_groups (name, cost_multiplier, costs_count_from, created_at, \
                   updated_at) VALUES ('a', '', {cut}, 1, 1), ('b', '', 5, 1, 1); \
                 INSERT INTO tag_limits (name, costs_count_from, created_at, updated_at) \
                   VALUES ('blue', {cut} + 1000000, 1, 1), ('red', NULL, 1, 1), \
                     ('green', {late}, 1, 1);"
            ))
            .await;
        let of_key = |row: &LedgerRow| row.opened.key == KeyId(1);
        let since = |at| (at, expected(&rows, at, of_key));
        let ((a, in_a), (blue, of_blue)) = (since(Micros(cut)), since(Micros(cut + 1_000_000)));
        let wanted = [
            (Dimension::Group("b".into()), Micros(5), 0),
            (Dimension::Group("a".into()), a, in_a),
            (Dimension::Tag("blue".into()), blue, of_blue),
            (Dimension::Tag("green".into()), Micros(late), expected(&rows, Micros(late), of_key)),
        ];
        assert!(0 < wanted[3].2 && wanted[3].2 < of_blue, "{wanted:?}");
        assert_eq!(since_resets(store).await, wanted);
        store.recompute_dirty_slots("me", NOW, ALWAYS).await.unwrap();
        assert_eq!(since_resets(store).await, wanted, "roll-ups say the same");
    }
}
