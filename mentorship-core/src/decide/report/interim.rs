//! Interim measures: what a reviewer does while a case is open, and what becomes of it.
//!
//! What shows outside of the case is what anybody sees who never heard of it: the neutral text of a freeze or
//! a hold, and of content that it is gone. It is recorded there as by nobody, since a recused admin reads
//! that too (I9).

use std::collections::BTreeSet;

use super::{event, recusal::assigned, step_back, step_out};
use crate::{
    base::{
        id::{EnrollmentId, PairId, ProgramId},
        input::{InputError, Problem, at_most},
    },
    change::{Change, Key},
    decide::{
        Cx, Decision, Plan, Refusal, access,
        content::Piece,
        enrollment::{
            drop_offers,
            review::{hold_now, release_now},
            store_person,
        },
        pair::halt::{freeze_now, hand_freeze_over, unfreeze_now},
        plan::Say,
        refusal::code,
    },
    eligibility::age::is_adult,
    model::{
        code::TransitionError,
        enrollment::{EnrollmentAct, EnrollmentState},
        holder::Holder,
        message::MessageKind,
        pair::Pair,
        person::Person,
        report::{Case, Content, Interim, InterimAsk, InterimMeasure},
    },
    policy::{actor::Hat, permission::Action},
    view::{CaseView, Reach},
};

/// Most interim measures on the record of a case, lifted ones too.
pub const INTERIM_MAX: usize = 200;

/// What was decided has taken away for good: nothing of it is held any more.
#[derive(Clone, Debug, Default)]
pub(super) struct Gone {
    pub(super) pairs: BTreeSet<PairId>,
    pub(super) places: BTreeSet<EnrollmentId>,
    pub(super) content: bool,
}

/// Whoever works the case, while it is worked.
fn works(view: &CaseView, cx: &Cx<'_>, act: &'static str) -> Result<(), Refusal> {
    assigned(view, cx)?;
    access::to_cases(cx.actor, Action::HoldInCase, Some(&view.program), true)?;
    match view.case.state.assignee() {
        Some(_) => Ok(()),
        None => Err(TransitionError { record: "case", from: view.case.state.code(), act }.into()),
    }
}

fn nothing(rule: &'static str) -> Refusal {
    InputError::new("interim", Problem::Conflict { rule }).into()
}

/// Whether a live pair of the subject's is the one that the case is about: the one in it, and what the two
/// have going on in its program. Where nobody has reported, all of them are.
pub(super) fn is_about(case: &Case, pair: &Pair) -> bool {
    let Some(reporter) = &case.reporter else { return true };
    let both = pair.program == case.program && pair.side_of(reporter).is_some();
    case.pair == Some(pair.id) || both
}

/// Whether an enrolment of the subject's is one that the case is about: in its program; where nobody has
/// reported, in any.
pub(super) fn is_in(case: &Case, program: ProgramId) -> bool {
    case.reporter.is_none() || case.program == program
}

/// A pair that the case reaches into.
pub(super) fn inside(view: &CaseView, pair: PairId) -> Option<&Reach> {
    view.reach.iter().find(|it| it.pair.pair.id == pair)
}

fn is_by_subject(view: &CaseView, pair: &Pair, piece: &Piece) -> bool {
    match piece {
        Piece::Post(it) => it.author == view.case.subject,
        Piece::CheckIn(it) => pair.participant(it.side).person == view.case.subject,
        Piece::Introduction(_, it) => it.person == view.case.subject,
        Piece::Ending(side, ..) => pair.participant(*side).person == view.case.subject,
    }
}

/// Freezes the pair that the case is about.
fn freeze(plan: &mut Plan<'_>, view: &CaseView) -> Result<Vec<InterimMeasure>, Refusal> {
    let holder = view.case.holder();
    let about: Vec<_> =
        view.subject.pairs.iter().filter(|pair| is_about(&view.case, pair)).collect();
    if about.is_empty() {
        return Err(nothing("the case is about a pair that lives"));
    }
    let mut taken = Vec::new();
    for pair in about.into_iter().filter(|pair| !pair.state.is_held_by(holder)) {
        freeze_now(plan, pair, holder)?;
        taken.push(InterimMeasure::FreezePair { pair: pair.id });
    }
    Ok(taken)
}

/// Suspends what the subject takes part as in the program; offers to them fall.
fn suspend(plan: &mut Plan<'_>, view: &CaseView) -> Result<Vec<InterimMeasure>, Refusal> {
    let holder = view.case.holder();
    let here = view.subject.enrollments.iter().filter(|it| is_in(&view.case, it.program));
    let places: Vec<_> = here.collect();
    if places.is_empty() {
        return Err(nothing("the subject takes part in the program"));
    }
    let mut taken = Vec::new();
    for place in places.into_iter().filter(|place| !place.state.is_held_by(holder)) {
        let mut place = place.clone();
        hold_now(plan, &mut place, holder)?;
        taken.push(InterimMeasure::SuspendEnrollment { enrollment: place.id });
        plan.put(Change::Enrollment(place));
    }
    if !taken.is_empty() {
        let here = view.subject.proposals.iter().filter(|it| is_in(&view.case, it.program));
        drop_offers(plan, &here.cloned().collect::<Vec<_>>())?;
        // A sign-up at the same time meets it here.
        plan.touch(Key::Person(view.subject.person.id.clone()), view.subject.person.version);
    }
    Ok(taken)
}

/// Withdraws something that the subject wrote in the pair that the case is about.
fn withdraw(
    plan: &mut Plan<'_>,
    view: &CaseView,
    content: Content,
) -> Result<Vec<InterimMeasure>, Refusal> {
    let reach = inside(view, content.pair()).filter(|_| view.case.pair == Some(content.pair()));
    let reach = reach.ok_or(Refusal::NotFound)?;
    let pair = &reach.pair.pair;
    let piece = Piece::find(reach, &content).filter(|it| is_by_subject(view, pair, it));
    let piece = piece.ok_or(Refusal::NotFound)?;
    if !piece.speaks() {
        return Err(nothing("what is withdrawn is not removed yet"));
    }
    let holder = view.case.holder();
    if piece.is_held_by(holder) {
        return Ok(Vec::new());
    }
    piece.hide(holder, plan.cx().now).put(plan, pair, "pair.withhold");
    Ok(vec![InterimMeasure::WithdrawContent { content }])
}

/// Whoever works a case takes an interim measure. Taking it again changes nothing.
///
/// # Errors
/// [`Refusal::NotFound`] for whoever the case is not for and for content that is not the subject's or stands
/// elsewhere, [`Refusal::ConflictOfInterest`] for an admin who made the match, [`Refusal::NotAssigned`] for
/// whoever does not work the case, a state error unless it is in review, whether or not it waits for an
/// answer, an input error where there is nothing to hold and after [`INTERIM_MAX`] measures.
pub fn take_interim(view: &CaseView, ask: InterimAsk, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    works(view, &cx, "take_interim")?;
    let mut case = view.case.clone();
    let mut plan = Plan::on(cx, view);
    step_out(&mut plan, &case);
    let taken = match ask {
        InterimAsk::FreezePair => freeze(&mut plan, view)?,
        InterimAsk::SuspendEnrollments => suspend(&mut plan, view)?,
        InterimAsk::WithdrawContent { content } => withdraw(&mut plan, view, content)?,
    };
    step_back(&mut plan);
    if taken.is_empty() {
        return Ok(Plan::on(cx, view).reply(()));
    }
    at_most("interim", case.interim.len() + taken.len(), INTERIM_MAX, "measures")?;
    let by = cx.actor.who().cloned();
    for measure in taken {
        plan.record(event("case.take_interim", &case).because(code(measure.code())));
        case.interim.push(Interim { measure, by: by.clone(), since: cx.now, lifted_at: None });
    }
    plan.put(Change::from(case));
    Ok(plan.reply(()))
}

/// Whoever works a case lifts an interim measure. Lifting what does not hold changes nothing.
///
/// # Errors
/// As [`take_interim`], but for what there is to hold; [`Refusal::NotEligible`] to staff for what would go on
/// while somebody is not known to be an adult. To an admin nothing tells of that: the platform holds it then.
pub fn lift_interim(view: &CaseView, ask: InterimAsk, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    works(view, &cx, "lift_interim")?;
    let mut case = view.case.clone();
    let mut plan = Plan::on(cx, view);
    if !case.in_force().any(|it| ask.is(&it)) {
        return Ok(plan.reply(()));
    }
    let mut subject = view.subject.person.clone();
    lift(&mut plan, view, (&mut case, &mut subject), |it| ask.is(it), &Gone::default())?;
    store_subject(&mut plan, view, subject);
    plan.put(Change::from(case));
    Ok(plan.reply(()))
}

/// Lifts everything that the case holds, but for what is gone; the caller writes the case and its subject.
pub(super) fn let_go(
    plan: &mut Plan<'_>,
    view: &CaseView,
    (case, subject): (&mut Case, &mut Person),
    gone: &Gone,
) -> Result<(), Refusal> {
    lift(plan, view, (case, subject), |_| true, gone)
}

/// Writes what changed of what is kept of the subject.
pub(super) fn store_subject(plan: &mut Plan<'_>, view: &CaseView, subject: Person) {
    if subject != view.subject.person {
        store_person(plan, &view.subject.person, subject);
    }
}

fn lift(
    plan: &mut Plan<'_>,
    view: &CaseView,
    (case, subject): (&mut Case, &mut Person),
    which: impl Fn(&InterimMeasure) -> bool,
    gone: &Gone,
) -> Result<(), Refusal> {
    let now = plan.cx().now;
    let mut lifted = Vec::new();
    for interim in &mut case.interim {
        if interim.lifted_at.is_none() && which(&interim.measure) {
            interim.lifted_at = Some(now);
            lifted.push(interim.measure);
        }
    }
    let mut suspends = false;
    for measure in &lifted {
        plan.record(event("case.lift_interim", case).because(code(measure.code())));
        step_out(plan, case);
        match measure {
            InterimMeasure::FreezePair { pair } => thaw(plan, view, *pair, gone)?,
            InterimMeasure::WithdrawContent { content } if !gone.content => {
                show_again(plan, view, content);
            }
            InterimMeasure::WithdrawContent { .. } => {}
            // Each of them holds whatever the subject has signed up for since as well.
            InterimMeasure::SuspendEnrollment { .. } => suspends = true,
        }
        step_back(plan);
    }
    if suspends {
        step_out(plan, case);
        reinstate(plan, view, gone)?;
        step_back(plan);
        subject.held.retain(|it| it.by != case.holder());
    }
    Ok(())
}

/// Whether this is a case about the subject's age and they are not known to be an adult: nothing that it held goes
/// on, whatever else holds it too (D23).
fn is_open_age(plan: &mut Plan<'_>, view: &CaseView) -> bool {
    let person = &view.subject.person;
    if view.case.reporter.is_some() {
        return false;
    }
    // Their age must hold as it lands.
    plan.touch(Key::Person(person.id.clone()), person.version);
    !is_adult(person.adult_on, person.zone, plan.cx().now)
}

/// What is refused to staff because of somebody's age tells everybody else of it (D23): for them it goes on under
/// the platform's hand.
fn may_know_why(plan: &Plan<'_>) -> bool {
    matches!(plan.cx().actor.hat(), Hat::Staff(_))
}

/// Lets go of a pair, if it is still held.
fn thaw(plan: &mut Plan<'_>, view: &CaseView, pair: PairId, gone: &Gone) -> Result<(), Refusal> {
    let holder = view.case.holder();
    let held = inside(view, pair).filter(|it| it.pair.pair.state.is_held_by(holder));
    let Some(reach) = held.filter(|_| !gone.pairs.contains(&pair)) else { return Ok(()) };
    if is_open_age(plan, view) {
        return Err(Refusal::NotEligible);
    }
    match unfreeze_now(plan, &reach.pair, holder) {
        Err(Refusal::NotEligible) if !may_know_why(plan) => {
            hand_freeze_over(plan, &reach.pair.pair, holder)
        }
        done => done,
    }
}

/// Lets go of what the subject takes part in.
fn reinstate(plan: &mut Plan<'_>, view: &CaseView, gone: &Gone) -> Result<(), Refusal> {
    let (holder, person) = (view.case.holder(), &view.subject.person);
    let held = view.subject.enrollments.iter().filter(|it| it.state.is_held_by(holder));
    for place in held.filter(|it| !gone.places.contains(&it.id)) {
        if is_open_age(plan, view) {
            return Err(Refusal::NotEligible);
        }
        let (mut place, now) = (place.clone(), plan.cx().now);
        let after = place.state.next(EnrollmentAct::Reinstate { by: holder }, now)?;
        let adult = is_adult(person.adult_on, person.zone, now);
        if matches!(after, EnrollmentState::Active { .. }) && !adult {
            if may_know_why(plan) {
                return Err(Refusal::NotEligible);
            }
            hold_now(plan, &mut place, Holder::Platform)?;
            plan.say(Say::to_staff(MessageKind::HoldHandedOver).program(place.program));
        }
        release_now(plan, &mut place, holder)?;
        // Their age must hold as it lands.
        plan.touch(Key::Person(person.id.clone()), person.version);
        plan.put(Change::Enrollment(place));
    }
    Ok(())
}

/// Shows a piece of what was written again, if it is still held.
fn show_again(plan: &mut Plan<'_>, view: &CaseView, content: &Content) {
    let found = inside(view, content.pair());
    let found = found.and_then(|reach| Some((reach, Piece::find(reach, content)?)));
    let Some((reach, piece)) = found else { return };
    let holder = view.case.holder();
    if piece.is_held_by(holder) {
        piece.show(holder).put(plan, &reach.pair.pair, "pair.show_again");
    }
}

/// Removes for good what was reported, and what the case withdrew.
///
/// # Errors
/// An input error if the case is about nothing that was written.
pub(super) fn remove_content(plan: &mut Plan<'_>, view: &CaseView) -> Result<(), Refusal> {
    let contents = view.case.contents(None);
    if contents.is_empty() {
        let rule = "there is content that was reported or withdrawn";
        return Err(InputError::new("measures", Problem::Conflict { rule }).into());
    }
    let now = plan.cx().now;
    for content in &contents {
        let found = inside(view, content.pair());
        let found = found.and_then(|reach| Some((reach, Piece::find(reach, content)?)));
        // What was sent again without words says nothing, and is withheld still.
        let holder = view.case.holder();
        let is_any = |piece: &Piece| piece.speaks() || piece.is_held_by(holder);
        if let Some((reach, piece)) = found.filter(|(_, piece)| is_any(piece)) {
            let pair = &reach.pair.pair;
            piece.removed(pair, now).put(plan, pair, "pair.remove_content");
        }
    }
    Ok(())
}
