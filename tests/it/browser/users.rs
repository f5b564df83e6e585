//! From nobody to a first request: a user is made by hand, and the page of the key sees it arrive.

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use crate::support::browser::{Page, Role, Theme, WIDE};
use crate::support::shell::request_of;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;

const PHONE: (u32, u32) = (360, 740);

#[tokio::test]
async fn the_page_of_a_new_key_sees_its_first_request_arrive() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let page = Page::of_admin(&switchyard, "/users").await;
    page.click(Role::Link, "Create a user").await;
    page.arrive("/users/new").await;
    page.fill("Name", "Ann").await;
    page.click(Role::Button, "Create the user").await;
    page.arrive("/keys/1").await;
    page.see("No request seen yet").await;
    let curl = page.evaluate("document.getElementById('first-curl').textContent").await;
    let answer = switchyard.send(&request_of(curl.as_str().unwrap())).await;
    assert_eq!(answer.status, 200, "{curl}: {}", answer.text());
    page.see("First request seen").await;
    page.find(Role::Link, "See why it went there").await;
    let shown = page.evaluate("document.getElementById('the-key').textContent").await;
    assert_eq!(shown.as_str().map(str::len), Some(35), "the key is still there: {shown}");
    page.goto(&page.url().await).await;
    page.see("Showing it is noted").await;
    page.click(Role::Button, "Show the key").await;
    page.see("each time is noted").await;
    assert_eq!(page.evaluate("document.getElementById('the-key').textContent").await, shown);
    assert!(page.complaints().is_empty(), "{:?}", page.complaints());
}

#[tokio::test]
async fn on_a_phone_a_text_to_be_copied_has_all_the_width_and_the_button_covers_none_of_it() {
    let switchyard = Switchyard::launch(&[]).await;
    let user = switchyard.add_user(json!({})).await;
    let page = Page::of_admin(&switchyard, "/users").await;
    page.resize(PHONE).await;
    page.goto(&format!("http://{}/keys/{}", switchyard.address(), user.key_id)).await;
    page.click(Role::Button, "Show the key").await;
    page.see("each time is noted").await;
    let places = "(() => {
        document.querySelectorAll('details.client').forEach((one) => { one.open = true; });
        return [...document.querySelectorAll('.copy')].filter((one) => {
            const [text, button] = [one.querySelector('code'), one.querySelector('button')];
            const box = one.querySelector('pre').getBoundingClientRect();
            const lines = [...text.getClientRects()];
            const widest = Math.max(...lines.map((line) => line.right));
            const isCovered = lines.at(-1).bottom > button.getBoundingClientRect().top;
            return isCovered || (lines.length > 3 && widest < box.right - 60);
        }).map((one) => one.textContent);
    })()";
    assert_eq!(page.evaluate(places).await, json!([]));
}

#[tokio::test]
async fn users_are_found_while_one_types() {
    let switchyard = Switchyard::launch(&[]).await;
    for name in ["Ann", "Bob"] {
        switchyard.add_user(json!({ "name": name })).await;
    }
    let page = Page::of_admin(&switchyard, "/users").await;
    page.see("2 users").await;
    page.fill("Name, note or tag", "bo").await;
    page.see("1 user").await;
    page.until_holds("the search in the address", "location.search === '?q=bo'").await;
    assert!(page.look_for(Role::Link, "Ann").await.is_none());
    page.find(Role::Link, "Bob").await;
}

#[tokio::test]
async fn the_rooms_of_users_and_keys_shut_nobody_out() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let note = "a note with a-very-long-word-that-no-phone-is-wide-enough-for-at-all";
    let body = json!({ "name": "Ann", "note": note, "tags": ["team-a"], "limitTotalUsd": 5 });
    let user = switchyard.add_user(body).await;
    switchyard.add_key(user.id, "laptop", json!({ "limitDailyUsd": 1 })).await;
    let page = Page::of_admin(&switchyard, "/users").await;
    let site = format!("http://{}", switchyard.address());
    let mut found = Vec::new();
    for path in [
        "/users".to_owned(),
        "/users?q=nobody".to_owned(),
        "/users/new".to_owned(),
        format!("/users/{}", user.id),
        format!("/users/{}/edit", user.id),
        format!("/users/{}/keys/new", user.id),
        format!("/users/{}/remove", user.id),
        format!("/keys/{}", user.key_id),
        format!("/keys/{}/edit", user.key_id),
    ] {
        for theme in Theme::ALL {
            page.prefer(theme).await;
            page.resize(WIDE).await;
            assert_eq!(page.goto(&format!("{site}{path}")).await, 200, "{path}");
            let mut here = page.barriers().await;
            page.resize(PHONE).await;
            if theme == Theme::ALL[0] {
                here.extend(page.barriers().await);
            }
            here.extend(page.complaints());
            let overhang = page.overhang().await;
            if overhang > 0 {
                here.push(format!("{overhang} pixels are beyond a phone"));
            }
            found.extend(here.into_iter().map(|one| format!("[{path} {}] {one}", theme.name())));
        }
    }
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}
