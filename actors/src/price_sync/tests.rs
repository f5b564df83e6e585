//! The shell: seed, schedule, entity tag, and failures that change nothing.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::domain::ids::PriceId;
use crate::domain::money::parse_decimal;
use crate::domain::price::PriceSource;
use crate::ports::FeedAnswer;
use crate::testing::{MemoryPrices, ScriptedFeed, TestUniverse};

const SEED: &str = r#"{"seeded":{"mode":"chat","input_cost_per_token":1e-06}}"#;

struct World {
    universe: TestUniverse,
    feed: Arc<ScriptedFeed>,
    store: Arc<MemoryPrices>,
}

fn world() -> World {
    World { universe: TestUniverse::start(), feed: Arc::default(), store: Arc::default() }
}

impl World {
    fn start(&self) -> PriceSyncHandle {
        let ports = PricePorts { feed: self.feed.clone(), store: self.store.clone() };
        let config = PriceConfig { seed: Arc::from(SEED), every: Duration::from_mins(30) };
        PriceSyncHandle::start(ports, config, self.universe.clock(), self.universe.luck())
    }

    fn serve(&self, text: &str, etag: &str) {
        self.feed.push(FeedAnswer::Table { text: text.to_owned(), etag: Some(etag.to_owned()) });
    }

    fn stored(&self) -> Vec<(Vec<String>, bool)> {
        let names = |(entries, seed): (Vec<crate::ports::SheetEntry>, bool)| {
            (entries.into_iter().map(|entry| entry.model).collect(), seed)
        };
        self.store.stored().into_iter().map(names).collect()
    }
}

fn models(count: usize) -> String {
    let entry =
        |number| format!(r#""model-{number}":{{"mode":"chat","input_cost_per_token":1e-06}}"#);
    format!("{{{}}}", (0..count).map(entry).collect::<Vec<_>>().join(","))
}

#[actix::test]
async fn an_empty_store_gets_the_seed_even_without_the_network() {
    let world = world();
    world.feed.switches.fail_next(1);
    let prices = world.start();
    world.universe.settle().await;
    assert_eq!(world.stored(), [(vec!["seeded".to_owned()], true)]);
    let view = prices.observe().await.unwrap();
    assert_eq!((view.entries, view.failures, view.last_success), (1, 1, None));
    assert!(view.last_error.is_some());
}

#[actix::test]
async fn only_what_changed_is_stored_and_the_tag_is_sent_the_next_time() {
    let world = world();
    let table = r#"{"seeded":{"input_cost_per_token":0.000001,"mode":"chat"},
        "new":{"mode":"chat","input_cost_per_token":2e-06},"odd":1}"#;
    world.serve(table, "v1");
    let prices = world.start();
    let report = prices.sync_now().await.unwrap();
    assert_eq!((report.added, report.unchanged), (vec!["new".to_owned()], vec!["seeded".into()]));
    assert_eq!((report.failed, report.total), (vec!["odd".to_owned()], 3));
    assert_eq!(prices.sync_now().await.unwrap().unchanged, ["new", "seeded"]);
    assert_eq!(world.feed.asked(), [None, Some("v1".to_owned())]);
    assert_eq!(world.stored().len(), 2);
}

#[actix::test]
async fn a_table_that_lost_most_of_its_models_changes_nothing() {
    let world = world();
    world.serve(&models(10), "v1");
    let prices = world.start();
    prices.sync_now().await.unwrap();
    world.serve(&models(5), "v2");
    world.serve("<html>sorry</html>", "v3");
    let refused = prices.sync_now().await.unwrap_err();
    assert!(matches!(refused, SyncError::Table(TableError::Shrunk { before: 11, after: 5 })));
    assert!(prices.sync_now().await.is_err());
    let view = prices.observe().await.unwrap();
    assert_eq!((view.etag.as_deref(), view.entries, view.failures), (Some("v1"), 11, 2));
    assert_eq!(world.stored().len(), 2, "the seed and the first table");
}

#[actix::test]
async fn it_asks_every_half_hour_and_sooner_after_a_failure() {
    let world = world();
    world.feed.switches.fail_next(1);
    let _prices = world.start();
    world.universe.settle().await;
    assert_eq!(world.feed.asked().len(), 1);
    world.universe.advance(Duration::from_secs(34)).await;
    assert_eq!(world.feed.asked().len(), 2);
    world.universe.advance(Duration::from_mins(29)).await;
    assert_eq!(world.feed.asked().len(), 2);
    world.universe.advance(Duration::from_secs(4 * 60 + 2)).await;
    assert_eq!(world.feed.asked().len(), 3);
}

#[actix::test]
async fn unknown_models_bring_a_sync_at_most_every_five_minutes() {
    let world = world();
    let prices = world.start();
    world.universe.settle().await;
    prices.unknown_model(Arc::from("mystery"));
    world.universe.settle().await;
    assert_eq!(world.feed.asked().len(), 1);
    world.universe.advance(Duration::from_mins(5)).await;
    for _ in 0..5 {
        prices.unknown_model(Arc::from("mystery"));
    }
    world.universe.settle().await;
    assert_eq!(world.feed.asked().len(), 2);
    assert_eq!(prices.observe().await.unwrap().unknown_model.as_deref(), Some("mystery"));
}

#[test]
fn every_bundled_price_is_read_and_the_common_names_are_among_them() {
    let table = parse_table(include_str!("../../../config/prices.json")).unwrap();
    assert!(table.entries.len() >= 60 && table.failed.is_empty());
    let read = |entry: &crate::ports::SheetEntry| {
        parse_entry(PriceId(1), &entry.model, PriceSource::Seed, &entry.json)
            .unwrap_or_else(|| panic!("{} is no price", entry.model))
    };
    let book = resolve(table.entries.iter().map(read));
    for (model, input) in [
        ("claude-opus-4-8", "0.000005"),
        ("claude-sonnet-4-5-20250929", "0.000003"),
        ("anthropic/claude-haiku-4-5", "0.000001"),
        ("gpt-5-codex", "0.00000125"),
        ("o4-mini", "0.0000011"),
        ("gemini-2.5-flash", "0.0000003"),
        ("text-embedding-3-small", "0.00000002"),
    ] {
        let price = lookup(&book, model).unwrap_or_else(|| panic!("{model}"));
        assert_eq!(price.rates.input, parse_decimal(input), "{model}");
    }
}
