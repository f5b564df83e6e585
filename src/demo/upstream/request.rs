//! What a vendor reads of a request: which dialect, which model, whether a stream is asked for.

use serde::Deserialize;
use switchyard_actors::domain::dialect::Dialect;

use super::manner::Manner;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// An answer of a model.
    Generate {
        /// In which dialect.
        dialect: Dialect,
        /// Of which model.
        model: String,
        /// As a stream.
        stream: bool,
    },
    /// The list of models.
    Models,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    model: Option<String>,
    stream: bool,
}

/// Reads a path and a body; `None` for what no vendor here does.
#[must_use]
pub fn read(path: &str, body: &[u8]) -> Option<(Manner, Asked)> {
    let (manner, path) = path.trim_start_matches('/').split_once('/')?;
    let manner = Manner::parse(manner)?;
    let dialect = match path {
        "v1/models" | "v1beta/models" => return Some((manner, Asked::Models)),
        "v1/messages" => Dialect::Anthropic,
        "v1/chat/completions" => Dialect::OpenaiChat,
        "v1/responses" => Dialect::Responses,
        _ => return Some((manner, gemini(path)?)),
    };
    let Body { model, stream } = serde_json::from_slice(body).unwrap_or_default();
    Some((manner, Asked::Generate { dialect, model: model?, stream }))
}

fn gemini(path: &str) -> Option<Asked> {
    let (model, action) = path.strip_prefix("v1beta/models/")?.split_once(':')?;
    let stream = match action {
        "generateContent" => false,
        "streamGenerateContent" => true,
        _ => return None,
    };
    Some(Asked::Generate { dialect: Dialect::Gemini, model: model.to_owned(), stream })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dialect_is_known_by_its_path() {
        let body = br#"{"model":"m","stream":true}"#;
        for (path, wanted) in [
            ("/steady/v1/messages", Dialect::Anthropic),
            ("/steady/v1/chat/completions", Dialect::OpenaiChat),
            ("/steady/v1/responses", Dialect::Responses),
            ("/steady/v1beta/models/m:streamGenerateContent", Dialect::Gemini),
        ] {
            let asked = Asked::Generate { dialect: wanted, model: "m".to_owned(), stream: true };
            assert_eq!(read(path, body), Some((Manner::Steady, asked)), "{path}");
        }
        assert_eq!(read("/busy/v1/models", b""), Some((Manner::Busy, Asked::Models)));
    }

    #[test]
    fn what_no_vendor_does_is_nothing() {
        for path in ["/", "/steady", "/unknown/v1/messages", "/steady/v1/files"] {
            assert_eq!(read(path, br#"{"model":"m"}"#), None, "{path}");
        }
        assert_eq!(read("/steady/v1/messages", b"no json"), None);
    }
}
