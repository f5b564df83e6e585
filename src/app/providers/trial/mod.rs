//! Tests a provider with one small real request. It costs next to nothing, is in no ledger, and no
//! breaker hears of it.

mod judge;
mod request;
mod subject;
mod verdict;

use serde::Serialize;
use serde_json::{Value as Document, json};
use std::time::Duration;
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::proxy::ProxyUse;
use switchyard_actors::ports::{VendorAnswer, VendorFault, VendorReply};

use super::{address, presets};
use crate::app::{Actor, AppContext, AppError};
use crate::wire::{excerpt, url};
use judge::Judged;

pub(super) use subject::Subject;
pub use subject::{TEST_MODEL, question};
pub use verdict::Verdict;

/// So much of an answer is read.
const LARGEST: usize = 256 * 1024;
/// So many characters of a text are shown.
const SHOWN: usize = 280;
/// How far back the last model of a provider is looked for.
const LAST_CALL: Duration = Duration::from_hours(7 * 24);

/// What a test found. It holds no key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tested {
    /// What it comes to.
    pub verdict: Verdict,
    /// The address that was called.
    pub url: String,
    /// The proxy that it went through; a test never goes around one.
    pub through: Option<String>,
    /// The status of the answer.
    pub status: Option<u16>,
    /// How long it took.
    pub took_ms: u64,
    /// The model that was asked.
    pub asked: String,
    /// The model that the answer names.
    pub model: Option<String>,
    /// The beginning of the answer's text.
    pub text: Option<String>,
    /// What the vendor, or the system, said to a failure.
    pub said: Option<String>,
    /// Tokens of the request and of the answer.
    pub tokens: Option<(u64, u64)>,
}

/// Tests a provider as it is typed, or one that is kept with what is typed over it.
///
/// # Errors
/// Says what is wrong with the body, that there is no such provider, or that no model is known.
pub async fn test(app: &AppContext, actor: &Actor, raw: &Document) -> Result<Tested, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    address::check_proxy(raw)?;
    let (subject, body) = Subject::read(app, raw).await?;
    let typed = body.text(TEST_MODEL).map(str::trim).filter(|model| !model.is_empty());
    let asked = match typed {
        Some(model) => model.to_owned(),
        None => guess(app, &subject).await?.ok_or_else(no_model)?,
    };
    let tested = send(app, &subject, &asked).await;
    let detail = json!({
        "url": tested.url, "model": tested.asked, "verdict": tested.verdict, "status": tested.status,
        "proxy": tested.through,
    });
    note(app, actor, &subject, "provider.test", detail).await?;
    Ok(tested)
}

/// Guesses a model: from the provider's own list, from what it served last, from its vendor.
async fn guess(app: &AppContext, subject: &Subject) -> Result<Option<String>, AppError> {
    if let Some(model) = subject.models.first() {
        return Ok(Some(model.clone()));
    }
    if let Some(provider) = subject.kept {
        let all = app.store.last_of_providers(app.clock.now().minus(LAST_CALL)).await?;
        let last = all.into_iter().find(|last| last.provider == provider);
        if let Some(model) = last.and_then(|last| last.model) {
            return Ok(Some(model));
        }
    }
    Ok(presets::test_model(subject.kind, &subject.url).map(str::to_owned))
}

fn no_model() -> AppError {
    AppError::refused(
        "providers-no-test-model",
        "name a model to test with: this vendor's models are not known",
    )
    .at(TEST_MODEL)
}

async fn send(app: &AppContext, subject: &Subject, asked: &str) -> Tested {
    let model = subject.redirects.target(asked).unwrap_or(asked);
    let small = request::small(subject.kind, model);
    let url = url::join(&subject.url, &small.path, None);
    let reply = if subject.proxy.is_unusable() {
        None
    } else {
        subject.ask(app, url.clone(), Some(small.body.to_string()), LARGEST).await
    };
    let unable = || VendorReply { took: Duration::ZERO, answer: Err(VendorFault::Unable) };
    let mut tested = read(subject, small.dialect, &reply.unwrap_or_else(unable));
    if let ProxyUse::Unusable(why) = subject.proxy {
        (tested.verdict, tested.said) = (Verdict::BadProxy, Some(why.to_string()));
    }
    tested.url = address::without_credentials(&url);
    model.clone_into(&mut tested.asked);
    tested
}

fn read(subject: &Subject, dialect: Dialect, reply: &VendorReply) -> Tested {
    let took_ms = u64::try_from(reply.took.as_millis()).unwrap_or(u64::MAX);
    let mut tested = Tested {
        verdict: Verdict::Unable,
        url: String::new(),
        through: subject.through(),
        status: reply.answer.as_ref().ok().map(|answer| answer.status),
        took_ms,
        asked: String::new(),
        model: None,
        text: None,
        said: None,
        tokens: None,
    };
    let judged = match &reply.answer {
        Err(fault) => judge::of_fault(fault),
        Ok(answer) => take(&mut tested, dialect, answer),
    };
    tested.verdict = judged.verdict;
    let shown = |text: String| subject.without_key(&text).chars().take(SHOWN).collect();
    tested.said = judged.said.map(shown);
    tested.text = tested.text.map(shown);
    tested.model = tested.model.map(shown);
    tested
}

fn take(tested: &mut Tested, dialect: Dialect, answer: &VendorAnswer) -> Judged {
    if let Some(judged) = judge::of_status(answer) {
        return judged;
    }
    let (judged, report) = judge::of_answer(dialect, answer);
    tested.model = report.model;
    tested.tokens = report.usage.map(|usage| (usage.input, usage.output));
    tested.text = excerpt::excerpt(dialect, &answer.body, SHOWN);
    judged
}

/// A question sends the key that is kept: that is written down. One of a draft touches nothing.
pub(super) async fn note(
    app: &AppContext,
    actor: &Actor,
    subject: &Subject,
    action: &'static str,
    detail: Document,
) -> Result<(), AppError> {
    let Some(provider) = subject.kept else { return Ok(()) };
    let target = ("provider", provider.0, subject.name.as_str());
    let did = actor.did(app.clock.now(), action, target, detail);
    Ok(app.store.note(&did).await?)
}

/// Asks a subject for something that is there, and judges a failure as a test does.
pub(super) async fn get(
    app: &AppContext,
    subject: &Subject,
    url: String,
    most: usize,
) -> Result<VendorAnswer, (Verdict, Option<String>)> {
    if let ProxyUse::Unusable(why) = subject.proxy {
        return Err((Verdict::BadProxy, Some(why.to_string())));
    }
    let Some(reply) = subject.ask(app, url, None, most).await else {
        return Err((Verdict::Unable, None));
    };
    let failed = match reply.answer {
        Ok(answer) => match judge::of_status(&answer) {
            None => return Ok(answer),
            Some(judged) => judged,
        },
        Err(fault) => judge::of_fault(&fault),
    };
    let said = failed.said.map(|said| subject.without_key(&said).chars().take(SHOWN).collect());
    Err((failed.verdict, said))
}
