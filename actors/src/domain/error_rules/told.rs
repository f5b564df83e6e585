//! What an operator has clients told in place of an upstream's words, in the form of whichever vendor
//! it was written in.

use serde_json::Value;
use thiserror::Error;

/// The largest one, in bytes of JSON.
pub const LARGEST_TOLD: usize = 10 << 10;

/// Whose form it was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ToldForm {
    /// `{"type":"error","error":{"type","message"}}`
    Claude,
    /// `{"error":{"message","type"}}`
    OpenAi,
    /// `{"error":{"code","message","status"}}`
    Gemini,
}

/// Why a document is not what a client may be told.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ToldFault {
    /// It is of no vendor's form.
    #[error(
        "not an error as Claude (type \"error\", error.type, error.message), OpenAI (error.type, \
         error.message) or Gemini (error.code, error.message, error.status) have it"
    )]
    Form,
    /// Gemini's `error.code` is none.
    #[error("error.code in Gemini's form is an HTTP status: a whole number from 100 to 599")]
    Code,
    /// It is larger than [`LARGEST_TOLD`].
    #[error("larger than 10 KiB")]
    TooLarge,
}

/// What clients are told.
#[derive(Clone, Debug, PartialEq)]
pub struct ToldError {
    form: ToldForm,
    document: Value,
}

impl ToldError {
    /// Reads a document.
    ///
    /// # Errors
    /// It is of no vendor's form, or too large.
    pub fn read(document: &Value) -> Result<Self, ToldFault> {
        let form = form_of(document).ok_or(ToldFault::Form)?;
        if document.to_string().len() > LARGEST_TOLD {
            return Err(ToldFault::TooLarge);
        }
        Ok(Self { form, document: document.clone() })
    }

    /// Reads a document that somebody writes now. One that was kept earlier is told as it is.
    ///
    /// # Errors
    /// It is of no vendor's form or too large, or its code is no status.
    pub fn written(document: &Value) -> Result<Self, ToldFault> {
        let told = Self::read(document)?;
        let code = document.get("error").and_then(|error| error.get("code"));
        let is_status =
            |code: &Value| code.as_u64().is_some_and(|code| (100..=599).contains(&code));
        if told.form == ToldForm::Gemini && !code.is_none_or(is_status) {
            return Err(ToldFault::Code);
        }
        Ok(told)
    }

    /// Returns whose form it has.
    #[must_use]
    pub const fn form(&self) -> ToldForm {
        self.form
    }

    /// Returns the document as it was written.
    #[must_use]
    pub const fn document(&self) -> &Value {
        &self.document
    }

    /// Returns the sentence; `None` when it is empty, so that the usual one is told.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.text("message").filter(|text| !text.trim().is_empty())
    }

    /// Returns the form's word for what went wrong: `type`, or Gemini's `status`.
    #[must_use]
    pub fn word(&self) -> &str {
        let name = if self.form == ToldForm::Gemini { "status" } else { "type" };
        self.text(name).unwrap_or_default()
    }

    /// Returns the code that programs read, where it has one in words.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.text("code").filter(|code| !code.is_empty())
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.document.get("error")?.get(name)?.as_str()
    }
}

fn form_of(document: &Value) -> Option<ToldForm> {
    let error = document.get("error")?;
    let is_text = |name: &str| error.get(name).is_some_and(Value::is_string);
    if !is_text("message") {
        return None;
    }
    if document.get("type").is_some() {
        let is_error = document.get("type").and_then(Value::as_str) == Some("error");
        return (is_error && is_text("type")).then_some(ToldForm::Claude);
    }
    let is_google = error.get("code").map_or(!is_text("type"), Value::is_number);
    if is_google && is_text("status") {
        return Some(ToldForm::Gemini);
    }
    is_text("type").then_some(ToldForm::OpenAi)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_vendors_form_is_known() {
        let claude = json!({ "type": "error", "error": { "type": "a", "message": "" } });
        let openai = json!({ "error": { "type": "a", "message": "m", "code": "c" } });
        let gemini = json!({ "error": { "code": 400, "message": "m", "status": "S" } });
        let read = |document: &Value| ToldError::read(document).unwrap();
        assert_eq!(read(&claude).form(), ToldForm::Claude);
        assert_eq!((read(&claude).message(), read(&claude).word()), (None, "a"));
        assert_eq!(read(&openai).form(), ToldForm::OpenAi);
        assert_eq!(read(&openai).code(), Some("c"));
        assert_eq!(read(&gemini).form(), ToldForm::Gemini);
        assert_eq!((read(&gemini).word(), read(&gemini).code()), ("S", None));
    }

    #[test]
    fn geminis_code_is_a_status_or_absent_when_it_is_written() {
        let with =
            |code: Value| json!({ "error": { "code": code, "message": "m", "status": "S" } });
        for code in [json!(1e30), json!(-5), json!(0), json!(99), json!(600), json!(400.5)] {
            assert_eq!(ToldError::written(&with(code.clone())), Err(ToldFault::Code), "{code}");
            assert!(ToldError::read(&with(code)).is_ok(), "one that is kept is told");
        }
        for code in [json!(100), json!(429), json!(599)] {
            assert!(ToldError::written(&with(code)).is_ok());
        }
        let absent = json!({ "error": { "message": "m", "status": "S" } });
        assert_eq!(ToldError::written(&absent).unwrap().form(), ToldForm::Gemini);
        let openai = json!({ "error": { "code": 7, "message": "m", "type": "t" } });
        assert_eq!(ToldError::written(&openai).unwrap().form(), ToldForm::OpenAi);
        assert_eq!(ToldError::written(&json!({})), Err(ToldFault::Form));
    }

    #[test]
    fn others_are_refused() {
        for other in [
            json!(null),
            json!("no"),
            json!({ "error": "no" }),
            json!({ "message": "m", "type": "t" }),
            json!({ "error": { "message": "m" } }),
            json!({ "type": "failure", "error": { "type": "a", "message": "m" } }),
            json!({ "error": { "code": "400", "message": "m", "status": "S" } }),
            json!({ "error": { "type": "a", "message": 3 } }),
        ] {
            assert_eq!(ToldError::read(&other), Err(ToldFault::Form), "{other}");
        }
        let large = json!({ "error": { "type": "a", "message": "m".repeat(LARGEST_TOLD) } });
        assert_eq!(ToldError::read(&large), Err(ToldFault::TooLarge));
    }
}
