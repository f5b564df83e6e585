//! Users over the API.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use switchyard::store::AuditFilter;
use switchyard_actors::clock::RequestIds;
use switchyard_actors::domain::ids::{KeyId, UserId};
use switchyard_actors::domain::ledger::RowCost;
use switchyard_actors::domain::money::Nano;

use super::server::{Server, is_key};
use crate::store::database::NOW;
use crate::store::sample;

#[actix_web::test]
async fn a_new_user_gets_the_defaults_of_the_contract() {
    for server in Server::both().await {
        let data = server.call("users/addUser", json!({ "name": "E2E用户1" })).await.data();
        let id = data["user"]["id"].as_i64().unwrap();
        let wanted = json!({
            "id": id, "name": "E2E用户1", "role": "user", "isEnabled": true, "expiresAt": null,
            "rpm": 100, "dailyQuota": 100, "tags": [], "limit5hUsd": null,
            "limitWeeklyUsd": null, "limitMonthlyUsd": null, "limitTotalUsd": null,
            "limitConcurrentSessions": null, "allowedModels": [],
        });
        assert_eq!(data["user"], wanted);
        assert_eq!(data["defaultKey"]["name"], "default");
        assert!(is_key(&data["defaultKey"]["key"]));
        assert_eq!(server.published.load(Ordering::SeqCst), 1);
        let listed = server.user(id).await.unwrap();
        assert_eq!(
            (&listed["dailyResetMode"], &listed["dailyResetTime"]),
            (&json!("fixed"), &json!("00:00"))
        );
        assert_eq!(listed.get("createdAt"), None);
    }
}

#[actix_web::test]
async fn everything_that_is_given_is_kept_and_shown() {
    for server in Server::both().await {
        let body = json!({
            "name": "E2E用户2", "note": "备注", "providerGroup": "a,b", "tags": ["premium", "测试"],
            "rpm": "150", "dailyQuota": 0, "limit5hUsd": "50", "limitWeeklyUsd": 300.005,
            "limitMonthlyUsd": 1000, "limitTotalUsd": 5000.5, "limitConcurrentSessions": 7,
            "isEnabled": false, "expiresAt": "2026-06-01", "dailyResetMode": "rolling",
            "dailyResetTime": "09:05", "allowedClients": ["codex"], "allowedModels": ["m"],
        });
        let data = server.call("users/addUser", body).await.data();
        let user = &data["user"];
        let shown = server.user(user["id"].as_i64().unwrap()).await.unwrap();
        for seen in [user, &shown] {
            let wanted = [
                ("note", json!("备注")),
                ("providerGroup", json!("a,b")),
                ("tags", json!(["premium", "测试"])),
                ("rpm", json!(150)),
                ("dailyQuota", json!(0)),
                ("limit5hUsd", json!("50.00")),
                ("limitWeeklyUsd", json!("300.01")),
                ("limitMonthlyUsd", json!("1000.00")),
                ("limitTotalUsd", json!(5000.5)),
                ("limitConcurrentSessions", json!(7)),
                ("isEnabled", json!(false)),
                ("expiresAt", json!("2026-06-01T00:00:00.000Z")),
                ("allowedModels", json!(["m"])),
            ];
            for (name, value) in wanted {
                assert_eq!(seen[name], value, "{name}");
            }
        }
        assert_eq!(
            (&shown["dailyResetMode"], &shown["dailyResetTime"]),
            (&json!("rolling"), &json!("09:05"))
        );
        assert_eq!(shown["allowedClients"], json!(["codex"]));
    }
}

#[actix_web::test]
async fn what_is_out_of_bounds_is_refused() {
    let server = Server::new().await;
    let table = [
        json!({ "name": "" }),
        json!({ "name": "a".repeat(65) }),
        json!({ "name": "a", "rpm": 0 }),
        json!({ "name": "a", "rpm": -1 }),
        json!({ "name": "a", "rpm": null }),
        json!({ "name": "a", "dailyQuota": -10 }),
        json!({ "name": "a", "dailyQuota": 100_000.01 }),
        json!({ "name": "a", "limit5hUsd": 10_001 }),
        json!({ "name": "a", "tags": vec!["t"; 21] }),
        json!({ "name": "a", "dailyResetTime": "9:05" }),
        json!({ "name": "a", "expiresAt": "2026-05-05" }),
        json!({ "name": "a", "expiresAt": 1 }),
        json!({ "name": "a", "isEnabled": "yes" }),
        json!({ "name": "a", "allowedClients": [""] }),
        json!({ "name": "a", "blockedClients": ["codex", " "] }),
        json!({ "name": "a", "allowedModels": ["\t"] }),
        json!({ "name": "a", "blockedModels": ["", "m"] }),
    ];
    for body in table {
        let answer = server.call("users/addUser", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}");
        answer.refusal();
    }
    assert_eq!(server.call("users/getUsers", json!({})).await.data(), json!([]));
}

#[actix_web::test]
async fn an_edit_changes_what_is_given_and_leaves_the_rest() {
    for server in Server::both().await {
        let new = json!({ "name": "a", "note": "n", "limit5hUsd": 5, "expiresAt": "2026-06-01" });
        let (id, _) = server.add_user(new).await;
        let edit = async |mut body: Value| {
            body["userId"] = json!(id);
            let answer = server.call("users/editUser", body).await;
            assert_eq!(answer.text, r#"{"ok":true}"#);
            server.user(id).await.unwrap()
        };
        let user = edit(json!({ "rpm": 150, "dailyQuota": 80, "note": "已编辑" })).await;
        assert_eq!((&user["rpm"], &user["dailyQuota"]), (&json!(150), &json!(80)));
        assert_eq!((&user["name"], &user["note"]), (&json!("a"), &json!("已编辑")));
        assert_eq!(user["limit5hUsd"], "5.00");
        let user = edit(json!({ "limit5hUsd": null, "dailyQuota": null, "expiresAt": null })).await;
        assert_eq!((&user["limit5hUsd"], &user["dailyQuota"]), (&json!(null), &json!(0)));
        assert_eq!(user["expiresAt"], "2026-06-01T00:00:00.000Z", "null changes nothing here");
        assert_eq!(
            edit(json!({ "expiresAt": "2020-01-01" })).await["expiresAt"],
            "2020-01-01T00:00:00.000Z"
        );
        assert_eq!(edit(json!({ "isEnabled": false })).await["isEnabled"], json!(false));
        let body = json!({ "userId": id, "note": null });
        server.call("users/editUser", body).await.refusal();
    }
}

#[actix_web::test]
async fn somebody_who_is_not_there_is_edited_and_removed_without_complaint() {
    let server = Server::new().await;
    for action in ["users/editUser", "users/removeUser"] {
        let answer = server.call(action, json!({ "userId": 999_999, "name": "x" })).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, r#"{"ok":true}"#));
    }
    assert_eq!(server.published.load(Ordering::SeqCst), 0);
}

#[actix_web::test]
async fn others_see_only_themselves_and_admins_come_first() {
    for server in Server::both().await {
        let (ann, key) = server.add_user(json!({ "name": "ann" })).await;
        let (bob, _) = server.add_user(json!({ "name": "bob" })).await;
        let sql = format!("UPDATE users SET role = 'admin' WHERE id = {bob}");
        server.fresh.run_outside(&sql).await;
        let ids = |data: Value| -> Vec<i64> {
            data.as_array().unwrap().iter().map(|user| user["id"].as_i64().unwrap()).collect()
        };
        assert_eq!(ids(server.call("users/getUsers", json!({})).await.data()), [bob, ann]);
        let own = server.call_as(&key, "users/getUsers", json!({})).await.data();
        assert_eq!(ids(own.clone()), [ann]);
        assert_eq!(own[0]["keys"][0]["fullKey"], json!(key));
    }
}

#[actix_web::test]
async fn a_list_is_longer_than_a_page() {
    let server = Server::new().await;
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450)
        INSERT INTO users (name, name_lower, role, tags, is_enabled, allowed_clients,
            blocked_clients, allowed_models, created_at, updated_at)
        SELECT 'u', 'u', 'user', '[]', 1, '[]', '[]', '[]', 0, 0 FROM n";
    server.fresh.run_outside(sql).await;
    let users = server.call("users/getUsers", json!({})).await.data();
    assert_eq!(users.as_array().unwrap().len(), 450);
    assert_eq!(users[0]["rpm"], 60, "nothing stored is shown as 60");
}

#[actix_web::test]
async fn a_key_in_the_list_shows_what_it_did_today() {
    for server in Server::both().await {
        let (user, key) = server.add_user(json!({ "name": "ann" })).await;
        let id = server.keys(user).await[0]["id"].as_i64().unwrap();
        spend(&server, user, id, &[("m1", 1_500_000_000), ("m1", 1), ("m2", 0)]).await;
        let shown = server.user(user).await.unwrap()["keys"][0].clone();
        assert_eq!((&shown["todayCallCount"], &shown["todayUsage"]), (&json!(3), &json!(1.5)));
        let models = json!([
            { "model": "m1", "callCount": 2, "totalCost": 1.5 },
            { "model": "m2", "callCount": 1, "totalCost": 0 },
        ]);
        assert_eq!(shown["modelStats"], models);
        assert!(shown["lastUsedAt"].as_str().unwrap().starts_with("2026-05-05T12:00"));
        assert_eq!(
            (&shown["status"], &shown["expiresAt"]),
            (&json!("enabled"), &json!("永不过期"))
        );
        assert_eq!(shown["createdAtFormatted"], "2026/05/05 20:00:00");
        let tail = &key[key.len() - 4..];
        assert_eq!(shown["maskedKey"], json!(format!("{}••••••{tail}", &key[..4])));
    }
}

#[actix_web::test]
async fn the_day_of_a_user_is_that_of_the_time_zone() {
    for server in Server::both().await {
        let (user, key) = server.add_user(json!({ "name": "ann", "dailyQuota": 12.5 })).await;
        let id = server.keys(user).await[0]["id"].as_i64().unwrap();
        spend(&server, user, id, &[("m", 2_250_000_000)]).await;
        let usage = async |token: &str, id: i64| {
            server.call_as(token, "users/getUserLimitUsage", json!({ "userId": id })).await
        };
        let wanted = json!({
            "rpm": { "current": 0, "limit": 100, "window": "per_minute" },
            "dailyCost": { "current": 2.25, "limit": 12.5, "resetAt": "2026-05-05T16:00:00.000Z" },
        });
        assert_eq!(usage(&key, user).await.data(), wanted);
        server.clock.advance(Duration::from_hours(5));
        assert_eq!(usage(&key, user).await.data()["dailyCost"]["current"], json!(0));
        let unknown = usage(&key, 999_999).await.json();
        assert_eq!(unknown["errorCode"], "NOT_FOUND");
        let (other, _) = server.add_user(json!({ "name": "bob" })).await;
        assert_eq!(usage(&key, other).await.json()["errorCode"], "PERMISSION_DENIED");
    }
}

#[actix_web::test]
async fn every_write_is_in_the_audit_log_without_keys() {
    let server = Server::new().await;
    let (user, key) = server.add_user(json!({ "name": "ann" })).await;
    server.call("users/editUser", json!({ "userId": user, "rpm": 5 })).await.data();
    server.call("keys/getKeys", json!({ "userId": user })).await.data();
    server.call("users/removeUser", json!({ "userId": user })).await.data();
    let log = server.fresh.store.audit_page(&AuditFilter::default(), 10).await.unwrap();
    let told: Vec<&str> = log.iter().map(|one| one.entry.action.as_str()).collect();
    assert_eq!(told, ["user.delete", "key.reveal", "user.update", "user.create"]);
    assert!(log.iter().all(|one| one.entry.actor_kind == "admin" && one.entry.at == NOW));
    assert_eq!(log[2].entry.detail["changed"], json!(["rpm"]));
    assert!(!format!("{log:?}").contains(&key));
}

#[actix_web::test]
async fn a_masked_list_reveals_nothing_and_notes_nothing() {
    for server in Server::both().await {
        let (_, key) = server.add_user(json!({ "name": "ann" })).await;
        let reveals = async || {
            let action = Some("key.reveal".to_owned());
            let filter = AuditFilter { action, ..AuditFilter::default() };
            server.fresh.store.audit_page(&filter, 10).await.unwrap().len()
        };
        let shown = server.call("users/getUsers", json!({ "masked": true })).await;
        assert!(!shown.text.contains(&key), "{}", shown.text);
        let listed = &shown.data()[0]["keys"][0];
        assert_eq!((listed.get("fullKey"), &listed["canCopy"]), (None, &json!(false)));
        assert!(listed["maskedKey"].as_str().unwrap().ends_with(&key[key.len() - 4..]));
        assert_eq!(reveals().await, 0);
        for body in [json!({}), json!({ "masked": "true" })] {
            let whole = server.call("users/getUsers", body).await.data();
            assert_eq!(whole[0]["keys"][0]["fullKey"], json!(key));
        }
        assert_eq!(reveals().await, 2);
    }
}

/// Writes closed requests of a key that arrived now.
pub async fn spend(server: &Server, user: i64, key: i64, costs: &[(&str, i64)]) {
    let ids = RequestIds::default();
    let rows: Vec<_> = costs
        .iter()
        .enumerate()
        .map(|(index, (model, cost))| {
            let index = u64::try_from(index).unwrap();
            let mut row = sample::row(&ids, NOW.plus(Duration::from_millis(index)), index);
            (row.opened.user, row.opened.key) = (UserId(user), KeyId(key));
            row.opened.model = Some((*model).into());
            row.cost = row.cost.map(|old| RowCost { cost: Nano(*cost), ..old });
            row
        })
        .collect();
    server.fresh.store.write_ledger(&rows).await.unwrap();
}
