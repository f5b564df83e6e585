//! Where a list that grows while it is sent stands: what may follow depends on it when it breaks.

use memchr::memchr2;

/// A place in a growing list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListPlace {
    /// Before the list's bracket.
    #[default]
    Start,
    /// Behind the bracket, before any element.
    Opened,
    /// Behind a whole element.
    Element,
    /// Behind the comma after an element.
    Comma,
    /// Inside an element.
    Inside,
    /// Behind the end of the list, or of whatever stood in its place.
    Ended,
}

impl ListPlace {
    /// Returns what must stand before one more element; `None` where none can follow.
    #[must_use]
    pub const fn before_next(self) -> Option<&'static str> {
        match self {
            Self::Start => Some("["),
            Self::Opened | Self::Comma => Some(""),
            Self::Element => Some(",\n"),
            Self::Inside | Self::Ended => None,
        }
    }
}

/// Follows a list's bytes as they pass.
#[derive(Clone, Debug, Default)]
pub struct ListTracker {
    place: ListPlace,
    depth: usize,
    is_list: bool,
    in_string: bool,
    escaped: bool,
}

impl ListTracker {
    /// Returns where the list stands.
    #[must_use]
    pub const fn place(&self) -> ListPlace {
        self.place
    }

    /// Reads on.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while let Some((&byte, rest)) = bytes.split_first() {
            bytes = rest;
            match byte {
                _ if !self.in_string => self.outside_text(byte),
                _ if std::mem::take(&mut self.escaped) => {}
                b'\\' => self.escaped = true,
                b'"' => self.end_text(),
                _ => bytes = memchr2(b'"', b'\\', rest).map_or(&[], |at| rest.split_at(at).1),
            }
        }
    }

    fn outside_text(&mut self, byte: u8) {
        match byte {
            b'[' | b'{' => {
                let opens = self.depth == 0 && byte == b'[';
                self.is_list |= opens;
                self.depth += 1;
                self.place = if opens { ListPlace::Opened } else { ListPlace::Inside };
            }
            b']' | b'}' => {
                self.depth = self.depth.saturating_sub(1);
                self.value_ended();
            }
            b',' if self.depth == 1 && self.is_list => self.place = ListPlace::Comma,
            b'"' => {
                self.in_string = true;
                self.place = ListPlace::Inside;
            }
            _ => {}
        }
    }

    fn end_text(&mut self) {
        self.in_string = false;
        self.value_ended();
    }

    fn value_ended(&mut self) {
        self.place = match self.depth {
            0 => ListPlace::Ended,
            1 if self.is_list => ListPlace::Element,
            _ => ListPlace::Inside,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> ListPlace {
        let mut whole = ListTracker::default();
        whole.push(text.as_bytes());
        let mut split = ListTracker::default();
        text.as_bytes().iter().for_each(|byte| split.push(&[*byte]));
        assert_eq!(whole.place(), split.place(), "{text}");
        whole.place()
    }

    #[test]
    fn every_border_of_a_list_is_known_and_no_text_is_taken_for_one() {
        assert_eq!(place(""), ListPlace::Start);
        assert_eq!(place("\u{feff} "), ListPlace::Start);
        assert_eq!(place("[\n"), ListPlace::Opened);
        assert_eq!(place(r#"[{"a":[1,{"#), ListPlace::Inside);
        assert_eq!(place(r#"[{"a":"]}],\"}]"#), ListPlace::Inside);
        assert_eq!(place(r#"[{"a":"]}]\\"}"#), ListPlace::Element);
        assert_eq!(place("[{\"a\":1}\n"), ListPlace::Element);
        assert_eq!(place("[{\"a\":1}\r\n,\r\n"), ListPlace::Comma);
        assert_eq!(place("[{\"a\":1},{\"b\":[2]}]\n"), ListPlace::Ended);
    }

    #[test]
    fn an_object_in_the_lists_place_has_no_room_for_another_element() {
        assert_eq!(place(r#"{"a":{"b":1}"#).before_next(), None);
        assert_eq!(place(r#"{"a":1}"#), ListPlace::Ended);
    }

    #[test]
    fn what_stands_before_the_next_element_makes_a_list_of_both() {
        for begun in ["", "[", "[{\"a\":1}", "[{\"a\":1}\n,"] {
            let mut tracker = ListTracker::default();
            tracker.push(begun.as_bytes());
            let joint = tracker.place().before_next().unwrap();
            let whole = format!("{begun}{joint}{{}}]");
            assert!(serde_json::from_str::<Vec<serde_json::Value>>(&whole).is_ok(), "{whole}");
        }
    }
}
