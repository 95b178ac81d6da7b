//! What commands on pairs read, for one or for many at once.

use mentorship_core::{
    base::people::PersonPair,
    model::pair::Pair,
    store::{PairAsk, StoreError},
    view::PairView,
};

use super::Views;
use crate::{
    record::{pair, program},
    session::{Batch, Fetched},
    statement::Statement as S,
    value::{corrupt, id, person as key},
};

/// Where the parts of a pair's view stand in a batch.
struct PairAt {
    pair: Pair,
    people: PersonPair,
    relation: usize,
    program: usize,
    sides: [usize; 2],
    actors: [Option<(usize, PersonPair)>; 2],
    steps: usize,
    check_ins: usize,
    post: Option<usize>,
}

impl Views<'_> {
    pub(crate) async fn pair_view(
        &mut self,
        ask: &PairAsk,
    ) -> Result<Option<PairView>, StoreError> {
        Ok(self.pair_views(std::slice::from_ref(ask)).await?.pop().flatten())
    }

    pub(crate) async fn pair_views(
        &mut self,
        asks: &[PairAsk],
    ) -> Result<Vec<Option<PairView>>, StoreError> {
        self.check(asks.iter().map(|ask| &ask.tenant))?;
        let mut batch = Batch::default();
        let stored: Vec<usize> = asks
            .iter()
            .map(|ask| batch.add_once(S::PairGet, [self.tenant(), id(ask.pair)]))
            .collect();
        let found = self.run(batch).await?;
        let mut batch = Batch::default();
        let mut places = Vec::with_capacity(asks.len());
        for (ask, at) in asks.iter().zip(stored) {
            places.push(match found.first(at, pair::read)? {
                Some(pair) => Some(self.add_pair(&mut batch, ask, pair)?),
                None => None,
            });
        }
        let found = self.run(batch).await?;
        let mut views = Vec::with_capacity(asks.len());
        for place in places {
            views.push(match place {
                Some(place) => Some(self.pair_at(&found, place).await?),
                None => None,
            });
        }
        Ok(views)
    }

    fn add_pair(&self, batch: &mut Batch, ask: &PairAsk, pair: Pair) -> Result<PairAt, StoreError> {
        let people = pair::people(&pair)?;
        let outside = ask.actor.as_ref().filter(|actor| people.other(actor).is_none());
        let who = [&pair.mentor.person, &pair.mentee.person];
        let args = [self.tenant(), id(pair.id)];
        Ok(PairAt {
            relation: self.add_relation(batch, &people),
            program: batch.add_once(S::ProgramGet, [self.tenant(), id(pair.program)]),
            sides: who.map(|who| batch.add_once(S::PersonGet, [self.tenant(), key(who)])),
            actors: who.map(|who| self.add_with_actor(batch, outside, who)),
            steps: batch.add_once(S::Steps, args.clone()),
            check_ins: batch.add_once(S::CheckIns, args),
            post: ask.post.map(|it| batch.add(S::PostGet, [self.tenant(), id(it), id(pair.id)])),
            people,
            pair,
        })
    }

    async fn pair_at(&mut self, found: &Fetched, at: PairAt) -> Result<PairView, StoreError> {
        let program = found.first(at.program, program::read)?;
        let program = program.ok_or_else(|| corrupt("a program is missing"))?;
        let mut check_ins = found.each(at.check_ins, pair::read_check_in)?;
        check_ins.sort_by_key(|it| (it.side, it.kind));
        let mut with_actor = Vec::new();
        for at in &at.actors {
            with_actor.extend(Self::with_actor(found, at.as_ref())?);
        }
        let post = at.post.map(|at| found.first(at, pair::read_post)).transpose()?.flatten();
        let [mentor, mentee] = at.sides;
        let pair = at.pair;
        Ok(PairView {
            mentor: Self::person(found, mentor, &pair.mentor.person)?,
            mentee: Self::person(found, mentee, &pair.mentee.person)?,
            relation: Self::relation(found, at.relation, &at.people)?,
            guide: self.guide(program.id, pair.guide_version).await?,
            steps: found.each(at.steps, pair::read_step)?,
            post,
            check_ins,
            with_actor,
            program,
            pair,
        })
    }
}
