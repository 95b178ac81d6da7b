//! A person's key in every record that holds one, and how another takes its place.
//!
//! Each record is taken apart without leaving a field out: a new field stops the build here until somebody
//! has said whether it holds a key.

use super::{
    enrollment::Enrollment,
    event::{ActorRef, Audience, AuditEvent, OutboxMessage},
    journal::Post,
    pair::{Pair, Participant},
    person::Person,
    program::Program,
    proposal::Proposal,
    relation::Relation,
    report::{AppealDecision, Case, CaseState, Decision, Interim},
    run::Run,
};
use crate::base::{host::PersonId, key::Key, people::PersonPair};

/// What may hold keys of people.
pub trait Rename {
    /// Puts `to` wherever `from` stands, and says whether it stood anywhere. Versions stay as they are.
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool;

    /// Whether this key stands anywhere.
    #[must_use]
    fn names(&self, person: &PersonId) -> bool
    where
        Self: Clone,
    {
        self.clone().rename(person, person)
    }
}

/// Both, without stopping at the first.
fn either(one: bool, other: bool) -> bool {
    one || other
}

impl Rename for PersonId {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let found = self == from;
        if found {
            *self = to.clone();
        }
        found
    }
}

impl<T: Rename> Rename for Option<T> {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        self.as_mut().is_some_and(|it| it.rename(from, to))
    }
}

impl<T: Rename> Rename for Vec<T> {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        self.iter_mut().fold(false, |found, it| either(it.rename(from, to), found))
    }
}

/// The order of the two follows the new key. Two who would become one stay as they are.
impl Rename for PersonPair {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let renamed = self.other(from).and_then(|other| Self::new(to.clone(), other.clone()));
        let found = renamed.is_some();
        if let Some(renamed) = renamed {
            *self = renamed;
        }
        found
    }
}

impl Rename for Key {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        match self {
            Self::Person(person) => person.rename(from, to),
            Self::Relation(people) => people.rename(from, to),
            Self::Program(_)
            | Self::Enrollment(_)
            | Self::Proposal(_)
            | Self::Pair(_)
            | Self::Case(_) => false,
        }
    }
}

impl Rename for Person {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let Self {
            id,
            adult_on: _,
            zone: _,
            reminders_off: _,
            reminded: _,
            bans: _,
            mute: _,
            turned_away: _,
            held: _,
            looked_back: _,
            version: _,
        } = self;
        id.rename(from, to)
    }
}

/// What each has said goes with them, also where the two change places.
impl Rename for Relation {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let Self { people, lo, hi, kept: _, version: _ } = self;
        let was_lo = people.lo() == from;
        let found = people.rename(from, to);
        if found && was_lo != (people.lo() == to) {
            std::mem::swap(lo, hi);
        }
        found
    }
}

impl Rename for Program {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let Self {
            id: _,
            group: _,
            template: _,
            topic: _,
            title: _,
            state: _,
            window: _,
            zone: _,
            policy: _,
            form_version: _,
            guide_version: _,
            created_by,
            created_at: _,
            version: _,
        } = self;
        created_by.rename(from, to)
    }
}

impl Rename for Enrollment {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let Self {
            id: _,
            program: _,
            person,
            role: _,
            state: _,
            capacity: _,
            priority_since: _,
            consent: _,
            form_version: _,
            answers: _,
            applied_at: _,
            keep_until: _,
            version: _,
        } = self;
        person.rename(from, to)
    }
}

impl Rename for Proposal {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let Self {
            id: _,
            program: _,
            mentor: _,
            mentor_person,
            mentee: _,
            mentee_person,
            origin: _,
            state: _,
            rank: _,
            score: _,
            run: _,
            previous_pair: _,
            offered_at: _,
            created_by,
            created_at: _,
            version: _,
        } = self;
        let two = either(mentor_person.rename(from, to), mentee_person.rename(from, to));
        either(created_by.rename(from, to), two)
    }
}

impl Rename for Run {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let Self {
            id: _,
            program: _,
            created_by,
            created_at: _,
            prepared_at: _,
            digest: _,
            terms: _,
            figures: _,
        } = self;
        created_by.rename(from, to)
    }
}

impl Rename for Participant {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let Self { enrollment: _, person, introduction: _, withheld: _ } = self;
        person.rename(from, to)
    }
}

impl Rename for Pair {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let Self {
            id: _,
            program: _,
            mentor,
            mentee,
            proposal: _,
            state: _,
            note_withheld: _,
            guide_version: _,
            oversight: _,
            started_at: _,
            adults_at: _,
            pauses: _,
            previous_pair: _,
            last_seq: _,
            last_activity_at: _,
            reminded_at: _,
            due_at: _,
            cleared_at: _,
            kept_for: _,
            version: _,
        } = self;
        either(mentor.rename(from, to), mentee.rename(from, to))
    }
}

impl Rename for Post {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let Self {
            id: _,
            pair: _,
            step: _,
            reply_to: _,
            author,
            seq: _,
            body: _,
            at: _,
            revision: _,
            edited_at: _,
            removed_at: _,
            held: _,
            withheld: _,
        } = self;
        author.rename(from, to)
    }
}

impl Rename for CaseState {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        match self {
            Self::InReview { since: _, assignee }
            | Self::WaitingInfo { since: _, assignee, question: _ } => assignee.rename(from, to),
            Self::Submitted { since: _ }
            | Self::Triaged { since: _ }
            | Self::Decided { at: _, appeal_until: _ }
            | Self::Appealed { since: _, by: _ }
            | Self::AppealDecided { at: _ }
            | Self::Closed { at: _ } => false,
        }
    }
}

impl Rename for Interim {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let Self { measure: _, by, since: _, lifted_at: _ } = self;
        by.rename(from, to)
    }
}

impl Rename for Decision {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let Self { outcome: _, measures: _, reasons: _, duplicate_of: _, by, at: _ } = self;
        by.rename(from, to)
    }
}

impl Rename for AppealDecision {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let Self { ruling: _, measures: _, reasons: _, by, at: _ } = self;
        by.rename(from, to)
    }
}

/// Its evidence names nobody by key: see [`evidence`](super::report::evidence).
impl Rename for Case {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let Self {
            id: _,
            program: _,
            reporter,
            subject,
            witnesses,
            followers,
            target: _,
            pair: _,
            matched_by,
            category: _,
            filed_category: _,
            filed_as: _,
            priority: _,
            recipient: _,
            tier: _,
            state,
            filed_at: _,
            theirs_since: _,
            triage_by: _,
            decide_by: _,
            reminded_at: _,
            staff_reminded_at: _,
            evidence: _,
            head: _,
            interim,
            decision,
            // Which of the two, by what they are to it.
            appeal: _,
            appeal_decision,
            keep_until: _,
            cleared: _,
            removed: _,
            version: _,
        } = self;
        let two = either(reporter.rename(from, to), subject.rename(from, to));
        let heard = either(witnesses.rename(from, to), followers.rename(from, to));
        let works = either(state.rename(from, to), matched_by.rename(from, to));
        let works = either(interim.rename(from, to), works);
        let decided = either(decision.rename(from, to), appeal_decision.rename(from, to));
        either(either(two, heard), either(works, decided))
    }
}

impl Rename for ActorRef {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let Self { kind: _, person } = self;
        person.rename(from, to)
    }
}

impl Rename for AuditEvent {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let Self {
            id: _,
            at: _,
            actor,
            action: _,
            subject,
            program: _,
            from: _,
            to: _,
            about,
            reason: _,
            private: _,
        } = self;
        let who = either(actor.rename(from, to), subject.rename(from, to));
        either(about.rename(from, to), who)
    }
}

impl Rename for OutboxMessage {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let Self {
            id: _,
            at: _,
            kind: _,
            to: audience,
            between,
            program: _,
            proposal: _,
            pair: _,
            case: _,
            step: _,
            code: _,
        } = self;
        let told = match audience {
            Audience::Person(person) => person.rename(from, to),
            Audience::ProgramAdmins(_) | Audience::Staff => false,
        };
        either(between.rename(from, to), told)
    }
}
