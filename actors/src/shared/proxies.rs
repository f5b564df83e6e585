//! How the proxies of providers did when they were last used.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;
use crate::domain::proxy::Proxy;

/// How a provider's proxy did when it was last used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyResult {
    /// When.
    pub at: Micros,
    /// Why it could not be used; `None` when it could.
    pub fault: Option<Arc<str>>,
}

#[derive(Debug)]
struct Entry {
    proxy: Arc<Proxy>,
    result: ProxyResult,
}

/// The last result of each provider's proxy, of all workers.
#[derive(Debug, Default)]
pub struct Proxies(Mutex<HashMap<ProviderId, Entry>>);

impl Proxies {
    /// Notes how a proxy did; tells whether that differs from the time before. Of one that was not
    /// used before only a failure does.
    pub fn note(&self, provider: ProviderId, proxy: &Arc<Proxy>, result: ProxyResult) -> bool {
        let failed = result.fault.is_some();
        let mut all = self.0.lock();
        let before = all.get(&provider).filter(|entry| entry.proxy == *proxy);
        let changed = before.map_or(failed, |entry| entry.result.fault.is_some() != failed);
        all.insert(provider, Entry { proxy: Arc::clone(proxy), result });
        changed
    }

    /// Returns how a provider's proxy did last; `None` when this very proxy was not used yet.
    #[must_use]
    pub fn of(&self, provider: ProviderId, proxy: &Proxy) -> Option<ProxyResult> {
        let all = self.0.lock();
        let entry = all.get(&provider).filter(|entry| *entry.proxy == *proxy)?;
        Some(entry.result.clone())
    }

    /// Keeps what is known of those proxies alone that providers still have.
    pub fn keep(&self, is_in_use: impl Fn(ProviderId, &Proxy) -> bool) {
        self.0.lock().retain(|provider, entry| is_in_use(*provider, &entry.proxy));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: ProviderId = ProviderId(1);

    fn proxy(text: &str) -> Arc<Proxy> {
        Arc::new(Proxy::parse(text).unwrap())
    }

    fn result(at: i64, fault: Option<&str>) -> ProxyResult {
        ProxyResult { at: Micros(at), fault: fault.map(Arc::from) }
    }

    #[test]
    fn only_a_change_is_one() {
        let (proxies, proxy) = (Proxies::default(), proxy("http://p:1"));
        let told = [None, None, Some("refused"), Some("late"), None, None]
            .map(|fault| proxies.note(ONE, &proxy, result(1, fault)));
        assert_eq!(told, [false, false, true, false, true, false]);
        assert!(proxies.note(ProviderId(2), &proxy, result(1, Some("refused"))), "the first time");
    }

    #[test]
    fn what_was_known_of_another_proxy_is_not_told_of_this_one() {
        let proxies = Proxies::default();
        let (old, new) = (proxy("http://u:old@p:1"), proxy("http://u:new@p:1"));
        proxies.note(ONE, &old, result(7, Some("refused")));
        assert_eq!(proxies.of(ONE, &old), Some(result(7, Some("refused"))));
        assert_eq!(proxies.of(ONE, &new), None, "its password is another one");
        assert!(!proxies.note(ONE, &new, result(8, None)));
        assert_eq!(proxies.of(ONE, &new), Some(result(8, None)));
    }

    #[test]
    fn what_nobody_uses_any_more_is_forgotten() {
        let (proxies, proxy) = (Proxies::default(), proxy("http://p:1"));
        for provider in [ONE, ProviderId(2)] {
            proxies.note(provider, &proxy, result(1, None));
        }
        proxies.keep(|provider, _| provider == ONE);
        assert!(proxies.of(ONE, &proxy).is_some() && proxies.of(ProviderId(2), &proxy).is_none());
    }
}
