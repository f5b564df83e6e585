//! `/providers/{id}`: changes a provider. Its key is never shown, and stays unless another is typed.

use actix_web::HttpResponse;
use actix_web::web::Path;

use super::form::FormPage;
use super::{At, fields, fill};
use crate::app::AppError;
use crate::app::providers::{self, Kept};
use crate::web::console::frame::{Admin, Flash, Form, FormView, PageError, Text, Visitor};

/// Shows the form.
pub async fn show(Admin(visitor): Admin, at: Path<At>) -> Result<HttpResponse, PageError> {
    let kept = find(&visitor, *at).await?;
    visitor.show(&FormPage::for_kept(&kept, fill::of_kept(&kept).marked()))
}

/// Saves what the form says.
pub async fn save(
    Admin(visitor): Admin,
    at: Path<At>,
    form: Form,
) -> Result<HttpResponse, PageError> {
    let kept = find(&visitor, *at).await?;
    let said = fields::read(&form, Some(kept.id));
    let view = said.view(&form).since(fill::of_kept(&kept));
    let faults = providers::faults(visitor.app(), &said.body, true);
    let view = faults.iter().fold(view, FormView::with_error);
    if view.is_wrong() {
        return again(&visitor, &kept, &form, view);
    }
    match view.heed(providers::edit(visitor.app(), &visitor.actor, &said.body).await)? {
        Ok(()) => {
            let name = form.opt("name").unwrap_or(&kept.name);
            let text = Text::of("providers-saved").with("name", name);
            Ok(visitor.redirect("/providers", &Flash::good(text)))
        }
        Err(view) => again(&visitor, &kept, &form, view),
    }
}

fn again(
    visitor: &Visitor,
    kept: &Kept,
    form: &Form,
    view: FormView,
) -> Result<HttpResponse, PageError> {
    visitor.show_again(&FormPage::for_kept(kept, view).asking_key_again(form))
}

/// Finds a provider.
///
/// # Errors
/// There is none, or the database cannot say.
pub async fn find(visitor: &Visitor, at: At) -> Result<Kept, PageError> {
    match providers::kept(visitor.app(), at.provider()).await {
        Ok(kept) => Ok(kept),
        Err(AppError::Refused(_)) => Err(PageError::NotFound),
        Err(error) => Err(error.into()),
    }
}
