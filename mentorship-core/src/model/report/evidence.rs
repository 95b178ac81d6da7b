//! What a case knows: copies of what was reported and of what stood around it, sealed one by one in a
//! chain.
//!
//! An item names people by what they are to the case, never by key, so that another key for a person
//! (a rename, an erasure) leaves every seal as it is.
//!
//! A seal is made of the digest of a content and not of the content, so that the words of an item can be
//! taken out once its case is over: the digest stays, and with it every seal. The salt in each exhibit goes
//! with the words, so that no guess at them can be tried against the digest.

use std::fmt;

use serde::{Deserialize, Serialize, de};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Case, Party};
use crate::{
    base::{
        id::{CaseId, EnrollmentId, Id, PairId, PostId},
        input::{InputError, Problem},
        text::{Body, Note, Slug},
        time::Timestamp,
    },
    model::{
        answer::Answers,
        code::coded,
        enrollment::Role,
        journal::{CheckIn, CheckInKind, Post, Revision},
        visible::{self, Viewer, What, When},
    },
};

/// A SHA-256. Written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seal([u8; 32]);

impl Seal {
    /// What the chain of a case begins with: no item of one case fits into another.
    #[must_use]
    pub fn first(case: CaseId) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"mentorship case");
        hash.update(case.uuid().as_bytes());
        Self::end(hash)
    }

    /// The digest of a content.
    #[must_use]
    pub fn of(content: &str) -> Self {
        Self(Sha256::digest(content).into())
    }

    /// The seal of what follows this one, by the digest of its content.
    #[must_use]
    pub fn then(self, digest: &Self) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"mentorship evidence");
        hash.update(self.0);
        hash.update(digest.0);
        Self::end(hash)
    }

    /// What a hash has come to.
    pub(super) fn end(hash: Sha256) -> Self {
        Self(hash.finalize().into())
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seal({self})")
    }
}

impl TryFrom<&str> for Seal {
    type Error = InputError;

    fn try_from(text: &str) -> Result<Self, InputError> {
        let expected = "64 hexadecimal digits";
        let wrong = || InputError::new("seal", Problem::Form { expected });
        let digits: Option<Vec<u8>> =
            text.chars().map(|c| c.to_digit(16).and_then(|it| u8::try_from(it).ok())).collect();
        let digits = digits.filter(|digits| digits.len() == 64).ok_or_else(wrong)?;
        let mut bytes = [0; 32];
        for (byte, two) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = two.iter().fold(0, |sum, digit| (sum << 4) | digit);
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Seal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Seal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::try_from(&*text).map_err(de::Error::custom)
    }
}

/// One sealed item of a case. Written once; all that may ever change is that its content is taken out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The case.
    pub case: CaseId,
    /// Its number within the case, from 1, without gaps.
    pub seq: u32,
    /// An [`Exhibit`] in its canonical form: JSON without spaces, fields in the order of the type. This
    /// text is what is sealed and what is stored; it is never written anew from what was read. Nothing once
    /// it was taken out ([`Case::removed`]).
    pub content: Option<String>,
    /// SHA-256 of the content, which stays when that goes.
    pub digest: Seal,
    /// SHA-256 over the seal before and the digest.
    pub seal: Seal,
}

// Private text stays out of logs.
impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence")
            .field("case", &self.case)
            .field("seq", &self.seq)
            .field("bytes", &self.content.as_ref().map(String::len))
            .field("digest", &self.digest)
            .field("seal", &self.seal)
            .finish()
    }
}

impl Evidence {
    /// What it says; nothing if that was taken out.
    ///
    /// # Errors
    /// [`EvidenceFault::Unreadable`] if its content is not an exhibit.
    pub fn read(&self) -> Result<Option<Exhibit>, EvidenceFault> {
        let read = self.content.as_deref().map(serde_json::from_str).transpose();
        read.map_err(|_| EvidenceFault::Unreadable { seq: self.seq })
    }
}

/// A copy of something, as it was when it was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exhibit {
    /// The case.
    pub case: CaseId,
    /// Its number within the case.
    pub seq: u32,
    /// What nobody can guess: without it a digest tells nothing of a content that is gone.
    pub salt: Uuid,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// Whose words it is.
    pub author: Party,
    /// Whether it is what was reported; else it stood around that, or came later.
    pub reported: bool,
    /// What it is.
    pub item: Item,
}

coded! {
    /// On what occasion somebody told a case something.
    pub enum Occasion {
        /// The report itself.
        Report = "report",
        /// An answer to a reviewer's question.
        Answer = "answer",
        /// An appeal.
        Appeal = "appeal",
    }
}

/// What an exhibit is a copy of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "item", rename_all = "snake_case")]
pub enum Item {
    /// What somebody told the case.
    Words {
        /// When.
        on: Occasion,
        /// What; nothing if the report had no words.
        text: Option<Body>,
    },
    /// A post or a comment.
    Post {
        /// The pair.
        pair: PairId,
        /// The post.
        post: PostId,
        /// The post that it comments on.
        reply_to: Option<PostId>,
        /// Its number within the pair.
        number: u64,
        /// The step.
        step: Slug,
        /// What it said; nothing if it was removed.
        body: Option<Body>,
        /// When it was written.
        at: Timestamp,
        /// How often it had been edited.
        revision: u32,
        /// When it was last edited.
        edited_at: Option<Timestamp>,
        /// When it was removed.
        removed_at: Option<Timestamp>,
        /// Earlier texts, if any were kept.
        held: Vec<Revision>,
    },
    /// A check-in.
    CheckIn {
        /// The pair.
        pair: PairId,
        /// Which side's.
        side: Role,
        /// About what.
        kind: CheckInKind,
        /// The note.
        note: Option<Note>,
        /// The testimonial.
        testimonial: Option<Note>,
        /// When.
        at: Timestamp,
    },
    /// What somebody said to introduce themselves.
    Introduction {
        /// The pair.
        pair: PairId,
        /// Which side's.
        side: Role,
        /// What.
        words: Note,
    },
    /// The note with which somebody ended the pair, as the other side was shown it.
    Ending {
        /// The pair.
        pair: PairId,
        /// Which side's.
        side: Role,
        /// What.
        words: Note,
    },
    /// Answers of an enrolment, as far as the reporter might see them.
    Answers {
        /// The enrolment.
        enrollment: EnrollmentId,
        /// The answers.
        answers: Answers,
    },
}

impl From<&Post> for Item {
    fn from(it: &Post) -> Self {
        Self::Post {
            pair: it.pair,
            post: it.id,
            reply_to: it.reply_to,
            number: it.seq,
            step: it.step.clone(),
            body: it.body.clone(),
            at: it.at,
            revision: it.revision,
            edited_at: it.edited_at,
            removed_at: it.removed_at,
            held: it.held.clone(),
        }
    }
}

/// A check-in without its score, which is nobody's words. What was not shared was not for the reporter to
/// read, and is not for a reviewer either.
impl From<&CheckIn> for Item {
    fn from(it: &CheckIn) -> Self {
        let when = When { shared: it.note_shared, ..When::default() };
        let shows = |what| visible::shows(what, Viewer::Reviewer, when);
        Self::CheckIn {
            pair: it.pair,
            side: it.side,
            kind: it.kind,
            note: it.note.clone().filter(|_| shows(What::CheckInNote)),
            testimonial: it.testimonial.clone().filter(|_| shows(What::Testimonial)),
            at: it.at,
        }
    }
}

impl Case {
    /// Seals one more item at the end of the case's chain. `salt` is a random number that nobody else has.
    ///
    /// # Errors
    /// None in practice: an exhibit is plain data, which always has a form as JSON.
    pub fn seal(
        &mut self,
        author: Party,
        reported: bool,
        item: Item,
        (now, salt): (Timestamp, Uuid),
    ) -> Result<Evidence, InputError> {
        let seq = self.evidence.saturating_add(1);
        let exhibit = Exhibit { case: self.id, seq, salt, taken_at: now, author, reported, item };
        let content = serde_json::to_string(&exhibit)
            .map_err(|_| InputError::new("evidence", Problem::Form { expected: "plain data" }))?;
        let digest = Seal::of(&content);
        let seal = self.head.then(&digest);
        self.evidence = seq;
        self.head = seal;
        Ok(Evidence { case: self.id, seq, content: Some(content), digest, seal })
    }
}

/// What is wrong with the evidence of a case. Numbers only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceFault {
    /// An item is of another case, or its number is not the next one.
    #[error("item {seq} is not what follows")]
    OutOfPlace {
        /// Its number.
        seq: u32,
    },
    /// An item's content or the seal before it is not what was sealed, or its content is gone although
    /// nobody took it out.
    #[error("item {seq} does not fit its seal")]
    Broken {
        /// Its number.
        seq: u32,
    },
    /// The content of an item is not an exhibit of that place.
    #[error("item {seq} cannot be read")]
    Unreadable {
        /// Its number.
        seq: u32,
    },
    /// The chain fits, but does not pass through where it was when an
    /// [inventory](super::EvidenceInventory) was taken.
    #[error("the first {items} items are not those of the inventory")]
    Rewritten {
        /// How many items the case had then.
        items: u32,
    },
    /// The case of an inventory is not there.
    #[error("the case is gone")]
    Gone,
    /// There are more or fewer items than the case has, or the last one is not its last.
    #[error("the case has {expected} items, {found} fit")]
    Incomplete {
        /// How many the case has.
        expected: u32,
        /// How many fit the chain.
        found: u32,
    },
}

/// Whether these are all items of the case, in order, each as it was sealed. Needs nothing but what is
/// given, so that a host may run it on what it has exported.
///
/// Of an item whose words were taken out by the case's own account the digest is what is left, and it still
/// has to fit: nothing before, between or after can be changed unseen, and whoever has kept a copy of the
/// content can show that it is the one that was sealed.
///
/// # Errors
/// The first [`EvidenceFault`] found.
pub fn verify(case: &Case, items: &[Evidence]) -> Result<(), EvidenceFault> {
    let (mut head, mut found) = (Seal::first(case.id), 0_u32);
    for item in items {
        let seq = item.seq;
        if item.case != case.id || seq != found.saturating_add(1) {
            return Err(EvidenceFault::OutOfPlace { seq });
        }
        let fits = match &item.content {
            Some(content) => Seal::of(content) == item.digest,
            None => case.removed.contains(&seq),
        };
        head = head.then(&item.digest);
        if head != item.seal || !fits {
            return Err(EvidenceFault::Broken { seq });
        }
        let exhibit = item.read()?;
        if exhibit.is_some_and(|it| it.case != case.id || it.seq != seq) {
            return Err(EvidenceFault::Unreadable { seq });
        }
        found = seq;
    }
    if found != case.evidence || head != case.head {
        return Err(EvidenceFault::Incomplete { expected: case.evidence, found });
    }
    Ok(())
}
