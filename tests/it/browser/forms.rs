//! What is typed into a form survives what happens meanwhile: the login ends, there is another one
//! in another tab, the theme or the language is switched.

use serde_json::json;

use crate::support::browser::{Page, Role};
use crate::support::launch::ADMIN_TOKEN;
use crate::support::switchyard::Switchyard;

const NAME: &str = "document.getElementById('f-name')";

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

async fn value_is(page: &Page, value: &str) {
    let value = json!(value);
    page.until_holds("what was typed", &format!("{NAME}.value === {value}")).await;
}

async fn users(switchyard: &Switchyard) -> usize {
    switchyard.admin("users/getUsers", json!({})).await.as_array().unwrap().len()
}

async fn choose(page: &Page, preference: &str) {
    page.evaluate("document.querySelector('.tools .menu:last-child').open = true").await;
    page.click(Role::Button, preference).await;
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

#[tokio::test]
async fn a_theme_is_put_on_without_loading_the_page() {
    let switchyard = Switchyard::launch(&[]).await;
    let page = at_the_form(&switchyard, "/users/new").await;
    page.fill("Name", "Ann").await;
    page.evaluate("window.isTheSame = true").await;
    choose(&page, "Dark").await;
    let dark = "document.documentElement.dataset.theme === 'dark'";
    page.until_holds("the theme is there", dark).await;
    assert_eq!(page.evaluate("window.isTheSame === true").await, true);
    value_is(&page, "Ann").await;
    assert_eq!(page.complaints(), [""; 0]);
    page.until("the theme is kept", async || {
        page.goto(&format!("http://{}/users", switchyard.address())).await;
        (page.evaluate(dark).await == true).then_some(())
    })
    .await;
}

#[tokio::test]
async fn another_language_leaves_what_is_typed_and_no_secret_behind() {
    let switchyard = Switchyard::launch(&[]).await;
    let page = at_the_form(&switchyard, "/providers/new?preset=anthropic").await;
    page.fill("Name", "My vendor").await;
    // Shown again with what is wrong: at an address that only takes posts.
    page.evaluate("document.querySelector('[name=url]').value = 'nonsense'").await;
    page.evaluate("document.getElementById('f-key').value = 'sk-secret-of-mine'").await;
    page.evaluate("document.querySelector('form.page').noValidate = true").await;
    page.evaluate("document.querySelector('[name=daily_reset_time]').value = '07:30'").await;
    page.click(Role::Button, "Add the provider").await;
    page.see("Not an address").await;
    page.fill("Name", "My vendor 2").await;
    page.evaluate("document.getElementById('f-key').value = 'sk-secret-of-mine'").await;
    page.evaluate("document.querySelector('[name=is_enabled]').checked = false").await;
    // A window's name outlives its page.
    let look = "{ const put = Storage.prototype.setItem; Storage.prototype.setItem = \
                function (key, text) { window.name = text; put.call(this, key, text); }; }";
    page.evaluate(look).await;
    choose(&page, "简体中文").await;
    page.until_holds("Chinese", "document.documentElement.lang === 'zh-CN'").await;
    value_is(&page, "My vendor 2").await;
    let rest = "[document.querySelector('[name=daily_reset_time]').value, \
                document.querySelector('[name=is_enabled]').checked, \
                document.getElementById('f-key').value, location.pathname + location.search]";
    let expected = json!(["07:30", false, "", "/providers/new?preset=anthropic"]);
    assert_eq!(page.evaluate(rest).await, expected);
    let carried = page.evaluate("window.name").await;
    let carried = carried.as_str().unwrap();
    assert!(carried.contains("My vendor 2") && !carried.contains("sk-secret"), "{carried}");
    assert_eq!(page.evaluate("sessionStorage.length").await, 0, "once");
}

#[tokio::test]
async fn a_form_that_was_refused_leads_to_the_first_field_that_is_wrong() {
    let switchyard = Switchyard::launch(&[]).await;
    let page = at_the_form(&switchyard, "/providers/new?preset=anthropic").await;
    page.evaluate("document.getElementById('f-key').value = 'sk-0123456789'").await;
    page.evaluate("document.getElementById('f-weight').value = '0'").await;
    page.evaluate("document.getElementById('f-proxy_url').value = 'nonsense'").await;
    page.evaluate("document.querySelector('form.page').noValidate = true").await;
    page.click(Role::Button, "Add the provider").await;
    page.see("2 fields need another look").await;
    page.until_holds("the focus", "document.activeElement.id === 'f-weight'").await;
    let listed = "[...document.querySelectorAll('.faults a')].map((link) => link.hash)";
    assert_eq!(page.evaluate(listed).await, json!(["#f-weight", "#f-proxy_url"]));
    page.click(Role::Link, "Proxy").await;
    let seen = "(() => { const box = document.getElementById('f-proxy_url').getBoundingClientRect(); \
                return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight; })()";
    page.until_holds("the field is in sight", seen).await;

    let page = at_the_form(&switchyard, "/users/new").await;
    page.fill("Name", "Ann").await;
    page.evaluate("document.getElementById('f-rpm').value = ''").await;
    page.evaluate("document.querySelector('form.page').noValidate = true").await;
    page.click(Role::Button, "Create the user").await;
    page.see("This is needed").await;
    page.until_holds("the focus", "document.activeElement.id === 'f-rpm'").await;
}
