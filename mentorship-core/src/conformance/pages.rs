//! What a page tells besides what it holds: how much, and where it goes on.

use super::{
    Harness,
    make::{self, group, slug, who},
    official::Watched,
    world::World,
};
use crate::{
    base::id::EnrollmentId,
    change::{ChangeSet, Key},
    model::enrollment::Role,
    service::PageAsk,
    store::PAGE_MAX,
};

/// All that a list holds is the same in pages of every size, of which only the last is not full; each goes on
/// after the last of what it holds, which is what its cursor names. Of a macro because a future that is given
/// as a function is not known to be sent.
macro_rules! without_gaps {
    ($what:literal, $id:ident, |$page:ident| $read:expr) => {{
        let $page = PageAsk { limit: 500, after: None };
        let all = $read.await.unwrap();
        assert_eq!(all.next, None, $what);
        for limit in [1, 2, 3, 7] {
            let (mut after, mut found) = (None, Vec::new());
            loop {
                let $page = PageAsk { limit, after };
                let page = $read.await.unwrap();
                if let Some(next) = &page.next {
                    assert_eq!(page.items.len(), usize::from(limit), "{}: is short", $what);
                    let last = page.items.last().unwrap().$id.to_string();
                    assert_eq!(next.id, last, "{}: goes on after what is shown", $what);
                }
                after = page.next;
                found.extend(page.items);
                if after.is_none() {
                    break;
                }
                assert!(found.len() < all.items.len(), "{}: the last one says so", $what);
            }
            assert_eq!(found, all.items, "{} in pages of {limit}", $what);
        }
        all.items
    }};
}

/// D6, D9, I10: no page of an admin tells by its length, by its end or by where it goes on of somebody with
/// whom a block stands.
pub async fn d6_an_admins_pages_have_no_gap_where_somebody_is_hidden(h: Harness) {
    let watched = Watched::set(World::new(h.store)).await;
    watched.block_the_admin().await;
    let (s, admin, of) = (&watched.world.service, watched.world.admin(), watched.program);
    let places =
        without_gaps!("enrollments", id, |page| s.enrollments(&admin, of, None, None, page));
    let mut who: Vec<_> = places.iter().map(|it| it.person.clone()).collect();
    who.sort();
    assert_eq!(who, [1, 2, 4, 5, 8].map(make::who), "3, 6 and 7 are not there");
    let mentees = without_gaps!("mentees", id, |page| s.enrollments(
        &admin,
        of,
        Some(Role::Mentee),
        Some(slug("active")),
        page
    ));
    assert_eq!(mentees.len(), 3);
    let pairs = without_gaps!("pairs", pair, |page| s.pairs(&admin, of, None, page));
    assert_eq!(pairs.len(), 1);
    let proposals = without_gaps!("proposals", id, |page| s.proposals(&admin, of, None, page));
    assert_eq!(proposals.len(), 1);
    let audit = without_gaps!("audit", id, |page| s.program_audit(&admin, of, page));
    assert!(audit.len() > 5);
}

/// D9: a page of testimonials is as many pairs, and none of them one of somebody whom the admin does not meet.
pub async fn d9_a_page_of_testimonials_goes_on_after_a_pair_that_is_shown(h: Harness) {
    let watched = Watched::set(World::new(h.store)).await;
    let (s, admin, of) = (&watched.world.service, watched.world.admin(), watched.program);
    let ask = || PageAsk { limit: 1, after: None };
    let before = s.testimonials(&admin, of, ask()).await.unwrap();
    assert!(before.next.is_some(), "there are two pairs");
    watched.block_the_admin().await;
    assert_eq!(s.testimonials(&admin, of, ask()).await.unwrap().next, None, "there is one");
}

/// D31: what was staged about an admin who takes part leaves no gap in what they read of the others.
pub async fn d31_an_admins_pages_have_no_gap_where_they_are_staged(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let (s, other) = (&world.service, world.other_admin());
    let mut mentors: Vec<EnrollmentId> = Vec::new();
    for n in [900, 1, 2] {
        let place = world.enroll(program, n, Role::Mentor).await;
        mentors.push(place);
    }
    for (mentor, n) in mentors.into_iter().zip(10..) {
        let mentee = world.enroll(program, n, Role::Mentee).await;
        s.stage_proposal(&other, mentor, mentee, None).await.unwrap();
        world.days(1);
    }
    let admin = world.admin();
    let seen = without_gaps!("proposals", id, |page| s.proposals(&admin, program, None, page));
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|it| it.side_of(&who(900)).is_none()));
}

/// (c): of a draft its people do not hear by a gap among their offers either, nor members of a group by one
/// among its programs.
pub async fn what_is_a_draft_leaves_no_gap(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let s = &world.service;
    let mentee = world.enroll(program, 1, Role::Mentee).await;
    for n in 2..5 {
        let mentor = world.enroll(program, n, Role::Mentor).await;
        let staged = s.stage_proposal(&world.admin(), mentor, mentee, None).await.unwrap();
        if n == 3 {
            s.publish_proposal(&world.admin(), staged.proposal).await.unwrap();
        }
        s.withdraw_proposal(&world.admin(), staged.proposal).await.unwrap();
        world.days(1);
    }
    let me = world.person(1);
    let offers = without_gaps!("offers", proposal, |page| s.my_offers(&me, page));
    assert_eq!(offers.len(), 1);
    for _ in 0..2 {
        world.days(1);
        world.draft(|_| {}).await;
    }
    world.days(1);
    let last = world.program(|_| {}).await;
    world.draft(|_| {}).await;
    let programs = without_gaps!("programs", id, |page| s.programs(&me, &group(), page));
    assert_eq!(programs.iter().map(|it| it.id).collect::<Vec<_>>(), [program, last]);
}

/// No page of one's own log holds more than any other page may, however much is asked for.
pub async fn a_page_of_ones_own_log_is_bounded(h: Harness) {
    let world = World::new(h.store);
    let mut set = ChangeSet::new(world.tenant.clone());
    let most = u64::from(PAGE_MAX);
    set.audit.extend(
        (1..=most + 5).map(|n| make::event(n, Key::Person(who(1)), make::after(n.cast_signed()))),
    );
    let _ = world.store.unit().await.unwrap().apply(set).await.unwrap();
    let (s, me) = (&world.service, world.person(1));
    let first = s.my_audit(&me, PageAsk { limit: u16::MAX, after: None }).await.unwrap();
    assert_eq!(first.items.len(), usize::from(PAGE_MAX));
    let rest = s.my_audit(&me, PageAsk { limit: u16::MAX, after: first.next }).await.unwrap();
    assert_eq!((rest.items.len(), rest.next), (5, None));
}
