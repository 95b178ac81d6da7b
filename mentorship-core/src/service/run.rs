//! Load, ask the host, decide, apply; again if a record changed meanwhile.

use std::{collections::BTreeSet, pin::Pin, time::Duration};

use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use tracing::{Instrument, Span, field};

use super::{Error, Service};
use crate::{
    base::{
        host::TenantId,
        id::{CommandId, Id},
        version::Version,
    },
    change::{Applied, CommandRecord, Key},
    decide::{Cx, Decision, FollowUp, Refusal, refusal::code},
    policy::actor::Actor,
    store::{
        CaseAsk, EnrollmentAsk, FilingAsk, PairAsk, PersonAsk, ProgramAsk, ProposalAsk,
        RelationAsk, RenameAsk, StoreError, StoreErrorKind, StoreUnit,
        ask::{EnrollmentTarget, ProposalTarget},
    },
    view::{
        CaseView, EnrollmentView, FilingView, Guarded, PairView, PersonView, ProgramView,
        ProposalView, RelationView, RenameView,
    },
};

/// Longest wait between two attempts.
const WAIT_MAX_MS: u64 = 500;
/// First step of the waits; each further one may be twice as long.
const WAIT_STEP_MS: u64 = 4;

/// An ask that knows its view.
#[async_trait]
pub(super) trait Load: Send + Sync {
    type View: Send + Sync;

    async fn load(&self, unit: &mut dyn StoreUnit) -> Result<Option<Self::View>, StoreError>;

    /// Notes our own ids of what is asked for. A host's key, of a person above all, is never noted.
    fn note(&self, span: &Span);

    /// What a decision on the view rests on.
    fn guards(view: &Self::View) -> Vec<(Key, Version)>;
}

fn noted<I: Id>(span: &Span, name: &'static str, id: I) {
    span.record(name, field::display(id));
}

macro_rules! loads {
    ($($ask:ty => $view:ty, $method:ident, $wrap:expr, $note:expr;)+) => {$(
        #[async_trait]
        impl Load for $ask {
            type View = $view;

            async fn load(&self, unit: &mut dyn StoreUnit) -> Result<Option<$view>, StoreError> {
                unit.$method(self).await.map($wrap)
            }

            fn note(&self, span: &Span) {
                let note: fn(&Self, &Span) = $note;
                note(self, span);
            }

            fn guards(view: &$view) -> Vec<(Key, Version)> {
                view.guards()
            }
        }
    )+};
}

loads! {
    ProgramAsk => ProgramView, program_view, |view| view, |ask, span| {
        noted(span, "program", ask.program);
    };
    EnrollmentAsk => EnrollmentView, enrollment_view, |view| view, |ask, span| match &ask.target {
        EnrollmentTarget::Existing(id) => noted(span, "enrollment", *id),
        EnrollmentTarget::New { program, person: _ } => noted(span, "program", *program),
    };
    ProposalAsk => ProposalView, proposal_view, |view| view, |ask, span| match &ask.target {
        ProposalTarget::Existing(id) => noted(span, "proposal", *id),
        ProposalTarget::New { mentor, mentee } => {
            noted(span, "mentor", *mentor);
            noted(span, "mentee", *mentee);
        }
    };
    PairAsk => PairView, pair_view, |view| view, |ask, span| noted(span, "pair", ask.pair);
    RelationAsk => RelationView, relation_view, Some, |_, _| {};
    PersonAsk => PersonView, person_view, Some, |_, _| {};
    RenameAsk => RenameView, rename_view, Some, |_, _| {};
    FilingAsk => FilingView, filing_view, |view| view, |ask, span| {
        noted(span, "program", ask.program);
    };
    CaseAsk => CaseView, case_view, |view| view, |ask, span| noted(span, "case", ask.case);
}

/// A command that reads no view.
#[derive(Debug)]
pub(super) struct Nothing;

#[async_trait]
impl Load for Nothing {
    type View = ();

    async fn load(&self, _unit: &mut dyn StoreUnit) -> Result<Option<()>, StoreError> {
        Ok(Some(()))
    }

    fn note(&self, _span: &Span) {}

    fn guards((): &()) -> Vec<(Key, Version)> {
        Vec::new()
    }
}

/// Asks the host what a decision needs besides its view.
#[async_trait]
pub(super) trait Gather<V: Sync>: Send + Sync {
    type Facts: Send;

    async fn gather(&self, view: &V) -> Result<Self::Facts, Error>;
}

#[async_trait]
impl<V: Sync, G: Gather<V>> Gather<V> for &G {
    type Facts = G::Facts;

    async fn gather(&self, view: &V) -> Result<G::Facts, Error> {
        (**self).gather(view).await
    }
}

/// Nothing is asked.
pub(super) struct NoFacts;

#[async_trait]
impl<V: Sync> Gather<V> for NoFacts {
    type Facts = ();

    async fn gather(&self, _view: &V) -> Result<(), Error> {
        Ok(())
    }
}

/// A command's name and input, as far as they make it the same command again.
pub(super) struct Order<'a> {
    pub(super) actor: &'a Actor,
    pub(super) kind: &'static str,
    pub(super) input: &'a (dyn Input + Sync),
    /// Whether who gave it is no part of its digest.
    pub(super) unsigned: bool,
}

/// Serialising without naming the type, so that the loop below is compiled once per view and reply.
pub(super) trait Input {
    fn json(&self) -> String;
}

impl<T: Serialize> Input for T {
    fn json(&self) -> String {
        // Inputs are plain data with string keys; should one ever fail, its digest is that of nothing.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl<'a> Order<'a> {
    pub(super) fn new<I: Serialize + Sync>(
        actor: &'a Actor,
        kind: &'static str,
        input: &'a I,
    ) -> Self {
        Self { actor, kind, input, unsigned: false }
    }

    /// The same with a digest that does not tell who gave it, for whoever erases their own key: beside their
    /// pseudonym a list of keys would undo it.
    pub(super) fn unsigned(self, unsigned: bool) -> Self {
        Self { unsigned, ..self }
    }

    /// The command's span: codes and our own ids, never a host's key and never text.
    fn span(&self) -> Span {
        let span = tracing::info_span!(
            "mentorship.command",
            kind = self.kind,
            command = field::Empty,
            program = field::Empty,
            enrollment = field::Empty,
            mentor = field::Empty,
            mentee = field::Empty,
            proposal = field::Empty,
            pair = field::Empty,
            case = field::Empty,
            attempts = field::Empty,
            outcome = field::Empty,
        );
        if let Some(id) = self.actor.command() {
            noted(&span, "command", id);
        }
        span
    }

    pub(super) fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let who = if self.unsigned {
            String::new()
        } else {
            serde_json::to_string(&self.actor.to_ref()).unwrap_or_default()
        };
        for part in [who.as_str(), self.kind, &self.input.json()] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

pub(super) fn repeated<T: DeserializeOwned>(
    record: &CommandRecord,
    digest: [u8; 32],
) -> Result<T, Error> {
    if record.digest != digest {
        return Err(Refusal::CommandReused.into());
    }
    serde_json::from_str(&record.reply).map_err(|error| {
        StoreError::new(StoreErrorKind::Corrupt, "command").with_source(error).into()
    })
}

/// A command under way. In a box that is made here, a command is compiled with the library and not once more
/// with each crate that calls it.
pub(super) type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

impl Service<'_> {
    /// Carries a command out that needs nothing from the host.
    pub(super) fn run<'a, L, T, D>(&'a self, order: Order<'a>, ask: L, decide: D) -> Pending<'a, T>
    where
        L: Load + 'a,
        T: Serialize + DeserializeOwned + Send + 'a,
        D: Fn(&L::View, Cx<'_>) -> Result<Decision<T>, Refusal> + Send + Sync + 'a,
    {
        self.run_with(order, ask, NoFacts, move |view, (), cx| decide(view, cx))
    }

    /// Carries a command out; `gather` asks the host what the decision needs besides the view.
    pub(super) fn run_with<'a, L, G, T, D>(
        &'a self,
        order: Order<'a>,
        ask: L,
        gather: G,
        decide: D,
    ) -> Pending<'a, T>
    where
        L: Load + 'a,
        G: Gather<L::View> + 'a,
        T: Serialize + DeserializeOwned + Send + 'a,
        D: Fn(&L::View, G::Facts, Cx<'_>) -> Result<Decision<T>, Refusal> + Send + Sync + 'a,
    {
        Box::pin(async move {
            let tenant = order.actor.tenant().clone();
            let span = order.span();
            ask.note(&span);
            let mut unknown = false;
            let outcome = self.attempt(&order, &ask, &gather, &decide, &span, &mut unknown);
            let outcome = outcome.instrument(span.clone()).await;
            let outcome = outcome.map_err(|error| if unknown { in_doubt(error) } else { error });
            span.record("outcome", outcome.as_ref().map_or_else(Error::code, |_| "done"));
            match outcome {
                Ok((reply, next)) => {
                    span.in_scope(|| tracing::debug!("done"));
                    for follow_up in next {
                        self.follow(&tenant, follow_up).await;
                    }
                    Ok(reply)
                }
                Err(error) => {
                    span.in_scope(|| tracing::debug!(code = error.code(), "refused or failed"));
                    Err(error)
                }
            }
        })
    }

    /// Sets `unknown` once an attempt may have landed or not.
    async fn attempt<L, G, T, D>(
        &self,
        order: &Order<'_>,
        ask: &L,
        gather: &G,
        decide: &D,
        span: &Span,
        unknown: &mut bool,
    ) -> Result<(T, Vec<FollowUp>), Error>
    where
        L: Load,
        G: Gather<L::View>,
        T: Serialize + DeserializeOwned + Send,
        D: Fn(&L::View, G::Facts, Cx<'_>) -> Result<Decision<T>, Refusal> + Send + Sync,
    {
        let mut unit = self.store.unit().await?;
        // Whether it was carried out before is not looked up first: hardly any command was, and it would
        // cost each of them a round trip. `apply` tells, and it is looked up before a refusal is final.
        let command = order.actor.command().map(|id| (id, order.digest()));
        let tenant = order.actor.tenant();
        let mut attempt = 0;
        // What earlier attempts found.
        let mut stood = BTreeSet::new();
        let mut loaded = None;
        loop {
            attempt += 1;
            span.record("attempts", attempt);
            let view = match loaded.take() {
                Some(again) => again,
                None => match self.look(ask, &mut *unit, attempt).await? {
                    Some(view) => view,
                    None => continue,
                },
            };
            let Some(view) = view else {
                // Looked for twice, as what is refused after a look at it: what is hidden and what is not there
                // take the same.
                let Some(again) = self.look(ask, &mut *unit, attempt).await? else { continue };
                if again.is_none() {
                    return stands_or(&mut *unit, tenant, command, Refusal::NotFound.into()).await;
                }
                if attempt >= self.attempts {
                    return Err(StoreError::conflict().into());
                }
                loaded = Some(again);
                continue;
            };
            // Nothing ever goes away but under a key that a rename has taken: what was meant for whoever
            // had it is not made of somebody new.
            let guards = L::guards(&view);
            if guards.iter().any(|(key, version)| version.is_new() && stood.contains(key)) {
                return stands_or(&mut *unit, tenant, command, Refusal::NotFound.into()).await;
            }
            let known = guards.iter().filter(|(_, it)| !it.is_new());
            stood.extend(known.map(|(key, _)| key.clone()));
            let facts = match gather.gather(&view).await {
                // Asking may write down what the host said. Whether that landed shows in the view.
                Err(Error::Store(error))
                    if error.kind() == StoreErrorKind::InDoubt && attempt < self.attempts =>
                {
                    self.wait(attempt, &error).await;
                    continue;
                }
                Err(error @ Error::Store(_)) => return Err(error),
                Err(Error::Refused(refusal)) => Err(refusal),
                Err(error) => return stands_or(&mut *unit, tenant, command, error).await,
                Ok(facts) => Ok(facts),
            };
            let cx = Cx { actor: order.actor, now: self.now(), ids: &*self.ids };
            let now = cx.now;
            let decided = facts.and_then(|facts| decide(&view, facts, cx));
            let Decision { mut changes, reply, next } = match decided {
                Ok(decision) => decision,
                Err(refusal) => {
                    let Some(again) = self.look(ask, &mut *unit, attempt).await? else { continue };
                    if stands::<L>(&guards, again.as_ref()) {
                        return stands_or(&mut *unit, tenant, command, refusal.into()).await;
                    }
                    if attempt >= self.attempts {
                        return Err(StoreError::conflict().into());
                    }
                    loaded = Some(again);
                    continue;
                }
            };
            self.oversee(order.actor, order.kind, &mut changes, now);
            if let Some((id, digest)) = command {
                changes.commands.push(record_of(id, digest, order.kind, &reply, now)?);
            }
            if changes.is_empty() {
                return Ok((reply, next));
            }
            let error = match unit.apply(changes).await {
                Ok(Applied::Stored) => return Ok((reply, next)),
                Ok(Applied::Repeated(record)) => {
                    let digest = command.map_or([0; 32], |(_, digest)| digest);
                    return Ok((repeated(&record, digest)?, Vec::new()));
                }
                Err(error) => error,
            };
            // An unknown outcome is settled by the command's id: the next attempt either finds it
            // stored or stores it, never both.
            let settles = error.kind() == StoreErrorKind::InDoubt && command.is_some();
            *unknown |= settles;
            if attempt >= self.attempts || !(error.is_retryable() || settles) {
                return Err(error.into());
            }
            self.wait(attempt, &error).await;
        }
    }

    /// Reads what is asked for. Nothing if that failed for a moment, since a connection was lost or the server
    /// starts anew: then it has waited, and the command is tried again.
    async fn look<L: Load>(
        &self,
        ask: &L,
        unit: &mut dyn StoreUnit,
        attempt: u8,
    ) -> Result<Option<Option<L::View>>, StoreError> {
        match ask.load(unit).await {
            Err(error) if error.kind() == StoreErrorKind::Busy && attempt < self.attempts => {
                self.wait(attempt, &error).await;
                Ok(None)
            }
            found => found.map(Some),
        }
    }

    /// Waits before the next attempt.
    pub(super) async fn wait(&self, attempt: u8, error: &StoreError) {
        tracing::debug!(attempt, kind = %error.kind(), "again");
        self.backoff.wait(self.jittered(attempt)).await;
    }

    /// A wait drawn evenly from nothing to a bound that doubles with each attempt.
    fn jittered(&self, attempt: u8) -> Duration {
        let bound = WAIT_STEP_MS.saturating_mul(1_u64 << attempt.min(10)).min(WAIT_MAX_MS);
        let (high, _) = self.ids.random().as_u64_pair();
        Duration::from_millis(high % bound.max(1))
    }
}

/// Whether what a refusal rests on still is what it was: `again` was read after it.
///
/// What is written is compared when it is written; a refusal writes nothing. A view that is read in several
/// statements may be of several moments, and a decision on it of none. Versions only grow: where a second
/// read finds them all the same, what the first one found is what was there at the moment between the two.
pub(super) fn stands<L: Load>(guards: &[(Key, Version)], again: Option<&L::View>) -> bool {
    again.is_some_and(|view| L::guards(view) == guards)
}

/// The same command may have been carried out before, or from another worker since: then this is its own
/// effect that stands in the way, or does not matter any more, and the reply is the same.
async fn stands_or<T: DeserializeOwned>(
    unit: &mut dyn StoreUnit,
    tenant: &TenantId,
    command: Option<(CommandId, [u8; 32])>,
    error: Error,
) -> Result<(T, Vec<FollowUp>), Error> {
    if let Some((id, digest)) = command
        && let Some(record) = unit.command(tenant, id).await?
    {
        return Ok((repeated(&record, digest)?, Vec::new()));
    }
    Err(error)
}

/// What stopped a command of which an earlier attempt may have landed, or may still land: its server may not
/// have come to an end with it when the look for it found nothing, whatever was refused since.
pub(super) fn in_doubt(error: Error) -> Error {
    match error {
        Error::Store(error) if error.kind() == StoreErrorKind::InDoubt => error.into(),
        Error::Refused(Refusal::CommandReused) => error,
        error => StoreError::new(StoreErrorKind::InDoubt, "apply").with_source(error).into(),
    }
}

pub(super) fn record_of<T: Serialize>(
    id: CommandId,
    digest: [u8; 32],
    kind: &'static str,
    reply: &T,
    at: crate::base::time::Timestamp,
) -> Result<CommandRecord, Error> {
    let reply = serde_json::to_string(reply)
        .map_err(|error| StoreError::new(StoreErrorKind::Other, "command").with_source(error))?;
    Ok(CommandRecord { id, kind: code(kind), digest, reply, at })
}
