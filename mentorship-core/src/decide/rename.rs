//! The host puts another key in the place of a person's: its own new one, or a pseudonym.

use crate::{
    base::{
        host::PersonId,
        input::{InputError, Problem},
    },
    change::{Change, Key},
    decide::{
        Cx, Decision, Plan, Refusal, access,
        plan::{Happened, Say},
    },
    model::message::MessageKind,
    policy::permission::Action,
    view::RenameView,
};

/// A person has another key from here on, in everything that is stored. The event and the message tell the
/// new key and never the old one, which would stay behind in them.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but the host, and if nothing in the tenant knows the old key; an input
/// error on `to` for a key that is the old one or begins like a pseudonym; [`Refusal::KeyTaken`] if
/// anything knows the new key.
pub fn rename(view: &RenameView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let mut plan = begin(view, cx)?;
    let to = &view.to.id;
    if *to == view.from.id {
        let rule = "the new key is another one";
        return Err(InputError::new("to", Problem::Conflict { rule }).into());
    }
    host_key("to", to)?;
    put(&mut plan, view, "person.rename", MessageKind::PersonRenamed)?;
    Ok(plan.reply(()))
}

/// The same with a pseudonym that the library has made, which comes back.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but the host, and if nothing in the tenant knows the key.
pub fn erase(view: &RenameView, cx: Cx<'_>) -> Result<Decision<PersonId>, Refusal> {
    let mut plan = begin(view, cx)?;
    put(&mut plan, view, crate::change::ERASE_KEY, MessageKind::PersonKeyErased)?;
    Ok(plan.reply(view.to.id.clone()))
}

/// Fails for a key in the form that stands in the place of erased ones.
pub(super) fn host_key(field: &'static str, person: &PersonId) -> Result<(), InputError> {
    if person.is_erased() {
        return Err(InputError::new(field, Problem::Form { expected: "a key of the host's own" }));
    }
    Ok(())
}

fn begin<'c>(view: &RenameView, cx: Cx<'c>) -> Result<Plan<'c>, Refusal> {
    access::to_tenant(&cx, Action::RenamePerson)?;
    if !view.from_known {
        return Err(Refusal::NotFound);
    }
    Ok(Plan::on(cx, view))
}

pub(super) fn put(
    plan: &mut Plan<'_>,
    view: &RenameView,
    action: &'static str,
    said: MessageKind,
) -> Result<(), Refusal> {
    if view.to_known {
        return Err(Refusal::KeyTaken);
    }
    let (from, to) = (view.from.id.clone(), view.to.id.clone());
    plan.record(Happened::new(action, Key::Person(to.clone())).private());
    plan.say(Say::to_person(said, &to));
    plan.put(Change::RenamePerson { from, to });
    Ok(())
}
