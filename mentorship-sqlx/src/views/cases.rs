//! What filing a report and working a case read.

use std::sync::Arc;

use mentorship_core::{
    base::{host::PersonId, people::PersonPair},
    model::{
        enrollment::Enrollment,
        form::Form,
        journal::{CheckIn, Post},
        pair::Pair,
        report::{Case, Content, Target},
    },
    store::{CaseAsk, FilingAsk, PairAsk, StoreError},
    view::{CaseView, FilingView, Reach},
};

use super::{Views, count};
use crate::{
    record::{case, pair, program, proposal},
    session::Batch,
    statement::Statement as S,
    value::{Value, corrupt, id, instant, person as key, text},
};

/// After the number of every post.
const LAST: i64 = i64::MAX;

fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(LAST)
}

/// Who had made a pair, and what was written there.
#[derive(Default)]
struct Written {
    matched_by: Option<PersonId>,
    posts: Vec<Post>,
    check_in: Option<CheckIn>,
    check_ins: Vec<CheckIn>,
}

impl Views<'_> {
    /// The anchors first: the two, what stands between them, the program and the pair; then what the pair
    /// covers.
    pub(crate) async fn filing_view(
        &mut self,
        ask: &FilingAsk,
    ) -> Result<Option<FilingView>, StoreError> {
        let subject = ask.people.other(&ask.reporter).ok_or_else(|| corrupt("filing"))?;
        let mut batch = Batch::default();
        let between = self.add_between(&mut batch, &ask.people);
        let program = batch.add(S::ProgramGet, [self.tenant(), id(ask.program)]);
        let pair = if let Some(pair) = ask.target.pair() {
            batch.add(S::PairGet, [self.tenant(), id(pair)])
        } else {
            let two = self.between(&ask.people);
            batch.add(S::LatestBetween, [two.to_vec(), vec![id(ask.program)]].concat())
        };
        let place = match &ask.target {
            Target::Enrollment { enrollment } => {
                Some(batch.add(S::EnrollmentGet, [self.tenant(), id(*enrollment)]))
            }
            Target::Person
            | Target::Post { .. }
            | Target::CheckIn { .. }
            | Target::Introduction { .. }
            | Target::Ending { .. } => None,
        };
        let filed = [self.tenant(), key(&ask.reporter), instant(ask.since)];
        let filed = batch.add(S::CasesFiled, filed);
        let same = [
            self.tenant(),
            key(&ask.reporter),
            key(subject),
            id(ask.program),
            text(ask.target.object()),
            text(format!("!{}", ask.target.object())),
        ];
        let same = batch.add(S::CasesSame, same);
        let found = self.run(batch).await?;

        let Some(program) = found.first(program, program::read)? else { return Ok(None) };
        let pair = found.first(pair, pair::read)?;
        if ask.target.pair().is_some()
            && pair.as_ref().is_none_or(|pair| pair.program != program.id)
        {
            return Ok(None);
        }
        let place = place.map(|at| found.first(at, Self::read_enrollment)).transpose()?.flatten();
        let enrollment = match (place, &ask.target) {
            (Some((place, _)), _) if place.program == program.id => {
                Some(self.with_form(place).await?)
            }
            (_, Target::Enrollment { .. }) => return Ok(None),
            _ => None,
        };
        let written = match &pair {
            Some(pair) => self.written(ask, pair).await?,
            None => Some(Written::default()),
        };
        let Some(Written { matched_by, posts, check_in, check_ins }) = written else {
            return Ok(None);
        };
        Ok(Some(FilingView {
            between: Self::read_between(&found, &between, &ask.people)?,
            matched_by,
            posts,
            check_in,
            check_ins,
            enrollment,
            filed: count(found.number(filed)?)?,
            open: found.each(same, |row| Ok(case::read(row)?.filed_as))?,
            program,
            pair,
        }))
    }

    async fn with_form(
        &mut self,
        place: Enrollment,
    ) -> Result<(Enrollment, Arc<Form>), StoreError> {
        let form = self.form(place.program, place.form_version).await?;
        Ok((place, form))
    }

    /// `None` if what was reported is not there.
    async fn written(
        &mut self,
        ask: &FilingAsk,
        pair: &Pair,
    ) -> Result<Option<Written>, StoreError> {
        let of_pair = [self.tenant(), id(pair.id)];
        let mut batch = Batch::default();
        let made = batch.add(S::ProposalGet, [self.tenant(), id(pair.proposal)]);
        let post = match &ask.target {
            Target::Post { post, .. } => {
                Some(batch.add(S::PostGet, [self.tenant(), id(*post), id(pair.id)]))
            }
            Target::Person
            | Target::CheckIn { .. }
            | Target::Introduction { .. }
            | Target::Ending { .. }
            | Target::Enrollment { .. } => None,
        };
        let check_ins = batch.add(S::CheckIns, of_pair.clone());
        let found = self.run(batch).await?;
        let made = found.first(made, proposal::read)?;
        let last = match post {
            Some(at) => match found.first(at, pair::read_post)? {
                Some(post) => number(post.seq),
                None => return Ok(None),
            },
            None => LAST,
        };
        let mut check_ins = found.each(check_ins, pair::read_check_in)?;
        let check_in = match &ask.target {
            Target::CheckIn { side, kind, .. } => {
                let reported = |it: &CheckIn| it.side == *side && it.kind == *kind;
                match check_ins.iter().position(reported) {
                    Some(at) => Some(check_ins.swap_remove(at)),
                    None => return Ok(None),
                }
            }
            Target::Person
            | Target::Post { .. }
            | Target::Introduction { .. }
            | Target::Ending { .. }
            | Target::Enrollment { .. } => None,
        };
        let around = i64::from(ask.around);
        let mut batch = Batch::default();
        // The place itself, and as many before it.
        let earlier = [Value::Int(last), Value::Int(around + 1)];
        let earlier = batch.add(S::PostsUpTo, [of_pair.clone(), earlier].concat());
        let later = [Value::Int(last), Value::Int(around)];
        let later = batch.add(S::Posts, [of_pair, later].concat());
        let found = self.run(batch).await?;
        let mut posts = found.each(earlier, pair::read_post)?;
        posts.reverse();
        posts.extend(found.each(later, pair::read_post)?);
        let matched_by = made.map(|it| it.created_by);
        Ok(Some(Written { matched_by, posts, check_in, check_ins }))
    }

    pub(crate) async fn case_view(
        &mut self,
        ask: &CaseAsk,
    ) -> Result<Option<CaseView>, StoreError> {
        let Some(case) = self.one(S::CaseGet, id(ask.case), case::read).await? else {
            return Ok(None);
        };
        let mut batch = Batch::default();
        let program = batch.add(S::ProgramGet, [self.tenant(), id(case.program)]);
        let subject = self.add_takes_part(&mut batch, &case.subject);
        let with = |who| PersonPair::new(ask.actor.clone()?, who);
        let two = case.two().cloned().filter_map(with);
        let ties: Vec<_> =
            two.map(|people| (self.add_between(&mut batch, &people), people)).collect();
        let evidence =
            ask.with_evidence.then(|| batch.add(S::EvidenceOf, [self.tenant(), id(case.id)]));
        let found = self.run(batch).await?;
        let program = found.first(program, program::read)?;
        let ties = ties.iter().map(|(at, people)| Self::read_between(&found, at, people));
        let evidence = evidence.map(|at| found.each(at, case::read_evidence)).transpose()?;
        let reach = self.reach(&case, ask).await?;
        Ok(Some(CaseView {
            program: program.ok_or_else(|| corrupt("a program is missing"))?,
            subject: Self::read_takes_part(&found, &subject, &case.subject)?,
            ties: ties.collect::<Result<_, _>>()?,
            was: Vec::new(),
            evidence: evidence.unwrap_or_default(),
            reach,
            case,
        }))
    }

    /// The pairs that a case reaches into, and then the pieces of them that they cover.
    async fn reach(&mut self, case: &Case, ask: &CaseAsk) -> Result<Vec<Reach>, StoreError> {
        let pairs = case.reach(ask.content);
        if pairs.is_empty() {
            return Ok(Vec::new());
        }
        let view = |pair| PairAsk { tenant: ask.tenant.clone(), pair, post: None, actor: None };
        let views: Vec<_> = pairs.into_iter().map(view).collect();
        let views = self.pair_views(&views).await?;
        let contents = case.contents(ask.content);
        let mut batch = Batch::default();
        let places: Vec<_> = contents.iter().map(|it| self.add_content(&mut batch, it)).collect();
        let found = self.run(batch).await?;
        let mut reach = Vec::new();
        for pair in views.into_iter().flatten() {
            let (mut posts, mut check_ins) = (Vec::new(), Vec::new());
            let here = contents.iter().zip(&places).filter(|(it, _)| it.pair() == pair.pair.id);
            for (content, at) in here {
                let Some(at) = *at else { continue };
                match content {
                    Content::Post { .. } => posts.extend(found.first(at, pair::read_post)?),
                    Content::CheckIn { side, kind, .. } => {
                        let mut all = found.each(at, pair::read_check_in)?.into_iter();
                        check_ins.extend(all.find(|it| it.side == *side && it.kind == *kind));
                    }
                    Content::Introduction { .. } | Content::Ending { .. } => {}
                }
            }
            reach.push(Reach { pair, posts, check_ins });
        }
        Ok(reach)
    }

    /// `None` for what stands in the pair itself.
    fn add_content(&self, batch: &mut Batch, content: &Content) -> Option<usize> {
        match content {
            Content::Post { pair, post } => {
                Some(batch.add(S::PostGet, [self.tenant(), id(*post), id(*pair)]))
            }
            Content::CheckIn { pair, .. } => {
                Some(batch.add_once(S::CheckIns, [self.tenant(), id(*pair)]))
            }
            Content::Introduction { .. } | Content::Ending { .. } => None,
        }
    }
}
