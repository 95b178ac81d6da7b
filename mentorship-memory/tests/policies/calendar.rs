//! D35: dates are decided on the calendar of the program's zone.

use mentorship_core::{decide::journal::CheckInInput, model::journal::CheckInKind};

use crate::{run, world};

#[test]
fn d35_a_week_has_seven_days_on_the_programs_calendar() {
    run(async {
        let world = world();
        // Monday 2027-03-01 09:00 in Lisbon, which is on UTC until the 28th.
        let program = world.program(|_| {}).await;
        let pair = world.pair(program, 1, 2).await;
        let week = |number| CheckInInput {
            kind: CheckInKind::Week { number },
            score: Some(4),
            note: None,
            note_shared: false,
            testimonial: None,
        };
        let at = |text: &str| world.clock.set(text.parse().unwrap());
        let said = async |number| {
            world.service.check_in(&world.person(1), pair, week(number)).await.is_ok()
        };
        at("2027-03-07T23:59:59Z");
        assert!(said(1).await && !said(2).await);
        at("2027-03-08T00:00:00Z");
        assert!(said(2).await && !said(3).await, "a week is not 168 hours");
        // Clocks go forward on the 28th: the fifth Monday begins an hour earlier by UTC.
        at("2027-03-28T22:59:59Z");
        assert!(said(4).await && !said(5).await);
        at("2027-03-28T23:00:00Z");
        assert!(said(5).await && !said(6).await);
    });
}
