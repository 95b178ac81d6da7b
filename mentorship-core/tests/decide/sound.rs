//! What holds of every decision: it is guarded by all it rests on, writes each record once, and every
//! change of a state is on record once, with the state before and the state after (I6).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
};

use mentorship_core::{
    base::{text::Slug, time::Timestamp, version::Version},
    change::{Change, ChangeSet, Key},
    decide::Decision,
    model::{
        enrollment::Enrollment,
        event::{ActorRef, AuditEvent},
        guide::StepInstance,
        pair::Pair,
        person::Person,
        program::Program,
        proposal::Proposal,
        relation::Relation,
    },
    policy::actor::Actor,
    view::{
        CaseView, EnrollmentView, FilingView, FormerView, Life, PairView, PersonView, Place,
        ProgramView, ProposalView, RelationView, RenameView, SameView, SignUpView,
    },
};

type State = Option<&'static str>;

/// A record before the decision.
pub(crate) struct Record {
    key: Key,
    version: Version,
    state: State,
    /// Whether the decision rests on it whatever it does; else only if it writes it.
    anchor: bool,
}

fn of_person(it: &Person) -> Record {
    Record { key: Key::Person(it.id.clone()), version: it.version, state: None, anchor: true }
}

fn of_relation(it: &Relation) -> Record {
    Record { key: Key::Relation(it.people.clone()), version: it.version, state: None, anchor: true }
}

fn of_program(it: &Program) -> Record {
    let state = Some(it.state.code());
    Record { key: Key::Program(it.id), version: it.version, state, anchor: true }
}

fn of_enrollment(it: &Enrollment, anchor: bool) -> Record {
    let state = Some(it.state.code());
    Record { key: Key::Enrollment(it.id), version: it.version, state, anchor }
}

fn of_proposal(it: &Proposal, anchor: bool) -> Record {
    Record { key: Key::Proposal(it.id), version: it.version, state: Some(it.state.code()), anchor }
}

fn of_pair(it: &Pair, anchor: bool) -> Record {
    Record { key: Key::Pair(it.id), version: it.version, state: Some(it.state.code()), anchor }
}

/// What stood in the view. Listed here a second time, apart from the library's own list of guards.
pub(crate) trait Before {
    fn records(&self) -> Vec<Record>;

    fn steps(&self) -> &[StepInstance] {
        &[]
    }
}

impl Before for () {
    fn records(&self) -> Vec<Record> {
        Vec::new()
    }
}

impl Before for ProposalView {
    fn records(&self) -> Vec<Record> {
        let mut records = vec![of_relation(&self.relation), of_program(&self.program)];
        for Place { enrollment, person, open, with_actor, .. } in [&self.mentor, &self.mentee] {
            records.extend([of_person(person), of_enrollment(enrollment, true)]);
            records.extend(with_actor.as_ref().map(of_relation));
            let this = self.proposal.as_ref().map(|it| it.id);
            let other = open.iter().filter(|open| Some(open.id) != this);
            records.extend(other.map(|open| of_proposal(open, false)));
        }
        records.extend(self.proposal.as_ref().map(|it| of_proposal(it, true)));
        records
    }
}

impl Before for EnrollmentView {
    fn records(&self) -> Vec<Record> {
        let mut records = vec![of_person(&self.person), of_program(&self.program)];
        records.extend(self.enrollment.as_ref().map(|it| of_enrollment(it, true)));
        records.extend(self.with_actor.as_ref().map(of_relation));
        records.extend(self.pairs.iter().map(|it| of_pair(it, false)));
        records.extend(self.proposals.iter().map(|it| of_proposal(it, false)));
        records
    }
}

impl Before for FormerView {
    fn records(&self) -> Vec<Record> {
        let mut records: Vec<_> = self.next.iter().map(of_person).collect();
        for Life { person, relations, pairs: _, enrollments: _, handed_on: _ } in &self.lives {
            records.push(of_person(person));
            records.extend(relations.iter().map(of_relation));
        }
        records.extend(self.between.iter().flat_map(Before::records));
        records
    }
}

/// Records of two views, in which the same person may stand.
fn together(mut records: Vec<Record>, more: Vec<Record>) -> Vec<Record> {
    for record in more {
        if records.iter().all(|it| it.key != record.key) {
            records.push(record);
        }
    }
    records
}

impl Before for SignUpView {
    fn records(&self) -> Vec<Record> {
        let former = self.former.iter().flat_map(Before::records);
        together(self.place.records(), former.collect())
    }
}

impl Before for SameView {
    fn records(&self) -> Vec<Record> {
        together(self.now.records(), self.former.records())
    }
}

impl Before for PairView {
    fn records(&self) -> Vec<Record> {
        let mut records =
            vec![of_relation(&self.relation), of_program(&self.program), of_pair(&self.pair, true)];
        // The two people are read for their zones, unless the decision says otherwise.
        let people = [&self.mentor, &self.mentee].map(of_person);
        records.extend(people.map(|person| Record { anchor: false, ..person }));
        records.extend(self.with_actor.iter().map(of_relation));
        records
    }

    fn steps(&self) -> &[StepInstance] {
        &self.steps
    }
}

impl Before for ProgramView {
    fn records(&self) -> Vec<Record> {
        let mut records = vec![of_program(&self.program)];
        records.extend(self.undecided.iter().map(|it| of_enrollment(it, false)));
        records.extend(self.open_proposals.iter().map(|it| of_proposal(it, false)));
        records.extend(self.live_pairs.iter().map(|it| of_pair(it, false)));
        records
    }
}

impl Before for RelationView {
    fn records(&self) -> Vec<Record> {
        let mut records = vec![of_person(&self.lo), of_person(&self.hi)];
        records.push(of_relation(&self.relation));
        records.extend(self.pairs.iter().map(|it| of_pair(it, false)));
        records.extend(self.proposals.iter().map(|it| of_proposal(it, false)));
        records
    }
}

impl Before for FilingView {
    fn records(&self) -> Vec<Record> {
        let mut records = self.between.records();
        let pair = self.pair.as_ref().map(|it| of_pair(it, true));
        // The same pair may be one that lives between the two.
        records.retain(|it| pair.as_ref().is_none_or(|pair| pair.key != it.key));
        records.extend(pair);
        records.push(of_program(&self.program));
        records.extend(self.enrollment.as_ref().map(|(it, _)| of_enrollment(it, true)));
        records
    }
}

impl Before for CaseView {
    fn records(&self) -> Vec<Record> {
        let mut records = vec![of_program(&self.program)];
        let (key, version) = (Key::Case(self.case.id), self.case.version);
        records.push(Record { key, version, state: Some(self.case.state.code()), anchor: true });
        records.extend(self.ties.iter().map(|it| of_relation(&it.relation)));
        // The subject's records, and what the case reaches into, only where something is taken from them.
        let mut theirs = self.subject.records();
        for reach in &self.reach {
            theirs.extend(reach.pair.records());
        }
        for record in theirs {
            if records.iter().all(|it| it.key != record.key) {
                records.push(Record { anchor: false, ..record });
            }
        }
        records
    }
}

impl Before for RenameView {
    fn records(&self) -> Vec<Record> {
        vec![of_person(&self.from), of_person(&self.to)]
    }
}

impl Before for PersonView {
    fn records(&self) -> Vec<Record> {
        let mut records = vec![of_person(&self.person)];
        records.extend(self.enrollments.iter().map(|it| of_enrollment(it, false)));
        records.extend(self.pairs.iter().map(|it| of_pair(it, false)));
        records.extend(self.proposals.iter().map(|it| of_proposal(it, false)));
        records
    }
}

/// Every record that is written, once, with its guard at the version that was read.
fn written_once(set: &ChangeSet, before: &[Record]) -> BTreeMap<Key, State> {
    let mut written = BTreeMap::new();
    for change in &set.changes {
        let (key, state) = match change {
            Change::Touch(key) => (key.clone(), None),
            Change::Person(it) => (Key::Person(it.id.clone()), None),
            Change::Relation(it) => (Key::Relation(it.people.clone()), None),
            Change::Program(it) => (Key::Program(it.id), Some(it.state.code())),
            Change::Enrollment(it) => (Key::Enrollment(it.id), Some(it.state.code())),
            Change::Proposal(it) => (Key::Proposal(it.id), Some(it.state.code())),
            Change::Pair(it) => (Key::Pair(it.id), Some(it.state.code())),
            Change::Case(it) => (Key::Case(it.id), Some(it.state.code())),
            _ => continue,
        };
        let read = before.iter().find(|it| it.key == key).map_or(Version::NEW, |it| it.version);
        assert_eq!(set.guards.get(&key), Some(&read), "the guard of {key}, which is written");
        assert!(written.insert(key.clone(), state).is_none(), "{key} is written twice");
    }
    written
}

/// I6 for records with a key of their own.
fn chained(set: &ChangeSet, before: &[Record], written: &BTreeMap<Key, State>) {
    let mut states: BTreeMap<&Key, &str> =
        before.iter().filter_map(|it| it.state.map(|state| (&it.key, state))).collect();
    for event in &set.audit {
        // Events of a step stand at its pair and tell the step's states.
        if !event.action.as_str().starts_with(event.subject.kind()) {
            continue;
        }
        let Some(to) = &event.to else {
            assert_eq!(event.from, None, "{event:?}");
            continue;
        };
        let was = states.insert(&event.subject, to.as_str());
        assert_eq!(was, event.from.as_ref().map(Slug::as_str), "{event:?}");
    }
    for record in before.iter().filter(|it| it.state.is_some()) {
        let now = written.get(&record.key).copied().flatten().or(record.state);
        assert_eq!(states.get(&record.key).copied(), now, "the log of {}", record.key);
    }
    for (key, state) in written {
        assert_eq!(states.get(key).copied(), state.or(states.get(key).copied()), "log of {key}");
    }
}

/// What whoever does it is named for in the case's own events alone (I9).
const HOLDS_OR_DECIDES: [&str; 4] =
    ["case.decide", "case.rule", "case.take_interim", "case.lift_interim"];

/// I6 for steps, which their pair covers.
fn steps_logged(set: &ChangeSet, before: &[StepInstance]) {
    let logged = |key: &Slug| -> Vec<&AuditEvent> {
        let of_step = |event: &&AuditEvent| {
            event.action.as_str().starts_with("step.") && event.reason.as_ref() == Some(key)
        };
        set.audit.iter().filter(of_step).filter(|event| event.to.is_some()).collect()
    };
    for change in &set.changes {
        let Change::Step(step) = change else { continue };
        let Some(old) = before.iter().find(|old| old.key == step.key) else { continue };
        let events = logged(&step.key);
        if old.state.code() == step.state.code() {
            assert!(events.is_empty(), "{events:?}");
        } else {
            assert_eq!(events.len(), 1, "{}", step.key.as_str());
            assert_eq!(events[0].from.as_ref().unwrap().as_str(), old.state.code());
            assert_eq!(events[0].to.as_ref().unwrap().as_str(), step.state.code());
        }
    }
}

pub(crate) fn sound<T: Sized>(
    decision: &Decision<T>,
    view: &impl Before,
    by: &Actor,
    now: Timestamp,
) {
    let (set, before) = (&decision.changes, view.records());
    assert_eq!(&set.tenant, by.tenant());
    for record in before.iter().filter(|it| it.anchor) {
        assert_eq!(set.guards.get(&record.key), Some(&record.version), "guard of {}", record.key);
    }
    let written = written_once(set, &before);
    chained(set, &before, &written);
    steps_logged(set, view.steps());
    let mut ids = BTreeSet::new();
    let of_case = set.audit.iter().any(|it| HOLDS_OR_DECIDES.contains(&it.action.as_str()));
    let applied = set.audit.iter().any(|it| it.action.as_str() == "enrollment.apply");
    for event in &set.audit {
        // What falls by a rule is by nobody, whoever set the rule off (D3, I10).
        let rules = ["enrollment.refuse", "proposal.invalidate", "person.return"];
        let action = event.action.as_str();
        // So is what holds a sign-up from the start (row 53).
        let again = applied && ["enrollment.suspend", "enrollment.hold"].contains(&action);
        let by_rule = rules.contains(&action) || again;
        // And what a case does outside of itself, also where it is recorded on the case (I9).
        let hidden = of_case && !action.starts_with("case.");
        let actor = if by_rule || hidden { ActorRef::nobody() } else { by.to_ref() };
        assert_eq!((event.at, &event.actor), (now, &actor), "{event:?}");
        assert!(ids.insert(event.id.to_string()));
    }
    for message in &set.outbox {
        assert_eq!(message.at, now);
        assert!(ids.insert(message.id.to_string()));
    }
}

/// The anchors of D4: a new pair or offer bumps the relation and both places, so that a block, a lowered
/// capacity or another acceptance meets it.
pub(crate) fn anchored<T: Debug>(decision: &Decision<T>, view: &ProposalView) {
    let bumped = |key: &Key| {
        decision.changes.changes.iter().any(|change| match change {
            Change::Touch(touched) => touched == key,
            other => other.versioned().is_some_and(|(written, _)| written == *key),
        })
    };
    let mut anchors = vec![Key::Relation(view.relation.people.clone())];
    for place in [&view.mentor, &view.mentee] {
        anchors.push(Key::Enrollment(place.enrollment.id));
        // One person's pairs over programs meet on the person, if there is a limit to them.
        if view.program.policy.person_cap.is_some() {
            anchors.push(Key::Person(place.person.id.clone()));
        }
    }
    for key in anchors {
        assert!(bumped(&key), "{key} is not bumped by {:?}", decision.reply);
    }
}
