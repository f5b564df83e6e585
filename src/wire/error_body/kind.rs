//! What can go wrong, and each dialect's word for it.

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request is not well formed or not allowed.
    BadRequest,
    /// The conversation is longer than the model reads.
    ContextLength,
    /// No key, or one that is not known.
    Auth,
    /// Money is used up.
    Billing,
    /// A key that may not do this.
    Permission,
    /// No such route or model.
    NotFound,
    /// The state of things forbids it.
    Conflict,
    /// The body is too large.
    TooLarge,
    /// Too many requests, or a limit that refused.
    RateLimit,
    /// The quota of an account is used up.
    Quota,
    /// Switchyard's own fault.
    Internal,
    /// The upstream failed.
    Upstream,
    /// Nobody can serve it now; later somebody can.
    Overloaded,
    /// The upstream took too long.
    Timeout,
}

impl ErrorKind {
    /// Finds the kind that fits a status best.
    #[must_use]
    pub const fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Auth,
            402 => Self::Billing,
            403 => Self::Permission,
            404 => Self::NotFound,
            409 => Self::Conflict,
            413 => Self::TooLarge,
            429 => Self::RateLimit,
            400..=499 => Self::BadRequest,
            500 => Self::Internal,
            503 | 529 => Self::Overloaded,
            504 | 524 => Self::Timeout,
            _ => Self::Upstream,
        }
    }

    /// Returns the status the kind has when nothing says otherwise.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest | Self::ContextLength => 400,
            Self::Auth => 401,
            Self::Billing => 402,
            Self::Permission => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::RateLimit | Self::Quota => 429,
            Self::Internal => 500,
            Self::Upstream => 502,
            Self::Overloaded => 503,
            Self::Timeout => 504,
        }
    }

    /// Finds the kind behind a word of any dialect: a type, or Google's status.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Some(match word {
            "invalid_request_error" | "INVALID_ARGUMENT" | "invalid_request" => Self::BadRequest,
            "authentication_error" | "UNAUTHENTICATED" => Self::Auth,
            "billing_error" | "payment_required_error" | "FAILED_PRECONDITION" => Self::Billing,
            "permission_error" | "PERMISSION_DENIED" => Self::Permission,
            "not_found_error" | "NOT_FOUND" => Self::NotFound,
            "conflict_error" | "conflict" | "ABORTED" => Self::Conflict,
            "request_too_large" => Self::TooLarge,
            "rate_limit_error" | "RESOURCE_EXHAUSTED" => Self::RateLimit,
            "internal_server_error" | "INTERNAL" => Self::Internal,
            "api_error" | "bad_gateway_error" => Self::Upstream,
            "overloaded_error" | "service_unavailable_error" | "UNAVAILABLE" => Self::Overloaded,
            "timeout_error" | "gateway_timeout_error" | "DEADLINE_EXCEEDED" => Self::Timeout,
            _ => return None,
        })
    }

    /// Returns Anthropic's type.
    pub(super) const fn anthropic(self) -> &'static str {
        match self {
            Self::BadRequest | Self::ContextLength => "invalid_request_error",
            Self::Auth => "authentication_error",
            Self::Billing => "billing_error",
            Self::Permission => "permission_error",
            Self::NotFound => "not_found_error",
            Self::Conflict => "conflict_error",
            Self::TooLarge => "request_too_large",
            Self::RateLimit | Self::Quota => "rate_limit_error",
            Self::Internal | Self::Upstream => "api_error",
            Self::Overloaded => "overloaded_error",
            Self::Timeout => "timeout_error",
        }
    }

    /// Returns `OpenAI`'s code where clients act on it.
    pub(super) const fn openai_code(self) -> Option<&'static str> {
        match self {
            Self::ContextLength => Some("context_length_exceeded"),
            Self::Auth => Some("invalid_api_key"),
            Self::Billing | Self::Quota => Some("insufficient_quota"),
            Self::NotFound => Some("model_not_found"),
            Self::RateLimit => Some("rate_limit_exceeded"),
            Self::Overloaded => Some("server_is_overloaded"),
            Self::Timeout => Some("timeout"),
            _ => None,
        }
    }

    /// Returns Google's status; a refusal by money says so by its HTTP status.
    pub(super) const fn gemini(self, status: u16) -> &'static str {
        match self {
            Self::RateLimit if status == 402 => "FAILED_PRECONDITION",
            Self::BadRequest | Self::ContextLength | Self::TooLarge => "INVALID_ARGUMENT",
            Self::Auth => "UNAUTHENTICATED",
            Self::Billing => "FAILED_PRECONDITION",
            Self::Permission => "PERMISSION_DENIED",
            Self::NotFound => "NOT_FOUND",
            Self::Conflict => "ABORTED",
            Self::RateLimit | Self::Quota => "RESOURCE_EXHAUSTED",
            Self::Internal | Self::Upstream => "INTERNAL",
            Self::Overloaded => "UNAVAILABLE",
            Self::Timeout => "DEADLINE_EXCEEDED",
        }
    }
}

/// Returns the type that the `OpenAI` family is given for a status.
pub(super) const fn openai_type(status: u16) -> &'static str {
    match status {
        400 | 413 => "invalid_request_error",
        401 => "authentication_error",
        402 => "payment_required_error",
        403 => "permission_error",
        404 => "not_found_error",
        409 => "conflict",
        429 => "rate_limit_error",
        500 => "internal_server_error",
        502 => "bad_gateway_error",
        503 => "service_unavailable_error",
        504 => "gateway_timeout_error",
        _ => "api_error",
    }
}
