//! Handlers that show a key: whole right after it was made, later where it is kept.

use actix_web::HttpResponse;
use actix_web::web::{Path, Query};
use serde::Deserialize;
use switchyard_actors::domain::ids::KeyId;

use super::page::{KeyPage, Whole};
use crate::app::keys::{self, NewKeyText};
use crate::store::{KeyRecord, UserRecord};
use crate::web::console::frame::{Flash, PageError, Visitor};

/// What the address asks for.
#[derive(Deserialize)]
pub struct Asked {
    /// The key is to be shown whole.
    #[serde(default)]
    show: Option<String>,
}

/// Shows a key's page.
pub async fn show(
    visitor: Visitor,
    id: Path<i64>,
    asked: Query<Asked>,
) -> Result<HttpResponse, PageError> {
    let (user, key) = find(&visitor, KeyId(*id)).await?;
    let app = visitor.app();
    let is_kept = app.key_reveal && key.sealed.is_some();
    let whole = match (is_kept, asked.show.is_some()) {
        (false, _) => Whole::Gone,
        (true, false) => Whole::Hidden,
        (true, true) => match keys::reveal(app, &visitor.actor, &key).await? {
            Some(text) => Whole::Shown(text.reveal().to_owned()),
            // Sealed by another data key: it cannot be opened any more.
            None => Whole::Gone,
        },
    };
    visitor.show(&KeyPage::of(&visitor, &user, &key, whole).await?)
}

/// Finds a key that the visitor may see.
pub async fn find(visitor: &Visitor, id: KeyId) -> Result<(UserRecord, KeyRecord), PageError> {
    let found = keys::find(visitor.app(), &visitor.actor, id).await?;
    found.ok_or(PageError::NotFound)
}

/// Shows a key that was just made. Where keys are kept the page is an address that can be looked at
/// again; elsewhere this answer is the one that has the key.
pub async fn introduce(
    visitor: &Visitor,
    user: &UserRecord,
    key: &KeyRecord,
    text: &NewKeyText,
    flash: &Flash,
) -> Result<HttpResponse, PageError> {
    if visitor.app().key_reveal {
        return Ok(visitor.redirect(&format!("/keys/{}?show=1", key.id), flash));
    }
    let whole = Whole::Once(text.reveal().to_owned());
    visitor.show(&KeyPage::of(visitor, user, key, whole).await?)
}
