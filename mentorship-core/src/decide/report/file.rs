//! Filing a report: one write that tells the reviewers, seals the evidence and, if asked, blocks and ends.

use serde::{Deserialize, Serialize};

use super::{
    event,
    recusal::{Recusal, Reviewer, recusal},
};
use crate::{
    base::{
        host::PersonId,
        id::CaseId,
        input::{InputError, Problem, at_most},
        text::{Body, Slug},
        time::{Timestamp, plus_days},
    },
    change::{Change, Key},
    decide::{
        Cx, Decision, Plan, Refusal, access, block::block_now, pair::end_pair, plan::Say,
        refusal::code,
    },
    model::{
        enrollment::Role,
        journal::CheckIn,
        message::MessageKind,
        pair::{EndKind, EndedBy, Pair, PairEnd},
        program::{Oversight, Program, ProgramState},
        proposal::Proposal,
        report::{Case, Evidence, Item, Occasion, Party, Priority, Target, Tier},
        visible::{Viewer, When},
    },
    policy::{
        actor::Hat,
        permission::{Action, Standing},
    },
    view::FilingView,
};

/// Reports that one person may file in 24 hours. Filed at the very same time about different people, a few more
/// may pass: the count keeps a flood out and nothing rests on it.
pub const FILED_MAX: u32 = 10;
/// The same if the further ones are urgent: danger is not kept waiting by what was filed before.
pub const FILED_MAX_URGENT: u32 = 30;
/// Most posts that are copied before what was reported, and after it; as many check-ins.
pub const AROUND: u16 = 10;
/// Most people whose words a case has besides the two it is about.
pub const WITNESSES_MAX: usize = 100;

/// What somebody reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReportAsk {
    /// Whom.
    pub subject: PersonId,
    /// What of theirs; the person as such by default.
    pub target: Target,
    /// What it is about: one of [`CATEGORIES`](crate::model::report::CATEGORIES) or of the host's.
    pub category: Slug,
    /// Who is to see it; both by default.
    pub recipient: Tier,
    /// In their own words.
    pub text: Option<Body>,
    /// Whether to block the subject in the same write, which ends all that is between the two.
    pub block: bool,
    /// Whether to end the pair of the two in this program in the same write.
    pub end_pair: bool,
}

impl ReportAsk {
    /// A report about a person.
    #[must_use]
    pub fn new(subject: PersonId, category: Slug) -> Self {
        Self {
            subject,
            target: Target::Person,
            category,
            recipient: Tier::default(),
            text: None,
            block: false,
            end_pair: false,
        }
    }

    /// About this.
    #[must_use]
    pub fn target(mut self, target: Target) -> Self {
        self.target = target;
        self
    }

    /// For these reviewers.
    #[must_use]
    pub fn recipient(mut self, recipient: Tier) -> Self {
        self.recipient = recipient;
        self
    }

    /// In these words.
    #[must_use]
    pub fn text(mut self, text: Body) -> Self {
        self.text = Some(text);
        self
    }

    /// With a block.
    #[must_use]
    pub fn block(mut self) -> Self {
        self.block = true;
        self
    }

    /// With the end of the pair.
    #[must_use]
    pub fn end_pair(mut self) -> Self {
        self.end_pair = true;
        self
    }
}

/// What the host says before a report is filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilingFacts {
    /// How urgent the category is; `None` for one that nobody knows.
    pub priority: Option<Priority>,
    /// Whether the reporter is a member of the group.
    pub member: bool,
    /// Whether the host takes only urgent reports from the reporter (D15); not asked for one.
    pub muted: bool,
    /// The admins of the group; not asked for what is urgent, and nobody if the host does not say.
    pub admins: Vec<Reviewer>,
}

/// What the reporter gets. Where the report went is not told: it may tell who is recused, and so who
/// blocks whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filed {
    /// The case.
    pub case: CaseId,
    /// How urgent it is, by its category.
    pub priority: Priority,
}

/// Who reports, and in which standing. An admin is a witness like anybody else.
fn reporter(view: &FilingView, cx: &Cx<'_>) -> Result<(PersonId, Standing), Refusal> {
    let standing = access::to_program(cx.actor, &view.program, Action::FileReport)?;
    match cx.actor.hat() {
        Hat::Person(person) => Ok((person.clone(), standing)),
        Hat::GroupAdmin { person, .. } if standing == Standing::Admin => {
            Ok((person.clone(), standing))
        }
        Hat::GroupAdmin { .. } | Hat::Staff(_) | Hat::Host | Hat::Clock => Err(Refusal::NotFound),
    }
}

/// Until when what the two wrote may be reported; for ever while the pair lives.
fn window(pair: &Pair, program: &Program) -> Option<Timestamp> {
    Some(plus_days(pair.state.over_at()?, program.policy.read_days.into()))
}

/// Whether the reporter may report what they name (D11, D2): the same before, during and after a pair,
/// and whether or not they may still read all of it.
fn may_report(
    view: &FilingView,
    ask: &ReportAsk,
    (person, standing): (&PersonId, Standing),
    facts: &FilingFacts,
    cx: &Cx<'_>,
) -> Result<(), Refusal> {
    let admin = standing == Standing::Admin;
    // About the person as such an admin is shown nothing; so a block is not asked, and no answer tells of one.
    if admin && ask.target != Target::Person {
        access::not_across_a_block([&view.between.relation])?;
    }
    let partner = view.pair.as_ref().is_some_and(|pair| pair.side_of(person).is_some());
    match &ask.target {
        // Whether the subject takes part is not asked: the answer would tell.
        Target::Person => {
            let hidden =
                matches!(view.program.state, ProgramState::Draft | ProgramState::Discarded { .. });
            let there = admin || (!hidden && (partner || facts.member));
            if there { Ok(()) } else { Err(Refusal::NotFound) }
        }
        Target::Post { .. }
        | Target::CheckIn { .. }
        | Target::Introduction { .. }
        | Target::Ending { .. } => {
            let pair = view.pair.as_ref().ok_or(Refusal::NotFound)?;
            access::to_pair(cx.actor, &view.program, pair, Action::ReadPair)?;
            let side = pair.side_of(&ask.subject).ok_or(Refusal::NotFound)?;
            let theirs = match &ask.target {
                Target::Post { post, .. } => {
                    view.posts.iter().any(|it| it.id == *post && it.author == ask.subject)
                }
                Target::Introduction { side: of, .. } => {
                    *of == side && pair.participant(side).introduction.is_some()
                }
                Target::Ending { side: of, .. } => {
                    *of == side && pair.note_to_partner(side).is_some()
                }
                _ => view.check_in.as_ref().is_some_and(|it| {
                    it.side == side && (it.note_shared || it.testimonial.is_some())
                }),
            };
            if !theirs {
                return Err(Refusal::NotFound);
            }
            match window(pair, &view.program) {
                Some(until) if cx.now > until => Err(Refusal::TooLate { until }),
                Some(_) | None => Ok(()),
            }
        }
        Target::Enrollment { .. } => {
            let theirs = view.enrollment.as_ref().is_some_and(|(it, _)| it.person == ask.subject);
            let sees = match viewer(view, person, cx.now) {
                // The directory is for members.
                Some(Viewer::Group) => facts.member,
                seen => seen.is_some(),
            };
            if theirs && (admin || sees) { Ok(()) } else { Err(Refusal::NotFound) }
        }
    }
}

/// As whom a person may see the subject's answers, if at all.
fn viewer(view: &FilingView, person: &PersonId, now: Timestamp) -> Option<Viewer> {
    let pair = view.pair.as_ref().filter(|pair| pair.side_of(person).is_some());
    if pair.is_some_and(|pair| pair.state.is_live()) {
        return Some(Viewer::Partner);
    }
    let offered = view.between.proposals.iter();
    let offered = offered.filter(|it| it.program == view.program.id).any(Proposal::was_offered);
    if offered || pair.is_some() {
        return Some(Viewer::ProposedPartner);
    }
    let (enrollment, _) = view.enrollment.as_ref()?;
    let between = &view.between;
    let subject = [&between.lo, &between.hi].into_iter().find(|it| it.id == enrollment.person)?;
    // Whoever blocks first and reports then has read it before. What the other one has said stays theirs.
    let relation = &between.relation;
    let said = relation.stance(&subject.id).is_some_and(|it| it.blocked_at.is_some());
    let meet = view.program.state.is_public() && !said && relation.kept.blocked_at.is_none();
    let listed = access::in_directory(subject, enrollment, now);
    (listed && meet).then_some(Viewer::Group)
}

/// Who somebody is to the case; a witness if they were nobody to it before.
fn party(case: &mut Case, person: &PersonId) -> Result<Party, Refusal> {
    if let Some(party) = case.party(person) {
        return Ok(party);
    }
    at_most("witnesses", case.witnesses.len() + 1, WITNESSES_MAX, "witnesses")?;
    case.witnesses.push(person.clone());
    case.party(person).ok_or(Refusal::NotFound)
}

/// Whether what stands around the reported goes into the evidence too. Where the two were promised that nobody
/// else reads what they write, only the reported does, as its reader hands it over.
fn takes_around(view: &FilingView, pair: &Pair, ask: &ReportAsk, now: Timestamp) -> bool {
    let alone = pair.oversight_in(&view.program) == Oversight::PairOnly;
    let late = window(pair, &view.program).is_some_and(|until| now > until);
    match ask.target {
        Target::Person
        | Target::Post { .. }
        | Target::CheckIn { .. }
        | Target::Introduction { .. }
        | Target::Ending { .. } => !alone && !late,
        Target::Enrollment { .. } => false,
    }
}

/// The same without earlier texts of posts, if there are any: they are kept for another case, of which those who see
/// this one must not know. Only a case that is the platform's alone has them.
fn without_earlier_texts(view: &FilingView) -> Option<FilingView> {
    let any = view.posts.iter().any(|post| !post.held.is_empty());
    any.then(|| {
        let mut plain = view.clone();
        plain.posts.iter_mut().for_each(|post| post.held.clear());
        plain
    })
}

/// Copies what the two of a pair wrote there: how they introduced themselves, with which words one of them ended it,
/// and then their posts.
fn written(
    view: &FilingView,
    pair: &Pair,
    ask: &ReportAsk,
    case: &mut Case,
    cx: Cx<'_>,
) -> Result<Vec<Evidence>, Refusal> {
    let mark = || (cx.now, cx.ids.random());
    let around = takes_around(view, pair, ask, cx.now);
    let mut items = Vec::new();
    for side in Role::ALL {
        let reported = matches!(ask.target, Target::Introduction { side: of, .. } if of == *side);
        let it = pair.participant(*side);
        if let Some(words) = it.introduction.clone().filter(|_| around || reported) {
            let author = party(case, &it.person)?;
            let item = Item::Introduction { pair: pair.id, side: *side, words };
            items.push(case.seal(author, reported, item, mark())?);
        }
    }
    for side in Role::ALL {
        let reported = matches!(ask.target, Target::Ending { side: of, .. } if of == *side);
        if let Some(words) = pair.note_to_partner(*side).cloned().filter(|_| around || reported) {
            let author = party(case, &pair.participant(*side).person)?;
            let item = Item::Ending { pair: pair.id, side: *side, words };
            items.push(case.seal(author, reported, item, mark())?);
        }
    }
    for post in &view.posts {
        let reported = matches!(ask.target, Target::Post { post: id, .. } if id == post.id);
        if around || reported {
            let author = party(case, &post.author)?;
            items.push(case.seal(author, reported, Item::from(post), mark())?);
        }
    }
    Ok(items)
}

/// The check-ins with words for somebody else than their author that stand around what was reported in time: the last
/// ones up to it, and as many after it. What is no post and no check-in is as late as the report.
fn check_ins_around<'v>(view: &'v FilingView, ask: &ReportAsk, now: Timestamp) -> Vec<&'v CheckIn> {
    let of_post = |post| view.posts.iter().find(|it| it.id == post).map(|it| it.at);
    let at = match &ask.target {
        Target::Post { post, .. } => of_post(*post),
        Target::CheckIn { .. } => view.check_in.as_ref().map(|it| it.at),
        Target::Person
        | Target::Introduction { .. }
        | Target::Ending { .. }
        | Target::Enrollment { .. } => None,
    };
    let at = at.unwrap_or(now);
    let said = |it: &&CheckIn| (it.note_shared && it.note.is_some()) || it.testimonial.is_some();
    let mut all: Vec<_> = view.check_ins.iter().filter(said).collect();
    all.sort_by_key(|it| (it.at, it.side, it.kind));
    let (before, after) = all.split_at(all.partition_point(|it| it.at <= at));
    let around = usize::from(AROUND);
    let before = before.iter().skip(before.len().saturating_sub(around));
    before.chain(after.iter().take(around)).copied().collect()
}

/// Copies what was reported and what stood around it, from both authors (D11).
fn evidence(
    view: &FilingView,
    ask: &ReportAsk,
    standing: Standing,
    case: &mut Case,
    cx: Cx<'_>,
) -> Result<Vec<Evidence>, Refusal> {
    let mark = || (cx.now, cx.ids.random());
    let words = Item::Words { on: Occasion::Report, text: ask.text.clone() };
    let mut items = vec![case.seal(Party::Reporter, false, words, mark())?];
    if let Some(pair) = &view.pair {
        items.extend(written(view, pair, ask, case, cx)?);
    }
    if let Some(pair) = view.pair.as_ref().filter(|it| takes_around(view, it, ask, cx.now)) {
        for check_in in check_ins_around(view, ask, cx.now) {
            let author = party(case, &pair.participant(check_in.side).person)?;
            items.push(case.seal(author, false, Item::from(check_in), mark())?);
        }
    }
    if let Some(check_in) = &view.check_in {
        items.push(case.seal(Party::Subject, true, Item::from(check_in), mark())?);
    }
    if let Some((place, form)) = &view.enrollment {
        let seen = if standing == Standing::Admin {
            Some(Viewer::Admin)
        } else {
            case.reporter.as_ref().and_then(|it| viewer(view, it, cx.now))
        };
        let when = When { opted_in: place.consent.shown_to_group, ..When::default() };
        let answers = seen.map(|seen| form.visible_answers(&place.answers, seen, when));
        let answers = answers.unwrap_or_default();
        let item = Item::Answers { enrollment: place.id, answers };
        items.push(case.seal(Party::Subject, true, item, mark())?);
    }
    Ok(items)
}

/// Whether an admin could decide a case, or what is to be decided on an appeal: somebody else then.
pub(super) fn anybody_decides(case: &Case, admins: &[Reviewer], now: Timestamp) -> bool {
    let decided = case.decision.as_ref().map(|it| &it.by);
    let mut others = admins.iter().filter(|it| decided.is_none_or(|by| !it.is(by)));
    others.any(|it| recusal(case, it, false, now) == Recusal::No)
}

/// Where a case goes (D12): to the platform alone if it is urgent, about an admin, or if no admin could
/// decide it when it is filed; else where the reporter wants it.
fn tier(case: &Case, program: &Program, admins: &[Reviewer], now: Timestamp) -> Tier {
    let about_admin =
        case.subject == program.created_by || admins.iter().any(|admin| admin.is(&case.subject));
    if case.priority.is_urgent() || about_admin || !anybody_decides(case, admins, now) {
        return Tier::Platform;
    }
    case.recipient
}

/// Tells the reviewers of a case. A recused admin is not told (D12), so that each of the others is told by
/// themselves.
pub(super) fn tell_reviewers(
    plan: &mut Plan<'_>,
    case: &Case,
    admins: &[Reviewer],
    kind: MessageKind,
) {
    tell_staff(plan, case, kind);
    tell_admins(plan, case, admins, kind);
}

fn about(say: Say, case: &Case) -> Say {
    say.program(case.program).case(case.id).code(Some(code(case.priority.code())))
}

/// Those of the platform among the reviewers.
pub(super) fn tell_staff(plan: &mut Plan<'_>, case: &Case, kind: MessageKind) {
    if case.tier.is_platforms() {
        plan.say(about(Say::to_staff(kind), case));
    }
}

/// Those of the group.
pub(super) fn tell_admins(
    plan: &mut Plan<'_>,
    case: &Case,
    admins: &[Reviewer],
    kind: MessageKind,
) {
    let now = plan.cx().now;
    if case.tier.is_groups() {
        let told = admins.iter().filter(|it| recusal(case, it, false, now) != Recusal::Full);
        for admin in told {
            plan.say(about(Say::to_person(kind, &admin.person), case));
        }
    }
}

/// Somebody reports somebody. The subject is told nothing; with `block` or `end_pair` only that the
/// mentorship has ended (D14).
///
/// # Errors
/// [`Refusal::NotFound`] for what does not exist or is not for the reporter to see, an input error for an
/// unknown category and for more reports than one person files in a day, [`Refusal::TooLate`] after the
/// program's window, [`Refusal::Muted`] for a report that is not urgent from somebody whom the platform
/// has muted, [`Refusal::AlreadyReported`] while an earlier one about the same is open, unless only the new one
/// is urgent.
pub fn file(
    view: &FilingView,
    ask: &ReportAsk,
    facts: &FilingFacts,
    cx: Cx<'_>,
) -> Result<Decision<Filed>, Refusal> {
    let (person, standing) = reporter(view, &cx)?;
    may_report(view, ask, (&person, standing), facts, &cx)?;
    let unknown = || InputError::new("category", Problem::Unknown { what: "category" });
    let priority = facts.priority.ok_or_else(unknown)?;
    let between = &view.between;
    let me = [&between.lo, &between.hi].into_iter().find(|it| it.id == person);
    let muted = facts.muted || me.is_some_and(|it| it.is_muted(cx.now));
    if muted && !priority.is_urgent() {
        return Err(Refusal::Muted);
    }
    let most = if priority.is_urgent() { FILED_MAX_URGENT } else { FILED_MAX };
    let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let filed = count(view.filed).saturating_add(1);
    at_most("reports", filed, count(most), "reports in 24 hours")?;
    // One that is urgent may follow one that is not.
    if view.open.iter().any(|open| open.is_urgent() || !priority.is_urgent()) {
        return Err(Refusal::AlreadyReported);
    }

    let mut plan = Plan::on(cx, view);
    for admin in &facts.admins {
        // Where the case goes rests on what stands between each of them and the two.
        for tie in &admin.ties {
            plan.rest_on(tie);
        }
    }
    let id = cx.new_id();
    let program = (view.program.id, &view.program.policy.case_hours);
    let what = (ask.category.clone(), priority);
    let mut case = Case {
        reporter: Some(person.clone()),
        target: ask.target.clone(),
        pair: view.pair.as_ref().map(|pair| pair.id),
        matched_by: view.matched_by.clone(),
        recipient: ask.recipient,
        tier: ask.recipient,
        ..Case::filed(id, program, ask.subject.clone(), what, cx.now)
    };
    let bare_case = case.clone();
    let bare_view = without_earlier_texts(view);
    let seen = bare_view.as_ref().unwrap_or(view);
    let mut items = evidence(seen, ask, standing, &mut case, cx)?;
    case.tier = tier(&case, &view.program, &facts.admins, cx.now);
    if bare_view.is_some() && case.tier == Tier::Platform {
        case = Case { tier: case.tier, ..bare_case };
        items = evidence(view, ask, standing, &mut case, cx)?;
    }
    plan.record(event("case.file", &case).states(None, case.state.code()));
    tell_reviewers(&mut plan, &case, &facts.admins, MessageKind::CaseFiled);
    if ask.block {
        block_now(&mut plan, &view.between, &person)?;
    } else if ask.end_pair {
        let here = view.between.pairs.iter().filter(|pair| pair.program == view.program.id);
        for pair in here {
            let Some(side) = pair.side_of(&person) else { continue };
            let (kind, by) = (EndKind::Other, EndedBy::Side(side));
            let end = PairEnd { kind, shared: false, note: None, by };
            end_pair(&mut plan, pair.clone(), end)?;
        }
    }
    // Two reports of one person about another meet here, and so do a report and a block. What was copied is
    // what the next one who writes there finds written.
    let relation = &view.between.relation;
    plan.touch(Key::Relation(relation.people.clone()), relation.version);
    if let Some(pair) = &view.pair {
        let mut pair = plan.as_put(pair);
        pair.kept_for.insert(id);
        plan.put(Change::Pair(pair));
    }
    plan.put(Change::from(case));
    for item in items {
        plan.put(Change::Evidence(item));
    }
    Ok(plan.reply(Filed { case: id, priority }))
}
