//! Changes to one body, gathered as edits that keep its commas right.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use bytes::Bytes;

use super::Edit;
use crate::wire::tree::{Member, Node};

/// Edits of one body, under one name or several.
///
/// What goes and what comes is kept by its container until all is known: which commas go with it depends on
/// what else stays there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    name: &'static str,
    edits: Vec<Edit>,
    /// Containers that lose children, by where their first child begins.
    losing: BTreeMap<usize, Losing>,
    coming: Vec<Coming>,
}

/// A container that loses children.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Losing {
    children: Vec<Range<usize>>,
    /// Under which name each of them goes; `None` stays.
    goes: Vec<Option<&'static str>>,
}

/// A new child.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Coming {
    name: &'static str,
    /// Where it is put.
    at: usize,
    json: String,
    /// Where the first of those begins that are there already.
    first: Option<usize>,
    /// It comes behind all others, not before them.
    is_last: bool,
}

impl Changes {
    /// Begins without any.
    #[must_use]
    pub const fn named(name: &'static str) -> Self {
        Self { name, edits: Vec::new(), losing: BTreeMap::new(), coming: Vec::new() }
    }

    /// What follows has another name.
    pub const fn rename(&mut self, name: &'static str) {
        self.name = name;
    }

    /// Tells how many changes there are so far: more of them later means that something was changed.
    #[must_use]
    pub fn count(&self) -> usize {
        let gone: usize =
            self.losing.values().map(|losing| losing.goes.iter().flatten().count()).sum();
        self.edits.len() + self.coming.len() + gone
    }

    /// Tells whether nothing is to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Returns the edits, none of which overlaps another: a change within something that goes is gone
    /// with it.
    #[must_use]
    pub fn into_edits(self) -> Vec<Edit> {
        let mut edits = self.edits;
        let mut filled = BTreeSet::new();
        for coming in self.coming {
            let losing = |first| self.losing.get(&first);
            let some_stay =
                coming.first.is_some_and(|first| losing(first).is_none_or(Losing::some_stay));
            let is_first = filled.insert(coming.at);
            edits.push(coming.edit(some_stay, is_first));
        }
        edits.extend(self.losing.into_values().flat_map(Losing::edits));
        without_inner(edits)
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
            None if object.is_object() => {
                self.insert(object, format!("{}:{json}", quoted(key)));
                true
            }
            None => false,
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
        let first = list.elements().next().map(|element| element.span().start);
        let end = list.elements().last().map(|element| element.span().end);
        let at = end.unwrap_or(list.span().start + 1);
        let json = json.to_owned();
        self.coming.push(Coming { name: self.name, at, json, first, is_last: true });
    }

    /// Puts a member behind the opening brace of an object.
    fn insert(&mut self, object: Node<'_>, json: String) {
        let at = object.span().start + 1;
        let first = object.members().next().map(|member| member.span().start);
        self.coming.push(Coming { name: self.name, at, json, first, is_last: false });
    }

    /// Takes those children out of a container for which `goes` says so, with the commas that held them.
    /// `children` are all there are, in their order.
    pub fn remove(&mut self, children: &[Range<usize>], goes: impl Fn(usize) -> bool) {
        let Some(first) = children.first().filter(|_| (0..children.len()).any(&goes)) else {
            return;
        };
        let none = || Losing { children: children.to_vec(), goes: vec![None; children.len()] };
        let losing = self.losing.entry(first.start).or_insert_with(none);
        for (at, gone) in losing.goes.iter_mut().enumerate() {
            if gone.is_none() && goes(at) {
                *gone = Some(self.name);
            }
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

impl Losing {
    fn some_stay(&self) -> bool {
        self.goes.contains(&None)
    }

    /// Takes each child that goes with the comma behind it; of those behind the last one that stays, and of
    /// no others, the comma before the first goes instead.
    fn edits(self) -> Vec<Edit> {
        let kept = self.goes.iter().rposition(Option::is_none);
        let spot = |at: usize| self.children.get(at).cloned();
        let mut edits: Vec<Edit> = Vec::new();
        for (at, name) in self.goes.iter().enumerate() {
            let (Some(name), Some(child)) = (*name, spot(at)) else { continue };
            let follows_kept = kept.is_some_and(|kept| kept + 1 == at);
            let before = if follows_kept { at.checked_sub(1).and_then(spot) } else { None };
            let start = before.map_or(child.start, |before| before.end);
            let end = spot(at + 1).map_or(child.end, |next| next.start);
            match edits.last_mut() {
                Some(last) if last.name == name && last.span.end == start => last.span.end = end,
                _ => edits.push(Edit { name, span: start..end, replacement: Bytes::new() }),
            }
        }
        edits
    }
}

impl Coming {
    fn edit(self, some_stay: bool, is_first: bool) -> Edit {
        let Self { name, at, json, is_last, .. } = self;
        let text = match (is_last, some_stay, is_first) {
            (false, true, _) => format!("{json},"),
            (true, true, _) | (_, false, false) => format!(",{json}"),
            (_, false, true) => json,
        };
        Edit { name, span: at..at, replacement: text.into() }
    }
}

/// Leaves out edits that lie within something that goes.
fn without_inner(mut edits: Vec<Edit>) -> Vec<Edit> {
    edits.sort_by_key(|edit| (edit.span.start, std::cmp::Reverse(edit.span.end)));
    let mut gone = 0..0;
    edits.retain(|edit| {
        let Range { start, end } = edit.span;
        // What is put in at the border of a span is not within it.
        let is_inner = start >= gone.start
            && end <= gone.end
            && (start < end || (start > gone.start && end < gone.end));
        if !is_inner && edit.replacement.is_empty() && start < end {
            gone = start..end;
        }
        !is_inner
    });
    edits
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

    #[test]
    fn neighbours_that_go_one_by_one_and_what_comes_beside_them_leave_json() {
        let body = r#"{"a":1, "b":2, "c":[{"d":3}]}"#;
        let gone = |keys: &[&'static str], sets: &[&str]| {
            changed(body, |root, changes| {
                for key in sets {
                    changes.set(root, key, "9");
                }
                for key in keys {
                    changes.rename(key);
                    changes.remove_members(root, &[key]);
                }
            })
        };
        assert_eq!(gone(&["c", "b"], &[]), r#"{"a":1}"#);
        assert_eq!(gone(&["b", "c", "a"], &["x", "y"]), r#"{"x":9,"y":9}"#);
        assert_eq!(
            gone(&["a", "b"], &["b", "x"]),
            r#"{"x":9,"c":[{"d":3}]}"#,
            "none is set and gone"
        );
        let last = changed(r#"{"c":[1, 2]}"#, |root, changes| {
            let list = root.get("c").unwrap();
            changes.append(list, "8");
            changes.append(list, "9");
            let spans: Vec<_> = list.elements().map(|node| node.span()).collect();
            changes.remove(&spans, |at| at == 1);
            changes.remove(&spans, |at| at == 0);
        });
        assert_eq!(last, r#"{"c":[8,9]}"#);
    }

    #[test]
    fn each_name_stays_with_what_it_takes_away() {
        let body = Bytes::from_static(br#"{"a":1,"b":2,"c":3}"#);
        let root = Node::root(&body).unwrap();
        let mut changes = Changes::named("one");
        changes.remove_members(root, &["b"]);
        changes.rename("two");
        changes.remove_members(root, &["c", "b"]);
        assert_eq!(changes.count(), 2, "what is gone does not go again");
        let edits = changes.into_edits();
        let names: Vec<_> = edits.iter().map(|edit| edit.name).collect();
        assert_eq!(names, ["one", "two"]);
        assert_eq!(join(apply(&body, edits).unwrap()), r#"{"a":1}"#);
    }

    /// A change of a member: it goes, or it is set.
    fn any_change() -> impl Strategy<Value = (String, bool)> {
        ("[a-e]", any::<bool>())
    }

    proptest! {
        #[test]
        fn changes_in_any_order_leave_what_they_would_one_by_one(
            keys in prop::collection::btree_set("[abc]", 0..4),
            steps in prop::collection::vec(any_change(), 0..6), pretty in any::<bool>(),
        ) {
            let mut wanted: Json = keys.iter().map(|key| (key.clone(), json!([0]))).collect::<serde_json::Map<_, _>>().into();
            let body = if pretty { serde_json::to_string_pretty(&wanted) } else { serde_json::to_string(&wanted) };
            let mut met = std::collections::BTreeSet::new();
            let steps: Vec<_> = steps.into_iter().filter(|(key, _)| met.insert(key.clone())).collect();
            let edited = changed(&body.unwrap(), |root, changes| {
                for (key, goes) in &steps {
                    if *goes {
                        changes.remove_members(root, &[key]);
                    } else {
                        changes.set(root, key, "9");
                    }
                }
            });
            for (key, goes) in &steps {
                if *goes {
                    wanted.as_object_mut().unwrap().remove(key);
                } else {
                    wanted[key.as_str()] = json!(9);
                }
            }
            prop_assert_eq!(serde_json::from_str::<Json>(&edited).ok(), Some(wanted), "{}", edited);
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
