//! PostgreSQL for tests: a database of its own for each test, made and dropped on a private server.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::{Client, NoTls};

static NEXT: AtomicU32 = AtomicU32::new(0);

const ASK: &str = "SWITCHYARD_TEST_PG is not set: run `make test`, which starts a private PostgreSQL \
                   for the tests and names it there";

/// A database that exists as long as this value.
pub struct Database {
    name: String,
    server: String,
}

impl Database {
    /// Makes an empty database on the server named by `SWITCHYARD_TEST_PG` (a URL without database).
    pub async fn create() -> Self {
        let server = server_url();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("switchyard_test_{}_{number}", std::process::id());
        let client = connect(&format!("{server}/postgres")).await;
        // A killed run may have left its database, and process ids come round again.
        let clear = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        client.batch_execute(&clear).await.expect("drop a left-over database");
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("create database");
        Self { name, server }
    }

    /// Returns the `DSN` of the database.
    pub fn dsn(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    /// Opens a connection to the server's own database, for what cannot be done from within.
    pub async fn connect_beside(&self) -> Client {
        connect(&format!("{}/postgres", self.server)).await
    }

    /// Opens a connection for looking at tables directly.
    pub async fn connect(&self) -> Client {
        connect(&self.dsn()).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let url = format!("{}/postgres", self.server);
        // A drop cannot await; a thread with its own runtime can.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("runtime").block_on(async {
                let client = connect(&url).await;
                drop(client.batch_execute(&statement).await);
            });
        });
        drop(dropping.join());
    }
}

#[expect(clippy::disallowed_methods, reason = "`make test` hands the server over by environment")]
fn server_url() -> String {
    let Ok(url) = std::env::var("SWITCHYARD_TEST_PG") else { panic!("{ASK}") };
    url.trim_end_matches('/').to_owned()
}

async fn connect(url: &str) -> Client {
    let (client, connection) = match tokio_postgres::connect(url, NoTls).await {
        Ok(both) => both,
        Err(error) => panic!("the test server does not answer ({error}): run `make test`"),
    };
    tokio::spawn(connection);
    client
}
