//! Every SQL text that reads or writes records, made of constants.
//!
//! A text is a constant with names in braces: `{p}` is the table prefix, `{pair}` the columns of a table
//! (`{e:enrollment}` with an alias), `{insert:pair}`, `{update:pair}` and `{upsert:step}` whole
//! statements, `{after created_at, id}` a keyset condition, `{only live = 1}` and
//! `{first live}` how an index leaves rows out or sorts them, `{keep tenant}` that a row which is there
//! stays (naming a column of its key), `{field state_doc end.kind}` what stands at a path in a document,
//! `{parsed id subject}` the id that a text holds,
//! `{by pairs_mentor}` the index that a table is read by, and the rest
//! what [`Dialect`] says. `?` is the next argument, `?2` the second. Texts are rendered once per store; the
//! prefix has been validated, everything else is a constant of this crate, and every value is an argument.

use std::sync::Arc;
#[cfg(feature = "mysql")]
use std::sync::OnceLock;

use crate::{
    dialect::Dialect,
    prefix::Prefix,
    text::{Text, render},
};

macro_rules! statements {
    ($($name:ident = $text:expr;)+) => {
        /// One SQL text.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Statement {
            $($name,)+
        }

        impl Statement {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Whether it holds what it reads, so that the order in which it runs matters.
            #[cfg(any(feature = "postgres", feature = "mysql"))]
            pub(crate) fn holds(self) -> bool {
                let template = self.template();
                template.ends_with("{hold}") || template.ends_with("{share}")
            }

            /// Whether it runs once for each row of arguments. Some write rows that nobody holds yet, or take them
            /// away: one statement for many of them would take them in an order of the database's own, and two at
            /// once would wait for each other. One writes as many rows as it finds elsewhere.
            #[cfg(any(feature = "postgres", feature = "mysql"))]
            pub(crate) fn stands_alone(self) -> bool {
                let template = self.template();
                template.starts_with("UPDATE {p}outbox")
                    || template.starts_with("DELETE")
                    || self == Self::OutboxPutForAll
            }

            fn template(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

/// Whose connections statements run on.
#[cfg(feature = "postgres")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connections {
    /// The host's, with its settings, which each transaction changes for itself.
    Host,
    /// A pooler's: each transaction may run on another one, so that no statement stays prepared beyond one.
    Pooler,
    /// The store's, with the settings that it needs.
    Own,
}

/// All statements of one store, rendered.
#[derive(Debug)]
pub(crate) struct Texts {
    dialect: Dialect,
    all: Vec<Text>,
    /// Whether other nodes write the same tables.
    spans_nodes: bool,
    #[cfg(feature = "postgres")]
    connections: Connections,
    /// Whether the server takes several statements as one, once that is known.
    #[cfg(feature = "mysql")]
    pub(crate) blocks: OnceLock<bool>,
    /// Reads that go together.
    #[cfg(feature = "mysql")]
    pub(crate) wide: crate::mysql::wide::Kept,
}

impl Texts {
    pub(crate) fn new(prefix: &Prefix, dialect: Dialect) -> Self {
        let all = Statement::ALL.iter().map(|it| render(it.template(), prefix, dialect)).collect();
        Self {
            dialect,
            all,
            spans_nodes: false,
            #[cfg(feature = "postgres")]
            connections: Connections::Host,
            #[cfg(feature = "mysql")]
            blocks: OnceLock::new(),
            #[cfg(feature = "mysql")]
            wide: crate::mysql::wide::Kept::default(),
        }
    }

    /// The same for connections of somebody else's.
    #[cfg(feature = "postgres")]
    pub(crate) fn over(self, connections: Connections) -> Self {
        Self { connections, ..self }
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn connections(&self) -> Connections {
        self.connections
    }

    /// The same for tables that other nodes of a cluster write too.
    #[cfg(feature = "mysql")]
    pub(crate) fn across_nodes(self) -> Self {
        Self { spans_nodes: true, ..self }
    }

    /// Whether other nodes write the same tables, which no lock of this one reaches.
    pub(crate) fn spans_nodes(&self) -> bool {
        self.spans_nodes
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn get(&self, statement: Statement) -> Text {
        // Declared and rendered in the same order.
        let empty = || Text { sql: Arc::from(""), order: None };
        self.all.get(statement as usize).cloned().unwrap_or_else(empty)
    }
}

/// The messages that a consumer may claim.
macro_rules! pending {
    ($which:literal) => {
        concat!(
            "SELECT {o:outbox}, r.blocked FROM {p}outbox o \
        LEFT JOIN {p}relations r ON r.tenant = o.tenant AND r.lo = o.between_lo \
            AND r.hi = o.between_hi \
        WHERE o.pending = 1 AND o.consumer = ? AND (o.lease_until IS NULL OR o.lease_until <= ?) \
        AND (o.between_lo IS NULL OR NOT EXISTS (SELECT 1 FROM {p}pairs f \
            WHERE f.tenant = o.tenant AND f.id = o.pair AND f.state = 'frozen')) \
        AND NOT EXISTS (SELECT 1 FROM {p}outbox e WHERE e.tenant = o.tenant AND e.lane = o.lane \
            AND e.consumer = o.consumer AND e.pending = 1 AND e.lease_until > ?2 \
            AND (e.at < o.at OR (e.at = o.at AND e.id < o.id))) ",
            $which
        )
    };
}

/// Who takes part, with live pairs of the enrolment and of the person, and places that are kept.
macro_rules! taking_part {
    () => {
        "SELECT {e:enrollment}, e.live_pairs, \
        (SELECT COUNT(*) FROM {p}pairs o \
            WHERE o.tenant = e.tenant AND o.mentor_person = e.person AND o.live = 1) + \
        (SELECT COUNT(*) FROM {p}pairs o \
            WHERE o.tenant = e.tenant AND o.mentee_person = e.person AND o.live = 1), \
        (SELECT COUNT(*) FROM {p}proposals q \
            WHERE q.tenant = e.tenant AND q.mentor = e.id AND q.open = 1 AND q.holds = 1) + \
        (SELECT COUNT(*) FROM {p}proposals q \
            WHERE q.tenant = e.tenant AND q.mentee = e.id AND q.open = 1 AND q.holds = 1), "
    };
}

/// Leaves out people with whom a block stands between them and the admin who asks; nobody where the key of the
/// admin is empty, which no key is.
macro_rules! not_apart {
    ($person:literal) => {
        concat!(
            "AND ",
            $person,
            " NOT IN (SELECT x.hi FROM {p}relations x \
                WHERE x.tenant = ?1 AND x.lo = ?3 AND x.blocked = 1) \
            AND ",
            $person,
            " NOT IN (SELECT x.lo FROM {p}relations x \
                WHERE x.tenant = ?1 AND x.hi = ?3 AND x.blocked = 1) "
        )
    };
}

/// Leaves out cases of or about one of these keys, which stand between line breaks (no key has one), and those of
/// which the reader is a witness.
macro_rules! seen_by {
    () => {
        "AND {find}(?, CONCAT('\n', subject, '\n')) = 0 \
        AND (reporter IS NULL OR {find}(?, CONCAT('\n', reporter, '\n')) = 0) \
        AND {find}(witnesses, ?) = 0 \
        AND {after filed_at, id} ORDER BY filed_at, id LIMIT ?"
    };
}

/// The audit log with the case to which each event belongs, if to one, without those that are left out as by
/// `seen_by`.
macro_rules! audit_seen {
    ($of:literal) => {
        concat!(
            "SELECT {a:audit}, {c:case} FROM {p}audit a LEFT JOIN {p}cases c ON c.tenant = a.tenant \
            AND c.id = {parsed id CASE WHEN a.subject_kind = 'case' THEN a.subject END} \
            WHERE a.tenant = ? ",
            $of,
            "AND (c.id IS NULL OR ({find}(?, CONCAT('\n', c.subject, '\n')) = 0 \
                AND (c.reporter IS NULL OR {find}(?, CONCAT('\n', c.reporter, '\n')) = 0) \
                AND {find}(c.witnesses, ?) = 0)) \
            AND {after a.at, a.id} ORDER BY a.at, a.id LIMIT ?"
        )
    };
}

/// Pairs that one side ended soon after their start for a reason that may have to do with the other: the other,
/// and who ended it.
macro_rules! quick_ends {
    ($of:literal, $by:literal) => {
        concat!(
            "SELECT w.",
            $of,
            "_person, 'end', w.",
            $by,
            "_person FROM {p}pairs w{by pairs_over} \
            WHERE w.tenant = ?1 AND w.over_at >= ?2 AND w.",
            $of,
            "_person > ?3 \
            AND w.state = 'ended' AND w.over_at - w.started_at <= ?4 \
            AND {field w.state_doc end.by.side} = '",
            $by,
            "' \
            AND {field w.state_doc end.kind} IN ('not_a_fit', 'no_time', 'unresponsive', \
                'schedule', 'language', 'personal', 'other', 'blocked')"
        )
    };
}

statements! {
    // -- one record ------------------------------------------------------------------------------
    PersonGet = "SELECT {person} FROM {p}persons WHERE tenant = ? AND person = ?";
    RelationGet = "SELECT {relation} FROM {p}relations WHERE tenant = ? AND lo = ? AND hi = ?";
    BlockedAsLo = "SELECT hi FROM {p}relations WHERE tenant = ? AND lo = ? AND blocked = 1";
    BlockedAsHi = "SELECT lo FROM {p}relations WHERE tenant = ? AND hi = ? AND blocked = 1";
    ProgramGet = "SELECT {program} FROM {p}programs WHERE tenant = ? AND id = ?";
    EnrollmentGet = "SELECT {enrollment}, live_pairs FROM {p}enrollments WHERE tenant = ? AND id = ?";
    ProposalGet = "SELECT {proposal} FROM {p}proposals WHERE tenant = ? AND id = ?";
    // Its two enrolments, in the round trip that reads it.
    ProposalPlaces = "SELECT {e:enrollment}, e.live_pairs FROM {p}proposals p \
        JOIN {p}enrollments e{by PRIMARY} ON e.tenant = p.tenant AND e.id IN (p.mentor, p.mentee) \
        WHERE p.tenant = ? AND p.id = ?";
    RunGet = "SELECT {run} FROM {p}runs WHERE tenant = ? AND id = ?";
    PairGet = "SELECT {pair} FROM {p}pairs WHERE tenant = ? AND id = ?";
    // What a pair names, in the round trip that reads it. (`k` is the table of many rows of arguments.)
    PairPeople = "SELECT {a:person} FROM {p}pairs w \
        JOIN {p}persons a ON a.tenant = w.tenant AND a.person = w.mentor_person \
        WHERE w.tenant = ?1 AND w.id = ?2 \
        UNION ALL SELECT {a:person} FROM {p}pairs w \
        JOIN {p}persons a ON a.tenant = w.tenant AND a.person = w.mentee_person \
        WHERE w.tenant = ?1 AND w.id = ?2";
    PairRelation = "SELECT {r:relation} FROM {p}pairs w \
        JOIN {p}relations r ON r.tenant = w.tenant AND r.lo = w.lo AND r.hi = w.hi \
        WHERE w.tenant = ? AND w.id = ?";
    PairProgram = "SELECT {g:program} FROM {p}pairs w \
        JOIN {p}programs g ON g.tenant = w.tenant AND g.id = w.program \
        WHERE w.tenant = ? AND w.id = ?";
    FormGet = "SELECT doc FROM {p}forms WHERE tenant = ? AND program = ? AND version = ?";
    GuideGet = "SELECT doc FROM {p}guides WHERE tenant = ? AND program = ? AND version = ?";
    CommandGet = "SELECT {command} FROM {p}commands WHERE tenant = ? AND id = ?";
    CaseGet = "SELECT {case} FROM {p}cases WHERE tenant = ? AND id = ?";
    PostGet = "SELECT {post} FROM {p}posts WHERE tenant = ? AND id = ? AND pair = ?";

    // -- views -----------------------------------------------------------------------------------
    OthersOf = "SELECT {enrollment} FROM {p}enrollments{by enrollments_person} \
        WHERE tenant = ? AND person = ? AND program = ? AND id <> ? \
        ORDER BY live IS NULL, applied_at DESC, id DESC LIMIT 20";
    PersonLive = "SELECT \
        (SELECT COUNT(*) FROM {p}pairs{by pairs_mentor_person} \
            WHERE tenant = ? AND mentor_person = ? AND live = 1) + \
        (SELECT COUNT(*) FROM {p}pairs{by pairs_mentee_person} \
            WHERE tenant = ? AND mentee_person = ? AND live = 1)";
    // What is read from both sides comes in no order: sorted by a database, two sides would go through a
    // table of their own first.
    EnrollmentPairs = "SELECT {pair} FROM {p}pairs{by pairs_mentor} \
        WHERE tenant = ? AND mentor = ? AND live = 1 \
        UNION ALL SELECT {pair} FROM {p}pairs{by pairs_mentee} \
        WHERE tenant = ? AND mentee = ? AND live = 1";
    EnrollmentOpen = "SELECT {proposal} FROM {p}proposals{by proposals_open_mentor} \
        WHERE tenant = ? AND mentor = ? AND open = 1 \
        UNION ALL SELECT {proposal} FROM {p}proposals{by proposals_open_mentee} \
        WHERE tenant = ? AND mentee = ? AND open = 1";
    LiveBetween = "SELECT {pair} FROM {p}pairs \
        WHERE tenant = ? AND lo = ? AND hi = ? AND live = 1 ORDER BY started_at, id{whole}";
    OpenBetween = "SELECT {proposal} FROM {p}proposals \
        WHERE tenant = ? AND lo = ? AND hi = ? AND open = 1 ORDER BY created_at, id{whole}";
    PastBetween = "SELECT id, mentor_person, over_at FROM {p}pairs \
        WHERE tenant = ? AND lo = ? AND hi = ? AND live IS NULL \
        ORDER BY over_at DESC, id LIMIT 5";
    LatestBetween = "SELECT {pair} FROM {p}pairs \
        WHERE tenant = ? AND lo = ? AND hi = ? AND program = ? \
        ORDER BY started_at DESC, id DESC LIMIT 1";
    PostsUpTo = "SELECT {post} FROM {p}posts \
        WHERE tenant = ? AND pair = ? AND seq <= ? ORDER BY seq DESC LIMIT ?";
    CasesFiled = "SELECT COUNT(*) FROM {p}cases{by cases_reporter} \
        WHERE tenant = ? AND reporter = ? AND filed_at >= ?";
    CasesSame = "SELECT {case} FROM {p}cases WHERE tenant = ? AND reporter = ? AND subject = ? \
        AND program = ? AND object IN (?, ?) AND open = 1";
    EvidenceOf = "SELECT {evidence} FROM {p}evidence \
        WHERE tenant = ? AND case_id = ? ORDER BY seq{whole}";
    Steps = "SELECT {step} FROM {p}steps WHERE tenant = ? AND pair = ? ORDER BY position{whole}";
    CheckIns = "SELECT {check_in} FROM {p}check_ins WHERE tenant = ? AND pair = ?";
    PersonEnrollments = "SELECT {enrollment} FROM {p}enrollments{by enrollments_person} \
        WHERE tenant = ? AND person = ? AND live = 1 ORDER BY applied_at, id{whole}";
    PersonPairs = "SELECT {pair} FROM {p}pairs{by pairs_mentor_person} \
        WHERE tenant = ? AND mentor_person = ? AND live = 1 \
        UNION ALL SELECT {pair} FROM {p}pairs{by pairs_mentee_person} \
        WHERE tenant = ? AND mentee_person = ? AND live = 1";
    PersonProposals = "SELECT {proposal} FROM {p}proposals{by proposals_mentor_person} \
        WHERE tenant = ? AND mentor_person = ? AND open = 1 \
        UNION ALL SELECT {proposal} FROM {p}proposals{by proposals_mentee_person} \
        WHERE tenant = ? AND mentee_person = ? AND open = 1";
    ProgramHasEnrollments =
        "SELECT EXISTS (SELECT 1 FROM {p}enrollments WHERE tenant = ? AND program = ?)";
    ProgramHasLive = "SELECT EXISTS (SELECT 1 FROM {p}pairs WHERE tenant = ? AND program = ? \
        AND state IN ('introduced', 'active', 'paused', 'frozen'))";

    // -- counts of a program: by tenant, program, and the admin who asks -----------------------------
    // Names that are given here stand for what is grouped by.
    TallyEnrollments = concat!(
        "SELECT e.role, e.state, CASE WHEN e.live_pairs > 0 AND EXISTS (\
            SELECT 1 FROM {p}pairs w{by pairs_mentee} \
            WHERE w.tenant = ?1 AND w.mentee = e.id AND w.live = 1 ",
        not_apart!("w.mentor_person"),
        ") THEN 1 ELSE 0 END AS is_paired, COUNT(*) \
        FROM {p}enrollments e{by enrollments_role} WHERE e.tenant = ?1 AND e.program = ?2 ",
        not_apart!("e.person"),
        "GROUP BY e.role, e.state, is_paired"
    );
    TallyProposals = concat!(
        "SELECT q.state, COUNT(*) FROM {p}proposals q{by proposals_state} \
        WHERE q.tenant = ?1 AND q.program = ?2 \
        AND (q.state = 'accepted' OR (q.mentor_person <> ?3 AND q.mentee_person <> ?3)) ",
        not_apart!("q.mentor_person"),
        not_apart!("q.mentee_person"),
        "GROUP BY q.state"
    );
    // The same of a run's drafts, with whether they were offered.
    TallyRun = concat!(
        "SELECT q.state, CASE WHEN q.offered_at IS NULL THEN 0 ELSE 1 END AS is_offered, COUNT(*) \
        FROM {p}proposals q{by proposals_run} WHERE q.tenant = ?1 AND q.run = ?2 \
        AND (q.state = 'accepted' OR (q.mentor_person <> ?3 AND q.mentee_person <> ?3)) ",
        not_apart!("q.mentor_person"),
        not_apart!("q.mentee_person"),
        "GROUP BY q.state, is_offered"
    );
    // How a pair ended holds no words, so that what is looked for in it is nobody's text.
    TallyPairs = concat!(
        "SELECT w.state, {field w.state_doc end.kind} AS end_kind, \
        {field w.state_doc end.by.by} AS ended_by, \
        CASE WHEN {find}(w.state_doc, '\"shared\":true') > 0 THEN 1 ELSE 0 END AS is_shared, \
        (SELECT CASE \
            WHEN COUNT(*) = 0 THEN 'under_half' \
            WHEN COUNT(CASE WHEN s.state IN ('done', 'skipped') THEN 1 END) = COUNT(*) THEN 'all' \
            WHEN COUNT(CASE WHEN s.state IN ('done', 'skipped') THEN 1 END) * 2 < COUNT(*) \
                THEN 'under_half' \
            ELSE 'half_or_more' END \
            FROM {p}steps s WHERE s.tenant = w.tenant AND s.pair = w.id) AS progress, COUNT(*) \
        FROM {p}pairs w{by pairs_state} WHERE w.tenant = ?1 AND w.program = ?2 ",
        not_apart!("w.mentor_person"),
        not_apart!("w.mentee_person"),
        "GROUP BY w.state, end_kind, ended_by, is_shared, progress"
    );
    TallyScores = concat!(
        "SELECT c.kind, c.score, COUNT(DISTINCT CASE c.side WHEN 'mentor' THEN w.mentor_person \
            ELSE w.mentee_person END) \
        FROM {p}pairs w{by pairs_program} \
        JOIN {p}check_ins c ON c.tenant = w.tenant AND c.pair = w.id \
        WHERE w.tenant = ?1 AND w.program = ?2 AND c.at >= ?4 AND c.at < ?5 ",
        not_apart!("w.mentor_person"),
        not_apart!("w.mentee_person"),
        "AND NOT EXISTS (SELECT 1 FROM {p}check_ins l WHERE l.tenant = c.tenant \
            AND l.pair = c.pair AND l.side = c.side AND l.kind = c.kind AND l.week > c.week \
            AND l.at >= ?4 AND l.at < ?5) \
        GROUP BY c.kind, c.score"
    );
    // From who signed up to what they have said, since there is no index of wishes.
    TallyAvoids = concat!(
        "SELECT COUNT(CASE WHEN w.lo_avoids_since < ?4 THEN 1 END) \
            + COUNT(CASE WHEN w.hi_avoids_since < ?4 THEN 1 END) \
        FROM (SELECT DISTINCT e.person AS person FROM {p}enrollments e{by enrollments_program} \
            WHERE e.tenant = ?1 AND e.program = ?2 AND e.applied_at < ?4) s \
        JOIN {p}relations w ON w.tenant = ?1 AND w.lo = s.person \
        WHERE (w.lo_avoids_since < ?4 OR w.hi_avoids_since < ?4) \
        AND w.lo <> ?3 AND w.hi <> ?3 \
        AND EXISTS (SELECT 1 FROM {p}enrollments o{by enrollments_person} WHERE o.tenant = ?1 \
            AND o.person = w.hi AND o.program = ?2 AND o.applied_at < ?4) ",
        not_apart!("w.lo"),
        not_apart!("w.hi"),
    );

    // -- pages: strictly after a place, in its order ------------------------------------------------
    ProgramsAll = "SELECT {program} FROM {p}programs \
        WHERE tenant = ? AND {after created_at, id} ORDER BY created_at, id LIMIT ?";
    ProgramsOf = "SELECT {program} FROM {p}programs \
        WHERE tenant = ? AND group_key = ? AND {after created_at, id} \
        ORDER BY created_at, id LIMIT ?";
    EnrollmentsIn = "SELECT {enrollment} FROM {p}enrollments \
        WHERE tenant = ? AND program = ? AND role IN (?, ?) AND {after applied_at, id} \
        ORDER BY applied_at, id LIMIT ?";
    EnrollmentsAt = "SELECT {enrollment} FROM {p}enrollments \
        WHERE tenant = ? AND program = ? AND state = ? AND role IN (?, ?) \
        AND {after applied_at, id} ORDER BY applied_at, id LIMIT ?";
    EnrollmentsOf = "SELECT {enrollment} FROM {p}enrollments \
        WHERE tenant = ? AND person = ? AND {after applied_at, id} \
        ORDER BY applied_at, id LIMIT ?";
    ProposalsIn = "SELECT {proposal} FROM {p}proposals \
        WHERE tenant = ? AND program = ? AND {after created_at, id} \
        ORDER BY created_at, id LIMIT ?";
    ProposalsAt = "SELECT {proposal} FROM {p}proposals \
        WHERE tenant = ? AND program = ? AND state = ? AND {after created_at, id} \
        ORDER BY created_at, id LIMIT ?";
    ProposalsOf = "SELECT {proposal} FROM {p}proposals \
        WHERE tenant = ? AND mentor = ? AND {after created_at, id} \
        UNION ALL SELECT {proposal} FROM {p}proposals \
        WHERE tenant = ? AND mentee = ? AND {after created_at, id} \
        ORDER BY created_at, id LIMIT ?";
    ProposalsFor = "SELECT {proposal} FROM {p}proposals \
        WHERE tenant = ? AND mentor_person = ? AND {after created_at, id} \
        UNION ALL SELECT {proposal} FROM {p}proposals \
        WHERE tenant = ? AND mentee_person = ? AND {after created_at, id} \
        ORDER BY created_at, id LIMIT ?";
    Runs = "SELECT {run} FROM {p}runs \
        WHERE tenant = ? AND program = ? AND {after created_at, id} \
        ORDER BY created_at, id LIMIT ?";
    ProposalsOfRun = "SELECT {proposal} FROM {p}proposals{by proposals_run} \
        WHERE tenant = ? AND run = ? AND {after created_at, id} \
        ORDER BY created_at, id LIMIT ?";
    PairsIn = "SELECT {pair} FROM {p}pairs \
        WHERE tenant = ? AND program = ? AND {after started_at, id} \
        ORDER BY started_at, id LIMIT ?";
    PairsAt = "SELECT {pair} FROM {p}pairs \
        WHERE tenant = ? AND program = ? AND state = ? AND {after started_at, id} \
        ORDER BY started_at, id LIMIT ?";
    PairsOf = "SELECT {pair} FROM {p}pairs \
        WHERE tenant = ? AND mentor_person = ? AND {after started_at, id} \
        UNION ALL SELECT {pair} FROM {p}pairs \
        WHERE tenant = ? AND mentee_person = ? AND {after started_at, id} \
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
    WishesByLo = "SELECT {relation} FROM {p}relations WHERE tenant = ? AND lo = ? \
        AND lo_wishes_since IS NOT NULL AND hi > ? ORDER BY hi LIMIT ?";
    WishesByHi = "SELECT {relation} FROM {p}relations WHERE tenant = ? AND hi = ? \
        AND hi_wishes_since IS NOT NULL AND lo > ? ORDER BY lo LIMIT ?";
    RelationsAsLo = "SELECT {relation} FROM {p}relations WHERE tenant = ? AND lo = ? \
        AND version > 0 AND hi > ? ORDER BY hi LIMIT ?";
    RelationsAsHi = "SELECT {relation} FROM {p}relations WHERE tenant = ? AND hi = ? \
        AND version > 0 AND lo > ? ORDER BY lo LIMIT ?";
    PeopleBanned = "SELECT {person} FROM {p}persons \
        WHERE tenant = ? AND banned = 1 AND person > ? ORDER BY person LIMIT ?";
    PeopleMuted = "SELECT {person} FROM {p}persons \
        WHERE tenant = ? AND muted = 1 AND person > ? ORDER BY person LIMIT ?";
    // Blocks that stand, reports and ends of a window, each by an index of its own; never all of a tenant. Reports are
    // left out as by `seen_by`.
    Signals = concat!(
        "SELECT g.person, \
        COUNT(DISTINCT CASE WHEN g.kind = 'block' THEN g.other END), \
        COUNT(DISTINCT CASE WHEN g.kind = 'open' THEN g.other END), \
        COUNT(DISTINCT CASE WHEN g.kind = 'decided' THEN g.other END), \
        COUNT(DISTINCT CASE WHEN g.kind IN ('open', 'decided') THEN g.other END), \
        COUNT(CASE WHEN g.kind = 'end' THEN 1 END) \
        FROM (SELECT r.hi AS person, 'block' AS kind, r.lo AS other \
            FROM {p}relations r{by relations_blocked} \
            WHERE r.tenant = ?1 AND r.blocked = 1 AND r.lo_blocked_at >= ?2 AND r.hi > ?3 \
            UNION ALL SELECT r.lo, 'block', r.hi FROM {p}relations r{by relations_blocked} \
            WHERE r.tenant = ?1 AND r.blocked = 1 AND r.hi_blocked_at >= ?2 AND r.lo > ?3 \
            UNION ALL SELECT c.subject, CASE WHEN c.open = 1 THEN 'open' ELSE 'decided' END, \
            c.reporter FROM {p}cases c{by cases_age} \
            WHERE c.tenant = ?1 AND c.filed_at >= ?2 AND c.subject > ?3 \
            AND c.reporter IS NOT NULL \
            AND {find}(?9, CONCAT('\n', c.subject, '\n')) = 0 \
            AND {find}(?9, CONCAT('\n', c.reporter, '\n')) = 0 \
            AND {find}(c.witnesses, ?10) = 0 \
            AND (c.open = 1 OR ({field c.details decision.outcome} IN ('actioned', 'no_action') \
                AND COALESCE({field c.details appeal_decision.ruling}, '') <> 'reversed')) \
            UNION ALL ",
        quick_ends!("mentee", "mentor"),
        " UNION ALL ",
        quick_ends!("mentor", "mentee"),
        ") g GROUP BY g.person \
        HAVING COUNT(DISTINCT CASE WHEN g.kind = 'block' THEN g.other END) >= ?5 \
        OR COUNT(DISTINCT CASE WHEN g.kind IN ('open', 'decided') THEN g.other END) >= ?6 \
        OR COUNT(CASE WHEN g.kind = 'end' THEN 1 END) >= ?7 \
        ORDER BY g.person LIMIT ?8"
    );
    CasesAll = "SELECT {case} FROM {p}cases \
        WHERE tenant = ? AND {after filed_at, id} ORDER BY filed_at, id LIMIT ?";
    CasesIn = "SELECT {case} FROM {p}cases \
        WHERE tenant = ? AND program = ? AND queued = 1 AND tier IN ('group', 'both') \
        AND {after filed_at, id} ORDER BY filed_at, id LIMIT ?";
    CasesAtPlatform = "SELECT {case} FROM {p}cases \
        WHERE tenant = ? AND queued = 1 AND tier IN ('platform', 'both') \
        AND {after filed_at, id} ORDER BY filed_at, id LIMIT ?";
    CaseQueueIn = concat!(
        "SELECT {case} FROM {p}cases \
        WHERE tenant = ? AND program = ? AND queued = 1 AND tier IN ('group', 'both') ",
        seen_by!()
    );
    CaseQueueAtPlatform = concat!(
        "SELECT {case} FROM {p}cases \
        WHERE tenant = ? AND queued = 1 AND tier IN ('platform', 'both') ",
        seen_by!()
    );
    // The same of one person. A queue is no longer than what its reviewers have to do, so that it has no index for it.
    CaseQueueInAbout = concat!(
        "SELECT {case} FROM {p}cases \
        WHERE tenant = ? AND program = ? AND queued = 1 AND tier IN ('group', 'both') \
        AND subject = ? ",
        seen_by!()
    );
    CaseQueueAtPlatformAbout = concat!(
        "SELECT {case} FROM {p}cases \
        WHERE tenant = ? AND queued = 1 AND tier IN ('platform', 'both') AND subject = ? ",
        seen_by!()
    );
    CasesBy = "SELECT {case} FROM {p}cases \
        WHERE tenant = ? AND reporter = ? AND {after filed_at, id} \
        ORDER BY filed_at, id LIMIT ?";
    CasesAbout = "SELECT {case} FROM {p}cases \
        WHERE tenant = ? AND subject = ? AND told = 1 AND {after filed_at, id} \
        ORDER BY filed_at, id LIMIT ?";
    // Those that name nobody in the end are left out of the page where they are read.
    CasesOf = "SELECT {case} FROM {p}cases WHERE tenant = ? \
        AND (reporter = ? OR subject = ? OR {find}(state_doc, ?) > 0 OR {find}(details, ?) > 0) \
        AND {after filed_at, id} ORDER BY filed_at, id LIMIT ?";
    AuditAll = "SELECT {audit} FROM {p}audit \
        WHERE tenant = ? AND {after at, id} ORDER BY at, id LIMIT ?";
    // What is older than 30 days before the last event, in microseconds, and of nothing that goes on.
    AuditOver = "SELECT {a:audit} FROM {p}audit a{by PRIMARY} \
        WHERE a.tenant = ? AND a.at < ? \
        AND a.at <= (SELECT MAX(m.at) FROM {p}audit m WHERE m.tenant = ?) - 2592000000000 \
        AND NOT EXISTS (SELECT 1 FROM {p}programs g WHERE g.tenant = a.tenant \
            AND g.id = CASE WHEN a.subject_kind = 'program' THEN {parsed id a.subject} END \
            AND g.state NOT IN ('archived', 'discarded')) \
        AND NOT EXISTS (SELECT 1 FROM {p}enrollments e WHERE e.tenant = a.tenant \
            AND e.id = CASE WHEN a.subject_kind = 'enrollment' THEN {parsed id a.subject} END AND e.live = 1) \
        AND NOT EXISTS (SELECT 1 FROM {p}proposals q WHERE q.tenant = a.tenant \
            AND q.id = CASE WHEN a.subject_kind = 'proposal' THEN {parsed id a.subject} END AND q.open = 1) \
        AND NOT EXISTS (SELECT 1 FROM {p}pairs w WHERE w.tenant = a.tenant \
            AND w.id = CASE WHEN a.subject_kind = 'pair' THEN {parsed id a.subject} END AND w.live = 1) \
        AND NOT EXISTS (SELECT 1 FROM {p}cases c WHERE c.tenant = a.tenant \
            AND c.id = CASE WHEN a.subject_kind = 'case' THEN {parsed id a.subject} END \
            AND (c.state <> 'closed' OR c.due_at IS NOT NULL)) \
        AND {after a.at, a.id} ORDER BY a.at, a.id LIMIT ?";
    AuditIn = "SELECT {audit} FROM {p}audit \
        WHERE tenant = ? AND program = ? AND private <= ? AND {after at, id} \
        ORDER BY at, id LIMIT ?";
    AuditSeen = audit_seen!("");
    AuditSeenIn = audit_seen!("AND a.program = ? ");
    AuditAbout = "SELECT {audit} FROM {p}audit \
        WHERE tenant = ? AND subject = ? AND subject_kind = ? AND {after at, id} \
        ORDER BY at, id LIMIT ?";
    AuditAboutTwo = "SELECT {audit} FROM {p}audit \
        WHERE tenant = ? AND subject = ? AND subject_kind = ? AND subject_other = ? \
        AND {after at, id} ORDER BY at, id LIMIT ?";
    AuditBy = "SELECT {audit} FROM {p}audit \
        WHERE tenant = ? AND actor_person = ? AND {after at, id} ORDER BY at, id LIMIT ?";
    DuePrograms = "SELECT due_at, id FROM {p}programs WHERE tenant = ? AND due_at >= ? \
        AND due_at <= ? AND (due_at > ? OR id > ?) ORDER BY due_at, id LIMIT ?";
    DueEnrollments = "SELECT due_at, id FROM {p}enrollments WHERE tenant = ? AND due_at >= ? \
        AND due_at <= ? AND (due_at > ? OR id > ?) ORDER BY due_at, id LIMIT ?";
    DueProposals = "SELECT due_at, id FROM {p}proposals WHERE tenant = ? AND due_at >= ? \
        AND due_at <= ? AND (due_at > ? OR id > ?) ORDER BY due_at, id LIMIT ?";
    DuePairs = "SELECT due_at, id FROM {p}pairs WHERE tenant = ? AND due_at >= ? \
        AND due_at <= ? AND (due_at > ? OR id > ?) ORDER BY due_at, id LIMIT ?";
    DueCases = "SELECT due_at, id FROM {p}cases WHERE tenant = ? AND due_at >= ? \
        AND due_at <= ? AND (due_at > ? OR id > ?) ORDER BY due_at, id LIMIT ?";
    Candidates = concat!(taking_part!(), "EXISTS (SELECT 1 FROM {p}pairs o WHERE o.tenant = e.tenant \
            AND o.lo = {least}(e.person, ?1) AND o.hi = {greatest}(e.person, ?1) \
            AND o.program = e.program AND o.live = 1) \
        OR EXISTS (SELECT 1 FROM {p}proposals o WHERE o.tenant = e.tenant \
            AND o.lo = {least}(e.person, ?1) AND o.hi = {greatest}(e.person, ?1) \
            AND o.program = e.program AND o.open = 1), \
        EXISTS (SELECT 1 FROM {p}pairs o WHERE o.tenant = e.tenant \
            AND o.lo = {least}(e.person, ?1) AND o.hi = {greatest}(e.person, ?1) AND o.live IS NULL), \
        {s:person}, {r:relation} \
        FROM {p}enrollments e \
        LEFT JOIN {p}persons s ON s.tenant = e.tenant AND s.person = e.person \
        LEFT JOIN {p}relations r ON r.tenant = e.tenant \
            AND r.lo = {least}(e.person, ?1) AND r.hi = {greatest}(e.person, ?1) \
        WHERE e.tenant = ?2 AND e.program = ?3 AND e.role = ?4 AND e.state = 'active' \
        AND e.id > ?5 AND e.person <> ?1 ORDER BY e.id LIMIT ?6");
    Pool = concat!(taking_part!(), "{s:person} FROM {p}enrollments e \
        LEFT JOIN {p}persons s ON s.tenant = e.tenant AND s.person = e.person \
        WHERE e.tenant = ? AND e.program = ? AND e.state = 'active' AND e.id > ? \
        ORDER BY e.id LIMIT ?");
    // Two people who ever met have a row here, if only one that counts.
    Between = "SELECT q.taken, q.past, q.lo_declined, q.hi_declined, {q:relation} FROM (SELECT {r:relation}, \
        CASE WHEN EXISTS (SELECT 1 FROM {p}pairs o WHERE o.tenant = r.tenant \
            AND o.lo = r.lo AND o.hi = r.hi AND o.program = ? AND o.live = 1) \
        OR EXISTS (SELECT 1 FROM {p}proposals o WHERE o.tenant = r.tenant \
            AND o.lo = r.lo AND o.hi = r.hi AND o.program = ?1 AND o.open = 1) \
        THEN 1 ELSE 0 END AS taken, \
        CASE WHEN EXISTS (SELECT 1 FROM {p}pairs o WHERE o.tenant = r.tenant \
            AND o.lo = r.lo AND o.hi = r.hi AND o.live IS NULL) THEN 1 ELSE 0 END AS past, \
        CASE WHEN EXISTS (SELECT 1 FROM {p}proposals o WHERE o.tenant = r.tenant \
            AND o.lo = r.lo AND o.hi = r.hi AND o.program = ?1 AND o.state = 'declined' \
            AND o.mentor_person = r.lo) THEN 1 ELSE 0 END AS lo_declined, \
        CASE WHEN EXISTS (SELECT 1 FROM {p}proposals o WHERE o.tenant = r.tenant \
            AND o.lo = r.lo AND o.hi = r.hi AND o.program = ?1 AND o.state = 'declined' \
            AND o.mentor_person = r.hi) THEN 1 ELSE 0 END AS hi_declined \
        FROM {p}relations r WHERE r.tenant = ? AND {after r.lo, r.hi} \
        AND EXISTS (SELECT 1 FROM {p}enrollments e WHERE e.tenant = r.tenant \
            AND e.person = r.lo AND e.program = ?1 AND e.state = 'active') \
        AND EXISTS (SELECT 1 FROM {p}enrollments e WHERE e.tenant = r.tenant \
            AND e.person = r.hi AND e.program = ?1 AND e.state = 'active')) q \
        WHERE q.version > 0 OR q.taken = 1 OR q.past = 1 OR q.lo_declined = 1 OR q.hi_declined = 1 \
        ORDER BY q.lo, q.hi LIMIT ?";

    // -- guards: what a write needs to know of a record, held until the end of the transaction ----
    PersonHead = "SELECT version, adult_on FROM {p}persons WHERE tenant = ? AND person = ?{hold}";
    RelationHead = "SELECT version FROM {p}relations WHERE tenant = ? AND lo = ? AND hi = ?{hold}";
    ProgramHead = "SELECT version FROM {p}programs WHERE tenant = ? AND id = ?{hold}";
    EnrollmentHead = "SELECT version, capacity, live_pairs, live_limit FROM {p}enrollments \
        WHERE tenant = ? AND id = ?{hold}";
    ProposalHead = "SELECT version, open FROM {p}proposals WHERE tenant = ? AND id = ?{hold}";
    PairHead = "SELECT version, live FROM {p}pairs WHERE tenant = ? AND id = ?{hold}";
    CaseHead = "SELECT version FROM {p}cases WHERE tenant = ? AND id = ?{hold}";
    // The same for a record that is only read: others may read it at the same time.
    PersonRead = "SELECT version, adult_on FROM {p}persons WHERE tenant = ? AND person = ?{share}";
    RelationRead = "SELECT version FROM {p}relations WHERE tenant = ? AND lo = ? AND hi = ?{share}";
    ProgramRead = "SELECT version FROM {p}programs WHERE tenant = ? AND id = ?{share}";
    EnrollmentRead = "SELECT version, capacity, live_pairs, live_limit FROM {p}enrollments \
        WHERE tenant = ? AND id = ?{share}";
    ProposalRead = "SELECT version, open FROM {p}proposals WHERE tenant = ? AND id = ?{share}";
    PairRead = "SELECT version, live FROM {p}pairs WHERE tenant = ? AND id = ?{share}";
    CaseRead = "SELECT version FROM {p}cases WHERE tenant = ? AND id = ?{share}";
    // Besides, where a lock does not reach the other nodes: only a row that changes is compared there.
    PersonHold = "UPDATE {p}persons SET held = held + 1 WHERE tenant = ? AND person = ?";
    RelationHold =
        "UPDATE {p}relations SET held = held + 1 WHERE tenant = ? AND lo = ? AND hi = ?";
    ProgramHold = "UPDATE {p}programs SET held = held + 1 WHERE tenant = ? AND id = ?";
    EnrollmentHold =
        "UPDATE {p}enrollments{by PRIMARY} SET held = held + 1 WHERE tenant = ? AND id = ?";
    ProposalHold =
        "UPDATE {p}proposals{by PRIMARY} SET held = held + 1 WHERE tenant = ? AND id = ?";
    PairHold =
        "UPDATE {p}pairs{by PRIMARY} SET held = held + 1 WHERE tenant = ? AND id = ?";
    CaseHold =
        "UPDATE {p}cases{by PRIMARY} SET held = held + 1 WHERE tenant = ? AND id = ?";
    // A person or a relation that is guarded as new has to be there to be held: a row of version 0,
    // which says nothing.
    PersonAnchor = "{insert:person} {keep tenant}";
    RelationAnchor = "{insert:relation} {keep tenant}";
    // What is there for longer counts what is in the other tables, and stays.
    PersonUnmake = "DELETE FROM {p}persons WHERE tenant = ? AND person = ? AND version = 0";
    RelationUnmake = "DELETE FROM {p}relations WHERE tenant = ?1 AND lo = ?2 AND hi = ?3 \
        AND version = 0 AND live_pairs = 0 AND open_proposals = 0 \
        AND NOT EXISTS (SELECT 1 FROM {p}pairs w \
            WHERE w.tenant = ?1 AND w.lo = ?2 AND w.hi = ?3) \
        AND NOT EXISTS (SELECT 1 FROM {p}proposals q \
            WHERE q.tenant = ?1 AND q.lo = ?2 AND q.hi = ?3)";

    // -- writes ----------------------------------------------------------------------------------
    CommandPut = "{insert:command} {claim}";
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
    RunNew = "{insert:run}";
    PairNew = "{insert:pair}";
    PairSet = "{update:pair}";
    CaseNew = "{insert:case}";
    CaseSet = "{update:case}";
    // A person's date is moved under the pairs that hold it: they let go, the date moves, and those
    // that still need adults take hold again, which the belt checks.
    PairsLetGoMentor = "UPDATE {p}pairs SET adults_by = NULL, mentor_adult_on = NULL, \
        mentee_adult_on = NULL WHERE tenant = ? AND mentor_person = ? AND mentor_adult_on IS NOT NULL";
    PairsLetGoMentee = "UPDATE {p}pairs SET adults_by = NULL, mentor_adult_on = NULL, \
        mentee_adult_on = NULL WHERE tenant = ? AND mentee_person = ? AND mentee_adult_on IS NOT NULL";
    PairsHoldMentor = "UPDATE {p}pairs SET adults_by = adults_at {div} 86400000000 + 1, \
        mentor_adult_on = (SELECT a.adult_on FROM {p}persons a \
            WHERE a.tenant = {p}pairs.tenant AND a.person = {p}pairs.mentor_person), \
        mentee_adult_on = (SELECT a.adult_on FROM {p}persons a \
            WHERE a.tenant = {p}pairs.tenant AND a.person = {p}pairs.mentee_person) \
        WHERE tenant = ? AND mentor_person = ? AND live = 1 AND adults_by IS NULL \
        AND state IN ('introduced', 'active', 'paused')";
    PairsHoldMentee = "UPDATE {p}pairs SET adults_by = adults_at {div} 86400000000 + 1, \
        mentor_adult_on = (SELECT a.adult_on FROM {p}persons a \
            WHERE a.tenant = {p}pairs.tenant AND a.person = {p}pairs.mentor_person), \
        mentee_adult_on = (SELECT a.adult_on FROM {p}persons a \
            WHERE a.tenant = {p}pairs.tenant AND a.person = {p}pairs.mentee_person) \
        WHERE tenant = ? AND mentee_person = ? AND live = 1 AND adults_by IS NULL \
        AND state IN ('introduced', 'active', 'paused')";
    FormNew = "INSERT INTO {p}forms (tenant, program, version, doc) VALUES (?, ?, ?, ?) \
        {keep tenant}";
    GuideNew = "INSERT INTO {p}guides (tenant, program, version, doc) VALUES (?, ?, ?, ?) \
        {keep tenant}";
    EvidenceNew = "{insert:evidence}";
    EvidenceClear = "UPDATE {p}evidence SET content = NULL \
        WHERE tenant = ? AND case_id = ? AND seq = ?";
    StepPut = "{upsert:step}";
    PostPut = "{upsert:post}";
    CheckInPut = "{upsert:check_in}";
    // Whether there was a body is asked first: some databases see what was set before it.
    PostsClear = "UPDATE {p}posts SET removed_at = CASE WHEN body IS NULL THEN removed_at \
        ELSE ? END, body = NULL, held = '[]' WHERE tenant = ? AND pair = ?";
    PostsClearOf = "UPDATE {p}posts SET removed_at = CASE WHEN body IS NULL THEN removed_at \
        ELSE ? END, body = NULL WHERE tenant = ? AND pair = ? \
        AND author = (SELECT CASE WHEN ? = 'mentor' THEN w.mentor_person ELSE w.mentee_person END \
            FROM {p}pairs w WHERE w.tenant = {p}posts.tenant AND w.id = {p}posts.pair)";
    TextsRelease = "UPDATE {p}posts SET held = '[]' \
        WHERE tenant = ? AND pair = ? AND held <> '[]'";
    CheckInsClear = "UPDATE {p}check_ins SET note = NULL WHERE tenant = ? AND pair = ?";
    CheckInsClearOf = "UPDATE {p}check_ins SET note = NULL, testimonial = NULL \
        WHERE tenant = ? AND pair = ? AND side = ?";
    AuditPut = "{insert:audit}";
    AuditForget = "DELETE FROM {p}audit WHERE tenant = ? AND at = ? AND id = ?";
    OutboxPut = "{insert:outbox}";
    // The consumer is the last column.
    OutboxPutForAll = "INSERT INTO {p}outbox ({outbox}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, \
        ?, ?, ?, ?, ?, ?, ?, ?, c.name FROM {p}consumers c";
    PersonBump =
        "UPDATE {p}persons SET version = version + 1 WHERE tenant = ? AND person = ?";
    ProgramBump = "UPDATE {p}programs SET version = version + 1 WHERE tenant = ? AND id = ?";
    ProposalBump =
        "UPDATE {p}proposals{by PRIMARY} SET version = version + 1 WHERE tenant = ? AND id = ?";
    PairBump =
        "UPDATE {p}pairs{by PRIMARY} SET version = version + 1 WHERE tenant = ? AND id = ?";
    CaseBump =
        "UPDATE {p}cases{by PRIMARY} SET version = version + 1 WHERE tenant = ? AND id = ?";

    // -- belts -----------------------------------------------------------------------------------
    RelationCount = "UPDATE {p}relations SET version = version + ?, live_pairs = live_pairs + ?, \
        open_proposals = open_proposals + ? WHERE tenant = ? AND lo = ? AND hi = ?";
    PlacesCount = "UPDATE {p}enrollments{by PRIMARY} SET version = version + ?1, \
        live_pairs = live_pairs + ?2 - ?3, live_limit = {greatest}(capacity, live_limit - ?3) \
        WHERE tenant = ?4 AND id = ?5";

    // -- another key for a person -------------------------------------------------------------------
    // Whether a key stands anywhere but in JSON. A person or a relation of version 0 is only held or
    // counted on, and says nothing.
    KeyKnown = "SELECT \
        EXISTS (SELECT 1 FROM {p}persons WHERE tenant = ?1 AND person = ?2 AND version > 0) \
        OR EXISTS (SELECT 1 FROM {p}relations WHERE tenant = ?1 AND lo = ?2 AND version > 0) \
        OR EXISTS (SELECT 1 FROM {p}relations WHERE tenant = ?1 AND hi = ?2 AND version > 0) \
        OR EXISTS (SELECT 1 FROM {p}programs WHERE tenant = ?1 AND created_by = ?2) \
        OR EXISTS (SELECT 1 FROM {p}enrollments WHERE tenant = ?1 AND person = ?2) \
        OR EXISTS (SELECT 1 FROM {p}proposals WHERE tenant = ?1 AND mentor_person = ?2) \
        OR EXISTS (SELECT 1 FROM {p}proposals WHERE tenant = ?1 AND mentee_person = ?2) \
        OR EXISTS (SELECT 1 FROM {p}proposals WHERE tenant = ?1 AND created_by = ?2) \
        OR EXISTS (SELECT 1 FROM {p}runs WHERE tenant = ?1 AND created_by = ?2) \
        OR EXISTS (SELECT 1 FROM {p}pairs WHERE tenant = ?1 AND mentor_person = ?2) \
        OR EXISTS (SELECT 1 FROM {p}pairs WHERE tenant = ?1 AND mentee_person = ?2) \
        OR EXISTS (SELECT 1 FROM {p}posts WHERE tenant = ?1 AND author = ?2) \
        OR EXISTS (SELECT 1 FROM {p}audit WHERE tenant = ?1 AND actor_person = ?2) \
        OR EXISTS (SELECT 1 FROM {p}audit WHERE tenant = ?1 AND subject = ?2 \
            AND subject_kind IN ('person', 'relation')) \
        OR EXISTS (SELECT 1 FROM {p}audit WHERE tenant = ?1 AND subject_other = ?2) \
        OR EXISTS (SELECT 1 FROM {p}outbox WHERE tenant = ?1 AND to_id = ?2 \
            AND to_kind = 'person') \
        OR EXISTS (SELECT 1 FROM {p}outbox WHERE tenant = ?1 \
            AND (between_lo = ?2 OR between_hi = ?2)) \
        OR EXISTS (SELECT 1 FROM {p}commands WHERE tenant = ?1 AND kind = ?3 AND reply = ?4)";
    // Events whose JSON may hold a key: who reads them looks closer.
    AuditNaming = "SELECT at, id, about FROM {p}audit \
        WHERE tenant = ? AND {find}(about, ?) > 0 AND {after at, id} ORDER BY at, id LIMIT ?";
    AuditAboutSet = "UPDATE {p}audit SET about = ? WHERE tenant = ? AND at = ? AND id = ?";
    RelationsNaming = "SELECT lo, hi FROM {p}relations WHERE tenant = ? AND lo = ? \
        UNION ALL SELECT lo, hi FROM {p}relations WHERE tenant = ? AND hi = ?";
    ProgramsNaming = "SELECT id FROM {p}programs WHERE tenant = ? AND created_by = ?";
    EnrollmentsNaming = "SELECT id FROM {p}enrollments WHERE tenant = ? AND person = ?";
    ProposalsNaming = "SELECT id FROM {p}proposals WHERE tenant = ?1 \
        AND (mentor_person = ?2 OR mentee_person = ?2 OR created_by = ?2)";
    PairsNaming = "SELECT id FROM {p}pairs WHERE tenant = ?1 \
        AND (mentor_person = ?2 OR mentee_person = ?2)";
    // Whoever works or has decided a case stands in its documents.
    CasesNaming = "SELECT {case} FROM {p}cases WHERE tenant = ?1 \
        AND (reporter = ?2 OR subject = ?2 OR {find}(state_doc, ?3) > 0 \
        OR {find}(details, ?3) > 0)";
    PersonDrop = "DELETE FROM {p}persons WHERE tenant = ? AND person = ?";
    // Rows that were only ever held.
    RelationsDropEmpty = "DELETE FROM {p}relations WHERE tenant = ?1 AND (lo = ?2 OR hi = ?2) \
        AND version = 0 AND live_pairs = 0 AND open_proposals = 0";
    // What each has said goes with them where the two change places. As new rows: not every database
    // swaps two columns in one UPDATE.
    RelationsFromLo = "INSERT INTO {p}relations (tenant, lo, hi, \
        lo_blocked_at, lo_lifted_at, lo_avoids_since, lo_wishes_since, \
        hi_blocked_at, hi_lifted_at, hi_avoids_since, hi_wishes_since, \
        kept_doc, version, blocked, live_pairs, open_proposals) \
        SELECT tenant, {least}(hi, ?1), {greatest}(hi, ?1), \
        CASE WHEN hi < ?1 THEN hi_blocked_at ELSE lo_blocked_at END, \
        CASE WHEN hi < ?1 THEN hi_lifted_at ELSE lo_lifted_at END, \
        CASE WHEN hi < ?1 THEN hi_avoids_since ELSE lo_avoids_since END, \
        CASE WHEN hi < ?1 THEN hi_wishes_since ELSE lo_wishes_since END, \
        CASE WHEN hi < ?1 THEN lo_blocked_at ELSE hi_blocked_at END, \
        CASE WHEN hi < ?1 THEN lo_lifted_at ELSE hi_lifted_at END, \
        CASE WHEN hi < ?1 THEN lo_avoids_since ELSE hi_avoids_since END, \
        CASE WHEN hi < ?1 THEN lo_wishes_since ELSE hi_wishes_since END, \
        kept_doc, CASE WHEN version = 0 THEN 0 ELSE version + 1 END, blocked, live_pairs, open_proposals \
        FROM {p}relations WHERE tenant = ?2 AND lo = ?3";
    RelationsFromHi = "INSERT INTO {p}relations (tenant, lo, hi, \
        lo_blocked_at, lo_lifted_at, lo_avoids_since, lo_wishes_since, \
        hi_blocked_at, hi_lifted_at, hi_avoids_since, hi_wishes_since, \
        kept_doc, version, blocked, live_pairs, open_proposals) \
        SELECT tenant, {least}(lo, ?1), {greatest}(lo, ?1), \
        CASE WHEN lo < ?1 THEN lo_blocked_at ELSE hi_blocked_at END, \
        CASE WHEN lo < ?1 THEN lo_lifted_at ELSE hi_lifted_at END, \
        CASE WHEN lo < ?1 THEN lo_avoids_since ELSE hi_avoids_since END, \
        CASE WHEN lo < ?1 THEN lo_wishes_since ELSE hi_wishes_since END, \
        CASE WHEN lo < ?1 THEN hi_blocked_at ELSE lo_blocked_at END, \
        CASE WHEN lo < ?1 THEN hi_lifted_at ELSE lo_lifted_at END, \
        CASE WHEN lo < ?1 THEN hi_avoids_since ELSE lo_avoids_since END, \
        CASE WHEN lo < ?1 THEN hi_wishes_since ELSE lo_wishes_since END, \
        kept_doc, CASE WHEN version = 0 THEN 0 ELSE version + 1 END, blocked, live_pairs, open_proposals \
        FROM {p}relations WHERE tenant = ?2 AND hi = ?3";
    RelationsDrop = "DELETE FROM {p}relations WHERE tenant = ?1 AND (lo = ?2 OR hi = ?2)";
    ProgramsRename = "UPDATE {p}programs SET created_by = ?, version = version + 1 \
        WHERE tenant = ? AND created_by = ?";
    EnrollmentsRename = "UPDATE {p}enrollments SET person = ?, version = version + 1 \
        WHERE tenant = ? AND person = ?";
    ProposalsRenameMentor = "UPDATE {p}proposals SET mentor_person = ?1, \
        created_by = CASE WHEN created_by = ?3 THEN ?1 ELSE created_by END, \
        lo = {least}(mentee_person, ?1), hi = {greatest}(mentee_person, ?1), \
        version = version + 1 WHERE tenant = ?2 AND mentor_person = ?3";
    ProposalsRenameMentee = "UPDATE {p}proposals SET mentee_person = ?1, \
        created_by = CASE WHEN created_by = ?3 THEN ?1 ELSE created_by END, \
        lo = {least}(mentor_person, ?1), hi = {greatest}(mentor_person, ?1), \
        version = version + 1 WHERE tenant = ?2 AND mentee_person = ?3";
    ProposalsRenameMaker = "UPDATE {p}proposals SET created_by = ?, version = version + 1 \
        WHERE tenant = ? AND created_by = ?";
    RunsRename = "UPDATE {p}runs SET created_by = ? WHERE tenant = ? AND created_by = ?";
    PairsRenameMentor = "UPDATE {p}pairs SET mentor_person = ?1, \
        lo = {least}(mentee_person, ?1), hi = {greatest}(mentee_person, ?1), \
        version = version + 1 WHERE tenant = ?2 AND mentor_person = ?3";
    PairsRenameMentee = "UPDATE {p}pairs SET mentee_person = ?1, \
        lo = {least}(mentor_person, ?1), hi = {greatest}(mentor_person, ?1), \
        version = version + 1 WHERE tenant = ?2 AND mentee_person = ?3";
    PostsRename = "UPDATE {p}posts SET author = ? WHERE tenant = ? AND author = ?";
    CommandsRename = "UPDATE {p}commands SET reply = ? WHERE tenant = ? AND kind = ? AND reply = ?";
    AuditRenameActor =
        "UPDATE {p}audit SET actor_person = ? WHERE tenant = ? AND actor_person = ?";
    AuditRenamePerson = "UPDATE {p}audit SET subject = ? \
        WHERE tenant = ? AND subject = ? AND subject_kind = 'person'";
    // The column that is not compared with comes last: some databases see what was set before it.
    AuditRenameLo = "UPDATE {p}audit SET subject = {least}(subject_other, ?1), \
        subject_other = {greatest}(subject_other, ?1) \
        WHERE tenant = ?2 AND subject = ?3 AND subject_kind = 'relation'";
    AuditRenameHi = "UPDATE {p}audit SET subject_other = {greatest}(subject, ?1), \
        subject = {least}(subject, ?1) \
        WHERE tenant = ?2 AND subject_other = ?3 AND subject_kind = 'relation'";
    OutboxRenameLane = "UPDATE {p}outbox SET lane = ? WHERE tenant = ? AND to_id = ? \
        AND to_kind = 'person' AND pair IS NULL AND proposal IS NULL";
    OutboxRenameTo = "UPDATE {p}outbox SET to_id = ? \
        WHERE tenant = ? AND to_id = ? AND to_kind = 'person'";
    OutboxRenameLo = "UPDATE {p}outbox SET between_lo = {least}(between_hi, ?1), \
        between_hi = {greatest}(between_hi, ?1) WHERE tenant = ?2 AND between_lo = ?3";
    OutboxRenameHi = "UPDATE {p}outbox SET between_hi = {greatest}(between_lo, ?1), \
        between_lo = {least}(between_lo, ?1) WHERE tenant = ?2 AND between_hi = ?3";

    // -- outbox ----------------------------------------------------------------------------------
    // Of one lane nothing goes out while an earlier message is on its way.
    OutboxPending = pending!("AND {after o.tenant, o.at, o.id} \
        ORDER BY o.tenant, o.at, o.id LIMIT ?");
    OutboxPendingOf = pending!("AND o.tenant = ? AND {after o.at, o.id} \
        ORDER BY o.at, o.id LIMIT ?");
    // The epoch is a fence: of two claims at once one finds it moved and leaves the message.
    OutboxLease = "UPDATE {p}outbox SET epoch = epoch + 1, attempts = attempts + 1, \
        lease_until = ? WHERE tenant = ? AND id = ? AND consumer = ? AND epoch = ? AND pending = 1";
    OutboxSettle = "UPDATE {p}outbox SET pending = NULL \
        WHERE tenant = ? AND id = ? AND consumer = ? AND epoch = ? AND pending = 1";
    OutboxPostpone = "UPDATE {p}outbox SET lease_until = ? \
        WHERE tenant = ? AND id = ? AND consumer = ? AND epoch = ? AND pending = 1";
    OutboxRelease = "UPDATE {p}outbox SET lease_until = NULL, attempts = attempts - 1 \
        WHERE tenant = ? AND id = ? AND consumer = ? AND epoch = ? AND pending = 1 \
        AND lease_until IS NOT NULL";
    OutboxPark = "UPDATE {p}outbox SET pending = NULL, parked = 1 \
        WHERE tenant = ? AND id = ? AND consumer = ? AND epoch = ? AND pending = 1";
    OutboxUnpark = "UPDATE {p}outbox SET pending = 1, parked = NULL, lease_until = NULL, \
        attempts = 0 WHERE tenant = ? AND id = ? AND consumer = ? AND epoch = ? AND parked = 1";
    OutboxParked = "SELECT {o:outbox} FROM {p}outbox o WHERE o.parked = 1 AND o.consumer = ? \
        AND o.tenant = ? AND {after o.at, o.id} ORDER BY o.at, o.id LIMIT ?";
    OutboxForget = "DELETE FROM {p}outbox WHERE consumer = ? AND (pending = 1 OR parked = 1)";
    Consumers = "SELECT name FROM {p}consumers ORDER BY name";
    Subscribe = "INSERT INTO {p}consumers (name) VALUES (?) {keep name}";
    Unsubscribe = "DELETE FROM {p}consumers WHERE name = ?";
}
