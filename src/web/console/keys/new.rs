//! `/users/{id}/keys/new`.

use actix_web::HttpResponse;
use actix_web::web::Path;
use switchyard_actors::domain::ids::UserId;

use super::form::{KeyFormPage, blank, body, looked_over};
use crate::app::keys;
use crate::store::UserRecord;
use crate::web::console::frame::{Flash, Form, FormView, PageError, Text, Visitor};
use crate::web::console::users;

/// Shows the form.
pub async fn show(visitor: Visitor, id: Path<i64>) -> Result<HttpResponse, PageError> {
    let user = users::find(&visitor, UserId(*id)).await?.user;
    visitor.show(&page(&visitor, blank(), &user))
}

/// Makes the key, and shows it.
pub async fn create(
    visitor: Visitor,
    id: Path<i64>,
    form: Form,
) -> Result<HttpResponse, PageError> {
    let user = users::find(&visitor, UserId(*id)).await?.user;
    let app = visitor.app();
    let raw = body(&form, None, visitor.is_admin(), &(app.zone)());
    let view = looked_over(app, &form, &raw, None);
    if view.is_wrong() {
        return visitor.show_again(&page(&visitor, view, &user));
    }
    let made = keys::create(app, &visitor.actor, user.id, &raw).await;
    match view.heed(made)? {
        Ok(made) => {
            let flash = Flash::good(Text::of("key-created").with("name", made.name));
            super::introduce(&visitor, made.id, &made.text, &flash)
        }
        Err(view) => visitor.show_again(&page(&visitor, view, &user)),
    }
}

fn page(visitor: &Visitor, form: FormView, user: &UserRecord) -> KeyFormPage {
    KeyFormPage::new(form, user, users::provider_groups(visitor), visitor.is_admin())
}
