//! Every cell of the table of who may do what, tried on the service itself: what the table grants is not
//! answered "not found", and what it does not grant is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::sync::Arc;

use mentorship_core::{
    base::{
        id::{EnrollmentId, PairId, ProgramId, ProposalId},
        text::Body,
    },
    conformance::{
        make::{adult_date, slug, tenant, who},
        world::{World, sign_up},
    },
    decide::{person::AgeFacts, report::ReportAsk},
    matching::run::RunOptions,
    model::{enrollment::Role, pair::EndKind, program::Oversight},
    policy::{
        actor::Actor,
        permission::{Action, Circumstances, Grant, Standing, allows, grant},
    },
    service::{Error, ExportAsk, PageAsk, SweepAsk},
};
use mentorship_memory::MemoryStore;

struct Scene {
    world: World,
    program: ProgramId,
    mentor: EnrollmentId,
    mentee: EnrollmentId,
    offer: ProposalId,
    /// Once both have said yes.
    pair: Option<PairId>,
}

impl Scene {
    async fn set(action: Action, supervised: bool) -> Self {
        let world = World::new(Arc::new(MemoryStore::new()));
        let program = world
            .program(|policy| {
                if supervised {
                    policy.oversight = Oversight::Supervised;
                }
            })
            .await;
        let mut places = Vec::new();
        for (n, role) in [(1, Role::Mentor), (2, Role::Mentee)] {
            let mut input = sign_up(role);
            if supervised {
                input.oversight = Oversight::Supervised;
            }
            places.push(world.enroll_with(program, n, input).await.unwrap());
        }
        let (mentor, mentee) = (places[0], places[1]);
        let offer = world.offer(mentor, mentee).await;
        let on_an_offer = matches!(action, Action::ViewOffer | Action::AnswerOffer);
        let pair = if on_an_offer { None } else { Some(world.accept(offer, 1, 2).await) };
        Self { world, program, mentor, mentee, offer, pair }
    }

    fn actor(&self, standing: Standing) -> Actor {
        match standing {
            Standing::Staff => self.world.staff(),
            Standing::Admin => self.world.admin(),
            Standing::Mentor => self.world.person(1),
            Standing::Mentee => self.world.person(2),
            Standing::Third => self.world.person(3),
            Standing::Host => self.world.host_actor(),
            Standing::Clock => Actor::clock(tenant()),
        }
    }

    /// The enrolment that is this standing's own, the mentor's for everybody else.
    fn own(&self, standing: Standing) -> EnrollmentId {
        if standing == Standing::Mentee { self.mentee } else { self.mentor }
    }

    /// Does the action as somebody in this standing.
    async fn try_it(&self, action: Action, standing: Standing) -> Result<(), Error> {
        let (s, actor) = (&self.world.service, &self.actor(standing));
        let own = self.own(standing);
        let pair = || self.pair.expect("both have said yes");
        let page = PageAsk::default;
        match action {
            Action::ViewProgram => s.program(actor, self.program).await.map(drop),
            Action::ManageProgram => s.close_enrollment(actor, self.program).await,
            Action::ArchiveProgram => s.archive_program(actor, self.program).await,
            Action::SuspendProgram => s.suspend_program(actor, self.program).await,
            Action::Apply => s.enroll(actor, self.program, sign_up(Role::Mentee)).await.map(drop),
            Action::ManageEnrollment => s.pause_enrollment(actor, own, None).await,
            Action::ViewEnrollment => s.application(actor, own).await.map(drop),
            Action::DecideApplication => s.approve(actor, own).await,
            Action::HoldEnrollment => s.hold_enrollment(actor, own).await,
            Action::RemoveEnrollment => s.remove_enrollment(actor, own, slug("rules")).await,
            Action::ViewDrafts => s.candidates(actor, self.mentee, 5).await.map(drop),
            Action::ManageProposals => {
                let run = s.prepare_run(actor, self.program, RunOptions::new()).await;
                let alone = s.stage_proposal(actor, self.mentor, self.mentee, None).await;
                let refused = |error: &Error| error.code() == "not_found";
                assert_eq!(
                    run.as_ref().is_err_and(refused),
                    alone.as_ref().is_err_and(refused),
                    "a run is for those who stage by hand"
                );
                run.and(alone.map(drop))
            }
            Action::ViewOffer => {
                if standing == Standing::Admin {
                    return s.proposals(actor, self.program, None, page()).await.map(drop);
                }
                let mine = s.my_offers(actor, page()).await?;
                if mine.items.is_empty() {
                    return Err(mentorship_core::decide::Refusal::NotFound.into());
                }
                Ok(())
            }
            Action::AnswerOffer => s.decline(actor, self.offer, None).await,
            Action::ViewPair => s.pair(actor, pair()).await.map(drop),
            Action::ReadPair => s.thread(actor, pair(), None, page()).await.map(drop),
            Action::ViewTestimonials => s.testimonials(actor, self.program, page()).await.map(drop),
            Action::WritePair => {
                let body = Body::new("Ahoy.").unwrap();
                s.post(actor, pair(), &slug("hello"), None, body).await.map(drop)
            }
            Action::PausePair => s.pause_pair(actor, pair(), None).await,
            Action::EndPair => s.end_pair(actor, pair(), EndKind::Other, None, false).await,
            Action::RestartPair => s.restart_pair(actor, pair()).await.map(drop),
            Action::FreezePair => s.freeze_pair(actor, pair(), None).await,
            Action::ManageOwnSafety => s.set_reminders(actor, true).await,
            Action::RecordPersonFacts => {
                let facts = AgeFacts { adult_on: Some(adult_date()), zone: None };
                s.record_age(actor, &who(1), facts).await
            }
            Action::RenamePerson => s.rename_person(actor, &who(1), &who(77)).await,
            Action::ErasePerson => {
                let own = if standing == Standing::Mentee { who(2) } else { who(1) };
                let own = if standing == Standing::Third { who(3) } else { own };
                s.set_reminders(&self.world.person(3), true).await?;
                s.erase_person(actor, &own).await.map(drop)
            }
            Action::ExportPerson => {
                let own = if standing == Standing::Mentee { who(2) } else { who(1) };
                let own = if standing == Standing::Third { who(3) } else { own };
                s.export_person(actor, &own, ExportAsk::default()).await.map(drop)
            }
            Action::ViewAudit => s.audit(actor, page()).await.map(drop),
            Action::ViewProgramAudit => {
                s.program_audit(actor, self.program, page()).await.map(drop)
            }
            Action::ViewOwnAudit => s.my_audit(actor, page()).await.map(drop),
            Action::FileReport => {
                let report = ReportAsk::new(who(2), slug("spam"));
                let other = ReportAsk::new(who(1), slug("spam"));
                let report = if standing == Standing::Mentee { other } else { report };
                s.file_report(actor, self.program, report).await.map(drop)
            }
            Action::ViewOwnCases => {
                let statements = s.my_statements(actor, page()).await.map(drop);
                let reports = s.my_reports(actor, page()).await.map(drop);
                assert_eq!(statements.is_ok(), reports.is_ok());
                reports
            }
            Action::ReviewCases => match standing {
                Standing::Staff => s.platform_cases(actor, page()).await.map(drop),
                _ => s.group_cases(actor, self.program, page()).await.map(drop),
            },
            Action::Operate => s.sweep(actor, SweepAsk::default()).await.map(drop),
        }
    }
}

/// Time acts through the sweep only, on what is due; these cells have their cases there.
fn only_in_the_sweep(action: Action, standing: Standing) -> bool {
    standing == Standing::Clock
        && matches!(
            action,
            Action::ArchiveProgram
                | Action::ManageEnrollment
                | Action::ManageProposals
                | Action::PausePair
                | Action::EndPair
                | Action::ReviewCases
        )
}

#[test]
fn every_cell_is_as_the_table_says() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut tried = 0;
    let mut wrong = Vec::new();
    for supervised in [false, true] {
        for action in Action::ALL.iter().copied() {
            for standing in Standing::ALL.iter().copied() {
                if only_in_the_sweep(action, standing) {
                    assert_eq!(grant(action, standing), Grant::Yes);
                    continue;
                }
                let circumstances = Circumstances { open: true, supervised, unrecused: true };
                let expected = allows(action, standing, circumstances);
                let outcome = runtime.block_on(async {
                    Scene::set(action, supervised).await.try_it(action, standing).await
                });
                let told = outcome.as_ref().map_or_else(Error::code, |()| "done");
                tried += 1;
                if expected != (told != "not_found") {
                    wrong.push(format!(
                        "{action} as {standing}, supervised {supervised}: {told}, the table says \
                         {expected}"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(tried, 2 * (Action::ALL.len() * Standing::ALL.len() - 6));
}
