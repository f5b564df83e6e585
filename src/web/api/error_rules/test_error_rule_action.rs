//! `POST error-rules/testErrorRuleAction`.

use std::sync::Arc;

use actix_web::web::Bytes;
use serde::Serialize;
use serde_json::Value as Document;
use switchyard_actors::domain::dialect::{Dialect, ProviderKind};
use switchyard_actors::domain::error_rules::{ErrorRule, ErrorRules};
use switchyard_actors::domain::ids::RequestId;

use super::schema;
use crate::app::shape::{Body, Field, Rule, Shape};
use crate::app::{AppError, error_rules};
use crate::proxy::error_rules::rehearsal::{Fate, Rehearsed, Told, rehearse};
use crate::store::aside;
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// The longest body that can be tried out, in UTF-16 units.
const LONGEST_BODY: usize = 256 << 10;
const LONGEST_TYPE: usize = 255;
const KINDS: &[&str] = &[
    ProviderKind::Claude.name(),
    ProviderKind::ClaudeAuth.name(),
    ProviderKind::Codex.name(),
    ProviderKind::Gemini.name(),
    ProviderKind::GeminiCli.name(),
    ProviderKind::OpenaiCompatible.name(),
];

/// Tells what would become of an upstream's answer.
pub struct TestErrorRule;

impl Action for TestErrorRule {
    const SPEC: Spec = Spec::admin(
        Module::ErrorRules,
        "testErrorRuleAction",
        "Tell what would become of an upstream's answer",
        "Goes the way of a request with an answer that nobody gave: which rule matches, what the answer is taken for, whether the same provider is asked again, another one, and charged, and what clients of each dialect are told when nobody else can serve them. A rule that is not there yet can be tried out with the others. Nobody is asked and nothing is changed.",
    );

    fn request() -> Shape {
        Shape::from([
            Field::optional("body", Rule::text(0, LONGEST_BODY)).about("What the upstream says."),
            Field::optional("message", Rule::text(0, LONGEST_BODY)).about("The same as body."),
            Field::optional("statusCode", Rule::integer(200, 599)).about("Its status; 400."),
            Field::optional("contentType", Rule::text(0, LONGEST_TYPE))
                .about("application/json unless said otherwise; text/event-stream is a stream."),
            Field::optional("providerType", Rule::OneOf(KINDS))
                .about("claude unless said otherwise."),
            Field::optional("rule", error_rules::draft_fields())
                .about("A rule that is not there yet, asked among the others."),
        ])
    }

    fn answer() -> Option<Rule> {
        let told = Rule::object([
            Field::required("dialect", Rule::TEXT),
            Field::required("statusCode", Rule::INTEGER),
            Field::required("body", Rule::Any),
            Field::required("unchanged", Rule::Flag).about("The upstream's own, byte for byte."),
        ]);
        Some(Rule::object([
            Field::required("matched", Rule::Flag),
            Field::required("rule", schema::decisive().nullable()),
            Field::required("outcome", Rule::TEXT)
                .about("success, client_fault, provider_fault, not_found or overloaded."),
            Field::required("statusCode", Rule::INTEGER),
            Field::required("statusCodeInferred", Rule::Flag),
            Field::required("repeats", Rule::Flag).about("The same provider is asked again."),
            Field::required("switches", Rule::Flag).about("Another provider is asked."),
            Field::required("charges", Rule::Flag).about("The provider's breaker counts it."),
            Field::required("told", Rule::list_of(told)),
        ]))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let body = call.body(&Self::request())?;
        let now = call.api.app.clock.now();
        let rules = rules(&call, &body).await?;
        let said = body.text("body").or_else(|| body.text("message")).unwrap_or_default();
        let status = body.int("statusCode").and_then(|status| u16::try_from(status).ok());
        let answer = Rehearsed {
            dialect: dialect(&body),
            status: status.unwrap_or(400),
            content_type: body.text("contentType").unwrap_or("application/json").to_owned(),
            body: Bytes::from(said.to_owned()),
        };
        // No request has this id. Patterns may take long, and a worker has requests to serve.
        let fate = aside(move || rehearse(&rules, &answer, now, RequestId([0; 16]))).await?;
        Reply::data(&View::of(&fate))
    }
}

/// Returns the rules in force, with a draft among them when there is one.
async fn rules(call: &Call, body: &Body) -> Result<Arc<ErrorRules>, AppError> {
    let app = &call.api.app;
    let draft = match body.value("rule") {
        Some(raw) => Some(error_rules::draft(app, raw).await?),
        None => None,
    };
    match (&call.api.catalogue, draft) {
        (Some(published), None) => Ok(Arc::clone(&published.load().error_rules)),
        (_, draft) => Ok(Arc::new(error_rules::compiled(app, draft).await?)),
    }
}

fn dialect(body: &Body) -> Dialect {
    let kind = body.text("providerType").and_then(ProviderKind::parse);
    let kind = kind.unwrap_or(ProviderKind::Claude);
    Dialect::ALL.into_iter().find(|dialect| kind.speaks(*dialect)).unwrap_or(Dialect::Anthropic)
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    matched: bool,
    rule: Option<RuleView>,
    outcome: &'static str,
    status_code: u16,
    status_code_inferred: bool,
    repeats: bool,
    switches: bool,
    charges: bool,
    told: Vec<ToldView>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleView {
    id: i64,
    pattern: Arc<str>,
    match_type: &'static str,
    action: &'static str,
    category: Arc<str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ToldView {
    dialect: &'static str,
    status_code: u16,
    body: Document,
    unchanged: bool,
}

impl View {
    fn of(fate: &Fate) -> Self {
        Self {
            matched: fate.rule.is_some(),
            rule: fate.rule.as_deref().map(RuleView::of),
            outcome: fate.outcome.name(),
            status_code: fate.status,
            status_code_inferred: fate.inferred,
            repeats: fate.repeats,
            switches: fate.switches,
            charges: fate.charges,
            told: fate.told.iter().map(ToldView::of).collect(),
        }
    }
}

impl RuleView {
    fn of(rule: &ErrorRule) -> Self {
        Self {
            id: rule.id.0,
            pattern: Arc::clone(&rule.pattern),
            match_type: rule.match_type.name(),
            action: rule.action.name(),
            category: Arc::clone(&rule.category),
        }
    }
}

impl ToldView {
    fn of(told: &Told) -> Self {
        let text = || Document::String(String::from_utf8_lossy(&told.body).into_owned());
        Self {
            dialect: told.dialect.name(),
            status_code: told.status,
            body: serde_json::from_slice(&told.body).unwrap_or_else(|_| text()),
            unchanged: told.unchanged,
        }
    }
}
