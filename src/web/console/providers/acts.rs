//! The quick acts of the list: rest a provider or use it, reset its breaker, remove it.

use actix_web::HttpResponse;
use actix_web::web::Path;
use serde_json::json;

use super::At;
use super::edit::find;
use crate::app::providers::{self, ID};
use crate::web::console::frame::{Admin, ConfirmPage, Flash, Form, PageError, Text, Visitor};

const LIST: &str = "/providers";

/// Uses a provider.
pub async fn enable(
    Admin(visitor): Admin,
    at: Path<At>,
    _: Form,
) -> Result<HttpResponse, PageError> {
    switch(&visitor, *at, true, "providers-enabled").await
}

/// Rests a provider.
pub async fn disable(
    Admin(visitor): Admin,
    at: Path<At>,
    _: Form,
) -> Result<HttpResponse, PageError> {
    switch(&visitor, *at, false, "providers-disabled").await
}

async fn switch(
    visitor: &Visitor,
    at: At,
    on: bool,
    said: &'static str,
) -> Result<HttpResponse, PageError> {
    let kept = find(visitor, at).await?;
    let body = json!({ ID: at.id, "is_enabled": on });
    providers::edit(visitor.app(), &visitor.actor, &body).await?;
    Ok(visitor.redirect(LIST, &Flash::good(Text::of(said).with("name", kept.name))))
}

/// Closes a provider's breaker.
pub async fn reset(
    Admin(visitor): Admin,
    at: Path<At>,
    _: Form,
) -> Result<HttpResponse, PageError> {
    let kept = find(&visitor, *at).await?;
    providers::reset_circuit(visitor.app(), &visitor.actor, kept.id).await?;
    let text = Text::of("providers-reset-done").with("name", kept.name);
    Ok(visitor.redirect(LIST, &Flash::good(text)))
}

/// Asks before a provider is removed.
pub async fn ask_to_remove(Admin(visitor): Admin, at: Path<At>) -> Result<HttpResponse, PageError> {
    let kept = find(&visitor, *at).await?;
    visitor.show(&ConfirmPage {
        question: Text::of("providers-remove-question").with("name", kept.name.clone()),
        consequences: vec![
            Text::of("providers-remove-routing"),
            Text::of("providers-remove-key"),
            Text::of("providers-remove-ledger"),
        ],
        act: Text::of("providers-remove-act").with("name", kept.name),
        action: format!("/providers/{}/remove", at.id),
        back: LIST.to_owned(),
    })
}

/// Removes a provider.
pub async fn remove(
    Admin(visitor): Admin,
    at: Path<At>,
    _: Form,
) -> Result<HttpResponse, PageError> {
    let kept = find(&visitor, *at).await?;
    providers::remove(visitor.app(), &visitor.actor, kept.id).await?;
    let text = Text::of("providers-removed").with("name", kept.name);
    Ok(visitor.redirect(LIST, &Flash::good(text)))
}
