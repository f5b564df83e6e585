//! The table of bad requests: what each is answered with, whether it leaves a row, and that the
//! process stays up and lean.

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::stand::Stand;
use super::uploads::{MIB, body_of, chunked, gzip_bomb, zstd_bomb};
use crate::support::client::Request;
use crate::support::prices::{DIALECTS, MODEL};
use crate::support::upstream::answers;

/// What a case may leave behind in memory: the allocator may keep what a decoder used up to the
/// limit of a body.
const SLACK_KIB: u64 = 144 * 1_024;

/// One line of the table.
struct Case {
    what: &'static str,
    request: Request,
    status: u16,
    /// Rows it leaves: one where a known caller's body was read, none where it was refused before.
    rows: usize,
}

/// Bodies that are read and wrong: refused with 400 and one row each.
fn bodies(dialect: Dialect) -> Vec<(&'static str, Vec<u8>)> {
    let good = answers::request(dialect, MODEL, false, "text");
    let mut invalid = good.clone().into_bytes();
    let at = good.find("text\"").unwrap_or(5);
    invalid[at] = 0xff;
    let mut bodies = vec![
        ("cut JSON", good.as_bytes()[..good.len() - 2].to_vec()),
        ("no JSON", b"hello".to_vec()),
        ("empty body", Vec::new()),
        ("a JSON array", b"[1, 2]".to_vec()),
        ("something after the JSON", [good.as_bytes(), b"{}"].concat()),
        ("invalid UTF-8", invalid),
        ("deep nesting", [b"{\"a\":".repeat(100_000), b"1".to_vec()].concat()),
    ];
    if !matches!(dialect, Dialect::Gemini) {
        bodies.push(("two models", good.replacen('{', "{\"model\":\"another\",", 1).into_bytes()));
    }
    bodies
}

/// The whole table for one dialect.
async fn table(stand: &Stand, dialect: Dialect) -> Vec<Case> {
    let good = || stand.request(dialect, false);
    let read = |(what, body)| Case { what, request: good().body(body), status: 400, rows: 1 };
    let mut table: Vec<Case> = bodies(dialect).into_iter().map(read).collect();
    let mut refused = |what, request, status| table.push(Case { what, request, status, rows: 0 });
    let off = stand.switchyard.add_user(json!({})).await;
    let edit = json!({ "userId": off.id, "isEnabled": false });
    stand.switchyard.admin("users/editUser", edit).await;
    refused("unknown key", Request::model(dialect, "sk-unknown", MODEL, false), 401);
    refused("disabled user's key", Request::model(dialect, &off.key, MODEL, false), 401);
    let nowhere = Request::post("/nothing/here", "{}").bearer(&stand.user.key);
    refused("unknown page", nowhere, 404);
    refused("200 MB", good().body(body_of(200 * MIB)), 413);
    let endless = good().body(chunked(200)).header("transfer-encoding", "chunked").unframed();
    refused("200 MB without a length", endless, 413);
    for (what, coding, body) in
        [("zstd bomb", "zstd", zstd_bomb()), ("gzip bomb", "gzip", gzip_bomb())]
    {
        refused(what, good().body(body).header("content-encoding", coding), 413);
    }
    refused("not gzip", good().body("not gzip").header("content-encoding", "gzip"), 400);
    refused("unknown coding", good().body("?").header("content-encoding", "lzma"), 415);
    table
}

#[tokio::test]
async fn the_table_of_bad_requests_holds() {
    let mut stand = Stand::with(&[("SWITCHYARD_UPLOAD_IDLE_SECONDS", "2")]).await;
    let mut rows = 0;
    for dialect in DIALECTS {
        for case in table(&stand, dialect).await {
            let what = format!("{dialect}, {}", case.what);
            let before = stand.switchyard.rss_kib();
            let answer = stand.switchyard.send(&case.request).await;
            assert_eq!(answer.status, case.status, "{what}: {}", answer.text());
            let error = &answer.json()["error"];
            assert!(error["message"].is_string(), "{what}: {}", answer.text());
            let shaped = dialect != Dialect::Anthropic || answer.json()["type"] == "error";
            assert!(shaped || case.status == 404, "{what}: {}", answer.text());
            rows += case.rows;
            let known = stand.switchyard.rows_when(rows).await;
            let status = &known.first().map(|row| row["statusCode"].clone());
            assert!(case.rows == 0 || *status == Some(json!(case.status)), "{what}: {status:?}");
            let grown = stand.switchyard.rss_kib().saturating_sub(before);
            assert!(grown < SLACK_KIB, "{what}: {grown} KiB more");
        }
    }
    assert_eq!(stand.upstream.count(), 0, "nothing of this was forwarded");
    assert!(stand.switchyard.is_running());
    assert_eq!(stand.ask(Dialect::Anthropic, false).await.status, 200, "and all is well");
}

#[tokio::test]
async fn an_upload_that_trickles_and_stops_leaves_no_row_and_no_memory() {
    let stand = Stand::with(&[("SWITCHYARD_UPLOAD_IDLE_SECONDS", "1")]).await;
    let before = stand.switchyard.rss_kib();
    let promised = Request::post("/v1/messages", "{\"model\":")
        .header("x-api-key", &stand.user.key)
        .header("content-length", "90000000")
        .unframed();
    let ended = stand.switchyard.client().try_send(&promised).await;
    if let Ok(answer) = ended {
        assert_eq!((answer.status, &answer.json()["type"]), (408, &json!("error")));
    }
    let grown = stand.switchyard.rss_kib().saturating_sub(before);
    assert!(grown < 4 * 1_024, "{grown} KiB more: nothing is set aside on a promise");
    assert_eq!(stand.switchyard.rows().await.len(), 0);
    assert_eq!(stand.upstream.count(), 0);
}

#[tokio::test]
async fn a_provider_url_with_a_typo_is_an_error_with_a_row() {
    let mut stand = Stand::new().await;
    let providers = stand.switchyard.admin("providers/getProviders", json!({})).await;
    for provider in providers.as_array().unwrap() {
        let off = json!({ "providerId": provider["id"], "is_enabled": false });
        stand.switchyard.admin("providers/editProvider", off).await;
    }
    let typo = "http://no-such-host.invalid";
    stand.switchyard.add_provider("claude", typo, json!({})).await;
    let before = stand.switchyard.rss_kib();
    let answer = stand.ask(Dialect::Anthropic, false).await;
    assert!((502..=504).contains(&answer.status), "{}: {}", answer.status, answer.text());
    assert_eq!(answer.json()["type"], "error");
    assert!(!answer.text().contains("no-such-host"), "{}", answer.text());
    assert_eq!(stand.switchyard.only_row().await["statusCode"], answer.status);
    let grown = stand.switchyard.rss_kib().saturating_sub(before);
    assert!(grown < 8 * 1_024, "{grown} KiB more");
    assert!(stand.switchyard.is_running());
}
