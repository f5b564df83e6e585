//! Nodes that may be one of several things.

use super::super::node::Node;
use super::flat::{Flat, add_to};
use super::place::{Place, Whole};

/// What a node may be, with null told apart.
#[derive(Debug, Default)]
pub(super) struct Members<'a> {
    pub(super) places: Vec<Place<'a>>,
    pub(super) nullable: bool,
}

/// Takes the members of `anyOf` or `oneOf` off a node. One that is alone but for null becomes part of
/// the node itself.
pub(super) fn members<'a>(whole: &Whole<'a>, flat: &mut Flat<'a>) -> Members<'a> {
    let mut nullable = false;
    // A member that is merged may have members itself.
    for _ in 0..8 {
        let Some(list) = take(flat) else { break };
        let (nulls, places): (Vec<_>, Vec<_>) =
            list.into_iter().partition(|place| is_null(place.node));
        nullable |= !nulls.is_empty();
        match places.as_slice() {
            [only] => add_to(whole, only, flat),
            [] => {}
            _ => return Members { places, nullable },
        }
    }
    Members { places: Vec::new(), nullable }
}

fn take<'a>(flat: &mut Flat<'a>) -> Option<Vec<Place<'a>>> {
    let list = ["anyOf", "oneOf"].into_iter().find_map(|key| {
        let place = flat.place(key)?;
        let nodes = place.node.as_list()?;
        let places: Vec<_> = nodes.iter().map(|node| place.within(node)).collect();
        Some(places)
    })?;
    // Each is looked at, also the ones that are not chosen.
    let looked =
        list.iter().map(|place| 8 + place.node.as_object().map_or(0, |all| all.0.len() * 8));
    flat.read = looked.fold(flat.read, usize::saturating_add);
    // One of the two is read; what the other demands besides is not.
    let taken = |key: &str| key == "anyOf" || key == "oneOf";
    if flat.keys.iter().filter(|(key, _)| taken(key)).count() > 1 {
        flat.unknown.push("oneOf");
    }
    flat.keys.retain(|(key, _)| !taken(key));
    Some(list)
}

fn is_null(node: &Node) -> bool {
    let Some(object) = node.as_object() else { return node.as_text() == Some("null") };
    let says = |key: &str| object.get(key);
    says("type").and_then(Node::as_text).is_some_and(|kind| kind.eq_ignore_ascii_case("null"))
        || says("const").is_some_and(|value| value.is_leaf("null"))
        || says("enum")
            .and_then(Node::as_list)
            .is_some_and(|list| list.len() == 1 && list.iter().all(|value| value.is_leaf("null")))
}

/// Returns the member that says most: an object with the most properties, else a list, else the first.
pub(super) fn richest<'p, 'a>(places: &'p [Place<'a>]) -> Option<&'p Place<'a>> {
    let wealth = |place: &&Place<'a>| {
        let object = place.node.as_object();
        let value = |key: &str| object.and_then(|object| object.get(key));
        let properties = value("properties").and_then(Node::as_object).map_or(0, |all| all.0.len());
        (properties, value("items").is_some(), value("$ref").is_some())
    };
    // Of equals the first: `max_by_key` would take the last.
    places.iter().rev().max_by_key(wealth)
}
