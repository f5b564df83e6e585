//! Statements as they lie in `sql/queries`: one file each, typed by its header, built once at start.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use super::error::StoreError;
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
    fn parse(word: &str) -> Option<Self> {
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
    /// The text for PostgreSQL.
    pub pg: &'static str,
    /// The text for SQLite: `$n` is `?n`, because there `$n` is a name, not a number.
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

/// Parses one file and its PostgreSQL twin.
fn parse(
    name: &'static str,
    text: &'static str,
    twin: Option<&'static str>,
) -> Result<Statement, StoreError> {
    let fault = |reason: String| StoreError::Setup(format!("sql/queries/{name}.sql: {reason}"));
    let params = slots(text, "-- params:", true).map_err(&fault)?;
    let returns = slots(text, "-- returns:", false).map_err(&fault)?;
    let own = body(text);
    let pg = twin.map_or(own, body);
    let (lite, used) = renumber(own);
    let (_, used_pg) = renumber(pg);
    let wanted: BTreeSet<usize> = (1..=params.len()).collect();
    if used != wanted || used_pg != wanted {
        return Err(fault(format!("parameters in the text are not exactly 1 to {}", params.len())));
    }
    let reads = is_read(own);
    let is_marked = |mark| text.lines().any(|line| line.trim() == mark);
    let idempotent = reads || is_marked("-- idempotent");
    let together = is_marked("-- together").then(|| together(pg, params.len()));
    let together = together.transpose().map_err(&fault)?;
    if together.is_some() && !returns.is_empty() {
        return Err(fault("`-- together` gives no rows back".to_owned()));
    }
    Ok(Statement { name, pg, lite, params, returns: returns.into(), reads, idempotent, together })
}

/// Has an insert of one row take many: its list of parameters becomes a table of arrays.
fn together(text: &str, params: usize) -> Result<String, String> {
    let list: Vec<String> = (1..=params).map(|number| format!("${number}")).collect();
    let list = list.join(", ");
    // The file breaks its lines where it likes.
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (before, after) = ["VALUES ( ", "VALUES ("]
        .iter()
        .find_map(|open| flat.split_once(&format!("{open}{list}")))
        .ok_or("`-- together` wants VALUES with all parameters in their order")?;
    let after = after.trim_start().strip_prefix(')').ok_or("VALUES has more than parameters")?;
    Ok(format!("{before}SELECT * FROM unnest({list}){after}"))
}

/// Returns the text below the header.
fn body(text: &'static str) -> &'static str {
    let mut rest = text;
    while let Some((line, after)) = rest.split_once('\n') {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with("--") {
            break;
        }
        rest = after;
    }
    rest.trim().trim_end_matches(';')
}

/// Reads a header line (and lines that continue it, indented: `--   more`).
fn slots(text: &'static str, mark: &str, numbered: bool) -> Result<Vec<Slot>, String> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with(mark));
    let first = lines.next().ok_or_else(|| format!("the header lacks `{mark}`"))?;
    let more = lines.map_while(|line| line.strip_prefix("--   "));
    let words = std::iter::once(first.strip_prefix(mark).unwrap_or_default()).chain(more);
    let mut slots = Vec::new();
    for word in words.flat_map(|line| line.split(',')).map(str::trim) {
        if word.is_empty() || word == "none" {
            continue;
        }
        let number = slots.len() + 1;
        slots.push(slot(word, numbered.then_some(number)).ok_or_else(|| {
            format!("`{word}` is not `{}name kind`", if numbered { "$n " } else { "" })
        })?);
    }
    Ok(slots)
}

fn slot(word: &'static str, number: Option<usize>) -> Option<Slot> {
    let word = match number {
        Some(number) => word.strip_prefix('$')?.strip_prefix(&number.to_string())?.trim_start(),
        None => word,
    };
    let (name, kind) = word.split_once(' ')?;
    let (kind, nullable) = kind.strip_suffix('?').map_or((kind, false), |kind| (kind, true));
    Some(Slot { name, kind: Kind::parse(kind.trim())?, nullable })
}

/// Rewrites `$n` to `?n` outside literals and comments, and tells which numbers there are.
fn renumber(text: &str) -> (String, BTreeSet<usize>) {
    let mut out = String::with_capacity(text.len());
    let mut used = BTreeSet::new();
    let mut chars = text.chars().peekable();
    let mut quote = None;
    while let Some(char) = chars.next() {
        match (quote, char) {
            (None, '\'' | '"') => quote = Some(char),
            (None, '-') if chars.peek() == Some(&'-') => quote = Some('\n'),
            (Some(open), _) if open == char => quote = None,
            (None, '$') => {
                let mut digits = String::new();
                while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                    digits.push(digit);
                }
                used.insert(digits.parse().unwrap_or(0));
                out.push('?');
                out.push_str(&digits);
                continue;
            }
            _ => {}
        }
        out.push(char);
    }
    (out, used)
}

fn is_read(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let first = words.find(|word| !word.is_empty()).unwrap_or_default().to_ascii_uppercase();
    first == "SELECT"
        || (first == "WITH" && !words.any(|word| matches!(word, "INSERT" | "UPDATE" | "DELETE")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_become_question_marks_outside_literals_and_comments() {
        let (lite, used) = renumber("SELECT $2, '$3' -- $4\n, \"$5\", $1");
        assert_eq!(lite, "SELECT ?2, '$3' -- $4\n, \"$5\", ?1");
        assert_eq!(used, BTreeSet::from([1, 2]));
    }

    #[test]
    fn a_header_types_parameters_and_columns() {
        let text = "-- Finds.\n-- params: $1 id int?,\n--   $2 tags json\n-- returns: name text\n\
                    SELECT name FROM users WHERE id = $1 AND tags = $2;\n";
        let found = parse("users/find", text, None).unwrap();
        assert_eq!(found.params.len(), 2);
        assert_eq!(found.params[0], Slot { name: "id", kind: Kind::Int, nullable: true });
        assert_eq!(found.pg, "SELECT name FROM users WHERE id = $1 AND tags = $2");
        assert!(found.reads);
    }

    #[test]
    fn a_gap_in_the_numbers_is_a_fault() {
        let text = "-- params: $1 a int, $2 b int\n-- returns: none\nDELETE FROM t WHERE a = $2";
        assert!(parse("t/gap", text, None).is_err());
    }

    #[test]
    fn an_insert_of_one_row_becomes_one_of_many() {
        let text = "-- params: $1 a int, $2 b text?\n-- returns: none\n-- together\n\
                    INSERT INTO t (a, b)\nVALUES (\n    $1,\n    $2\n)\nON CONFLICT DO NOTHING\n";
        let found = parse("t/add", text, None).unwrap();
        let wanted = "INSERT INTO t (a, b) SELECT * FROM unnest($1, $2) ON CONFLICT DO NOTHING";
        assert_eq!(found.together.as_deref(), Some(wanted));
        for broken in
            ["VALUES ($2, $1)", "VALUES ($1, $2, 3)", "VALUES ($1, $2 + 1)", "SELECT $1, $2"]
        {
            let text = format!(
                "-- params: $1 a int, $2 b int\n-- returns: none\n-- together\nINSERT INTO t {broken}\n"
            );
            assert!(parse("t/add", text.leak(), None).is_err(), "{broken}");
        }
        let text = "-- params: $1 a int\n-- returns: id int\n-- together\n\
                    INSERT INTO t (a) VALUES ($1) RETURNING id\n";
        assert!(parse("t/add", text, None).is_err(), "whose id would it be?");
    }

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
