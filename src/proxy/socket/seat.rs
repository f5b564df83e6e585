//! What all turns of a socket have in common: its client, its place, and the request it came with.

use std::net::IpAddr;
use std::rc::Rc;

use actix_web::HttpRequest;

use super::link::Link;
use crate::proxy::admission::SocketPlace;
use crate::proxy::arrival::Arrival;
use crate::proxy::worker::WorkerRef;
use crate::wire::detect::Route;

/// A client at its socket.
pub struct Seat {
    /// The worker that accepted it.
    pub worker: WorkerRef,
    /// The request that opened the socket, as the `POST` that each of its turns is.
    pub request: HttpRequest,
    /// Where that leads.
    pub route: Route,
    /// The client's address.
    pub client: Option<IpAddr>,
    /// The model that the address names, for messages that name none.
    pub model: Option<String>,
    /// What its turns share on the provider's side.
    pub link: Rc<Link>,
    /// Its place at the door.
    pub place: SocketPlace,
}

impl Seat {
    /// Notes a turn.
    #[must_use]
    pub fn arrival(&self) -> Arrival {
        arrival(&self.worker, &self.request, self.route.clone(), self.client)
    }
}

/// Notes a request of a socket: the model of its address is a matter of ours.
pub fn arrival(
    worker: &WorkerRef,
    request: &HttpRequest,
    route: Route,
    client: Option<IpAddr>,
) -> Arrival {
    let mut arrival = Arrival::note(worker, request, route, client);
    let query = arrival.query.take().map(|query| {
        let pairs = query.split('&').filter(|pair| !is_model(pair));
        pairs.collect::<Vec<_>>().join("&")
    });
    arrival.query = query.filter(|query| !query.is_empty());
    arrival
}

/// Returns the model that a query names.
pub fn model(query: &str) -> Option<String> {
    let (_, model) = query.split('&').find(|pair| is_model(pair))?.split_once('=')?;
    let model = crate::wire::percent::decode(model)?.into_owned();
    Some(model).filter(|model| !model.is_empty())
}

fn is_model(pair: &str) -> bool {
    pair.split_once('=').is_some_and(|(name, _)| name == "model")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_a_model() {
        assert_eq!(model("a=1&model=gpt%2F5").as_deref(), Some("gpt/5"));
        assert_eq!(model("models=x&model="), None);
        assert_eq!(model(""), None);
    }
}
