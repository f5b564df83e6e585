//! What an answer says, as it is written: the same in a stream and as a whole.

use serde::Serialize;

use super::citations::AnnotationOut;
use super::content_out::UrlOut;
use crate::wire::convert::functions;
use crate::wire::convert::hub::{CallKind, Family, Image, Json, Seal};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::names::Names;

/// A message, or a delta of one.
#[derive(Default, Serialize)]
pub(super) struct Said<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_details: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<AnnotationOut>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<ImageOut>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<CallOut<'a>>,
}

/// A picture of an answer: `OpenAI` has none here; vendors who have agree on this.
#[derive(Serialize)]
pub(super) struct ImageOut {
    #[serde(rename = "type")]
    kind: &'static str,
    image_url: UrlOut,
}

impl ImageOut {
    /// Writes a picture; `None` when nobody but some vendor can reach it.
    pub(super) fn of(image: &Image, losses: &mut Losses) -> Option<Self> {
        let image_url = UrlOut::of(image);
        losses.push_if(image_url.is_none(), Token::DropImageUrl, "");
        image_url.map(|image_url| Self { kind: "image_url", image_url })
    }
}

/// A call, or a piece of one.
#[derive(Default, Serialize)]
pub(super) struct CallOut<'a> {
    /// Its number among the calls; in streams alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<FunctionOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra_content: Option<ExtraOut<'a>>,
}

/// What a function is called with.
#[derive(Serialize)]
pub(super) struct FunctionOut<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    arguments: &'a str,
}

/// What a tool that takes text is called with.
#[derive(Serialize)]
pub(super) struct CustomOut<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    input: &'a str,
}

/// Where Google's interface of this format keeps the signature of a call.
#[derive(Serialize)]
pub(super) struct ExtraOut<'a> {
    google: GoogleOut<'a>,
}

#[derive(Serialize)]
struct GoogleOut<'a> {
    thought_signature: &'a str,
}

impl<'a> CallOut<'a> {
    /// Makes a call or its beginning (with a name), or what goes on with it.
    pub(super) fn of(custom: bool, name: Option<&'a str>, args: &'a str) -> Self {
        if custom {
            return Self { custom: Some(CustomOut { name, input: args }), ..Self::default() };
        }
        Self { function: Some(FunctionOut { name, arguments: args }), ..Self::default() }
    }

    /// Says what kind of call it is.
    pub(super) const fn typed(mut self) -> Self {
        self.kind = Some(if self.custom.is_some() { "custom" } else { "function" });
        self
    }

    /// Adds the seal, when it is of Google: that is the one which has a place here.
    pub(super) fn sealed(mut self, seal: Option<&'a Seal>) -> Self {
        let google = seal.filter(|seal| seal.family == Family::Google);
        self.extra_content =
            google.map(|seal| ExtraOut { google: GoogleOut { thought_signature: &seal.blob } });
        self
    }
}

/// A tool as the client knows it, and how what it is called with comes there.
#[derive(Debug)]
pub(super) struct Known {
    pub name: String,
    /// The client offered it as a tool that takes text.
    pub custom: bool,
    /// It went out as a function, so that the text must be taken out of its arguments.
    pub unwrap: bool,
}

impl Known {
    /// Looks up what the upstream calls by a name.
    pub(super) fn of(name: &str, kind: CallKind, names: &Names) -> Self {
        let Some(tool) = names.tool_of(name) else {
            let custom = kind == CallKind::Custom;
            return Self { name: name.to_owned(), custom, unwrap: false };
        };
        let name = match &tool.namespace {
            Some(namespace) => format!("{namespace}__{}", tool.name),
            None => tool.name.clone(),
        };
        let custom = tool.kind == CallKind::Custom;
        Self { name, custom, unwrap: custom && kind != CallKind::Custom }
    }

    /// Returns whole arguments as the client takes them.
    pub(super) fn args(&self, args: &str) -> String {
        if self.unwrap {
            return functions::args_back(CallKind::Custom, args);
        }
        let none = !self.custom && args.trim().is_empty();
        if none { "{}".to_owned() } else { args.to_owned() }
    }
}
