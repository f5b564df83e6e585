//! What may be changed in the body of a request.

use super::error::SettingsError;
use super::reader::Reader;

/// What may be changed in the body of a request.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct BodySettings {
    /// The billing block of Claude Code goes to Anthropic alone.
    pub strip_billing_header: bool,
    /// A bare `input` of Responses becomes a list for providers that take nothing else.
    pub responses_input_as_list: bool,
    /// Thinking that others have signed goes, once refused.
    pub rectify_thinking_signature: bool,
    /// A budget of thinking below the least grows, once refused.
    pub rectify_thinking_budget: bool,
    /// An effort beside thinking that is off goes, once refused.
    pub rectify_thinking_effort: bool,
    /// Ids of Gemini's calls go, once refused.
    pub rectify_function_ids: bool,
    /// Gemini's calls get what stands for a signature, once refused.
    pub rectify_call_signature: bool,
    /// Thinking items of Responses that the vendor has not made go, once refused.
    pub rectify_reasoning_items: bool,
}

impl BodySettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        Ok(Self {
            strip_billing_header: from.flag("bodies.strip_billing_header")?,
            responses_input_as_list: from.flag("bodies.responses_input_as_list")?,
            rectify_thinking_signature: from.flag("bodies.rectify_thinking_signature")?,
            rectify_thinking_budget: from.flag("bodies.rectify_thinking_budget")?,
            rectify_thinking_effort: from.flag("bodies.rectify_thinking_effort")?,
            rectify_function_ids: from.flag("bodies.rectify_function_ids")?,
            rectify_call_signature: from.flag("bodies.rectify_call_signature")?,
            rectify_reasoning_items: from.flag("bodies.rectify_reasoning_items")?,
        })
    }
}
