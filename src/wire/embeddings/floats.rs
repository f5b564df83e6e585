//! The numbers of one embedding: as they were written, or packed as four bytes each.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::wire::convert::Broken;

/// The numbers of one embedding, as JSON text.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Floats(Box<RawValue>);

impl<'de> Deserialize<'de> for Floats {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(json)?;
        match raw.get().as_bytes().first() {
            Some(b'[') => Ok(Self(raw)),
            Some(b'"') => unpack(raw.get()).map(Self).map_err(D::Error::custom),
            _ => Err(D::Error::custom("an embedding is neither a list nor a text")),
        }
    }
}

impl Floats {
    /// Packs the numbers: four bytes each, the lowest first, in base64.
    pub(super) fn packed(&self) -> Result<String, Broken> {
        let numbers: Vec<f32> = serde_json::from_str(self.0.get())
            .map_err(|error| Broken(format!("an embedding is no list of numbers: {error}")))?;
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        Ok(STANDARD.encode(bytes))
    }
}

/// Writes packed numbers out, for a provider that packs though nobody asked.
fn unpack(text: &str) -> Result<Box<RawValue>, String> {
    let text: String = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let bytes = STANDARD.decode(text).map_err(|error| error.to_string())?;
    let (numbers, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err("packed numbers have four bytes each".to_owned());
    }
    let numbers: Vec<f32> = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    serde_json::value::to_raw_value(&numbers).map_err(|error| error.to_string())
}
