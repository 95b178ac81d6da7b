//! The statements that are written by hand, one for each row that is read, locked or written.

/// How a database writes a statement.
pub(super) struct Words {
    /// `?` becomes `$n`.
    pub(super) numbered: bool,
    /// Lets an INSERT of a known key write nothing.
    pub(super) claim: &'static str,
    /// Holds a row alone.
    pub(super) hold: &'static str,
    /// Holds a row with others who only read it.
    pub(super) share: &'static str,
}

pub(super) const SQLITE: Words =
    Words { numbered: false, claim: " ON CONFLICT DO NOTHING", hold: "", share: "" };

pub(super) const POSTGRES: Words = Words {
    numbered: true,
    claim: " ON CONFLICT DO NOTHING",
    hold: " FOR NO KEY UPDATE",
    share: " FOR SHARE",
};

/// A known command is an error there, as in a store that would call it by its number.
pub(super) const MARIADB: Words =
    Words { numbered: false, claim: "", hold: " FOR UPDATE", share: " LOCK IN SHARE MODE" };

fn render(text: &str, prefix: &str, words: &Words) -> &'static str {
    let text = text
        .replace("{p}", prefix)
        .replace("{claim}", words.claim)
        .replace("{hold}", words.hold)
        .replace("{share}", words.share);
    let mut sql = String::new();
    for (n, piece) in text.split('?').enumerate() {
        if n > 0 && words.numbered {
            sql.push('$');
            sql.push_str(&n.to_string());
        } else if n > 0 {
            sql.push('?');
        }
        sql.push_str(piece);
    }
    // A handful of texts, once for each side of a run.
    sql.leak()
}

macro_rules! texts {
    ($($name:ident: $text:expr;)+) => {
        /// The statements for one database and prefix.
        #[derive(Clone, Copy, Debug)]
        pub(super) struct Texts {
            $(pub(super) $name: &'static str,)+
        }

        impl Texts {
            pub(super) fn new(prefix: &str, words: &Words) -> Self {
                Self { $($name: render($text, prefix, words),)+ }
            }
        }
    };
}

texts! {
    command: "INSERT INTO {p}commands (kind, digest, reply, at, tenant, id) \
        VALUES (?, ?, ?, ?, ?, ?){claim}";
    person_share: "SELECT adult_on FROM {p}persons WHERE tenant = ? AND person = ?{share}";
    person_hold: "SELECT adult_on, version FROM {p}persons WHERE tenant = ? AND person = ?{hold}";
    person_new: "INSERT INTO {p}persons (adult_on, zone, reminders_off, reminded, version, tenant, \
        person) VALUES (?, ?, 0, '[]', 1, ?, ?)";
    relation_share: "SELECT blocked FROM {p}relations WHERE tenant = ? AND lo = ? AND hi = ?{share}";
    relation_hold: "SELECT blocked, version FROM {p}relations \
        WHERE tenant = ? AND lo = ? AND hi = ?{hold}";
    relation_pair_made: "UPDATE {p}relations SET version = version + 1, \
        live_pairs = live_pairs + 1, open_proposals = open_proposals - 1 \
        WHERE tenant = ? AND lo = ? AND hi = ?";
    relation_blocked: "UPDATE {p}relations SET version = version + 1, blocked = 1, \
        hi_blocked_at = ?, live_pairs = live_pairs - 1 WHERE tenant = ? AND lo = ? AND hi = ?";
    program_share: "SELECT state, form_version, guide_version FROM {p}programs \
        WHERE tenant = ? AND id = ?{share}";
    enrollments_of: "SELECT state FROM {p}enrollments \
        WHERE tenant = ? AND person = ? AND program = ? AND role = ? AND live = 1";
    enrollment_hold: "SELECT state, capacity, live_pairs FROM {p}enrollments \
        WHERE tenant = ? AND id = ?{hold}";
    enrollment_new: "INSERT INTO {p}enrollments (program, person, role, state, state_doc, \
        capacity, priority_since, consent, form_version, answers, applied_at, version, live, \
        live_limit, tenant, id) \
        VALUES (?, ?, 'mentee', 'active', ?, 1, ?, ?, ?, ?, ?, 1, 1, 1, ?, ?)";
    place_taken: "UPDATE {p}enrollments SET version = version + 1, live_pairs = live_pairs + 1 \
        WHERE tenant = ? AND id = ?";
    place_freed: "UPDATE {p}enrollments SET live_pairs = live_pairs - 1 WHERE tenant = ? AND id = ?";
    proposal: "SELECT program, mentor, mentor_person, mentee, mentee_person FROM {p}proposals \
        WHERE tenant = ? AND id = ?";
    proposal_hold: "SELECT state, state_doc, due_at FROM {p}proposals \
        WHERE tenant = ? AND id = ?{hold}";
    proposals_open: "SELECT id FROM {p}proposals WHERE tenant = ? AND mentor = ? AND open = 1 \
        UNION ALL SELECT id FROM {p}proposals WHERE tenant = ? AND mentee = ? AND open = 1";
    proposals_between: "SELECT id FROM {p}proposals \
        WHERE tenant = ? AND lo = ? AND hi = ? AND open = 1";
    proposal_accepted: "UPDATE {p}proposals SET state = 'accepted', state_doc = ?, \
        due_at = NULL, open = NULL, holds = 0, version = version + 1 WHERE tenant = ? AND id = ?";
    live_of: "SELECT (SELECT COUNT(*) FROM {p}pairs \
            WHERE tenant = ? AND mentor_person = ? AND live = 1) + \
        (SELECT COUNT(*) FROM {p}pairs WHERE tenant = ? AND mentee_person = ? AND live = 1)";
    pair: "SELECT program, mentor_person, mentee_person FROM {p}pairs WHERE tenant = ? AND id = ?";
    pair_hold: "SELECT state, last_seq, due_at FROM {p}pairs WHERE tenant = ? AND id = ?{hold}";
    pairs_between: "SELECT id, program, mentor, mentee, state FROM {p}pairs \
        WHERE tenant = ? AND lo = ? AND hi = ? AND live = 1";
    pair_posted: "UPDATE {p}pairs SET last_seq = ?, last_activity_at = ?, due_at = ?, \
        version = version + 1 WHERE tenant = ? AND id = ?";
    pair_ended: "UPDATE {p}pairs SET state = 'ended', state_doc = ?, over_at = ?, due_at = ?, \
        live = NULL, adults_by = NULL, mentor_adult_on = NULL, mentee_adult_on = NULL, \
        version = version + 1 WHERE tenant = ? AND id = ? AND live = 1";
    pair_new: "INSERT INTO {p}pairs (program, mentor, mentor_person, mentee, mentee_person, \
        proposal, state, state_doc, guide_version, oversight, started_at, adults_at, pauses, \
        last_seq, last_activity_at, due_at, version, lo, hi, live, adults_by, mentor_adult_on, \
        mentee_adult_on, tenant, id) VALUES (?, ?, ?, ?, ?, ?, 'introduced', ?, ?, \
        'reported_only', ?, ?, '[]', 0, ?, ?, 1, ?, ?, 1, ?, ?, ?, ?, ?)";
    step_at: "SELECT state FROM {p}steps WHERE tenant = ? AND pair = ? AND step = ?";
    step_new: "INSERT INTO {p}steps (step, state, state_doc, due_at, tenant, pair, position) \
        VALUES (?, ?, ?, ?, ?, ?, ?)";
    post_new: "INSERT INTO {p}posts (id, step, author, body, at, revision, held, tenant, pair, seq) \
        VALUES (?, ?, ?, ?, ?, 0, '[]', ?, ?, ?)";
    audit: "INSERT INTO {p}audit (at, actor_kind, actor_person, action, subject_kind, subject, \
        subject_other, program, from_state, to_state, about, reason, private, tenant, id) \
        VALUES (?, 'person', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    outbox: "INSERT INTO {p}outbox (at, kind, to_kind, to_id, between_lo, between_hi, program, \
        pair, step, lane, epoch, attempts, pending, tenant, id, consumer) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 1, ?, ?, 'default')";
}
