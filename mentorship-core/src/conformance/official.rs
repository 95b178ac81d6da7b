//! What an admin reads: never of a block, never of a special category, never without a trace.

use super::{
    Harness,
    make::{self, slug, who},
    privacy::{beside, check_in, note, open},
    world::{World, sign_up, step},
};
use crate::{
    base::{
        host::PersonId,
        id::{EnrollmentId, PairId, ProgramId, ProposalId},
        text::Body,
    },
    change::Key,
    decide::enrollment::Apply,
    matching::explain::WhyNot,
    model::{
        answer::Answer, enrollment::Role, journal::CheckInKind, pair::EndKind, program::Oversight,
        template::Template,
    },
    policy::actor::Actor,
};

/// The small template with two rules over special-category answers, one of which has to hold.
pub(super) fn intimate() -> Template {
    let mut value = serde_json::to_value(make::template()).unwrap();
    let message = |key: &str| serde_json::json!({ "key": key, "en": "A word." });
    for key in ["health", "belief"] {
        let choices = serde_json::json!([{ "key": "yes", "text": message("c.yes") },
            { "key": "no", "text": message("c.no") }]);
        value["form"]["questions"].as_array_mut().unwrap().push(serde_json::json!({
            "key": key, "asked_of": "both", "text": message(key), "required": false,
            "answer": { "kind": "single", "choices": choices },
            "sensitivity": "special_category", "visible_to": "matcher" }));
        let strength = match key {
            "health" => serde_json::json!({ "weighted": { "points": 300 } }),
            _ => serde_json::json!("required"),
        };
        value["form"]["rules"].as_array_mut().unwrap().push(serde_json::json!({
            "key": format!("same_{key}"), "strength": strength, "missing": "neutral",
            "compares": { "kind": "shared", "mentor": key, "mentee": key } }));
    }
    serde_json::from_value::<Template>(value).unwrap().checked().unwrap()
}

/// D34, row 26: no answer to an admin names a special-category rule, neither as a part of a score nor as
/// what is broken, and the parts still sum to the score (I11).
pub async fn an_admin_reads_no_special_category_rule(h: Harness) {
    let world = World::new(h.store);
    let (s, admin) = (&world.service, world.admin());
    let program = open(&world, intimate()).await;
    let mut places = Vec::new();
    let people = [(1, Role::Mentee, "yes"), (2, Role::Mentor, "yes"), (3, Role::Mentor, "no")];
    for (n, role, belief) in people {
        let mut input = Apply { special_category: true, ..sign_up(role) };
        let answer = |key: &str| Answer::Single(slug(key));
        input.answers = input.answers.with(slug("health"), answer("yes"));
        input.answers = input.answers.with(slug("belief"), answer(belief));
        places.push(world.enroll_with(program, n, input).await.unwrap());
    }
    let list = s.candidates(&admin, places[0], 10).await.unwrap();
    let (best, other) = (&list.ranked[0], &list.impossible[0]);
    assert_eq!((best.person.clone(), other.person.clone()), (who(2), who(3)));
    assert_eq!(other.why_not, WhyNot::Rule { broken: vec![slug("private")] });
    let staged = s.stage_proposal(&admin, places[1], places[0], None).await.unwrap();
    let proposals = s.proposals(&admin, program, None, world.first_page()).await.unwrap();
    let stored = proposals.items[0].score.clone().unwrap();
    assert_eq!(stored, best.score);
    assert_eq!(stored.total(), staged.score, "the parts sum to the score that was staged");
    assert_eq!(best.reasons.iter().map(|reason| reason.points).sum::<u32>(), staged.score);
    assert!(stored.parts.iter().any(|part| part.rule == slug("private") && part.points == 300));
    let read = format!("{list:?} {proposals:?}");
    assert!(!read.contains("health") && !read.contains("belief"), "{read}");
}

/// D5: whatever keeps two people apart, an admin who tries to pair them gets one code, learns no more
/// from any log they may read, and leaves events with the reason for the platform.
pub async fn a_refused_attempt_to_pair_is_on_record(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let (s, admin) = (&world.service, world.admin());
    let mentor = world.enroll(program, 1, Role::Mentor).await;
    let mut places = Vec::new();
    for n in 2..=6 {
        places.push(world.enroll(program, n, Role::Mentee).await);
    }
    let draft = s.stage_proposal(&admin, mentor, places[4], None).await.unwrap().proposal;
    s.withdraw_proposal(&admin, draft).await.unwrap();
    s.block(&world.person(2), &who(1)).await.unwrap();
    s.avoid(&world.person(3), &who(1), true).await.unwrap();
    s.pause_enrollment(&world.person(4), places[2], None).await.unwrap();
    s.block(&world.person(5), &who(900)).await.unwrap();
    for place in &places[..4] {
        let tried = s.stage_proposal(&admin, mentor, *place, None).await;
        assert_eq!(World::code(tried), "pair.not_allowed");
    }
    let draft = s.stage_proposal(&admin, mentor, places[4], None).await.unwrap().proposal;
    s.set_capacity(&world.person(6), places[4], 0).await.unwrap();
    assert_eq!(World::code(s.publish_proposal(&admin, draft).await), "pair.not_allowed");
    let page = || crate::service::PageAsk { limit: 500, after: None };
    let log = s.program_audit(&world.staff(), program, page()).await.unwrap();
    let tried = log.items.iter().filter(|it| it.action.as_str() == "proposal.not_allowed");
    let tried: Vec<_> = tried
        .map(|event| {
            assert!(event.private && event.actor.person == Some(who(900)), "{event:?}");
            assert_eq!(event.about[0], who(1));
            (event.about[1].clone(), event.reason.as_ref().unwrap().to_string())
        })
        .collect();
    let expected = [(2, "blocked"), (3, "avoided"), (4, "not_active"), (5, "blocked"), (6, "full")];
    assert_eq!(tried, expected.map(|(n, reason)| (who(n), reason.to_owned())));
    let own = s.my_audit(&world.person(900), page()).await.unwrap();
    let admins = s.program_audit(&admin, program, page()).await.unwrap();
    for event in own.items.iter().chain(&admins.items) {
        assert_ne!(event.action.as_str(), "proposal.not_allowed");
    }
    assert!(!format!("{own:?} {admins:?}").contains("block"));
}

/// The same refused command again is the same refusal, on record once (row 62).
pub async fn a_refused_attempt_twice_is_one(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let mentor = world.enroll(program, 1, Role::Mentor).await;
    let mentee = world.enroll(program, 2, Role::Mentee).await;
    world.service.block(&world.person(2), &who(1)).await.unwrap();
    let admin = world.admin().with_command(make::id(600));
    for _ in 0..2 {
        let tried = world.service.stage_proposal(&admin, mentor, mentee, None).await;
        assert_eq!(World::code(tried), "pair.not_allowed");
    }
    let log = world.service.audit(&world.staff(), world.first_page()).await.unwrap();
    let tried = log.items.iter().filter(|it| it.action.as_str() == "proposal.not_allowed");
    assert_eq!(tried.count(), 1);
}

fn supervised(role: Role) -> Apply {
    Apply { oversight: Oversight::Supervised, ..sign_up(role) }
}

/// A supervised program under way: people 3 (in a pair), 6 (asked) and 7 (free) are those who may block
/// the admin.
pub(super) struct Watched {
    pub(super) world: World,
    pub(super) program: ProgramId,
    /// Of 3 and 4.
    pair: PairId,
    /// To 5 and 6.
    offer: ProposalId,
    /// Of 5, who looks for a mentee.
    seeking: EnrollmentId,
    /// Of 3, 6 and 7.
    theirs: [EnrollmentId; 3],
}

const THEY: [u64; 3] = [3, 6, 7];

impl Watched {
    pub(super) async fn set(world: World) -> Self {
        let program = world.program(|policy| policy.oversight = Oversight::Supervised).await;
        let enroll = async |n, role| world.enroll_with(program, n, supervised(role)).await.unwrap();
        let (one, two) = (enroll(1, Role::Mentor).await, enroll(2, Role::Mentee).await);
        let (three, four) = (enroll(3, Role::Mentor).await, enroll(4, Role::Mentee).await);
        let (five, six) = (enroll(5, Role::Mentor).await, enroll(6, Role::Mentee).await);
        let seven = enroll(7, Role::Mentee).await;
        enroll(8, Role::Mentee).await;
        let offer = world.offer(one, two).await;
        world.accept(offer, 1, 2).await;
        let offer = world.offer(three, four).await;
        let pair = world.accept(offer, 3, 4).await;
        // What the partner of somebody who blocks does must not give the pair away either.
        let partner = world.person(4);
        let s = &world.service;
        s.introduce_oneself(&partner, pair, note("Ahoy.")).await.unwrap();
        let body = Body::new("Shall we begin?").unwrap();
        s.post(&partner, pair, &step("hello"), None, body).await.unwrap();
        s.finish_step(&partner, pair, &step("hello")).await.unwrap();
        let week = CheckInKind::Week { number: 1 };
        s.check_in(&partner, pair, check_in(week, "Good.", true)).await.unwrap();
        world.days(10);
        world.sweep().await;
        let offer = world.offer(five, six).await;
        Self { world, program, pair, offer, seeking: five, theirs: [three, six, seven] }
    }

    pub(super) async fn block_the_admin(&self) {
        for n in THEY {
            self.world.service.block(&self.world.person(n), &who(900)).await.unwrap();
        }
    }

    /// Everything that the admin reads, an item a line.
    async fn reads(&self) -> Vec<String> {
        let (s, admin) = (&self.world.service, self.world.admin());
        let page = || crate::service::PageAsk { limit: 500, after: None };
        let program = self.program;
        let mut lines = Vec::new();
        let enrollments = s.enrollments(&admin, program, None, None, page()).await.unwrap();
        lines.extend(enrollments.items.iter().map(|it| format!("{it:?}")));
        let proposals = s.proposals(&admin, program, None, page()).await.unwrap();
        lines.extend(proposals.items.iter().map(|it| format!("{it:?}")));
        let pairs = s.pairs(&admin, program, None, page()).await.unwrap();
        lines.extend(pairs.items.iter().map(|it| format!("{it:?}")));
        let audit = s.program_audit(&admin, program, page()).await.unwrap();
        lines.extend(audit.items.iter().map(|it| format!("{it:?}")));
        let list = s.candidates(&admin, self.seeking, 50).await.unwrap();
        assert_eq!(list.looked_at as usize, list.ranked.len() + list.impossible.len());
        assert_eq!(list.possible as usize, list.ranked.len(), "the numbers have no hole");
        lines.extend(list.ranked.iter().map(|it| format!("{it:?}")));
        lines.extend(list.impossible.iter().map(|it| format!("{it:?}")));
        lines
    }

    /// Every command and query of an admin about those three, with the code of what came of it.
    async fn tries(&self) -> Vec<(&'static str, &'static str)> {
        fn code<T>(outcome: Result<T, crate::service::Error>) -> &'static str {
            outcome.map_or_else(|error| error.code(), |_| "done")
        }
        let (s, admin, page) = (&self.world.service, self.world.admin(), self.world.first_page());
        let place = self.theirs[1];
        let review = self.world.now() + chrono::TimeDelta::days(3);
        vec![
            ("application", code(s.application(&admin, place).await)),
            ("candidates", code(s.candidates(&admin, place, 5).await)),
            ("approve", code(s.approve(&admin, place).await)),
            ("reject", code(s.reject(&admin, place, slug("no")).await)),
            ("waitlist", code(s.waitlist(&admin, place, slug("full"), review).await)),
            ("ask_info", code(s.ask_info(&admin, place, note("Why?")).await)),
            ("pair", code(s.pair(&admin, self.pair).await)),
            ("thread", code(s.thread(&admin, self.pair, None, page.clone()).await)),
            ("check_ins", code(s.check_ins(&admin, self.pair, page).await)),
            ("end_pair", code(s.end_pair(&admin, self.pair, EndKind::Other, None, false).await)),
            ("withdraw", code(s.withdraw_proposal(&admin, self.offer).await)),
        ]
    }
}

/// The private events of a program that say what was read, as the platform reads them.
async fn recorded_reads(world: &World, program: ProgramId) -> Vec<String> {
    let page = || crate::service::PageAsk { limit: 500, after: None };
    let log = world.service.program_audit(&world.staff(), program, page()).await.unwrap();
    let read = [slug("pair.read"), slug("enrollment.read")];
    let reads = log.items.into_iter().filter(|event| read.contains(&event.action));
    let reads = reads.map(|event| {
        assert!(event.private && event.from.is_none() && event.to.is_none(), "{event:?}");
        assert_eq!(event.actor.person, Some(who(900)), "{event:?}");
        let about: Vec<_> = event.about.iter().map(PersonId::as_str).collect();
        let what = event.reason.map(|reason| format!(" {reason}")).unwrap_or_default();
        format!("{} {}{what} {}", event.action, event.subject, about.join(" "))
    });
    let admins = world.service.program_audit(&world.admin(), program, page()).await.unwrap();
    assert!(!format!("{:?}", admins.items).contains(".read"), "private");
    reads.collect()
}

/// (c), row 60: the admin of a supervised pair reads its posts, its check-ins with scores and notes, and
/// each such read is on record; the reads of the two are not.
pub async fn a_supervised_read_is_on_record(h: Harness) {
    let watched = Watched::set(World::new(h.store)).await;
    let (world, pair) = (&watched.world, watched.pair);
    let (s, page) = (&world.service, world.first_page());
    for n in [3, 4] {
        s.thread(&world.person(n), pair, None, page.clone()).await.unwrap();
        s.check_ins(&world.person(n), pair, page.clone()).await.unwrap();
    }
    assert!(recorded_reads(world, watched.program).await.is_empty());
    let thread = s.thread(&world.admin(), pair, None, page.clone()).await.unwrap();
    assert_eq!(thread.posts.len(), 1);
    let check_ins = s.check_ins(&world.admin(), pair, page.clone()).await.unwrap();
    assert_eq!(check_ins.items.len(), 1);
    assert_eq!(check_ins.items[0].score, Some(3));
    assert!(check_ins.items[0].note.is_some());
    let key = Key::Pair(pair);
    let expected = ["thread", "check_ins"];
    let expected = expected.map(|what| format!("pair.read {key} {what} p003 p004"));
    assert_eq!(recorded_reads(world, watched.program).await, expected);
    // Without supervision nothing is read, and so nothing is on record.
    let program = world.program(|_| {}).await;
    let own = world.pair(program, 21, 22).await;
    let refused = s.check_ins(&world.admin(), own, page).await;
    assert_eq!(World::code(refused), "not_found");
    assert!(recorded_reads(world, program).await.is_empty());
}

/// Row 60: an admin who reads an application's answers leaves a trace; its author does not.
pub async fn reading_an_application_is_on_record(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let place = world.enroll(program, 1, Role::Mentor).await;
    world.service.application(&world.person(1), place).await.unwrap();
    let refused = world.service.application(&world.person(2), place).await;
    assert_eq!(World::code(refused), "not_found");
    assert!(recorded_reads(&world, program).await.is_empty());
    world.service.application(&world.admin(), place).await.unwrap();
    let expected = format!("enrollment.read {} p001", Key::Enrollment(place));
    assert_eq!(recorded_reads(&world, program).await, [expected]);
}

/// D9, I10: with and without people who block the admin, everything the admin reads and is told differs
/// by absence only, and nothing that is left names what is absent.
pub async fn an_admin_who_is_blocked_reads_only_absence(h: Harness) {
    let without = Watched::set(World::new(h.store)).await;
    let with = Watched::set(beside(&without.world)).await;
    with.block_the_admin().await;
    let (without_reads, with_reads) = (without.reads().await, with.reads().await);
    let about_them = |line: &String| THEY.iter().any(|n| line.contains(who(*n).as_str()));
    let left: Vec<_> = without_reads.iter().filter(|line| !about_them(line)).cloned().collect();
    assert!(left.len() < without_reads.len());
    assert_eq!(with_reads, left);
    let hidden = with.theirs.iter().map(ToString::to_string);
    for id in hidden.chain([with.pair.to_string(), with.offer.to_string()]) {
        assert!(without_reads.iter().any(|line| line.contains(&id)), "{id} is what it is about");
        assert!(!with_reads.iter().any(|line| line.contains(&id)), "{id} is still named");
    }
    let told = |envelopes: Vec<crate::store::Envelope>| {
        envelopes.into_iter().map(|it| format!("{:?}", it.message)).collect::<Vec<_>>()
    };
    assert_eq!(told(with.world.messages().await), told(without.world.messages().await));
    let staff = with.world.staff();
    let log = with.world.service.audit(&staff, with.world.first_page()).await.unwrap();
    assert!(format!("{:?}", log.items).contains(who(3).as_str()), "staff is not kept away");
}

/// D9: for an admin, somebody with whom a block stands does not exist, whoever of the two set it: each
/// command and query answers what it answers for what never was.
pub async fn a_block_takes_people_out_of_an_admins_reach(h: Harness) {
    let open = Watched::set(World::new(h.store)).await;
    let out_of_reach = |tries: &[(&str, &str)]| -> Vec<String> {
        let gone = tries.iter().filter(|(_, code)| *code == "not_found");
        gone.map(|(what, _)| (*what).to_owned()).collect()
    };
    assert!(out_of_reach(&open.tries().await).is_empty());
    let blocked = Watched::set(beside(&open.world)).await;
    blocked.block_the_admin().await;
    let tries = blocked.tries().await;
    assert_eq!(out_of_reach(&tries).len(), tries.len(), "{tries:?}");
    // The admin's own block, as the person they are.
    let own = Watched::set(World::of(open.world.store, make::elsewhere())).await;
    for n in THEY {
        own.world
            .service
            .block(&Actor::person(make::elsewhere(), who(900)), &who(n))
            .await
            .unwrap();
    }
    let tries = own.tries().await;
    assert_eq!(out_of_reach(&tries).len(), tries.len(), "{tries:?}");
}
