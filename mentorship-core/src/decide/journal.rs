//! What the two write: introductions, posts, comments and check-ins.

use serde::{Deserialize, Serialize};

use crate::{
    base::{
        id::PostId,
        input::{InputError, Problem, in_range},
        text::{Body, Note, Slug},
        time::{Timestamp, plus_days},
        zone::civil_date,
    },
    change::Change,
    decide::{
        Cx, Decision, Plan, Refusal, access,
        pair::{store, writing},
        plan::{Happened, Say},
        refusal::code,
    },
    model::{
        guide::StepState,
        journal::{CheckIn, CheckInKind, Post},
        message::MessageKind,
        pair::{Pair, PairState},
        program::Program,
    },
    policy::permission::Action,
    view::PairView,
};

/// The step on which posts of a program without a guide stand.
pub const GENERAL_STEP: &str = "general";

/// A stored post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// The post.
    pub post: PostId,
    /// Its number within the pair, from 1.
    pub seq: u64,
}

/// A check-in or closing survey, as one of the two fills it in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckInInput {
    /// About what.
    pub kind: CheckInKind,
    /// 1 (badly) to 5 (very well); `None` says "skipped".
    pub score: Option<u8>,
    /// A few words.
    pub note: Option<Note>,
    /// Whether the partner may read the note.
    pub note_shared: bool,
    /// A testimonial for the group to show; only in a closing survey.
    pub testimonial: Option<Note>,
}

fn step_takes_posts(view: &PairView, step: &Slug) -> Result<(), Refusal> {
    if view.steps.is_empty() && step.as_str() == GENERAL_STEP {
        return Ok(());
    }
    let found = view.steps.iter().find(|found| found.key == *step).ok_or(Refusal::NotFound)?;
    match &found.state {
        StepState::Locked { .. } => Err(Refusal::NotWritable),
        StepState::Open { .. } | StepState::Done { .. } | StepState::Skipped { .. } => Ok(()),
    }
}

fn journal_event(action: &'static str, pair: &Pair, step: &Slug) -> Happened {
    Happened::in_pair(action, pair).because(step.clone())
}

/// One of the two introduces themselves to the other, once or again.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else; [`Refusal::NotWritable`] in a pair that takes no writing, and while a
/// case or the host withholds what they said before.
pub fn introduce_oneself(
    view: &PairView,
    words: Note,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let (mut plan, mut pair, side) = writing(view, cx)?;
    if pair.participant(side).withheld.is_some() {
        return Err(Refusal::NotWritable);
    }
    pair.participant_mut(side).introduction = Some(words);
    plan.record(Happened::in_pair("pair.introduce_oneself", &pair));
    plan.say(
        Say::to_person(MessageKind::PairIntroduction, &pair.participant(side.opposite()).person)
            .between(pair.people())
            .program(pair.program)
            .pair(pair.id),
    );
    store(&mut plan, view, pair, &view.steps);
    Ok(plan.reply(()))
}

/// One of the two posts on an open or finished step, or comments on a post.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, for an unknown step, and for a post to comment on that is
/// not there, is removed or withheld, stands on another step or is a comment itself; [`Refusal::NotWritable`] on a
/// locked step and in a pair that takes no writing.
pub fn post(
    view: &PairView,
    step: &Slug,
    reply_to: Option<PostId>,
    body: Body,
    cx: Cx<'_>,
) -> Result<Decision<Posted>, Refusal> {
    let (mut plan, mut pair, side) = writing(view, cx)?;
    step_takes_posts(view, step)?;
    if let Some(parent) = reply_to {
        let found = view.post.as_ref().filter(|post| {
            post.id == parent
                && post.removed_at.is_none()
                && post.withheld.is_none()
                && post.step == *step
                && post.reply_to.is_none()
        });
        found.ok_or(Refusal::NotFound)?;
    }
    pair.last_seq = pair.last_seq.saturating_add(1);
    let post = Post {
        id: cx.new_id(),
        pair: pair.id,
        step: step.clone(),
        reply_to,
        author: pair.participant(side).person.clone(),
        seq: pair.last_seq,
        body: Some(body),
        at: cx.now,
        revision: 0,
        edited_at: None,
        removed_at: None,
        held: Vec::new(),
        withheld: None,
    };
    let action = if reply_to.is_some() { "comment.make" } else { "post.make" };
    plan.record(journal_event(action, &pair, step));
    let kind = if reply_to.is_some() { MessageKind::CommentMade } else { MessageKind::PostMade };
    plan.say(
        Say::to_person(kind, &pair.participant(side.opposite()).person)
            .between(pair.people())
            .program(pair.program)
            .pair(pair.id)
            .step(step.clone()),
    );
    let reply = Posted { post: post.id, seq: post.seq };
    plan.put(Change::Post(post));
    store(&mut plan, view, pair, &view.steps);
    Ok(plan.reply(reply))
}

fn own_post(view: &PairView, cx: &Cx<'_>) -> Result<Post, Refusal> {
    view.post
        .clone()
        .filter(|post| cx.actor.as_person() == Some(&post.author) && post.removed_at.is_none())
        .ok_or(Refusal::NotFound)
}

/// The author changes a post or comment. What it said before is kept, where nobody sees it, only while a case about the
/// pair is not over, for a second report (D19); what the first one needs was copied when it was filed (D11).
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but the author and for a removed post; [`Refusal::NotWritable`] in
/// a pair that takes no writing, and while a case or the host withholds the post.
pub fn edit(view: &PairView, body: Body, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let (mut plan, pair, _) = writing(view, cx)?;
    let mut post = own_post(view, &cx)?;
    if post.withheld.is_some() {
        return Err(Refusal::NotWritable);
    }
    post.keep_text(&pair, cx.now);
    post.body = Some(body);
    post.revision = post.revision.saturating_add(1);
    post.edited_at = Some(cx.now);
    plan.record(journal_event("post.edit", &pair, &post.step));
    plan.put(Change::Post(post));
    store(&mut plan, view, pair, &view.steps);
    Ok(plan.reply(()))
}

/// The author removes a post or comment. Its place stays, its text is gone for everybody who could read it; it is kept
/// as that of an [`edit`] is.
///
/// # Errors
/// As [`edit`], but that a withheld post may be removed.
pub fn remove(view: &PairView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let (mut plan, pair, _) = writing(view, cx)?;
    let mut post = own_post(view, &cx)?;
    post.keep_text(&pair, cx.now);
    post.body = None;
    post.removed_at = Some(cx.now);
    post.withheld = None;
    plan.record(journal_event("post.remove", &pair, &post.step));
    plan.put(Change::Post(post));
    store(&mut plan, view, pair, &view.steps);
    Ok(plan.reply(()))
}

/// The week that has begun by `now`, 1 to 1,000: seven civil days each in the program's zone, from the
/// pair's start or from its cohort's (D35).
fn current_week(pair: &Pair, program: &Program, now: Timestamp) -> i64 {
    let from = program.window.map_or(pair.started_at, |window| window.starts.max(pair.started_at));
    let date = |at| civil_date(program.zone, at);
    let days = date(now).signed_duration_since(date(from)).num_days().max(0);
    (days / 7 + 1).min(1_000)
}

/// One of the two says how it goes, for a week that has begun, or fills in the closing survey, which is
/// also possible after the end, as long as the program lets them read. After the end nothing reaches the
/// partner any more: a survey with a shared note is refused, so that its author decides whether to say
/// it to nobody instead (D2). A low score tells the admins that somebody may need support; it never
/// ends anything. What they send anew takes the place of the `earlier` one, and is withheld like that, or whoever
/// is withheld would only have to say it again.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, input errors for the score, the week, a testimonial in a
/// weekly check-in and a shared note after the end, [`Refusal::NotWritable`] in a frozen pair, for a week
/// of a pair that is over and for a survey after the read window.
pub fn check_in(
    view: &PairView,
    earlier: Option<&CheckIn>,
    input: CheckInInput,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let mut pair = view.pair.clone();
    access::to_pair(cx.actor, &view.program, &pair, Action::WritePair)?;
    let side = cx.actor.as_person().and_then(|person| pair.side_of(person));
    let side = side.ok_or(Refusal::NotFound)?;
    if let Some(score) = input.score {
        in_range("score", score, 1, 5)?;
    }
    let over_at = pair.state.over_at();
    match input.kind {
        CheckInKind::Week { number } => {
            in_range("kind.number", number, 1, current_week(&pair, &view.program, cx.now))?;
            if input.testimonial.is_some() {
                let rule = "a testimonial belongs to a closing survey";
                return Err(InputError::new("testimonial", Problem::Conflict { rule }).into());
            }
            if over_at.is_some() {
                return Err(Refusal::NotWritable);
            }
        }
        CheckInKind::Closing => {}
    }
    if let Some(at) = over_at {
        if cx.now > plus_days(at, view.program.policy.read_days.into()) {
            return Err(Refusal::NotWritable);
        }
        if input.note_shared {
            let rule = "nothing is shared with the partner after the end";
            return Err(InputError::new("note_shared", Problem::Conflict { rule }).into());
        }
    }
    let mut plan = if over_at.is_some() || matches!(pair.state, PairState::Paused { .. }) {
        Plan::on(cx, view)
    } else {
        let (plan, started, _) = writing(view, cx)?;
        pair = started;
        plan
    };
    let earlier = earlier.filter(|it| it.side == side && it.kind == input.kind);
    let low = input.score.is_some_and(|score| score <= 2);
    let check_in = CheckIn {
        pair: pair.id,
        side,
        kind: input.kind,
        score: input.score,
        note: input.note,
        note_shared: input.note_shared,
        testimonial: input.testimonial,
        at: cx.now,
        withheld: earlier.and_then(|it| it.withheld.clone()),
    };
    plan.record(Happened::in_pair("check_in.make", &pair).because(code(match input.kind {
        CheckInKind::Week { .. } => "week",
        CheckInKind::Closing => "closing",
    })));
    if low {
        plan.say(Say::to_admins(MessageKind::CheckInLow, pair.program).pair(pair.id));
    }
    plan.put(Change::CheckIn(check_in));
    store(&mut plan, view, pair, &view.steps);
    Ok(plan.reply(()))
}
