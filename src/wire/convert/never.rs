//! A field that must say nothing: readers of the frame that nearly all are give up where one says something.

use serde::de::{Deserialize, Deserializer, Error};

/// Of an `Option` of it `null` alone can be read.
pub struct Never;

impl<'de> Deserialize<'de> for Never {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("it says something"))
    }
}
