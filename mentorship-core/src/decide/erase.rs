//! Erasing a person (D18 to D20): everything ends and every word of theirs goes, and then their key.
//!
//! Two writes. The first ends all that lives and takes out what the person wrote; the second puts a
//! pseudonym in the place of the key, and finds nothing that has begun anew in between. What a case has
//! copied is not touched by either: it is held as long as the case holds it, and goes by itself when that is
//! over ([`clock`](super::report::clock)), because by then its party has a pseudonym.

use serde::{Deserialize, Serialize};

use super::{
    Cx, Decision, Plan, Refusal, access, enrollment,
    pair::end_pair,
    plan::Happened,
    proposal::fall::invalidate,
    rename,
    report::{Recusal, Reviewer, recusal},
};
use crate::{
    base::{host::PersonId, id::CaseId, time::Timestamp},
    change::{Change, ERASE_KEY, Key},
    model::{
        answer::Answers,
        code::coded,
        enrollment::EnrollmentAct,
        message::MessageKind,
        pair::{EndKind, EndedBy, Pair, PairEnd},
        person::Person,
        proposal::Invalidity,
        report::{Case, CaseState, Party},
    },
    policy::{
        actor::{Actor, Hat},
        permission::Action,
    },
    view::{ErasureView, GoneView},
};

coded! {
    /// What of an erased person's is kept for a while.
    pub enum KeptClass {
        /// Sealed copies in a report case: nobody but its reviewers reads them.
        CaseEvidence = "case_evidence",
    }
}

coded! {
    /// Why something is kept.
    pub enum Basis {
        /// The case is not decided.
        OpenCase = "open_case",
        /// The case is decided, and either side may appeal.
        AppealWindow = "appeal_window",
        /// Somebody has appealed.
        Appeal = "appeal",
    }
}

/// Something of an erased person's that is kept for a while (D19).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What.
    pub class: KeptClass,
    /// The case that needs it.
    pub case: CaseId,
    /// Why.
    pub basis: Basis,
    /// When it is looked at again. It goes by itself once the case is over.
    pub review_at: Timestamp,
}

/// What became of an erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// What stands in the place of the person's key.
    pub pseudonym: PersonId,
    /// What is kept for a while. A person who asks for themselves is told of the cases that they know of:
    /// their own reports, and those in which something was done to them. Of others they never hear (D14).
    pub kept: Vec<Kept>,
}

/// What a case holds of somebody's words, as far as `actor` may know that there is a case. To staff whom something
/// recuses there is none (D13): `staff` says who they are, if whoever acts is one of them.
#[must_use]
pub fn kept(
    case: &Case,
    person: &PersonId,
    (actor, staff): (&Actor, Option<&Reviewer>),
    now: Timestamp,
) -> Option<Kept> {
    let party = case.party(person)?;
    let basis = match &case.state {
        CaseState::Submitted { .. }
        | CaseState::Triaged { .. }
        | CaseState::InReview { .. }
        | CaseState::WaitingInfo { .. } => Basis::OpenCase,
        CaseState::Decided { .. } => Basis::AppealWindow,
        CaseState::Appealed { .. } | CaseState::AppealDecided { .. } => Basis::Appeal,
        CaseState::Closed { .. } => return None,
    };
    let may_know = match actor.hat() {
        Hat::Person(_) => match party {
            Party::Reporter => true,
            Party::Subject => case.is_told(),
            Party::Witness { .. } => false,
        },
        Hat::Staff(_) => staff.is_some_and(|it| recusal(case, it, true, now) != Recusal::Full),
        Hat::Host | Hat::Clock => true,
        Hat::GroupAdmin { .. } => false,
    };
    let (class, review_at) = (KeptClass::CaseEvidence, case.review_at());
    may_know.then_some(Kept { class, case: case.id, basis, review_at })
}

/// Whether `actor` may erase this person: the person for themselves, the platform for anybody.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else.
pub fn permitted(person: &PersonId, cx: &Cx<'_>) -> Result<(), Refusal> {
    access::to_own(cx, Action::ErasePerson, person)
}

/// The person leaves everything at once, and what they wrote goes with them (D18). Pairs end with the neutral
/// text; what their partners wrote stays as it is. What they said about others stays too: whoever they block
/// stays away from them, should they come back (D10). So does what was decided about them: bans, muting, and
/// what holds what they took part in.
/// Nothing is written for somebody who took part in nothing.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but the person and the platform.
pub fn leave(view: &ErasureView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let person = &view.now.person;
    permitted(&person.id, &cx)?;
    let unknown = person.version.is_new() && view.enrollments.is_empty() && view.now.is_empty();
    if unknown {
        return Ok(Plan::bare(cx).reply(()));
    }
    let mut plan = Plan::on(cx, view);
    plan.record(Happened::new("person.erase", Key::Person(person.id.clone())).private());
    for proposal in &view.now.proposals {
        invalidate(&mut plan, proposal.clone(), Invalidity::Unavailable)?;
    }
    for pair in &view.now.pairs {
        let pair = silenced(&mut plan, pair, &person.id);
        // It is nobody's wish that this pair ends: both keep what such an end leaves them.
        let (kind, by) = (EndKind::AccountGone, EndedBy::Platform);
        end_pair(&mut plan, pair, PairEnd { kind, shared: false, note: None, by })?;
    }
    for pair in view.pairs.iter().filter(|pair| pair.cleared_at.is_none()) {
        let pair = silenced(&mut plan, pair, &person.id);
        plan.put(Change::Pair(pair));
    }
    let mut person = person.clone();
    for place in &view.now.enrollments {
        let mut place = place.clone();
        person.keep_holds(&place, cx.now);
        let act = EnrollmentAct::Withdraw;
        enrollment::advance(&mut plan, &mut place, act, "enrollment.withdraw")?;
        enrollment::forget(&mut place);
        plan.put(Change::Enrollment(place));
    }
    for place in view.enrollments.iter().filter(|it| it.answers != Answers::new()) {
        let mut place = place.clone();
        enrollment::forget(&mut place);
        plan.put(Change::Enrollment(place));
    }
    let nothing = Person::unknown(person.id.clone());
    let Person { bans, mute, turned_away, held, looked_back, version, .. } = person;
    let kept = Person { bans, mute, turned_away, held, looked_back, version, ..nothing };
    plan.put(Change::Person(kept));
    Ok(plan.reply(()))
}

/// The pair without what the person wrote there.
fn silenced(plan: &mut Plan<'_>, pair: &Pair, person: &PersonId) -> Pair {
    let mut pair = pair.clone();
    if let Some(side) = pair.side_of(person) {
        pair.silence(side);
        let (id, at) = (pair.id, plan.cx().now);
        plan.put(Change::ClearPair { pair: id, by: Some(side), at });
    }
    pair
}

/// A pseudonym takes the place of the key of somebody who takes part in nothing any more.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but the person and the platform, and if nothing in the tenant knows the
/// key; [`Refusal::TakesPart`] if they have begun something since they left.
pub fn pseudonym(view: &GoneView, cx: Cx<'_>) -> Result<Decision<PersonId>, Refusal> {
    permitted(&view.rename.from.id, &cx)?;
    if !view.rename.from_known {
        return Err(Refusal::NotFound);
    }
    // Also what the host has told of them since.
    let Person {
        id: _,
        adult_on,
        zone,
        reminders_off,
        reminded,
        bans: _,
        mute: _,
        turned_away: _,
        held: _,
        looked_back: _,
        version: _,
    } = &view.now.person;
    let told = adult_on.is_some() || zone.is_some() || *reminders_off || !reminded.is_empty();
    if told || !view.now.is_empty() {
        return Err(Refusal::TakesPart);
    }
    let mut plan = Plan::on(cx, view);
    // Nothing in this set is renamed: whoever erases themselves would stand there by the key that goes, beside
    // the pseudonym that comes.
    plan.sign(cx.actor.to_ref().person.as_ref() != Some(&view.rename.from.id));
    rename::put(&mut plan, &view.rename, ERASE_KEY, MessageKind::PersonKeyErased)?;
    Ok(plan.reply(view.rename.to.id.clone()))
}
