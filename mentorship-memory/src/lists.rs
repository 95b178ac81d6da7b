//! Pages of listings.

use std::ops::Bound;

use chrono::TimeDelta;
use mentorship_core::{
    base::{
        host::PersonId,
        id::{EnrollmentId, Id, ProgramId},
        people::PersonPair,
        text::Slug,
        time::Timestamp,
    },
    change::Key,
    model::{
        enrollment::{EnrollmentState, Role},
        event::AuditEvent,
        journal::CheckInKind,
        pair::PairState,
        proposal::{Proposal, ProposalState},
        rename::Rename as _,
        report::Case,
    },
    store::{
        CaseScope, Cursor, ListAsk, Listed, Listing, Page, StoreError, StoreErrorKind,
        ask::{AUDIT_TAIL_DAYS, AuditScope, PeopleScope},
    },
    view::{Between, Candidate, Pooled},
};

use crate::state::{State, first, least};

/// The key before all others.
fn first_person() -> Result<PersonId, StoreError> {
    PersonId::try_from(" ").map_err(|_| bad_cursor())
}

pub(crate) fn bad_cursor() -> StoreError {
    StoreError::new(StoreErrorKind::Unsupported, "list").with_detail("cursor")
}

fn micros(at: Timestamp) -> i64 {
    at.timestamp_micros()
}

/// The place in an order by instant and id that a cursor names.
pub(crate) fn place<I: Id + std::str::FromStr>(
    after: Option<&Cursor>,
) -> Result<Option<(Timestamp, I)>, StoreError> {
    let Some(cursor) = after else { return Ok(None) };
    let at = Timestamp::from_timestamp_micros(cursor.rank).ok_or_else(bad_cursor)?;
    let id = cursor.id.parse().map_err(|_| bad_cursor())?;
    Ok(Some((at, id)))
}

/// Cuts a page out of what follows the cursor; one more item than asked tells whether there is more.
pub(crate) fn page<T, U>(
    found: impl Iterator<Item = T>,
    limit: u16,
    cursor: impl Fn(&T) -> Cursor,
    item: impl Fn(T) -> Option<U>,
) -> Page<U> {
    let limit = usize::from(limit);
    let mut found: Vec<T> = found.take(limit + 1).collect();
    let more = found.len() > limit;
    found.truncate(limit);
    let next = if more { found.last().map(cursor) } else { None };
    Page { items: found.into_iter().filter_map(item).collect(), next }
}

pub(crate) fn timed<I: Id>((at, id): &(Timestamp, I)) -> Cursor {
    Cursor { rank: micros(*at), id: id.to_string() }
}

/// Lists what an index names, where the places are instants with ids.
macro_rules! by_time {
    ($state:expr, $ask:expr, $index:ident, $asked:expr, $records:ident, $variant:ident, $keep:expr) => {{
        let after = place($ask.after.as_ref())?;
        let found = $state
            .$index
            .after(&$asked, after.as_ref(), &first())
            .copied()
            .filter(|(_, id)| $state.$records.get(id).is_some_and($keep));
        Ok(page(found, $ask.limit_rows(), timed, |(_, id)| {
            $state.$records.get(&id).cloned().map(|it| Listed::$variant(Box::new(it)))
        }))
    }};
}

/// The library's own string of a state's code, which the indexes are keyed by; `None` for a code that
/// no state has.
fn known(code: &Slug) -> Option<&'static str> {
    let all = [EnrollmentState::CODES, ProposalState::CODES, PairState::CODES];
    all.into_iter().flatten().copied().find(|known| *known == code.as_str())
}

impl State {
    pub(crate) fn list(&self, ask: &ListAsk) -> Result<Page<Listed>, StoreError> {
        let nothing = || Ok(Page { items: Vec::new(), next: None });
        match &ask.what {
            Listing::Programs { group: None } => {
                by_time!(self, ask, programs_all, (), programs, Program, |_| true)
            }
            Listing::Programs { group: Some(group) } => {
                by_time!(self, ask, programs_of, group.clone(), programs, Program, |_| true)
            }
            Listing::Enrollments { program, role, state } => {
                let fits = |it: &mentorship_core::model::enrollment::Enrollment| {
                    role.is_none_or(|role| it.role == role)
                };
                match state.as_ref().map(known) {
                    None => {
                        by_time!(self, ask, enrollments_in, *program, enrollments, Enrollment, fits)
                    }
                    Some(Some(code)) => by_time!(
                        self,
                        ask,
                        enrollments_at,
                        (*program, code),
                        enrollments,
                        Enrollment,
                        fits
                    ),
                    Some(None) => nothing(),
                }
            }
            Listing::EnrollmentsOf { person } => {
                by_time!(self, ask, enrollments_of, person.clone(), enrollments, Enrollment, |_| {
                    true
                })
            }
            Listing::Candidates { enrollment } => self.candidates(ask, *enrollment),
            Listing::Pool { program } => self.pool(ask, *program),
            Listing::Between { program } => self.between(ask, *program),
            Listing::Proposals { program, state } => match state.as_ref().map(known) {
                None => by_time!(self, ask, proposals_in, *program, proposals, Proposal, |_| true),
                Some(Some(code)) => {
                    by_time!(self, ask, proposals_at, (*program, code), proposals, Proposal, |_| {
                        true
                    })
                }
                Some(None) => nothing(),
            },
            Listing::Runs { program } => {
                by_time!(self, ask, runs_in, *program, runs, Run, |_| true)
            }
            Listing::ProposalsOfRun { run } => {
                by_time!(self, ask, proposals_of_run, *run, proposals, Proposal, |_| true)
            }
            Listing::ProposalsOf { enrollment } => {
                by_time!(self, ask, proposals_of, *enrollment, proposals, Proposal, |_| true)
            }
            Listing::ProposalsFor { person } => {
                by_time!(self, ask, proposals_for, person.clone(), proposals, Proposal, |_| true)
            }
            Listing::Pairs { program, state } => match state.as_ref().map(known) {
                None => by_time!(self, ask, pairs_in, *program, pairs, Pair, |_| true),
                Some(Some(code)) => {
                    by_time!(self, ask, pairs_at, (*program, code), pairs, Pair, |_| true)
                }
                Some(None) => nothing(),
            },
            Listing::PairsOf { person } => {
                by_time!(self, ask, pairs_of, person.clone(), pairs, Pair, |_| true)
            }
            Listing::Posts { pair, step } => {
                let after = match &ask.after {
                    None => 0,
                    Some(cursor) => u64::try_from(cursor.rank).map_err(|_| bad_cursor())?,
                };
                let from = after.saturating_add(u64::from(ask.after.is_some()));
                let found = self
                    .posts
                    .range((*pair, from)..=(*pair, u64::MAX))
                    .map(|(_, post)| post)
                    .filter(|post| step.as_ref().is_none_or(|step| post.step == *step));
                Ok(page(
                    found,
                    ask.limit_rows(),
                    |post| Cursor {
                        rank: i64::try_from(post.seq).unwrap_or(i64::MAX),
                        id: String::new(),
                    },
                    |post| Some(Listed::Post(Box::new(post.clone()))),
                ))
            }
            Listing::CheckIns { pair } => self.check_ins(ask, *pair),
            Listing::BlocksBy { person } => self.relations(ask, person, &self.blocks_by),
            Listing::AvoidsBy { person } => self.relations(ask, person, &self.avoids_by),
            Listing::WishesBy { person } => self.relations(ask, person, &self.wishes_by),
            Listing::RelationsOf { person } => self.relations(ask, person, &self.relations_of),
            Listing::Signals { since, floor, reader } => self.signals(ask, *since, *floor, reader),
            Listing::People { scope } => self.people_page(ask, *scope),
            Listing::Cases { scope } => self.cases_page(ask, scope),
            Listing::Audit { scope } => self.audit_page(ask, scope),
            Listing::Due { at } => self.due(ask, *at),
            _ => Err(StoreError::new(StoreErrorKind::Unsupported, "list")),
        }
    }

    fn relations(
        &self,
        ask: &ListAsk,
        person: &PersonId,
        index: &crate::index::Index<PersonId, PersonId>,
    ) -> Result<Page<Listed>, StoreError> {
        let after = match &ask.after {
            None => None,
            Some(cursor) => Some(PersonId::try_from(cursor.id.as_str()).map_err(|_| bad_cursor())?),
        };
        // U+0020 is the least character that a key may hold.
        let least = first_person()?;
        let found = index.after(person, after.as_ref(), &least);
        Ok(page(
            found,
            ask.limit_rows(),
            |other| Cursor { rank: 0, id: other.as_str().to_owned() },
            |other| {
                let people = PersonPair::new(person.clone(), other.clone())?;
                self.relations.get(&people).cloned().map(|it| Listed::Relation(Box::new(it)))
            },
        ))
    }

    fn people_page(&self, ask: &ListAsk, scope: PeopleScope) -> Result<Page<Listed>, StoreError> {
        let index = match scope {
            PeopleScope::Banned => &self.banned,
            PeopleScope::Muted => &self.muted,
            _ => return Err(StoreError::new(StoreErrorKind::Unsupported, "list")),
        };
        let after = match &ask.after {
            None => None,
            Some(cursor) => Some(PersonId::try_from(cursor.id.as_str()).map_err(|_| bad_cursor())?),
        };
        let least = first_person()?;
        Ok(page(
            index.after(&(), after.as_ref(), &least),
            ask.limit_rows(),
            |person| Cursor { rank: 0, id: person.as_str().to_owned() },
            |person| self.people.get(person).cloned().map(|it| Listed::Person(Box::new(it))),
        ))
    }

    fn check_ins(
        &self,
        ask: &ListAsk,
        pair: mentorship_core::base::id::PairId,
    ) -> Result<Page<Listed>, StoreError> {
        let code = |side: Role, kind: CheckInKind| match kind {
            CheckInKind::Week { number } => format!("{side}:week:{number:05}"),
            CheckInKind::Closing => format!("{side}:~closing"),
        };
        let start = (pair, Role::Mentor, CheckInKind::Week { number: 0 });
        let mut all: Vec<_> = self
            .check_ins
            .range(start..)
            .take_while(|((of, _, _), _)| *of == pair)
            .map(|(_, it)| (micros(it.at), it.side, it.kind, it))
            .collect();
        all.sort_by_key(|(at, side, kind, _)| (*at, *side, *kind));
        let found: Vec<_> = match &ask.after {
            None => all,
            Some(cursor) => {
                let place = all
                    .iter()
                    .position(|(at, side, kind, _)| {
                        (*at, code(*side, *kind)) == (cursor.rank, cursor.id.clone())
                    })
                    .map(|at| at + 1);
                let skip = match place {
                    Some(skip) => skip,
                    // It was replaced by a later one meanwhile: go on by time.
                    None if cursor.id.starts_with("ment") => {
                        all.iter().filter(|(at, ..)| *at <= cursor.rank).count()
                    }
                    None => return Err(bad_cursor()),
                };
                all.into_iter().skip(skip).collect()
            }
        };
        Ok(page(
            found.into_iter(),
            ask.limit_rows(),
            |(at, side, kind, _)| Cursor { rank: *at, id: code(*side, *kind) },
            |(_, _, _, it)| Some(Listed::CheckIn(Box::new(it.clone()))),
        ))
    }

    fn cases_page(&self, ask: &ListAsk, scope: &CaseScope) -> Result<Page<Listed>, StoreError> {
        match scope {
            CaseScope::Tenant => by_time!(self, ask, cases_all, (), cases, Case, |_| true),
            CaseScope::Program(program) => {
                by_time!(self, ask, cases_in, *program, cases, Case, |_| true)
            }
            CaseScope::Platform => {
                by_time!(self, ask, cases_at_platform, (), cases, Case, |_| true)
            }
            CaseScope::Queue(queue) => match queue.program {
                Some(program) => {
                    by_time!(self, ask, cases_in, program, cases, Case, |it| !queue.hides(it))
                }
                None => {
                    by_time!(self, ask, cases_at_platform, (), cases, Case, |it| !queue.hides(it))
                }
            },
            CaseScope::Reporter(person) => {
                by_time!(self, ask, cases_by, person.clone(), cases, Case, |_| true)
            }
            CaseScope::Subject(person) => {
                by_time!(self, ask, cases_about, person.clone(), cases, Case, |_| true)
            }
            CaseScope::Naming(person) => {
                by_time!(self, ask, cases_all, (), cases, Case, |it: &Case| it.names(person))
            }
            _ => Err(StoreError::new(StoreErrorKind::Unsupported, "list")),
        }
    }

    fn audit_page(&self, ask: &ListAsk, scope: &AuditScope) -> Result<Page<Listed>, StoreError> {
        match scope {
            AuditScope::Tenant => self.whole_audit(ask, |_| true),
            AuditScope::Over { before } => {
                let tail = TimeDelta::days(AUDIT_TAIL_DAYS.into());
                let newest = self.audit.last_key_value().map(|((at, _), _)| *at - tail);
                self.whole_audit(ask, |event| {
                    let is_old = event.at < *before && newest.is_some_and(|it| event.at <= it);
                    is_old && self.is_over(&event.subject)
                })
            }
            AuditScope::Program { program, private } => {
                self.audit_of(ask, &self.audit_in, program, |it| *private || !it.private)
            }
            AuditScope::Subject(key) => self.audit_of(ask, &self.audit_about, key, |_| true),
            AuditScope::Actor(person) => self.audit_of(ask, &self.audit_by, person, |_| true),
            AuditScope::Seen { program, reader } => {
                let shown = |event: &AuditEvent| match &event.subject {
                    Key::Case(id) => {
                        self.cases.get(id).is_none_or(|case| !reader.is_kept_from(case))
                    }
                    _ => true,
                };
                match program {
                    Some(program) => self.audit_of(ask, &self.audit_in, program, shown),
                    None => self.whole_audit(ask, shown),
                }
            }
            _ => Err(StoreError::new(StoreErrorKind::Unsupported, "list")),
        }
    }

    fn whole_audit(
        &self,
        ask: &ListAsk,
        shown: impl Fn(&AuditEvent) -> bool,
    ) -> Result<Page<Listed>, StoreError> {
        let after = place(ask.after.as_ref())?;
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let found = self.audit.range((from, Bound::Unbounded));
        let found = found.filter(|(_, event)| shown(event)).map(|(at, _)| *at);
        Ok(page(found, ask.limit_rows(), timed, |at| {
            self.audit.get(&at).cloned().map(|it| Listed::Audit(Box::new(it)))
        }))
    }

    fn audit_of<A: Ord + Clone>(
        &self,
        ask: &ListAsk,
        index: &crate::index::Index<A, (Timestamp, mentorship_core::base::id::EventId)>,
        asked: &A,
        shown: impl Fn(&AuditEvent) -> bool,
    ) -> Result<Page<Listed>, StoreError> {
        let after = place(ask.after.as_ref())?;
        let found = index
            .after(asked, after.as_ref(), &first())
            .copied()
            .filter(|at| self.audit.get(at).is_some_and(&shown));
        Ok(page(found, ask.limit_rows(), timed, |at| {
            self.audit.get(&at).cloned().map(|it| Listed::Audit(Box::new(it)))
        }))
    }

    fn due(&self, ask: &ListAsk, now: Timestamp) -> Result<Page<Listed>, StoreError> {
        let after = match &ask.after {
            None => None,
            Some(cursor) => {
                let at = Timestamp::from_timestamp_micros(cursor.rank).ok_or_else(bad_cursor)?;
                let key: Key = cursor.id.parse().map_err(|_| bad_cursor())?;
                Some((at, key))
            }
        };
        let least = first_person()?;
        let start = (Timestamp::MIN_UTC, Key::Person(least));
        let found =
            self.due.after(&(), after.as_ref(), &start).take_while(|(at, _)| *at <= now).cloned();
        Ok(page(
            found,
            ask.limit_rows(),
            |(at, key)| Cursor { rank: micros(*at), id: key.to_string() },
            |(at, key)| Some(Listed::Due { at, key }),
        ))
    }

    fn candidates(
        &self,
        ask: &ListAsk,
        enrollment: EnrollmentId,
    ) -> Result<Page<Listed>, StoreError> {
        let after = match &ask.after {
            None => None,
            Some(cursor) => Some(cursor.id.parse().map_err(|_| bad_cursor())?),
        };
        let Some(own) = self.enrollments.get(&enrollment) else {
            return Ok(Page { items: Vec::new(), next: None });
        };
        let asked = (own.program, own.role.opposite());
        let found = self
            .active_in
            .after(&asked, after.as_ref(), &least())
            .copied()
            .filter(|id| self.enrollments.get(id).is_some_and(|it| it.person != own.person));
        Ok(page(
            found,
            ask.limit_rows(),
            |id| Cursor { rank: 0, id: id.to_string() },
            |id| {
                let it = self.enrollments.get(&id)?;
                debug_assert!(matches!(it.state, EnrollmentState::Active { .. }));
                let people = PersonPair::new(own.person.clone(), it.person.clone())?;
                Some(Listed::Candidate(Box::new(Candidate {
                    person: self.person(&it.person),
                    live: self.live_count(it.id),
                    person_live: self.person_live(&it.person),
                    reserved: self.reserved(it.id),
                    relation: self.relations.get(&people).cloned(),
                    taken: self.are_taken(&people, own.program),
                    past: self.had_a_pair(&people),
                    enrollment: it.clone(),
                })))
            },
        ))
    }

    /// Places of an enrolment that are kept for others.
    fn reserved(&self, enrollment: EnrollmentId) -> u32 {
        let open = self.open_of.after(&enrollment, None, &first());
        let held =
            open.filter(|(_, id)| self.proposals.get(id).is_some_and(Proposal::holds_for_staging));
        u32::try_from(held.count()).unwrap_or(u32::MAX)
    }

    /// Whether two people have a live pair or an open proposal in a program.
    fn are_taken(&self, people: &PersonPair, program: ProgramId) -> bool {
        let pairs = &mut self.live_between.after(people, None, &first());
        let open = &mut self.open_between.after(people, None, &first());
        pairs.any(|(_, id)| self.pairs.get(id).is_some_and(|it| it.program == program))
            || open.any(|(_, id)| self.proposals.get(id).is_some_and(|it| it.program == program))
    }

    /// Whether an offer of a program between two people was declined, by which of them was to be the mentor.
    fn declined(&self, people: &PersonPair, program: ProgramId) -> [bool; 2] {
        let found = self.declined_between.after(people, None, &first());
        let found = found.filter_map(|(_, id)| self.proposals.get(id));
        let mentors: Vec<&PersonId> =
            found.filter(|it| it.program == program).map(|it| &it.mentor_person).collect();
        [people.lo(), people.hi()].map(|who| mentors.contains(&who))
    }

    fn had_a_pair(&self, people: &PersonPair) -> bool {
        self.past_between.after(people, None, &(i64::MIN, least())).next().is_some()
    }

    fn pool(&self, ask: &ListAsk, program: ProgramId) -> Result<Page<Listed>, StoreError> {
        let after = match &ask.after {
            None => None,
            Some(cursor) => Some(cursor.id.parse().map_err(|_| bad_cursor())?),
        };
        let active = |role| self.active_in.after(&(program, role), after.as_ref(), &least());
        let mut found: Vec<EnrollmentId> =
            active(Role::Mentor).chain(active(Role::Mentee)).copied().collect();
        found.sort_unstable();
        Ok(page(
            found.into_iter(),
            ask.limit_rows(),
            |id| Cursor { rank: 0, id: id.to_string() },
            |id| {
                let enrollment = self.enrollments.get(&id)?.clone();
                Some(Listed::Pooled(Box::new(Pooled {
                    person: self.person(&enrollment.person),
                    live: self.live_count(id),
                    person_live: self.person_live(&enrollment.person),
                    reserved: self.reserved(id),
                    enrollment,
                })))
            },
        ))
    }

    fn between(&self, ask: &ListAsk, program: ProgramId) -> Result<Page<Listed>, StoreError> {
        let after = match &ask.after {
            None => None,
            Some(cursor) => Some(cursor.people().ok_or_else(bad_cursor)?),
        };
        let takes_part = |who: &PersonId| {
            self.enrollments_of.after(who, None, &first()).any(|(_, id)| {
                self.enrollments
                    .get(id)
                    .is_some_and(|it| it.program == program && it.state.is_active())
            })
        };
        let mut at = after;
        let next = std::iter::from_fn(|| {
            let after = at.as_ref();
            let from = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
            let met = [
                self.relations.range::<PersonPair, _>(from).next().map(|(two, _)| two),
                self.live_between.next_asked(after, &first()),
                self.open_between.next_asked(after, &first()),
                self.past_between.next_asked(after, &(i64::MIN, least())),
                self.declined_between.next_asked(after, &first()),
            ];
            let next = met.into_iter().flatten().min().cloned();
            at.clone_from(&next);
            next
        });
        let found = next.filter(|two| takes_part(two.lo()) && takes_part(two.hi()));
        let between = found.map(|people| Between {
            relation: self.relations.get(&people).cloned(),
            taken: self.are_taken(&people, program),
            past: self.had_a_pair(&people),
            declined: self.declined(&people, program),
            people,
        });
        Ok(page(
            between.filter(|it| {
                it.relation.is_some() || it.taken || it.past || it.declined.contains(&true)
            }),
            ask.limit_rows(),
            |it| Cursor::of_people(&it.people),
            |it| Some(Listed::Between(Box::new(it))),
        ))
    }
}
