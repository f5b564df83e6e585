//! Which tool a provider's model must call.

use serde::Serialize;

use super::block::is_false;
use super::tools_out::Offered;
use crate::wire::convert::Refused;
use crate::wire::convert::hub::{Choice, Request, setting};
use crate::wire::convert::loss::{Losses, Token};

/// The choice as it is written.
#[derive(Debug, Serialize)]
pub(super) struct ChoiceOut {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    disable_parallel_tool_use: bool,
}

/// Writes the choice. `is_free` is that the model refuses a forced one: it thinks by a budget, or always.
///
/// # Errors
/// What must be called is not among the tools that could be converted.
pub(super) fn choice(
    request: &Request,
    offered: &[Offered<'_>],
    is_free: bool,
    losses: &mut Losses,
) -> Result<Option<ChoiceOut>, Refused> {
    let one_by_one = request.parallel == Some(false);
    let (mut kind, mut name) = match &request.choice {
        None if one_by_one => ("auto", None),
        None => return Ok(None),
        Some(Choice::Auto) => ("auto", None),
        Some(Choice::None) => ("none", None),
        Some(Choice::Required) => ("any", None),
        Some(Choice::Named { namespace, name }) => {
            ("tool", Some(named(namespace.as_deref(), name, offered)?))
        }
        Some(Choice::Allowed { required, .. }) => {
            losses.push(Token::ApproxChoice, setting::CHOICE);
            (if *required { "any" } else { "auto" }, None)
        }
    };
    if offered.is_empty() {
        if kind == "any" {
            let message = "a tool must be called, but none of the tools can be offered";
            return Err(Refused::new(message));
        }
        return Ok(None);
    }
    if is_free && matches!(kind, "any" | "tool") {
        losses.push(Token::ApproxChoice, setting::CHOICE);
        (kind, name) = ("auto", None);
    }
    let disable_parallel_tool_use = one_by_one && kind != "none";
    Ok(Some(ChoiceOut { kind, name, disable_parallel_tool_use }))
}

fn named(namespace: Option<&str>, name: &str, offered: &[Offered<'_>]) -> Result<String, Refused> {
    let is_it = |offered: &&Offered<'_>| {
        offered.tool.name == name && offered.tool.namespace.as_deref() == namespace
    };
    let found = offered.iter().find(is_it);
    found.map(|offered| offered.name.clone()).ok_or_else(|| {
        Refused::new(format!("the tool {name:?} must be called, but cannot be offered"))
    })
}
