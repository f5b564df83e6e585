//! `/requests/door`: who was turned away in the last hour before there was a row, and what to do.

use actix_web::HttpResponse;
use serde::Serialize;

use crate::proxy::door_log::RefusedAtDoor;
use crate::web::console::frame::{Admin, Page, PageError, Room, Text};

/// The page.
#[derive(Clone, Debug, Serialize)]
pub struct DoorPage {
    /// Refusals, the ones that go on first.
    pub groups: Vec<Group>,
    /// How many there were.
    pub count: i64,
}

/// Refusals that are the same but for their time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The status.
    pub status: u16,
    /// The status in words.
    pub word: Text,
    /// Why, and what to do.
    pub help: Text,
    /// What the client was told.
    pub reason: String,
    /// The first characters of the key.
    pub key_prefix: Option<String>,
    /// The client's address.
    pub client_ip: Option<String>,
    /// The path of the last one.
    pub path: String,
    /// The id of the last one.
    pub id: String,
    /// How many there were.
    pub count: i64,
    /// The first.
    pub first: i64,
    /// The last.
    pub last: i64,
}

/// Shows the page.
pub async fn show(Admin(visitor): Admin) -> Result<HttpResponse, PageError> {
    let refused = visitor.console().relay.refused.recent(visitor.app().clock.now());
    visitor.show(&DoorPage::of(&refused))
}

impl DoorPage {
    /// Puts together what is the same; the newest comes first.
    #[must_use]
    pub fn of(refused: &[RefusedAtDoor]) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for one in refused {
            let key_prefix = one.key_prefix.as_deref();
            let client_ip = one.client_ip.as_deref();
            let same = groups.iter_mut().find(|group| {
                group.status == one.status
                    && group.reason == *one.reason
                    && group.key_prefix.as_deref() == key_prefix
                    && group.client_ip.as_deref() == client_ip
            });
            if let Some(group) = same {
                group.count += 1;
                group.first = group.first.min(one.at.0);
            } else {
                groups.push(Group::of(one));
            }
        }
        Self { groups, count: i64::try_from(refused.len()).unwrap_or(i64::MAX) }
    }
}

impl Group {
    fn of(one: &RefusedAtDoor) -> Self {
        let (word, help) = words(one.code);
        Self {
            status: one.status,
            word: Text::of(word),
            help: Text::of(help),
            reason: one.reason.to_string(),
            key_prefix: one.key_prefix.as_deref().map(str::to_owned),
            client_ip: one.client_ip.as_deref().map(str::to_owned),
            path: one.path.to_string(),
            id: one.id.to_string(),
            count: 1,
            first: one.at.0,
            last: one.at.0,
        }
    }
}

/// Returns what it is called, and what to do about it.
fn words(code: &str) -> (&'static str, &'static str) {
    match code {
        "missing_api_key" => ("door-missing-key", "door-missing-key-help"),
        "conflicting_api_keys" => ("door-two-keys", "door-two-keys-help"),
        "invalid_api_key" => ("door-unknown-key", "door-unknown-key-help"),
        "key_disabled" => ("door-key-disabled", "door-key-disabled-help"),
        "key_expired" => ("door-key-expired", "door-key-expired-help"),
        "user_disabled" => ("door-user-disabled", "door-user-disabled-help"),
        "user_expired" => ("door-user-expired", "door-user-expired-help"),
        "unknown_route" => ("door-route", "door-route-help"),
        "websocket" => ("door-websocket", "door-websocket-help"),
        "too_large" => ("door-large", "door-large-help"),
        "slow_upload" => ("door-slow", "door-slow-help"),
        "encoding" => ("door-encoding", "door-encoding-help"),
        "broken_upload" => ("door-broken", "door-broken-help"),
        "requests_full" => ("door-full", "door-full-help"),
        "memory_full" => ("door-memory", "door-memory-help"),
        "uploads_full" => ("door-uploads", "door-uploads-help"),
        "journal" => ("door-journal", "door-journal-help"),
        _ => ("door-other", "door-other-help"),
    }
}

impl Page for DoorPage {
    const TEMPLATE: &'static str = "pages/requests/door.html";
    const ROOM: Room = Room::Requests;

    fn title(&self) -> Text {
        Text::of("door-title")
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let group = |status: u16, code: &str, count: i64| {
            let (word, help) = words(code);
            Group {
                status,
                word: Text::of(word),
                help: Text::of(help),
                reason: "what the client was told".to_owned(),
                key_prefix: Some("sk-1a2b".to_owned()),
                client_ip: Some("10.1.2.3".to_owned()),
                path: "/v1/messages".to_owned(),
                id: "019df82f-3001-7101-8101-010101010101".to_owned(),
                count,
                first: 1_777_980_000_000_000,
                last: 1_777_982_340_000_000,
            }
        };
        let mut long = group(404, "unknown_route", 1_000_000);
        long.path = format!("/v1/{}", "<path>/".repeat(60));
        (long.key_prefix, long.client_ip) = (None, None);
        let typical = vec![group(401, "invalid_api_key", 37), group(413, "too_large", 1)];
        let all = [
            "missing_api_key",
            "conflicting_api_keys",
            "key_disabled",
            "key_expired",
            "user_disabled",
            "user_expired",
            "websocket",
            "slow_upload",
            "encoding",
            "broken_upload",
            "requests_full",
            "memory_full",
            "uploads_full",
            "journal",
            "other",
        ];
        let mut extreme: Vec<_> = all.into_iter().map(|code| group(400, code, 2)).collect();
        extreme.push(long);
        vec![
            ("empty", Self { groups: Vec::new(), count: 0 }),
            ("typical", Self { groups: typical, count: 38 }),
            ("extreme", Self { groups: extreme, count: 1_000_028 }),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use switchyard_actors::domain::ids::RequestId;
    use switchyard_actors::domain::instant::Micros;

    use super::*;

    #[test]
    fn what_repeats_is_one_line_with_its_count_and_last_time() {
        let one = |at, code, ip: &str| RefusedAtDoor {
            id: RequestId([7; 16]),
            at: Micros(at),
            status: 401,
            code,
            reason: Arc::from(code),
            path: Arc::from("/v1/messages"),
            key_prefix: Some(Arc::from("sk-1a2b")),
            client_ip: Some(Arc::from(ip)),
        };
        let newest_first = [
            one(9, "invalid_api_key", "10.0.0.1"),
            one(8, "key_expired", "10.0.0.1"),
            one(7, "invalid_api_key", "10.0.0.2"),
            one(5, "invalid_api_key", "10.0.0.1"),
        ];
        let page = DoorPage::of(&newest_first);
        let told: Vec<_> =
            page.groups.iter().map(|group| (group.count, group.first, group.last)).collect();
        assert_eq!((told, page.count), (vec![(2, 5, 9), (1, 8, 8), (1, 7, 7)], 4));
        assert_eq!(page.groups[0].word, Text::of("door-unknown-key"));
    }
}
