//! How much a request may lose: nothing is sent that loses more. Pure.

use switchyard_actors::domain::loss_policy::LossPolicy;

use crate::wire::convert::Refused;
use crate::wire::convert::loss::{Loss, Losses, Token};

/// The code of such a refusal.
pub const CODE: &str = "conversion_loss";

/// What is told and yet no reason to refuse a request under any policy: the name of the user behind the
/// client. It is kept back on purpose, nothing that is asked changes with it, and Claude Code gives one with
/// each request.
const NO_LOSS: Token = Token::DropEndUser;

/// What may be left out without a change of what is asked: hints about caching, labels for the caller's
/// own books, how it is served and how long-winded it is told, and what only the vendor that made it can
/// read.
const HARMLESS: [Token; 20] = [
    Token::DropCacheControl,
    Token::DropCacheKey,
    Token::DropCacheMarkExcess,
    Token::DropCitations,
    Token::DropClientMetadata,
    Token::DropDocumentTitle,
    Token::DropEndUser,
    Token::DropEnvelopeIds,
    Token::DropHint,
    Token::DropImageDetail,
    Token::DropLabels,
    Token::DropMetadata,
    Token::DropReasoningCount,
    Token::DropStopText,
    Token::DropThinking,
    Token::DropThinkingForeign,
    Token::DropThinkingSealed,
    Token::DropTier,
    Token::DropToolExamples,
    Token::DropVerbosity,
];

/// Judges what a request has lost.
///
/// # Errors
/// It is more than the policy allows; the text names the first loss and its place.
pub fn judge(policy: LossPolicy, losses: &Losses) -> Result<(), Refused> {
    let too_much = losses.iter().find(|loss| !may_be_lost(policy, loss.token));
    too_much.map_or(Ok(()), |loss| Err(refusal(loss)))
}

fn may_be_lost(policy: LossPolicy, token: Token) -> bool {
    match policy {
        LossPolicy::Lenient => true,
        LossPolicy::Strict => !token.is_drop() || HARMLESS.contains(&token),
        LossPolicy::Refuse => token == NO_LOSS,
    }
}

fn refusal(loss: &Loss) -> Refused {
    let place = if loss.path.is_empty() { "of the body" } else { loss.path.as_str() };
    let message = format!(
        "this request would lose {} ({place}) on its way to the model, and that is not allowed here",
        loss.token
    );
    Refused::coded(CODE, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(tokens: &[Token]) -> Losses {
        let mut losses = Losses::default();
        for token in tokens {
            losses.push(*token, "/top_k");
        }
        losses
    }

    #[test]
    fn each_policy_allows_less_than_the_one_before() {
        let cases = [
            (vec![], [true, true, true]),
            (vec![Token::ApproxSchema], [true, true, false]),
            (vec![Token::DropCacheControl], [true, true, false]),
            (vec![Token::DropTopK], [true, false, false]),
            (vec![Token::DropCacheControl, Token::DropTopK], [true, false, false]),
        ];
        for (tokens, expected) in cases {
            let policies = [LossPolicy::Lenient, LossPolicy::Strict, LossPolicy::Refuse];
            let allowed = policies.map(|policy| judge(policy, &lost(&tokens)).is_ok());
            assert_eq!(allowed, expected, "{tokens:?}");
        }
    }

    #[test]
    fn a_refusal_names_the_token_and_the_place() {
        let refused = judge(LossPolicy::Strict, &lost(&[Token::DropTopK])).unwrap_err();
        assert_eq!(refused.code, CODE);
        assert!(refused.message.contains("drop.top_k (/top_k)"), "{refused}");
    }

    #[test]
    fn whatever_strict_lets_pass_lenient_does_and_nothing_that_was_lost_passes_refuse() {
        for token in Token::ALL {
            assert!(may_be_lost(LossPolicy::Lenient, *token));
            assert_eq!(may_be_lost(LossPolicy::Refuse, *token), *token == NO_LOSS);
        }
        assert!(HARMLESS.iter().all(|token| token.is_drop()), "the rest passes anyway");
    }
}
