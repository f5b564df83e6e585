//! Signing in and out, and what is said where it cannot work.

use serde_json::json;

use crate::support::client::Request;
use crate::support::launch::ADMIN_TOKEN;
use crate::support::person::Person;
use crate::support::switchyard::Switchyard;

#[actix_rt::test]
async fn a_stranger_is_asked_to_sign_in_and_comes_back_to_where_they_wanted_to_go() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::stranger(&switchyard);
    let turned = person.get("/preferences/nothing?a=b").await;
    assert_eq!(turned.status, 404, "what is nowhere needs no login");
    let answer = person.get("/login?from=%2Fpreferences%3Fx%3D1").await;
    let html = answer.text();
    assert!(html.contains(r#"name="from" value="/preferences?x=1""#), "{html}");
    let entered =
        person.post("/login", &[("key", ADMIN_TOKEN), ("from", "/preferences?x=1")]).await;
    assert_eq!(entered.status, 303);
    let checked = person.get(entered.header("location").unwrap()).await;
    assert_eq!(checked.header("location"), Some("/preferences?x=1"));
    for from in ["//evil.test", "https://evil.test", "/\\evil.test"] {
        let answer = person.post("/login", &[("key", ADMIN_TOKEN), ("from", from)]).await;
        assert_eq!(answer.header("location"), Some("/login?from=%2Fdashboard&tried=1"), "{from}");
    }
}

#[actix_rt::test]
async fn a_wrong_key_is_said_at_its_field_and_never_sent_back() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::stranger(&switchyard);
    let wrong = person.post("/login", &[("key", "sk-guess-0123456789")]).await;
    assert_eq!(wrong.status, 401);
    let html = wrong.text();
    assert!(html.contains(r#"id="e-key""#) && html.contains("opens nothing"), "{html}");
    assert!(!html.contains("sk-guess"), "{html}");
    let empty = person.post("/login", &[("key", " ")]).await;
    assert_eq!(empty.status, 422);
    assert!(person.cookie("auth-token").is_none());
    assert!(!switchyard.logs().contains("sk-guess"));
}

#[actix_rt::test]
async fn an_address_that_guesses_is_shut_out_for_a_while() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::stranger(&switchyard);
    for _ in 0..10 {
        assert_eq!(person.post("/login", &[("key", "guess")]).await.status, 401);
    }
    let told = person.post("/login", &[("key", ADMIN_TOKEN)]).await;
    assert_eq!(told.status, 429, "the right key too: who it is cannot be known before");
    assert!(told.header("retry-after").unwrap().parse::<u64>().unwrap() > 800);
    assert!(told.text().contains("15 minutes"), "{}", told.text());
}

#[actix_rt::test]
async fn a_logout_ends_the_login_everywhere_and_needs_the_form_of_a_page() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::admin(&switchyard).await;
    let session = person.cookie("auth-token").unwrap();
    let without = person.post("/logout", &[]).await;
    assert_eq!(without.status, 403, "{}", without.text());
    assert!(without.text().contains("Nothing was changed"), "{}", without.text());
    let html = person.get("/preferences").await.text();
    let token = crate::support::person::token(&html);
    let out = person.post("/logout", &[("csrf", &token)]).await;
    assert_eq!((out.status, out.header("location")), (303, Some("/login")));
    assert!(person.cookie("auth-token").is_none());
    assert_opens_nothing(&switchyard, &session).await;
}

/// Tries a login's token wherever one is taken.
async fn assert_opens_nothing(switchyard: &Switchyard, session: &str) {
    for (name, value) in [
        ("cookie", format!("auth-token={session}")),
        ("authorization", format!("Bearer {session}")),
    ] {
        let login = Request::get("/login").header(name, &value);
        assert_eq!(switchyard.send(&login).await.status, 200, "{name}: a login is asked for");
        for page in ["/dashboard", "/users", "/users/new", "/requests", "/prices"] {
            let answer = switchyard.send(&Request::get(page).header(name, &value)).await;
            let to = answer.header("location").unwrap_or_default();
            assert!(answer.status == 303 && to.starts_with("/login?"), "{name} {page}: {to}");
        }
        for action in ["users/getUsers", "users/addUser", "keys/getKeys", "providers/getProviders"]
        {
            let body = r#"{"name":"Eve","userId":1}"#;
            let call = Request::post(&format!("/api/actions/{action}"), body).header(name, &value);
            assert_eq!(switchyard.send(&call).await.status, 401, "{name} {action}");
        }
        let live = Request::get("/live").header("accept", "text/event-stream").header(name, &value);
        assert_eq!(switchyard.send(&live).await.status, 401, "{name}");
    }
}

#[actix_rt::test]
async fn a_new_login_ends_the_one_that_the_browser_had_before() {
    let switchyard = Switchyard::launch(&[]).await;
    let (person, other) = (Person::admin(&switchyard).await, Person::admin(&switchyard).await);
    let former = person.cookie("auth-token").unwrap();
    let wrong = person.post("/login", &[("key", "guess")]).await;
    assert_eq!(
        (wrong.status, person.get("/users").await.status),
        (401, 200),
        "a slip ends nothing"
    );
    person.post("/login", &[("key", ADMIN_TOKEN)]).await;
    let now = person.cookie("auth-token").unwrap();
    assert_ne!(now, former);
    assert_opens_nothing(&switchyard, &former).await;
    let by_api = Request::post("/api/auth/login", json!({ "key": ADMIN_TOKEN }).to_string());
    assert_eq!(person.send(by_api).await.status, 200);
    assert_opens_nothing(&switchyard, &now).await;
    assert_eq!(person.get("/users").await.status, 200);
    assert_eq!(other.get("/users").await.status, 200, "another browser's login goes on");
}

#[actix_rt::test]
async fn a_form_from_another_site_changes_nothing() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::stranger(&switchyard);
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.test")] {
        let mut request = Request::get("/login")
            .header("content-type", "application/x-www-form-urlencoded")
            .header(name, value)
            .body(format!("key={ADMIN_TOKEN}"));
        "POST".clone_into(&mut request.method);
        assert_eq!(person.send(request).await.status, 403, "{name}");
    }
    assert!(person.cookie("auth-token").is_none());
}

#[actix_rt::test]
async fn where_the_cookie_cannot_come_back_the_line_to_change_is_named_before_anybody_types() {
    let secure = Switchyard::launch(&[("ENABLE_SECURE_COOKIES", "true")]).await;
    let at = |host: &str| Request::get("/login").header("host", host);
    let line = "ENABLE_SECURE_COOKIES=false";
    // The client's own Host comes first and is no address of this machine.
    let lan = secure.send(&Request::get("/login")).await.text();
    assert!(lan.contains(line) && lan.contains("plain HTTP"), "{lan}");
    let proxied = Request::get("/login").header("x-forwarded-proto", "https");
    let proxied = secure.send(&proxied).await.text();
    assert!(!proxied.contains(line), "the browser speaks HTTPS: {proxied}");
    let open = Switchyard::launch(&[]).await;
    assert!(!open.send(&at("ignored")).await.text().contains(line));
    // After a try, whatever the reason was.
    let lost = open.send(&Request::get("/login?tried=1")).await.text();
    assert!(lost.contains("did not send the cookie back"), "{lost}");
}

#[actix_rt::test]
async fn only_a_login_opens_a_page_and_not_the_token_or_a_key_itself() {
    let switchyard = Switchyard::start().await;
    let user = switchyard.add_user(json!({ "role": "admin" })).await;
    for token in [ADMIN_TOKEN, &user.key] {
        for (name, value) in [
            ("cookie", format!("auth-token={token}")),
            ("authorization", format!("Bearer {token}")),
        ] {
            let answer = switchyard.send(&Request::get("/users").header(name, &value)).await;
            assert_eq!(answer.status, 303, "{name}");
        }
    }
}

#[actix_rt::test]
async fn a_key_that_only_sends_requests_is_told_so() {
    let switchyard = Switchyard::start().await;
    let user = switchyard.add_user(json!({})).await;
    let key = switchyard.add_key(user.id, "robot", json!({ "canLoginWebUi": false })).await;
    let person = Person::stranger(&switchyard);
    let told = person.post("/login", &[("key", &key)]).await;
    assert_eq!(told.status, 403);
    assert!(told.text().contains("only sends requests"), "{}", told.text());
    assert!(person.cookie("auth-token").is_none());
}

#[actix_rt::test]
async fn a_user_who_is_switched_off_is_out_at_once() {
    let switchyard = Switchyard::start().await;
    let user = switchyard.add_user(json!({})).await;
    let person = Person::with_key(&switchyard, &user.key).await;
    assert_eq!(person.get("/requests").await.status, 200);
    let edit = json!({ "userId": user.id, "isEnabled": false });
    switchyard.admin("users/editUser", edit).await;
    assert_eq!(person.get("/requests").await.status, 303);
    assert_eq!(person.post("/login", &[("key", &user.key)]).await.status, 403);
}

#[actix_rt::test]
async fn a_sibling_s_page_cannot_use_the_cookie_of_a_login() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::admin(&switchyard).await;
    let ask = |site: &str| {
        Request::post("/api/actions/users/getUsers", "{}").header("sec-fetch-site", site)
    };
    assert_eq!(person.send(ask("same-origin")).await.status, 200);
    assert_eq!(person.send(ask("same-site")).await.status, 401);
}
