//! What each decision reads.

use mentorship_core::{
    base::{
        host::PersonId,
        id::{EnrollmentId, ProgramId},
        people::PersonPair,
    },
    model::{
        enrollment::{Enrollment, EnrollmentState, Role},
        form::Form,
        guide::Guide,
        pair::Pair,
        person::Person,
        program::Program,
        proposal::Proposal,
        relation::Relation,
    },
    store::{
        EnrollmentAsk, PairAsk, PersonAsk, ProgramAsk, ProposalAsk, RelationAsk, StoreError,
        StoreErrorKind,
        ask::{EnrollmentTarget, ProposalTarget},
    },
    view::{
        EnrollmentView, PairView, PastPair, PersonView, Place, ProgramView, ProposalView,
        RelationView,
    },
};
use std::sync::Arc;

use crate::state::{State, first, least, over_at};

/// Most other enrolments of a person in a view.
const OTHERS_MAX: usize = 20;
/// Most past pairs in a view.
const PAST_MAX: usize = 5;

fn corrupt(detail: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Corrupt, "view").with_detail(detail)
}

impl State {
    pub(crate) fn form(&self, program: ProgramId, version: u32) -> Result<Arc<Form>, StoreError> {
        self.forms.get(&(program, version)).cloned().ok_or_else(|| corrupt("a form is missing"))
    }

    fn guide(&self, program: ProgramId, version: u32) -> Result<Arc<Guide>, StoreError> {
        self.guides.get(&(program, version)).cloned().ok_or_else(|| corrupt("a guide is missing"))
    }

    pub(crate) fn program_of(&self, program: ProgramId) -> Result<Program, StoreError> {
        self.programs.get(&program).cloned().ok_or_else(|| corrupt("a program is missing"))
    }

    pub(crate) fn person(&self, id: &PersonId) -> Person {
        self.people.get(id).cloned().unwrap_or_else(|| Person::unknown(id.clone()))
    }

    pub(crate) fn relation(&self, people: &PersonPair) -> Relation {
        self.relations.get(people).cloned().unwrap_or_else(|| Relation::new(people.clone()))
    }

    fn with_actor(&self, actor: Option<&PersonId>, person: &PersonId) -> Option<Relation> {
        let people = PersonPair::new(actor?.clone(), person.clone())?;
        Some(self.relation(&people))
    }

    pub(crate) fn person_live(&self, person: &PersonId) -> u32 {
        u32::try_from(self.live_for.after(person, None, &first()).count()).unwrap_or(u32::MAX)
    }

    fn live_pairs_of(&self, enrollment: EnrollmentId) -> Vec<Pair> {
        let ids = self.live_of.after(&enrollment, None, &first());
        ids.filter_map(|(_, id)| self.pairs.get(id).cloned()).collect()
    }

    /// By rank (none last) and then by age.
    fn open_proposals_of(&self, enrollment: EnrollmentId) -> Vec<Proposal> {
        let ids = self.open_of.after(&enrollment, None, &first());
        let mut open: Vec<Proposal> =
            ids.filter_map(|(_, id)| self.proposals.get(id).cloned()).collect();
        open.sort_by_key(|it| (it.rank.is_none(), it.rank, it.created_at, it.id));
        open
    }

    pub(crate) fn program_view(&self, ask: &ProgramAsk) -> Result<Option<ProgramView>, StoreError> {
        let Some(program) = self.programs.get(&ask.program).cloned() else { return Ok(None) };
        let batch = usize::from(ask.batch);
        let mut undecided: Vec<Enrollment> = Vec::new();
        for state in ["submitted", "needs_info", "waitlisted"] {
            let ids = self.enrollments_at.after(&(program.id, state), None, &first());
            undecided
                .extend(ids.take(batch).filter_map(|(_, id)| self.enrollments.get(id).cloned()));
        }
        undecided.sort_by_key(|it| (it.applied_at, it.id));
        undecided.truncate(batch);
        let open = self.open_in.after(&program.id, None, &first()).take(batch);
        let live = self.live_in.after(&program.id, None, &first());
        Ok(Some(ProgramView {
            form: self.form(program.id, program.form_version)?,
            guide: self.guide(program.id, program.guide_version)?,
            has_enrollments: self
                .enrollments_in
                .after(&program.id, None, &first())
                .next()
                .is_some(),
            has_live_pairs: self.live_in.after(&program.id, None, &first()).next().is_some(),
            undecided,
            open_proposals: open.filter_map(|(_, id)| self.proposals.get(id).cloned()).collect(),
            live_pairs: live
                .take(batch)
                .filter_map(|(_, id)| self.pairs.get(id).cloned())
                .collect(),
            program,
        }))
    }

    pub(crate) fn enrollment_view(
        &self,
        ask: &EnrollmentAsk,
    ) -> Result<Option<EnrollmentView>, StoreError> {
        let (program, person, enrollment) = match &ask.target {
            EnrollmentTarget::Existing(id) => {
                let Some(found) = self.enrollments.get(id).cloned() else { return Ok(None) };
                (found.program, found.person.clone(), Some(found))
            }
            EnrollmentTarget::New { program, person } => (*program, person.clone(), None),
        };
        let Some(program) = self.programs.get(&program).cloned() else { return Ok(None) };
        let this = enrollment.as_ref().map(|it| it.id);
        let mut others: Vec<Enrollment> = self
            .enrollments_of
            .after(&person, None, &first())
            .filter_map(|(_, id)| self.enrollments.get(id))
            .filter(|it| it.program == program.id && Some(it.id) != this)
            .cloned()
            .collect();
        others.reverse();
        others.sort_by_key(|it| it.state.is_terminal());
        others.truncate(OTHERS_MAX);
        let form_version = enrollment.as_ref().map_or(program.form_version, |it| it.form_version);
        Ok(Some(EnrollmentView {
            person_live: self.person_live(&person),
            with_actor: self.with_actor(ask.actor.as_ref(), &person),
            person: self.person(&person),
            form: self.form(program.id, form_version)?,
            pairs: this.map(|id| self.live_pairs_of(id)).unwrap_or_default(),
            proposals: this.map(|id| self.open_proposals_of(id)).unwrap_or_default(),
            program,
            enrollment,
            others,
        }))
    }

    fn place(&self, enrollment: &Enrollment, actor: Option<&PersonId>) -> Place {
        Place {
            person: self.person(&enrollment.person),
            live: self.live_count(enrollment.id),
            person_live: self.person_live(&enrollment.person),
            open: self.open_proposals_of(enrollment.id),
            with_actor: self.with_actor(actor, &enrollment.person),
            enrollment: enrollment.clone(),
        }
    }

    pub(crate) fn proposal_view(
        &self,
        ask: &ProposalAsk,
    ) -> Result<Option<ProposalView>, StoreError> {
        let (mentor, mentee, proposal) = match &ask.target {
            ProposalTarget::Existing(id) => {
                let Some(found) = self.proposals.get(id).cloned() else { return Ok(None) };
                (found.mentor, found.mentee, Some(found))
            }
            ProposalTarget::New { mentor, mentee } => (*mentor, *mentee, None),
        };
        let (Some(mentor), Some(mentee)) =
            (self.enrollments.get(&mentor), self.enrollments.get(&mentee))
        else {
            return Ok(None);
        };
        let roles = mentor.role == Role::Mentor && mentee.role == Role::Mentee;
        let people = PersonPair::new(mentor.person.clone(), mentee.person.clone());
        let Some(people) = people.filter(|_| roles && mentor.program == mentee.program) else {
            return Ok(None);
        };
        let program = self.program_of(mentor.program)?;
        let this = proposal.as_ref().map(|it| it.id);
        let live_pair = self
            .live_between
            .after(&people, None, &first())
            .filter_map(|(_, id)| self.pairs.get(id))
            .find(|pair| pair.program == program.id)
            .map(|pair| (pair.id, pair.mentor.person.clone()));
        let open_between = self
            .open_between
            .after(&people, None, &first())
            .filter_map(|(_, id)| self.proposals.get(id))
            .filter(|it| it.program == program.id && Some(it.id) != this)
            .map(|it| it.id)
            .collect();
        let form =
            if ask.with_form { Some(self.form(program.id, program.form_version)?) } else { None };
        Ok(Some(ProposalView {
            relation: self.relation(&people),
            guide: self.guide(program.id, program.guide_version)?,
            form,
            proposal,
            mentor: self.place(mentor, ask.actor.as_ref()),
            mentee: self.place(mentee, ask.actor.as_ref()),
            live_pair,
            open_between,
            past: self.past(&people),
            program,
        }))
    }

    fn past(&self, people: &PersonPair) -> Vec<PastPair> {
        self.past_between
            .after(people, None, &(i64::MIN, least()))
            .filter_map(|(_, id)| self.pairs.get(id))
            .filter_map(|pair| {
                Some(PastPair {
                    pair: pair.id,
                    mentor: pair.mentor.person.clone(),
                    ended_at: over_at(pair)?,
                })
            })
            .take(PAST_MAX)
            .collect()
    }

    pub(crate) fn pair_view(&self, ask: &PairAsk) -> Result<Option<PairView>, StoreError> {
        let Some(pair) = self.pairs.get(&ask.pair).cloned() else { return Ok(None) };
        let people = pair.people().ok_or_else(|| corrupt("a pair of one person"))?;
        let program = self.program_of(pair.program)?;
        let post = ask
            .post
            .and_then(|id| self.post_places.get(&id))
            .filter(|(of, _)| *of == pair.id)
            .and_then(|place| self.posts.get(place))
            .cloned();
        let with_actor = [&pair.mentor.person, &pair.mentee.person]
            .into_iter()
            .filter(|_| ask.actor.as_ref().is_some_and(|actor| people.other(actor).is_none()))
            .filter_map(|person| self.with_actor(ask.actor.as_ref(), person))
            .collect();
        Ok(Some(PairView {
            mentor: self.person(&pair.mentor.person),
            mentee: self.person(&pair.mentee.person),
            relation: self.relation(&people),
            guide: self.guide(program.id, pair.guide_version)?,
            steps: self
                .steps
                .range((pair.id, 0)..=(pair.id, u16::MAX))
                .map(|(_, step)| step.clone())
                .collect(),
            post,
            with_actor,
            program,
            pair,
        }))
    }

    pub(crate) fn relation_view(&self, ask: &RelationAsk) -> RelationView {
        let pairs = self.live_between.after(&ask.people, None, &first());
        let open = self.open_between.after(&ask.people, None, &first());
        RelationView {
            lo: self.person(ask.people.lo()),
            hi: self.person(ask.people.hi()),
            relation: self.relation(&ask.people),
            pairs: pairs.filter_map(|(_, id)| self.pairs.get(id).cloned()).collect(),
            proposals: open.filter_map(|(_, id)| self.proposals.get(id).cloned()).collect(),
            past: self.past(&ask.people),
        }
    }

    pub(crate) fn person_view(&self, ask: &PersonAsk) -> PersonView {
        let enrollments = self.enrollments_of.after(&ask.person, None, &first());
        let pairs = self.live_for.after(&ask.person, None, &first());
        let proposals = self.proposals_for.after(&ask.person, None, &first());
        let live = |state: &EnrollmentState| !state.is_terminal();
        PersonView {
            person: self.person(&ask.person),
            enrollments: enrollments
                .filter_map(|(_, id)| self.enrollments.get(id))
                .filter(|it| live(&it.state))
                .cloned()
                .collect(),
            pairs: pairs.filter_map(|(_, id)| self.pairs.get(id).cloned()).collect(),
            proposals: proposals
                .filter_map(|(_, id)| self.proposals.get(id))
                .filter(|it| it.state.is_open())
                .cloned()
                .collect(),
        }
    }
}
