//! Runs over a program that admins have staged: before the worlds went apart, with people in them whom one of the
//! admins is not to know, and by whoever looks.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use mentorship_core::{
    base::{
        id::{EnrollmentId, ProgramId, RunId},
        text::Slug,
    },
    conformance::{
        make::{group, id, tenant, who},
        world::sign_up,
    },
    matching::{
        people,
        run::{RunOptions, RunOutcome},
    },
    model::{enrollment::Role, proposal::ProposedPair},
    policy::actor::Actor,
    service::{Error, Mentorship, PublishAsk},
};

use crate::{
    acts::{pages, pick, told},
    worlds::{Past, STRANGER, Side},
};

/// Drafts of runs that were read by somebody who may.
pub(crate) static DRAFTS: AtomicUsize = AtomicUsize::new(0);
/// Drafts of a run that an admin is not to know.
pub(crate) static HIDDEN_DRAFTS: AtomicUsize = AtomicUsize::new(0);

/// Somebody else whom nobody of the history has met, a mentee.
const COMPANION: u64 = 62;

/// The ids of what is done before the first act of a reader begin here: the same in both worlds, whatever a world
/// does less.
const SIGNED_UP: u64 = 1_300;
const STAGED: u64 = 1_400;

fn admin(n: u64) -> Actor {
    Actor::group_admin(tenant(), who(n), group())
}

async fn solved(
    service: &Mentorship,
    admin: &Actor,
    program: ProgramId,
    options: RunOptions,
) -> Result<RunOutcome, Error> {
    let prepared = service.prepare_run(admin, program, options).await?;
    Ok(prepared.solve(&people::Options::default()).expect("there is nothing to refuse"))
}

/// What is staged before the worlds go apart: in one of three histories nothing, in one of three a run of few, and
/// in one of three two runs of two admins, of the first of which somebody was asked and something was taken back.
pub(crate) async fn before(
    service: &Mentorship,
    programs: &[ProgramId],
    choice: usize,
) -> Vec<RunId> {
    let mut runs = Vec::new();
    for program in programs {
        for n in [900, 901].into_iter().take(choice % 3) {
            let by = admin(n);
            let Ok(mut found) = solved(service, &by, *program, RunOptions::new()).await else {
                continue;
            };
            found.pairs.truncate(choice / 3 % 2 + 1);
            let Ok(staged) = service.stage_run(&by, &found).await else { continue };
            runs.push(staged.run);
            let drafts = staged.staged.into_iter().filter_map(|(_, draft)| draft.ok());
            let drafts: Vec<_> = drafts.map(|it| it.proposal).collect();
            if let (2, 900, [asked, taken_back @ ..]) = (choice % 3, n, &*drafts) {
                drop(service.publish_proposal(&by, *asked).await);
                for it in taken_back {
                    drop(service.withdraw_proposal(&by, *it).await);
                }
            }
        }
    }
    runs
}

impl Side {
    /// The best pairs of each program, as they are before anybody is there whom one of the admins is not to know.
    pub(crate) async fn best_pairs(&self, past: &Past) -> Vec<(ProgramId, Vec<ProposedPair>)> {
        let mut all = Vec::new();
        for program in past.programs() {
            let found = solved(&self.service, &admin(902), program, RunOptions::new()).await;
            let pairs = found.map(|it| it.pairs.iter().map(|it| it.pair).collect());
            all.push((program, pairs.unwrap_or_default()));
        }
        all
    }

    /// A mentee who was there for nobody joins, whom the stranger is paired with, and `then` blocks admin 900.
    pub(crate) async fn join(&self, past: &Past, then_block: bool) -> Result<(), Error> {
        let me = Actor::person(tenant(), who(COMPANION));
        for (turn, program) in (SIGNED_UP..).zip(past.programs()) {
            self.turn(turn);
            drop(self.service.enroll(&me, program, sign_up(Role::Mentee)).await);
        }
        if then_block { self.service.block(&me, &who(900)).await } else { Ok(()) }
    }

    /// Another admin stages a run: of the best pairs of before, and the stranger with the other one, if they are there.
    pub(crate) async fn stage_with_strangers(&self, best: Vec<(ProgramId, Vec<ProposedPair>)>) {
        let by = admin(902);
        for (turn, (program, mut best)) in (STAGED..).zip(best) {
            // Where they are not, the same is asked, in vain.
            let place = |n| async move {
                let me = Actor::person(tenant(), who(n));
                let mine = self.service.my_enrollments(&me, crate::acts::page(1)).await.unwrap();
                let here = mine.items.iter().find(|it| it.program == program).map(|it| it.id);
                here.unwrap_or_else(|| id::<EnrollmentId>(5_000 + n))
            };
            let strangers =
                ProposedPair { mentor: place(STRANGER).await, mentee: place(COMPANION).await };
            let options = best.iter().fold(RunOptions::new(), |it, pair| it.pin(*pair));
            let found = solved(&self.service, &by, program, options.pin(strangers)).await;
            let Ok(mut found) = found else { continue };
            // One more, and theirs is the last, so that its ids are the same: of several with somebody in common some are
            // made after all others.
            best.truncate(1);
            found.pairs.retain(|it| it.pair == strangers || best.contains(&it.pair));
            found.pairs.sort_by_key(|it| it.pair == strangers);
            self.turn(turn);
            let Ok(staged) = self.service.stage_run(&by, &found).await else { continue };
            let theirs =
                staged.staged.iter().filter(|(it, draft)| *it == strangers && draft.is_ok());
            HIDDEN_DRAFTS.fetch_add(theirs.count(), Relaxed);
            self.has_staged(staged.run, Some(found.name()));
        }
    }

    /// The text without the names of runs that rest on what is hidden from whoever reads. A name is the beginning of
    /// a digest of everything that the run rests on: by chance, to whoever has not got all of that.
    pub(crate) fn without_names(&self, text: &str) -> String {
        let names = self.names_of_runs();
        names.iter().fold(text.to_owned(), |text, name: &Slug| text.replace(name.as_str(), "run"))
    }
}

/// How many acts [`act`] knows.
pub(crate) const ACTS: u8 = 5;

/// What an admin reads and does of runs.
pub(crate) async fn act(
    side: &Side,
    past: &Past,
    me: &Actor,
    program: ProgramId,
    [what, a, b]: [u8; 3],
) -> String {
    let service = &side.service;
    let runs: Vec<RunId> = past.runs.iter().copied().chain(side.runs()).collect();
    if what % ACTS == 4 {
        let options = RunOptions::new().waiting_points(u16::from(a % 2) * 5);
        let Ok(mut found) = solved(service, me, program, options).await else {
            return "there is nothing to run over".to_owned();
        };
        let all = format!("{found:?}");
        found.pairs.truncate(usize::from(b % 3));
        let staged = service.stage_run(me, &found).await;
        if let Ok(staged) = &staged {
            side.has_staged(staged.run, None);
        }
        return format!("{all} {}", told(staged));
    }
    if what % ACTS == 0 {
        return pages(a, async |page| service.runs(me, program, page).await).await;
    }
    let (Some(run), Some(other)) = (pick(&runs, a), pick(&runs, b)) else {
        return "nothing to choose".to_owned();
    };
    match what % ACTS {
        1 => {
            let there = told(service.staged_run(me, run).await);
            let drafts = pages(a, async |page| service.proposals_of_run(me, run, page).await).await;
            DRAFTS.fetch_add(drafts.matches("Proposal {").count(), Relaxed);
            format!("{there} {drafts}")
        }
        2 => told(service.compare_runs(me, run, other).await),
        _ => {
            let (mut all, mut ask) = (String::new(), PublishAsk { limit: 1, after: None });
            loop {
                let report = service.publish_run(me, run, ask.clone()).await;
                ask.after = report.as_ref().ok().and_then(|it| it.next.clone());
                all += &told(report);
                if ask.after.is_none() {
                    return all;
                }
            }
        }
    }
}
