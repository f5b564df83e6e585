//! `POST /preferences`: the look and the language, kept in cookies.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use actix_web::web::{ServiceConfig, post};

use super::error::PageError;
use super::form::StrangersForm;
use super::locale::{self, Locale};
use super::stranger::{Stranger, is_safe_return};
use super::theme::{self, Theme};
use crate::web::cookies::YEAR_SECONDS;

/// Adds the route.
pub fn configure(routes: &mut ServiceConfig) {
    routes.route("", post().to(keep));
}

async fn keep(
    request: actix_web::HttpRequest,
    StrangersForm(form): StrangersForm,
) -> Result<HttpResponse, PageError> {
    let looks = Stranger::of(&request)?;
    let back = Some(form.text("back")).filter(|path| is_safe_return(path)).unwrap_or("/");
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((LOCATION, back)).insert_header((CACHE_CONTROL, "no-store"));
    let chosen = [
        (theme::COOKIE, Theme::parse(form.text("theme")).map(Theme::name)),
        (locale::COOKIE, form.opt("lang").and_then(Locale::parse).map(Locale::tag)),
    ];
    for (name, value) in chosen {
        if let Some(value) = value {
            answer.append_header((SET_COOKIE, looks.cookie(name, value, YEAR_SECONDS)));
        }
    }
    Ok(answer.finish())
}
