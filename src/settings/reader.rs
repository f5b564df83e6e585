//! Hands the checked values to the typed structs, one method a type.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use switchyard_actors::domain::secret::Secret;

use super::document::Documented;
use super::error::SettingsError;
use super::kind::Parsed;
use super::layers::Raw;
use super::mask;
use super::network::Network;

/// Every setting, found legal by its documented rule.
#[derive(Debug)]
pub struct Reader(BTreeMap<String, Parsed>);

impl Reader {
    /// Checks each value against its rule.
    ///
    /// # Errors
    /// Says which value is not allowed, where it comes from and what is.
    pub fn check(
        settings: &[Documented],
        raw: &BTreeMap<String, Raw>,
    ) -> Result<Self, SettingsError> {
        let mut values = BTreeMap::new();
        for setting in settings {
            let undocumented = || SettingsError::Undocumented(setting.key.clone());
            let given = raw.get(&setting.key).ok_or_else(undocumented)?;
            let parsed = setting.rule.read(&given.text).ok_or_else(|| invalid(setting, given))?;
            values.insert(setting.key.clone(), parsed);
        }
        Ok(Self(values))
    }

    /// Reads a boolean.
    ///
    /// # Errors
    /// The key is not documented as one; so it is with every method here.
    pub fn flag(&self, key: &str) -> Result<bool, SettingsError> {
        match self.0.get(key) {
            Some(Parsed::Flag(flag)) => Ok(*flag),
            _ => Err(wrong(key)),
        }
    }

    /// Reads a whole number into the type of its place.
    pub fn number<N: TryFrom<u64>>(&self, key: &str) -> Result<N, SettingsError> {
        self.number_or_auto(key)?.ok_or_else(|| wrong(key))
    }

    /// Reads a whole number; `None` is `auto`.
    pub fn number_or_auto<N: TryFrom<u64>>(&self, key: &str) -> Result<Option<N>, SettingsError> {
        match self.0.get(key) {
            Some(Parsed::Number(number)) => N::try_from(*number).map(Some).map_err(|_| wrong(key)),
            Some(Parsed::Auto) => Ok(None),
            _ => Err(wrong(key)),
        }
    }

    /// Reads a span of time.
    pub fn span(&self, key: &str) -> Result<Duration, SettingsError> {
        match self.0.get(key) {
            Some(Parsed::Span(span)) => Ok(*span),
            _ => Err(wrong(key)),
        }
    }

    /// Reads networks.
    pub fn networks(&self, key: &str) -> Result<Vec<Network>, SettingsError> {
        match self.0.get(key) {
            Some(Parsed::Networks(networks)) => Ok(networks.clone()),
            _ => Err(wrong(key)),
        }
    }

    /// Reads a text.
    pub fn text(&self, key: &str) -> Result<String, SettingsError> {
        match self.0.get(key) {
            Some(Parsed::Text(text)) => Ok(text.clone()),
            _ => Err(wrong(key)),
        }
    }

    /// Reads a text; `None` when it is empty.
    pub fn optional(&self, key: &str) -> Result<Option<String>, SettingsError> {
        Ok(Some(self.text(key)?).filter(|text| !text.is_empty()))
    }

    /// Reads a path; `None` when it is empty.
    pub fn path(&self, key: &str) -> Result<Option<PathBuf>, SettingsError> {
        Ok(self.optional(key)?.map(PathBuf::from))
    }

    /// Reads a credential; `None` when it is empty.
    pub fn secret(&self, key: &str) -> Result<Option<Secret>, SettingsError> {
        Ok(self.optional(key)?.map(|text| Secret::new(&text)))
    }
}

fn wrong(key: &str) -> SettingsError {
    SettingsError::Undocumented(key.to_owned())
}

fn invalid(setting: &Documented, given: &Raw) -> SettingsError {
    SettingsError::Invalid {
        key: setting.key.clone(),
        variable: setting.variable.clone(),
        shown: mask::quoted(&setting.rule, &given.text),
        origin: given.origin.clone(),
        allowed: match setting.rule.kind.reason(&given.text) {
            Some(reason) => format!("{}; {reason}", setting.rule),
            None => setting.rule.to_string(),
        },
    }
}
