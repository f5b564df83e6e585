//! `POST active-sessions/getActiveSessions`.

use serde_json::{Value, json};

use crate::app::figure::cost_text;
use crate::app::sessions::{self, ActiveSession};
use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, time};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Lists the conversations under way.
pub struct GetActiveSessions;

impl Action for GetActiveSessions {
    const SPEC: Spec = Spec::anyone(
        Module::ActiveSessions,
        "getActiveSessions",
        "List the sessions under way",
        "Lists the sessions of this node that were used within SESSION_TTL, the latest first, with the provider each model is kept on, the requests that run, and what those that have ended add up to. Others than admins see their own only.",
    );

    fn request() -> Shape {
        Shape::empty()
    }

    fn answer() -> Option<Rule> {
        Some(Rule::list_of(Rule::object(shape())))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let listed = sessions::list(&call.api.app, &call.actor).await?;
        Reply::data(&listed.iter().map(show).collect::<Vec<_>>())
    }
}

fn shape() -> Shape {
    let whole = |name| Field::required(name, Rule::INTEGER);
    Shape::from([
        Field::required("sessionId", Rule::TEXT),
        Field::required("userName", Rule::TEXT),
        Field::required("userId", Rule::ID),
        Field::required("keyId", Rule::ID),
        Field::required("keyName", Rule::TEXT),
        Field::required("providerId", Rule::INTEGER.nullable())
            .about("The provider that the latest model is kept on."),
        Field::required("providerName", Rule::TEXT.nullable())
            .about("The names of all that a model is kept on."),
        Field::required("model", Rule::TEXT.nullable()).about("All models."),
        Field::required("apiType", Rule::OneOf(&["chat", "codex"])),
        Field::required("startTime", Rule::INTEGER).about("Milliseconds since 1970."),
        whole("inputTokens"),
        whole("outputTokens"),
        whole("cacheCreationInputTokens"),
        whole("cacheReadInputTokens"),
        whole("totalTokens"),
        Field::required("costUsd", Rule::TEXT).about("Dollars with fifteen places."),
        Field::required("status", Rule::OneOf(&["completed", "in_progress"])),
        whole("durationMs"),
        whole("requestCount"),
    ])
    .and([
        whole("inFlight").about("Requests that run."),
        Field::required("lastSeenAt", Rule::Instant),
        Field::required("bindings", Rule::list_of(binding())),
    ])
}

fn binding() -> Rule {
    Rule::object([
        Field::required("model", Rule::TEXT.nullable()),
        Field::required("providerId", Rule::ID),
        Field::required("providerName", Rule::TEXT.nullable()),
    ])
}

fn show(one: &ActiveSession) -> Value {
    let (sums, latest) = (&one.sums, one.bindings.first());
    let mut names: Vec<&str> = one.bindings.iter().filter_map(|one| one.name.as_deref()).collect();
    names.dedup();
    json!({
        "sessionId": one.session,
        "userName": one.user_name,
        "userId": one.user,
        "keyId": one.key,
        "keyName": one.key_name,
        "providerId": latest.map(|binding| binding.provider),
        "providerName": joined(&names),
        "model": joined(&sums.models),
        "apiType": if sums.is_responses { "codex" } else { "chat" },
        "startTime": one.started_at.millis(),
        "inputTokens": sums.totals.input,
        "outputTokens": sums.totals.output,
        "cacheCreationInputTokens": sums.totals.cache_write,
        "cacheReadInputTokens": sums.totals.cache_read,
        "totalTokens": sums.totals.tokens(),
        "costUsd": cost_text(sums.totals.cost),
        "status": if one.in_flight > 0 { "in_progress" } else { "completed" },
        "durationMs": sums.totals.duration_ms,
        "requestCount": sums.totals.requests,
        "inFlight": one.in_flight,
        "lastSeenAt": time::iso(one.last_seen_at),
        "bindings": one.bindings.iter().map(|binding| json!({
            "model": binding.model,
            "providerId": binding.provider,
            "providerName": binding.name,
        })).collect::<Vec<_>>(),
    })
}

/// Joins names as the contract does; `None` when there are none.
fn joined<T: AsRef<str>>(names: &[T]) -> Option<String> {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
