//! What admins of groups do, told to the platform where the host asks for it.

use std::collections::BTreeMap;

use super::{
    Harness,
    make::{id, slug, who},
    world::World,
};
use crate::{
    decide::report::ReportAsk,
    model::{
        enrollment::Role,
        event::Audience,
        report::{Priority, Tier},
    },
    service::ProposedPair,
};

/// The codes of the acts of admins that were told since the last look, and how often. None is told to anybody but
/// staff, and none names anybody.
async fn told(world: &World) -> BTreeMap<String, u32> {
    let mut acts = BTreeMap::new();
    for it in world.messages().await {
        let it = it.message;
        if it.kind == slug("admin.acted") {
            assert_eq!((&it.to, it.program.is_some()), (&Audience::Staff, true));
            assert_eq!((it.between, it.proposal, it.pair, it.case), (None, None, None, None));
            *acts.entry(it.code.unwrap().as_str().to_owned()).or_default() += 1;
        }
    }
    acts
}

fn acts<const N: usize>(all: [(&str, u32); N]) -> BTreeMap<String, u32> {
    all.into_iter().map(|(code, count)| (code.to_owned(), count)).collect()
}

/// Whatever an admin changes is told to the platform in the same write, once for each command and once for many that
/// are written together; what was refused, given twice or only read is not, nor what others do.
pub async fn what_admins_change_is_told_to_the_platform(h: Harness) {
    let world = World::new(h.store).overseen();
    let (s, admin) = (&world.service, world.admin());
    let program = world.program(|policy| policy.approval = true).await;
    assert_eq!(told(&world).await, acts([("program.create", 1), ("program.open", 1)]));
    let mut places = Vec::new();
    for n in 1..=8 {
        let role = if n <= 4 { Role::Mentor } else { Role::Mentee };
        places.push(world.enroll(program, n, role).await);
    }
    assert_eq!(told(&world).await, acts([]), "what members do is theirs");
    for place in &places {
        s.approve(&admin, *place).await.unwrap();
    }
    assert_eq!(told(&world).await, acts([("enrollment.approve", 8)]));
    let again = admin.clone().with_command(id(77));
    for _ in 0..2 {
        s.stage_proposal(&again, places[0], places[4], None).await.unwrap();
    }
    assert_eq!(told(&world).await, acts([("proposal.stage", 1)]), "one command, one message");
    // Refused: staged already, and somebody else's program.
    assert!(s.stage_proposal(&admin, places[0], places[4], None).await.is_err());
    s.block(&world.person(2), &who(6)).await.unwrap();
    assert!(s.stage_proposal(&admin, places[1], places[5], None).await.is_err());
    s.pairs(&admin, program, None, world.first_page()).await.unwrap();
    s.program_audit(&admin, program, world.first_page()).await.unwrap();
    assert_eq!(told(&world).await, acts([]));
    let list = [(2, 6), (3, 7)]
        .map(|(mentor, mentee)| ProposedPair { mentor: places[mentor], mentee: places[mentee] });
    let staged = s.stage_proposals(&admin, &list).await.unwrap();
    assert!(staged.iter().all(Result::is_ok), "{staged:?}");
    assert_eq!(told(&world).await, acts([("proposal.stage", 1)]), "many that are written together");
    // A host that did not ask is told nothing, and neither is staff of what staff does.
    let quiet = world.over(world.store.clone());
    quiet.service.wind_down_program(&quiet.admin(), program).await.unwrap();
    s.suspend_program(&world.staff(), program).await.unwrap();
    assert_eq!(told(&world).await, acts([]));
}

/// What an admin writes in two programs at once is told of each, once, and of no other.
pub async fn what_admins_change_in_two_programs_is_told_of_each(h: Harness) {
    let world = World::new(h.store).overseen();
    let (s, admin) = (&world.service, world.admin());
    let (mut programs, mut list) = (Vec::new(), Vec::new());
    for of in [0, 20, 40] {
        let program = world.program(|_| {}).await;
        // Others in each, so that nothing keeps what is staged in two programs from being written together.
        for n in [of + 1, of + 2] {
            let mentor = world.enroll(program, n, Role::Mentor).await;
            let mentee = world.enroll(program, n + 10, Role::Mentee).await;
            list.push((program, ProposedPair { mentor, mentee }));
        }
        programs.push(program);
    }
    drop(world.messages().await);
    let here = |program| list.iter().filter(move |it| it.0 == program).map(|it| it.1);
    let list: Vec<_> = here(programs[0]).chain(here(programs[1])).collect();
    let staged = s.stage_proposals(&admin, &list).await.unwrap();
    assert!(staged.iter().all(Result::is_ok), "{staged:?}");
    let mut of = Vec::new();
    for it in world.messages().await {
        let it = it.message;
        if it.kind == slug("admin.acted") {
            assert_eq!((it.to, it.code), (Audience::Staff, Some(slug("proposal.stage"))));
            of.push(it.program.unwrap());
        }
    }
    of.sort_unstable();
    let mut both = programs[..2].to_vec();
    both.sort_unstable();
    assert_eq!(of, both);
}

/// D12: a case that is the group's alone shows in no act of its admins.
pub async fn d12_no_act_of_an_admin_tells_of_a_case_of_the_group(h: Harness) {
    let world = World::new(h.store).overseen();
    let (s, admin) = (&world.service, world.other_admin());
    let program = world.program(|_| {}).await;
    world.pair(program, 1, 2).await;
    drop(world.messages().await);
    let report = ReportAsk::new(who(1), slug("scam")).recipient(Tier::Group);
    let case = s.file_report(&world.person(2), program, report).await.unwrap().case;
    s.triage_case(&admin, case, &slug("scam"), Priority::P2).await.unwrap();
    s.take_case(&admin, case).await.unwrap();
    s.take_interim(&admin, case, crate::model::report::InterimAsk::FreezePair).await.unwrap();
    let witness = ReportAsk::new(who(3), slug("scam")).recipient(Tier::Group);
    s.file_report(&admin, program, witness).await.unwrap();
    assert_eq!(told(&world).await, acts([]));
}
