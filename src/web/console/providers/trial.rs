//! What is asked of a vendor while the form is open: a test, its models, where requests would go. A
//! script puts the answer beside the form; without one the form is shown again with it. A typed key
//! is never sent back.

use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::edit::find;
use super::form::{self, CalledView, FormPage};
use super::{At, fields, new, said, wants_fragment};
use crate::app::providers::{self, Kept, Models, Tested, Verdict};
use crate::web::console::frame::{Admin, Form, FormView, PageError, Text, Visitor};

/// What a test found.
#[derive(Clone, Debug, Serialize)]
pub struct TestedView {
    works: bool,
    what: Text,
    then: Option<Text>,
    url: String,
    through: Option<String>,
    status: Option<u16>,
    took_ms: i64,
    asked: String,
    model: Option<String>,
    text: Option<String>,
    said: Option<String>,
    tokens: Option<[i64; 2]>,
}

/// What a vendor said of its models.
#[derive(Clone, Debug, Serialize)]
pub struct ModelsView {
    names: Vec<ModelView>,
    what: Option<Text>,
    then: Option<Text>,
    said: Option<String>,
    url: String,
    through: Option<String>,
}

/// One model to tick.
#[derive(Clone, Debug, Serialize)]
struct ModelView {
    name: String,
    chosen: bool,
}

#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    provider_type: String,
    #[serde(default)]
    url: String,
}

#[derive(Serialize)]
struct PreviewPart {
    preview: Vec<CalledView>,
}

/// What there is to show of a question: an answer, or what is wrong with the form.
#[derive(Default, Serialize)]
struct Outcome {
    tested: Option<TestedView>,
    models: Option<ModelsView>,
    form: FormView,
}

/// Which question it is.
#[derive(Clone, Copy)]
enum Question {
    Test,
    Models,
}

/// Shows where requests would go.
pub async fn preview(
    Admin(visitor): Admin,
    typed: Query<Typed>,
) -> Result<HttpResponse, PageError> {
    let preview = form::preview(&typed.provider_type, &typed.url);
    visitor.show_fragment("parts/providers/preview.html", &PreviewPart { preview })
}

/// Tests a provider as it is typed.
pub async fn test_typed(
    request: HttpRequest,
    Admin(visitor): Admin,
    form: Form,
) -> Result<HttpResponse, PageError> {
    answer(&request, &visitor, None, &form, Question::Test).await
}

/// Tests a provider that is kept, with what is typed over it.
pub async fn test_kept(
    request: HttpRequest,
    Admin(visitor): Admin,
    at: Path<At>,
    form: Form,
) -> Result<HttpResponse, PageError> {
    let kept = find(&visitor, *at).await?;
    answer(&request, &visitor, Some(&kept), &form, Question::Test).await
}

/// Asks the vendor of a provider as it is typed for its models.
pub async fn models_typed(
    request: HttpRequest,
    Admin(visitor): Admin,
    form: Form,
) -> Result<HttpResponse, PageError> {
    answer(&request, &visitor, None, &form, Question::Models).await
}

/// Asks the vendor of a provider that is kept for its models.
pub async fn models_kept(
    request: HttpRequest,
    Admin(visitor): Admin,
    at: Path<At>,
    form: Form,
) -> Result<HttpResponse, PageError> {
    let kept = find(&visitor, *at).await?;
    answer(&request, &visitor, Some(&kept), &form, Question::Models).await
}

async fn answer(
    request: &HttpRequest,
    visitor: &Visitor,
    kept: Option<&Kept>,
    form: &Form,
    question: Question,
) -> Result<HttpResponse, PageError> {
    let outcome = ask(visitor, kept, form, question).await?;
    if wants_fragment(request) {
        let template = match question {
            Question::Test => "parts/providers/tested.html",
            Question::Models => "parts/providers/models.html",
        };
        return visitor.show_fragment(template, &outcome);
    }
    let is_wrong = outcome.form.is_wrong();
    let page = match kept {
        Some(kept) => FormPage::for_kept(kept, outcome.form),
        None => FormPage::for_new(new::preset(form), outcome.form),
    };
    let mut page = page.asking_key_again(form);
    page.tested = outcome.tested;
    page.models = outcome.models;
    if is_wrong { visitor.show_again(&page) } else { visitor.show(&page) }
}

async fn ask(
    visitor: &Visitor,
    kept: Option<&Kept>,
    form: &Form,
    question: Question,
) -> Result<Outcome, PageError> {
    let said = fields::read(form, kept.map(|kept| kept.id));
    let view = said.view(form);
    if view.is_wrong() {
        return Ok(Outcome { form: view, ..Outcome::default() });
    }
    let (app, actor, shown) = (visitor.app(), &visitor.actor, view.clone());
    let answer = match question {
        Question::Test => providers::test(app, actor, &said.body).await.map(|tested| {
            let tested = Some(TestedView::of(tested));
            Outcome { tested, models: None, form: shown }
        }),
        Question::Models => providers::models(app, actor, &said.body).await.map(|models| {
            let models = Some(ModelsView::of(models, &form.list("allowed_models")));
            Outcome { tested: None, models, form: shown }
        }),
    };
    let refused = |form| Outcome { form, ..Outcome::default() };
    Ok(view.heed(answer)?.unwrap_or_else(refused))
}

impl TestedView {
    fn of(tested: Tested) -> Self {
        let works = tested.verdict == Verdict::Works;
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        Self {
            works,
            what: said::text("test", tested.verdict.name()),
            then: (!works).then(|| said::text("then", tested.verdict.name())),
            url: tested.url,
            through: tested.through,
            status: tested.status,
            took_ms: whole(tested.took_ms),
            asked: tested.asked,
            model: tested.model,
            text: tested.text,
            said: tested.said,
            tokens: tested.tokens.map(|(input, output)| [whole(input), whole(output)]),
        }
    }

    /// Returns one for samples.
    pub fn sample(works: bool) -> Self {
        Self::of(Tested {
            verdict: if works { Verdict::Works } else { Verdict::WrongKey },
            url: "https://api.example.com/v1/messages".to_owned(),
            through: works.then(|| "http://proxy.example:3128".to_owned()),
            status: Some(if works { 200 } else { 401 }),
            took_ms: 1_234,
            asked: "claude-haiku-4-5".to_owned(),
            model: works.then(|| "claude-haiku-4-5-20251001".to_owned()),
            text: works.then(|| "pong <3".to_owned()),
            said: (!works).then(|| "invalid <x-api-key>".to_owned()),
            tokens: works.then_some((15, 4)),
        })
    }
}

impl ModelsView {
    fn of(models: Models, chosen: &[&str]) -> Self {
        let chosen: Vec<&str> =
            chosen.iter().flat_map(|text| text.lines()).map(str::trim).collect();
        let fault = (models.verdict != Verdict::Works).then(|| models.verdict.name());
        let view = |name: String| ModelView { chosen: chosen.contains(&name.as_str()), name };
        Self {
            names: models.names.into_iter().map(view).collect(),
            what: fault.map(|name| said::text("test", name)),
            then: fault.map(|name| said::text("then", name)),
            said: models.said,
            url: models.url,
            through: models.through,
        }
    }

    /// Returns one for samples.
    pub fn sample() -> Self {
        let models = Models {
            names: ["gpt-<b>", "llama3"].map(str::to_owned).into(),
            verdict: Verdict::Works,
            said: None,
            url: "http://127.0.0.1:11434/v1/models".to_owned(),
            through: None,
        };
        Self::of(models, &["llama3"])
    }
}

#[cfg(test)]
mod tests {
    use crate::app::providers::{State, Verdict};
    use crate::web::console::frame::{Locale, Messages};

    use super::said;

    #[test]
    fn every_verdict_and_every_state_is_said_in_every_language() {
        let messages = Messages::load().unwrap();
        for locale in Locale::ALL {
            let says = |text| {
                let said = messages.say(locale, &text);
                assert!(said.is_some_and(|said| !said.is_empty()), "{locale:?} {text:?}");
            };
            for (verdict, name) in Verdict::ALL {
                says(said::text("test", name));
                if verdict != Verdict::Works {
                    says(said::text("then", name));
                }
            }
            for state in
                [State::Ready, State::Disabled, State::Open, State::HalfOpen, State::BadProxy]
            {
                says(said::state(state));
            }
        }
    }
}
