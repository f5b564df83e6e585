//! The page of a key: settings that work as they stand, and the first request that arrives.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::html::text_of;
use crate::support::client::{Answer, Request};
use crate::support::person::Person;
use crate::support::shell::request_of;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;
use crate::support::waiting::{self, SOON};

#[actix_rt::test]
async fn the_first_curl_of_a_new_key_works_as_it_stands_whatever_is_served() {
    for dialect in Dialect::ALL {
        let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
        let kind = crate::support::upstream::answers::kind(dialect);
        let listed = json!({ "allowed_models": ["test-model"] });
        switchyard.add_provider(kind, &upstream.url(), listed).await;
        let admin = Person::admin(&switchyard).await;
        let made = admin.submit("/users/new", "/users/new", &[("name", "Ann")]).await;
        let html = admin.follow(&made).await;
        assert!(html.contains("No request seen yet"), "{dialect}: {html}");
        let curl = text_of(&html, "first-curl").unwrap();
        let answer = switchyard.send(&request_of(&curl)).await;
        assert_eq!(answer.status, 200, "{dialect}: {curl}\n{}", answer.text());
        let row = switchyard.only_row().await;
        assert_eq!((&row["statusCode"], &row["model"]), (&json!(200), &json!("test-model")));
        let id = made.header("location").unwrap();
        let seen = admin.page(&format!("{id}/seen")).await;
        assert!(seen.contains("First request seen") && seen.contains("test-model"), "{seen}");
        let link = seen.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(link.split('/').collect::<Vec<_>>()[..2], ["", "requests"], "{seen}");
    }
}

#[actix_rt::test]
async fn each_client_that_is_served_is_told_this_address_and_key_and_others_what_they_need() {
    let switchyard = Switchyard::start().await;
    let upstream = Upstream::start();
    switchyard.serve(Dialect::Responses, &upstream).await;
    let user = switchyard.add_user(json!({})).await;
    let admin = Person::admin(&switchyard).await;
    let hidden = admin.page(&format!("/keys/{}", user.key_id)).await;
    assert!(!hidden.contains(&user.key), "a look does not show the key");
    let html = reveal(&admin, user.key_id).await.text();
    for words in [
        "export ANTHROPIC_BASE_URL=http://switchyard.test",
        &format!("export ANTHROPIC_AUTH_TOKEN={}", user.key),
        &format!("export SWITCHYARD_KEY={}", user.key),
        "export GOOGLE_GEMINI_BASE_URL=http://switchyard.test",
        &format!("export GEMINI_API_KEY={}", user.key),
        "Needs a provider that speaks Anthropic Messages.",
        "Needs a provider that speaks Gemini.",
        "/providers/new",
    ] {
        let escaped = words.replace('/', "&#x2F;");
        assert!(html.contains(words) || html.contains(&escaped), "{words}: {html}");
    }
    assert!(html.find("id=\"codex\"").unwrap() < html.find("id=\"claude-code\"").unwrap());
}

/// Presses the button that shows a key.
async fn reveal(admin: &Person<'_>, key: i64) -> Answer {
    let page = format!("/keys/{key}");
    admin.submit(&page, &format!("{page}/show"), &[]).await
}

/// Runs a text as a shell does.
async fn run(script: String) -> String {
    let run = move || std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
    let ran = tokio::task::spawn_blocking(run).await.unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

#[actix_rt::test]
async fn the_curl_of_each_dialect_runs_in_a_shell() {
    let (switchyard, upstream) = (Switchyard::start().await, Upstream::start());
    for dialect in Dialect::ALL {
        let kind = crate::support::upstream::answers::kind(dialect);
        let listed = json!({ "allowed_models": ["test-model"] });
        switchyard.add_provider(kind, &upstream.url(), listed).await;
    }
    let user = switchyard.add_user(json!({})).await;
    let admin = Person::admin(&switchyard).await;
    let html = reveal(&admin, user.key_id).await.text();
    let here = format!("http://{}", switchyard.address());
    for id in ["curl-anthropic", "curl-openai", "curl-responses", "curl-gemini"] {
        let (_, from) = html.split_once(&format!("id=\"{id}\"")).unwrap();
        let script = text_of(&from.replacen("<pre", "<pre id=\"it\"", 1), "it").unwrap();
        let script = script.replace("http://switchyard.test", &here);
        let answer = run(script.replacen("curl ", "curl --silent --show-error --fail ", 1)).await;
        assert!(answer.contains("Hello."), "{script}\n{answer}");
    }
    switchyard.rows_when(4).await;
}

#[actix_rt::test]
async fn a_key_is_shown_by_a_button_alone_and_that_is_noted_in_the_audit_log() {
    let switchyard = Switchyard::launch(&[]).await;
    let user = switchyard.add_user(json!({})).await;
    let admin = Person::admin(&switchyard).await;
    let reveals = || {
        let db = rusqlite::Connection::open(switchyard.data().join("switchyard.db")).unwrap();
        let count =
            "SELECT COUNT(*) FROM audit_log WHERE action = 'key.reveal' AND target_kind = 'key'";
        db.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let address = format!("/keys/{}", user.key_id);
    for target in [address.clone(), format!("{address}?show=1")] {
        assert!(!admin.page(&target).await.contains(&user.key), "{target}");
    }
    let kept = admin.get(&format!("{address}/show")).await;
    assert_eq!((kept.status, kept.header("location")), (303, Some(&*address)));
    let forged = admin.post(&format!("{address}/show"), &[("csrf", "guessed")]).await;
    assert_eq!((forged.status, forged.text().contains(&user.key)), (403, false));
    assert_eq!(reveals(), 0);
    let shown = reveal(&admin, user.key_id).await;
    assert_eq!((shown.status, shown.header("cache-control")), (200, Some("no-store")));
    assert_eq!(text_of(&shown.text(), "the-key").as_deref(), Some(&*user.key));
    assert_eq!(reveals(), 1);
}

#[actix_rt::test]
async fn a_new_key_is_shown_to_the_browser_that_made_it_once() {
    let switchyard = Switchyard::launch(&[]).await;
    let admin = Person::admin(&switchyard).await;
    let made = admin.submit("/users/new", "/users/new", &[("name", "Ann")]).await;
    let address = made.header("location").unwrap().to_owned();
    let passed = admin.cookie("handover").unwrap();
    let other = Person::admin(&switchyard).await;
    other.slip_in("handover", &passed);
    let others = other.page(&address).await;
    assert!(text_of(&others, "the-key").is_none(), "it opens for another login: {others}");
    let html = admin.page(&address).await;
    let key = text_of(&html, "the-key").unwrap();
    assert!(key.starts_with("sk-") && !passed.contains(&key[3..]), "{key} in {passed}");
    assert_eq!(admin.cookie("handover"), None, "the look has taken it");
    let again = admin.page(&address).await;
    assert!(!again.contains(&key) && again.contains("Show the key"), "{again}");
    assert_eq!(switchyard.admin("users/getUsers", json!({})).await.as_array().unwrap().len(), 1);
}

#[actix_rt::test]
async fn without_scripts_one_can_look_again_and_the_page_keeps_the_key() {
    let switchyard = Switchyard::launch(&[]).await;
    let user = switchyard.add_user(json!({})).await;
    let admin = Person::admin(&switchyard).await;
    let link = format!("href=\"/keys/{0}#seen\" target=\"key-{0}\"", user.key_id);
    let shown = reveal(&admin, user.key_id).await.text();
    assert!(shown.contains(&link) && shown.contains("It opens in another tab"), "{shown}");
    let hidden = admin.page(&format!("/keys/{}", user.key_id)).await;
    assert!(!hidden.contains(&link) && hidden.contains("Check again"), "{hidden}");
}

#[actix_rt::test]
async fn where_keys_are_not_kept_a_new_one_is_shown_once() {
    let switchyard = Switchyard::launch(&[("KEY_REVEAL", "false")]).await;
    let admin = Person::admin(&switchyard).await;
    let made = admin.submit("/users/new", "/users/new", &[("name", "Ann")]).await;
    let html = admin.follow(&made).await;
    let key = text_of(&html, "the-key").unwrap();
    assert!(key.starts_with("sk-") && html.contains("cannot be shown again"), "{html}");
    let user = switchyard.admin("users/getUsers", json!({})).await[0].clone();
    let id = user["keys"][0]["id"].clone();
    let later = admin.page(&format!("/keys/{id}")).await;
    assert!(!later.contains(&key) && later.contains("is not kept"), "{later}");
    let asked = admin.submit("/users/new", &format!("/keys/{id}/show"), &[]).await.text();
    assert!(!asked.contains(&key) && asked.contains("is not kept"), "{asked}");
}

#[actix_rt::test]
async fn a_limit_above_the_user_s_is_refused_at_its_field_and_an_equal_name_too() {
    let switchyard = Switchyard::launch(&[]).await;
    let user = switchyard.add_user(json!({ "dailyQuota": 20 })).await;
    let admin = Person::admin(&switchyard).await;
    let target = format!("/users/{}/keys/new", user.id);
    let fields = [("name", "laptop"), ("limitDailyUsd", "21")];
    let over = admin.submit(&target, &target, &fields).await;
    assert_eq!(over.status, 422);
    let html = over.text();
    let said = text_of(&html, "e-limitDailyUsd").unwrap_or_default();
    assert!(said.contains("cannot be above"), "{html}");
    assert_eq!(super::html::value_of(&html, "limitDailyUsd").as_deref(), Some("21"));
    assert!(html.contains("The user has $20."), "{html}");
    let twice = admin.submit(&target, &target, &[("name", "default")]).await;
    let said = text_of(&twice.text(), "e-name").unwrap_or_default();
    assert!(said.contains("in use already"), "{}", twice.text());
    let edit = format!("/keys/{}/edit", user.key_id);
    let over = admin.submit(&edit, &edit, &[("name", "default"), ("limitDailyUsd", "21")]).await;
    assert!(text_of(&over.text(), "e-limitDailyUsd").is_some(), "{}", over.text());
}

#[actix_rt::test]
async fn a_key_that_has_more_than_its_user_can_still_be_switched_off() {
    let switchyard = Switchyard::launch(&[]).await;
    let user = switchyard.add_user(json!({ "dailyQuota": 50 })).await;
    switchyard.add_key(user.id, "big", json!({ "limitDailyUsd": 40 })).await;
    switchyard.admin("users/editUser", json!({ "userId": user.id, "dailyQuota": 10 })).await;
    let admin = Person::admin(&switchyard).await;
    let keys = switchyard.admin("keys/getKeys", json!({ "userId": user.id })).await;
    let (page, big) = (format!("/users/{}", user.id), keys[1]["id"].clone());
    let off = admin.submit(&page, &format!("/keys/{big}/switch"), &[("on", "false")]).await;
    assert!(admin.follow(&off).await.contains("big is switched off"));
    let keys = switchyard.admin("keys/getKeys", json!({ "userId": user.id })).await;
    assert_eq!((&keys[1]["isEnabled"], &keys[1]["limitDailyUsd"]), (&json!(false), &json!(40)));
}

#[actix_rt::test]
async fn the_last_key_of_a_user_stays_and_others_go_after_a_question() {
    let switchyard = Switchyard::launch(&[]).await;
    let user = switchyard.add_user(json!({ "name": "Ann" })).await;
    let admin = Person::admin(&switchyard).await;
    let (page, target) = (format!("/users/{}", user.id), format!("/keys/{}/remove", user.key_id));
    assert!(!admin.page(&page).await.contains(&target), "nothing leads there");
    let asked = admin.get(&target).await;
    assert!(admin.follow(&asked).await.contains("keeps at least one key"));
    let tried = admin.submit(&page, &target, &[]).await;
    assert!(admin.follow(&tried).await.contains("keeps at least one key"));
    switchyard.add_key(user.id, "laptop", json!({})).await;
    let asked = admin.page(&target).await;
    assert!(asked.contains("Remove default of Ann?"), "{asked}");
    let gone = admin.submit(&target, &target, &[]).await;
    assert!(admin.follow(&gone).await.contains("default was removed"));
    let keys = switchyard.admin("keys/getKeys", json!({ "userId": user.id })).await;
    assert_eq!(keys.as_array().map(Vec::len), Some(1));
}

#[actix_rt::test]
async fn a_request_that_a_limit_refused_is_seen_as_well() {
    let switchyard = Switchyard::start().await;
    let upstream = Upstream::start();
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({ "rpm": 1 })).await;
    for _ in 0..2 {
        let request = Request::model(Dialect::Anthropic, &user.key, "test-model", false);
        switchyard.send(&request).await;
    }
    switchyard.rows_when(2).await;
    let admin = Person::admin(&switchyard).await;
    let html = admin.page(&format!("/keys/{}", user.key_id)).await;
    assert!(html.contains("Last request") && html.contains(">429<"), "{html}");
}

#[actix_rt::test]
async fn groups_of_a_new_user_are_those_of_their_first_key() {
    let switchyard = Switchyard::start().await;
    let upstream = Upstream::start();
    let vip = json!({ "group_tag": "vip" });
    switchyard.add_provider("claude", &upstream.url(), vip).await;
    let admin = Person::admin(&switchyard).await;
    let plain = admin.submit("/users/new", "/users/new", &[("name", "Bob")]).await;
    assert!(admin.follow(&plain).await.contains("in groups that this key may not use"));
    let fields = [("name", "Ann"), ("providerGroup", "vip")];
    let made = admin.submit("/users/new", "/users/new", &fields).await;
    let curl = text_of(&admin.follow(&made).await, "first-curl").unwrap();
    assert_eq!(switchyard.send(&request_of(&curl)).await.status, 200, "{curl}");
}

#[actix_rt::test]
async fn the_page_of_a_key_meters_its_own_limits_as_the_limiter_does() {
    let switchyard = Switchyard::start().await;
    let upstream = Upstream::start();
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({})).await;
    let key = switchyard.add_key(user.id, "ci", json!({ "limitDailyUsd": 1 })).await;
    let request = Request::model(Dialect::Anthropic, &key, "test-model", false);
    assert_eq!(switchyard.send(&request).await.status, 200);
    let row: Value = switchyard.only_row().await;
    let admin = Person::admin(&switchyard).await;
    let keys = switchyard.admin("keys/getKeys", json!({ "userId": user.id })).await;
    let address = format!("/keys/{}", keys[1]["id"]);
    // 1,200 tokens in and 340 out at the tests' prices.
    assert!(row["costUsd"].as_str().unwrap().starts_with("0.0087"), "{row}");
    let html = waiting::until("the limiter has counted it", SOON, async || {
        let html = admin.page(&address).await;
        html.contains("$0.008700").then_some(html)
    })
    .await;
    assert!(html.contains(">$1<"), "{html}");
}

#[actix_rt::test]
async fn where_nobody_listed_models_the_curl_asks_for_one_that_was_served_lately() {
    let switchyard = Switchyard::start().await;
    let upstream = Upstream::start();
    switchyard.serve(Dialect::OpenaiChat, &upstream).await;
    let user = switchyard.add_user(json!({})).await;
    let admin = Person::admin(&switchyard).await;
    let address = format!("/keys/{}", user.key_id);
    let curl = async || text_of(&admin.page(&address).await, "first-curl").unwrap();
    assert!(curl().await.contains("gpt-5-mini"), "the usual one of its kind");
    let request = Request::model(Dialect::OpenaiChat, &user.key, "deepseek-chat", false);
    assert_eq!(switchyard.send(&request).await.status, 200);
    switchyard.rows_when(1).await;
    assert!(curl().await.contains("deepseek-chat"), "{}", curl().await);
}

#[actix_rt::test]
async fn what_a_key_says_of_its_requests_is_chosen_in_its_form_and_told_on_its_page() {
    let switchyard = Switchyard::launch(&[]).await;
    let user = switchyard.add_user(json!({})).await;
    let admin = Person::admin(&switchyard).await;
    let (page, edit) = (format!("/keys/{}", user.key_id), format!("/keys/{}/edit", user.key_id));
    assert!(admin.page(&page).await.contains("as the provider says"), "nothing is said yet");
    let wrong = [("name", "default"), ("lossPolicy", "perhaps")];
    let refused = admin.submit(&edit, &edit, &wrong).await;
    assert_eq!(refused.status, 422);
    assert!(text_of(&refused.text(), "e-lossPolicy").is_some(), "{}", refused.text());

    let fields = [("name", "default"), ("lossPolicy", "strict"), ("cacheTtlPreference", "1h")];
    let saved = admin.submit(&edit, &edit, &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    let said = async || {
        let keys = switchyard.admin("keys/getKeys", json!({ "userId": user.id })).await;
        (keys[0]["lossPolicy"].clone(), keys[0]["cacheTtlPreference"].clone())
    };
    assert_eq!(said().await, (json!("strict"), json!("1h")));
    let html = admin.page(&page).await;
    assert!(html.contains(">strict<") && html.contains(">an hour<"), "{html}");
    let form = admin.page(&edit).await;
    assert!(form.contains("<option value=\"strict\" selected>strict</option>"), "{form}");

    let back = [("name", "default"), ("lossPolicy", "inherit"), ("cacheTtlPreference", "inherit")];
    admin.submit(&edit, &edit, &back).await;
    assert_eq!(said().await, (json!("inherit"), json!("inherit")));
}
