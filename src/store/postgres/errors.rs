//! What PostgreSQL says, in the store's words and without values; and what to do about it.

use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::store::dsn::TlsMode;
use crate::store::error::{Rule, StoreError};

/// Puts an error of the engine into the store's words. Details of rows are left out.
pub(super) fn translate(statement: &'static str, error: &Error) -> StoreError {
    let Some(told) = error.as_db_error() else {
        let unavailable = error.is_closed() || io_cause(error).is_some();
        let reason = chain(error);
        return if unavailable {
            StoreError::Unavailable(reason)
        } else {
            StoreError::Failed { statement, reason }
        };
    };
    let reason = told.message().to_owned();
    let rule = match told.code() {
        &SqlState::UNIQUE_VIOLATION => Some(Rule::Unique),
        &SqlState::FOREIGN_KEY_VIOLATION => Some(Rule::Reference),
        code => code.code().starts_with("23").then_some(Rule::Check),
    };
    if let Some(rule) = rule {
        return StoreError::Broken { statement, rule, detail: reason };
    }
    if is_passing(told.code()) {
        StoreError::Unavailable(reason)
    } else {
        StoreError::Failed { statement, reason }
    }
}

/// Tells whether it is the server's state that refuses, not the statement: the same one may succeed
/// later.
fn is_passing(code: &SqlState) -> bool {
    // Connection, conflict of transactions, resources, operator intervention, the system below it.
    const CLASSES: [&str; 5] = ["08", "40", "53", "57", "58"];
    // It only reads (a standby, a maintenance), a lock did not come free in time, a transaction was
    // too slow, a right is missing.
    const CODES: [&str; 5] = ["25006", "55P03", "25P03", "25P04", "42501"];
    CLASSES.iter().any(|class| code.code().starts_with(class)) || CODES.contains(&code.code())
}

/// Tells whether the connection is of no use any more, rather than the statement wrong.
pub(super) fn is_lost(error: &Error) -> bool {
    let ended = |code: &SqlState| {
        // Ended by the administrator, by a crash, or while the server starts. One that may only read
        // is of no more use: a new one may lead to the server that writes.
        matches!(code.code(), "57P01" | "57P02" | "57P03" | "25006")
    };
    error.is_closed() || error.code().is_some_and(ended) || io_cause(error).is_some()
}

fn io_cause(error: &Error) -> Option<&io::Error> {
    std::error::Error::source(error).and_then(|cause| cause.downcast_ref())
}

fn chain(error: &Error) -> String {
    let cause = std::error::Error::source(error);
    match cause.map(ToString::to_string) {
        Some(cause) if !error.to_string().contains(&cause) => format!("{error}: {cause}"),
        _ => error.to_string(),
    }
}

pub(super) const UNANSWERED: &str =
    "it does not answer; check host and port in DSN, and that no firewall is in between";

/// Says why a connection failed and what to check.
pub(super) fn explain(error: &Error, tls: TlsMode) -> String {
    if let Some(told) = error.as_db_error() {
        let advice = match told.code().code() {
            "28P01" | "28000" => "check user and password in DSN and the server's pg_hba.conf",
            "3D000" => "create the database or name another one in DSN",
            "53300" => "it has no connection left: raise max_connections or use fewer",
            "57P03" => "it is starting or stopping; try again in a moment",
            _ => "look into its log",
        };
        return format!("{}; {advice}", told.message());
    }
    let cause = chain(error);
    let advice = match io_cause(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => {
            "nothing listens there; check host and port in DSN and that the server runs"
        }
        Some(io::ErrorKind::TimedOut) => return UNANSWERED.to_owned(),
        _ if cause.contains("lookup") => "check the host name in DSN",
        _ if cause.contains("TLS") && tls != TlsMode::Disable => {
            "check sslmode and sslrootcert in DSN, and EXTRA_CA_FILE"
        }
        _ => "check host, port, user and password in DSN",
    };
    format!("{cause}; {advice}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_cannot_do_now_is_passing_and_what_it_will_never_do_is_not() {
        let is = |code: &str| is_passing(&SqlState::from_code(code));
        for code in
            ["25006", "55P03", "58030", "42501", "57014", "40P01", "53100", "08006", "25P04"]
        {
            assert!(is(code), "{code}");
        }
        // A row may be at fault in these: repeated for ever, it would keep all others out.
        for code in ["XX000", "22001", "42P01", "42703", "25001", "54000"] {
            assert!(!is(code), "{code}");
        }
    }
}
