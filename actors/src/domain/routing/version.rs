//! Versions of client programs, and which is the least that may ask. Pure.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::client::ClientFacts;

/// A version as programs write it: `2.1.197`, `0.169.0-alpha.3`.
#[derive(Clone, Debug)]
pub struct Version {
    numbers: Vec<u64>,
    /// What stands behind a dash: such a version comes before the one without.
    early: Option<Arc<str>>,
    written: Arc<str>,
}

impl Version {
    /// Reads a version; `None` when it does not begin with a number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('v');
        let text = text.split('+').next().unwrap_or_default();
        let written = Arc::from(text);
        let (numbers, early) = match text.split_once('-') {
            Some((numbers, early)) => (numbers, Some(Arc::from(early))),
            None => (text, None),
        };
        let mut numbers =
            numbers.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u64>>>()?;
        // 2.1 and 2.1.0 are one version.
        while numbers.len() > 1 && numbers.last() == Some(&0) {
            numbers.pop();
        }
        Some(Self { numbers, early, written })
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let early = match (&self.early, &other.early) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(mine), Some(theirs)) => compare_early(mine, theirs),
        };
        self.numbers.cmp(&other.numbers).then(early)
    }
}

/// Compares what stands behind dashes, part by part: numbers as numbers, and before words; of two that
/// begin alike the longer one comes later.
fn compare_early(mine: &str, theirs: &str) -> Ordering {
    let (mut mine, mut theirs) = (mine.split('.'), theirs.split('.'));
    loop {
        let (one, other) = match (mine.next(), theirs.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(one), Some(other)) => (one, other),
        };
        let order = match (number(one), number(other)) {
            // Of one length and without zeros before them, numbers are ordered as their digits are.
            (Some(one), Some(other)) => one.len().cmp(&other.len()).then_with(|| one.cmp(other)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => one.cmp(other),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Returns the digits of a part that is a number of any size, without zeros before them.
fn number(part: &str) -> Option<&str> {
    let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| part.trim_start_matches('0'))
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl ClientFacts {
    /// Returns the version that the client says it is: what stands behind the slash of its name.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        let (_, rest) = self.user_agent.as_deref()?.split_once('/')?;
        let ends = |one: char| one.is_whitespace() || matches!(one, '/' | ';' | '(' | ',');
        Version::parse(rest.split(ends).next()?)
    }
}

/// The least versions that may ask, by the names that lists of clients know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeastVersions(Vec<(Arc<str>, Version)>);

impl LeastVersions {
    /// Reads `claude-code=2.1.0, codex=0.160`.
    ///
    /// # Errors
    /// Returns the part that is no name and version.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let one = |part: &str| {
            let (name, version) = part.split_once('=')?;
            let name = Some(name.trim()).filter(|name| !name.is_empty())?;
            Some((Arc::from(name), Version::parse(version)?))
        };
        parts
            .map(|part| one(part).ok_or_else(|| part.to_owned()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Tells whether nothing is set.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the version that a client must have and has not. Who does not say a version passes.
    #[must_use]
    pub fn lacking(&self, client: &ClientFacts) -> Option<&Version> {
        let own = client.version()?;
        let meant = self.0.iter().filter(|(name, _)| client.is(name));
        meant.map(|(_, least)| least).filter(|least| own < **least).max()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn client(agent: &str) -> ClientFacts {
        ClientFacts {
            user_agent: Some(Arc::from(agent)),
            is_claude_code: agent.starts_with("claude-cli"),
        }
    }

    #[test]
    fn versions_are_ordered_as_people_mean_them() {
        for (less, more) in
            [("2.1.9", "2.1.197"), ("2.9", "2.10.0"), ("1.0-rc.1", "1.0"), ("0.9", "1")]
        {
            assert!(version(less) < version(more), "{less} {more}");
        }
        for (less, more) in [
            ("1-alpha.9", "1-alpha.10"),
            ("1-alpha", "1-alpha.1"),
            ("1-alpha.99", "1-beta.1"),
            ("1-1", "1-alpha"),
            ("1-2", "1-99999999999999999999999"),
        ] {
            assert!(version(less) < version(more), "{less} {more}");
        }
        assert_eq!(version("2.1"), version("2.1.0"));
        assert_eq!(version("v3.0+build"), version("3"));
        for no in ["", "latest", "1.x", "-1"] {
            assert_eq!(Version::parse(no), None, "{no}");
        }
    }

    #[test]
    fn clients_say_their_version_behind_their_name() {
        for (agent, says) in [
            ("claude-cli/2.1.197 (external, cli)", "2.1.197"),
            ("codex_exec/0.169.0 (Debian; x86_64)", "0.169.0"),
            ("GeminiCLI-tui/0.61.0/gemini-2.5-pro (linux; x64)", "0.61.0"),
            ("opencode/1.18.33 ai-sdk/provider-utils/3", "1.18.33"),
        ] {
            assert_eq!(client(agent).version().unwrap().to_string(), says);
        }
        assert_eq!(client("curl").version(), None);
    }

    #[test]
    fn who_is_too_old_is_told_the_least() {
        let least = LeastVersions::parse("claude-code=2.1.0, codex = 0.160,").unwrap();
        let told = |agent| least.lacking(&client(agent)).map(ToString::to_string);
        assert_eq!(told("claude-cli/2.0.76 (external, cli)").as_deref(), Some("2.1.0"));
        assert_eq!(told("claude-cli/2.1.0 (external, cli)"), None);
        assert_eq!(told("codex_exec/0.159.9").as_deref(), Some("0.160"));
        assert_eq!(told("codex"), None, "who says no version passes");
        assert_eq!(told("opencode/0.1"), None);
        assert_eq!(LeastVersions::parse("a=1, b"), Err("b".to_owned()));
        assert!(LeastVersions::parse(" ").unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn a_version_is_read_as_it_is_written(numbers in prop::collection::vec(any::<u64>(), 1..5)) {
            let text: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            let read = version(&text.join("."));
            prop_assert_eq!(version(&read.to_string()), read);
        }
    }
}
