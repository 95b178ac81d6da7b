//! What can be asked of a store.

use std::{collections::BTreeSet, ops::Range};

use serde::{Deserialize, Serialize};

use crate::{
    base::{
        host::{GroupId, PersonId, TenantId},
        id::{CaseId, EnrollmentId, PairId, PostId, ProgramId, ProposalId, RunId},
        people::PersonPair,
        text::Slug,
        time::Timestamp,
    },
    change::Key,
    model::{
        enrollment::{Enrollment, Role},
        event::AuditEvent,
        journal::{CheckIn, Post},
        pair::Pair,
        person::Person,
        program::Program,
        proposal::Proposal,
        relation::Relation,
        report::{Case, Content, Target},
        run::Run,
        signal::{Signal, SignalFloor},
    },
    view::{Between, Candidate, Pooled},
};

/// Most items in a page.
pub const PAGE_MAX: u16 = 500;

/// For [`ProgramView`](crate::view::ProgramView).
#[derive(Clone, Debug)]
pub struct ProgramAsk {
    /// The tenant.
    pub tenant: TenantId,
    /// The program.
    pub program: ProgramId,
    /// Most undecided applications, open proposals and live pairs to load, each; 0 for none.
    pub batch: u16,
}

/// For [`EnrollmentView`](crate::view::EnrollmentView).
#[derive(Clone, Debug)]
pub struct EnrollmentAsk {
    /// The tenant.
    pub tenant: TenantId,
    /// Which.
    pub target: EnrollmentTarget,
    /// Who acts, for what stands between them and the person.
    pub actor: Option<PersonId>,
}

/// Which enrolment.
#[derive(Clone, Debug)]
pub enum EnrollmentTarget {
    /// This one.
    Existing(EnrollmentId),
    /// A new one of this person in this program.
    New {
        /// The program.
        program: ProgramId,
        /// The person.
        person: PersonId,
    },
}

/// For [`ProposalView`](crate::view::ProposalView).
#[derive(Clone, Debug)]
pub struct ProposalAsk {
    /// The tenant.
    pub tenant: TenantId,
    /// Which.
    pub target: ProposalTarget,
    /// Who acts, for what stands between them and the two.
    pub actor: Option<PersonId>,
    /// Whether the form is needed.
    pub with_form: bool,
}

/// Which proposal.
#[derive(Clone, Debug)]
pub enum ProposalTarget {
    /// This one.
    Existing(ProposalId),
    /// A new one between these two.
    New {
        /// The mentor's enrolment.
        mentor: EnrollmentId,
        /// The mentee's enrolment.
        mentee: EnrollmentId,
    },
}

/// For [`PairView`](crate::view::PairView).
#[derive(Clone, Debug)]
pub struct PairAsk {
    /// The tenant.
    pub tenant: TenantId,
    /// The pair.
    pub pair: PairId,
    /// A post of it that is needed.
    pub post: Option<PostId>,
    /// Who acts, for what stands between them and the two.
    pub actor: Option<PersonId>,
}

/// For [`RelationView`](crate::view::RelationView).
#[derive(Clone, Debug)]
pub struct RelationAsk {
    /// The tenant.
    pub tenant: TenantId,
    /// The two.
    pub people: PersonPair,
}

/// For [`PersonView`](crate::view::PersonView).
#[derive(Clone, Debug)]
pub struct PersonAsk {
    /// The tenant.
    pub tenant: TenantId,
    /// The person.
    pub person: PersonId,
}

/// For [`FilingView`](crate::view::FilingView).
#[derive(Clone, Debug)]
pub struct FilingAsk {
    /// The tenant.
    pub tenant: TenantId,
    /// The program.
    pub program: ProgramId,
    /// Who reports.
    pub reporter: PersonId,
    /// The two.
    pub people: PersonPair,
    /// What is reported.
    pub target: Target,
    /// Most posts to load before the reported one, and after it.
    pub around: u16,
    /// Since when to count what the reporter has filed.
    pub since: Timestamp,
}

/// For [`CaseView`](crate::view::CaseView).
#[derive(Clone, Debug)]
pub struct CaseAsk {
    /// The tenant.
    pub tenant: TenantId,
    /// The case.
    pub case: CaseId,
    /// Who acts, for what stands between them and the two.
    pub actor: Option<PersonId>,
    /// Whether its evidence is needed.
    pub with_evidence: bool,
    /// A piece of what was written that is needed besides those that the case is about.
    pub content: Option<Content>,
}

/// For [`Tally`](crate::statistics::Tally).
#[derive(Clone, Debug)]
pub struct TallyAsk {
    /// The tenant.
    pub tenant: TenantId,
    /// The program.
    pub program: ProgramId,
    /// The admin who asks, to whom somebody with whom a block stands does not exist (D9).
    pub admin: Option<PersonId>,
    /// When the answers that count were given; of others nothing counts, not as later ones either.
    pub answered: Range<Timestamp>,
}

/// For [`RunView`](crate::view::RunView).
#[derive(Clone, Debug)]
pub struct RunAsk {
    /// The tenant.
    pub tenant: TenantId,
    /// The run.
    pub run: RunId,
    /// The admin who asks, to whom somebody with whom a block stands does not exist (D9).
    pub admin: Option<PersonId>,
    /// Whether its drafts are counted; of one that is not asked for none are.
    pub with_drafts: bool,
}

/// For [`RenameView`](crate::view::RenameView).
#[derive(Clone, Debug)]
pub struct RenameAsk {
    /// The tenant.
    pub tenant: TenantId,
    /// The key that goes.
    pub from: PersonId,
    /// The key that comes.
    pub to: PersonId,
}

/// One page of a listing.
#[derive(Clone, Debug)]
pub struct ListAsk {
    /// The tenant.
    pub tenant: TenantId,
    /// What.
    pub what: Listing,
    /// After which item; `None` for the first page.
    pub after: Option<Cursor>,
    /// Most items, 1 to [`PAGE_MAX`]; more is read as that, 0 as 1.
    pub limit: u16,
}

impl ListAsk {
    /// The limit within its range.
    #[must_use]
    pub fn limit_rows(&self) -> u16 {
        self.limit.clamp(1, PAGE_MAX)
    }
}

/// What can be listed. Each variant says its order; a cursor holds the last item's place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Listing {
    /// Programs, by creation and id. → [`Listed::Program`]
    Programs {
        /// Only of this group.
        group: Option<GroupId>,
    },
    /// Enrolments of a program, by application and id. → [`Listed::Enrollment`]
    Enrollments {
        /// The program.
        program: ProgramId,
        /// Only of this role.
        role: Option<Role>,
        /// Only in the state of this code.
        state: Option<Slug>,
    },
    /// Enrolments of a person, by application and id. → [`Listed::Enrollment`]
    EnrollmentsOf {
        /// The person.
        person: PersonId,
    },
    /// Active enrolments of the opposite role in the program of this one, except the person's own, by
    /// id. → [`Listed::Candidate`]
    Candidates {
        /// For whom.
        enrollment: EnrollmentId,
    },
    /// Active enrolments of a program, by id. → [`Listed::Pooled`]
    Pool {
        /// The program.
        program: ProgramId,
    },
    /// Two people who both have an active enrolment in a program, and between whom something was said, or
    /// who have an open or a declined proposal or a live pair there or had a pair anywhere; by the smaller key and then
    /// the larger. → [`Listed::Between`]
    Between {
        /// The program.
        program: ProgramId,
    },
    /// Proposals of a program, by creation and id. → [`Listed::Proposal`]
    Proposals {
        /// The program.
        program: ProgramId,
        /// Only in the state of this code.
        state: Option<Slug>,
    },
    /// Runs of a program, by when they were staged and id. → [`Listed::Run`]
    Runs {
        /// The program.
        program: ProgramId,
    },
    /// Proposals that a run found, by creation and id. → [`Listed::Proposal`]
    ProposalsOfRun {
        /// The run.
        run: RunId,
    },
    /// Proposals of an enrolment, by creation and id. → [`Listed::Proposal`]
    ProposalsOf {
        /// The enrolment.
        enrollment: EnrollmentId,
    },
    /// Proposals of a person, by creation and id. → [`Listed::Proposal`]
    ProposalsFor {
        /// The person.
        person: PersonId,
    },
    /// Pairs of a program, by start and id. → [`Listed::Pair`]
    Pairs {
        /// The program.
        program: ProgramId,
        /// Only in the state of this code.
        state: Option<Slug>,
    },
    /// Pairs of a person, by start and id. → [`Listed::Pair`]
    PairsOf {
        /// The person.
        person: PersonId,
    },
    /// Posts and comments of a pair, by number. → [`Listed::Post`]
    Posts {
        /// The pair.
        pair: PairId,
        /// Only on this step.
        step: Option<Slug>,
    },
    /// Check-ins of a pair, by time, then mentor before mentee, then weeks before closing.
    /// → [`Listed::CheckIn`]
    CheckIns {
        /// The pair.
        pair: PairId,
    },
    /// Relations in which this person blocks the other, by the other's key. → [`Listed::Relation`]
    BlocksBy {
        /// The person.
        person: PersonId,
    },
    /// Relations in which this person wishes not to be matched with the other, by the other's key.
    /// → [`Listed::Relation`]
    AvoidsBy {
        /// The person.
        person: PersonId,
    },
    /// Relations in which this person wishes to be matched with the other, by the other's key.
    /// → [`Listed::Relation`]
    WishesBy {
        /// The person.
        person: PersonId,
    },
    /// Relations of a person that were ever written, whoever of the two has said something, by the other's
    /// key. → [`Listed::Relation`]
    RelationsOf {
        /// The person.
        person: PersonId,
    },
    /// People, by key. → [`Listed::Person`]
    People {
        /// Which.
        scope: PeopleScope,
    },
    /// People around whom there is at least so much since an instant, by key. → [`Listed::Signal`]
    Signals {
        /// Since when.
        since: Timestamp,
        /// From how many on.
        floor: SignalFloor,
        /// Who reads it: only the reports [that count for them](CaseReader::counts) do, before anything is compared
        /// with the floor.
        reader: CaseReader,
    },
    /// Report cases, by filing and id. → [`Listed::Case`]
    Cases {
        /// Which.
        scope: CaseScope,
    },
    /// The audit log, by time and id. → [`Listed::Audit`]
    Audit {
        /// Which part.
        scope: AuditScope,
    },
    /// Records that time alone changes by `at`, by their due instant and key. → [`Listed::Due`]
    Due {
        /// The present instant.
        at: Timestamp,
    },
}

/// Which people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeopleScope {
    /// Those who have a ban, also one that is over.
    Banned,
    /// Those who are muted, also if that is over.
    Muted,
}

/// Which report cases.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CaseScope {
    /// All of them.
    Tenant,
    /// Those of a program that wait for its group's reviewers, whoever of these may see each.
    Program(ProgramId),
    /// Those that wait for the platform's reviewers.
    Platform,
    /// Those of a queue that its reader may see. A page is as full as if the others were not there.
    Queue(CaseQueue),
    /// Those that a person filed.
    Reporter(PersonId),
    /// Those of which a person was told as their subject.
    Subject(PersonId),
    /// Those that say a person's key, whatever the person is to them. A page may be
    /// shorter than asked, and empty, and have a next one.
    Naming(PersonId),
}

/// A queue of cases as one of its readers sees it. The store leaves the hidden cases out itself: how often it is asked
/// tells nobody that there is one (D12). How long it takes may: `mentorship-sqlx` reads on where it has to leave
/// out a witness under a key that the reader had before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseQueue {
    /// The program whose group's reviewers the cases wait for; `None` for those of the platform.
    pub program: Option<ProgramId>,
    /// Of which person the cases are; `None` for all of the queue.
    pub about: Option<PersonId>,
    /// Whose queue it is.
    pub reader: CaseReader,
}

/// Somebody who reviews cases, and for whom some are not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseReader {
    /// Who.
    pub person: PersonId,
    /// Keys that they had before.
    pub was: BTreeSet<PersonId>,
    /// With whom they have to do: of what these reported and of what is reported of them there is nothing.
    pub apart: BTreeSet<PersonId>,
}

impl CaseQueue {
    /// Whether a case is left out: it is about somebody else than is asked for, or is not there for its reader.
    #[must_use]
    pub fn hides(&self, case: &Case) -> bool {
        self.about.as_ref().is_some_and(|it| *it != case.subject) || self.reader.is_kept_from(case)
    }
}

impl CaseReader {
    /// Whether a case is not there for them. They, under each of their keys, are a party or a witness, or one of
    /// the two is somebody apart from whom they are kept.
    #[must_use]
    pub fn is_kept_from(&self, case: &Case) -> bool {
        let mut keys = std::iter::once(&self.person).chain(&self.was);
        case.two().any(|it| self.apart.contains(it)) || keys.any(|it| case.involves(it))
    }

    /// Whether a case counts in numbers that they are told. One that they [are kept from](Self::is_kept_from) does not,
    /// unless that is for words of theirs alone that it has under a key which they had before: a store finds out about
    /// those only case by case, and counts in one question.
    #[must_use]
    pub fn counts(&self, case: &Case) -> bool {
        let is_apart = |it| self.apart.contains(it) || self.was.contains(it);
        !case.two().any(is_apart) && !case.involves(&self.person)
    }
}

/// Which part of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditScope {
    /// All of it.
    Tenant,
    /// What belongs to a program; private events too only if asked.
    Program {
        /// The program.
        program: ProgramId,
        /// Whether private events are included.
        private: bool,
    },
    /// What happened to one record.
    Subject(Key),
    /// What a person did.
    Actor(PersonId),
    /// All that somebody may read who reviews cases: without the events of those from which they are kept. A page is
    /// as full as if these were not there; how long it takes may tell, as of a [`CaseQueue`].
    Seen {
        /// Only what belongs to this program.
        program: Option<ProgramId>,
        /// Who reads it.
        reader: CaseReader,
    },
    /// What may go: what happened before this instant, and at least [`AUDIT_TAIL_DAYS`] before the last event of the
    /// tenant, but for what happened to a record that goes on. That is a program, an enrolment, a proposal or a pair
    /// that is not over, and a case that is not closed, or has not let go of what it knows and is due for that. Of a
    /// frozen pair and of one that is paused as much is kept, so that nobody reads the one off the other.
    Over {
        /// Before when.
        before: Timestamp,
    },
}

/// Days before the last event of a tenant of which no event ever goes.
pub const AUDIT_TAIL_DAYS: u16 = 30;

/// The last item's place in the order of a listing. A host passes it back as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Microseconds since 1970, or a number; 0 in listings by id or key.
    pub rank: i64,
    /// Id or key in its text form, of two people both keys as a JSON array; empty in listings by number.
    pub id: String,
}

impl Cursor {
    /// The place of two people in an order by their keys.
    #[must_use]
    pub fn of_people(people: &PersonPair) -> Self {
        // Two keys are two texts: they always serialise.
        Self { rank: 0, id: serde_json::to_string(people).unwrap_or_default() }
    }

    /// The two people whose place it is; `None` if it is a place in another order.
    #[must_use]
    pub fn people(&self) -> Option<PersonPair> {
        serde_json::from_str(&self.id).ok()
    }
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where to go on; `None` at the end.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// The page with each item changed.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), next: self.next }
    }
}

/// One item of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Listed {
    /// A program.
    Program(Box<Program>),
    /// An enrolment.
    Enrollment(Box<Enrollment>),
    /// A possible partner.
    Candidate(Box<Candidate>),
    /// Somebody who may be paired.
    Pooled(Box<Pooled>),
    /// What is known of two people.
    Between(Box<Between>),
    /// A proposal.
    Proposal(Box<Proposal>),
    /// A run.
    Run(Box<Run>),
    /// A pair.
    Pair(Box<Pair>),
    /// A post or comment.
    Post(Box<Post>),
    /// A check-in.
    CheckIn(Box<CheckIn>),
    /// What stands between two people.
    Relation(Box<Relation>),
    /// A person.
    Person(Box<Person>),
    /// What there is around a person.
    Signal(Box<Signal>),
    /// A report case.
    Case(Box<Case>),
    /// An audit event.
    Audit(Box<AuditEvent>),
    /// A record that is due.
    Due {
        /// Since when.
        at: Timestamp,
        /// The record: a program, an enrolment, a proposal, a pair or a case.
        key: Key,
    },
}
