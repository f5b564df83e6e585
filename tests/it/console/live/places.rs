//! Who finds a place to follow from, who does not, and that nobody holds the exit.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{cookie, follow, open};
use crate::relay::stand::Stand;
use crate::support::client::{End, Live};
use crate::support::launch::ADMIN_TOKEN;
use crate::support::switchyard::Switchyard;
use crate::support::waiting::SOON;

/// Places of one person.
const OWN: usize = 20;
/// Users that fill all places which are not kept for admins.
const USERS: usize = 8;

/// Logs a new user in.
async fn user(switchyard: &Switchyard, more: serde_json::Value) -> String {
    let user = switchyard.add_user(more).await;
    cookie(switchyard, &user.key).await
}

/// Opens as many streams as one person may have.
async fn all_of(switchyard: &Switchyard, cookie: &str) -> Vec<Live> {
    let mut all = Vec::new();
    for _ in 0..OWN {
        let live = open(switchyard, cookie, "/live", &[]).await;
        assert_eq!(live.status, 200);
        all.push(live);
    }
    all
}

/// Why there is no place.
async fn refusal(switchyard: &Switchyard, cookie: &str) -> String {
    let live = open(switchyard, cookie, "/live", &[]).await;
    assert_eq!((live.status, live.header("retry-after")), (503, Some("10")));
    assert_eq!(live.header("cache-control"), Some("no-store"));
    let answer = live.finish().await.unwrap();
    answer.json()["reason"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_person_has_twenty_places_users_leave_some_to_admins_and_a_stop_waits_for_none() {
    let mut stand = Stand::new().await;
    let switchyard = &stand.switchyard;
    let mut open_streams = Vec::new();
    let first = user(switchyard, json!({ "name": "User 0" })).await;
    open_streams.push(all_of(switchyard, &first).await);
    assert_eq!(refusal(switchyard, &first).await, "person");
    for number in 1..USERS {
        let next = user(switchyard, json!({ "name": format!("User {number}") })).await;
        open_streams.push(all_of(switchyard, &next).await);
    }
    let admin = switchyard.add_user(json!({ "name": "Anna" })).await;
    let store = rusqlite::Connection::open(switchyard.data().join("switchyard.db")).unwrap();
    store.execute("UPDATE users SET role = 'admin' WHERE id = ?1", [admin.id]).unwrap();
    let late = user(switchyard, json!({ "name": "Late" })).await;
    assert_eq!(refusal(switchyard, &late).await, "full");
    // At three in the morning.
    let token = cookie(switchyard, ADMIN_TOKEN).await;
    open_streams.push(all_of(switchyard, &token).await);
    assert_eq!(refusal(switchyard, &token).await, "person", "also in another login");
    let again = cookie(switchyard, ADMIN_TOKEN).await;
    assert_eq!(refusal(switchyard, &again).await, "person", "the token is one person");
    let admin = cookie(switchyard, &admin.key).await;
    open_streams.push(all_of(switchyard, &admin).await);
    switchyard.followers_when(200).await;
    open_streams.remove(0);
    switchyard.followers_when(180).await;
    open_streams.push(all_of(switchyard, &late).await);
    switchyard.followers_when(200).await;

    switchyard.sigterm();
    let began = Instant::now();
    for live in open_streams.into_iter().flatten() {
        assert_eq!(live.finish().await.unwrap().end, End::Clean);
    }
    assert_eq!(stand.switchyard.wait_exit(SOON), Some(0));
    let took = began.elapsed();
    println!("two hundred streams were closed and the exit was there in {took:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_those_who_do_not_read() {
    let mut stand = Stand::new().await;
    let _live = follow(&stand.switchyard).await;
    stand.switchyard.sigterm();
    let began = Instant::now();
    assert_eq!(stand.switchyard.wait_exit(SOON), Some(0));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
