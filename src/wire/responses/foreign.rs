//! Thinking items of a Responses request that another family's model has thought. Whatever of that a
//! client of this format was given is marked, so the mark alone tells.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::super::convert::seal;
use super::super::edit::{Changes, Edit};
use super::super::foreign::{STRIP_FOREIGN_THINKING, is_any, plain};
use super::super::tree::Node;

/// What is sealed stands behind this; made ready to be looked for.
static BLOBS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"encrypted_content\""));

/// Returns what leaves out another family's thinking; nothing for a body without any.
#[must_use]
pub fn strip(body: &[u8]) -> Vec<Edit> {
    if !may_be_there(body) {
        return Vec::new();
    }
    let Some(input) = Node::root(body).and_then(|root| root.get("input")) else {
        return Vec::new();
    };
    let items: Vec<Node<'_>> = input.elements().collect();
    let gone: Vec<bool> = items.iter().map(is_foreign).collect();
    if gone.iter().all(|gone| *gone) {
        // Without an item there is no request: the vendor may say so.
        return Vec::new();
    }
    let spans: Vec<Range<usize>> = items.iter().map(Node::span).collect();
    let mut changes = Changes::named(STRIP_FOREIGN_THINKING);
    changes.remove(&spans, |at| gone.get(at) == Some(&true));
    changes.into_edits()
}

/// A look that is cheap where there is nothing: it reads no more than what is sealed.
#[must_use]
pub fn may_be_there(body: &[u8]) -> bool {
    let is_marked = |blob: &[u8]| plain(blob).is_some_and(|blob| seal::is_marked(&blob));
    is_any(body, &BLOBS, is_marked)
}

fn is_foreign(item: &Node<'_>) -> bool {
    let is_thinking = || item.get("type").is_some_and(|kind| kind.is("reasoning"));
    let blob = item.get("encrypted_content").and_then(|blob| blob.text());
    blob.is_some_and(|blob| seal::is_marked(&blob)) && is_thinking()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::super::foreign::trial;
    use super::*;

    fn thinking(blob: &str) -> Value {
        json!({ "type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": blob })
    }

    fn text(text: &str) -> Value {
        json!({ "type": "message", "role": "user", "content": text })
    }

    fn body(items: &[Value]) -> String {
        json!({ "model": "m", "input": items, "store": false }).to_string()
    }

    fn stripped(body: &str) -> String {
        trial::stripped(body, strip)
    }

    #[test]
    fn what_is_openai_s_or_no_thinking_stays() {
        let quoted = text("{\"encrypted_content\":\"sy1.a.t..x\"}");
        let other = json!({ "type": "compaction", "encrypted_content": "sy1.a.t..x" });
        let of_a_tool = json!({ "type": "function_call_output", "call_id": "c",
            "output": [{ "type": "reasoning", "encrypted_content": "sy1.a.t..x" }] });
        for item in [thinking("gAAAAABo"), thinking("EgYKBAgLGAI="), quoted, other, of_a_tool] {
            let whole = body(&[item, text("a")]);
            assert_eq!(stripped(&whole), whole);
        }
        let only = body(&[thinking("sy1.a.t..x")]);
        assert_eq!(stripped(&only), only);
        trial::odd_bodies_stay(
            &[r#"{"encrypted_content":"sy1.a.t..x"}"#, r#"{"input":"x"}"#],
            strip,
        );
    }

    proptest! {
        /// However items are mixed, what is left is what is not foreign, byte for byte.
        #[test]
        fn what_is_left_is_all_that_is_not_foreign(kinds in prop::collection::vec(0_u8..5, 0..9)) {
            let item = |(at, kind): (usize, &u8)| match kind {
                0 => thinking("sy1.a.t..EgYKBAgLGAI="),
                1 => thinking("sy1.g.c..x"),
                4 => thinking("sy1.x.t.."),
                2 => thinking("gAAAAABo"),
                _ => text(&at.to_string()),
            };
            let mut items: Vec<Value> = kinds.iter().enumerate().map(item).collect();
            let left = kinds.iter().enumerate().filter(|(_, kind)| matches!(kind, 2 | 3)).map(item);
            let mut left: Vec<Value> = left.collect();
            items.push(text("last"));
            left.push(text("last"));
            prop_assert_eq!(stripped(&body(&items)), body(&left));
        }
    }
}
