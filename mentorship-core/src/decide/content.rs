//! What was written in a pair, as somebody else than its author decides about it: reviewers in a case, and the
//! host's own moderation (D37).

use super::{Cx, Decision, Plan, Refusal, access, plan::Happened};
use crate::{
    base::{text::Note, time::Timestamp},
    change::{Change, Key},
    model::{
        code::TransitionError,
        enrollment::Role,
        holder::{Holder, Withheld},
        journal::{CheckIn, Post},
        moderation::Moderation,
        pair::{Pair, Participant},
        report::Content,
    },
    policy::permission::Action,
    view::Reach,
};

/// A piece of content as it stands.
pub(super) enum Piece {
    Post(Post),
    CheckIn(CheckIn),
    /// Of this side.
    Introduction(Role, Participant),
    /// Of this side: the note of its end, and what holds it.
    Ending(Role, Option<Note>, Option<Withheld>),
}

impl Piece {
    pub(super) fn find(reach: &Reach, content: &Content) -> Option<Self> {
        match content {
            Content::Post { post, .. } => {
                reach.posts.iter().find(|it| it.id == *post).cloned().map(Self::Post)
            }
            Content::CheckIn { side, kind, .. } => {
                let found = reach.check_ins.iter().find(|it| it.side == *side && it.kind == *kind);
                found.cloned().map(Self::CheckIn)
            }
            Content::Introduction { side, .. } => {
                Some(Self::Introduction(*side, reach.pair.pair.participant(*side).clone()))
            }
            Content::Ending { side, .. } => {
                let pair = &reach.pair.pair;
                let note = pair.ended_by(*side)?.note.clone();
                Some(Self::Ending(*side, note, pair.note_withheld.clone()))
            }
        }
    }

    /// Whether it says anything.
    pub(super) fn speaks(&self) -> bool {
        match self {
            Self::Post(it) => it.body.is_some(),
            Self::CheckIn(it) => it.note.is_some() || it.testimonial.is_some(),
            Self::Introduction(_, it) => it.introduction.is_some(),
            Self::Ending(_, note, _) => note.is_some(),
        }
    }

    pub(super) fn withheld(&self) -> Option<&Withheld> {
        match self {
            Self::Post(it) => it.withheld.as_ref(),
            Self::CheckIn(it) => it.withheld.as_ref(),
            Self::Introduction(_, it) => it.withheld.as_ref(),
            Self::Ending(_, _, withheld) => withheld.as_ref(),
        }
    }

    pub(super) fn is_held_by(&self, holder: Holder) -> bool {
        self.withheld().is_some_and(|it| it.by.contains(&holder))
    }

    fn with(self, withheld: Option<Withheld>) -> Self {
        match self {
            Self::Post(it) => Self::Post(Post { withheld, ..it }),
            Self::CheckIn(it) => Self::CheckIn(CheckIn { withheld, ..it }),
            Self::Introduction(side, it) => {
                Self::Introduction(side, Participant { withheld, ..it })
            }
            Self::Ending(side, note, _) => Self::Ending(side, note, withheld),
        }
    }

    /// Its author's alone from now on.
    pub(super) fn hide(self, holder: Holder, now: Timestamp) -> Self {
        let withheld = Withheld::also(self.withheld().cloned(), holder, now);
        self.with(Some(withheld))
    }

    /// Shown again, unless something else holds it as well.
    pub(super) fn show(self, holder: Holder) -> Self {
        let withheld = self.withheld().cloned().and_then(|it| it.without(holder));
        self.with(withheld)
    }

    /// Without what it says, which a case about its `pair` may still need.
    pub(super) fn removed(self, pair: &Pair, now: Timestamp) -> Self {
        match self.with(None) {
            Self::Post(mut it) => {
                it.keep_text(pair, now);
                Self::Post(Post { body: None, removed_at: it.removed_at.or(Some(now)), ..it })
            }
            Self::CheckIn(it) => {
                Self::CheckIn(CheckIn { note: None, note_shared: false, testimonial: None, ..it })
            }
            Self::Introduction(side, mut it) => {
                it.silence();
                Self::Introduction(side, it)
            }
            Self::Ending(side, ..) => Self::Ending(side, None, None),
        }
    }

    /// Its pair is written with it, whose version covers it.
    pub(super) fn put(self, plan: &mut Plan<'_>, pair: &Pair, action: &'static str) {
        plan.touch(Key::Pair(pair.id), pair.version);
        plan.record(Happened::in_pair(action, pair).private());
        plan.put(match self {
            Self::Post(it) => Change::Post(it),
            Self::CheckIn(it) => Change::CheckIn(it),
            Self::Introduction(side, it) => {
                // It stands in the pair's own record, which the same plan may write for something else.
                let mut pair = plan.as_put(pair);
                *pair.participant_mut(side) = it;
                Change::Pair(pair)
            }
            Self::Ending(_, note, withheld) => {
                let mut pair = plan.as_put(pair);
                if note.is_none() {
                    pair.silence_end();
                }
                pair.note_withheld = withheld;
                Change::Pair(pair)
            }
        });
    }
}

/// The host's own moderation, or the platform's staff, hides something that was written in a pair, shows it again
/// or removes it, whatever state the pair is in. What a case has copied stays as it was.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but staff and the host, and where there is nothing that says anything;
/// [`Refusal::ConflictOfInterest`] for staff who are one of the two; a state error for what is hidden already, or
/// not hidden.
pub fn moderate(
    view: &Reach,
    content: &Content,
    moderation: Moderation,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let pair = &view.pair.pair;
    access::to_pair(cx.actor, &view.pair.program, pair, Action::ModerateContent)?;
    if cx.actor.who().is_some_and(|person| pair.side_of(person).is_some()) {
        return Err(Refusal::ConflictOfInterest);
    }
    let is_any = |it: &Piece| it.speaks() || it.is_held_by(Holder::Platform);
    let piece = Piece::find(view, content).filter(is_any).ok_or(Refusal::NotFound)?;
    let (holder, hidden) = (Holder::Platform, piece.is_held_by(Holder::Platform));
    let mut plan = Plan::on(cx, &view.pair);
    let wrong = |from, act| Refusal::from(TransitionError { record: "content", from, act });
    match moderation {
        Moderation::Hide if hidden => return Err(wrong("hidden", "hide")),
        Moderation::Show if !hidden => return Err(wrong("shown", "show")),
        Moderation::Hide => piece.hide(holder, cx.now).put(&mut plan, pair, "pair.withhold"),
        Moderation::Show => piece.show(holder).put(&mut plan, pair, "pair.show_again"),
        Moderation::Remove => {
            piece.removed(pair, cx.now).put(&mut plan, pair, "pair.remove_content");
        }
    }
    Ok(plan.reply(()))
}
