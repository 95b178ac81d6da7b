//! Every state of every machine against every act. The tables below are the promise, written down a
//! second time; what they do not list has to be refused and leave the state as it was.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use mentorship_core::{
    base::{
        host::PersonId,
        id::{CaseId, Id, PairId},
        text::{Note, Slug},
    },
    model::{
        enrollment::{EnrollmentAct, EnrollmentState, Role},
        guide::{StepAct, StepState},
        holder::Holder,
        pair::{EndKind, EndedBy, PairAct, PairEnd, PairState},
        program::{ProgramAct, ProgramState},
        proposal::{Answered, Invalidity, ProposalAct, ProposalState},
        report::{CaseAct, CaseState, Party},
    },
};
use uuid::Uuid;

type Table = BTreeMap<(&'static str, &'static str), &'static str>;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn before() -> DateTime<Utc> {
    now() - TimeDelta::hours(1)
}

fn after() -> DateTime<Utc> {
    now() + TimeDelta::hours(1)
}

fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

fn note() -> Note {
    Note::new("please say more").unwrap()
}

/// Tries every act in every state and compares with the table, by the labels of the two lists.
fn compare<S, A>(
    states: &[(&'static str, S)],
    acts: &[(&'static str, A)],
    table: &[(&'static str, &'static str, &'static str)],
    next: impl Fn(&S, A) -> Option<S>,
    code: impl Fn(&S) -> &'static str,
) where
    S: Clone + PartialEq + std::fmt::Debug,
    A: Clone,
{
    let table: Table = table.iter().map(|(from, act, to)| ((*from, *act), *to)).collect();
    let mut hit = 0;
    for (from, state) in states {
        let untouched = state.clone();
        for (label, act) in acts {
            let to = next(state, act.clone());
            assert_eq!(*state, untouched, "{from} + {label} changed its receiver");
            match (to, table.get(&(*from, *label))) {
                (Some(to), Some(expected)) => {
                    hit += 1;
                    assert_eq!(code(&to), *expected, "{from} + {label}");
                }
                (None, None) => {}
                (Some(to), None) => panic!("{from} + {label} went to {} unexpectedly", code(&to)),
                (None, Some(to)) => panic!("{from} + {label} was refused, expected {to}"),
            }
        }
    }
    assert_eq!(hit, table.len(), "a row of the table names no state or act");
}

/// A state that has no code in the list would be missing from every table of numbers.
fn listed(codes: &[&'static str], states: impl Iterator<Item = &'static str>) {
    let states: BTreeSet<_> = states.collect();
    assert_eq!(codes.iter().copied().collect::<BTreeSet<_>>(), states);
    assert_eq!(codes.len(), states.len());
}

#[test]
fn programs() {
    let since = before();
    let wound = |settled| ProgramState::WindingDown { since, settled, archive_at: None };
    let held = |state| ProgramState::Suspended { since, resume_to: Box::new(state) };
    let states = [
        ("draft", ProgramState::Draft),
        ("open", ProgramState::Open { since }),
        ("closed", ProgramState::EnrollmentClosed { since }),
        ("winding", wound(false)),
        ("settled", wound(true)),
        ("archived", ProgramState::Archived { at: since }),
        ("held_open", held(ProgramState::Open { since })),
        ("held_draft", held(ProgramState::Draft)),
        ("discarded", ProgramState::Discarded { at: since }),
    ];
    let acts = [
        ("open", ProgramAct::Open),
        ("close", ProgramAct::CloseEnrollment),
        ("reopen", ProgramAct::ReopenEnrollment),
        ("wind_down", ProgramAct::WindDown),
        ("settle", ProgramAct::Settle),
        ("schedule", ProgramAct::ScheduleArchive { at: after() }),
        ("archive", ProgramAct::Archive),
        ("suspend", ProgramAct::Suspend),
        ("resume", ProgramAct::Resume),
        ("discard", ProgramAct::Discard),
    ];
    let table = [
        ("draft", "open", "open"),
        ("draft", "suspend", "suspended"),
        ("draft", "discard", "discarded"),
        ("open", "close", "enrollment_closed"),
        ("open", "wind_down", "winding_down"),
        ("open", "suspend", "suspended"),
        ("closed", "reopen", "open"),
        ("closed", "wind_down", "winding_down"),
        ("closed", "suspend", "suspended"),
        ("winding", "settle", "winding_down"),
        ("winding", "schedule", "winding_down"),
        ("winding", "suspend", "suspended"),
        ("settled", "schedule", "winding_down"),
        ("settled", "archive", "archived"),
        ("settled", "suspend", "suspended"),
        ("held_open", "resume", "open"),
        ("held_draft", "resume", "draft"),
    ];
    compare(&states, &acts, &table, |s, a| s.next(a, now()).ok(), ProgramState::code);
}

#[test]
fn enrollments() {
    let since = before();
    let active = EnrollmentState::Active { since };
    let case = Holder::Case { case: CaseId::from_uuid(Uuid::nil()) };
    let suspended = |held_by: &[Holder]| EnrollmentState::Suspended {
        since,
        resume_to: Box::new(EnrollmentState::Active { since }),
        held_by: held_by.iter().copied().collect(),
    };
    let states = [
        ("submitted", EnrollmentState::Submitted { since }),
        ("needs_info", EnrollmentState::NeedsInfo { since, question: note() }),
        ("active", active.clone()),
        (
            "waitlisted",
            EnrollmentState::Waitlisted { since, reason: slug("full"), next_review_at: after() },
        ),
        ("paused", EnrollmentState::Paused { since, until: None }),
        ("suspended", suspended(&[Holder::Platform])),
        ("suspended_by_case", suspended(&[case])),
        ("suspended_by_both", suspended(&[Holder::Platform, case])),
        ("rejected", EnrollmentState::Rejected { at: since, reason: slug("full") }),
        ("withdrawn", EnrollmentState::Withdrawn { at: since }),
        ("removed", EnrollmentState::Removed { at: since, reason: slug("left_group") }),
        ("closed", EnrollmentState::Closed { at: since }),
    ];
    listed(EnrollmentState::CODES, states.iter().map(|(_, state)| state.code()));
    let acts = [
        ("ask_info", EnrollmentAct::AskInfo { question: note() }),
        ("resubmit", EnrollmentAct::Resubmit),
        ("approve", EnrollmentAct::Approve),
        ("waitlist", EnrollmentAct::Waitlist { reason: slug("full"), next_review_at: after() }),
        ("reject", EnrollmentAct::Reject { reason: slug("full") }),
        ("pause", EnrollmentAct::Pause { until: None }),
        ("resume", EnrollmentAct::Resume),
        ("withdraw", EnrollmentAct::Withdraw),
        ("suspend", EnrollmentAct::Suspend { by: Holder::Platform }),
        ("suspend_by_case", EnrollmentAct::Suspend { by: case }),
        ("reinstate", EnrollmentAct::Reinstate { by: Holder::Platform }),
        ("reinstate_by_case", EnrollmentAct::Reinstate { by: case }),
        ("remove", EnrollmentAct::Remove { reason: slug("left_group") }),
        ("close", EnrollmentAct::Close),
    ];
    let mut table = vec![
        ("submitted", "ask_info", "needs_info"),
        ("submitted", "approve", "active"),
        ("submitted", "waitlist", "waitlisted"),
        ("submitted", "reject", "rejected"),
        ("needs_info", "resubmit", "submitted"),
        ("needs_info", "reject", "rejected"),
        ("active", "pause", "paused"),
        ("waitlisted", "approve", "active"),
        ("waitlisted", "waitlist", "waitlisted"),
        ("waitlisted", "reject", "rejected"),
        ("paused", "pause", "paused"),
        ("paused", "resume", "active"),
        ("suspended", "suspend_by_case", "suspended"),
        ("suspended", "reinstate", "active"),
        ("suspended_by_case", "suspend", "suspended"),
        ("suspended_by_case", "reinstate_by_case", "active"),
        ("suspended_by_both", "reinstate", "suspended"),
        ("suspended_by_both", "reinstate_by_case", "suspended"),
    ];
    let free = ["submitted", "needs_info", "active", "waitlisted", "paused"];
    for live in free.into_iter().chain(["suspended", "suspended_by_case", "suspended_by_both"]) {
        table.push((live, "withdraw", "withdrawn"));
        table.push((live, "remove", "removed"));
        table.push((live, "close", "closed"));
        if free.contains(&live) {
            table.push((live, "suspend", "suspended"));
            table.push((live, "suspend_by_case", "suspended"));
        }
    }
    compare(&states, &acts, &table, |s, a| s.next(a, now()).ok(), EnrollmentState::code);
}

#[test]
fn proposals() {
    use Answered::{NotAsked, Waiting};
    let since = before();
    let yes = Answered::Yes { at: since };
    let offered =
        |mentor, mentee, expires_at| ProposalState::Offered { since, expires_at, mentor, mentee };
    let states = [
        ("draft", ProposalState::Draft { queued_until: None }),
        ("queued", ProposalState::Draft { queued_until: Some(after()) }),
        ("awaiting", ProposalState::AwaitingAdmin { since, expires_at: after() }),
        ("awaiting_late", ProposalState::AwaitingAdmin { since, expires_at: now() }),
        ("both_asked", offered(Waiting, Waiting, after())),
        ("mentee_asked", offered(NotAsked, Waiting, after())),
        ("mentor_said_yes", offered(yes, Waiting, after())),
        ("settled", offered(yes, yes, after())),
        ("late", offered(Waiting, Waiting, now())),
        ("accepted", ProposalState::Accepted { at: since, pair: PairId::from_uuid(Uuid::nil()) }),
        ("declined", ProposalState::Declined { at: since, by: Role::Mentor, reason: None }),
        ("expired", ProposalState::Expired { at: since }),
        ("refused", ProposalState::Refused { at: since }),
        ("withdrawn", ProposalState::Withdrawn { at: since }),
        ("invalidated", ProposalState::Invalidated { at: since, why: Invalidity::Unavailable }),
    ];
    listed(ProposalState::CODES, states.iter().map(|(_, state)| state.code()));
    let acts = [
        ("queue", ProposalAct::Queue { until: after() }),
        ("offer", ProposalAct::Offer { expires_at: after(), ask_mentor: true, ask_mentee: true }),
        ("mentor_yes", ProposalAct::Accept { by: Role::Mentor }),
        ("mentee_yes", ProposalAct::Accept { by: Role::Mentee }),
        ("complete", ProposalAct::Complete { pair: PairId::from_uuid(Uuid::nil()) }),
        ("decline", ProposalAct::Decline { by: Role::Mentee, reason: None }),
        ("expire", ProposalAct::Expire),
        ("refuse", ProposalAct::Refuse),
        ("withdraw", ProposalAct::Withdraw),
        ("invalidate", ProposalAct::Invalidate { why: Invalidity::Unavailable }),
    ];
    let mut table = vec![
        ("draft", "queue", "draft"),
        ("draft", "offer", "offered"),
        ("queued", "queue", "draft"),
        ("queued", "offer", "offered"),
        ("awaiting", "offer", "offered"),
        ("awaiting", "refuse", "refused"),
        ("awaiting_late", "offer", "offered"),
        ("awaiting_late", "refuse", "refused"),
        ("awaiting_late", "expire", "expired"),
        ("both_asked", "mentor_yes", "offered"),
        ("both_asked", "mentee_yes", "offered"),
        ("mentee_asked", "mentee_yes", "offered"),
        ("mentor_said_yes", "mentee_yes", "offered"),
        ("settled", "complete", "accepted"),
        ("late", "expire", "expired"),
    ];
    for offered in ["both_asked", "mentee_asked", "mentor_said_yes", "settled", "late"] {
        table.push((offered, "decline", "declined"));
    }
    for open in [
        "draft",
        "queued",
        "awaiting",
        "awaiting_late",
        "both_asked",
        "mentee_asked",
        "mentor_said_yes",
        "settled",
        "late",
    ] {
        table.push((open, "withdraw", "withdrawn"));
        table.push((open, "invalidate", "invalidated"));
    }
    compare(&states, &acts, &table, |s, a| s.next(a, now()).ok(), ProposalState::code);
}

#[test]
fn pairs() {
    let since = before();
    let end = PairEnd {
        kind: EndKind::NotAFit,
        shared: false,
        note: None,
        by: EndedBy::Side(Role::Mentee),
    };
    let case = Holder::Case { case: CaseId::from_uuid(Uuid::nil()) };
    let frozen = |state, held_by: &[Holder]| PairState::Frozen {
        since,
        resume_to: Box::new(state),
        held_by: held_by.iter().copied().collect(),
    };
    let by_hand = [Holder::Platform];
    let paused = PairState::Paused { since, until: None, by: Role::Mentor };
    let states = [
        ("introduced", PairState::Introduced { since }),
        ("active", PairState::Active { since }),
        ("paused", paused.clone()),
        ("frozen", frozen(PairState::Active { since }, &by_hand)),
        ("frozen_in_pause", frozen(paused, &by_hand)),
        ("frozen_by_case", frozen(PairState::Active { since }, &[case])),
        ("frozen_by_both", frozen(PairState::Active { since }, &[Holder::Platform, case])),
        ("completed", PairState::Completed { at: since, by: None }),
        ("ended", PairState::Ended { at: since, end: end.clone() }),
    ];
    listed(PairState::CODES, states.iter().map(|(_, state)| state.code()));
    let acts = [
        ("start", PairAct::Start),
        ("pause", PairAct::Pause { until: None, by: Role::Mentee }),
        ("resume", PairAct::Resume),
        ("freeze", PairAct::Freeze { by: Holder::Platform }),
        ("freeze_by_case", PairAct::Freeze { by: case }),
        ("unfreeze", PairAct::Unfreeze { by: Holder::Platform }),
        ("unfreeze_by_case", PairAct::Unfreeze { by: case }),
        ("complete", PairAct::Complete { by: None }),
        ("end", PairAct::End { end }),
    ];
    let table = [
        ("introduced", "start", "active"),
        ("introduced", "freeze", "frozen"),
        ("introduced", "freeze_by_case", "frozen"),
        ("introduced", "end", "ended"),
        ("active", "pause", "paused"),
        ("active", "freeze", "frozen"),
        ("active", "freeze_by_case", "frozen"),
        ("active", "complete", "completed"),
        ("active", "end", "ended"),
        ("paused", "resume", "active"),
        ("paused", "freeze", "frozen"),
        ("paused", "freeze_by_case", "frozen"),
        ("paused", "complete", "completed"),
        ("paused", "end", "ended"),
        ("frozen", "freeze_by_case", "frozen"),
        ("frozen", "unfreeze", "active"),
        ("frozen", "end", "ended"),
        ("frozen_in_pause", "freeze_by_case", "frozen"),
        ("frozen_in_pause", "unfreeze", "paused"),
        ("frozen_in_pause", "end", "ended"),
        ("frozen_by_case", "freeze", "frozen"),
        ("frozen_by_case", "unfreeze_by_case", "active"),
        ("frozen_by_case", "end", "ended"),
        ("frozen_by_both", "unfreeze", "frozen"),
        ("frozen_by_both", "unfreeze_by_case", "frozen"),
        ("frozen_by_both", "end", "ended"),
    ];
    compare(&states, &acts, &table, |s, a| s.next(a, now()).ok(), PairState::code);
}

#[test]
fn steps() {
    let since = before();
    let states = [
        ("locked", StepState::Locked { unlocks_at: None }),
        ("locked_until_now", StepState::Locked { unlocks_at: Some(now()) }),
        (
            "locked_a_microsecond_longer",
            StepState::Locked { unlocks_at: Some(now() + TimeDelta::microseconds(1)) },
        ),
        ("open", StepState::Open { since }),
        ("done", StepState::Done { at: since }),
        ("skipped", StepState::Skipped { at: since, by: Role::Mentee }),
    ];
    let acts = [
        ("unlock", StepAct::Unlock),
        ("shift", StepAct::Shift { unlocks_at: after() }),
        ("finish", StepAct::Finish),
        ("skip", StepAct::Skip { by: Role::Mentor }),
        ("reopen", StepAct::Reopen),
    ];
    let table = [
        ("locked", "unlock", "open"),
        ("locked_until_now", "unlock", "open"),
        ("locked_until_now", "shift", "locked"),
        ("locked_a_microsecond_longer", "shift", "locked"),
        ("open", "finish", "done"),
        ("open", "skip", "skipped"),
        ("done", "reopen", "open"),
        ("skipped", "reopen", "open"),
    ];
    compare(&states, &acts, &table, |s, a| s.next(a, now()).ok(), StepState::code);
}

#[test]
fn an_offer_lapses_at_its_instant_and_takes_no_yes_from_then_on() {
    let at = |expires_at| ProposalState::Offered {
        since: before(),
        expires_at,
        mentor: Answered::Waiting,
        mentee: Answered::Waiting,
    };
    let microsecond = TimeDelta::microseconds(1);
    assert!(at(now() + microsecond).next(ProposalAct::Expire, now()).is_err(), "never early");
    assert!(at(now()).next(ProposalAct::Expire, now()).is_ok());
    let yes = ProposalAct::Accept { by: Role::Mentor };
    assert!(at(now()).next(yes.clone(), now()).is_err());
    assert!(at(now() + microsecond).next(yes, now()).is_ok());
}

#[test]
fn cases() {
    let since = before();
    let assignee = || PersonId::try_from("rita").unwrap();
    let (by, appeal_until) = (Party::Reporter, after());
    let states = [
        ("submitted", CaseState::Submitted { since }),
        ("triaged", CaseState::Triaged { since }),
        ("review", CaseState::InReview { since, assignee: assignee() }),
        ("waiting", CaseState::WaitingInfo { since, assignee: assignee(), question: note() }),
        ("decided", CaseState::Decided { at: since, appeal_until }),
        ("appealed", CaseState::Appealed { since, by }),
        ("ruled", CaseState::AppealDecided { at: since }),
        ("closed", CaseState::Closed { at: since }),
    ];
    let acts = [
        ("triage", CaseAct::Triage),
        ("assign", CaseAct::Assign { to: assignee() }),
        ("escalate", CaseAct::Escalate),
        ("ask", CaseAct::Ask { question: note() }),
        ("answer", CaseAct::Answer),
        ("answer_nobody", CaseAct::AnswerNobody),
        ("merge", CaseAct::Merge { appeal_until }),
        ("decide", CaseAct::Decide { appeal_until }),
        ("appeal", CaseAct::Appeal { by }),
        ("rule", CaseAct::Rule),
        ("withdraw", CaseAct::Withdraw),
        ("close", CaseAct::Close),
    ];
    let table = [
        ("submitted", "triage", "triaged"),
        ("submitted", "escalate", "submitted"),
        ("submitted", "withdraw", "closed"),
        ("triaged", "triage", "triaged"),
        ("triaged", "assign", "in_review"),
        ("triaged", "escalate", "triaged"),
        ("triaged", "merge", "decided"),
        ("triaged", "withdraw", "closed"),
        ("review", "triage", "in_review"),
        ("review", "assign", "in_review"),
        ("review", "escalate", "triaged"),
        ("review", "ask", "waiting_info"),
        ("review", "merge", "decided"),
        ("review", "decide", "decided"),
        ("review", "withdraw", "closed"),
        ("waiting", "answer_nobody", "triaged"),
        ("waiting", "assign", "in_review"),
        ("waiting", "decide", "decided"),
        ("waiting", "escalate", "triaged"),
        ("waiting", "answer", "in_review"),
        ("waiting", "withdraw", "closed"),
        ("decided", "appeal", "appealed"),
        ("decided", "close", "closed"),
        ("appealed", "escalate", "appealed"),
        ("appealed", "rule", "appeal_decided"),
        ("ruled", "close", "closed"),
    ];
    compare(&states, &acts, &table, |state, act| state.next(act, now()).ok(), CaseState::code);
    for (name, state) in &states {
        // What waits for a first decision waits in a queue; what is over waits nowhere.
        assert!(!state.is_open() || state.is_queued(), "{name}");
        assert!(!state.is_terminal() || !state.is_queued(), "{name}");
        assert_eq!(state.assignee().is_some(), ["review", "waiting"].contains(name));
    }
}
