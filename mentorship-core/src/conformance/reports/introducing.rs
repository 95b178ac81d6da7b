//! What the two say to introduce themselves, which is the first that one hears of the other: reported, copied,
//! withdrawn and removed like what they write later.

use super::{Scene, about, sound, verdict};
use crate::{
    base::{id::CaseId, text::Note},
    conformance::{
        Harness,
        make::who,
        world::{World, sign_up},
    },
    decide::enrollment::Apply,
    model::{
        enrollment::Role,
        moderation::Moderation,
        pair::EndKind,
        program::Oversight,
        report::{Content, InterimAsk, Item, Measure, Outcome, Party, Target, verify},
    },
};

const RUDE: &str = "You will do as I say.";

impl Scene {
    async fn introduce(&self, n: u64, words: &str) -> &'static str {
        let (s, me) = (&self.world.service, self.world.person(n));
        let done = s.introduce_oneself(&me, self.pair, Note::new(words).unwrap()).await;
        if done.is_ok() { "done" } else { World::code(done) }
    }

    fn introduction(&self, side: Role) -> Target {
        Target::Introduction { pair: self.pair, side }
    }

    /// What person `n` reads of what the mentor said.
    async fn reads(&self, n: u64) -> Option<String> {
        let details = self.world.service.pair(&self.world.person(n), self.pair).await.unwrap();
        details.introductions[0].as_ref().map(|it| it.as_str().to_owned())
    }

    /// Who said which introduction in the evidence of a case, and whether that was reported.
    async fn introductions(&self, case: CaseId) -> Vec<(Party, bool, String)> {
        let file = self.world.service.case(&self.world.other_admin(), case).await.unwrap();
        verify(&file.case, &file.evidence).unwrap();
        let read = file.evidence.iter().filter_map(|it| it.read().unwrap());
        let said = read.filter_map(|it| match it.item {
            Item::Introduction { words, .. } => {
                Some((it.author, it.reported, words.as_str().to_owned()))
            }
            _ => None,
        });
        said.collect()
    }
}

/// D11: an introduction is reported like a post, by whoever it was said to; other reports from the pair copy it
/// as what stood around. What is said later in its place does not touch that.
pub async fn d11_an_introduction_is_reported_and_copied(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let report = |side| about(1, "harassment").target(scene.introduction(side));
    let nothing = scene.report(2, report(Role::Mentor)).await;
    assert_eq!(World::code(nothing), "not_found", "nothing was said");
    assert_eq!(scene.introduce(1, RUDE).await, "done");
    assert_eq!(scene.introduce(2, "Ahoy.").await, "done");
    assert_eq!(World::code(scene.report(7, report(Role::Mentor)).await), "not_found");
    let own = scene.report(2, report(Role::Mentee)).await;
    assert_eq!(World::code(own), "not_found", "not what the subject said");
    let case = scene.report(2, report(Role::Mentor)).await.unwrap();
    let again = scene.report(2, report(Role::Mentor)).await;
    assert_eq!(World::code(again), "report.exists");
    let person = scene.report(2, about(1, "scam")).await.unwrap();
    assert_eq!(scene.introduce(1, "Welcome!").await, "done");
    let (rude, ahoy) = (RUDE.to_owned(), "Ahoy.".to_owned());
    let s = &scene.world.service;
    let file = s.case(&scene.world.staff(), case).await.unwrap();
    assert_eq!(file.case.target, scene.introduction(Role::Mentor));
    verify(&file.case, &file.evidence).unwrap();
    let all: String = file.evidence.iter().filter_map(|it| it.content.clone()).collect();
    assert!(all.contains(RUDE) && all.contains("Ahoy."), "{all}");
    let expected = [(Party::Subject, false, rude), (Party::Reporter, false, ahoy)];
    assert_eq!(scene.introductions(person).await, expected);
    sound(&scene.world).await;
}

/// D2, D11: within the window it is reported after the end too, also by whoever may read it no longer.
pub async fn d11_an_introduction_is_reported_after_the_end(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let s = &scene.world.service;
    scene.introduce(1, RUDE).await;
    s.end_pair(&scene.world.person(1), scene.pair, EndKind::Other, None, false).await.unwrap();
    assert_eq!(scene.reads(2).await, None);
    let report = || about(1, "scam").target(scene.introduction(Role::Mentor));
    let case = scene.report(2, report()).await.unwrap();
    let expected = [(Party::Subject, true, RUDE.to_owned())];
    assert_eq!(scene.introductions(case).await, expected);
    s.withdraw_report(&scene.world.person(2), case).await.unwrap();
    scene.world.days(181);
    assert_eq!(World::code(scene.report(2, report()).await), "report.too_late");
}

/// Where the two were promised that nobody else reads what they write, only the reported one is copied.
pub async fn a_pair_of_its_own_hands_over_one_introduction(h: Harness) {
    let world = World::new(h.store);
    let oversight = Oversight::PairOnly;
    let program = world.program(|policy| policy.oversight = oversight).await;
    let mut places = Vec::new();
    for (n, role) in [(1, Role::Mentor), (2, Role::Mentee)] {
        let input = Apply { oversight, ..sign_up(role) };
        places.push(world.enroll_with(program, n, input).await.unwrap());
    }
    let offer = world.offer(places[0], places[1]).await;
    let pair = world.accept(offer, 1, 2).await;
    let scene = Scene { world, program, pair };
    scene.introduce(1, RUDE).await;
    scene.introduce(2, "In confidence.").await;
    let person = scene.report(2, about(1, "scam")).await.unwrap();
    assert!(scene.introductions(person).await.is_empty());
    let report = about(1, "scam").target(scene.introduction(Role::Mentor));
    let case = scene.report(2, report).await.unwrap();
    assert_eq!(scene.introductions(case).await, [(Party::Subject, true, RUDE.to_owned())]);
}

/// D19: whoever erases themselves takes an introduction out of the pair and not out of an open case.
pub async fn d19_an_introduction_stays_with_its_case(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let s = &scene.world.service;
    scene.introduce(1, RUDE).await;
    let report = about(1, "scam").target(scene.introduction(Role::Mentor));
    let case = scene.report(2, report).await.unwrap();
    s.erase_person(&scene.world.person(1), &who(1)).await.unwrap();
    assert_eq!(scene.reads(2).await, None);
    assert_eq!(scene.introductions(case).await, [(Party::Subject, true, RUDE.to_owned())]);
    sound(&scene.world).await;
}

/// Row 53: a withdrawn introduction is shown to its author alone, who cannot say another one meanwhile. It is
/// shown again when the case lets go, of a frozen pair in the same write.
pub async fn row_53_a_withdrawn_introduction_is_its_authors_alone(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    scene.introduce(1, RUDE).await;
    scene.introduce(2, "Ahoy.").await;
    let case = scene.report(2, about(1, "scam")).await.unwrap();
    world.work(&admin, case).await;
    drop(world.messages().await);
    let held = |side| InterimAsk::WithdrawContent {
        content: Content::Introduction { pair: scene.pair, side },
    };
    assert_eq!(scene.take(&admin, case, held(Role::Mentee)).await, "not_found", "the reporter's");
    assert_eq!(scene.take(&admin, case, held(Role::Mentor)).await, "done");
    assert!(world.messages().await.is_empty(), "nobody is told");
    assert_eq!(scene.reads(2).await, None);
    assert_eq!(scene.reads(1).await, Some(RUDE.to_owned()));
    let details = async |n| s.pair(&world.person(n), scene.pair).await.unwrap();
    assert_eq!(details(1).await.withheld_since, Some(world.now()));
    assert_eq!(details(2).await.withheld_since, None, "it reads as if nothing was said");
    assert_eq!(scene.introduce(1, "Welcome!").await, "pair.not_writable");
    assert_eq!(scene.introduce(2, "Hello.").await, "done");
    assert_eq!(scene.take(&admin, case, InterimAsk::FreezePair).await, "done");
    let nothing = verdict(Outcome::NoAction, &[]);
    s.decide_case(&admin, case, nothing).await.unwrap();
    assert_eq!(world.pair_state(2, scene.pair).await, "active");
    assert_eq!(scene.reads(2).await, Some(RUDE.to_owned()));
    assert_eq!(details(1).await.withheld_since, None);
    sound(world).await;
}

/// Row 53: it goes for good with what was reported, if that is decided, and in the same write the pair ends.
pub async fn row_53_an_introduction_goes_for_good_if_decided(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    scene.introduce(1, RUDE).await;
    scene.introduce(2, "Ahoy.").await;
    let report = about(1, "scam").target(scene.introduction(Role::Mentor));
    let case = scene.report(2, report).await.unwrap();
    world.work(&admin, case).await;
    assert_eq!(scene.take(&admin, case, InterimAsk::FreezePair).await, "done");
    let measures = [Measure::RemoveContent, Measure::EndPair];
    s.decide_case(&admin, case, verdict(Outcome::Actioned, &measures)).await.unwrap();
    assert_eq!(world.pair_state(1, scene.pair).await, "ended");
    for n in [1, 2] {
        assert_eq!(scene.reads(n).await, None);
        let details = s.pair(&world.person(n), scene.pair).await.unwrap();
        assert!(details.introductions[1].is_some(), "only what was reported goes");
    }
    assert_eq!(scene.introductions(case).await[0], (Party::Subject, true, RUDE.to_owned()));
    sound(world).await;
}

/// D37: the host's own moderation hides an introduction, shows it again and removes it.
pub async fn d37_the_host_moderates_an_introduction(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let content = Content::Introduction { pair: scene.pair, side: Role::Mentor };
    let host = world.host_actor();
    let missing = s.moderate(&host, content, Moderation::Hide).await;
    assert_eq!(World::code(missing), "not_found");
    scene.introduce(1, RUDE).await;
    s.moderate(&host, content, Moderation::Hide).await.unwrap();
    assert_eq!((scene.reads(1).await, scene.reads(2).await), (Some(RUDE.to_owned()), None));
    s.moderate(&host, content, Moderation::Show).await.unwrap();
    assert_eq!(scene.reads(2).await, Some(RUDE.to_owned()));
    s.moderate(&host, content, Moderation::Hide).await.unwrap();
    s.moderate(&host, content, Moderation::Remove).await.unwrap();
    assert_eq!((scene.reads(1).await, scene.reads(2).await), (None, None));
    assert_eq!(scene.introduce(1, "Welcome!").await, "done", "nothing holds it any more");
    assert_eq!(scene.reads(2).await, Some("Welcome!".to_owned()));
    sound(world).await;
}
