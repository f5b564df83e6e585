//! Why a page cannot be shown; the one place that turns it into an answer. A handler only names the
//! reason. The room's outermost layer ([`super::room`]) makes the page, because it knows the visitor.

use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, RETRY_AFTER, SET_COOKIE};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};

use super::cursor;
use super::late::Again;
use super::templates::TemplateError;
use super::text::Text;
use super::wrong;
use crate::app::AppError;
use crate::store::StoreError;

/// Why a page cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// Nobody is logged in; back to here afterwards.
    #[error("nobody is logged in")]
    Login {
        /// Where they wanted to go.
        from: String,
    },
    /// Nobody is logged in, and what asked is no person: a stream, a fragment.
    #[error("nobody is logged in")]
    Unknown,
    /// They may not.
    #[error("not theirs to see")]
    Forbidden,
    /// There is no such thing.
    #[error("there is no such thing")]
    NotFound,
    /// The form came from elsewhere, or from a login that has ended.
    #[error("the form did not come from a page of this login")]
    Forged,
    /// The form is of an earlier login of the same browser; it can be sent again.
    #[error("the form came from a page of an earlier login")]
    Stale(Box<Again>),
    /// The form is of an earlier login, and too long to be kept until it is sent again.
    #[error("the form came from a page of an earlier login and is too long to be kept")]
    TooLongToKeep,
    /// What was kept to be sent later is too old, or somebody else's.
    #[error("what was kept is over")]
    Over,
    /// The form is larger than any of ours.
    #[error("the form is too large")]
    TooLarge,
    /// The form broke off.
    #[error("the form did not come whole")]
    Broken,
    /// Too many ask at once.
    #[error("too many ask at once")]
    Busy,
    /// Too many guesses came from their address; for so many seconds nothing is heard from there.
    #[error("too many guesses came from this address")]
    TooOften(u64),
    /// A use case did not happen.
    #[error(transparent)]
    App(#[from] AppError),
    /// The page could not be made.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The console's state is not there.
    #[error("the console is not mounted")]
    Unmounted,
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        Self::App(AppError::Store(error))
    }
}

impl PageError {
    /// Returns what happened and what to do, each a message.
    #[must_use]
    pub fn words(&self) -> (Text, Text) {
        let of = |what, then| (Text::of(what), Text::of(then));
        match self {
            Self::Login { .. } | Self::Unknown => of("error-login", "error-login-then"),
            Self::Forbidden => of("error-forbidden", "error-forbidden-then"),
            Self::NotFound => of("error-not-found", "error-not-found-then"),
            Self::Forged | Self::Stale(_) => of("error-forged", "error-forged-then"),
            Self::TooLongToKeep => of("late-why-earlier-long", "late-too-long"),
            Self::Over => of("error-over", "error-over-then"),
            Self::TooLarge => of("error-too-large", "error-too-large-then"),
            Self::Broken => of("error-broken", "error-broken-then"),
            Self::Busy => of("error-busy", "error-busy-then"),
            Self::TooOften(seconds) => (
                Text::of("error-too-often"),
                Text::of("error-too-often-then").with("minutes", seconds.div_ceil(60)),
            ),
            Self::App(error @ (AppError::Invalid(_) | AppError::Refused(_))) => {
                (wrong::text(error), Text::of("error-refused-then"))
            }
            Self::App(AppError::Store(_)) => of("error-store", "error-store-then"),
            Self::App(AppError::Internal(_)) | Self::Template(_) | Self::Unmounted => {
                of("error-internal", "error-internal-then")
            }
        }
    }

    /// Notes what is our fault.
    pub fn log(&self) {
        if self.status_code().is_server_error() && !matches!(self, Self::Busy) {
            tracing::error!(error = %self, "a page of the console failed: {self}");
        }
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Login { .. } => StatusCode::SEE_OTHER,
            Self::Unknown => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::Forged | Self::Stale(_) | Self::TooLongToKeep => {
                StatusCode::FORBIDDEN
            }
            Self::Over => StatusCode::GONE,
            Self::TooOften(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Broken => StatusCode::BAD_REQUEST,
            Self::App(AppError::Invalid(_) | AppError::Refused(_)) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Busy | Self::App(AppError::Store(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::App(AppError::Internal(_)) | Self::Template(_) | Self::Unmounted => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer: HttpResponseBuilder = HttpResponse::build(self.status_code());
        match self {
            Self::Login { from } => {
                let address = cursor::address("/login", &[("from", from)], None);
                answer.insert_header((LOCATION, address));
            }
            Self::Busy => {
                answer.insert_header((RETRY_AFTER, "1"));
            }
            Self::TooOften(seconds) => {
                answer.insert_header((RETRY_AFTER, seconds.to_string()));
            }
            Self::Stale(again) => {
                answer.insert_header((SET_COOKIE, again.cookie.as_str()));
            }
            _ => {}
        }
        answer.finish()
    }
}
