//! Makes the table of `docs/FAULTS.md` out of the expectations.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use switchyard_actors::domain::dialect::Dialect;

use super::expected::{Cells, Facts, Place, read};

const BEGIN: &str = "<!-- made of tests/fixtures/faults: begin -->\n";
const END: &str = "<!-- made of tests/fixtures/faults: end -->\n";
/// The dialects, as people call them.
const NAMES: [(Dialect, &str); 5] = [
    (Dialect::Anthropic, "Anthropic Messages"),
    (Dialect::OpenaiChat, "OpenAI Chat Completions"),
    (Dialect::Responses, "OpenAI Responses"),
    (Dialect::Gemini, "Gemini"),
    (Dialect::GeminiCli, "Gemini CLI"),
];

/// Asserts that the document holds the table; what it should be is left in the target directory.
pub fn is_up_to_date() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/FAULTS.md");
    let document = fs::read_to_string(&path).expect("docs/FAULTS.md");
    let (before, rest) = document.split_once(BEGIN).expect("where the table begins");
    let (_, behind) = rest.split_once(END).expect("where it ends");
    let made = format!("{before}{BEGIN}{}{END}{behind}", tables());
    if made != document {
        let left = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("FAULTS.md");
        fs::write(&left, made).expect("write the document");
        panic!("docs/FAULTS.md is not made of the expectations; the right one is in {left:?}");
    }
}

fn tables() -> String {
    let mut text = String::new();
    for (dialect, name) in NAMES {
        let cells = read(dialect);
        for (form, title) in [("stream", "streamed"), ("whole", "not streamed")] {
            let _ = write!(text, "\n### {name}, {title}\n\n");
            text.push_str("| fault | the client of a single provider gets | its last bytes | charged | its row | beside a healthy provider |\n");
            text.push_str("|---|---|---|---|---|---|\n");
            let alone =
                cells.iter().filter(|(place, _)| place.form == form && place.others == "alone");
            for (place, facts) in alone {
                let beside = beside(&cells, place);
                let _ = writeln!(text, "| {} |", row(place, facts, beside).join(" | "));
            }
        }
    }
    text.push('\n');
    text
}

fn beside<'a>(cells: &'a Cells, alone: &Place) -> &'a Facts {
    let place = Place { others: "beside".to_owned(), ..alone.clone() };
    let found = cells.iter().find(|(one, _)| *one == place);
    &found.unwrap_or_else(|| panic!("{place:?} is expected")).1
}

fn row(place: &Place, facts: &Facts, beside: &Facts) -> [String; 6] {
    let last = match value(facts, "last") {
        "" => value(facts, "body").to_owned(),
        last => format!("`{}`", last.replace('|', "\\|")),
    };
    let charged = match value(facts, "charged") {
        "0" => "nobody".to_owned(),
        count => format!("{count} failure"),
    };
    let other = match value(beside, "body") {
        "" => format!("as alone ({})", value(beside, "client")),
        body => format!("{}, {body}", value(beside, "client")),
    };
    let tries = format!("{}, tries {}; {}", other, value(beside, "asked"), value(beside, "chain"));
    let of_row = format!("{}; {}", value(facts, "row"), value(facts, "chain"));
    [place.fault.clone(), value(facts, "client").to_owned(), last, charged, of_row, tries]
}

fn value<'a>(facts: &'a Facts, name: &str) -> &'a str {
    facts.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
}
