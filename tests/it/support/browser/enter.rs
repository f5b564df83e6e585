//! How a page gets past the login.

use super::{Page, Role, WIDE};
use crate::support::launch::ADMIN_TOKEN;
use crate::support::switchyard::Switchyard;

impl Page {
    /// A wide page of an admin who has just logged in and arrives somewhere.
    pub async fn of_admin(switchyard: &Switchyard, path: &str) -> Self {
        let page = Self::open().await;
        page.resize(WIDE).await;
        page.enter(&format!("http://{}", switchyard.address()), ADMIN_TOKEN, path).await;
        page
    }

    /// Logs in with a token or a key, and arrives somewhere.
    pub async fn enter(&self, site: &str, token: &str, path: &str) {
        self.goto(&format!("{site}/login?from={path}")).await;
        self.fill("Admin token or API key", token).await;
        self.click(Role::Button, "Sign in").await;
        self.arrive(path).await;
    }
}
