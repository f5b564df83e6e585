//! Where in a schema something was lost, as JSON pointers.

use std::collections::{BTreeSet, HashMap};

use super::super::super::fields::escaped;
use super::super::node::Node;

/// Returns the pointers of keywords that were lost of nodes of a schema: of the node alone, where the keyword does
/// not stand in it, as it came by a reference or was never said.
pub(super) fn all(root: &Node, lost: &[(&Node, String)]) -> BTreeSet<String> {
    let mut search = Search { left: HashMap::new(), at: String::new(), found: BTreeSet::new() };
    for (node, keyword) in lost {
        search.left.entry(std::ptr::from_ref(*node)).or_default().push(keyword);
    }
    search.node(root);
    search.found
}

/// A walk through a schema that ends when nothing is left to be found.
struct Search<'l> {
    /// Keywords by the address of their node.
    left: HashMap<*const Node, Vec<&'l str>>,
    at: String,
    found: BTreeSet<String>,
}

impl Search<'_> {
    fn node(&mut self, node: &Node) {
        if self.left.is_empty() {
            return;
        }
        for keyword in self.left.remove(&std::ptr::from_ref(node)).unwrap_or_default() {
            let stands = node.as_object().is_some_and(|object| object.get(keyword).is_some());
            let at = &self.at;
            let pointer = if stands { format!("{at}/{}", escaped(keyword)) } else { at.clone() };
            self.found.insert(pointer);
        }
        match node {
            Node::Object(object) => {
                object.0.iter().for_each(|(key, node)| self.step(&escaped(key), node));
            }
            Node::List(list) => {
                let each = list.iter().enumerate();
                each.for_each(|(place, node)| self.step(&place.to_string(), node));
            }
            Node::Leaf(_) | Node::Text(_) => {}
        }
    }

    fn step(&mut self, name: &str, node: &Node) {
        let length = self.at.len();
        self.at.push('/');
        self.at.push_str(name);
        self.node(node);
        self.at.truncate(length);
    }
}
