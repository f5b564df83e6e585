//! Names of tools and ids of calls within the bounds of a target, and back: both are what links a
//! conversation together. The short form is a function of the long one alone, so that it is the same
//! in every request and prompt caches stay warm.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

/// Which characters a target takes, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The longest, in characters.
    pub longest: usize,
    /// Besides letters, digits, `_` and `-`, also these.
    pub also: &'static str,
    /// The first one is a letter or `_`.
    pub starts_with_letter: bool,
}

impl Bounds {
    /// Names of tools for `OpenAI`.
    pub const OPENAI_NAME: Self = Self { longest: 64, also: "", starts_with_letter: false };
    /// Names of tools for Anthropic.
    pub const ANTHROPIC_NAME: Self = Self { longest: 64, also: "", starts_with_letter: false };
    /// Names of tools for Gemini.
    pub const GEMINI_NAME: Self = Self { longest: 64, also: ".:", starts_with_letter: true };
    /// Ids of calls for Anthropic and chat.
    pub const CALL_ID: Self = Self { longest: 256, also: "", starts_with_letter: false };
    /// Ids of calls for Responses.
    pub const SHORT_CALL_ID: Self = Self { longest: 64, also: "", starts_with_letter: false };

    fn takes(self, place: usize, char: char) -> bool {
        let first = place == 0 && self.starts_with_letter;
        match char {
            'a'..='z' | 'A'..='Z' | '_' => true,
            _ if first => false,
            '0'..='9' | '-' => true,
            other => self.also.contains(other),
        }
    }

    /// Tells whether a name can stay as it is.
    #[must_use]
    pub fn fits(self, name: &str) -> bool {
        !name.is_empty()
            && name.chars().count() <= self.longest
            && name.chars().enumerate().all(|(place, char)| self.takes(place, char))
    }

    /// Returns the name within the bounds: itself, or its beginning with a hash of the whole behind it.
    #[must_use]
    pub fn fit(self, name: &str) -> String {
        if self.fits(name) { name.to_owned() } else { self.shorten(name, name) }
    }

    /// Returns the beginning of a name with the hash of a text behind it.
    fn shorten(self, name: &str, hashed: &str) -> String {
        let hash = hex::encode(Sha256::digest(hashed.as_bytes()));
        let hash = hash.get(..8).unwrap_or(&hash);
        let room = self.longest.saturating_sub(hash.len() + 1);
        let mut short = String::with_capacity(self.longest);
        for char in name.chars().take(room) {
            let place = short.len();
            short.push(if self.takes(place, char) { char } else { '_' });
        }
        format!("{short}_{hash}")
    }
}

/// What was renamed for one target, to be named as the client knows it on the way back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    tools: HashMap<String, ToolName>,
    calls: HashMap<String, String>,
}

/// A tool as the client knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolName {
    /// The namespace.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
    /// What kind of tool the client offered by it.
    pub kind: super::hub::CallKind,
}

impl ToolName {
    /// Tells whether both are one tool. What is called in the conversation need not know its kind.
    fn is_called_as(&self, other: &Self) -> bool {
        (&self.namespace, &self.name) == (&other.namespace, &other.name)
    }
}

impl Names {
    /// Returns the name of a tool for the target, and remembers it. With a namespace it is
    /// `namespace__name`; two tools that would be called alike are told apart by a hash.
    pub fn tool(&mut self, tool: ToolName, bounds: Bounds) -> String {
        let whole = match &tool.namespace {
            Some(namespace) => format!("{namespace}__{}", tool.name),
            None => tool.name.clone(),
        };
        let mut short = bounds.fit(&whole);
        if self.tools.get(&short).is_some_and(|known| !known.is_called_as(&tool)) {
            let apart = format!("{}\0{}", tool.namespace.as_deref().unwrap_or_default(), tool.name);
            short = bounds.shorten(&whole, &apart);
        }
        self.tools.entry(short.clone()).or_insert(tool);
        short
    }

    /// Returns the id of a call for the target, and remembers it.
    pub fn call(&mut self, id: &str, bounds: Bounds) -> String {
        let short = bounds.fit(id);
        if short != id {
            self.calls.insert(short.clone(), id.to_owned());
        }
        short
    }

    /// Returns the tool that the client knows by another name; `None` when it was never renamed and is
    /// a plain function, or was never offered.
    #[must_use]
    pub fn tool_of(&self, short: &str) -> Option<&ToolName> {
        self.tools.get(short)
    }

    /// Returns the id by which the client knows a call.
    #[must_use]
    pub fn call_of<'a>(&'a self, short: &'a str) -> &'a str {
        self.calls.get(short).map_or(short, String::as_str)
    }
}

/// Ids that were there already: no vendor and no client takes one for two calls. Behind each stands the
/// last number that it was given, so that many of one id cost no more than many of different ones.
#[derive(Clone, Debug, Default)]
pub struct Distinct(HashMap<String, usize>);

impl Distinct {
    /// Gives an id that was there already a number behind it.
    pub fn take(&mut self, id: &mut String) {
        let Some(last) = self.0.get(id.as_str()).copied() else {
            self.0.insert(id.clone(), 1);
            return;
        };
        let (named, whole) = (id.len(), id.clone());
        let mut times = last;
        loop {
            times += 1;
            id.truncate(named);
            id.push('_');
            id.push_str(&times.to_string());
            if !self.0.contains_key(id.as_str()) {
                break;
            }
        }
        self.0.insert(whole, times);
        self.0.insert(id.clone(), 1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::convert::hub::CallKind;

    const ALL: [Bounds; 5] = [
        Bounds::OPENAI_NAME,
        Bounds::ANTHROPIC_NAME,
        Bounds::GEMINI_NAME,
        Bounds::CALL_ID,
        Bounds::SHORT_CALL_ID,
    ];

    proptest! {
        #[test]
        fn what_is_renamed_fits_and_stays_apart(one in ".{0,90}", other in ".{0,90}") {
            for bounds in ALL {
                let (short, other_short) = (bounds.fit(&one), bounds.fit(&other));
                prop_assert!(bounds.fits(&short), "{short}");
                prop_assert_eq!(&short, &bounds.fit(&short), "once is enough");
                prop_assert_eq!(short == other_short, one == other || short == other || other_short == one);
            }
        }
    }

    #[test]
    fn a_tool_comes_back_with_its_namespace_and_kind() {
        let mut names = Names::default();
        let tool = ToolName {
            namespace: Some("mcp__files".to_owned()),
            name: "read".to_owned(),
            kind: CallKind::Function,
        };
        assert_eq!(names.tool(tool.clone(), Bounds::OPENAI_NAME), "mcp__files__read");
        assert_eq!(names.tool_of("mcp__files__read"), Some(&tool));
        assert_eq!(names.tool_of("other"), None);
    }

    #[test]
    fn tools_that_would_be_called_alike_are_told_apart() {
        let tool = |namespace: Option<&str>, name: &str| ToolName {
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
            kind: CallKind::Function,
        };
        let all = [tool(Some("a"), "b__c"), tool(Some("a__b"), "c"), tool(None, "a__b__c")];
        let mut names = Names::default();
        for _ in 0..2 {
            let mut shorts: Vec<String> = Vec::new();
            for tool in &all {
                let short = names.tool(tool.clone(), Bounds::OPENAI_NAME);
                assert_eq!(names.tool_of(&short), Some(tool));
                shorts.push(short);
            }
            shorts.dedup();
            assert_eq!((shorts.len(), shorts[0].as_str()), (3, "a__b__c"));
        }
    }

    #[test]
    fn ids_that_were_there_have_a_number() {
        let mut distinct = Distinct::default();
        let ids = ["a", "a", "a_2", "b", "a"].map(|id| {
            let mut id = id.to_owned();
            distinct.take(&mut id);
            id
        });
        assert_eq!(ids, ["a", "a_2", "a_2_2", "b", "a_3"]);
    }

    #[test]
    fn many_of_one_id_cost_no_more_than_many_of_different_ones() {
        let (mut distinct, mut last) = (Distinct::default(), String::new());
        for _ in 0..50_000 {
            last = "call_1".to_owned();
            distinct.take(&mut last);
        }
        assert_eq!(last, "call_1_50000");
    }

    #[test]
    fn a_long_id_comes_back() {
        let mut names = Names::default();
        let long = "call_".repeat(40);
        let short = names.call(&long, Bounds::SHORT_CALL_ID);
        assert!(short.len() <= 64);
        assert_eq!(names.call_of(&short), long);
        assert_eq!(names.call_of("call_1"), "call_1");
    }
}
