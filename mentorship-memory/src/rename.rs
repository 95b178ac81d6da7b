//! Another key for a person: everything is taken out and put back under it, so that every index follows.

use mentorship_core::{
    base::{host::PersonId, version::Version},
    change::ChangeSet,
    model::{person::Person, rename::Rename},
    store::{RenameAsk, StoreError, StoreErrorKind},
    view::RenameView,
};

use crate::state::State;

/// The record under the new key, with the next version if the old key stood in it.
macro_rules! renamed {
    ($it:expr, $from:expr, $to:expr) => {{
        let mut it = $it;
        if it.rename($from, $to) {
            it.version = it.version.next();
        }
        it
    }};
}

impl State {
    pub(crate) fn rename_view(&self, ask: &RenameAsk) -> RenameView {
        RenameView {
            from: self.person(&ask.from),
            to: self.person(&ask.to),
            from_known: self.knows(&ask.from),
            to_known: self.knows(&ask.to),
        }
    }

    /// Whether anything says this key.
    fn knows(&self, who: &PersonId) -> bool {
        self.people.contains_key(who)
            || self.relations.values().any(|it| it.people.names(who))
            || self.programs.values().any(|it| it.names(who))
            || self.enrollments.values().any(|it| it.names(who))
            || self.proposals.values().any(|it| it.names(who))
            || self.runs.values().any(|it| it.names(who))
            || self.pairs.values().any(|it| it.names(who))
            || self.posts.values().any(|it| it.names(who))
            || self.cases.values().any(|it| it.names(who))
            || self.commands.values().any(|it| it.names(who))
            || self.audit.values().any(|it| it.names(who))
            || self.outbox.values().any(|it| it.message.names(who))
    }

    pub(crate) fn check_rename(&self, set: &ChangeSet) -> Result<(), StoreError> {
        let bad = |error| StoreError::new(StoreErrorKind::Unsupported, "apply").with_source(error);
        match set.renaming().map_err(bad)? {
            Some(renaming) if self.knows(renaming.to) => Err(StoreError::conflict()),
            Some(_) | None => Ok(()),
        }
    }

    pub(crate) fn rename(&mut self, from: &PersonId, to: &PersonId) {
        let old = std::mem::take(self);
        let mut version = Version::NEW;
        for person in old.people.into_values() {
            if person.id == *from {
                version = person.version;
                self.put_person(Person { version: version.next(), ..person.under(to.clone()) });
            } else {
                self.put_person(person);
            }
        }
        if version.is_new() {
            self.put_person(Person { version: version.next(), ..Person::unknown(to.clone()) });
        }
        for relation in old.relations.into_values() {
            self.put_relation(renamed!(relation, from, to));
        }
        (self.forms, self.guides) = (old.forms, old.guides);
        for program in old.programs.into_values() {
            self.put_program(renamed!(program, from, to));
        }
        for enrollment in old.enrollments.into_values() {
            self.put_enrollment(renamed!(enrollment, from, to));
        }
        for proposal in old.proposals.into_values() {
            self.put_proposal(renamed!(proposal, from, to));
        }
        for mut run in old.runs.into_values() {
            run.rename(from, to);
            self.put_run(run);
        }
        for pair in old.pairs.into_values() {
            self.put_pair(renamed!(pair, from, to));
        }
        // Putting enrolments and pairs works them out anew.
        self.live_limit = old.live_limit;
        (self.steps, self.check_ins) = (old.steps, old.check_ins);
        for mut post in old.posts.into_values() {
            post.rename(from, to);
            self.put_post(post);
        }
        for case in old.cases.into_values() {
            self.put_case(renamed!(case, from, to));
        }
        self.evidence = old.evidence;
        for mut command in old.commands.into_values() {
            command.rename(from, to);
            self.commands.insert(command.id, command);
        }
        for mut event in old.audit.into_values() {
            event.rename(from, to);
            self.put_audit(event);
        }
        for mut queued in old.outbox.into_values() {
            queued.message.rename(from, to);
            self.put_message(queued);
        }
    }
}
