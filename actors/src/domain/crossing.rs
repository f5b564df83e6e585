//! Which requests a kind of provider serves for clients of another format.

use super::dialect::{Dialect, Operation, ProviderKind};

impl ProviderKind {
    /// Tells whether it serves such requests in a format that it does not speak. Every kind can give a
    /// model's answer; chat completions have no counter, and embeddings are `OpenAI`'s and Google's.
    #[must_use]
    pub fn crosses(self, dialect: Dialect, operation: Operation) -> bool {
        match operation {
            _ if self.speaks(dialect) => false,
            Operation::CountTokens => self != Self::OpenaiCompatible,
            Operation::Embed => matches!(
                (self, dialect),
                (Self::Gemini, Dialect::OpenaiChat)
                    | (Self::OpenaiCompatible | Self::Codex, Dialect::Gemini)
            ),
            other => other.converts(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_speaks_its_own_format_and_crosses_to_no_such_client() {
        for kind in ProviderKind::ALL {
            for operation in [Operation::CountTokens, Operation::Embed, Operation::Generate] {
                assert!(!kind.crosses(kind.dialect(), operation), "{kind} {operation:?}");
            }
        }
    }

    #[test]
    fn chat_has_no_counter_and_embeddings_are_of_two_families() {
        let count = Operation::CountTokens;
        assert!(ProviderKind::Claude.crosses(Dialect::Gemini, count));
        assert!(!ProviderKind::OpenaiCompatible.crosses(Dialect::Anthropic, count));
        assert!(ProviderKind::Gemini.crosses(Dialect::OpenaiChat, Operation::Embed));
        assert!(!ProviderKind::Claude.crosses(Dialect::OpenaiChat, Operation::Embed));
        assert!(ProviderKind::Claude.crosses(Dialect::OpenaiChat, Operation::Generate));
        assert!(!ProviderKind::Claude.crosses(Dialect::OpenaiChat, Operation::Other));
    }
}
