//! Whatever happens to a pairing, it stays the best one, and an ask that cannot be leaves it as it was.

use mentorship_core::{
    matching::{
        certificate::Objective,
        check::check,
        dynamic::DynamicMatching,
        solve::{Options, solve},
    },
    model::enrollment::Role,
};

use crate::bytes::Bytes;

/// Most things that happen: each is followed by a check and a solve anew.
const CHANGES: usize = 40;

/// One change; numbers may be of people who left or never were.
fn change(pairing: &mut DynamicMatching, bytes: &mut Bytes<'_>) {
    let role = if bytes.below(2) == 0 { Role::Mentee } else { Role::Mentor };
    let kind = bytes.below(6);
    let (who, other) = (bytes.below(16), bytes.below(16));
    let before = (pairing.value(), pairing.pairs());
    let done = match kind {
        0 => {
            let capacity = bytes.below(4);
            let suits: Vec<(u32, i32)> =
                (0..bytes.below(6)).map(|_| (bytes.below(16), bytes.weight())).collect();
            pairing.join(role, capacity, &suits).map(|it| it.1)
        }
        1 => pairing.leave(role, who),
        2 => pairing.set_capacity(role, who, bytes.below(4)),
        3 => pairing.forbid(who, other),
        4 => pairing.allow(who, other, bytes.weight()),
        _ => pairing.settle(who, other),
    };
    if done.is_err() {
        assert_eq!((pairing.value(), pairing.pairs()), before, "{done:?}");
    }
}

pub(crate) fn run(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let objective = if bytes.below(2) == 0 { Objective::MostPeople } else { Objective::BestTotal };
    let Some(problem) = bytes.problem() else { return };
    let solution = solve(&problem, objective, &Options::default());
    let mut pairing = DynamicMatching::new(&problem, &solution).unwrap();
    for _ in 0..CHANGES {
        if !bytes.more() {
            break;
        }
        change(&mut pairing, &mut bytes);
        let problem = pairing.problem();
        let value = pairing.value();
        assert_eq!(check(&problem, &pairing.pairs(), &pairing.certificate()), Ok(value));
        let anew = solve(&problem, objective, &Options::default()).value;
        assert_eq!(anew.total, value.total, "{problem:?}");
        if objective == Objective::MostPeople {
            assert_eq!(anew.matched, value.matched, "{problem:?}");
        }
    }
}
