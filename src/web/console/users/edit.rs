//! `/users/{id}/edit`.

use actix_web::HttpResponse;
use actix_web::web::Path;
use serde_json::Value;
use switchyard_actors::domain::ids::UserId;

use super::form::{UserFormPage, edit_body, filled};
use super::show::find;
use crate::app::AppError;
use crate::app::users::{self, UserEdit};
use crate::web::console::frame::{Admin, Flash, Form, FormView, PageError, Text, Visitor};

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
    let view = FormView::from(&form).since(filled(&user.fields, &zone));
    if view.is_wrong() {
        return visitor.show_again(&UserFormPage::editing(view, user.id, &user.fields.name));
    }
    let body = edit_body(&form, user.id, &user.fields, &zone);
    let ends = !form.has("expiresAt") || form.opt("expiresAt").is_some();
    match view.heed(edit(&visitor, &body, ends).await)? {
        Ok(()) => {
            let text = Text::of("users-saved").with("name", form.text("name"));
            Ok(visitor.redirect(&format!("/users/{id}"), &Flash::good(text)))
        }
        Err(view) => visitor.show_again(&UserFormPage::editing(view, user.id, &user.fields.name)),
    }
}

/// `ends` is false where the end of the access was emptied: then there is none any more.
async fn edit(visitor: &Visitor, body: &Value, ends: bool) -> Result<(), AppError> {
    let edit = UserEdit::read(body, &visitor.app().moment())?;
    let edit = if ends { edit } else { edit.without_expiry() };
    users::edit(visitor.app(), &visitor.actor, edit).await
}
