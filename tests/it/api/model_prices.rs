//! Prices: uploaded, synced, shown to the letter.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use switchyard::store::StoredPrices;
use switchyard_actors::clock::CountingLuck;
use switchyard_actors::domain::price::PriceSource;
use switchyard_actors::ports::{FeedAnswer, SheetEntry};
use switchyard_actors::price_sync::{PriceConfig, PricePorts, PriceSyncHandle};
use switchyard_actors::testing::ScriptedFeed;

use super::server::post;
use super::stand::{As, NOW, Stand};

const LIST: &str = "model-prices/getModelPrices";
const UPLOAD: &str = "model-prices/uploadPriceTable";
const MODELS: &str = "model-prices/getAvailableModelsByProviderType";
const HAS: &str = "model-prices/hasPriceTable";
const SYNC: &str = "model-prices/syncLiteLLMPrices";

async fn upload(stand: &Stand, table: &str) -> Value {
    stand.done(UPLOAD, json!({ "jsonContent": table })).await
}

#[actix_web::test]
async fn an_uploaded_table_is_taken_over_and_shown_to_the_letter() {
    for stand in Stand::both().await {
        assert_eq!(stand.done(HAS, json!({})).await, json!(false));
        let table = r#"{"sample_spec": {"mode": "x"}, " ": {"mode": "chat"},
        "b": {"mode":"chat", "input_cost_per_token": 1.0000000000000000001e-07},
        "a": {"mode": "embedding"}, "c": {"input": 1}, "d": 7}"#;
        let wanted = json!({
            "added": ["a", "b"], "updated": [], "unchanged": [], "failed": ["c", "d"], "total": 4,
        });
        assert_eq!(upload(&stand, table).await, wanted);
        assert_eq!(stand.done(HAS, json!({})).await, json!(true));
        let told = switchyard::app::model_prices::list(&stand.server.api.app).await.unwrap();
        let data: Vec<&str> = told.iter().map(|price| price.price_data.get()).collect();
        assert_eq!(
            data,
            [
                r#"{"mode": "embedding"}"#,
                r#"{"mode":"chat", "input_cost_per_token": 1.0000000000000000001e-07}"#
            ]
        );
        let listed = stand.done(LIST, json!({})).await;
        assert_eq!(listed[0]["modelName"], json!("a"));
        assert_eq!(listed[0]["priceData"], json!({ "mode": "embedding" }));
        assert_eq!(listed[0]["createdAt"], json!("2026-05-05T12:00:00.000Z"));
        assert!(stand.catalogue().await.prices.models.contains_key("b"));
    }
}

#[actix_web::test]
async fn only_a_price_that_means_something_else_gets_a_new_version() {
    for stand in Stand::both().await {
        upload(&stand, r#"{"a":{"mode":"chat","x":0.000003},"b":{"mode":"chat"}}"#).await;
        stand.server.clock.advance(Duration::from_mins(1));
        let version = stand.catalogue().await.version;
        let same = upload(&stand, r#"{"b":{"mode":"chat"},"a":{"x":3e-06,"mode":"chat"}}"#).await;
        assert_eq!(same["unchanged"], json!(["a", "b"]));
        assert_eq!(stand.catalogue().await.version, version);
        let other = upload(&stand, r#"{"a":{"mode":"chat","x":4e-06}}"#).await;
        assert_eq!((&other["updated"], &other["total"]), (&json!(["a"]), &json!(1)));
        let listed = stand.done(LIST, json!({})).await;
        assert_eq!(listed[0]["priceData"]["x"], json!(4e-06));
        assert_eq!(listed[0]["createdAt"], json!("2026-05-05T12:00:00.000Z"));
        assert_eq!(listed[0]["updatedAt"], json!("2026-05-05T12:01:00.000Z"));
        assert_eq!(listed.as_array().unwrap().len(), 2);
    }
}

#[actix_web::test]
async fn what_is_no_table_is_refused() {
    let stand = Stand::new().await;
    for text in ["", "<html>", "null", "7", "\"text\""] {
        assert!(stand.refused(UPLOAD, json!({ "jsonContent": text })).await.contains("JSON"));
    }
    assert!(stand.refused(UPLOAD, json!({})).await.contains("jsonContent"));
    assert!(stand.refused(UPLOAD, json!({ "jsonContent": {} })).await.contains("string"));
}

#[actix_web::test]
async fn prices_are_for_admins_and_whether_there_are_any_for_everybody() {
    let stand = Stand::new().await;
    upload(&stand, r#"{"z":{"mode":"chat"},"a":{"mode":"chat"},"e":{"mode":"embedding"}}"#).await;
    let body = json!({ "jsonContent": "{}" });
    for path in [LIST, UPLOAD, SYNC] {
        assert_eq!(stand.call(As::User, path, body.clone()).await.0, StatusCode::FORBIDDEN);
        assert_eq!(stand.call(As::Nobody, path, body.clone()).await.0, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(stand.done(MODELS, json!({})).await, json!(["a", "z"]));
    assert_eq!(stand.call(As::User, MODELS, json!({})).await.1["data"], json!([]));
    assert_eq!(stand.call(As::User, HAS, json!({})).await.1["data"], json!(true));
}

#[actix_web::test]
async fn a_manual_price_beats_a_synced_one() {
    for stand in Stand::both().await {
        upload(&stand, r#"{"a":{"mode":"chat","x":1}}"#).await;
        let entry =
            SheetEntry { model: "a".to_owned(), json: r#"{"mode":"chat","x":2}"#.to_owned() };
        stand.server.api.app.store.add_prices(&[entry], PriceSource::Synced, NOW).await.unwrap();
        let listed = stand.done(LIST, json!({})).await;
        assert_eq!(
            (&listed[0]["priceData"]["x"], &listed[0]["source"]),
            (&json!(1), &json!("manual"))
        );
    }
}

#[actix_web::test]
async fn without_a_price_sync_the_answer_says_so() {
    let stand = Stand::new().await;
    assert!(stand.refused(SYNC, json!({})).await.contains("switched off"));
}

#[actix_web::test]
async fn a_sync_answers_what_it_changed_and_why_it_did_not() {
    let feed = Arc::<ScriptedFeed>::default();
    let own = Arc::clone(&feed);
    let stand = Stand::with(move |app| {
        let store = Arc::new(StoredPrices::new(app.store.clone(), Arc::clone(&app.clock)));
        let luck = Arc::new(CountingLuck::from(1));
        let ports = PricePorts { feed: own, store };
        let config = PriceConfig { seed: Arc::from("{}"), every: Duration::from_mins(30) };
        app.live.prices = Some(PriceSyncHandle::start(ports, config, Arc::clone(&app.clock), luck));
    })
    .await;
    // Whatever the sync at the start is doing, it is done now.
    stand.done(SYNC, json!({})).await;
    let text = r#"{"a":{"mode":"chat","input_cost_per_token":1e-06},"b":1}"#.to_owned();
    feed.push(FeedAnswer::Table { text, etag: None });
    let wanted =
        json!({ "added": ["a"], "updated": [], "unchanged": [], "failed": ["b"], "total": 2 });
    assert_eq!(stand.done(SYNC, json!({})).await, wanted);
    assert_eq!(stand.done(LIST, json!({})).await[0]["source"], json!("synced"));
    feed.push(FeedAnswer::Table { text: "<html>".to_owned(), etag: None });
    assert!(stand.refused(SYNC, json!({})).await.contains("not JSON"));
}

#[actix_web::test]
async fn a_large_table_is_read_from_admins_only() {
    let stand = Stand::new().await;
    let table = format!(r#"{{"a":{{"mode":"chat","about":"{}"}}}}"#, "x".repeat(2_000_000));
    let send = |body: Value| post(UPLOAD).set_json(body);
    let body = json!({ "jsonContent": table });
    let unknown = stand.server.send(send(body.clone())).await;
    assert_eq!(unknown.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(stand.done(UPLOAD, body).await["added"], json!(["a"]));
}
