//! Stable pairings: no mentee and mentor who would both rather have each other than what they have.
//!
//! Where nobody ranks two people the same, there is one stable pairing that is best for every mentee at once,
//! and one that is best for every mentor; all stable pairings pair the same people. With ties stable pairings
//! differ in size, and to find a largest one is NP-hard (Manlove and others, 2002): a pairing of at least two
//! thirds of it comes out at once, and others are tried within a budget.

pub mod check;
mod mentees;
mod mentors;
pub mod preferences;
mod strict;

use self::{
    mentees::NONE,
    preferences::{Preferences, Wish},
};
use super::{
    certificate::{Objective, Pair},
    problem::{Edge, Problem},
    random::SplitMix,
    solve,
};

/// For whom a stable pairing is the best one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Favour {
    /// For every mentee.
    #[default]
    Mentees,
    /// For every mentor.
    Mentors,
}

/// How to look for a stable pairing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    favour: Favour,
    seed: u64,
    budget: u64,
    tries: u32,
}

impl Default for Options {
    /// For the mentees, seed 0, and as many tries as begin within 16 million operations.
    fn default() -> Self {
        Self { favour: Favour::Mentees, seed: 0, budget: 16_000_000, tries: u32::MAX }
    }
}

impl Options {
    /// For whom.
    #[must_use]
    pub fn favour(mut self, favour: Favour) -> Self {
        self.favour = favour;
        self
    }

    /// Decides between those who are ranked the same.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// After so many operations (wishes that are looked at) no other way to break the ties is begun. The
    /// first pairing is always finished.
    #[must_use]
    pub fn budget(mut self, operations: u64) -> Self {
        self.budget = operations;
        self
    }

    /// Most ways to break the ties; 0 counts as 1.
    #[must_use]
    pub fn tries(mut self, tries: u32) -> Self {
        self.tries = tries;
        self
    }
}

/// A stable pairing, and how large one can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stable {
    /// The pairs, by mentee.
    pub pairs: Vec<Pair>,
    /// No stable pairing has more pairs than this.
    pub bound: usize,
    /// How many ways to break the ties were tried; 1 without ties.
    pub tries: u32,
    /// Wishes that were looked at.
    pub operations: u64,
}

impl Stable {
    /// Whether it is proven that no stable pairing has more pairs.
    #[must_use]
    pub fn is_largest(&self) -> bool {
        self.pairs.len() == self.bound
    }
}

/// The wishes with ties in a drawn order, and the mentees in an order to begin with.
fn drawn(preferences: &Preferences, seed: u64) -> (Vec<u32>, Vec<u32>) {
    let mut random = SplitMix::new(seed);
    let ids = |count: usize| (0..u32::try_from(count).unwrap_or(NONE)).collect::<Vec<u32>>();
    let mut order = ids(preferences.wishes().len());
    let tied = |one: &Wish, other: &Wish| {
        (one.mentee, one.mentee_rank) == (other.mentee, other.mentee_rank)
    };
    let mut rest = &mut *order;
    for tie in preferences.wishes().chunk_by(tied) {
        let (these, left) = rest.split_at_mut(tie.len());
        random.shuffle(these);
        rest = left;
    }
    let mut first = ids(preferences.mentees());
    random.shuffle(&mut first);
    (order, first)
}

/// How many pairs there can be if nobody minds.
fn most(preferences: &Preferences) -> usize {
    let edges: Vec<Edge> = preferences
        .wishes()
        .iter()
        .map(|it| Edge { mentee: it.mentee, mentor: it.mentor, weight: 0 })
        .collect();
    let capacities = preferences.capacities().to_vec();
    let bound = preferences.mentees();
    let Ok(problem) = Problem::new(preferences.mentees(), capacities, &edges) else { return bound };
    let found = solve::solve(&problem, Objective::MostPeople, &solve::Options::default());
    if found.optimal { usize::try_from(found.value.matched).unwrap_or(bound) } else { bound }
}

/// Finds a stable pairing: weakly stable where people rank others the same.
///
/// Without ties it is the best for every mentee (or mentor) at once. With ties it is the largest one that was
/// found within the budget; if mentees are favoured, it has at least two thirds as many pairs as a largest
/// one. Takes time in proportion to the wishes for each try.
///
/// ```
/// use mentorship_core::matching::stable::{
///     Options, check::check, find,
///     preferences::{Preferences, Wish},
/// };
///
/// // Both would rather have mentor 0, who would rather have mentee 1.
/// let wishes = [(0, 0, 1, 2), (0, 1, 2, 1), (1, 0, 1, 1), (1, 1, 2, 2)];
/// let wishes = wishes.map(|(mentee, mentor, mentee_rank, mentor_rank)| Wish {
///     mentee, mentor, mentee_rank, mentor_rank,
/// });
/// let preferences = Preferences::new(2, vec![1, 1], wishes.to_vec())?;
/// let stable = find(&preferences, &Options::default());
/// let pairs: Vec<_> = stable.pairs.iter().map(|it| (it.mentee, it.mentor)).collect();
/// assert_eq!(pairs, [(0, 1), (1, 0)]);
/// assert_eq!(check(&preferences, &stable.pairs), Ok(()));
/// # Ok::<(), mentorship_core::base::input::InputError>(())
/// ```
#[must_use]
pub fn find(preferences: &Preferences, options: &Options) -> Stable {
    let tied = preferences.has_ties();
    let mut best: Option<Vec<u32>> = None;
    let (mut bound, mut tries, mut operations) = (usize::MAX, 0, 0);
    let size = |held: &[u32]| held.iter().filter(|wish| **wish != NONE).count();
    loop {
        let drawn = || drawn(preferences, options.seed.wrapping_add(u64::from(tries)));
        let (held, looked_at) = match (options.favour, tied) {
            (Favour::Mentees, false) => strict::propose(preferences),
            (Favour::Mentees, true) => {
                let (order, first) = drawn();
                mentees::propose(preferences, &order, first)
            }
            (Favour::Mentors, _) => mentors::propose(preferences, &drawn().0),
        };
        tries += 1;
        operations += looked_at;
        if tries == 1 {
            bound = match (tied, options.favour) {
                // All stable pairings pair the same people (Roth, 1986).
                (false, _) => size(&held),
                (true, Favour::Mentees) => most(preferences).min(size(&held) * 3 / 2),
                (true, Favour::Mentors) => most(preferences),
            };
        }
        if best.as_ref().is_none_or(|best| size(best) < size(&held)) {
            best = Some(held);
        }
        let found = best.as_deref().map_or(0, size);
        if !tied || found == bound || operations >= options.budget || tries >= options.tries {
            break;
        }
    }
    let wish = |wish: u32| preferences.wishes().get(wish as usize);
    let pair = |wish: &Wish| Pair { mentee: wish.mentee, mentor: wish.mentor };
    let pairs = best.unwrap_or_default().into_iter().filter_map(wish).map(pair).collect();
    Stable { pairs, bound, tries, operations }
}
