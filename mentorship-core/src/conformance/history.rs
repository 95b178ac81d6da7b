//! Random command histories: numbers in, commands out, the same on every store.
//!
//! A command is four bytes: what, and three choices among what is there. The same numbers played on two
//! stores must give the same replies, the same refusals and the same records, so that one store is the
//! model of the other.

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;

use super::{
    make::{self, group, slug, who},
    world::{World, sign_up},
};
use crate::{
    base::{
        id::{CommandId, EnrollmentId, PairId, PostId, ProgramId, ProposalId},
        text::{Body, Note},
    },
    decide::{journal::CheckInInput, person::AgeFacts, program::EditProgram, proposal::Accepted},
    model::{
        answer::Answer, enrollment::Role, journal::CheckInKind,
        pair::end::REASONS_OF_A_PARTICIPANT, program::Acceptance,
    },
    policy::actor::Actor,
    service::{Error, SweepAsk},
};

/// A command as four numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// Which command.
    pub what: u8,
    /// A choice.
    pub a: u8,
    /// Another.
    pub b: u8,
    /// And another.
    pub c: u8,
}

impl From<[u8; 4]> for Move {
    fn from([what, a, b, c]: [u8; 4]) -> Self {
        Self { what, a, b, c }
    }
}

/// People who sign up, 1 to this.
const PEOPLE: u64 = 7;

impl Move {
    /// Whether the host gives the command an id: two of five do.
    fn is_identified(self) -> bool {
        matches!(self.what / 48, 1 | 2)
    }

    /// Whether it is given twice. Not what moves the clock, reads, or lets two people act in turn.
    fn is_given_again(self) -> bool {
        self.what / 48 == 1 && !matches!(self.what % 48, 10 | 12 | 14 | 42..)
    }
}

/// What has been made so far.
#[derive(Clone, Debug, Default)]
struct Made {
    programs: Vec<ProgramId>,
    enrollments: Vec<(EnrollmentId, u64, Role)>,
    /// With the mentor and the mentee.
    proposals: Vec<(ProposalId, (u64, u64))>,
    pairs: Vec<(PairId, (u64, u64))>,
    posts: Vec<(PairId, PostId)>,
}

/// A history under way: the world and what has been made in it so far.
#[derive(Debug)]
pub struct Play {
    /// The world.
    pub world: World,
    made: Made,
    /// What had been made before a command that is given again.
    before: Option<Made>,
    turn: u64,
    command: Option<CommandId>,
    /// How many ids the command has used: one move may be several commands.
    given: AtomicUsize,
}

fn pick<T: Clone>(from: &[T], choice: u8) -> Option<T> {
    // The newest are chosen most often: what is old is mostly over.
    let back = usize::from(choice) % from.len().max(1);
    from.iter().rev().nth(back.min(from.len().saturating_sub(1))).cloned()
}

fn told<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Ok(reply) => format!("{reply:?}"),
        Err(error) => format!("{} {:?}", error.code(), error.params()),
    }
}

impl Play {
    /// Begins: two open programs, one of which needs approval and asks only the mentee, and six people
    /// who take part.
    pub async fn begin(world: World) -> Self {
        let mut play = Self {
            world,
            made: Made::default(),
            before: None,
            turn: 0,
            command: None,
            given: AtomicUsize::new(0),
        };
        let first = play.world.program(|policy| policy.max_mentee_capacity = 2).await;
        let second = play
            .world
            .program(|policy| {
                policy.approval = true;
                policy.acceptance = Acceptance::Mentee;
                policy.person_cap = Some(2);
                policy.rematch_past_pairs = true;
            })
            .await;
        play.made.programs = vec![second, first];
        for n in 1..=6 {
            let role = if n % 2 == 1 { Role::Mentor } else { Role::Mentee };
            let input = crate::decide::enrollment::Apply { capacity: Some(2), ..sign_up(role) };
            let enrollment = play.world.enroll_with(first, n, input).await.unwrap();
            play.made.enrollments.push((enrollment, n, role));
        }
        for (mentor, mentee) in [(1, 2), (3, 4)] {
            let of =
                |n: u64| play.made.enrollments.iter().find(|it| it.1 == n).map(|it| it.0).unwrap();
            let proposal = play.world.offer(of(mentor), of(mentee)).await;
            play.made.proposals.push((proposal, (mentor, mentee)));
            let pair = play.world.accept(proposal, mentor, mentee).await;
            play.made.pairs.push((pair, (mentor, mentee)));
        }
        play
    }

    /// Whoever acts, with an id for the command if this one has them.
    fn signed(&self, actor: Actor) -> Actor {
        let Some(command) = self.command else { return actor };
        let place = self.given.fetch_add(1, Ordering::Relaxed);
        actor.with_command(command.of_item(place))
    }

    fn actor(&self, n: u64) -> Actor {
        self.signed(self.world.person(n))
    }

    fn admin(&self) -> Actor {
        self.signed(self.world.admin())
    }

    fn staff(&self) -> Actor {
        self.signed(self.world.staff())
    }

    fn host(&self) -> Actor {
        self.signed(self.world.host_actor())
    }

    /// An enrolment, mostly of this role.
    fn place(&self, role: Role, choice: u8) -> Option<(EnrollmentId, u64)> {
        let of_role = self.made.enrollments.iter().filter(|it| it.2 == role || choice > 247);
        let of_role: Vec<_> = of_role.map(|it| (it.0, it.1)).collect();
        pick(&of_role, choice)
    }

    fn person(&self, choice: u8) -> (u64, Actor) {
        let n = u64::from(choice) % PEOPLE + 1;
        (n, self.actor(n))
    }

    /// One of two, mostly; now and then somebody else.
    fn one_of(&self, (mentor, mentee): (u64, u64), choice: u8) -> Actor {
        match choice % 8 {
            7 => self.person(choice / 8).1,
            n if n % 2 == 0 => self.actor(mentor),
            _ => self.actor(mentee),
        }
    }

    /// Carries one command out and says what came of it.
    pub async fn play(&mut self, step: Move) -> String {
        self.turn += 1;
        self.command = step.is_identified().then(|| make::id(self.turn));
        self.before = step.is_given_again().then(|| self.made.clone());
        self.once(step).await
    }

    /// Gives the last command once more under the same id, if it is one of those (row 62).
    pub async fn again(&mut self, step: Move) -> Option<String> {
        self.made = self.before.take()?;
        Some(self.once(step).await)
    }

    #[expect(clippy::too_many_lines, reason = "one list of all commands")]
    async fn once(&mut self, Move { what, a, b, c }: Move) -> String {
        self.given.store(0, Ordering::Relaxed);
        let service = self.world.service.clone();
        let admin = self.admin();
        let nothing = || "nothing to choose".to_owned();
        match what % 48 {
            0 | 1 => {
                let Some(program) = pick(&self.made.programs, b) else { return nothing() };
                let (n, _) = self.person(a);
                let role = if c % 2 == 0 { Role::Mentor } else { Role::Mentee };
                let mut input = sign_up(role);
                input.capacity = Some(c / 2 % 4);
                if c > 240 {
                    input.answers.0.remove(&slug("languages"));
                } else if c > 200 {
                    input.answers = input
                        .answers
                        .with(slug("languages"), Answer::Languages([slug("fr")].into()));
                }
                let outcome = service.enroll(&self.actor(n), program, input).await;
                let outcome = outcome.map(|(enrollment, _)| enrollment);
                if let Ok(enrollment) = &outcome {
                    self.made.enrollments.push((*enrollment, n, role));
                }
                told(outcome)
            }
            2..=5 => {
                let Some((mentor, m)) = self.place(Role::Mentor, a) else { return nothing() };
                let Some((mentee, n)) = self.place(Role::Mentee, b) else { return nothing() };
                let rank = (c % 4 == 0).then_some(c / 4 % 4 + 1);
                let outcome = service.stage_proposal(&admin, mentor, mentee, rank).await;
                let Ok(staged) = &outcome else { return told(outcome) };
                self.made.proposals.push((staged.proposal, (m, n)));
                if what % 2 == 0 {
                    return told(outcome);
                }
                told(service.publish_proposal(&self.admin(), staged.proposal).await)
            }
            6..=9 => match pick(&self.made.proposals, a % 2) {
                Some((proposal, _)) => told(service.publish_proposal(&admin, proposal).await),
                None => nothing(),
            },
            10..=15 => {
                let Some((proposal, two)) = pick(&self.made.proposals, a % 3) else {
                    return nothing();
                };
                let mut all = Vec::new();
                // One of the two, or one after the other.
                for side in 0..=u8::from(what % 2 == 0) {
                    let actor = self.one_of(two, b.wrapping_add(side));
                    let outcome = service.accept(&actor, proposal).await;
                    if let Ok(Accepted { pair: Some(pair) }) = &outcome {
                        self.made.pairs.push((*pair, two));
                    }
                    all.push(told(outcome));
                }
                all.join(" ")
            }
            16 => {
                let Some((proposal, two)) = pick(&self.made.proposals, a) else { return nothing() };
                let actor = self.one_of(two, b);
                told(service.decline(&actor, proposal, (c % 2 == 0).then(|| slug("no_time"))).await)
            }
            17 => match pick(&self.made.proposals, a) {
                Some((proposal, _)) => told(service.withdraw_proposal(&admin, proposal).await),
                None => nothing(),
            },
            18 | 19 => {
                let Some((place, n, _)) = pick(&self.made.enrollments, a) else { return nothing() };
                told(service.set_capacity(&self.actor(n), place, b % 4).await)
            }
            20 => {
                let Some((place, n, _)) = pick(&self.made.enrollments, a) else { return nothing() };
                let until = self.world.now() + TimeDelta::hours(i64::from(b) + 1);
                let until = (c % 2 == 0).then_some(until);
                told(service.pause_enrollment(&self.actor(n), place, until).await)
            }
            21 => {
                let Some((place, n, _)) = pick(&self.made.enrollments, a) else { return nothing() };
                told(service.resume_enrollment(&self.actor(n), place).await)
            }
            22 => {
                let Some((place, n, _)) = pick(&self.made.enrollments, a) else { return nothing() };
                told(service.withdraw_enrollment(&self.actor(n), place).await)
            }
            23 => {
                let Some((place, _, _)) = pick(&self.made.enrollments, a) else { return nothing() };
                match b % 6 {
                    0..=2 => told(service.approve(&admin, place).await),
                    3 => {
                        let review = self.world.now() + TimeDelta::days(i64::from(c % 20) + 1);
                        told(service.waitlist(&admin, place, slug("full"), review).await)
                    }
                    4 => told(service.reject(&admin, place, slug("no_fit")).await),
                    _ => {
                        let question = Note::new("Which knots do you know?").unwrap();
                        told(service.ask_info(&admin, place, question).await)
                    }
                }
            }
            24 => {
                let Some((place, n, _)) = pick(&self.made.enrollments, a) else { return nothing() };
                let role = if c % 2 == 0 { Role::Mentor } else { Role::Mentee };
                told(service.resubmit(&self.actor(n), place, make::answers(role)).await)
            }
            25 => {
                let Some((place, _, _)) = pick(&self.made.enrollments, a) else { return nothing() };
                let staff = self.staff();
                match b % 3 {
                    0 => told(service.hold_enrollment(&staff, place).await),
                    1 => told(service.reinstate_enrollment(&staff, place).await),
                    _ => told(service.remove_enrollment(&staff, place, slug("rules")).await),
                }
            }
            26..=28 => {
                let Some((pair, two)) = pick(&self.made.pairs, a) else { return nothing() };
                let actor = self.one_of(two, b);
                let step = slug(["hello", "sail", "goodbye", "nowhere"][usize::from(c % 4)]);
                match c / 4 % 6 {
                    0 => told(service.skip_step(&actor, pair, &step).await),
                    1 => told(service.reopen_step(&actor, pair, &step).await),
                    _ => told(service.finish_step(&actor, pair, &step).await),
                }
            }
            29..=31 => {
                let Some((pair, two)) = pick(&self.made.pairs, a) else { return nothing() };
                let actor = self.one_of(two, b);
                let reply_to = (c % 3 == 0)
                    .then(|| self.made.posts.iter().rev().find(|(of, _)| *of == pair))
                    .flatten()
                    .map(|(_, post)| *post);
                let body = Body::new(&format!("Post number {c}")).unwrap();
                let outcome = service.post(&actor, pair, &slug("hello"), reply_to, body).await;
                if let Ok(posted) = &outcome {
                    self.made.posts.push((pair, posted.post));
                }
                told(outcome)
            }
            32 => {
                let Some((pair, post)) = pick(&self.made.posts, a) else { return nothing() };
                let two = self.made.pairs.iter().find(|it| it.0 == pair).map_or((1, 2), |it| it.1);
                let actor = self.one_of(two, b);
                if c % 3 == 0 {
                    told(service.remove_post(&actor, pair, post).await)
                } else {
                    let body = Body::new(&format!("Edited {c}")).unwrap();
                    told(service.edit_post(&actor, pair, post, body).await)
                }
            }
            33 => {
                let Some((pair, two)) = pick(&self.made.pairs, a) else { return nothing() };
                let actor = self.one_of(two, b);
                let kind = match c % 4 {
                    0 => CheckInKind::Closing,
                    n => CheckInKind::Week { number: n.into() },
                };
                let input = CheckInInput {
                    kind,
                    score: (c % 7 > 0).then_some(c % 7),
                    note: (c % 2 == 0).then(|| Note::new("As it goes.").unwrap()),
                    note_shared: c % 5 == 0,
                    testimonial: None,
                };
                told(service.check_in(&actor, pair, input).await)
            }
            34 => {
                let Some((pair, two)) = pick(&self.made.pairs, a) else { return nothing() };
                let actor = self.one_of(two, b);
                let until = self.world.now() + TimeDelta::hours(i64::from(c) * 3 + 1);
                match c % 3 {
                    0 => told(service.resume_pair(&actor, pair).await),
                    1 => told(service.pause_pair(&actor, pair, Some(until)).await),
                    _ => told(service.pause_pair(&actor, pair, None).await),
                }
            }
            35 => {
                let Some((pair, two)) = pick(&self.made.pairs, a) else { return nothing() };
                let actor = self.one_of(two, b);
                let kinds = REASONS_OF_A_PARTICIPANT;
                let kind = kinds[usize::from(c) % kinds.len()];
                match c % 3 {
                    0 => told(service.complete_pair(&actor, pair).await),
                    _ => told(service.end_pair(&actor, pair, kind, None, c % 2 == 0).await),
                }
            }
            36 => {
                let Some((pair, two)) = pick(&self.made.pairs, a) else { return nothing() };
                let actor = self.one_of(two, b);
                let outcome = service.restart_pair(&actor, pair).await;
                if let Ok(staged) = &outcome {
                    self.made.proposals.push((staged.proposal, two));
                }
                told(outcome)
            }
            37 => {
                let Some((pair, _)) = pick(&self.made.pairs, a) else { return nothing() };
                let staff = self.staff();
                if c % 2 == 0 {
                    told(service.freeze_pair(&staff, pair).await)
                } else {
                    told(service.unfreeze_pair(&staff, pair).await)
                }
            }
            38 => {
                let (_, actor) = self.person(a);
                let (other, _) = self.person(b);
                match c % 5 {
                    0 | 1 => told(service.block(&actor, &who(other)).await),
                    2 => told(service.lift_block(&actor, &who(other)).await),
                    3 => told(service.avoid(&actor, &who(other), c % 10 < 5).await),
                    _ => told(service.wish_for(&actor, &who(other), c % 10 < 5).await),
                }
            }
            39 => {
                let (n, actor) = self.person(a);
                let today = self.world.now().date_naive();
                match c % 6 {
                    0 => {
                        let adult_on = today.checked_add_days(chrono::Days::new(u64::from(b % 9)));
                        let facts = AgeFacts { adult_on, zone: None };
                        let host = self.host();
                        told(service.record_age(&host, &who(n), facts).await)
                    }
                    1 => {
                        let facts = AgeFacts { adult_on: Some(make::adult_date()), zone: None };
                        let host = self.host();
                        told(service.record_age(&host, &who(n), facts).await)
                    }
                    2 => {
                        let host = self.host();
                        told(service.leave_group(&host, &who(n), &group()).await)
                    }
                    _ => told(service.set_reminders(&actor, c % 2 == 0).await),
                }
            }
            40 => {
                let Some(program) = pick(&self.made.programs, a) else { return nothing() };
                let staff = self.staff();
                match c % 12 {
                    0..=2 => told(service.close_enrollment(&admin, program).await),
                    3..=5 => told(service.reopen_enrollment(&admin, program).await),
                    6 => told(service.suspend_program(&staff, program).await),
                    7..=9 => told(service.resume_program(&staff, program).await),
                    10 => told(service.wind_down_program(&admin, program).await),
                    _ => told(service.schedule_archive(&admin, program).await),
                }
            }
            41 => {
                let Some(program) = pick(&self.made.programs, a) else { return nothing() };
                if c % 2 == 0 {
                    let mut policy = make::template().policy;
                    policy.offer_days = u16::from(b % 20) + 1;
                    policy.acceptance = Acceptance::ALL[usize::from(c / 2) % 4];
                    let edit = EditProgram { policy: Some(policy), ..EditProgram::default() };
                    told(service.edit_program(&admin, program, edit).await)
                } else {
                    let mut guide = make::template().guide;
                    guide.steps.truncate(usize::from(b % 3) + 1);
                    told(service.revise_guide(&admin, program, guide).await)
                }
            }
            42..=44 => {
                let hours = [1, 7, 26, 24 * 3, 24 * 8, 24 * 15, 24 * 22][usize::from(a) % 7];
                self.world.clock.advance(TimeDelta::hours(hours));
                let clock = Actor::clock(self.world.tenant.clone());
                let ask = SweepAsk { limit: u16::from(b % 9) + 1, after: None };
                told(service.sweep(&clock, ask).await)
            }
            45 => {
                let (_, actor) = self.person(a);
                let page = self.world.first_page();
                let offers = told(service.my_offers(&actor, page.clone()).await);
                let pairs = told(service.my_pairs(&actor, page.clone()).await);
                let blocks = told(service.my_blocks(&actor, page).await);
                format!("{offers}\n{pairs}\n{blocks}")
            }
            46 => {
                let Some((place, _, _)) = pick(&self.made.enrollments, a) else { return nothing() };
                told(service.candidates(&admin, place, 20).await)
            }
            _ => {
                let Some((pair, two)) = pick(&self.made.pairs, a) else { return nothing() };
                let actor = self.one_of(two, b);
                let details = told(service.pair(&actor, pair).await);
                let thread =
                    told(service.thread(&actor, pair, None, self.world.first_page()).await);
                format!("{details}\n{thread}")
            }
        }
    }
}
