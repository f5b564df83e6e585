//! The expectations: one paragraph a cell, read from a file and compared with what was seen.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use switchyard_actors::domain::dialect::Dialect;

/// Where a cell stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The fault.
    pub fault: String,
    /// `stream` or `whole`.
    pub form: String,
    /// `alone`, or `beside` a healthy provider.
    pub others: String,
}

/// What is seen of a cell: names and values, in the order they are shown.
pub type Facts = Vec<(String, String)>;

/// All cells of a dialect, in the order of the file.
pub type Cells = Vec<(Place, Facts)>;

/// Reads the expectations of a dialect.
pub fn read(dialect: Dialect) -> Cells {
    let path = path(dialect);
    let text = fs::read_to_string(&path).unwrap_or_default();
    text.split("\n\n").filter_map(|paragraph| cell(paragraph.trim())).collect()
}

/// Compares what was seen with what is expected. What was seen is left in the target directory, to be
/// read, and to be taken over by hand where it is right.
pub fn compare(dialect: Dialect, expected: &Cells, seen: &Cells) {
    let seen_text = show(seen);
    if *expected == *seen {
        return;
    }
    let left = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("faults-{dialect}.txt"));
    fs::write(&left, seen_text).expect("write what was seen");
    let known: BTreeMap<&Place, &Facts> =
        expected.iter().map(|(place, facts)| (place, facts)).collect();
    let mut differences = String::new();
    for (place, facts) in seen {
        let Some(wanted) = known.get(place) else {
            let _ = writeln!(differences, "{place:?} is not expected at all");
            continue;
        };
        for fact in facts.iter().filter(|fact| !wanted.contains(fact)) {
            let _ = writeln!(differences, "{place:?} shows {fact:?}, not {wanted:?}");
        }
    }
    panic!("{dialect}: seen and expected differ; what was seen is in {left:?}\n{differences}");
}

fn path(dialect: Dialect) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/faults");
    folder.join(format!("{dialect}.txt"))
}

fn show(cells: &Cells) -> String {
    let mut text = String::new();
    for (Place { fault, form, others }, facts) in cells {
        let _ = writeln!(text, "[{fault}] {form}, {others}");
        for (name, value) in facts {
            let _ = writeln!(text, "{name}: {value}");
        }
        text.push('\n');
    }
    text
}

fn cell(paragraph: &str) -> Option<(Place, Facts)> {
    let mut lines = paragraph.lines().filter(|line| !line.starts_with('#'));
    let (fault, rest) = lines.next()?.strip_prefix('[')?.split_once("] ")?;
    let (form, others) = rest.split_once(", ")?;
    let fact = |line: &str| {
        let (name, value) = line.split_once(": ").expect("a name and a value");
        (name.to_owned(), value.to_owned())
    };
    let place = Place { fault: fault.to_owned(), form: form.to_owned(), others: others.to_owned() };
    Some((place, lines.map(fact).collect()))
}
