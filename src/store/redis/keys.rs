//! The names of keys. All of them carry one hash tag: a script touches several, and a cluster keeps
//! what one script touches on one of its nodes.

use switchyard_actors::domain::check::Dimension;

/// Living nodes: a hash of node to when it was last seen.
pub const NODES: &str = "{sw}:nodes";
/// The number of the last batch of each node.
pub const BATCHES: &str = "{sw}:batches";
/// When each node last said that it has told everything.
pub const TOLD: &str = "{sw}:told";
/// What all nodes follow.
pub const LOG: &str = "{sw}:log";
/// The place of the last entry of the log.
pub const LAST: &str = "{sw}:last";
/// Breakers that are not closed.
pub const BREAKERS: &str = "{sw}:breakers";

/// Returns the key of an owner's meter. Names of groups and tags are escaped, so that no name can be
/// taken for another one's key.
pub fn meter(dimension: &Dimension) -> String {
    match dimension {
        Dimension::Key(id) => format!("{{sw}}:m:k:{id}"),
        Dimension::User(id) => format!("{{sw}}:m:u:{id}"),
        Dimension::Provider(id) => format!("{{sw}}:m:p:{id}"),
        Dimension::Group(name) => format!("{{sw}}:m:g:{}", hex::encode(name.as_bytes())),
        Dimension::Tag(name) => format!("{{sw}}:m:t:{}", hex::encode(name.as_bytes())),
    }
}

/// Returns the key of the numbers of a node's questions that were granted: a sorted set, each number its own score.
pub fn granted(node: &str) -> String {
    format!("{{sw}}:granted:{node}")
}

/// Returns the key that says which node may probe.
pub fn probe(what: &str) -> String {
    format!("{{sw}}:probe:{what}")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_group_cannot_be_taken_for_another_key() {
        let odd = Dimension::Group(Arc::from("a}:s"));
        assert_eq!(meter(&odd), "{sw}:m:g:617d3a73");
        assert_ne!(meter(&odd), meter(&Dimension::Tag(Arc::from("a}:s"))));
    }
}
