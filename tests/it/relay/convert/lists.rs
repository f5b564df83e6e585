//! Gemini's clients that did not ask for events read one list that grows.

use serde_json::Value;
use switchyard_actors::domain::dialect::ProviderKind;

use super::stand::Kinds;
use crate::support::client::{Answer, End, Request};
use crate::support::prices::MODEL;
use crate::support::upstream::Script;
use crate::support::upstream::answers::{error_event, truncated};

const FOREIGN: [ProviderKind; 4] = [
    ProviderKind::Claude,
    ProviderKind::Codex,
    ProviderKind::OpenaiCompatible,
    ProviderKind::GeminiCli,
];

async fn ask(kinds: &Kinds, kind: ProviderKind) -> Answer {
    let target = format!("/v1beta/models/{MODEL}:streamGenerateContent");
    let body = r#"{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}"#;
    let request = Request::post(&target, body).header("x-goog-api-key", kinds.key(kind));
    kinds.switchyard.send(&request).await
}

fn elements(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let kind = answer.header("content-type").unwrap_or_default();
    assert!(kind.starts_with("application/json"), "{kind}");
    answer.json().as_array().expect("a list").clone()
}

#[tokio::test]
async fn a_list_grows_and_closes_with_the_answer() {
    let kinds = Kinds::new().await;
    for kind in FOREIGN {
        let answer = ask(&kinds, kind).await;
        let all = elements(&answer);
        let text = |one: &Value| {
            one["candidates"][0]["content"]["parts"][0]["text"].as_str().unwrap_or("").to_owned()
        };
        let said: String = all.iter().map(text).collect();
        assert!(said.starts_with("piece 0 piece 1 piece 2 "), "{kind}: {}", answer.text());
        let last = all.last().expect("an end");
        assert_eq!(last["candidates"][0]["finishReason"], "STOP", "{kind}");
    }
}

#[tokio::test]
async fn a_list_that_breaks_off_closes_with_an_error() {
    let kinds = Kinds::new().await;
    for kind in FOREIGN {
        let begun = || truncated(kind.dialect(), MODEL, 3);
        let scripts: [Script; 2] =
            [begun().reset(), begun().chunk(error_event(kind.dialect(), 529, "Overloaded")).end()];
        for script in scripts {
            kinds.upstream.reset();
            kinds.upstream.always(script);
            let answer = ask(&kinds, kind).await;
            assert_eq!(answer.end, End::Clean, "{kind}");
            let all = elements(&answer);
            let last = all.last().expect("an error");
            assert!(last["error"]["message"].is_string(), "{kind}: {}", answer.text());
            assert!(!answer.text().contains("\"STOP\""), "{kind}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn the_clis_clients_get_a_list_in_their_envelope() {
    let kinds = Kinds::new().await;
    for kind in [ProviderKind::Claude, ProviderKind::Codex, ProviderKind::OpenaiCompatible] {
        let body = format!(
            r#"{{"model":"{MODEL}","request":{{"contents":[{{"role":"user","parts":[{{"text":"Hi"}}]}}]}}}}"#
        );
        let target = "/v1internal:streamGenerateContent";
        let request = Request::post(target, body).header("x-goog-api-key", kinds.key(kind));
        let answer = kinds.switchyard.send(&request).await;
        let all = elements(&answer);
        let said: String = all
            .iter()
            .filter_map(|one| {
                one["response"]["candidates"][0]["content"]["parts"][0]["text"].as_str()
            })
            .collect();
        assert!(said.starts_with("piece 0 piece 1 piece 2 "), "{kind}: {}", answer.text());
        let last = &all.last().expect("an end")["response"]["candidates"][0];
        assert_eq!(last["finishReason"], "STOP", "{kind}");
    }
}
