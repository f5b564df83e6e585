//! The settings of a demonstration: those of the process, with everything put aside that would
//! reach a real database, a real vendor or another machine.

use std::net::IpAddr;
use std::path::Path;

use crate::settings::{Effective, Origin, Settings, SettingsError, Sources};

/// What the administrator of the demonstration logs in with.
pub const ADMIN_TOKEN: &str = "demo";

/// What holds in every demonstration, whatever the environment and the files say.
const FIXED: &[(&str, &str)] = &[
    ("ADMIN_TOKEN", ADMIN_TOKEN),
    ("ALLOW_PRIVATE_PROVIDER_URLS", "true"),
    ("APP_URL", ""),
    ("AUTO_MIGRATE", "true"),
    ("CSRF_SECRET", ""),
    ("DSN", ""),
    ("ENABLE_SECURE_COOKIES", "false"),
    ("PRICE_FEED_URL", ""),
    ("REDIS_URL", ""),
    ("SWITCHYARD_SECRET_KEY", ""),
];

/// What a demonstration leaves alone, and says so.
const IGNORED: &[&str] = &["DSN", "REDIS_URL"];

/// What holds unless somebody says otherwise: this machine alone, and a terminal that keeps showing
/// where to look.
const USUAL: &[(&str, &str)] =
    &[("APP_HOST", "127.0.0.1"), ("LOG_LEVEL", "warn"), ("SWITCHYARD_LOG_REQUESTS", "false")];

/// Why there is no demonstration.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// A setting is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Other machines would reach it.
    #[error(
        "APP_HOST is {0}, but the demo's keys are known to everybody: it listens on this machine \
         alone; unset APP_HOST or set it to 127.0.0.1"
    )]
    Reachable(String),
}

/// The settings of a demonstration.
#[derive(Debug)]
pub struct Environment {
    /// All of them.
    pub settings: Settings,
    /// The variables that are set and left alone.
    pub ignored: Vec<String>,
}

impl Environment {
    /// Reads the settings, with a directory for the data.
    ///
    /// # Errors
    /// A setting is wrong, or other machines would reach the demonstration.
    pub fn of(sources: Sources, directory: &Path) -> Result<Self, EnvironmentError> {
        // Whatever is wrong with what is ignored is no matter.
        let given = Settings::load(&sources).map(|settings| settings.effective);
        let mut sources = sources;
        let mut set = |name: &str, value: &str| {
            sources.environment.insert(name.to_owned(), value.to_owned());
        };
        for (name, value) in FIXED {
            set(name, value);
        }
        set("SWITCHYARD_DATA_DIR", &directory.display().to_string());
        let said = Settings::load(&sources)?.effective;
        for (name, value) in USUAL.iter().filter(|(name, _)| !is_set(&said, name)) {
            sources.environment.insert((*name).to_owned(), (*value).to_owned());
        }
        let settings = Settings::load(&sources)?;
        if !is_loopback(&settings.server.host) {
            return Err(EnvironmentError::Reachable(settings.server.host));
        }
        Ok(Self { settings, ignored: ignored(&given.unwrap_or_default()) })
    }
}

fn ignored(given: &[Effective]) -> Vec<String> {
    let names = IGNORED.iter().filter(|name| is_set(given, name));
    names.map(|name| (*name).to_owned()).collect()
}

/// Tells whether somebody set a variable here, as opposed to what is built in.
fn is_set(all: &[Effective], variable: &str) -> bool {
    let built_in = |origin: &Origin| matches!(origin, Origin::Default | Origin::Profile(_));
    all.iter()
        .any(|one| one.variable == variable && !built_in(&one.origin) && !one.shown.is_empty())
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Result<Environment, EnvironmentError> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment: BTreeMap<String, String> = pairs.iter().map(owned).collect();
        Environment::of(Sources { environment, ..Sources::default() }, Path::new("/tmp/demo"))
    }

    #[test]
    fn nothing_of_it_leaves_the_machine() {
        let Environment { settings, ignored } = environment(&[
            ("DSN", "postgres://u:p@db/x"),
            ("REDIS_URL", "redis://cache"),
            ("PRICE_FEED_URL", "https://prices.example/table.json"),
            ("ADMIN_TOKEN", "the real one"),
            ("APP_PORT", "4711"),
        ])
        .unwrap();
        assert!(settings.storage.dsn.is_none() && settings.redis.url.is_none());
        assert!(settings.prices.feed_url.is_none());
        assert_eq!(settings.storage.data_dir, Path::new("/tmp/demo"));
        assert_eq!(settings.access.admin_token.unwrap().reveal(), "demo");
        assert_eq!((settings.server.host.as_str(), settings.server.port), ("127.0.0.1", 4711));
        assert_eq!(ignored, ["DSN", "REDIS_URL"]);
    }

    #[test]
    fn the_terminal_is_quiet_unless_somebody_wants_more() {
        assert!(!environment(&[]).unwrap().settings.log.requests);
        let settings = environment(&[("SWITCHYARD_LOG_REQUESTS", "true")]).unwrap().settings;
        assert!(settings.log.requests);
    }

    #[test]
    fn what_is_not_set_is_not_said_to_be_ignored() {
        assert!(environment(&[("DSN", "")]).unwrap().ignored.is_empty());
    }

    #[test]
    fn an_ignored_variable_may_be_wrong() {
        assert!(environment(&[("DSN", "nonsense")]).is_ok());
    }

    #[test]
    fn other_machines_are_kept_out() {
        for host in ["0.0.0.0", "::", "192.0.2.7", "relay.example"] {
            let error = environment(&[("APP_HOST", host)]).unwrap_err().to_string();
            assert!(error.contains("APP_HOST") && error.contains(host), "{error}");
        }
        for host in ["127.0.0.1", "localhost", "::1", "127.0.0.9"] {
            let settings = environment(&[("APP_HOST", host)]).unwrap().settings;
            assert_eq!(settings.server.host, host);
        }
    }
}
