//! Logins and what they are good for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use actix_web::http::header::SET_COOKIE;
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use switchyard::store::AuditFilter;

use super::server::{ADMIN, Answer, Server, post};
use crate::store::database::{both, sqlite};

async fn log_in(server: &Server, key: &str) -> Answer {
    let request = TestRequest::post().uri("/api/auth/login");
    server.send(request.set_json(json!({ "key": key }))).await
}

fn set_cookie(answer: &Answer) -> String {
    answer.headers.get(SET_COOKIE).unwrap().to_str().unwrap().to_owned()
}

fn value(cookie: &str) -> String {
    let (pair, _) = cookie.split_once(';').unwrap();
    pair.strip_prefix("auth-token=").unwrap().to_owned()
}

async fn get_users(server: &Server, header: (&'static str, String)) -> u16 {
    let request = post("users/getUsers").set_json(json!({})).insert_header(header);
    server.send(request).await.status.as_u16()
}

#[actix_web::test]
async fn the_admin_token_logs_in_and_the_cookie_works_both_ways() {
    for server in Server::both().await {
        let answer = log_in(&server, ADMIN).await;
        assert_eq!(answer.status, 200);
        let wanted = json!({
            "ok": true,
            "user": {
                "id": -1,
                "name": "Admin Token",
                "description": "Environment admin session",
                "role": "admin",
            },
            "redirectTo": "/dashboard",
            "loginType": "admin",
        });
        assert_eq!(answer.json(), wanted);
        let cookie = set_cookie(&answer);
        let token = value(&cookie);
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{token}");
        for attribute in ["HttpOnly", "SameSite=lax", "Path=/", "Max-Age=604800", "Secure"] {
            assert!(cookie.split("; ").any(|part| part == attribute), "{cookie}");
        }
        assert_eq!(get_users(&server, ("cookie", format!("auth-token={token}"))).await, 200);
        assert_eq!(get_users(&server, ("authorization", format!("Bearer {token}"))).await, 200);
        server.clock.advance(Duration::from_hours(7 * 24));
        assert_eq!(get_users(&server, ("cookie", format!("auth-token={token}"))).await, 401);
    }
}

#[actix_web::test]
async fn a_logout_takes_the_token_back() {
    let server = Server::new().await;
    let token = value(&set_cookie(&log_in(&server, ADMIN).await));
    let cookie = ("cookie", format!("auth-token={token}"));
    let request = TestRequest::post().uri("/api/auth/logout").insert_header(cookie.clone());
    let answer = server.send(request).await;
    assert_eq!(answer.json(), json!({ "ok": true }));
    let gone = set_cookie(&answer);
    assert!(gone.starts_with("auth-token=; Path=/; Max-Age=0"), "{gone}");
    assert_eq!(get_users(&server, cookie).await, 401);
    let nobody = server.send(TestRequest::post().uri("/api/auth/logout")).await;
    assert_eq!(nobody.json(), json!({ "ok": true }));
}

#[actix_web::test]
async fn a_changed_admin_token_ends_the_sessions_of_the_old_one_at_once() {
    for fresh in both().await {
        let mark = Arc::new(AtomicU8::new(1));
        let in_force = Arc::clone(&mark);
        let server = Server::over(fresh, |api| {
            api.admin_mark = Arc::new(move || [in_force.load(Ordering::SeqCst); 32]);
        });
        let (_, key) = server.add_user(json!({ "name": "ann" })).await;
        let cookie =
            |answer: &Answer| ("cookie", format!("auth-token={}", value(&set_cookie(answer))));
        let old = cookie(&log_in(&server, ADMIN).await);
        let user = cookie(&log_in(&server, &key).await);
        assert_eq!(get_users(&server, old.clone()).await, 200);
        mark.store(2, Ordering::SeqCst);
        assert_eq!(get_users(&server, old.clone()).await, 401);
        assert_eq!(get_users(&server, user).await, 200, "a key's session is its own");
        let new = cookie(&log_in(&server, ADMIN).await);
        assert_eq!(get_users(&server, new).await, 200);
        assert_eq!(get_users(&server, old).await, 401);
    }
}

#[actix_web::test]
async fn the_secure_mark_can_be_switched_off() {
    let server = Server::over(sqlite().await, |api| api.secure_cookies = false);
    assert!(!set_cookie(&log_in(&server, ADMIN).await).contains("Secure"));
}

#[actix_web::test]
async fn a_key_logs_in_as_its_user_and_its_logins_end_with_it() {
    let server = Server::new().await;
    let (user, key) = server.add_user(json!({ "name": "ann", "note": "a friend" })).await;
    let answer = log_in(&server, &key).await;
    let body = answer.json();
    assert_eq!(
        body["user"],
        json!({ "id": user, "name": "ann", "description": "a friend", "role": "user" })
    );
    assert_eq!(
        (&body["redirectTo"], &body["loginType"]),
        (&json!("/dashboard"), &json!("dashboard_user"))
    );
    let cookie = ("cookie", format!("auth-token={}", value(&set_cookie(&answer))));
    assert_eq!(get_users(&server, cookie.clone()).await, 200);
    let added = server.call("keys/addKey", json!({ "userId": user, "name": "other" })).await;
    added.data();
    let id = server.keys(user).await[0]["id"].clone();
    server.call("keys/removeKey", json!({ "keyId": id })).await.data();
    assert_eq!(get_users(&server, cookie).await, 401);
}

#[actix_web::test]
async fn a_key_without_the_right_logs_in_but_opens_nothing() {
    let server = Server::new().await;
    let (user, _) = server.add_user(json!({ "name": "ann" })).await;
    let body = json!({ "userId": user, "name": "weak", "canLoginWebUi": false });
    let added = server.call("keys/addKey", body).await.data();
    let answer = log_in(&server, added["generatedKey"].as_str().unwrap()).await;
    let body = answer.json();
    assert_eq!(
        (&body["redirectTo"], &body["loginType"]),
        (&json!("/my-usage"), &json!("readonly_user"))
    );
    let cookie = ("cookie", format!("auth-token={}", value(&set_cookie(&answer))));
    assert_eq!(get_users(&server, cookie).await, 401);
}

#[actix_web::test]
async fn refusals_have_no_ok_field() {
    let server = Server::new().await;
    let login = || TestRequest::post().uri("/api/auth/login");
    let table = [
        (login().set_json(json!({ "key": "" })), 400),
        (login().set_json(json!({})), 400),
        (login().set_json(json!({ "key": "sk-wrong" })), 401),
        (login().set_payload("{"), 500),
    ];
    for (request, status) in table {
        let answer = server.send(request).await;
        let body = answer.json();
        assert_eq!(answer.status, status);
        assert!(body["error"].is_string() && body.get("ok").is_none(), "{body}");
    }
}

#[actix_web::test]
async fn ten_failures_shut_the_address_out_for_a_quarter_of_an_hour() {
    let server = Server::new().await;
    for _ in 0..10 {
        assert_eq!(log_in(&server, "sk-wrong").await.status, 401);
    }
    let shut = log_in(&server, ADMIN).await;
    assert_eq!((shut.status.as_u16(), &shut.json()["errorCode"]), (429, &json!("RATE_LIMITED")));
    assert_eq!(shut.headers.get("retry-after").unwrap(), "900");
    server.clock.advance(Duration::from_mins(15));
    assert_eq!(log_in(&server, ADMIN).await.status, 200);
}

#[actix_web::test]
async fn logins_are_in_the_audit_log_without_the_key() {
    let server = Server::new().await;
    log_in(&server, "sk-wrong").await;
    log_in(&server, ADMIN).await;
    let log = server.fresh.store.audit_page(&AuditFilter::default(), 10).await.unwrap();
    let told: Vec<_> =
        log.iter().map(|one| (one.entry.action.as_str(), one.entry.success)).collect();
    assert_eq!(told, [("login.success", true), ("login.failure", false)]);
    assert_eq!(log[1].entry.client_ip.as_deref(), Some("192.0.2.7"));
    let printed = format!("{log:?}");
    assert!(!printed.contains("sk-wrong") && !printed.contains(ADMIN), "{printed}");
    let Value::Object(detail) = &log[1].entry.detail else { panic!("{log:?}") };
    assert_eq!(detail["reason"], "invalid_key");
}
