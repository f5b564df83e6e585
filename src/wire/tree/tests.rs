//! A tree finds what a parser finds, where it stands.

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::*;

/// Reads a tree into values, by spans alone.
fn read(node: Node<'_>) -> Json {
    if node.is_object() {
        let members =
            node.members().map(|it| (it.key.text().unwrap().into_owned(), read(it.value)));
        return Json::Object(members.collect::<Map<_, _>>());
    }
    if node.is_list() {
        return Json::Array(node.elements().map(read).collect());
    }
    serde_json::from_slice(node.raw()).unwrap()
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<i64>().prop_map(|number| json!(number)),
        any::<String>().prop_map(Json::String),
        "[\"\\\\\\[\\]{},: ]{0,6}".prop_map(Json::String),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::Array),
            prop::collection::vec((any::<String>(), inner), 0..5)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_tree_reads_as_the_parser_does(json in any_json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&json) } else { serde_json::to_string(&json) };
        let text = format!(" {}\n", text.unwrap());
        prop_assert_eq!(read(Node::root(text.as_bytes()).unwrap()), json);
    }

    #[test]
    fn a_broken_body_is_never_read_beyond_its_end(text in "[\"\\\\\\[\\]{},:a1 ]{0,30}") {
        fn walk(node: Node<'_>, left: &mut u32) {
            if *left == 0 { return; }
            *left -= 1;
            assert!(node.span().end <= node.body.len());
            for member in node.members() { walk(member.value, left); }
            for element in node.elements() { walk(element, left); }
        }
        if let Some(root) = Node::root(text.as_bytes()) {
            walk(root, &mut 1_000);
        }
    }
}

#[test]
fn members_are_found_by_their_unescaped_keys() {
    let body = br#"{"a": {"\u0062" : [1, "x\"y"]}, "n": 12}"#;
    let root = Node::root(body).unwrap();
    let list = root.find(&["a", "b"]).unwrap();
    let texts: Vec<_> = list.elements().filter_map(|node| node.text()).collect();
    assert_eq!(texts, ["x\"y"]);
    assert_eq!(root.get("n").and_then(|node| node.number()), Some(12));
    assert_eq!(&body[root.member("n").unwrap().span()], b"\"n\": 12");
    assert!(root.get("c").is_none() && list.get("a").is_none());
}
