//! What a provider's operator wants in requests, whatever the client says, as edits of the outgoing body.
//!
//! The body is in the provider's own format here, its model is named already. Only bytes that a wish is
//! about change; where all is as it is wished there is no edit at all. What was set, and what stood there
//! before, is told in notes for the row.

mod billing;
mod cache;
mod conflict;
mod gemini;
pub(in crate::wire) mod input;
mod marks;
mod messages;
mod note;
pub(in crate::wire) mod off;
mod responses;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::preferences::{CacheTtl, Preferences};

pub use billing::HEADER as BILLING_HEADER;

use super::edit::Changes;
use super::tree::Node;

/// The beta without which Anthropic takes no mark of an hour.
const LONG_CACHE_BETA: &str = "extended-cache-ttl-2025-04-11";
/// The beta of a context of a million tokens, and how all of its versions begin.
const CONTEXT_1M_BETA: &str = "context-1m-2025-08-07";
const CONTEXT_1M: &str = "context-1m-";

/// What is wished for one request.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// What the provider wants.
    pub preferences: Arc<Preferences>,
    /// How long cache marks last: the key's word, else the provider's.
    pub cache_ttl: Option<CacheTtl>,
    /// The billing block of Claude Code goes.
    pub without_billing: bool,
    /// A bare `input` of Responses becomes a list.
    pub input_as_list: bool,
}

/// What comes of wishes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Granted {
    /// The edits of the body.
    pub changes: Changes,
    /// Names of what was done by an edit of another name.
    pub also: Vec<&'static str>,
    /// What was set, with what stood there before.
    pub notes: Vec<String>,
    /// A flag that has to be in `anthropic-beta`.
    pub beta: Vec<&'static str>,
    /// Flags that begin so have no place there.
    pub without_beta: Option<&'static str>,
}

impl Wishes {
    /// Tells whether nothing is wished of requests in a dialect: then nobody has to look at the body.
    #[must_use]
    pub fn are_none(&self, dialect: Dialect) -> bool {
        let wants = &self.preferences;
        match dialect {
            Dialect::Anthropic => {
                !self.without_billing
                    && self.cache_ttl.is_none()
                    && wants.context_1m.is_none()
                    && wants.max_tokens.is_none()
                    && wants.thinking_budget.is_none()
                    && wants.adaptive.is_none()
                    && !wants.auto_cache
            }
            Dialect::Responses => {
                !self.input_as_list
                    && wants.reasoning_effort.is_none()
                    && wants.reasoning_summary.is_none()
                    && wants.verbosity.is_none()
                    && wants.parallel_tools.is_none()
                    && wants.service_tier.is_none()
                    && wants.image_generation.is_none()
            }
            Dialect::Gemini | Dialect::GeminiCli => wants.google_search.is_none(),
            Dialect::OpenaiChat => true,
        }
    }

    /// Makes the edits for a body in a dialect, sent for a model. A request that only counts tokens is
    /// changed in what is counted by vendors and in nothing else.
    #[must_use]
    pub fn grant(&self, dialect: Dialect, model: &str, counts: bool, body: &[u8]) -> Granted {
        let mut granted = Granted::default();
        let Some(root) = Node::root(body).filter(Node::is_object) else { return granted };
        match dialect {
            Dialect::Anthropic => self.of_messages(model, counts, root, &mut granted),
            _ if counts => {}
            Dialect::Responses => {
                responses::set(&self.preferences, root, &mut granted);
                if self.input_as_list {
                    input::to_list(root, &mut granted);
                }
            }
            Dialect::Gemini => gemini::search(&self.preferences, root, &mut granted),
            Dialect::GeminiCli => {
                if let Some(request) = root.get("request") {
                    gemini::search(&self.preferences, request, &mut granted);
                }
            }
            Dialect::OpenaiChat => {}
        }
        granted
    }

    fn of_messages(&self, model: &str, counts: bool, root: Node<'_>, granted: &mut Granted) {
        if self.without_billing {
            billing::remove(root, granted);
        }
        if counts {
            return;
        }
        messages::set(&self.preferences, model, root, granted);
        if self.preferences.auto_cache {
            marks::add(self.cache_ttl, self.without_billing, root, granted);
        }
        if let Some(ttl) = self.cache_ttl {
            cache::set(ttl, self.without_billing, root, granted);
        }
        match self.preferences.context_1m {
            Some(true) => granted.beta.push(CONTEXT_1M_BETA),
            Some(false) => granted.without_beta = Some(CONTEXT_1M),
            None => {}
        }
    }
}
