//! `/requests`: the ledger backwards in time, by any filter, with what it adds up to.

mod asked;
mod chips;
mod choices;
mod page;
mod sums;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::web::Query;
use switchyard_actors::domain::ids::RequestId;

use self::asked::HERE;
use self::choices::Choices;
use self::sums::Sums;
use super::row::RequestRow;
use crate::app::{AppError, usage_logs};
use crate::store::{LedgerFilter, Page as Part};
use crate::web::console::frame::{Cursor, FormView, PageError, Pager, Visitor, address};

pub use asked::Asked;
pub use page::ListPage;

/// Rows of a page.
const SHOWN: u32 = 50;

/// Shows the list.
pub async fn show(visitor: Visitor, asked: Query<Asked>) -> Result<HttpResponse, PageError> {
    let asked = theirs(asked.into_inner(), &visitor);
    if let Some(id) = asked.request() {
        let mut answer = HttpResponse::SeeOther();
        answer.insert_header((LOCATION, format!("{HERE}/{id}")));
        return Ok(answer.insert_header((CACHE_CONTROL, "no-store")).finish());
    }
    let (filter, form) = read(&visitor, &asked);
    let (rows, next) = rows(&visitor, &filter, &asked.before).await?;
    let choices = Choices::gather(&visitor, &asked).await?;
    let sums = if filter.is_rolled() || !asked.sums.is_empty() {
        Some(sums(&visitor, &filter).await?)
    } else {
        None
    };
    let app = visitor.app();
    let door = &visitor.console().relay.refused;
    let page = ListPage {
        chips: chips::chips(&asked, &choices),
        live: page::LiveRows::of(&asked, &filter, visitor.app().clock.now()),
        pager: Pager::new(HERE, &asked.pairs(), asked.before.is_empty(), next.as_ref()),
        sums,
        sums_part: address("/requests/sums", &asked.pairs(), None),
        sums_here: with_sums(&asked),
        refused: visitor.is_admin().then(|| door.recent(app.clock.now()).len()),
        is_custom: asked.is_custom(),
        is_filtered: asked.without(&[]) != HERE,
        form,
        choices,
        rows,
    };
    visitor.show(&page)
}

/// Shows what the filter adds up to, for a page that is shown already.
pub async fn show_sums(visitor: Visitor, asked: Query<Asked>) -> Result<HttpResponse, PageError> {
    let asked = theirs(asked.into_inner(), &visitor);
    let (filter, _) = read(&visitor, &asked);
    visitor.show_fragment("partials/request_sums_only.html", &sums(&visitor, &filter).await?)
}

/// Returns which rows belong to the list that an address asks for, for those who follow it.
#[must_use]
pub fn wanted(visitor: &Visitor, asked: Asked) -> LedgerFilter {
    read(visitor, &theirs(asked, visitor)).0
}

/// Takes away what only admins may ask: others see their own requests in any case.
fn theirs(asked: Asked, visitor: &Visitor) -> Asked {
    if visitor.is_admin() { asked } else { Asked { user: String::new(), ..asked } }
}

fn read(visitor: &Visitor, asked: &Asked) -> (LedgerFilter, FormView) {
    let app = visitor.app();
    asked.read(app.clock.now(), &(app.zone)())
}

async fn rows(
    visitor: &Visitor,
    filter: &LedgerFilter,
    before: &str,
) -> Result<(Vec<RequestRow>, Option<Cursor>), AppError> {
    let cursor = Cursor::parse(before);
    let before = cursor.as_ref().and_then(|cursor| RequestId::parse(cursor.part(0)?));
    let part = Part { before, offset: 0, limit: SHOWN + 1 };
    let mut found = usage_logs::entries(visitor.app(), &visitor.actor, filter, part).await?;
    let has_more = found.len() > SHOWN as usize;
    found.truncate(SHOWN as usize);
    let last = found.last().filter(|_| has_more);
    let next = last.map(|last| Cursor::new([last.row.opened.id]));
    Ok((found.iter().map(RequestRow::of).collect(), next))
}

async fn sums(visitor: &Visitor, filter: &LedgerFilter) -> Result<Sums, AppError> {
    Ok(Sums::of(&usage_logs::sums(visitor.app(), &visitor.actor, filter).await?))
}

fn with_sums(asked: &Asked) -> String {
    let mut pairs = asked.pairs().to_vec();
    pairs.push(("sums", "1"));
    let before = Some(asked.before.as_str()).filter(|before| !before.is_empty());
    address(HERE, &pairs, before)
}
