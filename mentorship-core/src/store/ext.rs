//! Typed listings over [`StoreUnit::list`], for everybody who does not write a backend.

use async_trait::async_trait;

use super::{
    ask::{ListAsk, Listed, Page},
    error::{StoreError, StoreErrorKind},
    unit::StoreUnit,
};
use crate::{
    model::{
        enrollment::Enrollment,
        event::AuditEvent,
        journal::{CheckIn, Post},
        pair::Pair,
        person::Person,
        program::Program,
        proposal::Proposal,
        relation::Relation,
        report::Case,
        run::Run,
        signal::Signal,
    },
    view::{Between, Candidate, Pooled},
};

macro_rules! listings {
    ($($(#[$doc:meta])+ $name:ident, $variant:ident, $item:ty;)+) => {
        /// Typed listings. Implemented for every unit; a listing of another kind of item than the
        /// method's is answered with `Unsupported`.
        #[async_trait]
        pub trait UnitExt: StoreUnit {
            $($(#[$doc])+ async fn $name(&mut self, ask: &ListAsk) -> Result<Page<$item>, StoreError>;)+
        }

        #[async_trait]
        impl<U: StoreUnit + ?Sized> UnitExt for U {
            $(async fn $name(&mut self, ask: &ListAsk) -> Result<Page<$item>, StoreError> {
                let page = self.list(ask).await?;
                let items = page.items.into_iter().map(|item| match item {
                    Listed::$variant(item) => Ok(*item),
                    _ => Err(StoreError::new(StoreErrorKind::Unsupported, "list")),
                });
                Ok(Page { items: items.collect::<Result<_, _>>()?, next: page.next })
            })+
        }
    };
}

listings! {
    /// Programs.
    list_programs, Program, Program;
    /// Enrolments.
    list_enrollments, Enrollment, Enrollment;
    /// Possible partners.
    list_candidates, Candidate, Candidate;
    /// People who may be paired.
    list_pool, Pooled, Pooled;
    /// What is known of two people.
    list_between, Between, Between;
    /// Proposals.
    list_proposals, Proposal, Proposal;
    /// Runs.
    list_runs, Run, Run;
    /// Pairs.
    list_pairs, Pair, Pair;
    /// Posts and comments.
    list_posts, Post, Post;
    /// Check-ins.
    list_check_ins, CheckIn, CheckIn;
    /// Relations.
    list_relations, Relation, Relation;
    /// People.
    list_people, Person, Person;
    /// What there is around people.
    list_signals, Signal, Signal;
    /// Report cases.
    list_cases, Case, Case;
    /// Audit events.
    list_audit, Audit, AuditEvent;
}
