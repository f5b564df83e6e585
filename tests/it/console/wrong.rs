//! Forms with more than one thing that is wrong: all of it is said at once, and each is found from the
//! top of the page.

use serde_json::json;

use crate::support::client::Answer;
use crate::support::filled::{filled, pairs, typed, unticked};
use crate::support::person::Person;
use crate::support::switchyard::Switchyard;

const KEY: &str = "sk-vendor-0123456789abcd";
const NEW: &str = "/providers/new";

/// The form of any other vendor as it stands, with what is typed into it.
async fn form(person: &Person<'_>, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let html = person.page(&format!("{NEW}?preset=compatible")).await;
    typed(filled(&html, NEW), more.iter().copied())
}

async fn send(person: &Person<'_>, fields: &[(String, String)]) -> Answer {
    person.post(NEW, &pairs(fields)).await
}

async fn providers(switchyard: &Switchyard) -> usize {
    let all = switchyard.admin("providers/getProviders", json!({})).await;
    all.as_array().unwrap().len()
}

#[actix_rt::test]
async fn everything_that_is_wrong_is_said_at_once_with_a_link_to_each_field() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::admin(&switchyard).await;
    let wrong = [
        ("name", ""),
        ("url", "nope"),
        ("key", KEY),
        ("weight", "0"),
        ("priority", "1.5"),
        ("limit_daily_usd", "0.0000000001"),
        ("model_redirects", "a => b\na => c"),
        ("proxy_url", "nonsense"),
        ("active_time_start", "08:00"),
    ];
    let answer = send(&person, &form(&person, &wrong).await).await;
    let html = answer.text();
    assert_eq!(answer.status, 422, "{html}");
    for name in ["name", "url", "weight", "limit_daily_usd", "model_redirects", "proxy_url"] {
        assert!(html.contains(&format!("href=\"#f-{name}\"")), "no link to {name}: {html}");
        assert!(html.contains(&format!("id=\"e-{name}\"")), "{name}: {html}");
    }
    assert!(html.contains("8 fields need another look"), "{html}");
    assert!(html.contains("Line 2: the same name stands in a line before it."), "{html}");
    assert!(html.contains(">Priority</a>: A whole number."), "{html}");
    assert!(html.contains("Name both ends, or neither."), "{html}");
    assert_eq!(providers(&switchyard).await, 0, "nothing was saved");
}

#[actix_rt::test]
async fn a_provider_that_is_added_switched_off_is_not_said_to_take_part() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::admin(&switchyard).await;
    let mine = [("name", "Mine"), ("url", "https://vendor.example"), ("key", KEY)];
    let off = unticked(form(&person, &mine).await, "is_enabled");
    let saved = send(&person, &off).await;
    let html = person.follow(&saved).await;
    assert!(html.contains("Mine was added and is not in use"), "{html}");
}

#[actix_rt::test]
async fn a_limit_too_small_to_count_is_refused_before_it_becomes_no_limit() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::admin(&switchyard).await;
    let html = person.page("/users/new").await;
    let typed =
        typed(filled(&html, "/users/new"), [("name", ""), ("limit5hUsd", "1e-12"), ("rpm", "")]);
    let answer = person.post("/users/new", &pairs(&typed)).await;
    let html = answer.text();
    assert_eq!(answer.status, 422, "{html}");
    for said in
        ["#f-name\">Name</a>: This is needed.", "#f-rpm\"", "#f-limit5hUsd\"", "Too small to count"]
    {
        assert!(html.contains(said), "{said}: {html}");
    }
}
