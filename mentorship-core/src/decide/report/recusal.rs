//! Who may not review a case (D13). Asked at every access, never remembered.

use std::collections::BTreeSet;

use chrono::Months;

use crate::{
    base::{host::PersonId, time::Timestamp},
    decide::{Cx, Refusal, access},
    model::{
        pair::Pair,
        relation::Relation,
        report::{Case, Tier},
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
    let past = tie.past.iter().map(|past| past.ended_at).chain(tie.relation.kept.paired_until);
    !tie.pairs.is_empty() || past.into_iter().any(|at| is_recent(at, now))
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
    let relations = relations.into_iter().filter(|it| {
        let partners = it.kept.paired_until.is_some_and(|at| is_recent(at, now));
        partners || blocks(it, is_staff)
    });
    let pairs =
        pairs.into_iter().filter(|it| it.state.over_at().is_none_or(|at| is_recent(at, now)));
    let met = pairs.flat_map(|it| [&it.mentor.person, &it.mentee.person]);
    let met = relations.flat_map(|it| [it.people.lo(), it.people.hi()]).chain(met);
    met.filter(|it| !keys.contains(it)).cloned().collect()
}

/// Whether a block counts. It does not against staff: else whoever is reported could take everybody away who would
/// decide (D9).
fn blocks(relation: &Relation, is_staff: bool) -> bool {
    !is_staff && relation.is_blocked()
}

/// What keeps `reviewer` from reviewing `case`.
#[must_use]
pub fn recusal(case: &Case, reviewer: &Reviewer, is_staff: bool, now: Timestamp) -> Recusal {
    let Reviewer { person, was, ties } = reviewer;
    let part = std::iter::once(person).chain(was).any(|it| case.involves(it));
    if part || ties.iter().any(|tie| blocks(&tie.relation, is_staff) || partners(tie, now)) {
        return Recusal::Full;
    }
    if case.matched_by.as_ref().is_some_and(|it| reviewer.is(it)) {
        Recusal::Soft
    } else {
        Recusal::No
    }
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
