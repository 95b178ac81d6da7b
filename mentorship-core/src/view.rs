//! What each decision reads. Cut by decision, not by table: a store answers "what does accepting need
//! to know" in a few statements.
//!
//! A view may be torn between its statements. That is harmless because a store reads the version of
//! each anchor *before* the facts that the anchor covers, and every version is checked again, under
//! lock, when the change set is applied.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    base::{
        host::{GroupId, PersonId},
        id::{PairId, ProgramId, ProposalId},
        people::PersonPair,
        time::Timestamp,
        version::Version,
    },
    change::Key,
    model::{
        enrollment::Enrollment,
        form::Form,
        guide::{Guide, StepInstance},
        journal::{CheckIn, Post},
        pair::Pair,
        person::Person,
        program::Program,
        proposal::Proposal,
        relation::Relation,
        report::{Case, Evidence, Priority},
        run::{Run, RunDrafts},
    },
};

/// A view that knows the versions of the records it holds.
pub trait Guarded {
    /// Every versioned record in the view with its version.
    fn guards(&self) -> Vec<(Key, Version)>;
}

/// For commands on a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramView {
    /// The program.
    pub program: Program,
    /// Its current form.
    pub form: Arc<Form>,
    /// Its current guide.
    pub guide: Arc<Guide>,
    /// Whether anybody ever enrolled.
    pub has_enrollments: bool,
    /// Whether a pair lives.
    pub has_live_pairs: bool,
    /// Up to the asked number of applications that are not decided (submitted, needs info, waitlisted).
    pub undecided: Vec<Enrollment>,
    /// Up to the asked number of open proposals.
    pub open_proposals: Vec<Proposal>,
    /// Up to the asked number of live pairs.
    pub live_pairs: Vec<Pair>,
}

/// For commands on one enrolment, and for applying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrollmentView {
    /// The person; unknown to the store so far if the version is new.
    pub person: Person,
    /// The program.
    pub program: Program,
    /// The form that the enrolment answered; the program's current one when applying.
    pub form: Arc<Form>,
    /// The enrolment; `None` when applying.
    pub enrollment: Option<Enrollment>,
    /// Other enrolments of the person in this program, at most 20: those that are not over, then the others, each
    /// newest first.
    pub others: Vec<Enrollment>,
    /// Live pairs of the person in the whole tenant.
    pub person_live: u32,
    /// Live pairs of the enrolment.
    pub pairs: Vec<Pair>,
    /// Open proposals of the enrolment.
    pub proposals: Vec<Proposal>,
    /// What stands between the person and whoever acts, if they are two.
    pub with_actor: Option<Relation>,
}

/// What is kept of somebody under a key that was theirs before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// They, under that key.
    pub person: Person,
    /// What stands between them and others.
    pub relations: Vec<Relation>,
    /// Pairs that they were in.
    pub pairs: Vec<Pair>,
    /// Where they took part.
    pub enrollments: Vec<Enrollment>,
    /// Until when all of it has been taken over by a later life or by whoever they are now: what was taken back
    /// there since must not come again. `None` if it was not.
    pub handed_on: Option<Timestamp>,
}

/// What is kept of somebody who may have been here before (D10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerView {
    /// Under each key that was theirs before.
    pub lives: Vec<Life>,
    /// How many of these are pseudonyms of the key that they have now; `None` if those were not looked for.
    pub own: Option<u32>,
    /// The pseudonym that they would have next, which nobody has. Only for somebody whom nothing knows yet:
    /// whoever is known by a version meets their own erasure there.
    pub next: Option<Person>,
    /// What stands between them now and everybody in those lives.
    pub between: Vec<RelationView>,
}

/// For signing up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignUpView {
    /// The person and the program.
    pub place: EnrollmentView,
    /// What is kept of them from before; `None` if that was not looked for.
    pub former: Option<FormerView>,
}

/// For taking over what was kept under another key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SameView {
    /// The key that was theirs.
    pub was: PersonId,
    /// What is kept under it, and under their own pseudonyms.
    pub former: FormerView,
    /// Whoever has come back, with what they take part in now.
    pub now: PersonView,
    /// The groups of the programs in which that is, where a ban may have been found.
    pub groups: BTreeMap<ProgramId, GroupId>,
}

/// One side of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The enrolment.
    pub enrollment: Enrollment,
    /// The person.
    pub person: Person,
    /// Live pairs of the enrolment.
    pub live: u32,
    /// Live pairs of the person in the whole tenant.
    pub person_live: u32,
    /// Open proposals of the enrolment, by rank and then by age, the one in question included.
    pub open: Vec<Proposal>,
    /// What stands between the person and whoever acts, if they are two.
    pub with_actor: Option<Relation>,
}

/// A pair that two people had before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastPair {
    /// The pair.
    pub pair: PairId,
    /// Who was the mentor.
    pub mentor: PersonId,
    /// When it ended.
    pub ended_at: Timestamp,
}

/// For making, publishing and answering a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalView {
    /// What stands between the two; an empty one of a new version if nothing was said yet.
    pub relation: Relation,
    /// The program.
    pub program: Program,
    /// The form, for scoring; only if asked for.
    pub form: Option<Arc<Form>>,
    /// The program's current guide, which a new pair will follow.
    pub guide: Arc<Guide>,
    /// The proposal; `None` when one is being made.
    pub proposal: Option<Proposal>,
    /// The mentor's side.
    pub mentor: Place,
    /// The mentee's side.
    pub mentee: Place,
    /// A live pair of the two people in this program, in either direction.
    pub live_pair: Option<(PairId, PersonId)>,
    /// Open proposals of the two people in this program, in either direction, except the one in
    /// question.
    pub open_between: Vec<ProposalId>,
    /// Pairs of the two in the whole tenant that are over, newest first, at most 5.
    pub past: Vec<PastPair>,
}

/// For commands on a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairView {
    /// The mentor.
    pub mentor: Person,
    /// The mentee.
    pub mentee: Person,
    /// What stands between the two.
    pub relation: Relation,
    /// The program.
    pub program: Program,
    /// The pair.
    pub pair: Pair,
    /// The guide version that the pair follows.
    pub guide: Arc<Guide>,
    /// Its steps, in order.
    pub steps: Vec<StepInstance>,
    /// The post that was asked for.
    pub post: Option<Post>,
    /// What stands between whoever acts and each of the two, if the actor is neither.
    pub with_actor: Vec<Relation>,
}

/// For blocking and wishing not to be matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationView {
    /// The person with the smaller key.
    pub lo: Person,
    /// The person with the larger key.
    pub hi: Person,
    /// What stands between the two.
    pub relation: Relation,
    /// Live pairs of the two in the whole tenant, in either direction.
    pub pairs: Vec<Pair>,
    /// Open proposals of the two in the whole tenant, in either direction.
    pub proposals: Vec<Proposal>,
    /// Pairs of the two in the whole tenant that are over, newest first, at most 5.
    pub past: Vec<PastPair>,
}

/// For filing a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilingView {
    /// The program.
    pub program: Program,
    /// What stands between whoever reports and whoever is reported.
    pub between: RelationView,
    /// The pair in which the target stands; else the latest of the two in this program.
    pub pair: Option<Pair>,
    /// Who made the proposal of that pair.
    pub matched_by: Option<PersonId>,
    /// Posts of that pair, by number: those around the reported one, else the last ones.
    pub posts: Vec<Post>,
    /// The reported check-in.
    pub check_in: Option<CheckIn>,
    /// The others of that pair, of both sides, in any order. There are no more than it has weeks.
    pub check_ins: Vec<CheckIn>,
    /// The reported enrolment, with the form that it answered.
    pub enrollment: Option<(Enrollment, Arc<Form>)>,
    /// How many reports the reporter has filed since the asked instant.
    pub filed: u32,
    /// As what the open cases of the same reporter about the same were filed.
    pub open: Vec<Priority>,
}

/// For everything that is done with a report case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseView {
    /// The case.
    pub case: Case,
    /// Its program.
    pub program: Program,
    /// Whoever was reported, with all they take part in.
    pub subject: PersonView,
    /// What stands between whoever acts and the reporter, and then the subject, where they are two; after that the
    /// same for each key that was theirs before.
    pub ties: Vec<RelationView>,
    /// The keys that whoever acts had before. No store knows them: the service finds them by the tenant's key.
    pub was: Vec<PersonId>,
    /// Its evidence, in order; only if asked for.
    pub evidence: Vec<Evidence>,
    /// The pairs that it reaches into ([`Case::reach`]), by id.
    pub reach: Vec<Reach>,
}

/// For reading what stands around a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackgroundView {
    /// The case.
    pub case: CaseView,
    /// Enrolments of the subject that it is about, by application and id.
    pub places: Vec<EnrollmentView>,
    /// Pairs of the subject that it is about, by start and id; nobody acts in them.
    pub pairs: Vec<PairView>,
}

/// A pair that a case reaches into, with the pieces of it that are needed ([`Case::contents`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The pair; nobody acts in it.
    pub pair: PairView,
    /// The posts, by id.
    pub posts: Vec<Post>,
    /// The check-ins, by side and kind.
    pub check_ins: Vec<CheckIn>,
}

/// For looking at a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunView {
    /// The program.
    pub program: Program,
    /// The run.
    pub run: Run,
    /// What became of its drafts, as far as they exist for whoever asks; nothing where they were not asked for.
    pub drafts: RunDrafts,
}

/// For renaming a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenameView {
    /// The person under the key that goes.
    pub from: Person,
    /// The person under the key that comes.
    pub to: Person,
    /// Whether the key that goes stands anywhere in the tenant: also of somebody who only ever acted as
    /// an admin, or of whom the audit log tells.
    pub from_known: bool,
    /// Whether the key that comes does.
    pub to_known: bool,
}

/// For what concerns everything a person takes part in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonView {
    /// The person; unknown to the store so far if the version is new.
    pub person: Person,
    /// Their enrolments that are not over, in the whole tenant.
    pub enrollments: Vec<Enrollment>,
    /// Their live pairs.
    pub pairs: Vec<Pair>,
    /// Their open proposals.
    pub proposals: Vec<Proposal>,
}

/// For erasing a person: all that they have ever taken part in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureView {
    /// What they take part in now.
    pub now: PersonView,
    /// Their enrolments that are over.
    pub enrollments: Vec<Enrollment>,
    /// Their pairs that are over.
    pub pairs: Vec<Pair>,
}

/// For the end of an erasure: another key for somebody who takes part in nothing any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoneView {
    /// The two keys.
    pub rename: RenameView,
    /// What they take part in.
    pub now: PersonView,
}

/// One possible partner, with what decides whether and how well the two fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The partner's enrolment: active, of the opposite role, in the same program.
    pub enrollment: Enrollment,
    /// The partner.
    pub person: Person,
    /// Live pairs of the enrolment.
    pub live: u32,
    /// Live pairs of the partner in the whole tenant.
    pub person_live: u32,
    /// Places kept for others: offers by admins and runs, and their drafts outside ranked lists.
    pub reserved: u32,
    /// What stands between the two, if anything was said.
    pub relation: Option<Relation>,
    /// Whether the two have an open proposal or a live pair in this program, in either direction.
    pub taken: bool,
    /// Whether the two had a pair before, in the whole tenant.
    pub past: bool,
}

/// Somebody who may be paired in a run, with what decides how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pooled {
    /// Their enrolment: active.
    pub enrollment: Enrollment,
    /// Who they are.
    pub person: Person,
    /// Live pairs of the enrolment.
    pub live: u32,
    /// Live pairs of the person in the whole tenant.
    pub person_live: u32,
    /// Places kept for others: offers by admins and runs, and their drafts outside ranked lists.
    pub reserved: u32,
}

/// Two people of whom more is known than their answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Between {
    /// The two.
    pub people: PersonPair,
    /// What was said between them, if anything was.
    pub relation: Option<Relation>,
    /// Whether they have an open proposal or a live pair in this program, in either direction.
    pub taken: bool,
    /// Whether they had a pair before, in the whole tenant.
    pub past: bool,
    /// Whether an offer of this program was declined in which the one with the smaller key is the mentor, and
    /// whether one was in which the other is.
    pub declined: [bool; 2],
}

fn person(person: &Person) -> (Key, Version) {
    (Key::Person(person.id.clone()), person.version)
}

fn relation(relation: &Relation) -> (Key, Version) {
    (Key::Relation(relation.people.clone()), relation.version)
}

fn program(program: &Program) -> (Key, Version) {
    (Key::Program(program.id), program.version)
}

fn enrollment(enrollment: &Enrollment) -> (Key, Version) {
    (Key::Enrollment(enrollment.id), enrollment.version)
}

impl Guarded for ProgramView {
    fn guards(&self) -> Vec<(Key, Version)> {
        vec![program(&self.program)]
    }
}

impl Guarded for EnrollmentView {
    fn guards(&self) -> Vec<(Key, Version)> {
        let mut guards = vec![person(&self.person), program(&self.program)];
        guards.extend(self.enrollment.as_ref().map(enrollment));
        guards.extend(self.with_actor.as_ref().map(relation));
        guards
    }
}

impl Life {
    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { person, relations, pairs, enrollments, handed_on: _ } = self;
        let nothing = relations.is_empty() && pairs.is_empty() && enrollments.is_empty();
        nothing && person.version.is_new()
    }
}

impl Guarded for FormerView {
    fn guards(&self) -> Vec<(Key, Version)> {
        let mut guards: Vec<_> = self.next.iter().map(person).collect();
        for life in &self.lives {
            guards.push(person(&life.person));
            guards.extend(life.relations.iter().map(relation));
        }
        guards.extend(self.between.iter().flat_map(Guarded::guards));
        guards
    }
}

impl Guarded for SignUpView {
    fn guards(&self) -> Vec<(Key, Version)> {
        let mut guards = self.place.guards();
        guards.extend(self.former.iter().flat_map(Guarded::guards));
        guards
    }
}

impl Guarded for SameView {
    fn guards(&self) -> Vec<(Key, Version)> {
        let mut guards = self.now.guards();
        guards.extend(self.former.guards());
        guards
    }
}

impl Guarded for Place {
    fn guards(&self) -> Vec<(Key, Version)> {
        let mut guards = vec![person(&self.person), enrollment(&self.enrollment)];
        guards.extend(self.with_actor.as_ref().map(relation));
        guards
    }
}

impl Guarded for ProposalView {
    fn guards(&self) -> Vec<(Key, Version)> {
        let mut guards = vec![relation(&self.relation), program(&self.program)];
        guards.extend(self.mentor.guards());
        guards.extend(self.mentee.guards());
        guards.extend(self.proposal.as_ref().map(|it| (Key::Proposal(it.id), it.version)));
        guards
    }
}

impl Guarded for PairView {
    fn guards(&self) -> Vec<(Key, Version)> {
        // The two people are read for their zones only: a reminder that is sent to one of them
        // meanwhile must not cost a post its place.
        let mut guards = vec![
            relation(&self.relation),
            program(&self.program),
            (Key::Pair(self.pair.id), self.pair.version),
        ];
        guards.extend(self.with_actor.iter().map(relation));
        guards
    }
}

impl Guarded for RelationView {
    fn guards(&self) -> Vec<(Key, Version)> {
        // Every pair and proposal between the two touches the relation when it is made, so that the
        // lists are complete as long as this version holds. The two people are what a first word between
        // them meets a rename on: there is no relation yet that both would write.
        vec![person(&self.lo), person(&self.hi), relation(&self.relation)]
    }
}

impl Guarded for FilingView {
    fn guards(&self) -> Vec<(Key, Version)> {
        let mut guards = self.between.guards();
        guards.push(program(&self.program));
        // What is copied is what stood there when the report was stored.
        guards.extend(self.pair.as_ref().map(|it| (Key::Pair(it.id), it.version)));
        guards.extend(self.enrollment.as_ref().map(|(it, _)| enrollment(it)));
        guards
    }
}

impl Guarded for CaseView {
    fn guards(&self) -> Vec<(Key, Version)> {
        // The subject is guarded by what takes something from them, and only then: all that goes on in
        // their life must not keep reviewers from reading.
        let mut guards = vec![program(&self.program), (Key::Case(self.case.id), self.case.version)];
        guards.extend(self.ties.iter().map(|it| relation(&it.relation)));
        guards
    }
}

impl Guarded for BackgroundView {
    fn guards(&self) -> Vec<(Key, Version)> {
        self.case.guards()
    }
}

impl PairView {
    /// Percent of the steps that are over, 0 to 100.
    #[must_use]
    pub fn percent_done(&self) -> u8 {
        let over = self.steps.iter().filter(|step| step.state.is_over()).count();
        let percent = (over * 100).checked_div(self.steps.len()).unwrap_or(0);
        u8::try_from(percent).unwrap_or(100)
    }
}

impl Guarded for RenameView {
    fn guards(&self) -> Vec<(Key, Version)> {
        vec![person(&self.from), person(&self.to)]
    }
}

impl Guarded for ErasureView {
    fn guards(&self) -> Vec<(Key, Version)> {
        // Each of the records is written.
        self.now.guards()
    }
}

impl Guarded for GoneView {
    fn guards(&self) -> Vec<(Key, Version)> {
        // The person's version covers what they take part in.
        self.rename.guards()
    }
}

impl PersonView {
    /// Whether they take part in nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { person: _, enrollments, pairs, proposals } = self;
        enrollments.is_empty() && pairs.is_empty() && proposals.is_empty()
    }
}

impl Guarded for PersonView {
    fn guards(&self) -> Vec<(Key, Version)> {
        vec![person(&self.person)]
    }
}
