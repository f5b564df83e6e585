//! Who may ask for what: a user's lists of clients and models, and the versions of clients, before
//! anything is done for the request.

use switchyard_actors::domain::caller::{Caller, ModelRule};
use switchyard_actors::domain::routing::client::{ClientFacts, ClientRule};

use super::failure::Failure;
use super::flight::Flight;

/// Checks a request whose client and model are known.
///
/// # Errors
/// The rule that refuses it, and what was seen of the client.
pub fn check(flight: &Flight) -> Result<(), Failure> {
    let caller = &flight.caller;
    if let Some(rule) = caller.clients.judge(&flight.client) {
        let who = seen(&flight.client, &rule);
        return Err(refusal(format!("this user may not come with {who}: {rule}")));
    }
    old_client(flight)?;
    let batch = flight.facts.as_ref().map_or(&[][..], |facts| facts.batch_models.as_slice());
    batch.iter().try_for_each(|model| check_model(caller, model))?;
    // A batch names its models in its requests.
    if flight.model().is_empty() && !batch.is_empty() {
        return Ok(());
    }
    check_model(caller, flight.model())
}

fn check_model(caller: &Caller, model: &str) -> Result<(), Failure> {
    match caller.judge_model(model) {
        None => Ok(()),
        Some(ModelRule::NotAllowed) if model.is_empty() => Err(refusal(
            "allowed_models is set for this user, and the request names no model".into(),
        )),
        Some(ModelRule::NotAllowed) => {
            Err(refusal(format!("model {model} is not among the models this user may use")))
        }
        Some(ModelRule::Blocked) => {
            Err(refusal(format!("model {model} is among the models this user may not use")))
        }
    }
}

fn old_client(flight: &Flight) -> Result<(), Failure> {
    let shared = &flight.worker.shared;
    let (rules, user) = (&shared.config.versions, flight.caller.user);
    let old = shared.versions.judge(rules, &flight.client, user, flight.arrival.at);
    old.map_or(Ok(()), |old| Err(Failure::OldClient(Box::new(old))))
}

/// Says what was seen of a client that a rule keeps out.
pub fn seen(client: &ClientFacts, rule: &ClientRule) -> String {
    let name = client.name();
    if matches!(rule, ClientRule::NotAllowed(_)) && client.borrows_a_name() {
        return format!(
            "the client `{name}` (it calls itself Claude Code, but x-app, anthropic-beta or \
             metadata.user_id are not as Claude Code sends them)"
        );
    }
    format!("the client `{name}`")
}

const fn refusal(message: String) -> Failure {
    Failure::BadRequest { status: 400, message }
}
