//! How a page is looked at: size, colours, language; and pictures of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::page::{Page, text_of};

/// Width and height of what is seen, in CSS pixels.
pub type Size = (u32, u32);

/// A laptop.
pub const WIDE: Size = (1440, 900);
/// A phone.
pub const NARROW: Size = (390, 844);
/// What is narrower than this is a phone, whose scroll bars take no room.
const PHONE: u32 = 600;

/// The colours that a person prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Light, Self::Dark];

    /// Its name in CSS.
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Page {
    /// Looks at it in another size.
    pub async fn resize(&self, (width, height): Size) {
        let params = json!({ "width": width, "height": height, "deviceScaleFactor": 1,
            "mobile": width < PHONE });
        self.call("Emulation.setDeviceMetricsOverride", params).await;
    }

    /// Prefers colours, and that nothing moves.
    pub async fn prefer(&self, theme: Theme) {
        let features = json!([
            { "name": "prefers-color-scheme", "value": theme.name() },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Asks for a language from now on, such as `zh-CN`.
    pub async fn speak(&self, language: &str) {
        let headers = json!({ "headers": { "Accept-Language": language } });
        self.call("Network.setExtraHTTPHeaders", headers).await;
    }

    /// Fetches everything anew from now on, as at the first visit.
    pub async fn without_cache(&self) {
        self.call("Network.setCacheDisabled", json!({ "cacheDisabled": true })).await;
    }

    /// Returns by how many pixels the page is wider than what is seen of it.
    pub async fn overhang(&self) -> i64 {
        let page = "document.documentElement";
        let pixels = self.evaluate(&format!("{page}.scrollWidth - {page}.clientWidth")).await;
        pixels.as_i64().expect("a number of pixels")
    }

    /// Takes a picture (WebP) of the page from its top, at most so high.
    pub async fn picture(&self, (width, height): Size, at_most: u32) -> Vec<u8> {
        let whole = self.evaluate("document.documentElement.scrollHeight").await;
        let whole = whole.as_u64().and_then(|pixels| u32::try_from(pixels).ok()).unwrap_or(height);
        let clip = json!({ "x": 0, "y": 0, "width": width, "scale": 1,
            "height": whole.clamp(height, at_most.max(height)) });
        let params = json!({ "format": "webp", "quality": 80, "clip": clip,
            "captureBeyondViewport": true });
        let picture = self.call("Page.captureScreenshot", params).await;
        STANDARD.decode(text_of(&picture["data"])).expect("a picture in base64")
    }
}
