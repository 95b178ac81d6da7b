//! Pairs: that they exist, where they stand, and how far they have come.

use serde::{Deserialize, Serialize};

use super::{
    PageAsk,
    filled::filled,
    thread::{ReadScope, read_scope},
};
use crate::{
    base::{
        host::PersonId,
        id::{PairId, ProgramId},
        text::{Note, Slug},
        time::Timestamp,
    },
    decide::{Refusal, access, refusal::code},
    model::{
        answer::Answers,
        enrollment::Role,
        guide::{Guide, StepInstance},
        pair::{EndKind, EndedBy, Pair, PairEnd, PairState},
        program::Oversight,
        visible::{Viewer, When},
    },
    policy::{
        actor::Actor,
        permission::{Action, Standing},
    },
    service::{Error, Service, pairs, programs},
    store::{EnrollmentAsk, Listing, Page, UnitExt, ask::EnrollmentTarget},
};

/// A pair as the viewer may know of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairCard {
    /// The pair.
    pub pair: PairId,
    /// The program.
    pub program: ProgramId,
    /// The mentor.
    pub mentor: PersonId,
    /// The mentee.
    pub mentee: PersonId,
    /// Code of its state. A frozen pair reads `paused`, except to staff.
    pub state: Slug,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended or was completed.
    pub over_at: Option<Timestamp>,
    /// Why it ended, if that may be shown to the viewer; `None` reads "the mentorship has ended".
    pub reason: Option<EndKind>,
    /// The words of whoever ended it: to themselves, and to the others if they shared them (row 39).
    pub note: Option<Note>,
    /// Since when these words, if they are the viewer's own, are shown to the viewer alone, while a case or the host
    /// looks at them; to the other they are gone.
    pub note_withheld_since: Option<Timestamp>,
    /// The pair before, if this is another round.
    pub previous_pair: Option<PairId>,
}

/// A pair with its guide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairDetails {
    /// The pair.
    pub card: PairCard,
    /// The guide version it follows.
    pub guide: std::sync::Arc<Guide>,
    /// Where it stands on each step.
    pub steps: Vec<StepInstance>,
    /// Percent of steps that are over, 0 to 100.
    pub percent_done: u8,
    /// What each said to introduce themselves, mentor first; only for the two, and like all they wrote
    /// only as far as the viewer may still read it (D2).
    pub introductions: [Option<Note>; 2],
    /// Since when the viewer's own introduction is shown to themselves alone, while a case or the host looks at
    /// it; to the other it is gone.
    pub withheld_since: Option<Timestamp>,
    /// Whether the group admin may read what the two write: to be shown as a banner to both.
    pub supervised: bool,
}

/// The code of a pair's state as it is shown: the text of a freeze is neutral, and only staff sees that it is one.
fn shown_state(pair: &Pair, standing: Standing) -> &'static str {
    match (&pair.state, standing) {
        (PairState::Frozen { .. }, Standing::Staff) => "frozen",
        (PairState::Frozen { .. }, _) => "paused",
        (state, _) => state.code(),
    }
}

/// As whom somebody looks at an end.
fn viewer_of(end: &PairEnd, standing: Standing) -> Viewer {
    match (end.by, standing) {
        (EndedBy::Side(Role::Mentor), Standing::Mentor)
        | (EndedBy::Side(Role::Mentee), Standing::Mentee)
        | (EndedBy::Admin, Standing::Admin) => Viewer::Owner,
        (_, Standing::Mentor | Standing::Mentee) => Viewer::Partner,
        (_, Standing::Admin) => Viewer::Admin,
        (_, Standing::Staff) => Viewer::Staff,
        (_, Standing::Third | Standing::Host | Standing::Clock) => Viewer::Group,
    }
}

pub(in crate::service) fn card(pair: &Pair, standing: Standing) -> PairCard {
    let (reason, note, withheld) = match &pair.state {
        PairState::Ended { end, .. } => {
            let viewer = viewer_of(end, standing);
            let own = viewer == Viewer::Owner;
            let note = end.note_shown_to(viewer).filter(|_| own || pair.note_withheld.is_none());
            let withheld = pair.note_withheld.as_ref().filter(|_| own && end.note.is_some());
            (end.reason_shown_to(viewer), note.cloned(), withheld)
        }
        PairState::Introduced { .. }
        | PairState::Active { .. }
        | PairState::Paused { .. }
        | PairState::Frozen { .. }
        | PairState::Completed { .. } => (None, None, None),
    };
    PairCard {
        pair: pair.id,
        program: pair.program,
        mentor: pair.mentor.person.clone(),
        mentee: pair.mentee.person.clone(),
        state: code(shown_state(pair, standing)),
        started_at: pair.started_at,
        over_at: pair.state.over_at(),
        reason,
        note,
        note_withheld_since: withheld.map(|it| it.since),
        previous_pair: pair.previous_pair,
    }
}

impl Service<'_> {
    /// The pairs of the actor, live and past.
    pub async fn my_pairs(&self, actor: &Actor, page: PageAsk) -> Result<Page<PairCard>, Error> {
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        let what = Listing::PairsOf { person: person.clone() };
        let page = self.unit().await?.list_pairs(&page.of(actor, what)).await?;
        Ok(page.map(|pair| match pair.side_of(&person) {
            Some(Role::Mentor) => card(&pair, Standing::Mentor),
            Some(Role::Mentee) | None => card(&pair, Standing::Mentee),
        }))
    }

    /// The pairs of a program for its admins: that they exist, their state and dates; without those of
    /// somebody with whom a block stands (D9). A `state` asked for is the one that is shown: of a frozen pair
    /// `paused`, for which an admin's pages take time in proportion to all pairs of the program.
    pub async fn pairs(
        &self,
        actor: &Actor,
        program: ProgramId,
        state: Option<Slug>,
        page: PageAsk,
    ) -> Result<Page<PairCard>, Error> {
        let view = self.load(programs::ask(actor.tenant(), program, 0)).await?;
        let standing = access::to_program(actor, &view.program, Action::ViewPair)?;
        let asked = state.as_ref().map(Slug::as_str);
        let listed = match asked {
            Some("paused") if standing != Standing::Staff => None,
            Some("frozen") if standing != Standing::Staff => {
                return Ok(Page { items: Vec::new(), next: None });
            }
            _ => state.clone(),
        };
        let what = Listing::Pairs { program, state: listed };
        let shown = |pair: &Pair| asked.is_none_or(|asked| shown_state(pair, standing) == asked);
        let page = filled(&mut *self.unit().await?, actor, page, what, shown).await?;
        Ok(page.map(|pair| card(&pair, standing)))
    }

    /// A pair with its guide: for the two, and for the admin without what they wrote.
    pub async fn pair(&self, actor: &Actor, pair: PairId) -> Result<PairDetails, Error> {
        let view = self.load(pairs::ask(actor, pair, None)).await?;
        let standing = access::to_pair(actor, &view.program, &view.pair, Action::ViewPair)?;
        access::not_across_a_block(&view.with_actor)?;
        let viewer = actor.as_person().and_then(|person| view.pair.side_of(person));
        let introductions = [Role::Mentor, Role::Mentee].map(|side| {
            let days = view.program.policy.read_days;
            let scope = read_scope(&view.pair, viewer?, days, self.now());
            let said = view.pair.participant(side);
            let readable = scope == ReadScope::All && said.withheld.is_none();
            said.introduction.clone().filter(|_| readable || viewer == Some(side))
        });
        let withheld = viewer.and_then(|side| view.pair.participant(side).withheld.as_ref());
        Ok(PairDetails {
            card: card(&view.pair, standing),
            percent_done: view.percent_done(),
            introductions,
            withheld_since: withheld.map(|it| it.since),
            supervised: view.pair.oversight_in(&view.program) == Oversight::Supervised,
            guide: view.guide,
            steps: view.steps,
        })
    }

    /// The partner's answers that a partner may see, for the two while their pair lives; what is over
    /// tells nothing more (row 5).
    pub async fn partner_answers(&self, actor: &Actor, pair: PairId) -> Result<Answers, Error> {
        let view = self.load(pairs::ask(actor, pair, None)).await?;
        access::to_pair(actor, &view.program, &view.pair, Action::ViewPair)?;
        let side = actor.as_person().and_then(|person| view.pair.side_of(person));
        let partner = view.pair.participant(side.ok_or(Refusal::NotFound)?.opposite());
        if !view.pair.state.is_live() {
            return Ok(Answers::new());
        }
        let ask = EnrollmentAsk {
            tenant: actor.tenant().clone(),
            target: EnrollmentTarget::Existing(partner.enrollment),
            actor: None,
        };
        let place = self.load(ask).await?;
        let answers = place.enrollment.map(|enrollment| enrollment.answers).unwrap_or_default();
        Ok(place.form.visible_answers(&answers, Viewer::Partner, When::default()))
    }
}
