//! Unguessable texts. They come from the system's generator directly: unlike luck in a policy,
//! a credential must never be reproducible, not even in a test.

use ring::rand::{SecureRandom, SystemRandom};

use crate::store::StoreError;

/// Returns `BYTES` random bytes as lower-case hexadecimal digits.
pub fn hex<const BYTES: usize>() -> Result<String, StoreError> {
    let mut bytes = [0_u8; BYTES];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled
        .map_err(|_| StoreError::Setup("the system's random generator does not work".to_owned()))?;
    Ok(::hex::encode(bytes))
}
