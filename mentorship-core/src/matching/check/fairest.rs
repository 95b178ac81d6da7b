//! The checker of the fairest pairing.
#![expect(
    clippy::indexing_slicing,
    reason = "lengths and numbers are checked before they are used"
)]

use std::collections::BTreeSet;

use super::{
    super::{
        certificate::{FairCertificate, Pair},
        problem::Problem,
    },
    CheckError, POINTS_MAX, Used, Value, used,
};

/// What a pairing is worth, if it keeps the rules and the certificate proves it the fairest: no other has more
/// pairs, or as many and fewer at the lowest score at which the two differ.
///
/// # Errors
/// What is wrong first: the pairing, then the cover, then level by level the people and the edges.
pub fn check_fairest(
    problem: &Problem,
    pairs: &[Pair],
    certificate: &FairCertificate,
) -> Result<Value, CheckError> {
    let used = used(problem, pairs)?;
    let mut check = Check::new(problem, &used);
    let ones = |numbers: &[u32]| numbers.iter().map(|number| (*number, 1)).collect::<Vec<_>>();
    let cover = &certificate.cover;
    check.duals("cover", &ones(&cover.mentees), &ones(&cover.mentors))?;
    check.edges(|_| 1)?;
    let mut listed = BTreeSet::new();
    for level in &certificate.levels {
        if listed.last().is_some_and(|last| *last >= level.points) {
            return Err(CheckError::Malformed("levels"));
        }
        check.pass(&listed, level.points)?;
        check.duals("levels", &level.mentees, &level.mentors)?;
        check.edges(|points| -i64::from(points == level.points))?;
        listed.insert(level.points);
    }
    check.pass(&listed, i32::MAX)?;
    Ok(used.value)
}

struct Check<'a> {
    problem: &'a Problem,
    used: &'a Used,
    /// Edges whose profit, price and worth are equal in all places so far, with their mentee.
    open: Vec<(u32, usize)>,
    /// Whoever has a first place that is not 0; it is positive.
    positive: [Vec<bool>; 2],
    profits: Vec<i64>,
    prices: Vec<i64>,
}

impl<'a> Check<'a> {
    fn new(problem: &'a Problem, used: &'a Used) -> Self {
        let rows = (0..).take(problem.mentees());
        Self {
            problem,
            used,
            open: rows
                .flat_map(|mentee| problem.row(mentee as usize).map(move |edge| (mentee, edge)))
                .collect(),
            positive: [vec![false; problem.mentees()], vec![false; problem.mentors()]],
            profits: vec![0; problem.mentees()],
            prices: vec![0; problem.mentors()],
        }
    }

    /// The profits and prices of one place. Nobody's first number is negative, and whoever has room has none.
    fn duals(
        &mut self,
        name: &'static str,
        mentees: &[(u32, i64)],
        mentors: &[(u32, i64)],
    ) -> Result<(), CheckError> {
        self.profits.fill(0);
        self.prices.fill(0);
        let malformed = CheckError::Malformed(name);
        for (side, listed) in [mentees, mentors].into_iter().enumerate() {
            let duals = if side == 0 { &mut self.profits } else { &mut self.prices };
            for &(number, dual) in listed {
                let number = number as usize;
                let to = duals.get_mut(number).ok_or_else(|| malformed.clone())?;
                if dual == 0 || dual.abs() > POINTS_MAX || std::mem::replace(to, dual) != 0 {
                    return Err(malformed);
                }
                if std::mem::replace(&mut self.positive[side][number], true) {
                    continue;
                }
                if dual < 0 {
                    return Err(malformed);
                }
                let has_room = if side == 0 {
                    self.used.by_mentee[number] < self.problem.mentee_capacities()[number]
                } else {
                    self.used.by_mentor[number] < self.problem.mentor_capacities()[number]
                };
                match (has_room, side) {
                    (false, _) => {}
                    (true, 0) => return Err(CheckError::UnmatchedProfit(number)),
                    (true, _) => return Err(CheckError::UnfilledPrice(number)),
                }
            }
        }
        Ok(())
    }

    /// Compares the edges that are still open in one place, where a pair of these points is worth `worth`.
    fn edges(&mut self, worth: impl Fn(i32) -> i64) -> Result<(), CheckError> {
        let Self { problem, used, open, profits, prices, .. } = self;
        let mut wrong = None;
        open.retain(|&(mentee, edge)| {
            let mentor = problem.columns()[edge];
            let dual = profits[mentee as usize] + prices[mentor as usize];
            let above = dual - worth(problem.weights()[edge]);
            let pair = Pair { mentee, mentor };
            if above < 0 && !used.edges.has(edge) {
                wrong.get_or_insert(CheckError::Improves(pair));
            } else if above > 0 && used.edges.has(edge) {
                wrong.get_or_insert(CheckError::NotTight(pair));
            }
            above == 0
        });
        wrong.map_or(Ok(()), Err)
    }

    /// Goes over the places below `points` that have no level of their own. All is 0 there but the worth of
    /// the pairs of that score, which is -1.
    fn pass(&mut self, listed: &BTreeSet<i32>, points: i32) -> Result<(), CheckError> {
        let Self { problem, used, open, .. } = self;
        let mut wrong = None;
        open.retain(|&(mentee, edge)| {
            let own = problem.weights()[edge];
            let passed = own < points && !listed.contains(&own);
            if passed && used.edges.has(edge) {
                let mentor = problem.columns()[edge];
                wrong.get_or_insert(CheckError::NotTight(Pair { mentee, mentor }));
            }
            !passed
        });
        wrong.map_or(Ok(()), Err)
    }
}
