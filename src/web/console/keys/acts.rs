//! What buttons on a key do: switching on and off, and removing after a question.

use actix_web::HttpResponse;
use actix_web::web::Path;
use switchyard_actors::domain::ids::KeyId;

use super::show::find;
use crate::app::AppError;
use crate::app::keys::{self, BeforeRemoval, Switch};
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
    let found = keys::before_removal(visitor.app(), &visitor.actor, KeyId(*id)).await?;
    let found = found.ok_or(PageError::NotFound)?;
    if found.is_last {
        let back = format!("/users/{}", found.user.id);
        return Ok(visitor.redirect(&back, &Flash::bad(Text::of("refused-last-key"))));
    }
    visitor.show(&question(&found))
}

fn question(found: &BeforeRemoval) -> ConfirmPage {
    let (user, key) = (&found.user, &found.key);
    let named = |id| {
        let text = Text::of(id).with("name", key.fields.name.as_str());
        text.with("user", user.fields.name.as_str())
    };
    ConfirmPage {
        question: named("key-remove-title"),
        consequences: vec![
            Text::of("key-remove-stops"),
            Text::of("key-remove-rows").with("count", found.requests),
            Text::of("key-remove-final"),
        ],
        act: named("key-remove-do"),
        action: format!("/keys/{}/remove", key.id),
        back: format!("/users/{}", user.id),
    }
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
