//! The catalogue: what admins wrote is what requests see, and only what changed is read again.

use std::sync::Arc;
use std::time::Duration;

use switchyard::store::{BILL_ORIGINAL_MODEL, CatalogueLoader, Cipher, TIME_ZONE, hash_key};
use switchyard::{params, store::Batch};
use switchyard_actors::domain::catalogue::LiveSettings;
use switchyard_actors::domain::ids::PriceId;
use switchyard_actors::domain::limits::ResetMode;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::price::{ModelPrice, PriceSource, Rates};
use switchyard_actors::ports::SheetEntry;

use super::database::{Fresh, NOW, both};
use super::sample;

fn read_price(id: PriceId, model: &str, source: PriceSource, json: &str) -> Option<ModelPrice> {
    json.contains("cost").then(|| ModelPrice {
        id,
        model: Arc::from(model),
        source,
        rates: Rates::default(),
        long_context: Vec::new(),
        priority: None,
        per_request: None,
        max_output: None,
        mode: None,
    })
}

fn cipher() -> Cipher {
    Cipher::from_text("a text of some length").unwrap()
}

fn loader(fresh: &Fresh) -> CatalogueLoader {
    CatalogueLoader::new(fresh.store.clone(), cipher(), read_price, LiveSettings::default())
}

#[tokio::test]
async fn keys_come_with_their_users_and_providers_with_their_addresses() {
    for fresh in both().await {
        sample::accounts(&fresh, &cipher(), "sk-ann", "sk-vendor").await;
        let catalogue = loader(&fresh).load().await.unwrap();

        let caller = catalogue.callers.get(&hash_key("sk-ann")).unwrap();
        assert_eq!((caller.user_name.as_ref(), caller.key_name.as_ref()), ("Ann", "laptop"));
        assert_eq!(caller.groups.iter().map(AsRef::as_ref).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(caller.user_limits.rpm, Some(60));
        assert_eq!(caller.user_limits.daily, Some(Nano::from_usd(5)));
        assert_eq!(caller.user_limits.weekly, None, "zero is no limit");
        assert_eq!(caller.key_limits.daily_mode, ResetMode::Rolling);
        assert_eq!(caller.key_limits.daily_reset_minute, 90);
        assert_eq!(caller.allowed_models.len(), 1);

        let provider = &catalogue.providers[0];
        let urls: Vec<&str> = provider.endpoints.iter().map(|at| at.url.as_ref()).collect();
        assert_eq!(urls, ["https://www.one.example/v1", "https://two.example"]);
        assert_eq!(provider.vendor.as_ref(), "one.example");
        assert_eq!(provider.key.reveal(), "sk-vendor");
        assert_eq!(provider.redirect("sonnet"), "sonnet-x");
        assert_eq!(provider.custom_headers[0].0.as_ref(), "x-b", "headers keep their order");
        assert_eq!(provider.multiplier.to_string(), "1.25");
        assert_eq!(provider.timeouts.idle, Some(Duration::from_mins(1)));
        assert_eq!(provider.timeouts.total, None);
        assert_eq!(provider.breaker, switchyard_actors::domain::provider::BreakerConfig::default());
    }
}

#[tokio::test]
async fn only_sections_that_changed_are_loaded_again() {
    for fresh in both().await {
        let loader = loader(&fresh);
        let first = loader.load().await.unwrap();
        assert!(Arc::ptr_eq(&first, &loader.load().await.unwrap()));
        fresh.store.put_settings(&[(BILL_ORIGINAL_MODEL, false)], NOW).await.unwrap();
        fresh.store.put_settings(&[(TIME_ZONE, "UTC")], NOW).await.unwrap();
        let second = loader.load().await.unwrap();
        assert!(second.version > first.version);
        assert!(!second.settings.bill_original_model);
        assert_eq!(second.settings.time_zone.as_ref(), "UTC");
        assert!(Arc::ptr_eq(&first.callers, &second.callers));
        fresh.store.remove_setting(BILL_ORIGINAL_MODEL).await.unwrap();
        assert!(loader.load().await.unwrap().settings.bill_original_model);
    }
}

#[tokio::test]
async fn a_provider_sealed_with_another_key_is_left_out_and_the_rest_stays() {
    for fresh in both().await {
        let other = Cipher::from_text("another text of some length").unwrap();
        sample::accounts(&fresh, &other, "sk-ann", "sk-vendor").await;
        let catalogue = loader(&fresh).load().await.unwrap();
        assert!(catalogue.providers.is_empty());
        assert_eq!(catalogue.callers.len(), 1);
    }
}

#[tokio::test]
async fn a_manual_price_beats_a_synced_one_until_it_is_removed() {
    for fresh in both().await {
        let store = &fresh.store;
        let entry = |model: &str, json: &str| SheetEntry { model: model.into(), json: json.into() };
        let exact = r#"{"input_cost_per_token": 3.0000e-06,   "mode":"chat"}"#;
        let seed = [entry("sonnet", r#"{"cost":0}"#), entry("opus", r#"{"cost":9}"#)];
        store.add_prices(&seed, PriceSource::Seed, NOW).await.unwrap();
        store.add_prices(&[entry("sonnet", exact)], PriceSource::Synced, NOW).await.unwrap();
        assert_eq!(
            store.synced_prices().await.unwrap(),
            [entry("opus", r#"{"cost":9}"#), entry("sonnet", exact)]
        );
        let loader = loader(&fresh);
        let source = async || {
            loader.load().await.unwrap().prices.models.get("sonnet").map(|price| price.source)
        };
        assert_eq!(source().await, Some(PriceSource::Synced));
        let manual = [entry("sonnet", r#"{"cost":1}"#)];
        store.add_prices(&manual, PriceSource::Manual, NOW).await.unwrap();
        assert_eq!(source().await, Some(PriceSource::Manual));
        assert_eq!(store.current_prices().await.unwrap()[1].body, r#"{"cost":1}"#);
        store.remove_manual_price("sonnet", NOW).await.unwrap();
        assert_eq!(source().await, Some(PriceSource::Synced));
        assert_eq!(store.current_prices().await.unwrap()[1].body, exact);
    }
}

#[tokio::test]
async fn a_node_with_another_secret_key_is_refused_with_advice() {
    for fresh in both().await {
        cipher().check(&fresh.store).await.unwrap();
        cipher().check(&fresh.store).await.unwrap();
        let other = Cipher::from_text("another text of some length").unwrap();
        let told = other.check(&fresh.store).await.unwrap_err().to_string();
        assert!(told.contains("SWITCHYARD_SECRET_KEY") && told.contains("secret.key"), "{told}");
    }
}

#[tokio::test]
async fn a_version_rises_with_each_change_and_never_without() {
    for fresh in both().await {
        let before = fresh.store.versions().await.unwrap();
        let batch = Batch::new().with("catalogue/bump", params!["providers"]);
        fresh.store.apply(batch).await.unwrap();
        let after = fresh.store.versions().await.unwrap();
        assert_eq!(after.providers, before.providers + 1);
        assert_eq!(after.total(), before.total() + 1);
    }
}
