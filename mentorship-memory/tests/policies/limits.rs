//! What comes in has a limit, and the refusal names it.

use chrono::NaiveDate;
use chrono_tz::Tz;
use mentorship_core::{
    base::{
        text::{Prompt, Title},
        time::Timestamp,
    },
    conformance::{
        make::{group, guide, slug, template, who},
        world::{World, sign_up, step},
    },
    decide::{person::AgeFacts, program::CreateProgram},
    model::{enrollment::Role, form::Message, guide::Guide, program::Window, template::Template},
    service::Attestation,
};

use crate::{run, world};

#[test]
fn a_pair_is_paused_a_hundred_times_and_not_more() {
    run(async {
        let world = world();
        let program = world.program(|_| {}).await;
        let pair = world.pair(program, 1, 2).await;
        let (service, me) = (&world.service, world.person(1));
        service.finish_step(&me, pair, &step("hello")).await.unwrap();
        for _ in 0..100 {
            service.pause_pair(&me, pair, None).await.unwrap();
            service.resume_pair(&me, pair).await.unwrap();
        }
        let error = service.pause_pair(&me, pair, None).await.unwrap_err();
        assert_eq!((error.code(), &*error.params()["field"]), ("input.too_many", "pauses"));
        // Safety has no such limit.
        for _ in 0..3 {
            service.freeze_pair(&world.staff(), pair).await.unwrap();
            service.unfreeze_pair(&world.staff(), pair).await.unwrap();
        }
    });
}

#[test]
fn dates_lie_within_the_calendar_of_people() {
    run(async {
        let world = world();
        let program = world.program(|_| {}).await;
        let date = |year| NaiveDate::from_ymd_opt(year, 7, 1);
        for (year, fits) in [(1899, false), (1900, true), (2199, true), (2200, false)] {
            let facts = AgeFacts { adult_on: date(year), zone: None };
            let told = world.service.record_age(&world.host_actor(), &who(1), facts).await;
            assert_eq!(told.is_ok(), fits, "{year}");
        }
        world.host.attest(&who(2), Attestation { adult_on: date(-4_000), zone: None });
        let told = world.enroll_with(program, 2, sign_up(Role::Mentor)).await;
        assert_eq!(told.unwrap_err().params()["field"], "adult_on");

        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let window = |year: i32| Window {
            opens: at(&format!("{year}-01-01T00:00:00Z")),
            closes: at(&format!("{year}-02-01T00:00:00Z")),
            starts: at(&format!("{year}-03-01T00:00:00Z")),
            ends: at(&format!("{year}-12-01T00:00:00Z")),
        };
        for (year, fits) in [(1999, false), (2000, true), (2199, true), (2200, false)] {
            assert_eq!(window(year).checked().is_ok(), fits, "{year}");
        }
    });
}

/// The small template with prompts that make its guide as large as asked.
fn bulky(kilobytes: usize) -> Template {
    let mut template = template();
    let prompt = |n: usize| Message {
        key: slug(&format!("p{n}")),
        en: Prompt::new(&"x".repeat(500)).unwrap(),
    };
    let first = template.guide.steps[0].clone();
    template.guide.steps = (0..=kilobytes / 5)
        .map(|n| {
            let mut step = first.clone();
            step.key = slug(&format!("s{n}"));
            step.prompts = (0..10).map(prompt).collect();
            step
        })
        .collect();
    template
}

async fn create(world: &World, template: Template) -> Result<(), &'static str> {
    let input = CreateProgram {
        group: group(),
        template,
        title: Title::new("Much to read").unwrap(),
        topic: None,
        zone: Tz::Europe__Lisbon,
        window: None,
        policy: None,
    };
    let made = world.service.create_program(&world.admin(), input).await;
    made.map(drop).map_err(|error| error.code())
}

#[test]
fn what_a_program_is_made_of_has_256_kib_at_most() {
    run(async {
        let world = world();
        create(&world, bulky(100)).await.unwrap();
        assert_eq!(create(&world, bulky(270)).await, Err("input.too_many"));

        let program = world.draft(|_| {}).await;
        let service = &world.service;
        let large: Guide = bulky(270).guide;
        let error = service.revise_guide(&world.admin(), program, large).await.unwrap_err();
        assert_eq!(error.params()["field"], "guide");
        service.revise_guide(&world.admin(), program, (*guide()).clone()).await.unwrap();

        let mut form = template().form;
        let question = form.questions[0].clone();
        let long = Prompt::new(&"\u{1f4d6}".repeat(600)).unwrap();
        for n in form.questions.len()..50 {
            let mut more = question.clone();
            more.key = slug(&format!("q{n}"));
            more.text.en = long.clone();
            form.questions.push(more);
        }
        service.revise_form(&world.admin(), program, form.clone()).await.unwrap();
        for question in &mut form.questions {
            if let mentorship_core::model::form::QuestionKind::Multi { choices, .. } =
                &mut question.answer
            {
                for choice in choices {
                    choice.text.en = long.clone();
                }
            }
        }
        let multi = form.questions[1].clone();
        form.questions.truncate(4);
        for n in form.questions.len()..50 {
            let mut more = multi.clone();
            more.key = slug(&format!("m{n}"));
            form.questions.push(more);
        }
        let error = service.revise_form(&world.admin(), program, form).await.unwrap_err();
        assert_eq!(error.params()["field"], "form");
    });
}
