//! Reads `DSN`: what tokio-postgres understands, and the TLS words of libpq that it does not.

use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use super::error::StoreError;

/// How long one address may take to answer.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a statement may run on the server.
pub(crate) const STATEMENT: Duration = Duration::from_secs(30);

/// What is asked of TLS, in libpq's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TlsMode {
    /// Never.
    Disable,
    /// When the server offers it, unverified.
    Prefer,
    /// Always, unverified.
    Require,
    /// Always, with a certificate of a known authority.
    VerifyCa,
    /// Always, with a certificate of a known authority for this host.
    VerifyFull,
}

impl TlsMode {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "disable" => Some(Self::Disable),
            "prefer" | "allow" => Some(Self::Prefer),
            "require" => Some(Self::Require),
            "verify-ca" => Some(Self::VerifyCa),
            "verify-full" => Some(Self::VerifyFull),
            _ => None,
        }
    }
}

/// A parsed `DSN`. Its `Debug` is tokio-postgres's own, which hides the password.
#[derive(Clone, Debug)]
pub(crate) struct Dsn {
    pub(crate) config: Config,
    pub(crate) tls: TlsMode,
    pub(crate) root_cert: Option<PathBuf>,
}

impl Dsn {
    /// Parses the URL form (`postgres://`) and the form of pairs (`host=... user=...`).
    pub(crate) fn parse(text: &str) -> Result<Self, StoreError> {
        let text = text.trim();
        let (rest, own) = if text.contains("://") { split_url(text)? } else { split_pairs(text) };
        let mut config: Config = rest.parse().map_err(|error: tokio_postgres::Error| {
            let why = std::error::Error::source(&error).map(ToString::to_string);
            fault(&why.unwrap_or_else(|| "it cannot be read".to_owned()))
        })?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(fault("it names no host"));
        }
        if config.get_user().is_none() {
            return Err(fault("it names no user"));
        }
        let tls = own.mode.as_deref().map_or(Ok(TlsMode::Prefer), |word| {
            TlsMode::parse(word).ok_or_else(|| {
                fault("sslmode is one of disable, prefer, require, verify-ca, verify-full")
            })
        })?;
        arrange(&mut config, tls);
        Ok(Self { config, tls, root_cert: own.root_cert.map(PathBuf::from) })
    }

    /// Names the server for people: host, user and database, never the password.
    pub(crate) fn place(&self) -> String {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            #[cfg(unix)]
            Some(Host::Unix(path)) => path.display().to_string(),
            None => {
                self.config.get_hostaddrs().first().map(ToString::to_string).unwrap_or_default()
            }
        };
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        let user = self.config.get_user().unwrap_or_default();
        let database = self.config.get_dbname().unwrap_or(user);
        format!("PostgreSQL at {host}:{port} (user {user}, database {database})")
    }
}

/// Sets what the DSN does not: every wait has an end.
fn arrange(config: &mut Config, tls: TlsMode) {
    config.ssl_mode(match tls {
        TlsMode::Disable => SslMode::Disable,
        TlsMode::Prefer => SslMode::Prefer,
        TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull => SslMode::Require,
    });
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    config.keepalives_idle(Duration::from_secs(30));
    config.tcp_user_timeout(Duration::from_secs(20));
    let options = config.get_options().unwrap_or_default();
    if !options.contains("statement_timeout") {
        let all = format!("{options} -c statement_timeout={}", STATEMENT.as_millis());
        config.options(all.trim());
    }
    if config.get_application_name().is_none() {
        config.application_name("switchyard");
    }
}

#[derive(Debug, Default)]
struct Own {
    mode: Option<String>,
    root_cert: Option<String>,
}

impl Own {
    /// Takes the pair when it is one of ours.
    fn take(&mut self, name: &str, value: &str) -> bool {
        match name {
            "sslmode" => self.mode = Some(value.to_owned()),
            "sslrootcert" => self.root_cert = Some(value.to_owned()),
            _ => return false,
        }
        true
    }
}

fn split_url(text: &str) -> Result<(String, Own), StoreError> {
    let mut url = url::Url::parse(text).map_err(|error| fault(&error.to_string()))?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(fault("it does not start with postgres://"));
    }
    let mut own = Own::default();
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .filter(|(name, value)| !own.take(name, value) && name != "schema")
        .collect();
    url.set_query(None);
    if !pairs.is_empty() {
        // Not form encoding: tokio-postgres would keep its `+` for a space.
        let encode = |text: &str| text.bytes().map(percent).collect::<String>();
        let query: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        url.set_query(Some(&query.join("&")));
    }
    Ok((url.to_string(), own))
}

fn percent(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/') {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// Takes our words out of `name=value name='quoted value'`.
fn split_pairs(text: &str) -> (String, Own) {
    let mut own = Own::default();
    let mut rest = String::new();
    for pair in pairs(text) {
        let (name, value) = pair.split_once('=').unwrap_or((&pair, ""));
        if !own.take(name.trim(), value.trim().trim_matches('\'')) {
            rest.push_str(&pair);
            rest.push(' ');
        }
    }
    (rest, own)
}

fn pairs(text: &str) -> Vec<String> {
    let mut pairs = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for char in text.chars() {
        if char.is_whitespace() && !quoted && !escaped {
            pairs.push(String::new());
            continue;
        }
        quoted ^= char == '\'' && !escaped;
        escaped = char == '\\' && !escaped;
        if let Some(pair) = pairs.last_mut() {
            pair.push(char);
        }
    }
    pairs.retain(|pair| !pair.is_empty());
    pairs
}

fn fault(reason: &str) -> StoreError {
    StoreError::Setup(format!(
        "DSN cannot be used: {reason}; write it as postgres://user:password@host:5432/database"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_form_keeps_its_password_and_loses_our_words() {
        let dsn = Dsn::parse(
            "postgres://ann:p%40ss@db.example:6432/yard?sslmode=verify-full&sslrootcert=/ca.pem&application_name=a%20b",
        );
        let dsn = dsn.unwrap();
        assert_eq!(dsn.config.get_password(), Some("p@ss".as_bytes()));
        assert_eq!(dsn.config.get_application_name(), Some("a b"));
        assert_eq!(dsn.tls, TlsMode::VerifyFull);
        assert_eq!(dsn.root_cert, Some(PathBuf::from("/ca.pem")));
        assert_eq!(dsn.place(), "PostgreSQL at db.example:6432 (user ann, database yard)");
    }

    #[test]
    fn the_form_of_pairs_works_with_quotes() {
        let dsn = Dsn::parse("host=db user='an n' password='p\\' q' sslmode=disable").unwrap();
        assert_eq!(dsn.config.get_password(), Some("p' q".as_bytes()));
        assert_eq!((dsn.config.get_user(), dsn.tls), (Some("an n"), TlsMode::Disable));
    }

    #[test]
    fn a_bad_one_is_told_in_one_sentence_without_the_password() {
        for text in ["mysql://u:hunter2@h/d", "postgres://u:hunter2@h:port/d", "nonsense", ""] {
            let told = Dsn::parse(text).unwrap_err().to_string();
            assert!(told.starts_with("DSN cannot be used"), "{told}");
            assert!(!told.contains("hunter2"), "{told}");
        }
        let told = Dsn::parse("postgres://u:hunter2@h/d?sslmode=maybe").unwrap_err().to_string();
        assert!(told.contains("verify-full") && !told.contains("hunter2"), "{told}");
    }
}
