//! Every state that commands come to, whichever of them takes the next step.
//!
//! A search of our own and not a checker such as stateright: states there are plain values, whereas a command here is
//! a future of the service, kept as what it has been answered; what is left to write is a queue and a set. A state
//! is the world, which commands have begun, and what those under way have been answered; it is told apart by its
//! digest in 64 bits, so that of some millions of states one is mistaken for another at odds of one in a million.

use std::{
    collections::{BTreeSet, HashSet, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use mentorship_core::{
    base::time::{ManualClock, Timestamp},
    conformance::world::TestKeys,
    service::{Error, Mentorship},
    store::StoreErrorKind,
};

use crate::{
    check,
    probe::{Host, Ids, Probe, Reply, World},
    scenes::{Ground, Scene},
};

/// What a command has in hand.
pub(crate) struct Hands {
    pub(crate) service: Mentorship,
    pub(crate) probe: Probe,
    pub(crate) ground: Ground,
    pub(crate) now: Timestamp,
}

pub(crate) type Doing = Pin<Box<dyn Future<Output = Result<(), Error>>>>;

/// A command of a scene. It is given at most once.
pub(crate) struct Command {
    pub(crate) name: &'static str,
    pub(crate) run: fn(Hands) -> Doing,
}

/// How far a search goes.
#[derive(Clone, Copy)]
pub(crate) struct Reach {
    /// Most commands that are given in all.
    pub(crate) commands: u32,
    /// Most of them under way at a time.
    pub(crate) at_a_time: usize,
    /// Whether the shortest histories come first, which takes room for all that are begun.
    pub(crate) shortest_first: bool,
    /// Kinds of records on which guards are left out.
    pub(crate) forgotten: &'static [&'static str],
}

/// What a search came to.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) states: usize,
    pub(crate) steps: usize,
    pub(crate) worlds: usize,
    /// How often a step met a guard that did not hold any more.
    pub(crate) conflicts: usize,
    /// How often a command met others at every one of its attempts, and was refused for it.
    pub(crate) gave_up: usize,
    /// The commands that wrote something.
    pub(crate) carried_out: BTreeSet<usize>,
    /// The rule that was broken, and the steps that led there.
    pub(crate) broken: Option<(String, Vec<String>)>,
}

/// A command under way.
#[derive(Clone)]
struct Flight {
    command: usize,
    replies: Arc<Vec<Reply>>,
}

#[derive(Clone)]
struct State {
    world: Arc<World>,
    given: u32,
    flights: Vec<Flight>,
    path: Option<Arc<Path>>,
}

/// One step of a history, and those before it.
struct Path {
    command: usize,
    step: usize,
    before: Option<Arc<Path>>,
}

impl State {
    fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.world.digest(), self.given).hash(&mut hasher);
        for Flight { command, replies } in &self.flights {
            command.hash(&mut hasher);
            replies.iter().for_each(|reply| reply.digest.hash(&mut hasher));
        }
        hasher.finish()
    }

    fn trace(&self, scene: &Scene) -> Vec<String> {
        let (mut trace, mut path) = (Vec::new(), self.path.as_ref());
        while let Some(step) = path {
            trace.push(format!("{} ({})", scene.commands[step.command].name, step.step));
            path = step.before.as_ref();
        }
        trace.reverse();
        trace
    }
}

/// Attempts of a command: as many as a host gives it by default. A sign-up that writes down an age again and an erasure
/// that takes it out again can use up any number, if each always comes right after the other.
const ATTEMPTS: u8 = 12;

/// The outcome of one step.
struct Stepped {
    world: World,
    replies: Vec<Reply>,
    /// What the command came to, if it has.
    done: Option<Result<(), Error>>,
}

fn step(scene: &Scene, state: &State, flight: &Flight, reach: &Reach) -> Stepped {
    let (world, replies) = ((*state.world).clone(), (*flight.replies).clone());
    let (probe, now) = (Probe::new(world, replies, reach.forgotten), scene.now);
    let host = Host { probe: probe.clone(), now };
    let mut service = Mentorship::builder(Arc::new(probe.clone()), host)
        .clock(ManualClock::new(now))
        .ids(Ids::of(flight.command))
        .attempts(ATTEMPTS);
    if scene.is_keyed {
        let keys = TestKeys::default();
        keys.become_byte(Some(7));
        service = service.tenant_keys(keys);
    }
    let service = service.build();
    let hands = Hands { service, probe: probe.clone(), ground: scene.ground, now };
    let mut doing = (scene.commands[flight.command].run)(hands);
    let mut context = Context::from_waker(Waker::noop());
    let done = loop {
        match doing.as_mut().poll(&mut context) {
            Poll::Ready(outcome) => break Some(outcome),
            Poll::Pending if probe.waits() => break None,
            // It lets others run before its next attempt.
            Poll::Pending => {}
        }
    };
    drop(doing);
    let (world, replies) = probe.into_parts();
    Stepped { world, replies, done }
}

/// Looks at every state within reach, until a rule is broken.
pub(crate) fn search(scene: &Scene, reach: &Reach) -> Found {
    let mut found = Found::default();
    let (mut seen, mut worlds) = (HashSet::new(), HashSet::new());
    let world = Arc::new(scene.world.clone());
    let first = State { world, given: 0, flights: Vec::new(), path: None };
    let mut queue = VecDeque::from([first]);
    while let Some(state) = if reach.shortest_first { queue.pop_front() } else { queue.pop_back() }
    {
        let mut flights = state.flights.clone();
        if state.given.count_ones() < reach.commands && flights.len() < reach.at_a_time {
            let new = (0..scene.commands.len()).filter(|n| state.given & 1 << n == 0);
            flights.extend(new.map(|command| Flight { command, replies: Arc::default() }));
        }
        for flight in flights {
            let Stepped { mut world, replies, done } = step(scene, &state, &flight, reach);
            let command = flight.command;
            found.steps += 1;
            found.conflicts += usize::from(replies.last().is_some_and(Reply::is_conflict));
            let path = Path { command, step: replies.len(), before: state.path.clone() };
            let mut next = State {
                world: state.world.clone(),
                given: state.given | 1 << command,
                flights: state.flights.iter().filter(|it| it.command != command).cloned().collect(),
                path: Some(Arc::new(path)),
            };
            if let Some(Err(Error::Store(error))) = &done
                && error.kind() == StoreErrorKind::Conflict
            {
                found.gave_up += 1;
            } else if let Some(Err(Error::Store(error))) = &done {
                found.broken = Some((format!("store: {error}"), next.trace(scene)));
                return found;
            }
            if world.writes != state.world.writes {
                found.carried_out.insert(command);
            }
            if world.writes != state.world.writes
                && let Err(broken) = check(&mut world, scene)
            {
                found.broken = Some((broken, next.trace(scene)));
                return found;
            }
            if done.is_none() {
                next.flights.push(Flight { command, replies: Arc::new(replies) });
                next.flights.sort_by_key(|it| it.command);
            }
            if world.writes != state.world.writes || world.minors != state.world.minors {
                worlds.insert(world.digest());
                next.world = Arc::new(world);
            }
            if seen.insert(next.digest()) {
                queue.push_back(next);
            }
        }
    }
    found.states = seen.len();
    found.worlds = worlds.len();
    found
}
