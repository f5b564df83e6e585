//! What an operation of the management API is: one type a file implements [`Action`].

use std::future::Future;

use actix_web::web::Data;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::state::Api;
use crate::app::shape::{Body, Rule, Shape};
use crate::app::{Actor, AppError};

/// Bodies are read before anybody is known, so they are kept small.
pub(super) const BODY_LIMIT: usize = 1024 * 1024;

/// A family of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Module {
    /// Users.
    Users,
    /// Their keys.
    Keys,
    /// Providers.
    Providers,
    /// Prices of models.
    ModelPrices,
    /// Figures over time.
    Statistics,
    /// The ledger.
    UsageLogs,
    /// Today at a glance.
    Overview,
    /// Words that are refused.
    SensitiveWords,
    /// Conversations under way.
    ActiveSessions,
    /// Notices to people.
    Notifications,
    /// Where requests go.
    Routing,
    /// What may be used.
    Limits,
    /// What upstreams' words mean.
    ErrorRules,
    /// What is changed in requests.
    RequestFilters,
}

impl Module {
    /// Every family, in the order of the document.
    pub const ALL: [Self; 14] = [
        Self::Users,
        Self::Keys,
        Self::Providers,
        Self::ModelPrices,
        Self::Statistics,
        Self::UsageLogs,
        Self::Overview,
        Self::SensitiveWords,
        Self::ActiveSessions,
        Self::Notifications,
        Self::Routing,
        Self::Limits,
        Self::ErrorRules,
        Self::RequestFilters,
    ];

    /// Returns the family's part of the path.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Keys => "keys",
            Self::Providers => "providers",
            Self::ModelPrices => "model-prices",
            Self::Statistics => "statistics",
            Self::UsageLogs => "usage-logs",
            Self::Overview => "overview",
            Self::SensitiveWords => "sensitive-words",
            Self::ActiveSessions => "active-sessions",
            Self::Notifications => "notifications",
            Self::Routing => "routing",
            Self::Limits => "limits",
            Self::ErrorRules => "error-rules",
            Self::RequestFilters => "request-filters",
        }
    }

    /// Returns the family's tag in the document.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Users => "用户管理",
            Self::Keys => "密钥管理",
            Self::Providers => "供应商管理",
            Self::ModelPrices => "模型价格",
            Self::Statistics => "统计分析",
            Self::UsageLogs => "使用日志",
            Self::Overview => "概览",
            Self::SensitiveWords => "敏感词管理",
            Self::ActiveSessions => "Session 管理",
            Self::Notifications => "通知管理",
            Self::Routing => "路由管理",
            Self::Limits => "限额管理",
            Self::ErrorRules => "错误规则",
            Self::RequestFilters => "请求过滤管理",
        }
    }

    /// Describes the tag.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Users => "Users: who may relay, what they may spend, and until when.",
            Self::Keys => "Keys of users: made, limited, switched off and removed.",
            Self::Providers => "Providers: where requests go, with weights, limits and breakers.",
            Self::ModelPrices => "Prices of models, uploaded by hand or synced from LiteLLM.",
            Self::Statistics => "Spend and calls over time, by user or by key.",
            Self::UsageLogs => "The ledger: every relayed request with its tokens and cost.",
            Self::Overview => "Today at a glance: sessions, requests, cost and errors.",
            Self::SensitiveWords => "Words and patterns that a request may not contain.",
            Self::ActiveSessions => "Conversations under way and what they have used so far.",
            Self::Notifications => "Notices to people about breakers, spend and rankings.",
            Self::Routing => {
                "Where requests go: models that stand in for others, and who would serve what."
            }
            Self::Limits => {
                "Limits of every kind, of keys, users, groups, tags and providers, and what is used of them."
            }
            Self::ErrorRules => {
                "Error rules: what upstreams' words mean, and what clients are told in their place."
            }
            Self::RequestFilters => {
                "What is changed in requests on their way: headers, places and texts of bodies."
            }
        }
    }
}

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Whoever is logged in; the operation itself looks at what belongs to whom.
    Anyone,
    /// Admins.
    Admin,
}

/// What is known of an operation without running it.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Its family.
    pub module: Module,
    /// Its name in the path.
    pub name: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What it does, and what one should know about it.
    pub description: &'static str,
    /// The largest body in bytes.
    pub body_limit: usize,
}

impl Spec {
    /// Describes an operation that anyone who is logged in may call.
    #[must_use]
    pub const fn anyone(
        module: Module,
        name: &'static str,
        summary: &'static str,
        description: &'static str,
    ) -> Self {
        Self { module, name, access: Access::Anyone, summary, description, body_limit: BODY_LIMIT }
    }

    /// Describes an operation for admins.
    #[must_use]
    pub const fn admin(
        module: Module,
        name: &'static str,
        summary: &'static str,
        description: &'static str,
    ) -> Self {
        Self { access: Access::Admin, ..Self::anyone(module, name, summary, description) }
    }

    /// Returns the full path.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/api/actions/{}/{}", self.module.path(), self.name)
    }
}

/// One operation of the management API.
pub trait Action: 'static {
    /// What is known of it without running it.
    const SPEC: Spec;

    /// Returns what the body may hold; this is checked before the caller is known.
    fn request() -> Shape;

    /// Returns what `data` holds; `None` when the operation answers nothing.
    fn answer() -> Option<Rule>;

    /// Runs it.
    fn run(call: Call) -> impl Future<Output = Result<Reply, AppError>>;
}

/// One call of an operation.
#[derive(Clone, Debug)]
pub struct Call {
    /// The application's state.
    pub api: Data<Api>,
    /// Who calls.
    pub actor: Actor,
    /// The body as it came: unknown keys are in it, nothing is coerced.
    pub raw: Value,
}

impl Call {
    /// Checks the body against a shape and returns its plain form.
    pub fn body(&self, shape: &Shape) -> Result<Body, AppError> {
        Ok(shape.check(&self.raw, &self.api.app.moment())?)
    }
}

/// What an operation answers.
#[derive(Debug)]
pub enum Reply {
    /// Nothing: `{"ok":true}`.
    Nothing,
    /// The JSON text of `data`.
    Data(Box<RawValue>),
}

impl Reply {
    /// Answers a document.
    pub fn data<T: Serialize + ?Sized>(document: &T) -> Result<Self, AppError> {
        let raw = to_raw_value(document);
        raw.map(Self::Data).map_err(|error| AppError::Internal(error.to_string()))
    }
}
