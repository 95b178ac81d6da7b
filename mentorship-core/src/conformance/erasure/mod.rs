//! Erasure, retention and export: D18 to D21 and row 63, on the store under test.

mod cases;
mod export;
mod keeping;
mod leaving;
mod racing;
mod returning;
mod words;

pub use self::{cases::*, export::*, keeping::*, leaving::*, racing::*, returning::*, words::*};
use super::{
    census::{Watch, census},
    listings::all_after,
    make::{self, group, slug, who},
    world::{World, sign_up},
};
use crate::{
    base::{
        id::{CaseId, EnrollmentId, PairId, ProgramId},
        text::{AnswerText, Body, Note, Title},
    },
    decide::{
        enrollment::Apply, journal::CheckInInput, program::create::CreateProgram, report::ReportAsk,
    },
    model::{
        answer::{Answer, Answers},
        enrollment::{Enrollment, Role},
        journal::{CheckIn, CheckInKind, Post},
        pair::Pair,
        program::ProgramPolicy,
        report::{Evidence, Ground, Measure, Outcome, Reasons, Verdict, verify},
        template::Template,
    },
    service::Erased,
    store::{CaseAsk, Listed, Listing, PAGE_MAX},
};

async fn sound(world: &World) {
    let checked = Watch::of(world.tenant.clone()).check(&*world.store, world.now()).await;
    if let Err(broken) = checked {
        panic!("{broken}");
    }
}

fn body(text: &str) -> Body {
    Body::new(text).unwrap()
}

fn note(text: &str) -> Note {
    Note::new(text).unwrap()
}

/// A pair of mentor 1 and mentee 2 in which both have written something of everything, in words that say who
/// wrote them.
struct Scene {
    world: World,
    program: ProgramId,
    mentor: EnrollmentId,
    mentee: EnrollmentId,
    pair: PairId,
}

/// What the words of a person begin with, whoever else writes.
fn mark(n: u64) -> String {
    format!("canary{n}x")
}

fn check_in(n: u64, kind: CheckInKind) -> CheckInInput {
    let closing = kind == CheckInKind::Closing;
    CheckInInput {
        kind,
        score: Some(4),
        note: Some(note(&format!("{} noted", mark(n)))),
        note_shared: true,
        testimonial: closing.then(|| note(&format!("{} praised", mark(n)))),
    }
}

/// A sign-up whose free text says whose it is.
fn marked(n: u64, role: Role) -> Apply {
    let mut input = sign_up(role);
    let words = AnswerText::new(&format!("{} answered", mark(n))).unwrap();
    input.answers = input.answers.with(slug("hobby"), Answer::Text(words));
    input
}

/// An open program of the small template whose form asks for a few words besides.
async fn program(world: &World, change: impl FnOnce(&mut ProgramPolicy)) -> ProgramId {
    let mut template = serde_json::to_value(make::template()).unwrap();
    let hobby = serde_json::json!({
        "key": "hobby", "asked_of": "both", "text": { "key": "hobby", "en": "What do you do?" },
        "answer": { "kind": "text", "max_chars": 200 }, "required": false,
        "sensitivity": "normal", "visible_to": "proposed_partner",
    });
    template["form"]["questions"].as_array_mut().unwrap().push(hobby);
    let template: Template = serde_json::from_value(template).unwrap();
    let mut policy = template.policy.clone();
    change(&mut policy);
    let input = CreateProgram {
        group: group(),
        template: template.checked().unwrap(),
        title: Title::new("Learn to sail").unwrap(),
        topic: None,
        zone: chrono_tz::Tz::Europe__Lisbon,
        window: None,
        policy: Some(policy),
    };
    let program = world.service.create_program(&world.admin(), input).await.unwrap();
    world.service.open_program(&world.admin(), program).await.unwrap();
    program
}

impl Scene {
    async fn new(world: World) -> Self {
        Self::with(world, |_| {}).await
    }

    async fn with(world: World, change: impl FnOnce(&mut ProgramPolicy)) -> Self {
        let program = program(&world, change).await;
        let mentor = world.enroll_with(program, 1, marked(1, Role::Mentor)).await.unwrap();
        let mentee = world.enroll_with(program, 2, marked(2, Role::Mentee)).await.unwrap();
        let offer = world.offer(mentor, mentee).await;
        let pair = world.accept(offer, 1, 2).await;
        let scene = Self { world, program, mentor, mentee, pair };
        for n in [1, 2] {
            scene.writes(n).await;
            assert!(scene.text().await.contains(&mark(n)));
        }
        scene
    }

    /// Person `n` introduces themselves, posts, edits, comments and checks in.
    async fn writes(&self, n: u64) {
        let (s, me, pair) = (&self.world.service, self.world.person(n), self.pair);
        let said = |what: &str| format!("{} {what}", mark(n));
        s.introduce_oneself(&me, pair, note(&said("introduced"))).await.unwrap();
        let hello = slug("hello");
        let post = s.post(&me, pair, &hello, None, body(&said("posted"))).await.unwrap().post;
        s.edit_post(&me, pair, post, body(&said("edited"))).await.unwrap();
        s.post(&me, pair, &hello, Some(post), body(&said("commented"))).await.unwrap();
        s.check_in(&me, pair, check_in(n, CheckInKind::Week { number: 1 })).await.unwrap();
    }

    async fn list(&self, what: Listing) -> Vec<Listed> {
        all_after(&*self.world.store, &self.world.tenant, &what, None, PAGE_MAX).await
    }

    async fn posts(&self) -> Vec<Post> {
        let all = self.list(Listing::Posts { pair: self.pair, step: None }).await;
        let all = all.into_iter().filter_map(|it| match it {
            Listed::Post(post) => Some(*post),
            _ => None,
        });
        all.collect()
    }

    async fn check_ins(&self) -> Vec<CheckIn> {
        let all = self.list(Listing::CheckIns { pair: self.pair }).await;
        let all = all.into_iter().filter_map(|it| match it {
            Listed::CheckIn(check_in) => Some(*check_in),
            _ => None,
        });
        all.collect()
    }

    async fn stored(&self) -> Pair {
        census(&*self.world.store, &self.world.tenant).await.pairs[&self.pair].clone()
    }

    async fn place(&self, id: EnrollmentId) -> Enrollment {
        census(&*self.world.store, &self.world.tenant).await.enrollments[&id].clone()
    }

    async fn answers(&self, id: EnrollmentId) -> Answers {
        self.place(id).await.answers
    }

    /// Everything that the store holds of this tenant but what is sealed, as JSON: what is printed for logs
    /// leaves words out.
    async fn text(&self) -> String {
        let census = census(&*self.world.store, &self.world.tenant).await;
        let (posts, check_ins) = (self.posts().await, self.check_ins().await);
        let places: Vec<_> = census.enrollments.values().collect();
        let pairs: Vec<_> = census.pairs.values().collect();
        let proposals: Vec<_> = census.proposals.values().collect();
        let cases: Vec<_> = census.cases.values().collect();
        let all = (places, pairs, proposals, cases, census.audit, posts, check_ins);
        serde_json::to_string(&all).unwrap()
    }

    /// Person `n` erases themselves.
    async fn erases(&self, n: u64) -> Erased {
        self.world.service.erase_person(&self.world.person(n), &who(n)).await.unwrap()
    }

    /// Person 2 reports person 1.
    async fn filed(&self) -> CaseId {
        let report = ReportAsk::new(who(1), slug("scam"));
        let report = report.text(body(&format!("{} reported", mark(2))));
        let (s, me) = (&self.world.service, self.world.person(2));
        s.file_report(&me, self.program, report).await.unwrap().case
    }

    /// The same, decided by an admin who made no match.
    async fn decided(&self, measures: &[Measure]) -> CaseId {
        let case = self.filed().await;
        self.decide(case, measures).await;
        case
    }

    async fn decide(&self, case: CaseId, measures: &[Measure]) {
        let (s, admin) = (&self.world.service, self.world.other_admin());
        self.world.work(&admin, case).await;
        let outcome = if measures.is_empty() { Outcome::NoAction } else { Outcome::Actioned };
        let reasons = Reasons {
            ground: Ground::Terms,
            clause: Title::new("Rule 3").unwrap(),
            facts: note("It was so."),
            why: note("Nothing is to be sold."),
            detected: false,
            automated: false,
            redress: note("Appeal."),
        };
        let verdict = Verdict { outcome, measures: measures.to_vec(), reasons };
        s.decide_case(&admin, case, verdict).await.unwrap();
    }

    /// What a case holds, whole and as it was sealed.
    async fn evidence(&self, case: CaseId) -> Vec<Evidence> {
        let tenant = self.world.tenant.clone();
        let ask = CaseAsk { tenant, case, actor: None, with_evidence: true, content: None };
        let view = self.world.store.unit().await.unwrap().case_view(&ask).await.unwrap().unwrap();
        verify(&view.case, &view.evidence).unwrap();
        view.evidence
    }

    /// Whether what a case holds says anything of a person.
    async fn case_says(&self, case: CaseId, n: u64) -> bool {
        let items = self.evidence(case).await;
        items.iter().filter_map(|it| it.content.as_ref()).any(|it| it.contains(&mark(n)))
    }
}
