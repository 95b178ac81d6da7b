//! Which pairs that a problem leaves out could improve its best pairing: those that are worth more than the
//! mentee's profit and the mentor's price. If there are none, the pairing is the best of all allowed pairs.
#![expect(clippy::indexing_slicing, reason = "places and people come from the board")]

use std::ops::Range;

use super::{
    super::{
        certificate::Certificate,
        problem::{Edge, Problem},
    },
    best::{List, packed, unpacked},
    board::{Board, NOWHERE},
    candidates::{Order, Ties, shared_out},
    compiled::People,
    sweep::Sweep,
};

/// Bounds that are looked at together.
const CHUNK: usize = 64;
/// Pairs of one mentee that are added in one round, for each place. Where very many tie, more would not help.
const ADDED_MAX: usize = 16;
/// Surpluses are kept with this added, so that they are positive.
const OFFSET: i32 = 1 << 30;

/// What was left out and should not have been.
#[derive(Debug, Default)]
pub(super) struct Priced {
    /// Pairs that are worth more than profit and price, or nearly so; not all of them.
    pub(super) edges: Vec<Edge>,
    /// Of each mentee, how much more than profit and price the best of all left-out pairs is worth, from 0.
    pub(super) above: Vec<i64>,
}

impl Priced {
    /// How many mentees have a pair that could improve the pairing.
    pub(super) fn improving(&self) -> usize {
        self.above.iter().filter(|it| **it > 0).count()
    }
}

struct Found<'a> {
    sweep: Sweep<'a>,
    best: List,
    /// Decides between pairs of the mentee at hand that are equally good.
    tie: u32,
    edges: Vec<Edge>,
    above: Vec<(u32, i64)>,
}

/// Whether profits, prices and bonus are small enough for [`price`]: below 268 million points.
pub(super) fn fits(certificate: &Certificate) -> bool {
    let Certificate { bonus, profits, prices, .. } = certificate;
    profits.iter().chain(prices).chain([bonus]).all(|it| (0..i64::from(OFFSET / 4)).contains(it))
}

fn narrow(points: i64) -> i32 {
    i32::try_from(points).unwrap_or(0)
}

/// Looks at every allowed pair that `problem` leaves out. Pairs worth up to `margin` points less than profit
/// and price are taken too. The certificate [`fits`]. None if `goes_on` says no before the end.
pub(super) fn price(
    people: &People,
    (board, order): (&Board, &Order),
    (problem, certificate): (&Problem, &Certificate),
    (margin, ties): (i32, Ties),
    threads: usize,
    goes_on: impl FnMut(usize) -> bool,
) -> Option<Priced> {
    let net = |mentor: &u32| narrow(certificate.prices[*mentor as usize] - certificate.bonus);
    let net: Vec<i32> = board.mentors.iter().map(net).collect();
    let state = || Found {
        sweep: Sweep::new(people, board),
        best: List::default(),
        tie: 0,
        edges: Vec::new(),
        above: Vec::new(),
    };
    let work = |found: &mut Found<'_>, batch: Range<usize>| {
        for &mentee in &order.mentees[batch] {
            order.go(&mut found.sweep, mentee);
            found.tie = ties.of_mentee(mentee);
            found.look_at(people, board, problem, &net, mentee, certificate, margin);
        }
    };
    let mut priced = Priced { edges: Vec::new(), above: vec![0; people.mentees()] };
    let (threads, whole) = shared_out(order.mentees.len(), threads, state, work, goes_on);
    if !whole {
        return None;
    }
    for found in threads {
        priced.edges.extend(found.edges);
        for (mentee, above) in found.above {
            priced.above[mentee as usize] = above;
        }
    }
    priced.edges.sort_unstable_by_key(|it| (it.mentee, it.mentor));
    Some(priced)
}

impl Found<'_> {
    #[expect(clippy::too_many_arguments, reason = "one call, of what the round is about")]
    fn look_at(
        &mut self,
        people: &People,
        board: &Board,
        problem: &Problem,
        net: &[i32],
        mentee: u32,
        certificate: &Certificate,
        margin: i32,
    ) {
        let profit = narrow(certificate.profits[mentee as usize]);
        self.best.begin(people.mentee_capacity[mentee as usize] as usize * ADDED_MAX);
        // A surplus is what a pair is worth above profit and price.
        let mut least = 1 - margin;
        let known = &problem.columns()[problem.row(mentee as usize)];
        let left_out = |mentor: u32| {
            known.binary_search(&mentor).is_err() && !people.is_excluded(mentee, mentor)
        };
        for (mentor, wish) in people.wishes.of(mentee) {
            let place = board.places[*mentor as usize];
            if place == NOWHERE || !self.sweep.lets_in(place as usize) || !left_out(*mentor) {
                continue;
            }
            if let Some(points) = self.sweep.exact(place as usize) {
                let surplus = whole(points + wish) - net[place as usize] - profit;
                self.take(surplus, *mentor, &mut least);
            }
        }
        for run in 0..self.sweep.runs.len() {
            let run = self.sweep.runs[run].clone();
            for start in run.clone().step_by(CHUNK) {
                let chunk = start..run.end.min(start + CHUNK);
                let wanted = profit + least;
                let good = |bound: i16, net: i32| i32::from(bound) - net >= wanted;
                let both = self.sweep.bounds[chunk.clone()].iter().zip(&net[chunk.clone()]);
                if !both.fold(false, |any, (bound, net)| any | good(*bound, *net)) {
                    continue;
                }
                for place in chunk {
                    if i32::from(self.sweep.bounds[place]) - net[place] < profit + least {
                        continue;
                    }
                    let Some(points) = self.sweep.exact(place) else { continue };
                    let surplus = whole(points) - net[place] - profit;
                    let mentor = board.mentors[place];
                    if surplus >= least && left_out(mentor) && people.wish(mentee, mentor).is_none()
                    {
                        self.take(surplus, mentor, &mut least);
                    }
                }
            }
        }
        let mut above = 0;
        for candidate in self.best.items() {
            let (surplus, mentor) = unpacked(*candidate);
            let mentor = mentor ^ self.tie;
            let surplus = whole(surplus) - OFFSET;
            above = above.max(i64::from(surplus));
            let place = board.places[mentor as usize] as usize;
            self.edges.push(Edge { mentee, mentor, weight: surplus + net[place] + profit });
        }
        if above > 0 {
            self.above.push((mentee, above));
        }
    }

    fn take(&mut self, surplus: i32, mentor: u32, least: &mut i32) {
        if surplus < *least {
            return;
        }
        let lifted = u32::try_from(surplus + OFFSET).unwrap_or(0);
        if let Some(worst) = self.best.offer(packed(lifted, mentor ^ self.tie)) {
            // As good as the worst of a full list may still be better, by number.
            *least = whole(unpacked(worst).0) - OFFSET;
        }
    }
}

/// Points as `i32`: they are far below its end.
fn whole(points: u32) -> i32 {
    i32::try_from(points).unwrap_or(i32::MAX)
}
