//! What a command does when its store fails, or changes under it: what it tries again, and what it says
//! where it cannot know.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use mentorship_core::{
    base::id::{CommandId, EnrollmentId},
    change::{Applied, ChangeSet},
    conformance::{
        Task,
        make::id,
        through::{Hook, Through},
        world::World,
    },
    model::enrollment::Role,
    service::ProposedPair,
    store::{StoreError, StoreErrorKind},
};
use mentorship_memory::MemoryStore;

/// What goes wrong, each thing once and in turn.
#[derive(Clone, Default)]
struct Trouble {
    /// What others do after a read, before the command that reads knows what it has read.
    meanwhile: Arc<Mutex<VecDeque<Task>>>,
    /// Which reads pass before one fails: each that says so, first of all.
    passes: Arc<Mutex<VecDeque<bool>>>,
    /// What a read fails with.
    reads: Arc<Mutex<VecDeque<StoreErrorKind>>>,
    /// Whether the next set seems to be lost on its way; and the set.
    loses: Arc<Mutex<bool>>,
    lost: Arc<Mutex<Option<ChangeSet>>>,
}

#[async_trait]
impl Hook for Trouble {
    async fn after_read(&self, method: &'static str) -> Result<(), StoreError> {
        if !method.ends_with("_view") && !method.ends_with("_views") {
            return Ok(());
        }
        let passes = self.passes.lock().unwrap().pop_front().unwrap_or(false);
        if !passes && let Some(kind) = self.reads.lock().unwrap().pop_front() {
            return Err(StoreError::new(kind, "read"));
        }
        let task = self.meanwhile.lock().unwrap().pop_front();
        if let Some(task) = task {
            task.await;
        }
        Ok(())
    }

    async fn before_apply(&self, changes: &mut ChangeSet) {
        if *self.loses.lock().unwrap() {
            let nothing = ChangeSet::new(changes.tenant.clone());
            *self.lost.lock().unwrap() = Some(std::mem::replace(changes, nothing));
        }
    }

    async fn after_apply(&self, outcome: &mut Result<Applied, StoreError>) {
        if std::mem::take(&mut *self.loses.lock().unwrap()) {
            *outcome = Err(StoreError::new(StoreErrorKind::InDoubt, "commit"));
        }
    }
}

/// A program with two who may be paired, and the same world through a store in which things go wrong.
struct Stage {
    world: World,
    slow: World,
    trouble: Trouble,
    mentor: EnrollmentId,
    mentee: EnrollmentId,
}

impl Stage {
    async fn new() -> Self {
        let world = World::new(Arc::new(MemoryStore::new()));
        let program = world.program(|_| {}).await;
        let mentor = world.enroll(program, 1, Role::Mentor).await;
        let mentee = world.enroll(program, 2, Role::Mentee).await;
        let trouble = Trouble::default();
        let slow = world.over(Arc::new(Through::hooked(world.store.clone(), trouble.clone())));
        Self { world, slow, trouble, mentor, mentee }
    }

    async fn paused(&self) {
        let me = self.world.person(1);
        self.world.service.pause_enrollment(&me, self.mentor, None).await.unwrap();
    }

    /// After the next read the mentor takes new pairs again.
    fn resumes(&self) {
        let (service, me, mentor) = (self.world.service.clone(), self.world.person(1), self.mentor);
        let task: Task =
            Box::pin(async move { service.resume_enrollment(&me, mentor).await.unwrap() });
        self.trouble.meanwhile.lock().unwrap().push_back(task);
    }

    /// After the next read the mentor takes none.
    fn pauses(&self) {
        let (service, me, mentor) = (self.world.service.clone(), self.world.person(1), self.mentor);
        let task: Task = Box::pin(async move {
            service.pause_enrollment(&me, mentor, None).await.unwrap();
        });
        self.trouble.meanwhile.lock().unwrap().push_back(task);
    }
}

fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test)
}

#[test]
fn a_refusal_is_final_only_if_what_it_rests_on_stands() {
    run(async {
        let stage = Stage::new().await;
        stage.paused().await;
        let (s, admin) = (&stage.slow.service, stage.world.admin());
        let refused = s.stage_proposal(&admin, stage.mentor, stage.mentee, None).await;
        assert!(refused.unwrap_err().refusal().is_some(), "nothing changed meanwhile");
        stage.resumes();
        s.stage_proposal(&admin, stage.mentor, stage.mentee, None).await.unwrap();
    });
}

#[test]
fn a_refusal_among_many_is_final_only_if_what_it_rests_on_stands() {
    run(async {
        let stage = Stage::new().await;
        let program = stage.world.program(|_| {}).await;
        let other = stage.world.enroll(program, 1, Role::Mentor).await;
        let mentee = stage.world.enroll(program, 3, Role::Mentee).await;
        stage.paused().await;
        let (s, admin) = (&stage.slow.service, stage.world.admin());
        let pairs = [
            ProposedPair { mentor: stage.mentor, mentee: stage.mentee },
            ProposedPair { mentor: other, mentee },
        ];
        stage.resumes();
        let staged = s.stage_proposals(&admin, &pairs).await.unwrap();
        assert!(staged.iter().all(Result::is_ok), "{staged:?}");
    });
}

#[test]
fn what_never_stands_still_is_a_conflict() {
    run(async {
        let stage = Stage::new().await;
        stage.paused().await;
        // Refused at each look, and never for the same reason as at the one before.
        for _ in 0..60 {
            stage.resumes();
            stage.pauses();
        }
        let never = stage.slow.service.clone();
        let admin = stage.world.admin();
        let outcome = never.stage_proposal(&admin, stage.mentor, stage.mentee, None).await;
        assert_eq!(World::code(outcome), "store.conflict");
    });
}

#[test]
fn a_read_that_fails_for_a_moment_is_tried_again() {
    run(async {
        let stage = Stage::new().await;
        let (s, me) = (&stage.slow.service, stage.world.person(1));
        stage.trouble.reads.lock().unwrap().extend([StoreErrorKind::Busy; 3]);
        s.pause_enrollment(&me, stage.mentor, None).await.unwrap();
        // Also the second look before a refusal.
        stage.trouble.passes.lock().unwrap().extend([true, false, false]);
        stage.trouble.reads.lock().unwrap().extend([StoreErrorKind::Busy; 2]);
        let refused = s.approve(&stage.world.admin(), stage.mentor).await;
        assert!(refused.unwrap_err().refusal().is_some(), "there is nothing to approve");
        assert!(stage.trouble.reads.lock().unwrap().is_empty());
        stage.trouble.reads.lock().unwrap().extend([StoreErrorKind::Busy; 50]);
        let failed = s.resume_enrollment(&me, stage.mentor).await;
        assert_eq!(World::code(failed), "store.busy", "not for ever");
        stage.trouble.reads.lock().unwrap().clear();
        for kind in [StoreErrorKind::Exhausted, StoreErrorKind::Corrupt] {
            stage.trouble.reads.lock().unwrap().push_back(kind);
            s.resume_enrollment(&me, stage.mentor).await.unwrap_err();
        }
        s.resume_enrollment(&me, stage.mentor).await.unwrap();
    });
}

/// The connection broke at COMMIT, the server has not come to its end yet, and meanwhile a rule says no: it
/// may be done all the same.
#[test]
fn a_refusal_after_a_commit_in_doubt_is_in_doubt() {
    run(async {
        let stage = Stage::new().await;
        let offer = stage.world.offer(stage.mentor, stage.mentee).await;
        let me = stage.world.person(2).with_command(id::<CommandId>(77));
        *stage.trouble.loses.lock().unwrap() = true;
        let world = stage.world.clone();
        let expires: Task = Box::pin(async move { world.days(60) });
        stage.trouble.meanwhile.lock().unwrap().extend([Box::pin(async {}) as Task, expires]);
        let s = &stage.slow.service;
        assert_eq!(World::code(s.accept(&me, offer).await), "store.in_doubt");
        let lost = stage.trouble.lost.lock().unwrap().take().unwrap();
        let _ = stage.world.store.unit().await.unwrap().apply(lost).await.unwrap();
        s.accept(&me, offer).await.unwrap();
        let other = stage.world.person(1).with_command(id::<CommandId>(78));
        let refused = s.accept(&other, offer).await;
        assert!(refused.unwrap_err().refusal().is_some(), "never in doubt");
    });
}
