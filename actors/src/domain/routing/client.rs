//! Which client program asks, and whether it is one of a list. Pure.

use std::fmt;
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

    /// Returns which known form of Claude Code or Codex the client is. Both are named by what the client
    /// says; that it is Claude Code is told by what it does, too.
    #[must_use]
    pub fn form(&self) -> Option<&'static str> {
        if self.is_claude_code {
            return Some(self.claude_code_form().unwrap_or("claude-code"));
        }
        let agent = self.user_agent.as_deref()?.to_ascii_lowercase();
        // The first one means all of them.
        let forms = CODEX_FORMS.iter().skip(1);
        let is_it = |starts: &[&str]| starts.iter().any(|start| agent.starts_with(start));
        forms.into_iter().find(|(_, starts)| is_it(starts)).map(|(name, _)| *name)
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

/// Which rule of a list keeps a client out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientRule {
    /// An entry of the blocked ones means it.
    Blocked(Arc<str>),
    /// No entry of the allowed ones does.
    NotAllowed(Arc<[Arc<str>]>),
    /// There are allowed ones, and it does not say what it is.
    Unnamed,
}

impl ClientList {
    /// Tells whether the lists let a client pass.
    #[must_use]
    pub fn admits(&self, client: &ClientFacts) -> bool {
        self.judge(client).is_none()
    }

    /// Returns the rule that keeps a client out. A block goes before a leave.
    #[must_use]
    pub fn judge(&self, client: &ClientFacts) -> Option<ClientRule> {
        let find = |list: &[Arc<str>]| list.iter().find(|entry| client.is(entry)).cloned();
        if let Some(entry) = find(&self.blocked) {
            return Some(ClientRule::Blocked(entry));
        }
        if self.allowed.is_empty() || find(&self.allowed).is_some() {
            return None;
        }
        let says = client.user_agent.as_deref().is_some_and(|agent| !agent.trim().is_empty());
        let not_allowed = ClientRule::NotAllowed(Arc::clone(&self.allowed));
        Some(if says { not_allowed } else { ClientRule::Unnamed })
    }
}

impl ClientFacts {
    /// Tells whether the client calls itself Claude Code and does not behave like it.
    #[must_use]
    pub fn borrows_a_name(&self) -> bool {
        let says = |agent: &str| agent.to_ascii_lowercase().starts_with("claude-cli/");
        !self.is_claude_code && self.user_agent.as_deref().is_some_and(says)
    }
}

impl fmt::Display for ClientRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blocked(entry) => write!(f, "blocked_clients has `{entry}`"),
            Self::NotAllowed(entries) => {
                let entries: Vec<String> = entries.iter().map(|it| format!("`{it}`")).collect();
                write!(f, "allowed_clients has only {}", entries.join(", "))
            }
            Self::Unnamed => write!(f, "allowed_clients is set, and the request has no User-Agent"),
        }
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
    fn only_known_forms_are_forms() {
        for (client, form) in [
            (claude_code("claude-cli/2.1.197 (external, cli)"), Some("claude-code-cli")),
            (claude_code("claude-cli/2.1.197"), Some("claude-code")),
            (other("Codex_CLI_rs/0.160.0 (Debian)"), Some("codex-cli")),
            (other("codex-tui/1"), Some("codex-cli")),
            (other("codex_exec/1"), Some("codex-exec")),
            (other("codex_of_mine/1"), None),
            (other("codex"), None),
            (other("claude-cli/2.1.197 (external, cli)"), None),
            (ClientFacts::default(), None),
        ] {
            assert_eq!(client.form(), form, "{client:?}");
        }
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

    #[test]
    fn the_rule_that_keeps_a_client_out_is_named() {
        let lists =
            ClientList { allowed: list(&["claude-code", "codex"]), blocked: list(&["curl"]) };
        let rule = |client: &ClientFacts| lists.judge(client).map(|rule| rule.to_string());
        let borrowed = other("claude-cli/2.1.197 (external, cli)");
        let only = "allowed_clients has only `claude-code`, `codex`";
        assert_eq!(rule(&borrowed).as_deref(), Some(only));
        assert!(borrowed.borrows_a_name() && !other("codex_exec/1").borrows_a_name());
        assert_eq!(rule(&other("curl/8.5")).as_deref(), Some("blocked_clients has `curl`"));
        assert_eq!(lists.judge(&ClientFacts::default()), Some(ClientRule::Unnamed));
        assert_eq!(rule(&claude_code("claude-cli/1.0.83 (external, cli)")), None);
    }
}
