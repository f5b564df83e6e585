//! The shell: polls, keeps the old catalogue on failure, and an admin sees their own write.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::*;
use crate::domain::catalogue::Catalogue;
use crate::ports::{BoxFuture, CatalogueSource, PortError};
use crate::testing::TestUniverse;

/// A database with one number in it.
#[derive(Default)]
struct Numbered {
    version: Mutex<i64>,
    away: Mutex<bool>,
    takes: Mutex<Duration>,
    loads: Mutex<u32>,
}

impl CatalogueSource for Numbered {
    fn load(
        &self,
        have: Option<Arc<Catalogue>>,
    ) -> BoxFuture<'_, Result<Arc<Catalogue>, PortError>> {
        Box::pin(async move {
            let (version, takes) = (*self.version.lock(), *self.takes.lock());
            *self.loads.lock() += 1;
            if !takes.is_zero() {
                tokio::time::sleep(takes).await;
            }
            if *self.away.lock() {
                return Err(PortError::Unavailable("database", "gone".to_owned()));
            }
            let same = have.filter(|have| have.version == version);
            Ok(same.unwrap_or_else(|| Arc::new(Catalogue { version, ..Catalogue::default() })))
        })
    }
}

fn start() -> (TestUniverse, Arc<Numbered>, CatalogueKeeperHandle) {
    let universe = TestUniverse::start();
    let source = Arc::<Numbered>::default();
    let keeper = CatalogueKeeperHandle::start(source.clone(), Arc::default(), universe.clock());
    (universe, source, keeper)
}

#[actix::test]
async fn a_write_of_another_node_is_in_force_within_half_a_second() {
    let (universe, source, keeper) = start();
    universe.settle().await;
    *source.version.lock() = 7;
    universe.advance(Duration::from_millis(501)).await;
    assert_eq!(keeper.published().load().version, 7);
    universe.advance(Duration::from_millis(501)).await;
    assert_eq!(*source.loads.lock(), 2);
    assert_eq!(keeper.observe().await.unwrap().published, 1, "what is unchanged is not published");
}

#[actix::test]
async fn an_admin_sees_their_own_write_also_when_a_load_is_under_way() {
    let (universe, source, keeper) = start();
    *source.takes.lock() = Duration::from_millis(100);
    universe.advance(Duration::from_millis(501)).await;
    assert_eq!(*source.loads.lock(), 1, "it began before the write");
    *source.version.lock() = 3;
    assert_eq!(keeper.reload().await.unwrap(), 3);
    assert_eq!(keeper.published().load().version, 3);
}

#[actix::test]
async fn a_database_that_is_away_leaves_the_old_catalogue_in_force() {
    let (universe, source, keeper) = start();
    *source.version.lock() = 2;
    keeper.reload().await.unwrap();
    *source.away.lock() = true;
    *source.version.lock() = 3;
    assert!(keeper.reload().await.is_err());
    universe.advance(Duration::from_millis(501)).await;
    let view = keeper.observe().await.unwrap();
    assert_eq!((view.version, view.failures), (2, 2));
    assert_eq!(keeper.published().load().version, 2);
    *source.away.lock() = false;
    universe.advance(Duration::from_millis(501)).await;
    let view = keeper.observe().await.unwrap();
    assert_eq!((view.version, view.failures, view.last_error), (3, 0, None));
}
