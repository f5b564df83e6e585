//! The live stream over real sockets: what is told, to whom, how soon, and when it ends.

mod filters;
mod places;
mod resume;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::relay::stand::{Pair, Stand};
use crate::support::client::{End, Live, Request};
use crate::support::launch::ADMIN_TOKEN;
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Script;
use crate::support::upstream::answers::error_body;
use crate::support::waiting::SOON;

const DIALECT: Dialect = Dialect::Anthropic;

/// One event of the stream.
#[derive(Debug)]
struct Told {
    name: String,
    id: Option<String>,
    data: Value,
}

/// Logs in and returns the cookie.
async fn cookie(switchyard: &Switchyard, key: &str) -> String {
    let body = json!({ "key": key }).to_string();
    let request = Request::post("/api/auth/login", body).header("content-type", "application/json");
    let answer = switchyard.send(&request).await;
    let cookie = answer.header("set-cookie").expect("a login's cookie");
    cookie.split(';').next().unwrap().to_owned()
}

async fn open(switchyard: &Switchyard, cookie: &str, target: &str, more: &[(&str, &str)]) -> Live {
    let request =
        Request::get(target).header("cookie", cookie).header("accept", "text/event-stream");
    let request = more.iter().fold(request, |request, (name, value)| request.header(name, value));
    switchyard.client().open(&request).await.expect("an answer's head")
}

/// Opens a stream as admin and waits until it follows.
async fn follow(switchyard: &Switchyard) -> Live {
    let cookie = cookie(switchyard, ADMIN_TOKEN).await;
    let mut live = open(switchyard, &cookie, "/live", &[]).await;
    assert_eq!(live.status, 200);
    next(&mut live, "place").await;
    live
}

/// Reads on to the next event of one of the names.
async fn next(live: &mut Live, wanted: &str) -> Told {
    loop {
        let frame = live.next_frame().await.expect("the stream goes on");
        let field = |name: &str| {
            let found = frame.lines().find_map(|each| each.strip_prefix(name));
            found.and_then(|rest| rest.strip_prefix(": ")).map(str::to_owned)
        };
        let Some(name) = field("event").filter(|name| wanted.split(' ').any(|one| one == name))
        else {
            continue;
        };
        let data = serde_json::from_str(&field("data").expect("data")).expect("JSON");
        return Told { name, id: field("id"), data };
    }
}

/// The id that the client got.
fn id(answer: &crate::support::client::Answer) -> &str {
    answer.header("x-switchyard-request-id").expect("a request id")
}

#[tokio::test]
async fn a_request_is_on_the_screen_soon_after_its_end_and_in_the_ledger_by_then() {
    let stand = Stand::new().await;
    let mut live = follow(&stand.switchyard).await;
    assert_eq!(live.header("content-type"), Some("text/event-stream"));
    assert_eq!(live.header("cache-control"), Some("no-store"));
    assert_eq!(live.header("x-accel-buffering"), Some("no"));
    let mut slowest = Duration::ZERO;
    for _ in 0..5 {
        let answer = stand.ask(DIALECT, true).await;
        let ended = Instant::now();
        let row = next(&mut live, "row").await;
        slowest = slowest.max(ended.elapsed());
        assert_eq!(row.data["id"], id(&answer));
        let keys = (&row.data["user"], &row.data["key"], &row.data["status"]);
        assert_eq!(keys, (&json!(stand.user.id), &json!(stand.user.key_id), &json!(200)));
        let html = row.data["html"].as_str().unwrap();
        let begin = format!("<tr data-request=\"{}\">", id(&answer));
        assert!(html.trim().starts_with(&begin) && html.trim().ends_with("</tr>"), "{html}");
        for part in [MODEL, ">Ada<", ">claude 1<", "200 OK"] {
            assert!(html.contains(part), "{part}: {html}");
        }
        let newest = stand.switchyard.rows().await.remove(0);
        assert_eq!(newest["id"], id(&answer), "who opens it finds it");
    }
    println!("the slowest of five rows came {slowest:?} after its request had ended");
    assert!(slowest < SOON, "{slowest:?}");
}

#[tokio::test]
async fn a_row_comes_in_the_visitors_language() {
    let stand = Stand::new().await;
    let cookie = cookie(&stand.switchyard, ADMIN_TOKEN).await;
    let chinese = [("accept-language", "zh-CN,zh;q=0.9")];
    let mut live = open(&stand.switchyard, &cookie, "/live", &chinese).await;
    next(&mut live, "place").await;
    stand.ask(DIALECT, true).await;
    let row = next(&mut live, "row").await;
    assert!(row.data["html"].as_str().unwrap().contains("200 成功"), "{row:?}");
}

/// Reads on until exactly this load is told; whatever is told before it must hold.
async fn load(live: &mut Live, wanted: (u64, u64), holds: impl Fn(u64, u64) -> bool) {
    loop {
        let told = next(live, "sessions").await;
        let number = |name: &str| told.data[name].as_u64().expect("a count");
        let load = (number("active"), number("inFlight"));
        if load == wanted {
            return;
        }
        assert!(holds(load.0, load.1), "{told:?}");
    }
}

#[tokio::test]
async fn others_see_their_own_rows_and_sessions_and_no_breakers() {
    let pair = Pair::new(DIALECT).await;
    let ben = pair.switchyard.add_user(json!({ "name": "Ben" })).await;
    let cookie = cookie(&pair.switchyard, &ben.key).await;
    let mut admins = follow(&pair.switchyard).await;
    let mut bens = open(&pair.switchyard, &cookie, "/live", &[]).await;
    let begin = next(&mut bens, "place").await.id.unwrap();
    pair.first.always(Script::json(500, error_body(DIALECT, 500, "no")));
    for _ in 0..5 {
        assert_eq!(pair.ask(DIALECT, true).await.status, 200, "the second one serves");
    }
    let opened = next(&mut admins, "breaker").await;
    assert_eq!(opened.data["provider"], pair.first_id);
    let story = ["change", "from", "to", "reason"].map(|name| opened.data[name].as_str().unwrap());
    assert_eq!(story, ["opened", "closed", "open", "http 500"]);
    assert!(opened.data["until"].as_i64() > opened.data["at"].as_i64(), "{opened:?}");
    // Five conversations have ended, none of them his.
    load(&mut admins, (5, 0), |active, running| active <= 5 && running <= 1).await;
    load(&mut bens, (0, 0), |_, _| false).await;
    let reset = json!({ "providerId": pair.first_id });
    pair.switchyard.admin("providers/resetProviderCircuit", reset).await;
    let closed = next(&mut admins, "breaker").await;
    assert_eq!((&closed.data["change"], &closed.data["to"]), (&json!("reset"), &json!("closed")));

    let request = Request::model(DIALECT, &ben.key, MODEL, true);
    let answer = pair.switchyard.send(&request).await;
    load(&mut admins, (6, 0), |active, running| active <= 6 && running <= 1).await;
    load(&mut bens, (1, 0), |active, running| active <= 1 && running <= 1).await;
    // From the beginning, because the sessions may have been told before the row.
    let mut bens =
        open(&pair.switchyard, &cookie, &format!("/live?last-event-id={begin}"), &[]).await;
    let told = next(&mut bens, "row more reset breaker").await;
    assert_eq!((told.name.as_str(), &told.data["id"]), ("row", &json!(id(&answer))));
    assert_eq!(told.data["user"], ben.id);
}

#[tokio::test]
async fn a_flood_is_counted_instead_of_shown() {
    let stand = Stand::new().await;
    let mut live = follow(&stand.switchyard).await;
    let client = stand.switchyard.client();
    let request = stand.request(DIALECT, false);
    let asked: Vec<_> = (0..120)
        .map(|_| {
            let request = request.clone();
            tokio::spawn(async move { client.send(&request).await.status })
        })
        .collect();
    for answer in asked {
        assert_eq!(answer.await.unwrap(), 200);
    }
    let began = Instant::now();
    let (mut shown, mut counted) = (0, 0);
    while shown + counted < 120 {
        let told = next(&mut live, "row more reset").await;
        match told.name.as_str() {
            "row" => shown += 1,
            "more" => counted += told.data["count"].as_u64().unwrap(),
            _ => panic!("{told:?}"),
        }
        assert!(began.elapsed() < SOON, "{shown} shown and {counted} counted");
    }
    assert_eq!(shown + counted, 120, "each is told once");
    assert!(shown >= 20 && counted > 0, "{shown} shown and {counted} counted");
}

#[tokio::test]
async fn nobody_follows_without_a_login_and_a_stream_ends_with_its_login() {
    let stand = Stand::new().await;
    let stranger = open(&stand.switchyard, "a=b", "/live", &[]).await;
    assert_eq!(stranger.status, 401);
    let cookie = cookie(&stand.switchyard, ADMIN_TOKEN).await;
    let mut live = open(&stand.switchyard, &cookie, "/live", &[]).await;
    next(&mut live, "place").await;
    let log_out = Request::post("/api/auth/logout", "").header("cookie", &cookie);
    assert_eq!(stand.switchyard.send(&log_out).await.status, 200);
    let rest = tokio::time::timeout(Duration::from_secs(30), live.finish()).await;
    assert_eq!(rest.expect("within thirty seconds").unwrap().end, End::Clean);
}
