//! What the documents of one answer add up to.

use switchyard_actors::domain::dialect::Dialect;

use super::super::frame::FrameClass;
use super::super::usage::counts::Counts;
use super::{Facts, Shape};

/// The sum of an answer so far.
#[derive(Clone, Debug, Default)]
pub(in crate::wire) struct Total {
    pub(in crate::wire) counts: Counts,
    /// One of the counts could not be read: nobody knows what it was.
    pub(in crate::wire) has_unread_count: bool,
    /// The counts are the protocol's last word, as far as this frame kind goes.
    pub(in crate::wire) usage_is_final: bool,
    pub(in crate::wire) content: bool,
    pub(in crate::wire) terminal: bool,
    /// Content came behind an end: the next end may not be the last either.
    pub(in crate::wire) went_on: bool,
    pub(in crate::wire) done: bool,
    pub(in crate::wire) malformed: bool,
    pub(in crate::wire) open_tools: u32,
    /// Chat's choices that have begun and not come to their finish reason, one bit each.
    pub(in crate::wire) unfinished: u64,
    finished: u64,
    pub(in crate::wire) model: String,
    pub(in crate::wire) finish: String,
    pub(in crate::wire) tier: String,
    pub(in crate::wire) response_id: String,
    pub(in crate::wire) sequence: Option<u64>,
    pub(in crate::wire) created_at: Option<u64>,
    pub(in crate::wire) shape: Option<Shape>,
    pub(in crate::wire) shape_is_empty: bool,
}

impl Total {
    /// Adds a document, whose facts are at their end: its texts are taken, not copied.
    pub(super) fn add(&mut self, dialect: Dialect, facts: &mut Facts, class: &FrameClass) {
        let content = facts.content || *class == FrameClass::Content;
        self.went_on |= content && self.terminal;
        self.content |= content;
        self.terminal |= matches!(class, FrameClass::Terminal { .. });
        self.tools(dialect, facts);
        if dialect == Dialect::OpenaiChat {
            self.choices(facts, content);
        }
        for (mine, theirs) in
            [(&mut self.finish, &mut facts.finish), (&mut self.tier, &mut facts.tier)]
        {
            if !theirs.is_empty() {
                std::mem::swap(mine, theirs);
            }
        }
        for (mine, theirs) in
            [(&mut self.model, &mut facts.model), (&mut self.response_id, &mut facts.response_id)]
        {
            if mine.is_empty() {
                std::mem::swap(mine, theirs);
            }
        }
        self.sequence = facts.sequence.or(self.sequence);
        self.created_at = self.created_at.or(facts.created_at);
        self.shape = self.shape.or(facts.shape);
        self.shape_is_empty |= facts.shape_is_empty;
        self.usage(dialect, facts);
    }

    /// Anthropic's reports lie over each other; everywhere else the last one is the whole truth.
    fn usage(&mut self, dialect: Dialect, facts: &Facts) {
        let said = !facts.counts.is_empty();
        let was_told_anew = said && dialect != Dialect::Anthropic;
        self.has_unread_count = facts.has_unread_count || (self.has_unread_count && !was_told_anew);
        match dialect {
            Dialect::Anthropic => {
                self.counts.overlay(&facts.counts);
                // What the start tells of the output is how it begins.
                self.usage_is_final |=
                    facts.kind() != "message_start" && facts.counts.knows_output(dialect);
            }
            Dialect::OpenaiChat | Dialect::Gemini | Dialect::GeminiCli => {
                if said {
                    self.counts = facts.counts;
                }
                // Running totals are final only with or behind the finish reason.
                self.usage_is_final = if said {
                    self.terminal || !self.finish.is_empty()
                } else {
                    self.usage_is_final
                };
            }
            Dialect::Responses => {
                if said {
                    self.counts = facts.counts;
                    self.usage_is_final = true;
                }
            }
        }
    }

    /// An empty delta behind a choice's finish reason (filters, usage) begins nothing again.
    fn choices(&mut self, facts: &Facts, content: bool) {
        let is_said = content || !facts.finish.is_empty();
        let named = if facts.choices == 0 && is_said { 1 } else { facts.choices };
        if facts.finish.is_empty() {
            self.unfinished |= if content { named } else { named & !self.finished };
        } else if named.is_power_of_two() {
            self.finished |= named;
            self.unfinished &= !named;
        } else {
            // Whose finish reason it is was not told apart.
            self.unfinished |= named;
        }
    }

    fn tools(&mut self, dialect: Dialect, facts: &Facts) {
        let is_call = facts.item.ends_with("_call") || facts.item.ends_with("tool_use");
        match (dialect, facts.kind()) {
            (Dialect::Anthropic, "content_block_start") => self.open_tools = u32::from(is_call),
            (Dialect::Anthropic, "content_block_stop" | "message_stop") => self.open_tools = 0,
            (Dialect::Responses, "response.output_item.added") if is_call => self.open_tools += 1,
            (Dialect::Responses, "response.output_item.done") if is_call => {
                self.open_tools = self.open_tools.saturating_sub(1);
            }
            (Dialect::OpenaiChat, _) => {
                if facts.tool_calls {
                    self.open_tools = 1;
                }
                if !facts.finish.is_empty() {
                    self.open_tools = 0;
                }
            }
            _ => {}
        }
    }
}
