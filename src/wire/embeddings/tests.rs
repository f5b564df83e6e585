use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::wire::convert::loss::Token;

const BASE: &str = "https://one.example";
const ONE: &str = "/v1beta/models/m:embedContent";
const MANY: &str = "/v1beta/models/m:batchEmbedContents";

fn body(question: &Question) -> Value {
    serde_json::from_slice(&question.body).unwrap()
}

fn from_openai(body: &Value) -> Result<Question, Refused> {
    to_gemini(body.to_string().as_bytes(), "sent", BASE)
}

fn from_gemini(path: &str, body: &Value) -> Result<Question, Refused> {
    to_openai(body.to_string().as_bytes(), path, "sent")
}

#[test]
fn a_model_of_google_s_is_named_once() {
    let question = to_gemini(br#"{"model":"m","input":"a"}"#, "models/sent", BASE).unwrap();
    assert_eq!(question.path, "/v1beta/models/sent:embedContent");
    assert_eq!(body(&question)["model"], "models/sent");
}

#[test]
fn a_text_is_one_content_and_a_list_is_a_batch() {
    let one = from_openai(&json!({"model": "m", "input": "a", "dimensions": 64})).unwrap();
    assert_eq!(one.path, "/v1beta/models/sent:embedContent");
    let content = json!({"model": "models/sent", "content": {"parts": [{"text": "a"}]},
        "outputDimensionality": 64});
    assert_eq!(body(&one), content);
    let many = from_openai(&json!({"model": "m", "input": ["a", "b"]})).unwrap();
    assert_eq!(many.path, "/v1beta/models/sent:batchEmbedContents");
    assert_eq!(body(&many)["requests"][1]["content"]["parts"][0]["text"], "b");
    assert_eq!(many.texts, ["a", "b"]);
}

#[test]
fn more_texts_than_google_takes_are_refused_with_the_number() {
    let asked = |count: usize| json!({"model": "m", "input": vec!["a"; count]});
    assert_eq!(from_openai(&asked(100)).unwrap().texts.len(), 100);
    let refused = from_openai(&asked(101)).unwrap_err();
    assert!(refused.message.contains("101") && refused.message.contains("100"), "{refused}");
}

#[test]
fn google_s_cloud_is_asked_for_predictions() {
    let ask = |count: usize, model: &str| {
        let asked = json!({"model": "m", "input": vec!["a"; count], "dimensions": 8});
        to_gemini(asked.to_string().as_bytes(), model, "https://eu-aiplatform.googleapis.com")
    };
    let two = ask(2, "text-embedding-005").unwrap();
    assert_eq!(two.path, "/v1/publishers/google/models/text-embedding-005:predict");
    let wanted = json!({"instances": [{"content": "a"}, {"content": "a"}],
        "parameters": {"outputDimensionality": 8}});
    assert_eq!(body(&two), wanted);
    assert!(ask(250, "text-embedding-005").is_ok() && ask(251, "text-embedding-005").is_err());
    assert!(ask(1, "gemini-embedding-001").is_ok() && ask(2, "gemini-embedding-001").is_err());

    let one = |values: Value| json!({"embeddings": {"values": values, "statistics": {}}});
    let said = json!({"predictions": [one(json!([0.25])), one(json!([2.0]))]}).to_string();
    let whole = answer(two.form, said.as_bytes(), "m", 7).unwrap();
    let whole: Value = serde_json::from_slice(&whole).unwrap();
    assert_eq!(whole["data"][1]["embedding"], json!([2.0]));

    let said = |counts: [Value; 2]| {
        let one = |count: &Value| json!({"embeddings": {"values": [1.0], "statistics": count}});
        json!({"predictions": counts.iter().map(one).collect::<Vec<_>>()}).to_string()
    };
    let (six, seven) = (json!({"token_count": 6}), json!({"token_count": 7.0, "truncated": false}));
    assert_eq!(tokens_beside(said([six.clone(), seven]).as_bytes()), Some(13));
    assert_eq!(
        tokens_beside(said([six.clone(), json!({})]).as_bytes()),
        None,
        "one is not counted"
    );
    let huge = said([six, json!({ "token_count": u64::MAX })]);
    assert_eq!(tokens_beside(huge.as_bytes()), None, "more than there can be");
    assert_eq!(
        tokens_beside(br#"{"predictions":[],"x":"token_count"}"#),
        None,
        "nothing is counted"
    );
}

#[test]
fn ids_of_tokens_and_nothing_are_refused_in_clear_words() {
    for input in [json!([1, 2, 3]), json!([[1, 2], [3]]), json!([]), json!(7), json!(["a", 1])] {
        let refused = from_openai(&json!({"model": "m", "input": input})).unwrap_err();
        assert!(refused.message.contains("`input`"), "{}", refused.message);
    }
    let ids = from_openai(&json!({"model": "m", "input": [1, 2]})).unwrap_err();
    assert!(ids.message.contains("ids of tokens"), "{}", ids.message);
    assert!(from_openai(&json!({"model": "m"})).is_err());
    let odd = json!({"model": "m", "input": "a", "encoding_format": "hex"});
    assert!(from_openai(&odd).is_err());
}

#[test]
fn contents_become_texts_and_their_purpose_is_lost_and_said() {
    let asked = json!({"content": {"parts": [{"text": "a"}, {"text": "b"}]},
        "taskType": "RETRIEVAL_QUERY", "outputDimensionality": 8});
    let one = from_gemini(ONE, &asked).unwrap();
    let wanted =
        json!({"model": "sent", "input": "a\nb", "encoding_format": "float", "dimensions": 8});
    assert_eq!((one.path.as_str(), body(&one)), ("/v1/embeddings", wanted));
    assert_eq!(one.losses.counts(), [(Token::DropTaskType, 1)]);
    let many = json!({"requests": [{"model": "models/m", "content": "a", "title": "T"},
        {"content": {"parts": [{"text": "b"}]}, "task_type": "X"}]});
    let many = from_gemini(MANY, &many).unwrap();
    assert_eq!(body(&many)["input"], json!(["a", "b"]));
    assert_eq!(many.losses.counts(), [(Token::DropTaskType, 2)]);
}

#[test]
fn what_is_no_text_and_what_differs_is_refused() {
    let picture = json!({"content": {"parts": [{"inlineData": {"mimeType": "image/png"}}]}});
    assert!(from_gemini(ONE, &picture).unwrap_err().message.contains("only text"));
    assert!(from_gemini(MANY, &json!({"requests": []})).is_err());
    let sizes =
        json!({"requests": [{"content": "a", "outputDimensionality": 8}, {"content": "b"}]});
    assert!(from_gemini(MANY, &sizes).unwrap_err().message.contains("outputDimensionality"));
}

#[test]
fn numbers_keep_their_spelling_and_are_packed_when_asked() {
    let said = br#"{"embeddings":[{"values":[0.250,-5e-1]},{"values":[1,2]}]}"#;
    let plain = Form::OpenAi { packed: false, count: 2 };
    let text = String::from_utf8(answer(plain, said, "m", 7).unwrap()).unwrap();
    assert!(text.contains("[0.250,-5e-1]"), "{text}");
    let whole: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(whole["usage"], json!({"prompt_tokens": 7, "total_tokens": 7}));
    assert_eq!((&whole["model"], &whole["data"][1]["index"]), (&json!("m"), &json!(1)));
    let packed = Form::OpenAi { packed: true, count: 2 };
    let whole: Value = serde_json::from_slice(&answer(packed, said, "m", 7).unwrap()).unwrap();
    assert_eq!(whole["data"][0]["embedding"], "AACAPgAAAL8=");
}

#[test]
fn a_list_comes_back_in_the_order_of_its_texts_whatever_was_packed() {
    let said = json!({"data": [{"index": 1, "embedding": [2.0]},
        {"index": 0, "embedding": "AACAPgAAAL8="}]});
    let said = said.to_string();
    let many = answer(Form::GeminiMany { count: 2 }, said.as_bytes(), "m", 0).unwrap();
    let many: Value = serde_json::from_slice(&many).unwrap();
    assert_eq!(many, json!({"embeddings": [{"values": [0.25, -0.5]}, {"values": [2.0]}]}));
    let one = answer(Form::GeminiOne, br#"{"data":[{"embedding":[1]}]}"#, "m", 0).unwrap();
    assert_eq!(String::from_utf8(one).unwrap(), r#"{"embedding":{"values":[1]}}"#);
}

#[test]
fn an_answer_that_lacks_one_is_none() {
    for said in [r#"{"embeddings":[{"values":[1]}]}"#, r#"{"embeddings":[]}"#, "{}", "[]"] {
        let form = Form::OpenAi { packed: false, count: 2 };
        assert!(answer(form, said.as_bytes(), "m", 0).is_err(), "{said}");
    }
    assert!(answer(Form::GeminiOne, br#"{"data":[]}"#, "m", 0).is_err());
    assert!(answer(Form::GeminiOne, br#"{"data":[{"embedding":3}]}"#, "m", 0).is_err());
}

proptest! {
    /// There and back again nothing is lost of the texts, and nothing stumbles.
    #[test]
    fn texts_come_through_both_ways(texts in prop::collection::vec(".{0,30}", 1..6)) {
        let there = from_openai(&json!({"model": "m", "input": texts})).unwrap();
        let back = to_openai(&there.body, MANY, "m").unwrap();
        prop_assert_eq!(&back.texts, &texts);
        prop_assert!(back.losses.is_empty());
    }

    #[test]
    fn numbers_come_through_packed(numbers in prop::collection::vec(-1e6_f32..1e6, 1..20)) {
        let said = json!({"embedding": {"values": numbers}}).to_string();
        let form = Form::OpenAi { packed: true, count: 1 };
        let packed = answer(form, said.as_bytes(), "m", 0).unwrap();
        let back = answer(Form::GeminiOne, &packed, "m", 0).unwrap();
        let back: Value = serde_json::from_slice(&back).unwrap();
        let back: Vec<f32> = serde_json::from_value(back["embedding"]["values"].clone()).unwrap();
        prop_assert_eq!(back, numbers);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = to_gemini(&bytes, "m", BASE);
        let _ = to_openai(&bytes, MANY, "m");
        let _ = answer(Form::GeminiOne, &bytes, "m", 0);
    }
}
