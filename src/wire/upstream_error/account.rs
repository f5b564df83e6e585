//! How vendors say that the account is in trouble: its money, its key, its leave to be served at all.
//!
//! They say it with statuses and names that blame the request: Anthropic's limits of a month and a spent
//! balance are `invalid_request_error` with 400, `DashScope`'s `Arrearage` is 400, Google's wrong keys are
//! `INVALID_ARGUMENT` with 400. A code that stands for nothing else decides first. Sentences are known by
//! how they **begin**, so that a request that is quoted in an error about itself moves nothing. A credential
//! that serves one program alone is refused in the same way, and in no trouble.

/// Codes, types and reasons in lower case that speak of the account alone, with the status they stand for.
///
/// Sources: `OpenAI`'s error codes and what its users show (BerriAI/litellm#2743 for `billing_not_active`),
/// help.aliyun.com/en/model-studio/error-code (`Arrearage`), Moonshot's table of errors
/// (`exceeded_current_quota_error`, `access_terminated_error`), `google/api/error_reason.proto`.
const NAMES: &[(&str, u16)] = &[
    ("billing_hard_limit_reached", 402),
    ("billing_limit_user_error", 402),
    ("billing_not_active", 402),
    ("billing_error", 402),
    ("insufficient_quota", 402),
    ("insufficient_balance", 402),
    ("exceeded_current_quota_error", 402),
    ("insufficient_user_quota", 402),
    ("payment_required_error", 402),
    ("arrearage", 402),
    ("invalid_api_key", 401),
    ("account_deactivated", 403),
    ("access_terminated", 403),
    ("access_terminated_error", 403),
    ("usage_not_included", 403),
    // Google's reasons.
    ("api_key_invalid", 401),
    ("access_token_expired", 401),
    ("access_token_type_unsupported", 401),
    ("credentials_missing", 401),
    ("account_state_invalid", 401),
    ("billing_disabled", 402),
    ("service_disabled", 403),
    ("consumer_invalid", 403),
    ("consumer_suspended", 403),
    ("user_project_denied", 403),
    ("access_token_scope_insufficient", 403),
    ("api_key_service_blocked", 403),
    ("api_key_http_referrer_blocked", 403),
    ("api_key_ip_address_blocked", 403),
    ("api_key_android_app_blocked", 403),
    ("api_key_ios_app_blocked", 403),
];

/// How the sentences begin, in lower case.
///
/// Sources: anthropics/claude-code#2127 (limits), Aider-AI/aider#4851 (`DeepSeek`'s balance under
/// `invalid_request_error`), Chanzhaoyu/chatgpt-web#1577 (account not active), google-gemini/gemini-cli#1993
/// (location: that of the relay, as no vendor sees the client's).
const SENTENCES: &[(&str, u16)] = &[
    ("you have reached your specified", 402),
    ("your credit balance is too low", 402),
    ("credit balance is too low", 402),
    ("insufficient balance", 402),
    ("余额不足", 402),
    ("账户余额不足", 402),
    ("billing hard limit has been reached", 402),
    ("your account is not active", 402),
    ("access denied, please make sure your account is in good standing", 402),
    ("you exceeded your current quota", 402),
    ("you have exceeded your current quota", 402),
    ("quota exceeded", 402),
    ("api key not valid", 401),
    ("api key not found", 401),
    ("api key expired", 401),
    ("incorrect api key provided", 401),
    ("this organization has been disabled", 403),
    ("your organization has been disabled", 403),
    ("the organization has been disabled", 403),
    ("your account has been deactivated", 403),
    ("your access was terminated", 403),
    ("user location is not supported for the api use", 403),
];

/// How sentences begin that refuse the client and not the account: a credential that serves one program alone.
/// Another provider may take the request, and this one is well. Source: anthropics/claude-code#11252.
const OF_THE_PROGRAM: &str = "this credential is only authorized for use with";

/// Tells whether a vendor's sentence refuses the program that asks.
pub(super) fn refuses_the_program(message: &str) -> bool {
    in_sentences(message, |said| said.starts_with(OF_THE_PROGRAM).then_some(())).is_some()
}

/// Relays put errors into errors; deeper ones are none that was seen.
const NESTING: usize = 4;

/// Recognises an account's trouble by a code, type or reason.
pub(super) fn by_name(name: &str) -> Option<u16> {
    let known = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    known.map(|(_, status)| *status)
}

/// Recognises an account's trouble by how the vendor's sentence begins.
pub(super) fn by_sentence(message: &str) -> Option<u16> {
    in_sentences(message, |said| {
        let known = SENTENCES.iter().find(|(begin, _)| said.starts_with(begin));
        known.map(|(_, status)| *status)
    })
}

/// Looks for what is known at the beginning of a message, in lower case and behind what relays put there,
/// and of the errors inside of it.
fn in_sentences<T>(message: &str, known: impl Fn(&str) -> Option<T>) -> Option<T> {
    let message = message.to_lowercase();
    let mut said = message.as_str();
    for _ in 0..NESTING {
        said = without_relays(said);
        if let Some(found) = known(said) {
            return Some(found);
        }
        said = inner_message(said)?;
    }
    None
}

/// Leaves out what relays put before a vendor's error: `upstream error: `, `FooException - `, `400: `.
/// What else may stand there (`invalid prompt: `) leads to words of the client's, and stays.
fn without_relays(mut said: &str) -> &str {
    loop {
        said = said.trim_start();
        let end = [": ", " - "].into_iter().filter_map(|mark| Some((said.find(mark)?, mark))).min();
        let Some((at, mark)) = end else { return said };
        let (before, behind) = said.split_at(at);
        let is_relays = before.ends_with("error")
            || before.ends_with("exception")
            || before.trim_start_matches("error code").trim().parse::<u16>().is_ok()
            || before == "error code";
        if !is_relays || before.contains(['"', '\'', '`', '{']) {
            return said;
        }
        said = behind.strip_prefix(mark).unwrap_or(behind);
    }
}

/// Returns the text of the first `message` in an error object that stands in a text: as JSON, escaped
/// once more, or as Python writes it.
fn inner_message(said: &str) -> Option<&str> {
    let object = said.trim_start_matches(['"', '\'', '[']).strip_prefix('{')?;
    let is_punctuation = |letter: char| matches!(letter, '"' | '\'' | '\\' | ':' | ' ');
    let mut rest = object;
    loop {
        let (before, behind) = rest.split_once("message")?;
        if before.ends_with(['"', '\'']) && behind.starts_with(['"', '\'', '\\']) {
            return Some(behind.trim_start_matches(is_punctuation));
        }
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_known_by_its_beginning() {
        for (message, status) in [
            ("You have reached your specified API usage limits. You will regain access on", 402),
            ("Insufficient Balance", 402),
            ("API key expired. Please renew the API key.", 401),
            ("User location is not supported for the API use.", 403),
        ] {
            assert_eq!(by_sentence(message), Some(status), "{message}");
        }
    }

    #[test]
    fn relays_may_stand_before_it() {
        for message in [
            "Error code: 400 - Insufficient Balance",
            "upstream error: insufficient balance",
            r#"litellm.BadRequestError: DeepseekException - {"error":{"message":"Insufficient Balance","type":"unknown_error"}}"#,
            r"BadRequestError: {'error': {'message': 'Insufficient Balance'}}",
            r#"{"error":{"code":400,"message":"{\"error\":{\"message\":\"Insufficient Balance\"}}"}}"#,
        ] {
            assert_eq!(by_sentence(message), Some(402), "{message}");
        }
    }

    #[test]
    fn a_program_is_refused_wherever_the_sentence_begins() {
        let sentence = "This credential is only authorized for use with Claude Code.";
        for message in [
            sentence.to_owned(),
            format!("Error code: 400 - {{'error': {{'message': '{sentence}'}}}}"),
            format!(r#"{{"type":"error","error":{{"message":"{sentence}"}}}}"#),
        ] {
            assert!(refuses_the_program(&message), "{message}");
            assert_eq!(by_sentence(&message), None, "the account is well: {message}");
        }
        for message in [format!("Invalid prompt: {sentence}"), format!("The text \"{sentence}\"")] {
            assert!(!refuses_the_program(&message), "{message}");
        }
    }

    #[test]
    fn words_of_the_client_s_are_none() {
        for message in [
            "Invalid prompt: Insufficient Balance",
            "messages.0.content: insufficient balance",
            "Unknown parameter: 'your credit balance is too low'.",
            "invalid value 'x error: your credit balance is too low'",
            r#"{"role":"user","content":"Insufficient Balance"}"#,
            "The text \"This organization has been disabled.\" is not allowed",
            "quotation",
        ] {
            assert_eq!(by_sentence(message), None, "{message}");
        }
    }
}
