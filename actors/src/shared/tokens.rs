//! The tokens that providers' credentials were got, for all workers: a request takes one here
//! without asking anybody, and asks only when there is none.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::RwLock;

use crate::domain::credential::{Mark, Token};
use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;

/// A token.
#[derive(Debug)]
pub struct HeldToken {
    /// The token.
    pub token: Arc<Token>,
    /// The credential it was got with, as it was before and after.
    pub of: [Mark; 2],
    /// Until when a request may begin with it.
    pub good_until: Micros,
    /// When the next one is got ahead, if this one is used.
    pub renew_at: Micros,
    /// When it was got; `None` of one that was kept.
    pub got_at: Option<Micros>,
}

impl HeldToken {
    /// Tells whether it was got with a credential.
    #[must_use]
    pub fn is_of(&self, credential: &Mark) -> bool {
        self.of.contains(credential)
    }
}

/// Why a provider's credential does not let requests in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenTrouble {
    /// The credential.
    pub of: Mark,
    /// The issuer refuses it: somebody must give another one.
    pub refused: bool,
    /// Since when.
    pub since: Micros,
    /// The words, without a secret.
    pub why: Arc<str>,
    /// Nobody is asked before.
    pub until: Micros,
    /// How often in a row it was tried.
    pub failures: u32,
}

#[derive(Debug, Default)]
struct Entry {
    held: Option<Arc<HeldToken>>,
    used: AtomicBool,
    trouble: Option<TokenTrouble>,
}

/// The tokens of all providers with credentials.
#[derive(Debug, Default)]
pub struct Tokens(RwLock<HashMap<ProviderId, Entry>>);

impl Tokens {
    /// Returns a token with which a request may begin now, and notes that it is used.
    #[must_use]
    pub fn usable(&self, provider: ProviderId, of: &Mark, now: Micros) -> Option<Arc<Token>> {
        let all = self.0.read();
        let entry = all.get(&provider)?;
        let held = entry.held.as_ref().filter(|held| held.is_of(of) && now < held.good_until)?;
        entry.used.store(true, Ordering::Relaxed);
        Some(Arc::clone(&held.token))
    }

    /// Returns the token of a credential, also one that is over.
    #[must_use]
    pub fn held(&self, provider: ProviderId, of: &Mark) -> Option<Arc<HeldToken>> {
        self.0.read().get(&provider)?.held.clone().filter(|held| held.is_of(of))
    }

    /// Returns what keeps a credential from letting requests in.
    #[must_use]
    pub fn trouble(&self, provider: ProviderId, of: &Mark) -> Option<TokenTrouble> {
        self.0.read().get(&provider)?.trouble.clone().filter(|trouble| trouble.of == *of)
    }

    /// Keeps a new token; what troubled its credential is over. Tells whether anything did.
    pub fn put(&self, provider: ProviderId, held: HeldToken) -> bool {
        let mut all = self.0.write();
        let entry = all.entry(provider).or_default();
        entry.held = Some(Arc::new(held));
        entry.used.store(false, Ordering::Relaxed);
        entry.trouble.take().is_some()
    }

    /// Notes that a credential let nobody in; tells whether that is news. Since when it is so stays
    /// as it was.
    pub fn note(&self, provider: ProviderId, mut trouble: TokenTrouble) -> bool {
        let mut all = self.0.write();
        let entry = all.entry(provider).or_default();
        let before = entry.trouble.as_ref();
        let same = before.filter(|old| old.of == trouble.of && old.refused == trouble.refused);
        let is_news = same.is_none();
        trouble.since = same.map_or(trouble.since, |old| old.since);
        entry.trouble = Some(trouble);
        is_news
    }

    /// Returns the providers whose tokens are used and about to be over.
    #[must_use]
    pub fn due(&self, now: Micros) -> Vec<ProviderId> {
        let all = self.0.read();
        let is_due = |entry: &Entry| {
            let near = entry.held.as_ref().is_some_and(|held| held.renew_at <= now);
            near && entry.used.load(Ordering::Relaxed)
        };
        all.iter().filter(|(_, entry)| is_due(entry)).map(|(provider, _)| *provider).collect()
    }

    /// Forgets providers that are no more.
    pub fn keep(&self, is_there: impl Fn(ProviderId) -> bool) {
        self.0.write().retain(|provider, _| is_there(*provider));
    }

    /// Says how long a credential in trouble is left alone, zero when it may be tried.
    #[must_use]
    pub fn pause(&self, provider: ProviderId, of: &Mark, now: Micros) -> Duration {
        self.trouble(provider, of).map_or(Duration::ZERO, |trouble| trouble.until.since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::Secret;

    const ONE: ProviderId = ProviderId(1);
    const OLD: Mark = [1; 16];
    const NEW: Mark = [2; 16];

    fn held(secret: &str) -> HeldToken {
        let token = Token { secret: Secret::new(secret), expires_at: Micros(100) };
        HeldToken {
            token: Arc::new(token),
            of: [OLD, NEW],
            good_until: Micros(90),
            renew_at: Micros(80),
            got_at: None,
        }
    }

    fn trouble(of: Mark, refused: bool, since: i64) -> TokenTrouble {
        let (since, until) = (Micros(since), Micros(since + 50));
        TokenTrouble { of, refused, since, why: Arc::from("no"), until, failures: 1 }
    }

    #[test]
    fn a_token_is_taken_for_its_own_credential_until_it_is_nearly_over() {
        let tokens = Tokens::default();
        assert!(tokens.usable(ONE, &OLD, Micros(1)).is_none());
        tokens.put(ONE, held("t"));
        for mark in [OLD, NEW] {
            assert!(tokens.usable(ONE, &mark, Micros(89)).is_some());
        }
        assert!(tokens.usable(ONE, &OLD, Micros(90)).is_none());
        assert!(tokens.usable(ONE, &[3; 16], Micros(1)).is_none(), "another credential");
        assert!(tokens.held(ONE, &OLD).is_some(), "it is over, and known");
    }

    #[test]
    fn only_a_token_that_is_used_is_renewed_ahead() {
        let tokens = Tokens::default();
        tokens.put(ONE, held("t"));
        assert!(tokens.due(Micros(85)).is_empty());
        let _ = tokens.usable(ONE, &OLD, Micros(1));
        assert!(tokens.due(Micros(79)).is_empty());
        assert_eq!(tokens.due(Micros(80)), [ONE]);
    }

    #[test]
    fn trouble_is_news_once_and_ends_with_a_token() {
        let tokens = Tokens::default();
        assert!(tokens.note(ONE, trouble(OLD, true, 1)));
        assert!(!tokens.note(ONE, trouble(OLD, true, 7)));
        assert_eq!(tokens.trouble(ONE, &OLD).unwrap().since, Micros(1));
        assert_eq!(tokens.pause(ONE, &OLD, Micros(7)), Duration::from_micros(50));
        assert!(tokens.trouble(ONE, &NEW).is_none(), "another credential is in no trouble");
        assert!(tokens.note(ONE, trouble(NEW, true, 9)));
        assert!(tokens.note(ONE, trouble(NEW, false, 9)), "refused is another thing than away");
        assert!(tokens.put(ONE, held("t")));
        assert!(!tokens.put(ONE, held("t")));
        tokens.keep(|_| false);
        assert!(tokens.held(ONE, &OLD).is_none());
    }
}
