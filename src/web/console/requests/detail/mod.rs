//! `/requests/{id}`: one request with everything that was decided about it.

mod bill;
mod edits;
mod facts;
mod page;
mod refusal;
mod steps;
mod timing;
mod wait;

use actix_web::HttpResponse;
use actix_web::web::Path;
use switchyard_actors::domain::ids::RequestId;

use self::steps::Around;
use crate::app::usage_logs::{self, Found};
use crate::store::LedgerEntry;
use crate::web::console::frame::{PageError, Visitor};

pub use page::DetailPage;
pub use wait::WaitPage;

/// Shows a request.
pub async fn show(visitor: Visitor, id: Path<String>) -> Result<HttpResponse, PageError> {
    let id = RequestId::parse(&id).ok_or(PageError::NotFound)?;
    match usage_logs::find(visitor.app(), &visitor.actor, id).await? {
        Found::Entry(entry) => visitor.show(&page(&visitor, &entry).await?),
        Found::Underway => visitor.show(&WaitPage { id: id.to_string() }),
        Found::Nothing => Err(PageError::NotFound),
    }
}

async fn page(visitor: &Visitor, entry: &LedgerEntry) -> Result<DetailPage, PageError> {
    let app = visitor.app();
    let bill = usage_logs::bill(app, &entry.row).await?;
    let breakers = if visitor.is_admin() { app.live.breaker_views() } else { Vec::new() };
    let around = Around {
        catalogue: &visitor.console().relay.catalogue.load(),
        breakers: &breakers,
        is_admin: visitor.is_admin(),
    };
    Ok(DetailPage::of(entry, bill.as_ref(), &around))
}
