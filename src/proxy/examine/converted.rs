//! Examines an answer that is to be converted: by the provider's format, and before any of it goes out
//! it is known to have a form for the client, but for what streams.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use switchyard_actors::domain::error_rules::{LOOKED_AT, Standing};
use switchyard_actors::domain::outcome::TryOutcome;
use tokio::time::Instant;

use super::hold::{self, Most, READ_MAX};
use super::{Ready, StreamReady, check_whole, failed, frame_failure, hold_stream, overload, said};
use crate::proxy::away::away;
use crate::proxy::convert::Conversion;
use crate::proxy::convert::whole::{self, ANSWER_MAX, Folding, NoAnswer};
use crate::proxy::ending::Ending;
use crate::proxy::error_rules::{Said, ask_of_good};
use crate::proxy::failure::{AttemptFailure, Failure};
use crate::proxy::flight::Flight;
use crate::proxy::forward::{Stop, TryLimits};
use crate::proxy::held::AnswerHold;
use crate::proxy::inbound::Inbound;
use crate::wire::convert::hub::{StreamError, TroubleKind};
use crate::wire::usage::{Form, TapReport, UsageTap};

/// Examines an answer with a good status.
pub(super) async fn examine(
    flight: &mut Flight,
    mut inbound: Inbound,
    kind: &str,
    deadline: Instant,
    limits: TryLimits,
) -> Result<Ready, Stop> {
    let streams = kind.starts_with("text/event-stream");
    if streams && flight.wants_stream() {
        let (first, form) = (limits.answer, Form::Sse);
        let held = hold_stream(flight, &mut inbound, deadline, first, form).await?;
        let (idle, ending, form) = (limits.idle, Ending::Protocol, Some(form));
        let (deadline, withhold_usage) = (None, false);
        let stream = StreamReady { inbound, held, form, idle, deadline, ending, withhold_usage };
        return Ok(Ready::Stream(Box::new(stream)));
    }
    let read = if streams {
        folded(flight, &mut inbound, deadline).await
    } else {
        read(flight, &mut inbound, kind, deadline).await
    };
    let inbound = Box::new(inbound);
    match read {
        Ok((body, report)) => {
            // What there is no room for was answered, and is paid for.
            let report = Box::new(report);
            let Ok(body) = flight.counted_answer(Bytes::from(body)) else {
                return Err(Failure::NoRoom(report).into());
            };
            Ok(Ready::Whole { inbound, body, report })
        }
        Err(stop) => {
            // A good stream was read to its end, though nothing can be made of it.
            if matches!(stop, Stop::Refuse(Failure::BadCall(_))) {
                flight.worker.drainer.say_goodbye(inbound);
            }
            Err(stop)
        }
    }
}

/// Reads an answer that is whole.
async fn read(
    flight: &mut Flight,
    inbound: &mut Inbound,
    kind: &str,
    deadline: Instant,
) -> Result<(Vec<u8>, TapReport), Stop> {
    let most = Most { bytes: ANSWER_MAX, uncounted: flight.worker.shared.config.hold_answer };
    let body = hold::counted(flight, inbound, deadline, most).await?;
    let status = inbound.head().status().as_u16();
    let (dialect, operation) = (flight.upstream_dialect(), flight.arrival.route.operation);
    let (kind, all) = (kind.to_owned(), body.clone());
    let (report, made) = with_conversion(flight, body.len(), move |conversion| {
        let report = check_whole(dialect, operation, &kind, status, &all)?;
        Ok::<_, AttemptFailure>((report, whole::converted(conversion, &all)))
    })
    .await??;
    ask_of_good(flight, status, std::slice::from_ref(&body)).await?;
    match made {
        Ok(made) => Ok((made, report)),
        Err(why) => Err(no_answer(why, status, &[body], report)),
    }
}

/// Reads a stream for a client that wants a whole answer.
async fn folded(
    flight: &mut Flight,
    inbound: &mut Inbound,
    deadline: Instant,
) -> Result<(Vec<u8>, TapReport), Stop> {
    let dialect = flight.upstream_dialect();
    let mut tap = UsageTap::new(dialect, Form::Sse);
    let mut folding = Folding::new(dialect);
    let status = inbound.head().status().as_u16();
    let uncounted = flight.worker.shared.config.hold_answer;
    // The stream is not kept, but for as much of it as the operator's rules look at.
    let looks = flight.catalogue.error_rules.look_at_good(status);
    let mut seen: Vec<Bytes> = Vec::new();
    let (mut length, mut held) = (0, AnswerHold::default());
    while let Some(bytes) = hold::next(inbound, deadline).await? {
        if looks && length < LOOKED_AT {
            seen.push(bytes.clone());
        }
        length += bytes.len();
        if let Some(error) = tap.push(&bytes).error {
            let standing = Standing::Error { stands_for: error.status };
            let said = Said { status, standing, body: bytes };
            return Err(frame_failure(&error).saying(said).into());
        }
        let has_ended = folding.push(&bytes);
        let kept = folding.kept();
        let give_up: fn(Box<TapReport>) -> Failure = if kept > ANSWER_MAX || length > READ_MAX {
            Failure::TooLong
        } else if has_ended {
            break;
        } else if held.set(flight, kept, uncounted).is_err() {
            Failure::NoRoom
        } else {
            continue;
        };
        // Nothing is kept of what follows, but for what it used.
        drop((folding, held));
        let report = hold::read_on(inbound, deadline, tap, length).await;
        return Err(give_up(Box::new(report)).into());
    }
    let made = with_conversion(flight, folding.kept(), move |conversion| {
        let _until_the_end = held;
        let answer = folding.end(conversion)?;
        whole::for_client(conversion, &answer)
    });
    let made = made.await?;
    if !matches!(made, Err(NoAnswer::Broken(_) | NoAnswer::Trouble(_))) {
        ask_of_good(flight, status, &seen).await?;
    }
    let report = tap.finish();
    match made {
        Ok(made) => Ok((made, report)),
        Err(why) => Err(no_answer(why, status, &seen, report)),
    }
}

/// Does something with the try's conversion, away from the worker when the answer is large.
async fn with_conversion<T: Send + 'static>(
    flight: &mut Flight,
    length: usize,
    work: impl FnOnce(&mut Conversion) -> T + Send + 'static,
) -> Result<T, Stop> {
    let conversion = flight.attempt.as_mut().and_then(|attempt| attempt.conversion.take());
    let Some(mut conversion) = conversion else {
        return Err(failed("the try has no conversion").inferred(500).into());
    };
    let shared = Arc::clone(&flight.worker.shared);
    let done = away(&shared, length, move || {
        let done = work(&mut conversion);
        (conversion, done)
    });
    let (conversion, done) = done.await?;
    if let Some(attempt) = &mut flight.attempt {
        attempt.conversion = Some(conversion);
    }
    Ok(done)
}

/// Says what an answer is taken for of which none can be made for the client; `seen` is its beginning.
fn no_answer(why: NoAnswer, real: u16, seen: &[Bytes], report: TapReport) -> Stop {
    match why {
        NoAnswer::BadCall => Failure::BadCall(Box::new(report)).into(),
        NoAnswer::TooLong => Failure::TooLong(Box::new(report)).into(),
        NoAnswer::Broken(text) => {
            failed(&text).inferred(502).saying(said(real, Standing::Good, seen)).into()
        }
        NoAnswer::Trouble(StreamError { kind, message, retry_after_s }) => {
            let retry_after = retry_after_s.map(Duration::from_secs);
            let (outcome, status) = match kind {
                TroubleKind::BadRequest | TroubleKind::ContextLength => {
                    (TryOutcome::ClientFault, 400)
                }
                TroubleKind::RateLimit | TroubleKind::Quota => (TryOutcome::Overloaded, 429),
                TroubleKind::Overloaded => (overload(retry_after), 529),
                TroubleKind::Timeout => (TryOutcome::ProviderFault, 504),
                TroubleKind::Upstream => (TryOutcome::ProviderFault, 502),
            };
            let standing = Standing::Error { stands_for: status };
            let said = Said { status: real, standing, body: Bytes::from(message.clone()) };
            let failure = AttemptFailure { retry_after, ..AttemptFailure::of(outcome, message) };
            failure.inferred(status).saying(said).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_tells_when_to_come_back() {
        let message = "try again in 7s".to_owned();
        let error = StreamError { kind: TroubleKind::RateLimit, message, retry_after_s: Some(7) };
        let why = NoAnswer::Trouble(error);
        let Stop::Failed(failure) = no_answer(why, 200, &[], TapReport::default()) else {
            panic!("it is no failure of the provider");
        };
        assert_eq!(failure.retry_after, Some(Duration::from_secs(7)));
        assert_eq!(failure.outcome, TryOutcome::Overloaded);
    }

    #[test]
    fn an_overload_counts_unless_it_names_a_wait() {
        for (retry_after_s, wanted) in
            [(None, TryOutcome::ProviderFault), (Some(7), TryOutcome::Overloaded)]
        {
            let message = "no capacity".to_owned();
            let error = StreamError { kind: TroubleKind::Overloaded, message, retry_after_s };
            let stop = no_answer(NoAnswer::Trouble(error), 200, &[], TapReport::default());
            let Stop::Failed(failure) = stop else { panic!("it is no failure of the provider") };
            assert_eq!((failure.outcome, failure.status), (wanted, Some(529)));
        }
    }
}
