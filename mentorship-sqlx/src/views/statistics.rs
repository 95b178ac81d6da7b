//! What is counted of a program.

use mentorship_core::{
    model::{
        enrollment::Role,
        pair::{EndKind, EndedBy, PairEnd},
        run::RunDrafts,
    },
    statistics::{Answers, Progress, SimilarPairs, Tally},
    store::{RunAsk, StoreError, TallyAsk},
    view::RunView,
};

use super::Views;
use crate::{
    record::{program, run},
    session::Batch,
    statement::Statement as S,
    value::{Reader, corrupt, id, instant, person, text},
};

/// Why pairs ended, as far as an admin is shown.
fn reason(row: &mut Reader<'_>) -> Result<Option<EndKind>, StoreError> {
    let kind = row.text_opt("pairs.end")?;
    let by = row.text_opt("pairs.end")?;
    let shared = row.flag("pairs.end")?;
    let Some(kind) = kind else { return Ok(None) };
    let kind = EndKind::from_code(kind).ok_or_else(|| corrupt("pairs.end"))?;
    // Of all others nothing depends on who it was.
    let by = if by == Some("admin") { EndedBy::Admin } else { EndedBy::Clock };
    Ok(PairEnd { kind, shared, note: None, by }.shown_to_admin())
}

/// The check-ins of the kind that a row begins with.
fn of_kind<'t>(tally: &'t mut Tally, row: &mut Reader<'_>) -> Result<&'t mut Answers, StoreError> {
    match row.text("check_ins.kind")? {
        "week" => Ok(&mut tally.weekly),
        "closing" => Ok(&mut tally.closing),
        _ => Err(corrupt("check_ins.kind")),
    }
}

impl Views<'_> {
    /// A run with its program, and what is counted of its drafts.
    pub(crate) async fn run_view(&mut self, ask: &RunAsk) -> Result<Option<RunView>, StoreError> {
        let Some(run) = self.one(S::RunGet, id(ask.run), run::read).await? else {
            return Ok(None);
        };
        let Some(program) = self.one(S::ProgramGet, id(run.program), program::read).await? else {
            return Ok(None);
        };
        if !ask.with_drafts {
            return Ok(Some(RunView { program, run, drafts: RunDrafts::default() }));
        }
        let admin = ask.admin.as_ref().map_or_else(|| text(""), person);
        let mut batch = Batch::default();
        let counted = batch.add(S::TallyRun, [self.tenant(), id(ask.run), admin]);
        let found = self.run(batch).await?;
        let mut drafts = RunDrafts::default();
        for row in found.rows(counted) {
            let row = &mut Reader::new(row);
            let state = row.slug("proposals.state")?;
            let offered = row.flag("is_offered")?;
            let count = row.int::<u64>("count")?;
            *drafts.by_state.entry(state).or_default() += count;
            drafts.offered += if offered { count } else { 0 };
        }
        Ok(Some(RunView { program, run, drafts }))
    }

    /// All of it in one round trip.
    pub(crate) async fn tally(&mut self, ask: &TallyAsk) -> Result<Tally, StoreError> {
        let admin = ask.admin.as_ref().map_or_else(|| text(""), person);
        let args = [self.tenant(), id(ask.program), admin];
        let mut batch = Batch::default();
        let enrollments = batch.add(S::TallyEnrollments, args.clone());
        let proposals = batch.add(S::TallyProposals, args.clone());
        let pairs = batch.add(S::TallyPairs, args.clone());
        let within = [ask.answered.start, ask.answered.end].map(instant);
        let until = args.clone().into_iter().chain([instant(ask.answered.end)]);
        let avoids = batch.add(S::TallyAvoids, until.collect::<Vec<_>>());
        let answers = batch.add(S::TallyScores, args.into_iter().chain(within).collect::<Vec<_>>());
        let found = self.run(batch).await?;

        let mut tally = Tally::default();
        for row in found.rows(enrollments) {
            let row = &mut Reader::new(row);
            let role = row.coded("enrollments.role", Role::from_code)?;
            let key = (role, row.slug("enrollments.state")?, row.flag("is_paired")?);
            *tally.enrollments.entry(key).or_default() += row.int::<u64>("count")?;
        }
        for row in found.rows(proposals) {
            let row = &mut Reader::new(row);
            let state = row.slug("proposals.state")?;
            *tally.proposals.entry(state).or_default() += row.int::<u64>("count")?;
        }
        for row in found.rows(pairs) {
            let row = &mut Reader::new(row);
            let state = row.slug("pairs.state")?;
            let reason = reason(row)?;
            let progress = row.coded("progress", Progress::from_code)?;
            let similar = SimilarPairs { state, reason, progress };
            *tally.pairs.entry(similar).or_default() += row.int::<u64>("count")?;
        }
        for row in found.rows(answers) {
            let row = &mut Reader::new(row);
            let answers = of_kind(&mut tally, row)?;
            let score = row.int_opt("check_ins.score")?.map(u8::try_from).transpose();
            let score = score.map_err(|_| corrupt("check_ins.score"))?;
            *answers.entry(score).or_default() += row.int::<u64>("count")?;
        }
        for row in found.rows(avoids) {
            tally.avoids += Reader::new(row).int::<u64>("count")?;
        }
        Ok(tally)
    }
}
