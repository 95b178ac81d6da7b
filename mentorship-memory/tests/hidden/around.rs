//! What there is around somebody, and staff of the platform who is that somebody, or a partner of theirs: of signals
//! and cases there is nothing for them (row 58, D12).

use mentorship_core::{
    base::id::CaseId,
    conformance::make::{group, slug, tenant, who},
    decide::report::ReportAsk,
    model::{
        pair::EndKind,
        report::{Outcome, Priority, Verdict},
    },
    policy::actor::Actor,
    service::PageAsk,
};

use crate::{
    acts::{page, pages, participant, pick, told},
    subject::{ON_CASE, on_case},
    worlds::{Past, STRANGER, Side, reasons},
};

/// Staff who takes part as well.
pub(crate) const STAFF: u64 = 990;

/// People whom nobody of the history has met, who block and report.
const CROWD: u64 = 70;
/// Others, who block somebody of whom staff reads in both worlds.
const OTHERS: u64 = 80;

/// Whom it is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    /// Somebody of the history.
    pub(crate) x: u64,
    /// What staff has to do with them; `None` for nothing.
    pub(crate) tie: Option<u8>,
}

/// How many people block them, and how many have reported them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Crowd {
    pub(crate) blocks: u64,
    pub(crate) reports: u64,
}

impl Crowd {
    /// Of as many as are enough to show, one way or the other, as of fewer and none.
    pub(crate) fn of(choice: u8) -> Self {
        Self { blocks: u64::from(choice) % 5, reports: u64::from(choice) / 5 % 5 }
    }
}

const TIED: u64 = 1_000;
const SEEN: u64 = 1_001;
const BLOCKS: u64 = 1_100;
const REPORTS: u64 = 1_200;
const CASE: u64 = 1_300;

/// What else a case is of which staff is not to know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Worked {
    /// The other one of it.
    pub(crate) o: u64,
    /// Whether it is they whom it is about, and with whom staff has to do is its reporter.
    pub(crate) turned: bool,
    /// How far it went.
    pub(crate) stage: u8,
}

impl Side {
    /// Staff has to do with somebody, around whom there is this; answers whom it is about, and with a case of it.
    pub(crate) async fn surround(
        &self,
        past: &Past,
        it: About,
        crowd: Crowd,
    ) -> (u64, Option<CaseId>) {
        let (s, person) = (&self.service, |n: u64| Actor::person(tenant(), who(n)));
        let about = self.tie(past, it).await;
        self.turn(SEEN);
        for seen in [STRANGER, STRANGER + 900] {
            for n in OTHERS..OTHERS + 3 {
                s.block(&person(n), &who(seen)).await.unwrap();
            }
        }
        for n in 0..crowd.blocks {
            self.turn(BLOCKS + n);
            s.block(&person(CROWD + n), &who(about)).await.unwrap();
        }
        let (programs, mut case) = (past.programs(), None);
        for n in 0..crowd.reports {
            self.turn(REPORTS + n);
            let category = ["spam", "scam", "harassment"][usize::try_from(n % 3).unwrap()];
            let report = ReportAsk::new(who(about), slug(category));
            let program = programs[usize::try_from(n).unwrap() % programs.len()];
            let filed = s.file_report(&person(CROWD + 9 - n), program, report).await;
            case = case.or(filed.ok().map(|it| it.case));
        }
        (about, case)
    }

    /// Staff has to do with somebody; says with whom, which is themselves where nothing else is possible.
    async fn tie(&self, past: &Past, it: About) -> u64 {
        self.turn(TIED);
        let Some(tie) = it.tie else { return it.x };
        let pair = if tie % 3 == 0 { None } else { self.pair_up(past, it.x, STAFF).await };
        let Some(pair) = pair else { return STAFF };
        if tie % 3 == 1 {
            let admin = Actor::group_admin(tenant(), who(902), group());
            self.service.end_pair(&admin, pair, EndKind::Other, None, true).await.unwrap();
        }
        it.x
    }

    /// Staff has to do with somebody, and where `reports` there is a case of or about them.
    pub(crate) async fn work(
        &self,
        past: &Past,
        (it, worked): (About, Worked),
        reports: bool,
    ) -> Option<CaseId> {
        let about = self.tie(past, it).await;
        let programs = past.programs();
        let program = programs[usize::from(worked.stage) % programs.len()];
        // Their own reports staff reads as anybody does.
        let turned = worked.turned && about != STAFF;
        let (by, subject) = if turned { (about, worked.o) } else { (worked.o, about) };
        // Others have reported the same one, as many as are enough for them to show.
        for n in 0..3 {
            self.turn(REPORTS + n);
            let report = ReportAsk::new(who(subject), slug("spam"));
            let person = Actor::person(tenant(), who(CROWD + n));
            drop(self.service.file_report(&person, program, report).await);
        }
        self.turn(CASE);
        if reports { self.report(program, by, subject, worked.stage).await } else { None }
    }
}

/// What staff does and reads; `case` is there or not. What others block is in the log, which is read only where that
/// is the same in both worlds.
pub(crate) async fn staff(
    side: &Side,
    past: &Past,
    (case, reads_log): (CaseId, bool),
    act: [u8; 3],
) -> String {
    let [what, a, b] = act;
    let acts = if reads_log { 19 + ON_CASE } else { 16 };
    let (service, me) = (&side.service, Actor::staff(tenant(), who(STAFF)));
    match what % acts {
        0 | 1 => told(service.signals(&me, page(a)).await),
        2 => {
            // One by one, from the place that the page before has told.
            let (mut all, mut ask) = (String::new(), PageAsk { limit: 1, after: None });
            loop {
                let found = service.signals(&me, ask.clone()).await;
                ask.after = found.as_ref().ok().and_then(|it| it.next.clone());
                all += &told(found);
                if ask.after.is_none() {
                    return all;
                }
            }
        }
        3 | 4 => match pick(&past.programs(), b) {
            Some(program) => told(service.statistics(&me, program).await),
            None => "nothing to choose".to_owned(),
        },
        5 => told(service.platform_cases(&me, page(a)).await),
        6 => format!(
            "{} {}",
            told(service.case(&me, case).await),
            told(service.case_background(&me, case).await)
        ),
        7 => told(service.take_case(&me, case).await),
        8 => told(service.triage_case(&me, case, &slug("scam"), Priority::P3).await),
        9 => {
            let verdict =
                Verdict { outcome: Outcome::NoAction, measures: Vec::new(), reasons: reasons() };
            told(service.decide_case(&me, case, verdict).await)
        }
        10 => told(service.escalate_case(&me, case).await),
        11 => format!(
            "{} {}",
            told(service.muted_reporters(&me, page(a)).await),
            told(service.banned_people(&me, page(a)).await)
        ),
        // As anybody who takes part, about one of those whom they have never heard of.
        12..=14 => participant(side, past, STAFF, CROWD + u64::from(b % 3), [a, b, a]).await,
        16 | 17 => pages(a, async |page| service.audit(&me, page).await).await,
        18 => match pick(&past.programs(), b) {
            Some(of) => pages(a, async |page| service.program_audit(&me, of, page).await).await,
            None => "nothing to choose".to_owned(),
        },
        what @ 19.. => on_case(side, &me, case, [what - 19, a]).await,
        _ => {
            side.days(i64::from(a % 20)).await;
            "time passes".to_owned()
        }
    }
}
