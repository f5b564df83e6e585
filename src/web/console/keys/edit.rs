//! `/keys/{id}/edit`.

use actix_web::HttpResponse;
use actix_web::web::Path;
use switchyard_actors::domain::ids::KeyId;

use super::form::{KeyFormPage, body, filled, looked_over};
use super::show::find;
use crate::app::keys;
use crate::store::{KeyRecord, UserRecord};
use crate::web::console::frame::{Flash, Form, FormView, PageError, Text, Visitor};
use crate::web::console::users;

/// Shows the form.
pub async fn show(visitor: Visitor, id: Path<i64>) -> Result<HttpResponse, PageError> {
    let (user, key) = find(&visitor, KeyId(*id)).await?;
    let form = filled(&key.fields, &(visitor.app().zone)()).marked();
    visitor.show(&page(&visitor, form, &user, &key))
}

/// Saves it.
pub async fn save(visitor: Visitor, id: Path<i64>, form: Form) -> Result<HttpResponse, PageError> {
    let (user, key) = find(&visitor, KeyId(*id)).await?;
    let app = visitor.app();
    let raw = body(&form, Some(&key.fields), visitor.is_admin(), &(app.zone)());
    let kept = filled(&key.fields, &(app.zone)());
    let view = looked_over(app, &form, &raw, Some(kept));
    if view.is_wrong() {
        return visitor.show_again(&page(&visitor, view, &user, &key));
    }
    let edited = keys::edit(app, &visitor.actor, key.id, &raw).await;
    match view.heed(edited)? {
        Ok(()) => {
            let text = Text::of("key-saved").with("name", form.text("name"));
            Ok(visitor.redirect(&format!("/users/{}", user.id), &Flash::good(text)))
        }
        Err(view) => visitor.show_again(&page(&visitor, view, &user, &key)),
    }
}

fn page(visitor: &Visitor, form: FormView, user: &UserRecord, key: &KeyRecord) -> KeyFormPage {
    let groups = users::provider_groups(visitor);
    KeyFormPage {
        editing: Some(key.fields.name.clone()),
        limits_open: true,
        action: format!("/keys/{}/edit", key.id),
        ..KeyFormPage::new(form, user, groups, visitor.is_admin())
    }
}
