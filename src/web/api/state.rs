//! What the management API works with, as one piece of application data.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::web::Bytes;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::publish::Published;

use super::document;
use super::uploads::Uploads;
use crate::app::AppContext;
use crate::store::TokenMark;
use crate::web::login::Throttle;

/// Tells whether a text is the admin token, in constant time.
pub type IsAdmin = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Marks the admin token in force, so that what it opened ends with it.
pub type AdminMark = Arc<dyn Fn() -> TokenMark + Send + Sync>;

/// Finds the address a request came from, proxies considered.
pub type ClientIp = Arc<dyn Fn(&HttpRequest) -> Option<IpAddr> + Send + Sync>;

/// What the management API works with. The server builds one `web::Data<Api>`, adds it to each
/// worker's application data, and lets `web::api::mount` and `web::login::mount` add the routes.
pub struct Api {
    /// What use cases work with.
    pub app: AppContext,
    /// Tells whether a text is the admin token; always false when there is none.
    pub is_admin: IsAdmin,
    /// Marks the admin token in force.
    pub admin_mark: AdminMark,
    /// Finds the address a request came from.
    pub client_ip: ClientIp,
    /// The catalogue, to find keys without the database; `None` asks the database.
    pub catalogue: Option<Published<Catalogue>>,
    /// `ENABLE_SECURE_COOKIES`.
    pub secure_cookies: bool,
    /// `APP_URL`, for the document.
    pub public_url: Option<String>,
    /// Counts failed logins by address.
    pub throttle: Throttle,
    /// Counts tokens that open nothing by address; `/metrics` counts its own with it.
    pub guesses: Arc<Throttle>,
    /// Reads bodies.
    pub uploads: Uploads,
    /// The OpenAPI document; printed when it is first asked for.
    pub document: OnceLock<Bytes>,
}

impl Api {
    /// Makes one that finds keys in the database, marks cookies Secure, takes the peer for the
    /// client and has no admin token; the fields are public to be set.
    #[must_use]
    pub fn new(app: AppContext) -> Self {
        Self {
            app,
            is_admin: Arc::new(|_| false),
            admin_mark: Arc::new(TokenMark::default),
            client_ip: Arc::new(|request| request.peer_addr().map(|peer| peer.ip())),
            catalogue: None,
            secure_cookies: true,
            public_url: None,
            throttle: Throttle::default(),
            guesses: Arc::default(),
            uploads: Uploads::new(Duration::from_secs(30)),
            document: OnceLock::new(),
        }
    }

    /// Returns the OpenAPI document.
    #[must_use]
    pub fn printed_document(&self) -> Bytes {
        let print = || document::build(self.public_url.as_deref()).to_string().into();
        self.document.get_or_init(print).clone()
    }
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("app", &self.app).finish_non_exhaustive()
    }
}
