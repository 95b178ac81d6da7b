//! What commands on pairs read, for one or for many at once.

use mentorship_core::{
    base::{host::PersonId, people::PersonPair},
    model::{pair::Pair, person::Person},
    store::{PairAsk, StoreError},
    view::PairView,
};

use super::Views;
use crate::{
    record::{pair, person, program},
    session::{Batch, Fetched},
    statement::Statement as S,
    value::{corrupt, id},
};

/// Where the parts of a pair's view stand in a batch.
struct PairAt {
    pair: usize,
    people: usize,
    relation: usize,
    program: usize,
    steps: usize,
    post: Option<usize>,
}

/// A pair that was found, and where what stands between somebody else and each of its people stands in a
/// further batch.
struct PairFound {
    at: PairAt,
    pair: Pair,
    people: PersonPair,
    actors: [Option<(usize, PersonPair)>; 2],
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
        let places: Vec<PairAt> = asks.iter().map(|ask| self.add_pair(&mut batch, ask)).collect();
        let found = self.run(batch).await?;
        // Only somebody who is neither of the two makes a second round trip.
        let mut batch = Batch::default();
        let mut pairs = Vec::with_capacity(asks.len());
        for (ask, at) in asks.iter().zip(places) {
            let Some(pair) = found.first(at.pair, pair::read)? else {
                pairs.push(None);
                continue;
            };
            let people = pair::people(&pair)?;
            let outside = ask.actor.as_ref().filter(|actor| people.other(actor).is_none());
            let actors = [&pair.mentor.person, &pair.mentee.person]
                .map(|who| self.add_with_actor(&mut batch, outside, who));
            pairs.push(Some(PairFound { at, pair, people, actors }));
        }
        let others = self.run(batch).await?;
        let mut views = Vec::with_capacity(asks.len());
        for pair in pairs {
            views.push(match pair {
                Some(pair) => Some(self.pair_found(&found, &others, pair).await?),
                None => None,
            });
        }
        Ok(views)
    }

    fn add_pair(&self, batch: &mut Batch, ask: &PairAsk) -> PairAt {
        let args = [self.tenant(), id(ask.pair)];
        let mut add = |sql| batch.add_once(sql, args.clone());
        PairAt {
            pair: add(S::PairGet),
            people: add(S::PairPeople),
            relation: add(S::PairRelation),
            program: add(S::PairProgram),
            steps: add(S::Steps),
            post: ask.post.map(|it| batch.add(S::PostGet, [self.tenant(), id(it), id(ask.pair)])),
        }
    }

    async fn pair_found(
        &mut self,
        found: &Fetched,
        others: &Fetched,
        PairFound { at, pair, people, actors }: PairFound,
    ) -> Result<PairView, StoreError> {
        let program = found.first(at.program, program::read)?;
        let program = program.ok_or_else(|| corrupt("a program is missing"))?;
        let mut with_actor = Vec::new();
        for at in &actors {
            with_actor.extend(Self::with_actor(others, at.as_ref())?);
        }
        let known = found.each(at.people, person::read)?;
        let person = |who: &PersonId| {
            let known = known.iter().find(|it| it.id == *who);
            known.cloned().unwrap_or_else(|| Person::unknown(who.clone()))
        };
        let post = at.post.map(|at| found.first(at, pair::read_post)).transpose()?.flatten();
        Ok(PairView {
            mentor: person(&pair.mentor.person),
            mentee: person(&pair.mentee.person),
            relation: Self::relation(found, at.relation, &people)?,
            guide: self.guide(program.id, pair.guide_version).await?,
            steps: found.each(at.steps, pair::read_step)?,
            post,
            with_actor,
            program,
            pair,
        })
    }
}
