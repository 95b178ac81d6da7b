//! Where races are run, and what several of them have in common.

use std::{future::Future, sync::Mutex};

use crate::{
    base::id::{EnrollmentId, ProgramId, ProposalId},
    conformance::{
        Harness, Task,
        census::{Census, Watch},
        make::{self, who},
        world::{World, sign_up},
    },
    decide::person::AgeFacts,
    model::{enrollment::Role, program::ProgramPolicy},
    policy::actor::Actor,
    service::{Error, SweepAsk},
};

/// How often each race is run, each time in a program of its own.
pub(in crate::conformance) const ROUNDS: u64 = 4;

pub(in crate::conformance) fn task(future: impl Future<Output = ()> + Send + 'static) -> Task {
    Box::pin(future)
}

/// A rule may say no; a store never may.
pub(in crate::conformance) fn fine<T>(outcome: Result<T, Error>) -> Option<T> {
    match outcome {
        Ok(done) => Some(done),
        Err(Error::Refused(_)) => None,
        Err(error) => panic!("{error:?}"),
    }
}

/// A task that calls the service as somebody.
macro_rules! call {
    ($world:expr, $actor:expr, |$service:ident, $who:ident| $call:expr) => {{
        let ($service, $who) = ($world.service.clone(), $actor);
        $crate::conformance::races::arena::task(async move {
            $crate::conformance::races::arena::fine($call.await);
        })
    }};
}

pub(in crate::conformance) use call;

pub(super) struct Arena {
    h: Harness,
    pub(super) world: World,
    watch: Mutex<Watch>,
}

impl Arena {
    pub(super) fn new(h: Harness) -> Self {
        let world = World::new(h.store.clone());
        Self { h, world, watch: Mutex::default() }
    }

    /// Runs the tasks at once and checks the invariants before and after, and what changed between.
    pub(super) async fn race(&self, tasks: Vec<Task>) -> Census {
        let mut watch = std::mem::take(&mut *self.watch.lock().unwrap());
        let now = self.world.now();
        watch.check(&*self.h.store, now).await.unwrap_or_else(|broken| panic!("{broken}"));
        self.h.spawner.all(tasks).await;
        let checked = watch.check(&*self.h.store, now).await;
        *self.watch.lock().unwrap() = watch;
        checked.unwrap_or_else(|broken| panic!("{broken}"))
    }

    /// A mentor with an offer to each of some mentees; the first person's number is `base`.
    pub(super) async fn offers(
        &self,
        program: ProgramId,
        base: u64,
        mentees: u64,
    ) -> (EnrollmentId, Vec<ProposalId>) {
        let mut input = sign_up(Role::Mentor);
        input.capacity = Some(u8::try_from(mentees).unwrap());
        let mentor = self.world.enroll_with(program, base, input).await.unwrap();
        let mut offers = Vec::new();
        for n in 1..=mentees {
            let mentee = self.world.enroll(program, base + n, Role::Mentee).await;
            offers.push(self.world.offer(mentor, mentee).await);
        }
        (mentor, offers)
    }

    /// An offer of mentor `base` to mentee `base + 1` that only waits for the mentee.
    pub(super) async fn half_accepted(
        &self,
        program: ProgramId,
        base: u64,
    ) -> (EnrollmentId, ProposalId) {
        let (mentor, offers) = self.offers(program, base, 1).await;
        self.world.service.accept(&self.world.person(base), offers[0]).await.unwrap();
        (mentor, offers[0])
    }
}

pub(super) fn live(census: &Census, place: EnrollmentId) -> usize {
    let of = |pair: &&crate::model::pair::Pair| {
        pair.state.is_live() && [pair.mentor.enrollment, pair.mentee.enrollment].contains(&place)
    };
    census.pairs.values().filter(of).count()
}

pub(super) fn roomy(policy: &mut ProgramPolicy) {
    policy.max_mentor_capacity = 8;
}

pub(super) fn sweep(arena: &Arena) -> Task {
    call!(arena.world, Actor::clock(make::tenant()), |s, clock| {
        async move { s.sweep(&clock, SweepAsk::default()).await }
    })
}

pub(super) fn too_young(arena: &Arena, person: u64) -> Task {
    let today = arena.world.now().date_naive();
    call!(arena.world, arena.world.host_actor(), |s, host| {
        let adult_on = today.checked_add_days(chrono::Days::new(400));
        async move { s.record_age(&host, &who(person), AgeFacts { adult_on, zone: None }).await }
    })
}
