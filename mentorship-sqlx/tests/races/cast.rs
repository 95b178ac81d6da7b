//! Who is there before a race: one state in which every command has something to do, around one mentor
//! (person 1) whom nearly everything rests on.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use mentorship_core::{
    base::{
        host::PersonId,
        id::{CaseId, EnrollmentId, PairId, PostId, ProgramId, ProposalId},
        text::{Body, Note, Title},
    },
    change::{Change, ChangeSet, Key},
    conformance::{
        make::{self, slug, who},
        through::{Hook, Through},
        world::{World, sign_up, step},
    },
    decide::{enrollment::Apply, report::ReportAsk},
    model::{
        enrollment::Role,
        pair::EndKind,
        program::ProgramPolicy,
        report::{
            Content, Ground, InterimAsk, Measure, Outcome, Priority, Reasons, Ruling, Target,
            Verdict,
        },
    },
    policy::actor::Actor,
};
use mentorship_memory::MemoryStore;

/// What a command needs to name.
#[derive(Clone, Debug)]
pub(crate) struct Cast {
    /// An open program without approval, where most of it happens.
    pub(crate) open: ProgramId,
    /// An open program whose admins decide.
    pub(crate) judged: ProgramId,
    pub(crate) draft: ProgramId,
    pub(crate) closed: ProgramId,
    pub(crate) suspended: ProgramId,
    /// Winds down with a live pair of persons 1 and 2.
    pub(crate) ending: ProgramId,
    /// Winds down, settled, with people but without pairs.
    pub(crate) over: ProgramId,

    /// Person 1 in `open`.
    pub(crate) mentor: EnrollmentId,
    /// Person 20 in `open`, second choice of person 9.
    pub(crate) other_mentor: EnrollmentId,
    /// Person 10 in `open`, without a proposal.
    pub(crate) free: EnrollmentId,
    /// Person 11 in `open`, whom nobody was proposed to either.
    pub(crate) other_free: EnrollmentId,
    /// Person 12 in `open`, paused.
    pub(crate) paused_place: EnrollmentId,
    /// Person 13 in `open`, held.
    pub(crate) held_place: EnrollmentId,
    /// Person 1 in `judged`, not decided.
    pub(crate) submitted: EnrollmentId,
    /// Person 2 in `judged`, asked for more.
    pub(crate) asked: EnrollmentId,

    /// Persons 1 and 2, under way, the first step half done.
    pub(crate) active: PairId,
    /// A post of person 1 in it.
    pub(crate) post: PostId,
    /// Persons 1 and 3.
    pub(crate) paused: PairId,
    /// Persons 1 and 4.
    pub(crate) frozen: PairId,
    /// Persons 1 and 5, over.
    pub(crate) ended: PairId,
    /// Persons 1 and 2 in `ending`, the first step done, which is enough.
    pub(crate) far: PairId,

    /// To persons 1 and 6; waits for 6.
    pub(crate) half: ProposalId,
    /// To persons 1 and 7; waits for both.
    pub(crate) offer: ProposalId,
    /// Of persons 1 and 8; nobody knows.
    pub(crate) staged: ProposalId,
    /// To persons 1 and 9, first of a list whose second is mentor 20.
    pub(crate) first_choice: ProposalId,

    /// Of persons 2 to 6 about person 1: new,
    pub(crate) filed: CaseId,
    /// worked by admin 901,
    pub(crate) worked: CaseId,
    /// waiting for its reporter,
    pub(crate) waiting: CaseId,
    /// decided,
    pub(crate) decided: CaseId,
    /// decided with an appeal,
    pub(crate) appealed: CaseId,
    /// and with a ruling on one.
    pub(crate) ruled: CaseId,
    /// Of person 13 about person 14, who is banned by it.
    pub(crate) banned: CaseId,
    /// Of person 1 about person 2, worked by admin 901, and their post in `active` that it withholds.
    pub(crate) holding: (CaseId, PostId),
}

/// All that a world applied, to be put elsewhere as one set.
#[derive(Clone, Debug, Default)]
struct Recorded(Arc<Mutex<Vec<ChangeSet>>>);

#[async_trait::async_trait]
impl Hook for Recorded {
    async fn before_apply(&self, changes: &mut ChangeSet) {
        self.0.lock().expect("nobody panics here").push(changes.clone());
    }
}

/// The state before a race, as it is put into a tenant of its own.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) cast: Arc<Cast>,
    /// The world in which it was made: its clock and its host.
    pub(crate) world: World,
    set: ChangeSet,
}

/// What a change writes; a later one of the same replaces it.
fn subject(change: &Change) -> String {
    match change {
        Change::Form { program, form } => format!("form {program} {}", form.version),
        Change::Guide { program, guide } => format!("guide {program} {}", guide.version),
        Change::Step(it) => format!("step {} {}", it.pair, it.position),
        Change::Post(it) => format!("post {}", it.id),
        Change::CheckIn(it) => format!("check-in {} {:?} {:?}", it.pair, it.side, it.kind),
        Change::Evidence(it) => format!("evidence {} {}", it.case, it.seq),
        Change::Run(it) => format!("run {}", it.id),
        Change::Touch(key) => format!("touch {key}"),
        other => other.versioned().map_or_else(String::new, |(key, _)| key.to_string()),
    }
}

fn as_new(mut change: Change) -> Change {
    use mentorship_core::base::version::Version;
    match &mut change {
        Change::Person(it) => it.version = Version::NEW,
        Change::Relation(it) => it.version = Version::NEW,
        Change::Program(it) => it.version = Version::NEW,
        Change::Enrollment(it) => it.version = Version::NEW,
        Change::Proposal(it) => it.version = Version::NEW,
        Change::Pair(it) => it.version = Version::NEW,
        Change::Case(it) => it.version = Version::NEW,
        _ => {}
    }
    change
}

/// The last state of everything, as a set that makes it at once.
fn folded(sets: &[ChangeSet]) -> ChangeSet {
    let mut set = ChangeSet::new(make::tenant());
    let mut seen = std::collections::BTreeSet::new();
    let all = sets.iter().flat_map(|it| &it.changes).rev();
    for change in all.filter(|it| !matches!(it, Change::Touch(_))) {
        if seen.insert(subject(change)) {
            set.put(as_new(change.clone()));
        }
    }
    set.audit = sets.iter().flat_map(|it| it.audit.clone()).collect();
    set
}

impl Prepared {
    pub(crate) async fn new() -> Self {
        let recorded = Recorded::default();
        let store = Arc::new(MemoryStore::new());
        let world = World::new(Arc::new(Through::hooked(store, recorded.clone())));
        let cast = Arc::new(cast(&world).await);
        let set = folded(&recorded.0.lock().expect("nobody panics here"));
        Self { cast, world, set }
    }

    /// The same state for a tenant.
    pub(crate) fn of(&self, tenant: &mentorship_core::base::host::TenantId) -> ChangeSet {
        ChangeSet { tenant: tenant.clone(), ..self.set.clone() }
    }

    /// The records that say the key of somebody, which a rename writes.
    pub(crate) fn saying(&self, person: &PersonId) -> Vec<Key> {
        let key = format!("{person:?}");
        let says = self.set.changes.iter().filter(|it| format!("{it:?}").contains(&key));
        says.filter_map(|it| it.versioned().map(|(key, _)| key)).collect()
    }

    /// Every id that is there before the race.
    pub(crate) fn text(&self) -> String {
        format!("{:?}", self.set)
    }
}

async fn places(world: &World, program: ProgramId, people: &[u64]) -> Vec<EnrollmentId> {
    let mut all = Vec::new();
    for n in people {
        let role = if matches!(n, 1 | 20) { Role::Mentor } else { Role::Mentee };
        let capacity = Some(if *n == 1 { 8 } else { 1 });
        let input = Apply { capacity, ..sign_up(role) };
        all.push(world.enroll_with(program, *n, input).await.unwrap());
    }
    all
}

async fn cast(world: &World) -> Cast {
    let (s, admin, staff) = (&world.service, world.admin(), world.staff());
    let program = async |change: fn(&mut ProgramPolicy)| {
        let roomy = |policy: &mut ProgramPolicy| {
            policy.max_mentor_capacity = 9;
            change(policy);
        };
        world.program(roomy).await
    };
    let open = program(|_| {}).await;
    let people = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 20];
    let all = places(world, open, &people).await;
    let of = |n: u64| all[people.iter().position(|it| *it == n).unwrap()];
    let mentor = of(1);
    let pair = async |n: u64| world.accept(world.offer(mentor, of(n)).await, 1, n).await;

    let active = pair(2).await;
    s.finish_step(&world.person(1), active, &step("hello")).await.unwrap();
    let body = Body::new("Fair winds.").unwrap();
    let post = s.post(&world.person(1), active, &step("hello"), None, body).await.unwrap().post;
    let paused = pair(3).await;
    s.finish_step(&world.person(1), paused, &step("hello")).await.unwrap();
    s.pause_pair(&world.person(1), paused, None).await.unwrap();
    let frozen = pair(4).await;
    s.freeze_pair(&staff, frozen).await.unwrap();
    let ended = pair(5).await;
    s.end_pair(&world.person(5), ended, EndKind::NoTime, None, true).await.unwrap();

    let half = world.offer(mentor, of(6)).await;
    s.accept(&world.person(1), half).await.unwrap();
    let offer = world.offer(mentor, of(7)).await;
    let staged = s.stage_proposal(&admin, mentor, of(8), None).await.unwrap().proposal;
    let ranked = s.stage_ranked(&admin, &[mentor, of(20)], of(9)).await.unwrap();
    let choices: Vec<_> = ranked.into_iter().map(|it| it.unwrap().proposal).collect();
    for choice in &choices {
        s.publish_proposal(&admin, *choice).await.unwrap();
    }
    s.pause_enrollment(&world.person(12), of(12), None).await.unwrap();
    s.hold_enrollment(&staff, of(13)).await.unwrap();

    let judged = program(|policy| policy.approval = true).await;
    let of_judged = places(world, judged, &[1, 2]).await;
    let question = Note::new("Which knots do you know?").unwrap();
    s.ask_info(&admin, of_judged[1], question).await.unwrap();

    let draft = world.draft(|_| {}).await;
    let closed = program(|_| {}).await;
    places(world, closed, &[1, 2]).await;
    s.close_enrollment(&admin, closed).await.unwrap();
    let suspended = program(|_| {}).await;
    let of_suspended = places(world, suspended, &[1, 3]).await;
    s.stage_proposal(&admin, of_suspended[0], of_suspended[1], None).await.unwrap();
    s.suspend_program(&staff, suspended).await.unwrap();
    let ending = program(|policy| policy.complete_percent = 1).await;
    let far = world.pair(ending, 1, 2).await;
    for n in [1, 2] {
        s.finish_step(&world.person(n), far, &step("hello")).await.unwrap();
    }
    s.wind_down_program(&admin, ending).await.unwrap();
    let over = program(|_| {}).await;
    places(world, over, &[1, 3]).await;
    s.wind_down_program(&admin, over).await.unwrap();

    let [filed, worked, waiting, decided, appealed, ruled] =
        cases(world, open, Target::Post { pair: active, post }).await;
    let holding = holding(world, open, active).await;
    let banned = taken_back(world, open).await;

    due(world).await;

    Cast {
        open,
        judged,
        draft,
        closed,
        suspended,
        ending,
        over,
        mentor,
        other_mentor: of(20),
        free: of(10),
        other_free: of(11),
        paused_place: of(12),
        held_place: of(13),
        submitted: of_judged[0],
        asked: of_judged[1],
        active,
        post,
        paused,
        frozen,
        ended,
        far,
        half,
        offer,
        staged,
        first_choice: choices[0],
        filed,
        worked,
        waiting,
        decided,
        appealed,
        ruled,
        banned,
        holding,
    }
}

/// Reports of persons 2 to 7 about person 1: one that is new, and one in each later state.
async fn cases(world: &World, open: ProgramId, target: Target) -> [CaseId; 6] {
    let s = &world.service;
    let report = ReportAsk::new(who(1), slug("scam"));
    let first = report.clone().target(target);
    let filed = s.file_report(&world.person(2), open, first).await.unwrap().case;
    let mut cases = Vec::new();
    for n in 3..=7 {
        let (me, judge) = (world.person(n), world.other_admin());
        let case = s.file_report(&me, open, report.clone()).await.unwrap().case;
        s.triage_case(&judge, case, &slug("scam"), Priority::P2).await.unwrap();
        s.take_case(&judge, case).await.unwrap();
        match n {
            4 => {
                let question = Note::new("When?").unwrap();
                s.ask_reporter(&judge, case, question).await.unwrap();
            }
            5..=7 => s.decide_case(&judge, case, verdict(&[Measure::Warn])).await.unwrap(),
            _ => {}
        }
        cases.push(case);
    }
    for n in [6, 7] {
        let words = Body::new("Too mild.").unwrap();
        s.appeal_case(&world.person(n), cases[usize::try_from(n - 3).unwrap()], words)
            .await
            .unwrap();
    }
    let other = Actor::group_admin(make::tenant(), who(902), make::group());
    s.rule_on_appeal(&other, cases[4], Ruling::Upheld, &[], reasons()).await.unwrap();
    [filed, cases[0], cases[1], cases[2], cases[3], cases[4]]
}

/// What is due when a sweep comes: an offer that has lapsed and a pause that is over.
async fn due(world: &World) {
    let lapsing = world
        .program(|policy| {
            policy.max_mentor_capacity = 9;
            policy.offer_days = 1;
        })
        .await;
    let of_lapsing = places(world, lapsing, &[1, 2, 6]).await;
    world.offer(of_lapsing[0], of_lapsing[1]).await;
    let until = world.now() + TimeDelta::hours(20);
    world.service.pause_enrollment(&world.person(6), of_lapsing[2], Some(until)).await.unwrap();
    world.days(1);
}

/// What may be taken back: a block, that somebody is muted, and a report of person 13, by which person 14 is banned.
async fn taken_back(world: &World, open: ProgramId) -> CaseId {
    let (s, judge) = (&world.service, world.other_admin());
    s.block(&world.person(11), &who(13)).await.unwrap();
    s.mute_reporter(&world.staff(), &who(12), None).await.unwrap();
    let report = ReportAsk::new(who(14), slug("scam"));
    let case = s.file_report(&world.person(13), open, report).await.unwrap().case;
    world.work(&judge, case).await;
    let ban = verdict(&[Measure::BanFromGroup { until: None }]);
    s.decide_case(&judge, case, ban).await.unwrap();
    case
}

/// A report of person 1 about a post of person 2, which is withdrawn meanwhile.
async fn holding(world: &World, open: ProgramId, pair: PairId) -> (CaseId, PostId) {
    let (s, judge) = (&world.service, world.other_admin());
    let words = Body::new("Buy my course!").unwrap();
    let post = s.post(&world.person(2), pair, &step("hello"), None, words).await.unwrap().post;
    let report = ReportAsk::new(who(2), slug("scam")).target(Target::Post { pair, post });
    let case = s.file_report(&world.person(1), open, report).await.unwrap().case;
    s.triage_case(&judge, case, &slug("scam"), Priority::P2).await.unwrap();
    s.take_case(&judge, case).await.unwrap();
    let content = Content::Post { pair, post };
    s.take_interim(&judge, case, InterimAsk::WithdrawContent { content }).await.unwrap();
    (case, post)
}

/// Why something is decided.
pub(crate) fn reasons() -> Reasons {
    Reasons {
        ground: Ground::Terms,
        clause: Title::new("Rule 3").unwrap(),
        facts: Note::new("A course was sold.").unwrap(),
        why: Note::new("Nothing is to be sold.").unwrap(),
        detected: false,
        automated: false,
        redress: Note::new("You may appeal.").unwrap(),
    }
}

/// A decision by which something is done.
pub(crate) fn verdict(measures: &[Measure]) -> Verdict {
    Verdict { outcome: Outcome::Actioned, measures: measures.to_vec(), reasons: reasons() }
}

/// A reason that an admin gives.
pub(crate) fn reason() -> mentorship_core::base::text::Slug {
    slug("no_fit")
}
