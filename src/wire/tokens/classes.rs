//! What a text weighs, by the classes of its characters. No vocabulary is needed, and none is as far
//! off as the vocabularies of two vendors are from each other.

/// A thousandth of a token.
pub(super) type Milli = u64;

/// A letter: words of common languages take about four and a half letters a token.
const LETTER: Milli = 244;
/// A digit: tokens have up to three.
const DIGIT: Milli = 340;
/// Punctuation: code and JSON are full of it, and take about three characters a token.
const MARK: Milli = 310;
/// The first blank of a run goes along with the word behind it.
const BLANK: Milli = 244;
/// A further one: indentation is one token for many.
const MORE_BLANKS: Milli = 120;
/// A character of a script that writes a word or syllable with one (Chinese, Japanese, Korean).
const IDEOGRAPH: Milli = 800;
/// A letter of any other script (Cyrillic, Greek, Arabic, accents).
const FOREIGN: Milli = 500;
/// Whatever lies beyond: emoji and rare scripts are written byte by byte.
const BEYOND: Milli = 1_100;

/// Weighs a text.
pub(super) fn weigh(text: &str) -> Milli {
    let mut sum = 0;
    let mut blank_before = false;
    for character in text.chars() {
        let blank = character.is_ascii_whitespace();
        sum += match character {
            _ if blank && blank_before => MORE_BLANKS,
            _ if blank => BLANK,
            'a'..='z' | 'A'..='Z' => LETTER,
            '0'..='9' => DIGIT,
            '\0'..='\x7f' => MARK,
            _ => beyond_ascii(character),
        };
        blank_before = blank;
    }
    sum
}

const fn beyond_ascii(character: char) -> Milli {
    match character {
        '\u{1100}'..='\u{11ff}'
        | '\u{2e80}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ffef}' => IDEOGRAPH,
        '\u{80}'..='\u{2bff}' => FOREIGN,
        _ => BEYOND,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns how many bytes of a text make one token.
    fn bytes_a_token(text: &str) -> f64 {
        let bytes = u32::try_from(text.len()).unwrap();
        let weight = u32::try_from(weigh(text)).unwrap();
        f64::from(bytes) * 1_000.0 / f64::from(weight)
    }

    #[test]
    fn prose_weighs_less_than_code_and_ideographs_about_one_each() {
        let prose =
            "The quick brown fox jumps over the lazy dog, and nobody asks it why it did so.";
        let code = r#"{"a":[1,2,{"b":null}],"c":"x"}"#;
        assert!((3.9..4.6).contains(&bytes_a_token(prose)), "{}", bytes_a_token(prose));
        assert!((3.0..4.0).contains(&bytes_a_token(code)), "{}", bytes_a_token(code));
        assert_eq!(weigh("你好，世界"), 5 * IDEOGRAPH);
    }

    #[test]
    fn a_deep_indentation_is_no_heap_of_tokens() {
        assert!(weigh(&" ".repeat(40)) < 6_000);
    }

    proptest! {
        /// Nothing weighs nothing, and nothing is heavier than its bytes.
        #[test]
        fn a_weight_is_within_the_bytes(text in ".{0,200}") {
            let weight = weigh(&text);
            let bytes = u64::try_from(text.len()).unwrap();
            prop_assert!(weight <= bytes * 1_000);
            prop_assert!(weight * 10 >= bytes * 1_000, "{} of {}", weight, bytes);
        }

        /// Who splits a text hardly changes its weight: by a blank at most.
        #[test]
        fn parts_weigh_what_the_whole_weighs(one in ".{0,80}", other in ".{0,80}") {
            let parts = weigh(&one) + weigh(&other);
            let whole = weigh(&format!("{one}{other}"));
            prop_assert!(parts >= whole && parts - whole <= BLANK - MORE_BLANKS);
        }
    }
}
