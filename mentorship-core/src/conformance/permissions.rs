//! Every cell of the table of who may do what, tried on the service itself: what the table grants is not answered
//! "not found", and what it does not grant is. That the table says what it should is another test's, which needs
//! no store (`tests/permission.rs`).

use super::{
    Harness,
    make::{self, adult_date, slug, who},
    world::{World, sign_up},
};
use crate::{
    base::{
        host::{GroupId, TenantId},
        id::{CaseId, EnrollmentId, PairId, ProgramId, ProposalId},
        text::{Body, Title},
    },
    decide::{
        Refusal,
        person::AgeFacts,
        program::{CreateProgram, EditProgram},
        report::ReportAsk,
    },
    matching::run::RunOptions,
    model::{
        enrollment::Role,
        moderation::Moderation,
        pair::EndKind,
        program::Oversight,
        report::{Content, InterimAsk, Tier},
    },
    policy::{
        actor::Actor,
        permission::{Action, Circumstances, Grant, Standing, allows, grant},
    },
    service::{Error, ExportAsk, PageAsk, SweepAsk},
};

struct Scene {
    world: World,
    program: ProgramId,
    mentor: EnrollmentId,
    mentee: EnrollmentId,
    offer: ProposalId,
    /// Once both have said yes.
    pair: Option<PairId>,
    /// One that the group works and the platform sees, where it is about a case; where it is about what is read in
    /// one, one that staff works.
    case: Option<CaseId>,
    in_case: bool,
}

/// Under which circumstances an action is tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct When {
    supervised: bool,
    in_case: bool,
}

impl Scene {
    async fn set(world: World, action: Action, When { supervised, in_case }: When) -> Self {
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
        if action == Action::ViewDirectory {
            world.service.show_to_group(&world.person(1), mentor, true).await.unwrap();
        }
        let offer = world.offer(mentor, mentee).await;
        let on_an_offer = matches!(action, Action::ViewOffer | Action::AnswerOffer);
        let pair = if on_an_offer { None } else { Some(world.accept(offer, 1, 2).await) };
        let case = if action == Action::HoldInCase {
            let report = ReportAsk::new(who(1), slug("scam"));
            let filed = world.service.file_report(&world.person(2), program, report).await;
            Some(filed.unwrap().case)
        } else if cells(action, Grant::InCase) {
            Some(Self::case_for_staff(&world, program, in_case).await)
        } else {
            None
        };
        Self { world, program, mentor, mentee, offer, pair, case, in_case }
    }

    /// A case about the two that staff works, or one that something keeps them from.
    async fn case_for_staff(world: &World, program: ProgramId, is_theirs: bool) -> CaseId {
        let report = ReportAsk::new(who(1), slug("scam")).recipient(Tier::Platform);
        let filed = world.service.file_report(&world.person(2), program, report).await;
        let case = filed.unwrap().case;
        world.work(&world.staff(), case).await;
        if !is_theirs {
            let elsewhere = world.program(|_| {}).await;
            world.pair(elsewhere, 990, 2).await;
        }
        case
    }

    /// Reads in the case what staff reads nowhere else.
    async fn read_in_case(&self, action: Action, actor: &Actor) -> Result<(), Error> {
        let (s, case) = (&self.world.service, self.case.expect("somebody has reported"));
        if action == Action::ReadPair {
            return s.case(actor, case).await.map(|it| assert!(!it.evidence.is_empty()));
        }
        let found = s.case_background(actor, case).await?;
        if action == Action::ViewPair {
            assert_eq!(
                found.pairs.iter().map(|it| it.pair).collect::<Vec<_>>(),
                [self.pair.unwrap()]
            );
        } else {
            let places: Vec<_> = found.places.iter().map(|it| it.enrollment).collect();
            assert_eq!(places, [self.mentor]);
        }
        Ok(())
    }

    fn actor(&self, standing: Standing) -> Actor {
        somebody(&self.world, standing)
    }

    /// The enrolment that is this standing's own, the mentor's for everybody else.
    fn own(&self, standing: Standing) -> EnrollmentId {
        if standing == Standing::Mentee { self.mentee } else { self.mentor }
    }

    /// Everything that people say of others and of themselves, and what they read of it.
    async fn own_safety(&self, actor: &Actor) -> Result<(), Error> {
        let (s, page, other) = (&self.world.service, PageAsk::default, who(500));
        let each = [
            told(&s.block(actor, &other).await),
            told(&s.my_blocks(actor, page()).await),
            told(&s.lift_block(actor, &other).await),
            told(&s.avoid(actor, &other, true).await),
            told(&s.my_avoids(actor, page()).await),
            told(&s.wish_for(actor, &other, true).await),
            told(&s.my_wishes(actor, page()).await),
        ];
        let done = s.set_reminders(actor, true).await;
        assert!(each.iter().all(|it| *it == told(&done)), "{each:?} {}", told(&done));
        done
    }

    /// Makes a program, changes one, and closes it.
    async fn manage(&self, actor: &Actor) -> Result<(), Error> {
        let s = &self.world.service;
        let input = CreateProgram {
            group: make::group(),
            template: make::template(),
            title: Title::new("Learn to row").unwrap(),
            topic: None,
            zone: chrono_tz::Tz::Europe__Lisbon,
            window: None,
            policy: None,
        };
        let made = s.create_program(actor, input).await;
        let changed = s.edit_program(actor, self.program, EditProgram::default()).await;
        let closed = s.close_enrollment(actor, self.program).await;
        assert_eq!(told(&changed), told(&closed));
        // In a tenant of their own they may make what they like.
        let here = *actor.tenant() == self.world.tenant;
        assert!(!here || told(&made) == told(&closed));
        closed
    }

    async fn mute(&self, actor: &Actor) -> Result<(), Error> {
        let s = &self.world.service;
        let seen = s.muted_reporters(actor, PageAsk::default()).await.map(drop);
        let done = s.mute_reporter(actor, &who(1), None).await;
        assert_eq!(seen.is_ok(), done.is_ok());
        done
    }

    /// Something that the mentor has written.
    async fn post(&self, pair: PairId) -> Content {
        let (s, author) = (&self.world.service, self.world.person(1));
        let body = Body::new("Ahoy.").unwrap();
        let posted = s.post(&author, pair, &slug("hello"), None, body).await.unwrap();
        Content::Post { pair, post: posted.post }
    }

    /// Does the action as somebody in this standing.
    async fn try_it(&self, action: Action, standing: Standing) -> Result<(), Error> {
        self.try_as(action, standing, &self.actor(standing)).await
    }

    /// Does the action as somebody in this standing would, be the actor whoever they are.
    #[expect(clippy::too_many_lines, reason = "one arm per action")]
    async fn try_as(&self, action: Action, standing: Standing, actor: &Actor) -> Result<(), Error> {
        let s = &self.world.service;
        let own = self.own(standing);
        let pair = || self.pair.expect("both have said yes");
        let page = PageAsk::default;
        if standing == Standing::Staff && cells(action, Grant::InCase) {
            let read = self.read_in_case(action, actor).await;
            if self.in_case || read.is_ok() {
                return read;
            }
        }
        match action {
            Action::ViewProgram => s.program(actor, self.program).await.map(drop),
            Action::ManageProgram => self.manage(actor).await,
            Action::ArchiveProgram => s.archive_program(actor, self.program).await,
            Action::SuspendProgram => s.suspend_program(actor, self.program).await,
            Action::ViewDirectory => {
                let entry = s.directory_entry(actor, self.mentor).await;
                let all = s.directory(actor, self.program, None, page()).await;
                assert_eq!(told(&entry), told(&all));
                if let Ok(all) = &all {
                    assert_eq!(all.items.len(), 1);
                }
                all.map(drop)
            }
            Action::Apply => s.enroll(actor, self.program, sign_up(Role::Mentee)).await.map(drop),
            Action::ManageEnrollment => s.pause_enrollment(actor, own, None).await,
            Action::ViewEnrollment => {
                let one = s.application(actor, own).await;
                let all = s.enrollments(actor, self.program, None, None, page()).await;
                assert!(is_of_the_two(standing) || told(&one) == told(&all));
                one.map(drop)
            }
            Action::DecideApplication => s.approve(actor, own).await,
            Action::HoldEnrollment => s.hold_enrollment(actor, own).await,
            Action::RemoveEnrollment => s.remove_enrollment(actor, own, slug("rules")).await,
            Action::ViewDrafts => {
                let runs = s.runs(actor, self.program, page()).await;
                let candidates = s.candidates(actor, self.mentee, 5).await;
                assert_eq!(told(&runs), told(&candidates));
                candidates.map(drop)
            }
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
                    return Err(Refusal::NotFound.into());
                }
                Ok(())
            }
            Action::AnswerOffer => s.decline(actor, self.offer, None).await,
            Action::ViewPair => {
                let one = s.pair(actor, pair()).await;
                let all = s.pairs(actor, self.program, None, page()).await;
                assert!(is_of_the_two(standing) || told(&one) == told(&all));
                one.map(drop)
            }
            Action::ReadPair => s.thread(actor, pair(), None, page()).await.map(drop),
            Action::ViewTestimonials => s.testimonials(actor, self.program, page()).await.map(drop),
            Action::ViewStatistics => s.statistics(actor, self.program).await.map(drop),
            Action::ViewSignals => s.signals(actor, page()).await.map(drop),
            Action::WritePair => {
                let body = Body::new("Ahoy.").unwrap();
                s.post(actor, pair(), &slug("hello"), None, body).await.map(drop)
            }
            Action::PausePair => s.pause_pair(actor, pair(), None).await,
            Action::EndPair => s.end_pair(actor, pair(), EndKind::Other, None, false).await,
            Action::RestartPair => s.restart_pair(actor, pair()).await.map(drop),
            Action::FreezePair => s.freeze_pair(actor, pair()).await,
            Action::ModerateContent => {
                s.moderate(actor, self.post(pair()).await, Moderation::Hide).await
            }
            Action::ManageOwnSafety => self.own_safety(actor).await,
            Action::RecordPersonFacts => {
                let facts = AgeFacts { adult_on: Some(adult_date()), zone: None };
                s.record_age(actor, &who(1), facts).await.map(drop)
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
            Action::HoldInCase => {
                let case = self.case.expect("somebody has reported");
                s.lift_interim(actor, case, InterimAsk::FreezePair).await
            }
            Action::ManageBans => s.banned_people(actor, page()).await.map(drop),
            Action::MuteReporters => self.mute(actor).await,
            Action::Operate => s.sweep(actor, SweepAsk::default()).await.map(drop),
        }
    }
}

fn somebody(world: &World, standing: Standing) -> Actor {
    match standing {
        Standing::Staff => world.staff(),
        Standing::Admin => world.admin(),
        Standing::Mentor => world.person(1),
        Standing::Mentee => world.person(2),
        Standing::Third => world.person(3),
        Standing::Host => world.host_actor(),
        Standing::Clock => Actor::clock(world.tenant.clone()),
    }
}

/// Whether they have lists of their own, and no list of a program.
fn is_of_the_two(standing: Standing) -> bool {
    matches!(standing, Standing::Mentor | Standing::Mentee)
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

/// Makes worlds of their own in one store.
struct Worlds {
    harness: Harness,
    made: usize,
}

impl Worlds {
    fn next(&mut self) -> World {
        self.made += 1;
        let tenant = TenantId::try_from(format!("cell-{}", self.made)).unwrap();
        World::of(self.harness.store.clone(), tenant)
    }
}

/// Whether the table says this of an action, to anybody.
fn cells(action: Action, of: Grant) -> bool {
    Standing::ALL.iter().any(|it| grant(action, *it) == of)
}

fn told<T>(outcome: &Result<T, Error>) -> &'static str {
    outcome.as_ref().map_or_else(Error::code, |_| "done")
}

/// Row 59: every action in every standing, supervised and in a case where it matters. What is refused does nothing, so
/// that all who are refused share a world.
pub async fn every_cell_is_as_the_table_says(h: Harness) {
    let mut worlds = Worlds { harness: h, made: 0 };
    let (mut tried, mut wrong) = (0, Vec::new());
    for action in Action::ALL.iter().copied() {
        let (alone, supervised) = (When::default(), When { supervised: true, in_case: false });
        let in_case = When { supervised: false, in_case: true };
        for when in [alone, supervised, in_case] {
            if when == supervised && !cells(action, Grant::WhenSupervised)
                || when == in_case && !cells(action, Grant::InCase)
            {
                continue;
            }
            let When { supervised, in_case } = when;
            let circumstances = Circumstances { open: true, supervised, unrecused: true, in_case };
            let refused = Scene::set(worlds.next(), action, when).await;
            for standing in Standing::ALL.iter().copied() {
                if only_in_the_sweep(action, standing) {
                    assert_eq!(grant(action, standing), Grant::Yes);
                    continue;
                }
                let outcome = if allows(action, standing, circumstances) {
                    let scene = Scene::set(worlds.next(), action, when).await;
                    scene.try_it(action, standing).await
                } else {
                    refused.try_it(action, standing).await
                };
                tried += 1;
                let told = told(&outcome);
                if allows(action, standing, circumstances) != (told != "not_found") {
                    wrong.push(format!("{action} as {standing}, {when:?}: {told}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(tried, (Action::ALL.len() + 1 + 3) * Standing::ALL.len() - 6);
}

/// Actions that are on nobody's records but the actor's own, or on those of all of a tenant: another tenant has its own.
const ON_NO_RECORD: &[Action] = &[
    Action::ViewSignals,
    Action::ManageOwnSafety,
    Action::RecordPersonFacts,
    Action::RenamePerson,
    Action::ErasePerson,
    Action::ExportPerson,
    Action::ViewAudit,
    Action::ViewOwnAudit,
    Action::ViewOwnCases,
    Action::ManageBans,
    Action::MuteReporters,
    Action::Operate,
];

/// By its id nobody of another tenant reaches anything, as whoever they are there, and no admin of another group more
/// than that a program is open.
pub async fn no_cell_is_reached_from_elsewhere(h: Harness) {
    let mut worlds = Worlds { harness: h, made: 0 };
    let elsewhere = worlds.next();
    // They are known there. What we name is named alike in each of these worlds, so that nothing of ours is.
    for n in [1, 2, 3] {
        elsewhere.service.set_reminders(&elsewhere.person(n), true).await.unwrap();
    }
    let (mut tried, mut wrong) = (0, Vec::new());
    for action in Action::ALL.iter().copied().filter(|it| !ON_NO_RECORD.contains(it)) {
        let (alone, supervised) = (When::default(), When { supervised: true, in_case: false });
        let in_case = When { supervised: false, in_case: true };
        for when in [alone, supervised, in_case] {
            if when == supervised && !cells(action, Grant::WhenSupervised)
                || when == in_case && !cells(action, Grant::InCase)
            {
                continue;
            }
            let scene = Scene::set(worlds.next(), action, when).await;
            for standing in Standing::ALL.iter().copied() {
                // Staff reviews what its own tenant has.
                if action == Action::ReviewCases && standing == Standing::Staff {
                    continue;
                }
                let foreign = somebody(&elsewhere, standing);
                let told = told(&scene.try_as(action, standing, &foreign).await);
                tried += 1;
                if told != "not_found" {
                    wrong.push(format!(
                        "{action} as {standing} of another tenant, {when:?}: {told}"
                    ));
                }
            }
            let climbers = GroupId::try_from("climbers").unwrap();
            let admin = Actor::group_admin(scene.world.tenant.clone(), who(950), climbers);
            let told = told(&scene.try_as(action, Standing::Admin, &admin).await);
            tried += 1;
            // An open program anybody may look at.
            if (told != "not_found") != (action == Action::ViewProgram) {
                wrong.push(format!("{action} as an admin of another group, {when:?}: {told}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let actions = Action::ALL.len() - ON_NO_RECORD.len() + 1 + 3;
    assert_eq!(tried, actions * (Standing::ALL.len() + 1) - 1);
}

/// What is granted while a program is open is not while it is a draft.
pub async fn a_draft_is_not_open(h: Harness) {
    let world = World::new(h.store);
    let program = world.draft(|_| {}).await;
    let s = &world.service;
    let everybody = [
        (Standing::Staff, world.staff()),
        (Standing::Admin, world.admin()),
        (Standing::Third, world.person(3)),
        (Standing::Host, world.host_actor()),
        (Standing::Clock, Actor::clock(world.tenant.clone())),
    ];
    for (standing, actor) in everybody {
        let view = s.program(&actor, program).await;
        let apply = s.enroll(&actor, program, sign_up(Role::Mentee)).await;
        for (action, told) in [(Action::ViewProgram, told(&view)), (Action::Apply, told(&apply))] {
            let granted = allows(action, standing, Circumstances::default());
            assert_eq!(told != "not_found", granted, "{action} as {standing}: {told}");
        }
    }
}
