//! What a conversion could not carry, by stable names that rows keep and people read.

use std::collections::BTreeSet;
use std::fmt;

use super::hub::Places;

macro_rules! tokens {
    ($($variant:ident => $name:literal,)*) => {
        /// Something that was left out (`drop.`) or put otherwise (`approx.`). The names are stable:
        /// rows, headers and allow lists have them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each says what it is by its name")]
        pub enum Token {
            $($variant,)*
        }

        impl Token {
            /// Every token, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the stable name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

tokens! {
    DropAudio => "drop.audio",
    DropBackground => "drop.background",
    DropCacheControl => "drop.cache_control",
    DropCacheKey => "drop.cache_key",
    DropCacheMarkExcess => "drop.cache_mark_excess",
    DropCallCut => "drop.call_cut",
    DropCandidates => "drop.candidates",
    DropCitations => "drop.citations",
    DropClientMetadata => "drop.client_metadata",
    DropContent => "drop.content",
    DropContextManagement => "drop.context_management",
    DropDocument => "drop.document",
    DropDocumentTitle => "drop.document_title",
    DropEndUser => "drop.end_user",
    DropEnumMode => "drop.enum_mode",
    DropEnvelopeIds => "drop.envelope_ids",
    DropField => "drop.field",
    DropFileRef => "drop.file_ref",
    DropHint => "drop.hint",
    DropHostedTool => "drop.hosted_tool",
    DropImageDetail => "drop.image_detail",
    DropImageUrl => "drop.image_url",
    DropLabels => "drop.labels",
    DropLogitBias => "drop.logit_bias",
    DropLogprobs => "drop.logprobs",
    DropMaxOutput => "drop.max_output",
    DropMessageName => "drop.message_name",
    DropMetadata => "drop.metadata",
    DropModalities => "drop.modalities",
    DropN => "drop.n",
    DropParallelOff => "drop.parallel_off",
    DropPenalties => "drop.penalties",
    DropPrediction => "drop.prediction",
    DropReasoning => "drop.reasoning",
    DropReasoningCount => "drop.reasoning_count",
    DropSafetySettings => "drop.safety_settings",
    DropSampling => "drop.sampling",
    DropSeed => "drop.seed",
    DropSpeech => "drop.speech",
    DropStop => "drop.stop",
    DropStopExcess => "drop.stop_excess",
    DropStopText => "drop.stop_text",
    DropTaskType => "drop.task_type",
    DropThinking => "drop.thinking",
    DropThinkingForeign => "drop.thinking_foreign",
    DropThinkingSealed => "drop.thinking_sealed",
    DropTier => "drop.tier",
    DropToolExamples => "drop.tool_examples",
    DropToolSearch => "drop.tool_search",
    DropToolStrict => "drop.tool_strict",
    DropTopK => "drop.top_k",
    DropTruncation => "drop.truncation",
    DropVerbosity => "drop.verbosity",
    ApproxArgsRaw => "approx.args_raw",
    ApproxArgsWrapped => "approx.args_wrapped",
    ApproxBudgetFromEffort => "approx.budget_from_effort",
    ApproxCacheWriteInPrompt => "approx.cache_write_in_prompt",
    ApproxChoice => "approx.choice",
    ApproxCustomAsFunction => "approx.custom_as_function",
    ApproxDocumentAsText => "approx.document_as_text",
    ApproxEffort => "approx.effort",
    ApproxEffortFromBudget => "approx.effort_from_budget",
    ApproxFilename => "approx.filename",
    ApproxFinish => "approx.finish",
    ApproxFormatAsPrompt => "approx.format_as_prompt",
    ApproxGrammarAsPrompt => "approx.grammar_as_prompt",
    ApproxJsonMode => "approx.json_mode",
    ApproxMaxTokensDefault => "approx.max_tokens_default",
    ApproxOrderInTurn => "approx.order_in_turn",
    ApproxPrefill => "approx.prefill",
    ApproxRefusalAsText => "approx.refusal_as_text",
    ApproxResultAsText => "approx.result_as_text",
    ApproxResultImageMoved => "approx.result_image_moved",
    ApproxResultSynthesized => "approx.result_synthesized",
    ApproxSchema => "approx.schema",
    ApproxSystemAsUser => "approx.system_as_user",
    ApproxSystemMoved => "approx.system_moved",
    ApproxTemperature => "approx.temperature",
    ApproxTerminalInferred => "approx.terminal_inferred",
    ApproxToolErrorAsText => "approx.tool_error_as_text",
    ApproxTurnAdded => "approx.turn_added",
}

impl Token {
    /// Tells whether something was left out, not only put otherwise.
    #[must_use]
    pub fn is_drop(self) -> bool {
        self.name().starts_with("drop.")
    }

    /// Reads the stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|token| token.name() == name)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One loss: what, and where in the client's body (a JSON pointer; empty for the whole of it, or when
/// it happened on the way back). Encoders name a [setting](super::hub::setting), for they do not know the
/// client's format; [`Losses::settle`] puts its place there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// What was lost.
    pub token: Token,
    /// Where.
    pub path: String,
}

/// Places of losses that one conversion tells, about.
const MOST: usize = 1_024;

/// All that one conversion has lost, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses(BTreeSet<Loss>);

impl Losses {
    /// Returns that nothing was lost.
    #[must_use]
    pub const fn none() -> Self {
        Self(BTreeSet::new())
    }

    /// Notes a loss. Beyond about a thousand of them, each token is told with its first place and once without
    /// one: a body may have any number of things that are lost.
    pub fn push(&mut self, token: Token, path: impl Into<String>) {
        let is_told = self.0.len() < MOST || !self.has(token);
        let path = if is_told { path.into() } else { String::new() };
        self.0.insert(Loss { token, path });
    }

    /// Notes a loss when something is so.
    pub fn push_if(&mut self, is: bool, token: Token, path: &str) {
        if is {
            self.push(token, path);
        }
    }

    /// Returns them, by token and place.
    pub fn iter(&self) -> impl Iterator<Item = &Loss> {
        self.0.iter()
    }

    /// Tells whether nothing was lost.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells whether a token is among them.
    #[must_use]
    pub fn has(&self, token: Token) -> bool {
        let first = Loss { token, path: String::new() };
        self.0.range(first..).next().is_some_and(|loss| loss.token == token)
    }

    /// Returns how often each token was lost, in the order of the tokens.
    #[must_use]
    pub fn counts(&self) -> Vec<(Token, usize)> {
        let mut counts: Vec<(Token, usize)> = Vec::new();
        for loss in &self.0 {
            match counts.last_mut() {
                Some((token, count)) if *token == loss.token => *count += 1,
                _ => counts.push((loss.token, 1)),
            }
        }
        counts
    }

    /// Takes over what another conversion has lost.
    pub fn extend(&mut self, other: Self) {
        for Loss { token, path } in other.0 {
            self.push(token, path);
        }
    }

    /// Takes back what was told by a token of a place and what is in it: it is told otherwise.
    pub fn forgive(&mut self, token: Token, within: &str) {
        self.0.retain(|loss| loss.token != token || !loss.path.starts_with(within));
    }

    /// Puts something in front of every place: what the client's body has around the request.
    #[must_use]
    pub fn within(self, root: &str) -> Self {
        let moved = self.0.into_iter().map(|loss| {
            let path = format!("{root}{}", loss.path);
            Loss { path, ..loss }
        });
        Self(moved.collect())
    }

    /// Puts the places of settings in place of their names; what stands behind a slash stays.
    pub fn settle(&mut self, places: &Places) {
        let is_named = |loss: &Loss| !loss.path.is_empty() && !loss.path.starts_with('/');
        if !self.0.iter().any(is_named) {
            return;
        }
        let settled = std::mem::take(&mut self.0).into_iter().map(|loss| {
            let path = if is_named(&loss) { settled(places, &loss.path) } else { loss.path };
            Loss { path, ..loss }
        });
        self.0 = settled.collect();
    }
}

fn settled(places: &Places, named: &str) -> String {
    let (setting, rest) = named.split_at(named.find('/').unwrap_or(named.len()));
    format!("{}{rest}", places.place(setting))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_read_back() {
        let names: BTreeSet<&str> = Token::ALL.iter().map(|token| token.name()).collect();
        assert_eq!(names.len(), Token::ALL.len());
        for token in Token::ALL {
            assert_eq!(Token::parse(token.name()), Some(*token));
        }
    }

    #[test]
    fn beyond_a_bound_losses_are_told_without_their_places() {
        let mut losses = Losses::default();
        for number in 0..3 * MOST {
            losses.push(Token::DropField, format!("/{number}"));
        }
        losses.push(Token::DropSeed, "/seed");
        assert_eq!(losses.iter().count(), MOST + 2, "one without a place stands for the rest");
        losses.push(Token::DropSeed, "/again");
        assert!(losses.has(Token::DropSeed) && !losses.has(Token::DropN));
        let seeds = losses.iter().filter(|loss| loss.token == Token::DropSeed);
        let seeds: Vec<&str> = seeds.map(|loss| loss.path.as_str()).collect();
        assert_eq!(seeds, ["", "/seed"], "the first of each kind is told with its place");
        let mut other = Losses::default();
        (0..MOST).for_each(|number| other.push(Token::DropField, format!("/other/{number}")));
        losses.extend(other);
        assert_eq!(losses.iter().count(), MOST + 3, "what is taken over is bounded, too");
    }

    #[test]
    fn a_loss_counts_once_a_place() {
        let mut losses = Losses::default();
        losses.push(Token::DropCacheControl, "/system/0");
        losses.push(Token::DropCacheControl, "/system/0");
        losses.push(Token::DropCacheControl, "/messages/1");
        losses.push(Token::ApproxEffort, "");
        let counts = [(Token::DropCacheControl, 2), (Token::ApproxEffort, 1)];
        assert_eq!(losses.counts(), counts);
        assert!(Token::DropTopK.is_drop() && !Token::ApproxEffort.is_drop());
    }
}
