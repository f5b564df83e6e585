//! The shell with an issuer and a store in memory, under a paused clock.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use super::*;
use crate::domain::catalogue::Catalogue;
use crate::domain::credential::{Access, Token};
use crate::domain::dialect::ProviderKind;
use crate::domain::provider::Provider;
use crate::domain::secret::Secret;
use crate::ports::GrantFault;
use crate::publish::Published;
use crate::shared::tokens::Tokens;
use crate::testing::{MemoryCredentials, ScriptedIssuer, TestUniverse, provider};

const HOUR: Duration = Duration::from_hours(1);
const SECOND: Duration = Duration::from_secs(1);

fn text(refresh_token: &str) -> String {
    json!({ "client_id": "c", "client_secret": "s", "refresh_token": refresh_token }).to_string()
}

fn with_key(key: &str) -> Arc<Provider> {
    let kind = ProviderKind::Gemini;
    let (access, key) = (Access::of(kind, key), Secret::new(key));
    Arc::new(Provider { kind, key, access, ..provider(1) })
}

struct World {
    universe: TestUniverse,
    issuer: Arc<ScriptedIssuer>,
    store: Arc<MemoryCredentials>,
    provider: Arc<Provider>,
    keeper: CredentialKeeperHandle,
}

impl World {
    fn start() -> Self {
        let universe = TestUniverse::start();
        let (issuer, store) =
            (Arc::<ScriptedIssuer>::default(), Arc::<MemoryCredentials>::default());
        let provider = with_key(&text("r1"));
        store.give(provider.id, &text("r1"));
        let catalogue =
            Catalogue { providers: Arc::from([Arc::clone(&provider)]), ..Catalogue::default() };
        let keeper = CredentialKeeperHandle::start(
            CredentialPorts { source: issuer.clone(), store: store.clone() },
            Arc::<Tokens>::default(),
            Published::fixed(Arc::new(catalogue)),
            universe.clock(),
            universe.luck(),
        );
        Self { universe, issuer, store, provider, keeper }
    }

    async fn ask(&self) -> Result<String, TokenFault> {
        let token = self.keeper.token(&self.provider, None, 60 * SECOND).await;
        token.map(|token| token.secret.reveal().to_owned())
    }

    async fn ask_instead_of(&self, stale: &str) -> Result<String, TokenFault> {
        let stale = Token { secret: Secret::new(stale), expires_at: self.universe.now() };
        let token = self.keeper.token(&self.provider, Some(&stale), 60 * SECOND).await;
        token.map(|token| token.secret.reveal().to_owned())
    }
}

#[actix::test]
async fn many_who_ask_at_once_wait_for_one_token() {
    let world = World::start();
    world.issuer.delay(SECOND);
    world.issuer.grants("t1", HOUR, None);
    let all = join_all((0..50).map(|_| world.ask())).await;
    assert!(all.iter().all(|token| token.as_deref() == Ok("t1")), "{all:?}");
    assert_eq!(world.ask().await.as_deref(), Ok("t1"), "and who comes later has it at once");
    assert_eq!(world.issuer.asked(), ["r1"]);
    assert_eq!(world.keeper.observe().await.unwrap().got, 1);
}

#[actix::test]
async fn a_token_that_is_used_is_replaced_before_its_end_with_what_was_rotated() {
    let world = World::start();
    world.issuer.grants("t1", HOUR, Some("r2"));
    world.issuer.grants("t2", HOUR, None);
    world.ask().await.unwrap();
    assert!(world.store.kept(world.provider.id).contains("\"r2\""), "the rotation is kept");
    world.universe.advance(Duration::from_mins(53)).await;
    assert_eq!(world.issuer.asked().len(), 1, "not yet");
    for _ in 0..30 {
        world.universe.advance(5 * SECOND).await;
    }
    assert_eq!(world.issuer.asked(), ["r1", "r2"]);
    assert_eq!(world.ask().await.as_deref(), Ok("t2"), "though the catalogue still has the first");
    world.universe.advance(HOUR).await;
    assert_eq!(world.issuer.asked().len(), 3, "the second was used too, and its end came");
}

#[actix::test]
async fn a_token_that_nobody_uses_is_left_to_end() {
    let world = World::start();
    world.issuer.grants("t1", HOUR, None);
    world.issuer.grants("t2", HOUR, None);
    world.ask().await.unwrap();
    world.universe.advance(HOUR).await;
    world.universe.advance(3 * HOUR).await;
    assert_eq!(
        world.issuer.asked().len(),
        2,
        "once ahead, as the first one was used; then no more"
    );
}

#[actix::test]
async fn what_is_kept_is_taken_over_as_long_as_it_is_good() {
    let world = World::start();
    let kept = json!({ "client_id": "c", "client_secret": "s", "refresh_token": "r9",
        "access_token": "kept", "expiry": world.universe.now().plus(HOUR).seconds() });
    world.store.give(world.provider.id, &kept.to_string());
    assert_eq!(world.ask().await.as_deref(), Ok("kept"), "as another node has left it");
    assert_eq!(world.issuer.asked(), [""; 0]);
    world.issuer.grants("t1", HOUR, None);
    assert_eq!(
        world.ask_instead_of("kept").await.as_deref(),
        Ok("t1"),
        "the vendor did not take it"
    );
    assert_eq!(world.issuer.asked(), ["r9"]);
}

#[actix::test]
async fn a_token_that_was_just_got_and_is_not_taken_brings_no_storm() {
    let world = World::start();
    world.issuer.grants("t1", HOUR, None);
    world.ask().await.unwrap();
    for _ in 0..20 {
        assert_eq!(world.ask_instead_of("t1").await, Err(TokenFault::NotTaken));
    }
    world.issuer.grants("t2", HOUR, None);
    world.universe.advance(Duration::from_mins(2)).await;
    assert_eq!(world.ask_instead_of("t1").await.as_deref(), Ok("t2"));
    assert_eq!(
        world.ask_instead_of("t1").await.as_deref(),
        Ok("t2"),
        "who is late has the new one"
    );
    assert_eq!(world.issuer.asked().len(), 2);
}

#[actix::test]
async fn a_refused_credential_is_left_alone_until_another_is_given() {
    let world = World::start();
    let refuse = || world.issuer.push(Err(GrantFault::Refused(Arc::from("invalid_grant"))));
    refuse();
    for _ in 0..20 {
        let answer = world.ask().await;
        assert_eq!(answer, Err(TokenFault::Refused(Arc::from("invalid_grant"))));
    }
    assert_eq!(world.issuer.asked().len(), 1);
    let mark = world.provider.access.google().unwrap().mark();
    assert!(world.keeper.tokens().trouble(world.provider.id, &mark).unwrap().refused);
    refuse();
    world.universe.advance(Duration::from_mins(2)).await;
    assert!(world.ask().await.is_err());
    assert_eq!(world.issuer.asked().len(), 2, "it is tried again, after a while");
    let other = with_key(&text("r2"));
    world.store.give(other.id, &text("r2"));
    world.issuer.grants("t1", HOUR, None);
    let token = world.keeper.token(&other, None, SECOND).await.unwrap();
    assert_eq!(token.secret.reveal(), "t1", "another one is tried at once");
}

#[actix::test]
async fn one_that_another_node_rotated_meanwhile_is_not_refused() {
    let world = World::start();
    world.issuer.delay(SECOND);
    world.issuer.push(Err(GrantFault::Refused(Arc::from("invalid_grant"))));
    world.issuer.grants("t1", HOUR, None);
    let meanwhile = async {
        tokio::time::sleep(SECOND / 2).await;
        world.store.give(world.provider.id, &text("r2"));
    };
    let (answer, ()) = tokio::join!(world.ask(), meanwhile);
    assert_eq!(answer.as_deref(), Ok("t1"));
    assert_eq!(world.issuer.asked(), ["r1", "r2"]);
}

#[actix::test]
async fn while_another_node_gets_the_token_nobody_else_asks_for_one() {
    let world = World::start();
    world.store.claim_elsewhere(world.provider.id, true);
    let elsewhere = async {
        tokio::time::sleep(2 * SECOND).await;
        let kept = json!({ "client_id": "c", "client_secret": "s", "refresh_token": "r2",
            "access_token": "theirs", "expiry": world.universe.now().plus(HOUR).seconds() });
        world.store.give(world.provider.id, &kept.to_string());
        world.store.claim_elsewhere(world.provider.id, false);
    };
    let (answer, ()) = tokio::join!(world.ask(), elsewhere);
    assert_eq!(answer.as_deref(), Ok("theirs"));
    assert_eq!(world.issuer.asked(), [""; 0]);
}

#[actix::test]
async fn without_a_store_tokens_are_got_and_what_was_rotated_is_kept_later() {
    let world = World::start();
    world.issuer.grants("t1", HOUR, Some("r2"));
    world.store.switches.fail_next(2);
    assert_eq!(world.ask().await.as_deref(), Ok("t1"));
    assert!(!world.store.kept(world.provider.id).contains("r2"));
    world.universe.advance(6 * SECOND).await;
    assert!(world.store.kept(world.provider.id).contains("r2"));
    assert_eq!(world.keeper.observe().await.unwrap().unsaved, 0);
}

#[actix::test]
async fn what_was_rotated_is_not_lost_where_another_wrote_at_the_same_time() {
    let world = World::start();
    world.issuer.delay(SECOND);
    world.issuer.grants("t1", HOUR, Some("r2"));
    let meanwhile = async {
        tokio::time::sleep(SECOND / 2).await;
        // The same credential in another writing.
        world.store.give(world.provider.id, &format!("{} ", text("r1")));
    };
    let (answer, ()) = tokio::join!(world.ask(), meanwhile);
    assert_eq!(answer.as_deref(), Ok("t1"));
    assert!(!world.store.kept(world.provider.id).contains("r2"));
    assert_eq!(world.keeper.observe().await.unwrap().unsaved, 1);
    world.universe.advance(6 * SECOND).await;
    assert!(world.store.kept(world.provider.id).contains("r2"));
    assert_eq!(world.keeper.observe().await.unwrap().unsaved, 0);
}

#[actix::test]
async fn at_the_end_what_is_under_way_is_finished_and_kept() {
    let world = World::start();
    world.issuer.delay(3 * SECOND);
    world.issuer.grants("t1", HOUR, Some("r2"));
    let end = async {
        tokio::time::sleep(SECOND).await;
        world.keeper.finish(10 * SECOND).await.unwrap();
        assert!(world.store.kept(world.provider.id).contains("r2"));
    };
    let (answer, ()) = tokio::join!(world.ask(), end);
    assert_eq!(answer.as_deref(), Ok("t1"));
    assert!(world.ask_instead_of("t1").await.is_err(), "nothing is begun any more");
    assert_eq!(world.issuer.asked(), ["r1"]);
}

#[actix::test]
async fn a_provider_gets_one_token_at_a_time_whichever_credential_is_known_of_it() {
    let world = World::start();
    world.issuer.delay(SECOND);
    world.issuer.push(Err(GrantFault::Refused(Arc::from("invalid_grant"))));
    world.issuer.grants("t2", HOUR, None);
    let other = with_key(&text("r2"));
    let change = async {
        tokio::time::sleep(SECOND / 2).await;
        world.store.give(other.id, &text("r2"));
        let token = world.keeper.token(&other, None, 60 * SECOND).await;
        token.map(|token| token.secret.reveal().to_owned())
    };
    let (old, new) = tokio::join!(world.ask(), change);
    assert_eq!((old.as_deref(), new.as_deref()), (Ok("t2"), Ok("t2")));
    assert_eq!(world.issuer.asked(), ["r1", "r2"], "one after the other, and no third");
}

#[actix::test]
async fn an_issuer_that_is_away_is_asked_less_and_less_and_the_present_token_is_used() {
    let world = World::start();
    world.issuer.grants("t1", HOUR, None);
    world.ask().await.unwrap();
    world.universe.advance(Duration::from_mins(57)).await;
    for _ in 0..29 {
        world.universe.advance(5 * SECOND).await;
        assert_eq!(world.ask().await.as_deref(), Ok("t1"));
    }
    let asked = world.issuer.asked().len() - 1;
    assert!((2..8).contains(&asked), "in two and a half minutes: {asked}");
    world.universe.advance(SECOND * 30).await;
    assert!(matches!(world.ask().await, Err(TokenFault::Away(_))));
}
