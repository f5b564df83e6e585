//! The history as a whole, over the sample people of a real store.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;
use switchyard_actors::clock::ManualClock;
use switchyard_actors::domain::catalogue::{LiveSettings, PriceBook};
use switchyard_actors::domain::decision::Method;
use switchyard_actors::domain::ids::PriceId;
use switchyard_actors::domain::outcome::RowOutcome;
use switchyard_actors::domain::price::PriceSource;
use switchyard_actors::price_sync::parse_entry;
use switchyard_actors::provider_pool::explain::replay;

use super::*;
use crate::app::{Actor, AppContext};
use crate::demo::people;
use crate::store::{CatalogueLoader, Cipher, Store, StoreConfig};

/// A Wednesday at noon in the usual zone.
const NOW: Micros = Micros(1_777_435_200_000_000);

fn prices() -> PriceBook {
    let table: HashMap<String, Value> =
        serde_json::from_str(include_str!("../../../config/prices.json")).unwrap();
    let mut book = PriceBook::default();
    for (number, (model, body)) in (1..).zip(table) {
        let price = parse_entry(PriceId(number), &model, PriceSource::Seed, &body.to_string());
        book.models.extend(price.map(|price| (Arc::from(model), Arc::new(price))));
    }
    book
}

/// Makes the scene of the demonstration in a store of its own.
async fn scene() -> Scene {
    let directory = tempfile::tempdir().unwrap();
    let config = StoreConfig {
        data_dir: directory.path().to_path_buf(),
        dsn: None,
        extra_ca_file: None,
        connections: 1,
    };
    let store = Store::connect(&config).await.unwrap();
    store.migrate(true, NOW).await.unwrap();
    let cipher = Cipher::open(None, directory.path()).unwrap();
    let zone = LiveSettings::default().zone();
    let past = Arc::new(ManualClock::at(NOW.minus(days(DAYS + 1))));
    let mut app = AppContext::alone(store.clone(), cipher.clone(), past, zone);
    app.live.allow_private_urls = true;
    people::add_providers(&app, &Actor::cli(), "127.0.0.1:9".parse().unwrap()).await.unwrap();
    let members = people::add_users(&app, &Actor::cli(), NOW).await.unwrap();
    let source = CatalogueLoader::new(store, cipher, parse_entry, LiveSettings::default());
    let loaded = source.load().await.unwrap();
    let catalogue = Catalogue { prices: Arc::new(prices()), ..Catalogue::clone(&loaded) };
    Scene { catalogue: Arc::new(catalogue), members, now: NOW }
}

fn share(rows: &[LedgerRow], is: impl Fn(&LedgerRow) -> bool) -> usize {
    rows.iter().filter(|row| is(row)).count() * 1_000 / rows.len()
}

#[actix_rt::test]
async fn the_same_seed_writes_the_same_history() {
    let scene = scene().await;
    assert_eq!(scene.rows(1), scene.rows(1));
    assert_ne!(scene.rows(1).len(), scene.rows(2).len());
}

#[actix_rt::test]
async fn thousands_of_requests_lie_in_the_last_thirty_days_in_order() {
    let rows = scene().await.rows(1);
    assert!((5_500..9_000).contains(&rows.len()), "{}", rows.len());
    for row in &rows {
        assert!(row.opened.started_at >= NOW.minus(days(DAYS)) && row.ended_at < NOW);
        assert_eq!(row.opened.id.millis(), row.opened.started_at.millis());
        assert_eq!(row.ended_at.since(row.opened.started_at).as_millis(), row.duration_ms.into());
    }
    assert!(rows.windows(2).all(|pair| pair[0].opened.id < pair[1].opened.id));
    let days: BTreeSet<i64> =
        rows.iter().map(|row| row.opened.started_at.seconds() / 86_400).collect();
    assert!(days.len() >= 30, "every day has requests: {days:?}");
}

#[actix_rt::test]
async fn the_last_four_hours_are_busy_at_night_too() {
    let night = NOW.minus(Duration::from_hours(9));
    let rows = Scene { now: night, ..scene().await }.rows(1);
    for back in 0..4 {
        let end = night.minus(Duration::from_hours(back));
        let is_in = |row: &&LedgerRow| {
            row.ended_at < end && row.ended_at >= end.minus(Duration::from_hours(1))
        };
        let count = rows.iter().filter(is_in).count();
        assert!(count >= 12, "{count} ended {back} hours before");
    }
}

#[actix_rt::test]
async fn few_fail_and_some_are_answered_by_the_second_provider() {
    let rows = scene().await.rows(1);
    let errors = share(&rows, |row| row.status >= 400);
    assert!((20..45).contains(&errors), "{errors} of a thousand");
    let second = share(&rows, |row| row.outcome == RowOutcome::Success && row.chain.len() == 2);
    assert!((25..55).contains(&second), "{second} of a thousand");
    let statuses: BTreeSet<u16> = rows.iter().map(|row| row.status).collect();
    assert!(statuses.is_superset(&[200, 429, 499, 500].into()), "{statuses:?}");
}

#[actix_rt::test]
async fn whatever_used_tokens_costs_exactly_what_its_factors_make_of_the_list() {
    let rows = scene().await.rows(1);
    let mut billed = 0;
    for row in &rows {
        assert_eq!(row.usage.is_some(), row.cost.is_some(), "{row:?}");
        let (Some(cost), Some(terms)) = (&row.cost, &row.terms) else { continue };
        let factors = terms.factors().unwrap();
        assert!(cost.list > Nano::ZERO);
        if factors.provider == 1.into() && factors.group == 1.into() {
            assert_eq!(cost.cost, cost.list);
        } else {
            assert_ne!(cost.cost, cost.list);
        }
        billed += 1;
    }
    assert!(billed > 5_000, "{billed}");
}

#[actix_rt::test]
async fn every_decision_can_be_made_again() {
    let rows = scene().await.rows(1);
    let links = rows.iter().flat_map(|row| &row.chain);
    let decided: Vec<_> = links.filter_map(|link| Some((link, link.decision.as_ref()?))).collect();
    for (link, decision) in &decided {
        assert_eq!(decision.pick, Some(link.provider));
        assert_eq!(replay(decision), decision.pick);
    }
    let sticky = decided.iter().filter(|(_, decision)| decision.method == Method::Sticky).count();
    assert!(sticky > decided.len() / 2, "conversations stay with their provider");
}

#[actix_rt::test]
async fn nobody_works_with_a_key_that_has_ended_or_after_they_left() {
    let scene = scene().await;
    let rows = scene.rows(1);
    for member in &scene.members {
        let own: Vec<_> = rows.iter().filter(|row| row.opened.user == member.user).collect();
        assert!(!own.is_empty(), "{} works", member.persona.name);
        for row in own {
            let key = member.keys.iter().find(|key| key.id == row.opened.key).unwrap();
            assert!(key.ends.is_none_or(|ends| row.opened.started_at < ends.plus(days(1))));
            let left = member.persona.left_days_ago;
            let left = left.map(|count| NOW.minus(days(count)).plus(days(1)));
            assert!(left.is_none_or(|left| row.opened.started_at < left));
        }
    }
}

#[actix_rt::test]
async fn conversations_have_several_requests_of_one_person() {
    let rows = scene().await.rows(1);
    let mut sessions: BTreeMap<_, Vec<&LedgerRow>> = BTreeMap::new();
    for row in &rows {
        sessions.entry(row.opened.session.clone().unwrap()).or_default().push(row);
    }
    let several = sessions.values().filter(|rows| rows.len() > 1).count();
    assert!(several * 2 > sessions.len());
    assert!(
        sessions.values().all(|rows| rows.iter().all(|row| row.opened.user == rows[0].opened.user))
    );
}

#[actix_rt::test]
async fn what_is_spent_is_the_sum_of_the_rows_since_then() {
    let rows = scene().await.rows(1);
    let user = rows[0].opened.user;
    let own = rows.iter().filter(|row| row.opened.user == user);
    let sum: i64 = own.filter_map(|row| row.cost.as_ref()).map(|cost| cost.cost.0).sum();
    assert_eq!(spent(&rows, user, Micros(0)), Nano(sum));
    assert_eq!(spent(&rows, user, NOW), Nano::ZERO);
}
