//! A story of real commands that leaves the same rows behind each time, every one of which tells by its
//! id which command wrote it.
//!
//! A command's number is in its id and in all ids that are minted for it, so that after any fault it can
//! be told for each command whether it left everything, nothing, or (which must never be) something
//! else. See [`Ledger`](super::ledger::Ledger).

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use mentorship_core::{
    base::{
        id::{CommandId, EnrollmentId, Id, IdSource, PairId, PostId, ProgramId, ProposalId},
        text::Body,
        time::{ManualClock, Timestamp},
    },
    conformance::{
        make::{adult_date, after, group, slug, tenant, who},
        world::{TestHost, World, sign_up},
    },
    decide::{
        person::AgeFacts,
        report::{Filed, ReportAsk},
    },
    model::{
        enrollment::Role,
        report::{Target, Tier},
    },
    policy::actor::Actor,
    service::{Error, Mentorship},
    store::Store,
};
use serde::Serialize;
use uuid::Uuid;

/// The first number of a story's command; what the stage is made of has smaller ones.
pub(crate) const FIRST: u64 = 1_000;
/// Numbers that one story may use.
pub(crate) const SPAN: u64 = 16;
/// How many commands a story has.
pub(crate) const ACTS: u64 = 13;

/// The id of the command of a number.
pub(crate) fn command(number: u64) -> CommandId {
    CommandId::from_uuid(Uuid::from_u64_pair(number, 0))
}

/// For whom the report is that the command of a number files, if it files one.
pub(crate) fn reported_to(number: u64) -> Option<Tier> {
    match (number - FIRST) % SPAN {
        10 => Some(Tier::Group),
        11 => Some(Tier::Platform),
        12 => Some(Tier::Both),
        _ => None,
    }
}

/// Ids of one command: its number, then a number that is used once in this process, so that an attempt
/// that is wrongly made twice leaves rows twice.
#[derive(Clone, Copy, Debug)]
struct Numbered(u64);

static MINTED: AtomicU64 = AtomicU64::new(1);

impl IdSource for Numbered {
    fn random(&self) -> Uuid {
        Uuid::from_u64_pair(self.0, MINTED.fetch_add(1, Ordering::Relaxed))
    }

    fn ordered(&self, _at: Timestamp) -> Uuid {
        self.random()
    }
}

/// Where all stories take place: one program, and one pair in which everybody's story posts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage {
    pub(crate) program: ProgramId,
    pub(crate) square: PairId,
}

impl Stage {
    /// Makes the stage in an empty store.
    pub(crate) async fn set(store: Arc<dyn Store>) -> Self {
        let world = World::new(store);
        let program = world.program(|_| {}).await;
        let square = world.pair(program, 1, 2).await;
        let body = Body::new("Welcome.").expect("a good text");
        let first = world.service.post(&world.person(1), square, &slug("hello"), None, body).await;
        first.expect("the first post begins the pair");
        Self { program, square }
    }
}

/// What a command was answered, as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) number: u64,
    pub(crate) reply: String,
}

fn told(reply: &impl Serialize) -> String {
    serde_json::to_string(reply).expect("a reply is plain data")
}

/// One mentor and one mentee from sign-up to reports of a post and of each other, of which the last one blocks and ends
/// their pair.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    stage: Stage,
    base: u64,
    act: u64,
    mentor: Option<EnrollmentId>,
    mentee: Option<EnrollmentId>,
    proposal: Option<ProposalId>,
    pair: Option<PairId>,
    post: Option<PostId>,
}

impl Story {
    /// The story of this number, from its beginning.
    pub(crate) fn new(stage: Stage, story: u64) -> Self {
        let base = FIRST + story * SPAN;
        let (mentor, mentee, proposal, pair, post) = (None, None, None, None, None);
        Self { stage, base, act: 0, mentor, mentee, proposal, pair, post }
    }

    /// Which act comes next.
    pub(crate) fn act(&self) -> u64 {
        self.act
    }

    /// The number of the next command; `None` at the end.
    pub(crate) fn next(&self) -> Option<u64> {
        (self.act < ACTS).then_some(self.base + self.act)
    }

    /// Gives the next command. If it fails it stays the next one, under the same id.
    pub(crate) async fn go_on(
        &mut self,
        store: &Arc<dyn Store>,
        attempts: u8,
    ) -> Result<Done, Error> {
        let number = self.base + self.act;
        // Each command has an instant of its own, so that the log is in the order of numbers.
        let now = after(i64::try_from(number).expect("a small number"));
        let service = Mentorship::builder(store.clone(), TestHost::default())
            .clock(ManualClock::new(now))
            .ids(Numbered(number))
            .attempts(attempts)
            .build();
        let reply = self.give(&service, number).await?;
        self.act += 1;
        Ok(Done { number, reply })
    }

    async fn give(&mut self, service: &Mentorship, number: u64) -> Result<String, Error> {
        const EARLIER: &str = "earlier commands were acknowledged";
        let signed = |actor: Actor| actor.with_command(command(number));
        let person = |n: u64| signed(Actor::person(tenant(), who(n)));
        let admin = signed(Actor::group_admin(tenant(), who(900), group()));
        let host = signed(Actor::host(tenant()));
        let (one, other) = (self.base, self.base + 1);
        let body = Body::new(&format!("Command {number}.")).expect("a good text");
        let Stage { program, square } = self.stage;
        Ok(match self.act {
            0 | 1 => {
                let zone = Some(chrono_tz::Tz::Europe__Lisbon);
                let facts = AgeFacts { adult_on: Some(adult_date()), zone };
                told(&service.record_age(&host, &who(number), facts).await?)
            }
            2 => {
                let (id, _) = service.enroll(&person(one), program, sign_up(Role::Mentor)).await?;
                self.mentor = Some(id);
                told(&id)
            }
            3 => {
                let (id, _) =
                    service.enroll(&person(other), program, sign_up(Role::Mentee)).await?;
                self.mentee = Some(id);
                told(&id)
            }
            4 => {
                let (mentor, mentee) = (self.mentor.expect(EARLIER), self.mentee.expect(EARLIER));
                let staged = service.stage_proposal(&admin, mentor, mentee, None).await?;
                self.proposal = Some(staged.proposal);
                told(&staged)
            }
            5 => told(&service.publish_proposal(&admin, self.proposal.expect(EARLIER)).await?),
            6 => told(&service.accept(&person(one), self.proposal.expect(EARLIER)).await?),
            7 => {
                let done = service.accept(&person(other), self.proposal.expect(EARLIER)).await?;
                self.pair = Some(done.pair.expect("both have said yes"));
                told(&done)
            }
            8 => {
                let pair = self.pair.expect(EARLIER);
                let done = service.post(&person(one), pair, &slug("hello"), None, body).await?;
                self.post = Some(done.post);
                told(&done)
            }
            9 => {
                let author = person(1 + self.base / SPAN % 2);
                told(&service.post(&author, square, &slug("hello"), None, body).await?)
            }
            _ => {
                let about = |n| ReportAsk::new(who(n), slug("scam")).text(body);
                let (by, report) = match self.act {
                    10 => {
                        let (pair, post) = (self.pair.expect(EARLIER), self.post.expect(EARLIER));
                        (other, about(one).target(Target::Post { pair, post }))
                    }
                    11 => (one, about(other)),
                    // The block and the end of their pair are one command with it.
                    _ => (other, about(one).block()),
                };
                let report = report.recipient(reported_to(number).expect("a report"));
                let receipt = service.file_report(&person(by), program, report).await?;
                // What the host says of help is not stored with the rest.
                told(&Filed { case: receipt.case, priority: receipt.priority })
            }
        })
    }
}
