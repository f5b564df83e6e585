//! What a setting may be: the grammar of the second part of a documentation line, the reading of a
//! raw text by it, and the words that tell a person what is allowed.

use std::fmt;
use std::time::Duration;

use super::network::Network;
use super::{certificates, dsn, instructions};

/// A unit of whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A plain number.
    Count,
    /// A number of bytes, also written with KiB, MiB or GiB.
    Bytes,
    /// Milliseconds.
    Millis,
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
}

/// What a setting may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// true/false, 1/0, yes/no, on/off.
    Flag,
    /// A whole number in a range, both ends included.
    Number {
        /// What is counted.
        unit: Unit,
        /// The smallest one allowed.
        least: u64,
        /// The largest one allowed.
        most: u64,
        /// The word `auto` is allowed too.
        auto: bool,
    },
    /// One of a few words.
    Choice(Vec<String>),
    /// Anything.
    Text,
    /// An address of this machine or a host name.
    Address,
    /// A host and a port to connect to.
    HostPort,
    /// A URL with one of the schemes.
    Url(Vec<String>),
    /// The URL of a PostgreSQL database.
    Database,
    /// A PEM file with certificate authorities.
    Certificates,
    /// A list of text files, each for the models of a pattern.
    Instructions,
    /// A list of networks in CIDR form.
    Networks,
    /// A path of a file or directory.
    Path,
    /// An IANA time zone.
    TimeZone,
    /// 32 bytes in hex or base64.
    DataKey,
    /// A text that is too long to be guessed.
    Passphrase,
}

/// Shorter texts are guessed.
const SHORTEST_PASSPHRASE: usize = 16;

/// A setting's value once it has been found legal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// A boolean.
    Flag(bool),
    /// A whole number in the unit of its kind.
    Number(u64),
    /// A span of time.
    Span(Duration),
    /// The word `auto`.
    Auto,
    /// A text.
    Text(String),
    /// Networks.
    Networks(Vec<Network>),
}

/// What a setting may be, and how it is treated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it may be.
    pub kind: Kind,
    /// Nothing is allowed too.
    pub empty: bool,
    /// It must not be shown.
    pub secret: bool,
}

impl Rule {
    /// Reads the words of a documentation line, such as `integer 1 to 10` or `text or empty, secret`.
    pub fn parse(words: &str) -> Option<Self> {
        let (words, secret) = strip(words, ", secret");
        let (words, empty) = strip(words, " or empty");
        Some(Self { kind: Kind::parse(words)?, empty, secret })
    }

    /// Reads a raw text; `None` means it is not allowed.
    pub fn read(&self, raw: &str) -> Option<Parsed> {
        if raw.is_empty() {
            return self.empty.then(|| match self.kind {
                Kind::Networks => Parsed::Networks(Vec::new()),
                _ => Parsed::Text(String::new()),
            });
        }
        self.kind.read(raw)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if self.empty { f.write_str(", or nothing") } else { Ok(()) }
    }
}

fn strip<'a>(words: &'a str, suffix: &str) -> (&'a str, bool) {
    words.strip_suffix(suffix).map_or((words, false), |rest| (rest, true))
}

impl Kind {
    fn parse(words: &str) -> Option<Self> {
        let (first, rest) = words.split_once(' ').unwrap_or((words, ""));
        Some(match first {
            "boolean" => Self::Flag,
            "one" => Self::Choice(list(rest.strip_prefix("of ")?)),
            "text" => Self::Text,
            "address" => Self::Address,
            "host:port" => Self::HostPort,
            "url" => Self::Url(list(rest)),
            "database" => Self::Database,
            "certificates" => Self::Certificates,
            "instructions" => Self::Instructions,
            "networks" => Self::Networks,
            "path" => Self::Path,
            "time" => Self::TimeZone,
            "data" => Self::DataKey,
            "passphrase" => Self::Passphrase,
            _ => return Self::parse_number(words),
        })
    }

    fn parse_number(words: &str) -> Option<Self> {
        let bare = words.strip_prefix("auto or ");
        let (unit, range) = bare.unwrap_or(words).split_once(' ')?;
        let (least, most) = range.split_once(" to ")?;
        let unit = match unit {
            "integer" => Unit::Count,
            "bytes" => Unit::Bytes,
            "milliseconds" => Unit::Millis,
            "seconds" => Unit::Seconds,
            "minutes" => Unit::Minutes,
            _ => return None,
        };
        let (least, most) = (whole(least, unit)?, whole(most, unit)?);
        Some(Self::Number { unit, least, most, auto: bare.is_some() })
    }

    fn read(&self, raw: &str) -> Option<Parsed> {
        match self {
            Self::Flag => flag(raw).map(Parsed::Flag),
            Self::Number { auto: true, .. } if raw.eq_ignore_ascii_case("auto") => {
                Some(Parsed::Auto)
            }
            Self::Number { unit, least, most, .. } => whole(raw, *unit)
                .filter(|number| (*least..=*most).contains(number))
                .map(|number| in_unit(number, *unit)),
            Self::Choice(words) => {
                words.iter().find(|word| word.eq_ignore_ascii_case(raw)).cloned().map(Parsed::Text)
            }
            Self::Networks => {
                let networks: Option<Vec<Network>> =
                    list(raw).iter().map(|n| n.parse().ok()).collect();
                networks.map(Parsed::Networks)
            }
            _ => self.accepts_text(raw).then(|| Parsed::Text(self.normal(raw))),
        }
    }

    fn accepts_text(&self, raw: &str) -> bool {
        match self {
            Self::Address => is_address(raw),
            Self::HostPort => is_host_port(raw),
            Self::Url(schemes) => {
                url::Url::parse(raw).is_ok_and(|url| schemes.iter().any(|s| s == url.scheme()))
            }
            Self::Database | Self::Certificates | Self::Instructions => self.reason(raw).is_none(),
            Self::TimeZone => jiff::tz::TimeZone::get(&self.normal(raw)).is_ok(),
            Self::DataKey => super::data_key::read(raw).is_some(),
            Self::Passphrase => raw.chars().count() >= SHORTEST_PASSPHRASE,
            _ => !raw.contains('\0'),
        }
    }

    /// Says what is wrong with a text where that is more than not being of the kind.
    pub fn reason(&self, raw: &str) -> Option<String> {
        match self {
            Self::Database => dsn::check(raw).err(),
            Self::Certificates => certificates::check(raw).err(),
            Self::Instructions => instructions::check(raw).err(),
            _ => None,
        }
    }

    /// Takes off the colon that POSIX allows before a zone's name.
    fn normal(&self, raw: &str) -> String {
        match self {
            Self::TimeZone => raw.trim_start_matches(':').to_owned(),
            _ => raw.to_owned(),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("true, false, 1, 0, yes, no, on or off"),
            Self::Number { unit, least, most, auto } => {
                let auto = if *auto { "auto, or " } else { "" };
                let (least, most) = (show(*least, *unit), show(*most, *unit));
                write!(f, "{auto}{} from {least} to {most}", unit.words())
            }
            Self::Choice(words) => write!(f, "one of {}", words.join(", ")),
            Self::Text => f.write_str("any text"),
            Self::Address => f.write_str("an IP address or a host name, without a port"),
            Self::HostPort => f.write_str("a host and a port such as one.one.one.one:443"),
            Self::Url(schemes) => {
                write!(f, "a URL that begins with {}://", schemes.join(":// or "))
            }
            Self::Database => f.write_str("a URL that begins with postgres:// or postgresql://"),
            Self::Certificates => f.write_str("a PEM file with certificates"),
            Self::Instructions => {
                f.write_str("a list of text files such as a.md or gpt-*=a.md,b.md")
            }
            Self::Networks => {
                f.write_str("a comma-separated list of networks such as 10.0.0.0/8,::1")
            }
            Self::Path => f.write_str("a path"),
            Self::TimeZone => f.write_str("the IANA name of a time zone such as Asia/Shanghai"),
            Self::DataKey => f.write_str("32 bytes as 64 hex digits or as base64"),
            Self::Passphrase => write!(f, "a text of at least {SHORTEST_PASSPHRASE} characters"),
        }
    }
}

impl Unit {
    const fn words(self) -> &'static str {
        match self {
            Self::Count => "a whole number",
            Self::Bytes => "a number of bytes (KiB, MiB and GiB are understood)",
            Self::Millis => "whole milliseconds",
            Self::Seconds => "whole seconds",
            Self::Minutes => "whole minutes",
        }
    }
}

/// Reads a boolean in any of its spellings.
fn flag(raw: &str) -> Option<bool> {
    match raw.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// Splits a comma-separated list and leaves out what is empty.
fn list(raw: &str) -> Vec<String> {
    raw.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

const SIZES: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

/// Reads digits alone: no sign, no exponent, no fraction.
fn whole(raw: &str, unit: Unit) -> Option<u64> {
    let digits = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten()
    };
    if unit == Unit::Bytes {
        let sized = SIZES.iter().find_map(|(name, factor)| {
            let head = raw.len().checked_sub(name.len()).and_then(|at| raw.split_at_checked(at));
            head.filter(|(_, tail)| tail.eq_ignore_ascii_case(name)).map(|(head, _)| (head, factor))
        });
        if let Some((head, factor)) = sized {
            return digits(head.trim_end())?.checked_mul(*factor);
        }
    }
    digits(raw)
}

fn show(number: u64, unit: Unit) -> String {
    let exact = |(_, factor): &&(&str, u64)| number > 0 && number.is_multiple_of(*factor);
    match SIZES.iter().find(exact) {
        Some((name, factor)) if unit == Unit::Bytes => format!("{} {name}", number / factor),
        _ => number.to_string(),
    }
}

const fn in_unit(number: u64, unit: Unit) -> Parsed {
    match unit {
        Unit::Count | Unit::Bytes => Parsed::Number(number),
        Unit::Millis => Parsed::Span(Duration::from_millis(number)),
        Unit::Seconds => Parsed::Span(Duration::from_secs(number)),
        Unit::Minutes => Parsed::Span(Duration::from_secs(number * 60)),
    }
}

/// Tells whether the text can be bound: an address, or a name of letters, digits, dots and hyphens.
fn is_address(raw: &str) -> bool {
    raw.parse::<std::net::IpAddr>().is_ok()
        || (raw.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
            && raw.bytes().any(|b| b.is_ascii_alphabetic()))
}

/// Tells whether the text names a host and a port; IPv6 addresses stand in brackets.
fn is_host_port(raw: &str) -> bool {
    raw.rsplit_once(':').is_some_and(|(host, port)| {
        let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_host = v6.map_or_else(
            || is_address(host) && !host.contains(':'),
            |v6| v6.parse::<std::net::Ipv6Addr>().is_ok(),
        );
        is_host && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}

#[cfg(test)]
#[path = "kind_tests.rs"]
mod tests;
