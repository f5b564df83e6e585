//! Settings, leases, nodes, console sessions, the audit log.

use std::time::Duration;

use switchyard::store::{AuditEntry, AuditFilter, Batch, NewSession, Node, SessionOwner, Store};
use switchyard_actors::domain::instant::Micros;

use super::database::{NOW, both};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn one_holder_at_a_time_has_a_lease() {
    for fresh in both().await {
        let take = |holder: &'static str, now: Micros| {
            let store = fresh.store.clone();
            async move { store.take_lease("job", holder, now, MINUTE).await.unwrap() }
        };
        assert!(take("a", NOW).await);
        assert!(!take("b", NOW).await);
        assert!(take("a", NOW.plus(Duration::from_secs(30))).await, "its own is renewed");
        assert!(!take("b", NOW.plus(MINUTE)).await, "the renewal counts");
        assert!(take("b", NOW.plus(Duration::from_secs(90))).await, "it is over");
        fresh.store.give_back_lease("job", "a").await.unwrap();
        assert!(!take("a", NOW.plus(Duration::from_secs(91))).await, "not a's to give back");
        fresh.store.give_back_lease("job", "b").await.unwrap();
        assert!(take("a", NOW.plus(Duration::from_secs(91))).await);
    }
}

#[tokio::test]
async fn nodes_are_seen_while_they_beat() {
    for fresh in both().await {
        let node = |id: &str, seen_at| Node {
            id: id.to_owned(),
            host: "h".to_owned(),
            version: "1".to_owned(),
            has_redis: false,
            started_at: NOW,
            seen_at,
        };
        fresh.store.beat(&node("a", NOW)).await.unwrap();
        fresh.store.beat(&node("b", NOW)).await.unwrap();
        let later = NOW.plus(MINUTE);
        fresh.store.beat(&node("a", later)).await.unwrap();
        assert_eq!(fresh.store.nodes(later).await.unwrap(), [node("a", later)]);
        fresh.store.forget_nodes(NOW, "a").await.unwrap();
        assert_eq!(fresh.store.nodes(NOW).await.unwrap(), [node("b", NOW)]);
    }
}

#[tokio::test]
async fn a_console_session_lives_until_its_end_or_its_revocation() {
    for fresh in both().await {
        let store = &fresh.store;
        let new = |token| NewSession {
            token_hash: [token; 32],
            owner: SessionOwner::Admin([7; 32]),
            created_at: NOW,
            expires_at: NOW.plus(MINUTE),
            client_ip: Some("192.0.2.1"),
            user_agent: None,
        };
        store.open_session(&new(1)).await.unwrap();
        store.open_session(&new(2)).await.unwrap();
        let later = NOW.plus(Duration::from_secs(9));
        store.touch_session([1; 32], later).await.unwrap();
        let found = store.session([1; 32], later).await.unwrap().unwrap();
        assert_eq!((found.owner, found.seen_at), (SessionOwner::Admin([7; 32]), later));
        assert_eq!(store.session([1; 32], NOW.plus(MINUTE)).await.unwrap(), None);
        store.revoke_session([2; 32], later).await.unwrap();
        assert_eq!(store.session([2; 32], later).await.unwrap(), None);
        assert_eq!(store.session([3; 32], later).await.unwrap(), None);
        assert_eq!(store.forget_sessions(NOW.plus(MINUTE * 2)).await.unwrap(), 2);
    }
}

async fn names(store: &Store, filter: &AuditFilter) -> Vec<String> {
    let page = store.audit_page(filter, 2).await.unwrap();
    page.into_iter().map(|record| record.entry.target_name.unwrap_or_default()).collect()
}

#[tokio::test]
async fn the_audit_log_is_read_backwards_in_pages() {
    for fresh in both().await {
        let store = &fresh.store;
        let entry = |action: &str, name: &str| AuditEntry {
            at: NOW,
            actor_kind: "admin".to_owned(),
            actor_name: "admin".to_owned(),
            action: action.to_owned(),
            target_kind: "user".to_owned(),
            target_id: Some(5),
            target_name: Some(name.to_owned()),
            success: true,
            detail: serde_json::json!({"rpm": [1, 2]}),
            ..AuditEntry::default()
        };
        let mut batch = Batch::new();
        for (action, name) in [("a", "1"), ("b", "2"), ("a", "3")] {
            batch.audit(&entry(action, name)).unwrap();
        }
        store.apply(batch).await.unwrap();
        store.note(&entry("a", "4")).await.unwrap();
        let first = store.audit_page(&AuditFilter::default(), 2).await.unwrap();
        assert_eq!(first[0].entry, entry("a", "4"));
        let before = Some(first[1].id);
        let filter = AuditFilter { before, ..AuditFilter::default() };
        assert_eq!(names(store, &filter).await, ["2", "1"]);
        let filter = AuditFilter { action: Some("b".to_owned()), ..AuditFilter::default() };
        assert_eq!(names(store, &filter).await, ["2"]);
        let filter = AuditFilter { target_id: Some(6), ..AuditFilter::default() };
        assert!(names(store, &filter).await.is_empty());
    }
}

#[tokio::test]
async fn of_two_nodes_that_settle_a_fact_both_learn_the_first_one() {
    for fresh in both().await {
        let store = &fresh.store;
        assert_eq!(store.settle_fact("k", "one").await.unwrap(), "one");
        assert_eq!(store.settle_fact("k", "two").await.unwrap(), "one");
        store.put_fact("k", "three").await.unwrap();
        assert_eq!(store.fact("k").await.unwrap().as_deref(), Some("three"));
        assert_eq!(store.fact("none").await.unwrap(), None);
    }
}
