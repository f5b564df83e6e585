//! What a record's payload keeps: every part of a row, in this version's form and the one before.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::super::tests::row;
use super::{JSON_VERSION, VERSION, decode};
use crate::domain::billing::{BilledModel, Tier};
use crate::domain::decision::{ChainLink, Decision, Exclusion, Method};
use crate::domain::ids::{PriceId, ProviderId, SessionId};
use crate::domain::instant::Micros;
use crate::domain::ledger::{LedgerRow, Opened, RowCost, Terms};
use crate::domain::limits::{Amount, LimitKind, LimitOwner, Refusal};
use crate::domain::money::Nano;
use crate::domain::usage::Usage;

/// A row that uses every field, with texts that JSON has to escape.
fn full() -> LedgerRow {
    let mut row = row(1);
    row.opened.session = Some(SessionId(Arc::from("s_1")));
    row.opened.client_ip = Some(Arc::from("192.0.2.7"));
    row.opened.user_agent = Some(Arc::from("agent \"x\"\n\u{1F600}"));
    row.sent_status = Some(200);
    row.group = Some(Arc::from("g"));
    row.upstream_model = Some(Arc::from("up"));
    row.response_model = Some(Arc::from("said"));
    row.usage = Some(Usage { input: u64::MAX, cache_read: 3, ..Usage::default() });
    row.cost = Some(RowCost { cost: Nano(i64::MAX), list: Nano(-1), price: PriceId(4) });
    row.terms = Some(Terms {
        provider_factor: Arc::from("1.25"),
        group_factor: Arc::from("0.5"),
        tier: Tier::Priority,
        billed_model: BilledModel::Asked,
    });
    row.unbilled = Some(Arc::from("unpriced"));
    row.first_byte_ms = Some(0);
    row.first_content_ms = Some(7);
    row.chain = vec![link(None), link(Some(decision()))];
    row.edits = vec![Arc::from("model redirect")];
    row.notes = vec![Arc::from("gate: slow")];
    row.error = Some(Arc::from(""));
    row.refusal = Some(Refusal {
        kind: LimitKind::Usd5h,
        owner: LimitOwner::User,
        current: Amount::Money(Nano(3)),
        limit: Amount::Count(2),
        resets_at: Some(Micros(9)),
        retry_after_s: None,
        only_held: true,
    });
    row.messages = Some(4);
    row
}

fn link(decision: Option<Decision>) -> ChainLink {
    ChainLink {
        provider: ProviderId(1),
        name: Arc::from("p"),
        reason: Arc::from("retry_failed"),
        attempt: 2,
        status: Some(500),
        inferred: true,
        error: Some(Arc::from("no")),
        started_ms: 1,
        took_ms: 2,
        decision,
    }
}

fn decision() -> Decision {
    Decision {
        seed: u64::MAX,
        catalogue: 12,
        pick: Some(ProviderId(1)),
        method: Method::Draw,
        priority: Some(-1),
        tier: vec![(ProviderId(1), 3)],
        excluded: BTreeMap::from([(Exclusion::CircuitOpen, vec![ProviderId(8)])]),
    }
}

#[test]
fn every_part_of_a_row_comes_back() {
    let bare = LedgerRow::interrupted(row(2).opened, Micros(5));
    for row in [full(), bare] {
        let payload = rmp_serde::to_vec_named(&row).unwrap();
        assert_eq!(decode(VERSION, &payload), Ok(row.clone()));
        let opened = rmp_serde::to_vec_named(&row.opened).unwrap();
        assert_eq!(decode::<Opened>(VERSION, &opened), Ok(row.opened.clone()));
        let json = serde_json::to_vec(&row).unwrap();
        assert_eq!(decode(JSON_VERSION, &json), Ok(row));
    }
}

/// Older programs wrote what is not known as `null`, and empty lists.
#[test]
fn a_record_of_the_version_before_is_read() {
    let mut document = serde_json::to_value(full()).unwrap();
    let fields = document.as_object_mut().unwrap();
    for name in ["group", "cost", "terms", "usage", "refusal", "session", "user_agent"] {
        fields.insert(name.to_owned(), serde_json::Value::Null);
    }
    fields.insert("edits".to_owned(), serde_json::json!([]));
    let read: LedgerRow = decode(JSON_VERSION, document.to_string().as_bytes()).unwrap();
    assert_eq!((read.group, read.cost, read.usage), (None, None, None));
    assert_eq!((read.opened.session, read.edits.len(), read.chain.len()), (None, 0, 2));
}

/// A program that is put back reads what the later one wrote, as far as it understands it.
#[test]
fn fields_of_a_later_program_are_passed_over() {
    let row = full();
    let mut document = serde_json::to_value(&row).unwrap();
    let fields = document.as_object_mut().unwrap();
    fields.insert("zone".to_owned(), serde_json::json!({ "name": "eu", "hops": [1, 2] }));
    fields["usage"]["audio"] = 7.into();
    let payload = rmp_serde::to_vec_named(&document).unwrap();
    assert_eq!(decode(VERSION, &payload), Ok(row));
}

#[test]
fn a_payload_that_was_cut_is_no_row() {
    let payload = rmp_serde::to_vec_named(&full()).unwrap();
    for cut in 0..payload.len() {
        assert!(decode::<LedgerRow>(VERSION, &payload[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_later_version_is_not_guessed_at() {
    assert_eq!(decode::<Opened>(3, &[]), Err("a record of version 3".to_owned()));
}
