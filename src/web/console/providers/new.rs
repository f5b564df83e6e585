//! `/providers/new`: a preset, a key, done.

use actix_web::HttpResponse;
use actix_web::web::Query;
use serde::Deserialize;

use super::choose::ChoosePage;
use super::form::FormPage;
use super::{fields, fill};
use crate::app::providers::{self, Preset};
use crate::app::users;
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
    let faults = providers::faults(visitor.app(), &said.body, false);
    let view = faults.iter().fold(said.view(&form), FormView::with_error);
    if view.is_wrong() {
        return again(&visitor, &form, view);
    }
    match view.heed(providers::add(visitor.app(), &visitor.actor, &said.body).await)? {
        Ok(provider) => {
            let flash = added(&visitor, &form, provider.0).await?;
            Ok(visitor.redirect("/providers", &flash))
        }
        Err(view) => again(&visitor, &form, view),
    }
}

fn again(visitor: &Visitor, form: &Form, view: FormView) -> Result<HttpResponse, PageError> {
    visitor.show_again(&FormPage::for_new(preset(form), view).asking_key_again(form))
}

/// Returns the preset that the form began with.
pub fn preset(form: &Form) -> &'static Preset {
    providers::preset(form.text("preset")).unwrap_or(&providers::COMPATIBLE)
}

/// Says that it is there, and what most people need next.
async fn added(visitor: &Visitor, form: &Form, provider: i64) -> Result<Flash, PageError> {
    let id = if form.flag("is_enabled") { "providers-added" } else { "providers-added-off" };
    let flash = Flash::good(Text::of(id).with("name", form.text("name")));
    Ok(if users::is_anybody_there(visitor.app()).await? {
        flash.then(Text::of("providers-test-it"), format!("/providers/{provider}#test"))
    } else {
        flash.then(Text::of("providers-create-user"), "/users/new")
    })
}
