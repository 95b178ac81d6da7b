//! Somebody who comes back: what is kept under the keys that were theirs (D10), and that they are who they were to a
//! case (D13).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use tracing::Span;

use super::{
    Error, Service, TenantKey,
    enrollments::AskWord,
    every::every,
    many::LoadMany,
    programs,
    run::{Gather, Load, Order},
};
use crate::{
    base::{
        host::{PersonId, TenantId},
        people::PersonPair,
        time::Timestamp,
        version::Version,
    },
    change::Key,
    decide::{
        enrollment::HostWord,
        former as decide,
        report::{Reviewer, programs_of},
    },
    model::{person::Person, report::Case},
    policy::{actor::Actor, permission::Action},
    store::{
        CaseAsk, EnrollmentAsk, Listing, PersonAsk, RelationAsk, StoreError, StoreUnit, UnitExt,
        ask::EnrollmentTarget,
    },
    view::{
        CaseView, EnrollmentView, FormerView, Guarded, Life, RelationView, SameView, SignUpView,
    },
};

/// Most pseudonyms of one key. Whoever is erased more often than that gets random ones, which are not found;
/// what was kept before is.
const LIVES_MAX: u32 = 64;

/// Makes the pseudonyms of a tenant.
#[derive(Debug)]
pub(super) struct Pseudonyms {
    key: TenantKey,
    tenant: TenantId,
}

impl Pseudonyms {
    fn of(&self, person: &PersonId, life: u32) -> PersonId {
        self.key.pseudonym(&self.tenant, person, life)
    }

    /// Those that are somebody's, and the first one that is nobody's, if there is one.
    async fn lives(
        &self,
        unit: &mut dyn StoreUnit,
        person: &PersonId,
    ) -> Result<(Vec<Person>, Option<Person>), StoreError> {
        let mut lives = Vec::new();
        for life in 0..LIVES_MAX {
            let found = person_of(unit, &self.tenant, self.of(person, life)).await?;
            if found.version.is_new() {
                return Ok((lives, Some(found)));
            }
            lives.push(found);
        }
        Ok((lives, None))
    }
}

/// The keys that somebody had before, as far as the tenant's key tells.
pub(super) async fn was(
    unit: &mut dyn StoreUnit,
    pseudonyms: Option<&Pseudonyms>,
    person: &PersonId,
) -> Result<Vec<PersonId>, StoreError> {
    let Some(pseudonyms) = pseudonyms else { return Ok(Vec::new()) };
    let (lives, _) = pseudonyms.lives(unit, person).await?;
    Ok(lives.into_iter().map(|it| it.id).collect())
}

/// What stands between each of these keys and the two of a case.
async fn between(
    unit: &mut dyn StoreUnit,
    tenant: &TenantId,
    keys: impl IntoIterator<Item = &PersonId>,
    two: &[&PersonId],
) -> Result<Vec<RelationView>, StoreError> {
    let asks = keys.into_iter().flat_map(|key| {
        let people = two.iter().filter_map(|it| PersonPair::new(key.clone(), (*it).clone()));
        people.map(|people| RelationAsk { tenant: tenant.clone(), people })
    });
    let asks: Vec<_> = asks.collect();
    if asks.is_empty() { Ok(Vec::new()) } else { unit.relation_views(&asks).await }
}

/// Somebody who might review a case of these two.
pub(super) async fn reviewer(
    unit: &mut dyn StoreUnit,
    (tenant, pseudonyms): (&TenantId, Option<&Pseudonyms>),
    person: PersonId,
    two: &[&PersonId],
) -> Result<Reviewer, StoreError> {
    let was = was(unit, pseudonyms, &person).await?;
    let ties = between(unit, tenant, std::iter::once(&person).chain(&was), two).await?;
    Ok(Reviewer { person, was, ties })
}

/// The same of several at once. Hardly anybody was erased: the first pseudonyms of all of them are looked for in the
/// one question that asks what stands between them and the two, and only who has one is asked for alone.
pub(super) async fn reviewers(
    unit: &mut dyn StoreUnit,
    (tenant, pseudonyms): (&TenantId, Option<&Pseudonyms>),
    people: Vec<PersonId>,
    two: &[&PersonId],
) -> Result<Vec<Reviewer>, StoreError> {
    let firsts: Vec<_> = people.iter().map(|it| Some(pseudonyms?.of(it, 0))).collect();
    let mut asks = Vec::new();
    for (person, first) in people.iter().zip(&firsts) {
        for key in std::iter::once(person).chain(first) {
            let between = two.iter().filter_map(|it| PersonPair::new(key.clone(), (*it).clone()));
            asks.extend(between.map(|people| RelationAsk { tenant: tenant.clone(), people }));
        }
    }
    let views = if asks.is_empty() { Vec::new() } else { unit.relation_views(&asks).await? };
    let mut reviewers = Vec::with_capacity(people.len());
    for (person, first) in people.into_iter().zip(firsts) {
        let of = |key: &PersonId| {
            let key = key.clone();
            views.iter().filter(move |it| it.relation.people.other(&key).is_some())
        };
        let is_known = |first: &PersonId| {
            let mut both = of(first).flat_map(|it| [&it.lo, &it.hi]);
            both.any(|it| it.id == *first && !it.version.is_new())
        };
        // Somebody of the two whom an erasure has given that pseudonym is known as well.
        if first.as_ref().is_some_and(|it| two.contains(&it) || is_known(it)) {
            reviewers.push(reviewer(unit, (tenant, pseudonyms), person, two).await?);
            continue;
        }
        // What stands between an admin and another one who is one of the two is asked for both of them.
        let mut ties: Vec<RelationView> = Vec::new();
        for tie in of(&person) {
            let is_of = tie.relation.people.other(&person).is_some_and(|it| two.contains(&it));
            if is_of && ties.iter().all(|it| it.relation.people != tie.relation.people) {
                ties.push(tie.clone());
            }
        }
        reviewers.push(Reviewer { person, was: Vec::new(), ties });
    }
    Ok(reviewers)
}

/// Somebody who might review each of these cases, in their order: one question for all of them.
pub(super) async fn reviewer_of_each(
    unit: &mut dyn StoreUnit,
    (tenant, pseudonyms): (&TenantId, Option<&Pseudonyms>),
    person: &PersonId,
    cases: &[Case],
) -> Result<Vec<Reviewer>, StoreError> {
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let was = was(unit, pseudonyms, person).await?;
    let two: BTreeSet<_> = cases.iter().flat_map(Case::two).collect();
    let two: Vec<_> = two.into_iter().collect();
    let ties = between(unit, tenant, std::iter::once(person).chain(&was), &two).await?;
    let of = |case: &Case| {
        let is_of = |tie: &&RelationView| {
            let people = &tie.relation.people;
            let mut keys = std::iter::once(person).chain(&was);
            keys.any(|key| case.two().any(|it| people.other(key) == Some(it)))
        };
        let ties = ties.iter().filter(is_of).cloned().collect();
        Reviewer { person: person.clone(), was: was.clone(), ties }
    };
    Ok(cases.iter().map(of).collect())
}

/// For a case; with pseudonyms, also by who whoever reviews it was before.
#[derive(Clone, Debug)]
pub(super) struct ReviewAsk {
    pub(super) case: CaseAsk,
    pub(super) pseudonyms: Option<Arc<Pseudonyms>>,
}

#[async_trait]
impl Load for ReviewAsk {
    type View = CaseView;

    async fn load(&self, unit: &mut dyn StoreUnit) -> Result<Option<CaseView>, StoreError> {
        // Who they were is looked for first, so that as much is asked for as where there is no such case.
        let was = match &self.case.actor {
            Some(person) => was(unit, self.pseudonyms.as_deref(), person).await?,
            None => Vec::new(),
        };
        let Some(mut view) = unit.case_view(&self.case).await? else { return Ok(None) };
        if !was.is_empty() {
            view.was = was;
            let two: Vec<_> = view.case.two().collect();
            let before = between(unit, &self.case.tenant, &view.was, &two).await?;
            view.ties.extend(before);
        }
        Ok(Some(view))
    }

    fn note(&self, span: &Span) {
        self.case.note(span);
    }

    fn guards(view: &CaseView) -> Vec<(Key, Version)> {
        view.guards()
    }
}

async fn person_of(
    unit: &mut dyn StoreUnit,
    tenant: &TenantId,
    person: PersonId,
) -> Result<Person, StoreError> {
    let ask = PersonAsk { tenant: tenant.clone(), person };
    Ok(unit.person_view(&ask).await?.person)
}

/// Lives of one key in their order, each with the time until when a later one, or who has the key now, has taken it
/// over.
fn handed_on(lives: Vec<Person>, now: &Person) -> Vec<(Person, Option<Timestamp>)> {
    let mut taken_over = now.looked_back.map(|it| it.at);
    let mut chain = Vec::with_capacity(lives.len());
    for life in lives.into_iter().rev() {
        let at = taken_over;
        taken_over = taken_over.max(life.looked_back.map(|it| it.at));
        chain.push((life, at));
    }
    chain.reverse();
    chain
}

/// What is kept of somebody whose version was read before.
async fn life(
    unit: &mut dyn StoreUnit,
    tenant: &TenantId,
    person: Person,
    handed_on: Option<Timestamp>,
) -> Result<Life, StoreError> {
    let who = || person.id.clone();
    let relations = every!(unit.list_relations, tenant, Listing::RelationsOf { person: who() });
    let pairs = every!(unit.list_pairs, tenant, Listing::PairsOf { person: who() });
    let enrollments =
        every!(unit.list_enrollments, tenant, Listing::EnrollmentsOf { person: who() });
    Ok(Life { person, relations, pairs, enrollments, handed_on })
}

/// What is kept under these keys, and what stands between `person` and everybody there. The next pseudonym is
/// rested on only where nothing else would tell of an erasure meanwhile.
async fn former(
    unit: &mut dyn StoreUnit,
    tenant: &TenantId,
    person: &Person,
    (lives, next): (Vec<(Person, Option<Timestamp>)>, Option<Person>),
    own: Option<u32>,
) -> Result<FormerView, StoreError> {
    let mut found = Vec::with_capacity(lives.len());
    for (it, handed_on) in lives {
        let life = life(unit, tenant, it, handed_on).await?;
        if !life.is_empty() {
            found.push(life);
        }
    }
    let two = |other: &PersonId| PersonPair::new(person.id.clone(), other.clone());
    let others = decide::others(&person.id, &found);
    let asks: Vec<_> = others
        .into_iter()
        .filter_map(two)
        .map(|people| RelationAsk { tenant: tenant.clone(), people })
        .collect();
    let between = if asks.is_empty() { Vec::new() } else { unit.relation_views(&asks).await? };
    let next = next.filter(|_| person.version.is_new());
    Ok(FormerView { lives: found, own, next, between })
}

/// Whether somebody may have been here before. Of those of whom it is known that they were not, nothing is read.
fn may_be_back(person: &Person) -> bool {
    person.looked_back.is_none_or(|it| it.lives > 0)
}

fn count(lives: &[Person]) -> u32 {
    u32::try_from(lives.len()).unwrap_or(u32::MAX)
}

/// For a sign-up; with pseudonyms, also by whoever was here before.
#[derive(Clone, Debug)]
pub(super) struct SignUpAsk {
    pub(super) place: EnrollmentAsk,
    pub(super) pseudonyms: Option<Arc<Pseudonyms>>,
}

impl SignUpAsk {
    /// The pseudonyms, if this person may have one.
    fn of(&self, place: &EnrollmentView) -> Option<&Pseudonyms> {
        self.pseudonyms.as_deref().filter(|_| may_be_back(&place.person))
    }

    async fn look_back(
        &self,
        unit: &mut dyn StoreUnit,
        place: EnrollmentView,
    ) -> Result<SignUpView, StoreError> {
        let Some(pseudonyms) = self.of(&place) else {
            return Ok(SignUpView { place, former: None });
        };
        let (lives, next) = pseudonyms.lives(unit, &place.person.id).await?;
        let own = Some(count(&lives));
        let lives = handed_on(lives, &place.person);
        let view = former(unit, &pseudonyms.tenant, &place.person, (lives, next), own).await?;
        Ok(SignUpView { place, former: Some(view) })
    }
}

#[async_trait]
impl Load for SignUpAsk {
    type View = SignUpView;

    async fn load(&self, unit: &mut dyn StoreUnit) -> Result<Option<SignUpView>, StoreError> {
        match unit.enrollment_view(&self.place).await? {
            Some(place) => self.look_back(unit, place).await.map(Some),
            None => Ok(None),
        }
    }

    fn note(&self, span: &Span) {
        self.place.note(span);
    }

    fn guards(view: &SignUpView) -> Vec<(Key, Version)> {
        view.guards()
    }
}

#[async_trait]
impl LoadMany for SignUpAsk {
    async fn load_many(
        asks: &[Self],
        unit: &mut dyn StoreUnit,
    ) -> Result<Vec<Option<SignUpView>>, StoreError> {
        let places: Vec<_> = asks.iter().map(|ask| ask.place.clone()).collect();
        let places = unit.enrollment_views(&places).await?;
        // The first pseudonyms of all of them together: hardly anybody has one.
        let firsts = asks.iter().zip(&places).filter_map(|(ask, place)| {
            let place = place.as_ref()?;
            let person = ask.of(place)?.of(&place.person.id, 0);
            let target = EnrollmentTarget::New { program: place.program.id, person };
            let tenant = ask.place.tenant.clone();
            Some(EnrollmentAsk { tenant, target, actor: None })
        });
        let firsts: Vec<_> = firsts.collect();
        let firsts =
            if firsts.is_empty() { Vec::new() } else { unit.enrollment_views(&firsts).await? };
        let mut firsts = firsts.into_iter().map(|it| it.map(|it| it.person));
        let mut views = Vec::with_capacity(asks.len());
        for (ask, place) in asks.iter().zip(places) {
            let Some(place) = place else {
                views.push(None);
                continue;
            };
            let first = if ask.of(&place).is_some() { firsts.next().flatten() } else { None };
            let stranger = first.filter(|it| it.version.is_new());
            views.push(Some(match stranger {
                Some(first) => {
                    let next = Some(first).filter(|_| place.person.version.is_new());
                    let (lives, between) = (Vec::new(), Vec::new());
                    let former = Some(FormerView { lives, own: Some(0), next, between });
                    SignUpView { place, former }
                }
                None => ask.look_back(unit, place).await?,
            }));
        }
        Ok(views)
    }
}

#[async_trait]
impl Gather<SignUpView> for AskWord<'_> {
    type Facts = HostWord;

    async fn gather(&self, view: &SignUpView) -> Result<HostWord, Error> {
        self.gather(&view.place).await
    }
}

/// For taking over what was kept under another key.
#[derive(Debug)]
struct SameAsk {
    tenant: TenantId,
    person: PersonId,
    was: PersonId,
    pseudonyms: Option<Arc<Pseudonyms>>,
}

#[async_trait]
impl Load for SameAsk {
    type View = SameView;

    async fn load(&self, unit: &mut dyn StoreUnit) -> Result<Option<SameView>, StoreError> {
        let Self { tenant, person, was, pseudonyms } = self;
        let ask = PersonAsk { tenant: tenant.clone(), person: person.clone() };
        let now = unit.person_view(&ask).await?;
        let person = &now.person;
        let (mut lives, mut next, mut own) = (Vec::new(), None, None);
        if let Some(pseudonyms) = pseudonyms.as_ref().filter(|_| may_be_back(person)) {
            let found = pseudonyms.lives(unit, &person.id).await?;
            own = Some(count(&found.0));
            (lives, next) = (handed_on(found.0, person), found.1);
        }
        if *was != person.id {
            let earlier = person_of(unit, tenant, was.clone()).await?;
            if let Some(pseudonyms) = pseudonyms {
                lives.extend(handed_on(pseudonyms.lives(unit, was).await?.0, &earlier));
            }
            // One of their own pseudonyms is among them already.
            if lives.iter().all(|(it, _)| it.id != earlier.id) {
                lives.push((earlier, None));
            }
        }
        let former = former(unit, tenant, person, (lives, next), own).await?;
        let mut groups = BTreeMap::new();
        if former.lives.iter().any(|life| !life.person.bans.is_empty()) {
            for program in programs_of(&now) {
                let view = unit.program_view(&programs::ask(tenant, program, 0)).await?;
                groups.extend(view.map(|view| (program, view.program.group)));
            }
        }
        Ok(Some(SameView { was: was.clone(), former, now, groups }))
    }

    fn note(&self, _span: &Span) {}

    fn guards(view: &SameView) -> Vec<(Key, Version)> {
        view.guards()
    }
}

impl Service<'_> {
    /// What makes the pseudonyms of a tenant; `None` if it has no key.
    pub(super) async fn pseudonyms(
        &self,
        tenant: &TenantId,
    ) -> Result<Option<Arc<Pseudonyms>>, Error> {
        let Some(keys) = &self.keys else { return Ok(None) };
        let key = keys.key(tenant).await?;
        Ok(key.map(|key| Arc::new(Pseudonyms { key, tenant: tenant.clone() })))
    }

    /// What takes the place of a person's key: with a key of the tenant's the first of their pseudonyms that
    /// is nobody's, else a random one.
    pub(super) async fn pseudonym(
        &self,
        tenant: &TenantId,
        person: &PersonId,
    ) -> Result<PersonId, Error> {
        if let Some(pseudonyms) = self.pseudonyms(tenant).await? {
            let mut unit = self.unit().await?;
            if let (_, Some(next)) = pseudonyms.lives(&mut *unit, person).await? {
                return Ok(next.id);
            }
        }
        Ok(PersonId::erased(self.ids.random()))
    }

    /// The host says that `person` is the same human as somebody who had the key `was`: what keeps that one
    /// and others apart holds for them too, from here on (D10): blocks in both directions, wishes not to be
    /// matched, that two were a pair, bans, muting, holds, and waits after a rejection or a removal. Pairs that a
    /// block does not let live end with the neutral text, as by a block. Bans and holds count at once: what they take
    /// part in under a ban is removed, with the neutral text to their partners, and what is held is held where they
    /// take part in that program now; their live pairs there go on until staff, who is told, freezes or ends them. Of
    /// that they are told what anybody is told. What was answered and written, where
    /// they took part and the cases about them stay where they are, and nobody is told whose it was: to others they are
    /// somebody new.
    ///
    /// `was` may still be known, be erased (found by the tenant's key), or be a pseudonym that an erasure has
    /// given back. What is said about it later is not found: say it again when a key that was still known is
    /// erased. What stands already stays; saying it again changes nothing but that what `person` has said
    /// under the other key and taken back since, as a wish not to be matched, is theirs again, and that a ban or a hold
    /// which `was` still has counts again if staff has taken it back from `person` alone.
    ///
    /// On record is only that it was said of `person`: nothing that is stored says `was`. Therefore a command
    /// id that was used for the same person and another key gives the same reply. Only the host's own code
    /// may do it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](crate::decide::Refusal::NotFound) for anybody but the host; input errors on
    /// `person` for a key in the form of a pseudonym, and on `was` for that of the person.
    pub async fn same_person(
        &self,
        actor: &Actor,
        person: &PersonId,
        was: &PersonId,
    ) -> Result<(), Error> {
        self.to_tenant(actor, Action::RenamePerson)?;
        let tenant = actor.tenant().clone();
        let pseudonyms = self.pseudonyms(&tenant).await?;
        let ask = SameAsk { tenant, person: person.clone(), was: was.clone(), pseudonyms };
        self.run(Order::new(actor, "person.same", person), ask, decide::same).await
    }
}
