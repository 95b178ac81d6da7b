//! Places in a text that only the host can fill.

use super::super::{code::coded, event::OutboxMessage};

coded! {
    /// A place in a text, written in braces: `{program}`. What it stands for follows from the ids of the
    /// message; the library fills in nothing, since titles are the host's to translate and to escape.
    pub enum Placeholder {
        /// The title of the message's program.
        Program = "program",
        /// The title of the message's step, in the guide of its pair.
        Step = "step",
        /// A day: until when the message's proposal can be answered or, in a message of a program, on which
        /// it is archived.
        Deadline = "deadline",
    }
}

impl Placeholder {
    /// How it stands in a text: `{program}`.
    #[must_use]
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Program => "{program}",
            Self::Step => "{step}",
            Self::Deadline => "{deadline}",
        }
    }

    /// Whether the message holds the id from which it is filled.
    #[must_use]
    pub fn is_known_from(self, message: &OutboxMessage) -> bool {
        match self {
            Self::Program => message.program.is_some(),
            Self::Step => message.step.is_some(),
            Self::Deadline => message.proposal.is_some() || message.program.is_some(),
        }
    }
}

/// A text, English or translated, with each placeholder replaced by what `value` says for it. What was filled
/// in is not looked at again; braces that are no placeholder stay as they are.
#[must_use]
pub fn fill(text: &str, mut value: impl FnMut(Placeholder) -> String) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let inside = after.split_once('}');
        let found = inside.and_then(|(name, behind)| Some((Placeholder::from_code(name)?, behind)));
        if let Some((placeholder, behind)) = found {
            filled.push_str(&value(placeholder));
            rest = behind;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    filled
}
