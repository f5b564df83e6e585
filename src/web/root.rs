//! `/`: people go on to the console. Claude Code asks for it with HEAD before it begins.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, ContentType, LOCATION};
use actix_web::web::{self, ServiceConfig};

/// Adds the routes.
pub fn configure(routes: &mut ServiceConfig) {
    routes.service(web::resource("/").route(web::get().to(enter)).route(web::head().to(head)));
}

async fn enter() -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, "/dashboard"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}

async fn head() -> HttpResponse {
    HttpResponse::Ok().insert_header(ContentType::html()).finish()
}
