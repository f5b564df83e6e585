//! The OpenAPI document: `paperclip` gathers the operations from the routes that serve them, as
//! OpenAPI 3.0; here it becomes 3.1 once, with the schemas of the rules that check the bodies.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use paperclip::actix::OpenApiExt;
use paperclip::v2::models::{Contact, DefaultApiRaw, Info, License};
use serde_json::{Value, json};

use super::action::Module;
use super::health::API_VERSION;
use super::routes::Listed;
use super::serve::SECURITY;
use super::state::Api;
use super::{configure, envelope};

const TITLE: &str = "Claude Code Hub API";
const DESCRIPTION: &str = "The management API: users, their keys, providers, prices and usage. \
    Every operation is a POST with a JSON object. Success is `{\"ok\":true,\"data\":…}`; a failure \
    is `{\"ok\":false,\"error\":…}` with status 400, 401, 403 or 500. Authenticate with the \
    cookie `auth-token` or a bearer token: the admin token, a key that may log in, or the token \
    of a login.";
const REPOSITORY: &str = "https://github.com/switchyard-relay/switchyard";
const LOCAL_SERVER: &str = "http://localhost:23000";

/// `GET /api/actions/openapi.json`.
pub async fn serve(api: Data<Api>) -> HttpResponse {
    let text = String::from_utf8_lossy(&api.printed_document()).into_owned();
    envelope::json(StatusCode::OK, text)
}

/// Builds the document.
#[must_use]
pub fn build(public_url: Option<&str>) -> Value {
    let mut gathered = Value::Null;
    let mut listed = Vec::new();
    let app = actix_web::App::new().wrap_api_with_spec(basis());
    let app = app.configure(|config| listed = configure(config));
    drop(app.with_raw_json_spec_v3(|app, document| {
        gathered = document;
        app
    }));
    lift(gathered, &listed, public_url)
}

/// What the document says besides its operations.
fn basis() -> DefaultApiRaw {
    let contact = Contact {
        name: Some("项目维护团队".to_owned()),
        url: Some(format!("{REPOSITORY}/issues")),
        email: None,
    };
    let license = License {
        name: Some("MIT License".to_owned()),
        url: Some(format!("{REPOSITORY}/blob/main/LICENSE")),
    };
    let info = Info {
        version: API_VERSION.to_owned(),
        title: TITLE.to_owned(),
        description: Some(DESCRIPTION.to_owned()),
        contact: Some(contact),
        license: Some(license),
        ..Info::default()
    };
    DefaultApiRaw { info, ..DefaultApiRaw::default() }
}

/// Lifts the gathered document to 3.1 and adds what `paperclip` cannot express.
fn lift(mut document: Value, listed: &[Listed], public_url: Option<&str>) -> Value {
    set(&mut document, "openapi", json!("3.1.0"));
    set(&mut document, "servers", servers(public_url));
    set(&mut document, "tags", tags());
    let docs = json!({ "description": "The project", "url": REPOSITORY });
    set(&mut document, "externalDocs", docs);
    // OpenAPI 2 knows no cookies, and paperclip makes a query parameter of one on its way to 3.0.
    let pointer = format!("/components/securitySchemes/{SECURITY}");
    if let Some(scheme) = document.pointer_mut(&pointer) {
        set(scheme, "in", json!("cookie"));
    }
    for action in listed {
        let pointer = format!("/paths/{}/post", action.path.replace('/', "~1"));
        if let Some(operation) = document.pointer_mut(&pointer) {
            complete(operation, action);
        }
    }
    document
}

fn servers(public_url: Option<&str>) -> Value {
    let mut servers = Vec::new();
    if let Some(url) = public_url.map(|url| url.trim_end_matches('/')).filter(|url| !url.is_empty())
    {
        servers.push(json!({ "url": url, "description": "This server" }));
    }
    servers.push(json!({ "url": LOCAL_SERVER, "description": "A server on this machine" }));
    json!(servers)
}

fn tags() -> Value {
    let tag = |module: Module| json!({ "name": module.tag(), "description": module.about() });
    json!(Module::ALL.map(tag))
}

/// Adds the schemas of an operation.
fn complete(operation: &mut Value, action: &Listed) {
    let is_needed = action.request.get("required").is_some();
    let body = json!({
        "required": is_needed,
        "content": { "application/json": { "schema": action.request } },
    });
    set(operation, "requestBody", body);
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    for (status, response) in responses {
        let schema = match status.as_str() {
            "200" => success(action.answer.as_ref()),
            "400" => json!({ "oneOf": [failure(), invalid()] }),
            _ => failure(),
        };
        set(response, "content", json!({ "application/json": { "schema": schema } }));
    }
}

fn success(answer: Option<&Value>) -> Value {
    let ok = json!({ "const": true });
    match answer {
        Some(answer) => json!({
            "type": "object",
            "required": ["ok", "data"],
            "properties": { "ok": ok, "data": answer },
        }),
        None => json!({ "type": "object", "required": ["ok"], "properties": { "ok": ok } }),
    }
}

fn failure() -> Value {
    json!({
        "type": "object",
        "required": ["ok", "error"],
        "properties": {
            "ok": { "const": false },
            "error": { "type": "string", "description": "What went wrong, in words." },
            "errorCode": { "type": "string", "description": "The reason's name, if it has one." },
            "errorParams": {
                "type": "object",
                "additionalProperties": { "type": ["string", "number"] },
            },
        },
    })
}

fn invalid() -> Value {
    json!({
        "type": "object",
        "required": ["success", "error"],
        "properties": {
            "success": { "const": false },
            "error": {
                "type": "object",
                "required": ["name", "message"],
                "properties": {
                    "name": { "const": "ZodError" },
                    "message": {
                        "type": "string",
                        "description": "A JSON array of issues, each with code, path and message.",
                    },
                },
            },
        },
    })
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}
