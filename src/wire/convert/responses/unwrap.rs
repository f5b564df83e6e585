//! The text in `{"input": "text"}` as it comes: what a function was called with that stands for a tool of
//! text, told piece by piece.

/// What stands before the text. Blanks may stand before each of its marks.
const HEAD: &[u8] = b"{\"input\":\"";
/// Before which bytes of it blanks may stand.
const MARKS: [usize; 4] = [0, 1, 8, 9];

/// Takes the text out, however the JSON is cut.
#[derive(Debug, Default)]
pub(super) struct Unwrap {
    state: State,
    /// The first half of a character that JSON writes in two.
    high: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// So much of the head has come.
    Head(usize),
    Text,
    /// Behind a backslash.
    Escape,
    /// Within `\u`: so many digits, and their value.
    Unicode(u8, u32),
    /// The text has ended, the object has not.
    Closed,
    /// All is there.
    Whole,
    /// It is something else.
    Other,
}

impl Default for State {
    fn default() -> Self {
        Self::Head(0)
    }
}

impl Unwrap {
    /// Takes the next piece of JSON, and puts out what it has of the text.
    pub(super) fn push(&mut self, json: &str, text: &mut String) {
        for char in json.chars() {
            self.state = self.step(char, text);
        }
    }

    /// Tells whether the text is whole.
    pub(super) fn is_whole(&self) -> bool {
        self.state == State::Whole
    }

    fn step(&mut self, char: char, text: &mut String) -> State {
        let is_blank = matches!(char, ' ' | '\t' | '\n' | '\r');
        // The second half must follow at once.
        let half_alone = self.high.is_some()
            && match self.state {
                State::Text => char != '\\',
                State::Escape => char != 'u',
                _ => false,
            };
        if half_alone {
            return State::Other;
        }
        match self.state {
            State::Head(place) if is_blank && MARKS.contains(&place) => self.state,
            State::Head(place) => match HEAD.get(place) {
                Some(wanted) if char == char::from(*wanted) && place + 1 == HEAD.len() => {
                    State::Text
                }
                Some(wanted) if char == char::from(*wanted) => State::Head(place + 1),
                _ => State::Other,
            },
            State::Text => match char {
                '"' => State::Closed,
                '\\' => State::Escape,
                '\0'..='\x1f' => State::Other,
                _ => {
                    text.push(char);
                    State::Text
                }
            },
            State::Escape => escaped(char, text),
            State::Unicode(digits, value) => self.digit(digits, value, char, text),
            State::Closed if is_blank => State::Closed,
            State::Closed if char == '}' => State::Whole,
            State::Whole if is_blank => State::Whole,
            State::Closed | State::Whole | State::Other => State::Other,
        }
    }

    fn digit(&mut self, digits: u8, value: u32, char: char, text: &mut String) -> State {
        let Some(digit) = char.to_digit(16) else { return State::Other };
        let value = value * 16 + digit;
        if digits < 3 {
            return State::Unicode(digits + 1, value);
        }
        let code = match (self.high.take(), value) {
            (Some(high), 0xDC00..=0xDFFF) => 0x1_0000 + ((high - 0xD800) << 10) + (value - 0xDC00),
            (Some(_), _) => return State::Other,
            (None, 0xD800..=0xDBFF) => {
                self.high = Some(value);
                return State::Text;
            }
            (None, _) => value,
        };
        let Some(char) = char::from_u32(code) else { return State::Other };
        text.push(char);
        State::Text
    }
}

fn escaped(char: char, text: &mut String) -> State {
    let plain = match char {
        '"' | '\\' | '/' => char,
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => return State::Unicode(0, 0),
        _ => return State::Other,
    };
    text.push(plain);
    State::Text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(json: &str) -> (String, bool) {
        let (mut unwrap, mut text) = (Unwrap::default(), String::new());
        for char in json.chars() {
            unwrap.push(&char.to_string(), &mut text);
        }
        (text, unwrap.is_whole())
    }

    proptest! {
        #[test]
        fn any_text_comes_out_as_it_went_in(wanted in ".{0,60}", cut in 0..80_usize) {
            let json = serde_json::json!({ "input": wanted }).to_string();
            let (mut unwrap, mut text) = (Unwrap::default(), String::new());
            let cut = json.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(json.len());
            unwrap.push(&json[..cut], &mut text);
            prop_assert!(wanted.starts_with(&text));
            unwrap.push(&json[cut..], &mut text);
            prop_assert!(unwrap.is_whole());
            prop_assert_eq!(text, wanted);
        }

        #[test]
        fn it_agrees_with_a_real_reader(json in r#"[ {]\{ ?"(input|in)" ?: ?"[a"\\u0D8dCn ]{0,12}"?,?\}? ?"#) {
            let real = serde_json::from_str::<std::collections::BTreeMap<String, String>>(&json);
            let real = real.ok().filter(|map| map.len() == 1).and_then(|map| map.get("input").cloned());
            let (text, is_whole) = run(&json);
            prop_assert_eq!(is_whole.then_some(text), real);
        }
    }

    #[test]
    fn escapes_and_blanks_are_read() {
        let (text, is_whole) = run("{ \"input\" :\n\"a\\n\\\"\\u00e9\\ud83d\\ude00\" } ");
        assert_eq!((text.as_str(), is_whole), ("a\n\"é😀", true));
    }

    #[test]
    fn what_is_something_else_is_never_whole() {
        for json in [
            r#"{"input":"a""#,
            r#"{"input":"a","more":1}"#,
            r#"{"other":"a"}"#,
            r#"{"input":1}"#,
            r#"{"input":"\ud83d"}"#,
            r#"{"input":"\ud83dx"}"#,
            r#"{"input":"\q"}"#,
        ] {
            assert!(!run(json).1, "{json}");
        }
    }
}
