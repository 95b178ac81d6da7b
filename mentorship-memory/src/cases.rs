//! What filing a report and working a case read.

use mentorship_core::{
    base::people::PersonPair,
    model::{
        enrollment::Role,
        journal::CheckInKind,
        pair::Pair,
        report::{Case, Content, Target},
    },
    store::{CaseAsk, FilingAsk, PairAsk, PersonAsk, RelationAsk, StoreError},
    view::{CaseView, FilingView, Reach},
};

use crate::state::{State, first};

impl State {
    /// The latest pair of two people in a program.
    fn latest_pair(&self, ask: &FilingAsk) -> Option<&Pair> {
        let of_reporter = self.pairs_of.after(&ask.reporter, None, &first());
        let both = of_reporter.filter_map(|(_, id)| self.pairs.get(id)).filter(|pair| {
            pair.program == ask.program && pair.people().as_ref() == Some(&ask.people)
        });
        both.last()
    }

    pub(crate) fn filing_view(&self, ask: &FilingAsk) -> Result<Option<FilingView>, StoreError> {
        let Some(program) = self.programs.get(&ask.program).cloned() else { return Ok(None) };
        let pair = match ask.target.pair() {
            Some(id) => match self.pairs.get(&id).filter(|pair| pair.program == ask.program) {
                Some(pair) => Some(pair),
                None => return Ok(None),
            },
            None => self.latest_pair(ask),
        };
        let enrollment = match &ask.target {
            Target::Enrollment { enrollment } => {
                let found = self.enrollments.get(enrollment);
                let Some(found) = found.filter(|it| it.program == ask.program).cloned() else {
                    return Ok(None);
                };
                let form = self.form(ask.program, found.form_version)?;
                Some((found, form))
            }
            Target::Person
            | Target::Post { .. }
            | Target::CheckIn { .. }
            | Target::Introduction { .. }
            | Target::Ending { .. } => None,
        };
        let check_in = match &ask.target {
            Target::CheckIn { pair, side, kind } => {
                let Some(found) = self.check_ins.get(&(*pair, *side, *kind)).cloned() else {
                    return Ok(None);
                };
                Some(found)
            }
            Target::Person
            | Target::Post { .. }
            | Target::Introduction { .. }
            | Target::Ending { .. }
            | Target::Enrollment { .. } => None,
        };
        let mut posts = Vec::new();
        if let Some(pair) = pair {
            let around = usize::from(ask.around);
            let place = match &ask.target {
                Target::Post { post, .. } => {
                    let place = self.post_places.get(post).filter(|(of, _)| *of == pair.id);
                    let Some((_, seq)) = place else { return Ok(None) };
                    *seq
                }
                Target::Person
                | Target::CheckIn { .. }
                | Target::Introduction { .. }
                | Target::Ending { .. }
                | Target::Enrollment { .. } => u64::MAX,
            };
            let before = self.posts.range((pair.id, 0)..=(pair.id, place));
            // The place itself, and as many before it.
            let mut earlier: Vec<_> = before.rev().take(around + 1).collect();
            earlier.reverse();
            posts.extend(earlier.into_iter().map(|(_, post)| post.clone()));
            if place < u64::MAX {
                let later = self.posts.range((pair.id, place + 1)..=(pair.id, u64::MAX));
                posts.extend(later.take(around).map(|(_, post)| post.clone()));
            }
        }
        let mut check_ins = Vec::new();
        if let Some(pair) = pair {
            let others = Role::ALL.iter().flat_map(|side| {
                let first = (pair.id, *side, CheckInKind::Week { number: 0 });
                self.check_ins.range(first..=(pair.id, *side, CheckInKind::Closing))
            });
            let others = others.map(|(_, it)| it).filter(|it| check_in.as_ref() != Some(it));
            check_ins.extend(others.cloned());
        }
        let mine = self.cases_by.after(&ask.reporter, None, &first());
        let mine: Vec<_> = mine.filter_map(|(_, id)| self.cases.get(id)).collect();
        let filed = mine.iter().filter(|case| case.filed_at >= ask.since).count();
        let subject = ask.people.other(&ask.reporter);
        let object = ask.target.object();
        let open = mine.iter().filter(|case| {
            case.state.is_open()
                && Some(&case.subject) == subject
                && case.program == ask.program
                && case.target.object() == object
        });
        let between = RelationAsk { tenant: ask.tenant.clone(), people: ask.people.clone() };
        Ok(Some(FilingView {
            program,
            between: self.relation_view(&between),
            matched_by: pair
                .and_then(|pair| self.proposals.get(&pair.proposal))
                .map(|proposal| proposal.created_by.clone()),
            pair: pair.cloned(),
            posts,
            check_in,
            check_ins,
            enrollment,
            filed: u32::try_from(filed).unwrap_or(u32::MAX),
            open: open.map(|case| case.filed_as).collect(),
        }))
    }

    pub(crate) fn case_view(&self, ask: &CaseAsk) -> Result<Option<CaseView>, StoreError> {
        let Some(case) = self.cases.get(&ask.case).cloned() else { return Ok(None) };
        let tenant = || ask.tenant.clone();
        let ties = case.two().filter_map(|who| {
            let people = PersonPair::new(ask.actor.clone()?, who.clone())?;
            Some(self.relation_view(&RelationAsk { tenant: tenant(), people }))
        });
        let ties = ties.collect();
        let subject = PersonAsk { tenant: tenant(), person: case.subject.clone() };
        let items = self.evidence.range((case.id, 0)..=(case.id, u32::MAX));
        let items = items.map(|(_, item)| item.clone());
        Ok(Some(CaseView {
            program: self.program_of(case.program)?,
            subject: self.person_view(&subject),
            ties,
            was: Vec::new(),
            evidence: if ask.with_evidence { items.collect() } else { Vec::new() },
            reach: self.reach(&case, ask)?,
            case,
        }))
    }

    /// The pairs that a case reaches into, with the pieces of them that are needed.
    fn reach(&self, case: &Case, ask: &CaseAsk) -> Result<Vec<Reach>, StoreError> {
        let contents = case.contents(ask.content);
        let mut reach = Vec::new();
        for id in case.reach(ask.content) {
            let view = PairAsk { tenant: ask.tenant.clone(), pair: id, post: None, actor: None };
            let Some(pair) = self.pair_view(&view)? else { continue };
            let (mut posts, mut check_ins) = (Vec::new(), Vec::new());
            for content in contents.iter().filter(|it| it.pair() == id) {
                match content {
                    Content::Post { post, .. } => {
                        let place = self.post_places.get(post).filter(|(of, _)| *of == id);
                        posts.extend(place.and_then(|place| self.posts.get(place)).cloned());
                    }
                    Content::CheckIn { side, kind, .. } => {
                        check_ins.extend(self.check_ins.get(&(id, *side, *kind)).cloned());
                    }
                    // It stands in the pair.
                    Content::Introduction { .. } | Content::Ending { .. } => {}
                }
            }
            reach.push(Reach { pair, posts, check_ins });
        }
        Ok(reach)
    }
}
