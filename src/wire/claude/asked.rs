//! Who is asked in Anthropic's format: Anthropic itself, or who runs its models, or somebody else.

use super::super::url;

/// Anthropic's own hosts.
const HOSTS: [&str; 3] = ["anthropic.com", "claude.ai", "claude.com"];
/// Vendors that speak the format, and take the names of Anthropic's models for their own. They sign nothing, and
/// some refuse a conversation without the thinking that they gave. Of a cloud these are the hosts of its models
/// alone: customers run relays to Anthropic at the others.
const OTHERS: [&str; 18] = [
    "deepseek.com",
    "z.ai",
    "bigmodel.cn",
    "moonshot.ai",
    "moonshot.cn",
    "kimi.com",
    "minimax.io",
    "minimaxi.com",
    "minimax.chat",
    "dashscope.aliyuncs.com",
    "dashscope-intl.aliyuncs.com",
    "dashscope-us.aliyuncs.com",
    "maas.aliyuncs.com",
    "volces.com",
    "bytepluses.com",
    "xiaomimimo.com",
    "longcat.chat",
    "stepfun.com",
];
/// What the names of its models have in them, wherever they run.
const MODELS: &str = "claude";

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Anthropic, or who runs its models: every block is signed.
    Anthropic,
    /// Somebody who speaks the format.
    Other,
}

impl Asked {
    /// Finds it by the model that goes upstream and the provider's address.
    #[must_use]
    pub fn of(model: &str, base: &str) -> Self {
        let is_others = || url::is_at_any(base, &OTHERS);
        let named = || model.to_ascii_lowercase().contains(MODELS) && !is_others();
        if is_official(base) || named() { Self::Anthropic } else { Self::Other }
    }
}

/// Tells whether an address is Anthropic's own.
#[must_use]
pub fn is_official(base: &str) -> bool {
    url::is_at_any(base, &HOSTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_hosts_and_its_models_are_anthropic() {
        for (model, base, asked) in [
            ("claude-sonnet-4-5", "https://a.example", Asked::Anthropic),
            ("eu.anthropic.Claude-3", "https://a.example", Asked::Anthropic),
            ("alias", "https://api.anthropic.com/v1", Asked::Anthropic),
            ("kimi-k2", "https://api.moonshot.ai/anthropic", Asked::Other),
            ("claude-sonnet-4-5", "https://api.deepseek.com/anthropic", Asked::Other),
            ("claude-opus-4-5", "https://open.bigmodel.cn/api/anthropic", Asked::Other),
            ("claude-opus-4-5", "https://coding-intl.dashscope.aliyuncs.com/apps", Asked::Other),
            ("claude-opus-4-5", "https://dashscope-intl.aliyuncs.com/apps/anthropic", Asked::Other),
            ("claude-opus-4-5", "https://w1.cn-beijing.maas.aliyuncs.com/apps", Asked::Other),
            ("claude-opus-4-5", "https://1.cn-shanghai.pai-eas.aliyuncs.com/v1", Asked::Anthropic),
            ("claude-opus-4-5", "http://alb-1.cn-hangzhou.alb.aliyuncs.com", Asked::Anthropic),
            (
                "claude-sonnet-4-5@20250929",
                "https://eu-aiplatform.googleapis.com",
                Asked::Anthropic,
            ),
        ] {
            assert_eq!(Asked::of(model, base), asked, "{model} at {base}");
        }
    }
}
