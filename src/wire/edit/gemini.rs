//! The model inside of Gemini's bodies that embed or count: it is in the path, and in the body once more, where
//! Google wants the same one.

use std::ops::Range;

use crate::wire::scan::{self, Kind, Path, Value, Visitor, Want};

use super::{Edit, MODEL_REDIRECT};

/// Where bodies name the model.
const PLACES: [&[&str]; 4] = [
    &["model"],
    &["requests", "[]", "model"],
    &["generateContentRequest", "model"],
    &["generate_content_request", "model"],
];
/// So many names are changed at most. Google takes a hundred in a batch.
const MOST: usize = 2_048;

/// Asks for another model wherever a body names the one that was asked for; what stands in front of the name
/// (`models/`) stays. A body that names a third one is left for the vendor to judge.
#[must_use]
pub fn redirect_named(body: &[u8], asked: &str, model: &str) -> Vec<Edit> {
    let named = scan::scan(body, Named { asked, found: Vec::new() }).map(|named| named.found);
    let edit = |(span, front): (Range<usize>, String)| {
        let replacement = serde_json::to_vec(&format!("{front}{model}")).ok()?.into();
        Some(Edit { name: MODEL_REDIRECT, span, replacement })
    };
    named.unwrap_or_default().into_iter().filter_map(edit).collect()
}

/// The names that were seen: where each stands, and what is in front of it.
struct Named<'a> {
    asked: &'a str,
    found: Vec<(Range<usize>, String)>,
}

impl Visitor for Named<'_> {
    fn wants(&mut self, path: &Path<'_>, _: Kind) -> Want {
        let leads = PLACES.iter().any(|place| path.leads_to(place));
        if leads && self.found.len() < MOST { Want::Enter } else { Want::Skip }
    }

    fn value(&mut self, path: &Path<'_>, value: &Value<'_>) {
        let is_place = PLACES.iter().any(|place| path.is(place));
        let Some(text) = value.as_str().filter(|_| is_place) else { return };
        let front = text.strip_suffix(self.asked);
        if let Some(front) = front.filter(|front| front.is_empty() || front.ends_with('/')) {
            self.found.push((value.span.clone(), front.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;
    use serde_json::{Value as Document, json};

    use super::super::{apply, join};
    use super::*;

    fn redirected(body: &str) -> String {
        let edits = redirect_named(body.as_bytes(), "old", "new\"er");
        let segments = apply(&Bytes::copy_from_slice(body.as_bytes()), edits).unwrap();
        String::from_utf8(join(segments).to_vec()).unwrap()
    }

    #[test]
    fn every_name_changes_and_nothing_beside_it() {
        for (body, wanted) in [
            (
                r#"{"model" : "models/old", "content":{}}"#,
                r#"{"model" : "models/new\"er", "content":{}}"#,
            ),
            (
                r#"{"requests":[ {"model":"models/old"},{"content":{"model":"old"}}, {"model": "old" }]}"#,
                r#"{"requests":[ {"model":"models/new\"er"},{"content":{"model":"old"}}, {"model": "new\"er" }]}"#,
            ),
            (
                r#"{"generateContentRequest":{"contents":[{"model":"old"}],"model":"models/old"}}"#,
                r#"{"generateContentRequest":{"contents":[{"model":"old"}],"model":"models/new\"er"}}"#,
            ),
            (
                r#"{"generate_content_request":{"model":"mod\u0065ls\/old"}}"#,
                r#"{"generate_content_request":{"model":"models/new\"er"}}"#,
            ),
        ] {
            assert_eq!(redirected(body), wanted);
        }
        for same in [
            r#"{"model":"models/other"}"#,
            r#"{"model":"older"}"#,
            r#"{"model":"gold"}"#,
            r#"{"model":1}"#,
            "[",
            "",
        ] {
            assert_eq!(redirected(same), same);
        }
    }

    #[test]
    fn a_batch_that_nobody_takes_is_not_cut_in_millions_of_pieces() {
        let one = json!({ "model": "models/old" });
        let body = json!({ "requests": vec![one; 5_000] }).to_string();
        assert_eq!(redirect_named(body.as_bytes(), "old", "new").len(), MOST);
    }

    proptest! {
        #[test]
        fn a_batch_names_the_new_model_where_it_named_the_old_one(
            names in proptest::collection::vec(prop_oneof![
                Just(Some("old")), Just(Some("models/old")), Just(Some("models/other")), Just(None),
            ], 0..20),
        ) {
            let request = |name: &Option<&str>| match name {
                Some(name) => json!({ "model": name, "content": { "parts": [{ "text": "old" }] } }),
                None => json!({ "content": { "parts": [{ "text": "models/old" }] } }),
            };
            let body = json!({ "requests": names.iter().map(request).collect::<Vec<_>>() });
            let now: Document = serde_json::from_str(&redirected(&body.to_string())).unwrap();
            let changed: Vec<Option<String>> = names
                .iter()
                .map(|name| name.map(|name| match name {
                    "models/other" => name.to_owned(),
                    name => name.replace("old", "new\"er"),
                }))
                .collect();
            let named: Vec<Option<String>> = now["requests"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["model"].as_str().map(str::to_owned))
                .collect();
            prop_assert_eq!(named, changed);
            prop_assert_eq!(now.to_string().len() - body.to_string().len(),
                names.iter().flatten().filter(|name| **name != "models/other").count() * 4);
        }
    }
}
