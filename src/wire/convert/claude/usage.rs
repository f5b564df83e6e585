//! Tokens: here the input leaves out what caches had or were given.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::wire::convert::hub::HubUsage;
use crate::wire::convert::lax::{count, lax};
use crate::wire::convert::loss::{Losses, Token};

/// What was said of tokens so far. A stream says some at its start and some at its end.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UsageIn {
    #[serde(deserialize_with = "count")]
    input_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    cache_creation_input_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    cache_read_input_tokens: Option<u64>,
    #[serde(deserialize_with = "lax")]
    cache_creation: Option<Creation>,
    #[serde(deserialize_with = "count")]
    output_tokens: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Creation {
    #[serde(deserialize_with = "count")]
    ephemeral_5m_input_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    ephemeral_1h_input_tokens: Option<u64>,
}

impl Creation {
    fn total(self) -> u64 {
        let (five_minutes, hour) = (self.ephemeral_5m_input_tokens, self.ephemeral_1h_input_tokens);
        five_minutes.unwrap_or(0).saturating_add(hour.unwrap_or(0))
    }
}

impl UsageIn {
    /// Reads an object; what is none says nothing.
    pub fn read(raw: Option<&RawValue>) -> Option<Self> {
        raw.and_then(|raw| serde_json::from_str::<Option<Self>>(raw.get()).ok().flatten())
    }

    /// Takes what comes later. A nought takes nothing back: some vendors fill in what they leave out.
    pub fn merge(&mut self, later: Self) {
        let put = |place: &mut Option<u64>, later: Option<u64>| {
            if later.is_some_and(|count| count > 0) || place.is_none() {
                *place = later.or(*place);
            }
        };
        put(&mut self.input_tokens, later.input_tokens);
        put(&mut self.cache_creation_input_tokens, later.cache_creation_input_tokens);
        put(&mut self.cache_read_input_tokens, later.cache_read_input_tokens);
        put(&mut self.output_tokens, later.output_tokens);
        if let Some(creation) = later.cache_creation {
            let place = self.cache_creation.get_or_insert_default();
            put(&mut place.ephemeral_5m_input_tokens, creation.ephemeral_5m_input_tokens);
            put(&mut place.ephemeral_1h_input_tokens, creation.ephemeral_1h_input_tokens);
        }
        self.fit_split(later);
    }

    /// Cuts an earlier split of cache writes down to a later, smaller total.
    fn fit_split(&mut self, later: Self) {
        let written = later.cache_creation_input_tokens.unwrap_or(0);
        let Some(split) = self.cache_creation.filter(|_| written > 0) else { return };
        let total = written.max(later.cache_creation.unwrap_or_default().total());
        if split.total() > total {
            let hour = split.ephemeral_1h_input_tokens.unwrap_or(0).min(total);
            self.cache_creation = Some(Creation {
                ephemeral_5m_input_tokens: Some(total.saturating_sub(hour)),
                ephemeral_1h_input_tokens: Some(hour),
            });
        }
    }

    /// Returns it in buckets.
    pub fn buckets(self) -> HubUsage {
        let creation = self.cache_creation.unwrap_or_default();
        let five_minutes = creation.ephemeral_5m_input_tokens.unwrap_or(0);
        let an_hour = creation.ephemeral_1h_input_tokens.unwrap_or(0);
        let known = five_minutes.saturating_add(an_hour);
        let writes = self.cache_creation_input_tokens.unwrap_or(0);
        HubUsage {
            fresh: self.input_tokens.unwrap_or(0),
            cache_read: self.cache_read_input_tokens.unwrap_or(0),
            cache_write_5m: five_minutes,
            cache_write_1h: an_hour,
            cache_write_other: writes.saturating_sub(known),
            output: self.output_tokens.unwrap_or(0),
            ..HubUsage::default()
        }
    }
}

/// The tokens as they are written.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct UsageOut {
    input_tokens: u64,
    cache_creation_input_tokens: u64,
    cache_read_input_tokens: u64,
    cache_creation: CreationOut,
    output_tokens: u64,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct CreationOut {
    ephemeral_5m_input_tokens: u64,
    ephemeral_1h_input_tokens: u64,
}

impl UsageOut {
    /// Writes buckets. Clients ask for the numbers even when the upstream has none: noughts.
    pub fn of(usage: Option<HubUsage>, losses: &mut Losses) -> Self {
        let usage = usage.unwrap_or_default();
        losses.push_if(
            usage.reasoning.is_some_and(|count| count > 0),
            Token::DropReasoningCount,
            "",
        );
        Self {
            input_tokens: usage.fresh.saturating_add(usage.tool_input),
            cache_creation_input_tokens: usage.cache_writes(),
            cache_read_input_tokens: usage.cache_read,
            cache_creation: CreationOut {
                ephemeral_5m_input_tokens: usage.cache_write_5m,
                ephemeral_1h_input_tokens: usage.cache_write_1h,
            },
            output_tokens: usage.output,
        }
    }
}
