//! Signing up, and what admins and the platform decide about it.

use mentorship_core::{
    base::{id::EnrollmentId, text::Note, time::Timestamp},
    change::{Change, ChangeSet, Key},
    conformance::make::{answers, id, slug, start, who},
    decide::{
        Cx, Decision, Refusal,
        enrollment::{
            self, Apply, Enrolled, HostWord, approve, ask_info, hold, reinstate, reject, remove,
            resubmit, waitlist,
        },
    },
    model::{
        answer::Answers,
        enrollment::{Enrollment, EnrollmentState, Role},
        event::ActorRef,
        holder::Holder,
        person::Held,
        program::{Oversight, ProgramState},
        restriction::{Ban, BanScope},
    },
    policy::actor::Actor,
    view::{EnrollmentView, SignUpView},
};

use crate::{
    given::{
        active, admin, blocked, days, draft, enrolled, enrollment, given, host, me, offer, pair,
        relation, staff, state_error, word,
    },
    told::{actions, enrollments_in, pairs_in, proposals_in, public_log, said},
};

/// The sign-up of somebody of whom it was not looked whether they were here before.
fn apply(
    view: &EnrollmentView,
    input: Apply,
    word: &HostWord,
    cx: Cx<'_>,
) -> Result<Decision<Enrolled>, Refusal> {
    let view = SignUpView { place: view.clone(), former: None };
    enrollment::apply(&view, input, word, cx)
}

pub(crate) fn sign_up() -> Apply {
    Apply {
        role: Role::Mentor,
        capacity: None,
        answers: answers(Role::Mentor),
        consent_version: 1,
        oversight: Oversight::ReportedOnly,
        special_category: false,
    }
}

fn newcomer() -> EnrollmentView {
    EnrollmentView { enrollment: None, ..enrolled() }
}

fn in_state(state: EnrollmentState) -> EnrollmentView {
    let mut view = enrolled();
    view.enrollment.as_mut().unwrap().state = state;
    view
}

fn submitted() -> EnrollmentView {
    in_state(EnrollmentState::Submitted { since: start() })
}

fn before(state: EnrollmentState, role: Role) -> Enrollment {
    Enrollment { id: id::<EnrollmentId>(88), state, ..enrollment(1, role) }
}

fn applies(view: &EnrollmentView, input: Apply, word: &HostWord, now: Timestamp) -> String {
    match given(view).by(me(1)).at(now).tries(|view, cx| apply(view, input, word, cx)) {
        Ok(Decision { reply: Enrolled::Stored { state, .. }, .. }) => state.as_str().to_owned(),
        Ok(Decision { reply: Enrolled::NotEligible, .. }) => "not_eligible".to_owned(),
        Err(refusal) => refusal.code().to_owned(),
    }
}

/// The program's door, then what the person has there, then the form, then the rules.
#[test]
fn signing_up_is_refused_in_order() {
    let nothing = Apply { answers: Answers::new(), ..sign_up() };
    let nobody = HostWord::default();
    let mut view = newcomer();
    view.others.push(before(EnrollmentState::Active { since: start() }, Role::Mentor));
    view.program.state = ProgramState::Draft;
    let ask = |view: &EnrollmentView| applies(view, nothing.clone(), &nobody, start());
    assert_eq!(ask(&view), "not_found", "a draft is not seen");
    view.program.state = ProgramState::EnrollmentClosed { since: start() };
    assert_eq!(ask(&view), "program.not_open");
    view.program.state = ProgramState::Open { since: start() };
    assert_eq!(ask(&view), "enrollment.exists");
    view.others[0].state = EnrollmentState::Rejected { at: days(-29), reason: slug("full") };
    assert_eq!(ask(&view), "enrollment.too_early");
    view.others.clear();
    assert!(ask(&view).starts_with("input."));
    assert_eq!(applies(&view, sign_up(), &nobody, start()), "not_eligible");
    let ban = Ban { scope: BanScope::Tenant, case: id(48), since: start(), until: None };
    view.person.bans = vec![ban];
    assert_eq!(applies(&view, sign_up(), &word(), start()), "not_eligible");
    view.person.bans.clear();
    assert_eq!(applies(&view, sign_up(), &word(), start()), "active");
    let own_hat = given(&view).by(admin(1));
    assert_eq!(own_hat.refuses(|view, cx| apply(view, sign_up(), &word(), cx)), "not_found");
}

/// What the rules say no to leaves only private events, one per rule, and nothing of the person.
#[test]
fn a_refused_sign_up_leaves_private_events_only() {
    let minor = HostWord { adult_on: None, ..HostWord::default() };
    let mut view = newcomer();
    view.person.adult_on = None;
    let decision = given(&view).by(me(1)).does(|view, cx| apply(view, sign_up(), &minor, cx));
    assert_eq!(decision.reply, Enrolled::NotEligible);
    assert!(decision.changes.changes.is_empty());
    assert_eq!(actions(&decision.changes), ["enrollment.refuse"; 3]);
    assert!(public_log(&decision.changes).is_empty() && said(&decision.changes).is_empty());
}

/// D27: mentor and mentee in one program are two enrolments; the same role twice is one too many.
#[test]
fn both_roles_are_two_enrolments() {
    let live = EnrollmentState::Paused { since: start(), until: None };
    for (role, expected) in [(Role::Mentee, "active"), (Role::Mentor, "enrollment.exists")] {
        let mut view = newcomer();
        view.others.push(before(live.clone(), role));
        assert_eq!(applies(&view, sign_up(), &word(), start()), expected);
    }
}

/// Applying again is a new record: at once after leaving, after the program's wait once one was turned
/// away or taken out.
#[test]
fn applying_again_waits_unless_one_left() {
    let at = days(-29);
    for (state, waits) in [
        (EnrollmentState::Withdrawn { at }, false),
        (EnrollmentState::Rejected { at, reason: slug("full") }, true),
        (EnrollmentState::Removed { at, reason: slug("conduct") }, true),
    ] {
        let mut view = newcomer();
        view.others.push(before(state.clone(), Role::Mentor));
        let soon = applies(&view, sign_up(), &word(), start());
        assert_eq!(soon == "enrollment.too_early", waits, "{state:?}");
        assert_eq!(applies(&view, sign_up(), &word(), days(1)), "active", "{state:?}");
    }
}

/// D33: the consent is to the very text and oversight mode of the program, neither older nor narrower.
#[test]
fn consent_is_to_what_the_program_says_now() {
    let mut view = newcomer();
    view.program.policy.consent_version = 2;
    let consents = |consent_version, oversight| {
        applies(&view, Apply { consent_version, oversight, ..sign_up() }, &word(), start())
    };
    assert_eq!(consents(2, Oversight::ReportedOnly), "active");
    assert!(consents(1, Oversight::ReportedOnly).starts_with("input."));
    assert!(consents(3, Oversight::ReportedOnly).starts_with("input."));
    assert!(consents(2, Oversight::PairOnly).starts_with("input."));
    assert!(consents(2, Oversight::Supervised).starts_with("input."));
}

type Review = fn(&EnrollmentView, Cx<'_>) -> Result<Decision<()>, Refusal>;

const REVIEWS: &[(&str, Review)] = &[
    ("approve", |view, cx| approve(view, &word(), cx)),
    ("ask_info", |view, cx| ask_info(view, Note::new("Which boats?").unwrap(), cx)),
    ("waitlist", |view, cx| waitlist(view, slug("full"), days(9), cx)),
    ("reject", |view, cx| reject(view, slug("full"), cx)),
];

/// D31 and the order of a review: absent or not theirs, one's own, then the state.
#[test]
fn reviews_are_refused_in_order() {
    let over = in_state(EnrollmentState::Withdrawn { at: start() });
    for (act, review) in REVIEWS {
        let ask = |view: &EnrollmentView, by: Actor| given(view).by(by).refuses(review);
        assert_eq!(ask(&newcomer(), admin(900)), "not_found");
        for by in [me(1), me(2), staff()] {
            assert_eq!(ask(&over, by), "not_found", "{act}");
        }
        assert_eq!(ask(&over, admin(1)), "conflict_of_interest", "{act}");
        assert_eq!(ask(&over, admin(900)), state_error("enrollment", "withdrawn", act));
    }
}

/// D9, decision 3: to an admin whom the applicant has blocked, or who has blocked them, the application is
/// simply not there: no code of its own tells of a block (I10).
#[test]
fn to_a_blocked_admin_an_application_is_not_there() {
    for (by, other) in [(1, 900), (900, 1)] {
        for (act, review) in REVIEWS {
            let view = EnrollmentView { with_actor: Some(blocked(by, other)), ..submitted() };
            let refusal = given(&view).by(admin(900)).refuses(review);
            assert_eq!(refusal, "not_found", "{act}");
        }
    }
}

/// Each decision reaches the person in a message of its own, and no text of theirs goes into it.
#[test]
fn each_review_is_told_to_the_person() {
    for (act, review) in REVIEWS {
        let view = EnrollmentView { with_actor: Some(relation(1, 900)), ..submitted() };
        let decision = given(&view).by(admin(900)).does(review);
        let [told] = &said(&decision.changes)[..] else { panic!("one message after {act}") };
        assert!(told.starts_with("enrollment.") && told.ends_with(" > p001"), "{told}");
        assert_eq!(actions(&decision.changes), [format!("enrollment.{act}")]);
    }
}

/// The rules hold again when one is let in: by the age that the store knows, and what the host says now.
#[test]
fn approval_looks_at_the_rules_again() {
    let ask = |view: &EnrollmentView, word: &HostWord| {
        given(view).by(admin(900)).refuses(|view, cx| approve(view, word, cx))
    };
    assert_eq!(ask(&submitted(), &HostWord::default()), "not_eligible");
    let mut minor = submitted();
    minor.person.adult_on = None;
    assert_eq!(ask(&minor, &word()), "not_eligible", "the host's word at sign-up is what is kept");
    let mut banned = submitted();
    let scope = BanScope::Group { group: banned.program.group.clone() };
    let until = Some(days(1));
    banned.person.bans = vec![Ban { scope, case: id(48), since: start(), until }];
    assert_eq!(ask(&banned, &word()), "not_eligible", "and nothing tells it from a rule");
    banned.person.bans[0].until = Some(start());
    let after = given(&banned).by(admin(900)).does(|view, cx| approve(view, &word(), cx));
    assert_eq!(enrollments_in(&after.changes)[0].state.code(), "active");
    minor.program.state =
        ProgramState::WindingDown { since: start(), settled: false, archive_at: None };
    assert_eq!(ask(&minor, &word()), "program.not_open");
}

/// Nobody waits silently: a waitlist names the day on which somebody looks again.
#[test]
fn a_waitlist_has_a_date() {
    for bad in [start(), days(-1), days(367)] {
        let ask = |view: &EnrollmentView, cx: Cx<'_>| waitlist(view, slug("full"), bad, cx);
        assert!(given(&submitted()).by(admin(900)).refuses(ask).starts_with("input."));
    }
}

/// Answers may be corrected until they are decided on, and only by the person.
#[test]
fn answers_are_the_persons_until_decided() {
    let again = |view: &EnrollmentView, cx: Cx<'_>| resubmit(view, answers(Role::Mentor), cx);
    let question = Note::new("Which boats?").unwrap();
    let asked = in_state(EnrollmentState::NeedsInfo { since: start(), question });
    let decision = given(&asked).by(me(1)).does(again);
    assert_eq!(said(&decision.changes), ["enrollment.submitted > admins"]);
    assert!(said(&given(&submitted()).by(me(1)).does(again).changes).is_empty());
    let refusal = given(&enrolled()).by(me(1)).refuses(again);
    assert_eq!(refusal, state_error("enrollment", "active", "resubmit"));
    assert_eq!(given(&asked).by(admin(1)).refuses(again), "not_found");
}

/// A hold makes offers impossible and leaves pairs; it ends only for somebody whom the rules let in.
#[test]
fn a_hold_stops_what_is_new() {
    let mut view = enrolled();
    view.pairs.push(pair(active()));
    view.proposals = vec![offer(50, 1, 3), draft(51, 1, 4)];
    assert_eq!(given(&view).by(admin(900)).refuses(hold), "not_found");
    let decision = given(&view).by(staff()).does(hold);
    assert_eq!(proposals_in(&decision.changes).len(), 1);
    assert!(pairs_in(&decision.changes).is_empty());
    let held = in_state(enrollments_in(&decision.changes)[0].state.clone());
    let back =
        |word: HostWord| given(&held).by(staff()).tries(|view, cx| reinstate(view, &word, cx));
    assert_eq!(back(HostWord::default()).unwrap_err(), Refusal::NotEligible);
    let back = back(word()).unwrap();
    assert_eq!(enrollments_in(&back.changes)[0].state, EnrollmentState::Active { since: start() });
}

/// D29: somebody who is taken out loses pairs and offers with the neutral text, whatever the reason.
#[test]
fn being_taken_out_shows_no_reason() {
    for reason in ["left_group", "conduct"] {
        let mut view = enrolled();
        view.pairs.push(pair(active()));
        view.proposals.push(offer(50, 1, 3));
        let decision = given(&view).by(staff()).does(|view, cx| remove(view, slug(reason), cx));
        let said = said(&decision.changes);
        assert!(said.contains(&"pair.ended > p002".to_owned()), "{said:?}");
        let ended: Vec<_> =
            decision.changes.audit.iter().filter(|it| it.reason.is_some()).collect();
        assert_eq!(ended.len(), 1, "the reason stands at the enrolment only");
        assert_eq!(pairs_in(&decision.changes)[0].mentor.person, who(1));
    }
}

fn case() -> Holder {
    Holder::Case { case: id(48) }
}

/// The mentor's enrolment, held by these.
fn suspended(by: &[Holder]) -> EnrollmentState {
    let resume_to = Box::new(EnrollmentState::Active { since: start() });
    EnrollmentState::Suspended { since: start(), resume_to, held_by: by.iter().copied().collect() }
}

fn held(by: Holder) -> Held {
    Held { program: enrolled().program.id, by, since: start() }
}

fn kept(set: &ChangeSet) -> Option<Vec<Held>> {
    set.changes.iter().find_map(|it| match it {
        Change::Person(person) => Some(person.held.clone()),
        _ => None,
    })
}

/// Row 53: what holds an enrolment goes on when the person leaves it, or the group; nothing is kept of one that
/// nothing holds.
#[test]
fn row_53_a_hold_outlives_what_it_held() {
    let both = [Holder::Platform, case()];
    let view = in_state(suspended(&both));
    let left = given(&view).by(me(1)).does(enrollment::withdraw).changes;
    assert_eq!(kept(&left), Some(both.map(held).to_vec()));
    let left_group = |view: &EnrollmentView, cx: Cx<'_>| remove(view, slug("left_group"), cx);
    let gone = given(&view).by(host()).does(left_group).changes;
    assert_eq!(kept(&gone), Some(both.map(held).to_vec()));
    let decided = |view: &EnrollmentView, cx: Cx<'_>| remove(view, slug("conduct"), cx);
    let removed = given(&view).by(staff()).does(decided).changes;
    assert_eq!(kept(&removed), Some(vec![held(case())]), "the platform has decided");
    let free = given(&enrolled()).by(me(1)).does(enrollment::withdraw).changes;
    assert_eq!(kept(&free), None);
}

/// Row 53: a sign-up is held by what holds the other role, or held what the person left in the program, and by
/// nothing else; what it goes back to is what it would have been.
#[test]
fn row_53_a_sign_up_is_held_by_what_held_the_last_one() {
    let signs_up = |view: &EnrollmentView| {
        let set =
            given(view).by(me(1)).does(|view, cx| apply(view, sign_up(), &word(), cx)).changes;
        (enrollments_in(&set)[0].state.clone(), set)
    };
    let mut left = newcomer();
    left.person.held = vec![held(case())];
    let mut other = newcomer();
    other.others.push(before(suspended(&[case()]), Role::Mentee));
    for view in [&left, &other] {
        let (state, set) = signs_up(view);
        assert_eq!(state, suspended(&[case()]));
        assert_eq!(said(&set), ["enrollment.held > p001"]);
        let suspends = set.audit.iter().find(|it| it.action.as_str() == "enrollment.suspend");
        assert_eq!(suspends.unwrap().actor, ActorRef::nobody());
    }
    left.program.policy.approval = true;
    let (EnrollmentState::Suspended { resume_to, .. }, _) = signs_up(&left) else {
        panic!("it is held")
    };
    assert_eq!(*resume_to, EnrollmentState::Submitted { since: start() });
    left.program.policy.approval = false;
    left.person.held[0].program = id(77);
    assert_eq!(signs_up(&left).0.code(), "active", "elsewhere");
    left.person.held = vec![held(Holder::Platform), held(case())];
    let (state, set) = signs_up(&left);
    assert_eq!(state, suspended(&[Holder::Platform, case()]));
    assert!(
        said(&set).contains(&"hold.handed_over > staff".to_owned()),
        "nobody else lets go of it"
    );
}

/// What staff lets go of does not hold the next sign-up either; what a case holds does.
#[test]
fn row_53_staff_lets_go_of_what_it_held_for_good() {
    let mut view = in_state(suspended(&[Holder::Platform]));
    view.person.held = vec![held(Holder::Platform), held(case())];
    let back = given(&view).by(staff()).does(|view, cx| reinstate(view, &word(), cx)).changes;
    assert_eq!(kept(&back), Some(vec![held(case())]));
    let touched = Change::Touch(Key::Person(who(1)));
    let holds = given(&enrolled()).by(staff()).does(hold).changes;
    assert!(holds.changes.contains(&touched), "a sign-up in the other role meets it there");
}
