//! Looks through the prices in force: page by page in the order of names, by part of a name, by
//! source.

use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::price::PriceSource;

use super::error::StoreError;
use super::sql::Store;
use crate::params;

/// Which prices to read.
#[derive(Clone, Copy, Debug, Default)]
pub struct PriceSearch<'a> {
    /// Part of the model's name, whatever the case; empty is any.
    pub part: &'a str,
    /// Only prices in force of this source.
    pub source: Option<PriceSource>,
    /// Only models behind this one.
    pub after: Option<&'a str>,
}

/// A price in force that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPrice {
    /// The version.
    pub id: i64,
    /// The model.
    pub model: String,
    /// Where it came from.
    pub source: PriceSource,
    /// The price object's text.
    pub body: String,
    /// When this version came.
    pub since: Micros,
}

/// How many prices in force there are of each source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PriceCounts {
    /// Set by an admin.
    pub manual: u64,
    /// From the synced table.
    pub synced: u64,
    /// Bundled with the program.
    pub seed: u64,
}

impl PriceCounts {
    /// Returns how many there are of all sources.
    #[must_use]
    pub const fn all(self) -> u64 {
        self.manual.saturating_add(self.synced).saturating_add(self.seed)
    }

    /// Returns how many there are of a source, or of all.
    #[must_use]
    pub const fn of(self, source: Option<PriceSource>) -> u64 {
        match source {
            None => self.all(),
            Some(PriceSource::Manual) => self.manual,
            Some(PriceSource::Synced) => self.synced,
            Some(PriceSource::Seed) => self.seed,
        }
    }
}

impl Store {
    /// Reads prices in force in the order of their models' names.
    pub async fn search_prices(
        &self,
        search: PriceSearch<'_>,
        limit: u32,
    ) -> Result<Vec<FoundPrice>, StoreError> {
        let after = search.after.unwrap_or_default();
        let source = search.source.map(PriceSource::name);
        let params = params![after, like(search.part), source, limit];
        let mut found = Vec::new();
        for row in self.query("prices/page", params).await? {
            let Some(source) = PriceSource::parse(row.text("source")?) else { continue };
            found.push(FoundPrice {
                id: row.int("id")?,
                model: row.text("model")?.to_owned(),
                source,
                body: row.text("body")?.to_owned(),
                since: row.instant("created_at")?,
            });
        }
        Ok(found)
    }

    /// Counts the prices in force whose model has this in its name; empty is any.
    pub async fn count_prices(&self, part: &str) -> Result<PriceCounts, StoreError> {
        let mut counts = PriceCounts::default();
        for row in self.query("prices/counts", params![like(part)]).await? {
            let models = row.opt_count("models")?.unwrap_or_default();
            match PriceSource::parse(row.text("source")?) {
                Some(PriceSource::Manual) => counts.manual = models,
                Some(PriceSource::Synced) => counts.synced = models,
                Some(PriceSource::Seed) => counts.seed = models,
                None => {}
            }
        }
        Ok(counts)
    }
}

/// Makes the pattern that a lower-case name with this part matches.
fn like(part: &str) -> Option<String> {
    if part.is_empty() {
        return None;
    }
    let mut pattern = String::from("%");
    for letter in part.to_ascii_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    Some(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pattern_would_read_as_a_sign_is_a_letter() {
        assert_eq!(like("GPT_4%\\").as_deref(), Some(r"%gpt\_4\%\\%"));
        assert_eq!(like(""), None);
    }
}
