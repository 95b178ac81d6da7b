//! Another round of the same two (row 42).

use super::{Harness, world::World};
use crate::model::{enrollment::Role, pair::EndKind};

/// Row 42: whoever left the program and signed up again is asked in the new enrolment; the new pair
/// names the old one.
pub async fn two_who_signed_up_again_have_another_round(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    let page = world.service.my_enrollments(&world.person(2), world.first_page()).await.unwrap();
    let old = page.items[0].id;
    world.service.withdraw_enrollment(&world.person(2), old).await.unwrap();
    let gone = world.service.restart_pair(&world.person(1), pair).await;
    assert_eq!(World::code(gone), "not_available", "one of the two does not take part");
    let new = world.enroll(program, 2, Role::Mentee).await;
    let asked = world.service.restart_pair(&world.person(1), pair).await.unwrap();
    let accepted = world.service.accept(&world.person(2), asked.proposal).await.unwrap();
    let again = accepted.pair.expect("both have said yes");
    let details = super::census::census(&*world.store, &world.tenant).await;
    let second = &details.pairs[&again];
    assert_eq!((second.mentee.enrollment, second.previous_pair), (new, Some(pair)));
    assert_ne!(new, old);
    // And once more, both from where they are.
    let kind = EndKind::NoTime;
    world.service.end_pair(&world.person(1), again, kind, None, false).await.unwrap();
    world.service.restart_pair(&world.person(2), again).await.unwrap();
}
