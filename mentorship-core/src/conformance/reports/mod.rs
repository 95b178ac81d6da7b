//! Reports, evidence and cases: D9, D11 to D17 and I8, I9, on the store under test.

mod aging;
mod alike;
mod earlier;
mod ending;
mod filing;
mod holding;
mod introducing;
mod inventory;
mod moderating;
mod racing;
mod reading;
mod recusals;
mod recusing;
mod restricting;
mod standing;
mod stating;
mod working;

use std::fmt::Write as _;

pub use self::{
    aging::*, alike::*, earlier::*, ending::*, filing::*, holding::*, introducing::*, inventory::*,
    moderating::*, racing::*, reading::*, recusals::*, recusing::*, restricting::*, standing::*,
    stating::*, working::*,
};
use super::{
    census::Watch,
    make::{slug, who},
    world::World,
};
use crate::{
    base::{
        id::{CaseId, PairId, PostId, ProgramId},
        text::{Body, Note, Title},
    },
    decide::report::ReportAsk,
    model::{
        event::Audience,
        report::{Ground, Measure, Outcome, Reasons, Target, Verdict},
    },
    policy::actor::Actor,
    service::{Error, PageAsk},
    store::Envelope,
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

/// A report of person `n` about `category`.
fn about(n: u64, category: &str) -> ReportAsk {
    ReportAsk::new(who(n), slug(category))
}

fn reasons() -> Reasons {
    Reasons {
        ground: Ground::Terms,
        clause: Title::new("Rule 3: no selling").unwrap(),
        facts: Note::new("A course was sold in a post.").unwrap(),
        why: Note::new("Nothing is to be sold.").unwrap(),
        detected: false,
        automated: false,
        redress: Note::new("You may appeal within six months.").unwrap(),
    }
}

fn verdict(outcome: Outcome, measures: &[Measure]) -> Verdict {
    Verdict { outcome, measures: measures.to_vec(), reasons: reasons() }
}

/// A pair of mentor 1 and mentee 2 that writes, in a program of the group.
struct Scene {
    world: World,
    program: ProgramId,
    pair: PairId,
}

impl Scene {
    async fn new(world: World) -> Self {
        let program = world.program(|_| {}).await;
        let pair = world.pair(program, 1, 2).await;
        Self { world, program, pair }
    }

    async fn post(&self, n: u64, text: &str) -> PostId {
        let (s, me) = (&self.world.service, self.world.person(n));
        s.post(&me, self.pair, &slug("hello"), None, body(text)).await.unwrap().post
    }

    /// Person `n` reports.
    async fn report(&self, n: u64, report: ReportAsk) -> Result<CaseId, Error> {
        let me = self.world.person(n);
        self.world.service.file_report(&me, self.program, report).await.map(|it| it.case)
    }

    /// A report of person 2 about person 1 that waits for the group and the platform.
    async fn filed(&self) -> CaseId {
        self.report(2, about(1, "scam")).await.unwrap()
    }

    /// The same, taken by the admin who made no match.
    async fn taken(&self) -> CaseId {
        let case = self.filed().await;
        self.world.work(&self.world.other_admin(), case).await;
        case
    }

    /// The same, decided.
    async fn decided(&self, measures: &[Measure]) -> CaseId {
        let case = self.taken().await;
        let outcome = if measures.is_empty() { Outcome::NoAction } else { Outcome::Actioned };
        let verdict = verdict(outcome, measures);
        let admin = self.world.other_admin();
        self.world.service.decide_case(&admin, case, verdict).await.unwrap();
        case
    }

    async fn group(&self, admin: &Actor) -> Vec<CaseId> {
        let s = &self.world.service;
        let page = s.group_cases(admin, self.program, self.world.first_page()).await.unwrap();
        page.items.iter().map(|it| it.id).collect()
    }

    async fn platform(&self) -> Vec<CaseId> {
        let s = &self.world.service;
        let page = s.platform_cases(&self.world.staff(), self.world.first_page()).await.unwrap();
        page.items.iter().map(|it| it.id).collect()
    }

    /// Whether an actor is answered as if there were no case.
    async fn hidden(&self, actor: &Actor, case: CaseId) -> bool {
        match self.world.service.case(actor, case).await {
            Ok(_) => false,
            Err(error) => {
                assert_eq!(error.code(), "not_found");
                true
            }
        }
    }
}

fn to(envelope: &Envelope, n: u64) -> bool {
    envelope.message.to == Audience::Person(who(n))
}

/// The kinds of the messages to a person.
fn kinds(messages: &[Envelope], n: u64) -> Vec<&str> {
    messages.iter().filter(|it| to(it, n)).map(|it| it.message.kind.as_str()).collect()
}

/// Everything that an admin may read of a program, as a text.
async fn as_read(world: &World, admin: &Actor, program: ProgramId) -> String {
    let (s, page) = (&world.service, PageAsk::default);
    let mut all = String::new();
    let cases = s.group_cases(admin, program, page()).await;
    let pairs = s.pairs(admin, program, None, page()).await;
    let places = s.enrollments(admin, program, None, None, page()).await;
    let log = s.program_audit(admin, program, page()).await;
    // The ids of events and the rest of their log differ with what happened before; what they tell does not.
    let log = log.map(|page| {
        page.items
            .into_iter()
            .map(|it| (it.action, it.subject.kind(), it.from, it.to, it.reason))
            .collect::<Vec<_>>()
    });
    write!(all, "{cases:?}\n{pairs:?}\n{places:?}\n{log:?}").unwrap();
    all
}

/// A target in the scene's pair.
fn post_of(scene: &Scene, post: PostId) -> Target {
    Target::Post { pair: scene.pair, post }
}
