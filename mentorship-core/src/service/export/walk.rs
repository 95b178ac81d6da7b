//! An export under way: one page after the other.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    copies::{enrollment, offer, pair, post, said},
    document::{Export, ExportedReport, ExportedStatement, ToldCase},
    place::{ExportPlace, InPair, Section},
};
use crate::{
    decide::{
        Cx,
        report::{Recusal, recusal, review},
    },
    model::{
        journal::CheckIn,
        proposal::Proposal,
        relation::Stance,
        report::{Case, Item, Party},
    },
    policy::actor::Hat,
    service::{
        Error,
        former::{self, Pseudonyms},
        programs,
        queries::{ListItem, PageAsk, as_own, cases, filled, own_events},
    },
    store::{
        CaseAsk, CaseScope, Cursor, ListAsk, Listing, Page, StoreUnit, UnitExt, ask::AuditScope,
    },
};

/// An export under way: whose, for whom, and how much of this part is left.
pub(super) struct Walk<'w> {
    pub(super) cx: Cx<'w>,
    pub(super) pseudonyms: Option<Arc<Pseudonyms>>,
    pub(super) unit: Box<dyn StoreUnit + 'w>,
    pub(super) export: Export,
    pub(super) room: u16,
}

impl Walk<'_> {
    fn ask(&self, what: Listing, after: Option<Cursor>) -> ListAsk {
        ListAsk { tenant: self.export.tenant.clone(), what, after, limit: self.room }
    }

    /// One page of what is shown, as long as the part has room.
    async fn filled<T: ListItem>(
        &mut self,
        what: Listing,
        after: Option<Cursor>,
        shown: impl Fn(&T) -> bool + Send + Sync,
    ) -> Result<Page<T>, Error> {
        let page = PageAsk { limit: self.room, after };
        let page = filled(&mut *self.unit, self.cx.actor, page, what, shown).await?;
        self.took(page.items.len());
        Ok(page)
    }

    fn took(&mut self, items: usize) {
        self.room = self.room.saturating_sub(u16::try_from(items).unwrap_or(u16::MAX));
    }

    /// Where a list goes on, or the one after it.
    fn then(section: Section, next: Option<Cursor>, following: Section) -> ExportPlace {
        match next {
            Some(after) => ExportPlace { section, after: Some(after), pair: None },
            None => following.into(),
        }
    }

    /// Reads one page, and gives back where to go on.
    pub(super) async fn step(&mut self, place: ExportPlace) -> Result<Option<ExportPlace>, Error> {
        let ExportPlace { section, after, pair } = place;
        let person = self.export.person.clone();
        match section {
            Section::Enrollments => {
                let ask = self.ask(Listing::EnrollmentsOf { person }, after);
                let page = self.unit.list_enrollments(&ask).await?;
                self.took(page.items.len());
                self.export.enrollments.extend(page.items.into_iter().map(enrollment));
                Ok(Some(Self::then(section, page.next, Section::Offers)))
            }
            Section::Offers => {
                let what = Listing::ProposalsFor { person: person.clone() };
                // A proposal that was never offered does not exist to the two.
                let page = self.filled(what, after, Proposal::was_offered).await?;
                let theirs =
                    page.items.iter().filter_map(|it| Some(offer(it, it.side_of(&person)?)));
                self.export.offers.extend(theirs);
                Ok(Some(Self::then(section, page.next, Section::Pairs)))
            }
            Section::Pairs => self.pairs(after).await,
            Section::Posts | Section::CheckIns => match pair {
                Some(pair) => self.written(section, pair, after).await,
                None => Ok(Some(Section::Blocks.into())),
            },
            Section::Blocks | Section::Avoids | Section::Wishes => {
                self.relations(section, after).await
            }
            Section::Reports | Section::Statements => self.cases(section, after).await,
            Section::Events => {
                let scope = AuditScope::Actor(person);
                let ask = self.ask(Listing::Audit { scope }, after);
                let page = own_events(&mut *self.unit, ask).await?;
                // However few of them were theirs, as much was read as this part may.
                self.room = 0;
                self.export.events.extend(page.items.into_iter().map(as_own));
                Ok(page.next.map(|after| ExportPlace { section, after: Some(after), pair: None }))
            }
        }
    }

    /// One pair; what was written there comes next, and then the next pair.
    async fn pairs(&mut self, after: Option<Cursor>) -> Result<Option<ExportPlace>, Error> {
        let person = self.export.person.clone();
        let mut ask = self.ask(Listing::PairsOf { person: person.clone() }, after);
        ask.limit = 1;
        let page = self.unit.list_pairs(&ask).await?;
        self.took(page.items.len());
        let found = page.items.first().and_then(|it| Some((it, it.side_of(&person)?)));
        let Some((it, side)) = found else { return Ok(Some(Section::Blocks.into())) };
        self.export.pairs.push(pair(it, side));
        let pair = Some(InPair { pair: it.id, side, next: page.next });
        Ok(Some(ExportPlace { section: Section::Posts, after: None, pair }))
    }

    async fn written(
        &mut self,
        section: Section,
        pair: InPair,
        after: Option<Cursor>,
    ) -> Result<Option<ExportPlace>, Error> {
        let next = if section == Section::Posts {
            let ask = self.ask(Listing::Posts { pair: pair.pair, step: None }, after);
            let page = self.unit.list_posts(&ask).await?;
            self.took(page.items.len());
            let own = page.items.into_iter().filter(|it| it.author == self.export.person);
            let own: Vec<_> = own.map(post).collect();
            self.export.posts.extend(own);
            page.next
        } else {
            let ask = self.ask(Listing::CheckIns { pair: pair.pair }, after);
            let page = self.unit.list_check_ins(&ask).await?;
            self.took(page.items.len());
            let own = page.items.into_iter().filter(|it| it.side == pair.side);
            // By which cases is nobody's but the reviewers'.
            let own = own.map(|it| CheckIn { withheld: it.withheld.map(|it| it.as_told()), ..it });
            self.export.check_ins.extend(own);
            page.next
        };
        Ok(Some(match (section, next) {
            (_, Some(after)) => ExportPlace { section, after: Some(after), pair: Some(pair) },
            (Section::Posts, None) => {
                ExportPlace { section: Section::CheckIns, after: None, pair: Some(pair) }
            }
            (_, None) => match pair.next {
                Some(after) => {
                    ExportPlace { section: Section::Pairs, after: Some(after), pair: None }
                }
                None => Section::Blocks.into(),
            },
        }))
    }

    async fn relations(
        &mut self,
        section: Section,
        after: Option<Cursor>,
    ) -> Result<Option<ExportPlace>, Error> {
        let person = self.export.person.clone();
        let by = person.clone();
        let what = match section {
            Section::Blocks => Listing::BlocksBy { person: by },
            Section::Avoids => Listing::AvoidsBy { person: by },
            _ => Listing::WishesBy { person: by },
        };
        let page = self.unit.list_relations(&self.ask(what, after)).await?;
        self.took(page.items.len());
        let since = |it: &Stance| match section {
            Section::Blocks => it.blocked_at,
            Section::Avoids => it.avoids_since,
            _ => it.wishes_since,
        };
        let all = page.items.iter().filter_map(|it| said(it, &person, since));
        let (list, following) = match section {
            Section::Blocks => (&mut self.export.blocks, Section::Avoids),
            Section::Avoids => (&mut self.export.avoids, Section::Wishes),
            _ => (&mut self.export.wishes, Section::Reports),
        };
        list.extend(all);
        Ok(Some(Self::then(section, page.next, following)))
    }

    async fn cases(
        &mut self,
        section: Section,
        after: Option<Cursor>,
    ) -> Result<Option<ExportPlace>, Error> {
        let person = self.export.person.clone();
        let reports = section == Section::Reports;
        let scope = if reports { CaseScope::Reporter(person) } else { CaseScope::Subject(person) };
        let page = self.unit.list_cases(&self.ask(Listing::Cases { scope }, after)).await?;
        self.took(page.items.len());
        let read = self.reads(&page.items).await?;
        for (case, reads) in page.items.into_iter().zip(read) {
            let Some(reads) = reads else { continue };
            if reports {
                let told = self.told(&case, Party::Reporter, reads).await?;
                let report = cases::own_report(&case);
                self.export.reports.push(ExportedReport { report, told });
            } else {
                let told = self.told(&case, Party::Subject, reads).await?;
                let statement = cases::statement(case);
                self.export.statements.push(ExportedStatement { statement, told });
            }
        }
        let following = if reports { Section::Statements } else { Section::Events };
        Ok(Some(Self::then(section, page.next, following)))
    }

    /// Whether what was told to each of these cases goes into the export: staff reads of a case what its reviewers do,
    /// in an export too. Nothing of one that to them is not there (D13).
    async fn reads(&mut self, cases: &[Case]) -> Result<Vec<Option<bool>>, Error> {
        let staff = match self.cx.actor.hat() {
            Hat::Staff(staff) => staff.clone(),
            Hat::Person(_) | Hat::GroupAdmin { .. } | Hat::Host | Hat::Clock => {
                return Ok(vec![Some(true); cases.len()]);
            }
        };
        let tenant = self.export.tenant.clone();
        let by = (&tenant, self.pseudonyms.as_deref());
        let reviewers = former::reviewer_of_each(&mut *self.unit, by, &staff, cases).await?;
        let (mut programs, mut read) = (BTreeMap::new(), Vec::with_capacity(cases.len()));
        for (case, staff) in cases.iter().zip(reviewers) {
            if recusal(case, &staff, true, self.cx.now) == Recusal::Full {
                read.push(None);
                continue;
            }
            if !programs.contains_key(&case.program) {
                let program = programs::ask(&tenant, case.program, 0);
                let view = self.unit.program_view(&program).await?;
                programs.extend(view.map(|view| (case.program, view.program)));
            }
            let known = (&staff.was[..], &staff.ties[..]);
            let program = programs.get(&case.program);
            read.push(program.map(|it| review(case, it, known, &self.cx).is_ok()));
        }
        Ok(read)
    }

    /// What one of the two has told a case themselves, if it is read.
    async fn told(
        &mut self,
        case: &Case,
        party: Party,
        reads: bool,
    ) -> Result<Vec<ToldCase>, Error> {
        if !reads {
            return Ok(Vec::new());
        }
        let tenant = self.export.tenant.clone();
        let ask =
            CaseAsk { tenant, case: case.id, actor: None, with_evidence: true, content: None };
        let Some(view) = self.unit.case_view(&ask).await? else { return Ok(Vec::new()) };
        let items = view.evidence.iter().filter_map(|it| it.read().ok().flatten());
        let told = items.filter(|it| it.author == party).filter_map(|it| match it.item {
            Item::Words { on, text } => Some(ToldCase { on, text, at: it.taken_at }),
            Item::Post { .. }
            | Item::CheckIn { .. }
            | Item::Introduction { .. }
            | Item::Ending { .. }
            | Item::Answers { .. } => None,
        });
        Ok(told.collect())
    }
}
