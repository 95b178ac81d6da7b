//! Reports of the same thing by many: reviewers find them together, and none that is not for them.

use super::{Scene, about, post_of, sound};
use crate::{
    base::id::CaseId,
    conformance::{Harness, make::who, world::World},
    model::report::Tier,
    policy::actor::Actor,
    service::PageAsk,
};

impl Scene {
    /// What a reviewer finds beside a case, with whether it is about the very same thing, in pages of two.
    async fn alike(&self, actor: &Actor, case: CaseId) -> Vec<(CaseId, bool)> {
        let (s, mut found, mut after) = (&self.world.service, Vec::new(), None);
        loop {
            let page = s.alike_cases(actor, case, PageAsk { limit: 2, after }).await.unwrap();
            assert!(
                page.next.is_none() || page.items.len() == 2,
                "a page that is not full is the last"
            );
            found.extend(page.items.iter().map(|it| (it.queued.id, it.same_target)));
            after = page.next;
            if after.is_none() {
                return found;
            }
        }
    }
}

/// Brigading: what many report of one person stands together, so that it is merged; of another person, of another
/// program, and what is decided does not.
pub async fn reports_of_one_person_are_found_together(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let (admin, staff) = (world.other_admin(), world.staff());
    let post = scene.post(1, "Buy my course.").await;
    let (mut cases, mut tiers) =
        (Vec::new(), [Tier::Both, Tier::Group, Tier::Platform].into_iter());
    for n in [2, 3, 4, 5] {
        let tier = tiers.next().unwrap_or_default();
        cases.push(scene.report(n, about(1, "scam").recipient(tier)).await.unwrap());
        world.clock.advance(chrono::TimeDelta::seconds(1));
    }
    let [first, of_group, of_platform, fourth] = cases[..] else { panic!("four") };
    let of_post = scene.report(2, about(1, "scam").target(post_of(&scene, post))).await.unwrap();
    scene.report(2, about(7, "scam")).await.unwrap();
    let elsewhere = world.program(|_| {}).await;
    let other = s.file_report(&world.person(3), elsewhere, about(1, "scam")).await.unwrap().case;
    let of_admin = [(first, true), (of_group, true), (fourth, true), (of_post, false)];
    assert_eq!(scene.alike(&admin, first).await, of_admin);
    assert_eq!(scene.alike(&admin, fourth).await, of_admin);
    let seen_from_post = of_admin.map(|(case, same)| (case, !same));
    assert_eq!(scene.alike(&admin, of_post).await, seen_from_post);
    // The platform sees every program of the tenant.
    let of_staff = [(first, true), (of_platform, true), (fourth, true), (of_post, false)];
    let found = scene.alike(&staff, of_platform).await;
    assert_eq!(found[..4], of_staff);
    assert_eq!(found[4..], [(other, true)]);
    for (actor, case) in [(&admin, of_platform), (&staff, of_group)] {
        let refused = s.alike_cases(actor, case, PageAsk::default()).await;
        assert_eq!(World::code(refused), "not_found", "a case of others is none");
    }
    for actor in [world.person(1), world.person(2), world.host_actor()] {
        let refused = s.alike_cases(&actor, first, PageAsk::default()).await;
        assert_eq!(World::code(refused), "not_found", "{actor:?}");
    }
    // What is found is merged, and stands there no more.
    world.work(&admin, fourth).await;
    s.merge_case(&admin, fourth, first).await.unwrap();
    assert_eq!(scene.alike(&admin, of_group).await, [of_admin[0], of_admin[1], of_admin[3]]);
    assert_eq!(scene.alike(&admin, fourth).await, [of_admin[0], of_admin[1], of_admin[3]]);
    sound(world).await;
}

/// D13, I9: beside a case that one may review nothing shows of another one about the same person that one may not,
/// in every size of a page; who has made the match finds what they may see.
pub async fn d13_what_is_alike_shows_nothing_to_whoever_is_recused(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    let mut cases = Vec::new();
    for n in [2, 3, 4, 5, 6] {
        cases.push(scene.report(n, about(1, "scam")).await.unwrap());
        world.clock.advance(chrono::TimeDelta::seconds(1));
    }
    // The admin has reported the same, and blocks 3, who is blocked by nobody else; 5 blocks the admin.
    let own = s.file_report(&admin, scene.program, about(1, "spam")).await.unwrap().case;
    s.block(&world.person(901), &who(3)).await.unwrap();
    s.block(&world.person(5), &who(901)).await.unwrap();
    let shown = [cases[0], cases[2], cases[4]].map(|it| (it, true));
    assert_eq!(scene.alike(&admin, cases[0]).await, shown);
    for hidden in [cases[1], cases[3], own] {
        let refused = s.alike_cases(&admin, hidden, PageAsk::default()).await;
        assert_eq!(World::code(refused), "not_found");
    }
    let others = scene.alike(&world.admin(), cases[0]).await;
    assert_eq!(others.len(), 6, "nothing recuses the other admin fully");
    let page = s.alike_cases(&world.admin(), cases[0], PageAsk::default()).await.unwrap();
    let works = page.items.iter().map(|it| it.queued.may_work);
    assert_eq!(
        works.collect::<Vec<_>>(),
        [false, true, true, true, true, true],
        "they made the match"
    );
    sound(world).await;
}
