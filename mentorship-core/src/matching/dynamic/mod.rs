//! A pairing that stays the best one while people come and go.
//!
//! Solving anew after each sign-up would take seconds at a hundred thousand people, and could move people who
//! have nothing to do with it. A [`DynamicMatching`] keeps the profits and prices that prove its pairing;
//! when somebody joins, leaves, is blocked or changes how many they take, it looks for the cheapest way to be
//! best again from there. That touches a few people, and [`Moves`] says which. Its certificate is checked
//! like any other.
//!
//! For the most people, every pair counts more than all scores together, so that the number of pairs always
//! comes first. Which of several equally good pairings stands at the end depends on what happened before; of
//! ways that are equally good, one over few people is preferred.
//!
//! A change costs one search for each place that it gives or takes. In the worst case a search looks at every
//! allowed pair, `O(E log N)`; on problems of people it looks at some thousands.
//!
//! Source of the searches: Edmonds and Karp: Theoretical improvements in algorithmic efficiency for network
//! flow problems, Journal of the ACM 19, 1972; of keeping duals under changes: Mills-Tettey, Stentz, Dias:
//! The dynamic Hungarian algorithm for the assignment problem with changing costs, 2007.

mod graph;
mod search;

use graph::{Graph, Node, Side};
use search::Search;

use super::{
    certificate::{Certificate, Objective, Pair},
    check::{self, CheckError, Value},
    problem::{EDGES_MAX, PEOPLE_MAX, Problem, WEIGHT_MAX},
    solve,
};
use crate::{
    base::input::{InputError, Problem as Wrong, at_most, in_range},
    model::enrollment::Role,
};

/// Points of every pair where the number of pairs comes first: more than the scores of the longest possible
/// way of changes, which is 2²⁵ pairs of 2²⁰ points.
const BONUS: i64 = 1 << 46;

/// What a change did to the pairing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// Pairs that were not pairs before, ascending.
    pub formed: Vec<Pair>,
    /// Pairs that no longer are, ascending.
    pub ended: Vec<Pair>,
}

/// A pairing, and what proves it best, under changes.
///
/// ```
/// use mentorship_core::{
///     matching::{
///         certificate::{Objective, Pair},
///         check::check,
///         dynamic::DynamicMatching,
///         problem::{Edge, Problem},
///         solve::{Options, solve},
///     },
///     model::enrollment::Role,
/// };
///
/// let edges = [(0, 0, 90), (1, 0, 60)].map(|(mentee, mentor, weight)| Edge { mentee, mentor, weight });
/// let problem = Problem::new(2, vec![1], &edges)?;
/// let solution = solve(&problem, Objective::MostPeople, &Options::default());
/// let mut pairing = DynamicMatching::new(&problem, &solution)?;
///
/// // A mentor comes who suits the mentee that has one already: both have one now.
/// let (mentor, moves) = pairing.join(Role::Mentor, 1, &[(0, 10)])?;
/// assert_eq!(moves.formed, [Pair { mentee: 0, mentor }, Pair { mentee: 1, mentor: 0 }]);
/// assert_eq!(moves.ended, [Pair { mentee: 0, mentor: 0 }]);
///
/// let problem = pairing.problem();
/// assert_eq!(check(&problem, &pairing.pairs(), &pairing.certificate()), Ok(pairing.value()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct DynamicMatching {
    objective: Objective,
    graph: Graph,
    search: Search,
    value: Value,
    /// Edges that the change under way has made pairs or ended, with the pair they stand for.
    flips: Vec<(Pair, bool)>,
    changed: Vec<[u32; 2]>,
}

impl DynamicMatching {
    /// Starts from a solved problem. The people keep their numbers.
    ///
    /// # Errors
    /// The first [`CheckError`], if the solution is not proven best by its certificate.
    pub fn new(problem: &Problem, solution: &solve::Solution) -> Result<Self, CheckError> {
        let certificate = &solution.certificate;
        let value = check::check(problem, &solution.pairs, certificate)?;
        let mut graph = Graph::default();
        let raised = match (certificate.objective, &certificate.cover) {
            (Objective::BestTotal, _) => 0,
            (Objective::MostPeople, Some(_)) => (BONUS - certificate.bonus).max(0),
            (Objective::MostPeople, None) => return Err(CheckError::NoCover),
        };
        graph.bonus = certificate.bonus + raised;
        let mut suitors = vec![0; problem.mentors()];
        for &mentor in problem.columns() {
            if let Some(suitors) = suitors.get_mut(mentor as usize) {
                *suitors += 1;
            }
        }
        let suited = (0..problem.mentees()).map(|mentee| problem.row(mentee).len()).collect();
        let sides = [
            (Side::Mentee, problem.mentee_capacities(), &certificate.profits, suited),
            (Side::Mentor, problem.mentor_capacities(), &certificate.prices, suitors),
        ];
        for (side, capacities, duals, edges) in sides {
            for ((&places, &dual), edges) in capacities.iter().zip(duals).zip(edges) {
                let node = graph.add_person(side, edges);
                graph.person_mut(node).places = places;
                *graph.dual_mut(node) = dual;
            }
        }
        // Every pair has one end in the cover, so that a bonus raised there leaves the proof as good as it
        // was; whoever is in the cover has no free place.
        if let Some(cover) = &certificate.cover {
            for (side, numbers) in [(Side::Mentee, &cover.mentees), (Side::Mentor, &cover.mentors)]
            {
                for &number in numbers {
                    *graph.dual_mut(Node { side, number }) += raised;
                }
            }
        }
        for mentee in (0..).take(problem.mentees()) {
            for edge in problem.row(mentee as usize) {
                let ends = problem.columns().get(edge).zip(problem.weights().get(edge));
                if let Some((&mentor, &weight)) = ends {
                    graph.add_edge([mentee, mentor], weight);
                }
            }
        }
        for pair in &solution.pairs {
            graph.set_used([pair.mentee, pair.mentor], true);
        }
        let mut search = Search::default();
        search.centre(&mut graph);
        Ok(Self {
            objective: certificate.objective,
            graph,
            search,
            value,
            flips: Vec::new(),
            changed: Vec::new(),
        })
    }

    /// Somebody new, whom `capacity` people of the other side may have; `suits` names those with whom they
    /// may be a pair, and the points. The answer has the new number.
    ///
    /// # Errors
    /// [`InputError`] naming the field and the limit: too many people or edges (`people`, `edges`), nobody of
    /// that number or one who left (`edges[7].person`), points out of range (`edges[7].weight`), the same
    /// person twice. Nothing has changed then.
    pub fn join(
        &mut self,
        role: Role,
        capacity: u32,
        suits: &[(u32, i32)],
    ) -> Result<(u32, Moves), InputError> {
        let side = side(role);
        at_most("people", self.graph.side(side).len() + 1, PEOPLE_MAX, "people")?;
        at_most("edges", self.graph.len() + suits.len(), EDGES_MAX, "edges")?;
        let mut seen = Vec::with_capacity(suits.len());
        for (at, &(other, weight)) in suits.iter().enumerate() {
            let person = format!("edges[{at}].person");
            let node = self.somebody(&person, !side, other)?;
            in_range("weight", weight, 0, i64::from(WEIGHT_MAX))
                .map_err(|it| it.within(&format!("edges[{at}]")))?;
            seen.push(node.number);
        }
        seen.sort_unstable();
        if seen.windows(2).any(|two| two.first() == two.last()) {
            return Err(InputError::new("edges", Wrong::Duplicate { what: "person" }));
        }
        let node = self.graph.add_person(side, suits.len());
        for &(other, weight) in suits {
            self.graph.add_edge(node.pair_with(other), weight);
        }
        self.set_least_dual(node);
        for _ in 0..self.useful(node, capacity) {
            self.open(node);
        }
        self.graph.person_mut(node).places = capacity;
        Ok((node.number, self.moves()))
    }

    /// Somebody goes, and whoever was paired with them gets somebody else if that is best. Their number is
    /// not given out again.
    ///
    /// # Errors
    /// [`InputError`] naming `person` if nobody has that number.
    pub fn leave(&mut self, role: Role, person: u32) -> Result<Moves, InputError> {
        let node = self.somebody("person", side(role), person)?;
        let mut alone = Vec::new();
        for half in self.graph.person(node).used().to_vec() {
            alone.push(self.part(node, half.other));
        }
        for half in self.graph.person(node).edges.clone() {
            self.graph.remove_edge(node.pair_with(half.other));
        }
        let person = self.graph.person_mut(node);
        (person.places, person.here) = (0, false);
        *self.graph.dual_mut(node) = 0;
        for other in alone {
            self.open(other);
        }
        Ok(self.moves())
    }

    /// Somebody takes more people, or fewer. With fewer than they have, those pairs end that cost the whole
    /// least.
    ///
    /// # Errors
    /// [`InputError`] naming `person` if nobody has that number.
    pub fn set_capacity(
        &mut self,
        role: Role,
        person: u32,
        capacity: u32,
    ) -> Result<Moves, InputError> {
        let node = self.somebody("person", side(role), person)?;
        if self.graph.person(node).has_room() {
            // Nothing justifies a price where there is room, so that there is nothing to repair.
            let taken = self.graph.person(node).taken;
            self.graph.person_mut(node).places = capacity.max(taken);
        }
        while self.graph.person(node).places > capacity {
            self.close(node);
        }
        let useful = self.useful(node, capacity);
        while self.graph.person(node).places < useful {
            self.open(node);
        }
        self.graph.person_mut(node).places = capacity;
        Ok(self.moves())
    }

    /// Two people may not be a pair any more: a block, an exclusion. No error if they might not before.
    ///
    /// # Errors
    /// [`InputError`] naming `mentee` or `mentor` if nobody has that number.
    pub fn forbid(&mut self, mentee: u32, mentor: u32) -> Result<Moves, InputError> {
        let [mentee, mentor] = self.two(mentee, mentor)?;
        let Some((_, was_pair)) = self.graph.find(mentee.number, mentor.number) else {
            return Ok(Moves::default());
        };
        if was_pair {
            self.part(mentee, mentor.number);
            self.graph.person_mut(mentee).places -= 1;
        }
        self.graph.remove_edge([mentee.number, mentor.number]);
        if was_pair {
            self.open(mentee);
            self.open(mentor);
        }
        Ok(self.moves())
    }

    /// Two people may be a pair from now on, or for other points than before.
    ///
    /// # Errors
    /// [`InputError`] naming `mentee` or `mentor` if nobody has that number, `weight` for points out of
    /// range, `edges` for too many.
    pub fn allow(&mut self, mentee: u32, mentor: u32, weight: i32) -> Result<Moves, InputError> {
        let [mentee, mentor] = self.two(mentee, mentor)?;
        in_range("weight", weight, 0, i64::from(WEIGHT_MAX))?;
        let known = self.graph.find(mentee.number, mentor.number);
        if known.is_none() {
            at_most("edges", self.graph.len() + 1, EDGES_MAX, "edges")?;
        }
        // The mentee stands up, the edge changes, and the mentee sits down where it is best by now. Until
        // then nobody takes the places.
        let places = self.graph.person(mentee).places;
        let mut alone = Vec::new();
        for half in self.graph.person(mentee).used().to_vec() {
            alone.push(self.part(mentee, half.other));
        }
        self.graph.person_mut(mentee).places = 0;
        if known.is_some() {
            self.graph.remove_edge([mentee.number, mentor.number]);
        }
        self.graph.add_edge([mentee.number, mentor.number], weight);
        self.set_least_dual(mentee);
        for _ in 0..self.useful(mentee, places) {
            self.open(mentee);
        }
        self.graph.person_mut(mentee).places = places;
        for other in alone {
            self.open(other);
        }
        Ok(self.moves())
    }

    /// Two people are a pair for good: they accepted, it lives. It leaves the pairing together with a place
    /// of each, and nothing that happens later touches it. If they were not a pair here, each gives up the
    /// pair that costs the whole least, where they have no place left.
    ///
    /// # Errors
    /// [`InputError`] naming `mentee` or `mentor` if nobody has that number, or if they have no place at all.
    pub fn settle(&mut self, mentee: u32, mentor: u32) -> Result<Moves, InputError> {
        let two = self.two(mentee, mentor)?;
        for (node, name) in two.into_iter().zip(["mentee", "mentor"]) {
            if self.graph.person(node).places == 0 {
                let rule = "whoever settles has a place";
                return Err(InputError::new(name, Wrong::Conflict { rule }));
            }
        }
        let [mentee, mentor] = two;
        let known = self.graph.find(mentee.number, mentor.number);
        if known.is_some_and(|(_, is_pair)| is_pair) {
            self.part(mentee, mentor.number);
            self.graph.person_mut(mentee).places -= 1;
        } else {
            self.close(mentee);
            self.close(mentor);
        }
        // To give up a place may have made them a pair.
        match self.graph.find(mentee.number, mentor.number) {
            Some((_, true)) => {
                self.part(mentee, mentor.number);
                self.graph.person_mut(mentee).places -= 1;
                self.graph.remove_edge([mentee.number, mentor.number]);
                self.open(mentee);
                self.open(mentor);
            }
            Some(_) => self.graph.remove_edge([mentee.number, mentor.number]),
            None => {}
        }
        Ok(self.moves())
    }

    /// How many pairs, and their points together.
    #[must_use]
    pub fn value(&self) -> Value {
        self.value
    }

    /// The pairs, by mentee and then by mentor. Whom somebody has can be asked with [`Self::partners`].
    #[must_use]
    pub fn pairs(&self) -> Vec<Pair> {
        let people = (0..).zip(self.graph.side(Side::Mentee));
        let of = |(mentee, person): (u32, &graph::Person)| {
            person.used().iter().map(|half| Pair { mentee, mentor: half.other }).collect::<Vec<_>>()
        };
        let mut pairs: Vec<Pair> = people.flat_map(of).collect();
        pairs.sort_unstable();
        pairs
    }

    /// Whom somebody is paired with, ascending; nobody for who is not here.
    #[must_use]
    pub fn partners(&self, role: Role, person: u32) -> Vec<u32> {
        let side = side(role);
        let person = self.graph.side(side).get(person as usize);
        let used = person.map(graph::Person::used).unwrap_or_default();
        let mut partners: Vec<u32> = used.iter().map(|half| half.other).collect();
        partners.sort_unstable();
        partners
    }

    /// The problem as it is now. Who left is somebody without a place and without an allowed pair.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let places = |side| self.graph.side(side).iter().map(|it| it.places).collect::<Vec<u32>>();
        let mut starts = vec![0];
        let (mut mentors, mut weights) = (Vec::new(), Vec::new());
        let mut row = Vec::new();
        for person in self.graph.side(Side::Mentee) {
            row.clear();
            row.extend(person.edges.iter().map(|half| (half.other, half.weight)));
            row.sort_unstable();
            for &(mentor, weight) in &row {
                mentors.push(mentor);
                weights.push(weight);
            }
            starts.push(u32::try_from(mentors.len()).unwrap_or(u32::MAX));
        }
        Problem::from_known(places(Side::Mentee), places(Side::Mentor), starts, mentors, weights)
    }

    /// What proves the pairing best for [`DynamicMatching::problem`].
    #[must_use]
    pub fn certificate(&self) -> Certificate {
        let prices = self.graph.duals(Side::Mentor).to_vec();
        let people = self.graph.side(Side::Mentee).iter();
        let profit = |(person, &dual): (&graph::Person, &i64)| match person.used() {
            // All that a pair is worth above the price; with several pairs it would be the least of that.
            [half] if person.places == 1 => {
                let price = prices.get(half.other as usize).copied().unwrap_or_default();
                self.graph.worth(*half) - price
            }
            _ => dual,
        };
        let profits = people.zip(self.graph.duals(Side::Mentee)).map(profit).collect();
        let cover = (self.objective == Objective::MostPeople)
            .then(|| solve::cover_of(&self.problem(), &self.pairs()))
            .flatten();
        Certificate { objective: self.objective, bonus: self.graph.bonus, profits, prices, cover }
    }

    /// Edges looked at by all changes so far; the same on every machine.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.search.operations
    }

    /// One more place, taken if that is better for the whole.
    fn open(&mut self, node: Node) {
        if self.graph.person(node).taken == 0 {
            self.set_least_dual(node);
        }
        self.graph.person_mut(node).places += 1;
        if self.graph.person(node).has_room() && self.graph.dual(node) > 0 {
            self.repair(node);
        }
    }

    /// One place less; the pair that costs least ends if there was no free one.
    fn close(&mut self, node: Node) {
        self.graph.person_mut(node).places -= 1;
        let person = self.graph.person(node);
        if person.taken > person.places {
            self.repair(node);
        }
    }

    /// Ends a pair, and takes the place of the other, who is given back, until it is opened again.
    fn part(&mut self, of: Node, other: u32) -> Node {
        self.flip(of.pair_with(other));
        let other = Node { side: !of.side, number: other };
        self.graph.person_mut(other).places -= 1;
        other
    }

    fn repair(&mut self, node: Node) {
        let mut changed = std::mem::take(&mut self.changed);
        self.search.repair(&mut self.graph, node, &mut changed);
        for ends in changed.drain(..) {
            self.flip(ends);
        }
        self.changed = changed;
    }

    /// Makes a pair of two who are none, or ends theirs.
    fn flip(&mut self, ends: [u32; 2]) {
        let [mentee, mentor] = ends;
        let used = self.graph.find(mentee, mentor).is_some_and(|(_, is_pair)| !is_pair);
        let weight = i64::from(self.graph.set_used(ends, used));
        self.flips.push((Pair { mentee, mentor }, used));
        if used {
            self.value.matched += 1;
            self.value.total += weight;
        } else {
            self.value.matched -= 1;
            self.value.total -= weight;
        }
    }

    /// What has changed in all since the last call.
    fn moves(&mut self) -> Moves {
        self.flips.sort_unstable();
        let mut moves = Moves::default();
        for flips in self.flips.chunk_by(|a, b| a.0 == b.0) {
            let formed = flips.iter().filter(|flip| flip.1).count();
            let Some(&(pair, _)) = flips.first() else { continue };
            match (2 * formed).cmp(&flips.len()) {
                std::cmp::Ordering::Greater => moves.formed.push(pair),
                std::cmp::Ordering::Less => moves.ended.push(pair),
                std::cmp::Ordering::Equal => {}
            }
        }
        self.flips.clear();
        moves
    }

    /// The lowest dual that somebody without a pair can have.
    fn set_least_dual(&mut self, node: Node) {
        let duals = self.graph.duals(!node.side);
        let dual = |other: u32| duals.get(other as usize).copied().unwrap_or_default();
        let edges = self.graph.person(node).unused().iter();
        let least = edges.map(|half| self.graph.worth(*half) - dual(half.other)).fold(0, i64::max);
        *self.graph.dual_mut(node) = least;
    }

    /// As many places of a capacity as could ever be taken.
    fn useful(&self, node: Node, capacity: u32) -> u32 {
        let edges = self.graph.person(node).edges.len();
        capacity.min(u32::try_from(edges).unwrap_or(u32::MAX).saturating_add(1))
    }

    fn somebody(&self, field: &str, side: Side, number: u32) -> Result<Node, InputError> {
        let people = self.graph.side(side);
        match people.get(number as usize) {
            Some(person) if person.here => Ok(Node { side, number }),
            Some(_) => Err(InputError::new(field.to_owned(), Wrong::Unknown { what: "person" })),
            None => {
                let max = i64::try_from(people.len()).unwrap_or(i64::MAX) - 1;
                let wrong = Wrong::OutOfRange { given: i64::from(number), min: 0, max };
                Err(InputError::new(field.to_owned(), wrong))
            }
        }
    }

    fn two(&self, mentee: u32, mentor: u32) -> Result<[Node; 2], InputError> {
        Ok([
            self.somebody("mentee", Side::Mentee, mentee)?,
            self.somebody("mentor", Side::Mentor, mentor)?,
        ])
    }
}

fn side(role: Role) -> Side {
    match role {
        Role::Mentee => Side::Mentee,
        Role::Mentor => Side::Mentor,
    }
}
