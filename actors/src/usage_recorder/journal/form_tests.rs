//! What a record's payload keeps: every part of a row, in this version's form and the one before.

use super::super::super::tests::{full_row, row};
use super::{JSON_VERSION, VERSION, decode};
use crate::domain::instant::Micros;
use crate::domain::ledger::{LedgerRow, Opened};

#[test]
fn every_part_of_a_row_comes_back() {
    let bare = LedgerRow::interrupted(row(2).opened, Micros(5));
    for row in [full_row(), bare] {
        let payload = rmp_serde::to_vec_named(&row).unwrap();
        assert_eq!(decode(VERSION, &payload), Ok(row.clone()));
        let opened = rmp_serde::to_vec_named(&row.opened).unwrap();
        assert_eq!(decode::<Opened>(VERSION, &opened), Ok(row.opened.clone()));
        let json = serde_json::to_vec(&row).unwrap();
        assert_eq!(decode(JSON_VERSION, &json), Ok(row));
    }
}

/// A row is written as one list of fields, and its number stands before it: what was known at
/// admission first, under the names that its own record has as well.
#[test]
fn what_was_known_at_admission_stands_beside_the_rest() {
    let row = full_row();
    let (all, opened) = (serde_json::to_value(&row), serde_json::to_value(&row.opened));
    let (all, opened) = (all.unwrap(), opened.unwrap());
    let (all, opened) = (all.as_object().unwrap(), opened.as_object().unwrap());
    for (name, value) in opened {
        assert_eq!(all.get(name), Some(value), "{name}");
    }
    let payload = rmp_serde::to_vec_named(&row).unwrap();
    // A map of sixteen entries or more: a mark, and the number in two bytes.
    let count = u16::try_from(all.len()).unwrap().to_be_bytes();
    assert_eq!(payload[..3], [0xde, count[0], count[1]]);
}

/// Older programs wrote what is not known as `null`, and empty lists.
#[test]
fn a_record_of_the_version_before_is_read() {
    let mut document = serde_json::to_value(full_row()).unwrap();
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
    let row = full_row();
    let mut document = serde_json::to_value(&row).unwrap();
    let fields = document.as_object_mut().unwrap();
    fields.insert("zone".to_owned(), serde_json::json!({ "name": "eu", "hops": [1, 2] }));
    fields["usage"]["audio"] = 7.into();
    let payload = rmp_serde::to_vec_named(&document).unwrap();
    assert_eq!(decode(VERSION, &payload), Ok(row));
}

#[test]
fn a_payload_that_was_cut_is_no_row() {
    let payload = rmp_serde::to_vec_named(&full_row()).unwrap();
    for cut in 0..payload.len() {
        assert!(decode::<LedgerRow>(VERSION, &payload[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_later_version_is_not_guessed_at() {
    assert_eq!(decode::<Opened>(3, &[]), Err("a record of version 3".to_owned()));
}
