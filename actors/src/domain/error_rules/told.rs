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
    if error.get("code").is_some_and(Value::is_number) && is_text("status") {
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
