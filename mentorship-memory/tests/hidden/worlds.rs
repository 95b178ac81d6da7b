//! Two worlds of one history, which differ in one thing.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{Days, TimeDelta};
use mentorship_core::{
    base::{
        id::{CaseId, EnrollmentId, Id as _, IdSource, PairId, ProgramId, ProposalId, RunId},
        people::PersonPair,
        text::{Body, Note, Slug, Title},
        time::{Clock as _, ManualClock, Timestamp},
    },
    conformance::{
        census::{Census, census},
        history::{Move, Play},
        make::{group, slug, tenant, who},
        through::Through,
        world::{TestHost, TestKeys, World, sign_up},
    },
    decide::{person::AgeFacts, report::ReportAsk},
    model::{
        enrollment::Role,
        event::Audience,
        pair::EndKind,
        report::{Ground, Outcome, Priority, Reasons, Verdict},
    },
    policy::actor::Actor,
    service::{Attestation, Error, Mentorship, SweepAsk},
    store::{ClaimAsk, Envelope, Store as _},
};
use mentorship_memory::MemoryStore;
use uuid::Uuid;

use crate::{recorded::Asked, runs};

/// Somebody whom nobody of the history has met.
pub(crate) const STRANGER: u64 = 60;

/// Ids of one act: whatever another act has used, they are the same.
#[derive(Debug, Default)]
struct Ids {
    act: AtomicU64,
    next: AtomicU64,
}

impl IdSource for Ids {
    fn random(&self) -> Uuid {
        let act = self.act.load(Ordering::Relaxed);
        Uuid::from_u64_pair(0x1d << 32 | act, self.next.fetch_add(1, Ordering::Relaxed))
    }

    fn ordered(&self, at: Timestamp) -> Uuid {
        let act = self.act.load(Ordering::Relaxed);
        let micros = u64::try_from(at.timestamp_micros()).unwrap();
        Uuid::from_u64_pair(micros, act << 32 | self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// What there was before the worlds went apart.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    store: MemoryStore,
    keys: TestKeys,
    now: Timestamp,
    pub(crate) census: Census,
    /// Runs that were staged.
    pub(crate) runs: Vec<RunId>,
}

impl Past {
    pub(crate) async fn of(moves: &[[u8; 4]]) -> Self {
        let store = MemoryStore::new();
        let (world, keys) = World::new(Arc::new(store.clone())).keyed();
        let mut play = Play::begin(world).await;
        for step in moves {
            play.play(Move::from(*step)).await;
        }
        // Everybody whom the directory could show lets it show them.
        for place in census(&store, &tenant()).await.enrollments.into_values() {
            let me = Actor::person(tenant(), place.person);
            drop(play.world.service.show_to_group(&me, place.id, true).await);
        }
        let programs: Vec<_> = census(&store, &tenant()).await.programs.into_keys().collect();
        let runs = runs::before(&play.world.service, &programs, moves.len()).await;
        drop(play.world.messages().await);
        let census = census(&store, &tenant()).await;
        Self { store, keys, now: play.world.now(), census, runs }
    }

    pub(crate) fn live(&self, one: u64, other: u64) -> Vec<PairId> {
        let two = PersonPair::new(who(one), who(other));
        let pairs = self.census.pairs.values().filter(|it| it.state.is_live());
        pairs.filter(|it| it.people() == two).map(|it| it.id).collect()
    }

    pub(crate) fn open(&self, one: u64, other: u64) -> Vec<ProposalId> {
        let two = PersonPair::new(who(one), who(other));
        let of =
            |mentor: &_, mentee: &_| PersonPair::new(Clone::clone(mentor), Clone::clone(mentee));
        let offers = self.census.proposals.values().filter(|it| it.state.is_open());
        offers
            .filter(|it| of(&it.mentor_person, &it.mentee_person) == two)
            .map(|it| it.id)
            .collect()
    }

    /// Whether a later choice of one of the two waits for what is open between them.
    pub(crate) fn is_waited_for(&self, one: u64, other: u64) -> bool {
        let open = self.open(one, other);
        let mut queued = self.census.proposals.values().filter(|it| it.is_queued());
        queued.any(|later| open.iter().any(|it| self.census.proposals[it].mentee == later.mentee))
    }

    /// Enrolments of a person that are not over.
    pub(crate) fn places(&self, n: u64) -> Vec<EnrollmentId> {
        let places = self.census.enrollments.values().filter(|it| !it.state.is_terminal());
        places.filter(|it| it.person == who(n)).map(|it| it.id).collect()
    }

    pub(crate) fn programs(&self) -> Vec<ProgramId> {
        self.census.programs.keys().copied().collect()
    }
}

/// One of the two.
pub(crate) struct Side {
    pub(crate) service: Mentorship,
    store: MemoryStore,
    pub(crate) asked: Asked,
    pub(crate) clock: Arc<ManualClock>,
    host: TestHost,
    ids: Arc<Ids>,
    /// Enrolments of those who have come back, which the history does not know.
    back: Mutex<BTreeMap<u64, Vec<EnrollmentId>>>,
    /// Runs that were staged since, with their names where those are not to be compared.
    runs: Mutex<Vec<(RunId, Option<Slug>)>>,
}

#[derive(Debug)]
struct Shared(Arc<Ids>);

impl IdSource for Shared {
    fn random(&self) -> Uuid {
        self.0.random()
    }

    fn ordered(&self, at: Timestamp) -> Uuid {
        self.0.ordered(at)
    }
}

impl Side {
    pub(crate) fn of(past: &Past) -> Self {
        let (store, asked) = (past.store.fork(), Asked::default());
        let (host, ids) = (TestHost::default(), Arc::new(Ids::default()));
        host.admins([who(900), who(901), who(902)]);
        let clock = Arc::new(ManualClock::new(past.now));
        let listening = Through::hooked(Arc::new(store.clone()), asked.clone());
        let service = Mentorship::builder(Arc::new(listening), host.clone())
            .clock(clock.clone())
            .ids(Shared(ids.clone()))
            .tenant_keys(past.keys.clone())
            .build();
        let (back, runs) = (Mutex::default(), Mutex::default());
        let side = Self { service, store, asked, clock, host, ids, back, runs };
        side.turn(1);
        side
    }

    /// From here on ids are those of this act.
    pub(crate) fn turn(&self, act: u64) {
        self.ids.act.store(act, Ordering::Relaxed);
        self.ids.next.store(0, Ordering::Relaxed);
    }

    /// Enrolments of a person: since they came back, and of the history.
    pub(crate) fn places(&self, past: &Past, n: u64) -> Vec<EnrollmentId> {
        self.back_of(n).into_iter().chain(past.places(n)).collect()
    }

    /// Enrolments of a person since they came back.
    pub(crate) fn back_of(&self, n: u64) -> Vec<EnrollmentId> {
        self.back.lock().unwrap().get(&n).cloned().unwrap_or_default()
    }

    pub(crate) fn has_staged(&self, run: RunId, name: Option<Slug>) {
        self.runs.lock().unwrap().push((run, name));
    }

    /// Runs that were staged since the worlds went apart.
    pub(crate) fn runs(&self) -> Vec<RunId> {
        self.runs.lock().unwrap().iter().map(|(run, _)| *run).collect()
    }

    pub(crate) fn names_of_runs(&self) -> Vec<Slug> {
        self.runs.lock().unwrap().iter().filter_map(|(_, name)| name.clone()).collect()
    }

    pub(crate) fn is_back(&self, n: u64, place: EnrollmentId) {
        self.back.lock().unwrap().entry(n).or_default().push(place);
    }

    pub(crate) async fn days(&self, days: i64) {
        self.clock.advance(TimeDelta::days(days));
        let ask = SweepAsk { limit: 500, after: None };
        for _ in 0..3 {
            self.service.sweep(&Actor::clock(tenant()), ask.clone()).await.unwrap();
        }
    }

    /// What was said to these since the last time, and what about. Not what was said before the worlds went apart
    /// and waits while a pair stands still: a block drops it at delivery (D7), which the other may notice as
    /// something that never came (I10).
    pub(crate) async fn heard(&self, by: &[Audience]) -> Vec<String> {
        let outbox = self.store.outbox().unwrap();
        let now = self.clock.now();
        let ask = ClaimAsk {
            tenant: Some(tenant()),
            limit: 500,
            ..ClaimAsk::new(now, now + TimeDelta::hours(1))
        };
        let claimed = outbox.claim(&ask).await.unwrap();
        let receipts: Vec<_> = claimed.iter().map(Envelope::receipt).collect();
        outbox.acknowledge(&receipts).await.unwrap();
        let heard = claimed.into_iter().map(|it| it.message).filter(|it| by.contains(&it.to));
        let heard = heard.filter(|it| it.id.uuid().as_u64_pair().1 >> 32 > 0);
        let mut heard: Vec<_> = heard
            .map(|it| {
                let about = (it.program, it.proposal, it.pair, it.case, it.step);
                format!("{} {:?} {about:?} {:?} {}", it.kind, it.between, it.code, it.at)
            })
            .collect();
        heard.sort();
        heard
    }

    /// Makes a hidden fact of `x`, whom it is hidden of being `o`.
    pub(crate) async fn make(&self, past: &Past, fact: Fact, x: u64, o: u64) -> Result<(), Error> {
        let (s, me) = (&self.service, Actor::person(tenant(), who(x)));
        let staff = Actor::staff(tenant(), who(990));
        match fact {
            Fact::Nothing => {}
            Fact::Block => s.block(&me, &who(o)).await?,
            Fact::Avoid => s.avoid(&me, &who(o), true).await?,
            Fact::Minor => {
                let day = self.clock.now().date_naive().checked_add_days(Days::new(400));
                self.host.attest(&who(x), Attestation { adult_on: day, zone: None });
                let facts = AgeFacts { adult_on: day, zone: None };
                s.record_age(&Actor::host(tenant()), &who(x), facts).await?;
            }
            Fact::Held => {
                for place in past.places(x) {
                    drop(s.hold_enrollment(&staff, place).await);
                }
            }
            Fact::HeldAndFrozen => {
                for place in past.places(x) {
                    drop(s.hold_enrollment(&staff, place).await);
                }
                let pairs = past.census.pairs.values().filter(|it| it.state.is_live());
                for pair in
                    pairs.filter(|it| it.people().is_some_and(|it| it.other(&who(x)).is_some()))
                {
                    drop(s.freeze_pair(&staff, pair.id).await);
                }
            }
            Fact::Paused => {
                for place in past.places(x) {
                    drop(s.pause_enrollment(&me, place, None).await);
                }
            }
            Fact::Full => {
                for place in past.places(x) {
                    drop(s.set_capacity(&me, place, 0).await);
                }
            }
            Fact::Left => {
                for place in past.places(x) {
                    drop(s.withdraw_enrollment(&me, place).await);
                }
            }
            Fact::Ended => {
                for pair in past.live(x, o) {
                    s.end_pair(&me, pair, EndKind::NotAFit, None, false).await?;
                }
            }
            Fact::EndedAndFull => {
                Box::pin(self.make(past, Fact::Ended, x, o)).await?;
                for place in past.places(x) {
                    drop(s.set_capacity(&me, place, 0).await);
                }
            }
            Fact::SignedUp(then) => {
                let mut known = false;
                for program in past.programs() {
                    known |= s.enroll(&me, program, sign_up(Role::Mentor)).await.is_ok();
                }
                match then {
                    Then::Block => s.block(&me, &who(o)).await?,
                    Then::Erased if known => drop(s.erase_person(&me, &who(x)).await?),
                    // Where no program takes anybody, there is nobody to erase.
                    Then::Nothing | Then::Erased => {}
                    Then::Minor => Box::pin(self.make(past, Fact::Minor, x, o)).await?,
                }
            }
        }
        Ok(())
    }

    /// Something keeps admin 901 from a case of `o` about `x`.
    pub(crate) async fn recuse(&self, past: &Past, tie: u8, x: u64, o: u64) {
        let (s, admin) = (&self.service, Actor::person(tenant(), who(901)));
        let one = if tie.is_multiple_of(2) { x } else { o };
        match tie / 2 % 3 {
            0 => s.block(&admin, &who(one)).await.unwrap(),
            1 => s.block(&Actor::person(tenant(), who(one)), &who(901)).await.unwrap(),
            // Partners; where they cannot be, a block.
            _ => {
                if self.pair_up(past, one, 901).await.is_none() {
                    s.block(&admin, &who(one)).await.unwrap();
                }
            }
        }
    }

    /// Makes somebody who runs things the partner of somebody in a program of their own.
    pub(crate) async fn pair_up(&self, past: &Past, n: u64, official: u64) -> Option<PairId> {
        let (s, admin) = (&self.service, Actor::group_admin(tenant(), who(902), group()));
        let people = [n, official].map(|n| Actor::person(tenant(), who(n)));
        for program in past.programs() {
            let roles = [(0, 1), (1, 0)];
            for (mentor, mentee) in roles {
                let mut places = Vec::new();
                for (n, role) in [(mentor, Role::Mentor), (mentee, Role::Mentee)] {
                    let place = s.enroll(&people[n], program, sign_up(role)).await;
                    places.extend(place.map(|(place, _)| place));
                }
                let [mentor, mentee] = places[..] else { continue };
                let draft = s.stage_proposal(&admin, mentor, mentee, None).await;
                let Ok(draft) = draft else { continue };
                let Ok(_) = s.publish_proposal(&admin, draft.proposal).await else { continue };
                let mut pair = None;
                for person in &people {
                    let yes = s.accept(person, draft.proposal).await;
                    pair = pair.or(yes.ok().and_then(|it| it.pair));
                }
                if pair.is_some() {
                    return pair;
                }
            }
        }
        None
    }

    /// `by` reports `x`, and the case goes on as far as `stage` says.
    pub(crate) async fn report(
        &self,
        program: ProgramId,
        by: u64,
        x: u64,
        stage: u8,
    ) -> Option<CaseId> {
        let s = &self.service;
        let third = Actor::group_admin(tenant(), who(902), group());
        let report = ReportAsk::new(who(x), slug("scam"));
        let report =
            if stage.is_multiple_of(2) { report } else { report.text(Body::new("Look.").unwrap()) };
        let me = Actor::person(tenant(), who(by));
        let case = s.file_report(&me, program, report).await.ok()?.case;
        if stage > 1 {
            s.triage_case(&third, case, &slug("scam"), Priority::P2).await.ok()?;
            s.take_case(&third, case).await.ok()?;
        }
        if stage > 3 {
            let reasons = reasons();
            let verdict = Verdict { outcome: Outcome::NoAction, measures: Vec::new(), reasons };
            s.decide_case(&third, case, verdict).await.ok()?;
        }
        if stage > 5 {
            let words = Body::new("Look again.").unwrap();
            s.appeal_case(&me, case, words).await.ok()?;
        }
        Some(case)
    }
}

pub(crate) fn reasons() -> Reasons {
    Reasons {
        ground: Ground::Terms,
        clause: Title::new("None").unwrap(),
        facts: Note::new("Nothing.").unwrap(),
        why: Note::new("Nothing is to be sold.").unwrap(),
        detected: false,
        automated: false,
        redress: Note::new("Appeal.").unwrap(),
    }
}

/// What one of two worlds has and the other has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    Nothing,
    Block,
    Avoid,
    /// The host tells that they are none yet.
    Minor,
    /// The platform holds all that they take part in.
    Held,
    /// The same, and their pairs stand still.
    HeldAndFrozen,
    Paused,
    /// They take nobody any more.
    Full,
    /// They take part in nothing any more.
    Left,
    /// They have ended what was between the two, without a reason.
    Ended,
    /// The same, and they take nobody any more.
    EndedAndFull,
    /// They take part, of whom nobody knew before.
    SignedUp(Then),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    Nothing,
    Block,
    Erased,
    Minor,
}
