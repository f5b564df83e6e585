//! `POST active-sessions/getActiveSessions`.

use serde_json::{Value, json};

use crate::app::figure::cost_text;
use crate::app::sessions::{self, ActiveSession, Part};
use crate::app::shape::{Body, Field, Rule, Shape};
use crate::app::{AppError, time};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// The largest page, and the one of who names no size: the contract's list has no pages.
const LARGEST_PAGE: i64 = 200;

/// Lists the conversations under way.
pub struct GetActiveSessions;

impl Action for GetActiveSessions {
    const SPEC: Spec = Spec::anyone(
        Module::ActiveSessions,
        "getActiveSessions",
        "List the sessions under way",
        "Lists the sessions of this node that were used within SESSION_TTL, the latest first, with the provider each model is kept on, the requests that run, and what those that have ended add up to. Others than admins see their own only. A page shorter than its size is the last one.",
    );

    fn request() -> Shape {
        Shape::from([
            Field::optional("pageSize", Rule::integer(1, LARGEST_PAGE))
                .about("200 when it is absent."),
            Field::optional("page", Rule::integer(1, 9_007_199_254_740_991)).about("From 1."),
        ])
    }

    fn answer() -> Option<Rule> {
        Some(Rule::list_of(Rule::object(shape())))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let part = part(&call.body(&Self::request())?);
        let listed = sessions::list(&call.api.app, &call.actor, part).await?;
        Reply::data(&listed.iter().map(show).collect::<Vec<_>>())
    }
}

fn part(body: &Body) -> Part {
    let most = body.int("pageSize").unwrap_or(LARGEST_PAGE);
    let before = body.int("page").unwrap_or(1).saturating_sub(1);
    let whole = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    Part { skip: whole(before.saturating_mul(most)), most: whole(most) }
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
        Field::required("model", Rule::TEXT.nullable()).about("All models, 50 at most."),
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
