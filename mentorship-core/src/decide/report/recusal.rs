//! Who may not review a case (D13). Asked at every access, never remembered. A table of its own, since it is about what
//! stands between people, and not about what they are to a record or what there is to be seen.

use std::collections::BTreeSet;

use chrono::Months;

use crate::{
    base::{host::PersonId, time::Timestamp},
    decide::{Cx, Refusal, access},
    model::{
        code::coded,
        pair::Pair,
        relation::Relation,
        report::{Case, CaseState, Tier},
    },
    policy::{
        actor::Hat,
        permission::{Action, Standing},
    },
    view::{CaseView, RelationView},
};

/// For how long whoever was somebody's partner does not review what concerns them.
const PARTNER_MONTHS: u32 = 12;

/// Whether something keeps somebody from reviewing a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recusal {
    /// Nothing.
    No,
    /// They made the match: they may see the case and hand it on, not work it.
    Soft,
    /// For them there is no case.
    Full,
}

coded! {
    /// What may keep somebody from reviewing a case.
    pub enum Reason {
        /// They reported it, or it is about them.
        Party = "party",
        /// Their words are in it, or their own report was found to be the same.
        Witness = "witness",
        /// A block stands between them and one of the two, whoever has said it.
        Block = "block",
        /// They are the partner of one of the two.
        Partner = "partner",
        /// They were within the year.
        PastPartner = "past_partner",
        /// They made the match that it is about.
        Match = "match",
    }
}

/// What each reason does, to an admin and to staff. A block does not keep staff away: else whoever is reported could
/// take everybody away who would decide (D9).
pub const TABLE: &[(Reason, [Recusal; 2])] = &[
    (Reason::Party, [Recusal::Full, Recusal::Full]),
    (Reason::Witness, [Recusal::Full, Recusal::Full]),
    (Reason::Block, [Recusal::Full, Recusal::No]),
    (Reason::Partner, [Recusal::Full, Recusal::Full]),
    (Reason::PastPartner, [Recusal::Full, Recusal::Full]),
    (Reason::Match, [Recusal::Soft, Recusal::Soft]),
];

/// What the table says; of a reason without a row, that it keeps away.
fn does(reason: Reason, is_staff: bool) -> Recusal {
    let row = TABLE.iter().find(|(it, _)| *it == reason);
    row.map_or(Recusal::Full, |(_, [admin, staff])| if is_staff { *staff } else { *admin })
}

/// Somebody who could review a case, with what stands between them and the two it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewer {
    /// Who.
    pub person: PersonId,
    /// The keys that they had before, as far as they are found: nobody is another one by being erased.
    pub was: Vec<PersonId>,
    /// What stands between them, under each of their keys, and the reporter, and the subject, where they are two.
    pub ties: Vec<RelationView>,
}

impl Reviewer {
    /// Whether this is, or was, one of their keys.
    #[must_use]
    pub fn is(&self, person: &PersonId) -> bool {
        self.person == *person || self.was.contains(person)
    }
}

/// Whether the two of a tie are, or were within the year, partners.
#[must_use]
pub fn partners(tie: &RelationView, now: Timestamp) -> bool {
    !tie.pairs.is_empty() || were_partners(tie, now)
}

fn were_partners(tie: &RelationView, now: Timestamp) -> bool {
    let mut past = tie.past.iter().map(|past| past.ended_at).chain(tie.relation.kept.paired_until);
    past.any(|at| is_recent(at, now))
}

/// Whether whoever was a partner until then counts as one.
fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    let since = now.checked_sub_months(Months::new(PARTNER_MONTHS));
    since.is_none_or(|since| at >= since)
}

/// Those with whom a reviewer, who had or has these keys, has to do: of cases of and about them they review
/// nothing. The same as what [`recusal`] finds between them and one case, from all relations and pairs of these keys.
#[must_use]
pub fn kept_apart<'r>(
    keys: &[&PersonId],
    relations: impl IntoIterator<Item = &'r Relation>,
    pairs: impl IntoIterator<Item = &'r Pair>,
    (is_staff, now): (bool, Timestamp),
) -> BTreeSet<PersonId> {
    let keeps = |reason| does(reason, is_staff) == Recusal::Full;
    let relations = relations.into_iter().filter(|it| {
        let partners = it.kept.paired_until.is_some_and(|at| is_recent(at, now));
        partners && keeps(Reason::PastPartner) || it.is_blocked() && keeps(Reason::Block)
    });
    let pairs = pairs.into_iter().filter(|it| match it.state.over_at() {
        Some(at) => is_recent(at, now) && keeps(Reason::PastPartner),
        None => keeps(Reason::Partner),
    });
    let met = pairs.flat_map(|it| [&it.mentor.person, &it.mentee.person]);
    let met = relations.flat_map(|it| [it.people.lo(), it.people.hi()]).chain(met);
    met.filter(|it| !keys.contains(it)).cloned().collect()
}

/// What keeps `reviewer` from reviewing `case`.
#[must_use]
pub fn recusal(case: &Case, reviewer: &Reviewer, is_staff: bool, now: Timestamp) -> Recusal {
    let Reviewer { person, was, ties } = reviewer;
    let holds = |reason: &Reason| match reason {
        Reason::Party => case.two().any(|it| reviewer.is(it)),
        Reason::Witness => std::iter::once(person).chain(was).any(|it| case.involves(it)),
        Reason::Block => ties.iter().any(|tie| tie.relation.is_blocked()),
        Reason::Partner => ties.iter().any(|tie| !tie.pairs.is_empty()),
        Reason::PastPartner => ties.iter().any(|tie| were_partners(tie, now)),
        Reason::Match => case.matched_by.as_ref().is_some_and(|it| reviewer.is(it)),
    };
    let reasons = Reason::ALL.iter().copied().filter(holds);
    reasons.map(|it| does(it, is_staff)).max().unwrap_or(Recusal::No)
}

/// Whether a case is one for whoever acts, who had the keys `was` before, and whether they may do more than see it.
///
/// # Errors
/// [`Refusal::NotFound`] for everybody else: for them there is no case.
pub fn review(
    case: &Case,
    program: &crate::model::program::Program,
    (was, ties): (&[PersonId], &[RelationView]),
    cx: &Cx<'_>,
) -> Result<(Standing, Recusal), Refusal> {
    let (person, is_staff, at_tier) = match cx.actor.hat() {
        Hat::GroupAdmin { person, .. } => (person, false, case.tier.is_groups()),
        Hat::Staff(person) => (person, true, case.tier.is_platforms()),
        Hat::Person(_) | Hat::Host | Hat::Clock => return Err(Refusal::NotFound),
    };
    let reviewer = Reviewer { person: person.clone(), was: was.to_vec(), ties: ties.to_vec() };
    let recusal = recusal(case, &reviewer, is_staff, cx.now);
    let unrecused = at_tier && recusal != Recusal::Full;
    Ok((access::to_cases(cx.actor, Action::ReviewCases, Some(program), unrecused)?, recusal))
}

/// Whether a case, at whatever tier, is not there for the member of staff who acts.
#[must_use]
pub fn is_hidden_from_staff(view: &CaseView, cx: &Cx<'_>) -> bool {
    let Some(person) = cx.actor.who() else { return false };
    let (was, ties) = (view.was.clone(), view.ties.clone());
    let reviewer = Reviewer { person: person.clone(), was, ties };
    recusal(&view.case, &reviewer, true, cx.now) == Recusal::Full
}

/// The same of a loaded case.
pub(super) fn reviewing(
    view: &CaseView,
    cx: &Cx<'_>,
) -> Result<(Standing, Recusal, PersonId), Refusal> {
    let (standing, recusal) = review(&view.case, &view.program, (&view.was, &view.ties), cx)?;
    let person = cx.actor.who().cloned().ok_or(Refusal::NotFound)?;
    Ok((standing, recusal, person))
}

/// Whether somebody who may see a case may work it as well.
///
/// # Errors
/// [`Refusal::ConflictOfInterest`] for whoever made the match, [`Refusal::NotAssigned`] for staff while the
/// group works it.
pub fn works(case: &Case, standing: Standing, recusal: Recusal) -> Result<(), Refusal> {
    if recusal != Recusal::No {
        return Err(Refusal::ConflictOfInterest);
    }
    if standing == Standing::Staff && case.tier != Tier::Platform {
        return Err(Refusal::NotAssigned);
    }
    Ok(())
}

/// Whoever may work the case: an unrecused admin while it is the group's, staff once it is the platform's
/// alone.
pub(super) fn working(view: &CaseView, cx: &Cx<'_>) -> Result<(Standing, PersonId), Refusal> {
    let (standing, recusal, person) = reviewing(view, cx)?;
    works(&view.case, standing, recusal)?;
    Ok((standing, person))
}

/// Whoever works the case now.
pub(super) fn assigned(view: &CaseView, cx: &Cx<'_>) -> Result<(Standing, PersonId), Refusal> {
    let (standing, person) = working(view, cx)?;
    match view.case.state.assignee() {
        Some(assignee) if *assignee == person => Ok((standing, person)),
        Some(_) => Err(Refusal::NotAssigned),
        // Whether its state takes the act at all says the table of states.
        None => Ok((standing, person)),
    }
}

/// Whether somebody, under any of their keys, has decided a case first: they do not decide on an appeal.
pub(super) fn has_decided(view: &CaseView, person: &PersonId) -> bool {
    let first = view.case.decision.as_ref().map(|it| &it.by);
    first.is_some_and(|by| by == person || view.was.contains(by))
}

/// Whoever a case is assigned to, and nobody else; where somebody has appealed, whoever may decide on that.
pub(super) fn at_work(view: &CaseView, cx: &Cx<'_>) -> Result<Standing, Refusal> {
    let (standing, person) = working(view, cx)?;
    let is_theirs = match &view.case.state {
        CaseState::InReview { assignee, .. } | CaseState::WaitingInfo { assignee, .. } => {
            *assignee == person
        }
        CaseState::Appealed { .. } => !has_decided(view, &person),
        CaseState::Submitted { .. }
        | CaseState::Triaged { .. }
        | CaseState::Decided { .. }
        | CaseState::AppealDecided { .. }
        | CaseState::Closed { .. } => false,
    };
    if is_theirs { Ok(standing) } else { Err(Refusal::NotAssigned) }
}
