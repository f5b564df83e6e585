//! Secrets at rest: user keys are found by hash and kept sealed, provider keys are kept sealed.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};
use switchyard_actors::domain::catalogue::KeyHash;
use switchyard_actors::domain::secret::Secret;
use zeroize::Zeroizing;

use super::error::StoreError;
use super::sessions::TokenMark;
use super::sql::Store;

/// The generated data key's file in the data directory.
const KEY_FILE: &str = "secret.key";
/// Says how a sealed text was made; a later way gets another one.
const VERSION: &str = "v1.";
/// Shorter texts are guessed.
const SHORTEST: usize = 16;
const CHECK: &str = "secret_key_check";
const CHECK_TEXT: &str = "switchyard";

/// Returns what a key is found by.
#[must_use]
pub fn hash_key(text: &str) -> KeyHash {
    Sha256::digest(text.as_bytes()).into()
}

/// Seals and opens secrets with the data key. Clones share it.
#[derive(Clone)]
pub struct Cipher {
    key: Arc<LessSafeKey>,
    marks: Arc<hmac::Key>,
    random: SystemRandom,
}

impl std::fmt::Debug for Cipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cipher(..)")
    }
}

impl Cipher {
    /// Takes the key of `SWITCHYARD_SECRET_KEY`, or the one in the data directory, which is made
    /// when there is none.
    pub fn open(secret: Option<&Secret>, data_dir: &Path) -> Result<Self, StoreError> {
        match secret.filter(|secret| !secret.is_empty()) {
            Some(secret) => Self::from_text(secret.reveal()),
            None => Self::from_text(&from_file(data_dir)?),
        }
    }

    /// Takes 64 hexadecimal digits as the key itself, any other text of at least 16 characters as
    /// what the key is derived from.
    pub fn from_text(text: &str) -> Result<Self, StoreError> {
        let text = text.trim();
        if text.chars().count() < SHORTEST {
            return Err(StoreError::Setup(format!(
                "SWITCHYARD_SECRET_KEY is shorter than {SHORTEST} characters; take a longer text, \
                 for example from `openssl rand -hex 32`"
            )));
        }
        let mut key = Zeroizing::new([0_u8; 32]);
        if hex::decode_to_slice(text, key.as_mut()).is_err() {
            derive(text.as_bytes(), b"aes-256-gcm", key.as_mut())?;
        }
        let mut marks = Zeroizing::new([0_u8; 32]);
        derive(key.as_ref(), b"marks", marks.as_mut())?;
        let marks = Arc::new(hmac::Key::new(hmac::HMAC_SHA256, marks.as_ref()));
        let key = UnboundKey::new(&AES_256_GCM, key.as_ref()).map_err(|_| no_key())?;
        Ok(Self { key: Arc::new(LessSafeKey::new(key)), marks, random: SystemRandom::new() })
    }

    /// Seals a text for one purpose (`providers.sealed_key`); it opens for no other.
    pub fn seal(&self, purpose: &str, plain: &str) -> Result<String, StoreError> {
        let mut nonce = [0_u8; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| no_key())?;
        let mut sealed = plain.as_bytes().to_vec();
        let aad = Aad::from(purpose.as_bytes());
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .map_err(|_| no_key())?;
        let bytes = [nonce.as_slice(), &sealed].concat();
        Ok(format!("{VERSION}{}", BASE64.encode(bytes)))
    }

    /// Opens a sealed text; `None` when it was sealed with another key, for another purpose, or
    /// was changed.
    #[must_use]
    pub fn open_sealed(&self, purpose: &str, sealed: &str) -> Option<Secret> {
        let bytes = BASE64.decode(sealed.strip_prefix(VERSION)?).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut buffer = Zeroizing::new(sealed.to_vec());
        let aad = Aad::from(purpose.as_bytes());
        let plain = self.key.open_in_place(nonce, aad, &mut buffer).ok()?;
        std::str::from_utf8(plain).ok().map(Secret::new)
    }

    /// Marks an admin token by its SHA-256. A plain hash of a token that a person chose could be
    /// guessed from a copy of the database; this one needs the data key too.
    #[must_use]
    pub fn mark(&self, token_hash: &[u8; 32]) -> TokenMark {
        let tag = hmac::sign(&self.marks, token_hash);
        let mut mark = TokenMark::default();
        for (to, from) in mark.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        mark
    }

    /// Compares the key with the database's check value; the first node writes it.
    pub async fn check(&self, store: &Store) -> Result<(), StoreError> {
        let value = store.settle_fact(CHECK, &self.seal(CHECK, CHECK_TEXT)?).await?;
        match self.open_sealed(CHECK, &value) {
            Some(text) if text.reveal() == CHECK_TEXT => Ok(()),
            _ => Err(StoreError::Setup(format!(
                "the secret key of this node is not the one the database ({}) was made with; set \
                 SWITCHYARD_SECRET_KEY to the same text on every node, or copy {KEY_FILE} from the \
                 data directory of the first one",
                store.place()
            ))),
        }
    }
}

fn derive(secret: &[u8], purpose: &[u8], key: &mut [u8]) -> Result<(), StoreError> {
    let salt = Salt::new(HKDF_SHA256, b"switchyard data key v1");
    let material = salt.extract(secret);
    let info = [purpose];
    let expanded = material.expand(&info, HKDF_SHA256).map_err(|_| no_key())?;
    expanded.fill(key).map_err(|_| no_key())
}

fn no_key() -> StoreError {
    StoreError::Setup("the system's cryptography does not work".to_owned())
}

/// Reads the generated key, or makes one that only this user can read.
fn from_file(data_dir: &Path) -> Result<Zeroizing<String>, StoreError> {
    let path = data_dir.join(KEY_FILE);
    let fault = |error: std::io::Error| {
        let path = path.display();
        StoreError::Setup(format!(
            "cannot use {path}: {error}; check that this user may read and write it, or set \
             SWITCHYARD_SECRET_KEY"
        ))
    };
    match fs::read_to_string(&path) {
        Ok(text) if text.trim().len() == 64 => return Ok(Zeroizing::new(text)),
        Ok(_) => {
            return Err(StoreError::Setup(format!(
                "{} is damaged; put it back from a backup, since keys in the database can only be \
                 read with it",
                path.display()
            )));
        }
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(fault(error)),
        Err(_) => {}
    }
    let mut bytes = Zeroizing::new([0_u8; 32]);
    SystemRandom::new().fill(bytes.as_mut()).map_err(|_| no_key())?;
    let text = Zeroizing::new(hex::encode(bytes.as_ref()));
    write_private(&path, &text).map_err(fault)?;
    Ok(text)
}

/// Writes a file that only this user can read, whole or not at all.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let unfinished = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_opens_with_its_key_for_its_purpose_only() {
        let cipher = Cipher::from_text("a text of some length").unwrap();
        let sealed = cipher.seal("providers.sealed_key", "sk-vendor").unwrap();
        assert!(!sealed.contains("sk-vendor"));
        assert_ne!(sealed, cipher.seal("providers.sealed_key", "sk-vendor").unwrap());
        let opened = cipher.open_sealed("providers.sealed_key", &sealed).unwrap();
        assert_eq!(opened.reveal(), "sk-vendor");
        assert_eq!(cipher.open_sealed("user_keys.sealed_key", &sealed), None);
        let other = Cipher::from_text("another text of some length").unwrap();
        assert_eq!(other.open_sealed("providers.sealed_key", &sealed), None);
        let mut changed = sealed.clone();
        changed.replace_range(5..6, if sealed.get(5..6) == Some("A") { "B" } else { "A" });
        assert_eq!(cipher.open_sealed("providers.sealed_key", &changed), None);
    }

    #[test]
    fn a_short_secret_key_is_refused_with_advice() {
        let told = Cipher::from_text("fifteen letters").unwrap_err().to_string();
        assert!(told.contains("openssl rand -hex 32") && !told.contains("fifteen"), "{told}");
    }

    #[test]
    fn the_generated_key_is_made_once_and_only_its_owner_reads_it() {
        let directory = tempfile::tempdir().unwrap();
        let sealed = Cipher::open(None, directory.path()).unwrap().seal("p", "text").unwrap();
        let again = Cipher::open(None, directory.path()).unwrap();
        assert_eq!(again.open_sealed("p", &sealed).unwrap().reveal(), "text");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(directory.path().join(KEY_FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_token_s_mark_tells_tokens_apart_and_needs_the_data_key() {
        let cipher = Cipher::from_text("a text of some length").unwrap();
        let mark = cipher.mark(&hash_key("one token"));
        assert_eq!(
            mark,
            Cipher::from_text("a text of some length").unwrap().mark(&hash_key("one token"))
        );
        assert_ne!(mark, cipher.mark(&hash_key("another token")));
        let other = Cipher::from_text("another text of some length").unwrap();
        assert_ne!(mark, other.mark(&hash_key("one token")));
        assert_ne!(mark, [0; 32]);
    }

    #[test]
    fn a_key_is_found_by_its_sha_256() {
        let hash = hex::encode(hash_key("abc"));
        assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
