//! D33: oversight tightens at once and for everybody, and widens only for those who said yes to it; so does who sees
//! what somebody has answered.

use super::{
    Harness,
    make::{self, slug},
    world::{World, sign_up},
};
use crate::{
    base::{
        id::{PairId, ProgramId, ProposalId},
        text::Body,
    },
    decide::{
        enrollment::{Apply, RenewConsent},
        program::EditProgram,
    },
    model::{
        enrollment::Role,
        program::{Oversight, ProgramPolicy},
    },
};

async fn set(world: &World, program: ProgramId, change: impl FnOnce(&mut ProgramPolicy)) {
    let details = world.service.program(&world.admin(), program).await.unwrap();
    let mut policy = details.program.policy;
    change(&mut policy);
    let input = EditProgram { policy: Some(policy), ..EditProgram::default() };
    world.service.edit_program(&world.admin(), program, input).await.unwrap();
}

/// Whether the admin reads the pair, which the banner to both has to say.
async fn admin_reads(world: &World, pair: PairId) -> bool {
    let thread = world.service.thread(&world.admin(), pair, None, world.first_page()).await;
    let banner = world.service.pair(&world.person(1), pair).await.unwrap().supervised;
    assert_eq!(banner, thread.is_ok(), "the banner says who reads");
    banner
}

/// A program that discloses supervision, with a pair of people who agreed to it.
async fn supervised(world: &World) -> (ProgramId, PairId) {
    let program = world.program(|policy| policy.oversight = Oversight::Supervised).await;
    let offer = agreed(world, program).await;
    (program, world.accept(offer, 1, 2).await)
}

/// An offer to two who agreed to supervision.
async fn agreed(world: &World, program: ProgramId) -> ProposalId {
    let mut places = Vec::new();
    for (n, role) in [(1, Role::Mentor), (2, Role::Mentee)] {
        let input = Apply { oversight: Oversight::Supervised, ..sign_up(role) };
        places.push(world.enroll_with(program, n, input).await.unwrap());
    }
    world.offer(places[0], places[1]).await
}

/// D33: what is disclosed no longer is read no longer, in pairs that live too.
pub async fn d33_tightening_holds_for_live_pairs_at_once(h: Harness) {
    let world = World::new(h.store);
    let (program, pair) = supervised(&world).await;
    assert!(admin_reads(&world, pair).await);
    set(&world, program, |policy| policy.oversight = Oversight::PairOnly).await;
    assert!(!admin_reads(&world, pair).await);
}

/// D33: words that were written while nobody read stay between the two, whatever the program says next.
pub async fn d33_what_is_written_unread_is_never_read_by_widening_again(h: Harness) {
    let world = World::new(h.store);
    let (program, pair) = supervised(&world).await;
    set(&world, program, |policy| policy.oversight = Oversight::PairOnly).await;
    set(&world, program, |policy| policy.oversight = Oversight::Supervised).await;
    assert!(admin_reads(&world, pair).await, "both agreed, and nothing was written between");
    set(&world, program, |policy| policy.oversight = Oversight::PairOnly).await;
    let body = Body::new("Between us.").unwrap();
    let me = world.person(1);
    world.service.post(&me, pair, &slug("hello"), None, body).await.unwrap();
    set(&world, program, |policy| policy.oversight = Oversight::Supervised).await;
    assert!(!admin_reads(&world, pair).await);
}

/// D33: a pair rests on what held when it was formed.
pub async fn d33_a_pair_formed_after_tightening_is_never_read(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|policy| policy.oversight = Oversight::Supervised).await;
    let offer = agreed(&world, program).await;
    set(&world, program, |policy| policy.oversight = Oversight::ReportedOnly).await;
    let pair = world.accept(offer, 1, 2).await;
    // Widening again is no consent of those two.
    set(&world, program, |policy| policy.oversight = Oversight::Supervised).await;
    assert!(!admin_reads(&world, pair).await);
}

/// D33: one yes is not enough, and none reaches back into a pair that lives.
pub async fn d33_widening_needs_a_yes_of_both(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|policy| policy.max_mentee_capacity = 2).await;
    let mentor = world.enroll(program, 1, Role::Mentor).await;
    let mentee = world.enroll(program, 2, Role::Mentee).await;
    set(&world, program, |policy| {
        policy.oversight = Oversight::Supervised;
        policy.consent_version = 2;
    })
    .await;
    let yes = RenewConsent {
        consent_version: 2,
        oversight: Oversight::Supervised,
        special_category: false,
    };
    let service = &world.service;
    service.renew_consent(&world.person(1), mentor, yes).await.unwrap();
    let offer = world.offer(mentor, mentee).await;
    let pair = world.accept(offer, 1, 2).await;
    assert!(!admin_reads(&world, pair).await, "the mentee has not said yes");

    service.renew_consent(&world.person(2), mentee, yes).await.unwrap();
    assert!(!admin_reads(&world, pair).await, "a live pair keeps its rule");
    let application = service.application(&world.person(2), mentee).await.unwrap();
    assert_eq!(application.enrollment.consent.policy_version, 2);
    assert_eq!(application.enrollment.consent.at, world.now());

    service.complete_pair(&world.person(2), pair).await.unwrap();
    let again = service.restart_pair(&world.person(1), pair).await.unwrap();
    let pair = service.accept(&world.person(2), again.proposal).await.unwrap().pair.unwrap();
    assert!(admin_reads(&world, pair).await, "both said yes before this one began");
}

/// D33: nobody consents for somebody else, to another text or another mode, or after the end.
pub async fn d33_consent_is_ones_own_and_to_what_the_program_says_now(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let mentor = world.enroll(program, 1, Role::Mentor).await;
    let service = &world.service;
    let yes = RenewConsent {
        consent_version: 1,
        oversight: Oversight::ReportedOnly,
        special_category: true,
    };
    for other in [world.person(2), world.admin(), world.staff(), world.host_actor()] {
        let outcome = service.renew_consent(&other, mentor, yes).await;
        assert_eq!(World::code(outcome), "not_found");
    }
    for wrong in [
        RenewConsent { consent_version: 2, ..yes },
        RenewConsent { oversight: Oversight::Supervised, ..yes },
    ] {
        let outcome = service.renew_consent(&world.person(1), mentor, wrong).await;
        assert_eq!(outcome.unwrap_err().params()["field"], "consent");
    }
    service.renew_consent(&world.person(1), mentor, yes).await.unwrap();
    service.withdraw_enrollment(&world.person(1), mentor).await.unwrap();
    let outcome = service.renew_consent(&world.person(1), mentor, yes).await;
    assert_eq!(World::code(outcome), "state.not_allowed");
}

/// D33: who sees an answer is not widened under anybody: questions stay what they were once a program is open, and
/// the directory shows whoever says so after having agreed to the text that holds then.
pub async fn d33_a_wider_audience_needs_ones_own_yes(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let place = world.enroll(program, 1, Role::Mentor).await;
    let early = world.enroll(program, 2, Role::Mentee).await;
    let (s, me, admin) = (&world.service, world.person(1), world.admin());
    let listed = async || {
        let page = s.directory(&world.person(3), program, None, world.first_page()).await.unwrap();
        page.items.iter().map(|it| it.enrollment).collect::<Vec<_>>()
    };
    let mut wider = make::template().form;
    for question in &mut wider.questions {
        question.visible_to = crate::model::form::VisibleTo::Group;
    }
    assert_eq!(World::code(s.revise_form(&admin, program, wider).await), "state.not_allowed");

    assert_eq!(listed().await, [], "nobody is shown who has not said so");
    s.show_to_group(&world.person(2), early, true).await.unwrap();
    set(&world, program, |policy| policy.consent_version = 2).await;
    assert_eq!(listed().await, [early], "what was agreed to holds on");
    let refused = s.show_to_group(&me, place, true).await.unwrap_err();
    assert_eq!(refused.params()["field"], "consent");
    assert_eq!(listed().await, [early], "the old rule holds");
    s.show_to_group(&me, place, false).await.unwrap();
    let oversight = make::template().policy.oversight;
    let yes = RenewConsent { consent_version: 2, oversight, special_category: false };
    s.renew_consent(&me, place, yes).await.unwrap();
    assert_eq!(listed().await, [early], "the text is one thing, to be shown another");
    for other in [world.person(2), admin, world.staff(), world.host_actor()] {
        let outcome = s.show_to_group(&other, place, true).await;
        assert_eq!(World::code(outcome), "not_found");
    }
    s.show_to_group(&me, place, true).await.unwrap();
    let mut both = [place, early];
    both.sort();
    assert_eq!(listed().await, both);

    set(&world, program, |policy| policy.consent_version = 3).await;
    let yes = RenewConsent { consent_version: 3, ..yes };
    s.renew_consent(&me, place, yes).await.unwrap();
    assert_eq!(listed().await, both, "a new text takes nothing back");
    s.show_to_group(&world.person(2), early, false).await.unwrap();
    assert_eq!(listed().await, [place], "to take it back needs no other yes");
    s.withdraw_enrollment(&me, place).await.unwrap();
    assert_eq!(World::code(s.show_to_group(&me, place, false).await), "state.not_allowed");
}
