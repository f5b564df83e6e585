//! Which versions of clients may ask: the least that the operator sets, and the newest in common use.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use switchyard_actors::domain::ids::UserId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::routing::client::ClientFacts;
use switchyard_actors::domain::routing::version::{LeastVersions, Version};

use crate::wire::error_body::Upgrade;

/// Who was seen with a version is forgotten after this.
const SEEN_FOR: Duration = Duration::from_hours(7 * 24);
/// Versions of one program that are kept.
const MOST_VERSIONS: usize = 64;
/// Users of one version that are kept: more are not needed to call it common.
const MOST_USERS: usize = 64;
/// Versions of one program that one user is counted for: machines are not all brought up to date at once.
const MOST_OF_USER: usize = 8;

/// What is asked of versions.
#[derive(Clone, Debug, Default)]
pub struct VersionRules {
    /// The least that may ask.
    pub least: LeastVersions,
    /// Users that must have been seen with a version before all others need it; `None` is "never".
    pub common: Option<usize>,
}

/// A client that is too old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooOld {
    /// Its name in lists.
    pub client: Arc<str>,
    /// What it has.
    pub current: Version,
    /// What it needs.
    pub required: Version,
}

impl TooOld {
    /// Returns what the client is told in fields.
    #[must_use]
    pub fn upgrade(&self) -> Upgrade {
        Upgrade {
            current_version: self.current.to_string(),
            required_version: self.required.to_string(),
            client_type: self.client.to_string(),
            client_display_name: display_name(&self.client),
        }
    }
}

impl fmt::Display for TooOld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, current, required } = self;
        let name = display_name(client);
        write!(f, "{name} {current} is too old here: please upgrade to {required} or later")
    }
}

/// Returns how people call a program.
fn display_name(client: &str) -> &'static str {
    match client {
        "claude-code-vscode" => "Claude Code for VS Code",
        "claude-code-gh-action" => "Claude Code Action",
        "claude-code-cli-sdk" | "claude-code-sdk-ts" | "claude-code-sdk-py" => "Claude Agent SDK",
        _ if client.starts_with("claude-code") => "Claude Code",
        _ if client.starts_with("codex") => "Codex",
        _ if client.starts_with("GeminiCLI") => "Gemini CLI",
        "opencode" => "opencode",
        _ => "This client",
    }
}

/// Versions that were seen, by the known forms of programs, newest last, with their users.
#[derive(Debug, Default)]
pub struct SeenVersions(Mutex<HashMap<&'static str, Users>>);

type Users = BTreeMap<Version, HashMap<UserId, Micros>>;

impl SeenVersions {
    /// Judges a client, and notes it. Whatever is not known lets it pass.
    #[must_use]
    pub fn judge(
        &self,
        rules: &VersionRules,
        client: &ClientFacts,
        user: UserId,
        now: Micros,
    ) -> Option<TooOld> {
        if rules.least.is_empty() && rules.common.is_none() {
            return None;
        }
        let current = client.version()?;
        let common = rules.common.and_then(|users| self.common(client, &current, user, users, now));
        let required = rules.least.lacking(client).cloned().max(common);
        let required = required.filter(|required| current < *required)?;
        Some(TooOld { client: Arc::from(client.name()), current, required })
    }

    /// Notes a version and returns the newest one that enough users were seen with. A client may say of
    /// itself what it likes: that one of them cannot lock the others out is owed to the number of users
    /// that it takes. Only known forms of programs count, a user for the versions alone that it was seen with
    /// last, and of more than are kept the one goes that the fewest were seen with, of these the one that
    /// nobody was seen with for longest: so none that many use, and none that has just come out, is thrown
    /// out by any that one makes up.
    fn common(
        &self,
        client: &ClientFacts,
        current: &Version,
        user: UserId,
        users: usize,
        now: Micros,
    ) -> Option<Version> {
        let form = client.form()?;
        let mut seen = self.0.lock();
        let versions = seen.entry(form).or_default();
        let of_this = versions.entry(current.clone()).or_default();
        let has_room = of_this.len() < MOST_USERS || of_this.contains_key(&user);
        if has_room && of_this.insert(user, now).is_none() {
            forget_oldest(versions, user, current);
        }
        let fresh = |at: &Micros| now.since(*at) < SEEN_FOR;
        versions.retain(|_, users| {
            users.retain(|_, at| fresh(at));
            !users.is_empty()
        });
        while versions.len() > MOST_VERSIONS {
            let seen_last = |users: &HashMap<UserId, Micros>| users.values().max().copied();
            let least = versions.iter().min_by_key(|(_, users)| (users.len(), seen_last(users)));
            let least = least.map(|(version, _)| version.clone())?;
            versions.remove(&least);
        }
        let common = versions.iter().rev().find(|(_, of_it)| of_it.len() >= users.max(1));
        common.map(|(version, _)| version.clone())
    }
}

/// Of more versions than a user is counted for, the one goes that it was not seen with for longest; the
/// present one never does.
fn forget_oldest(versions: &mut Users, user: UserId, present: &Version) {
    let own = || versions.iter().filter(|(_, users)| users.contains_key(&user));
    if own().count() <= MOST_OF_USER {
        return;
    }
    let others = own().filter(|(version, _)| *version != present);
    let oldest = others.min_by_key(|(_, users)| users.get(&user).copied());
    let Some(oldest) = oldest.map(|(version, _)| version.clone()) else { return };
    if let Some(users) = versions.get_mut(&oldest) {
        users.remove(&user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(version: &str) -> ClientFacts {
        let agent = format!("claude-cli/{version} (external, cli)");
        ClientFacts { user_agent: Some(Arc::from(agent)), is_claude_code: true }
    }

    fn common(users: usize) -> VersionRules {
        VersionRules { common: Some(users), ..VersionRules::default() }
    }

    const DAY: i64 = 24 * 3_600 * 1_000_000;

    #[test]
    fn a_version_that_enough_use_is_needed_by_all() {
        let seen = SeenVersions::default();
        let judge = |version, user, day| {
            let now = Micros(day * DAY);
            let old = seen.judge(&common(2), &client(version), UserId(user), now);
            old.map(|old| (old.client.to_string(), old.required.to_string()))
        };
        assert_eq!(judge("2.0", 1, 1), None);
        assert_eq!(judge("2.1", 2, 1), None, "one user alone makes nothing common");
        assert_eq!(judge("2.0", 1, 1), None);
        assert_eq!(judge("2.1", 3, 1), None);
        let needed = Some(("claude-code-cli".to_owned(), "2.1".to_owned()));
        assert_eq!(judge("2.0", 1, 1), needed);
        assert_eq!(judge("2.2", 1, 1), None, "newer is fine");
        assert_eq!(judge("2.0", 1, 9), None, "nobody was seen with it for a week");
    }

    #[test]
    fn the_least_version_holds_beside_and_nothing_is_asked_when_nothing_is_set() {
        let seen = SeenVersions::default();
        let none = VersionRules::default();
        assert_eq!(seen.judge(&none, &client("0.1"), UserId(1), Micros(0)), None);
        let least = LeastVersions::parse("claude-code=2.1").unwrap();
        let rules = VersionRules { least, common: Some(2) };
        let old = seen.judge(&rules, &client("2.0.9"), UserId(1), Micros(0)).unwrap();
        assert_eq!(
            (old.current.to_string(), old.required.to_string()),
            ("2.0.9".into(), "2.1".into())
        );
        assert_eq!(seen.judge(&rules, &client("2.1"), UserId(1), Micros(0)), None);
    }

    fn codex(agent: &str) -> ClientFacts {
        ClientFacts { user_agent: Some(Arc::from(agent)), is_claude_code: false }
    }

    #[test]
    fn one_user_can_make_up_as_much_as_it_likes() {
        let seen = SeenVersions::default();
        let judge = |agent: &str, user| {
            let old = seen.judge(&common(2), &codex(agent), UserId(user), Micros(0));
            old.map(|old| old.required.to_string())
        };
        for made_up in 0..100 {
            assert_eq!(judge(&format!("codex_{made_up}/1.0"), 1), None);
        }
        assert_eq!(judge("codex_cli_rs/0.160.0", 2), None);
        for made_up in 0..100 {
            assert_eq!(judge(&format!("codex_cli_rs/9{made_up:02}.0.0"), 1), None);
        }
        assert_eq!(judge("codex_cli_rs/0.160.0", 3), None, "nobody is locked out");
        let needed = Some("0.160.0".to_owned());
        assert_eq!(judge("codex_cli_rs/0.159.0", 4), needed, "what two use is still known");
    }

    #[test]
    fn a_release_becomes_common_beside_any_number_of_made_up_versions() {
        let seen = SeenVersions::default();
        let judge = |version: &str, user, at| {
            let old = seen.judge(&common(2), &client(version), UserId(user), Micros(at));
            old.map(|old| old.required.to_string())
        };
        let make_up = |from: i64, user| {
            for at in 0..2 * i64::try_from(MOST_VERSIONS).unwrap() {
                let _ = judge(&format!("0.{user}.{at}"), user, from + at);
            }
        };
        make_up(0, 1);
        assert_eq!(judge("2.1", 2, 1_000), None);
        make_up(1_000, 1);
        assert_eq!(judge("2.1", 3, 2_000), None);
        assert_eq!(judge("2.0", 4, 2_001), Some("2.1".to_owned()));
        // Nor is it kept out by as many as there is room for that others have made up.
        for user in 10..18 {
            make_up(2_000, user);
        }
        assert_eq!(judge("2.2", 2, 3_000), None);
        assert_eq!(judge("2.2", 3, 3_001), None);
        assert_eq!(judge("2.1", 4, 3_002), Some("2.2".to_owned()));
    }

    #[test]
    fn a_name_that_anybody_can_make_up_is_not_counted() {
        let seen = SeenVersions::default();
        let other = |version: &str| ClientFacts {
            user_agent: Some(Arc::from(format!("claude-cli/{version}"))),
            is_claude_code: false,
        };
        for user in 0..9 {
            assert_eq!(seen.judge(&common(1), &other("99"), UserId(user), Micros(0)), None);
        }
        assert_eq!(seen.judge(&common(1), &other("1"), UserId(1), Micros(0)), None);
    }
}
