//! Any problem is solved with a certificate that its checker takes; stopped anywhere, the gap is true.

use mentorship_core::matching::{
    certificate::Objective,
    check::{Value, bound, check, check_fairest, feasible},
    solve::{Options, fairest, solve},
};

use crate::bytes::Bytes;

pub(crate) fn run(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let seed = u64::from(bytes.byte());
    let budget = u64::from(bytes.byte()) * 4;
    let Some(problem) = bytes.problem() else { return };
    let options = Options::default().seed(seed);
    let mut values = Vec::new();
    for objective in [Objective::MostPeople, Objective::BestTotal] {
        let found = solve(&problem, objective, &options);
        assert!(found.optimal && found.gap == 0, "{problem:?}");
        assert_eq!(check(&problem, &found.pairs, &found.certificate), Ok(found.value));
        let stopped = solve(&problem, objective, &options.budget(budget));
        assert_eq!(feasible(&problem, &stopped.pairs), Ok(stopped.value));
        let bonus = stopped.certificate.bonus;
        let reach = stopped.value.with_bonus(bonus) + i128::from(stopped.gap);
        assert!(bound(&problem, &stopped.certificate).unwrap() <= reach, "{problem:?}");
        assert!(found.value.with_bonus(bonus) <= reach, "{problem:?}");
        values.push(found.value);
    }
    let [most, best]: [Value; 2] = values.try_into().unwrap();
    assert!(most.matched >= best.matched && most.total <= best.total);

    let fair = fairest(&problem, &options);
    assert!(fair.optimal, "{problem:?}");
    assert_eq!(check_fairest(&problem, &fair.pairs, &fair.certificate), Ok(fair.value));
    assert!(fair.value.matched == most.matched && fair.value.total <= most.total);
}
