//! `/requests/{id}`: one request with everything that was decided about it.

mod bill;
mod facts;
mod page;
mod refusal;
mod steps;
mod timing;
mod wait;

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Path;
use switchyard_actors::domain::ids::RequestId;
use switchyard_actors::domain::instant::Micros;

use self::steps::Around;
use crate::app::{AppError, usage_logs};
use crate::store::LedgerEntry;
use crate::web::console::frame::{PageError, Visitor};

pub use page::DetailPage;
pub use wait::WaitPage;

/// A request that has just ended is waited for in so many steps ...
const LOOKS: u32 = 10;
/// ... of this length.
const PAUSE: Duration = Duration::from_millis(200);
/// A request that came so lately may still be running, or on its way into the database.
const YOUNG: Duration = Duration::from_mins(15);

/// Shows a request.
pub async fn show(visitor: Visitor, id: Path<String>) -> Result<HttpResponse, PageError> {
    let id = RequestId::parse(&id).ok_or(PageError::NotFound)?;
    let is_young = is_young(id, visitor.app().clock.now());
    let Some(entry) = find(&visitor, id, is_young).await? else {
        if is_young && !is_known(&visitor, id).await? {
            return visitor.show(&WaitPage { id: id.to_string() });
        }
        return Err(PageError::NotFound);
    };
    let app = visitor.app();
    let bill = usage_logs::bill(app, &entry.row).await?;
    let breakers = if visitor.is_admin() { app.live.breaker_views() } else { Vec::new() };
    let around = Around {
        catalogue: &visitor.console().relay.catalogue.load(),
        breakers: &breakers,
        is_admin: visitor.is_admin(),
    };
    visitor.show(&DetailPage::of(&entry, bill.as_ref(), &around))
}

/// Finds a request; one that may just have ended is waited for.
async fn find(
    visitor: &Visitor,
    id: RequestId,
    is_young: bool,
) -> Result<Option<LedgerEntry>, AppError> {
    for _ in 0..LOOKS {
        let entry = usage_logs::entry(visitor.app(), &visitor.actor, id).await?;
        if entry.is_some() || !is_young || is_known(visitor, id).await? {
            return Ok(entry);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(None)
}

/// Tells whether there is such a request, whoever may see it.
async fn is_known(visitor: &Visitor, id: RequestId) -> Result<bool, AppError> {
    Ok(visitor.app().store.ledger_entry(id).await?.is_some())
}

/// Ids that nobody made lie anywhere in time, mostly far from now.
fn is_young(id: RequestId, now: Micros) -> bool {
    let came = Micros::from_millis(id.millis());
    let soon = now.plus(Duration::from_secs(5));
    came <= soon && came >= now.minus(YOUNG)
}
