//! Cache marks: at most four, and the last ones count, for they hold the most of the prompt.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::block::{Block, Mark};
use super::request_out::Message;
use super::tools_out::ToolOut;
use crate::wire::convert::hub::Json;
use crate::wire::convert::loss::{Losses, Token};

/// Marks in one request, at most.
const MOST: usize = 4;

#[derive(Deserialize)]
struct Marked {
    cache_control: Option<IgnoredAny>,
}

/// Takes away the first marks when there are too many. `whole` is that all of the prompt is marked.
pub(super) fn bound(
    tools: &mut [ToolOut],
    system: &mut [Block],
    messages: &mut [Message],
    whole: bool,
    losses: &mut Losses,
) {
    let mut fixed = usize::from(whole);
    let mut marks: Vec<&mut Option<Mark>> = Vec::new();
    for tool in tools {
        of_tool(tool, &mut marks, &mut fixed);
    }
    let messages = messages.iter_mut().flat_map(|message| message.content.iter_mut());
    for block in system.iter_mut().chain(messages) {
        add(block, &mut marks, &mut fixed);
    }
    marks.retain(|mark| mark.is_some());
    let excess = marks.len().saturating_add(fixed).saturating_sub(MOST);
    for mark in marks.into_iter().take(excess) {
        if let Some(mark) = mark.take() {
            losses.push(Token::DropCacheMarkExcess, mark.at);
        }
    }
}

fn of_tool<'a>(tool: &'a mut ToolOut, marks: &mut Vec<&'a mut Option<Mark>>, fixed: &mut usize) {
    match tool {
        ToolOut::Function { cache_control, .. } | ToolOut::WebSearch { cache_control, .. } => {
            marks.push(cache_control);
        }
        ToolOut::Hosted(raw) => *fixed += usize::from(is_marked(raw)),
    }
}

fn add<'a>(block: &'a mut Block, marks: &mut Vec<&'a mut Option<Mark>>, fixed: &mut usize) {
    match block {
        Block::ToolResult { content, cache_control, .. } => {
            for block in content {
                add(block, marks, fixed);
            }
            marks.push(cache_control);
        }
        Block::Text { cache_control, .. }
        | Block::Image { cache_control, .. }
        | Block::Document { cache_control, .. }
        | Block::ToolUse { cache_control, .. } => marks.push(cache_control),
        Block::Raw(raw) => *fixed += usize::from(is_marked(raw)),
        Block::Thinking { .. } | Block::RedactedThinking { .. } => {}
    }
}

/// Tells whether what goes as it came has a mark.
fn is_marked(raw: &Json) -> bool {
    raw.read::<Marked>().is_ok_and(|block| block.cache_control.is_some())
}
