//! From `REDIS_URL` to a client: user and password (percent-decoded), database number, and TLS with
//! the public authorities, those of `EXTRA_CA_FILE`, or none.

use std::fmt::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use redis::{Client, TlsCertificates};
use switchyard_actors::domain::secret::Secret;

/// Why the address cannot be used. The text names no part of the address: it holds a password.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// Not an address of a Redis.
    #[error(
        "REDIS_URL is not an address of a Redis ({0}): write redis://user:password@host:port/number"
    )]
    Malformed(String),
    /// The file of certificate authorities.
    #[error("EXTRA_CA_FILE cannot be used for Redis: {0}")]
    Authorities(String),
}

/// Makes the client. With `verify` off any certificate is taken; `extra` are certificate authorities
/// besides the public ones.
pub fn client(url: &Secret, verify: bool, extra: Option<&Path>) -> Result<Client, AddressError> {
    let text = url.reveal();
    let malformed = |error: redis::RedisError| {
        AddressError::Malformed(error.detail().unwrap_or("it cannot be read").to_owned())
    };
    if !text.starts_with("rediss://") {
        return Client::open(text).map_err(malformed);
    }
    if !verify {
        let plain = text.split('#').next().unwrap_or(text);
        return Client::open(format!("{plain}#insecure")).map_err(malformed);
    }
    let Some(extra) = extra else { return Client::open(text).map_err(malformed) };
    let own = std::fs::read(extra).map_err(|error| AddressError::Authorities(error.to_string()))?;
    let roots = TlsCertificates { client_tls: None, root_cert: Some(with_public(own)) };
    Client::build_with_tls(text, roots).map_err(malformed)
}

/// Adds the public authorities as PEM: the library takes one list in place of its own.
fn with_public(mut pem: Vec<u8>) -> Vec<u8> {
    let mut text = String::new();
    for certificate in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        let encoded = STANDARD.encode(certificate);
        let _ =
            write!(text, "\n-----BEGIN CERTIFICATE-----\n{encoded}\n-----END CERTIFICATE-----\n");
    }
    pem.extend_from_slice(text.as_bytes());
    pem
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(url: &str) -> Client {
        client(&Secret::new(url), true, None).unwrap()
    }

    #[test]
    fn user_password_and_number_are_read_out_of_the_address() {
        let client = made("redis://u:p%2F%3D@cache:7000/15");
        let info = client.get_connection_info();
        assert_eq!(info.addr().to_string(), "cache:7000");
        let inner = info.redis_settings();
        assert_eq!((inner.username(), inner.password()), (Some("u"), Some("p/=")));
        assert_eq!(inner.db(), 15);
    }

    #[test]
    fn a_certificate_is_verified_unless_that_is_switched_off() {
        let address = |verify| {
            let url = Secret::new("rediss://cache");
            client(&url, verify, None).unwrap().get_connection_info().addr().clone()
        };
        let insecure = |address| match address {
            redis::ConnectionAddr::TcpTls { insecure, .. } => insecure,
            other => panic!("not TLS: {other}"),
        };
        assert!(!insecure(address(true)) && insecure(address(false)));
    }

    #[test]
    fn a_bad_address_is_refused_without_being_repeated() {
        let error = client(&Secret::new("http://u:hunter2@cache"), true, None);
        let text = error.unwrap_err().to_string();
        assert!(text.contains("REDIS_URL") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn an_authority_of_ones_own_comes_beside_the_public_ones() {
        let own = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tls/ca.pem");
        let own_text = std::fs::read_to_string(own).unwrap();
        let all = String::from_utf8(with_public(own_text.clone().into_bytes())).unwrap();
        let public = webpki_root_certs::TLS_SERVER_ROOT_CERTS.len();
        let begins = |text: &str| text.matches("-----BEGIN CERTIFICATE-----").count();
        assert!(public > 50 && begins(&all) == begins(&own_text) + public);
        let url = Secret::new("rediss://cache");
        assert!(client(&url, true, Some(Path::new(own))).is_ok(), "every one of them is read");
        let missing = client(&url, true, Some(Path::new("/nowhere.pem"))).unwrap_err();
        assert!(missing.to_string().contains("EXTRA_CA_FILE"), "{missing}");
    }
}
