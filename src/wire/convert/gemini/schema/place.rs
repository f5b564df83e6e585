//! Places in a schema: a node, and the references that lead to it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::super::node::{Node, Object};

/// Members of an object from which on they are looked up by name, not one after the other.
const MANY: usize = 16;

/// The whole schema, in which references are looked up.
pub(super) struct Whole<'a> {
    root: &'a Node,
    /// Members of great objects that a reference led through, by the objects' address: thousands of
    /// references into thousands of definitions would walk all of them each.
    names: RefCell<HashMap<*const Object, HashMap<&'a str, &'a Node>>>,
}

impl<'a> Whole<'a> {
    pub(super) fn new(root: &'a Node) -> Self {
        Self { root, names: RefCell::default() }
    }

    /// Follows a reference within the schema.
    fn resolve(&self, reference: &str) -> Option<&'a Node> {
        let path = reference.strip_prefix('#')?;
        let mut node = self.root;
        for step in path.split('/').filter(|step| !step.is_empty()) {
            let key = step.replace("%24", "$").replace("~1", "/").replace("~0", "~");
            node = match node {
                Node::Object(object) => self.member(object, &key)?,
                Node::List(list) => list.get(key.parse::<usize>().ok()?)?,
                Node::Leaf(_) | Node::Text(_) => return None,
            };
        }
        Some(node)
    }

    fn member(&self, object: &'a Object, key: &str) -> Option<&'a Node> {
        if object.0.len() < MANY {
            return object.get(key);
        }
        let mut names = self.names.borrow_mut();
        let members = names.entry(std::ptr::from_ref(object)).or_insert_with(|| {
            // Of two of one name the first counts, as everywhere.
            object.0.iter().rev().map(|(name, node)| (name.as_str(), node)).collect()
        });
        members.get(key).copied()
    }
}

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
    /// How many steps lead here.
    number: usize,
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

    /// Returns how many references lead here.
    pub(super) fn steps(&self) -> usize {
        self.path.as_ref().map_or(0, |step| step.number)
    }

    /// Follows a reference from here; `None` when it leads nowhere, or back here.
    pub(super) fn follow(&self, whole: &Whole<'a>, reference: &'a str) -> Option<Self> {
        let mut path = self.path.as_deref();
        while let Some(step) = path {
            if step.reference == reference {
                return None;
            }
            path = step.before.as_deref();
        }
        let node = whole.resolve(reference)?;
        let number = self.steps() + 1;
        let step = Step { reference, before: self.path.clone(), number };
        Some(Self { node, path: Some(Rc::new(step)) })
    }
}
