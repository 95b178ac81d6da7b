//! What messages say: every kind there is, and its English texts.
//!
//! The outbox holds keys and ids ([`OutboxMessage`]). The words for them stand in one table, in which the
//! kinds are declared as well, so that nothing can be said for which there are no words. A host shows them
//! as they are, or its own translations, found by [`MessageKey`]. A text tells no more than its message:
//! there is no place in it for anybody's name, and what ended neutrally reads the same whatever ended it.
//!
//! How texts are delivered is the host's; when something is said stands in [`decide`](crate::decide).

mod placeholder;
mod table;

use std::fmt;

pub use self::{
    placeholder::{Placeholder, fill},
    table::MessageKind,
};
use crate::base::text::Slug;

use super::{
    code::coded,
    event::{Audience, OutboxMessage},
};

coded! {
    /// Who reads a message, as far as its words depend on that.
    pub enum Reader {
        /// The one person it is for.
        Person = "person",
        /// The admins of the group that runs the program.
        Admins = "admins",
        /// Platform staff.
        Staff = "staff",
    }
}

impl From<&Audience> for Reader {
    fn from(to: &Audience) -> Self {
        match to {
            Audience::Person(_) => Self::Person,
            Audience::ProgramAdmins(_) => Self::Admins,
            Audience::Staff => Self::Staff,
        }
    }
}

/// The stable key of a text. It reads `message.`, the kind, the reader unless it is the person, and the code
/// if the text is for one: `message.pair.ended`, `message.pair.ended.admins.not_a_fit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageKey {
    /// What kind of message.
    pub kind: MessageKind,
    /// Who reads it.
    pub reader: Reader,
    /// The message's code, where that changes what is said.
    pub code: Option<&'static str>,
}

impl MessageKey {
    /// The key of the title: `message.pair.ended.title`.
    #[must_use]
    pub fn title(self) -> String {
        format!("{self}.title")
    }

    /// The key of the body: `message.pair.ended.body`.
    #[must_use]
    pub fn body(self) -> String {
        format!("{self}.body")
    }
}

impl fmt::Display for MessageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "message.{}", self.kind)?;
        if self.reader != Reader::Person {
            write!(f, ".{}", self.reader)?;
        }
        match self.code {
            Some(code) => write!(f, ".{code}"),
            None => Ok(()),
        }
    }
}

/// What is said, in English. Title and body may hold [placeholders](Placeholder), to be filled by [`fill`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageText {
    /// By which a translation is found.
    pub key: MessageKey,
    /// One line, without a full stop.
    pub title: &'static str,
    /// A few sentences.
    pub body: &'static str,
}

impl MessageText {
    /// Every text, by kind, for translation.
    pub const ALL: &'static [Self] = table::TEXTS;

    /// What has to be filled in, in title or body.
    pub fn placeholders(self) -> impl Iterator<Item = Placeholder> {
        let all = Placeholder::ALL.iter().copied();
        all.filter(move |it| self.title.contains(it.mark()) || self.body.contains(it.mark()))
    }
}

/// The English text of a message: the one for its code, else the general one of its kind, which fits any code.
///
/// `None` for a kind that is not of this version, or that is never said to such a reader: a message that a
/// later version has left in the outbox, or the host itself.
///
/// ```
/// # use mentorship_core::{
/// #     base::{host::PersonId, id::{MessageId, ProgramId}, text::Slug, time::Timestamp},
/// #     model::{event::{Audience, OutboxMessage}, message::{self, Placeholder}},
/// # };
/// # fn relayed() -> OutboxMessage {
/// #     OutboxMessage {
/// #         id: MessageId::from(uuid::Uuid::nil()),
/// #         at: Timestamp::UNIX_EPOCH,
/// #         kind: Slug::new("pair.ended").unwrap(),
/// #         to: Audience::Person(PersonId::from(1_i64)), between: None,
/// #         program: Some(ProgramId::from(uuid::Uuid::nil())), proposal: None, pair: None,
/// #         case: None, step: None, code: None,
/// #     }
/// # }
/// let text = message::english(&relayed()).unwrap();
/// assert_eq!(text.key.title(), "message.pair.ended.title");
/// assert_eq!(text.title, "The mentorship has ended");
/// let body = message::fill(text.body, |placeholder| match placeholder {
///     Placeholder::Program => "Ask a sailor".to_owned(), // the title of `message.program`
///     Placeholder::Step | Placeholder::Deadline => String::new(), // not of this text
/// });
/// assert!(body.starts_with("Your mentorship in Ask a sailor has ended."));
/// ```
#[must_use]
pub fn english(message: &OutboxMessage) -> Option<&'static MessageText> {
    let kind = MessageKind::from_code(message.kind.as_str())?;
    let reader = Reader::from(&message.to);
    let said = message.code.as_ref().map(Slug::as_str);
    let theirs =
        || MessageText::ALL.iter().filter(move |it| it.key.kind == kind && it.key.reader == reader);
    let exact = said.and_then(|code| theirs().find(|it| it.key.code == Some(code)));
    exact.or_else(|| theirs().find(|it| it.key.code.is_none()))
}
