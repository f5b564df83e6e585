//! Handlers that show a key: whole right after it was made, later where it is kept and when it is
//! asked for. An address alone never shows it, and is safe to send, to keep and to look at again.

use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use switchyard_actors::domain::ids::KeyId;
use switchyard_actors::domain::secret::Secret;

use super::page::{KeyPage, Whole};
use crate::app::keys::{self, NewKeyText};
use crate::store::{KeyRecord, UserRecord};
use crate::web::console::frame::{Flash, Form, PageError, Visitor};

/// Shows a key's page; whole to whoever has just made it.
pub async fn show(
    visitor: Visitor,
    id: Path<i64>,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    let (user, key) = find(&visitor, KeyId(*id)).await?;
    let is_kept = visitor.app().key_reveal && key.sealed.is_some();
    let new = visitor.handed_over(&request);
    let is_new = new.is_some();
    let whole = match (new, is_kept) {
        (Some(text), true) => Whole::Shown(text),
        (Some(text), false) => Whole::Once(text),
        (None, true) => Whole::Hidden,
        (None, false) => Whole::Gone,
    };
    let mut answer = visitor.show(&KeyPage::of(&visitor, &user, &key, whole).await?)?;
    if is_new {
        visitor.take_back(&request, &mut answer);
    }
    Ok(answer)
}

/// Shows a key whole that is kept, which is noted in the audit log.
pub async fn reveal(
    visitor: Visitor,
    id: Path<i64>,
    _form: Form,
) -> Result<HttpResponse, PageError> {
    let (user, key) = find(&visitor, KeyId(*id)).await?;
    let whole = match keys::reveal(visitor.app(), &visitor.actor, &key).await? {
        Some(text) => Whole::Shown(text),
        // Not kept, or sealed by another data key: it cannot be opened any more.
        None => Whole::Gone,
    };
    visitor.show(&KeyPage::of(&visitor, &user, &key, whole).await?)
}

/// Goes to the key's page: the address of a shown key was typed, kept or sent.
pub async fn hidden(visitor: Visitor, id: Path<i64>) -> Result<HttpResponse, PageError> {
    let (_, key) = find(&visitor, KeyId(*id)).await?;
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((LOCATION, format!("/keys/{}", key.id)));
    answer.insert_header((CACHE_CONTROL, "no-store"));
    Ok(answer.finish())
}

/// Finds a key that the visitor may see.
pub async fn find(visitor: &Visitor, id: KeyId) -> Result<(UserRecord, KeyRecord), PageError> {
    let found = keys::find(visitor.app(), &visitor.actor, id).await?;
    found.ok_or(PageError::NotFound)
}

/// Sends the browser on to the page of a key that was just made, which shows it this once.
pub fn introduce(
    visitor: &Visitor,
    key: KeyId,
    text: &NewKeyText,
    flash: &Flash,
) -> Result<HttpResponse, PageError> {
    visitor.hand_over(&format!("/keys/{key}"), flash, &Secret::new(text.reveal()))
}
