//! New rows, as somebody sees them who has a page open: at once, behind a button while they read
//! further down, and not at all while they look at something else.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use switchyard_actors::clock::{Clock as _, SystemClock};
use switchyard_actors::domain::dialect::Dialect;

use crate::relay::stand::Stand;
use crate::support::browser::{Key, Page, Role};
use crate::support::client::{Answer, Request};
use crate::support::launch::ADMIN_TOKEN;
use crate::support::person::Person;
use crate::support::upstream::Script;
use crate::support::upstream::answers::error_body;
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
    watched_with(stand, LIST).await
}

async fn watched_with(stand: &Stand, list: &str) -> Page {
    let page = Page::open().await;
    page.goto(&format!("http://{}/login", stand.switchyard.address())).await;
    let (list, key) = (json!(list), json!({ "key": ADMIN_TOKEN }));
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

/// Logs in as admin and goes to a page.
async fn entered(stand: &Stand, target: &str) -> Page {
    let page = Page::open().await;
    let origin = format!("http://{}", stand.switchyard.address());
    page.goto(&format!("{origin}/login")).await;
    page.fill("Admin token or API key", ADMIN_TOKEN).await;
    page.press(Key::Enter).await;
    page.arrive("/dashboard").await;
    page.goto(&format!("{origin}{target}")).await;
    page
}

/// The id that the client got.
fn id(answer: &Answer) -> &str {
    answer.header("x-switchyard-request-id").unwrap()
}

/// Asks the relay, and returns the expression that finds the row.
async fn ask(stand: &Stand) -> String {
    let answer = stand.ask(Dialect::Anthropic, true).await;
    format!("document.querySelector('[data-request=\"{}\"]')", id(&answer))
}

/// Notes in the page when each row was painted, on the clock that this process has too.
const WATCH: &str = "
    window.painted = {};
    const note = () => requestAnimationFrame(() => setTimeout(() => {
        for (const row of document.querySelectorAll('[data-request]'))
            window.painted[row.dataset.request] ??= performance.timeOrigin + performance.now();
    }));
    new MutationObserver(note).observe(document.body, { childList: true, subtree: true }); 0";

/// Now, in milliseconds as a page counts them.
fn now_ms() -> f64 {
    Duration::from_micros(SystemClock.now().0.unsigned_abs()).as_secs_f64() * 1e3
}

/// How many milliseconds after the end of its request a row was painted.
async fn painted(page: &Page, request: &str, ended: f64) -> f64 {
    let painted = page
        .until("the row is painted", async || {
            page.evaluate(&format!("window.painted['{request}'] ?? null")).await.as_f64()
        })
        .await;
    painted - ended
}

#[tokio::test]
async fn a_new_row_is_seen_soon_after_its_request_ended_and_old_ones_make_room() {
    let stand = Stand::new().await;
    let page = watched(&stand).await;
    page.evaluate("document.getElementById('here').focus()").await;
    page.evaluate(WATCH).await;
    let mut took = Vec::new();
    for _ in 0..5 {
        let answer = stand.ask(Dialect::Anthropic, true).await;
        let ended = now_ms();
        took.push(painted(&page, id(&answer), ended).await);
        let row = format!("document.querySelector('[data-request=\"{}\"]')", id(&answer));
        assert_eq!(page.evaluate(&format!("{row}.rowIndex")).await, 0, "it is on top");
    }
    took.sort_by(f64::total_cmp);
    println!("rows were painted so many milliseconds after their requests had ended: {took:.0?}");
    assert!(took[2] < 1_000.0, "{took:?}");
    assert_eq!(page.evaluate("document.querySelector('tbody').rows.length").await, 3);
    assert_eq!(page.evaluate("document.activeElement.id").await, "here", "the focus stays");
    assert_eq!(page.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_new_row_is_seen_soon_while_many_others_come() {
    let stand = Stand::new().await;
    let roomy = LIST.replace("data-live-rows=\"3\"", "data-live-rows=\"60\"");
    let page = watched_with(&stand, &roomy).await;
    page.evaluate(WATCH).await;
    let (client, request) = (stand.switchyard.client(), stand.request(Dialect::Anthropic, false));
    let mut ended: HashMap<String, f64> = HashMap::new();
    let mut last = String::new();
    for _ in 0..50 {
        let answer = client.send(&request).await;
        last = id(&answer).to_owned();
        ended.insert(last.clone(), now_ms());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    page.until_holds("the last is painted", &format!("'{last}' in window.painted")).await;
    let seen = page.evaluate("window.painted").await;
    // Where more came in a second than anybody reads, the first of them were only counted.
    let ended = ended.iter().filter_map(|(id, ended)| Some(seen[id].as_f64()? - ended));
    let mut took: Vec<f64> = ended.collect();
    assert!(took.len() >= 25, "{took:?}");
    took.sort_by(f64::total_cmp);
    let part = |percent: usize| took[(took.len() - 1) * percent / 100];
    println!("half within {:.0} ms, 95 of 100 within {:.0} ms", part(50), part(95));
    assert!(part(50) < 1_000.0, "{took:?}");
}

#[tokio::test]
async fn rows_wait_behind_a_button_while_one_reads_further_down() {
    let stand = Stand::new().await;
    let page = watched(&stand).await;
    let first = ask(&stand).await;
    page.until_holds("the first row", &format!("{first} !== null")).await;
    page.evaluate("document.querySelector('main').style.minHeight = '5000px'").await;
    page.evaluate("scrollTo({ top: 2000, behavior: 'instant' })").await;
    page.until_holds("further down", "scrollY === 2000").await;
    let second = ask(&stand).await;
    let label = "document.querySelector('[data-live-new]').textContent";
    page.until_holds("one waits", &format!("{label} === '1 new request'")).await;
    let third = ask(&stand).await;
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
    stand.switchyard.followers_when(1).await;
    let first = ask(&stand).await;
    page.until_holds("the first row", &format!("{first} !== null")).await;
    page.hide().await;
    let state = "document.querySelector('[data-live-state]').dataset.liveState";
    page.until_holds("it is paused", &format!("{state} === 'paused'")).await;
    stand.switchyard.followers_when(0).await;
    let second = ask(&stand).await;
    stand.switchyard.rows_when(2).await;
    assert_eq!(page.evaluate(&format!("{second} === null")).await, true, "nobody told it");
    page.show().await;
    page.until_holds("the second row", &format!("{second}?.rowIndex === 0")).await;
    stand.switchyard.followers_when(1).await;
    assert_eq!(page.evaluate("document.querySelector('tbody').rows.length").await, 2);
    let fetched = page.fetched();
    let places: Vec<_> = fetched
        .iter()
        .filter(|one| one.kind == "EventSource")
        .map(|one| one.url.split_once("last-event-id=").unwrap().1)
        .collect();
    let [_, again] = places.as_slice() else { panic!("{places:?}") };
    assert!(again.ends_with("-1"), "behind the first row: {places:?}");
}

#[tokio::test]
async fn a_filtered_list_without_rows_shows_the_first_one_that_belongs_to_it() {
    let stand = Stand::new().await;
    let page = entered(&stand, "/requests?status=errors&model=+").await;
    page.see("Live").await;
    page.see("Nothing matches").await;
    page.fill("Session", "half typed").await;
    let fine = ask(&stand).await;
    let broken = Script::json(400, error_body(Dialect::Anthropic, 400, "no such tool"));
    stand.upstream.once(broken);
    let failed = ask(&stand).await;
    page.until_holds("the row is seen", &format!("{failed}?.checkVisibility() === true")).await;
    assert_eq!(page.evaluate(&format!("{fine} === null")).await, true, "it belongs elsewhere");
    assert_eq!(page.evaluate("document.querySelector('.empty') === null").await, true);
    let typed = "document.querySelector('[name=session]').value";
    assert_eq!(page.evaluate(typed).await, "half typed", "the page was not loaded again");
    assert_eq!(page.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_page_says_why_it_is_not_live_and_becomes_it_when_there_is_a_place() {
    let stand = Stand::new().await;
    let person = Person::admin(&stand.switchyard).await;
    let token = person.cookie("auth-token").unwrap();
    let request = Request::get("/live").header("cookie", &format!("auth-token={token}"));
    let mut others = Vec::new();
    for _ in 0..20 {
        others.push(stand.switchyard.client().open(&request).await.unwrap());
    }
    stand.switchyard.followers_when(20).await;
    let page = entered(&stand, "/requests").await;
    page.see("too many tabs are open under this name").await;
    others.pop();
    page.see("Live").await;
    stand.switchyard.followers_when(20).await;
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
    let row = ask(&stand).await;
    page.until_holds("the row", &format!("{row} !== null")).await;
}
