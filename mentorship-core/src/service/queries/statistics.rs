//! How a program stands, in numbers.

use std::ops::Range;

use chrono::{Datelike as _, Months, NaiveTime, TimeDelta};

use crate::{
    base::{id::ProgramId, time::Timestamp},
    decide::access,
    policy::{
        actor::Actor,
        permission::{Action, Standing},
    },
    service::{Error, Service, programs},
    statistics::Statistics,
    store::TallyAsk,
};

impl Service<'_> {
    /// How a program stands, in numbers (row 65): exactly for the platform's staff; in ranges, as wide as
    /// [`Builder::count_width`](crate::service::Builder::count_width) says, for the program's admins. For nobody
    /// else.
    ///
    /// Somebody with whom a block stands does not exist for an admin (D9), and counts nowhere in what they read:
    /// the numbers are those of the lists that they see. Answers of check-ins are those of the last calendar month
    /// that is over, by UTC, for admins, and all of them for staff. Counted when it is asked for; nothing is kept.
    ///
    /// ```
    /// # use mentorship_core::{base::id::ProgramId, policy::actor::Actor, service::{Error, Mentorship}};
    /// # async fn example(service: Mentorship, admin: Actor, program: ProgramId) -> Result<(), Error> {
    /// let statistics = service.statistics(&admin, program).await?;
    /// println!("{} mentees wait", statistics.waiting);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Refusal::NotFound`](crate::decide::Refusal::NotFound) if there is no such program, or for whoever may not
    /// read this.
    pub async fn statistics(&self, actor: &Actor, program: ProgramId) -> Result<Statistics, Error> {
        let view = self.load(programs::ask(actor.tenant(), program, 0)).await?;
        let standing = access::to_program(actor, &view.program, Action::ViewStatistics)?;
        let admin = actor.official().cloned();
        let answered = match standing {
            Standing::Staff => view.program.created_at..self.now() + TimeDelta::microseconds(1),
            Standing::Admin
            | Standing::Mentor
            | Standing::Mentee
            | Standing::Third
            | Standing::Host
            | Standing::Clock => last_month(self.now()),
        };
        let tenant = actor.tenant().clone();
        let ask = TallyAsk { tenant, program, admin, answered: answered.clone() };
        let tally = self.unit().await?.tally(&ask).await?;
        Ok(if standing == Standing::Staff {
            Statistics::exact(program, answered, &tally)
        } else {
            Statistics::in_ranges(program, answered, &tally, self.count_width)
        })
    }
}

/// The last calendar month that is over, by UTC.
fn last_month(now: Timestamp) -> Range<Timestamp> {
    let today = now.date_naive();
    let end = today.with_day(1).unwrap_or(today).and_time(NaiveTime::MIN).and_utc();
    let start = end.checked_sub_months(Months::new(1)).unwrap_or(end);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_over_when_the_next_begins() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let february = at("2028-02-01T00:00:00Z")..at("2028-03-01T00:00:00Z");
        assert_eq!(last_month(at("2028-03-01T00:00:00Z")), february);
        assert_eq!(last_month(at("2028-03-31T23:59:59Z")), february);
        assert_eq!(last_month(at("2028-01-31T12:00:00Z")).start, at("2027-12-01T00:00:00Z"));
    }
}
