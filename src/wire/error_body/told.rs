//! An error in an operator's words, in the client's dialect.
//!
//! Written in the client's own form it is told as it was written; from another vendor's form its
//! sentence, its code and what its word stands for are carried over. An empty sentence is filled with
//! the one that would be told otherwise, and the request's id is always there.

use bytes::Bytes;
use serde_json::{Map, Value, json};
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::error_rules::{ToldError, ToldForm};

use super::kind::ErrorKind;
use super::{ClientError, json as bytes_of};

impl ClientError {
    /// Returns the error with an operator's sentence, code and kind, where they say any.
    #[must_use]
    pub fn reworded(mut self, told: &ToldError) -> Self {
        if let Some(message) = told.message() {
            message.clone_into(&mut self.message);
        }
        self.kind = ErrorKind::of_word(told.word()).unwrap_or(self.kind);
        self.code = told.code().map(str::to_owned);
        self
    }

    /// Writes the body of an HTTP answer in an operator's words.
    #[must_use]
    pub fn body_told(&self, dialect: Dialect, told: &ToldError) -> Bytes {
        if form_of(dialect) != told.form() {
            let mut error = self.clone().reworded(told);
            // `OpenAI`'s type is read off the status: here the operator's word goes before it.
            if form_of(dialect) == ToldForm::OpenAi && ErrorKind::of_word(told.word()).is_some() {
                error.status = error.kind.status();
            }
            return error.body(dialect);
        }
        let mut document = told.document().clone();
        let id = self.request_id.to_string();
        let error = document.get_mut("error").and_then(Value::as_object_mut);
        if let Some(error) = error {
            if told.message().is_none() {
                error.insert("message".to_owned(), json!(self.message));
            }
            if told.form() == ToldForm::Gemini {
                add_request(error, &id);
            }
        }
        if let Some(whole) = document.as_object_mut().filter(|_| told.form() != ToldForm::Gemini) {
            whole.insert("request_id".to_owned(), json!(id));
        }
        bytes_of(&document)
    }
}

const fn form_of(dialect: Dialect) -> ToldForm {
    match dialect {
        Dialect::Anthropic => ToldForm::Claude,
        Dialect::OpenaiChat | Dialect::Responses => ToldForm::OpenAi,
        Dialect::Gemini | Dialect::GeminiCli => ToldForm::Gemini,
    }
}

fn add_request(error: &mut Map<String, Value>, id: &str) {
    let request = json!({
        "@type": "type.googleapis.com/google.rpc.RequestInfo",
        "requestId": id,
    });
    let details = error.entry("details").or_insert_with(|| json!([]));
    if let Some(details) = details.as_array_mut() {
        details.push(request);
    }
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::ids::RequestId;

    use super::*;

    fn told(document: &Value, dialect: Dialect) -> Value {
        let error = ClientError {
            status: 400,
            ..ClientError::new(ErrorKind::Upstream, "the usual sentence", RequestId([7; 16]))
        };
        let told = ToldError::read(document).unwrap();
        serde_json::from_slice(&error.body_told(dialect, &told)).unwrap()
    }

    fn claude(message: &str) -> Value {
        let error = json!({ "type": "invalid_request_error", "message": message });
        json!({ "type": "error", "error": error, "hint": 1 })
    }

    #[test]
    fn in_the_clients_own_form_it_stays_as_it_was_written() {
        let said = told(&claude("shorter, please"), Dialect::Anthropic);
        let id = RequestId([7; 16]).to_string();
        let mut wanted = claude("shorter, please");
        wanted["request_id"] = json!(id);
        assert_eq!(said, wanted);
        let gemini = json!({ "error": { "code": 418, "message": "m", "status": "TEAPOT" } });
        let said = told(&gemini, Dialect::GeminiCli);
        assert_eq!(
            (&said["error"]["code"], &said["error"]["status"]),
            (&json!(418), &json!("TEAPOT"))
        );
        assert_eq!(said["error"]["details"][0]["requestId"], id);
    }

    #[test]
    fn from_another_form_the_sentence_the_code_and_the_kind_are_carried_over() {
        let said = told(&claude("shorter, please"), Dialect::Gemini);
        assert_eq!(said["error"]["message"], "shorter, please");
        assert_eq!(said["error"]["status"], "INVALID_ARGUMENT");
        assert_eq!(said["error"]["code"], 400);
        let openai =
            json!({ "error": { "message": "m", "type": "rate_limit_error", "code": "slow" } });
        let said = told(&openai, Dialect::Anthropic);
        assert_eq!(
            said["error"],
            json!({ "type": "rate_limit_error", "message": "m", "code": "slow" })
        );
        let gemini = json!({ "error": { "code": 404, "message": "m", "status": "NOT_FOUND" } });
        let said = told(&gemini, Dialect::Responses);
        assert_eq!(said["error"]["message"], "m");
        assert_eq!(said["error"]["type"], "not_found_error", "whatever the status is");
        assert_eq!(said["error"]["code"], "model_not_found");
    }

    #[test]
    fn an_empty_sentence_is_filled_in_every_dialect() {
        for dialect in Dialect::ALL {
            let said = told(&claude(" "), dialect);
            assert_eq!(said["error"]["message"], "the usual sentence", "{dialect}");
            assert!(said.to_string().contains(&RequestId([7; 16]).to_string()), "{dialect}");
        }
    }
}
