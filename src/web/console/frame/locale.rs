//! The languages of the console, and which of them a browser gets.

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT_LANGUAGE;
use serde::Serialize;

use crate::web::cookies;

/// The cookie that keeps the choice.
pub const COOKIE: &str = "lang";

/// A language of the console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub enum Locale {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Chinese,
}

impl Locale {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// Returns the language's tag, as in `lang="..."`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// Returns the language's name in itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "简体中文",
        }
    }

    /// Reads a tag: the whole of it, or its language alone.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let tag = tag.trim().to_ascii_lowercase();
        let language = tag.split('-').next().unwrap_or_default();
        match language {
            "en" => Some(Self::English),
            "zh" => Some(Self::Chinese),
            _ => None,
        }
    }

    /// Chooses for a request: what was chosen before, else what the browser asks for first.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        let chosen = cookies::read(request, COOKIE).and_then(|tag| Self::parse(&tag));
        let header = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        chosen.or_else(|| accepted(header.unwrap_or_default())).unwrap_or_default()
    }
}

/// Returns the first language of an `Accept-Language` header that we speak, by its weights.
fn accepted(header: &str) -> Option<Locale> {
    let mut best: Option<(u32, Locale)> = None;
    for entry in header.split(',') {
        let mut parts = entry.split(';');
        let Some(locale) = parts.next().and_then(Locale::parse) else { continue };
        let weight = parts.find_map(|part| weight(part.trim())).unwrap_or(1_000);
        if weight > 0 && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, locale));
        }
    }
    best.map(|(_, locale)| locale)
}

/// Reads `q=0.8` in thousandths.
fn weight(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("q=")?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction: u32 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some(whole.parse::<u32>().ok()?.min(1) * 1_000 + fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_a_browser_likes_best_is_taken_among_ours() {
        for (header, expected) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Some(Locale::Chinese)),
            ("de-DE,de;q=0.9,en-US;q=0.5,zh;q=0.4", Some(Locale::English)),
            ("en;q=0.3, zh-TW;q=0.7", Some(Locale::Chinese)),
            ("fr", None),
            ("en;q=0", None),
            ("", None),
        ] {
            assert_eq!(accepted(header), expected, "{header}");
        }
    }
}
