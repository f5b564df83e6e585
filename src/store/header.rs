//! Reads a statement's file: its header, which types it, and the text for each engine.

use std::collections::BTreeSet;

use super::adding;
use super::error::StoreError;
use super::statement::{Kind, Slot, Statement};

/// Parses one file and its PostgreSQL twin.
pub(super) fn parse(
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
    let (pg, lite) = (adding::for_postgres(pg), adding::for_sqlite(&lite));
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
}
