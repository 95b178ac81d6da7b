//! A group whose last admin has left (D30).

use super::{
    Harness,
    make::{group, slug, who},
    world::{World, sign_up, step},
};
use crate::{
    base::text::Body, decide::report::ReportAsk, model::enrollment::Role, model::event::Audience,
    store::Envelope,
};

/// The news to staff that a program is halted.
fn halted(messages: &[Envelope]) -> Vec<&Envelope> {
    let to_staff = messages.iter().filter(|it| it.message.to == Audience::Staff);
    to_staff.filter(|it| it.message.kind == slug("program.suspended")).collect()
}

/// D30: without an admin no pair is formed and nobody signs up, and the platform is told; live pairs go on, and
/// reports go to the platform. When somebody answers for the program again it goes on.
pub async fn d30_without_an_admin_no_pair_is_formed(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let (s, host, staff) = (&world.service, world.host_actor(), world.staff());
    let pair = world.pair(program, 1, 2).await;
    let mentor = world.enroll(program, 3, Role::Mentor).await;
    let mentee = world.enroll(program, 4, Role::Mentee).await;
    let offer = world.offer(mentor, mentee).await;
    let draft = world.draft(|_| {}).await;
    drop(world.messages().await);
    world.host.admins([]);
    for nobody in [world.admin(), world.person(1)] {
        let refused = s.suspend_without_admin(&nobody, &group()).await;
        assert_eq!(World::code(refused), "not_found");
    }
    s.suspend_without_admin(&host, &group()).await.unwrap();
    let messages = world.messages().await;
    let told = halted(&messages);
    let of: Vec<_> = told.iter().filter_map(|it| it.message.program).collect();
    assert_eq!(of.len(), 2);
    assert!(of.contains(&program) && of.contains(&draft));
    assert!(told.iter().all(|it| it.message.code == Some(slug("no_admin"))));
    let log = s.program_audit(&staff, program, world.first_page()).await.unwrap();
    let event = log.items.iter().find(|it| it.action == slug("program.suspend")).unwrap();
    assert_eq!(event.reason, Some(slug("no_admin")));
    // Again it changes nothing, and nobody is told twice.
    s.suspend_without_admin(&host, &group()).await.unwrap();
    assert!(halted(&world.messages().await).is_empty());

    for n in [3, 4] {
        assert!(s.accept(&world.person(n), offer).await.is_err(), "no pair is formed");
    }
    let late = world.enroll_with(program, 5, sign_up(Role::Mentor)).await;
    assert_eq!(World::code(late), "not_found");
    let body = Body::new("Shall we go on?").unwrap();
    s.post(&world.person(1), pair, &step("hello"), None, body).await.unwrap();
    s.finish_step(&world.person(2), pair, &step("hello")).await.unwrap();
    let report = ReportAsk::new(who(1), slug("scam"));
    let case = s.file_report(&world.person(2), program, report).await.unwrap().case;
    let queue = s.platform_cases(&staff, world.first_page()).await.unwrap();
    assert_eq!(queue.items.iter().map(|it| it.id).collect::<Vec<_>>(), [case]);

    s.resume_program(&staff, program).await.unwrap();
    world.accept(offer, 3, 4).await;
}

/// D30: what is over stays over, what the platform has halted stays as it was, and another group is not meant.
pub async fn d30_only_what_forms_pairs_is_halted(h: Harness) {
    let world = World::new(h.store);
    let (s, host, staff) = (&world.service, world.host_actor(), world.staff());
    let over = world.program(|_| {}).await;
    s.wind_down_program(&world.admin(), over).await.unwrap();
    s.archive_program(&world.admin(), over).await.unwrap();
    let before = world.program(|_| {}).await;
    s.suspend_program(&staff, before).await.unwrap();
    let open = world.program(|_| {}).await;
    let elsewhere = crate::base::host::GroupId::try_from("elsewhere").unwrap();
    s.suspend_without_admin(&host, &elsewhere).await.unwrap();
    assert!(halted(&world.messages().await).is_empty());
    s.suspend_without_admin(&host, &group()).await.unwrap();
    let messages = world.messages().await;
    let of: Vec<_> = halted(&messages).iter().filter_map(|it| it.message.program).collect();
    assert_eq!(of, [open]);
    let details = s.program(&staff, over).await.unwrap();
    assert_eq!(details.program.state.code(), "archived");
}
