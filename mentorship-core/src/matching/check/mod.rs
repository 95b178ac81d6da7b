//! The checker: whether a pairing keeps the rules, and whether a certificate proves it best.
//!
//! It shares nothing with the solver and believes nothing it is given. Where the certificate holds it reads
//! every edge once, twice for most people, and once more those of mentees with several mentors.
#![expect(
    clippy::indexing_slicing,
    reason = "lengths and numbers are checked before they are used"
)]

mod fairest;

pub use fairest::check_fairest;

use super::{
    certificate::{Certificate, Cover, Objective, Pair},
    problem::Problem,
};

/// Largest profit, price or bonus that is accepted, in points. Honest ones stay far below it; it keeps the
/// sums from overflowing.
pub const POINTS_MAX: i64 = 1 << 50;

/// What a pairing is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// How many pairs.
    pub matched: u64,
    /// Their points together.
    pub total: i64,
}

impl Value {
    /// The points with `bonus` for every pair.
    #[must_use]
    pub fn with_bonus(self, bonus: i64) -> i128 {
        i128::from(self.total) + i128::from(self.matched) * i128::from(bonus)
    }
}

/// Why a pairing or its certificate is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// A pair that is not allowed, or people who do not exist.
    #[error("mentee {} and mentor {} may not be a pair", .0.mentee, .0.mentor)]
    NotAllowed(Pair),
    /// The same pair twice.
    #[error("mentee {} and mentor {} are a pair twice", .0.mentee, .0.mentor)]
    Twice(Pair),
    /// A mentee with more mentors than places.
    #[error("mentee {0} has more mentors than allowed")]
    MenteeOverCapacity(usize),
    /// A mentor with more mentees than places.
    #[error("mentor {0} has more mentees than allowed")]
    MentorOverCapacity(usize),
    /// A list of the certificate that is not of the problem's length, or numbers out of range.
    #[error("`{0}` of the certificate does not fit the problem")]
    Malformed(&'static str),
    /// An allowed pair worth more than profit and price.
    #[error("the pair of mentee {} and mentor {} is worth more than profit and price", .0.mentee, .0.mentor)]
    Improves(Pair),
    /// A pair of the pairing worth less than profit and price.
    #[error("the pair of mentee {} and mentor {} is worth less than profit and price", .0.mentee, .0.mentor)]
    NotTight(Pair),
    /// A mentee with a place left, and a profit.
    #[error("mentee {0} could have another mentor but has a profit")]
    UnmatchedProfit(usize),
    /// A mentor with a place left, and a price.
    #[error("mentor {0} could have another mentee but has a price")]
    UnfilledPrice(usize),
    /// What the pairing is worth is not what the certificate says.
    #[error("the pairing is worth {value}, the certificate says {bound}")]
    Gap {
        /// Points of the pairing, with the bonus.
        value: i128,
        /// Points that no pairing exceeds, with the bonus.
        bound: i128,
    },
    /// The certificate does not show that no pairing has more pairs.
    #[error("there are {matched} pairs, the cover says {bound}")]
    MorePossible {
        /// How many pairs there are.
        matched: u64,
        /// How many the cover allows.
        bound: u128,
    },
    /// A certificate for most people without a cover.
    #[error("the certificate has no cover")]
    NoCover,
}

/// A set of edges, a bit for each.
struct Edges(Vec<u64>);

impl Edges {
    fn none_of(edges: usize) -> Self {
        Self(vec![0; edges.div_ceil(64)])
    }

    fn has(&self, edge: usize) -> bool {
        self.0[edge / 64] >> (edge % 64) & 1 == 1
    }

    /// Whether it is new.
    fn add(&mut self, edge: usize) -> bool {
        let new = !self.has(edge);
        self.0[edge / 64] |= 1 << (edge % 64);
        new
    }
}

/// Which edges a pairing uses, and how many at each person.
struct Used {
    edges: Edges,
    /// The edge of each pair, in the order of the edges.
    sorted: Vec<usize>,
    by_mentee: Vec<u32>,
    by_mentor: Vec<u32>,
    value: Value,
}

fn used(problem: &Problem, pairs: &[Pair]) -> Result<Used, CheckError> {
    let mut used = Used {
        edges: Edges::none_of(problem.edges()),
        sorted: Vec::with_capacity(pairs.len()),
        by_mentee: vec![0; problem.mentees()],
        by_mentor: vec![0; problem.mentors()],
        value: Value::default(),
    };
    for &pair in pairs {
        let edge = problem.edge(pair.mentee, pair.mentor).ok_or(CheckError::NotAllowed(pair))?;
        if !used.edges.add(edge) {
            return Err(CheckError::Twice(pair));
        }
        used.sorted.push(edge);
        let (mentee, mentor) = (pair.mentee as usize, pair.mentor as usize);
        used.by_mentee[mentee] += 1;
        if used.by_mentee[mentee] > problem.mentee_capacities()[mentee] {
            return Err(CheckError::MenteeOverCapacity(mentee));
        }
        used.by_mentor[mentor] += 1;
        if used.by_mentor[mentor] > problem.mentor_capacities()[mentor] {
            return Err(CheckError::MentorOverCapacity(mentor));
        }
        used.value.matched += 1;
        used.value.total += i64::from(problem.weights()[edge]);
    }
    used.sorted.sort_unstable();
    Ok(used)
}

/// What a pairing is worth, if it keeps the rules: allowed pairs, each once, nobody over capacity.
///
/// # Errors
/// The first [`CheckError`] in the order of `pairs`.
pub fn feasible(problem: &Problem, pairs: &[Pair]) -> Result<Value, CheckError> {
    Ok(used(problem, pairs)?.value)
}

fn in_range(name: &'static str, numbers: &[i64], people: usize) -> Result<(), CheckError> {
    let fits = numbers.len() == people && numbers.iter().all(|it| (0..=POINTS_MAX).contains(it));
    if fits { Ok(()) } else { Err(CheckError::Malformed(name)) }
}

fn sum(capacity: &[u32], points: &[i64]) -> i128 {
    capacity.iter().zip(points).map(|(&places, &each)| i128::from(places) * i128::from(each)).sum()
}

/// Points, with the bonus, that no pairing exceeds, by any certificate: profits and prices times capacities,
/// plus what an edge is worth above its two. Also good for certificates that prove nothing best.
///
/// # Errors
/// [`CheckError::Malformed`] for lists of the wrong length and for numbers out of range.
pub fn bound(problem: &Problem, certificate: &Certificate) -> Result<i128, CheckError> {
    Ok(bounded(problem, certificate)?.0)
}

/// The prices, if nothing that is counted with them exceeds `i32`.
fn narrow(prices: &[i64]) -> Option<Vec<i32>> {
    prices.iter().map(|&price| i32::try_from(price).ok().filter(|it| *it <= 1 << 30)).collect()
}

/// What the best mentor is worth above the price.
fn best_of_all(weights: &[i32], prices: &[i32]) -> i32 {
    weights.iter().zip(prices).map(|(weight, price)| weight - price).fold(i32::MIN, i32::max)
}

/// The same of some mentors.
fn best_of(mentors: &[u32], weights: &[i32], prices: &[i32]) -> i32 {
    let edges = mentors.iter().zip(weights);
    edges.map(|(mentor, weight)| weight - prices[*mentor as usize]).fold(i32::MIN, i32::max)
}

/// As [`bound`], and the mentees with an edge that is worth more than its two.
fn bounded(problem: &Problem, certificate: &Certificate) -> Result<(i128, Vec<usize>), CheckError> {
    let Certificate { bonus, profits, prices, .. } = certificate;
    in_range("profits", profits, problem.mentees())?;
    in_range("prices", prices, problem.mentors())?;
    in_range("bonus", &[*bonus], 1)?;
    let mut bound = sum(problem.mentee_capacities(), profits);
    bound += sum(problem.mentor_capacities(), prices);
    let mut above = Vec::new();
    let narrow = narrow(prices);
    for (mentee, profit) in profits.iter().enumerate() {
        let row = problem.row(mentee);
        let edges = problem.columns()[row.clone()].iter().zip(&problem.weights()[row.clone()]);
        let worths = edges.map(|(&mentor, &weight)| i64::from(weight) - prices[mentor as usize]);
        // Who may have every mentor has them in order, and no column has to be read.
        let best = match &narrow {
            Some(prices) if row.len() == prices.len() => {
                i64::from(best_of_all(&problem.weights()[row], prices))
            }
            Some(prices) => {
                i64::from(best_of(&problem.columns()[row.clone()], &problem.weights()[row], prices))
            }
            None => worths.clone().fold(i64::MIN, i64::max),
        };
        // Where the best edge is not worth more no other one is.
        if best > profit - bonus {
            bound += worths.map(|it| i128::from((it + bonus - profit).max(0))).sum::<i128>();
            above.push(mentee);
        }
    }
    Ok((bound, above))
}

/// What a pairing is worth, if it keeps the rules and the certificate proves it best for the objective that
/// the certificate names.
///
/// # Errors
/// What is wrong first: the pairing, then the edges, the people, the sums, the cover.
pub fn check(
    problem: &Problem,
    pairs: &[Pair],
    certificate: &Certificate,
) -> Result<Value, CheckError> {
    let used = used(problem, pairs)?;
    let (bound, above) = bounded(problem, certificate)?;
    let Certificate { objective, bonus, profits, prices, cover } = certificate;
    if *objective == Objective::BestTotal && *bonus != 0 {
        return Err(CheckError::Malformed("bonus"));
    }
    // How much more an edge is worth than its two, and the pair that it is.
    let looked_at = |mentee: usize, edge: usize| {
        let mentor = problem.columns()[edge];
        let worth = i64::from(problem.weights()[edge]) + bonus;
        let pair = Pair { mentee: u32::try_from(mentee).unwrap_or(u32::MAX), mentor };
        (worth - profits[mentee] - prices[mentor as usize], pair)
    };
    for mentee in above {
        let several = problem.mentee_capacities()[mentee] > 1;
        for edge in problem.row(mentee) {
            let (more, pair) = looked_at(mentee, edge);
            // Of several mentors, those that are taken may be worth more than the next best one.
            if more > 0 && !(several && used.edges.has(edge)) {
                return Err(CheckError::Improves(pair));
            }
        }
    }
    let mut taken = used.sorted.iter().peekable();
    for (mentee, &profit) in profits.iter().enumerate() {
        let end = problem.row(mentee).end;
        while let Some(&edge) = taken.next_if(|edge| **edge < end) {
            let (more, pair) = looked_at(mentee, edge);
            if more < 0 {
                return Err(CheckError::NotTight(pair));
            }
        }
        if used.by_mentee[mentee] < problem.mentee_capacities()[mentee] && profit > 0 {
            return Err(CheckError::UnmatchedProfit(mentee));
        }
    }
    for (mentor, &price) in prices.iter().enumerate() {
        if used.by_mentor[mentor] < problem.mentor_capacities()[mentor] && price > 0 {
            return Err(CheckError::UnfilledPrice(mentor));
        }
    }
    let value = used.value.with_bonus(*bonus);
    if value != bound {
        return Err(CheckError::Gap { value, bound });
    }
    if *objective == Objective::MostPeople {
        let bound = pairs_at_most(problem, cover.as_ref().ok_or(CheckError::NoCover)?)?;
        if u128::from(used.value.matched) != bound {
            return Err(CheckError::MorePossible { matched: used.value.matched, bound });
        }
    }
    Ok(used.value)
}

/// How many pairs there can be by a cover.
fn pairs_at_most(problem: &Problem, cover: &Cover) -> Result<u128, CheckError> {
    let marked = |name, numbers: &[u32], capacity: &[u32]| {
        let mut marked = vec![false; capacity.len()];
        let mut places = 0_u128;
        for &number in numbers {
            let mark = marked.get_mut(number as usize).ok_or(CheckError::Malformed(name))?;
            if std::mem::replace(mark, true) {
                return Err(CheckError::Malformed(name));
            }
            places += u128::from(capacity[number as usize]);
        }
        Ok((marked, places))
    };
    let (mentees, places) = marked("cover.mentees", &cover.mentees, problem.mentee_capacities())?;
    let (mentors, more) = marked("cover.mentors", &cover.mentors, problem.mentor_capacities())?;
    let mut bound = places + more;
    for (mentee, _) in mentees.iter().enumerate().filter(|(_, covered)| !**covered) {
        let free = problem.columns()[problem.row(mentee)].iter();
        bound += free.filter(|mentor| !mentors[**mentor as usize]).map(|_| 1).sum::<u128>();
    }
    Ok(bound)
}
