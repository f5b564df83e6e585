//! The raw counters of all vendors, and the rules that make one [`Usage`] of them.

use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::usage::Usage;

/// One number a vendor reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `input_tokens`
    Input,
    /// `prompt_tokens`, `promptTokenCount`
    Prompt,
    /// `output_tokens`
    Output,
    /// `completion_tokens`, `candidatesTokenCount`
    Completion,
    /// `cache_read_input_tokens`
    CacheRead,
    /// `cached_tokens` in a details object, `cachedContentTokenCount`
    Cached,
    /// `cached_tokens` or `prompt_cache_hit_tokens` beside the totals, as some vendors write it
    CachedBeside,
    /// `cache_creation_input_tokens`
    Written,
    /// `cache_write_tokens` in a details object
    WrittenDetail,
    /// `cache_creation.ephemeral_5m_input_tokens`
    Written5m,
    /// `cache_creation.ephemeral_1h_input_tokens`
    Written1h,
    /// The same beside the totals.
    Written5mBeside,
    /// The same beside the totals.
    Written1hBeside,
    /// `reasoning_tokens`, `thoughtsTokenCount`
    Reasoning,
    /// `toolUsePromptTokenCount`
    ToolUse,
    /// Image tokens of the prompt.
    ImagePrompt,
    /// Image tokens of the part of the prompt that was read from the cache.
    ImageCached,
    /// Image tokens of the answer.
    ImageAnswer,
}

const FIELDS: usize = Field::ImageAnswer as usize + 1;

/// Fields that are spellings of one figure.
const SPELLINGS: [&[Field]; 6] = [
    &[Field::Input, Field::Prompt],
    &[Field::Output, Field::Completion],
    &[Field::CacheRead, Field::Cached, Field::CachedBeside],
    &[Field::Written, Field::WrittenDetail],
    &[Field::Written5m, Field::Written5mBeside],
    &[Field::Written1h, Field::Written1hBeside],
];

/// Returns one bit for each spelling of a field's figure.
fn alike(place: usize) -> u32 {
    let bits = |fields: &[Field]| fields.iter().fold(0, |bits, field| bits | 1 << *field as usize);
    SPELLINGS.into_iter().map(bits).find(|bits: &u32| bits >> place & 1 == 1).unwrap_or(1 << place)
}

/// What one usage object said; a field that was absent or null is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// One bit a field that was said.
    said: u32,
    /// What was said; 0 where nothing was.
    counts: [u64; FIELDS],
}

impl Counts {
    /// Returns one field.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<u64> {
        self.at(field as usize)
    }

    fn at(&self, place: usize) -> Option<u64> {
        self.counts.get(place).copied().filter(|_| self.said >> place & 1 == 1)
    }

    /// Sets one field.
    pub fn set(&mut self, field: Field, count: u64) {
        self.set_at(field as usize, count);
    }

    fn set_at(&mut self, place: usize, count: u64) {
        if let Some(slot) = self.counts.get_mut(place) {
            *slot = count;
            self.said |= 1 << place;
        }
    }

    /// Adds to one field.
    pub fn add(&mut self, field: Field, count: u64) {
        self.set(field, self.get(field).unwrap_or(0).saturating_add(count));
    }

    /// Tells whether nothing was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.said == 0
    }

    /// Tells whether the size of the input is known.
    #[must_use]
    pub fn knows_input(&self) -> bool {
        self.get(Field::Input).or(self.get(Field::Prompt)).is_some()
    }

    /// Tells whether the size of the output is known.
    #[must_use]
    pub fn knows_output(&self, dialect: Dialect) -> bool {
        // Gemini leaves fields out that are zero, as where all of the answer was thinking.
        let thought = || dialect.is_gemini() && self.get(Field::Reasoning).is_some();
        self.output().is_some() || thought()
    }

    /// Lays a later report over this one, field by field (Anthropic's `message_delta`). Its figures are
    /// cumulative: a nought takes nothing back, as where relays fill in what they leave out.
    pub fn overlay(&mut self, later: &Self) {
        if later.is_empty() {
            return;
        }
        let before = self.said;
        for place in 0..FIELDS {
            if let Some(count) = later.at(place)
                && (count > 0 || before & alike(place) == 0)
            {
                self.set_at(place, count);
            }
        }
        let written = later.get(Field::Written).unwrap_or(0);
        if written > 0 {
            let (five_minutes, hour) = later.split();
            self.fit_split(written.max(five_minutes.saturating_add(hour)));
        }
    }

    /// Cuts an earlier split of cache writes down to a later, smaller total.
    fn fit_split(&mut self, total: u64) {
        let (five_minutes, hour) = self.split();
        if five_minutes.saturating_add(hour) <= total {
            return;
        }
        let hour = hour.min(total);
        self.set(Field::Written1h, hour);
        self.set(Field::Written5m, total.saturating_sub(hour));
    }

    /// Returns cache writes for five minutes and for an hour, as far as they are told apart.
    fn split(&self) -> (u64, u64) {
        let pick = |nested, beside| self.get(nested).or(self.get(beside)).unwrap_or(0);
        (
            pick(Field::Written5m, Field::Written5mBeside),
            pick(Field::Written1h, Field::Written1hBeside),
        )
    }

    /// Makes the one form; `None` when the vendor said nothing, which is never zero.
    #[must_use]
    pub fn usage(&self, dialect: Dialect) -> Option<Usage> {
        if self.is_empty() {
            return None;
        }
        Some(match dialect {
            Dialect::Gemini | Dialect::GeminiCli => self.gemini(),
            Dialect::Anthropic => self.separate(),
            Dialect::OpenaiChat => {
                // Relays print unused `input_tokens: 0` beside the chat names: those come first.
                let input = self.get(Field::Prompt).or(self.get(Field::Input));
                let output = self.get(Field::Completion).or(self.get(Field::Output));
                self.subset(input, output)
            }
            Dialect::Responses => self.subset(self.input(), self.output()),
        })
    }

    fn input(&self) -> Option<u64> {
        self.get(Field::Input).or(self.get(Field::Prompt))
    }

    fn output(&self) -> Option<u64> {
        self.get(Field::Output).or(self.get(Field::Completion))
    }

    fn cache_read(&self) -> u64 {
        [Field::CacheRead, Field::Cached, Field::CachedBeside]
            .into_iter()
            .find_map(|field| self.get(field))
            .unwrap_or(0)
    }

    /// Writes with what is not told apart counted as five minutes.
    fn cache_writes(&self) -> (u64, u64) {
        let (five_minutes, hour) = self.split();
        let total = self.get(Field::Written).or(self.get(Field::WrittenDetail)).unwrap_or(0);
        let unsplit = total.saturating_sub(five_minutes.saturating_add(hour));
        (five_minutes.saturating_add(unsplit), hour)
    }

    /// Anthropic: input and cache are told apart already; adding or subtracting would bill wrong.
    fn separate(&self) -> Usage {
        let (short_writes, long_writes) = self.cache_writes();
        let output = self.output().unwrap_or(0);
        Usage {
            input: self.input().unwrap_or(0),
            output,
            reasoning: self.get(Field::Reasoning).unwrap_or(0).min(output),
            cache_write_5m: short_writes,
            cache_write_1h: long_writes,
            cache_read: self.cache_read(),
            ..Usage::default()
        }
    }

    /// `OpenAI`: cache reads and writes are parts of the input.
    fn subset(&self, input: Option<u64>, output: Option<u64>) -> Usage {
        let (short_writes, long_writes) = self.cache_writes();
        let cache_read = self.cache_read();
        let cached = cache_read.saturating_add(short_writes).saturating_add(long_writes);
        let output = output.unwrap_or(0);
        Usage {
            input: input.unwrap_or(0).saturating_sub(cached),
            output,
            reasoning: self.get(Field::Reasoning).unwrap_or(0).min(output),
            cache_write_5m: short_writes,
            cache_write_1h: long_writes,
            cache_read,
            ..Usage::default()
        }
    }

    /// Gemini: the cache is a part of the prompt, thoughts are not a part of the candidates.
    fn gemini(&self) -> Usage {
        let of = |field| self.get(field).unwrap_or(0);
        let cache_read = of(Field::Cached);
        let image_cached = of(Field::ImageCached).min(cache_read);
        let fresh = of(Field::Prompt).saturating_sub(cache_read);
        let image_input = of(Field::ImagePrompt).saturating_sub(image_cached).min(fresh);
        let image_output = of(Field::ImageAnswer).min(of(Field::Completion));
        let reasoning = of(Field::Reasoning);
        Usage {
            input: (fresh - image_input).saturating_add(of(Field::ToolUse)),
            output: (of(Field::Completion) - image_output).saturating_add(reasoning),
            reasoning,
            cache_read,
            image_input,
            image_output,
            ..Usage::default()
        }
    }
}
