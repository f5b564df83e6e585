//! What bounds a node's values: kept where its taker knows it, else told in words.

use super::super::node::{Node, Object};
use super::clean::Cleaner;
use super::flat::Flat;
use super::keyword::{Fate, fate};
use super::kind::belongs;
use super::write::plain;
use super::{Purpose, Taker};

impl<'a> Cleaner<'a> {
    /// Writes a simple keyword, or has the description tell it.
    pub(super) fn simple(
        &mut self,
        keyword: &str,
        flat: &Flat<'a>,
        name: &str,
        object: &mut Object,
        notes: &mut Vec<String>,
    ) {
        let Some(value) = flat.get(keyword).filter(|_| belongs(keyword, name)) else { return };
        match fate(keyword, value.as_text(), self.taker) {
            Fate::Keep => {
                object.0.extend(self.copy(value).map(|value| (keyword.to_owned(), value)));
            }
            Fate::Drop => self.lose(keyword),
            Fate::Tell => {
                self.lose(keyword);
                if !self.affords(value.printed()) {
                    return;
                }
                notes.push(format!("{keyword}: {}", plain(value)));
                let wider = match keyword {
                    "exclusiveMinimum" => "minimum",
                    "exclusiveMaximum" => "maximum",
                    _ => return,
                };
                let is_number = matches!(value, Node::Leaf(_))
                    && !value.is_leaf("true")
                    && !value.is_leaf("false");
                if self.taker == Taker::Subset && is_number && flat.get(wider).is_none() {
                    object.push(wider, value.clone());
                }
            }
        }
    }

    /// Writes `enum`, also for `const`: the subset knows texts alone. Tells whether null is among them.
    pub(super) fn values(
        &mut self,
        flat: &Flat<'a>,
        name: &str,
        object: &mut Object,
        notes: &mut Vec<String>,
    ) -> bool {
        let all: Vec<&Node> = match (flat.get("enum").and_then(Node::as_list), flat.get("const")) {
            (Some(list), _) => list.iter().collect(),
            (None, Some(value)) => vec![value],
            (None, None) => return false,
        };
        let length = all.iter().map(|value| value.printed()).fold(0, usize::saturating_add);
        if !self.affords(length) {
            self.lose("enum");
            return false;
        }
        let is_empty = |value: &&Node| value.as_text() == Some("");
        let kept: Vec<Node> = all
            .iter()
            .filter(|value| !value.is_leaf("null") && !is_empty(value))
            .map(|value| (*value).clone())
            .collect();
        let may_be_null = all.iter().any(|value| value.is_leaf("null"));
        // Google takes no empty text among them.
        if all.iter().any(is_empty) {
            self.lose("enum");
        }
        if kept.is_empty() {
            return may_be_null;
        }
        let texts = kept.iter().all(|value| value.as_text().is_some());
        let keeps = match self.taker {
            Taker::Subset => texts && name == "string",
            Taker::JsonSchema => kept.iter().all(|value| !matches!(value, Node::Object(_))),
            Taker::Internal => texts && name == "string" && self.purpose == Purpose::Answer,
        };
        if keeps {
            object.push("enum", Node::List(kept));
        } else {
            self.lose("enum");
            let told = kept.iter().map(plain).collect::<Vec<_>>().join(", ");
            notes.push(format!("one of: {told}"));
        }
        may_be_null
    }
}
