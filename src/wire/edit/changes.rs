//! Changes to one body, gathered as edits that keep its commas right.

use std::ops::Range;

use bytes::Bytes;

use super::Edit;
use crate::wire::tree::{Member, Node};

/// Edits of one body, under one name or several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    name: &'static str,
    edits: Vec<Edit>,
    /// Where empty objects begin that were given members.
    filled: Vec<usize>,
}

impl Changes {
    /// Begins without any.
    #[must_use]
    pub const fn named(name: &'static str) -> Self {
        Self { name, edits: Vec::new(), filled: Vec::new() }
    }

    /// What follows has another name.
    pub const fn rename(&mut self, name: &'static str) {
        self.name = name;
    }

    /// Tells how many edits there are so far.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.edits.len()
    }

    /// Tells whether nothing is to change.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Returns the edits.
    #[must_use]
    pub fn into_edits(self) -> Vec<Edit> {
        self.edits
    }

    /// Puts a text in the place of another.
    pub fn replace(&mut self, span: Range<usize>, replacement: impl Into<Bytes>) {
        self.edits.push(Edit { name: self.name, span, replacement: replacement.into() });
    }

    /// Gives an object's member a value, written as JSON; a member that is not there comes first. Of
    /// several of one name the last gets it and the others go: no reader finds another value. Says
    /// whether that changes anything.
    pub fn set(&mut self, object: Node<'_>, key: &str, json: &str) -> bool {
        let has_gone = self.remove_all_but_last(object, key);
        match object.get(key) {
            Some(value) if value.raw() == json.as_bytes() => has_gone,
            Some(value) => {
                self.replace(value.span(), json.to_owned());
                true
            }
            None => {
                self.insert(object, &format!("{}:{json}", quoted(key)), object.is_object());
                object.is_object()
            }
        }
    }

    /// Takes members of one name out, but for the last of them. Says whether there were any.
    fn remove_all_but_last(&mut self, object: Node<'_>, key: &str) -> bool {
        let is_it: Vec<bool> = object.members().map(|member| member.key.is(key)).collect();
        let last = is_it.iter().rposition(|is_it| *is_it);
        let goes = |at: usize| Some(at) != last && is_it.get(at).copied().unwrap_or_default();
        let any = (0..is_it.len()).any(goes);
        if any {
            let spans: Vec<_> = object.members().map(|member| member.span()).collect();
            self.remove(&spans, goes);
        }
        any
    }

    /// Puts an element at the end of a list.
    pub fn append(&mut self, list: Node<'_>, json: &str) {
        if !list.is_list() {
            return;
        }
        let filled = list.elements().last().map(|element| element.span().end);
        let (at, text) = match filled {
            Some(end) => (end, format!(",{json}")),
            None => (list.span().start + 1, json.to_owned()),
        };
        self.replace(at..at, text);
    }

    /// Puts a member behind the opening brace of an object.
    fn insert(&mut self, object: Node<'_>, member: &str, is_object: bool) {
        if !is_object {
            return;
        }
        let at = object.span().start + 1;
        let text = if object.members().next().is_some() {
            format!("{member},")
        } else if self.filled.contains(&at) {
            format!(",{member}")
        } else {
            self.filled.push(at);
            member.to_owned()
        };
        self.replace(at..at, text);
    }

    /// Takes those children out of a container for which `goes` says so, with the commas that held them.
    pub fn remove(&mut self, children: &[Range<usize>], goes: impl Fn(usize) -> bool) {
        let mut at = 0;
        while at < children.len() {
            if !goes(at) {
                at += 1;
                continue;
            }
            let first = at;
            while at < children.len() && goes(at) {
                at += 1;
            }
            let spot = |index: usize| children.get(index).cloned().unwrap_or_default();
            let span = match (children.get(at), first) {
                // Up to the next one that stays; else from the end of the last one that does.
                (Some(next), _) => spot(first).start..next.start,
                (None, 0) => spot(0).start..spot(at - 1).end,
                (None, _) => spot(first - 1).end..spot(at - 1).end,
            };
            self.replace(span, Bytes::new());
        }
    }

    /// Takes the members of these names out of an object. Says whether any was there.
    pub fn remove_members(&mut self, object: Node<'_>, keys: &[&str]) -> bool {
        let is_meant = |key: Node<'_>| keys.iter().any(|name| key.is(name));
        let members: Vec<_> = object.members().collect();
        let goes: Vec<bool> = members.iter().map(|member| is_meant(member.key)).collect();
        let spans: Vec<_> = members.iter().map(Member::span).collect();
        self.remove(&spans, |index| goes.get(index).copied().unwrap_or_default());
        goes.contains(&true)
    }
}

fn quoted(key: &str) -> String {
    serde_json::Value::from(key).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    use super::super::{apply, join};
    use super::*;

    fn changed(body: &str, change: impl FnOnce(Node<'_>, &mut Changes)) -> String {
        let mut changes = Changes::named("test");
        change(Node::root(body.as_bytes()).unwrap(), &mut changes);
        let body = Bytes::copy_from_slice(body.as_bytes());
        let joined = join(apply(&body, changes.into_edits()).unwrap());
        String::from_utf8(joined.to_vec()).unwrap()
    }

    #[test]
    fn members_are_set_wherever_they_stand() {
        let set = |body| {
            changed(body, |root, changes| {
                changes.set(root, "a", "1");
                changes.set(root, "b", "2");
            })
        };
        assert_eq!(set("{}"), r#"{"a":1,"b":2}"#);
        assert_eq!(set(r#"{ "z":0}"#), r#"{"a":1,"b":2, "z":0}"#);
        assert_eq!(set(r#"{ "b": 3, "a" : 1 }"#), r#"{ "b": 2, "a" : 1 }"#);
        assert_eq!(set("[]"), "[]");
    }

    #[test]
    fn of_several_members_of_one_name_the_last_is_set_and_the_others_go() {
        let set = |body| {
            changed(body, |root, changes| {
                changes.set(root, "a", "1");
            })
        };
        assert_eq!(set(r#"{"a":2, "a":3,"b":0,"\u0061":4}"#), r#"{"b":0,"\u0061":1}"#);
        assert_eq!(set(r#"{"a":2,"b":0,"a":1}"#), r#"{"b":0,"a":1}"#);
    }

    #[test]
    fn elements_are_appended() {
        let append = |body| changed(body, |root, changes| changes.append(root, "9"));
        assert_eq!(append("[ ]"), "[9 ]");
        assert_eq!(append("[1 , 2 ]"), "[1 , 2,9 ]");
        assert_eq!(append("{}"), "{}");
    }

    proptest! {
        #[test]
        fn what_is_set_is_what_every_reader_finds(
            keys in prop::collection::vec("[abc]", 0..8), key in "[abc]",
        ) {
            let members: Vec<_> =
                keys.iter().enumerate().map(|(at, key)| format!("\"{key}\": {at}")).collect();
            let body = format!("{{ {} }}", members.join(" , "));
            let root = Node::root(body.as_bytes()).unwrap();
            let last = keys.iter().rposition(|own| *own == key).map(|at| at as u64);
            prop_assert_eq!(root.get(&key).and_then(|value| value.number()), last);

            let set = changed(&body, |root, changes| {
                changes.set(root, &key, "99");
            });
            prop_assert_eq!(set.matches(&format!("\"{key}\"")).count(), 1, "{}", set);
            let mut wanted: Json = serde_json::from_str(&body).unwrap();
            wanted[key.as_str()] = json!(99);
            prop_assert_eq!(serde_json::from_str::<Json>(&set).unwrap(), wanted, "{}", set);
        }
    }

    proptest! {
        #[test]
        fn what_stays_of_a_container_is_a_container(gone in prop::collection::vec(any::<bool>(), 0..7)) {
            let list: Vec<usize> = (0..gone.len()).collect();
            let kept: Vec<usize> = list.iter().copied().filter(|at| !gone[*at]).collect();
            let edited = changed(&serde_json::to_string_pretty(&list).unwrap(), |root, changes| {
                let spans: Vec<_> = root.elements().map(|node| node.span()).collect();
                changes.remove(&spans, |at| gone[at]);
            });
            prop_assert_eq!(serde_json::from_str::<Json>(&edited).unwrap(), json!(kept));
        }
    }
}
