//! What there is to be seen of somebody: every cell of [the table](crate::model::visible::TABLE), each viewer through
//! what they really read. That the table says what it should is another test's, which needs no store
//! (`tests/permission.rs`).

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use super::{
    Harness,
    make::{self, slug, who},
    privacy::{note, open},
    world::{World, sign_up},
};
use crate::{
    base::{
        host::TenantId,
        id::{CaseId, EnrollmentId, PairId, ProgramId, ProposalId},
        text::Note,
    },
    decide::{enrollment::Apply, journal::CheckInInput, report::ReportAsk},
    model::{
        answer::{Answer, Answers},
        enrollment::Role,
        form::{Sensitivity, VisibleTo},
        journal::CheckInKind,
        pair::EndKind,
        program::Oversight,
        report::{Exhibit, Item, Target},
        template::Template,
        visible::{Seen, TABLE, Viewer, What, When},
    },
    policy::actor::Actor,
    service::{Attestation, Error, ExportAsk},
};

/// What somebody saw of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    Nothing,
    All,
    Whether,
    Positive,
    Counted,
}

/// One look at one thing.
#[derive(Debug)]
struct Look {
    what: What,
    viewer: Viewer,
    when: When,
    saw: Sight,
}

/// What a cell lets somebody see.
fn sight(cell: Seen, when: When) -> Sight {
    let all = |if_so| if if_so { Sight::All } else { Sight::Nothing };
    match cell {
        Seen::No => Sight::Nothing,
        Seen::Yes => Sight::All,
        Seen::OptedIn => all(when.opted_in),
        Seen::Shared => all(when.shared),
        Seen::Supervised => all(when.supervised),
        Seen::SupervisedElseCounted if when.supervised => Sight::All,
        Seen::SupervisedElseCounted | Seen::Counted => Sight::Counted,
        Seen::Whether => Sight::Whether,
        Seen::Positive => Sight::Positive,
    }
}

const CELLS: [Seen; 9] = [
    Seen::No,
    Seen::Yes,
    Seen::OptedIn,
    Seen::Shared,
    Seen::Supervised,
    Seen::SupervisedElseCounted,
    Seen::Whether,
    Seen::Positive,
    Seen::Counted,
];

/// The kinds of question that a program may ask, by the key of the one that asks it here.
fn asked() -> Vec<(&'static str, VisibleTo, Sensitivity)> {
    let kinds = VisibleTo::ALL.iter().map(|it| (it.code(), *it, Sensitivity::Normal));
    kinds.chain([("special", VisibleTo::Matcher, Sensitivity::SpecialCategory)]).collect()
}

/// The small template with one more question of each kind for both.
fn asking(
    kinds: impl IntoIterator<Item = (&'static str, VisibleTo, Sensitivity)>,
) -> Result<Template, crate::base::input::InputError> {
    let mut value = serde_json::to_value(make::template()).unwrap();
    let questions = value["form"]["questions"].as_array_mut().unwrap();
    for (key, visible_to, how) in kinds {
        questions.push(serde_json::json!({
            "key": key, "asked_of": "both", "text": { "key": key, "en": "A word." },
            "answer": { "kind": "integer", "min": 0, "max": 9, "unit": "years" },
            "sensitivity": how, "visible_to": visible_to }));
    }
    serde_json::from_value::<Template>(value).unwrap().checked()
}

/// A world with mentor 1, of whom there is everything to be seen, their partners 2 and 5, 4 who is offered them, and
/// 3 who is a member of the group.
struct Scene<'w> {
    world: &'w World,
    when: When,
    program: ProgramId,
    mentor: EnrollmentId,
    /// Another mentor, for whom there is a mentee.
    seeking: EnrollmentId,
    looks: Vec<Look>,
}

/// When the mentor comes of age, unlike everybody else.
fn birthday() -> NaiveDate {
    NaiveDate::from_ymd_opt(2011, 10, 12).unwrap()
}

const MOVING: &str = "I am moving away.";

/// Whom mentor 1 blocks, avoids and wishes for.
const SAID: [(What, u64); 3] = [(What::Blocks, 500), (What::Avoids, 501), (What::Wishes, 502)];

impl Scene<'_> {
    /// Everybody who is neither the mentor nor in a case, as who they are.
    fn others(&self) -> [(Viewer, Actor); 5] {
        let world = self.world;
        [
            (Viewer::Admin, world.admin()),
            (Viewer::ProposedPartner, world.person(4)),
            (Viewer::Partner, world.person(2)),
            (Viewer::Group, world.person(3)),
            (Viewer::Staff, world.staff()),
        ]
    }

    fn saw(&mut self, what: What, viewer: Viewer, saw: Sight) {
        self.looks.push(Look { what, viewer, when: self.when, saw });
    }

    /// A look that shows all or nothing.
    fn found(&mut self, what: What, viewer: Viewer, found: bool) {
        self.saw(what, viewer, if found { Sight::All } else { Sight::Nothing });
    }

    /// A look at all answers at once.
    fn answers(&mut self, viewer: Viewer, read: Result<Answers, Error>) {
        let answers = shown(read).unwrap_or_default();
        for (key, visible_to, how) in asked() {
            let seen = answers.get(key).is_some();
            self.found(What::Answer(visible_to, how), viewer, seen);
        }
    }

    async fn report(&self, by: &Actor, (subject, target): (u64, Target)) -> Result<CaseId, Error> {
        let ask = ReportAsk::new(who(subject), slug("spam")).target(target);
        self.world.service.file_report(by, self.program, ask).await.map(|it| it.case)
    }

    /// What a case holds, as staff reads it.
    async fn exhibits(&self, case: CaseId) -> Vec<Exhibit> {
        let file = self.world.service.case(&self.world.staff(), case).await.unwrap();
        let exhibits = file.evidence.iter().map(|it| it.content.as_ref().unwrap());
        exhibits.map(|it| serde_json::from_str(it).unwrap()).collect()
    }

    /// The answers that a case of somebody's about an enrolment holds: those that they see themselves.
    async fn copied(
        &self,
        by: &Actor,
        (subject, enrollment): (u64, EnrollmentId),
    ) -> Result<Answers, Error> {
        let case = self.report(by, (subject, Target::Enrollment { enrollment })).await?;
        let exhibits = self.exhibits(case).await;
        let mut answers = exhibits.into_iter().filter_map(|it| match it.item {
            Item::Answers { answers, .. } => Some(answers),
            _ => None,
        });
        let found = answers.next().expect("what was reported");
        assert_eq!(answers.next(), None);
        Ok(found)
    }

    /// What is seen of the mentor before anybody is offered them.
    async fn before(&mut self) {
        let (world, mentor) = (self.world, self.mentor);
        let s = &world.service;
        let application = async |actor: &Actor| {
            s.application(actor, mentor).await.map(|it| it.enrollment.answers)
        };
        let (me, member, admin) = (world.person(1), world.person(3), world.admin());
        self.answers(Viewer::Owner, application(&me).await);
        self.answers(Viewer::Admin, application(&admin).await);
        self.answers(Viewer::Staff, application(&world.staff()).await);
        assert_eq!(World::code(application(&world.person(2)).await), "not_found");
        let page = world.first_page();
        let listed = s.directory(&member, self.program, Some(Role::Mentor), page).await;
        let entry = s.directory_entry(&member, mentor).await;
        assert_eq!(listed.unwrap().items.first(), entry.as_ref().ok(), "one is the other's page");
        self.answers(Viewer::Group, entry.map(|it| it.answers));
        let entry = s.directory_entry(&world.staff(), mentor).await;
        self.answers(Viewer::Staff, entry.map(|it| it.answers));
        for (viewer, actor) in [(Viewer::Group, &member), (Viewer::Admin, &admin)] {
            let copied = self.copied(actor, (1, mentor)).await;
            self.answers(viewer, copied);
        }
    }

    /// What is seen of the mentor, and of why they are offered, while 2 thinks about it, and 4 about another offer.
    async fn offered(&mut self, offer: ProposalId) {
        let world = self.world;
        let s = &world.service;
        let page = || world.first_page();
        for (viewer, n) in [
            (Viewer::Owner, 1),
            (Viewer::Owner, 2),
            (Viewer::ProposedPartner, 4),
            (Viewer::Partner, 5),
            (Viewer::Group, 3),
        ] {
            let offers = s.my_offers(&world.person(n), page()).await.unwrap().items;
            let reasons = offers.into_iter().find(|it| it.proposal == offer).map(|it| it.reasons);
            let reasons = reasons.unwrap_or_default();
            let saw = if reasons.is_empty() {
                Sight::Nothing
            } else if reasons.iter().any(|it| (it.points, it.most) != (0, 0)) {
                Sight::All
            } else {
                Sight::Positive
            };
            self.saw(What::MatchReasons, viewer, saw);
        }
        for (viewer, actor) in self.others() {
            if viewer == Viewer::Admin || viewer == Viewer::Group || viewer == Viewer::Staff {
                let proposals = s.proposals(&actor, self.program, None, page()).await;
                let proposals = shown(proposals).map(|it| it.items).unwrap_or_default();
                let score = proposals.into_iter().find(|it| it.id == offer);
                let score = score.and_then(|it| it.score).is_some_and(|it| it.most() > 0);
                let list = shown(s.candidates(&actor, self.seeking, 5).await);
                let ranked = list.map(|it| it.ranked).unwrap_or_default();
                let told = ranked.iter().any(|it| it.reasons.iter().any(|it| it.points > 0));
                assert_eq!(score, told, "{viewer}: the score of one is as that of others");
                self.found(What::MatchReasons, viewer, score);
            }
        }
        let other = world.person(2);
        let offers = s.my_offers(&other, page()).await.unwrap().items;
        self.answers(Viewer::ProposedPartner, Ok(offers[0].partner_answers.clone()));
        let copied = self.copied(&other, (1, self.mentor)).await;
        self.answers(Viewer::ProposedPartner, copied);
    }

    /// The answers that are seen in a pair, of the mentor or of the mentee, who has answered the same; the case in which
    /// staff sees all of them.
    async fn paired(&mut self, pair: PairId, mentee: EnrollmentId) -> CaseId {
        let world = self.world;
        let (s, one, other, staff) =
            (&world.service, world.person(1), world.person(2), world.staff());
        self.answers(Viewer::Partner, s.partner_answers(&other, pair).await);
        self.answers(Viewer::Staff, s.partner_answers(&staff, pair).await);
        // In the directory a partner is a member like others.
        let entry = s.directory_entry(&other, self.mentor).await;
        self.answers(Viewer::Group, entry.map(|it| it.answers));
        let case = self.report(&one, (2, Target::Enrollment { enrollment: mentee })).await.unwrap();
        let exhibits = self.exhibits(case).await;
        let copied = exhibits.into_iter().find_map(|it| match it.item {
            Item::Answers { answers, .. } => Some(answers),
            _ => None,
        });
        self.answers(Viewer::Partner, Ok(copied.unwrap()));
        let around = async |actor: &Actor| {
            s.case_background(actor, case).await.map(|mut it| it.places.remove(0).answers)
        };
        let admin = world.other_admin();
        world.work(&admin, case).await;
        self.answers(Viewer::Admin, around(&admin).await);
        s.escalate_case(&staff, case).await.unwrap();
        world.work(&staff, case).await;
        self.answers(Viewer::Reviewer, around(&staff).await);
        case
    }

    /// What is seen of the check-ins of the mentor.
    async fn checked_in(&mut self, pair: PairId) {
        let world = self.world;
        let s = &world.service;
        let me = world.person(1);
        let week = CheckInInput {
            kind: CheckInKind::Week { number: 1 },
            score: Some(3),
            note: Some(note("It goes well.")),
            note_shared: self.when.shared,
            testimonial: None,
        };
        let closing = CheckInInput {
            kind: CheckInKind::Closing,
            testimonial: Some(note("I can teach it now.")),
            ..week.clone()
        };
        for input in [week, closing] {
            s.check_in(&me, pair, input).await.unwrap();
        }
        for (viewer, actor) in self.others().into_iter().chain([(Viewer::Owner, me)]) {
            let page = world.first_page();
            let check_ins = shown(s.check_ins(&actor, pair, page.clone()).await);
            let check_ins = check_ins.map(|it| it.items).unwrap_or_default();
            let week = check_ins.iter().find(|it| it.kind != CheckInKind::Closing);
            let counted = shown(s.statistics(&actor, self.program).await);
            let counted = counted.is_some_and(|it| !it.weekly.is_empty() && !it.closing.is_empty());
            let saw = if check_ins.iter().any(|it| it.score.is_some()) {
                Sight::All
            } else if counted {
                Sight::Counted
            } else {
                Sight::Nothing
            };
            self.saw(What::CheckInScore, viewer, saw);
            let read = week.is_some_and(|it| it.note.is_some());
            self.found(What::CheckInNote, viewer, read);
            let listed = shown(s.testimonials(&actor, self.program, page).await);
            let read = listed.is_some_and(|it| !it.items.is_empty())
                || check_ins.iter().any(|it| it.testimonial.is_some());
            self.found(What::Testimonial, viewer, read);
        }
    }

    /// What is seen of why a pair is over, by those who see that it is.
    async fn ended(&mut self, pair: PairId, viewers: impl IntoIterator<Item = (Viewer, Actor)>) {
        let (s, page) = (&self.world.service, self.world.first_page());
        for (viewer, actor) in viewers {
            let card = shown(s.pair(&actor, pair).await).map(|it| it.card);
            let mine = shown(s.my_pairs(&actor, page.clone()).await);
            let all = shown(s.pairs(&actor, self.program, None, page.clone()).await);
            let mut listed = mine.into_iter().chain(all).flat_map(|it| it.items);
            assert_eq!(card, listed.find(|it| it.pair == pair), "{viewer}: one is the other's");
            let reason = card.as_ref().is_some_and(|it| it.reason.is_some());
            let words: Option<Note> = card.and_then(|it| it.note);
            self.found(What::EndReason, viewer, reason);
            self.found(What::EndNote, viewer, words == Some(note(MOVING)));
        }
    }

    /// What is seen in cases: in `worked` how things stand, in one that 2 files now what was copied.
    async fn in_cases(&mut self, worked: CaseId, pair: PairId) {
        let world = self.world;
        let (s, staff) = (&world.service, world.staff());
        let around = s.case_background(&staff, worked).await.unwrap();
        let told = around.pairs.iter().find(|it| it.pair == pair).and_then(|it| it.private_reason);
        self.found(What::EndReason, Viewer::Reviewer, told.is_some());
        let case = self.report(&world.person(2), (1, Target::Person)).await.unwrap();
        let items: Vec<_> = self.exhibits(case).await.into_iter().map(|it| it.item).collect();
        let ending = items.iter().any(|it| matches!(it, Item::Ending { .. }));
        self.found(What::EndNote, Viewer::Reviewer, ending);
        let check_in = |seen: fn(&Option<Note>, &Option<Note>) -> bool| {
            items.iter().any(|it| match it {
                Item::CheckIn { note, testimonial, .. } => seen(note, testimonial),
                _ => false,
            })
        };
        let (noted, praised) = (check_in(|it, _| it.is_some()), check_in(|_, it| it.is_some()));
        self.found(What::CheckInNote, Viewer::Reviewer, noted);
        self.found(What::Testimonial, Viewer::Reviewer, praised);
        s.escalate_case(&staff, case).await.unwrap();
        world.work(&staff, case).await;
        let file = s.case(&staff, case).await.unwrap();
        let about = s.case_background(&staff, case).await.unwrap();
        let all = format!(
            "{} {:?} {}",
            serde_json::to_string(&items).unwrap(),
            file.case,
            serde_json::to_string(&(&around, &about)).unwrap()
        );
        self.found(What::CheckInScore, Viewer::Reviewer, all.contains("\"score\""));
        self.found(What::MatchReasons, Viewer::Reviewer, all.contains("\"points\""));
        for (what, n) in SAID {
            self.found(what, Viewer::Reviewer, all.contains(who(n).as_str()));
        }
        self.age(Viewer::Reviewer, &all, about.subject_is_adult.is_some());
    }

    fn age(&mut self, viewer: Viewer, all: &str, whether: bool) {
        let saw = if all.contains(&birthday().to_string()) {
            Sight::All
        } else if whether {
            Sight::Whether
        } else {
            Sight::Nothing
        };
        self.saw(What::Age, viewer, saw);
    }

    /// Everything else that somebody reads of the program and its people.
    async fn everything(&self, actor: &Actor, pair: PairId) -> String {
        let (s, program, page) = (&self.world.service, self.program, || self.world.first_page());
        let reads = [
            read(s.my_offers(actor, page()).await),
            read(s.my_pairs(actor, page()).await),
            read(s.my_blocks(actor, page()).await),
            read(s.my_avoids(actor, page()).await),
            read(s.my_wishes(actor, page()).await),
            read(s.directory(actor, program, None, page()).await),
            read(s.application(actor, self.mentor).await),
            read(s.enrollments(actor, program, None, None, page()).await),
            read(s.pair(actor, pair).await),
            read(s.thread(actor, pair, None, page()).await),
            read(s.pairs(actor, program, None, page()).await),
            read(s.proposals(actor, program, None, page()).await),
            read(s.candidates(actor, self.seeking, 50).await),
            read(s.statistics(actor, program).await),
            read(s.my_reports(actor, page()).await),
            read(s.my_statements(actor, page()).await),
            read(s.my_audit(actor, page()).await),
        ];
        reads.concat()
    }

    /// What is seen of the mentor as a person: their age, and what they say of others.
    async fn person(&mut self, pair: PairId) {
        let world = self.world;
        let (s, me) = (&world.service, world.person(1));
        let export = s.export_person(&me, &who(1), ExportAsk::default()).await.unwrap();
        self.age(Viewer::Owner, &format!("{export:?}"), true);
        let page = || world.first_page();
        let own = [
            read(s.my_blocks(&me, page()).await),
            read(s.my_avoids(&me, page()).await),
            read(s.my_wishes(&me, page()).await),
        ];
        for ((what, n), own) in SAID.into_iter().zip(own) {
            self.found(what, Viewer::Owner, own.contains(who(n).as_str()));
        }
        for (viewer, actor) in self.others() {
            let all = self.everything(&actor, pair).await;
            let application = shown(s.application(&actor, self.mentor).await);
            self.age(viewer, &all, application.is_some_and(|it| it.is_adult.is_some()));
            let counts = shown(s.statistics(&actor, self.program).await);
            let signals = shown(s.signals(&actor, world.first_page()).await);
            let signals = signals.map(|it| it.items).unwrap_or_default();
            let blocked = signals.iter().find(|it| it.person == who(500));
            let named = format!("{blocked:?}").contains(who(1).as_str());
            for (what, n) in SAID {
                let counted = match what {
                    What::Blocks => blocked.is_some_and(|it| it.blocks == 3),
                    What::Avoids => counts.as_ref().is_some_and(|it| it.avoids.is_some()),
                    _ => false,
                };
                let saw = if named || all.contains(who(n).as_str()) {
                    Sight::All
                } else if counted {
                    Sight::Counted
                } else {
                    Sight::Nothing
                };
                self.saw(what, viewer, saw);
            }
        }
    }
}

/// What is read; nothing where there is nothing to be read.
fn shown<T>(outcome: Result<T, Error>) -> Option<T> {
    match outcome {
        Ok(read) => Some(read),
        Err(error) => {
            assert_eq!(error.code(), "not_found");
            None
        }
    }
}

fn read<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    shown(outcome).map(|it| format!("{it:?}\n")).unwrap_or_default()
}

/// Looks at everything there is to be seen in one world.
async fn look(world: &World, consents: bool, when: When) -> Vec<Look> {
    let s = &world.service;
    let mut template = asking(asked()).unwrap();
    let oversight = if when.supervised { Oversight::Supervised } else { Oversight::ReportedOnly };
    template.policy.oversight = oversight;
    let program = open(world, template).await;
    let zone = Some(chrono_tz::Tz::Europe__Lisbon);
    world.host.attest(&who(1), Attestation { adult_on: Some(birthday()), zone });
    let mut places = Vec::new();
    let mentees = [2, 4, 5, 9].map(|n| (n, Role::Mentee));
    for (n, role) in [(1, Role::Mentor), (8, Role::Mentor)].into_iter().chain(mentees) {
        let capacity = (role == Role::Mentor).then_some(3);
        let mut input = Apply { special_category: consents, oversight, capacity, ..sign_up(role) };
        for (key, ..) in asked() {
            input.answers = input.answers.with(slug(key), Answer::Integer(7));
        }
        let place = world.enroll_with(program, n, input).await.unwrap();
        if when.opted_in {
            s.show_to_group(&world.person(n), place, true).await.unwrap();
        }
        places.push(place);
    }
    for n in [1, 6, 7] {
        s.block(&world.person(n), &who(500)).await.unwrap();
    }
    s.avoid(&world.person(1), &who(501), true).await.unwrap();
    s.wish_for(&world.person(1), &who(502), true).await.unwrap();

    let (mentor, seeking) = (places[0], places[1]);
    let mut scene = Scene { world, when, program, mentor, seeking, looks: Vec::new() };
    scene.before().await;
    let earlier = world.offer(mentor, places[4]).await;
    let earlier = world.accept(earlier, 1, 5).await;
    let offer = world.offer(mentor, places[2]).await;
    world.offer(mentor, places[3]).await;
    scene.offered(offer).await;
    let pair = world.accept(offer, 1, 2).await;
    let worked = scene.paired(pair, places[2]).await;
    scene.checked_in(pair).await;
    scene.person(pair).await;
    // One of the two ends one pair, and the admin the other.
    for (pair, by) in [(pair, world.person(1)), (earlier, world.admin())] {
        let words = Some(note(MOVING));
        s.end_pair(&by, pair, EndKind::NoTime, words, when.shared).await.unwrap();
    }
    let viewers = scene.others().into_iter().chain([(Viewer::Owner, world.person(1))]);
    scene.ended(pair, viewers).await;
    let two = [1, 5].map(|n| (Viewer::Partner, world.person(n)));
    scene.ended(earlier, two.into_iter().chain([(Viewer::Owner, world.admin())])).await;
    scene.in_cases(worked, pair).await;
    scene.looks
}

/// Rows 5, 39 and 44, D34, I10: every cell of what is seen, under each condition, by the queries that each viewer has.
/// Each cell is looked at often enough that no other word could stand there.
pub async fn every_cell_of_what_is_seen_is_as_the_table_says(h: Harness) {
    let alone = When::default();
    let conditions = [
        ("alone", alone),
        ("opted-in", When { opted_in: true, ..alone }),
        ("shared", When { shared: true, ..alone }),
        ("supervised", When { supervised: true, ..alone }),
    ];
    let mut looks: HashMap<(What, Viewer), Vec<Look>> = HashMap::new();
    for consents in [false, true] {
        for (name, when) in conditions {
            let tenant = TenantId::try_from(format!("{name}-{consents}")).unwrap();
            let world = World::of(h.store.clone(), tenant);
            for it in look(&world, consents, when).await {
                looks.entry((it.what, it.viewer)).or_default().push(it);
            }
        }
    }
    let (mut wrong, mut unseen, mut changed) = (BTreeSet::new(), BTreeSet::new(), 0);
    for (what, cells) in TABLE {
        if let What::Answer(visible_to, how) = *what
            && !asked().iter().any(|it| (it.1, it.2) == (visible_to, how))
        {
            // The table has an answer for what no program may ask.
            assert!(asking([("hidden", visible_to, how)]).is_err());
            continue;
        }
        for (viewer, cell) in Viewer::ALL.iter().zip(cells) {
            let looks = looks.get(&(*what, *viewer)).map(Vec::as_slice).unwrap_or_default();
            let differs = |cell: Seen| looks.iter().find(move |it| it.saw != sight(cell, it.when));
            if let Some(look) = differs(*cell) {
                wrong.insert(format!("{look:?}, where the table says {cell:?}"));
            }
            for other in CELLS.into_iter().filter(|it| it != cell) {
                changed += 1;
                if differs(other).is_none() {
                    unseen.insert(format!("{what:?} to {viewer} might be {other:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty() && unseen.is_empty(), "{wrong:#?} {unseen:#?}");
    let rows = TABLE.len() - (VisibleTo::ALL.len() - 1);
    assert_eq!(changed, rows * Viewer::ALL.len() * (CELLS.len() - 1));
}
