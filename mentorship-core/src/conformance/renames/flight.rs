//! A rename in the middle of another command, and another command in the middle of a rename: neither order
//! brings the old key back.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::ground::{acting, key};
use crate::{
    base::{
        host::PersonId,
        id::{EnrollmentId, ProposalId},
        text::Body,
    },
    change::ChangeSet,
    conformance::{
        Harness, Task,
        census::{Watch, census},
        listings::all_after,
        make::{slug, who},
        through::{Hook, Through},
        world::{World, sign_up},
    },
    decide::person::AgeFacts,
    model::enrollment::Role,
    service::Error,
    store::{Listing, PAGE_MAX},
};

/// Runs a task once, right before the next change set is applied.
#[derive(Clone)]
struct Meanwhile(Arc<Mutex<Option<Task>>>);

#[async_trait]
impl Hook for Meanwhile {
    async fn before_apply(&self, _changes: &mut ChangeSet) {
        let task = self.0.lock().unwrap().take();
        if let Some(task) = task {
            task.await;
        }
    }
}

/// The same world, in which `task` runs in the middle of the next command.
fn in_the_middle(world: &World, task: Task) -> World {
    let hook = Meanwhile(Arc::new(Mutex::new(Some(task))));
    world.over(Arc::new(Through::hooked(world.store.clone(), hook)))
}

/// A mentor, who is renamed to `zoe` below, and an offer to a mentee who has said yes.
struct Scene {
    world: World,
    mentor: EnrollmentId,
    offer: ProposalId,
}

impl Scene {
    async fn set(h: &Harness) -> Self {
        let world = World::new(h.store.clone());
        let program = world.program(|policy| policy.max_mentor_capacity = 8).await;
        let mut input = sign_up(Role::Mentor);
        input.capacity = Some(8);
        let mentor = world.enroll_with(program, 2, input).await.unwrap();
        let mentee = world.enroll(program, 3, Role::Mentee).await;
        let offer = world.offer(mentor, mentee).await;
        world.service.accept(&world.person(3), offer).await.unwrap();
        Self { world, mentor, offer }
    }

    fn rename(&self) -> Task {
        let world = self.world.clone();
        Box::pin(async move {
            let host = world.host_actor();
            world.service.rename_person(&host, &who(2), &key("zoe")).await.unwrap();
        })
    }

    /// Nothing knows the old key, and the new one has everything.
    async fn renamed(&self) {
        let host = self.world.host_actor();
        let again = self.world.service.rename_person(&host, &who(2), &who(77)).await;
        assert_eq!(World::code(again), "not_found", "the old key came back");
        let census = Watch::default().check(&*self.world.store, self.world.now()).await.unwrap();
        assert_eq!(census.enrollments[&self.mentor].person, key("zoe"));
        assert_eq!(census.proposals[&self.offer].mentor_person, key("zoe"));
    }
}

/// How many people this one blocks.
async fn blocked(world: &World, person: &PersonId) -> usize {
    let what = Listing::BlocksBy { person: person.clone() };
    all_after(&*world.store, &world.tenant, &what, None, PAGE_MAX).await.len()
}

/// A first block, of which nothing was stored before, by the person and on the person.
pub async fn a_block_in_flight_never_lands_under_the_old_key(h: Harness) {
    let scene = Scene::set(&h).await;
    let world = in_the_middle(&scene.world, scene.rename());
    let done = world.service.block(&world.person(2), &who(8)).await;
    assert_eq!(World::code(done), "not_found");
    scene.renamed().await;
    let (host, again) = (scene.world.host_actor(), scene.world.clone());
    let back: Task = Box::pin(async move {
        again.service.rename_person(&host, &key("zoe"), &key("ada")).await.unwrap();
    });
    let world = in_the_middle(&scene.world, back);
    let done = world.service.block(&world.person(8), &key("zoe")).await;
    assert_eq!(World::code(done), "not_found", "whom it was meant for has another key");
    world.service.block(&world.person(8), &key("ada")).await.unwrap();
    assert_eq!(blocked(&world, &who(8)).await, 1);
}

/// What the person had in flight is refused, and what others had about them is done under the new key.
pub async fn a_command_in_flight_never_lands_under_the_old_key(h: Harness) {
    let scene = Scene::set(&h).await;
    let world = in_the_middle(&scene.world, scene.rename());
    let done = world.service.accept(&world.person(2), scene.offer).await;
    assert_eq!(World::code(done), "not_found");
    scene.renamed().await;
    let zoe = acting(&world, &key("zoe"));
    let pair = world.service.accept(&zoe, scene.offer).await.unwrap().pair.unwrap();
    let back = scene.world.clone();
    let back: Task = Box::pin(async move {
        back.service.rename_person(&back.host_actor(), &key("zoe"), &who(2)).await.unwrap();
    });
    let world = in_the_middle(&scene.world, back);
    let body = Body::new("Ahoy!").unwrap();
    world.service.post(&world.person(3), pair, &slug("hello"), None, body).await.unwrap();
    let census = census(&*world.store, &world.tenant).await;
    assert_eq!(census.pairs[&pair].mentor.person, who(2));
    let told = world.messages().await;
    let lost = told.iter().filter(|it| format!("{it:?}").contains("(zoe)"));
    assert_eq!(lost.count(), 0, "{told:?}");
}

/// Somebody known signs up once more, also where the host's word about their age has changed.
pub async fn a_sign_up_in_flight_never_lands_under_the_old_key(h: Harness) {
    let scene = Scene::set(&h).await;
    let more = scene.world.program(|_| {}).await;
    let world = in_the_middle(&scene.world, scene.rename());
    let done = world.enroll_with(more, 2, sign_up(Role::Mentee)).await;
    assert_eq!(World::code(done), "not_found");
    scene.renamed().await;
    let (me, zoe) = (acting(&world, &key("zoe")), key("zoe"));
    let back = scene.world.clone();
    let back: Task = Box::pin(async move {
        back.service.rename_person(&back.host_actor(), &key("zoe"), &key("ada")).await.unwrap();
    });
    world.host.attest(&zoe, crate::service::Attestation::default());
    let world = in_the_middle(&scene.world, back);
    let done = world.service.enroll(&me, more, sign_up(Role::Mentee)).await;
    assert_eq!(World::code(done), "not_found", "nobody new is made of the old key");
    let facts = AgeFacts { adult_on: None, zone: None };
    let again = world.service.rename_person(&world.host_actor(), &zoe, &who(77)).await;
    assert_eq!(World::code(again), "not_found");
    world.service.record_age(&world.host_actor(), &key("ada"), facts).await.unwrap();
}

/// What is stored in the middle of a rename is renamed too.
pub async fn a_rename_takes_along_what_came_meanwhile(h: Harness) {
    let scene = Scene::set(&h).await;
    let (world, offer) = (scene.world.clone(), scene.offer);
    let more = world.program(|_| {}).await;
    let acts: Task = Box::pin(async move {
        let me = world.person(2);
        world.service.accept(&me, offer).await.unwrap();
        world.service.block(&me, &who(8)).await.unwrap();
        world.service.block(&world.person(1), &who(2)).await.unwrap();
        world.enroll(more, 2, Role::Mentee).await;
    });
    let world = in_the_middle(&scene.world, acts);
    let host = world.host_actor();
    world.service.rename_person(&host, &who(2), &key("zoe")).await.unwrap();
    scene.renamed().await;
    assert_eq!(blocked(&world, &key("zoe")).await, 1);
    assert_eq!(blocked(&world, &who(1)).await, 1);
    let census = census(&*world.store, &world.tenant).await;
    assert_eq!(census.people[&key("zoe")].enrollments.len(), 2);
    assert_eq!(census.pairs.len(), 1);
}

/// A key that somebody takes meanwhile is taken.
pub async fn a_key_taken_meanwhile_is_refused(h: Harness) {
    let scene = Scene::set(&h).await;
    let world = scene.world.clone();
    let more = world.program(|_| {}).await;
    let taken: Task = Box::pin(async move {
        world.enroll(more, 77, Role::Mentee).await;
    });
    let world = in_the_middle(&scene.world, taken);
    let renamed = world.service.rename_person(&world.host_actor(), &who(2), &who(77)).await;
    assert_eq!(World::code(renamed), "person.key_taken");
    let census = census(&*world.store, &world.tenant).await;
    assert_eq!(census.enrollments[&scene.mentor].person, who(2));
}

/// How often the race below is run.
const ROUNDS: u64 = 4;

fn fine<T>(outcome: Result<T, Error>) {
    if let Err(error) = outcome {
        assert!(matches!(error, Error::Refused(_)), "{error:?}");
    }
}

/// Renames at the same time as an acceptance, a block and a sign-up: no invariant is broken, nobody is told
/// of a conflict, and what is there says one key or the other throughout.
pub async fn renames_against_everything(h: Harness) {
    let world = World::new(h.store.clone());
    for round in 0..ROUNDS {
        let base = 10 * round + 1;
        let program = world.program(|_| {}).await;
        let more = world.program(|_| {}).await;
        let mentor = world.enroll(program, base, Role::Mentor).await;
        let mentee = world.enroll(program, base + 1, Role::Mentee).await;
        let offer = world.offer(mentor, mentee).await;
        world.service.accept(&world.person(base + 1), offer).await.unwrap();
        let to = key(&format!("q{round}"));
        let run = |act: u64| -> Task {
            let (world, to) = (world.clone(), to.clone());
            Box::pin(async move {
                let (s, me) = (&world.service, world.person(base));
                match act {
                    0 => fine(s.rename_person(&world.host_actor(), &who(base), &to).await),
                    1 => fine(s.accept(&me, offer).await),
                    2 => fine(s.block(&world.person(base + 1), &who(base)).await),
                    3 => fine(s.enroll(&me, more, sign_up(Role::Mentee)).await),
                    _ => fine(s.erase_person_key(&world.host_actor(), &who(base + 1)).await),
                }
            })
        };
        h.spawner.all((0..5).map(run).collect()).await;
        let census = Watch::default().check(&*world.store, world.now()).await.unwrap();
        assert_eq!(census.enrollments[&mentor].person, to);
        assert!(census.enrollments[&mentee].person.is_erased());
        let offer = &census.proposals[&offer];
        assert_eq!(offer.mentor_person, to);
        assert_eq!(offer.mentee_person, census.enrollments[&mentee].person);
    }
}
