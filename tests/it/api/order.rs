//! The order of checks, and the forms of refusals.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::server::{ADMIN, Server, cookie, post};

#[actix_web::test]
async fn a_body_is_judged_before_the_caller_is() {
    let server = Server::new().await;
    let bad = server.send(post("users/editUser").set_json(json!({ "rpm": 5 }))).await;
    assert_eq!(bad.status, 400);
    let body = bad.json();
    assert_eq!((&body["success"], body.get("ok")), (&json!(false), None));
    assert_eq!(body["error"]["name"], "ZodError");
    let issues: Value = serde_json::from_str(body["error"]["message"].as_str().unwrap()).unwrap();
    assert_eq!(issues[0]["path"], json!(["userId"]));
    assert_eq!(issues[0]["code"], "invalid_type");
    let good = server.send(post("users/editUser").set_json(json!({ "userId": 1 }))).await;
    assert_eq!(good.status, 401);
    assert_eq!(good.json(), json!({ "ok": false, "error": "未认证" }));
}

#[actix_web::test]
async fn what_is_called_json_must_be_json() {
    let server = Server::new().await;
    let headers = [("application/json", 400), ("application/problem+json; charset=utf-8", 400)];
    for (kind, status) in headers {
        for body in ["", "{", "not json"] {
            let request = post("users/getUsers").insert_header(("content-type", kind));
            let answer = server.send(request.insert_header(cookie(ADMIN)).set_payload(body)).await;
            assert_eq!(answer.status, status);
            assert_eq!(answer.text, "Malformed JSON in request body");
        }
    }
    for body in ["", "not json", "{}"] {
        let request = post("users/getUsers").insert_header(cookie(ADMIN)).set_payload(body);
        assert_eq!(server.send(request).await.data(), json!([]));
    }
    // Nobody called it JSON, so the action itself finds what is missing.
    let request = post("users/addUser").insert_header(cookie(ADMIN)).set_payload("x");
    let answer = server.send(request).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["ok"]), (400, &json!(false)));
}

#[actix_web::test]
async fn tokens_are_taken_from_the_header_and_the_cookie() {
    let server = Server::new().await;
    let call = |name: &'static str, value: String| {
        server.send(post("users/getUsers").set_json(json!({})).insert_header((name, value)))
    };
    assert_eq!(call("authorization", format!("bearer {ADMIN}")).await.status, 200);
    assert_eq!(call("cookie", cookie(ADMIN).1).await.status, 200);
    let wrong = call("authorization", "Bearer invalid-token".to_owned()).await;
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.json(), json!({ "ok": false, "error": "认证无效或已过期" }));
    assert_eq!(call("cookie", "auth-token=invalid-token".to_owned()).await.status, 401);
    assert!(call("cookie", "auth-token=".to_owned()).await.refusal().contains("未认证"));
    assert!(call("authorization", "Basic abc".to_owned()).await.refusal().contains("未认证"));
}

#[actix_web::test]
async fn users_are_kept_out_of_what_is_for_admins() {
    let server = Server::new().await;
    let (user, key) = server.add_user(json!({ "name": "ann" })).await;
    for action in ["users/editUser", "users/removeUser"] {
        let answer = server.call_as(&key, action, json!({ "userId": user })).await;
        assert_eq!(answer.status, 403);
        assert_eq!(answer.json(), json!({ "ok": false, "error": "权限不足" }));
    }
    // The body comes first even for those who may not.
    assert_eq!(server.call_as(&key, "users/addUser", json!({})).await.status, 400);
}

#[actix_web::test]
async fn a_key_opens_the_api_only_while_it_may() {
    let server = Server::new().await;
    let (user, key) = server.add_user(json!({ "name": "ann" })).await;
    let id = server.keys(user).await[0]["id"].clone();
    let status = async |server: &Server| {
        server.call_as(&key, "users/getUsers", json!({})).await.status.as_u16()
    };
    assert_eq!(status(&server).await, 200);
    let edits = [
        json!({ "isEnabled": false }),
        json!({ "isEnabled": true, "canLoginWebUi": false }),
        json!({ "expiresAt": "2026-05-05" }),
    ];
    for mut edit in edits {
        edit["keyId"] = id.clone();
        edit["name"] = json!("default");
        server.call("keys/editKey", edit.clone()).await.data();
        assert_eq!(status(&server).await, 401, "{edit}");
    }
    server.call("keys/editKey", json!({ "keyId": id, "name": "default" })).await.data();
    assert_eq!(status(&server).await, 200);
    server.call("users/editUser", json!({ "userId": user, "isEnabled": false })).await.data();
    assert_eq!(status(&server).await, 200, "a disabled user may still look");
    server.call("users/removeUser", json!({ "userId": user })).await.data();
    assert_eq!(status(&server).await, 401);
}

#[actix_web::test]
async fn what_is_not_there_is_told_in_plain_text() {
    let server = Server::new().await;
    let requests = [
        TestRequest::get().uri("/api/actions/users/getUsers"),
        TestRequest::put().uri("/api/actions/users/getUsers"),
        TestRequest::post().uri("/api/actions/users/getUsers/"),
        TestRequest::post().uri("/api/actions/users/getNothing"),
        TestRequest::post().uri("/api/actions/health"),
        TestRequest::get().uri("/api/actions"),
        TestRequest::get().uri("/api/actions/"),
    ];
    for request in requests {
        let answer = server.send(request).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (404, "404 Not Found"));
        let kind = answer.headers.get("content-type").unwrap().to_str().unwrap();
        assert!(kind.starts_with("text/plain"), "{kind}");
    }
}

#[actix_web::test]
async fn a_body_that_is_too_large_is_refused() {
    let server = Server::new().await;
    let body = json!({ "name": "a".repeat(2 * 1024 * 1024) });
    assert_eq!(server.send(post("users/addUser").set_json(body)).await.status, 413);
}

#[actix_web::test]
async fn health_needs_nobody() {
    let server = Server::new().await;
    let health = server.send(TestRequest::get().uri("/api/actions/health")).await.json();
    let timestamp = "2026-05-05T12:00:00.000Z";
    assert_eq!(health, json!({ "status": "ok", "timestamp": timestamp, "version": "1.0.0" }));
}
