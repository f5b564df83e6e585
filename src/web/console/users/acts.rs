//! What buttons on a user's page do: switching on and off, and removing after a question.

use actix_web::HttpResponse;
use actix_web::web::Path;
use serde_json::json;
use switchyard_actors::domain::ids::UserId;

use super::show::find;
use crate::app::AppError;
use crate::app::users::{self, UserEdit};
use crate::store::LedgerFilter;
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
    let found = find(&visitor, UserId(*id)).await?;
    let filter = LedgerFilter { user: Some(found.user.id), ..LedgerFilter::default() };
    let rows = visitor.app().store.ledger_summary(&filter).await?.requests;
    let name = found.user.fields.name.as_str();
    let names: Vec<&str> = found.keys.iter().map(|(key, _)| key.fields.name.as_str()).collect();
    let keys = Text::of("users-remove-keys").with("count", names.len());
    visitor.show(&ConfirmPage {
        question: Text::of("users-remove-title").with("name", name),
        consequences: vec![
            keys.with("names", names.join(", ")),
            Text::of("users-remove-rows").with("count", rows),
            Text::of("users-remove-final"),
        ],
        act: Text::of("users-remove-do").with("name", name),
        action: format!("/users/{id}/remove"),
        back: format!("/users/{id}"),
    })
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
