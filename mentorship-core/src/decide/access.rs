//! What an actor is to a record, and whether the table lets them.

use super::{Cx, Refusal};
use crate::{
    base::{host::PersonId, time::Timestamp},
    eligibility::age::is_adult,
    model::{
        enrollment::{Enrollment, Role},
        pair::Pair,
        person::Person,
        program::{Oversight, Program},
        proposal::Proposal,
        relation::Relation,
    },
    policy::{
        actor::{Actor, Hat},
        permission::{Action, Circumstances, Standing, allows},
    },
};

fn standing(actor: &Actor, program: Option<&Program>, side: Option<Role>) -> Standing {
    match actor.hat() {
        Hat::Staff(_) => Standing::Staff,
        Hat::Host => Standing::Host,
        Hat::Clock => Standing::Clock,
        Hat::GroupAdmin { group, .. } => match program {
            Some(program) if program.group == *group => Standing::Admin,
            // An admin of another group has no rights here at all, not even those of a member.
            Some(_) | None => Standing::Third,
        },
        Hat::Person(_) => match side {
            Some(Role::Mentor) => Standing::Mentor,
            Some(Role::Mentee) => Standing::Mentee,
            None => Standing::Third,
        },
    }
}

fn permit(action: Action, standing: Standing, program: &Program) -> Result<Standing, Refusal> {
    permit_when(
        action,
        standing,
        Circumstances { open: program.state.is_public(), ..Circumstances::default() },
    )
}

fn permit_when(
    action: Action,
    standing: Standing,
    circumstances: Circumstances,
) -> Result<Standing, Refusal> {
    if allows(action, standing, circumstances) { Ok(standing) } else { Err(Refusal::NotFound) }
}

/// What concerns no record: own blocks, own events, the host's reports.
///
/// # Errors
/// [`Refusal::NotFound`] if the table says no.
pub fn to_tenant(cx: &Cx<'_>, action: Action) -> Result<Standing, Refusal> {
    permit_when(action, standing(cx.actor, None, None), Circumstances::default())
}

/// What somebody does with what is their own, and the platform for them.
///
/// # Errors
/// [`Refusal::NotFound`] for whoever acts for themselves and is somebody else, for an admin, and if the table
/// says no.
pub fn to_own(cx: &Cx<'_>, action: Action, person: &PersonId) -> Result<(), Refusal> {
    to_tenant(cx, action)?;
    match cx.actor.hat() {
        Hat::Person(me) if me != person => Err(Refusal::NotFound),
        Hat::GroupAdmin { .. } => Err(Refusal::NotFound),
        Hat::Person(_) | Hat::Staff(_) | Hat::Host | Hat::Clock => Ok(()),
    }
}

/// Making a program for the actor's own group.
///
/// # Errors
/// [`Refusal::NotFound`] unless the actor is a group admin.
pub fn to_new_program(
    actor: &Actor,
    group: &crate::base::host::GroupId,
) -> Result<PersonId, Refusal> {
    match actor.hat() {
        Hat::GroupAdmin { person, group: own }
            if own == group
                && allows(Action::ManageProgram, Standing::Admin, Circumstances::default()) =>
        {
            Ok(person.clone())
        }
        Hat::GroupAdmin { .. } | Hat::Person(_) | Hat::Staff(_) | Hat::Host | Hat::Clock => {
            Err(Refusal::NotFound)
        }
    }
}

/// On a program.
///
/// # Errors
/// [`Refusal::NotFound`] if the table says no.
pub fn to_program(actor: &Actor, program: &Program, action: Action) -> Result<Standing, Refusal> {
    permit(action, standing(actor, Some(program), None), program)
}

/// On the directory of a program: for who acts for themselves, and for its admins.
///
/// # Errors
/// [`Refusal::NotFound`] if the table says no, and for an admin of another group, who is no member here.
pub fn to_directory(actor: &Actor, program: &Program) -> Result<Standing, Refusal> {
    let standing = to_program(actor, program, Action::ViewDirectory)?;
    let stranger = actor.official().is_some() && standing != Standing::Admin;
    if stranger { Err(Refusal::NotFound) } else { Ok(standing) }
}

/// Whether the directory shows somebody to the group. Nothing that its admins or the person themselves cannot read of
/// the enrolment takes anybody out.
#[must_use]
pub fn in_directory(person: &Person, enrollment: &Enrollment, now: Timestamp) -> bool {
    enrollment.is_in_directory() && is_adult(person.adult_on, person.zone, now)
}

/// On an enrolment.
///
/// # Errors
/// [`Refusal::NotFound`] if the table says no.
pub fn to_enrollment(
    actor: &Actor,
    program: &Program,
    enrollment: &Enrollment,
    action: Action,
) -> Result<Standing, Refusal> {
    let side = (actor.as_person() == Some(&enrollment.person)).then_some(enrollment.role);
    permit(action, standing(actor, Some(program), side), program)
}

/// On a proposal. To the two themselves a proposal exists only once it was offered.
///
/// # Errors
/// [`Refusal::NotFound`] if the table says no.
pub fn to_proposal(
    actor: &Actor,
    program: &Program,
    proposal: &Proposal,
    action: Action,
) -> Result<Standing, Refusal> {
    let visible = proposal.was_offered();
    let side = actor.as_person().filter(|_| visible).and_then(|person| proposal.side_of(person));
    permit(action, standing(actor, Some(program), side), program)
}

/// On a pair. The admin reads it only if both consented to supervision and the program still
/// supervises (D33).
///
/// # Errors
/// [`Refusal::NotFound`] if the table says no.
pub fn to_pair(
    actor: &Actor,
    program: &Program,
    pair: &Pair,
    action: Action,
) -> Result<Standing, Refusal> {
    let side = actor.as_person().and_then(|person| pair.side_of(person));
    let circumstances = Circumstances {
        open: program.state.is_public(),
        supervised: pair.oversight_in(program) == Oversight::Supervised,
        ..Circumstances::default()
    };
    permit_when(action, standing(actor, Some(program), side), circumstances)
}

/// On report cases, where `unrecused` says whether this one is for whoever acts and nothing recuses them.
/// Whoever it is not for is answered as if there were no case (D12).
///
/// # Errors
/// [`Refusal::NotFound`] if the table says no.
pub fn to_cases(
    actor: &Actor,
    action: Action,
    program: Option<&Program>,
    unrecused: bool,
) -> Result<Standing, Refusal> {
    let circumstances = Circumstances { unrecused, ..Circumstances::default() };
    permit_when(action, standing(actor, program, None), circumstances)
}

/// On what a case is about and is not for whoever reviews it otherwise, where `in_case` says that the case lets them.
///
/// # Errors
/// [`Refusal::NotFound`] if the table says no.
pub fn in_case(
    actor: &Actor,
    program: &Program,
    action: Action,
    in_case: bool,
) -> Result<Standing, Refusal> {
    let circumstances = Circumstances { in_case, ..Circumstances::default() };
    permit_when(action, standing(actor, Some(program), None), circumstances)
}

/// Whether an official acts about themselves (D31).
///
/// # Errors
/// [`Refusal::ConflictOfInterest`] if they do.
pub fn not_about_self<'p>(
    actor: &Actor,
    people: impl IntoIterator<Item = &'p PersonId>,
) -> Result<(), Refusal> {
    match actor.official() {
        Some(person) if people.into_iter().any(|about| about == person) => {
            Err(Refusal::ConflictOfInterest)
        }
        Some(_) | None => Ok(()),
    }
}

/// Whether a block stands between an official and one of those concerned (D9). The official is told
/// what anybody is told whom a record is not for; any code of its own would give the block away (I10).
///
/// # Errors
/// [`Refusal::NotFound`] if one does.
pub fn not_across_a_block<'r>(
    relations: impl IntoIterator<Item = &'r Relation>,
) -> Result<(), Refusal> {
    if relations.into_iter().any(Relation::is_blocked) { Err(Refusal::NotFound) } else { Ok(()) }
}
