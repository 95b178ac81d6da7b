//! Signing up through the questionnaire.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{
    advance,
    eligible::{judge_again, with_bans},
    existing,
    review::hold_now,
    store, store_person,
};
use crate::{
    base::{
        id::EnrollmentId,
        input::{InputError, Problem, in_range},
        text::Slug,
        time::{Timestamp, plus_days},
        version::Version,
    },
    change::{Change, Key},
    decide::{
        Cx, Decision, Plan, Refusal, access,
        former::{remembered, take_over, turned_away_at},
        plan::{Happened, Say},
        refusal::code,
        rename::host_key,
    },
    eligibility::{
        age::is_adult,
        judge::{Facts, judge},
        verdict::Verdict,
    },
    model::{
        answer::Answers,
        enrollment::{Consent, Enrollment, EnrollmentAct, EnrollmentState, Role},
        form::Form,
        holder::{Holder, Holders},
        message::MessageKind,
        person::{Person, checked_adult_on},
        program::{Oversight, Program},
    },
    policy::permission::Action,
    view::{EnrollmentView, SignUpView},
};

/// A sign-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Apply {
    /// As what.
    pub role: Role,
    /// Places offered, 0 up to the program's most for the role; `None` for 1.
    pub capacity: Option<u8>,
    /// Answers to the questions of the role.
    pub answers: Answers,
    /// The consent text that was agreed to; has to be the program's current version.
    pub consent_version: u32,
    /// The oversight mode that was shown; has to be the program's current one.
    pub oversight: Oversight,
    /// Whether special-category answers may be used by the matching rules.
    pub special_category: bool,
}

/// The consent to `consent_version` and `oversight`, if that is what the program says now.
pub(super) fn checked_consent(
    program: &Program,
    policy_version: u32,
    oversight: Oversight,
    special_category: bool,
    at: Timestamp,
) -> Result<Consent, Refusal> {
    if policy_version != program.policy.consent_version || oversight != program.policy.oversight {
        let rule = "the consent is to the program's current text and oversight mode";
        return Err(InputError::new("consent", Problem::Conflict { rule }).into());
    }
    Ok(Consent { policy_version, oversight, special_category, shown_to_group: false, at })
}

/// What the host vouches for about the person who signs up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostWord {
    /// The date of the 18th birthday; `None` if the host does not know it.
    pub adult_on: Option<NaiveDate>,
    /// The verified zone of the person.
    pub zone: Option<Tz>,
    /// Whether the person is a member of the program's group.
    pub is_member: bool,
    /// The host's own predicates that the form asks for; one that is missing counts as not met.
    pub predicates: BTreeMap<Slug, bool>,
}

/// What became of a sign-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "enrolled", rename_all = "snake_case")]
pub enum Enrolled {
    /// It is stored; the code says whether the person is active already or waits for a decision.
    Stored {
        /// The enrolment.
        enrollment: EnrollmentId,
        /// Code of its state.
        state: Slug,
    },
    /// The rules do not let the person take part. Stored is only a private event for the platform.
    NotEligible,
}

/// Whether what the host says now has to be recorded as a correction
/// ([`record_age`](crate::decide::person::record_age)) before anything is decided on it: it takes back
/// that a known person is an adult, or moves the date under live pairs. An unknown age is taken back
/// too. Otherwise [`apply`] keeps the word by itself.
#[must_use]
pub fn moves_facts(view: &EnrollmentView, word: &HostWord, now: Timestamp) -> bool {
    let person = &view.person;
    let differs = (word.adult_on, word.zone) != (person.adult_on, person.zone);
    let known = !person.version.is_new();
    known && differs && (view.person_live > 0 || !is_adult(word.adult_on, word.zone, now))
}

fn verdict(
    form: &Form,
    person: &Person,
    role: Role,
    answers: &Answers,
    word: &HostWord,
    cx: &Cx<'_>,
) -> Verdict {
    judge(
        form,
        &Facts {
            role,
            adult_on: person.adult_on,
            zone: person.zone,
            is_member: word.is_member,
            host: &word.predicates,
            answers,
            now: cx.now,
        },
    )
}

/// Judges again at a later step, by what the host and the store know by then.
pub(super) fn still_eligible(
    view: &EnrollmentView,
    enrollment: &Enrollment,
    word: &HostWord,
    cx: &Cx<'_>,
) -> bool {
    judge_again((&view.program, &view.form), &view.person, enrollment, word, cx.now).is_eligible()
}

/// The capacity, if the program allows it for the role.
pub(super) fn checked_capacity(program: &Program, role: Role, capacity: u8) -> Result<u8, Refusal> {
    let most = match role {
        Role::Mentor => program.policy.max_mentor_capacity,
        Role::Mentee => program.policy.max_mentee_capacity,
    };
    Ok(in_range("capacity", capacity, 0, most.into())?)
}

/// What holds what the person takes part in as something else, or has left, holds this too: nobody gets out of a
/// hold by leaving, or by being a mentor instead of a mentee. They are told what they were told before, that it is
/// held.
fn hold_again(
    plan: &mut Plan<'_>,
    view: &EnrollmentView,
    person: &Person,
    enrollment: &mut Enrollment,
) -> Result<(), Refusal> {
    let there = view.others.iter().flat_map(|other| other.state.holders());
    let holders: Holders = there.chain(person.holders_in(enrollment.program)).collect();
    // By nobody: people read the events of their own acts, and this is none.
    plan.sign(false);
    for by in &holders {
        hold_now(plan, enrollment, *by)?;
    }
    plan.sign(true);
    if holders.contains(&Holder::Platform) {
        // No case lets go of it: staff does.
        plan.say(Say::to_staff(MessageKind::HoldHandedOver).program(enrollment.program));
    }
    Ok(())
}

/// A person signs up. What the host vouches for about their age is kept; the birth date never was. Of
/// somebody the store knows, a word that differs is recorded with all its consequences before this is
/// decided: see [`moves_facts`].
///
/// Of somebody who was here before, what keeps them and others apart is taken over (D10), also the waits and
/// bans that keep them out. What holds their other enrolments in the program, or held one that they left, holds
/// this one from the start.
///
/// The reply [`Enrolled::NotEligible`] is a refusal that leaves a private event behind, one per failed
/// rule, so that the platform can answer why.
///
/// # Errors
/// [`Refusal::NotFound`] for a program that the person does not see, [`Refusal::ProgramNotOpen`],
/// [`Refusal::TooEarly`] before a cohort's sign-up opens and after a rejection or a removal,
/// [`Refusal::AlreadyEnrolled`], an input error on `person` for a key in the form of a pseudonym, and input
/// errors that name the question and the limit.
pub fn apply(
    sign_up: &SignUpView,
    input: Apply,
    word: &HostWord,
    cx: Cx<'_>,
) -> Result<Decision<Enrolled>, Refusal> {
    let SignUpView { place: view, former } = sign_up;
    let program = &view.program;
    access::to_program(cx.actor, program, Action::Apply)?;
    if !program.takes_applications(cx.now) {
        return Err(Refusal::ProgramNotOpen);
    }
    if let Some(window) = program.window.filter(|window| cx.now < window.opens) {
        return Err(Refusal::TooEarly { from: window.opens });
    }
    let same_role = || view.others.iter().filter(|other| other.role == input.role);
    if same_role().any(|other| !other.state.is_terminal()) {
        return Err(Refusal::AlreadyEnrolled);
    }
    let known = &view.person;
    let mut person = match former {
        Some(former) => remembered(known, former, cx.now),
        None => known.clone(),
    };
    let before = person.turned_away.iter();
    let before = before.filter(|it| (it.program, it.role) == (program.id, input.role));
    let turned_away = same_role().filter_map(turned_away_at).chain(before.map(|it| it.at));
    if let Some(at) = turned_away.max() {
        let from = plus_days(at, program.policy.reapply_days.into());
        if cx.now < from {
            return Err(Refusal::TooEarly { from });
        }
    }
    host_key("person", &view.person.id)?;
    let capacity = checked_capacity(program, input.role, input.capacity.unwrap_or(1))?;
    view.form.check_answers(input.role, &input.answers)?;
    let consent = checked_consent(
        program,
        input.consent_version,
        input.oversight,
        input.special_category,
        cx.now,
    )?;

    // The host's word of today, unknown included: what it said before does not make up for it.
    person.adult_on = checked_adult_on(word.adult_on)?;
    person.zone = word.zone;
    let mut plan = Plan::on(cx, sign_up);
    let verdict = verdict(&view.form, &person, input.role, &input.answers, word, &cx);
    let verdict = with_bans(verdict, program, &person, cx.now);
    if !verdict.is_eligible() {
        for failed in &verdict.failed {
            // By nobody: people read the events of their own acts, and which rule it was is not told.
            let reason = Slug::new(failed.code()).unwrap_or_else(|_| code("rule"));
            plan.record(
                Happened::new("enrollment.refuse", Key::Person(person.id.clone()))
                    .in_program(program.id)
                    .because(reason)
                    .by_rule()
                    .private(),
            );
        }
        return Ok(plan.reply(Enrolled::NotEligible));
    }

    let mut enrollment = Enrollment {
        id: cx.new_id(),
        program: program.id,
        person: person.id.clone(),
        role: input.role,
        state: EnrollmentState::Submitted { since: cx.now },
        capacity,
        priority_since: cx.now,
        consent,
        form_version: view.form.version,
        answers: input.answers,
        applied_at: cx.now,
        keep_until: None,
        version: Version::NEW,
    };
    plan.record(
        Happened::new("enrollment.apply", Key::Enrollment(enrollment.id))
            .in_program(program.id)
            .about([&person.id])
            .states(None, enrollment.state.code()),
    );
    if !program.policy.approval {
        advance(&mut plan, &mut enrollment, EnrollmentAct::Approve, "enrollment.approve")?;
    }
    // One application at a time per person: both would rest on the same version.
    // Under live pairs facts move by `record_age` alone, which looks at each of those pairs.
    if view.person_live > 0 {
        (person.adult_on, person.zone) = (known.adult_on, known.zone);
    }
    hold_again(&mut plan, view, &person, &mut enrollment)?;
    if matches!(enrollment.state, EnrollmentState::Submitted { .. }) {
        plan.say(Say::to_admins(MessageKind::EnrollmentSubmitted, program.id));
    }
    let reply =
        Enrolled::Stored { enrollment: enrollment.id, state: code(enrollment.state.code()) };
    if let Some(former) = former {
        take_over(&mut plan, &person.id, former)?;
    }
    if known.version.is_new() {
        plan.put(Change::Person(person));
    } else {
        store_person(&mut plan, known, person);
    }
    store(&mut plan, enrollment);
    Ok(plan.reply(reply))
}

/// The person answers again after an admin asked for more, or corrects a pending application.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, a state error once it is decided, input errors for answers.
pub fn resubmit(
    view: &EnrollmentView,
    answers: Answers,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let mut enrollment = existing(view)?;
    access::to_enrollment(cx.actor, &view.program, &enrollment, Action::ManageEnrollment)?;
    view.form.check_answers(enrollment.role, &answers)?;
    let mut plan = Plan::on(cx, view);
    if matches!(enrollment.state, EnrollmentState::Submitted { .. }) {
        plan.record(
            Happened::new("enrollment.correct", Key::Enrollment(enrollment.id))
                .in_program(enrollment.program)
                .about([&enrollment.person]),
        );
    } else {
        advance(&mut plan, &mut enrollment, EnrollmentAct::Resubmit, "enrollment.resubmit")?;
        plan.say(Say::to_admins(MessageKind::EnrollmentSubmitted, enrollment.program));
    }
    enrollment.answers = answers;
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}
