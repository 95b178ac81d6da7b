//! What the host has to say about a text before it is stored.

use std::{fmt, sync::Arc};

use async_trait::async_trait;

use super::{Error, PortError, Service, run::Gather};
use crate::{
    base::{
        host::{PersonId, TenantId},
        id::PairId,
        text::Slug,
    },
    decide::{Decision, Refusal, journal::CheckInInput},
    policy::actor::Actor,
    view::{PairView, Reach},
};

/// What somebody writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WritingKind {
    /// Words by which one of a pair introduces themselves.
    Introduction,
    /// A post, new or edited.
    Post,
    /// A comment, new or edited.
    Comment,
    /// The note of a check-in.
    CheckIn,
    /// A testimonial for the group to show.
    Testimonial,
    /// The note with which one of a pair ends it, if the other is to read it.
    Ending,
}

/// A text that somebody is about to give others to read.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Writing<'a> {
    /// Whose platform.
    pub tenant: &'a TenantId,
    /// Who writes.
    pub author: &'a PersonId,
    /// In which pair.
    pub pair: PairId,
    /// What it is.
    pub kind: WritingKind,
    /// The text as it would be stored.
    pub text: &'a str,
}

/// Without the text and its author, which belong into no log.
impl fmt::Debug for Writing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writing")
            .field("pair", &self.pair)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A filter of the host's, asked before a text is stored. What it lets pass may still be hidden or removed later, by
/// [`moderate`](Service::moderate).
///
/// An end is refused for its note alone: without one, or with another, the pair ends, since nobody's leave is needed
/// for that.
///
/// It is asked about each text of one of a pair, once for each attempt, also where a rule refuses the command, which
/// then says so first. What it says is told to the author and to nobody else, and nothing of a refused text is stored
/// or put on record. Inside a transaction that the host has lent it is asked while that is open.
#[async_trait]
pub trait ContentPolicy: fmt::Debug + Send + Sync {
    /// By which of the host's rules the text may not be stored; `None` if it may. The rule goes to the author as the
    /// parameter `rule` of `content.refused`. An error stops the command: nothing is stored unseen.
    async fn refuses(&self, writing: &Writing<'_>) -> Result<Option<Slug>, PortError>;
}

/// Asks the host about the texts of a command on a pair.
pub(super) struct AskContent<'a> {
    policy: Option<Arc<dyn ContentPolicy>>,
    actor: &'a Actor,
    texts: Vec<(WritingKind, &'a str)>,
}

impl<'a> AskContent<'a> {
    pub(super) fn new(service: &Service<'_>, actor: &'a Actor) -> Self {
        Self { policy: service.content.clone(), actor, texts: Vec::new() }
    }

    pub(super) fn text(mut self, kind: WritingKind, text: &'a str) -> Self {
        self.texts.push((kind, text));
        self
    }

    pub(super) fn check_in(self, input: &'a CheckInInput) -> Self {
        let note = input.note.iter().map(|it| (WritingKind::CheckIn, it.as_str()));
        let testimonial =
            input.testimonial.iter().map(|it| (WritingKind::Testimonial, it.as_str()));
        note.chain(testimonial).fold(self, |ask, (kind, text)| ask.text(kind, text))
    }
}

#[async_trait]
impl Gather<PairView> for AskContent<'_> {
    type Facts = Option<Slug>;

    async fn gather(&self, view: &PairView) -> Result<Option<Slug>, Error> {
        // Nobody else writes here, which the decision says.
        let author = self.actor.as_person().filter(|it| view.pair.side_of(it).is_some());
        let (Some(policy), Some(author)) = (&self.policy, author) else { return Ok(None) };
        for &(kind, text) in &self.texts {
            let comments = view.post.as_ref().is_some_and(|it| it.reply_to.is_some());
            let kind =
                if kind == WritingKind::Post && comments { WritingKind::Comment } else { kind };
            let (tenant, pair) = (self.actor.tenant(), view.pair.id);
            let writing = Writing { tenant, author, pair, kind, text };
            if let Some(rule) = policy.refuses(&writing).await? {
                return Ok(Some(rule));
            }
        }
        Ok(None)
    }
}

#[async_trait]
impl Gather<Reach> for AskContent<'_> {
    type Facts = Option<Slug>;

    async fn gather(&self, view: &Reach) -> Result<Option<Slug>, Error> {
        Gather::<PairView>::gather(self, &view.pair).await
    }
}

/// What was decided, unless the host refuses the text: a rule that says no says so first.
pub(super) fn unless<T>(
    refused: Option<Slug>,
    decision: Result<Decision<T>, Refusal>,
) -> Result<Decision<T>, Refusal> {
    let decision = decision?;
    match refused {
        Some(rule) => Err(Refusal::ContentRefused { rule }),
        None => Ok(decision),
    }
}
