//! A model check: commands of three people, their admins and the platform, interleaved in every way at every
//! question that one of them asks the store or the host, and every invariant checked after each write (I1 to I9).
//!
//! The commands are those of the service, deciding on what they have read whatever happened since, and the store is
//! the one in memory, without its belts, so that guards alone hold. Time stands still, and the sweep does not run.
//! By default any two commands of a scene meet, and any three of the scene in which all that safety is made of does
//! and of two smaller ones (more than a million states); `MENTORSHIP_STATES=all` lets any three, in every scene or in
//! the one that `MENTORSHIP_SCENE` names, and of the first any four, two at a time:
//!
//! ```text
//! MENTORSHIP_STATES=all MENTORSHIP_SCENE=erased \
//!     cargo test -p mentorship-memory --all-features --test interleavings -- --nocapture
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod probe;
mod scenes;
mod search;

use std::{collections::BTreeMap, sync::Arc};

use mentorship_core::{
    base::{host::PersonId, id::EnrollmentId, people::PersonPair, time::Timestamp},
    change::Key,
    conformance::{
        census::Census,
        make::{group, tenant, who},
        teeth::ANCHORS,
    },
    model::holder::Holder,
    policy::actor::Actor,
    service::{Directory, Mentorship, PageAsk},
    store::{ListAsk, Listing, PAGE_MAX, RelationAsk, Store, UnitExt as _, ask::AuditScope},
};

use self::{
    probe::{World, at_once},
    scenes::Scene,
    search::{Found, Reach, search},
};

/// Every invariant, after a write.
pub(crate) fn check(world: &mut World, scene: &Scene) -> Result<(), String> {
    let census = at_once(Arc::make_mut(&mut world.watch).check(&world.store, scene.now))?;
    caps(&census)?;
    at_once(held(world, &census))?;
    if scene.is_keyed {
        at_once(apart(world, &census))?;
    }
    at_once(recused(world, &census))
}

/// Row 10: of all pairs of a person no more live than the programs they are in let them have.
fn caps(census: &Census) -> Result<(), String> {
    let mut live: BTreeMap<&PersonId, (usize, usize)> = BTreeMap::new();
    for pair in census.pairs.values().filter(|pair| pair.state.is_live()) {
        let cap = census.programs[&pair.program].policy.person_cap.map_or(usize::MAX, usize::from);
        for side in [&pair.mentor, &pair.mentee] {
            let (count, most) = live.entry(&side.person).or_insert((0, usize::MAX));
            *count += 1;
            *most = cap.min(*most);
        }
    }
    match live.iter().find(|(_, (count, most))| count > most) {
        Some((person, (count, most))) => {
            Err(format!("cap: {person} has {count} live pairs of {most}"))
        }
        None => Ok(()),
    }
}

/// What holds one of somebody's enrolments in a program holds the other one as well: what a case holds always, what
/// the platform holds by hand where they signed up after it did. Nobody gets out of a hold in the other role.
async fn held(world: &World, census: &Census) -> Result<(), String> {
    let live = || census.enrollments.values().filter(|it| !it.state.is_terminal());
    for one in live() {
        let others = live().filter(|it| it.id != one.id);
        for other in others.filter(|it| (it.program, &it.person) == (one.program, &one.person)) {
            for holder in one.state.holders().filter(|it| !other.state.is_held_by(*it)) {
                let shed = match holder {
                    Holder::Case { .. } => true,
                    Holder::Platform => {
                        let held = ["enrollment.suspend", "enrollment.hold"];
                        let held = last_of(world, one.id, &held).await?;
                        held < last_of(world, other.id, &["enrollment.apply"]).await?
                    }
                };
                if shed {
                    return Err(format!("hold: {holder:?} holds {}, not {}", one.id, other.id));
                }
            }
        }
    }
    Ok(())
}

/// When one of these last happened to an enrolment. The log is in order by when it was written.
async fn last_of(
    world: &World,
    of: EnrollmentId,
    actions: &[&str],
) -> Result<Option<Timestamp>, String> {
    let mut unit = world.store.unit().await.map_err(|error| error.to_string())?;
    let what = Listing::Audit { scope: AuditScope::Subject(Key::Enrollment(of)) };
    let ask = ListAsk { tenant: tenant(), what, after: None, limit: PAGE_MAX };
    let events = unit.list_audit(&ask).await.map_err(|error| error.to_string())?.items;
    Ok(events.iter().filter(|it| actions.contains(&it.action.as_str())).map(|it| it.at).max())
}

#[derive(Debug)]
struct Nobody;

#[async_trait::async_trait]
impl Directory for Nobody {
    async fn has_platform_contact(
        &self,
        _tenant: &mentorship_core::base::host::TenantId,
    ) -> Result<bool, mentorship_core::service::PortError> {
        Ok(false)
    }

    async fn attestation(
        &self,
        _tenant: &mentorship_core::base::host::TenantId,
        _person: &PersonId,
    ) -> Result<mentorship_core::service::Attestation, mentorship_core::service::PortError> {
        Ok(mentorship_core::service::Attestation::default())
    }
}

/// D10: where both have begun anew, the block of before stands between them.
async fn apart(world: &World, census: &Census) -> Result<(), String> {
    let is_back = |n: u64| {
        census.enrollments.values().any(|it| it.person == who(n) && !it.state.is_terminal())
    };
    let people = PersonPair::new(who(1), who(2)).expect("they are two");
    let mut unit = world.store.unit().await.map_err(|error| error.to_string())?;
    let tie = unit.relation_view(&RelationAsk { tenant: tenant(), people }).await;
    let tie = tie.map_err(|error| error.to_string())?;
    if is_back(1) && is_back(2) && !tie.relation.is_blocked() {
        return Err("D10: 1 and 2 are back, and nothing keeps them apart".to_owned());
    }
    Ok(())
}

/// I9: whom a block of either side recuses, finds no case in the queue and none in the program's log.
async fn recused(world: &World, census: &Census) -> Result<(), String> {
    let service = Mentorship::builder(Arc::new(world.store.clone()), Nobody).build();
    let mut unit = world.store.unit().await.map_err(|error| error.to_string())?;
    for case in census.cases.values() {
        for n in [901, 902] {
            let mut blocked = false;
            for side in case.two() {
                let people = PersonPair::new(who(n), side.clone()).expect("they are two");
                let ask = RelationAsk { tenant: tenant(), people };
                let tie = unit.relation_view(&ask).await.map_err(|error| error.to_string())?;
                blocked |= tie.relation.is_blocked();
            }
            if !blocked {
                continue;
            }
            let admin = Actor::group_admin(tenant(), who(n), group());
            let page = || PageAsk { limit: 100, after: None };
            let queue = service.group_cases(&admin, case.program, page()).await;
            let log = service.program_audit(&admin, case.program, page()).await;
            let (queue, log) = (queue.map_err(|e| e.to_string())?, log.map_err(|e| e.to_string())?);
            let told = format!("{:?}{:?}", queue.items, log.items);
            if told.contains(&case.id.to_string()) {
                return Err(format!("I9: {n} finds {}", case.id));
            }
        }
    }
    Ok(())
}

fn long() -> bool {
    std::env::var("MENTORSHIP_STATES").is_ok_and(|it| it == "all")
}

fn told(scene: &Scene, reach: &Reach, found: &Found) {
    let Found { states, steps, worlds, conflicts, gave_up, broken, carried_out: _ } = found;
    println!(
        "{}: {} commands, {} of them, {} at a time: {states} states, {steps} steps, {worlds} \
         worlds, {conflicts} conflicts, {gave_up} gave up",
        scene.name,
        scene.commands.len(),
        reach.commands,
        reach.at_a_time,
    );
    if let Some((rule, trace)) = broken {
        println!("  {rule}\n    {}", trace.join("\n    "));
    }
}

#[test]
fn no_interleaving_breaks_a_rule() {
    let mut states = 0;
    let only = std::env::var("MENTORSHIP_SCENE").ok();
    let mut scenes = scenes::all();
    scenes.retain(|it| only.as_ref().is_none_or(|only| it.name == only));
    assert!(!scenes.is_empty(), "there is no scene {only:?}");
    for scene in scenes {
        let reaches: &[(u32, usize)] = match (long(), scene.name) {
            // More than a million states.
            (false, "together") => &[(2, 2), (3, 3)],
            (false, "over" | "erased") => &[(3, 3)],
            (false, _) => &[(2, 2)],
            // A decision, an appeal and a ruling follow each other, and each meets what else there is.
            (true, "together") => &[(3, 3), (4, 2)],
            (true, _) => &[(3, 3)],
        };
        for &(commands, at_a_time) in reaches {
            let reach =
                Reach { commands, at_a_time, shortest_first: commands == 2, forgotten: &[] };
            let found = search(&scene, &reach);
            told(&scene, &reach, &found);
            assert!(found.broken.is_none(), "{}: {:?}", scene.name, found.broken);
            assert!(found.conflicts > 0, "{}: nothing ever met", scene.name);
            assert!(commands > 2 || found.gave_up == 0, "{}: two keep each other up", scene.name);
            states += found.states;
        }
    }
    println!("{states} states");
    assert!(only.is_some() || states >= 1_000_000, "{states} states");
}

/// Without the guards on any kind of record some interleaving breaks a rule. The shortest is told.
#[test]
fn without_a_kind_of_guard_a_rule_is_broken() {
    let scenes = scenes::all();
    for kind in ANCHORS {
        let forgotten = std::slice::from_ref(kind);
        let reach = Reach { commands: 2, at_a_time: 2, shortest_first: true, forgotten };
        let found = scenes.iter().find_map(|scene| {
            let found = search(scene, &reach);
            found.broken.map(|(rule, trace)| (scene.name, rule, trace))
        });
        let (name, rule, trace) = found.unwrap_or_else(|| panic!("nothing rests on a {kind}"));
        println!("{kind}: {name}: {rule}\n    {}", trace.join("\n    "));
    }
}

/// Two who come back at once meet on what is kept of them, and on nothing else.
#[test]
fn without_guards_two_come_back_past_each_other() {
    let mut scene = scenes::erased();
    scene.commands.retain(|it| ["1 signs up", "2 signs up"].contains(&it.name));
    let forgotten = &["person", "relation"];
    let reach = Reach { commands: 2, at_a_time: 2, shortest_first: true, forgotten };
    let (rule, _) = search(&scene, &reach).broken.expect("nothing keeps the two sign-ups apart");
    assert!(rule.starts_with("D10"), "{rule}");
}

/// A hold of a case and a sign-up in the other role meet on the person whose both are, and on nothing else that is
/// guarded: the sign-up rests on what it has seen of the other enrolment, and writes no more than the new one.
#[test]
fn without_guards_a_sign_up_sheds_a_hold() {
    for hold in ["the case holds 1", "1 is held"] {
        let mut scene = scenes::reported();
        scene.commands.retain(|it| [hold, "1 signs up as a mentee"].contains(&it.name));
        assert_eq!(scene.commands.len(), 2);
        let forgotten = &["person", "enrollment"];
        let reach = Reach { commands: 2, at_a_time: 2, shortest_first: true, forgotten };
        let (rule, _) = search(&scene, &reach).broken.expect("nothing keeps the two apart");
        assert!(rule.starts_with("hold"), "{rule}");
        let reach = Reach { forgotten: &[], ..reach };
        let found = search(&scene, &reach);
        assert!(found.broken.is_none() && found.conflicts > 0, "{hold}: {:?}", found.broken);
    }
}

/// Each command writes something, by itself or after one or two others: a refusal meets nobody. But for a second
/// decision by whoever took the first (D16).
#[test]
fn each_command_is_carried_out_somewhere() {
    for scene in scenes::all() {
        // An appeal, a change of hands, a ruling.
        let commands = if ["decided", "together"].contains(&scene.name) { 3 } else { 2 };
        let reach = Reach { commands, at_a_time: 1, shortest_first: true, forgotten: &[] };
        let found = search(&scene, &reach);
        let idle: Vec<_> = (0..scene.commands.len())
            .filter(|n| !found.carried_out.contains(n))
            .map(|n| scene.commands[n].name)
            .collect();
        let barred: &[&str] = if scene.name == "decided" { &["901 rules"] } else { &[] };
        assert_eq!(idle, barred, "{}", scene.name);
    }
}
