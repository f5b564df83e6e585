//! `POST routing/simulateDispatch`.

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{AppError, routing};
use crate::web::api::{Action, Call, Module, Reply, Spec};

/// Tells who would serve a request.
pub struct SimulateDispatch;

impl Action for SimulateDispatch {
    const SPEC: Spec = Spec::admin(
        Module::Routing,
        "simulateDispatch",
        "Tell who would serve a model for a key",
        "Tells who would serve a model for a key now and with which chance, who next, why not the others, and what would make them eligible and when. It judges as a request would be judged, on the state of this moment, and takes nothing.",
    );

    fn request() -> Shape {
        routing::question()
    }

    fn answer() -> Option<Rule> {
        let candidate = Rule::object([
            Field::required("id", Rule::ID),
            Field::required("name", Rule::TEXT),
            Field::required("weight", Rule::INTEGER),
            Field::required("share", Rule::INTEGER)
                .about("The chance within the rank, in hundredths of a percent."),
            Field::required("sends", Rule::TEXT).about("The model that would be sent."),
            Field::required("restsUntil", Rule::Instant.nullable()),
        ]);
        let rank = Rule::object([
            Field::required("priority", Rule::INTEGER),
            Field::required("converted", Rule::Flag)
                .about("They speak another format: the request would be converted for them."),
            Field::required("providers", Rule::list_of(candidate)),
        ]);
        let reason = Rule::object([
            Field::required("reason", Rule::TEXT),
            Field::required("until", Rule::Instant.nullable()),
            Field::required("remedy", Rule::TEXT),
        ]);
        let excluded = Rule::object([
            Field::required("id", Rule::ID),
            Field::required("name", Rule::TEXT),
            Field::required("reasons", Rule::list_of(reason)),
        ]);
        Some(Rule::object([
            Field::required("catalogue", Rule::INTEGER),
            Field::required("key", Rule::TEXT)
                .about("ok, or the code that the key or model is refused with."),
            Field::required("ranks", Rule::list_of(rank)),
            Field::required("excluded", Rule::list_of(excluded)),
            Field::required("nextAt", Rule::Instant.nullable())
                .about("When the first one may serve for whom waiting is enough."),
        ]))
    }

    async fn run(call: Call) -> Result<Reply, AppError> {
        let catalogue =
            call.api.catalogue.as_ref().map(switchyard_actors::publish::Published::load);
        let catalogue = catalogue.unwrap_or_default();
        let app = &call.api.app;
        Reply::data(&routing::forecast(app, &catalogue, &call.actor, &call.raw)?)
    }
}
