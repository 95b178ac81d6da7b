//! Views to begin with: person 1 mentors person 2 in program 1, on a Monday morning. Enrolment 100 + n is
//! person n's; every record has a version of its own, so that a guard at the wrong one shows.

use std::{collections::BTreeSet, sync::LazyLock};

use chrono::TimeDelta;
use mentorship_core::{
    base::{time::Timestamp, version::Version},
    conformance::make::{self, CountedIds, adult_date, group, slug, start, tenant, two, who},
    decide::{
        Cx, Decision, Refusal,
        due::pair_due_at,
        enrollment::HostWord,
        guide::first_steps,
        proposal::{Tried, possible::HostFacts},
    },
    model::{
        enrollment::{Enrollment, Role},
        pair::{Pair, PairState},
        person::Person,
        program::Program,
        proposal::{Answered, Proposal, ProposalState},
        relation::Relation,
    },
    policy::actor::Actor,
    view::{EnrollmentView, PairView, Place, ProgramView, ProposalView, RelationView},
};

use crate::sound::{Before, sound};

static IDS: LazyLock<CountedIds> = LazyLock::new(CountedIds::default);

/// The host vouches for both, as the form asks it.
pub(crate) static HOST: LazyLock<HostFacts> =
    LazyLock::new(|| HostFacts { same_human: false, mentor: word(), mentee: word() });

/// What the host vouches for about an adult member who is trained.
pub(crate) fn word() -> HostWord {
    HostWord {
        adult_on: Some(adult_date()),
        zone: None,
        is_member: true,
        predicates: [(slug("trained"), true)].into(),
    }
}

pub(crate) fn v(number: u64) -> Version {
    Version::new(number)
}

/// The start, some hours later.
pub(crate) fn hours(n: i64) -> Timestamp {
    start() + TimeDelta::hours(n)
}

/// The start, some days of 24 hours later.
pub(crate) fn days(n: i64) -> Timestamp {
    start() + TimeDelta::days(n)
}

pub(crate) fn me(n: u64) -> Actor {
    Actor::person(tenant(), who(n))
}

/// Person `n` as an admin of the program's group.
pub(crate) fn admin(n: u64) -> Actor {
    Actor::group_admin(tenant(), who(n), group())
}

pub(crate) fn staff() -> Actor {
    Actor::staff(tenant(), who(950))
}

pub(crate) fn host() -> Actor {
    Actor::host(tenant())
}

pub(crate) fn clock() -> Actor {
    Actor::clock(tenant())
}

pub(crate) fn program() -> Program {
    Program { version: v(5), ..make::program(1) }
}

pub(crate) fn person(n: u64) -> Person {
    Person { reminded: Vec::new(), version: v(20 + n), ..make::person(n) }
}

pub(crate) fn enrollment(of: u64, role: Role) -> Enrollment {
    Enrollment { version: v(40 + of), ..make::enrollment(100 + of, 1, of, role) }
}

/// Two people between whom nothing was said.
pub(crate) fn relation(one: u64, other: u64) -> Relation {
    Relation { version: v(3), ..Relation::new(two(one, other)) }
}

/// One person has blocked the other.
pub(crate) fn blocked(by: u64, other: u64) -> Relation {
    let mut relation = relation(by, other);
    relation.stance_mut(&who(by)).unwrap().blocked_at = Some(start());
    relation
}

pub(crate) fn place(of: u64, role: Role) -> Place {
    Place {
        enrollment: enrollment(of, role),
        person: person(of),
        live: 0,
        person_live: 0,
        open: Vec::new(),
        with_actor: None,
    }
}

/// Nothing stands between the two and nothing was proposed yet.
pub(crate) fn two_places() -> ProposalView {
    ProposalView {
        relation: relation(1, 2),
        program: program(),
        form: Some(make::form()),
        guide: make::guide(),
        proposal: None,
        mentor: place(1, Role::Mentor),
        mentee: place(2, Role::Mentee),
        live_pair: None,
        open_between: Vec::new(),
        past: Vec::new(),
    }
}

pub(crate) const YES: fn() -> Answered = || Answered::Yes { at: start() };

pub(crate) fn offered(mentor: Answered, mentee: Answered) -> ProposalState {
    ProposalState::Offered { since: start(), expires_at: days(14), mentor, mentee }
}

/// An offer of an admin that both are still asked about.
pub(crate) fn offer(n: u64, mentor: u64, mentee: u64) -> Proposal {
    Proposal {
        state: offered(Answered::Waiting, Answered::Waiting),
        rank: None,
        version: v(60 + n),
        ..make::proposal(n, 1, (100 + mentor, mentor), (100 + mentee, mentee))
    }
}

pub(crate) fn draft(n: u64, mentor: u64, mentee: u64) -> Proposal {
    Proposal {
        state: ProposalState::Draft { queued_until: None },
        offered_at: None,
        ..offer(n, mentor, mentee)
    }
}

/// A proposal of the two, which both their places know of.
pub(crate) fn proposed(proposal: Proposal) -> ProposalView {
    let mut view = two_places();
    view.mentor.open.push(proposal.clone());
    view.mentee.open.push(proposal.clone());
    view.proposal = Some(proposal);
    view
}

/// A pair of person 1 and person 2 in this state.
pub(crate) fn pair(state: PairState) -> Pair {
    Pair {
        state,
        pauses: Vec::new(),
        started_at: start(),
        adults_at: start(),
        due_at: None,
        cleared_at: None,
        kept_for: BTreeSet::new(),
        version: v(9),
        ..make::pair(70, 1, (101, 1), (102, 2))
    }
}

pub(crate) fn active() -> PairState {
    PairState::Active { since: start() }
}

pub(crate) fn pair_view(state: PairState) -> PairView {
    let (program, pair, guide) = (program(), pair(state), make::guide());
    let steps = first_steps(pair.id, &guide, program.zone, start(), start());
    let mut view = PairView {
        mentor: person(1),
        mentee: person(2),
        relation: relation(1, 2),
        program,
        pair,
        guide,
        steps,
        post: None,
        with_actor: Vec::new(),
    };
    rearm(&mut view);
    view
}

/// Sets the instant at which the pair is due, as every command does that stores it.
pub(crate) fn rearm(view: &mut PairView) {
    let PairView { pair, steps, program, mentor, mentee, .. } = &*view;
    view.pair.due_at = pair_due_at(pair, steps, program, mentor, mentee);
}

/// The mentor's enrolment.
pub(crate) fn enrolled() -> EnrollmentView {
    EnrollmentView {
        person: person(1),
        program: program(),
        form: make::form(),
        enrollment: Some(enrollment(1, Role::Mentor)),
        others: Vec::new(),
        person_live: 0,
        pairs: Vec::new(),
        proposals: Vec::new(),
        with_actor: None,
    }
}

pub(crate) fn program_view() -> ProgramView {
    ProgramView {
        program: program(),
        form: make::form(),
        guide: make::guide(),
        has_enrollments: true,
        has_live_pairs: false,
        undecided: Vec::new(),
        open_proposals: Vec::new(),
        live_pairs: Vec::new(),
    }
}

pub(crate) fn relation_view() -> RelationView {
    let [lo, hi] = [1, 2].map(person);
    RelationView {
        lo,
        hi,
        relation: relation(1, 2),
        pairs: Vec::new(),
        proposals: Vec::new(),
        past: Vec::new(),
    }
}

/// A view, an actor and an instant, waiting for a command.
pub(crate) struct Given<'v, V> {
    view: &'v V,
    by: Actor,
    now: Timestamp,
}

pub(crate) fn given<V: Before>(view: &V) -> Given<'_, V> {
    Given { view, by: clock(), now: start() }
}

impl<V: Before> Given<'_, V> {
    pub(crate) fn by(self, by: Actor) -> Self {
        Self { by, ..self }
    }

    pub(crate) fn at(self, now: Timestamp) -> Self {
        Self { now, ..self }
    }

    pub(crate) fn tries<T>(
        &self,
        act: impl FnOnce(&V, Cx<'_>) -> Result<Decision<T>, Refusal>,
    ) -> Result<Decision<T>, Refusal> {
        let outcome = act(self.view, Cx { actor: &self.by, now: self.now, ids: &*IDS });
        if let Ok(decision) = &outcome {
            sound(decision, self.view, &self.by, self.now);
        }
        outcome
    }

    /// What an admin is told of their attempt to pair two people. One that is not allowed writes and says
    /// nothing; it leaves private events, for the platform alone (D5).
    pub(crate) fn pairs<T>(
        &self,
        act: impl FnOnce(&V, Cx<'_>) -> Result<Decision<Tried<T>>, Refusal>,
    ) -> Result<Decision<T>, String> {
        let tried = self.tries(act).map_err(|refusal| told(&refusal))?;
        let Decision { changes, reply, next } = tried;
        match reply.done() {
            Ok(reply) => Ok(Decision { changes, reply, next }),
            Err(refusal) => {
                assert!(changes.changes.is_empty() && changes.outbox.is_empty() && next.is_empty());
                assert!(!changes.audit.is_empty());
                for event in &changes.audit {
                    assert!(event.private && event.reason.is_some(), "{event:?}");
                    assert_eq!(event.action.as_str(), "proposal.not_allowed");
                }
                Err(told(&refusal))
            }
        }
    }

    /// The decision, which has to be sound.
    pub(crate) fn does<T>(
        &self,
        act: impl FnOnce(&V, Cx<'_>) -> Result<Decision<T>, Refusal>,
    ) -> Decision<T> {
        self.tries(act).unwrap_or_else(|refusal| panic!("refused: {}", told(&refusal)))
    }

    /// There is no refusal.
    pub(crate) fn may<T>(&self, act: impl FnOnce(&V, Cx<'_>) -> Result<Decision<T>, Refusal>) {
        drop(self.does(act));
    }

    /// All that the refusal tells: its code and its parameters.
    pub(crate) fn refuses<T>(
        &self,
        act: impl FnOnce(&V, Cx<'_>) -> Result<Decision<T>, Refusal>,
    ) -> String {
        match self.tries(act) {
            Ok(decision) => panic!("not refused: {:?}", decision.changes),
            Err(refusal) => told(&refusal),
        }
    }
}

fn told(refusal: &Refusal) -> String {
    let params = refusal.params().into_iter().map(|(name, value)| format!(" {name}={value}"));
    std::iter::once(refusal.code().to_owned()).chain(params).collect()
}

pub(crate) fn state_error(record: &str, from: &str, act: &str) -> String {
    format!("state.not_allowed act={act} from={from} record={record}")
}
