//! What a message says, as it is written for a provider.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::wire::convert::hub::{Document, Family, Image, Part, Source, Text};
use crate::wire::convert::loss::{Losses, Token};

/// The text of a message, or its parts.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum ContentOut {
    Text(String),
    Blocks(Vec<BlockOut>),
}

/// A part of a message.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum BlockOut {
    Text { text: String },
    ImageUrl { image_url: UrlOut },
    File { file: FileOut },
}

/// An address, or the bytes themselves in the form of one.
#[derive(Serialize)]
pub(super) struct UrlOut {
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// A file.
#[derive(Serialize)]
pub(super) struct FileOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_id: Option<String>,
}

impl UrlOut {
    /// Returns the address of a picture; `None` when nobody but some vendor can reach it.
    pub(super) fn of(image: &Image) -> Option<Self> {
        let url = match &image.source {
            Source::Base64 { mime, data } => in_address(mime, data),
            Source::Url { url, .. } if !url.starts_with("gs://") => url.clone(),
            Source::Url { .. } | Source::File { .. } | Source::Inline(_) => return None,
        };
        Some(Self { url, detail: image.detail.clone() })
    }
}

fn in_address(mime: &str, data: &str) -> String {
    let mime = if mime.is_empty() { "application/octet-stream" } else { mime };
    format!("data:{mime};base64,{data}")
}

/// Parts of a message as they come together, and whether any of them can be read.
#[derive(Default)]
pub(super) struct Content {
    blocks: Vec<BlockOut>,
    /// Something stands there that is no stub.
    readable: bool,
    /// Media that could not be passed on.
    lost: bool,
}

impl Content {
    /// Adds text; none is left out.
    pub(super) fn text(&mut self, text: &Text) {
        if !text.text.is_empty() {
            self.readable = true;
            self.blocks.push(BlockOut::Text { text: text.text.clone() });
        }
    }

    /// Adds a picture, or words that one was here.
    pub(super) fn image(&mut self, image: &Image, losses: &mut Losses, at: &str) {
        if let Some(image_url) = UrlOut::of(image) {
            self.readable = true;
            self.blocks.push(BlockOut::ImageUrl { image_url });
            return;
        }
        match &image.source {
            Source::Inline(text) => return self.text(&Text::plain(text.as_str())),
            Source::File { .. } => losses.push(Token::DropFileRef, at),
            Source::Url { .. } | Source::Base64 { .. } => losses.push(Token::DropImageUrl, at),
        }
        self.stub("[An image was here that cannot be passed on.]".to_owned());
    }

    /// Adds a file: PDF as such, text as text, of others the words that one was here.
    pub(super) fn document(&mut self, document: &Document, losses: &mut Losses, at: &str) {
        let Document { source, title, filename, .. } = document;
        let name = filename.clone().or_else(|| title.clone());
        match source {
            Source::Base64 { mime, data } if mime == "application/pdf" => {
                losses.push_if(name.is_none(), Token::ApproxFilename, at);
                let filename = Some(name.unwrap_or_else(|| "document.pdf".to_owned()));
                let file_data = Some(in_address(mime, data));
                self.file(FileOut { filename, file_data, file_id: None });
            }
            Source::File { family: Family::OpenAi, id } => {
                self.file(FileOut { filename: None, file_data: None, file_id: Some(id.clone()) });
            }
            Source::Inline(text) => self.document_text(name, text, losses, at),
            Source::Base64 { mime, data } => match text_of(mime, data) {
                Some(text) => self.document_text(name, &text, losses, at),
                None => self.no_document(name, losses, at),
            },
            Source::Url { url, .. } => {
                let name = name.map_or_else(|| url.clone(), |name| format!("{name} {url}"));
                self.no_document(Some(name), losses, at);
            }
            Source::File { .. } => {
                losses.push(Token::DropFileRef, at);
                self.stub(stub_of(name));
            }
        }
    }

    fn file(&mut self, file: FileOut) {
        self.readable = true;
        self.blocks.push(BlockOut::File { file });
    }

    fn document_text(&mut self, name: Option<String>, text: &str, losses: &mut Losses, at: &str) {
        losses.push(Token::ApproxDocumentAsText, at);
        let text = match name {
            Some(name) => format!("{name}:\n{text}"),
            None => text.to_owned(),
        };
        self.text(&Text::plain(text));
    }

    fn no_document(&mut self, name: Option<String>, losses: &mut Losses, at: &str) {
        losses.push(Token::DropDocument, at);
        self.stub(stub_of(name));
    }

    fn stub(&mut self, text: String) {
        self.lost = true;
        self.blocks.push(BlockOut::Text { text });
    }

    /// Adds what a part says, when it has a place in a message of the user.
    pub(super) fn part(&mut self, part: &Part, losses: &mut Losses, at: &str) {
        match part {
            Part::Text(text) | Part::Refusal(text) => self.text(text),
            Part::Image(image) => self.image(image, losses, at),
            Part::Document(document) => self.document(document, losses, at),
            Part::Server(_) => losses.push(Token::DropHostedTool, at),
            Part::Thinking(_) | Part::Call(_) | Part::Result(_) | Part::Opaque(_) => {}
        }
    }

    /// Tells whether it says nothing but that something was here.
    pub(super) const fn is_unreadable(&self) -> bool {
        self.lost && !self.readable
    }

    /// Returns it as a message has it; `None` when there is nothing.
    pub(super) fn finish(mut self) -> Option<ContentOut> {
        if self.blocks.len() > 1 {
            return Some(ContentOut::Blocks(self.blocks));
        }
        Some(match self.blocks.pop()? {
            BlockOut::Text { text } => ContentOut::Text(text),
            block => ContentOut::Blocks(vec![block]),
        })
    }

    /// Takes the text out of it: all that a message of a tool may have.
    pub(super) fn split_text(&mut self) -> String {
        let (texts, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.blocks)
            .into_iter()
            .partition(|block| matches!(block, BlockOut::Text { .. }));
        self.blocks = others;
        let texts = texts.into_iter().filter_map(|block| match block {
            BlockOut::Text { text } => Some(text),
            _ => None,
        });
        texts.collect::<Vec<_>>().join("\n")
    }

    /// Takes over all of another.
    pub(super) fn append(&mut self, other: Self) {
        self.blocks.extend(other.blocks);
        self.readable |= other.readable;
        self.lost |= other.lost;
    }

    /// Tells whether there is nothing.
    pub(super) const fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }
}

fn stub_of(name: Option<String>) -> String {
    match name {
        Some(name) => format!("[A document was here that cannot be passed on: {name}]"),
        None => "[A document was here that cannot be passed on.]".to_owned(),
    }
}

/// Returns the text of a file that is text.
fn text_of(mime: &str, data: &str) -> Option<String> {
    let kinds = ["application/json", "application/xml", "application/javascript"];
    let is_text = mime.starts_with("text/") || kinds.contains(&mime);
    let bytes = STANDARD.decode(data).ok().filter(|_| is_text)?;
    String::from_utf8(bytes).ok()
}
