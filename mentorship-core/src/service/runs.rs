//! Runs over a whole program (rows 14, 15, 20 to 29): loaded, solved by the host on a thread of its own,
//! staged as drafts.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Error, Service, bulk::StagedBy, needed::Needed, programs::ask, queries::apart::blocked_among,
    run::Order,
};
use crate::{
    base::{
        host::PersonId,
        id::{EnrollmentId, ProgramId, RunId},
        input::{InputError, Problem},
        time::Timestamp,
    },
    decide::{
        Refusal, access,
        proposal::stage::Staged,
        run::{self, OnRecord, Solved},
    },
    eligibility::age::is_adult,
    matching::run::{PreparedRun, RunInput, RunOptions, RunOutcome, RunWish, Seat},
    model::{enrollment::Role, form::Form, program::Program, proposal::ProposedPair},
    policy::{actor::Actor, permission::Action},
    store::{ListAsk, Listing, PAGE_MAX, StoreUnit, UnitExt},
    view::{Between, Pooled},
};

/// Wishes of one person that count in a run, the latest ones.
const WISHES_COUNTED: usize = 5;

/// What staging a run came to.
#[derive(Debug)]
pub struct StagedRun {
    /// The run on record.
    pub run: RunId,
    /// Each pair of the run, and the draft that it became or why it did not: somebody may have left, blocked or
    /// been paired since the run was prepared. What was refused stands in the private part of the audit log.
    pub staged: Vec<(ProposedPair, Result<Staged, Refusal>)>,
}

/// Places of somebody that are free for a draft.
fn free_places(program: &Program, it: &Pooled) -> u32 {
    let free = u32::from(it.enrollment.capacity).saturating_sub(it.live + it.reserved);
    let of_person =
        program.policy.person_cap.map(|cap| u32::from(cap).saturating_sub(it.person_live));
    of_person.map_or(free, |of_person| free.min(of_person))
}

fn seat(program: &Program, it: Pooled, needed: &mut Needed, now: Timestamp) -> Seat {
    Seat {
        places: free_places(program, &it),
        barred: !is_adult(it.person.adult_on, it.person.zone, now)
            || it.person.is_banned(&program.group, now),
        enrollment: it.enrollment.id,
        role: it.enrollment.role,
        person: it.enrollment.person,
        special_category: it.enrollment.consent.special_category,
        answers: needed.of(it.enrollment.role, it.enrollment.answers),
        waiting_since: it.enrollment.priority_since,
    }
}

/// Enrolments of each person, as mentor and as mentee: one of each at most is live.
type Places = BTreeMap<PersonId, [Option<EnrollmentId>; 2]>;

/// The two in either direction, as far as they could be a pair in it.
fn either_way<'p>(
    places: &'p Places,
    it: &Between,
) -> impl Iterator<Item = ProposedPair> + use<'p> {
    let of = |who: &PersonId| places.get(who).copied().unwrap_or_default();
    let (lo, hi) = (of(it.people.lo()), of(it.people.hi()));
    [(lo, hi), (hi, lo)].into_iter().filter_map(|([mentor, _], [_, mentee])| {
        Some(ProposedPair { mentor: mentor?, mentee: mentee? })
    })
}

/// The two in the direction in which one of them has declined to be a pair.
fn said_no<'p>(
    places: &'p Places,
    it: &'p Between,
) -> impl Iterator<Item = ProposedPair> + use<'p> {
    let [lo_as_mentor, hi_as_mentor] = it.declined;
    either_way(places, it).filter(move |pair| {
        let [of_lo, _] = places.get(it.people.lo()).copied().unwrap_or_default();
        if of_lo == Some(pair.mentor) { lo_as_mentor } else { hi_as_mentor }
    })
}

/// Wishes of each person for others in the program, by when they were made.
#[derive(Debug, Default)]
struct Wishes(BTreeMap<PersonId, Vec<(Timestamp, PersonId, RunWish)>>);

impl Wishes {
    fn hear(&mut self, places: &Places, it: &Between) {
        let Some(relation) = &it.relation else { return };
        let (lo, hi) = (it.people.lo(), it.people.hi());
        for (me, other, stance) in [(lo, hi, relation.lo), (hi, lo, relation.hi)] {
            let Some(since) = stance.wishes_since else { continue };
            let [as_mentor, _] = places.get(me).copied().unwrap_or_default();
            for pair in either_way(places, it) {
                let by = if as_mentor == Some(pair.mentor) { Role::Mentor } else { Role::Mentee };
                let wish = (since, other.clone(), RunWish { pair, by });
                self.0.entry(me.clone()).or_default().push(wish);
            }
        }
    }

    /// Those that count.
    fn latest(self) -> Vec<RunWish> {
        let latest = self.0.into_values().flat_map(|mut wishes| {
            wishes.sort_unstable_by(|a, b| b.cmp(a));
            wishes.into_iter().take(WISHES_COUNTED).map(|(_, _, wish)| wish)
        });
        latest.collect()
    }
}

impl Service<'_> {
    /// Loads all that a run over a program rests on: active people of both roles with their free places, and
    /// what stands between them. Solving it needs no store and no runtime: a host does it on a thread of its
    /// own (`spawn_blocking`), as long as it takes, since whatever changes meanwhile is judged again when the
    /// outcome is staged, and once more when it is published.
    ///
    /// Live pairs and offers are left as they are: their places are taken (row 29). Two of whom one has declined
    /// to be this pair in this program are not proposed again, in that direction, by a run: an admin may still
    /// pin them or propose them by hand. Left out, as from
    /// [`candidates`](Self::candidates), are the admin who asks and people with whom a block stands between
    /// them and the admin; somebody else runs it for these, and a sole admin pairs themselves by hand. Whoever may not be paired for a reason that is not
    /// told is `excluded`.
    ///
    /// Of what people answered it holds what a rule reads, and each word once for all: with nine answers each, about 1 kB
    /// for a person, read 500 people at a time.
    ///
    /// A program's limit for one person (`person_cap`) counts for each enrolment by itself: whoever is mentor and
    /// mentee with one place left may get a pair as either. Only one of the two is staged, or published.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for who may not; an input error for options out of range.
    pub async fn prepare_run(
        &self,
        actor: &Actor,
        program: ProgramId,
        options: RunOptions,
    ) -> Result<PreparedRun, Error> {
        let mut unit = self.store.unit().await?;
        let view = unit.program_view(&ask(actor.tenant(), program, 0)).await?;
        let view = view.ok_or(Refusal::NotFound)?;
        access::to_program(actor, &view.program, Action::ManageProposals)?;
        let at = self.now();
        let seats = seats(&mut *unit, actor, (&view.program, &view.form), at).await?;
        let mut places = Places::new();
        for seat in &seats {
            let [mentor, mentee] = places.entry(seat.person.clone()).or_default();
            *(if seat.role == Role::Mentor { mentor } else { mentee }) = Some(seat.enrollment);
        }
        let (mut excluded, mut taken, mut declined) = (Vec::new(), Vec::new(), Vec::new());
        let mut after = None;
        let mut wishes = Wishes::default();
        loop {
            let what = Listing::Between { program };
            let page = ListAsk { tenant: actor.tenant().clone(), what, after, limit: PAGE_MAX };
            let page = unit.list_between(&page).await?;
            for it in page.items {
                if view.program.policy.keeps_apart(it.relation.as_ref(), it.past, at) {
                    excluded.extend(either_way(&places, &it));
                }
                if it.taken {
                    taken.extend(either_way(&places, &it));
                }
                declined.extend(said_no(&places, &it));
                wishes.hear(&places, &it);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let input = RunInput {
            program,
            form: view.form,
            at,
            seats,
            excluded,
            declined,
            taken,
            wishes: wishes.latest(),
        };
        PreparedRun::new(input, options).map_err(|error| Refusal::from(error).into())
    }

    /// Puts the run on record, with what was asked, how it came out, and its digest, and its pairs down as drafts
    /// of origin `run` that name it, which only admins see. Each pair is judged again, and the outcome of each comes back; nothing that
    /// is not a draft is touched. A command id makes doing it again harmless, also after a stop in the middle.
    /// [`publish_run`](Self::publish_run) publishes them; [`staged_run`](Self::staged_run) says what became of them.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for who may not; an input error for `minimum_share` if the run paired fewer than
    /// it was asked to. A store error stops the list; what was staged stays.
    pub async fn stage_run(&self, actor: &Actor, outcome: &RunOutcome) -> Result<StagedRun, Error> {
        if let Some(percent) = outcome.missed_share {
            let given = outcome.report.mentees_paired;
            let limit = (outcome.report.mentees * u64::from(percent)).div_ceil(100);
            let problem = Problem::TooFew { given, limit, unit: "mentees paired" };
            return Err(Refusal::from(InputError::new("minimum_share", problem)).into());
        }
        let of = self.record_run(actor, outcome).await?;
        let pairs: Vec<ProposedPair> = outcome.pairs.iter().map(|it| it.pair).collect();
        let mut staged = Vec::with_capacity(pairs.len());
        let size = usize::from(PAGE_MAX);
        for (piece, pairs) in pairs.chunks(size).enumerate() {
            let by = StagedBy::Run(of);
            let outcomes = self.stage_from(actor, pairs, piece * size, by).await?;
            staged.extend(pairs.iter().copied().zip(outcomes));
        }
        Ok(StagedRun { run: of.run, staged })
    }

    async fn record_run(&self, actor: &Actor, outcome: &RunOutcome) -> Result<OnRecord, Error> {
        let solved = Solved {
            prepared_at: outcome.at,
            digest: outcome.digest,
            terms: outcome.terms,
            figures: outcome.figures(),
        };
        let key = (outcome.program, outcome.name());
        let order = Order::new(actor, "run.stage", &key);
        let ask = ask(actor.tenant(), outcome.program, 0);
        self.run(order, ask, |view, cx| run::record(view, solved.clone(), cx)).await
    }
}

/// Everybody who takes part for the actor.
async fn seats(
    unit: &mut dyn StoreUnit,
    actor: &Actor,
    (program, form): (&Program, &Form),
    now: Timestamp,
) -> Result<Vec<Seat>, Error> {
    let (mut seats, mut after, mut needed) = (Vec::new(), None, Needed::by(form));
    loop {
        let what = Listing::Pool { program: program.id };
        let page = ListAsk { tenant: actor.tenant().clone(), what, after, limit: PAGE_MAX };
        let page = unit.list_pool(&page).await?;
        let met: BTreeSet<PersonId> = page.items.iter().map(|it| it.person.id.clone()).collect();
        let apart = blocked_among(unit, actor, met).await?;
        let meets =
            |it: &Pooled| actor.official() != Some(&it.person.id) && !apart.contains(&it.person.id);
        let met = page.items.into_iter().filter(meets);
        seats.extend(met.map(|it| seat(program, it, &mut needed, now)));
        after = page.next;
        if after.is_none() {
            return Ok(seats);
        }
    }
}
