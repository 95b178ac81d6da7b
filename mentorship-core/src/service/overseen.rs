//! What admins of groups do, told to the platform where the host asks for it.

use std::collections::BTreeSet;

use super::Service;
use crate::{
    base::time::Timestamp,
    change::ChangeSet,
    decide::{Cx, refusal::code},
    model::{
        event::{Audience, OutboxMessage},
        message::MessageKind,
    },
    policy::actor::Actor,
};

impl Service<'_> {
    /// Adds the news that an admin of a group has changed something to what their command writes: one message for all
    /// that is written at once, in each program. It says what was done and in which program, and names nobody: who it
    /// was, and to whom, stands in the audit log. Of what admins do in report cases staff hears by the messages of
    /// cases, where it is for them; of others here nothing may show.
    pub(super) fn oversee(
        &self,
        actor: &Actor,
        kind: &'static str,
        set: &mut ChangeSet,
        now: Timestamp,
    ) {
        let of_a_case = kind.starts_with("case.");
        if !self.admin_acts || actor.official().is_none() || of_a_case || set.changes.is_empty() {
            return;
        }
        let cx = Cx { actor, now, ids: &*self.ids };
        let mut programs: BTreeSet<_> = set.audit.iter().map(|it| it.program).collect();
        // What is of none is told where nothing else is.
        programs.remove(&None);
        if programs.is_empty() {
            programs.insert(None);
        }
        set.outbox.extend(programs.into_iter().map(|program| OutboxMessage {
            id: cx.row_id(),
            at: now,
            kind: code(MessageKind::AdminActed.code()),
            to: Audience::Staff,
            between: None,
            program,
            proposal: None,
            pair: None,
            case: None,
            step: None,
            code: Some(code(kind)),
        }));
    }
}
