//! What one tenant holds, with the indexes that keep every question cheap.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use mentorship_core::{
    base::{
        host::{GroupId, PersonId},
        id::{
            CaseId, CommandId, EnrollmentId, EventId, Id, MessageId, PairId, PostId, ProgramId,
            ProposalId, RunId,
        },
        people::PersonPair,
        text::Slug,
        time::Timestamp,
    },
    change::{CommandRecord, Key},
    model::{
        enrollment::{Enrollment, Role},
        event::{AuditEvent, OutboxMessage},
        form::Form,
        guide::{Guide, StepInstance},
        journal::{CheckIn, CheckInKind, Post},
        pair::{Pair, PairState},
        person::Person,
        program::Program,
        proposal::{Proposal, ProposalState},
        relation::Relation,
        report::{Case, Evidence},
        run::Run,
    },
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::index::Index;

/// The first place of every order by instant and id.
pub(crate) fn first<I: Id>() -> (Timestamp, I) {
    (Timestamp::MIN_UTC, least())
}

pub(crate) fn least<I: Id>() -> I {
    I::from_uuid(Uuid::nil())
}

/// A message with what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Queued {
    pub(crate) consumer: Slug,
    pub(crate) message: OutboxMessage,
    pub(crate) lease_until: Option<Timestamp>,
    pub(crate) epoch: u32,
    pub(crate) attempts: u32,
    pub(crate) lot: Lot,
}

impl Queued {
    pub(crate) fn new(consumer: Slug, message: OutboxMessage) -> Self {
        Self { consumer, message, lease_until: None, epoch: 0, attempts: 0, lot: Lot::Pending }
    }
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Lot {
    /// It waits to be delivered.
    Pending,
    /// It was set aside.
    Parked,
    /// It was delivered or dropped.
    Done,
}

type By<A, I> = Index<A, (Timestamp, I)>;
type Code = &'static str;

#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) people: HashMap<PersonId, Person>,
    pub(crate) relations: BTreeMap<PersonPair, Relation>,
    pub(crate) programs: HashMap<ProgramId, Program>,
    pub(crate) forms: BTreeMap<(ProgramId, u32), Arc<Form>>,
    pub(crate) guides: BTreeMap<(ProgramId, u32), Arc<Guide>>,
    pub(crate) enrollments: HashMap<EnrollmentId, Enrollment>,
    pub(crate) proposals: HashMap<ProposalId, Proposal>,
    pub(crate) pairs: HashMap<PairId, Pair>,
    pub(crate) steps: BTreeMap<(PairId, u16), StepInstance>,
    pub(crate) posts: BTreeMap<(PairId, u64), Post>,
    pub(crate) post_places: HashMap<PostId, (PairId, u64)>,
    pub(crate) check_ins: BTreeMap<(PairId, Role, CheckInKind), CheckIn>,
    pub(crate) cases: HashMap<CaseId, Case>,
    pub(crate) evidence: BTreeMap<(CaseId, u32), Evidence>,
    pub(crate) runs: HashMap<RunId, Run>,
    pub(crate) commands: HashMap<CommandId, CommandRecord>,
    pub(crate) audit: BTreeMap<(Timestamp, EventId), AuditEvent>,
    pub(crate) outbox: BTreeMap<(Slug, (Timestamp, MessageId)), Queued>,
    pub(crate) message_places: HashMap<MessageId, Timestamp>,

    /// The belt of each enrolment: most live pairs it may have.
    pub(crate) live_limit: HashMap<EnrollmentId, u32>,

    pub(crate) banned: Index<(), PersonId>,
    pub(crate) muted: Index<(), PersonId>,
    pub(crate) blocks_by: Index<PersonId, PersonId>,
    pub(crate) avoids_by: Index<PersonId, PersonId>,
    pub(crate) wishes_by: Index<PersonId, PersonId>,
    pub(crate) relations_of: Index<PersonId, PersonId>,
    pub(crate) programs_all: By<(), ProgramId>,
    pub(crate) programs_of: By<GroupId, ProgramId>,
    pub(crate) enrollments_in: By<ProgramId, EnrollmentId>,
    pub(crate) enrollments_at: By<(ProgramId, Code), EnrollmentId>,
    pub(crate) enrollments_of: By<PersonId, EnrollmentId>,
    pub(crate) active_in: Index<(ProgramId, Role), EnrollmentId>,
    pub(crate) proposals_in: By<ProgramId, ProposalId>,
    pub(crate) proposals_at: By<(ProgramId, Code), ProposalId>,
    pub(crate) proposals_of: By<EnrollmentId, ProposalId>,
    pub(crate) proposals_for: By<PersonId, ProposalId>,
    pub(crate) open_of: By<EnrollmentId, ProposalId>,
    pub(crate) open_in: By<ProgramId, ProposalId>,
    pub(crate) open_between: By<PersonPair, ProposalId>,
    pub(crate) proposals_of_run: By<RunId, ProposalId>,
    pub(crate) declined_between: By<PersonPair, ProposalId>,
    pub(crate) runs_in: By<ProgramId, RunId>,
    pub(crate) pairs_in: By<ProgramId, PairId>,
    pub(crate) pairs_at: By<(ProgramId, Code), PairId>,
    pub(crate) pairs_of: By<PersonId, PairId>,
    pub(crate) live_in: By<ProgramId, PairId>,
    pub(crate) live_of: By<EnrollmentId, PairId>,
    pub(crate) live_for: By<PersonId, PairId>,
    pub(crate) live_between: By<PersonPair, PairId>,
    /// By the negated end, so that the newest come first.
    pub(crate) past_between: Index<PersonPair, (i64, PairId)>,
    pub(crate) cases_all: By<(), CaseId>,
    /// Those that wait for the group's reviewers, and for the platform's.
    pub(crate) cases_in: By<ProgramId, CaseId>,
    pub(crate) cases_at_platform: By<(), CaseId>,
    pub(crate) cases_by: By<PersonId, CaseId>,
    /// Those of which their subject was told.
    pub(crate) cases_about: By<PersonId, CaseId>,
    pub(crate) due: Index<(), (Timestamp, Key)>,
    pub(crate) audit_in: By<ProgramId, EventId>,
    pub(crate) audit_about: By<Key, EventId>,
    pub(crate) audit_by: By<PersonId, EventId>,
    /// Messages that wait, and those set aside, by consumer.
    pub(crate) pending: By<Slug, MessageId>,
    pub(crate) parked: By<Slug, MessageId>,
}

/// When a pair was over; `None` while it lives.
pub(crate) fn over_at(pair: &Pair) -> Option<Timestamp> {
    match &pair.state {
        PairState::Completed { at, .. } | PairState::Ended { at, .. } => Some(*at),
        PairState::Introduced { .. }
        | PairState::Active { .. }
        | PairState::Paused { .. }
        | PairState::Frozen { .. } => None,
    }
}

impl State {
    fn set_due(&mut self, at: Option<Timestamp>, key: Key, present: bool) {
        if let Some(at) = at {
            self.due.set((), (at, key), present);
        }
    }

    fn index_relation(&mut self, relation: &Relation, present: bool) {
        let (lo, hi) = (relation.people.lo(), relation.people.hi());
        for (me, other, stance) in [(lo, hi, relation.lo), (hi, lo, relation.hi)] {
            self.relations_of.set(me.clone(), other.clone(), present);
            if stance.blocked_at.is_some() {
                self.blocks_by.set(me.clone(), other.clone(), present);
            }
            if stance.avoids_since.is_some() {
                self.avoids_by.set(me.clone(), other.clone(), present);
            }
            if stance.wishes_since.is_some() {
                self.wishes_by.set(me.clone(), other.clone(), present);
            }
        }
    }

    fn index_program(&mut self, program: &Program, present: bool) {
        let place = (program.created_at, program.id);
        self.programs_all.set((), place, present);
        self.programs_of.set(program.group.clone(), place, present);
        self.set_due(program.due_at(), Key::Program(program.id), present);
    }

    fn index_enrollment(&mut self, it: &Enrollment, present: bool) {
        let place = (it.applied_at, it.id);
        self.enrollments_in.set(it.program, place, present);
        self.enrollments_at.set((it.program, it.state.code()), place, present);
        self.enrollments_of.set(it.person.clone(), place, present);
        if it.state.is_active() {
            self.active_in.set((it.program, it.role), it.id, present);
        }
        self.set_due(it.due_at(), Key::Enrollment(it.id), present);
    }

    fn index_proposal(&mut self, it: &Proposal, present: bool) {
        let place = (it.created_at, it.id);
        self.proposals_in.set(it.program, place, present);
        self.proposals_at.set((it.program, it.state.code()), place, present);
        for enrollment in [it.mentor, it.mentee] {
            self.proposals_of.set(enrollment, place, present);
            if it.state.is_open() {
                self.open_of.set(enrollment, place, present);
            }
        }
        for person in [&it.mentor_person, &it.mentee_person] {
            self.proposals_for.set(person.clone(), place, present);
        }
        if let Some(run) = it.run {
            self.proposals_of_run.set(run, place, present);
        }
        if it.state.is_open() {
            self.open_in.set(it.program, place, present);
        }
        if let Some(two) = PersonPair::new(it.mentor_person.clone(), it.mentee_person.clone()) {
            if it.state.is_open() {
                self.open_between.set(two, place, present);
            } else if matches!(it.state, ProposalState::Declined { .. }) {
                self.declined_between.set(two, place, present);
            }
        }
        self.set_due(it.due_at(), Key::Proposal(it.id), present);
    }

    fn index_pair(&mut self, it: &Pair, present: bool) {
        let place = (it.started_at, it.id);
        let live = it.state.is_live();
        self.pairs_in.set(it.program, place, present);
        self.pairs_at.set((it.program, it.state.code()), place, present);
        if live {
            self.live_in.set(it.program, place, present);
        }
        for side in [&it.mentor, &it.mentee] {
            self.pairs_of.set(side.person.clone(), place, present);
            if live {
                self.live_of.set(side.enrollment, place, present);
                self.live_for.set(side.person.clone(), place, present);
            }
        }
        if let Some(people) = it.people() {
            match over_at(it) {
                Some(at) => {
                    let newest_first = at.timestamp_micros().saturating_neg();
                    self.past_between.set(people, (newest_first, it.id), present);
                }
                None => self.live_between.set(people, place, present),
            }
        }
        self.set_due(it.due_at, Key::Pair(it.id), present);
    }

    fn index_case(&mut self, it: &Case, present: bool) {
        let place = (it.filed_at, it.id);
        self.cases_all.set((), place, present);
        if it.state.is_queued() && it.tier.is_groups() {
            self.cases_in.set(it.program, place, present);
        }
        if it.state.is_queued() && it.tier.is_platforms() {
            self.cases_at_platform.set((), place, present);
        }
        if let Some(reporter) = &it.reporter {
            self.cases_by.set(reporter.clone(), place, present);
        }
        if it.is_told() {
            self.cases_about.set(it.subject.clone(), place, present);
        }
        self.set_due(it.due_at(), Key::Case(it.id), present);
    }

    pub(crate) fn put_person(&mut self, person: Person) {
        self.banned.set((), person.id.clone(), !person.bans.is_empty());
        self.muted.set((), person.id.clone(), person.mute.is_some());
        self.people.insert(person.id.clone(), person);
    }

    pub(crate) fn put_relation(&mut self, relation: Relation) {
        if let Some(old) = self.relations.remove(&relation.people) {
            self.index_relation(&old, false);
        }
        self.index_relation(&relation, true);
        self.relations.insert(relation.people.clone(), relation);
    }

    pub(crate) fn put_program(&mut self, program: Program) {
        if let Some(old) = self.programs.remove(&program.id) {
            self.index_program(&old, false);
        }
        self.index_program(&program, true);
        self.programs.insert(program.id, program);
    }

    pub(crate) fn put_enrollment(&mut self, enrollment: Enrollment) {
        let live = self.live_count(enrollment.id);
        if let Some(old) = self.enrollments.remove(&enrollment.id) {
            self.index_enrollment(&old, false);
            if old.capacity != enrollment.capacity {
                let limit = live.max(u32::from(enrollment.capacity));
                self.live_limit.insert(enrollment.id, limit);
            }
        } else {
            self.live_limit.insert(enrollment.id, u32::from(enrollment.capacity).max(live));
        }
        self.index_enrollment(&enrollment, true);
        self.enrollments.insert(enrollment.id, enrollment);
    }

    pub(crate) fn put_proposal(&mut self, proposal: Proposal) {
        if let Some(old) = self.proposals.remove(&proposal.id) {
            self.index_proposal(&old, false);
        }
        self.index_proposal(&proposal, true);
        self.proposals.insert(proposal.id, proposal);
    }

    /// A run never changes but for the key of whoever staged it.
    pub(crate) fn put_run(&mut self, run: Run) {
        self.runs_in.set(run.program, (run.created_at, run.id), true);
        self.runs.insert(run.id, run);
    }

    pub(crate) fn put_pair(&mut self, pair: Pair) {
        let mut was_live = false;
        if let Some(old) = self.pairs.remove(&pair.id) {
            was_live = old.state.is_live();
            self.index_pair(&old, false);
        }
        self.index_pair(&pair, true);
        if was_live && !pair.state.is_live() {
            for enrollment in [pair.mentor.enrollment, pair.mentee.enrollment] {
                let capacity =
                    self.enrollments.get(&enrollment).map_or(0, |it| u32::from(it.capacity));
                if let Some(limit) = self.live_limit.get_mut(&enrollment) {
                    *limit = capacity.max(limit.saturating_sub(1));
                }
            }
        }
        self.pairs.insert(pair.id, pair);
    }

    pub(crate) fn put_case(&mut self, case: Case) {
        if let Some(old) = self.cases.remove(&case.id) {
            self.index_case(&old, false);
        }
        self.index_case(&case, true);
        self.cases.insert(case.id, case);
    }

    pub(crate) fn put_post(&mut self, post: Post) {
        let place = (post.pair, post.seq);
        if let Some(old) = self.post_places.insert(post.id, place)
            && old != place
        {
            self.posts.remove(&old);
        }
        self.posts.insert(place, post);
    }

    pub(crate) fn put_audit(&mut self, event: AuditEvent) {
        let place = (event.at, event.id);
        if let Some(program) = event.program {
            self.audit_in.set(program, place, true);
        }
        self.audit_about.set(event.subject.clone(), place, true);
        if let Some(person) = &event.actor.person {
            self.audit_by.set(person.clone(), place, true);
        }
        self.audit.insert(place, event);
    }

    /// Takes an event out of the log, if it is there.
    pub(crate) fn forget_event(&mut self, place: (Timestamp, EventId)) {
        let Some(event) = self.audit.remove(&place) else { return };
        if let Some(program) = event.program {
            self.audit_in.set(program, place, false);
        }
        self.audit_about.set(event.subject, place, false);
        if let Some(person) = event.actor.person {
            self.audit_by.set(person, place, false);
        }
    }

    /// Whether a record is over, so that its history may go; people and what stands between them have no end.
    pub(crate) fn is_over(&self, key: &Key) -> bool {
        let goes_on = match key {
            Key::Person(_) | Key::Relation(_) => Some(false),
            Key::Program(id) => self.programs.get(id).map(|it| !it.state.is_terminal()),
            Key::Enrollment(id) => self.enrollments.get(id).map(|it| !it.state.is_terminal()),
            Key::Proposal(id) => self.proposals.get(id).map(|it| it.state.is_open()),
            Key::Pair(id) => self.pairs.get(id).map(|it| it.state.is_live()),
            Key::Case(id) => self.cases.get(id).map(|it| it.holds() || it.due_at().is_some()),
        };
        !goes_on.unwrap_or(false)
    }

    pub(crate) fn put_message(&mut self, queued: Queued) {
        let place = (queued.message.at, queued.message.id);
        let consumer = queued.consumer.clone();
        self.pending.set(consumer.clone(), place, queued.lot == Lot::Pending);
        self.parked.set(consumer.clone(), place, queued.lot == Lot::Parked);
        self.message_places.insert(queued.message.id, queued.message.at);
        self.outbox.insert((consumer, place), queued);
    }

    /// Takes out what a consumer has not read.
    pub(crate) fn forget(&mut self, consumer: &Slug) {
        let unread = |queued: &Queued| queued.consumer == *consumer && queued.lot != Lot::Done;
        for (_, queued) in self.outbox.extract_if(.., |_, queued| unread(queued)) {
            let place = (queued.message.at, queued.message.id);
            self.pending.set(consumer.clone(), place, false);
            self.parked.set(consumer.clone(), place, false);
        }
    }

    pub(crate) fn live_count(&self, enrollment: EnrollmentId) -> u32 {
        let live = self.live_of.after(&enrollment, None, &first()).count();
        u32::try_from(live).unwrap_or(u32::MAX)
    }
}
