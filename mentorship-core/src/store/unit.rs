//! Reads for one decision, and the write that follows.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{
    ask::{
        CaseAsk, EnrollmentAsk, FilingAsk, ListAsk, Listed, Page, PairAsk, PersonAsk, ProgramAsk,
        ProposalAsk, RelationAsk, RenameAsk, RunAsk, TallyAsk,
    },
    error::StoreError,
};
use crate::{
    base::{
        host::{PersonId, TenantId},
        id::CommandId,
        people::PersonPair,
    },
    change::{Applied, ChangeSet, CommandRecord},
    statistics::Tally,
    view::{
        CaseView, EnrollmentView, FilingView, PairView, PersonView, ProgramView, ProposalView,
        RelationView, RenameView, RunView,
    },
};

/// Reads for one decision and the write that follows it. One thing at a time on one connection.
///
/// # Reads (a backend must)
/// 1. give `None` for what does not exist in the asked tenant, also if it exists in another;
/// 2. read the version of an anchor before, or in the same snapshot as, the facts it covers: a
///    [`Person`](crate::model::person::Person) covers their enrolments and live pairs, a
///    [`Relation`](crate::model::relation::Relation) the pairs and proposals of the two, an enrolment
///    its pairs and proposals, a pair its steps, posts and check-ins, a case its evidence;
/// 3. compare host keys byte for byte and give back instants to the microsecond;
/// 4. answer [`StoreErrorKind::Corrupt`](super::StoreErrorKind::Corrupt) for stored bytes that do not
///    make a record: never a panic, never a guess.
#[async_trait]
pub trait StoreUnit: Send {
    /// What a command on a program needs to know.
    async fn program_view(&mut self, ask: &ProgramAsk) -> Result<Option<ProgramView>, StoreError>;

    /// What a command on an enrolment, or applying, needs to know. `None` if the program or the
    /// enrolment does not exist.
    async fn enrollment_view(
        &mut self,
        ask: &EnrollmentAsk,
    ) -> Result<Option<EnrollmentView>, StoreError>;

    /// What making or answering a proposal needs to know. `None` if the proposal or one of the
    /// enrolments does not exist, if the two are of different programs, if the first is not a mentor's
    /// and the second not a mentee's, or if both belong to one person.
    async fn proposal_view(
        &mut self,
        ask: &ProposalAsk,
    ) -> Result<Option<ProposalView>, StoreError>;

    /// [`enrollment_view`](Self::enrollment_view) for each of several asks of one tenant, in their order.
    ///
    /// Here and in the other methods for several views: each is loaded by itself; a store that can answer
    /// many at once should. The views need not be of one instant.
    async fn enrollment_views(
        &mut self,
        asks: &[EnrollmentAsk],
    ) -> Result<Vec<Option<EnrollmentView>>, StoreError> {
        let mut views = Vec::with_capacity(asks.len());
        for ask in asks {
            views.push(self.enrollment_view(ask).await?);
        }
        Ok(views)
    }

    /// [`proposal_view`](Self::proposal_view) for each of several asks of one tenant, in their order.
    async fn proposal_views(
        &mut self,
        asks: &[ProposalAsk],
    ) -> Result<Vec<Option<ProposalView>>, StoreError> {
        let mut views = Vec::with_capacity(asks.len());
        for ask in asks {
            views.push(self.proposal_view(ask).await?);
        }
        Ok(views)
    }

    /// [`pair_view`](Self::pair_view) for each of several asks of one tenant, in their order.
    async fn pair_views(&mut self, asks: &[PairAsk]) -> Result<Vec<Option<PairView>>, StoreError> {
        let mut views = Vec::with_capacity(asks.len());
        for ask in asks {
            views.push(self.pair_view(ask).await?);
        }
        Ok(views)
    }

    /// What a command on a pair needs to know.
    async fn pair_view(&mut self, ask: &PairAsk) -> Result<Option<PairView>, StoreError>;

    /// What stands between two people. Never absent: nothing said is an empty relation.
    async fn relation_view(&mut self, ask: &RelationAsk) -> Result<RelationView, StoreError>;

    /// [`relation_view`](Self::relation_view) for each of several asks of one tenant, in their order.
    async fn relation_views(
        &mut self,
        asks: &[RelationAsk],
    ) -> Result<Vec<RelationView>, StoreError> {
        let mut views = Vec::with_capacity(asks.len());
        for ask in asks {
            views.push(self.relation_view(ask).await?);
        }
        Ok(views)
    }

    /// What filing a report needs to know. `None` if the program does not exist, or the target does not,
    /// or stands in another program.
    async fn filing_view(&mut self, ask: &FilingAsk) -> Result<Option<FilingView>, StoreError>;

    /// What a command on a report case needs to know.
    async fn case_view(&mut self, ask: &CaseAsk) -> Result<Option<CaseView>, StoreError>;

    /// Those of `others` with whom a block stands, whoever of the two set it.
    ///
    /// Asks [`relation_view`](Self::relation_view) for each; a store that can answer many at once
    /// should.
    async fn blocked_among(
        &mut self,
        tenant: &TenantId,
        person: &PersonId,
        others: &BTreeSet<PersonId>,
    ) -> Result<BTreeSet<PersonId>, StoreError> {
        let mut blocked = BTreeSet::new();
        for other in others {
            let Some(people) = PersonPair::new(person.clone(), other.clone()) else { continue };
            let ask = RelationAsk { tenant: tenant.clone(), people };
            if self.relation_view(&ask).await?.relation.is_blocked() {
                blocked.insert(other.clone());
            }
        }
        Ok(blocked)
    }

    /// What a person takes part in. Never absent: somebody unknown is an empty person.
    async fn person_view(&mut self, ask: &PersonAsk) -> Result<PersonView, StoreError>;

    /// What renaming a person needs to know. Never absent. A key is known if it stands in any record, audit
    /// event, message or reply of the tenant, settled messages and records that are over included; what
    /// people wrote is not searched.
    async fn rename_view(&mut self, ask: &RenameAsk) -> Result<RenameView, StoreError>;

    /// A run with its program and what became of its drafts, counted where the records are. `None` if the run
    /// does not exist. Where its drafts are not asked for, they are not counted. Asked by an admin, it counts those
    /// of its drafts that [`tally`](Self::tally) would.
    async fn run_view(&mut self, ask: &RunAsk) -> Result<Option<RunView>, StoreError>;

    /// What there is in a program, exactly; never absent: nothing is counted of a program that does not exist.
    /// A store counts where the records are, without reading them one by one.
    ///
    /// Asked by an admin, it leaves out the enrolments, the proposals and the pairs of everybody with whom a
    /// block stands between them and the admin, whoever set it (D9), and proposals of the admin's own that were
    /// not accepted (D31); a mentee whose live pairs are all with such people has none.
    async fn tally(&mut self, ask: &TallyAsk) -> Result<Tally, StoreError>;

    /// One page of a listing: at most [`PAGE_MAX`](super::PAGE_MAX) items in the listing's order,
    /// strictly after the cursor. Following `next` to its end gives every item that was there all the
    /// time exactly once, whatever is written meanwhile.
    async fn list(&mut self, ask: &ListAsk) -> Result<Page<Listed>, StoreError>;

    /// A command that was carried out before.
    async fn command(
        &mut self,
        tenant: &TenantId,
        id: CommandId,
    ) -> Result<Option<CommandRecord>, StoreError>;

    /// [`command`](Self::command) for each of several ids, in their order. Each is looked up by itself; a
    /// store that can look up many at once should.
    async fn commands(
        &mut self,
        tenant: &TenantId,
        ids: &[CommandId],
    ) -> Result<Vec<Option<CommandRecord>>, StoreError> {
        let mut records = Vec::with_capacity(ids.len());
        for id in ids {
            records.push(self.command(tenant, *id).await?);
        }
        Ok(records)
    }

    /// Checks every guard, then writes the commands, every change, audit event and message, or nothing.
    ///
    /// # Duties
    /// 1. If one of `commands` is stored already: write nothing and answer [`Applied::Repeated`] with
    ///    what is stored of the first such, whatever the guards say.
    /// 2. Check and hold each guarded record in key order before any other write. One that is not at
    ///    its version (or exists although its guard says new) is a `Conflict`, also if the set only
    ///    reads it, and the transaction of a joined host stays usable.
    /// 3. Write each versioned record with the version after the one it carries, and each touched
    ///    anchor with the version after its guard.
    /// 4. Refuse an unknown change as `Unsupported` before writing anything.
    /// 5. Keep belts that hold even where a guard was forgotten, and answer `Integrity`, writing
    ///    nothing, for a set that breaks one: at most one live enrolment per program, person and role;
    ///    at most one live pair and one open proposal per program and two people; no live pair and no
    ///    open proposal between blocked people; live pairs of an enrolment at most its capacity, or
    ///    what they were when it was lowered; nobody in a pair that needs adults whose adult date is
    ///    unknown or later than the day after the pair's `adults_at`; at most one open case per reporter,
    ///    subject, program and object; no second item of evidence in one place, no second run of one id; no
    ///    change of a record in a terminal state to another state.
    /// 6. Audit events and messages appear with the changes or not at all, in the order given.
    /// 7. [`RenamePerson`](crate::change::Change::RenamePerson): refuse a set whose
    ///    [`renaming`](ChangeSet::renaming) is none as `Unsupported`, and answer `Conflict` if the key that
    ///    comes is known by now. Otherwise put it wherever the other one stands, as
    ///    [`Rename`](crate::model::rename::Rename) says for each record, in what is over, settled and
    ///    parked as well, and leave no trace of the other. The person under the key that comes gets the
    ///    version after the guard of the one that goes, whose record is gone; every other versioned record
    ///    that held the key gets the version after its own, so that whoever has read it before conflicts.
    ///    A relation takes its counters and each side's words along, also where the two change places. The
    ///    belts hold throughout. Everything that says the key, and was begun before by somebody who holds
    ///    the person, a relation, an enrolment, a proposal or a pair of theirs, is either renamed too or
    ///    conflicts.
    async fn apply(&mut self, changes: ChangeSet) -> Result<Applied, StoreError>;
}
