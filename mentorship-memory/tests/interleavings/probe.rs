//! A store and a host that answer one question at a time, so that a command can be stopped between any two.
//!
//! A command is the real one of the service. What it has been answered so far is all that is kept of it while
//! others go on: to take it a step further it is played again from its beginning with those answers, and the
//! next question is the step. Commands are pure but for what they are answered, so that it ends up where it was.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
    fmt::{Debug, Write as _},
    hash::{DefaultHasher, Hash, Hasher},
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
};

use async_trait::async_trait;
use chrono::TimeDelta;
use mentorship_core::{
    base::{
        host::{GroupId, PersonId, TenantId},
        id::{CommandId, IdSource},
        text::Slug,
        time::Timestamp,
    },
    change::{Applied, Change, ChangeSet, CommandRecord},
    conformance::{
        census::Watch,
        make::{adult_date, who},
    },
    service::{Attestation, Directory, PortError},
    statistics::Tally,
    store::{
        Capabilities, CaseAsk, EnrollmentAsk, FilingAsk, ListAsk, Listed, Outbox, Page, PairAsk,
        PersonAsk, ProgramAsk, ProposalAsk, RelationAsk, RenameAsk, RunAsk, Store, StoreError,
        StoreErrorKind, StoreUnit, TallyAsk,
    },
    view::{
        CaseView, EnrollmentView, FilingView, PairView, PersonView, ProgramView, ProposalView,
        RelationView, RenameView, RunView,
    },
};
use mentorship_memory::MemoryStore;
use uuid::Uuid;

/// What a future that waits for nothing comes to.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("a store in memory never waits"),
    }
}

struct Digesting(DefaultHasher);

impl std::fmt::Write for Digesting {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

/// A digest of all that a value shows of itself. Text that people wrote shows its length alone; nothing is
/// decided by it.
pub(crate) fn digest(value: &impl Debug) -> u64 {
    let mut digesting = Digesting(DefaultHasher::new());
    write!(digesting, "{value:?}").unwrap();
    digesting.0.finish()
}

/// Everything that is shared by the commands under way.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) store: MemoryStore,
    /// Whom the host knows to be minors.
    pub(crate) minors: BTreeSet<PersonId>,
    /// What was seen when it was checked last.
    pub(crate) watch: Arc<Watch>,
    /// How often something was written.
    pub(crate) writes: u32,
    /// The last content of each record, and the sum of what was said and recorded, as digests.
    records: Arc<BTreeMap<u64, u64>>,
    said: u64,
}

impl World {
    /// A sound world, as others begin from it.
    pub(crate) fn new(store: MemoryStore, now: Timestamp) -> Self {
        let mut watch = Watch::default();
        at_once(watch.check(&store, now)).unwrap();
        let (minors, records) = (BTreeSet::new(), Arc::default());
        Self { store, minors, watch: Arc::new(watch), writes: 0, records, said: 0 }
    }

    /// Two worlds of one digest hold the same, but for the order in which it was recorded.
    pub(crate) fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.records, &self.minors, self.said).hash(&mut hasher);
        hasher.finish()
    }

    fn note(&mut self, set: &ChangeSet) {
        for change in &set.changes {
            let (place, content) = match change {
                Change::Touch(key) => {
                    let place = digest(key);
                    (place, digest(&(self.records.get(&place), "touch")))
                }
                Change::Step(it) => (digest(&("step", it.pair, it.position)), digest(it)),
                Change::Post(it) => (digest(&("post", it.id)), digest(it)),
                Change::CheckIn(it) => {
                    (digest(&("check-in", it.pair, it.side, &it.kind)), digest(it))
                }
                // Never written twice.
                Change::Evidence(_)
                | Change::Run(_)
                | Change::Form { .. }
                | Change::Guide { .. } => (digest(change), 0),
                // What these do depends on what is there.
                Change::ClearPair { .. }
                | Change::ReleaseTexts { .. }
                | Change::ClearEvidence { .. }
                | Change::ForgetEvent { .. }
                | Change::RenamePerson { .. } => (digest(change), self.digest()),
                written => match written.versioned() {
                    Some((key, _)) => (digest(&key), digest(written)),
                    None => panic!("{} is not known here", written.kind()),
                },
            };
            Arc::make_mut(&mut self.records).insert(place, content);
        }
        let events = set.audit.iter().map(digest);
        let messages = set.outbox.iter().map(digest);
        self.said = events.chain(messages).fold(self.said, u64::wrapping_add);
    }

    fn apply(&mut self, mut set: ChangeSet, forgotten: &[&str]) -> Result<Applied, StoreErrorKind> {
        // Without the guards of a rename a store does not take it for one.
        let renames = matches!(set.renaming(), Ok(Some(_)));
        if !renames {
            set.guards.retain(|key, _| !forgotten.contains(&key.kind()));
        }
        let mut next = Self { store: self.store.fork(), ..self.clone() };
        next.note(&set);
        // The clock stands still: the log is in order by when it was written instead.
        next.writes += 1;
        if renames {
            // The log says another key from here on, which is no change of what happened.
            next.watch = Arc::new(Watch::default());
        }
        for event in &mut set.audit {
            event.at += TimeDelta::microseconds(next.writes.into());
        }
        let applied = at_once(async { next.store.unit().await?.apply(set).await });
        if let Ok(Applied::Stored) = &applied {
            *self = next;
        }
        applied.map_err(|error| error.kind())
    }
}

/// What a command was answered.
#[derive(Clone)]
pub(crate) struct Reply {
    value: Arc<dyn Any + Send + Sync>,
    pub(crate) digest: u64,
}

impl Reply {
    /// Whether a guard did not hold any more.
    pub(crate) fn is_conflict(&self) -> bool {
        let applied = self.value.downcast_ref::<Result<Applied, StoreErrorKind>>();
        applied.is_some_and(|it| *it == Err(StoreErrorKind::Conflict))
    }
}

struct Run {
    world: World,
    replies: Vec<Reply>,
    at: usize,
    /// Whether one more question may be asked.
    fresh: bool,
    /// Whether one is that may not.
    waits: bool,
    forgotten: &'static [&'static str],
}

/// The store and the host of one command.
#[derive(Clone)]
pub(crate) struct Probe(Arc<Mutex<Run>>);

impl Debug for Probe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Probe")
    }
}

impl Probe {
    /// Answers `replies`, then one more question.
    pub(crate) fn new(
        world: World,
        replies: Vec<Reply>,
        forgotten: &'static [&'static str],
    ) -> Self {
        let run = Run { world, replies, at: 0, fresh: true, waits: false, forgotten };
        Self(Arc::new(Mutex::new(run)))
    }

    /// Whether the command waits for an answer that it does not get now.
    pub(crate) fn waits(&self) -> bool {
        self.0.lock().unwrap().waits
    }

    /// The world after the step, and all that was answered.
    pub(crate) fn into_parts(self) -> (World, Vec<Reply>) {
        let run = self.0.lock().unwrap();
        (run.world.clone(), run.replies.clone())
    }

    async fn ask<T: Clone + Debug + Send + Sync + 'static>(
        &self,
        ask: impl FnOnce(&mut World, &'static [&'static str]) -> T + Send,
    ) -> T {
        let mut ask = Some(ask);
        std::future::poll_fn(|_| {
            let mut run = self.0.lock().unwrap();
            let Some(reply) = run.replies.get(run.at) else {
                if !run.fresh {
                    run.waits = true;
                    return Poll::Pending;
                }
                run.fresh = false;
                let forgotten = run.forgotten;
                let answer = ask.take().unwrap()(&mut run.world, forgotten);
                let reply = Reply { digest: digest(&answer), value: Arc::new(answer.clone()) };
                run.replies.push(reply);
                run.at += 1;
                return Poll::Ready(answer);
            };
            let value = reply.value.downcast_ref::<T>().expect("the same question as before");
            let value = value.clone();
            run.at += 1;
            Poll::Ready(value)
        })
        .await
    }

    /// The host learns that somebody is a minor.
    pub(crate) async fn learns_minor(&self, n: u64) {
        self.ask(|world, _| {
            world.minors.insert(who(n));
        })
        .await;
    }

    /// Reads the store.
    async fn read<T: Clone + Debug + Send + Sync + 'static>(
        &self,
        read: impl AsyncFnOnce(&mut dyn StoreUnit) -> Result<T, StoreError> + Send,
    ) -> Result<T, StoreError> {
        let read = |world: &mut World, _: &[&str]| {
            let reading = async { read(&mut *world.store.unit().await?).await };
            at_once(reading).map_err(|error| error.kind())
        };
        self.ask(read).await.map_err(|kind| StoreError::new(kind, "read"))
    }
}

/// A minor of the host's is one in a year; everybody else is an adult.
pub(crate) fn in_a_year(now: Timestamp) -> Option<chrono::NaiveDate> {
    now.date_naive().checked_add_days(chrono::Days::new(365))
}

#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) probe: Probe,
    pub(crate) now: Timestamp,
}

#[async_trait]
impl Directory for Host {
    async fn has_platform_contact(&self, _: &TenantId) -> Result<bool, PortError> {
        Ok(true)
    }

    async fn attestation(
        &self,
        _tenant: &TenantId,
        person: &PersonId,
    ) -> Result<Attestation, PortError> {
        let minor = self.probe.ask(|world, _| world.minors.contains(person)).await;
        let adult_on = if minor { in_a_year(self.now) } else { Some(adult_date()) };
        Ok(Attestation { adult_on, zone: Some(chrono_tz::Tz::Europe__Lisbon) })
    }

    async fn predicate(
        &self,
        _tenant: &TenantId,
        _name: &Slug,
        _person: &PersonId,
    ) -> Result<bool, PortError> {
        Ok(true)
    }

    async fn admins(
        &self,
        _tenant: &TenantId,
        _group: &GroupId,
    ) -> Result<Vec<PersonId>, PortError> {
        Ok(vec![who(900), who(901), who(902)])
    }
}

#[async_trait]
impl Store for Probe {
    async fn unit(&self) -> Result<Box<dyn StoreUnit + '_>, StoreError> {
        Ok(Box::new(self.clone()))
    }

    fn outbox(&self) -> Option<&dyn Outbox> {
        None
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new("probe")
    }
}

macro_rules! reads {
    ($($method:ident: $ask:ty => $view:ty;)+) => {
        #[async_trait]
        impl StoreUnit for Probe {
            $(async fn $method(&mut self, ask: &$ask) -> Result<$view, StoreError> {
                self.read(async |unit| unit.$method(ask).await).await
            })+

            async fn command(
                &mut self,
                tenant: &TenantId,
                id: CommandId,
            ) -> Result<Option<CommandRecord>, StoreError> {
                self.read(async |unit| unit.command(tenant, id).await).await
            }

            async fn apply(&mut self, changes: ChangeSet) -> Result<Applied, StoreError> {
                let applied = self.ask(|world, forgotten| world.apply(changes, forgotten)).await;
                applied.map_err(|kind| StoreError::new(kind, "apply"))
            }
        }
    };
}

reads! {
    program_view: ProgramAsk => Option<ProgramView>;
    enrollment_view: EnrollmentAsk => Option<EnrollmentView>;
    proposal_view: ProposalAsk => Option<ProposalView>;
    pair_view: PairAsk => Option<PairView>;
    relation_view: RelationAsk => RelationView;
    filing_view: FilingAsk => Option<FilingView>;
    case_view: CaseAsk => Option<CaseView>;
    person_view: PersonAsk => PersonView;
    rename_view: RenameAsk => RenameView;
    run_view: RunAsk => Option<RunView>;
    tally: TallyAsk => Tally;
    list: ListAsk => Page<Listed>;
}

/// Ids by command, so that a command that is played again mints the same, and no other command does.
#[derive(Debug)]
pub(crate) struct Ids {
    command: u64,
    next: AtomicU64,
}

impl Ids {
    pub(crate) fn of(command: usize) -> Self {
        let command = u64::try_from(command).unwrap() + 1;
        Self { command, next: AtomicU64::new(0) }
    }

    fn next(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed) + 1
    }
}

impl IdSource for Ids {
    fn random(&self) -> Uuid {
        Uuid::from_u64_pair(0x1d << 32 | self.command, self.next())
    }

    fn ordered(&self, at: Timestamp) -> Uuid {
        let micros = u64::try_from(at.timestamp_micros()).unwrap();
        Uuid::from_u64_pair(micros, self.command << 32 | self.next())
    }
}
