//! The rules that come with the program: sentences with which vendors say that a request is at fault.
//!
//! Most of them come with a status that says the same. They are needed where it does not: errors inside
//! streams under a vendor's general name, and refusals whose body is no error object. Each is long
//! enough to stand in no error about an account, a quota or a machine.

use switchyard_actors::domain::error_rules::{MatchType, RuleAction};

use crate::store::ErrorRuleFields;

type Default = (&'static str, MatchType, &'static str, &'static str);

const PART: MatchType = MatchType::Contains;
const REGEX: MatchType = MatchType::Regex;

/// Category, match type, pattern, what it is for.
const DEFAULTS: [Default; 36] = [
    (
        "prompt_limit",
        PART,
        "prompt is too long",
        "Anthropic: more input tokens than the model reads",
    ),
    (
        "prompt_limit",
        REGEX,
        r"prompt length .{0,40}exceed",
        "A prompt above the limit, as relays say it",
    ),
    (
        "input_limit",
        PART,
        "input is too long for requested model",
        "Bedrock: more input than the model reads",
    ),
    (
        "input_limit",
        PART,
        "CONTENT_LENGTH_EXCEEDS_THRESHOLD",
        "Bedrock behind relays: the body is too long",
    ),
    ("input_limit", PART, "string_above_max_length", "OpenAI: one text of the request is too long"),
    ("input_limit", PART, "array_above_max_length", "OpenAI: one list of the request is too long"),
    (
        "context_limit",
        PART,
        "context_length_exceeded",
        "OpenAI: the conversation is longer than the model reads",
    ),
    (
        "context_limit",
        PART,
        "maximum context length",
        "OpenAI and its relatives: the same in a sentence",
    ),
    ("context_limit", PART, "exceeds the context window", "Responses: the same in a sentence"),
    (
        "context_limit",
        REGEX,
        r"input length and .?max_tokens.? exceed",
        "Anthropic: input and wanted output together",
    ),
    (
        "token_limit",
        REGEX,
        r"max_tokens: \d+ > \d+",
        "Anthropic: more output wanted than the model writes",
    ),
    (
        "token_limit",
        REGEX,
        r"token count .{0,40}exceeds the maximum number of tokens",
        "Gemini: more input than the model reads",
    ),
    (
        "content_filter",
        PART,
        "content_policy_violation",
        "OpenAI: the request is against its policy",
    ),
    ("content_filter", PART, "content management policy", "Azure: the request was filtered"),
    ("content_filter", PART, "blocked by content filtering", "Anthropic: the answer was filtered"),
    (
        "content_filter",
        PART,
        "rejected as a result of our safety system",
        "OpenAI images: the request was filtered",
    ),
    ("pdf_limit", REGEX, r"maximum of \d+ pdf pages", "Anthropic: too many pages"),
    (
        "pdf_limit",
        PART,
        "pdf specified is password protected",
        "Anthropic: a document that cannot be opened",
    ),
    ("pdf_limit", PART, "pdf specified was not valid", "Anthropic: a document that cannot be read"),
    ("media_limit", REGEX, r"image exceeds \d+ ?mb", "Anthropic: an image that is too large"),
    (
        "media_limit",
        PART,
        "image dimensions exceed max allowed size",
        "Anthropic: an image that is too wide or high",
    ),
    ("media_limit", PART, "could not process image", "Anthropic: an image that cannot be read"),
    ("media_limit", PART, "invalid_image_format", "OpenAI: an image of a kind it does not read"),
    (
        "thinking_error",
        REGEX,
        r"expected .?thinking.? or .?redacted_thinking",
        "Anthropic: a turn that has to begin with thinking",
    ),
    (
        "thinking_error",
        REGEX,
        r"redacted_thinking.? blocks .{0,60}cannot be modified",
        "Anthropic: thinking that was changed",
    ),
    (
        "thinking_error",
        REGEX,
        r"invalid .?signature.? in .?thinking.? block",
        "Anthropic: thinking of another model or account",
    ),
    (
        "thinking_error",
        REGEX,
        r"max_tokens.? must be greater than .?thinking\.budget_tokens",
        "Anthropic: more thinking than output",
    ),
    (
        "parameter_error",
        PART,
        "extra inputs are not permitted",
        "Anthropic: a field that it does not know",
    ),
    (
        "parameter_error",
        REGEX,
        r"(unknown|unsupported|unrecognized) (request )?(parameter|argument)",
        "OpenAI: a parameter that it does not know",
    ),
    (
        "parameter_error",
        PART,
        "temperature and top_p cannot both be specified",
        "Anthropic: two ways of sampling at once",
    ),
    (
        "validation_error",
        REGEX,
        r"tool_use.? ids were found without .?tool_result",
        "Anthropic: a call without its result",
    ),
    (
        "validation_error",
        REGEX,
        r"unexpected .?tool_use_id.? found in .?tool_result",
        "Anthropic: a result without its call",
    ),
    ("validation_error", PART, "tool names must be unique", "Anthropic: two tools of one name"),
    (
        "validation_error",
        PART,
        "messages must have non-empty content",
        "Anthropic: a turn that says nothing",
    ),
    (
        "cache_limit",
        REGEX,
        r"maximum of \d+ blocks with cache_control",
        "Anthropic: too many marks for its cache",
    ),
    (
        "store_error",
        REGEX,
        r"items are not persisted when .?store.? is set to false",
        "Responses: an item that was never kept",
    ),
];

/// Returns the rules as they are kept.
pub(super) fn defaults() -> impl Iterator<Item = ErrorRuleFields> {
    DEFAULTS.into_iter().map(|(category, match_type, pattern, description)| ErrorRuleFields {
        pattern: pattern.to_owned(),
        match_type,
        statuses: None,
        action: RuleAction::Client,
        category: category.to_owned(),
        description: Some(description.to_owned()),
        told: None,
        told_status: None,
        enabled: true,
        is_default: true,
        is_edited: false,
        priority: 0,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use switchyard_actors::domain::error_rules::{ErrorRules, Seen, Standing};
    use switchyard_actors::domain::ids::ErrorRuleId;

    use super::*;

    fn book() -> ErrorRules {
        let rules = (1..).zip(defaults()).map(|(id, fields)| fields.rule(ErrorRuleId(id)).unwrap());
        let (book, unreadable) = ErrorRules::compile(rules.collect());
        assert_eq!(unreadable, []);
        book
    }

    fn category(status: u16, standing: Standing, message: &str) -> Option<String> {
        let body = serde_json::json!({ "error": { "message": message } }).to_string();
        let seen = Seen { status, standing, body: body.as_bytes(), message };
        book().find(&seen).map(|rule| rule.category.to_string())
    }

    #[test]
    fn every_default_can_be_read_and_is_there_once() {
        let patterns: HashSet<String> = defaults().map(|one| one.pattern).collect();
        assert_eq!((patterns.len(), book().rules().len()), (DEFAULTS.len(), DEFAULTS.len()));
        assert!(!book().look_at_good(200), "an answer that seems good is nobody's matter");
    }

    #[test]
    fn vendors_sentences_are_known() {
        let inside = Standing::Error { stands_for: 500 };
        for (message, wanted) in [
            ("prompt is too long: 210000 tokens > 200000 maximum", "prompt_limit"),
            ("input length and `max_tokens` exceed context limit: 1 + 2 > 3", "context_limit"),
            ("max_tokens: 100000 > 64000, which is the maximum", "token_limit"),
            ("A maximum of 100 PDF pages may be provided.", "pdf_limit"),
            ("Expected `thinking` or `redacted_thinking`, but found `text`.", "thinking_error"),
            ("messages.1: Invalid `signature` in `thinking` block", "thinking_error"),
            ("Unknown parameter: 'input[2].foo'.", "parameter_error"),
            ("A maximum of 4 blocks with cache_control may be provided.", "cache_limit"),
            ("Items are not persisted when `store` is set to false.", "store_error"),
        ] {
            assert_eq!(category(400, Standing::Refused, message).as_deref(), Some(wanted));
            assert_eq!(category(200, inside, message).as_deref(), Some(wanted), "in a stream");
            assert_eq!(category(500, Standing::Refused, message), None, "a real 5xx is decided");
        }
    }

    #[test]
    fn trouble_of_the_vendors_own_is_in_none_of_them() {
        for message in [
            "Your credit balance is too low to access the API",
            "This organization has been disabled.",
            "You have reached your specified API usage limits. You will regain access on 2026-12-01",
            "This credential is only authorized for use with Claude Code and cannot be used for other API requests.",
            "Billing hard limit has been reached",
            "Your account is not active, please check your billing details on our website.",
            "Access denied, please make sure your account is in good standing.",
            "Insufficient Balance",
            "User location is not supported for the API use.",
            "API key not valid. Please pass a valid API key.",
            "You exceeded your current quota, please check your plan",
            "Rate limit reached for gpt-5 on tokens per min (TPM): Limit 30000",
            "no space left on device",
            "The model `x` does not exist or you do not have access to it.",
            "Overloaded",
            "无可用渠道",
        ] {
            assert_eq!(category(400, Standing::Refused, message), None, "{message}");
        }
    }
}
