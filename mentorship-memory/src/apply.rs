//! Applying a change set: everything is checked first, then everything is written.

use std::collections::BTreeSet;

use mentorship_core::{
    base::{id::PairId, time::Timestamp, version::Version},
    change::{Applied, Change, ChangeSet, Key},
    model::{enrollment::Role, journal::CheckInKind, person::Person, relation::Relation},
    store::{Consumer, StoreError, StoreErrorKind},
};

use crate::state::{Queued, State};

impl State {
    /// The version of a record; [`Version::NEW`] if there is none.
    pub(crate) fn version(&self, key: &Key) -> Version {
        match key {
            Key::Person(id) => self.people.get(id).map(|it| it.version),
            Key::Relation(people) => self.relations.get(people).map(|it| it.version),
            Key::Program(id) => self.programs.get(id).map(|it| it.version),
            Key::Enrollment(id) => self.enrollments.get(id).map(|it| it.version),
            Key::Proposal(id) => self.proposals.get(id).map(|it| it.version),
            Key::Pair(id) => self.pairs.get(id).map(|it| it.version),
            Key::Case(id) => self.cases.get(id).map(|it| it.version),
        }
        .unwrap_or(Version::NEW)
    }

    pub(crate) fn apply(
        &mut self,
        set: ChangeSet,
        belts: bool,
        consumers: &BTreeSet<Consumer>,
    ) -> Result<Applied, StoreError> {
        if let Some(done) = set.commands.iter().find_map(|it| self.commands.get(&it.id)) {
            return Ok(Applied::Repeated(done.clone()));
        }
        for (key, version) in &set.guards {
            if self.version(key) != *version {
                return Err(StoreError::conflict());
            }
        }
        for change in &set.changes {
            if !Change::KINDS.contains(&change.kind()) {
                return Err(StoreError::new(StoreErrorKind::Unsupported, "apply"));
            }
        }
        self.check_touches(&set)?;
        self.check_rename(&set)?;
        if belts {
            self.check_belts(&set)?;
        }
        // From here on nothing can fail.
        for command in set.commands {
            self.commands.insert(command.id, command);
        }
        // A post that the set writes lets go too.
        let releases = |change: &Change| matches!(change, Change::ReleaseTexts { .. });
        let (last, first): (Vec<_>, Vec<_>) = set.changes.into_iter().partition(releases);
        for change in first.into_iter().chain(last) {
            self.write(change);
        }
        for event in set.audit {
            self.put_audit(event);
        }
        for message in set.outbox {
            for consumer in consumers {
                self.put_message(Queued::new(consumer.name().clone(), message.clone()));
            }
        }
        Ok(Applied::Stored)
    }

    /// A touch creates an empty person or relation; of anything else that is not there it is a mistake.
    fn check_touches(&self, set: &ChangeSet) -> Result<(), StoreError> {
        let missing = set.changes.iter().any(|change| match change {
            Change::Touch(Key::Person(_) | Key::Relation(_)) => false,
            Change::Touch(key) => self.version(key).is_new(),
            _ => false,
        });
        if missing {
            let error = StoreError::new(StoreErrorKind::Integrity, "apply");
            return Err(error.with_detail("a touched record does not exist"));
        }
        Ok(())
    }

    fn write(&mut self, change: Change) {
        match change {
            Change::Person(person) => {
                self.put_person(Person { version: person.version.next(), ..person });
            }
            Change::Relation(relation) => {
                self.put_relation(Relation { version: relation.version.next(), ..relation });
            }
            Change::Program(mut program) => {
                program.version = program.version.next();
                self.put_program(program);
            }
            Change::Enrollment(mut enrollment) => {
                enrollment.version = enrollment.version.next();
                self.put_enrollment(enrollment);
            }
            Change::Proposal(mut proposal) => {
                proposal.version = proposal.version.next();
                self.put_proposal(proposal);
            }
            Change::Pair(mut pair) => {
                pair.version = pair.version.next();
                self.put_pair(pair);
            }
            Change::Case(mut case) => {
                case.version = case.version.next();
                self.put_case(*case);
            }
            Change::Evidence(item) => {
                self.evidence.entry((item.case, item.seq)).or_insert(item);
            }
            // One that is there stays.
            Change::Run(run) if !self.runs.contains_key(&run.id) => self.put_run(*run),
            Change::Form { program, form } => {
                self.forms.entry((program, form.version)).or_insert(form);
            }
            Change::Guide { program, guide } => {
                self.guides.entry((program, guide.version)).or_insert(guide);
            }
            Change::Step(step) => {
                self.steps.insert((step.pair, step.position), step);
            }
            Change::Post(post) => self.put_post(post),
            Change::CheckIn(check_in) => {
                let place = (check_in.pair, check_in.side, check_in.kind);
                self.check_ins.insert(place, check_in);
            }
            Change::ClearPair { pair, by, at } => self.clear_pair(pair, by, at),
            Change::ReleaseTexts { pair } => {
                let posts = self.posts.range_mut((pair, 0)..=(pair, u64::MAX));
                posts.for_each(|(_, post)| post.held.clear());
            }
            Change::ClearEvidence { case, seq } => {
                if let Some(item) = self.evidence.get_mut(&(case, seq)) {
                    item.content = None;
                }
            }
            Change::ForgetEvent { at, id } => self.forget_event((at, id)),
            Change::RenamePerson { from, to } => self.rename(&from, &to),
            Change::Touch(key) => self.touch(key),
            // Refused above; the compiler cannot know.
            _ => {}
        }
    }

    /// Of one side everything goes but earlier texts; of both, testimonials stay.
    fn clear_pair(&mut self, pair: PairId, by: Option<Role>, at: Timestamp) {
        let author = by.and_then(|side| {
            let pair = self.pairs.get(&pair)?;
            Some(pair.participant(side).person.clone())
        });
        let posts = self.posts.range_mut((pair, 0)..=(pair, u64::MAX)).map(|(_, post)| post);
        for post in posts.filter(|post| by.is_none() || author.as_ref() == Some(&post.author)) {
            if post.body.take().is_some() {
                post.removed_at = Some(at);
            }
            if by.is_none() {
                post.held.clear();
            }
        }
        let first = (pair, Role::Mentor, CheckInKind::Week { number: 0 });
        let check_ins = self.check_ins.range_mut(first..).map(|(_, it)| it);
        let theirs = check_ins.take_while(|it| it.pair == pair);
        for check_in in theirs.filter(|it| by.is_none_or(|side| side == it.side)) {
            check_in.note = None;
            if by.is_some() {
                check_in.testimonial = None;
            }
        }
    }

    fn touch(&mut self, key: Key) {
        match key {
            Key::Person(id) => {
                let person = self.people.entry(id.clone()).or_insert_with(|| Person::unknown(id));
                person.version = person.version.next();
            }
            Key::Relation(people) => {
                let relation =
                    self.relations.entry(people.clone()).or_insert_with(|| Relation::new(people));
                relation.version = relation.version.next();
            }
            Key::Program(id) => {
                if let Some(it) = self.programs.get_mut(&id) {
                    it.version = it.version.next();
                }
            }
            Key::Enrollment(id) => {
                if let Some(it) = self.enrollments.get_mut(&id) {
                    it.version = it.version.next();
                }
            }
            Key::Proposal(id) => {
                if let Some(it) = self.proposals.get_mut(&id) {
                    it.version = it.version.next();
                }
            }
            Key::Pair(id) => {
                if let Some(it) = self.pairs.get_mut(&id) {
                    it.version = it.version.next();
                }
            }
            Key::Case(id) => {
                if let Some(it) = self.cases.get_mut(&id) {
                    it.version = it.version.next();
                }
            }
        }
    }
}
