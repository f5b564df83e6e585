//! The ways of the original's own end-to-end suites (`api-complete`, `users-keys-complete`).

use serde_json::{Value, json};

use super::server::{Server, is_key};

fn amount(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

#[actix_web::test]
async fn the_complete_suite_passes_from_end_to_end() {
    for server in Server::both().await {
        let first = json!({ "name": "E2E用户1", "note": "n", "rpm": 100, "dailyQuota": 50 });
        let data = server.call("users/addUser", first).await.data();
        assert!(is_key(&data["defaultKey"]["key"]));
        let user = data["user"]["id"].as_i64().unwrap();
        let second = json!({
            "name": "E2E用户2", "rpm": 200, "dailyQuota": 100, "limit5hUsd": 50,
            "limitWeeklyUsd": 300, "tags": ["premium", "test"],
        });
        server.call("users/addUser", second).await.data();
        let users = server.call("users/getUsers", json!({})).await.data();
        assert!(users.as_array().unwrap().len() >= 2);
        let edit = json!({ "userId": user, "rpm": 150, "dailyQuota": 80 });
        server.call("users/editUser", edit).await.data();
        assert_eq!(server.user(user).await.unwrap()["rpm"], json!(150));
        for is_enabled in [false, true] {
            let edit = json!({ "userId": user, "isEnabled": is_enabled });
            server.call("users/editUser", edit).await.data();
            assert_eq!(server.user(user).await.unwrap()["isEnabled"], json!(is_enabled));
        }
        assert!(is_key(&server.keys(user).await[0]["key"]));
        for body in [
            json!({ "userId": user, "name": "k1" }),
            json!({ "userId": user, "name": "k2", "limitDailyUsd": 5, "limit5hUsd": 10 }),
        ] {
            assert!(is_key(&server.call("keys/addKey", body).await.data()["generatedKey"]));
        }
        assert_eq!(server.keys(user).await.len(), 3);
        server.call("users/removeUser", json!({ "userId": user })).await.data();
        assert_eq!(server.user(user).await, None);
    }
}

#[actix_web::test]
async fn the_users_suite_passes_from_end_to_end() {
    for server in Server::both().await {
        let first = json!({ "name": "E2E用户1", "rpm": 100, "dailyQuota": 50 });
        let user = server.call("users/addUser", first).await.data()["user"].clone();
        assert_eq!((&user["name"], &user["rpm"]), (&json!("E2E用户1"), &json!(100)));
        assert_eq!(user["dailyQuota"], json!(50));
        let second = json!({
            "name": "E2E用户2", "limit5hUsd": 50, "limitWeeklyUsd": 300, "limitMonthlyUsd": 1000,
            "dailyQuota": 100, "tags": ["premium"],
        });
        let rich = server.call("users/addUser", second).await.data()["user"].clone();
        assert!((amount(&rich["limit5hUsd"]) - 50.0).abs() < f64::EPSILON);
        assert!((amount(&rich["limitWeeklyUsd"]) - 300.0).abs() < f64::EPSILON);
        let rich = rich["id"].as_i64().unwrap();
        let key = server.keys(rich).await[0].clone();
        assert!(key["id"].is_number() && key["userId"] == json!(rich) && is_key(&key["key"]));
        let limits = json!({
            "userId": rich, "name": "限额", "limit5hUsd": 5, "limitDailyUsd": 10,
            "limitWeeklyUsd": 50, "limitMonthlyUsd": 200,
        });
        assert_eq!(server.call("keys/addKey", limits).await.data()["name"], "限额");
        let nobody = json!({ "userId": 999_999, "name": "k" });
        server.call("keys/addKey", nobody).await.refusal();
        server.call("keys/removeKey", json!({ "keyId": 999_999 })).await.refusal();
        for bad in [
            json!({ "name": "" }),
            json!({ "name": "a", "rpm": 0 }),
            json!({ "name": "a", "rpm": -1 }),
            json!({ "name": "a", "dailyQuota": -10 }),
        ] {
            server.call("users/addUser", bad).await.refusal();
        }
        for action in ["users/editUser", "users/removeUser"] {
            server.call(action, json!({ "userId": 999_999, "name": "x" })).await.data();
        }
    }
}
