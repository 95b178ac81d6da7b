//! A solve that is stopped at any moment gives a pairing that keeps the rules, and a true gap.

use std::ops::ControlFlow;

use mentorship_core::matching::{
    certificate::Objective,
    check::{bound, check, feasible},
    problem::{Edge, Problem},
    solve::{Control, Options, Progress, Stage, solve, solve_watched},
};
use proptest::prelude::*;

use crate::brute::small;

const OBJECTIVES: [Objective; 2] = [Objective::MostPeople, Objective::BestTotal];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_budget_of_any_size_gives_a_true_gap(small in small(true), budget in 0..600_u64) {
        let problem = small.problem();
        for objective in OBJECTIVES {
            let stopped = solve(&problem, objective, &Options::default().budget(budget));
            prop_assert_eq!(feasible(&problem, &stopped.pairs), Ok(stopped.value));
            let bonus = stopped.certificate.bonus;
            let value = stopped.value.with_bonus(bonus);
            let reach = value + i128::from(stopped.gap);
            prop_assert_eq!(bound(&problem, &stopped.certificate), Ok(reach));
            let best = solve(&problem, objective, &Options::default());
            prop_assert!(best.value.with_bonus(bonus) <= reach);
            if stopped.optimal {
                prop_assert_eq!(best.value.with_bonus(bonus), value);
                prop_assert!(check(&problem, &stopped.pairs, &stopped.certificate).is_ok());
            }
        }
    }
}

/// Each mentee has 12 of 300 mentors, with 50 levels of points.
fn middle() -> Problem {
    let mut edges = Vec::new();
    for mentee in 0..300_u32 {
        for step in 0..12_u32 {
            let mentor = (mentee * 7 + step * step * 5 + step) % 300;
            if edges.iter().all(|it: &Edge| (it.mentee, it.mentor) != (mentee, mentor)) {
                let weight = i32::try_from((mentee * 31 + mentor * 17 + step) % 50).unwrap();
                edges.push(Edge { mentee, mentor, weight });
            }
        }
    }
    Problem::new(300, vec![1; 300], &edges).unwrap()
}

#[test]
fn a_larger_budget_ends_optimal_and_a_smaller_one_says_so() {
    let problem = middle();
    for objective in OBJECTIVES {
        let best = solve(&problem, objective, &Options::default());
        assert!(best.optimal);
        let all = best.operations();
        let mut unfinished = 0;
        for part in 0..40 {
            let stopped = solve(&problem, objective, &Options::default().budget(all * part / 40));
            assert_eq!(feasible(&problem, &stopped.pairs), Ok(stopped.value));
            let bonus = stopped.certificate.bonus;
            let reach = stopped.value.with_bonus(bonus) + i128::from(stopped.gap);
            assert!(best.value.with_bonus(bonus) <= reach);
            unfinished += u32::from(!stopped.optimal);
        }
        // Some are proven best before everything is done.
        assert!(unfinished >= 10, "only {unfinished} of 40 budgets ran out");
        let enough = solve(&problem, objective, &Options::default().budget(all));
        assert_eq!(enough.pairs, best.pairs);
    }
}

#[test]
fn a_control_sees_progress_and_its_break_is_final() {
    let problem = middle();
    for objective in OBJECTIVES {
        let mut seen: Vec<Progress> = Vec::new();
        let whole =
            solve_watched(&problem, objective, &Options::default(), &mut |it: &Progress| {
                seen.push(*it);
                ControlFlow::Continue(())
            });
        assert_eq!(whole, solve(&problem, objective, &Options::default()));
        assert!(seen.len() >= 4, "one look after each phase at least");
        assert!(seen.windows(2).all(|two| two[0].operations <= two[1].operations));
        let best = whole.value.with_bonus(whole.certificate.bonus);
        let last = seen.last().unwrap();
        assert!(last.value <= best && best <= last.bound);
        assert!(last.value > 0);
        for (stop_at, at_stop) in seen.iter().enumerate() {
            let mut looks = 0;
            let stopped =
                solve_watched(&problem, objective, &Options::default(), &mut |_: &Progress| {
                    looks += 1;
                    if looks > stop_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                });
            assert_eq!(looks, stop_at + 1, "no look after a break");
            assert_eq!(feasible(&problem, &stopped.pairs), Ok(stopped.value));
            let bonus = stopped.certificate.bonus;
            let value = stopped.value.with_bonus(bonus);
            assert!(whole.value.with_bonus(bonus) <= value + i128::from(stopped.gap));
            assert!(value >= at_stop.value || bonus != at_stop.bonus);
        }
    }
}

/// Notes the stages, and wants to know nothing else.
#[derive(Default)]
struct Stages(Vec<Stage>);

impl Control for Stages {
    fn poll(&mut self, progress: &Progress) -> ControlFlow<()> {
        assert_eq!((progress.value, progress.bound), (0, i128::MAX), "nobody wants to know");
        ControlFlow::Continue(())
    }

    fn begin(&mut self, stage: Stage) {
        self.0.push(stage);
    }

    fn follows(&self) -> bool {
        false
    }
}

#[test]
fn whoever_only_takes_the_time_is_told_each_stage_and_changes_nothing() {
    let problem = middle();
    for objective in OBJECTIVES {
        let mut stages = Stages::default();
        let watched = solve_watched(&problem, objective, &Options::default(), &mut stages);
        assert_eq!(watched, solve(&problem, objective, &Options::default()));
        let mut once = stages.0.clone();
        once.sort_by_key(|stage| stages.0.iter().position(|it| it == stage));
        once.dedup();
        let reported: Vec<_> = watched.stages.iter().map(|it| it.stage).collect();
        assert_eq!(once, reported);
    }
}
