//! Who may do what with a case that something keeps them from, cell by cell: the reasons as the table in
//! `decide/report/recusal.rs` has them, and what each of its words means to somebody. That both say what they should
//! is another test's, which needs no store (`tests/permission.rs`).

use super::{Scene, about, body, kinds, reasons, verdict};
use crate::{
    base::{
        host::TenantId,
        id::{CaseId, ProgramId},
        text::Note,
    },
    change::Key,
    conformance::{
        Harness,
        make::{group, id, slug, who},
        world::World,
    },
    decide::report::{RECUSALS, Reason, Recusal},
    model::{
        code::coded,
        enrollment::Role,
        pair::EndKind,
        report::{InterimAsk, Outcome, Priority, Ruling, Tier},
    },
    policy::actor::Actor,
    service::{Error, PageAsk},
};

coded! {
    /// Something that a reviewer does or is told.
    pub enum Deed {
        /// Sees it in the queue.
        List = "list",
        /// Reads it with its evidence.
        Read = "read",
        /// Reads what stands around it.
        Background = "background",
        /// Reads of it in the audit log; staff alone.
        Log = "log",
        /// Is told of it, and reminded; admins one by one, and staff as a whole, which is not asked here.
        News = "news",
        /// Says what it is about.
        Triage = "triage",
        /// Takes it.
        Assign = "assign",
        /// Finds what else there is about the same person.
        Alike = "alike",
        /// Asks its reporter.
        Ask = "ask",
        /// Finds that it is the same as another one.
        Merge = "merge",
        /// Finds that another one, which they work, is the same as it.
        MergeInto = "merge_into",
        /// Takes an interim measure in it.
        TakeInterim = "take_interim",
        /// Lifts one.
        LiftInterim = "lift_interim",
        /// Decides it.
        Decide = "decide",
        /// Decides on an appeal.
        Rule = "rule",
        /// Closes it.
        Close = "close",
        /// Hands it on.
        HandOn = "hand_on",
    }
}

/// How somebody is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done, or shown.
    Done,
    /// That they may not, since they have to do with it.
    Refused,
    /// As if there were no case.
    Absent,
}

use Answer::{Absent, Done, Refused};

/// What somebody may whom nothing, something, or everything keeps away: columns no, soft, full.
pub const MAY: &[(Deed, [Answer; 3])] = &[
    (Deed::List, [Done, Done, Absent]),
    (Deed::Read, [Done, Done, Absent]),
    (Deed::Background, [Done, Refused, Absent]),
    (Deed::Log, [Done, Done, Absent]),
    (Deed::News, [Done, Done, Absent]),
    (Deed::Triage, [Done, Refused, Absent]),
    (Deed::Assign, [Done, Refused, Absent]),
    (Deed::Alike, [Done, Done, Absent]),
    (Deed::Ask, [Done, Refused, Absent]),
    (Deed::Merge, [Done, Refused, Absent]),
    (Deed::MergeInto, [Done, Refused, Absent]),
    (Deed::TakeInterim, [Done, Refused, Absent]),
    (Deed::LiftInterim, [Done, Refused, Absent]),
    (Deed::Decide, [Done, Refused, Absent]),
    (Deed::Rule, [Done, Refused, Absent]),
    (Deed::Close, [Done, Refused, Absent]),
    (Deed::HandOn, [Done, Done, Absent]),
];

/// Each way in which a reason comes about: to the reporter, 2, to the subject, 1, or to the case.
fn ways() -> Vec<(Option<Reason>, &'static str, u64)> {
    let both = |reason, way| [1, 2].map(|of| (Some(reason), way, of));
    let mut ways = vec![(None, "nothing", 0), (Some(Reason::Match), "match", 0)];
    ways.extend(both(Reason::Party, "is"));
    ways.push((Some(Reason::Witness), "witness", 0));
    for way in ["blocks", "is blocked by"] {
        ways.extend(both(Reason::Block, way));
    }
    for way in ["mentor", "mentee"] {
        ways.extend(both(Reason::Partner, way));
        ways.extend(both(Reason::PastPartner, way));
    }
    ways
}

/// Somebody who reviews, others who do, and the two of four cases.
struct Walk {
    world: World,
    me: u64,
    is_staff: bool,
    reporter: u64,
    subject: u64,
    programs: [ProgramId; 4],
}

impl Walk {
    async fn begin(
        world: World,
        is_staff: bool,
        (reason, _, of): (Option<Reason>, &'static str, u64),
    ) -> Self {
        world.host.admins([who(900), who(901), who(902)]);
        let made = reason == Some(Reason::Match);
        let me = if made { 900 } else { 901 };
        let mut programs = Vec::new();
        for _ in 0..4 {
            let program = world.program(|_| {}).await;
            if made {
                world.pair(program, 1, 2).await;
            }
            programs.push(program);
        }
        let is_of = |n| reason == Some(Reason::Party) && of == n;
        let (subject, reporter) = (if is_of(1) { me } else { 1 }, if is_of(2) { me } else { 2 });
        if !made {
            // What is held in a case.
            world.enroll(programs[1], subject, Role::Mentor).await;
        }
        let programs = programs.try_into().unwrap();
        Self { world, me, is_staff, reporter, subject, programs }
    }

    fn reviewer(&self, n: u64) -> Actor {
        let tenant = self.world.tenant.clone();
        if self.is_staff {
            Actor::staff(tenant, who(n))
        } else {
            Actor::group_admin(tenant, who(n), group())
        }
    }

    async fn file(&self, at: usize) -> CaseId {
        self.file_by(self.reporter, self.subject, at).await
    }

    async fn file_by(&self, by: u64, subject: u64, at: usize) -> CaseId {
        let tier = if self.is_staff { Tier::Platform } else { Tier::Group };
        let (by, report) = (self.world.person(by), about(subject, "scam").recipient(tier));
        self.world.service.file_report(&by, self.programs[at], report).await.unwrap().case
    }

    /// A case from which nothing keeps the reviewer: about the subject, or if that does about somebody else.
    async fn another(&self, at: usize) -> CaseId {
        let case = self.file_by(6, self.subject, at).await;
        if self.world.service.case(&self.reviewer(self.me), case).await.is_ok() {
            return case;
        }
        self.file_by(6, 5, at).await
    }

    /// Takes a case as the first of these for whom it is one.
    async fn worked(&self, case: CaseId, by: &[Actor]) -> Actor {
        let s = &self.world.service;
        for actor in by {
            let triage = s.triage_case(actor, case, &slug("scam"), Priority::P2).await;
            if triage.is_ok() {
                s.take_case(actor, case).await.unwrap();
                return actor.clone();
            }
        }
        panic!("nobody reviews it");
    }

    fn others(&self) -> [Actor; 2] {
        [self.reviewer(902), Actor::staff(self.world.tenant.clone(), who(991))]
    }

    /// A report of the reviewer's own turns out to be the same as a case.
    async fn join(&self, case: CaseId, at: usize) {
        let s = &self.world.service;
        let [other, _] = self.others();
        let tier = if self.is_staff { Tier::Platform } else { Tier::Group };
        let report = about(self.subject, "scam").recipient(tier);
        let me = self.world.person(self.me);
        let theirs = s.file_report(&me, self.programs[at], report).await.unwrap().case;
        self.world.work(&other, theirs).await;
        s.merge_case(&other, theirs, case).await.unwrap();
    }

    /// The reason comes about, as far as it is one between people.
    async fn tie(&self, reason: Reason, way: &str, of: u64) {
        let (world, s) = (&self.world, &self.world.service);
        let me = world.person(self.me);
        match reason {
            Reason::Party | Reason::Witness | Reason::Match => {}
            Reason::Block if way == "blocks" => s.block(&me, &who(of)).await.unwrap(),
            Reason::Block => s.block(&world.person(of), &who(self.me)).await.unwrap(),
            Reason::Partner | Reason::PastPartner => {
                let program = world.program(|_| {}).await;
                let (mentor, mentee) = if way == "mentor" { (self.me, of) } else { (of, self.me) };
                let pair = world.pair(program, mentor, mentee).await;
                if reason == Reason::PastPartner {
                    s.end_pair(&me, pair, EndKind::NoTime, None, false).await.unwrap();
                    world.days(350);
                }
            }
        }
    }

    async fn listed(&self, case: CaseId) -> bool {
        let (s, me) = (&self.world.service, self.reviewer(self.me));
        let page = self.world.first_page();
        let found = if self.is_staff {
            s.platform_cases(&me, page).await
        } else {
            s.group_cases(&me, self.programs[0], page).await
        };
        found.unwrap().items.iter().any(|it| it.id == case)
    }

    /// Whether any line of the log belongs to a case, in pages of one and in whole.
    async fn logged(&self, case: CaseId) -> bool {
        let (s, me) = (&self.world.service, self.reviewer(self.me));
        let is_of = |it: &crate::model::event::AuditEvent| it.subject == Key::Case(case);
        let here = s.program_audit(&me, self.programs[0], self.world.first_page()).await.unwrap();
        let (mut whole, mut ask) = (Vec::new(), PageAsk { limit: 100, after: None });
        loop {
            let page = s.audit(&me, ask.clone()).await.unwrap();
            whole.extend(page.items);
            ask.after = page.next;
            if ask.after.is_none() {
                break;
            }
        }
        let seen = whole.iter().any(is_of);
        assert_eq!(here.items.iter().any(is_of), seen, "one log is a part of the other");
        seen
    }

    /// Asks, and takes and lifts a measure, in a case that is reviewed.
    async fn hold(&self, case: CaseId) -> Vec<(Deed, Answer)> {
        let (s, me) = (&self.world.service, self.reviewer(self.me));
        let asked = answer(s.ask_reporter(&me, case, Note::new("When?").unwrap()).await);
        if asked == Done {
            let reporter = self.world.person(self.reporter);
            s.answer_reviewer(&reporter, case, body("Today.")).await.unwrap();
        }
        let measure = InterimAsk::SuspendEnrollments;
        vec![
            (Deed::Ask, asked),
            (Deed::TakeInterim, answer(s.take_interim(&me, case, measure).await)),
            (Deed::LiftInterim, answer(s.lift_interim(&me, case, measure).await)),
        ]
    }

    /// Merges a case into another one, and another one into `case`. Where that is hidden, it is as if it was not there
    /// whoever works the other one.
    async fn merge(&self, case: CaseId, is_witness: bool) -> Vec<(Deed, Answer)> {
        let (s, me, [other, staff]) = (&self.world.service, self.reviewer(self.me), self.others());
        let merged = self.file(3).await;
        if is_witness {
            self.join(merged, 3).await;
        }
        self.worked(merged, &[me.clone(), other.clone(), staff]).await;
        let (mine, theirs) = (self.another(0).await, self.another(1).await);
        self.world.work(&me, mine).await;
        self.world.work(&other, theirs).await;
        let first = answer(s.merge_case(&me, merged, mine).await);
        if first == Absent {
            for of in [mine, theirs] {
                let told = s.merge_case(&me, of, case).await;
                let gone = s.merge_case(&me, of, id(4_242)).await;
                assert_eq!(format!("{told:?}"), format!("{gone:?}"), "as if it was not there");
            }
        }
        let second = answer(s.merge_case(&me, mine, case).await);
        vec![(Deed::Merge, first), (Deed::MergeInto, second)]
    }

    /// Tries everything on four cases: one that waits, one with an appeal, and two in review.
    async fn walk(&self, reason: Option<Reason>, way: &str, of: u64) -> Vec<(Deed, Answer)> {
        let (s, me) = (&self.world.service, self.reviewer(self.me));
        let is_witness = reason == Some(Reason::Witness);
        let (decided, appealed) = (self.file(1).await, self.file(2).await);
        if is_witness {
            self.join(decided, 1).await;
            self.join(appealed, 2).await;
        }
        let [other, staff] = self.others();
        self.worked(decided, &[me.clone(), other.clone(), staff.clone()]).await;
        let by = self.worked(appealed, &[other, staff]).await;
        s.decide_case(&by, appealed, verdict(Outcome::NoAction, &[])).await.unwrap();
        let reporter = self.world.person(self.reporter);
        s.appeal_case(&reporter, appealed, body("Look again.")).await.unwrap();
        if let Some(reason) = reason {
            self.tie(reason, way, of).await;
        }
        drop(self.world.messages().await);
        let case = self.file(0).await;
        if is_witness {
            self.join(case, 0).await;
        }
        let told = |kind| {
            let world = &self.world;
            async move { kinds(&world.messages().await, self.me).contains(&kind) }
        };
        // A witness became one after the news.
        let heard = told("case.filed").await && !is_witness;

        let shown = |is_shown: bool| if is_shown { Done } else { Absent };
        let mut found = vec![
            (Deed::List, shown(self.listed(case).await)),
            (Deed::Read, answer(s.case(&me, case).await)),
            (Deed::Background, answer(s.case_background(&me, decided).await)),
        ];
        if self.is_staff {
            found.push((Deed::Log, shown(self.logged(case).await)));
        }
        let triage = s.triage_case(&me, case, &slug("scam"), Priority::P2).await;
        found.push((Deed::Triage, answer(triage)));
        found.push((Deed::Assign, answer(s.take_case(&me, case).await)));
        found.extend(self.hold(decided).await);
        let no_action = verdict(Outcome::NoAction, &[]);
        found.push((Deed::Decide, answer(s.decide_case(&me, decided, no_action).await)));
        let ruled = s.rule_on_appeal(&me, appealed, Ruling::Upheld, &[], reasons()).await;
        found.push((Deed::Rule, answer(ruled)));
        found.push((Deed::Close, answer(s.close_case(&me, appealed).await)));
        if !self.is_staff {
            self.world.clock.advance(chrono::TimeDelta::hours(49));
            self.world.sweep().await;
            let reminded = told("case.due").await;
            assert!(is_witness || reminded == heard, "{reason:?} {way} {of}: {heard}, {reminded}");
            found.push((Deed::News, shown(reminded)));
        }
        found.extend(self.merge(case, is_witness).await);
        found.push((Deed::Alike, answer(s.alike_cases(&me, case, self.world.first_page()).await)));
        found.push((Deed::HandOn, answer(s.escalate_case(&me, case).await)));
        found
    }
}

fn answer<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Answer {
    match outcome {
        Ok(_) => Done,
        Err(error) => match error.code() {
            "not_found" => Absent,
            "conflict_of_interest" => Refused,
            other => panic!("{other}: {error}"),
        },
    }
}

/// D12, D13, I9: each reason, as it comes about between a reviewer and either of the two, for admins and for staff, and
/// everything that a reviewer does and reads.
pub async fn d13_every_cell_of_recusal_is_as_the_tables_say(h: Harness) {
    let (mut walked, mut wrong) = (0, Vec::new());
    for (place, (reason, way, of)) in ways().into_iter().enumerate() {
        for is_staff in [false, true] {
            let tenant = TenantId::try_from(format!("recused-{place}-{is_staff}")).unwrap();
            let world = World::of(h.store.clone(), tenant);
            let walk = Walk::begin(world, is_staff, (reason, way, of)).await;
            let row = RECUSALS.iter().find(|(it, _)| Some(*it) == reason);
            let recusal = row.map_or(Recusal::No, |(_, cells)| cells[usize::from(is_staff)]);
            for (deed, answer) in walk.walk(reason, way, of).await {
                let (_, cells) = MAY.iter().find(|(it, _)| *it == deed).unwrap();
                walked += 1;
                if cells[recusal as usize] != answer {
                    wrong.push(format!(
                        "{reason:?} {way} {of}, staff {is_staff}: {deed} {answer:?}"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Admins have no log of cases, and staff hears of them as a whole.
    assert_eq!(walked, 2 * 17 * (Deed::ALL.len() - 1));
}

/// I9, D13: a merge with a case that is hidden, as the first or the second of the two, is answered as with one that is
/// not there, whatever whoever tries it may do with the other one.
pub async fn i9_a_merge_tells_of_no_hidden_case(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let [admin, other, staff] = [world.admin(), world.other_admin(), world.staff()];
    // Admin 900 has made the match of 1 and 2; one reporter blocks them, and is the partner of staff.
    let conflicted = scene.filed().await;
    let mut cases = Vec::new();
    for n in [3, 4, 5, 6, 7, 8] {
        cases.push(scene.report(n, about(1, "scam")).await.unwrap());
    }
    let [hidden, waits, of_others, mine, of_a_colleague, staffs] = cases[..] else { panic!("six") };
    let elsewhere = world.program(|_| {}).await;
    world.pair(elsewhere, 990, 3).await;
    s.block(&world.person(3), &who(900)).await.unwrap();
    world.work(&other, of_others).await;
    world.work(&admin, mine).await;
    for (by, case) in
        [(&Actor::staff(world.tenant.clone(), who(991)), of_a_colleague), (&staff, staffs)]
    {
        s.escalate_case(&other, case).await.unwrap();
        world.work(by, case).await;
    }
    let absent = id(4_242);
    let told = async |actor, first, second| {
        let told = s.merge_case(actor, first, second).await;
        format!("{:?}", told.map_err(|it| (it.code(), it.params(), it.to_string())))
    };
    let not_assigned = "case.not_assigned";
    // What whoever tries it may do with each, as a merge with itself tells.
    let admins = [
        (conflicted, "conflict_of_interest"),
        (waits, "input.conflict"),
        (of_others, not_assigned),
        (mine, "input.conflict"),
    ];
    let of_staff = [
        (waits, not_assigned),
        (mine, not_assigned),
        (of_a_colleague, not_assigned),
        (staffs, "input.conflict"),
    ];
    for (actor, each) in [(&admin, admins), (&staff, of_staff)] {
        assert!(scene.hidden(actor, hidden).await);
        for (shown, may) in each {
            assert!(!scene.hidden(actor, shown).await);
            assert_eq!(World::code(s.merge_case(actor, shown, shown).await), may);
            let [here, gone] = [told(actor, hidden, shown).await, told(actor, absent, shown).await];
            assert_eq!(here, gone, "merged into what {actor:?} sees");
            let [here, gone] = [told(actor, shown, hidden).await, told(actor, shown, absent).await];
            assert_eq!(here, gone, "what {actor:?} sees, merged into it");
        }
    }
    s.merge_case(&admin, mine, waits).await.unwrap();
}
