//! `/requests`: the ledger backwards in time, by any filter, with what it adds up to.

mod asked;
mod chips;
mod choices;
mod gather;
mod page;
mod sums;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::web::Query;
use switchyard_actors::domain::ids::RequestId;

use self::asked::HERE;
use crate::store::LedgerFilter;
use crate::web::console::frame::{PageError, Visitor};

pub use asked::Asked;
pub use page::ListPage;

/// Shows the list.
pub async fn show(visitor: Visitor, asked: Query<Asked>) -> Result<HttpResponse, PageError> {
    let asked = theirs(asked.into_inner(), &visitor);
    match asked.request() {
        Some(id) => Ok(to_request(id)),
        None => visitor.show(&gather::page(&visitor, &asked).await?),
    }
}

/// Shows what the filter adds up to, for a page that is shown already.
pub async fn show_sums(visitor: Visitor, asked: Query<Asked>) -> Result<HttpResponse, PageError> {
    let asked = theirs(asked.into_inner(), &visitor);
    visitor.show_fragment("partials/request_sums_only.html", &gather::sums(&visitor, &asked).await?)
}

/// Returns which rows belong to the list that an address asks for, for those who follow it.
#[must_use]
pub fn wanted(visitor: &Visitor, asked: Asked) -> LedgerFilter {
    gather::read(visitor, &theirs(asked, visitor)).0
}

/// Takes away what only admins may ask: others see their own requests in any case.
fn theirs(asked: Asked, visitor: &Visitor) -> Asked {
    if visitor.is_admin() { asked } else { Asked { user: String::new(), ..asked } }
}

fn to_request(id: RequestId) -> HttpResponse {
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((LOCATION, format!("{HERE}/{id}")));
    answer.insert_header((CACHE_CONTROL, "no-store")).finish()
}
