//! Sessions through the management API: what is listed, and what ending them leaves.

use std::collections::BTreeSet;
use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use serde_json::{Value, json};
use switchyard::app::{Actor, providers};
use switchyard::store::AuditFilter;
use switchyard_actors::clock::Clock;
use switchyard_actors::domain::counters::{EndScope, SessionEnd};
use switchyard_actors::domain::ids::{ProviderId, SessionId};
use switchyard_actors::domain::instant::Micros;

use super::stand::{As, NOW, Stand};

const LIST: &str = "active-sessions/getActiveSessions";
const DETAILS: &str = "active-sessions/getSessionDetails";
const END: &str = "active-sessions/terminateActiveSession";
const END_MANY: &str = "active-sessions/terminateActiveSessionsBatch";
const END_OF: &str = "active-sessions/terminateSessionsOf";

/// Makes a session that is bound to provider 1, and three rows of it.
async fn talk(stand: &Stand) {
    let add = json!({ "name": "vendor", "url": "https://a.example", "key": "sk-0123456789" });
    stand.done("providers/addProvider", add).await;
    stand.bind("s_talk", 1);
    let mut rows = Vec::new();
    for (seconds, provider, model) in [(30, 1, "opus"), (20, 1, "opus"), (10, 9, "haiku")] {
        let mut row = stand.row(Micros(NOW.0 - seconds * 1_000_000), provider);
        row.opened.session = Some(SessionId(Arc::from("s_talk")));
        row.opened.model = Some(Arc::from(model));
        rows.push(row);
    }
    stand.write(&rows).await;
}

#[actix_web::test]
async fn a_session_is_listed_with_what_its_requests_add_up_to() {
    for stand in Stand::both().await {
        talk(&stand).await;
        let listed = stand.done(LIST, json!({})).await;
        let wanted = json!([{
            "sessionId": "s_talk", "userName": "anna", "userId": stand.user, "keyId": stand.key,
            "keyName": "default", "providerId": 1, "providerName": "vendor",
            "model": "opus, haiku", "apiType": "chat", "startTime": NOW.millis(),
            "inputTokens": 30, "outputTokens": 60, "cacheCreationInputTokens": 0,
            "cacheReadInputTokens": 0, "totalTokens": 90, "costUsd": "0.003703701000000",
            "status": "completed", "durationMs": 4_500, "requestCount": 3, "inFlight": 0,
            "lastSeenAt": "2026-05-05T12:00:00.000Z",
            "bindings": [{ "model": null, "providerId": 1, "providerName": "vendor" }],
        }]);
        assert_eq!(listed, wanted);
        let (_, own) = stand.call(As::User, LIST, json!({})).await;
        assert_eq!(own["data"], wanted, "a user sees their own");
        let (status, _) = stand.call(As::Nobody, LIST, json!({})).await;
        assert_eq!(status.as_u16(), 401);
    }
}

#[actix_web::test]
async fn long_lists_come_in_pages() {
    let stand = Stand::new().await;
    for number in 0..205 {
        stand.bind(&format!("s_{number}"), 1);
    }
    let names = async |wanted: Value| {
        let listed = stand.done(LIST, wanted).await;
        let one = |session: &Value| session["sessionId"].as_str().unwrap().to_owned();
        listed.as_array().unwrap().iter().map(one).collect::<Vec<_>>()
    };
    let first = names(json!({})).await;
    let second = names(json!({ "page": 2 })).await;
    assert_eq!((first.len(), second.len()), (200, 5));
    let all: BTreeSet<&String> = first.iter().chain(&second).collect();
    assert_eq!(all.len(), 205, "each is on one page");
    assert_eq!(names(json!({ "pageSize": 3, "page": 2 })).await, first[3..6]);
    assert!(names(json!({ "page": 9_007_199_254_740_991_i64 })).await.is_empty());
    stand.refused(LIST, json!({ "pageSize": 201 })).await;
}

#[actix_web::test]
async fn a_session_names_so_many_models_and_no_more() {
    for stand in Stand::both().await {
        let mut rows = Vec::new();
        for number in 0..60 {
            let mut row = stand.row(Micros(NOW.0 - (100 - number) * 1_000_000), 1);
            row.opened.session = Some(SessionId(Arc::from("s_talk")));
            row.opened.model = Some(Arc::from(format!("m-{number:02}")));
            rows.push(row);
        }
        stand.write(&rows).await;
        let details = stand.done(DETAILS, json!({ "sessionId": "s_talk" })).await;
        let models = details["sessionStats"]["models"].as_array().unwrap();
        assert_eq!((models.len(), &models[49]), (50, &json!("m-49")));
        assert_eq!(details["currentSequence"], 60, "all are counted");
    }
}

#[actix_web::test]
async fn the_details_of_a_session_are_those_of_its_rows() {
    for stand in Stand::both().await {
        talk(&stand).await;
        let details = stand.done(DETAILS, json!({ "sessionId": "s_talk" })).await;
        assert_eq!((&details["messages"], &details["currentSequence"]), (&Value::Null, &json!(3)));
        let stats = &details["sessionStats"];
        assert_eq!(stats["totalCostUsd"], "0.003703701000000");
        let providers = json!([{ "id": 1, "name": "vendor" }, { "id": 9, "name": "#9" }]);
        assert_eq!(
            (&stats["providers"], &stats["models"]),
            (&providers, &json!(["opus", "haiku"]))
        );
        assert_eq!(stats["firstRequestAt"], "2026-05-05T11:59:30.000Z");
        assert_eq!((&stats["userName"], &stats["userAgent"]), (&json!("anna"), &json!("agent/1")));
        let text = stand.refused(DETAILS, json!({ "sessionId": "s_none" })).await;
        assert!(text.contains("不存在"), "{text}");
    }
}

#[actix_web::test]
async fn an_end_is_kept_and_noted() {
    for stand in Stand::both().await {
        talk(&stand).await;
        let store = &stand.server.api.app.store;
        assert_eq!(
            stand.done(END, json!({ "sessionId": "s_talk" })).await,
            json!({ "inFlight": 0 })
        );
        assert_eq!(stand.done(LIST, json!({})).await, json!([]));
        let ends = store.session_ends(Micros(0)).await.unwrap();
        let scope = EndScope::Session(SessionId(Arc::from("s_talk")));
        assert_eq!(ends, [SessionEnd { scope, at: NOW }]);
        let many = json!({ "sessionIds": ["s_talk", "s_none", "s_none"] });
        let done = stand.done(END_MANY, many).await;
        let wanted =
            json!({ "successCount": 1, "missingCount": 1, "missing": ["s_none"], "inFlight": 0 });
        assert_eq!(done, wanted, "its rows are still known");
        stand.refused(END, json!({ "sessionId": "s_none" })).await;
        let filter =
            AuditFilter { target_kind: Some("session".to_owned()), ..AuditFilter::default() };
        let audit = store.audit_page(&filter, 10).await.unwrap();
        let targets: Vec<_> =
            audit.iter().map(|one| one.entry.target_name.as_deref().unwrap()).collect();
        assert_eq!(targets, ["s_talk", "s_talk"]);
        let detail = json!({ "user": stand.user, "key": stand.key, "in_flight": 0 });
        assert_eq!(audit[1].entry.detail, detail);
        store.forget_session_ends(Micros(NOW.0 + 1)).await.unwrap();
        assert_eq!(store.session_ends(Micros(0)).await.unwrap(), []);
    }
}

#[actix_web::test]
async fn all_sessions_of_a_user_a_key_or_a_provider_end_at_once() {
    for stand in Stand::both().await {
        talk(&stand).await;
        let mut expected = Vec::new();
        for (body, scope) in [
            (json!({ "providerId": 1 }), EndScope::Provider(ProviderId(1))),
            (json!({ "keyId": stand.key }), EndScope::Key(stand.key)),
            (json!({ "userId": stand.user }), EndScope::User(stand.user)),
        ] {
            // The clock stands still; an end holds for what began until then.
            stand.bind("s_talk", 1);
            assert_eq!(stand.done(END_OF, body.clone()).await, json!({ "ended": 1 }), "{body}");
            expected.push(SessionEnd { scope, at: NOW });
        }
        let ends = stand.server.api.app.store.session_ends(Micros(0)).await.unwrap();
        assert!(ends.len() == 3 && expected.iter().all(|end| ends.contains(end)), "{ends:?}");
        for wrong in [json!({}), json!({ "userId": 1, "keyId": 1 }), json!({ "keyId": 999 })] {
            stand.refused(END_OF, wrong).await;
        }
        let (status, _) = stand.call(As::User, END_OF, json!({ "keyId": stand.key })).await;
        assert_eq!(status.as_u16(), 403);
    }
}

/// Stands still until it is told to go on.
struct Hands(AtomicBool);

impl Clock for Hands {
    fn now(&self) -> Micros {
        if self.0.load(Ordering::Relaxed) { LATER } else { NOW }
    }
}

const LATER: Micros = Micros(NOW.0 + 10_000_000);

#[actix_web::test]
async fn an_edit_that_waits_for_another_one_ends_what_came_meanwhile() {
    let hands = Arc::new(Hands(AtomicBool::new(false)));
    let clock: Arc<dyn Clock> = hands.clone();
    let stand = Stand::with(|app| app.clock = clock).await;
    talk(&stand).await;
    let app = &stand.server.api.app;
    let mut other = app.store.begin().await.unwrap();
    other.lock_provider(ProviderId(1)).await.unwrap();
    let change = json!({ "providerId": 1, "url": "https://elsewhere.example" });
    let actor = Actor::cli();
    let mut edit = pin!(providers::edit(app, &actor, &change));
    let begun = poll_fn(|context| Poll::Ready(edit.as_mut().poll(context))).await;
    assert!(begun.is_pending(), "it waits for the other one");
    hands.0.store(true, Ordering::Relaxed);
    other.commit().await.unwrap();
    edit.await.unwrap();
    let ends = app.store.session_ends(Micros(0)).await.unwrap();
    assert_eq!(ends, [SessionEnd { scope: EndScope::Provider(ProviderId(1)), at: LATER }]);
}

#[actix_web::test]
async fn an_edit_of_where_requests_go_is_kept_as_an_end() {
    for stand in Stand::both().await {
        talk(&stand).await;
        let store = &stand.server.api.app.store;
        let edit = async |change: Value| {
            let mut change = change;
            change["providerId"] = json!(1);
            stand.done("providers/editProvider", change).await;
            let ends = store.session_ends(Micros(0)).await.unwrap().len();
            store.forget_session_ends(Micros(NOW.0 + 1)).await.unwrap();
            ends
        };
        for quiet in [
            json!({ "name": "other" }),
            json!({ "weight": 3, "priority": 1, "is_enabled": false }),
            json!({ "url": "https://a.example", "group_tag": null }),
        ] {
            assert_eq!(edit(quiet.clone()).await, 0, "{quiet}");
        }
        for loud in [
            json!({ "url": "https://b.example" }),
            json!({ "endpoints": ["https://c.example"] }),
            json!({ "group_tag": "vip" }),
            json!({ "provider_type": "claude-auth" }),
            json!({ "key": "sk-another-0123" }),
            json!({ "disable_session_reuse": true }),
        ] {
            assert_eq!(edit(loud.clone()).await, 1, "{loud}");
        }
        stand.done("providers/removeProvider", json!({ "providerId": 1 })).await;
        assert_eq!(store.session_ends(Micros(0)).await.unwrap().len(), 1);
    }
}
