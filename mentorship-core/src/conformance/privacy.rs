//! What nobody learns of somebody else: of a block, of a rule, of an answer, of a decline. Worlds that
//! differ in one thing are compared by everything that a person may read.

use super::{
    Harness,
    make::{self, slug, tenant, who},
    world::{World, sign_up, step},
};
use crate::{
    base::{
        host::TenantId,
        id::{PairId, ProgramId},
        text::{Body, Note, Title},
    },
    change::Key,
    decide::{journal::CheckInInput, program::CreateProgram},
    model::{
        answer::Answers, enrollment::Role, event::Audience, journal::CheckInKind, pair::EndKind,
        template::Template,
    },
};

/// A second world of the same beginnings in the same store.
pub(super) fn beside(world: &World) -> World {
    let other = TenantId::try_from("harbour-2").unwrap();
    assert_eq!(world.tenant, tenant());
    World::of(world.store.clone(), other)
}

/// An open program of a template of one's own.
pub(super) async fn open(world: &World, template: Template) -> ProgramId {
    let input = CreateProgram {
        group: make::group(),
        template,
        title: Title::new("Learn to sail").unwrap(),
        topic: None,
        zone: chrono_tz::Tz::Europe__Lisbon,
        window: None,
        policy: None,
    };
    let program = world.service.create_program(&world.admin(), input).await.unwrap();
    world.service.open_program(&world.admin(), program).await.unwrap();
    program
}

pub(super) fn note(text: &str) -> Note {
    Note::new(text).unwrap()
}

pub(super) fn check_in(kind: CheckInKind, text: &str, shared: bool) -> CheckInInput {
    CheckInInput {
        kind,
        score: Some(3),
        note: Some(note(text)),
        note_shared: shared,
        testimonial: None,
    }
}

/// Two with an offer, of whom the mentor does something; what the admin's log and everybody's messages
/// then say of it, without when.
async fn fall(world: &World, what: &str) -> (Vec<String>, Vec<String>) {
    let program = world.program(|_| {}).await;
    let mentor = world.enroll(program, 1, Role::Mentor).await;
    let mentee = world.enroll(program, 2, Role::Mentee).await;
    world.offer(mentor, mentee).await;
    drop(world.messages().await);
    let me = world.person(1);
    match what {
        "block" => world.service.block(&me, &who(2)).await.unwrap(),
        "pause" => world.service.pause_enrollment(&me, mentor, None).await.unwrap(),
        "capacity" => world.service.set_capacity(&me, mentor, 0).await.unwrap(),
        _ => world.service.withdraw_enrollment(&me, mentor).await.unwrap(),
    }
    let page = world.first_page();
    let log = world.service.program_audit(&world.admin(), program, page).await.unwrap();
    let events = log.items.iter().filter(|event| event.action.as_str() == "proposal.invalidate");
    let events = events.map(|event| {
        let told = (&event.actor, &event.subject, &event.from, &event.to, &event.about);
        format!("{told:?} {:?}", event.reason)
    });
    let messages = world.messages().await.into_iter().map(|envelope| envelope.message);
    let messages = messages.filter(|message| message.proposal.is_some()).map(|message| {
        let told = (&message.kind, &message.to, &message.between, &message.proposal);
        format!("{told:?} {:?}", message.code)
    });
    (events.collect(), messages.collect())
}

/// D3, I10: an offer that falls by a block looks to the admin like one that falls by anything else; who
/// made it fall stands nowhere.
pub async fn what_falls_by_a_block_looks_like_any_other_fall(h: Harness) {
    let mut seen = Vec::new();
    for what in ["block", "pause", "capacity", "withdraw"] {
        let world = World::of(h.store.clone(), TenantId::try_from(what).unwrap());
        let (events, messages) = fall(&world, what).await;
        assert_eq!(events.len(), 1, "{what}: {events:?}");
        assert_eq!(messages.len(), 3, "{what}: {messages:?}");
        assert!(!events[0].contains("GroupAdmin") && !events[0].contains("Person,"), "{events:?}");
        seen.push((events, messages));
    }
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:#?}");
}

/// A refused applicant finds nothing of it among the events of their own acts, whereas staff reads every
/// failed rule with the program and what people say of others stays their own to read.
pub async fn a_refused_applicant_reads_no_rule(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    world.host.leaves(&who(1));
    world.host.untrained(&who(1));
    let outcome = world.enroll_with(program, 1, sign_up(Role::Mentor)).await;
    assert_eq!(World::code(outcome), "not_eligible");
    let mine = world.service.my_audit(&world.person(1), world.first_page()).await.unwrap();
    assert!(mine.items.is_empty(), "{:?}", mine.items);
    let log = world.service.program_audit(&world.staff(), program, world.first_page()).await;
    let refused: Vec<_> = log
        .unwrap()
        .items
        .into_iter()
        .filter(|event| event.subject == Key::Person(who(1)))
        .map(|event| (event.action.to_string(), event.reason.unwrap().to_string()))
        .collect();
    let refuse = |rule: &str| ("enrollment.refuse".to_owned(), rule.to_owned());
    assert_eq!(refused, [refuse("member"), refuse("trained")]);
    world.service.block(&world.person(1), &who(2)).await.unwrap();
    let mine = world.service.my_audit(&world.person(1), world.first_page()).await.unwrap();
    let mine: Vec<_> = mine.items.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(mine, ["relation.block"]);
}

/// A pair of 1 and 2 who have said, posted and shared things.
async fn talkative(world: &World) -> PairId {
    let program = world.program(|policy| policy.read_days = 30).await;
    let pair = world.pair(program, 1, 2).await;
    for n in [1, 2] {
        let (s, me) = (&world.service, world.person(n));
        s.introduce_oneself(&me, pair, note(&format!("I am {n}."))).await.unwrap();
        let body = Body::new(&format!("Post of {n}.")).unwrap();
        s.post(&me, pair, &step("hello"), None, body).await.unwrap();
        let week = CheckInKind::Week { number: 1 };
        s.check_in(&me, pair, check_in(week, &format!("Note of {n}."), true)).await.unwrap();
    }
    pair
}

/// Everything of a pair that one of the two reads.
async fn reads_of(world: &World, n: u64, pair: PairId) -> String {
    let (s, me, page) = (&world.service, world.person(n), world.first_page());
    let details = s.pair(&me, pair).await.unwrap();
    let cards = s.my_pairs(&me, page.clone()).await.unwrap();
    let thread = s.thread(&me, pair, None, page.clone()).await.unwrap();
    let check_ins = s.check_ins(&me, pair, page).await.unwrap();
    // What people wrote prints as its length only: the words themselves come last.
    let words = (
        &details.introductions,
        thread.posts.iter().map(|post| &post.body).collect::<Vec<_>>(),
        check_ins.items.iter().map(|check_in| &check_in.note).collect::<Vec<_>>(),
    );
    let words = serde_json::to_string(&words).unwrap();
    format!("{details:#?}\n{cards:#?}\n{thread:#?}\n{check_ins:#?}\n{words}")
}

/// D2: after a one-sided end whoever ended it reads everything until the window closes, the other their
/// own words alone: posts, check-ins and introductions alike. After any other end both read everything.
pub async fn what_is_left_to_read_depends_on_who_ended_it(h: Harness) {
    // Who ended it, and whether the mentor (1) and the mentee (2) read the other's words after it.
    let cases = [
        ("mentor", [true, false]),
        ("mentee", [false, true]),
        ("block", [true, false]),
        ("admin", [true, true]),
        ("clock", [true, true]),
    ];
    for (ender, expected) in cases {
        let world = World::of(h.store.clone(), TenantId::try_from(ender).unwrap());
        let pair = talkative(&world).await;
        let s = &world.service;
        let end = async |actor| s.end_pair(&actor, pair, EndKind::NotAFit, None, true).await;
        match ender {
            "mentor" => end(world.person(1)).await.unwrap(),
            "mentee" => end(world.person(2)).await.unwrap(),
            "admin" => end(world.admin()).await.unwrap(),
            "block" => s.block(&world.person(1), &who(2)).await.unwrap(),
            _ => {
                world.days(60);
                world.sweep().await;
            }
        }
        for (n, other, all) in [(1, 2, expected[0]), (2, 1, expected[1])] {
            let read = reads_of(&world, n, pair).await;
            for words in ["I am ", "Post of ", "Note of "] {
                assert!(read.contains(&format!("{words}{n}.")), "{ender}: {n} lost {words}");
                let theirs = read.contains(&format!("{words}{other}."));
                assert_eq!(theirs, all, "{ender}: {n} reads {words}{other}");
            }
        }
        world.days(31);
        for (n, other) in [(1, 2), (2, 1)] {
            let read = reads_of(&world, n, pair).await;
            assert!(!read.contains(&format!(" {other}.")), "{ender}: the window is closed to {n}");
            assert!(read.contains(&format!("Post of {n}.")), "{ender}: {n} keeps what is theirs");
        }
    }
}

/// D2, I10: what either reads after a block is, byte for byte, what they read after an end whose reason
/// was not shared; only whoever did it sees their own reason.
pub async fn a_block_and_an_end_leave_the_same_to_read(h: Harness) {
    let ended = World::new(h.store);
    let blocked = beside(&ended);
    let (one, other) = (talkative(&ended).await, talkative(&blocked).await);
    let me = ended.person(1);
    ended.service.end_pair(&me, one, EndKind::NotAFit, None, false).await.unwrap();
    blocked.service.block(&blocked.person(1), &who(2)).await.unwrap();
    for days in [0, 31] {
        ended.days(days);
        blocked.days(days);
        let theirs = reads_of(&blocked, 2, other).await;
        assert_eq!(theirs, reads_of(&ended, 2, one).await);
        assert!(!theirs.contains("Blocked"));
        let own = reads_of(&blocked, 1, other).await.replace("Blocked", "NotAFit");
        assert_eq!(own, reads_of(&ended, 1, one).await);
    }
}

/// D2: a closing survey is no way to reach somebody after the end, whoever ended it and how; without a
/// shared note it is taken until the read window closes.
pub async fn nothing_is_shared_after_the_end(h: Harness) {
    for how in ["end", "block", "complete"] {
        let world = World::of(h.store.clone(), TenantId::try_from(how).unwrap());
        let pair = talkative(&world).await;
        let (s, me) = (&world.service, world.person(1));
        match how {
            "end" => s.end_pair(&me, pair, EndKind::NotAFit, None, false).await.unwrap(),
            "block" => s.block(&me, &who(2)).await.unwrap(),
            _ => drop(s.complete_pair(&me, pair).await.unwrap()),
        }
        for n in [1, 2] {
            let say = async |shared| {
                let survey = check_in(CheckInKind::Closing, "Call me.", shared);
                s.check_in(&world.person(n), pair, survey).await
            };
            let error = say(true).await.unwrap_err();
            assert_eq!(error.params()["field"], "note_shared", "{how} {n}: {error}");
            say(false).await.unwrap();
        }
        let read = [reads_of(&world, 1, pair).await, reads_of(&world, 2, pair).await];
        assert!(
            read.iter().all(|read| read.matches("Call me.").count() == 1),
            "{how}: only one's own"
        );
        world.days(31);
        let late = check_in(CheckInKind::Closing, "Too late.", false);
        assert_eq!(
            World::code(s.check_in(&world.person(2), pair, late).await),
            "pair.not_writable"
        );
    }
}

/// I10: an offer that the other declined and one that fell by their block answer alike, to every question
/// and every act, also to somebody who had said yes already.
pub async fn a_decline_and_a_block_look_the_same_to_the_other(h: Harness) {
    let mut told = Vec::new();
    for (how, said_yes) in
        [("decline", false), ("block", false), ("declined", true), ("blocked", true)]
    {
        let world = World::of(h.store.clone(), TenantId::try_from(how).unwrap());
        let program = world.program(|_| {}).await;
        let mentor = world.enroll(program, 1, Role::Mentor).await;
        let mentee = world.enroll(program, 2, Role::Mentee).await;
        let offer = world.offer(mentor, mentee).await;
        let (s, other) = (&world.service, world.person(2));
        if said_yes {
            s.accept(&other, offer).await.unwrap();
        }
        drop(world.messages().await);
        if how.starts_with("block") {
            s.block(&world.person(1), &who(2)).await.unwrap();
        } else {
            s.decline(&world.person(1), offer, Some(slug("no_time"))).await.unwrap();
            let again = s.decline(&world.person(1), offer, None).await;
            assert_eq!(World::code(again), "state.not_allowed", "their own answer they know");
        }
        let accept = World::code(s.accept(&other, offer).await);
        let decline = World::code(s.decline(&other, offer, None).await);
        assert_eq!((accept, decline), ("not_available", "not_available"), "{how}");
        let offers = s.my_offers(&other, world.first_page()).await.unwrap();
        let heard = world.messages().await.into_iter().map(|envelope| envelope.message);
        let heard = heard.filter(|message| message.to == Audience::Person(who(2)));
        let heard: Vec<_> =
            heard.map(|it| (it.kind, it.between, it.proposal, it.pair, it.code)).collect();
        told.push(format!("{:?} {heard:?}", offers.items));
    }
    assert!(told.iter().all(|one| *one == told[0]), "{told:#?}");
}

/// Row 39: the words at an end are read by whoever said them, and by the others only if they were shared
/// beside a reason that may be shown.
pub async fn the_words_at_an_end_are_for_whom_they_were_meant(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let (s, admin) = (&world.service, world.admin());
    let words = || Some(note("I am moving away."));
    let mut seen = Vec::new();
    for (mentor, mentee, by_admin, shared) in
        [(1, 2, false, true), (3, 4, false, false), (5, 6, true, false), (7, 8, true, true)]
    {
        let pair = world.pair(program, mentor, mentee).await;
        let actor = if by_admin { admin.clone() } else { world.person(mentor) };
        s.end_pair(&actor, pair, EndKind::Personal, words(), shared).await.unwrap();
        let mut told = Vec::new();
        for reader in [world.person(mentor), world.person(mentee), admin.clone()] {
            let card = s.pair(&reader, pair).await.unwrap().card;
            assert_eq!(card.reason.is_some(), card.note.is_some(), "one goes with the other");
            told.push(card.note == words());
        }
        let listed = s.my_pairs(&world.person(mentee), world.first_page()).await.unwrap();
        assert_eq!(listed.items[0].note.is_some(), told[1]);
        seen.push(told);
    }
    // The mentor, the mentee, the admin.
    assert_eq!(seen[0], [true, true, true], "shared");
    assert_eq!(seen[1], [true, false, false], "private");
    assert_eq!(seen[2], [false, false, true], "the admin's own");
    assert_eq!(seen[3], [true, true, true], "shared by the admin");
}

/// Row 44: who writes a testimonial lets the program's admins and the platform read it; nobody else does,
/// the rest of the survey stays private, and an empty one takes it back.
pub async fn a_testimonial_is_read_by_admins_and_staff(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let (s, admin) = (&world.service, world.admin());
    let pair = world.pair(program, 1, 2).await;
    world.pair(program, 3, 4).await;
    let survey = |words: Option<&str>| CheckInInput {
        testimonial: words.map(note),
        ..check_in(CheckInKind::Closing, "Only for me.", false)
    };
    s.check_in(&world.person(2), pair, survey(Some("I can sail now."))).await.unwrap();
    s.check_in(&world.person(1), pair, survey(None)).await.unwrap();
    for reader in [admin.clone(), world.staff()] {
        let page = crate::service::PageAsk { limit: 1, after: None };
        let first = s.testimonials(&reader, program, page).await.unwrap();
        let found = &first.items[0];
        assert_eq!(first.items.len(), 1);
        assert_eq!((found.pair, found.role, &found.author), (pair, Role::Mentee, &who(2)));
        assert_eq!(found.words, note("I can sail now."));
        assert!(first.next.is_some(), "a page is one pair here, and there are two");
    }
    for reader in [world.person(1), world.person(2), world.host_actor()] {
        let read = s.testimonials(&reader, program, world.first_page()).await;
        assert_eq!(World::code(read), "not_found");
    }
    s.check_in(&world.person(2), pair, survey(None)).await.unwrap();
    let left = s.testimonials(&admin, program, world.first_page()).await.unwrap();
    assert!(left.items.is_empty());
    // Somebody who blocks the admin says nothing to them (D9).
    s.check_in(&world.person(2), pair, survey(Some("Thank you."))).await.unwrap();
    s.block(&world.person(2), &who(900)).await.unwrap();
    let read = async |actor| s.testimonials(&actor, program, world.first_page()).await.unwrap();
    assert!(read(admin).await.items.is_empty());
    assert_eq!(read(world.staff()).await.items.len(), 1);
}

/// Row 5: an answer for partners is shown to no proposed partner and to the partner while the pair lives;
/// what a proposed partner saw a partner sees too.
pub async fn partners_see_what_partners_may(h: Harness) {
    let world = World::new(h.store);
    let (s, admin) = (&world.service, world.admin());
    let mut value = serde_json::to_value(make::template()).unwrap();
    for question in value["form"]["questions"].as_array_mut().unwrap() {
        match question["key"].as_str().unwrap() {
            "years" => question["visible_to"] = "partner".into(),
            "languages" => question["visible_to"] = "admin".into(),
            _ => {}
        }
    }
    let program =
        open(&world, serde_json::from_value::<Template>(value).unwrap().checked().unwrap()).await;
    let mentor = world.enroll(program, 1, Role::Mentor).await;
    let mentee = world.enroll(program, 2, Role::Mentee).await;
    let keys =
        |answers: &Answers| -> Vec<String> { answers.0.keys().map(ToString::to_string).collect() };
    let offer = world.offer(mentor, mentee).await;
    let offers = s.my_offers(&world.person(2), world.first_page()).await.unwrap();
    assert_eq!(keys(&offers.items[0].partner_answers), ["teaches"]);
    let pair = world.accept(offer, 1, 2).await;
    assert_eq!(
        keys(&s.partner_answers(&world.person(2), pair).await.unwrap()),
        ["teaches", "years"]
    );
    assert_eq!(
        keys(&s.partner_answers(&world.person(1), pair).await.unwrap()),
        ["learns", "years"]
    );
    for reader in [admin, world.staff(), world.person(3)] {
        assert_eq!(World::code(s.partner_answers(&reader, pair).await), "not_found");
    }
    s.block(&world.person(1), &who(2)).await.unwrap();
    for n in [1, 2] {
        assert!(s.partner_answers(&world.person(n), pair).await.unwrap().0.is_empty());
    }
}
