//! What the operations answer, for the document.

use crate::app::shape::{Field, Rule, Shape};

/// A page of the ledger.
pub fn page() -> Rule {
    Rule::object([
        Field::required("logs", Rule::list_of(entry())),
        Field::required("total", Rule::INTEGER),
        Field::required("summary", summary()),
    ])
}

fn entry() -> Rule {
    Rule::object(Shape::from(contract()).and(more()))
}

/// The fields of the contract.
fn contract() -> [Field; 29] {
    [
        Field::required("id", Rule::TEXT),
        Field::required("createdAt", Rule::Instant),
        Field::required("sessionId", Rule::TEXT.nullable()),
        Field::required("requestSequence", Rule::INTEGER.nullable()),
        Field::required("userName", Rule::TEXT),
        Field::required("keyName", Rule::TEXT),
        Field::required("providerName", Rule::TEXT.nullable()),
        Field::required("model", Rule::TEXT.nullable()).about("The model that was sent upstream."),
        Field::required("originalModel", Rule::TEXT.nullable())
            .about("The model that was asked for."),
        Field::required("endpoint", Rule::TEXT.nullable()),
        Field::required("statusCode", Rule::INTEGER.nullable()),
        Field::required("inputTokens", Rule::INTEGER.nullable()),
        Field::required("outputTokens", Rule::INTEGER.nullable()),
        Field::required("cacheCreationInputTokens", Rule::INTEGER.nullable()),
        Field::required("cacheReadInputTokens", Rule::INTEGER.nullable()),
        Field::required("cacheCreation5mInputTokens", Rule::INTEGER.nullable()),
        Field::required("cacheCreation1hInputTokens", Rule::INTEGER.nullable()),
        Field::required("cacheTtlApplied", Rule::TEXT.nullable()),
        Field::required("costUsd", Rule::TEXT.nullable())
            .about("Dollars with fifteen places; null when usage or price is unknown."),
        Field::required("costMultiplier", Rule::TEXT.nullable()).about("Four places."),
        Field::required("durationMs", Rule::INTEGER.nullable()),
        Field::required("errorMessage", Rule::TEXT.nullable()),
        Field::required("providerChain", Rule::list_of(link()).nullable()).about("Tries in order."),
        Field::required("blockedBy", Rule::TEXT.nullable()),
        Field::required("blockedReason", Rule::TEXT.nullable()),
        Field::required("userAgent", Rule::TEXT.nullable()),
        Field::required("messagesCount", Rule::INTEGER.nullable()),
        Field::required("context1mApplied", Rule::Flag.nullable()),
        Field::required("totalTokens", Rule::INTEGER),
    ]
}

/// Fields beyond the contract.
fn more() -> [Field; 13] {
    [
        Field::required("requestId", Rule::TEXT)
            .about("What the client got as x-switchyard-request-id."),
        Field::required("outcome", Rule::TEXT).about(
            "How it ended: success, client_error, refused, no_provider, upstream_error, truncated, \
             client_gone, interrupted (we were stopped before its end) or internal.",
        ),
        Field::required("unbilled", Rule::TEXT.nullable()).about("Why there is no cost."),
        Field::required("usageComplete", Rule::Flag),
        Field::required("groupCostMultiplier", Rule::TEXT.nullable()),
        Field::required("responseModel", Rule::TEXT.nullable())
            .about("The model that the upstream says it used."),
        Field::required("reasoningTokens", Rule::INTEGER.nullable()),
        Field::required("edits", Rule::list_of(Rule::TEXT)).about("Edits made to the body."),
        Field::required("losses", Rule::list_of(Rule::TEXT))
            .about("What was lost where the request was converted, as token or token=count."),
        Field::required("notes", Rule::list_of(Rule::TEXT)),
        Field::required("firstByteMs", Rule::INTEGER.nullable()),
        Field::required("firstContentMs", Rule::INTEGER.nullable()),
        Field::required("refusal", Rule::map_of(Rule::Any).nullable())
            .about("The limit that refused."),
    ]
}

/// One try at one provider.
fn link() -> Rule {
    Rule::object([
        Field::required("id", Rule::ID),
        Field::required("name", Rule::TEXT),
        Field::required("reason", Rule::TEXT).about(
            "Why the link is there: initial_selection, session_reuse, request_success, \
             retry_success, retry_failed, system_error, resource_not_found, \
             client_error_non_retryable, client_abort, concurrent_limit_failed, \
             retry_with_official_instructions, responses_ws_fallback, conversion_refused, \
             refused_here or cut_by_stop (the grace of a stop was over).",
        ),
        Field::required("timestamp", Rule::INTEGER).about("Milliseconds since 1970."),
        Field::required("attemptNumber", Rule::INTEGER),
        Field::required("durationMs", Rule::INTEGER),
        Field::optional("endpointId", Rule::ID)
            .about("The address that was tried, where the provider has several."),
        Field::optional("endpointUrl", Rule::TEXT),
        Field::optional("statusCode", Rule::INTEGER),
        Field::optional("statusCodeInferred", Rule::Flag),
        Field::optional("errorMessage", Rule::TEXT),
        Field::optional("proxyFallback", Rule::TEXT)
            .about("Why the proxy could not be used; the try went to the provider directly."),
        Field::optional("selectionMethod", Rule::TEXT),
        Field::optional("priority", Rule::INTEGER),
        Field::optional("weight", Rule::INTEGER),
        Field::optional("decisionContext", Rule::map_of(Rule::Any)),
    ])
}

fn summary() -> Rule {
    let whole = |name| Field::required(name, Rule::INTEGER);
    Rule::object([
        whole("totalRequests"),
        Field::required("totalCost", Rule::NUMBER),
        whole("totalTokens"),
        whole("totalInputTokens"),
        whole("totalOutputTokens"),
        whole("totalCacheCreationTokens"),
        whole("totalCacheReadTokens"),
        whole("totalCacheCreation5mTokens"),
        whole("totalCacheCreation1hTokens"),
    ])
}
