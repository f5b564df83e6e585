//! Pieces of a turn or an answer.

use super::json::Json;
use super::place::Place;
use super::request::Ttl;

/// A piece of a turn, of a tool's result, or of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text for people or the model.
    Text(Text),
    /// A picture.
    Image(Image),
    /// A file: PDF, plain text, or anything that is no picture.
    Document(Document),
    /// What the model thought before it spoke.
    Thinking(Thinking),
    /// The model calls a tool.
    Call(Call),
    /// What a tool gave back; stands in a user's turn.
    Result(ToolResult),
    /// The model's words why it does not answer.
    Refusal(Text),
    /// A tool that the vendor itself ran, or its result.
    Server(ServerTool),
    /// Something only the vendor it came from can read.
    Opaque(Opaque),
}

impl Part {
    /// Returns where it stood; where nobody knows, that of its turn.
    #[must_use]
    pub fn place<'a>(&'a self, turn: &'a str) -> &'a str {
        self.at().or(turn)
    }

    /// Puts something in front of its place: what the client's body has around the request.
    pub fn within(&mut self, root: &str) {
        if let Self::Result(result) = self {
            result.content.iter_mut().for_each(|part| part.within(root));
        }
        self.at_mut().within(root);
    }

    const fn at(&self) -> &Place {
        match self {
            Self::Text(text) | Self::Refusal(text) => &text.at,
            Self::Image(image) => &image.at,
            Self::Document(document) => &document.at,
            Self::Thinking(thinking) => &thinking.at,
            Self::Call(call) => &call.at,
            Self::Result(result) => &result.at,
            Self::Server(server) => &server.at,
            Self::Opaque(opaque) => &opaque.at,
        }
    }

    const fn at_mut(&mut self) -> &mut Place {
        match self {
            Self::Text(text) | Self::Refusal(text) => &mut text.at,
            Self::Image(image) => &mut image.at,
            Self::Document(document) => &mut document.at,
            Self::Thinking(thinking) => &mut thinking.at,
            Self::Call(call) => &mut call.at,
            Self::Result(result) => &mut result.at,
            Self::Server(server) => &mut server.at,
            Self::Opaque(opaque) => &mut opaque.at,
        }
    }
}

/// Text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The text.
    pub text: String,
    /// A mark up to which the prompt may be cached, with the wanted life.
    pub cache: Option<Ttl>,
    /// Where it was found.
    pub citations: Vec<Citation>,
    /// Hidden state that came with it (Gemini signs text, too).
    pub seal: Option<Seal>,
    /// Where it stood.
    pub at: Place,
}

impl Text {
    /// Makes plain text.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::plain(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::plain(text)
    }
}

/// A source of a text, as its format has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// Whose form it has.
    pub family: Family,
    /// The title of the source, when it has one.
    pub title: Option<String>,
    /// Its address, when it has one.
    pub url: Option<String>,
    /// The whole of it.
    pub raw: Json,
}

/// A vendor's family of formats. State that one keeps is of no use to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Anthropic.
    Anthropic,
    /// `OpenAI`.
    OpenAi,
    /// Google.
    Google,
    /// A compatible vendor, or nobody knows.
    Other,
}

/// Hidden state of a provider: a signature, or encrypted reasoning. It goes back to its family alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Where it came from.
    pub family: Family,
    /// The blob.
    pub blob: String,
}

/// Where the bytes of a picture or file are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Here, in base64.
    Base64 {
        /// The MIME type.
        mime: String,
        /// The bytes.
        data: String,
    },
    /// At an address (`gs://` included).
    Url {
        /// The address.
        url: String,
        /// The MIME type, when it was said.
        mime: Option<String>,
    },
    /// Uploaded to a vendor before.
    File {
        /// To whom.
        family: Family,
        /// Its id or name there.
        id: String,
    },
    /// Plain text, in place of a file.
    Inline(String),
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Where it is.
    pub source: Source,
    /// How closely it is to be looked at: `low`, `high`, `auto`.
    pub detail: Option<String>,
    /// A cache mark.
    pub cache: Option<Ttl>,
    /// Where it stood.
    pub at: Place,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Where it is.
    pub source: Source,
    /// Its title.
    pub title: Option<String>,
    /// Its name.
    pub filename: Option<String>,
    /// A cache mark.
    pub cache: Option<Ttl>,
    /// Where it stood.
    pub at: Place,
}

/// Thinking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thinking {
    /// What may be read of it; empty when nothing may.
    pub text: String,
    /// The vendor hid it: only the seal is left.
    pub redacted: bool,
    /// What proves it to the provider that thought it.
    pub seal: Option<Seal>,
    /// Where it stood.
    pub at: Place,
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// What links the result to it.
    pub id: String,
    /// The tool's name, without its namespace.
    pub name: String,
    /// The arguments: for all kinds but [`CallKind::Custom`] the text of a JSON object (or what the model
    /// wrote in its place), for that one plain text.
    pub args: String,
    /// What kind of tool it is.
    pub kind: CallKind,
    /// The namespace of the tool (Responses).
    pub namespace: Option<String>,
    /// Hidden state that came with the call (Gemini).
    pub seal: Option<Seal>,
    /// A cache mark.
    pub cache: Option<Ttl>,
    /// Where it stood.
    pub at: Place,
}

/// What kind of tool is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CallKind {
    /// A function with JSON arguments.
    #[default]
    Function,
    /// A tool that takes plain text (`custom` in `OpenAI`'s formats).
    Custom,
    /// Codex' `local_shell`; the arguments are its action as an object.
    LocalShell,
    /// `shell` of Responses; the arguments are its action.
    Shell,
    /// `apply_patch` of Responses; the arguments are its operation.
    ApplyPatch,
}

/// A tool's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolResult {
    /// The id of the call.
    pub call: String,
    /// What kind of tool gave it.
    pub kind: CallKind,
    /// Text, pictures, documents.
    pub content: Vec<Part>,
    /// It failed.
    pub error: bool,
    /// A cache mark.
    pub cache: Option<Ttl>,
    /// Where it stood.
    pub at: Place,
}

/// A tool that the vendor ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerTool {
    /// Whose form it has.
    pub family: Family,
    /// Its type, as that family calls it.
    pub kind: String,
    /// All of it.
    pub raw: Json,
    /// Where it stood.
    pub at: Place,
}

/// Something only its own vendor can read: a compacted conversation, a reference to an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque {
    /// Whose it is.
    pub family: Family,
    /// Its type, as that family calls it.
    pub kind: String,
    /// All of it.
    pub raw: Json,
    /// Where it stood.
    pub at: Place,
}
