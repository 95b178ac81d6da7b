//! A case about somebody, and that somebody: until it is decided nothing tells of it (D14, I9).

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use mentorship_core::{
    base::{
        id::{CaseId, ProgramId},
        text::{Body, Note},
    },
    conformance::make::{group, id, slug, tenant, who},
    decide::report::ReportAsk,
    model::report::{InterimAsk, Measure, Outcome, Priority, Ruling, Verdict},
    policy::actor::Actor,
};

use crate::{
    acts::{page, pages, participant, pick, told},
    worlds::{Past, STRANGER, Side, reasons},
};

/// Cases that were there in one of two worlds.
pub(crate) static CASES: AtomicUsize = AtomicUsize::new(0);

const OTHERS: u64 = 1_400;
const CASE: u64 = 1_500;

/// How many stages there are in which nothing is decided, and one in which something is.
pub(crate) const STAGES: u8 = 8;
pub(crate) const WARNED: u8 = STAGES;

/// What is hidden from whom it is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accused {
    /// Who has reported them.
    pub(crate) by: u64,
    /// How far it went.
    pub(crate) stage: u8,
    /// Whether somebody else has reported them as well, in both worlds.
    pub(crate) also: bool,
}

impl Side {
    /// Somebody is reported, or not.
    pub(crate) async fn accuse(
        &self,
        past: &Past,
        subject: u64,
        it: Accused,
        reports: bool,
    ) -> Option<CaseId> {
        let programs = past.programs();
        let program = programs[usize::from(it.stage) % programs.len()];
        self.turn(OTHERS);
        if it.also {
            let report = ReportAsk::new(who(subject), slug("spam"));
            let other = Actor::person(tenant(), who(STRANGER + 1));
            drop(self.service.file_report(&other, program, report).await);
        }
        self.turn(CASE);
        if !reports {
            return None;
        }
        let (s, by) = (&self.service, Actor::person(tenant(), who(it.by)));
        let admin = Actor::group_admin(tenant(), who(902), group());
        let category = slug(if it.stage == 7 { "threats" } else { "scam" });
        let report = ReportAsk::new(who(subject), category.clone());
        let report = if it.stage == 1 { report.text(Body::new("Look.").unwrap()) } else { report };
        let case = s.file_report(&by, program, report).await.ok()?.case;
        CASES.fetch_add(1, Relaxed);
        if (2..=6).contains(&it.stage) || it.stage == WARNED {
            s.triage_case(&admin, case, &category, Priority::P2).await.unwrap();
        }
        if (3..=5).contains(&it.stage) || it.stage == WARNED {
            s.take_case(&admin, case).await.unwrap();
        }
        if [4, 5].contains(&it.stage) {
            s.ask_reporter(&admin, case, Note::new("When?").unwrap()).await.unwrap();
        }
        match it.stage {
            5 => s.answer_reviewer(&by, case, Body::new("Today.").unwrap()).await.unwrap(),
            6 => s.escalate_case(&admin, case).await.unwrap(),
            WARNED => {
                let (outcome, measures) = (Outcome::Actioned, vec![Measure::Warn]);
                let verdict = Verdict { outcome, measures, reasons: reasons() };
                s.decide_case(&admin, case, verdict).await.unwrap();
            }
            _ => {}
        }
        Some(case)
    }
}

/// How many acts there are of whom a case may be about.
pub(crate) const ACTS: u8 = 41;

/// What somebody does and reads whom a case may be about.
pub(crate) async fn subject(
    side: &Side,
    past: &Past,
    (me, by): (u64, u64),
    case: CaseId,
    act: [u8; 3],
) -> String {
    let [what, a, b] = act;
    let (s, person) = (&side.service, Actor::person(tenant(), who(me)));
    let program = past.programs()[usize::from(b) % past.programs().len()];
    match what % ACTS {
        34 => {
            let reports = pages(a, async |page| s.my_reports(&person, page).await).await;
            let statements = pages(a, async |page| s.my_statements(&person, page).await).await;
            let log = pages(a, async |page| s.my_audit(&person, page).await).await;
            format!("{reports} {statements} {log}")
        }
        35 => format!(
            "{} {}",
            told(s.statistics(&person, program).await),
            told(s.program_audit(&person, program, page(a)).await)
        ),
        // Its id, from wherever they have it.
        36 => format!(
            "{} {} {}",
            told(s.case(&person, case).await),
            told(s.case_background(&person, case).await),
            told(s.alike_cases(&person, case, page(a)).await)
        ),
        37 => told(s.withdraw_report(&person, case).await),
        38 => told(s.answer_reviewer(&person, case, Body::new("Yes.").unwrap()).await),
        39 => told(s.appeal_case(&person, case, Body::new("Look again.").unwrap()).await),
        40 => match pick(&side.places(past, me), a) {
            Some(place) if b.is_multiple_of(2) => {
                told(s.pause_enrollment(&person, place, None).await)
            }
            Some(place) => told(s.application(&person, place).await),
            None => "nothing to choose".to_owned(),
        },
        _ => participant(side, past, me, by, [what % ACTS, a, b]).await,
    }
}

/// How many acts there are on a case, of whoever reviews.
pub(crate) const ON_CASE: u8 = 6;

/// What somebody does with a case that is there or not, who reviews others.
pub(crate) async fn on_case(side: &Side, me: &Actor, case: CaseId, act: [u8; 2]) -> String {
    let ([what, a], s) = (act, &side.service);
    let measure = [InterimAsk::SuspendEnrollments, InterimAsk::FreezePair][usize::from(a % 2)];
    match what % ON_CASE {
        0 => told(s.ask_reporter(me, case, Note::new("When?").unwrap()).await),
        1 => told(s.take_interim(me, case, measure).await),
        2 => told(s.lift_interim(me, case, measure).await),
        3 => {
            let ruling = [Ruling::Upheld, Ruling::Reversed][usize::from(a % 2)];
            told(s.rule_on_appeal(me, case, ruling, &[], reasons()).await)
        }
        4 => pages(a, async |page| s.alike_cases(me, case, page).await).await,
        _ => {
            let (outcome, measures) =
                (Outcome::Actioned, vec![Measure::BanFromGroup { until: None }]);
            let verdict = Verdict { outcome, measures, reasons: reasons() };
            told(s.decide_case(me, case, verdict).await)
        }
    }
}

/// Whoever reviews finds that a case which is there or not is the same as one that they see, or the other way round.
pub(crate) async fn merge(
    side: &Side,
    me: &Actor,
    program: ProgramId,
    case: CaseId,
    [a, b]: [u8; 2],
) -> String {
    let seen = side.service.group_cases(me, program, page(1)).await;
    let seen: Vec<_> = seen.iter().flat_map(|it| &it.items).map(|it| it.id).collect();
    let other = pick(&seen, a).unwrap_or(id(4_243));
    drop(side.asked.take());
    let (one, two) = if b.is_multiple_of(2) { (case, other) } else { (other, case) };
    told(side.service.merge_case(me, one, two).await)
}
