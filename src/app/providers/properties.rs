//! A provider's properties, declared once: how each is asked for, checked, kept and shown.

use std::time::Duration;

use super::property::{Form, Property, Start};
use super::{address, headers, routing};
use crate::app::limits::ceiling;
use crate::app::shape::Rule;

/// Dollars that a factor cannot reach in the original's column of six places before the point.
const LARGEST_FACTOR: i64 = 999_999;
const MINUTE: i64 = 60_000;
/// What a provider may take for a whole answer at most: the rule of its own limit says the same.
pub const LONGEST_OWN_TIMEOUT: Duration = Duration::from_mins(30);

/// All properties, in the order of the parameters of `providers/insert` and `providers/update`.
pub const PROPERTIES: &[Property] = &[
    own("name", "name", "name", Form::Text, Start::Text(""), || Rule::text(1, 64)),
    own("provider_type", "providerType", "kind", Form::Text, Start::Text("claude"), || {
        Rule::OneOf(&[
            "claude",
            "claude-auth",
            "codex",
            "gemini",
            "gemini-cli",
            "openai-compatible",
        ])
    }),
    flag("is_enabled", "isEnabled", "is_enabled", 1),
    count("weight", "weight", "weight", 1, || Rule::integer(1, 100)),
    count("priority", "priority", "priority", 0, || Rule::integer(0, 2_147_483_647)),
    own(
        "cost_multiplier",
        "costMultiplier",
        "cost_multiplier",
        Form::Factor,
        Start::Text("1"),
        || Rule::coerced(0, Some(LARGEST_FACTOR)),
    ),
    text("group_tag", "groupTag", "group_tag", || Rule::text(0, 50).nullable()),
    document("model_redirects", "modelRedirects", "model_redirects", || {
        Rule::map_of(Rule::text(1, 255)).checked(routing::redirects_fault).nullable()
    }),
    document("allowed_models", "allowedModels", "allowed_models", || {
        Rule::list_of(Rule::text(1, 255).checked(routing::pattern_fault)).nullable()
    }),
    document("custom_headers", "customHeaders", "custom_headers", || {
        Rule::map_of(Rule::TEXT).checked_each(headers::issue).nullable()
    }),
    flag("preserve_client_ip", "preserveClientIp", "preserve_client_ip", 0),
    flag("allow_private", "allowPrivate", "allow_private", 0),
    flag("join_claude_pool", "joinClaudePool", "join_claude_pool", 0),
    word(
        ("codex_instructions_strategy", "codexInstructionsStrategy"),
        "codex_instructions_strategy",
        "auto",
        || Rule::OneOf(&["auto", "force_official", "keep_original"]),
    ),
    word(("mcp_passthrough_type", "mcpPassthroughType"), "mcp_passthrough_type", "none", || {
        Rule::OneOf(&["none", "minimax", "glm", "custom"])
    }),
    text("mcp_passthrough_url", "mcpPassthroughUrl", "mcp_passthrough_url", || {
        Rule::Url { most: Some(512) }.checked(address::mcp_fault).nullable()
    }),
    word(("cache_ttl_preference", "cacheTtlPreference"), "cache_ttl_preference", "inherit", || {
        Rule::OneOf(&["inherit", "5m", "1h"])
    }),
    text("context_1m_preference", "context1mPreference", "context_1m_preference", || {
        Rule::OneOf(&["inherit", "force_enable", "disabled"]).nullable()
    }),
    count(
        "limit_concurrent_sessions",
        "limitConcurrentSessions",
        "limit_concurrent_sessions",
        0,
        || Rule::coerced_integer(0, 1_000),
    ),
    money("limit_5h_usd", "limit5hUsd", "limit_5h", || Rule::usd(10_000)),
    money("limit_daily_usd", "limitDailyUsd", "limit_daily", || Rule::usd(10_000)),
    money("limit_weekly_usd", "limitWeeklyUsd", "limit_weekly", || Rule::usd(50_000)),
    money("limit_monthly_usd", "limitMonthlyUsd", "limit_monthly", || Rule::usd(200_000)),
    word(("daily_reset_mode", "dailyResetMode"), "daily_reset_mode", "fixed", || {
        Rule::OneOf(&["fixed", "rolling"])
    }),
    own(
        "daily_reset_time",
        "dailyResetTime",
        "daily_reset_minute",
        Form::TimeOfDay,
        Start::Number(0),
        || Rule::TimeOfDay { short: true },
    ),
    retired("tpm"),
    retired("rpm"),
    retired("rpd"),
    retired("cc"),
    own(
        "max_retry_attempts",
        "maxRetryAttempts",
        "max_retry_attempts",
        Form::Count,
        Start::Null,
        || Rule::coerced_integer(1, 10).nullable(),
    ),
    count(
        "circuit_breaker_failure_threshold",
        "circuitBreakerFailureThreshold",
        "breaker_failure_threshold",
        5,
        || Rule::coerced_integer(0, 100),
    ),
    count(
        "circuit_breaker_open_duration",
        "circuitBreakerOpenDuration",
        "breaker_open_ms",
        30 * MINUTE,
        || Rule::coerced_integer(1_000, 1_440 * MINUTE),
    ),
    count(
        "circuit_breaker_half_open_success_threshold",
        "circuitBreakerHalfOpenSuccessThreshold",
        "breaker_half_open_successes",
        2,
        || Rule::coerced_integer(1, 10),
    ),
    count(
        "first_byte_timeout_streaming_ms",
        "firstByteTimeoutStreamingMs",
        "first_byte_timeout_ms",
        0,
        || Rule::coerced_integer(1_000, 3 * MINUTE).or_zero(),
    ),
    count("streaming_idle_timeout_ms", "streamingIdleTimeoutMs", "idle_timeout_ms", 0, || {
        Rule::coerced_integer(MINUTE, 10 * MINUTE).or_zero()
    }),
    count(
        "request_timeout_non_streaming_ms",
        "requestTimeoutNonStreamingMs",
        "total_timeout_ms",
        0,
        || Rule::coerced_integer(MINUTE, 30 * MINUTE).or_zero(),
    ),
    text("proxy_url", "proxyUrl", "proxy_url", || Rule::text(0, 512).nullable()),
    flag("proxy_fallback_to_direct", "proxyFallbackToDirect", "proxy_fallback_to_direct", 0),
    text("website_url", "websiteUrl", "website_url", || Rule::Url { most: Some(512) }.nullable()),
    document("group_priorities", "groupPriorities", "group_priorities", || {
        Rule::map_of(Rule::integer(0, 2_147_483_647)).nullable()
    }),
    document("allowed_clients", "allowedClients", "allowed_clients", clients),
    document("blocked_clients", "blockedClients", "blocked_clients", clients),
    time_of_day("active_time_start", "activeTimeStart", "active_from_minute"),
    time_of_day("active_time_end", "activeTimeEnd", "active_to_minute"),
    text("active_time_zone", "activeTimeZone", "active_time_zone", || {
        Rule::text(0, 64).checked(routing::zone_fault).nullable()
    }),
    text("vendor_name", "vendorName", "vendor_name", || Rule::text(0, 128).nullable()),
    flag("disable_session_reuse", "disableSessionReuse", "disable_session_reuse", 0),
    limit("limit_rpm", "limitRpm", "limit_rpm", ceiling::requests_a_minute),
    limit("limit_tpm", "limitTpm", "limit_tpm", ceiling::tokens_a_minute),
    limit(
        "limit_concurrent_requests",
        "limitConcurrentRequests",
        "limit_concurrent_requests",
        ceiling::at_once,
    ),
    money("limit_total_usd", "limitTotalUsd", "limit_total", ceiling::dollars_for_ever),
    word(("five_hour_reset_mode", "fiveHourResetMode"), "five_hour_reset_mode", "rolling", || {
        Rule::OneOf(&["fixed", "rolling"])
    }),
    wish(("codex_reasoning_effort_preference", "codexReasoningEffortPreference"), || {
        Rule::OneOf(&["inherit", "none", "minimal", "low", "medium", "high", "xhigh", "max"])
    }),
    wish(("codex_reasoning_summary_preference", "codexReasoningSummaryPreference"), || {
        Rule::OneOf(&["inherit", "auto", "concise", "detailed"])
    }),
    wish(("codex_text_verbosity_preference", "codexTextVerbosityPreference"), || {
        Rule::OneOf(&["inherit", "low", "medium", "high"])
    }),
    wish(("codex_parallel_tool_calls_preference", "codexParallelToolCallsPreference"), || {
        Rule::OneOf(&["inherit", "true", "false"])
    }),
    wish(("codex_service_tier_preference", "codexServiceTierPreference"), || {
        Rule::OneOf(&["inherit", "auto", "default", "flex", "priority"])
    }),
    wish(("codex_image_generation_preference", "codexImageGenerationPreference"), on_or_off),
    wish(("gemini_google_search_preference", "geminiGoogleSearchPreference"), on_or_off),
    wish(("billing_header_preference", "billingHeaderPreference"), || {
        Rule::OneOf(&["inherit", "keep", "remove"])
    }),
    wish(("anthropic_adaptive_effort", "anthropicAdaptiveEffort"), || {
        Rule::OneOf(&["inherit", "low", "medium", "high", "xhigh", "max"])
    }),
    wish(("loss_policy", "lossPolicy"), || {
        Rule::OneOf(&["inherit", "lenient", "strict", "refuse"])
    }),
    limit("anthropic_max_tokens", "anthropicMaxTokens", "anthropic_max_tokens", || {
        Rule::coerced_integer(1, 1_000_000).or_zero().nullable()
    }),
    limit(
        "anthropic_thinking_budget",
        "anthropicThinkingBudget",
        "anthropic_thinking_budget",
        || Rule::coerced_integer(1_024, 1_000_000).or_zero().nullable(),
    ),
    document(
        "anthropic_adaptive_models",
        "anthropicAdaptiveModels",
        "anthropic_adaptive_models",
        || Rule::list(Rule::text(1, 128), 50).nullable(),
    ),
    wish(("auto_cache_preference", "autoCachePreference"), || Rule::OneOf(&["inherit", "enabled"])),
    wish(("unknown_effort_preference", "unknownEffortPreference"), || {
        Rule::OneOf(&["inherit", "effort", "omit"])
    }),
    wish(("reasoning_replay_preference", "reasoningReplayPreference"), || {
        Rule::OneOf(&["inherit", "tool_turns", "always"])
    }),
    wish(("custom_tools_preference", "customToolsPreference"), || {
        Rule::OneOf(&["inherit", "enabled"])
    }),
];

fn on_or_off() -> Rule {
    Rule::OneOf(&["inherit", "enabled", "disabled"])
}

/// What the provider wants in requests, whatever the client says. Its column has its name.
const fn wish(names: (&'static str, &'static str), rule: fn() -> Rule) -> Property {
    word(names, names.0, "inherit", rule)
}

/// Names of client programs, as `domain::routing::client` compares them.
fn clients() -> Rule {
    Rule::list(Rule::text(1, 64), 50).nullable()
}

const fn time_of_day(asked: &'static str, shown: &'static str, column: &'static str) -> Property {
    own(asked, shown, column, Form::TimeOfDay, Start::Null, || {
        Rule::TimeOfDay { short: true }.nullable()
    })
}

const fn own(
    asked: &'static str,
    shown: &'static str,
    column: &'static str,
    form: Form,
    start: Start,
    rule: fn() -> Rule,
) -> Property {
    Property { asked, shown, column, form, start, rule }
}

const fn flag(asked: &'static str, shown: &'static str, column: &'static str, on: i64) -> Property {
    own(asked, shown, column, Form::Flag, Start::Number(on), || Rule::Flag)
}

const fn count(
    asked: &'static str,
    shown: &'static str,
    column: &'static str,
    start: i64,
    rule: fn() -> Rule,
) -> Property {
    own(asked, shown, column, Form::Count, Start::Number(start), rule)
}

const fn limit(
    asked: &'static str,
    shown: &'static str,
    column: &'static str,
    rule: fn() -> Rule,
) -> Property {
    own(asked, shown, column, Form::Count, Start::Null, rule)
}

const fn text(
    asked: &'static str,
    shown: &'static str,
    column: &'static str,
    rule: fn() -> Rule,
) -> Property {
    own(asked, shown, column, Form::Text, Start::Null, rule)
}

const fn word(
    names: (&'static str, &'static str),
    column: &'static str,
    start: &'static str,
    rule: fn() -> Rule,
) -> Property {
    own(names.0, names.1, column, Form::Text, Start::Text(start), rule)
}

const fn money(
    asked: &'static str,
    shown: &'static str,
    column: &'static str,
    rule: fn() -> Rule,
) -> Property {
    own(asked, shown, column, Form::Money, Start::Null, rule)
}

const fn document(
    asked: &'static str,
    shown: &'static str,
    column: &'static str,
    rule: fn() -> Rule,
) -> Property {
    own(asked, shown, column, Form::Document, Start::Null, rule)
}

/// A limit that the contract still carries and nothing obeys.
const fn retired(name: &'static str) -> Property {
    own(name, name, name, Form::Count, Start::Null, || Rule::INTEGER.nullable())
}
