//! `/live`: what happens, as server-sent events, resumed behind the last one that arrived. Rows come
//! finished, in the visitor's language, from the template that the ledger's list is made of, and
//! chosen by the list's filters, which the address may carry.

mod frame;
mod names;
mod pace;
mod tell;
mod watch;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use actix_web::web::{Query, ServiceConfig, get};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;
use switchyard_actors::domain::caller::Role;
use switchyard_actors::domain::live::EventId;
use switchyard_actors::shared::feed::{NoPlace, Person, Watcher};

use super::frame::{PageError, Visitor};
use super::requests;
use crate::app::{Actor, ActorKind};

/// When those who found no place may ask again, in seconds.
const FULL_FOR: u32 = 10;

/// A place that no process ever has: who follows from it is told to load anew.
const NOWHERE: EventId = EventId { boot: 0, seq: u64::MAX };

/// Adds the route.
pub fn configure(routes: &mut ServiceConfig) {
    routes.route("", get().to(follow));
}

/// What a script says that opens a stream anew: it cannot set the header.
#[derive(Deserialize)]
struct Asked {
    #[serde(rename = "last-event-id")]
    last_event_id: Option<String>,
}

async fn follow(
    visitor: Visitor,
    request: HttpRequest,
    asked: Query<Asked>,
    rows: Query<requests::Asked>,
) -> Result<HttpResponse, PageError> {
    let feed = visitor.app().live.feed.clone().ok_or(PageError::NotFound)?;
    let from = place(&request, asked.last_event_id.as_deref());
    let follower = match feed.follow(watcher(&visitor.actor), from) {
        Ok(follower) => follower,
        Err(why) => return Ok(refused(why)),
    };
    let wanted = requests::wanted(&visitor, rows.into_inner());
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(watch::stream(visitor, wanted, request, follower)))
}

const fn watcher(actor: &Actor) -> Watcher {
    let person = match actor.kind {
        ActorKind::User(user) => Person::User(user),
        _ => Person::Token,
    };
    Watcher { person, is_admin: matches!(actor.role, Role::Admin) }
}

/// Says why there is no stream; scripts know the reason by its word.
fn refused(why: NoPlace) -> HttpResponse {
    let reason = match why {
        NoPlace::Person => "person",
        NoPlace::Full => "full",
        NoPlace::Closed => "stopping",
    };
    HttpResponse::ServiceUnavailable()
        .insert_header((RETRY_AFTER, FULL_FOR.to_string()))
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(json!({ "reason": reason, "text": why.to_string() }))
}

/// Returns the place to go on from. The header is younger than the query: browsers send it when
/// they open the same address again.
fn place(request: &HttpRequest, asked: Option<&str>) -> Option<EventId> {
    let header = request.headers().get("last-event-id").and_then(|value| value.to_str().ok());
    let text = header.or(asked).filter(|text| !text.is_empty())?;
    Some(EventId::parse(text).unwrap_or(NOWHERE))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_stream_goes_on_where_the_header_or_else_the_address_says() {
        let at = |seq| Some(EventId { boot: 0xab, seq });
        let bare = TestRequest::default().to_http_request();
        assert_eq!(place(&bare, None), None);
        assert_eq!(place(&bare, Some("")), None);
        assert_eq!(place(&bare, Some("ab-7")), at(7));
        assert_eq!(place(&bare, Some("nonsense")), Some(NOWHERE));
        let again = TestRequest::default().insert_header(("last-event-id", "ab-9"));
        assert_eq!(place(&again.to_http_request(), Some("ab-7")), at(9));
    }
}
