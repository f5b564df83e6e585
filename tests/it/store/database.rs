//! A fresh, migrated database for each test: a directory, or a PostgreSQL database made from a
//! template.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use switchyard::store::{Store, StoreConfig};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::secret::Secret;
use tokio::sync::OnceCell;
use tokio_postgres::NoTls;

/// The instant that tests take for now: 2026-05-05 12:00 UTC.
pub const NOW: Micros = Micros(1_777_982_400_000_000);
/// After every slot.
pub const EVER: Micros = Micros(i64::MAX);
/// Every slot.
pub const ALWAYS: Range<Micros> = Micros(0)..EVER;

/// A store and what must live as long as it.
pub struct Fresh {
    /// The migrated store.
    pub store: Store,
    /// How it was opened.
    pub config: StoreConfig,
    _directory: tempfile::TempDir,
}

impl Drop for Fresh {
    fn drop(&mut self) {
        let Some(dsn) = &self.config.dsn else { return };
        let name = dsn.reveal().rsplit_once('/').unwrap().1.to_owned();
        // A drop cannot await; a thread with its own runtime can.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                drop(admin().await.batch_execute(&sql).await);
            });
        });
        drop(dropping.join());
    }
}

impl Fresh {
    /// Runs SQL past the door, as a person with a database client would.
    pub async fn run_outside(&self, sql: &str) {
        let Some(dsn) = &self.config.dsn else {
            let path = self.config.data_dir.join("switchyard.db");
            return rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
        };
        let (client, connection) = tokio_postgres::connect(dsn.reveal(), NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
    }
}

/// Returns a fresh store on each engine.
pub async fn both() -> [Fresh; 2] {
    [sqlite().await, postgres().await]
}

/// Returns a fresh embedded store.
pub async fn sqlite() -> Fresh {
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path().to_owned(), None);
    let store = Store::connect(&config).await.unwrap();
    store.migrate(true, NOW).await.unwrap();
    Fresh { store, config, _directory: directory }
}

/// Returns a fresh store on a PostgreSQL database of its own.
pub async fn postgres() -> Fresh {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let template = TEMPLATE.get_or_init(template).await;
    let dsn = create(Some(template)).await;
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path().to_owned(), Some(&dsn));
    let store = Store::connect(&config).await.unwrap();
    Fresh { store, config, _directory: directory }
}

/// Makes the settings of a store.
pub fn config(data_dir: PathBuf, dsn: Option<&str>) -> StoreConfig {
    StoreConfig { data_dir, dsn: dsn.map(Secret::new), extra_ca_file: None, connections: 4 }
}

async fn template() -> String {
    let dsn = create(None).await;
    let directory = tempfile::tempdir().unwrap();
    let store = Store::connect(&config(directory.path().to_owned(), Some(&dsn))).await.unwrap();
    store.migrate(true, NOW).await.unwrap();
    dsn.rsplit_once('/').unwrap().1.to_owned()
}

/// Makes a database, empty or from a template, and returns its DSN.
pub async fn create(template: Option<&str>) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    let name = format!("sw_store_{}_{number}", std::process::id());
    let origin = template.unwrap_or("template0");
    let sql = format!("CREATE DATABASE {name} TEMPLATE {origin}");
    admin().await.batch_execute(&sql).await.unwrap();
    let mut url = url::Url::parse(&admin_dsn()).unwrap();
    url.set_path(&name);
    url.to_string()
}

async fn admin() -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(&admin_dsn(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Returns the DSN of a PostgreSQL where tests may make databases.
pub fn admin_dsn() -> String {
    let dsn = std::env::var_os("SWITCHYARD_TEST_PG").and_then(|dsn| dsn.into_string().ok());
    let dsn = dsn.expect("SWITCHYARD_TEST_PG is not set: run `make test`, which starts a server");
    let mut url = url::Url::parse(&dsn).unwrap();
    if url.path().trim_matches('/').is_empty() {
        url.set_path("postgres");
    }
    url.to_string()
}
