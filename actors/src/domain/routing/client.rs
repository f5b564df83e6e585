//! Which client program asks, and whether it is one of a list. Pure.

use std::sync::Arc;

use super::glob;

/// What a request tells of the program that made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientFacts {
    /// Its own name for itself.
    pub user_agent: Option<Arc<str>>,
    /// It behaves as Claude Code does: a name alone can be borrowed.
    pub is_claude_code: bool,
}

/// The forms of Claude Code that a list can name, and what they call themselves in the user agent:
/// `claude-cli/2.1.197 (external, cli)`.
const CLAUDE_CODE_FORMS: [(&str, &str); 6] = [
    ("claude-code-cli", "cli"),
    ("claude-code-cli-sdk", "sdk-cli"),
    ("claude-code-vscode", "claude-vscode"),
    ("claude-code-sdk-ts", "sdk-ts"),
    ("claude-code-sdk-py", "sdk-py"),
    ("claude-code-gh-action", "claude-code-github-action"),
];

/// The forms of Codex: `codex_cli_rs/0.9 (...)`, `codex_exec/...`, `codex-tui/...`.
const CODEX_FORMS: [(&str, &[&str]); 4] = [
    ("codex", &["codex"]),
    ("codex-cli", &["codex_cli_rs/", "codex-tui/"]),
    ("codex-exec", &["codex_exec/"]),
    ("codex-vscode", &["codex_vscode/"]),
];

impl ClientFacts {
    /// Returns the name that a list would call this client by: what operators are told.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.is_claude_code {
            return self.claude_code_form().unwrap_or("claude-code");
        }
        let agent = self.user_agent.as_deref().unwrap_or_default();
        let product = agent.split([' ', '/']).next().unwrap_or_default();
        if product.is_empty() { "unknown" } else { product }
    }

    /// Tells whether the client is meant by an entry of a list: a form of Claude Code or Codex, a
    /// text with `*` over the whole user agent, or a part of it (case, `-` and `_` do not matter).
    #[must_use]
    pub fn is(&self, entry: &str) -> bool {
        let entry = entry.trim().to_ascii_lowercase();
        if entry.is_empty() {
            return false;
        }
        if entry == "claude-code" {
            return self.is_claude_code;
        }
        if CLAUDE_CODE_FORMS.iter().any(|(name, _)| *name == entry) {
            return self.is_claude_code && self.claude_code_form() == Some(entry.as_str());
        }
        let Some(agent) = self.user_agent.as_deref().map(str::to_ascii_lowercase) else {
            return false;
        };
        if let Some((_, starts)) = CODEX_FORMS.iter().find(|(name, _)| *name == entry) {
            return starts.iter().any(|start| agent.starts_with(start));
        }
        if entry.contains('*') {
            return glob::fits(&entry, None, &agent);
        }
        plain(&agent).contains(&plain(&entry))
    }

    /// Reads `(external, <form>` out of the user agent.
    fn claude_code_form(&self) -> Option<&'static str> {
        let (_, rest) = self.user_agent.as_deref()?.split_once('(')?;
        let (inside, _) = rest.split_once(')')?;
        let word = inside.split(',').nth(1)?.trim();
        CLAUDE_CODE_FORMS.iter().find(|(_, form)| *form == word).map(|(name, _)| *name)
    }
}

/// Who may use a provider, by client program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientList {
    /// Only these; empty is everybody.
    pub allowed: Arc<[Arc<str>]>,
    /// None of these, whatever the other list says.
    pub blocked: Arc<[Arc<str>]>,
}

impl ClientList {
    /// Tells whether the lists let a client pass.
    #[must_use]
    pub fn admits(&self, client: &ClientFacts) -> bool {
        let named = |list: &[Arc<str>]| list.iter().any(|entry| client.is(entry));
        !named(&self.blocked) && (self.allowed.is_empty() || named(&self.allowed))
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|one| !matches!(one, '-' | '_')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claude_code(agent: &str) -> ClientFacts {
        ClientFacts { user_agent: Some(Arc::from(agent)), is_claude_code: true }
    }

    fn other(agent: &str) -> ClientFacts {
        ClientFacts { user_agent: Some(Arc::from(agent)), is_claude_code: false }
    }

    fn list(entries: &[&str]) -> Arc<[Arc<str>]> {
        entries.iter().map(|entry| Arc::from(*entry)).collect()
    }

    #[test]
    fn claude_code_is_known_by_what_it_does_and_its_form_by_what_it_says() {
        let cli = claude_code("claude-cli/2.1.197 (external, cli)");
        assert!(cli.is("claude-code") && cli.is("claude-code-cli") && cli.is("Claude-Code"));
        assert!(!cli.is("claude-code-vscode"));
        assert_eq!(cli.name(), "claude-code-cli");
        let sdk = claude_code("claude-cli/2.1.197 (external, sdk-cli)");
        assert!(sdk.is("claude-code-cli-sdk") && !sdk.is("claude-code-cli"));
        let borrowed = other("claude-cli/2.1.197 (external, cli)");
        assert!(!borrowed.is("claude-code") && !borrowed.is("claude-code-cli"));
        assert!(borrowed.is("claude-cli"), "a plain text is compared with the name");
    }

    #[test]
    fn others_are_known_by_their_user_agent() {
        let codex = other("codex_exec/0.169.0 (Debian; x86_64)");
        assert!(codex.is("codex") && codex.is("codex-exec") && !codex.is("codex-cli"));
        assert_eq!(codex.name(), "codex_exec");
        let opencode = other("OpenCode/1.2 bun");
        assert!(opencode.is("open-code") && opencode.is("opencode/1.*") && !opencode.is("1.*"));
        assert!(!ClientFacts::default().is("opencode") && !opencode.is(" "));
        assert_eq!(ClientFacts::default().name(), "unknown");
    }

    #[test]
    fn a_block_goes_before_a_leave() {
        let opencode = other("opencode/1.2");
        let mut lists = ClientList::default();
        assert!(lists.admits(&opencode) && lists.admits(&ClientFacts::default()));
        lists.allowed = list(&["opencode", "codex"]);
        assert!(lists.admits(&opencode) && !lists.admits(&ClientFacts::default()));
        lists.blocked = list(&["opencode/*"]);
        assert!(!lists.admits(&opencode));
        assert!(lists.admits(&other("codex_cli_rs/1")));
    }
}
