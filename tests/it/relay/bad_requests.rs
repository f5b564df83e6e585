//! The table of bad requests: what each is answered with, whether it leaves a row, and that the
//! process stays up and lean.

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::stand::Stand;
use crate::support::client::Request;
use crate::support::prices::{DIALECTS, MODEL};
use crate::support::upstream::answers;

/// What a bad request may leave in the ledger.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Row {
    /// Nothing: nobody known asked.
    None,
    /// At most one, with the status of the answer.
    Same,
}

struct Case {
    what: &'static str,
    body: Vec<u8>,
    status: u16,
    row: Row,
}

fn cases(dialect: Dialect) -> Vec<Case> {
    let good = answers::request(dialect, MODEL, false, "text");
    let case = |what, body: Vec<u8>, status| Case { what, body, status, row: Row::Same };
    let mut invalid = good.clone().into_bytes();
    let at = good.find("text\"").unwrap_or(5);
    invalid[at] = 0xff;
    let mut cases = vec![
        case("cut JSON", good.as_bytes()[..good.len() - 2].to_vec(), 400),
        case("no JSON", b"hello".to_vec(), 400),
        case("empty body", Vec::new(), 400),
        case("a JSON array", b"[1, 2]".to_vec(), 400),
        case("something after the JSON", [good.as_bytes(), b"{}"].concat(), 400),
        case("invalid UTF-8", invalid, 400),
        case("deep nesting", [b"{\"a\":".repeat(100_000), b"1".to_vec()].concat(), 400),
    ];
    if !matches!(dialect, Dialect::Gemini) {
        let twice = good.replacen('{', "{\"model\":\"another\",", 1);
        cases.push(case("two models", twice.into_bytes(), 400));
    }
    cases
}

#[tokio::test]
async fn bad_bodies_are_refused_in_the_dialect_and_never_forwarded() {
    let mut stand = Stand::new().await;
    let before = stand.switchyard.rss_kib();
    for dialect in DIALECTS {
        for case in cases(dialect) {
            let known = stand.switchyard.all_rows().await.len();
            let request = stand.request(dialect, false).body(case.body);
            let answer = stand.switchyard.send(&request).await;
            let what = case.what;
            assert_eq!(answer.status, case.status, "{dialect}, {what}: {}", answer.text());
            assert!(answer.json()["error"]["message"].is_string(), "{dialect}, {what}");
            let rows = stand.switchyard.all_rows().await;
            let new = &rows[..rows.len() - known];
            assert!(new.len() <= 1 && case.row == Row::Same, "{dialect}, {what}: {new:#?}");
            assert!(new.iter().all(|row| row["statusCode"] == answer.status), "{new:#?}");
        }
    }
    assert_eq!(stand.upstream.count(), 0, "nothing of this was forwarded");
    let grown = stand.switchyard.rss_kib().saturating_sub(before);
    assert!(grown < 32 * 1_024, "{grown} KiB more after the table");
    assert!(stand.switchyard.is_running());
}

#[tokio::test]
async fn unknown_callers_and_places_leave_no_row() {
    let stand = Stand::new().await;
    let key = &stand.user.key;
    let unknown = Request::model(Dialect::Anthropic, "sk-unknown", MODEL, false);
    let cases = [
        ("unknown key", unknown, 401),
        ("unknown route", Request::post("/nothing/here", "{}").bearer(key), 404),
        ("unknown page", Request::get("/wp-login.php"), 404),
    ];
    for (what, request, status) in cases {
        let answer = stand.switchyard.send(&request).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
    }
    assert_eq!(stand.switchyard.rows().await.len(), 0, "{:?}", Row::None);
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
    let answer = stand.ask(Dialect::Anthropic, false).await;
    assert!((502..=504).contains(&answer.status), "{}: {}", answer.status, answer.text());
    assert_eq!(answer.json()["type"], "error");
    assert!(!answer.text().contains("no-such-host"), "{}", answer.text());
    assert_eq!(stand.switchyard.only_row().await["statusCode"], answer.status);
    assert!(stand.switchyard.is_running());
}
