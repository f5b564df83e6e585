//! Embeddings over the two families that have them: whole, in order, and billed by what was counted.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::{assert_row, assert_unknown_cost};
use crate::support::admin::NewUser;
use crate::support::client::{Answer, Request};
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{PLAIN, Tokens, error_body};
use crate::support::upstream::{Script, Upstream};

/// One provider of the kind, an instance, and a user.
struct World {
    upstream: Upstream,
    switchyard: Switchyard,
    user: NewUser,
    provider: i64,
}

impl World {
    async fn new(kind: &str) -> Self {
        Self::with(kind, &[]).await
    }

    async fn with(kind: &str, extra: &[(&str, &str)]) -> Self {
        let upstream = Upstream::start();
        let switchyard = Switchyard::start_with(extra).await;
        let provider = switchyard.add_provider(kind, &upstream.url(), json!({})).await;
        let user = switchyard.add_user(json!({})).await;
        Self { upstream, switchyard, user, provider }
    }

    async fn ask(&self, path: &str, body: Value) -> Answer {
        let request = Request::post(path, body.to_string()).bearer(&self.user.key);
        self.switchyard.send(&request).await
    }

    fn asked(&self) -> (String, Value) {
        let seen = self.upstream.only_request();
        (seen.path.clone(), serde_json::from_slice(&seen.body).expect("JSON"))
    }
}

fn many() -> String {
    format!("/v1beta/models/{MODEL}:batchEmbedContents")
}

#[tokio::test]
async fn an_openai_client_gets_embeddings_of_google_packed_as_it_likes() {
    let world = World::new("gemini").await;
    let body = json!({ "model": MODEL, "input": ["one", "two"], "dimensions": 2,
        "encoding_format": "base64" });
    let answer = world.ask("/v1/embeddings", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let said = answer.json();
    let packed = json!({ "object": "embedding", "index": 1, "embedding": "AACAPgAAAL8=" });
    assert_eq!(said["data"][1], packed);
    assert_eq!((&said["object"], &said["model"]), (&json!("list"), &json!(MODEL)));
    assert!(said["usage"]["prompt_tokens"].as_u64() > Some(0), "{said}");
    assert_eq!(answer.header("x-switchyard-estimate"), Some("1"), "Google counts no embeddings");
    let (path, asked) = world.asked();
    assert_eq!(path, many());
    assert_eq!(asked["requests"][0]["outputDimensionality"], 2);
    let row = world.switchyard.only_row().await;
    assert_eq!(row["statusCode"], 200, "{row:#}");
    assert_unknown_cost(&row);
    assert_eq!(row["inputTokens"], Value::Null, "an estimate is never billed: {row:#}");
    assert!(row["notes"].to_string().contains("estimated"), "{row:#}");
}

#[tokio::test]
async fn what_google_counts_is_billed_and_told() {
    let world = World::new("gemini").await;
    let body = json!({ "embedding": { "values": [1, 2] },
        "usageMetadata": { "promptTokenCount": PLAIN.input } });
    world.upstream.always(Script::json(200, body.to_string()));
    let answer = world.ask("/v1/embeddings", json!({ "model": MODEL, "input": "one" })).await;
    assert_eq!(answer.json()["usage"]["total_tokens"], PLAIN.input);
    assert_eq!(answer.json()["data"][0]["embedding"], json!([1, 2]));
    assert_eq!(answer.header("x-switchyard-estimate"), None);
    assert_eq!(world.asked().0, format!("/v1beta/models/{MODEL}:embedContent"));
    let row = world.switchyard.only_row().await;
    assert_row(&row, 200, &Tokens { output: 0, ..PLAIN });
}

#[tokio::test]
async fn a_gemini_client_gets_embeddings_of_openais_family_with_an_exact_bill() {
    for kind in ["openai-compatible", "codex"] {
        let world = World::new(kind).await;
        let body = json!({ "requests": [
            { "model": format!("models/{MODEL}"), "content": { "parts": [{ "text": "one" }] },
                "taskType": "RETRIEVAL_QUERY" },
            { "content": { "parts": [{ "text": "two" }] } },
        ] });
        let answer = world.ask(&many(), body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let vectors =
            json!({ "embeddings": [{ "values": [0.25, -0.5] }, { "values": [0.25, -0.5] }] });
        assert_eq!(answer.json(), vectors);
        let asked = json!({ "model": MODEL, "input": ["one", "two"], "encoding_format": "float" });
        assert_eq!(world.asked(), ("/v1/embeddings".to_owned(), asked));
        let row = world.switchyard.only_row().await;
        assert_row(&row, 200, &Tokens { output: 0, ..PLAIN });
    }
    let world = World::new("openai-compatible").await;
    let path = format!("/v1beta/models/{MODEL}:embedContent");
    let answer = world.ask(&path, json!({ "content": { "parts": [{ "text": "one" }] } })).await;
    assert_eq!(answer.json(), json!({ "embedding": { "values": [0.25, -0.5] } }));
}

#[tokio::test]
async fn a_long_list_of_long_embeddings_comes_whole() {
    let world = World::new("gemini").await;
    let values: Vec<f64> = (0..3_072).map(|number| f64::from(number) / 7.0).collect();
    let all: Vec<Value> = (0..60).map(|_| json!({ "values": values })).collect();
    world.upstream.always(Script::json(200, json!({ "embeddings": all }).to_string()));
    let texts: Vec<String> = (0..60).map(|number| format!("text {number}")).collect();
    let answer = world.ask("/v1/embeddings", json!({ "model": MODEL, "input": texts })).await;
    let data = answer.json()["data"].clone();
    assert_eq!(data.as_array().map(Vec::len), Some(60));
    assert_eq!(data[59]["embedding"].as_array().map(Vec::len), Some(3_072));
}

#[tokio::test]
async fn ids_of_tokens_are_refused_before_anybody_is_asked() {
    let world = World::new("gemini").await;
    let answer = world.ask("/v1/embeddings", json!({ "model": MODEL, "input": [1, 2, 3] })).await;
    assert_eq!(answer.status, 400);
    assert!(answer.json()["error"]["message"].to_string().contains("ids of tokens"));
    assert_eq!(world.upstream.count(), 0);
}

#[tokio::test]
async fn errors_and_short_lists_are_told_in_the_clients_own_form() {
    let world = World::new("gemini").await;
    let bad = error_body(Dialect::Gemini, 400, "at most 100 requests can be in one batch");
    world.upstream.once(Script::json(400, bad));
    let body = json!({ "model": MODEL, "input": ["one", "two"] });
    let answer = world.ask("/v1/embeddings", body.clone()).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    let error = &answer.json()["error"];
    assert!(error["message"].to_string().contains("at most 100"), "{error}");
    assert_eq!(error["type"], "invalid_request_error", "in its own words: {error}");
    let short = json!({ "embeddings": [{ "values": [1] }] });
    world.upstream.always(Script::json(200, short.to_string()));
    let answer = world.ask("/v1/embeddings", body).await;
    assert_eq!(answer.status, 503, "a list that lacks one is none: {}", answer.text());
}

#[tokio::test]
async fn who_has_no_embeddings_is_never_asked_for_them() {
    let world = World::new("claude").await;
    let answer = world.ask("/v1/embeddings", json!({ "model": MODEL, "input": "one" })).await;
    assert_eq!((answer.status, world.upstream.count()), (503, 0), "{}", answer.text());
}

#[tokio::test]
async fn what_is_lost_on_the_way_is_told_in_the_header_where_that_is_wanted() {
    let world = World::with("openai-compatible", &[("SHOW_CONVERSION_LOSSES", "true")]).await;
    let path = format!("/v1beta/models/{MODEL}:embedContent");
    let body =
        json!({ "content": { "parts": [{ "text": "one" }] }, "taskType": "RETRIEVAL_QUERY" });
    let answer = world.ask(&path, body).await;
    assert_eq!(answer.header("x-switchyard-losses"), Some("drop.task_type"));
    let row = world.switchyard.only_row().await;
    assert_eq!(row["losses"], json!(["drop.task_type"]), "{row:#}");
}

#[tokio::test]
async fn an_answer_that_we_have_no_room_for_is_nobodys_fault_and_not_asked_for_again() {
    let small = [
        ("SWITCHYARD_BODY_MEMORY_BYTES", "1 MiB"),
        ("MAX_COMPRESSED_REQUEST_BYTES", "64 KiB"),
        ("MAX_DECOMPRESSED_REQUEST_BYTES", "64 KiB"),
    ];
    let world = World::with("gemini", &small).await;
    let values = vec![0.123_456_789; 3_072];
    let all: Vec<Value> = (0..60).map(|_| json!({ "values": values })).collect();
    world.upstream.always(Script::json(200, json!({ "embeddings": all }).to_string()));
    let texts: Vec<String> = (0..60).map(|number| format!("text {number}")).collect();
    for asked in [1, 2] {
        let body = json!({ "model": MODEL, "input": texts });
        let answer = world.ask("/v1/embeddings", body).await;
        assert_eq!(answer.status, 502, "{}", answer.text());
        assert!(answer.text().contains("memory"), "{}", answer.text());
        assert_eq!(answer.header("x-should-retry"), Some("false"));
        assert_eq!(world.upstream.count(), asked);
    }
    assert_eq!(world.switchyard.failures(world.provider).await, 0);
    world.upstream.reset();
    let answer = world.ask("/v1/embeddings", json!({ "model": MODEL, "input": "one" })).await;
    assert_eq!(answer.status, 200, "what was held is given back: {}", answer.text());
}

/// Google refuses a body that names another model than its path does.
#[tokio::test]
async fn a_redirect_changes_the_model_in_googles_bodies_as_well() {
    let world = World::new("gemini").await;
    let change = json!({ "providerId": world.provider, "allowed_models": [MODEL],
        "model_redirects": { MODEL: "vendor-model" } });
    world.switchyard.admin("providers/editProvider", change).await;
    let content = r#""content" : {"parts":[{"text":"models/test-model"}]}"#;
    for (action, body) in [
        ("embedContent", format!(r#"{{ "model":"models/{MODEL}", {content} }}"#)),
        (
            "batchEmbedContents",
            format!(
                r#"{{"requests":[ {{"model":"models/{MODEL}",{content}}},{{{content}}},{{{content},"model": "models/{MODEL}"}} ]}}"#
            ),
        ),
        (
            "countTokens",
            format!(
                r#"{{"generateContentRequest":{{"contents":[{{"role":"user","parts":[{{"text":"hi"}}]}}], "model":"models/{MODEL}"}}}}"#
            ),
        ),
    ] {
        let path = format!("/v1beta/models/{MODEL}:{action}");
        let request = Request::post(&path, body.clone()).bearer(&world.user.key);
        let answer = world.switchyard.send(&request).await;
        assert_eq!(answer.status, 200, "{action}: {}", answer.text());
        let seen = world.upstream.only_request();
        assert_eq!(seen.path, format!("/v1beta/models/vendor-model:{action}"));
        let wanted = body.replace(&format!(r#""models/{MODEL}""#), r#""models/vendor-model""#);
        // The text that is embedded names the model, too, and stays.
        let wanted =
            wanted.replace(r#""text":"models/vendor-model""#, r#""text":"models/test-model""#);
        assert_eq!(String::from_utf8_lossy(&seen.body), wanted, "{action}");
        world.upstream.reset();
    }
    let whole = world.switchyard.rows_when(3).await;
    assert!(whole.iter().all(|row| row["edits"] == json!(["model_redirect"])), "{whole:#?}");
}
