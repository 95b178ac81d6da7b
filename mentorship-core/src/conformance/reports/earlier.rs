//! Row 32, D19: what a post said before it was edited or removed, while a case about its pair goes on.

use super::{Scene, about, body, post_of, sound, verdict};
use crate::{
    base::{id::PostId, text::Body},
    conformance::{Harness, listings::all_after, make::who, world::World},
    model::{
        journal::{Post, REVISIONS_MAX},
        moderation::Moderation,
        report::{Content, InterimAsk, Item, Measure, Outcome, Tier},
    },
    service::PageAsk,
    store::{Listed, Listing, PAGE_MAX},
};

impl Scene {
    /// A post as it is stored.
    async fn stored(&self, post: PostId) -> Post {
        let (what, tenant) = (Listing::Posts { pair: self.pair, step: None }, &self.world.tenant);
        let all = all_after(&*self.world.store, tenant, &what, None, PAGE_MAX).await;
        let mut posts = all.into_iter().filter_map(|it| match it {
            Listed::Post(it) => Some(*it),
            _ => None,
        });
        posts.find(|it| it.id == post).unwrap()
    }

    /// The earlier texts that are kept of a post. Neither of the two is shown one.
    async fn earlier(&self, post: PostId) -> Vec<String> {
        for n in [1, 2] {
            let (s, me) = (&self.world.service, self.world.person(n));
            // Of whoever is erased there is nobody left to read.
            let thread = s.thread(&me, self.pair, None, PageAsk::default()).await;
            let Ok(thread) = thread else { continue };
            let read = thread.posts.into_iter().find(|it| it.id == post);
            assert!(read.is_none_or(|it| it.held.is_empty()), "person {n} reads it");
        }
        let stored = self.stored(post).await;
        stored.held.iter().map(|it| it.body.as_str().to_owned()).collect()
    }

    async fn edit(&self, post: PostId, text: &str) {
        let (s, me) = (&self.world.service, self.world.person(1));
        s.edit_post(&me, self.pair, post, body(text)).await.unwrap();
    }
}

/// Without a case nothing is kept; with one the earlier text is, and when it stood, until the last case about the pair
/// is over.
pub async fn row_32_an_earlier_text_is_kept_only_while_a_case_goes_on(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let post = scene.post(1, "Nothing yet.").await;
    scene.edit(post, "Buy it.").await;
    assert!(scene.earlier(post).await.is_empty(), "there is no case");
    let first = scene.report(2, about(1, "scam")).await.unwrap();
    world.days(1);
    scene.edit(post, "Ahoy.").await;
    let kept = scene.stored(post).await.held;
    assert_eq!((kept.len(), kept[0].until), (1, world.now()));
    assert_eq!(scene.earlier(post).await, ["Buy it."]);
    let other = scene.report(2, about(1, "spam").target(post_of(&scene, post))).await.unwrap();
    assert!(s.withdraw_report(&world.person(2), first).await.unwrap());
    assert_eq!(scene.earlier(post).await, ["Buy it."], "another case goes on");
    // Decided, and kept until nobody can appeal any more (D19).
    let admin = world.other_admin();
    world.work(&admin, other).await;
    s.decide_case(&admin, other, verdict(Outcome::NoAction, &[])).await.unwrap();
    world.sweep().await;
    scene.edit(post, "Ahoy again.").await;
    assert_eq!(scene.earlier(post).await, ["Buy it.", "Ahoy."]);
    sound(world).await;
    world.days(200);
    let swept = world.sweep().await;
    assert_eq!(swept.done.get("case.close"), Some(&1));
    assert!(scene.earlier(post).await.is_empty(), "the last case is over");
    sound(world).await;
}

/// A comment that its author removes, a post that the host removes and one that goes by a decision, while a case goes on
/// and where there is none.
pub async fn row_32_what_is_removed_is_kept_only_while_a_case_goes_on(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, me) = (&scene.world, &scene.world.service, scene.world.person(1));
    let content = |post| Content::Post { pair: scene.pair, post };
    let before = scene.post(1, "Before.").await;
    s.remove_post(&me, scene.pair, before).await.unwrap();
    let moderated = scene.post(1, "Moderated before.").await;
    s.moderate(&world.host_actor(), content(moderated), Moderation::Remove).await.unwrap();
    let reported = scene.post(1, "Reported.").await;
    let case = scene.report(2, about(1, "scam").target(post_of(&scene, reported))).await.unwrap();
    for gone in [before, moderated] {
        assert!(scene.earlier(gone).await.is_empty(), "there was no case");
    }
    let top = scene.post(1, "Top.").await;
    let hello = scene.stored(top).await.step;
    let comment = s.post(&me, scene.pair, &hello, Some(top), body("Comment.")).await.unwrap().post;
    s.remove_post(&me, scene.pair, comment).await.unwrap();
    assert_eq!(scene.earlier(comment).await, ["Comment."]);
    assert!(scene.stored(comment).await.body.is_none());
    s.moderate(&world.host_actor(), content(top), Moderation::Remove).await.unwrap();
    assert_eq!(scene.earlier(top).await, ["Top."]);
    // Removed for good, once: of what is gone nothing is kept again.
    let again = s.moderate(&world.host_actor(), content(top), Moderation::Remove).await;
    assert_eq!(World::code(again), "not_found");
    let admin = world.other_admin();
    world.work(&admin, case).await;
    let removes = verdict(Outcome::Actioned, &[Measure::RemoveContent]);
    s.decide_case(&admin, case, removes).await.unwrap();
    assert!(scene.stored(reported).await.body.is_none());
    assert_eq!(scene.earlier(reported).await, ["Reported."], "there may be an appeal");
    sound(world).await;
    world.days(200);
    world.sweep().await;
    for post in [comment, top, reported] {
        assert!(scene.earlier(post).await.is_empty());
    }
    sound(world).await;
}

/// A second report of the same that is the platform's alone has what the post said when the first one was filed. One
/// that admins see has not: they would know by it of the first one, which may not be there for them (D12).
pub async fn row_32_a_second_report_copies_earlier_texts(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let post = scene.post(1, "Buy it.").await;
    scene.report(2, about(1, "scam")).await.unwrap();
    scene.edit(post, "Ahoy.").await;
    let again = || about(1, "spam").target(post_of(&scene, post));
    for (tier, reader) in [
        (Tier::Both, world.other_admin()),
        (Tier::Group, world.other_admin()),
        (Tier::Platform, world.staff()),
    ] {
        let second = scene.report(2, again().recipient(tier)).await.unwrap();
        let file = s.case(&reader, second).await.unwrap();
        let texts = file.evidence.iter().find_map(|it| match it.read().unwrap()?.item {
            Item::Post { post: of, body, held, .. } if of == post => Some((body, held)),
            _ => None,
        });
        let (now, held) = texts.unwrap();
        assert_eq!(now.as_ref().map(Body::as_str), Some("Ahoy."));
        let held: Vec<_> = held.iter().map(|it| it.body.as_str()).collect();
        let expected: &[&str] = if tier == Tier::Platform { &["Buy it."] } else { &[] };
        assert_eq!(held, expected, "{tier:?}");
        sound(world).await;
        assert!(s.withdraw_report(&world.person(2), second).await.unwrap());
    }
}

/// What a case withheld is shown again when its report is taken back, and nothing of what it said before stays.
pub async fn row_32_what_is_shown_again_keeps_nothing(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let post = scene.post(1, "Buy it.").await;
    let case = scene.report(2, about(1, "spam").target(post_of(&scene, post))).await.unwrap();
    scene.edit(post, "Ahoy.").await;
    let admin = world.other_admin();
    world.work(&admin, case).await;
    let content = Content::Post { pair: scene.pair, post };
    s.take_interim(&admin, case, InterimAsk::WithdrawContent { content }).await.unwrap();
    assert!(scene.stored(post).await.withheld.is_some());
    assert!(s.withdraw_report(&world.person(2), case).await.unwrap());
    let stored = scene.stored(post).await;
    assert_eq!(stored.body.as_ref().map(Body::as_str), Some("Ahoy."));
    assert!(stored.withheld.is_none() && stored.held.is_empty(), "{stored:?}");
    sound(world).await;
}

/// However often somebody edits, the first text and the latest ones stay.
pub async fn row_32_earlier_texts_are_bounded(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let post = scene.post(1, "0").await;
    scene.report(2, about(1, "scam")).await.unwrap();
    for n in 1..=REVISIONS_MAX + 3 {
        scene.edit(post, &n.to_string()).await;
    }
    assert_eq!(scene.earlier(post).await, ["0", "4", "5", "6", "7"]);
    sound(&scene.world).await;
}

/// D19: an erasure takes out what a post says, and leaves to the case what it said when there was something to keep;
/// it goes when the case is over.
pub async fn d19_an_earlier_text_stays_when_its_author_is_erased(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let post = scene.post(1, "Buy it.").await;
    let case = scene.report(2, about(1, "scam")).await.unwrap();
    scene.edit(post, "Ahoy.").await;
    let pseudonym = s.erase_person(&world.host_actor(), &who(1)).await.unwrap().pseudonym;
    let stored = scene.stored(post).await;
    assert_eq!((stored.author, stored.body), (pseudonym, None));
    assert_eq!(scene.earlier(post).await, ["Buy it."]);
    sound(world).await;
    assert!(s.withdraw_report(&world.person(2), case).await.unwrap());
    assert!(scene.earlier(post).await.is_empty());
    sound(world).await;
}
