//! Making and changing a program.

use std::sync::Arc;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::guided;
use crate::{
    base::{
        host::GroupId,
        id::ProgramId,
        text::{Slug, Title},
        version::Version,
    },
    change::{Change, Key},
    decide::{Cx, Decision, Plan, Refusal, access, plan::Happened},
    model::{
        code::TransitionError,
        form::Form,
        guide::Guide,
        program::{Program, ProgramPolicy, ProgramState, TemplateRef, Window},
        template::Template,
    },
    policy::permission::Action,
    view::ProgramView,
};

/// A new program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateProgram {
    /// The group that runs it; the actor is one of its admins.
    pub group: GroupId,
    /// What it starts from.
    pub template: Template,
    /// What people see as its name.
    pub title: Title,
    /// What it is about, if not what the template says.
    pub topic: Option<Slug>,
    /// The zone that decides dates.
    pub zone: Tz,
    /// The calendar of a cohort; `None` for a rolling program.
    pub window: Option<Window>,
    /// Settings, if not the template's.
    pub policy: Option<ProgramPolicy>,
}

/// Changed settings of a program; `None` leaves one as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditProgram {
    /// Its name.
    pub title: Option<Title>,
    /// Its zone; only while it is a draft.
    pub zone: Option<Tz>,
    /// Its calendar (`Some(None)` makes it rolling); only while it is a draft.
    pub window: Option<Option<Window>>,
    /// Its settings. A tighter oversight mode holds at once, for live pairs too. A wider one holds for
    /// pairs of people who agreed to it, by signing up or by renewing their consent (D33). Longer limits
    /// of time hold for live pairs at once; shorter ones from the next time that something happens in a
    /// pair or is due in it.
    pub policy: Option<ProgramPolicy>,
}

fn put_new(plan: &mut Plan<'_>, program: Program, form: Form, guide: Guide) {
    let id = program.id;
    plan.record(
        Happened::new("program.create", Key::Program(id))
            .in_program(id)
            .states(None, program.state.code()),
    );
    plan.put(Change::Program(program));
    plan.put(Change::Form { program: id, form: Arc::new(form) });
    plan.put(Change::Guide { program: id, guide: Arc::new(guide) });
}

/// An admin makes a program from a template, as a draft.
///
/// # Errors
/// [`Refusal::NotFound`] unless the actor is an admin of the group; input errors for the template, the
/// window and the settings.
pub fn create(input: CreateProgram, cx: Cx<'_>) -> Result<Decision<ProgramId>, Refusal> {
    let created_by = access::to_new_program(cx.actor, &input.group)?;
    let template = input.template.checked()?;
    let policy = input.policy.unwrap_or_else(|| template.policy.clone()).checked()?;
    let window = input.window.map(Window::checked).transpose()?;
    let program = Program {
        id: cx.new_id(),
        group: input.group,
        template: TemplateRef { key: template.key.clone(), version: template.version },
        topic: input.topic.unwrap_or_else(|| template.topic.clone()),
        title: input.title,
        state: ProgramState::Draft,
        window,
        zone: input.zone,
        policy,
        form_version: 1,
        guide_version: 1,
        created_by,
        created_at: cx.now,
        version: Version::NEW,
    };
    let id = program.id;
    let mut plan = Plan::bare(cx);
    let form = Form { version: 1, ..template.form };
    let guide = Guide { version: 1, ..template.guide };
    put_new(&mut plan, program, form, guide);
    Ok(plan.reply(id))
}

/// An admin makes a draft with the form, guide and settings of a program of theirs; nobody who took
/// part comes along.
///
/// # Errors
/// [`Refusal::NotFound`] unless the actor is an admin of the program's group; an input error for the
/// window.
pub fn duplicate(
    view: &ProgramView,
    title: Title,
    window: Option<Window>,
    cx: Cx<'_>,
) -> Result<Decision<ProgramId>, Refusal> {
    access::to_program(cx.actor, &view.program, Action::ManageProgram)?;
    let created_by = access::to_new_program(cx.actor, &view.program.group)?;
    let window = window.map(Window::checked).transpose()?;
    let program = Program {
        id: cx.new_id(),
        title,
        state: ProgramState::Draft,
        window,
        form_version: 1,
        guide_version: 1,
        created_by,
        created_at: cx.now,
        version: Version::NEW,
        ..view.program.clone()
    };
    let id = program.id;
    let mut plan = Plan::bare(cx);
    let form = Form { version: 1, ..(*view.form).clone() };
    let guide = Guide { version: 1, ..(*view.guide).clone() };
    put_new(&mut plan, program, form, guide);
    Ok(plan.reply(id))
}

fn refuse_over(program: &Program, act: &'static str) -> Result<(), Refusal> {
    if program.state.is_terminal() {
        let from = program.state.code();
        return Err(TransitionError { record: "program", from, act }.into());
    }
    Ok(())
}

/// An admin changes settings.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, a state error for a program that is over or for what only a
/// draft lets change, input errors for the values, [`Refusal::NotReady`] for a program that would have no
/// guide without saying so.
pub fn edit(view: &ProgramView, input: EditProgram, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let mut program = view.program.clone();
    access::to_program(cx.actor, &program, Action::ManageProgram)?;
    refuse_over(&program, "edit")?;
    let draft = matches!(program.state, ProgramState::Draft);
    if !draft && (input.zone.is_some() || input.window.is_some()) {
        let from = program.state.code();
        return Err(TransitionError { record: "program", from, act: "edit_calendar" }.into());
    }
    if let Some(title) = input.title {
        program.title = title;
    }
    if let Some(zone) = input.zone {
        program.zone = zone;
    }
    if let Some(window) = input.window {
        program.window = window.map(Window::checked).transpose()?;
    }
    if let Some(policy) = input.policy {
        program.policy = policy.checked()?;
        if !draft {
            guided(&program, &view.guide)?;
        }
    }
    let mut plan = Plan::on(cx, view);
    plan.record(Happened::new("program.edit", Key::Program(program.id)).in_program(program.id));
    plan.put(Change::Program(program));
    Ok(plan.reply(()))
}

/// An admin gives the program a new guide. Pairs that live keep theirs.
///
/// # Errors
/// As [`edit`].
pub fn revise_guide(
    view: &ProgramView,
    guide: Guide,
    cx: Cx<'_>,
) -> Result<Decision<u32>, Refusal> {
    let mut program = view.program.clone();
    access::to_program(cx.actor, &program, Action::ManageProgram)?;
    refuse_over(&program, "revise_guide")?;
    let version = program.guide_version.saturating_add(1);
    let guide = Guide { version, ..guide }.checked()?;
    // A draft may be without one until it opens.
    if !matches!(program.state, ProgramState::Draft) {
        guided(&program, &guide)?;
    }
    program.guide_version = version;
    let mut plan = Plan::on(cx, view);
    let id = program.id;
    plan.record(Happened::new("program.revise_guide", Key::Program(id)).in_program(id));
    plan.put(Change::Program(program));
    plan.put(Change::Guide { program: id, guide: Arc::new(guide) });
    Ok(plan.reply(version))
}

/// An admin gives a draft a new questionnaire with its rules.
///
/// # Errors
/// As [`edit`]; a state error unless it is a draft, since answers belong to the form they were given to.
pub fn revise_form(view: &ProgramView, form: Form, cx: Cx<'_>) -> Result<Decision<u32>, Refusal> {
    let mut program = view.program.clone();
    access::to_program(cx.actor, &program, Action::ManageProgram)?;
    if !matches!(program.state, ProgramState::Draft) {
        let from = program.state.code();
        return Err(TransitionError { record: "program", from, act: "revise_form" }.into());
    }
    let version = program.form_version.saturating_add(1);
    let form = Form { version, ..form }.checked()?;
    program.form_version = version;
    let mut plan = Plan::on(cx, view);
    let id = program.id;
    plan.record(Happened::new("program.revise_form", Key::Program(id)).in_program(id));
    plan.put(Change::Program(program));
    plan.put(Change::Form { program: id, form: Arc::new(form) });
    Ok(plan.reply(version))
}
