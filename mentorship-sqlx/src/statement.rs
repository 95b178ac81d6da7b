//! Every SQL text of the crate, and the only place that makes one out of parts.
//!
//! A text is a constant with names in braces: `{p}` is the table prefix, `{pair}` the columns of a table
//! (`{e:enrollment}` with an alias), `{insert:pair}`, `{update:pair}` and `{upsert:step}` whole
//! statements. Texts are rendered once per store; the prefix has been validated, everything else is a
//! constant of this crate, and every value is an argument.

use std::sync::Arc;

use crate::{prefix::Prefix, table::TABLES};

/// Renders a constant with the names above.
///
/// # Panics
/// Never; an unknown name stays as it is, which no database accepts and a test finds.
pub(crate) fn render(text: &str, prefix: &Prefix) -> String {
    let prefix = prefix.as_str();
    let mut text = text.replace("{p}", prefix);
    for (name, table) in TABLES {
        text = text.replace(&format!("{{{name}}}"), &table.list(""));
        for alias in ["e", "s", "r", "q", "o"] {
            text = text.replace(&format!("{{{alias}:{name}}}"), &table.list(alias));
        }
        let insert = table.insert(prefix);
        let set: Vec<String> =
            table.columns.iter().map(|column| format!("{column} = excluded.{column}")).collect();
        let keys = table.keys.join(", ");
        let upsert = format!("{insert} ON CONFLICT ({keys}) DO UPDATE SET {}", set.join(", "));
        text = text.replace(&format!("{{upsert:{name}}}"), &upsert);
        text = text.replace(&format!("{{insert:{name}}}"), &insert);
        text = text.replace(&format!("{{update:{name}}}"), &table.update(prefix));
    }
    text
}

macro_rules! statements {
    ($($name:ident = $text:expr;)+) => {
        /// One SQL text.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Statement {
            $($name,)+
        }

        impl Statement {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)+];

            fn template(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

/// All statements of one store, rendered.
#[derive(Debug)]
pub(crate) struct Texts(Vec<Arc<str>>);

impl Texts {
    pub(crate) fn new(prefix: &Prefix) -> Self {
        Self(Statement::ALL.iter().map(|it| Arc::from(render(it.template(), prefix))).collect())
    }

    pub(crate) fn get(&self, statement: Statement) -> Arc<str> {
        // Declared and rendered in the same order.
        self.0.get(statement as usize).cloned().unwrap_or_else(|| Arc::from(""))
    }
}

statements! {
    // -- one record ------------------------------------------------------------------------------
    PersonGet = "SELECT {person} FROM {p}persons WHERE tenant = ? AND person = ?";
    RelationGet = "SELECT {relation} FROM {p}relations WHERE tenant = ? AND lo = ? AND hi = ?";
    ProgramGet = "SELECT {program} FROM {p}programs WHERE tenant = ? AND id = ?";
    EnrollmentGet = "SELECT {enrollment}, live_pairs FROM {p}enrollments WHERE tenant = ? AND id = ?";
    ProposalGet = "SELECT {proposal} FROM {p}proposals WHERE tenant = ? AND id = ?";
    PairGet = "SELECT {pair} FROM {p}pairs WHERE tenant = ? AND id = ?";
    FormGet = "SELECT doc FROM {p}forms WHERE tenant = ? AND program = ? AND version = ?";
    GuideGet = "SELECT doc FROM {p}guides WHERE tenant = ? AND program = ? AND version = ?";
    CommandGet = "SELECT {command} FROM {p}commands WHERE tenant = ? AND id = ?";
    PostGet = "SELECT {post} FROM {p}posts WHERE tenant = ? AND id = ? AND pair = ?";

    // -- views -----------------------------------------------------------------------------------
    OthersOf = "SELECT {enrollment} FROM {p}enrollments \
        WHERE tenant = ? AND person = ? AND program = ? AND id <> ? \
        ORDER BY applied_at DESC, id DESC LIMIT 20";
    PersonLive = "SELECT \
        (SELECT COUNT(*) FROM {p}pairs WHERE tenant = ? AND mentor_person = ? AND live = 1) + \
        (SELECT COUNT(*) FROM {p}pairs WHERE tenant = ? AND mentee_person = ? AND live = 1)";
    EnrollmentPairs = "SELECT {pair} FROM {p}pairs WHERE tenant = ? AND mentor = ? AND live = 1 \
        UNION ALL SELECT {pair} FROM {p}pairs WHERE tenant = ? AND mentee = ? AND live = 1 \
        ORDER BY started_at, id";
    EnrollmentOpen = "SELECT {proposal} FROM {p}proposals \
        WHERE tenant = ? AND mentor = ? AND open = 1 \
        UNION ALL SELECT {proposal} FROM {p}proposals \
        WHERE tenant = ? AND mentee = ? AND open = 1 ORDER BY created_at, id";
    LiveBetween = "SELECT {pair} FROM {p}pairs \
        WHERE tenant = ? AND lo = ? AND hi = ? AND live = 1 ORDER BY started_at, id";
    OpenBetween = "SELECT {proposal} FROM {p}proposals \
        WHERE tenant = ? AND lo = ? AND hi = ? AND open = 1 ORDER BY created_at, id";
    PastBetween = "SELECT id, mentor_person, over_at FROM {p}pairs \
        WHERE tenant = ? AND lo = ? AND hi = ? AND live IS NULL \
        ORDER BY over_at DESC, id LIMIT 5";
    Steps = "SELECT {step} FROM {p}steps WHERE tenant = ? AND pair = ? ORDER BY position";
    CheckIns = "SELECT {check_in} FROM {p}check_ins WHERE tenant = ? AND pair = ?";
    PersonEnrollments = "SELECT {enrollment} FROM {p}enrollments \
        WHERE tenant = ? AND person = ? AND live = 1 ORDER BY applied_at, id";
    PersonPairs = "SELECT {pair} FROM {p}pairs WHERE tenant = ? AND mentor_person = ? AND live = 1 \
        UNION ALL SELECT {pair} FROM {p}pairs \
        WHERE tenant = ? AND mentee_person = ? AND live = 1 ORDER BY started_at, id";
    PersonProposals = "SELECT {proposal} FROM {p}proposals \
        WHERE tenant = ? AND mentor_person = ? AND open = 1 \
        UNION ALL SELECT {proposal} FROM {p}proposals \
        WHERE tenant = ? AND mentee_person = ? AND open = 1 ORDER BY created_at, id";
    ProgramHasEnrollments =
        "SELECT EXISTS (SELECT 1 FROM {p}enrollments WHERE tenant = ? AND program = ?)";
    ProgramHasLive = "SELECT EXISTS (SELECT 1 FROM {p}pairs WHERE tenant = ? AND program = ? \
        AND state IN ('introduced', 'active', 'paused', 'frozen'))";

    // -- pages: strictly after a place, in its order ------------------------------------------------
    ProgramsAll = "SELECT {program} FROM {p}programs \
        WHERE tenant = ? AND (created_at, id) > (?, ?) ORDER BY created_at, id LIMIT ?";
    ProgramsOf = "SELECT {program} FROM {p}programs \
        WHERE tenant = ? AND group_key = ? AND (created_at, id) > (?, ?) \
        ORDER BY created_at, id LIMIT ?";
    EnrollmentsIn = "SELECT {enrollment} FROM {p}enrollments \
        WHERE tenant = ? AND program = ? AND role IN (?, ?) AND (applied_at, id) > (?, ?) \
        ORDER BY applied_at, id LIMIT ?";
    EnrollmentsAt = "SELECT {enrollment} FROM {p}enrollments \
        WHERE tenant = ? AND program = ? AND state = ? AND role IN (?, ?) \
        AND (applied_at, id) > (?, ?) ORDER BY applied_at, id LIMIT ?";
    EnrollmentsOf = "SELECT {enrollment} FROM {p}enrollments \
        WHERE tenant = ? AND person = ? AND (applied_at, id) > (?, ?) \
        ORDER BY applied_at, id LIMIT ?";
    ProposalsIn = "SELECT {proposal} FROM {p}proposals \
        WHERE tenant = ? AND program = ? AND (created_at, id) > (?, ?) \
        ORDER BY created_at, id LIMIT ?";
    ProposalsAt = "SELECT {proposal} FROM {p}proposals \
        WHERE tenant = ? AND program = ? AND state = ? AND (created_at, id) > (?, ?) \
        ORDER BY created_at, id LIMIT ?";
    ProposalsOf = "SELECT {proposal} FROM {p}proposals \
        WHERE tenant = ? AND mentor = ? AND (created_at, id) > (?, ?) \
        UNION ALL SELECT {proposal} FROM {p}proposals \
        WHERE tenant = ? AND mentee = ? AND (created_at, id) > (?, ?) \
        ORDER BY created_at, id LIMIT ?";
    ProposalsFor = "SELECT {proposal} FROM {p}proposals \
        WHERE tenant = ? AND mentor_person = ? AND (created_at, id) > (?, ?) \
        UNION ALL SELECT {proposal} FROM {p}proposals \
        WHERE tenant = ? AND mentee_person = ? AND (created_at, id) > (?, ?) \
        ORDER BY created_at, id LIMIT ?";
    PairsIn = "SELECT {pair} FROM {p}pairs \
        WHERE tenant = ? AND program = ? AND (started_at, id) > (?, ?) \
        ORDER BY started_at, id LIMIT ?";
    PairsAt = "SELECT {pair} FROM {p}pairs \
        WHERE tenant = ? AND program = ? AND state = ? AND (started_at, id) > (?, ?) \
        ORDER BY started_at, id LIMIT ?";
    PairsOf = "SELECT {pair} FROM {p}pairs \
        WHERE tenant = ? AND mentor_person = ? AND (started_at, id) > (?, ?) \
        UNION ALL SELECT {pair} FROM {p}pairs \
        WHERE tenant = ? AND mentee_person = ? AND (started_at, id) > (?, ?) \
        ORDER BY started_at, id LIMIT ?";
    Posts = "SELECT {post} FROM {p}posts \
        WHERE tenant = ? AND pair = ? AND seq > ? ORDER BY seq LIMIT ?";
    PostsOn = "SELECT {post} FROM {p}posts \
        WHERE tenant = ? AND pair = ? AND seq > ? AND step = ? ORDER BY seq LIMIT ?";
    BlocksByLo = "SELECT {relation} FROM {p}relations WHERE tenant = ? AND lo = ? \
        AND lo_blocked_at IS NOT NULL AND hi > ? ORDER BY hi LIMIT ?";
    BlocksByHi = "SELECT {relation} FROM {p}relations WHERE tenant = ? AND hi = ? \
        AND hi_blocked_at IS NOT NULL AND lo > ? ORDER BY lo LIMIT ?";
    AvoidsByLo = "SELECT {relation} FROM {p}relations WHERE tenant = ? AND lo = ? \
        AND lo_avoids_since IS NOT NULL AND hi > ? ORDER BY hi LIMIT ?";
    AvoidsByHi = "SELECT {relation} FROM {p}relations WHERE tenant = ? AND hi = ? \
        AND hi_avoids_since IS NOT NULL AND lo > ? ORDER BY lo LIMIT ?";
    AuditAll = "SELECT {audit} FROM {p}audit \
        WHERE tenant = ? AND (at, id) > (?, ?) ORDER BY at, id LIMIT ?";
    AuditIn = "SELECT {audit} FROM {p}audit \
        WHERE tenant = ? AND program = ? AND private <= ? AND (at, id) > (?, ?) \
        ORDER BY at, id LIMIT ?";
    AuditAbout = "SELECT {audit} FROM {p}audit \
        WHERE tenant = ? AND subject = ? AND subject_kind = ? AND (at, id) > (?, ?) \
        ORDER BY at, id LIMIT ?";
    AuditAboutTwo = "SELECT {audit} FROM {p}audit \
        WHERE tenant = ? AND subject = ? AND subject_kind = ? AND subject_other = ? \
        AND (at, id) > (?, ?) ORDER BY at, id LIMIT ?";
    AuditBy = "SELECT {audit} FROM {p}audit \
        WHERE tenant = ? AND actor_person = ? AND (at, id) > (?, ?) ORDER BY at, id LIMIT ?";
    DuePrograms = "SELECT due_at, id FROM {p}programs WHERE tenant = ? AND due_at >= ? \
        AND due_at <= ? AND (due_at > ? OR id > ?) ORDER BY due_at, id LIMIT ?";
    DueEnrollments = "SELECT due_at, id FROM {p}enrollments WHERE tenant = ? AND due_at >= ? \
        AND due_at <= ? AND (due_at > ? OR id > ?) ORDER BY due_at, id LIMIT ?";
    DueProposals = "SELECT due_at, id FROM {p}proposals WHERE tenant = ? AND due_at >= ? \
        AND due_at <= ? AND (due_at > ? OR id > ?) ORDER BY due_at, id LIMIT ?";
    DuePairs = "SELECT due_at, id FROM {p}pairs WHERE tenant = ? AND due_at >= ? \
        AND due_at <= ? AND (due_at > ? OR id > ?) ORDER BY due_at, id LIMIT ?";
    Candidates = "SELECT {e:enrollment}, e.live_pairs, \
        (SELECT COUNT(*) FROM {p}proposals q \
            WHERE q.tenant = e.tenant AND q.mentor = e.id AND q.open = 1 AND q.holds = 1) + \
        (SELECT COUNT(*) FROM {p}proposals q \
            WHERE q.tenant = e.tenant AND q.mentee = e.id AND q.open = 1 AND q.holds = 1), \
        EXISTS (SELECT 1 FROM {p}pairs o WHERE o.tenant = e.tenant \
            AND o.lo = min(e.person, ?) AND o.hi = max(e.person, ?) \
            AND o.program = e.program AND o.live = 1) \
        OR EXISTS (SELECT 1 FROM {p}proposals o WHERE o.tenant = e.tenant \
            AND o.lo = min(e.person, ?) AND o.hi = max(e.person, ?) \
            AND o.program = e.program AND o.open = 1), \
        EXISTS (SELECT 1 FROM {p}pairs o WHERE o.tenant = e.tenant \
            AND o.lo = min(e.person, ?) AND o.hi = max(e.person, ?) AND o.live IS NULL), \
        {s:person}, {r:relation} \
        FROM {p}enrollments e \
        LEFT JOIN {p}persons s ON s.tenant = e.tenant AND s.person = e.person \
        LEFT JOIN {p}relations r ON r.tenant = e.tenant \
            AND r.lo = min(e.person, ?) AND r.hi = max(e.person, ?) \
        WHERE e.tenant = ? AND e.program = ? AND e.role = ? AND e.state = 'active' \
        AND e.id > ? AND e.person <> ? ORDER BY e.id LIMIT ?";

    // -- guards: what a write needs to know of a record -------------------------------------------
    PersonHead = "SELECT version FROM {p}persons WHERE tenant = ? AND person = ?";
    RelationHead = "SELECT version FROM {p}relations WHERE tenant = ? AND lo = ? AND hi = ?";
    ProgramHead = "SELECT version FROM {p}programs WHERE tenant = ? AND id = ?";
    EnrollmentHead = "SELECT version, capacity, live_pairs, live_limit FROM {p}enrollments \
        WHERE tenant = ? AND id = ?";
    ProposalHead = "SELECT version, open FROM {p}proposals WHERE tenant = ? AND id = ?";
    PairHead = "SELECT version, live FROM {p}pairs WHERE tenant = ? AND id = ?";

    // -- writes ----------------------------------------------------------------------------------
    CommandPut = "{insert:command}";
    PersonNew = "{insert:person}";
    PersonSet = "{update:person}";
    RelationNew = "{insert:relation}";
    RelationSet = "{update:relation}";
    ProgramNew = "{insert:program}";
    ProgramSet = "{update:program}";
    EnrollmentNew = "{insert:enrollment}";
    EnrollmentSet = "{update:enrollment}";
    ProposalNew = "{insert:proposal}";
    ProposalSet = "{update:proposal}";
    PairNew = "{insert:pair}";
    PairSet = "{update:pair}";
    PairRelease = "UPDATE {p}pairs SET adults_by = NULL, mentor_adult_on = NULL, \
        mentee_adult_on = NULL WHERE tenant = ? AND id = ?";
    FormNew = "INSERT INTO {p}forms (tenant, program, version, doc) VALUES (?, ?, ?, ?) \
        ON CONFLICT DO NOTHING";
    GuideNew = "INSERT INTO {p}guides (tenant, program, version, doc) VALUES (?, ?, ?, ?) \
        ON CONFLICT DO NOTHING";
    StepPut = "{upsert:step}";
    PostPut = "{upsert:post}";
    CheckInPut = "{upsert:check_in}";
    AuditPut = "{insert:audit}";
    OutboxPut = "{insert:outbox}";
    PersonBump =
        "UPDATE {p}persons SET version = version + 1 WHERE tenant = ? AND person = ?";
    RelationBump =
        "UPDATE {p}relations SET version = version + 1 WHERE tenant = ? AND lo = ? AND hi = ?";
    ProgramBump = "UPDATE {p}programs SET version = version + 1 WHERE tenant = ? AND id = ?";
    EnrollmentBump =
        "UPDATE {p}enrollments SET version = version + 1 WHERE tenant = ? AND id = ?";
    ProposalBump = "UPDATE {p}proposals SET version = version + 1 WHERE tenant = ? AND id = ?";
    PairBump = "UPDATE {p}pairs SET version = version + 1 WHERE tenant = ? AND id = ?";

    // -- belts -----------------------------------------------------------------------------------
    RelationCount = "UPDATE {p}relations SET live_pairs = live_pairs + ?, \
        open_proposals = open_proposals + ? WHERE tenant = ? AND lo = ? AND hi = ?";
    PlaceTaken = "UPDATE {p}enrollments SET live_pairs = live_pairs + 1 \
        WHERE tenant = ? AND id = ?";
    PlaceFreed = "UPDATE {p}enrollments SET live_pairs = live_pairs - 1, \
        live_limit = max(capacity, live_limit - 1) WHERE tenant = ? AND id = ?";

    // -- outbox ----------------------------------------------------------------------------------
    OutboxPending = "SELECT {o:outbox}, r.blocked FROM {p}outbox o \
        LEFT JOIN {p}relations r ON r.tenant = o.tenant AND r.lo = o.between_lo \
            AND r.hi = o.between_hi \
        WHERE o.pending = 1 AND (o.lease_until IS NULL OR o.lease_until <= ?) \
        AND (o.tenant, o.at, o.id) > (?, ?, ?) ORDER BY o.tenant, o.at, o.id LIMIT ?";
    OutboxPendingOf = "SELECT {o:outbox}, r.blocked FROM {p}outbox o \
        LEFT JOIN {p}relations r ON r.tenant = o.tenant AND r.lo = o.between_lo \
            AND r.hi = o.between_hi \
        WHERE o.pending = 1 AND o.tenant = ? AND (o.lease_until IS NULL OR o.lease_until <= ?) \
        AND (o.at, o.id) > (?, ?) ORDER BY o.at, o.id LIMIT ?";
    OutboxLease = "UPDATE {p}outbox SET epoch = ?, lease_until = ? WHERE tenant = ? AND id = ?";
    OutboxDrop = "UPDATE {p}outbox SET pending = NULL WHERE tenant = ? AND id = ?";
    OutboxAcknowledge = "UPDATE {p}outbox SET pending = NULL \
        WHERE tenant = ? AND id = ? AND epoch = ? AND pending = 1";
}
