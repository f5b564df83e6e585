//! `/users/{id}/edit`.

use actix_web::HttpResponse;
use actix_web::web::Path;
use serde_json::Value;
use switchyard_actors::domain::ids::UserId;

use super::fields::looked_over;
use super::form::{UserFormPage, edit_body, filled};
use super::show::find;
use crate::app::AppError;
use crate::app::users::{self, UserEdit};
use crate::web::console::frame::{Admin, Flash, Form, PageError, Text, Visitor};

/// Shows the form.
pub async fn show(Admin(visitor): Admin, id: Path<i64>) -> Result<HttpResponse, PageError> {
    let user = find(&visitor, UserId(*id)).await?.user;
    let form = filled(&user.fields, &(visitor.app().zone)()).marked();
    visitor.show(&UserFormPage::editing(form, user.id, &user.fields.name))
}

/// Saves it.
pub async fn save(
    Admin(visitor): Admin,
    id: Path<i64>,
    form: Form,
) -> Result<HttpResponse, PageError> {
    let user = find(&visitor, UserId(*id)).await?.user;
    let zone = (visitor.app().zone)();
    let body = edit_body(&form, user.id, &user.fields, &zone);
    let ends = !form.has("expiresAt") || form.opt("expiresAt").is_some();
    let again = |view| visitor.show_again(&UserFormPage::editing(view, user.id, &user.fields.name));
    let view = looked_over(&form, "dailyQuota").since(filled(&user.fields, &zone));
    if view.is_wrong() {
        let read = UserEdit::read(&body, &visitor.app().moment());
        return again(view.with_fault(read.map_err(AppError::from)));
    }
    match view.heed(edit(&visitor, &body, ends).await)? {
        Ok(()) => {
            let text = Text::of("users-saved").with("name", form.text("name"));
            Ok(visitor.redirect(&format!("/users/{id}"), &Flash::good(text)))
        }
        Err(view) => again(view),
    }
}

/// `ends` is false where the end of the access was emptied: then there is none any more.
async fn edit(visitor: &Visitor, body: &Value, ends: bool) -> Result<(), AppError> {
    let edit = UserEdit::read(body, &visitor.app().moment())?;
    let edit = if ends { edit } else { edit.without_expiry() };
    users::edit(visitor.app(), &visitor.actor, edit).await
}
