//! A body that counts as running until it is dropped.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use pin_project_lite::pin_project;

use crate::process::activity::Running;
use crate::proxy::line::Answering;

/// What counts a request as running: for the process, and for its connection where that is known.
pub struct Mark {
    _running: Running,
    _answering: Option<Answering>,
}

impl Mark {
    /// Marks a request.
    #[must_use]
    pub const fn new(running: Running, answering: Option<Answering>) -> Self {
        Self { _running: running, _answering: answering }
    }
}

pin_project! {
    /// A body with the mark of its request.
    pub struct RunningBody<B> {
        #[pin]
        body: B,
        mark: Mark,
    }
}

impl<B> RunningBody<B> {
    /// Ties a body to its request.
    pub const fn new(body: B, mark: Mark) -> Self {
        Self { body, mark }
    }
}

impl<B: MessageBody> MessageBody for RunningBody<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, B::Error>>> {
        self.project().body.poll_next(context)
    }

    fn try_into_bytes(self) -> Result<Bytes, Self> {
        let Self { body, mark } = self;
        body.try_into_bytes().map_err(|body| Self { body, mark })
    }
}
