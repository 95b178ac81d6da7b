//! Every command that writes, each with something to do in the prepared state: one line for each method of the
//! service that writes, and more where it does something else to somebody else.
//!
//! Not here: `preview_program`, `prepare_run` and `candidates`, which write nothing; what only puts on record that
//! somebody has read (`signals`, `thread`, `application`), which rests on no record, but for `case`, which does, and
//! an export; `erasure`, which does what the sweep does. Many at once do the same as one by one, and are here once
//! for each; what they do in one write `tests/bulk.rs` plays.

use std::{pin::Pin, sync::Arc};

use chrono::TimeDelta;
use mentorship_core::{
    base::{
        host::TenantId,
        text::{Body, Note, Title},
    },
    conformance::{
        make::{self, group, slug, who},
        world::{sign_up, step},
    },
    decide::{
        enrollment::RenewConsent,
        journal::CheckInInput,
        person::AgeFacts,
        program::{EditProgram, create::CreateProgram},
        report::ReportAsk,
    },
    matching::{people, run::RunOptions},
    model::{
        enrollment::Role,
        journal::CheckInKind,
        moderation::Moderation,
        pair::EndKind,
        proposal::ProposedPair,
        report::{Content, InterimAsk, Measure, Priority, Ruling},
    },
    policy::actor::Actor,
    service::{Error, ExportAsk, Mentorship, PublishAsk, SignUp, SweepAsk},
};

use crate::cast::{Cast, reason, reasons, verdict};

/// A command under way.
pub(crate) type Running = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// Where a command is given.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) service: Mentorship,
    pub(crate) tenant: TenantId,
    pub(crate) cast: Arc<Cast>,
}

impl Stage {
    fn person(&self, n: u64) -> Actor {
        Actor::person(self.tenant.clone(), who(n))
    }

    fn admin(&self) -> Actor {
        Actor::group_admin(self.tenant.clone(), who(900), group())
    }

    /// An admin who made no match.
    fn judge(&self, n: u64) -> Actor {
        Actor::group_admin(self.tenant.clone(), who(n), group())
    }

    fn staff(&self) -> Actor {
        Actor::staff(self.tenant.clone(), who(990))
    }

    fn host(&self) -> Actor {
        Actor::host(self.tenant.clone())
    }

    fn clock(&self) -> Actor {
        Actor::clock(self.tenant.clone())
    }
}

/// A command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Command {
    pub(crate) name: &'static str,
    pub(crate) give: fn(Stage) -> Running,
}

/// One line for each: who, what, to what. In each, `s` is the service, `c` the cast and `on` the stage.
macro_rules! commands {
    ($($name:literal: |$s:ident, $c:ident, $on:ident| $call:expr;)+) => {
        /// All of them.
        pub(crate) const COMMANDS: &[Command] = &[$(Command {
            name: $name,
            give: |$on| Box::pin(async move {
                let ($s, $c) = (&$on.service, &*$on.cast);
                let _ = $c;
                $call.await.map(drop)
            }),
        },)+];
    };
}

fn note(text: &str) -> Note {
    Note::new(text).unwrap()
}

fn body(text: &str) -> Body {
    Body::new(text).unwrap()
}

fn about_1() -> ReportAsk {
    ReportAsk::new(who(1), slug("spam"))
}

fn withheld(cast: &Cast) -> InterimAsk {
    let content = Content::Post { pair: cast.active, post: cast.holding.1 };
    InterimAsk::WithdrawContent { content }
}

fn day(from: chrono::NaiveDate, days: u64) -> Option<chrono::NaiveDate> {
    from.checked_add_days(chrono::Days::new(days))
}

/// Everybody who is left is paired, and that is put down.
async fn run(s: &Mentorship, on: &Stage, c: &Cast) -> Result<(), Error> {
    let prepared = s.prepare_run(&on.admin(), c.open, RunOptions::new()).await?;
    let outcome = prepared.solve(&people::Options::default()).expect("there is nothing to refuse");
    s.stage_run(&on.admin(), &outcome).await.map(drop)
}

commands! {
    // -- enrolments ------------------------------------------------------------------------------
    "enrollment.apply": |s, c, on| s.enroll(&on.person(30), c.open, sign_up(Role::Mentee));
    "enrollment.apply as mentor": |s, c, on| s.enroll(&on.person(2), c.open, sign_up(Role::Mentor));
    // Against what holds their place as a mentor: no hold is shed.
    "enrollment.apply as mentee": |s, c, on| s.enroll(&on.person(1), c.open, sign_up(Role::Mentee));
    "enrollment.apply many": |s, c, on| s.enroll_many(&on.host(), c.open, &[30, 31].map(|n| SignUp {
        person: who(n), apply: sign_up(Role::Mentee) }));
    "enrollment.apply to judged": |s, c, on| s.enroll(&on.person(3), c.judged, sign_up(Role::Mentee));
    "enrollment.approve": |s, c, on| s.approve(&on.admin(), c.submitted);
    "enrollment.ask_info": |s, c, on| s.ask_info(&on.admin(), c.submitted, note("Where?"));
    "enrollment.waitlist": |s, c, on| s.waitlist(
        &on.admin(), c.submitted, reason(), make::start() + TimeDelta::days(9));
    "enrollment.reject": |s, c, on| s.reject(&on.admin(), c.submitted, reason());
    "enrollment.resubmit": |s, c, on| s.resubmit(&on.person(2), c.asked, make::answers(Role::Mentee));
    "enrollment.renew_consent": |s, c, on| s.renew_consent(&on.person(1), c.mentor, RenewConsent {
        consent_version: 1, oversight: make::template().policy.oversight, special_category: true });
    "enrollment.show_to_group": |s, c, on| s.show_to_group(&on.person(1), c.mentor, true);
    "enrollment.pause": |s, c, on| s.pause_enrollment(&on.person(1), c.mentor, None);
    "enrollment.resume": |s, c, on| s.resume_enrollment(&on.person(12), c.paused_place);
    "enrollment.set_capacity to 0": |s, c, on| s.set_capacity(&on.person(1), c.mentor, 0);
    "enrollment.set_capacity to 4": |s, c, on| s.set_capacity(&on.person(1), c.mentor, 4);
    "enrollment.withdraw": |s, c, on| s.withdraw_enrollment(&on.person(1), c.mentor);
    "enrollment.withdraw of a mentee": |s, c, on| s.withdraw_enrollment(&on.person(10), c.free);
    "enrollment.suspend": |s, c, on| s.hold_enrollment(&on.staff(), c.mentor);
    "enrollment.reinstate": |s, c, on| s.reinstate_enrollment(&on.staff(), c.held_place);
    "enrollment.remove": |s, c, on| s.remove_enrollment(&on.staff(), c.mentor, reason());

    // -- proposals -------------------------------------------------------------------------------
    "proposal.stage": |s, c, on| s.stage_proposal(&on.admin(), c.mentor, c.free, None);
    "proposal.stage another": |s, c, on| s.stage_proposal(&on.admin(), c.mentor, c.other_free, None);
    "proposal.stage ranked": |s, c, on| s.stage_proposal(&on.admin(), c.mentor, c.free, Some(1));
    "proposal.stage a list": |s, c, on|
        s.stage_ranked(&on.admin(), &[c.mentor, c.other_mentor], c.free);
    "proposal.stage many": |s, c, on| s.stage_proposals(&on.admin(), &[c.free, c.other_free].map(
        |mentee| ProposedPair { mentor: c.mentor, mentee }));
    "run.stage": |s, c, on| run(s, &on, c);
    "proposal.publish drafts": |s, c, on|
        s.publish_drafts(&on.admin(), c.open, PublishAsk::default());
    "proposal.publish many": |s, c, on| s.publish_proposals(&on.admin(), &[c.staged]);
    "proposal.publish": |s, c, on| s.publish_proposal(&on.admin(), c.staged);
    "proposal.withdraw a draft": |s, c, on| s.withdraw_proposal(&on.admin(), c.staged);
    "proposal.withdraw an offer": |s, c, on| s.withdraw_proposal(&on.admin(), c.half);
    "proposal.accept first": |s, c, on| s.accept(&on.person(7), c.offer);
    "proposal.accept by the other": |s, c, on| s.accept(&on.person(1), c.offer);
    "proposal.accept last": |s, c, on| s.accept(&on.person(6), c.half);
    "proposal.decline": |s, c, on| s.decline(&on.person(6), c.half, None);
    "proposal.decline a choice": |s, c, on| s.decline(&on.person(1), c.first_choice, None);
    "pair.restart": |s, c, on| s.restart_pair(&on.person(5), c.ended);

    // -- pairs -----------------------------------------------------------------------------------
    "pair.introduce_oneself": |s, c, on| s.introduce_oneself(&on.person(1), c.active, note("Ahoy."));
    "step.finish": |s, c, on| s.finish_step(&on.person(2), c.active, &step("hello"));
    "step.skip": |s, c, on| s.skip_step(&on.person(1), c.active, &step("hello"));
    "step.reopen": |s, c, on| s.reopen_step(&on.person(1), c.far, &step("hello"));
    "pair.complete": |s, c, on| s.complete_pair(&on.person(2), c.far);
    "post.make": |s, c, on| s.post(&on.person(1), c.active, &step("hello"), None, body("One."));
    "post.make by the other": |s, c, on|
        s.post(&on.person(2), c.active, &step("hello"), Some(c.post), body("Two."));
    "post.edit": |s, c, on| s.edit_post(&on.person(1), c.active, c.post, body("Fairer winds."));
    "post.remove": |s, c, on| s.remove_post(&on.person(1), c.active, c.post);
    "check_in.make": |s, c, on| s.check_in(&on.person(1), c.active, CheckInInput {
        kind: CheckInKind::Week { number: 1 }, score: Some(4), note: None, note_shared: false,
        testimonial: None });
    "pair.pause": |s, c, on| s.pause_pair(&on.person(2), c.active, None);
    "pair.resume": |s, c, on| s.resume_pair(&on.person(3), c.paused);
    "pair.end": |s, c, on| s.end_pair(&on.person(2), c.active, EndKind::NoTime, None, false);
    "pair.end a paused one": |s, c, on| s.end_pair(&on.person(3), c.paused, EndKind::Other, None, true);
    "pair.freeze": |s, c, on| s.freeze_pair(&on.staff(), c.active);
    "pair.unfreeze": |s, c, on| s.unfreeze_pair(&on.staff(), c.frozen);

    // -- people ----------------------------------------------------------------------------------
    "relation.block in a pair": |s, c, on| s.block(&on.person(2), &who(1));
    "relation.block back": |s, c, on| s.block(&on.person(1), &who(2));
    "relation.block in an offer": |s, c, on| s.block(&on.person(1), &who(6));
    "relation.block before any": |s, c, on| s.block(&on.person(10), &who(1));
    "relation.lift_block": |s, c, on| s.lift_block(&on.person(11), &who(13));
    "relation.avoid": |s, c, on| s.avoid(&on.person(1), &who(7), true);
    "relation.wish": |s, c, on| s.wish_for(&on.person(1), &who(6), true);
    "person.set_reminders": |s, c, on| s.set_reminders(&on.person(1), true);
    "person.record_age of a minor": |s, c, on| s.record_age(&on.host(), &who(1), AgeFacts {
        adult_on: day(make::start().date_naive(), 400), zone: None });
    "person.record_age of an adult": |s, c, on| s.record_age(&on.host(), &who(1), AgeFacts {
        adult_on: day(make::adult_date(), 1), zone: None });
    "person.record_age unknown": |s, c, on| s.record_age(&on.host(), &who(6), AgeFacts {
        adult_on: None, zone: None });
    "person.mute": |s, c, on| s.mute_reporter(&on.staff(), &who(2), None);
    "person.unmute": |s, c, on| s.unmute_reporter(&on.staff(), &who(12));
    "person.lift_ban": |s, c, on| s.lift_ban(&on.staff(), &who(14), c.banned);
    "person.leave_group": |s, c, on| s.leave_group(&on.host(), &who(1), &group());
    "person.rename": |s, c, on| s.rename_person(&on.host(), &who(2), &who(32));
    "person.same": |s, c, on| s.same_person(&on.host(), &who(30), &who(5));
    "person.same as one who takes part": |s, c, on| s.same_person(&on.host(), &who(10), &who(5));
    "person.erase_key": |s, c, on| s.erase_person_key(&on.host(), &who(1));
    "person.erase": |s, c, on| s.erase_person(&on.host(), &who(1));
    "person.erase oneself": |s, c, on| s.erase_person(&on.person(10), &who(10));
    "person.export": |s, c, on| s.export_person(&on.person(1), &who(1), ExportAsk {
        limit: 500, after: None });

    // -- reports ---------------------------------------------------------------------------------
    "case.file": |s, c, on| s.file_report(&on.person(2), c.open, about_1());
    "case.file with a block": |s, c, on| s.file_report(&on.person(2), c.open, about_1().block());
    "case.file of somebody else": |s, c, on| s.file_report(&on.person(10), c.open, about_1());
    "case.triage": |s, c, on| s.triage_case(&on.judge(901), c.filed, &slug("scam"), Priority::P3);
    "case.assign": |s, c, on| s.take_case(&on.judge(902), c.worked);
    "case.escalate": |s, c, on| s.escalate_case(&on.staff(), c.worked);
    "case.ask": |s, c, on| s.ask_reporter(&on.judge(901), c.worked, note("When?"));
    "case.answer": |s, c, on| s.answer_reviewer(&on.person(4), c.waiting, body("On Sunday."));
    "case.merge": |s, c, on| s.merge_case(&on.judge(901), c.worked, c.filed);
    "case.decide": |s, c, on|
        s.decide_case(&on.judge(901), c.worked, verdict(&[Measure::EndPair]));
    "case.decide on a removal": |s, c, on|
        s.decide_case(&on.judge(901), c.worked, verdict(&[Measure::RemoveFromProgram]));
    "case.decide on content": |s, c, on|
        s.decide_case(&on.judge(901), c.holding.0, verdict(&[Measure::RemoveContent]));
    "case.take_interim on a pair": |s, c, on|
        s.take_interim(&on.judge(901), c.worked, InterimAsk::FreezePair);
    "case.take_interim on a place": |s, c, on|
        s.take_interim(&on.judge(901), c.worked, InterimAsk::SuspendEnrollments);
    "case.take_interim on a live pair": |s, c, on|
        s.take_interim(&on.judge(901), c.holding.0, InterimAsk::FreezePair);
    "case.lift_interim": |s, c, on| s.lift_interim(&on.judge(901), c.holding.0, withheld(c));
    "case.decide on a ban": |s, c, on| s.decide_case(
        &on.judge(901), c.worked, verdict(&[Measure::BanFromGroup { until: None }]));
    "content.moderate": |s, c, on| s.moderate(
        &on.host(), Content::Post { pair: c.active, post: c.holding.1 }, Moderation::Hide);
    "case.appeal": |s, c, on| s.appeal_case(&on.person(1), c.decided, body("I gave it away."));
    "case.rule": |s, c, on|
        s.rule_on_appeal(&on.judge(902), c.appealed, Ruling::Upheld, &[], reasons());
    "case.close": |s, c, on| s.close_case(&on.judge(901), c.ruled);
    "case.withdraw": |s, c, on| s.withdraw_report(&on.person(2), c.filed);
    "case.read": |s, c, on| s.case(&on.judge(901), c.worked);
    "case.read_background": |s, c, on| s.case_background(&on.judge(901), c.worked);

    // -- programs --------------------------------------------------------------------------------
    "program.create": |s, c, on| s.create_program(&on.admin(), CreateProgram {
        group: group(), template: make::template(), title: Title::new("More").unwrap(), topic: None,
        zone: chrono_tz::Tz::Europe__Lisbon, window: None, policy: None });
    "program.duplicate": |s, c, on|
        s.duplicate_program(&on.admin(), c.open, Title::new("Again").unwrap(), None);
    "program.edit": |s, c, on| s.edit_program(&on.admin(), c.open, EditProgram {
        title: Some(Title::new("Learn to sail well").unwrap()), ..EditProgram::default() });
    "program.revise_guide": |s, c, on| s.revise_guide(&on.admin(), c.open, make::template().guide);
    "program.revise_form": |s, c, on| s.revise_form(&on.admin(), c.draft, make::template().form);
    "program.open": |s, c, on| s.open_program(&on.admin(), c.draft);
    "program.discard": |s, c, on| s.discard_program(&on.admin(), c.draft);
    "program.close_enrollment": |s, c, on| s.close_enrollment(&on.admin(), c.open);
    "program.reopen_enrollment": |s, c, on| s.reopen_enrollment(&on.admin(), c.closed);
    "program.wind_down": |s, c, on| s.wind_down_program(&on.admin(), c.open);
    "program.wind_down judged": |s, c, on| s.wind_down_program(&on.admin(), c.judged);
    "program.schedule_archive": |s, c, on| s.schedule_archive(&on.admin(), c.ending);
    "program.archive": |s, c, on| s.archive_program(&on.admin(), c.over);
    "program.suspend": |s, c, on| s.suspend_program(&on.staff(), c.open);
    "program.resume": |s, c, on| s.resume_program(&on.staff(), c.suspended);
    "sweep": |s, c, on| s.sweep(&on.clock(), SweepAsk::default());
}
