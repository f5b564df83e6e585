//! Adds operations to a server and remembers what each one takes and gives.

use actix_web::HttpRequest;
use actix_web::web::Payload;
use paperclip::actix::web::{ServiceConfig, post};
use serde_json::Value;

use super::action::Action;
use super::serve::Serving;

/// What the document says of an operation besides what `paperclip` gathers.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The full path.
    pub path: String,
    /// The schema of the body.
    pub request: Value,
    /// The schema of `data`.
    pub answer: Option<Value>,
}

/// Adds operations to a server.
pub struct Routes<'a, 'b> {
    config: &'a mut ServiceConfig<'b>,
    listed: Vec<Listed>,
}

impl<'a, 'b> Routes<'a, 'b> {
    /// Begins with a server.
    pub const fn new(config: &'a mut ServiceConfig<'b>) -> Self {
        Self { config, listed: Vec::new() }
    }

    /// Adds an operation.
    pub fn action<A: Action>(&mut self) -> &mut Self {
        let path = A::SPEC.path();
        let serve = |request: HttpRequest, payload: Payload| Serving::<A>::new(request, payload);
        self.config.route(&path, post().to(serve));
        let answer = A::answer().map(|rule| rule.schema());
        self.listed.push(Listed { path, request: A::request().schema(), answer });
        self
    }

    /// Returns what was added.
    #[must_use]
    pub fn listed(self) -> Vec<Listed> {
        self.listed
    }
}
