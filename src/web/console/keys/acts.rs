//! What buttons on a key do: switching on and off, and removing after a question.

use actix_web::HttpResponse;
use actix_web::web::Path;
use switchyard_actors::domain::ids::KeyId;

use super::show::find;
use crate::app::AppError;
use crate::app::keys::{self, Switch};
use crate::store::LedgerFilter;
use crate::web::console::frame::{ConfirmPage, Flash, Form, PageError, Text, Visitor};

/// Switches a key on or off.
pub async fn switch(
    visitor: Visitor,
    id: Path<i64>,
    form: Form,
) -> Result<HttpResponse, PageError> {
    let (user, key) = find(&visitor, KeyId(*id)).await?;
    let on = form.flag("on");
    let to = if on { Switch::On } else { Switch::Off };
    keys::switch(visitor.app(), &visitor.actor, key.id, to).await?;
    let text = Text::of(if on { "key-switched-on" } else { "key-switched-off" });
    let flash = Flash::good(text.with("name", key.fields.name));
    Ok(visitor.redirect(&format!("/users/{}", user.id), &flash))
}

/// Asks before a key is removed; the last one of its user cannot go.
pub async fn ask(visitor: Visitor, id: Path<i64>) -> Result<HttpResponse, PageError> {
    let (user, key) = find(&visitor, KeyId(*id)).await?;
    let back = format!("/users/{}", user.id);
    let store = &visitor.app().store;
    if store.keys_of(&[user.id]).await?.len() <= 1 {
        return Ok(visitor.redirect(&back, &Flash::bad(Text::of("refused-last-key"))));
    }
    let filter = LedgerFilter { key: Some(key.id), ..LedgerFilter::default() };
    let rows = store.ledger_summary(&filter).await?.requests;
    let named = |id| {
        let text = Text::of(id).with("name", key.fields.name.as_str());
        text.with("user", user.fields.name.as_str())
    };
    visitor.show(&ConfirmPage {
        question: named("key-remove-title"),
        consequences: vec![
            Text::of("key-remove-stops"),
            Text::of("key-remove-rows").with("count", rows),
            Text::of("key-remove-final"),
        ],
        act: named("key-remove-do"),
        action: format!("/keys/{id}/remove"),
        back,
    })
}

/// Removes a key.
pub async fn remove(
    visitor: Visitor,
    id: Path<i64>,
    _form: Form,
) -> Result<HttpResponse, PageError> {
    let (user, key) = find(&visitor, KeyId(*id)).await?;
    let flash = match keys::remove(visitor.app(), &visitor.actor, key.id).await {
        Ok(()) => Flash::good(Text::of("key-removed").with("name", key.fields.name)),
        Err(refused @ AppError::Refused(_)) => Flash::bad(PageError::from(refused).words().0),
        Err(error) => return Err(error.into()),
    };
    Ok(visitor.redirect(&format!("/users/{}", user.id), &flash))
}
