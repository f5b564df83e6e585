//! Lists providers with what they were used for today.

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value as Document, json};
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::window;

use super::credential;
use super::properties::PROPERTIES;
use crate::app::{AppContext, AppError, figure, time};
use crate::store::{ProviderLast, Row, StoreError};

/// How far back a last call is looked for.
const LAST_CALL: Duration = Duration::from_hours(7 * 24);
const BULLETS: &str = "••••••";

/// A provider as the management API shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Listed(pub Map<String, Document>);

#[derive(Clone, Copy, Default)]
struct Today {
    requests: i64,
    cost: Nano,
}

/// Lists all providers, the newest first.
pub async fn list(app: &AppContext) -> Result<Vec<Listed>, AppError> {
    let now = app.clock.now();
    let today = today(app, now).await?;
    let last = app.store.last_of_providers(now.minus(LAST_CALL)).await?;
    let mut urls = app.store.provider_urls().await?;
    let mut listed = Vec::new();
    for row in app.store.providers().await? {
        let provider = ProviderId(row.int("id")?);
        let mut shown = show(&row, urls.remove(&provider).unwrap_or_default())?;
        shown.insert("credential".to_owned(), json!(credential::standing(app, &row)?));
        let used = today.get(&provider).copied().unwrap_or_default();
        let last = last.iter().find(|last| last.provider == provider);
        shown.extend(use_of(used, last));
        listed.push(Listed(shown));
    }
    Ok(listed)
}

/// Says that there is no such provider.
#[must_use]
pub fn unknown() -> AppError {
    AppError::refused("refused-no-provider", "供应商不存在")
}

async fn today(app: &AppContext, now: Micros) -> Result<HashMap<ProviderId, Today>, StoreError> {
    let day = window::day(&(app.zone)(), now, 0);
    let mut all: HashMap<ProviderId, Today> = HashMap::new();
    for slot in app.store.provider_spend_by_slot(day.start).await? {
        let today = all.entry(slot.provider).or_default();
        today.requests = today.requests.saturating_add(slot.requests);
        today.cost = today.cost.plus(slot.cost);
    }
    Ok(all)
}

fn show(row: &Row, urls: Vec<String>) -> Result<Map<String, Document>, StoreError> {
    let mut shown = Map::new();
    let mut urls = urls.into_iter();
    shown.insert("id".to_owned(), json!(row.int("id")?));
    shown.insert("url".to_owned(), json!(urls.next().unwrap_or_default()));
    let masked = format!("{}{BULLETS}{}", row.text("key_prefix")?, row.text("key_suffix")?);
    shown.insert("maskedKey".to_owned(), json!(masked));
    for property in PROPERTIES {
        shown.insert(property.shown.to_owned(), property.show(row.value(property.column)?));
    }
    shown.insert("faviconUrl".to_owned(), json!(row.opt_text("favicon_url")?));
    shown.insert("createdAt".to_owned(), json!(time::date(row.instant("created_at")?)));
    shown.insert("updatedAt".to_owned(), json!(time::date(row.instant("updated_at")?)));
    shown.insert("endpoints".to_owned(), urls.collect());
    shown.insert("vendor".to_owned(), json!(row.opt_text("vendor")?));
    Ok(shown)
}

fn use_of(today: Today, last: Option<&ProviderLast>) -> [(String, Document); 4] {
    let cost = match today.cost {
        Nano::ZERO => "0".to_owned(),
        cost => figure::cost_text(cost),
    };
    [
        ("todayTotalCostUsd".to_owned(), json!(cost)),
        ("todayCallCount".to_owned(), json!(today.requests)),
        ("lastCallTime".to_owned(), json!(last.map(|last| time::iso(last.at)))),
        ("lastCallModel".to_owned(), json!(last.and_then(|last| last.model.as_deref()))),
    ]
}
