//! The forms of answers, exactly as clients of the original know them.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, ContentType, HeaderValue, RETRY_AFTER};
use actix_web::http::{ConnectionType, StatusCode};
use serde_json::json;

use super::action::Reply;
use super::authenticate::Unknown;
use crate::app::AppError;
use crate::app::shape::Issue;
use crate::store::StoreError;

/// What a body that is no JSON is answered with.
pub const MALFORMED: &str = "Malformed JSON in request body";

/// Answers a JSON text. Answers hold credentials, so nobody between may keep them.
pub fn json(status: StatusCode, text: String) -> HttpResponse {
    HttpResponse::build(status)
        .content_type(ContentType::json())
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(text)
}

/// Answers plain text.
pub fn text(status: StatusCode, text: &'static str) -> HttpResponse {
    HttpResponse::build(status).content_type(ContentType::plaintext()).body(text)
}

/// Answers what does not exist.
pub fn not_found() -> HttpResponse {
    text(StatusCode::NOT_FOUND, "404 Not Found")
}

/// Answers success.
pub fn success(reply: &Reply) -> HttpResponse {
    let text = match reply {
        Reply::Nothing => r#"{"ok":true}"#.to_owned(),
        Reply::Data(data) => format!(r#"{{"ok":true,"data":{data}}}"#),
    };
    json(StatusCode::OK, text)
}

/// Answers a body that is not what the operation takes.
pub fn invalid(issues: &[Issue]) -> HttpResponse {
    let error = json!({ "name": "ZodError", "message": Issue::print(issues) });
    json(StatusCode::BAD_REQUEST, json!({ "success": false, "error": error }).to_string())
}

/// Answers somebody who is not known.
pub fn unknown(why: &Unknown) -> HttpResponse {
    match why {
        Unknown::Missing => failure(StatusCode::UNAUTHORIZED, "未认证"),
        Unknown::Invalid | Unknown::Wrong => failure(StatusCode::UNAUTHORIZED, "认证无效或已过期"),
        Unknown::TooOften(wait) => too_often(*wait),
        Unknown::Store(error) => {
            tracing::error!(%error, "a caller of the management API could not be looked up");
            of_store(error)
        }
    }
}

/// Answers an address from which too many wrong tokens came.
fn too_often(wait: Duration) -> HttpResponse {
    let body =
        json!({ "ok": false, "error": "认证失败过多，请稍后再试", "errorCode": "RATE_LIMITED" });
    let mut answer = json(StatusCode::TOO_MANY_REQUESTS, body.to_string());
    let seconds = wait.as_secs().max(1);
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    answer
}

/// Answers a client whose body did not come in time.
pub fn slow() -> HttpResponse {
    unread(failure(StatusCode::REQUEST_TIMEOUT, "请求体上传超时"))
}

/// Answers somebody who is not known while too many others send bodies.
pub fn full() -> HttpResponse {
    let mut answer = failure(StatusCode::SERVICE_UNAVAILABLE, "请求过多，请稍后再试");
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(1));
    unread(answer)
}

/// Ends the connection after the answer: the rest of the body may still be on it.
fn unread(mut answer: HttpResponse) -> HttpResponse {
    answer.head_mut().set_connection_type(ConnectionType::Close);
    answer
}

/// Answers somebody who may not.
pub fn forbidden() -> HttpResponse {
    failure(StatusCode::FORBIDDEN, "权限不足")
}

/// Answers an operation that did not happen.
pub fn failed(why: &AppError) -> HttpResponse {
    match why {
        AppError::Invalid(issues) => failure(StatusCode::BAD_REQUEST, &Issue::print(issues)),
        AppError::Refused(refusal) => {
            let mut body = json!({ "ok": false, "error": refusal.text });
            if let (Some(code), Some(object)) = (refusal.code, body.as_object_mut()) {
                object.insert("errorCode".to_owned(), json!(code));
            }
            json(StatusCode::BAD_REQUEST, body.to_string())
        }
        AppError::Store(error) => {
            tracing::error!(%error, "the database failed an operation of the management API");
            of_store(error)
        }
        AppError::Internal(_) => {
            tracing::error!(error = %why, "an operation of the management API failed");
            failure(StatusCode::INTERNAL_SERVER_ERROR, "服务器内部错误")
        }
    }
}

/// Names the database as the cause; what exactly it was is in the log.
fn of_store(error: &StoreError) -> HttpResponse {
    let (text, code) = if error.is_unavailable() {
        ("数据库不可用，请稍后重试", "DATABASE_UNAVAILABLE")
    } else {
        ("数据库操作失败", "DATABASE_ERROR")
    };
    let body = json!({ "ok": false, "error": text, "errorCode": code });
    json(StatusCode::INTERNAL_SERVER_ERROR, body.to_string())
}

fn failure(status: StatusCode, error: &str) -> HttpResponse {
    json(status, json!({ "ok": false, "error": error }).to_string())
}
