//! I8: what shows that the evidence of all cases is what it was.

use chrono::TimeDelta;

use super::{Scene, about, body, sound};
use crate::{
    base::text::Note,
    conformance::{Harness, make::id, world::World},
    model::{
        event::Audience,
        report::{EvidenceFault, Seal, Sealed},
    },
    policy::actor::Actor,
    service::PageAsk,
};

/// Its root is a message to staff; each case goes on from what it says, and one that does not is found.
pub async fn i8_an_inventory_shows_what_was_rewritten(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (s, host) = (&scene.world.service, scene.world.host_actor());
    let empty = s.take_inventory(&host).await.unwrap();
    assert_eq!(empty.cases(), []);
    let case = scene.taken().await;
    for n in 11..14 {
        scene.report(7, about(n, "scam")).await.unwrap();
    }
    scene.world.messages().await;
    let inventory = s.take_inventory(&host).await.unwrap();
    assert_eq!((inventory.cases().len(), inventory.at), (4, scene.world.now()));
    let said = scene.world.messages().await;
    let [root] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(
        (root.message.kind.as_str(), &root.message.to),
        ("evidence.inventory", &Audience::Staff)
    );
    assert_eq!(root.message.code, Some(inventory.code()));
    assert_ne!(inventory.root(), empty.root());

    // The case goes on, and nothing of what was sealed changes by it.
    s.ask_reporter(&scene.world.other_admin(), case, Note::new("When?").unwrap()).await.unwrap();
    s.answer_reviewer(&scene.world.person(2), case, body("On Monday.")).await.unwrap();
    let later = s.take_inventory(&host).await.unwrap();
    assert_ne!(later.root(), inventory.root());
    for sealed in [&inventory, &later] {
        let report = s.verify_inventory(&host, sealed.cases()).await.unwrap();
        assert_eq!((report.looked_at, report.faults), (4, vec![]));
    }

    let of_case = *inventory.cases().iter().find(|it| it.case == case).unwrap();
    let other = inventory.cases().iter().find(|it| it.case != case).unwrap();
    let rewritten = EvidenceFault::Rewritten { items: of_case.items };
    for (sealed, fault) in [
        (Sealed { head: other.head, ..of_case }, rewritten),
        (Sealed { head: Seal::of("another item"), ..of_case }, rewritten),
        (
            Sealed { items: of_case.items + 9, ..of_case },
            EvidenceFault::Rewritten { items: of_case.items + 9 },
        ),
        (Sealed { case: id(4_711), ..of_case }, EvidenceFault::Gone),
    ] {
        let report = s.verify_inventory(&host, &[sealed, *other]).await.unwrap();
        assert_eq!(report.faults, [(sealed.case, fault)]);
    }
    sound(&scene.world).await;
}

/// All evidence is looked at page by page, by the host's own code alone.
pub async fn i8_the_host_verifies_all_evidence(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (s, host) = (&scene.world.service, scene.world.host_actor());
    for n in 11..16 {
        scene.report(2, about(n, "spam")).await.unwrap();
        scene.world.clock.advance(TimeDelta::seconds(1));
    }
    let (mut after, mut looked_at) = (None, Vec::new());
    loop {
        let report = s.verify_evidence(&host, PageAsk { limit: 2, after }).await.unwrap();
        assert_eq!(report.faults, []);
        looked_at.push(report.looked_at);
        after = report.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(looked_at, [2, 2, 1]);
    let clock = Actor::clock(scene.world.tenant.clone());
    assert_eq!(s.take_inventory(&clock).await.unwrap().cases().len(), 5);
    for actor in [scene.world.staff(), scene.world.admin(), scene.world.person(2)] {
        let page = scene.world.first_page();
        assert_eq!(World::code(s.verify_evidence(&actor, page).await), "not_found");
        assert_eq!(World::code(s.verify_inventory(&actor, &[]).await), "not_found");
        assert_eq!(World::code(s.take_inventory(&actor).await), "not_found");
    }
    sound(&scene.world).await;
}
