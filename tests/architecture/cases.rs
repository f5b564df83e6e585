//! The table of acceptance cases names tests that there are.

use std::collections::BTreeSet;

use super::sources::SourceFile;

const TABLE: &str = "docs/ACCEPTANCE.md";

/// Every test that the table names is there, and every case has one or says that it is not there.
pub fn acceptance(files: &[SourceFile]) -> Vec<String> {
    let known: BTreeSet<String> =
        files.iter().filter(|file| file.is_rust()).flat_map(tests_of).collect();
    let mut found = Vec::new();
    for table in files.iter().filter(|file| file.path == TABLE) {
        for row in table.text.lines().filter(|line| line.starts_with("| ")) {
            let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
            let [case, what, tests] = cells.as_slice() else { continue };
            if *case == "case" {
                continue;
            }
            let named: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
            if named.is_empty() && !tests.starts_with("not there: ") {
                found.push(format!("{TABLE}: {case}, {what}: no test, and no word why"));
            }
            let gone = named.iter().filter(|name| !known.contains(&bare(name)));
            found.extend(gone.map(|name| format!("{TABLE}: {case}: there is no test {name}")));
        }
    }
    found
}

/// The functions of a file behind an attribute of a test, by module and name.
fn tests_of(file: &SourceFile) -> Vec<String> {
    let path = file.path.trim_start_matches("tests/it/").trim_start_matches("src/");
    let path = path.replace("actors/src/", "actors/");
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
    let home = path.replace('/', "::");
    let mut found = Vec::new();
    let mut is_test = false;
    for line in file.text.lines().map(str::trim) {
        if line.starts_with("#[") {
            is_test = is_test
                || line == "#[test]"
                || line.contains("::test]")
                || line.contains("::test(");
            continue;
        }
        let name = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "));
        let name = name.filter(|_| is_test).and_then(|rest| rest.split('(').next());
        found.extend(name.map(|name| bare(&format!("{home}::{name}"))));
        is_test = is_test && line.starts_with("//");
    }
    found
}

/// Tests stand in a module or a file of their own, which says nothing.
fn bare(name: &str) -> String {
    name.replace("::tests::", "::")
}
