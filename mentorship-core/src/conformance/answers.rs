//! What partners read of each other's answers, and who stands in the directory.

use std::collections::BTreeSet;

use super::{
    Harness,
    make::{self, slug, who},
    official::intimate,
    privacy::open,
    world::{World, sign_up},
};
use crate::{
    base::{
        host::GroupId,
        id::{CaseId, EnrollmentId, ProgramId},
    },
    decide::{enrollment::Apply, report::ReportAsk},
    model::{answer::Answer, enrollment::Role, report::Target},
    policy::actor::Actor,
    service::{DirectoryEntry, Error, PageAsk},
};

async fn report(
    world: &World,
    program: ProgramId,
    by: &Actor,
    (subject, enrollment): (u64, EnrollmentId),
) -> Result<CaseId, Error> {
    let ask = ReportAsk::new(who(subject), slug("spam")).target(Target::Enrollment { enrollment });
    world.service.file_report(by, program, ask).await.map(|it| it.case)
}

/// D34, row 26: what the two are told of each other, and what is said to them, names no special-category rule and
/// holds no such answer, however much it counted for them and whatever they consented to.
pub async fn d34_a_partner_reads_no_special_category(h: Harness) {
    let world = World::new(h.store);
    let s = &world.service;
    let program = open(&world, intimate()).await;
    let mut places = Vec::new();
    for (n, role) in [(1, Role::Mentor), (2, Role::Mentee)] {
        let mut input = Apply { special_category: true, ..sign_up(role) };
        for key in ["health", "belief"] {
            input.answers = input.answers.with(slug(key), Answer::Single(slug("yes")));
        }
        let place = world.enroll_with(program, n, input).await.unwrap();
        s.show_to_group(&world.person(n), place, true).await.unwrap();
        places.push(place);
    }
    let best = s.candidates(&world.admin(), places[1], 5).await.unwrap().ranked.remove(0);
    assert!(best.reasons.iter().any(|it| it.rule == slug("private") && it.points == 300));
    let offer = world.offer(places[0], places[1]).await;
    let mut told = Vec::new();
    for n in [1, 2] {
        let offers = s.my_offers(&world.person(n), world.first_page()).await.unwrap();
        let reasons = &offers.items[0].reasons;
        assert!(reasons.iter().any(|it| it.rule == slug("wanted")), "{reasons:?}");
        assert!(reasons.iter().all(|it| (it.points, it.most) == (0, 0)), "no number to guess by");
        told.push(format!("{offers:?}"));
    }
    let pair = world.accept(offer, 1, 2).await;
    for n in [1, 2] {
        let me = world.person(n);
        let answers = s.partner_answers(&me, pair).await.unwrap();
        let directory = s.directory(&me, program, None, world.first_page()).await.unwrap();
        assert_eq!(directory.items.len(), 2);
        told.push(format!("{answers:?} {directory:?} {:?}", s.pair(&me, pair).await.unwrap().card));
    }
    told.push(format!("{:?}", world.messages().await));
    for words in ["health", "belief", "private"] {
        assert!(told.iter().all(|it| !it.contains(words)), "{words}: {told:#?}");
    }
}

/// The directory as somebody reads it, in pages of this size. Every page but the last is full, and ends at somebody
/// who is shown.
async fn pages(
    world: &World,
    actor: &Actor,
    program: ProgramId,
    limit: u16,
) -> Vec<DirectoryEntry> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let ask = PageAsk { limit, after };
        let page = world.service.directory(actor, program, None, ask).await.unwrap();
        let full = page.items.len() == usize::from(limit);
        assert!(full || page.next.is_none(), "a gap where somebody is hidden");
        let ends = page.next.as_ref().map(|it| it.id.clone());
        all.extend(page.items);
        let last = all.last().map(|it| it.enrollment.to_string());
        assert!(ends.is_none() || ends == last, "a cursor tells of nobody else");
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

/// D6, I10: whoever blocks or is blocked is left out before a page is cut, and is answered, asked for by name, as
/// anybody who is hidden for another reason and as nobody. A wish not to be matched changes nothing.
pub async fn d6_a_directory_has_no_gaps_where_somebody_is_hidden(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let (s, reader) = (&world.service, world.person(30));
    let mut places = Vec::new();
    for n in 1..=12 {
        let role = if n % 2 == 1 { Role::Mentor } else { Role::Mentee };
        let place = world.enroll(program, n, role).await;
        s.show_to_group(&world.person(n), place, true).await.unwrap();
        places.push(place);
    }
    let place = |n: u64| places[usize::try_from(n).unwrap() - 1];
    s.block(&reader, &who(1)).await.unwrap();
    s.block(&world.person(4), &who(30)).await.unwrap();
    s.block(&world.person(12), &who(30)).await.unwrap();
    s.pause_enrollment(&world.person(5), place(5), None).await.unwrap();
    s.set_capacity(&world.person(6), place(6), 0).await.unwrap();
    s.hold_enrollment(&world.staff(), place(7)).await.unwrap();
    s.withdraw_enrollment(&world.person(8), place(8)).await.unwrap();
    s.show_to_group(&world.person(9), place(9), false).await.unwrap();
    s.avoid(&world.person(2), &who(30), true).await.unwrap();
    s.avoid(&reader, &who(3), true).await.unwrap();
    let shown = [2, 3, 10, 11];
    for limit in [1, 2, 3, 4, 5, 50] {
        let read: BTreeSet<_> = pages(&world, &reader, program, limit)
            .await
            .into_iter()
            .map(|it| (it.enrollment, it.person))
            .collect();
        assert_eq!(read, shown.map(|n| (place(n), who(n))).into());
    }
    let mut answers = BTreeSet::new();
    for n in [1, 4, 5, 6, 7, 8, 9, 12] {
        let error = s.directory_entry(&reader, place(n)).await.unwrap_err();
        answers.insert(format!("{} {:?} {error}", error.code(), error.params()));
    }
    let error = s.directory_entry(&reader, make::id(4_242)).await.unwrap_err();
    answers.insert(format!("{} {:?} {error}", error.code(), error.params()));
    assert_eq!(answers.len(), 1, "{answers:?}");
    // Neither can what is hidden be reported by what it says.
    for n in [4, 5, 9, 12] {
        let filed = report(&world, program, &reader, (n, place(n))).await;
        assert_eq!(World::code(filed), "not_found");
    }
    // Whoever blocks first has read it before, and reports it all the same (D11).
    report(&world, program, &reader, (1, place(1))).await.unwrap();
    let mentors = s.directory(&reader, program, Some(Role::Mentor), world.first_page()).await;
    let mentors: Vec<_> = mentors.unwrap().items.into_iter().map(|it| it.person).collect();
    assert_eq!(mentors, [who(3), who(11)]);
    // To others it is the block of somebody else.
    assert_eq!(pages(&world, &world.person(31), program, 2).await.len(), 7);
    let own = s.directory_entry(&world.person(2), place(2)).await.unwrap();
    assert_eq!(own.person, who(2), "one's own entry, as others see it");
}

/// The directory is for members of the group while the program is open, and for its admins, for whom nobody is there
/// with whom a block stands (D9).
pub async fn a_directory_is_for_the_group(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|policy| policy.approval = true).await;
    let (s, admin) = (&world.service, world.admin());
    let place = world.enroll(program, 1, Role::Mentor).await;
    s.show_to_group(&world.person(1), place, true).await.unwrap();
    assert!(pages(&world, &world.person(3), program, 5).await.is_empty(), "nobody has approved it");
    s.approve(&admin, place).await.unwrap();
    for actor in [&admin, &world.person(1), &world.person(3)] {
        assert_eq!(pages(&world, actor, program, 5).await.len(), 1);
    }
    let nothing = async |actor: &Actor| {
        let page = s.directory(actor, program, None, world.first_page()).await;
        assert_eq!(World::code(page), "not_found");
        assert_eq!(World::code(s.directory_entry(actor, place).await), "not_found");
    };
    let others = GroupId::try_from("rowers").unwrap();
    nothing(&Actor::group_admin(world.tenant.clone(), who(3), others)).await;
    nothing(&world.staff()).await;
    nothing(&world.host_actor()).await;
    world.host.leaves(&who(3));
    nothing(&world.person(3)).await;
    s.block(&world.person(1), &who(900)).await.unwrap();
    assert!(pages(&world, &admin, program, 5).await.is_empty());
    assert_eq!(pages(&world, &world.other_admin(), program, 5).await.len(), 1);
    s.wind_down_program(&admin, program).await.unwrap();
    nothing(&world.person(4)).await;
}
