//! Nodes in the spelling of their taker.

use super::super::node::{Node, Object};
use super::Taker;

/// Makes a node of any object.
pub(super) fn any_object() -> Object {
    Object(vec![("type".to_owned(), Node::text("object"))])
}

/// Makes a node that is one of several things.
pub(super) fn any_of(members: Vec<Object>) -> Object {
    // A member may be one of several things itself.
    let mut flat: Vec<Node> = Vec::with_capacity(members.len());
    for mut member in members {
        match member.take("anyOf") {
            Some(Node::List(inner)) => flat.extend(inner),
            _ => flat.push(Node::Object(member)),
        }
    }
    Object(vec![("anyOf".to_owned(), Node::List(flat))])
}

/// Lets a node be null, as its taker says it.
pub(super) fn nulled(mut object: Object, nullable: bool, taker: Taker) -> Object {
    if !nullable || object.get("nullable").is_some() {
        return object;
    }
    match (taker, object.get("type").cloned()) {
        (Taker::JsonSchema, Some(name @ Node::Text(_))) => {
            object.0.retain(|(key, _)| key != "type");
            let both = Node::List(vec![name, Node::text("null")]);
            object.0.insert(0, ("type".to_owned(), both));
        }
        (Taker::JsonSchema, _) => {}
        (Taker::Subset | Taker::Internal, Some(_)) => {
            object.0.insert(1, ("nullable".to_owned(), Node::yes()));
        }
        (Taker::Subset | Taker::Internal, None) => {
            if let Some((_, Node::List(members))) = object.0.first_mut() {
                for member in members {
                    if let Node::Object(member) = member {
                        *member = nulled(std::mem::take(member), true, taker);
                    }
                }
            }
        }
    }
    object
}

/// Puts a description, with notes behind it, behind the type and whether it may be null.
pub(super) fn describe(object: &mut Object, description: Option<&str>, notes: &[String]) {
    let own = object.take("description");
    let own = own.as_ref().and_then(Node::as_text);
    let text = description.or(own).unwrap_or_default().trim_end();
    let notes = notes.join("; ");
    let whole = match (text.is_empty(), notes.is_empty()) {
        (true, true) => return,
        (false, true) => text.to_owned(),
        (true, false) => format!("({notes})"),
        (false, false) => format!("{text} ({notes})"),
    };
    let first = object.0.iter().take_while(|(key, _)| key == "type" || key == "nullable");
    let place = first.count();
    object.0.insert(place, ("description".to_owned(), Node::Text(whole)));
}

/// Prints a value for a description.
pub(super) fn plain(node: &Node) -> String {
    node.as_text().map_or_else(|| node.json().text().to_owned(), str::to_owned)
}
