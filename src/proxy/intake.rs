//! Reads a request's body: in bounded time, under a bounded budget, decoded, held once.

mod gathering;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use bytes::{Bytes, BytesMut};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::timeout;

use self::gathering::Gathering;
use super::admission::{HeldBytes, Place};
use super::config::RelayConfig;
use super::failure::Failure;
use super::flight::Body;
use super::headers;
use crate::metrics::Shed;
use crate::wire::decode::{BodyDecoder, Encoding};

/// What was unpacked of one piece is unpacked into again when it is no larger.
const KEPT: usize = 256 << 10;

/// Reads the whole body.
///
/// # Errors
/// Too large, too slow, broken off, wrongly encoded, or no memory left for it.
pub async fn read(
    config: &RelayConfig,
    place: &Place,
    request: &HttpRequest,
    payload: Payload,
) -> Result<Body, Failure> {
    let declared = declared_length(request);
    if declared.is_some_and(|length| length > config.max_body) {
        return Err(too_large(config.max_body));
    }
    let decoder = decoder(request, config.max_body)?;
    let mut intake = Intake { config, held: place.hold(), payload };
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
}

impl Intake<'_> {
    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        // A piece that is there already needs no clock.
        let next = match self.payload.next().now_or_never() {
            Some(next) => Ok(next),
            None => timeout(self.config.upload_idle, self.payload.next()).await,
        };
        match next {
            Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
            Ok(None) => Ok(None),
            Ok(Some(Err(error))) => Err(bad(400, format!("the upload broke off: {error}"))),
            Err(_) => Err(bad(
                408,
                format!("no byte arrived for {} s", self.config.upload_idle.as_secs()),
            )),
        }
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
