//! Where three people and those around them stand, and what they may do from there.

use std::sync::Arc;

use mentorship_core::{
    base::{
        id::{CaseId, EnrollmentId, PairId, ProgramId, ProposalId},
        text::{Body, Note, Title},
        time::Timestamp,
    },
    conformance::{
        make::{group, id, slug, tenant, who},
        world::{World as Stage, sign_up},
    },
    decide::{enrollment::Apply, person::AgeFacts, report::ReportAsk},
    model::{
        enrollment::Role,
        pair::EndKind,
        program::Acceptance,
        report::{self, InterimAsk, Measure, Outcome, Reasons, Ruling, Verdict},
    },
    policy::actor::Actor,
    service::{Error, PageAsk},
};
use mentorship_memory::MemoryStore;

use crate::{
    probe::{World, at_once, in_a_year},
    search::{Command, Doing, Hands},
};

/// What there is to act on; ids of nothing where a scene has none.
#[derive(Clone, Copy)]
pub(crate) struct Ground {
    program: ProgramId,
    /// Of mentor 1.
    mentor: EnrollmentId,
    /// Of mentee 3.
    mentee: EnrollmentId,
    /// Of 1 and 2.
    pair: PairId,
    /// To 1 and 3; mentor 1 has said yes.
    offer: ProposalId,
    /// To 1 and 2 in another program; mentor 1 has said yes.
    other_offer: ProposalId,
    /// Of 2 about 1; admin 901 has it.
    case: CaseId,
}

pub(crate) struct Scene {
    pub(crate) name: &'static str,
    pub(crate) world: World,
    pub(crate) now: Timestamp,
    pub(crate) ground: Ground,
    pub(crate) commands: Vec<Command>,
    /// Whether the tenant has a key, so that whoever was erased is found again.
    pub(crate) is_keyed: bool,
}

fn person(n: u64) -> Actor {
    Actor::person(tenant(), who(n))
}

fn admin(n: u64) -> Actor {
    Actor::group_admin(tenant(), who(n), group())
}

fn staff() -> Actor {
    Actor::staff(tenant(), who(990))
}

fn host() -> Actor {
    Actor::host(tenant())
}

fn reasons() -> Reasons {
    Reasons {
        ground: report::Ground::Terms,
        clause: Title::new("Rule 3").unwrap(),
        facts: Note::new("A course was sold.").unwrap(),
        why: Note::new("Nothing is to be sold.").unwrap(),
        detected: false,
        automated: false,
        redress: Note::new("Appeal.").unwrap(),
    }
}

fn verdict(outcome: Outcome, measures: &[Measure]) -> Verdict {
    Verdict { outcome, measures: measures.to_vec(), reasons: reasons() }
}

fn removed() -> Verdict {
    verdict(Outcome::Actioned, &[Measure::RemoveFromProgram])
}

fn banned() -> Verdict {
    verdict(Outcome::Actioned, &[Measure::BanFromGroup { until: None }])
}

fn about(n: u64) -> ReportAsk {
    ReportAsk::new(who(n), slug("scam"))
}

fn words() -> Body {
    Body::new("That is not so.").unwrap()
}

/// The host learns that 1 is a minor, and tells.
async fn revoke(hands: &Hands) -> Result<(), Error> {
    hands.probe.learns_minor(1).await;
    let facts = AgeFacts { adult_on: in_a_year(hands.now), zone: None };
    hands.service.record_age(&host(), &who(1), facts).await.map(drop)
}

/// Says yes to the first offer there is.
async fn accept_any(hands: &Hands, n: u64) -> Result<(), Error> {
    let me = person(n);
    match hands.service.my_offers(&me, PageAsk::default()).await?.items.first() {
        Some(offer) => hands.service.accept(&me, offer.proposal).await.map(drop),
        None => Ok(()),
    }
}

macro_rules! commands {
    ($($name:literal, |$hands:ident, $s:ident, $on:ident| $call:expr;)+) => {
        vec![$(Command {
            name: $name,
            run: |hands| -> Doing {
                Box::pin(async move {
                    let $hands = &hands;
                    let ($s, $on) = (&$hands.service, &$hands.ground);
                    let _ = ($s, $on);
                    $call.await.map(drop)
                })
            },
        }),+]
    };
}

fn scene(
    name: &'static str,
    store: MemoryStore,
    stage: &Stage,
    ground: Ground,
    commands: Vec<Command>,
) -> Scene {
    assert!(commands.len() <= 32, "what is given is a set of 32");
    let now = stage.now();
    Scene { name, world: World::new(store, now), now, ground, commands, is_keyed: false }
}

fn stage() -> (MemoryStore, Stage) {
    let store = MemoryStore::without_belts();
    let stage = Stage::new(Arc::new(store.clone()));
    stage.host.admins([who(900), who(901), who(902)]);
    (store, stage)
}

fn nothing() -> Ground {
    Ground {
        program: id(1),
        mentor: id(1),
        mentee: id(1),
        pair: id(1),
        offer: id(1),
        other_offer: id(1),
        case: id(1),
    }
}

/// A program of mentor 1 with two places and of mentees 2 and 3; 1 and 2 are a pair.
async fn paired(stage: &Stage) -> Ground {
    let program = stage.program(|policy| policy.rematch_past_pairs = true).await;
    let input = Apply { capacity: Some(2), ..sign_up(Role::Mentor) };
    let mentor = stage.enroll_with(program, 1, input).await.unwrap();
    let mentee = stage.enroll(program, 2, Role::Mentee).await;
    let offer = stage.offer(mentor, mentee).await;
    let pair = stage.accept(offer, 1, 2).await;
    let mentee = stage.enroll(program, 3, Role::Mentee).await;
    Ground { program, mentor, mentee, pair, ..nothing() }
}

/// A pair, and an offer that one side has accepted.
pub(crate) fn offered() -> Scene {
    let (store, stage) = stage();
    let ground = at_once(async {
        let ground = paired(&stage).await;
        let offer = stage.offer(ground.mentor, ground.mentee).await;
        stage.service.accept(&stage.person(1), offer).await.unwrap();
        Ground { offer, ..ground }
    });
    let commands = commands! {
        "2 blocks 1", |hands, s, on| s.block(&person(2), &who(1));
        "1 blocks 3", |hands, s, on| s.block(&person(1), &who(3));
        "1 lifts the block of 3", |hands, s, on| s.lift_block(&person(1), &who(3));
        "3 accepts", |hands, s, on| s.accept(&person(3), on.offer);
        "3 declines", |hands, s, on| s.decline(&person(3), on.offer, None);
        "3 reports 1", |hands, s, on| s.file_report(&person(3), on.program, about(1));
        "2 reports and blocks 1", |hands, s, on|
            s.file_report(&person(2), on.program, about(1).block().end_pair());
        "the pair is frozen", |hands, s, on| s.freeze_pair(&staff(), on.pair);
        "the pair is let go", |hands, s, on| s.unfreeze_pair(&staff(), on.pair);
        "1 is erased", |hands, s, on| s.erase_person(&person(1), &who(1));
        "1 is a minor", |hands, s, on| revoke(hands);
        "1 ends the pair", |hands, s, on|
            s.end_pair(&person(1), on.pair, EndKind::NotAFit, None, true);
        "1 has one place", |hands, s, on| s.set_capacity(&person(1), on.mentor, 1);
        "1 is held", |hands, s, on| s.hold_enrollment(&staff(), on.mentor);
        "3 withdraws", |hands, s, on| s.withdraw_enrollment(&person(3), on.mentee);
        "the program is suspended", |hands, s, on| s.suspend_program(&staff(), on.program);
        "sign-up is closed", |hands, s, on| s.close_enrollment(&admin(900), on.program);
        "the offer is taken back", |hands, s, on| s.withdraw_proposal(&admin(900), on.offer);
        "1 leaves the group", |hands, s, on| s.leave_group(&host(), &who(1), &group());
    };
    scene("offered", store, &stage, ground, commands)
}

/// A pair of whom 2 has reported 1, in a case that 901 works.
async fn worked(stage: &Stage) -> Ground {
    let ground = paired(stage).await;
    let filed = stage.service.file_report(&person(2), ground.program, about(1)).await.unwrap();
    stage.work(&admin(901), filed.case).await;
    Ground { case: filed.case, ..ground }
}

/// A case that is worked.
pub(crate) fn reported() -> Scene {
    let (store, stage) = stage();
    let ground = at_once(worked(&stage));
    let commands = commands! {
        "the pair is to end", |hands, s, on|
            s.decide_case(&admin(901), on.case, verdict(Outcome::Actioned, &[Measure::EndPair]));
        "1 is to be removed", |hands, s, on|
            s.decide_case(&admin(901), on.case, removed());
        "nothing was wrong", |hands, s, on|
            s.decide_case(&admin(901), on.case, verdict(Outcome::NoAction, &[]));
        "902 takes the case", |hands, s, on| s.take_case(&admin(902), on.case);
        "the platform takes over", |hands, s, on| s.escalate_case(&staff(), on.case);
        "2 takes the report back", |hands, s, on| s.withdraw_report(&person(2), on.case);
        "2 is asked", |hands, s, on|
            s.ask_reporter(&admin(901), on.case, Note::new("When?").unwrap());
        "2 answers", |hands, s, on| s.answer_reviewer(&person(2), on.case, words());
        "1 blocks 901", |hands, s, on| s.block(&person(1), &who(901));
        "2 reports 1 again", |hands, s, on| s.file_report(&person(2), on.program, about(1));
        "3 reports 1", |hands, s, on| s.file_report(&person(3), on.program, about(1));
        "2 blocks 1", |hands, s, on| s.block(&person(2), &who(1));
        "1 is erased", |hands, s, on| s.erase_person(&person(1), &who(1));
        "2 is erased", |hands, s, on| s.erase_person(&person(2), &who(2));
        "1 is a minor", |hands, s, on| revoke(hands);
        "2 ends the pair", |hands, s, on|
            s.end_pair(&person(2), on.pair, EndKind::NotAFit, None, true);
        "the case freezes the pair", |hands, s, on|
            s.take_interim(&admin(901), on.case, InterimAsk::FreezePair);
        "the case lets the pair go", |hands, s, on|
            s.lift_interim(&admin(901), on.case, InterimAsk::FreezePair);
        "the case holds 1", |hands, s, on|
            s.take_interim(&admin(901), on.case, InterimAsk::SuspendEnrollments);
        "1 is to be banned", |hands, s, on|
            s.decide_case(&admin(901), on.case, banned());
        "1 withdraws", |hands, s, on| s.withdraw_enrollment(&person(1), on.mentor);
        "1 is held", |hands, s, on| s.hold_enrollment(&staff(), on.mentor);
        "1 signs up as a mentee", |hands, s, on|
            s.enroll(&person(1), on.program, sign_up(Role::Mentee));
        "901 reads the case", |hands, s, on| s.case(&admin(901), on.case);
    };
    scene("reported", store, &stage, ground, commands)
}

/// A case that was decided against 1.
pub(crate) fn decided() -> Scene {
    let (store, stage) = stage();
    let ground = at_once(async {
        let ground = worked(&stage).await;
        let warned = verdict(Outcome::Actioned, &[Measure::Warn]);
        stage.service.decide_case(&admin(901), ground.case, warned).await.unwrap();
        ground
    });
    let commands = commands! {
        "1 appeals", |hands, s, on| s.appeal_case(&person(1), on.case, words());
        "2 appeals", |hands, s, on| s.appeal_case(&person(2), on.case, words());
        "902 upholds", |hands, s, on|
            s.rule_on_appeal(&admin(902), on.case, Ruling::Upheld, &[], reasons());
        "902 changes", |hands, s, on|
            s.rule_on_appeal(&admin(902), on.case, Ruling::Changed, &[Measure::EndPair], reasons());
        "901 rules", |hands, s, on|
            s.rule_on_appeal(&admin(901), on.case, Ruling::Upheld, &[], reasons());
        "the platform takes over", |hands, s, on| s.escalate_case(&staff(), on.case);
        "staff reverses", |hands, s, on|
            s.rule_on_appeal(&staff(), on.case, Ruling::Reversed, &[], reasons());
        "the case is closed", |hands, s, on| s.close_case(&admin(901), on.case);
        "1 blocks 902", |hands, s, on| s.block(&person(1), &who(902));
        "2 blocks 1", |hands, s, on| s.block(&person(2), &who(1));
        "1 is erased", |hands, s, on| s.erase_person(&person(1), &who(1));
        "2 is erased", |hands, s, on| s.erase_person(&person(2), &who(2));
        "1 is a minor", |hands, s, on| revoke(hands);
        "1 ends the pair", |hands, s, on|
            s.end_pair(&person(1), on.pair, EndKind::NotAFit, None, true);
    };
    scene("decided", store, &stage, ground, commands)
}

/// Two pairs of three people, the second one in the making, and a case about the mentor of both: all that safety is made
/// of meets here.
pub(crate) fn together() -> Scene {
    let (store, stage) = stage();
    let ground = at_once(async {
        let ground = worked(&stage).await;
        let offer = stage.offer(ground.mentor, ground.mentee).await;
        stage.service.accept(&stage.person(1), offer).await.unwrap();
        Ground { offer, ..ground }
    });
    let commands = commands! {
        "2 blocks 1", |hands, s, on| s.block(&person(2), &who(1));
        "1 blocks 3", |hands, s, on| s.block(&person(1), &who(3));
        "3 accepts", |hands, s, on| s.accept(&person(3), on.offer);
        "3 reports 1", |hands, s, on| s.file_report(&person(3), on.program, about(1).end_pair());
        "the case freezes the pair", |hands, s, on|
            s.take_interim(&admin(901), on.case, InterimAsk::FreezePair);
        "1 is to be removed", |hands, s, on| s.decide_case(&admin(901), on.case, removed());
        "1 appeals", |hands, s, on| s.appeal_case(&person(1), on.case, words());
        "902 reverses", |hands, s, on|
            s.rule_on_appeal(&admin(902), on.case, Ruling::Reversed, &[], reasons());
        "1 is erased", |hands, s, on| s.erase_person(&person(1), &who(1));
        "2 is erased", |hands, s, on| s.erase_person(&person(2), &who(2));
        "1 is a minor", |hands, s, on| revoke(hands);
    };
    scene("together", store, &stage, ground, commands)
}

/// A frozen pair, and a draft that makes another at once.
pub(crate) fn frozen() -> Scene {
    let (store, stage) = stage();
    let ground = at_once(async {
        let ground = paired(&stage).await;
        let s = &stage.service;
        let draft = s.stage_proposal(&admin(900), ground.mentor, ground.mentee, None).await;
        s.freeze_pair(&staff(), ground.pair).await.unwrap();
        Ground { offer: draft.unwrap().proposal, ..ground }
    });
    let commands = commands! {
        "the pair is let go", |hands, s, on| s.unfreeze_pair(&staff(), on.pair);
        "1 is a minor", |hands, s, on| revoke(hands);
        "1 is held", |hands, s, on| s.hold_enrollment(&staff(), on.mentor);
        "1 is let go", |hands, s, on| s.reinstate_enrollment(&staff(), on.mentor);
        "the draft is offered", |hands, s, on| s.publish_proposal(&admin(900), on.offer);
        "1 blocks 3", |hands, s, on| s.block(&person(1), &who(3));
        "2 blocks 1", |hands, s, on| s.block(&person(2), &who(1));
        "2 ends the pair", |hands, s, on|
            s.end_pair(&person(2), on.pair, EndKind::NotAFit, None, true);
        "1 is erased", |hands, s, on| s.erase_person(&person(1), &who(1));
        "1 has one place", |hands, s, on| s.set_capacity(&person(1), on.mentor, 1);
        "1 pauses", |hands, s, on| s.pause_enrollment(&person(1), on.mentor, None);
        "3 accepts", |hands, s, on| s.accept(&person(3), on.offer);
        "1 accepts", |hands, s, on| s.accept(&person(1), on.offer);
    };
    scene("frozen", store, &stage, ground, commands)
}

/// Two programs whose mentor may have one partner in all.
pub(crate) fn capped() -> Scene {
    let (store, stage) = stage();
    let ground = at_once(async {
        let mut ground = nothing();
        for n in [3, 2] {
            let program = stage.program(|policy| policy.person_cap = Some(1)).await;
            let mentor = stage.enroll(program, 1, Role::Mentor).await;
            let mentee = stage.enroll(program, n, Role::Mentee).await;
            let offer = stage.offer(mentor, mentee).await;
            stage.service.accept(&stage.person(1), offer).await.unwrap();
            ground = if n == 3 {
                Ground { program, mentor, mentee, offer, ..ground }
            } else {
                Ground { other_offer: offer, ..ground }
            };
        }
        ground
    });
    let commands = commands! {
        "3 accepts", |hands, s, on| s.accept(&person(3), on.offer);
        "2 accepts", |hands, s, on| s.accept(&person(2), on.other_offer);
        "1 blocks 3", |hands, s, on| s.block(&person(1), &who(3));
        "2 blocks 1", |hands, s, on| s.block(&person(2), &who(1));
        "1 is a minor", |hands, s, on| revoke(hands);
        "1 is erased", |hands, s, on| s.erase_person(&person(1), &who(1));
        "1 leaves the group", |hands, s, on| s.leave_group(&host(), &who(1), &group());
        "1 has no place", |hands, s, on| s.set_capacity(&person(1), on.mentor, 0);
        "3 declines", |hands, s, on| s.decline(&person(3), on.offer, None);
    };
    scene("capped", store, &stage, ground, commands)
}

/// A pair that is over and may begin anew, and a mentee who is paired as soon as somebody says so.
pub(crate) fn over() -> Scene {
    let (store, stage) = stage();
    let ground = at_once(async {
        let ground = paired(&stage).await;
        let s = &stage.service;
        s.end_pair(&person(2), ground.pair, EndKind::Other, None, true).await.unwrap();
        let program = stage.program(|policy| policy.acceptance = Acceptance::None).await;
        let mentor = stage.enroll(program, 1, Role::Mentor).await;
        let mentee = stage.enroll(program, 3, Role::Mentee).await;
        let draft = s.stage_proposal(&admin(900), mentor, mentee, None).await.unwrap();
        Ground { program, mentor, mentee, offer: draft.proposal, ..ground }
    });
    let commands = commands! {
        "2 begins anew", |hands, s, on| s.restart_pair(&person(2), on.pair);
        "1 accepts", |hands, s, on| accept_any(hands, 1);
        "1 blocks 2", |hands, s, on| s.block(&person(1), &who(2));
        "1 lifts the block of 2", |hands, s, on| s.lift_block(&person(1), &who(2));
        "1 and 3 are paired", |hands, s, on| s.publish_proposal(&admin(900), on.offer);
        "3 blocks 1", |hands, s, on| s.block(&person(3), &who(1));
        "1 has no place", |hands, s, on| s.set_capacity(&person(1), on.mentor, 0);
        "1 is a minor", |hands, s, on| revoke(hands);
        "1 is erased", |hands, s, on| s.erase_person(&person(1), &who(1));
        "3 is held", |hands, s, on| s.hold_enrollment(&staff(), on.mentee);
        "2 reports and blocks 1", |hands, s, on|
            s.file_report(&person(2), on.program, about(1).block());
    };
    scene("over", store, &stage, ground, commands)
}

/// 2 has blocked 1, and both were erased: they may come back, in a program each way round.
pub(crate) fn erased() -> Scene {
    let (store, stage) = stage();
    let (stage, _keys) = stage.keyed();
    let ground = at_once(async {
        let ground = paired(&stage).await;
        stage.service.block(&person(2), &who(1)).await.unwrap();
        for n in [1, 2] {
            stage.service.erase_person(&person(n), &who(n)).await.unwrap();
        }
        ground
    });
    let commands = commands! {
        "1 signs up", |hands, s, on| s.enroll(&person(1), on.program, sign_up(Role::Mentor));
        "1 signs up as a mentee", |hands, s, on|
            s.enroll(&person(1), on.program, sign_up(Role::Mentee));
        "2 signs up", |hands, s, on| s.enroll(&person(2), on.program, sign_up(Role::Mentee));
        "2 blocks 3", |hands, s, on| s.block(&person(2), &who(3));
        "3 blocks 1", |hands, s, on| s.block(&person(3), &who(1));
        "1 is erased", |hands, s, on| s.erase_person(&host(), &who(1));
        "2 is erased", |hands, s, on| s.erase_person(&host(), &who(2));
        "4 is who 1 was", |hands, s, on| s.same_person(&host(), &who(4), &who(1));
    };
    Scene { is_keyed: true, ..scene("erased", store, &stage, ground, commands) }
}

/// All of them.
pub(crate) fn all() -> Vec<Scene> {
    vec![offered(), reported(), decided(), together(), frozen(), capped(), over(), erased()]
}
