//! Reads an object and notices, in the same pass, that it has a name which nobody knows.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, IntoDeserializer as _, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};

/// Known names, and whether another one was met.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch<'w> {
    pub known: &'w [&'w str],
    pub has_unknown: &'w Cell<bool>,
}

/// A deserializer of one object that a plain struct is read from, or of `null` where that stands for none; its visitor; and its walk through the
/// object. What stands below the object's names is read as if nobody watched.
#[derive(Debug)]
pub(super) struct Watched<'w, T>(pub T, pub Watch<'w>);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Watched<'_, D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, Watched(visitor, self.1))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_option(Watched(visitor, self.1))
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Watched<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, some: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Watched(some, self.1))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Watched(object, self.1))
    }
}

/// A name, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Watched<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        let Some(Name(name)) = self.0.next_key::<Name<'de>>()? else { return Ok(None) };
        if !self.1.known.contains(&name.as_ref()) {
            self.1.has_unknown.set(true);
        }
        seed.deserialize(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(seed)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Thing {
        name: String,
        #[serde(default)]
        raw: Option<Box<RawText>>,
    }

    /// A value as written, which is read by a private way of its own.
    #[derive(Debug, Deserialize)]
    struct RawText(Box<RawValue>);

    impl PartialEq for RawText {
        fn eq(&self, other: &Self) -> bool {
            self.0.get() == other.0.get()
        }
    }

    fn read<'a, T: Deserialize<'a>>(text: &'a str) -> (serde_json::Result<T>, bool) {
        let has_unknown = Cell::new(false);
        let watch = Watch { known: &["name", "raw"], has_unknown: &has_unknown };
        let mut inner = serde_json::Deserializer::from_str(text);
        let read =
            T::deserialize(Watched(&mut inner, watch)).and_then(|it| inner.end().map(|()| it));
        (read, has_unknown.get())
    }

    #[test]
    fn an_object_is_read_as_ever_and_an_unknown_name_noticed() {
        for (text, has_unknown) in [
            (r#"{"name":"a","raw":{"b": [1]}}"#, false),
            (r#"{"n\u0061me":"a","raw":null}"#, false),
            (r#"{"name":"a","other":1}"#, true),
            (r#"{"name":"a","raw":{"other":1}}"#, false),
            (r#"["a",[1]]"#, false),
        ] {
            let (read, met) = read::<Thing>(text);
            assert_eq!(read.unwrap(), serde_json::from_str::<Thing>(text).unwrap(), "{text}");
            assert_eq!(met, has_unknown, "{text}");
        }
        let (none, met) = read::<Option<Thing>>("null");
        assert_eq!((none.unwrap(), met), (None, false));
        let (some, met) = read::<Option<Thing>>(r#"{"name":"a","x":1}"#);
        assert!(some.unwrap().is_some() && met);
    }

    #[test]
    fn what_is_no_such_object_is_refused_in_the_same_words() {
        for text in
            ["5", "{}", r#"{"name":1}"#, r#"{"name":"a","name":"b"}"#, r#"{"name":"a"} x"#, ""]
        {
            let (read, _) = read::<Thing>(text);
            let (own, usual) =
                (read.unwrap_err(), serde_json::from_str::<Thing>(text).unwrap_err());
            assert_eq!(own.to_string(), usual.to_string(), "{text}");
        }
    }
}
