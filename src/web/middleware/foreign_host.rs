//! The answer to a request for a host that is none of ours, where only this machine is served. A page
//! of somebody else can make its own name lead to this machine; what it then asks for carries that
//! name.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{HOST, HeaderMap};
use actix_web::{HttpResponse, ResponseError};

use crate::web::origin;

/// A host that is none of ours.
#[derive(Debug)]
pub struct ForeignHost;

/// Tells whether a request names a host that is not this machine.
#[must_use]
pub fn is_foreign(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|value| value.to_str().ok());
    host.is_some_and(|host| !origin::is_local(host))
}

impl fmt::Display for ForeignHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("only this machine is served here: ask for localhost or 127.0.0.1\n")
    }
}

impl ResponseError for ForeignHost {
    fn status_code(&self) -> StatusCode {
        StatusCode::MISDIRECTED_REQUEST
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).body(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_names_of_this_machine_are_ours() {
        let of = |host: &'static str| {
            is_foreign(TestRequest::get().insert_header((HOST, host)).to_http_request().headers())
        };
        assert!(!of("localhost:23000") && !of("127.0.0.1") && !of("[::1]:1"));
        assert!(of("rebound.test:23000") && of("192.168.1.4"));
    }
}
