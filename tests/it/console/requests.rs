//! The ledger as people look through it: the list with its filters, a request with everything that
//! was decided about it, and those who were turned away at the door.

use std::collections::BTreeSet;

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use crate::relay::stand::{Pair, Stand};
use crate::support::client::{Answer, Request};
use crate::support::person::Person;
use crate::support::prices::MODEL;
use crate::support::upstream::Script;
use crate::support::upstream::answers::{self, error_body};
use crate::support::waiting::{self, SOON};

const DIALECT: Dialect = Dialect::Anthropic;

/// The id that the client got.
fn id(answer: &Answer) -> String {
    answer.header("x-switchyard-request-id").expect("a request id").to_owned()
}

/// The ids of the rows of a list, in its order.
fn rows(html: &str) -> Vec<String> {
    let parts = html.split("<tr data-request=\"").skip(1);
    parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
}

/// The address of the next page.
fn next(html: &str) -> Option<String> {
    let (head, _) = html.split_once("\" rel=\"next\"")?;
    let (_, href) = head.rsplit_once("href=\"")?;
    Some(href.replace("&amp;", "&").replace("&#x3D;", "="))
}

fn assert_has(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "no {part:?} in {html}");
    }
}

async fn until_listed(person: &Person<'_>, count: usize) {
    waiting::until("the rows are in the list", SOON, async || {
        (rows(&person.page("/requests").await).len() >= count).then_some(())
    })
    .await;
}

#[actix_rt::test]
async fn a_failover_is_told_step_by_step_in_both_languages() {
    let pair = Pair::new(DIALECT).await;
    pair.first.always(Script::json(500, error_body(DIALECT, 500, "the disk <is> full")));
    let answer = pair.ask(DIALECT, true).await;
    assert_eq!(answer.status, 200);
    let person = Person::admin(&pair.switchyard).await;
    let page = format!("/requests/{}", id(&answer));
    let html = person.page(&page).await;
    assert_has(
        &html,
        &[
            "200 OK",
            "claude 2 answered it to the end, after 2 tries that failed.",
            "The only provider of priority 0 that could take it.",
            "status 500: an error of its own",
            "the disk &lt;is&gt; full",
            "Tried once more at the same provider.",
            "The same provider once more: its try number 2.",
            "Went on to claude 2.",
            "1 provider had been tried already",
            "The answer was passed on to the client.",
            "went out byte for byte as it came",
            "List price",
            MODEL,
        ],
    );
    let chinese = person.in_chinese();
    let html = chinese.page(&page).await;
    assert_has(&html, &["转到 claude 2。", "在同一供应商再试一次。", "决策过程"]);
    assert!(!html.contains("Went on to"), "{html}");
}

#[actix_rt::test]
async fn a_request_that_nobody_can_take_says_who_was_left_out_and_why() {
    let off = [("ENABLE_FORMAT_CONVERSION", "false")];
    let pair = Pair::with(DIALECT, &off).await;
    let request = Request::model(Dialect::OpenaiChat, &pair.user.key, MODEL, false);
    let answer = pair.switchyard.send(&request).await;
    assert_eq!(answer.status, 503);
    let person = Person::admin(&pair.switchyard).await;
    let html = person.page(&format!("/requests/{}", id(&answer))).await;
    assert_has(
        &html,
        &[
            "503 no provider",
            "Nobody could take it",
            "2 providers speak another protocol",
            "claude 1, claude 2",
        ],
    );
    let owner = Person::with_key(&pair.switchyard, &pair.user.key).await;
    let html = owner.page(&format!("/requests/{}", id(&answer))).await;
    assert_has(&html, &["2 providers speak another protocol"]);
    assert!(!html.contains("claude 1"), "who else there is, is not theirs to know: {html}");
}

#[actix_rt::test]
async fn a_limit_that_refused_is_named_with_what_was_used() {
    let stand = Stand::new().await;
    let poor = stand.switchyard.add_user(json!({ "name": "Poor", "rpm": 1 })).await;
    let request = Request::model(DIALECT, &poor.key, MODEL, false);
    assert_eq!(stand.switchyard.send(&request).await.status, 200);
    let refused = stand.switchyard.send(&request).await;
    assert_eq!(refused.status, 429);
    let person = Person::admin(&stand.switchyard).await;
    let html = person.page(&format!("/requests/{}", id(&refused))).await;
    assert_has(
        &html,
        &["429 rate limit", "Requests a minute of the user: 1 of 1.", "No provider was asked."],
    );
}

#[actix_rt::test]
async fn filters_narrow_the_list_and_each_has_a_way_out() {
    let pair = Pair::new(DIALECT).await;
    let ben = pair.switchyard.add_user(json!({ "name": "Ben" })).await;
    let good = id(&pair.ask(DIALECT, true).await);
    pair.first.once(Script::json(400, error_body(DIALECT, 400, "no such tool")));
    let faulty = pair.ask(DIALECT, false).await;
    assert_eq!(faulty.status, 400);
    let faulty = id(&faulty);
    pair.first.once(Script::json(529, error_body(DIALECT, 529, "busy")));
    let retried = id(&pair.ask(DIALECT, true).await);
    let request = Request::model(DIALECT, &ben.key, MODEL, false);
    let bens = id(&pair.switchyard.send(&request).await);
    let person = Person::admin(&pair.switchyard).await;
    until_listed(&person, 4).await;
    let all = person.page("/requests").await;
    assert_eq!(rows(&all), [&*bens, &*retried, &*faulty, &*good]);
    assert_has(&all, &["data-live-rows", "js/live"]);
    let user = pair.user.id;
    let (first, second, key) = (pair.first_id, pair.second_id, ben.key_id);
    for (query, wanted) in [
        (format!("user={user}"), vec![&retried, &faulty, &good]),
        (format!("user={}&key={key}", ben.id), vec![&bens]),
        ("status=errors".to_owned(), vec![&faulty]),
        ("status=4xx".to_owned(), vec![&faulty]),
        ("status=5xx".to_owned(), vec![]),
        ("status=200".to_owned(), vec![&bens, &retried, &good]),
        (format!("provider={first}"), vec![&bens, &retried, &faulty, &good]),
        (format!("provider={second}"), vec![]),
        ("retries=1".to_owned(), vec![&retried]),
        (format!("model={MODEL}"), vec![&bens, &retried, &faulty, &good]),
        ("model=another".to_owned(), vec![]),
        ("time=hour".to_owned(), vec![&bens, &retried, &faulty, &good]),
        ("from=2020-01-01T00:00&to=2020-01-02T00:00".to_owned(), vec![]),
        (format!("user={user}&status=errors&time=today"), vec![&faulty]),
    ] {
        let html = person.page(&format!("/requests?{query}")).await;
        assert_eq!(rows(&html).iter().collect::<Vec<_>>(), wanted, "{query}");
        assert_has(&html, &["class=\"chip\"", "Show all"]);
    }
    let html = person.page("/requests?status=nonsense&id=12").await;
    assert_has(&html, &["This is no request id.", "aria-invalid"]);
    let found = person.get(&format!("/requests?id={good}")).await;
    assert_eq!(found.header("location"), Some(format!("/requests/{good}").as_str()));
    let sums = person.page("/requests/sums?status=errors").await;
    assert!(sums.contains("<dd>1</dd>") && !sums.contains("<html"), "{sums}");
    let html = person.page("/requests?status=errors&sums=1").await;
    assert_has(&html, &["<dd>1</dd>"]);
}

#[actix_rt::test]
async fn pages_show_each_row_once_while_new_ones_arrive() {
    let stand = Stand::new().await;
    let client = stand.switchyard.client();
    let mut sent = BTreeSet::new();
    for _ in 0..6 {
        let asked: Vec<_> = (0..20)
            .map(|_| {
                let (client, request) = (client, stand.request(DIALECT, false));
                tokio::spawn(async move { id(&client.send(&request).await) })
            })
            .collect();
        for answer in asked {
            sent.insert(answer.await.unwrap());
        }
    }
    let person = Person::admin(&stand.switchyard).await;
    waiting::until("all rows are written", SOON, async || {
        let sums = person.page("/requests/sums?time=hour").await;
        sums.contains("<dd>120</dd>").then_some(())
    })
    .await;
    let mut seen = Vec::new();
    let mut target = Some("/requests".to_owned());
    while let Some(address) = target {
        let html = person.page(&address).await;
        seen.extend(rows(&html));
        target = next(&html);
        stand.ask(DIALECT, false).await;
    }
    assert_eq!(seen.len(), 120, "fifty, fifty and twenty");
    assert_eq!(seen.iter().cloned().collect::<BTreeSet<_>>(), sent);
    assert!(seen.is_sorted_by(|one, other| one > other), "the newest first");
}

#[actix_rt::test]
async fn others_than_admins_see_their_own_requests_alone() {
    let pair = Pair::new(DIALECT).await;
    let ben = pair.switchyard.add_user(json!({ "name": "Ben" })).await;
    let adas = id(&pair.ask(DIALECT, true).await);
    let request = Request::model(DIALECT, &ben.key, MODEL, false);
    let bens = id(&pair.switchyard.send(&request).await);
    let admin = Person::admin(&pair.switchyard).await;
    until_listed(&admin, 2).await;
    let person = Person::with_key(&pair.switchyard, &ben.key).await;
    for query in ["", &format!("?user={}", pair.user.id), "?time=hour"] {
        let html = person.page(&format!("/requests{query}")).await;
        assert_eq!(rows(&html), [&*bens], "{query}");
        assert!(!html.contains("Ada") && !html.contains("/requests/door"), "{html}");
    }
    let sums = person.page(&format!("/requests/sums?user={}", pair.user.id)).await;
    assert_has(&sums, &["<dd>1</dd>"]);
    assert_eq!(person.get(&format!("/requests/{adas}")).await.status, 404);
    assert_eq!(person.get("/requests/door").await.status, 403);
    let html = person.page(&format!("/requests/{bens}")).await;
    assert_has(&html, &["claude 1 answered it to the end."]);
    assert!(!html.contains("Seed ") && !html.contains("weight "), "{html}");
    let stranger = Person::stranger(&pair.switchyard);
    let turned = stranger.get("/requests?status=500").await;
    assert_eq!(turned.header("location"), Some("/login?from=%2Frequests%3Fstatus%3D500"));
}

#[actix_rt::test]
async fn a_request_that_runs_is_waited_for_and_an_id_that_nobody_made_is_not() {
    let stand = Stand::new().await;
    let person = Person::admin(&stand.switchyard).await;
    for unknown in ["nonsense", "019df82f-3001-7101-8101-010101010101"] {
        let answer = person.get(&format!("/requests/{unknown}")).await;
        assert_eq!(answer.status, 404, "{unknown}");
    }
    stand.upstream.always(answers::truncated(DIALECT, MODEL, 1).stall());
    let live = stand.open(DIALECT).await;
    let running = live.header("x-switchyard-request-id").unwrap().to_owned();
    let html = person.page(&format!("/requests/{running}")).await;
    assert_has(&html, &["http-equiv=\"refresh\" content=\"2\"", "On its way", &running]);
    // As young, and nobody's.
    let last = if running.ends_with('0') { '1' } else { '0' };
    let other = format!("{}{last}", running.get(..running.len() - 1).unwrap());
    assert_eq!(person.get(&format!("/requests/{other}")).await.status, 404);
}

#[actix_rt::test]
async fn who_is_turned_away_at_the_door_is_listed_with_what_to_do() {
    let limit = [
        ("MAX_DECOMPRESSED_REQUEST_BYTES", "4 KiB"),
        ("ENABLE_OPENAI_RESPONSES_WEBSOCKET", "false"),
    ];
    let stand = Stand::with(&limit).await;
    let person = Person::admin(&stand.switchyard).await;
    let html = person.page("/requests/door").await;
    assert_has(&html, &["Nobody was turned away in the last hour"]);
    let wrong = Request::model(DIALECT, "sk-wrong-0123456789abcdef", MODEL, false);
    for _ in 0..3 {
        assert_eq!(stand.switchyard.send(&wrong).await.status, 401);
    }
    let key = &stand.user.key;
    let nowhere = Request::post("/v1/%2e%2e/x", "{}").bearer(key);
    assert_eq!(stand.switchyard.send(&nowhere).await.status, 404);
    let large = Request::saying(DIALECT, key, MODEL, false, &"x".repeat(5_000));
    assert_eq!(stand.switchyard.send(&large).await.status, 413);
    let socket = Request::get("/v1/responses")
        .bearer(key)
        .header("connection", "upgrade")
        .header("upgrade", "websocket");
    assert_eq!(stand.switchyard.send(&socket).await.status, 426);
    let body = json!({ "keyId": stand.user.key_id, "name": "Ada", "isEnabled": false });
    let off = stand.switchyard.action("keys/editKey", &body).await;
    assert_eq!(off.json()["ok"], true, "{}", off.text());
    let html = person.page("/requests/door").await;
    assert_has(
        &html,
        &[
            "401 unknown key",
            "sk-wron…",
            "Mistyped, or removed here",
            "404 unknown path",
            "/v1/%2e%2e/x",
            "413 too large",
            "MAX_DECOMPRESSED_REQUEST_BYTES",
            "426 no WebSocket",
            "nothing to do",
            "127.0.0.1",
        ],
    );
    assert!(!html.contains("sk-wrong"), "the key itself is not shown: {html}");
    assert!(html.matches("401 unknown key").count() == 1, "what repeats is one line: {html}");
    let list = person.page("/requests").await;
    assert_has(&list, &["6 refused at the door"]);
    assert!(rows(&list).is_empty(), "none of them has a row: {list}");
    assert_eq!(stand.ask(DIALECT, false).await.status, 401);
    assert_has(&person.page("/requests/door").await, &["401 key disabled"]);
    let chinese = person.in_chinese();
    assert_has(&chinese.page("/requests/door").await, &["401 未知密钥", "413 请求过大"]);
}
