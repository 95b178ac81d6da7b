//! Everything of a person's in a tenant as one document (row 63).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    Error, OwnReport, Service, Statement,
    former::{self, Pseudonyms},
    programs,
    queries::{ListItem, PageAsk, as_own, cards, cases, filled, own_events},
};
use crate::{
    base::{
        host::{PersonId, TenantId},
        id::{EnrollmentId, PairId, PostId, ProgramId, ProposalId},
        text::{Body, Note, Slug},
        time::Timestamp,
    },
    decide::{
        Cx, access, read,
        refusal::code,
        report::{Recusal, recusal, review},
    },
    model::{
        answer::Answers,
        enrollment::{Consent, Enrollment, EnrollmentState, Role},
        event::AuditEvent,
        journal::{CheckIn, Post},
        pair::{EndKind, EndedBy, Pair, PairState},
        proposal::{Answered, Proposal, ProposalState},
        relation::{Relation, Stance},
        report::{Case, Item, Occasion, Party},
        restriction::{Ban, Mute},
    },
    policy::{
        actor::{Actor, Hat},
        permission::{Action, Standing},
    },
    store::{
        CaseAsk, CaseScope, Cursor, ListAsk, Listing, Page, PersonAsk, StoreUnit, UnitExt,
        ask::AuditScope,
    },
};

/// The form of [`Export`] that this version writes. A form once released never changes its meaning: fields
/// are only added, or the number goes up.
pub const EXPORT_FORMAT: u32 = 1;

/// Which part of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportAsk {
    /// About how many items are read for one part, 1 to 500; default 500. A part may hold fewer, also none.
    pub limit: u16,
    /// `next` of the part before; `None` for the first.
    pub after: Option<ExportPlace>,
}

impl Default for ExportAsk {
    fn default() -> Self {
        Self { limit: 500, after: None }
    }
}

/// Where the next part of an export begins. A host passes it back as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportPlace {
    section: Section,
    after: Option<Cursor>,
    pair: Option<InPair>,
}

/// In which pair an export is, and where it goes on after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct InPair {
    pair: PairId,
    side: Role,
    next: Option<Cursor>,
}

/// The lists of an export, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Section {
    Enrollments,
    Offers,
    Pairs,
    Posts,
    CheckIns,
    Blocks,
    Avoids,
    Wishes,
    Reports,
    Statements,
    Events,
}

impl From<Section> for ExportPlace {
    fn from(section: Section) -> Self {
        Self { section, after: None, pair: None }
    }
}

/// Everything of a person's in a tenant, or a part of it: parts have the same form, and appended list by list
/// they are the whole. As JSON, instants are RFC 3339 in UTC, ids and keys are text, and codes are those of
/// the library's documentation.
///
/// It holds what the person wrote, was asked, decided and said, and what was decided about them. It never
/// holds what somebody else wrote (but questions and reasons of reviewers that were addressed to the person),
/// what somebody said about them (that they block them above all), who reported them, or that there is a case
/// of which they were not told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// [`EXPORT_FORMAT`].
    pub format: u32,
    /// The tenant.
    pub tenant: TenantId,
    /// Whose data it is.
    pub person: PersonId,
    /// When this part was read.
    pub at: Timestamp,
    /// What the library keeps about the person themselves; the same in every part.
    pub facts: ExportedFacts,
    /// Their enrolments, oldest first.
    pub enrollments: Vec<ExportedEnrollment>,
    /// The offers they were made, oldest first.
    pub offers: Vec<ExportedOffer>,
    /// Their pairs, oldest first.
    pub pairs: Vec<ExportedPair>,
    /// Their posts and comments, pair by pair and by number.
    pub posts: Vec<ExportedPost>,
    /// Their check-ins, pair by pair and by time.
    pub check_ins: Vec<CheckIn>,
    /// Whom they block, by key.
    pub blocks: Vec<Said>,
    /// With whom they wish not to be matched, by key.
    pub avoids: Vec<Said>,
    /// With whom they wish to be matched, by key.
    pub wishes: Vec<Said>,
    /// What they have reported, oldest first.
    pub reports: Vec<ExportedReport>,
    /// What was decided about them, oldest first.
    pub statements: Vec<ExportedStatement>,
    /// What they did, by time.
    pub events: Vec<AuditEvent>,
    /// Where the next part begins; `None` in the last one.
    pub next: Option<ExportPlace>,
}

/// What the library keeps about a person themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedFacts {
    /// The date of the 18th birthday, as the host vouched for it.
    pub adult_on: Option<chrono::NaiveDate>,
    /// The zone that the host has verified.
    pub zone: Option<chrono_tz::Tz>,
    /// Whether they asked for no reminders.
    pub reminders_off: bool,
    /// Where they may not take part, as decided in cases of which they were told; also what is over.
    pub bans: Vec<Ban>,
    /// Whether the platform takes only urgent reports from them; also if that is over.
    pub mute: Option<Mute>,
}

/// An enrolment of the person's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedEnrollment {
    /// The enrolment.
    pub enrollment: EnrollmentId,
    /// The program.
    pub program: ProgramId,
    /// As what.
    pub role: Role,
    /// Code of its state.
    pub state: Slug,
    /// What an admin asked of them, while it waits for their answer.
    pub question: Option<Note>,
    /// Why they wait, or were not accepted or taken out, as a code.
    pub reason: Option<Slug>,
    /// When their place on the waitlist is looked at again.
    pub next_review_at: Option<Timestamp>,
    /// When their pause ends by itself.
    pub paused_until: Option<Timestamp>,
    /// Places offered.
    pub capacity: u8,
    /// Since when they have been waiting.
    pub priority_since: Timestamp,
    /// What they agreed to.
    pub consent: Consent,
    /// Which version of the form the answers belong to.
    pub form_version: u32,
    /// The answers, in full.
    pub answers: Answers,
    /// When they applied.
    pub applied_at: Timestamp,
    /// When it was over.
    pub over_at: Option<Timestamp>,
    /// When it is looked at whether the answers were kept long enough; nothing while it is not over, and when
    /// they are gone.
    pub kept_until: Option<Timestamp>,
}

/// An offer to the person, and what they said to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedOffer {
    /// The proposal.
    pub proposal: ProposalId,
    /// The program.
    pub program: ProgramId,
    /// As what they were asked.
    pub role: Role,
    /// The other person.
    pub partner: PersonId,
    /// Code of its state, as the person sees it.
    pub state: Slug,
    /// When it was made.
    pub offered_at: Option<Timestamp>,
    /// Their own answer, while the offer is open.
    pub answer: Option<Answered>,
    /// Why they declined, as a code.
    pub declined_for: Option<Slug>,
}

/// A pair of the person's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedPair {
    /// The pair.
    pub pair: PairId,
    /// The program.
    pub program: ProgramId,
    /// As what.
    pub role: Role,
    /// The partner.
    pub partner: PersonId,
    /// Code of its state, as the person sees it.
    pub state: Slug,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended or was completed.
    pub over_at: Option<Timestamp>,
    /// Why it ended, as the person sees it.
    pub reason: Option<EndKind>,
    /// Their own words when they ended it.
    pub note: Option<Note>,
    /// What they said to introduce themselves.
    pub introduction: Option<Note>,
    /// Since when that is shown to the person alone, while a case or the host looks at it.
    pub withheld_since: Option<Timestamp>,
    /// The pair before, if this is another round.
    pub previous_pair: Option<PairId>,
    /// When it is looked at whether what was written there was kept long enough; nothing while it lives, and
    /// when that is gone.
    pub kept_until: Option<Timestamp>,
}

/// A post or a comment of the person's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedPost {
    /// The post.
    pub post: PostId,
    /// The pair.
    pub pair: PairId,
    /// The step.
    pub step: Slug,
    /// The post that it comments on.
    pub reply_to: Option<PostId>,
    /// Its number within the pair.
    pub number: u64,
    /// What it says; nothing once it is removed.
    pub body: Option<Body>,
    /// When it was written.
    pub at: Timestamp,
    /// How often it was edited.
    pub revision: u32,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
    /// When it was removed.
    pub removed_at: Option<Timestamp>,
    /// Since when it is shown to the person alone, while a case or the host looks at it.
    pub withheld_since: Option<Timestamp>,
}

/// What the person has said about somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// About whom.
    pub about: PersonId,
    /// Since when.
    pub since: Timestamp,
}

/// What the person told a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldCase {
    /// On what occasion.
    pub on: Occasion,
    /// What; nothing if it had no words.
    pub text: Option<Body>,
    /// When.
    pub at: Timestamp,
}

/// A report of the person's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedReport {
    /// What they reported, and what came of it.
    pub report: OwnReport,
    /// What they told the case.
    pub told: Vec<ToldCase>,
}

/// What was decided about the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedStatement {
    /// The statement of reasons.
    pub statement: Statement,
    /// What they told the case.
    pub told: Vec<ToldCase>,
}

/// What of a state is told: what was asked, why, until when it is looked at or goes on.
type Told = (Option<Note>, Option<Slug>, Option<Timestamp>, Option<Timestamp>);

fn told(state: &EnrollmentState) -> Told {
    match state {
        EnrollmentState::NeedsInfo { question, .. } => (Some(question.clone()), None, None, None),
        EnrollmentState::Waitlisted { reason, next_review_at, .. } => {
            (None, Some(reason.clone()), Some(*next_review_at), None)
        }
        EnrollmentState::Rejected { reason, .. } | EnrollmentState::Removed { reason, .. } => {
            (None, Some(reason.clone()), None, None)
        }
        EnrollmentState::Paused { until, .. } => (None, None, None, *until),
        // It is what it goes back to, and held.
        EnrollmentState::Suspended { resume_to, .. } => told(resume_to),
        EnrollmentState::Submitted { .. }
        | EnrollmentState::Active { .. }
        | EnrollmentState::Withdrawn { .. }
        | EnrollmentState::Closed { .. } => (None, None, None, None),
    }
}

fn enrollment(it: Enrollment) -> ExportedEnrollment {
    let (question, reason, next_review_at, paused_until) = told(&it.state);
    ExportedEnrollment {
        enrollment: it.id,
        program: it.program,
        role: it.role,
        state: code(it.state.code()),
        question,
        reason,
        next_review_at,
        paused_until,
        capacity: it.capacity,
        priority_since: it.priority_since,
        consent: it.consent,
        form_version: it.form_version,
        answers: it.answers,
        applied_at: it.applied_at,
        over_at: it.state.over_at(),
        kept_until: it.keep_until,
    }
}

fn offer(it: &Proposal, side: Role) -> ExportedOffer {
    let answer = match (&it.state, side) {
        (ProposalState::Offered { mentor, .. }, Role::Mentor) => Some(*mentor),
        (ProposalState::Offered { mentee, .. }, Role::Mentee) => Some(*mentee),
        _ => None,
    };
    let declined_for = match &it.state {
        ProposalState::Declined { by, reason, .. } if *by == side => reason.clone(),
        _ => None,
    };
    ExportedOffer {
        proposal: it.id,
        program: it.program,
        role: side,
        partner: it.person(side.opposite()).clone(),
        state: cards::offer_state(it, side),
        offered_at: it.offered_at,
        answer,
        declined_for,
    }
}

fn pair(it: &Pair, side: Role) -> ExportedPair {
    let standing = match side {
        Role::Mentor => Standing::Mentor,
        Role::Mentee => Standing::Mentee,
    };
    let card = cards::pair(it, standing);
    // What the partner shared is the partner's.
    let own = |it: &Pair| matches!(&it.state, PairState::Ended { end, .. } if end.by == EndedBy::Side(side));
    ExportedPair {
        pair: it.id,
        program: it.program,
        role: side,
        partner: it.participant(side.opposite()).person.clone(),
        state: card.state,
        started_at: it.started_at,
        over_at: card.over_at,
        reason: card.reason,
        note: card.note.filter(|_| own(it)),
        introduction: it.participant(side).introduction.clone(),
        withheld_since: it.participant(side).withheld.as_ref().map(|it| it.since),
        previous_pair: it.previous_pair,
        kept_until: it.due_at.filter(|_| !it.state.is_live()),
    }
}

fn post(it: Post) -> ExportedPost {
    ExportedPost {
        post: it.id,
        pair: it.pair,
        step: it.step,
        reply_to: it.reply_to,
        number: it.seq,
        body: it.body,
        at: it.at,
        revision: it.revision,
        edited_at: it.edited_at,
        removed_at: it.removed_at,
        withheld_since: it.withheld.map(|it| it.since),
    }
}

fn said(
    relation: &Relation,
    person: &PersonId,
    since: impl Fn(&Stance) -> Option<Timestamp>,
) -> Option<Said> {
    let about = relation.people.other(person)?.clone();
    Some(Said { about, since: since(relation.stance(person)?)? })
}

/// An export under way: whose, for whom, and how much of this part is left.
struct Walk<'w> {
    cx: Cx<'w>,
    pseudonyms: Option<Arc<Pseudonyms>>,
    unit: Box<dyn StoreUnit + 'w>,
    export: Export,
    room: u16,
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
    async fn step(&mut self, place: ExportPlace) -> Result<Option<ExportPlace>, Error> {
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
        for case in page.items {
            let Some(reads) = self.reads(&case).await? else { continue };
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

    /// Whether what was told to a case goes into the export: staff reads of a case what its reviewers do, in an
    /// export too. Nothing if to them there is no case (D13).
    async fn reads(&mut self, case: &Case) -> Result<Option<bool>, Error> {
        let staff = match self.cx.actor.hat() {
            Hat::Staff(staff) => staff.clone(),
            Hat::Person(_) | Hat::GroupAdmin { .. } | Hat::Host | Hat::Clock => {
                return Ok(Some(true));
            }
        };
        let (tenant, two) = (self.export.tenant.clone(), case.two().collect::<Vec<_>>());
        let by = (&tenant, self.pseudonyms.as_deref());
        let staff = former::reviewer(&mut *self.unit, by, staff, &two).await?;
        if recusal(case, &staff, true, self.cx.now) == Recusal::Full {
            return Ok(None);
        }
        let program = programs::ask(&tenant, case.program, 0);
        let Some(view) = self.unit.program_view(&program).await? else { return Ok(None) };
        let known = (&staff.was[..], &staff.ties[..]);
        Ok(Some(review(case, &view.program, known, &self.cx).is_ok()))
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
            | Item::Answers { .. } => None,
        });
        Ok(told.collect())
    }
}

impl Service<'_> {
    /// Everything of a person's in the tenant as one document, part by part (row 63): for the person
    /// themselves, and for staff who run it for them. Each part reads a bounded number of items; follow
    /// `next` to the end. What changes meanwhile may be in it as it was or as it is. That it is read is
    /// written down, where the person reads it in their own part of the log if they did it themselves. Of a case
    /// from which something recuses them staff reads nothing, and no words of one that they do not review (D13).
    ///
    /// # Errors
    /// [`Refusal::NotFound`](crate::decide::Refusal::NotFound) for anybody else.
    pub async fn export_person(
        &self,
        actor: &Actor,
        person: &PersonId,
        ask: ExportAsk,
    ) -> Result<Export, Error> {
        let now = self.now();
        let cx = Cx { actor, now, ids: &*self.ids };
        access::to_own(&cx, Action::ExportPerson, person)?;
        let pseudonyms = self.pseudonyms(actor.tenant()).await?;
        self.record_read(&actor.without_command(), |cx| read::person(person, cx)).await?;
        let tenant = actor.tenant().clone();
        let mut unit = self.unit().await?;
        let of = PersonAsk { tenant: tenant.clone(), person: person.clone() };
        let about = unit.person_view(&of).await?.person;
        let export = Export {
            format: EXPORT_FORMAT,
            tenant,
            person: person.clone(),
            at: now,
            facts: ExportedFacts {
                adult_on: about.adult_on,
                zone: about.zone,
                reminders_off: about.reminders_off,
                bans: about.bans,
                mute: about.mute,
            },
            enrollments: Vec::new(),
            offers: Vec::new(),
            pairs: Vec::new(),
            posts: Vec::new(),
            check_ins: Vec::new(),
            blocks: Vec::new(),
            avoids: Vec::new(),
            wishes: Vec::new(),
            reports: Vec::new(),
            statements: Vec::new(),
            events: Vec::new(),
            next: None,
        };
        let room = ask.limit.clamp(1, 500);
        let mut walk = Walk { cx, pseudonyms, unit, export, room };
        let mut place = Some(ask.after.unwrap_or_else(|| Section::Enrollments.into()));
        while let Some(at) = place.take() {
            if walk.room == 0 {
                walk.export.next = Some(at);
                break;
            }
            place = walk.step(at).await?;
        }
        Ok(walk.export)
    }
}
