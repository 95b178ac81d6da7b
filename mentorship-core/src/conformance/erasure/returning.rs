//! D10: somebody who was erased comes back, and what kept them and others apart still does.

use super::{Scene, mark, sound};
use crate::{
    base::{
        host::{PersonId, TenantId},
        id::{EnrollmentId, ProgramId},
    },
    conformance::{
        Harness,
        census::census,
        make::{self, id, slug, who},
        races::arena::{ROUNDS, call},
        world::{TestKeys, World, sign_up},
    },
    decide::report::ReportAsk,
    matching::{people::Options, run::RunOptions},
    model::{
        enrollment::Role,
        event::Audience,
        report::{InterimAsk, Measure, Priority, Tier},
    },
    policy::actor::Actor,
    service::{ExportAsk, PageAsk, SignUp},
    store::{PersonAsk, Store},
};

/// A pair of 1 and 2 in a tenant that has a key.
async fn keyed(store: std::sync::Arc<dyn Store>) -> (Scene, TestKeys) {
    let (world, keys) = World::new(store).keyed();
    (Scene::new(world).await, keys)
}

/// One says something that keeps the two apart, or both are a pair of before, and one is erased.
#[derive(Clone, Copy, Debug)]
enum Said {
    Block { by: u64 },
    Avoid { by: u64 },
    Nothing,
}

impl Scene {
    async fn says(&self, said: Said) {
        let (s, other) = (&self.world.service, |n: u64| who(3 - n));
        match said {
            Said::Block { by } => s.block(&self.world.person(by), &other(by)).await.unwrap(),
            Said::Avoid { by } => s.avoid(&self.world.person(by), &other(by), true).await.unwrap(),
            Said::Nothing => {}
        }
    }

    /// A program in which those who were a pair may be one again.
    async fn again(&self) -> ProgramId {
        self.world.program(|policy| policy.rematch_past_pairs = true).await
    }

    /// Mentor `one` and mentee `two` begin in a program.
    async fn both(&self, program: ProgramId, one: u64, two: u64) -> [EnrollmentId; 2] {
        let mentor = self.world.enroll(program, one, Role::Mentor).await;
        [mentor, self.world.enroll(program, two, Role::Mentee).await]
    }

    /// Whether the two of a program, who are all there are, may be paired: by hand, by choice and by a run,
    /// which all say the same.
    async fn may_pair(&self, program: ProgramId, [mentor, mentee]: [EnrollmentId; 2]) -> bool {
        let (s, admin) = (&self.world.service, self.world.admin());
        let listed = s.candidates(&admin, mentee, 10).await.unwrap();
        let run = s.prepare_run(&admin, program, RunOptions::new()).await.unwrap();
        let run = run.solve(&Options::default()).unwrap();
        let staged = s.stage_proposal(&admin, mentor, mentee, None).await;
        let possible = staged.is_ok();
        assert_eq!((listed.possible == 1, run.pairs.len() == 1), (possible, possible));
        if let Ok(staged) = staged {
            s.withdraw_proposal(&admin, staged.proposal).await.unwrap();
        } else {
            assert_eq!(World::code(staged), "pair.not_allowed");
        }
        sound(&self.world).await;
        possible
    }

    async fn blocks_of(&self, n: u64) -> Vec<PersonId> {
        let me = self.world.person(n);
        let page = self.world.service.my_blocks(&me, PageAsk::default()).await.unwrap();
        page.items.into_iter().map(|(other, _)| other).collect()
    }
}

/// Whoever of the two said it and whoever is erased: they are kept apart when the person is back under the same
/// key, and the one who stayed reads nothing that tells of it.
pub async fn d10_a_block_outlives_an_erasure(h: Harness) {
    for (round, said) in [
        Said::Block { by: 1 },
        Said::Block { by: 2 },
        Said::Avoid { by: 1 },
        Said::Avoid { by: 2 },
        Said::Nothing,
    ]
    .into_iter()
    .enumerate()
    {
        let tenant = TenantId::try_from(format!("harbour-{round}")).unwrap();
        let (world, _keys) = World::of(h.store.clone(), tenant).keyed();
        let scene = Scene::new(world).await;
        scene.says(said).await;
        let pseudonym = scene.erases(1).await.pseudonym;
        let second = scene.again().await;
        let places = scene.both(second, 1, 2).await;
        let free = matches!(said, Said::Nothing);
        assert_eq!(scene.may_pair(second, places).await, free, "{said:?}");
        let (own, theirs) = (scene.blocks_of(1).await, scene.blocks_of(2).await);
        match said {
            Said::Block { by: 1 } => assert_eq!((own, theirs), (vec![who(2)], vec![])),
            Said::Block { .. } => assert_eq!((own, theirs), (vec![], vec![pseudonym])),
            Said::Avoid { .. } | Said::Nothing => assert_eq!((own, theirs), (vec![], vec![])),
        }
    }
}

/// Also where both were erased, whoever comes back first, and where they come back at once.
pub async fn d10_two_who_were_erased_come_back(h: Harness) {
    for round in 0..ROUNDS {
        let tenant = TenantId::try_from(format!("harbour-{round}")).unwrap();
        let (world, _keys) = World::of(h.store.clone(), tenant).keyed();
        let scene = Scene::new(world).await;
        scene.says(Said::Block { by: 1 + round % 2 }).await;
        scene.erases(1).await;
        scene.erases(2).await;
        let world = &scene.world;
        let second = scene.again().await;
        let comes = |n: u64, role: Role| {
            let apply = sign_up(role);
            call!(world, world.person(n), |s, me| async move { s.enroll(&me, second, apply).await })
        };
        h.spawner.all(vec![comes(1, Role::Mentor), comes(2, Role::Mentee)]).await;
        let census = census(&*world.store, &world.tenant).await;
        let place = |n: u64| {
            let found = census.enrollments.values().find(|it| it.person == who(n));
            found.expect("both are in").id
        };
        assert!(!scene.may_pair(second, [place(1), place(2)]).await);
    }
}

/// A pair of before is one as long as the program cares about it.
pub async fn d10_a_past_pair_outlives_an_erasure(h: Harness) {
    let (scene, _keys) = keyed(h.store).await;
    scene.erases(1).await;
    let strict = scene.world.program(|_| {}).await;
    let places = scene.both(strict, 1, 2).await;
    assert!(!scene.may_pair(strict, places).await);
    let lenient = scene.again().await;
    let places = scene.both(lenient, 1, 2).await;
    assert!(scene.may_pair(lenient, places).await);
}

/// A ban keeps out as before, also for another group's program in between, and for an import.
pub async fn d10_a_ban_outlives_an_erasure(h: Harness) {
    let (scene, keys) = keyed(h.store).await;
    let world = &scene.world;
    let case = scene.decided(&[Measure::BanFromGroup { until: None }]).await;
    let second = world.program(|_| {}).await;
    let signs_up = async || World::code(world.enroll_with(second, 1, sign_up(Role::Mentor)).await);
    assert_eq!(signs_up().await, "not_eligible");
    let pseudonym = scene.erases(1).await.pseudonym;
    assert_eq!(signs_up().await, "not_eligible");
    let ask = [1, 5].map(|n| SignUp { person: who(n), apply: sign_up(Role::Mentor) });
    let told = world.service.enroll_many(&world.host_actor(), second, &ask).await.unwrap();
    assert_eq!(told[0].as_ref().map_err(crate::decide::Refusal::code), Err("not_eligible"));
    assert!(told[1].is_ok());
    // Nothing of them is stored by that: what staff takes back, is.
    world.service.lift_ban(&world.staff(), &pseudonym, case).await.unwrap();
    let place = world.enroll(second, 1, Role::Mentor).await;
    assert_eq!(scene.place(place).await.state.code(), "active");
    keys.become_byte(None);
    assert_eq!(signs_up().await, "enrollment.exists");
}

/// Row 53: nor does anybody get out of what a case or the platform holds by being erased.
pub async fn d10_a_hold_outlives_an_erasure(h: Harness) {
    let (scene, _keys) = keyed(h.store).await;
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    let case = scene.filed().await;
    world.work(&admin, case).await;
    s.take_interim(&admin, case, InterimAsk::SuspendEnrollments).await.unwrap();
    scene.erases(1).await;
    world.days(1);
    let place = world.enroll(scene.program, 1, Role::Mentor).await;
    assert_eq!(scene.place(place).await.state.code(), "suspended");
    let other = world.enroll(scene.program, 1, Role::Mentee).await;
    let second = world.program(|_| {}).await;
    let elsewhere = world.enroll(second, 1, Role::Mentee).await;
    assert_eq!(scene.place(elsewhere).await.state.code(), "active", "another program");
    world.days(1);
    for place in [place, other] {
        s.reinstate_enrollment(&world.staff(), place).await.unwrap();
        assert_eq!(scene.place(place).await.state.code(), "active");
    }
    s.withdraw_enrollment(&world.person(1), place).await.unwrap();
    let again = world.enroll(scene.program, 1, Role::Mentor).await;
    assert_eq!(scene.place(again).await.state.code(), "active", "staff has let go of it");
    sound(world).await;
}

/// What staff takes back from somebody who has returned does not come again with the next sign-up.
pub async fn d10_a_lifted_ban_stays_lifted(h: Harness) {
    let (scene, _keys) = keyed(h.store).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let case = scene.decided(&[Measure::BanFromGroup { until: None }]).await;
    s.mute_reporter(&world.staff(), &who(1), None).await.unwrap();
    scene.erases(1).await;
    world.days(1);
    let is_muted = async || {
        let (tenant, person) = (world.tenant.clone(), who(1));
        let ask = PersonAsk { tenant, person };
        let view = world.store.unit().await.unwrap().person_view(&ask).await.unwrap();
        (view.person.bans.len(), view.person.mute.is_some())
    };
    s.same_person(&world.host_actor(), &who(1), &who(77)).await.unwrap();
    assert_eq!(is_muted().await, (1, true), "found under their own pseudonym");
    world.days(1);
    s.lift_ban(&world.staff(), &who(1), case).await.unwrap();
    s.unmute_reporter(&world.staff(), &who(1)).await.unwrap();
    let second = world.program(|_| {}).await;
    world.enroll(second, 1, Role::Mentor).await;
    assert_eq!(is_muted().await, (0, false));
}

/// Nor with the next life.
pub async fn d10_what_was_taken_back_stays_so_in_the_next_life(h: Harness) {
    let (scene, _keys) = keyed(h.store).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let case = scene.decided(&[Measure::BanFromGroup { until: None }]).await;
    scene.says(Said::Block { by: 1 }).await;
    scene.erases(1).await;
    world.days(1);
    s.same_person(&world.host_actor(), &who(1), &who(77)).await.unwrap();
    assert_eq!(scene.blocks_of(1).await, [who(2)], "found under their own pseudonym");
    world.days(1);
    s.lift_ban(&world.staff(), &who(1), case).await.unwrap();
    s.lift_block(&world.person(1), &who(2)).await.unwrap();
    let second = world.program(|_| {}).await;
    world.enroll(second, 1, Role::Mentor).await;
    scene.erases(1).await;
    world.days(30);
    let third = scene.again().await;
    let places = scene.both(third, 1, 2).await;
    assert!(scene.blocks_of(1).await.is_empty());
    assert!(scene.may_pair(third, places).await);
}

/// A ban of another key counts for whoever the host says is the same human, though they have signed up before.
pub async fn d10_a_ban_reaches_the_same_human(h: Harness) {
    let (scene, _keys) = keyed(h.store).await;
    let (world, s) = (&scene.world, &scene.world.service);
    scene.decided(&[Measure::BanFromGroup { until: None }]).await;
    world.days(1);
    let second = world.program(|_| {}).await;
    world.enroll(second, 7, Role::Mentor).await;
    world.days(1);
    s.same_person(&world.host_actor(), &who(7), &who(1)).await.unwrap();
    let third = world.program(|_| {}).await;
    let signs_up = world.enroll_with(third, 7, sign_up(Role::Mentor)).await;
    assert_eq!(World::code(signs_up), "not_eligible");
}

/// And it counts where they take part already: they are taken out, and their pair ends with the neutral text.
pub async fn d10_a_ban_reaches_the_same_human_at_once(h: Harness) {
    let (scene, _keys) = keyed(h.store).await;
    let (world, s) = (&scene.world, &scene.world.service);
    scene.decided(&[Measure::BanFromGroup { until: None }]).await;
    world.days(1);
    let second = world.program(|_| {}).await;
    let pair = world.pair(second, 7, 8).await;
    let waits = world.enroll(second, 7, Role::Mentee).await;
    world.days(1);
    s.same_person(&world.host_actor(), &who(7), &who(1)).await.unwrap();
    assert_eq!(world.pair_state(8, pair).await, "ended");
    assert_eq!(scene.place(waits).await.state.code(), "removed");
    sound(world).await;
}

/// A hold as well: what they take part in in its program is held from then on, until staff lets go.
pub async fn d10_a_hold_reaches_the_same_human_at_once(h: Harness) {
    let (scene, _keys) = keyed(h.store).await;
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    let case = scene.filed().await;
    world.work(&admin, case).await;
    s.take_interim(&admin, case, InterimAsk::SuspendEnrollments).await.unwrap();
    let place = world.enroll(scene.program, 7, Role::Mentor).await;
    let second = world.program(|_| {}).await;
    let elsewhere = world.enroll(second, 7, Role::Mentor).await;
    s.same_person(&world.host_actor(), &who(7), &who(1)).await.unwrap();
    assert_eq!(scene.place(place).await.state.code(), "suspended");
    assert_eq!(scene.place(elsewhere).await.state.code(), "active", "another program");
    s.same_person(&world.host_actor(), &who(7), &who(1)).await.unwrap();
    s.reinstate_enrollment(&world.staff(), place).await.unwrap();
    assert_eq!(scene.place(place).await.state.code(), "active");
    sound(world).await;
}

/// What is stored of an erasure of one's own is the same for everybody: no list of keys tells whose it was.
pub async fn ones_own_erasure_leaves_no_digest_of_the_key(h: Harness) {
    let (scene, _keys) = keyed(h.store).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let mut digests = Vec::new();
    for n in [1, 2] {
        let command = id(900 + n);
        let me = world.person(n).with_command(command);
        let erased = s.erase_person(&me, &who(n)).await.unwrap();
        let again = s.erase_person(&me, &who(n)).await.unwrap();
        assert_eq!(again.pseudonym, erased.pseudonym, "the same command has the same answer");
        let mut unit = world.store.unit().await.unwrap();
        digests.push(unit.command(&world.tenant, command).await.unwrap().unwrap().digest);
    }
    assert_eq!(digests[0], digests[1]);
}

/// Who takes a key that was erased is looked up under it, whatever is known of them.
pub async fn d10_a_new_key_is_looked_up_anew(h: Harness) {
    let (scene, _keys) = keyed(h.store).await;
    let (world, s) = (&scene.world, &scene.world.service);
    scene.says(Said::Block { by: 2 }).await;
    scene.erases(1).await;
    let second = scene.again().await;
    world.enroll(second, 7, Role::Mentor).await;
    s.rename_person(&world.host_actor(), &who(7), &who(1)).await.unwrap();
    let third = scene.again().await;
    let places = scene.both(third, 1, 2).await;
    assert!(!scene.may_pair(third, places).await);
}

/// A wait after a removal holds, also after a sign-up elsewhere, and ends when it would have ended.
pub async fn d10_a_wait_outlives_an_erasure(h: Harness) {
    let (scene, _keys) = keyed(h.store).await;
    let (world, staff) = (&scene.world, scene.world.staff());
    world.service.remove_enrollment(&staff, scene.mentor, slug("conduct")).await.unwrap();
    let signs_up = async || world.enroll_with(scene.program, 1, sign_up(Role::Mentor)).await;
    assert_eq!(World::code(signs_up().await), "enrollment.too_early");
    scene.erases(1).await;
    assert_eq!(World::code(signs_up().await), "enrollment.too_early");
    let second = world.program(|_| {}).await;
    world.enroll(second, 1, Role::Mentor).await;
    assert_eq!(World::code(signs_up().await), "enrollment.too_early");
    // And once more: what they took over goes with them.
    scene.erases(1).await;
    assert_eq!(World::code(signs_up().await), "enrollment.too_early");
    world.days(366);
    signs_up().await.unwrap();
}

/// Another key of the tenant's, or none, finds nobody.
pub async fn d10_without_the_key_nobody_is_found(h: Harness) {
    for (round, byte) in [Some(8), None].into_iter().enumerate() {
        let tenant = TenantId::try_from(format!("harbour-{round}")).unwrap();
        let (world, keys) = World::of(h.store.clone(), tenant).keyed();
        let scene = Scene::new(world).await;
        scene.says(Said::Block { by: 2 }).await;
        scene.erases(1).await;
        keys.become_byte(byte);
        let second = scene.world.program(|_| {}).await;
        let places = scene.both(second, 1, 2).await;
        assert!(scene.may_pair(second, places).await);
    }
}

/// Each life has a pseudonym of its own, and all of them are found.
pub async fn d10_a_second_erasure_is_found(h: Harness) {
    let (scene, _keys) = keyed(h.store).await;
    let world = &scene.world;
    scene.says(Said::Block { by: 2 }).await;
    let first = scene.erases(1).await.pseudonym;
    let second = scene.again().await;
    world.enroll(second, 1, Role::Mentor).await;
    world.service.block(&world.person(1), &who(5)).await.unwrap();
    let again = scene.erases(1).await.pseudonym;
    assert_ne!(first, again);
    // Once without any sign-up in between.
    world.service.block(&world.person(6), &who(1)).await.unwrap();
    let third = scene.erases(1).await.pseudonym;
    assert!(third != first && third != again);
    for (round, other) in [2, 5, 6, 7].into_iter().enumerate() {
        let program = scene.again().await;
        let places = scene.both(program, 1, other).await;
        assert_eq!(scene.may_pair(program, places).await, round == 3, "{other}");
    }
    assert_eq!(scene.blocks_of(1).await, [who(5)]);
}

/// What somebody has said is theirs again, to take back; what was said of them they cannot.
pub async fn d10_one_takes_back_ones_own_words(h: Harness) {
    for (round, by) in [1, 2].into_iter().enumerate() {
        let tenant = TenantId::try_from(format!("harbour-{round}")).unwrap();
        let (world, _keys) = World::of(h.store.clone(), tenant).keyed();
        let scene = Scene::new(world).await;
        let world = &scene.world;
        scene.says(Said::Block { by }).await;
        scene.erases(1).await;
        world.days(1);
        let second = scene.again().await;
        scene.both(second, 1, 2).await;
        world.service.lift_block(&world.person(1), &who(2)).await.unwrap();
        world.days(30);
        let third = scene.again().await;
        let places = scene.both(third, 1, 2).await;
        assert_eq!(scene.may_pair(third, places).await, by == 1);
    }
}

/// Who they were, what they wrote and the cases about them do not come back.
pub async fn d10_nothing_else_comes_back(h: Harness) {
    let (scene, _keys) = keyed(h.store).await;
    let (world, s, me) = (&scene.world, &scene.world.service, scene.world.person(1));
    scene.decided(&[Measure::Warn]).await;
    scene.says(Said::Block { by: 2 }).await;
    let pseudonym = scene.erases(1).await.pseudonym;
    let second = world.program(|_| {}).await;
    drop(world.messages().await);
    let place = world.enroll(second, 1, Role::Mentor).await;
    let page = || PageAsk::default();
    let places = s.my_enrollments(&me, page()).await.unwrap().items;
    assert_eq!(places.iter().map(|it| it.id).collect::<Vec<_>>(), [place]);
    assert!(s.my_pairs(&me, page()).await.unwrap().items.is_empty());
    assert!(s.my_statements(&me, page()).await.unwrap().items.is_empty());
    assert_eq!(World::code(s.pair(&me, scene.pair).await.map(drop)), "not_found");
    let export = s.export_person(&me, &who(1), ExportAsk::default()).await.unwrap();
    let export = serde_json::to_string(&export).unwrap();
    assert!(!export.contains(&mark(1)) && !export.contains(pseudonym.as_str()), "{export}");
    // To the partner and to the admins they are somebody new, who was never here.
    let card = s.pair(&world.person(2), scene.pair).await.unwrap().card;
    assert_eq!(card.mentor, pseudonym);
    let told = format!("{:?}", world.messages().await);
    assert!(!told.contains(pseudonym.as_str()));
    let log = s.program_audit(&world.admin(), second, page()).await.unwrap();
    assert!(!log.items.iter().any(|it| it.action.as_str() == "person.return"));
    let census = census(&*world.store, &world.tenant).await;
    let returns: Vec<_> =
        census.audit.iter().filter(|it| it.action.as_str() == "person.return").collect();
    assert!(
        returns.len() == 1 && returns[0].private && !format!("{returns:?}").contains("erased:")
    );
}

/// D13: whoever is part of a case, or was a partner of somebody who is, does not become somebody else to it by
/// erasing themselves: not as staff, and not as an admin.
pub async fn d13_nobody_sheds_a_recusal_by_being_erased(h: Harness) {
    let (scene, _keys) = keyed(h.store).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let staff = |n: u64| Actor::staff(world.tenant.clone(), who(n));
    let second = world.program(|_| {}).await;
    world.enroll(second, 990, Role::Mentor).await;
    world.pair(second, 991, 3).await;
    let file = async |by: Actor, about: u64, what: &str, tier: Tier| {
        let report = ReportAsk::new(who(about), slug(what)).recipient(tier);
        world.days(1);
        s.file_report(&by, scene.program, report).await.unwrap().case
    };
    let about = file(world.person(2), 990, "threats", Tier::Both).await;
    let of_partner = file(world.person(2), 3, "threats", Tier::Both).await;
    let own = file(world.other_admin(), 1, "scam", Tier::Group).await;
    for n in [990, 991, 901] {
        scene.erases(n).await;
    }
    let queue = async |actor: &Actor| {
        let page = world.first_page();
        let found = match actor.official() {
            None => s.platform_cases(actor, page).await,
            Some(_) => s.group_cases(actor, scene.program, page).await,
        };
        found.unwrap().items.into_iter().map(|it| it.id).collect::<Vec<_>>()
    };
    for (actor, case, left) in [
        (staff(990), about, vec![of_partner]),
        (staff(991), of_partner, vec![about]),
        (world.other_admin(), own, vec![]),
    ] {
        assert_eq!(queue(&actor).await, left);
        let acts = [
            s.case(&actor, case).await.map(drop),
            s.triage_case(&actor, case, &slug("scam"), Priority::P2).await.map(drop),
            s.take_case(&actor, case).await,
            s.escalate_case(&actor, case).await,
            s.close_case(&actor, case).await,
        ];
        for act in acts {
            assert_eq!(World::code(act), "not_found");
        }
    }
    let exported = async |n: u64| {
        let whole = s.export_person(&staff(n), &who(2), ExportAsk::default()).await.unwrap();
        whole.reports.into_iter().map(|it| it.report.case).collect::<Vec<_>>()
    };
    assert_eq!(exported(990).await, [of_partner]);
    assert_eq!(exported(992).await, [about, of_partner]);
    for (actor, case) in [(staff(992), about), (staff(992), of_partner), (world.admin(), own)] {
        s.case(&actor, case).await.unwrap();
    }
    // Nor is an admin told of a case that is theirs.
    drop(world.messages().await);
    let again = file(world.person(2), 901, "spam", Tier::Both).await;
    let told = world.messages().await;
    assert!(
        told.iter().all(|it| it.message.case != Some(again) || it.message.to == Audience::Staff)
    );
    sound(world).await;
}

/// The host says that somebody is who had another key: known, erased, or erased without a key of the tenant's.
pub async fn d10_the_host_knows_the_same_human(h: Harness) {
    for (round, erased) in [None, Some(true), Some(false)].into_iter().enumerate() {
        let tenant = TenantId::try_from(format!("harbour-{round}")).unwrap();
        let (world, keys) = World::of(h.store.clone(), tenant).keyed();
        let scene = Scene::new(world).await;
        let (world, s) = (&scene.world, &scene.world.service);
        scene.says(Said::Block { by: 2 }).await;
        let was = match erased {
            None => who(1),
            Some(found) => {
                if !found {
                    keys.become_byte(None);
                }
                let pseudonym = scene.erases(1).await.pseudonym;
                if found { who(1) } else { pseudonym }
            }
        };
        // They have come back under another key, and met again.
        let second = scene.again().await;
        let pair = world.pair(second, 7, 2).await;
        let third = scene.again().await;
        let places = scene.both(third, 7, 2).await;
        assert!(scene.may_pair(third, places).await);
        let refused = s.same_person(&world.staff(), &who(7), &was).await;
        assert_eq!(World::code(refused), "not_found");
        let refused = s.same_person(&world.host_actor(), &who(7), &who(7)).await;
        assert_eq!(World::code(refused), "input.conflict");
        drop(world.messages().await);
        for _ in 0..2 {
            s.same_person(&world.host_actor(), &who(7), &was).await.unwrap();
            sound(world).await;
            assert_eq!(world.pair_state(2, pair).await, "ended");
            assert!(!scene.may_pair(third, places).await);
        }
        let told = world.messages().await;
        assert!(told.iter().all(|it| it.message.kind.as_str() == "pair.ended"), "{told:?}");
        assert!(!scene.blocks_of(2).await.contains(&who(7)));
        if erased.is_some() {
            let known = make::who(1);
            let ask = crate::store::RenameAsk {
                tenant: world.tenant.clone(),
                from: known,
                to: PersonId::try_from("nobody").unwrap(),
            };
            let view = world.store.unit().await.unwrap().rename_view(&ask).await.unwrap();
            assert!(!view.from_known, "the erased key is stored nowhere again");
        }
    }
}

/// Many who sign up at once are looked up together.
pub async fn d10_an_import_finds_who_was_here(h: Harness) {
    let (scene, _keys) = keyed(h.store).await;
    let world = &scene.world;
    scene.says(Said::Block { by: 2 }).await;
    scene.erases(1).await;
    scene.erases(2).await;
    let program = scene.again().await;
    let ask = [4, 1, 5, 2, 6].map(|n| {
        let role = if n == 1 { Role::Mentor } else { Role::Mentee };
        SignUp { person: who(n), apply: sign_up(role) }
    });
    let host = world.host_actor().with_command(id(70));
    let told = world.service.enroll_many(&host, program, &ask).await.unwrap();
    let places: Vec<EnrollmentId> = told.iter().map(|it| it.as_ref().unwrap().0).collect();
    let again = world.service.enroll_many(&host, program, &ask).await.unwrap();
    assert_eq!(told, again);
    let (s, admin) = (&world.service, world.admin());
    for (place, free) in [(0, true), (2, true), (3, false), (4, true)] {
        let staged = s.stage_proposal(&admin, places[1], places[place], None).await;
        assert_eq!(staged.is_ok(), free, "{place}");
        if let Ok(staged) = staged {
            s.withdraw_proposal(&admin, staged.proposal).await.unwrap();
        }
    }
}

/// Somebody comes back while they are erased once more, and while the other one speaks about who is gone.
pub async fn d10_a_return_against_everything(h: Harness) {
    for round in 0..ROUNDS {
        let tenant = TenantId::try_from(format!("harbour-{round}")).unwrap();
        let (world, _keys) = World::of(h.store.clone(), tenant).keyed();
        let scene = Scene::new(world).await;
        let world = &scene.world;
        let pseudonym = scene.erases(1).await.pseudonym;
        let (second, third) = (scene.again().await, scene.again().await);
        let comes = |program: ProgramId| {
            let apply = sign_up(Role::Mentor);
            call!(
                world,
                world.person(1),
                |s, me| async move { s.enroll(&me, program, apply).await }
            )
        };
        let block = {
            let gone = pseudonym.clone();
            call!(world, world.person(2), |s, me| async move { s.block(&me, &gone).await })
        };
        let erase =
            call!(
                world,
                world.host_actor(),
                |s, me| async move { s.erase_person(&me, &who(1)).await }
            );
        let mut tasks = vec![comes(second), block, comes(third)];
        if round % 2 == 1 {
            tasks.push(erase);
        }
        h.spawner.all(tasks).await;
        sound(world).await;
        // At the next sign-up at the latest everything is found.
        let fourth = scene.again().await;
        let places = scene.both(fourth, 1, 2).await;
        assert!(!scene.may_pair(fourth, places).await);
    }
}
