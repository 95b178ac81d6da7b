//! Shows that guards bite: for each kind of record a pair of commands that both rest on it, interleaved
//! in the worst way, every time the same.
//!
//! The first command loads what it needs, then the second one runs from start to end, then the first one
//! applies what it had decided. With guards the first one conflicts and decides again. Without the guard
//! on that kind of record (see [`Unguarded`](super::unguarded::Unguarded)) a rule is broken, and
//! [`scenario`] says which; so a test that passes with the guard and fails without it has teeth.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::{
    Task,
    census::Watch,
    make::{slug, who},
    through::{Hook, Through},
    world::{World, sign_up},
};
use crate::{
    base::text::{Body, Note, Title},
    change::ChangeSet,
    decide::report::ReportAsk,
    model::{
        enrollment::Role,
        pair::EndKind,
        program::Acceptance,
        report::{Ground, Outcome, Priority, Reasons, Verdict},
    },
    service::{Error, PageAsk},
    store::Store,
};

/// Every kind of record that a guard can stand on.
pub const ANCHORS: &[&str] =
    &["person", "relation", "program", "enrollment", "proposal", "pair", "case"];

/// What runs right before the next set is applied, once.
#[derive(Clone, Default)]
struct Meanwhile(Arc<Mutex<Option<Task>>>);

impl Meanwhile {
    fn set(&self, task: Task) {
        *self.0.lock().unwrap() = Some(task);
    }

    fn take(&self) -> Option<Task> {
        self.0.lock().unwrap().take()
    }
}

#[async_trait]
impl Hook for Meanwhile {
    async fn before_apply(&self, _changes: &mut ChangeSet) {
        if let Some(task) = self.take() {
            task.await;
        }
    }
}

struct Stage {
    /// Where everything is prepared and the second command runs.
    world: World,
    /// Where the first command runs.
    slow: World,
    meanwhile: Meanwhile,
}

/// Sets the second command up to run inside the first.
macro_rules! meanwhile {
    ($stage:expr, $actor:expr, |$service:ident, $who:ident| $call:expr) => {{
        let ($service, $who) = ($stage.world.service.clone(), $actor);
        let task: Task = Box::pin(async move {
            let _ = $call.await;
        });
        $stage.meanwhile.set(task);
    }};
}

impl Stage {
    fn new(store: Arc<dyn Store>) -> Self {
        let meanwhile = Meanwhile::default();
        let world = World::new(store.clone());
        let slow = world.over(Arc::new(Through::hooked(store, meanwhile.clone())));
        Self { world, slow, meanwhile }
    }

    async fn person(&self) -> Result<(), String> {
        let world = &self.world;
        let mut offers = Vec::new();
        for n in [2, 3] {
            let program = world.program(|policy| policy.person_cap = Some(1)).await;
            let mentor = world.enroll(program, 1, Role::Mentor).await;
            let mentee = world.enroll(program, n, Role::Mentee).await;
            let offer = world.offer(mentor, mentee).await;
            world.service.accept(&world.person(1), offer).await.unwrap();
            offers.push(offer);
        }
        let (one, other) = (offers[0], offers[1]);
        meanwhile!(self, world.person(3), |s, me| s.accept(&me, other));
        told(self.slow.service.accept(&world.person(2), one).await)?;
        let census = super::census::census(&*world.store, &world.tenant).await;
        match census.pairs.values().filter(|pair| pair.state.is_live()).count() {
            1 => Ok(()),
            n => Err(format!("{n} live pairs of somebody who may have one")),
        }
    }

    async fn relation(&self) -> Result<(), String> {
        let world = &self.world;
        let program = world.program(|_| {}).await;
        let pair = world.pair(program, 1, 2).await;
        let me = world.person(2);
        world.service.end_pair(&me, pair, EndKind::Other, None, true).await.unwrap();
        meanwhile!(self, world.person(1), |s, me| { async move { s.block(&me, &who(2)).await } });
        told(self.slow.service.restart_pair(&me, pair).await)
    }

    async fn program(&self) -> Result<(), String> {
        let world = &self.world;
        let program = world.program(|policy| policy.approval = true).await;
        let (admin, clock) =
            (world.admin(), crate::policy::actor::Actor::clock(super::make::tenant()));
        meanwhile!(self, admin, |s, me| {
            async move {
                s.wind_down_program(&me, program).await.unwrap();
                s.sweep(&clock, crate::service::SweepAsk::default()).await.unwrap();
            }
        });
        told(self.slow.enroll_with(program, 1, sign_up(Role::Mentor)).await)?;
        let census = super::census::census(&*world.store, &world.tenant).await;
        match census.enrollments.values().filter(|it| !it.state.is_terminal()).count() {
            0 => Ok(()),
            n => Err(format!("{n} applications wait in a program that is over")),
        }
    }

    /// A draft that makes a pair at once, while the mentor takes nobody any more: the draft itself is
    /// left alone by that.
    async fn enrollment(&self) -> Result<(), String> {
        let world = &self.world;
        let program = world.program(|policy| policy.acceptance = Acceptance::None).await;
        let mentor = world.enroll(program, 1, Role::Mentor).await;
        let mentee = world.enroll(program, 2, Role::Mentee).await;
        let admin = world.admin();
        let draft = world.service.stage_proposal(&admin, mentor, mentee, None).await.unwrap();
        meanwhile!(self, world.person(1), |s, me| s.set_capacity(&me, mentor, 0));
        told(self.slow.service.publish_proposal(&admin, draft.proposal).await)
    }

    async fn proposal(&self) -> Result<(), String> {
        let world = &self.world;
        let program = world.program(|_| {}).await;
        let mentor = world.enroll(program, 1, Role::Mentor).await;
        let mentee = world.enroll(program, 2, Role::Mentee).await;
        let offer = world.offer(mentor, mentee).await;
        meanwhile!(self, world.person(1), |s, me| s.decline(&me, offer, None));
        told(self.slow.service.accept(&world.person(2), offer).await)
    }

    async fn pair(&self) -> Result<(), String> {
        let world = &self.world;
        let program = world.program(|_| {}).await;
        let pair = world.pair(program, 1, 2).await;
        let body = |text: &str| Body::new(text).unwrap();
        let other = body("Mine.");
        meanwhile!(self, world.person(1), |s, me| {
            async move { s.post(&me, pair, &slug("hello"), None, other).await }
        });
        let me = world.person(2);
        told(self.slow.service.post(&me, pair, &slug("hello"), None, body("Yours.")).await)?;
        let thread = world.service.thread(&me, pair, None, PageAsk::default()).await.unwrap();
        match thread.posts.len() {
            2 => Ok(()),
            n => Err(format!("{n} of 2 posts are there")),
        }
    }

    /// A case is decided for the group while the platform takes it over.
    async fn case(&self) -> Result<(), String> {
        let world = &self.world;
        let program = world.program(|_| {}).await;
        let (s, admin) = (&world.service, world.other_admin());
        let report = ReportAsk::new(who(1), slug("spam"));
        let case = s.file_report(&world.person(2), program, report).await.unwrap().case;
        s.triage_case(&admin, case, &slug("spam"), Priority::P3).await.unwrap();
        s.take_case(&admin, case).await.unwrap();
        meanwhile!(self, world.staff(), |s, me| s.escalate_case(&me, case));
        let note = |text: &str| Note::new(text).unwrap();
        let verdict = Verdict {
            outcome: Outcome::NoAction,
            measures: Vec::new(),
            reasons: Reasons {
                ground: Ground::Terms,
                clause: Title::new("None").unwrap(),
                facts: note("Nothing."),
                why: note("Nothing shows it."),
                detected: false,
                automated: false,
                redress: note("Appeal."),
            },
        };
        told(self.slow.service.decide_case(&admin, case, verdict).await)
    }

    async fn watched(&self) -> Result<(), String> {
        Watch::default().check(&*self.world.store, self.world.now()).await.map(|_| ())
    }
}

/// A rule may say no to the command that was slower; a belt says that a guard was missing.
fn told<T>(outcome: Result<T, Error>) -> Result<(), String> {
    match outcome {
        Ok(_) | Err(Error::Refused(_)) => Ok(()),
        Err(error) => Err(format!("belt: {error}")),
    }
}

/// Plays the two commands that rest on this kind of record.
///
/// # Errors
/// The rule that was broken, or `belt: …` if a belt of the store stopped it.
pub async fn scenario(anchor: &str, store: Arc<dyn Store>) -> Result<(), String> {
    let stage = Stage::new(store);
    match anchor {
        "person" => stage.person().await,
        "relation" => stage.relation().await,
        "program" => stage.program().await,
        "enrollment" => stage.enrollment().await,
        "proposal" => stage.proposal().await,
        "pair" => stage.pair().await,
        "case" => stage.case().await,
        other => panic!("no scenario for {other}"),
    }?;
    assert!(stage.meanwhile.take().is_none(), "the second command has run");
    stage.watched().await
}
