//! No word of anybody stands in the audit log, the outbox or an error.

use std::fmt::Debug;

use super::{Scene, body, check_in, mark, marked, note, sound};
use crate::{
    base::{
        host::PersonId,
        input::InputError,
        text::{AnswerText, Body, Note, Slug, Title},
    },
    conformance::{
        Harness,
        census::census,
        make::{slug, who},
        world::World,
    },
    decide::report::ReportAsk,
    model::{
        answer::Answer,
        enrollment::Role,
        journal::CheckInKind,
        pair::EndKind,
        report::{Measure, Ruling},
    },
    service::{Error, ExportAsk},
};

/// Errors as developers and hosts may print them.
#[derive(Default)]
struct Told(Vec<String>);

impl Told {
    fn refused<T: Debug>(&mut self, outcome: Result<T, Error>) {
        let error = outcome.expect_err("it is refused");
        self.0.push(format!("{error} {error:?} {} {:?}", error.code(), error.params()));
    }

    fn input<T: Debug>(&mut self, outcome: Result<T, InputError>) {
        let error = outcome.expect_err("it is refused");
        self.0.push(format!("{error} {error:?} {}", error.code()));
    }
}

/// Everybody says something in every free text that there is, and does what is refused: the log, the
/// messages and the errors hold ids and codes.
pub async fn no_word_of_a_person_is_logged(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let (one, two, admin) = (world.person(1), world.person(2), world.other_admin());
    let (pair, hello) = (scene.pair, slug("hello"));
    let said = |what: &str| format!("{} {what}", mark(3));
    let mut told = Told::default();
    s.check_in(&one, pair, check_in(1, CheckInKind::Closing)).await.unwrap();
    // What is refused.
    told.refused(s.post(&world.person(3), pair, &hello, None, body(&said("third"))).await);
    told.refused(s.post(&one, pair, &slug("nowhere"), None, body(&said("nowhere"))).await);
    told.refused(world.enroll_with(scene.program, 1, marked(1, Role::Mentor)).await);
    let mut wrong = marked(4, Role::Mentor);
    let words = Answer::Text(AnswerText::new(&said("wrong")).unwrap());
    wrong.answers = wrong.answers.with(slug("years"), words);
    told.refused(world.enroll_with(scene.program, 4, wrong).await);
    told.input(Body::new(&mark(3).repeat(4_000)));
    told.input(Note::new(&mark(3).repeat(4_000)));
    told.input(Title::new(&mark(3).repeat(4_000)));
    told.input(AnswerText::new(&mark(3).repeat(4_000)));
    told.input(Slug::try_from(format!("{}!", mark(3)).as_str()));
    let key = PersonId::try_from(format!("{}\n", mark(3)).as_str()).unwrap_err();
    told.0.push(format!("{key} {key:?}"));
    // A case with words of everybody in it.
    let case = scene.filed().await;
    world.work(&admin, case).await;
    s.ask_reporter(&admin, case, note(&said("asked"))).await.unwrap();
    s.answer_reviewer(&two, case, body(&said("answered"))).await.unwrap();
    told.refused(s.answer_reviewer(&one, case, body(&said("answered"))).await);
    let reasons = || crate::model::report::Reasons {
        ground: crate::model::report::Ground::Terms,
        clause: Title::new(&said("clause")).unwrap(),
        facts: note(&said("facts")),
        why: note(&said("why")),
        detected: false,
        automated: false,
        redress: note(&said("redress")),
    };
    let verdict = crate::model::report::Verdict {
        outcome: crate::model::report::Outcome::Actioned,
        measures: vec![Measure::Warn],
        reasons: reasons(),
    };
    s.decide_case(&admin, case, verdict.clone()).await.unwrap();
    told.refused(s.decide_case(&admin, case, verdict).await);
    s.appeal_case(&one, case, body(&said("appealed"))).await.unwrap();
    let third = crate::policy::actor::Actor::staff(world.tenant.clone(), who(991));
    s.escalate_case(&third, case).await.unwrap();
    s.rule_on_appeal(&third, case, Ruling::Upheld, &[], reasons()).await.unwrap();
    let again = ReportAsk::new(who(2), slug("nothing"));
    told.refused(s.file_report(&two, scene.program, again.text(body(&said("self")))).await);
    // Other words, and other ends.
    let asks = super::program(world, |policy| policy.approval = true).await;
    let place = world.enroll_with(asks, 5, marked(5, Role::Mentor)).await.unwrap();
    s.ask_info(&world.admin(), place, note(&said("wondered"))).await.unwrap();
    s.end_pair(&two, pair, EndKind::Other, Some(note(&said("farewell"))), true).await.unwrap();
    told.refused(s.post(&one, pair, &hello, None, body(&said("late"))).await);
    s.export_person(&one, &who(1), ExportAsk::default()).await.unwrap();
    scene.erases(1).await;
    world.days(400);
    world.sweep().await;
    let log = census(&*world.store, &world.tenant).await.audit;
    let messages: Vec<_> = world.messages().await.into_iter().map(|it| it.message).collect();
    assert!(log.len() > 30 && messages.len() > 20 && told.0.len() > 12);
    for text in [serde_json::to_string(&(&log, &messages)).unwrap(), format!("{log:?}{messages:?}")]
        .iter()
        .chain(&told.0)
    {
        assert!(!text.contains("canary"), "{text}");
    }
    sound(world).await;
}
