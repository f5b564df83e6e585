//! What vendors say in the heads of their answers about what is left of their limits.

use switchyard_actors::domain::allowance::{Allowance, Allowances};

/// The names of one limit's headers: what is left, and of how much.
type Names = (&'static str, &'static str);

const REQUESTS: [Names; 2] = [
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-limit"),
    ("x-ratelimit-remaining-requests", "x-ratelimit-limit-requests"),
];
const TOKENS: [Names; 2] = [
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-limit"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-limit-tokens"),
];

/// Reads them. `header` looks a header up by its name in lower case.
#[must_use]
pub fn allowances<'h>(header: impl Fn(&str) -> Option<&'h str>) -> Allowances {
    let number = |name: &str| header(name)?.trim().parse().ok();
    let of = |names: [Names; 2]| {
        names.into_iter().find_map(|(remaining, limit)| {
            Some(Allowance { remaining: number(remaining)?, limit: number(limit) })
        })
    };
    Allowances { requests: of(REQUESTS), tokens: of(TOKENS) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(&str, &'static str)]) -> Allowances {
        allowances(|name| headers.iter().find(|(own, _)| *own == name).map(|(_, value)| *value))
    }

    #[test]
    fn both_vendors_are_understood_and_nonsense_is_silence() {
        let openai = of(&[
            ("x-ratelimit-remaining-requests", "59"),
            ("x-ratelimit-limit-requests", "60"),
            ("x-ratelimit-remaining-tokens", "149984"),
        ]);
        assert_eq!(openai.requests, Some(Allowance { remaining: 59, limit: Some(60) }));
        assert_eq!(openai.tokens, Some(Allowance { remaining: 149_984, limit: None }));
        let anthropic = of(&[
            ("anthropic-ratelimit-tokens-remaining", "39000"),
            ("anthropic-ratelimit-tokens-limit", "40000"),
        ]);
        assert_eq!(anthropic.tokens, Some(Allowance { remaining: 39_000, limit: Some(40_000) }));
        assert!(anthropic.requests.is_none());
        assert!(of(&[("x-ratelimit-remaining-requests", "-1"), ("retry-after", "3")]).is_empty());
    }
}
