//! A node with its references in place and `allOf` merged: only one level of it, and borrowed, so that
//! a schema that refers to itself a thousand times stays small.

use std::collections::HashSet;
use std::rc::Rc;

use super::super::node::{Node, Object};
use super::keyword::{is_keyword, is_told};

/// How many references and members one node may be made of.
const MOST_PIECES: usize = 256;

/// A node, and the references that lead to it.
#[derive(Clone, Debug)]
pub(super) struct Place<'a> {
    pub(super) node: &'a Node,
    path: Option<Rc<Step<'a>>>,
}

/// A reference that was followed.
#[derive(Debug)]
struct Step<'a> {
    reference: &'a str,
    before: Option<Rc<Step<'a>>>,
}

impl<'a> Place<'a> {
    /// Makes the place of the whole schema.
    pub(super) fn root(node: &'a Node) -> Self {
        Self { node, path: None }
    }

    /// Makes the place of a node that stands in this one.
    pub(super) fn within(&self, node: &'a Node) -> Self {
        Self { node, path: self.path.clone() }
    }

    /// Follows a reference from here; `None` when it leads nowhere, or back here.
    fn follow(&self, root: &'a Node, reference: &'a str) -> Option<Self> {
        let mut path = self.path.as_deref();
        while let Some(step) = path {
            if step.reference == reference {
                return None;
            }
            path = step.before.as_deref();
        }
        let node = resolve(root, reference)?;
        Some(Self { node, path: Some(Rc::new(Step { reference, before: self.path.clone() })) })
    }
}

/// A node, flattened.
#[derive(Clone, Debug, Default)]
pub(super) struct Flat<'a> {
    /// Keywords but the two below; of two of one name the outer counts.
    pub(super) keys: Vec<(&'a str, Place<'a>)>,
    pub(super) properties: Vec<(&'a str, Place<'a>)>,
    pub(super) required: Vec<&'a str>,
    /// Keywords that no taker is told of.
    pub(super) unknown: Vec<&'a str>,
    /// A type that stands alone, as `"x": "string"`.
    pub(super) bare_type: Option<&'a str>,
    /// A reference leads back to itself, or nowhere.
    pub(super) is_cut: bool,
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
        if is_bare_map(object) {
            self.add_properties(object, place);
            return;
        }
        for (key, node) in &object.0 {
            match (key.as_str(), node) {
                ("properties", Node::Object(properties)) => self.add_properties(properties, place),
                ("required", Node::List(names)) => {
                    self.required.extend(names.iter().filter_map(Node::as_text));
                }
                ("required", Node::Text(name)) => self.required.push(name),
                // A property's own mark: whoever has the property reads it.
                ("properties" | "required" | "allOf" | "$ref" | "$defs" | "definitions", _) => {}
                (key, _) if !is_told(key) => self.unknown.push(key),
                (key, _) if self.get(key).is_some() => {}
                (key, node) => self.keys.push((key, place.within(node))),
            }
        }
    }

    fn add_properties(&mut self, properties: &'a Object, place: &Place<'a>) {
        let known: HashSet<&str> = self.properties.iter().map(|(name, _)| *name).collect();
        for (name, node) in &properties.0 {
            if known.contains(name.as_str()) {
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
pub(super) fn flatten<'a>(root: &'a Node, place: &Place<'a>) -> Flat<'a> {
    let mut flat = Flat::default();
    add(root, place, &mut flat, &mut 0);
    flat
}

/// Adds a node to one that is flattened already.
pub(super) fn add_to<'a>(root: &'a Node, place: &Place<'a>, flat: &mut Flat<'a>) {
    add(root, place, flat, &mut 0);
}

fn add<'a>(root: &'a Node, place: &Place<'a>, flat: &mut Flat<'a>, pieces: &mut usize) {
    *pieces += 1;
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
        match place.follow(root, reference) {
            Some(target) => add(root, &target, flat, pieces),
            None => flat.is_cut = true,
        }
    }
    for member in object.get("allOf").and_then(Node::as_list).unwrap_or_default() {
        add(root, &place.within(member), flat, pieces);
    }
}

/// Follows a reference within the schema.
fn resolve<'a>(root: &'a Node, reference: &str) -> Option<&'a Node> {
    let path = reference.strip_prefix('#')?;
    let mut node = root;
    for step in path.split('/').filter(|step| !step.is_empty()) {
        let key = step.replace("%24", "$").replace("~1", "/").replace("~0", "~");
        node = match node {
            Node::Object(object) => object.get(&key)?,
            Node::List(list) => list.get(key.parse::<usize>().ok()?)?,
            Node::Leaf(_) | Node::Text(_) => return None,
        };
    }
    Some(node)
}
