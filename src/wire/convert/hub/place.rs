//! Where something stood in the client's body: told with what is lost of it, and no part of what is said.

use std::borrow::Cow;
use std::fmt;

/// A place in the client's body, as a JSON pointer; empty where nothing there stands for it. Any two are
/// equal and print the same, for what is said is the same wherever it stood.
#[derive(Clone, Default)]
pub struct Place {
    pointer: Box<str>,
    /// What leads from there to the schema of a tool.
    schema: Cow<'static, str>,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}

impl Place {
    /// Remembers a place.
    #[must_use]
    pub fn new(pointer: impl Into<Box<str>>) -> Self {
        Self { pointer: pointer.into(), schema: Cow::Borrowed("") }
    }

    /// Returns the pointer; where none is known, that of what it stands in.
    #[must_use]
    pub fn or<'a>(&'a self, around: &'a str) -> &'a str {
        if self.pointer.is_empty() { around } else { &self.pointer }
    }

    /// Says where the schema of a tool stands in it, as a pointer.
    pub fn holds_schema(&mut self, pointer: impl Into<Cow<'static, str>>) {
        self.schema = pointer.into();
    }

    /// Returns the pointer of a tool's schema; that of the tool where it is not known.
    #[must_use]
    pub fn of_schema(&self, around: &str) -> String {
        format!("{}{}", self.or(around), self.schema)
    }

    /// Puts something in front of a place that is known: what the client's body has around it.
    pub fn within(&mut self, root: &str) {
        if !self.pointer.is_empty() {
            self.pointer = format!("{root}{}", self.pointer).into();
        }
    }
}

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Place {}

/// Names of the settings of a request, as encoders give them for the place of a loss: where a setting
/// stands differs with the client's format, and [`Places`] knows.
pub mod setting {
    /// Temperature.
    pub const TEMPERATURE: &str = "temperature";
    /// The nucleus.
    pub const TOP_P: &str = "top_p";
    /// So many candidates.
    pub const TOP_K: &str = "top_k";
    /// The seed.
    pub const SEED: &str = "seed";
    /// The penalty for what was there.
    pub const PRESENCE: &str = "presence";
    /// The penalty for what was often there.
    pub const FREQUENCY: &str = "frequency";
    /// Texts at which the answer ends.
    pub const STOP: &str = "stop";
    /// The longest answer.
    pub const MAX_OUTPUT: &str = "max_output";
    /// How much to think.
    pub const REASONING: &str = "reasoning";
    /// The form of the answer.
    pub const FORMAT: &str = "format";
    /// The schema of the answer; it stands in its form, unless a format says otherwise.
    pub const SCHEMA: &str = "format.schema";
    /// Whether several tools may be called at once.
    pub const PARALLEL: &str = "parallel";
    /// Which tool must be called.
    pub const CHOICE: &str = "choice";
    /// What requests that share a prefix have in common.
    pub const CACHE_KEY: &str = "cache_key";
    /// Caching of all of the prompt.
    pub const CACHE_WHOLE: &str = "cache_whole";
    /// The user behind the client.
    pub const END_USER: &str = "end_user";
    /// How it is served.
    pub const TIER: &str = "tier";
    /// How many words the answer makes.
    pub const VERBOSITY: &str = "verbosity";
}

/// Where the settings of a request stand in the client's body. Any two are equal.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// What is around the request.
    root: &'static str,
    /// The pointer of each setting within it.
    known: Vec<(&'static str, Cow<'static, str>)>,
}

impl Places {
    /// Takes the places of a format.
    #[must_use]
    pub fn of(known: &[(&'static str, &'static str)]) -> Self {
        let known = known.iter().map(|(setting, pointer)| (*setting, Cow::Borrowed(*pointer)));
        Self { root: "", known: known.collect() }
    }

    /// Corrects the place of a setting that a format has in several.
    pub fn correct(&mut self, setting: &'static str, pointer: impl Into<Cow<'static, str>>) {
        self.known.retain(|(known, _)| *known != setting);
        self.known.push((setting, pointer.into()));
    }

    /// Remembers what the client's body has around all of them.
    pub const fn within(&mut self, root: &'static str) {
        self.root = root;
    }

    /// Returns where a setting stands; empty for the whole of the body.
    #[must_use]
    pub fn place(&self, setting: &str) -> String {
        let known = self.known.iter().find(|(known, _)| *known == setting);
        match known {
            Some((_, pointer)) => format!("{}{pointer}", self.root),
            None if setting == self::setting::SCHEMA => {
                format!("{}/schema", self.place(self::setting::FORMAT))
            }
            None => String::new(),
        }
    }
}

impl PartialEq for Places {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Places {}
