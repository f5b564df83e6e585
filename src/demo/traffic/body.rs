//! The bodies of sample requests, as each client writes them, with the name of their conversation
//! where the client gives one.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::demo::tools::Tool;

/// What people ask, turn by turn.
const QUESTIONS: &[&str] = &[
    "Why does the second test fail?",
    "Read the module and say what it does.",
    "Make the function shorter without changing what it returns.",
    "Which of these queries uses the index?",
    "Run the tests again.",
    "Write the change as one commit.",
];

/// Returns the body of a turn, counted from 1.
#[must_use]
pub fn of(tool: &Tool, conversation: &str, turn: u64, stream: bool) -> Value {
    let model = tool.model;
    match tool.dialect {
        Dialect::Anthropic => {
            let user = json!({ "device_id": "sample", "session_id": conversation }).to_string();
            json!({
                "model": model, "max_tokens": 1024, "stream": stream,
                "metadata": { "user_id": user }, "messages": messages(conversation, turn),
            })
        }
        Dialect::OpenaiChat => json!({
            "model": model, "stream": stream, "messages": messages(conversation, turn),
        }),
        Dialect::Responses => json!({
            "model": model, "stream": stream, "store": false, "prompt_cache_key": conversation,
            "input": messages(conversation, turn),
        }),
        Dialect::Gemini | Dialect::GeminiCli => json!({ "contents": contents(conversation, turn) }),
    }
}

/// The first question names the conversation, so that clients without a name for it are told apart.
fn messages(conversation: &str, turn: u64) -> Vec<Value> {
    said(conversation, turn).map(|(role, text)| json!({ "role": role, "content": text })).collect()
}

fn contents(conversation: &str, turn: u64) -> Vec<Value> {
    said(conversation, turn)
        .map(|(role, text)| {
            let role = if role == "assistant" { "model" } else { role };
            json!({ "role": role, "parts": [{ "text": text }] })
        })
        .collect()
}

fn said(conversation: &str, turn: u64) -> impl Iterator<Item = (&'static str, String)> {
    let first = ("user", format!("We work on branch {conversation}."));
    let later = (1..turn).flat_map(|number| {
        let place = usize::try_from(number).unwrap_or(0) % QUESTIONS.len();
        let question = QUESTIONS.get(place).copied().unwrap_or_default().to_owned();
        [("assistant", "Done.".to_owned()), ("user", question)]
    });
    std::iter::once(first).chain(later)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::tools::{DEEPSEEK, GEMINI_FLASH, HAIKU};

    #[test]
    fn a_conversation_grows_by_a_question_and_its_answer() {
        let length = |turn| of(&DEEPSEEK, "one", turn, false)["messages"].as_array().unwrap().len();
        assert_eq!((length(1), length(2), length(3)), (1, 3, 5));
    }

    #[test]
    fn the_last_word_is_always_the_users() {
        let body = of(&GEMINI_FLASH, "one", 4, true);
        assert_eq!(body["contents"].as_array().unwrap().last().unwrap()["role"], "user");
    }

    #[test]
    fn an_agent_names_its_conversation() {
        let body = of(&HAIKU, "this-one", 1, true);
        assert!(body["metadata"]["user_id"].as_str().unwrap().contains("this-one"), "{body}");
    }
}
