//! Texts without the difference of upper and lower case.

/// Appends a text in lower case. One character does not depend on its neighbours (as a final sigma
/// would), so that a text may be folded in pieces.
pub(super) fn fold_into(folded: &mut String, text: &str) {
    if text.is_ascii() {
        let from = folded.len();
        folded.push_str(text);
        if let Some(new) = folded.get_mut(from..) {
            new.make_ascii_lowercase();
        }
        return;
    }
    for character in text.chars().flat_map(char::to_lowercase) {
        folded.push(if character == 'ς' { 'σ' } else { character });
    }
}

/// Returns a text in lower case.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(&mut folded, text);
    folded
}
