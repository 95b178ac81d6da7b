//! All races: which commands meet, in which orders, and what came of those that were run.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering as Atomic},
    },
};

use mentorship_core::change::Key;

use crate::{
    commands::{COMMANDS, Command},
    common::dice::{mixed, times},
    engine::Engine,
    race::{Order, Track},
};

/// Races at a time on one database.
const LANES: usize = 4;
/// Races of a short run on one database.
const SHORT: usize = 80;

/// Some commands in an order.
#[derive(Clone, Debug)]
pub(crate) struct Race {
    pub(crate) number: u64,
    commands: Vec<usize>,
    order: Order,
}

/// Two commands that rest on a record which at least one of them writes.
#[derive(Clone, Debug)]
pub(crate) struct Meeting {
    pub(crate) one: usize,
    pub(crate) other: usize,
    /// The kinds of these records.
    pub(crate) kinds: BTreeSet<&'static str>,
    /// Whether no record is written by both: one rests on what the other writes, and that is all.
    pub(crate) skewed: bool,
    /// Whether each of the two rests on what the other one writes, and no record is written by both.
    pub(crate) crossed: bool,
}

/// All races.
pub(crate) struct Field {
    pub(crate) track: Arc<Track>,
    pub(crate) pairs: Vec<Meeting>,
    /// Which commands are several change sets, one after the other.
    in_steps: Vec<bool>,
    /// Which of them replace a key.
    renames: Vec<bool>,
    pub(crate) seed: u64,
    /// How often all of them are run; `None` for a part of them once.
    rounds: Option<u64>,
}

/// What two commands rest on and at least one writes.
fn shared(one: &BTreeMap<Key, bool>, other: &BTreeMap<Key, bool>) -> BTreeSet<&'static str> {
    let both = one.iter().filter_map(|(key, writes)| {
        let also = other.get(key)?;
        (*writes || *also).then(|| key.kind())
    });
    both.collect()
}

/// Whether both rest on a record that they write as asked.
fn meet(
    one: &BTreeMap<Key, bool>,
    other: &BTreeMap<Key, bool>,
    written: impl Fn(bool, bool) -> bool,
) -> bool {
    one.iter().any(|(key, writes)| other.get(key).is_some_and(|also| written(*writes, *also)))
}

impl Field {
    pub(crate) async fn new() -> Self {
        let seed = times("MENTORSHIP_SEED", 1);
        let track = Track::new(seed).await;
        let (mut keys, mut in_steps, mut renames) = (Vec::new(), Vec::new(), Vec::new());
        for command in COMMANDS {
            let (alone, gates) = track.in_turn(&[*command]).await;
            assert_eq!(alone.told, ["done"], "{}", command.name);
            assert_eq!(alone.broken, None, "{}", command.name);
            assert!(alone.stored > 0, "{} does nothing", command.name);
            let mut of_one = gates[0].seen(|seen| std::mem::take(&mut seen.keys));
            for person in gates[0].seen(|seen| seen.renamed.clone()) {
                of_one.extend(track.prepared.saying(&person).into_iter().map(|key| (key, true)));
            }
            keys.push(of_one);
            in_steps.push(!alone.whole);
            renames.push(alone.renamed);
        }
        let mut pairs = Vec::new();
        for one in 0..COMMANDS.len() {
            for other in one..COMMANDS.len() {
                let kinds = shared(&keys[one], &keys[other]);
                if !kinds.is_empty() {
                    let skewed = !meet(&keys[one], &keys[other], |one, other| one && other);
                    let rests =
                        |one: usize, other: usize| meet(&keys[one], &keys[other], |one, _| one);
                    let crossed = skewed && rests(one, other) && rests(other, one);
                    pairs.push(Meeting { one, other, kinds, skewed, crossed });
                }
            }
        }
        let long = std::env::var_os("MENTORSHIP_RACES").is_some();
        let rounds = long.then(|| times("MENTORSHIP_RACES", 1));
        Self { track: Arc::new(track), pairs, in_steps, renames, seed, rounds }
    }

    pub(crate) fn summary(&self) -> String {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for pair in &self.pairs {
            for kind in &pair.kinds {
                *kinds.entry(kind).or_insert(0) += 1;
            }
        }
        let skewed = self.pairs.iter().filter(|it| it.skewed).count();
        let (commands, pairs) = (COMMANDS.len(), self.pairs.len());
        format!("{commands} commands, {pairs} pairs that meet, {skewed} skewed: {kinds:?}")
    }

    /// A number below `most`, by the seed.
    fn drawn(&self, from: u64, most: usize) -> usize {
        let drawn = mixed(self.seed ^ mixed(from)) % u64::try_from(most).unwrap();
        usize::try_from(drawn).unwrap()
    }

    fn shuffled(&self, mut races: Vec<(Vec<usize>, Order)>) -> Vec<Race> {
        for at in (1..races.len()).rev() {
            races.swap(at, self.drawn(u64::try_from(at).unwrap(), at + 1));
        }
        let races = (0..).zip(races);
        races.map(|(number, (commands, order))| Race { number, commands, order }).collect()
    }

    /// Every two that meet, in both orders, at once and unheld, and for each two a third one that meets
    /// one of them; or, in a short run, a part of that.
    pub(crate) fn races(&self) -> Vec<Race> {
        let mut all = Vec::new();
        for round in 0..self.rounds.unwrap_or(1) {
            for (at, pair) in self.pairs.iter().enumerate() {
                let two = vec![pair.one, pair.other];
                for order in [Order::First(0), Order::First(1), Order::Together, Order::Free] {
                    all.push((two.clone(), order));
                }
                let others: Vec<usize> = self
                    .pairs
                    .iter()
                    .filter(|it| it.one == pair.one || it.one == pair.other)
                    .map(|it| it.other)
                    .collect();
                let draw = round << 32 | u64::try_from(at).unwrap();
                let third = others[self.drawn(draw, others.len())];
                all.push((vec![pair.one, pair.other, third], Order::Together));
            }
        }
        if let Ok(names) = std::env::var("MENTORSHIP_COMMANDS") {
            let named = |at: &usize| COMMANDS[*at].name.starts_with(&names);
            all.retain(|(commands, _)| commands.iter().any(named));
        }
        let mut all = self.shuffled(all);
        if self.rounds.is_none() {
            all.truncate(SHORT);
        }
        all
    }

    /// Runs races on a database, some at a time.
    pub(crate) async fn run(&self, engine: &Engine, races: Vec<Race>) -> Report {
        self.run_without(engine, None, races, |_| false).await
    }

    /// Every two that meet on a record of this kind, in both orders; but for renames, which no store takes for one
    /// without their guards.
    pub(crate) fn races_on(&self, kind: &str) -> Vec<Race> {
        let renames = |it: &Meeting| self.renames[it.one] || self.renames[it.other];
        let meet = self.pairs.iter().filter(|it| it.kinds.contains(kind) && !renames(it));
        let both = |it: &Meeting| {
            [Order::First(0), Order::First(1)].map(|order| (vec![it.one, it.other], order))
        };
        self.shuffled(meet.flat_map(both).collect())
    }

    /// Every two of which one rests on what the other writes, with the other on a node that is behind;
    /// in a short run, those of which the first takes several steps, so that something may come between.
    pub(crate) fn behind_races(&self) -> Vec<Race> {
        let mut all = Vec::new();
        for pair in self.pairs.iter().filter(|it| it.skewed) {
            for (place, first) in [pair.one, pair.other].into_iter().enumerate() {
                if self.is_long() || self.in_steps[first] {
                    all.push((vec![pair.one, pair.other], Order::Ahead(place)));
                }
            }
        }
        self.shuffled(all)
    }

    /// Whether every race is run, not a part of them.
    pub(crate) fn is_long(&self) -> bool {
        self.rounds.is_some()
    }

    /// The same without some guards, until enough is known.
    pub(crate) async fn run_without(
        &self,
        engine: &Engine,
        unguarded: Option<&'static [&'static str]>,
        races: Vec<Race>,
        enough: impl Fn(&Report) -> bool + Clone + Send + 'static,
    ) -> Report {
        let sides = Arc::new(engine.sides.clone());
        let report = Arc::new(Mutex::new(Report { seed: self.seed, ..Report::default() }));
        let next = Arc::new(AtomicUsize::new(0));
        let races = Arc::new(races);
        // A node is behind for everybody.
        let lanes =
            if races.iter().any(|it| matches!(it.order, Order::Ahead(_))) { 1 } else { LANES };
        let lanes: Vec<_> = (0..lanes)
            .map(|_| {
                let (track, sides) = (self.track.clone(), sides.clone());
                let (report, next, races) = (report.clone(), next.clone(), races.clone());
                let enough = enough.clone();
                tokio::spawn(async move {
                    while let Some(race) = races.get(next.fetch_add(1, Atomic::Relaxed)) {
                        let commands: Vec<Command> =
                            race.commands.iter().map(|at| COMMANDS[*at]).collect();
                        let outcome =
                            track.race(race.number, &sides, unguarded, &commands, race.order).await;
                        let judged = track.judge(&commands, &outcome).await;
                        let mut report = report.lock().expect("nobody panics here");
                        report.races += 1;
                        report.sets += outcome.stored;
                        for (kind, times) in outcome.failed {
                            *report.failed.entry(kind).or_insert(0) += times;
                        }
                        match judged {
                            Ok(compared) => report.compared += usize::from(compared),
                            Err(broken) => {
                                let names: Vec<&str> = commands.iter().map(|it| it.name).collect();
                                let told = &outcome.told;
                                let (number, order, text) =
                                    (race.number, race.order, broken.text());
                                *report.found.entry(broken.name()).or_insert(0) += 1;
                                let text = format!(
                                    "race {number} of {names:?}, {order:?}, told {told:?}: {text}"
                                );
                                report.broken.entry(broken.name()).or_default().push(text);
                            }
                        }
                        if enough(&report) {
                            return;
                        }
                    }
                })
            })
            .collect();
        for lane in lanes {
            lane.await.expect("a lane does not panic");
        }
        Arc::into_inner(report)
            .expect("every lane is over")
            .into_inner()
            .expect("and did not panic")
    }
}

/// What came of some races.
#[derive(Debug, Default)]
pub(crate) struct Report {
    seed: u64,
    pub(crate) races: usize,
    /// How many were compared with every order of their commands.
    compared: usize,
    /// Change sets that were stored.
    sets: u32,
    /// Attempts that failed and were made again, by how.
    failed: BTreeMap<String, u32>,
    /// What was found broken, by its kind.
    pub(crate) found: BTreeMap<&'static str, usize>,
    broken: BTreeMap<&'static str, Vec<String>>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, races, compared, sets, failed, found, broken } = self;
        write!(
            f,
            "{races} races from seed {seed}, {compared} as in one of the orders, {sets} sets stored, \
             failed attempts {failed:?}, {} broken {found:?}",
            broken.values().map(Vec::len).sum::<usize>()
        )
    }
}

impl Report {
    pub(crate) fn assert_sound(&self) {
        // Some of each kind, so that many of one do not hide another.
        let first = self.broken.values().flat_map(|texts| texts.iter().take(5));
        let first: Vec<&str> = first.map(String::as_str).collect();
        let seed = self.seed;
        assert!(first.is_empty(), "MENTORSHIP_SEED={seed}: {self}\n{}", first.join("\n\n"));
    }
}
