//! Two people at one form: who saves later does not undo, unasked, what the other did.

use serde_json::json;

use crate::support::filled::{filled, pairs, typed};
use crate::support::person::Person;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;

const TOLD: &str = "Somebody has changed this since you opened it";

/// Opens a form, has it changed elsewhere, saves it, and saves it once more.
async fn late<F: AsyncFn()>(
    person: &Person<'_>,
    (page, action): (&str, &str),
    change: (&str, &str),
    elsewhere: F,
) {
    let html = person.page(page).await;
    let fields = typed(filled(&html, action), [change]);
    elsewhere().await;
    let answer = person.post(action, &pairs(&fields)).await;
    let html = answer.text();
    assert!(html.contains(TOLD), "{page}: {html}");
    let again = filled(&html, action);
    let kept = (change.0.to_owned(), change.1.to_owned());
    assert!(again.contains(&kept), "what was typed is there: {again:?}");
    let saved = person.post(action, &pairs(&again)).await;
    assert_eq!(saved.status, 303, "who has read it may save: {}", saved.text());
}

#[actix_rt::test]
async fn a_form_that_is_out_of_date_is_told_once_and_then_saved() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    let person = Person::admin(&switchyard).await;
    let provider = switchyard.add_provider("claude", &upstream.url(), json!({})).await;
    let page = format!("/providers/{provider}");
    late(&person, (&page, &page), ("weight", "3"), async || {
        let change = json!({ "providerId": provider, "priority": 9 });
        switchyard.admin("providers/editProvider", change).await;
    })
    .await;
    let user = switchyard.add_user(json!({})).await;
    let page = format!("/users/{}/edit", user.id);
    late(&person, (&page, &page), ("note", "mine"), async || {
        let change = json!({ "userId": user.id, "rpm": 7 });
        switchyard.admin("users/editUser", change).await;
    })
    .await;
    let page = format!("/keys/{}/edit", user.key_id);
    late(&person, (&page, &page), ("name", "mine"), async || {
        let change = json!({ "keyId": user.key_id, "name": "theirs" });
        switchyard.admin("keys/editKey", change).await;
    })
    .await;
}

#[actix_rt::test]
async fn an_address_that_nobody_could_call_is_refused() {
    let switchyard = Switchyard::start().await;
    let person = Person::admin(&switchyard).await;
    let new = "/providers/new";
    let html = person.page(&format!("{new}?preset=claude-compatible")).await;
    for url in
        ["localhost:11434/v1", "api.example.com:8443/v1", "htps://a.example", "ftp://a.example"]
    {
        let fields = typed(filled(&html, new), [("name", "x"), ("key", "sk-1"), ("url", url)]);
        let html = person.post(new, &pairs(&fields)).await.text();
        assert!(html.contains("must begin with http:// or https://"), "{url}: {html}");
    }
}
