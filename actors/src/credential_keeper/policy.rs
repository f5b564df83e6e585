//! When a token is got, and when not: pure.

use std::sync::Arc;
use std::time::Duration;

use rand::Rng;

use crate::domain::credential::{Mark, Token};
use crate::domain::instant::Micros;
use crate::domain::secret::Secret;
use crate::shared::tokens::{HeldToken, TokenTrouble};

/// So long before its end a token that is used is replaced; of one that lasts shorter, a fifth.
const AHEAD: Duration = Duration::from_mins(5);
/// Up to so much earlier, by lot: nodes do not all ask at once.
const SPREAD: Duration = Duration::from_mins(1);
/// No request begins with a token that is over sooner; of one that lasts shorter, a tenth.
const REST: Duration = Duration::from_secs(30);
/// A vendor that does not take a token this young will not take the next one either.
const YOUNG: Duration = Duration::from_mins(1);
/// The first pause after a failure; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// The same for a credential that is refused: only a new one is likely to help.
const FIRST_PAUSE_REFUSED: Duration = Duration::from_mins(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(30);

/// Why there is no token. The words hold no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// The issuer refuses the credential.
    #[error("the provider's credential is refused: {0}")]
    Refused(Arc<str>),
    /// The vendor does not take tokens that were just got.
    #[error("the vendor refuses a token that was just got")]
    NotTaken,
    /// The issuer, or what keeps credentials, is away.
    #[error("{0}")]
    Away(Arc<str>),
    /// No token came in time.
    #[error("no token came in time")]
    Late,
    /// The provider has no credential.
    #[error("the provider has no credential")]
    None,
}

/// What to do for one who asks for a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// There is one.
    Answer(Arc<Token>),
    /// There will be none just now.
    Refuse(TokenFault),
    /// One is on its way.
    Wait,
    /// One must be got.
    Begin,
}

/// What is known of a credential.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// Its token.
    pub held: Option<&'a HeldToken>,
    /// What troubles it.
    pub trouble: Option<&'a TokenTrouble>,
    /// A token is being got.
    pub is_under_way: bool,
}

/// Decides for one who asks, perhaps instead of a token that the vendor did not take.
#[must_use]
pub fn step(known: Known<'_>, instead_of: Option<&Secret>, now: Micros) -> Step {
    if let Some(held) = known.held {
        let is_other = instead_of.is_none_or(|stale| held.token.secret != *stale);
        if is_other && now < held.good_until {
            return Step::Answer(Arc::clone(&held.token));
        }
        if !is_other && held.got_at.is_some_and(|at| now.since(at) < YOUNG) {
            return Step::Refuse(TokenFault::NotTaken);
        }
    }
    if known.is_under_way {
        return Step::Wait;
    }
    match known.trouble.filter(|trouble| now < trouble.until) {
        Some(trouble) => Step::Refuse(fault(trouble)),
        None => Step::Begin,
    }
}

/// Returns what one is told of a credential in trouble.
#[must_use]
pub fn fault(trouble: &TokenTrouble) -> TokenFault {
    let why = Arc::clone(&trouble.why);
    if trouble.refused { TokenFault::Refused(why) } else { TokenFault::Away(why) }
}

/// Returns a token as it is held: how long requests begin with it, and when the next one is got.
#[must_use]
pub fn hold(
    token: Token,
    of: [Mark; 2],
    got_at: Option<Micros>,
    now: Micros,
    rng: &mut impl Rng,
) -> HeldToken {
    let lasts = token.expires_at.since(now);
    let (rest, ahead) = (REST.min(lasts / 10), AHEAD.min(lasts / 5));
    let spread = SPREAD.min(lasts / 20);
    let early = ahead + spread * rng.random_range(0..=100) / 100;
    HeldToken {
        good_until: token.expires_at.minus(rest),
        renew_at: token.expires_at.minus(early),
        token: Arc::new(token),
        of,
        got_at,
    }
}

/// Returns how long a credential is left alone after so many failures in a row.
#[must_use]
pub fn pause(refused: bool, failures: u32, rng: &mut impl Rng) -> Duration {
    let first = if refused { FIRST_PAUSE_REFUSED } else { FIRST_PAUSE };
    let span = first.saturating_mul(1 << failures.saturating_sub(1).min(12)).min(LONGEST_PAUSE);
    span + span * rng.random_range(0..=20) / 100
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    const NOW: Micros = Micros(1_000_000_000_000);
    const MINUTE: Duration = Duration::from_mins(1);

    fn held(lasts: Duration, got_at: Option<Micros>) -> HeldToken {
        let token = Token { secret: Secret::new("t"), expires_at: NOW.plus(lasts) };
        hold(token, [[1; 16]; 2], got_at, NOW, &mut ChaCha8Rng::seed_from_u64(1))
    }

    fn trouble(refused: bool, until: Micros) -> TokenTrouble {
        let why = Arc::from("no");
        TokenTrouble { of: [1; 16], refused, since: NOW, why, until, failures: 1 }
    }

    #[test]
    fn a_good_token_is_answered_whatever_else_is_known() {
        let held = held(60 * MINUTE, None);
        let trouble = trouble(true, NOW.plus(MINUTE));
        let known = Known { held: Some(&held), trouble: Some(&trouble), is_under_way: true };
        assert_eq!(step(known, None, NOW), Step::Answer(Arc::clone(&held.token)));
        let other = Secret::new("stale");
        assert_eq!(step(known, Some(&other), NOW), Step::Answer(Arc::clone(&held.token)));
    }

    #[test]
    fn a_token_that_is_not_taken_is_replaced_unless_it_was_just_got() {
        let stale = Secret::new("t");
        for (got_at, wanted) in [
            (None, Step::Begin),
            (Some(NOW.minus(MINUTE)), Step::Begin),
            (Some(NOW.minus(MINUTE / 2)), Step::Refuse(TokenFault::NotTaken)),
        ] {
            let held = held(60 * MINUTE, got_at);
            let known = Known { held: Some(&held), ..Known::default() };
            assert_eq!(step(known, Some(&stale), NOW), wanted);
        }
    }

    #[test]
    fn who_comes_while_one_is_got_waits_and_who_comes_in_a_pause_is_refused() {
        let wait = Known { is_under_way: true, ..Known::default() };
        assert_eq!(step(wait, None, NOW), Step::Wait);
        assert_eq!(step(Known::default(), None, NOW), Step::Begin);
        let refused = trouble(true, NOW.plus(MINUTE));
        let known = Known { trouble: Some(&refused), ..Known::default() };
        assert_eq!(step(known, None, NOW), Step::Refuse(TokenFault::Refused("no".into())));
        assert_eq!(step(known, None, NOW.plus(MINUTE)), Step::Begin);
        let away = trouble(false, NOW.plus(MINUTE));
        let known = Known { trouble: Some(&away), ..Known::default() };
        assert_eq!(step(known, None, NOW), Step::Refuse(TokenFault::Away("no".into())));
    }

    #[test]
    fn a_token_is_replaced_minutes_before_its_end_and_used_until_shortly_before() {
        let held = held(60 * MINUTE, None);
        let left = |at: Micros| NOW.plus(60 * MINUTE).since(at);
        assert_eq!(left(held.good_until), Duration::from_secs(30));
        assert!((5 * MINUTE..=6 * MINUTE).contains(&left(held.renew_at)));
    }

    #[test]
    fn pauses_grow_and_a_refused_credential_is_left_alone_longer() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for (refused, failures, least) in
            [(false, 1, 2), (false, 4, 16), (true, 1, 60), (true, 3, 240), (true, 40, 1_800)]
        {
            let span = pause(refused, failures, &mut rng).as_secs();
            assert!((least..=least * 6 / 5).contains(&span), "{refused} {failures}: {span}");
        }
    }

    proptest! {
        /// However short a token lasts, requests may begin with it before it is over, and the next one
        /// is got while it is still good.
        #[test]
        fn a_token_is_always_good_for_a_while(lasts in 1_000_u64..100_000_000, seed: u64) {
            let lasts = Duration::from_millis(lasts);
            let token = Token { secret: Secret::new("t"), expires_at: NOW.plus(lasts) };
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let held = hold(token, [[1; 16]; 2], None, NOW, &mut rng);
            prop_assert!(NOW < held.renew_at && held.renew_at < held.good_until);
            prop_assert!(held.good_until < held.token.expires_at);
        }
    }
}
