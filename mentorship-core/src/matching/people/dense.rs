//! The best pairing of all allowed pairs, from a few of them.
//!
//! The best candidates of both sides make a problem that is solved exactly. Then every allowed pair that was
//! left out is priced; those that could improve the pairing are added with those that nearly could, and the
//! problem is solved again from the prices of before, until there are none. The certificate then holds for
//! all allowed pairs, though most of them were never listed.
#![expect(clippy::indexing_slicing, reason = "people are in range")]

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{
        certificate::{Certificate, Cover, Objective, Pair},
        check::{self, Value},
        problem::{EDGES_MAX, Edge, Problem},
        solve::{self, Control, Progress, Solution, Stage, Start},
    },
    board::Board,
    candidates::{Candidates, Order, Ties, most_of},
    compiled::People,
    crowd::{Crowd, WISH_MAX},
    most::most,
    pricing::{fits, price},
    reach::{Reach, reach},
    watch::{Watch, asking, asking_of},
};
use crate::{
    base::input::{InputError, at_most},
    model::form::limits::POINTS_MAX,
};

/// How to pair people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    candidates: usize,
    margin: u16,
    threads: usize,
    seed: u64,
    budget: Option<u64>,
}

impl Default for Options {
    /// 32 candidates for each place, a margin of 20 points, one thread, seed 0, no budget.
    fn default() -> Self {
        Self { candidates: 32, margin: 20, threads: 1, seed: 0, budget: None }
    }
}

impl Options {
    /// How many candidates there are for each place of a person at first; 0 counts as 1. It decides how long
    /// a pairing takes, not how good it is.
    #[must_use]
    pub fn candidates(mut self, for_each_place: usize) -> Self {
        self.candidates = for_each_place;
        self
    }

    /// Pairs that would not improve the pairing, but come so many points near it, are added too, since prices
    /// still move.
    #[must_use]
    pub fn margin(mut self, points: u16) -> Self {
        self.margin = points;
        self
    }

    /// Most threads that look for candidates, price pairs and solve; 0 counts as 1. The result does not depend on it.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    pub(in crate::matching) fn most_threads(&self) -> usize {
        self.threads
    }

    pub(in crate::matching) fn chosen_seed(&self) -> u64 {
        self.seed
    }

    pub(in crate::matching) fn most_operations(&self) -> Option<u64> {
        self.budget
    }

    /// Those that a solve has too.
    pub(super) fn of_solve(&self) -> solve::Options {
        let options = solve::Options::default().seed(self.seed).threads(self.threads);
        match self.budget {
            Some(budget) => options.budget(budget),
            None => options,
        }
    }

    /// Decides between equally good pairings.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Most operations: pairs that are looked at, listed or not, which makes mentees times mentors for the
    /// candidates and again for each pricing. No limit by default. When it ends, so does the search, with the
    /// best pairing so far; if it is not enough for the candidates, half of it goes into those of as many mentees
    /// as it lasts for.
    #[must_use]
    pub fn budget(mut self, operations: u64) -> Self {
        self.budget = Some(operations);
        self
    }
}

/// What was done between two pricings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// How many pairs the problem listed.
    pub listed: usize,
    /// What its best pairing was worth.
    pub value: Value,
    /// How many mentees had a left-out pair that could improve it; 0 if nobody looked.
    pub improving: usize,
    /// How many pairs were added.
    pub added: usize,
}

/// A pairing of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairing {
    /// The pairs, by mentee and then by mentor.
    pub pairs: Vec<Pair>,
    /// How many pairs, and their scores together.
    pub value: Value,
    /// Holds for all allowed pairs, listed or not: for an optimal pairing it is the proof, otherwise its
    /// profits and prices give what no pairing exceeds.
    pub certificate: Certificate,
    /// Whether the pairing is proven the best of all allowed pairs.
    pub optimal: bool,
    /// No pairing has more than this many points more, with the bonus of the certificate counted for every
    /// pair; 0 if optimal.
    pub gap: u64,
    /// The rounds, in order.
    pub rounds: Vec<Round>,
    /// Pairs that were looked at.
    pub operations: u64,
}

impl Crowd<'_> {
    /// The problem of all allowed pairs, each scored by itself: for checking what was found otherwise, with
    /// [`check::check`], and for few people. Nothing that [`People::pair`] works with has a part in it.
    ///
    /// # Errors
    /// [`InputError`] as [`Crowd::compile`], and for more allowed pairs than a problem may have.
    pub fn every_pair(&self) -> Result<Problem, InputError> {
        self.check()?;
        let excluded: BTreeSet<Pair> = self.excluded.iter().copied().collect();
        let wishes: BTreeMap<(u32, u32), u32> =
            self.wishes.iter().map(|it| ((it.mentee, it.mentor), it.points)).collect();
        let mut edges = Vec::new();
        for mentee in (0..).take(self.mentees()) {
            for mentor in (0..).take(self.mentors()) {
                let wish = wishes.get(&(mentee, mentor)).copied();
                let score = self.scored(mentee, mentor, wish);
                let score = score.filter(|_| !excluded.contains(&Pair { mentee, mentor }));
                if let Some(score) = score {
                    let weight = i32::try_from(score.total()).unwrap_or(i32::MAX);
                    edges.push(Edge { mentee, mentor, weight });
                }
            }
        }
        let capacity = self.mentors.iter().map(|it| it.capacity).collect();
        Problem::new(self.mentees(), capacity, &edges)?
            .mentee_capacity(self.mentees.iter().map(|it| it.capacity).collect())
    }
}

impl People {
    /// Finds the best pairing of all allowed pairs, and proves it.
    ///
    /// # Errors
    /// [`InputError`] naming `candidates` if they are more than a problem may have edges.
    pub fn pair(&self, objective: Objective, options: &Options) -> Result<Pairing, InputError> {
        self.paired(objective, options, None)
    }

    /// As [`People::pair`], with somebody who watches and may stop it: the pairing is then the best so far,
    /// it keeps the rules, and its gap is true.
    ///
    /// The control is asked before the candidates and before each pricing, within them after every few mentees,
    /// and as often as a solve does in between. It is told the value of the best pairing so far, and as the
    /// bound what no pairing of all allowed pairs exceeds: [`i128::MAX`] until the first pricing, and while
    /// the bonus is another one than then.
    ///
    /// # Errors
    /// As [`People::pair`].
    pub fn pair_watched(
        &self,
        objective: Objective,
        options: &Options,
        control: &mut dyn Control,
    ) -> Result<Pairing, InputError> {
        self.paired(objective, options, Some(control))
    }

    pub(in crate::matching) fn paired(
        &self,
        objective: Objective,
        options: &Options,
        control: Option<&mut dyn Control>,
    ) -> Result<Pairing, InputError> {
        let k = options.candidates.max(1);
        let listed = |capacity: &[u32], others: usize| -> usize {
            capacity.iter().map(|it| most_of(k, *it, others)).fold(0, usize::saturating_add)
        };
        let candidates = listed(&self.mentee_capacity, self.mentors())
            .saturating_add(listed(&self.mentor_capacity, self.mentees()));
        at_most("candidates", candidates, EDGES_MAX, "edges")?;
        let board = Board::new(self);
        let order = Order::new(self, &board);
        let run = Run {
            people: self,
            objective,
            options,
            all: board.mentors.len() as u64 * order.mentees.len() as u64,
            board,
            order,
            operations: 0,
            rounds: Vec::new(),
            known: None,
            watch: control.map(|control| Watch::new(&mut *control)),
        };
        run.run()
    }
}

struct Run<'a> {
    people: &'a People,
    objective: Objective,
    options: &'a Options,
    board: Board,
    order: Order,
    /// Operations of a look at all pairs.
    all: u64,
    operations: u64,
    rounds: Vec<Round>,
    /// A certificate that holds for all pairs.
    known: Option<Certificate>,
    watch: Option<Watch<'a>>,
}

/// What is known of the number of pairs.
enum Covered {
    /// No pairing has more.
    All(Cover),
    /// A pairing that has more, and as many as there can be.
    More(Vec<Pair>),
    Stopped,
}

impl Run<'_> {
    fn run(mut self) -> Result<Pairing, InputError> {
        if !self.goes_on() {
            let problem = self.problem(&[])?;
            return Ok(self.unproven(&problem, Vec::new()));
        }
        let (people, options) = (self.people, self.options);
        let k = options.candidates.max(1);
        let ties = Ties::Drawn(options.seed);
        let first = self.affordable();
        let Self { board, order, watch, .. } = &mut self;
        let goes_on = asking(watch.as_mut(), 0, board.mentors.len());
        let (found, whole) = people.best((board, order), first, k, ties, options.threads, goes_on);
        let whole = whole && first == self.order.mentees.len();
        self.operations = first as u64 * self.board.mentors.len() as u64;
        let mut edges = listed(people, &found);
        drop(found);
        let mut last: Option<Solution> = None;
        loop {
            let problem = self.problem(&edges)?;
            let solution = self.solve(&problem, last.as_ref());
            self.rounds.push(Round {
                listed: edges.len(),
                value: solution.value,
                improving: 0,
                added: 0,
            });
            let stopped = self.watch.as_ref().is_some_and(|it| it.stopped);
            if stopped || !whole || !solution.optimal || !fits(&solution.certificate) {
                let before = last.map(|it| it.pairs).unwrap_or_default();
                let pairs = self.better(&problem, before, solution.pairs);
                return Ok(self.unproven(&problem, pairs));
            }
            let mut cover = None;
            if self.objective == Objective::MostPeople {
                match self.covered(&solution.pairs) {
                    Covered::All(all) => cover = Some(all),
                    Covered::Stopped => return Ok(self.unproven(&problem, solution.pairs)),
                    Covered::More(pairs) => {
                        // The next pairing has as many pairs, since there are enough listed then.
                        let more = self.scored(&pairs);
                        if edges.len() + more.len() > EDGES_MAX {
                            return Ok(self.unproven(&problem, solution.pairs));
                        }
                        self.add(&mut edges, more);
                        last = Some(solution);
                        continue;
                    }
                }
            }
            if !self.goes_on() || !self.spend(self.all) {
                return Ok(self.unproven(&problem, solution.pairs));
            }
            let near = (i32::from(options.margin), ties);
            let at = (&problem, &solution.certificate);
            let before = self.operations - self.all;
            let Self { board, order, watch, .. } = &mut self;
            let goes_on = asking(watch.as_mut(), before, board.mentors.len());
            let priced = price(people, (board, order), at, near, options.threads, goes_on);
            let Some(priced) = priced else {
                return Ok(self.unproven(&problem, solution.pairs));
            };
            let improving = priced.improving();
            let certificate =
                self.raised(Certificate { cover, ..solution.certificate.clone() }, &priced.above);
            if improving == 0 {
                return Ok(Pairing {
                    pairs: solution.pairs,
                    value: solution.value,
                    certificate,
                    optimal: true,
                    gap: 0,
                    rounds: self.rounds,
                    operations: self.operations,
                });
            }
            if let Some(round) = self.rounds.last_mut() {
                round.improving = improving;
            }
            if let Some(watch) = &mut self.watch {
                let bound = check::bound(&problem, &certificate).unwrap_or(i128::MAX);
                watch.known = Some((bound, certificate.bonus));
            }
            self.known = Some(certificate);
            if edges.len() + priced.edges.len() > EDGES_MAX {
                return Ok(self.unproven(&problem, solution.pairs));
            }
            self.add(&mut edges, priced.edges);
            last = Some(solution);
        }
    }

    /// Whether so many pairs are the most of all allowed pairs, and if not, a pairing that has the most.
    fn covered(&mut self, pairs: &[Pair]) -> Covered {
        let Self { people, board, order, watch, operations, .. } = self;
        if let Some(watch) = watch {
            watch.before = *operations;
        }
        let each = board.mentors.len();
        let mut goes_on = asking_of(watch.as_mut(), Stage::Cover, each);
        match reach(people, (board, order), pairs, &mut goes_on) {
            Reach::All(cover) => return Covered::All(cover),
            Reach::Stopped => return Covered::Stopped,
            Reach::More => drop(goes_on),
        }
        let mut goes_on = asking_of(watch.as_mut(), Stage::Paths, each);
        most(people, (board, order), pairs, &mut goes_on).map_or(Covered::Stopped, Covered::More)
    }

    fn scored(&self, pairs: &[Pair]) -> Vec<Edge> {
        let edge = |pair: &Pair| {
            let points = self.people.points(pair.mentee, pair.mentor)?.total();
            let weight = i32::try_from(points).ok()?;
            Some(Edge { mentee: pair.mentee, mentor: pair.mentor, weight })
        };
        pairs.iter().filter_map(edge).collect()
    }

    /// Asks whoever watches, between two solves.
    fn goes_on(&mut self) -> bool {
        let operations = self.operations;
        let Some(watch) = &mut self.watch else { return true };
        watch.before = operations;
        let now = Progress { operations: 0, ..watch.last };
        watch.poll(&now).is_continue()
    }

    /// Of how many mentees there are operations enough to look for candidates: of all, or as far as half of
    /// those that there are last.
    fn affordable(&self) -> usize {
        let (everybody, each) = (self.order.mentees.len(), self.board.mentors.len() as u64);
        match self.options.budget {
            Some(budget) if budget < self.all => {
                usize::try_from(budget / 2 / each.max(1)).map_or(everybody, |it| it.min(everybody))
            }
            _ => everybody,
        }
    }

    /// Counts operations, if there are so many left.
    fn spend(&mut self, operations: u64) -> bool {
        let after = self.operations.saturating_add(operations);
        if self.options.budget.is_some_and(|budget| after > budget) {
            return false;
        }
        self.operations = after;
        true
    }

    fn problem(&self, edges: &[Edge]) -> Result<Problem, InputError> {
        let people = self.people;
        let mut starts = vec![0_u32; people.mentees() + 1];
        for edge in edges {
            starts[edge.mentee as usize + 1] += 1;
        }
        for mentee in 0..people.mentees() {
            starts[mentee + 1] += starts[mentee];
        }
        let mentors = edges.iter().map(|it| it.mentor).collect();
        let weights = edges.iter().map(|it| it.weight).collect();
        Problem::from_rows(people.mentor_capacity.clone(), starts, mentors, weights)
            .and_then(|it| it.mentee_capacity(people.mentee_capacity.clone()))
            .map_err(|it| InputError::new("candidates", it.problem().clone()))
    }

    fn solve(&mut self, problem: &Problem, last: Option<&Solution>) -> Solution {
        let mut options = self.options.of_solve();
        if let Some(budget) = self.options.budget {
            options = options.budget(budget.saturating_sub(self.operations));
        }
        let start =
            last.map(|it| Start { prices: &it.certificate.prices, bonus: it.certificate.bonus });
        let control = self.watch.as_mut().map(|watch| {
            watch.before = self.operations;
            watch as &mut dyn Control
        });
        let solution = solve::resume(problem, self.objective, &options, start, control);
        self.operations = self.operations.saturating_add(solution.operations());
        solution
    }

    /// Adds pairs that were left out, and keeps the list sorted.
    fn add(&mut self, edges: &mut Vec<Edge>, more: Vec<Edge>) {
        let before = edges.len();
        edges.extend(more);
        edges.sort_by_key(|it| (it.mentee, it.mentor));
        edges.dedup_by_key(|it| (it.mentee, it.mentor));
        if let Some(round) = self.rounds.last_mut() {
            round.added = edges.len() - before;
        }
    }

    /// A certificate that holds for all pairs: every mentee's profit rises by what their best left-out pair is
    /// worth above it. Who has no places costs nothing at any price.
    fn raised(&self, mut certificate: Certificate, above: &[i64]) -> Certificate {
        let most = self.most(&certificate);
        for (profit, above) in certificate.profits.iter_mut().zip(above) {
            *profit += above;
        }
        let profits = certificate.profits.iter_mut().zip(&self.people.mentee_capacity);
        let prices = certificate.prices.iter_mut().zip(&self.people.mentor_capacity);
        for (points, _) in profits.chain(prices).filter(|(_, capacity)| **capacity == 0) {
            *points = most;
        }
        certificate
    }

    /// No pair is worth more than this.
    fn most(&self, certificate: &Certificate) -> i64 {
        let waiting = self.people.waiting.iter().copied().max().unwrap_or(0);
        i64::from(POINTS_MAX + waiting + WISH_MAX) + certificate.bonus
    }

    /// The pairing that is better by the objective.
    fn better(&self, problem: &Problem, before: Vec<Pair>, now: Vec<Pair>) -> Vec<Pair> {
        let rank = |pairs: &[Pair]| {
            let value = check::feasible(problem, pairs).unwrap_or_default();
            let matched = if self.objective == Objective::MostPeople { value.matched } else { 0 };
            (matched, value.total)
        };
        if rank(&before) > rank(&now) { before } else { now }
    }

    /// The best so far, with what is known of all pairs.
    fn unproven(self, problem: &Problem, pairs: Vec<Pair>) -> Pairing {
        let value = check::feasible(problem, &pairs).unwrap_or_default();
        let nothing = Certificate {
            objective: self.objective,
            bonus: 0,
            profits: Vec::new(),
            prices: vec![0; self.people.mentors()],
            cover: None,
        };
        let certificate = self.known.clone().unwrap_or_else(|| Certificate {
            profits: vec![self.most(&nothing); self.people.mentees()],
            ..nothing
        });
        let certificate = Certificate { cover: None, ..certificate };
        let bound = check::bound(problem, &certificate).unwrap_or(i128::MAX);
        let gap = (bound - value.with_bonus(certificate.bonus)).max(0);
        let gap = u64::try_from(gap).unwrap_or(u64::MAX);
        let (rounds, operations) = (self.rounds, self.operations);
        Pairing { pairs, value, certificate, optimal: false, gap, rounds, operations }
    }
}

/// The candidates of both sides as pairs, each once, sorted.
fn listed(people: &People, found: &Candidates) -> Vec<Edge> {
    let edge = |mentee, mentor, points| {
        let weight = i32::try_from(points).unwrap_or(i32::MAX);
        Edge { mentee, mentor, weight }
    };
    let mut edges = Vec::new();
    for mentee in (0..).take(people.mentees()) {
        edges.extend(found.of_mentee(mentee).map(|it| edge(mentee, it.person, it.points)));
    }
    for mentor in (0..).take(people.mentors()) {
        edges.extend(found.of_mentor(mentor).map(|it| edge(it.person, mentor, it.points)));
    }
    edges.sort_unstable_by_key(|it| (it.mentee, it.mentor));
    edges.dedup();
    edges
}
