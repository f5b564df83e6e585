//! Side requests at a provider of another format: counting tokens, and embeddings. Question and answer
//! are whole, so each is put into the other form in one piece.

use std::sync::Arc;

use bytes::Bytes;
use switchyard_actors::domain::dialect::{Dialect, Operation, ProviderKind};
use switchyard_actors::domain::loss_policy::LossPolicy;
use switchyard_actors::domain::outcome::TryOutcome;
use switchyard_actors::domain::provider::Provider;
use switchyard_actors::domain::usage::Usage;
use tokio::time::Instant;

use super::away::away;
use super::convert::outgoing::Unfit;
use super::convert::{self, policy, room};
use super::error_rules::ask_of_good;
use super::examine::hold::{self, Most};
use super::examine::{self, Made, Ready};
use super::failure::{AttemptFailure, Failure};
use super::flight::Flight;
use super::forward::Stop;
use super::headers;
use super::inbound::Inbound;
use super::prepare::{self, Models, Prepared};
use super::rectify;
use crate::wire::convert::loss::Losses;
use crate::wire::convert::{Broken, Refused};
use crate::wire::embeddings::{self, Form};
use crate::wire::{counting, tokens, url};

/// What a row says of embeddings that a provider did not count. They are not billed by an estimate.
const NOTE: &str = "usage: estimated for the client, not billed";
/// The largest answer that is held: a full batch of long embeddings.
const LARGEST: usize = 64 << 20;

/// How a try crosses to another format.
#[derive(Debug)]
pub struct Crossing {
    /// What the provider speaks.
    pub to: Dialect,
    waits: Waits,
}

/// What the client waits for.
#[derive(Clone, Debug)]
enum Waits {
    /// A number.
    Count,
    /// Embeddings of these texts.
    Embeddings { form: Form, texts: Arc<[String]> },
}

impl Waits {
    /// Returns the length of the texts that may have to be counted here.
    fn texts_bytes(&self) -> usize {
        match self {
            Self::Count => 0,
            Self::Embeddings { texts, .. } => texts.iter().map(String::len).sum(),
        }
    }
}

/// A question in the provider's form.
struct Asked {
    path: String,
    body: Vec<u8>,
    waits: Waits,
    losses: Losses,
}

impl Flight {
    /// Returns how the present try crosses to another format, where it does.
    #[must_use]
    pub fn crossing(&self) -> Option<&Crossing> {
        self.attempt.as_ref()?.crossing.as_ref()
    }
}

/// What a question is made of.
struct Source {
    operation: Operation,
    from: Dialect,
    to: Dialect,
    /// The provider's address.
    base: String,
    path: Arc<str>,
    body: Bytes,
    policy: LossPolicy,
    models: Models,
}

/// Tells whether the present try is at a provider of another format.
pub fn is_due(flight: &Flight) -> bool {
    let route = &flight.arrival.route;
    matches!(route.operation, Operation::CountTokens | Operation::Embed)
        && flight
            .attempt
            .as_ref()
            .is_some_and(|attempt| attempt.provider.kind.crosses(route.dialect, route.operation))
}

/// Prepares such a try.
///
/// # Errors
/// The question cannot be put in the other form.
pub async fn prepare(flight: &mut Flight) -> Result<Prepared, Stop> {
    let Some(attempt) = &flight.attempt else { return Err(Failure::Internal.into()) };
    let provider = Arc::clone(&attempt.provider);
    let place = attempt.address.place;
    let endpoint = provider.endpoints.get(place).or(provider.endpoints.first());
    let base = endpoint.map_or("", |endpoint| endpoint.url.as_ref());
    let models = prepare::models(flight, &provider);
    let source = source(flight, &provider, base, models);
    let (from, to) = (source.from, source.to);
    let door = Arc::clone(&flight.worker.shared.door);
    let length = source.body.len();
    let put = move || room::within(&door, &source.body, || ask(&source));
    let asked = away(&flight.worker.shared, length, put).await??;
    let asked = asked.map_err(Stop::Unfit)?;
    flight.edits.push(convert::edit_name(from, to));
    flight.losses = convert::told(&asked.losses);
    if let Some(attempt) = &mut flight.attempt {
        attempt.crossing = Some(Crossing { to, waits: asked.waits });
    }
    let client_ip = flight.arrival.client_ip.as_deref();
    let mut prepared = Prepared {
        url: url::join(base, &asked.path, None),
        headers: headers::converted(&provider, false, client_ip, prepare::token(flight)),
        segments: vec![flight.counted(Bytes::from(asked.body))?],
        plain: None,
        withhold_usage: false,
    };
    rectify::mend_again(flight, &mut prepared).await?;
    Ok(prepared)
}

/// Returns what a provider speaks of such an operation: embeddings are one form in all of `OpenAI`'s
/// family.
fn format_of(kind: ProviderKind, operation: Operation) -> Dialect {
    match (kind, operation) {
        (ProviderKind::Codex, Operation::Embed) => Dialect::OpenaiChat,
        _ => kind.dialect(),
    }
}

fn source(flight: &Flight, provider: &Provider, base: &str, models: Models) -> Source {
    let route = &flight.arrival.route;
    Source {
        operation: route.operation,
        from: route.dialect,
        to: format_of(provider.kind, route.operation),
        base: base.to_owned(),
        path: Arc::clone(&flight.arrival.path),
        policy: provider.loss_policy.and(flight.caller.loss_policy),
        body: flight.body.as_ref().map(|body| body.bytes.clone()).unwrap_or_default(),
        models,
    }
}

/// A question that cannot be put is none for this provider; another may be asked.
fn ask(source: &Source) -> Result<Asked, Box<Unfit>> {
    let unfit = |refused, losses| Box::new(Unfit { refused, losses });
    let asked = put(source).map_err(|refused| unfit(refused, Losses::default()))?;
    match policy::judge(source.policy, &asked.losses) {
        Ok(()) => Ok(asked),
        Err(refused) => Err(unfit(refused, asked.losses)),
    }
}

fn put(source: &Source) -> Result<Asked, Refused> {
    let Source { operation, from, to, base, path, body, models: Models { asked, sent }, .. } =
        source;
    if *operation == Operation::CountTokens {
        let question = counting::convert(*from, body, asked, (*to, sent, base))?;
        let counting::Question { path, body } = question;
        return Ok(Asked { path, body, waits: Waits::Count, losses: Losses::default() });
    }
    let question = if *to == Dialect::Gemini {
        embeddings::to_gemini(body, sent, base)
    } else {
        embeddings::to_openai(body, path, sent)
    }?;
    let embeddings::Question { path, body, form, texts, losses } = question;
    let waits = Waits::Embeddings { form, texts: texts.into() };
    Ok(Asked { path, body, waits, losses })
}

/// Examines the answer of such a try.
///
/// # Errors
/// It is none of the provider's format, or late; or we have no room for it, which is nobody's fault.
pub async fn examine(
    flight: &mut Flight,
    inbound: &mut Inbound,
    content_type: &str,
    deadline: Instant,
) -> Result<Ready, Stop> {
    // The answer is in memory twice for a moment: it counts as the body does that was sent.
    let most = Most { bytes: LARGEST, uncounted: 0 };
    let body = hold::counted(flight, inbound, deadline, most).await?;
    let status = inbound.head().status().as_u16();
    let Some(crossing) = flight.crossing() else {
        return Err(broken(Broken("nothing was asked".to_owned())).into());
    };
    let dialect = flight.arrival.route.dialect;
    let (waits, model) = (crossing.waits.clone(), flight.asked_model().to_owned());
    let (upstream, operation) = (flight.upstream_dialect(), flight.arrival.route.operation);
    // A count needs no usage, and Google's clients are told none.
    let tells = matches!(waits, Waits::Embeddings { form: Form::OpenAi { .. }, .. });
    // Where nothing is counted, it is the texts that are read.
    let length = body.len().saturating_add(waits.texts_bytes());
    let (kind, all) = (content_type.to_owned(), body.clone());
    let made = away(&flight.worker.shared, length, move || {
        let mut report = examine::check_whole(upstream, operation, &kind, status, &all)?;
        if report.usage.is_none() && matches!(waits, Waits::Embeddings { .. }) {
            let input = embeddings::tokens_beside(&all);
            report.usage = input.map(|input| Usage { input, ..Usage::default() });
        }
        let counted = report.usage.map(|usage| usage.context());
        let made = answer(dialect, &waits, &model, counted, &all);
        Ok::<_, AttemptFailure>((report, made))
    });
    let (report, made) = made.await??;
    ask_of_good(flight, status, std::slice::from_ref(&body)).await?;
    // Its own bytes are given back before those of what was made of it are held.
    drop(body);
    let Ok(body) = flight.counted_answer(made.map_err(broken)?.into()) else {
        return Err(Failure::NoRoom(Box::new(report)).into());
    };
    let estimated = tells && report.usage.is_none();
    flight.notes.extend(estimated.then(|| Arc::from(NOTE)));
    let made = Made { body, report: Some(report), estimated };
    Ok(Ready::Made(Box::new(made)))
}

fn answer(
    dialect: Dialect,
    waits: &Waits,
    model: &str,
    counted: Option<u64>,
    body: &[u8],
) -> Result<Vec<u8>, Broken> {
    match waits {
        Waits::Count => {
            let count = counting::count_of(body);
            let count = count.ok_or_else(|| Broken("the answer has no count".to_owned()))?;
            Ok(counting::answer(dialect, count))
        }
        Waits::Embeddings { form, texts } => {
            let estimate = || tokens::estimate_texts(model, texts.iter().map(String::as_str));
            embeddings::answer(*form, body, model, counted.unwrap_or_else(estimate))
        }
    }
}

fn broken(why: Broken) -> AttemptFailure {
    AttemptFailure::of(TryOutcome::ProviderFault, why.0).inferred(502)
}
