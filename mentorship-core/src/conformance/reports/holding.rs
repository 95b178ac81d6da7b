//! Interim measures (row 53): what a case holds while it is open, and what becomes of it.

use chrono::TimeDelta;

use super::{Scene, about, body, kinds, post_of, sound, verdict};
use crate::{
    base::{host::TenantId, id::CaseId, text::Note},
    change::{Change, ChangeSet, Key},
    conformance::{
        Harness, Task,
        census::census,
        contract::store,
        make::{group, slug, who},
        races::arena::{ROUNDS, call},
        world::World,
    },
    decide::journal::CheckInInput,
    model::{
        enrollment::{Enrollment, EnrollmentState, Role},
        event::{Audience, AuditEvent},
        journal::{CheckIn, CheckInKind, Post},
        moderation::Moderation,
        pair::EndKind,
        person::Person,
        report::{Content, InterimAsk, Measure, Outcome, Priority, Tier, verify},
    },
    policy::actor::Actor,
    service::PageAsk,
    store::PersonAsk,
};

impl Scene {
    pub(super) async fn take(&self, by: &Actor, case: CaseId, ask: InterimAsk) -> &'static str {
        let done = self.world.service.take_interim(by, case, ask).await;
        if done.is_ok() { "done" } else { World::code(done) }
    }

    pub(super) async fn lift(&self, by: &Actor, case: CaseId, ask: InterimAsk) -> &'static str {
        let done = self.world.service.lift_interim(by, case, ask).await;
        if done.is_ok() { "done" } else { World::code(done) }
    }

    /// What an admin reads of the program outside of its cases tells neither of this one nor who works it.
    async fn tells_no_admin(&self, case: CaseId) {
        let (s, admin, page) = (&self.world.service, self.world.admin(), PageAsk::default);
        let pairs = s.pairs(&admin, self.program, None, page()).await.unwrap();
        let places = s.enrollments(&admin, self.program, None, None, page()).await.unwrap();
        let log = s.program_audit(&admin, self.program, page()).await.unwrap();
        let read = format!("{pairs:?} {places:?} {log:?}");
        assert!(!read.contains(&case.to_string()) && !read.contains(who(901).as_str()), "{read}");
    }

    /// Decides that nothing is done.
    async fn dismissed(&self, case: CaseId) {
        let admin = self.world.other_admin();
        let nothing = verdict(Outcome::NoAction, &[]);
        self.world.service.decide_case(&admin, case, nothing).await.unwrap();
    }

    /// A post of the pair as person `n` reads it.
    pub(super) async fn read(&self, n: u64, seq: u64) -> Post {
        let (s, me) = (&self.world.service, self.world.person(n));
        let thread = s.thread(&me, self.pair, None, PageAsk::default()).await.unwrap();
        thread.posts.into_iter().find(|it| it.seq == seq).unwrap()
    }

    pub(super) async fn check_ins(&self, n: u64) -> Vec<CheckIn> {
        let (s, me) = (&self.world.service, self.world.person(n));
        s.check_ins(&me, self.pair, PageAsk::default()).await.unwrap().items
    }

    /// The one enrolment of person `n`, as they read it.
    async fn place(&self, n: u64) -> Enrollment {
        let (s, me) = (&self.world.service, self.world.person(n));
        s.my_enrollments(&me, PageAsk::default()).await.unwrap().items.remove(0)
    }
}

/// A freeze reads as a pause by the program, is on record in its case alone, and is over when the case comes
/// to nothing; taken or lifted again it changes nothing.
pub async fn row_53_a_freeze_goes_with_its_case(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, admin) = (&scene.world, scene.world.other_admin());
    let case = scene.taken().await;
    drop(world.messages().await);
    assert_eq!(scene.take(&admin, case, InterimAsk::FreezePair).await, "done");
    assert_eq!(scene.take(&admin, case, InterimAsk::FreezePair).await, "done");
    for n in [1, 2] {
        assert_eq!(world.pair_state(n, scene.pair).await, "paused");
    }
    let messages = world.messages().await;
    assert_eq!(
        (kinds(&messages, 1), kinds(&messages, 2)),
        (vec!["pair.paused_by_program"], vec!["pair.paused_by_program"])
    );
    assert!(messages.iter().all(|it| it.message.case.is_none()));
    scene.tells_no_admin(case).await;
    let file = world.service.case(&admin, case).await.unwrap().case;
    assert_eq!(file.interim.len(), 1);
    assert_eq!((file.interim[0].by.clone(), file.interim[0].since), (Some(who(901)), world.now()));
    world.days(1);
    scene.dismissed(case).await;
    assert_eq!(world.pair_state(2, scene.pair).await, "introduced");
    assert_eq!(kinds(&world.messages().await, 1), ["pair.resumed"]);
    let file = world.service.case(&admin, case).await.unwrap().case;
    assert_eq!(file.interim[0].lifted_at, Some(world.now()));
    assert_eq!(scene.lift(&admin, case, InterimAsk::FreezePair).await, "state.not_allowed");
    sound(world).await;
}

/// What two cases hold, or a case and the platform, goes on when both have let go.
pub async fn row_53_the_last_one_lets_go(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    let one = scene.taken().await;
    let other = scene.report(1, about(2, "scam")).await.unwrap();
    world.work(&admin, other).await;
    for case in [one, other] {
        assert_eq!(scene.take(&admin, case, InterimAsk::FreezePair).await, "done");
        assert_eq!(scene.take(&admin, case, InterimAsk::SuspendEnrollments).await, "done");
    }
    s.freeze_pair(&world.staff(), scene.pair).await.unwrap();
    let paused = async || world.pair_state(1, scene.pair).await == "paused";
    assert!(s.withdraw_report(&world.person(2), one).await.unwrap());
    assert!(paused().await);
    assert_eq!(scene.place(1).await.state.code(), "active");
    assert_eq!(scene.lift(&admin, other, InterimAsk::FreezePair).await, "done");
    assert!(paused().await);
    s.unfreeze_pair(&world.staff(), scene.pair).await.unwrap();
    assert!(!paused().await);
    let again = s.unfreeze_pair(&world.staff(), scene.pair).await;
    assert_eq!(World::code(again), "state.not_allowed");
    assert_eq!(scene.place(2).await.state.code(), "suspended");
    let by_hand = s.reinstate_enrollment(&world.staff(), scene.place(2).await.id).await;
    assert_eq!(World::code(by_hand), "state.not_allowed", "the case lets go of it");
    scene.dismissed(other).await;
    assert_eq!(scene.place(2).await.state.code(), "active");
    sound(world).await;
}

/// Whoever is suspended gets nothing new, and neither they nor an admin read by what.
pub async fn row_53_a_suspended_place_gets_nothing_new(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    let place = scene.place(1).await.id;
    s.set_capacity(&world.person(1), place, 2).await.unwrap();
    let mentee = world.enroll(scene.program, 3, Role::Mentee).await;
    let offer = world.offer(place, mentee).await;
    let case = scene.taken().await;
    drop(world.messages().await);
    assert_eq!(scene.take(&admin, case, InterimAsk::SuspendEnrollments).await, "done");
    assert_eq!(kinds(&world.messages().await, 1), ["enrollment.held", "proposal.unavailable"]);
    assert_eq!(World::code(s.accept(&world.person(3), offer).await), "not_available");
    let seen = scene.place(1).await.state;
    assert!(matches!(&seen, EnrollmentState::Suspended { held_by, .. } if held_by.is_empty()));
    scene.tells_no_admin(case).await;
    assert_ne!(world.pair_state(2, scene.pair).await, "paused", "the pair goes on");
    assert_eq!(scene.lift(&admin, case, InterimAsk::SuspendEnrollments).await, "done");
    assert_eq!(scene.place(1).await.state.code(), "active");
    let stage = s.stage_proposal(&world.admin(), place, mentee, None).await;
    assert!(stage.is_ok(), "{stage:?}");
    sound(world).await;
}

/// Whoever is suspended does not get out of it by leaving and signing up again, nor in the other role; they read
/// what they read before, and the case that comes to nothing lets go of all of it.
pub async fn row_53_nobody_leaves_a_hold_behind(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    let me = world.person(1);
    let case = scene.taken().await;
    assert_eq!(scene.take(&admin, case, InterimAsk::SuspendEnrollments).await, "done");
    let mine = async || s.my_enrollments(&me, PageAsk::default()).await.unwrap().items;
    let states = async || {
        let mut live: Vec<_> = mine().await.into_iter().map(|it| (it.role, it.state)).collect();
        live.retain(|(_, state)| !state.is_terminal());
        let hidden = |state: &EnrollmentState| match state {
            EnrollmentState::Suspended { held_by, .. } => held_by.is_empty(),
            _ => true,
        };
        assert!(live.iter().all(|(_, state)| hidden(state)));
        live.sort_by_key(|it| it.0 == Role::Mentee);
        live.iter().map(|(_, state)| state.code()).collect::<Vec<_>>()
    };
    world.enroll(scene.program, 1, Role::Mentee).await;
    assert_eq!(states().await, ["suspended", "suspended"], "the other role");
    for place in mine().await {
        s.withdraw_enrollment(&me, place.id).await.unwrap();
    }
    let mentor = world.enroll(scene.program, 1, Role::Mentor).await;
    assert_eq!(states().await, ["suspended"], "the same again");
    let second = world.program(|_| {}).await;
    let elsewhere = world.enroll(second, 1, Role::Mentee).await;
    assert_eq!(states().await, ["suspended", "active"], "another program");
    s.withdraw_enrollment(&me, elsewhere).await.unwrap();
    world.enroll(scene.program, 1, Role::Mentee).await;
    assert_eq!(states().await, ["suspended", "suspended"]);
    scene.tells_no_admin(case).await;
    let own = s.my_audit(&me, PageAsk::default()).await.unwrap();
    assert!(own.items.iter().all(|it| it.action.as_str() != "enrollment.suspend"), "{own:?}");
    sound(world).await;
    s.withdraw_enrollment(&me, mentor).await.unwrap();
    scene.dismissed(case).await;
    assert_eq!(states().await, ["active"]);
    world.enroll(scene.program, 1, Role::Mentor).await;
    assert_eq!(states().await, ["active", "active"], "nothing holds them any more");
    sound(world).await;
}

/// However many enrolments somebody has left before, what holds the one that is there holds the next one.
pub async fn row_53_no_number_of_enrolments_hides_a_hold(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, staff) = (&scene.world, &scene.world.service, scene.world.staff());
    let (me, mentor) = (world.person(1), scene.place(1).await.id);
    for _ in 0..21 {
        let place = world.enroll(scene.program, 1, Role::Mentee).await;
        s.withdraw_enrollment(&me, place).await.unwrap();
        world.clock.advance(TimeDelta::seconds(1));
    }
    s.hold_enrollment(&staff, mentor).await.unwrap();
    let next = world.enroll(scene.program, 1, Role::Mentee).await;
    let mine = s.application(&me, next).await.unwrap().enrollment;
    assert_eq!(mine.state.code(), "suspended");
    // Staff, who is told that something is held, finds in the log what.
    let page = PageAsk { limit: 500, after: None };
    let log = s.program_audit(&staff, scene.program, page).await.unwrap();
    let is_held = |it: &AuditEvent| {
        it.action == slug("enrollment.suspend") && it.subject == Key::Enrollment(next)
    };
    assert!(log.items.iter().any(is_held));
}

/// What was sent anew without words is withheld by its case still, and goes for good with it: what its author
/// sends after that is withheld by nobody.
pub async fn row_53_what_was_sent_anew_without_words_goes_with_its_case(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    let (author, pair) = (world.person(1), scene.pair);
    world.days(8);
    s.check_in(&author, pair, weekly("Buy it!")).await.unwrap();
    let kind = CheckInKind::Week { number: 1 };
    let content = Content::CheckIn { pair, side: Role::Mentor, kind };
    let case = scene.report(2, about(1, "scam")).await.unwrap();
    world.work(&admin, case).await;
    assert_eq!(scene.take(&admin, case, InterimAsk::WithdrawContent { content }).await, "done");
    let bare = || CheckInInput { note: None, note_shared: false, ..weekly("-") };
    s.check_in(&author, pair, bare()).await.unwrap();
    let decided = verdict(Outcome::Actioned, &[Measure::RemoveContent]);
    s.decide_case(&admin, case, decided).await.unwrap();
    s.check_in(&author, pair, weekly("Sorry.")).await.unwrap();
    assert_eq!(scene.check_ins(2).await.len(), 1);
    // So it is with what the host hides.
    let host = world.host_actor();
    s.moderate(&host, content, Moderation::Hide).await.unwrap();
    s.check_in(&author, pair, bare()).await.unwrap();
    s.moderate(&host, content, Moderation::Show).await.unwrap();
    s.check_in(&author, pair, weekly("Sorry.")).await.unwrap();
    assert_eq!(scene.check_ins(2).await.len(), 1);
}

/// The same of what the platform holds by hand: staff lets go of the place that is there now.
pub async fn row_53_nobody_leaves_a_hold_by_hand_behind(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, staff) = (&scene.world, &scene.world.service, scene.world.staff());
    let me = world.person(1);
    let first = scene.place(1).await.id;
    s.hold_enrollment(&staff, first).await.unwrap();
    s.withdraw_enrollment(&me, first).await.unwrap();
    drop(world.messages().await);
    let state = async |id| {
        let mine = s.my_enrollments(&me, PageAsk::default()).await.unwrap().items;
        mine.into_iter().find(|it| it.id == id).unwrap().state.code()
    };
    let again = world.enroll(scene.program, 1, Role::Mentor).await;
    assert_eq!(state(again).await, "suspended");
    let told = world.messages().await;
    assert!(told.iter().any(|it| it.message.kind.as_str() == "hold.handed_over"));
    s.reinstate_enrollment(&staff, again).await.unwrap();
    assert_eq!(state(again).await, "active");
    s.withdraw_enrollment(&me, again).await.unwrap();
    let last = world.enroll(scene.program, 1, Role::Mentor).await;
    assert_eq!(state(last).await, "active");
    // Leaving the group and coming back is no way out either.
    s.hold_enrollment(&staff, last).await.unwrap();
    s.leave_group(&world.host_actor(), &who(1), &group()).await.unwrap();
    world.days(60);
    let back = world.enroll(scene.program, 1, Role::Mentor).await;
    assert_eq!(state(back).await, "suspended");
    sound(world).await;
}

fn weekly(note: &str) -> CheckInInput {
    CheckInInput {
        kind: CheckInKind::Week { number: 1 },
        score: Some(4),
        note: Some(Note::new(note).unwrap()),
        note_shared: true,
        testimonial: None,
    }
}

/// Withdrawn content is gone for the partner and stands for its author, who is told that it is looked at; it
/// comes back when the case lets go, and the evidence is whole all along.
pub async fn row_53_withdrawn_content_is_its_authors_alone(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    let (author, partner) = (world.person(1), world.person(2));
    let post = scene.post(1, "Buy my course!").await;
    let other = scene.post(2, "No.").await;
    s.check_in(&author, scene.pair, weekly("Buy it!")).await.unwrap();
    let case = scene.report(2, about(1, "scam").target(post_of(&scene, post))).await.unwrap();
    world.work(&admin, case).await;
    let pair = scene.pair;
    let content = Content::Post { pair, post };
    let kind = CheckInKind::Week { number: 1 };
    let words = Content::CheckIn { pair, side: Role::Mentor, kind };
    drop(world.messages().await);
    for content in [content, words, content] {
        let ask = InterimAsk::WithdrawContent { content };
        assert_eq!(scene.take(&admin, case, ask).await, "done");
    }
    assert!(world.messages().await.is_empty(), "nobody is told");
    let (mine, theirs) = (scene.read(1, 1).await, scene.read(2, 1).await);
    assert_eq!((mine.body, mine.removed_at), (Some(body("Buy my course!")), None));
    assert!(mine.withheld.is_some_and(|it| it.by.is_empty()));
    assert_eq!((theirs.body, theirs.removed_at), (None, Some(world.now())));
    assert_eq!(theirs.withheld, None);
    assert!(scene.check_ins(2).await.is_empty());
    assert!(scene.check_ins(1).await[0].withheld.is_some());
    let edit = s.edit_post(&author, pair, post, body("Do not buy it.")).await;
    assert_eq!(World::code(edit), "pair.not_writable");
    let reply = s.post(&partner, pair, &slug("hello"), Some(post), body("?")).await;
    assert_eq!(World::code(reply), "not_found");
    let theirs = InterimAsk::WithdrawContent { content: Content::Post { pair, post: other } };
    assert_eq!(scene.take(&admin, case, theirs).await, "not_found", "not the subject's");
    let file = s.case(&admin, case).await.unwrap();
    verify(&file.case, &file.evidence).unwrap();
    let ask = InterimAsk::WithdrawContent { content: words };
    assert_eq!(scene.lift(&admin, case, ask).await, "done");
    assert_eq!(scene.check_ins(2).await.len(), 1);
    scene.dismissed(case).await;
    let (mine, theirs) = (scene.read(1, 1).await, scene.read(2, 1).await);
    assert_eq!((mine.clone(), mine.withheld), (theirs, None));
    sound(world).await;
}

/// D14, D23: to everybody but staff a frozen pair is a paused one, in what they ask for and in the log as well.
pub async fn d14_a_freeze_reads_as_a_pause_in_lists_and_logs(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, pair) = (&scene.world, &scene.world.service, scene.pair);
    let paused = world.pair(scene.program, 3, 4).await;
    scene.post(1, "Ahoy.").await;
    let words = body("Shall we begin?");
    s.post(&world.person(3), paused, &slug("hello"), None, words).await.unwrap();
    s.pause_pair(&world.person(3), paused, None).await.unwrap();
    s.freeze_pair(&world.staff(), pair).await.unwrap();
    let listed = async |actor: Actor, state: &'static str| {
        let page = PageAsk { limit: 1, after: None };
        let (mut ask, mut found) = (page, Vec::new());
        loop {
            let asked = Some(slug(state));
            let page = s.pairs(&actor, scene.program, asked, ask.clone()).await.unwrap();
            found.extend(page.items.iter().map(|it| it.pair));
            ask.after = page.next;
            if ask.after.is_none() {
                return found;
            }
        }
    };
    assert_eq!(listed(world.admin(), "paused").await.len(), 2);
    assert!(listed(world.admin(), "frozen").await.is_empty());
    assert!(listed(world.admin(), "active").await.is_empty());
    s.end_pair(&world.person(1), pair, EndKind::Other, None, false).await.unwrap();
    let log = s.program_audit(&world.admin(), scene.program, PageAsk::default()).await.unwrap();
    let mine = s.my_audit(&world.person(1), PageAsk::default()).await.unwrap();
    for events in [log.items, mine.items] {
        let text = format!("{events:?}");
        assert!(text.contains("pair.end") && text.contains("paused"), "{text}");
        assert!(!text.contains("freeze") && !text.contains("frozen"), "{text}");
    }
    let staff = s.program_audit(&world.staff(), scene.program, PageAsk::default()).await.unwrap();
    assert!(format!("{:?}", staff.items).contains("pair.freeze"));
}

/// D23: what a group admin lets go of and must not go on is the platform's to hold from then on. Staff is told, and to
/// the admin everything reads as if it went on being looked at.
pub async fn d23_what_an_admin_lets_go_of_is_handed_over(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    let case = scene.taken().await;
    for ask in [InterimAsk::FreezePair, InterimAsk::SuspendEnrollments] {
        assert_eq!(scene.take(&admin, case, ask).await, "done");
    }
    // As a restored backup might leave it: nobody has told of it, so no case of the platform's holds them.
    let ask = PersonAsk { tenant: world.tenant.clone(), person: who(1) };
    let person = world.store.unit().await.unwrap().person_view(&ask).await.unwrap().person;
    let mut set = ChangeSet::new(world.tenant.clone());
    set.put(Change::Person(Person { adult_on: None, ..person }));
    store(&*world.store, set).await;
    drop(world.messages().await);
    let log = async || {
        let page = s.program_audit(&world.admin(), scene.program, PageAsk::default()).await;
        format!("{:?}", page.unwrap().items)
    };
    let before = log().await;
    scene.dismissed(case).await;
    let told = world.messages().await;
    let handed = told.iter().filter(|it| it.message.kind.as_str() == "hold.handed_over");
    let handed: Vec<_> = handed.map(|it| it.message.to.clone()).collect();
    assert_eq!(handed, [Audience::Staff, Audience::Staff], "the pair and the place");
    assert_eq!(scene.place(1).await.state.code(), "suspended");
    assert_eq!(world.pair_state(2, scene.pair).await, "paused");
    assert_eq!(log().await, before);
    let stored = census(&*world.store, &world.tenant).await;
    assert_eq!(stored.pairs[&scene.pair].state.code(), "frozen");
    sound(world).await;
}

/// D14, I9: to an admin a pair that was paused before a freeze is paused as before, during it and after it: the log that
/// they read is the same with and without. Staff reads of both.
pub async fn d14_a_freeze_within_a_pause_is_in_no_log_of_an_admins(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, pair) = (&scene.world, &scene.world.service, scene.pair);
    scene.post(1, "Ahoy.").await;
    s.pause_pair(&world.person(1), pair, None).await.unwrap();
    let page = PageAsk::default;
    let read = async |actor: Actor| {
        let log = s.program_audit(&actor, scene.program, page()).await.unwrap();
        format!("{:?}", log.items)
    };
    let before = read(world.admin()).await;
    s.freeze_pair(&world.staff(), pair).await.unwrap();
    assert_eq!(read(world.admin()).await, before);
    s.unfreeze_pair(&world.staff(), pair).await.unwrap();
    assert_eq!(read(world.admin()).await, before);
    let staff = read(world.staff()).await;
    assert!(staff.contains("pair.freeze") && staff.contains("pair.unfreeze"), "{staff}");
    sound(world).await;
}

/// Row 53: a withdrawn check-in stays so when its author sends the same week again, with words or without, and
/// another week is not withheld with it; so does one that the host hides (D37).
pub async fn row_53_a_check_in_sent_anew_stays_withdrawn(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    let (author, pair) = (world.person(1), scene.pair);
    world.days(8);
    s.check_in(&author, pair, weekly("Buy it!")).await.unwrap();
    let kind = CheckInKind::Week { number: 1 };
    let content = Content::CheckIn { pair, side: Role::Mentor, kind };
    let case = scene.report(2, about(1, "scam")).await.unwrap();
    world.work(&admin, case).await;
    let ask = InterimAsk::WithdrawContent { content };
    assert_eq!(scene.take(&admin, case, ask).await, "done");
    s.check_in(&author, pair, CheckInInput { note: None, ..weekly("-") }).await.unwrap();
    s.check_in(&author, pair, weekly("Buy it now!")).await.unwrap();
    assert!(scene.check_ins(2).await.is_empty());
    let mine = scene.check_ins(1).await;
    assert_eq!(mine.len(), 1);
    assert!(mine[0].withheld.is_some());
    let second = CheckInKind::Week { number: 2 };
    s.check_in(&author, pair, CheckInInput { kind: second, ..weekly("Ahoy.") }).await.unwrap();
    assert_eq!(scene.check_ins(2).await.len(), 1, "the other week");
    assert_eq!(scene.lift(&admin, case, ask).await, "done");
    assert_eq!(scene.check_ins(2).await.len(), 2);
    s.moderate(&world.host_actor(), content, Moderation::Hide).await.unwrap();
    s.check_in(&author, pair, weekly("Buy it!")).await.unwrap();
    assert_eq!(scene.check_ins(2).await.len(), 1);
    sound(world).await;
}

/// What was withdrawn goes for good with what was reported, if that is decided, and nothing else does.
pub async fn row_53_content_goes_for_good_if_decided(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    let reported = scene.post(1, "Buy my course!").await;
    let held = scene.post(1, "Do it now.").await;
    scene.post(1, "Ahoy.").await;
    let report = about(1, "scam").target(post_of(&scene, reported));
    let case = scene.report(2, report).await.unwrap();
    world.work(&admin, case).await;
    let content = Content::Post { pair: scene.pair, post: held };
    let ask = InterimAsk::WithdrawContent { content };
    assert_eq!(scene.take(&admin, case, ask).await, "done");
    let decided = verdict(Outcome::Actioned, &[Measure::RemoveContent]);
    s.decide_case(&admin, case, decided.clone()).await.unwrap();
    for n in [1, 2] {
        let bodies = [scene.read(n, 1).await.body, scene.read(n, 2).await.body];
        assert_eq!(bodies, [None, None]);
        assert_eq!(scene.read(n, 3).await.body, Some(body("Ahoy.")));
    }
    let file = s.case(&admin, case).await.unwrap();
    verify(&file.case, &file.evidence).unwrap();
    assert!(file.evidence.iter().any(|it| it.content.as_ref().unwrap().contains("my course")));
    // A case about nothing that was written removes nothing.
    let person = scene.report(2, about(1, "spam")).await.unwrap();
    s.triage_case(&admin, person, &slug("spam"), Priority::P3).await.unwrap();
    s.take_case(&admin, person).await.unwrap();
    assert_eq!(World::code(s.decide_case(&admin, person, decided).await), "input.conflict");
    sound(world).await;
}

/// Only whoever works a case holds anything, while it is worked, and only what is there.
pub async fn row_53_who_holds_what(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    scene.world.host.admins([who(901), who(902)]);
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    let third = Actor::group_admin(world.tenant.clone(), who(902), group());
    let freeze = InterimAsk::FreezePair;
    let case = scene.filed().await;
    assert_eq!(scene.take(&admin, case, freeze).await, "state.not_allowed");
    world.work(&admin, case).await;
    for (by, code) in [
        (&third, "case.not_assigned"),
        (&world.staff(), "case.not_assigned"),
        (&world.admin(), "conflict_of_interest"),
        (&world.person(1), "not_found"),
        (&world.person(2), "not_found"),
        (&world.host_actor(), "not_found"),
    ] {
        assert_eq!(scene.take(by, case, freeze).await, code);
        assert_eq!(scene.lift(by, case, freeze).await, code);
    }
    // Of somebody with whom the reporter has no pair there is none to freeze.
    let apart = scene.report(2, about(7, "scam")).await.unwrap();
    world.work(&admin, apart).await;
    assert_eq!(scene.take(&admin, apart, freeze).await, "input.conflict");
    assert_eq!(scene.take(&admin, apart, InterimAsk::SuspendEnrollments).await, "input.conflict");
    assert_eq!(scene.lift(&admin, apart, freeze).await, "done");
    // What holds is not merged away.
    assert_eq!(scene.take(&admin, case, freeze).await, "done");
    let same = scene.report(3, about(1, "scam")).await.unwrap();
    assert_eq!(World::code(s.merge_case(&admin, case, same).await), "input.conflict");
    s.escalate_case(&admin, case).await.unwrap();
    assert_eq!(scene.lift(&admin, case, freeze).await, "not_found");
    s.take_case(&world.staff(), case).await.unwrap();
    assert_eq!(scene.lift(&world.staff(), case, freeze).await, "done");
    assert_ne!(world.pair_state(1, scene.pair).await, "paused");
    sound(world).await;
}

/// A pair that ends, and a person who is erased, leave a case that still can be decided.
pub async fn row_53_nothing_breaks_what_a_case_holds(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, staff) = (&scene.world, &scene.world.service, scene.world.staff());
    let post = scene.post(1, "Buy my course!").await;
    let report = about(1, "scam").target(post_of(&scene, post)).recipient(Tier::Platform);
    let case = scene.report(2, report).await.unwrap();
    world.work(&staff, case).await;
    let content = Content::Post { pair: scene.pair, post };
    for ask in [
        InterimAsk::FreezePair,
        InterimAsk::SuspendEnrollments,
        InterimAsk::WithdrawContent { content },
    ] {
        assert_eq!(scene.take(&staff, case, ask).await, "done");
    }
    let me = world.person(2);
    s.end_pair(&me, scene.pair, EndKind::NoTime, None, false).await.unwrap();
    assert_eq!(world.pair_state(2, scene.pair).await, "ended");
    assert_eq!(scene.lift(&staff, case, InterimAsk::FreezePair).await, "done");
    s.erase_person(&world.person(1), &who(1)).await.unwrap();
    s.decide_case(&staff, case, verdict(Outcome::NoAction, &[])).await.unwrap();
    let file = s.case(&staff, case).await.unwrap();
    assert_eq!(file.case.in_force().count(), 0);
    verify(&file.case, &file.evidence).unwrap();
    assert_eq!(world.pair_state(2, scene.pair).await, "ended");
    sound(world).await;
}

/// A freeze at the same moment as an end, and a hold at the same moment as an acceptance: in whatever order,
/// nothing goes on that should not.
pub async fn interim_against_everything(h: Harness) {
    for round in 0..ROUNDS {
        let tenant = TenantId::try_from(format!("harbour-{round}")).unwrap();
        let scene = Scene::new(World::of(h.store.clone(), tenant)).await;
        let world = &scene.world;
        let place = scene.place(1).await.id;
        world.service.set_capacity(&world.person(1), place, 2).await.unwrap();
        let mentee = world.enroll(scene.program, 3, Role::Mentee).await;
        let offer = world.offer(place, mentee).await;
        world.service.accept(&world.person(1), offer).await.unwrap();
        let (case, pair) = (scene.taken().await, scene.pair);
        let tasks: Vec<Task> = vec![
            call!(world, world.other_admin(), |s, me| async move {
                let frozen = s.take_interim(&me, case, InterimAsk::FreezePair).await;
                s.take_interim(&me, case, InterimAsk::SuspendEnrollments).await.and(frozen)
            }),
            call!(world, world.person(2), |s, me| async move {
                s.end_pair(&me, pair, EndKind::NoTime, None, false).await
            }),
            call!(world, world.person(3), |s, me| s.accept(&me, offer)),
        ];
        h.spawner.all(tasks).await;
        sound(world).await;
        assert_eq!(world.pair_state(2, pair).await, "ended");
        assert_eq!(scene.place(1).await.state.code(), "suspended");
        scene.dismissed(case).await;
        assert_eq!(scene.place(1).await.state.code(), "active");
        sound(world).await;
    }
}
