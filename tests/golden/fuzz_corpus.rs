//! What fuzzing has found, on stable: each input of `fuzz/corpus/` goes through the function it was found
//! for, which panics when a law is broken. An input is a line in base64.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::targets::find;

#[test]
fn nothing_that_fuzzing_has_found_breaks_a_law() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let (mut targets, mut broken) = (0, Vec::new());
    for file in fs::read_dir(corpus).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let target = find(&name).unwrap_or_else(|| panic!("there is no target {name}"));
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.is_empty(), "{name} has no input");
        for (number, line) in (1..).zip(text.lines()) {
            let data = STANDARD.decode(line).unwrap();
            if catch_unwind(AssertUnwindSafe(|| target(&data))).is_err() {
                broken.push(format!("{name}, line {number}"));
            }
        }
        targets += 1;
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert_eq!(targets, 16, "one for frames, and three for each format");
}
