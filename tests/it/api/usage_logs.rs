//! The ledger: rows in the words of the contract, filters, and who sees what.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use switchyard_actors::domain::decision::{ChainLink, Decision, Exclusion, LinkEndpoint, Method};
use switchyard_actors::domain::ids::{EndpointId, KeyId, ProviderId, SessionId, UserId};
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::limits::{Amount, LimitKind, LimitOwner, Refusal};
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::outcome::RowOutcome;
use switchyard_actors::domain::usage::Usage;

use super::stand::{As, NOW, Stand};

const LOGS: &str = "usage-logs/getUsageLogs";

fn link(provider: i64, reason: &str, status: u16) -> ChainLink {
    let decision = Decision {
        seed: u64::MAX,
        catalogue: 3,
        pick: Some(ProviderId(provider)),
        method: Method::Draw,
        priority: Some(2),
        tier: vec![(ProviderId(provider), 5)],
        converted: false,
        excluded: BTreeMap::from([(Exclusion::Format, vec![ProviderId(9)])]),
        room_at: Vec::new(),
    };
    ChainLink {
        provider: ProviderId(provider),
        name: Arc::from(format!("vendor-{provider}")),
        reason: Arc::from(reason),
        attempt: 1,
        endpoint: (status < 400)
            .then(|| LinkEndpoint { id: EndpointId(7), url: Arc::from("https://b.example/v1") }),
        status: Some(status),
        inferred: status == 524,
        error: (status >= 400).then(|| Arc::from("said no")),
        proxy_fault: (status < 400).then(|| Arc::from("the proxy is gone")),
        rule: None,
        started_ms: 10,
        took_ms: 20,
        decision: Some(decision),
    }
}

/// Returns a row that uses every field.
fn full(stand: &Stand) -> LedgerRow {
    let mut row = stand.row(NOW, 1);
    row.opened.session = Some(SessionId(Arc::from("s-1")));
    row.upstream_model = Some(Arc::from("sonnet-up"));
    row.response_model = Some(Arc::from("sonnet-said"));
    row.usage = Some(Usage {
        input: 1,
        output: 20,
        reasoning: 5,
        cache_write_5m: 300,
        cache_write_1h: 4_000,
        cache_read: 50_000,
        image_input: 600_000,
        image_output: 7_000_000,
    });
    row.first_byte_ms = Some(250);
    row.first_content_ms = Some(300);
    row.chain = vec![link(2, "retry_failed", 524), link(1, "retry_success", 200)];
    row.edits = vec![Arc::from("model redirect")];
    row.notes = vec![Arc::from("gate: slow")];
    row.messages = Some(4);
    row
}

async fn ids(stand: &Stand, body: Value) -> Vec<Value> {
    let page = stand.done(LOGS, body).await;
    assert_eq!(page["total"], page["summary"]["totalRequests"]);
    page["logs"].as_array().unwrap().iter().map(|log| log["id"].clone()).collect()
}

fn id(row: &LedgerRow) -> Value {
    json!(row.opened.id.to_string())
}

#[actix_web::test]
async fn a_request_is_shown_in_the_words_of_the_contract() {
    for stand in Stand::both().await {
        stand
            .done(
                "providers/addProvider",
                json!({ "name": "v", "url": "https://a.example", "key": "k" }),
            )
            .await;
        let row = full(&stand);
        stand.write(std::slice::from_ref(&row)).await;
        let page = stand.done(LOGS, json!({})).await;
        let mut log = page["logs"][0].clone();
        let chain = log["providerChain"].take();
        let wanted: Value = serde_json::from_str(
            r#"{
        "createdAt": "2026-05-05T12:00:00.000Z", "sessionId": "s-1", "requestSequence": null,
        "userName": "anna", "keyName": "default", "providerName": "v", "model": "sonnet-up",
        "originalModel": "sonnet", "endpoint": "/v1/messages", "statusCode": 200,
        "inputTokens": 600001, "outputTokens": 7000020, "cacheCreationInputTokens": 4300,
        "cacheReadInputTokens": 50000, "cacheCreation5mInputTokens": 300,
        "cacheCreation1hInputTokens": 4000, "cacheTtlApplied": "mixed",
        "costUsd": "0.001234567000000", "costMultiplier": "1.2500", "durationMs": 1500,
        "errorMessage": null, "providerChain": null, "blockedBy": null, "blockedReason": null,
        "userAgent": "agent/1", "messagesCount": 4, "context1mApplied": null,
        "totalTokens": 7654321, "outcome": "success", "unbilled": null, "usageComplete": true,
        "groupCostMultiplier": "1.0000", "responseModel": "sonnet-said", "reasoningTokens": 5,
        "edits": ["model redirect"], "losses": [], "notes": ["gate: slow"], "firstByteMs": 250,
        "firstContentMs": 300, "refusal": null
        }"#,
        )
        .unwrap();
        let mut wanted = wanted;
        wanted["id"] = id(&row);
        wanted["requestId"] = id(&row);
        assert_eq!(log, wanted);
        let failed = json!({
            "id": 2, "name": "vendor-2", "reason": "retry_failed", "attemptNumber": 1,
            "timestamp": NOW.millis() + 10, "durationMs": 20, "statusCode": 524,
            "statusCodeInferred": true, "errorMessage": "said no",
            "selectionMethod": "weighted_random", "priority": 2, "weight": 5,
            "decisionContext": {
                "seed": "18446744073709551615", "catalogue": 3, "selectedPriority": 2, "converted": false,
                "candidatesAtPriority": [{ "id": 2, "weight": 5 }],
                "filteredProviders": [{ "id": 9, "reason": "format_type_mismatch" }],
            },
        });
        assert_eq!(chain[0], failed);
        assert_eq!(chain[1]["statusCode"], json!(200));
        assert!(chain[1].get("errorMessage").is_none());
        assert!(chain[0].get("proxyFallback").is_none());
        assert_eq!(chain[1]["proxyFallback"], "the proxy is gone");
        assert_eq!(chain[1]["endpointId"], 7);
        assert_eq!(chain[1]["endpointUrl"], "https://b.example/v1");
        let summary = json!({
            "totalRequests": 1, "totalCost": 0.001_234_567, "totalTokens": 7_654_321,
            "totalInputTokens": 600_001, "totalOutputTokens": 7_000_020,
            "totalCacheCreationTokens": 4_300, "totalCacheReadTokens": 50_000,
            "totalCacheCreation5mTokens": 300, "totalCacheCreation1hTokens": 4_000,
        });
        assert_eq!(page["summary"], summary);
    }
}

#[actix_web::test]
async fn what_is_unknown_is_null_and_not_zero() {
    for stand in Stand::both().await {
        let mut row = stand.row(NOW, 1);
        row.usage = None;
        (row.cost, row.terms) = (None, None);
        row.unbilled = Some(Arc::from("unmetered"));
        row.status = 429;
        row.refusal = Some(Refusal {
            kind: LimitKind::DailyQuota,
            owner: LimitOwner::User,
            name: None,
            current: Amount::Money(Nano(1_500_000_000)),
            limit: Amount::Money(Nano::from_usd(1)),
            resets_at: Some(NOW),
            retry_after_s: None,
            only_held: false,
        });
        stand.write(&[row]).await;
        let log = stand.done(LOGS, json!({})).await["logs"][0].clone();
        for name in ["inputTokens", "costUsd", "costMultiplier", "cacheTtlApplied", "providerChain"]
        {
            assert_eq!(log[name], Value::Null, "{name}");
        }
        assert_eq!(log["unbilled"], json!("unmetered"));
        let refusal = json!({
            "limitType": "daily_quota", "owner": "user", "current": 1.5, "limit": 1,
            "resetsAt": "2026-05-05T12:00:00.000Z",
        });
        assert_eq!(log["refusal"], refusal);
    }
}

#[actix_web::test]
async fn each_filter_that_is_obeyed_filters() {
    for stand in Stand::both().await {
        let minute = |minute: u64| NOW.plus(Duration::from_mins(minute));
        let plain = stand.row(minute(0), 1);
        let mut other = stand.row(minute(1), 2);
        other.opened.user = UserId(77);
        other.opened.key = KeyId(78);
        other.opened.model = Some(Arc::from("gpt"));
        other.opened.path = Arc::from("/v1/responses");
        let mut failed = stand.row(minute(2), 3);
        failed.status = 502;
        failed.chain = vec![link(1, "retry_failed", 500), link(2, "retry_failed", 500)];
        stand.write(&[plain.clone(), other.clone(), failed.clone()]).await;
        let (plain, other, failed) = (id(&plain), id(&other), id(&failed));
        let at = |minutes| minute(minutes).millis();
        for (body, wanted) in [
            (json!({}), vec![&failed, &other, &plain]),
            (json!({ "userId": 77 }), vec![&other]),
            (json!({ "keyId": 78 }), vec![&other]),
            (json!({ "providerId": 2 }), vec![&other]),
            (json!({ "model": "gpt" }), vec![&other]),
            (json!({ "endpoint": "/v1/responses" }), vec![&other]),
            (json!({ "statusCode": 502 }), vec![&failed]),
            (json!({ "statusCode": 200.5 }), vec![]),
            (json!({ "excludeStatusCode200": true }), vec![&failed]),
            (json!({ "excludeStatusCode200": true, "statusCode": 200 }), vec![&other, &plain]),
            (json!({ "minRetryCount": 1 }), vec![&failed]),
            (json!({ "minRetryCount": 2 }), vec![]),
            (json!({ "startTime": at(1) }), vec![&failed, &other]),
            (json!({ "endTime": at(1) }), vec![&plain]),
            (json!({ "startTime": at(1), "endTime": at(2) }), vec![&other]),
            // Checked, and without effect.
            (json!({ "startDate": "2027-01-01T00:00:00Z" }), vec![&failed, &other, &plain]),
            (json!({ "startDateLocal": "2027-01-01" }), vec![&failed, &other, &plain]),
        ] {
            assert_eq!(
                ids(&stand, body.clone()).await,
                wanted.into_iter().cloned().collect::<Vec<_>>(),
                "{body}"
            );
        }
        let page = |number| json!({ "pageSize": 2, "page": number });
        let first = stand.done(LOGS, page(1)).await;
        assert_eq!((&first["total"], first["logs"].as_array().unwrap().len()), (&json!(3), 2));
        assert_eq!(stand.done(LOGS, page(2)).await["logs"][0]["id"], plain);
    }
}

#[actix_web::test]
async fn a_query_that_is_not_one_is_refused() {
    let stand = Stand::new().await;
    for body in [
        json!({ "userId": 0 }),
        json!({ "keyId": "1" }),
        json!({ "startDate": "2026-05-05" }),
        json!({ "endDate": "2026-05-05T00:00:00+08:00" }),
        json!({ "statusCode": "200" }),
        json!({ "minRetryCount": -1 }),
        json!({ "pageSize": 101 }),
        json!({ "page": 0 }),
    ] {
        assert_eq!(
            stand.call(As::Nobody, LOGS, body.clone()).await.0,
            StatusCode::BAD_REQUEST,
            "{body}"
        );
    }
    assert_eq!(stand.call(As::Nobody, LOGS, json!({})).await.0, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn users_see_their_own_requests_only() {
    for stand in Stand::both().await {
        let mut own = stand.row(NOW, 1);
        own.chain = vec![link(2, "request_success", 200)];
        own.notes =
            vec![Arc::from("gate: slow"), Arc::from(Exclusion::Group.note(&[ProviderId(9)]))];
        let mut other = stand.row(NOW, 1);
        other.opened.user = UserId(77);
        stand.write(&[own.clone(), other]).await;
        for body in [json!({}), json!({ "userId": 77 })] {
            let page = stand.call(As::User, LOGS, body).await.1["data"].clone();
            assert_eq!((&page["total"], &page["logs"][0]["id"]), (&json!(1), &id(&own)));
            let tried = &page["logs"][0]["providerChain"][0];
            assert_eq!((&tried["endpointId"], tried.get("endpointUrl")), (&json!(7), None));
            assert_eq!(tried.get("decisionContext"), None, "who else there is: {tried:#}");
            assert_eq!(page["logs"][0]["notes"], json!(["gate: slow"]));
        }
    }
}

/// Writes a request whose tries ended so, the newest of all: the chain's reason, the status (a
/// negative one was inferred) and the words.
async fn ended(stand: &Stand, end: (RowOutcome, u16), tries: &[(&str, i16, &str)], said: &str) {
    let count = stand.done(LOGS, json!({})).await["total"].as_u64().unwrap();
    let mut row = stand.row(NOW.plus(Duration::from_mins(count)), 1);
    let links = tries.iter().map(|(reason, status, error)| ChainLink {
        error: Some(Arc::from(*error)),
        inferred: *status < 0,
        ..link(2, reason, status.unsigned_abs())
    });
    row.chain = links.collect();
    (row.outcome, row.status) = end;
    row.error = Some(Arc::from(said));
    stand.write(&[row]).await;
}

/// What somebody reads of the newest request: its error and those of its tries.
async fn read(stand: &Stand, who: As) -> (Value, Vec<Value>) {
    let log = stand.call(who, LOGS, json!({})).await.1["data"]["logs"][0].clone();
    let tries = log["providerChain"].as_array().unwrap();
    (log["errorMessage"].clone(), tries.iter().map(|one| one["errorMessage"].clone()).collect())
}

#[actix_web::test]
async fn what_vendors_said_of_the_account_and_their_hosts_is_the_operators() {
    let stand = Stand::new().await;
    let said = "organization org-x at hidden.example has been disabled";
    let failed = |status| ("retry_failed", status, said);
    let unreached = ("system_error", -502, said);
    let missing = ("resource_not_found", 404, said);
    for (status, last, told) in [
        (429, failed(429), "the upstream asks to wait (rate limit), try again later"),
        (529, failed(529), "the upstream is overloaded, try again later"),
        (504, failed(-524), "no upstream answered in time, try again later"),
        (503, failed(500), "the upstream had an error of its own, try again later"),
        (503, failed(503), "the upstream is overloaded, try again later"),
        (503, failed(429), "the upstream asks to wait (rate limit), try again later"),
        (503, failed(-524), "the upstream did not answer in time, try again later"),
        (503, failed(400), "the upstream refused for a reason of its own, try again later"),
        (
            503,
            failed(-502),
            "the upstream's answer was empty, broken or none at all, try again later",
        ),
        (503, unreached, "the upstream could not be reached, try again later"),
        (503, missing, "none of the upstreams that were asked has the model, try again later"),
    ] {
        ended(&stand, (RowOutcome::UpstreamError, status), &[last], said).await;
        assert_eq!(read(&stand, As::User).await, (json!(told), vec![Value::Null]));
        assert_eq!(read(&stand, As::Admin).await, (json!(said), vec![json!(said)]));
    }
    for (status, told) in [
        (401, "the upstream refused the relay's own credentials, not yours: tell whoever runs it"),
        (
            402,
            "the upstream asks to be paid before it serves, and not by you: tell whoever runs the \
             relay",
        ),
        (
            403,
            "the upstream refused the relay's account or credentials, not yours: tell whoever runs \
             it",
        ),
    ] {
        let tries = [missing, failed(status), missing];
        ended(&stand, (RowOutcome::UpstreamError, 503), &tries, said).await;
        assert_eq!(read(&stand, As::User).await, (json!(told), vec![Value::Null; 3]));
    }
}

#[actix_web::test]
async fn what_a_client_was_told_its_owner_reads() {
    let stand = Stand::new().await;
    let tries = [("retry_failed", 500, "org-x"), ("client_error_non_retryable", 400, "too long")];
    ended(&stand, (RowOutcome::ClientError, 400), &tries, "too long").await;
    let kept = vec![Value::Null, json!("too long")];
    assert_eq!(read(&stand, As::User).await, (json!("too long"), kept));
    let missing = [("resource_not_found", 404, "no such model")];
    ended(&stand, (RowOutcome::UpstreamError, 404), &missing, "no such model").await;
    let kept = vec![json!("no such model")];
    assert_eq!(read(&stand, As::User).await, (json!("no such model"), kept));
    // The request ended otherwise than its last try.
    ended(&stand, (RowOutcome::NoProvider, 503), &missing, "No provider available").await;
    assert_eq!(read(&stand, As::User).await, (json!("No provider available"), vec![Value::Null]));
}

#[actix_web::test]
async fn models_and_statuses_are_listed_once_and_in_order() {
    for stand in Stand::both().await {
        let mut rows = [1, 2, 3].map(|_| stand.row(NOW, 1));
        rows[0].opened.model = Some(Arc::from("z"));
        rows[0].status = 502;
        rows[1].opened.model = None;
        stand.write(&rows).await;
        let told = |path| stand.call(As::User, path, json!({}));
        assert_eq!(told("usage-logs/getModelList").await.1["data"], json!(["sonnet", "z"]));
        assert_eq!(told("usage-logs/getStatusCodeList").await.1["data"], json!([200, 502]));
    }
}
