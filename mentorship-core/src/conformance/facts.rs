//! What only the host knows is asked again at each step on the way to a pair (row 11, D22).

use super::{
    Harness,
    make::{self, group, who},
    world::World,
};
use crate::{
    base::{id::ProgramId, text::Title},
    decide::{program::CreateProgram, proposal::Published},
    model::enrollment::Role,
    service::Attestation,
};

/// A program whose form asks for no membership, but still for trained mentors.
async fn without_the_member_rule(world: &World) -> ProgramId {
    let mut template = make::template();
    template.form.eligibility.retain(|rule| rule.key.as_str() != "member");
    let input = CreateProgram {
        group: group(),
        template,
        title: Title::new("Open waters").unwrap(),
        topic: None,
        zone: chrono_tz::Tz::Europe__Lisbon,
        window: None,
        policy: None,
    };
    let program = world.service.create_program(&world.admin(), input).await.unwrap();
    world.service.open_program(&world.admin(), program).await.unwrap();
    program
}

/// Row 11: a predicate that no longer holds stops staging, publishing and accepting; whoever was asked
/// hears the one neutral code.
pub async fn a_predicate_is_asked_again_at_offer_and_accept(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let admin = world.admin();
    let mentor = world.enroll(program, 1, Role::Mentor).await;
    let mentee = world.enroll(program, 2, Role::Mentee).await;
    let other = world.enroll(program, 3, Role::Mentor).await;
    let last = world.enroll(program, 4, Role::Mentee).await;
    let offered = world.offer(mentor, mentee).await;
    let staged = world.service.stage_proposal(&admin, other, last, None).await.unwrap();
    for n in [1, 3] {
        world.host.untrained(&who(n));
    }
    for n in [1, 2] {
        let accepted = world.service.accept(&world.person(n), offered).await;
        assert_eq!(World::code(accepted), "not_available");
    }
    let published = world.service.publish_proposal(&admin, staged.proposal).await;
    assert_eq!(World::code(published), "pair.not_allowed");
    let again = world.service.stage_proposal(&admin, other, mentee, None).await;
    assert_eq!(World::code(again), "pair.not_allowed");
}

/// D22: an age that the host does not know any more, or corrects to that of a minor, is not eligible at
/// offer and accept, whatever was stored at sign-up.
pub async fn an_age_is_asked_again_at_offer_and_accept(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let mentor = world.enroll(program, 1, Role::Mentor).await;
    let mentee = world.enroll(program, 2, Role::Mentee).await;
    let offered = world.offer(mentor, mentee).await;
    let tomorrow = world.now().date_naive().succ_opt();
    for adult_on in [None, tomorrow] {
        world.host.attest(&who(2), Attestation { adult_on, zone: None });
        let accepted = world.service.accept(&world.person(1), offered).await;
        assert_eq!(World::code(accepted), "not_available", "{adult_on:?}");
    }
    let known = Attestation { adult_on: Some(make::adult_date()), zone: None };
    world.host.attest(&who(2), known);
    world.accept(offered, 1, 2).await;
}

/// D22: the same when an application is approved.
pub async fn an_age_is_asked_again_at_approval(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|policy| policy.approval = true).await;
    let mentor = world.enroll(program, 1, Role::Mentor).await;
    world.host.attest(&who(1), Attestation::default());
    let approved = world.service.approve(&world.admin(), mentor).await;
    assert_eq!(World::code(approved), "not_eligible");
}

/// Row 17: a queued choice whose mentor may no longer take part is passed over.
pub async fn a_choice_who_is_no_longer_eligible_is_passed_over(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let admin = world.admin();
    let mut mentors = Vec::new();
    for n in 1..=3 {
        mentors.push(world.enroll(program, n, Role::Mentor).await);
    }
    let mentee = world.enroll(program, 9, Role::Mentee).await;
    let staged = world.service.stage_ranked(&admin, &mentors, mentee).await.unwrap();
    let drafts: Vec<_> = staged.into_iter().map(|one| one.unwrap().proposal).collect();
    world.service.publish_proposals(&admin, &drafts).await.unwrap();
    world.host.untrained(&who(2));
    world.service.decline(&world.person(1), drafts[0], None).await.unwrap();
    for (n, offers) in [(2, 0), (3, 1)] {
        let page = world.service.my_offers(&world.person(n), world.first_page()).await.unwrap();
        assert_eq!(page.items.len(), offers, "mentor {n}");
    }
}

/// Row 11: who is a member counts where a rule of the form asks for it, and nowhere else.
pub async fn membership_counts_where_a_rule_asks(h: Harness) {
    let world = World::new(h.store);
    let admin = world.admin();
    let programs = [world.program(|_| {}).await, without_the_member_rule(&world).await];
    let mut offers = Vec::new();
    for program in programs {
        let mentor = world.enroll(program, 1, Role::Mentor).await;
        let mentee = world.enroll(program, 2, Role::Mentee).await;
        offers.push(world.service.stage_proposal(&admin, mentor, mentee, None).await.unwrap());
    }
    world.host.leaves(&who(2));
    let asked = world.service.publish_proposal(&admin, offers[0].proposal).await;
    assert_eq!(World::code(asked), "pair.not_allowed");
    let open = world.service.publish_proposal(&admin, offers[1].proposal).await.unwrap();
    assert!(matches!(open, Published::Offered { .. }), "{open:?}");
}
