//! What the platform keeps people from: bans (D16, D29) and muting (D15).

use chrono::TimeDelta;

use super::{Scene, about, body, kinds, reasons, sound, verdict};
use crate::{
    base::{
        host::{GroupId, PersonId, TenantId},
        id::{CaseId, ProgramId},
        text::Title,
    },
    conformance::{
        Harness, Task,
        make::{self, who},
        races::arena::{ROUNDS, call},
        world::{World, sign_up},
    },
    decide::program::create::CreateProgram,
    model::{
        enrollment::Role,
        report::{Measure, Outcome, Ruling, Tier},
        restriction::BanScope,
    },
    policy::actor::Actor,
    service::{ExportAsk, PageAsk},
};

/// A program of another group, in which everybody is let in at once.
async fn of_another_group(world: &World) -> ProgramId {
    let group = GroupId::try_from("gardeners").unwrap();
    let admin = Actor::group_admin(world.tenant.clone(), who(900), group.clone());
    let mut template = make::template();
    template.policy.approval = false;
    let input = CreateProgram {
        group,
        template,
        title: Title::new("Learn to plant").unwrap(),
        topic: None,
        zone: chrono_tz::Tz::Europe__Lisbon,
        window: None,
        policy: None,
    };
    let program = world.service.create_program(&admin, input).await.unwrap();
    world.service.open_program(&admin, program).await.unwrap();
    program
}

impl Scene {
    /// A case of the platform's by person 2 about person 1, taken by staff.
    async fn at_platform(&self) -> CaseId {
        let case = self.report(2, about(1, "scam").recipient(Tier::Platform)).await.unwrap();
        self.world.work(&self.world.staff(), case).await;
        case
    }

    /// Person 1 signs up where they never were.
    async fn signs_up_anew(&self) -> &'static str {
        let program = self.world.program(|_| {}).await;
        let done = self.world.enroll_with(program, 1, sign_up(Role::Mentor)).await;
        if done.is_ok() { "done" } else { World::code(done) }
    }

    async fn banned(&self) -> Vec<PersonId> {
        let page = self.world.service.banned_people(&self.world.staff(), PageAsk::default()).await;
        page.unwrap().items.into_iter().map(|(person, _)| person).collect()
    }
}

/// D15: whom staff has muted reports what is urgent and nothing else, until the end of it or until somebody
/// takes it back; the host's own word does the same beside it.
pub async fn d15_staff_mutes_a_reporter(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, staff) = (&scene.world, &scene.world.service, scene.world.staff());
    for actor in [world.admin(), world.person(1), world.host_actor()] {
        assert_eq!(World::code(s.mute_reporter(&actor, &who(2), None).await), "not_found");
        assert_eq!(World::code(s.unmute_reporter(&actor, &who(2)).await), "not_found");
        assert_eq!(World::code(s.muted_reporters(&actor, PageAsk::default()).await), "not_found");
    }
    let past = s.mute_reporter(&staff, &who(2), Some(world.now())).await;
    assert_eq!(World::code(past), "input.conflict");
    let own = s.mute_reporter(&staff, &who(990), None).await;
    assert_eq!(World::code(own), "conflict_of_interest");
    let report = async |n: u64, category: &str| {
        let filed = scene.report(2, about(n, category)).await;
        if filed.is_ok() { "done" } else { World::code(filed) }
    };
    let until = world.now() + TimeDelta::days(10);
    s.mute_reporter(&staff, &who(2), Some(until)).await.unwrap();
    assert_eq!(report(1, "scam").await, "report.muted");
    assert_eq!(report(13, "threats").await, "done", "danger is heard");
    scene.report(3, about(1, "scam")).await.unwrap();
    let muted = s.muted_reporters(&staff, PageAsk::default()).await.unwrap().items;
    assert_eq!((muted.len(), &muted[0].0, muted[0].1.until), (1, &who(2), Some(until)));
    world.days(10);
    assert_eq!(report(1, "scam").await, "done");
    assert!(s.muted_reporters(&staff, PageAsk::default()).await.unwrap().items.is_empty());
    s.mute_reporter(&staff, &who(2), None).await.unwrap();
    world.days(400);
    assert_eq!(report(11, "scam").await, "report.muted");
    for _ in 0..2 {
        s.unmute_reporter(&staff, &who(2)).await.unwrap();
    }
    assert_eq!(report(11, "scam").await, "done");
    world.host.mutes(&who(2));
    assert_eq!(report(12, "scam").await, "report.muted");
    sound(world).await;
}

/// D16: a ban from a group ends all that the subject has in its programs and nothing elsewhere, and as long as
/// it holds they are refused there like anybody whom the rules do not let in; the statement says until when.
pub async fn d16_a_ban_ends_what_it_covers_and_keeps_out(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    let second = world.program(|_| {}).await;
    let elsewhere = of_another_group(world).await;
    let pair = world.pair(second, 1, 3).await;
    world.enroll_with(elsewhere, 1, sign_up(Role::Mentor)).await.unwrap();
    let case = scene.taken().await;
    let until = world.now() + TimeDelta::days(40);
    for (measures, code) in [
        (vec![Measure::BanFromTenant { until: None }], "input.conflict"),
        (vec![Measure::BanFromGroup { until: Some(world.now()) }], "input.conflict"),
        (
            vec![
                Measure::BanFromGroup { until: None },
                Measure::BanFromGroup { until: Some(until) },
            ],
            "input.duplicate",
        ),
    ] {
        let decided = s.decide_case(&admin, case, verdict(Outcome::Actioned, &measures)).await;
        assert_eq!(World::code(decided), code);
    }
    drop(world.messages().await);
    let measures = [Measure::BanFromGroup { until: Some(until) }];
    s.decide_case(&admin, case, verdict(Outcome::Actioned, &measures)).await.unwrap();
    assert_eq!(world.pair_state(2, scene.pair).await, "ended");
    assert_eq!(world.pair_state(3, pair).await, "ended");
    assert_eq!(kinds(&world.messages().await, 3), ["pair.ended"]);
    let places = s.my_enrollments(&world.person(1), PageAsk::default()).await.unwrap().items;
    for place in &places {
        let expected = if place.program == elsewhere { "active" } else { "removed" };
        assert_eq!(place.state.code(), expected);
    }
    let told = s.my_statements(&world.person(1), PageAsk::default()).await.unwrap().items;
    assert_eq!(told[0].measures, measures);
    assert_eq!(scene.signs_up_anew().await, "not_eligible");
    let other = of_another_group(world).await;
    world.enroll_with(other, 1, sign_up(Role::Mentor)).await.unwrap();
    let bans = s.banned_people(&world.staff(), PageAsk::default()).await.unwrap().items;
    let ban = &bans[0].1[0];
    assert_eq!((bans.len(), &bans[0].0, ban.case), (1, &who(1), case));
    assert_eq!(ban.scope, BanScope::Group { group: make::group() });
    world.days(40);
    assert_eq!(scene.signs_up_anew().await, "done");
    assert!(scene.banned().await.is_empty());
    sound(world).await;
}

/// D16: a ban from everything is the platform's, and an appeal that reverses the decision takes it back.
pub async fn d16_an_appeal_takes_a_ban_back(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, staff) = (&scene.world, &scene.world.service, scene.world.staff());
    let elsewhere = of_another_group(world).await;
    world.enroll_with(elsewhere, 1, sign_up(Role::Mentor)).await.unwrap();
    let case = scene.at_platform().await;
    let measures = [Measure::BanFromTenant { until: None }];
    s.decide_case(&staff, case, verdict(Outcome::Actioned, &measures)).await.unwrap();
    let places = s.my_enrollments(&world.person(1), PageAsk::default()).await.unwrap().items;
    assert!(places.iter().all(|it| it.state.code() == "removed"));
    let other = of_another_group(world).await;
    let refused = world.enroll_with(other, 1, sign_up(Role::Mentor)).await;
    assert_eq!(World::code(refused), "not_eligible");
    world.days(1_000);
    assert_eq!(scene.signs_up_anew().await, "not_eligible", "for good");
    assert_eq!(scene.banned().await, [who(1)]);

    let again = scene.at_platform().await;
    let measures = [Measure::BanFromGroup { until: None }];
    s.decide_case(&staff, again, verdict(Outcome::Actioned, &measures)).await.unwrap();
    s.appeal_case(&world.person(1), again, body("I gave it away.")).await.unwrap();
    let third = Actor::staff(world.tenant.clone(), who(991));
    s.rule_on_appeal(&third, again, Ruling::Reversed, &[], reasons()).await.unwrap();
    assert_eq!(scene.signs_up_anew().await, "not_eligible", "the other one stands");
    s.lift_ban(&staff, &who(1), case).await.unwrap();
    assert_eq!(scene.signs_up_anew().await, "done");
    sound(world).await;
}

/// Staff lifts a ban; the person is told that they may apply anew, and what has ended stays ended.
pub async fn a_ban_is_lifted_by_staff(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, staff) = (&scene.world, &scene.world.service, scene.world.staff());
    let case = scene.decided(&[Measure::BanFromGroup { until: None }]).await;
    for actor in [world.other_admin(), world.person(1), world.host_actor()] {
        assert_eq!(World::code(s.lift_ban(&actor, &who(1), case).await), "not_found");
        assert_eq!(World::code(s.banned_people(&actor, PageAsk::default()).await), "not_found");
    }
    drop(world.messages().await);
    for _ in 0..2 {
        s.lift_ban(&staff, &who(1), case).await.unwrap();
    }
    assert_eq!(kinds(&world.messages().await, 1), ["person.ban_lifted"]);
    assert_eq!(scene.signs_up_anew().await, "done");
    assert_eq!(world.pair_state(2, scene.pair).await, "ended");
    sound(world).await;
}

/// A ban goes with the person to another key, and stays under the pseudonym of who was erased.
pub async fn a_ban_goes_with_the_person(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    scene.decided(&[Measure::BanFromGroup { until: None }]).await;
    s.rename_person(&world.host_actor(), &who(1), &who(71)).await.unwrap();
    let program = world.program(|_| {}).await;
    let refused = world.enroll_with(program, 71, sign_up(Role::Mentor)).await;
    assert_eq!(World::code(refused), "not_eligible");
    let (me, key) = (world.person(71), who(71));
    let export = s.export_person(&me, &key, ExportAsk::default()).await.unwrap();
    assert_eq!(export.facts.bans.len(), 1);
    let erased = s.erase_person(&me, &key).await.unwrap();
    assert_eq!(scene.banned().await, [erased.pseudonym]);
    sound(world).await;
}

/// A ban at the same moment as a sign-up: whichever comes first, they do not take part.
pub async fn ban_against_sign_up(h: Harness) {
    for round in 0..ROUNDS {
        let tenant = TenantId::try_from(format!("harbour-{round}")).unwrap();
        let scene = Scene::new(World::of(h.store.clone(), tenant)).await;
        let world = &scene.world;
        let case = scene.taken().await;
        let other = world.program(|_| {}).await;
        let tasks: Vec<Task> = vec![
            call!(world, world.other_admin(), |s, me| {
                let measures = [Measure::BanFromGroup { until: None }];
                let decided = verdict(Outcome::Actioned, &measures);
                async move { s.decide_case(&me, case, decided).await }
            }),
            call!(world, world.person(1), |s, me| s.enroll(&me, other, sign_up(Role::Mentor))),
        ];
        h.spawner.all(tasks).await;
        sound(world).await;
        let me = world.person(1);
        let places = world.service.my_enrollments(&me, world.first_page()).await.unwrap().items;
        assert!(places.iter().all(|it| it.state.code() == "removed"), "{places:?}");
    }
}
