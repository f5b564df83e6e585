//! What is typed into a form survives what happens meanwhile: the login ends, there is another one
//! in another tab.

use serde_json::json;

use crate::support::browser::{Page, Role};
use crate::support::launch::ADMIN_TOKEN;
use crate::support::switchyard::Switchyard;

async fn at_the_form(switchyard: &Switchyard, path: &str) -> Page {
    let page = Page::open().await;
    let site = format!("http://{}", switchyard.address());
    page.enter(&site, ADMIN_TOKEN, "/dashboard").await;
    assert_eq!(page.goto(&format!("{site}{path}")).await, 200);
    page
}

/// Does in the background what somebody does in another tab.
async fn elsewhere(page: &Page, target: &str, field: &str, value: &str) {
    let value = json!(value);
    let post = format!(
        "window.elsewhere = 0; fetch('{target}', {{ method: 'POST', \
         body: new URLSearchParams({{ '{field}': {value} }}), redirect: 'manual' }})\
         .then((answer) => {{ window.elsewhere = answer.type; }}); true"
    );
    page.evaluate(&post).await;
    page.until_holds("another tab is done", "window.elsewhere === 'opaqueredirect'").await;
}

async fn users(switchyard: &Switchyard) -> usize {
    switchyard.admin("users/getUsers", json!({})).await.as_array().unwrap().len()
}

#[tokio::test]
async fn a_login_that_ends_behind_a_form_costs_one_key_and_one_click() {
    let switchyard = Switchyard::launch(&[]).await;
    let page = at_the_form(&switchyard, "/users/new").await;
    let csrf = page.evaluate("document.querySelector('[name=csrf]').value").await;
    elsewhere(&page, "/logout", "csrf", csrf.as_str().unwrap()).await;
    page.fill("Name", "Ann & Bob").await;
    page.click(Role::Button, "Create the user").await;
    page.see("Your login has ended").await;
    assert!(page.barriers().await.is_empty(), "{:?}", page.barriers().await);
    page.fill("Admin token or API key", ADMIN_TOKEN).await;
    page.click(Role::Button, "Sign in").await;
    page.see("It goes to").await;
    assert!(page.barriers().await.is_empty(), "{:?}", page.barriers().await);
    assert_eq!(users(&switchyard).await, 0);
    page.click(Role::Button, "Send what you typed").await;
    page.arrive("/keys/1").await;
    page.see("Ann & Bob").await;
    assert_eq!(users(&switchyard).await, 1);
}

#[tokio::test]
async fn a_form_of_before_another_login_is_one_click_away() {
    let switchyard = Switchyard::launch(&[]).await;
    let page = at_the_form(&switchyard, "/users/new").await;
    elsewhere(&page, "/login", "key", ADMIN_TOKEN).await;
    page.fill("Name", "Ann").await;
    page.click(Role::Button, "Create the user").await;
    page.see("You have signed in anew").await;
    page.click(Role::Button, "Send what you typed").await;
    page.arrive("/keys/1").await;
    assert_eq!(users(&switchyard).await, 1);
}
