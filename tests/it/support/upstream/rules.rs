//! Which request gets which script.

use std::sync::Arc;

use super::record::Seen;
use super::script::Script;

/// What must be true of a request. Everything unset matches.
#[derive(Clone, Default)]
pub struct Match {
    path: Option<String>,
    model: Option<String>,
    key: Option<String>,
    method: Option<String>,
}

impl Match {
    /// Matches every request.
    pub fn any() -> Self {
        Self::default()
    }

    /// Matches paths that contain the text.
    #[must_use]
    pub fn path(mut self, part: &str) -> Self {
        self.path = Some(part.to_owned());
        self
    }

    /// Matches the model.
    #[must_use]
    pub fn model(mut self, model: &str) -> Self {
        self.model = Some(model.to_owned());
        self
    }

    /// Matches the upstream credential.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// Matches the method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Tells whether the head alone rules the request out.
    fn head_fits(&self, seen: &Seen) -> bool {
        self.path.as_ref().is_none_or(|part| seen.path.contains(part))
            && self.method.as_ref().is_none_or(|method| seen.method == *method)
            && self.key.as_ref().is_none_or(|key| seen.key() == Some(key))
    }

    fn fits(&self, seen: &Seen) -> bool {
        self.head_fits(seen) && (self.model.is_none() || self.model == seen.model())
    }
}

/// How much of the request's body is read before the script starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadBody {
    /// All of it.
    #[default]
    All,
    /// So many bytes; the rest stays in the socket.
    Only(usize),
}

type Maker = Arc<dyn Fn(&Seen) -> Script + Send + Sync>;

/// A matcher, an answer, and how often.
#[derive(Clone)]
pub struct Rule {
    matcher: Match,
    maker: Maker,
    left: Option<u32>,
    skip: u32,
    read: ReadBody,
}

impl Rule {
    /// Always the same script.
    pub fn new(matcher: Match, script: Script) -> Self {
        Self::made(matcher, move |_| script.clone())
    }

    /// A script made from the request.
    pub fn made(matcher: Match, make: impl Fn(&Seen) -> Script + Send + Sync + 'static) -> Self {
        Self { matcher, maker: Arc::new(make), left: None, skip: 0, read: ReadBody::All }
    }

    /// Applies so many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.left = Some(times);
        self
    }

    /// Lets the first matching requests pass.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Reads only so many bytes of the body (such a rule must match by head alone).
    #[must_use]
    pub fn read(mut self, read: ReadBody) -> Self {
        self.read = read;
        self
    }
}

/// Returns how much of the body to read, from what the head says.
pub fn reading(rules: &[Rule], head: &Seen) -> ReadBody {
    rules
        .iter()
        .find(|rule| rule.left != Some(0) && rule.matcher.head_fits(head))
        .map_or(ReadBody::All, |rule| rule.read)
}

/// Picks the script of a request and counts it.
pub fn pick(rules: &mut [Rule], seen: &Seen) -> Option<Maker> {
    for rule in rules {
        if rule.left == Some(0) || !rule.matcher.fits(seen) {
            continue;
        }
        if rule.skip > 0 {
            rule.skip -= 1;
            continue;
        }
        rule.left = rule.left.map(|left| left - 1);
        return Some(Arc::clone(&rule.maker));
    }
    None
}
