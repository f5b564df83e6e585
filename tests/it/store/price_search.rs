//! Prices in force are found by name and source, page by page, on both engines alike.

use std::time::{Duration, Instant};

use switchyard::store::{FoundPrice, PriceCounts, PriceSearch, Store};
use switchyard_actors::domain::price::PriceSource;
use switchyard_actors::ports::SheetEntry;

use super::database::{Fresh, NOW, both};

fn sheet(models: &[&str]) -> Vec<SheetEntry> {
    let entry = |model: &&str| SheetEntry { model: (*model).to_owned(), json: "{}".to_owned() };
    models.iter().map(entry).collect()
}

async fn add(store: &Store, source: PriceSource, models: &[&str]) {
    store.add_prices(&sheet(models), source, NOW).await.unwrap();
}

async fn names(store: &Store, search: PriceSearch<'_>) -> Vec<String> {
    let found = store.search_prices(search, 100).await.unwrap();
    found.into_iter().map(|price| price.model).collect()
}

async fn with_some() -> [Fresh; 2] {
    let fresh = both().await;
    for one in &fresh {
        add(&one.store, PriceSource::Seed, &["claude-haiku", "gpt-5"]).await;
        add(&one.store, PriceSource::Synced, &["claude-haiku", "Claude-Opus", "a_b", "a%b"]).await;
        add(&one.store, PriceSource::Manual, &["claude-opus", "claude-haiku"]).await;
    }
    fresh
}

#[tokio::test]
async fn a_part_of_a_name_finds_it_whatever_the_case() {
    for fresh in with_some().await {
        let part = |part| PriceSearch { part, ..PriceSearch::default() };
        let all = ["Claude-Opus", "a%b", "a_b", "claude-haiku", "claude-opus", "gpt-5"];
        assert_eq!(names(&fresh.store, part("")).await, all);
        assert_eq!(names(&fresh.store, part("OPUS")).await, ["Claude-Opus", "claude-opus"]);
        assert_eq!(names(&fresh.store, part("_")).await, ["a_b"]);
        assert_eq!(names(&fresh.store, part("%")).await, ["a%b"]);
        assert_eq!(names(&fresh.store, part("\\")).await, [""; 0]);
    }
}

#[tokio::test]
async fn the_best_source_is_the_one_that_counts() {
    for fresh in with_some().await {
        let store = &fresh.store;
        let of = |source| PriceSearch { source: Some(source), ..PriceSearch::default() };
        let manual = names(store, of(PriceSource::Manual)).await;
        assert_eq!(manual, ["claude-haiku", "claude-opus"]);
        assert_eq!(names(store, of(PriceSource::Seed)).await, ["gpt-5"]);
        let counts = store.count_prices("").await.unwrap();
        assert_eq!(counts, PriceCounts { manual: 2, synced: 3, seed: 1 });
        assert_eq!(store.count_prices("HAIKU").await.unwrap().all(), 1);

        store.remove_manual_price("claude-haiku", NOW).await.unwrap();
        let synced = names(store, of(PriceSource::Synced)).await;
        assert_eq!(synced, ["Claude-Opus", "a%b", "a_b", "claude-haiku"]);
        let counts = store.count_prices("").await.unwrap();
        assert_eq!(counts, PriceCounts { manual: 1, synced: 4, seed: 1 });
        let current: Vec<_> = store.current_prices().await.unwrap();
        assert_eq!(counts.all(), current.len() as u64, "what is counted is what is in force");
    }
}

#[tokio::test]
async fn a_newer_version_takes_the_place_of_the_older() {
    for fresh in with_some().await {
        let newer = SheetEntry { model: "gpt-5".into(), json: r#"{"mode":"chat"}"#.into() };
        fresh.store.add_prices(&[newer], PriceSource::Seed, NOW).await.unwrap();
        let search = PriceSearch { part: "gpt", ..PriceSearch::default() };
        let found: Vec<FoundPrice> = fresh.store.search_prices(search, 9).await.unwrap();
        let [price] = &found[..] else { panic!("one price of one model: {found:?}") };
        assert_eq!((price.body.as_str(), price.since), (r#"{"mode":"chat"}"#, NOW));
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap_and_thousands_are_no_burden() {
    for fresh in both().await {
        let store = &fresh.store;
        let models: Vec<String> = (0..4_000).map(|number| format!("model-{number:04}")).collect();
        let models: Vec<&str> = models.iter().map(String::as_str).collect();
        for source in [PriceSource::Seed, PriceSource::Synced, PriceSource::Synced] {
            add(store, source, &models).await;
        }
        let began = Instant::now();
        let (mut seen, mut last) = (Vec::new(), None::<String>);
        for _ in 0..40 {
            let search = PriceSearch { after: last.as_deref(), ..PriceSearch::default() };
            let page = store.search_prices(search, 100).await.unwrap();
            last = page.last().map(|price| price.model.clone());
            seen.extend(page.into_iter().map(|price| price.model));
        }
        assert_eq!(seen, models);
        assert_eq!(store.count_prices("model-39").await.unwrap().synced, 100);
        let took = began.elapsed();
        assert!(took < Duration::from_secs(20), "41 questions took {took:?} on {}", store.place());
    }
}
