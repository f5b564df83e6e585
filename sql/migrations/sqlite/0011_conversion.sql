-- Conversion between formats, and what governs requests beside limits: error rules, request filters,
-- sensitive words, what providers and keys prefer, and what a converted request has lost.

ALTER TABLE providers ADD COLUMN codex_reasoning_effort_preference TEXT NOT NULL DEFAULT 'inherit';
ALTER TABLE providers ADD COLUMN codex_reasoning_summary_preference TEXT NOT NULL DEFAULT 'inherit';
ALTER TABLE providers ADD COLUMN codex_text_verbosity_preference TEXT NOT NULL DEFAULT 'inherit';
ALTER TABLE providers ADD COLUMN codex_parallel_tool_calls_preference TEXT NOT NULL DEFAULT 'inherit';
ALTER TABLE providers ADD COLUMN codex_service_tier_preference TEXT NOT NULL DEFAULT 'inherit';
ALTER TABLE providers ADD COLUMN codex_image_generation_preference TEXT NOT NULL DEFAULT 'inherit';
ALTER TABLE providers ADD COLUMN gemini_google_search_preference TEXT NOT NULL DEFAULT 'inherit';
ALTER TABLE providers ADD COLUMN billing_header_preference TEXT NOT NULL DEFAULT 'inherit';
ALTER TABLE providers ADD COLUMN anthropic_adaptive_effort TEXT NOT NULL DEFAULT 'inherit';
ALTER TABLE providers ADD COLUMN loss_policy TEXT NOT NULL DEFAULT 'inherit';
ALTER TABLE providers ADD COLUMN anthropic_max_tokens INTEGER;
ALTER TABLE providers ADD COLUMN anthropic_thinking_budget INTEGER;
ALTER TABLE providers ADD COLUMN anthropic_adaptive_models TEXT;

ALTER TABLE users ADD COLUMN blocked_models TEXT NOT NULL DEFAULT '[]';
ALTER TABLE user_keys ADD COLUMN loss_policy TEXT NOT NULL DEFAULT 'inherit' CHECK (loss_policy IN ('inherit', 'lenient', 'strict', 'refuse'));
ALTER TABLE requests ADD COLUMN losses TEXT NOT NULL DEFAULT '[]';

CREATE TABLE error_rules (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    pattern TEXT NOT NULL UNIQUE,
    match_type TEXT NOT NULL CHECK (match_type IN ('contains', 'exact', 'regex')),
    statuses TEXT,
    action TEXT NOT NULL CHECK (action IN ('client', 'provider', 'not_found', 'switch_and_charge')),
    category TEXT NOT NULL,
    description TEXT,
    override_response TEXT,
    override_status_code INTEGER CHECK (override_status_code BETWEEN 400 AND 599),
    is_enabled INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1)),
    is_default INTEGER NOT NULL DEFAULT 0 CHECK (is_default IN (0, 1)),
    is_edited INTEGER NOT NULL DEFAULT 0 CHECK (is_edited IN (0, 1)),
    priority INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE request_filters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    description TEXT,
    scope TEXT NOT NULL CHECK (scope IN ('header', 'body')),
    action TEXT NOT NULL CHECK (action IN ('remove', 'set', 'json_path', 'text_replace')),
    match_type TEXT CHECK (match_type IN ('contains', 'exact', 'regex')),
    target TEXT NOT NULL,
    replacement TEXT,
    priority INTEGER NOT NULL DEFAULT 0,
    is_enabled INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1)),
    binding_type TEXT NOT NULL DEFAULT 'global' CHECK (binding_type IN ('global', 'providers', 'groups')),
    provider_ids TEXT NOT NULL DEFAULT '[]',
    group_tags TEXT NOT NULL DEFAULT '[]',
    rule_mode TEXT NOT NULL DEFAULT 'simple' CHECK (rule_mode IN ('simple', 'advanced')),
    execution_phase TEXT NOT NULL DEFAULT 'guard' CHECK (execution_phase IN ('guard', 'final')),
    operations TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sensitive_words (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    word TEXT NOT NULL,
    match_type TEXT NOT NULL CHECK (match_type IN ('contains', 'exact', 'regex')),
    description TEXT,
    is_enabled INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

INSERT INTO catalogue_versions (section, version)
VALUES ('error_rules', 1), ('request_filters', 1), ('sensitive_words', 1);
