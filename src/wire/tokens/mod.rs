//! How many tokens a request's prompt has, without a vendor: an estimate for those who only count.
//! Nothing is ever billed by it.
//!
//! Texts weigh by the classes of their characters (`classes`), pictures and files by their size
//! (`media`); tools and schemas count as they are written, and each message has a little beside
//! what it says. It reads any format's body as it stands, and whatever it does not know of counts as
//! the text it is: a client that is told too much compacts a little early, one that is told too
//! little runs into the wall.

mod body;
mod classes;
mod media;
mod size;

use body::Tally;
use classes::Milli;

/// Tokens around what is said, once a request.
const AROUND: Milli = 12_000;
/// Tokens around each message: who says it, where it begins and ends.
const EACH_MESSAGE: Milli = 4_000;

/// Estimates the tokens of a body of any format; a body that is no JSON counts as text. At least 1.
#[must_use]
pub fn estimate(model: &str, body: &[u8]) -> u64 {
    let mut tally = Tally::default();
    if tally.read(body).is_err() {
        tally = Tally::of_text(&String::from_utf8_lossy(body));
    }
    finish(model, AROUND + tally.messages * EACH_MESSAGE + tally.text + tally.media * 1_000)
}

/// Estimates the tokens of bare texts, as they are embedded.
#[must_use]
pub fn estimate_texts<'t>(model: &str, texts: impl IntoIterator<Item = &'t str>) -> u64 {
    finish(model, texts.into_iter().map(classes::weigh).sum())
}

fn finish(model: &str, weight: Milli) -> u64 {
    (weight * percent(model)).div_ceil(100_000).max(1)
}

/// What a family of models makes of the same text, in per cent: their vocabularies differ.
fn percent(model: &str) -> u64 {
    let name = model.to_ascii_lowercase();
    let name = name.rsplit('/').next().unwrap_or(&name);
    let is = |prefix: &str| name.starts_with(prefix);
    if is("claude") {
        105
    } else if ["gpt-", "o1", "o3", "o4", "codex", "chatgpt"].into_iter().any(is) {
        103
    } else {
        100
    }
}

#[cfg(test)]
mod tests;
