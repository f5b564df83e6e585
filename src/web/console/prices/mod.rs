//! `/prices`: what a million tokens of each model cost, where that was read, and how the feed is.

mod feed;
mod page;

use actix_web::HttpResponse;
use actix_web::web::{Query, ServiceConfig, get, post};
use serde::Deserialize;
use switchyard_actors::domain::price::PriceSource;

use self::page::PricesPage;
use super::frame::{Admin, Cursor, Flash, Form, PageError, Text, Visitor, address};
use crate::app::{AppError, model_prices};
use crate::store::PriceSearch;

/// The room.
const PATH: &str = "/prices";
/// Rows of a page.
const ROWS: u32 = 50;
/// No model's name is longer, so nothing longer is part of one.
const LONGEST_PART: usize = 200;

/// Adds the room.
pub fn configure(routes: &mut ServiceConfig) {
    routes.route("", get().to(list)).route("/sync", post().to(sync));
}

/// Returns the samples of the room's pages.
#[cfg(test)]
pub fn samples() -> Vec<super::frame::catalogue::Sample> {
    super::frame::catalogue::page::<PricesPage>()
}

/// What the address asks for.
#[derive(Clone, Debug, Default, Deserialize)]
struct Asked {
    /// Part of the model's name.
    #[serde(default)]
    q: String,
    /// A source's name.
    #[serde(default)]
    source: String,
    /// Where the page begins.
    #[serde(default)]
    before: String,
}

impl Asked {
    fn part(&self) -> &str {
        let part = self.q.trim();
        part.char_indices()
            .nth(LONGEST_PART)
            .map_or(part, |(end, _)| part.get(..end).unwrap_or(part))
    }

    fn source(&self) -> Option<PriceSource> {
        PriceSource::parse(&self.source)
    }
}

async fn list(Admin(visitor): Admin, asked: Query<Asked>) -> Result<HttpResponse, PageError> {
    let cursor = Cursor::parse(&asked.before);
    let after = cursor.as_ref().and_then(|cursor| cursor.part(0));
    let search = PriceSearch { part: asked.part(), source: asked.source(), after };
    let found = model_prices::search(visitor.app(), search, ROWS).await?;
    let feed = model_prices::feed(visitor.app()).await;
    visitor.show(&PricesPage::new(search, found, feed))
}

/// Syncs now, and goes back to the same search.
async fn sync(Admin(visitor): Admin, form: Form) -> Result<HttpResponse, PageError> {
    let back = address(PATH, &[("q", form.text("q")), ("source", form.text("source"))], None);
    Ok(visitor.redirect(&back, &synced(&visitor).await?))
}

async fn synced(visitor: &Visitor) -> Result<Flash, PageError> {
    match model_prices::sync(visitor.app(), &visitor.actor).await {
        Ok(report) => {
            let unusable = report.failed.len();
            let id = if unusable == 0 { "prices-synced" } else { "prices-synced-partly" };
            let text = Text::of(id)
                .with("added", report.added.len())
                .with("updated", report.updated.len())
                .with("unchanged", report.unchanged.len());
            Ok(Flash::good(if unusable == 0 { text } else { text.with("unusable", unusable) }))
        }
        Err(refused @ AppError::Refused(_)) => Ok(Flash::bad(PageError::from(refused).words().0)),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_trimmed_and_never_endless() {
        let asked = |q: &str| Asked { q: q.to_owned(), ..Asked::default() };
        assert_eq!(asked("  Opus ").part(), "Opus");
        assert_eq!(asked(&"价".repeat(500)).part().chars().count(), LONGEST_PART);
        assert_eq!(Asked { source: "nonsense".into(), ..Asked::default() }.source(), None);
    }
}
