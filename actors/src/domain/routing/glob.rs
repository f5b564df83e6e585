//! Texts with wildcards: one matcher for names of models and of client programs. Pure.

/// Tells whether a text fits a glob from its beginning to its end: `*` stands for any text, `one`
/// (where there is such a sign) for any single character. It goes back to the last star only, so its
/// time is at most the product of both lengths.
#[must_use]
pub fn fits(glob: &str, one: Option<char>, text: &str) -> bool {
    let (mut glob, mut text) = (glob.chars(), text.chars());
    // Where to go on when what follows the last star does not fit: one character further.
    let mut last_star = None;
    loop {
        let (mut rest, mut tail) = (glob.clone(), text.clone());
        match (rest.next(), tail.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                last_star = Some((rest.clone(), text.clone()));
                glob = rest;
            }
            (Some(sign), Some(character)) if Some(sign) == one || sign == character => {
                (glob, text) = (rest, tail);
            }
            _ => {
                let Some((after, mut from)) = last_star.take() else { return false };
                if from.next().is_none() {
                    return false;
                }
                last_star = Some((after.clone(), from.clone()));
                (glob, text) = (after, from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stars_stand_for_any_text() {
        for (glob, text, hit) in [
            ("*", "", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyycd", false),
            ("*cli*", "x-cli-y", true),
            ("a*", "b", false),
            ("**a", "aaa", true),
            ("?", "é", false),
        ] {
            assert_eq!(fits(glob, None, text), hit, "{glob} {text}");
        }
        assert!(fits("?", Some('?'), "é") && !fits("?", Some('?'), "ab"));
    }

    /// The textbook definition, slow and plain.
    fn globs(glob: &[char], name: &[char]) -> bool {
        match (glob.split_first(), name.split_first()) {
            (None, None) => true,
            (Some((&'*', rest)), _) => {
                globs(rest, name) || name.split_first().is_some_and(|(_, tail)| globs(glob, tail))
            }
            (Some((&'?', rest)), Some((_, tail))) => globs(rest, tail),
            (Some((one, rest)), Some((other, tail))) => one == other && globs(rest, tail),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn globs_mean_what_they_say(glob in "[ab.*?\\[(]{1,8}", name in "[ab.\\[(]{0,8}") {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(
                fits(&glob, Some('?'), &name),
                globs(&letters(&glob), &letters(&name))
            );
        }
    }
}
