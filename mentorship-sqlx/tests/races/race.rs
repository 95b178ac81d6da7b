//! One race: some commands on the same prepared state, all of them decided before any is applied, and
//! what has to hold afterwards.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use mentorship_core::{
    base::{
        host::TenantId,
        id::{IdSource, ProgramId},
        time::{Clock as _, Timestamp},
    },
    conformance::{
        census::{Census, Watch},
        make,
        through::Through,
        unguarded::Unguarded,
        world::{TestHost, TestKeys},
    },
    model::program::ProgramState,
    service::{Error, Mentorship},
    store::{Store, StoreErrorKind},
};
use mentorship_memory::MemoryStore;

use crate::{
    cast::Prepared,
    commands::{Command, Stage},
    common::{dice::mixed, dropped_after},
    digest::{self, Lines},
    engine::Sides,
    gate::Gate,
};

/// In which order commands apply that have all been decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// This one from start to end, then the others in turn.
    First(usize),
    /// This one from start to end, then the others in turn, whose nodes do not know of it yet.
    Ahead(usize),
    /// All are let go at once.
    Together,
    /// Nobody is held.
    Free,
}

/// Ids of all commands of one race, none of them that of something in the prepared state. Those of events
/// are in the order in which commands decide, as they are where clocks move.
#[derive(Clone, Debug)]
struct RaceIds(Arc<AtomicU64>);

impl RaceIds {
    fn of(seed: u64, race: u64) -> Self {
        Self(Arc::new(AtomicU64::new(mixed(seed ^ race) >> 2)))
    }

    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

impl IdSource for RaceIds {
    fn random(&self) -> uuid::Uuid {
        let n = self.next();
        uuid::Uuid::from_u64_pair(mixed(n), mixed(!n))
    }

    fn ordered(&self, at: Timestamp) -> uuid::Uuid {
        let micros = u64::try_from(at.timestamp_micros()).unwrap();
        uuid::Uuid::from_u64_pair(micros, (1 << 63) | self.next())
    }
}

/// What must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// A belt of the database stopped what a guard should have.
    Belt(String),
    /// A command ended neither in a reply nor in a refusal.
    Untyped(String),
    /// An invariant does not hold.
    Rule(String),
    /// No order of the commands gives what is there.
    Order(String),
}

impl Broken {
    /// In a word.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Belt(_) => "belt",
            Self::Untyped(_) => "untyped",
            Self::Rule(_) => "rule",
            Self::Order(_) => "order",
        }
    }

    pub(crate) fn text(&self) -> &str {
        let (Self::Belt(text) | Self::Untyped(text) | Self::Rule(text) | Self::Order(text)) = self;
        text
    }
}

/// What came of some commands.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// What each was told: `done`, or the code of what said no.
    pub(crate) told: Vec<String>,
    /// What there is afterwards.
    pub(crate) lines: Lines,
    /// Whether each command was one change set or none, so that they happened in some order.
    pub(crate) whole: bool,
    /// What is broken already before orders are compared.
    pub(crate) broken: Option<Broken>,
    /// Attempts that failed, by how.
    pub(crate) failed: BTreeMap<String, u32>,
    /// Change sets that were stored.
    pub(crate) stored: u32,
    /// Whether somebody has another key by one of the commands.
    pub(crate) renamed: bool,
}

fn told(outcome: &Result<(), Error>) -> String {
    match outcome {
        Ok(()) => "done".to_owned(),
        Err(error) => error.code().to_owned(),
    }
}

/// Everything that races on one store have in common.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    pub(crate) prepared: Prepared,
    /// The state before any race, checked.
    watch: Watch,
    known: Arc<str>,
    seed: u64,
    /// How many tenants there are: each race has its own.
    tenants: Arc<AtomicU64>,
}

impl Track {
    pub(crate) async fn new(seed: u64) -> Self {
        let prepared = Prepared::new().await;
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let tenant = make::tenant();
        let _ = store.unit().await.unwrap().apply(prepared.of(&tenant)).await.unwrap();
        let mut watch = Watch::of(tenant);
        watch.check(&*store, prepared.world.now()).await.unwrap();
        let known = prepared.text().into();
        Self { prepared, watch, known, seed, tenants: Arc::default() }
    }

    fn stage(&self, store: Arc<dyn Store>, tenant: &TenantId, ids: &RaceIds, gate: &Gate) -> Stage {
        let keys = TestKeys::default();
        keys.become_byte(Some(7));
        let service =
            Mentorship::builder(Arc::new(Through::hooked(store, gate.clone())), self.host())
                .clock(self.prepared.world.clock.clone())
                .ids(ids.clone())
                .tenant_keys(keys)
                .attempts(50)
                .build();
        Stage { service, tenant: tenant.clone(), cast: self.prepared.cast.clone() }
    }

    fn host(&self) -> TestHost {
        self.prepared.world.host.clone()
    }

    /// One after the other, in memory.
    pub(crate) async fn in_turn(&self, commands: &[Command]) -> (Outcome, Vec<Gate>) {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let tenant = make::tenant();
        let _ = store.unit().await.unwrap().apply(self.prepared.of(&tenant)).await.unwrap();
        let mut outcome = Outcome::default();
        let mut gates = Vec::new();
        let ids = RaceIds::of(self.seed, 0);
        for command in commands {
            let gate = Gate::closed();
            gate.open();
            let stage = self.stage(store.clone(), &tenant, &ids, &gate);
            outcome.told.push(told(&(command.give)(stage).await));
            gates.push(gate);
        }
        self.look(&store, &tenant, &gates, &mut outcome).await;
        (outcome, gates)
    }

    /// One command, dropped after so many polls: what there is then, and whether it had come to its end;
    /// `known` is what there is before it and after it. All that follows goes over the same store.
    pub(crate) async fn dropped(
        &self,
        store: &Arc<dyn Store>,
        command: Command,
        polls: u32,
        known: [&Lines; 2],
    ) -> (Outcome, bool) {
        let tenant = self.tenants.fetch_add(1, Ordering::Relaxed);
        let tenant = TenantId::try_from(format!("drop{tenant}").as_str()).unwrap();
        let set = self.prepared.of(&tenant);
        let _ = store.unit().await.unwrap().apply(set).await.unwrap();
        let gate = Gate::closed();
        gate.open();
        let ids = RaceIds::of(self.seed, u64::from(polls));
        let stage = self.stage(store.clone(), &tenant, &ids, &gate);
        let mut outcome = Outcome::default();
        let done = dropped_after((command.give)(stage), polls.into()).await;
        // A COMMIT that was under way may land while somebody looks: then what is read record by record is
        // of two moments, and is read again.
        let gates = [gate];
        self.look(store, &tenant, &gates, &mut outcome).await;
        while done.is_none() && !known.contains(&&outcome.lines) {
            let mut again = Outcome::default();
            self.look(store, &tenant, &gates, &mut again).await;
            let same = (&again.lines, &again.broken) == (&outcome.lines, &outcome.broken);
            outcome = again;
            if same {
                break;
            }
        }
        outcome.told.extend(done.as_ref().map(told));
        (outcome, done.is_some())
    }

    /// All on the same state, each on its own store (a connection, or a node of a cluster).
    pub(crate) async fn race(
        &self,
        number: u64,
        sides: &Sides,
        unguarded: Option<&'static [&'static str]>,
        commands: &[Command],
        order: Order,
    ) -> Outcome {
        let tenant = self.tenants.fetch_add(1, Ordering::Relaxed);
        let tenant = TenantId::try_from(format!("race{tenant}").as_str()).unwrap();
        let set = self.prepared.of(&tenant);
        while let Err(error) = sides.settled[0].unit().await.unwrap().apply(set.clone()).await {
            let again = error.kind() == StoreErrorKind::Busy;
            assert!(again, "the state before a race: {error}");
        }
        for store in &sides.settled {
            // Comes back when that node has the state too.
            store.unit().await.unwrap().command(&tenant, make::id(1)).await.unwrap();
        }
        let ids = RaceIds::of(self.seed, number);
        let mut gates = Vec::new();
        let mut running = Vec::new();
        for (place, command) in commands.iter().enumerate() {
            let gate = Gate::closed();
            let mut store = sides.given[place % sides.given.len()].clone();
            if let Some(kinds) = unguarded {
                store = Arc::new(Unguarded::new(store, kinds));
            }
            let stage = self.stage(store, &tenant, &ids, &gate);
            let command = *command;
            if order == Order::Free {
                gate.open();
            }
            let end = gate.clone();
            running.push(Some(tokio::spawn(async move {
                let outcome = (command.give)(stage).await;
                end.arrive();
                told(&outcome)
            })));
            gates.push(gate);
        }
        let mut outcome =
            Outcome { told: vec![String::new(); commands.len()], ..Outcome::default() };
        if order != Order::Free {
            for gate in &gates {
                gate.arrived().await;
            }
        }
        let turns: Vec<usize> = match order {
            Order::First(first) => (first..commands.len()).chain(0..first).collect(),
            Order::Ahead(first) => {
                sides.keep_behind(first).await;
                (first..commands.len()).chain(0..first).collect()
            }
            Order::Together | Order::Free => {
                gates.iter().for_each(Gate::open);
                (0..commands.len()).collect()
            }
        };
        for turn in turns {
            gates[turn].open();
            let task = running[turn].take().expect("each has one turn");
            outcome.told[turn] = task.await.expect("a command does not panic");
        }
        self.look(&sides.settled[0], &tenant, &gates, &mut outcome).await;
        outcome
    }

    /// Checks what has to hold whoever was first, and reads what there is.
    async fn look(
        &self,
        store: &Arc<dyn Store>,
        tenant: &TenantId,
        gates: &[Gate],
        outcome: &mut Outcome,
    ) {
        outcome.whole = true;
        for gate in gates {
            gate.seen(|seen| {
                outcome.whole &= seen.stored <= 1;
                outcome.stored += seen.stored;
                outcome.renamed |= !seen.renamed.is_empty();
                for (kind, times) in &seen.failed {
                    *outcome.failed.entry(kind.clone()).or_insert(0) += times;
                }
            });
        }
        let now = self.prepared.world.clock.now();
        let mut watch = self.watch.clone().in_tenant(tenant.clone());
        let mut found = watch.check(&**store, now).await;
        // The log says another key after a rename, which is no change of what happened. What comes after the log is
        // checked by a watch that has seen nothing but how many places there were.
        if outcome.renamed && found.as_ref().is_err_and(|it| it == LOG_CHANGED) {
            let mut anew = self.watch.anew().in_tenant(tenant.clone());
            found = anew.check(&**store, now).await;
        }
        match found {
            Err(broken) => outcome.broken = Some(Broken::Rule(broken)),
            Ok(census) => {
                outcome.broken = waits_in_vain(&census).map(Broken::Rule);
                outcome.lines = digest::lines(store, tenant, &census, now, &self.known).await;
            }
        }
        if outcome.broken.is_none()
            && let Some(code) = outcome.told.iter().find(|it| it.starts_with("store."))
        {
            let text = format!("a command ended with {code}");
            let belt = code == "store.integrity";
            outcome.broken = Some(if belt { Broken::Belt(text) } else { Broken::Untyped(text) });
        }
    }

    /// Fails for an outcome that no order of the commands has.
    pub(crate) async fn judge(
        &self,
        commands: &[Command],
        outcome: &Outcome,
    ) -> Result<bool, Broken> {
        if let Some(broken) = &outcome.broken {
            return Err(broken.clone());
        }
        let mut closest: Option<(usize, String)> = None;
        for order in possible_orders(outcome) {
            let in_order: Vec<Command> = order.iter().map(|at| commands[*at]).collect();
            let (serial, _) = self.in_turn(&in_order).await;
            if !(serial.whole && outcome.whole) {
                return Ok(false);
            }
            let told: Vec<&String> = order.iter().map(|at| &outcome.told[*at]).collect();
            let alike = serial.told.iter().eq(told.iter().copied());
            if alike && serial.lines == outcome.lines {
                return Ok(true);
            }
            let names: Vec<&str> = in_order.iter().map(|it| it.name).collect();
            let differ = digest::difference(&serial.lines, &outcome.lines);
            let apart = differ.len() + if alike { 0 } else { 10_000 };
            let text =
                format!("in the order {names:?}: {:?} and told {told:?}\n{differ}", serial.told);
            if closest.as_ref().is_none_or(|(least, _)| apart < *least) {
                closest = Some((apart, text));
            }
        }
        let (_, text) = closest.expect("there is an order");
        Err(Broken::Order(format!("as in no order of them; closest {text}")))
    }
}

/// What a watch says of a log in which another key stands than before.
const LOG_CHANGED: &str = "I5: the audit log was changed";

/// What waits in a program that takes nothing up any more.
fn waits_in_vain(census: &Census) -> Option<String> {
    let over = |program: ProgramId| {
        census.programs.get(&program).is_some_and(|it| {
            it.state.is_terminal()
                || matches!(it.state, ProgramState::WindingDown { settled: true, .. })
        })
    };
    let waits = |code| matches!(code, "submitted" | "needs_info" | "waitlisted");
    let place = census.enrollments.values().find(|it| over(it.program) && waits(it.state.code()));
    let offer = census.proposals.values().find(|it| over(it.program) && it.state.is_open());
    let place = place.map(|it| format!("enrolment {} waits in a program that is settled", it.id));
    place.or_else(|| {
        offer.map(|it| format!("proposal {} is open in a program that is settled", it.id))
    })
}

/// Every order of the commands; of those without whoever found gone what they had read, too: somebody else has
/// the key by then, and to do nothing is what they should (`service/run.rs`).
fn possible_orders(outcome: &Outcome) -> Vec<Vec<usize>> {
    let count = outcome.told.len();
    let mut all = orders(count);
    let others: Vec<usize> = (0..count).filter(|at| outcome.told[*at] != "not_found").collect();
    if outcome.renamed && others.len() < count {
        let of_others = orders(others.len());
        all.extend(of_others.into_iter().map(|it| it.iter().map(|at| others[*at]).collect()));
    }
    all
}

/// Every order of so many.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for shorter in orders(count - 1) {
        for at in 0..count {
            let mut order = shorter.clone();
            order.insert(at, count - 1);
            all.push(order);
        }
    }
    all
}
