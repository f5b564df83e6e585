//! What buttons on a user's page do: switching on and off, and removing after a question.

use actix_web::HttpResponse;
use actix_web::web::Path;
use serde_json::json;
use switchyard_actors::domain::ids::UserId;

use super::show::find;
use crate::app::AppError;
use crate::app::users::{self, BeforeRemoval, UserEdit};
use crate::web::console::frame::{Admin, ConfirmPage, Flash, Form, PageError, Text};

/// Switches a user on or off.
pub async fn switch(
    Admin(visitor): Admin,
    id: Path<i64>,
    form: Form,
) -> Result<HttpResponse, PageError> {
    let user = find(&visitor, UserId(*id)).await?.user;
    let on = form.flag("on");
    let body = json!({ "userId": user.id, "isEnabled": on });
    let edit = UserEdit::read(&body, &visitor.app().moment()).map_err(AppError::from)?;
    users::edit(visitor.app(), &visitor.actor, edit).await?;
    let text = Text::of(if on { "users-switched-on" } else { "users-switched-off" });
    let text = text.with("name", user.fields.name);
    Ok(visitor.redirect(&format!("/users/{id}"), &Flash::good(text)))
}

/// Asks before a user is removed.
pub async fn ask(Admin(visitor): Admin, id: Path<i64>) -> Result<HttpResponse, PageError> {
    let found = users::before_removal(visitor.app(), &visitor.actor, UserId(*id)).await?;
    visitor.show(&question(&found.ok_or(PageError::NotFound)?))
}

fn question(found: &BeforeRemoval) -> ConfirmPage {
    let (user, keys) = (&found.user.user, &found.user.keys);
    let name = user.fields.name.as_str();
    let names: Vec<&str> = keys.iter().map(|(key, _)| key.fields.name.as_str()).collect();
    let keys = Text::of("users-remove-keys").with("count", names.len());
    ConfirmPage {
        question: Text::of("users-remove-title").with("name", name),
        consequences: vec![
            keys.with("names", names.join(", ")),
            Text::of("users-remove-rows").with("count", found.requests),
            Text::of("users-remove-final"),
        ],
        act: Text::of("users-remove-do").with("name", name),
        action: format!("/users/{}/remove", user.id),
        back: format!("/users/{}", user.id),
    }
}

/// Removes a user.
pub async fn remove(
    Admin(visitor): Admin,
    id: Path<i64>,
    _form: Form,
) -> Result<HttpResponse, PageError> {
    let user = find(&visitor, UserId(*id)).await?.user;
    users::remove(visitor.app(), &visitor.actor, user.id).await?;
    let text = Text::of("users-removed").with("name", user.fields.name);
    Ok(visitor.redirect("/users", &Flash::good(text)))
}
