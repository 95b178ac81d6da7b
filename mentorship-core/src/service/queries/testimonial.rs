//! What people let the group show about their time in a program (row 44).

use serde::{Deserialize, Serialize};

use super::{PageAsk, filled::filled};
use crate::{
    base::{
        host::PersonId,
        id::{PairId, ProgramId},
        text::Note,
        time::Timestamp,
    },
    decide::{Refusal, access},
    model::{
        enrollment::Role,
        journal::CheckIn,
        pair::Pair,
        visible::{self, Viewer, What, When},
    },
    policy::{
        actor::Actor,
        permission::{Action, Standing},
    },
    service::{Error, Service, programs},
    store::{ListAsk, Listing, PAGE_MAX, Page, UnitExt},
};

/// What somebody lets the group show about their time in a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Testimonial {
    /// The pair it is about.
    pub pair: PairId,
    /// Who says it.
    pub author: PersonId,
    /// As what.
    pub role: Role,
    /// What they say.
    pub words: Note,
    /// When.
    pub at: Timestamp,
}

fn testimonial(pair: &Pair, check_in: CheckIn) -> Option<Testimonial> {
    Some(Testimonial {
        pair: pair.id,
        author: pair.participant(check_in.side).person.clone(),
        role: check_in.side,
        words: check_in.testimonial.filter(|_| check_in.withheld.is_none())?,
        at: check_in.at,
    })
}

impl Service<'_> {
    /// The testimonials of a program, for its admins and the platform, by pair: whoever writes one in a
    /// closing survey agrees to that, and takes it back by filling the survey in without. A page is as
    /// many pairs, so that it may hold more or fewer testimonials than asked for; each pair costs a read.
    pub async fn testimonials(
        &self,
        actor: &Actor,
        program: ProgramId,
        page: PageAsk,
    ) -> Result<Page<Testimonial>, Error> {
        let view = self.load(programs::ask(actor.tenant(), program, 0)).await?;
        let viewer = match access::to_program(actor, &view.program, Action::ViewTestimonials)? {
            Standing::Staff => Viewer::Staff,
            Standing::Admin => Viewer::Admin,
            Standing::Mentor
            | Standing::Mentee
            | Standing::Third
            | Standing::Host
            | Standing::Clock => Viewer::Group,
        };
        if !visible::shows(What::Testimonial, viewer, When::default()) {
            return Err(Refusal::NotFound.into());
        }
        let mut unit = self.unit().await?;
        let what = Listing::Pairs { program, state: None };
        let pairs = filled(&mut *unit, actor, page, what, |_: &Pair| true).await?;
        let mut items = Vec::new();
        for pair in &pairs.items {
            let mut after = None;
            loop {
                let what = Listing::CheckIns { pair: pair.id };
                let tenant = actor.tenant().clone();
                let ask = ListAsk { tenant, what, after, limit: PAGE_MAX };
                let found = unit.list_check_ins(&ask).await?;
                items.extend(found.items.into_iter().filter_map(|it| testimonial(pair, it)));
                after = found.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(Page { items, next: pairs.next })
    }
}
