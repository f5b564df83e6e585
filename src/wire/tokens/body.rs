//! Walks through a body of any format and adds up what in it is a part of the prompt. Nothing is
//! copied but texts with escapes.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::classes::{Milli, weigh};
use super::media;

/// What was found so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Messages, items or contents.
    pub(super) messages: u64,
    /// The weight of all that is said.
    pub(super) text: Milli,
    /// The tokens of pictures and files.
    pub(super) media: u64,
}

/// Where in a body a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The body, or the request inside an envelope.
    Top,
    /// The list of messages.
    Turns,
    /// What is said, at any depth.
    Said,
    /// JSON that the model reads as it is written: tools, arguments, results.
    Written,
    /// The form of the answer: a schema, where there is one.
    Form,
    /// The address or the data of a picture or file.
    File,
    /// What the model never sees.
    Aside,
}

impl Tally {
    /// Counts bare text.
    pub(super) fn of_text(text: &str) -> Self {
        Self { text: weigh(text), ..Self::default() }
    }

    /// Counts a body.
    pub(super) fn read(&mut self, body: &[u8]) -> serde_json::Result<()> {
        let mut json = serde_json::Deserializer::from_slice(body);
        Walk { tally: self, place: Place::Top }.deserialize(&mut json)?;
        json.end()
    }

    fn say(&mut self, text: &str) {
        match media::data_url(text) {
            Some((mime, data)) => self.media += media::tokens(mime, data),
            None => self.text += weigh(text),
        }
    }
}

/// Says what stands behind a key.
fn behind(place: Place, key: &str) -> Place {
    match (place, key) {
        (Place::Top, "messages" | "input" | "contents") => Place::Turns,
        (
            Place::Top,
            "system" | "instructions" | "systemInstruction" | "system_instruction" | "prompt",
        ) => Place::Said,
        (Place::Top, "tools" | "functions") => Place::Written,
        (Place::Top, "request" | "generateContentRequest") => Place::Top,
        (
            Place::Top,
            "response_format" | "text" | "output_config" | "output_format" | "generationConfig"
            | "generation_config",
        ) => Place::Form,
        (Place::Top, _)
        | (
            _,
            "type" | "role" | "id" | "status" | "cache_control" | "detail" | "index" | "call_id"
            | "tool_use_id" | "tool_call_id" | "citations" | "annotations",
        ) => Place::Aside,
        // What a tool is called with and says may have any names in it.
        (_, "input" | "arguments" | "args" | "response" | "action" | "operation") => Place::Written,
        (
            _,
            "source" | "inlineData" | "inline_data" | "image_url" | "file" | "fileData"
            | "file_data" | "input_audio",
        ) => Place::File,
        _ => Place::Said,
    }
}

/// Reads one value.
struct Walk<'t> {
    tally: &'t mut Tally,
    place: Place,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        match self.place {
            Place::Aside => serde::Deserialize::deserialize(json).map(|_: IgnoredAny| ()),
            Place::Written | Place::Form => {
                let raw: &RawValue = serde::Deserialize::deserialize(json)?;
                let text = raw.get();
                // Plain words of how to answer are no part of the prompt, a schema is.
                if self.place == Place::Written || text.contains("chema\"") {
                    self.tally.text += weigh(text);
                }
                Ok(())
            }
            _ => json.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request's body")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        match self.place {
            Place::Turns => {
                self.tally.messages += 1;
                self.tally.say(text);
            }
            // An address, or a file's data in an address of its own.
            Place::File => {
                self.tally.media += match media::data_url(text) {
                    Some((mime, data)) => media::tokens(mime, data),
                    None => media::elsewhere(),
                };
            }
            _ => self.tally.say(text),
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let place = if self.place == Place::Turns { Place::Said } else { self.place };
        loop {
            let walk = Walk { tally: &mut *self.tally, place };
            if list.next_element_seed(walk)?.is_none() {
                return Ok(());
            }
            self.tally.messages += u64::from(self.place == Place::Turns);
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.place == Place::File {
            return file(self.tally, map);
        }
        // Gemini takes one content without its list.
        let place = if self.place == Place::Turns { Place::Said } else { self.place };
        self.tally.messages += u64::from(self.place == Place::Turns);
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            let place = behind(place, &key);
            map.next_value_seed(Walk { tally: &mut *self.tally, place })?;
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Reads where a picture or file lies, in the words of all formats.
fn file<'de, A: MapAccess<'de>>(tally: &mut Tally, mut map: A) -> Result<(), A::Error> {
    let mut mime: Option<String> = None;
    let mut data: Option<&'de RawValue> = None;
    let mut is_text = false;
    while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
        match key.as_ref() {
            "media_type" | "mimeType" | "mime_type" => mime = Some(map.next_value()?),
            "type" => is_text = matches!(map.next_value::<String>()?.as_str(), "text" | "content"),
            "data" | "file_data" | "url" | "content" => data = Some(map.next_value()?),
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
    }
    let Some(data) = data else {
        tally.media += media::elsewhere();
        return Ok(());
    };
    let Ok(text) = serde_json::from_str::<std::borrow::Cow<'_, str>>(data.get()) else {
        // The blocks of a document that was written out.
        tally.text += weigh(data.get());
        return Ok(());
    };
    tally.media += match (mime, media::data_url(&text)) {
        (Some(_), None) if is_text => {
            tally.text += weigh(&text);
            0
        }
        (Some(mime), None) => media::tokens(&mime, &text),
        (_, Some((mime, data))) => media::tokens(mime, data),
        (None, None) => media::elsewhere(),
    };
    Ok(())
}
