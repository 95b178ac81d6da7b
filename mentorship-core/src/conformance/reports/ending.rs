//! The note with which one of the two ends a pair, which the other reads last: reported, copied, withdrawn and removed
//! like everything else that one writes to the other.

use super::{Scene, about, sound, verdict};
use crate::{
    base::{
        id::{CaseId, PairId},
        text::Note,
        time::Timestamp,
    },
    conformance::{Harness, make::who, world::World},
    model::{
        enrollment::Role,
        moderation::Moderation,
        pair::EndKind,
        report::{Content, InterimAsk, Item, Measure, Outcome, Party, Target, verify},
    },
    service::ExportAsk,
};

const RUDE: &str = "You were never worth my time.";

impl Scene {
    /// The mentor ends the pair with this note.
    async fn ends(&self, shared: bool) {
        let (s, me, note) = (&self.world.service, self.world.person(1), Note::new(RUDE).unwrap());
        s.end_pair(&me, self.pair, EndKind::NotAFit, Some(note), shared).await.unwrap();
    }

    fn ending(&self) -> (Target, Content) {
        let (pair, side): (PairId, Role) = (self.pair, Role::Mentor);
        (Target::Ending { pair, side }, Content::Ending { pair, side })
    }

    async fn last_words(&self, n: u64) -> Option<String> {
        let read = self.world.service.pair(&self.world.person(n), self.pair).await.unwrap();
        read.card.note.map(|it| it.as_str().to_owned())
    }

    /// Since when the note is held, as somebody is told: the same on the pair as in the list of them.
    async fn held_since(&self, n: u64) -> Option<Timestamp> {
        let (s, me) = (&self.world.service, self.world.person(n));
        let there = s.pair(&me, self.pair).await.unwrap().card;
        let listed = s.my_pairs(&me, self.world.first_page()).await.unwrap().items;
        assert_eq!(listed.iter().find(|it| it.pair == self.pair), Some(&there));
        let ask = ExportAsk { limit: 500, after: None };
        let export = s.export_person(&me, &who(n), ask).await.unwrap();
        let told = format!("note_withheld_since: {:?}", there.note_withheld_since);
        assert!(format!("{export:?}").contains(&told), "{export:?}");
        there.note_withheld_since
    }

    /// The same, of an admin.
    async fn held_for_admin(&self) -> Option<Timestamp> {
        let (s, admin) = (&self.world.service, self.world.other_admin());
        s.pair(&admin, self.pair).await.unwrap().card.note_withheld_since
    }

    /// Who ended it with which words in the evidence of a case, and whether that was reported.
    async fn endings(&self, case: CaseId) -> Vec<(Party, bool, String)> {
        let file = self.world.service.case(&self.world.other_admin(), case).await.unwrap();
        verify(&file.case, &file.evidence).unwrap();
        let read = file.evidence.iter().filter_map(|it| it.read().unwrap());
        let said = read.filter_map(|it| match it.item {
            Item::Ending { words, .. } => Some((it.author, it.reported, words.as_str().to_owned())),
            _ => None,
        });
        said.collect()
    }
}

/// D11: a note of the end is reported by whom it was shown to; another report from the pair copies it as what stood
/// around. Nobody reports one that they are not shown.
pub async fn d11_a_note_of_the_end_is_reported_and_copied(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let report = || about(1, "harassment").target(scene.ending().0);
    assert_eq!(World::code(scene.report(2, report()).await), "not_found", "nothing has ended");
    scene.ends(true).await;
    assert_eq!(World::code(scene.report(7, report()).await), "not_found");
    let case = scene.report(2, report()).await.unwrap();
    assert_eq!(World::code(scene.report(2, report()).await), "report.exists");
    let person = scene.report(2, about(1, "scam")).await.unwrap();
    assert_eq!(scene.endings(person).await, [(Party::Subject, false, RUDE.to_owned())]);
    let staff = scene.world.staff();
    let file = scene.world.service.case(&staff, case).await.unwrap();
    assert_eq!(file.case.target, scene.ending().0);
    let all: String = file.evidence.iter().filter_map(|it| it.content.clone()).collect();
    assert!(all.contains(RUDE), "{all}");
    sound(&scene.world).await;
}

/// Row 39: what was not shared is nobody's to report, and is copied for nobody.
pub async fn row_39_a_note_of_ones_own_is_not_reported(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    scene.ends(false).await;
    let report = about(1, "scam").target(scene.ending().0);
    assert_eq!(World::code(scene.report(2, report).await), "not_found");
    let person = scene.report(2, about(1, "scam")).await.unwrap();
    assert!(scene.endings(person).await.is_empty());
}

/// Row 53: a withdrawn note is shown to its author alone, and again when the case lets go; with what was reported it
/// goes for good, if that is decided. The end itself stays (I5).
pub async fn row_53_a_withdrawn_note_of_the_end_is_its_authors_alone(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    scene.ends(true).await;
    let rude = || Some(RUDE.to_owned());
    assert_eq!((scene.last_words(1).await, scene.last_words(2).await), (rude(), rude()));
    let mild = scene.report(2, about(1, "scam")).await.unwrap();
    world.work(&admin, mild).await;
    let held = InterimAsk::WithdrawContent { content: scene.ending().1 };
    assert_eq!((scene.held_since(1).await, scene.held_since(2).await), (None, None));
    let since = world.now();
    assert_eq!(scene.take(&admin, mild, held).await, "done");
    assert_eq!((scene.last_words(1).await, scene.last_words(2).await), (rude(), None));
    // Their author is told that they are held, when they look, and nobody else.
    world.days(1);
    assert_eq!((scene.held_since(1).await, scene.held_since(2).await), (Some(since), None));
    assert_eq!(scene.held_for_admin().await, None);
    // What was read before it was withheld is evidence all the same.
    let second = scene.report(2, about(1, "harassment")).await.unwrap();
    let file = s.case(&world.staff(), second).await.unwrap();
    assert!(file.evidence.iter().any(|it| it.content.as_ref().is_some_and(|it| it.contains(RUDE))));
    s.decide_case(&admin, mild, verdict(Outcome::NoAction, &[])).await.unwrap();
    assert_eq!(scene.last_words(2).await, rude());
    assert_eq!(scene.held_since(1).await, None);
    let case = scene.report(2, about(1, "spam").target(scene.ending().0)).await.unwrap();
    world.work(&admin, case).await;
    let gone = verdict(Outcome::Actioned, &[Measure::RemoveContent]);
    s.decide_case(&admin, case, gone).await.unwrap();
    assert_eq!((scene.last_words(1).await, scene.last_words(2).await), (None, None));
    assert_eq!((scene.held_since(1).await, scene.held_since(2).await), (None, None));
    assert_eq!(world.pair_state(2, scene.pair).await, "ended");
    assert_eq!(scene.endings(case).await, [(Party::Subject, true, RUDE.to_owned())]);
    sound(world).await;
}

/// D37, D19: the host's own moderation hides it, shows it again and removes it; an erasure takes it out of the pair and
/// not out of an open case.
pub async fn d37_the_host_moderates_a_note_of_the_end(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, host) = (&scene.world, &scene.world.service, scene.world.host_actor());
    let content = scene.ending().1;
    let missing = s.moderate(&host, content, Moderation::Hide).await;
    assert_eq!(World::code(missing), "not_found");
    scene.ends(true).await;
    s.moderate(&host, content, Moderation::Hide).await.unwrap();
    assert_eq!(scene.last_words(2).await, None);
    // They may have read it before.
    let case = scene.report(2, about(1, "scam").target(scene.ending().0)).await.unwrap();
    s.moderate(&host, content, Moderation::Show).await.unwrap();
    assert_eq!(scene.last_words(2).await, Some(RUDE.to_owned()));
    s.moderate(&host, content, Moderation::Hide).await.unwrap();
    s.erase_person(&world.person(1), &who(1)).await.unwrap();
    assert_eq!(scene.last_words(2).await, None);
    assert_eq!(scene.endings(case).await, [(Party::Subject, true, RUDE.to_owned())]);
    sound(world).await;
}
