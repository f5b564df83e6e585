//! Thinking that another family's model has thought: a conversation that was served elsewhere for a
//! while has it in its history, and Anthropic refuses a request whose signatures are not its own. Such
//! blocks are left out of the bytes that go there; everything else stays as it was written.

use std::ops::Range;

use bytes::Bytes;

use super::super::convert::seal;
use super::super::edit::Edit;
use super::super::foreign::{STRIP_FOREIGN_THINKING, is_any, plain};
use super::super::scan::{self, Kind, Path, Value, Visitor, Want};

/// What every signature, and every redacted block, stands behind.
const SIGNATURE: &[u8] = b"\"signature\"";
const REDACTED: &[u8] = b"\"redacted_thinking\"";

/// Returns what leaves out another family's thinking; nothing for a body without any. What cannot be
/// told stays: it may be Anthropic's own of a shape that is not known yet.
#[must_use]
pub fn strip(body: &[u8]) -> Vec<Edit> {
    if !may_be_there(body) {
        return Vec::new();
    }
    let Ok(seen) = scan::scan(body, Seen::of(body)) else { return Vec::new() };
    let mut edits = Vec::new();
    let gone: Vec<bool> = seen.messages.iter().map(Message::is_all_foreign).collect();
    let spans: Vec<&Range<usize>> = seen.messages.iter().map(|message| &message.span).collect();
    if gone.iter().all(|gone| *gone) {
        // Without a message there is no request: the vendor may say so.
        return Vec::new();
    }
    leave_out(&spans, &gone, &mut edits);
    for message in seen.messages.iter().filter(|message| !message.is_all_foreign()) {
        let spans: Vec<&Range<usize>> = message.blocks.iter().map(|block| &block.span).collect();
        let gone: Vec<bool> = message.blocks.iter().map(|block| block.foreign).collect();
        leave_out(&spans, &gone, &mut edits);
    }
    edits
}

/// A look that is cheap where there is nothing: it reads no more than the signatures.
#[must_use]
pub fn may_be_there(body: &[u8]) -> bool {
    let sealed = is_any(body, SIGNATURE, is_foreign);
    // Redacted blocks are rare: where there is one, all is read.
    sealed || memchr::memmem::find(body, REDACTED).is_some()
}

/// Tells whether a blob, as it is written in JSON, is certainly another family's.
fn is_foreign(written: &[u8]) -> bool {
    plain(written).is_some_and(|text| seal::is_not_anthropics(&text))
}

/// Leaves out elements of an array, each with one comma.
fn leave_out(spans: &[&Range<usize>], gone: &[bool], edits: &mut Vec<Edit>) {
    let mut at = 0;
    while at < spans.len() {
        if gone.get(at) != Some(&true) {
            at += 1;
            continue;
        }
        let run = gone.iter().skip(at).take_while(|gone| **gone).count();
        let (first, next) = (spans.get(at), spans.get(at + run));
        let before = at.checked_sub(1).and_then(|before| spans.get(before));
        let last = spans.get(at + run - 1);
        let span = match (first, next, before, last) {
            (Some(first), Some(next), _, _) => Some(first.start..next.start),
            (_, None, Some(before), Some(last)) => Some(before.end..last.end),
            _ => None,
        };
        edits.extend(span.map(|span| Edit {
            name: STRIP_FOREIGN_THINKING,
            span,
            replacement: Bytes::new(),
        }));
        at += run;
    }
}

struct Block {
    span: Range<usize>,
    foreign: bool,
}

#[derive(Default)]
struct Message {
    span: Range<usize>,
    blocks: Vec<Block>,
}

impl Message {
    fn is_all_foreign(&self) -> bool {
        !self.blocks.is_empty() && self.blocks.iter().all(|block| block.foreign)
    }
}

/// The messages of a body and the blocks in them.
struct Seen<'b> {
    body: &'b [u8],
    messages: Vec<Message>,
    blocks: Vec<Block>,
    is_thinking: bool,
    foreign: bool,
}

impl<'b> Seen<'b> {
    fn of(body: &'b [u8]) -> Self {
        let (messages, blocks) = (Vec::new(), Vec::new());
        Self { body, messages, blocks, is_thinking: false, foreign: false }
    }
}

impl Visitor for Seen<'_> {
    fn wants(&mut self, path: &Path<'_>, kind: Kind) -> Want {
        match (path.len(), path.key(0), path.key(2)) {
            (0, _, _) | (1 | 2, Some("messages"), _) => Want::Enter,
            (3, Some("messages"), Some("content")) if kind == Kind::Array => Want::Enter,
            (4, Some("messages"), Some("content")) => {
                (self.is_thinking, self.foreign) = (false, false);
                Want::Enter
            }
            (5, Some("messages"), Some("content")) => match path.key(4) {
                Some("type") => Want::Scalar,
                Some("signature" | "data") => Want::Span,
                _ => Want::Skip,
            },
            _ => Want::Skip,
        }
    }

    fn value(&mut self, path: &Path<'_>, value: &Value<'_>) {
        match (path.len(), path.key(4)) {
            (2, _) => {
                let (span, blocks) = (value.span.clone(), std::mem::take(&mut self.blocks));
                self.messages.push(Message { span, blocks });
            }
            (4, _) => {
                let foreign = self.is_thinking && self.foreign;
                self.blocks.push(Block { span: value.span.clone(), foreign });
            }
            (5, Some("type")) => {
                self.is_thinking = matches!(value.as_str(), Some("thinking" | "redacted_thinking"));
            }
            (5, Some("signature" | "data")) if value.kind == Kind::String => {
                let inside = value.span.start + 1..value.span.end.saturating_sub(1);
                self.foreign |= self.body.get(inside).is_some_and(is_foreign);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;
    use serde_json::{Value as Document, json};

    use super::super::super::foreign::trial;
    use super::*;

    /// Field 2 { field 1 { field 1 = 11, field 3 = 2 } }: Anthropic's.
    const OWN: [u8; 8] = [0x12, 0x06, 0x0a, 0x04, 0x08, 0x0b, 0x18, 0x02];
    /// Field 2 { field 1 { bytes } }: Google's.
    const GOOGLES: [u8; 7] = [0x12, 0x05, 0x0a, 0x03, 0x01, 0xd1, 0xed];

    fn thinking(signature: &str) -> Document {
        json!({ "type": "thinking", "thinking": "so", "signature": signature })
    }

    fn text(text: &str) -> Document {
        json!({ "type": "text", "text": text })
    }

    fn body(blocks: &[Document]) -> String {
        json!({ "model": "m", "messages": [
            { "role": "user", "content": "hello" },
            { "role": "assistant", "content": blocks },
            { "role": "user", "content": [text("go on")] },
        ] })
        .to_string()
    }

    fn stripped(body: &str) -> String {
        trial::stripped(body, strip)
    }

    #[test]
    fn blocks_of_other_families_go_and_all_else_stays_byte_for_byte() {
        let own = thinking(&STANDARD.encode(OWN));
        for foreign in ["sy1.o.c2ln", "sy1.g.c2ln", "gAAAAABo-x_1==", &STANDARD.encode(GOOGLES)] {
            let foreign = thinking(foreign);
            for (blocks, left) in [
                (vec![foreign.clone(), text("a")], vec![text("a")]),
                (vec![text("a"), foreign.clone()], vec![text("a")]),
                (vec![text("a"), foreign.clone(), foreign.clone()], vec![text("a")]),
                (
                    vec![foreign.clone(), own.clone(), foreign.clone(), text("a")],
                    vec![own.clone(), text("a")],
                ),
            ] {
                assert_eq!(stripped(&body(&blocks)), body(&left));
            }
        }
        let redacted = json!({ "type": "redacted_thinking", "data": "sy1.x.secret" });
        assert_eq!(stripped(&body(&[redacted, text("a")])), body(&[text("a")]));
    }

    #[test]
    fn a_message_of_nothing_else_goes_whole() {
        let after: Document =
            serde_json::from_str(&stripped(&body(&[thinking("gAAAAABo")]))).unwrap();
        let roles: Vec<&str> = after["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["role"].as_str().unwrap())
            .collect();
        assert_eq!(roles, ["user", "user"]);
        let only =
            json!({ "messages": [{ "role": "assistant", "content": [thinking("sy1.o.x")] }] });
        assert_eq!(stripped(&only.to_string()), only.to_string());
    }

    #[test]
    fn what_is_anthropic_s_or_cannot_be_told_stays() {
        let quoted = json!({ "type": "text", "text": "{\"signature\":\"sy1.o.x\"}" });
        let result = json!({ "type": "tool_result", "signature": "sy1.o.x", "content": "x" });
        for block in
            [thinking(&STANDARD.encode(OWN)), thinking("c2ln"), thinking(""), quoted, result]
        {
            let whole = body(&[block, text("a")]);
            assert_eq!(stripped(&whole), whole);
        }
        trial::odd_bodies_stay(
            &["{\"messages\":\"signature\"}", r#"{"signature":"sy1.o.x"}"#],
            strip,
        );
    }

    proptest! {
        /// However blocks are mixed, what is left is what is not foreign, in its order.
        #[test]
        fn what_is_left_is_all_that_is_not_foreign(kinds in prop::collection::vec(0_u8..4, 1..9)) {
            let block = |(at, kind): (usize, &u8)| match kind {
                0 => thinking("sy1.o.x"),
                1 => thinking("gAAAAABo"),
                2 => thinking(&STANDARD.encode(OWN)),
                _ => text(&at.to_string()),
            };
            let blocks: Vec<Document> = kinds.iter().enumerate().map(block).collect();
            let left: Vec<Document> =
                kinds.iter().enumerate().filter(|(_, kind)| **kind > 1).map(block).collect();
            let after: Document = serde_json::from_str(&stripped(&body(&blocks))).unwrap();
            if left.is_empty() {
                prop_assert_eq!(after["messages"].as_array().unwrap().len(), 2);
            } else {
                prop_assert_eq!(after["messages"][1]["content"].clone(), json!(left));
            }
        }
    }
}
