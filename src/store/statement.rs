//! Statements as they lie in `sql/queries`: one file each, typed by its header, built once at start.

use std::collections::HashMap;
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use super::error::StoreError;
use super::header::parse;
use super::text::Text;
use super::value::Value;

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/sql/queries");

/// What a parameter or column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// BIGINT.
    Int,
    /// TEXT.
    Text,
    /// BYTEA or BLOB.
    Bytes,
    /// JSONB, or TEXT that holds JSON.
    Json,
}

impl Kind {
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "int" => Some(Self::Int),
            "text" => Some(Self::Text),
            "bytes" => Some(Self::Bytes),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// A parameter or column of a statement's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// It may be NULL.
    pub nullable: bool,
}

/// One statement, ready for both engines.
#[derive(Clone, Debug)]
pub struct Statement {
    /// `<aggregate>/<statement>`: the file's path without its ending.
    pub name: &'static str,
    /// The text for PostgreSQL; its sums stay at the largest number.
    pub pg: String,
    /// The text for SQLite, likewise: `$n` is `?n`, because there `$n` is a name, not a number.
    pub lite: String,
    /// The parameters, in order.
    pub params: Vec<Slot>,
    /// The columns of an answer; empty when there is none.
    pub returns: Arc<[Slot]>,
    /// It only reads.
    pub reads: bool,
    /// Running it twice is as good as once; a lost connection is then tried again.
    pub idempotent: bool,
    /// The text for PostgreSQL that takes an array for each parameter, and so many rows at once.
    pub together: Option<String>,
}

impl Statement {
    /// Checks parameters against the header, and makes them fit to be stored.
    ///
    /// PostgreSQL cannot hold the character NUL in text; clients can send it. It is replaced on
    /// both engines, so that one request cannot stop the ledger.
    pub(crate) fn accept(&self, mut params: Vec<Value>) -> Result<Vec<Value>, StoreError> {
        let refuse = |reason| Err(StoreError::Parameters { statement: self.name, reason });
        if params.len() != self.params.len() {
            return refuse(format!("{} values for {}", params.len(), self.params.len()));
        }
        for (slot, value) in self.params.iter().zip(&params) {
            let fits = value.kind().map_or(slot.nullable, |kind| kind == slot.kind);
            if !fits {
                return refuse(format!("the value of {} is not {:?}", slot.name, slot.kind));
            }
        }
        params.iter_mut().for_each(remove_nul);
        Ok(params)
    }
}

fn remove_nul(value: &mut Value) {
    match value {
        Value::Text(text) if memchr::memchr(0, text.as_bytes()).is_some() => {
            *text = Text::Own(text.replace('\0', "\u{FFFD}"));
        }
        // Few documents have an escape at all; only those are searched for this one.
        Value::Json(text)
            if memchr::memchr(b'\\', text.as_bytes()).is_some() && text.contains("\\u0000") =>
        {
            *text = Text::Own(json_without_nul(text));
        }
        _ => {}
    }
}

/// Replaces the escape of NUL, but not the same characters behind an escaped backslash.
fn json_without_nul(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let length = if escape.starts_with("\\u0000") { 6 } else { 2 };
        let (escape, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        out.push_str(if length == 6 { "\\ufffd" } else { escape });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// All statements by name.
#[derive(Debug)]
pub struct Statements(HashMap<&'static str, Arc<Statement>>);

impl Statements {
    /// Reads the embedded files. A fault in one of them is a fault of the build.
    pub fn load() -> Result<Self, StoreError> {
        let mut all = HashMap::new();
        for folder in FILES.dirs() {
            for file in folder.files() {
                let path = file.path().to_str().unwrap_or_default();
                let Some(name) = path.strip_suffix(".sql") else { continue };
                if name.ends_with(".postgres") {
                    continue;
                }
                let twin = FILES.get_file(format!("{name}.postgres.sql"));
                let text = file.contents_utf8().unwrap_or_default();
                let twin = twin.and_then(include_dir::File::contents_utf8);
                all.insert(name, Arc::new(parse(name, text, twin)?));
            }
        }
        Ok(Self(all))
    }

    /// Finds a statement.
    pub fn get(&self, name: &str) -> Result<&Arc<Statement>, StoreError> {
        self.0.get(name).ok_or_else(|| StoreError::UnknownStatement(name.to_owned()))
    }

    /// Returns every statement, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Statement>> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_escape_of_nul_is_replaced() {
        let told = json_without_nul(r#"["a\u0000b","\\u0000","\n"]"#);
        assert_eq!(told, r#"["a\ufffdb","\\u0000","\n"]"#);
    }

    #[test]
    fn every_embedded_file_parses() {
        assert!(Statements::load().unwrap().iter().count() > 0);
    }
}
