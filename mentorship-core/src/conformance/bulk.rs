//! Commands on many records at once: idempotent as a whole (row 62).

use std::sync::Arc;

use async_trait::async_trait;
use chrono::Months;

use super::{
    Harness,
    census::census,
    contract::command_record,
    make::{self, elsewhere, id, start, tenant, who},
    through::{Hook, Through},
    world::{World, sign_up},
};
use crate::{
    base::{
        host::TenantId,
        id::{EnrollmentId, ProgramId, ProposalId},
        text::Slug,
        version::Version,
    },
    change::{Applied, Change, ChangeSet, Key},
    decide::{Refusal, enrollment::Apply, proposal::Published},
    model::{answer::Answers, enrollment::Role, event::AuditEvent, program::ProgramPolicy},
    service::{Attestation, Error, ProposedPair, PublishAsk, SignUp},
    store::{Store, StoreErrorKind},
};

/// Row 62: a list under one command id has one effect, whole or in part, and the same replies.
pub async fn the_same_list_twice_is_one(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let mut mentors = Vec::new();
    for n in 1..=3 {
        mentors.push(world.enroll(program, n, Role::Mentor).await);
    }
    let mentee = world.enroll(program, 9, Role::Mentee).await;
    let admin = world.admin().with_command(id(1));
    // The third time the list is shorter: the items that are there are the same commands.
    let mut replies = Vec::new();
    for length in [3, 3, 2] {
        let list = &mentors[..length];
        replies.push(world.service.stage_ranked(&admin, list, mentee).await.unwrap());
    }
    assert!(replies[0].iter().all(Result::is_ok), "{replies:?}");
    assert_eq!(replies[0], replies[1]);
    assert_eq!(replies[0][..2], replies[2]);
    let drafts: Vec<_> = replies[0].iter().flatten().map(|one| one.proposal).collect();

    let admin = world.admin().with_command(id(2));
    let first = world.service.publish_proposals(&admin, &drafts).await.unwrap();
    let before = census(&*world.store, &world.tenant).await;
    assert_eq!(world.service.publish_proposals(&admin, &drafts).await.unwrap(), first);
    assert!(first.iter().all(Result::is_ok), "{first:?}");
    assert!(census(&*world.store, &world.tenant).await == before, "a second effect");
    let other: Vec<_> = drafts.iter().rev().copied().collect();
    let reused = world.service.publish_proposals(&admin, &other).await.unwrap();
    assert_eq!(reused[0], Err(Refusal::CommandReused));
}

/// A program in which mentors have drafts with five mentees each, of which a round takes one, and fewer
/// places than that by now.
async fn drafts(world: &World) -> (ProgramId, Vec<ProposalId>) {
    let roomy = |policy: &mut ProgramPolicy| {
        policy.max_mentor_capacity = 8;
        policy.max_mentee_capacity = 2;
    };
    let program = world.program(roomy).await;
    let mut drafts = Vec::new();
    for n in 0..8_u64 {
        let base = 100 * n + 1;
        let mut input = sign_up(Role::Mentor);
        input.capacity = Some(5);
        let mentor = world.enroll_with(program, base, input).await.unwrap();
        for mentee in 1..=5 {
            let mentee = world.enroll(program, base + mentee, Role::Mentee).await;
            let admin = world.admin();
            let staged = world.service.stage_proposal(&admin, mentor, mentee, None).await.unwrap();
            drafts.push(staged.proposal);
        }
        let left = u8::try_from(n % 4).unwrap() + 1;
        world.service.set_capacity(&world.person(base), mentor, left).await.unwrap();
        if n % 3 == 0 {
            world.service.block(&world.person(base), &who(base + 2)).await.unwrap();
        }
    }
    // Two for one place: the first in the list gets it, although it has to wait for its mentor's turn.
    let place = async |n, role, capacity| {
        let input = Apply { capacity: Some(capacity), ..sign_up(role) };
        world.enroll_with(program, n, input).await.unwrap()
    };
    let mentee = place(3_000, Role::Mentee, 2).await;
    let mentors = [place(3_001, Role::Mentor, 5).await, place(3_002, Role::Mentor, 5).await];
    let other = place(3_003, Role::Mentee, 1).await;
    for (mentor, mentee) in [(mentors[0], other), (mentors[0], mentee), (mentors[1], mentee)] {
        let admin = world.admin();
        let staged = world.service.stage_proposal(&admin, mentor, mentee, None).await.unwrap();
        drafts.push(staged.proposal);
    }
    world.service.set_capacity(&world.person(3_000), mentee, 1).await.unwrap();
    (program, drafts)
}

/// What became of a draft, without what differs from one tenant to the other.
fn short(outcome: &Result<Published, Refusal>) -> &'static str {
    match outcome {
        Ok(Published::Offered { .. }) => "offered",
        Ok(Published::Queued { .. }) => "queued",
        Ok(Published::Paired { .. }) => "paired",
        Ok(Published::Unavailable { .. }) => "unavailable",
        Err(refusal) => refusal.code(),
    }
}

fn two_worlds(store: &Arc<dyn Store>) -> [World; 2] {
    [tenant(), elsewhere()].map(|tenant: TenantId| World::of(store.clone(), tenant))
}

/// Drafts published together come out as they do one after the other.
pub async fn a_list_does_what_each_would_do_alone(h: Harness) {
    let [together, alone] = two_worlds(&h.store);
    let (_, list) = drafts(&together).await;
    let mut list_alone = drafts(&alone).await.1;
    let admin = together.admin();
    // The same draft twice in a list, and one that does not exist.
    let asked: Vec<_> = list.iter().chain(&list[..3]).copied().chain([id(7)]).collect();
    let outcomes = together.service.publish_proposals(&admin, &asked).await.unwrap();
    list_alone.extend_from_within(..3);
    list_alone.push(id(7));
    let mut seen = Vec::new();
    for draft in &list_alone {
        seen.push(match alone.service.publish_proposal(&alone.admin(), *draft).await {
            Ok(done) => Ok(done),
            Err(Error::Refused(refusal)) => Err(refusal),
            Err(error) => panic!("{error:?}"),
        });
    }
    let outcomes: Vec<_> = outcomes.iter().map(short).collect();
    assert_eq!(outcomes, seen.iter().map(short).collect::<Vec<_>>());
    assert!(
        outcomes.contains(&"offered") && outcomes.contains(&"pair.not_allowed"),
        "{outcomes:?}"
    );
    let [one, other] = [&together, &alone].map(|world| (h.store.clone(), world.tenant.clone()));
    let (one, other) = (census(&*one.0, &one.1).await, census(&*other.0, &other.1).await);
    assert_eq!(one.proposals.len(), other.proposals.len());
    assert_eq!(one.audit.len(), other.audit.len(), "each is audited as it is alone");
    assert_eq!(together.messages().await.len(), alone.messages().await.len());
}

/// Drafts staged together come out as they do one after the other, and under the same command id there is
/// one of each.
pub async fn drafts_staged_together_are_as_each_alone(h: Harness) {
    let [together, alone] = two_worlds(&h.store);
    let mut outcomes = Vec::new();
    for world in [&together, &alone] {
        let program = world.program(|policy| policy.max_mentor_capacity = 8).await;
        let mut places = Vec::new();
        for n in 1..=20 {
            let role = if n <= 4 { Role::Mentor } else { Role::Mentee };
            places.push(world.enroll(program, n, role).await);
        }
        world.service.block(&world.person(9), &who(1)).await.unwrap();
        world.host.same(&who(2), &who(10));
        // Each mentee with two mentors, one pair twice, one of two mentors, one that does not exist.
        let two = |(mentor, mentee): (usize, usize)| ProposedPair {
            mentor: places[mentor],
            mentee: places[mentee],
        };
        let mut pairs: Vec<ProposedPair> = (4..20)
            .flat_map(|mentee| [(mentee % 4, mentee), (mentee / 4 % 4, mentee)])
            .map(two)
            .collect();
        pairs.extend([two((0, 5)), two((0, 5)), two((0, 1))]);
        pairs.push(ProposedPair { mentor: id(7), ..pairs[0] });
        let mut codes = Vec::new();
        if world.tenant == together.tenant {
            let admin = world.admin().with_command(id(5));
            let done = world.service.stage_proposals(&admin, &pairs).await.unwrap();
            let again = world.service.stage_proposals(&admin, &pairs).await.unwrap();
            assert_eq!(done, again);
            codes.extend(done.iter().map(|it| it.as_ref().map_or_else(Refusal::code, |_| "done")));
        } else {
            for pair in &pairs {
                let admin = world.admin();
                let done =
                    world.service.stage_proposal(&admin, pair.mentor, pair.mentee, None).await;
                codes.push(done.as_ref().map_or_else(Error::code, |_| "done"));
            }
        }
        outcomes.push(codes);
    }
    assert_eq!(outcomes[0], outcomes[1]);
    for code in ["done", "pair.not_allowed", "not_found"] {
        assert!(outcomes[0].contains(&code), "{code} of {:?}", outcomes[0]);
    }
    let [one, other] = [&together, &alone].map(|world| world.tenant.clone());
    let (one, other) = (census(&*h.store, &one).await, census(&*h.store, &other).await);
    assert_eq!(one.proposals.len(), other.proposals.len());
    assert_eq!(one.audit.len(), other.audit.len(), "what was refused is on record once too");
    let refused = |it: &&AuditEvent| it.action.as_str() == "proposal.not_allowed";
    assert!(one.audit.iter().filter(refused).count() > 2);
}

/// Sign-ups that come together come out as they do one after the other, and a second time nobody is
/// signed up twice.
pub async fn sign_ups_do_what_each_would_do_alone(h: Harness) {
    let [together, alone] = two_worlds(&h.store);
    let mut sign_ups = Vec::new();
    for n in 1..=60 {
        let role = if n % 3 == 0 { Role::Mentor } else { Role::Mentee };
        let mut apply = sign_up(role);
        if n % 11 == 0 {
            apply.answers = Answers::new();
        }
        // Every seventh comes twice.
        let times = if n % 7 == 0 { 2 } else { 1 };
        sign_ups.extend(std::iter::repeat_n(SignUp { person: who(n), apply }, times));
    }
    let mut outcomes = Vec::new();
    for world in [&together, &alone] {
        let adult_on = start().date_naive().checked_add_months(Months::new(12)).unwrap();
        let attestation = Attestation { adult_on: Some(adult_on), zone: None };
        world.host.attest(&who(5), attestation);
        world.host.untrained(&who(6));
        let program = world.program(|_| {}).await;
        let mut codes = Vec::new();
        if world.tenant == together.tenant {
            let host = world.host_actor().with_command(id(5));
            let done = world.service.enroll_many(&host, program, &sign_ups).await.unwrap();
            let again = world.service.enroll_many(&host, program, &sign_ups).await.unwrap();
            let ok = |one: &Result<(EnrollmentId, Slug), Refusal>| one.is_ok();
            assert!(done.iter().zip(&again).all(|(one, other)| !ok(one) || one == other));
            let host = world.host_actor();
            let third = world.service.enroll_many(&host, program, &sign_ups).await.unwrap();
            assert!(!third.iter().any(ok), "nobody is signed up twice");
            codes.extend(done.iter().map(|it| it.as_ref().map_or_else(Refusal::code, |_| "done")));
            let refused = world.service.enroll_many(&world.admin(), program, &sign_ups).await;
            assert_eq!(World::code(refused), "not_found", "only the host vouches for people");
        } else {
            for it in &sign_ups {
                let actor =
                    crate::policy::actor::Actor::person(world.tenant.clone(), it.person.clone());
                let done = world.service.enroll(&actor, program, it.apply.clone()).await;
                codes.push(done.as_ref().map_or_else(Error::code, |_| "done"));
            }
        }
        outcomes.push(codes);
    }
    assert_eq!(outcomes[0], outcomes[1]);
    for code in ["done", "not_eligible", "enrollment.exists"] {
        assert!(outcomes[0].contains(&code), "{code} of {:?}", outcomes[0]);
    }
}

/// Pages of drafts, begun again in the middle: each is published once.
pub async fn drafts_are_published_page_by_page(h: Harness) {
    let world = World::new(h.store);
    let (program, list) = drafts(&world).await;
    let admin = world.admin();
    let stranger = world.person(1);
    let refused = world.service.publish_drafts(&stranger, program, PublishAsk::default()).await;
    assert_eq!(World::code(refused), "not_found");
    let (mut seen, mut offered) = (Vec::new(), 0);
    // The first call's answer is lost.
    let mut ask = PublishAsk { limit: 7, after: None };
    let unanswered = world.service.publish_drafts(&admin, program, ask.clone()).await.unwrap();
    offered += unanswered.published.iter().filter(|(_, it)| it.is_ok()).count();
    assert_eq!(unanswered.published.len(), 7);
    loop {
        let report = world.service.publish_drafts(&admin, program, ask.clone()).await.unwrap();
        for (draft, outcome) in report.published {
            offered += usize::from(outcome.is_ok());
            seen.push(draft);
        }
        ask.after = report.next;
        if ask.after.is_none() {
            break;
        }
    }
    seen.sort();
    seen.dedup();
    let census = census(&*world.store, &world.tenant).await;
    let of = |code: &str| census.proposals.values().filter(|it| it.state.code() == code).count();
    assert_eq!(of("offered"), offered);
    assert!(list.iter().all(|draft| census.proposals.contains_key(draft)));
}

/// Several commands' change sets merged: stored whole, each command known by itself, and not again.
pub async fn many_change_sets_are_one(h: Harness) {
    let mut unit = h.store.unit().await.unwrap();
    let set = |n: u64| {
        let mut set = ChangeSet::new(tenant());
        set.commands = vec![command_record(n)];
        set.put(Change::Person(make::person(n)));
        set.put(Change::Relation(make::relation(n, n + 500)));
        set.audit.push(make::event(n, Key::Person(who(n)), start()));
        set.outbox.push(make::message(n, n, start()));
        set
    };
    let mut all = set(1);
    (2..=100).for_each(|n| all.merge(set(n)));
    assert_eq!(unit.apply(all.clone()).await.unwrap(), Applied::Stored);
    let ids: Vec<_> = [3, 200, 77].map(id).to_vec();
    let known = unit.commands(&tenant(), &ids).await.unwrap();
    assert_eq!(known, [Some(command_record(3)), None, Some(command_record(77))]);
    // One of them again is enough for nothing to be written.
    let mut again = set(101);
    again.merge(set(40));
    assert_eq!(unit.apply(again).await.unwrap(), Applied::Repeated(command_record(40)));
    assert_eq!(unit.command(&tenant(), id(101)).await.unwrap(), None);
    let world = World::new(h.store.clone());
    assert_eq!(world.messages().await.len(), 100);
    assert_eq!(census(&*h.store, &tenant()).await.audit.len(), 100);
}

/// One broken guard among many refuses them all, and what is left of them can be written.
pub async fn a_broken_guard_among_many_stands_alone(h: Harness) {
    let mut unit = h.store.unit().await.unwrap();
    let set = |n: u64, version: Version| {
        let mut set = ChangeSet::new(tenant());
        set.put(Change::Person(crate::model::person::Person { version, ..make::person(n) }));
        set
    };
    let many = |broken: Option<u64>| {
        let mut all = ChangeSet::new(tenant());
        (1..=60).filter(|n| Some(*n) != broken).for_each(|n| all.merge(set(n, Version::NEW)));
        all
    };
    assert_eq!(unit.apply(set(33, Version::NEW)).await.unwrap(), Applied::Stored);
    let error = unit.apply(many(None)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Conflict);
    assert_eq!(unit.apply(many(Some(33))).await.unwrap(), Applied::Stored);
}

/// Offers lapse, pauses end and drafts stay: a sweep of many does to each what is due and no more.
pub async fn a_sweep_of_many_does_what_is_due(h: Harness) {
    let world = World::new(h.store);
    let (program, list) = drafts(&world).await;
    let admin = world.admin();
    let done = world.service.publish_proposals(&admin, &list).await.unwrap();
    let offered = done.iter().filter(|it| it.is_ok()).count();
    // More than are written together.
    let sign_up = |n| SignUp { person: who(n), apply: sign_up(Role::Mentee) };
    let sign_ups: Vec<SignUp> = (2_000..2_260).map(sign_up).collect();
    let host = world.host_actor();
    let done = world.service.enroll_many(&host, program, &sign_ups).await.unwrap();
    let mut paused = 0;
    for (n, outcome) in (2_000..).zip(done) {
        let until = Some(world.now() + chrono::TimeDelta::days(3));
        let (mentee, _) = outcome.unwrap();
        world.service.pause_enrollment(&world.person(n), mentee, until).await.unwrap();
        paused += 1;
    }
    world.days(2);
    assert_eq!(world.sweep().await.done, [].into(), "nothing happens early");
    world.days(20);
    let swept = world.sweep().await;
    assert_eq!(swept.failed, 0);
    assert_eq!(swept.done.get("proposal.expire"), Some(&u32::try_from(offered).unwrap()));
    assert_eq!(swept.done.get("enrollment.resume"), Some(&paused));
    assert_eq!(world.sweep().await.done, [].into(), "nor twice");
}

/// Nothing goes through: somebody is always faster.
#[derive(Clone, Debug)]
struct TooLate;

#[async_trait]
impl Hook for TooLate {
    async fn before_apply(&self, changes: &mut ChangeSet) {
        changes.guard(Key::Program(id(77)), Version::NEW.next());
    }
}

/// A list of which nothing can be written comes to an end, also where the host's word has to be written
/// down first.
pub async fn a_list_that_never_goes_through_ends(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    world.pair(program, 1, 2).await;
    let adult_on = start().date_naive().checked_sub_months(Months::new(12));
    for n in [1, 2] {
        world.host.attest(&who(n), Attestation { adult_on, zone: None });
    }
    let late = world.over(Arc::new(Through::hooked(world.store.clone(), TooLate)));
    let sign_up = |(n, role)| SignUp { person: who(n), apply: sign_up(role) };
    let people = [(1, Role::Mentee), (2, Role::Mentor), (3, Role::Mentee)];
    let sign_ups: Vec<SignUp> = people.map(sign_up).into();
    let done = late.service.enroll_many(&late.host_actor(), program, &sign_ups).await;
    assert_eq!(World::code(done), "store.conflict");
    let done = world.service.enroll_many(&world.host_actor(), program, &sign_ups).await.unwrap();
    assert!(done.iter().all(Result::is_ok), "{done:?}");
}
