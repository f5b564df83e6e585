//! `kill -9` in the middle of traffic: whatever a client got in full has exactly one row with the
//! upstream's usage; whatever else reached the upstream has exactly one that says so.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;
use switchyard_actors::domain::dialect::Dialect;

use super::stand::Stand;
use crate::support::client::{Client, End, Request};
use crate::support::upstream::answers::{self, Tokens, frames};
use crate::support::upstream::{Match, Rule, Script, Seen};
use crate::support::waiting;

const ROUNDS: u64 = 20;
/// Requests that end before or around the kill.
const SHORT: u64 = 40;
/// Requests that are certainly open at the kill.
const LONG: u64 = 60;
const TEXT: &str = "ended before this request did";

/// The model names the request, so that rows can be matched with what clients saw.
fn model(round: u64, number: u64) -> String {
    format!("kill-{round}-{number}")
}

fn number(model: &str) -> u64 {
    model.rsplit('-').next().and_then(|text| text.parse().ok()).expect("a numbered model")
}

/// Streams with the request's own usage; short ones end one after the other, long ones much later.
fn script(seen: &Seen) -> Script {
    let model = seen.model().expect("a model");
    let number = number(&model);
    let dialect = answers::dialect_of(&seen.path).expect("a known path");
    let all = frames(dialect, &model, 4, &Tokens::tagged(number));
    let (begin, rest) = all.split_at(2);
    let pause =
        if number < SHORT { Duration::from_millis(number * 15) } else { Duration::from_secs(9) };
    Script::stream().chunks(begin.to_vec()).sleep(pause).chunks(rest.to_vec()).end()
}

/// Asks, and tells whether the whole answer arrived.
async fn ask(client: Client, request: Request) -> bool {
    let Ok(answer) = client.try_send(&request).await else { return false };
    let text = answer.text();
    let terminal = text.contains("message_stop") || text.contains("[DONE]");
    answer.status == 200 && answer.end == End::Clean && terminal
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_lose_no_row_and_write_none_twice() {
    let mut stand = Stand::new().await;
    stand.upstream.script(Rule::made(Match::any(), script));
    for round in 0..ROUNDS {
        let full = kill_under_load(&mut stand, round).await;
        let seen = stand.upstream.requests();
        check_round(&stand, round, &full, &seen).await;
    }
}

/// Runs one round and returns which requests were answered in full.
async fn kill_under_load(stand: &mut Stand, round: u64) -> HashMap<String, bool> {
    let client = stand.switchyard.client();
    let mut asking = Vec::new();
    for number in 0..SHORT + LONG {
        let dialect = if number % 2 == 0 { Dialect::Anthropic } else { Dialect::OpenaiChat };
        let request = Request::model(dialect, &stand.user.key, &model(round, number), true);
        asking.push((model(round, number), tokio::spawn(ask(client, request))));
    }
    let prefix = format!("kill-{round}-");
    waiting::until_true("fifty requests are in flight", Duration::from_secs(30), || {
        let open =
            |seen: &Seen| !seen.answered && seen.model().is_some_and(|m| m.starts_with(&prefix));
        let requests = stand.upstream.requests();
        let long = requests.iter().filter(|seen| open(seen));
        long.filter(|seen| number(&seen.model().unwrap()) >= SHORT).count() >= 50
    })
    .await;
    // Another moment in each round: before, among and after the ends of the short ones.
    tokio::time::sleep(Duration::from_millis(round * 35)).await;
    stand.switchyard.sigkill();
    let mut full = HashMap::new();
    for (model, task) in asking {
        full.insert(model, task.await.unwrap());
    }
    stand.switchyard.restart().await;
    full
}

async fn check_round(stand: &Stand, round: u64, full: &HashMap<String, bool>, seen: &[Seen]) {
    let prefix = format!("kill-{round}-");
    let mut rows: HashMap<String, Vec<Value>> = HashMap::new();
    for row in stand.switchyard.all_rows().await {
        let model = row["model"].as_str().or(row["originalModel"].as_str()).unwrap_or_default();
        if model.starts_with(&prefix) {
            rows.entry(model.to_owned()).or_default().push(row);
        }
    }
    for (model, whole) in full {
        let reached = seen.iter().filter(|seen| seen.model().as_ref() == Some(model)).count();
        let own = rows.get(model).map(Vec::as_slice).unwrap_or_default();
        assert!(own.len() <= 1, "{model} has two rows: {own:#?}");
        assert!(reached == 0 || own.len() == 1, "{model} reached the upstream and has no row");
        if let [row] = own {
            check_row(model, *whole, row);
        }
        assert!(!whole || reached == 1, "{model} was answered by the upstream");
    }
    let answered = full.values().filter(|whole| **whole).count();
    println!("round {round}: {answered} whole answers, {} rows", rows.len());
}

fn check_row(model: &str, whole: bool, row: &Value) {
    let exact = row["statusCode"] == 200
        && row["inputTokens"] == answers::PLAIN.input
        && row["outputTokens"] == Tokens::tagged(number(model)).output;
    let error = row["errorMessage"].as_str().unwrap_or_default();
    let interrupted = row["statusCode"] == 500 && error.contains(TEXT);
    if whole {
        assert!(exact, "{model} was answered in full: {row:#}");
    } else {
        // The row of an answer is written before its last bytes go out: a kill between the two
        // leaves a true row and a client without them.
        assert!(interrupted || exact, "{model} was not: {row:#}");
        assert!(interrupted || number(model) < SHORT, "{model} cannot have ended: {row:#}");
    }
}
