//! The token of a provider whose key is a Google credential: it is there before the request is
//! prepared, and where the vendor does not take it, one other is got and tried.

use std::sync::Arc;
use std::time::Duration;

use switchyard_actors::credential_keeper::TokenFault;
use switchyard_actors::domain::credential::{Access, Token};
use switchyard_actors::domain::outcome::TryOutcome;
use switchyard_actors::domain::provider::Provider;

use super::failure::AttemptFailure;
use super::flight::Flight;
use super::forward::time_left;
use super::worker::Worker;

/// How long a request waits for a token: the issuer is asked twice at most, five seconds each.
const PATIENCE: Duration = Duration::from_secs(12);
/// The vendor says that it does not take a token.
const UNAUTHENTICATED: u16 = 401;

/// Gets the token of the present try; a provider with a key needs none.
///
/// # Errors
/// There is none: another provider may serve.
pub async fn ready(flight: &mut Flight) -> Result<(), AttemptFailure> {
    let Some(attempt) = &flight.attempt else { return Ok(()) };
    match &attempt.provider.access {
        Access::Key => return Ok(()),
        Access::Unusable(fault) => {
            return Err(refused(&format!("the provider's credential cannot be used: {fault}")));
        }
        Access::Google(_) => {}
    }
    if attempt.token.is_some() {
        return Ok(());
    }
    let keeper = &flight.worker.shared.credentials;
    let asked = keeper.token(&attempt.provider, None, PATIENCE.min(time_left(flight)));
    // Boxed: who needs no token should not pay for the room of this.
    let token = Box::pin(asked).await.map_err(|fault| failure(&fault))?;
    if let Some(attempt) = &mut flight.attempt {
        attempt.token = Some(token);
    }
    Ok(())
}

/// Gets another token when the vendor did not take the present one, once at each provider; tells
/// whether there is one, so that the provider is asked once more.
pub async fn renew(flight: &mut Flight, failure: &AttemptFailure, time_left: Duration) -> bool {
    if failure.status != Some(UNAUTHENTICATED) || failure.inferred {
        return false;
    }
    let Some(attempt) = &mut flight.attempt else { return false };
    let Some(stale) = attempt.token.clone().filter(|_| !attempt.token_renewed) else {
        return false;
    };
    attempt.token_renewed = true;
    let keeper = &flight.worker.shared.credentials;
    let asked = keeper.token(&attempt.provider, Some(&stale), PATIENCE.min(time_left));
    match Box::pin(asked).await {
        Ok(token) => {
            attempt.token = Some(token);
            true
        }
        Err(fault) => {
            let provider = attempt.provider.id.0;
            tracing::debug!(request.id = %flight.arrival.id, provider.id = provider, %fault, "no other token");
            false
        }
    }
}

/// Returns the token for a question of ours; `None` for a provider with a key.
///
/// # Errors
/// There is none.
pub async fn of(
    worker: &Worker,
    provider: &Arc<Provider>,
    within: Duration,
) -> Result<Option<Arc<Token>>, TokenFault> {
    match &provider.access {
        Access::Key => Ok(None),
        Access::Unusable(_) => Err(TokenFault::None),
        Access::Google(_) => {
            let keeper = &worker.shared.credentials;
            Box::pin(keeper.token(provider, None, within)).await.map(Some)
        }
    }
}

fn failure(fault: &TokenFault) -> AttemptFailure {
    match fault {
        TokenFault::Refused(_) | TokenFault::NotTaken | TokenFault::None => {
            refused(&fault.to_string())
        }
        TokenFault::Away(_) | TokenFault::Late => {
            let failure = AttemptFailure::of(TryOutcome::NotSent, fault.to_string());
            AttemptFailure { everywhere: true, ..failure.inferred(502).final_here() }
        }
    }
}

/// The account is at fault, not the host: another account of the same vendor may do better.
fn refused(why: &str) -> AttemptFailure {
    let failure = AttemptFailure::of(TryOutcome::NotSent, why);
    let failure = failure.inferred(UNAUTHENTICATED).final_here();
    AttemptFailure { refuses_account: true, everywhere: true, ..failure }
}
