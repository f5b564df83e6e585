//! What a message of a socket comes to: a request, or an answer that is known already.

use std::rc::Rc;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::dev::Payload;
use bytes::Bytes;

use super::history::Ground;
use super::seat::Seat;
use crate::proxy::arrival::Arrival;
use crate::proxy::away::away;
use crate::proxy::failure::Failure;
use crate::proxy::worker::Shared;
use crate::proxy::{authenticate, relay_turn, turn_away};
use crate::wire::responses::socket::error::SocketError;
use crate::wire::responses::socket::say::Written;
use crate::wire::responses::socket::{Before, Create, CreateError, Learned, warm_up};

/// What a message came to.
pub enum Asked {
    /// The answer of a request.
    Answer {
        /// As HTTP has it.
        answer: HttpResponse,
        /// What it was asked with.
        ground: Ground,
    },
    /// Messages that nobody had to be asked for.
    Said {
        /// The messages.
        messages: Vec<Bytes>,
        /// What they tell.
        learned: Learned,
        /// What they were asked with.
        ground: Ground,
    },
}

/// Does what a message asks for.
pub async fn ask(seat: Rc<Seat>, text: Bytes, before: Option<Arc<Before>>) -> Asked {
    let planned = plan(&seat.worker.shared, text, seat.model.clone(), before).await;
    match planned {
        Ok(Ok(Plan::Request { body, ground })) => {
            let arrival = seat.arrival();
            let written = Written { before: ground.before.clone(), items: ground.items.clone() };
            seat.link.begin(written);
            let answer = relay_turn(Rc::clone(&seat), Payload::from(body), arrival).await;
            Asked::Answer { answer, ground }
        }
        Ok(Ok(Plan::WarmUp { model, ground })) => warm(&seat, &model, ground),
        Ok(Err(error)) => said(match &error {
            CreateError::NotAnObject(_) => SocketError::InvalidJson.message(&error.to_string()),
            CreateError::OtherType(_) => SocketError::UnsupportedType.message(&error.to_string()),
        }),
        Err(failure) => said(SocketError::Internal.message(&failure.message())),
    }
}

/// Answers a client that warms its socket up.
fn warm(seat: &Seat, model: &str, ground: Ground) -> Asked {
    let arrival = seat.arrival();
    if let Err(failure) = key(seat, &arrival) {
        let answer = turn_away(&seat.worker, &seat.request, &arrival, &failure);
        return Asked::Answer { answer, ground };
    }
    if ground.leans_elsewhere {
        // An id of ours could not be gone on from: nobody but us would know what it stands for.
        let text = "the response before is not known here: send the whole conversation";
        return said(SocketError::UnknownResponse.message(text));
    }
    let id = format!("resp_{}", arrival.id).replace('-', "");
    let now = seat.worker.shared.clock.now().seconds();
    let messages = warm_up::events(&id, model, now).to_vec();
    let learned = Learned { id: Some(id), ended: true, ..Learned::default() };
    Asked::Said { messages, learned, ground }
}

/// Nobody is asked, and still the key may have ended since the socket was opened.
fn key(seat: &Seat, arrival: &Arrival) -> Result<(), Failure> {
    let key = authenticate::key_of(&seat.request)?;
    let catalogue = seat.worker.shared.catalogue.load();
    authenticate::caller(&catalogue, &key, arrival.at).map(|_| ())
}

fn said(message: Bytes) -> Asked {
    let (learned, ground) = (Learned::default(), Ground::default());
    Asked::Said { messages: vec![message], learned, ground }
}

enum Plan {
    Request { body: Bytes, ground: Ground },
    WarmUp { model: String, ground: Ground },
}

type Planned = Result<Plan, CreateError>;

/// Reads a message here when it is small, away from the worker when it is not.
async fn plan(
    shared: &Shared,
    text: Bytes,
    model: Option<String>,
    before: Option<Arc<Before>>,
) -> Result<Planned, Failure> {
    let length = text.len() + before.as_ref().map_or(0, |before| before.bytes());
    away(shared, length, move || planned(&text, model.as_deref(), before)).await
}

fn planned(text: &[u8], model: Option<&str>, before: Option<Arc<Before>>) -> Planned {
    let create = Create::read(text)?;
    let previous = create.previous();
    // With a conversation beside it the vendor decides what the two of them mean.
    let before = before.filter(|before| {
        previous.as_deref() == Some(&before.id) && !create.leans_elsewhere(Some(before))
    });
    let leans_elsewhere = create.leans_elsewhere(before.as_deref());
    if create.is_warm_up() {
        let model = create.model().or_else(|| model.map(ToOwned::to_owned)).unwrap_or_default();
        let ground = Ground { before, items: create.items(), leans_elsewhere };
        return Ok(Plan::WarmUp { model, ground });
    }
    let body = create.body(model, before.as_deref());
    let ground = Ground { before, items: create.items(), leans_elsewhere };
    Ok(Plan::Request { body, ground })
}
