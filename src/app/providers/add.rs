//! Adds a provider.

use serde_json::{Value as Document, json};
use switchyard_actors::domain::ids::ProviderId;

use super::draft::Draft;
use super::properties::PROPERTIES;
use super::{address, credential};
use crate::app::shape::{Field, Rule, Shape};
use crate::app::{Actor, AppContext, AppError};

/// Further addresses of one provider, at most.
const MOST_ENDPOINTS: usize = 20;

/// Returns what a new provider's body may hold.
#[must_use]
pub fn addition() -> Shape {
    let base = Rule::Url { most: Some(255) };
    let properties = PROPERTIES
        .iter()
        .map(|property| Field { required: property.column == "name", ..property.field() });
    Shape::from([
        Field::required("url", base.clone())
            .about("The base URL: the first address that is tried."),
        Field::required("key", Rule::text(1, credential::LONGEST)).about(
            "The credential; it is kept sealed. A key of at most 1,024 printable ASCII characters (blanks, \
             quotes and the word Bearer around it are cut off); for gemini and gemini-cli also a Google \
             credential as JSON: authorized_user or service_account.",
        ),
        Field::optional("endpoints", Rule::list(base, MOST_ENDPOINTS))
            .about("Further addresses in the order they are tried after the base URL."),
        Field::optional("favicon_url", Rule::text(0, 512).nullable())
            .about("Ignored: it follows from website_url."),
    ])
    .and(properties)
}

/// Adds a provider and returns its id.
///
/// # Errors
/// Says what is wrong with the body, or that an address is private.
pub async fn add(app: &AppContext, actor: &Actor, raw: &Document) -> Result<ProviderId, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    address::check_proxy(raw)?;
    let body = addition().check(raw, &app.moment())?;
    let draft = Draft::new(app, &body)?;
    draft.check_urls(app)?;
    let provider = write(app, actor, &draft).await?;
    app.publish().await;
    Ok(provider)
}

async fn write(app: &AppContext, actor: &Actor, draft: &Draft) -> Result<ProviderId, AppError> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let values = draft.values(&mut tx, now).await?;
    let provider = tx.add_provider(&values, now).await?;
    tx.set_provider_urls(provider, &draft.urls, now).await?;
    tx.bump_providers().await?;
    let target = ("provider", provider.0, draft.name());
    tx.audit(&actor.did(now, "provider.create", target, json!(draft.story()))).await?;
    tx.commit().await?;
    Ok(provider)
}
