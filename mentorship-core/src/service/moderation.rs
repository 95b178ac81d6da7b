//! The host's own moderation of what people write.

use async_trait::async_trait;
use tracing::Span;

use super::{
    Error, Service, pairs,
    run::{Load, Order},
};
use crate::{
    base::{host::PersonId, version::Version},
    change::Key,
    decide::content,
    model::{
        enrollment::Role,
        journal::{CheckIn, CheckInKind},
        moderation::Moderation,
        report::Content,
    },
    policy::actor::Actor,
    store::{ListAsk, Listing, PAGE_MAX, PairAsk, StoreError, StoreUnit, UnitExt},
    view::{Guarded, Reach},
};

/// A piece of content with its pair, whose version covers it.
#[derive(Debug)]
struct ContentAsk {
    pair: PairAsk,
    content: Content,
}

/// A check-in of one side; nothing if there is none.
async fn find_check_in(
    unit: &mut dyn StoreUnit,
    pair: &PairAsk,
    (side, kind): (Role, CheckInKind),
) -> Result<Option<CheckIn>, StoreError> {
    let (tenant, what) = (pair.tenant.clone(), Listing::CheckIns { pair: pair.pair });
    let mut ask = ListAsk { tenant, what, after: None, limit: PAGE_MAX };
    loop {
        let page = unit.list_check_ins(&ask).await?;
        let found = page.items.into_iter().find(|it| it.side == side && it.kind == kind);
        ask.after = page.next;
        if found.is_some() || ask.after.is_none() {
            return Ok(found);
        }
    }
}

/// A pair with the check-in that one of the two is about to send anew, if they have sent it before.
#[derive(Debug)]
pub(super) struct OwnCheckInAsk {
    pub(super) pair: PairAsk,
    pub(super) by: Option<PersonId>,
    pub(super) kind: CheckInKind,
}

#[async_trait]
impl Load for OwnCheckInAsk {
    type View = Reach;

    async fn load(&self, unit: &mut dyn StoreUnit) -> Result<Option<Reach>, StoreError> {
        let Some(pair) = unit.pair_view(&self.pair).await? else { return Ok(None) };
        let mut check_ins = Vec::new();
        if let Some(side) = self.by.as_ref().and_then(|it| pair.pair.side_of(it)) {
            check_ins.extend(find_check_in(unit, &self.pair, (side, self.kind)).await?);
        }
        Ok(Some(Reach { pair, posts: Vec::new(), check_ins }))
    }

    fn note(&self, span: &Span) {
        self.pair.note(span);
    }

    fn guards(view: &Reach) -> Vec<(Key, Version)> {
        view.pair.guards()
    }
}

#[async_trait]
impl Load for ContentAsk {
    type View = Reach;

    async fn load(&self, unit: &mut dyn StoreUnit) -> Result<Option<Reach>, StoreError> {
        let Some(mut pair) = unit.pair_view(&self.pair).await? else { return Ok(None) };
        let posts = pair.post.take().into_iter().collect();
        let check_ins = match self.content {
            Content::CheckIn { side, kind, .. } => {
                find_check_in(unit, &self.pair, (side, kind)).await?
            }
            Content::Post { .. } | Content::Introduction { .. } | Content::Ending { .. } => None,
        };
        let check_ins = check_ins.into_iter().collect();
        Ok(Some(Reach { pair, posts, check_ins }))
    }

    fn note(&self, span: &Span) {
        self.pair.note(span);
    }

    fn guards(view: &Reach) -> Vec<(Key, Version)> {
        view.pair.guards()
    }
}

impl Service<'_> {
    /// Carries out what the host's own moderation has decided about a post, a comment, a check-in, an
    /// introduction or the note of an end (D37): it is hidden from everybody but its author, shown again, or removed for good, whatever
    /// state its pair is in. For the host and staff; reviewers of a report do so in its case
    /// ([`Service::take_interim`]).
    ///
    /// Nobody is told by the library, so that the host can say why in its own words. What a case has copied as
    /// evidence stays as it was. A check-in that its author sends anew stays hidden.
    pub async fn moderate(
        &self,
        actor: &Actor,
        content: Content,
        moderation: Moderation,
    ) -> Result<(), Error> {
        let post = match content {
            Content::Post { post, .. } => Some(post),
            Content::CheckIn { .. } | Content::Introduction { .. } | Content::Ending { .. } => None,
        };
        let ask = ContentAsk { pair: pairs::ask(actor, content.pair(), post), content };
        let key = (content, moderation);
        self.run(Order::new(actor, "content.moderate", &key), ask, |view, cx| {
            content::moderate(view, &content, moderation, cx)
        })
        .await
    }
}
