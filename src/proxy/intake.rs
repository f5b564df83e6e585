//! Reads a request's body: in bounded time, under a bounded budget, decoded, held once.

mod gathering;

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use bytes::{Bytes, BytesMut};
use futures_util::{FutureExt as _, StreamExt as _};
use switchyard_actors::domain::ids::UserId;
use tokio::time::{Instant, timeout};

use self::gathering::Gathering;
use super::admission::{HeldBytes, Place};
use super::config::RelayConfig;
use super::failure::Failure;
use super::flight::Body;
use super::headers;
use super::pace::InHand;
use super::uploading::{Upload, Uploading};
use super::worker::Shared;
use crate::metrics::Shed;
use crate::wire::decode::{BodyDecoder, Encoding};

/// What was unpacked of one piece is unpacked into again when it is no larger.
const KEPT: usize = 256 << 10;

/// Reads the whole body, which a user sends.
///
/// # Errors
/// Too large, too slow, broken off, wrongly encoded, no memory left for it, or one too many of the
/// user's.
pub async fn read(
    shared: &Shared,
    user: UserId,
    place: &Place,
    request: &HttpRequest,
    payload: Payload,
) -> Result<Body, Failure> {
    let config = &shared.config;
    let declared = declared_length(request);
    if declared.is_some_and(|length| length > config.max_body) {
        return Err(too_large(config.max_body));
    }
    let decoder = decoder(request, config.max_body)?;
    let mut intake = Intake {
        config,
        held: place.hold(),
        payload,
        user,
        uploading: &shared.uploading,
        is_scarce: shared.door.is_half_full(),
        upload: None,
        in_hand: config.upload_pace.begin(),
    };
    let bytes = match decoder {
        Some(decoder) => intake.decoded(decoder).await?,
        None => intake.plain(declared).await?,
    };
    Ok(Body { bytes: intake.held.around(bytes) })
}

struct Intake<'a> {
    config: &'a RelayConfig,
    held: HeldBytes,
    payload: Payload,
    user: UserId,
    uploading: &'a Arc<Uploading>,
    /// Whether at most half of the places were free when it came.
    is_scarce: bool,
    /// Set from the first wait on: a body that is there already is no upload.
    upload: Option<Upload>,
    in_hand: InHand,
}

impl Intake<'_> {
    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        // A piece that is there already needs no clock.
        let next = match self.payload.next().now_or_never() {
            Some(next) => next,
            None => self.wait().await?,
        };
        match next {
            Some(Ok(chunk)) => {
                self.in_hand.earn(chunk.len());
                Ok(Some(chunk))
            }
            None => Ok(None),
            Some(Err(error)) => Err(bad(400, format!("the upload broke off: {error}"))),
        }
    }

    async fn wait(&mut self) -> Result<Option<Result<Bytes, PayloadError>>, Failure> {
        if self.upload.is_none() {
            let upload = self.uploading.begin(self.user, self.is_scarce);
            self.upload = Some(upload.ok_or(Failure::Shed(Shed::Uploads))?);
        }
        let (idle, left) = (self.config.upload_idle, self.in_hand.left());
        let begun = Instant::now();
        let next = timeout(idle.min(left), self.payload.next()).await;
        self.in_hand.spend(begun.elapsed());
        next.map_err(|_| {
            let pace = self.config.upload_pace.bytes_a_second;
            bad(
                408,
                if left < idle {
                    format!("the upload is slower than {pace} bytes a second")
                } else {
                    format!("no byte arrived for {} s", idle.as_secs())
                },
            )
        })
    }

    /// Takes `bytes` more from the budget.
    fn hold(&mut self, bytes: usize) -> Result<(), Failure> {
        if self.held.grow(bytes) { Ok(()) } else { Err(Failure::Shed(Shed::Bytes)) }
    }

    /// Growing one buffer would hold up to three times a large body on the way, for clients that may
    /// send too much.
    async fn plain(&mut self, declared: Option<usize>) -> Result<Bytes, Failure> {
        let mut body = Gathering::of(declared, self.config.max_body);
        let mut length = 0;
        while let Some(chunk) = self.next().await? {
            length += chunk.len();
            if length > self.config.max_body {
                return Err(too_large(self.config.max_body));
            }
            self.hold(chunk.len())?;
            body.push(chunk).map_err(|_| Failure::Shed(Shed::Bytes))?;
        }
        Ok(body.whole())
    }

    async fn decoded(&mut self, mut decoder: BodyDecoder) -> Result<Bytes, Failure> {
        let (mut body, mut plain) = (Gathering::of(None, self.config.max_body), BytesMut::new());
        let mut sent = 0;
        while let Some(chunk) = self.next().await? {
            sent += chunk.len();
            if sent > self.config.max_compressed_body {
                return Err(too_large(self.config.max_compressed_body));
            }
            decoder.push(&chunk, &mut plain).map_err(|error| undecodable(&error))?;
            self.hold(plain.len())?;
            body.copy(&plain).map_err(|_| Failure::Shed(Shed::Bytes))?;
            if plain.capacity() > KEPT { plain = BytesMut::new() } else { plain.clear() }
        }
        decoder.finish().map_err(|error| undecodable(&error))?;
        Ok(body.whole())
    }
}

fn declared_length(request: &HttpRequest) -> Option<usize> {
    headers::text(request.headers(), "content-length")?.parse().ok()
}

fn decoder(request: &HttpRequest, limit: usize) -> Result<Option<BodyDecoder>, Failure> {
    let named = request.headers().get("content-encoding").map(|name| name.to_str().unwrap_or("?"));
    match Encoding::parse(named).map_err(|error| undecodable(&error))? {
        Encoding::Identity => Ok(None),
        encoding => {
            BodyDecoder::new(encoding, limit).map(Some).map_err(|error| undecodable(&error))
        }
    }
}

fn undecodable(error: &crate::wire::decode::DecodeError) -> Failure {
    bad(error.status(), error.to_string())
}

fn too_large(limit: usize) -> Failure {
    bad(413, format!("the request body is larger than {} MiB", limit >> 20))
}

const fn bad(status: u16, message: String) -> Failure {
    Failure::BadRequest { status, message }
}
