//! Gathers what the list shows: the rows, the choices, and the sums as far as they come at once.

use switchyard_actors::domain::ids::{RequestId, UserId};

use super::asked::{Asked, HERE};
use super::choices::Choices;
use super::page::{LiveRows, SumsPlace};
use super::sums::Sums;
use super::{ListPage, chips};
use crate::app::AppError;
use crate::app::usage_logs::{self, Effort};
use crate::store::{LedgerFilter, Page as Part};
use crate::web::console::frame::{Cursor, FormView, Pager, Visitor, address};
use crate::web::console::requests::row::RequestRow;

/// Rows of a page.
const SHOWN: u32 = 50;

/// Gathers the page.
pub async fn page(visitor: &Visitor, asked: &Asked) -> Result<ListPage, AppError> {
    let (filter, form) = read(visitor, asked);
    let (rows, next) = rows(visitor, &filter, &asked.before).await?;
    let choices = choices(visitor, asked).await?;
    Ok(ListPage {
        chips: chips::chips(asked, &choices),
        live: LiveRows::of(asked, &filter, visitor.app().clock.now()),
        pager: Pager::new(HERE, &asked.pairs(), asked.before.is_empty(), next.as_ref()),
        sums: sums_of(visitor, asked, &filter).await?,
        refused: refused(visitor),
        is_custom: asked.is_custom(),
        is_filtered: asked.without(&[]) != HERE,
        form,
        choices,
        rows,
    })
}

/// Adds up what the filter finds.
pub async fn sums(visitor: &Visitor, asked: &Asked) -> Result<Sums, AppError> {
    let (filter, _) = read(visitor, asked);
    Ok(Sums::of(&usage_logs::sums(visitor.app(), &visitor.actor, &filter).await?))
}

pub fn read(visitor: &Visitor, asked: &Asked) -> (LedgerFilter, FormView) {
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

async fn choices(visitor: &Visitor, asked: &Asked) -> Result<Choices, AppError> {
    let chosen = asked.user.parse().ok().map(UserId);
    let found = usage_logs::choices(visitor.app(), &visitor.actor, chosen).await?;
    Ok(Choices::of(found, &visitor.console().relay.catalogue.load()))
}

/// Adds up at once what is no effort, or what is asked for; else says where the sums are.
async fn sums_of(
    visitor: &Visitor,
    asked: &Asked,
    filter: &LedgerFilter,
) -> Result<SumsPlace, AppError> {
    let effort = usage_logs::effort(filter, visitor.app().clock.now());
    if effort == Effort::Small || !asked.sums.is_empty() {
        return Ok(SumsPlace::here(sums(visitor, asked).await?));
    }
    let mut pairs = asked.pairs().to_vec();
    let part = (effort == Effort::Some).then(|| address("/requests/sums", &pairs, None));
    pairs.push(("sums", "1"));
    let before = Some(asked.before.as_str()).filter(|before| !before.is_empty());
    Ok(SumsPlace { sums: None, part, href: address(HERE, &pairs, before) })
}

/// Counts those who were refused at the door lately, for admins.
fn refused(visitor: &Visitor) -> Option<usize> {
    let door = &visitor.console().relay.refused;
    visitor.is_admin().then(|| door.recent(visitor.app().clock.now()).len())
}
