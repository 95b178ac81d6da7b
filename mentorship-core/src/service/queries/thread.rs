//! What a pair writes: posts, comments and check-ins.

use serde::{Deserialize, Serialize};

use super::PageAsk;
use crate::{
    base::{
        host::PersonId,
        id::PairId,
        text::Slug,
        time::{Timestamp, plus_days},
    },
    decide::{access, read},
    model::{
        enrollment::Role,
        journal::{CheckIn, Post},
        pair::{EndedBy, Pair, PairState},
        program::Oversight,
        visible::{self, Viewer, What, When},
    },
    policy::{actor::Actor, permission::Action},
    service::{Error, Service, pairs},
    store::{Cursor, Listing, Page, UnitExt},
    view::PairView,
};

/// What somebody may read of what a pair writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadScope {
    /// Everything.
    All,
    /// What they wrote themselves.
    Own,
}

/// One page of what a pair wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// What the viewer may read of it.
    pub scope: ReadScope,
    /// Posts and comments by number.
    pub posts: Vec<Post>,
    /// Where to go on.
    pub next: Option<Cursor>,
}

/// What one of the two may read at `now` (D2): everything while the pair lives and after it was
/// completed or ended by somebody else than one of them; after a one-sided end only whoever ended it
/// keeps that, for the program's window. The other keeps their own words. It is the same for every
/// one-sided end, so that a block cannot be told from any other.
#[must_use]
pub(super) fn read_scope(pair: &Pair, side: Role, read_days: u16, now: Timestamp) -> ReadScope {
    let window = |at: Timestamp| {
        if now <= plus_days(at, read_days.into()) { ReadScope::All } else { ReadScope::Own }
    };
    match &pair.state {
        PairState::Introduced { .. }
        | PairState::Active { .. }
        | PairState::Paused { .. }
        | PairState::Frozen { .. } => ReadScope::All,
        PairState::Completed { at, .. } => window(*at),
        PairState::Ended { at, end } => match end.by {
            EndedBy::Side(by) if by != side => ReadScope::Own,
            EndedBy::Side(_) | EndedBy::Admin | EndedBy::Platform | EndedBy::Clock => window(*at),
        },
    }
}

/// A post as somebody sees it: what a case or the host withholds is gone for all but its author, like what was
/// removed.
fn shown_post(mut post: Post, viewer: Option<&PersonId>) -> Post {
    post.held = Vec::new();
    if let Some(withheld) = post.withheld.take() {
        if viewer == Some(&post.author) {
            post.withheld = Some(withheld.as_told());
        } else {
            post.body = None;
            post.removed_at = post.removed_at.or(Some(withheld.since));
        }
    }
    post
}

/// The same of a check-in, and of it what this viewer is shown.
fn shown_check_in(mut check_in: CheckIn, viewer: Viewer, supervised: bool) -> CheckIn {
    let when = When { shared: check_in.note_shared, supervised, ..When::default() };
    let withheld = check_in.withheld.take();
    let own = viewer == Viewer::Owner;
    let words = own || withheld.is_none();
    let shows = |what| visible::shows(what, viewer, when);
    check_in.score = check_in.score.filter(|_| shows(What::CheckInScore));
    check_in.note = check_in.note.filter(|_| words && shows(What::CheckInNote));
    check_in.testimonial = check_in.testimonial.filter(|_| words && shows(What::Testimonial));
    check_in.withheld = withheld.filter(|_| own).map(|it| it.as_told());
    check_in
}

impl Service<'_> {
    /// What the actor may read of `what`, and as which of the two. The read of an admin is written down.
    async fn scope(
        &self,
        actor: &Actor,
        view: &PairView,
        what: &'static str,
    ) -> Result<(ReadScope, Option<Role>), Error> {
        access::to_pair(actor, &view.program, &view.pair, Action::ReadPair)?;
        access::not_across_a_block(&view.with_actor)?;
        let side = actor.as_person().and_then(|person| view.pair.side_of(person));
        let days = view.program.policy.read_days;
        let scope =
            side.map_or(ReadScope::All, |side| read_scope(&view.pair, side, days, self.now()));
        if side.is_none() {
            self.record_read(actor, |cx| read::pair(&view.pair, what, cx)).await?;
        }
        Ok((scope, side))
    }

    /// What the pair wrote, on one step or on all: for the two, by what they may still read, and for
    /// the admin of a supervised pair, whose read is written down where the platform reads it (row 60).
    pub async fn thread(
        &self,
        actor: &Actor,
        pair: PairId,
        step: Option<Slug>,
        page: PageAsk,
    ) -> Result<Thread, Error> {
        let view = self.load(pairs::ask(actor, pair, None)).await?;
        let (scope, _) = self.scope(actor, &view, "thread").await?;
        let what = Listing::Posts { pair, step };
        let page = self.unit().await?.list_posts(&page.of(actor, what)).await?;
        let own = actor.as_person();
        let readable = |post: &Post| scope == ReadScope::All || own == Some(&post.author);
        let posts = page.items.into_iter().filter(readable).map(|post| shown_post(post, own));
        Ok(Thread { scope, posts: posts.collect(), next: page.next })
    }

    /// The check-ins of a pair. For one of the two: their own in full, of the partner's only shared
    /// notes. For the admin of a supervised pair all of them, scores too; that read is written down.
    pub async fn check_ins(
        &self,
        actor: &Actor,
        pair: PairId,
        page: PageAsk,
    ) -> Result<Page<CheckIn>, Error> {
        let view = self.load(pairs::ask(actor, pair, None)).await?;
        let (scope, side) = self.scope(actor, &view, "check_ins").await?;
        let what = Listing::CheckIns { pair };
        let page = self.unit().await?.list_check_ins(&page.of(actor, what)).await?;
        let supervised = view.pair.oversight_in(&view.program) == Oversight::Supervised;
        let items = page.items.into_iter().filter_map(|it| {
            let viewer = match side {
                Some(side) if side == it.side => Viewer::Owner,
                Some(_) => Viewer::Partner,
                None => Viewer::Admin,
            };
            let it = shown_check_in(it, viewer, supervised);
            let partner = viewer == Viewer::Partner;
            let nothing = partner && (scope == ReadScope::Own || it.note.is_none());
            (!nothing).then_some(it)
        });
        Ok(Page { items: items.collect(), next: page.next })
    }
}
