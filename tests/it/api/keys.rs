//! Keys over the API.

use std::sync::Arc;

use serde_json::{Value, json};

use super::server::{Server, is_key};
use super::users::spend;
use crate::store::database::sqlite;

async fn add(server: &Server, user: i64, mut body: Value) -> Value {
    body["userId"] = json!(user);
    server.call("keys/addKey", body).await.data()
}

async fn find(server: &Server, user: i64, name: &str) -> Value {
    let keys = server.keys(user).await;
    keys.into_iter().find(|key| key["name"] == json!(name)).unwrap()
}

async fn edit(server: &Server, id: &Value, mut body: Value) {
    body["keyId"] = id.clone();
    let answer = server.call("keys/editKey", body).await;
    assert_eq!(answer.text, r#"{"ok":true}"#);
}

#[actix_web::test]
async fn a_new_key_gets_the_defaults_of_the_contract() {
    for server in Server::both().await {
        let (user, _) = server.add_user(json!({ "name": "ann" })).await;
        let added = add(&server, user, json!({ "name": "临时Key" })).await;
        assert!(is_key(&added["generatedKey"]));
        assert_eq!(added, json!({ "generatedKey": added["generatedKey"], "name": "临时Key" }));
        let key = find(&server, user, "临时Key").await;
        let now = "2026-05-05T12:00:00.000Z";
        let wanted = json!({
            "id": key["id"], "userId": user, "key": added["generatedKey"], "name": "临时Key",
            "isEnabled": true, "expiresAt": null, "canLoginWebUi": true, "limit5hUsd": null,
            "limitDailyUsd": null, "limitWeeklyUsd": null, "limitMonthlyUsd": null,
            "limitTotalUsd": null, "dailyResetMode": "fixed", "dailyResetTime": "00:00",
            "limitConcurrentSessions": 0, "providerGroup": null,
            "cacheTtlPreference": "inherit", "lossPolicy": "inherit", "createdAt": now, "updatedAt": now,
            "deletedAt": null,
        });
        assert_eq!(key, wanted);
    }
}

#[actix_web::test]
async fn an_edit_sets_the_key_anew_but_leaves_money_and_the_switch() {
    for server in Server::both().await {
        let (user, _) = server.add_user(json!({ "name": "ann" })).await;
        let body = json!({
            "name": "k", "expiresAt": "2026-06-01", "canLoginWebUi": false, "limit5hUsd": 5,
            "limitDailyUsd": 6.5, "limitConcurrentSessions": 3, "dailyResetMode": "rolling",
            "dailyResetTime": "9:05", "providerGroup": "b, a", "cacheTtlPreference": "1h",
            "lossPolicy": "strict",
        });
        add(&server, user, body).await;
        let key = find(&server, user, "k").await;
        assert_eq!((&key["limitDailyUsd"], &key["dailyResetTime"]), (&json!(6.5), &json!("09:05")));
        assert_eq!(key["expiresAt"], "2026-06-01T00:00:00.000Z");
        assert_eq!(server.user(user).await.unwrap()["providerGroup"], "a,b");
        edit(&server, &key["id"], json!({ "name": "k", "isEnabled": false })).await;
        edit(&server, &key["id"], json!({ "name": "k2", "limitDailyUsd": null })).await;
        let key = find(&server, user, "k2").await;
        let wanted = [
            ("expiresAt", json!(null)),
            ("canLoginWebUi", json!(true)),
            ("limit5hUsd", json!(5)),
            ("limitDailyUsd", json!(null)),
            ("limitConcurrentSessions", json!(0)),
            ("dailyResetMode", json!("fixed")),
            ("dailyResetTime", json!("00:00")),
            ("providerGroup", json!(null)),
            ("cacheTtlPreference", json!("inherit")),
            ("isEnabled", json!(false)),
            ("lossPolicy", json!("strict")),
        ];
        for (name, value) in wanted {
            assert_eq!(key[name], value, "{name}");
        }
        assert_eq!(server.user(user).await.unwrap().get("providerGroup"), None);
        let nameless = server.call("keys/editKey", json!({ "keyId": key["id"] })).await;
        assert!(nameless.refusal().contains("name"));
    }
}

#[actix_web::test]
async fn both_layers_of_checks_stand() {
    let server = Server::new().await;
    let (user, _) = server.add_user(json!({ "name": "ann" })).await;
    let table = [
        (json!({ "userId": "1", "name": "k" }), false),
        (json!({ "userId": user, "name": "k", "limit5hUsd": "5" }), false),
        (json!({ "userId": user, "name": "k", "expiresAt": null }), false),
        (json!({ "userId": user, "name": "k", "limitConcurrentSessions": null }), false),
        (json!({ "userId": user, "name": "" }), true),
        (json!({ "userId": user, "name": "k", "limit5hUsd": 10_001 }), true),
        (json!({ "userId": user, "name": "k", "expiresAt": "soon" }), true),
        (json!({ "userId": user, "name": "k", "dailyResetTime": "24:00" }), true),
    ];
    for (body, by_action) in table {
        let answer = server.call("keys/addKey", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}");
        let told = answer.json();
        assert_eq!(told.get("ok").is_some(), by_action, "{body}: {told}");
        assert_eq!(told.get("errorCode"), None);
        let issues: Value = serde_json::from_str(&answer.refusal()).unwrap();
        assert!(issues[0]["code"].is_string() && issues[0]["path"].is_array(), "{issues}");
    }
    let past = json!({ "name": "past", "expiresAt": "2020-01-01" });
    add(&server, user, past).await;
}

#[actix_web::test]
async fn a_key_may_not_have_more_than_its_user() {
    let server = Server::new().await;
    let limits = json!({
        "name": "ann", "limit5hUsd": 50, "limitWeeklyUsd": 300, "limitMonthlyUsd": 1000,
        "limitTotalUsd": 5000, "limitConcurrentSessions": 5,
    });
    let (user, _) = server.add_user(limits).await;
    let table = [
        ("limit5hUsd", 51),
        ("limitDailyUsd", 101),
        ("limitWeeklyUsd", 301),
        ("limitMonthlyUsd", 1001),
        ("limitTotalUsd", 5001),
        ("limitConcurrentSessions", 6),
    ];
    for (field, amount) in table {
        let body = json!({ "userId": user, "name": "k", field: amount });
        let told = server.call("keys/addKey", body).await.refusal();
        assert!(told.contains("不能超过用户限额"), "{told}");
        add(&server, user, json!({ "name": field, field: amount - 1 })).await;
        let id = find(&server, user, field).await["id"].clone();
        let body = json!({ "keyId": id, "name": field, field: amount });
        assert!(server.call("keys/editKey", body).await.refusal().contains("不能超过用户限额"));
    }
}

#[actix_web::test]
async fn a_name_may_be_used_again_when_its_key_is_not_in_use() {
    let server = Server::new().await;
    let (user, _) = server.add_user(json!({ "name": "ann" })).await;
    let taken = server.call("keys/addKey", json!({ "userId": user, "name": "default" })).await;
    assert!(taken.refusal().contains("已存在"));
    let id = server.keys(user).await[0]["id"].clone();
    edit(&server, &id, json!({ "name": "default", "isEnabled": false })).await;
    add(&server, user, json!({ "name": "default" })).await;
}

#[actix_web::test]
async fn the_last_key_stays_and_the_others_take_their_groups_with_them() {
    for server in Server::both().await {
        let (user, _) = server.add_user(json!({ "name": "ann", "providerGroup": "by hand" })).await;
        add(&server, user, json!({ "name": "two", "providerGroup": "b,a" })).await;
        add(&server, user, json!({ "name": "three", "providerGroup": "c , a" })).await;
        assert_eq!(server.user(user).await.unwrap()["providerGroup"], "a,b,c");
        let remove = async |name: &str| {
            let id = find(&server, user, name).await["id"].clone();
            server.call("keys/removeKey", json!({ "keyId": id })).await
        };
        remove("two").await.data();
        assert_eq!(server.user(user).await.unwrap()["providerGroup"], "a,c");
        remove("three").await.data();
        assert_eq!(server.user(user).await.unwrap().get("providerGroup"), None);
        let last = remove("default").await;
        assert!(last.refusal().contains("至少"));
        assert_eq!(server.keys(user).await.len(), 1);
        let unknown = server.call("keys/removeKey", json!({ "keyId": 999_999 })).await;
        assert_eq!(unknown.json().get("errorCode"), None);
        unknown.refusal();
    }
}

#[actix_web::test]
async fn users_manage_their_own_keys_and_nobody_else_s() {
    let server = Server::new().await;
    let (ann, key) = server.add_user(json!({ "name": "ann", "providerGroup": "g" })).await;
    let (bob, _) = server.add_user(json!({ "name": "bob" })).await;
    let as_ann = async |action: &str, body: Value| server.call_as(&key, action, body).await;
    as_ann("keys/addKey", json!({ "userId": ann, "name": "mine" })).await.data();
    let group = json!({ "userId": ann, "name": "more", "providerGroup": "vip" });
    assert_eq!(as_ann("keys/addKey", group).await.json()["errorCode"], "PERMISSION_DENIED");
    let theirs = json!({ "userId": bob, "name": "k" });
    assert_eq!(as_ann("keys/addKey", theirs).await.json()["errorCode"], "PERMISSION_DENIED");
    let id = server.keys(bob).await[0]["id"].clone();
    let body = json!({ "keyId": id, "name": "k" });
    assert_eq!(as_ann("keys/editKey", body.clone()).await.json()["errorCode"], "PERMISSION_DENIED");
    for action in ["keys/removeKey", "keys/getKeyLimitUsage"] {
        assert_eq!(as_ann(action, body.clone()).await.json().get("errorCode"), None);
        assert_eq!(as_ann(action, body.clone()).await.status, 400);
    }
    assert_eq!(as_ann("keys/getKeys", json!({ "userId": bob })).await.status, 400);
    let own = find(&server, ann, "mine").await["id"].clone();
    as_ann("keys/editKey", json!({ "keyId": own, "name": "mine", "limitDailyUsd": 1 }))
        .await
        .data();
    let vip = json!({ "keyId": own, "name": "mine", "providerGroup": "vip" });
    assert_eq!(as_ann("keys/editKey", vip).await.json()["errorCode"], "PERMISSION_DENIED");
    assert_eq!(server.user(ann).await.unwrap()["providerGroup"], "g", "untouched by its owner");
}

#[actix_web::test]
async fn a_user_that_is_not_there_has_no_keys() {
    let server = Server::new().await;
    let keys = server.call("keys/getKeys", json!({ "userId": 999_999 })).await;
    assert_eq!(keys.data(), json!([]));
    let body = json!({ "userId": 999_999, "name": "k" });
    assert_eq!(server.call("keys/addKey", body).await.json()["error"], "用户不存在");
}

#[actix_web::test]
async fn without_reveal_a_key_is_shown_once() {
    let server = Server::over(sqlite().await, |api| api.app.key_reveal = false);
    let (user, key) = server.add_user(json!({ "name": "ann" })).await;
    let shown = server.keys(user).await[0]["key"].clone();
    assert_eq!(shown, json!(format!("sk-********{}", &key[key.len() - 8..])));
    let listed = server.user(user).await.unwrap()["keys"][0].clone();
    assert_eq!((listed.get("fullKey"), &listed["canCopy"]), (None, &json!(false)));
    assert_eq!(server.call_as(&key, "users/getUsers", json!({})).await.status, 200);
    let path = server.fresh.config.data_dir.join("switchyard.db");
    let db = rusqlite::Connection::open(path).unwrap();
    let sealed: Option<String> =
        db.query_row("SELECT sealed_key FROM user_keys", [], |row| row.get(0)).unwrap();
    assert_eq!(sealed, None);
}

#[actix_web::test]
async fn no_key_stands_in_the_database_in_clear() {
    let server = Server::new().await;
    let (_, key) = server.add_user(json!({ "name": "ann" })).await;
    let path = server.fresh.config.data_dir.join("switchyard.db");
    let db = rusqlite::Connection::open(path).unwrap();
    let (prefix, suffix, sealed): (String, String, String) = db
        .query_row("SELECT prefix, suffix, sealed_key FROM user_keys", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!((prefix.as_str(), suffix.as_str()), (&key[..7], &key[key.len() - 8..]));
    assert!(!sealed.contains(&key[7..key.len() - 8]));
}

#[actix_web::test]
async fn usage_stands_beside_the_limits_of_each_window() {
    for fresh in crate::store::database::both().await {
        let server = Server::over(fresh, |api| api.app.open_sessions = Arc::new(|_, _| 2));
        let (user, _) = server.add_user(json!({ "name": "ann" })).await;
        let id = server.keys(user).await[0]["id"].clone();
        spend(&server, user, id.as_i64().unwrap(), &[("m", 1_250_000_000)]).await;
        let body = json!({ "name": "default", "limitDailyUsd": 20, "limitConcurrentSessions": 4 });
        edit(&server, &id, body).await;
        let usage =
            async || server.call("keys/getKeyLimitUsage", json!({ "keyId": id })).await.data();
        let wanted = json!({
            "cost5h": { "current": 1.25, "limit": null },
            "costDaily": { "current": 1.25, "limit": 20, "resetAt": "2026-05-05T16:00:00.000Z" },
            "costWeekly": { "current": 1.25, "limit": null, "resetAt": "2026-05-10T16:00:00.000Z" },
            "costMonthly": { "current": 1.25, "limit": null, "resetAt": "2026-05-31T16:00:00.000Z" },
            "costTotal": { "current": 1.25, "limit": null },
            "concurrentSessions": { "current": 2, "limit": 4 },
        });
        assert_eq!(usage().await, wanted);
        edit(&server, &id, json!({ "name": "default", "dailyResetMode": "rolling" })).await;
        server.clock.advance(std::time::Duration::from_hours(6));
        let later = usage().await;
        assert_eq!(later["cost5h"]["current"], json!(0));
        assert_eq!(later["costDaily"], json!({ "current": 1.25, "limit": 20 }));
    }
}
