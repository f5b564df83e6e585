//! `POST active-sessions/getSessionDetails`.

use serde_json::{Value, json};

use super::{session, session_field};
use crate::app::figure::cost_text;
use crate::app::sessions::{self, Details};
use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, time};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Shows one conversation.
pub struct GetSessionDetails;

impl Action for GetSessionDetails {
    const SPEC: Spec = Spec::anyone(
        Module::ActiveSessions,
        "getSessionDetails",
        "Show a session",
        "What the requests of a session add up to, also of one that is over. Texts of requests and answers are not kept, so messages and response are null. A session of somebody else is told as one that is not there.",
    );

    fn request() -> Shape {
        Shape::from([session_field()])
    }

    fn answer() -> Option<Rule> {
        Some(Rule::object([
            Field::required("messages", Rule::Any.nullable()),
            Field::required("response", Rule::TEXT.nullable()),
            Field::required("sessionStats", Rule::object(stats())),
            Field::required("currentSequence", Rule::INTEGER.nullable())
                .about("How many requests there were."),
        ]))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let session = session(&call.body(&Self::request())?);
        let details = sessions::details(&call.api.app, &call.actor, &session).await?;
        Reply::data(&json!({
            "messages": null,
            "response": null,
            "sessionStats": show(&details),
            "currentSequence": details.sums.totals.requests,
        }))
    }
}

fn stats() -> Shape {
    let whole = |name| Field::required(name, Rule::INTEGER);
    Shape::from([
        Field::required("sessionId", Rule::TEXT),
        whole("requestCount"),
        Field::required("totalCostUsd", Rule::TEXT).about("Dollars with fifteen places."),
        whole("totalInputTokens"),
        whole("totalOutputTokens"),
        whole("totalCacheCreationTokens"),
        whole("totalCacheReadTokens"),
        whole("totalDurationMs"),
        Field::required("firstRequestAt", Rule::Instant),
        Field::required("lastRequestAt", Rule::Instant),
        Field::required(
            "providers",
            Rule::list_of(Rule::object([
                Field::required("id", Rule::ID),
                Field::required("name", Rule::TEXT),
            ])),
        )
        .about("In the order of their first request, 50 at most."),
        Field::required("models", Rule::list_of(Rule::TEXT))
            .about("In the order of their first request, 50 at most."),
        Field::required("userName", Rule::TEXT),
        Field::required("userId", Rule::ID),
        Field::required("keyName", Rule::TEXT),
        Field::required("keyId", Rule::ID),
        Field::required("userAgent", Rule::TEXT.nullable()),
        Field::required("apiType", Rule::OneOf(&["chat", "codex"]).nullable()),
        Field::required("cacheTtlApplied", Rule::TEXT.nullable()),
    ])
}

fn show(details: &Details) -> Value {
    let sums = &details.sums;
    let providers = details.providers.iter().map(|(id, name)| json!({ "id": id, "name": name }));
    json!({
        "sessionId": details.session,
        "requestCount": sums.totals.requests,
        "totalCostUsd": cost_text(sums.totals.cost),
        "totalInputTokens": sums.totals.input,
        "totalOutputTokens": sums.totals.output,
        "totalCacheCreationTokens": sums.totals.cache_write,
        "totalCacheReadTokens": sums.totals.cache_read,
        "totalDurationMs": sums.totals.duration_ms,
        "firstRequestAt": time::iso(details.first_at),
        "lastRequestAt": time::iso(details.last_at),
        "providers": providers.collect::<Vec<_>>(),
        "models": sums.models,
        "userName": details.user_name,
        "userId": details.user,
        "keyName": details.key_name,
        "keyId": details.key,
        "userAgent": details.user_agent,
        "apiType": if sums.is_responses { "codex" } else { "chat" },
        "cacheTtlApplied": null,
    })
}
