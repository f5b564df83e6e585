//! The proxy that a provider is reached through.

use std::fmt;
use std::sync::Arc;

use super::secret::Secret;

/// What may be written for a proxy.
pub const FORMS: &str = "http://host:port, https://host:port, socks5://host:port, \
     socks5h://host:port or socks4://host:port, with user:password@ before the host where it asks \
     for them";
/// What a SOCKS proxy can be told of a user name or a password, in bytes.
const LONGEST_IN_SOCKS: usize = 255;

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProxyScheme {
    /// HTTP: `CONNECT` for encrypted addresses, forwarding for others.
    Http,
    /// The same, with TLS to the proxy.
    Https,
    /// SOCKS5; names are resolved here.
    Socks5,
    /// SOCKS5; names are resolved by the proxy.
    Socks5h,
    /// SOCKS4; names are resolved here, to IPv4.
    Socks4,
}

impl ProxyScheme {
    /// Every scheme with its name and its usual port.
    const ALL: [(Self, &'static str, u16); 5] = [
        (Self::Http, "http", 80),
        (Self::Https, "https", 443),
        (Self::Socks5, "socks5", 1080),
        (Self::Socks5h, "socks5h", 1080),
        (Self::Socks4, "socks4", 1080),
    ];

    fn parse(name: &str) -> Option<(Self, u16)> {
        let known = Self::ALL.iter().find(|(_, known, _)| name.eq_ignore_ascii_case(known));
        known.map(|(scheme, _, port)| (*scheme, *port))
    }

    /// Returns the name in an address.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(scheme, ..)| *scheme == self).map_or("", |(_, name, _)| name)
    }

    /// Tells whether it is an HTTP proxy.
    #[must_use]
    pub const fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }

    /// Tells whether the proxy gets the provider's name and resolves it itself.
    #[must_use]
    pub const fn resolves(self) -> bool {
        matches!(self, Self::Http | Self::Https | Self::Socks5h)
    }
}

/// Who we are at a proxy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProxyUser {
    /// The user name.
    pub name: Secret,
    /// The password; empty where there is none.
    pub password: Secret,
}

/// A proxy. It prints without its user: `socks5://proxy.example:1080`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Proxy {
    /// How it is spoken to.
    pub scheme: ProxyScheme,
    /// Its name or address; IPv6 without brackets.
    pub host: Arc<str>,
    /// Its port.
    pub port: u16,
    /// Who we are there.
    pub user: Option<ProxyUser>,
}

/// How a provider is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ProxyUse {
    /// Directly.
    #[default]
    None,
    /// Through a proxy.
    Through {
        /// The proxy.
        proxy: Arc<Proxy>,
        /// When it fails, the provider may be asked directly.
        or_direct: bool,
    },
    /// Its proxy's address cannot be used: it is not reached at all, for going directly could show
    /// the vendor what was meant to be hidden.
    Unusable(BadProxy),
}

impl ProxyUse {
    /// Reads what is kept of a provider; a blank address is none.
    #[must_use]
    pub fn of(address: Option<&str>, or_direct: bool) -> Self {
        match address.map(str::trim).filter(|text| !text.is_empty()).map(Proxy::parse) {
            None => Self::None,
            Some(Ok(proxy)) => Self::Through { proxy: Arc::new(proxy), or_direct },
            Some(Err(bad)) => Self::Unusable(bad),
        }
    }

    /// Returns the proxy.
    #[must_use]
    pub const fn proxy(&self) -> Option<&Arc<Proxy>> {
        match self {
            Self::Through { proxy, .. } => Some(proxy),
            Self::None | Self::Unusable(_) => None,
        }
    }

    /// Tells whether there is no way to the provider.
    #[must_use]
    pub const fn is_unusable(&self) -> bool {
        matches!(self, Self::Unusable(_))
    }
}

/// Why an address is not one of a proxy. The sentences repeat nothing of the address: any part of
/// it may be a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum BadProxy {
    /// There is no `scheme://`.
    #[error("it has no scheme: write {FORMS}")]
    NoScheme,
    /// The scheme is not one of ours.
    #[error("its scheme is not known: write {FORMS}")]
    Scheme,
    /// The host is missing or has characters that no host has.
    #[error("its host is missing or is not one: write {FORMS}")]
    Host,
    /// The port is no number from 1 to 65535.
    #[error("its port is not a number from 1 to 65535: write {FORMS}")]
    Port,
    /// User name or password are not what this kind of proxy can be told.
    #[error(
        "its user name or password cannot be sent: HTTP takes no colon in a name, SOCKS5 takes 1 to \
         255 bytes for each, SOCKS4 takes a name alone; write other characters as %XX"
    )]
    User,
    /// Something follows behind the port.
    #[error(
        "something follows its port: in a user name or password write / as %2F, ? as %3F and # as %23"
    )]
    More,
}

impl BadProxy {
    /// Every reason.
    pub const ALL: [Self; 6] =
        [Self::NoScheme, Self::Scheme, Self::Host, Self::Port, Self::User, Self::More];
}

impl Proxy {
    /// Reads an address: `scheme://[user[:password]@]host[:port][/]`, where `%XX` stands for a byte
    /// of a user name or password.
    ///
    /// # Errors
    /// Says what to write.
    pub fn parse(text: &str) -> Result<Self, BadProxy> {
        let (scheme, rest) = text.trim().split_once("://").ok_or(BadProxy::NoScheme)?;
        let (scheme, usual) = ProxyScheme::parse(scheme).ok_or(BadProxy::Scheme)?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        // What looks like a path may be the rest of a password whose host would be another one.
        if authority.contains(['/', '?', '#', '\\']) {
            return Err(BadProxy::More);
        }
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(user).filter(|user| !user.is_empty()), place),
            None => (None, authority),
        };
        let (host, port) = split_place(place)?;
        let user = user.map(|user| read_user(scheme, user)).transpose()?;
        let host = Arc::from(host.to_ascii_lowercase());
        Ok(Self { scheme, host, port: port.unwrap_or(usual), user })
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, host, port) = (self.scheme.name(), &self.host, self.port);
        if host.contains(':') {
            write!(f, "{scheme}://[{host}]:{port}")
        } else {
            write!(f, "{scheme}://{host}:{port}")
        }
    }
}

fn split_place(place: &str) -> Result<(&str, Option<u16>), BadProxy> {
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or(BadProxy::Host)?;
            let is_v6 = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
            if !host.contains(':') || !host.bytes().all(is_v6) {
                return Err(BadProxy::Host);
            }
            match port.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if port.is_empty() => (host, None),
                None => return Err(BadProxy::Host),
            }
        }
        None => match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        },
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if host.is_empty() || !(host.contains(':') || host.bytes().all(is_name)) {
        return Err(BadProxy::Host);
    }
    let port = port.filter(|port| !port.is_empty()).map(read_port).transpose()?;
    Ok((host, port))
}

fn read_port(text: &str) -> Result<u16, BadProxy> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let port = text.parse().ok().filter(|port| is_number && *port != 0);
    port.ok_or(BadProxy::Port)
}

fn read_user(scheme: ProxyScheme, text: &str) -> Result<ProxyUser, BadProxy> {
    let (name, password) = text.split_once(':').unwrap_or((text, ""));
    let (name, password) = (decoded(name)?, decoded(password)?);
    let fits_socks = |text: &str| (1..=LONGEST_IN_SOCKS).contains(&text.len());
    let fits = match scheme {
        ProxyScheme::Http | ProxyScheme::Https => !name.contains(':'),
        ProxyScheme::Socks5 | ProxyScheme::Socks5h => fits_socks(&name) && fits_socks(&password),
        ProxyScheme::Socks4 => fits_socks(&name) && password.is_empty(),
    };
    if !fits || name.chars().chain(password.chars()).any(char::is_control) {
        return Err(BadProxy::User);
    }
    Ok(ProxyUser { name: Secret::new(&name), password: Secret::new(&password) })
}

/// Replaces `%XX` by its byte; a percent sign that no two digits follow stands for itself.
fn decoded(text: &str) -> Result<String, BadProxy> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let coded = after.split_at_checked(2).filter(|_| *first == b'%');
        let coded = coded.and_then(|(code, after)| Some((byte_of(code)?, after)));
        let (byte, after) = coded.unwrap_or((*first, after));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).map_err(|_| BadProxy::User)
}

fn byte_of(code: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(code).ok()?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u8::from_str_radix(digits, 16).ok().filter(|_| is_hex)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn user(text: &str) -> (String, String) {
        let user = Proxy::parse(text).unwrap().user.unwrap();
        (user.name.reveal().to_owned(), user.password.reveal().to_owned())
    }

    #[test]
    fn an_address_is_a_scheme_a_host_and_perhaps_a_port() {
        for (text, shown) in [
            ("http://proxy.example:3128", "http://proxy.example:3128"),
            ("  HTTP://Proxy.Example/ ", "http://proxy.example:80"),
            ("https://p", "https://p:443"),
            ("socks5://10.0.0.1", "socks5://10.0.0.1:1080"),
            ("socks5h://[fd00::1]:9050", "socks5h://[fd00::1]:9050"),
            ("socks4://p:", "socks4://p:1080"),
            ("http://user:secret@p:8080", "http://p:8080"),
            ("http://@p:8080", "http://p:8080"),
        ] {
            assert_eq!(Proxy::parse(text).unwrap().to_string(), shown, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_says_what_to_write() {
        for (text, why) in [
            ("proxy.example:8080", BadProxy::NoScheme),
            ("user:secret@proxy.example:8080", BadProxy::NoScheme),
            ("", BadProxy::NoScheme),
            ("//proxy.example", BadProxy::NoScheme),
            ("ftp://p:1", BadProxy::Scheme),
            ("://p:1", BadProxy::Scheme),
            ("http://", BadProxy::Host),
            ("http://:8080", BadProxy::Host),
            ("http://a b:1", BadProxy::Host),
            ("http://[1234]:1", BadProxy::Host),
            ("http://[::1]8080", BadProxy::Host),
            ("http://fd00::1:8080", BadProxy::Port),
            ("http://p:0", BadProxy::Port),
            ("http://p:65536", BadProxy::Port),
            ("http://p:+80", BadProxy::Port),
            ("http://user:12#34@p:8080", BadProxy::More),
            ("http://p:8080/path", BadProxy::More),
            ("http://a%3Ab:c@p", BadProxy::User),
            ("http://a:b%0d%0aX-Y%3A%20z@p", BadProxy::User),
            ("http://a:%ff@p", BadProxy::User),
            ("socks5://name@p", BadProxy::User),
            ("socks4://name:password@p", BadProxy::User),
        ] {
            assert_eq!(Proxy::parse(text), Err(why), "{text}");
            assert!(!why.to_string().contains("secret") && why.to_string().contains("write"));
        }
        let long = format!("socks5h://{}:b@p", "a".repeat(256));
        assert_eq!(Proxy::parse(&long), Err(BadProxy::User));
    }

    #[test]
    fn user_and_password_are_percent_decoded() {
        assert_eq!(user("http://al%40ice:p%3Aa%2Fss@p"), ("al@ice".into(), "p:a/ss".into()));
        assert_eq!(user("socks5://u:p@ss@p:1"), ("u".into(), "p@ss".into()));
        assert_eq!(user("http://token@p"), ("token".into(), String::new()));
        assert_eq!(user("http://50%:%zz%4@p"), ("50%".into(), "%zz%4".into()));
        assert_eq!(user("http://%E4%BD%A0:x@p"), ("你".into(), "x".into()));
    }

    #[test]
    fn who_we_are_is_never_printed() {
        let proxy = Proxy::parse("http://alice:opensesame@p:1").unwrap();
        let printed = format!("{proxy} {proxy:?}");
        assert!(!printed.contains("alice") && !printed.contains("opensesame"), "{printed}");
    }

    #[test]
    fn a_blank_address_is_none_and_a_bad_one_is_never_a_direct_way() {
        assert_eq!(ProxyUse::of(None, true), ProxyUse::None);
        assert_eq!(ProxyUse::of(Some("  "), true), ProxyUse::None);
        assert!(ProxyUse::of(Some("p:8080"), true).is_unusable());
        let through = ProxyUse::of(Some("http://p:8080"), true);
        assert!(matches!(&through, ProxyUse::Through { or_direct: true, .. }));
        assert_eq!(through.proxy().unwrap().port, 8080);
    }

    proptest! {
        #[test]
        fn every_user_survives_being_written(name in "[^\\p{C}:]{1,20}", password in "[^\\p{C}]{1,20}") {
            let coded = |text: &str| -> String {
                text.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02X}"))
            };
            let text = format!("http://{}:{}@p:1", coded(&name), coded(&password));
            prop_assert_eq!(user(&text), (name, password));
        }

        #[test]
        fn nothing_typed_is_read_as_another_host(text in "\\PC{0,40}") {
            if let Ok(proxy) = Proxy::parse(&text) {
                let again = Proxy::parse(&proxy.to_string()).unwrap();
                prop_assert_eq!((again.host, again.port), (proxy.host, proxy.port));
            }
        }
    }
}
