//! What looking at a large body takes beside it, counted by the allocator: resident memory tells too little,
//! since an allocator keeps what was given back.

use std::sync::Arc;

use peak_alloc::PeakAlloc;
use serde_json::json;
use switchyard::wire::spoken;
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::words::{WordKind, Words};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Bytes: two pieces of a text, and what expressions keep.
const MOST: usize = 8 << 20;

fn grows_by<T>(run: impl FnOnce() -> T) -> (T, usize) {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    let result = run();
    (result, ALLOCATOR.peak_usage().saturating_sub(before))
}

/// The only test here: another one beside it would be counted as well.
#[test]
fn looking_for_words_takes_no_copy_of_the_body() {
    let list = [
        (WordKind::Contains, Arc::from("needle")),
        (WordKind::Exact, Arc::from("a needle")),
        (WordKind::Regex, Arc::from("ne{3,}dle")),
    ];
    let words = Words::compile(list, |word, why| panic!("{word}: {why}"));
    for (end, is_found) in [("", false), ("neeedle", true)] {
        let text = format!("{}{end}", "hay, more hay\n".repeat(1_500_000));
        let body = json!({ "messages": [{ "role": "user", "content": text }] }).to_string();
        drop(text);
        assert!(body.len() > 2 * MOST);
        let (found, grown) = grows_by(|| spoken::find(Dialect::Anthropic, body.as_bytes(), &words));
        assert_eq!(found.is_some(), is_found);
        assert!(grown < MOST, "looking through {} bytes took {grown} more", body.len());
    }
}
