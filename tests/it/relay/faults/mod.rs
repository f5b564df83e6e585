//! Every way an upstream can fail, in every dialect: what its client gets, who is charged, and what
//! the row says. What is expected stands in `tests/fixtures/faults/<dialect>.txt`, written by hand; the
//! table in `docs/FAULTS.md` is made of the same files.

mod cells;
mod expected;
mod run;
mod table;

use switchyard_actors::domain::dialect::Dialect;

use self::expected::{compare, read};
use crate::support::backing::Backing;

/// Runs all faults in one dialect on the embedded store and compares what is seen with what is
/// expected.
async fn all_faults_are_told_as_expected(dialect: Dialect) {
    all_faults_are_told_as_expected_on(&Backing::embedded(), dialect).await;
}

async fn all_faults_are_told_as_expected_on(backing: &Backing, dialect: Dialect) {
    let seen = run::all(dialect, backing).await;
    compare(dialect, &read(dialect), &seen);
}

#[tokio::test]
async fn of_anthropic_messages_are_told_as_expected() {
    all_faults_are_told_as_expected(Dialect::Anthropic).await;
}

#[tokio::test]
async fn of_openai_chat_are_told_as_expected() {
    all_faults_are_told_as_expected(Dialect::OpenaiChat).await;
}

#[tokio::test]
async fn of_openai_responses_are_told_as_expected() {
    all_faults_are_told_as_expected(Dialect::Responses).await;
}

#[tokio::test]
async fn of_gemini_are_told_as_expected() {
    all_faults_are_told_as_expected(Dialect::Gemini).await;
}

#[tokio::test]
async fn of_the_gemini_cli_are_told_as_expected() {
    all_faults_are_told_as_expected(Dialect::GeminiCli).await;
}

/// A relay with PostgreSQL and Redis behind it tells nothing else. Two dialects, one of either family,
/// stand for all: what differs between dialects is not where the state is.
#[tokio::test]
async fn of_anthropic_messages_are_told_as_expected_on_postgresql_and_redis() {
    let backing = Backing::servers().await;
    all_faults_are_told_as_expected_on(&backing, Dialect::Anthropic).await;
}

#[tokio::test]
async fn of_openai_responses_are_told_as_expected_on_postgresql_and_redis() {
    let backing = Backing::servers().await;
    all_faults_are_told_as_expected_on(&backing, Dialect::Responses).await;
}

#[test]
fn the_document_is_made_of_the_expectations() {
    table::is_up_to_date();
}
