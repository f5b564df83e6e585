//! What is known of a request before anything is decided: when it came, from whom, for what.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::HttpRequest;
use switchyard_actors::domain::ids::RequestId;
use switchyard_actors::domain::instant::Micros;
use tokio::time::Instant;

use super::headers;
use super::worker::Worker;
use crate::wire::detect::Route;

/// Longest part of a client's own name that is kept.
const USER_AGENT_KEPT: usize = 200;

/// A request at the door.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Its id.
    pub id: RequestId,
    /// When it came, by the wall clock.
    pub at: Micros,
    /// When it came, by the clock that never steps.
    pub started: Instant,
    /// What it asks for.
    pub route: Route,
    /// The path, as the client wrote it.
    pub path: Arc<str>,
    /// The query without the gateway's key.
    pub query: Option<String>,
    /// The client's address.
    pub client_ip: Option<Arc<str>>,
    /// The client's own name for itself.
    pub user_agent: Option<Arc<str>>,
}

impl Arrival {
    /// Notes a request.
    pub fn note(
        worker: &Worker,
        request: &HttpRequest,
        route: Route,
        client: Option<IpAddr>,
    ) -> Self {
        let at = worker.shared.clock.now();
        let id = worker.shared.ids.mint(at, worker.shared.luck.seed());
        let query = Some(request.query_string()).filter(|query| !query.is_empty());
        Self {
            id,
            at: Micros::from_millis(id.millis()).max(at),
            started: Instant::now(),
            route,
            path: Arc::from(request.path()),
            query: query.and_then(crate::wire::credentials::strip_key_from_query),
            client_ip: client.map(written),
            user_agent: user_agent(request),
        }
    }

    /// Returns milliseconds since the request came.
    #[must_use]
    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Writes an address. Those of version 4 are put together by hand: a formatter takes ten times as long.
fn written(ip: IpAddr) -> Arc<str> {
    let IpAddr::V4(ip) = ip else { return Arc::from(ip.to_string()) };
    let mut text = String::with_capacity("255.255.255.255".len());
    for (place, octet) in ip.octets().into_iter().enumerate() {
        if place > 0 {
            text.push('.');
        }
        text.push_str(itoa::Buffer::new().format(octet));
    }
    Arc::from(text)
}

fn user_agent(request: &HttpRequest) -> Option<Arc<str>> {
    let text = headers::text(request.headers(), "user-agent")?;
    // A text has no more characters than bytes: few are so long that they must be counted.
    let is_short = text.len() <= USER_AGENT_KEPT;
    let cut = if is_short { None } else { text.char_indices().nth(USER_AGENT_KEPT) };
    cut.map_or(Some(text), |(end, _)| text.get(..end)).map(Arc::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_their_formatter_writes_them() {
        for ip in ["0.0.0.0", "127.0.0.1", "203.0.113.90", "255.255.255.255", "::1", "2001:db8::a"]
        {
            assert_eq!(&*written(ip.parse().unwrap()), ip);
        }
    }
}
