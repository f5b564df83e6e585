//! The model in the middle: what any client can ask and any provider can answer, once.

mod answer;
mod event;
mod json;
mod part;
mod place;
mod request;
mod tool;
mod usage;

pub use answer::{Answer, Finish};
pub use event::{Delta, Event, PartKind, StreamError, TroubleKind};
pub use json::{Json, write_line, write_text};
pub use part::{
    Call, CallKind, Citation, Document, Family, Image, Opaque, Part, Seal, ServerTool, Source,
    Text, Thinking, ToolResult,
};
pub use place::{Place, Places, setting};
pub use request::{
    CacheHints, Effort, Format, Identity, Reasoning, Request, Role, Sampling, Show, SystemText,
    Ttl, Turn,
};
pub use tool::{Choice, CustomFormat, Tool, ToolKind};
pub use usage::HubUsage;
