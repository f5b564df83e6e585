//! Providers: the round trip to the catalogue, the words of the contract, and what is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use switchyard::store::AuditFilter;
use switchyard_actors::domain::dialect::ProviderKind;
use switchyard_actors::domain::limits::ResetMode;
use switchyard_actors::domain::loss_policy::LossPolicy;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::preferences::{
    Adaptive, CacheTtl, InstructionStrategy, Preferences, ReplayThinking, UnknownEffort,
};
use switchyard_actors::domain::provider::BreakerConfig;

use super::stand::{As, Stand};

const ADD: &str = "providers/addProvider";
const EDIT: &str = "providers/editProvider";
const KEY: &str = "sk-vendor-0123456789";

fn small(url: &str) -> Value {
    json!({ "name": "vendor", "url": url, "key": KEY })
}

async fn listed(stand: &Stand) -> Vec<Value> {
    stand.done("providers/getProviders", json!({})).await.as_array().unwrap().clone()
}

fn full() -> Value {
    serde_json::from_str(
        r#"{
        "name": "Vendor Ä", "url": "https://api.example.com/v1", "key": "sk-vendor-0123456789",
        "endpoints": ["https://b.example.com", "https://c.example.com/x"],
        "provider_type": "openai-compatible", "is_enabled": false, "weight": 7, "priority": 3,
        "cost_multiplier": "1.23456", "group_tag": "a, b",
        "model_redirects": { "from": "to" }, "allowed_models": ["one", "two"],
        "custom_headers": { "X-Tenant": "blue" }, "preserve_client_ip": true,
        "allow_private": true, "join_claude_pool": true,
        "codex_instructions_strategy": "keep_original", "mcp_passthrough_type": "glm",
        "mcp_passthrough_url": "https://mcp.example.com", "cache_ttl_preference": "1h",
        "context_1m_preference": "force_enable", "limit_concurrent_sessions": "12",
        "limit_5h_usd": 1.5, "limit_daily_usd": 2, "limit_weekly_usd": "3.25",
        "limit_monthly_usd": 4.999, "daily_reset_mode": "rolling", "daily_reset_time": "7:05",
        "tpm": 1, "rpm": 2, "rpd": 3, "cc": 4, "max_retry_attempts": 9,
        "circuit_breaker_failure_threshold": 6, "circuit_breaker_open_duration": 60000,
        "circuit_breaker_half_open_success_threshold": 3,
        "first_byte_timeout_streaming_ms": 5000, "streaming_idle_timeout_ms": 70000,
        "request_timeout_non_streaming_ms": 80000,
        "proxy_url": "socks5://user:secret@proxy.example:1080", "proxy_fallback_to_direct": true,
        "website_url": "https://www.example.com/start", "favicon_url": "ignored",
        "group_priorities": { "a": 2 }, "allowed_clients": ["claude-code"], "blocked_clients": [],
        "active_time_start": "22:00", "active_time_end": "6:30",
        "active_time_zone": "Europe/Berlin", "vendor_name": " ",
        "disable_session_reuse": true, "limit_rpm": 60, "limit_tpm": "2000000",
        "limit_concurrent_requests": 8, "limit_total_usd": 900.25, "five_hour_reset_mode": "fixed",
        "codex_reasoning_effort_preference": "high", "codex_reasoning_summary_preference": "auto",
        "codex_text_verbosity_preference": "low", "codex_parallel_tool_calls_preference": "false",
        "codex_service_tier_preference": "flex", "codex_image_generation_preference": "disabled",
        "gemini_google_search_preference": "enabled", "billing_header_preference": "remove",
        "anthropic_adaptive_effort": "max", "anthropic_adaptive_models": ["claude-opus-5"],
        "anthropic_max_tokens": 9000, "anthropic_thinking_budget": "2048", "loss_policy": "strict",
        "auto_cache_preference": "enabled", "unknown_effort_preference": "effort",
        "reasoning_replay_preference": "tool_turns", "custom_tools_preference": "enabled"
    }"#,
    )
    .unwrap()
}

#[actix_web::test]
async fn a_provider_reaches_the_catalogue_with_all_it_was_given() {
    for stand in Stand::both().await {
        assert_eq!(stand.done(ADD, full()).await, Value::Null);
        let catalogue = stand.catalogue().await;
        let provider = &catalogue.providers[0];
        assert_eq!((provider.name.as_ref(), provider.vendor.as_ref()), ("Vendor Ä", "example.com"));
        assert_eq!(provider.kind, ProviderKind::OpenaiCompatible);
        assert_eq!((provider.enabled, provider.weight.get(), provider.priority), (false, 7, 3));
        let urls: Vec<&str> = provider.endpoints.iter().map(|endpoint| &*endpoint.url).collect();
        assert_eq!(
            urls,
            ["https://api.example.com/v1", "https://b.example.com", "https://c.example.com/x"]
        );
        assert_eq!(provider.key.reveal(), KEY);
        assert_eq!(provider.multiplier.to_string(), "1.2346");
        let groups: Vec<&str> = provider.groups.iter().map(AsRef::as_ref).collect();
        assert_eq!(groups, ["a", "b"]);
        assert_eq!(provider.redirect("from"), "to");
        assert!(provider.serves("two") && !provider.serves("three"));
        assert_eq!(*provider.custom_headers, [(Arc::from("X-Tenant"), Arc::from("blue"))]);
        assert!(provider.preserve_client_ip && provider.allow_private && provider.never_sticky);
        let limits = &provider.limits;
        assert_eq!(limits.concurrent_sessions, Some(12));
        assert_eq!(limits.spend_5h, Some(Nano(1_500_000_000)));
        assert_eq!(limits.daily, Some(Nano::from_usd(2)));
        assert_eq!(limits.weekly, Some(Nano(3_250_000_000)));
        assert_eq!(limits.monthly, Some(Nano::from_usd(5)));
        assert_eq!(limits.total, Some(Nano(900_250_000_000)));
        assert_eq!((limits.rpm, limits.tpm), (Some(60), Some(2_000_000)));
        assert_eq!(limits.concurrent_requests, Some(8));
        assert_eq!(limits.five_hour_mode, ResetMode::Fixed);
        assert_eq!((limits.daily_mode, limits.daily_reset_minute), (ResetMode::Rolling, 425));
        assert_eq!(provider.timeouts.first_byte, Some(Duration::from_secs(5)));
        assert_eq!(provider.timeouts.idle, Some(Duration::from_secs(70)));
        assert_eq!(provider.timeouts.total, Some(Duration::from_secs(80)));
        let breaker = BreakerConfig {
            threshold: 6,
            open_for: Duration::from_mins(1),
            half_open_successes: 3,
            probes: 1,
        };
        assert_eq!(provider.breaker, breaker);
        assert_eq!(provider.max_attempts, Some(9));
        assert_eq!(provider.loss_policy, LossPolicy::Strict);
        let wanted = Preferences {
            instructions: InstructionStrategy::KeepOriginal,
            cache_ttl: Some(CacheTtl::OneHour),
            context_1m: Some(true),
            billing_header: Some(false),
            max_tokens: Some(9_000),
            thinking_budget: Some(2_048),
            adaptive: Some(Adaptive {
                effort: Arc::from("max"),
                models: Arc::from([Arc::from("claude-opus-5")]),
            }),
            reasoning_effort: Some(Arc::from("high")),
            reasoning_summary: Some(Arc::from("auto")),
            verbosity: Some(Arc::from("low")),
            parallel_tools: Some(false),
            service_tier: Some(Arc::from("flex")),
            image_generation: Some(false),
            google_search: Some(true),
            auto_cache: true,
            unknown_effort: UnknownEffort::Words,
            replay: ReplayThinking::ToolTurns,
            custom_tools: true,
        };
        assert_eq!(*provider.preferences, wanted);
    }
}

#[actix_web::test]
async fn a_provider_is_shown_in_the_words_of_the_contract() {
    let stand = Stand::new().await;
    stand.done(ADD, full()).await;
    let wanted: Value = serde_json::from_str(
        r#"{
        "id": 1, "name": "Vendor Ä", "url": "https://api.example.com/v1",
        "endpoints": ["https://b.example.com", "https://c.example.com/x"],
        "credential": null, "maskedKey": "sk-v••••••6789", "isEnabled": false, "weight": 7, "priority": 3,
        "costMultiplier": 1.2346, "groupTag": "a, b", "providerType": "openai-compatible",
        "preserveClientIp": true, "modelRedirects": { "from": "to" },
        "allowedModels": ["one", "two"], "customHeaders": { "X-Tenant": "blue" },
        "disableSessionReuse": true, "allowPrivate": true, "joinClaudePool": true,
        "codexInstructionsStrategy": "keep_original", "mcpPassthroughType": "glm",
        "mcpPassthroughUrl": "https://mcp.example.com", "limit5hUsd": 1.5, "limitDailyUsd": 2,
        "limitWeeklyUsd": 3.25, "limitMonthlyUsd": 5, "dailyResetMode": "rolling",
        "dailyResetTime": "07:05", "limitConcurrentSessions": 12, "maxRetryAttempts": 9,
        "circuitBreakerFailureThreshold": 6, "circuitBreakerOpenDuration": 60000,
        "circuitBreakerHalfOpenSuccessThreshold": 3,
        "proxyUrl": "socks5://user:secret@proxy.example:1080", "proxyFallbackToDirect": true,
        "firstByteTimeoutStreamingMs": 5000, "streamingIdleTimeoutMs": 70000,
        "requestTimeoutNonStreamingMs": 80000, "websiteUrl": "https://www.example.com/start",
        "faviconUrl": "https://www.google.com/s2/favicons?domain=www.example.com&sz=32",
        "cacheTtlPreference": "1h", "context1mPreference": "force_enable",
        "tpm": 1, "rpm": 2, "rpd": 3, "cc": 4, "createdAt": "2026-05-05",
        "updatedAt": "2026-05-05", "todayTotalCostUsd": "0", "todayCallCount": 0,
        "lastCallTime": null, "lastCallModel": null, "vendor": "example.com",
        "groupPriorities": { "a": 2 }, "allowedClients": ["claude-code"], "blockedClients": [],
        "activeTimeStart": "22:00", "activeTimeEnd": "06:30", "activeTimeZone": "Europe/Berlin",
        "vendorName": null, "limitRpm": 60, "limitTpm": 2000000, "limitConcurrentRequests": 8,
        "limitTotalUsd": 900.25, "fiveHourResetMode": "fixed",
        "codexReasoningEffortPreference": "high", "codexReasoningSummaryPreference": "auto",
        "codexTextVerbosityPreference": "low", "codexParallelToolCallsPreference": "false",
        "codexServiceTierPreference": "flex", "codexImageGenerationPreference": "disabled",
        "geminiGoogleSearchPreference": "enabled", "billingHeaderPreference": "remove",
        "anthropicAdaptiveEffort": "max", "anthropicAdaptiveModels": ["claude-opus-5"],
        "anthropicMaxTokens": 9000, "anthropicThinkingBudget": 2048, "lossPolicy": "strict",
        "autoCachePreference": "enabled", "unknownEffortPreference": "effort",
        "reasoningReplayPreference": "tool_turns", "customToolsPreference": "enabled"
    }"#,
    )
    .unwrap();
    assert_eq!(listed(&stand).await, [wanted]);
}

#[actix_web::test]
async fn what_is_not_said_has_the_defaults_of_the_contract() {
    let stand = Stand::new().await;
    stand.done(ADD, small("https://a.example")).await;
    let shown = listed(&stand).await.remove(0);
    let defaults: Value = serde_json::from_str(
        r#"{
        "isEnabled": true, "weight": 1, "priority": 0, "costMultiplier": 1, "groupTag": null,
        "providerType": "claude", "preserveClientIp": false, "modelRedirects": null,
        "allowedModels": null, "joinClaudePool": false, "codexInstructionsStrategy": "auto",
        "mcpPassthroughType": "none", "mcpPassthroughUrl": null, "limit5hUsd": null,
        "limitDailyUsd": null, "limitWeeklyUsd": null, "limitMonthlyUsd": null,
        "dailyResetMode": "fixed", "dailyResetTime": "00:00", "limitConcurrentSessions": 0,
        "maxRetryAttempts": null, "circuitBreakerFailureThreshold": 5,
        "circuitBreakerOpenDuration": 1800000, "circuitBreakerHalfOpenSuccessThreshold": 2,
        "proxyUrl": null, "proxyFallbackToDirect": false, "firstByteTimeoutStreamingMs": 0,
        "streamingIdleTimeoutMs": 0, "requestTimeoutNonStreamingMs": 0, "websiteUrl": null,
        "faviconUrl": null, "cacheTtlPreference": "inherit", "context1mPreference": null,
        "tpm": null, "rpm": null, "rpd": null, "cc": null, "endpoints": [], "limitRpm": null,
        "limitTpm": null, "limitConcurrentRequests": null, "limitTotalUsd": null,
        "fiveHourResetMode": "rolling", "credential": null, "lossPolicy": "inherit", "anthropicMaxTokens": null,
        "codexReasoningEffortPreference": "inherit", "anthropicAdaptiveModels": null,
        "autoCachePreference": "inherit", "unknownEffortPreference": "inherit",
        "reasoningReplayPreference": "inherit", "customToolsPreference": "inherit"
    }"#,
    )
    .unwrap();
    for (name, value) in defaults.as_object().unwrap() {
        assert_eq!(&shown[name], value, "{name}");
    }
}

#[actix_web::test]
async fn blanks_around_a_vendor_make_no_other_vendor() {
    let stand = Stand::new().await;
    for (name, vendor) in [("one", "Acme"), ("two", "  acme\t"), ("three", " ")] {
        let mut body = small("https://a.example");
        (body["name"], body["vendor_name"]) = (json!(name), json!(vendor));
        stand.done(ADD, body).await;
    }
    let mut shown: Vec<(String, Value, Value)> = listed(&stand)
        .await
        .into_iter()
        .map(|one| (one["name"].to_string(), one["vendor"].clone(), one["vendorName"].clone()))
        .collect();
    shown.sort_by(|one, other| one.0.cmp(&other.0));
    let vendors: Vec<_> = shown.iter().map(|(_, vendor, named)| (vendor, named)).collect();
    let none = (&json!("a.example"), &Value::Null);
    assert_eq!(vendors, [(&json!("acme"), &json!("Acme")), none, (&json!("acme"), &json!("acme"))]);
}

#[actix_web::test]
async fn only_admins_touch_providers() {
    let stand = Stand::new().await;
    for name in [
        "getProviders",
        "getProvidersHealthStatus",
        "removeProvider",
        "editProvider",
        "resetProviderCircuit",
        "getProviderLimitUsage",
    ] {
        let path = format!("providers/{name}");
        let body = json!({ "providerId": 1, "weight": 2 });
        assert_eq!(stand.call(As::Nobody, &path, body.clone()).await.0, StatusCode::UNAUTHORIZED);
        assert_eq!(stand.call(As::User, &path, body).await.0, StatusCode::FORBIDDEN, "{name}");
    }
    let body = small("https://a.example");
    assert_eq!(stand.call(As::User, ADD, body).await.0, StatusCode::FORBIDDEN);
    assert!(listed(&stand).await.is_empty());
}

#[actix_web::test]
async fn what_the_contract_forbids_is_refused_and_named() {
    let stand = Stand::new().await;
    for (name, value) in [
        ("name", json!("")),
        ("name", json!("x".repeat(65))),
        ("url", json!("abc")),
        ("url", json!(format!("https://a.example/{}", "x".repeat(255)))),
        ("key", json!("")),
        ("is_enabled", json!("true")),
        ("weight", json!(0)),
        ("weight", json!("5")),
        ("priority", json!(-1)),
        ("cost_multiplier", json!(-0.1)),
        ("group_tag", json!("x".repeat(51))),
        ("provider_type", json!("other")),
        ("model_redirects", json!({ "a": 1 })),
        ("allowed_models", json!("one")),
        ("allowed_models", json!(["regex:("])),
        ("model_redirects", json!({ "prefix:": "b" })),
        ("active_time_start", json!("25:00")),
        ("active_time_zone", json!("Mars/Olympus")),
        ("group_priorities", json!({ "a": -1 })),
        ("allowed_clients", json!([""])),
        ("mcp_passthrough_url", json!("http://169.254.1.1")),
        ("mcp_passthrough_url", json!("http://localhost:1")),
        ("limit_5h_usd", json!(10_001)),
        ("limit_weekly_usd", json!(50_001)),
        ("daily_reset_time", json!("24:00")),
        ("limit_concurrent_sessions", json!(1_001)),
        ("cache_ttl_preference", json!(null)),
        ("max_retry_attempts", json!(11)),
        ("circuit_breaker_failure_threshold", json!(-1)),
        ("circuit_breaker_open_duration", json!(999)),
        ("first_byte_timeout_streaming_ms", json!("0")),
        ("first_byte_timeout_streaming_ms", json!(999)),
        ("streaming_idle_timeout_ms", json!(59_999)),
        ("request_timeout_non_streaming_ms", json!(null)),
        ("website_url", json!("example.com")),
        ("tpm", json!(1.5)),
        ("custom_headers", json!({ "Authorization": "Bearer other" })),
        ("endpoints", json!(["nowhere"])),
    ] {
        let mut body = small("https://a.example");
        body[name] = value.clone();
        let (status, answer) = stand.call(As::Admin, ADD, body).await;
        assert_eq!(
            (status, &answer["success"]),
            (StatusCode::BAD_REQUEST, &json!(false)),
            "{name}"
        );
        let issues: Value =
            serde_json::from_str(answer["error"]["message"].as_str().unwrap()).unwrap();
        assert_eq!(issues[0]["path"][0], json!(name), "{name}: {value}");
    }
    assert!(listed(&stand).await.is_empty());
}

#[actix_web::test]
async fn a_bad_proxy_is_told_in_the_words_of_the_contract() {
    let stand = Stand::new().await;
    let mut body = small("https://a.example");
    for bad in ["proxy.example:8080", "not a proxy", "ftp://p:1", "http://ada:se#cret@p:1"] {
        body["proxy_url"] = json!(bad);
        let told = stand.refused(ADD, body.clone()).await;
        assert!(told.contains("代理地址格式无效") && told.contains("write"), "{told}");
        assert!(!told.contains("cret"), "{told}");
    }
    body["proxy_url"] = json!("socks5h://ada:se%23cret@p:1");
    stand.done(ADD, body).await;
    let edit = json!({ "providerId": 1, "proxy_url": "p:1" });
    assert!(stand.refused(EDIT, edit).await.contains("socks5h://host:port"));
    let audit = stand.server.api.app.store.audit_page(&AuditFilter::default(), 1).await.unwrap();
    assert_eq!(audit[0].entry.detail["proxy_url"], "socks5h://p:1");
}

#[actix_web::test]
async fn private_addresses_are_refused_unless_they_are_allowed() {
    let stand = Stand::new().await;
    let told = stand.refused(ADD, small("http://127.0.0.1:9000")).await;
    assert!(told.contains("allow_private") && told.contains("ALLOW_PRIVATE_PROVIDER_URLS"));
    let mut further = small("https://a.example");
    further["endpoints"] = json!(["http://10.0.0.1"]);
    assert!(stand.refused(ADD, further).await.contains("10.0.0.1"));
    let mut allowed = small("http://127.0.0.1:9000");
    allowed["allow_private"] = json!(true);
    stand.done(ADD, allowed).await;
    let audit = stand.server.api.app.store.audit_page(&AuditFilter::default(), 1).await.unwrap();
    assert_eq!(audit[0].entry.detail["allow_private"], json!(true));
    let forbid = json!({ "providerId": 1, "allow_private": false });
    assert!(stand.refused(EDIT, forbid).await.contains("127.0.0.1"));
    stand.done(EDIT, json!({ "providerId": 1, "weight": 2 })).await;
    let open = Stand::with(|app| app.live.allow_private_urls = true).await;
    open.done(ADD, small("http://localhost:9000")).await;
}

#[actix_web::test]
async fn an_edit_changes_what_it_names_and_nothing_else() {
    for stand in Stand::both().await {
        stand.done(ADD, full()).await;
        let before = listed(&stand).await.remove(0);
        stand.server.clock.advance(Duration::from_hours(24));
        let edit = json!({
            "providerId": 1, "weight": 50, "url": "https://www.other.example", "website_url": null,
            "limit_daily_usd": null, "model_redirects": null, "proxy_url": "", "key": "sk-new-987654321",
        });
        assert_eq!(stand.done(EDIT, edit).await, Value::Null);
        let mut wanted = before;
        for (name, value) in [
            ("weight", json!(50)),
            ("url", json!("https://www.other.example")),
            ("vendor", json!("other.example")),
            ("websiteUrl", json!(null)),
            ("faviconUrl", json!(null)),
            ("limitDailyUsd", json!(null)),
            ("modelRedirects", json!(null)),
            ("proxyUrl", json!(null)),
            ("maskedKey", json!("sk-n••••••4321")),
            ("updatedAt", json!("2026-05-06")),
        ] {
            wanted[name] = value;
        }
        assert_eq!(listed(&stand).await, [wanted]);
        assert_eq!(stand.catalogue().await.providers[0].key.reveal(), "sk-new-987654321");
    }
}

#[actix_web::test]
async fn an_edit_without_a_change_or_a_provider_is_refused() {
    let stand = Stand::new().await;
    stand.done(ADD, small("https://a.example")).await;
    assert!(stand.refused(EDIT, json!({ "providerId": 1 })).await.contains("empty"));
    assert!(stand.refused(EDIT, json!({ "providerId": 1, "other": 2 })).await.contains("empty"));
    assert!(stand.refused(EDIT, json!({ "providerId": 9, "weight": 2 })).await.contains("不存在"));
    assert!(
        stand.refused(EDIT, json!({ "providerId": "1", "weight": 2 })).await.contains("number")
    );
}

#[actix_web::test]
async fn the_audit_log_tells_changes_but_no_secret() {
    for stand in Stand::both().await {
        stand.done(ADD, full()).await;
        stand.done(EDIT, json!({ "providerId": 1, "weight": 9, "key": "sk-other-secret" })).await;
        let target_kind = Some("provider".to_owned());
        let filter = AuditFilter { target_kind, ..AuditFilter::default() };
        let audit = stand.server.api.app.store.audit_page(&filter, 10).await.unwrap();
        let actions: Vec<&str> = audit.iter().map(|record| record.entry.action.as_str()).collect();
        assert_eq!(actions, ["provider.edit", "provider.create"]);
        let wanted = json!({ "weight": { "from": 7, "to": 9 }, "key": "replaced" });
        assert_eq!(audit[0].entry.detail, wanted);
        let told = format!("{audit:?}");
        for secret in [KEY, "sk-other-secret", "user:secret", "blue"] {
            assert!(!told.contains(secret), "{secret}");
        }
    }
}

#[actix_web::test]
async fn sessions_end_when_their_provider_changes_and_when_it_goes() {
    let told = Arc::new(AtomicI64::new(0));
    let hook = Arc::clone(&told);
    let stand = Stand::with(|app| {
        app.live.on_provider_changed =
            Some(Arc::new(move |provider| _ = hook.fetch_add(provider.0, Ordering::SeqCst)));
    })
    .await;
    let usage = "providers/getProviderLimitUsage";
    let sessions = || async {
        let usage = stand.done(usage, json!({ "providerId": 1 })).await;
        usage["concurrentSessions"]["current"].clone()
    };
    stand.done(ADD, small("https://a.example")).await;
    stand.bind("mine", 1);
    stand.bind("other", 2);
    assert_eq!(sessions().await, json!(1));
    stand.done(EDIT, json!({ "providerId": 1, "weight": 2 })).await;
    assert_eq!((sessions().await, told.load(Ordering::SeqCst)), (json!(1), 1));
    stand.done(EDIT, json!({ "providerId": 1, "url": "https://b.example" })).await;
    assert_eq!((sessions().await, told.load(Ordering::SeqCst)), (json!(0), 2));
    stand.done("providers/removeProvider", json!({ "providerId": 1 })).await;
    assert_eq!(told.load(Ordering::SeqCst), 3);
}

#[actix_web::test]
async fn a_removed_provider_is_gone_and_may_be_removed_again() {
    for stand in Stand::both().await {
        stand.done(ADD, small("https://a.example")).await;
        let before = stand.catalogue().await.version;
        for _ in 0..2 {
            stand.done("providers/removeProvider", json!({ "providerId": 1 })).await;
        }
        assert!(listed(&stand).await.is_empty());
        let after = stand.catalogue().await;
        assert!(after.providers.is_empty() && after.version == before + 1);
    }
}
