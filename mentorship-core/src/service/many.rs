//! Many commands of one kind: loaded together, decided one by one, and written together.
//!
//! Each command stays what it is by itself: it is decided on its own view, and what another one of them
//! changes in that view it finds changed. Commands that rest on what others write are therefore left for
//! the next round. Where a store refuses what several wrote together, they are halved until the one that
//! stands in the way stands alone.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};
use tracing::Instrument;

use super::{
    Error, Service,
    run::{Gather, Input, Load, Order, in_doubt, record_of, repeated, stands},
};
use crate::{
    base::{
        id::{CommandId, Id},
        version::Version,
    },
    change::{Applied, ChangeSet, CommandRecord, Key},
    decide::{Cx, Decision, FollowUp, Refusal},
    policy::actor::Actor,
    store::{EnrollmentAsk, PairAsk, ProposalAsk, StoreError, StoreErrorKind, StoreUnit},
};

/// Most commands that are loaded and written together.
const TOGETHER: usize = 250;

/// An ask of which many are loaded at once.
#[async_trait]
pub(super) trait LoadMany: Load + Clone {
    async fn load_many(
        asks: &[Self],
        unit: &mut dyn StoreUnit,
    ) -> Result<Vec<Option<Self::View>>, StoreError>;
}

macro_rules! loads_many {
    ($($ask:ty, $method:ident;)+) => {$(
        #[async_trait]
        impl LoadMany for $ask {
            async fn load_many(
                asks: &[Self],
                unit: &mut dyn StoreUnit,
            ) -> Result<Vec<Option<Self::View>>, StoreError> {
                unit.$method(asks).await
            }
        }
    )+};
}

loads_many! {
    EnrollmentAsk, enrollment_views;
    ProposalAsk, proposal_views;
    PairAsk, pair_views;
}

/// One of many commands.
pub(super) struct Item<L, G> {
    pub(super) actor: Actor,
    /// What makes it the same command again.
    pub(super) input: Box<dyn Input + Send + Sync>,
    pub(super) ask: L,
    pub(super) gather: G,
}

impl<L, G> Item<L, G> {
    fn order(&self, kind: &'static str) -> Order<'_> {
        Order { actor: &self.actor, kind, input: &*self.input, unsigned: false }
    }
}

/// What a group would write.
struct Written<T> {
    set: ChangeSet,
    /// What is guarded, and at which version, and what is written; also by commands that wait.
    guards: BTreeMap<Key, Version>,
    writes: BTreeSet<Key>,
    replies: Vec<(usize, T, Vec<FollowUp>)>,
}

impl<T> Written<T> {
    /// Whether the two can be written at once: neither rests on what the other writes.
    fn fits(&self, set: &ChangeSet) -> bool {
        let apart = set.guards.iter().all(|(key, version)| {
            !self.writes.contains(key)
                && self.guards.get(key).is_none_or(|guarded| guarded == version)
        });
        apart && set.written().all(|key| !self.guards.contains_key(&key))
    }

    /// Notes what a command rests on and writes.
    fn keep(&mut self, set: &ChangeSet) {
        self.writes.extend(set.written());
        self.guards.extend(set.guards.iter().map(|(key, version)| (key.clone(), *version)));
    }

    fn add(&mut self, place: usize, decision: Decision<T>) {
        let Decision { changes, reply, next } = decision;
        self.keep(&changes);
        self.set.merge(changes);
        self.replies.push((place, reply, next));
    }
}

/// A command by its place, why it was refused, and what that rests on; nothing where nothing was found.
type Refused = (usize, Refusal, Option<Vec<(Key, Version)>>);

/// Outcomes so far, and what is still to be done.
struct Progress<T> {
    outcomes: Vec<Option<Result<T, Error>>>,
    /// Commands by their places, those that are tried together in one list.
    queue: VecDeque<Vec<usize>>,
}

impl<T> Progress<T> {
    fn settle(&mut self, place: usize, outcome: Result<T, Error>) {
        if let Some(slot) = self.outcomes.get_mut(place) {
            *slot = Some(outcome);
        }
    }

    /// Tries these together, before all that waits already.
    fn again(&mut self, places: Vec<usize>) {
        if !places.is_empty() {
            self.queue.push_front(places);
        }
    }

    /// Each half by itself, in their order.
    fn halve(&mut self, mut places: Vec<usize>) {
        let second = places.split_off(places.len() / 2);
        self.again(second);
        self.again(places);
    }
}

impl Service<'_> {
    /// Carries commands out, each by itself for whoever looks, and gives back what became of each, in
    /// order. A store that cannot be reached at all stops the rest.
    pub(super) async fn run_each<L, G, T, D>(
        &self,
        kind: &'static str,
        items: &[Item<L, G>],
        decide: D,
    ) -> Result<Vec<Result<T, Error>>, Error>
    where
        L: LoadMany,
        G: Gather<L::View> + Send,
        T: Serialize + DeserializeOwned + Send + Sync,
        D: Fn(usize, &L::View, G::Facts, Cx<'_>) -> Result<Decision<T>, Refusal> + Send + Sync,
    {
        let span = tracing::info_span!("mentorship.commands", kind, count = items.len());
        let places: Vec<usize> = (0..items.len()).collect();
        let mut progress = Progress {
            outcomes: items.iter().map(|_| None).collect(),
            queue: places.chunks(TOGETHER).map(<[usize]>::to_vec).collect(),
        };
        let work = async {
            while let Some(group) = progress.queue.pop_front() {
                let [place] = *group else {
                    self.run_group(kind, items, &decide, group, &mut progress).await?;
                    continue;
                };
                let Some(item) = items.get(place) else { continue };
                let order = item.order(kind);
                let decide = |view: &_, facts, cx: Cx<'_>| decide(place, view, facts, cx);
                let done = self.run_with(order, item.ask.clone(), &item.gather, decide).await;
                progress.settle(place, done);
            }
            Ok::<(), Error>(())
        };
        Box::pin(work).instrument(span).await?;
        let missing = || StoreError::new(StoreErrorKind::Other, "commands").into();
        let outcomes = progress.outcomes.into_iter();
        Ok(outcomes.map(|outcome| outcome.unwrap_or_else(|| Err(missing()))).collect())
    }

    async fn run_group<L, G, T, D>(
        &self,
        kind: &'static str,
        items: &[Item<L, G>],
        decide: &D,
        mut places: Vec<usize>,
        progress: &mut Progress<T>,
    ) -> Result<(), Error>
    where
        L: LoadMany,
        G: Gather<L::View> + Send,
        T: Serialize + DeserializeOwned + Send + Sync,
        D: Fn(usize, &L::View, G::Facts, Cx<'_>) -> Result<Decision<T>, Refusal> + Send + Sync,
    {
        let Some(tenant) = items.first().map(|item| item.actor.tenant()) else { return Ok(()) };
        let mut unit = self.store.unit().await?;
        self.settle_known(kind, items, &mut *unit, &mut places, progress).await?;
        let asks: Vec<L> =
            places.iter().filter_map(|at| items.get(*at)).map(|it| it.ask.clone()).collect();
        let views = match L::load_many(&asks, &mut *unit).await {
            Ok(views) => views,
            // One of them cannot be read: it is found by halves.
            Err(error) if error.kind() == StoreErrorKind::Corrupt && places.len() > 1 => {
                progress.halve(places);
                return Ok(());
            }
            Err(error) if error.kind() == StoreErrorKind::Busy && places.len() > 1 => {
                self.wait(1, &error).await;
                progress.halve(places);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let now = self.now();
        let mut written = Written {
            set: ChangeSet::new(tenant.clone()),
            guards: BTreeMap::new(),
            writes: BTreeSet::new(),
            replies: Vec::new(),
        };
        let (mut later, mut alone, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for (place, view) in places.into_iter().zip(views) {
            let Some(item) = items.get(place) else { continue };
            let Some(view) = view else {
                refused.push((place, Refusal::NotFound, None));
                continue;
            };
            let decided = match item.gather.gather(&view).await {
                Ok(facts) => {
                    let cx = Cx { actor: &item.actor, now, ids: &*self.ids };
                    decide(place, &view, facts, cx).map_err(Error::from)
                }
                Err(error) => Err(error),
            };
            match decided {
                Ok(mut decision) if written.fits(&decision.changes) => {
                    if let Some(id) = item.actor.command() {
                        let order = item.order(kind);
                        let record = record_of(id, order.digest(), kind, &decision.reply, now)?;
                        decision.changes.commands.push(record);
                    }
                    written.add(place, decision);
                }
                // What comes after it and meets it waits too, so that the order stays.
                Ok(decision) => {
                    written.keep(&decision.changes);
                    later.push(place);
                }
                Err(Error::Refused(refusal)) => {
                    refused.push((place, refusal, Some(L::guards(&view))));
                }
                // What stands in its way is its own: it is tried by itself, a bounded number of times.
                Err(Error::Store(error)) if may_pass(&error) => alone.push(place),
                Err(error) => progress.settle(place, Err(error)),
            }
        }
        if let Some(item) = items.first() {
            self.oversee(&item.actor, kind, &mut written.set, now);
        }
        self.settle_refused(kind, items, &mut *unit, refused, progress).await?;
        progress.again(later);
        alone.into_iter().rev().for_each(|place| progress.again(vec![place]));
        self.write_group(kind, &mut *unit, written, progress).await
    }

    /// Writes what a group decided.
    async fn write_group<T: Send>(
        &self,
        kind: &'static str,
        unit: &mut dyn StoreUnit,
        written: Written<T>,
        progress: &mut Progress<T>,
    ) -> Result<(), Error> {
        let Written { mut set, replies, .. } = written;
        let tenant = set.tenant.clone();
        // An id of the group's own settles an outcome that is unknown.
        let own = CommandId::from_uuid(self.ids.random());
        let mut stored = set.is_empty();
        if !stored {
            set.commands.insert(0, record_of(own, [0; 32], kind, &(), self.now())?);
        }
        let mut tries = 1;
        while !stored {
            match unit.apply(set.clone()).await {
                Ok(Applied::Stored) => stored = true,
                // An earlier try landed after all.
                Ok(Applied::Repeated(record)) if record.id == own => stored = true,
                Ok(Applied::Repeated(_)) => break,
                Err(error) if error.kind() == StoreErrorKind::InDoubt => {
                    if tries >= self.attempts {
                        return Err(error.into());
                    }
                    self.wait(tries, &error).await;
                    tries += 1;
                }
                Err(error) if stands_alone(&error) => {
                    self.wait(tries, &error).await;
                    break;
                }
                Err(error) if tries > 1 => return Err(in_doubt(error.into())),
                Err(error) => return Err(error.into()),
            }
        }
        if !stored {
            let places = replies.into_iter().map(|(place, ..)| place).collect();
            progress.halve(places);
            return Ok(());
        }
        for (place, reply, next) in replies {
            progress.settle(place, Ok(reply));
            for follow_up in next {
                self.follow(&tenant, follow_up).await;
            }
        }
        Ok(())
    }

    /// Settles the commands that have been carried out before, and takes them out of `places`.
    async fn settle_known<L: Sync, G: Sync, T: DeserializeOwned + Send>(
        &self,
        kind: &'static str,
        items: &[Item<L, G>],
        unit: &mut dyn StoreUnit,
        places: &mut Vec<usize>,
        progress: &mut Progress<T>,
    ) -> Result<(), Error> {
        let known = self.known(items, unit, places).await?;
        for (place, record) in &known {
            let Some(item) = items.get(*place) else { continue };
            progress.settle(*place, repeated(record, item.order(kind).digest()));
        }
        places.retain(|place| !known.contains_key(place));
        Ok(())
    }

    /// What was refused stays so, unless it is the same command's own effect that stands in its way: it may
    /// have landed since.
    ///
    /// Where what it rests on has changed since it was read, a command is tried by itself.
    async fn settle_refused<L: LoadMany, G: Sync, T: DeserializeOwned + Send>(
        &self,
        kind: &'static str,
        items: &[Item<L, G>],
        unit: &mut dyn StoreUnit,
        refused: Vec<Refused>,
        progress: &mut Progress<T>,
    ) -> Result<(), Error> {
        let mut places: Vec<usize> = refused.iter().map(|(place, ..)| *place).collect();
        self.settle_known(kind, items, unit, &mut places, progress).await?;
        let left: Vec<Refused> =
            refused.into_iter().filter(|(place, ..)| places.contains(place)).collect();
        if left.is_empty() {
            return Ok(());
        }
        let asks: Vec<L> =
            left.iter().filter_map(|it| items.get(it.0)).map(|it| it.ask.clone()).collect();
        let again = match L::load_many(&asks, unit).await {
            // Each by itself, which reads it again.
            Err(error) if error.kind() == StoreErrorKind::Busy => {
                left.iter().rev().for_each(|(place, ..)| progress.again(vec![*place]));
                return Ok(());
            }
            again => again?,
        };
        for ((place, refusal, guards), again) in left.into_iter().zip(again).rev() {
            let stands = match &guards {
                Some(guards) => stands::<L>(guards, again.as_ref()),
                None => again.is_none(),
            };
            if stands {
                progress.settle(place, Err(refusal.into()));
            } else {
                progress.again(vec![place]);
            }
        }
        Ok(())
    }

    async fn known<L: Sync, G: Sync>(
        &self,
        items: &[Item<L, G>],
        unit: &mut dyn StoreUnit,
        places: &[usize],
    ) -> Result<BTreeMap<usize, CommandRecord>, Error> {
        let command = |place: &usize| Some((*place, items.get(*place)?.actor.command()?));
        let (asked, ids): (Vec<usize>, Vec<CommandId>) = places.iter().filter_map(command).unzip();
        let Some(first) = items.first().filter(|_| !ids.is_empty()) else {
            return Ok(BTreeMap::new());
        };
        let records = unit.commands(first.actor.tenant(), &ids).await?;
        let known = asked.into_iter().zip(records);
        Ok(known.filter_map(|(place, record)| Some((place, record?))).collect())
    }
}

/// Whether the same command may well go through when it is tried again.
fn may_pass(error: &StoreError) -> bool {
    error.is_retryable() || error.kind() == StoreErrorKind::InDoubt
}

/// Whether an error may be that of one of many: the others can be written without it.
fn stands_alone(error: &StoreError) -> bool {
    error.is_retryable()
        || matches!(error.kind(), StoreErrorKind::Integrity | StoreErrorKind::Corrupt)
}
