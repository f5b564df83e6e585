//! The dashboard in a browser: a chart for every hand, figures that follow, nobody shut out.

use std::time::{Duration, Instant};

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use crate::relay::stand::Pair;
use crate::support::browser::{Key, Page, Theme, WIDE};
use crate::support::client::Request;
use crate::support::launch::ADMIN_TOKEN;
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::error_body;
use crate::support::upstream::{Script, Upstream};

/// The narrowest phone.
const SLIM: (u32, u32) = (360, 740);

async fn enter(page: &Page, switchyard: &Switchyard) {
    page.goto(&format!("http://{}/login?from=/dashboard", switchyard.address())).await;
    page.fill("Admin token or API key", ADMIN_TOKEN).await;
    page.press(Key::Enter).await;
    page.arrive("/dashboard").await;
}

async fn ask(switchyard: &Switchyard, key: &str) {
    let request = Request::model(Dialect::Anthropic, key, MODEL, false);
    assert_eq!(switchyard.send(&request).await.status, 200);
}

/// A relay with one request behind it, and the key for more.
async fn at_work() -> (Upstream, Switchyard, String) {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({})).await;
    ask(&switchyard, &user.key).await;
    switchyard.only_row().await;
    (upstream, switchyard, user.key)
}

async fn tip(page: &Page) -> String {
    let text = page.evaluate("document.querySelector('[data-tip]').innerText").await;
    text.as_str().unwrap_or_default().replace('\n', " ")
}

#[tokio::test]
async fn the_arrow_keys_walk_through_a_chart_and_enter_opens_its_requests() {
    let (_upstream, switchyard, _) = at_work().await;
    let page = Page::open().await;
    page.resize(WIDE).await;
    enter(&page, &switchyard).await;
    page.evaluate("document.querySelector('[data-plot]').focus({ focusVisible: true })").await;
    page.until_holds("the cursor", "!document.querySelector('[data-tip]').hidden").await;
    let here = tip(&page).await;
    assert!(here.contains("Served 1") && here.contains("Failed 0"), "{here}");
    page.press(Key::Left).await;
    let before = tip(&page).await;
    assert_ne!(before, here, "another hour");
    page.press(Key::Right).await;
    assert_eq!(tip(&page).await, here);
    page.press(Key::Escape).await;
    page.until_holds("no cursor", "document.querySelector('[data-tip]').hidden").await;
    page.press(Key::Right).await;
    page.press(Key::Enter).await;
    page.until_holds("the requests", "location.pathname === '/requests'").await;
    assert!(page.url().await.contains("?from=20"), "{}", page.url().await);
}

#[tokio::test]
async fn figures_follow_what_happens() {
    let (_upstream, switchyard, key) = at_work().await;
    let page = Page::open().await;
    enter(&page, &switchyard).await;
    let shown = |count: usize| {
        format!("document.querySelector('.facts dd').innerText.trim().startsWith('{count}')")
    };
    page.until_holds("one request", &shown(1)).await;
    ask(&switchyard, &key).await;
    page.until_holds("two requests", &shown(2)).await;
    assert_eq!(page.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_breaker_that_opens_is_seen_at_once_and_so_is_its_end() {
    let pair = Pair::new(Dialect::Anthropic).await;
    let page = Page::open().await;
    pair.ask(Dialect::Anthropic, false).await;
    pair.switchyard.only_row().await;
    enter(&page, &pair.switchyard).await;
    page.see("Live").await;
    let troubles = "document.querySelector('[data-part=troubles]').innerText";
    let health = "document.querySelector('.health > summary').innerText";
    assert_eq!(page.evaluate(&format!("{troubles}.trim()")).await, "");
    let well = page.evaluate(health).await;
    pair.first.always(Script::json(500, error_body(Dialect::Anthropic, 500, "no")));
    for _ in 0..5 {
        pair.ask(Dialect::Anthropic, false).await;
    }
    page.until_holds("the sentence", &format!("{troubles}.includes('claude 1')")).await;
    page.until_holds("the frame's word", &format!("{health} !== {well}")).await;
    let reset = json!({ "providerId": pair.first_id });
    pair.switchyard.admin("providers/resetProviderCircuit", reset).await;
    page.until_holds("all is well", &format!("{troubles}.trim() === '' && {health} === {well}"))
        .await;
    assert_eq!(page.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_request_is_on_the_dashboard_within_a_second_also_while_others_come() {
    let (_upstream, switchyard, key) = at_work().await;
    let page = Page::open().await;
    enter(&page, &switchyard).await;
    page.see("Live").await;
    let request = Request::model(Dialect::Anthropic, &key, MODEL, false);
    let mut took = Vec::new();
    for _ in 0..9 {
        let answer = switchyard.send(&request).await;
        let ended = Instant::now();
        let id = answer.header("x-switchyard-request-id").unwrap();
        let there =
            format!("document.querySelector('[data-part=feed] a[href$=\"{id}\"]') !== null");
        page.until_holds("the request", &there).await;
        took.push(ended.elapsed());
    }
    took.sort_unstable();
    println!("requests were on the dashboard after {took:?}");
    assert!(took[4] < Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn nobody_is_shut_out_and_a_phone_is_wide_enough() {
    let (_upstream, worked, _) = at_work().await;
    let fresh = Switchyard::launch(&[]).await;
    for switchyard in [&worked, &fresh] {
        let page = Page::open().await;
        enter(&page, switchyard).await;
        for path in ["/dashboard", "/dashboard?metric=latency&range=24h", "/dashboard?range=30d"] {
            for theme in Theme::ALL {
                page.prefer(theme).await;
                page.resize(WIDE).await;
                page.goto(&format!("http://{}{path}", switchyard.address())).await;
                page.evaluate(
                    "document.querySelectorAll('details').forEach((d) => d.open = true); 0",
                )
                .await;
                assert_eq!(page.barriers().await, Vec::<String>::new(), "{path} {theme:?}");
                page.resize(SLIM).await;
                assert_eq!(page.overhang().await, 0, "{path} {theme:?}");
                assert_eq!(page.barriers().await, Vec::<String>::new(), "{path} {theme:?}");
                assert_eq!(page.complaints(), Vec::<String>::new(), "{path} {theme:?}");
            }
        }
    }
}
