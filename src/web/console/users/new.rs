//! `/users/new`: a name is enough. What comes next is the page of the first key.

use std::collections::BTreeSet;

use actix_web::HttpResponse;

use super::fields::looked_over;
use super::form::{UserFormPage, blank, body};
use crate::app::users::{self, NewUser};
use crate::app::{AppContext, AppError};
use crate::web::console::frame::{Admin, Flash, Form, PageError, Text, Visitor};
use crate::web::console::keys;

/// Shows the form.
pub async fn show(Admin(visitor): Admin) -> Result<HttpResponse, PageError> {
    visitor.show(&UserFormPage::new(blank(), provider_groups(&visitor)))
}

/// Makes the user, and shows their first key.
pub async fn create(Admin(visitor): Admin, form: Form) -> Result<HttpResponse, PageError> {
    let view = looked_over(&form, "dailyQuota");
    if view.is_wrong() {
        let read = NewUser::read(&body(&form), &visitor.app().moment());
        let view = view.with_fault(read.map_err(AppError::from));
        return visitor.show_again(&UserFormPage::new(view, provider_groups(&visitor)));
    }
    match view.heed(make(visitor.app(), &visitor, &form).await)? {
        Ok(made) => {
            let flash = Flash::good(Text::of("users-created").with("name", made.user.fields.name));
            keys::introduce(&visitor, made.key.id, &made.text, &flash)
        }
        Err(view) => visitor.show_again(&UserFormPage::new(view, provider_groups(&visitor))),
    }
}

async fn make(
    app: &AppContext,
    visitor: &Visitor,
    form: &Form,
) -> Result<users::CreatedUser, AppError> {
    let new = NewUser::read(&body(form), &app.moment())?;
    users::create_in_groups(app, &visitor.actor, new).await
}

/// Lists the groups that providers have.
pub fn provider_groups(visitor: &Visitor) -> Vec<String> {
    let catalogue = visitor.console().relay.catalogue.load();
    let all = catalogue.providers.iter().flat_map(|provider| provider.groups.iter());
    let names: BTreeSet<&str> = all.map(AsRef::as_ref).collect();
    names.into_iter().map(str::to_owned).collect()
}
