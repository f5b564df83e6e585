//! Vendors that are known: whoever adds one of them types a key and nothing else.

use switchyard_actors::domain::dialect::ProviderKind;

/// How a vendor is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// A stable word for addresses and forms.
    pub id: &'static str,
    /// What people call it; also the name that is proposed.
    pub name: &'static str,
    /// How it is spoken to.
    pub kind: ProviderKind,
    /// The base URL; empty where only the operator knows it.
    pub url: &'static str,
    /// The vendor's site.
    pub website: Option<&'static str>,
    /// Where a key is made.
    pub keys_at: Option<&'static str>,
    /// A small model to test with, where there is one for sure.
    pub test_model: Option<&'static str>,
    /// It listens on a private address, which must be allowed.
    pub private: bool,
}

impl Preset {
    const fn new(
        id: &'static str,
        name: &'static str,
        kind: ProviderKind,
        url: &'static str,
    ) -> Self {
        Self { id, name, kind, url, website: None, keys_at: None, test_model: None, private: false }
    }

    const fn at(mut self, website: &'static str, keys_at: &'static str) -> Self {
        self.website = Some(website);
        self.keys_at = Some(keys_at);
        self
    }

    const fn tested_with(mut self, model: &'static str) -> Self {
        self.test_model = Some(model);
        self
    }

    const fn private(mut self) -> Self {
        self.private = true;
        self
    }
}

use ProviderKind::{Claude, ClaudeAuth, Codex, Gemini, OpenaiCompatible};

/// Whatever speaks the language that most vendors speak, at an address that only the operator knows.
pub const COMPATIBLE: Preset = Preset::new("compatible", "OpenAI-compatible", OpenaiCompatible, "");

/// All presets, those that most people look for first.
pub const PRESETS: &[Preset] = &[
    Preset::new("anthropic", "Anthropic", Claude, "https://api.anthropic.com")
        .at("https://www.anthropic.com", "https://console.anthropic.com/settings/keys")
        .tested_with("claude-haiku-4-5"),
    Preset::new("openai", "OpenAI (Codex)", Codex, "https://api.openai.com")
        .at("https://openai.com", "https://platform.openai.com/api-keys")
        .tested_with("gpt-5-mini"),
    Preset::new("openai-chat", "OpenAI (Chat)", OpenaiCompatible, "https://api.openai.com")
        .at("https://openai.com", "https://platform.openai.com/api-keys")
        .tested_with("gpt-5-mini"),
    Preset::new("gemini", "Google Gemini", Gemini, "https://generativelanguage.googleapis.com")
        .at("https://ai.google.dev", "https://aistudio.google.com/apikey")
        .tested_with("gemini-2.5-flash"),
    Preset::new("deepseek", "DeepSeek", OpenaiCompatible, "https://api.deepseek.com")
        .at("https://www.deepseek.com", "https://platform.deepseek.com/api_keys")
        .tested_with("deepseek-chat"),
    Preset::new(
        "deepseek-claude",
        "DeepSeek (for Claude Code)",
        Claude,
        "https://api.deepseek.com/anthropic",
    )
    .at("https://www.deepseek.com", "https://platform.deepseek.com/api_keys")
    .tested_with("deepseek-chat"),
    Preset::new("moonshot", "Moonshot (Kimi)", OpenaiCompatible, "https://api.moonshot.cn/v1")
        .at("https://www.moonshot.cn", "https://platform.moonshot.cn/console/api-keys"),
    Preset::new(
        "moonshot-claude",
        "Moonshot (for Claude Code)",
        ClaudeAuth,
        "https://api.moonshot.cn/anthropic",
    )
    .at("https://www.moonshot.cn", "https://platform.moonshot.cn/console/api-keys"),
    Preset::new("zhipu", "Zhipu GLM", OpenaiCompatible, "https://open.bigmodel.cn/api/paas/v4")
        .at("https://open.bigmodel.cn", "https://open.bigmodel.cn/usercenter/apikeys"),
    Preset::new(
        "zhipu-claude",
        "Zhipu GLM (for Claude Code)",
        ClaudeAuth,
        "https://open.bigmodel.cn/api/anthropic",
    )
    .at("https://open.bigmodel.cn", "https://open.bigmodel.cn/usercenter/apikeys"),
    Preset::new("openrouter", "OpenRouter", OpenaiCompatible, "https://openrouter.ai/api/v1")
        .at("https://openrouter.ai", "https://openrouter.ai/settings/keys")
        .tested_with("openrouter/auto"),
    Preset::new("ollama", "Ollama", OpenaiCompatible, "http://127.0.0.1:11434").private(),
    COMPATIBLE,
    Preset::new("claude-compatible", "Anthropic-compatible", ClaudeAuth, ""),
];

/// Finds a preset by its word.
#[must_use]
pub fn preset(id: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.id == id)
}

/// Returns a model that a vendor has for sure: that of the preset with the same host, for what is
/// spoken to in the same way.
#[must_use]
pub fn test_model(kind: ProviderKind, url: &str) -> Option<&'static str> {
    let host = |url: &str| url::Url::parse(url).ok()?.host_str().map(str::to_owned);
    let wanted = host(url)?;
    // How the key is sent makes no other models.
    let alike = |kind| if kind == ClaudeAuth { Claude } else { kind };
    let fits = |preset: &&Preset| {
        alike(preset.kind) == alike(kind) && host(preset.url).as_ref() == Some(&wanted)
    };
    PRESETS.iter().find(fits)?.test_model
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::providers::address::check_private;

    #[test]
    fn every_preset_is_found_by_a_word_of_its_own() {
        for (at, one) in PRESETS.iter().enumerate() {
            assert_eq!(PRESETS.iter().position(|other| other.id == one.id), Some(at), "{}", one.id);
            assert_eq!(preset(one.id), Some(one));
        }
        assert_eq!(preset("nobody"), None);
    }

    #[test]
    fn a_preset_says_whether_its_address_is_private() {
        for preset in PRESETS.iter().filter(|preset| !preset.url.is_empty()) {
            let is_private = check_private(&[preset.url.to_owned()]).is_err();
            assert_eq!(is_private, preset.private, "{}", preset.id);
            assert!(is_private || preset.url.starts_with("https://"), "{}", preset.id);
        }
    }

    #[test]
    fn a_known_vendor_has_a_model_to_test_with() {
        let model = |kind, url| test_model(kind, url);
        assert_eq!(model(Claude, "https://api.anthropic.com/v1/"), Some("claude-haiku-4-5"));
        assert_eq!(model(ClaudeAuth, "https://api.deepseek.com/anthropic"), Some("deepseek-chat"));
        assert_eq!(model(Codex, "https://api.anthropic.com"), None);
        assert_eq!(model(OpenaiCompatible, "https://unknown.example"), None);
        assert_eq!(model(OpenaiCompatible, ""), None);
    }
}
