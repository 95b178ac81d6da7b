//! The host's own moderation (D37): what it hides or removes, beside what cases hold and have copied.

use super::{Scene, about, body, post_of, sound};
use crate::{
    base::text::Note,
    conformance::{
        Harness,
        make::{slug, who},
        world::World,
    },
    decide::journal::CheckInInput,
    model::{
        enrollment::Role,
        journal::CheckInKind,
        moderation::Moderation,
        pair::EndKind,
        report::{Content, InterimAsk, verify},
    },
    policy::actor::Actor,
};

impl Scene {
    async fn moderate(&self, by: &Actor, content: Content, act: Moderation) -> &'static str {
        let done = self.world.service.moderate(by, content, act).await;
        if done.is_ok() { "done" } else { World::code(done) }
    }
}

/// What the host hides is its author's alone until it is shown again, and nobody is told; it is for the host and
/// staff only.
pub async fn d37_what_the_host_hides_is_its_authors_alone(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let (host, staff) = (world.host_actor(), world.staff());
    let post = scene.post(1, "Look at my picture!").await;
    let content = Content::Post { pair: scene.pair, post };
    for nobody in [world.admin(), world.person(1), world.person(2), world.person(3)] {
        for act in [Moderation::Hide, Moderation::Show, Moderation::Remove] {
            assert_eq!(scene.moderate(&nobody, content, act).await, "not_found");
        }
    }
    drop(world.messages().await);
    assert_eq!(scene.moderate(&host, content, Moderation::Show).await, "state.not_allowed");
    assert_eq!(scene.moderate(&host, content, Moderation::Hide).await, "done");
    assert_eq!(scene.moderate(&staff, content, Moderation::Hide).await, "state.not_allowed");
    assert!(world.messages().await.is_empty(), "nobody is told");
    let (mine, theirs) = (scene.read(1, 1).await, scene.read(2, 1).await);
    assert_eq!((mine.body, mine.removed_at), (Some(body("Look at my picture!")), None));
    assert!(mine.withheld.is_some_and(|it| it.by.is_empty()));
    assert_eq!((theirs.body, theirs.removed_at), (None, Some(world.now())));
    let edit = s.edit_post(&world.person(1), scene.pair, post, body("Now?")).await;
    assert_eq!(World::code(edit), "pair.not_writable");
    let reply = s.post(&world.person(2), scene.pair, &slug("hello"), Some(post), body("?")).await;
    assert_eq!(World::code(reply), "not_found");
    let of_the_two = Actor::staff(world.tenant.clone(), who(2));
    let own = scene.moderate(&of_the_two, content, Moderation::Show).await;
    assert_eq!(own, "conflict_of_interest");
    assert_eq!(scene.moderate(&staff, content, Moderation::Show).await, "done");
    let (mine, theirs) = (scene.read(1, 1).await, scene.read(2, 1).await);
    assert_eq!((mine.clone(), mine.withheld), (theirs, None));
    sound(world).await;
}

/// What the host removes is gone for both, in a pair that is frozen or over as well; what a case has copied stays
/// whole, and its seals hold.
pub async fn d37_removed_content_stays_in_the_evidence(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, pair) = (&scene.world, &scene.world.service, scene.pair);
    let (host, staff, admin) = (world.host_actor(), world.staff(), world.other_admin());
    let reported = scene.post(1, "Buy my course!").await;
    let frozen = scene.post(1, "Do it now.").await;
    let survey = CheckInInput {
        kind: CheckInKind::Closing,
        score: Some(5),
        note: None,
        note_shared: false,
        testimonial: Some(Note::new("Buy it!").unwrap()),
    };
    s.check_in(&world.person(1), pair, survey).await.unwrap();
    let case = scene.report(2, about(1, "scam").target(post_of(&scene, reported))).await.unwrap();
    world.work(&admin, case).await;
    let remove = Moderation::Remove;
    let content = |post| Content::Post { pair, post };
    assert_eq!(scene.moderate(&host, content(reported), remove).await, "done");
    assert_eq!(scene.moderate(&host, content(reported), remove).await, "not_found");
    s.freeze_pair(&staff, pair).await.unwrap();
    assert_eq!(scene.moderate(&host, content(frozen), remove).await, "done");
    s.unfreeze_pair(&staff, pair).await.unwrap();
    for n in [1, 2] {
        let bodies = [scene.read(n, 1).await.body, scene.read(n, 2).await.body];
        assert_eq!(bodies, [None, None]);
    }
    s.end_pair(&world.person(1), pair, EndKind::Other, None, false).await.unwrap();
    let words = Content::CheckIn { pair, side: Role::Mentor, kind: CheckInKind::Closing };
    assert_eq!(scene.moderate(&host, words, remove).await, "done");
    assert_eq!(scene.moderate(&host, words, remove).await, "not_found");
    let other = Content::CheckIn { pair, side: Role::Mentee, kind: CheckInKind::Closing };
    assert_eq!(scene.moderate(&host, other, remove).await, "not_found");
    assert_eq!(scene.check_ins(1).await[0].testimonial, None);
    let file = s.case(&admin, case).await.unwrap();
    verify(&file.case, &file.evidence).unwrap();
    assert!(file.evidence.iter().any(|it| it.content.as_ref().unwrap().contains("my course")));
    sound(world).await;
}

/// What the host hides and a case withdraws is shown again when both have let go, in either order.
pub async fn d37_the_host_and_a_case_hold_apart(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, pair) = (&scene.world, scene.pair);
    let (host, admin) = (world.host_actor(), world.other_admin());
    for seq in [1, 2] {
        let post = scene.post(1, "Buy my course!").await;
        let content = Content::Post { pair, post };
        let report = about(1, "scam").target(post_of(&scene, post));
        let case = scene.report(2, report).await.unwrap();
        world.work(&admin, case).await;
        let ask = InterimAsk::WithdrawContent { content };
        assert_eq!(scene.take(&admin, case, ask).await, "done");
        assert_eq!(scene.moderate(&host, content, Moderation::Hide).await, "done");
        if seq == 1 {
            assert_eq!(scene.moderate(&host, content, Moderation::Show).await, "done");
        } else {
            assert_eq!(scene.lift(&admin, case, ask).await, "done");
        }
        assert_eq!(scene.read(2, seq).await.body, None, "one of the two holds it");
        if seq == 1 {
            assert_eq!(scene.lift(&admin, case, ask).await, "done");
        } else {
            assert_eq!(scene.moderate(&host, content, Moderation::Show).await, "done");
        }
        assert_eq!(scene.read(2, seq).await.body, Some(body("Buy my course!")));
    }
    sound(world).await;
}
