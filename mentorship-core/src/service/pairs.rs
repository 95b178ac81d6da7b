//! Commands on pairs.

use super::{
    Error, Service,
    moderation::OwnCheckInAsk,
    run::Order,
    writing::{AskContent, WritingKind, unless},
};
use crate::{
    base::{
        id::{PairId, PostId},
        text::{Body, Note, Slug},
        time::{Timestamp, whole_micros},
    },
    decide::{
        guide::{self, StepOutcome},
        journal::{self, CheckInInput, Posted},
        pair::{self as decide, Concluded},
    },
    model::pair::EndKind,
    policy::actor::Actor,
    store::PairAsk,
};

pub(super) fn ask(actor: &Actor, pair: PairId, post: Option<PostId>) -> PairAsk {
    PairAsk { tenant: actor.tenant().clone(), pair, post, actor: actor.official().cloned() }
}

impl Service<'_> {
    /// Introduces oneself to the partner.
    pub async fn introduce_oneself(
        &self,
        actor: &Actor,
        pair: PairId,
        words: Note,
    ) -> Result<(), Error> {
        let key = (pair, &words);
        let order = Order::new(actor, "pair.introduce_oneself", &key);
        let host = AskContent::new(self, actor).text(WritingKind::Introduction, words.as_str());
        self.run_with(order, ask(actor, pair, None), host, |view, refused, cx| {
            unless(refused, journal::introduce_oneself(view, words.clone(), cx))
        })
        .await
    }

    /// Calls a step done.
    pub async fn finish_step(
        &self,
        actor: &Actor,
        pair: PairId,
        step: &Slug,
    ) -> Result<StepOutcome, Error> {
        let key = (pair, step);
        let order = Order::new(actor, "step.finish", &key);
        self.run(order, ask(actor, pair, None), |view, cx| guide::finish(view, step, cx)).await
    }

    /// Leaves a step out.
    pub async fn skip_step(
        &self,
        actor: &Actor,
        pair: PairId,
        step: &Slug,
    ) -> Result<StepOutcome, Error> {
        let key = (pair, step);
        let order = Order::new(actor, "step.skip", &key);
        self.run(order, ask(actor, pair, None), |view, cx| guide::skip(view, step, cx)).await
    }

    /// Opens a finished or skipped step again.
    pub async fn reopen_step(
        &self,
        actor: &Actor,
        pair: PairId,
        step: &Slug,
    ) -> Result<StepOutcome, Error> {
        let key = (pair, step);
        let order = Order::new(actor, "step.reopen", &key);
        self.run(order, ask(actor, pair, None), |view, cx| guide::reopen(view, step, cx)).await
    }

    /// Posts on a step, or comments on a post.
    pub async fn post(
        &self,
        actor: &Actor,
        pair: PairId,
        step: &Slug,
        reply_to: Option<PostId>,
        body: Body,
    ) -> Result<Posted, Error> {
        let key = (pair, step, reply_to, &body);
        let order = Order::new(actor, "post.make", &key);
        let kind = if reply_to.is_some() { WritingKind::Comment } else { WritingKind::Post };
        let host = AskContent::new(self, actor).text(kind, body.as_str());
        self.run_with(order, ask(actor, pair, reply_to), host, |view, refused, cx| {
            unless(refused, journal::post(view, step, reply_to, body.clone(), cx))
        })
        .await
    }

    /// Changes one's own post or comment.
    pub async fn edit_post(
        &self,
        actor: &Actor,
        pair: PairId,
        post: PostId,
        body: Body,
    ) -> Result<(), Error> {
        let key = (pair, post, &body);
        let order = Order::new(actor, "post.edit", &key);
        let host = AskContent::new(self, actor).text(WritingKind::Post, body.as_str());
        self.run_with(order, ask(actor, pair, Some(post)), host, |view, refused, cx| {
            unless(refused, journal::edit(view, body.clone(), cx))
        })
        .await
    }

    /// Removes one's own post or comment: its place stays, its text is gone.
    pub async fn remove_post(
        &self,
        actor: &Actor,
        pair: PairId,
        post: PostId,
    ) -> Result<(), Error> {
        let key = (pair, post);
        let order = Order::new(actor, "post.remove", &key);
        self.run(order, ask(actor, pair, Some(post)), journal::remove).await
    }

    /// Says how it goes, or fills in the closing survey.
    pub async fn check_in(
        &self,
        actor: &Actor,
        pair: PairId,
        input: CheckInInput,
    ) -> Result<(), Error> {
        let key = (pair, &input);
        let order = Order::new(actor, "check_in.make", &key);
        let host = AskContent::new(self, actor).check_in(&input);
        let (by, kind) = (actor.as_person().cloned(), input.kind);
        let own = OwnCheckInAsk { pair: ask(actor, pair, None), by, kind };
        self.run_with(order, own, host, |view, refused, cx| {
            let earlier = view.check_ins.first();
            unless(refused, journal::check_in(&view.pair, earlier, input.clone(), cx))
        })
        .await
    }

    /// Lets the pair stand still, until a date or until one of the two resumes.
    pub async fn pause_pair(
        &self,
        actor: &Actor,
        pair: PairId,
        until: Option<Timestamp>,
    ) -> Result<(), Error> {
        let until = until.map(whole_micros);
        let key = (pair, until);
        let order = Order::new(actor, "pair.pause", &key);
        self.run(order, ask(actor, pair, None), |view, cx| decide::pause(view, until, cx)).await
    }

    /// Goes on after a pause; dates move by its length.
    pub async fn resume_pair(&self, actor: &Actor, pair: PairId) -> Result<(), Error> {
        let order = Order::new(actor, "pair.resume", &pair);
        self.run(order, ask(actor, pair, None), decide::resume).await
    }

    /// Ends the pair at once, with a reason and a note that stay private unless `shared`. A note of one of the two that
    /// the other will read is shown to the host's filter first, if it has one; any other never is.
    ///
    /// # Errors
    /// `content.refused` if the filter refuses the note, `port.failed` if it does not answer; without the note the pair
    /// ends. [`Refusal::NotFound`](crate::decide::Refusal::NotFound) for whoever may not, a state error once it is over,
    /// `input.unknown` for a kind that is not theirs to give.
    pub async fn end_pair(
        &self,
        actor: &Actor,
        pair: PairId,
        kind: EndKind,
        note: Option<Note>,
        shared: bool,
    ) -> Result<(), Error> {
        let key = (pair, kind, &note, shared);
        let order = Order::new(actor, "pair.end", &key);
        let host = AskContent::new(self, actor);
        let read = note.iter().filter(|_| kind.is_shown(shared));
        let host = read.fold(host, |it, note| it.text(WritingKind::Ending, note.as_str()));
        self.run_with(order, ask(actor, pair, None), host, |view, refused, cx| {
            unless(refused, decide::end(view, kind, note.clone(), shared, cx))
        })
        .await
    }

    /// Says that the two are done.
    pub async fn complete_pair(&self, actor: &Actor, pair: PairId) -> Result<Concluded, Error> {
        let order = Order::new(actor, "pair.complete", &pair);
        self.run(order, ask(actor, pair, None), decide::complete).await
    }

    /// Halts a pair by hand, with a neutral text. For staff and the host; reviewers do so in a case
    /// ([`Service::take_interim`]).
    pub async fn freeze_pair(&self, actor: &Actor, pair: PairId) -> Result<(), Error> {
        let order = Order::new(actor, "pair.freeze", &pair);
        self.run(order, ask(actor, pair, None), decide::freeze).await
    }

    /// Lets go of a pair that was halted by hand; it goes on unless a case holds it too. For staff and the
    /// host.
    pub async fn unfreeze_pair(&self, actor: &Actor, pair: PairId) -> Result<(), Error> {
        let order = Order::new(actor, "pair.unfreeze", &pair);
        self.run(order, ask(actor, pair, None), decide::unfreeze).await
    }
}
