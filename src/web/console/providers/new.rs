//! `/providers/new`: a preset, a key, done.

use actix_web::HttpResponse;
use actix_web::web::Query;
use serde::Deserialize;

use super::choose::ChoosePage;
use super::form::FormPage;
use super::{fields, fill};
use crate::app::AppError;
use crate::app::providers::{self, Preset};
use crate::web::console::frame::{Admin, Flash, Form, FormView, PageError, Text, Visitor};

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    preset: String,
}

/// Shows the vendors, or the form of the one that was chosen.
pub async fn show(Admin(visitor): Admin, asked: Query<Asked>) -> Result<HttpResponse, PageError> {
    match providers::preset(&asked.preset) {
        None => visitor.show(&ChoosePage::new()),
        Some(preset) => visitor.show(&FormPage::for_new(preset, fill::of_preset(preset))),
    }
}

/// Adds the provider.
pub async fn add(Admin(visitor): Admin, form: Form) -> Result<HttpResponse, PageError> {
    let said = fields::read(&form, None);
    let mut view = FormView::from(&form).without("key");
    for (field, text) in said.wrong {
        view = view.with_issue(field, text);
    }
    if !view.is_wrong() {
        match providers::add(visitor.app(), &visitor.actor, &said.body).await {
            Ok(provider) => {
                let flash = added(&visitor, form.text("name"), provider.0).await?;
                return Ok(visitor.redirect("/providers", &flash));
            }
            Err(error @ (AppError::Invalid(_) | AppError::Refused(_))) => {
                view = view.with_error(&error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    let mut page = FormPage::for_new(preset(&form), view);
    page.key_again = form.opt("key").is_some();
    visitor.show_again(&page)
}

/// Returns the preset that the form began with.
pub fn preset(form: &Form) -> &'static Preset {
    providers::preset(form.text("preset")).unwrap_or(&providers::COMPATIBLE)
}

/// Says that it is there, and what most people need next.
async fn added(visitor: &Visitor, name: &str, provider: i64) -> Result<Flash, PageError> {
    let flash = Flash::good(Text::of("providers-added").with("name", name));
    let no_user = visitor.app().store.users_page(None, 1).await?.is_empty();
    Ok(if no_user {
        flash.then(Text::of("providers-create-user"), "/users/new")
    } else {
        flash.then(Text::of("providers-test-it"), format!("/providers/{provider}#test"))
    })
}
