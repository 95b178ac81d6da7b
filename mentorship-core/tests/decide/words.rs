//! What people are told, word for word.

use mentorship_core::{
    change::ChangeSet,
    conformance::make::{start, who},
    decide::{
        Cx,
        block::block,
        enrollment::{hold, remove, set_capacity},
        pair::{end, freeze},
        person::{AgeFacts, leave_group, record_age},
        program::lifecycle::{Remaining, archive},
        proposal::decline,
        report::{decide, file, take_interim},
    },
    model::{
        event::{Audience, OutboxMessage},
        message::{self, MessageKind, MessageText},
        pair::{EndKind, end::REASONS_OF_A_PARTICIPANT},
        program::ProgramState,
        proposal::{Answered, ProposalState},
        report::{CaseState, InterimAsk, Measure, Tier},
    },
    policy::actor::Actor,
    view::{CaseView, EnrollmentView, PersonView, ProgramView, RelationView},
};

use crate::{
    given::{
        active, admin, clock, days, enrolled, enrollment, given, host, hours, me, offer, pair,
        pair_view, person, program, program_view, proposed, relation_view, staff,
    },
    report::{about, case, facts, filing, tie, verdict, view},
};

/// All that is said of one kind, apart from its id and when: to whom, about what, and in which words.
fn heard(set: &ChangeSet, kind: MessageKind) -> Vec<(OutboxMessage, MessageText)> {
    let same = |it: &OutboxMessage| OutboxMessage {
        id: mentorship_core::conformance::make::id(1),
        at: start(),
        ..it.clone()
    };
    let of_kind = set.outbox.iter().filter(|it| it.kind.as_str() == kind.code());
    of_kind.map(|it| (same(it), *message::english(it).unwrap())).collect()
}

fn to(set: &ChangeSet, kind: MessageKind, n: u64) -> Vec<(OutboxMessage, MessageText)> {
    let mut all = heard(set, kind);
    all.retain(|(message, _)| message.to == Audience::Person(who(n)));
    all
}

/// A case about person 1, worked by an admin or, where only the platform may, by staff.
fn working(by: &Actor) -> CaseView {
    let mut view = view(case());
    if *by == staff() {
        view.case.tier = Tier::Platform;
        view.case.state = CaseState::InReview { since: hours(0), assignee: who(950) };
        view.ties = vec![tie(950, 2), tie(950, 1)];
    }
    view
}

fn decided(by: Actor, measure: Measure) -> ChangeSet {
    let view = working(&by);
    let decide =
        |view: &CaseView, cx: Cx<'_>| decide(view, (&verdict(&[measure]), &[program().id]), cx);
    given(&view).by(by).at(days(1)).does(decide).changes
}

/// Person 1, with what they have in the program: the pair of 1 and 2 and an offer.
fn busy() -> PersonView {
    PersonView {
        person: person(1),
        enrollments: vec![enrollment(1, mentorship_core::model::enrollment::Role::Mentor)],
        pairs: vec![pair(active())],
        proposals: vec![offer(50, 1, 3)],
    }
}

fn aged() -> ChangeSet {
    let facts = AgeFacts { adult_on: None, zone: None };
    let minor = |view: &PersonView, cx: Cx<'_>| record_age(view, (&facts, Some(&program())), cx);
    given(&busy()).by(host()).does(minor).changes
}

/// The pair of 1 and 2, ended in every way that is not to be told.
fn neutral_ends() -> Vec<(&'static str, ChangeSet)> {
    let between = RelationView { pairs: vec![pair(active())], ..relation_view() };
    let reported = |blocks: bool| {
        let ask = if blocks { about().block() } else { about().end_pair() };
        given(&filing()).by(me(2)).does(|view, cx| file(view, &ask, &facts(), cx)).changes
    };
    let taken_out = |reason: &str| {
        let view = EnrollmentView { pairs: vec![pair(active())], ..enrolled() };
        let reason = mentorship_core::conformance::make::slug(reason);
        given(&view).by(staff()).does(|view, cx| remove(view, reason, cx)).changes
    };
    let over =
        ProgramState::WindingDown { since: start(), settled: true, archive_at: Some(start()) };
    let mut archived =
        ProgramView { live_pairs: vec![pair(active())], has_live_pairs: true, ..program_view() };
    archived.program.state = over;
    let archive = |view: &ProgramView, cx: Cx<'_>| archive(view, Remaining::default(), cx);
    let leave = |view: &PersonView, cx: Cx<'_>| leave_group(view, &[program().id], cx);
    vec![
        ("D2: 1 blocks 2", given(&between).by(me(1)).does(block).changes),
        ("D2: 2 blocks 1", given(&between).by(me(2)).does(block).changes),
        ("D14: 2 reports and blocks 1", reported(true)),
        ("D14: 2 reports 1 and ends the pair", reported(false)),
        ("D16: a group's decision", decided(admin(901), Measure::EndPair)),
        ("D16: a removal", decided(admin(901), Measure::RemoveFromProgram)),
        ("D16: a ban from the group", decided(admin(901), Measure::BanFromGroup { until: None })),
        ("D16: a ban from the tenant", decided(staff(), Measure::BanFromTenant { until: None })),
        ("D23: a minor", decided(staff(), Measure::Ineligible)),
        ("D24: the program is archived", given(&archived).by(clock()).does(archive).changes),
        ("D29: 1 leaves the group", given(&busy()).by(host()).does(leave).changes),
        ("D29: 1 is taken out by the platform", taken_out("conduct")),
        ("D29: 1 is taken out by the host", taken_out("left_group")),
    ]
}

/// D2, D14, D16, D23, D24, D29: whatever ended a pair, what both and the admins are told is the same, byte
/// for byte, as after an end for which somebody kept the reason to themselves.
#[test]
fn d2_d14_d23_neutral_ends_read_the_same() {
    let mut causes = neutral_ends();
    for kind in REASONS_OF_A_PARTICIPANT {
        let quiet = |view: &_, cx: Cx<'_>| end(view, *kind, None, false, cx);
        let set = given(&pair_view(active())).by(me(1)).does(quiet).changes;
        causes.push((kind.code(), set));
    }
    let expected = heard(&causes[0].1, MessageKind::PairEnded);
    let readers: Vec<Audience> = expected.iter().map(|(it, _)| it.to.clone()).collect();
    let admins = Audience::ProgramAdmins(program().id);
    assert_eq!(readers, [Audience::Person(who(1)), Audience::Person(who(2)), admins]);
    assert_eq!(expected[0].1, expected[1].1);
    assert_eq!(expected[0].1.title, "The mentorship has ended");
    for (cause, set) in &causes {
        assert_eq!(heard(set, MessageKind::PairEnded), expected, "{cause}");
    }
}

/// A reason that its author lets the other see is told in words of its own.
#[test]
fn a_shared_reason_is_said() {
    let mut told = std::collections::BTreeSet::new();
    for kind in REASONS_OF_A_PARTICIPANT {
        let open = |view: &_, cx: Cx<'_>| end(view, *kind, None, true, cx);
        let set = given(&pair_view(active())).by(me(1)).does(open).changes;
        for (_, text) in heard(&set, MessageKind::PairEnded) {
            assert_eq!(text.key.code, Some(EndKind::code(*kind)));
            told.insert(text.body);
        }
    }
    assert_eq!(told.len(), 2 * REASONS_OF_A_PARTICIPANT.len(), "to the two, and to the admins");
}

/// D14, D23: a freeze by hand, in a case, or of somebody who is not known to be an adult reads the same.
#[test]
fn d14_d23_freezes_read_the_same() {
    let by_hand = given(&pair_view(active())).by(staff()).does(freeze).changes;
    let expected = heard(&by_hand, MessageKind::PairPausedByProgram);
    assert_eq!(expected.len(), 2);
    let take = |view: &CaseView, cx: Cx<'_>| take_interim(view, InterimAsk::FreezePair, cx);
    let in_case = given(&working(&admin(901))).by(admin(901)).at(hours(1)).does(take).changes;
    for (cause, set) in [("a case", in_case), ("a minor", aged())] {
        assert_eq!(heard(&set, MessageKind::PairPausedByProgram), expected, "{cause}");
    }
}

/// D23: so does a hold of an enrolment.
#[test]
fn d23_holds_read_the_same() {
    let by_hand = given(&enrolled()).by(staff()).does(hold).changes;
    let expected = heard(&by_hand, MessageKind::EnrollmentHeld);
    assert_eq!(expected.len(), 1);
    let take = |view: &CaseView, cx: Cx<'_>| take_interim(view, InterimAsk::SuspendEnrollments, cx);
    let in_case = given(&working(&admin(901))).by(admin(901)).at(hours(1)).does(take).changes;
    for (cause, set) in [("a case", in_case), ("a minor", aged())] {
        assert_eq!(heard(&set, MessageKind::EnrollmentHeld), expected, "{cause}");
    }
}

/// D3: an offer that falls by the other's no, a block, a full place, a hold, a minor or a removal reads the
/// same to whom it was made.
#[test]
fn d3_offers_that_fall_read_the_same() {
    let waits = || Answered::Waiting;
    let open = || mentorship_core::model::proposal::Proposal {
        state: crate::given::offered(waits(), waits()),
        ..offer(50, 1, 2)
    };
    assert!(matches!(open().state, ProposalState::Offered { .. }));
    let no = given(&proposed(open())).by(me(1)).does(|view, cx| decline(view, None, cx)).changes;
    let expected = to(&no, MessageKind::ProposalUnavailable, 2);
    assert_eq!(expected.len(), 1);
    let between = RelationView { proposals: vec![open()], ..relation_view() };
    let place = EnrollmentView { proposals: vec![open()], ..enrolled() };
    let theirs = PersonView { pairs: Vec::new(), proposals: vec![open()], ..busy() };
    let facts = AgeFacts { adult_on: None, zone: None };
    let minor = |view: &PersonView, cx: Cx<'_>| record_age(view, (&facts, Some(&program())), cx);
    let conduct = mentorship_core::conformance::make::slug("conduct");
    for (cause, set) in [
        ("a block", given(&between).by(me(1)).does(block).changes),
        ("a block by the other", given(&between).by(me(2)).does(block).changes),
        ("a full place", given(&place).by(me(1)).does(|v, cx| set_capacity(v, 0, cx)).changes),
        ("a hold", given(&place).by(staff()).does(hold).changes),
        ("a minor", given(&theirs).by(host()).does(minor).changes),
        ("a removal", given(&place).by(staff()).does(|v, cx| remove(v, conduct, cx)).changes),
    ] {
        assert_eq!(to(&set, MessageKind::ProposalUnavailable, 2), expected, "{cause}");
    }
}
