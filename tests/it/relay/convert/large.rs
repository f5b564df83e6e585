//! Large answers that are converted: what is held of them, for how long, and where that ends.

use std::time::Duration;

use serde_json::json;
use switchyard_actors::domain::dialect::{Dialect, ProviderKind};

use super::read::{read, text};
use super::stand::Kinds;
use crate::relay::shared::gauge;
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::upstream::Script;
use crate::support::upstream::answers::{self, PLAIN, frames, truncated};
use crate::support::waiting::{SOON, until, until_true};

const CHAT: ProviderKind = ProviderKind::OpenaiCompatible;
const MIB: usize = 1 << 20;
/// What the memory for bodies has in it.
const HELD: &str = "switchyard_body_bytes";
/// What was turned away for want of it.
const SHED: &str = "switchyard_shed_total{outcome=\"bytes\"}";

async fn until_held(kinds: &Kinds, what: &str, fits: impl Fn(i64) -> bool) {
    until(what, Duration::from_secs(30), async || {
        fits(gauge(&kinds.switchyard, HELD).await).then_some(())
    })
    .await;
}

/// A whole answer with so many letters.
fn whole(letters: usize) -> Script {
    Script::json(200, answers::answer(CHAT.dialect(), MODEL, &"x".repeat(letters), &PLAIN))
}

#[tokio::test]
async fn a_large_answer_is_counted_until_it_is_taken_and_who_takes_nothing_is_let_go() {
    let kinds = Kinds::with(&[("SWITCHYARD_CLIENT_STALL_SECONDS", "3")]).await;
    kinds.upstream.always(whole(16 * MIB));
    let request = Request::model(Dialect::Anthropic, kinds.key(CHAT), MODEL, false);
    let mut live = kinds.switchyard.client().open(&request).await.expect("a head");
    until_held(&kinds, "the answer is counted", |held| held > 8 << 20).await;
    live.read_at_least(16 * MIB).await;
    assert_eq!(live.finish().await.expect("all of it").status, 200);
    until_held(&kinds, "it is given back", |held| held == 0).await;

    for stream in [false, true] {
        let client = kinds.switchyard.client().with_receive_buffer(4_096);
        let request = Request::model(Dialect::Anthropic, kinds.key(CHAT), MODEL, stream);
        let silent = client.open(&request).await.expect("a head");
        until_held(&kinds, "the answer is counted", |held| held > 8 << 20).await;
        until_held(&kinds, "it is let go", |held| held == 0).await;
        until_true("the client's connection is cut", SOON, || silent.was_reset()).await;
    }
    for row in kinds.switchyard.rows_when(3).await {
        assert_eq!(row["statusCode"], 200, "it was written before: {row:#}");
    }
}

#[tokio::test]
async fn a_converted_body_is_counted_beside_the_clients() {
    let kinds = Kinds::new().await;
    kinds.upstream.always(Script::status(200).sleep(Duration::from_mins(1)));
    let said = "x".repeat(4 * MIB);
    let request = Request::saying(Dialect::Anthropic, kinds.key(CHAT), MODEL, false, &said);
    let client = kinds.switchyard.client();
    let asking = tokio::spawn(async move { client.try_send(&request).await });
    until_held(&kinds, "both are counted", |held| held > 8 << 20).await;
    asking.abort();
    until_held(&kinds, "both are given back", |held| held == 0).await;
}

#[tokio::test]
async fn an_answer_that_is_too_long_for_us_is_bought_once_and_blamed_on_nobody() {
    let kinds = Kinds::new().await;
    kinds.upstream.always(whole(33 * MIB));
    let answer = kinds.ask(Dialect::Anthropic, CHAT, false).await;
    assert_eq!(answer.status, 502, "{}", answer.text());
    assert!(answer.text().contains("longer than what switchyard holds"), "{}", answer.text());
    assert_eq!(answer.header("x-should-retry"), Some("false"));
    assert_eq!(kinds.upstream.count(), 1);
    let row = kinds.switchyard.only_row().await;
    assert_eq!(row["outputTokens"], PLAIN.output, "it is read on for what it used: {row:#}");

    let begun = truncated(CHAT.dialect(), MODEL, 1);
    let frame = (0..17).map(|_| "x".repeat(MIB));
    let endless = begun.chunk("data: ").chunks(frame).stall();
    kinds.upstream.reset();
    kinds.upstream.always(endless);
    let answer = kinds.ask(Dialect::Anthropic, CHAT, true).await;
    assert!(answer.text().contains("event: error"), "it has begun, and says that it broke off");
    assert_eq!(kinds.switchyard.rows_when(2).await[0]["statusCode"], 502);
    assert_eq!(kinds.switchyard.failures(kinds.id(CHAT)).await, 0, "nobody is blamed");
}

#[tokio::test]
async fn an_answer_that_there_is_no_memory_for_is_bought_once_and_billed() {
    let kinds = Kinds::with(&[
        ("SWITCHYARD_BODY_MEMORY_BYTES", "1 MiB"),
        ("MAX_COMPRESSED_REQUEST_BYTES", "64 KiB"),
        ("MAX_DECOMPRESSED_REQUEST_BYTES", "64 KiB"),
    ])
    .await;
    let all = frames(CHAT.dialect(), MODEL, 3, &PLAIN);
    let (long, half) = (all[1].replace("piece", &"x".repeat(MIB / 2)), 2);
    assert!(long.len() > MIB / 2, "{long}");
    let kept = (0..6).map(|_| long.clone());
    let folded =
        Script::frames(all[..half].iter().cloned().chain(kept).chain(all[half..].to_vec()));
    for (done, script) in [whole(2 * MIB), folded].into_iter().enumerate() {
        kinds.upstream.reset();
        kinds.upstream.always(script);
        let answer = kinds.ask(Dialect::Anthropic, CHAT, false).await;
        assert_eq!(answer.status, 502, "{done}: {}", answer.text());
        assert!(answer.text().contains("limit of memory"), "{done}: {}", answer.text());
        assert_eq!(answer.header("x-should-retry"), Some("false"));
        assert_eq!(kinds.upstream.count(), 1, "{done}");
        let row = kinds.switchyard.rows_when(done + 1).await.remove(0);
        assert_eq!(row["outputTokens"], PLAIN.output, "{done}: {row:#}");
        assert_eq!(gauge(&kinds.switchyard, SHED).await, i64::try_from(done).unwrap() + 1);
    }
    assert_eq!(kinds.switchyard.failures(kinds.id(CHAT)).await, 0, "nobody is blamed");
}

#[tokio::test]
async fn a_stream_that_is_folded_is_as_long_as_what_is_kept_of_it() {
    let kinds = Kinds::new().await;
    let all = frames(CHAT.dialect(), MODEL, 3, &PLAIN);
    let padding = format!(": {}\n\n", "x".repeat(MIB - 4));
    let long = (0..36).map(|_| padding.clone());
    kinds
        .upstream
        .always(Script::frames(all[..2].iter().cloned().chain(long).chain(all[2..].to_vec())));
    let answer = kinds.ask(Dialect::Anthropic, CHAT, false).await;
    let said = text(&read(Dialect::Anthropic, false, &answer));
    assert_eq!(said, "piece 0 piece 1 piece 2 ", "{}", answer.text());
}

#[tokio::test]
async fn a_stream_that_was_folded_leaves_its_connection_to_the_next() {
    let kinds = Kinds::new().await;
    // The end of HTTP comes a moment behind the end of the answer.
    let all = frames(CHAT.dialect(), MODEL, 3, &PLAIN);
    let late = Script::stream().chunks(all).sleep(Duration::from_millis(100)).end();
    kinds.upstream.always(late);
    for _ in 0..8 {
        let answer = kinds.ask(Dialect::Anthropic, CHAT, false).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert!(kinds.upstream.connections() <= 2, "one a worker: {}", kinds.upstream.connections());
}

#[tokio::test]
async fn a_session_has_a_key_for_the_vendors_cache() {
    let kinds = Kinds::new().await;
    let mut seen = Vec::new();
    for session in ["one", "one", "two"] {
        let request =
            Request::model(Dialect::Anthropic, kinds.key(ProviderKind::Codex), MODEL, true)
                .header("x-claude-code-session-id", session);
        assert_eq!(kinds.switchyard.send(&request).await.status, 200);
        let asked = kinds.upstream.only_request().json();
        seen.push(asked["prompt_cache_key"].clone());
        kinds.upstream.forget();
    }
    assert_eq!(seen[0].as_str().map(str::len), Some(36), "{seen:?}");
    assert!(seen[0] == seen[1] && seen[1] != seen[2], "{seen:?}");
    assert!(!seen[0].to_string().contains("one"));
    kinds.ask(Dialect::Anthropic, CHAT, true).await;
    assert_eq!(
        kinds.upstream.only_request().json()["prompt_cache_key"],
        json!(null),
        "not OpenAI's"
    );
}
