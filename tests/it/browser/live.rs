//! New rows, as somebody sees them who has a page open: at once, behind a button while they read
//! further down, and not at all while they look at something else.

use std::time::{Duration, Instant};

use serde_json::json;
use sha2::{Digest as _, Sha256};
use switchyard_actors::domain::dialect::Dialect;

use crate::relay::stand::Stand;
use crate::support::browser::{Page, Role};
use crate::support::launch::ADMIN_TOKEN;
use crate::support::waiting::SOON;

/// What a page with a list has: the state of the stream, the button, a table that keeps three rows.
const LIST: &str = r##"
<h1>Requests</h1>
<p data-live-state="paused" data-live-since="" data-word-open="Live" data-word-lost="Lost" hidden></p>
<button type="button" class="button small live-new" data-live-new data-one="1 new request" data-many="2 new requests" hidden></button>
<table><tbody data-live-rows="3"></tbody></table>
<p><a href="#here" id="here">Something to hold</a></p>"##;

/// Returns where a module is served.
fn address(name: &str) -> String {
    let path = format!("{}/assets/js/{name}.js", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).unwrap();
    format!("/assets/js/{name}.{}.js", &hex::encode(Sha256::digest(bytes))[..12])
}

/// Shows a page with a list to an admin, and waits until it is live.
async fn watched(stand: &Stand) -> Page {
    let page = Page::open().await;
    page.goto(&format!("http://{}/login", stand.switchyard.address())).await;
    let (list, key) = (json!(LIST), json!({ "key": ADMIN_TOKEN }));
    let modules = json!([address("live"), address("live-rows")]);
    let script = format!(
        "(async () => {{
            const headers = {{ 'content-type': 'application/json' }};
            const body = JSON.stringify({key});
            await fetch('/api/auth/login', {{ method: 'POST', headers, body }});
            document.querySelector('main').innerHTML = {list};
            for (const module of {modules}) await import(module);
        }})()"
    );
    page.evaluate(&script).await;
    page.see("Live").await;
    page
}

/// Asks the relay, and returns the expression that finds the row, with the instant of the end.
async fn ask(stand: &Stand) -> (String, Instant) {
    let answer = stand.ask(Dialect::Anthropic, true).await;
    let ended = Instant::now();
    let id = answer.header("x-switchyard-request-id").unwrap();
    (format!("document.querySelector('[data-request=\"{id}\"]')"), ended)
}

#[tokio::test]
async fn a_new_row_is_seen_soon_after_its_request_ended_and_old_ones_make_room() {
    let stand = Stand::new().await;
    let page = watched(&stand).await;
    page.evaluate("document.getElementById('here').focus()").await;
    let mut slowest = Duration::ZERO;
    for _ in 0..5 {
        let (row, ended) = ask(&stand).await;
        page.until_holds("the row is on top", &format!("{row}?.rowIndex === 0")).await;
        slowest = slowest.max(ended.elapsed());
    }
    println!("the slowest of five rows was seen {slowest:?} after its request had ended");
    assert!(slowest < SOON, "{slowest:?}");
    assert_eq!(page.evaluate("document.querySelector('tbody').rows.length").await, 3);
    assert_eq!(page.evaluate("document.activeElement.id").await, "here", "the focus stays");
    assert_eq!(page.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn rows_wait_behind_a_button_while_one_reads_further_down() {
    let stand = Stand::new().await;
    let page = watched(&stand).await;
    let (first, _) = ask(&stand).await;
    page.until_holds("the first row", &format!("{first} !== null")).await;
    page.evaluate("document.querySelector('main').style.minHeight = '5000px'").await;
    page.evaluate("scrollTo({ top: 2000, behavior: 'instant' })").await;
    page.until_holds("further down", "scrollY === 2000").await;
    let (second, _) = ask(&stand).await;
    let label = "document.querySelector('[data-live-new]').textContent";
    page.until_holds("one waits", &format!("{label} === '1 new request'")).await;
    let (third, _) = ask(&stand).await;
    page.until_holds("two wait", &format!("{label} === '2 new requests'")).await;
    assert_eq!(page.evaluate(&format!("{second} === null && {third} === null")).await, true);
    assert_eq!(page.evaluate("scrollY").await, 2000, "nothing has moved");
    page.click(Role::Button, "2 new requests").await;
    page.until_holds("they are there", &format!("{third}?.rowIndex === 0 && {second} !== null"))
        .await;
    page.until_holds("the top", "scrollY === 0").await;
    page.until_holds("no button", "document.querySelector('[data-live-new]').hidden").await;
}

#[tokio::test]
async fn a_hidden_tab_follows_nothing_and_has_missed_nothing_when_it_is_seen_again() {
    let stand = Stand::new().await;
    let page = watched(&stand).await;
    let (first, _) = ask(&stand).await;
    page.until_holds("the first row", &format!("{first} !== null")).await;
    page.hide().await;
    let state = "document.querySelector('[data-live-state]').dataset.liveState";
    page.until_holds("it is paused", &format!("{state} === 'paused'")).await;
    let (second, _) = ask(&stand).await;
    stand.switchyard.rows_when(2).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(page.evaluate(&format!("{second} === null")).await, true);
    page.show().await;
    page.until_holds("the second row", &format!("{second}?.rowIndex === 0")).await;
    assert_eq!(page.evaluate("document.querySelector('tbody').rows.length").await, 2);
}

#[tokio::test]
async fn a_page_says_that_the_relay_is_gone_and_goes_on_when_it_is_back() {
    let mut stand = Stand::new().await;
    let page = watched(&stand).await;
    stand.switchyard.sigterm();
    assert_eq!(stand.switchyard.wait_exit(SOON), Some(0));
    page.see("Lost").await;
    stand.switchyard.restart().await;
    page.see("Live").await;
    let (row, _) = ask(&stand).await;
    page.until_holds("the row", &format!("{row} !== null")).await;
}
