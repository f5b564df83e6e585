//! The outermost layer, one small future a request and no allocation of its own: counts running
//! answers, gives every answer a request id, adds cross-origin or security headers by path, and ends
//! a request whose handler panics with a 500 of its own.

use std::future::{Future, Ready, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::ConnectionType;
use actix_web::http::header::{HeaderName, HeaderValue, ORIGIN};
use pin_project_lite::pin_project;

use super::fault::Fault;
use super::foreign_host::{ForeignHost, is_foreign};
use super::running_body::RunningBody;
use super::{cors, security};
use crate::process::activity::Running;
use crate::web::Shell;

/// The header that carries the request id on every answer.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-switchyard-request-id");

/// The outermost layer.
#[derive(Clone)]
pub struct Edge {
    shell: Arc<Shell>,
}

impl Edge {
    /// Makes the layer.
    #[must_use]
    pub const fn new(shell: Arc<Shell>) -> Self {
        Self { shell }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Edge
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<RunningBody<B>>;
    type Error = Error;
    type Transform = EdgeService<S>;
    type InitError = ();
    type Future = Ready<Result<EdgeService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(EdgeService { service, shell: Arc::clone(&self.shell) }))
    }
}

/// The layer around one worker's routes.
pub struct EdgeService<S> {
    service: S,
    shell: Arc<Shell>,
}

impl<S, B> Service<ServiceRequest> for EdgeService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<RunningBody<B>>;
    type Error = Error;
    type Future = EdgeFuture<S::Future>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        EdgeFuture {
            relay: cors::is_relay(request.path()),
            from_page: request.headers().contains_key(ORIGIN),
            foreign: self.shell.demo && is_foreign(request.headers()),
            shell: Arc::clone(&self.shell),
            running: Some(self.shell.activity.begin()),
            answer: self.service.call(request),
        }
    }
}

pin_project! {
    /// The answer on its way out.
    pub struct EdgeFuture<F> {
        relay: bool,
        from_page: bool,
        foreign: bool,
        shell: Arc<Shell>,
        running: Option<Running>,
        #[pin]
        answer: F,
    }
}

impl<F, B> Future for EdgeFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Result<ServiceResponse<RunningBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let own = self.project();
        if *own.foreign {
            own.running.take();
            return Poll::Ready(Err(ForeignHost.into()));
        }
        // A future that panicked is never polled again, so nothing broken can be seen through it.
        let polled = catch_unwind(AssertUnwindSafe(|| own.answer.poll(context)));
        let Ok(polled) = polled else {
            own.running.take();
            return Poll::Ready(Err(Fault::new(own.shell.mint()).into()));
        };
        let mut response = ready!(polled)?;
        finish(&mut response, own.shell, *own.relay, *own.from_page);
        let running = own.running.take().unwrap_or_else(|| own.shell.activity.begin());
        Poll::Ready(Ok(response.map_body(|_, body| RunningBody::new(body, running))))
    }
}

fn finish<B>(response: &mut ServiceResponse<B>, shell: &Shell, relay: bool, from_page: bool) {
    let head = response.response_mut().head_mut();
    if shell.readiness.is_stopping() {
        head.set_connection_type(ConnectionType::Close);
    }
    if !head.headers.contains_key(&REQUEST_ID)
        && let Ok(id) = HeaderValue::try_from(shell.mint().to_string())
    {
        head.headers.insert(REQUEST_ID, id);
    }
    if !relay {
        security::protect(&mut head.headers);
        return;
    }
    security::shut(&mut head.headers);
    if from_page {
        cors::expose(&mut head.headers);
    }
}
