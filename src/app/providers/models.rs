//! Asks a vendor which models it has.

use serde::Serialize;
use serde_json::{Value as Document, json};
use switchyard_actors::domain::dialect::ProviderKind;

use super::address;
use super::trial::{self, Subject, Verdict};
use crate::app::{Actor, AppContext, AppError};
use crate::wire::{model_list, url};

/// The largest list that is read.
const LARGEST: usize = 4 << 20;
/// So many names are taken, each of them so long.
const MOST: usize = 2_000;
const LONGEST: usize = 200;

/// What a vendor said of its models.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Models {
    /// Their names in order; none when it did not say.
    pub names: Vec<String>,
    /// [`Verdict::Works`], or what went wrong.
    pub verdict: Verdict,
    /// What the vendor, or the system, said to a failure.
    pub said: Option<String>,
    /// The address that was called.
    pub url: String,
    /// The proxy that it went through; a question for models never goes around one.
    pub through: Option<String>,
}

/// Asks the vendor of a provider for its models: one as it is typed, or one that is kept with what
/// is typed over it.
///
/// # Errors
/// Says what is wrong with the body, or that there is no such provider.
pub async fn models(app: &AppContext, actor: &Actor, raw: &Document) -> Result<Models, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    address::check_proxy(raw)?;
    let (subject, _) = Subject::read(app, raw).await?;
    let query = match subject.kind {
        ProviderKind::Claude | ProviderKind::ClaudeAuth => Some("limit=1000"),
        ProviderKind::Gemini | ProviderKind::GeminiCli => Some("pageSize=1000"),
        ProviderKind::Codex | ProviderKind::OpenaiCompatible => None,
    };
    let base = url::without_endpoint(&subject.url);
    let url = url::join(base, model_list::path(subject.kind), query);
    let shown = address::without_credentials(&url);
    let through = subject.through();
    let told = match trial::get(app, &subject, url, LARGEST).await {
        Ok(answer) => names(&answer.body).ok_or((Verdict::WrongShape, None)),
        Err(failed) => Err(failed),
    };
    let models = match told {
        Ok(names) => Models { names, verdict: Verdict::Works, said: None, url: shown, through },
        Err((verdict, said)) => Models { names: Vec::new(), verdict, said, url: shown, through },
    };
    let found = models.names.len();
    let detail = json!({ "url": models.url, "verdict": models.verdict, "found": found,
        "proxy": models.through });
    trial::note(app, actor, &subject, "provider.models", detail).await?;
    Ok(models)
}

/// Reads a list: sorted, each name once. `None` of what is no list.
fn names(body: &[u8]) -> Option<Vec<String>> {
    let list: Document = serde_json::from_slice(body).ok()?;
    let is_list =
        ["data", "models"].iter().any(|name| list.get(*name).is_some_and(Document::is_array));
    let mut names = model_list::names(&list);
    names.retain(|name| !name.is_empty() && name.chars().count() <= LONGEST);
    names.sort_unstable();
    names.dedup();
    names.truncate(MOST);
    is_list.then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_each_is_there_once() {
        let list = br#"{"data":[{"id":"b"},{"id":"a"},{"id":"b"},{"id":""}]}"#;
        assert_eq!(names(list).unwrap(), ["a", "b"]);
        assert_eq!(names(br#"{"data":[]}"#).unwrap(), Vec::<String>::new());
        assert_eq!(names(b"{}"), None);
        assert_eq!(names(b"<html>"), None);
    }
}
