//! Guessing tokens: it is counted by address, and what is right passes all the same.

use std::time::Duration;

use actix_web::test::TestRequest;
use serde_json::json;

use super::server::{ADMIN, Answer, Server, cookie, post};

async fn with(server: &Server, token: &str) -> Answer {
    let request = post("users/getUsers").set_json(json!({}));
    server.send(request.insert_header(("authorization", format!("Bearer {token}")))).await
}

#[actix_web::test]
async fn the_eleventh_wrong_token_in_five_minutes_is_told_to_wait() {
    for server in Server::both().await {
        let (_, key) = server.add_user(json!({ "name": "ann" })).await;
        for number in 0..10 {
            assert_eq!(with(&server, &format!("guess-{number}")).await.status, 401);
        }
        let told = with(&server, "guess-10").await;
        assert_eq!(told.status, 429);
        assert_eq!(told.headers.get("retry-after").unwrap(), "900");
        let body = told.json();
        assert_eq!((&body["ok"], &body["errorCode"]), (&json!(false), &json!("RATE_LIMITED")));
        let guess = post("users/getUsers").set_json(json!({})).insert_header(cookie("guess-11"));
        assert_eq!(server.send(guess).await.status, 429, "by cookie as well");
        assert_eq!(with(&server, ADMIN).await.status, 200, "what is right passes");
        assert_eq!(with(&server, &key).await.status, 200);
        let login = TestRequest::post().uri("/api/auth/login").set_json(json!({ "key": ADMIN }));
        assert_eq!(server.send(login).await.status, 200);
        server.clock.advance(Duration::from_mins(15));
        assert_eq!(with(&server, "guess-12").await.status, 401);
    }
}

#[actix_web::test]
async fn a_login_that_is_over_and_a_key_that_may_not_are_no_guesses() {
    let server = Server::new().await;
    let (user, _) = server.add_user(json!({ "name": "ann" })).await;
    let body = json!({ "userId": user, "name": "weak", "canLoginWebUi": false });
    let weak = server.call("keys/addKey", body).await.data()["generatedKey"].clone();
    for _ in 0..11 {
        assert_eq!(with(&server, &format!("sid_{}", "0".repeat(64))).await.status, 401);
        assert_eq!(with(&server, weak.as_str().unwrap()).await.status, 401);
        assert_eq!(server.send(post("users/getUsers").set_json(json!({}))).await.status, 401);
    }
    assert_eq!(with(&server, "guess").await.status, 401);
}
