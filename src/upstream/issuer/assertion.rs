//! What a service account signs to get a token (RFC 7523): who it is, for what, and until when.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pemfile::Item;
use serde_json::json;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::secret::Secret;

/// What Gemini's services ask for.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform \
                     https://www.googleapis.com/auth/generative-language";
/// Google takes no longer one.
const LASTS_S: i64 = 3_600;
/// Clocks differ: who signs in the future is refused.
const BACKDATED_S: i64 = 10;
/// Why nothing is signed.
pub const UNREADABLE: &str = "its private_key is no RSA key in PEM";

/// Tells whether a private key can sign.
#[must_use]
pub fn is_key(pem: &Secret) -> bool {
    key(pem).is_some()
}

/// Returns a signed assertion for an issuer's address; `None` when the key cannot sign.
#[must_use]
pub fn signed(
    email: &str,
    pem: &Secret,
    key_id: Option<&str>,
    audience: &str,
    now: Micros,
) -> Option<Secret> {
    let key = key(pem)?;
    let head = match key_id {
        Some(id) => json!({ "alg": "RS256", "typ": "JWT", "kid": id }),
        None => json!({ "alg": "RS256", "typ": "JWT" }),
    };
    let since = now.seconds().saturating_sub(BACKDATED_S);
    let claims = json!({
        "iss": email,
        "scope": SCOPE,
        "aud": audience,
        "iat": since,
        "exp": since + LASTS_S,
    });
    let text = format!("{}.{}", BASE64.encode(head.to_string()), BASE64.encode(claims.to_string()));
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).ok()?;
    Some(Secret::new(&format!("{text}.{}", BASE64.encode(signature))))
}

fn key(pem: &Secret) -> Option<RsaKeyPair> {
    let mut text = pem.reveal().as_bytes();
    loop {
        match rustls_pemfile::read_one(&mut text).ok()?? {
            Item::Pkcs8Key(der) => return RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).ok(),
            Item::Pkcs1Key(der) => return RsaKeyPair::from_der(der.secret_pkcs1_der()).ok(),
            _ => {}
        }
    }
}

/// Returns the public part of a key, for tests.
#[cfg(test)]
pub fn public(pem: &Secret) -> Option<Vec<u8>> {
    Some(key(pem)?.public().as_ref().to_vec())
}
