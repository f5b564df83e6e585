//! Cache marks for requests of Anthropic's format that have none: their clients say nothing of caches,
//! and the vendor caches nothing unasked.
//!
//! Marked is the end of what comes again in the next request: the last tool, the last instruction, and
//! the last two turns of the user. Where the client marks anything itself, all stays as it is.

use switchyard_actors::domain::preferences::CacheTtl;

use super::{Granted, LONG_CACHE_BETA, billing, cache};
use crate::wire::edit::Changes;
use crate::wire::tree::Node;

const NAME: &str = "cache_marks";
const KEY: &str = "cache_control";
/// Turns of the user that are marked: the present one, and the one that the vendor has seen before.
const TURNS: usize = 2;
/// Blocks that bear a mark, in the words of their `type`.
const MARKABLE: [&str; 5] = ["text", "image", "document", "tool_result", "search_result"];

/// Puts the marks in, which last as long as is wished.
pub(super) fn add(
    ttl: Option<CacheTtl>,
    without_billing: bool,
    root: Node<'_>,
    granted: &mut Granted,
) {
    if !cache::marks(without_billing, root).is_empty() {
        return;
    }
    let ends = ends(without_billing, root);
    if ends.is_empty() {
        return;
    }
    let mark = match ttl {
        Some(ttl @ CacheTtl::OneHour) => {
            granted.beta.push(LONG_CACHE_BETA);
            format!(r#"{{"type":"ephemeral","ttl":"{}"}}"#, ttl.name())
        }
        Some(CacheTtl::FiveMinutes) | None => r#"{"type":"ephemeral"}"#.to_owned(),
    };
    granted.change(NAME, &format!("{} put in", ends.len()), |changes| {
        for end in ends {
            set(end, &mark, changes);
        }
    });
}

/// Finds what is marked: objects, and texts that stand for a block of text.
fn ends(without_billing: bool, root: Node<'_>) -> Vec<Node<'_>> {
    let elements = |key: &str| root.get(key).into_iter().flat_map(|list| list.elements());
    let tool = elements("tools").filter(|tool| tool.is_object() && !is_deferred(*tool)).last();
    let system = root.get("system").and_then(|system| {
        let stays = |block: Node<'_>| !(without_billing && billing::is_it(block));
        last_block(system, stays).filter(|_| !(without_billing && billing::begins(system)))
    });
    let turns: Vec<_> = elements("messages").filter(|message| is_users(*message)).collect();
    let turns = turns.into_iter().rev().take(TURNS).filter_map(|turn| turn.get("content"));
    let turns = turns.filter_map(|content| last_block(content, |_| true));
    tool.into_iter().chain(system).chain(turns).collect()
}

/// Returns the last block of a list that bears a mark, or the text that stands for a list.
fn last_block<'a>(content: Node<'a>, is_meant: impl Fn(Node<'a>) -> bool) -> Option<Node<'a>> {
    if content.is_list() {
        return content.elements().filter(|block| bears(*block) && is_meant(*block)).last();
    }
    Some(content).filter(is_said)
}

fn bears(block: Node<'_>) -> bool {
    let is_kind = |kind: Node<'_>| MARKABLE.iter().any(|name| kind.is(name));
    // An empty text is refused with a mark.
    let is_empty = block.get("text").is_some_and(|text| !is_said(&text));
    block.get("type").is_some_and(is_kind) && !is_empty
}

/// Tells whether a node is a text that says something.
fn is_said(node: &Node<'_>) -> bool {
    node.text().is_some_and(|text| !text.trim().is_empty())
}

/// A tool that the model has to look for first takes no mark.
fn is_deferred(tool: Node<'_>) -> bool {
    tool.get("defer_loading").is_some_and(|flag| flag.raw() == b"true")
}

fn is_users(message: Node<'_>) -> bool {
    message.get("role").is_some_and(|role| role.is("user"))
}

/// Marks a block; a text becomes a list of one, its own bytes unchanged.
fn set(end: Node<'_>, mark: &str, changes: &mut Changes) {
    if end.is_object() {
        changes.set(end, KEY, mark);
        return;
    }
    let span = end.span();
    changes.replace(span.start..span.start, r#"[{"type":"text","text":"#);
    changes.replace(span.end..span.end, format!(r#","{KEY}":{mark}}}]"#));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use switchyard_actors::domain::dialect::Dialect;
    use switchyard_actors::domain::preferences::Preferences;

    use super::*;
    use crate::wire::edit::{apply, join};
    use crate::wire::wishes::Wishes;

    const MARK: &str = r#""cache_control":{"type":"ephemeral"}"#;

    fn wishes(cache_ttl: Option<CacheTtl>) -> Wishes {
        let preferences = Preferences { auto_cache: true, ..Preferences::default() };
        Wishes { preferences: Arc::new(preferences), cache_ttl, ..Wishes::default() }
    }

    fn granted(wishes: &Wishes, body: &str) -> (String, Granted) {
        let mut granted = wishes.grant(Dialect::Anthropic, "m", false, body.as_bytes());
        let edits = std::mem::take(&mut granted.changes).into_edits();
        let edited = join(apply(&Bytes::copy_from_slice(body.as_bytes()), edits).unwrap());
        (String::from_utf8(edited.to_vec()).unwrap(), granted)
    }

    fn marked(body: &str) -> String {
        granted(&wishes(None), body).0
    }

    #[test]
    fn the_ends_of_what_comes_again_are_marked_and_nothing_else_changes() {
        let body = r#"{"tools":[{"name":"a"},{"name":"b"},{"name":"c","defer_loading":true}],
            "system":[{"type":"text","text":"One."},{"type":"text","text":"Two."}],
            "messages":[{"role":"user","content":"caf\u00e9"},{"role":"assistant","content":"So"},
            {"role":"user", "content" : "Go" },{"role":"assistant","content":[{"type":"tool_use","id":"t"}]},
            {"role":"user","content":[{"type":"tool_result","content":"4"},{"type":"text","text":""}]}]}"#;
        let wanted = body
            .replace(r#"{"name":"b""#, &format!(r#"{{{MARK},"name":"b""#))
            .replace(
                r#"{"type":"text","text":"Two.""#,
                &format!(r#"{{{MARK},"type":"text","text":"Two.""#),
            )
            .replace(r#""Go""#, &format!(r#"[{{"type":"text","text":"Go",{MARK}}}]"#))
            .replace(r#"{"type":"tool_result""#, &format!(r#"{{{MARK},"type":"tool_result""#));
        let (edited, told) = granted(&wishes(None), body);
        assert_eq!(edited, wanted);
        assert_eq!((told.notes, told.beta), (vec!["cache_marks: 4 put in".to_owned()], vec![]));
        assert_eq!(marked(&wanted), wanted, "once");
    }

    #[test]
    fn marks_last_as_long_as_is_wished() {
        let (edited, told) = granted(&wishes(Some(CacheTtl::OneHour)), r#"{"system":"One."}"#);
        let mark = r#""cache_control":{"type":"ephemeral","ttl":"1h"}"#;
        assert_eq!(edited, format!(r#"{{"system":[{{"type":"text","text":"One.",{mark}}}]}}"#));
        assert_eq!(told.beta, [LONG_CACHE_BETA]);
        let (short, told) = granted(&wishes(Some(CacheTtl::FiveMinutes)), r#"{"system":"One."}"#);
        assert!(short.contains(MARK) && told.beta.is_empty(), "{short}");
    }

    #[test]
    fn who_marks_anything_or_has_nothing_to_mark_is_left_alone() {
        for body in [
            r#"{"cache_control":{"type":"ephemeral"},"system":"One."}"#,
            r#"{"system":[{"type":"text","text":"One.","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"x"}]}"#,
            r#"{"system":"One.","messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}]}]}]}"#,
            r#"{"system":"  ","messages":[{"role":"assistant","content":"So"}],"tools":[]}"#,
            r#"{"messages":[{"role":"user","content":[{"type":"container_upload","file_id":"f"}]}]}"#,
        ] {
            assert_eq!(marked(body), body);
        }
        assert_eq!(marked(r#"{"system":"One."}"#).matches(MARK).count(), 1);
    }

    #[test]
    fn a_billing_block_that_goes_is_not_marked() {
        let without = Wishes { without_billing: true, ..wishes(None) };
        let block = r#"{"type":"text","text":"x-anthropic-billing-header: a"}"#;
        let list = format!(r#"{{"system":[{{"type":"text","text":"One."}},{block}]}}"#);
        let (edited, _) = granted(&without, &list);
        assert_eq!(edited, format!(r#"{{"system":[{{{MARK},"type":"text","text":"One."}}]}}"#));
        let text = r#"{"system":"x-anthropic-billing-header: a","messages":[{"role":"user","content":"x"}]}"#;
        let (edited, _) = granted(&without, text);
        assert_eq!(
            edited,
            format!(
                r#"{{"messages":[{{"role":"user","content":[{{"type":"text","text":"x",{MARK}}}]}}]}}"#
            )
        );
    }
}
