//! A user's turn of the hub for Google. Results stand alone in theirs; what older models cannot take in
//! a result comes in the turn behind it.

use super::super::Refused;
use super::super::hub::{Part, ToolResult, Turn};
use super::super::loss::Token;
use super::media;
use super::part_out::{Outcome, PartOut, Piece, ResponseOut};
use super::turns_out::{USER, Writer};

impl Writer<'_> {
    /// Writes a user's turn: its results alone, then the rest.
    pub(super) fn user(&mut self, turn: Turn) -> Result<(), Refused> {
        let (mut results, mut pieces) = (Vec::new(), Vec::new());
        let mut unread = 0_usize;
        for part in turn.parts {
            let at = part.place(&turn.at).to_owned();
            match part {
                Part::Result(result) => {
                    let result = self.result(result, &mut pieces, &at);
                    results.push(Piece::from(PartOut {
                        function_response: Some(result),
                        ..PartOut::default()
                    }));
                }
                Part::Text(text) => pieces.extend(self.text(text, None, &at)),
                Part::Image(_) | Part::Document(_) => match self.media(part, &at) {
                    Ok(media) => pieces.push(media.into()),
                    Err(words) => {
                        unread += 1;
                        pieces.push(PartOut::text(words, None).into());
                    }
                },
                other => pieces.extend(self.other(other, &at)?),
            }
        }
        self.readable = unread == 0 || pieces.len() > unread || !results.is_empty();
        if !results.is_empty() {
            self.push(USER, results);
            self.has_results = true;
        }
        self.push(USER, pieces);
        Ok(())
    }

    /// Writes a picture or a file, else words that stand for it.
    pub(super) fn media(&mut self, part: Part, at: &str) -> Result<PartOut, String> {
        match part {
            Part::Image(image) => media::image(image, self.losses, at),
            Part::Document(file) => media::document(file, self.losses, at),
            _ => Err(String::new()),
        }
    }

    fn result(&mut self, result: ToolResult, moved: &mut Vec<Piece>, at: &str) -> ResponseOut {
        self.losses.push_if(result.cache.is_some(), Token::DropCacheControl, at);
        let (mut texts, mut parts) = (Vec::new(), Vec::new());
        for part in result.content {
            let at = part.place(at).to_owned();
            let at = at.as_str();
            match part {
                Part::Text(text) => {
                    self.losses.push_if(text.cache.is_some(), Token::DropCacheControl, at);
                    texts.push(text.text);
                }
                Part::Image(_) | Part::Document(_) => match self.media(part, at) {
                    Ok(media) if self.is_newest && media.inline_data.is_some() => parts.push(media),
                    Ok(media) => {
                        self.losses.push(Token::ApproxResultImageMoved, at);
                        texts.push("[What it shows is in the next message.]".to_owned());
                        moved.push(media.into());
                    }
                    Err(words) => texts.push(words),
                },
                Part::Refusal(words) => texts.push(words.text),
                _ => {}
            }
        }
        let text = texts.join("\n");
        let response = if result.error { Outcome::Error(text) } else { Outcome::Output(text) };
        let name = self.called.pop_front();
        // Every result that is left by pairing has its call.
        let name = name.unwrap_or_else(|| "unknown_tool".to_owned());
        ResponseOut { id: self.id(&result.call), name, response, parts }
    }
}
