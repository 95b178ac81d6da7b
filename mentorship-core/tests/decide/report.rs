//! Reports and cases, each decision by itself.

use mentorship_core::{
    base::{
        id::ProgramId,
        text::{Body, Note, Title},
        time::Timestamp,
    },
    change::{Change, Key},
    conformance::make::{self, slug, two, who},
    decide::{
        Cx, Decision, Refusal,
        report::{
            self, Answering, FilingFacts, Recusal, ReportAsk, Reviewer, answer, appeal, ask_info,
            assign, close, decide, escalate, file, lift_interim, recusal, rule, see, take_interim,
            time, triage, withdraw,
        },
    },
    model::{
        enrollment::{Enrollment, EnrollmentAct},
        holder::Holder,
        pair::{Pair, PairAct},
        person::Held,
        relation::Relation,
        report::{
            Case, CaseState, Ground, InterimAsk, Measure, Outcome, Party, Priority, Reasons,
            Ruling, Target, Tier, Verdict,
        },
        restriction::{Ban, BanScope},
    },
    policy::actor::Actor,
    view::{CaseView, FilingView, PairView, PastPair, PersonView, Reach, RelationView},
};

use crate::{
    given::{
        active, admin, clock, days, given, host, hours, me, offer, pair, person, program,
        relation_view, staff, v,
    },
    told::{cases_in, enrollments_in, pairs_in, public_log, said},
};

pub(crate) fn tie(one: u64, other: u64) -> RelationView {
    let people = two(one, other);
    let (lo, hi) = if people.lo() == &who(one) { (one, other) } else { (other, one) };
    let relation = Relation { version: v(3), ..Relation::new(people) };
    RelationView {
        lo: person(lo),
        hi: person(hi),
        relation,
        pairs: Vec::new(),
        proposals: Vec::new(),
        past: Vec::new(),
    }
}

fn reviewer(n: u64) -> Reviewer {
    Reviewer { person: who(n), was: Vec::new(), ties: vec![tie(n, 2), tie(n, 1)] }
}

/// Person 2 has reported person 1, with whom they have a pair that admin 900 made; admin 901 works it.
pub(crate) fn case() -> Case {
    let state = CaseState::InReview { since: hours(0), assignee: who(901) };
    let pair = pair(active()).id;
    let witnesses = Vec::new();
    Case { state, witnesses, pair: Some(pair), version: v(9), ..make::case(48, 1, 2, 1) }
}

pub(crate) fn view(case: Case) -> CaseView {
    let enrollment = crate::given::enrollment(1, mentorship_core::model::enrollment::Role::Mentor);
    let subject = PersonView {
        person: person(1),
        enrollments: vec![enrollment],
        pairs: vec![pair(active())],
        proposals: vec![offer(50, 1, 3)],
    };
    let ties = vec![tie(901, 2), tie(901, 1)];
    let (was, evidence, reach) = (Vec::new(), Vec::new(), Vec::new());
    CaseView { case, program: program(), subject, ties, was, evidence, reach }
}

fn in_state(state: CaseState) -> CaseView {
    view(Case { state, ..case() })
}

fn words() -> Body {
    Body::new("So it was.").unwrap()
}

fn reasons() -> Reasons {
    let note = |text: &str| Note::new(text).unwrap();
    Reasons {
        ground: Ground::Terms,
        clause: Title::new("Rule 3").unwrap(),
        facts: note("A course was sold."),
        why: note("Nothing is to be sold."),
        detected: false,
        automated: false,
        redress: note("Appeal."),
    }
}

pub(crate) fn verdict(measures: &[Measure]) -> Verdict {
    let outcome = if measures.is_empty() { Outcome::NoAction } else { Outcome::Actioned };
    Verdict { outcome, measures: measures.to_vec(), reasons: reasons() }
}

/// What a reviewer may do, each in a state that takes it.
type Act = fn(&CaseView, Cx<'_>) -> Result<Decision<()>, Refusal>;

fn quiet<T>(decision: Result<Decision<T>, Refusal>) -> Result<Decision<()>, Refusal> {
    let Decision { changes, next, .. } = decision?;
    Ok(Decision { changes, reply: (), next })
}

fn acts() -> Vec<(&'static str, CaseView, Act)> {
    let submitted = in_state(CaseState::Submitted { since: hours(0) });
    let appealed = in_state(CaseState::Appealed { since: hours(0), by: Party::Reporter });
    let ruled = in_state(CaseState::AppealDecided { at: hours(0) });
    let question = |view: &CaseView, cx: Cx<'_>| ask_info(view, Note::new("When?").unwrap(), cx);
    vec![
        ("triage", submitted, |view, cx| {
            quiet(triage(view, (&slug("spam"), Priority::P3, true), cx))
        }),
        ("assign", view(case()), assign),
        ("ask", view(case()), question),
        ("decide", view(case()), |view, cx| decide(view, (&verdict(&[]), &[]), cx)),
        ("rule", appealed, |view, cx| rule(view, (Ruling::Upheld, &[], &reasons(), &[]), cx)),
        ("close", ruled, close),
        ("take_interim", view(case()), |view, cx| take_interim(view, InterimAsk::FreezePair, cx)),
        ("lift_interim", view(case()), |view, cx| lift_interim(view, InterimAsk::FreezePair, cx)),
    ]
}

/// D12, D13: for whom a case is not there is told so by every act, in the same words; who may only see it is
/// told that they may not work it.
#[test]
fn every_act_is_for_reviewers_who_may() {
    let elsewhere = mentorship_core::base::host::GroupId::try_from("gardeners").unwrap();
    let other = Actor::group_admin(make::tenant(), who(901), elsewhere);
    for (name, mut view, act) in acts() {
        given(&view).by(admin(901)).at(hours(1)).may(act);
        for nobody in [other.clone(), me(2), me(1), me(901), host(), clock()] {
            let told = given(&view).by(nobody.clone()).refuses(act);
            assert_eq!(told, "not_found", "{name} by {nobody:?}");
            assert_eq!(given(&view).by(nobody).refuses(see), "not_found", "{name}");
        }
        view.case.tier = Tier::Group;
        assert_eq!(given(&view).by(staff()).refuses(act), "not_found", "{name}");
        view.case.tier = Tier::Both;
        view.ties = vec![tie(950, 2), tie(950, 1)];
        assert_eq!(given(&view).by(staff()).refuses(act), "case.not_assigned", "{name}");
        given(&view).by(staff()).may(see);
        view.ties = vec![tie(900, 2), tie(900, 1)];
        assert_eq!(given(&view).by(admin(900)).refuses(act), "conflict_of_interest", "{name}");
        given(&view).by(admin(900)).may(see);
        view.case.tier = Tier::Platform;
        assert_eq!(given(&view).by(admin(901)).refuses(act), "not_found", "{name}");
        view.case.tier = Tier::Both;
        view.ties = vec![tie(901, 2), tie(901, 1)];
        view.ties[1].relation.lo.blocked_at = Some(hours(0));
        for recused in [act, |view: &CaseView, cx: Cx<'_>| quiet(see(view, cx)), escalate] {
            assert_eq!(given(&view).by(admin(901)).refuses(recused), "not_found", "{name}");
        }
    }
}

/// D13, cell by cell: what recuses, whom, and until when.
#[test]
fn each_tie_is_judged_by_itself() {
    let case = case();
    let judged = |change: &dyn Fn(&mut RelationView), now: Timestamp| {
        [0, 1].map(|at| {
            let mut reviewer = reviewer(901);
            change(&mut reviewer.ties[at]);
            [false, true].map(|is_staff| recusal(&case, &reviewer, is_staff, now))
        })
    };
    let (no, full) = (Recusal::No, Recusal::Full);
    let now = days(400);
    let lo = |tie: &mut RelationView| tie.relation.lo.blocked_at = Some(hours(0));
    let hi = |tie: &mut RelationView| tie.relation.hi.blocked_at = Some(hours(0));
    assert_eq!(judged(&|_| {}, now), [[no, no]; 2]);
    assert_eq!(judged(&lo, now), [[full, no]; 2], "D9: not the platform");
    assert_eq!(judged(&hi, now), [[full, no]; 2]);
    let wish = |tie: &mut RelationView| tie.relation.lo.avoids_since = Some(hours(0));
    assert_eq!(judged(&wish, now), [[no, no]; 2], "a wish is no block");
    let partner = |tie: &mut RelationView| tie.pairs.push(pair(active()));
    assert_eq!(judged(&partner, now), [[full, full]; 2]);
    let past = |ended_at: Timestamp| {
        move |tie: &mut RelationView| {
            tie.past.push(PastPair { pair: make::id(7), mentor: who(2), ended_at });
        }
    };
    let year = now.checked_sub_months(chrono::Months::new(12)).unwrap();
    let second = chrono::TimeDelta::seconds(1);
    assert_eq!(judged(&past(year), now), [[full, full]; 2], "a year to the day");
    assert_eq!(judged(&past(year - second), now), [[no, no]; 2]);
    for (n, expected) in [(1, full), (2, full), (900, Recusal::Soft), (901, no), (950, no)] {
        assert_eq!(recusal(&case, &reviewer(n + 5_000), false, now), no);
        let reviewer = Reviewer { person: who(n), was: Vec::new(), ties: Vec::new() };
        for is_staff in [false, true] {
            assert_eq!(recusal(&case, &reviewer, is_staff, now), expected, "{n}");
        }
    }
    for list in [
        Case { witnesses: vec![who(901)], ..case.clone() },
        Case { followers: vec![who(901)], ..case.clone() },
    ] {
        assert_eq!(recusal(&list, &reviewer(901), true, now), full);
    }
}

/// D13: nobody becomes another one by being erased: who they were is part of the case, or made the match, or
/// decided first.
#[test]
fn d13_a_former_life_recuses_as_the_present_one() {
    let now = hours(1);
    let judged = |n: u64, case: &Case| {
        let reviewer = Reviewer { was: vec![who(60), who(n)], ..reviewer(901) };
        [false, true].map(|is_staff| recusal(case, &reviewer, is_staff, now))
    };
    let case = case();
    let (no, full) = (Recusal::No, Recusal::Full);
    for (n, expected) in [(1, full), (2, full), (900, Recusal::Soft), (61, no)] {
        assert_eq!(judged(n, &case), [expected; 2], "{n}");
    }
    let witness = Case { witnesses: vec![who(61)], ..case.clone() };
    let follower = Case { followers: vec![who(61)], ..case };
    assert_eq!([judged(61, &witness), judged(61, &follower)], [[full; 2]; 2]);
    let mut appealed = in_state(CaseState::Appealed { since: hours(0), by: Party::Reporter });
    appealed.case.decision = Some(mentorship_core::model::report::Decision {
        outcome: Outcome::NoAction,
        measures: Vec::new(),
        reasons: Some(reasons()),
        duplicate_of: None,
        by: who(61),
        at: hours(0),
    });
    let rules =
        |view: &CaseView, cx: Cx<'_>| rule(view, (Ruling::Upheld, &[], &reasons(), &[]), cx);
    given(&appealed).by(admin(901)).may(rules);
    appealed.was = vec![who(61)];
    assert_eq!(given(&appealed).by(admin(901)).refuses(rules), "conflict_of_interest");
    appealed.was = vec![who(2)];
    assert_eq!(given(&appealed).by(admin(901)).refuses(rules), "not_found");
    assert_eq!(given(&appealed).by(admin(901)).refuses(see), "not_found");
}

/// D16: what a decision does and says, by its measures; a group admin's log tells of nothing else.
#[test]
fn a_decision_does_and_says_what_its_measures_are() {
    let decided = |measures: &[Measure]| {
        let view = view(case());
        given(&view)
            .by(admin(901))
            .at(days(1))
            .does(|view, cx| decide(view, (&verdict(measures), &[]), cx))
    };
    let nothing = decided(&[]).changes;
    assert_eq!(said(&nothing), ["case.decided > p002 (no_action)"]);
    assert!(public_log(&nothing).is_empty());
    let warned = decided(&[Measure::Warn]).changes;
    assert_eq!(said(&warned), ["case.statement > p001", "case.decided > p002 (actioned)"]);
    assert!(public_log(&warned).is_empty());
    let ended = decided(&[Measure::EndPair]).changes;
    let pairs = |set: &mentorship_core::change::ChangeSet| {
        let ends = set.changes.iter().filter(|it| matches!(it, Change::Pair(_)));
        ends.count()
    };
    assert_eq!((pairs(&nothing), pairs(&warned), pairs(&ended)), (0, 0, 1));
    assert_eq!(public_log(&ended).len(), 1);
    // A removal ends the pair once, though it was to be ended anyway.
    let removed = decided(&[Measure::EndPair, Measure::RemoveFromProgram]).changes;
    assert_eq!(pairs(&removed), 1);
    let touched = Change::Touch(Key::Person(who(1)));
    assert!(removed.changes.contains(&touched), "an acceptance meets it there");
    assert!(removed.changes.iter().any(|it| matches!(it, Change::Enrollment(_))));
    assert!(removed.changes.iter().any(|it| matches!(it, Change::Proposal(_))));
}

/// D16: no measure stands twice in a decision, nor in a ruling on an appeal, and both name the field.
#[test]
fn d16_no_measure_is_taken_twice() {
    let ends = [None, Some(days(9)), Some(days(10))];
    let bans = ends.map(|until| Measure::BanFromGroup { until });
    let twice = [vec![Measure::Warn; 2], vec![bans[0], Measure::Warn, bans[1]], bans[1..].to_vec()];
    let appealed = in_state(CaseState::Appealed { since: hours(0), by: Party::Subject });
    for measures in twice {
        let first = view(case());
        let decides = given(&first)
            .by(admin(901))
            .at(days(1))
            .refuses(|view: &CaseView, cx: Cx<'_>| decide(view, (&verdict(&measures), &[]), cx));
        let rules = |measures: &[Measure]| {
            let measures = measures.to_vec();
            move |view: &CaseView, cx: Cx<'_>| {
                rule(view, (Ruling::Changed, &measures, &reasons(), &[]), cx)
            }
        };
        let second = given(&appealed).by(admin(901)).at(days(1)).refuses(rules(&measures));
        for told in [decides, second] {
            assert!(told.starts_with("input.duplicate field=measures"), "{told}");
        }
        given(&appealed).by(admin(901)).at(days(1)).may(rules(&measures[..1]));
    }
}

/// D16: a ban is written to the person, in the same write as the end of what it covers.
#[test]
fn a_ban_is_data_of_the_person() {
    let until = Some(days(9));
    let decided = |by, measure, group: &[ProgramId]| {
        let mut view = view(case());
        view.subject.pairs[0].program = make::id(2);
        if by == staff() {
            view.case.tier = Tier::Platform;
            view.case.state = CaseState::InReview { since: hours(0), assignee: who(950) };
            view.ties = vec![tie(950, 2), tie(950, 1)];
        }
        given(&view)
            .by(by)
            .at(days(1))
            .does(|view, cx| decide(view, (&verdict(&[measure]), group), cx))
            .changes
    };
    let bans = |set: &mentorship_core::change::ChangeSet| {
        set.changes.iter().find_map(|it| match it {
            Change::Person(person) => Some(person.bans.clone()),
            _ => None,
        })
    };
    let here = program().id;
    let set = decided(admin(901), Measure::BanFromGroup { until }, &[here]);
    let scope = BanScope::Group { group: program().group };
    let ban = Ban { scope, case: case().id, since: days(1), until };
    assert_eq!(bans(&set), Some(vec![ban]));
    assert_eq!((enrollments_in(&set).len(), pairs_in(&set).len()), (1, 0), "of the group alone");
    let set = decided(staff(), Measure::BanFromTenant { until }, &[]);
    assert_eq!(bans(&set).unwrap()[0].scope, BanScope::Tenant);
    assert_eq!((enrollments_in(&set).len(), pairs_in(&set).len()), (1, 1));
    assert!(public_log(&set).iter().all(|line| !line.contains("ban")));
}

/// Row 53: what a case holds goes with it, told as a pause and its end and recorded as by nobody.
#[test]
fn what_a_case_holds_goes_with_it() {
    let mut view = view(case());
    let freeze = |view: &CaseView, cx: Cx<'_>| take_interim(view, InterimAsk::FreezePair, cx);
    let taken = given(&view).by(admin(901)).at(hours(1)).does(freeze).changes;
    let expected = ["pair.paused_by_program > p001", "pair.paused_by_program > p002"];
    assert_eq!(said(&taken), expected);
    assert_eq!(public_log(&taken).len(), 1);
    let (frozen, held) = (pairs_in(&taken)[0].clone(), cases_in(&taken)[0].clone());
    assert!(frozen.state.is_held_by(held.holder()));
    assert_eq!(held.interim[0].by, Some(who(901)));
    view.case = Case { version: v(9), ..held };
    view.subject.pairs = vec![frozen.clone()];
    let pair = PairView { pair: frozen, ..crate::given::pair_view(active()) };
    view.reach = vec![Reach { pair, posts: Vec::new(), check_ins: Vec::new() }];
    let again = given(&view).by(admin(901)).at(hours(2)).does(freeze).changes;
    assert!(again.is_empty());
    let dismiss = |view: &CaseView, cx: Cx<'_>| decide(view, (&verdict(&[]), &[]), cx);
    let over = given(&view).by(admin(901)).at(hours(2)).does(dismiss).changes;
    assert_eq!(pairs_in(&over)[0].state.code(), "active");
    assert_eq!(cases_in(&over)[0].in_force().count(), 0);
    let end = |view: &CaseView, cx: Cx<'_>| decide(view, (&verdict(&[Measure::EndPair]), &[]), cx);
    let ended = given(&view).by(admin(901)).at(hours(2)).does(end).changes;
    assert_eq!((pairs_in(&ended).len(), pairs_in(&ended)[0].state.code()), (1, "ended"));
    view.reach[0].pair.mentee.adult_on = None;
    given(&view).by(admin(901)).may(end);
}

/// Person 1's pair and enrolment, held by the case; one of the two is not known to be an adult.
fn held_minor() -> CaseView {
    let mut view = view(case());
    let suspend =
        |view: &CaseView, cx: Cx<'_>| take_interim(view, InterimAsk::SuspendEnrollments, cx);
    let freeze = |view: &CaseView, cx: Cx<'_>| take_interim(view, InterimAsk::FreezePair, cx);
    let taken = given(&view).by(admin(901)).does(freeze).changes;
    let (frozen, held) = (pairs_in(&taken)[0].clone(), cases_in(&taken)[0].clone());
    view.case = Case { version: v(9), ..held };
    let taken = given(&view).by(admin(901)).does(suspend).changes;
    view.case = Case { version: v(9), ..cases_in(&taken)[0].clone() };
    view.subject.enrollments = enrollments_in(&taken).into_iter().cloned().collect();
    view.subject.pairs = vec![frozen.clone()];
    view.subject.proposals.clear();
    view.subject.person.adult_on = None;
    let pair = PairView { pair: frozen, ..crate::given::pair_view(active()) };
    view.reach = vec![Reach { pair, posts: Vec::new(), check_ins: Vec::new() }];
    view.reach[0].pair.mentor.adult_on = None;
    view
}

/// D23: that somebody's age is not known is for staff alone. To a reporter who takes a report back, and to a group
/// admin, everything ends as it would; the platform holds by hand what must not go on.
#[test]
fn d23_a_case_that_lets_go_tells_nothing_of_an_age() {
    let view = held_minor();
    let dismiss = |view: &CaseView, cx: Cx<'_>| decide(view, (&verdict(&[]), &[]), cx);
    let lift = |ask| move |view: &CaseView, cx: Cx<'_>| lift_interim(view, ask, cx);
    let back = |view: &CaseView, cx: Cx<'_>| quiet(withdraw(view, cx));
    let holder = view.case.holder();
    let sets = [
        given(&view).by(me(2)).does(back).changes,
        given(&view).by(admin(901)).does(dismiss).changes,
    ];
    for set in sets {
        assert_eq!(cases_in(&set)[0].in_force().count(), 0);
        let (pair, place) = (pairs_in(&set)[0], enrollments_in(&set)[0]);
        let by_hand = (pair.state.is_held_by(Holder::Platform), pair.state.is_held_by(holder));
        assert_eq!(by_hand, (true, false));
        assert_eq!(place.state.holders().collect::<Vec<_>>(), [Holder::Platform]);
        assert!(public_log(&set).is_empty());
        let told = said(&set);
        assert_eq!(told.iter().filter(|it| *it == "hold.handed_over > staff").count(), 2);
        assert!(told.iter().all(|it| !it.starts_with("pair.") && !it.starts_with("enrollment.")));
    }
    given(&view).by(admin(901)).may(lift(InterimAsk::FreezePair));
    given(&view).by(admin(901)).may(lift(InterimAsk::SuspendEnrollments));
    let mut view = view;
    view.case.tier = Tier::Platform;
    view.case.state = CaseState::InReview { since: hours(0), assignee: who(950) };
    view.ties = vec![tie(950, 2), tie(950, 1)];
    assert_eq!(given(&view).by(staff()).refuses(dismiss), "not_eligible");
}

/// D23: a case about somebody's age lets go of nothing while it is not known, also if another case holds it too.
#[test]
fn d23_a_case_about_an_age_asks_for_it_whoever_else_holds() {
    let mut view = held_minor();
    let more = Holder::Case { case: make::id(77) };
    let state = |pair: &mut Pair| {
        pair.state = pair.state.next(PairAct::Freeze { by: more }, hours(0)).unwrap();
    };
    state(&mut view.reach[0].pair.pair);
    state(&mut view.subject.pairs[0]);
    let place = &mut view.subject.enrollments[0];
    place.state = place.state.next(EnrollmentAct::Suspend { by: more }, hours(0)).unwrap();
    view.case.reporter = None;
    view.case.tier = Tier::Platform;
    view.case.state = CaseState::InReview { since: hours(0), assignee: who(950) };
    view.ties = vec![tie(950, 1)];
    let dismiss = |view: &CaseView, cx: Cx<'_>| decide(view, (&verdict(&[]), &[]), cx);
    assert_eq!(given(&view).by(staff()).refuses(dismiss), "not_eligible");
    for ask in [InterimAsk::FreezePair, InterimAsk::SuspendEnrollments] {
        let lift = |view: &CaseView, cx: Cx<'_>| lift_interim(view, ask, cx);
        assert_eq!(given(&view).by(staff()).refuses(lift), "not_eligible");
    }
    view.subject.person.adult_on = person(1).adult_on;
    given(&view).by(staff()).may(dismiss);
    view.subject.person.adult_on = None;
    let verdict = verdict(&[Measure::Ineligible]);
    given(&view).by(staff()).may(|view, cx| decide(view, (&verdict, &[]), cx));
}

/// Row 53: a case lets go of all that it holds of the subject, also of what they signed up for since, and of what
/// would hold them next.
#[test]
fn row_53_a_case_lets_go_of_what_came_after() {
    let mut view = held_minor();
    view.subject.person.adult_on = person(1).adult_on;
    view.reach[0].pair.mentor.adult_on = person(1).adult_on;
    let holder = view.case.holder();
    let later =
        Enrollment { id: make::id(88), version: v(3), ..view.subject.enrollments[0].clone() };
    view.subject.enrollments = vec![later];
    let held = |by| Held { program: program().id, by, since: hours(0) };
    view.subject.person.held = vec![held(holder), held(Holder::Platform)];
    let dismiss = |view: &CaseView, cx: Cx<'_>| decide(view, (&verdict(&[]), &[]), cx);
    let set = given(&view).by(admin(901)).does(dismiss).changes;
    assert_eq!(enrollments_in(&set)[0].state.code(), "active");
    let kept = set.changes.iter().find_map(|it| match it {
        Change::Person(person) => Some(person.held.clone()),
        _ => None,
    });
    assert_eq!(kept, Some(vec![held(Holder::Platform)]));
}

/// Who reported and who was reported have acts of their own, and nobody else has them.
#[test]
fn the_two_have_acts_of_their_own() {
    let question = Note::new("When?").unwrap();
    let waiting =
        in_state(CaseState::WaitingInfo { since: hours(0), assignee: who(901), question });
    let told = mentorship_core::model::report::Decision {
        outcome: Outcome::Actioned,
        measures: vec![Measure::Warn],
        reasons: Some(reasons()),
        duplicate_of: None,
        by: who(901),
        at: hours(0),
    };
    let mut decided = in_state(CaseState::Decided { at: hours(0), appeal_until: days(180) });
    let appeals = |view: &CaseView, cx: Cx<'_>| appeal(view, words(), &[reviewer(901)], cx);
    let answers = |view: &CaseView, cx: Cx<'_>| answer(view, (words(), &Answering::default()), cx);
    given(&decided).by(me(2)).may(appeals);
    assert_eq!(given(&decided).by(me(1)).refuses(appeals), "not_found", "was told nothing");
    decided.case.decision = Some(told);
    given(&decided).by(me(1)).at(days(180)).may(appeals);
    let late = given(&decided).by(me(1)).at(days(181)).refuses(appeals);
    assert!(late.starts_with("report.too_late"), "{late}");
    given(&waiting).by(me(2)).may(answers);
    given(&waiting).by(me(2)).may(withdraw);
    for nobody in [me(1), me(3), admin(901), staff(), host(), clock()] {
        assert_eq!(given(&waiting).by(nobody.clone()).refuses(answers), "not_found");
        assert_eq!(given(&waiting).by(nobody.clone()).refuses(withdraw), "not_found");
        if nobody != me(1) {
            assert_eq!(given(&decided).by(nobody).refuses(appeals), "not_found");
        }
    }
}

/// D12, D13: an answer is not told to whoever may not review the case by now, and the case waits for somebody else:
/// for the platform, if no admin is left.
#[test]
fn d13_an_answer_is_not_for_whoever_is_recused_by_now() {
    let question = Note::new("When?").unwrap();
    let mut waiting =
        in_state(CaseState::WaitingInfo { since: hours(0), assignee: who(901), question });
    let answers = |view: &CaseView, who: &Answering| {
        let set = given(view)
            .by(me(2))
            .at(hours(1))
            .does(|view, cx| answer(view, (words(), who), cx))
            .changes;
        let case = cases_in(&set)[0].clone();
        for tie in who.assignee.iter().chain(&who.admins).flat_map(|it| &it.ties) {
            assert!(set.guards.contains_key(&Key::Relation(tie.relation.people.clone())));
        }
        (said(&set), case.state.code(), case.tier)
    };
    let mut assignee = reviewer(901);
    let who = |assignee: &Reviewer, admins: &[Reviewer]| Answering {
        assignee: Some(assignee.clone()),
        admins: admins.to_vec(),
    };
    let told = answers(&waiting, &who(&assignee, &[]));
    assert_eq!(told, (vec!["case.answered > p901".to_owned()], "in_review", Tier::Both));
    assignee.ties[0].relation.lo.blocked_at = Some(hours(0));
    let (said, state, tier) =
        answers(&waiting, &who(&assignee, &[assignee.clone(), reviewer(902)]));
    assert_eq!(said, ["case.answered > staff (p2)", "case.answered > p902 (p2)"]);
    assert_eq!((state, tier), ("triaged", Tier::Both));
    let (said, state, tier) =
        answers(&waiting, &who(&assignee, &[assignee.clone(), reviewer(900)]));
    assert_eq!(said, ["case.escalated > staff (p2)", "case.answered > staff (p2)"]);
    assert_eq!((state, tier), ("triaged", Tier::Platform));
    // Staff is recused as a partner, and by no block.
    waiting.case.tier = Tier::Platform;
    assert_eq!(answers(&waiting, &who(&assignee, &[])).1, "in_review");
    assignee.ties[0].pairs.push(pair(active()));
    let (said, state, _) = answers(&waiting, &who(&assignee, &[]));
    assert_eq!((said, state), (vec!["case.answered > staff (p2)".to_owned()], "triaged"));
}

/// D16: an appeal that no other admin could decide on goes to the platform at once, and waits for nobody.
#[test]
fn d16_an_appeal_that_no_other_admin_decides_is_the_platforms() {
    let mut decided = in_state(CaseState::Decided { at: hours(0), appeal_until: days(180) });
    decided.case.decision = Some(mentorship_core::model::report::Decision {
        outcome: Outcome::NoAction,
        measures: Vec::new(),
        reasons: Some(reasons()),
        duplicate_of: None,
        by: who(901),
        at: hours(0),
    });
    let to = |admins: &[u64]| {
        let admins: Vec<_> = admins.iter().copied().map(reviewer).collect();
        let appeals = |view: &CaseView, cx: Cx<'_>| appeal(view, words(), &admins, cx);
        let set = given(&decided).by(me(2)).at(days(3)).does(appeals).changes;
        let case = cases_in(&set)[0].clone();
        assert_eq!((case.state.code(), case.theirs_since), ("appealed", days(3)));
        (case.tier, said(&set))
    };
    let (tier, told) = to(&[901, 902]);
    assert_eq!(tier, Tier::Both);
    assert!(told.contains(&"case.appealed > p902 (p2)".to_owned()), "{told:?}");
    for nobody in [&[901][..], &[900, 901], &[]] {
        let (tier, told) = to(nobody);
        assert_eq!(tier, Tier::Platform, "{nobody:?}");
        assert_eq!(told, ["case.escalated > staff (p2)", "case.appealed > staff (p2)"]);
    }
}

/// Who the admins are is asked only where they are reminded.
#[test]
fn admins_are_asked_for_only_to_be_reminded() {
    let mut case = case();
    let asks = |case: &Case, now| report::reminds_admins(case, now);
    let second = chrono::TimeDelta::seconds(1);
    assert!(asks(&case, case.decide_by - second));
    assert!(!asks(&case, case.decide_by), "it goes to the platform");
    case.tier = Tier::Platform;
    assert!(!asks(&case, hours(0)));
    case.tier = Tier::Group;
    for state in [
        CaseState::Decided { at: hours(0), appeal_until: days(180) },
        CaseState::AppealDecided { at: hours(0) },
        CaseState::Closed { at: hours(0) },
    ] {
        assert!(!asks(&Case { state, ..case.clone() }, hours(0)));
    }
}

/// Nothing happens early, and what happened does not happen again.
#[test]
fn time_does_each_thing_once() {
    let admins = [reviewer(900), reviewer(901)];
    let passes = |view: &CaseView, cx: Cx<'_>| time(view, Some(&admins), cx);
    let mut it = in_state(CaseState::Triaged { since: hours(0) });
    let second = chrono::TimeDelta::seconds(1);
    let mut seen = Vec::new();
    for _ in 0..6 {
        let Some(at) = it.case.due_at() else { break };
        assert_eq!(given(&it).at(at - second).refuses(passes), "not_found");
        let decision = given(&it).at(at).does(passes);
        seen.push((decision.reply, said(&decision.changes).len()));
        let written = decision.changes.changes.into_iter().find_map(|change| match change {
            Change::Case(case) => Some(*case),
            _ => None,
        });
        it.case = written.unwrap();
        assert!(it.case.due_at().is_none_or(|next| next > at), "it is due again at once");
    }
    let remind = "case.remind";
    // The platform and two admins; the platform takes it; the platform, twice.
    assert_eq!(seen, [(remind, 3), ("case.escalate", 1), (remind, 1), (remind, 1)]);
    assert_eq!(it.case.due_at(), None);
    assert_eq!(given(&it).at(days(9_000)).refuses(passes), "not_found");
}

/// Nobody says who the admins are: staff is reminded of what is theirs too, once, and the case stays due.
#[test]
fn staff_is_reminded_where_nobody_names_an_admin() {
    let nobody = |view: &CaseView, cx: Cx<'_>| time(view, None, cx);
    for (tier, staff) in [(Tier::Both, true), (Tier::Group, false)] {
        let mut it = in_state(CaseState::Triaged { since: hours(0) });
        it.case.tier = tier;
        assert_eq!(report::reminds_staff(&it.case), staff);
        let at = it.case.due_at().unwrap();
        if staff {
            let decision = given(&it).at(at).does(nobody);
            assert_eq!(decision.reply, report::REMIND_STAFF);
            assert_eq!(said(&decision.changes).len(), 1);
            let written = decision.changes.changes.into_iter().find_map(|change| match change {
                Change::Case(case) => Some(*case),
                _ => None,
            });
            it.case = written.unwrap();
            assert_eq!((it.case.staff_reminded_at, it.case.reminded_at), (Some(at), None));
            assert_eq!(it.case.due_at(), Some(at));
            assert!(!report::reminds_staff(&it.case));
        }
        assert_eq!(given(&it).at(at).refuses(nobody), "not_found");
        let admins = [reviewer(900), reviewer(901)];
        let decision = given(&it).at(at).does(|view, cx| time(view, Some(&admins), cx));
        assert_eq!((decision.reply, said(&decision.changes).len()), ("case.remind", 2));
        // No admin is left who could decide: it is the platform's, and nobody's reminder is spent.
        let decision = given(&it).at(at).does(|view, cx| time(view, Some(&[]), cx));
        assert_eq!((decision.reply, said(&decision.changes).len()), ("case.escalate", 1));
        // Where nothing but the group's time is over nobody is asked for.
        assert_eq!(given(&it).at(it.case.decide_by).does(nobody).reply, "case.escalate");
    }
}

/// Person 2 may report person 1, with whom they have a pair.
pub(crate) fn filing() -> FilingView {
    let pair = pair(active());
    FilingView {
        program: program(),
        between: RelationView { pairs: vec![pair.clone()], ..relation_view() },
        pair: Some(pair),
        matched_by: Some(who(900)),
        posts: Vec::new(),
        check_in: None,
        check_ins: Vec::new(),
        enrollment: None,
        filed: 0,
        open: Vec::new(),
    }
}

pub(crate) fn facts() -> FilingFacts {
    FilingFacts {
        priority: Some(Priority::P2),
        member: true,
        muted: false,
        admins: vec![reviewer(900), reviewer(901)],
    }
}

pub(crate) fn about() -> ReportAsk {
    ReportAsk::new(who(1), slug("scam"))
}

/// D14, D15: filing rests on all that it copies, meets a block and the next report, and tells the subject
/// nothing.
#[test]
fn a_report_meets_a_block_and_tells_nothing() {
    let (filing, pair, facts) = (filing(), pair(active()), facts());
    let files = |report: ReportAsk| {
        let facts = &facts;
        move |view: &FilingView, cx: Cx<'_>| file(view, &report, facts, cx)
    };
    assert_eq!(about().target, Target::Person);
    let decision = given(&filing).by(me(2)).does(files(about()));
    let set = &decision.changes;
    assert_eq!(
        said(set),
        ["case.filed > staff (p2)", "case.filed > p900 (p2)", "case.filed > p901 (p2)"]
    );
    assert!(public_log(set).is_empty());
    assert!(set.changes.contains(&Change::Touch(Key::Relation(two(1, 2)))));
    // The pair knows of it, and keeps what its posts say from here on (row 32).
    let known = Pair { kept_for: [decision.reply.case].into(), ..pair };
    assert!(set.changes.contains(&Change::Pair(known)));
    for n in [900, 901] {
        for other in [1, 2] {
            assert!(set.guards.contains_key(&Key::Relation(two(n, other))), "recusal may change");
        }
    }
    let blocks = given(&filing).by(me(2)).does(files(about().block()));
    assert!(blocks.changes.changes.iter().any(|it| matches!(it, Change::Relation(_))));
    assert!(blocks.changes.changes.iter().any(|it| matches!(it, Change::Pair(_))));
    for nobody in [staff(), host(), clock()] {
        assert_eq!(given(&filing).by(nobody).refuses(files(about())), "not_found");
    }
    assert_eq!(report::told(Outcome::Unfounded), Outcome::NoAction);
}
