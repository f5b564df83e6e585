//! What a refusal is about, by its words.
//!
//! Vendors quote their errors within errors, so quotes, backticks and the backslashes before them are
//! left out before words are compared.

use switchyard_actors::domain::dialect::Dialect;

use super::Mend;
use crate::wire::convert::effort::RESTS;

/// The words of refused thinking, without quotes: all of a group together mean it.
const SIGNATURE: &[&[&str]] = &[
    &["invalid signature"],
    &["signature", "field required"],
    &["signature", "extra inputs are not permitted"],
    &["thinking", "cannot be modified"],
    &["must start with a thinking block"],
    &["expected thinking or redacted_thinking"],
];

/// The words of an input that should have been a list.
const BARE_INPUT: [&str; 3] =
    ["input must be a list", "input must be an array", "invalid type for input: expected"];

/// What is said of a call without a signature.
const CALL_SIGNATURE: [&str; 2] = ["missing a thought_signature", "missing thought_signature"];

/// What is said of a thinking item that its vendor has not made, or not kept.
const REASONING: [&str; 2] = ["item with id rs_", "not found"];

/// Sentences of relays that refuse without a reason. They are looked for in the message alone, because
/// every error of Anthropic's has the type `invalid_request_error`, and mean thinking only where the
/// message names it: else a conversation would lose its thinking for whatever else was wrong with it.
const ANYTHING: [&str; 3] = ["invalid request", "illegal request", "非法请求"];
/// What such a message calls thinking.
const THINKING: [&str; 4] = ["thinking", "signature", "思考", "签名"];

/// What says that an id is not known, before the place of it.
const UNKNOWN_ID: &str = "unknown name id at ";

pub(super) fn recognise(dialect: Dialect, message: &str, body: &[u8]) -> Option<Mend> {
    let message = plain(message);
    let body = plain(&String::from_utf8_lossy(body));
    let mends = Mend::ALL.into_iter().filter(|what| what.is_for(dialect));
    mends
        .into_iter()
        .find(|what| [&message, &body].into_iter().any(|text| speaks_of(*what, text)))
        .or_else(|| {
            let has = |list: &[&str]| list.iter().any(|words| message.contains(words));
            let is_meant = has(&ANYTHING) && has(&THINKING);
            Some(Mend::ThinkingSignature).filter(|what| is_meant && what.is_for(dialect))
        })
}

fn speaks_of(what: Mend, text: &str) -> bool {
    let has = |words: &str| text.contains(words);
    match what {
        Mend::ThinkingEffort => {
            has("thinking") && has("effort") && RESTS.iter().any(|word| has(word))
        }
        Mend::ThinkingBudget => has("budget_tokens") && has("1024") && has("thinking"),
        Mend::ThinkingSignature => {
            SIGNATURE.iter().any(|group| group.iter().all(|words| has(words)))
        }
        Mend::CallSignature => CALL_SIGNATURE.iter().any(|words| has(words)),
        Mend::Reasoning => REASONING.iter().all(|words| has(words)),
        Mend::BareInput => BARE_INPUT.iter().any(|words| has(words)),
        Mend::FunctionIds => text
            .match_indices(UNKNOWN_ID)
            .any(|(at, words)| is_call_or_result(text.get(at + words.len()..).unwrap_or_default())),
    }
}

/// Tells whether a text begins with the place of a call or a result.
fn is_call_or_result(text: &str) -> bool {
    let place =
        text.split(|one: char| one.is_whitespace() || one == ':').next().unwrap_or_default();
    let place = place.trim_end_matches(['.', ',', ';']).replace('_', "");
    place.ends_with("functioncall") || place.ends_with("functionresponse")
}

/// Writes a text small and without quotes, however often it was quoted.
fn plain(text: &str) -> String {
    let text =
        text.to_lowercase().replace("\\u0027", "").replace("\\u0022", "").replace("\\n", " ");
    text.chars().filter(|one| !matches!(one, '\\' | '"' | '\'' | '`')).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(dialect: Dialect, message: &str) -> Option<Mend> {
        recognise(dialect, message, b"")
    }

    #[test]
    fn vendors_words_are_recognised() {
        let anthropic = [
            (
                "messages.1.content.0: Invalid `signature` in `thinking` block",
                Mend::ThinkingSignature,
            ),
            ("messages.1.content.0.thinking.signature: Field required", Mend::ThinkingSignature),
            (
                "messages.3.content.0.tool_use.signature: Extra inputs are not permitted",
                Mend::ThinkingSignature,
            ),
            (
                "messages.5.content.1: `thinking` or `redacted_thinking` blocks in the latest assistant \
                 message cannot be modified.",
                Mend::ThinkingSignature,
            ),
            (
                "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`. \
                 When `thinking` is enabled, a final `assistant` message must start with a thinking block",
                Mend::ThinkingSignature,
            ),
            ("非法请求: 签名", Mend::ThinkingSignature),
            ("Invalid request: bad `thinking` block", Mend::ThinkingSignature),
            (
                "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
                Mend::ThinkingBudget,
            ),
            (
                "thinking options type cannot be disabled when reasoning_effort is set",
                Mend::ThinkingEffort,
            ),
        ];
        for (message, what) in anthropic {
            assert_eq!(of(Dialect::Anthropic, message), Some(what), "{message}");
            assert_eq!(of(Dialect::Gemini, message), None, "{message}");
        }
    }

    #[test]
    fn an_input_that_should_be_a_list_is_recognised() {
        for words in [
            "Input must be a list",
            "Invalid type for 'input': expected an array of objects, but got a string instead.",
        ] {
            assert_eq!(of(Dialect::Responses, words), Some(Mend::BareInput), "{words}");
            assert_eq!(of(Dialect::OpenaiChat, words), None, "{words}");
        }
        let within = "Invalid type for 'input[0].content': expected a string.";
        assert_eq!(of(Dialect::Responses, within), None);
    }

    #[test]
    fn a_call_without_a_signature_is_recognised() {
        let says = "Function call is missing a `thought_signature` in functionCall parts. This is \
            required for tools to work correctly. Additional data, function call `f`, position 2.";
        for dialect in [Dialect::Gemini, Dialect::GeminiCli] {
            assert_eq!(of(dialect, says), Some(Mend::CallSignature));
        }
        assert_eq!(of(Dialect::OpenaiChat, says), None);
    }

    #[test]
    fn a_thinking_item_that_is_not_there_is_recognised() {
        let says = "Item with id 'rs_0a1b' not found. Items are not persisted when `store` is set \
            to false. Try again with `store` set to true, or remove this item from your input.";
        assert_eq!(of(Dialect::Responses, says), Some(Mend::Reasoning));
        assert_eq!(of(Dialect::OpenaiChat, says), None);
        assert_eq!(of(Dialect::Responses, &says.replace("rs_", "msg_")), None);
    }

    #[test]
    fn other_refusals_are_not() {
        let refusals = [
            "prompt is too long: 213462 tokens > 200000 maximum",
            "messages: at least one message is required",
            "max_tokens: 64000 > 32000, which is the maximum allowed number of output tokens",
            "thinking: adaptive thinking is not supported on this model",
            "Invalid request",
            "非法请求",
        ];
        for message in refusals {
            let body = json!({ "type": "error",
                "error": { "type": "invalid_request_error", "message": message } });
            let body = body.to_string();
            assert_eq!(recognise(Dialect::Anthropic, message, body.as_bytes()), None, "{message}");
        }
    }

    /// AT-P4: quoted once, and quoted again within another error.
    #[test]
    fn ids_that_vertex_does_not_take_are_recognised_through_quotes() {
        let says = "Invalid JSON payload received. Unknown name \"id\" at \
            'contents[1].parts[0].function_call': Cannot find field.";
        let once = json!({ "error": { "code": 400, "message": says } }).to_string();
        let twice = json!({ "error": { "message": once } }).to_string();
        let coded = once.replace('\'', "\\u0027");
        for body in [&once, &twice, &coded] {
            for dialect in [Dialect::Gemini, Dialect::GeminiCli] {
                let what = recognise(dialect, "", body.as_bytes());
                assert_eq!(what, Some(Mend::FunctionIds), "{body}");
            }
        }
        assert_eq!(
            of(Dialect::Gemini, &says.replace("function_call", "functionResponse")),
            Some(Mend::FunctionIds)
        );
        for other in [
            "Unknown name \"id\" at 'tool_config.function_calling_config': Cannot find field.",
            "Unknown name \"ids\" at 'contents[1].parts[0].function_call': Cannot find field.",
            "Unknown name \"id\" at 'contents[1].parts[0]': see function_call",
        ] {
            assert_eq!(of(Dialect::Gemini, other), None, "{other}");
        }
    }
}
