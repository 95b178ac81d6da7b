//! What a pair writes: posts on a step, comments on posts, and check-ins.

use serde::{Deserialize, Serialize};

use super::{enrollment::Role, holder::Withheld, pair::Pair};
use crate::base::{
    host::PersonId,
    id::{PairId, PostId},
    text::{Body, Note, Slug},
    time::Timestamp,
};

/// Most earlier texts that are kept of one post. Of more than that the first one stays, as it stood when somebody was
/// reported, and the latest of the others: nobody is told to stop editing, which would tell of the case.
pub const REVISIONS_MAX: usize = 5;

/// A post on a step, or a comment on a post. Covered by the pair's version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Our id.
    pub id: PostId,
    /// The pair.
    pub pair: PairId,
    /// The step it stands on.
    pub step: Slug,
    /// The post that this comments on; `None` for a post of its own.
    pub reply_to: Option<PostId>,
    /// Who wrote it.
    pub author: PersonId,
    /// Its number within the pair, from 1, without gaps.
    pub seq: u64,
    /// What it says; `None` once it is removed.
    pub body: Option<Body>,
    /// When it was written.
    pub at: Timestamp,
    /// How often it was edited.
    pub revision: u32,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
    /// When it was removed.
    pub removed_at: Option<Timestamp>,
    /// Earlier texts, oldest first, at most [`REVISIONS_MAX`]. There are some only while a case about the pair is not
    /// over ([`Pair::kept_for`]), and no view shows them: a report that is the platform's alone copies them.
    pub held: Vec<Revision>,
    /// Whether it is shown to its author alone, while a case or the host looks at it.
    pub withheld: Option<Withheld>,
}

impl Post {
    /// Keeps what it says until now among its earlier texts, before that is lost, if there is a case about its `pair`;
    /// nothing of what says nothing.
    pub fn keep_text(&mut self, pair: &Pair, now: Timestamp) {
        let Some(body) = self.body.clone().filter(|_| pair.keeps_texts()) else { return };
        self.held.push(Revision { body, until: now });
        if self.held.len() > REVISIONS_MAX {
            self.held.remove(1);
        }
    }
}

/// An earlier text of a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// What it said.
    pub body: Body,
    /// Until when it stood.
    pub until: Timestamp,
}

/// What a check-in is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CheckInKind {
    /// How the week went. Week 1 begins on the day on which the pair, or its cohort, starts, and each has
    /// seven days on the calendar of the program's zone; 1 to 1,000.
    Week {
        /// The week's number.
        number: u16,
    },
    /// The survey at the end.
    Closing,
}

/// One side's answer to "how is it going". At most one per pair, side and kind; a later one replaces it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckIn {
    /// The pair.
    pub pair: PairId,
    /// Which side.
    pub side: Role,
    /// About what.
    pub kind: CheckInKind,
    /// 1 (badly) to 5 (very well); `None` says "skipped", which is an answer.
    pub score: Option<u8>,
    /// A few words.
    pub note: Option<Note>,
    /// Whether the partner may read the note.
    pub note_shared: bool,
    /// A testimonial, which its author lets the group show. Only in a closing survey.
    pub testimonial: Option<Note>,
    /// When.
    pub at: Timestamp,
    /// Whether its words are shown to their author alone, while a case looks at them.
    pub withheld: Option<Withheld>,
}
