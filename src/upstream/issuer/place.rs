//! Where tokens may be got. A credential that could name any address would let whoever writes one
//! reach into our own network, and would take its secret anywhere.

use switchyard_actors::domain::credential::GoogleCredential;
use url::Url;

/// Where tokens are got unless a credential says otherwise.
const GOOGLE: &str = "https://oauth2.googleapis.com/token";
/// Other addresses of the same issuer, as older files have them.
const ALSO_GOOGLE: [&str; 4] = [
    "https://accounts.google.com/o/oauth2/token",
    "https://www.googleapis.com/oauth2/v3/token",
    "https://www.googleapis.com/oauth2/v4/token",
    "https://oauth2.mtls.googleapis.com/token",
];
/// Why an address is refused.
pub const NOT_ALLOWED: &str =
    "its token_uri is not Google's, and not the one that GOOGLE_TOKEN_URL allows";

/// The addresses where tokens may be got.
#[derive(Clone, Debug, Default)]
pub struct Places {
    further: Option<String>,
}

impl Places {
    /// Allows Google's addresses and one more, which is compared as a whole.
    #[must_use]
    pub fn with(further: Option<&str>) -> Self {
        Self { further: further.map(str::to_owned) }
    }

    /// Returns where a credential's tokens are got; `None` when it names an address that is not
    /// allowed.
    #[must_use]
    pub fn of<'a>(&'a self, credential: &'a GoogleCredential) -> Option<&'a str> {
        let Some(named) = credential.token_uri.as_deref() else { return Some(GOOGLE) };
        let known = ALSO_GOOGLE.into_iter().chain([GOOGLE]).chain(self.further.as_deref());
        let wanted = Url::parse(named).ok()?;
        let is_it = |known: &&str| Url::parse(known).is_ok_and(|known| known == wanted);
        known.into_iter().find(is_it)
    }
}
