//! Building a decision: guards, changes, events and messages, one beside the other.

use super::{Cx, Decision, FollowUp, refusal::code};
use crate::{
    base::{
        host::PersonId,
        id::{CaseId, PairId, ProgramId, ProposalId},
        people::PersonPair,
        text::Slug,
        version::Version,
    },
    change::{Change, ChangeSet, Key},
    model::{
        event::{ActorRef, Audience, AuditEvent, OutboxMessage},
        holder::Holder,
        message::{self, MessageKind},
        pair::Pair,
    },
    view::Guarded,
};

/// A decision in the making.
#[derive(Debug)]
pub struct Plan<'a> {
    cx: Cx<'a>,
    set: ChangeSet,
    next: Vec<FollowUp>,
    signed: bool,
    case: Option<CaseId>,
}

/// What happened, before it is an audit event.
#[derive(Clone, Debug)]
pub struct Happened {
    action: &'static str,
    subject: Key,
    program: Option<ProgramId>,
    from: Option<&'static str>,
    to: Option<&'static str>,
    about: Vec<PersonId>,
    reason: Option<Slug>,
    private: bool,
    by_rule: bool,
}

impl Happened {
    /// `action` happened to `subject`.
    #[must_use]
    pub fn new(action: &'static str, subject: Key) -> Self {
        Self {
            action,
            subject,
            program: None,
            from: None,
            to: None,
            about: Vec::new(),
            reason: None,
            private: false,
            by_rule: false,
        }
    }

    /// `action` happened in `pair`, and so is about its two people.
    #[must_use]
    pub fn in_pair(action: &'static str, pair: &Pair) -> Self {
        Self::new(action, Key::Pair(pair.id))
            .in_program(pair.program)
            .about([&pair.mentor.person, &pair.mentee.person])
    }

    /// In this program.
    #[must_use]
    pub fn in_program(mut self, program: ProgramId) -> Self {
        self.program = Some(program);
        self
    }

    /// The state changed between these codes; no `from` for a new record.
    #[must_use]
    pub fn states(mut self, from: Option<&'static str>, to: &'static str) -> Self {
        self.from = from;
        self.to = Some(to);
        self
    }

    /// It is about these people.
    #[must_use]
    pub fn about<'p>(mut self, people: impl IntoIterator<Item = &'p PersonId>) -> Self {
        self.about.extend(people.into_iter().cloned());
        self
    }

    /// For this reason.
    #[must_use]
    pub fn because(mut self, reason: Slug) -> Self {
        self.reason = Some(reason);
        self
    }

    /// What holds something changes, and that something does stays as it is: where a case is among what holds it, this
    /// stands with the case, of which it would tell beside what holds by hand (D12).
    #[must_use]
    pub fn among(mut self, holders: impl IntoIterator<Item = Holder>) -> Self {
        if let Some(case) = holders.into_iter().find_map(Holder::case) {
            self.subject = Key::Case(case);
        }
        self
    }

    /// Only the platform may read of it.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.private = true;
        self
    }

    /// It follows from a rule: who set the rule off is not recorded with it.
    #[must_use]
    pub fn by_rule(mut self) -> Self {
        self.by_rule = true;
        self
    }
}

/// What is to be said, before it is a message.
#[derive(Clone, Debug)]
pub struct Say {
    kind: MessageKind,
    to: Audience,
    between: Option<PersonPair>,
    program: Option<ProgramId>,
    proposal: Option<ProposalId>,
    pair: Option<PairId>,
    case: Option<CaseId>,
    step: Option<Slug>,
    code: Option<Slug>,
}

impl Say {
    fn new(kind: MessageKind, to: Audience) -> Self {
        Self {
            kind,
            to,
            between: None,
            program: None,
            proposal: None,
            pair: None,
            case: None,
            step: None,
            code: None,
        }
    }

    /// Say `kind` to a person.
    #[must_use]
    pub fn to_person(kind: MessageKind, person: &PersonId) -> Self {
        Self::new(kind, Audience::Person(person.clone()))
    }

    /// Say `kind` to the admins of a program.
    #[must_use]
    pub fn to_admins(kind: MessageKind, program: ProgramId) -> Self {
        Self::new(kind, Audience::ProgramAdmins(program)).program(program)
    }

    /// Say `kind` to platform staff.
    #[must_use]
    pub fn to_staff(kind: MessageKind) -> Self {
        Self::new(kind, Audience::Staff)
    }

    /// Drop it at delivery if one of the two has blocked the other by then (D7), and let it wait while
    /// the pair that it is about is frozen (row 61).
    #[must_use]
    pub fn between(mut self, people: Option<PersonPair>) -> Self {
        self.between = people;
        self
    }

    /// About a program.
    #[must_use]
    pub fn program(mut self, program: ProgramId) -> Self {
        self.program = Some(program);
        self
    }

    /// About a proposal.
    #[must_use]
    pub fn proposal(mut self, proposal: ProposalId) -> Self {
        self.proposal = Some(proposal);
        self
    }

    /// About a pair.
    #[must_use]
    pub fn pair(mut self, pair: PairId) -> Self {
        self.pair = Some(pair);
        self
    }

    /// About a report case.
    #[must_use]
    pub fn case(mut self, case: CaseId) -> Self {
        self.case = Some(case);
        self
    }

    /// About a step.
    #[must_use]
    pub fn step(mut self, step: Slug) -> Self {
        self.step = Some(step);
        self
    }

    /// With a code that goes into the text.
    #[must_use]
    pub fn code(mut self, code: Option<Slug>) -> Self {
        self.code = code;
        self
    }
}

impl<'a> Plan<'a> {
    /// A plan that rests on every versioned record of `view`.
    #[must_use]
    pub fn on(cx: Cx<'a>, view: &impl Guarded) -> Self {
        let mut plan = Self::bare(cx);
        plan.rest_on(view);
        plan
    }

    /// The plan rests on every versioned record of this view too.
    pub fn rest_on(&mut self, view: &impl Guarded) {
        for (key, version) in view.guards() {
            self.set.guard(key, version);
        }
    }

    /// A plan that rests on nothing read.
    #[must_use]
    pub fn bare(cx: Cx<'a>) -> Self {
        Self {
            cx,
            set: ChangeSet::new(cx.tenant().clone()),
            next: Vec::new(),
            signed: true,
            case: None,
        }
    }

    /// What the decision was given.
    #[must_use]
    pub fn cx(&self) -> Cx<'a> {
        self.cx
    }

    /// Writes a record.
    pub fn put(&mut self, change: Change) {
        self.set.put(change);
    }

    /// The pair as this plan has written it until now, or as it was read.
    #[must_use]
    pub fn as_put(&self, pair: &Pair) -> Pair {
        let put = self.set.changes.iter().rev().find_map(|change| match change {
            Change::Pair(it) if it.id == pair.id => Some(it),
            _ => None,
        });
        put.unwrap_or(pair).clone()
    }

    /// Whether this plan writes a proposal.
    #[must_use]
    pub fn has_put(&self, proposal: ProposalId) -> bool {
        let mut all = self.set.changes.iter();
        all.any(|change| matches!(change, Change::Proposal(it) if it.id == proposal))
    }

    /// Bumps an anchor that was read at `version`.
    pub fn touch(&mut self, key: Key, version: Version) {
        self.set.touch(key, version);
    }

    /// Whether what is recorded from here on names who acts. It does unless told otherwise.
    pub fn sign(&mut self, signed: bool) {
        self.signed = signed;
    }

    /// What is done from here on is done for a case: what of it changes no state that anybody else sees is recorded
    /// on the case, where nobody reads it for whom there is none (D12).
    pub fn act_for(&mut self, case: Option<CaseId>) {
        self.case = case;
    }

    /// Records what happened.
    pub fn record(&mut self, happened: Happened) {
        let Happened { action, subject, program, from, to, about, reason, private, by_rule } =
            happened;
        let is_silent = private && to.is_none();
        let subject = self.case.filter(|_| is_silent).map_or(subject, Key::Case);
        self.set.audit.push(AuditEvent {
            id: self.cx.row_id(),
            at: self.cx.now,
            actor: if by_rule || !self.signed {
                ActorRef::nobody()
            } else {
                self.cx.actor.to_ref()
            },
            action: code(action),
            subject,
            program,
            from: from.map(code),
            to: to.map(code),
            about,
            reason,
            private,
        });
    }

    /// Says something to somebody.
    pub fn say(&mut self, say: Say) {
        let Say { kind, to, between, program, proposal, pair, case, step, code: text } = say;
        let message = OutboxMessage {
            id: self.cx.row_id(),
            at: self.cx.now,
            kind: code(kind.code()),
            to,
            between,
            program,
            proposal,
            pair,
            case,
            step,
            code: text,
        };
        // INVARIANT: there are words for whoever reads it, and the ids from which they are filled.
        debug_assert!(
            message::english(&message)
                .is_some_and(|text| text.placeholders().all(|it| it.is_known_from(&message))),
            "no words for `{kind}`"
        );
        self.set.outbox.push(message);
    }

    /// What has to follow, once.
    pub fn follow_up(&mut self, next: FollowUp) {
        if !self.next.contains(&next) {
            self.next.push(next);
        }
    }

    /// The decision, with this reply.
    pub fn reply<T>(self, reply: T) -> Decision<T> {
        Decision { changes: self.set, reply, next: self.next }
    }
}
