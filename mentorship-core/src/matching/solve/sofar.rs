//! What is known before a run is over: the best pairing so far, and how much better one could be.
#![expect(clippy::indexing_slicing, reason = "rows, columns and people come from the graph")]

use super::{
    super::{
        certificate::{Certificate, Objective, Pair},
        check,
        problem::Problem,
    },
    graph::{Graph, NONE},
    points::Points,
    state::State,
};

/// The best pairing so far, sorted.
#[derive(Debug, Default)]
pub(super) struct Best {
    pub(super) pairs: Vec<Pair>,
    /// Its points, with the bonus for every pair.
    pub(super) value: i128,
}

impl Best {
    /// Keeps what the state has, completed with whoever still has a place, if that is better. The state has
    /// to be settled.
    pub(super) fn keep<T: Points>(
        &mut self,
        problem: &Problem,
        graph: &Graph<'_, T>,
        state: &State<T>,
    ) {
        let pairs = completed(problem, pairs(problem, graph, state));
        let weight = |pair: &Pair| {
            let edge = problem.edge(pair.mentee, pair.mentor);
            edge.map_or(0, |edge| {
                i128::from(problem.weights()[edge]) + i128::from(graph.scale.bonus)
            })
        };
        let value = pairs.iter().map(weight).sum();
        if value > self.value || self.pairs.is_empty() {
            *self = Self { pairs, value };
        }
    }
}

/// Who sits with a mentor, sorted. In the middle of a run a mentee with several places may have too many.
pub(super) fn pairs<T: Points>(
    problem: &Problem,
    graph: &Graph<'_, T>,
    state: &State<T>,
) -> Vec<Pair> {
    let mut first = vec![NONE; problem.mentees()];
    let mut more = Vec::new();
    for (row, &mentee) in graph.mentee_of.iter().enumerate() {
        if state.place_of[row] == NONE {
            continue;
        }
        let mentor = graph.arc(state.arc_of[row] as usize).column;
        if mentor as usize >= problem.mentors() {
            continue;
        }
        let known = &mut first[mentee as usize];
        if *known == NONE {
            *known = mentor;
        } else {
            more.push(Pair { mentee, mentor });
        }
    }
    let mut pairs = Vec::with_capacity(problem.mentees() + more.len());
    let paired = (0..).zip(first).filter(|it| it.1 != NONE);
    pairs.extend(paired.map(|(mentee, mentor)| Pair { mentee, mentor }));
    if !more.is_empty() {
        pairs.extend(more);
        pairs.sort_unstable();
    }
    pairs
}

/// The same pairs, without those over a mentee's capacity, and with everybody who has a place left given the
/// best mentor who has one left.
fn completed(problem: &Problem, pairs: Vec<Pair>) -> Vec<Pair> {
    let mut free = problem.mentor_capacities().to_vec();
    for pair in &pairs {
        free[pair.mentor as usize] -= 1;
    }
    let mut done = Vec::with_capacity(pairs.len());
    let mut pairs = pairs.into_iter().peekable();
    for mentee in (0_u32..).take(problem.mentees()) {
        let mut places = problem.mentee_capacities()[mentee as usize];
        let begun = done.len();
        while let Some(pair) = pairs.next_if(|pair| pair.mentee == mentee) {
            if places > 0 {
                places -= 1;
                done.push(pair);
            } else {
                free[pair.mentor as usize] += 1;
            }
        }
        if places == 0 {
            continue;
        }
        let row = problem.row(mentee as usize);
        let columns = &problem.columns()[row.clone()];
        let weights = &problem.weights()[row];
        let mut others: Vec<(i32, u32)> = (weights.iter().copied().zip(columns.iter().copied()))
            .filter(|(_, mentor)| free[*mentor as usize] > 0)
            .filter(|(_, mentor)| !done[begun..].iter().any(|pair| pair.mentor == *mentor))
            .collect();
        others.sort_unstable_by(|a, b| b.cmp(a));
        for (_, mentor) in others.into_iter().take(places as usize) {
            free[mentor as usize] -= 1;
            done.push(Pair { mentee, mentor });
        }
    }
    done.sort_unstable();
    done
}

/// The prices of the mentors in whole points, rounded down.
pub(super) fn prices_of<T: Points>(
    problem: &Problem,
    graph: &Graph<'_, T>,
    state: &State<T>,
) -> Vec<i64> {
    let prices = state.price.iter().take(problem.mentors());
    prices.map(|price| price.wide().div_euclid(graph.scale.unit)).collect()
}

/// The profits that make the least of a certificate with these prices: of a mentee with `b` places, what the
/// `b`-th best choice is worth above its price.
pub(super) fn profits_for(problem: &Problem, prices: &[i64], bonus: i64) -> Vec<i64> {
    let mut gains: Vec<i64> = Vec::new();
    let profit = |mentee: usize| {
        let row = problem.row(mentee);
        gains.clear();
        gains.extend(
            (problem.columns()[row.clone()].iter().zip(&problem.weights()[row]))
                .map(|(&mentor, &weight)| i64::from(weight) + bonus - prices[mentor as usize]),
        );
        let places = (problem.mentee_capacities()[mentee] as usize).max(1);
        if gains.len() < places {
            return 0;
        }
        let at = gains.len() - places;
        let (_, gain, _) = gains.select_nth_unstable(at);
        (*gain).max(0)
    };
    (0..problem.mentees()).map(profit).collect()
}

/// Points, with the bonus, that no pairing exceeds, by the prices of a state.
pub(super) fn bound<T: Points>(problem: &Problem, graph: &Graph<'_, T>, state: &State<T>) -> i128 {
    let prices = prices_of(problem, graph, state);
    let profits = profits_for(problem, &prices, graph.scale.bonus);
    let bonus = graph.scale.bonus;
    let certificate =
        Certificate { objective: Objective::BestTotal, bonus, profits, prices, cover: None };
    check::bound(problem, &certificate).unwrap_or(i128::MAX)
}
