//! A node with its references in place and `allOf` merged: only one level of it, and borrowed, so that
//! a schema that refers to itself a thousand times stays small.

use std::collections::HashMap;

use super::super::node::{Node, Object};
use super::keyword::{is_keyword, is_told};
use super::place::{Place, Whole};

/// How many references and members one node may be made of.
const MOST_PIECES: usize = 256;

/// A node, flattened.
#[derive(Clone, Debug, Default)]
pub(super) struct Flat<'a> {
    /// Keywords but the two below; of two of one name the outer counts.
    pub(super) keys: Vec<(&'a str, Place<'a>)>,
    pub(super) properties: Vec<(&'a str, Place<'a>)>,
    pub(super) required: Vec<&'a str>,
    /// Keywords that no taker is told of, and what another node had said before.
    pub(super) unknown: Vec<&'a str>,
    /// A type that stands alone, as `"x": "string"`.
    pub(super) bare_type: Option<&'a str>,
    /// A reference leads back to itself, or nowhere.
    pub(super) is_cut: bool,
    /// What was read for it, in bytes of the schema as it would be printed; what is read apart (the
    /// values of keywords, and what stands in the properties) is not in it.
    pub(super) read: usize,
}

impl<'a> Flat<'a> {
    pub(super) fn place(&self, key: &str) -> Option<&Place<'a>> {
        self.keys.iter().find(|(name, _)| *name == key).map(|(_, place)| place)
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        self.place(key).map(|place| place.node)
    }

    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.get(key).and_then(Node::as_text)
    }

    /// Takes over what another says and this one does not.
    fn merge(&mut self, object: &'a Object, place: &Place<'a>) {
        self.count(object);
        if is_bare_map(object) {
            self.add_properties(object, place);
            return;
        }
        for (key, node) in &object.0 {
            match (key.as_str(), node) {
                ("properties", Node::Object(properties)) => self.add_properties(properties, place),
                ("required", Node::List(names)) => {
                    self.read = self.read.saturating_add(node.printed());
                    self.required.extend(names.iter().filter_map(Node::as_text));
                }
                ("required", Node::Text(name)) => {
                    self.read = self.read.saturating_add(node.printed());
                    self.required.push(name);
                }
                // A property's own mark: whoever has the property reads it.
                ("properties" | "required" | "allOf" | "$ref" | "$defs" | "definitions", _) => {}
                (key, _) if !is_told(key) => self.unknown.push(key),
                (key, node) => match self.get(key) {
                    // The outer one counts.
                    Some(known) if self.same(known, node) => {}
                    Some(_) => self.unknown.push(key),
                    None => {
                        if key == "type" {
                            self.read = self.read.saturating_add(node.printed());
                        }
                        self.keys.push((key, place.within(node)));
                    }
                },
            }
        }
    }

    /// Tells whether two nodes say the same; what is read for that counts.
    fn same(&mut self, one: &Node, other: &Node) -> bool {
        if std::ptr::eq(one, other) {
            return true;
        }
        self.read = self.read.saturating_add(other.printed());
        one == other
    }

    /// Counts the keys of an object.
    fn count(&mut self, object: &Object) {
        let keys = object.0.iter().map(|(key, _)| key.len() + 8);
        self.read = keys.fold(self.read, usize::saturating_add);
    }

    fn add_properties(&mut self, properties: &'a Object, place: &Place<'a>) {
        self.count(properties);
        let known: HashMap<&str, &Node> =
            self.properties.iter().map(|(name, place)| (*name, place.node)).collect();
        for (name, node) in &properties.0 {
            if let Some(known) = known.get(name.as_str()) {
                let is_same = self.same(known, node);
                self.unknown.extend((!is_same).then_some("properties"));
                continue;
            }
            self.properties.push((name, place.within(node)));
            let mark = node.as_object().and_then(|node| node.get("required"));
            if mark.is_some_and(|mark| mark.is_leaf("true")) {
                self.required.push(name);
            }
        }
    }
}

/// Some servers send the properties alone, where the schema should be.
fn is_bare_map(object: &Object) -> bool {
    let is_schema = |node: &Node| node.as_object().is_some_and(|node| !node.0.is_empty());
    !object.0.is_empty() && object.0.iter().all(|(key, node)| !is_keyword(key) && is_schema(node))
}

/// Flattens a node.
pub(super) fn flatten<'a>(whole: &Whole<'a>, place: &Place<'a>) -> Flat<'a> {
    let mut flat = Flat::default();
    add(whole, place, &mut flat, &mut 0);
    flat
}

/// Adds a node to one that is flattened already.
pub(super) fn add_to<'a>(whole: &Whole<'a>, place: &Place<'a>, flat: &mut Flat<'a>) {
    add(whole, place, flat, &mut 0);
}

fn add<'a>(whole: &Whole<'a>, place: &Place<'a>, flat: &mut Flat<'a>, pieces: &mut usize) {
    *pieces += 1;
    flat.read = flat.read.saturating_add(8);
    if *pieces > MOST_PIECES {
        flat.is_cut = true;
        return;
    }
    let object = match place.node {
        Node::Object(object) => object,
        Node::Text(name) => {
            flat.bare_type = flat.bare_type.or(Some(name));
            return;
        }
        _ => return,
    };
    flat.merge(object, place);
    if let Some(Node::Text(reference)) = object.get("$ref") {
        flat.read = flat.read.saturating_add(reference.len() + place.steps());
        match place.follow(whole, reference) {
            Some(target) => add(whole, &target, flat, pieces),
            None => flat.is_cut = true,
        }
    }
    for member in object.get("allOf").and_then(Node::as_list).unwrap_or_default() {
        add(whole, &place.within(member), flat, pieces);
    }
}
