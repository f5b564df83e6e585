//! Nodes written anew with what their taker knows.

use std::collections::{BTreeSet, HashSet};

use super::super::node::{Node, Object};
use super::flat::{Flat, flatten};
use super::keyword::{RARE, SIMPLE};
use super::kind::{guess, known, types};
use super::place::{Place, Whole};
use super::union::{Members, members, richest};
use super::write::{any_object, any_of, describe, nulled};
use super::{Purpose, Taker};

/// How deep a schema goes; what is deeper is any object.
const MOST_DEPTH: usize = 40;
/// What a schema may grow to when its references are put in place, in bytes.
const MOST_ROOM: usize = 4 << 20;

/// How many lost keywords are told apart.
const MOST_LOST: usize = 64;

/// Returns what schemas of a length may grow to, all together, in bytes.
pub(super) fn room(length: usize) -> usize {
    length.saturating_mul(8).saturating_add(64 << 10).min(MOST_ROOM.max(length.saturating_mul(4)))
}

/// Cleans the nodes of one schema.
pub(super) struct Cleaner<'a> {
    whole: Whole<'a>,
    pub(super) taker: Taker,
    pub(super) purpose: Purpose,
    depth: usize,
    /// What the schema may still grow by.
    left: usize,
    /// The node that is written.
    here: &'a Node,
    lost: BTreeSet<String>,
    /// Keywords with the nodes that they were lost of.
    places: Vec<(&'a Node, String)>,
}

impl<'a> Cleaner<'a> {
    pub(super) fn new(root: &'a Node, taker: Taker, purpose: Purpose, left: usize) -> Self {
        let (whole, lost, places) = (Whole::new(root), BTreeSet::new(), Vec::new());
        Self { whole, taker, purpose, depth: 0, left, here: root, lost, places }
    }

    /// Returns what was lost and where, and what is left of the room.
    pub(super) fn into_lost(self) -> (BTreeSet<String>, Vec<(&'a Node, String)>, usize) {
        (self.lost, self.places, self.left)
    }

    pub(super) fn lose(&mut self, keyword: &str) {
        if self.lost.len() < MOST_LOST {
            self.lost.insert(keyword.to_owned());
        }
        let is_told =
            |(node, told): &(&Node, String)| std::ptr::eq(*node, self.here) && told == keyword;
        if self.places.len() < MOST_LOST && !self.places.iter().any(is_told) {
            self.places.push((self.here, keyword.to_owned()));
        }
    }

    /// Cleans a node.
    pub(super) fn node(&mut self, place: &Place<'a>) -> Object {
        self.member(place, None)
    }

    /// Cleans a node; one that says no type is of the outer one's.
    fn member(&mut self, place: &Place<'a>, outer: Option<&'static str>) -> Object {
        if self.depth >= MOST_DEPTH || self.left == 0 {
            self.lose("depth");
            return any_object();
        }
        self.depth += 1;
        let outside = std::mem::replace(&mut self.here, place.node);
        let mut flat = flatten(&self.whole, place);
        let members = members(&self.whole, &mut flat);
        self.spend(flat.read.saturating_add(32));
        let object = self.flattened(&flat, members, outer);
        self.depth -= 1;
        self.here = outside;
        object
    }

    fn spend(&mut self, length: usize) {
        self.left = self.left.saturating_sub(length);
    }

    /// Tells whether there is room for what is written once more, and takes it. Where there is none,
    /// none is left: nobody looks again at what did not fit.
    pub(super) fn affords(&mut self, length: usize) -> bool {
        let fits = length <= self.left;
        self.spend(length);
        if !fits {
            self.lose("depth");
        }
        fits
    }

    /// Copies a value that its taker reads as it is.
    pub(super) fn copy(&mut self, node: &Node) -> Option<Node> {
        self.affords(node.printed()).then(|| node.clone())
    }

    /// Returns the description, when there is room for it once more.
    fn description(&mut self, flat: &Flat<'a>) -> Option<&'a str> {
        flat.text("description").filter(|text| self.affords(text.len()))
    }

    fn flattened(
        &mut self,
        flat: &Flat<'a>,
        members: Members<'a>,
        outer: Option<&'static str>,
    ) -> Object {
        if flat.is_cut {
            self.lose("$ref");
        }
        self.lose_unknown(flat);
        let Members { places, mut nullable } = members;
        nullable |= flat.get("nullable").is_some_and(|is| is.is_leaf("true"));
        let is_own = !flat.properties.is_empty() || flat.get("items").is_some();
        if !places.is_empty() && is_own {
            // Members beside properties only say which of them belong together.
            self.lose("anyOf");
        } else if !places.is_empty() {
            return self.union(flat, &places, nullable, outer);
        }
        let mut types = types(flat);
        let known = types.len();
        types.retain(|name| *name != "null");
        nullable |= types.len() < known;
        if types.is_empty() {
            let said = (known > 0).then_some("string");
            let said = said.or_else(|| outer.filter(|_| !is_own)).or_else(|| guess(flat));
            let Some(said) = said else { return self.anything(flat, nullable) };
            types.push(said);
        }
        match types.as_slice() {
            [only] => self.single(flat, only, nullable),
            [first, ..] if self.taker == Taker::Internal => {
                self.lose("type");
                self.single(flat, first, nullable)
            }
            _ => {
                let each = types.iter().map(|name| self.single(flat, name, nullable));
                any_of(each.collect())
            }
        }
    }

    /// Says which keywords are neither written nor told.
    fn lose_unknown(&mut self, flat: &Flat<'a>) {
        for key in &flat.unknown {
            self.lose(key);
        }
        for key in RARE {
            if self.taker != Taker::JsonSchema && flat.get(key).is_some() {
                self.lose(key);
            }
        }
    }

    /// Says which keywords stand beside members, where nothing else may.
    fn lose_beside_members(&mut self, flat: &Flat<'a>, types: &[&str]) {
        for (key, _) in &flat.keys {
            if !matches!(*key, "description" | "type" | "nullable") {
                self.lose(key);
            }
        }
        if types.iter().filter(|name| **name != "null").count() > 1 {
            self.lose("type");
        }
        if !flat.required.is_empty() {
            self.lose("required");
        }
    }

    /// Writes a node that may be one of several things.
    fn union(
        &mut self,
        flat: &Flat<'a>,
        places: &[Place<'a>],
        nullable: bool,
        outer: Option<&'static str>,
    ) -> Object {
        if self.taker == Taker::Internal {
            self.lose("anyOf");
            let Some(rich) = richest(places) else { return any_object() };
            let mut object = self.node(rich);
            let names: BTreeSet<&str> = places
                .iter()
                .filter_map(|place| known(place.node.as_object()?.get("type")?.as_text()?))
                .collect();
            let told = names.into_iter().collect::<Vec<_>>().join(" or ");
            let told = (!told.is_empty()).then(|| format!("may be: {told}"));
            describe(&mut object, self.description(flat), told.as_slice());
            return nulled(object, nullable, self.taker);
        }
        let types = types(flat);
        let own = types.iter().copied().find(|name| *name != "null");
        self.lose_beside_members(flat, &types);
        let each = places.iter().map(|place| {
            let mut object = self.member(place, own.or(outer));
            // Nothing else may stand beside `anyOf`, so its members say it.
            if object.get("description").is_none() && object.get("anyOf").is_none() {
                describe(&mut object, self.description(flat), &[]);
            }
            nulled(object, nullable, self.taker)
        });
        any_of(each.collect())
    }

    /// Writes a node that may be anything, for which JSON Schema alone has a word. Arguments are always an
    /// object, and so is what is cut.
    fn anything(&mut self, flat: &Flat<'a>, nullable: bool) -> Object {
        let is_object = flat.is_cut || (self.depth == 1 && self.purpose == Purpose::Arguments);
        let mut object = self.single(flat, "object", nullable);
        match self.taker {
            _ if is_object => {}
            Taker::JsonSchema => drop(object.take("type")),
            Taker::Subset | Taker::Internal => self.lose("type"),
        }
        object
    }

    /// Writes a node of one type.
    fn single(&mut self, flat: &Flat<'a>, name: &str, nullable: bool) -> Object {
        let mut object = Object::default();
        object.push("type", Node::text(name));
        let mut notes = Vec::new();
        let may_be_null = self.values(flat, name, &mut object, &mut notes);
        for keyword in SIMPLE {
            self.simple(keyword, flat, name, &mut object, &mut notes);
        }
        describe(&mut object, self.description(flat), &notes);
        match name {
            "object" => self.object(flat, &mut object),
            "array" => self.array(flat, &mut object),
            _ => {}
        }
        nulled(object, nullable || may_be_null, self.taker)
    }

    fn object(&mut self, flat: &Flat<'a>, object: &mut Object) {
        let mut properties = Object::default();
        for (name, place) in &flat.properties {
            let cleaned = self.node(place);
            properties.push(name, Node::Object(cleaned));
        }
        // What is required must be there, once.
        let mut names: HashSet<&str> = flat.properties.iter().map(|(name, _)| *name).collect();
        let required: Vec<Node> = flat
            .required
            .iter()
            .filter(|name| names.remove(**name))
            .map(|name| Node::text(*name))
            .collect();
        if !properties.0.is_empty() {
            object.push("properties", Node::Object(properties));
        }
        if !required.is_empty() {
            object.push("required", Node::List(required));
        }
        if let (Some(order), true) = (flat.get("propertyOrdering"), self.taker != Taker::Internal) {
            object.0.extend(self.copy(order).map(|order| ("propertyOrdering".to_owned(), order)));
        }
        if let (Some(more), Taker::JsonSchema) = (flat.place("additionalProperties"), self.taker) {
            let more = match more.node {
                Node::Object(inner) if !inner.0.is_empty() => Some(Node::Object(self.node(more))),
                other => self.copy(other),
            };
            object.0.extend(more.map(|more| ("additionalProperties".to_owned(), more)));
        }
    }

    fn array(&mut self, flat: &Flat<'a>, object: &mut Object) {
        let (items, tuple) = (flat.place("items"), flat.place("prefixItems"));
        let first = tuple.or(items).and_then(|place| match place.node.as_list() {
            Some([first, ..]) => Some(place.within(first)),
            _ => None,
        });
        let whole = items.filter(|place| place.node.as_object().is_some()).cloned();
        if items.is_some_and(|place| place.node.as_list().is_some()) {
            // An older draft's list of what each place holds.
            self.lose("items");
        }
        let items = match (whole.or(first), self.taker) {
            (Some(place), _) => self.node(&place),
            (None, Taker::JsonSchema) => Object::default(),
            (None, Taker::Subset | Taker::Internal) => {
                self.lose("items");
                any_object()
            }
        };
        object.push("items", Node::Object(items));
        let tuple = tuple.filter(|_| self.taker == Taker::JsonSchema);
        let list = tuple.and_then(|place| Some((place, place.node.as_list()?)));
        if let Some((place, list)) = list {
            let each = list.iter().map(|node| Node::Object(self.node(&place.within(node))));
            object.push("prefixItems", Node::List(each.collect()));
        }
    }

    /// Makes a cleaned schema one of arguments, which are always an object: what it may be becomes one.
    pub(super) fn arguments(&mut self, mut object: Object) -> Object {
        object.take("nullable");
        if object.get("type").and_then(Node::as_text) == Some("object") {
            return object;
        }
        let (mut properties, mut known) = (Vec::new(), HashSet::new());
        for member in object.get("anyOf").and_then(Node::as_list).unwrap_or_default() {
            let of_member = member.as_object().and_then(|member| member.get("properties"));
            for (name, node) in of_member.and_then(Node::as_object).map_or(&[][..], |all| &all.0) {
                if known.insert(name.as_str()) {
                    properties.push((name.clone(), node.clone()));
                }
            }
        }
        self.lose(if object.get("anyOf").is_some() { "anyOf" } else { "type" });
        let mut whole = any_object();
        if !properties.is_empty() {
            whole.push("properties", Node::Object(Object(properties)));
        }
        whole
    }
}
